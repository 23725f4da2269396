"""What a report says of one agent alone: the menu that it chooses from, and simpler ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt._util.rounding import in_figures
from mechopt._util.table import Table
from mechopt._util.text import in_words
from mechopt.environments.goods import FINITE, SeveralGoods
from mechopt.mechanism.mechanism import Mechanism
from mechopt.report.addendum import Addendum
from mechopt.report.words import in_percent, share_of
from mechopt.solution import Solution
from mechopt.studies.simple_prices import one_price, price_of_the_bundle, separate_prices

if TYPE_CHECKING:
    from mechopt.exact import ExactSolution

LONGEST_MENU = 12
# Entries of a menu are one if all their numbers are as close as a solver leaves them.
SAME = 1e-7


@dataclass(frozen=True, eq=False)
class Entry:
    """What an agent can have, and for which money.

    Parameters
    ----------
    outcome : array of shape (num_variables,)
        Its variables.
    payment
        What it costs, in money.
    types
        Positions of the types that choose it.
    probability
        That one of them is there.
    """

    outcome: FloatArray
    payment: float
    types: tuple[int, ...]
    probability: float


def menu(mechanism: Mechanism) -> tuple[Entry, ...]:
    """Return what the types of a mechanism for one agent choose from, by payment.

    Types that get the same for the same money, up to what a solver leaves, share an entry.

    Examples
    --------
    >>> from mechopt import DesignProblem, Goods, Revenue, solve
    >>> problem = DesignProblem(Goods([[1, 0], [0, 2], [3, 3]]), Revenue(), budget="subsidised")
    >>> for entry in menu(solve(problem).mechanism):
    ...     print(entry.outcome.round(6), round(entry.payment, 6), entry.types)
    [0.5 0. ] 0.5 (0,)
    [0. 1.] 2.0 (1,)
    [1. 1.] 5.0 (2,)
    """
    environment = mechanism.environment
    outcomes = mechanism.allocation.dense(environment).T
    payments, mass = mechanism.payment[0], environment.masses[0]
    scale = environment.payoff_scale
    found: list[list[int]] = []
    for k in np.lexsort((*outcomes.T, payments)):
        for entry in reversed(found):
            first = entry[0]
            if abs(payments[k] - payments[first]) > SAME * scale:
                continue
            if np.abs(outcomes[k] - outcomes[first]).max() <= SAME:
                entry.append(int(k))
                break
        else:
            found.append([int(k)])
    return tuple(
        Entry(
            outcomes[entry[0]] + 0.0,
            float(payments[entry[0]]) + 0.0,
            tuple(sorted(entry)),
            float(mass[entry].sum()),
        )
        for entry in found
    )


class MenuAddendum(Addendum):
    """The menu of a solution for one agent, and what simpler menus earn.

    Parameters
    ----------
    solution
        For one agent.
    """

    title = "One agent"
    table_title = "Menu"
    keys = frozenset({"revenue", "menu", "types", "separate", "bundle", "uniform"})

    def __init__(self, solution: Solution) -> None:
        super().__init__(solution)
        mechanism = solution.mechanism
        self.entries = () if mechanism is None else menu(mechanism)
        self.simple = simple_menus(solution)

    def table(self) -> Table | None:
        """Return the menu."""
        if not self.entries:
            return None
        environment = self.solution.problem.environment
        names = [in_words(name) for name in environment.outcomes.variables]
        types = environment.agents[0].types
        rows: list[tuple[str, ...]] = []
        for number, entry in enumerate(self.entries[:LONGEST_MENU]):
            some = ", ".join(types.label(k) for k in entry.types[:3])
            more = f", and {len(entry.types) - 3} more" if len(entry.types) > 3 else ""
            figures = [in_figures(value, ".6g", 1.0) for value in entry.outcome]
            paid = in_figures(entry.payment, ".6g", environment.payoff_scale)
            chance = in_figures(entry.probability, ".4g", 1.0)
            rows.append((f"menu {number + 1}", *figures, paid, chance, f"{some}{more}"))
        if len(self.entries) > LONGEST_MENU:
            rows.append((f"and {len(self.entries) - LONGEST_MENU} more",))
        return Table(("", *names, "payment", "chosen with", "by types"), rows)

    def remarks(self) -> list[tuple[str, str]]:
        """Return that types are finite, and what simpler menus earn."""
        revenue = self.revenue
        if revenue is None:
            return []
        remarks = [("continuum", FINITE)]
        for name, (earned, prices) in self.simple.items():
            part = in_percent(share_of(earned, revenue), "of it")
            text = f"{in_figures(earned)} at {' and '.join(map(in_figures, prices))}"
            remarks.append((name, f"revenue {text}{', ' if part else ''}{part}"))
        return remarks

    @property
    def revenue(self) -> float | None:
        """Expected payments less cost."""
        mechanism = self.solution.mechanism
        if mechanism is None:
            return None
        paid = float(mechanism.environment.masses[0] @ mechanism.payment[0])
        return paid - mechanism.expected_cost

    def record(self, exact: ExactSolution | None) -> dict[str, Any]:
        """Return the revenue, the menu, and what simpler ones earn."""
        del exact
        environment = self.solution.problem.environment
        variables, types = environment.outcomes.variables, environment.agents[0].types
        entries = [
            {
                "outcome": dict(zip(variables, entry.outcome.tolist(), strict=True)),
                "payment": entry.payment,
                "probability": entry.probability,
                "types": [types.label(k) for k in entry.types],
            }
            for entry in self.entries
        ]
        simple = {f"{name.split()[0]}": earned for name, (earned, _) in self.simple.items()}
        return {"revenue": self.revenue, "menu": entries, "types": [FINITE], **simple}


def simple_menus(solution: Solution) -> dict[str, tuple[float, tuple[float, ...]]]:
    """Return what separate prices and a price of the bundle earn, with the prices, by name."""
    environment = solution.problem.environment
    outcomes = environment.outcomes
    if not isinstance(outcomes, SeveralGoods):
        return {}
    if outcomes.count == 1:
        return {}
    if outcomes.demand == "unit":
        priced = {"uniform price": one_price(environment)}
    else:
        priced = {
            "separate prices": separate_prices(environment),
            "bundle price": price_of_the_bundle(environment),
        }
    return {name: (menu.revenue, menu.prices) for name, menu in priced.items()}
