"""The problems that most studies pose, with the usual requirements unless others are stated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, TypedDict, Unpack

import numpy as np

from mechopt.environments import Environment
from mechopt.errors import InvalidInputError, require
from mechopt.problem.budget import Budget, BudgetWord, HoldsWord
from mechopt.problem.objectives import Revenue, Welfare
from mechopt.problem.problem import (
    AllocationRequirement,
    DesignProblem,
    IncentivesWords,
    ParticipationWords,
)
from mechopt.problem.requirement import Requirement


class RequiredOfAgents(TypedDict, total=False):
    """What a mechanism has to satisfy, but for the budget; as of :class:`DesignProblem`."""

    incentives: IncentivesWords
    participation: ParticipationWords
    requirements: Sequence[Requirement]


class Required(RequiredOfAgents, total=False):
    """What a mechanism has to satisfy; as of :class:`DesignProblem`."""

    budget: BudgetWord
    budget_holds: HoldsWord


def ex_ante_efficiency(
    environment: Environment,
    weights: Mapping[str, float | Fraction] | Sequence[float | Fraction] | None = None,
    **required: Unpack[Required],
) -> DesignProblem:
    """Return the problem of the best incentive-compatible, individually rational mechanism.

    Parameters
    ----------
    environment
        A :func:`BilateralTrade` or any other environment.
    weights
        Welfare weight of each agent, by name or in order; 1 for all unless said. Fractions become
        floats, and are kept for exact optima.
    **required
        ``incentives``, ``participation``, ``budget``, ``budget_holds`` and ``requirements``, as of
        :class:`DesignProblem`; incentives and participation on average, and a budget that balances
        in expectation, unless said.

    Raises
    ------
    InvalidInputError
        For weights, words and requirements that do not fit, and other keywords.

    Notes
    -----
    Source: theory.md, sections 3.5 and 3.7; Myerson and Satterthwaite (1983), Theorem 2.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, solve
    >>> types = TypeSpace.finite([0, 1])
    >>> ex_ante_efficiency(BilateralTrade(types, types), {"seller": 1, "buyer": 0}).objective
    Welfare(weights=(1.0, 0.0))

    No report ever pays, nobody regrets taking part, and payments always cancel:

    >>> trade = BilateralTrade(TypeSpace.finite([0, 2]), TypeSpace.finite([1, 3]))
    >>> always = {"participation": "ex-post", "budget_holds": "ex-post"}
    >>> solve(ex_ante_efficiency(trade, incentives="dominant", **always)).objective
    1.125
    """
    names = _names(environment)
    if weights is None:
        values: Sequence[float | Fraction] = [1.0] * len(names)
    elif isinstance(weights, Mapping):
        if set(weights) != set(names):
            raise InvalidInputError(
                "weights do not name the agents",
                where="weights",
                expected=f"one weight each for {', '.join(names)}",
                got=", ".join(map(str, weights)) or "none",
                remedy="Name every agent once.",
            )
        values = [weights[name] for name in names]
    else:
        hint = "Give one number per agent, in order or by name."
        require(weights, (tuple, list, np.ndarray), where="weights", remedy=hint)
        values = weights
    welfare = Welfare(tuple(values))  # type: ignore[arg-type]
    return DesignProblem(environment, welfare, **_known(Required, **required))


def ex_post_efficiency(environment: Environment, **required: Unpack[Required]) -> DesignProblem:
    """Return the problem of implementing the ex post efficient allocation without outside money.

    It is often infeasible; :func:`minimum_subsidy` says by how much. Where outcomes tie, one
    efficient allocation is prescribed, and another may need less;
    :func:`check_ex_post_efficiency` looks at all of them.

    Parameters
    ----------
    environment
        A :func:`BilateralTrade` or any other environment.
    **required
        As of :func:`ex_ante_efficiency`.

    Raises
    ------
    InvalidInputError
        For words and requirements that do not fit, and other keywords.

    Notes
    -----
    Source: theory.md, section 3.3; Cramton (1985), Theorem 2.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> types = TypeSpace.finite([0, 1])
    >>> problem = ex_post_efficiency(BilateralTrade(types, types), incentives="dominant")
    >>> problem.allocation, problem.incentives
    (<AllocationRequirement.EFFICIENT: 'efficient'>, <Incentives.DOMINANT: 'dominant'>)
    """
    welfare = Welfare((1.0,) * len(_names(environment)))
    known = _known(Required, **required)
    return DesignProblem(environment, welfare, AllocationRequirement.EFFICIENT, **known)


def minimum_subsidy(
    environment: Environment, **required: Unpack[RequiredOfAgents]
) -> DesignProblem:
    """Return the problem of implementing the ex post efficient allocation at least outside cost.

    The optimum is negative where the mechanism leaves a surplus, and then no subsidy is needed.
    Ties are broken as by :func:`ex_post_efficiency`.

    Parameters
    ----------
    environment
        A :func:`BilateralTrade` or any other environment.
    **required
        ``incentives``, ``participation`` and ``requirements``, as of :func:`ex_ante_efficiency`;
        what the budget lacks is minimised.

    Raises
    ------
    InvalidInputError
        For words and requirements that do not fit, and other keywords.

    Notes
    -----
    Source: theory.md, sections 3.3 and 5.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, solve
    >>> types = TypeSpace.finite([0, 1, 2])
    >>> minimum_subsidy(BilateralTrade(types, types)).objective
    Subsidy()
    """
    return ex_post_efficiency(environment, **_known(RequiredOfAgents, **required)).subsidised()


def largest_revenue(environment: Environment, **required: Unpack[Required]) -> DesignProblem:
    """Return the problem of the mechanism that leaves the designer the largest expected profit.

    The budget may not show a deficit, unless said; one that balances would leave nothing.

    Parameters
    ----------
    environment
        Any environment.
    **required
        As of :func:`ex_ante_efficiency`.

    Raises
    ------
    InvalidInputError
        For words and requirements that do not fit, and other keywords.

    Notes
    -----
    Source: Myerson (1981), doi:10.1287/moor.6.1.58; theory.md, section 5.1.

    Examples
    --------
    >>> from mechopt import Agent, Environment, TypeSpace, solve
    >>> from mechopt.environments import SingleGood
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> auction = Environment((Agent("ann", types), Agent("bob", types)), SingleGood(2))
    >>> round(solve(largest_revenue(auction)).objective, 9)  # 29/9
    3.222222222
    """
    _names(environment)
    known = {"budget": Budget.NO_DEFICIT, **_known(Required, **required)}
    return DesignProblem(environment, Revenue(), **known)


def _names(environment: Environment) -> list[str]:
    hint = "Pass a BilateralTrade or another Environment."
    require(environment, Environment, where="environment", remedy=hint)
    return [agent.name for agent in environment.agents]


def _known(keys: type, **required: Any) -> dict[str, Any]:
    """Return the requirements if all are of these keys, whatever a type checker let pass."""
    known = sorted(keys.__annotations__)
    for name in required:
        if name not in known:
            raise InvalidInputError(
                "no such requirement",
                where=name,
                expected="only " + ", ".join(known),
                got=name,
                remedy="Correct the keyword, or leave it out.",
            )
    return required
