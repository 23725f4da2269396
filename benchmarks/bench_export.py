"""Exporting: whole time, from problem to files, against HiGHS' own time to write the same model.

Run with ``make bench``. The whole time has in it the names, the numbers, the sidecar, and building
the program; HiGHS' is that of ``writeModel`` alone, on a model that is loaded already.
"""

from __future__ import annotations

import time

import numpy as np
import pytest

import mechopt as mo
from mechopt.program.highs_model import load
from mechopt.program.standard_form import standard_form

TYPES = 400
MOST_TIME = 3.0


def equally_likely(size):
    return [mo.TypeSpace.finite(np.arange(1, size + 1) / size)] * 2


def anywhere(size):
    """Return types and probabilities of which no two are alike, so that no text repeats."""
    rng = np.random.default_rng(0)
    sides = []
    for _ in range(2):
        mass = rng.random(size)
        sides.append(mo.TypeSpace.finite(np.sort(rng.random(size)), mass / mass.sum()))
    return sides


@pytest.fixture
def say(capsys):
    """Return a function that prints past pytest's capture."""

    def say(line):
        with capsys.disabled():
            print(f"\n{line}")

    return say


@pytest.mark.parametrize("suffix", ["mps", "lp"])
@pytest.mark.parametrize("sides", [equally_likely, anywhere])
def test_whole_time_against_highs_writing_it(sides, suffix, benchmark, say, tmp_path):
    problem = mo.ex_ante_efficiency(mo.BilateralTrade(*sides(TYPES)))
    model = load(standard_form(problem), 1e-9)
    mo.export(problem, tmp_path / f"warm.{suffix}")
    alone, whole = [], []

    def write():
        start = time.perf_counter()
        model.writeModel(str(tmp_path / f"highs.{suffix}"))
        middle = time.perf_counter()
        mo.export(problem, tmp_path / f"ours.{suffix}")
        alone.append(middle - start)
        whole.append(time.perf_counter() - middle)

    benchmark.pedantic(write, rounds=5, iterations=1)
    ratio = np.median(whole) / np.median(alone)
    benchmark.extra_info["ratio"] = ratio
    say(
        f"{sides.__name__}, {TYPES} a side, .{suffix}: {np.median(whole):.3f} s from problem to "
        f"files, HiGHS writes the model in {np.median(alone):.3f} s, ratio {ratio:.2f}"
    )
    assert ratio <= MOST_TIME
