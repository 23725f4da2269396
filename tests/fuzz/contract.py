"""What every command of the command line keeps, whatever it is given; one checker for all."""

from __future__ import annotations

import contextlib
import io
import os
import resource
import signal
import stat
import subprocess
import sys
import time
import traceback
import unicodedata
import warnings
from dataclasses import dataclass
from pathlib import Path

from mechopt.cli.main import main

MAX_ERROR = 5_000
# No command of the search takes two by itself; a machine with other work takes far longer.
SECONDS = 60.0
MEMORY = 3 << 30
STATUSES = (0, 1, 2)


@dataclass(frozen=True)
class Outcome:
    """What a command did."""

    words: tuple[str, ...]
    status: int | None
    output: str
    errors: str
    changed: tuple[str, ...]
    seconds: float
    raised: str = ""
    late: bool = False

    @property
    def answered(self):
        return self.status == 0


class ContractError(AssertionError):
    """A command did what no command may do."""


class OutOfTimeError(BaseException):
    """A command took too long; no ordinary handler catches it."""


def snapshot(folder):
    """Return what lies in a folder: kind and mode, and the content of regular files."""
    found = {}
    for path in sorted(Path(folder).rglob("*")):
        state = path.lstat()
        content = path.read_bytes() if stat.S_ISREG(state.st_mode) else None
        if path.is_symlink():
            content = os.fsencode(path.readlink())
        found[path.relative_to(folder).as_posix()] = (state.st_mode, content)
    return found


def differences(before, after):
    """Return the names of what was made, changed or removed."""
    return tuple(sorted(n for n in before.keys() | after.keys() if before.get(n) != after.get(n)))


def run(*words, folder, seconds=SECONDS, command=main):
    """Run a command in this process, in a folder, and return what it did."""
    words = tuple(map(str, words))
    before = snapshot(folder)
    output, errors = io.StringIO(), io.StringIO()
    status, raised, late = None, "", False
    start = time.perf_counter()
    with (
        _inside(folder),
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(errors),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("error")
        try:
            with _within(seconds):
                status = command(list(words))
        except OutOfTimeError:
            late = True
        except BaseException:
            # Whatever leaves a command is a fault of it, interpreter exits included.
            raised = traceback.format_exc()
    taken = time.perf_counter() - start
    changed = differences(before, snapshot(folder))
    texts = output.getvalue(), errors.getvalue()
    return Outcome(words, status, *texts, changed, taken, raised, late)


def run_process(*words, folder, seconds=60.0, memory=MEMORY, environment=None, output="pipe"):
    """Run a command in a process of its own, with limits on memory and time.

    Its standard output is a pipe, or, as ``output`` says, "full" (a disk with no room left),
    "closed", or "nobody" (a pipe that nobody reads).
    """
    words = tuple(map(str, words))
    before = snapshot(folder)
    start = time.perf_counter()
    late = False
    path = os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-m", "mechopt", *words]
    if output == "closed":
        command = ["/bin/sh", "-c", 'exec "$@" >&-', "sh", *command]
    with contextlib.ExitStack() as stack:
        target = subprocess.PIPE
        if output == "full":
            target = stack.enter_context(Path("/dev/full").open("wb"))
        elif output == "nobody":
            reader, target = os.pipe()
            os.close(reader)
            stack.callback(os.close, target)
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=target,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path, **(environment or {})},
            start_new_session=True,
        )
    resource.prlimit(process.pid, resource.RLIMIT_AS, (memory, memory))
    try:
        said, errors = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        late = True
        os.killpg(process.pid, signal.SIGKILL)
        said, errors = process.communicate()
    taken = time.perf_counter() - start
    changed = differences(before, snapshot(folder))
    texts = ((part or b"").decode("utf-8", "backslashreplace") for part in (said, errors))
    return Outcome(words, process.returncode, *texts, changed, taken, "", late)


def faults(outcome, *, statuses=STATUSES):
    """Return in words whatever the contract forbids; none if it was kept."""
    found = []
    if outcome.late:
        found.append(f"no end within {outcome.seconds:.0f} s")
    if outcome.raised:
        found.append(f"raised {outcome.raised.strip().splitlines()[-1][:300]}")
    elif outcome.status not in statuses and not outcome.late:
        found.append(f"status {outcome.status}")
    for name, text in (("standard output", outcome.output), ("standard error", outcome.errors)):
        strange = controls_in(text)
        if strange:
            found.append(f"control characters on {name}: {strange}")
        if "Traceback (most recent call last)" in text:
            found.append(f"a traceback on {name}")
    if outcome.status == 2:
        size = len(outcome.errors.encode())
        if outcome.output:
            found.append(f"bad input, yet on standard output: {outcome.output[:100]!r}")
        if outcome.changed:
            found.append(f"bad input, yet these files changed: {', '.join(outcome.changed)}")
        if size > MAX_ERROR:
            found.append(f"an error of {size} bytes")
        if outcome.errors.count("mechopt: ") != 1 or not outcome.errors.startswith("mechopt: "):
            found.append(f"not one error: {outcome.errors[:200]!r}")
    if outcome.status == 1 and not outcome.errors and not outcome.output:
        found.append("failed without a word")
    return found


def controls_in(text):
    """Return the control characters, and halves of characters, that a text must not hold."""
    return sorted(
        {repr(c) for c in text if c not in "\n\t" and unicodedata.category(c) in ("Cc", "Cs")}
    )


def keep(outcome, *, statuses=STATUSES):
    """Return the outcome if the contract was kept; say what it broke otherwise."""
    found = faults(outcome, statuses=statuses)
    if found:
        command = " ".join(outcome.words)
        raised = f"\n{outcome.raised[-1500:]}" if outcome.raised else ""
        raise ContractError(f"mechopt {command}: " + "; ".join(found) + raised)
    return outcome


@contextlib.contextmanager
def _inside(folder):
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@contextlib.contextmanager
def _within(seconds):
    """Interrupt what takes longer; code that never returns to Python is beyond this."""

    def stop(*_):
        raise OutOfTimeError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
