"""Equilibria of games of offers as a program in whole numbers over the sequence form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.errors import UnsupportedProblemError
from mechopt.literature.institutions.offer_game import OfferGame
from mechopt.program.quiet import silence_banner

OPTIONS: dict[str, Any] = {
    "parallel": "off",
    "mip_feasibility_tolerance": 1e-9,
    "primal_feasibility_tolerance": 1e-9,
    "dual_feasibility_tolerance": 1e-9,
    "mip_rel_gap": 0.0,
    "mip_abs_gap": 1e-9,
}
TIGHT: dict[str, Any] = {
    "parallel": "off",
    "primal_feasibility_tolerance": 1e-10,
    "dual_feasibility_tolerance": 1e-10,
}
# HiGHS' number for a feasible solution, where it tells of one.
FEASIBLE = 2

# A strategy's places in the program: by period, arrays (types, histories, prices).
Places = dict[str, list[Any]]


@dataclass(frozen=True)
class Dominance:
    """Moves that no rational type makes at any history, whatever it believes there.

    Parameters
    ----------
    offers, accepts, refuses : arrays of bool (types, prices), one per period
        Whether a type of who offers may make an offer, and one of the other side may accept, and
        may refuse it.
    most
        What is still possible for each type at best, by period and side, in money of the first.

    Notes
    -----
    A reply is conditionally dominated if it is worse than the other one at the best, or the worst,
    that can still come; so is an offer. What is still possible is computed from the last period
    back, and every perfect Bayesian equilibrium has such moves alone.
    """

    offers: tuple[Any, ...]
    accepts: tuple[Any, ...]
    refuses: tuple[Any, ...]
    most: tuple[tuple[list[Fraction], list[Fraction]], ...]

    @classmethod
    def of(cls, game: OfferGame) -> Dominance:
        """Return which moves are left."""
        most = [[Fraction(0)] * len(side) for side in game.types]
        least = [[Fraction(0)] * len(side) for side in game.types]
        found: list[tuple[Any, ...]] = []
        for t in range(game.periods - 1, -1, -1):
            side, size = game.sides[t], len(game.prices)
            own, other = game.gains[side][t], game.gains[1 - side][t]
            accepts: Any = np.array(
                [[g >= low for g in row] for row, low in zip(other, least[1 - side], strict=True)]
            )
            refuses: Any = np.array(
                [[g <= top for g in row] for row, top in zip(other, most[1 - side], strict=True)]
            )
            offers: Any = np.zeros((len(own), size), dtype=bool)
            highs, lows = [], []
            for k, row in enumerate(own):
                up, down = [], []
                for p, gain in enumerate(row):
                    both = [gain] if accepts[:, p].any() else []
                    later = refuses[:, p].any()
                    up.append(max(both + ([most[side][k]] if later else [])))
                    down.append(min(both + ([least[side][k]] if later else [])))
                lows.append(max(down))
                offers[k] = [high >= lows[-1] for high in up]
                highs.append(max(up))
            made: Any = offers.any(axis=0)
            tops, bottoms = [], []
            for j, row in enumerate(other):
                reply = [max(row[p], most[1 - side][j]) for p in range(size) if made[p]]
                worst = [max(row[p], least[1 - side][j]) for p in range(size) if made[p]]
                tops.append(max(reply))
                bottoms.append(min(worst))
            most[side], least[side] = highs, lows
            most[1 - side], least[1 - side] = tops, bottoms
            found.append((offers, accepts, refuses, (most[0], most[1])))
        found.reverse()
        return cls(*(tuple(part) for part in zip(*found, strict=True)))


class Found(NamedTuple):
    """What a search found: values of the variables or None, a bound on all, and whether it ended.

    The bound is what the solver claims, in money.
    """

    values: FloatArray | None
    bound: float
    ended: bool


class SequenceForm:
    """The conditions of an equilibrium, as rows of a program in whole numbers.

    Every type's plan says how likely it is, as far as its own moves go, to make each move. A plan
    is best if moves that it makes with more than the least probability have no slack in the dual
    of its program; whole numbers say which of the two vanishes. What a type expects is then the
    value of its first information set, so that gains are linear.

    Parameters
    ----------
    game
        The game.
    trembles
        By side and type: every move is made at least so likely, relative to the move before it.
    credible
        Whether moves that are conditionally dominated are left out.

    Notes
    -----
    Source: Koller, Megiddo and von Stengel (1996), Games and Economic Behavior 14, 247-259, for the
    sequence form; Sandholm, Gilpin and Conitzer (2005) for whole numbers; Selten (1975) for
    trembles.
    """

    def __init__(
        self,
        game: OfferGame,
        *,
        trembles: tuple[Sequence[float], Sequence[float]] | None = None,
        credible: bool = True,
    ) -> None:
        self.game = game
        self.trembles = trembles or ([0.0] * len(game.types[0]), [0.0] * len(game.types[1]))
        self.lower: list[float] = []
        self.upper: list[float] = []
        self.whole: list[int] = []
        self._rows: list[tuple[list[int], list[float], float, float]] = []
        self.roots: tuple[list[tuple[float, int]], list[tuple[float, int]]] = ([], [])
        # The solver's tolerances are absolute: the largest gain or loss is 1 in the program.
        self.unit = _largest(game)
        self._gain = [
            [[[float(g / self.unit) for g in row] for row in period] for period in side]
            for side in game.gains
        ]
        dominance = Dominance.of(game) if credible else None
        self.plans = tuple(
            [self._plan(side, i, dominance) for i in range(len(game.types[side]))]
            for side in (0, 1)
        )
        for side in (0, 1):
            for i in range(len(game.types[side])):
                self._best(side, i)

    def _new(self, low: float, high: float) -> int:
        self.lower.append(low)
        self.upper.append(high)
        return len(self.lower) - 1

    def _row(self, terms: list[tuple[int, float]], low: float, high: float) -> None:
        places: dict[int, float] = {}
        for place, value in terms:
            places[place] = places.get(place, 0.0) + value
        self._rows.append((list(places), list(places.values()), low, high))

    def _plan(self, side: int, own: int, dominance: Dominance | None) -> Places:
        """Add a type's plan: moves, their slacks, and whether they are made."""
        game, size, inf = self.game, len(self.game.prices), float("inf")
        tremble = self.trembles[side][own]
        plan: Places = {"offer": [], "accept": [], "refuse": [], "value": []}
        for t, proposer in enumerate(game.sides):
            histories = size**t
            for kind in ("offer", "accept", "refuse"):
                plan[kind].append(np.full((histories, size, 3), -1))
            offers = proposer == side
            plan["value"].append(np.full((histories, size), -1))
            for h in range(histories):
                before = self.before(plan, side, t, h)
                least, most = self._range(side, own, t)
                if dominance is not None and not tremble:
                    most = float(dominance.most[t][side][own] / self.unit)
                groups = [[("offer", p) for p in range(size)]] if offers else [
                    [("accept", p), ("refuse", p)] for p in range(size)
                ]  # fmt: skip
                for group in groups:
                    value = self._new(-inf if tremble else 0.0, most)
                    plan["value"][t][h, [p for _, p in group]] = value
                    total, made = [], []
                    for kind, p in group:
                        allowed = dominance is None or bool(
                            {"offer": dominance.offers, "accept": dominance.accepts,
                             "refuse": dominance.refuses}[kind][t][own, p]
                        )  # fmt: skip
                        move = self._new(0.0, 1.0 if allowed or tremble else 0.0)
                        slack = self._new(0.0, most - least)
                        used = self._new(0.0, 1.0 if allowed else 0.0)
                        self.whole.append(used)
                        plan[kind][t][h, p] = (move, slack, used)
                        # Made more often than by a tremble, it has no slack.
                        lean = [(move, 1.0)] + ([] if before is None else
                                                [(before, -tremble)])  # fmt: skip
                        off = tremble if before is None else 0.0
                        self._row([*lean, (used, -1.0)], -inf, off)
                        self._row(lean, off, inf)
                        self._row([(slack, 1.0), (used, most - least)], -inf, most - least)
                        total.append((move, 1.0))
                        made.append((used, 1.0))
                    if before is None:
                        self._row(total, 1.0, 1.0)
                        share = float(self.game.masses[side][own])
                        self.roots[side].append((share, value))
                        for kind, p in group:
                            self.roots[side].append((-tremble * share, int(plan[kind][t][h, p][1])))
                    else:
                        self._row([*total, (before, -1.0)], 0.0, 0.0)
                    self._row(made, 1.0, inf)
        return plan

    def before(self, plan: Places, side: int, period: int, history: int) -> int | None:
        """Return a type's own last move before a history; None at the start."""
        if period == 0:
            return None
        size = len(self.game.prices)
        kind = "offer" if self.game.sides[period - 1] == side else "refuse"
        return int(plan[kind][period - 1][history // size, history % size][0])

    def _range(self, side: int, own: int, period: int) -> tuple[float, float]:
        """Return what a type's values are at least and at most, slacks of trembles included."""
        gains = [gain for row in self._gain[side][period:] for gain in row[own]]
        least, most = min(0.0, *gains), max(0.0, *gains)
        slack = self.trembles[side][own] * len(self.game.prices) * self.game.periods
        return least - slack * (most - least), most + slack * (most - least)

    def _next(self, side: int, own: int, period: int, history: int) -> list[tuple[int, float]]:
        """Return what a type expects from a history on, as terms."""
        if period == self.game.periods:
            return []
        plan, size = self.plans[side][own], len(self.game.prices)
        offers = self.game.sides[period] == side
        values = plan["value"][period][history]
        terms = [(int(v), 1.0) for v in (values[:1] if offers else values)]
        if self.trembles[side][own]:
            for kind in ("offer",) if offers else ("accept", "refuse"):
                terms += [
                    (int(plan[kind][period][history, p][1]), -self.trembles[side][own])
                    for p in range(size)
                ]
        return terms

    def _best(self, side: int, own: int) -> None:
        """Add that a type's slacks are what its moves fall short of its best ones."""
        game, size, plan = self.game, len(self.game.prices), self.plans[side][own]
        for t, proposer in enumerate(game.sides):
            offers = proposer == side
            theirs = "accept" if offers else "offer"
            for h in range(size**t):
                for p in range(size):
                    gain = self._gain[side][t][own][p]
                    traded = [
                        (int(other[theirs][t][h, p][0]), -gain * float(mass))
                        for other, mass in zip(self.plans[1 - side], game.masses[1 - side],
                                               strict=True)
                    ]  # fmt: skip
                    later = [(c, -x) for c, x in self._next(side, own, t + 1, h * size + p)]
                    value = (int(plan["value"][t][h, p]), 1.0)
                    if offers:
                        slack = (int(plan["offer"][t][h, p][1]), -1.0)
                        self._row([value, slack, *traded, *later], 0.0, 0.0)
                    else:
                        slack = (int(plan["accept"][t][h, p][1]), -1.0)
                        self._row([value, slack, *traded], 0.0, 0.0)
                        slack = (int(plan["refuse"][t][h, p][1]), -1.0)
                        self._row([value, slack, *later], 0.0, 0.0)

    def gains(self, weights: tuple[float, float]) -> FloatArray:
        """Return what the expected payoffs, weighted by side, are in the program's variables.

        They are in the program's unit of money, :attr:`unit`.
        """
        found = np.zeros(len(self.lower))
        for side, weight in enumerate(weights):
            for share, place in self.roots[side]:
                found[place] += weight * share
        return found

    def search(
        self, objective: FloatArray, *, time_limit: float, target: float | None = None
    ) -> Found:
        """Maximise over all equilibria.

        Parameters
        ----------
        objective
            In the program's variables.
        time_limit
            In seconds of the solver's clock.
        target
            A value to stop at, in money, since no equilibrium has more.
        """
        import highspy

        options: dict[str, Any] = {"time_limit": time_limit, **OPTIONS}
        if target is not None:
            options["objective_target"] = target / float(self.unit)
        model = self._run(objective, options)
        info = model.getInfo()
        bound = float(info.mip_dual_bound) * float(self.unit)
        statuses = highspy.HighsModelStatus
        done = model.getModelStatus() in {
            statuses.kOptimal, statuses.kObjectiveTarget, statuses.kInfeasible
        }  # fmt: skip
        values = np.asarray(model.getSolution().col_value)
        if info.primal_solution_status != FEASIBLE:
            return Found(None, bound, done)
        # With moves and slacks that vanish fixed, a linear program has them to its tolerance.
        model = self._run(objective, TIGHT, used=np.round(values[self.whole]))
        if model.getInfo().primal_solution_status == FEASIBLE:
            values = np.asarray(model.getSolution().col_value)
        return Found(values, bound, done)

    def _run(
        self, objective: FloatArray, options: dict[str, Any], used: FloatArray | None = None
    ) -> Any:
        import highspy

        silence_banner()
        model = highspy.Highs()
        model.silent()
        for name, value in options.items():
            model.setOptionValue(name, value)
        model.passModel(self._model(objective, used))
        if model.run() == highspy.HighsStatus.kError:
            raise UnsupportedProblemError(
                f"the program of {self.game.title} was not solved: HiGHS ended with an error"
            )
        return model

    def _model(self, objective: FloatArray, used: FloatArray | None = None) -> Any:
        import highspy

        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(self.lower), len(self._rows)
        lp.sense_ = highspy.ObjSense.kMaximize
        lp.col_cost_ = objective
        lower, upper = np.array(self.lower), np.array(self.upper)
        if used is not None:
            lower[self.whole] = upper[self.whole] = used
        lp.col_lower_, lp.col_upper_ = lower, upper
        lp.row_lower_ = np.array([row[2] for row in self._rows])
        lp.row_upper_ = np.array([row[3] for row in self._rows])
        starts = np.cumsum([0, *(len(row[0]) for row in self._rows)])
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = starts
        lp.a_matrix_.index_ = np.array([c for row in self._rows for c in row[0]])
        lp.a_matrix_.value_ = np.array([x for row in self._rows for x in row[1]])
        if used is None:
            kinds = [highspy.HighsVarType.kContinuous] * len(self.lower)
            for place in self.whole:
                kinds[place] = highspy.HighsVarType.kInteger
            lp.integrality_ = kinds
        return lp

    def moves(self, values: FloatArray) -> Iterator[tuple[int, int, str, int, FloatArray]]:
        """Yield side, type, kind of move, period, and the plan's probabilities by history."""
        for side in (0, 1):
            for i, plan in enumerate(self.plans[side]):
                for kind in ("offer", "accept", "refuse"):
                    for t, places in enumerate(plan[kind]):
                        if places[0, 0, 0] >= 0:
                            yield side, i, kind, t, values[places[..., 0]]


def _largest(game: OfferGame) -> Fraction:
    """Return the largest gain or loss of any trade; 1 where there is none."""
    every = (abs(g) for side in game.gains for period in side for row in period for g in row)
    return max(every) or Fraction(1)
