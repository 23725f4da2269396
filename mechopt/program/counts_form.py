"""The program of identical agents by counts: who may have it, how large it is, and its rows."""

from __future__ import annotations

import math
from dataclasses import replace

from mechopt.problem.budget import Budget, Holds, PaymentLimit
from mechopt.problem.counts import CountsFrame
from mechopt.problem.groups import groups_of
from mechopt.problem.problem import DesignProblem
from mechopt.program.standard_form import ProgramBuilder, StandardForm

MOST_VARIABLES = 500_000


def why_no_counts(problem: DesignProblem) -> str:
    """Return what a problem lacks for a program by counts; empty where there is one.

    Examples
    --------
    >>> from mechopt import Auction, TypeSpace, largest_revenue
    >>> auction = Auction(TypeSpace.finite([1, 2]), count=3)
    >>> why_no_counts(largest_revenue(auction))
    'something that is asked of single profiles'
    >>> why_no_counts(largest_revenue(auction, incentives="dominant"))
    ''
    """
    reasons = (
        (problem.environment.outcomes.equal_units is None, "agents who compete for equal units"),
        (not problem.environment.independent, "independent types"),
        (any(groups_of(problem)), "identical agents who are weighed alike"),
        (
            problem.prescribes_allocation or problem.deterministic,
            "a free allocation with lotteries",
        ),
        (not problem.by_profile, "something that is asked of single profiles"),
        (not problem.objective.is_linear, "a linear objective"),
        (
            any(not isinstance(each, PaymentLimit) for each in problem.requirements),
            "no requirements but a limit on payments",
        ),
    )
    return next((expected for applies, expected in reasons if applies), "")


def variables_of(problem: DesignProblem) -> int:
    """Return how many quantities and payments there are by own type and state of the others.

    Examples
    --------
    >>> from mechopt import Auction, TypeSpace, largest_revenue
    >>> variables_of(largest_revenue(Auction(TypeSpace.finite(range(6)), count=10)))
    24024
    """
    number, size = len(problem.environment.agents), problem.environment.shape[0]
    return 2 * size * math.comb(number + size - 2, size - 1)


def counts_form(problem: DesignProblem, frame: CountsFrame) -> StandardForm:
    """Return the program over a frame of a problem's counts, in standard form."""
    build = ProgramBuilder()
    for block in frame.variables():
        build.variables(
            block.name, block.shape, block.axes, cost=block.cost, lower=block.lower,
            upper=block.upper, meaning=block.meaning,
        )  # fmt: skip
    for rows in frame.definitions():
        build.add(rows)
    ex_post = problem.budget_holds is Holds.EX_POST and problem.budget is not Budget.SUBSIDISED
    if ex_post:
        build.add(frame.budget(Budget(problem.budget)), required=True)
    rest = replace(problem, budget="subsidised") if ex_post else problem
    for requirement in rest.required_of((0,)):
        for rows in requirement.rows(frame):
            build.add(rows, required=True)
    return build.finish().as_standard_form()
