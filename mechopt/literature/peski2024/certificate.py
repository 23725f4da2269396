"""Proofs that player 1 gets its gap in every equilibrium: offers that cannot be refused.

A certificate is a finite list of numbers; checking it needs none of the search that found it.
Between the nodes that it lists everything is bilinear in the beliefs, or concave in each of them,
so that what holds at the corners of a rectangle of beliefs holds throughout.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal

from mechopt.literature.peski2024.two_types import Pair, TwoTypes, weighed
from mechopt.mechanism.check import Check
from mechopt.verify.audit import AuditReport

Nodes = tuple[tuple[Any, Any], ...]
"""Pairs of a belief and what there is at it, from belief 0 to belief 1; linear in between."""

# What is no rectangle of beliefs, or leaves some beliefs out, is wrong by this.
MISSING = float("inf")


@dataclass(frozen=True)
class Refusal:
    """Why an offer cannot be refused on a rectangle of beliefs: weights on the players' payoffs.

    Parameters
    ----------
    beliefs_1, beliefs_2
        Ends of the beliefs about player 1 and about player 2: probabilities of the high types.
    weights_1, weights_2
        Weight of each player's high type at these ends, linear in between.
    """

    beliefs_1: Pair
    beliefs_2: Pair
    weights_1: Pair
    weights_2: Pair


@dataclass(frozen=True)
class Offer:
    """What player 1 offers on a rectangle of beliefs, so that one of its types is sure to gain.

    Parameters
    ----------
    lane
        Which type of player 1 gains.
    beliefs_1, beliefs_2
        Ends of the beliefs about player 1 and about player 2.
    taken
        At both ends of the beliefs about player 1, the probability that it has a type and takes the
        good, given player 2's type: low and low, low and high, high and low, high and high, player
        1's type first. Player 2 gets the good otherwise.
    payoffs_2
        At both ends, the payoffs of player 2's low and high type.
    """

    lane: Literal["low", "high"]
    beliefs_1: Pair
    beliefs_2: Pair
    taken: tuple[tuple[Any, ...], tuple[Any, ...]]
    payoffs_2: tuple[Pair, Pair]


@dataclass(frozen=True)
class RefusalCertificate:
    """A proof that player 2 cannot refuse an offer, whatever the beliefs.

    Waiting leads to payoffs of some mechanism, a round later, in which player 1 has at least its
    part of its monopoly and ``(1 - a) u_1(l) + a u_1(h) >= S(p_2)``. Where slack is exactly zero,
    the proof is for payments that are larger by however little (theory.md, section 4.6).

    Parameters
    ----------
    game
        Types, and how often player 1 proposes.
    discount
        What a round's delay leaves of payoffs.
    crossing
        The weight a, at which player 1's offers change from one of its types to the other.
    claim
        S at nodes of the belief about player 2.
    payments
        What the offers leave to player 2's low and high type, at nodes of the belief about player
        1.
    refusals
        Why player 2 cannot refuse them: rectangles that cover all beliefs.
    """

    game: TwoTypes
    discount: Any
    crossing: Any
    claim: Nodes
    payments: Nodes
    refusals: tuple[Refusal, ...]

    def shortfalls(self) -> Iterator[tuple[str, Any, str]]:
        """Yield what each step is short of, and where; not above zero if the step holds.

        Numbers are those of the certificate: in fractions nothing is rounded.
        """
        zero, one = 0 * self.crossing, 1 + 0 * self.crossing
        if not self._is_in_order:
            yield "nodes are in order", MISSING, "claim, payments and crossing"
            return
        yield from self._of_claim()
        for place, refusal in enumerate(self.refusals, 1):
            yield "player 2 cannot refuse", self.short_of_refusal(refusal), f"rectangle {place}"
        covered = _cover(self.refusals, (zero, one), (zero, one))
        yield "refusals cover all beliefs", zero if covered else MISSING, "the square of beliefs"

    @cached_property
    def violation(self) -> Any:
        """The largest shortfall; the claim is proved if it is not above zero."""
        return max(short for _, short, _ in self.shortfalls())

    def check(self, tolerance: float = 0.0) -> AuditReport:
        """Check every step again, from the certificate's own numbers alone.

        Parameters
        ----------
        tolerance
            What a step may be short of, relative to the highest type.
        """
        worst: dict[str, tuple[Any, str]] = {}
        for name, short, where in self.shortfalls():
            if name not in worst or short > worst[name][0]:
                worst[name] = short, where
        scale = max(*self.game.first, *self.game.second)
        return AuditReport(
            tuple(
                Check(name, float(short), max(float(short / scale), 0.0), tolerance, where)
                for name, (short, where) in worst.items()
            )
        )

    def claimed(self, high_2: Any) -> Any:
        """Return S at a belief about player 2."""
        return at(self.claim, high_2)

    def _sure(self, high_2: Any, share: Any) -> Pair:
        low, high = self.game.monopoly(0, high_2)
        return share * low, share * high

    @property
    def _is_in_order(self) -> bool:
        """Whether nodes run from 0 to 1, and other numbers are what they have to be."""
        nodes = all(_runs_from_0_to_1(nodes) for nodes in (self.claim, self.payments))
        return nodes and 0 < self.crossing < 1 and 0 <= self.discount <= 1

    def _of_claim(self) -> Iterator[tuple[str, Any, str]]:
        """Yield what the claim is short of being convex, with monopoly payoffs linear between."""
        zero = 0 * self.crossing
        slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in spans(self.claim)]
        falls = [before - after for before, after in spans(slopes)]
        yield "the claim is convex", max(falls, default=zero), "beliefs about player 2"
        bends = zero
        for (start, _), (end, _) in spans(self.claim):
            one, other, middle = (self._sure(r, 1) for r in (start, end, (start + end) / 2))
            bends = max(
                bends, *((x + y) / 2 - z for x, y, z in zip(one, other, middle, strict=True))
            )
        yield "monopoly payoffs bend at nodes only", bends, "beliefs about player 2"

    def short_of_refusal(self, cell: Refusal) -> Any:
        """Return what the offer is short of what player 2 could expect by waiting."""
        a, delta = self.crossing, self.discount
        k, m, q, r = cell.weights_1, cell.weights_2, cell.beliefs_1, cell.beliefs_2
        usable = (
            _inside(self.payments, q)
            and _inside(self.claim, r)
            and all(0 <= weight <= 1 for weight in (*k, *m))
            and (_ordered(k, q) or _ordered(q, k))
            and (_ordered(m, r) or _ordered(r, m))
            and (max(k) <= a or min(k) >= a)
            # Types of probability zero need not wait: they get no weight.
            and all(
                weight == belief for weight, belief in zip(m, r, strict=True) if belief in (0, 1)
            )
        )
        if not usable:
            return MISSING
        short = []
        for weight_1, belief_1 in zip(k, q, strict=True):
            offered = at(self.payments, belief_1)
            for weight_2, belief_2 in zip(m, r, strict=True):
                low, high = self._sure(belief_2, self.game.chance)
                if max(k) <= a:
                    part = weight_1 / a
                    sure = part * self.claimed(belief_2) + (1 - part) * low
                else:
                    part = (1 - weight_1) / (1 - a)
                    sure = part * self.claimed(belief_2) + (1 - part) * high
                most = self.game.support(weight_1, weight_2, belief_1, belief_2)
                short.append(delta * (most - sure) - weighed(weight_2, offered))
        return max(short)


@dataclass(frozen=True)
class EquilibriumCertificate(RefusalCertificate):
    """A proof of ``(1 - a) u_1(l) + a u_1(h) >= S(p_2)`` in every equilibrium, at every belief.

    If that holds a round later, player 1 has offers that cannot be refused, and by which it holds
    now. It takes the random-monopoly bound for granted (theory.md, section 4.6).

    Parameters
    ----------
    offers
        What player 1 keeps: rectangles that cover all beliefs at which more is claimed than the
        random-monopoly bound, for the high type up to the crossing and for the low type from there
        on.
    """

    offers: tuple[Offer, ...]

    def shortfalls(self) -> Iterator[tuple[str, Any, str]]:
        """Yield what each step is short of, those of refusals first."""
        yield from super().shortfalls()
        if not self._is_in_order:
            return
        zero, one, a = 0 * self.crossing, 1 + 0 * self.crossing, self.crossing
        for place, offer in enumerate(self.offers, 1):
            yield "player 1 can offer it", self._of_offer(offer), f"rectangle {place}"
        asked = [span for span in spans(self.beliefs_2) if self.exceeds_bound(span)]
        for lane, over in (("high", (zero, a)), ("low", (a, one))):
            cells = [offer for offer in self.offers if offer.lane == lane]
            covered = all(_cover(cells, over, span) for span in asked)
            where = f"those for player 1's {lane} type"
            yield "offers cover all beliefs", zero if covered else MISSING, where

    @property
    def beliefs_2(self) -> list[Any]:
        """The nodes of the claim."""
        return [belief for belief, _ in self.claim]

    def exceeds_bound(self, span: Pair) -> bool:
        """Return whether more is claimed at an end of an interval than the random-monopoly bound.

        Parameters
        ----------
        span
            Beliefs about player 2.
        """
        a, share = self.crossing, self.game.chance
        return any(self.claimed(r) > weighed(a, self._sure(r, share)) for r in span)

    def offered(self, high_2: Any) -> Any:
        """Return what the claim has player 1 expect, at weight a, when it proposes."""
        return self.claimed(high_2) * self._share / self.game.chance

    @property
    def _share(self) -> Any:
        """The part of its monopoly that player 1 is sure of when it proposes."""
        return 1 - self.discount * (1 - self.game.chance)

    def _of_offer(self, cell: Offer) -> Any:
        """Return what a mechanism is short of the incentives, and of what it promises."""
        q, r, a = cell.beliefs_1, cell.beliefs_2, self.crossing
        if not (_inside(self.payments, q) and _inside(self.claim, r)) or (
            q[0] < a < q[1] or (cell.lane == "high") != (q[1] <= a)
        ):
            return MISSING
        step_1, step_2 = self.game.steps
        share = _shares(cell)
        short = []
        for belief, taken, payoffs in zip(q, cell.taken, cell.payoffs_2, strict=True):
            mass = (1 - belief, 1 - belief, belief, belief)
            short += [-value for value in taken]
            short += [value - most for value, most in zip(taken, mass, strict=True)]
            rise, gets = payoffs[1] - payoffs[0], (1 - taken[0] - taken[2], 1 - taken[1] - taken[3])
            short += [gets[0] * step_2 - rise, rise - gets[1] * step_2]
            short += [w - u for w, u in zip(at(self.payments, belief), payoffs, strict=True)]
            for other in r:
                value, sure = self.offered(other), self._sure(other, self._share)
                expected = self._welfare(taken, belief, other) - weighed(other, payoffs)
                by_low, by_high = weighed(other, taken[:2]), weighed(other, taken[2:])
                # The type of this lane gets its target, the other one what is left; "apart" is how
                # far they are from each other, times the probability of the other one.
                if cell.lane == "high":
                    apart = (value - (1 - a) * sure[0]) / a - expected
                    least, most = by_low, (1 - belief) * weighed(other, share)
                else:
                    apart = expected - (value - a * sure[1]) / (1 - a)
                    least, most = belief * weighed(other, share), by_high
                short += [least * step_1 - apart, apart - most * step_1]
                if belief == a:
                    short.append(value - expected)
        return max(short)

    def _welfare(self, taken: Sequence[Any], high_1: Any, high_2: Any) -> Any:
        """Return what the good is worth to whoever gets it, expected."""
        first, second, mass = self.game.first, self.game.second, (1 - high_1, high_1)
        by_type = [
            sum(
                taken[2 * x + y] * first[x] + (mass[x] - taken[2 * x + y]) * second[y]
                for x in (0, 1)
            )
            for y in (0, 1)
        ]
        return weighed(high_2, (by_type[0], by_type[1]))


def _shares(cell: Offer) -> Pair:
    """Return how often the lane's own type gets the good at least, or at most in the low lane.

    By player 2's type. Probabilities are linear in the belief, so shares have no extremes inside.
    """
    high = cell.lane == "high"
    masses = cell.beliefs_1 if high else tuple(1 - q for q in cell.beliefs_1)
    found = []
    for column in (2, 3) if high else (0, 1):
        ends = [
            taken[column] / mass for taken, mass in zip(cell.taken, masses, strict=True) if mass
        ]
        found.append(min(ends) if high else max(ends))
    return found[0], found[1]


def _cover(cells: Sequence[Refusal | Offer], first: Pair, second: Pair) -> bool:
    """Return whether rectangles cover one."""
    sides = [(cell.beliefs_1, cell.beliefs_2) for cell in cells]
    marks = [
        sorted({*span, *(x for side in sides for x in side[i] if span[0] < x < span[1])})
        for i, span in enumerate((first, second))
    ]
    return all(
        any(
            one[0] <= q[0] and q[1] <= one[1] and other[0] <= r[0] and r[1] <= other[1]
            for one, other in sides
        )
        for q in spans(marks[0])
        for r in spans(marks[1])
    )


def _ordered(below: Pair, above: Pair) -> bool:
    return all(x <= y for x, y in zip(below, above, strict=True))


def spans(items: Sequence[Any]) -> list[tuple[Any, Any]]:
    """Return all pairs of neighbours."""
    return list(pairwise(items))


def _runs_from_0_to_1(nodes: Nodes) -> bool:
    beliefs = [belief for belief, _ in nodes]
    rising = all(one < other for one, other in spans(beliefs))
    return len(nodes) > 1 and rising and beliefs[0] == 0 and beliefs[-1] == 1


def _inside(nodes: Nodes, span: Pair) -> bool:
    """Return whether no node is strictly inside an interval of beliefs."""
    return 0 <= span[0] < span[1] <= 1 and not any(span[0] < x < span[1] for x, _ in nodes)


def at(nodes: Nodes, belief: Any) -> Any:
    """Return what there is at a belief: a number, or a pair of them."""
    for (start, one), (end, other) in spans(nodes):
        if belief <= end:
            part = (belief - start) / (end - start)
            if isinstance(one, tuple):
                return tuple(weighed(part, ends) for ends in zip(one, other, strict=True))
            return weighed(part, (one, other))
    raise ValueError(f"{belief} is no belief")
