"""What every backend has in common: accept, build, solve, and one way to report."""

from __future__ import annotations

import re
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import distribution, version
from typing import Any

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.backends.polish import polished
from mechopt.backends.settings import SOLVER_TOLERANCE, Settings, settings_of
from mechopt.backends.statuses import Ending
from mechopt.backends.unproved import proved
from mechopt.errors import InvalidInputError, UnsupportedProblemError
from mechopt.mechanism.allocation import Allocation
from mechopt.problem.problem import DesignProblem
from mechopt.program.farkas import farkas_multipliers
from mechopt.program.highs_model import money_unit
from mechopt.program.lagrangian import alpha_of, dual_bound, infeasibility_margin
from mechopt.program.multipliers import quantity_multipliers
from mechopt.solution import PointStatus, Provenance, Solution, Statistics, Termination

# A gain of less, in first bests, is none.
NO_GAIN = 1e-9
# A claimed bound that is exceeded by no more, in first bests, is met.
CLAIMED = 1e-7
UNIT_NOTE = "solved with money in units of"


@dataclass(frozen=True)
class Acceptance:
    """Whether a backend takes a problem, and why not if it does not.

    Examples
    --------
    >>> bool(Acceptance(False, "needs a single good"))
    False
    """

    accepted: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.accepted


@dataclass(frozen=True, eq=False)
class Answer:
    """What a solver says of a program, in the program's own unit of money.

    Parameters
    ----------
    ending
        Why it stopped.
    allocation
        Outcomes of every profile, (num_variables, *shape), or a rule for them, or None.
    payment
        Payments, one array per agent: interim ones, or those of every profile.
    duals
        Multipliers in the convention of :class:`mechopt.Solution`; None where the solver gave none,
        so that there is no bound.
    solver_seconds, iterations, num_variables, num_constraints, num_nonzeros
        Effort and size, where known.
    inaccurate
        Whether the solver met only its reduced tolerances. The answer counts as optimal if the
        bound that its multipliers prove is close all the same.
    bound
        Of a program in whole numbers, the bound that the solver claims of what is maximised.
    notes
        What a caller would not expect of the way to the answer, one sentence each.
    """

    ending: Ending
    allocation: FloatArray | Allocation | None = None
    payment: tuple[FloatArray, ...] = ()
    duals: Mapping[str, FloatArray] | None = None
    solver_seconds: float | None = None
    iterations: int | None = None
    num_variables: int | None = None
    num_constraints: int | None = None
    num_nonzeros: int | None = None
    inaccurate: bool = False
    bound: float | None = None
    notes: tuple[str, ...] = ()


class Backend(ABC):
    """A way to solve design problems.

    Attributes
    ----------
    name
        What it is called in :mod:`mechopt.backends.registry`.
    packages
        What it needs, for the versions in a solution's provenance.
    takes_options
        Whether it hands options on to a solver.
    takes_whole_numbers
        Whether it finds mechanisms that leave nothing to chance.
    """

    name: str
    packages: tuple[str, ...]
    takes_options: bool = True
    takes_whole_numbers: bool = False

    def accepts(self, problem: DesignProblem) -> Acceptance:
        """Return whether this backend takes the problem, and why not if it does not."""
        return self._accepts_numbers(problem)

    def _accepts_numbers(self, problem: DesignProblem) -> Acceptance:
        """Return whether this backend takes whole numbers, if the problem has any."""
        if self.takes_whole_numbers or not problem.deterministic:
            return Acceptance(True)
        return Acceptance(False, "it does not take deterministic problems. Use highs")

    def require(self, problem: DesignProblem) -> None:
        """Raise UnsupportedProblemError if the backend does not accept the problem."""
        acceptance = self._accepts_numbers(problem) and self.accepts(problem)
        if not acceptance:
            raise UnsupportedProblemError(f"backend {self.name}: {acceptance.reason}.")

    @abstractmethod
    def build(self, problem: DesignProblem) -> Any:
        """Return the native model, which the caller may extend and solve."""

    def require_options(self, problem: DesignProblem, options: Mapping[str, Any]) -> None:
        """Raise InvalidInputError unless all options are the solver's, with values it takes."""
        del problem
        if options:
            raise InvalidInputError(
                "no such option",
                where=self.name,
                expected="none: this backend has no options",
                got=", ".join(options)[:60],
                remedy="Leave it out, or choose another backend.",
            )

    def require_start(self, problem: DesignProblem, start: object) -> None:
        """Raise InvalidInputError unless this solution is one to start from."""
        del problem, start
        raise InvalidInputError(
            "this backend takes no start",
            where="start",
            expected='backend "highs"',
            got=repr(self.name),
            remedy='Choose "highs", or leave start out.',
        )

    @abstractmethod
    def solve(
        self,
        problem: DesignProblem,
        *,
        tolerance: float = SOLVER_TOLERANCE,
        time_limit: float | None = None,
        threads: int | None = None,
        **options: Any,
    ) -> Solution:
        """Solve a problem.

        Parameters
        ----------
        problem
            The problem; it is not changed.
        tolerance
            Feasibility and optimality tolerance of the solver, relative to the width of the
            interval of types.
        time_limit
            Seconds from now after which the solver is stopped; None for no limit.
        threads
            The most threads that the solver may use; None leaves that to it.
        options
            Options by the solver's own names; they go before what is set here.

        Returns
        -------
        Solution
            Whatever the outcome; see its ``termination``.

        Raises
        ------
        InvalidInputError
            For an option that the solver does not know.
        UnsupportedProblemError
            If the backend does not accept the problem.
        """

    def provenance(self, notes: tuple[str, ...] = ()) -> Provenance:
        """Return how a solution was got."""
        versions = {package: _version(package) for package in ("mechopt", *self.packages)}
        return Provenance(self.name, versions, notes)


@cache
def _version(package: str) -> str:
    """Return an installed version; to read all metadata takes longer than a small problem."""
    head = (distribution(package).read_text("METADATA") or "").partition("\n\n")[0]
    found = re.search(r"^Version: *(\S+)", head, re.MULTILINE)
    return found[1] if found else version(package)


class ProgramBackend(Backend):
    """A backend that hands a program to a solver.

    A subclass builds its native model and reads an answer back. Units of money, the objective and
    bound recomputed from the data, and certificates of infeasibility are dealt with here.
    """

    @abstractmethod
    def _answer(self, problem: DesignProblem, settings: Settings) -> Answer:
        """Build, solve, and read the answer back."""

    def solve(
        self,
        problem: DesignProblem,
        *,
        tolerance: float = SOLVER_TOLERANCE,
        time_limit: float | None = None,
        threads: int | None = None,
        start: Solution | None = None,
        **options: Any,
    ) -> Solution:
        """Solve a problem; see :meth:`Backend.solve`, and :func:`mechopt.solve` for ``start``."""
        settings = settings_of(tolerance, time_limit, threads, options)
        self.require(problem)
        self.require_options(problem, options)
        if start is not None:
            self.require_start(problem, start)
        began = time.perf_counter()
        unit = money_unit(problem)
        objective, weight = problem.objective.normalised()
        in_unit = problem.centred
        in_unit = in_unit if weight == 1.0 else replace(in_unit, objective=objective)
        in_unit = in_unit if unit == 1.0 else in_unit.scaled(1.0 / unit)
        self._require_floor(problem, in_unit, unit, settings)
        answer = self._answer(in_unit, replace(settings, start=start))
        if answer.duals and not all(np.isfinite(values).all() for values in answer.duals.values()):
            answer = replace(answer, duals=None)
        if answer.duals and weight != 1.0:
            duals = {name: weight * values for name, values in answer.duals.items()}
            answer = replace(answer, duals=duals)
        if answer.bound is not None:
            answer = replace(answer, bound=weight * unit * answer.bound)
        if answer.ending.termination is Termination.INFEASIBLE:
            return proved(self._infeasible(problem, in_unit, answer, unit, settings, began))
        return proved(self._finished(problem, answer, unit, began))

    def _require_floor(
        self, problem: DesignProblem, in_unit: DesignProblem, unit: float, settings: Settings
    ) -> None:
        """Raise unless some mechanism lets every agent gain whose logarithm is asked for."""
        floor = problem.objective.floor(problem.environment)
        if floor is None:
            return
        answer = self._answer(replace(in_unit, objective=floor), settings)
        if not answer.ending.is_optimal or not answer.duals:
            return
        found = replace(problem, objective=floor)
        most = dual_bound(found, _in_money(problem, answer.duals, unit))
        if most > NO_GAIN * (problem.environment.first_best or problem.environment.payoff_scale):
            return
        raise InvalidInputError(
            f"no mechanism lets every agent gain more than {NO_GAIN:g} of the first best: the "
            f"{problem.objective.in_words} has no value that floats can tell",
            where="objective",
            expected="agents of whom some mechanism gives each a gain",
            got=f"at most {most:.3g} for one of them, in money, whatever the mechanism",
            remedy="Give weight 0 to an agent who cannot gain, or maximise welfare.",
        )

    def _finished(
        self, problem: DesignProblem, answer: Answer, unit: float, start: float
    ) -> Solution:
        mechanism = None
        objective = bound = np.nan
        if answer.allocation is not None:
            clean = polished(problem, answer.allocation, [unit * paid for paid in answer.payment])
            mechanism, objective = clean.mechanism, clean.objective
        duals = _in_money(problem, answer.duals or {}, unit)
        if not problem.objective.in_money:
            # Each is a change of the objective per money, and only the latter is in the unit.
            duals = {name: values / unit for name, values in duals.items()}
        if duals:
            bound = dual_bound(problem, duals)
        elif answer.bound is not None:
            bound = _claimed(problem, answer.bound, objective)
        notes: tuple[str, ...] = () if unit == 1.0 else (f"{UNIT_NOTE} {unit:g}",)
        if problem.by_profile and not problem.has_payment_limit:
            limit = f"{problem.payment_limit:.6g}"
            notes += (f"payments in no profile exceed {limit}, the limit where none is required",)
        notes += answer.notes
        if answer.inaccurate:
            notes += ("the solver met its reduced tolerances only; gap and audit say what holds",)
        return Solution(
            problem=problem,
            objective=objective,
            bound=bound,
            termination=answer.ending.termination,
            limit=answer.ending.limit,
            detail=answer.ending.detail,
            primal_status=PointStatus.NONE if mechanism is None else PointStatus.FEASIBLE,
            dual_status=PointStatus.FEASIBLE if duals else PointStatus.NONE,
            mechanism=mechanism,
            duals=duals,
            alpha=alpha_of(problem, duals),
            statistics=self._statistics(answer, start),
            provenance=self.provenance(notes),
        )

    def _infeasible(
        self,
        problem: DesignProblem,
        in_unit: DesignProblem,
        answer: Answer,
        unit: float,
        settings: Settings,
        start: float,
    ) -> Solution:
        """Prove infeasibility by the multipliers of the least subsidy, if money is what lacks."""
        duals: Mapping[str, FloatArray] = {}
        for candidate in self._certificates(problem, in_unit, unit, settings):
            if infeasibility_margin(problem, candidate) > 0:
                duals = candidate
                break
        blank = replace(answer, allocation=None, payment=(), duals=None)
        solution = self._finished(problem, blank, unit, start)
        status = PointStatus.CERTIFICATE if duals else PointStatus.NONE
        return replace(solution, duals=duals, dual_status=status)

    def _certificates(
        self, problem: DesignProblem, in_unit: DesignProblem, unit: float, settings: Settings
    ) -> Iterator[Mapping[str, FloatArray]]:
        """Yield multipliers that may prove that no mechanism meets the requirements."""
        if problem.is_interim:
            subsidised = self._answer(in_unit.subsidised(), settings)
            if subsidised.duals:
                yield {**_in_money(problem, subsidised.duals, unit), "budget": np.ones(1)}
        else:
            ray = farkas_multipliers(in_unit)
            if ray:
                yield _in_money(problem, ray, unit)

    def _statistics(self, answer: Answer, start: float) -> Statistics:
        return Statistics(
            seconds=time.perf_counter() - start,
            solver_seconds=answer.solver_seconds,
            iterations=answer.iterations,
            num_variables=answer.num_variables,
            num_constraints=answer.num_constraints,
            num_nonzeros=answer.num_nonzeros,
        )


def _claimed(problem: DesignProblem, most: float, objective: float) -> float:
    """Return the bound that a solver claims, or what is reached if that is better by rounding."""
    sign = problem.objective.sign
    bound = sign * most
    beaten = sign * (objective - bound)
    return objective if 0.0 < beaten <= CLAIMED * problem.objective_scale else bound


def _in_money(
    problem: DesignProblem, duals: Mapping[str, FloatArray], unit: float
) -> dict[str, FloatArray]:
    """Return multipliers in the problem's money: only those on quantities depend on the unit."""
    if unit == 1.0 or not duals:
        return dict(duals)
    in_quantity = quantity_multipliers(problem)
    return {
        name: unit * values if name in in_quantity else values for name, values in duals.items()
    }
