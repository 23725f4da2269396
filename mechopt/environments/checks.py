"""What agents, outcomes and a joint prior must satisfy to be an environment."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mechopt.environments.agent import Agent
from mechopt.environments.outcomes import Outcomes
from mechopt.errors import InvalidInputError, require
from mechopt.types.checks import MASS_TOLERANCE
from mechopt.types.prior import Joint


def check_agents(agents: Sequence[Agent], outcomes: Outcomes) -> None:
    """Raise InvalidInputError unless there is one agent per role, with distinct names."""
    roles = outcomes.roles
    outcomes.require_roles()
    names = [agent.name for agent in agents]
    wanted = ", ".join(role.name for role in roles)
    if not names or len(names) != len(roles) or len(set(names)) != len(names):
        raise InvalidInputError(
            "agents do not fit the outcomes",
            where="agents",
            expected=f"{max(len(roles), 1)} agents with distinct names ({wanted})",
            got=", ".join(names) or "none",
            remedy="Give one agent per role, in that order.",
        )


def check_worth(agents: Sequence[Agent], outcomes: Outcomes) -> None:
    """Raise InvalidInputError unless outcomes say what they are worth to every type."""
    types = [agent.types.mean for agent in agents]
    for i, agent in enumerate(agents):
        if agent.types.is_ordered and outcomes.worth_follows_quantity:
            continue
        if not agent.types.is_finite:
            raise InvalidInputError(
                "worth of another form than type times net quantity, on cells of a continuum",
                where=f"types of {agent.name}",
                expected="finite types",
                got=f"{agent.types}",
                remedy="List types (in Python TypeSpace.finite, or at_means()).",
            )
        by_profile = outcomes.worth_by_profile(i, types)
        given = outcomes.worth(i, types[i]) if by_profile is None else by_profile
        values = np.asarray(given, dtype=np.float64)
        expected: tuple[int, ...] = (agent.types.num_cells, len(outcomes.variables))
        if by_profile is not None:
            expected = (len(outcomes.variables), *(each.types.num_cells for each in agents))
        if values.shape != expected or not np.isfinite(values).all():
            shape = values.shape != expected
            raise InvalidInputError(
                "not the worth of every variable to every type",
                where=f"worth of {type(outcomes).__name__}, {agent.name}",
                expected=f"finite numbers in an array of shape {expected}",
                got=f"shape {values.shape}" if shape else "numbers that are not finite",
                remedy="Return one row per type and one column per variable."
                if by_profile is None
                else "Return an array over the profiles for each variable.",
            )


def check_prior(agents: Sequence[Agent], prior: object) -> None:
    """Raise unless the prior is a joint one of the agents' types, with their probabilities."""
    hint = "Pass Joint([[...], ...]), or leave it out for independent types."
    require(prior, Joint, where="prior", remedy=hint)
    assert isinstance(prior, Joint)
    for agent in agents:
        if agent.outside_option.spaces:
            raise InvalidInputError(
                "an outside option that supposes independent types, beside a joint prior",
                where=f"outside_option of {agent.name}",
                expected="one that is not computed from the others' probabilities",
                got=type(agent.outside_option).__name__,
                remedy="Leave the joint prior out, or write an outside option of your own.",
            )
    shape = tuple(agent.types.num_cells for agent in agents)
    if prior.shape != shape:
        raise InvalidInputError(
            "not a joint prior of these types",
            where="prior",
            expected=f"probabilities in an array of shape {shape}",
            got=f"shape {prior.shape}",
            remedy="Give one probability per profile of types.",
        )
    prior.require_all_types()
    for agent, mass in zip(agents, prior.masses, strict=True):
        away = np.abs(agent.types.mass - mass)
        cell = int(np.argmax(away))
        if away[cell] > MASS_TOLERANCE:
            raise InvalidInputError(
                "the joint prior does not have the type space's probabilities",
                where="prior",
                expected=f"{agent.types.mass[cell]:.12g} in all for type {cell} of {agent.name}",
                got=f"{mass[cell]:.12g}",
                remedy="Give the type space the prior's marginals.",
            )
