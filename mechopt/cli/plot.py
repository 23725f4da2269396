"""``mechopt plot``: a picture of a saved solution, or of priors."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from mechopt._util.terminal import say
from mechopt.cli.common import ANSWERED, progress_bar
from mechopt.cli.outputs import say_written

# Into how many cells a law by itself is cut.
CELLS = 20
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
    solution: Path | None = None,
    /,
    *,
    output: Path,
    kind: Kind | None = None,
    unit: str | None = None,
    prior: Path | None = None,
) -> int:
    """Draw a saved solution: the panels that suit it, or one kind of picture; or draw priors.

    Example: ``mechopt plot house.json --output house.png``
    Example: ``mechopt plot --prior house.toml --output priors.png``

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
    prior
        In place of a solution: an instance file or the name of one, whose agents' priors are drawn,
        or a law that was saved from Python. Densities or masses, distribution functions, and cells.

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

    if (solution is None) == (prior is None) or (prior is not None and kind is not None):
        raise InvalidInputError(
            "not one thing to draw",
            where="--prior",
            expected="a saved solution, or --prior FILE without --kind",
            got=" and ".join(
                name
                for name, given in (("a solution", solution), ("--prior", prior), ("--kind", kind))
                if given is not None
            )
            or "neither",
            remedy="Name one of them.",
        )
    if prior is not None:
        _draw_priors(prior, output, unit)
        say_written(output)
        return ANSWERED
    assert solution is not None
    kind = "overview" if kind is None else kind
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
    if loaded.problem.objective.remark:
        say(loaded.problem.objective.remark)
    return ANSWERED


def _draw_priors(file: Path, output: Path, unit: str | None) -> None:
    """Draw the priors of an instance file, or a saved law in its usual cells."""
    from mechopt._util.files import require_output
    from mechopt.cli.outputs import inputs_of
    from mechopt.environments import Agent
    from mechopt.instances import load_instance
    from mechopt.instances.bundled import instance_path
    from mechopt.plot import priors_picture
    from mechopt.plot.pages import METADATA
    from mechopt.types import TypeSpace
    from mechopt.types.sources.any_law import law_of
    from mechopt.types.sources.stored import load_law

    if file.suffix.lower() == ".json":
        require_output(output, suffixes=tuple(METADATA), inputs=[file])
        law = load_law(file)
        cells = () if isinstance(law_of(law), tuple) else (CELLS,)
        agents = [Agent(file.stem, TypeSpace.from_distribution(law, *cells))]
        priors_picture(agents, output, unit="money" if unit is None else unit)
        return
    path = instance_path(file)
    require_output(output, suffixes=tuple(METADATA), inputs=inputs_of(path))
    instance = load_instance(path)
    agents = list(instance.problem.environment.agents)
    priors_picture(agents, output, unit=instance.unit if unit is None else unit)
