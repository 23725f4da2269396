"""The rows of a comparison: what each mechanism brings, over finite types or over a continuum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mechopt.backends.direct import Direct
from mechopt.environments import Environment
from mechopt.mechanism.mechanism import Mechanism
from mechopt.problem.problem import DesignProblem
from mechopt.problem.usual import ex_ante_efficiency
from mechopt.solution import Solution
from mechopt.studies.continuum import bracket_continuum, refinement
from mechopt.studies.first_best import Estimate, first_best_of_continuum
from mechopt.studies.second_best import has_second_best, second_best_of_continuum
from mechopt.studies.split import rounding_in_words, split_in_words
from mechopt.types.cells import curve_of, gainful_cells
from mechopt.types.prices.search import Traded
from mechopt.verify.audit import audit

# A mechanism reaches a bound that it is below by less than this, relative to it.
REACHED = 1e-6
# Cells are doubled until the bracket of an optimum is so narrow, or there are so many.
WIDTH = 2e-5
FIRST_CELLS = 1 << 9
MAX_CELLS = 1 << 13
# Cells to take the expectation of a probability over.
NUM_CELLS = 300
# Half a unit of the last of the table's figures, relative to the gains.
FIGURES = 5e-4


@dataclass(frozen=True)
class ComparisonRow:
    """One mechanism, or the first best, in the terms of the comparison.

    Parameters
    ----------
    name
        What it is.
    total
        Expected sum of gains, in money; None for what does not exist for these priors.
    utilities
        Agent name to expected utility before types are known, in money; None for the first best,
        which divides nothing, and for what does not exist.
    trade
        Agent name to probability of trade, discounted to its date by that agent's rate; without
        delay the two are equal.
    price
        The posted price, in money, where there is one.
    remark
        What else there is to know, or why the row is empty.
    max_violation
        Largest scaled violation that the audit found; None for what is no mechanism over the cells.
    passed
        Whether the audit passed; None likewise.
    error
        How far the total may be off, in money: 0 for finite types, an estimate over a continuum.
        For what is optimal over a continuum, how much more there may be at most.
    profit
        What the agents are expected to pay, less the cost, in money; below zero where outside money
        has to make it up. None where the comparison does not ask, and for the first best.
    first_best
        What the total is a share of, in money, where it is not the table's first row: a row about
        the continuum in a table about its cells. Of nothing there is no share.

    Examples
    --------
    >>> ComparisonRow("first best", 0.5).utilities is None
    True
    """

    name: str
    total: float | None
    utilities: Mapping[str, float] | None = None
    trade: Mapping[str, float] | None = None
    price: float | None = None
    remark: str = ""
    max_violation: float | None = None
    passed: bool | None = None
    error: float = 0.0
    profit: float | None = None
    first_best: float | None = None


def first_best_row(trade: Environment) -> ComparisonRow:
    """Return the row of the first best, of the continuum where there is one."""
    found = Estimate(trade.first_best, 0.0)
    chances = {
        agent.name: abs(agent.types.expectation(quantity))
        for agent, quantity in zip(trade.agents, trade.efficient, strict=True)
    }
    if trade.has_continuum:
        found = first_best_of_continuum(trade)
        if trade.outcomes.exchange is not None and not trade.outcomes.exchange.has_delay:
            chances = dict.fromkeys(chances, _chance_of_gains(trade))
    return ComparisonRow("first best", found.value, trade=chances, error=found.error)


def _chance_of_gains(trade: Environment) -> float:
    """Return the probability that the value exceeds the cost, where a prior is continuous."""
    giver, receiver = (agent.types for agent in trade.agents)
    cells = gainful_cells(giver, receiver, NUM_CELLS)
    if cells[1].prior is not None:
        own, chance = cells[1], curve_of(giver).below
    else:
        own, chance = cells[0], curve_of(receiver).above
    middle = chance(own.mean)
    if own.prior is None:
        return float(own.mass @ middle)
    share = own.mean_share
    chords = chance(own.lower) * (1.0 - share) + chance(own.upper) * share
    return float(own.mass @ (middle + (chords - middle) / 3.0))


def of_price(name: str, mechanism: Mechanism, expected: Traded) -> ComparisonRow:
    """Return the row of a price or of offers, its mechanism audited."""
    problem = ex_ante_efficiency(mechanism.environment)
    report = audit(problem, mechanism)
    names = [agent.name for agent in mechanism.environment.agents]
    return ComparisonRow(
        name,
        expected.total,
        dict(zip(names, (expected.giver, expected.receiver), strict=True)),
        dict.fromkeys(names, expected.chance),
        max_violation=report.max_violation,
        passed=report.passed,
        error=expected.error,
    )


def optimum_over_cells(
    name: str, trade: Environment, weights: tuple[float, float]
) -> ComparisonRow:
    """Return the row of what is optimal for welfare weights, over the types as they are."""
    problem = ex_ante_efficiency(trade, weights)
    return _solved(name, problem, Direct().solve(problem))


def fine_enough(trade: Environment) -> Environment:
    """Return bilateral trade over as many cells of continuous priors as a comparison takes."""
    problem = ex_ante_efficiency(trade)
    found = refinement(problem, WIDTH, first_cells=FIRST_CELLS, max_cells=MAX_CELLS)
    return found.problem.environment


def optimum_over_continuum(
    name: str,
    fine: Environment,
    weights: tuple[float, float],
    *,
    known: Sequence[ComparisonRow],
) -> ComparisonRow:
    """Return the row of what is optimal for welfare weights, as far as is known of the continuum.

    Parameters
    ----------
    name
        What to call the row.
    fine
        What :func:`fine_enough` returned.
    weights
        Welfare weights of giver and receiver.
    known
        Rows of other mechanisms of the continuum; the best of them may be better than any over
        the cells.
    """
    problem = ex_ante_efficiency(fine, weights)
    solution = Direct().solve(problem)
    if has_second_best(fine):
        upper = second_best_of_continuum(fine, weights, near=solution.alpha or 0.0).upper
    else:
        upper = bracket_continuum(solution, extrapolate=False).upper
    row = _solved(name, problem, solution)

    def welfare(row: ComparisonRow) -> float:
        utilities = () if row.utilities is None else row.utilities.values()
        return sum(w * u for w, u in zip(weights, utilities, strict=False))

    better = max(known, key=welfare)
    reached, own = "", row.remark
    if welfare(better) > welfare(row):
        reaches = upper - welfare(better) <= REACHED * abs(upper)
        reached = f"; {'reached by' if reaches else 'the best known is'} the {better.name}"
        own = ""
        row = replace(row, total=better.total, utilities=better.utilities, trade=better.trade)
    what = "in all" if weights[0] == weights[1] else "for that side"
    return replace(
        row,
        error=max(upper - welfare(row), 0.0),
        remark=f"no mechanism brings more than {upper:.9g} {what}{reached}{own and f'; {own}'}",
    )


def _solved(name: str, problem: DesignProblem, solution: Solution) -> ComparisonRow:
    mechanism = solution.mechanism
    assert mechanism is not None
    report = audit(problem, solution)
    trades = {
        agent.name: abs(agent.types.expectation(quantity))
        for agent, quantity in zip(mechanism.environment.agents, mechanism.quantity, strict=True)
    }
    said = split_in_words(solution), rounding_in_words(solution, FIGURES)
    return ComparisonRow(
        name,
        mechanism.total_gains,
        mechanism.expected_utility,
        trades,
        remark="; ".join(text for text in said if text),
        max_violation=report.max_violation,
        passed=report.passed,
    )
