"""What ``mechopt solve --json`` says of money, where there is such a thing: further plain keys."""

from __future__ import annotations

from mechopt.problem.objectives import Subsidy
from mechopt.solution import Solution, Termination

KEYS = ("revenue", "expected_cost", "least_subsidy", "largest_payment")


def money_keys(solution: Solution) -> dict[str, float]:
    """Return what is paid in a solution, in money; only the keys that apply.

    Returns
    -------
    dict
        ``largest_payment``, the most that anyone pays or receives in a profile, where payments of
        single profiles are part of the answer; and where more than trade between two is at stake,
        ``revenue``, what all agents are expected to pay, ``expected_cost``, what it has to cover,
        and ``least_subsidy``, where that was minimised, zero if a surplus is left over.

    Examples
    --------
    >>> from mechopt import PublicGood, TypeSpace, minimum_subsidy, solve
    >>> good = PublicGood(TypeSpace.finite([0, 1]), cost="3/4", count=2)
    >>> keys = money_keys(solve(minimum_subsidy(good)))
    >>> {name: round(value, 6) for name, value in keys.items()}
    {'revenue': 0.5, 'expected_cost': 0.5625, 'least_subsidy': 0.0625}
    """
    mechanism, problem = solution.mechanism, solution.problem
    if mechanism is None:
        return {}
    found = {}
    environment = mechanism.environment
    if environment.outcomes.exchange is None:
        agents = zip(environment.masses, mechanism.payment, strict=True)
        found["revenue"] = float(sum(mass @ paid for mass, paid in agents))
        found["expected_cost"] = float(mechanism.expected_cost)
        if isinstance(problem.objective, Subsidy) and solution.termination is Termination.OPTIMAL:
            found["least_subsidy"] = max(float(solution.objective), 0.0)
    if mechanism.ex_post_payment is not None and (
        problem.by_profile or len(environment.agents) == 1
    ):
        found["largest_payment"] = mechanism.largest_payment
    return found
