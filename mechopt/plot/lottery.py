"""Which of finitely many alternatives is chosen, profile by profile."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from mechopt.environments.alternatives import Lottery
from mechopt.errors import InvalidInputError
from mechopt.plot.style import DARK, SHADES, as_text, axes_or_new, finish, solution_of
from mechopt.plot.ticks import fits_across
from mechopt.solution import Solution, mechanism_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mechopt.mechanism.mechanism import Mechanism
    from mechopt.plot.pages import Further, Panel
    from mechopt.report.addendum import HasSolution

HATCHES = ("", "//", "..", "xx", "\\\\", "oo", "--", "++")
# Bars of more profiles have no names, and of more than these there is only the average.
MOST_NAMED = 12
MOST_BARS = 200
# Names of types are so much smaller than other letters.
SMALLER = 0.833


def lottery(
    solution: Solution | Mechanism | HasSolution, ax: Axes | None = None, *, unit: str = "money"
) -> Axes:
    """Draw how likely each alternative is in each profile of types, as a bar that is divided.

    Of more than 200 profiles there is one bar by each type
    of the first agent, the average over the others.

    Parameters
    ----------
    solution
        A solution, a mechanism, or an outcome that holds one, of :func:`mechopt.Alternatives`.
    ax
        Where to draw; new Axes unless given.
    unit
        What money is measured in, of which there is none here.

    Raises
    ------
    InvalidInputError
        For another environment, and if there is no mechanism.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from mechopt import Alternatives, DesignProblem, Welfare, solve
    >>> choice = Alternatives(["a", "b"], {"ann": ["low", "high"]}, {"ann": [[1, 1], [0, 3]]})
    >>> problem = DesignProblem(choice, Welfare(), budget="subsidised")
    >>> ax = lottery(solve(problem), Figure().add_subplot())
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['a', 'b']
    """
    del unit
    mechanism = mechanism_of(solution_of(solution))
    environment = mechanism.environment
    outcomes = environment.outcomes
    if not isinstance(outcomes, Lottery):
        raise InvalidInputError(
            "no alternatives",
            where="solution",
            expected="a solution of Alternatives(...)",
            got=type(outcomes).__name__,
            remedy="Draw its overview.",
        )
    import matplotlib as mpl

    ax = axes_or_new(ax)
    chosen = mechanism.allocation.dense(environment)
    agents = environment.agents
    if environment.num_profiles <= MOST_BARS:
        heights = chosen.reshape(len(chosen), -1)
        labels = [
            "\n".join(as_text(a.types.label(k)) for a, k in zip(agents, profile, strict=True))
            for profile in np.ndindex(*environment.shape)
        ]
        across = "types of " + " and ".join(as_text(agent.name) for agent in agents)
    else:
        heights = np.stack([environment.interim(0, values) for values in chosen])
        labels = [as_text(agents[0].types.label(k)) for k in range(environment.shape[0])]
        across = f"type of {as_text(agents[0].name)}"
    places = np.arange(heights.shape[1])
    shades = mpl.colormaps[SHADES](np.linspace(0.05, 0.95, len(chosen)))
    base = np.zeros(places.size)
    for place, (name, height) in enumerate(zip(outcomes.alternatives, heights, strict=True)):
        look: dict[str, Any] = {
            "color": [shades[place]],
            "edgecolor": DARK,
            "linewidth": 0.5,
            "hatch": HATCHES[place % len(HATCHES)],
            "width": 0.8 if places.size <= MOST_NAMED else 1.0,
        }
        ax.bar(places, height, bottom=base, label=as_text(name), **look)
        base = base + height
    if places.size <= MOST_NAMED:
        small = SMALLER * float(mpl.rcParams["font.size"])
        upright: dict[str, Any] = {} if fits_across(ax, labels, small) else {"rotation": 90}
        ax.set_xticks(places, labels, fontsize=small, **upright)
    ax.set_ylim(0.0, 1.0)
    finish(ax, "What is chosen", across, "probability", columns=4)
    return ax


def panels_of(solution: Solution | HasSolution) -> Further:
    """Return the picture of what is chosen."""
    from mechopt.plot.pages import Further

    source = solution_of(solution)
    assert isinstance(source, Solution)
    panels: dict[str, list[Panel]] = {"allocation": [partial(lottery, source)]}
    return Further(panels, ["allocation", "payments", "utilities"])
