"""What is true of a problem and of a mechanism, in fractions, against what was said of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

import numpy as np

from .exact_bargaining import ExactBargaining
from .exact_trade import ExactTrade, Side, decimal
from .simplex import ZERO, fraction, rational

# What an answer may be off by, relative to the first best or the stakes of the type concerned.
ALLOWED = Fraction(1, 10**6)
# By how much a bound may be beaten, relative to the first best.
BEATEN = Fraction(1, 10**9)
ULP = Fraction(1, 2**52)


class Ruling(StrEnum):
    """How a verdict compares with the truth."""

    RIGHT = "right"
    WRONG = "wrong"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Finding:
    """A ruling on one verdict, and what it rests on."""

    verdict: str
    ruling: Ruling
    detail: str = ""

    @property
    def wrong(self):
        return self.ruling is Ruling.WRONG


@dataclass(frozen=True)
class Truth:
    """An exact optimum, the first best, and the unit that weights give both."""

    optimum: Fraction
    first_best: Fraction
    unit: Fraction = Fraction(1)

    @property
    def scale(self):
        return self.first_best * self.unit


def truth_of(problem):
    """Return the truth of a problem of trade or bargaining over finite types."""
    environment = problem.environment
    weights = problem.objective.weights
    if hasattr(environment.agents[0].outside_option, "proposer_probability"):
        exact = ExactBargaining.of(environment)
        value = exact.value(
            own_bound=problem.has_participation(0), verifiable=not problem.has_incentives(0)
        )
        return Truth(fraction(value), fraction(exact.first_best))
    exact = ExactTrade.of(environment)
    value = exact.second_best_by_virtual_values(weights)
    return Truth(fraction(value), fraction(exact.first_best), Fraction(max(weights)))


def judge_solution(problem, solution, report, truth=None):
    """Return findings on a solution and its audit: optimal, bound, passed, infeasible."""
    truth = truth or truth_of(problem)
    status = solution.termination.value
    if status in ("infeasible", "unbounded"):
        # The programs judged here always have an optimum: to do nothing, or what proposers offer.
        return [Finding(status, Ruling.WRONG, f"the optimum is {float(truth.optimum)!r}")]
    answered = status == "optimal" and report.passed
    findings = [_judge_optimal(solution, truth, status=status, answered=answered)]
    if np.isfinite(solution.bound):
        bound = Fraction(solution.bound)
        beaten = truth.optimum - bound
        detail = f"bound {solution.bound!r}, optimum {float(truth.optimum)!r}"
        wrong = beaten > BEATEN * truth.scale + _dust(problem, truth)
        findings.append(Finding("bound", Ruling.WRONG if wrong else Ruling.RIGHT, detail))
    if solution.mechanism is not None and report.passed:
        findings.append(judge_mechanism(problem, solution.mechanism))
    return findings


def _judge_optimal(solution, truth, *, status, answered):
    objective = solution.objective
    detail = f"objective {objective!r}, optimum {float(truth.optimum)!r}"
    detail += f", first best {float(truth.first_best)!r}"
    if not answered:
        return Finding("optimal", Ruling.UNDECIDED, f"{status}; {detail}")
    off = abs(Fraction(objective) - truth.optimum)
    crossed = Fraction(objective) - Fraction(solution.bound)
    dust = _dust(solution.problem, truth)
    right = off <= ALLOWED * truth.scale + dust
    right &= crossed <= BEATEN * truth.scale + dust
    return Finding("optimal", Ruling.RIGHT if right else Ruling.WRONG, detail)


def _dust(problem, truth):
    """Return what rounding leaves where there are no gains at all to measure errors by."""
    if truth.first_best:
        return Fraction(0)
    agents = problem.environment.agents
    mean = sum(float(agent.types.mass @ np.abs(agent.types.mean)) for agent in agents)
    return Fraction(mean) * ULP


def slack_signs(environment):
    """Return the signs of the exact slack under every reading of floats: +1, 0 or -1.

    Probabilities such as 1/3 are no floats. Where the sign hangs on how they are read, as the
    numbers they are, as decimals, or as shares of their sum, either answer is right.
    """
    signs = set()
    for read in (rational, decimal):
        trade = ExactTrade.of(environment, read)
        for reading in (trade, ExactTrade(trade.seller.shares(), trade.buyer.shares())):
            slack = reading.slack
            signs.add((slack > 0) - (slack < 0))
    return signs


def judge_check(trade, answer):
    """Return a finding on whether ex post efficiency is possible."""
    signs = slack_signs(trade)
    slack = fraction(ExactTrade.of(trade).slack)
    detail = f"said {answer.implementable} at slack {answer.slack!r}, it is {float(slack)!r}"
    if not answer.certificate.verified:
        return Finding("possible", Ruling.UNDECIDED, f"{answer.certificate.detail}; {detail}")
    possible = {sign >= 0 for sign in signs}
    right = answer.implementable in possible
    # What is printed beside the verdict must not contradict it.
    right &= not (answer.implementable and answer.slack < 0)
    right &= not (answer.implementable and answer.least_subsidy > 0)
    return Finding("possible", Ruling.RIGHT if right else Ruling.WRONG, detail)


def judge_exact(trade, weights, found):
    """Return a finding on what ``--exact`` proved of a trade that is given in fractions."""
    if found.objective is None:
        return Finding("proved", Ruling.UNDECIDED, found.reason)
    true = fraction(trade.second_best_by_virtual_values(weights))
    detail = f"{found.objective}, it is {true}"
    return Finding("proved", Ruling.RIGHT if found.objective == true else Ruling.WRONG, detail)


@dataclass(frozen=True)
class Violation:
    """How far a requirement is from being met, in money and relative to what it is judged by."""

    requirement: str
    amount: Fraction
    relative: Fraction
    stakes: Fraction


def judge_mechanism(problem, mechanism):
    """Return whether a mechanism that passed an audit is feasible, by the exact violations."""
    worst = worst_violation(problem, mechanism)
    detail = f"{worst.requirement}: {float(worst.amount):.6g}, relative {float(worst.relative):.3g}"
    wrong = worst.relative > ALLOWED
    return Finding("passed", Ruling.WRONG if wrong else Ruling.RIGHT, detail)


def worst_violation(problem, mechanism):
    """Return the largest violation of all, relative to stakes, beyond the rounding of floats."""
    return max(violations(problem, mechanism), key=lambda violation: violation.relative)


def violations(problem, mechanism):
    """Yield, in fractions, by how much every requirement is missed.

    A mechanism is numbers as floats: what one rounding in each of them can do is let pass.
    """
    environment = problem.environment
    allocation = mechanism.allocation.dense(environment)
    first_best, stakes, options = _stakes_and_options(environment)
    sides = [
        Side.of(agent.types.mean.tolist(), agent.types.mass.tolist())
        for agent in environment.agents
    ]
    net = np.tensordot(environment.outcomes.net_quantity, allocation, axes=1)
    yield from _outcomes(environment, allocation)
    revenue = rounding = ZERO
    for i, side in enumerate(sides):
        quantity = _interim(net[i], i, sides[1 - i].masses)
        payment = [rational(value) for value in mechanism.payment[i].tolist()]
        revenue += sum((m * t for m, t in zip(side.masses, payment, strict=True)), ZERO)
        rounding += sum((m * abs(t) for m, t in zip(side.masses, payment, strict=True)), ZERO)
        name = environment.agents[i].name
        for k, own in enumerate(side.types):
            truth = own * quantity[k] - payment[k]
            size = abs(own * quantity[k]) + abs(payment[k])
            if problem.has_participation(i):
                floor = _floor(size + abs(options[i][k]))
                lack = options[i][k] - truth - floor
                yield _violation(f"participation of {name} {k}", lack, stakes[i][k])
            if not problem.has_incentives(i):
                continue
            for other in range(side.size):
                if other != k:
                    gain = own * quantity[other] - payment[other] - truth
                    floor = _floor(size + abs(own * quantity[other]) + abs(payment[other]))
                    what = f"incentives of {name} {k} towards {other}"
                    yield _violation(what, gain - floor, stakes[i][k])
    if problem.budget.value != "subsidised":
        missing = abs(revenue) if problem.budget.value == "balanced" else -revenue
        yield _violation("budget ex ante", missing - _floor(rounding), first_best)
    if mechanism.ex_post_payment is not None:
        yield from _ex_post(problem, mechanism, sides, stakes)


def _stakes_and_options(environment):
    if hasattr(environment.agents[0].outside_option, "proposer_probability"):
        exact = ExactBargaining.of(environment)
        stakes, options = [], []
        for i, side in enumerate(exact.players):
            other = exact.players[1 - i]
            options.append([exact.bound(i, k) for k in range(side.size)])
            stakes.append(
                [
                    max(
                        exact.first_best,
                        sum(
                            (m * max(t, o) for o, m in zip(other.types, other.masses, strict=True)),
                            ZERO,
                        ),
                    )
                    for t in side.types
                ]
            )
        return exact.first_best, stakes, options
    exact = ExactTrade.of(environment)
    stakes = [[exact.stakes(i, k) for k in range(n)] for i, n in enumerate(environment.shape)]
    return exact.first_best, stakes, [[ZERO] * n for n in environment.shape]


def _outcomes(environment, allocation):
    """Yield how far probabilities lie outside 0 to 1, alone and together."""
    outcomes = environment.outcomes
    for v, name in enumerate(outcomes.variables):
        low, high = float(outcomes.lower[v]), float(outcomes.upper[v])
        excess = max(low - allocation[v].min(), allocation[v].max() - high)
        yield Violation(f"bounds of {name}", Fraction(excess), Fraction(excess), Fraction(1))
    for row in outcomes.rows:
        excess = float((np.tensordot(np.array(row.coefficients), allocation, 1) - row.upper).max())
        yield Violation(row.name, Fraction(excess), Fraction(excess), Fraction(1))


def _interim(net, i, masses):
    rows = net.tolist() if i == 0 else net.T.tolist()
    return [sum((m * rational(q) for m, q in zip(masses, row, strict=True)), ZERO) for row in rows]


def _ex_post(problem, mechanism, sides, stakes):
    payments = mechanism.ex_post_payment
    for i in range(2):
        averages = _interim(payments[i], i, sides[1 - i].masses)
        sizes = _interim(np.abs(payments[i]), i, sides[1 - i].masses)
        for k, (average, size) in enumerate(zip(averages, sizes, strict=True)):
            off = abs(average - rational(float(mechanism.payment[i][k])))
            yield _violation(f"ex post payments of {i} {k}", off - _floor(size), stakes[i][k])
    if problem.budget.value == "subsidised":
        return
    for place in np.ndindex(payments.shape[1:]):
        first, second = (rational(float(payments[(i, *place)])) for i in range(2))
        left = first + second
        missing = abs(left) if problem.budget.value == "balanced" else -left
        floor = _floor(abs(first) + abs(second))
        at_stake = max(stakes[i][place[i]] for i in range(2))
        yield _violation(f"budget ex post at {place}", missing - floor, at_stake)


def _floor(size):
    return size * rational(4 * ULP)


def _violation(requirement, amount, stakes):
    amount, stakes = fraction(amount), fraction(stakes)
    relative = amount / stakes if stakes else Fraction(0 if amount <= 0 else 10**9)
    return Violation(requirement, amount, relative, stakes)
