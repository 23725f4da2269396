"""Solvers' solutions of exported models, taken back and audited like any other solution."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt._util.files import read_text
from mechopt.backends.base import Backend
from mechopt.backends.direct import Direct
from mechopt.backends.highs import HiGHS
from mechopt.backends.polish import objective_of
from mechopt.backends.statuses import Ending
from mechopt.backends.unproved import not_proved
from mechopt.errors import InvalidInputError, require
from mechopt.formats.last_digits import without_last_digits
from mechopt.formats.model_file import require_model
from mechopt.formats.read_sidecar import load_sidecar
from mechopt.formats.sidecar import Sidecar
from mechopt.formats.solution_files import SolutionFile, numbered, read_solution_file
from mechopt.mechanism.allocation import Table
from mechopt.mechanism.even_rule import even_rule
from mechopt.mechanism.mechanism import Mechanism
from mechopt.problem.problem import DesignProblem
from mechopt.program.lagrangian import alpha_of, dual_bound
from mechopt.program.multipliers import multiplier_shapes
from mechopt.program.names import names_in
from mechopt.program.reading import for_each_agent
from mechopt.solution import (
    CERTIFIED_GAP,
    Limit,
    PointStatus,
    Provenance,
    Solution,
    Statistics,
    Termination,
)
from mechopt.verify.multipliers import multiplier_checks

# A solution's own objective may differ from that of its values by this, relative to the problem's
# objective scale: solvers print as few as six digits.
PAIRING_TOLERANCE = 1e-4
# Solvers' usual tolerance for whole numbers is a tenth of this.
NEARLY_WHOLE = 1e-5
# Up to this many type profiles, a program of our own takes seconds at most.
MAX_OWN_PROFILES = 2_500
WITHOUT_NAMES = frozenset({"cbf", "nl"})


def import_solution(
    model: str | Path, solution: str | Path, classes: Iterable[type] = ()
) -> Solution:
    """Return the solution that a solver wrote for an exported model.

    The objective is that of the mechanism, computed from the problem's data, and the bound is
    proved from the multipliers in the file, or from our own where those are closer and cheap, which
    a note says. Where value and bound do not meet, the answer is a mechanism that is not claimed to
    be optimal (its termination is "limit"), whatever the solver says: it may be one of a program
    with more constraints.

    Parameters
    ----------
    model
        An exported model of a design problem, with its sidecar beside it.
    solution
        What a solver wrote: HiGHS (``--solution_file``, raw or pretty), SCIP, CPLEX (XML), Gurobi
        or any file of names and values; for ``.nl``, AMPL's format; for ``.cbf``, MOSEK's, or lines
        ``x0 0.5`` with the values by index.
    classes
        Classes of yours that stand in the sidecar; see :func:`mechopt.load_solution`.

    Raises
    ------
    InvalidInputError
        For files that cannot be read, that do not belong together, or with variables that the model
        lacks, or lacking ones that it has.
    """
    start = time.perf_counter()
    sidecar, answer = _read_both(model, solution, classes)
    problem = sidecar.problem
    notes = [answer.note] if answer.note else []
    if answer.termination is None:
        notes.append("the file does not say whether the solver calls this optimal")
    mechanism, objective = None, np.nan
    in_file: Mapping[str, FloatArray] = {}
    stopped_with_nothing = answer.termination is Termination.LIMIT and not answer.has_values
    unanswered = answer.termination in {Termination.INFEASIBLE, Termination.UNBOUNDED}
    if not (unanswered or stopped_with_nothing):
        mechanism = _mechanism(problem, sidecar, answer, str(solution))
        _check_quantities(mechanism, sidecar, answer, str(solution))
        # As the file has it: payments count, even where they should cancel.
        as_given = problem.value(mechanism, as_paid=True)
        rounding = problem.rounding(mechanism) / PAIRING_TOLERANCE
        scale = problem.objective_scale + rounding
        _check_objective(scale, sidecar, answer, as_given, str(solution))
        mechanism = without_last_digits(problem, mechanism, notes)
        objective = objective_of(problem, mechanism)
        in_file = _multipliers(problem, sidecar, answer, str(solution), notes)
    how = answer.ending or Ending(Termination.OPTIMAL)
    found = Solution(
        problem=problem,
        objective=objective,
        bound=dual_bound(problem, in_file) if in_file else np.nan,
        termination=how.termination,
        limit=how.limit,
        detail=how.detail,
        primal_status=PointStatus.NONE if mechanism is None else PointStatus.FEASIBLE,
        dual_status=PointStatus.FEASIBLE if in_file else PointStatus.NONE,
        mechanism=mechanism,
        duals=in_file,
        alpha=alpha_of(problem, in_file) if in_file else None,
        statistics=Statistics(
            seconds=time.perf_counter() - start,
            num_variables=int(sidecar.variable_names.size),
            num_constraints=int(sidecar.constraint_names.size),
            num_nonzeros=sidecar.num_nonzeros,
        ),
        provenance=Provenance(
            f"imported from {answer.source}",
            {"mechopt": version("mechopt")},
            (),
            sidecar.title or str(model),
            sidecar.unit,
        ),
    )
    if not (stopped_with_nothing or _is_proved(found)):
        found = _with_better_multipliers(found, notes)
    provenance = replace(found.provenance, notes=tuple(notes))
    return _gated(
        replace(found, provenance=provenance), claimed=answer.termination is Termination.OPTIMAL
    )


def _read_both(
    model: str | Path, solution: str | Path, classes: Iterable[type] = ()
) -> tuple[Sidecar, SolutionFile]:
    """Return the model's sidecar, and the solution under our names."""
    for where, path in (("model", model), ("solution", solution)):
        require(path, (str, os.PathLike), where=where, remedy="Pass the path of a file.")
    sidecar = load_sidecar(model, classes)
    require_model(model, sidecar.sha256)
    return sidecar, _with_our_names(read_solution_file(read_text(solution), str(solution)), sidecar)


def _gated(solution: Solution, *, claimed: bool) -> Solution:
    """Return the solution, no longer called what nothing bears out.

    A mechanism that is not proved optimal keeps its value and its bound; the rule that alpha stands
    for is that of an optimum, and not this mechanism's.
    """
    said, proved = solution.termination, solution.dual_status
    has_bound = proved is PointStatus.FEASIBLE or solution.problem.deterministic
    borne_out = has_bound and solution.is_certified
    if said is Termination.OPTIMAL and not borne_out:
        if proved is PointStatus.NONE:
            note = "there are no multipliers, so nothing here proves this optimal"
        else:
            note = f"the bound leaves a gap of {solution.gap:.2g}"
            if claimed:
                note += ": what the solver calls optimal is so for another program, or not at all"
    elif said is Termination.UNBOUNDED or (
        said is Termination.INFEASIBLE and proved is not PointStatus.CERTIFICATE
    ):
        note = not_proved(said)
    elif said is Termination.LIMIT:
        return replace(solution, alpha=None)
    else:
        return solution
    provenance = replace(solution.provenance, notes=(*solution.provenance.notes, note))
    return replace(
        solution,
        termination=Termination.LIMIT,
        limit=Limit.IMPRECISE,
        alpha=None,
        provenance=provenance,
    )


def _with_our_names(answer: SolutionFile, sidecar: Sidecar) -> SolutionFile:
    """Return the answer with our names for the numbered ones of a format without names."""
    if sidecar.file_format not in WITHOUT_NAMES:
        return answer
    columns = dict(numbered(sidecar.variable_names.tolist(), "x"))
    rows = dict(numbered(sidecar.constraint_names.tolist(), "c"))
    return replace(
        answer,
        values={columns.get(name, name): value for name, value in answer.values.items()},
        duals={rows.get(name, name): value for name, value in answer.duals.items()},
    )


def _mechanism(
    problem: DesignProblem, sidecar: Sidecar, answer: SolutionFile, where: str
) -> Mechanism:
    """Return the mechanism that the variables' values describe."""
    vector = _vector(sidecar, answer, where)
    environment = problem.environment
    names = environment.outcomes.variables
    for first, *_ in _identical(sidecar):
        chances, paid = (
            sidecar.variables[f"{first}_{part}"].of(vector) for part in ("quantity", "payment")
        )
        rule = even_rule(environment, chances)
        return Mechanism(environment, rule, (paid,) * len(environment.agents))
    prescribed = problem.prescribed_allocation()
    if prescribed is not None and names[0] not in sidecar.variables:
        allocation = prescribed
    else:
        allocation = np.stack([sidecar.variables[name].of(vector) for name in names])
    if problem.deterministic:
        whole = np.round(allocation)
        allocation = np.where(np.abs(allocation - whole) <= NEARLY_WHOLE, whole, allocation)
    payments = [
        sidecar.variables[f"{agent.name}_payment"].of(vector) for agent in environment.agents
    ]
    table = Table(allocation)
    if sidecar.form == "all-pairs" or problem.by_profile:
        averages = tuple(environment.interim(i, paid) for i, paid in enumerate(payments))
        return Mechanism(environment, table, averages, np.stack(payments))
    return Mechanism(environment, table, tuple(payments))


def _check_quantities(
    mechanism: Mechanism, sidecar: Sidecar, answer: SolutionFile, where: str
) -> None:
    """Raise if the interim quantities in the file are not those of its outcomes.

    The mechanism is made of outcomes and payments, so that nothing else would notice.
    """
    vector = _vector(sidecar, answer, where)
    for agent, quantity in zip(sidecar.environment.agents, mechanism.quantity, strict=True):
        block = sidecar.variables.get(f"{agent.name}_quantity")
        if block is None:
            continue
        away = np.abs(block.of(vector) - quantity)
        k = int(np.argmax(away))
        if away[k] > PAIRING_TOLERANCE * (1.0 + abs(quantity[k])):
            raise InvalidInputError(
                "the solution breaks an equation of the model",
                where=where,
                expected=f"{quantity[k]:.9g}, the average over the outcomes, for entry {k} of "
                f"{block.name}",
                got=f"{block.of(vector)[k]:.9g}",
                remedy="Solve again with tighter tolerances, and pass that solution.",
            )


def _vector(sidecar: Sidecar, answer: SolutionFile, where: str) -> FloatArray:
    """Return the values of all variables, in the order of their blocks."""
    expected = sidecar.variable_names.tolist()
    _check_names(set(expected), set(answer.values), "variable", where)
    missing = [name for name in expected if name not in answer.values]
    if missing and not (answer.leaves_out_zeros and answer.has_values):
        raise InvalidInputError(
            "the solution does not have all variables of the model",
            where=where,
            expected=f"a value for each of {len(expected)} variables",
            got=f"none for {missing[0]}" + (f" and {len(missing) - 1} more" * (len(missing) > 1)),
            remedy="Have the solver write all variables, zeros too.",
        )
    return np.array([answer.values.get(name, 0.0) for name in names_in(sidecar.variables)])


def _multipliers(
    problem: DesignProblem, sidecar: Sidecar, answer: SolutionFile, where: str, notes: list[str]
) -> dict[str, FloatArray]:
    """Return the multipliers in the convention of a solution; none for forms that have others.

    A solver may have been given further constraints. Multipliers of the model's own still prove a
    bound, which the further ones make less tight.
    """
    own = set(sidecar.constraint_names.tolist())
    further = sorted(set(answer.duals) - own)
    if further and own <= set(answer.duals):
        notes.append(
            f"the file has {len(further)} more constraints than the model, such as "
            f"{further[0][:60]}: its answer is one to a program with more requirements"
        )
        duals = {name: value for name, value in answer.duals.items() if name in own}
        answer = replace(answer, duals=duals)
    if not answer.duals or sidecar.form != "neighbouring":
        return {}
    vector = _row_vector(sidecar, answer, where)
    if sidecar.file_format in WITHOUT_NAMES:
        return _of_either_sign(problem, sidecar, vector)
    return _by_block(problem, sidecar, vector)


def _row_vector(sidecar: Sidecar, answer: SolutionFile, where: str) -> FloatArray:
    """Return the multipliers of all constraints, in the order of their blocks."""
    _check_names(set(sidecar.constraint_names.tolist()), set(answer.duals), "constraint", where)
    names = names_in(sidecar.constraints, sidecar.variables).tolist()
    return np.array([answer.duals.get(name, 0.0) for name in names])


def _of_either_sign(
    problem: DesignProblem, sidecar: Sidecar, vector: FloatArray
) -> dict[str, FloatArray]:
    """Return multipliers of rows that point either way, by solvers that disagree on the sign.

    Any multipliers prove a bound, so the sign of the budget's may be tried.
    """
    given = _by_block(problem, sidecar, vector)
    duals = {name: np.abs(values) for name, values in given.items()}
    if "budget" not in duals:
        return duals
    duals["budget"] = given["budget"]
    candidates = [{**duals, "budget": sign * duals["budget"]} for sign in (1.0, -1.0)]
    return min(candidates, key=lambda some: problem.objective.sign * dual_bound(problem, some))


def _by_block(
    problem: DesignProblem, sidecar: Sidecar, vector: FloatArray
) -> dict[str, FloatArray]:
    """Return the multipliers of the requirements by block, with zeros at what a block skips."""
    known = multiplier_shapes(problem)
    found = {
        name: replace(block, full_size=known[name][0]).spread(vector)
        for name, block in sidecar.constraints.items()
        if name in known
    }
    return for_each_agent(found, sidecar.constraints, _identical(sidecar))


def _identical(sidecar: Sidecar) -> tuple[tuple[str, ...], ...]:
    """Return the names of all agents as one group where the first one stands for all."""
    environment = sidecar.environment
    names = tuple(agent.name for agent in environment.agents)
    by_profile = environment.outcomes.variables[0] in sidecar.variables
    return () if by_profile or f"{names[0]}_units" not in sidecar.variables else (names,)


def _is_proved(solution: Solution) -> bool:
    """Return whether the file's own multipliers are right as they stand, and prove an optimum."""
    if solution.dual_status is not PointStatus.FEASIBLE or not solution.is_certified:
        return False
    return all(check.passed for check in multiplier_checks(solution.problem, solution))


def _with_better_multipliers(solution: Solution, notes: list[str]) -> Solution:
    """Return the solution with our own multipliers, if they prove more than the file's."""
    problem, termination = solution.problem, solution.termination
    solver = _own_solver(problem)
    if termination is Termination.UNBOUNDED or solver is None:
        return solution
    own = solver.solve(problem)
    if problem.deterministic and own.mechanism is not None:
        notes.append(f"the bound is what the search of mechopt's {solver.name} claims")
        return replace(solution, bound=own.bound, duals={}, dual_status=PointStatus.NONE)
    infeasible = termination is Termination.INFEASIBLE
    wanted = PointStatus.CERTIFICATE if infeasible else PointStatus.FEASIBLE
    name = "direct solver" if isinstance(solver, Direct) else solver.name
    if own.dual_status is not wanted:
        if own.mechanism is not None:
            notes.append(f"mechopt's {name} finds a mechanism that reaches {own.objective:.9g}")
        return solution
    bound, alpha = (np.nan, None) if infeasible else (own.bound, own.alpha)
    better = replace(solution, duals=own.duals, dual_status=wanted, bound=bound, alpha=alpha)
    if infeasible or not solution.duals:
        notes.append(
            f"the file has no multipliers of this form; those of mechopt's {name} prove the bound"
        )
        return better
    sign = problem.objective.sign
    # A bound that is as close, by multipliers that are right one by one, is better too.
    allowed = CERTIFIED_GAP * abs(own.bound)
    if sign * own.bound > sign * solution.bound + allowed:
        return solution
    notes.append(f"the multipliers of mechopt's {name} prove more than the file's")
    return better


def _own_solver(problem: DesignProblem) -> Backend | None:
    """Return what finds multipliers in little time; None if nothing does."""
    if Direct().accepts(problem):
        return Direct()
    small = problem.environment.num_profiles <= MAX_OWN_PROFILES
    return HiGHS() if small and HiGHS().accepts(problem) else None


def _check_names(known: set[str], found: set[str], kind: str, where: str) -> None:
    unknown = sorted(found - known)
    if not unknown:
        return
    raise InvalidInputError(
        f"the solution has a {kind} that the model lacks",
        where=where,
        expected=f"names of the model's {len(known)} {kind}s, such as {min(known)}",
        got=f"{unknown[0][:60]}" + (f" and {len(unknown) - 1} more" * (len(unknown) > 1)),
        remedy="Pass the solution of this model.",
    )


def _check_objective(
    scale: float, sidecar: Sidecar, answer: SolutionFile, objective: float, where: str
) -> None:
    """Raise if the objective reported is not that of the values in this model."""
    if answer.objective is None:
        return
    reported = sidecar.objective_of(answer.objective)
    if abs(reported - objective) <= PAIRING_TOLERANCE * (scale + abs(objective)):
        return
    raise InvalidInputError(
        "the solution is one of another model",
        where=where,
        expected=f"an objective of {objective:.9g}, which its values have in this model",
        got=f"{reported:.9g}",
        remedy="Pass the model that was solved.",
    )
