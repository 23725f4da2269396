"""Checks of the outcomes of a mechanism: feasible in every profile, and what interim ones say."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mechopt._util.arrays import FloatArray, IndexArray
from mechopt.environments import Environment
from mechopt.mechanism.allocation import Table
from mechopt.mechanism.check import Check
from mechopt.mechanism.mechanism import Mechanism
from mechopt.mechanism.money import profile_text
from mechopt.problem.problem import DesignProblem

REPORTED_TOLERANCE = 1e-9
MAX_EX_POST_PROFILES = 5_000_000
SAMPLED_TYPES = 300
# Probabilities within this of their bounds are within them up to rounding.
NOISE = 64 * float(np.finfo(np.float64).eps)


def outcome_checks(
    problem: DesignProblem, mechanism: Mechanism, tolerance: float, notes: list[str]
) -> Iterator[Check]:
    """Yield the checks that every profile's outcome is feasible, and as prescribed."""
    environment = problem.environment
    outcomes = environment.outcomes
    profiles = _audited_types(problem, mechanism, notes)
    allocation = mechanism.allocation.on_grid(environment, profiles)
    yield from _quantity_checks(problem, mechanism, allocation)
    for v, name in enumerate(outcomes.variables):
        excess = np.maximum(outcomes.lower[v] - allocation[v], allocation[v] - outcomes.upper[v])
        yield _probability_check(f"bounds of {name}", excess, problem, profiles, tolerance)
    for row in outcomes.rows:
        excess = np.tensordot(np.array(row.coefficients), allocation, axes=1) - row.upper
        yield _probability_check(row.name, excess, problem, profiles, tolerance)
    for power in outcomes.power_bounds:
        excess = power.excess(allocation)
        yield _probability_check(power.name, excess, problem, profiles, tolerance)
    if problem.prescribes_allocation:
        prescribed = environment.efficient_on_grid(profiles)
        distance = np.abs(allocation - prescribed).max(axis=0)
        yield _probability_check(
            "the prescribed allocation", distance, problem, profiles, tolerance
        )


def _quantity_checks(
    problem: DesignProblem, mechanism: Mechanism, audited: FloatArray
) -> Iterator[Check]:
    """Yield the checks that interim quantities are what the outcomes average to.

    Rules compute them by sorting; here they are averaged profile by profile, for all types or, of
    very many, for a few. ``audited`` are the outcomes at hand: those of all profiles, if not too
    many.
    """
    environment = problem.environment
    complete = audited.shape[1:] == environment.shape
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


def _audited_types(
    problem: DesignProblem, mechanism: Mechanism, notes: list[str]
) -> tuple[IndexArray, ...]:
    """Return the types whose profiles are looked at: all, or evenly spaced ones of a rule."""
    environment = problem.environment
    stored = isinstance(mechanism.allocation, Table)
    if stored or environment.num_profiles <= MAX_EX_POST_PROFILES:
        return tuple(np.arange(size) for size in environment.shape)
    notes.append(
        "Outcomes are computed by a rule, profile by profile; they were checked for every pair of "
        f"{SAMPLED_TYPES} types a side, evenly spaced and including both ends."
    )
    return tuple(
        np.unique(np.linspace(0, size - 1, SAMPLED_TYPES).astype(np.intp))
        for size in environment.shape
    )


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
        moved = moved + _largest_worth(environment, i)[profiles[i]].reshape(shape)
        own = problem.environment.stakes[i][profiles[i]].reshape(shape)
        stakes = np.maximum(stakes, np.maximum(own, problem.environment.first_best))
    # Where nothing is at stake, whatever is more than rounding counts.
    stakes = np.maximum(stakes, NOISE * moved)
    return np.maximum(moved / np.where(stakes > 0.0, stakes, 1.0), 1.0)


def _largest_worth(environment: Environment, i: int) -> FloatArray:
    """Return the most that a unit of any variable brings or costs each type of an agent."""
    if not environment.has_net_quantity(i):
        return np.asarray(np.abs(environment.worth[i]).max(axis=1))
    largest = float(np.abs(environment.outcomes.net_quantity[i]).max())
    return largest * np.abs(environment.agents[i].types.mean)
