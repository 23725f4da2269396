"""The same question by other means: what a user would write in cvxpy, against mechopt.

Equally likely types k/n on both sides, the second best. Three ways: the textbook program (incentive
constraints between all pairs of types, payments in every profile) and the small one (neighbouring
constraints, interim payments), both in cvxpy with HiGHS; mechopt's direct solver, with its bound
and its audit. Run from the repository's root: python benchmarks/alternatives.py
"""

from __future__ import annotations

import sys
import time

import cvxpy as cp
import numpy as np

import mechopt as mo


def textbook(types):
    """Solve the program as textbooks state it."""
    n = types.size
    trade = cp.Variable((n, n), bounds=[0, 1])
    price = cp.Variable((n, n))
    sold, got = cp.sum(trade, axis=1) / n, cp.sum(price, axis=1) / n
    bought, paid = cp.sum(trade, axis=0) / n, cp.sum(price, axis=0) / n
    rules = []
    for k in range(n):
        rules += [got[k] - types[k] * sold[k] >= got - types[k] * sold]
        rules += [types[k] * bought[k] - paid[k] >= types[k] * bought - paid]
    rules += [got - cp.multiply(types, sold) >= 0, cp.multiply(types, bought) - paid >= 0]
    gains = cp.sum(cp.multiply(types[None] - types[:, None], trade)) / n**2
    return cp.Problem(cp.Maximize(gains), rules).solve(solver=cp.HIGHS)


def neighbouring(types):
    """Solve the program with neighbouring constraints and interim payments."""
    n = types.size
    trade = cp.Variable((n, n), bounds=[0, 1])
    got, paid = cp.Variable(n), cp.Variable(n)
    sold, bought = cp.sum(trade, axis=1) / n, cp.sum(trade, axis=0) / n
    less, more = -cp.diff(sold), cp.diff(bought)
    rules = [
        -cp.diff(got) >= cp.multiply(types[:-1], less),
        -cp.diff(got) <= cp.multiply(types[1:], less),
        cp.diff(paid) <= cp.multiply(types[1:], more),
        cp.diff(paid) >= cp.multiply(types[:-1], more),
        got - cp.multiply(types, sold) >= 0,
        cp.multiply(types, bought) - paid >= 0,
        cp.sum(got) == cp.sum(paid),
    ]
    gains = cp.sum(cp.multiply(types[None] - types[:, None], trade)) / n**2
    return cp.Problem(cp.Maximize(gains), rules).solve(solver=cp.HIGHS)


def direct(types):
    """Solve with mechopt, bound and audit included."""
    space = mo.TypeSpace.finite(types)
    problem = mo.ex_ante_efficiency(mo.BilateralTrade(space, space))
    solution = mo.solve(problem)
    mo.audit(problem, solution).raise_if_failed()
    return solution.objective


def main(sizes):
    """Print seconds, best of three, and ratios."""
    direct(np.arange(1, 6) / 5)  # loads what is loaded once
    neighbouring(np.arange(1, 6) / 5)
    print("types   textbook   neighbouring    mechopt   ratios to mechopt")
    for n in sizes:
        types, seconds, values = np.arange(1, n + 1) / n, [], []
        for way in (textbook, neighbouring, direct):
            best = np.inf
            for _ in range(3 if n <= 50 else 1):
                start = time.perf_counter()
                values.append(way(types))
                best = min(best, time.perf_counter() - start)
            seconds.append(best)
        assert np.ptp(values) < 1e-7, values
        ratios = ", ".join(f"{spent / seconds[-1]:,.0f}" for spent in seconds[:-1])
        print(f"{n:5d} {seconds[0]:9.3f} s {seconds[1]:11.3f} s {seconds[2]:9.4f} s   {ratios}")


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [10, 25, 50])
