"""Type spaces and programs that several test files run."""

from __future__ import annotations

import numpy as np
from scipy import stats

import mechopt as mo

PROGRAMS = {
    "equal-weights": mo.ex_ante_efficiency,
    "seller-only": lambda trade: mo.ex_ante_efficiency(trade, (1, 0)),
    "buyer-only": lambda trade: mo.ex_ante_efficiency(trade, (0, 1)),
    "uneven-weights": lambda trade: mo.ex_ante_efficiency(trade, (1, 0.3)),
    "ex-post-efficiency": mo.ex_post_efficiency,
    "minimum-subsidy": mo.minimum_subsidy,
}
# The same programs, as the oracle takes them; the last two come with a prescribed rule.
WEIGHTS = {
    "equal-weights": (1.0, 1.0),
    "seller-only": (1.0, 0.0),
    "buyer-only": (0.0, 1.0),
    "uneven-weights": (1.0, 0.3),
    "ex-post-efficiency": (1.0, 1.0),
    "minimum-subsidy": None,
}


def uniform_types(size):
    """Return the finite prior of ``reference/finite_uniform.csv``: k/size for k = 1..size."""
    return mo.TypeSpace.finite(np.arange(1, size + 1) / size)


def fixed_trades():
    """Return bilateral trades by name, one for each kind of input that could be treated wrongly."""
    finite, cells = mo.TypeSpace.finite, mo.TypeSpace.from_distribution
    samples = mo.TypeSpace.from_samples
    coin = finite([0.0, 1.0])
    sample = np.random.default_rng(5).normal(size=40).round(1)
    return {
        "finite-uniform": mo.BilateralTrade(uniform_types(6), uniform_types(6)),
        "finite-irregular": mo.BilateralTrade(
            finite([0, 1, 1.1, 4], [0.1, 0.6, 0.05, 0.25]),
            finite([0.5, 2, 2.2, 5, 5.5], [0.3, 0.05, 0.4, 0.05, 0.2]),
        ),
        "cells-uniform": mo.BilateralTrade(
            cells(stats.uniform(0, 1), 10), cells(stats.uniform(0.2, 1), 8)
        ),
        "cells-beta": mo.BilateralTrade(cells(stats.beta(2, 2), 9), cells(stats.beta(2, 2), 9)),
        "cells-irregular": mo.BilateralTrade(
            cells(stats.beta(0.3, 0.4), 8), cells(stats.beta(0.4, 0.3), 8)
        ),
        "finite-seller-continuous-buyer": mo.BilateralTrade(
            finite([0.1, 0.4, 0.8], [0.5, 0.2, 0.3]), cells(stats.beta(2, 1), 10)
        ),
        "samples": mo.BilateralTrade(samples(sample[:20]), samples(sample[20:])),
        "samples-in-cells": mo.BilateralTrade(
            samples(sample[:20], cells=6), samples(sample[20:], cells=7)
        ),
        "samples-in-cells-of-one-value": mo.BilateralTrade(
            samples([0, 1, 1, 2, 2, 3], cells=6), samples([1, 1, 1, 3, 4, 4], cells=6)
        ),
        "cells-with-gaps": mo.BilateralTrade(
            mo.TypeSpace([0.5, 0.5], [0.2, 0.8], [0.1, 0.7], [0.3, 0.9]),
            mo.TypeSpace([0.4, 0.6], [0.5, 1.0], [0.4, 0.9], [0.6, 1.3]),
        ),
        "one-seller-type": mo.BilateralTrade(finite([0.3]), uniform_types(5)),
        "one-buyer-type": mo.BilateralTrade(uniform_types(5), finite([0.7])),
        "one-type-each": mo.BilateralTrade(finite([0.3]), finite([0.7])),
        "one-cell-each": mo.BilateralTrade(
            cells(stats.uniform(0, 1), 1), cells(stats.uniform(0, 1), 1)
        ),
        "cost-equals-value": mo.BilateralTrade(finite([1, 2, 3]), finite([1, 2, 3])),
        "one-common-type": mo.BilateralTrade(finite([2.0]), finite([2.0])),
        "trade-always-efficient": mo.BilateralTrade(finite([0, 1]), finite([1, 2])),
        "trade-always-efficient-cells": mo.BilateralTrade(
            cells(stats.uniform(0, 1), 5), cells(stats.uniform(1, 2), 5)
        ),
        "no-gains": mo.BilateralTrade(finite([2, 3]), finite([0, 1, 2])),
        "no-gains-cells": mo.BilateralTrade(
            cells(stats.uniform(1, 1), 4), cells(stats.uniform(0, 1), 4)
        ),
        "negative-valuations": mo.BilateralTrade(finite([-3, -2, -0.5]), finite([-2.5, -1, 0.2])),
        "far-from-zero": mo.BilateralTrade(finite([1000, 1001]), finite([1000.5, 1001.5])),
        "coins": mo.BilateralTrade(coin, coin),
        # In floating point these sixths sum to the number just below one.
        "sixths": mo.BilateralTrade(finite([0, 1, 2], [1 / 6, 1 / 6, 4 / 6]), uniform_types(7)),
    }


FIXED = fixed_trades()


def random_trade(seed):
    """Return a bilateral trade of 2 to 12 types a side, of any shape and in any unit of money."""
    rng = np.random.default_rng(seed)
    unit = 10.0 ** rng.uniform(-4, 5)
    shift = rng.choice([0.0, 0.0, -0.5, -2.0, 1.0])
    ends = [(0.0, 1.0), (float(rng.choice([-0.3, 0.0, 0.3, 0.9])), 1.2)]
    sides = [random_types(rng, low + shift, high + shift, unit) for low, high in ends]
    return mo.BilateralTrade(*sides)


def random_types(rng, low, high, unit=1.0, sizes=(2, 12), least_mass=1e-8):
    """Return a random finite prior: on a grid, so that the sides tie, or anywhere."""
    size = int(rng.integers(sizes[0], sizes[1] + 1))
    grid = np.linspace(low, high, 25)
    on_grid = rng.random() < 0.3
    types = rng.choice(grid, size, replace=False) if on_grid else rng.uniform(low, high, size)
    mass = rng.dirichlet(np.full(size, rng.choice([0.1, 0.3, 1.0, 10.0])))
    mass = np.maximum(mass, least_mass)
    return mo.TypeSpace.finite(unit * np.sort(types), mass / mass.sum())
