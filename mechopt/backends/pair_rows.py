"""Incentives between all pairs of types, of which HiGHS is handed those that matter.

Of the pairs of many types few bind. HiGHS begins with those of types that lie close together; the
pairs that its answer violates most are added to the model, which keeps its basis, until it violates
none. The answer is then one of the whole program, and rows that were never added have a multiplier
of zero.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mechopt._util.arrays import FloatArray, IndexArray
from mechopt.backends.settings import Settings
from mechopt.backends.statuses import OUT_OF_TIME, Ending
from mechopt.environments import Environment

if TYPE_CHECKING:
    import highspy

    from mechopt.program.standard_form import Block, StandardForm

# Fewer rows are handed over as they are.
FEW_ROWS = 10_000
NEAREST = 8
WORST = 3
MAX_ROUNDS = 500

Run = Callable[["highspy.Highs", "StandardForm"], tuple[Ending, int]]


def waiting_blocks(form: StandardForm) -> list[Block]:
    """Return the blocks of rows over all pairs of an agent's types, if they have very many."""
    blocks = [b for b in form.constraints.values() if b.is_of_pairs and len(b.axes) == 2]
    return blocks if sum(block.size for block in blocks) > FEW_ROWS else []


def first_rows(form: StandardForm, environment: Environment, blocks: list[Block]) -> IndexArray:
    """Return the positions of the rows to begin with: all that are not of pairs, and near pairs.

    Near are the types for whom outcomes are worth most nearly the same.
    """
    chosen = np.ones(form.row_lower.size, dtype=bool)
    for block in blocks:
        worth = environment.worth[environment.index_of(block.axes[0])]
        size = len(worth)
        worth = worth.reshape(size, -1)
        near = np.zeros((size, size), dtype=bool)
        for k in range(size):
            away = np.abs(worth - worth[k]).sum(axis=1)
            near[k, np.argsort(away, kind="stable")[: NEAREST + 1]] = True
        own = near[~np.eye(size, dtype=bool)]
        chosen[block.start : block.start + block.size] = own
    return np.flatnonzero(chosen)


def run_by_pairs(
    form: StandardForm,
    environment: Environment,
    blocks: list[Block],
    settings: Settings,
    load: Callable[[StandardForm], highspy.Highs],
    run: Run,
) -> tuple[highspy.Highs, Ending, int, IndexArray]:
    """Run HiGHS on the rows that matter, and add those that its answer violates.

    Parameters
    ----------
    form
        The whole program.
    environment
        What it is of.
    blocks
        Of the rows that wait.
    settings
        Of the solver.
    load
        Loads a program into HiGHS.
    run
        Runs it.

    Returns
    -------
    model, ending, iterations
        HiGHS, why it stopped, and its iterations in total.
    rows
        Which row of the whole program each of its rows is.
    """
    from scipy import sparse

    matrix = sparse.csr_array(form.matrix)
    rows = first_rows(form, environment, blocks)
    part = replace(
        form,
        matrix=sparse.csc_array(matrix[rows]),
        row_lower=form.row_lower[rows],
        row_upper=form.row_upper[rows],
    )
    model, total = load(part), 0
    for number in range(MAX_ROUNDS):
        how, iterations = run(model, part)
        total += iterations
        if not how.is_optimal:
            break
        values = np.asarray(model.getSolution().col_value)
        short = form.row_lower - matrix @ values
        short[rows] = -np.inf
        found = [_worst(block, short, settings.tolerance) for block in blocks]
        added = np.concatenate(found)
        if not added.size:
            break
        if number == MAX_ROUNDS - 2:  # The rest at once, so that the last round is the last.
            added = np.setdiff1d(np.arange(form.row_lower.size), rows)
        if settings.is_over:
            return model, OUT_OF_TIME, total, rows
        more = sparse.csr_array(matrix[added])
        lower, upper = form.row_lower[added], form.row_upper[added]
        model.addRows(
            added.size, lower, upper, more.nnz, more.indptr[:-1].astype(np.int32),
            more.indices.astype(np.int32), more.data,
        )  # fmt: skip
        rows = np.concatenate([rows, added])
    return model, how, total, rows


def _worst(block: Block, short: FloatArray, tolerance: float) -> IndexArray:
    """Return the rows of the reports that each type gains most by, where it gains."""
    by_type = short[block.start : block.start + block.size].reshape(block.full_shape[0], -1)
    worst = np.argsort(-by_type, axis=1, kind="stable")[:, :WORST]
    types = np.arange(len(by_type))[:, None]
    gains = by_type[types, worst] > tolerance
    return np.asarray(block.start + (types * by_type.shape[1] + worst)[gains], dtype=np.intp)


def spread_over(rows: IndexArray, multipliers: FloatArray, size: int) -> FloatArray:
    """Return multipliers of all rows of the program: zero for those that were never added.

    Examples
    --------
    >>> spread_over(np.array([2, 0]), np.array([0.5, 1.0]), 3)
    array([1. , 0. , 0.5])
    """
    every = np.zeros(size)
    every[rows] = multipliers
    return every
