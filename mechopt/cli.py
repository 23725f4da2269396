"""The command line: what commands there are, and how they end."""

from __future__ import annotations

import sys

from cyclopts import App, CycloptsError

from mechopt import commands
from mechopt.commands.common import ANSWERED, BAD_INPUT, FAILED
from mechopt.errors import MechoptError, NotOptimalError

app = App(
    name="mechopt",
    help="Mechanism design programs: state one in a file, get it solved and certified.",
    help_epilogue="Exit status: 0 answered and certified, 1 an audit or an exact proof failed, or "
    "the program is infeasible, 2 bad input.",
)

for command in (
    commands.solve,
    commands.check,
    commands.verify,
    commands.plot,
    commands.compare,
    commands.sweep,
    commands.bootstrap,
    commands.export,
):
    app.command(command)
app.command(commands.import_, name="import")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status.

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
    words = sys.argv[1:] if arguments is None else arguments
    try:
        result = app(words, exit_on_error=False, print_error=False, result_action="return_value")
    except NotOptimalError as error:
        print(f"mechopt: {error}", file=sys.stderr)
        return FAILED
    except (CycloptsError, MechoptError) as error:
        print(f"mechopt: {error}", file=sys.stderr)
        return BAD_INPUT
    except OSError as error:
        print(f"mechopt: cannot write the answer: {error.strerror}", file=sys.stderr)
        return FAILED
    return result if isinstance(result, int) else ANSWERED
