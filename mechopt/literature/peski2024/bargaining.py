"""What is known of bargaining before anything is solved: bounds, labels, closed forms, theorems."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from mechopt._util.arrays import FloatArray
from mechopt.environments import Environment, RandomMonopoly
from mechopt.environments.bargaining import (
    dropped_types,
    exchanged,
    is_bargaining,
    labels_exchanged,
)
from mechopt.errors import InvalidInputError, require
from mechopt.problem.budget import Budget
from mechopt.problem.objectives import DiscountedPayoff, Welfare
from mechopt.problem.objectives.discounted import discount_factor
from mechopt.problem.problem import DesignProblem, Incentives, Participation

if TYPE_CHECKING:
    from mechopt.types.prices.monopoly import Monopoly

SWAPPED = (
    "the players' labels were exchanged: player_1 here is the given player_2, whose lowest type is "
    "lower"
)
DROPPED = "types of {} with probability 0 were dropped: {}"


def require_bargaining(environment: Environment) -> None:
    """Raise InvalidInputError unless an environment is bargaining under the bounds."""
    if is_bargaining(environment):
        return
    raise InvalidInputError(
        "not an environment of bargaining",
        where="bargaining",
        expected="Bargaining(player_1, player_2, proposer_probability)",
        got=f"{type(environment).__name__} with {type(environment.outcomes).__name__}",
        remedy="Make one with Bargaining.",
    )


def best_for_player_1(
    environment: Environment, *, verifiable: bool = False, own_bound: bool = True
) -> DesignProblem:
    """Return the problem of the most that player 1 can expect, given what both can be sure of.

    As discounting vanishes, bargaining over mechanisms leaves player 1 its optimum (two types on
    each side, player 1 with the lower low type). :func:`mechopt.peski2024.player_1_gap` states and
    solves it, and says more.

    Parameters
    ----------
    environment
        A :func:`Bargaining`, or another environment of two agents and their outside options.
    verifiable
        Whether the types of player 1 can be verified, so that it needs no incentives.
    own_bound
        Whether player 1 must get its own outside option too.

    Notes
    -----
    Source: theory.md, section 4; Pęski (2024).

    Examples
    --------
    >>> from mechopt import Bargaining, TypeSpace, solve
    >>> bargaining = Bargaining(TypeSpace.finite([0, 2]), TypeSpace.finite([1, 3]), 0.5)
    >>> round(solve(best_for_player_1(bargaining)).objective, 6)
    1.0625
    """
    require(environment, Environment, where="environment", remedy="Pass a Bargaining.")
    if len(environment.agents) != 2:
        raise InvalidInputError(
            "not an environment of two players",
            where="environment",
            expected="two agents",
            got=f"{len(environment.agents)}",
            remedy="Pass a Bargaining.",
        )
    incentives = Incentives.NONE if verifiable else Incentives.INTERIM
    participation = Participation.INTERIM if own_bound else Participation.NONE
    return DesignProblem(
        environment,
        Welfare((1.0, 0.0)),
        incentives=(incentives, Incentives.INTERIM),
        participation=(participation, Participation.INTERIM),
        budget=Budget.NO_DEFICIT,
    )


def is_player_1_gap(problem: DesignProblem) -> bool:
    """Return whether a problem asks for the most that player 1 can expect, given the bounds."""
    if not is_bargaining(problem.environment):
        return False
    if isinstance(problem.objective, DiscountedPayoff):
        problem = replace(problem, objective=Welfare(problem.objective.weights))
    return any(
        problem == best_for_player_1(problem.environment, verifiable=verifiable)
        for verifiable in (False, True)
    )


def equilibrium_problem(
    environment: Environment, discount: float | Fraction | str
) -> DesignProblem:
    """Return player 1's problem in the limit, to be reported on at a discount factor.

    Its optimum is what player 1 expects as discounting vanishes, and the most that it can expect at
    any discount factor; reports add what :func:`mechopt.peski2024.bargaining_bounds` proves.

    Parameters
    ----------
    environment
        A :func:`Bargaining`.
    discount
        What a round's delay leaves of payoffs, from 0 to 1.

    Examples
    --------
    >>> from mechopt import Bargaining, TypeSpace
    >>> bargaining = Bargaining(TypeSpace.finite([0, 2]), TypeSpace.finite([1, 3]), 0.5)
    >>> equilibrium_problem(bargaining, 0.9).objective.discount_factor
    '9/10'
    """
    objective = DiscountedPayoff((1.0, 0.0), discount_factor=str(discount_factor(discount)))
    return replace(best_for_player_1(environment), objective=objective)


def in_order(bargaining: Environment, *, swap: bool) -> Environment:
    """Return bargaining in which player 1 has the lower lowest type, by other labels if need be.

    Types of probability zero count: they belong to the player all the same.

    Raises
    ------
    InvalidInputError
        If the labels would have to be exchanged and ``swap`` is not set.
    """
    first, second = bargaining.agents
    dropped = dropped_types(bargaining)
    lowest = [min([agent.types.lowest, *dropped.get(agent.name, ())]) for agent in (first, second)]
    if lowest[0] <= lowest[1]:
        return bargaining
    if not swap or not is_bargaining(bargaining):
        raise InvalidInputError(
            "player 1 is not the player with the lower lowest type",
            where=first.name,
            expected=f"a lowest type of at most {lowest[1]:g}, that of {second.name}",
            got=f"{lowest[0]:g}",
            remedy="Exchange the players and the proposer probability, or let swap do so.",
        )
    return exchanged(bargaining)


def monopolies(environment: Environment) -> dict[str, Monopoly]:
    """Return monopoly payoffs and prices of both players, at the mean type of each cell."""
    found = {}
    for agent in environment.agents:
        option = agent.outside_option
        assert isinstance(option, RandomMonopoly)
        found[agent.name] = option.monopoly(agent.types.mean)
    return found


def random_monopoly(environment: Environment) -> float:
    """Return what player 1 expects by its random-monopoly bound, in money."""
    first = environment.agents[0]
    return first.types.expectation(first.outside_option(first.types.mean))


def exact_random_monopoly(environment: Environment) -> Fraction:
    """Return what player 1 expects by its random-monopoly bound, as a fraction.

    Raises
    ------
    InvalidInputError
        If a type space is not known exactly.
    """
    first = environment.agents[0]
    cells = first.in_fractions()
    bound: Fraction = cells.mass @ first.outside_option.in_fractions(cells.mean)
    return bound


def closed_form_gap(problem: DesignProblem) -> float | None:
    """Return the gap of two types on each side in closed form; None where there is none."""
    first, second = (agent.types for agent in problem.environment.agents)
    option = problem.environment.agents[0].outside_option
    sizes = {first.num_cells, second.num_cells}
    finite = first.is_finite and second.is_finite
    if not finite or not sizes <= {1, 2} or not problem.has_incentives(0):
        return None
    assert isinstance(option, RandomMonopoly)
    if first.lowest > second.lowest:
        # A low type of player 1 was dropped.
        return 0.0 if first.num_cells == 1 else None
    from mechopt.literature.peski2024.two_type_gap import two_type_gap

    gap = two_type_gap(
        first.lowest,
        first.highest,
        second.lowest,
        second.highest,
        proposer_probability=option.proposer_probability,
    )
    return float(gap.at(*(_probability_high(types.mass) for types in (first, second))))


def _probability_high(mass: FloatArray) -> float:
    """Return the probability of the high of two types; of a single type it does not matter."""
    return float(mass[1]) if mass.size == 2 else 0.0


def basis(problem: DesignProblem) -> str:
    """Return on what ground the program's optimum is the outcome of bargaining."""
    first, second = (agent.types for agent in problem.environment.agents)
    if not problem.has_incentives(0):
        return "conjectural: any types, player 1's verifiable (named as an extension by Pęski 2024)"
    if not (first.is_finite and second.is_finite):
        return "conjectural: no theorem covers a continuum of types"
    given = numbers_of_types(problem.environment)
    if max(given) <= 2:
        if _leaves_no_gap(problem):
            return "limit of the theorem, in which the bounds alone leave no gap (Pęski 2024)"
        return "theorem, two types on each side, generic payoffs and probabilities (Pęski 2024)"
    if min(given) == 1:
        return "theorem: one player's type is known, no tie of its prices (theory.md, section 4.6)"
    if given[0] == 2 and first.lowest < second.lowest:
        return (
            "conjectural: two types of player 1, any higher types of player 2 than its low one "
            "(named as an extension by Pęski 2024)"
        )
    return "conjectural: no theorem covers more than two types on each side"


def numbers_of_types(environment: Environment) -> list[int]:
    """Return how many types the players have, those of probability zero included.

    Examples
    --------
    >>> from mechopt import Bargaining, TypeSpace
    >>> numbers_of_types(Bargaining(([0, 2], [1, 0]), TypeSpace.finite([1])))
    [2, 1]
    """
    dropped = dropped_types(environment)
    return [a.types.num_cells + len(dropped.get(a.name, ())) for a in environment.agents]


def _leaves_no_gap(problem: DesignProblem) -> bool:
    """Return whether types or the proposer probability are such that no belief leaves a gap."""
    first, second = (agent.types for agent in problem.environment.agents)
    option = problem.environment.agents[0].outside_option
    assert isinstance(option, RandomMonopoly)
    if min(first.num_cells, second.num_cells) == 1 or first.lowest >= second.lowest:
        return True
    return first.highest >= second.highest or option.proposer_probability in (0.0, 1.0)


def notes_on(environment: Environment) -> tuple[str, ...]:
    """Return what a reader must know about the labels and the types, one sentence each.

    Examples
    --------
    >>> from mechopt import Bargaining, TypeSpace
    >>> notes_on(Bargaining(([0, 2], [1, 0]), TypeSpace.finite([1])))
    ('types of player_1 with probability 0 were dropped: 2',)
    """
    notes = [SWAPPED] if labels_exchanged(environment) else []
    for name, types in dropped_types(environment).items():
        notes.append(DROPPED.format(name, ", ".join(f"{value:g}" for value in types)))
    return tuple(notes)
