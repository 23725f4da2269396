"""Whatever a user calls a distribution, as a law of types."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from math import comb
from typing import Any

import numpy as np

from mechopt._util.arrays import FloatArray, shown
from mechopt._util.rationals import as_fraction
from mechopt.errors import InvalidInputError
from mechopt.types.continuous import ContinuousPrior, is_scipys_own, numbers_of
from mechopt.types.cutting import cut, segments
from mechopt.types.foreign import Guarded, budget, called
from mechopt.types.quadrature import edges_between, integrate
from mechopt.types.source import TAIL, Source, truncation_advice
from mechopt.types.sources.affine import Affine
from mechopt.types.sources.finite import Finite
from mechopt.types.sources.mixed_law import MixedLaw
from mechopt.types.sources.order_statistic import OrderStatistic
from mechopt.types.sources.piecewise import histogram
from mechopt.types.sources.tabulated import (
    from_density,
    from_distribution_function,
    from_quantile_function,
)
from mechopt.types.sources.truncated import Truncated

MOST_TYPES = 1_000_000


def law_of(distribution: Any) -> Source | tuple[Any, Any]:
    """Return the law of a distribution; of a discrete one its types and their probabilities.

    Parameters
    ----------
    distribution
        A law, a frozen distribution of scipy.stats or of a class of the user's, or one of scipy's
        newer distribution objects.

    Raises
    ------
    InvalidInputError
        For anything else, and for what cannot be kept: unbounded laws of a class of the user's,
        and discrete laws without a highest type.

    Examples
    --------
    >>> from scipy import stats
    >>> law_of(stats.uniform(2, 3))
    ContinuousPrior(name='uniform', shapes=(), loc=2.0, scale=3.0)
    """
    if isinstance(distribution, Source):
        if distribution.atoms.size and not segments(distribution):
            points = cut(distribution, distribution.atoms)
            return points.mean, points.mass
        return distribution
    if _is_new(distribution):
        return _new(distribution)
    from scipy import stats
    from scipy.stats.distributions import rv_frozen

    dist: Any = getattr(distribution, "dist", None)
    if isinstance(distribution, rv_frozen) and isinstance(dist, stats.rv_discrete):
        return discrete(distribution)
    if isinstance(distribution, (stats.rv_histogram, stats.rv_discrete)) and not (
        getattr(distribution, "shapes", None)
    ):
        # Without shapes there is nothing to freeze but location and scale.
        return law_of(distribution())
    if isinstance(distribution, rv_frozen) and isinstance(dist, stats.rv_continuous):
        if isinstance(dist, stats.rv_histogram):
            return _of_bins(distribution, dist)
        if not is_scipys_own(dist):
            return _of_ones_own(distribution)
    return ContinuousPrior.of(distribution)


def component(distribution: Any) -> Source:
    """Return the law of a distribution, of a discrete one too.

    Examples
    --------
    >>> from scipy import stats
    >>> component(stats.bernoulli(0.25)).atoms
    array([0., 1.])
    """
    law = law_of(distribution)
    return Finite.of(*law) if isinstance(law, tuple) else law


def restricted(distribution: Any, low: Any, high: Any) -> Source:
    """Return a law that will be truncated; a discrete one that has no highest type, up to there."""
    from scipy.stats.distributions import rv_frozen

    is_discrete = isinstance(distribution, rv_frozen) and hasattr(distribution.dist, "pmf")
    if is_discrete and not np.isfinite(distribution.support()).all():
        least, most = distribution.support()
        ends = max(float(low), float(least)), min(float(high), float(most))
        types = np.arange(np.ceil(ends[0]), np.floor(ends[1]) + 1.0)
        mass = np.asarray(Guarded(distribution).pmf(types), dtype=np.float64)
        return Finite.of(types, mass / mass.sum())
    own = _unbounded_of_ones_own(distribution)
    if own is not None:
        ends = own.support()
        low, high = max(float(low), float(ends[0])), min(float(high), float(ends[1]))
        if np.isfinite(low) and np.isfinite(high) and low < high:
            return _between(own, low, high)
    return component(distribution)


def _unbounded_of_ones_own(distribution: Any) -> Any:
    """Return an unbounded distribution that would be kept as a table, which has ends; else None."""
    from scipy import stats
    from scipy.stats.distributions import rv_frozen

    if isinstance(distribution, rv_frozen) and isinstance(distribution.dist, stats.rv_continuous):
        found = None if is_scipys_own(distribution.dist) else Guarded(distribution)
    else:
        found = distribution if _is_new(distribution) and not _known(distribution) else None
    return None if found is None or np.isfinite(found.support()).all() else found


def _between(distribution: Any, low: float, high: float) -> Source:
    """Return the table of a distribution on condition that types lie between two numbers."""
    from scipy import stats

    is_new = _is_new(distribution)
    name = shown(repr(distribution) if is_new else distribution.name)
    if not is_new and type(distribution.dist)._cdf is stats.rv_continuous._cdf:
        # Every value of its distribution function would be an integral.
        with budget():
            inside = integrate(distribution.pdf, edges_between(low, high)).total
        _require_inside(inside, name, low, high)
        return from_density(lambda types: distribution.pdf(types) / inside, low, high, what=name)

    def below(types: FloatArray) -> FloatArray:
        return called(distribution.cdf, types, name)

    def above(types: FloatArray) -> FloatArray:
        return called(distribution.ccdf if is_new else distribution.sf, types, name)

    with budget():
        ends = np.array([low, high])
        under, over = float(below(ends)[0]), float(above(ends)[1])
        inside = float(above(ends)[0]) - over if under > 0.5 else float(below(ends)[1]) - under
    _require_inside(inside, name, low, high)
    return from_distribution_function(
        lambda types: (below(types) - under) / inside,
        low,
        high,
        above=lambda types: (above(types) - over) / inside,
        what=name,
    )


def _require_inside(inside: float, name: str, low: float, high: float) -> None:
    if not inside > 0.0:
        raise InvalidInputError(
            "nothing is left between the ends",
            where="low, high",
            expected=f"some probability of {name} between them",
            got=f"none between {low:.12g} and {high:.12g}",
            remedy="Truncate it elsewhere.",
        )


def _of_bins(distribution: Any, dist: Any) -> Source:
    *_, loc, scale = numbers_of(distribution)
    bins = np.asarray(dist._hbins, dtype=np.float64)
    law = histogram(bins, np.diff(dist.cdf(bins)))
    return law if (loc, scale) == (0.0, 1.0) else Affine(law, scale, loc)


def _of_ones_own(distribution: Any) -> Source:
    """Return the table of a distribution of a class of the user's."""
    from scipy import stats

    dist, guarded = distribution.dist, Guarded(distribution)
    numbers_of(distribution)
    low, high = guarded.support()
    what = f"{shown(dist.name or type(dist).__name__)} of your own"
    _require_ends(what, guarded)
    kind = type(dist)
    if kind._cdf is not stats.rv_continuous._cdf:
        above = guarded.sf if kind._sf is not stats.rv_continuous._sf else None
        return from_distribution_function(guarded.cdf, low, high, above=above, what=what)
    if kind._ppf is not stats.rv_continuous._ppf:
        return from_quantile_function(guarded.ppf, what=what)
    return from_density(guarded.pdf, low, high, what=what)


def _require_ends(what: str, distribution: Any) -> None:
    low, high = (float(end) for end in distribution.support())
    if not (np.isfinite(low) and np.isfinite(high)):
        above = distribution.ccdf if _is_new(distribution) else distribution.sf
        under, over = (partial(called, each, name=what) for each in (distribution.cdf, above))
        with budget():
            advice = truncation_advice(under, over, (low, high))
        raise InvalidInputError(
            "unbounded support",
            where="distribution",
            expected="a lowest and a highest type",
            got=f"{what} on [{low:g}, {high:g}]",
            remedy=f"Truncate it{advice}.",
        )


def discrete(distribution: Any) -> tuple[Any, Any]:
    """Return the types and probabilities of a frozen discrete distribution.

    They are exact fractions where the formula has no others, parameters being the decimals that
    their floats print as: ``binom``, ``bernoulli``, ``randint``, ``hypergeom``, ``rv_discrete``.

    Examples
    --------
    >>> from scipy import stats
    >>> discrete(stats.binom(2, 0.1))[1]
    [Fraction(81, 100), Fraction(9, 50), Fraction(1, 100)]
    """
    dist = distribution.dist
    # Discrete distributions have no scale; scipy parses one all the same.
    *shapes, loc, _ = numbers_of(distribution)
    start = as_fraction(loc)
    if hasattr(dist, "xk"):
        order = np.argsort(dist.xk)
        kept = [int(k) for k in order if dist.pk[k] > 0]
        types = [as_fraction(float(dist.xk[k])) + start for k in kept]
        return types, np.asarray(dist.pk, dtype=np.float64)[kept]
    low, high = (float(end) for end in distribution.support())
    if not (np.isfinite(low) and np.isfinite(high)):
        raise _no_end(dist.name, low, high, float(distribution.isf(TAIL)))
    if high - low >= MOST_TYPES:
        raise InvalidInputError(
            "too many types",
            where="distribution",
            expected=f"at most {MOST_TYPES:,}",
            got=f"{high - low + 1:,.0f} of {dist.name}",
            remedy="Use a continuous distribution near it, in cells.",
        )
    types = [Fraction(k) + start for k in range(int(low - loc), int(high - loc) + 1)]
    masses: Any = _formula(dist.name, shapes, len(types)) if is_scipys_own(dist) else None
    if masses is None:
        masses = np.asarray(Guarded(distribution).pmf(np.array(types, dtype=np.float64)))
    kept = [k for k in range(len(types)) if masses[k] > 0]
    return [types[k] for k in kept], [masses[k] for k in kept]


def _no_end(what: str, low: float, high: float, quantile: float) -> InvalidInputError:
    return InvalidInputError(
        "finitely many types are needed",
        where="distribution",
        expected="a discrete distribution with a lowest and a highest type",
        got=f"{what} on [{low:g}, {high:g}]",
        remedy=f"Truncate it: for instance truncate = [{low:g}, {quantile:g}] in a file or "
        f"mechopt.priors.truncated(law, {low:g}, {quantile:g}), where the tail cut off weighs "
        f"at most {TAIL:g}.",
    )


def _formula(name: str, shapes: list[float], size: int) -> list[Fraction] | None:
    """Return exact probabilities of a few small laws, from the lowest type on."""
    if size > 1_000:
        return None
    if name in ("binom", "bernoulli"):
        n, p = (int(shapes[0]), shapes[1]) if name == "binom" else (1, shapes[0])
        chance = as_fraction(p)
        return [comb(n, k) * chance**k * (1 - chance) ** (n - k) for k in range(n + 1)]
    if name == "randint":
        return [Fraction(1, size)] * size
    if name == "hypergeom":
        total, good, drawn = (int(shape) for shape in shapes)
        first = max(0, drawn - (total - good))
        ways = comb(total, drawn)
        return [
            Fraction(comb(good, k) * comb(total - good, drawn - k), ways)
            for k in range(first, first + size)
        ]
    return None


def _is_new(distribution: Any) -> bool:
    """Return whether this is one of scipy's newer distribution objects."""
    return any(
        base.__name__ == "_ProbabilityDistribution" and base.__module__.startswith("scipy.stats")
        for base in type(distribution).__mro__
    )


def _new(distribution: Any) -> Source | tuple[Any, Any]:
    """Return the law of one of scipy's newer objects, by what it is made of where that is known."""
    kind = type(distribution).__name__
    if getattr(distribution, "_shape", ()) != ():
        raise InvalidInputError(
            "a distribution of arrays",
            where="distribution",
            expected="one number for each parameter",
            got=f"arrays of shape {distribution._shape}",
            remedy="Make one distribution for each agent.",
        )

    def number(name: str) -> Fraction:
        return as_fraction(float(getattr(distribution, name)))

    if kind == "Uniform":
        width = number("b") - number("a")
        return ContinuousPrior.named("uniform", {"loc": number("a"), "scale": width})
    if kind in ("Normal", "StandardNormal"):
        parameters = {"loc": number("mu"), "scale": number("sigma")}
        return ContinuousPrior.named("norm", parameters)
    if kind == "Binomial":
        from scipy import stats

        return discrete(stats.binom(int(distribution.n), float(distribution.p)))
    if kind == "Mixture":
        laws = tuple(component(part) for part in distribution.components)
        return MixedLaw(laws, np.asarray(distribution.weights, dtype=np.float64))
    inner: Any = getattr(distribution, "_dist", None)
    if _is_new(inner):
        if kind == "TruncatedDistribution" and np.isfinite(inner.support()).all() | _known(inner):
            return Truncated(component(inner), float(distribution.lb), float(distribution.ub))
        if kind == "OrderStatisticDistribution":
            return OrderStatistic(component(inner), int(distribution.n), int(distribution.r))
        if kind == "ShiftedScaledDistribution":
            return Affine(component(inner), float(number("scale")), float(number("loc")))
    low, high = (float(end) for end in distribution.support())
    what = f"{shown(repr(distribution))}, tabulated"
    if any(base.__name__ == "DiscreteDistribution" for base in type(distribution).__mro__):
        if not (np.isfinite(low) and np.isfinite(high)):
            raise _no_end(what, low, high, float(distribution.iccdf(TAIL)))
        types = np.arange(low, high + 1.0)
        return types, np.asarray(distribution.pmf(types), dtype=np.float64)
    _require_ends(what, distribution)
    return from_distribution_function(
        distribution.cdf, low, high, above=distribution.ccdf, what=what
    )


def _known(distribution: Any) -> bool:
    """Return whether an unbounded object is one that is kept by its parts."""
    kind = type(distribution).__name__
    inner = getattr(distribution, "_dist", None)
    if kind in ("OrderStatisticDistribution", "ShiftedScaledDistribution", "TruncatedDistribution"):
        return _known(inner)
    if kind == "Mixture":
        return all(_known(part) for part in distribution.components)
    return kind in ("Normal", "StandardNormal", "Uniform")
