"""Sums of many agents' values on a lattice, where no array over the profiles is needed.

Values that are multiples of one step have few different sums, whose probabilities are products of
Fourier transforms. All values are multiples of one power of two that is so fine, and so coarse,
that floats add them without rounding: a rule that compares their sums is the same rule profile by
profile and on average.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray

# Sums of all agents' values have so many places on a lattice at most.
MOST_PLACES = 1 << 19
# Steps so fine that only rounding is taken from a value; sums of them are exact.
FINE_BITS = 46
# Values with so much probability are kept on the lattice, as far as its step can be chosen so.
HEAVY = 0.01
MOST_HEAVY = 4
# So many steps are tried, and each is a multiple of so many of the finest ones.
MOST_STEPS = 1 << 16
FINEST = 4.0
# Whole numbers beyond this may be none.
LARGEST_WHOLE = 2.0**52
UNIT = 0.5 * float(np.finfo(np.float64).eps)
Spectrum = npt.NDArray[np.complex128]


def power_above(size: float) -> float:
    """Return the least power of two that is at least a positive number.

    Examples
    --------
    >>> power_above(3.0), power_above(0.25)
    (4.0, 0.25)
    """
    mantissa, exponent = math.frexp(size)
    return math.ldexp(1.0, exponent - (mantissa == 0.5))


def lowered(values: Sequence[FloatArray], further: float) -> list[FloatArray]:
    """Return values as multiples of a step so fine that their sums are exact, rounded down.

    Parameters
    ----------
    values
        One array per agent.
    further
        What sums are compared with; its size counts too.

    Examples
    --------
    >>> own = lowered([np.array([0.1]), np.array([0.2])], 0.3)
    >>> bool(own[0][0] + own[1][0] <= 0.3), bool(abs(own[0][0] - 0.1) < 1e-14)
    (True, True)
    """
    step = fine_step(values, further)
    return [np.floor(value / step) * step for value in values]


def fine_step(values: Sequence[FloatArray], further: float) -> float:
    """Return the step of which :func:`lowered` returns multiples."""
    size = abs(further) + sum(float(np.abs(value).max(initial=0.0)) for value in values)
    return math.ldexp(power_above(size), -FINE_BITS) if size > 0.0 else 1.0


def coarse_step(values: Sequence[FloatArray], masses: Sequence[FloatArray], finest: float) -> float:
    """Return the step of a lattice on which the sums of values have few enough places.

    It is chosen so that the likely values of each agent, such as atoms of its law, lie on one
    lattice, or next to it: two of them do up to rounding, and further ones come as close as some
    of very many steps brings them.

    Parameters
    ----------
    values, masses
        One array per agent.
    finest
        What :func:`fine_step` returned for them.

    Examples
    --------
    >>> coarse_step([np.array([0.0, 1.0])], [np.array([1.0, 0.0])], 2.0**-51) * MOST_PLACES
    2.0
    >>> step = coarse_step([np.array([0.0, 1 / 3, 1.0])], [np.full(3, 1 / 3)], 2.0**-51)
    >>> abs(1 / 3 - round(1 / 3 / step) * step) < 1e-9
    True
    """
    span = sum(float(np.ptp(value)) for value in values)
    if not span > 0.0:
        return 1.0
    step, unit = 2.0 * power_above(span) / MOST_PLACES, FINEST * finest
    apart = _apart(values, masses)
    between = [(d, m) for d, m in apart if d > step]
    if not between or step < MOST_PLACES * unit:
        return step
    first = max(between, key=lambda pair: pair[1])[0]
    parts = np.arange(math.ceil(first / step), math.floor(1.9 * first / step) + 1)[:MOST_STEPS]
    steps = np.floor(first / parts / unit) * unit
    missed = np.zeros(steps.size)
    for distance, mass in apart:
        missed += mass * np.abs(distance - np.rint(distance / steps) * steps)
    return float(steps[int(np.argmin(missed))])


def _apart(values: Sequence[FloatArray], masses: Sequence[FloatArray]) -> list[tuple[float, float]]:
    """Return how far likely values are from the likeliest of their agent, and their masses."""
    found: dict[float, float] = {}
    for value, mass in zip(values, masses, strict=True):
        points, place = np.unique(value, return_inverse=True)
        total = np.bincount(place.reshape(-1), weights=mass)
        order = np.argsort(-total, kind="stable")[: MOST_HEAVY + 1]
        origin = float(points[order[0]])
        for k in order[1:]:
            if total[k] >= HEAVY:
                distance = abs(float(points[k]) - origin)
                found[distance] = found.get(distance, 0.0) + float(total[k])
    return list(found.items())


def likeliest(value: FloatArray, mass: FloatArray) -> float:
    """Return the value that has most probability, equal ones together.

    Examples
    --------
    >>> likeliest(np.array([0.0, 0.0, 1.0]), np.array([0.3, 0.3, 0.4]))
    0.0
    """
    points, place = np.unique(value, return_inverse=True)
    return float(points[int(np.argmax(np.bincount(place.reshape(-1), weights=mass)))])


def at_steps(
    values: Sequence[FloatArray], masses: Sequence[FloatArray], step: float
) -> list[FloatArray]:
    """Return values moved to the nearest places on lattices that hold the likeliest of them.

    Sums are often those of likely values, such as atoms of a law, which are not moved.

    Examples
    --------
    >>> at_steps([np.array([0.3, 0.9])], [np.array([0.75, 0.25])], 0.5)
    [array([0.3, 0.8])]
    """
    found = []
    for value, mass in zip(values, masses, strict=True):
        origin = likeliest(value, mass)
        found.append(origin + np.rint((value - origin) / step) * step)
    return found


def common_step(values: Sequence[FloatArray]) -> float | None:
    """Return the largest step that all differences of values are multiples of; None if too fine.

    Examples
    --------
    >>> common_step([np.array([0.5, 2.0]), np.array([1.0])])
    1.5
    >>> common_step([np.array([0.0, 1.0, 1.0 + 2.0**-30])]) is None
    True
    """
    span = sum(float(np.ptp(value)) for value in values)
    if span == 0.0:
        return 1.0
    # The finest step that is of use: multiples of it are told by floats, or are none.
    finest = math.ldexp(power_above(span), -FINE_BITS)
    steps: list[npt.NDArray[np.int64]] = []
    for value in values:
        parts = (value - value.min()) / finest
        if parts.max(initial=0.0) > LARGEST_WHOLE or (parts != np.rint(parts)).any():
            return None
        steps.append(parts.astype(np.int64))
    step = float(np.gcd.reduce(np.concatenate(steps))) * finest
    return step if span / step <= MOST_PLACES else None


def rounding_of_chances(num_agents: int) -> float:
    """Return by how much a probability that is computed by transforms may be off.

    A transform of N numbers is off by ``7 u log2(N)`` of its size (Higham 2002, section 24.1), and
    so is the product of those of n laws by n times that; a probability is a sum of N numbers at
    most, of which the root of N counts, by the inequality of Cauchy and Schwarz.

    Examples
    --------
    >>> rounding_of_chances(10) < 1e-9
    True
    """
    places = 4.0 * MOST_PLACES
    return (num_agents + 1) * 7.0 * UNIT * math.log2(places) * math.sqrt(places)


class LatticeSums:
    """Sums of independent agents' values, all of them and all but one.

    Parameters
    ----------
    values, masses
        One array per agent: values that differ by multiples of the step, and their probabilities.
    step
        The step.

    Examples
    --------
    >>> coin = np.array([0.0, 1.0]), np.array([0.5, 0.5])
    >>> sums = LatticeSums([coin[0]] * 3, [coin[1]] * 3, 1.0)
    >>> sums.chances_to_exceed(1.0)[0].round(12)
    array([0.25, 0.75])
    """

    def __init__(
        self, values: Sequence[FloatArray], masses: Sequence[FloatArray], step: float
    ) -> None:
        self._step = step
        self._lowest = [float(value.min()) for value in values]
        self._places = [
            np.rint((value - low) / step).astype(np.int64)
            for value, low in zip(values, self._lowest, strict=True)
        ]
        self._count = 1 + sum(int(places.max()) for places in self._places)
        self._length = 1 << max(self._count - 1, 1).bit_length()
        # Identical agents have one law, and the same others.
        self._kind: list[int] = []
        self._spectra: list[Spectrum] = []
        known: dict[tuple[bytes, bytes], int] = {}
        for places, mass in zip(self._places, masses, strict=True):
            key = (places.tobytes(), mass.tobytes())
            if key not in known:
                known[key] = len(known)
                law = np.bincount(places, weights=mass, minlength=self._length)
                self._spectra.append(np.fft.rfft(law))
            self._kind.append(known[key])

    def _law(self, without: int | None) -> FloatArray:
        """Return the probabilities of the places of sums, of all agents or all but one kind's."""
        numbers = np.bincount(self._kind, minlength=len(self._spectra))
        if without is not None:
            numbers[without] -= 1
        total: Spectrum = np.ones(self._length // 2 + 1, dtype=np.complex128)
        for spectrum, number in zip(self._spectra, numbers.tolist(), strict=True):
            for _ in range(number):
                total = total * spectrum
        law: FloatArray = np.fft.irfft(total, self._length)
        return np.maximum(law, 0.0)

    def chances_to_exceed(self, least: float) -> tuple[FloatArray, ...]:
        """Return the probability that the sum of all values exceeds a number, by own type."""
        lowest = math.fsum(self._lowest)
        # Places from here on exceed it: sums are exact, and so compared as profiles compare them.
        first = math.floor((least - lowest) / self._step) - 2
        first += next(k for k in range(5) if lowest + (first + k) * self._step > least)
        tails = {}
        for kind in set(self._kind):
            sums = np.cumsum(self._law(kind)[::-1])[::-1]
            tails[kind] = np.append(np.minimum(sums, 1.0), 0.0)
        found = []
        for places, kind in zip(self._places, self._kind, strict=True):
            needed = np.clip(first - places, 0, self._length)
            own = tails[kind][needed]
            # What is surely exceeded has no rounding.
            found.append(np.where(first <= places, 1.0, own))
        return tuple(found)

    def expected_excess(self, least: float) -> float:
        """Return the expectation of what the sum of all values exceeds a number by."""
        law = self._law(None)[: self._count]
        sums = math.fsum(self._lowest) + self._step * np.arange(self._count)
        return float(law @ np.maximum(sums - least, 0.0))


def spread(
    values: Sequence[FloatArray], masses: Sequence[FloatArray], step: float
) -> tuple[list[FloatArray], list[FloatArray]]:
    """Return laws on lattices: each value moved to the two places beside it, mean kept.

    Expectations of convex functions of the sum, such as its excess over a cost, can only rise. The
    likeliest value of each agent is on its lattice.

    Examples
    --------
    >>> values, masses = spread([np.array([0.0, 0.25])], [np.array([0.75, 0.25])], 1.0)
    >>> values[0], masses[0]
    (array([0., 0., 1., 1.]), array([0.75  , 0.1875, 0.    , 0.0625]))
    """
    points, chances = [], []
    for value, mass in zip(values, masses, strict=True):
        origin = likeliest(value, mass)
        place = (value - origin) / step
        below = np.floor(place)
        share = place - below
        points.append(origin + np.concatenate([below, below + 1.0]) * step)
        chances.append(np.concatenate([mass * (1.0 - share), mass * share]))
    return points, chances
