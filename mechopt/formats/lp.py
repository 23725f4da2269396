"""Linear programs in the LP format, one term a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from mechopt._util.arrays import IndexArray
from mechopt.errors import InvalidInputError
from mechopt.formats.numerals import numerals, signed
from mechopt.program.names import OBJECTIVE, NameArray, Names

if TYPE_CHECKING:
    from mechopt.program.standard_form import StandardForm

HEADER = "\\ Minimise. The .json file beside this one says what every name means.\nMinimize\n"


def lp_text(form: StandardForm, names: Names, whole: IndexArray | None = None) -> str:
    r"""Return a program in the LP format: minimise minus ``form.cost``.

    Readers number variables by where they first appear; only the names tell them apart.

    Parameters
    ----------
    form
        The program.
    names
        What its variables and constraints are called; see :func:`mechopt.program.names.names_of`.
    whole
        Positions of the variables that are whole numbers, listed in the file's last section.

    Raises
    ------
    InvalidInputError
        For rows with two different finite ends, which not all readers take.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
    >>> from mechopt.program.standard_form import standard_form
    >>> from mechopt.program.names import names_of
    >>> trade = BilateralTrade(TypeSpace.finite([0]), TypeSpace.finite([1]))
    >>> form = standard_form(ex_ante_efficiency(trade))
    >>> print(lp_text(form, names_of(form)).split("Subject To")[0])
    \ Minimise. The .json file beside this one says what every name means.
    Minimize
     cost:
     +1 seller_payment_0
     -1 buyer_quantity_0
     +1 buyer_payment_0
    """
    two_ends = np.isfinite(form.row_lower) & np.isfinite(form.row_upper)
    if (two_ends & (form.row_lower != form.row_upper)).any():
        raise InvalidInputError(
            "a row has two different ends",
            where="constraints",
            expected="rows that are equations, or bounded on one side",
            got=str(names.constraints[two_ends & (form.row_lower != form.row_upper)][0]),
            remedy="Export to .mps or .cbf.",
        )
    objective, constraints = _objective(form, names.variables), _constraints(form, names)
    bounds = _bounds(form, names.variables)
    kinds = "" if whole is None else _section_of_whole(names.variables[whole])
    return f"{HEADER}{objective}Subject To\n{constraints}{bounds}{kinds}End\n"


def _section_of_whole(names: NameArray) -> str:
    return "\n".join(["General", *(f" {name}" for name in names.tolist()), ""])


def _objective(form: StandardForm, names: NameArray) -> str:
    # A variable that is in no row would be unknown to readers, so it gets a cost of zero.
    shown = (form.cost != 0) | (np.diff(form.matrix.indptr) == 0)
    shown[0] |= not shown.any()
    place = np.flatnonzero(shown)
    terms = " " + signed(-form.cost[place]) + " " + names[place]
    return "\n".join([f" {OBJECTIVE}:", *terms.tolist(), ""])


def _constraints(form: StandardForm, names: Names) -> str:
    matrix = sparse.csr_array(form.matrix)
    per_row = np.diff(matrix.indptr)
    # The format has no empty rows, so they get a coefficient of zero.
    empty = np.flatnonzero(per_row == 0)
    row = np.concatenate([np.repeat(np.arange(per_row.size), per_row), empty])
    column = np.concatenate([matrix.indices, np.zeros_like(empty)])
    value = np.concatenate([matrix.data, np.zeros(empty.size)])
    order = np.argsort(row, kind="stable")
    lines = " " + signed(value)[order] + " " + names.variables[column[order]] + "\n"
    sizes = np.maximum(per_row, 1)
    ends = np.cumsum(sizes)
    low, high = np.isfinite(form.row_lower), np.isfinite(form.row_upper)
    relation = np.where(low & high, " = ", np.where(high, " <= ", " >= ")).astype(object)
    side = numerals(np.where(low, form.row_lower, np.where(high, form.row_upper, -np.inf)))
    starts = ends - sizes
    lines[starts] = " " + names.constraints + ":\n" + lines[starts]
    lines[ends - 1] += relation + side + "\n"
    return "".join(lines.tolist())


def _bounds(form: StandardForm, names: NameArray) -> str:
    lower, upper = form.lower, form.upper
    fixed, free = lower == upper, np.isneginf(lower) & np.isposinf(upper)
    below = np.isposinf(upper) & ~free & (lower != 0)
    both = np.isfinite(upper) & ~fixed
    lines = np.full(lower.size, "", dtype=object)
    lines[free] = " " + names[free] + " free\n"
    lines[fixed] = " " + names[fixed] + " = " + numerals(lower[fixed]) + "\n"
    lines[below] = " " + names[below] + " >= " + numerals(lower[below]) + "\n"
    sides = numerals(lower[both]), numerals(upper[both])
    lines[both] = " " + sides[0] + " <= " + names[both] + " <= " + sides[1] + "\n"
    return "Bounds\n" + "".join(lines.tolist())
