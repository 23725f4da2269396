"""``mechopt frontier``: what two agents can get, over welfare weights."""

from __future__ import annotations

from pathlib import Path

from mechopt.cli.common import ANSWERED
from mechopt.cli.outputs import inputs_of
from mechopt.cli.tables import AsJson, StyleOption, WidthOption, put, style_for
from mechopt.errors import InvalidInputError

EVENLY = 21


def frontier(
    file: Path,
    /,
    *,
    shares: str = str(EVENLY),
    cells: int | None = None,
    style: StyleOption = None,
    width: WidthOption = None,
    as_json: AsJson = False,
    output: Path | None = None,
) -> int:
    """Print the ex ante efficient payoffs of two agents over a range of welfare weights.

    Each row is the mechanism that is best for one pair of weights: what both agents expect, in all,
    and alpha. Cells of a continuous prior are taken as they are.

    Example: ``mechopt frontier instances/examples/six_types.toml --shares 0,0.5,1``

    Parameters
    ----------
    file
        The instance, a TOML file or the name of a bundled one; only its environment matters.
    shares
        The first agent's share of the two weights: how many values, evenly spaced from 0 to 1, or
        the values themselves, such as 0,0.5,1.
    cells
        Cut every continuous prior into this many cells, whatever the file says.
    style
        A table as text, CSV with all digits, LaTeX (booktabs), Markdown, or one JSON object; by the
        suffix of the output (.txt, .csv, .tex, .md, .json) unless said.
    width
        Of the table in LaTeX, in inches: 6.5 unless said, 3.3 for a column of a journal. What is
        too wide is set in smaller letters, on several lines, or columns below each other.
    as_json
        The same as --format json.
    output
        Write it to this file instead of standard output.
    """
    from mechopt.instances import load_instance
    from mechopt.instances.bundled import instance_path
    from mechopt.studies.frontier import frontier as efficient, frontier_table

    path = instance_path(file)
    chosen = style_for(style, output, inputs_of(path), as_json=as_json, width=width)
    grid = _shares(shares)
    instance = load_instance(path, cells=cells).refined()
    found = efficient(instance.problem.environment, grid)
    put(frontier_table(found, instance.title, instance.unit), chosen, output, width)
    return ANSWERED


def _shares(text: str) -> int | list[float]:
    """Return how many shares a text asks for, or the shares that it lists.

    Examples
    --------
    >>> _shares("5"), _shares("0, 0.5,1")
    (5, [0.0, 0.5, 1.0])
    """
    try:
        return int(text) if "," not in text else [float(part) for part in text.split(",")]
    except ValueError as error:
        raise InvalidInputError(
            "not shares of the welfare weights",
            where="--shares",
            expected="numbers from 0 to 1 with commas between them, or how many",
            got=repr(text[:60]),
            remedy="For example 21, or 0,0.5,1.",
        ) from error
