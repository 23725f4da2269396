"""Agents who are alike: whether they get unlike amounts, and what that says of an optimum."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from mechopt._util.text import in_words
from mechopt.environments import Environment, Outcomes
from mechopt.problem.groups import likeness
from mechopt.solution import Solution, Termination

# Amounts that differ by less, relative to the first best, are one to solvers.
NEGLIGIBLE = 1e-6


def identical_agents(environment: Environment) -> list[list[int]]:
    """Return the positions of agents who could change places, two or more together.

    They have the same types and the same outside option, and outcomes are what they were if the two
    change places, with what concerns each.

    Examples
    --------
    >>> from mechopt import Auction, Market, TypeSpace
    >>> one, two = TypeSpace.finite([0, 1]), TypeSpace.finite([0, 2])
    >>> identical_agents(Auction([one, two, one])), identical_agents(Market([one] * 2, [one] * 2))
    ([[0, 2]], [[0, 1], [2, 3]])
    """
    if not environment.independent or not environment.has_net_quantities:
        return []
    found: list[list[int]] = []
    for i, agent in enumerate(environment.agents):
        for group in found:
            other = environment.agents[group[0]]
            if (
                other.types == agent.types
                and other.outside_option == agent.outside_option
                and _may_change_places(environment.outcomes, group[0], i)
            ):
                group.append(i)
                break
        else:
            found.append([i])
    return [group for group in found if len(group) > 1]


def _may_change_places(outcomes: Outcomes, i: int, j: int) -> bool:
    """Return whether outcomes are the same with two agents, and variables to suit, exchanged."""
    if outcomes.equal_units is not None:
        return bool(outcomes.cost[i] == outcomes.cost[j])
    if outcomes.counted is not None:
        return True
    if outcomes.curves:
        return False
    net, rest = outcomes.net_quantity, (outcomes.cost, outcomes.lower, outcomes.upper)
    order = np.arange(len(net))
    order[[i, j]] = j, i
    own, exchanged = np.vstack([net, *rest]), np.vstack([net[order], *rest])
    places, others = np.lexsort(own), np.lexsort(exchanged)
    if not np.array_equal(own[:, places], exchanged[:, others]):
        return False
    becomes = np.empty_like(places)
    becomes[places] = others
    rows = Counter(replace(row, name="") for row in outcomes.rows)
    return rows == Counter(
        replace(row, name="", coefficients=tuple(row.coefficients[k] for k in becomes))
        for row in outcomes.rows
    )


def treated_unlike(environment: Environment, utilities: Mapping[str, float]) -> list[list[int]]:
    """Return those of :func:`identical_agents` who get unlike amounts.

    Parameters
    ----------
    environment
        The agents and outcomes.
    utilities
        Agent name to expected utility, in money.

    Examples
    --------
    >>> from mechopt import Auction, TypeSpace
    >>> auction = Auction(TypeSpace.finite([0, 1]), count=2)
    >>> treated_unlike(auction, {"bidder_1": 0.25, "bidder_2": 0.5})
    [[0, 1]]
    """
    least = NEGLIGIBLE * abs(environment.first_best)
    names = [agent.name for agent in environment.agents]
    found = []
    for group in identical_agents(environment):
        gets = [utilities[names[i]] for i in group]
        if max(gets) - min(gets) > least:
            found.append(group)
    return found


def unlike_in_words(solution: Solution) -> str:
    """Return, in words, that agents who are alike get unlike amounts, and why; empty if none do.

    Where requirements are the usual ones and the objective weighs them alike, the average over all
    orders of such agents is an optimum, too: there the optimum is not unique.

    Examples
    --------
    >>> from mechopt import Partnership, TypeSpace, ex_ante_efficiency, solve
    >>> partners = Partnership(TypeSpace.finite([0, 1]), ["1/2", "1/2"])
    >>> unlike_in_words(solve(ex_ante_efficiency(partners)))
    'partner 1 and partner 2 are alike and get unlike amounts: the optimum is not unique, an...'
    """
    problem, mechanism = solution.problem, solution.mechanism
    if (
        mechanism is None
        or solution.termination is not Termination.OPTIMAL
        or not problem.is_interim
        or problem.prescribes_allocation
    ):
        return ""
    names = [in_words(agent.name) for agent in problem.environment.agents]
    found = [
        _together(names[i] for i in group)
        for group in treated_unlike(problem.environment, mechanism.expected_utility)
        if len({likeness(problem, i) for i in group}) == 1
    ]
    if not found:
        return ""
    return (
        f"{', and '.join(found)} are alike and get unlike amounts: the optimum is not unique, and "
        "here ties among them, or what is left over, go to one of them; to draw by lot who takes "
        "whose place treats them alike and is as good"
    )


def _together(names: Iterable[str]) -> str:
    """Return names in a row: all of two, the first and the last of more."""
    every = list(names)
    return f"{every[0]} {'and' if len(every) == 2 else 'to'} {every[-1]}"
