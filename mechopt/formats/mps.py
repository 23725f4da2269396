"""Linear programs in free MPS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import IndexArray
from mechopt.formats.numerals import numerals
from mechopt.program.names import OBJECTIVE, NameArray, Names

if TYPE_CHECKING:
    from mechopt.program.standard_form import StandardForm

HEADER = "* Minimise. The .json file beside this one says what every name means.\nNAME mechopt\n"


def mps_text(form: StandardForm, names: Names, whole: IndexArray | None = None) -> str:
    """Return a program as free MPS: minimise minus ``form.cost``, without an OBJSENSE section.

    A free row becomes a row of type N, which readers drop. Both ends of a row that has two are
    written as RANGES, whose upper end is exact to a rounding error.

    Parameters
    ----------
    form
        The program.
    names
        What its variables and constraints are called; see :func:`mechopt.program.names.names_of`.
    whole
        Positions of the variables that are whole numbers, between markers in the file.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
    >>> from mechopt.program.standard_form import standard_form
    >>> from mechopt.program.names import names_of
    >>> trade = BilateralTrade(TypeSpace.finite([0]), TypeSpace.finite([1]))
    >>> form = standard_form(ex_ante_efficiency(trade))
    >>> print(mps_text(form, names_of(form)).split("COLUMNS")[0].rstrip())
    * Minimise. The .json file beside this one says what every name means.
    NAME mechopt
    ROWS
     N  cost
     E  seller_quantity_definition_0
     E  buyer_quantity_definition_0
     G  seller_participation_lower_0
     G  buyer_participation_lower_0
     E  budget
    """
    return "".join(
        [
            HEADER,
            _rows(form, names.constraints),
            _columns(form, names, whole),
            _right_hand_sides(form, names.constraints),
            _bounds(form, names.variables),
            "ENDATA\n",
        ]
    )


def _rows(form: StandardForm, names: NameArray) -> str:
    low, high = np.isfinite(form.row_lower), np.isfinite(form.row_upper)
    kind = np.where(low, " G  ", np.where(high, " L  ", " N  ")).astype(object)
    kind[low & (form.row_lower == form.row_upper)] = " E  "
    return _section(f"ROWS\n N  {OBJECTIVE}", kind + names)


def _columns(form: StandardForm, names: Names, whole: IndexArray | None) -> str:
    matrix = form.matrix
    per_column = np.diff(matrix.indptr)
    # A column without any entry would be unknown to readers, so it gets a cost of zero.
    priced = np.flatnonzero((form.cost != 0) | (per_column == 0))
    column = np.concatenate([priced, np.repeat(np.arange(per_column.size), per_column)])
    row = np.concatenate([np.full(priced.size, -1), matrix.indices])
    value = np.concatenate([-form.cost[priced], matrix.data])
    order = np.argsort(column, kind="stable")
    rows = np.append(names.constraints, OBJECTIVE) + " "  # position -1 is the last
    columns = " " + names.variables + " "
    lines = columns[column[order]] + rows[row[order]] + numerals(value)[order]
    if whole is not None:
        lines = _between_markers(lines, np.isin(column[order], whole))
    return _section("COLUMNS", lines)


def _between_markers(lines: NameArray, whole: npt.NDArray[np.bool_]) -> NameArray:
    """Return lines with those of whole numbers between markers."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], whole, [False]]).astype(np.int8)))
    markers = [
        f" MARKER{k} 'MARKER' '{'INTEND' if k % 2 else 'INTORG'}'" for k in range(edges.size)
    ]
    return np.insert(lines, edges, markers)


def _right_hand_sides(form: StandardForm, names: NameArray) -> str:
    low, high = np.isfinite(form.row_lower), np.isfinite(form.row_upper)
    side = np.where(low, form.row_lower, np.where(high, form.row_upper, 0.0))
    present = np.flatnonzero(side)
    text = _section("RHS", " RHS " + names[present] + " " + numerals(side[present]))
    ranged = np.flatnonzero(low & high & (form.row_lower != form.row_upper))
    if ranged.size:
        width = form.row_upper[ranged] - form.row_lower[ranged]
        text += _section("RANGES", " RANGE " + names[ranged] + " " + numerals(width))
    return text


def _bounds(form: StandardForm, names: NameArray) -> str:
    lower, upper = form.lower, form.upper
    fixed = lower == upper
    open_below, open_above = np.isneginf(lower), np.isposinf(upper)
    # Readers disagree on the lower bound of a variable whose upper one is not positive, unless it
    # is stated.
    stated = ~open_below & ((lower != 0) | (upper <= 0)) & ~fixed
    kinds = (
        ("FX", fixed, lower),
        ("FR", open_below & open_above, None),
        ("MI", open_below & ~open_above, None),
        ("LO", stated, lower),
        ("UP", ~open_above & ~fixed, upper),
    )
    places, lines = [], []
    for kind, applies, values in kinds:
        place = np.flatnonzero(applies)
        line = f" {kind} BOUND " + names[place]
        places.append(place)
        lines.append(line if values is None else line + " " + numerals(values[place]))
    order = np.argsort(np.concatenate(places), kind="stable")
    return _section("BOUNDS", np.concatenate(lines)[order])


def _section(head: str, lines: NameArray) -> str:
    return "\n".join([head, *lines.tolist(), ""])
