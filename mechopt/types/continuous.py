"""Continuous priors: a named scipy.stats distribution, and what is computed from it.

Everything is read from the distribution function below and from the survival function above, so
that gains of a probability of 1e-15 are known as well as those of one half.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from itertools import count
from typing import Any

import numpy as np

from mechopt._util.arrays import FloatArray, shown
from mechopt._util.given import given_numbers
from mechopt._util.rationals import as_fraction, decimals
from mechopt._util.registry import saved_as
from mechopt.errors import InvalidInputError
from mechopt.types.foreign import Guarded
from mechopt.types.quadrature import MAX_PIECES

SMALLEST_WIDTH = 1e-9
# How many intervals to cut where scipy integrates the density for every value of the distribution
# function.
MAX_SLOW_PIECES = 160
# Errors of scipy's distribution functions, relative to their values: the good ones', and those of
# distribution functions that scipy integrates.
VALUE_ERROR = 1e-12
SLOW_VALUE_ERROR = 1e-7
# Where a survival function is one less the distribution function, it has errors of this size.
COMPLEMENT_ERROR = 4 * np.finfo(np.float64).eps
NUM_BISECTIONS = 64
# Probabilities at whose quantiles the search for what matters begins, from either end.
TAILS = np.concatenate([
    10.0 ** -np.arange(300.0, 20.0, -20.0), 10.0 ** -np.arange(20.0, 1.0, -1.0),
    np.arange(1, 9) / 16.0,
])  # fmt: skip


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
class Curve:
    """The distribution function of a continuous prior, and what is computed from it.

    Parameters
    ----------
    prior
        The prior.

    Examples
    --------
    >>> curve = Curve(ContinuousPrior("beta", (25.0, 1.0)))
    >>> float(curve.below(np.array(0.5))) == 0.5**25
    True
    """

    prior: ContinuousPrior

    @property
    def low(self) -> float:
        """Lowest type."""
        return self.prior.support[0]

    @property
    def high(self) -> float:
        """Highest type."""
        return self.prior.support[1]

    def below(self, types: FloatArray) -> FloatArray:
        """Return the probability of types up to each."""
        return self._known(self.prior.frozen.cdf(types))

    def above(self, types: FloatArray) -> FloatArray:
        """Return the probability of types from each on."""
        return self._known(self.prior.frozen.sf(types))

    def _known(self, values: FloatArray) -> FloatArray:
        if np.isnan(values).any():
            raise InvalidInputError(
                "the distribution function is not a number everywhere",
                where="distribution",
                expected="probabilities",
                got=f"{self.prior.name} with shapes {self.prior.shapes}",
                remedy="Change the parameters, or use samples drawn from the distribution.",
            )
        return values

    @cached_property
    def _law(self) -> Any:
        return type(self.prior.frozen.dist)

    @property
    def is_slow(self) -> bool:
        """Whether scipy integrates the density for every value of the distribution function."""
        from scipy import stats

        return self._law._cdf is stats.rv_continuous._cdf

    @property
    def value_errors(self) -> tuple[float, float]:
        """Errors of a value of either function: relative to it, and absolute."""
        from scipy import stats

        relative = SLOW_VALUE_ERROR if self.is_slow else VALUE_ERROR
        complement = self._law._sf is stats.rv_continuous._sf
        return relative, COMPLEMENT_ERROR if complement else 0.0

    @property
    def max_pieces(self) -> int:
        """How many intervals an integral may be cut into."""
        return MAX_SLOW_PIECES if self.is_slow else MAX_PIECES

    def quantiles(self, probabilities: FloatArray, *, from_above: bool = False) -> FloatArray:
        """Return the types up to which (from which on) there is each probability, by bisection.

        Bisection takes a bounded number of steps, which searches in foreign code do not.
        """
        low = np.full(probabilities.size, self.low)
        high = np.full(probabilities.size, self.high)
        for _ in range(NUM_BISECTIONS):
            middle = 0.5 * (low + high)
            if from_above:
                lower = self.above(middle) >= probabilities
            else:
                lower = self.below(middle) < probabilities
            low, high = np.where(lower, middle, low), np.where(lower, high, middle)
        return high

    @cached_property
    def marks(self) -> FloatArray:
        """Types at which the distribution is cut before integration: ends, quantiles of tails."""
        return np.concatenate([
            [self.low, self.high],
            self.quantiles(TAILS),
            self.quantiles(TAILS, from_above=True),
        ])  # fmt: skip
