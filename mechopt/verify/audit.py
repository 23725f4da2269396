"""Audits: every requirement of a problem evaluated from the mechanism alone, without a solver."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from mechopt.allocation import Table
from mechopt.arrays import FloatArray, IndexArray
from mechopt.errors import AuditError, InvalidInputError, require, require_tolerance
from mechopt.mechanism import Mechanism
from mechopt.problem import Budget, DesignProblem
from mechopt.solution import PointStatus, Solution, Termination
from mechopt.verify.bound import alpha_of, dual_bound
from mechopt.verify.certificate import verify_certificate
from mechopt.verify.incentives import best_imitation, chain_bound

DEFAULT_TOLERANCE = 1e-7
REPORTED_TOLERANCE = 1e-9
MAX_EX_POST_PROFILES = 5_000_000
MAX_ALL_PAIRS = 4_000
SAMPLED_TYPES = 300
# Rounding of payoffs, relative to the largest type.
ROUNDING = 64 * np.finfo(np.float64).eps
KINDS = ("ic_down", "ic_up", "monotonicity", "participation_lower", "participation_upper")


@dataclass(frozen=True)
class Check:
    """One requirement, and how far the mechanism is from meeting it.

    Parameters
    ----------
    requirement
        What is required, such as ``"incentive compatibility of buyer"``.
    violation
        By how much it is broken, in its own unit (money or probability); zero or less if met.
    scaled
        The violation relative to the width of the interval of types, or the probability itself.
    tolerance
        The largest scaled violation that passes.
    where
        The worst place: which type, profile or number.
    """

    requirement: str
    violation: float
    scaled: float
    tolerance: float
    where: str

    @property
    def passed(self) -> bool:
        """Whether the requirement is met within the tolerance; NaN never passes."""
        return bool(self.scaled <= self.tolerance)

    def __str__(self) -> str:
        by = f" by {self.violation:.3g}" if np.isfinite(self.violation) else ""
        verdict = "holds" if self.passed else f"BROKEN{by}"
        return f"{self.requirement}: {verdict} ({self.where})"


@dataclass(frozen=True)
class AuditReport:
    """The outcome of an audit.

    Parameters
    ----------
    checks
        One entry per requirement.
    notes
        What was not checked, and why.
    """

    checks: tuple[Check, ...]
    notes: tuple[str, ...] = field(default=())

    @property
    def passed(self) -> bool:
        """Whether every requirement is met within its tolerance."""
        return all(check.passed for check in self.checks)

    @property
    def failed(self) -> tuple[Check, ...]:
        """The requirements that are broken, worst first."""
        broken = [check for check in self.checks if not check.passed]
        return tuple(sorted(broken, key=lambda check: -np.nan_to_num(check.scaled, nan=np.inf)))

    @property
    def max_violation(self) -> float:
        """Largest scaled violation; zero if every requirement is met exactly, NaN if one is."""
        return float(np.max([0.0, *(check.scaled for check in self.checks)]))

    def raise_if_failed(self) -> None:
        """Raise :class:`mechopt.errors.AuditError` naming every broken requirement."""
        if not self.passed:
            raise AuditError("; ".join(str(check) for check in self.failed))

    def __str__(self) -> str:
        return "\n".join([*(str(check) for check in self.checks), *self.notes])


def audit(
    problem: DesignProblem,
    solution: Solution | Mechanism,
    *,
    tolerance: float = DEFAULT_TOLERANCE,
) -> AuditReport:
    """Check a mechanism, and what a solution reports of it, against the original problem.

    Everything is computed with numpy from the problem's data: feasibility of every outcome,
    incentive compatibility over all pairs of types, participation of every type, the budget ex
    ante and ex post, and, of a solution, its objective, its bound and the gap between them. Of an
    infeasible problem the certificate is checked.

    Parameters
    ----------
    problem
        What the mechanism is for.
    solution
        A solution, or a mechanism of any origin.
    tolerance
        Largest violation that passes: of money relative to the width of the interval of types, of
        probabilities as it is. Reported numbers must agree to 1e-9, relative likewise.

    Returns
    -------
    AuditReport

    Notes
    -----
    Source: theory.md, sections 1 and 5.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency, solve
    >>> types = TypeSpace.finite([0, 1])
    >>> problem = ex_ante_efficiency(BilateralTrade(types, types))
    >>> audit(problem, solve(problem)).passed
    True
    """
    hint = "Pass the DesignProblem, then its Solution or a Mechanism."
    require(problem, DesignProblem, where="problem", remedy=hint)
    require(solution, (Solution, Mechanism), where="solution", remedy=hint)
    require_tolerance(tolerance)
    mechanism = solution.mechanism if isinstance(solution, Solution) else solution
    checks: list[Check] = []
    notes: list[str] = []
    if isinstance(solution, Solution):
        if solution.fingerprint:
            checks.append(_check_fingerprint(problem, solution))
        if not solution.unaltered:
            where = "its digest is not that of what it says"
            checks.append(Check("the file is as it was saved", np.inf, np.inf, 0.0, where))
        checks.extend(_status_checks(problem, solution))
    if mechanism is not None:
        try:
            mechanism = mechanism.in_environment(problem.environment)
            checks.extend(_mechanism_checks(problem, mechanism, tolerance, notes))
            if isinstance(solution, Solution):
                checks.extend(_reported_checks(problem, solution, mechanism, tolerance))
        except InvalidInputError as error:
            checks.append(Check("the mechanism fits the problem", np.inf, np.inf, 0.0, str(error)))
    elif isinstance(solution, Solution) and solution.dual_status is PointStatus.CERTIFICATE:
        checks.append(_check_certificate(problem, solution))
    else:
        notes.append("There is no mechanism and no certificate to check.")
        checks.append(Check("an answer that can be checked", np.inf, np.inf, 0.0, "none given"))
    return AuditReport(tuple(checks), tuple(notes))


def _mechanism_checks(
    problem: DesignProblem, mechanism: Mechanism, tolerance: float, notes: list[str]
) -> Iterator[Check]:
    """Yield the checks of everything that the problem requires of a mechanism."""
    environment = problem.environment
    yield from _outcome_checks(problem, mechanism, tolerance, notes)
    for i in range(len(environment.agents)):
        quantity, payment = mechanism.quantity[i], mechanism.payment[i]
        if problem.has_incentives(i):
            yield _check_incentives(problem, i, quantity, payment, tolerance)
        if problem.has_participation(i):
            yield _check_participation(problem, i, quantity, payment, tolerance)
    yield from _budget_checks(problem, mechanism, tolerance, notes)


def _check_incentives(
    problem: DesignProblem, i: int, quantity: FloatArray, payment: FloatArray, tolerance: float
) -> Check:
    """Check all pairs of types, or, of very many, neighbours and what follows for all pairs."""
    agent = problem.environment.agents[i]
    types, scale = agent.types, _allowing(problem, problem.environment.payoff_scale, tolerance)
    if types.num_cells <= MAX_ALL_PAIRS:
        best = best_imitation(types, quantity, payment)
        gain = best.gain
        where = (
            f"{agent.name} type {best.type_index} ({best.at:.6g}) gains {best.gain:.3g} by "
            f"imitating type {best.imitated} ({types.label(best.imitated)}), the most of all pairs"
        )
    else:
        chain = chain_bound(types, quantity, payment)
        gain, step = chain.gain, chain.worst_step
        where = (
            f"no pair of types of {agent.name} gains more than {gain:.3g}, by neighbours and "
            f"monotonicity; the step from type {step} ({types.label(step)}) to the next adds most"
        )
    requirement = f"incentive compatibility of {agent.name}"
    return _money_check(requirement, gain, scale, tolerance, where)


def _outcome_checks(
    problem: DesignProblem, mechanism: Mechanism, tolerance: float, notes: list[str]
) -> Iterator[Check]:
    """Yield the checks that every profile's outcome is feasible, and as prescribed."""
    environment = problem.environment
    outcomes = environment.outcomes
    profiles = _audited_types(problem, mechanism, notes)
    allocation = mechanism.allocation.on_grid(environment, profiles)
    yield from _quantity_checks(problem, mechanism, allocation)
    for v, name in enumerate(outcomes.variables):
        excess = np.maximum(outcomes.lower[v] - allocation[v], allocation[v] - outcomes.upper[v])
        yield _probability_check(f"bounds of {name}", excess, problem, profiles, tolerance)
    for row in outcomes.rows:
        excess = np.tensordot(np.array(row.coefficients), allocation, axes=1) - row.upper
        yield _probability_check(row.name, excess, problem, profiles, tolerance)
    for power in outcomes.power_bounds:
        excess = power.excess(allocation)
        yield _probability_check(power.name, excess, problem, profiles, tolerance)
    if problem.prescribes_allocation:
        prescribed = environment.efficient_on_grid(profiles)
        distance = np.abs(allocation - prescribed).max(axis=0)
        yield _probability_check(
            "the prescribed allocation", distance, problem, profiles, tolerance
        )


def _quantity_checks(
    problem: DesignProblem, mechanism: Mechanism, audited: FloatArray
) -> Iterator[Check]:
    """Yield the checks that interim quantities are what the outcomes average to.

    Rules compute them by sorting; here they are averaged profile by profile, for all types or, of
    very many, for a few. ``audited`` are the outcomes at hand: those of all profiles, if not too
    many.
    """
    environment = problem.environment
    complete = audited.shape[1:] == environment.shape
    for i, agent in enumerate(environment.agents):
        size = agent.types.num_cells
        cells = np.arange(size) if complete else np.array([size // 3, 2 * size // 3])
        outcomes = audited
        if not complete:
            types = [np.arange(n) if j != i else cells for j, n in enumerate(environment.shape)]
            outcomes = mechanism.allocation.on_grid(environment, types)
        net = np.tensordot(environment.outcomes.net_quantity[i], outcomes, axes=1)
        difference = np.abs(environment.interim(i, net) - mechanism.quantity[i][cells])
        worst = int(np.argmax(difference))
        cell = int(cells[worst])
        where = f"{agent.name} type {cell} ({agent.types.label(cell)})"
        error = float(difference[worst])
        requirement = f"interim quantities of {agent.name} average its outcomes"
        yield Check(requirement, error, error, REPORTED_TOLERANCE, where)


def _audited_types(
    problem: DesignProblem, mechanism: Mechanism, notes: list[str]
) -> tuple[IndexArray, ...]:
    """Return the types whose profiles are looked at: all, or evenly spaced ones of a rule."""
    environment = problem.environment
    stored = isinstance(mechanism.allocation, Table)
    if stored or environment.num_profiles <= MAX_EX_POST_PROFILES:
        return tuple(np.arange(size) for size in environment.shape)
    notes.append(
        "Outcomes are computed by a rule, profile by profile; they were checked for every pair of "
        f"{SAMPLED_TYPES} types a side, evenly spaced and including both ends."
    )
    return tuple(
        np.unique(np.linspace(0, size - 1, SAMPLED_TYPES).astype(np.intp))
        for size in environment.shape
    )


def _check_participation(
    problem: DesignProblem, i: int, quantity: FloatArray, payment: FloatArray, tolerance: float
) -> Check:
    agent = problem.environment.agents[i]
    types, option = agent.types, agent.outside_option
    at_ends = [end * quantity - payment - option(end) for end in (types.lower, types.upper)]
    least = np.minimum(*at_ends)
    cell = int(np.argmin(least))
    end = types.lower[cell] if at_ends[0][cell] <= at_ends[1][cell] else types.upper[cell]
    where = (
        f"{agent.name} type {cell} ({end:.6g}) gets {least[cell]:.3g} more than its outside "
        "option, the least of all types"
    )
    requirement = f"participation of {agent.name}"
    scale = _allowing(problem, problem.environment.payoff_scale, tolerance)
    return _money_check(requirement, -float(least[cell]), scale, tolerance, where)


def _budget_checks(
    problem: DesignProblem, mechanism: Mechanism, tolerance: float, notes: list[str]
) -> Iterator[Check]:
    """Yield the checks of the budget, ex ante and ex post, and of the two kinds of payment."""
    environment = problem.environment
    scale = _allowing(problem, environment.payoff_scale, tolerance)
    revenue = sum(
        float(mass @ payment)
        for mass, payment in zip(environment.masses, mechanism.payment, strict=True)
    )
    surplus = revenue - mechanism.expected_cost
    if problem.budget is not Budget.SUBSIDISED:
        violation = abs(surplus) if problem.budget is Budget.BALANCED else -surplus
        where = f"expected payments exceed the expected cost by {surplus:.3g}"
        yield _money_check("budget ex ante", violation, scale, tolerance, where)
    if mechanism.ex_post_payment is None and environment.num_profiles > MAX_EX_POST_PROFILES:
        notes.append(
            "Ex post payments were not written out: in this many profiles they follow from the "
            "interim payments, and balance in each exactly if those balance ex ante."
        )
        return
    payments = mechanism.ex_post_payments()
    for i, agent in enumerate(environment.agents):
        difference = np.abs(environment.interim(i, payments[i]) - mechanism.payment[i])
        cell = int(np.argmax(difference))
        where = (
            f"{agent.name} type {cell} ({agent.types.label(cell)}): ex post payments average "
            f"{difference[cell]:.3g} away from its interim payment"
        )
        requirement = f"ex post payments of {agent.name} average to its interim payments"
        yield _money_check(requirement, float(difference[cell]), scale, tolerance, where)
    if problem.budget is Budget.SUBSIDISED:
        return
    cost = np.tensordot(environment.outcomes.cost, mechanism.allocation.dense(environment), axes=1)
    left = payments.sum(axis=0) - cost
    worst = np.abs(left) if problem.budget is Budget.BALANCED else -left
    place = _place(problem, int(np.argmax(worst)))
    where = f"payments exceed the cost by {left.flat[int(np.argmax(worst))]:.3g} at {place}"
    yield _money_check("budget ex post", float(worst.max()), scale, tolerance, where)


def _reported_checks(
    problem: DesignProblem, solution: Solution, mechanism: Mechanism, tolerance: float
) -> Iterator[Check]:
    """Yield the checks of the objective, the bound and the gap that a solution reports."""
    objective_scale = _allowing(problem, problem.objective_scale, REPORTED_TOLERANCE)
    sign = problem.objective.sign
    objective = sign * problem.weights.evaluate(
        problem.environment, mechanism.quantity, mechanism.payment, mechanism.expected_cost
    )
    where = f"reported {solution.objective:.12g}, computed {objective:.12g}"
    error = abs(solution.objective - objective)
    yield _money_check("reported objective", error, objective_scale, REPORTED_TOLERANCE, where)
    if solution.dual_status is not PointStatus.FEASIBLE and not np.isfinite(solution.bound):
        return
    known = {f"{agent.name}_{kind}" for agent in problem.environment.agents for kind in KINDS}
    unknown = sorted(set(solution.duals) - known - {"budget"})
    if unknown:
        where = f"multiplier {unknown[0]} belongs to no requirement"
        yield Check("multipliers fit the problem", np.inf, np.inf, 0.0, where)
    try:
        bound = dual_bound(problem, solution.duals)
    except ValueError as error_in_duals:
        yield Check("multipliers fit the problem", np.inf, np.inf, 0.0, str(error_in_duals))
        return
    where = f"reported {solution.bound:.12g}, computed from the multipliers {bound:.12g}"
    error = abs(solution.bound - bound)
    yield _money_check("reported bound", error, objective_scale, REPORTED_TOLERANCE, where)
    gap = sign * (bound - objective)
    where = f"objective {objective:.12g}, bound {bound:.12g}"
    scale = _allowing(problem, problem.objective_scale, tolerance)
    yield _money_check("weak duality", -gap, scale, tolerance, where)
    if solution.termination is Termination.OPTIMAL:
        yield _money_check("optimality", gap, scale, 10 * tolerance, where)


def _status_checks(problem: DesignProblem, solution: Solution) -> Iterator[Check]:
    """Yield the checks that the statuses fit what there is, and that alpha fits the multipliers."""
    answered = solution.mechanism is not None
    fits = {
        Termination.OPTIMAL: answered
        and solution.primal_status is solution.dual_status is PointStatus.FEASIBLE,
        Termination.INFEASIBLE: not answered and solution.dual_status is not PointStatus.FEASIBLE,
        Termination.UNBOUNDED: not answered,
        Termination.LIMIT: True,
    }[solution.termination]
    where = (
        f"{solution.termination.value}, with {'a' if answered else 'no'} mechanism and multipliers "
        f"that are {solution.dual_status.value}"
    )
    missing = 0.0 if fits else np.inf
    yield Check("statuses fit the answer", missing, missing, 0.0, where)
    implied = alpha_of(problem, solution.duals)
    optimal = solution.termination is Termination.OPTIMAL
    if solution.alpha is None and (implied is None or not optimal):
        return
    reported = np.nan if solution.alpha is None else solution.alpha
    error = abs(reported - (np.nan if implied is None else implied))
    where = f"reported {solution.alpha}, by the multiplier of the budget {implied}"
    yield Check("reported alpha", error, error, REPORTED_TOLERANCE, where)


def _check_certificate(problem: DesignProblem, solution: Solution) -> Check:
    """Check that the multipliers prove that no mechanism meets the requirements."""
    proof = verify_certificate(problem, solution.duals)
    missing = 0.0 if proof.verified else np.inf
    return Check("certificate of infeasibility", missing, missing, 0.0, proof.reason)


def _check_fingerprint(problem: DesignProblem, solution: Solution) -> Check:
    same = problem.fingerprint == solution.fingerprint
    missing = 0.0 if same else np.inf
    where = "fingerprint as saved" if same else "the problem's data changed since it was saved"
    return Check("the problem is the one that was solved", missing, missing, 0.0, where)


def _allowing(problem: DesignProblem, scale: float, tolerance: float) -> float:
    """Return the scale of a check of money, widened for what rounding of the types can do to it."""
    return scale + ROUNDING * problem.environment.largest_type / tolerance


def _money_check(
    requirement: str, violation: float, scale: float, tolerance: float, where: str
) -> Check:
    return Check(requirement, violation, violation / scale, tolerance, where)


def _probability_check(
    requirement: str,
    excess: FloatArray,
    problem: DesignProblem,
    profiles: tuple[IndexArray, ...],
    tolerance: float,
) -> Check:
    worst = int(np.argmax(excess))
    violation = float(excess.flat[worst])
    place = np.unravel_index(worst, excess.shape)
    cells = [int(types[position]) for types, position in zip(profiles, place, strict=True)]
    return Check(requirement, violation, violation, tolerance, _profile(problem, cells))


def _place(problem: DesignProblem, position: int) -> str:
    """Return a text for one profile, by its position in row-major order."""
    cells = np.unravel_index(position, problem.environment.shape)
    return _profile(problem, [int(cell) for cell in cells])


def _profile(problem: DesignProblem, cells: Sequence[int]) -> str:
    environment = problem.environment
    return ", ".join(
        f"{agent.name} type {cell} ({agent.types.label(cell)})"
        for agent, cell in zip(environment.agents, cells, strict=True)
    )
