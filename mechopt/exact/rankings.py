"""Rankings of types of agents who compete for equal units: how often each wins, in fractions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise
from operator import sub
from typing import TYPE_CHECKING, Any

from mechopt._util.rationals import FractionArray
from mechopt.environments.border import most_won
from mechopt.exact.virtual import runs_of
from mechopt.problem.problem import DesignProblem

if TYPE_CHECKING:
    from mechopt.program.standard_form import Program

Ranks = tuple[tuple[int, ...], ...]
"""For each group of alike agents the rank of each type; who wins has one above zero."""


@dataclass(frozen=True, eq=False)
class Units:
    """Equal units, and groups of alike agents who compete for them, in fractions.

    Parameters
    ----------
    units
        How many units there are.
    groups
        For each agent the position of its group.
    names, counts, masses
        For each group the name of its first agent, how many it has, and how likely each type is.

    Examples
    --------
    >>> import numpy as np
    >>> half = np.array([Fraction(1, 2), Fraction(1, 2)])
    >>> goods = Units(1, (0, 0), ("ann",), (2,), (half,))
    >>> goods.chances(((0, 1),))
    [[Fraction(0, 1), Fraction(3, 4)]]
    >>> goods.worth(((0, 1),), [[0, 2]]), goods.most([[Fraction(0), Fraction(2)]])
    (Fraction(3, 2), Fraction(3, 2))
    """

    units: int
    groups: tuple[int, ...]
    names: tuple[str, ...]
    counts: tuple[int, ...]
    masses: tuple[FractionArray, ...]

    @classmethod
    def of(
        cls, problem: DesignProblem, groups: tuple[int, ...], masses: Sequence[FractionArray]
    ) -> Units:
        """Return the units and groups of a problem, with each agent's masses in fractions."""
        environment = problem.environment
        firsts = [groups.index(g) for g in range(max(groups) + 1)]
        units = environment.outcomes.equal_units
        assert units is not None
        return cls(
            units,
            groups,
            tuple(environment.agents[i].name for i in firsts),
            tuple(groups.count(g) for g in range(len(firsts))),
            tuple(masses[i] for i in firsts),
        )

    def chances(self, ranks: Ranks) -> list[list[Fraction]]:
        """Return how likely each type of each group wins a unit.

        Those up to a rank win together what there is for them; equal ranks of one group share it
        evenly, and of equal ranks of different groups those of the first are ahead.
        """
        found = [[Fraction(0)] * len(mass) for mass in self.masses]
        reach = [Fraction(0)] * len(self.masses)
        won = Fraction(0)
        for _, g, types in self.served(ranks):
            mass = sum((self.masses[g][k] for k in types), Fraction(0))
            reach[g] += mass
            together = Fraction(most_won(self.counts, reach, self.units))
            for k in types:
                found[g][k] = (together - won) / (self.counts[g] * mass)
            won = together
        return found

    @staticmethod
    def served(ranks: Ranks) -> list[tuple[int, int, list[int]]]:
        """Return ranks above zero from the highest on, with a group and its types that have it."""
        levels = [
            (-rank, g, [k for k, own in enumerate(each) if own == rank])
            for g, each in enumerate(ranks)
            for rank in {own for own in each if own > 0}
        ]
        return [(-rank, g, types) for rank, g, types in sorted(levels)]

    def worths(self, named: Program, multipliers: Sequence[Fraction]) -> list[list[Fraction]]:
        """Return what a unit is worth at each type of each group, by the multipliers."""
        found = []
        for name, count, mass in zip(self.names, self.counts, self.masses, strict=True):
            start = named.constraints[f"{name}_quantity"].start
            found.append([multipliers[start + k] / (count * m) for k, m in enumerate(mass)])
        return found

    def ironed(self, named: Program, multipliers: Sequence[Fraction]) -> list[Fraction]:
        """Return multipliers at which no type is worth less than a lower one, and as much proved.

        What monotonicity is charged more, quantities are charged less.
        """
        found = list(multipliers)
        for name, count, mass, own in zip(
            self.names, self.counts, self.masses, self.worths(named, multipliers), strict=True
        ):
            rows = named.constraints.get(f"{name}_monotonicity")
            if rows is None:
                continue
            weighed = [m * v for m, v in zip(mass, own, strict=True)]
            runs = runs_of(weighed, mass.tolist())
            smooth = [
                m * sum(weighed[a:b], Fraction(0)) / sum(mass[a:b], Fraction(0))
                for a, b in pairwise(runs)
                for m in mass[a:b]
            ]
            start = named.constraints[f"{name}_quantity"].start
            for k, passed in enumerate(accumulate(map(sub, weighed, smooth))):
                found[start + k] += count * (smooth[k] - weighed[k])
                if k < rows.size:
                    found[rows.start + k] -= count * passed
        return found

    def ranks_at(self, worths: Sequence[Sequence[Any]]) -> Ranks:
        """Return the ranking that is worth most."""
        levels = sorted({own for each in worths for own in each if own > 0})
        rank = {own: place + 1 for place, own in enumerate(levels)}
        return tuple(tuple(rank.get(own, 0) for own in each) for each in worths)

    def worth(self, ranks: Ranks, worths: Sequence[Sequence[Fraction]]) -> Fraction:
        """Return what a ranking is worth."""
        total = Fraction(0)
        for count, mass, own, won in zip(
            self.counts, self.masses, worths, self.chances(ranks), strict=True
        ):
            total += count * sum((m * v * q for m, v, q in zip(mass, own, won, strict=True)), 0)
        return total

    def most(self, worths: Sequence[Sequence[Fraction]]) -> Fraction:
        """Return the most that any rule is worth, another way: by how many exceed each level."""
        levels = sorted({Fraction(0), *(own for each in worths for own in each if own > 0)})
        total = Fraction(0)
        for low, high in pairwise(levels):
            reach = [
                sum((m for m, own in zip(mass, each, strict=True) if own >= high), Fraction(0))
                for mass, each in zip(self.masses, worths, strict=True)
            ]
            total += (high - low) * Fraction(most_won(self.counts, reach, self.units))
        return total
