"""Requirements that come to the same, and some that do not though they nearly do.

They are what lets a small program stand for the large one.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.draws import THOROUGH

from . import cases
from .direct_lp import optimum
from .variants import DOMINANT_EX_POST, drawn, requiring, revenue_of, value

COUNT = 16 if THOROUGH else 6


def independent_cases(count, families):
    """Return plain random cases with interim incentives and participation for everyone."""

    def wanted(case):
        return case.num_agents > 1

    found = drawn(count, wanted, families=families, priors=("independent",), plain=True)
    return [requiring(case, incentives="interim", participation="interim") for case in found]


def same(left, right):
    (status, first), (other, second) = optimum(left), optimum(right)
    assert status == other, left.name
    if status == "optimal":
        assert first == pytest.approx(second, abs=1e-9), left.name


LINE = ("trade", "auction", "project", "partnership", "market", "procurement")


def test_budget_on_average_is_as_good_as_in_every_profile():
    for case in independent_cases(COUNT, (*LINE, "alternatives")):
        for word in ("balanced", "no-deficit"):
            kept = replace(case, budget=word)
            same(kept, replace(kept, budget_holds="ex-post"))


def test_interim_incentives_are_as_good_as_dominant_strategies():
    # Manelli and Vincent (2010), doi:10.3982/ECTA8025; Gershkov et al. (2013),
    # doi:10.3982/ECTA10592. Where the worst-off type is at an end, whatever the rule, participation
    # may hold in every profile.
    for case in independent_cases(COUNT, LINE):
        same(case, requiring(case, incentives="dominant"))
    owned_by_some = tuple(family for family in LINE if family != "partnership")
    for case in independent_cases(COUNT, owned_by_some):
        same(case, requiring(case, **DOMINANT_EX_POST))


def test_participation_on_average_is_as_good_as_in_every_profile_with_interim_incentives():
    # Let every type pay what the outcome is worth to it less what it expects.
    for case in independent_cases(COUNT, (*LINE, "alternatives")):
        same(case, requiring(case, participation="ex-post"))


def test_partners_lose_by_dominant_strategies_with_participation_in_every_profile():
    prior = np.full((2, 2), 0.25)
    case = cases.partnership([[0, 2], [1, 3]], prior, [0.5, 0.5])
    interim, dominant = (
        revenue_of(case, incentives=word, participation="ex-post")
        for word in ("interim", "dominant")
    )
    assert revenue_of(case, incentives="dominant") == pytest.approx(interim, abs=1e-12)
    assert dominant < interim - 0.1


def test_revenue_with_a_free_budget_and_lump_sums():
    # With lump sums the least utility is the largest revenue in equal parts.
    for case in independent_cases(10, ("auction",)):
        case = replace(case, allocation=None)  # noqa: PLW2901
        least = replace(case, objective="least-utility", budget="no-deficit")
        expected = revenue_of(case) / case.num_agents
        assert value(least) == pytest.approx(expected, abs=1e-9), case.name
