"""``mechopt plot``: a picture of a saved solution, or of priors."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from mechopt._util.terminal import say
from mechopt.cli.common import ANSWERED, progress_bar
from mechopt.cli.outputs import say_written

if TYPE_CHECKING:
    from mechopt.plot.look import Look

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
    "discounts",
    "menu",
]


@Parameter(name="*")
@dataclass(frozen=True)
class LookOptions:
    """How a picture is printed.

    Parameters
    ----------
    width
        Of the whole picture, in inches: a column of a journal has about 3.3, a page 6.5. Panels
        that would be too narrow stand below each other.
    height
        Of the whole picture, in inches; what suits the width unless said.
    font
        Size of letters in points; 10, or 8 in small panels.
    family
        Font family that matplotlib knows, such as serif.
    no_titles
        Leave the panels' titles out.
    grey
        Turn every colour into the grey that is as bright.
    dpi
        Dots per inch of a .png; 150, or 300 where a width is given, unless said.
    """

    width: float | None = None
    height: float | None = None
    font: float | None = None
    family: str = ""
    no_titles: Annotated[bool, Parameter(negative="")] = False
    grey: Annotated[bool, Parameter(negative="")] = False
    dpi: float | None = None

    @property
    def look(self) -> Look:
        """The same as the library's pictures take it."""
        from mechopt.plot.look import Look

        titles = not self.no_titles
        return Look(
            self.width, self.height, self.font, self.family, titles, self.grey, dpi=self.dpi
        )


AS_USUAL = LookOptions()


def plot(
    solution: Path | None = None,
    /,
    *,
    output: Path,
    kind: Kind | None = None,
    unit: str | None = None,
    prior: Path | None = None,
    institutions: Path | None = None,
    look: LookOptions = AS_USUAL,
) -> int:
    """Draw a saved solution: the panels that suit it, or one kind of picture; or draw priors.

    Example: ``mechopt plot house.json --output house.png``

    Example: ``mechopt plot house.json --output house.pdf --width 3.3 --grey``

    Example: ``mechopt plot --prior house.toml --output priors.png``

    Example: ``mechopt plot --institutions cramton1985/uniform_exchange --output reached.png``

    Parameters
    ----------
    solution
        A solution that ``--output`` of ``mechopt solve``, ``check`` or ``import`` wrote.
    output
        The picture: .png, .svg, .pdf or, for LaTeX, .pgf. The same solution gives the same file.
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
    institutions
        In place of a solution: an instance file of bilateral trade, or the name of one. What posted
        prices, offers and menus of dates reach for its priors, over the ratio of discount rates.

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

    named = [
        name
        for name, given in (
            ("a solution", solution), ("--prior", prior), ("--institutions", institutions),
            ("--kind", kind if solution is None else None),
        )
        if given is not None
    ]  # fmt: skip
    if len(named) != 1 or named == ["--kind"]:
        raise InvalidInputError(
            "not one thing to draw",
            where="--prior",
            expected="a saved solution, or --prior FILE or --institutions FILE without --kind",
            got=" and ".join(named) or "neither",
            remedy="Name one of them.",
        )
    if institutions is not None:
        _draw_institutions(institutions, output, look.look)
        say_written(output)
        return ANSWERED
    if prior is not None:
        _draw_priors(prior, output, unit, look.look)
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
        look=look.look,
    )
    say_written(output)
    if loaded.problem.objective.remark:
        say(loaded.problem.objective.remark)
    return ANSWERED


def _draw_priors(file: Path, output: Path, unit: str | None, look: Look) -> None:
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
        priors_picture(agents, output, unit="money" if unit is None else unit, look=look)
        return
    path = instance_path(file)
    require_output(output, suffixes=tuple(METADATA), inputs=inputs_of(path))
    instance = load_instance(path)
    agents = list(instance.problem.environment.agents)
    priors_picture(agents, output, unit=instance.unit if unit is None else unit, look=look)


def _draw_institutions(file: Path, output: Path, look: Look) -> None:
    """Draw what institutions reach for the priors of an instance file of bilateral trade."""
    from matplotlib.figure import Figure

    from mechopt._util.files import require_output
    from mechopt.cli.outputs import inputs_of
    from mechopt.errors import InvalidInputError
    from mechopt.instances import load_instance
    from mechopt.instances.bundled import instance_path
    from mechopt.literature.institutions.over_ratios import institutions_over_ratios
    from mechopt.plot import institutions
    from mechopt.plot.pages import METADATA, write_figure
    from mechopt.plot.style import fit_legends

    path = instance_path(file)
    require_output(output, suffixes=tuple(METADATA), inputs=inputs_of(path))
    loaded = load_instance(path)
    environment = loaded.problem.environment
    if environment.outcomes.exchange is None or not environment.independent:
        raise InvalidInputError(
            "no bilateral trade with independent types",
            where=f"{file}: environment",
            expected="an exchange of one object, with or without delay",
            got=f'"{loaded.kind}"',
            remedy="Name a file of bilateral trade.",
        )
    giver, receiver = (agent.types for agent in environment.agents)
    reached = institutions_over_ratios(giver, receiver)
    figure = Figure(figsize=look.size_in(1, 1), layout="constrained")
    with look.used(1):
        institutions(reached, figure.add_subplot())
        fit_legends(figure)
        legend = figure.axes[0].get_legend()
        if look.height is None and legend is not None:
            # A legend of many rows has room of its own, and does not flatten the picture.
            width, height = figure.get_size_inches()
            rows = legend.get_window_extent().height / figure.dpi
            figure.set_size_inches(width, height + rows)
            fit_legends(figure)
        look.finish(figure)
    write_figure(figure, output, look=look)
