"""The keys of an agent's table that say how its sample is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from mechopt.errors import InvalidInputError
from mechopt.given import DECIMALS
from mechopt.priors.residuals import LEVELS, homogenise
from mechopt.priors.samples import Sample, read_sample
from mechopt.priors.table_format import TableFormat

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


def sample_of(table: SampleTable, folder: Path) -> Sample:
    """Return the sample that a table describes, less what its covariates explain.

    Parameters
    ----------
    table
        The table, without faults of form.
    folder
        What its path is relative to.

    Raises
    ------
    InvalidInputError
        As for :func:`mechopt.priors.samples.read_sample` and :func:`mechopt.homogenise`.
    """
    given: dict[str, Any] = {
        name: value for name in FORMAT_KEYS if (value := getattr(table, name)) is not None
    }
    beside = list(table.covariates or ())
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
    columns = np.column_stack([other.values for other in others])
    found = homogenise(sample.values, columns, regression=table.regression or LEVELS)
    name = f"{sample.name}, less what {', '.join(beside)} explain ({found.explained:.1%})"
    return replace(sample, values=found.values, written=DECIMALS, name=name)
