"""The participation slack of the ex post efficient rule in the continuum, without densities."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.backends.slack_sign import exact_slack_if_open
from mechopt.environments import DelayedTrade, Environment
from mechopt.errors import UnsupportedProblemError
from mechopt.types import TypeSpace
from mechopt.types.continuous import ContinuousPrior
from mechopt.types.curves import gains_between
from mechopt.types.quadrature import Pieces, edges_between, integrate
from mechopt.types.source import Source
from mechopt.types.virtual_values import virtual_cost, virtual_value

QUADRATURE_TOLERANCE = 1e-10
# For proved bounds, time after time: parts of each piece of the quadrature, and points at equal
# distances over the overlap of the supports.
BOUND_SIZES = ((2, 1 << 9), (8, 1 << 13), (64, 1 << 19))
GAP_POINTS = 1 << 14
# What quadrature of twofold integrals is off by at least, relative to their terms.
DELAY_ERROR = 1e-9
# The same of sums of a distribution function's values.
STATIC_ERROR = 1e-11


@dataclass(frozen=True)
class Slack:
    """The participation slack of ex post efficiency.

    Parameters
    ----------
    value
        The slack in money: what the gains exceed the information rents by.
    lower, upper
        Bounds on it; for quadrature without a rigorous bound, its error estimate.
    rigorous
        Whether the bounds are proved.
    theorem
        Why the slack is known to be negative, whatever its size; empty where it is not.
    """

    value: float
    lower: float
    upper: float
    rigorous: bool
    theorem: str = ""

    @property
    def is_possible(self) -> bool:
        """Whether ex post efficiency is possible, as far as is known.

        Examples
        --------
        >>> Slack(-1e-300, -2e-300, 0.0, rigorous=True, theorem="it is negative").is_possible
        False
        """
        return not self.theorem and self.value >= 0.0

    @property
    def is_decided(self) -> bool:
        """Whether the bounds, or a theorem, tell the sign."""
        return bool(self.theorem) or self.lower >= 0.0 or self.upper < 0.0


def efficient_slack(trade: Environment) -> Slack:
    """Return the slack of the ex post efficient rule, exact for each side's kind of prior.

    Finite types enter by sums over types, continuous priors by integrals of their distribution
    function: gains minus rents, ``E[b z - s y] - int F(s) P(s) ds - int (1 - G(b)) Q(b) db``.

    Notes
    -----
    Source: theory.md, section 3.2. Cells of a continuous prior serve only to name it: the rule is
    the one of the continuum, not "trade iff mean cost < mean value".

    Examples
    --------
    >>> from scipy import stats
    >>> from mechopt import BilateralTrade
    >>> types = TypeSpace.from_distribution(stats.uniform(0, 1), 2)
    >>> round(efficient_slack(BilateralTrade(types, types)).value, 9)
    -0.166666667
    """
    trade.require_independent("formulas of the slack")
    seller, buyer = (agent.types for agent in trade.agents)
    outcomes = trade.outcomes
    ratio = outcomes.ratio if isinstance(outcomes, DelayedTrade) else 1.0
    if seller.prior is None and buyer.prior is None:
        decided = exact_slack_if_open(trade, _slack_of_types(trade))
        return Slack(*decided, rigorous=True)
    if min(seller.lowest, buyer.lowest) < 0 and ratio != 1.0:
        raise UnsupportedProblemError(
            "the slack of ex post efficiency with delay, in the continuum, needs costs and values "
            "of at least zero. Use finite types, or solve the minimum subsidy over cells."
        )
    if seller.prior is None or buyer.prior is None:
        return _mixed_slack(trade, ratio)
    if 0.0 < ratio < 1.0:
        _require_smooth(seller.prior, buyer.prior)
        return delay_slack(seller.prior, buyer.prior, ratio)
    if ratio == 0.0:
        # Trade an instant later costs the seller nothing and the buyer nothing either.
        return Slack(buyer.lowest, buyer.lowest, buyer.lowest, rigorous=True)
    closed, bounds = closed_form_slack(trade), monotone_bounds(trade, until_decided=True)
    assert closed is not None
    assert bounds is not None
    costs, values = seller.prior, buyer.prior
    rigorous = not (costs.is_slow or values.is_slow)
    return Slack(closed, *bounds, rigorous=rigorous, theorem=_impossible(costs, values))


def _require_smooth(*priors: Source | None) -> None:
    for prior in priors:
        if prior is not None and not prior.is_smooth:
            raise UnsupportedProblemError(
                "the slack of ex post efficiency with delay, in the continuum, is known for priors "
                f"without atoms and gaps (got {prior.title}). Give equal discount rates, or solve "
                "the minimum subsidy over cells."
            )


def _impossible(costs: Source, values: Source) -> str:
    """Return why the static slack is negative, if the supports overlap and that is known."""
    low, high = max(costs.low, values.low), min(costs.high, values.high)
    if low >= high:
        return ""
    if costs.gaps or values.gaps or not (costs.is_positive and values.is_positive):
        return ""
    return (
        f"costs and values both have positive density from {low:.9g} to {high:.9g}, so that by the "
        "theorem of Myerson and Satterthwaite the slack is negative"
    )


def _slack_of_types(trade: Environment) -> float:
    """Return the slack over finite types, or cells as they stand, in floats."""
    seller, buyer = (agent.types for agent in trade.centred.agents)
    sold, bought = trade.efficient
    value = float(seller.mass @ (virtual_cost(seller) * sold))
    return value + float(buyer.mass @ (virtual_value(buyer) * bought))


def closed_form_slack(trade: Environment) -> float | None:
    """Return the slack by the formula for continuous priors and r <= σ, or None.

    With overlapping supports it is minus the integral of ``(1 - G(u)) F(u)`` from the lowest value
    to the highest cost; otherwise the lowest value minus the highest cost. Over gaps between types
    there is nobody to be kept from lying, which saves rents: see :func:`saved_over_gaps`.

    Notes
    -----
    Source: theory.md, section 3.3; Myerson and Satterthwaite (1983), Theorem 1.

    Examples
    --------
    >>> from scipy import stats
    >>> from mechopt import BilateralTrade
    >>> types = TypeSpace.from_distribution(stats.uniform(0, 1), 2)
    >>> round(closed_form_slack(BilateralTrade(types, types)), 9)
    -0.166666667
    """
    seller, buyer = (agent.types.prior for agent in trade.agents)
    outcomes = trade.outcomes
    static = not isinstance(outcomes, DelayedTrade) or outcomes.ratio >= 1.0
    if seller is None or buyer is None or not static:
        return None
    low, high = buyer.support[0], seller.support[1]
    if low < 0 and isinstance(outcomes, DelayedTrade):
        return None  # With negative valuations p* is not static.
    if low >= high:
        return low - high
    return saved_over_gaps(seller, buyer)[0] - overlap(seller, buyer).total + 0.0


def monotone_bounds(
    trade: Environment, *, until_decided: bool = False
) -> tuple[float, float] | None:
    """Return proved bounds on the slack for continuous priors and r <= σ, or None.

    Distribution functions rise and survival functions fall, so on each short interval their product
    lies between products of end values; no smoothness is needed. What scipy's functions err by
    widens the bounds, relative to what they are; only where a survival function is computed as one
    less the distribution function, that is an absolute error.

    Parameters
    ----------
    trade
        Bilateral trade.
    until_decided
        Whether to cut intervals no finer than it takes to tell the sign.

    Examples
    --------
    >>> from scipy import stats
    >>> from mechopt import BilateralTrade
    >>> types = TypeSpace.from_distribution(stats.uniform(0, 1), 2)
    >>> low, high = monotone_bounds(BilateralTrade(types, types))
    >>> low <= -1 / 6 <= high < 0
    True
    """
    seller, buyer = (agent.types.prior for agent in trade.agents)
    if seller is None or buyer is None:
        return None
    if isinstance(trade.outcomes, DelayedTrade) and buyer.support[0] < 0:
        return None
    low, high = buyer.support[0], seller.support[1]
    if low >= high:
        return low - high, low - high
    costs, values = seller, buyer
    _, least, most = saved_over_gaps(costs, values)
    edges = overlap(costs, values).edges
    if edges.size < 2:
        return 0.0, 0.0
    if costs.is_slow or values.is_slow:
        return _bounds_at(costs, values, edges, (least, most))
    for parts, num_points in BOUND_SIZES if until_decided else BOUND_SIZES[-1:]:
        inner = np.linspace(edges[:-1], edges[1:], parts, endpoint=False).ravel()
        even = np.linspace(edges[0], edges[-1], num_points)
        points = np.unique(np.concatenate([inner, even, edges[-1:]]))
        lower, upper = _bounds_at(costs, values, points, (least, most))
        if until_decided and (upper < 0.0 or lower >= 0.0):
            break
    return lower, upper


def _bounds_at(
    costs: Source, values: Source, points: FloatArray, saved: tuple[float, float]
) -> tuple[float, float]:
    """Return bounds on the slack from end values of the intervals between points."""
    least, most = saved
    width = np.diff(points)
    below, above = costs.below(points), values.above(points)
    largest, smallest = below[1:] @ (above[:-1] * width), below[:-1] @ (above[1:] * width)
    of_costs, of_values = costs.value_errors, values.value_errors
    relative = of_costs.relative + of_values.relative
    absolute = of_values.above * float(below[1:] @ width) + of_costs.below * float(
        above[:-1] @ width
    )
    lower = -float(largest) * (1.0 + relative) - absolute + least
    upper = -float(smallest) * (1.0 - relative) + absolute + most
    return float(lower), float(upper if costs.gaps or values.gaps else min(0.0, upper))


def saved_over_gaps(costs: Source, values: Source) -> tuple[float, float, float]:
    """Return what gaps between types save of the rents of the efficient rule, and bounds on it.

    Over a gap from a to c the seller's rent falls by ``(c - a) (1 - G(c))``, as much as keeps a
    seller of cost c from saying a; types in between would ask for the integral of ``1 - G``. The
    buyer's rent rises by ``(c - a) F(a)`` likewise, with trade where the value exceeds the cost.

    Examples
    --------
    >>> from mechopt.types.sources.finite import Finite
    >>> ends = Finite(np.array([0.0, 1.0]), np.array([0.5, 0.5]))
    >>> saved_over_gaps(ends, ends)
    (0.5, 0.5, 0.5)
    """
    value = lower = upper = 0.0
    for own, start, stop, at_start, at_stop, function, relative in (
        *(
            (costs.below(np.array(a)), a, c, values.strictly_above(np.array(a)),
             values.strictly_above(np.array(c)), values.above, values.value_errors.relative)
            for a, c in costs.gaps
        ),
        *(
            (values.above(np.array(c)), a, c, costs.strictly_below(np.array(a)),
             costs.strictly_below(np.array(c)), costs.below, costs.value_errors.relative)
            for a, c in values.gaps
        ),
    ):  # fmt: skip
        least, most = sorted((float(at_start), float(at_stop)))
        if least == most:
            continue
        marks = np.concatenate([values.marks, costs.marks])
        edges = edges_between(start, stop, marks)
        total = integrate(function, edges)
        points = np.unique(np.concatenate([total.edges, np.linspace(start, stop, GAP_POINTS)]))
        inner = function(points)
        inner[[0, -1]] = at_start, at_stop
        width = np.diff(points)
        sums = sorted((float(inner[1:] @ width), float(inner[:-1] @ width)))
        share, base = float(own), least * (stop - start)
        error = 2.0 * relative * share * sums[1]
        value += share * (total.total - base)
        lower += share * (sums[0] - base) - error
        upper += share * (sums[1] - base) + error
    return value, max(lower, 0.0), upper


def overlap(costs: Source, values: Source) -> Pieces:
    """Return the integral of F (1 - G) from the lowest value to the highest cost, in pieces.

    Examples
    --------
    >>> from mechopt.types.continuous import ContinuousPrior
    >>> curve = ContinuousPrior("beta", (2.0, 1.0))
    >>> round(overlap(curve, curve).total, 12) == round(1 / 3 - 1 / 5, 12)
    True
    """
    if costs.support == values.support:
        return gains_between(costs, values)
    named = isinstance(costs, ContinuousPrior) and isinstance(values, ContinuousPrior)
    return (_kept_overlap if named else _overlap)(costs, values)


def _overlap(costs: Source, values: Source) -> Pieces:
    low, high = max(costs.low, values.low), min(costs.high, values.high)
    edges = edges_between(low, high, costs.marks, values.marks) if low < high else np.zeros(1)
    return integrate(
        lambda types: costs.below(types) * values.above(types),
        edges,
        max_pieces=edges.size + min(costs.max_pieces, values.max_pieces),
    )


# The formula, its bounds and the answer ask for it one after the other.
_kept_overlap = lru_cache(maxsize=8)(_overlap)


def delay_slack(seller: Source, buyer: Source, ratio: float) -> Slack:
    """Return the slack of ex post efficiency with delay, for continuous priors and r > σ.

    Parameters
    ----------
    seller, buyer
        Priors of costs and values, both at least zero.
    ratio
        Discount-rate ratio δ, above 0 and below 1.

    Notes
    -----
    Cramton leaves this case open. Integrating by parts twice, and with the first-order condition of
    the best date, everything but two terms cancels. With e = 1/(1-δ), if ``δ b_lo < s_hi``,

        slack = (1-δ) b_lo (δ b_lo / s_hi)^(e-1)
                - (e-1) int (1 - G(b)) K(δ b) db,    K(u) = int_u^{s_hi} (u/s)^(e-1) F(s)/s ds,

    and ``b_lo - s_hi`` otherwise. So it is always negative if ``b_lo = 0``; but with ``b_lo > 0``
    it can be positive although supports overlap: delay can make efficiency possible.

    Examples
    --------
    >>> from mechopt.types.continuous import ContinuousPrior
    >>> uniform = ContinuousPrior("uniform")
    >>> delay_slack(uniform, uniform, 0.5).value < 0
    True
    >>> delay_slack(uniform, ContinuousPrior("uniform", (), 0.9, 0.1), 0.5).value > 0
    True
    """
    from scipy.integrate import tanhsinh

    highest = seller.support[1]
    low, high = buyer.support
    if ratio * low >= highest:
        return Slack(low - highest, low - highest, low - highest, rigorous=True)
    power = ratio / (1.0 - ratio)
    survival = buyer.above

    def integrand(value: FloatArray) -> FloatArray:
        return np.asarray(survival(value) * _later_costs(seller, ratio * value, power))

    # Below s_lo the inner integral has another formula, so the outer one is cut there.
    stop = min(high, highest / ratio)
    kinks = np.concatenate([[seller.low / ratio], seller.breaks / ratio, buyer.breaks])
    cuts = np.unique([low, *kinks[(kinks > low) & (kinks < stop)], stop])
    parts = tanhsinh(integrand, cuts[:-1], cuts[1:], rtol=QUADRATURE_TOLERANCE, maxlevel=8)
    gain = (1.0 - ratio) * low * (ratio * low / highest) ** power
    value = gain - power * float(parts.integral.sum())
    rents = power * float(parts.integral.sum())
    error = power * float(parts.error.sum()) + DELAY_ERROR * (gain + rents)
    theorem = ""
    if low == 0.0:
        theorem = "the lowest value is 0, so that with delay nothing stands against the rents"
    return Slack(value, value - error, value + error, rigorous=False, theorem=theorem)


def _later_costs(seller: Source, cutoff: FloatArray, power: float) -> FloatArray:
    """Return K(u): the integral of (u/s)^(e-1) F(s)/s over the costs above each cutoff."""
    from scipy.integrate import tanhsinh

    flat = np.ravel(cutoff)

    def integrand(cost: FloatArray, cutoff: FloatArray) -> FloatArray:
        with np.errstate(divide="ignore", invalid="ignore"):
            values = np.where(cost > 0, (cutoff / cost) ** power * seller.below(cost) / cost, 0.0)
        return np.nan_to_num(values)

    total = np.zeros(flat.size)
    for start, stop in pairwise(np.unique([*seller.support, *seller.breaks]).tolist()):
        base = np.clip(flat, start, stop)
        part = tanhsinh(
            integrand, base, np.full_like(base, stop), args=(flat,), rtol=1e-11, maxlevel=8
        )
        total += part.integral
    return total.reshape(np.shape(cutoff))


def _mixed_slack(trade: Environment, ratio: float) -> Slack:
    """Return the slack where one side is finite, or in cells of a sample, and one continuous."""
    seller, buyer = (agent.types for agent in trade.agents)
    if ratio < 1.0:
        _require_smooth(seller.prior, buyer.prior)
    if seller.prior is None:
        assert buyer.prior is not None
        terms = seller.mass * _buyer_terms(buyer.prior, seller, ratio)
    elif ratio >= 1.0:
        share = seller.prior.strictly_below(buyer.mean)
        margin = virtual_value(buyer) - seller.prior.last_below(buyer.mean)
        terms = buyer.mass * margin * share
    else:
        cost, share = _seller_terms(seller.prior, buyer.mean, ratio)
        terms = buyer.mass * (virtual_value(buyer) * share - cost)
        # These two are each known to their own size.
        error = DELAY_ERROR * float(buyer.mass @ (np.abs(virtual_value(buyer)) * share + cost))
        value = float(terms.sum())
        return Slack(value, value - error, value + error, rigorous=False)
    value = float(terms.sum())
    relative = STATIC_ERROR if ratio >= 1.0 else DELAY_ERROR
    error = relative * float(np.abs(terms).sum())
    return Slack(value, value - error, value + error, rigorous=False)


def _buyer_terms(buyer: Source, seller: TypeSpace, ratio: float) -> FloatArray:
    """Return, for each cost, expected virtual value of what is bought less virtual cost of it."""
    from scipy.integrate import tanhsinh

    low, high = buyer.support
    mean, virtual = seller.mean, virtual_cost(seller)
    survival = buyer.above
    if ratio >= 1.0:
        return buyer.strictly_above(mean) * (buyer.next_above(mean) - virtual)
    power = 1.0 / (1.0 - ratio)

    def rise(value: FloatArray, cost: FloatArray) -> FloatArray:
        return np.asarray(survival(value) * power * (ratio * value / cost) ** power / value)

    terms = np.where(mean <= ratio * low, low - virtual, 0.0)
    for cell in np.flatnonzero(mean > ratio * low):
        cost = mean[cell]
        y = (ratio * low / cost) ** power
        stop = min(high, cost / ratio)
        later = tanhsinh(rise, low, stop, args=(cost,), rtol=1e-11).integral
        terms[cell] = low * y**ratio - virtual[cell] * y - (virtual[cell] - cost) * later
    return terms


def _seller_terms(
    seller: Source, values: FloatArray, ratio: float
) -> tuple[FloatArray, FloatArray]:
    """Return, for each value, expected virtual cost of what is sold to it, and E[z | value]."""
    highest = seller.support[1]
    power = ratio / (1.0 - ratio)
    cutoff = ratio * values
    later = _later_costs(seller, cutoff, power)
    end = (np.minimum(cutoff, highest) / highest) ** power
    share = np.where(cutoff < highest, end + power * later, 1.0)
    cost = np.where(cutoff < highest, cutoff * (end + (power + 1.0) * later), highest)
    return cost, share
