"""The rule of an ex ante efficient mechanism, and what its weight on rents means, in words."""

from __future__ import annotations

from mechopt._util.rounding import in_figures
from mechopt._util.text import in_words
from mechopt.problem.objectives import Welfare
from mechopt.solution import Solution

# Weights below this, beside one, count as none.
LEAST_SHARE = 1e-9
MEANING = "what types keep for their secrets; 0 is efficiency, 1 the largest profit"


def rule_in_words(solution: Solution) -> str:
    """Return the rule of an ex ante efficient mechanism, in words.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency, solve
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> print(rule_in_words(solve(ex_ante_efficiency(BilateralTrade(types, types)))))
    trade when the virtual value exceeds the virtual cost, with weight alpha = 0.25 on both rents
    (what types keep for their secrets; 0 is efficiency, 1 the largest profit)
    >>> print(rule_in_words(solve(ex_ante_efficiency(BilateralTrade(types, types), (1, 0)))))
    trade when the virtual value exceeds the cost, with weight 1 on the buyer's rent
    """
    environment, objective = solution.problem.environment, solution.problem.objective
    assert isinstance(objective, Welfare)
    assert solution.alpha is not None
    total = max(objective.weights) / (1.0 - solution.alpha)
    # Welfare weights below the largest leave more weight on that agent's rent.
    on_rents = [1.0 - weight / total for weight in objective.weights]
    valuations = [
        f"virtual {role.type_word}" if share > LEAST_SHARE else role.type_word
        for role, share in zip(environment.outcomes.roles, on_rents, strict=True)
    ]
    shares = ""
    if min(on_rents) > LEAST_SHARE and max(on_rents) - min(on_rents) <= LEAST_SHARE:
        whose = "both" if len(on_rents) == 2 else "all"
        alpha = in_figures(solution.alpha, scale=1.0)
        shares = f", with weight alpha = {alpha} on {whose} rents ({MEANING})"
    elif max(on_rents) > LEAST_SHARE:
        some = [
            f"{in_figures(share)} on the {in_words(agent.name)}'s rent"
            for agent, share in zip(environment.agents, on_rents, strict=True)
            if share > LEAST_SHARE
        ]
        shares = f", with weight {', '.join(some[:-1])}{' and ' if some[1:] else ''}{some[-1]}"
    return environment.outcomes.rule_in_words(valuations, shares)
