"""Interim quantities against outcomes of profiles drawn at random, where there are very many."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mechopt._util.arrays import IndexArray
from mechopt.environments import Environment
from mechopt.mechanism.check import Check
from mechopt.mechanism.mechanism import Mechanism

# How many numbers the outcomes of the drawn profiles hold in all, about.
DRAWN_NUMBERS = 1_000_000
MOST_DRAWN = 100_000
# An average of drawn outcomes lies this many standard errors away once in many millions of audits.
STANDARD_ERRORS = 8.0


def drawn_profiles(environment: Environment) -> tuple[IndexArray, ...]:
    """Return profiles that are drawn from an independent prior, the same ones every time.

    Returns
    -------
    tuple of arrays of shape (num_drawn,)
        The positions of each agent's types.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> types = TypeSpace.finite([0, 1])
    >>> [cells.size for cells in drawn_profiles(BilateralTrade(types, types))]
    [100000, 100000]
    """
    generator = np.random.default_rng(0)
    number = min(DRAWN_NUMBERS // len(environment.outcomes.variables) + 1, MOST_DRAWN)
    sums = [np.cumsum(mass) for mass in environment.masses]
    return tuple(np.searchsorted(s, generator.uniform(0.0, s[-1], number)) for s in sums)


def sampled_quantity_checks(mechanism: Mechanism, tolerance: float) -> Iterator[Check]:
    """Yield the checks that interim quantities are what drawn outcomes average to.

    Outcomes less the interim quantities of the types drawn average to zero, for the lower half of
    an agent's types and for the upper half. How far they may be off is judged by their spread.
    """
    environment = mechanism.environment
    profiles = drawn_profiles(environment)
    outcomes = mechanism.allocation.at_profiles(environment, profiles)
    nets = environment.outcomes.net_quantity
    for i, (agent, own, net) in enumerate(zip(environment.agents, profiles, nets, strict=True)):
        found, claimed = net @ outcomes, mechanism.quantity[i][own]
        lower = np.cumsum(agent.types.mass)[own] <= 0.5
        reach = float(np.abs(net).max(initial=0.0))
        requirement, worst = f"interim quantities of {agent.name} average its outcomes", (-1.0, 0.0)
        where = ""
        for half, of in (("lower", lower), ("upper", ~lower)):
            away = of * (found - claimed)
            # Of chances too small to have been drawn, the spread says nothing: that of an event of
            # the probability claimed stands in for it.
            size = reach * float((of * np.abs(claimed)).mean())
            error = np.sqrt(max(float(away.var()), size) / own.size)
            off = abs(float(away.mean()))
            beyond = max(off - STANDARD_ERRORS * float(error), 0.0)
            if not beyond <= worst[0]:
                worst, where = (beyond, off), f"{agent.name}, the {half} half of its types"
        yield Check(requirement, worst[1], worst[0], tolerance, where)
