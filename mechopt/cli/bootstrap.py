"""``mechopt bootstrap``: intervals for what is computed from samples."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from mechopt._util.rounding import in_figures
from mechopt._util.terminal import complain, say
from mechopt._util.text import in_words, one_line
from mechopt.cli.common import ANSWERED, FAILED, INTERRUPTED, PLAIN, Talk
from mechopt.cli.outputs import inputs_of
from mechopt.cli.tables import AsJson, StyleOption, WidthOption, put, style_for
from mechopt.errors import InvalidInputError

if TYPE_CHECKING:
    from mechopt._util.table import Table
    from mechopt.instances import Instance
    from mechopt.studies.bootstrap_estimates import Bootstrap

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
    mechanisms: Annotated[bool, Parameter(negative="")] = False,
    style: StyleOption = None,
    width: WidthOption = None,
    as_json: AsJson = False,
    output: Path | None = None,
    talk: Talk = PLAIN,
) -> int:
    """Say how sure first best, second best and the share lost are, by resampling the samples.

    Standard errors and intervals, also of the least subsidy, the probability of trade and alpha.
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
    mechanisms
        Resample all rows of ``mechopt compare`` too, which takes some fifteen times as long.
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
    from mechopt.report.required import required_in_words
    from mechopt.studies import bootstrap as analysis

    file = instance_path(file)
    chosen = style_for(style, output, inputs_of(file), as_json=as_json, width=width)
    document = read_document(file)
    arguments = samples_of(document, file, paired=paired, cells=cells)
    if cells is not None:
        arguments |= dict.fromkeys([name for name in arguments if name.endswith(CELLS)], cells)
    instance = instance_from_document(document, file)
    required = required_in_words(instance.problem)
    if required:
        complain(f"the second best is under the usual requirements, not the file's ({required})")
    try:
        result = analysis.bootstrap(
            **arguments,
            paired=paired,
            mechanisms=mechanisms,
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
    except InvalidInputError as error:
        names = [agent.name for agent in instance.problem.environment.agents]
        raise _in_names_of_file(error, names) from error
    if chosen is None and talk.quiet:
        best = result.second_best
        spans = [in_figures(value) for value in (best.estimate, *best.percentile)]
        name = one_line(instance.title)
        say(f"{name}: second best {spans[0]}, {spans[1]} to {spans[2]}")
    else:
        put(_table(result, instance, seed, arguments), chosen, output, width)
    return ANSWERED


def _in_names_of_file(error: InvalidInputError, names: Sequence[str]) -> InvalidInputError:
    """Return an error of the analysis in the names that the file has for the two sides.

    Examples
    --------
    >>> parts = {"expected": "at most 3", "got": "9 of the giver", "remedy": "Ask for fewer."}
    >>> many = InvalidInputError("too many cells", where="giver_cells", **parts)
    >>> str(_in_names_of_file(many, ["supplier", "buyer"]))
    '--cells: too many cells of the supplier (expected at most 3, got 9 of the supplier). Ask fo...'
    """
    from mechopt.instances.samples_to_draw import SIDES

    def named(text: str) -> str:
        for side, name in zip(SIDES, names, strict=True):
            text = re.sub(rf"\b{side}\b", in_words(name), text)
        return text

    side = error.where.removesuffix(CELLS)
    of_cells = side != error.where
    return InvalidInputError(
        named(f"{error.what} of the {side}" if of_cells else error.what),
        where="--cells" if of_cells else named(error.where),
        expected=named(error.expected),
        got=named(error.got),
        remedy=named(error.remedy),
    )


def _remarks(instance: Instance) -> list[str]:
    """Return what there is to say of the data, and of a regression that is not drawn again."""
    lines = instance.data.sentences()
    if any(sample.regressed for sample in instance.data.samples):
        lines.append("replications draw residuals; the regression is not repeated in them")
    return lines


def _table(
    result: Bootstrap, instance: Instance, seed: int, sides: Mapping[str, Any] | None = None
) -> Table:
    """Return the table, with what it is of; ``sides`` are the arguments that were drawn from."""
    sides = {} if sides is None else sides
    how = "sides drawn apart"
    record = {"seed": seed}
    if result.paired:
        record["rows_drawn"] = len(sides["giver"])
        how = f"{record['rows_drawn']:,} pairs drawn together"
    money = "" if instance.unit == "money" else f"; money in {instance.unit}"
    from mechopt.studies.bootstrap_estimates import STATISTICS

    remarks = []
    for name, words in STATISTICS.items():
        if result.estimates[name].is_biased:
            advice = f"prefer the basic interval, and {_cells_advised(sides)}"
            remarks.append(f"{words}: bias above half a standard error; {advice}")
    table = result.table()
    return replace(
        table,
        record={**table.record, **record, **instance.data.record()},
        title=instance.title,
        head=[f"{result.replications} replications, {how}, seed {seed}{money}"],
        remarks=[*remarks, *table.remarks, *_remarks(instance)],
    )


def _cells_advised(sides: Mapping[str, Any]) -> str:
    """Return what cells leave less bias than those that there are."""
    have = {
        name.removesuffix(CELLS): count for name, count in sides.items() if name.endswith(CELLS)
    }
    enough = (count is not None and 2 * count <= len(sides[name]) for name, count in have.items())
    if have and all(enough):
        return "fewer cells, with more values in each"
    return "cells with several values in each"
