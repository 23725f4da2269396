"""Is ex post efficiency possible here, by how much is it not, and what proves it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mechopt._util.arrays import shown
from mechopt._util.rounding import first_smallest, in_figures
from mechopt._util.table import Table, Tabular
from mechopt._util.text import in_words
from mechopt.backends import Direct, explain, solve
from mechopt.environments import BilateralTrade, DelayedTrade, Environment, SharedGoods, Trade
from mechopt.errors import InvalidInputError, NotOptimalError, UnsupportedProblemError
from mechopt.literature.cramton1985.known_mechanisms import posted_price
from mechopt.literature.cramton1985.slack import Slack, closed_form_slack, efficient_slack
from mechopt.literature.cramton1987.dissolution import dissolution
from mechopt.literature.efficient_continuum import efficient_continuum
from mechopt.mechanism.mechanism import Mechanism
from mechopt.problem.budget import Budget
from mechopt.problem.objectives import Revenue, Welfare
from mechopt.problem.problem import AllocationRequirement, DesignProblem
from mechopt.problem.usual import ex_post_efficiency
from mechopt.solution import Solution, Termination
from mechopt.studies.first_best import first_best_of_continuum
from mechopt.types import TypeSpace
from mechopt.types.foreign import budget
from mechopt.verify.audit import audit
from mechopt.verify.certificate import verify_certificate

if TYPE_CHECKING:
    import xarray

# Shortfalls by multipliers and by the slack agree to this, in first bests.
AGREEMENT = 1e-9
# Gains are those of the first best up to this, relative to it.
ROUNDING = 1e-12
# Weights on the slack of efficient rules: the first often does, and leaves the most digits.
WEIGHTS = (2.0**-4, 2.0**-10, 2.0**-20, 2.0**-30)


@dataclass(frozen=True)
class Certificate:
    """What proves the answer.

    Parameters
    ----------
    kind
        ``"posted-price"`` (one price suits everybody), ``"payments"`` (payments that do it,
        audited), ``"farkas"`` (multipliers that contradict every mechanism), ``"integral"`` (proved
        bounds on the slack, of a continuum or of efficient rules that differ in ties),
        ``"theorem"`` (a theorem gives the sign of a slack too
        small for the bounds), or ``"quadrature"`` (numerical integration, with its error).
    verified
        Whether it was checked, without a solver, and holds.
    detail
        What was checked, in words.
    """

    kind: str
    verified: bool
    detail: str


@dataclass(frozen=True, eq=False)
class ExPostCheck(Tabular):
    """The answer to whether ex post efficiency is possible without outside money.

    Parameters
    ----------
    implementable
        Whether some payments make an efficient rule incentive compatible and individually rational
        with a balanced budget.
    slack
        Participation slack in money: what is left of the gains after the information rents, under
        the rule that breaks ties in a fixed way; if that lacks money, the largest of all efficient
        rules. Minus infinity where no outside money helps, such as where payments are not allowed;
        infinity where agents who need not agree can be made to pay any sum.
    slack_bounds
        Bounds on it.
    least_subsidy
        Outside money needed: ``max(0, -slack)``; infinity where none helps.
    first_best
        Expected gains: of the continuum itself where a prior is continuous.
    closed_form_slack
        The slack by the closed form for continuous priors without delay, or None.
    certificate
        What proves the answer.
    solution
        Mechanism or multipliers for finite types, to be saved and audited; None for a continuum.
    outside
        What the agents expect by staying out, in money.
    """

    implementable: bool
    slack: float
    slack_bounds: tuple[float, float]
    least_subsidy: float
    first_best: float
    closed_form_slack: float | None
    certificate: Certificate
    solution: Solution | None
    outside: float = 0.0

    def table(self) -> Table:
        """Return the figures, one row in all for programs and one each for people."""
        names = "slack", "least_subsidy", "first_best", "closed_form_slack"
        values = {name: getattr(self, name) for name in names}
        values |= dict(zip(("slack_lower", "slack_upper"), self.slack_bounds, strict=True))
        # Where no outside money helps there is no number.
        finite = {k: v if v is None or math.isfinite(v) else None for k, v in values.items()}
        shown = ((k, v) for k, v in finite.items() if v is not None)
        cells = [(in_words(k), in_figures(v, scale=self.first_best)) for k, v in shown]
        proof = {"certificate": self.certificate.kind, "verified": self.certificate.verified}
        row = {"implementable": self.implementable} | finite | proof
        answer = "possible" if self.implementable else "not possible"
        title = f"ex post efficiency is {answer} without outside money"
        return Table(("", "money"), cells, tuple(row), [tuple(row.values())], title=title)


def check_ex_post_efficiency(trade: Environment | DesignProblem) -> ExPostCheck:
    """Decide whether ex post efficiency is possible without outside money, and prove it.

    For finite types the slack is evaluated directly, and either payments or multipliers are given
    and checked. For continuous priors the answer is about the continuum, not about its cells.

    Parameters
    ----------
    trade
        Of finite types, any environment; beyond bilateral trade the least subsidy is a linear
        program. Of continuous priors, agents who each give or receive, have nothing outside and
        no gaps between their types (what the pivotal mechanism brings, interim or dominant
        incentives alike), bilateral trade with any prior, and a :func:`Partnership`. Of a problem,
        what it requires of incentives, participation and payments counts; its objective does not,
        and the budget is one in expectation.

    Raises
    ------
    UnsupportedProblemError
        For other continua or under other requirements, and for negative valuations in a continuum
        with delay.

    Notes
    -----
    theory.md, sections 3.3 and 6.7; Cramton (1985), Theorem 2; Myerson and Satterthwaite (1983).

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_post_efficiency
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> check = check_ex_post_efficiency(BilateralTrade(types, types))
    >>> check.implementable, round(check.least_subsidy, 6), check.certificate.kind
    (False, 0.138889, 'farkas')
    >>> required = {"incentives": "dominant", "participation": "ex-post"}
    >>> dominant = ex_post_efficiency(BilateralTrade(types, types), **required)
    >>> round(check_ex_post_efficiency(dominant).least_subsidy, 6)
    0.138889
    """
    with budget():
        found = _check_ex_post_efficiency_within_budget(trade)
    options = (trade.environment if isinstance(trade, DesignProblem) else trade).expected_options
    return replace(found, outside=sum(options))


def efficient_under(stated: DesignProblem) -> DesignProblem:
    """Return the problem of ex post efficiency under the requirements of another.

    Examples
    --------
    >>> types = TypeSpace.finite([0, 1])
    >>> problem = ex_post_efficiency(BilateralTrade(types, types))
    >>> efficient_under(problem) == problem
    True
    """
    return replace(
        ex_post_efficiency(stated.environment),
        incentives=stated.incentives,
        participation=stated.participation,
        requirements=stated.requirements,
    )


def _check_ex_post_efficiency_within_budget(given: Environment | DesignProblem) -> ExPostCheck:
    trade = given.environment if isinstance(given, DesignProblem) else given
    usual = ex_post_efficiency(trade)
    problem = efficient_under(given) if isinstance(given, DesignProblem) else usual
    in_formulas = trade.independent and problem == usual
    continua = trade.has_continuum
    is_trade = isinstance(trade.outcomes, (Trade, DelayedTrade))
    if in_formulas and continua and isinstance(trade.outcomes, SharedGoods):
        return _check_of_partners(trade)
    if continua and _is_answered_by_pivots(problem) and not (in_formulas and is_trade):
        return _check_of_continua(trade)
    if not (in_formulas and is_trade):
        return _check_by_program(problem)
    slack = efficient_slack(trade)
    if trade.has_continuum:
        return _check_of_continuum(trade, slack)
    implementable = slack.value >= 0.0
    solution = None
    if all(agent.types.prior is None for agent in trade.agents):
        solution = Direct().solve(problem)
    certificate = _certificate(trade, slack, solution, implementable=implementable)
    return ExPostCheck(
        implementable=implementable,
        slack=slack.value,
        slack_bounds=(slack.lower, slack.upper),
        least_subsidy=0.0 if implementable else -slack.value,
        first_best=trade.first_best,
        closed_form_slack=closed_form_slack(trade),
        certificate=certificate,
        solution=solution,
    )


def _check_of_continuum(trade: Environment, slack: Slack) -> ExPostCheck:
    """Answer for continuous priors, by the sign of a slack that no cell went into."""
    price = _price_for_all(trade)
    implementable = price is not None or slack.is_possible
    certificate = _bounds_certificate(slack) if price is None else _posted_price(trade, price)
    first_best = first_best_of_continuum(trade)
    return ExPostCheck(
        implementable=implementable,
        slack=slack.value,
        slack_bounds=(slack.lower, slack.upper),
        least_subsidy=0.0 if implementable else -slack.value + 0.0,
        first_best=first_best.value,
        closed_form_slack=closed_form_slack(trade),
        certificate=certificate,
        solution=None,
    )


def _check_of_partners(partnership: Environment) -> ExPostCheck:
    """Answer for partners of continuous priors."""
    found = dissolution(partnership)
    slack = Slack(found.slack, found.slack - found.error, found.slack + found.error, rigorous=False)
    return _of_slack(slack, found.first_best, _bounds_certificate(slack))


def _is_answered_by_pivots(problem: DesignProblem) -> bool:
    """Return whether nothing beyond what the pivotal mechanism has is required.

    Its incentives are dominant, and nobody loses in any profile; payments of no other mechanism
    bring more on average.
    """
    agents = range(len(problem.environment.agents))
    always = all(problem.has_incentives(i) and problem.has_participation(i) for i in agents)
    return always and not problem.requirements and problem.environment.independent


def _check_of_continua(environment: Environment) -> ExPostCheck:
    """Answer for agents of continuous priors, by what the pivotal mechanism brings."""
    found = efficient_continuum(environment)
    own = found.slack
    slack = Slack(own.value, own.lower, own.upper, rigorous=True, theorem=found.negative)
    certificate = _bounds_certificate(slack)
    if found.never_negative and slack.is_possible:
        certificate = replace(certificate, detail=f"{certificate.detail}; {found.never_negative}")
    return _of_slack(slack, found.first_best.value, certificate)


def _of_slack(slack: Slack, first_best: float, certificate: Certificate) -> ExPostCheck:
    bounds, needed = (slack.lower, slack.upper), max(0.0, -slack.value)
    return ExPostCheck(
        slack.is_possible, slack.value, bounds, needed, first_best, None, certificate, None
    )


def _check_by_program(problem: DesignProblem) -> ExPostCheck:
    """Decide by the least subsidy, for finite types and any kind of outcome or requirement."""
    environment = problem.environment
    if environment.has_continuum:
        raise UnsupportedProblemError(
            "of a continuum, ex post efficiency is decided under incentives and participation of "
            "independent agents, and no further requirements (expected finite types). Use finite "
            "types, such as the means of the cells (at_means = true in a file of bargaining, "
            "TypeSpace.at_means in Python)."
        )
    least = solve(problem.subsidised(), throw=False)
    if least.termination is Termination.INFEASIBLE:
        return _check_without_remedy(problem, least)
    solution = solve(problem, throw=False)
    # Who cannot stay out can be made to pay any sum; by profile, a limit by default hides it.
    bound = all(map(problem.has_participation, range(len(environment.agents))))
    any_sum = not (bound or problem.requirements) and solution.mechanism is not None
    if least.termination is not Termination.OPTIMAL and not any_sum:
        raise NotOptimalError(explain(least), least)
    value = math.inf if any_sum else -least.objective + 0.0  # never minus zero
    slack = Slack(value, value, math.inf if any_sum else -least.bound + 0.0, rigorous=True)
    if solution.mechanism is not None and solution.termination is Termination.OPTIMAL:
        # Payments that are audited settle it; what the least subsidy lacks then is rounding.
        slack = replace(slack, value=max(slack.value, 0.0), upper=max(slack.upper, 0.0))
    other = _by_other_ties(problem, slack) if slack.value < 0.0 else None
    if other is not None:
        slack, solution = other
    implementable = slack.value >= 0.0
    certificate = _payments_or_multipliers(slack, solution, implementable=implementable)
    if other is not None and not implementable:
        certificate = _bounds_certificate(slack)
    return ExPostCheck(
        implementable=implementable,
        slack=slack.value,
        slack_bounds=(slack.lower, slack.upper),
        least_subsidy=0.0 if implementable else -slack.value,
        first_best=environment.first_best,
        closed_form_slack=None,
        certificate=certificate,
        solution=solution,
    )


def _by_other_ties(problem: DesignProblem, prescribed: Slack) -> tuple[Slack, Solution] | None:
    """Return the largest slack of all efficient rules if it exceeds that of the prescribed one.

    Efficient rules differ where outcomes tie, and leave different rents. Gains and a small weight
    on what payments leave are largest at the best of them, and any bound on that bounds its slack.
    """
    environment = problem.environment
    best, rounding = environment.efficient_gains, ROUNDING * problem.objective_scale
    free = replace(problem, allocation=AllocationRequirement.FREE, budget=Budget.SUBSIDISED)
    for weight in WEIGHTS:
        weighed = replace(free, objective=Welfare() + (1.0 + weight) * Revenue())
        found = solve(weighed, throw=False)
        mechanism = found.mechanism
        if found.termination is not Termination.OPTIMAL or mechanism is None:
            return None
        if abs(mechanism.total_gains - best) > rounding:
            continue
        paid = zip(environment.agents, mechanism.payment, strict=True)
        value = sum(agent.types.expectation(own) for agent, own in paid) - mechanism.expected_cost
        if value <= prescribed.value + AGREEMENT * problem.objective_scale:
            return None
        value = max(value, 0.0) if value >= -rounding else value
        if value >= 0.0:
            found = solve(replace(weighed, budget=Budget.NO_DEFICIT), throw=False)
            if found.mechanism is None or found.mechanism.total_gains < best - rounding:
                return None
        upper = max((found.bound - best) / weight, value)
        return Slack(value, value, upper, rigorous=True), found
    return None


def _check_without_remedy(problem: DesignProblem, least: Solution) -> ExPostCheck:
    """Answer where the requirements cannot be met with any amount of outside money."""
    solution = solve(problem, throw=False)
    proofs = [verify_certificate(each.problem, each.duals) for each in (least, solution)]
    faults = [proof.reason for proof in proofs if not proof.verified]
    detail = faults[0] if faults else "the multipliers prove that no outside money helps"
    return ExPostCheck(
        implementable=False,
        slack=-math.inf,
        slack_bounds=(-math.inf, -math.inf),
        least_subsidy=math.inf,
        first_best=problem.environment.first_best,
        closed_form_slack=None,
        certificate=Certificate("farkas", not faults, detail),
        solution=solution,
    )


def _certificate(
    trade: Environment, slack: Slack, solution: Solution | None, *, implementable: bool
) -> Certificate:
    price = _price_for_all(trade)
    if price is not None:
        return _posted_price(trade, price)
    assert solution is not None
    return _payments_or_multipliers(slack, solution, implementable=implementable)


def _payments_or_multipliers(
    slack: Slack, solution: Solution, *, implementable: bool
) -> Certificate:
    if solution.mechanism is not None:
        report = audit(solution.problem, solution)
        detail = "payments that do it pass the audit" if report.passed else str(report.failed[0])
        return Certificate("payments", report.passed and implementable, detail)
    proof = verify_certificate(solution.problem, solution.duals)
    agrees = abs(proof.shortfall + slack.value) <= AGREEMENT * solution.problem.objective_scale
    # By profile, multipliers prove that there is a shortfall, but are not in units of money.
    agrees = agrees or not solution.problem.is_interim
    return Certificate("farkas", proof.verified and agrees and not implementable, proof.reason)


def _bounds_certificate(slack: Slack) -> Certificate:
    how = "proved" if slack.rigorous else "by quadrature, with its error,"
    kind = "integral" if slack.rigorous else "quadrature"
    parts = [f"the slack lies {how} between {slack.lower:.9g} and {slack.upper:.9g}"]
    if slack.theorem:
        parts.append(slack.theorem)
        if slack.upper >= 0.0:
            kind = "theorem"
    elif not slack.is_decided:
        parts.append("which leaves its sign open")
    return Certificate(kind, slack.is_decided, "; ".join(parts))


def _price_for_all(trade: Environment) -> float | None:
    """Return a price that all costs and values accept where trade at once is always efficient."""
    seller, buyer = (agent.types for agent in trade.agents)
    ratio = trade.outcomes.ratio if isinstance(trade.outcomes, DelayedTrade) else 1.0
    low, high = seller.highest, buyer.lowest
    # With r > σ waiting pays unless r s <= σ b for all.
    wanted = min(ratio, 1.0) * high if high > 0 else high
    if low > wanted or (ratio != 1.0 and seller.lowest < 0):
        return None
    return 0.5 * (low + high)


def _posted_price(trade: Environment, price: float) -> Certificate:
    """Check that everybody accepts the price, at the ends of the supports, which suffice."""
    seller, buyer = (agent.types for agent in trade.agents)
    accepted = seller.highest <= price <= buyer.lowest
    return Certificate(
        "posted-price",
        accepted,
        f"at the price {price:.9g} every cost up to {seller.highest:.9g} sells and every value "
        f"from {buyer.lowest:.9g} on buys",
    )


def posted_price_for_all(trade: Environment) -> Mechanism | None:
    """Return the mechanism with one price at which everybody trades, or None if there is none.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> trade = BilateralTrade(TypeSpace.finite([0, 1]), TypeSpace.finite([2, 3]))
    >>> posted_price_for_all(trade).payment_of("buyer")
    array([1.5, 1.5])
    """
    price = _price_for_all(trade)
    if price is None:
        return None
    trade.require_dense("the posted-price mechanism")
    return posted_price(trade, price)


def slack_over_ratios(
    seller: TypeSpace, buyer: TypeSpace, ratios: Sequence[float] | None = None
) -> xarray.Dataset:
    """Return the slack of ex post efficiency over discount-rate ratios.

    Parameters
    ----------
    seller, buyer
        Type spaces; continuous priors stand for the continuum.
    ratios
        Discount-rate ratios δ, buyer's over seller's; 99 from 0.01 to 0.99 unless given (r > σ, the
        case that Cramton leaves open).

    Returns
    -------
    xarray.Dataset
        Over ``ratio``: ``slack`` in money, ``implementable``; attributes ``smallest_slack`` and
        ``smallest_slack_at``.

    Notes
    -----
    Source: theory.md, section 3.3, and the formula of
    :func:`mechopt.literature.cramton1985.slack.delay_slack`.

    Examples
    --------
    >>> from scipy import stats
    >>> from mechopt import TypeSpace
    >>> cost, value = (TypeSpace.from_distribution(stats.uniform(x, 1), 2) for x in (0, 0.5))
    >>> slack_over_ratios(cost, value, [0.3, 0.6, 1.0]).implementable.values
    array([ True, False, False])
    """
    import xarray

    given = np.linspace(0.01, 0.99, 99) if ratios is None else np.asarray(ratios, dtype=np.float64)
    if given.ndim != 1 or given.size == 0 or not (given > 0).all():
        raise InvalidInputError(
            "not ratios of discount rates",
            where="ratios",
            expected="a list of numbers above 0",
            got=shown(ratios),
            remedy="For example [0.25, 0.5, 1.0].",
        )
    found = [efficient_slack(BilateralTrade(seller, buyer, 1.0, float(r))) for r in given]
    slacks = np.array([slack.value for slack in found])
    smallest = first_smallest(slacks)
    return xarray.Dataset(
        {
            "slack": ("ratio", slacks),
            "implementable": ("ratio", np.array([slack.is_possible for slack in found])),
        },
        coords={"ratio": given},
        attrs={
            "smallest_slack": float(slacks[smallest]),
            "smallest_slack_at": float(given[smallest]),
        },
    )
