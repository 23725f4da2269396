"""Equilibria of sealed offers among many traders: differential equations of a side, or of both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from mechopt._util.arrays import FloatArray, shown
from mechopt.environments import Environment
from mechopt.errors import InvalidInputError, UnsupportedProblemError
from mechopt.literature.institutions.market_offers import (
    MarketOffers,
    market_laws,
    market_numbers,
)
from mechopt.literature.institutions.market_slopes import OutOfStepsError, Slopes
from mechopt.literature.institutions.smooth_offers import chosen_pair
from mechopt.literature.institutions.smooth_paths import SmoothFamily
from mechopt.studies.offer_curves import OfferCurve, turned
from mechopt.studies.sealed_offers import require_weight
from mechopt.types.foreign import budget
from mechopt.types.source import Source

NUM_KNOTS = 800
# Types further from zero than so many of their widths are lost in the rounding of margins.
FAR = 2_000.0
# Types beyond the last knots are so rare.
RARE = 1e-10
# Offers of one side begin so near to the lowest, in widths of the types.
NEAR = 1e-7
# Types this near to an end, in widths of the types, are at the end.
CLOSE = 1e-9
# Time that solutions may take, in units of the inverse width of the types.
HORIZON = 1e12
RELATIVE, ABSOLUTE = 1e-9, 1e-11
# A slope above minus this is none that falls.
FLAT = 1e-4
FALLING = "no equilibrium in which bids rise with values was found: they would fall ({})"
NONE = (
    " None of {} solutions that were followed reaches both ends with offers that rise: there may "
    "be no smooth equilibrium here, which is not proved."
)
OTHERS = (
    "Take another k, price or margin; bids or asks alone (k = 1 or k = 0) answer an equation of "
    "their own, and known_mechanisms.trade_reduction is for any priors."
)
POSTED = "every buyer would bid the highest cost, at which all trade: post that price"
# Of more traders equations are too stiff, and little is left to lose.
MOST_TRADERS = 32
# Some seconds; what has an equilibrium takes less than a third of it.
MOST_STEPS = 200_000
STOPPED = (
    "the equations of equilibrium offers took more than {:,} steps: {}. Allow more with "
    "most_steps. {}"
)


def market_equilibrium(
    market: Environment,
    k: float = 0.5,
    *,
    price: float | None = None,
    margin: float | None = None,
    most_steps: int = MOST_STEPS,
) -> MarketOffers:
    """Return a smooth equilibrium of sealed offers among many traders of one prior a side.

    Parameters
    ----------
    market
        What :func:`mechopt.Market` returned, with one continuous prior on each side, whose
        densities are positive between their ends.
    k
        Weight of the higher of the two offers that a price may lie between. At 1, the buyer's bid
        double auction, sellers do best to ask their costs, whatever the others do, and at 0 buyers
        to bid their values; then the equilibrium is the one solution of an equation.
    price, margin
        For other k there are many equilibria: in this one a seller of cost ``price - margin`` and a
        buyer of value ``price + margin`` both offer the price; in money. Unless given, a pair at
        which offers rise as fast as types do, and from which solutions on both sides are drawn
        together rather than apart: it may be next to an end, as with k near 0 or 1 and where a
        side's types run out. One of each side is
        :func:`~mechopt.institutions.smooth_equilibrium`.
    most_steps
        How often the slope of offers may be computed, in the search for pairs and along solutions;
        200,000 of them take several seconds.

    Returns
    -------
    MarketOffers
        At about 800 knots.

    Raises
    ------
    InvalidInputError
        For another environment, a weight outside [0, 1], no whole number of steps above 0, and a
        price or margin that is not among the types, or is given where there is one equilibrium.
    UnsupportedProblemError
        For traders of a side who differ, priors without densities, types very far from zero, and
        where the solution falls
        with the types somewhere, so that it is no equilibrium; the more traders, the fewer margins
        have one. With several traders there may be none: see the notes. Also where the steps end
        before an equilibrium is found; the message says how many solutions were followed.

    Notes
    -----
    With c(p) and v(p) the types who offer p, and P(j; a, b) the probability that j of a sellers and
    b buyers offer less than p, best offers mean, with m sellers and n buyers, ``(v - p) (m f c'
    P(n-1; m-1, n-1) + (n-1) g v' P(n-1; m, n-2)) = k P(n; m, n-1)`` and ``(p - c) ((m-1) f c'
    P(n-1; m-2, n) + n g v' P(n-1; m-1, n-1)) = (1-k) P(n-1; m-1, n)``. Sources: Satterthwaite and
    Williams (1989), Review of Economic Studies 56, 477-498, for buyers' bids; Rustichini,
    Satterthwaite and Williams (1994), Econometrica 62, 1041-1063, who show that in every
    equilibrium offers differ from types by at most a constant over the number of traders, and that
    what is lost falls with its square.

    Irregular priors may have none. Of costs with peaks at 0.2 and 0.8, uniform values, two traders
    a side and k = 1/2, the solutions through 2048 pairs of margins at the price 0.5 were followed:
    those that reach the highest offers are one region of margins, those that reach the lowest ones
    are others, and they lie apart. With values of two peaks, too, they overlap.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy import stats
    >>> from mechopt import Market, TypeSpace
    >>> half = TypeSpace.from_distribution(stats.uniform(0, 1), 4)
    >>> offers = market_equilibrium(Market(half, half, 3, 3), 1.0)
    >>> offers.offer_of(1, np.array([0.4, 1.0])).round(6)  # 3/4 of the value
    array([0.3 , 0.75])
    """
    require_weight(k)
    _require_steps(most_steps)
    laws, numbers = market_laws(market), market_numbers(market)
    if max(numbers) > MOST_TRADERS:
        raise UnsupportedProblemError(
            f"equilibrium offers are for at most {MOST_TRADERS} traders a side (got {max(numbers)})"
        )
    if laws[1].high <= laws[0].low:
        raise UnsupportedProblemError("no pair of types gains from trade; nobody offers anything")
    width = laws[1].high - laws[0].low
    if max(abs(laws[0].low), abs(laws[1].high)) > FAR * width:
        raise UnsupportedProblemError(
            f"types are too far from zero for how near they are to each other (from "
            f"{laws[0].low:.9g} to {laws[1].high:.9g}; at most {FAR:g} times the distance). Give "
            "types less what all of them have in common."
        )
    if k in (0.0, 1.0):
        if price is not None or margin is not None:
            raise InvalidInputError(
                "a choice among equilibria where there is one",
                where="price, margin",
                expected="none for offers of one side alone, k = 0 and k = 1",
                got=f"price {price} and margin {margin}",
                remedy="Leave them out, or take another k.",
            )
        with budget():
            if k == 1.0:
                asks, bids = _bids_alone(Slopes(laws, numbers, 1.0, most_steps))
            else:
                back = turned(laws[1]), turned(laws[0])
                flow = Slopes(back, numbers[::-1], 1.0, most_steps)
                asks, bids = (curve.mirrored() for curve in _bids_alone(flow)[::-1])
        return MarketOffers(market, k, asks, bids, f"{('asks', 'bids')[int(k)]} alone name prices")
    if numbers == (1, 1):
        # Then there is one through every pair, and the linear one of uniform types by default.
        family = SmoothFamily(laws, k)
        pair = chosen_pair(family, price, margin)
        with budget():
            curves = family.curves(pair)
        return MarketOffers(market, k, *curves, f"smooth offers, k = {k:.9g}, {pair}")
    with budget(), np.errstate(over="ignore", invalid="ignore"):
        flow = Slopes(laws, numbers, k, most_steps)
        path = _first_through(flow, flow.starts(price, margin))
        at = flow.clearing if price is None else price
    cost, value = (np.interp(at, path[1], path[row]) for row in (0, 2))
    name = f"smooth offers, k = {k:.9g}, {cost:.6g} and {value:.6g} offer {at:.6g}"
    return MarketOffers(market, k, *_curves(laws, path), name)


def _require_steps(most_steps: object) -> None:
    if isinstance(most_steps, int) and not isinstance(most_steps, bool) and most_steps > 0:
        return
    raise InvalidInputError(
        "not a number of steps",
        where="most_steps",
        expected="a whole number above 0",
        got=shown(repr(most_steps)),
        remedy=f"Give such a number, such as {MOST_STEPS}.",
    )


def _first_through(flow: Slopes, starts: Iterator[FloatArray]) -> FloatArray:
    """Return the first solution, of those through some pairs, in which offers rise."""
    errors: list[UnsupportedProblemError] = []
    most_steps = flow.steps_left
    try:
        for start in starts:
            try:
                return _through(flow, start)
            except UnsupportedProblemError as found:
                errors.append(found)
    except OutOfStepsError:
        followed = (
            f"solutions that were followed to where offers would fall: {len(errors)}; the next was "
            "not followed to its end"
        )
        raise UnsupportedProblemError(STOPPED.format(most_steps, followed, OTHERS)) from None
    none = NONE.format(len(errors)) if errors[1:] else ""
    raise UnsupportedProblemError(f"{errors[0]}{none} {OTHERS}") from errors[0]


def _through(flow: Slopes, start: FloatArray) -> FloatArray:
    """Return costs, prices and values along the solution through a pair, in three rows.

    At its two ends value less price, and price less cost, vanish. In their logarithms, and in a
    time that slows down there, nothing is singular.
    """
    from scipy import integrate

    solve_ivp: Any = integrate.solve_ivp
    laws = flow.laws
    first = float(laws[0].quantiles(np.array([RARE]))[0])
    last = float(laws[1].quantiles(np.array([RARE]), from_above=True)[0])
    s_high, b_low = laws[0].high, laws[1].low
    # Prices count from that of the pair, so that their distance from zero does not loosen what is
    # relative to them, and in the unit of the types.
    begin, width = float(start[0]), laws[1].high - laws[0].low
    origin, absolute = np.array([0.0, *start[1:]]), [ABSOLUTE * width, ABSOLUTE, ABSOLUTE]

    def rates(_: float, y: Any) -> list[float]:
        over, under = np.exp(y[1]), np.exp(y[2])
        slopes = flow.slopes(begin + y[0], over, under)
        return [over * under, (slopes[1] - 1.0) * under, (1.0 - slopes[0]) * over]

    def falls(_: float, y: Any) -> float:
        over, under = np.exp(y[1]), np.exp(y[2])
        return min(flow.slopes(begin + y[0], over, under)) + FLAT

    up = [
        lambda _, y: s_high - (begin + y[0] - np.exp(y[2])),
        lambda _, y: last - (begin + y[0] + np.exp(y[1])),
    ]
    down = [
        lambda _, y: (begin + y[0] + np.exp(y[1])) - b_low,
        lambda _, y: (begin + y[0] - np.exp(y[2])) - first,
    ]
    parts = []
    for sign, ends in ((-1.0, down), (1.0, up)):
        events: list[Any] = [falls, *ends]
        for event in events:
            event.terminal = True
        time = sign * HORIZON / width
        # With many traders the equations are stiff; with two, implicit steps may leave the types.
        for method in ("LSODA", "RK45"):
            try:
                found = solve_ivp(rates, (0.0, time), origin, method=method, dense_output=True,
                                  events=events, rtol=RELATIVE, atol=absolute)  # fmt: skip
            except ValueError:  # Within a step an event was lost.
                found = None
                continue
            if np.isfinite(found.y).all():
                break
        through = (
            f"through cost {start[0] - np.exp(start[2]):.6g}, price {start[0]:.6g} and value "
            f"{start[0] + np.exp(start[1]):.6g}"
        )
        if found is None:
            raise UnsupportedProblemError(
                f"no equilibrium was found: {through} the equations are too stiff."
            )
        if found.status != 1 or found.t_events[0].size or not np.isfinite(found.y).all():
            price = begin + float(found.y[0, -1])
            over, under = (float(part) for part in np.exp(found.y[1:, -1]))
            raise UnsupportedProblemError(
                f"no equilibrium: {through} offers would fall at cost {price - under:.6g} and "
                f"value {price + over:.6g}."
            )
        steps = np.interp(np.linspace(0, found.t.size - 1, 40 * NUM_KNOTS),
                          np.arange(found.t.size), found.t)  # fmt: skip
        parts.append(found.sol(steps)[:, :: int(sign)])
    p, over, under = np.concatenate([parts[0], parts[1][:, 1:]], axis=1)
    p = begin + p
    return np.stack([p - np.exp(under), p, p + np.exp(over)])


def _curves(laws: tuple[Source, Source], path: FloatArray) -> tuple[OfferCurve, OfferCurve]:
    """Return the offers along a solution, at knots that are evenly spaced along it."""
    path = np.maximum.accumulate(path, axis=1)
    # Where a side's types run out, its last type is one of those that offer.
    path[0, path[0] >= laws[0].high - CLOSE * (laws[1].high - laws[0].low)] = laws[0].high
    path[2, path[2] <= laws[1].low + CLOSE * (laws[1].high - laws[0].low)] = laws[1].low
    path[0] = np.clip(path[0], laws[0].low, laws[0].high)
    path[2] = np.clip(path[2], laws[1].low, laws[1].high)
    length = path.sum(axis=0)
    wanted = np.linspace(length[0], length[-1], NUM_KNOTS)
    rows = np.unique(np.clip(np.searchsorted(length, wanted), 0, length.size - 1))
    cost, price, value = path[:, rows]
    return (
        OfferCurve(np.append(laws[0].low, cost), np.append(price[0], price)),
        OfferCurve(np.append(value, laws[1].high), np.append(price, price[-1])),
    )


def _bids_alone(flow: Slopes) -> tuple[OfferCurve, OfferCurve]:
    """Return asks that are costs, and the bids that answer them."""
    from scipy import integrate

    solve_ivp: Any = integrate.solve_ivp
    laws, numbers, most_steps = flow.laws, flow.numbers, flow.steps_left
    (s0, s1), (b0, b1) = (law.support for law in laws)
    width = b1 - s0
    asks = OfferCurve(np.array([s0, s1]), np.array([s0, s1]))
    if numbers[1] == 1:
        prices = np.linspace(s0, min(s1, b1), 20 * NUM_KNOTS)
        values = prices + np.interp(prices, flow.tables[0][0], flow.tables[0][1][0])
        if (np.diff(values[values < b1]) < 0).any():
            raise UnsupportedProblemError(FALLING.format("one buyer's best bid has two prices"))
        some = slice(int(np.searchsorted(values, b0)), int(np.searchsorted(values, b1)) + 1)
        if not values[some].size:
            raise UnsupportedProblemError(POSTED)
        return asks, _bids(laws, values[some], prices[some])
    low = s0 + NEAR * width

    def rates(price: float, y: Any) -> list[float]:
        over = float(np.exp(y[0]))
        return [(flow.bid_slope(price, over) - 1.0) / over]

    def falls(price: float, y: Any) -> float:
        return flow.bid_slope(price, float(np.exp(y[0]))) + FLAT

    def ends(price: float, y: Any) -> float:
        return float(b1 - RARE * width - (price + np.exp(y[0])))

    events: list[Any] = [falls, ends]
    for event in events:
        event.terminal = True
    top = min(s1, b1) - NEAR * width
    try:
        if b0 > s0:
            low = _lowest_bid(flow)
            margin = b0 + NEAR * width - low
        else:
            margin = _first_margin(flow, low)
        found = solve_ivp(rates, (low, top), [np.log(margin)], method="LSODA", dense_output=True,
                          events=events, rtol=RELATIVE, atol=ABSOLUTE)  # fmt: skip
    except ValueError as error:  # Within a step an event was lost.
        raise UnsupportedProblemError(FALLING.format("the equation is too stiff")) from error
    except OutOfStepsError:
        followed = "the one solution of bids or asks alone was not followed to its end"
        others = "known_mechanisms.trade_reduction is for any priors."
        raise UnsupportedProblemError(STOPPED.format(most_steps, followed, others)) from None
    price, value = float(found.t[-1]), float(found.t[-1] + np.exp(found.y[0, -1]))
    if not found.success or found.t_events[0].size:
        raise UnsupportedProblemError(FALLING.format(f"price {price:.6g} and value {value:.6g}"))
    if not found.t_events[1].size and numbers[1] > numbers[0]:
        raise UnsupportedProblemError(
            "more buyers than sellers would all bid the highest cost, of whom no such equilibrium "
            f"is known (values above {value:.6g} of up to {b1:.6g}). Take no more buyers than "
            "sellers."
        )
    prices = np.linspace(low, price, 20 * NUM_KNOTS)
    return asks, _bids(laws, prices + np.exp(found.sol(prices)[0]), prices)


def _bids(laws: tuple[Source, Source], values: FloatArray, prices: FloatArray) -> OfferCurve:
    """Return bids at knots that are evenly spaced along values and prices; the last is for all."""
    first, last = max(laws[0].low, laws[1].low), laws[1].high
    values = np.clip(np.maximum.accumulate(values), first, last)
    length = values + prices
    rows = np.searchsorted(length, np.linspace(length[0], length[-1], NUM_KNOTS))
    rows = np.unique(np.clip(rows, 0, length.size - 1))
    values, prices = values[rows], prices[rows]
    lowest = prices[0] if laws[1].low > laws[0].low else laws[0].low
    return OfferCurve(
        np.concatenate([[first], values, [last]]), np.concatenate([[lowest], prices, prices[-1:]])
    )


def _lowest_bid(flow: Slopes) -> float:
    """Return what the lowest value bids if even it exceeds the lowest cost: as if alone."""
    (s0, s1), (b0, _) = (law.support for law in flow.laws)
    if flow.numbers[1] > flow.numbers[0]:
        raise UnsupportedProblemError(
            "of more buyers than sellers, all with values above the lowest cost, no such "
            "equilibrium is known. Take no more buyers than sellers."
        )
    low, high = s0, min(b0, s1)
    if b0 - s1 >= np.interp(s1, flow.tables[0][0], flow.tables[0][1][0]) / flow.numbers[1]:
        raise UnsupportedProblemError(POSTED)
    for _ in range(100):
        middle = 0.5 * (low + high)
        below = np.interp(middle, flow.tables[0][0], flow.tables[0][1][0])
        more = b0 - middle > below / flow.numbers[1]
        low, high = (middle, high) if more else (low, middle)
    return 0.5 * (low + high)


def _first_margin(flow: Slopes, low: float) -> float:
    """Return the buyer's margin at a bid near the lowest, where it grows in proportion."""
    start = low - flow.laws[0].low
    small, large = 1e-9 * start, flow.laws[1].high - low
    for _ in range(200):
        middle = float(np.sqrt(small * large))
        faster = flow.bid_slope(low, middle) > 1.0 + middle / start
        small, large = (middle, large) if faster else (small, middle)
    return float(np.sqrt(small * large))
