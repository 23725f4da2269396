"""``mechopt bootstrap``: intervals for what is computed from samples."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from mechopt._util.rounding import in_figures
from mechopt._util.terminal import complain, say
from mechopt._util.text import one_line
from mechopt.cli.common import ANSWERED, FAILED, INTERRUPTED, PLAIN, Talk

if TYPE_CHECKING:
    from mechopt.instances import Instance
    from mechopt.studies.bootstrap import Bootstrap

# What the arguments end in that say how many cells a side is cut into.
CELLS = "_cells"


def bootstrap(
    file: Path,
    /,
    *,
    replications: int = 1_000,
    level: float = 0.95,
    seed: int = 1,
    paired: Annotated[bool, Parameter(negative="")] = False,
    cells: int | None = None,
    workers: int = 1,
    as_json: Annotated[bool, Parameter(name="--json", negative="")] = False,
    talk: Talk = PLAIN,
) -> int:
    """Say how sure first best, second best and the share lost are, by resampling the samples.

    Every replication draws the samples again, with replacement, and solves for equal weights. A
    side whose prior is no sample is taken as known.

    Example: ``mechopt bootstrap instances/house_prices/house_prices.toml --paired``

    Parameters
    ----------
    file
        The instance, a TOML file of bilateral trade with samples; its objective does not matter.
    replications
        How many times to draw.
    level
        Confidence level of the intervals.
    seed
        Seed of the draws; the same seed gives the same numbers.
    paired
        Draw rows: one value of each side together, where they come in pairs.
    cells
        Cut every sample into this many cells of equal count, whatever the file says; with some
        values in each, the share lost is less biased.
    workers
        Number of processes.
    as_json
        Print one JSON object and nothing else.

    Examples
    --------
    >>> bootstrap(Path("no such file.toml"))
    Traceback (most recent call last):
        ...
    mechopt.errors.InstanceError: no such file.toml: 1 fault...
    """
    from mechopt._util.parallel import WorkerError
    from mechopt.instances import instance_from_document, read_document
    from mechopt.instances.bundled import instance_path
    from mechopt.instances.samples_to_draw import samples_of
    from mechopt.studies import bootstrap as analysis

    file = instance_path(file)
    document = read_document(file)
    arguments = samples_of(document, file, paired=paired, cells=cells)
    if cells is not None:
        arguments |= dict.fromkeys([name for name in arguments if name.endswith(CELLS)], cells)
    instance = instance_from_document(document, file)
    try:
        result = analysis.bootstrap(
            **arguments,
            paired=paired,
            replications=replications,
            level=level,
            seed=seed,
            workers=workers,
            progress=not talk.quiet,
        )
    except KeyboardInterrupt:
        complain("stopped")
        return INTERRUPTED
    except WorkerError as error:
        complain(str(error))
        return FAILED
    if as_json:
        record = {"seed": seed, "rows_drawn": len(arguments["giver"])} if paired else {"seed": seed}
        print(json.dumps(result.record() | record | instance.data.record(), allow_nan=False))
    elif talk.quiet:
        best = result.second_best
        spans = [in_figures(value) for value in (best.estimate, *best.percentile)]
        name = one_line(instance.title)
        say(f"{name}: second best {spans[0]}, {spans[1]} to {spans[2]}")
    else:
        title, unit = one_line(instance.title), one_line(instance.unit)
        say("\n".join([_page(result, title, unit, seed, arguments), *_remarks(instance)]))
    return ANSWERED


def _remarks(instance: Instance) -> list[str]:
    """Return what there is to say of the data, and of a regression that is not drawn again."""
    lines = instance.data.sentences()
    if any(sample.regressed for sample in instance.data.samples):
        lines.append("replications draw residuals; the regression is not repeated in them")
    return lines


def _page(
    result: Bootstrap, title: str, unit: str, seed: int, sides: Mapping[str, Any] | None = None
) -> str:
    """Return the table that people read; ``sides`` are the arguments that were drawn from."""
    sides = {} if sides is None else sides
    percent = f"{100 * result.level:g} %"
    header = ["", "estimate", "standard error", "bias", f"{percent} percentile", f"{percent} basic"]
    rows = [header]
    for name, part, scale, end in (
        ("first best", result.first_best, 1.0, ""),
        ("second best", result.second_best, 1.0, ""),
        ("share lost", result.share_lost, 100.0, " %"),
    ):
        numbers = (part.estimate, part.standard_error, part.bias)
        spans = [
            " to ".join(in_figures(scale * value, ".5g") for value in ends) + end
            for ends in (part.percentile, part.basic)
        ]
        rows.append([name, *(in_figures(scale * value, ".4g") + end for value in numbers), *spans])
    widths = [max(len(row[i]) for row in rows) for i in range(len(header))]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip()
        for row in rows
    ]
    money = "" if unit == "money" else f"; money in {unit}"
    how = "sides drawn apart"
    if result.paired:
        how = f"{len(sides['giver']):,} pairs drawn together"
    head = [title, f"{result.replications} replications, {how}, seed {seed}{money}"]
    parts = {"first best": result.first_best, "second best": result.second_best}
    for name, part in (parts | {"share lost": result.share_lost}).items():
        if part.is_biased:
            advice = f"prefer the basic interval, and {_cells_advised(sides)}"
            lines.append(f"{name}: bias above half a standard error; {advice}")
    if result.num_undefined:
        lines.append(
            f"{result.num_undefined} replications without gains: no share of theirs counts"
        )
    return "\n".join([*head, *lines])


def _cells_advised(sides: Mapping[str, Any]) -> str:
    """Return what cells leave less bias than those that there are."""
    have = {
        name.removesuffix(CELLS): count for name, count in sides.items() if name.endswith(CELLS)
    }
    enough = (count is not None and 2 * count <= len(sides[name]) for name, count in have.items())
    if have and all(enough):
        return "fewer cells, with more values in each"
    return "cells with several values in each"
