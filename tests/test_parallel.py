"""Processes within processes: the caller survives, and the numbers are those of one process."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor

import joblib
import numpy as np
import pytest

import mechopt as mo
from mechopt._util import parallel
from mechopt.errors import InstanceError, NotOptimalError


def job(workers=2):
    values = np.random.default_rng(0).uniform(0, 1, (2, 12))
    return mo.bootstrap(*values, replications=4, seed=1, workers=workers).draws


def put(queue):
    queue.put(job())


@pytest.fixture(scope="module")
def expected():
    return job(workers=1)


@pytest.fixture(autouse=True)
def caller():
    """Whatever runs, Ctrl-C means to this process what it meant before."""
    before = signal.getsignal(signal.SIGINT)
    yield
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize("backend", ["sequential", "threading"])
def test_under_joblibs_backends(backend, expected):
    with joblib.parallel_config(backend=backend):
        assert not parallel.may_have_children()
        assert np.array_equal(job(), expected)


def test_within_threads_of_joblib(expected):
    found = joblib.Parallel(n_jobs=2, backend="threading")(joblib.delayed(job)() for _ in range(2))
    assert all(np.array_equal(draws, expected) for draws in found)


def test_in_a_thread_of_ones_own(expected):
    found = []
    thread = threading.Thread(target=lambda: found.append(job()))
    thread.start()
    thread.join(timeout=60)
    assert np.array_equal(found[0], expected)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_in_processes_of_multiprocessing(expected):
    context = multiprocessing.get_context("fork")
    with context.Pool(1) as pool:
        assert np.array_equal(pool.apply_async(job).get(timeout=60), expected)
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        assert np.array_equal(pool.submit(job).result(timeout=60), expected)
    for daemon in (True, False):
        queue = context.Queue()
        process = context.Process(target=put, args=(queue,), daemon=daemon)
        process.start()
        assert np.array_equal(queue.get(timeout=60), expected)
        process.join(timeout=60)
        assert process.exitcode == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_sweep_in_a_pool(tmp_path):
    file = tmp_path / "trade.toml"
    file.write_text(
        """
        [environment]
        kind = "bilateral-trade"
        seller = { types = [0, 1] }
        buyer = { types = [0, 2] }
        [problem]
        objective = "ex-ante-efficiency"
        """
    )
    with multiprocessing.get_context("fork").Pool(1) as pool:
        words = (str(file), {"buyer.types[1]": [1, 2, 3]})
        table = pool.apply_async(mo.sweep, words, {"workers": 2}).get(timeout=60)
    # The seller of cost 0 sells to the buyer of high value; that of cost 1 where it is above 1.
    assert table.column("objective") == pytest.approx([0.25, 0.75, 1.25])


def test_a_call_in_the_callers_process_changes_nothing_in_it():
    threads = threading.active_count()
    assert parallel._in_worker(pow, 2, 3, os.getpid()) == (3, 8)
    parallel._end_with.__wrapped__(os.getpid())
    # Nor is a process ended that somebody else started.
    parallel._end_with.__wrapped__(os.getppid() + 1_000_000)
    assert threading.active_count() == threads


def test_a_worker_ends_with_the_process_that_started_it():
    worker = (
        "import os, time; from mechopt._util import parallel\n"
        "parallel.SECONDS_BETWEEN_LOOKS = 0.01\n"
        "parallel._end_with(os.getppid()); print(os.getpid(), flush=True); time.sleep(60)"
    )
    parent = (
        "import subprocess, sys, time\n"
        f"subprocess.Popen([sys.executable, '-c', {worker!r}]); time.sleep(60)"
    )
    command = [sys.executable, "-c", parent]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        pid = int(running.stdout.readline())
        running.kill()
        deadline = time.monotonic() + 30
        # The pipe is at its end once the worker, which has it too, is gone.
        assert running.stdout.read() == ""
        assert time.monotonic() < deadline
        assert pid != running.pid


# What comes back from a process


@pytest.mark.parametrize(
    "error",
    [
        mo.InvalidInputError("wrong", where="mass", expected="1", got="2", remedy="Fix it."),
        InstanceError("trade.toml", ["title: missing", "unit: missing"]),
        NotOptimalError("infeasible", None),
        mo.errors.TooLargeError("too large"),
        parallel.WorkerError("lost"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_survive_the_way_between_processes(error):
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is type(error)
    assert str(back) == str(error)
    assert vars(back) == vars(error)


def test_results_survive_the_way_between_processes():
    types = mo.TypeSpace.finite([1, 2, 3])
    trade = mo.BilateralTrade(types, types)
    solution = mo.solve(mo.ex_ante_efficiency(trade))
    back = pickle.loads(pickle.dumps(solution))
    assert back.objective == solution.objective
    assert np.array_equal(back.mechanism.payment[0], solution.mechanism.payment[0])
    assert mo.audit(back.problem, back).passed
    for result in (job(), mo.check_ex_post_efficiency(trade), mo.compare(trade)):
        assert type(pickle.loads(pickle.dumps(result))) is type(result)
