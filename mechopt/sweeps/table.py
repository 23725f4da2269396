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
# In letters, of the table that people read.
MOST_WIDTH = 120
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

    These are what varied, the objective, and the numbers that differ between points, in as many
    columns as fit. Numbers that are the same everywhere, columns that repeat another one, and
    those that do not fit are named below the table.

    Parameters
    ----------
    columns, rows
        As of :class:`mechopt.sweeps.Sweep`.
    num_varied
        How many of the columns, the first ones, are what varied.

    Examples
    --------
    >>> columns = ("rate", "objective", "alpha", "first_best", "revenue", "status", "error")
    >>> rows = [
    ...     (1, 0.25, None, 0.5, 0.25, "optimal", None),
    ...     (2, 0.125, None, 0.5, 0.125, "optimal", None),
    ...     (3, None, None, None, None, None, "no optimum"),
    ... ]
    >>> print(table_of(columns, rows, 1).to_text(), end="")
    rate  objective
    ---------------
    1          0.25
    2         0.125
    3
    point 3: no optimum
    the same at all points: first_best 0.5
    as objective at all points: revenue
    """

    def is_number(place: int, name: str) -> bool:
        values = [row[place] for row in rows if row[place] is not None]
        about = name in ABOUT_ANSWERS or name.startswith(("audit.", "continuum."))
        return bool(values) and not about and all(type(value) in (int, float) for value in values)

    texts = {place: [_in_words(row[place]) for row in rows] for place in range(len(columns))}
    shown = list(range(num_varied))
    constant: list[str] = []
    repeated: dict[str, list[str]] = {}
    groups: dict[str, list[int]] = {}
    told: list[int] = []
    for place, name in enumerate(columns):
        if place < num_varied or not is_number(place, name):
            continue
        given = [text for text in texts[place] if text]
        twin = next((each for each in told if texts[each] == texts[place]), None)
        if len(given) > 1 and len(set(given)) == 1 and name != "objective":
            constant.append(f"{name} {given[0]}")
        elif len(given) > 1 and twin is not None:
            repeated.setdefault(columns[twin], []).append(name)
        else:
            told.append(place)
            groups.setdefault(name.partition(".")[0], []).append(place)
    left_out: list[str] = []
    width = sum(_width(columns[place], texts[place]) for place in shown)
    for group in groups.values():
        # Those of all agents stand side by side, or not at all.
        wider = width + sum(_width(columns[place], texts[place]) for place in group)
        if wider > MOST_WIDTH and columns[group[0]] != "objective":
            left_out += [columns[place] for place in group]
        else:
            shown += group
            width = wider
    for place, name in enumerate(columns):
        if place not in shown:
            left_out += repeated.pop(name, [])
    errors = [row[columns.index("error")] for row in rows]
    remarks = [f"point {i}: {error}" for i, error in enumerate(errors, 1) if error is not None]
    remarks += [f"the same at all points: {', '.join(constant)}"] if constant else []
    remarks += [f"as {name} at all points: {', '.join(those)}" for name, those in repeated.items()]
    remarks += [f"CSV and JSON have also: {', '.join(left_out)}"] if left_out else []
    return Table(
        [columns[place] for place in shown],
        [[texts[place][row] for place in shown] for row in range(len(rows))],
        columns,
        rows,
        keys=max(num_varied, 1),
        remarks=remarks,
    )


def _width(name: str, texts: Sequence[str]) -> int:
    """Return how much of a line a column takes, with the space after it."""
    return max(len(name), *map(len, texts), 0) + 2


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
