"""What requirements have to satisfy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.backends import solve
from mechopt.errors import InvalidInputError, UnsupportedProblemError, require
from mechopt.mechanism.allocation import Table
from mechopt.mechanism.mechanism import Mechanism
from mechopt.problem.budget import Budget
from mechopt.problem.objectives import Welfare
from mechopt.problem.problem import (
    AllocationRequirement,
    DesignProblem,
    Incentives,
    Participation,
)
from mechopt.problem.requirement import Requirement
from mechopt.program.numbers import in_floats, in_fractions
from mechopt.program.standard_form import Program, StandardForm, assemble
from mechopt.testing.common import accepted, demand, demand_equal, loaded_again
from mechopt.testing.solutions import check_everywhere

FITS = "the requirement fits the problem"
ROWS = "rows agree with the definition"
SCALING = "scaling changes money alone"
EXACT = "rows in fractions equal rows in floats"

FACTORS = (0.125, 3.0)
# Violations between the two are taken for neither met nor broken.
MET, BROKEN = 1e-9, 1e-6
HALVINGS = 40
BESIDE = 1e-3


def check_requirement(
    requirement: Requirement, problem: DesignProblem, *, draws: int = 30, seed: int = 0
) -> None:
    """Check a requirement: its rows, its definition, its multipliers, and that all use it.

    Random mechanisms are moved to where they just meet the rows of the requirement; there
    ``checks`` has to change its mind too. Rows in fractions equal those in floats, another unit of
    money changes money alone, and the requirement comes back from a file as it was. With it, the
    problem is solved in every backend, audited, bounded by the multipliers, which are derivatives,
    solved in fractions where its numbers are rational, and exported.

    Parameters
    ----------
    requirement
        The requirement.
    problem
        A small problem, with an optimum and preferably of rational numbers, in which it matters.
        The requirement is added to it, unless it is there already.
    draws
        How many random mechanisms are drawn.
    seed
        Of the random numbers.

    Raises
    ------
    AssertionError
        At the first check that fails: which, where, what was expected, what was got.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, UtilityFloor, ex_ante_efficiency
    >>> types = TypeSpace.finite([0, 1, 2])
    >>> problem = ex_ante_efficiency(BilateralTrade(types, types))
    >>> check_requirement(UtilityFloor("buyer", [0.1, 0.2, 0.3]), problem)
    """
    require(requirement, Requirement, where="requirement", remedy="Pass a requirement.")
    require(problem, DesignProblem, where="problem", remedy="Pass a problem with an optimum.")
    rng = np.random.default_rng(seed)
    again = loaded_again(requirement)
    with accepted(FITS, type(requirement).__name__):
        requirement.validate(problem.environment)
        if requirement not in problem.all_requirements:
            problem = replace(problem, requirements=(*problem.requirements, again))
        _ = problem.all_requirements
    alone = _alone(requirement, problem)
    _check_fractions(alone)
    optimum = solve(problem, "highs", throw=False).mechanism
    demand(
        optimum is not None, FITS, "problem", "one with an optimum under the requirement", "none"
    )
    assert optimum is not None
    _check_rows(requirement, alone, optimum, rng, draws)
    check_everywhere(problem, rng=rng)


def _alone(requirement: Requirement, problem: DesignProblem) -> DesignProblem:
    """Return the problem in which nothing else is required."""
    return replace(
        problem,
        objective=Welfare((1.0,) * len(problem.environment.agents)),
        allocation=AllocationRequirement.FREE,
        incentives=Incentives.NONE,
        participation=Participation.NONE,
        budget=Budget.SUBSIDISED,
        requirements=(requirement,),
    )


@dataclass(frozen=True, eq=False)
class _Point:
    """What happens and what is paid: allocation, and payments by type or by profile."""

    allocation: FloatArray
    payment: tuple[FloatArray, ...]

    def towards(self, other: _Point, share: float) -> _Point:
        """Return the point on the way to another."""
        return _Point(
            self.allocation + share * (other.allocation - self.allocation),
            tuple(
                own + share * (far - own)
                for own, far in zip(self.payment, other.payment, strict=True)
            ),
        )

    def mechanism(self, problem: DesignProblem) -> Mechanism:
        """Return the mechanism."""
        environment, table = problem.environment, Table(self.allocation)
        if problem.by_profile:
            return Mechanism.of_profiles(environment, table, np.stack(self.payment))
        return Mechanism(environment, table, self.payment)

    def scaled(self, factor: float) -> _Point:
        """Return the point in another unit of money."""
        return _Point(self.allocation, tuple(factor * paid for paid in self.payment))


def _beyond(problem: DesignProblem, form: StandardForm, point: _Point) -> float:
    """Return by how much a mechanism misses the worst row or bound, relative to what is at stake.

    Rows of what the variables are hold by construction.
    """
    environment, names = problem.environment, problem.environment.outcomes.variables
    values = np.zeros(form.matrix.shape[1])
    parts = dict(zip(names, point.allocation, strict=True))
    quantities = environment.interim_quantities(point.allocation)
    for agent, quantity, paid in zip(environment.agents, quantities, point.payment, strict=True):
        parts[f"{agent.name}_payment"] = paid
        if not problem.by_profile:
            parts[f"{agent.name}_quantity"] = quantity
    for name, part in parts.items():
        block = form.variables[name]
        values[block.start : block.start + block.size] = part.ravel()
    left = form.matrix @ values
    rows = np.maximum(form.row_lower - left, left - form.row_upper)
    for block in form.constraints.values():
        if block.in_money:
            rows[block.start : block.start + block.size] /= environment.payoff_scale
    bounds = np.maximum(form.lower - values, values - form.upper)
    for agent in environment.agents:
        block = form.variables[f"{agent.name}_payment"]
        bounds[block.start : block.start + block.size] /= environment.payoff_scale
    return float(np.max(np.concatenate([rows, bounds])))


def _check_rows(
    requirement: Requirement,
    problem: DesignProblem,
    optimum: Mechanism,
    rng: np.random.Generator,
    draws: int,
) -> None:
    """Check that rows and definition change their minds at the same mechanisms."""
    form = assemble(problem, in_floats(problem)).as_standard_form()
    paid = tuple(optimum.ex_post_payments()) if problem.by_profile else optimum.payment
    met = [_Point(optimum.allocation.dense(problem.environment), paid)]
    _compare(requirement, problem, form, met[0], "at the optimum")
    broken: list[_Point] = []
    for draw in range(draws):
        start, far = met[rng.integers(len(met))], _random_point(problem, rng)
        if _beyond(problem, form, far) <= MET:
            met.append(far)
            _compare(requirement, problem, form, far, f"draw {draw}")
            continue
        inside, outside = 0.0, 1.0
        for _ in range(HALVINGS):
            middle = 0.5 * (inside + outside)
            if _beyond(problem, form, start.towards(far, middle)) <= MET:
                inside = middle
            else:
                outside = middle
        for share in (inside, outside + BESIDE * (1 - outside), 1.0):
            point = start.towards(far, share)
            if _compare(requirement, problem, form, point, f"draw {draw}"):
                met.append(point)
            else:
                broken.append(point)
    demand(
        broken,
        ROWS,
        "all mechanisms drawn",
        "some that break the requirement, so that a fault would be seen",
        "none",
    )
    _check_scaling(requirement, problem, form, [*met[:2], *broken[:4]])


def _compare(
    requirement: Requirement, problem: DesignProblem, form: StandardForm, point: _Point, where: str
) -> bool:
    """Compare what rows and definition say of one mechanism; return whether it meets the rows."""
    beyond = _beyond(problem, form, point)
    passed, broken = _verdicts(requirement, problem, point)
    said = f"rows are missed by {beyond:.3g}; outcomes {point.allocation.tolist()}"
    if beyond <= MET:
        demand(not broken, ROWS, where, f"a check that passes, as {said}", broken)
    elif beyond >= BROKEN:
        demand(not passed, ROWS, where, f"a check that fails, as {said}", passed)
    return beyond <= MET


def _verdicts(requirement: Requirement, problem: DesignProblem, point: _Point) -> tuple[str, str]:
    """Return, in words, the checks if all of them pass, and those that find more than rounding."""
    checks = list(requirement.checks(problem.environment, point.mechanism(problem), MET))
    demand(checks, ROWS, "checks", "at least one check", "none")
    failed = [check for check in checks if not check.passed]
    much = BROKEN * max(1.0, problem.environment.payoff_scale)
    passed = "" if failed else "; ".join(map(str, checks))
    return passed, "; ".join(str(check) for check in failed if not check.violation <= much)


def _check_scaling(
    requirement: Requirement, problem: DesignProblem, form: StandardForm, points: Sequence[_Point]
) -> None:
    """Check that rows and definition say the same in other units of money."""
    for factor in FACTORS:
        with accepted(SCALING, f"scaled({factor})"):
            own, scaled = requirement.scaled(factor), problem.scaled(factor)
            scaled = replace(scaled, requirements=(own,))
            other = assemble(scaled, in_floats(scaled)).as_standard_form()
        for point in points:
            beyond = _beyond(problem, form, point)
            again = _beyond(scaled, other, point.scaled(factor))
            where = f"how far rows are missed, scaled({factor})"
            demand_equal(SCALING, where, beyond, again, MET * (1.0 + abs(beyond)))
            if MET < beyond < BROKEN:
                continue
            verdicts = [
                bool(_verdicts(*each)[beyond <= MET])
                for each in ((requirement, problem, point), (own, scaled, point.scaled(factor)))
            ]
            demand(
                verdicts[0] == verdicts[1],
                SCALING,
                f"checks, scaled({factor})",
                "the same verdict as before",
                "another",
            )


def _random_point(problem: DesignProblem, rng: np.random.Generator) -> _Point:
    """Return a random mechanism with feasible outcomes."""
    environment = problem.environment
    outcomes, shape = environment.outcomes, environment.shape
    corners = np.concatenate([outcomes.vertices, _best_ones(problem, rng)])
    share = rng.dirichlet(np.full(len(corners), 0.3), size=shape)
    allocation = np.moveaxis(share @ corners, -1, 0)
    scale = environment.payoff_scale * 10.0 ** rng.uniform(-2, 0.5)
    sizes = [shape if problem.by_profile else (size,) for size in shape]
    paid = tuple(scale * (rng.normal() + rng.normal(size=size)) for size in sizes)
    return _Point(allocation, paid)


def _best_ones(problem: DesignProblem, rng: np.random.Generator) -> FloatArray:
    """Return outcomes that are best by random weights; more than corners where there are curves."""
    outcomes = problem.environment.outcomes
    return outcomes.best(rng.normal(size=(len(outcomes.variables), 4))).T


def _check_fractions(problem: DesignProblem) -> None:
    """Check that the program in fractions is the one in floats, where there is one."""
    try:
        numbers = in_fractions(problem)
    except (InvalidInputError, UnsupportedProblemError):
        return
    wanted, found = (assemble(problem, each) for each in (in_floats(problem), numbers))
    names = list(found.constraints)
    demand(
        names == list(wanted.constraints), EXACT, "names of rows", list(wanted.constraints), names
    )
    for part in ("row_lower", "row_upper", "lower", "upper"):
        values = getattr(wanted, part).astype(np.float64)
        size = float(np.max(np.abs(values[np.isfinite(values)]), initial=1.0))
        demand_equal(EXACT, part, values, getattr(found, part), MET * size)
    demand_equal(EXACT, "matrix", _dense(wanted), _dense(found), MET)


def _dense(program: Program) -> FloatArray:
    entries = program.entries
    matrix = np.zeros(entries.shape)
    np.add.at(matrix, (entries.row, entries.column), entries.value.astype(np.float64))
    return matrix
