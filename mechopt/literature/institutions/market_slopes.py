"""How fast offers rise with types among many traders, and where to follow them from."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from math import comb
from typing import Any

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.errors import InvalidInputError, UnsupportedProblemError
from mechopt.types.source import Source

# Ratios of probability to density are tabulated at so many types, closer together at the ends.
TABULATED = 4_001
# Prices at which solutions may begin, from end to end and near either, and the step of a derivative
# in the logarithm of a margin.
PLACES = np.unique(np.concatenate([
    np.arange(1, 40) / 40, np.geomspace(1e-4, 0.1, 25), 1.0 - np.geomspace(1e-4, 0.1, 25)
]))  # fmt: skip
STEP = 1e-5
# What is divided by is at least this.
TINY = 1e-300


class OutOfStepsError(Exception):
    """Slopes were asked for more often than they may be."""


class Slopes:
    """How fast types rise with the offers that they make, in an equilibrium among many traders.

    Parameters
    ----------
    laws
        The priors of a seller and of a buyer.
    numbers
        How many sellers and buyers there are.
    k
        Weight of the higher offer in the price.
    most_steps
        How often slopes may be asked for.

    Raises
    ------
    UnsupportedProblemError
        For a density that is zero or infinite between its ends.
    OutOfStepsError
        By slopes, once they have been asked for so often.

    Notes
    -----
    With P(j; a, b) the probability that j of a sellers and b buyers offer less than a price, two
    equations of :func:`~mechopt.literature.institutions.market_equilibria.market_equilibrium` are
    divided by that of ``j = n - 1`` of the other m - 1 and n - 1. What is left of each probability
    is a sum over how many of those who offer less are sellers.
    """

    def __init__(
        self, laws: tuple[Source, Source], numbers: tuple[int, int], k: float, most_steps: int
    ) -> None:
        self.laws, self.numbers, self.k = laws, numbers, k
        self.steps_left = most_steps
        self.tables = [_ratios(law) for law in laws]
        m, n = numbers
        ranks = range(min(m, n))
        first = [comb(m - 1, j) for j in ranks], [comb(n - 1, j) for j in ranks]
        more = [comb(m, j + 1) for j in ranks], [comb(n, j + 1) for j in ranks]
        # Terms by how many sellers offer less; each sum is a probability, apart from a factor.
        self.pivotal = np.array([
            np.multiply(*first),
            np.multiply(more[0], first[1]),
            np.multiply(more[0], [comb(n - 2, j) if n > 1 else 0 for j in ranks]),
            np.multiply([comb(m - 2, j) if m > 1 else 0 for j in ranks], more[1]),
            np.multiply(first[0], more[1]),
        ], dtype=np.float64)  # fmt: skip
        self.powers = np.arange(min(m, n), dtype=np.float64)

    def at(self, cost: float, value: float) -> tuple[FloatArray, FloatArray]:
        """Return F/f, (1-F)/f, G/g, (1-G)/g at two types, and what offers of others change.

        The latter are chances over the one that a trader is at the margin: of the last bid to
        trade, of another bid and of another ask at the margin, and of the last ask to trade.
        """
        ratios = np.array([
            np.interp(at, types, row)
            for at, (types, rows) in zip((cost, value), self.tables, strict=True) for row in rows
        ])  # fmt: skip
        over, under = ratios[0] * ratios[3], ratios[1] * ratios[2]
        low, high = sorted((over, under))
        shares = (low / high) ** self.powers if high > 0 else 1.0 * (self.powers == 0)
        shares = shares if over <= under else shares[::-1]
        sums = self.pivotal @ shares
        found = sums[1:] / sums[0]
        # Both ways to write a chance are one; where types run out one of them is 0/0.
        m, n = self.numbers
        if n == 1:
            found[1] = 0.0
        elif over > under and n <= m:
            found[1] = ratios[1] / ratios[3] * (self.pivotal[2, :-1] @ shares[1:]) / sums[0]
        else:
            found[1] *= ratios[0] / max(ratios[2], TINY)
        if m == 1:
            found[2] = 0.0
        elif over > under and m <= n:
            found[2] = ratios[2] / ratios[0] * (self.pivotal[3, :-1] @ shares[1:]) / sums[0]
        else:
            found[2] *= ratios[3] / max(ratios[1], TINY)
        return ratios, found

    def _step(self) -> None:
        if self.steps_left <= 0:
            raise OutOfStepsError
        self.steps_left -= 1

    def slopes(self, price: float, over: float, under: float) -> tuple[float, float]:
        """Return how fast a cost, and a value, rise with the price that they offer.

        The value is over the price by a margin, and the cost under it by another.
        """
        self._step()
        m, n = self.numbers
        (below, _, _, above), (last_bid, bids, asks, last_ask) = self.at(
            price - under, price + over
        )
        rows = m, (n - 1) * bids, (m - 1) * asks, n
        right = (self.k * below * last_bid / max(over, TINY),
                 (1.0 - self.k) * above * last_ask / max(under, TINY))  # fmt: skip
        det = rows[0] * rows[3] - rows[1] * rows[2]
        return (
            float((right[0] * rows[3] - right[1] * rows[1]) / det),
            float((right[1] * rows[0] - right[0] * rows[2]) / det),
        )

    def bid_slope(self, price: float, margin: float) -> float:
        """Return how fast the value rises with the bid, where sellers ask their costs."""
        self._step()
        m, n = self.numbers
        (below, _, _, _), (last_bid, bids, _, _) = self.at(price, price + margin)
        return float((below * last_bid / margin - m) / ((n - 1) * bids))

    @cached_property
    def clearing(self) -> float:
        """The price at which as many wish to sell as to buy on average."""
        low, high = self.laws[0].low, self.laws[1].high
        for _ in range(100):
            at = np.array(0.5 * (low + high))
            sold = self.numbers[0] * self.laws[0].below(at)
            short = sold < self.numbers[1] * self.laws[1].above(at)
            low, high = (float(at), high) if short else (low, float(at))
        return 0.5 * (low + high)

    def starts(self, price: float | None, margin: float | None) -> Iterator[FloatArray]:
        """Yield pairs: a price, and logarithms of the buyer's and the seller's margins there."""
        default = price is None
        price = self.clearing if price is None else float(price)
        (s0, s1), (b0, b1) = (law.support for law in self.laws)
        if margin is not None:
            if not (margin > 0 and s0 < price - margin < s1 and b0 < price + margin < b1):
                raise InvalidInputError(
                    "no pair of types",
                    where="price, margin",
                    expected=f"a cost, price - margin, between {s0:g} and {s1:g}, and a value, "
                    f"price + margin, between {b0:g} and {b1:g}",
                    got=f"price {price:g} and margin {margin:g}",
                    remedy="Choose another price, or another margin above 0.",
                )
            yield np.array([price, np.log(margin), np.log(margin)])
            return
        if default:
            yield from self._turns()
        found = self._even(price)
        yield np.array([price, *self._guess(price)]) if found is None else found

    def _turns(self) -> Iterator[FloatArray]:
        """Yield pairs with even margins on either side of which solutions are drawn together.

        Followed from elsewhere, solutions that are no equilibria are driven apart from the ones
        that are. It is where the logarithms of margins neither shrink nor grow in all.
        """
        low, high = self.laws[0].low, self.laws[1].high
        prices = low + (high - low) * PLACES
        # Margins are found from those at the price before; where that begins depends on the end.
        for ordered, sign in ((prices, 1.0), (prices[::-1], -1.0)):
            before: tuple[FloatArray, float] | None = None
            beyond = float(ordered[-1])
            for price in ordered.tolist():
                start = self._even(price, None if before is None else before[0][1:])
                if start is None:
                    beyond = price if before is not None and beyond == ordered[-1] else beyond
                    continue
                grows = sign * self._growth(start)
                if before is not None and before[1] > 0 >= grows:
                    yield self._turn(before[0], start, sign)
                before, beyond = (start, grows), float(ordered[-1])
            if before is not None and before[1] > 0:
                # Types run out before: all the way to there solutions are driven apart.
                yield self._last(before[0], beyond)

    def _last(self, start: FloatArray, beyond: float) -> FloatArray:
        """Return the last pair with even margins on the way to a price that has none."""
        for _ in range(20):
            middle = self._even(0.5 * (float(start[0]) + beyond), start[1:])
            if middle is None:
                beyond = 0.5 * (float(start[0]) + beyond)
            else:
                start = middle
        return start

    def _turn(self, left: FloatArray, right: FloatArray, sign: float) -> FloatArray:
        """Return the pair between two at which logarithms of margins stop growing in all."""
        for _ in range(20):
            middle = self._even(0.5 * float(left[0] + right[0]), left[1:])
            if middle is None:
                break
            more = sign * self._growth(middle) > 0
            left, right = (middle, right) if more else (left, middle)
        return right

    def _growth(self, start: FloatArray) -> float:
        """Return how fast logarithms of margins that are off grow with the price, in all."""
        total = 0.0
        for place, (row, sign) in enumerate(((1, 1.0), (0, -1.0))):
            ends = []
            for step in (STEP, -STEP):
                over, under = np.exp(start[1:] + step * np.eye(2)[place])
                slopes = self.slopes(start[0], over, under)
                ends.append(sign * (slopes[row] - 1.0) / (over, under)[place])
            total += (ends[0] - ends[1]) / (2.0 * STEP)
        return float(total)

    def _guess(self, price: float) -> FloatArray:
        """Return logarithms of margins of about the right size."""
        (s0, s1), (b0, b1) = (law.support for law in self.laws)
        least = np.maximum([b0 - price, price - s1], 0.0)
        room = np.array([b1 - price, price - s0]) - least
        share = np.array([self.k, 1.0 - self.k]) / (min(self.numbers) + 1.0)
        return np.log(least + room * share)

    def _even(self, price: float, near: FloatArray | None = None) -> FloatArray | None:
        """Return margins at which offers rise as fast as types do; None if none are found.

        Those at another price tell about where to look.
        """
        from scipy import optimize

        root: Any = optimize.root
        (s0, s1), (b0, b1) = (law.support for law in self.laws)
        if not s0 < price < b1:
            raise InvalidInputError(
                "no price of an equilibrium",
                where="price",
                expected=f"a price between {s0:g} and {b1:g}",
                got=f"{price:g}",
                remedy="Choose another price.",
            )

        def off(logs: Any) -> list[float]:
            over, under = np.exp(np.clip(logs, -50.0, np.log([b1 - price, price - s0])))
            slopes = self.slopes(price, over, under)
            return [slopes[0] - 1.0, slopes[1] - 1.0]

        for guess in [self._guess(price)] if near is None else [near, self._guess(price)]:
            found = root(off, guess)
            over, under = np.exp(np.clip(found.x, -700.0, 700.0))
            if found.success and s0 < price - under < s1 and b0 < price + over < b1:
                return np.array([price, *found.x])
        return None


def _ratios(law: Source) -> tuple[FloatArray, FloatArray]:
    """Return types, and at them the probability below and that above over the density."""
    low, high = law.support
    types = low + (high - low) * 0.5 * (1.0 - np.cos(np.linspace(0.0, np.pi, TABULATED)))
    types = types[1:-1]
    density = law.density(types)
    if not (density > 0).all() or not np.isfinite(density).all():
        at = float(types[np.argmin((density > 0) & np.isfinite(density))])
        raise UnsupportedProblemError(
            "equilibrium offers in a market need densities that are positive and finite between "
            f"their ends (got {law.title}, at {at:g})"
        )
    below, above = law.below(types) / density, law.above(types) / density
    ends = np.concatenate([[low], types, [high]])
    return ends, np.stack([
        np.concatenate([[0.0], below, below[-1:]]), np.concatenate([above[:1], above, [0.0]]),
    ])  # fmt: skip
