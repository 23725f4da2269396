"""The command line: what commands there are, and how they end."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from itertools import pairwise

from cyclopts import App, CycloptsError

from mechopt._util.terminal import complain, give_up_output, usable_streams
from mechopt._util.text import one_line
from mechopt._util.threads import ONE_THREAD
from mechopt.cli import COMMANDS
from mechopt.cli.common import ANSWERED, BAD_INPUT, FAILED, INTERRUPTED
from mechopt.errors import InvalidInputError, MechoptError, NotOptimalError

TRACEBACK = "MECHOPT_TRACEBACK"
# Imports make many objects and hardly any garbage: a twentieth of a short command is spent on
# looking for it at Python's own threshold, 700.
NEW_OBJECTS = 50_000
# Unless the user has set them: products of arrays as small as a command's are slower on several
# threads, and starting those takes longer than most commands; and who looks for plugins of pydantic
# reads what every installed package says of itself.
SETTINGS = {**ONE_THREAD, "PYDANTIC_DISABLE_PLUGINS": "__all__"}
# Commands whose table goes to standard output unless a file is named.
WITH_TABLES = frozenset({"bootstrap", "check", "compare", "frontier", "sweep"})
# Arguments of the library that are options here.
OPTIONS = frozenset({"cells", "dask", "output", "vary", "workers"})


def app_for(words: Sequence[str] = ()) -> App:
    """Return the command line; of its commands only the one that is asked for, if one is.

    Commands import what they need, and nobody waits for what another one needs.

    Parameters
    ----------
    words
        The words after ``mechopt``.

    Examples
    --------
    >>> "list" in app_for(["list"]), "solve" in app_for(["list"]), "solve" in app_for()
    (True, False, True)
    """
    app = App(
        name="mechopt",
        help="Mechanism design programs: state one in a file, get it solved and certified.",
        help_epilogue="Exit status: 0 answered and certified, 1 an audit or an exact proof failed, "
        "or the program is infeasible, 2 bad input, 130 stopped by Ctrl-C. A file that --output "
        "names is replaced, whole or not at all; new leaves one that is there alone, and sweep "
        "without --force. With "
        "MECHOPT_TRACEBACK=1 an unexpected error shows where it arose.",
        # Whoever starts the command line says how it ends.
        suppress_keyboard_interrupt=False,
    )
    asked = words[:1] if words and words[0] in COMMANDS else COMMANDS
    for name in asked:
        module, _, function = COMMANDS[name].partition(":")
        app.command(getattr(import_module(f"mechopt.cli.{module}"), function), name=name)
    if asked is COMMANDS:
        app.register_install_completion_command(
            help="Install completion of commands and options for this shell (bash, zsh, fish)."
        )
    return app


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status.

    Whatever goes wrong ends in one message. What is not expected to go wrong is a fault of mechopt
    or of a library under it: with the environment variable ``MECHOPT_TRACEBACK`` set to anything
    but 0, it ends in a traceback instead.

    Parameters
    ----------
    arguments
        The words after ``mechopt``; those of the process unless given.

    Examples
    --------
    >>> main(["--version"])
    0.1.0
    0
    """
    if arguments is None:
        gc.set_threshold(NEW_OBJECTS)
        # Read when numpy and pydantic are loaded, which no module has done so far.
        for name, value in SETTINGS.items():
            os.environ.setdefault(name, value)
    words = sys.argv[1:] if arguments is None else arguments
    try:
        with usable_streams():
            status = _run(words)
            sys.stdout.flush()
            return status
    except BrokenPipeError:
        # Whoever read the answer has read enough.
        give_up_output()
        return FAILED
    except OSError as error:
        give_up_output()
        complain(f"cannot write the answer: {error.strerror or error}")
        return FAILED
    except KeyboardInterrupt:
        complain("stopped")
        return INTERRUPTED


def _run(words: list[str]) -> int:
    """Run a command; errors of operating system and user are left to the caller."""
    try:
        _require_names_of_files(words)
        result = app_for(words)(
            words, exit_on_error=False, print_error=False, result_action="return_value"
        )
    except NotOptimalError as error:
        complain(str(error))
        return FAILED
    except (CycloptsError, MechoptError) as error:
        complain(_in_options(error))
        return BAD_INPUT
    except OSError:
        raise
    except Exception as error:
        if os.environ.get(TRACEBACK, "0") not in ("", "0"):
            raise
        complain(_unexpected(error))
        return FAILED
    return result if isinstance(result, int) else ANSWERED


def _in_options(error: Exception) -> str:
    """Return an error in the words of the command line, where arguments are options.

    Examples
    --------
    >>> from mechopt._util.parallel import require_workers
    >>> try:
    ...     require_workers(0)
    ... except InvalidInputError as error:
    ...     print(_in_options(error))
    --workers: not a number of processes (expected a whole number of at least 1, got 0). Leave...
    """
    where = getattr(error, "where", "")
    text = f"--{error}" if where in OPTIONS else str(error)
    if text.endswith("requires an argument."):
        # What begins with a minus sign is taken for an option.
        text += " One that begins with a minus sign is joined by =, as in --types=-1,0,2."
    return text.replace("pass force=True", "say --force")


def _require_names_of_files(words: list[str]) -> None:
    """Raise InvalidInputError for a single dash as output, which means a stream to other programs.

    Examples
    --------
    >>> _require_names_of_files(["compare", "trade.toml", "--output", "-"])
    Traceback (most recent call last):
        ...
    mechopt.errors.InvalidInputError: --output: no name of a file (expected the name of a file,...
    """
    for option, name in pairwise(words):
        if name == "-" and option in ("--output", "-o"):
            aside = words[0] in WITH_TABLES
            raise InvalidInputError(
                "no name of a file",
                where=option,
                expected="the name of a file",
                got='"-"',
                remedy="Leave it out for standard output, in the style that --format says."
                if aside
                else "Name a file, or /dev/stdout where the format may go there.",
            )


def _unexpected(error: Exception) -> str:
    detail = one_line(str(error))
    text = f"{type(error).__name__}{f': {detail}' if detail else ''}"
    if isinstance(error, MemoryError):
        return f"not enough memory ({text}). Use fewer types or cells, or a larger machine."
    return (
        f"unexpected {text}. This is a fault of mechopt or of a library that it uses: please report"
        f" it, with the traceback that {TRACEBACK}=1 shows."
    )
