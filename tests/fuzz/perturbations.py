"""Valid mechanisms with one number moved a little, which an audit must notice."""

from __future__ import annotations

import dataclasses
import random
from dataclasses import dataclass
from fractions import Fraction

import mechopt as mo
from mechopt.mechanism.allocation import Table

from .judge import worst_violation
from .problems import random_problem

STEP = Fraction(1, 10**6)
# What is broken by less than this, relative to the stakes of everyone concerned, is no violation.
BROKEN = STEP * 9 / 10
FAR_FAMILIES = ("sentinel", "decades", "mixed", "one-sided", "tiny-masses", "plain", "tail")
WHAT = ("payment", "payment", "ex post payment", "probability", "objective")


@dataclass(frozen=True)
class Perturbation:
    """What was moved, whether the audit noticed, and by how much something is now broken."""

    what: str
    caught: bool
    relative: Fraction
    requirement: str


def valid_mechanism(seed):
    """Return a problem and a solution that is feasible beyond doubt; None if there is none."""
    family = FAR_FAMILIES[seed % len(FAR_FAMILIES)]
    problem = random_problem(seed, family)
    if problem.environment.first_best <= 0:
        return None
    solution = mo.solve(problem, "direct", throw=False)
    if solution.mechanism is None or not mo.audit(problem, solution).passed:
        return None
    written = dataclasses.replace(solution, mechanism=solution.mechanism.with_ex_post_payments())
    if worst_violation(problem, written.mechanism).relative > STEP / 100:
        return None
    return problem, written


def perturb(seed):
    """Return a perturbation that breaks something by about STEP; None if this seed has none."""
    valid = valid_mechanism(seed)
    if valid is None:
        return None
    problem, solution = valid
    rng = random.Random(f"perturb {seed}")
    what = rng.choice(WHAT)
    if what == "objective":
        by = float(STEP) * problem.environment.first_best * max(problem.objective.weights)
        moved = dataclasses.replace(solution, objective=solution.objective + rng.choice([-by, by]))
        return Perturbation(what, not mo.audit(problem, moved).passed, STEP, what)
    for _ in range(20):
        name, mechanism = _moved(rng, problem, solution.mechanism, what)
        worst = worst_violation(problem, mechanism)
        if worst.relative >= BROKEN:
            caught = not mo.audit(problem, mechanism).passed
            return Perturbation(name, caught, worst.relative, worst.requirement)
    return None


def _moved(rng, problem, mechanism, what):
    """Return a mechanism with one of its numbers moved, and which."""
    from .exact_trade import ExactTrade
    from .simplex import fraction

    environment = problem.environment
    exact = ExactTrade.of(environment)
    i = rng.randrange(2)
    place = tuple(rng.randrange(size) for size in environment.shape)
    sign = rng.choice([-1, 1])
    stakes = float(fraction(exact.stakes(i, place[i])))
    name = f"{what} of {environment.agents[i].name} at {place}, {'+' if sign > 0 else '-'}"
    if what == "payment":
        payments = [values.copy() for values in mechanism.payment]
        payments[i][place[i]] += sign * float(STEP) * stakes
        moved = mo.Mechanism(environment, mechanism.allocation, tuple(payments))
    elif what == "ex post payment":
        ex_post = mechanism.ex_post_payment.copy()
        ex_post[(i, *place)] += sign * float(STEP) * stakes
        moved = dataclasses.replace(mechanism, ex_post_payment=ex_post)
    else:
        table = mechanism.allocation.dense(environment).copy()
        table[(0, *place)] += sign * float(STEP)
        moved = mo.Mechanism(environment, Table(table), mechanism.payment)
    return name, moved
