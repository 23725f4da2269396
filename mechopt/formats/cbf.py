"""Conic programs in the Conic Benchmark Format, version 4: power and exponential cones.

The format has no names and no bounds: bounds other than zero become rows of their own, and a curved
bound ``bounded <= base ** exponent`` becomes a cone of three rows, (base, 1, bounded), per profile.
So does ``bounded <= log(base)``, in an exponential cone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy import sparse

from mechopt._util.arrays import FloatArray, IndexArray
from mechopt.environments import PowerBound
from mechopt.formats.glossary import UPPER_END, bound_meaning
from mechopt.formats.numerals import numerals
from mechopt.problem.linear import CurvedRows, Meaning
from mechopt.program.names import NameArray

if TYPE_CHECKING:
    from mechopt.program.standard_form import Block, StandardForm

HEADER = "# Minimise. The .json file beside this one says what every variable and row is.\nVER\n4\n"
CONE_ROWS = "row of cone"


@dataclass(frozen=True, eq=False)
class ConicText:
    """A program as text, and the rows in it.

    Parameters
    ----------
    text
        The file.
    constraints
        Blocks of rows by name, in the file's order: those of the program, then bounds, then cones.
    num_nonzeros
        Number of coefficients in them.
    """

    text: str
    constraints: Mapping[str, Block]
    num_nonzeros: int


@dataclass(frozen=True, eq=False)
class _Rows:
    """Rows ``matrix @ x + constant`` in cones, one after the other."""

    row: IndexArray
    column: IndexArray
    value: FloatArray
    constant: FloatArray
    cones: tuple[tuple[str, int], ...]


def cbf_text(
    form: StandardForm,
    curves: Sequence[CurvedRows] = (),
) -> ConicText:
    """Return a program in the Conic Benchmark Format: minimise minus ``form.cost``.

    Parameters
    ----------
    form
        The linear part.
    curves
        The curved rows.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
    >>> from mechopt.program.standard_form import standard_form
    >>> from mechopt.program.tangents import curves_of
    >>> trade = BilateralTrade(TypeSpace.finite([0]), TypeSpace.finite([1]), 2.0, 1.0)
    >>> problem = ex_ante_efficiency(trade)
    >>> conic = cbf_text(standard_form(problem), curves_of(problem))
    >>> list(conic.constraints)[-3:]
    ['seller_trade_upper_bound', 'buyer_trade_upper_bound', 'frontier']
    >>> conic.text.split()[17:23]
    ['POWCONES', '1', '2', '2', '0.5', '0.5']
    """
    variable_cones = _variable_cones(form)
    constraints = dict(form.constraints)
    parts = [*_linear_rows(form, constraints), *_bound_rows(form, variable_cones, constraints)]
    exponents: list[float] = []
    for own in curves:
        pair = form.variables[own.base], form.variables[own.bounded]
        cone = "EXP"
        if isinstance(own.curve, PowerBound):
            cone = f"@{len(exponents)}:POW"
            exponents.append(own.curve.exponent)
        parts.append(_cone_rows(own.name, own.meaning, cone, pair, constraints))
    sizes = [part.constant.size for part in parts]
    starts = np.cumsum([0, *sizes])
    row = np.concatenate([part.row + s for part, s in zip(parts, starts, strict=False)])
    column = np.concatenate([part.column for part in parts])
    value = np.concatenate([part.value for part in parts])
    constant = np.concatenate([part.constant for part in parts])
    cones = _merged([cone for part in parts for cone in part.cones])
    priced, moved = np.flatnonzero(form.cost), np.flatnonzero(constant)
    text = "".join(
        [
            HEADER,
            _power_cones(exponents),
            "\nOBJSENSE\nMIN\n",
            _domains("VAR", form.cost.size, _runs(variable_cones)),
            _domains("CON", int(starts[-1]), cones),
            _entries("OBJACOORD", [priced], -form.cost[priced]),
            _entries("ACOORD", [row, column], value),
            _entries("BCOORD", [moved], constant[moved]),
        ]
    )
    return ConicText(text, constraints, value.size)


def _variable_cones(form: StandardForm) -> NameArray:
    """Return the cone that every variable is declared in; only zero can be a bound there."""
    cones = np.full(form.cost.size, "F", dtype=object)
    cones[(form.lower == 0) & (form.upper > 0)] = "L+"
    cones[(form.upper == 0) & (form.lower < 0)] = "L-"
    return cones


def _linear_rows(form: StandardForm, constraints: dict[str, Block]) -> list[_Rows]:
    """Return the program's rows, and once more those that have two different ends."""
    matrix = sparse.csr_array(form.matrix)
    low, high = np.isfinite(form.row_lower), np.isfinite(form.row_upper)
    cones = np.where(low, "L+", np.where(high, "L-", "F")).astype(object)
    cones[low & (form.row_lower == form.row_upper)] = "L="
    side = np.where(low, form.row_lower, np.where(high, form.row_upper, 0.0))
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    parts = [_Rows(row, matrix.indices, matrix.data, -side, _runs(cones))]
    ranged = np.flatnonzero(low & high & (form.row_lower != form.row_upper))
    if ranged.size:
        again = sparse.csr_array(matrix[ranged])
        row = np.repeat(np.arange(ranged.size), np.diff(again.indptr))
        cone = (("L-", ranged.size),)
        parts.append(_Rows(row, again.indices, again.data, -form.row_upper[ranged], cone))
        _append(constraints, "upper_end", UPPER_END, (ranged.size,), (), ranged)
    return parts


def _bound_rows(form: StandardForm, cones: NameArray, constraints: dict[str, Block]) -> list[_Rows]:
    """Return a row for every bound that the declaration of its variable does not state."""
    fixed = form.lower == form.upper
    kinds = (
        ("fixed", "L=", fixed, form.lower),
        ("lower_bound", "L+", np.isfinite(form.lower) & (cones != "L+") & ~fixed, form.lower),
        ("upper_bound", "L-", np.isfinite(form.upper) & (cones != "L-") & ~fixed, form.upper),
    )
    parts = []
    for kind, cone, applies, values in kinds:
        for block in form.variables.values():
            own = np.flatnonzero(applies[block.start : block.start + block.size])
            if not own.size:
                continue
            column, name = own + block.start, f"{block.name}_{kind}"
            meaning = bound_meaning(kind, block.name)
            if own.size == block.size:
                _append(constraints, name, meaning, block.shape, block.axes)
            else:
                _append(constraints, name, meaning, (own.size,), (), own)
            ones = np.ones(own.size)
            parts.append(
                _Rows(np.arange(own.size), column, ones, -values[column], ((cone, own.size),))
            )
    return parts


def _cone_rows(
    name: str,
    meaning: Meaning,
    cone: str,
    pair: tuple[Block, Block],
    constraints: dict[str, Block],
) -> _Rows:
    """Return (base, 1, bounded) of every profile, each in a cone of this kind."""
    base, bounded = pair
    profiles = np.arange(base.size)
    shape = base.shape if base.axes else ()
    _append(constraints, name, meaning, (*shape, 3), (*base.axes, CONE_ROWS))
    row = np.stack([3 * profiles, 3 * profiles + 2], axis=1).ravel()
    column = np.stack([base.start + profiles, bounded.start + profiles], axis=1).ravel()
    constant = np.tile([0.0, 1.0, 0.0], base.size)
    return _Rows(row, column, np.ones(row.size), constant, ((cone, 3),) * base.size)


def _append(
    constraints: dict[str, Block],
    name: str,
    meaning: Meaning,
    shape: tuple[int, ...],
    axes: tuple[str, ...],
    entries: npt.NDArray[np.intp] | None = None,
) -> None:
    """Add a block of rows after the last."""
    from mechopt.program.standard_form import Block

    last = list(constraints.values())[-1:]
    start = last[0].start + last[0].size if last else 0
    skips = None if entries is None else tuple(entries.tolist())
    while name in constraints:
        name += "_"
    constraints[name] = Block(name, start, shape, axes, skips, meaning=meaning)


def _runs(cones: NameArray) -> tuple[tuple[str, int], ...]:
    """Return runs of the same cone, and how long each is."""
    starts = np.flatnonzero(np.append([True], cones[1:] != cones[:-1])[: cones.size])
    lengths = np.diff(np.append(starts, cones.size)).astype(int)
    return tuple(zip(cones[starts].tolist(), lengths.tolist(), strict=True))


def _merged(cones: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return runs with neighbouring ones of the same linear cone put together."""
    merged: list[tuple[str, int]] = []
    for name, size in cones:
        if merged and merged[-1][0] == name and name in {"F", "L+", "L-", "L="}:
            merged[-1] = (name, merged[-1][1] + size)
        else:
            merged.append((name, size))
    return merged


def _power_cones(exponents: Sequence[float]) -> str:
    """Return the parameters of the power cones: x_0^δ x_1^(1-δ) >= |x_2|."""
    if not exponents:
        return ""
    lines = [f"\nPOWCONES\n{len(exponents)} {2 * len(exponents)}"]
    for exponent in exponents:
        first, second = numerals(np.array([exponent, 1.0 - exponent]))
        lines.append(f"2\n{first}\n{second}")
    return "\n".join(lines) + "\n"


def _domains(head: str, size: int, cones: Sequence[tuple[str, int]]) -> str:
    lines = [f"\n{head}\n{size} {len(cones)}", *(f"{name} {length}" for name, length in cones)]
    return "\n".join(lines) + "\n"


def _entries(head: str, places: Sequence[IndexArray], values: FloatArray) -> str:
    if not values.size:
        return ""
    lines = numerals(values)
    for place in reversed(places):
        texts = np.array([f"{k} " for k in range(int(place.max()) + 1)], dtype=object)
        lines = texts[place] + lines
    return "\n".join([f"\n{head}\n{values.size}", *lines.tolist(), ""])
