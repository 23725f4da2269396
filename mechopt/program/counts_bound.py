"""What feasible outcomes of identical agents by counts are worth at most, state by state."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.environments.counted import States
from mechopt.problem.problem import DesignProblem
from mechopt.program.standard_form import StandardForm

UNIT = 0.5 * float(np.finfo(np.float64).eps)


def best_by_counts(
    problem: DesignProblem, form: StandardForm, weight: FloatArray, error: FloatArray
) -> tuple[float, float]:
    """Return the most that feasible outcomes of all states are worth, and its margin for rounding.

    Parameters
    ----------
    problem
        A problem of which :func:`mechopt.problem.counts.has_counts_form` is true.
    form
        Its program.
    weight, error : arrays (num_variables,)
        What a unit of each variable is worth, and what rounding may have made of that.

    Notes
    -----
    In a state of all agents, types of which there are N_k win w_k q_k with 0 <= q_k <= 1; units go
    to the largest w_k / N_k first, as in a knapsack of which parts may be taken.
    """
    environment = problem.environment
    counted, name = environment.outcomes.counted, environment.agents[0].name
    assert counted is not None
    states = States(len(environment.agents), environment.shape[0])
    worth = np.zeros((len(states.every), 0))
    slips = 0.0
    if counted.has_own:
        block = form.variables[f"{name}_quantity"]
        there = states.every > 0
        worth = np.take_along_axis(block.of(weight), states.of_others, axis=1).T
        worth = np.where(there, np.maximum(worth, 0.0), 0.0)
        slips += float(block.of(error).sum())
    if counted.units is not None:
        won = _greedy(worth, states.every.astype(np.float64), float(counted.units))
        best = (worth * won).sum(axis=1)
    else:
        best = worth.sum(axis=1)
    size = float(best.sum())
    if counted.common:
        block = form.variables[counted.common]
        common = block.of(weight)
        slips += float(block.of(error).sum())
        size += float(np.abs(common).sum())
        best = np.maximum(best + common, 0.0)
    terms = worth.shape[1] + 64
    return float(best.sum()), slips + UNIT * terms * size


def by_state(
    problem: DesignProblem, form: StandardForm, duals: Mapping[str, FloatArray]
) -> Mapping[str, FloatArray]:
    """Return multipliers of a program by counts from those of the program over profiles.

    A program of a curved objective is over profiles, and yet its tangent may have one by counts.
    Multipliers of the agents, and of the profiles in one state, are added up; those that are by
    counts already stay as they are.

    Parameters
    ----------
    problem, form
        As of :func:`best_by_counts`.
    duals
        Multipliers of either program.
    """
    names = [agent.name for agent in problem.environment.agents]
    states = States(len(names), problem.environment.shape[0])
    found = dict(duals)
    for key, block in form.constraints.items():
        if key == "budget" and key in duals and np.size(duals[key]) > block.size:
            whole = np.ravel(duals[key])
            places = states.places_of_profiles(len(names))
            found[key] = np.asarray(np.bincount(places, whole, block.size), dtype=np.float64)
        elif key.startswith(f"{names[0]}_"):
            alike = [f"{name}{key.removeprefix(names[0])}" for name in names]
            given = [np.asarray(duals[each], dtype=np.float64) for each in alike if each in duals]
            if not given:
                continue
            total = np.asarray(sum(given))
            if total.ndim > 2 and len(block.axes) == 2:
                places = states.places_of_profiles(len(names) - 1)
                rows = total.reshape(len(total), -1)
                total = np.stack([np.bincount(places, row, block.shape[1]) for row in rows])
            found[key] = total
    return found


def _greedy(worth: FloatArray, counts: FloatArray, units: float) -> FloatArray:
    """Return, in each row, what parts to take of things of some worth and size, for so much room.

    Examples
    --------
    >>> _greedy(np.array([[3.0, 2.0, 0.0]]), np.array([[2.0, 1.0, 0.0]]), 2.0)
    array([[0.5, 1. , 1. ]])
    """
    rate = np.divide(worth, counts, out=np.zeros_like(worth), where=counts > 0.0)
    order = np.argsort(-rate, axis=1, kind="stable")
    size = np.take_along_axis(counts, order, axis=1)
    before = np.cumsum(size, axis=1) - size
    part = np.divide(units - before, size, out=np.ones_like(size), where=size > 0.0)
    taken = np.empty_like(part)
    np.put_along_axis(taken, order, np.clip(part, 0.0, 1.0), axis=1)
    return taken
