"""Bargaining at a discount factor: bounds over beliefs, and splittings of beliefs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from mechopt._util.rounding import in_figures
from mechopt._util.text import in_words
from mechopt.errors import InvalidInputError, require
from mechopt.plot.bargaining import BELIEFS, shade_square
from mechopt.plot.curves import require_columns
from mechopt.plot.style import DARK, as_text, axes_or_new, finish

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes

    from mechopt.literature.peski2024.derived import Splitting


def bounds_square(dataset: xarray.Dataset, ax: Axes | None = None, *, unit: str = "money") -> Axes:
    """Draw how much is left open of player 1's expected payoff, over the square of beliefs.

    Parameters
    ----------
    dataset
        What ``mo.peski2024.bounds_over_beliefs(player_1, player_2)`` returns.
    ax
        Where to draw; new Axes unless given.
    unit
        What money is measured in.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    InvalidInputError
        For another dataset.

    Notes
    -----
    The line is the belief from which on, if the whole gap is proved, payoffs are known. Source:
    theory.md, section 4.6.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import mechopt as mo
    >>> square = mo.peski2024.bounds_over_beliefs((0, 2), (1, 3), beliefs=11)
    >>> bounds_square(square, Figure().add_subplot()).get_title(loc="left")
    "What is left open of player 1's payoff"
    """
    require_columns(dataset, ("width", "high_1", "high_2"), "mo.peski2024.bounds_over_beliefs(...)")
    ax = axes_or_new(ax)
    label = f"width of the interval ({as_text(unit)})"
    if shade_square(ax, dataset.width, label, "known at all beliefs"):
        ax.axvline(dataset.attrs["crossing"], color=DARK, linestyle="--", linewidth=1.0)
    high_1, high_2 = BELIEFS
    finish(ax, "What is left open of player 1's payoff", high_1, high_2)
    return ax


def splitting(found: Splitting, ax: Axes | None = None) -> Axes:
    """Draw how a message splits the belief about who sends it.

    Parameters
    ----------
    found
        What ``mo.peski2024.splitting(mechanism, player, belief, direction)`` returns.
    ax
        Where to draw; new Axes unless given.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    InvalidInputError
        For a player of other than two types.

    Notes
    -----
    Numbers are the probabilities of the beliefs that the arrows lead to. Source: theory.md, section
    4.7.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from mechopt.peski2024 import Splitting
    >>> told = Splitting("player_1", 0.5, ((0.0, 0.5), (1.0, 0.5)), 1.0, 0.0)
    >>> ax = splitting(told, Figure().add_subplot())
    >>> [text.get_text() for text in ax.texts]
    ['0.5', '0.5']
    """
    from mechopt.literature.peski2024.derived import Splitting

    require(found, Splitting, where="found", remedy="Pass what splitting returns.")
    if isinstance(found.belief, tuple):
        raise InvalidInputError(
            "not a message of a player of two types",
            where="found",
            expected="beliefs that are probabilities of a high type",
            got=f"beliefs about {len(found.belief)} types",
            remedy="See its posteriors.",
        )
    ax = axes_or_new(ax)
    dot: dict[str, Any] = {"linestyle": "none", "color": DARK, "marker": "o"}
    ax.plot([found.belief], [1.0], **dot)
    for posterior, chance in cast("tuple[tuple[float, float], ...]", found.posteriors):
        ax.plot([found.belief, posterior], [1.0, 0.0], color=DARK, linewidth=0.5 + 3.0 * chance)
        ax.plot([posterior], [0.0], **dot)
        middle = (0.5 * (found.belief + posterior), 0.5)
        ax.annotate(in_figures(chance, ".3g"), middle, xytext=(6, 0), textcoords="offset points")
    ax.set_xlim(-0.05, 1.05)
    ax.set_ylim(-0.3, 1.3)
    ax.set_yticks([0.0, 1.0], ["after", "before"])
    name = as_text(in_words(found.player))
    finish(ax, f"A message of {name}", f"probability of {name}'s high type", "")
    return ax
