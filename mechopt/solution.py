"""What a backend returns: a mechanism, a bound, multipliers, and how they were got."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum

import numpy as np

from mechopt._util.arrays import FloatArray, frozen
from mechopt._util.registry import saved_as
from mechopt.errors import InvalidInputError, require
from mechopt.mechanism.mechanism import Mechanism
from mechopt.problem.problem import DesignProblem

AGAIN = "Solve the problem again."
# Relative to the problem's objective scale; a larger gap is no optimum.
CERTIFIED_GAP = 1e-6


class Termination(StrEnum):
    """Why the backend stopped."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    LIMIT = "limit"


class Limit(StrEnum):
    """Why a backend stopped with ``limit``: neither an optimum nor a proof that there is none."""

    TIME = "time"
    """The time limit was reached."""
    ITERATIONS = "iterations"
    """A limit on iterations, or on rounds of tangents, was reached."""
    NUMERICAL = "numerical-trouble"
    """The solver could not go on in floating point."""
    IMPRECISE = "imprecise"
    """The solver claims an end that its own numbers do not bear out to full tolerances."""
    NO_SOLUTION = "no-solution-found"
    """The solver found no solution and does not say whether there is none or no best one."""
    INTERRUPTED = "interrupted"
    """Somebody stopped the solver."""
    OTHER = "other"
    """Anything else; the solver's own words say what."""


class PointStatus(StrEnum):
    """What the returned mechanism, or the returned multipliers, are."""

    FEASIBLE = "feasible"
    NONE = "none"
    CERTIFICATE = "certificate"


@saved_as("mechopt.Statistics")
@dataclass(frozen=True)
class Statistics:
    """Size of the program and effort spent; None where a backend does not say.

    Parameters
    ----------
    seconds
        Wall time of building, solving and reading back.
    solver_seconds
        Time in the solver alone.
    iterations
        Iterations of the solver.
    num_variables, num_constraints, num_nonzeros
        Size of the program as built.
    """

    seconds: float
    solver_seconds: float | None = None
    iterations: int | None = None
    num_variables: int | None = None
    num_constraints: int | None = None
    num_nonzeros: int | None = None

    def __post_init__(self) -> None:
        for part in fields(self):
            value = getattr(self, part.name)
            if value is None and part.name != "seconds":
                continue
            kinds = (int, float) if part.name.endswith("seconds") else int
            where = f"statistics.{part.name}"
            require(value, kinds, where=where, remedy=AGAIN)
            if isinstance(value, bool) or not 0 <= value < math.inf:
                raise InvalidInputError(
                    "not a number of this kind",
                    where=where,
                    expected="a finite number of at least 0",
                    got=repr(value),
                    remedy=AGAIN,
                )


@saved_as("mechopt.Provenance")
@dataclass(frozen=True)
class Provenance:
    """How a solution was got.

    Parameters
    ----------
    backend
        Name of the backend.
    versions
        Versions of mechopt and of what solved the program.
    notes
        What the route to the solution changed, if anything, one sentence each.
    title, unit
        What the instance file calls the problem, and what it measures money in.
    """

    backend: str
    versions: Mapping[str, str]
    notes: tuple[str, ...] = ()
    title: str = ""
    unit: str = "money"

    def __post_init__(self) -> None:
        for name in ("backend", "title", "unit"):
            require(getattr(self, name), str, where=f"provenance.{name}", remedy=AGAIN)
        require(self.versions, Mapping, where="provenance.versions", remedy=AGAIN)
        require(self.notes, tuple, where="provenance.notes", remedy=AGAIN)
        for text in (*self.versions.values(), *self.notes):
            require(text, str, where="provenance", remedy=AGAIN)


@dataclass(frozen=True, eq=False, repr=False)
class Solution:
    """The answer to a design problem.

    Multipliers follow one convention, whatever the backend: the multiplier of a constraint is the
    rate at which the objective *improves* (rises if maximised, falls if minimised) when the
    constraint is relaxed by one unit. Inequalities therefore have multipliers of at least zero.
    For the budget, one unit is one unit of outside money.

    ========================================  ====================================================
    name                                      constraint, and what entry k belongs to
    ========================================  ====================================================
    ``{agent}_ic_down``                       type k+1 does not gain by imitating type k
    ``{agent}_ic_up``                         type k does not gain by imitating type k+1
    ``{agent}_monotonicity``                  the net quantity does not fall from k to k+1
    ``{agent}_participation_lower``           participation of the lowest type of cell k
    ``{agent}_participation_upper``           participation of the highest type of cell k
    ``budget``                                payments cover the cost (one entry)
    ========================================  ====================================================

    Parameters
    ----------
    problem
        The problem that was solved.
    objective
        Objective of the mechanism, in money; NaN if there is none.
    bound
        Bound on the optimum proved by ``duals``: from above if maximised, from below if minimised.
        NaN if there is none. Of a deterministic problem, which has no multipliers, what the
        solver's search claims.
    termination, primal_status, dual_status
        Why the backend stopped, and what ``mechanism`` and ``duals`` are.
    mechanism
        The mechanism, or None.
    duals
        Multipliers by constraint name. With ``dual_status`` "certificate" they prove that no
        mechanism meets the requirements. Where very many identical agents are counted by type, the
        names are those of the first, which stand for all.
    alpha
        λ/(largest weight + λ) for the multiplier λ on the participation slack (theory.md, section
        3.5), where it exists.
    statistics, provenance
        How the solution was got.
    limit
        Why the backend stopped, if ``termination`` is "limit" (other, unless said); None otherwise.
    detail
        How the solver put it, in its own words; empty where it says nothing.
    fingerprint
        That of the problem when the solution was saved; empty if it comes from no file.
    unaltered
        Whether the file that it was read from, if any, is as it was saved.
    """

    problem: DesignProblem
    objective: float
    bound: float
    termination: Termination
    primal_status: PointStatus
    dual_status: PointStatus
    mechanism: Mechanism | None
    duals: Mapping[str, FloatArray]
    alpha: float | None
    statistics: Statistics
    provenance: Provenance
    limit: Limit | None = None
    detail: str = ""
    fingerprint: str = field(default="")
    unaltered: bool = True

    def __post_init__(self) -> None:
        duals = {name: frozen(values) for name, values in self.duals.items()}
        object.__setattr__(self, "duals", duals)
        hint = AGAIN
        require(self.problem, DesignProblem, where="problem", remedy=hint)
        require(self.statistics, Statistics, where="statistics", remedy=hint)
        require(self.provenance, Provenance, where="provenance", remedy=hint)
        require(self.detail, str, where="detail", remedy=hint)
        stopped = self.termination is Termination.LIMIT
        if stopped and self.limit is None:
            object.__setattr__(self, "limit", Limit.OTHER)
        if self.limit is not None and not stopped:
            raise InvalidInputError(
                "a limit where none was reached",
                where="limit",
                expected="none beside this termination",
                got=f"{str(self.limit)!r} beside {self.termination.value!r}",
                remedy=hint,
            )
        for name, values in duals.items():
            if not np.isfinite(values).all():
                raise InvalidInputError(
                    "a multiplier is not finite",
                    where=name,
                    expected="finite numbers",
                    got=f"{values[~np.isfinite(values)][0]}",
                    remedy=hint,
                )

    @property
    def gap(self) -> float:
        """Distance between bound and objective, in money; at least zero up to rounding."""
        return self.problem.objective.sign * (self.bound - self.objective) + 0.0

    @property
    def is_certified(self) -> bool:
        """Whether the bound is as close to the objective as an optimum's must be.

        Under another prior than the agents', bets can be worth more than the gains by so much that
        floats do not tell the objective any better; what that rounding explains is no gap.
        """
        scale = max(self.problem.objective_scale, self.problem.least_scale)
        gap, allowed = abs(self.gap), CERTIFIED_GAP * scale
        if gap <= allowed or not self.problem.objective.by_profile or self.mechanism is None:
            return bool(gap <= allowed)
        return bool(gap <= allowed + self.problem.rounding(self.mechanism))

    def __repr__(self) -> str:
        return (
            f"Solution({self.termination.value}, objective {self.objective:.9g}, "
            f"bound {self.bound:.9g}, by {self.provenance.backend})"
        )


def mechanism_of(value: Solution | Mechanism) -> Mechanism:
    """Return a mechanism, or the one that a solution holds.

    Raises
    ------
    InvalidInputError
        For a solution without one, and for anything else.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency, solve
    >>> types = TypeSpace.finite([0, 1])
    >>> solution = solve(ex_ante_efficiency(BilateralTrade(types, types)))
    >>> mechanism_of(solution) is solution.mechanism
    True
    """
    hint = "Pass a Mechanism, or a solved problem's Solution."
    require(value, (Mechanism, Solution), where="mechanism", remedy=hint)
    if isinstance(value, Mechanism):
        return value
    if value.mechanism is None:
        raise InvalidInputError(
            "the solution has no mechanism",
            where="mechanism",
            expected="a solution with a mechanism",
            got=f"one that is {value.termination.value}",
            remedy="Ask for ex ante efficiency, which always has one.",
        )
    return value.mechanism
