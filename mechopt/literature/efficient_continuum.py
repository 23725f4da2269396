"""What efficient outcomes bring, and leave after information rents, over continuous priors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray
from mechopt.environments import Environment
from mechopt.environments.auction import IdenticalGoods
from mechopt.environments.market import TwoSides
from mechopt.environments.procurement import Purchases
from mechopt.environments.public_good import SharedProject
from mechopt.environments.screening import Qualities
from mechopt.errors import UnsupportedProblemError
from mechopt.studies.first_best import to_ends
from mechopt.types import TypeSpace

# Cells of each prior, finer where these leave the sign of the slack open.
SIZES = (1_000, 8_000)
# Where outcomes are chosen profile by profile, so many of the ends of cells at most.
MOST_PROFILES = 250_000
# Steps of the lattice on which sums of consumers' values lie, for each consumer.
LATTICE = 1 << 11
ROUNDING = 64 * float(np.finfo(np.float64).eps)
PROVIDED_TO_SOME = (
    "some sums of values exceed the cost and others do not, so that the payments of the pivotal "
    "mechanism are above the cost in no profile, and below it in some"
)
SUBSTITUTES = (
    "what an agent gets never makes another's worth more, so that the payments of the pivotal "
    "mechanism cover the cost"
)
# Of these, what an agent gets moves one way in all other agents' types.
ONE_WAY = (IdenticalGoods, TwoSides, SharedProject, Qualities, Purchases)
Law = tuple[FloatArray, FloatArray]


@dataclass(frozen=True)
class Within:
    """A number of the continuum: bounds on it and an estimate between them, in money."""

    lower: float
    value: float
    upper: float

    def plus(self, other: Within, times: float = 1.0) -> Within:
        """Return the sum with a multiple of another."""
        ends = sorted((times * other.lower, times * other.upper))
        return Within(self.lower + ends[0], self.value + times * other.value, self.upper + ends[1])


@dataclass(frozen=True)
class EfficientContinuum:
    """What the efficient rule brings over continuous priors.

    Parameters
    ----------
    slack
        Expected gains less information rents: the most that payments can bring beyond the cost.
    first_best
        Expected gains.
    never_negative
        Why the slack is known not to be negative, whatever its size; empty where it is not.
    negative
        Why it is known to be negative, likewise.
    """

    slack: Within
    first_best: Within
    never_negative: str
    negative: str


def efficient_continuum(environment: Environment) -> EfficientContinuum:
    """Return bounds on the slack of the efficient rule over continuous priors, and on its gains.

    Parameters
    ----------
    environment
        Agents of continuous priors, of whom each gives or receives, and whose outside options are
        worth nothing; without gaps in the priors of outcomes of one's own.

    Raises
    ------
    UnsupportedProblemError
        For other agents.

    Notes
    -----
    Rents follow from the rule, and the pivotal mechanism has the rule: the utility of type t is
    ``E[W | t] - E[W | worst]``, W the largest gains in a profile. So the slack is ``sum_i E[W |
    worst_i] - (n-1) E[W]``. Each expectation lies between those over the means of cells and over
    their ends, for W is convex in each type; Simpson's mean of the two is the estimate. Source:
    theory.md, section 6.7; Krishna and Perry (1998); Williams (1999).

    Examples
    --------
    >>> from scipy import stats
    >>> from mechopt import PublicGood
    >>> types = TypeSpace.from_distribution(stats.uniform(0, 1), 2)
    >>> found = efficient_continuum(PublicGood(types, cost=1, count=2))
    >>> round(found.slack.value, 6), found.slack.upper - found.slack.lower < 1e-5
    (-0.166667, True)
    """
    _require_continua(environment)
    outcomes, number = environment.outcomes, len(environment.agents)
    gaps = any(_gaps_of(agent.types) for agent in environment.agents)
    substitutes = type(outcomes) is IdenticalGoods or isinstance(outcomes, (Qualities, Purchases))
    theorem = SUBSTITUTES if substitutes or number == 1 else ""
    negative = ""
    for size in SIZES:
        gains = _gains(environment, size)
        first_best, alone = gains.expected(None), _by_worst_off(environment, gains)
        slack = Within(0.0, 0.0, 0.0).plus(first_best, 1.0 - number)
        for own in [*alone, *_across_gaps(environment, gains)]:
            slack = slack.plus(own)
        noise = ROUNDING * number**2 * gains.size if first_best.upper > 0.0 else 0.0
        if abs(slack.value) <= noise:
            slack = Within(slack.lower, 0.0, slack.upper)
        slack = Within(slack.lower - noise, slack.value, slack.upper + noise)
        if theorem:
            slack = Within(max(slack.lower, 0.0), max(slack.value, 0.0), max(slack.upper, 0.0))
        if isinstance(gains, _OfSums):
            negative, sure = gains.why_negative, gains.sure_slack
        else:
            sure = _of_sure_trade(environment)
        if gaps:
            # What payments bring across gaps is not in these.
            negative, sure = "", None
        slack = slack if sure is None else Within(sure, sure, sure)
        decided = slack.lower >= 0.0 or slack.upper < 0.0 or negative
        if decided or outcomes.needs_profiles:
            break
    return EfficientContinuum(slack, first_best, theorem, negative)


class _Gains(Protocol):
    """Expected largest gains, with all agents drawn, one of them worst off, or of a given type."""

    size: float

    def expected(self, worst_off: int | None) -> Within: ...

    def given(self, i: int, own: float) -> Within: ...

    def quantity(self, i: int, own: float) -> Within: ...


def _gaps_of(types: TypeSpace) -> tuple[tuple[float, float], ...]:
    return tuple(types.prior.gaps) if types.prior is not None else ()


def _across_gaps(environment: Environment, gains: _Gains) -> list[Within]:
    """Return what payments bring beyond those of the pivotal mechanism, for each gap of a prior.

    Nobody has a type in a gap, so that a type beyond it need not be kept from reporting one: its
    rent rises by the quantity at the near end times the width, where the pivotal mechanism leaves
    it what gains rise by.
    """
    known: dict[object, list[Within]] = {}
    found: list[Within] = []
    for i, (agent, role) in enumerate(
        zip(environment.agents, environment.outcomes.roles, strict=True)
    ):
        like = (role.gives, agent.types.prior)
        if like not in known:
            known[like] = []
            for low, high in _gaps_of(agent.types):
                assert agent.types.prior is not None
                middle = np.array([0.5 * (low + high)])
                tail = agent.types.prior.below if role.gives else agent.types.prior.above
                chance = float(tail(middle)[0])
                near, far = (high, low) if role.gives else (low, high)
                left = gains.given(i, far).plus(gains.given(i, near), -1.0)
                left = left.plus(gains.quantity(i, near), low - high)
                # Gains are convex in the own type, with the quantity as their slope.
                left = Within(*(max(part, 0.0) for part in (left.lower, left.value, left.upper)))
                known[like].append(Within(0.0, 0.0, 0.0).plus(left, chance))
        found += known[like]
    return found


def _by_worst_off(environment: Environment, gains: _Gains) -> list[Within]:
    """Return the expected gains with each agent worst off; like agents are computed once."""
    symmetric = isinstance(environment.outcomes, (IdenticalGoods, TwoSides, SharedProject))
    known: dict[object, Within] = {}
    found = []
    for i, (agent, role) in enumerate(
        zip(environment.agents, environment.outcomes.roles, strict=True)
    ):
        like = (role.gives, agent.types.prior) if symmetric else i
        if like not in known:
            known[like] = gains.expected(i)
        found.append(known[like])
    return found


def _of_sure_trade(environment: Environment) -> float | None:
    """Return the slack of as many pairs as there are, all of whom trade; None of other agents."""
    outcomes = environment.outcomes
    if not isinstance(outcomes, TwoSides) or outcomes.num_sellers != outcomes.num_buyers:
        return None
    sides = environment.agents[: outcomes.num_sellers], environment.agents[outcomes.num_sellers :]
    highest = max(agent.types.highest for agent in sides[0])
    lowest = min(agent.types.lowest for agent in sides[1])
    if highest > lowest:
        return None
    costs = [-agent.types.highest for agent in sides[0]]
    return math.fsum([*costs, *(agent.types.lowest for agent in sides[1])])


def _gains(environment: Environment, size: int) -> _Gains:
    if isinstance(environment.outcomes, SharedProject):
        return _OfSums(environment, environment.outcomes)
    return _OverCells(environment, size)


class _OverCells:
    """Gains at the means of cells, and with the types of each cell spread to its ends."""

    def __init__(self, environment: Environment, size: int) -> None:
        number = len(environment.agents)
        if environment.outcomes.needs_profiles:
            size = min(size, max(int(MOST_PROFILES ** (1.0 / number)) // 2, 2))
            # Of unequal numbers, ends do not meet, where kinks along a diagonal would lie.
            sizes = [size + i for i in range(number)]
        else:
            sizes = [size] * number
        self._spaces = [
            TypeSpace.from_distribution(agent.types.prior, own)
            for agent, own in zip(environment.agents, sizes, strict=True)
        ]
        self._outcomes = environment.outcomes
        self.size = environment.largest_type * max(
            float(np.abs(environment.outcomes.net_quantity).sum(axis=0).max()), 1.0
        ) * number + float(np.abs(environment.outcomes.cost).sum())

    def expected(self, worst_off: int | None) -> Within:
        low = self._maximum([(types.mean, types.mass) for types in self._spaces], worst_off)
        high = self._maximum([to_ends(types) for types in self._spaces], worst_off)
        return Within(low, (2.0 * low + high) / 3.0, max(low, high))

    def given(self, i: int, own: float) -> Within:
        low = self._maximum([(types.mean, types.mass) for types in self._spaces], i, own)
        high = self._maximum([to_ends(types) for types in self._spaces], i, own)
        return Within(low, (2.0 * low + high) / 3.0, max(low, high))

    def quantity(self, i: int, own: float) -> Within:
        # It moves one way in all others' types, so that the ends of their cells bound it.
        found = []
        for part in ("lower", "mean", "upper"):
            values = [getattr(types, part) for types in self._spaces]
            masses = [types.mass for types in self._spaces]
            values[i], masses[i] = np.array([own]), np.ones(1)
            found.append(abs(float(self._outcomes.interim_best(values, masses)[i][0])))
        return Within(min(found), found[1], max(found))

    def _maximum(
        self, laws: Sequence[Law], worst_off: int | None, own: float | None = None
    ) -> float:
        laws = list(laws)
        if worst_off is not None:
            types = self._spaces[worst_off]
            gives = self._outcomes.roles[worst_off].gives
            worst = types.highest if gives else types.lowest
            laws[worst_off] = np.array([worst if own is None else own]), np.ones(1)
        values, masses = zip(*laws, strict=True)
        return self._outcomes.expected_maximum(values, masses)


class _OfSums:
    """What a sum of consumers' values is expected to exceed the cost of a project by.

    Values are spread to the two neighbouring points of a lattice, which keeps their means and can
    only raise the excess. Each spread is over a step h, and matters where the cost is within it: it
    adds h/4 at most, and h/12 on average over a smooth density.
    """

    def __init__(self, environment: Environment, project: SharedProject) -> None:
        spaces = [agent.types for agent in environment.agents]
        # Of an excludable good, those who lose by it do not use it.
        floor = 0.0 if project.excludable else -np.inf
        self._lowest = [types.lowest for types in spaces]
        self._start = [max(lowest, floor) for lowest in self._lowest]
        spans = [max(t.highest - start, 0.0) for t, start in zip(spaces, self._start, strict=True)]
        self.size = sum(max(abs(t.lowest), abs(t.highest)) for t in spaces) + abs(
            float(project.price)
        )
        self._cost = float(project.price)
        self._most = sum(max(types.highest, floor) for types in spaces)
        self._of_use = sum(span > 0.0 for span in spans)
        self._step = sum(spans) / (LATTICE * len(spaces)) or 1.0
        self._length = 1 << int(np.ceil(np.log2((LATTICE + 3) * len(spaces))))
        transforms: dict[object, npt.NDArray[np.complex128]] = {}
        for types, start in zip(spaces, self._start, strict=True):
            if types.prior not in transforms:
                masses = _on_lattice(types, start, self._step)
                transforms[types.prior] = np.fft.rfft(masses, self._length)
        self._transforms = [transforms[types.prior] for types in spaces]

    @property
    def _least(self) -> float:
        return sum(self._start)

    @property
    def sure_slack(self) -> float | None:
        """The slack where the good is always provided, never, or of use to one; else None."""
        if self._cost >= self._most:
            return 0.0
        if self._of_use == 1:
            return max(math.fsum([*self._start, -self._cost]), 0.0)
        always = self._cost <= self._least and self._start == self._lowest
        return math.fsum([*self._start, -self._cost]) if always else None

    @property
    def why_negative(self) -> str:
        """Why the slack is negative; empty where it is not.

        With ``D = sum(t) - cost >= 0`` the pivotal mechanism takes ``max(t_i - D, lowest_i)``. The
        sum exceeds the cost by ``D - sum(min(t_i - lowest_i, D))``, at most zero where the lowest
        values do not cover the cost.
        """
        some = self._of_use > 1 and self._least < self._cost < self._most
        return PROVIDED_TO_SOME if some else ""

    def expected(self, worst_off: int | None) -> Within:
        if self._cost >= self._most:
            return Within(0.0, 0.0, 0.0)
        return self._excess(worst_off, sum(self._start))

    def given(self, i: int, own: float) -> Within:
        return self._excess(i, self._from(i, own))

    def quantity(self, i: int, own: float) -> Within:
        if self._start[i] > self._lowest[i] and own <= self._start[i]:
            return Within(0.0, 0.0, 0.0)  # who loses by it does not use it
        chance, excess, number = self._chances(i, self._from(i, own))
        reach = (number + 1) * self._step
        least, most = (float(chance[excess > far].sum()) for far in (reach, -reach))
        return Within(least, float(chance[excess > 0.0].sum()), most)

    def _from(self, i: int, own: float) -> float:
        """Return the least that the sum can be if one of the values is given."""
        return sum(self._start) - self._start[i] + max(own, self._start[i])

    def _chances(self, without: int | None, least: float) -> tuple[FloatArray, FloatArray, int]:
        others = [f for i, f in enumerate(self._transforms) if i != without]
        total = np.multiply.reduce(others) if others else np.ones(1)
        chance = np.maximum(np.fft.irfft(np.broadcast_to(total, self._length // 2 + 1)), 0.0)
        excess = least - self._cost + self._step * np.arange(chance.size)
        return np.asarray(chance, dtype=np.float64), excess, len(others)

    def _excess(self, without: int | None, least: float) -> Within:
        chance, excess, number = self._chances(without, least)
        high = float(chance @ np.maximum(excess, 0.0))
        near = np.abs(excess) <= (number + 1) * self._step
        spread = number * self._step * float(chance[near].sum())
        width = 2 * number + 3
        low = max(high - spread / 4.0, 0.0)
        return Within(low, max(high - spread / (12.0 * width), low), high)


def _on_lattice(types: TypeSpace, start: float, step: float) -> FloatArray:
    """Return the probabilities of a lattice's points, means kept."""
    if types.highest <= start:
        return np.ones(1)
    count = max(int(np.ceil((types.highest - start) / step)), 1)
    edges = start + step * np.arange(1, count)
    inner = edges[(edges > types.lowest) & (edges < types.highest)]
    inner = np.unique(np.append(inner, start)) if start > types.lowest else inner
    cells = TypeSpace.from_distribution(types.prior, edges=inner) if inner.size else types
    place = np.maximum(cells.mean - start, 0.0) / step
    first = np.minimum(np.floor(place).astype(int), count - 1)
    share = place - first
    masses = np.zeros(count + 2)
    np.add.at(masses, first, cells.mass * (1.0 - share))
    np.add.at(masses, first + 1, cells.mass * share)
    return masses


def _require_continua(environment: Environment) -> None:
    environment.require_independent("the slack of efficient outcomes over a continuum")
    for agent in environment.agents:
        prior = agent.types.prior
        own = prior is not None and prior.gaps and not isinstance(environment.outcomes, ONE_WAY)
        if prior is None or own:
            raise UnsupportedProblemError(
                "ex post efficiency over a continuum is decided for priors that are all continuous"
                f"{', and without gaps for outcomes like these' if own else ''} (got another for "
                f"{agent.name}). Use finite types, or cells at their means."
            )
    if not environment.has_virtual_valuations:
        raise UnsupportedProblemError(
            "ex post efficiency over a continuum is decided where each agent gives or receives and "
            "has nothing outside (got another environment). Use finite types, such as cells at "
            "their means (at_means = true in a file of bargaining, TypeSpace.at_means in Python)."
        )
