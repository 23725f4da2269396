"""Functions of a user's, or of a library's, kept as a table with its error stated."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from mechopt._util.arrays import FloatArray, shown
from mechopt._util.given import real_number
from mechopt.errors import InvalidInputError
from mechopt.types.foreign import budget, called
from mechopt.types.quadrature import edges_between, gauss
from mechopt.types.source import truncation_advice
from mechopt.types.sources.piecewise import Piecewise, risen

Function = Callable[[FloatArray], FloatArray]
# Returns the probabilities up to types, and from types on.
Tails = Callable[[], tuple[Function, Function]]

# A piece is halved until its cubic meets the function to this, relative to its probability, or
# absolutely.
RELATIVE, ABSOLUTE = 1e-12, 2e-15
FIRST_PIECES = 64
MAX_PIECES = 20_000
MAX_ROUNDS = 200
# Errors above this share of the largest are seen to first.
WORST = 1e-2
# A piece this narrow, relative to the support or to the size of its types, is not halved.
NARROWEST, ROUNDING = 2.0**-44, 16 * float(np.finfo(np.float64).eps)
# So narrow a piece is a jump if it has this probability, and a sixth of it has this share of that.
JUMP, CONCENTRATED = 1e-9, 0.95
# An interval without probability is a gap if it is this wide, relative to the support.
SMALLEST_GAP = 1e-6
# At an end it belongs to the support if the piece next to it has at most this probability.
NEGLIGIBLE = 1e-12
# How far probabilities may be from 0, from 1, or from rising, before they are not taken for
# rounding; also how far the integral of a density may be from 1.
TOLERATED = 1e-9
# A table that is off by more is none.
LARGEST_ERROR = 1e-8


def from_density(
    density: Callable[..., Any], low: float, high: float, *, what: str = "a density of your own"
) -> Piecewise:
    """Return the law of a density on [low, high], as a table.

    The function is called with arrays of types. It is integrated piece by piece, and the pieces
    are halved until cubic polynomials meet its integral; what is left is the law's ``error``.

    Parameters
    ----------
    density
        From types to densities, at least zero and finite between the ends. Its integral must be 1
        within 1e-9; rounding below that is divided out.
    low, high
        Lowest and highest type, in money.
    what
        What to call the law in reports.

    Raises
    ------
    InvalidInputError
        For values that are negative or not finite, an integral that is not 1, and functions that
        no table of 20,000 pieces meets.

    Examples
    --------
    >>> import numpy as np
    >>> law = from_density(lambda t: 2 * t, 0, 1)
    >>> law.below(np.array([0.5])), law.error < 1e-12
    (array([0.25]), True)
    """
    ends = _ends(low, high, lambda: _integrals(density, (low, high), what))

    def values(types: FloatArray) -> FloatArray:
        found = called(density, types, what)
        bad = np.flatnonzero(~(np.isfinite(found) & (found >= 0.0)).ravel())
        if bad.size:
            raise _no_law(
                what,
                "a density is negative or not finite",
                "values of at least zero, and finite",
                f"{found.ravel()[bad[0]]:.6g} at {types.ravel()[bad[0]]:.12g}",
            )
        return found

    def between(start: FloatArray, stop: FloatArray) -> FloatArray:
        whole = gauss(values, start.ravel(), stop.ravel())
        return whole.reshape(start.shape)

    with budget():
        return _tabulated(between, ends, what)


def from_distribution_function(
    below: Callable[..., Any],
    low: float,
    high: float,
    *,
    above: Callable[..., Any] | None = None,
    what: str = "a distribution function of your own",
) -> Piecewise:
    """Return the law of a distribution function on [low, high], as a table.

    Parameters
    ----------
    below
        From arrays of types to the probabilities of types up to each; 0 at the lowest and 1 at the
        highest within 1e-9, and never falling. It may be flat, which is a gap without types. For
        jumps, mix a law without them with finite types.
    low, high
        Lowest and highest type, in money.
    above
        The probabilities of types above each, so that those in the upper tail keep their digits;
        one less ``below`` unless given.
    what
        What to call the law in reports.

    Raises
    ------
    InvalidInputError
        For values that fall or leave [0, 1], for jumps, and for functions that no table of 20,000
        pieces meets.

    Examples
    --------
    >>> import numpy as np
    >>> law = from_distribution_function(lambda t: t**3, 0, 1)
    >>> law.below(np.array([0.5])).round(12)
    array([0.125])
    """
    ends = _ends(low, high, lambda: (below, above or (lambda types: 1.0 - below(types))))

    def under(types: FloatArray) -> FloatArray:
        return _probabilities(below, types, what)

    def over(types: FloatArray) -> FloatArray:
        return 1.0 - under(types) if above is None else _probabilities(above, types, what)

    with budget():
        at = under(np.array(ends))
        if abs(at[0]) > TOLERATED or abs(at[1] - 1.0) > TOLERATED:
            raise _no_law(
                what,
                "not a distribution function",
                "0 at the lowest type and 1 at the highest",
                f"{at[0]:.12g} at {ends[0]:.12g} and {at[1]:.12g} at {ends[1]:.12g}",
            )

        def between(start: FloatArray, stop: FloatArray) -> FloatArray:
            first, last = under(start), under(stop)
            high = 1.0 - first < 0.5
            return np.where(high, over(start) - over(stop), last - first)

        return _tabulated(between, ends, what)


def from_quantile_function(
    quantile: Callable[..., Any], *, what: str = "a quantile function of your own"
) -> Piecewise:
    """Return the law of a quantile function, as a table.

    Parameters
    ----------
    quantile
        From arrays of probabilities, 0 and 1 included, to types in money, rising. Where it jumps
        there is a gap without types; it may not be flat.
    what
        What to call the law in reports.

    Raises
    ------
    InvalidInputError
        For values that fall or are not finite, and functions that no table meets.

    Examples
    --------
    >>> import numpy as np
    >>> law = from_quantile_function(np.sqrt)
    >>> law.below(np.array([0.5])).round(12), law.support
    (array([0.25]), (0.0, 1.0))
    """
    with budget():
        chances = edges_between(0.0, 1.0, np.linspace(0.0, 1.0, 257))
        found = called(quantile, chances, what)
        falls = np.flatnonzero(np.diff(found) < 0.0)
        if not np.isfinite(found).all() or falls.size:
            place = int(falls[0]) if falls.size else int(np.flatnonzero(~np.isfinite(found))[0])
            raise _no_law(
                what,
                "not a quantile function",
                "finite types that never fall, for probabilities from 0 to 1",
                f"{found[place]:.12g} at {chances[place]:.6g}"
                + (f", then {found[place + 1]:.12g}" if falls.size else ""),
            )

        def fit(start: FloatArray, stop: FloatArray) -> tuple[FloatArray, ...]:
            sixths = start + np.arange(7)[:, None] / 6.0 * (stop - start)
            sixths[-1] = stop
            return _inverse_cubics(called(quantile, sixths, what), stop - start)

        parts = _refined(fit, _first_edges(0.0, 1.0), NARROWEST)
        start, stop, mass, first, last, away, apart, largest = parts
        lower, upper = (called(quantile, ends, what) for ends in (start, stop))
        flat = np.flatnonzero((upper <= lower) & (mass > JUMP))
        if flat.size:
            raise _jump(what, float(mass[flat[0]]), float(lower[flat[0]]))
        span = float(upper[-1] - lower[0])
        gap = (mass <= 2 * NARROWEST) & (upper - lower > SMALLEST_GAP * span)
        kept = upper > lower
        lost = float(mass[gap | ~kept].sum())
        mass = np.where(gap, 0.0, mass)
        away, apart = np.where(gap, 0.0, away), np.where(gap, lost / gap.size, apart)
        table = (lower, upper, mass, first, last, away, apart, largest)
        return _checked(tuple(part[kept] for part in table), 0.0, what)


def _inverse_cubics(types: FloatArray, mass: FloatArray) -> tuple[FloatArray, ...]:
    """Return what :func:`_cubics` does, from the types at sixths of each piece's probability."""
    width = types[-1] - types[0]
    share = np.clip((types[1:-1] - types[0]) / np.where(width > 0, width, 1.0), 0.0, 1.0)
    a, b = share[1], share[3]
    # first (u - 2 u^2 + u^3) + last (u^3 - u^2) + 3 u^2 - 2 u^3 is a third, and two thirds.
    of_first = a * (1 - a) ** 2, b * (1 - b) ** 2
    of_last = -(a**2) * (1 - a), -(b**2) * (1 - b)
    right = 1 / 3 - a**2 * (3 - 2 * a), 2 / 3 - b**2 * (3 - 2 * b)
    determinant = of_first[0] * of_last[1] - of_first[1] * of_last[0]
    solvable = np.abs(determinant) > 0
    safe = np.where(solvable, determinant, 1.0)
    first = np.where(solvable, (right[0] * of_last[1] - right[1] * of_last[0]) / safe, 1.0)
    last = np.where(solvable, (of_first[0] * right[1] - of_first[1] * right[0]) / safe, 1.0)
    first, last = _without_dips(first, last)
    wanted = np.arange(1, 6)[:, None] / 6.0
    away = mass * np.abs(risen(share, first, last) - wanted).max(axis=0)
    return mass, first, last, np.where(width > 0, away, 0.0), np.zeros(mass.size), mass


def _ends(low: float, high: float, tails: Tails) -> tuple[float, float]:
    try:
        ends = real_number(low), real_number(high)
    except (TypeError, ValueError):
        ends = math.nan, math.nan
    if not (math.isfinite(ends[0]) and math.isfinite(ends[1]) and ends[0] < ends[1]):
        raise InvalidInputError(
            "not the ends of a support",
            where="low, high",
            expected="two finite numbers, the lowest type and a higher one",
            got=f"{shown(low)} and {shown(high)}",
            remedy=f"Truncate an unbounded law at a quantile, and divide by what is left"
            f"{_tails(tails, low, high)}.",
        )
    return ends


def _tails(tails: Tails, low: Any, high: Any) -> str:
    """Return where to truncate an unbounded law whose probabilities can be computed, or nothing."""
    try:
        support = real_number(low), real_number(high)
        if not support[0] < support[1] or np.isfinite(support).all():
            return ""
        with budget():
            text = truncation_advice(*tails(), support)
        return f": at {text.partition('[')[2].partition(']')[0]} each tail weighs 1e-6"
    except (TypeError, ValueError, ArithmeticError):
        return ""


def _integrals(
    density: Callable[..., Any], support: tuple[float, float], what: str
) -> tuple[Function, Function]:
    """Return the integrals of a density up to a type and from a type on."""
    from scipy.integrate import quad

    def integral(start: float, stop: float) -> FloatArray:
        def at(point: float) -> float:
            return float(called(density, np.array([point]), what)[0])

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return np.array(quad(at, start, stop)[0])

    return lambda t: integral(support[0], float(t)), lambda t: integral(float(t), support[1])


def _probabilities(function: Callable[..., Any], types: FloatArray, what: str) -> FloatArray:
    found = called(function, types, what)
    bad = np.flatnonzero(~((found >= -TOLERATED) & (found <= 1.0 + TOLERATED)).ravel())
    if bad.size:
        raise _no_law(
            what,
            "not probabilities",
            "values from 0 to 1",
            f"{found.ravel()[bad[0]]:.6g} at {types.ravel()[bad[0]]:.12g}",
        )
    return found


def _no_law(what: str, fault: str, expected: str, got: str) -> InvalidInputError:
    return InvalidInputError(
        fault, where=what, expected=expected, got=got, remedy="Correct the function or its ends."
    )


def _tabulated(
    between: Callable[[FloatArray, FloatArray], FloatArray], support: tuple[float, float], what: str
) -> Piecewise:
    """Return a table of the probabilities between types, halved until cubics meet them."""
    low, high = support
    edges = _first_edges(low, high)
    narrow = max(NARROWEST * (high - low), ROUNDING * max(abs(low), abs(high)))
    edges = edges[np.diff(edges, prepend=-np.inf) > narrow]
    edges[-1] = high
    return _checked(_refined(partial(_cubics, between), edges, narrow), narrow, what)


def _jump(what: str, mass: float, at: float) -> InvalidInputError:
    return InvalidInputError(
        "a jump of the distribution function",
        where=what,
        expected="no type with a probability of its own",
        got=f"about {mass:.6g} at {at:.12g}",
        remedy="Mix a law without jumps with finite types: mechopt.priors.mixture.",
    )


def _first_edges(low: float, high: float) -> FloatArray:
    """Return evenly spaced edges, closer to each other at the ends."""
    closer = (high - low) * 0.5 ** np.arange(7.0, 17.0)
    even = np.linspace(low, high, FIRST_PIECES + 1)
    return np.unique(np.concatenate([even, low + closer, high - closer]))


def _refined(
    fit: Callable[[FloatArray, FloatArray], tuple[FloatArray, ...]],
    edges: FloatArray,
    narrow: float,
) -> tuple[FloatArray, ...]:
    """Return start and stop of each piece and its fit, halved until the fits are good."""
    start, stop = edges[:-1], edges[1:]
    parts = (start, stop, *fit(start, stop))
    for _ in range(MAX_ROUNDS):
        start, stop, mass, _, _, away, apart, _ = parts
        off = np.where(stop - start > narrow, away + apart, 0.0)
        # The worst first, so that a singular end is not left over when pieces run out.
        wrong = off > np.maximum(RELATIVE * np.abs(mass), max(ABSOLUTE, WORST * off.max()))
        count = int(np.count_nonzero(wrong))
        if not count or start.size + count > MAX_PIECES:
            break
        middle = 0.5 * (start[wrong] + stop[wrong])
        ends = np.concatenate([start[wrong], middle]), np.concatenate([middle, stop[wrong]])
        made = (*ends, *fit(*ends))
        joined = [np.concatenate([old[~wrong], new]) for old, new in zip(parts, made, strict=True)]
        order = np.argsort(joined[0], kind="stable")
        parts = tuple(part[order] for part in joined)
    return parts


def _cubics(
    between: Callable[[FloatArray, FloatArray], FloatArray], start: FloatArray, stop: FloatArray
) -> tuple[FloatArray, ...]:
    """Return mass, relative densities at the ends, two errors and the largest part of each piece.

    The cubic meets the distribution function at the ends, a third, and two thirds. The errors are
    how far it is away in between, and by how much the parts of the piece differ from the whole.
    """
    width = stop - start
    sixths = start + np.arange(7)[:, None] / 6.0 * width
    sixths[-1] = stop
    parts = between(sixths[:-1], sixths[1:])
    sums = np.cumsum(parts, axis=0)
    mass = sums[-1]
    safe = np.where(mass > 0, mass, 1.0)
    third, two_thirds = sums[1] / safe, sums[3] / safe
    first = 9.0 * third - 4.5 * two_thirds + 1.0
    last = 4.5 * third - 9.0 * two_thirds + 5.5
    first, last = np.where(mass > 0, first, 1.0), np.where(mass > 0, last, 1.0)
    first, last = _without_dips(first, last)
    shares = np.arange(1, 6)[:, None] / 6.0
    square, cube = 3 - 2 * first - last, first + last - 2
    cubic = mass * shares * (first + shares * (square + shares * cube))
    away = np.abs(cubic - sums[:-1]).max(axis=0)
    return mass, first, last, away, np.abs(between(start, stop) - mass), parts.max(axis=0)


def _without_dips(first: FloatArray, last: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Keep cubics from falling: shrink end slopes into the circle in which none does."""
    first, last = np.maximum(first, 0.0), np.maximum(last, 0.0)
    # Fritsch and Carlson (1980): a cubic with both slopes within this circle never falls.
    size = np.hypot(first, last)
    factor = np.where(size > 3.0, 3.0 / np.where(size > 0, size, 1.0), 1.0)
    return first * factor, last * factor


def _checked(parts: tuple[FloatArray, ...], narrow: float, what: str) -> Piecewise:
    """Return the law of a table, or say why the function is no law."""
    lower, upper, mass, first, last, away, apart, largest = parts
    edges = np.append(lower, upper[-1])
    falls = np.flatnonzero(mass < -TOLERATED)
    if falls.size:
        raise _no_law(
            what,
            "not a distribution function",
            "probabilities that never fall",
            f"a fall by {-mass[falls[0]]:.3g} from {edges[falls[0]]:.12g} to "
            f"{edges[falls[0] + 1]:.12g}",
        )
    jump = (upper - lower <= 2 * narrow) & (mass > JUMP) & (largest > CONCENTRATED * mass)
    jumps = np.flatnonzero(jump)
    if jumps.size:
        raise _jump(what, float(mass[jumps[0]]), float(edges[jumps[0]]))
    # Steps down that rounding makes are none.
    mass = np.where(mass < ABSOLUTE, np.maximum(mass, 0.0), mass)
    total = float(mass.sum())
    if abs(total - 1.0) > TOLERATED:
        raise _no_law(what, "not normalised", "probabilities that sum to 1", f"{total:.12g}")
    off = float(away.max() + apart.sum()) + abs(total - 1.0)
    if off > LARGEST_ERROR:
        worst = int(np.argmax(away + apart))
        raise _no_law(
            what,
            "too rough for a table",
            f"a function that {MAX_PIECES:,} cubic pieces meet to {LARGEST_ERROR:g}",
            f"an error of {off:.1g} near {edges[worst]:.12g}",
        )
    edges, mass, first, last = _joined(edges, mass, first, last)
    return Piecewise(edges, mass / total, first, last, error=off, what=what)


def _joined(
    edges: FloatArray, mass: FloatArray, first: FloatArray, last: FloatArray
) -> tuple[FloatArray, ...]:
    """Return the pieces without those that rounding alone has left without probability.

    They go to the piece before them, at the lower end to that after them. At an end, what lies
    beyond a piece with more than negligible probability is no part of the support.
    """
    used = np.flatnonzero(mass > 0)
    width = np.diff(edges)
    span = float(edges[-1] - edges[0])
    starts, stops = edges[used].copy(), edges[used + 1].copy()
    if mass[used[0]] <= NEGLIGIBLE:
        starts[0] = edges[0]
    if mass[used[-1]] <= NEGLIGIBLE:
        stops[-1] = edges[-1]
    small = starts[1:] - stops[:-1] <= SMALLEST_GAP * span
    stops[:-1] = np.where(small, starts[1:], stops[:-1])
    stretched = (stops - starts) / width[used]
    # A stretched piece is next to nothing, and uniform.
    first, last = (np.where(stretched > 1, 1.0, slope[used]) for slope in (first, last))
    ends = np.unique(np.concatenate([starts, stops]))
    at = np.searchsorted(ends, starts)
    parts = np.zeros(ends.size - 1), np.ones(ends.size - 1), np.ones(ends.size - 1)
    for whole, some in zip(parts, (mass[used], first, last), strict=True):
        whole[at] = some
    return (ends, *parts)
