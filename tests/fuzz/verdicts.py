"""Every verdict that the package gives on one random problem, each with its ruling."""

from __future__ import annotations

import traceback
import warnings

import mechopt as mo
from mechopt.errors import MechoptError

from .exact_trade import ExactTrade, Side, decimal
from .judge import Finding, Ruling, judge_check, judge_exact, judge_solution, truth_of
from .problems import random_bargaining, random_fractions, random_problem


def trade_findings(seed, backends=("direct",), *, check=True, exact=False):
    """Return the problem and the findings on it, by who gave the verdict."""
    problem = random_problem(seed)
    truth = truth_of(problem)
    found = {name: _tried(_solved, problem, name, truth) for name in backends}
    if check:
        found["check"] = _tried(_checked, problem)
    if exact:
        found["exact"] = _tried(_proved, seed)
    return problem, found


def bargaining_findings(seed, backends=("highs",)):
    """Return a problem of bargaining and the findings on it."""
    problem = random_bargaining(seed)
    truth = truth_of(problem)
    return problem, {name: _tried(_solved, problem, name, truth) for name in backends}


def _solved(problem, name, truth):
    solution = mo.solve(problem, name, throw=False)
    return judge_solution(problem, solution, mo.audit(problem, solution), truth)


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
