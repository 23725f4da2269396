"""The usual mechanisms of an environment side by side, for one prior."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt._util.rounding import in_figures, told_apart, violation_in_words
from mechopt._util.table import Table, Tabular
from mechopt._util.text import in_words
from mechopt.backends.direct import Direct
from mechopt.environments import Environment
from mechopt.environments.kinds import declared_by, kind_of, kinds
from mechopt.errors import InvalidInputError, require
from mechopt.problem.problem import DesignProblem
from mechopt.problem.usual import ex_ante_efficiency
from mechopt.studies.comparison_rows import (
    ComparisonRow,
    fine_enough,
    first_best_row,
    of_price,
    optimum_over_cells,
    optimum_over_continuum,
)
from mechopt.studies.data_remarks import DataRemarks
from mechopt.studies.offers import best_posted_price, require_exchange, take_it_or_leave_it
from mechopt.studies.sealed_offers import linear_equilibrium
from mechopt.types.foreign import budget

__all__ = ["Comparison", "ComparisonRow", "compare"]

OF_CONTINUUM = "every row is about the continuum, not about cells of it"
BY_MEANS = "cells of a sample stand for their means, in every row"
# Digits of money that tables show: so many significant ones of the first best.
DIGITS = 4
# Where all rows differ by less, relative to the first best, so many of what they differ by; a
# difference below the second is rounding.
NEAR, ROUNDED = 1e-3, 1e-10
# What stands where there is no number.
NONE = "\N{EN DASH}"
MEANS_NONE = (
    f"{NONE} is no number: the first best names no payments, so no utilities; of others a remark "
    "says why"
)
# Of more agents, those that differ by a number share a column.
MOST_COLUMNS = 3


@dataclass(frozen=True)
class Comparison(Tabular):
    """Common mechanisms for one prior, one row each, the first best first.

    Parameters
    ----------
    rows
        The rows.
    agents
        Names of the agents.
    delayed
        Whether trade may be delayed, so that the two sides' probabilities of trade differ.
    title, unit
        What to call the problem, and what money is measured in.
    note
        What question all rows answer, where there is more than one that they could.
    data
        What there is to know of the samples behind the priors.
    with_profit
        Whether rows say what is paid beyond the cost, rather than how likely trade is.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, compare
    >>> types = TypeSpace.finite([1, 2, 3])
    >>> table = compare(BilateralTrade(types, types))
    >>> row = table.row("best posted price")
    >>> row.price, round(table.share(row), 3), table.passed
    (2.0, 1.0, True)
    """

    rows: tuple[ComparisonRow, ...]
    agents: tuple[str, ...]
    delayed: bool = False
    title: str = ""
    unit: str = "money"
    note: str = ""
    data: DataRemarks | None = None
    with_profit: bool = False

    @property
    def passed(self) -> bool:
        """Whether no mechanism failed its audit."""
        return all(row.passed is not False for row in self.rows)

    @property
    def first_best(self) -> float:
        """All gains from trade, expected, in money."""
        return float(self.rows[0].total or 0.0)

    def row(self, name: str) -> ComparisonRow:
        """Return the row of a name.

        Raises
        ------
        InvalidInputError
            If there is none.
        """
        for row in self.rows:
            if row.name == name:
                return row
        raise InvalidInputError(
            "no such row",
            where="name",
            expected="one of: " + "; ".join(row.name for row in self.rows),
            got=repr(name),
            remedy="Use a name as it stands in the table.",
        )

    def share(self, row: ComparisonRow) -> float | None:
        """Return a row's share of the first best; None where there are no gains to share."""
        of = self.first_best if row.first_best is None else row.first_best
        return None if row.total is None or of <= 0 else row.total / of

    def to_dict(self) -> dict[str, Any]:
        """Return plain values: title, unit, note, and a list of rows."""
        return {
            "title": self.title,
            "unit": self.unit,
            "note": self.note,
            "rows": [
                {
                    "mechanism": row.name,
                    "total": row.total,
                    "share_of_first_best": self.share(row),
                    **({"profit": row.profit} if self.with_profit else {}),
                    "utilities": None if row.utilities is None else dict(row.utilities),
                    "trade": None if row.trade is None else dict(row.trade),
                    "price": row.price,
                    "remark": row.remark,
                    "max_violation": row.max_violation,
                    "passed": row.passed,
                    "error": row.error,
                }
                for row in self.rows
            ],
            **({} if self.data is None else self.data.record()),
        }

    def table(self) -> Table:
        """Return the table, with the remarks and the verdict of the audits below it."""
        header, cells = self._cells()
        # One reason of several rows is said once.
        said: dict[str, list[str]] = {}
        for row in self.rows:
            if row.remark:
                said.setdefault(row.remark, []).append(row.name)
        remarks = [f"{'; '.join(names)}: {remark}" for remark, names in said.items()]
        remarks = [*([self.note] if self.note else []), *remarks]
        if any(NONE in line for line in cells):
            remarks.append(MEANS_NONE)
        remarks += [] if self.data is None else self.data.sentences()
        failed = [f"{row.name}: audit FAILED" for row in self.rows if row.passed is False]
        largest = max((row.max_violation or 0.0 for row in self.rows), default=0.0)
        return Table(
            header,
            cells,
            *self._values(),
            record=self.to_dict(),
            title=self.title,
            head=[] if self.unit == "money" else [f"money in {self.unit}"],
            remarks=[*remarks, *(failed or [f"audits passed ({violation_in_words(largest)})"])],
        )

    def __str__(self) -> str:
        return self.to_text().rstrip()

    def _values(self) -> tuple[list[str], list[list[Any]]]:
        """Return names and values of the columns for programs."""
        names = [*self.agents, *(f"{name}_trade" for name in self.agents)]
        profit = ["profit"] if self.with_profit else []
        columns = ["mechanism", "total", "share_of_first_best", *profit, *names, "price", "error"]
        rows: list[list[Any]] = []
        for row in self.rows:
            parts = [(part or {}).get(name) for part in (row.utilities, row.trade)
                     for name in self.agents]  # fmt: skip
            error = None if row.total is None else row.error
            own = [row.profit] if self.with_profit else []
            numbers = [row.total, self.share(row), *own, *parts, row.price, error]
            rows.append([row.name, *numbers, row.remark])
        return [*columns, "remark"], rows

    def _decimals(self) -> int:
        """Return how many decimals tell rows apart, also where all are far from zero."""
        scale = self.first_best
        if scale <= 0:
            return DIGITS
        totals = [row.total for row in self.rows if row.total is not None]
        spread = max(totals) - min(totals)
        if ROUNDED * scale < spread < NEAR * scale:
            scale = spread
        return max(0, DIGITS - 1 - math.floor(math.log10(scale)))

    def _cells(self) -> tuple[list[str], list[list[str]]]:
        """Return the header and the rows as texts."""
        scale = self.first_best
        decimals = self._decimals()
        kinds = [f"{in_words(name)}'s trade" for name in self.agents] if self.delayed else ["trade"]
        kinds = [] if self.with_profit else kinds
        groups = _groups(self.agents, MOST_COLUMNS if self.with_profit else len(self.agents))
        own = ["profit"] if self.with_profit else []
        header = ["", "total gains", "of first best", *own, *groups, *kinds]
        rows = []
        for row in self.rows:
            share = self.share(row)
            each = row.utilities
            utilities = [
                sum(each[name] for name in names) if each and each.keys() >= set(names) else None
                for names in groups.values()
            ]
            if self.with_profit:
                utilities.insert(0, row.profit)
            trades = [(row.trade or {}).get(name) for name in self.agents][: len(kinds)]
            rows.append([
                row.name,
                _fixed(row.total, decimals, scale),
                "" if share is None else f"{in_figures(100 * share, '.2f', 100.0)} %",
                *(_fixed(value, decimals, scale) for value in utilities),
                *(_fixed(value, 4, 1.0) for value in trades),
            ])  # fmt: skip
            rows[-1] = [cell or NONE for cell in rows[-1]]
        return header, rows


def compare(problem: DesignProblem | Environment) -> Comparison:
    r"""Return the usual mechanisms of an environment side by side, beside its optimum.

    For bilateral trade the rows are the first best; the second best (equal weights); the best
    posted price; the take-it-or-leave-it offer of each side, and of either with probability one
    half; the double auction at the price halfway between offers, where its linear equilibrium is
    known; and the two ends of the ex ante frontier. Prices and offers mean trade at once, also
    where it could be delayed.

    Other environments have the first best, the largest profit and the second best, and what they
    are known for: auctions at the second and at the first price and posted prices; separate prices
    and a price of the bundle; pivotal mechanisms, those of Arrow and of d'Aspremont and
    Gérard-Varet, equal shares of a cost; trade reduction and posted prices in markets; one quality
    or a two-part tariff in place of a menu; lots at the second price, split awards and cost plus in
    procurement. Each is a function of :mod:`mechopt.known_mechanisms`.

    Parameters
    ----------
    problem
        An environment of bilateral trade, with or without delay, or of a kind that has such
        mechanisms. Of a design problem only the environment matters: the rows have objectives of
        their own.

    Returns
    -------
    Comparison
        Every mechanism over the cells is audited: outcomes, incentives, participation, budget.

    Raises
    ------
    InvalidInputError, UnsupportedProblemError
        For other environments, and outside options.

    Notes
    -----
    All rows answer one question. In bilateral trade with a continuous prior they are all about the
    continuum (elsewhere, about mechanisms over the cells, which are some of the continuum's): what
    its cells are does not matter, and what is optimal is the best mechanism known, over as many
    cells as it takes, or one of the other rows. Cells of a sample, whose types within are not kept,
    all stand for their means. An offerer who is indifferent asks for more in an offer; at an end of
    the frontier ties can be broken otherwise, which changes what the other side gets.

    Sources: theory.md, sections 3.5, 3.7 and 3.10; Myerson and Satterthwaite (1983); Chatterjee and
    Samuelson (1983); Williams (1987).

    Examples
    --------
    >>> from scipy import stats
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> half = TypeSpace.from_distribution(stats.uniform(0, 1), 400)
    >>> table = compare(BilateralTrade(half, half))
    >>> round(table.row("second best").total, 4), round(table.row("best posted price").total, 4)
    (0.1406, 0.125)
    >>> print(*table.to_text().splitlines()[:5], sep="\n")
                                        total gains  of first best  seller   buyer   trade
    --------------------------------------------------------------------------------------
    first best                               0.1667       100.00 %       –       –  0.5000
    second best                              0.1406        84.38 %  0.0703  0.0703  0.2812
    best posted price                        0.1250        75.00 %  0.0625  0.0625  0.2500
    """
    require(
        problem,
        (DesignProblem, Environment),
        where="problem",
        remedy="Pass an environment, or a problem stated for one.",
    )
    environment = problem.environment if isinstance(problem, DesignProblem) else problem
    with budget():
        if environment.outcomes.exchange is not None:
            return _of_exchange(environment)
        found = _by_kind(environment)
    if found is None:
        compared = [name for name, entry in kinds().items() if entry.compare]
        raise InvalidInputError(
            "no usual mechanisms are known of this kind of environment",
            where="problem",
            expected=f"bilateral trade, with or without delay, or {', '.join(compared)}",
            got=type(environment.outcomes).__name__
            + ("" if environment.independent else ", under a joint prior"),
            remedy="Solve it with mechopt.solve, under one objective after another.",
        )
    return found


def _by_kind(environment: Environment) -> Comparison | None:
    """Return the comparison that the kind of an environment declares; None if none does."""
    kind = kind_of(environment)
    if kind is None or not kind.compare:
        return None
    found: Comparison | None = declared_by(kind.compare)(environment)
    return found


def _of_exchange(trade: Environment) -> Comparison:
    exchange = require_exchange(trade)
    Direct().require(ex_ante_efficiency(trade))
    names = (trade.agents[0].name, trade.agents[1].name)
    note = ""
    if any(not a.types.is_finite and a.types.prior is None for a in trade.agents):
        agents = tuple(
            a if a.types.prior is not None else replace(a, types=a.types.at_means())
            for a in trade.agents
        )
        trade, note = Environment(agents, trade.outcomes), BY_MEANS
    posted = best_posted_price(trade)
    types = np.concatenate([agent.types.mean for agent in trade.agents])
    price, low, high = (
        _price(value, types) for value in (posted.price, posted.lowest, posted.highest)
    )
    span = f"; so does every price from {low} to {high}" if low != high else ""
    remark = f"{price} does it{span}" if posted.expected.total > 0 else "no price brings gains"
    price_row = of_price("best posted price", posted.mechanism, posted.expected)
    offers = [
        of_price(f"{role.name}'s take-it-or-leave-it offer", made.mechanism, made.expected)
        for role, made in (
            (role, take_it_or_leave_it(trade, role.name)) for role in trade.outcomes.roles
        )
    ]
    known = [
        replace(price_row, price=posted.price, remark=remark),
        *offers,
        _half_of_each(offers),
        _halfway(trade),
    ]
    ends = [
        (f"frontier, all weight on the {role.name}", weights)
        for role, weights in zip(trade.outcomes.roles, ((1.0, 0.0), (0.0, 1.0)), strict=True)
    ]
    optimal, over = optimum_over_cells, trade
    if trade.has_continuum:
        note = "; ".join(part for part in (OF_CONTINUUM, note) if part)
        optimal, over = partial(optimum_over_continuum, known=known), fine_enough(trade)
    rows = [
        first_best_row(trade),
        optimal("second best", over, (1.0, 1.0)),
        *known,
        *(optimal(name, over, weights) for name, weights in ends),
    ]
    return Comparison(tuple(rows), names, exchange.has_delay, note=note)


def _price(value: float, types: FloatArray) -> str:
    """Return a price in figures that tell it from the types next to it."""
    next_to_it = types[np.argsort(np.abs(types - value), kind="stable")[:4]]
    return told_apart(value, *next_to_it.tolist(), digits=9)


def _half_of_each(offers: Sequence[ComparisonRow]) -> ComparisonRow:
    """Return the row of a fair coin that says, in public, which side makes the offer."""

    def mean(parts: Sequence[Mapping[str, float] | None]) -> dict[str, float]:
        known = [part for part in parts if part is not None]
        return {name: sum(part[name] for part in known) / len(known) for name in known[0]}

    violations = [row.max_violation or 0.0 for row in offers]
    return ComparisonRow(
        "random offerer",
        sum(row.total or 0.0 for row in offers) / len(offers),
        mean([row.utilities for row in offers]),
        mean([row.trade for row in offers]),
        max_violation=max(violations),
        passed=all(row.passed for row in offers),
        error=max(row.error for row in offers),
    )


def _halfway(trade: Environment) -> ComparisonRow:
    """Return the row of the double auction at any two uniform priors."""
    name = "halfway double auction"
    priors = [agent.types.prior for agent in trade.agents]
    if any(prior is None or prior.uniform_on is None for prior in priors):
        remark = "no linear equilibrium known for these priors (it is for two uniform ones)"
        return ComparisonRow(name, None, remark=remark)
    return replace(linear_equilibrium(trade).row(), name=name, remark="in its linear equilibrium")


def _groups(agents: Sequence[str], most: int) -> dict[str, list[str]]:
    """Return the agents of each column: one each, or all that differ by a number where many do."""
    if len(agents) <= most:
        return {in_words(name): [name] for name in agents}
    found: dict[str, list[str]] = {}
    for name in agents:
        stem, _, number = name.rpartition("_")
        found.setdefault(stem if stem and number.isdigit() else name, []).append(name)
    return {
        in_words(f"{len(names)} {stem}s together" if len(names) > 1 else names[0]): names
        for stem, names in found.items()
    }


def _fixed(value: float | None, decimals: int, scale: float) -> str:
    return "" if value is None else in_figures(value, f".{decimals}f", scale)
