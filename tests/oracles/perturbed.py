"""Mechanisms that break one requirement by a given amount, for one type that it concerns.

Each perturbation moves payments (for events and bounds: outcomes) just so far that the requirement
is missed by ``amount``; how far that is follows from the definitions of ``audit_by_hand``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from .audit_by_hand import expected, interim_utility, profit, utility
from .finite_case import replaced


@dataclass(frozen=True)
class Perturbation:
    """What is broken: a name of ``violations``, an agent and its type (None: concerns all)."""

    requirement: str
    agent: int | None
    type: int | None


def perturbations(case) -> Iterator[Perturbation]:
    """Yield everything of the case that payments alone can break, type by type."""
    for agent in range(case.num_agents):
        for own in range(case.shape[agent]):
            if case.incentives[agent] != "none" and case.shape[agent] > 1:
                yield Perturbation(f"incentives of {agent}", agent, own)
            if case.participation[agent] != "none":
                yield Perturbation(f"participation of {agent}", agent, own)
    if case.budget != "free":
        yield Perturbation("budget", None, None)
    if case.payment_limit is not None:
        yield Perturbation("payment limit", None, None)
    for position, floor in enumerate(case.floors):
        yield Perturbation(f"floor {position}", floor.agent, floor.type)


def perturbed(case, allocation, payments, what: Perturbation, amount: float, rng):
    """Return payments with which the requirement is missed by ``amount``, in money."""
    changed = payments.copy()
    agent, own = what.agent, what.type
    name = what.requirement.partition(" ")[0]
    if name == "incentives":
        lies = [lie for lie in range(case.shape[agent]) if lie != own]
        lie = int(rng.choice(lies))

        def gain(profile):
            told = replaced(profile, agent, lie)
            lied = utility(case, allocation, payments, agent, profile, told)
            return lied - utility(case, allocation, payments, agent, profile, profile)

        if case.incentives[agent] == "interim":
            lacking = amount - expected(case, gain, agent, (own,))
            changed[index(agent, lie)] -= lacking
        else:
            profile = chosen(case, agent, own, rng)
            changed[(agent, *replaced(profile, agent, lie))] -= amount - gain(profile)
    elif name in {"participation", "floor"}:
        if name == "participation" and case.participation[agent] == "ex-post":
            profile = chosen(case, agent, own, rng)
            has = utility(case, allocation, payments, agent, profile, profile)
            changed[(agent, *profile)] += has - case.outside[agent][own] + amount
        else:
            least = case.outside[agent][own]
            if name == "floor":
                least = case.floors[int(what.requirement.partition(" ")[2])].least
            has = interim_utility(case, allocation, payments, agent, own)
            changed[index(agent, own)] += has - least + amount
    elif name == "budget":
        if case.budget_holds == "ex-ante":
            has = expected(case, lambda p: profit(case, allocation, payments, p))
            changed[0] -= has + amount
        else:
            profile = chosen(case, 0, int(rng.integers(case.shape[0])), rng)
            changed[(0, *profile)] -= profit(case, allocation, payments, profile) + amount
    else:
        agent = int(rng.integers(case.num_agents))
        profile = chosen(case, agent, int(rng.integers(case.shape[agent])), rng)
        sign = math.copysign(1.0, payments[(agent, *profile)])
        changed[(agent, *profile)] = sign * (case.payment_limit + amount)
    return changed


def index(agent, own):
    """Return the index of all payments of an agent at one of its reports."""
    return (agent, *[slice(None)] * agent, own)


def chosen(case, agent, own, rng):
    """Return a random profile with one agent's type given."""
    given = [profile for profile in case.profiles() if profile[agent] == own]
    return given[int(rng.integers(len(given)))]
