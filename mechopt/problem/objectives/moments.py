"""Sets of priors: known moments or marginals, and balls in total variation."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from mechopt._util.arrays import FloatArray, shown
from mechopt._util.rationals import FractionArray, as_fraction, fraction_array
from mechopt._util.registry import saved_as
from mechopt._util.saving import LATER
from mechopt.environments import Environment
from mechopt.errors import InvalidInputError, require
from mechopt.problem.linear import NumberArray
from mechopt.problem.objectives.prior_sets import Condition, PriorSet, same, summed
from mechopt.problem.objectives.priors import if_independent
from mechopt.types import TypeTable
from mechopt.types.prior import Joint


@saved_as("mechopt.Moments")
@dataclass(frozen=True)
class Moments(PriorSet):
    """Priors under which some functions of the profile have given expectations, or ranges of them.

    Parameters
    ----------
    functions
        Each an array over the profiles, as nested lists or in row-major order: numbers, or texts of
        fractions.
    lower, upper
        Bounds on the expectation of each; None for none. Equal ones say that it is known.
    inside
        Probabilities of the profiles, as for ``functions``, under which all of this may hold; it
        saves the search for such a prior. None unless given.

    Raises
    ------
    InvalidInputError
        For other numbers of bounds than functions, numbers that are not finite, and bounds in the
        wrong order. In a problem with another number of profiles, or if no prior with a positive
        probability for every profile is within the bounds.

    Examples
    --------
    >>> fair = Moments([[0, 1, 2]], ["1/2"], [1])
    >>> fair.functions, fair.lower, fair.upper
    ((('0', '1', '2'),), ('1/2',), ('1',))
    """

    functions: tuple[tuple[str, ...], ...]
    lower: tuple[str | None, ...]
    upper: tuple[str | None, ...]
    inside: tuple[str, ...] = field(default=(), repr=False, compare=False, metadata={LATER: True})

    def __post_init__(self) -> None:
        listed = [texts_of("functions", each) for each in sequence("functions", self.functions)]
        bounds = [
            [None if each is None else texts_of(name, [each])[0] for each in sequence(name, given)]
            for name, given in (("lower", self.lower), ("upper", self.upper))
        ]
        for name, given in zip(("lower", "upper"), bounds, strict=True):
            if len(given) != len(listed):
                raise no_set(name, f"{len(listed)} bounds, one per function", str(len(given)))
        for low, high in zip(*bounds, strict=True):
            if low is None is high or (low and high and as_fraction(low) > as_fraction(high)):
                raise no_set("lower", "a lower bound, an upper one not below it, or both",
                              f"{low} and {high}")  # fmt: skip
        object.__setattr__(self, "functions", tuple(listed))
        object.__setattr__(self, "lower", tuple(bounds[0]))
        object.__setattr__(self, "upper", tuple(bounds[1]))
        object.__setattr__(self, "inside", texts_of("inside", self.inside))

    @property
    def in_words(self) -> str:
        """How many expectations are known."""
        count = len(self.functions)
        return f"{count} known moment{'' if count == 1 else 's'}"

    def slacks(self, shape: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
        """Return the room that ranges leave."""
        del shape
        found: dict[str, tuple[int, ...]] = {}
        for place, (low, high) in enumerate(zip(self.lower, self.upper, strict=True), start=1):
            if low == high:
                continue
            found |= {f"above_{place}": (1,)} if low is not None else {}
            found |= {f"below_{place}": (1,)} if high is not None else {}
        return found

    def conditions(self, shape: tuple[int, ...], *, exact: bool) -> tuple[Condition, ...]:
        """Return that expectations are within their bounds."""
        found = [total(shape, exact=exact)]
        bounds = zip(self.functions, self.lower, self.upper, strict=True)
        for place, (function, low, high) in enumerate(bounds, start=1):
            numbers = _numbers(function, exact=exact)
            if low == high:
                found.append(Condition(f"moment_{place}", numbers, {}, number(low, exact=exact)))
                continue
            for word, sign, bound in (("above", -1, low), ("below", 1, high)):
                if bound is not None:
                    room = same(number(str(sign), exact=exact), 1)
                    slack, target = {f"{word}_{place}": room}, number(bound, exact=exact)
                    found.append(Condition(f"moment_{word}_{place}", numbers, slack, target))
        return tuple(found)

    def middle(self, shape: tuple[int, ...]) -> FloatArray:
        """Return the prior that is said to be inside, if it is, or else one that is found."""
        prior = fraction_array(map(as_fraction, self.inside))
        if prior.size != math.prod(shape) or min(prior) <= 0:
            return super().middle(shape)
        for condition in self.conditions(shape, exact=True):
            room = condition.target - condition.prior @ prior
            weights = [part.value[0] for part in condition.slack.values()]
            if room / weights[0] <= 0 if weights else room != 0:
                return super().middle(shape)
        floats = prior.astype(np.float64)
        slacks = self.slacks_of(floats.reshape(shape))
        return np.concatenate([floats, *(slacks[name] for name in self.slacks(shape))])

    def slacks_of(self, prior: FloatArray) -> dict[str, FloatArray]:
        """Return how far expectations are from their bounds."""
        found = {}
        for condition in self.conditions(prior.shape, exact=False):
            for name, part in condition.slack.items():
                away = condition.target - condition.prior @ prior.ravel()
                found[name] = part.value * away
        return found

    def require_fits(self, environment: Environment) -> None:
        """Raise InvalidInputError unless functions have a number for every profile."""
        for function in self.functions:
            if len(function) != environment.num_profiles:
                raise no_set(
                    "functions",
                    f"{environment.num_profiles} numbers, one for every profile",
                    str(len(function)),
                )
        self.require_inside(environment.shape)

    def _most_slack(self) -> float:
        numbers = [_numbers(function, exact=False) for function in self.functions]
        given = [bound for bound in (*self.lower, *self.upper) if bound is not None]
        every = (*numbers, _numbers(given, exact=False))
        return 2.0 * max(float(np.abs(each).max(initial=0.0)) for each in every)


@saved_as("mechopt.Near")
@dataclass(frozen=True)
class Near(PriorSet):
    """Priors within a distance of one in total variation.

    No event is more probable under one of them than under that one by more than the distance.

    Parameters
    ----------
    prior
        The middle of the ball; it may give types no probability.
    distance
        Between 0 and 1: half the sum of absolute differences of probabilities.

    Raises
    ------
    InvalidInputError
        For another distance; in a problem with other numbers of types.

    Examples
    --------
    >>> from mechopt import Joint
    >>> Near(Joint([["1/4", "1/4"], ["1/4", "1/4"]]), "1/10").distance
    '1/10'
    """

    prior: Joint
    distance: str

    def __post_init__(self) -> None:
        require(self.prior, Joint, where="prior", remedy="Pass Joint([[0.5, 0], [0, 0.5]]), say.")
        (distance,) = texts_of("distance", [self.distance])
        if not 0 < as_fraction(distance) <= 1:
            raise no_set("distance", "a number above 0 and at most 1", distance)
        object.__setattr__(self, "distance", distance)

    @property
    def in_words(self) -> str:
        """How far they may lie."""
        return f"priors within {self.distance} of one"

    def slacks(self, shape: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
        """Return by how much probabilities are raised and lowered, and what is left."""
        return {"raised": shape, "lowered": shape, "left": (1,)}

    def conditions(self, shape: tuple[int, ...], *, exact: bool) -> tuple[Condition, ...]:
        """Return by how much probabilities differ, and that this is within the distance."""
        size = math.prod(shape)
        one: Any = Fraction(1) if exact else 1.0
        middle = self.prior.in_fractions() if exact else self.prior.density()
        moved = {"raised": same(-one, size), "lowered": same(one, size)}
        sizes = {"raised": size, "lowered": size, "left": 1}
        reach = {name: summed(np.full(number, one)) for name, number in sizes.items()}
        twice = 2 * number(self.distance, exact=exact)
        return (
            total(shape, exact=exact),
            Condition("moved", np.full(size, one), moved, middle.ravel(), by_profile=True),
            Condition("distance", np.full(size, 0 * one), reach, twice),
        )

    def middle(self, shape: tuple[int, ...]) -> FloatArray:
        """Return the middle of the ball, mixed with equal chances for all profiles."""
        size, distance = math.prod(shape), float(as_fraction(self.distance))
        centre = self.prior.density().ravel()
        inside = centre + 0.25 * distance * (1.0 / size - centre)
        away, room = inside - centre, 0.25 * distance / size
        raised, lowered = np.maximum(away, 0.0) + room, np.maximum(-away, 0.0) + room
        left = 2.0 * distance - raised.sum() - lowered.sum()
        return np.concatenate([inside, raised, lowered, [left]])

    def slacks_of(self, prior: FloatArray) -> dict[str, FloatArray]:
        """Return by how much probabilities are raised and lowered, and what is left."""
        away = (prior - self.prior.density()).ravel()
        left = 2.0 * float(as_fraction(self.distance)) - float(np.abs(away).sum())
        return {
            "raised": np.maximum(away, 0.0),
            "lowered": np.maximum(-away, 0.0),
            "left": np.array([left]),
        }

    def require_fits(self, environment: Environment) -> None:
        """Raise InvalidInputError unless the prior is one of these types."""
        if self.prior.shape != environment.shape:
            raise no_set("prior", f"probabilities of shape {environment.shape}",
                          f"shape {self.prior.shape}")  # fmt: skip

    def _most_slack(self) -> float:
        return 2.0


def known_means(environment: Environment, means: Mapping[str, Any]) -> Moments:
    """Return the priors under which types of some agents have given means.

    Parameters
    ----------
    environment
        Whose types are numbers.
    means
        Name of each agent -> mean of its type, or a pair of bounds on it.

    Raises
    ------
    InvalidInputError
        For agents that there are not, and types that are no numbers.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> trade = BilateralTrade(TypeSpace.finite([0, 1]), TypeSpace.finite([0, 2]))
    >>> known_means(trade, {"buyer": "3/2"}).functions
    (('0', '2', '0', '2'),)
    """
    require(means, Mapping, where="means", remedy="Give a mean by the name of each agent.")
    functions, lower, upper = [], [], []
    for name, mean in means.items():
        i = environment.index_of(name)
        types = environment.agents[i].types
        if not types.is_ordered:
            raise no_set(
                f"means of {name}",
                "types that are numbers",
                f"{types}",
                "State what is known of the probabilities of such types, with moments or a ball.",
            )
        own = np.unravel_index(np.arange(environment.num_profiles), environment.shape)[i]
        functions.append(fraction_array(exact_means(environment, i))[own].tolist())
        pair = mean if isinstance(mean, (tuple, list)) else (mean, mean)
        lower.append(pair[0])
        upper.append(pair[-1])
    return Moments(functions, lower, upper, _independent(environment))  # type: ignore[arg-type]


def known_marginals(environment: Environment) -> Moments:
    """Return the priors that give each agent's types the probabilities that they have.

    How agents' types hang together is open. With a single agent whose types are rows of values, one
    per good, every value of each good keeps its probability, and how goods' values hang together is
    open among the combinations that are rows of the table; with all combinations, this is Carroll
    (2017), doi:10.3982/ECTA14165.

    Raises
    ------
    InvalidInputError
        If probabilities are not known in fractions.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> coin = TypeSpace.finite([0, 1], ["1/4", "3/4"])
    >>> known_marginals(BilateralTrade(coin, coin)).lower
    ('3/4', '3/4')
    """
    functions, known = [], []
    profiles = np.unravel_index(np.arange(environment.num_profiles), environment.shape)
    for i, agent in enumerate(environment.agents):
        cells = agent.in_fractions()
        columns = [np.arange(len(cells.mass))]
        if len(environment.agents) == 1 and isinstance(agent.types, TypeTable):
            columns = [np.unique(column, return_inverse=True)[1] for column in agent.types.mean.T]
        for column in columns:
            # The first follows from the others.
            for value in range(1, int(column.max()) + 1):
                functions.append((column[profiles[i]] == value).astype(int).tolist())
                known.append(sum(cells.mass[column == value].tolist(), Fraction(0)))
    return Moments(functions, known, known, _independent(environment))  # type: ignore[arg-type]


def _independent(environment: Environment) -> list[str]:
    """Return the probabilities of the profiles if types were independent; none if not known."""
    try:
        return list(map(str, if_independent(environment).ravel()))
    except InvalidInputError:
        return []


def exact_means(environment: Environment, i: int) -> list[Fraction]:
    """Return an agent's types as fractions, floats as the decimals that they print as."""
    agent = environment.agents[i]
    try:
        return list(agent.in_fractions().mean.tolist())
    except InvalidInputError:
        return [as_fraction(value) for value in agent.types.mean.tolist()]


def total(shape: tuple[int, ...], *, exact: bool) -> Condition:
    """Return that probabilities sum to one."""
    one: Any = Fraction(1) if exact else 1.0
    return Condition("total", np.full(math.prod(shape), one), {}, one)


def sequence(where: str, given: Any) -> Sequence[Any]:
    """Return a list of what is given, or raise InvalidInputError where that is no list."""
    if isinstance(given, (str, Mapping)) or not np.iterable(given):
        raise no_set(where, "a list", shown(repr(given)))
    return list(given)


def texts_of(where: str, given: Any) -> tuple[str, ...]:
    """Return numbers, in nested lists or none, as texts of fractions in row-major order."""
    texts: list[str] = []
    for each in sequence(where, given):
        if not isinstance(each, str) and np.iterable(each):
            texts += texts_of(where, each)
            continue
        try:
            texts.append(str(as_fraction(each.item() if isinstance(each, np.generic) else each)))
        except (ValueError, TypeError, ArithmeticError) as error:
            raise no_set(where, "finite numbers", shown(repr(each))) from error
    return tuple(texts)


def _numbers(texts: Sequence[str], *, exact: bool) -> NumberArray:
    # Functions of profiles, such as marginals, have few values: each is read once.
    read = {text: as_fraction(text) for text in set(texts)}
    found: FractionArray = fraction_array(read[text] for text in texts)
    return found if exact else np.asarray(found, dtype=np.float64)


def number(text: str | None, *, exact: bool) -> Any:
    """Return the text of a number as a fraction or as a float; none is zero."""
    found = as_fraction(text or "0")
    return found if exact else float(found)


def no_set(where: str, expected: str, got: str, remedy: str = "Correct it.") -> InvalidInputError:
    """Return the error of what describes no set of priors."""
    return InvalidInputError(
        "no set of priors",
        where=where,
        expected=expected,
        got=got,
        remedy=remedy,
    )
