"""A case with other requirements, and what one asks about it most."""

from __future__ import annotations

import itertools
from dataclasses import replace

from . import cases
from .direct_lp import optimum
from .finite_case import efficient_allocation

DOMINANT_EX_POST = {"incentives": "dominant", "participation": "ex-post"}


def value(case):
    """Return the optimal value of a case that has one."""
    status, found = optimum(case)
    assert status == "optimal", (case.name, status)
    return found


def requiring(case, **words):
    """Return the case with one word for all agents where the case has one for each."""
    every = {
        name: (word,) * case.num_agents if name in {"incentives", "participation"} else word
        for name, word in words.items()
    }
    return replace(case, **every)


def revenue_of(case, **words):
    """Return the largest expected payments less cost."""
    return -value(requiring(case, objective="subsidy", budget="free", **words)) + 0.0


def first_best(case):
    """Return the largest expected total of gains if types were public."""
    case = requiring(case, incentives="none", participation="none", budget="free")
    return value(replace(case, objective="weighted", weights=(1.0,) * case.num_agents, designer=1))


def efficient(case):
    """Return the case with its efficient allocation prescribed."""
    return replace(case, allocation=efficient_allocation(case))


def drawn(count, wanted, **options):
    """Return the random cases of the first seeds that are as wanted."""
    found = (cases.random_case(seed, **options) for seed in itertools.count())
    return list(itertools.islice((case for case in found if wanted(case)), count))
