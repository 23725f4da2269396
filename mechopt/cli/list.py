"""``mechopt list``: the instances that come with the package."""

from __future__ import annotations

import json
from typing import Annotated, Any

from cyclopts import Parameter

from mechopt._util.text import one_line
from mechopt.cli.common import ANSWERED, console


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
    from rich.table import Table
    from rich.text import Text

    page = console()
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("name", "kind", "objective", "title"):
        # A name is there to be copied.
        table.add_column(column, overflow="fold", no_wrap=column == "name")
    for name, facts in found.items():
        texts = [one_line(facts[part]) for part in ("kind", "objective", "title")]
        table.add_row(Text(one_line(name), style="bold"), *map(Text, texts))
    page.print(table)
    return ANSWERED
