r"""One table for people and for programs: text, CSV, LaTeX, Markdown, HTML, JSON and pandas.

People get figures that they can compare, in aligned columns, with remarks; programs get every
digit. What users named is data in each of these languages: see :mod:`mechopt._util.text`.
"""

from __future__ import annotations

import csv
import io
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mechopt._util.text import for_csv, for_html, for_latex, for_markdown, one_line

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

_POWER = re.compile(r"(?<=\d)e([+-])0*(\d+)(?![\w.])")
_MINUS = re.compile(r"(?<![\w.$])-(?=\d)")


@dataclass(frozen=True)
class Table:
    r"""A table, twice: as texts for people, and as values for programs.

    Parameters
    ----------
    header, cells
        For people: names of the columns, and one text per column in each row. The first column is
        aligned on the left, the others on the right.
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
    worded
        Whether the last column holds words, which are aligned on the left and may be wrapped.

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
    cells: Sequence[Sequence[str]]
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[Any]] = ()
    record: Mapping[str, Any] = field(default_factory=dict)
    title: str = ""
    head: Sequence[str] = ()
    remarks: Sequence[str] = ()
    worded: bool = False

    def to_text(self) -> str:
        """Return the table as people read it, with the remarks below."""
        lines = [self.header, *self.cells]
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.header))]
        left = {0, *([len(widths) - 1] if self.worded else [])}
        text = [
            "  ".join(
                cell.ljust(width) if i in left else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        ]
        text.insert(1, "-" * (sum(widths) + 2 * (len(widths) - 1)))
        return "\n".join([*self._above(), *text, *self.remarks]) + "\n"

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

    def to_latex(self, letters: Callable[[str], str] = for_latex) -> str:
        r"""Return a ``tabular`` in the style of the LaTeX package booktabs, remarks as comments.

        A row that has a name alone is left out; a remark says why it is empty. ``letters`` turns
        texts into LaTeX.
        """
        last = r"p{0.5\linewidth}" if self.worded else "r"
        aligned = "l" + "r" * (len(self.header) - 2) + last
        lines = [rf"\begin{{tabular}}{{{aligned}}}", r"\toprule"]
        lines.append(" & ".join(map(letters, self.header)) + r" \\")
        lines.append(r"\midrule")
        lines += [
            " & ".join(_number_in_latex(letters(cell)) for cell in line) + r" \\"
            for line in self._filled()
        ]
        lines += [r"\bottomrule", r"\end{tabular}"]
        comments = [f"% {one_line(text)}" for text in (*self._above(), *self.remarks)]
        return "\n".join([*comments, *lines]) + "\n"

    def to_markdown(self) -> str:
        """Return a table in Markdown, the remarks as a list below it."""
        aligned = [":---", *["---:"] * (len(self.header) - 1)]
        aligned[-1] = ":---" if self.worded else aligned[-1]
        lines = [list(map(for_markdown, line)) for line in (self.header, *self._filled())]
        lines.insert(1, aligned)
        above = [f"{for_markdown(text)}\n" for text in self._above()]
        remarks = [f"* {for_markdown(text)}" for text in self.remarks]
        text = [f"| {' | '.join(line)} |" for line in lines]
        return "\n".join([*above, *text, *([""] if remarks else []), *remarks]) + "\n"

    def to_html(self) -> str:
        """Return a ``table`` of HTML, the remarks as a list below it."""
        lines = [
            f"<tr>{''.join(f'<{tag}>{for_html(cell)}</{tag}>' for cell in line)}</tr>"
            for tag, some in (("th", [self.header]), ("td", self._filled()))
            for line in some
        ]
        remarks = "".join(f"<li>{for_html(one_line(text))}</li>\n" for text in self.remarks)
        listed = f"<ul>\n{remarks}</ul>\n" if remarks else ""
        worded = ' class="worded"' if self.worded else ""
        return "\n".join([f"<table{worded}>", *lines, "</table>"]) + f"\n{listed}"

    def to_pandas(self) -> pandas.DataFrame:
        """Return the values as a data frame, one row each; what is missing is None or NaN."""
        import pandas as pd

        return pd.DataFrame.from_records(list(map(tuple, self.rows)), columns=list(self.columns))

    def written(self, style: str) -> str:
        r"""Return the table in a format of :data:`SUFFIX_OF`, with the end of its last line.

        Examples
        --------
        >>> Table(("", "x"), [("a", "1")], ("name", "x"), [("a", 1)]).written("json")
        '{"title": "", "rows": [{"name": "a", "x": 1}]}\n'
        """
        text: str = getattr(self, f"to_{style}")()
        return text if text.endswith("\n") else f"{text}\n"

    def _filled(self) -> list[Sequence[str]]:
        return [line for line in self.cells if any(line[1:]) or len(line) == 1]

    def _above(self) -> list[str]:
        return [one_line(text) for text in (self.title, *self.head) if text]


class Tabular(ABC):
    """What can be shown as a table.

    Examples
    --------
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

    def to_latex(self) -> str:
        r"""Return a ``tabular`` in the style of the LaTeX package booktabs, remarks as comments."""
        return self.table().to_latex()

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


def _number_in_latex(cell: str) -> str:
    r"""Return a text of LaTeX with minus signs and powers of ten in its numbers.

    Examples
    --------
    >>> print(_number_in_latex("-0.5 to 1e-09"), _number_in_latex("second-best 1"))
    $-$0.5 to 1$\cdot10^{-9}$ second-best 1
    """
    text = _MINUS.sub("$-$", cell)
    sign = {"+": "", "-": "-"}
    return _POWER.sub(lambda m: rf"$\cdot10^{{{sign[m[1]]}{m[2]}}}$", text)
