"""Exact optima of static trade by virtual valuations: whole numbers in place of a program."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from mechopt._util.rationals import FractionArray, as_fraction, fraction_array
from mechopt.environments import NoPayoff, Outcomes
from mechopt.exact.virtual import Point, Side, TradeInIntegers, runs_of, sums_by_run
from mechopt.problem.budget import Budget
from mechopt.problem.incentives import InterimIncentives
from mechopt.problem.objectives import Welfare
from mechopt.problem.participation import InterimParticipation
from mechopt.problem.problem import DesignProblem
from mechopt.types import TypeSpace
from mechopt.types.exact import FractionCells
from mechopt.types.prices.hull import whole_numbers

PLAIN = (InterimIncentives, InterimParticipation)


def has_rule(problem: DesignProblem) -> bool:
    """Return whether an exact optimum follows from virtual valuations.

    It does for welfare of static trade with interim incentives and participation and a budget.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency, minimum_subsidy
    >>> trade = BilateralTrade(TypeSpace.finite([0, 1]), TypeSpace.finite([0, 1]))
    >>> has_rule(ex_ante_efficiency(trade)), has_rule(minimum_subsidy(trade))
    (True, False)
    """
    environment, objective = problem.environment, problem.objective
    if not _is_at_once(environment.outcomes) or not isinstance(objective, Welfare):
        return False
    own = [r for r in problem.all_requirements if not isinstance(r, PLAIN)]
    return (
        min(objective.weights) >= 0.0 < max(objective.weights)
        and problem.is_interim
        and environment.prior is None
        and problem.budget is not Budget.SUBSIDISED
        and not problem.prescribes_allocation
        and len(own) == 1  # the budget
        and len(problem.all_requirements) == 1 + len(PLAIN) * len(environment.agents)
        and all(isinstance(agent.outside_option, NoPayoff) for agent in environment.agents)
    )


def _is_at_once(outcomes: Outcomes) -> bool:
    """Return whether all that may happen is that one object changes hands, at once or never."""
    exchange = outcomes.exchange
    return (
        exchange is not None
        and not exchange.has_delay
        and outcomes.net_quantity.tolist() == [[-1.0], [1.0]]
        and [*outcomes.lower, *outcomes.upper] == [0.0, 1.0]
        and not outcomes.rows
        and not outcomes.cost.any()
    )


class Blocks(Mapping[str, FractionArray]):
    """Arrays of fractions by name, each made when it is first asked for."""

    def __init__(self, makers: Mapping[str, Callable[[], FractionArray]]) -> None:
        self._makers = makers
        self._made: dict[str, FractionArray] = {}

    def __getitem__(self, name: str) -> FractionArray:
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


@dataclass(frozen=True, eq=False)
class RuleOptimum:
    """An optimum, its mechanism and the multipliers that prove it, as in ``ExactSolution``."""

    objective: Fraction
    mechanism: Blocks
    multipliers: Blocks


def rule_optimum(problem: DesignProblem, *, binary: bool = False) -> RuleOptimum | None:
    """Return the exact optimum of a problem of which :func:`has_rule` is true.

    Parameters
    ----------
    problem
        The problem.
    binary
        Whether floats are taken as exactly what they are, not as the decimals they print as.

    Raises
    ------
    InvalidInputError
        If a type space is not known exactly.

    Returns
    -------
    RuleOptimum or None
        None where floats do not find the multiplier, or where the proof does not hold: the value
        of the mechanism, by its payments, is the bound that the multiplier proves.

    Notes
    -----
    Source: theory.md, section 3.5; Myerson and Satterthwaite (1983),
    doi:10.1016/0022-0531(83)90048-0.
    """
    objective = problem.objective
    assert isinstance(objective, Welfare)
    given = objective.weights if binary else objective.exact or objective.weights
    weights = [Fraction(weight) if binary else as_fraction(weight) for weight in given]
    cells = [
        _binary(agent.types) if binary else agent.in_fractions()
        for agent in problem.environment.agents
    ]
    giver, receiver = cells
    (whole_weights,) = whole_numbers(weights)
    unit = Fraction(sum(whole_weights)) / sum(weights, Fraction(0))
    money = whole_numbers(giver.mean, giver.upper, receiver.mean, receiver.lower)
    price = ratio_of(money, (giver.mean, giver.upper, receiver.mean, receiver.lower))
    masses = [whole_numbers(agent.mass)[0] for agent in cells]
    scale = price * unit
    for whole, agent in zip(masses, cells, strict=True):
        scale *= whole[0] / agent.mass[0]
    trade = TradeInIntegers(
        Side.of(masses[0], money[0], money[1], whole_weights[0], gives=True),
        Side.of(masses[1], money[2], money[3], whole_weights[1], gives=False),
        max(whole_weights),
    )
    try:
        found = trade.optimum()
    except (OverflowError, ZeroDivisionError):
        return None
    if found is None:
        return None
    point, share = found
    answer = Answer(trade, point, share, whole_weights)
    constant, slope = point.lines[0]
    if answer.value() != constant + Fraction(point.over, point.under) * slope:
        return None
    return RuleOptimum(
        answer.value() / scale,
        Blocks(answer.mechanism(problem, cells)),
        Blocks(answer.multipliers(problem, cells, unit, price)),
    )


def _binary(types: TypeSpace) -> FractionCells:
    """Return cells as exactly the fractions that their floats are."""
    parts = (types.mass, types.mean, types.lower, types.upper)
    return FractionCells(*(fraction_array(map(Fraction, part.tolist())) for part in parts))


def ratio_of(whole: Sequence[Sequence[int]], given: Sequence[FractionArray]) -> Fraction:
    """Return what fractions were multiplied by to make them whole."""
    for own, part in zip(whole, given, strict=True):
        for number, fraction in zip(own, part.tolist(), strict=True):
            if fraction:
                return Fraction(number / fraction)
    return Fraction(1)


@dataclass(frozen=True, eq=False)
class Answer:
    """A mixture of the two rules at one multiplier, and the payments that go with it."""

    trade: TradeInIntegers
    point: Point
    share: Fraction
    weights: list[int]

    def quantities(self) -> tuple[list[int], list[int]]:
        """Return masses with whom each type trades, times the share's denominator.

        The mass is that of the other side in whole numbers.
        """
        often, out_of = self.share.numerator, self.share.denominator
        givers, receivers = self.trade.giver.mass, self.trade.receiver.mass
        sold = [0] * (len(givers) + 1)
        below = [0, *accumulate(givers)]
        bought = []
        for first, last, mass in zip(self.point.first, self.point.last, receivers, strict=True):
            bought.append((out_of - often) * below[first] + often * below[last])
            sold[first] += (out_of - often) * mass
            sold[last] += often * mass
        return list(accumulate(reversed(sold)))[::-1][1:], bought

    def payments(self) -> tuple[list[int], list[int], int]:
        """Return what givers get and receivers pay at most, and what is left on average."""
        sold, bought = self.quantities()
        steps = [more - less for more, less in zip(bought, [0, *bought], strict=False)]
        ends, highest = self.trade.receiver.end, self.trade.giver.end
        paid = list(accumulate(low * step for low, step in zip(ends, steps, strict=True)))
        falls = [own - after for own, after in zip(sold, [*sold[1:], 0], strict=True)]
        gets = [high * fall for high, fall in zip(highest, falls, strict=True)]
        received = list(accumulate(reversed(gets)))[::-1]
        masses = self.trade.giver.mass, self.trade.receiver.mass
        left = sum(m * p for m, p in zip(masses[1], paid, strict=True))
        left -= sum(m * p for m, p in zip(masses[0], received, strict=True))
        return received, paid, left

    def value(self) -> Fraction:
        """Return the weighted welfare of the mechanism by its payments, in whole numbers' units."""
        sold, bought = self.quantities()
        received, paid, left = self.payments()
        givers, receivers = self.trade.giver, self.trade.receiver
        utilities = (
            sum(
                m * (got - cost * q)
                for m, got, cost, q in zip(givers.mass, received, givers.mean, sold, strict=True)
            ),
            sum(
                m * (worth * q - pays)
                for m, worth, q, pays in zip(
                    receivers.mass, receivers.mean, bought, paid, strict=True
                )
            ),
        )
        total = sum(w * u for w, u in zip(self.weights, utilities, strict=True))
        return Fraction(total + self.trade.largest * left, self.share.denominator)

    def mechanism(
        self, problem: DesignProblem, cells: Sequence[FractionCells]
    ) -> dict[str, Callable[[], FractionArray]]:
        """Return the makers of the mechanism's blocks."""
        names = [agent.name for agent in problem.environment.agents]

        def outcome() -> FractionArray:
            kinds = fraction_array([Fraction(0), self.share, Fraction(1)])
            place = np.arange(len(self.trade.giver.mass))[:, None]
            which = (place < np.array(self.point.first)).astype(np.intp)
            which += place < np.array(self.point.last)
            return kinds[which]

        def quantity(i: int) -> FractionArray:
            other = cells[1 - i].mass
            unit = self.share.denominator * (self._mass(1 - i)[0] / other[0])
            sign = -1 if i == 0 else 1
            return _divided(self.quantities()[i], sign * unit)

        def payment(i: int) -> FractionArray:
            received, paid, left = self.payments()
            other = cells[1 - i]
            unit = self.share.denominator * (self._mass(1 - i)[0] / other.mass[0])
            unit *= self._price(cells)
            result = _divided((received, paid)[i], -unit if i == 0 else unit)
            if self.weights.index(self.trade.largest) == i:
                own = self._mass(i)[0] / cells[i].mass[0]
                # Masses that are floats need not sum to one.
                result -= Fraction(left) / (unit * own * sum(cells[i].mass))
            return result

        (variable,) = problem.environment.outcomes.variables
        makers: dict[str, Callable[[], FractionArray]] = {variable: outcome}
        for i, name in enumerate(names):
            makers[f"{name}_quantity"] = lambda i=i: quantity(i)  # type: ignore[misc]
            makers[f"{name}_payment"] = lambda i=i: payment(i)  # type: ignore[misc]
        return makers

    def _mass(self, i: int) -> list[int]:
        return (self.trade.giver, self.trade.receiver)[i].mass

    def _price(self, cells: Sequence[FractionCells]) -> Fraction:
        sides = (self.trade.giver, self.trade.receiver)
        return ratio_of(
            [side.mean for side in sides] + [side.end for side in sides],
            [*(agent.mean for agent in cells), cells[0].upper, cells[1].lower],
        )

    def multipliers(
        self,
        problem: DesignProblem,
        cells: Sequence[FractionCells],
        unit: Fraction,
        price: Fraction,
    ) -> dict[str, Callable[[], FractionArray]]:
        """Return the makers of the multipliers, with the signs of :class:`mechopt.Solution`."""
        total = Fraction(self.point.over, self.point.under) / unit
        makers: dict[str, Callable[[], FractionArray]] = {"budget": lambda: fraction_array([total])}
        for i, (agent, own) in enumerate(zip(problem.environment.agents, cells, strict=True)):
            makers |= self._of_agent(i, agent.name, own, total, unit, price)
        return makers

    def _of_agent(
        self,
        i: int,
        name: str,
        agent: FractionCells,
        total: Fraction,
        unit: Fraction,
        price: Fraction,
    ) -> dict[str, Callable[[], FractionArray]]:
        gives, size = i == 0, len(agent.mass)
        side = (self.trade.giver, self.trade.receiver)[i]
        share = total - Fraction(self.weights[i]) / unit
        values = side.values(self.point.over, self.point.under)
        scale = self.point.under * unit * price * (side.mass[0] / agent.mass[0])
        wide = agent.upper[-1 if gives else 0] > agent.lower[-1 if gives else 0]
        binding = "upper" if gives and wide else "lower"

        def nothing(length: int) -> FractionArray:
            return fraction_array([Fraction(0)] * length)

        def passing() -> FractionArray:
            order = agent.mass[:-1] if gives else agent.mass[:0:-1]
            sums = list(accumulate(order.tolist()))
            return fraction_array(share * m for m in (sums if gives else reversed(sums)))

        def participation() -> FractionArray:
            result = nothing(size)
            result[-1 if gives else 0] = share * sum(agent.mass)
            return result

        def levels() -> list[Fraction]:
            runs = runs_of(values, side.mass)
            averages = (
                Fraction(v, m)
                for v, m in zip(
                    sums_by_run(values, runs), sums_by_run(side.mass, runs), strict=True
                )
            )
            widths = (b - a for a, b in pairwise(runs))
            return [
                average * m
                for average, m in zip(
                    (a for a, width in zip(averages, widths, strict=True) for _ in range(width)),
                    side.mass,
                    strict=True,
                )
            ]

        def definition() -> FractionArray:
            return fraction_array(-level / scale for level in levels())

        def monotonicity() -> FractionArray:
            rest = (value - level for value, level in zip(values, levels(), strict=True))
            return fraction_array(left / scale for left in list(accumulate(rest))[:-1])

        other = "lower" if binding == "upper" else "upper"
        return {
            f"{name}_quantity": definition,
            f"{name}_ic_up": passing if gives else lambda: nothing(size - 1),
            f"{name}_ic_down": (lambda: nothing(size - 1)) if gives else passing,
            f"{name}_monotonicity": monotonicity,
            f"{name}_participation_{binding}": participation,
            f"{name}_participation_{other}": lambda: nothing(size),
        }


def _divided(values: Sequence[Any], by: Fraction) -> FractionArray:
    over, under = by.denominator, by.numerator
    return fraction_array(Fraction(over * value, under) for value in values)
