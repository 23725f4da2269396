"""The same mechanism under other priors than the one that agents believe in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np

from mechopt._util.arrays import FloatArray, rounding_of_sums
from mechopt._util.rationals import FractionArray
from mechopt._util.registry import saved_as
from mechopt._util.saving import LATER
from mechopt.environments import Environment
from mechopt.environments.environment import gains
from mechopt.errors import InvalidInputError, require
from mechopt.mechanism.mechanism import Mechanism
from mechopt.problem.frame import Frame
from mechopt.problem.linear import Linear, Meaning, NumberArray, Rows
from mechopt.problem.objectives.least import Smallest, not_below_least
from mechopt.problem.objectives.objective import Mixture, Objective, Tangent
from mechopt.problem.objectives.weights import ObjectiveWeights
from mechopt.types.prior import Joint, Prior

EPS = float(np.finfo(np.float64).eps)
HINT = "Pass a Joint, such as Joint([[0.5, 0], [0, 0.5]]), or Independent."


@saved_as("mechopt.UnderPrior")
@dataclass(frozen=True)
class UnderPrior(Objective):
    """An objective as a designer expects it who believes in another prior than the agents.

    Incentives, participation and the budget in expectation are those of the environment's prior.
    Payments are then by profile, for the designer and the agents bet on the types, within the
    problem's limit on payments; require participation in every profile to rule bets out.

    Parameters
    ----------
    objective
        Welfare, revenue, a payoff, or a mixture of them.
    prior
        What the designer believes: a prior over the same types.

    Raises
    ------
    InvalidInputError
        For objectives of another kind; in a problem with other numbers of types.

    Examples
    --------
    >>> from mechopt import BilateralTrade, DesignProblem, Joint, TypeSpace, Welfare, solve
    >>> types = TypeSpace.finite([0, 1])
    >>> sure_of_gains = Joint([[0.0625, 0.8125], [0.0625, 0.0625]])
    >>> problem = DesignProblem(
    ...     BilateralTrade(types, types),
    ...     UnderPrior(Welfare(), sure_of_gains),
    ...     incentives="dominant",
    ...     participation="ex-post",
    ...     budget_holds="ex-post",
    ... )
    >>> round(solve(problem).objective, 9)
    0.8125
    """

    objective: Objective
    prior: Prior

    def __post_init__(self) -> None:
        require(self.objective, Objective, where="objective", remedy="Pass Welfare(), say.")
        require(self.prior, Prior, where="prior", remedy=HINT)
        if not self.objective.is_linear or self.objective.by_profile:
            raise not_linear(self.objective)

    @property
    def expectation_of(self) -> Objective:
        """The objective whose expectation it is."""
        return self.objective

    @property
    def sign(self) -> int:
        """The objective's own."""
        return self.objective.sign

    @property
    def largest_weight(self) -> float:
        """The objective's own."""
        return self.objective.largest_weight

    @property
    def by_profile(self) -> bool:
        """Another prior weighs profiles otherwise."""
        return True

    @property
    def in_words(self) -> str:
        """What it is called in reports."""
        return f"{self.objective.in_words} under another prior"

    def meaning_in(self, environment: Environment) -> Meaning:
        """Return the sum over the profiles at the other prior."""
        del environment
        return Meaning(self.in_words, "Σ_t p'(t) objective(t)", "5.1")

    def for_environment(self, environment: Environment) -> Objective:
        """Return the objective for this environment, whose types the prior must have."""
        objective = shared(self.objective, environment)
        _require_shape(self.prior, environment)
        return self if objective == self.objective else UnderPrior(objective, self.prior)

    def stakes_in(self, environment: Environment) -> float:
        """Return the first best under the other prior, times the weight."""
        return stakes(self.objective, environment, [self.prior])

    def scaled(self, factor: float) -> Objective:
        """Return the same objective in another unit of money."""
        return UnderPrior(self.objective.scaled(factor), self.prior)

    def weights_in(self, environment: Environment) -> ObjectiveWeights:
        """Return the objective's weights, by type."""
        return self.objective.weights_in(environment)

    def exact_weights_in(self, environment: Environment) -> ObjectiveWeights:
        """Return the same in fractions."""
        return self.objective.exact_weights_in(environment)

    def density_in(self, environment: Environment) -> FloatArray:
        """Return the other prior."""
        del environment
        return self.prior.density()

    def exact_density_in(self, environment: Environment) -> FractionArray:
        """Return the other prior in fractions."""
        return exact_density(self.prior, environment)

    def value(self, mechanism: Mechanism) -> tuple[float, float]:
        """Return the expectation under the other prior, and what rounding may make of it."""
        return expected_under(self.objective, mechanism, self.prior.density())


@saved_as("mechopt.WorstPrior")
@dataclass(frozen=True)
class WorstPrior(Smallest):
    """Maximise the smallest expectation of an objective under several priors.

    One mechanism has to do well whichever of the priors the designer should believe in. Agents
    believe in the environment's, as in :class:`UnderPrior`; with dominant incentives and
    participation in every profile their beliefs play no role.

    Parameters
    ----------
    objective
        Welfare, revenue, a payoff, or a mixture of them, to be maximised.
    priors
        At least one prior over the same types.
    names
        What each is called in reports; by its number unless given.

    Raises
    ------
    InvalidInputError
        For objectives of another kind, and other numbers of names than of priors; in a problem with
        other numbers of types.

    Examples
    --------
    >>> from mechopt import BilateralTrade, DesignProblem, Joint, TypeSpace, Welfare, solve
    >>> types = TypeSpace.finite([0, 1])
    >>> priors = [Joint([[0.25, 0.25], [0.25, 0.25]]), Joint([[0.5, 0.125], [0.125, 0.25]])]
    >>> problem = DesignProblem(
    ...     BilateralTrade(types, types),
    ...     WorstPrior(Welfare(), priors),
    ...     incentives="dominant",
    ...     participation="ex-post",
    ...     budget_holds="ex-post",
    ... )
    >>> round(solve(problem).objective, 9)
    0.125
    """

    objective: Objective
    priors: tuple[Prior, ...]
    names: tuple[str, ...] = field(default=(), metadata={LATER: True})

    def __post_init__(self) -> None:
        require(self.objective, Objective, where="objective", remedy="Pass Welfare(), say.")
        require(self.priors, (tuple, list), where="priors", remedy="Give a list of priors.")
        if not self.priors:
            raise InvalidInputError(
                "no prior",
                where="priors",
                expected="at least one",
                got="none",
                remedy=HINT,
            )
        for prior in self.priors:
            require(prior, Prior, where="priors", remedy=HINT)
        object.__setattr__(self, "priors", tuple(self.priors))
        object.__setattr__(self, "names", tuple(self.names))
        if self.names and len(self.names) != len(self.priors):
            raise InvalidInputError(
                "not a name for each prior",
                where="names",
                expected=f"{len(self.priors)} names",
                got=str(len(self.names)),
                remedy="Name each of the priors, or none.",
            )
        if not self.objective.is_linear or self.objective.by_profile or self.objective.sign < 0:
            raise not_linear(self.objective)

    @property
    def expectation_of(self) -> Objective:
        """The objective whose expectation it is."""
        return self.objective

    @property
    def largest_weight(self) -> float:
        """The objective's own."""
        return self.objective.largest_weight

    @property
    def ignores_origin(self) -> bool:
        """Money is measured as it is where profiles count."""
        return False

    @property
    def by_profile(self) -> bool:
        """Other priors weigh profiles otherwise."""
        return True

    @property
    def in_words(self) -> str:
        """What it is called in reports."""
        return f"{self.objective.in_words} under the worst of {len(self.priors)} priors"

    @property
    def all_names(self) -> tuple[str, ...]:
        """What each prior is called."""
        return self.names or tuple(f"prior {k + 1}" for k in range(len(self.priors)))

    def for_environment(self, environment: Environment) -> Objective:
        """Return the objective for this environment, whose types the priors must have."""
        objective = shared(self.objective, environment)
        for prior in self.priors:
            _require_shape(prior, environment)
        return self if objective == self.objective else replace(self, objective=objective)

    def stakes_in(self, environment: Environment) -> float:
        """Return the smallest first best under the priors, times the weight."""
        return stakes(self.objective, environment, self.priors)

    def scaled(self, factor: float) -> Objective:
        """Return the same objective in another unit of money."""
        return replace(self, objective=self.objective.scaled(factor))

    def rows(self, frame: Frame) -> Iterator[Rows]:
        """Yield that the objective under no prior is below the smallest."""
        environment, exact = frame.environment, frame.numbers.exact
        total = in_profiles(self.objective, frame)
        for place, prior in enumerate(self.priors):
            density: NumberArray = prior.density()
            if exact:
                density = exact_density(prior, environment)
            yield Rows(
                f"under_prior_{place + 1}",
                (),
                not_below_least(total.sum(density.ravel()), frame),
                Meaning(
                    f"the objective under {self.all_names[place]} is not below the worst",
                    f"Σ_t p_{place + 1}(t) objective(t) >= least",
                    "5.1",
                ),
            )

    def counted(self, environment: Environment) -> dict[str, FloatArray]:
        """Return one for each prior."""
        del environment
        return {f"under_prior_{place + 1}": np.ones(1) for place in range(len(self.priors))}

    def tangent_in(self, environment: Environment, duals: Mapping[str, FloatArray]) -> Tangent:
        """Return the objective under an average of the priors, which the worst is not above."""
        found = self.simplex(environment, duals)
        weights = [float(values[0]) for values in found.values()]
        average = np.sum(
            [w * prior.density() for w, prior in zip(weights, self.priors, strict=True)], axis=0
        )
        return Tangent(UnderPrior(self.objective, Density(average)), lambda bound: bound)

    def value(self, mechanism: Mechanism) -> tuple[float, float]:
        """Return the smallest expectation, and what rounding may make of it."""
        pairs = [
            expected_under(self.objective, mechanism, prior.density()) for prior in self.priors
        ]
        return min(value for value, _ in pairs), max(rounding for _, rounding in pairs)


@dataclass(frozen=True, eq=False)
class Density(Prior):
    """Probabilities of the profiles, for expectations only."""

    probabilities: FloatArray

    @property
    def masses(self) -> tuple[FloatArray, ...]:
        """Probabilities of each agent's types."""
        table = self.probabilities
        axes = range(table.ndim)
        return tuple(table.sum(axis=tuple(j for j in axes if j != i)) for i in axes)

    @property
    def independent(self) -> bool:
        """Types may say something of each other."""
        return False

    def density(self) -> FloatArray:
        """Return the probabilities."""
        return self.probabilities

    def beliefs(self, agent: int) -> FloatArray:
        """Refuse: nobody believes in an average of priors."""
        raise NotImplementedError

    def interim(self, agent: int, values: FloatArray) -> FloatArray:
        """Refuse: nobody believes in an average of priors."""
        raise NotImplementedError


def in_profiles(objective: Objective, frame: Frame) -> Linear:
    """Return what a linear objective makes of every profile, in row-major order."""
    environment = frame.environment
    exact = frame.numbers.exact
    weights = (objective.exact_weights_in if exact else objective.weights_in)(environment)
    own = np.unravel_index(np.arange(environment.num_profiles), environment.shape)
    total = frame.cost().times(weights.cost * frame.numbers.ones(environment.num_profiles))
    for i in range(len(environment.agents)):
        for v, name in enumerate(environment.outcomes.variables):
            added = frame.weight_of_outcome(i, weights.quantity[i], v)
            if added is not None:
                total = total + frame.outcome(name).times(added)
        total = total + frame.payment_in_profile(i).times(weights.payment[i][own[i]])
    return total


def values_in_profiles(objective: Objective, mechanism: Mechanism) -> tuple[FloatArray, FloatArray]:
    """Return what a mechanism makes of a linear objective in every profile, and what adds up to it.

    Returns
    -------
    values, sizes : arrays over the profiles
        Sums to be maximised, and the sums of absolute values, which they round at.
    """
    environment = mechanism.environment
    weights = objective.weights_in(environment)
    allocation = mechanism.allocation.dense(environment)
    paid = mechanism.ex_post_payments()
    own = np.indices(environment.shape)
    parts = [weights.cost * np.tensordot(environment.outcomes.cost, allocation, axes=1)]
    for i in range(len(environment.agents)):
        by_type = weights.quantity[i][own[i]]
        if environment.has_net_quantity(i):
            parts.append(by_type * environment.net_quantities(allocation)[i])
        elif environment.hangs_on_others(i):
            parts.append(by_type[..., 0] * environment.value_in_profiles(i, allocation))
        else:
            parts += list(np.moveaxis(by_type, -1, 0) * allocation)
        parts.append(weights.payment[i][own[i]] * paid[i])
    return np.sum(parts, axis=0), np.sum(np.abs(parts), axis=0)


def expected_under(
    objective: Objective, mechanism: Mechanism, density: FloatArray
) -> tuple[float, float]:
    """Return the expectation of a linear objective, and what rounding may make of it."""
    values, sizes = values_in_profiles(objective, mechanism)
    relative = 8.0 * EPS + rounding_of_sums(mechanism.environment.num_profiles)
    value = objective.sign * float((density * values).sum()) + 0.0
    return value, relative * float((density * sizes).sum())


def exact_density(prior: Prior, environment: Environment) -> FractionArray:
    """Return a prior over the profiles in fractions.

    Raises
    ------
    InvalidInputError
        For one that is not known in fractions.
    """
    del environment
    if isinstance(prior, Joint):
        return prior.in_fractions()
    raise InvalidInputError(
        "a prior that is not known in fractions",
        where="priors",
        expected="a Joint",
        got=type(prior).__name__,
        remedy="Write its probabilities as a Joint, or solve in floats.",
    )


def stated_prior(environment: Environment) -> Joint:
    """Return the environment's own prior over its profiles, in fractions where they are known.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> coin = TypeSpace.finite([0, 1], ["1/4", "3/4"])
    >>> stated_prior(BilateralTrade(coin, coin)).in_fractions()[1, 1]
    Fraction(9, 16)
    """
    if isinstance(environment.prior, Joint):
        return environment.prior
    try:
        return Joint(if_independent(environment).tolist())
    except InvalidInputError:
        return Joint(environment.belief.density())


def if_independent(environment: Environment) -> FractionArray:
    """Return the probabilities of the profiles if agents' types told nothing of each other.

    Raises
    ------
    InvalidInputError
        If those of types are not known in fractions.
    """
    density = np.array(Fraction(1), dtype=object)
    for agent in environment.agents:
        density = np.multiply.outer(density, agent.in_fractions().mass)
    return density


def stakes(objective: Objective, environment: Environment, priors: Sequence[Prior]) -> float:
    """Return the smallest first best under the priors, times the objective's largest weight."""
    total = gains(environment.centred, environment.all_types)
    least = min(float((prior.density() * total).sum()) for prior in priors)
    return max(least, 0.0) * objective.largest_weight


def shared(objective: Objective, environment: Environment) -> Objective:
    """Return the objective for an environment, which must be one by type and not by mass."""
    filled = objective.for_environment(environment)
    parts = filled.parts if isinstance(filled, Mixture) else ((1.0, filled),)
    if any(part.shares_in(environment) is None for _, part in parts):
        raise not_linear(objective)
    return filled


def _require_shape(prior: Prior, environment: Environment) -> None:
    got: Any = prior.density().shape
    if got != environment.shape:
        raise InvalidInputError(
            "a prior over other types",
            where="prior",
            expected=f"probabilities of shape {environment.shape}",
            got=f"{got}",
            remedy="Give one probability per profile of the problem's types.",
        )


def not_linear(objective: Objective) -> InvalidInputError:
    """Return the error of an objective that has no expectation under another prior."""
    return InvalidInputError(
        "no objective for another prior",
        where="objective",
        expected="welfare, revenue, a payoff, or a mixture of them, to be maximised",
        got=type(objective).__name__,
        remedy="Pass Welfare(), Revenue() or a mixture.",
    )
