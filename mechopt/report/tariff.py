"""What a report says of a seller's menu or a buyer's contract: how much for how much, by types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mechopt._util.rounding import in_figures
from mechopt._util.table import Table
from mechopt._util.text import in_words, runs_of
from mechopt.environments.procurement import ConcavePurchase
from mechopt.environments.screening import QuadraticQuality
from mechopt.mechanism.mechanism import Mechanism
from mechopt.problem.objectives import Revenue
from mechopt.report.addendum import Addendum
from mechopt.report.page import Row
from mechopt.report.words import in_money
from mechopt.solution import Solution

if TYPE_CHECKING:
    from mechopt.exact import ExactSolution

# With more entries, as many of them are shown, the first and the last among them.
MOST_SHOWN = 12
# Quantities are one, or none, if as close as a solver leaves them, relative to the largest.
SAME = 1e-7


@dataclass(frozen=True)
class Offer:
    """What types of an agent get or give, and for which money.

    Parameters
    ----------
    agent
        The agent's name.
    quantity
        Expected quantity, without its sign.
    payment
        What the agent pays on average; below zero what it receives.
    lowest, highest
        The types that choose it.
    probability
        That one of them is there.
    """

    agent: str
    quantity: float
    payment: float
    lowest: float
    highest: float
    probability: float


def offers(mechanism: Mechanism) -> tuple[Offer, ...]:
    """Return what the types of each agent choose from, by type; equal entries are put together.

    Examples
    --------
    >>> from mechopt import DesignProblem, Revenue, TypeSpace, solve
    >>> from mechopt.environments import Screening
    >>> buyer = Screening(TypeSpace.finite([1, 2, 3]), cost={"form": "quadratic"})
    >>> solution = solve(DesignProblem(buyer, Revenue(), budget="subsidised"), "direct")
    >>> for offer in offers(solution.mechanism):
    ...     print(offer.lowest, round(offer.quantity, 9), round(offer.payment, 9))
    1.0 0.0 0.0
    2.0 1.0 2.0
    3.0 3.0 8.0
    """
    found = []
    environment = mechanism.environment
    for agent, quantity, payment in zip(
        environment.agents, mechanism.quantity, mechanism.payment, strict=True
    ):
        types, amount = agent.types, np.abs(quantity)
        close = SAME * (float(amount.max()) or 1.0)
        ends = np.flatnonzero(np.abs(np.diff(amount)) > close) + 1
        for run in np.split(np.arange(types.num_cells), ends):
            nothing = amount[run].max() <= close
            mass = types.mass[run]
            found.append(
                Offer(
                    agent.name,
                    0.0 if nothing else float(mass @ amount[run] / mass.sum()),
                    float(mass @ payment[run] / mass.sum()) + 0.0,
                    float(types.lower[run[0]]),
                    float(types.upper[run[-1]]),
                    float(mass.sum()),
                )
            )
    return tuple(found)


class TariffAddendum(Addendum):
    """The menu of a solution, its profit, and which types are left out."""

    title = "Menu"
    table_title = "Menu"
    keys = frozenset({"profit", "menu", "excluded"})

    def __init__(self, solution: Solution) -> None:
        super().__init__(solution)
        mechanism = solution.mechanism
        self.offers = () if mechanism is None else offers(mechanism)

    @property
    def profit(self) -> float | None:
        """Expected payments less cost."""
        mechanism = self.solution.mechanism
        if mechanism is None:
            return None
        agents = zip(mechanism.environment.agents, mechanism.payment, strict=True)
        paid = sum(agent.types.expectation(payment) for agent, payment in agents)
        return float(paid) - mechanism.expected_cost

    @property
    def excluded(self) -> dict[str, float]:
        """The probability that an agent's type gets or gives nothing, by agent."""
        names = dict.fromkeys((offer.agent for offer in self.offers), 0.0)
        for offer in self.offers:
            names[offer.agent] += offer.probability if offer.quantity == 0.0 else 0.0
        return names

    def further(self) -> list[Row]:
        """Return the profit, and who is left out."""
        profit, environment = self.profit, self.solution.problem.environment
        if profit is None:
            return []
        scale = environment.first_best
        gives = environment.outcomes.roles[0].gives
        what = "benefit less what is paid" if gives else "payments less cost"
        rows: list[Row] = [("profit", in_money(profit, scale), what)]
        left_out = [offer for offer in self.offers if offer.quantity == 0.0]
        for offer in left_out:
            chance = in_figures(offer.probability, ".4g", 1.0)
            whose = in_words(offer.agent)
            rows.append(("left out", f"{whose} {_interval(offer)}", f"with probability {chance}"))
        if not left_out:
            rows.append(("left out", "nobody", ""))
        return rows

    def table(self) -> Table | None:
        """Return the menu, or some of its entries where there are many."""
        if not self.offers:
            return None
        environment = self.solution.problem.environment
        quantity, scale = environment.outcomes.roles[0].quantity_word, environment.first_best
        shown: list[Offer] = []
        for agent in environment.agents:
            own = [o for o in self.offers if o.agent == agent.name and o.quantity > 0.0]
            if len(own) > MOST_SHOWN:
                own = [own[k] for k in np.linspace(0, len(own) - 1, MOST_SHOWN).round().astype(int)]
            shown += own
        verb = environment.outcomes.roles[0].payment_verb
        sign = -1.0 if verb == "receives" else 1.0
        rows = [
            (
                in_words(offer.agent),
                _interval(offer),
                in_figures(offer.quantity, ".6g"),
                in_figures(sign * offer.payment, ".6g", scale),
                in_figures(sign * offer.payment / offer.quantity, ".6g", scale),
                in_figures(offer.probability, ".4g", 1.0),
            )
            for offer in shown
        ]
        return Table(("", "types", quantity, verb, "per unit", "probability"), rows)

    def remarks(self) -> list[tuple[str, str]]:
        """Return which quantity is best, and for whom a capacity binds."""
        return [*self._rule(), *self._capacity()]

    def _rule(self) -> list[tuple[str, str]]:
        """Return which quantity is best, where profit is what was maximised."""
        problem = self.solution.problem
        rule_is_known = self.solution.mechanism is not None and problem.is_interim
        if not (isinstance(problem.objective, Revenue) and rule_is_known):
            return []
        outcomes = problem.environment.outcomes
        values = [f"virtual {role.type_word}" for role in outcomes.roles]
        return [("rule", outcomes.rule_in_words(values, ""))]

    def _capacity(self) -> list[tuple[str, str]]:
        """Return which types get or give all that can be had, where that is not what is best."""
        mechanism = self.solution.mechanism
        outcomes = self.solution.problem.environment.outcomes
        if mechanism is None or not isinstance(outcomes, (QuadraticQuality, ConcavePurchase)):
            return []
        said, most = {}, outcomes.capacity
        for agent, quantity in zip(mechanism.environment.agents, mechanism.quantity, strict=True):
            types = agent.types
            wanted = np.abs(outcomes.wanted(types.mean) - most) > SAME * most
            bound = np.flatnonzero(wanted & (np.abs(quantity) >= most * (1.0 - SAME)))
            if bound.size:
                low, high = (
                    in_figures(float(end), ".6g")
                    for end in (types.lower[bound[0]], types.upper[bound[-1]])
                )
                said[agent.name] = low if low == high else f"{low} to {high}"
        return [
            (
                "capacity",
                f"{in_figures(most, '.6g')} is all that can be had, and binds {who} {which}",
            )
            for who, which in runs_of(said)
        ]

    def record(self, exact: ExactSolution | None) -> dict[str, Any]:
        """Return the profit, the menu, and how likely it is that nothing is chosen."""
        del exact
        menu = [
            {
                "agent": offer.agent,
                "outcome": {"quantity": offer.quantity},
                "payment": offer.payment,
                "probability": offer.probability,
                "types": [offer.lowest, offer.highest],
            }
            for offer in self.offers
        ]
        return {"profit": self.profit, "menu": menu, "excluded": self.excluded}


def _interval(offer: Offer) -> str:
    low, high = in_figures(offer.lowest, ".6g"), in_figures(offer.highest, ".6g")
    return low if low == high else f"{low} to {high}"
