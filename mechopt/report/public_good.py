"""What a report says of a public good: how likely it is provided, and what is paid for it."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from mechopt._util.rounding import in_figures, without_rounding
from mechopt._util.table import Table
from mechopt.environments.public_good import SharedProject
from mechopt.mechanism.mechanism import Mechanism
from mechopt.report.addendum import Addendum
from mechopt.report.by_type import table_by_type
from mechopt.report.page import Row
from mechopt.report.words import in_money

if TYPE_CHECKING:
    from mechopt.exact import ExactSolution

# Thresholds are looked for in so many profiles at most.
MOST_PROFILES = 1_000_000
HALF = 0.5


class PublicGoodAddendum(Addendum):
    """What there is to say of a public good beyond what is said of every environment."""

    title = "Public good"
    keys = frozenset({"provision", "threshold", "expected_cost", "paid"})

    def further(self) -> list[Row]:
        """Return how likely it is provided, and what is paid for it."""
        mechanism = self.solution.mechanism
        if mechanism is None:
            return []
        scale = mechanism.environment.first_best
        cost, paid = mechanism.expected_cost, paid_in_all(mechanism)
        remark = f"by the consumers; {in_money(cost, scale)} is the expected cost"
        rows = [("paid", in_money(paid, scale), remark)]
        chance, least = provision(mechanism), threshold(mechanism)
        if chance is not None:
            rows.insert(0, ("provided", in_figures(chance, scale=1.0), "how likely the good is"))
        if least is not None:
            rows.insert(1, ("threshold", in_money(least, scale), "the sum of values from which on"))
        each = (cost - paid) / len(mechanism.environment.agents)
        if without_rounding(cost - paid, scale) > 0.0:
            rows.append(
                ("subsidy", in_money(cost - paid, scale), f"{in_money(each, scale)} a head")
            )
        return rows

    def table(self) -> Table | None:
        """Return who uses the good how often, and pays how much."""
        mechanism = self.solution.mechanism
        return None if mechanism is None else table_by_type(mechanism, "uses")

    def record(self, exact: ExactSolution | None) -> dict[str, Any]:
        """Return how likely it is provided, its expected cost, and what is paid."""
        del exact
        mechanism = self.solution.mechanism
        if mechanism is None:
            return dict.fromkeys(sorted(self.keys))
        return {
            "provision": provision(mechanism),
            "threshold": threshold(mechanism),
            "expected_cost": mechanism.expected_cost,
            "paid": paid_in_all(mechanism),
        }


def provision(mechanism: Mechanism) -> float | None:
    """Return the probability that the good is provided; None where nothing tells.

    Examples
    --------
    >>> from mechopt import PublicGood, TypeSpace, ex_ante_efficiency, solve
    >>> good = PublicGood(TypeSpace.finite([1, 2]), cost=3, count=2)
    >>> round(provision(solve(ex_ante_efficiency(good)).mechanism), 9)
    0.25
    """
    outcomes = mechanism.environment.outcomes
    if isinstance(outcomes, SharedProject) and not outcomes.excludable:
        first = mechanism.environment.agents[0].types
        return first.expectation(mechanism.quantity[0])
    price = float(outcomes.cost[0])
    return mechanism.expected_cost / price if price else None


def threshold(mechanism: Mechanism) -> float | None:
    """Return the least sum of values with which the good is provided, in money.

    None where it is never provided, or a larger sum may go without it: not the sum alone decides.
    None too where consumers can be kept out, or there are very many profiles.

    Examples
    --------
    >>> from mechopt import PublicGood, TypeSpace, ex_ante_efficiency, solve
    >>> good = PublicGood(TypeSpace.finite([1, 2]), cost=3, count=2)
    >>> threshold(solve(ex_ante_efficiency(good)).mechanism)
    4.0
    """
    environment = mechanism.environment
    outcomes = environment.outcomes
    if not isinstance(outcomes, SharedProject) or outcomes.excludable:
        return None
    if environment.num_profiles > MOST_PROFILES:
        return None
    means = [agent.types.mean for agent in environment.agents]
    total = reduce(np.add, np.meshgrid(*means, indexing="ij", sparse=True))
    provided = mechanism.allocation.dense(environment)[0] > HALF
    if not provided.any():
        return None
    least = float(total[provided].min())
    without = float(total[~provided].max(initial=-np.inf))
    # Sums that differ by rounding are one, which a lottery may decide.
    return least if without <= least + 1e-12 * float(np.abs(total).max()) else None


def paid_in_all(mechanism: Mechanism) -> float:
    """Return what all agents pay in expectation, in money."""
    agents = zip(mechanism.environment.agents, mechanism.payment, strict=True)
    return float(sum(agent.types.expectation(paid) for agent, paid in agents))
