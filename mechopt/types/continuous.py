"""Laws of scipy.stats, kept by their name and parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from mechopt._util.arrays import FloatArray, shown
from mechopt._util.given import given_numbers
from mechopt._util.rationals import as_fraction, decimals, require_agreement
from mechopt._util.registry import saved_as
from mechopt.errors import InvalidInputError
from mechopt.types.beta import LARGEST_SHAPE, BetaLaw
from mechopt.types.foreign import Guarded
from mechopt.types.source import TAILS, Errors, Source
from mechopt.types.uniform import UniformLaw

# Errors of scipy's distribution functions, relative to their values: the good ones', and those of
# distribution functions that scipy integrates.
VALUE_ERROR = 1e-12
SLOW_VALUE_ERROR = 1e-7
# Where a survival function is one less the distribution function, it has errors of this size.
COMPLEMENT_ERROR = 4 * np.finfo(np.float64).eps
UNIFORM = "uniform"
# Families that need no scipy.stats, which takes a second to load, and their shapes.
OWN_FAMILIES = {UNIFORM: (), "beta": ("a", "b")}
# Families of scipy.stats whose density is positive everywhere between the ends of the support.
POSITIVE_DENSITIES = frozenset({
    "anglit", "arcsine", "argus", "beta", "bradford", "cosine", "expon", "johnsonsb", "kappa4",
    "laplace", "logistic", "loguniform", "lognorm", "norm", "pareto", "powerlaw", "rdist",
    "reciprocal", "semicircular", "t", "trapezoid", "triang", "truncexpon", "truncnorm",
    "truncpareto", "truncweibull_min", "uniform", "vonmises_line", "wrapcauchy",
})  # fmt: skip


@saved_as("mechopt.ContinuousPrior")
@dataclass(frozen=True)
class ContinuousPrior(Source):
    """A continuous distribution of scipy.stats, kept by its name so that it can be saved.

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
        For names and parameters that scipy does not know.

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
        if self.exact is not None:
            require_agreement("parameters", self.exact, (self.loc, self.scale))

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
        if not is_scipys_own(dist):
            raise InvalidInputError(
                "a distribution of your own",
                where="distribution",
                expected="one of scipy.stats, which its name and parameters stand for",
                got=f"{type(dist).__module__}.{type(dist).__name__}, named {shown(dist.name)}",
                remedy="Pass it to TypeSpace.from_distribution, which keeps it as a table.",
            )
        numbers = numbers_of(distribution)
        return cls(distribution.dist.name, tuple(numbers[:-2]), numbers[-2], numbers[-1])

    @classmethod
    def named(cls, name: str, parameters: Mapping[str, float | Fraction]) -> ContinuousPrior:
        """Return the prior with scipy's name and keyword parameters, floats or fractions.

        Examples
        --------
        >>> ContinuousPrior.named("beta", {"a": 2, "b": 3, "scale": 10})
        ContinuousPrior(name='beta', shapes=(2.0, 3.0), loc=0.0, scale=10.0)
        """
        given_floats = {key: float(value) for key, value in parameters.items()}
        numbers = _numbers_named(name, given_floats)
        prior = cls(name, tuple(numbers[:-2]), numbers[-2], numbers[-1])
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
    def frozen(self) -> Guarded | UniformLaw | BetaLaw:
        """The frozen scipy.stats distribution, behind a guard against its slowness and noise.

        For families that need no scipy.stats, what has the same functions.
        """
        if self.name == UNIFORM:
            if self.shapes:
                raise ValueError("a uniform distribution has no shapes")
            return UniformLaw(self.loc, self.scale)
        if self.name == "beta" and len(self.shapes) == 2 and 0.0 < self.scale < np.inf:
            a, b = self.shapes
            if 0.0 < a <= LARGEST_SHAPE and 0.0 < b <= LARGEST_SHAPE:
                return BetaLaw(a, b, self.loc, self.scale)
        return _guarded(self.name, self.shapes, self.loc, self.scale)

    @property
    def title(self) -> str:
        """The name of the distribution."""
        return self.name

    @property
    def support(self) -> tuple[float, float]:
        """Lowest and highest type, in money."""
        low, high = self.frozen.support()
        return low, high

    def below(self, types: FloatArray) -> FloatArray:
        """Return the probability of types up to each."""
        return self._known(self.frozen.cdf(types))

    def above(self, types: FloatArray) -> FloatArray:
        """Return the probability of types from each on."""
        return self._known(self.frozen.sf(types))

    def density(self, types: FloatArray) -> FloatArray:
        """Return the density at each type."""
        return self.frozen.pdf(types)

    @cached_property
    def marks(self) -> FloatArray:
        """Types at which the law is cut before integration, by scipy's formula where it has one."""
        if self.is_slow or (isinstance(self.frozen, Guarded) and self.frozen.searches):
            return super().marks
        marks = np.concatenate([self.support, self.frozen.ppf(TAILS), self.frozen.isf(TAILS)])
        return marks[(marks >= self.low) & (marks <= self.high)]

    def _known(self, values: FloatArray) -> FloatArray:
        if np.isnan(values).any():
            raise InvalidInputError(
                "the distribution function is not a number everywhere",
                where="distribution",
                expected="probabilities",
                got=f"{self.name} with shapes {self.shapes}",
                remedy="Change the parameters, or use samples drawn from the distribution.",
            )
        return values

    @cached_property
    def _law(self) -> Any:
        assert isinstance(self.frozen, Guarded)
        return type(self.frozen.dist)

    @property
    def is_slow(self) -> bool:
        """Whether scipy integrates the density for every value of the distribution function."""
        if not isinstance(self.frozen, Guarded):
            return False
        from scipy import stats

        return self._law._cdf is stats.rv_continuous._cdf

    @property
    def is_positive(self) -> bool:
        """Whether the family's density is positive everywhere between the ends."""
        return self.name in POSITIVE_DENSITIES

    @property
    def value_errors(self) -> Errors:
        """How far scipy's probabilities may be off."""
        if not isinstance(self.frozen, Guarded):
            return Errors(VALUE_ERROR, 0.0, COMPLEMENT_ERROR if self.name == UNIFORM else 0.0)
        from scipy import stats

        relative = SLOW_VALUE_ERROR if self.is_slow else VALUE_ERROR
        complement = self._law._sf is stats.rv_continuous._sf
        return Errors(relative, 0.0, COMPLEMENT_ERROR if complement else 0.0)

    @property
    def uniform_on(self) -> tuple[str, str] | None:
        """Location and width of a uniform distribution; None for others."""
        return self.exact_loc_and_scale if self.name == UNIFORM else None


def numbers_of(distribution: Any) -> list[float]:
    """Return shapes, location and scale of a frozen scipy.stats distribution.

    Raises
    ------
    InvalidInputError
        For arrays of them.

    Examples
    --------
    >>> from scipy import stats
    >>> numbers_of(stats.beta(2, 3))
    [2.0, 3.0, 0.0, 1.0]
    """
    return _numbers_of(distribution.dist, distribution.args, distribution.kwds)


# Making a distribution takes scipy a millisecond, and a sweep asks for the same few.
@lru_cache(maxsize=64)
def _guarded(name: str, shapes: tuple[float, ...], loc: float, scale: float) -> Guarded:
    from scipy import stats

    return Guarded(getattr(stats, name)(*shapes, loc=loc, scale=scale))


def _numbers_of(family: Any, args: tuple[Any, ...], kwds: Mapping[str, Any]) -> list[float]:
    parsed = family._parse_args(*args, **kwds)
    parts = [*parsed[0], *parsed[1:]]
    sizes = [np.shape(value) for value in parts]
    if any(sizes):
        raise InvalidInputError(
            "a frozen distribution of arrays",
            where="distribution",
            expected="one number for each parameter",
            got=f"arrays of shapes {', '.join(map(str, filter(None, sizes)))}",
            remedy="Freeze one distribution for each agent.",
        )
    given = enumerate(parts)
    return [given_numbers([value], f"parameter {i}")[0].item() for i, value in given]


def is_scipys_own(dist: Any) -> bool:
    """Return whether a name in scipy.stats stands for this very distribution.

    A class of somebody's own may bear any name, and scipy's classes take another support.
    """
    from scipy import stats

    family = getattr(stats, dist.name, None) if isinstance(dist.name, str) else None
    if family is None or type(dist) is not type(family):
        return False
    own, known = dist._updated_ctor_param(), family._updated_ctor_param()
    return all(own[key] == known[key] for key in ("a", "b", "shapes"))


def _numbers_named(name: str, parameters: Mapping[str, float]) -> list[float]:
    """Return shapes, location and scale from parameters by name."""
    shapes = OWN_FAMILIES.get(name)
    if shapes is not None and {*shapes} <= set(parameters) <= {*shapes, "loc", "scale"}:
        every = {"loc": 0.0, "scale": 1.0, **parameters}
        values = [every[key] for key in (*shapes, "loc", "scale")]
        return [
            given_numbers([value], f"parameter {i}")[0].item() for i, value in enumerate(values)
        ]
    return _numbers_of(_family(name, parameters), (), parameters)


def _family(name: str, parameters: Mapping[str, float]) -> Any:
    """Return the family of a name, which has these parameters."""
    from scipy import stats

    family = getattr(stats, name, None)
    if not isinstance(family, stats.rv_continuous):
        known = [each for each, law in vars(stats).items() if isinstance(law, stats.rv_continuous)]
        guess = next(iter(get_close_matches(name, known, n=1)), None)
        raise InvalidInputError(
            "no such continuous distribution",
            where="distribution",
            expected="the name of a continuous distribution in scipy.stats",
            got=repr(name),
            remedy=f'Did you mean "{guess}"?'
            if guess
            else 'Names are scipy\'s, in lower case: "uniform", "beta", "truncnorm", ...',
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
    return family
