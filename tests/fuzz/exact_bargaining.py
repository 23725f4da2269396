"""Bargaining over a single good in fractions, from first principles, for finite types."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from flint import fmpq

from .exact_trade import Side
from .simplex import ONE, ZERO, maximise, rational


def monopoly(own, opponent):
    """Return a proposer's best payoff over no price and all that some type just accepts."""
    best = own * sum(opponent.masses, ZERO)
    for price in opponent.types:
        accepted = sum(
            (m for t, m in zip(opponent.types, opponent.masses, strict=True) if t >= price), ZERO
        )
        refused = sum(
            (m for t, m in zip(opponent.types, opponent.masses, strict=True) if t < price), ZERO
        )
        best = max(best, refused * own + accepted * price)
    return best


@dataclass(frozen=True)
class ExactBargaining:
    """Two players and the probability that the first proposes."""

    players: tuple[Side, Side]
    chance: fmpq

    @staticmethod
    def of(environment, read=rational):
        """Return an environment of the package in fractions, by its numbers alone."""
        sides = tuple(
            Side.of(agent.types.mean.tolist(), agent.types.mass.tolist(), read).shares()
            for agent in environment.agents
        )
        chance = environment.agents[0].outside_option.proposer_probability
        return ExactBargaining(sides, read(chance))

    def bound(self, i, k):
        """Return what a player's type can be sure of."""
        share = self.chance if i == 0 else ONE - self.chance
        return share * monopoly(self.players[i].types[k], self.players[1 - i])

    @cached_property
    def first_best(self):
        """Expected worth of the good to whoever values it more."""
        first, second = self.players
        return sum(
            (
                p * q * max(s, t, ZERO)
                for s, p in zip(first.types, first.masses, strict=True)
                for t, q in zip(second.types, second.masses, strict=True)
            ),
            ZERO,
        )

    @cached_property
    def random_monopoly(self):
        """What player 1 expects by its bound alone."""
        first = self.players[0]
        return sum((m * self.bound(0, k) for k, m in enumerate(first.masses)), ZERO)

    def program(self, *, own_bound=True, verifiable=False):
        """Return the program of the most that player 1 can expect."""
        sizes = [side.size for side in self.players]
        cells = sizes[0] * sizes[1]
        offsets = [2 * cells, 2 * cells + sizes[0]]
        count = 2 * cells + sum(sizes)
        rows, limits = [], []
        # Utilities are counted from the bound; without one, from a level far below any optimum:
        # player 1 gets on average at least nothing, and no type can lack more than all there is.
        floor = [
            [self.bound(i, k) if i == 1 or own_bound else ZERO for k in range(sizes[i])]
            for i in range(2)
        ]
        if not own_bound:
            highest = max(max(side.types) for side in self.players)
            least = min(self.players[0].masses)
            floor[0] = [-(highest + 1) * 4 / least] * sizes[0]
        for i in range(2):
            types = self.players[i].types
            for k in range(sizes[i]):
                for other in range(sizes[i]):
                    if other == k or (i == 0 and verifiable):
                        continue
                    row = [ZERO] * count
                    for here in range(sizes[1 - i]):
                        cell = other * sizes[1] + here if i == 0 else here * sizes[1] + other
                        mass = self.players[1 - i].masses[here]
                        row[i * cells + cell] = (types[k] - types[other]) * mass
                    row[offsets[i] + k] -= ONE
                    row[offsets[i] + other] += ONE
                    rows.append(row)
                    limits.append(floor[i][k] - floor[i][other])
        for cell in range(cells):
            row = [ZERO] * count
            row[cell] = row[cells + cell] = ONE
            rows.append(row)
            limits.append(ONE)
        row, paid = [ZERO] * count, ZERO
        for i in range(2):
            for k, mass in enumerate(self.players[i].masses):
                row[offsets[i] + k] = mass
                paid += mass * floor[i][k]
                for here, other in enumerate(self.players[1 - i].masses):
                    cell = k * sizes[1] + here if i == 0 else here * sizes[1] + k
                    row[i * cells + cell] = -mass * other * self.players[i].types[k]
        rows.append(row)
        limits.append(-paid)
        gain = [ZERO] * count
        gain[offsets[0] : offsets[0] + sizes[0]] = self.players[0].masses
        start = sum((m * f for m, f in zip(self.players[0].masses, floor[0], strict=True)), ZERO)
        return (gain, rows, limits), start

    def value(self, *, own_bound=True, verifiable=False):
        """Return the most that player 1 can expect."""
        program, start = self.program(own_bound=own_bound, verifiable=verifiable)
        return start + maximise(*program).value
