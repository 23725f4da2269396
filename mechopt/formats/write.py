"""Writing a problem as a file for any solver, with a sidecar that says what it means."""

from __future__ import annotations

import gzip
import hashlib
import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from types import NoneType

import numpy as np

from mechopt._util.files import write_together
from mechopt.errors import InvalidInputError, UnsupportedProblemError, require
from mechopt.formats.sidecar import Optimum, Sidecar, sidecar_path
from mechopt.problem.problem import DesignProblem
from mechopt.program.names import names_of
from mechopt.program.reading import whole_columns
from mechopt.program.standard_form import StandardForm, standard_form
from mechopt.program.tangents import curves_of

SUFFIXES = {
    ".mps": "mps",
    ".mps.gz": "mps",
    ".lp": "lp",
    ".cbf": "cbf",
    ".cbf.gz": "cbf",
    ".nl": "nl",
}
COMPRESSED = ".gz"
FORMS = ("neighbouring", "all-pairs")
COMPRESSION = 9


# Solvers treat what is smaller than their tolerances, near 1e-7, as nothing.
SMALLEST_COEFFICIENT = 1e-7
LARGEST_COEFFICIENT = 1e7
SMALLEST_STAKE = 1e-4


class ScaleWarning(UserWarning):
    """A model was written whose numbers are too small or too large for solvers' tolerances."""


@dataclass(frozen=True, eq=False)
class Content:
    """A model as text, and its sidecar."""

    text: str
    sidecar: Sidecar


def export(
    problem: DesignProblem,
    path: str | Path,
    *,
    form: str = "neighbouring",
    title: str = "",
    unit: str = "money",
    optimum: Optimum | None = None,
) -> list[Path]:
    """Write a problem as a model for any solver, and beside it a JSON file that explains it.

    The model is a minimisation without a constant; names say which types a row or column belongs
    to. The same problem gives the same bytes.

    Parameters
    ----------
    problem
        A design problem.
    path
        Ends with ``.mps``, ``.mps.gz``, ``.lp``, ``.cbf``, ``.cbf.gz`` or ``.nl``. The sidecar's
        path is this and ``.json``: sense, meaning of the objective, name to types, sections of the
        theory, and the problem itself.
    form
        ``"neighbouring"``, or ``"all-pairs"`` for the large textbook form of a design problem.
    title, unit
        What to call the problem, and what money is measured in.
    optimum
        What is known of the optimum, for the sidecar: a
        :class:`mechopt.formats.sidecar.Optimum`.

    Returns
    -------
    list of Path
        What was written: the model, then its sidecar.

    Raises
    ------
    InvalidInputError
        For other suffixes, files that cannot be written, and curved bounds (delayed trade) in a
        linear format.
    UnsupportedProblemError
        For all pairs in ``.nl``.

    Warns
    -----
    ScaleWarning
        If numbers are so large or small that solvers' default tolerances may not do; money in
        another unit (``problem.scaled``) is the remedy.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> export(ex_ante_efficiency(BilateralTrade(types, types)), "trade.docx")
    Traceback (most recent call last):
        ...
    mechopt.errors.InvalidInputError: trade.docx: no format has this suffix (expected .mps, ...
    """
    written, sidecar = write_model(
        problem, path, form=form, title=title, unit=unit, optimum=optimum
    )
    remark = scale_remark(sidecar)
    if remark:
        warnings.warn(f"{path}: {remark}", ScaleWarning, stacklevel=2)
    return written


def write_model(
    problem: DesignProblem,
    path: str | Path,
    *,
    form: str = "neighbouring",
    title: str = "",
    unit: str = "money",
    optimum: Optimum | None = None,
) -> tuple[list[Path], Sidecar]:
    """Write a model and its sidecar without a warning, and return the sidecar too.

    Parameters
    ----------
    problem, path, form, title, unit, optimum
        As in :func:`export`.
    """
    require(path, (str, os.PathLike), where="path", remedy="Pass where to write the model.")
    hint = "Pass a text."
    require(title, str, where="title", remedy=hint)
    require(unit, str, where="unit", remedy=hint)
    require(optimum, (Optimum, NoneType), where="optimum", remedy="Pass an Optimum.")
    file_format, compressed = format_of(path)
    hint = "State what is asked with ex_ante_efficiency(trade) or the like, and export that."
    require(problem, DesignProblem, where="problem", remedy=hint)
    content = content_of(
        problem, file_format, form=form, title=title, unit=unit, optimum=optimum, where=str(path)
    )
    data = content.text.encode("utf-8")
    if compressed:
        # No name and no time, so that the same problem gives the same bytes.
        data = gzip.compress(data, COMPRESSION, mtime=0)
    beside = sidecar_path(path)
    write_together({Path(path): data, beside: content.sidecar.text()})
    return [Path(path), beside], content.sidecar


def scale_remark(sidecar: Sidecar) -> str:
    """Return what is wrong with the scale of a model, or nothing.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
    >>> types = TypeSpace.finite([0, 1])
    >>> problem = ex_ante_efficiency(BilateralTrade(types, types))
    >>> scale_remark(content_of(problem, "mps").sidecar)
    ''
    >>> scale_remark(content_of(problem.scaled(1e-6), "mps").sidecar)
    "coefficients go from 5e-07 to 1, and types differ by 1e-06 in money; solvers' tolerances..."
    """
    stake = sidecar.environment.payoff_scale
    low, high = sidecar.coefficients or (1.0, 1.0)
    fits = low >= SMALLEST_COEFFICIENT and high <= LARGEST_COEFFICIENT
    if fits and stake >= SMALLEST_STAKE:
        return ""
    return (
        f"coefficients go from {low:.2g} to {high:.2g}, and types differ by {stake:.2g} in money; "
        "solvers' tolerances are near 1e-07, so their answers may be wrong. State the problem in "
        "another unit of money, in Python with problem.scaled(factor)."
    )


def format_of(path: str | Path) -> tuple[str, bool]:
    """Return the format that a path's suffix asks for, and whether to compress.

    Raises
    ------
    InvalidInputError
        For other suffixes.

    Examples
    --------
    >>> format_of("trade.mps.gz")
    ('mps', True)
    """
    name = Path(path).name.lower()
    for suffix, file_format in SUFFIXES.items():
        if name.endswith(suffix):
            return file_format, suffix.endswith(COMPRESSED)
    raise InvalidInputError(
        "no format has this suffix",
        where=str(path),
        expected=", ".join(SUFFIXES),
        got=Path(path).suffix or "none",
        remedy="End the path with one of these.",
    )


def content_of(
    problem: DesignProblem,
    file_format: str,
    *,
    form: str = "neighbouring",
    title: str = "",
    unit: str = "money",
    optimum: Optimum | None = None,
    where: str = "path",
) -> Content:
    """Return a problem as the text of a file, and the sidecar that belongs to it.

    Parameters
    ----------
    problem, form, title, unit, optimum
        As in :func:`export`.
    file_format
        ``"mps"``, ``"lp"``, ``"cbf"`` or ``"nl"``.
    where
        What to name as the place in errors.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
    >>> types = TypeSpace.finite([0, 1])
    >>> content = content_of(ex_ante_efficiency(BilateralTrade(types, types)), "lp")
    >>> content.sidecar.num_nonzeros
    38
    """
    if problem.deterministic and file_format not in {"mps", "lp"}:
        raise InvalidInputError(
            "a format that is written without whole numbers",
            where=where,
            expected="the suffix .mps or .lp, of a deterministic problem",
            got=f".{file_format}",
            remedy="Export to one of these.",
        )
    curves, outcomes = curves_of(problem), problem.environment.outcomes
    if curves and file_format in {"mps", "lp"}:
        raise InvalidInputError(
            "a linear format for a program with curved bounds",
            where=where,
            expected="the suffix .cbf (cones) or .nl (powers, logarithms)",
            got=f".{file_format}, and the bound {', '.join(own.name for own in curves)}",
            remedy="Export to .cbf or .nl"
            + (f", or use {outcomes.without_curves}." if outcomes.curves else "."),
        )
    if form not in FORMS:
        raise InvalidInputError(
            "no such form of the program",
            where="form",
            expected=" or ".join(FORMS),
            got=repr(form),
            remedy="Leave it out for the small one.",
        )
    if file_format == "nl":
        return _nonlinear(problem, form, title, unit, optimum)
    program = standard_form(problem, textbook=form == "all-pairs", groups=True)
    whole = whole_columns(program, problem) if problem.deterministic else None
    constraints, num_nonzeros = program.constraints, int(program.matrix.nnz)
    if file_format == "cbf":
        from mechopt.formats.cbf import cbf_text

        conic = cbf_text(program, curves)
        text, constraints, num_nonzeros = conic.text, conic.constraints, conic.num_nonzeros
    elif file_format == "lp":
        from mechopt.formats.lp import lp_text

        text = lp_text(program, names_of(program), whole)
    else:
        from mechopt.formats.mps import mps_text

        text = mps_text(program, names_of(program), whole)
    sidecar = Sidecar(
        file_format,
        form,
        problem,
        program.variables,
        constraints,
        _digest(text),
        num_nonzeros,
        title,
        unit,
        optimum,
        0.0,
        _magnitudes(program),
    )
    return Content(text, sidecar)


def _nonlinear(
    problem: DesignProblem, form: str, title: str, unit: str, optimum: Optimum | None
) -> Content:
    if form != "neighbouring":
        raise UnsupportedProblemError(
            "export: .nl goes through the Pyomo model, which states the small form of a design "
            f"problem only (got {form}). Export to .mps, .lp or .cbf."
        )
    from mechopt.formats.nl import nl_text

    model = nl_text(problem)
    sidecar = Sidecar(
        "nl",
        form,
        problem,
        model.variables,
        model.constraints,
        _digest(model.text),
        model.num_nonzeros,
        title,
        unit,
        optimum,
        0.0,
        _magnitudes(standard_form(problem, groups=True)),
        model.variable_order,
        model.constraint_order,
    )
    return Content(model.text, sidecar)


def _magnitudes(program: StandardForm) -> tuple[float, float] | None:
    """Return the smallest and the largest magnitude of coefficients that are not zero."""
    magnitudes = np.abs(np.concatenate([program.matrix.data, program.cost]))
    present = magnitudes[magnitudes > 0]
    return (float(present.min()), float(present.max())) if present.size else None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
