"""Multipliers as they stand, row by row of the program: for requirements of every kind.

Where all that is required is interim, :mod:`mechopt.verify.multipliers` does without the program.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.mechanism.check import Check
from mechopt.mechanism.mechanism import Mechanism
from mechopt.mechanism.money import EPS
from mechopt.problem.problem import DesignProblem
from mechopt.program.standard_form import Block, StandardForm, standard_form

# Relative to the largest multiplier, or the gains: what solvers leave of zero.
TOLERANCE = 1e-6
ROUNDING = 64 * EPS
# Of the largest multiplier: a smaller one is a solver's zero.
BINDING_SHARE = 1e-9


@dataclass(frozen=True, eq=False)
class _Rows:
    """A program at a mechanism and at multipliers."""

    problem: DesignProblem
    form: StandardForm
    values: FloatArray
    multipliers: FloatArray

    @classmethod
    def of(
        cls, problem: DesignProblem, mechanism: Mechanism, duals: Mapping[str, FloatArray]
    ) -> _Rows:
        """Return the program of a problem; ValueError for multipliers of the wrong shape."""
        form = standard_form(problem)
        allocation = mechanism.allocation.dense(problem.environment)
        known = dict(zip(problem.environment.outcomes.variables, allocation, strict=True))
        for i, agent in enumerate(problem.environment.agents):
            known[f"{agent.name}_quantity"] = mechanism.quantity[i]
            known[f"{agent.name}_payment"] = (
                mechanism.ex_post_payments()[i] if problem.by_profile else mechanism.payment[i]
            )
        # A variable of an objective's own is in no mechanism; rows with one have no known room.
        values = [
            np.ravel(known.get(name, np.full(block.shape, np.nan)))
            for name, block in form.variables.items()
        ]
        multipliers = np.zeros(form.row_lower.size)
        for name, block in form.constraints.items():
            if name in duals:
                given = block.gathered(np.asarray(duals[name], dtype=np.float64))
                multipliers[block.start : block.start + block.size] = given
        return cls(problem, form, np.concatenate(values), multipliers)

    @cached_property
    def equations(self) -> np.ndarray:
        """Which rows are equations."""
        return np.asarray(self.form.row_lower == self.form.row_upper)

    @cached_property
    def spare(self) -> FloatArray:
        """Room in every row that rounding does not explain; zero where it is not known."""
        form = self.form
        room = form.matrix @ self.values - form.row_lower
        rounding = abs(form.matrix) @ np.abs(self.values) + np.abs(form.row_lower)
        return np.maximum(np.nan_to_num(room - ROUNDING * rounding, nan=0.0), 0.0)

    @cached_property
    def stakes(self) -> FloatArray:
        """What room is measured in, by row: gains, or one unit of quantity."""
        scale = np.ones(self.spare.size)
        for block in self.form.constraints.values():
            if block.in_money:
                scale[block.start : block.start + block.size] = self.problem.objective_scale
        return scale

    def without_room(self, block: Block) -> np.ndarray:
        """Return which entries of a block have a multiplier and no room."""
        part = slice(block.start, block.start + block.size)
        largest = float(np.abs(self.multipliers).max(initial=0.0))
        charged = self.multipliers[part] > BINDING_SHARE * largest
        return np.asarray(charged & (self.spare[part] <= TOLERANCE * self.stakes[part]))


def binding_rows(
    problem: DesignProblem, mechanism: Mechanism, duals: Mapping[str, FloatArray]
) -> list[tuple[Block, int]]:
    """Return the requirements that cost something, each with the number of its rows that do.

    Equations always bind and are left out.

    Examples
    --------
    >>> from mechopt import BilateralTrade, DesignProblem, TypeSpace, Welfare, solve
    >>> types = TypeSpace.finite([0, 1, 2])
    >>> trade = BilateralTrade(types, types)
    >>> problem = DesignProblem(
    ...     trade, Welfare((1, 1)), incentives="dominant", participation="ex-post"
    ... )
    >>> found = solve(problem)
    >>> binding = binding_rows(problem, found.mechanism, found.duals)
    >>> all(count <= block.size for block, count in binding)
    True
    """
    rows = _Rows.of(problem, mechanism, duals)
    blocks = [
        block
        for block in rows.form.constraints.values()
        if block.required and not rows.equations[block.start]
    ]
    counted = ((block, int(rows.without_room(block).sum())) for block in blocks)
    return [(block, count) for block, count in counted if count]


def row_checks(
    problem: DesignProblem, mechanism: Mechanism, duals: Mapping[str, FloatArray]
) -> Iterator[Check]:
    """Yield checks of signs, of payments that cancel, and of charges where there is room.

    Notes
    -----
    Source: the Karush-Kuhn-Tucker conditions of the program. What they say of outcomes is in the
    bound that the multipliers prove.
    """
    rows = _Rows.of(problem, mechanism, duals)
    given = np.where(rows.equations, 0.0, rows.multipliers)
    largest = float(np.abs(rows.multipliers).max(initial=0.0))
    scale = max(largest, problem.objective.largest_weight)
    k = int(np.argmin(given))
    least = -min(float(given[k]), 0.0)
    where = f"{_entry(rows.form, k)} is {given[k]:.3g}" if least else "none below 0"
    yield Check("signs of the multipliers", least, least / scale, TOLERANCE, where)
    for agent in problem.environment.agents:
        yield _payments(rows, agent.name, scale)
    charged = np.maximum(given, 0.0) * rows.spare
    k = int(np.argmax(charged))
    worst, where = float(charged[k]), "no multiplier where there is room"
    if worst:
        room = f"where there is room of {rows.spare[k]:.3g}"
        where = f"{_entry(rows.form, k)} is {given[k]:.3g}, {room}"
    gains = problem.objective_scale or scale
    requirement = "multipliers where requirements bind"
    yield Check(requirement, worst, worst / gains, TOLERANCE, where)


def _payments(rows: _Rows, agent: str, scale: float) -> Check:
    """Check that payments have weight zero in the Lagrangian, those at a limit apart."""
    form, block = rows.form, rows.form.variables[f"{agent}_payment"]
    part = slice(block.start, block.start + block.size)
    weight = (form.cost + form.matrix.T @ rows.multipliers)[part]
    low, high, paid = form.lower[part], form.upper[part], rows.values[part]
    near = TOLERANCE * np.maximum(rows.problem.objective_scale, np.abs(paid))
    # At its limit a payment may be worth more than it may be.
    weight = np.where(paid >= high - near, np.minimum(weight, 0.0), weight)
    weight = np.where(paid <= low + near, np.maximum(weight, 0.0), weight)
    k = int(np.argmax(np.abs(weight)))
    error = abs(float(weight[k]))
    where = "all are weighted by 0"
    if error > ROUNDING * scale:
        where = f"payment {k} of {block.size}: weighted by {weight[k]:.3g}, not 0"
    requirement = f"payments of {agent} cancel, by the multipliers"
    return Check(requirement, error, error / scale, TOLERANCE, where)


def _entry(form: StandardForm, row: int) -> str:
    """Return a row in words: its block and its place there."""
    (block,) = [
        block
        for block in form.constraints.values()
        if block.start <= row < block.start + block.size
    ]
    place = np.unravel_index(row - block.start, block.shape)
    return f"{block.name}[{', '.join(str(int(k)) for k in place)}]"
