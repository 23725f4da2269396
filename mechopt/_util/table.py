r"""One table for people and for programs: text, CSV, LaTeX, Markdown, HTML, JSON and pandas.

People get figures that they can compare, in aligned columns, with remarks; programs get every
digit. What users named is data in each of these languages: see :mod:`mechopt._util.text`.
"""

from __future__ import annotations

import csv
import io
import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mechopt._util.inline import Inline, in_html, in_markdown, in_text
from mechopt._util.table_in_latex import PAGE, table_in_latex
from mechopt._util.text import for_csv, for_html, for_markdown, one_line

if TYPE_CHECKING:
    import pandas

SUFFIX_OF = {
    "text": ".txt",
    "json": ".json",
    "csv": ".csv",
    "latex": ".tex",
    "markdown": ".md",
}
"""The formats that a table is written in, and the suffix of each."""


@dataclass(frozen=True)
class Table:
    r"""A table, twice: as texts for people, and as values for programs.

    Parameters
    ----------
    header, cells
        For people: names of the columns, and what stands in each column of a row: texts, formulas,
        names in files. A row of one text is a line of its own.
    columns, rows
        For programs: names, and values with all their digits; None where there is none.
    record
        What JSON holds; columns and rows unless given.
    title
        What the table is of.
    head
        Further lines before it, such as the unit of money.
    remarks
        Sentences below it.
    aligned
        A letter for each column, as LaTeX has them: ``l`` for the left, ``r`` for the right, ``p``
        for words on the left that may be wrapped. The first column is aligned on the left and the
        others on the right, unless said.
    keys
        How many columns name the rows, from the left.

    Examples
    --------
    >>> table = Table(
    ...     ("", "gains"), (("first best", "0.17"),), ("name", "gains"), (("first best", 1 / 6),)
    ... )
    >>> print(table.to_text(), end="")
                gains
    -----------------
    first best   0.17
    >>> table.to_csv()
    'name,gains\nfirst best,0.16666666666666666\n'
    """

    header: Sequence[str]
    cells: Sequence[Sequence[Inline]]
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[Any]] = ()
    record: Mapping[str, Any] = field(default_factory=dict)
    title: str = ""
    head: Sequence[str] = ()
    remarks: Sequence[str] = ()
    aligned: str = ""
    keys: int = 1

    @property
    def alignment(self) -> str:
        """A letter for each column."""
        return self.aligned or "l" + "r" * (len(self.header) - 1)

    def text_lines(self, between: str = "  ") -> list[str]:
        """Return the header and the rows as aligned lines, with this between columns.

        Examples
        --------
        >>> Table(("", "type"), [("player 1", "0.5"), ("and more",)]).text_lines()
        ['          type', 'player 1   0.5', 'and more']
        """
        rows = [tuple(self.header), *(tuple(map(in_text, line)) for line in self.cells)]
        width = len(self.header)
        full = [row for row in rows if len(row) == width]
        widths = [max(len(row[i]) for row in full) for i in range(width)]
        return [
            between.join(
                cell.rjust(w) if letter == "r" else cell.ljust(w)
                for cell, w, letter in zip(row, widths, self.alignment, strict=True)
            ).rstrip()
            if len(row) == width
            else row[0]
            for row in rows
        ]

    def to_text(self) -> str:
        """Return the table as people read it, with the remarks below."""
        header, *rows = self.text_lines()
        rule = "-" * max(map(len, (header, *rows)))
        return "\n".join([*self._above(), header, rule, *rows, *self.remarks]) + "\n"

    def to_csv(self) -> str:
        """Return the values as CSV with all digits; what does not apply is empty."""
        return as_csv(self.columns, self.rows)

    def to_json(self) -> str:
        """Return one JSON object on one line."""
        record = self.record or {
            "title": self.title,
            "rows": [dict(zip(self.columns, row, strict=True)) for row in self.rows],
        }
        return json.dumps(record, allow_nan=False)

    def to_latex(self, width: float = PAGE, *, long: bool = False) -> str:
        r"""Return a ``tabular`` in the style of the LaTeX package booktabs, remarks as comments.

        Parameters
        ----------
        width
            The width to fit it into, in inches, such as 3.3 for a column of a journal: in smaller
            letters, headings and names on several lines, or columns below each other, as far as
            that is needed.
        long
            Whether it is a ``longtable``, of the package of that name, which may break over pages.

        Raises
        ------
        InvalidInputError
            For a width that no column fits into beside those that name the rows.
        """
        body = table_in_latex(
            self.header, self.cells, self.alignment, width, keys=self.keys, long=long
        )
        said = (*self._above(), *self.remarks, *([] if long else [r"needs \usepackage{booktabs}"]))
        return "\n".join([*(f"% {one_line(text)}" for text in said), body]) + "\n"

    def to_markdown(self) -> str:
        """Return a table in Markdown, the remarks as a list below it."""
        rows = [" | ".join(map(for_markdown, self.header))]
        # Where all is on the left, Markdown need not be told.
        left = ":---" if "r" in self.alignment else "---"
        rows.append(" | ".join("---:" if letter == "r" else left for letter in self.alignment))
        missing = [" "] * (len(self.header) - 1)
        rows += [
            " | ".join(map(in_markdown, line if len(line) > 1 else (*line, *missing)))
            for line in self.cells
        ]
        above = [f"{for_markdown(text)}\n" for text in self._above()]
        remarks = [f"* {for_markdown(text)}" for text in self.remarks]
        text = [f"| {row} |" for row in rows]
        return "\n".join([*above, *text, *([""] if remarks else []), *remarks]) + "\n"

    def to_html(self) -> str:
        """Return a ``table`` of HTML, the remarks as a list below it."""
        head = "".join(f"<th>{for_html(word)}</th>" for word in self.header)
        whole = f'<td colspan="{len(self.header)}">'
        rows = [
            "".join(f"<td>{in_html(cell)}</td>" for cell in line)
            if len(line) == len(self.header)
            else f"{whole}{in_html(line[0])}</td>"
            for line in self.cells
        ]
        lines = [f"<tr>{row}</tr>" for row in (head, *rows)]
        remarks = "".join(f"<li>{for_html(one_line(text))}</li>\n" for text in self.remarks)
        listed = f"<ul>\n{remarks}</ul>\n" if remarks else ""
        # The style sheet has these two; what is not aligned so is aligned on the right.
        words = "" if "r" in self.alignment else ' class="words"'
        of_words = ' class="worded"' if self.alignment[-1] == "p" else ""
        return "\n".join([f"<table{words or of_words}>", *lines, "</table>"]) + f"\n{listed}"

    def to_pandas(self) -> pandas.DataFrame:
        """Return the values as a data frame, one row each; what is missing is None or NaN."""
        import pandas as pd

        return pd.DataFrame.from_records(list(map(tuple, self.rows)), columns=list(self.columns))

    def written(self, style: str, width: float = PAGE) -> str:
        r"""Return the table in a format of :data:`SUFFIX_OF`, with the end of its last line.

        The width, in inches, is that of LaTeX.

        Examples
        --------
        >>> Table(("", "x"), [("a", "1")], ("name", "x"), [("a", 1)]).written("json")
        '{"title": "", "rows": [{"name": "a", "x": 1}]}\n'
        """
        text: str = self.to_latex(width) if style == "latex" else getattr(self, f"to_{style}")()
        return text if text.endswith("\n") else f"{text}\n"

    def _above(self) -> list[str]:
        return [one_line(text) for text in (self.title, *self.head) if text]


class Tabular(ABC):
    """What can be shown as a table.

    Examples
    --------
    >>> from mechopt._util.table import Table
    >>> class Two(Tabular):
    ...     def table(self):
    ...         return Table(("", "x"), [("two", "2")], ("name", "x"), [("two", 2)])
    >>> Two().to_pandas().to_dict("list")
    {'name': ['two'], 'x': [2]}
    """

    @abstractmethod
    def table(self) -> Table:
        """Return the table, for people and for programs."""

    def to_text(self) -> str:
        """Return the table as people read it, with remarks."""
        return self.table().to_text()

    def to_csv(self) -> str:
        """Return the table as CSV, with all digits; what does not apply is empty."""
        return self.table().to_csv()

    def to_json(self) -> str:
        """Return one JSON object on one line."""
        return self.table().to_json()

    def to_latex(self, width: float = PAGE) -> str:
        r"""Return a ``tabular`` in the style of the LaTeX package booktabs, remarks as comments.

        It fits into this width, in inches; 3.3 is that of a column of most journals.
        """
        return self.table().to_latex(width)

    def to_markdown(self) -> str:
        """Return a table in Markdown, remarks as a list below it."""
        return self.table().to_markdown()

    def to_pandas(self) -> pandas.DataFrame:
        """Return the values as a pandas data frame, with all digits."""
        return self.table().to_pandas()


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    r"""Return rows as CSV with all digits; what is missing is empty, and no text is a formula.

    Examples
    --------
    >>> as_csv(["objective", "audit.passed", "alpha"], [[0.5, True, None]])
    'objective,audit.passed,alpha\n0.5,true,\n'
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(map(for_csv, columns))
    writer.writerows([_text(value) for value in row] for row in rows)
    return buffer.getvalue()


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return for_csv(value)
    return repr(value) if isinstance(value, float) else str(value)
