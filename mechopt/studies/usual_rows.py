"""Rows of comparisons for any environment: the first best, an optimum, an audited mechanism."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar, Unpack

import numpy as np

from mechopt import backends
from mechopt._util.arrays import FloatArray
from mechopt._util.rounding import in_figures
from mechopt._util.text import in_words
from mechopt.environments import Environment, Outcomes
from mechopt.errors import InvalidInputError, MechoptError
from mechopt.mechanism.mechanism import Mechanism
from mechopt.problem.counts import has_counts_form
from mechopt.problem.problem import DesignProblem
from mechopt.problem.usual import Required, ex_ante_efficiency, largest_revenue
from mechopt.solution import Termination
from mechopt.studies.comparison import Comparison, ComparisonRow
from mechopt.studies.identical import treated_unlike
from mechopt.verify.audit import audit

# Programs over more profiles than this are not built for a row of a table.
MOST_PROFILES = 20_000
# Pairs of types in all profiles of the others, up to which dominant incentives are audited.
MOST_PAIRS = 8_000_000
# Of larger numbers of profiles, floats know nothing.
MOST_WRITTEN_OUT = 10**300
# The row of what a file asks for.
OWN = "optimum of the file"
# Rows whose numbers differ by no more than this, in first bests, are alike.
ALIKE = 1e-7
# A type that would gain no more than this by staying out, in first bests, takes part.
ROUNDING = 1e-9
OVER_CELLS = (
    "every mechanism is one over the cells, whose types are treated alike; what is paid under it "
    "may differ from the continuum's by about the width of a cell"
)
UNLIKE = (
    "agents who are alike get unlike amounts in some rows: there ties among them, or what is left "
    "over, go to one of them"
)


Wanted = TypeVar("Wanted", bound=Outcomes)


def outcomes_of(
    environment: Environment, wanted: type[Wanted], what: str, *, where: str, maker: str, needs: str
) -> Wanted:
    """Return the outcomes of an environment of one kind, whose types are independent.

    Parameters
    ----------
    environment, wanted
        What was given, and the class that its outcomes must have.
    what, where, maker
        What it is not, otherwise; the name of the argument; and which calls return the right one.
    needs
        What takes independent types, with what comes of it, for the error under a joint prior.

    Examples
    --------
    >>> from mechopt import Auction, TypeSpace
    >>> auction = Auction(TypeSpace.finite([0, 1]), count=2)
    >>> words = {"where": "auction", "maker": "Auction(...)", "needs": "prices"}
    >>> outcomes_of(auction, type(auction.outcomes), "not an auction", **words).units
    1
    """
    outcomes = environment.outcomes
    if not isinstance(outcomes, wanted):
        raise InvalidInputError(
            what,
            where=where,
            expected=f"what {maker} returned",
            got=type(outcomes).__name__,
            remedy="Solve other environments with mechopt.solve.",
        )
    environment.require_independent(needs)
    return outcomes


def efficient_row(environment: Environment) -> ComparisonRow:
    """Return the row of the first best: what the best outcomes are worth, less their cost.

    Examples
    --------
    >>> from mechopt import Auction, TypeSpace
    >>> efficient_row(Auction(TypeSpace.finite([0, 1]), count=2)).total
    0.75
    """
    return ComparisonRow("first best", environment.efficient_gains)


def optimum_row(name: str, problem: DesignProblem) -> ComparisonRow:
    """Return the row of what solves a problem, audited; an empty one where nothing does.

    Examples
    --------
    >>> from mechopt import Auction, TypeSpace
    >>> auction = Auction(TypeSpace.finite([1, 2, 3, 4, 5, 6]), count=2)
    >>> round(optimum_row("largest profit", largest_revenue(auction)).profit, 9)  # 29/9
    3.222222222
    """
    environment = problem.environment
    direct = problem.is_interim and environment.has_net_quantities
    large = environment.num_profiles > MOST_PROFILES and not has_counts_form(problem)
    if not direct and large:
        remark = f"a program over {profiles_of(environment)} profiles is left to mechopt solve"
        return ComparisonRow(name, None, remark=remark)
    solution = backends.solve(problem, throw=False)
    if solution.mechanism is None:
        reason = solution.termination.value
        return ComparisonRow(name, None, remark=f"{reason}: no such mechanism was found")
    report = audit(problem, solution)
    known = solution.termination is Termination.OPTIMAL
    row = _row(name, solution.mechanism, "" if known else "not proved optimal")
    return replace(row, max_violation=report.max_violation, passed=report.passed)


def audited_row(
    name: str,
    mechanism: Mechanism,
    *,
    remark: str = "",
    price: float | None = None,
    **required: Unpack[Required],
) -> ComparisonRow:
    """Return the row of a mechanism, audited for what it is known to satisfy.

    Parameters
    ----------
    name
        What it is.
    mechanism
        The mechanism.
    remark, price
        As of :class:`~mechopt.studies.comparison_rows.ComparisonRow`. Where participation is not
        required, the remark says in addition who would rather stay out.
    **required
        What the audit requires: ``incentives``, ``participation``, ``budget`` and so on. Of very
        many profiles, dominant incentives are audited on average over the others' types.

    Examples
    --------
    >>> from mechopt import Auction, TypeSpace
    >>> from mechopt.known_mechanisms import second_price
    >>> auction = Auction(TypeSpace.finite([0, 1]), count=2)
    >>> row = audited_row("second price", second_price(auction), budget="no-deficit")
    >>> row.profit, row.utilities, row.passed
    (0.25, {'bidder_1': 0.25, 'bidder_2': 0.25}, True)
    """
    environment = mechanism.environment
    pairs = environment.num_profiles * max(environment.shape)
    if required.get("incentives") == "dominant" and pairs > MOST_PAIRS:
        required["incentives"] = "interim"
    problem = ex_ante_efficiency(environment, **required)
    report = audit(problem, mechanism)
    remarks = [remark] if remark else []
    if required.get("participation") == "none":
        remarks += [who_stays_out(mechanism)]
    row = _row(name, mechanism, "; ".join(remarks), price)
    return replace(row, max_violation=report.max_violation, passed=report.passed)


def _row(
    name: str, mechanism: Mechanism, remark: str = "", price: float | None = None
) -> ComparisonRow:
    environment = mechanism.environment
    paid = sum(
        float(mass @ payment)
        for mass, payment in zip(environment.masses, mechanism.payment, strict=True)
    )
    trade = None
    if environment.has_net_quantities:
        trade = {
            agent.name: abs(agent.types.expectation(quantity))
            for agent, quantity in zip(environment.agents, mechanism.quantity, strict=True)
        }
    return ComparisonRow(
        name,
        mechanism.total_gains,
        mechanism.expected_utility,
        trade,
        price=price,
        remark=remark,
        profit=paid - mechanism.expected_cost,
    )


def who_stays_out(mechanism: Mechanism) -> str:
    """Return, in words, who expects less than by staying out.

    Examples
    --------
    >>> from mechopt import PublicGood, TypeSpace
    >>> from mechopt.known_mechanisms import pivotal
    >>> good = PublicGood(TypeSpace.finite([0, 3]), cost=2, count=2)
    >>> who_stays_out(pivotal(good, share_cost=True))
    'types of consumer 1 and consumer 2 would rather stay out, by up to 0.5'
    """
    environment = mechanism.environment
    short: dict[str, float] = {}
    for i, agent in enumerate(environment.agents):
        utility, quantity = mechanism.utility[i], mechanism.quantity[i]
        ends = [utility, utility]
        if environment.has_net_quantity(i):
            types = agent.types
            ends = [utility + (end - types.mean) * quantity for end in (types.lower, types.upper)]
        most = max(
            float((option - own).max())
            for option, own in zip(agent.option_at_ends, ends, strict=True)
        )
        if most > ROUNDING * max(environment.first_best, 1e-300):
            short[agent.name] = most
    if not short:
        return "no type would rather stay out"
    names = [in_words(name) for name in short]
    who = " and ".join(names) if len(names) < 3 else f"{len(names)} agents"
    return f"types of {who} would rather stay out, by up to {in_figures(max(short.values()))}"


def profit_and_second_best(environment: Environment) -> list[ComparisonRow]:
    """Return the rows of the largest profit and of the second best without outside money."""
    return [
        optimum_row("largest profit", largest_revenue(environment)),
        optimum_row("second best", ex_ante_efficiency(environment)),
    ]


def with_optimum(found: Comparison, problem: DesignProblem) -> Comparison | None:
    """Return a comparison with a row more for what is optimal in a problem, unless one is that.

    None where all rows are about a continuum, or no program solves the problem.

    Examples
    --------
    >>> from mechopt import Auction, TypeSpace, Welfare, compare
    >>> auction = Auction(TypeSpace.finite([1, 2]), count=2)
    >>> table = compare(auction)
    >>> with_optimum(table, largest_revenue(auction, incentives="dominant")) == table
    True
    >>> with_optimum(table, DesignProblem(auction, Welfare((1, 3)))).rows[-1].name
    'optimum of the file'
    """
    usual = {"largest profit": largest_revenue, "second best": ex_ante_efficiency}
    optima = [usual[row.name] for row in found.rows if row.name in usual]
    if any(problem == pose(problem.environment) for pose in optima):
        return found
    finite = all(agent.types.is_finite for agent in problem.environment.agents)
    if not (found.with_profit or finite):
        return None
    try:
        row = optimum_row(OWN, problem)
    except MechoptError:
        return None
    if any(_alike(row, other, found.first_best) for other in found.rows):
        return found
    remark = "; ".join(text for text in (problem.objective.in_words, row.remark) if text)
    return replace(found, rows=(*found.rows, replace(row, remark=remark)))


def _alike(row: ComparisonRow, other: ComparisonRow, first_best: float) -> bool:
    """Return whether two rows bring all the same, up to rounding."""
    if row.utilities is None or other.utilities is None:
        return False
    own, usual = ((each.total or 0.0, *(each.utilities or {}).values()) for each in (row, other))
    return all(abs(a - b) <= ALIKE * first_best for a, b in zip(own, usual, strict=True))


def table_of(environment: Environment, rows: Sequence[ComparisonRow]) -> Comparison:
    """Return the comparison of rows of an environment.

    Examples
    --------
    >>> from mechopt import Auction, TypeSpace
    >>> auction = Auction(TypeSpace.finite([0, 1]), count=2)
    >>> table_of(auction, [efficient_row(auction)]).agents
    ('bidder_1', 'bidder_2')
    """
    cells = any(not agent.types.is_finite for agent in environment.agents)
    names = tuple(agent.name for agent in environment.agents)
    unlike = any(treated_unlike(environment, row.utilities) for row in rows if row.utilities)
    notes = [*([OVER_CELLS] if cells else []), *([UNLIKE] if unlike else [])]
    return Comparison(tuple(rows), names, note="; ".join(notes), with_profit=True)


def profiles_of(environment: Environment) -> str:
    """Return how many profiles there are, in three figures.

    Examples
    --------
    >>> from mechopt import Auction, TypeSpace
    >>> profiles_of(Auction(TypeSpace.finite([0, 1]), count=12))
    '4.1e+03'
    """
    number = environment.num_profiles
    return f"{number:.3g}" if number < MOST_WRITTEN_OUT else f"more than {MOST_WRITTEN_OUT:.0e}"


def largest_of(values: Sequence[float] | FloatArray) -> int:
    """Return the first position of a largest value, whatever the last digits say.

    Examples
    --------
    >>> largest_of([0.1 + 0.2, 0.3, 0.1])
    0
    """
    found = np.asarray(values, dtype=np.float64)
    best = float(found.max())
    return int(np.argmax(found >= best - 1e-12 * abs(best)))
