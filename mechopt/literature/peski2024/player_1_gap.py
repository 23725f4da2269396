"""Who gets the gap in bargaining: the most that player 1 can expect, and what that leaves open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt._util.rounding import ROUNDING, first_largest, in_figures
from mechopt.backends import Backend, explain, solve
from mechopt.environments import Environment, RandomMonopoly
from mechopt.errors import InvalidInputError, NotOptimalError, require
from mechopt.exact import exact_optimum
from mechopt.literature.peski2024.bargaining import (
    DROPPED,
    SWAPPED,
    basis,
    best_for_player_1,
    closed_form_gap,
    exact_random_monopoly,
    in_order,
    is_player_1_gap,
    monopolies,
    notes_on,
    random_monopoly,
    require_bargaining,
)
from mechopt.literature.peski2024.payoff_intervals import UNIQUE, Progress, payoff_intervals
from mechopt.literature.peski2024.random_monopoly import audit_payoffs
from mechopt.problem.problem import DesignProblem
from mechopt.solution import Solution, Termination
from mechopt.types.prices.monopoly import Monopoly
from mechopt.verify.audit import AUDIT_TOLERANCE, AuditReport, Check, audit


@dataclass(frozen=True, eq=False, repr=False)
class PlayerOneGap:
    """What bargaining over mechanisms leaves to player 1, and player 2, as discounting vanishes.

    Parameters
    ----------
    solution
        Of the program that maximises player 1's expected payoff; its mechanism is the allocation
        and payments.
    value_without_own_bound
        The same maximum without player 1's own random-monopoly bound, in money; None if that
        program could not be solved.
    payoff_intervals
        By player, an array (num_types, 2): the least and largest payoff of each type among all
        optimal mechanisms, in money. None if not asked for; NaN where they could not be determined.
    interval_error
        By how much the ends of the intervals may be off, by bounds that were proved.
    """

    solution: Solution
    value_without_own_bound: float | None
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
        """Gap(p): what player 1 gets beyond its random-monopoly bound, in money.

        Of a continuum both parts are those of cells, the bound at their means: an approximation.
        """
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
        >>> from mechopt.peski2024 import player_1_gap
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
    def is_unique(self) -> dict[str, bool | None]:
        """Whether all payoffs of a player are the same in every optimal mechanism, by player.

        None where that is not known.
        """
        agents = self.problem.environment.agents
        if self.payoff_intervals is None:
            return {agent.name: None for agent in agents}
        unique: dict[str, bool | None] = {}
        for agent in agents:
            points = [self.is_point(agent.name, k) for k in range(agent.types.num_cells)]
            unique[agent.name] = None if None in points and False not in points else all(points)
        return unique

    def is_point(self, name: str, k: int) -> bool | None:
        """Return whether a type has one payoff in all optimal mechanisms; None if not known."""
        if self.payoff_intervals is None or np.isnan(self.payoff_intervals[name][k]).any():
            return None
        low, high = self.payoff_intervals[name][k]
        environment = self.problem.environment
        stakes = environment.stakes[environment.index_of(name)][k]
        return bool(high - low <= UNIQUE * stakes)

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
        return SWAPPED in self.notes()

    def notes(self) -> tuple[str, ...]:
        """Return what a reader must know about the labels and the types, one sentence each."""
        known = (SWAPPED, DROPPED.partition("{")[0])
        return tuple(note for note in self.solution.provenance.notes if note.startswith(known))

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
        first_best = self.problem.environment.first_best
        scale = first_best or self.problem.environment.payoff_scale

        def check(requirement: str, violation: float, where: str) -> Check:
            return Check(requirement, violation, violation / scale, AUDIT_TOLERANCE, where)

        if self.closed_form is not None:
            error = abs(self.gap - self.closed_form)
            where = f"{self.gap:.9g}, {self.closed_form:.9g} in closed form"
            yield check("the gap is that of the closed form", error, where)
        if self.value_without_own_bound is not None:
            less = self.value - self.value_without_own_bound
            where = f"{self.value_without_own_bound:.9g} without player 1's own bound"
            yield check("a bound less gives player 1 no less", less, where)
        if self.payoff_intervals is not None:
            yield check("intervals end where bounds prove it", self.interval_error, "all types")
            for name, ends in self.payoff_intervals.items():
                own = self.payoffs[name]
                outside = np.maximum(ends[:, 0] - own, own - ends[:, 1])
                if np.isnan(outside).all():
                    continue
                k = first_largest(np.nan_to_num(outside, nan=-np.inf))
                where = "all types"
                # A place is named only where a payoff lies outside by more than rounding.
                if outside[k] > ROUNDING * max(abs(own[k]), first_best):
                    low, high = (in_figures(end, ".9g") for end in ends[k])
                    where = f"type {k}: {in_figures(own[k], '.9g')} in [{low}, {high}]"
                requirement = f"payoffs of {name} lie in their intervals"
                yield check(requirement, float(outside[k]), where)


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
        A :func:`Bargaining`. Finite types always have an answer. Mechanisms over cells of a
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
    require_bargaining(bargaining)
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

    Notes on labels and dropped types become a part of the solution's provenance, and are saved with
    it.

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
    free = solve(without, backend, throw=False)
    value = free.objective if free.termination is Termination.OPTIMAL else None
    provenance = solution.provenance
    new = tuple(note for note in notes_on(problem.environment) if note not in provenance.notes)
    solution = replace(solution, provenance=replace(provenance, notes=(*provenance.notes, *new)))
    return PlayerOneGap(solution, value, ends, error)
