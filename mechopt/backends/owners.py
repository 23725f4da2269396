"""The rules p_a of owners of shares, whose worst-off types depend on the rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from mechopt._util.arrays import FloatArray, accumulated, rounding_of_sums, sealed
from mechopt.backends.levels import LevelSearch, Rankings
from mechopt.backends.root import ROUNDING, VirtualRules
from mechopt.backends.rule_point import RulePoint
from mechopt.environments import Environment
from mechopt.mechanism.allocation import Allocation
from mechopt.mechanism.even_rule import EvenRule, chances_of_groups
from mechopt.mechanism.payments import payment_of_owner
from mechopt.problem.groups import groups_of
from mechopt.problem.problem import DesignProblem
from mechopt.types import TypeSpace
from mechopt.types.virtual_values import ironed, virtual_cost, virtual_value


def are_owners(environment: Environment) -> bool:
    """Return whether agents compete for equal units without a cost, and staying out is a share.

    Examples
    --------
    >>> from mechopt import Auction, Partnership
    >>> types = TypeSpace.finite([1, 2])
    >>> [are_owners(each) for each in (Partnership(types, [0.5, 0.5]), Auction(types, count=2))]
    [True, False]
    """
    shares = [agent.outside_option.share_of_type for agent in environment.agents]
    return (
        environment.outcomes.equal_units is not None
        and not environment.outcomes.cost.any()
        and None not in shares
        and any(shares)
    )


def owner_rules(problem: DesignProblem, weights: tuple[float, ...], designer: float) -> OwnerRules:
    """Return the rules of a problem of owners, with these weights of utilities and of profit."""
    groups = groups_of(problem)
    return OwnerRules(problem.environment, weights, designer, groups=groups)


@dataclass(frozen=True, eq=False, kw_only=True)
class OwnerPoint(RulePoint):
    """The rule at one alpha: a lottery over rankings of the types.

    Parameters
    ----------
    lottery
        The lottery; None where the allocation is prescribed.
    """

    lottery: Rankings | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class OwnerRules(VirtualRules):
    """The family p_a of agents who own shares of units, and want one each.

    Parameters
    ----------
    groups
        For each agent the position of its group of alike ones.

    Notes
    -----
    Source: theory.md, section 6.3.

    Examples
    --------
    >>> from mechopt import Partnership, largest_revenue
    >>> types = TypeSpace.finite([1, 2, 3])
    >>> rules = owner_rules(largest_revenue(Partnership(types, [0.5, 0.5])), (0.0, 0.0), 1.0)
    >>> round(rules.at(0.0).slack, 9)
    0.444444444
    """

    groups: tuple[int, ...] = field(default=())

    @cached_property
    def _firsts(self) -> list[int]:
        return [self.groups.index(g) for g in range(max(self.groups) + 1)]

    @cached_property
    def _shares(self) -> tuple[float, ...]:
        options = (agent.outside_option for agent in self.environment.agents)
        return tuple(option.share_of_type or 0.0 for option in options)

    @cached_property
    def _spaces(self) -> list[TypeSpace]:
        return [self.environment.agents[i].types for i in self._firsts]

    @cached_property
    def _sides(self) -> list[tuple[FloatArray, FloatArray]]:
        return [(virtual_cost(types), virtual_value(types)) for types in self._spaces]

    def at(self, alpha: float) -> OwnerPoint:
        """Return the rule at ``alpha`` from 0 (inclusive) to 1 (exclusive)."""
        sides: list[list[FloatArray]] = [[], []]
        owned = []
        for i, types, both in zip(self._firsts, self._spaces, self._sides, strict=True):
            share = 1.0 - self.weights[i] / self.largest * (1.0 - alpha)
            # Whose rents cost nothing has no types to be kept from gaining.
            owned.append(self._shares[i] if share > 0.0 else 0.0)
            smooth = [ironed(types.mean + share * (own - types.mean), types.mass) for own in both]
            sides[0].append(smooth[0])
            # Rounding may leave a virtual value above the virtual cost.
            sides[1].append(np.minimum(smooth[1], smooth[0]))
        search = self._search(owned, *sides)
        lottery = search.lottery()
        won = [np.zeros(mass.size) for mass in search.masses]
        for weight, ranks in zip(lottery.weights, lottery.ranks, strict=True):
            chances = chances_of_groups(ranks, search.masses, search.counts, search.units)
            won = [own + weight * chance for own, chance in zip(won, chances, strict=True)]
        values = [
            np.maximum(value, np.minimum(cost, level))
            for cost, value, level in zip(*sides, lottery.levels, strict=True)
        ]
        point = self._brings(
            alpha,
            tuple(values[g] for g in self.groups),
            tuple(won[g] for g in self.groups),
            0.0,
        )
        return OwnerPoint(**vars(point), lottery=lottery)

    def _search(
        self, shares: list[float], costs: list[FloatArray], values: list[FloatArray]
    ) -> LevelSearch:
        counts = [self.groups.count(g) for g in range(len(self._firsts))]
        units = self.environment.outcomes.equal_units
        assert units is not None
        masses = [types.mass for types in self._spaces]
        return LevelSearch(counts, shares, units, costs, values, masses)

    def _brings(
        self,
        alpha: float,
        values: tuple[FloatArray, ...],
        quantities: tuple[FloatArray, ...],
        cost: float,
    ) -> RulePoint:
        slack, rents, noise = -cost, 0.0, abs(cost)
        # Alike agents expect the same, and are looked at once unless a prescribed rule differs.
        seen: dict[tuple[int, int], tuple[float, float, float]] = {}
        payments = self.payments(quantities)
        for i, (group, quantity) in enumerate(zip(self.groups, quantities, strict=True)):
            key = group, id(quantity)
            if key not in seen:
                types = self.environment.agents[i].types
                paid, worth = types.expectation(payments[i]), types.mass @ (types.mean * quantity)
                size = float(types.mass @ (np.abs(payments[i]) + np.abs(types.mean * quantity)))
                seen[key] = paid, float(worth) - paid, size
            paid, rent, size = seen[key]
            slack += paid
            rents += self.weights[i] * rent
            noise += size
        if abs(slack) <= (ROUNDING + 2.0 * rounding_of_sums(max(self.environment.shape))) * noise:
            slack = 0.0
        multiplier = self.largest / (1.0 - alpha) - self.largest
        objective = self.largest * slack + rents
        return RulePoint(alpha, multiplier, values, quantities, cost, slack, objective)

    def payments(self, quantities: tuple[FloatArray, ...]) -> list[FloatArray]:
        """Return the largest payments that participation allows."""
        seen: dict[tuple[int, int], FloatArray] = {}
        for group, share, agent, quantity in zip(
            self.groups, self._shares, self.environment.agents, quantities, strict=True
        ):
            key = group, id(quantity)
            if key not in seen:
                seen[key] = payment_of_owner(agent.types, quantity, share)
        return [seen[g, id(q)] for g, q in zip(self.groups, quantities, strict=True)]

    def allocation(self, points: tuple[RulePoint, ...], weights: tuple[float, ...]) -> Allocation:
        """Return the mixture of the lotteries of some points."""
        parts = [
            (weight * each, ranks)
            for point, weight in zip(points, weights, strict=True)
            if isinstance(point, OwnerPoint) and point.lottery is not None
            for each, ranks in zip(point.lottery.weights, point.lottery.ranks, strict=True)
        ]
        ranks = tuple(part for _, part in parts)
        return EvenRule(ranks, tuple(weight for weight, _ in parts), self.groups)

    def nothing(self, dual: RulePoint) -> RulePoint:
        """Return a rule under which each type wins as often as it owns, with a dual's multiplier.

        Nobody then gains anything, and no money is needed.
        """
        flat = [np.zeros(types.num_cells) for types in self._spaces]
        shares = [self._shares[i] for i in self._firsts]
        tops = [own + 2.0 for own in flat]
        lottery = self._search(shares, tops, [own + 1.0 for own in flat]).lottery()
        quantity = tuple(np.full(flat[g].size, self._shares[i]) for i, g in enumerate(self.groups))
        return OwnerPoint(
            dual.alpha, dual.multiplier, dual.values, quantity, 0.0, 0.0,
            sum(
                weight * share * float(agent.types.mass @ agent.types.mean)
                for weight, share, agent in zip(
                    self.weights, self._shares, self.environment.agents, strict=True
                )
            ),
            lottery=lottery,
        )  # fmt: skip

    def multipliers(
        self, point: RulePoint, *, total: float, weights: tuple[float, ...], prescribed: bool
    ) -> dict[str, FloatArray]:
        """Return the multipliers of incentives, participation and ironing.

        Participation binds at one critical type, or at its neighbours among the ends of cells: the
        virtual valuations follow from there by ironing. For a prescribed rule it is the type at
        which quantities reach the share.
        """
        duals = {}
        for i, agent in enumerate(self.environment.agents):
            types, name = agent.types, agent.name
            share = total - weights[i]
            below = accumulated(types.mass)
            ironing = np.zeros(types.num_cells)
            if prescribed:
                ends = _crossing(types, point.quantity[i], self._shares[i])
            else:
                ends = _critical(types, point.values[i], share / total)
                rent, later = (_rents(ends, types, at) for at in (types.upper, types.lower))
                raw = np.minimum(
                    types.upper * below - rent,
                    np.append(types.lower[1:] * below[:-1] - later[1:], np.inf),
                )
                gains = types.mass * ((1.0 - share / total) * types.mean - point.values[i])
                ironing = np.maximum(share * raw + total * accumulated(gains), 0.0)
            at_ends = np.zeros((2, types.num_cells))
            for which, k, weight in ends:
                at_ends[which, k] += share * weight
            net = share * below - accumulated(at_ends.sum(axis=0))
            duals[f"{name}_ic_up"] = np.maximum(net[:-1], 0.0)
            duals[f"{name}_ic_down"] = np.maximum(-net[:-1], 0.0)
            duals[f"{name}_participation_lower"] = at_ends[0]
            duals[f"{name}_participation_upper"] = at_ends[1]
            duals[f"{name}_monotonicity"] = ironing[:-1]
        return {key: sealed(own) for key, own in duals.items()}


# An end of a cell, lower (0) or upper (1), the cell, and the weight of participation there.
End = tuple[int, int, float]


def _critical(types: TypeSpace, values: FloatArray, rents: float) -> list[End]:
    """Return the ends of cells around the type whose participation virtual valuations weigh.

    Virtual valuations with a weight on rents average to the mean type, and to that type.
    """
    if rents <= 0.0:
        return [(0, 0, 1.0)]
    mean = float(types.mass @ types.mean)
    at = mean + (float(types.mass @ values) - mean) / rents
    at = min(max(at, types.lowest), types.highest)
    k = int(np.searchsorted(types.lower, at, "right")) - 1
    low, high = float(types.lower[k]), float(types.upper[k])
    if at <= high:
        part = (at - low) / (high - low) if high > low else 0.0
        return [(0, k, 1.0 - part), (1, k, part)]
    after = float(types.lower[k + 1])
    part = (at - high) / (after - high)
    return [(int(high > low), k, 1.0 - part), (0, k + 1, part)]


def _crossing(types: TypeSpace, quantity: FloatArray, share: float) -> list[End]:
    """Return the ends of cells between which quantities reach the share, and their weights."""
    k = int(np.searchsorted(quantity, share))
    if k == 0:
        return [(0, 0, 1.0)]
    wide = int(types.upper[k - 1] > types.lower[k - 1])
    if k == types.num_cells:
        return [(wide, k - 1, 1.0)]
    part = float(accumulated(types.mass)[k - 1])
    return [(wide, k - 1, part), (0, k, 1.0 - part)]


def _rents(ends: list[End], types: TypeSpace, at: FloatArray) -> FloatArray:
    """Return the sums up to some types of how much participation is weighed below them."""
    points = [float((types.upper if which else types.lower)[k]) for which, k, _ in ends]
    parts = zip(points, ends, strict=True)
    below = [end[2] * np.maximum(at - point, 0.0) for point, end in parts]
    return np.asarray(np.add.reduce(below))
