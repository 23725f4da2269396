"""The table of a sweep: columns in a fixed order, for programs and for people."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mechopt._util.rounding import in_figures
from mechopt._util.table import Table
from mechopt._util.text import for_csv
from mechopt.errors import InvalidInputError, require_extra

SUFFIXES = (".csv", ".parquet", ".json", ".tex", ".md", ".txt")
PARTS = {
    "continuum": ("lower", "upper", "estimate"),
    "audit": ("max_violation", "passed"),
}
FIRST = (
    "objective", "bound", "status", "limit", "detail", "backend", "first_best", "efficiency",
    "alpha",
)  # fmt: skip
LAST = ("seconds", "error")
# What says how a point was answered rather than what the answer is.
ABOUT_ANSWERS = ("bound", "status", "limit", "detail", "backend", *LAST)
TEXTS = ("status", "limit", "detail", "backend", "error")


def flattened(record: Mapping[str, Any], agents: Sequence[str]) -> dict[str, Any]:
    """Return the scalar keys of a record; tables within become keys with a point, lists go.

    Parameters
    ----------
    record
        The keys of ``mechopt solve --json``.
    agents
        Names of the agents, for utilities that are null.

    Examples
    --------
    >>> flattened({"objective": 1.0, "utilities": None, "audit": {"passed": True}}, ["seller"])
    {'objective': 1.0, 'utilities.seller': None, 'audit.passed': True}
    """
    parts_of = {"utilities": tuple(agents), **PARTS}
    row: dict[str, Any] = {}
    for key, value in record.items():
        if value is None and key in parts_of:
            row.update({f"{key}.{part}": None for part in parts_of[key]})
        elif isinstance(value, Mapping):
            row.update({f"{key}.{part}": v for part, v in value.items() if _is_scalar(v)})
        elif _is_scalar(value):
            row[key] = value
    return row


def columns_of(rows: Iterable[Mapping[str, Any]], agents: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of a table: the usual ones in a fixed order, others before the last two.

    Examples
    --------
    >>> columns_of([{"gap": 0.1, "error": None}], ["seller"])[9:]  # doctest: +NORMALIZE_WHITESPACE
    ('utilities.seller', 'continuum.lower', 'continuum.upper', 'continuum.estimate',
     'audit.max_violation', 'audit.passed', 'gap', 'seconds', 'error')
    """
    usual = [
        *FIRST,
        *(f"utilities.{agent}" for agent in agents),
        *(f"{key}.{part}" for key, parts in PARTS.items() for part in parts),
    ]
    found = dict.fromkeys(key for row in rows for key in row)
    others = [key for key in found if key not in usual and key not in LAST]
    return (*usual, *others, *LAST)


def table_of(columns: Sequence[str], rows: Sequence[Sequence[Any]], num_varied: int) -> Table:
    """Return columns and rows of a sweep as a table; people get those that say something.

    Parameters
    ----------
    columns, rows
        As of :class:`mechopt.sweeps.Sweep`.
    num_varied
        How many of the columns, the first ones, are what varied.

    Examples
    --------
    >>> columns = ("buyer.discount_rate", "objective", "alpha", "status", "error")
    >>> rows = [(1, 0.25, None, "optimal", None), (2, None, None, None, "no optimum")]
    >>> print(table_of(columns, rows, 1).to_text(), end="")
    buyer.discount_rate  objective
    ------------------------------
    1                         0.25
    2
    point 2: no optimum
    """

    def is_shown(place: int, name: str) -> bool:
        values = [row[place] for row in rows if row[place] is not None]
        told = name in ABOUT_ANSWERS or name.startswith(("audit.", "continuum."))
        said = bool(values) and not told and all(type(value) in (int, float) for value in values)
        return place < num_varied or said

    shown = [place for place, name in enumerate(columns) if is_shown(place, name)]
    errors = [row[columns.index("error")] for row in rows]
    return Table(
        [columns[place] for place in shown],
        [[_in_words(row[place]) for place in shown] for row in rows],
        columns,
        rows,
        keys=max(num_varied, 1),
        remarks=[f"point {i}: {error}" for i, error in enumerate(errors, 1) if error is not None],
    )


def plain_text(text: str) -> str:
    """Return a text of a CSV table as it was before it was kept from being a formula.

    Examples
    --------
    >>> plain_text("'=1"), plain_text("'tis")
    ('=1', "'tis")
    """
    return text[1:] if text[:1] == "'" and for_csv(text[1:]) == text else text


def as_parquet(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    """Return rows as a Parquet file; what is missing is null.

    Raises
    ------
    InvalidInputError
        If pyarrow is not installed.
    """
    require_extra("pyarrow", "tables", "a table in Parquet")
    import pyarrow
    from pyarrow import parquet

    data = {}
    for place, name in enumerate(columns):
        values = [row[place] for row in rows]
        kind = None
        if all(value is None for value in values):
            kind = pyarrow.string() if name in TEXTS else pyarrow.float64()
        data[name] = pyarrow.array(values, type=kind)
    buffer = io.BytesIO()
    parquet.write_table(pyarrow.table(data), buffer)
    return buffer.getvalue()


def require_writable(output: str | Path) -> Path:
    """Return the path of a table, or say at once why none could be written there.

    Raises
    ------
    InvalidInputError
        For another suffix than those of tables, a folder, and Parquet without pyarrow.

    Examples
    --------
    >>> require_writable("table.xlsx")
    Traceback (most recent call last):
        ...
    mechopt.errors.InvalidInputError: output: no table of this kind (expected a name that ends...
    """
    path = Path(output)
    if path.suffix.lower() not in SUFFIXES or path.is_dir():
        raise InvalidInputError(
            "no table of this kind",
            where="output",
            expected=f"a name that ends in {', '.join(SUFFIXES)}",
            got=f"{path}{', a folder' if path.is_dir() else ''}",
            remedy="Name the file of the table.",
        )
    if path.suffix.lower() == ".parquet":
        require_extra("pyarrow", "tables", "a table in Parquet")
    return path


def _in_words(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return in_figures(value) if isinstance(value, float) else str(value)


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, (bool, int, float, str))
