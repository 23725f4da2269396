"""Every verdict that the package gives on one random problem, each with its ruling."""

from __future__ import annotations

import traceback
import warnings
from fractions import Fraction
from math import isfinite

import numpy as np

import mechopt as mo
from mechopt.errors import MechoptError

from .exact_prices import best_offers_value, best_posted_gains, gains_at, offer_value
from .exact_trade import ExactTrade, Side, decimal
from .judge import (
    ALLOWED,
    Finding,
    Ruling,
    judge_check,
    judge_exact,
    judge_mechanism,
    judge_solution,
    slack_signs,
    truth_of,
)
from .problems import random_bargaining, random_fractions, random_problem
from .simplex import ZERO, fraction, rational

EPS = float(np.finfo(np.float64).eps)


def trade_findings(seed, backends=("direct",), *, check=True, exact=False):
    """Return the problem and the findings on it, by who gave the verdict."""
    problem = random_problem(seed)
    truth = truth_of(problem)
    found = {name: _tried(_solved, problem, name, truth) for name in backends}
    if check:
        found["check"] = _tried(_checked, problem)
        found["subsidy"] = _tried(_subsidised, problem.environment)
        found["efficient"] = _tried(_efficient, problem.environment)
    if exact:
        found["exact"] = _tried(_proved, seed)
    return problem, found


def bargaining_findings(seed, backends=("highs",)):
    """Return a problem of bargaining and the findings on it."""
    problem = random_bargaining(seed)
    truth = truth_of(problem)
    return problem, {name: _tried(_solved, problem, name, truth) for name in backends}


def price_findings(seed):
    """Return a problem of trade and the findings on posted prices and offers in it."""
    problem = random_problem(seed)
    return problem, findings_on_prices(problem.environment)


def findings_on_prices(trade):
    """Return the findings on the best posted price and on both sides' offers."""
    return {
        "posted price": _tried(_posted, trade),
        "seller's offers": _tried(_offered, trade, 0),
        "buyer's offers": _tried(_offered, trade, 1),
    }


def _posted(trade):
    exact, best = ExactTrade.of(trade), mo.studies.best_posted_price(trade)
    true = fraction(best_posted_gains(exact))
    at_price = fraction(gains_at(exact, rational(best.price)))
    return [
        _number("gains", best.mechanism.total_gains, true, exact),
        _number("price", at_price, true, exact),
        _audited(best.mechanism),
    ]


def _offered(trade, by):
    exact = ExactTrade.of(trade)
    made = mo.studies.take_it_or_leave_it(trade, trade.outcomes.roles[by].name)
    utility = list(made.mechanism.expected_utility.values())[by]
    true = best_offers_value(exact, by)
    masses = (exact.seller, exact.buyer)[by].masses
    of_prices = sum(
        (
            mass * offer_value(exact, by, k, rational(price) if isfinite(price) else None)
            for k, (mass, price) in enumerate(zip(masses, made.price.tolist(), strict=True))
        ),
        ZERO,
    )
    return [
        _number("utility", utility, fraction(true), exact, _rounding_of_payments(made.mechanism)),
        _number("price", fraction(of_prices), fraction(true), exact),
        _audited(made.mechanism),
    ]


def _rounding_of_payments(mechanism):
    """Return what utilities may be off by because payments far from zero are floats."""
    sides = zip(mechanism.environment.masses, mechanism.payment, strict=True)
    return 4 * EPS * max(float(mass @ np.abs(paid)) for mass, paid in sides)


def _number(verdict, said, true, exact, rounding=0.0):
    off = abs(Fraction(said) - true)
    allowed = ALLOWED * fraction(exact.first_best) + Fraction(rounding)
    right = off <= allowed or not exact.first_best
    detail = f"{float(said)!r}, it is {float(true)!r}"
    return Finding(verdict, Ruling.RIGHT if right else Ruling.WRONG, detail)


def _audited(mechanism):
    problem = mo.ex_ante_efficiency(mechanism.environment)
    report = mo.audit(problem, mechanism)
    if not report.passed:
        return Finding("passed", Ruling.UNDECIDED, str(report.failed[0]))
    return judge_mechanism(problem, mechanism)


def _solved(problem, name, truth):
    solution = mo.solve(problem, name, throw=False)
    return judge_solution(problem, solution, mo.audit(problem, solution), truth)


def _subsidised(trade):
    problem, exact = mo.minimum_subsidy(trade), ExactTrade.of(trade)
    solution = mo.solve(problem, throw=False)
    report = mo.audit(problem, solution)
    true = -fraction(exact.slack)
    if solution.termination.value != "optimal" or not report.passed:
        detail = f"{solution.termination.value}, objective {solution.objective!r}"
        return [Finding("optimal", Ruling.UNDECIDED, f"{detail}, it is {float(true)!r}")]
    return [
        _number("subsidy", solution.objective, true, exact),
        _number("bound", solution.bound, true, exact),
        judge_mechanism(problem, solution.mechanism),
    ]


def _efficient(trade):
    problem, exact = mo.ex_post_efficiency(trade), ExactTrade.of(trade)
    solution = mo.solve(problem, throw=False)
    passed = mo.audit(problem, solution).passed
    status = solution.termination.value
    detail = f"{status}, the slack is {float(fraction(exact.slack))!r}"
    if not passed or status not in ("optimal", "infeasible"):
        return [Finding("efficient", Ruling.UNDECIDED, detail)]
    possible = {sign >= 0 for sign in slack_signs(trade)}
    right = (status == "optimal") in possible
    findings = [Finding("efficient", Ruling.RIGHT if right else Ruling.WRONG, detail)]
    if status == "optimal":
        findings.append(judge_mechanism(problem, solution.mechanism))
    return findings


def _checked(problem):
    environment = problem.environment
    return [judge_check(environment, mo.check_ex_post_efficiency(environment))]


def _proved(seed):
    problem, sides = random_fractions(seed)
    exact = ExactTrade(*(Side.of(*side) for side in sides))
    weights = [decimal(weight) for weight in problem.objective.weights]
    return [judge_exact(exact, weights, mo.exact_optimum(problem))]


def _tried(function, *arguments):
    """Return the findings of a function; an error that is the package's own is no verdict."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return function(*arguments)
        except MechoptError as error:
            return [Finding("refused", Ruling.UNDECIDED, f"{type(error).__name__}: {error}"[:300])]
        except Exception:
            last = traceback.format_exc().strip().splitlines()
            return [Finding("raised", Ruling.WRONG, " | ".join(last[-3:])[:400])]
