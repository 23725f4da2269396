"""What a report says of markets and partnerships: who trades, who pays what, who is worst off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mechopt._util.rounding import in_figures
from mechopt._util.table import Table
from mechopt._util.text import runs_of
from mechopt.environments.market import TwoSides
from mechopt.mechanism.allocation import PointwiseRule
from mechopt.mechanism.mechanism import Mechanism
from mechopt.report.addendum import Addendum
from mechopt.report.by_type import table_by_type
from mechopt.report.page import Row
from mechopt.report.words import in_money

if TYPE_CHECKING:
    from mechopt.exact import ExactSolution

# Differences of types that agree to this, relative to the largest type, are one.
SAME = 1e-9


class MarketAddendum(Addendum):
    """What buyers pay, what sellers receive, and how far value has to exceed cost."""

    title = "Market"
    keys = frozenset({"units_traded", "threshold", "paid", "received"})

    def further(self) -> list[Row]:
        """Return what is paid and received, for each unit too, and the threshold."""
        mechanism = self.solution.mechanism
        if mechanism is None:
            return []
        scale = mechanism.environment.first_best
        traded, spent, received = _by_side(mechanism)
        rows: list[Row] = []
        for name, amount in (("buyers pay", spent), ("sellers receive", received)):
            each = f"{in_figures(amount / traded, '.6g', scale)} for each unit" if traded else ""
            rows.append((name, in_money(amount, scale), each))
        least = margin(mechanism)
        if least is not None:
            rows.append(("margin", in_money(least, scale), "value less cost, from which on trade"))
        return rows

    def table(self) -> Table | None:
        """Return who trades how often, and pays how much."""
        mechanism = self.solution.mechanism
        return None if mechanism is None else table_by_type(mechanism, "trades")

    def record(self, exact: ExactSolution | None) -> dict[str, Any]:
        """Return how many units are traded, what for, and the threshold."""
        del exact
        mechanism = self.solution.mechanism
        if mechanism is None:
            return dict.fromkeys(("paid", "received", "threshold", "units_traded"))
        traded, spent, received = _by_side(mechanism)
        return {
            "units_traded": traded,
            "threshold": margin(mechanism),
            "paid": spent,
            "received": received,
        }


class PartnershipAddendum(Addendum):
    """Who is worst off, what is paid by type, and how much outside money a head takes."""

    title = "Partnership"
    keys = frozenset({"worst_off"})

    def further(self) -> list[Row]:
        """Return the types that gain least by parting."""
        mechanism = self.solution.mechanism
        if mechanism is None:
            return []
        scale = mechanism.environment.first_best
        said = {
            name: (in_figures(critical, ".6g"), in_figures(gain, ".6g", scale))
            for name, (critical, gain) in worst_off(mechanism).items()
        }
        return [
            ("worst off", text, f"the type of {who} that gains least, {gain}")
            for who, (text, gain) in runs_of(said)
        ]

    def table(self) -> Table | None:
        """Return who gets how much, and pays for it."""
        mechanism = self.solution.mechanism
        return None if mechanism is None else table_by_type(mechanism, "gets")

    def record(self, exact: ExactSolution | None) -> dict[str, Any]:
        """Return the types that gain least by parting."""
        del exact
        mechanism = self.solution.mechanism
        if mechanism is None:
            return {"worst_off": None}
        return {"worst_off": {name: own for name, (own, _) in worst_off(mechanism).items()}}


def margin(mechanism: Mechanism) -> float | None:
    """Return the least difference of value and cost at which a pair trades, in money.

    None where no pair does, a larger difference may go without trade, or rules are not by values.

    Examples
    --------
    >>> from mechopt import Market, TypeSpace, ex_ante_efficiency, solve
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> margin(solve(ex_ante_efficiency(Market(types, types))).mechanism)
    1.0
    """
    environment, rule = mechanism.environment, mechanism.allocation
    outcomes = environment.outcomes
    if not isinstance(rule, PointwiseRule) or not isinstance(outcomes, TwoSides):
        return None
    likely = int(np.argmax(rule.weights))
    sides: dict[bool, list[tuple[Any, Any]]] = {True: [], False: []}
    for agent, role, values in zip(
        environment.agents, outcomes.roles, rule.values[likely], strict=True
    ):
        pair = agent.types.mean, values
        if not any(np.array_equal(pair, known) for known in sides[role.gives]):
            sides[role.gives].append(pair)
    least, without = np.inf, -np.inf
    for cost, own_cost in sides[True]:
        for value, own_value in sides[False]:
            trades = own_value[None, :] > own_cost[:, None]
            difference = value[None, :] - cost[:, None]
            least = min(least, float(difference[trades].min(initial=np.inf)))
            without = max(without, float(difference[~trades].max(initial=-np.inf)))
    known = np.isfinite(least) and without <= least + SAME * environment.largest_type
    return least if known else None


def worst_off(mechanism: Mechanism) -> dict[str, tuple[float, float]]:
    """Return each agent's lowest type that gains least beyond what it has outside, and the gain.

    Examples
    --------
    >>> from mechopt import Partnership, TypeSpace, minimum_subsidy, solve
    >>> partners = Partnership(TypeSpace.finite([0, 1, 2]), [1, 0])
    >>> mechanism = solve(minimum_subsidy(partners)).mechanism
    >>> {name: own for name, (own, _) in worst_off(mechanism).items()}
    {'partner_1': 1.0, 'partner_2': 0.0}
    """
    found = {}
    for i, agent in enumerate(mechanism.environment.agents):
        types = agent.types
        ends = np.stack([types.lower, types.upper])
        gains = mechanism.utility[i] + (ends - types.mean) * mechanism.quantity[i]
        gains = gains - np.stack(agent.option_at_ends)
        scale = SAME * (mechanism.environment.first_best or 1.0)
        least = float(gains.min())
        found[agent.name] = float(ends[gains <= least + scale].min()), least + 0.0
    return found


def _by_side(mechanism: Mechanism) -> tuple[float, float, float]:
    """Return units traded, what buyers pay and what sellers receive, expected."""
    traded = spent = received = 0.0
    environment = mechanism.environment
    for role, mass, quantity, payment in zip(
        environment.outcomes.roles,
        environment.masses,
        mechanism.quantity,
        mechanism.payment,
        strict=True,
    ):
        if role.gives:
            traded -= float(mass @ quantity)
            received -= float(mass @ payment)
        else:
            spent += float(mass @ payment)
    return traded, spent, received
