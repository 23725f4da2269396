"""What a mechanism by profile violates and attains, by loops straight from the definitions.

The program of ``direct_lp`` is not looked at: here numbers are added up, there rows are built.
"""

from __future__ import annotations

import math

from .finite_case import replaced


def utility(case, allocation, payments, agent, truth, reported):
    """Return what an agent has if the types are ``truth`` and ``reported`` is told, in money."""
    worth = case.worth_in(agent, truth)
    total = -payments[(agent, *reported)]
    for variable in range(case.num_variables):
        total += worth[variable] * allocation[(variable, *reported)]
    return total


def profit(case, allocation, payments, profile):
    """Return payments less cost in one profile, in money."""
    total = 0.0
    for agent in range(case.num_agents):
        total += payments[(agent, *profile)]
    for variable in range(case.num_variables):
        total -= case.cost[variable] * allocation[(variable, *profile)]
    return total


def expected(case, function, agent=None, own=()):
    """Return the expectation of a function of the profile, given that a type is one of ``own``."""
    given = [p for p in case.profiles() if agent is None or p[agent] in own]
    total = sum(case.prior[profile] for profile in given)
    return sum(case.prior[profile] * function(profile) for profile in given) / total


def interim_utility(case, allocation, payments, agent, own):
    """Return what a type expects from the mechanism, in money."""
    return expected(case, lambda p: utility(case, allocation, payments, agent, p, p), agent, (own,))


def objective(case, allocation, payments):
    """Return the value of the case's objective."""
    agents = range(case.num_agents)
    if case.objective == "least-utility":
        return min(
            interim_utility(case, allocation, payments, agent, own)
            for agent in agents
            for own in range(case.shape[agent])
        )
    money = expected(case, lambda p: profit(case, allocation, payments, p))
    if case.objective == "subsidy":
        return -money
    total = case.designer * money
    for agent in agents:
        own = expected(case, lambda p, i=agent: utility(case, allocation, payments, i, p, p))
        total += case.weights[agent] * own
    return total


def violations(case, allocation, payments):
    """Return the largest violation of every requirement the case makes; 0.0 where it holds.

    Parameters
    ----------
    allocation : array of shape (variables, *profile)
    payments : array of shape (agents, *profile)

    Returns
    -------
    dict
        By "bounds", "rows", "prescribed", "incentives of 0" (by agent), "participation of 0",
        "budget", "payment limit", "liability", "floor 0", "event 0" (by position). Incentives,
        participation, budget, limits and floors are in money, the others in units of outcomes.
        NaN where a number is missing.
    """
    found = {}

    def note(name, *shortfalls):
        found.setdefault(name, [0.0]).extend(float(shortfall) for shortfall in shortfalls)

    profiles, agents = case.profiles(), range(case.num_agents)
    for profile in profiles:
        outcome = [allocation[(variable, *profile)] for variable in range(case.num_variables)]
        for variable, value in enumerate(outcome):
            note("bounds", case.lower[variable] - value, value - case.upper[variable])
            if case.allocation is not None:
                note("prescribed", abs(value - case.allocation[(variable, *profile)]))
        for coefficients, bound in case.rows:
            note("rows", sum(c * x for c, x in zip(coefficients, outcome, strict=True)) - bound)

    for agent in agents:
        for own in range(case.shape[agent]):
            for lie in range(case.shape[agent]):

                def gain(profile, agent=agent, lie=lie):
                    told = replaced(profile, agent, lie)
                    lied = utility(case, allocation, payments, agent, profile, told)
                    return lied - utility(case, allocation, payments, agent, profile, profile)

                if case.incentives[agent] == "interim":
                    note(f"incentives of {agent}", expected(case, gain, agent, (own,)))
                elif case.incentives[agent] == "dominant":
                    here = [gain(profile) for profile in profiles if profile[agent] == own]
                    note(f"incentives of {agent}", *here)

            option = case.outside[agent][own]
            if case.participation[agent] == "interim":
                has = interim_utility(case, allocation, payments, agent, own)
                note(f"participation of {agent}", option - has)
            elif case.participation[agent] == "ex-post":
                for profile in profiles:
                    if profile[agent] == own:
                        has = utility(case, allocation, payments, agent, profile, profile)
                        note(f"participation of {agent}", option - has)

    if case.budget != "free":
        if case.budget_holds == "ex-ante":
            left = [expected(case, lambda p: profit(case, allocation, payments, p))]
        else:
            left = [profit(case, allocation, payments, profile) for profile in profiles]
        balanced = case.budget == "balanced"
        note("budget", *(abs(money) if balanced else -money for money in left))

    for profile in profiles:
        for agent in agents:
            if case.payment_limit is not None:
                paid = payments[(agent, *profile)]
                note("payment limit", abs(paid) - case.payment_limit)
            if case.liability is not None:
                has = utility(case, allocation, payments, agent, profile, profile)
                note("liability", -case.liability - has)

    for position, floor in enumerate(case.floors):
        has = interim_utility(case, allocation, payments, floor.agent, floor.type)
        note(f"floor {position}", floor.least - has)
    for position, event in enumerate(case.events):
        chance = expected(
            case,
            lambda p, event=event: sum(
                event.coefficients[v] * allocation[(v, *p)] for v in range(case.num_variables)
            ),
            event.agent,
            event.types,
        )
        note(f"event {position}", event.lower - chance, chance - event.upper)
    return {name: largest(values) for name, values in found.items()}


def largest(values):
    """Return the largest number; NaN if any is missing, which max() may overlook."""
    return math.nan if any(math.isnan(value) for value in values) else max(values)
