"""What backends have to satisfy."""

from __future__ import annotations

from collections.abc import Mapping
from tempfile import TemporaryDirectory

import numpy as np

from mechopt.backends import BACKENDS, Backend, backend_named, solve
from mechopt.environments import Agent, BilateralTrade, Environment, SingleGood, Trade
from mechopt.errors import InvalidInputError, UnsupportedProblemError, require
from mechopt.problem.events import EventProbability
from mechopt.problem.objectives import Subsidy, Welfare
from mechopt.problem.problem import DesignProblem
from mechopt.problem.usual import ex_ante_efficiency, ex_post_efficiency, minimum_subsidy
from mechopt.saved import load_solution, save_solution
from mechopt.solution import PointStatus, Solution, Termination
from mechopt.testing.common import SAVED, accepted, demand
from mechopt.testing.solutions import AUDITED, SOLVED, check_multipliers, check_optimum
from mechopt.types import TypeSpace
from mechopt.types.prior import Joint
from mechopt.verify.audit import audit

REGISTERED = "registered under its name"
REFUSED = "what is not accepted is refused"
UNCHANGED = "the problem is not changed"
NO_OPTIMUM = "a program without an optimum is called so"
OPTIONS = "unknown options are refused"
TIME = "a time limit is kept"
PROVENANCE = "a solution says how it was got"

# No solver has an option of this name.
NONSENSE = "no_option_of_any_solver"
INFEASIBLE, UNBOUNDED = Termination.INFEASIBLE, Termination.UNBOUNDED


def check_backend(
    backend: Backend, problems: Mapping[str, DesignProblem] | None = None, *, seed: int = 0
) -> None:
    """Check a backend on small problems whose answers are known, of every kind that it accepts.

    Optima are those known, audits pass, the multipliers have the documented names, prove the bound
    and are derivatives; infeasible programs come with a certificate, unbounded ones are called so;
    what is not accepted, and unknown options, are refused; the problem is not changed.

    Parameters
    ----------
    backend
        The backend, registered in :mod:`mechopt.backends.registry`.
    problems
        Further problems by name, whose answers are compared with those of HiGHS.
    seed
        Of the random numbers.

    Raises
    ------
    AssertionError
        At the first check that fails: which, where, what was expected, what was got.

    Examples
    --------
    >>> from mechopt.backends import Direct
    >>> check_backend(Direct())
    """
    require(backend, Backend, where="backend", remedy="Pass a backend, such as HiGHS().")
    registered = backend.name in BACKENDS and type(backend_named(backend.name)) is type(backend)
    demand(registered, REGISTERED, backend.name, type(backend).__name__, ", ".join(BACKENDS))
    rng = np.random.default_rng(seed)
    cases: dict[str, tuple[DesignProblem, float | Termination]] = dict(known_answers())
    for name, problem in (problems or {}).items():
        reference = solve(problem, "highs", throw=False)
        optimal = reference.termination is Termination.OPTIMAL
        cases[name] = (problem, reference.objective if optimal else reference.termination)
    accepted_ones = []
    for name, (problem, expected) in cases.items():
        acceptance = backend.accepts(problem)
        if acceptance:
            accepted_ones.append(name)
            _check_answer(backend, name, problem, expected, rng)
        else:
            demand(acceptance.reason, REFUSED, name, "a reason", "none")
            refusal = _error_of(backend, problem)
            demand(
                isinstance(refusal, UnsupportedProblemError),
                REFUSED,
                name,
                "UnsupportedProblemError",
                repr(refusal),
            )
    demand(accepted_ones, REFUSED, "all problems", "one that is accepted", "none")
    _check_arguments(backend, cases[accepted_ones[0]][0])


def known_answers() -> Mapping[str, tuple[DesignProblem, float | Termination]]:
    """Return small problems by name, each with its optimum or how a solver has to end.

    Six-type trade: theory.md, section 5; posted prices: Hagerty and Rogerson (1987); the others
    were solved in fractions.

    Examples
    --------
    >>> known_answers()["infeasible"][1]
    <Termination.INFEASIBLE: 'infeasible'>
    """
    types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    trade = BilateralTrade(types, types)
    coin, skewed = TypeSpace.finite([0, 1]), TypeSpace.finite([1, 2, 4], ["1/2", "3/10", "1/5"])
    edges = np.array([0.0, 0.5, 1.0])
    cells = TypeSpace(np.full(2, 0.5), 0.5 * (edges[:-1] + edges[1:]), edges[:-1], edges[1:])
    good = Environment((Agent("ann", skewed), Agent("bob", coin)), SingleGood(2))
    prior = Joint(np.array([[0.375, 0.125], [0.125, 0.375]]))
    pair = Agent("seller", coin), Agent("buyer", TypeSpace.finite(["1/2", "3/2"]))
    joint = Environment(pair, Trade(), prior)
    often = EventProbability("trade", at_least=0.5, types={"buyer": (2,)})
    equal, uneven = Welfare((1, 1)), Welfare((1, 0.3))
    dominant = DesignProblem(
        trade,
        equal,
        incentives="dominant",
        participation="ex-post",
        budget="no-deficit",
        budget_holds="ex-post",
    )
    revenue = DesignProblem(good, Subsidy(), budget="subsidised")
    frequent = DesignProblem(trade, equal, requirements=(often,))
    unbounded = DesignProblem(trade, uneven, participation="none")
    return {
        "six-types": (ex_ante_efficiency(trade), 25 / 27),
        "one-side-counts": (ex_ante_efficiency(trade, (1, 0)), 11 / 18),
        "cells": (ex_ante_efficiency(BilateralTrade(cells, cells)), 1 / 8),
        "least-subsidy": (minimum_subsidy(trade), 5 / 36),
        "good-without-owner": (ex_ante_efficiency(good), 1.9),
        "largest-revenue": (revenue, -1.3),
        "later-trade": (ex_ante_efficiency(BilateralTrade(types, types, 2.0, 1.0)), 1.30896527),
        "joint-prior": (ex_ante_efficiency(joint), 9 / 16),
        "every-profile": (dominant, 5 / 6),
        "event": (frequent, 5 / 6),
        "infeasible": (ex_post_efficiency(trade), INFEASIBLE),
        "unbounded": (unbounded, UNBOUNDED),
    }


def _check_answer(
    backend: Backend,
    name: str,
    problem: DesignProblem,
    expected: float | Termination,
    rng: np.random.Generator,
) -> None:
    """Check the answer to one problem."""
    before = problem.fingerprint
    with accepted(SOLVED, name):
        solution = backend.solve(problem)
    demand(problem.fingerprint == before, UNCHANGED, name, before, problem.fingerprint)
    try:
        if isinstance(expected, Termination):
            _check_no_optimum(solution, expected)
        else:
            check_optimum(problem, solution, expected)
            check_multipliers(problem, solution, rng, most=10)
    except AssertionError as error:
        raise AssertionError(f"{name}: {error}") from error
    how = solution.provenance
    demand(
        how.backend == backend.name and set(backend.packages) <= set(how.versions),
        PROVENANCE,
        name,
        f"{backend.name} and versions of {backend.packages}",
        how,
    )
    with TemporaryDirectory() as folder, accepted(SAVED, name):
        save_solution(solution, f"{folder}/solution.json")
        loaded = load_solution(f"{folder}/solution.json")
    same = audit(problem, loaded).passed == audit(problem, solution).passed
    demand(same, SAVED, name, "the same audit", audit(problem, loaded).failed)


def _check_no_optimum(solution: Solution, expected: Termination) -> None:
    """Check that a program without an optimum is called so, with a proof if it is infeasible."""
    demand(
        solution.termination is expected,
        NO_OPTIMUM,
        "termination",
        expected.value,
        f"{solution.termination.value} {solution.detail}",
    )
    demand(solution.mechanism is None, NO_OPTIMUM, "mechanism", "none", solution.mechanism)
    if expected is INFEASIBLE:
        demand(
            solution.dual_status is PointStatus.CERTIFICATE,
            NO_OPTIMUM,
            "multipliers",
            "a certificate",
            solution.dual_status.value,
        )
        report = audit(solution.problem, solution)
        demand(report.passed, AUDITED, "certificate", "no check that fails", report.failed)


def _check_arguments(backend: Backend, problem: DesignProblem) -> None:
    """Check what becomes of unknown options, of a time limit, and of the native model."""
    refusal = _error_of(backend, problem, **{NONSENSE: 1})
    demand(
        isinstance(refusal, InvalidInputError),
        OPTIONS,
        NONSENSE,
        "InvalidInputError",
        repr(refusal),
    )
    with accepted(TIME, "time_limit=1e-9"):
        solution = backend.solve(problem, time_limit=1e-9)
    ended = solution.termination in (Termination.LIMIT, Termination.OPTIMAL)
    demand(ended, TIME, "time_limit=1e-9", "limit, or optimal at once", solution.termination.value)


def _error_of(backend: Backend, problem: DesignProblem, **options: object) -> Exception | None:
    """Return the error that a backend raises; None if it raises none."""
    try:
        backend.solve(problem, **options)  # type: ignore[arg-type]
    except Exception as error:
        return error
    return None
