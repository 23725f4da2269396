"""Bets on other agents' types: how well types tell of each other, and how much is paid for it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt._util.rounding import in_figures
from mechopt.environments import Environment
from mechopt.problem.budget import MoneyLimit
from mechopt.problem.problem import DesignProblem, Incentives, Participation
from mechopt.solution import Solution, Termination

# Singular values below this, beside the largest, count as zero.
NEGLIGIBLE = 1e-12
# What of the first best smaller payments may cost.
LOST = 1e-10
# Payments below this share of the gains are rounding, and none would do.
NOTHING = 1e-9
# Payments above this share of a limit that nobody stated may be pointless.
LARGE = 0.25
# Those above this share of it are at the limit.
AT_LIMIT = 1.0 - 1e-6
# Of more payments, the smallest that do are not looked for.
MOST_PAYMENTS = 10_000

WHAT_BETS_ARE = "a bet is a payment that hangs on what the others report"
# The keys that bets add to those of ``mechopt solve --json``.
OF_BETS = frozenset({"belief_ranks", "belief_condition", "largest_payment", "least_limit"})


@dataclass(frozen=True)
class Bets:
    """What a mechanism pays where types tell of each other, and what would do.

    If no type's belief about the others is a mixture of those of the agent's other types, bets take
    all rents away (Crémer and McLean 1988, doi:10.2307/1913096). The closer beliefs are, the larger
    the payments.

    Parameters
    ----------
    ranks
        Rank of each agent's beliefs, and its number of types: beliefs are rows, one per type, of
        the probabilities of the others' profiles.
    condition
        Largest ratio of the first singular value of such a matrix to the last that is not zero.
    largest_payment
        The largest payment in any profile, in money.
    least_limit
        A limit on payments within which a mechanism was found that is as good; 0 if it needs no
        payments, None if not looked for.
    limited
        Whether the problem limits payments or losses.
    default_limit
        The limit on payments of a problem that states none, in money.
    on_beliefs
        Whether types tell of each other, and bets hang on that.
    """

    ranks: tuple[tuple[int, int], ...]
    condition: float
    largest_payment: float
    least_limit: float | None
    limited: bool = False
    default_limit: float | None = None
    on_beliefs: bool = True

    @property
    def take_all(self) -> bool:
        """Whether beliefs are linearly independent, so that bets can take every rent."""
        return all(rank == size for rank, size in self.ranks)

    def sentence(self) -> str:
        """Return what a report says of it."""
        paid = in_figures(self.largest_payment, ".6g")
        if not self.on_beliefs:
            return f"up to {paid} is paid in a profile{self._least()}; {WHAT_BETS_ARE}"
        ranks = " and ".join(dict.fromkeys(f"{rank} of {size}" for rank, size in self.ranks))
        what = "can take all rents away" if self.take_all else "can take rents away"
        condition = in_figures(self.condition, ".3g")
        if self.limited:
            what = "take rents away as far as the limits let them"
        text = (
            f"types tell of each other (beliefs of rank {ranks}, condition {condition}), and bets "
            f"on others' types {what}: up to {paid} is paid in a profile"
        )
        if self.limited:
            return f"{text}; {WHAT_BETS_ARE}"
        small = 'a lower one, liability, or participation = "ex-post", keeps bets small'
        return f"{text}{self._least()}; {small}; {WHAT_BETS_ARE}"

    def _least(self) -> str:
        """Return what to say of lower limits, or of one that nobody stated and all hangs on."""
        if self.least_limit is None:
            return ""
        if self.default_limit is not None and self.least_limit >= AT_LIMIT * self.default_limit:
            return (
                ", the limit where none is stated, and no lower one was found to do: the objective "
                "may hang on it alone; state a payment_limit or a liability"
            )
        if self.least_limit == 0.0:
            return ", and no payments at all would do as well: transfers = false"
        return f", and a payment_limit of {in_figures(_upwards(self.least_limit), '.6g')} would do"

    def record(self) -> dict[str, Any]:
        """Return further keys of ``mechopt solve --json``."""
        return {
            "belief_ranks": [rank for rank, _ in self.ranks],
            "belief_condition": self.condition,
            "largest_payment": self.largest_payment,
            "least_limit": self.least_limit,
        }


def bets_of(solution: Solution) -> Bets | None:
    """Return what an optimal mechanism bets; None where no bets are possible.

    Bets need a joint prior and an agent whose incentives and participation hold on average. Where
    types are independent, payments that near the limit of a problem that states none count as
    bets too. Unless payments or losses are limited, a second program looks for the smallest
    payments that are as good.

    Examples
    --------
    >>> from mechopt import Auction, DesignProblem, Joint, Revenue, TypeSpace, solve
    >>> from dataclasses import replace
    >>> auction = replace(
    ...     Auction(TypeSpace.finite([1, 2], ["1/2", "1/2"]), count=2),
    ...     prior=Joint([["3/8", "1/8"], ["1/8", "3/8"]]),
    ... )
    >>> bets = bets_of(solve(DesignProblem(auction, Revenue(), budget="subsidised")))
    >>> bets.ranks, round(bets.condition, 6), round(bets.least_limit, 6)
    (((2, 2), (2, 2)), 2.0, 1.25)
    """
    problem, mechanism = solution.problem, solution.mechanism
    if mechanism is None or solution.termination is not Termination.OPTIMAL:
        return None
    environment = problem.environment
    limits = any(isinstance(each, MoneyLimit) for each in problem.requirements)
    default = None if limits or not problem.by_profile else problem.payment_limit
    on_beliefs = _may_bet(problem)
    if default is None and not on_beliefs:
        return None
    largest = mechanism.largest_payment
    if default is not None and not on_beliefs and largest <= LARGE * default:
        return None
    shares = [_singular(environment, i) for i in range(len(environment.agents))]
    ranks = tuple(
        (int((own > NEGLIGIBLE).sum()), size)
        for own, size in zip(shares, environment.shape, strict=True)
    )
    condition = max(float(1.0 / own[own > NEGLIGIBLE].min()) for own in shares)
    least = None
    if not limits and environment.num_profiles * len(environment.agents) <= MOST_PAYMENTS:
        from mechopt.studies.second_programs import with_small_payments

        lost = LOST * problem.objective_scale
        smaller = with_small_payments(solution, lost=lost).ex_post_payments()
        least = min(largest, float(np.abs(smaller).max()))
        least = 0.0 if least <= NOTHING * problem.objective_scale else least
        if default is not None and not on_beliefs and largest / 2.0 < least < AT_LIMIT * default:
            return None  # Prices far from zero, and not bets.
    return Bets(ranks, condition, largest, least, limits, default, on_beliefs)


def _upwards(limit: float) -> float:
    """Return a limit rounded up to six figures, unless it is rounding that lies above them.

    Examples
    --------
    >>> _upwards(1.9326921), _upwards(1.25 + 1e-12)
    (1.9327, 1.25)
    """
    if not limit > 0.0:
        return 0.0
    digits = 5 - math.floor(math.log10(limit))
    power = 10.0**digits
    return math.ceil(limit * power * (1.0 - 1e-9)) / power


def _may_bet(problem: DesignProblem) -> bool:
    """Return whether types tell of each other, and some agent may be made to bet on that."""
    if problem.environment.independent or problem.payment_limit == 0.0:
        return False
    return any(
        problem.incentives_of(i) is Incentives.INTERIM
        and problem.participation_of(i) is Participation.INTERIM
        for i in range(len(problem.environment.agents))
    )


def _singular(environment: Environment, i: int) -> FloatArray:
    """Return the singular values of an agent's beliefs beside the largest."""
    values = np.linalg.svd(environment.belief.beliefs(i), compute_uv=False)
    return np.asarray(values / values[0], dtype=np.float64)
