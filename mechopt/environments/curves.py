"""Curved requirements: one variable is at most a concave function of another."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mechopt._util.arrays import FloatArray


class Curve(ABC):
    """The requirement ``bounded <= height(base)``, with a height that is concave and rises.

    Who knows only straight rows uses tangents, from ``height`` and ``slope``; modelling languages
    and formats with cones ask which kind of curve it is, and nothing else does.
    """

    touching: ClassVar[tuple[float, ...]]
    """Points of the base at which a first set of tangents touches."""

    @abstractmethod
    def height(self, base: FloatArray) -> FloatArray:
        """Return what the bounded variable may be."""

    @abstractmethod
    def slope(self, base: FloatArray) -> FloatArray:
        """Return the derivative of the height."""

    @abstractmethod
    def reach(self, level: FloatArray) -> FloatArray:
        """Return the base at which the height is ``level``."""

    def excess_at(self, base: FloatArray, bounded: FloatArray) -> FloatArray:
        """Return by how much points are beyond the curve."""
        return np.asarray(bounded - self.height(base))

    @abstractmethod
    def formula(self, bounded: str, base: str) -> str:
        """Return the requirement in symbols, of variables by these names."""

    @abstractmethod
    def between(self, base: FloatArray, level: FloatArray) -> FloatArray:
        """Return where a tangent should touch to cut off points beyond the curve.

        At the point's own base; or, where that is so small that the tangent would be nearly
        upright, between it and the point of the curve at the same level.
        """


@dataclass(frozen=True)
class PowerBound(Curve):
    """A curved requirement on one outcome: ``variables[bounded] <= variables[base] ** exponent``.

    The exponent lies strictly between 0 and 1, so that the feasible set is convex.
    """

    name: str
    bounded: int
    base: int
    exponent: float

    touching: ClassVar[tuple[float, ...]] = (1.0, 0.5, 0.2, 0.05)

    def height(self, base: FloatArray) -> FloatArray:
        """Return ``base ** exponent``."""
        return np.asarray(base**self.exponent)

    def slope(self, base: FloatArray) -> FloatArray:
        """Return its derivative."""
        return np.asarray(self.exponent * base ** (self.exponent - 1.0))

    def reach(self, level: FloatArray) -> FloatArray:
        """Return ``level ** (1 / exponent)``."""
        return np.asarray(level ** (1.0 / self.exponent))

    def formula(self, bounded: str, base: str) -> str:
        """Return the power in symbols."""
        return f"{bounded} <= {base} ^ {self.exponent:g}"

    def between(self, base: FloatArray, level: FloatArray) -> FloatArray:
        """Return points between 0 and 1, never nearly upright."""
        own = np.maximum(base, 0.0)
        return np.minimum(np.maximum(own, np.maximum(0.1 * self.reach(level), 1e-12)), 1.0)

    def excess(self, outcome: FloatArray) -> FloatArray:
        """Return by how much one of the two variables would have to move to meet the requirement.

        Near zero the curve is upright, and a rounding error of the base would count for much if
        only the other variable were looked at.

        Parameters
        ----------
        outcome : array of shape (num_variables, ...)

        Examples
        --------
        >>> PowerBound("frontier", bounded=1, base=0, exponent=0.5).excess(np.array([0.0, 1e-4]))
        array(1.e-08)
        """
        return self.excess_at(outcome[self.base], outcome[self.bounded])

    def excess_at(self, base: FloatArray, bounded: FloatArray) -> FloatArray:
        """Return by how much one of the two would have to move."""
        base = np.maximum(base, 0.0)
        sideways = self.reach(np.maximum(bounded, 0.0)) - base
        return np.asarray(np.minimum(bounded - self.height(base), sideways))


class Logarithm(Curve):
    """The requirement ``bounded <= log(base)``, of two variables of an objective's own."""

    touching: ClassVar[tuple[float, ...]] = tuple(2.0**power for power in range(-8, 4))

    def height(self, base: FloatArray) -> FloatArray:
        """Return the logarithm, minus infinity where there is none."""
        positive = np.asarray(base) > 0.0
        return np.log(base, out=np.full(np.shape(base), -np.inf), where=positive)

    def slope(self, base: FloatArray) -> FloatArray:
        """Return one over the base."""
        return np.asarray(1.0 / base)

    def reach(self, level: FloatArray) -> FloatArray:
        """Return the exponential."""
        return np.asarray(np.exp(level))

    def formula(self, bounded: str, base: str) -> str:
        """Return the logarithm in symbols."""
        return f"{bounded} <= log({base})"

    def between(self, base: FloatArray, level: FloatArray) -> FloatArray:
        """Return the base, or a point nearer to the curve where it is far too small."""
        return np.asarray(np.maximum(base, 0.1 * self.reach(level)))
