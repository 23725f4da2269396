"""Whether a reduced form can be implemented: chances of winning, by type, of agents in groups."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray, IndexArray, accumulated, frozen, shown
from mechopt._util.given import given_numbers
from mechopt._util.rationals import FractionArray, as_fraction
from mechopt.environments.border import most_won
from mechopt.environments.members import MOST_AGENTS, require_whole
from mechopt.environments.ranking import chances_to_be_first
from mechopt.errors import InvalidInputError, TooLargeError, require
from mechopt.types import TypeSpace

# What is not known in fractions is judged with this much room, in units of the good.
ROOM = 1e-9
# Numbers in an array over all sets that may bind.
MOST_NUMBERS = 5_000_000
# So many sets that may be the worst are compared in fractions, if sums have no more products.
MOST_EXACT = 1_000
LONGEST_SUMS = 50_000
MOST_ROUNDS = 1_000


@dataclass(frozen=True, eq=False)
class Group:
    """Agents with the same prior, and how likely each of their types wins a unit.

    Parameters
    ----------
    types
        The type space of each.
    winning : array of shape (num_types,)
        For each type the probability that it wins, averaged over the others' types. Fractions and
        texts such as ``"2/3"`` are exact; floats are judged with room for rounding.
    count
        How many agents there are.

    Raises
    ------
    InvalidInputError
        For numbers that are no probabilities, or not one for each type.

    Examples
    --------
    >>> from mechopt import TypeSpace
    >>> Group(TypeSpace.finite([0, 1]), ["1/4", "3/4"], count=2).chances
    array([0.25, 0.75])
    """

    types: TypeSpace
    winning: Sequence[Any] | npt.NDArray[Any]
    count: int = 1
    chances: FloatArray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        require(self.types, TypeSpace, where="types", remedy="Pass a TypeSpace.")
        require_whole("count", self.count, 1, MOST_AGENTS)
        chances, _ = given_numbers(self.winning, "winning")
        if chances.size != self.types.num_cells:
            raise InvalidInputError(
                "not one probability for each type",
                where="winning",
                expected=f"{self.types.num_cells} numbers",
                got=f"{chances.size}",
                remedy="Give the probability of winning of each type, in their order.",
            )
        wrong = np.flatnonzero(~((chances >= 0.0) & (chances <= 1.0)))
        if wrong.size:
            raise InvalidInputError(
                "not a probability of winning",
                where=f"winning[{wrong[0]}]",
                expected="a number from 0 to 1",
                got=shown(chances[wrong[0]]),
                remedy="Correct it.",
            )
        object.__setattr__(self, "chances", frozen(chances))

    @cached_property
    def in_fractions(self) -> tuple[FractionArray, FractionArray] | None:
        """Probabilities of types, and of winning, in fractions; None where either is rounded."""
        if any(isinstance(value, (float, np.floating)) for value in self.winning):
            return None
        try:
            mass = self.types.in_fractions().mass
        except InvalidInputError:
            return None
        return mass, np.array([as_fraction(value) for value in self.winning], dtype=object)

    @cached_property
    def levels(self) -> tuple[IndexArray, ...]:
        """The sets of types that win at least so often, from none to all, each in order."""
        order = np.argsort(-self.chances, kind="stable")
        ends = np.flatnonzero(np.diff(self.chances[order], append=-1.0)) + 1
        return tuple(np.sort(order[:end]) for end in (0, *ends.tolist()))


Chosen = tuple[tuple[int, ...], ...]
"""A set of types: for each group the positions of its types."""


@dataclass(frozen=True)
class Implementability:
    """Whether a reduced form can be implemented, and the set of types that decides it.

    Parameters
    ----------
    implementable
        Whether some rule gives each type its chance of winning.
    largest_violation
        How many more units than they can the types of some set would win, in expectation, at most;
        zero if none would. A Fraction where all numbers are known exactly.
    violated_set
        For each group the positions of the types of that set; None if no set is violated.
    tightest_set, won, most
        The set that comes nearest to its bound, or exceeds it most, what its types win together and
        what they can win at most.
    num_sets
        How many sets were compared; None where the worst one was searched for.
    exact
        Whether the verdict is one in fractions. Else violations up to 1e-9 count as rounding.
    """

    implementable: bool
    largest_violation: Fraction | float
    violated_set: Chosen | None
    tightest_set: Chosen
    won: Fraction | float
    most: Fraction | float
    num_sets: int | None
    exact: bool

    def __bool__(self) -> bool:
        return self.implementable


def implementable(groups: Sequence[Group], units: int = 1) -> Implementability:
    """Decide whether some rule gives all types of all agents their chances of winning.

    So it is if and only if the types of no set win more units, in expectation, than there are
    units or agents with such types, whichever is less. Of each agent's types, those with the
    largest chances are the worst set for given sets of the others, and identical agents have the
    same one, so that few sets have to be compared. Where groups make them too many, the worst set
    is found by a linear program over rules that rank types, which proves that none is worse.

    Parameters
    ----------
    groups
        Agents with independent types, in groups of identical ones with the same chances.
    units
        How many units there are; each agent gets one or none, and units may remain.

    Returns
    -------
    Implementability
        With the set of types that is violated most: a certificate that :func:`violation` checks.

    Raises
    ------
    InvalidInputError
        For groups or units that are none.

    Notes
    -----
    Source: theory.md, section 6.1; Border (1991), Econometrica 59, 1175-1187; Che, Kim and
    Mierendorff (2013), Econometrica 81, 2487-2520.

    Examples
    --------
    >>> from mechopt import TypeSpace
    >>> from mechopt.reduced_forms import Group
    >>> coins = TypeSpace.finite([0, 1])
    >>> bool(implementable([Group(coins, ["1/4", "3/4"], count=2)]))
    True
    >>> found = implementable([Group(coins, [0, "4/5"], count=2)])
    >>> found.implementable, found.largest_violation, found.violated_set
    (False, Fraction(1, 20), ((1,),))
    """
    require(groups, (tuple, list), where="groups", remedy="Pass a list of groups.")
    for group in groups:
        require(group, Group, where="groups", remedy="Pass Group(types, winning, count).")
    require_whole("units", units, 1, None)
    require_whole("number of groups", len(groups), 1, MOST_AGENTS)
    numbers = min(units, sum(group.count for group in groups))
    for group in groups:
        numbers *= len(group.levels)
    if numbers <= MOST_NUMBERS:
        return _by_comparison(groups, units)
    return _by_rules(groups, units)


def violation(
    groups: Sequence[Group], chosen: Sequence[Sequence[int]], units: int = 1
) -> Fraction | float:
    """Return how many more units the types of a set win than they can; below zero if fewer.

    It is computed from the definition: in fractions where all numbers are known exactly.

    Parameters
    ----------
    groups, units
        As of :func:`implementable`.
    chosen
        For each group the positions of its types in the set.

    Examples
    --------
    >>> from mechopt import TypeSpace
    >>> from mechopt.reduced_forms import Group
    >>> group = Group(TypeSpace.finite([0, 1]), [0, "4/5"], count=2)
    >>> violation([group], [[1]]), violation([group], [[0, 1]])
    (Fraction(1, 20), Fraction(-1, 5))
    """
    require(groups, (tuple, list), where="groups", remedy="Pass a list of groups.")
    fits = len(chosen) == len(groups) and all(
        set(own) <= set(range(group.types.num_cells)) and len(set(own)) == len(own)
        for group, own in zip(groups, chosen, strict=True)
    )
    if not fits:
        raise InvalidInputError(
            "not a set of types",
            where="chosen",
            expected="for each group a list of positions of its types, each at most once",
            got=shown(repr(chosen)),
            remedy="Count types from 0; give an empty list for a group without types in the set.",
        )
    won, most = _sides(groups, chosen, units, exact=_is_exact(groups, units))
    excess: Fraction | float = won - most
    return excess


def _is_exact(groups: Sequence[Group], units: int) -> bool:
    """Return whether all numbers are known in fractions, and sums of products are not too long."""
    known = all(group.in_fractions is not None for group in groups)
    return known and units * units * len(groups) <= LONGEST_SUMS


def _sides(
    groups: Sequence[Group], chosen: Sequence[Sequence[int]], units: int, *, exact: bool
) -> tuple[Any, Any]:
    """Return what the types of a set win together, and the most that they can win."""
    won: Any = Fraction(0) if exact else 0.0
    chances: list[Any] = []
    for group, own in zip(groups, chosen, strict=True):
        known = group.in_fractions if exact else (group.types.mass, group.chances)
        assert known is not None
        mass, winning = (values[list(own)] for values in known)
        won += group.count * sum(mass * winning, 0 * won)
        # Floats that sum to one are one only up to rounding.
        whole = len(own) == group.types.num_cells
        chance = won * 0 + 1 if whole else sum(mass, 0 * won)
        chances.append(chance if exact else np.array([min(chance, 1.0)]))
    most = most_won([group.count for group in groups], chances, units)
    return (won, Fraction(most)) if exact else (float(won), float(most[0]))


def _by_comparison(groups: Sequence[Group], units: int) -> Implementability:
    """Compare all sets of types that win at least so often, of each group."""
    shape = tuple(len(group.levels) for group in groups)
    won, chances = np.zeros(shape), []
    for axis, group in enumerate(groups):
        along = tuple(-1 if other == axis else 1 for other in range(len(groups)))
        mass, own = group.types.mass, group.types.mass * group.chances
        won = won + group.count * _sums(group, own).reshape(along)
        chance = np.minimum(_sums(group, mass), 1.0)
        chance[-1] = 1.0
        chances.append(chance.reshape(along))
    most = most_won([group.count for group in groups], chances, units)
    excess = np.asarray(won - np.broadcast_to(most, shape)).ravel()
    # The empty set exceeds nothing, whatever the chances.
    near = 1 + np.flatnonzero(excess[1:] >= max(float(excess[1:].max()), 0.0) - ROOM)
    if not near.size:
        near = 1 + np.array([int(np.argmax(excess[1:]))])
    exact = _is_exact(groups, units) and near.size <= MOST_EXACT
    if not exact:
        near = near[[int(np.argmax(excess[near]))]]
    sets = (_set_at(groups, np.unravel_index(place, shape)) for place in near)
    return _judged(groups, units, sets, exact=exact, num_sets=excess.size)


def _sums(group: Group, values: FloatArray) -> FloatArray:
    """Return the sums of values over the sets of a group's types that win at least so often."""
    order = np.argsort(-group.chances, kind="stable")
    ends = [level.size for level in group.levels]
    return np.concatenate([[0.0], accumulated(values[order])])[ends]


def _set_at(groups: Sequence[Group], places: Sequence[Any]) -> Chosen:
    return tuple(
        tuple(group.levels[int(place)].tolist())
        for group, place in zip(groups, places, strict=True)
    )


def _judged(
    groups: Sequence[Group],
    units: int,
    sets: Iterable[Chosen],
    *,
    exact: bool,
    num_sets: int | None,
) -> Implementability:
    """Return the verdict by the worst of some sets, with its numbers computed from it alone."""
    found = [(chosen, *_sides(groups, chosen, units, exact=exact)) for chosen in sets]
    chosen, won, most = max(found, key=lambda each: each[1] - each[2])
    worst = max(won - most, 0 * won)
    fits = worst <= (0 if exact else ROOM)
    return Implementability(
        bool(fits), worst, None if fits else chosen, chosen, won, most, num_sets, exact
    )


def _by_rules(groups: Sequence[Group], units: int) -> Implementability:
    """Find the set that is violated most by a linear program over rules that rank types.

    The least shortage of mixtures of rules is the largest violation of any set (min-cut); its
    multipliers value each type from 0 to 1, and the rule that is best at such values enters next.
    In the end no rule is better, and some set of the types above a value is violated as much as
    there is shortage.
    """
    from scipy.optimize import linprog

    wanted = np.concatenate([group.count * group.types.mass * group.chances for group in groups])
    values = np.ones(wanted.size)
    rules: list[FloatArray] = []
    solver: Any = linprog
    for _ in range(MOST_ROUNDS):
        rules.append(_rule(groups, values, units))
        matrix = np.column_stack([*rules, np.eye(wanted.size)])
        cost = np.append(np.zeros(len(rules)), np.ones(wanted.size))
        mixture = np.append(np.ones(len(rules)), np.zeros(wanted.size))[None]
        found = solver(
            cost, A_ub=-matrix, b_ub=-wanted, A_eq=mixture, b_eq=[1.0], bounds=(0, None),
            options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
        )  # fmt: skip
        if not found.success:
            break
        weights = np.maximum(found.x[: len(rules)], 0.0)
        given = np.column_stack(rules) @ (weights / weights.sum())
        short = float(np.maximum(wanted - given, 0.0).sum())
        values = np.clip(-found.ineqlin.marginals, 0.0, 1.0)
        chosen = _worst_level(groups, values, units)
        won, most = _sides(groups, chosen, units, exact=False)
        if short <= max(won - most, 0.0) + ROOM:
            exact = _is_exact(groups, units)
            judged = _judged(groups, units, [chosen], exact=exact, num_sets=None)
            # Fractions prove that a set is violated; that none is, floats say.
            if judged.exact and judged.implementable:
                return _judged(groups, units, [chosen], exact=False, num_sets=None)
            return judged
    raise TooLargeError(
        f"the worst set of {wanted.size:,} types in {len(groups):,} groups was not found in "
        f"{MOST_ROUNDS:,} rounds. Put identical agents into one group, or use fewer types."
    )


def _rule(groups: Sequence[Group], values: FloatArray, units: int) -> FloatArray:
    """Return what the types of each group win together if the largest values above zero win."""
    own = np.split(values, np.cumsum([group.types.num_cells for group in groups])[:-1])
    each = [i for i, group in enumerate(groups) for _ in range(group.count)]
    masses = [groups[i].types.mass for i in each]
    chances = chances_to_be_first([own[i] for i in each], masses, units, 0.0)
    won = [np.zeros(group.types.num_cells) for group in groups]
    for i, mass, chance in zip(each, masses, chances, strict=True):
        won[i] += mass * chance
    return np.concatenate(won)


def _worst_level(groups: Sequence[Group], values: FloatArray, units: int) -> Chosen:
    """Return the set of the types above some value that is violated most."""
    own = np.split(values, np.cumsum([group.types.num_cells for group in groups])[:-1])
    levels = np.unique(values[values > 0.0])
    chances, won = [], np.zeros(levels.size)
    for group, value in zip(groups, own, strict=True):
        inside = value[None, :] >= levels[:, None]
        won += group.count * (inside @ (group.types.mass * group.chances))
        chances.append(np.where(inside.all(axis=1), 1.0, np.minimum(inside @ group.types.mass, 1)))
    if not levels.size:
        return tuple(() for _ in groups)
    excess = won - most_won([group.count for group in groups], chances, units)
    level = levels[int(np.argmax(excess))]
    return tuple(tuple(np.flatnonzero(value >= level).tolist()) for value in own)
