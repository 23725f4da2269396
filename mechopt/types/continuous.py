"""Continuous priors: a named scipy.stats distribution, and its cells of equal probability."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np

from mechopt._util.arrays import FloatArray, shown
from mechopt._util.given import given_numbers
from mechopt._util.rationals import as_fraction, decimals
from mechopt._util.registry import saved_as
from mechopt.errors import InvalidInputError
from mechopt.types.foreign import Guarded, budget

if TYPE_CHECKING:
    from mechopt.types.curves import Curve

# A cell is integrated by two Gauss points if its quantile function is this close to a straight
# line: with a relative curvature of 1e-3 the two points err by about 1e-13 of the cell's width.
CURVATURE_LIMIT = 1e-3
SKEW_LIMIT = 1e-6
QUADRATURE_TOLERANCE = 1e-12
MAX_BISECTIONS = 60
# Pieces of one cell that may be halved at a time; kinks need few.
MAX_PIECES = 16
# Doubt about the mean of a cell that is tolerated, as a share of the widest cell.
NOISE_LIMIT = 1e-9
SMALLEST_WIDTH = 1e-9


@saved_as("mechopt.ContinuousPrior")
@dataclass(frozen=True)
class ContinuousPrior:
    """A continuous distribution with bounded support, kept by its name so that it can be saved.

    Parameters
    ----------
    name
        Name of the distribution in ``scipy.stats``, such as ``"beta"``.
    shapes
        Its shape parameters, in scipy's order.
    loc, scale
        Location and scale, in money.
    exact
        Texts of the location and scale as fractions, where they are not the decimals that the
        floats print as.

    Raises
    ------
    InvalidInputError
        For names and parameters that scipy does not know, and for unbounded support.

    Examples
    --------
    >>> ContinuousPrior("beta", (2.0, 3.0)).support
    (0.0, 1.0)
    """

    name: str
    shapes: tuple[float, ...] = ()
    loc: float = 0.0
    scale: float = 1.0
    exact: tuple[str, str] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        try:
            low, high = self.support
        except (ArithmeticError, ValueError):
            low = high = np.nan
        if np.isnan(low) or np.isnan(high):
            raise InvalidInputError(
                f"parameters outside the domain of {self.name}",
                where="parameters",
                expected="parameters for which scipy defines the distribution",
                got=f"shapes {self.shapes}, loc {self.loc:g}, scale {self.scale:g}",
                remedy=f"See the documentation of scipy.stats.{self.name}.",
            )
        if not (np.isfinite(low) and np.isfinite(high)):
            raise InvalidInputError(
                "unbounded support",
                where="distribution",
                expected="a lowest and a highest type",
                got=f"{self.name} on [{low:g}, {high:g}]",
                remedy="Truncate it: for instance truncnorm, truncexpon or truncpareto in place of "
                "norm, expon or pareto.",
            )
        if high - low <= SMALLEST_WIDTH * max(abs(low), abs(high)):
            raise InvalidInputError(
                "types too close to tell apart in floating point",
                where="parameters",
                expected="a support wider than its distance from zero times 1e-9",
                got=f"{self.name} on [{low:.17g}, {high:.17g}]",
                remedy="Measure types from a point nearer to them, or use a larger scale.",
            )

    @classmethod
    def of(cls, distribution: Any) -> ContinuousPrior:
        """Return the prior of a frozen scipy.stats distribution.

        Examples
        --------
        >>> from scipy import stats
        >>> ContinuousPrior.of(stats.uniform(2, 3))
        ContinuousPrior(name='uniform', shapes=(), loc=2.0, scale=3.0)
        """
        from scipy import stats
        from scipy.stats.distributions import rv_frozen

        if isinstance(distribution, cls):
            return distribution
        dist = getattr(distribution, "dist", None)
        if not (isinstance(distribution, rv_frozen) and isinstance(dist, stats.rv_continuous)):
            discrete = isinstance(dist or distribution, stats.rv_discrete)
            raise InvalidInputError(
                "not a continuous distribution" if discrete else "not a frozen distribution",
                where="distribution",
                expected="a frozen continuous scipy.stats distribution, such as stats.beta(2, 3)",
                got=shown(getattr(dist, "name", None) or distribution),
                remedy="Use TypeSpace.finite for finitely many types, or TypeSpace.from_samples "
                "with draws from it.",
            )
        if not _is_scipys_own(dist):
            raise InvalidInputError(
                "a distribution of your own",
                where="distribution",
                expected="one of scipy.stats, which its name and parameters stand for",
                got=f"{type(dist).__module__}.{type(dist).__name__}, named {shown(dist.name)}",
                remedy="Use TypeSpace.from_samples with draws from it.",
            )
        shapes, loc, scale = distribution.dist._parse_args(*distribution.args, **distribution.kwds)
        sizes = [np.shape(value) for value in (*shapes, loc, scale)]
        if any(sizes):
            raise InvalidInputError(
                "a frozen distribution of arrays",
                where="distribution",
                expected="one number for each parameter",
                got=f"arrays of shapes {', '.join(map(str, filter(None, sizes)))}",
                remedy="Freeze one distribution for each agent.",
            )
        given = zip((*shapes, loc, scale), count(), strict=False)
        numbers = [given_numbers([value], f"parameter {i}")[0].item() for value, i in given]
        return cls(distribution.dist.name, tuple(numbers[:-2]), numbers[-2], numbers[-1])

    @classmethod
    def named(cls, name: str, parameters: Mapping[str, float | Fraction]) -> ContinuousPrior:
        """Return the prior with scipy's name and keyword parameters, floats or fractions.

        Examples
        --------
        >>> ContinuousPrior.named("beta", {"a": 2, "b": 3, "scale": 10})
        ContinuousPrior(name='beta', shapes=(2.0, 3.0), loc=0.0, scale=10.0)
        """
        prior = cls.of(_freeze(name, {key: float(value) for key, value in parameters.items()}))
        given = (as_fraction(parameters.get("loc", 0)), as_fraction(parameters.get("scale", 1)))
        if given == decimals(np.array([prior.loc, prior.scale])):
            return prior
        return replace(prior, exact=(str(given[0]), str(given[1])))

    @property
    def exact_loc_and_scale(self) -> tuple[str, str]:
        """Location and scale as texts of fractions.

        Examples
        --------
        >>> from fractions import Fraction
        >>> prior = ContinuousPrior.named("uniform", {"loc": 0.1, "scale": Fraction(1, 3)})
        >>> prior.exact_loc_and_scale
        ('1/10', '1/3')
        """
        return self.exact or (str(as_fraction(self.loc)), str(as_fraction(self.scale)))

    @cached_property
    def frozen(self) -> Guarded:
        """The frozen scipy.stats distribution, behind a guard against its slowness and noise."""
        from scipy import stats

        family = getattr(stats, self.name)
        return Guarded(family(*self.shapes, loc=self.loc, scale=self.scale))

    @cached_property
    def curve(self) -> Curve:
        """The prior as a curve, with quantiles and integrals that keep their digits in tails."""
        from mechopt.types.curves import Curve

        return Curve(self)

    @property
    def support(self) -> tuple[float, float]:
        """Lowest and highest type, in money."""
        low, high = self.frozen.support()
        return low, high


def _is_scipys_own(dist: Any) -> bool:
    """Return whether a name in scipy.stats stands for this very distribution.

    A class of somebody's own may bear any name, and scipy's classes take another support.
    """
    from scipy import stats

    family = getattr(stats, dist.name, None) if isinstance(dist.name, str) else None
    if family is None or type(dist) is not type(family):
        return False
    own, known = dist._updated_ctor_param(), family._updated_ctor_param()
    return all(own[key] == known[key] for key in ("a", "b", "shapes"))


def _freeze(name: str, parameters: Mapping[str, float]) -> Any:
    from scipy import stats

    family = getattr(stats, name, None)
    if not isinstance(family, stats.rv_continuous):
        raise InvalidInputError(
            "no such continuous distribution",
            where="distribution",
            expected="the name of a continuous distribution in scipy.stats",
            got=repr(name),
            remedy='Names are scipy\'s, in lower case: "uniform", "beta", "truncnorm", ...',
        )
    shapes = [shape.strip() for shape in (family.shapes or "").split(",") if shape.strip()]
    unknown = sorted(set(parameters) - {*shapes, "loc", "scale"})
    missing = [shape for shape in shapes if shape not in parameters]
    if unknown or missing:
        raise InvalidInputError(
            f"wrong parameters for {name}",
            where="parameters",
            expected=", ".join([*shapes, "loc, scale (both optional)"]),
            got=", ".join(parameters) or "none",
            remedy=f"See the documentation of scipy.stats.{name}.",
        )
    return family(**parameters)


@dataclass(frozen=True)
class Cells:
    """Ends and means of equally likely cells, arrays of shape (num_cells,) in money."""

    lower: FloatArray
    mean: FloatArray
    upper: FloatArray


@budget()
def quantile_cells(prior: ContinuousPrior, num_cells: int) -> Cells:
    """Cut a prior into equally likely cells, with means by quadrature of the quantile function.

    The quantile function is read from below on the lower half and from above on the upper half,
    so that neither tail loses digits.
    """
    half = (num_cells + 1) // 2
    below = _half_cells(prior.frozen.ppf, half, num_cells, prior)
    above = _half_cells(prior.frozen.isf, num_cells - half, num_cells, prior)
    return Cells(
        lower=np.concatenate([below.lower, above.upper[::-1]]),
        mean=np.concatenate([below.mean, above.mean[::-1]]),
        # The two halves may disagree in the last digit about the edge that they share.
        upper=np.concatenate(
            [
                below.upper[:-1],
                above.upper[-1:] if above.upper.size else below.upper[-1:],
                above.lower[::-1],
            ]
        ),
    )


def _half_cells(
    quantile: Callable[[FloatArray], FloatArray], count: int, num_cells: int, prior: ContinuousPrior
) -> Cells:
    """Return the first ``count`` cells from one end; lower is the end nearer to it."""
    positions = np.arange(count + 1)
    edges = np.asarray(quantile(positions / num_cells), dtype=np.float64)
    offset = 0.5 / np.sqrt(3.0)
    first = quantile((positions[:-1] + (0.5 - offset)) / num_cells)
    second = quantile((positions[:-1] + (0.5 + offset)) / num_cells)
    lower, upper = edges[:-1], edges[1:]
    steps = np.diff(edges)
    if not np.isfinite(edges).all() or (np.min(steps, initial=0) < 0 < np.max(steps, initial=0)):
        raise InvalidInputError(
            "the quantile function is not a nondecreasing finite function",
            where="distribution",
            expected="finite quantiles in order",
            got=f"{prior.name} with shapes {prior.shapes}",
            remedy="Use TypeSpace.from_samples with draws from it.",
        )
    mean = 0.5 * (first + second)
    width = np.abs(steps)
    curvature = np.abs(lower + upper - first - second)
    skew = np.abs(np.sqrt(3.0) * np.abs(second - first) - width)
    noise = 64 * np.finfo(np.float64).eps * np.maximum(np.abs(lower), np.abs(upper))
    rough = np.flatnonzero(
        (curvature > CURVATURE_LIMIT * width + noise) | (skew > SKEW_LIMIT * width + noise)
    )
    if rough.size:
        mean[rough], doubt = _adaptive_means(quantile, rough / num_cells, (rough + 1) / num_cells)
        if (doubt > NOISE_LIMIT * width.max()).any():
            raise InvalidInputError(
                f"scipy computes the quantiles of {prior.name} too coarsely",
                where="distribution",
                expected=f"means of cells within {NOISE_LIMIT:g} of the widest cell",
                got=f"{doubt.max() / width.max():.1g}, with shapes {prior.shapes}",
                remedy="Use other parameters, such as a wider support and a smaller scale, or "
                "TypeSpace.from_samples with draws from it.",
            )
    # A rounding error may carry the mean of a narrow cell past its end.
    return Cells(lower, np.clip(mean, np.minimum(lower, upper), np.maximum(lower, upper)), upper)


def _adaptive_means(
    quantile: Callable[[FloatArray], FloatArray], start: FloatArray, stop: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the mean of the quantile function over each interval of probabilities, and its doubt.

    Tanh-sinh quadrature deals with singular ends. Its own error estimate can be fooled by a kink or
    a jump inside, so an interval counts as done only when its two halves give the same integral;
    otherwise the halves are treated alike, until what is left of them is negligible. A few kinks
    leave a few pieces; where pieces become many, the quantile function is noise at that scale, and
    what halves and wholes differ by is the doubt about the mean.
    """
    from scipy.integrate import tanhsinh

    def integrate(low: FloatArray, high: FloatArray) -> FloatArray:
        # Nodes come within 1e-300 of the ends, where some quantile functions warn and give up;
        # such nodes weigh nothing, and what is returned is checked against the halves.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            result = tanhsinh(quantile, low, high, maxlevel=6, rtol=QUADRATURE_TOLERANCE)
        return np.asarray(result.integral, dtype=np.float64)

    num_cells = start.size
    owner = np.arange(num_cells)
    total, doubt = np.zeros(num_cells), np.zeros(num_cells)
    size = stop - start
    whole = integrate(start, stop)
    for _ in range(MAX_BISECTIONS):
        middle = 0.5 * (start + stop)
        left, right = integrate(start, middle), integrate(middle, stop)
        spread = np.abs(quantile(stop) - quantile(start)) * (stop - start)
        allowed = QUADRATURE_TOLERANCE * np.maximum(np.abs(whole), spread)
        # What a bisected piece can still contribute falls with the square of its width.
        negligible = spread <= 1e-3 * QUADRATURE_TOLERANCE * size[owner]
        error = np.abs(left + right - whole)
        done = (error <= allowed) | negligible
        if 2 * np.count_nonzero(~done) > MAX_PIECES * num_cells:
            np.add.at(doubt, owner[~done], error[~done])
            done[:] = True
        np.add.at(total, owner[done], (left + right)[done])
        if done.all():
            return total / size, doubt / size
        start, middle, stop = start[~done], middle[~done], stop[~done]
        whole = np.concatenate([left[~done], right[~done]])
        start, stop = np.concatenate([start, middle]), np.concatenate([middle, stop])
        owner = np.concatenate([owner[~done], owner[~done]])
    np.add.at(total, owner, whole)
    return total / size, doubt / size
