"""``mechopt plot``: a picture of a saved solution."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from mechopt.cli.common import ANSWERED, progress_bar
from mechopt.cli.outputs import say_written

Kind = Literal[
    "overview",
    "allocation",
    "quantities",
    "payments",
    "utilities",
    "interim",
    "virtual-valuations",
    "payoffs",
    "gap",
    "menu",
]


def plot(
    solution: Path, /, *, output: Path, kind: Kind = "overview", unit: str | None = None
) -> int:
    """Draw a saved solution: the panels that suit it, or one kind of picture.

    Example: ``mechopt plot house.json --output house.png``

    Parameters
    ----------
    solution
        A solution that ``--output`` of ``mechopt solve``, ``check`` or ``import`` wrote.
    output
        The picture: .png, .svg or .pdf. The same solution gives the same file.
    kind
        For trade "overview" is allocation, virtual valuations, quantities and utilities; for
        bargaining, allocation, payoffs, gap and payments; for several goods the menu, for
        alternatives which is chosen. "interim" is quantities, payments and
        utilities.
    unit
        What money is measured in, for the axes; as the instance said, unless given.

    Examples
    --------
    >>> plot(Path("no such file.json"), output=Path("house.png"))
    Traceback (most recent call last):
        ...
    mechopt.errors.InvalidInputError: no such file.json: cannot read the file...
    """
    from mechopt._util.files import require_output
    from mechopt.errors import InvalidInputError
    from mechopt.plot import picture
    from mechopt.plot.pages import METADATA, prepared
    from mechopt.saved import load_solution

    require_output(output, suffixes=tuple(METADATA), inputs=[solution])
    loaded = load_solution(solution)
    if not loaded.unaltered:
        raise InvalidInputError(
            "a solution that changed since it was saved",
            where=str(solution),
            expected="a solution as it was saved",
            got="one with another digest",
            remedy="`mechopt verify` says what is wrong with it.",
        )
    picture(
        prepared(loaded, kind, progress_bar),
        output,
        kind,
        unit=loaded.provenance.unit if unit is None else unit,
    )
    say_written(output)
    return ANSWERED
