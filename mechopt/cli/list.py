"""``mechopt list``: the instances that come with the package."""

from __future__ import annotations

import json
from typing import Annotated, Any

from cyclopts import Parameter

from mechopt._util.terminal import say
from mechopt._util.text import one_line
from mechopt.cli.common import ANSWERED, console

# A terminal of fewer columns has no room for objectives beside titles.
WIDE = 120


def list_(*, as_json: Annotated[bool, Parameter(name="--json", negative="")] = False) -> int:
    """List the instances that come with the package; their names can stand in place of files.

    Example: ``mechopt list``, then ``mechopt solve cramton1985/uniform_exchange``

    Parameters
    ----------
    as_json
        Print one JSON object and nothing else.

    Examples
    --------
    >>> list_(as_json=True)
    {"baron1982/unknown_cost": {"title": "Regulating a monopolist with unknown...
    0
    """
    from mechopt.instances import read_document
    from mechopt.instances.bundled import bundled_instances
    from mechopt.instances.problem import REQUIREMENTS

    found: dict[str, dict[str, Any]] = {}
    for name, path in bundled_instances().items():
        document = read_document(path)
        found[name] = {
            "title": str(document.get("title", name)),
            "kind": str(document["environment"]["kind"]),
            "objective": str(document["problem"]["objective"]),
            "requirements": {
                key: value for key, value in document["problem"].items() if key in REQUIREMENTS
            },
            "source": str(document.get("source", "")),
            "path": str(path),
        }
    if as_json:
        # A decimal of a file is printed digit by digit.
        print(json.dumps(found, default=str))
        return ANSWERED
    page = console()
    columns = ["name", "kind", "objective", "title"]
    rows = [
        [one_line(name), *(one_line(facts[part]) for part in columns[1:])]
        for name, facts in found.items()
    ]
    if not page.is_terminal:
        # For other programs: a line each, however long.
        widths = [max(map(len, column)) for column in zip(columns, *rows, strict=True)]
        for row in (columns, *rows):
            say("  ".join(map(str.ljust, row, widths)).rstrip())
        return ANSWERED
    from rich.table import Table
    from rich.text import Text

    kept = columns if page.width >= WIDE else ["name", "kind", "title"]
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for column in kept:
        # A name is there to be copied, and titles are sentences.
        table.add_column(column, overflow="fold", no_wrap=column != "title")
    for row in rows:
        texts = [Text(text) for column, text in zip(columns, row, strict=True) if column in kept]
        texts[0].stylize("bold")
        table.add_row(*texts)
    page.print(table)
    return ANSWERED
