"""What a report says of auctions: revenue, reserve prices, how likely a sale is, who wins when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mechopt._util.rounding import in_figures
from mechopt._util.table import Table
from mechopt._util.text import runs_of
from mechopt.environments.auction import IdenticalGoods
from mechopt.mechanism import allocation
from mechopt.mechanism.mechanism import Mechanism
from mechopt.problem.objectives import Revenue
from mechopt.report.addendum import Addendum
from mechopt.report.by_type import table_by_type
from mechopt.report.page import Row
from mechopt.report.words import in_money
from mechopt.types.virtual_values import ironed, virtual_value

if TYPE_CHECKING:
    from mechopt.exact import ExactSolution

# A chance below this is none in a solver's table: what it may leave of zero.
NO_CHANCE = 1e-9


class AuctionAddendum(Addendum):
    """What there is to say of an auction beyond what is said of every environment."""

    title = "Auction"
    keys = frozenset({"revenue", "reserve", "probability_of_sale", "units_sold"})

    def further(self) -> list[Row]:
        """Return revenue and reserve prices."""
        mechanism = self.solution.mechanism
        if mechanism is None:
            return []
        revenue, cost = revenue_of(mechanism), mechanism.expected_cost
        scale = mechanism.environment.first_best
        rows: list[Row] = []
        if cost or not isinstance(self.solution.problem.objective, Revenue):
            profit = in_figures(revenue - cost, scale=scale)
            remark = f"; {profit} net of the seller's value" if cost else ""
            rows.append(("revenue", in_money(revenue, scale), f"paid by the bidders{remark}"))
        texts: dict[str, tuple[str, str]] = {}
        for agent, price in zip(
            mechanism.environment.agents, reserves(mechanism).values(), strict=True
        ):
            text = "never wins" if price is None else in_figures(price, ".9g")
            of_cell = price is not None and not agent.types.is_finite
            texts[agent.name] = text, ", to a cell: this is its lower end" if of_cell else ""
        heads = ["reserve price", *[""] * len(texts)]
        for head, (names, (text, to_a_cell)) in zip(heads, runs_of(texts), strict=False):
            rows.append((head, text, f"the lowest type of {names} that may win{to_a_cell}"))
        return rows

    def table(self) -> Table | None:
        """Return who wins how often and pays how much."""
        mechanism = self.solution.mechanism
        if mechanism is None:
            return None
        agents = mechanism.environment.agents
        if not mechanism.environment.independent:
            # What a type brings then hangs on what the others are.
            return table_by_type(mechanism, "wins")
        virtual = [ironed(virtual_value(agent.types), agent.types.mass) for agent in agents]
        return table_by_type(mechanism, "wins", ("virtual value", virtual))

    def remarks(self) -> list[tuple[str, str]]:
        """Return who wins, where revenue is what was maximised."""
        solution = self.solution
        rule_is_known = solution.mechanism is not None and solution.problem.is_interim
        if not (isinstance(solution.problem.objective, Revenue) and rule_is_known):
            return []
        environment = solution.problem.environment
        values = ["virtual value"] * len(environment.agents)
        return [("rule", environment.outcomes.rule_in_words(values, ""))]

    def record(self, exact: ExactSolution | None) -> dict[str, Any]:
        """Return revenue, reserve prices, and how many units are sold."""
        del exact
        mechanism = self.solution.mechanism
        if mechanism is None:
            return dict.fromkeys(sorted(self.keys))
        outcomes = mechanism.environment.outcomes
        assert isinstance(outcomes, IdenticalGoods)
        sold = float(sum(units_sold(mechanism)))
        single = min(outcomes.units, outcomes.num_agents) == 1
        return {
            "revenue": revenue_of(mechanism),
            "reserve": reserves(mechanism),
            "probability_of_sale": sold if single else None,
            "units_sold": sold,
        }


def revenue_of(mechanism: Mechanism) -> float:
    """Return what all agents pay in expectation, in money.

    Examples
    --------
    >>> from mechopt import Auction, DesignProblem, Revenue, TypeSpace, solve
    >>> auction = Auction(TypeSpace.finite([1, 2, 3, 4, 5, 6]), count=2, seller_value=1)
    >>> solution = solve(DesignProblem(auction, Revenue(), budget="no-deficit"))
    >>> round(revenue_of(solution.mechanism) - solution.objective, 9)  # times the seller's value
    0.75
    """
    agents = zip(mechanism.environment.agents, mechanism.payment, strict=True)
    return float(sum(agent.types.expectation(paid) for agent, paid in agents))


def units_sold(mechanism: Mechanism) -> Sequence[float]:
    """Return how many units each agent gets in expectation."""
    agents = zip(mechanism.environment.agents, mechanism.quantity, strict=True)
    return [agent.types.expectation(quantity) for agent, quantity in agents]


def reserves(mechanism: Mechanism) -> dict[str, float | None]:
    """Return for each agent the lowest type that may win, in money; None where none does.

    Of a cell of types, that is its lower end.

    Examples
    --------
    >>> from mechopt import Auction, DesignProblem, Revenue, TypeSpace, solve
    >>> auction = Auction(TypeSpace.finite([1, 2, 3, 4, 5, 6]), count=2)
    >>> solution = solve(DesignProblem(auction, Revenue(), budget="no-deficit"))
    >>> reserves(solution.mechanism)
    {'bidder_1': 4.0, 'bidder_2': 4.0}
    """
    found: dict[str, float | None] = {}
    # Rules leave exact zeros, and among many bidders small chances that are none the less some.
    solved = isinstance(mechanism.allocation, allocation.Table)
    written_out = isinstance(mechanism.allocation, allocation.WrittenOut)
    least = NO_CHANCE if solved and not written_out else 0.0
    for agent, quantity in zip(mechanism.environment.agents, mechanism.quantity, strict=True):
        may_win = np.flatnonzero(quantity > least)
        found[agent.name] = float(agent.types.lower[may_win[0]]) if may_win.size else None
    return found
