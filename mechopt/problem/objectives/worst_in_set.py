"""The worst of all priors in a set that linear conditions describe, by one program.

The least expectation over the set is itself a linear program, whose dual is maximised along with
the mechanism (theory.md, section 5.1).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from mechopt._util.arrays import FloatArray, rounding_of_sums
from mechopt._util.registry import saved_as
from mechopt.environments import Environment
from mechopt.environments.environment import gains
from mechopt.errors import require
from mechopt.mechanism.mechanism import Mechanism
from mechopt.problem.frame import Frame, Variables
from mechopt.problem.linear import Entries, Linear, Meaning, Rows
from mechopt.problem.objectives.objective import Objective, Tangent
from mechopt.problem.objectives.prior_sets import PriorSet
from mechopt.problem.objectives.priors import (
    Density,
    UnderPrior,
    in_profiles,
    not_linear,
    shared,
    values_in_profiles,
)
from mechopt.problem.objectives.weights import ObjectiveWeights

EPS = float(np.finfo(np.float64).eps)
WORTH = "under_prior"
SECTION = "5.1"


@saved_as("mechopt.WorstPriorIn")
@dataclass(frozen=True)
class WorstPriorIn(Objective):
    """Maximise the least expectation of an objective under all priors of a set.

    The mechanism guarantees that much whichever of the priors is right. Agents believe in the
    environment's, as in :class:`mechopt.robust.UnderPrior`; with a single agent, or dominant
    incentives and participation in every profile, their beliefs play no role.

    Parameters
    ----------
    objective
        Welfare, revenue, a payoff, or a mixture of them, to be maximised.
    priors
        The set: :class:`mechopt.robust.Moments`, :class:`mechopt.robust.Near` or
        :class:`mechopt.robust.Wasserstein`.

    Raises
    ------
    InvalidInputError
        For objectives of another kind; in a problem that the set does not fit.

    Notes
    -----
    Source: theory.md, section 5.1; Carrasco et al. (2018), Journal of Economic Theory 177,
    245-279, for known moments; Carroll (2017), doi:10.3982/ECTA14165, for known marginals.

    Examples
    --------
    A buyer whose value is 1, 2 or 3, and 2 on average, is sure to bring 1 at a price of 1, and more
    at a price that is drawn by lot.

    >>> from mechopt import Auction, DesignProblem, Revenue, TypeSpace, robust, solve
    >>> buyer = Auction(TypeSpace.finite([1, 2, 3]), count=1)
    >>> priors = robust.known_means(buyer, {"bidder_1": 2})
    >>> objective = robust.WorstPriorIn(Revenue(), priors)
    >>> round(solve(DesignProblem(buyer, objective, budget="subsidised")).objective, 9)
    1.2
    """

    objective: Objective
    priors: PriorSet

    def __post_init__(self) -> None:
        require(self.objective, Objective, where="objective", remedy="Pass Welfare(), say.")
        hint = "Pass mechopt.robust.Near(prior, 0.1), say; WorstPrior takes a list of priors."
        require(self.priors, PriorSet, where="priors", remedy=hint)
        if not self.objective.is_linear or self.objective.by_profile or self.objective.sign < 0:
            raise not_linear(self.objective)

    @property
    def expectation_of(self) -> Objective:
        """The objective whose expectation it is."""
        return self.objective

    @property
    def sign(self) -> int:
        """The least expectation is maximised."""
        return 1

    @property
    def largest_weight(self) -> float:
        """The objective's own."""
        return self.objective.largest_weight

    @property
    def is_linear(self) -> bool:
        """It is concave."""
        return False

    @property
    def by_profile(self) -> bool:
        """Other priors weigh profiles otherwise."""
        return True

    @property
    def in_words(self) -> str:
        """What it is called in reports."""
        return f"{self.objective.in_words} under the worst of {self.priors.in_words}"

    def meaning_in(self, environment: Environment) -> Meaning:
        """Return what the conditions on priors count for."""
        del environment
        return Meaning(self.in_words, "Σ_c target_c price_c", SECTION)

    def for_environment(self, environment: Environment) -> Objective:
        """Return the objective for this environment, whose profiles the priors must have."""
        objective = shared(self.objective, environment)
        self.priors.require_fits(environment)
        return self if objective == self.objective else WorstPriorIn(objective, self.priors)

    def stakes_in(self, environment: Environment) -> float:
        """Return the least first best under the priors, times the weight."""
        total = gains(environment.centred, environment.all_types)
        return max(self.priors.least(total).value, 0.0) * self.largest_weight

    def scaled(self, factor: float) -> Objective:
        """Return the same objective in another unit of money; of the priors, nothing changes."""
        return WorstPriorIn(self.objective.scaled(factor), self.priors)

    def weights_in(self, environment: Environment) -> ObjectiveWeights:
        """Return no weights: its own variables are the objective."""
        return ObjectiveWeights.none(environment)

    def exact_weights_in(self, environment: Environment) -> ObjectiveWeights:
        """Return no weights, in fractions."""
        return ObjectiveWeights.none(environment, Fraction(0))

    def variables(self, frame: Frame) -> Iterator[Variables]:
        """Yield a price of each condition on priors."""
        for condition in self.priors.conditions(frame.shape, exact=frame.numbers.exact):
            every = condition.by_profile
            shape = frame.shape if every else (1,)
            target = np.broadcast_to(condition.target, (math.prod(shape),)) * frame.numbers.one
            words = f"what the condition {condition.name!r} on priors adds to the least expectation"
            yield Variables(
                _price(condition.name),
                frame.names if every else (),
                shape,
                target,
                -np.inf,
                np.inf,
                Meaning(
                    words.replace("'", ""),
                    f"price_{{{condition.name}}}{'(t)' if every else ''}",
                    SECTION,
                ),
            )

    def rows(self, frame: Frame) -> Iterator[Rows]:
        """Yield that prices are below the objective in every profile, and fit the slacks."""
        conditions = self.priors.conditions(frame.shape, exact=frame.numbers.exact)
        size = frame.environment.num_profiles
        left = in_profiles(self.objective, frame)
        for condition in conditions:
            price = self._prices(frame, condition.name, size, every=condition.by_profile)
            left = left - price.times(condition.prior)
        meaning = Meaning(
            "the objective in a profile is not below what the conditions on priors count it for",
            "objective(t) >= Σ_c price_c condition_c(t)",
            SECTION,
        )
        yield Rows(WORTH, frame.names, left, meaning, shape=frame.shape)
        for name, shape in self.priors.slacks(frame.shape).items():
            size = math.prod(shape)
            terms = {
                _price(condition.name): Entries(
                    part.column, part.row, -part.value, part.shape[::-1]
                )
                for condition in conditions
                for part in [condition.slack.get(name)]
                if part is not None
            }
            meaning = Meaning(
                "a condition on priors that leaves room is not counted beyond it",
                "Σ_c price_c slack_c <= 0",
                SECTION,
            )
            axes = frame.names if shape == frame.shape else ()
            left = Linear(terms, size)
            yield Rows(f"prior_{name}", axes, left, meaning, shape=shape)

    def multiplier_shapes(self, environment: Environment) -> dict[str, tuple[int, ...]]:
        """Return the shapes of the multipliers of its rows, by name."""
        slacks = self.priors.slacks(environment.shape).items()
        return {WORTH: environment.shape, **{f"prior_{name}": shape for name, shape in slacks}}

    def tangent_in(self, environment: Environment, duals: Mapping[str, FloatArray]) -> Tangent:
        """Return the objective under a prior of the set, which the worst is not above.

        The multipliers of the profiles are the worst prior; any others are moved into the set.
        """
        for name, shape in self.multiplier_shapes(environment).items():
            got = np.shape(duals.get(name, np.zeros(shape)))
            if got != shape:
                raise ValueError(f"multipliers {name}: expected shape {shape}, got {got}")
        given = np.asarray(duals.get(WORTH, np.zeros(environment.shape)), dtype=np.float64)
        prior = self.priors.member(given)
        return Tangent(UnderPrior(self.objective, Density(prior)), lambda bound: bound)

    def value(self, mechanism: Mechanism) -> tuple[float, float]:
        """Return the least expectation, by a program over the priors, and what rounding makes."""
        values, sizes = values_in_profiles(self.objective, mechanism)
        least = self.priors.least(values)
        relative = 8.0 * EPS + rounding_of_sums(mechanism.environment.num_profiles)
        return least.value, least.rounding + relative * float((least.prior * sizes).sum())

    def _prices(self, frame: Frame, name: str, size: int, *, every: bool) -> Linear:
        """Return the prices of a condition as one expression per profile, or alone."""
        if every:
            return Linear.block(_price(name), frame.numbers.ones(size))
        alone = Linear.block(_price(name), frame.numbers.ones(1))
        return alone[np.zeros(size, dtype=np.intp)]


def _price(name: str) -> str:
    return f"price_of_{name}"
