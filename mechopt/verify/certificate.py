"""Certificates of infeasibility: multipliers checked as they stand, and what they prove."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.environments import Agent
from mechopt.problem.budget import Budget
from mechopt.problem.problem import DesignProblem
from mechopt.program.lagrangian import infeasibility_margin
from mechopt.program.multipliers import multiplier_shapes
from mechopt.program.standard_form import standard_form

# Multipliers are of the order of 1 (the budget's is 1), so this is a relative tolerance too.
CERTIFICATE_TOLERANCE = 1e-9


@dataclass(frozen=True)
class CertificateCheck:
    """Whether multipliers prove that no mechanism meets the requirements.

    Parameters
    ----------
    verified
        Whether they do.
    shortfall
        Outside money that the requirements need at least, in expectation, as far as proved.
    reason
        What was found: the shortfall, or what is wrong with the certificate.
    """

    verified: bool
    shortfall: float
    reason: str


def verify_certificate(
    problem: DesignProblem,
    duals: Mapping[str, FloatArray],
    *,
    tolerance: float = CERTIFICATE_TOLERANCE,
) -> CertificateCheck:
    """Check a Farkas certificate: y'A = 0 on payments, right signs, and a contradiction.

    Weighting every requirement by its multiplier and adding up must leave no payment, and must
    demand more than any feasible outcome can give. In contrast to
    :func:`mechopt.program.lagrangian.dual_bound`, signs and cancellation are checked as they stand,
    so a spoiled certificate is rejected even where it could be mended.

    Parameters
    ----------
    problem
        The problem that is said to be infeasible.
    duals
        Multipliers named as in :class:`mechopt.Solution`, the budget's equal to 1; those left out
        are zero.
    tolerance
        How far payments may be from cancelling, relative to a multiplier of 1. The shortfall is
        that of multipliers completed so that they cancel, less what rounding could hide.

    Returns
    -------
    CertificateCheck

    Notes
    -----
    Source: theory.md, section 5; Farkas' lemma.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_post_efficiency, solve
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> problem = ex_post_efficiency(BilateralTrade(types, types))
    >>> duals = dict(solve(problem, throw=False).duals)
    >>> round(verify_certificate(problem, duals).shortfall, 6)  # 6 times 5/216
    0.138889
    >>> duals["seller_ic_up"] = -duals["seller_ic_up"]
    >>> verify_certificate(problem, duals).reason
    'multiplier seller_ic_up[0] is negative (-0.166667)'
    """
    fault = _fault(problem, duals, tolerance)
    if fault:
        return CertificateCheck(False, 0.0, fault)
    shortfall = infeasibility_margin(problem, duals)
    if not shortfall > 0.0:
        return CertificateCheck(
            False, shortfall, f"the requirements do not contradict each other ({shortfall:.3g})"
        )
    return CertificateCheck(
        True, shortfall, f"the multipliers prove a shortfall of {shortfall:.9g}"
    )


def _fault(problem: DesignProblem, duals: Mapping[str, FloatArray], tolerance: float) -> str | None:
    """Return what is wrong with the multipliers themselves, or None."""
    unknown = sorted(set(duals) - set(multiplier_shapes(problem)))
    if unknown:
        return f"multiplier {unknown[0]} belongs to no requirement"
    if not problem.is_interim:
        return _fault_of_rows(problem, duals)
    if problem.budget is Budget.SUBSIDISED:
        return "without a budget, money alone cannot make a problem infeasible"
    try:
        budget = float(_given(duals, "budget", 1)[0])
        if not abs(budget - 1.0) <= tolerance:
            return f"the multiplier of the budget is {budget:.6g}, not 1"
        for i in range(len(problem.environment.agents)):
            fault = _fault_of_agent(problem, i, duals, tolerance)
            if fault:
                return fault
    except ValueError as error:
        return str(error)
    return None


def _fault_of_rows(problem: DesignProblem, duals: Mapping[str, FloatArray]) -> str | None:
    """Return what is wrong with multipliers of a program with payments by profile, or None."""
    form = standard_form(problem)
    try:
        for name, values in duals.items():
            block = form.constraints[name]
            given = block.gathered(values)
            equations = block.of(form.row_lower) == block.of(form.row_upper)
            wrong = np.flatnonzero(~((given >= 0.0) | equations.ravel()))
            if wrong.size:
                worst = int(wrong[0])
                return f"multiplier {name}[{worst}] is negative ({given[worst]:.6g})"
    except ValueError as error:
        return str(error)
    return None


def _fault_of_agent(
    problem: DesignProblem, i: int, duals: Mapping[str, FloatArray], tolerance: float
) -> str | None:
    agent = problem.environment.agents[i]
    named = _of_agent(agent, duals)
    for part, name in _names(agent).items():
        wrong = np.flatnonzero(~(named[part] >= 0.0))
        if wrong.size:
            worst = int(wrong[0])
            return f"multiplier {name}[{worst}] is negative ({named[part][worst]:.6g})"
        absent = (
            not problem.has_participation(i)
            if part in ("lower", "upper")
            else not problem.has_incentives(i)
        )
        if absent and named[part].any():
            return f"multiplier {name} belongs to a requirement that the problem does not make"
    mass = agent.types.mass
    net = np.concatenate([[0.0], named["up"] - named["down"], [0.0]])
    residual = mass + net[:-1] - net[1:] - named["lower"] - named["upper"]
    worst = int(np.argmax(np.abs(residual)))
    if not abs(residual[worst]) <= tolerance:
        return (
            f"the payment of {agent.name} type {worst} does not cancel: the requirements weigh it "
            f"by {residual[worst]:.3g}, not 0"
        )
    return None


def _names(agent: Agent) -> dict[str, str]:
    """Return the names of an agent's multipliers, by their part in the arithmetic."""
    return {
        "down": f"{agent.name}_ic_down",
        "up": f"{agent.name}_ic_up",
        "monotonicity": f"{agent.name}_monotonicity",
        "lower": f"{agent.name}_participation_lower",
        "upper": f"{agent.name}_participation_upper",
    }


def _of_agent(agent: Agent, duals: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    size = agent.types.num_cells
    return {
        part: _given(duals, name, size if part in ("lower", "upper") else size - 1)
        for part, name in _names(agent).items()
    }


def _given(duals: Mapping[str, FloatArray], name: str, size: int) -> FloatArray:
    values = np.asarray(duals.get(name, np.zeros(size)), dtype=np.float64)
    if values.shape != (size,):
        raise ValueError(f"multiplier {name} has shape {values.shape}, not ({size},)")
    return values
