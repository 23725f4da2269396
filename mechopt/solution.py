"""What a backend returns: a mechanism, a bound, multipliers, and how they were got."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np

from mechopt.allocation import Allocation
from mechopt.arrays import FloatArray, frozen
from mechopt.codec import decode, encode, registry
from mechopt.environments import Agent, Environment, Outcomes, OutsideOption
from mechopt.errors import InvalidInputError, require
from mechopt.mechanism import Mechanism
from mechopt.objectives import Objective
from mechopt.priors import TypeSpace
from mechopt.priors.exact import ExactCells
from mechopt.problem import DesignProblem

FORMAT = "mechopt-solution"
FORMAT_VERSION = 1
MAX_SAVED_PAYMENTS = 1_000_000
# Relative to the problem's objective scale; a larger gap is no optimum.
CERTIFIED_GAP = 1e-6


class Termination(StrEnum):
    """Why the backend stopped."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    LIMIT = "limit"


class PointStatus(StrEnum):
    """What the returned mechanism, or the returned multipliers, are."""

    FEASIBLE = "feasible"
    NONE = "none"
    CERTIFICATE = "certificate"


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
        NaN if there is none.
    termination, primal_status, dual_status
        Why the backend stopped, and what ``mechanism`` and ``duals`` are.
    mechanism
        The mechanism, or None.
    duals
        Multipliers by constraint name. With ``dual_status`` "certificate" they prove that no
        mechanism meets the requirements.
    alpha
        λ/(largest weight + λ) for the multiplier λ on the participation slack (theory.md, section
        3.5), where it exists.
    statistics, provenance
        How the solution was got.
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
    fingerprint: str = field(default="")

    def __post_init__(self) -> None:
        duals = {name: frozen(values) for name, values in self.duals.items()}
        object.__setattr__(self, "duals", duals)
        hint = "Solve the problem again."
        require(self.problem, DesignProblem, where="problem", remedy=hint)
        require(self.statistics, Statistics, where="statistics", remedy=hint)
        require(self.provenance, Provenance, where="provenance", remedy=hint)
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
        """Whether the bound is as close to the objective as an optimum's must be."""
        return abs(self.gap) <= CERTIFIED_GAP * self.problem.objective_scale

    def summary(self, title: str = "", unit: str = "money") -> str:
        r"""Return the summary that ``mechopt solve`` prints, the audit and its verdict included.

        Parameters
        ----------
        title, unit
            What to call the problem, and what money is measured in.

        Examples
        --------
        >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency, solve
        >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
        >>> text = solve(ex_ante_efficiency(BilateralTrade(types, types))).summary("Six types")
        >>> print("\n".join(text.splitlines()[2:4]))
          first best     0.972222    all gains from trade, expected
          second best    0.925926    95.24 % of first best
        """
        import io

        from rich.console import Console

        from mechopt.report import Report
        from mechopt.verify.audit import audit

        console = Console(file=io.StringIO(), width=100, highlight=False, force_jupyter=False)
        report = audit(self.problem, self)
        Report(self, report, title or "mechopt", unit, self.statistics.seconds).show(console)
        text: str = console.file.getvalue()  # type: ignore[attr-defined]
        return text.rstrip()

    def __repr__(self) -> str:
        return (
            f"Solution({self.termination.value}, objective {self.objective:.9g}, "
            f"bound {self.bound:.9g}, by {self.provenance.backend})"
        )

    def save(self, path: str | Path) -> None:
        """Write problem and solution as JSON, for ``mechopt verify`` and :func:`load_solution`.

        The file appears whole or not at all. Ex post payments are written out where there are at
        most a million of them.

        Raises
        ------
        InvalidInputError
            If the file cannot be written.
        """
        from mechopt.files import write_whole

        mechanism = self.mechanism
        if mechanism is not None:
            environment = mechanism.environment
            if environment.num_profiles * len(environment.agents) <= MAX_SAVED_PAYMENTS:
                mechanism = mechanism.with_ex_post_payments()
        content = {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "problem": encode(self.problem),
            "fingerprint": self.problem.fingerprint,
            "objective": _finite_or_none(self.objective),
            "bound": _finite_or_none(self.bound),
            "termination": self.termination.value,
            "primal_status": self.primal_status.value,
            "dual_status": self.dual_status.value,
            "mechanism": None
            if mechanism is None
            else {
                "allocation": encode(mechanism.allocation),
                "payment": encode(mechanism.payment),
                "ex_post_payment": encode(mechanism.ex_post_payment),
            },
            "duals": encode(self.duals),
            "alpha": self.alpha,
            "statistics": encode(self.statistics),
            "provenance": encode(self.provenance),
        }
        write_whole(path, json.dumps(content, allow_nan=False))


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


def load_solution(path: str | Path) -> Solution:
    """Read a solution that :meth:`Solution.save` wrote.

    Nothing in it is trusted: audit it with :func:`mechopt.audit`.

    Raises
    ------
    InvalidInputError
        For a file that cannot be read or is not a saved solution.
    """
    from mechopt.files import read_text

    try:
        content = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        if isinstance(error, InvalidInputError):
            raise
        raise _not_a_solution(path, f"no JSON: {error}") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise _not_a_solution(path, "no format field that says so")
    if content.get("format_version") != FORMAT_VERSION:
        raise _not_a_solution(path, f"format version {content.get('format_version')!r}")
    try:
        return _solution_of(content)
    except KeyError as error:
        raise _not_a_solution(path, f"nothing under the key {error}") from error
    except InvalidInputError as error:
        raise InvalidInputError(
            error.what,
            where=f"{path}, {error.where}",
            expected=error.expected,
            got=error.got,
            remedy=error.remedy,
        ) from error
    except (TypeError, ValueError, ArithmeticError, AttributeError, RecursionError) as error:
        raise _not_a_solution(path, f"a value that does not fit: {error}") from error


def _solution_of(content: Mapping[str, Any]) -> Solution:
    known = saved_classes()
    problem = decode(content["problem"], known)
    stored = content["mechanism"]
    mechanism = None
    if stored is not None:
        parts = {key: decode(value, known) for key, value in stored.items()}
        mechanism = Mechanism(environment=problem.environment, **parts)
    return Solution(
        problem=problem,
        objective=_number(content, "objective"),
        bound=_number(content, "bound"),
        termination=Termination(content["termination"]),
        primal_status=PointStatus(content["primal_status"]),
        dual_status=PointStatus(content["dual_status"]),
        mechanism=mechanism,
        duals=decode(content["duals"], known),
        alpha=None if content["alpha"] is None else _number(content, "alpha"),
        statistics=decode(content["statistics"], known),
        provenance=decode(content["provenance"], known),
        fingerprint=_fingerprint_of(content),
    )


def _fingerprint_of(content: Mapping[str, Any]) -> str:
    value = content["fingerprint"]
    if not isinstance(value, str) or len(value) != 64:
        raise TypeError(f"fingerprint is no SHA-256: {value!r}")
    return value


def _finite_or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _number(content: Mapping[str, Any], key: str) -> float:
    value = content[key]
    if value is None:
        return math.nan
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{key} is not a number: {value!r}")
    return float(value)


def _not_a_solution(path: str | Path, got: str) -> InvalidInputError:
    return InvalidInputError(
        "not a saved solution",
        where=str(path),
        expected="a JSON file that mechopt wrote",
        got=got,
        remedy="Write one with `mechopt solve FILE --output SOLUTION`.",
    )


def saved_classes(classes: Iterable[type] = ()) -> dict[str, type | tuple[type, ...]]:
    """Return what may stand in a saved file, by identifier.

    mechopt's own classes, users' that extend a kind of outcome and the like and are imported, and
    those that are given.

    Raises
    ------
    InvalidInputError
        As :func:`mechopt.codec.registry`.
    """
    from mechopt.priors.continuous import ContinuousPrior

    own = [Agent, ContinuousPrior, DesignProblem, Provenance, Statistics, TypeSpace]
    kinds = [Environment, Outcomes, OutsideOption, Objective, Allocation, ExactCells]
    return registry(own, kinds, classes)
