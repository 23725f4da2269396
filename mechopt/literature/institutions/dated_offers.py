"""One offer, at a date that its maker chooses: an equilibrium where the two discount unlike."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np

from mechopt._util.arrays import FloatArray, shown
from mechopt.environments import DelayedTrade, Environment
from mechopt.environments.sorted_sums import best_trade
from mechopt.errors import InvalidInputError, UnsupportedProblemError
from mechopt.literature.cramton1985.learning import Course, PaymentTiming, TradingDates
from mechopt.literature.cramton1985.sequential import (
    START,
    SequentialAudit,
    audit_sequential_rationality,
)
from mechopt.literature.institutions.delayed_by_cells import balanced_lots
from mechopt.literature.institutions.over_time import BEFORE, NOTE
from mechopt.mechanism.mechanism import Mechanism
from mechopt.studies.by_cells import ByCells
from mechopt.studies.comparison_rows import ComparisonRow
from mechopt.studies.offer_curves import turned
from mechopt.studies.offers import at_means, cut_at, with_types
from mechopt.studies.sealed_offers import TOLERANCE, Deviation, laws_of
from mechopt.types import TypeSpace
from mechopt.types.cells import curve_of
from mechopt.types.curves import Expectations
from mechopt.types.foreign import budget
from mechopt.types.quadrature import POINTS, WEIGHTS
from mechopt.types.source import Source
from mechopt.types.sources.finite import Finite

Line = Callable[[FloatArray], FloatArray]

# Thresholds that are tried before the search between the neighbours of the best, and its steps.
NUM_THRESHOLDS = 257
GOLDEN_STEPS = 44
GOLDEN = 0.5 * (math.sqrt(5.0) - 1.0)
# Types of who offers: this many intervals of probability, of ten Gauss points each.
NUM_PANELS = 48
# Types, thresholds and dates at which deviations are tried; no multiples of the above.
TRIED_TYPES, TRIED_THRESHOLDS, TRIED_DATES = 101, 701, 61
# Types and thresholds in one block.
BLOCK = 1_000_000


@dataclass(frozen=True, eq=False)
class DatedOffer:
    """One take-it-or-leave-it offer, which one side makes whenever it likes.

    There is one offer, and no trade without it. Nothing is promised: whoever makes it names
    the date when it comes, and the price; the other side takes it or leaves it, and the game is
    over. Its reply is to take what brings a gain, whatever it believes of the offerer, so that
    this is a perfect Bayesian equilibrium for any beliefs.

    Parameters
    ----------
    trade
        Bilateral trade, with or without delay.
    by
        Name of the agent that makes the offer.

    Raises
    ------
    InvalidInputError
        For another environment, and no agent of this name.
    UnsupportedProblemError
        For an infinite discount rate, with which there is no date, and a joint prior.

    Notes
    -----
    With y and z what trade at a date is worth to seller and buyer, an offer that values from q on
    accept brings a seller of cost s ``(z q - y s) Pr(v >= q)``: for each q the date is that of the
    best joint surplus of q and s, and q is searched. Money is discounted at the lesser rate, by
    both, as in theory.md, section 3.11.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy import stats
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> half = TypeSpace.from_distribution(stats.uniform(0, 1), 4)
    >>> offer = DatedOffer(BilateralTrade(half, half, seller_rate=2.0, buyer_rate=1.0), "seller")
    >>> offer.thresholds(np.array([0.2, 0.8])).round(6)  # costs above 1/3 wait until they are 1/3
    array([0.6     , 0.666667])
    >>> offer.dates(np.array([0.2, 0.8])).round(6)  # log(2.4)
    array([0.      , 0.875469])
    """

    trade: Environment
    by: str

    def __post_init__(self) -> None:
        laws_of(self.trade)
        self.trade.require_independent("an offer at a date")
        names = [agent.name for agent in self.trade.agents]
        if self.by not in names:
            raise InvalidInputError(
                "no agent of this name",
                where="by",
                expected=f"{names[0]!r} or {names[1]!r}",
                got=shown(repr(self.by)),
                remedy="Name one of the two sides.",
            )
        if any(map(math.isinf, self._rates)):
            raise UnsupportedProblemError(
                "an offer at a date needs finite discount rates (got "
                f"{self._rates[0]:g} and {self._rates[1]:g})"
            )

    @property
    def _rates(self) -> tuple[float, float]:
        """Discount rates of seller and buyer; alike where there is no delay."""
        outcomes = self.trade.outcomes
        if not isinstance(outcomes, DelayedTrade):
            return 1.0, 1.0
        return outcomes.seller_rate, outcomes.buyer_rate

    @property
    def _offerer(self) -> int:
        return int(self.by != self.trade.agents[0].name)

    @cached_property
    def _laws(self) -> tuple[Source, Source]:
        """Laws of who offers and of who replies, turned so that the former gives."""
        seller, buyer = laws_of(self.trade)
        return (seller, buyer) if self._offerer == 0 else (turned(buyer), turned(seller))

    def _best(self, own: FloatArray, threshold: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return what trade of two types at their best date is worth to offerer and other side."""
        ratio = self._rates[1] / self._rates[0]
        if self._offerer == 0:
            return best_trade(own, threshold, ratio)
        y, z = best_trade(-threshold, -own, ratio)
        return z, y

    def _accepting(self, thresholds: FloatArray) -> FloatArray:
        """Return how likely the other side's types are from each threshold on."""
        law = self._laws[1]
        within = np.clip(thresholds, law.low, law.high)
        return np.where(thresholds <= law.high, law.above(within), 0.0)

    def _payoff(self, own: FloatArray, thresholds: FloatArray) -> FloatArray:
        """Return what each type of the offerer gains by each threshold, at the best date."""
        mine, theirs = self._best(own, thresholds)
        return np.asarray((theirs * thresholds - mine * own) * self._accepting(thresholds))

    def _chosen(self, own: FloatArray) -> FloatArray:
        """Return the best threshold of each type, in the turned world."""
        law = self._laws[1]
        tried = law.types if isinstance(law, Finite) else np.unique(
            np.concatenate([np.linspace(law.low, law.high, NUM_THRESHOLDS), law.breaks])
        )  # fmt: skip
        size = max(BLOCK // tried.size, 1)
        at = np.concatenate([
            self._first(own[start : start + size, None], tried)
            for start in range(0, own.size, size)
        ])  # fmt: skip
        if isinstance(law, Finite):
            return np.asarray(tried[at])
        low = tried[np.maximum(at - 1, 0)]
        high = tried[np.minimum(at + 1, tried.size - 1)]
        for _ in range(GOLDEN_STEPS):
            left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
            lower = self._payoff(own, left) >= self._payoff(own, right)
            low, high = np.where(lower, low, left), np.where(lower, right, high)
        found = np.stack([tried[at], 0.5 * (low + high)])
        payoffs = np.stack([self._payoff(own, each) for each in found])
        better = payoffs[1] > payoffs[0] + self._rounding
        return np.asarray(np.where(better, found[1], found[0]))

    @property
    def _rounding(self) -> float:
        """Gains that are closer than this are one."""
        return 1e-15 * max(law.high - law.low for law in self._laws)

    def _first(self, own: FloatArray, tried: FloatArray) -> FloatArray:
        """Return the place of each type's best threshold; of several, that of the earliest date."""
        payoffs = self._payoff(own, tried)
        ties = payoffs >= payoffs.max(axis=1, keepdims=True) - 100.0 * self._rounding
        return np.asarray(np.where(ties, self._best(own, tried)[0], -1.0).argmax(axis=1))

    def thresholds(self, types: FloatArray) -> FloatArray:
        """Return the last type of the other side that accepts the offer of each type, in money."""
        sign = 1.0 if self._offerer == 0 else -1.0
        with budget():
            return np.asarray(sign * self._chosen(sign * np.asarray(types, dtype=np.float64)))

    def dates(self, types: FloatArray) -> FloatArray:
        """Return when each type makes its offer, in units of time; infinite if it makes none."""
        sign = 1.0 if self._offerer == 0 else -1.0
        own = sign * np.asarray(types, dtype=np.float64)
        mine, theirs = self._best(own, sign * self.thresholds(types))
        place = int(np.argmin(self._rates))
        # The patient side's is the larger of the two, and never lost to underflow first.
        worth = mine if place == self._offerer else theirs
        with np.errstate(divide="ignore"):
            return np.asarray(-np.log(worth) / min(self._rates) + 0.0)

    def prices(self, types: FloatArray) -> FloatArray:
        """Return what each type asks or bids, in money of the date of its offer."""
        rate = self._rates[1 - self._offerer] - min(self._rates)
        with np.errstate(invalid="ignore"):
            return np.asarray(self.thresholds(types) * np.exp(-rate * self.dates(types)))

    @cached_property
    def _expected(self) -> tuple[float, float, float, float]:
        """Expected utility of offerer and other side, and discounted trade of both."""
        law, other = self._laws
        with budget():
            if isinstance(law, Finite):
                own, mass = law.types, law.mass
            else:
                edges = np.linspace(0.0, 1.0, NUM_PANELS + 1)
                half = 0.5 / NUM_PANELS
                chances = (edges[:-1, None] + half * (POINTS + 1.0)).ravel()
                mass = np.tile(half * WEIGHTS, NUM_PANELS)
                own = law.quantiles(chances)
            threshold = self._chosen(own)
            mine, theirs = self._best(own, threshold)
            reached = self._accepting(threshold)
            if isinstance(other, Finite):
                excess = np.maximum(other.types - threshold[:, None], 0.0) @ other.mass
            else:
                excess = Expectations(other, other.low, other.high).over(threshold)
            gains = mass @ ((theirs * threshold - mine * own) * reached)
            rents = mass @ (theirs * excess)
        return (
            float(gains), float(rents),
            float(mass @ (mine * reached)), float(mass @ (theirs * reached)),
        )  # fmt: skip

    @property
    def utilities(self) -> dict[str, float]:
        """Agent name to expected utility, in money of the first date."""
        gains, rents, _, _ = self._expected
        both = (gains, rents) if self._offerer == 0 else (rents, gains)
        return dict(zip([agent.name for agent in self.trade.agents], both, strict=True))

    @property
    def total(self) -> float:
        """Expected gains of both, in money of the first date."""
        return sum(self.utilities.values())

    @cached_property
    def deviation(self) -> Deviation:
        """The most that a type gains by another offer or date; the reply is a best one.

        At thresholds and at dates, by what they are worth, that the solution did not look at: it
        knows nothing of which date goes with which threshold.
        """
        law, other = self._laws
        own = law.types if isinstance(law, Finite) else np.linspace(law.low, law.high, TRIED_TYPES)
        tried = (
            other.types if isinstance(other, Finite)
            else np.linspace(other.low, other.high, TRIED_THRESHOLDS)
        )  # fmt: skip
        mine, theirs = self._worth(np.linspace(0.0, 1.0, TRIED_DATES)[1:])
        with budget():
            chosen = self._payoff(own, self._chosen(own))
            reached = self._accepting(tried)
            best = np.zeros(own.size)
            for place, cost in enumerate(own):
                offers = (theirs[:, None] * tried - mine[:, None] * cost) * reached
                best[place] = max(float(offers.max()), float(self._payoff(cost, tried).max()))
        gain = best - chosen
        at = int(gain.argmax())
        sign = 1.0 if self._offerer == 0 else -1.0
        return Deviation(self.by, float(sign * own[at]), max(float(gain[at]), 0.0))

    def _worth(self, patient: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return what trade is worth to offerer and other side, by its worth to the patient one."""
        worth = [patient ** (rate / min(self._rates)) for rate in self._rates]
        return worth[self._offerer], worth[1 - self._offerer]

    @property
    def mechanism(self) -> Mechanism:
        """The direct mechanism: what trade is worth to both at its date, and what is paid."""
        return self.by_cells.mechanism

    @cached_property
    def by_cells(self) -> ByCells:
        """The direct mechanism over cells, and by how much any type's payoff changes.

        Of finite types it is exact. Where types of a cell choose differently it is near to the
        equilibrium: theory.md, section 3.13; :attr:`deviation` is about the types themselves.

        Raises
        ------
        UnsupportedProblemError
            For cells that are too coarse.
        """
        spaces = self._spaces()
        own, reply = spaces[self._offerer], spaces[1 - self._offerer]
        types, weights = own.mean[:, None], np.ones(1)
        if own.prior is None:
            # Whoever replies is cut where the offers divide it.
            reply = cut_at(reply, *np.unique(self.thresholds(own.mean)).tolist())
            spaces[1 - self._offerer] = reply
        else:
            law = curve_of(own)
            chances = law.below(own.lower)[:, None] + own.mass[:, None] * 0.5 * (POINTS + 1.0)
            types = law.quantiles(chances.ravel()).reshape(chances.shape)
            weights = 0.5 * WEIGHTS
        one = np.ones(1)
        lots = [self._lots(types, weights, lambda at: self._replies(reply, at))]
        ends = (own.upper, reply.lower), (own.lower, reply.upper)
        for mine, theirs in ends if self._offerer == 0 else ends[::-1]:
            lots.append(self._lots(mine[:, None], one, partial(self._taken, theirs)))
        sign, masses = (1.0, -1.0)[self._offerer], own.mass[:, None] * weights

        def payoff(place: int, at: FloatArray) -> FloatArray:
            if place == self._offerer:
                return self._payoff(sign * at, sign * self.thresholds(at))
            threshold = self.thresholds(types.ravel())
            _, worth = self._best(sign * types.ravel(), sign * threshold)
            gains = np.maximum(sign * (at[:, None] - threshold), 0.0)
            return np.asarray(gains @ (worth * masses.ravel()))

        return balanced_lots(with_types(self.trade, *spaces), lots, payoff)

    def _lots(
        self, types: FloatArray, weights: FloatArray, replies: Callable[[FloatArray], FloatArray]
    ) -> list[FloatArray]:
        """Return what trade is worth to seller and buyer and what is paid, by pair of cells."""
        sign = (1.0, -1.0)[self._offerer]
        threshold = self.thresholds(types.ravel()).reshape(types.shape)
        worth = self._best(sign * types, sign * threshold)
        chance = replies(threshold)
        mine, theirs, paid = (
            np.einsum("p,kp,kpl->kl", weights, part, chance)
            for part in (*worth, worth[1] * threshold)
        )
        return [mine, theirs, paid] if self._offerer == 0 else [theirs.T, mine.T, paid.T]

    def _taken(self, reply: FloatArray, threshold: FloatArray) -> FloatArray:
        """Return which types of the other side accept at each threshold, as 1 and 0."""
        q = threshold[..., None]
        return np.asarray(reply >= q if self._offerer == 0 else reply <= q, dtype=np.float64)

    def course(self) -> Course:
        """Return the offer as it unfolds, to types of its maker that are the means of its cells."""
        agents = list(self.trade.agents)
        agents[self._offerer] = replace(
            agents[self._offerer], types=at_means(agents[self._offerer].types)
        )
        offer = replace(self, trade=Environment(tuple(agents), self.trade.outcomes))
        types = agents[self._offerer].types.mean
        reply = cut_at(offer._spaces()[1 - self._offerer], *offer.thresholds(types).tolist())
        agents[1 - self._offerer] = replace(agents[1 - self._offerer], types=reply)
        offer = replace(self, trade=Environment(tuple(agents), self.trade.outcomes))
        chance, date = offer._replies(reply, offer.thresholds(types)), offer.dates(types)[:, None]
        chance = np.where(np.isfinite(date), chance, 0.0)
        if self._offerer == 1:
            chance, date = chance.T, date.T
        dates = TradingDates(
            chance[None], np.where(chance > 0.0, date, np.inf)[None], *self._rates
        )  # fmt: skip
        paid = offer.mechanism.ex_post_payments()[1]
        return Course(offer.mechanism, dates, paid, PaymentTiming.AT_TRADE, NOTE, paid[None])

    def sequential_audit(self) -> SequentialAudit:
        """Ask at the start, before each later offer, and after the last.

        As of :func:`mechopt.literature.institutions.over_time.audit_offers`: whether all who are
        left would prefer another mechanism. They would after the last offer if some are left who
        gain from trade; to fail is no fault of the equilibrium, in which nobody can promise one.

        Examples
        --------
        >>> from mechopt import BilateralTrade, TypeSpace
        >>> trade = BilateralTrade(TypeSpace.finite([0]), TypeSpace.finite([1, 2]), 2.0, 1.0)
        >>> audit = DatedOffer(trade, "seller").sequential_audit()  # 1, which both values take
        >>> audit.sequentially_rational, [entry.date for entry in audit.dates]
        (True, [-inf, 0.0])
        """
        unfolding = self.course()
        when = np.unique(unfolding.dates.date[unfolding.dates.probability > 0.0]).tolist()
        before = [at - BEFORE * (1.0 + at) for at in when if at > BEFORE]
        return audit_sequential_rationality(unfolding, [START, *before, max(when, default=0.0)])

    def _spaces(self) -> list[TypeSpace]:
        """Return the type spaces; those of a sample's cells, whose types are not kept, at means."""
        return [a.types if a.types.prior is not None else at_means(a.types)
                for a in self.trade.agents]  # fmt: skip

    def _replies(self, reply: TypeSpace, threshold: FloatArray) -> FloatArray:
        """Return how likely each cell of the other side accepts at each threshold, in money."""
        q = threshold[..., None]
        gains = self._offerer == 0
        if reply.prior is None:
            return self._taken(reply.mean, threshold)
        law = curve_of(reply)
        ends = law.below(np.append(reply.lower, law.high))
        at = law.below(np.clip(q, law.low, law.high))
        within = np.clip(at, ends[:-1], ends[1:])
        part = ends[1:] - within if gains else within - ends[:-1]
        return np.asarray(np.clip(part / np.diff(ends), 0.0, 1.0))

    def row(self) -> ComparisonRow:
        """Return the row of a comparison, which passes unless a type gains by deviating."""
        laws = laws_of(self.trade)
        width = max(law.high for law in laws) - min(law.low for law in laws)
        _, _, mine, theirs = self._expected
        trade = (mine, theirs) if self._offerer == 0 else (theirs, mine)
        names = [agent.name for agent in self.trade.agents]
        return ComparisonRow(
            f"one offer by the {self.by}",
            self.total,
            self.utilities,
            dict(zip(names, trade, strict=True)),
            remark=f"at a date that the {self.by} chooses; perfect Bayesian equilibrium: "
            f"{self.deviation.in_words(width)} by another offer or date",
            max_violation=self.deviation.gain / width,
            passed=self.deviation.gain <= TOLERANCE * width,
        )
