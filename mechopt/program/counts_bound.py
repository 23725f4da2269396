"""What feasible outcomes of identical agents by counts are worth at most, state by state."""

from __future__ import annotations

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
