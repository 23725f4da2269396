"""Checks of the outcomes of a mechanism: feasible in every profile, and what interim ones say."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mechopt._util.arrays import FloatArray, IndexArray
from mechopt.mechanism.allocation import Table
from mechopt.mechanism.check import Check
from mechopt.mechanism.mechanism import Mechanism
from mechopt.mechanism.money import profile_text
from mechopt.problem.problem import DesignProblem
from mechopt.verify.sampled import GRIDS, drawn_grids, sampled_quantity_checks

REPORTED_TOLERANCE = 1e-9
MAX_EX_POST_PROFILES = 5_000_000
SAMPLED_TYPES = 300
# With more agents, fewer evenly spaced types each than this say little.
SIDE = 10
# Probabilities within this of their bounds are within them up to rounding.
NOISE = 64 * float(np.finfo(np.float64).eps)


def outcome_checks(
    problem: DesignProblem, mechanism: Mechanism, tolerance: float, notes: list[str]
) -> Iterator[Check]:
    """Yield the checks that every profile's outcome is feasible, and as prescribed."""
    environment = problem.environment
    outcomes = environment.outcomes
    grids = _audited_grids(problem, mechanism, notes)
    audited = [(cells, mechanism.allocation.on_grid(environment, cells)) for cells in grids]
    yield from _quantity_checks(problem, mechanism, audited[0][1], notes)
    found = [list(_checks_on(problem, *each, tolerance)) for each in audited]
    for checks in zip(*found, strict=True):
        failed = [check for check in checks if not check.passed]
        yield max(failed or checks, key=lambda check: check.scaled)


def _checks_on(
    problem: DesignProblem,
    cells: tuple[IndexArray, ...],
    allocation: FloatArray,
    tolerance: float,
) -> Iterator[Check]:
    """Yield the checks that the outcomes of a grid of types are feasible, and as prescribed."""
    outcomes = problem.environment.outcomes
    excesses: list[tuple[str, FloatArray]] = []
    for v, name in enumerate(outcomes.variables):
        excess = np.maximum(outcomes.lower[v] - allocation[v], allocation[v] - outcomes.upper[v])
        excesses.append((f"bounds of {name}", excess))
    for row in outcomes.rows:
        used = np.tensordot(np.array(row.coefficients), allocation, axes=1)
        excesses.append((row.name, used - row.upper))
    excesses += [(power.name, power.excess(allocation)) for power in outcomes.power_bounds]
    if problem.prescribes_allocation:
        prescribed = problem.environment.efficient_on_grid(cells)
        distance = np.abs(allocation - prescribed).max(axis=0)
        excesses.append(("the prescribed allocation", distance))
    for name, excess in excesses:
        yield _probability_check(name, excess, problem, cells, tolerance)


def _quantity_checks(
    problem: DesignProblem, mechanism: Mechanism, audited: FloatArray, notes: list[str]
) -> Iterator[Check]:
    """Yield the checks that interim quantities are what the outcomes average to.

    Rules compute them by sorting; here they are averaged profile by profile, for all types or, of
    very many, for a few, or over drawn types where even those meet too many others. ``audited`` are
    the outcomes at hand: those of all profiles, if not too many.
    """
    environment = problem.environment
    complete = audited.shape[1:] == environment.shape
    of_two_types = 2 * environment.num_profiles // min(environment.shape)
    if not complete and environment.independent and of_two_types > MAX_EX_POST_PROFILES:
        notes.append("Interim quantities were compared with averages over types that were drawn.")
        yield from sampled_quantity_checks(mechanism, REPORTED_TOLERANCE)
        return
    for i, agent in enumerate(environment.agents):
        size = agent.types.num_cells
        cells = np.arange(size) if complete else np.array([size // 3, 2 * size // 3])
        outcomes = audited
        if not complete:
            types = [np.arange(n) if j != i else cells for j, n in enumerate(environment.shape)]
            outcomes = mechanism.allocation.on_grid(environment, types)
        quantity = environment.interim_quantity(i, outcomes)
        difference = np.abs(quantity - mechanism.quantity[i][cells]).reshape(cells.size, -1).max(1)
        worst = int(np.argmax(difference))
        cell = int(cells[worst])
        where = f"{agent.name} type {cell} ({agent.types.label(cell)})"
        error = float(difference[worst])
        requirement = f"interim quantities of {agent.name} average its outcomes"
        yield Check(requirement, error, error, REPORTED_TOLERANCE, where)


def _audited_grids(
    problem: DesignProblem, mechanism: Mechanism, notes: list[str]
) -> list[tuple[IndexArray, ...]]:
    """Return the grids of types that are looked at: all, evenly spaced, or drawn ones of a rule."""
    environment = problem.environment
    stored = isinstance(mechanism.allocation, Table)
    if stored or environment.num_profiles <= MAX_EX_POST_PROFILES:
        return [tuple(np.arange(size) for size in environment.shape)]
    how = "Outcomes are computed by a rule, profile by profile; they were checked for"
    # A grid of as many profiles as with two agents.
    side = round(SAMPLED_TYPES ** (2.0 / len(environment.agents)))
    if side < SIDE:
        notes.append(f"{how} profiles of {GRIDS} grids of types that were drawn.")
        return drawn_grids(environment)
    group = "pair" if len(environment.agents) == 2 else "profile"
    notes.append(
        f"{how} every {group} of {side} types a side, evenly spaced and including both ends."
    )
    return [
        tuple(
            np.unique(np.linspace(0, size - 1, side).astype(np.intp)) for size in environment.shape
        )
    ]


def _probability_check(
    requirement: str,
    excess: FloatArray,
    problem: DesignProblem,
    profiles: tuple[IndexArray, ...],
    tolerance: float,
) -> Check:
    """Judge an excess as it is, and by the money that it moves in its profile."""
    scaled = np.where(excess > NOISE, excess * _leverage(problem, profiles), excess)
    worst = int(np.argmax(scaled))
    if not scaled.flat[worst] > NOISE:
        return Check(requirement, max(float(excess.max()), 0.0), 0.0, tolerance, "in all profiles")
    place = np.unravel_index(worst, excess.shape)
    cells = [int(types[position]) for types, position in zip(profiles, place, strict=True)]
    violation, judged = float(excess.flat[worst]), float(scaled.flat[worst])
    return Check(
        requirement, violation, judged, tolerance, profile_text(problem.environment, cells)
    )


def _leverage(problem: DesignProblem, profiles: tuple[IndexArray, ...]) -> FloatArray:
    """Return how many times what is at stake a whole unit of outcome moves, at least 1.

    An outcome that is off by little moves much money where a type lies far off.
    """
    environment = problem.environment.centred
    moved = stakes = np.zeros(1)
    for i in range(len(environment.agents)):
        shape = [1] * len(environment.agents)
        shape[i] = profiles[i].size
        moved = moved + np.abs(environment.worth[i]).max(axis=1)[profiles[i]].reshape(shape)
        own = problem.environment.stakes[i][profiles[i]].reshape(shape)
        stakes = np.maximum(stakes, np.maximum(own, problem.environment.first_best))
    # Where nothing is at stake, whatever is more than rounding counts.
    stakes = np.maximum(stakes, NOISE * moved)
    return np.maximum(moved / np.where(stakes > 0.0, stakes, 1.0), 1.0)
