"""How a report looks on a terminal: a head, tables of rows, remarks, and a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mechopt._util.table import Table
from mechopt._util.text import for_terminal, one_line

if TYPE_CHECKING:
    from rich.console import Console

Row = tuple[str, str, str]
# Longer fractions would push a table off the screen.
LONGEST_FRACTION = 24


def show_page(
    console: Console,
    head: Sequence[tuple[str, str]],
    rows: Sequence[Row],
    remarks: Sequence[tuple[str, str]],
    verdict: tuple[str, str],
    listing: Table | None = None,
) -> None:
    """Print styled lines, tables, remarks and a verdict, without blanks at the ends of lines."""
    from rich.table import Table as Aligned
    from rich.text import Text

    with console.capture() as capture:
        for text, style in head:
            console.print(Text(one_line(text), style=style), soft_wrap=True)
        table = Aligned(show_header=False, box=None, padding=(0, 2, 0, 2))
        table.add_column(style="bold")
        table.add_column(justify="right")
        table.add_column(overflow="fold")
        for row in rows:
            table.add_row(*(Text(for_terminal(part)) for part in row))
        console.print(table)
        if listing is not None:
            for position, line in enumerate(listing.text_lines("    ")):
                style = "" if position else "dim"
                console.print(Text(f"  {for_terminal(line)}", style=style), soft_wrap=True)
        if remarks:
            more = Aligned(show_header=False, box=None, padding=(0, 2, 0, 2))
            more.add_column(style="dim")
            more.add_column(overflow="fold")
            for name, text in remarks:
                more.add_row(Text(name), Text(for_terminal(text)))
            console.print(more)
        console.print(Text(for_terminal(verdict[0]), style=verdict[1]), soft_wrap=True)
    text = "\n".join(line.rstrip() for line in capture.get().splitlines())
    console.file.write(f"{text}\n")
