"""Checks of the outcomes of a mechanism: feasible in every profile, and what interim ones say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from mechopt._util.arrays import FloatArray, IndexArray, in_blocks
from mechopt.environments import Environment
from mechopt.environments.outcomes import OutcomeRow
from mechopt.mechanism.allocation import Table
from mechopt.mechanism.check import Check
from mechopt.mechanism.counts_rule import CountsRule, counts_in
from mechopt.mechanism.mechanism import Mechanism
from mechopt.mechanism.money import profile_text
from mechopt.problem.problem import DesignProblem
from mechopt.verify.sampled import drawn_profiles, sampled_quantity_checks

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
    types = _audited_types(problem, mechanism, notes)
    if types is None:
        profiles = _looked_at(mechanism)
        allocation = mechanism.allocation.at_profiles(environment, profiles)
    else:
        profiles = np.ix_(*types)
        allocation = mechanism.allocation.on_grid(environment, types)
    yield from _quantity_checks(problem, mechanism, allocation, notes)
    for v, name in enumerate(outcomes.variables):
        # Judged by the ends of its range first, which takes no array over the profiles.
        low, high = allocation[v].min(), allocation[v].max()
        excess = np.maximum(outcomes.lower[v] - low, high - outcomes.upper[v])
        if not excess <= NOISE:
            excess = np.maximum(
                outcomes.lower[v] - allocation[v], allocation[v] - outcomes.upper[v]
            )
        yield _probability_check(f"bounds of {name}", excess, problem, profiles, tolerance)
    for row in outcomes.rows:
        excess = _excess_of(partial(_beyond, row), allocation)
        yield _probability_check(row.name, excess, problem, profiles, tolerance)
    for power in outcomes.curves:
        excess = _excess_of(power.excess, allocation)
        yield _probability_check(power.name, excess, problem, profiles, tolerance)
    if problem.prescribes_allocation:
        if types is None:
            prescribed = environment.efficient_at(profiles)
        else:
            prescribed = environment.efficient_on_grid(types)
        distance = np.abs(allocation - prescribed).max(axis=0)
        yield _probability_check(
            "the prescribed allocation", distance, problem, profiles, tolerance
        )


def _looked_at(mechanism: Mechanism) -> tuple[IndexArray, ...]:
    """Return drawn profiles; where counts of types tell all there is, one of every state."""
    environment = mechanism.environment
    if not isinstance(mechanism.allocation, CountsRule):
        return drawn_profiles(environment)
    _, states = counts_in(environment, "allocation", "outcomes by counts of other agents")
    return tuple(np.stack([np.repeat(np.arange(states.size), s) for s in states.every], axis=1))


def _beyond(row: OutcomeRow, allocation: FloatArray) -> FloatArray:
    """Return by how much outcomes exceed what a row allows."""
    left = np.tensordot(np.array(row.coefficients), allocation, axes=1)
    return np.asarray(left - row.upper, dtype=np.float64)


def _excess_of(excess: Callable[[FloatArray], FloatArray], allocation: FloatArray) -> FloatArray:
    """Return the excess in every profile, or only the largest where it is no more than rounding."""
    shape = allocation.shape[1:]
    largest = np.max([excess(allocation[:, block]).max() for block in in_blocks(shape)])
    return excess(allocation) if not largest <= NOISE else np.asarray(largest)


def _quantity_checks(
    problem: DesignProblem, mechanism: Mechanism, audited: FloatArray, notes: list[str]
) -> Iterator[Check]:
    """Yield the checks that interim quantities are what the outcomes average to.

    Rules compute them by sorting; here they are averaged profile by profile, for all types or, of
    very many, for a few, or over drawn profiles where even those meet too many others. ``audited``
    are the outcomes at hand: those of all profiles, if not too many.
    """
    environment = problem.environment
    complete = audited.shape[1:] == environment.shape
    # Those that two types of an agent meet.
    few = environment.has_few_profiles(MAX_EX_POST_PROFILES * min(environment.shape) // 2)
    few = few and not isinstance(mechanism.allocation, CountsRule)
    if not complete and environment.independent and not few:
        notes.append(
            "Interim quantities were compared with averages over profiles that were drawn."
        )
        yield from sampled_quantity_checks(mechanism, REPORTED_TOLERANCE)
        return
    if not complete and not environment.independent:
        # What a type believes of the others is told by the whole table of profiles.
        audited, complete = mechanism.allocation.dense(environment), True
    for i, agent in enumerate(environment.agents):
        size = agent.types.num_cells
        cells = np.arange(size) if complete else np.array([size // 3, 2 * size // 3])
        if complete:
            quantity = environment.interim_quantity(i, audited)
        else:
            quantity = _averaged(mechanism, i, cells)
        difference = np.abs(quantity - mechanism.quantity[i][cells]).reshape(cells.size, -1).max(1)
        worst = int(np.argmax(difference))
        cell = int(cells[worst])
        where = f"{agent.name} type {cell} ({agent.types.label(cell)})"
        error = float(difference[worst])
        requirement = f"interim quantities of {agent.name} average its outcomes"
        yield Check(requirement, error, error, REPORTED_TOLERANCE, where)


def _averaged(mechanism: Mechanism, i: int, cells: IndexArray) -> FloatArray:
    """Return the average of what happens to some types of an agent, over all profiles they meet."""
    environment, averages = mechanism.environment, []
    types = environment.all_types
    # One by one: sums along a vector round less than those over rows of a matrix.
    for k in range(cells.size):
        types[i] = cells[k : k + 1]
        outcomes = mechanism.allocation.on_grid(environment, types)
        averages.append(environment.interim_quantity(i, outcomes))
    return np.concatenate(averages)


def _audited_types(
    problem: DesignProblem, mechanism: Mechanism, notes: list[str]
) -> tuple[IndexArray, ...] | None:
    """Return the types whose profiles are looked at: all, or evenly spaced ones of a rule.

    None where profiles have to be drawn, or counts of types tell all there is.
    """
    environment = problem.environment
    agents = len(environment.agents)
    few = environment.has_few_profiles(MAX_EX_POST_PROFILES)
    by_counts = isinstance(mechanism.allocation, CountsRule)
    if isinstance(mechanism.allocation, Table) or (few and not by_counts):
        return tuple(np.arange(size) for size in environment.shape)
    how = "Outcomes are computed by a rule, profile by profile; they were checked for"
    # As many profiles as with two agents.
    side = round(SAMPLED_TYPES ** (2.0 / agents))
    if by_counts:
        notes.append(f"{how} one profile of every state: identical agents are treated alike.")
        return None
    if side < SIDE and environment.independent:
        notes.append(f"{how} profiles that were drawn from the prior.")
        return None
    group = "pair" if agents == 2 else "profile"
    notes.append(
        f"{how} every {group} of {side} types a side, evenly spaced and including both ends."
    )
    return tuple(
        np.array(sorted(set(np.linspace(0, size - 1, side).astype(np.intp).tolist())))
        for size in environment.shape
    )


def _probability_check(
    requirement: str,
    excess: FloatArray,
    problem: DesignProblem,
    profiles: tuple[IndexArray, ...],
    tolerance: float,
) -> Check:
    """Judge an excess as it is, and by the money that it moves in its profile.

    ``profiles`` are positions of types that together broadcast to the excess, unless that is the
    largest alone because it is no more than rounding.
    """
    largest = float(excess.max())
    if largest <= NOISE:
        return Check(requirement, max(largest, 0.0), 0.0, tolerance, "in all profiles")
    scaled = np.where(excess > NOISE, excess * _leverage(problem, profiles), excess)
    worst = int(np.argmax(scaled))
    place = np.unravel_index(worst, excess.shape)
    cells = [int(types[place]) for types in np.broadcast_arrays(*profiles)]
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
        moved = moved + _largest_worth(environment, i)[profiles[i]]
        own = problem.environment.stakes[i][profiles[i]]
        stakes = np.maximum(stakes, np.maximum(own, problem.environment.first_best))
    # Where nothing is at stake, whatever is more than rounding counts.
    stakes = np.maximum(stakes, NOISE * moved)
    return np.maximum(moved / np.where(stakes > 0.0, stakes, 1.0), 1.0)


def _largest_worth(environment: Environment, i: int) -> FloatArray:
    """Return the most that a unit of any variable brings or costs each type of an agent."""
    if not environment.has_net_quantity(i):
        return np.asarray(np.abs(environment.worth[i]).max(axis=(1, 2)))
    largest = float(np.abs(environment.outcomes.net_quantity[i]).max())
    return largest * np.abs(environment.agents[i].types.mean)
