"""The largest gain that any type has from imitating any other, beside what it has at stake."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from mechopt._util.arrays import FloatArray, IndexArray, in_blocks
from mechopt.environments import Agent
from mechopt.mechanism.check import Check
from mechopt.mechanism.misreports import ROUNDING, no_gain, worse_of
from mechopt.types import TypeSpace

CHUNK = 4_000_000
# How many types are compared with every report one by one, those that gain most.
MOST_ROWS = 16
# Rounds that drop lines of an envelope all at once; a few do unless quantities are very uneven.
MOST_ROUNDS = 50


@dataclass(frozen=True)
class Imitation:
    """The most profitable imitation of one agent, beside what is at stake for the imitating type.

    Parameters
    ----------
    gain
        What it brings, in money; zero or less if no type gains.
    type_index, imitated
        Which cell imitates which.
    at
        The type within the cell that gains most: an end of the cell.
    scaled
        The gain beyond rounding, relative to what the type has at stake; at least zero.
    """

    gain: float
    type_index: int
    imitated: int
    at: float
    scaled: float


@dataclass(frozen=True)
class ChainBound:
    """A bound on every imitation of one agent, from neighbours alone.

    Parameters
    ----------
    gain
        The type gains no more than this by imitating any other, in money, rounding left out.
    type_index
        The cell whose bound is the largest beside what it has at stake.
    scaled
        The bound relative to what the type has at stake.
    worst_step
        The step between neighbours that adds most to it, from this cell to the next.
    """

    gain: float
    type_index: int
    scaled: float
    worst_step: int


def chain_bound(
    types: TypeSpace,
    quantity: FloatArray,
    payment: FloatArray,
    stakes: Callable[[], FloatArray],
) -> ChainBound:
    """Bound the gain from imitation by what neighbours gain, added along the whole chain.

    Imitating a distant type gains at most the sum, over the steps between, of what a neighbour
    gains at that step, plus the distance for every unit by which the quantity falls. Zero therefore
    means incentive compatibility over all pairs (theory.md, section 1). What a step gains by
    rounding of the payments and payoffs at hand does not count.

    Parameters
    ----------
    types
        The agent's type space.
    quantity, payment : arrays of shape (num_cells,)
        Interim net quantity and payment.
    stakes
        Returns what each type has at stake, above zero, in money; asked where any type gains.

    Examples
    --------
    >>> types, payment = TypeSpace.finite([1, 2]), np.array([0.0, 0.5])
    >>> chain = chain_bound(types, np.array([0.0, 1.0]), payment, lambda: np.ones(2))
    >>> chain.type_index, round(chain.gain, 9)
    (0, 0.5)
    """
    if quantity.size < 2:
        return ChainBound(0.0, 0, 0.0, 0)

    def gained(steps: slice) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return what imitating the one before and the next gains, and how the quantity falls."""
        own = slice(steps.start, steps.stop + 1)
        lower, upper, amount = types.lower[own], types.upper[own], quantity[own]
        more, extra = np.diff(amount), np.diff(payment[own])
        size = np.abs(payment[own]) + np.maximum(np.abs(lower), np.abs(upper)) * np.abs(amount)
        noise = ROUNDING * (size[1:] + size[:-1])
        down = np.maximum(extra - lower[1:] * more - noise, 0.0)
        up = np.maximum(upper[:-1] * more - extra - noise, 0.0)
        return down, up, np.minimum(more, 0.0)

    def may_gain(steps: slice) -> bool:
        """Return whether there may be anything to gain, or to fall, at some of these steps."""
        own = slice(steps.start, steps.stop + 1)
        paid = payment[own]
        more, extra = np.diff(quantity[own]), np.diff(paid)
        # Noise is at least that of the payments, of which the least stands in for all.
        least = 2.0 * ROUNDING * max(float(paid.min()), -float(paid.max()), 0.0)
        down = extra - types.lower[own][1:] * more
        up = types.upper[own][:-1] * more
        up -= extra
        return not (down.max() <= least and up.max() <= least and more.min() >= 0.0)

    # Mostly nobody gains, which is found out in the processor's cache.
    suspects = filter(may_gain, in_blocks((quantity.size - 1,)))
    if not any(part.any() for block in suspects for part in gained(block)):
        return ChainBound(0.0, 0, 0.0, 0)
    down, up, falls = gained(slice(0, quantity.size - 1))
    # A type imitates downwards over the steps below it, upwards over those above it; a fall of the
    # quantity counts over the whole distance.
    falls *= types.lowest - types.highest
    below, above = np.zeros(quantity.size), np.zeros(quantity.size)
    np.cumsum(down + falls, out=below[1:])
    above[:-1] = np.cumsum((up + falls)[::-1])[::-1]
    gain = np.maximum(below, above)
    scaled = gain / stakes()
    worst, step = int(np.argmax(scaled)), int(np.argmax(np.maximum(down, up) + falls))
    return ChainBound(float(gain[worst]), worst, float(scaled[worst]), step)


def best_imitation(
    types: TypeSpace,
    quantity: FloatArray,
    payment: FloatArray,
    stakes: FloatArray,
    noise: FloatArray | None = None,
) -> Imitation:
    """Return the best imitation of all pairs of cells, at both ends of the cell that imitates.

    The gain is linear in the type, so the ends suffice. Each report is a line over types, and the
    upper envelope of these lines holds the best report of every type; only the types that gain most
    are compared with every cell one by one.

    Parameters
    ----------
    types
        The agent's type space.
    quantity, payment : arrays of shape (num_cells,)
        Interim net quantity and payment.
    stakes : array of shape (num_cells,)
        What each type has at stake, above zero, in money.
    noise : array of shape (num_cells, num_cells), optional
        What rounding may have made of the payoff of each type at each report, in money, beyond a
        few roundings.

    Examples
    --------
    >>> best = best_imitation(
    ...     TypeSpace.finite([1, 2]), np.array([0.0, 1.0]), np.array([0.0, 0.5]), np.ones(2)
    ... )
    >>> best.gain, best.type_index, best.imitated, round(best.scaled, 9)
    (0.5, 0, 1, 0.5)
    """
    best = Imitation(0.0, 0, 0, float(types.lower[0]), 0.0)
    if types.num_cells == 1:
        return best
    every = np.arange(types.num_cells)
    # A payoff that is not a number has no envelope, and noise differs by pair.
    lines = np.isfinite(quantity).all() and np.isfinite(payment).all() and noise is None
    envelope = Envelope.of(quantity, payment) if lines else None
    for end in [types.lower] if types.is_finite else [types.lower, types.upper]:
        cells = every
        if envelope is not None:
            largest, cells = _most_gaining(envelope.best(end), end, quantity, payment, stakes)
            if best.scaled == 0.0 and largest > best.gain:
                best = replace(best, gain=largest)
        rows = max(1, CHUNK // types.num_cells)
        for start in range(0, cells.size, rows):
            best = _best_of_rows(
                best, cells[start : start + rows], end, quantity, payment, stakes, noise
            )
    return best


@dataclass(frozen=True, eq=False)
class Envelope:
    """The upper envelope of the lines ``type * quantity - payment``, one for every report.

    Parameters
    ----------
    reports : array of shape (num_corners,)
        The reports that are best for some type, from the least quantity to the largest.
    changes : array of shape (num_corners - 1,)
        The types at which one takes over from the one before, never falling.
    """

    reports: IndexArray
    changes: FloatArray

    @classmethod
    def of(cls, quantity: FloatArray, payment: FloatArray) -> Envelope:
        """Return the envelope of finite quantities and payments, in O(n log n).

        A line that takes over from the one before only after the next one has is nowhere best.
        Rounding decides between lines that differ by a few roundings of their payments.

        Examples
        --------
        >>> lines = Envelope.of(np.array([0.0, 0.5, 1.0]), np.array([0.0, 0.5, 0.5]))
        >>> lines.reports, lines.changes
        (array([0, 2]), array([0.5]))
        """
        order = np.lexsort((payment, quantity))
        kept = order[np.append(True, np.diff(quantity[order]) > 0.0)]
        for _ in range(MOST_ROUNDS):
            changes = np.diff(payment[kept]) / np.diff(quantity[kept])
            below = changes[:-1] > changes[1:]
            if not below.any():
                return cls(kept, changes)
            kept = kept[np.concatenate([[True], ~below, [True]])]
        stack: list[int] = []
        for line in kept.tolist():
            while len(stack) > 1 and _change(quantity, payment, *stack[-2:]) > _change(
                quantity, payment, stack[-1], line
            ):
                stack.pop()
            stack.append(line)
        kept = np.array(stack)
        return cls(kept, np.diff(payment[kept]) / np.diff(quantity[kept]))

    def best(self, types: FloatArray) -> IndexArray:
        """Return the report that is best for each type."""
        return self.reports[np.searchsorted(self.changes, types)]


def _change(quantity: FloatArray, payment: FloatArray, first: int, second: int) -> float:
    """Return the type at which the second line takes over from the first."""
    return float((payment[second] - payment[first]) / (quantity[second] - quantity[first]))


def _most_gaining(
    imitated: IndexArray,
    own: FloatArray,
    quantity: FloatArray,
    payment: FloatArray,
    stakes: FloatArray,
) -> tuple[float, IndexArray]:
    """Return the largest gain, and the few cells that gain most beside what they have at stake."""
    gain = own * (quantity[imitated] - quantity) - (payment[imitated] - payment)
    size = np.abs(own) * np.abs(quantity) + np.abs(payment)
    beyond = gain - ROUNDING * size
    # Rounding of the report's own numbers comes off where pairs are compared one by one.
    gaining = np.flatnonzero(beyond > 0.0)
    if gaining.size > MOST_ROWS:
        size += np.abs(own) * np.abs(quantity[imitated]) + np.abs(payment[imitated])
        scaled = (gain[gaining] - ROUNDING * size[gaining]) / stakes[gaining]
        gaining = np.sort(gaining[np.argpartition(-scaled, MOST_ROWS)[:MOST_ROWS]])
    return float(gain.max()), gaining


def _best_of_rows(
    best: Imitation,
    cells: IndexArray,
    end: FloatArray,
    quantity: FloatArray,
    payment: FloatArray,
    stakes: FloatArray,
    noise: FloatArray | None,
) -> Imitation:
    """Return the better of an imitation and the best of some cells, compared with every cell."""
    gain = _gains(end[cells], cells, quantity, payment)
    # NaN is not at most zero, and so counts as a gain.
    kept = ~(gain.max(axis=1) <= 0.0)
    gaining, gain = cells[kept], gain[kept]
    if not gaining.size:
        return best
    beyond = gain - _rounding(end[gaining], gaining, quantity, payment)
    if noise is not None:
        beyond -= noise[gaining] + noise[gaining, gaining, None]
    scaled = np.maximum(beyond, 0.0) / stakes[gaining, None]
    row, imitated = divmod(int(np.argmax(scaled)), quantity.size)
    if not scaled[row, imitated] <= best.scaled:
        cell = int(gaining[row])
        return Imitation(
            float(gain[row, imitated]),
            cell,
            imitated,
            float(end[cell]),
            float(scaled[row, imitated]),
        )
    if best.scaled == 0.0:
        return replace(best, gain=max(best.gain, float(gain.max())))
    return best


def _gains(
    own: FloatArray, cells: IndexArray, quantity: FloatArray, payment: FloatArray
) -> FloatArray:
    """Return what each of some types gains by imitating each cell, (num_some, num_cells)."""
    gain = own[:, None] * (quantity[None, :] - quantity[cells, None])
    gain -= payment[None, :] - payment[cells, None]
    return np.asarray(gain, dtype=np.float64)


def _rounding(
    own: FloatArray, cells: IndexArray, quantity: FloatArray, payment: FloatArray
) -> FloatArray:
    """Return what rounding of the numbers at hand can make of each gain."""
    size = np.abs(own)[:, None] * (np.abs(quantity)[None, :] + np.abs(quantity[cells])[:, None])
    size += np.abs(payment)[None, :] + np.abs(payment[cells])[:, None]
    size *= ROUNDING
    return np.asarray(size, dtype=np.float64)


def imitation_check(
    requirement: str,
    agent: Agent,
    quantity: FloatArray,
    payment: FloatArray,
    stakes: FloatArray,
    tolerance: float,
    noise: FloatArray | None = None,
) -> Check:
    """Check that no type gains by any report, at both ends of its cell, in one situation or many.

    Parameters
    ----------
    requirement
        What is checked, in words.
    agent
        The agent that reports.
    quantity, payment : arrays of shape (num_situations, num_types or 1, num_types)
        What type k gets and pays at report r; with one row, whatever its own type.
    stakes : array of shape (num_types,)
        What each type has at stake, above zero, in money.
    tolerance
        Largest gain beyond rounding that passes, relative to what is at stake.
    noise : array of shape (num_types, num_types), optional
        What rounding may have made of the payoff of each type at each report, in money, beyond a
        few roundings.

    Examples
    --------
    >>> from mechopt import Agent, TypeSpace
    >>> agent = Agent("buyer", TypeSpace.finite([1, 2]))
    >>> gets, pays = np.array([[[0.0, 1.0]]]), np.array([[[0.0, 1.5]]])
    >>> imitation_check("no lies", agent, gets, pays, np.ones(2), 1e-7).passed
    True
    >>> imitation_check("no lies", agent, gets, pays - 0.6 * gets, np.ones(2), 1e-7).where
    'buyer type 0 (1) gains 0.1 by reporting type 1 (2)'
    """
    types = agent.types
    size = types.num_cells
    worst = no_gain(requirement, tolerance)
    own = np.arange(size)
    chunk = max(1, CHUNK // (size * size))
    for start in range(0, len(quantity), chunk):
        part = slice(start, start + chunk)
        shape = (len(quantity[part]), size, size)
        gets, pays = (np.broadcast_to(values[part], shape) for values in (quantity, payment))
        for end in [types.lower] if types.is_finite else [types.lower, types.upper]:
            theta = end[:, None]
            truth_gets, truth_pays = gets[:, own, own, None], pays[:, own, own, None]
            gain = theta * (gets - truth_gets) - (pays - truth_pays)
            rounding = ROUNDING * (
                np.abs(theta) * (np.abs(gets) + np.abs(truth_gets))
                + np.abs(pays)
                + np.abs(truth_pays)
            )
            if noise is not None:
                rounding = rounding + noise + noise[own, own, None]
            worst = worse_of(worst, agent, gain, rounding, stakes)
    return worst
