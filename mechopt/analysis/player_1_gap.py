"""Who gets the gap in bargaining: the most that player 1 can expect, and what that leaves open."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from mechopt.analysis.extremes import PayoffProgram
from mechopt.arrays import FloatArray, sealed
from mechopt.backends import Backend, explain, solve
from mechopt.environments import Bargaining, Environment, RandomMonopoly, SingleGood
from mechopt.errors import InvalidInputError, NotOptimalError, UnsupportedProblemError, require
from mechopt.exact import exact_optimum
from mechopt.problem import DesignProblem, best_for_player_1
from mechopt.solution import Solution, Termination
from mechopt.theory.monopoly import Monopoly
from mechopt.theory.two_type_gap import two_type_gap
from mechopt.verify.audit import AuditReport, Check, audit
from mechopt.verify.random_monopoly import audit_payoffs

# Narrower intervals are a point, relative to the width of the interval of types.
UNIQUE = 1e-7
AUDIT_TOLERANCE = 1e-7

Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False, repr=False)
class PlayerOneGap:
    """What bargaining over mechanisms leaves to player 1, and player 2, as discounting vanishes.

    Parameters
    ----------
    solution
        Of the program that maximises player 1's expected payoff; its mechanism is the allocation
        and payments.
    value_without_own_bound
        The same maximum without player 1's own random-monopoly bound, in money.
    payoff_intervals
        By player, an array (num_types, 2): the least and largest payoff of each type among all
        optimal mechanisms, in money. None if not asked for.
    interval_error
        By how much the ends of the intervals may be off, by bounds that were proved.
    """

    solution: Solution
    value_without_own_bound: float
    payoff_intervals: Mapping[str, FloatArray] | None = None
    interval_error: float = 0.0

    @property
    def problem(self) -> DesignProblem:
        """The program that was solved."""
        return self.solution.problem

    @property
    def value(self) -> float:
        """E(p): the most that player 1 can expect, in money."""
        return self.solution.objective

    @property
    def random_monopoly(self) -> float:
        """What player 1 expects by its random-monopoly bound alone, in money."""
        return random_monopoly(self.problem.environment)

    @property
    def gap(self) -> float:
        """Gap(p): what player 1 gets beyond its random-monopoly bound, in money."""
        return self.value - self.random_monopoly

    @property
    def monopoly(self) -> dict[str, Monopoly]:
        """Monopoly payoffs and prices, by player and type."""
        return monopolies(self.problem.environment)

    @property
    def payoffs(self) -> dict[str, FloatArray]:
        """Interim payoffs of the mechanism found, by player and type, in money.

        Where an interval is not a point, other optimal mechanisms have other payoffs.
        """
        mechanism = self.solution.mechanism
        assert mechanism is not None
        agents = self.problem.environment.agents
        return {agent.name: u for agent, u in zip(agents, mechanism.utility, strict=True)}

    @property
    def bounds(self) -> dict[str, FloatArray]:
        """Random-monopoly bounds, by player and type, in money: what each can be sure of."""
        agents = self.problem.environment.agents
        return {agent.name: agent.outside_option(agent.types.mean) for agent in agents}

    @property
    def proposer_probability(self) -> float:
        """Probability that player 1 proposes."""
        option = self.problem.environment.agents[0].outside_option
        assert isinstance(option, RandomMonopoly)
        return option.proposer_probability

    def exact(self) -> tuple[Fraction, Fraction]:
        """Return E and the gap as fractions, proved by :func:`mechopt.exact_optimum`.

        Raises
        ------
        InvalidInputError, UnsupportedProblemError
            If the data are not rational.
        NotOptimalError
            If no exact optimum was proved.

        Examples
        --------
        >>> from mechopt import Bargaining, TypeSpace
        >>> bargaining = Bargaining(TypeSpace.finite([0, 2]), TypeSpace.finite([1, 3]), "1/2")
        >>> player_1_gap(bargaining).exact()
        (Fraction(17, 16), Fraction(1, 16))
        """
        found = exact_optimum(self.problem)
        if found.objective is None:
            raise NotOptimalError(f"no exact optimum was proved: {found.reason}", self.solution)
        return found.objective, found.objective - exact_random_monopoly(self.problem.environment)

    def __repr__(self) -> str:
        return f"PlayerOneGap(value {self.value:.9g}, gap {self.gap:.9g}; {self.basis})"

    @property
    def is_unique(self) -> dict[str, bool] | None:
        """Whether all payoffs of a player are the same in every optimal mechanism, by player."""
        if self.payoff_intervals is None:
            return None
        limit = UNIQUE * self.problem.environment.payoff_scale + self.interval_error
        return {
            name: bool((ends[:, 1] - ends[:, 0] <= limit).all())
            for name, ends in self.payoff_intervals.items()
        }

    @property
    def closed_form(self) -> float | None:
        """The gap by its closed form, for two types on each side; None otherwise."""
        return closed_form_gap(self.problem)

    @property
    def basis(self) -> str:
        """On what ground this is the outcome of bargaining: a theorem, or a conjecture."""
        return basis(self.problem)

    @property
    def players_swapped(self) -> bool:
        """Whether the players' labels are not those that were given."""
        environment = self.problem.environment
        return isinstance(environment, Bargaining) and environment.labels_exchanged

    def notes(self) -> tuple[str, ...]:
        """Return what a reader must know about the labels and the types, one sentence each."""
        environment = self.problem.environment
        dropped = environment.dropped if isinstance(environment, Bargaining) else {}
        return notes_on(self.players_swapped, dropped)

    def audit(self) -> AuditReport:
        """Check the solution as :func:`mechopt.audit` does, and what was made of it.

        Payoffs are compared with random-monopoly bounds over all prices one by one, intervals with
        the mechanism's payoffs and with the proved bounds, and the gap with its closed form where
        there is one.
        """
        checks = audit(self.problem, self.solution)
        bounds = audit_payoffs(self.problem.environment, self.payoffs)
        return AuditReport((*checks.checks, *bounds.checks, *self._own_checks()), checks.notes)

    def _own_checks(self) -> Iterator[Check]:
        scale = self.problem.environment.payoff_scale

        def check(requirement: str, violation: float, where: str) -> Check:
            return Check(requirement, violation, violation / scale, AUDIT_TOLERANCE, where)

        if self.closed_form is not None:
            error = abs(self.gap - self.closed_form)
            where = f"{self.gap:.9g}, {self.closed_form:.9g} in closed form"
            yield check("the gap is that of the closed form", error, where)
        less = self.value - self.value_without_own_bound
        where = f"{self.value_without_own_bound:.9g} without player 1's own bound"
        yield check("a bound less gives player 1 no less", less, where)
        if self.payoff_intervals is not None:
            yield check("intervals end where bounds prove it", self.interval_error, "all types")
            for name, ends in self.payoff_intervals.items():
                own = self.payoffs[name]
                outside = np.maximum(ends[:, 0] - own, own - ends[:, 1])
                k = int(np.argmax(outside))
                where = f"type {k}: {own[k]:.9g} in [{ends[k, 0]:.9g}, {ends[k, 1]:.9g}]"
                requirement = f"payoffs of {name} lie in their intervals"
                yield check(requirement, float(outside[k]), where)

    def summary(self, title: str = "Bargaining", unit: str = "money") -> str:
        r"""Return the summary that ``mechopt solve`` prints.

        Examples
        --------
        >>> from mechopt import Bargaining, TypeSpace
        >>> gap = player_1_gap(Bargaining(TypeSpace.finite([0, 2]), TypeSpace.finite([1, 3])))
        >>> print("\n".join(gap.summary().splitlines()[2:6]))
        player 1 proposes with probability 0.5
          first best            2.25    all gains, expected, if types were public
          player 1 gets       1.0625    E, the most that it can expect
          random monopoly          1    what it can be sure of
        """
        import io

        from rich.console import Console

        from mechopt.report import Report

        console = Console(file=io.StringIO(), width=100, highlight=False)
        seconds = self.solution.statistics.seconds
        Report(self.solution, self.audit(), title, unit, seconds, gap=self).show(console)
        text: str = console.file.getvalue()  # type: ignore[attr-defined]
        return text.rstrip()


def player_1_gap(
    bargaining: Environment,
    backend: Backend | str | None = None,
    *,
    verifiable: bool = False,
    swap: bool = False,
    intervals: bool = True,
) -> PlayerOneGap:
    """Solve for the outcome of bargaining over mechanisms in which player 1 takes the gap.

    As discounting vanishes, player 1 expects the most that is compatible with both players'
    random-monopoly bounds: a theorem for two types on each side, and generic payoffs and
    probabilities. Player 1 is the one whose lowest type is not above the other's.

    Parameters
    ----------
    bargaining
        A :class:`Bargaining`. Finite types always have an answer. Mechanisms over cells of a
        continuum may miss the bounds by a little; see :meth:`TypeSpace.at_means`.
    backend
        How to solve the program; see :func:`mechopt.solve`.
    verifiable
        Whether player 1's types can be verified, so that it needs no incentives (a conjecture).
    swap
        Whether to exchange the players' labels if player 2 has the lower lowest type.
    intervals
        Whether to compute the interval of every type's payoff over all optimal mechanisms: two
        linear programs for each type.

    Returns
    -------
    PlayerOneGap

    Raises
    ------
    InvalidInputError
        If player 2 has the lower lowest type and ``swap`` is not set.
    NotOptimalError
        If no mechanism over the given cells meets the bounds.

    Notes
    -----
    Source: theory.md, section 4; Pęski (2024).

    Examples
    --------
    >>> from mechopt import Bargaining, TypeSpace
    >>> bargaining = Bargaining(TypeSpace.finite([0, 2]), TypeSpace.finite([1, 3]), 0.5)
    >>> outcome = player_1_gap(bargaining)
    >>> round(outcome.value, 6), round(outcome.gap, 6), outcome.payoffs["player_2"].round(6)
    (1.0625, 0.0625, array([0.75, 1.5 ]))
    >>> outcome.is_unique
    {'player_1': False, 'player_2': True}
    """
    require(bargaining, Environment, where="bargaining", remedy="Pass a Bargaining.")
    _require_bargaining(bargaining)
    ordered = in_order(bargaining, swap=swap)
    solution = solve(best_for_player_1(ordered, verifiable=verifiable), backend)
    return describe(solution, backend, intervals=intervals)


def describe(
    solution: Solution,
    backend: Backend | str | None = None,
    *,
    intervals: bool = True,
    progress: Progress | None = None,
) -> PlayerOneGap:
    """Return what else there is to say about a solution of the program that player 1 maximises.

    Parameters
    ----------
    solution
        An optimal solution of ``best_for_player_1(bargaining)``.
    backend
        What solves the program without player 1's own bound.
    intervals
        Whether to compute payoff intervals.
    progress
        Called with the number of programs solved for them and the number in all.

    Raises
    ------
    InvalidInputError
        For a solution of another problem.
    NotOptimalError
        For a solution that is not optimal.
    """
    problem = solution.problem
    if not is_player_1_gap(problem):
        raise InvalidInputError(
            "not a solution about player 1's gap",
            where="solution",
            expected="a solution of best_for_player_1(bargaining)",
            got=f"objective {problem.objective!r}"[:80],
            remedy="Solve that problem, or call player_1_gap(bargaining).",
        )
    if solution.termination is not Termination.OPTIMAL:
        raise NotOptimalError(explain(solution), solution)
    without = best_for_player_1(
        problem.environment, verifiable=not problem.has_incentives(0), own_bound=False
    )
    ends, error = payoff_intervals(solution, progress) if intervals else (None, 0.0)
    return PlayerOneGap(solution, solve(without, backend).objective, ends, error)


def is_player_1_gap(problem: DesignProblem) -> bool:
    """Return whether a problem asks for the most that player 1 can expect, given the bounds."""
    if not is_bargaining(problem.environment):
        return False
    return any(
        problem == best_for_player_1(problem.environment, verifiable=verifiable)
        for verifiable in (False, True)
    )


def is_bargaining(environment: Environment) -> bool:
    """Return whether an environment is bargaining over a single good under the bounds.

    Examples
    --------
    >>> from mechopt import Bargaining, TypeSpace
    >>> is_bargaining(Bargaining(TypeSpace.finite([0, 2]), TypeSpace.finite([1, 3])))
    True
    """
    options = [agent.outside_option for agent in environment.agents]
    good = isinstance(environment.outcomes, SingleGood) and len(options) == 2
    return good and all(isinstance(option, RandomMonopoly) for option in options)


def in_order(bargaining: Environment, *, swap: bool) -> Environment:
    """Return bargaining in which player 1 has the lower lowest type, by other labels if need be.

    Types of probability zero count: they belong to the player all the same.

    Raises
    ------
    InvalidInputError
        If the labels would have to be exchanged and ``swap`` is not set.
    """
    first, second = bargaining.agents
    dropped = bargaining.dropped if isinstance(bargaining, Bargaining) else {}
    lowest = [min([agent.types.lowest, *dropped.get(agent.name, ())]) for agent in (first, second)]
    if lowest[0] <= lowest[1]:
        return bargaining
    if not swap or not isinstance(bargaining, Bargaining):
        raise InvalidInputError(
            "player 1 is not the player with the lower lowest type",
            where=first.name,
            expected=f"a lowest type of at most {lowest[1]:g}, that of {second.name}",
            got=f"{lowest[0]:g}",
            remedy="Exchange the players and the proposer probability, or let swap do so.",
        )
    return bargaining.exchanged()


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
        return 0.0 if 1 in sizes else None
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
    if max(first.num_cells, second.num_cells) <= 2:
        if _leaves_no_gap(problem):
            return "limit of the theorem, in which the bounds alone leave no gap (Pęski 2024)"
        return "theorem, two types on each side, generic payoffs and probabilities (Pęski 2024)"
    if first.num_cells == 2 and first.lowest < second.lowest:
        return (
            "conjectural: two types of player 1, any higher types of player 2 than its low one "
            "(named as an extension by Pęski 2024)"
        )
    return "conjectural: no theorem covers more than two types on each side"


def _leaves_no_gap(problem: DesignProblem) -> bool:
    """Return whether types or the proposer probability are such that no belief leaves a gap."""
    first, second = (agent.types for agent in problem.environment.agents)
    option = problem.environment.agents[0].outside_option
    assert isinstance(option, RandomMonopoly)
    if min(first.num_cells, second.num_cells) == 1 or first.lowest >= second.lowest:
        return True
    return first.highest >= second.highest or option.proposer_probability in (0.0, 1.0)


def notes_on(swapped: bool, dropped: Mapping[str, tuple[float, ...]]) -> tuple[str, ...]:
    """Return what a reader must know about the labels and the types, one sentence each.

    Examples
    --------
    >>> notes_on(False, {"player_1": (2.0,)})
    ('types of player_1 with probability 0 were dropped: 2',)
    """
    notes = []
    if swapped:
        notes.append(
            "the players' labels were exchanged: player_1 here is the given player_2, whose lowest "
            "type is lower"
        )
    for name, types in dropped.items():
        listed = ", ".join(f"{value:g}" for value in types)
        notes.append(f"types of {name} with probability 0 were dropped: {listed}")
    return tuple(notes)


def payoff_intervals(
    solution: Solution, progress: Progress | None = None
) -> tuple[dict[str, FloatArray], float]:
    """Return the interval of every type's payoff over all optimal mechanisms of a problem.

    Parameters
    ----------
    solution
        An optimal solution of a problem with a welfare objective.
    progress
        Called with the number of programs solved and the number in all, two for each type.

    Returns
    -------
    intervals
        By agent, an array (num_types, 2) of the least and the largest payoff, in money.
    error
        The largest distance of an end that was reached from the bound proved for it.

    Examples
    --------
    >>> from mechopt import Bargaining, TypeSpace
    >>> bargaining = Bargaining(TypeSpace.finite([0, 2]), TypeSpace.finite([1, 3]), 0.5)
    >>> ends, error = payoff_intervals(solve(best_for_player_1(bargaining)))
    >>> ends["player_2"].round(6).tolist(), error < 1e-8
    ([[0.75, 0.75], [1.5, 1.5]], True)
    """
    problem = solution.problem
    environment = problem.environment
    weights = getattr(problem.objective, "weights", None)
    if weights is None:
        raise UnsupportedProblemError("payoff intervals are of problems that maximise welfare.")
    welfare = tuple(w * mass for w, mass in zip(weights, environment.masses, strict=True))
    program = PayoffProgram(problem, at_least=(welfare, solution.objective))
    intervals, error = {}, 0.0
    done, in_all = 0, 2 * sum(environment.shape)
    for i, agent in enumerate(environment.agents):
        ends = np.empty((agent.types.num_cells, 2))
        for k in range(agent.types.num_cells):
            for side, sign in enumerate((-1.0, 1.0)):
                direction = [np.zeros(size) for size in environment.shape]
                direction[i][k] = sign
                extreme = program.furthest(direction)
                ends[k, side] = sign * extreme.value
                error = max(error, extreme.bound - extreme.value)
                done += 1
                if progress is not None:
                    progress(done, in_all)
        intervals[agent.name] = sealed(ends)
    return intervals, error


def _require_bargaining(environment: Environment) -> None:
    if is_bargaining(environment):
        return
    raise InvalidInputError(
        "not an environment of bargaining",
        where="bargaining",
        expected="Bargaining(player_1, player_2, proposer_probability)",
        got=f"{type(environment).__name__} with {type(environment.outcomes).__name__}",
        remedy="Make one with Bargaining.",
    )
