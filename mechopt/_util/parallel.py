"""Many independent tasks: in this process, in several, or on a Dask cluster, with progress."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cache
from typing import Literal, TypeVar

from mechopt._util.progress import reported
from mechopt._util.threads import ONE_THREAD
from mechopt.errors import InvalidInputError, MechoptError, require_extra

Context = TypeVar("Context")
Result = TypeVar("Result")
Task = Callable[[Context, int], Result]

CONNECT_SECONDS = 10
SECONDS_BETWEEN_LOOKS = 1.0
# A process that was forked from this one inherits a pool whose workers are not its own, and would
# wait for them for ever.
IMPORTED_BY = os.getpid()


class WorkerError(MechoptError):
    """A worker was lost before it could answer; what was answered until then is not lost."""


def require_workers(workers: int | None) -> int:
    """Return a number of processes: the one given, or one per core.

    Raises
    ------
    InvalidInputError
        For anything but a whole number of at least 1.

    Examples
    --------
    >>> require_workers(3)
    3
    """
    if workers is None:
        from joblib import cpu_count

        return int(cpu_count())
    if isinstance(workers, bool) or not isinstance(workers, int) or workers < 1:
        raise InvalidInputError(
            "not a number of processes",
            where="workers",
            expected="a whole number of at least 1",
            got=repr(workers),
            remedy="Leave it out for one per core.",
        )
    return workers


def in_processes(
    task: Task[Context, Result],
    context: Context,
    points: Sequence[int],
    workers: int,
    *,
    batch_size: int | Literal["auto"] = 1,
) -> Iterator[tuple[int, Result]]:
    """Yield each point with the task's result, as they come; one worker is this process.

    So it is too where further processes have no place: in a process of multiprocessing, such as a
    worker of its ``Pool``, in a forked copy of a process that uses mechopt, within a task of
    joblib, and under joblib's sequential and threading backends, which the user has chosen in order
    to stay in one process.

    Linear algebra is kept to one thread everywhere: how a sum is split over threads changes its
    last digits, and results must not depend on the number of workers.

    Parameters
    ----------
    task
        A function of the context and a point.
    context
        What all points share.
    points
        What to call it on.
    workers
        Number of processes, at least 1.
    batch_size
        How many points a process takes at a time; their results come together. "auto" suits quick
        tasks of which none need be kept if the run is killed.

    Raises
    ------
    WorkerError
        If a process is killed.

    Examples
    --------
    >>> sorted(in_processes(pow, 2, [3, 1], 1))
    [(1, 2), (3, 8)]
    """
    if workers == 1 or len(points) <= 1 or not may_have_children():
        with _one_thread():
            for point in points:
                yield point, task(context, point)
        return
    import joblib
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    pool = joblib.Parallel(
        backend="loky",
        n_jobs=min(workers, len(points)),
        batch_size=batch_size,
        return_as="generator_unordered",
    )
    own = os.getpid()
    results = pool(joblib.delayed(_in_worker)(task, context, point, own) for point in points)
    try:
        with closing(results):
            yield from results
    except TerminatedWorkerError as error:
        raise WorkerError(
            "a process of this machine was killed before it answered, for want of memory perhaps. "
            "Run the same command again, with fewer workers."
        ) from error


def may_have_children() -> bool:
    """Return whether tasks may go to processes of their own.

    Examples
    --------
    >>> import joblib
    >>> with joblib.parallel_config(backend="threading"):
    ...     may_have_children()
    False
    """
    # A daemonic one may have none, and any other would wait at its end until they are idle.
    of_multiprocessing = multiprocessing.parent_process() is not None
    if of_multiprocessing or os.getpid() != IMPORTED_BY:
        return False
    from joblib.parallel import get_active_backend

    backend, _ = get_active_backend()
    # Neither is declared by every backend, of every release.
    in_one_process = getattr(backend, "supports_sharedmem", False)
    return not in_one_process and not getattr(backend, "nesting_level", 0)


def on_dask(
    task: Task[Context, Result], context: Context, points: Sequence[int], address: str
) -> Iterator[tuple[int, Result | str]]:
    """Yield each point with the task's result, as they come from a Dask cluster.

    Parameters
    ----------
    task, context, points
        As for :func:`in_processes`; the workers need mechopt.
    address
        Where the scheduler listens, such as ``tcp://127.0.0.1:8786``.

    Yields
    ------
    tuple
        The point, and its result; text if the cluster gave it up, because it kills its workers.

    Raises
    ------
    MissingExtraError
        If distributed is not installed.
    InvalidInputError
        If nobody answers at the address.
    WorkerError
        If the cluster goes away.
    """
    require_extra("distributed", "dask", "a Dask cluster")
    from distributed import Client, as_completed

    if not re.fullmatch(r"([a-z]+://)?\[?[^/\s]+\]?:\d+", address):
        raise _no_scheduler(address)
    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise _no_scheduler(f"{address}, {type(error).__name__}") from error
    with client:
        futures = client.map(_pointwise, points, task=task, context=context, pure=False)
        place = dict(zip((future.key for future in futures), points, strict=True))
        try:
            answered = as_completed(
                futures, loop=client.loop, with_results=True, raise_errors=False
            )
            for future, result in answered:
                if future.status in ("cancelled", "lost"):
                    raise WorkerError("the Dask cluster went away. Run the same command again.")
                if future.status == "error":
                    yield place[future.key], " ".join(str(future.exception()).split())
                else:
                    yield result
        finally:
            client.cancel(futures)


def _no_scheduler(got: str) -> InvalidInputError:
    return InvalidInputError(
        "no Dask scheduler answers",
        where="dask",
        expected="the address of one, such as tcp://127.0.0.1:8786",
        got=got,
        remedy="Start a cluster, or use workers.",
    )


@contextmanager
def progress(total: int, done: int, what: str, *, shown: bool) -> Iterator[Callable[[], None]]:
    """Give a function to call after every task; it says how many are done, and the time left.

    A bar on standard error if that is a terminal, and a plain line now and then if it is none.

    Examples
    --------
    >>> with progress(10, 0, "points", shown=True) as advance:
    ...     advance()
    """
    with reported(what, done, shown=shown) as report:
        count = itertools.count(done + 1)
        yield lambda: report(next(count), total)


def counted(
    results: Iterable[Result], total: int, done: int, what: str, *, shown: bool
) -> Iterator[Result]:
    """Yield results, and show how many there are.

    Examples
    --------
    >>> list(counted(iter("ab"), 2, 0, "letters", shown=False))
    ['a', 'b']
    """
    with progress(total, done, what, shown=shown) as advance:
        for result in results:
            yield result
            advance()


def _in_worker(
    task: Task[Context, Result], context: Context, point: int, parent: int
) -> tuple[int, Result]:
    if os.getpid() == parent:
        # joblib may decide against processes after all; this one is the user's, and stays as it is.
        with _one_thread():
            return point, task(context, point)
    if threading.current_thread() is threading.main_thread():
        # The process that was started by the user answers to Ctrl-C, and ends this one.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    _end_with(parent)
    _stay_single_threaded()
    return point, task(context, point)


@cache
def _end_with(parent: int) -> None:
    """End this worker process soon after the one that started it, even if that was killed."""
    own = os.getpid()
    if parent == own or os.getppid() != parent:
        # Not a child of that process: whoever started it ends it.
        return

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(SECONDS_BETWEEN_LOOKS)
        if os.getpid() == own:
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _pointwise(point: int, *, task: Task[Context, Result], context: Context) -> tuple[int, Result]:
    _stay_single_threaded()
    return point, task(context, point)


@cache
def _stay_single_threaded() -> None:
    """Keep linear algebra of a worker process to one thread, once and for all."""
    from threadpoolctl import threadpool_limits

    # The first is for libraries that are loaded later, the second for those that are there.
    os.environ.update(ONE_THREAD)
    threadpool_limits(limits=1)


@contextmanager
def _one_thread() -> Iterator[None]:
    from threadpoolctl import threadpool_limits

    if not ONE_THREAD.items() <= os.environ.items():
        # Loaded later, its libraries would escape.
        import scipy.linalg  # noqa: F401

    with threadpool_limits(limits=1):
        yield
