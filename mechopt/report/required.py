"""What a problem requires of a mechanism, in words, where it is not the usual."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum

from mechopt._util.text import in_words
from mechopt.problem.budget import Budget, Holds
from mechopt.problem.objectives import Subsidy
from mechopt.problem.problem import DesignProblem, Incentives, Participation

INCENTIVES: Mapping[StrEnum, str] = {
    Incentives.INTERIM: "interim incentives",
    Incentives.DOMINANT: "dominant-strategy incentives",
}
PARTICIPATION: Mapping[StrEnum, str] = {
    Participation.INTERIM: "interim participation",
    Participation.EX_POST: "ex post participation",
}
BUDGETS = {
    (Budget.BALANCED, Holds.EX_POST): "budget balanced in every profile",
    (Budget.NO_DEFICIT, Holds.EX_ANTE): "no expected deficit",
    (Budget.NO_DEFICIT, Holds.EX_POST): "no deficit in any profile",
}


def required_in_words(problem: DesignProblem) -> str:
    """Return what is required beside the usual, and what is not; nothing where all is usual.

    Interim incentives and participation of all, and a budget that balances in expectation, are
    usual. So is a budget that need not balance where it is what is minimised.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from mechopt import BilateralTrade, PaymentLimit, TypeSpace, ex_ante_efficiency
    >>> types = TypeSpace.finite([0, 1])
    >>> problem = ex_ante_efficiency(BilateralTrade(types, types))
    >>> required_in_words(problem)
    ''
    >>> print(
    ...     required_in_words(
    ...         replace(
    ...             problem,
    ...             incentives={"seller": "none", "buyer": "dominant"},
    ...             budget_holds="ex-post",
    ...             requirements=[PaymentLimit(3)],
    ...         )
    ...     )
    ... )
    required: dominant-strategy incentives of buyer, budget balanced in every profile, payments at
    most 3; not required: incentives of seller
    """
    environment = problem.environment
    names = [in_words(agent.name) for agent in environment.agents]
    incentives = dict(INCENTIVES)
    if any(environment.hangs_on_others(i) for i in range(len(names))):
        # Truth is best where the others tell it, not whatever they say.
        incentives[Incentives.DOMINANT] = "ex post incentives"
    parts = [
        *_by_agent(problem.incentives_of, Incentives.INTERIM, incentives, names),
        *_by_agent(problem.participation_of, Participation.INTERIM, PARTICIPATION, names),
    ]
    free = [
        *_by_agent(problem.incentives_of, None, {Incentives.NONE: "incentives"}, names),
        *_by_agent(problem.participation_of, None, {Participation.NONE: "participation"}, names),
    ]
    if problem.budget is Budget.SUBSIDISED:
        free += [] if isinstance(problem.objective, Subsidy) else ["a balanced budget"]
    else:
        required = Budget(problem.budget), Holds(problem.budget_holds)
        parts += [BUDGETS[required]] if required in BUDGETS else []
    parts += ["no lotteries"] if problem.deterministic else []
    parts += [each.in_words for each in problem.requirements]
    said = {"required": parts, "not required": free}
    return "; ".join(f"{what}: {', '.join(each)}" for what, each in said.items() if each)


def _by_agent(
    word_of: Callable[[int], StrEnum],
    usual: StrEnum | None,
    phrases: Mapping[StrEnum, str],
    names: list[str],
) -> list[str]:
    """Return the phrase for all agents, or one for each of those whose word has one."""
    words = [word_of(i) for i in range(len(names))]
    told = [(word, name) for word, name in zip(words, names, strict=True)
            if word != usual and word in phrases]  # fmt: skip
    if told and len(set(words)) == 1:
        return [phrases[words[0]]]
    return [f"{phrases[word]} of {name}" for word, name in told]
