"""The keys of an agent's table that say how its sample is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeGuard

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import shown
from mechopt._util.given import DECIMALS
from mechopt.errors import InvalidInputError
from mechopt.types.residuals import LEVELS, Regressed, homogenise
from mechopt.types.table_format import TableFormat

if TYPE_CHECKING:
    from mechopt.types.samples import Sample

FORMAT_KEYS = tuple(part.name for part in fields(TableFormat))
SAMPLE_KEYS = (*FORMAT_KEYS, "covariates", "regression")


class SampleTable(Protocol):
    """What a table has to say of a sample."""

    @property
    def samples(self) -> str | None:
        """The path of the file."""

    @property
    def column(self) -> str | None:
        """The name of the column."""

    @property
    def covariates(self) -> Sequence[str] | None:
        """Columns to regress on."""

    @property
    def regression(self) -> str | None:
        """Levels or logs."""


def sample_of(table: SampleTable, folder: Path, other: object = None) -> Sample:
    """Return the sample that a table describes, less what its covariates explain.

    Two sides of one table are regressed on the same rows, those with both sides' columns and the
    covariates, so that their values are for the same object.

    Parameters
    ----------
    table
        The table, without faults of form.
    folder
        What its path is relative to.
    other
        The table of the other side as it stands in the file, with faults or without.

    Raises
    ------
    InvalidInputError
        As for :func:`mechopt.types.samples.read_sample` and :func:`mechopt.priors.homogenise`;
        and if the other side is a column of the same file and has other covariates, or none.
    """
    from mechopt.types.samples import read_sample

    given: dict[str, Any] = {
        name: value for name in FORMAT_KEYS if (value := getattr(table, name)) is not None
    }
    beside = [name.strip() for name in table.covariates or ()]
    if table.regression is not None and not beside:
        raise InvalidInputError(
            "has no effect",
            where="regression",
            expected="covariates to regress on",
            got="none",
            remedy="Name them, or remove the key.",
        )
    path = folder / str(table.samples)
    sample, *others = read_sample(path, str(table.column), TableFormat(**given), beside=beside)
    if not others:
        return sample
    kept, complete = np.ones(sample.lines.size, dtype=bool), [str(table.column), *beside]
    if is_same_table(other, path, folder, given.get("sheet")):
        _check_covariates(beside, other.get("covariates"), path.name)
        kept = _rows_of_both(sample, others, beside, other, path)
        complete.insert(1, str(other["column"]))
    columns = np.column_stack([each.values[kept] for each in others])
    regression = table.regression or LEVELS
    found = homogenise(sample.values[kept], columns, regression=regression)
    at = tuple(map(float, found.at))
    regressed = Regressed(tuple(beside), regression, at, found.explained, tuple(complete))
    return replace(
        sample,
        values=found.values,
        written=DECIMALS,
        lines=sample.lines[kept],
        regressed=regressed,
    )


def is_same_table(
    other: object, path: Path, folder: Path, sheet: object
) -> TypeGuard[Mapping[str, Any]]:
    """Return whether the raw table of a side names a column of a file and sheet.

    Examples
    --------
    >>> other = {"samples": "bids.csv", "column": "bid"}
    >>> is_same_table(other, Path("bids.csv"), Path(), None)
    True
    """
    if not isinstance(other, Mapping) or not isinstance(other.get("column"), str):
        return False
    name = other.get("samples")
    if not isinstance(name, str) or other.get("sheet") != sheet:
        return False
    try:
        return (folder / name).resolve() == path.resolve()
    except (OSError, ValueError):
        return False


def _check_covariates(ours: Sequence[str], theirs: object, name: str) -> None:
    """Refuse other covariates of the other side, or none: the sides would be at two objects."""
    named = list(map(str, theirs)) if isinstance(theirs, list) else []
    if {each.strip() for each in named} != set(ours):
        raise InvalidInputError(
            f"the two sides of {name} are not regressed on the same",
            where="covariates",
            expected="the same covariates for both sides of one table, so that both are at one "
            "object",
            got=f"{shown(', '.join(ours))} here, {shown(', '.join(named)) or 'none'} at the other "
            "side",
            remedy="Give both sides the same covariates, or neither.",
        )


def _rows_of_both(
    sample: Sample,
    covariates: Sequence[Sample],
    beside: Sequence[str],
    other: Mapping[str, Any],
    path: Path,
) -> npt.NDArray[np.bool_]:
    """Return which rows the other side has as well; all, if its own reading reports faults."""
    from mechopt.types.samples import read_sample

    try:
        how = TableFormat(**{name: other[name] for name in FORMAT_KEYS if name in other})
        theirs, *read = read_sample(path, other["column"], how, beside=beside)
    except InvalidInputError:
        return np.ones(sample.lines.size, dtype=bool)
    common, ours, at = np.intersect1d(sample.lines, theirs.lines, return_indices=True)
    if not common.size:
        raise InvalidInputError(
            f"{path.name} has no row with both sides",
            where="covariates",
            expected="rows with both columns and the covariates",
            got="none",
            remedy="Check the columns, or leave the covariates out.",
        )
    for name, mine, its in zip(beside, covariates, read, strict=True):
        if not np.array_equal(mine.values[ours], its.values[at]):
            raise InvalidInputError(
                f'the two sides read the column "{shown(name)}" of {path.name} in two ways',
                where="covariates",
                expected="the same decimal, thousands and currency for both sides",
                got="different numbers in the same rows",
                remedy="Say alike in both tables how numbers are written.",
            )
    return np.isin(sample.lines, common)
