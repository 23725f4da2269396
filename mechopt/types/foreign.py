"""Distributions that are not ours: called with a budget of time, without warnings, errors told.

What scipy's distributions raise, warn of and cost for odd parameters is not documented: some search
for each quantile anew, some never end. All our loops over them run through here.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray, shown
from mechopt.errors import InvalidInputError

BUDGET_SECONDS = 30.0
"""Time that one job may spend inside a distribution's own functions."""

# Enough to halve any interval of floats down to neighbours, away from zero.
HALVINGS = 70
FIRST_CHUNK, QUICK_SECONDS = 256, 0.05


class Account:
    """Time that is left to a job; an account is shared by all that the job calls."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.left = seconds


_ACCOUNT: ContextVar[Account | None] = ContextVar("account", default=None)


@contextmanager
def budget(seconds: float = BUDGET_SECONDS) -> Iterator[None]:
    """Give all calls of distributions within a job one budget of time; also a decorator.

    Within another budget it changes nothing: what a job calls spends the job's time.

    Parameters
    ----------
    seconds
        Time that may be spent inside distributions. What else the job does is not counted.

    Examples
    --------
    >>> from scipy import stats
    >>> with budget(0.0):
    ...     Guarded(stats.uniform()).cdf(0.5)
    Traceback (most recent call last):
        ...
    mechopt.errors.InvalidInputError: distribution: uniform takes too long to compute...
    """
    token = None if _ACCOUNT.get() is not None else _ACCOUNT.set(Account(seconds))
    try:
        yield
    finally:
        if token is not None:
            _ACCOUNT.reset(token)


def called(function: Callable[..., Any], points: FloatArray, name: str) -> FloatArray:
    """Return the values of a user's function at points, within the budget and without warnings.

    Raises
    ------
    InvalidInputError
        For what the function raises, and for values of another shape.

    Examples
    --------
    >>> called(np.sqrt, np.array([4.0]), "a root")
    array([2.])
    """
    given = np.asarray(points, dtype=np.float64)
    values = _spend(function, (given.ravel(),), name, f"{name} cannot be computed")
    try:
        found = np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        found = np.zeros((0, 0))
    if found.shape != (given.size,):
        raise InvalidInputError(
            "not one number for each",
            where=name,
            expected=f"an array of {given.size} numbers for an array of {given.size}",
            got=f"{type(values).__name__} of shape {np.shape(found)}",
            remedy="Write it for numpy arrays, or wrap it with numpy.vectorize.",
        )
    return found.reshape(given.shape)


class Guarded:
    """A frozen scipy.stats distribution behind a guard.

    Every call keeps to the budget of the job (see :func:`budget`; a call outside of one has its
    own), lets no warning out, and turns what the distribution raises into an error of ours. Where
    scipy would search for each quantile by itself, all of a call are found together by halving,
    which also makes them monotone.

    Parameters
    ----------
    frozen
        The distribution.

    Examples
    --------
    >>> from scipy import stats
    >>> distribution = Guarded(stats.argus(1))
    >>> quantile = float(distribution.ppf(0.25))
    >>> round(float(distribution.cdf(quantile)), 12)
    0.25
    """

    def __init__(self, frozen: Any) -> None:
        self.frozen = frozen

    @property
    def name(self) -> str:
        """The distribution's name in scipy.stats."""
        return str(self.frozen.dist.name)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "frozen":
            raise AttributeError(name)
        return getattr(self.frozen, name)

    def support(self) -> tuple[float, float]:
        """Return the lowest and the highest type."""
        return self._support

    @cached_property
    def _support(self) -> tuple[float, float]:
        low, high = self._call(self.frozen.support)
        return float(low), float(high)

    def cdf(self, points: npt.ArrayLike) -> FloatArray:
        """Return the probability of types up to each point."""
        return self._each(self.frozen.cdf, points)

    def sf(self, points: npt.ArrayLike) -> FloatArray:
        """Return the probability of types above each point."""
        return self._each(self.frozen.sf, points)

    def pdf(self, points: npt.ArrayLike) -> FloatArray:
        """Return the density at each point; infinity where it is beyond the range of floats."""
        try:
            return self._each(self.frozen.pdf, points)
        except InvalidInputError as error:
            if not isinstance(error.__cause__, OverflowError):
                raise
        each = np.vectorize(self._density, otypes=[np.float64])
        return np.asarray(each(points), dtype=np.float64)

    def _density(self, point: float) -> float:
        try:
            return float(self._call(self.frozen.pdf, point))
        except InvalidInputError as error:
            if isinstance(error.__cause__, OverflowError):
                return np.inf
            raise

    def ppf(self, probabilities: npt.ArrayLike) -> FloatArray:
        """Return the quantiles from below."""
        if self.searches:
            return self._by_halving(probabilities, above=False)
        return self._each(self.frozen.ppf, probabilities)

    def isf(self, probabilities: npt.ArrayLike) -> FloatArray:
        """Return the quantiles from above."""
        if self.searches:
            return self._by_halving(probabilities, above=True)
        return self._each(self.frozen.isf, probabilities)

    @cached_property
    def searches(self) -> bool:
        """Whether scipy would search for each quantile, of a function that it knows."""
        from scipy.stats import rv_continuous

        family = type(self.frozen.dist)
        return family._ppf is rv_continuous._ppf and family._cdf is not rv_continuous._cdf

    def _by_halving(self, probabilities: npt.ArrayLike, *, above: bool) -> FloatArray:
        wanted = np.asarray(probabilities, dtype=np.float64)
        low, high = self.support()
        start, stop = (high, low) if above else (low, high)
        left, right = np.full(wanted.shape, low), np.full(wanted.shape, high)
        reached = self.frozen.sf if above else self.frozen.cdf
        for _ in range(HALVINGS):
            middle = 0.5 * (left + right)
            values = self._each(reached, middle)
            below = values > wanted if above else values < wanted
            left, right = np.where(below, middle, left), np.where(below, right, middle)
        found = np.where(wanted <= 0.0, start, np.where(wanted >= 1.0, stop, right))
        outside = ~((wanted >= 0.0) & (wanted <= 1.0))
        return np.asarray(np.where(outside, np.nan, found), dtype=np.float64)

    def _each(self, function: Callable[..., Any], points: npt.ArrayLike) -> FloatArray:
        """Return a function's values, computed piece by piece so that the budget can be kept."""
        given = np.asarray(points, dtype=np.float64)
        flat = given.ravel()
        parts: list[FloatArray] = []
        start, size = 0, FIRST_CHUNK
        while start < flat.size or not parts:
            began = time.thread_time()
            values = self._call(function, flat[start : start + size])
            parts.append(np.asarray(values, dtype=np.float64))
            start += size
            if time.thread_time() - began < QUICK_SECONDS:
                size *= 2
        return np.concatenate(parts).reshape(given.shape)

    def _call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return _spend(function, arguments, self.name, f"scipy cannot compute {self.name}")


def _spend(function: Callable[..., Any], arguments: tuple[Any, ...], name: str, fault: str) -> Any:
    """Return what a function returns, without its warnings; its time is taken from the budget."""
    account = _ACCOUNT.get() or Account(BUDGET_SECONDS)
    began = time.thread_time()
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            result = function(*arguments)
    except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
        raise InvalidInputError(
            fault,
            where="distribution",
            expected="parameters for which it can",
            got=f"{type(error).__name__}: {shown(error)}",
            remedy="Change the parameters, or use samples drawn from the distribution.",
        ) from error
    account.left -= time.thread_time() - began
    if account.left <= 0.0:
        raise InvalidInputError(
            f"{name} takes too long to compute",
            where="distribution",
            expected=f"at most {account.seconds:g} s inside the distribution",
            got="more",
            remedy="Use fewer cells, or samples drawn from it (in Python TypeSpace.from_samples).",
        )
    return result
