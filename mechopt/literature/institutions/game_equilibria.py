"""Equilibria of games of offers: the most and the least that they bring, and perfect ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, product
from typing import Any

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.backends import solve
from mechopt.errors import UnsupportedProblemError
from mechopt.literature.institutions.assessments import Assessment, bayesian_beliefs
from mechopt.literature.institutions.offer_game import OfferGame, behaviour
from mechopt.literature.institutions.sequence_form import SequenceForm
from mechopt.problem.usual import ex_ante_efficiency

TREMBLE = 0.01
# If nothing is found, trembles are so many times as likely.
AGAIN = 0.3
# Types that tremble less do so by this factor.
RARER = 0.1
# Largest denominators that probabilities are rounded to, in turn.
DENOMINATORS = (1, 12, 60, 1_000, 10**6, 10**12)
BELIEF_DENOMINATORS = (1, 12, 1_000)
# Bounds and what was found agree up to this share of the first best.
AGREEMENT = 1e-6
# The share of the largest gain or loss that a bound of the branch and bound may be off.
CLAIMED = 1e-9


@dataclass(frozen=True, eq=False)
class EquilibriumBounds:
    """The most and the least that equilibria of a game of offers bring.

    Parameters
    ----------
    game
        The game.
    highest, lowest
        Equilibria that bring the most and the least of those found. They are Nash equilibria;
        their largest gain from deviating is recomputed in fractions.
    at_most, at_least
        No equilibrium of the kind brings more, or less, in money of the first period: what the
        branch and bound claims within its tolerance. The former is not above the second best.
    credible
        Whether the kind is Nash equilibria without conditionally dominated moves, which include all
        perfect Bayesian ones; else all Nash equilibria.

    Examples
    --------
    >>> from mechopt.institutions import surplus_bounds
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> from mechopt.institutions import offers_by_one_side
    >>> trade = BilateralTrade(TypeSpace.finite([0]), TypeSpace.finite([1, 3]))
    >>> bounds = surplus_bounds(offers_by_one_side(trade, "1/2", 2))
    >>> bounds.proved, round(bounds.at_least, 6), round(bounds.at_most, 6)
    (True, 0.5, 2.0)
    """

    game: OfferGame
    highest: Assessment
    lowest: Assessment
    at_most: float
    at_least: float
    credible: bool

    @property
    def proved(self) -> bool:
        """Whether no equilibrium brings more, or less, than those found, within the tolerance.

        Those found must be equilibria up to it, too.
        """
        near = AGREEMENT * self.game.trade.first_best
        found = (self.highest, self.lowest)
        return (
            self.at_most <= self.highest.total + near
            and self.at_least >= self.lowest.total - near
            and all(each.deviation.gain <= near for each in found)
        )

    def __str__(self) -> str:
        kind = "Nash equilibria without dominated moves" if self.credible else "Nash equilibria"
        first = self.game.trade.first_best
        if first <= 0:
            return f"{self.game.title}: no pair of types gains from trade"
        shares = [100 * x / first for x in (self.at_least, self.at_most)]
        what = "over all" if self.proved else "bounds that those found do not reach, on all"
        return (
            f"{self.game.title}: from {shares[0]:.2f} % to {shares[1]:.2f} % of the first best, "
            f"{what} {kind}"
        )


def surplus_bounds(
    game: OfferGame, *, credible: bool = True, time_limit: float = 60.0
) -> EquilibriumBounds:
    """Return the most and the least that equilibria of a game of offers bring.

    Parameters
    ----------
    game
        The game, as of :func:`alternating_offers` and :func:`offers_by_one_side`.
    credible
        Leave out equilibria with moves that are conditionally dominated, such as to refuse, in the
        last period, what brings a gain. With False also threats that nobody would carry out count,
        and no trade at all is the least.
    time_limit
        Of each of the two searches, in seconds. What is found by then stands beside the bound.

    Raises
    ------
    UnsupportedProblemError
        If no equilibrium is found in time.

    Notes
    -----
    Two programs in whole numbers over the sequence form. Source: Koller, Megiddo and von Stengel
    (1996); Sandholm, Gilpin and Conitzer (2005).

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> from mechopt.institutions import alternating_offers
    >>> game = alternating_offers(
    ...     BilateralTrade(TypeSpace.finite([0, 2]), TypeSpace.finite([1, 3])), "9/10", periods=1
    ... )
    >>> bounds = surplus_bounds(game)
    >>> bounds.proved, round(bounds.at_least, 6), round(bounds.at_most, 6)
    (True, 0.666667, 1.25)
    """
    program = SequenceForm(game, credible=credible)
    second = float(solve(ex_ante_efficiency(game.trade)).bound)
    found, ends = [], []
    # What the solver claims holds up to its tolerance, in units of the largest gain or loss.
    rounding = CLAIMED * float(program.unit)
    for sign in (1.0, -1.0):
        near = 1e-9 * game.trade.first_best
        result = program.search(
            program.gains((sign, sign)),
            time_limit=time_limit,
            target=second - near if sign > 0 else None,
        )
        if result.values is None:
            raise UnsupportedProblemError(
                f"no equilibrium of {game.title} was found in {time_limit:g} seconds. Take fewer "
                "types or periods, or fewer prices where they are chosen, or a later time limit."
            )
        name = "the most of all equilibria" if sign > 0 else "the least of all equilibria"
        end = sign * (result.bound + rounding)
        found.append(_nash(program, result.values, name, end))
        ends.append(end)
    at_most = min(ends[0], second, game.trade.first_best)
    return EquilibriumBounds(game, found[0], found[1], at_most, max(ends[1], 0.0), credible)


def perfect_equilibria(
    game: OfferGame, *, tremble: float = TREMBLE, time_limit: float = 20.0
) -> tuple[Assessment, ...]:
    """Return perfect Bayesian equilibria of a game of offers, those that were found.

    Parameters
    ----------
    game
        The game.
    tremble
        How likely a move is at least while searching, relative to the move before it; where nothing
        is found, three tenths of it in a second search.
    time_limit
        Of each search, in seconds.

    Returns
    -------
    tuple of Assessment
        Each is one exactly: no type gains at any history, given beliefs that follow Bayes' rule
        wherever it applies, all in fractions. The one that brings most is the first. There may
        be others.

    Raises
    ------
    UnsupportedProblemError
        If none was found.

    Notes
    -----
    Equilibria in which every move is made with a small probability, with types that tremble alike
    and types of which some do less, give strategies and beliefs at every history. Their
    probabilities are rounded to fractions, and what is no equilibrium after that is left out.
    Source: Selten (1975), International Journal of Game Theory 4, 25-55, for trembles; Fudenberg
    and Tirole (1991), Journal of Economic Theory 53, 236-260, for what beliefs must satisfy.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> from mechopt.institutions import offers_by_one_side
    >>> trade = BilateralTrade(TypeSpace.finite([0]), TypeSpace.finite([1, 3]))
    >>> (best, *_) = perfect_equilibria(offers_by_one_side(trade, "1/2", 2))
    >>> best.payoffs, best.deviation.gain, best.sequential_deviation.gain
    (((Fraction(1, 1),), (Fraction(0, 1), Fraction(2, 1))), 0.0, 0.0)
    """
    kept: dict[Any, Assessment] = {}
    least, searched = float("inf"), 0
    for trembles in chain(_trembles(game, tremble), _trembles(game, AGAIN * tremble)):
        if kept and max(map(max, trembles)) < tremble:
            break
        program = SequenceForm(game, trembles=trembles)
        for sign in (1.0, -1.0):
            result = program.search(program.gains((sign, sign)), time_limit=time_limit)
            if result.values is None:
                continue
            searched += 1
            best = min(
                _perfect(program, result.values),
                key=lambda each: max(each.sequential_deviation.gain, each.bayes_error),
            )
            least = min(least, best.sequential_deviation.gain)
            if best.is_perfect:
                kept.setdefault(best.payoffs, best)
    if not kept:
        raise UnsupportedProblemError(
            f"no perfect Bayesian equilibrium of {game.title} was found: of {searched} candidates "
            f"the best lets some type gain {least:.3g} at some history. Try another tremble."
        )
    return tuple(sorted(kept.values(), key=lambda each: -each.total))


def _trembles(game: OfferGame, tremble: float) -> Iterator[tuple[Sequence[float], Sequence[float]]]:
    """Yield how likely trembles are: alike for all types, or less so for high or for low ones."""
    for tilts in product((0, 1, -1), repeat=2):
        if any(tilt and len(side) == 1 for tilt, side in zip(tilts, game.types, strict=True)):
            continue
        sides = []
        for tilt, side in zip(tilts, game.types, strict=True):
            places = np.arange(len(side)) / max(len(side) - 1, 1)
            rarer = {0: 0.0 * places, 1: places, -1: 1.0 - places}[tilt]
            sides.append([float(tremble * RARER**power) for power in rarer])
        yield sides[0], sides[1]


def _nash(program: SequenceForm, values: FloatArray, name: str, end: float) -> Assessment:
    """Return what a solution says, in fractions by which nobody gains if there are such.

    Of those the one whose total is nearest to an end: coarser fractions may be further from it.
    """
    best: Assessment | None = None
    near = AGREEMENT * program.game.trade.first_best
    for largest in DENOMINATORS[2:]:
        offers, accepts = _strategies(program, values, largest)
        beliefs = bayesian_beliefs(program.game, offers, accepts)
        found = Assessment(program.game, offers, accepts, beliefs, name)
        off = found.deviation.gain, abs(found.total - end)
        if best is None or off < (best.deviation.gain, abs(best.total - end)):
            best = found
        if best.deviation.gain == 0.0 and abs(best.total - end) <= near:
            break
    assert best is not None
    return best


def _perfect(program: SequenceForm, values: FloatArray) -> Iterator[Assessment]:
    """Yield strategies and beliefs without trembles, rounded in several ways."""
    game = program.game
    tried: set[bytes] = set()
    for largest, smallest in product(DENOMINATORS, BELIEF_DENOMINATORS):
        offers, accepts = _strategies(program, values, largest)
        beliefs = bayesian_beliefs(game, offers, accepts, _believed(program, values, smallest))
        found = Assessment(game, offers, accepts, beliefs, "perfect equilibrium")
        key = repr([x.tolist() for x in (*offers, *accepts, *beliefs[0], *beliefs[1])]).encode()
        if key not in tried:
            tried.add(key)
            yield found
            if found.is_perfect:
                return


def _strategies(
    program: SequenceForm, values: FloatArray, largest: int
) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Return the plans as probabilities of moves given the one before, without trembles."""
    game, size = program.game, len(program.game.prices)
    offers, accepts = [], []
    for t, side in enumerate(game.sides):
        shape = (size**t, size)
        offers.append(behaviour((len(game.types[side]), *shape)))
        accepts.append(behaviour((len(game.types[1 - side]), *shape)))
        for i, plan in enumerate(program.plans[side]):
            for h in range(size**t):
                moves = plan["offer"][t][h]
                offers[t][i, h] = _rounded(program, values, side, i, (t, h), moves, largest)
        for j, plan in enumerate(program.plans[1 - side]):
            for h, p in product(*map(range, shape)):
                moves = np.stack([plan["accept"][t][h, p], plan["refuse"][t][h, p]])
                both = _rounded(program, values, 1 - side, j, (t, h), moves, largest)
                accepts[t][j, h, p] = both[0]
    return tuple(offers), tuple(accepts)


def _rounded(
    program: SequenceForm, values: FloatArray, side: int, own: int, at: tuple[int, int],
    moves: Any, largest: int,
) -> list[Fraction]:  # fmt: skip
    """Return the probabilities of the moves of one information set, as fractions."""
    before = program.before(program.plans[side][own], side, *at)
    reached = 1.0 if before is None else float(values[before])
    share = program.trembles[side][own] * reached
    used = values[moves[:, 2]] > 0.5
    made = np.where(used, np.maximum(values[moves[:, 0]] - share, 0.0), 0.0)
    if made.sum() <= 1e-9 * max(reached, 1e-6) or not made.any():
        # Never reached by its own moves, or all at the trembles: any of the best will do.
        made = used.astype(np.float64)
        made[1:][made[:1].any()] = 0.0
    made = np.where(made < 1e-8 * made.sum(), 0.0, made)
    parts = [Fraction(x).limit_denominator(largest) for x in (made / made.sum()).tolist()]
    top = int(made.argmax())
    parts[top] = 1 - (sum(parts) - parts[top])
    if parts[top] < 0:
        parts = [Fraction(int(k == top)) for k in range(len(parts))]
    return parts


def _believed(program: SequenceForm, values: FloatArray, largest: int) -> Any:
    """Return what trembles make of beliefs after every history, by side and period."""
    game, size = program.game, len(program.game.prices)
    found: tuple[list[Any], list[Any]] = ([], [])
    for side in (0, 1):
        masses = [float(m) for m in game.masses[side]]
        for t, proposer in enumerate(game.sides):
            kind = "offer" if proposer == side else "refuse"
            after = behaviour((size ** (t + 1), len(masses)))
            for h, p in product(range(size**t), range(size)):
                weights = np.array([
                    mass * max(float(values[plan[kind][t][h, p][0]]), 0.0)
                    for mass, plan in zip(masses, program.plans[side], strict=True)
                ])  # fmt: skip
                total = weights.sum()
                shares = weights / total if total > 0 else np.array(masses)
                parts = [Fraction(x).limit_denominator(largest) for x in shares.tolist()]
                top = int(shares.argmax())
                parts[top] = 1 - (sum(parts) - parts[top])
                if parts[top] < 0:
                    parts = [Fraction(int(k == top)) for k in range(len(parts))]
                after[h * size + p] = parts
            found[side].append(after)
    return found
