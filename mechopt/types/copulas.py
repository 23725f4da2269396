"""Joint priors of two agents: the marginals of two type spaces, joined by a copula."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from mechopt._util.arrays import FloatArray, shown
from mechopt._util.given import is_real
from mechopt._util.memory import require_memory
from mechopt.errors import InvalidInputError, require
from mechopt.types.prior import Joint
from mechopt.types.type_space import TypeSpace

# Beyond so many standard deviations a normal density has nothing that floats hold beside 1.
FARTHEST = 9.0
LARGEST_CORRELATION = 0.9999
LARGEST_THETA = 100.0
# What masses computed in two ways may differ by before they are not taken for rounding.
LARGEST_ERROR = 1e-9
NODES, WEIGHTS = np.polynomial.legendre.leggauss(12)
# Conditional probabilities that are held at a time.
CHUNK = 2_000_000


@dataclass(frozen=True, eq=False)
class CorrelatedTypes:
    """Finite types of two agents and their joint prior.

    Parameters
    ----------
    first, second
        The types, with the sums of the joint prior as their probabilities: of cells of a continuum,
        the cells' means.
    joint
        The joint prior, for environments.
    correlation
        Pearson's correlation of the two types under it.
    error
        By how much a probability of the joint prior, or one of its sums, may be off: what
        conditioning on the first agent's types gives, less what conditioning on the second's gives.

    Examples
    --------
    >>> from mechopt import TypeSpace
    >>> from mechopt.priors import gaussian_copula
    >>> types = TypeSpace.finite([0, 1])
    >>> found = gaussian_copula(types, types, 0.5)
    >>> found.joint.probabilities.round(12), round(found.correlation, 9)
    (array([[0.33333333, 0.16666667],
           [0.16666667, 0.33333333]]), 0.333333333)
    """

    first: TypeSpace
    second: TypeSpace
    joint: Joint = field(repr=False)
    correlation: float
    error: float

    def sentence(self) -> str:
        """Return what whoever reads an answer must know of the prior, in one sentence.

        Examples
        --------
        >>> from mechopt import TypeSpace
        >>> from mechopt.priors import gaussian_copula
        >>> types = TypeSpace.finite([0, 1])
        >>> gaussian_copula(types, types, 0.5).sentence()
        'types have the correlation 0.333; probabilities of profiles may be off by 1e-15'
        """
        off = max(self.error, 1e-15)
        return (
            f"types have the correlation {self.correlation:.3f}; probabilities of profiles may be "
            f"off by {off:.0e}"
        )


def gaussian_copula(first: TypeSpace, second: TypeSpace, correlation: float) -> CorrelatedTypes:
    """Return two agents' types, joined by the copula of two normal variables.

    Parameters
    ----------
    first, second
        Types or cells of the two agents; their probabilities are kept.
    correlation
        Of the normal variables, from -0.9999 to 0.9999; that of the types is smaller.

    Raises
    ------
    InvalidInputError
        For another correlation.

    Notes
    -----
    A profile of cells has the probability that both normal variables lie between the quantiles of
    the cells' edges: an integral over one of them of the other's conditional probability.

    Examples
    --------
    Two coins fall alike with the probability 1/2 + arcsin(correlation)/pi (Sheppard 1899):

    >>> import numpy as np
    >>> from mechopt import TypeSpace
    >>> coin = TypeSpace.finite([0, 1])
    >>> found = gaussian_copula(coin, coin, np.sqrt(0.5))
    >>> float(np.trace(found.joint.probabilities).round(12))
    0.75
    """
    from scipy.special import ndtr, ndtri

    _check("correlation", correlation, -LARGEST_CORRELATION, LARGEST_CORRELATION)
    rest = float(np.sqrt((1.0 - correlation) * (1.0 + correlation)))
    widest = min(0.5, 2.0 * rest)

    def mapped(chances: FloatArray) -> FloatArray:
        return np.asarray(np.clip(ndtri(chances), -FARTHEST, FARTHEST))

    def between(at: FloatArray, edges: FloatArray) -> FloatArray:
        ends = np.concatenate([[-np.inf], ndtri(edges[1:-1]), [np.inf]])
        z = (ends - correlation * at[:, None]) / rest
        # In the tail that is smaller, where differences keep their digits.
        below, above = ndtr(z), ndtr(-z)
        upper = z[:, :-1] > 0.0
        found = np.where(upper, above[:, :-1] - above[:, 1:], below[:, 1:] - below[:, :-1])
        return np.asarray(found)

    def density(at: FloatArray) -> FloatArray:
        return np.asarray(np.exp(-0.5 * at * at) / np.sqrt(2.0 * np.pi))

    return _joined(first, second, _Copula(mapped, widest, between, density))


def clayton_copula(first: TypeSpace, second: TypeSpace, theta: float) -> CorrelatedTypes:
    """Return two agents' types, joined by the copula of Clayton (1978).

    C(u, v) = (u^-theta + v^-theta - 1)^(-1/theta): low types come together, high ones less so.

    Parameters
    ----------
    first, second
        Types or cells of the two agents; their probabilities are kept.
    theta
        Above 0, up to 100; Kendall's tau is theta / (theta + 2).

    Raises
    ------
    InvalidInputError
        For another theta.

    References
    ----------
    Clayton (1978), doi:10.1093/biomet/65.1.141.

    Examples
    --------
    >>> from mechopt import TypeSpace
    >>> coin = TypeSpace.finite([0, 1])
    >>> clayton_copula(coin, coin, 1).joint.probabilities.round(12)
    array([[0.33333333, 0.16666667],
           [0.16666667, 0.33333333]])
    """
    _check("theta", theta, 0.0, LARGEST_THETA, above=True)
    widest = min(0.5, 2.0 / theta)

    def mapped(chances: FloatArray) -> FloatArray:
        # The logarithm of odds: both ends matter, each in its own digits.
        ends = np.clip(chances, 1e-20, None)
        odds = np.log(ends) - np.log1p(-np.minimum(ends, 1.0 - 1e-16))
        return np.asarray(np.clip(odds, -45.0, 37.0))

    def between(at: FloatArray, edges: FloatArray) -> FloatArray:
        log_u = -np.logaddexp(0.0, -at)[:, None]
        # Of rare types powers are beyond floats, but their logarithms are not.
        far = -theta * np.log(edges[1:])
        with np.errstate(divide="ignore"):
            log_power = np.where(
                far > 1.0, far + np.log1p(-np.exp(-far)), np.log(np.expm1(np.minimum(far, 1.0)))
            )
        below = np.exp(-(1.0 + 1.0 / theta) * np.logaddexp(0.0, theta * log_u + log_power))
        below = np.concatenate([np.zeros((at.size, 1)), below], axis=1)
        return np.diff(below, axis=1)

    def density(at: FloatArray) -> FloatArray:
        return np.asarray(np.exp(-np.abs(at)) / (1.0 + np.exp(-np.abs(at))) ** 2)

    return _joined(first, second, _Copula(mapped, widest, between, density))


@dataclass(frozen=True)
class _Copula:
    """A copula that treats both variables alike.

    Parameters
    ----------
    mapped
        From a variable's probabilities to points over which it is integrated, rising.
    widest
        How far apart these may be for Gauss points between them.
    between
        From points of one variable and edges of the other, in probabilities, to the conditional
        probabilities between the edges, shape (points, cells).
    density
        Of the mapped variable.
    """

    mapped: Callable[[FloatArray], FloatArray]
    widest: float
    between: Callable[[FloatArray, FloatArray], FloatArray]
    density: Callable[[FloatArray], FloatArray]


def _check(name: str, value: object, low: float, high: float, *, above: bool = False) -> None:
    number = float(value) if is_real(value) else np.nan  # type: ignore[arg-type]
    if (low < number if above else low <= number) and number <= high:
        return
    raise InvalidInputError(
        f"not a {name} of this copula",
        where=name,
        expected=f"a number above {low:g}, up to {high:g}"
        if above
        else f"a number from {low:g} to {high:g}",
        got=shown(value),
        remedy="Independent types need no joint prior; types that say all of each other have no "
        "copula here.",
    )


def _joined(first: TypeSpace, second: TypeSpace, copula: _Copula) -> CorrelatedTypes:
    for where, types in (("first", first), ("second", second)):
        require(types, TypeSpace, where=where, remedy="Pass a TypeSpace.")
    size = first.num_cells * second.num_cells
    require_memory(64 * size, f"a prior of {size:,} profiles", "Use fewer cells.")
    edges = tuple(_edges(types.mass) for types in (first, second))
    table = _masses(copula, *edges)
    other = _masses(copula, *edges[::-1]).T
    error = float(np.abs(table - other).max())
    for axis, types in enumerate((first, second)):
        error = max(error, float(np.abs(table.sum(axis=1 - axis) - types.mass).max()))
    if not error <= LARGEST_ERROR:
        raise InvalidInputError(
            "a copula whose probabilities are not found accurately",
            where="copula",
            expected=f"two ways to compute them to agree within {LARGEST_ERROR:g}",
            got=f"a difference of {error:.1g}",
            remedy="Use a weaker dependence, or larger cells.",
        )
    joint = Joint(table)
    a, b = joint.masses
    finite = TypeSpace.finite(first.mean, a), TypeSpace.finite(second.mean, b)
    correlation = correlation_of(joint, first.mean, second.mean)
    return CorrelatedTypes(*finite, joint, correlation, error)


def correlation_of(joint: Joint, first: FloatArray, second: FloatArray) -> float:
    """Return Pearson's correlation of two agents' types; 0 where one of them does not vary.

    Examples
    --------
    >>> correlation_of(Joint([[0.5, 0.0], [0.0, 0.5]]), np.array([0.0, 1.0]), np.array([2.0, 3.0]))
    1.0
    """
    a, b = joint.masses
    own, others = first - a @ first, second - b @ second
    scale = float(np.sqrt((a @ own**2) * (b @ others**2)))
    return float(own @ joint.probabilities @ others) / scale if scale > 0 else 0.0


def _edges(mass: FloatArray) -> FloatArray:
    """Return the probabilities of types up to the edges of cells, from 0 to 1."""
    total = np.cumsum(mass)
    return np.concatenate([[0.0], total[:-1] / total[-1], [1.0]])


def _masses(copula: _Copula, own: FloatArray, others: FloatArray) -> FloatArray:
    """Return the probability of every pair of cells, by integrals over the first variable."""
    ends = copula.mapped(own)
    counts = np.maximum(np.ceil(np.diff(ends) / copula.widest).astype(np.intp), 1)
    marks = np.concatenate([
        *(np.linspace(a, b, n, endpoint=False)
          for a, b, n in zip(ends[:-1], ends[1:], counts, strict=True)),
        ends[-1:],
    ])  # fmt: skip
    half, middle = 0.5 * np.diff(marks), 0.5 * (marks[1:] + marks[:-1])
    cell = np.repeat(np.arange(counts.size), counts)
    table = np.zeros((own.size - 1, others.size - 1))
    size = max(CHUNK // (NODES.size * others.size), 1)
    for start in range(0, middle.size, size):
        panels = slice(start, start + size)
        at = (middle[panels, None] + half[panels, None] * NODES).ravel()
        weights = (half[panels, None] * WEIGHTS).ravel() * copula.density(at)
        parts = copula.between(at, others) * weights[:, None]
        sums = parts.reshape(-1, NODES.size, others.size - 1).sum(axis=1)
        np.add.at(table, cell[panels], sums)
    return table
