"""Cases as problems of the package: the only file of the oracles that knows mechopt.

:func:`not_stated` lists what has no word in the package yet. Whoever adds one extends
:func:`as_problem` and shortens that list together; every test of ``test_package`` then covers it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

import mechopt as mo
from mechopt.problem.liability import Liability
from mechopt.problem.requirement import Requirement

from .cases import independent
from .finite_case import vertices


@dataclass(frozen=True)
class CaseOutcomes(mo.Outcomes):
    """The outcomes of a case."""

    names: tuple[str, ...]
    net: tuple[tuple[float, ...], ...]
    bounds: tuple[tuple[float, float], ...]
    linear: tuple[tuple[tuple[float, ...], float], ...]
    unit_cost: tuple[float, ...]
    corners: tuple[tuple[float, ...], ...]

    @property
    def variables(self):
        return tuple(f"x_{v}" for v in range(len(self.bounds)))

    @property
    def roles(self):
        return tuple(mo.environments.Role(name, None) for name in self.names)

    @property
    def net_quantity(self):
        return np.array(self.net)

    @property
    def lower(self):
        return np.array([low for low, _ in self.bounds])

    @property
    def upper(self):
        return np.array([high for _, high in self.bounds])

    @property
    def rows(self):
        return tuple(
            mo.environments.OutcomeRow(f"row_{r}", coefficients, bound)
            for r, (coefficients, bound) in enumerate(self.linear)
        )

    @property
    def cost(self):
        return np.array(self.unit_cost)

    @property
    def vertices(self):
        return np.array(self.corners)

    def scaled(self, factor):
        return replace(self, unit_cost=tuple(factor * cost for cost in self.unit_cost))


@dataclass(frozen=True)
class OptionByType(mo.environments.OutsideOption):
    """What each type has by staying out, from a list."""

    types: tuple[float, ...]
    payoffs: tuple[float, ...]

    def __call__(self, types):
        nearest = [int(np.argmin(np.abs(np.array(self.types) - each))) for each in types]
        return np.array(self.payoffs)[nearest]

    def in_fractions(self, types):
        return np.array([Fraction(float(each)) for each in self(types.astype(float))])


def not_stated(case) -> list[str]:
    """Return what the package has no words for today."""
    reasons = {
        "worth": case.worth is not None,
    }
    return [reason for reason, holds in reasons.items() if holds]


def is_trade(case) -> bool:
    """Return whether the package has outcomes of its own for the case."""
    net = case.net_quantity
    return net is not None and net.tolist() == [[-1.0], [1.0]] and not case.rows


def agent_names(case) -> tuple[str, ...]:
    """Return the agents' names in the package."""
    return (
        ("seller", "buyer")
        if is_trade(case)
        else tuple(map("agent_{}".format, range(case.num_agents)))
    )


def variable_name(case, variable: int) -> str:
    """Return an outcome variable's name in the package."""
    return "trade" if is_trade(case) else f"x_{variable}"


def requirements(case) -> list[Requirement]:
    """Return what the case requires beyond incentives, participation and budget."""
    found: list[Requirement] = []
    names = agent_names(case)
    if case.payment_limit is not None:
        found.append(mo.PaymentLimit(case.payment_limit))
    if case.liability is not None:
        found.append(Liability(case.liability))
    for position, floor in enumerate(case.floors):
        least = np.full(case.shape[floor.agent], -np.inf)
        least[floor.type] = floor.least
        found.append(mo.UtilityFloor(names[floor.agent], least, name=f"floor_{position}"))
    for position, event in enumerate(case.events):
        (variable,) = np.flatnonzero(event.coefficients)
        found.append(
            mo.EventProbability(
                variable_name(case, int(variable)),
                event.lower if np.isfinite(event.lower) else None,
                event.upper if np.isfinite(event.upper) else None,
                {names[event.agent]: event.types},
                f"event_{position}",
            )
        )
    return found


def with_limit(case):
    """Return the case with the limit on payments that the package sets where it needs one."""
    problem = as_problem(case)
    if case.payment_limit is not None or not problem.by_profile:
        return case
    return replace(case, payment_limit=problem.payment_limit)


def as_problem(case) -> mo.DesignProblem:
    """Return the case as a problem of the package, whose objective is the case's value.

    Raises
    ------
    NotImplementedError
        For what the package cannot state: see :func:`not_stated`.
    """
    if not_stated(case):
        raise NotImplementedError(f"{case.name}: {', '.join(not_stated(case))}")
    names = agent_names(case)
    outcomes = CaseOutcomes(
        names,
        nested(case.net_quantity),
        tuple(zip(case.lower.tolist(), case.upper.tolist(), strict=True)),
        tuple((nested(coefficients), bound) for coefficients, bound in case.rows),
        nested(case.cost),
        nested(vertices(case)),
    )
    if is_trade(case):
        outcomes = mo.Trade()
    agents = tuple(
        mo.Agent(
            name,
            mo.TypeSpace.finite(case.types[i], case.marginal(i)),
            OptionByType(nested(case.types[i]), nested(case.outside[i]))
            if case.outside[i].any()
            else mo.environments.NoPayoff(),
        )
        for i, name in enumerate(names)
    )
    if case.objective == "subsidy":
        objective = mo.Subsidy()
    elif case.objective == "least-utility":
        objective = mo.LeastUtility()
    elif not any(case.weights):
        objective = case.designer * mo.Revenue()
    else:
        objective = mo.Welfare(case.weights)
        if case.designer:
            objective = objective + case.designer * mo.Revenue()
    product = independent(*(case.marginal(i) for i in range(case.num_agents)))
    joint = not np.allclose(product, case.prior, rtol=0, atol=1e-15)
    return mo.DesignProblem(
        mo.Environment(agents, outcomes, mo.Joint(case.prior) if joint else None),
        objective,
        allocation="free" if case.allocation is None else "efficient",
        incentives=case.incentives,
        participation=case.participation,
        budget="subsidised" if case.budget == "free" else case.budget,
        budget_holds=case.budget_holds,
        requirements=requirements(case),
    )


def by_profile(mechanism) -> tuple[np.ndarray, np.ndarray]:
    """Return outcomes (variables, *profile) and payments (agents, *profile) of a mechanism."""
    return mechanism.allocation.dense(mechanism.environment), mechanism.ex_post_payments()


def nested(values: Sequence) -> tuple:
    """Return an array as nested tuples."""
    return tuple(nested(each) if np.ndim(each) else float(each) for each in values)
