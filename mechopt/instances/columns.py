"""Tables of data in instance files: the keys that name a column, and say how it is read."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from mechopt._util.arrays import FloatArray
from mechopt.instances.reader import Reader, TomlTable
from mechopt.types.table_format import TableFormat


class ColumnTable(TomlTable):
    """A column of a table of data, and how the table is written."""

    samples: str | None = Field(None, description="the path of a table, in quotes")
    column: str | None = Field(None, description="the name of a column of the table, in quotes")
    separator: str | None = Field(None, description='what separates cells, such as ";"')
    decimal: str | None = Field(None, description='"." or ","')
    thousands: str | None = Field(None, description='the mark between thousands, such as ","')
    currency: str | None = Field(None, description='what stands beside numbers, such as "$"')
    encoding: str | None = Field(None, description='the name of an encoding, such as "cp1252"')
    header: bool | None = Field(None, description="true or false")
    missing: str | None = Field(None, description='"refuse" or "drop"')
    sheet: str | None = Field(None, description="the name of a sheet, in quotes")


FORMAT = tuple(name for name in ColumnTable.model_fields if name not in ("samples", "column"))


class SampleTable(ColumnTable):
    """A column of a table of data that has to be named."""

    samples: str = Field(description="the path of a table, in quotes")
    column: str = Field(description="the name of a column of the table, in quotes")


def column_of(table: SampleTable, reader: Reader) -> FloatArray:
    """Return the numbers of a column, or those that were drawn from it again.

    Raises
    ------
    InvalidInputError
        As for :func:`mechopt.types.samples.read_sample`.
    """
    if reader.drawn is not None:
        return reader.drawn
    from mechopt.studies.data_remarks import dropped_in_words
    from mechopt.types.samples import read_sample

    how: dict[str, Any] = {
        name: value for name in FORMAT if (value := getattr(table, name)) is not None
    }
    (sample,) = read_sample(reader.folder / table.samples, table.column, TableFormat(**how))
    if sample.num_dropped:
        count = sample.num_dropped
        reader.notes.append(dropped_in_words(sample.name, count, sample.num_rows, columns=()))
    return sample.values
