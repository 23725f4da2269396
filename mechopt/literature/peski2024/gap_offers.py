"""The offers by which player 1 gets its gap at a given discount factor, written down as a proof."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from mechopt.literature.peski2024.certificate import (
    EquilibriumCertificate,
    Nodes,
    Offer,
    Refusal,
    at,
    spans,
)
from mechopt.literature.peski2024.two_type_gap import Bonus
from mechopt.literature.peski2024.two_types import Pair, TwoTypes, weighed


def certificate_of(game: TwoTypes, discount: Any) -> EquilibriumCertificate | None:
    """Return the proof of the largest bound that is known; None where there is no gap.

    Parameters
    ----------
    game
        Types, and how often player 1 proposes; in fractions, so that nothing is rounded.
    discount
        Above 0 and below 1; None at the ends too.

    Notes
    -----
    Payments go to player 2's low type as far as player 1's types leave room for them, and what
    else is needed to both; or all of it to both, if less is lost so. Source: theory.md, section
    4.6.

    Examples
    --------
    >>> from fractions import Fraction as F
    >>> found = certificate_of(TwoTypes((F(0), F(2)), (F(1), F(3)), F(1, 2)), F(9, 10))
    >>> found.violation <= 0, found.claimed(F(1, 3))
    (True, Fraction(199, 186))
    """
    found = game.bonus
    if found is None or not 0 < game.chance < 1 or not 0 < discount < 1:
        return None
    plan = _Plan(game, found, discount)
    if game.second[0] < game.first[1]:
        loss = plan.loss_with_low_type
        if loss < plan.loss:
            return plan.certificate(loss, to_low_type=True)
    return plan.certificate(plan.loss, to_low_type=False)


def claim_at(
    game: TwoTypes, discount: Any, proof: EquilibriumCertificate | None, high_2: Any
) -> tuple[Any, Any] | None:
    """Return a weight a and S: ``(1-a) u_1(l) + a u_1(h) >= S`` in every equilibrium; or None.

    Parameters
    ----------
    game, discount
        As for :func:`certificate_of`.
    proof
        What that returned.
    high_2
        Probability of player 2's high type.
    """
    if proof is not None:
        # What fails at all proves nothing; in fractions nothing fails by rounding.
        return (proof.crossing, proof.claimed(high_2)) if proof.violation <= 0 else None
    found = game.bonus
    if discount != 1 or found is None or not 0 < game.chance < 1:
        return None
    # The limit of the claims that are proved: Theorem 3 of the source.
    peak = found.peak_1(game.chance)
    return peak, game.most_for_player_1(peak, high_2, game.chance)


@dataclass(frozen=True)
class _Plan:
    """What offers are made of, for one game and one discount factor.

    Parameters
    ----------
    game
        Types, and how often player 1 proposes.
    bonus
        What the gap is made of.
    discount
        The discount factor.
    """

    game: TwoTypes
    bonus: Bonus
    discount: Any

    @property
    def share(self) -> Any:
        """The part of its monopoly that player 1 is sure of when it proposes."""
        return 1 - self.discount * (1 - self.game.chance)

    @property
    def crossing(self) -> Any:
        """Where the lanes cross: the peak of the gap at that share."""
        return self.bonus.peak_1(self.share)

    @property
    def peak(self) -> Any:
        """The peak of the gap in the limit."""
        return self.bonus.peak_1(self.game.chance)

    @property
    def top(self) -> Any:
        """The limit's gap at the crossing and at the peak of the belief about player 2."""
        return (1 - self.crossing) * self.game.chance * self.bonus.low

    @property
    def loss(self) -> Any:
        """What uniform payments cost: w in theory.md."""
        lost = (1 - self.discount) * self.peak
        return lost / (self.share - self.game.chance * self.discount * self.peak) * self.top

    @property
    def loss_with_low_type(self) -> Any:
        """What payments to player 2's low type, and as much as is needed to both, cost."""
        a, rate = self.crossing, self.share / self.game.chance
        room = self.discount * (1 - self.game.chance) * (self.game.first[1] - self.game.second[0])
        losses = [0 * a]
        for q, paid in self._paid_to_low_type():
            odds = q / (1 - q)
            losses.append(a * (paid / (1 - q) - room) / (rate + odds * (rate - self.discount)))
        return max(losses)

    def certificate(self, loss: Any, *, to_low_type: bool) -> EquilibriumCertificate:
        """Return the certificate with a loss, and payments to both or one of player 2's types."""
        payments = self._payments(loss, to_low_type=to_low_type)
        claim = self._claim(loss)
        # Up to here the weights are those of a player 2 whose high type has more than it can
        # be sure of.
        change = payments[2][0] if to_low_type else self.peak
        cells = spans([belief for belief, _ in claim])
        refusals = tuple(
            Refusal(q, r, q, (self._weight(r[0], q, change), self._weight(r[1], q, change)))
            for q in spans([belief for belief, _ in payments])
            for r in cells
        )
        bare = EquilibriumCertificate(
            self.game, self.discount, self.crossing, claim, payments, refusals, ()
        )
        offers = tuple(
            self._offer(q, r, payments)
            for q in spans(self._bends(payments))
            for r in cells
            if bare.exceeds_bound(r)
        )
        return replace(bare, offers=offers)

    def _claim(self, loss: Any) -> Nodes:
        """Return S at the bends of monopoly payoffs, of the gap, and where the loss takes all."""
        floor, peak, zero = self.bonus.floor_2, self.bonus.peak_2, 0 * loss
        part = loss / self.top
        beliefs = {
            zero,
            floor,
            floor + part * (peak - floor),
            peak,
            1 - part * (1 - peak),
            1 + zero,
        }
        return tuple((r, self._claimed(r, loss)) for r in sorted(beliefs))

    def _claimed(self, high_2: Any, loss: Any) -> Any:
        sure = self.game.chance * weighed(self.crossing, self.game.monopoly(0, high_2))
        return sure + max(self.top * self.bonus.hat(high_2) - loss, 0 * loss)

    def _payments(self, loss: Any, *, to_low_type: bool) -> Nodes:
        """Return what offers leave to player 2: its part of its monopoly, and what they add."""
        zero, a = 0 * loss, self.crossing
        to_low = dict(self._paid_to_low_type()) if to_low_type else {}
        result = []
        for q in sorted({zero, self.peak, *to_low, a, 1 + zero}):
            low, high = ((1 - self.share) * payoff for payoff in self.game.monopoly(1, q))
            if to_low_type:
                both = self.discount * loss * min(q / a, (1 - q) / (1 - a))
            else:
                both = self._needed(q, loss)
            result.append((q, (low + both + to_low.get(q, zero), high + both)))
        return tuple(result)

    def _needed(self, q: Any, loss: Any) -> Any:
        """Return what waiting is worth beyond player 2's part of its monopoly, at most."""
        a, beta = self.crossing, self.game.chance
        gap = min(q * (1 - beta) * self.bonus.high, (1 - q) * beta * self.bonus.low)
        return self.discount * (gap - min(q / a, (1 - q) / (1 - a)) * (self.top - loss))

    def _paid_to_low_type(self) -> list[tuple[Any, Any]]:
        """Return beliefs, and what suffices there if there is no loss and the low type gets it.

        It is linear in between, and nothing at belief 0 and from the crossing on.
        """
        a, peak, none = self.crossing, self.peak, 0 * self.crossing
        most, rest = self._needed(peak, none), 1 - self.bonus.peak_2
        # By how much player 2's bound on rents exceeds those of the efficient rule.
        low, high = self.game.monopoly(1, a)
        rent = (1 - self.game.chance) * (high - low) - (1 - a) * self.game.steps[1]
        # Two ways to weigh player 2's payoffs ask for two payments beyond the peak; the smaller one
        # is the first up to where they meet.
        meet = peak + (a - peak) * most / (most + self.discount * rest * rent)
        return [(peak, most), (meet, self._needed(meet, none) / rest)]

    def _weight(self, high_2: Any, span: Pair, change: Any) -> Any:
        """Return the weight of player 2's high type, for beliefs before or after a change."""
        (l1, h1), (l2, h2) = self.game.first, self.game.second
        if span[1] <= change:
            indifferent = l1
        elif l2 < h1:
            return high_2
        else:
            indifferent = h1
        weight = high_2 - (1 - high_2) * (l2 - indifferent) / (h2 - l2)
        return max(weight, 0 * weight)

    def _bends(self, payments: Nodes) -> list[Any]:
        """Return the nodes of the payments, and where player 2's rents are those of efficiency."""
        beliefs = [belief for belief, _ in payments]
        found = set(beliefs)
        for (start, one), (end, other) in spans(payments):
            ends = [self._beyond(q, w) for q, w in ((start, one), (end, other))]
            if ends[0] * ends[1] < 0:
                found.add(start + (end - start) * ends[0] / (ends[0] - ends[1]))
        return sorted(found)

    def _beyond(self, q: Any, payoffs: Pair) -> Any:
        """Return a number that changes its sign where the allocation changes."""
        rent = (payoffs[1] - payoffs[0]) / self.game.steps[1]
        return rent - (1 - q)

    def _offer(self, span: Pair, other: Pair, payments: Nodes) -> Offer:
        """Return player 1's best mechanism that leaves player 2 what is paid."""
        lane: Any = "high" if span[1] <= self.crossing else "low"
        ends = [self._mechanism(q, span, other, payments) for q in span]
        return Offer(lane, span, other, (ends[0][0], ends[1][0]), (ends[0][1], ends[1][1]))

    def _mechanism(
        self, q: Any, span: Pair, other: Pair, payments: Nodes
    ) -> tuple[tuple[Any, ...], Pair]:
        zero, step = 0 * q, self.game.steps[1]
        (low, high), middle = at(payments, q), (span[0] + span[1]) / 2
        paid = at(payments, middle)
        short = 1 - (high - low) / step
        if self.game.second[0] < self.game.first[1]:
            if self._beyond(middle, paid) >= 0:
                return (zero, zero, q, zero), (low, high)
            if other[1] <= self.bonus.peak_2:
                return (zero, zero, q, zero), (low, low + (1 - q) * step)
            return (short - q, zero, q, zero), (low, high)
        if other[1] <= self.bonus.floor_2:
            return (zero,) * 4, (low, low + step)
        by_high = q if self._beyond(middle, paid) <= 0 else short
        if other[1] <= self.bonus.peak_2:
            return (zero, zero, by_high, zero), (low, low + (1 - by_high) * step)
        return (short - by_high, zero, by_high, zero), (low, high)
