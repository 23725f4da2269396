"""Commands killed at a chosen moment, in processes that are forked from one that has all loaded.

Run as a module this reads jobs, one JSON object per line, and answers each with one line: ``words``
and ``folder`` say which command; ``event`` kills it just before that operation on files (opening to
write, writing, flushing, renaming, removing), ``delay`` after that many seconds. The answer holds
how it ended and how many operations there were.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

# What is called on files; "open" counts where it is to write.
AUDITED = {"os.rename", "os.remove", "os.truncate", "os.link", "os.symlink", "os.mkdir", "os.rmdir"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


class Server:
    """The process that forks; use it as a context manager."""

    def __enter__(self):
        root = str(Path(__file__).parents[2])
        path = os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])
        environment = {**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.fuzz.killed"],
            cwd=root,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.wait(timeout=60)
        self._process.stdout.close()

    def run(self, words, folder, *, event=None, delay=None):
        """Run a command, kill it where told, and return (exit status or None, operations)."""
        job = {"words": list(map(str, words)), "folder": str(folder)}
        job |= {"event": event, "delay": delay, "modules": f"{folder}.modules"}
        print(json.dumps(job), file=self._process.stdin, flush=True)
        answer = json.loads(self._process.stdout.readline())
        return answer["status"], answer["operations"]


def _serve():
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.backends.backend_svg
    import matplotlib.pyplot
    import scipy.optimize  # noqa: F401

    import mechopt.cli.main

    for line in sys.stdin:
        job = json.loads(line)
        read, write = os.pipe()
        child = os.fork()
        if not child:
            os.close(read)
            _work(job, write, mechopt.cli.main.main)
        os.close(write)
        status, operations = _watched(child, read, job["delay"])
        _load(job)
        print(json.dumps({"status": status, "operations": operations}), flush=True)


def _load(job):
    """Import what a finished command had imported, so that the next need not."""
    names = Path(job["modules"])
    if names.exists():
        for name in names.read_text(encoding="utf-8").split():
            with contextlib.suppress(Exception):
                importlib.import_module(name)
        names.unlink()


def _watched(child, read, delay):
    """Wait for a child, or kill it after the delay; return its status and its operations."""
    end = time.monotonic() + (300.0 if delay is None else delay)
    operations = 0
    while True:
        left = max(0.0, end - time.monotonic())
        ready, _, _ = select.select([read], [], [], left)
        if not ready:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            end += 300.0
            continue
        told = os.read(read, 65536)
        if not told:
            break
        operations += len(told)
    os.close(read)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), operations


def _work(job, told, main):
    """Run the command in the child, tell the parent of every operation, and end."""
    os.chdir(job["folder"])
    for stream in (0, 1, 2):
        target = os.open(os.devnull, os.O_RDWR)
        os.dup2(target, stream)
        os.close(target)
    seen, armed = 0, True
    tell, flush = os.write, os.fsync

    def operation(rest=None):
        nonlocal seen
        if not armed:
            return
        if seen == job["event"]:
            if rest is not None:
                rest()
            os.kill(os.getpid(), signal.SIGKILL)
        seen += 1
        tell(told, b".")

    def hook(name, arguments):
        if name in AUDITED:
            operation()
        elif name == "open" and isinstance(arguments[2], int) and arguments[2] & WRITING:
            path = os.fspath(arguments[0]) if not isinstance(arguments[0], int) else ""
            if os.fsdecode(path) != os.devnull:
                operation()

    def torn(handle, content):
        # Half of what was to be written is on disk when the kill comes.
        operation(rest=lambda: tell(handle, bytes(content)[: len(content) // 2]))
        return tell(handle, content)

    def flushed(handle):
        operation()
        return flush(handle)

    sys.addaudithook(hook)
    os.write, os.fsync = torn, flushed
    try:
        status = main(job["words"])
    except BaseException:
        status = 99
    armed = False
    if job["event"] is None and job["delay"] is None:
        names = "\n".join(name for name in sys.modules if name.isascii() and name != "__main__")
        handle = os.open(job["modules"], os.O_WRONLY | os.O_CREAT)
        tell(handle, names.encode())
    os._exit(status)


if __name__ == "__main__":
    _serve()
