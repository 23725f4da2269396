"""Bilateral trade and bargaining in fractions, from first principles, for finite types.

Nothing of the package is used, and of its objects only the arrays of numbers. Masses enter as they
are: probabilities that are floats sum to one only up to rounding, which scales every expectation
by the same number close to 1 and moves no verdict.

Interim utilities of at least zero take the place of payments, so that doing nothing is a feasible
start. A balanced budget becomes "utilities sum to at most the gains": with weights of at least
zero nothing is won by leaving money on the table, so the optimum is the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise

from flint import fmpq

from .simplex import ONE, ZERO, maximise, rational


def decimal(number):
    """Return a number as ``--exact`` reads it: a float as the shortest decimal that is it."""
    return rational(Fraction(repr(float(number))) if isinstance(number, float) else number)


@dataclass(frozen=True)
class Side:
    """Types in order, with their masses, in fractions."""

    types: tuple[fmpq, ...]
    masses: tuple[fmpq, ...]

    @staticmethod
    def of(types, masses, read=rational):
        """Return a side from numbers; ``read`` says what a float means."""
        return Side(tuple(map(read, types)), tuple(map(read, masses)))

    @property
    def size(self):
        return len(self.types)

    def shares(self):
        """Return the same side with masses that sum to exactly one."""
        total = sum(self.masses, ZERO)
        return Side(self.types, tuple(mass / total for mass in self.masses))


@dataclass(frozen=True)
class ExactTrade:
    """A seller and a buyer."""

    seller: Side
    buyer: Side

    @staticmethod
    def of(environment, read=rational):
        """Return an environment of the package in fractions, by its arrays alone."""
        sides = [
            Side.of(agent.types.mean.tolist(), agent.types.mass.tolist(), read)
            for agent in environment.agents
        ]
        return ExactTrade(*sides)

    def profiles(self):
        """Yield the positions of every pair of types."""
        return ((i, j) for i in range(self.seller.size) for j in range(self.buyer.size))

    def gain(self, i, j):
        return self.buyer.types[j] - self.seller.types[i]

    def chance(self, i, j):
        return self.seller.masses[i] * self.buyer.masses[j]

    @cached_property
    def first_best(self):
        """Expected gains if types were public."""
        return sum(
            (self.chance(i, j) * max(self.gain(i, j), ZERO) for i, j in self.profiles()), ZERO
        )

    def stakes(self, side, k):
        """Return the larger of the first best and a type's own expected first-best gains."""
        own = ZERO
        for i, j in self.profiles():
            if (i, j)[side] == k:
                mass = self.buyer.masses[j] if side == 0 else self.seller.masses[i]
                own += mass * max(self.gain(i, j), ZERO)
        return max(self.first_best, own)

    def program(self, weights=(1, 1), *, all_pairs=True):
        """Return the second best as a linear program: gain, rows, limits, upper bounds."""
        n, m = self.seller.size, self.buyer.size
        count = n * m + n + m
        rows = []

        def interim(side, k, factor):
            """Return factor times the probability of trade of a type, as coefficients."""
            row = [ZERO] * count
            for i, j in self.profiles():
                if (i, j)[side] == k:
                    mass = self.buyer.masses[j] if side == 0 else self.seller.masses[i]
                    row[i * m + j] = factor * mass
            return row

        for side, types, offset in (
            (0, self.seller.types, n * m),
            (1, self.buyer.types, n * m + n),
        ):
            sign = -1 if side == 0 else 1
            for k in range(len(types)):
                for other in range(len(types)):
                    if other == k or (not all_pairs and abs(other - k) > 1):
                        continue
                    # U(k) >= U(other) + (t_k - t_other) Q(other), with Q the net quantity.
                    row = interim(side, other, sign * (types[k] - types[other]))
                    row[offset + k] -= ONE
                    row[offset + other] += ONE
                    rows.append(row)
        budget = [-self.chance(i, j) * self.gain(i, j) for i, j in self.profiles()]
        rows.append([*budget, *self.seller.masses, *self.buyer.masses])
        gain = [ZERO] * (n * m)
        gain += [rational(weights[0]) * mass for mass in self.seller.masses]
        gain += [rational(weights[1]) * mass for mass in self.buyer.masses]
        return gain, rows, [ZERO] * len(rows), [ONE] * (n * m) + [None] * (n + m)

    def second_best(self, weights=(1, 1), *, all_pairs=True):
        """Return the most that weighted utilities can be worth, by the simplex method."""
        return maximise(*self.program(weights, all_pairs=all_pairs)).value

    # The same by virtual values, which is a second derivation and much faster.

    def virtual(self):
        """Return what selling to a type brings and what buying from it costs, rents included."""
        cost, sold = [], ZERO
        for k, (c, mass) in enumerate(zip(self.seller.types, self.seller.masses, strict=True)):
            cost.append(c + ((c - self.seller.types[k - 1]) * sold / mass if k else ZERO))
            sold += mass
        value, above = [], ZERO
        for k in reversed(range(self.buyer.size)):
            v, mass = self.buyer.types[k], self.buyer.masses[k]
            value.append(v - ((self.buyer.types[k + 1] - v) * above / mass if above != 0 else ZERO))
            above += mass
        return cost, value[::-1]

    @cached_property
    def slack(self):
        """What the efficient rule leaves of the gains after the least information rents."""
        cost, value = self.virtual()
        return sum(
            (
                self.chance(i, j) * (value[j] - cost[i])
                for i, j in self.profiles()
                if self.gain(i, j) > 0
            ),
            ZERO,
        )

    def second_best_by_virtual_values(self, weights=(1, 1)):
        """Return the same maximum as the least value of a Lagrangian of one multiplier.

        The Lagrangian is convex and piecewise linear in the multiplier of the budget; the lines
        from both sides of its minimum are intersected until no line lies above their crossing.
        """
        w_seller, w_buyer = map(rational, weights)
        cost, value = self.virtual()
        least = max(w_seller, w_buyer)

        def line(multiplier):
            """Return rents and slack, of the best monotone rule at a multiplier."""
            price = [
                multiplier * psi - w_seller * (psi - c)
                for psi, c in zip(cost, self.seller.types, strict=True)
            ]
            worth = [
                multiplier * psi + w_buyer * (v - psi)
                for psi, v in zip(value, self.buyer.types, strict=True)
            ]
            price = _ironed(price, self.seller.masses)
            worth = _ironed(worth, self.buyer.masses)
            rents = slack = ZERO
            for i, j in self.profiles():
                if worth[j] > price[i]:
                    chance = self.chance(i, j)
                    rents += chance * (
                        w_seller * (cost[i] - self.seller.types[i])
                        + w_buyer * (self.buyer.types[j] - value[j])
                    )
                    slack += chance * (value[j] - cost[i])
            return rents, slack

        def steps_to(multiplier):
            rents, slack = line(multiplier)
            return rents + multiplier * slack, slack, rents

        total, slack, rents = steps_to(least)
        if slack >= 0:
            return total
        falling = rents, slack
        # Rules that survive every multiplier leave money over, so far out the slope is not below 0.
        multiplier = 2 * least
        while True:
            total, slack, rents = steps_to(multiplier)
            if slack >= 0:
                break
            falling = rents, slack
            multiplier *= 1024
        rising = rents, slack
        while True:
            if rising[1] == falling[1]:
                return total
            crossing = (rising[0] - falling[0]) / (falling[1] - rising[1])
            height = rising[0] + crossing * rising[1]
            total, slack, rents = steps_to(crossing)
            if total <= height:
                assert total == height
                return total
            if slack >= 0:
                rising = rents, slack
            else:
                falling = rents, slack


def _ironed(values, masses):
    """Return the closest monotone values, by pooling neighbours that are out of order."""
    pools = []
    for value, mass in zip(values, masses, strict=True):
        pools.append((value * mass, mass, 1))
        while len(pools) > 1 and pools[-2][0] * pools[-1][1] > pools[-1][0] * pools[-2][1]:
            total, mass_here, count = pools.pop()
            pools[-1] = (
                pools[-1][0] + total,
                pools[-1][1] + mass_here,
                pools[-1][2] + count,
            )
    return [total / mass for total, mass, count in pools for _ in range(count)]


def strictly_rising(types):
    """Return whether types are in strict order."""
    return all(low < high for low, high in pairwise(types))
