"""Cases as problems of the package: the only file of the oracles that knows mechopt.

:func:`not_stated` lists what has no word in the package yet. Whoever adds one extends
:func:`as_problem` and shortens that list together; every test of ``test_package`` then covers it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

import mechopt as mo

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
class OptionByType(mo.OutsideOption):
    """What each type has by staying out, from a list."""

    types: tuple[float, ...]
    payoffs: tuple[float, ...]

    def __call__(self, types):
        nearest = [int(np.argmin(np.abs(np.array(self.types) - each))) for each in types]
        return np.array(self.payoffs)[nearest]


def not_stated(case) -> list[str]:
    """Return what the package has no words for today."""
    product = independent(*(case.marginal(i) for i in range(case.num_agents)))
    reasons = {
        "one agent": case.num_agents == 1,
        "joint prior": not np.allclose(product, case.prior, rtol=0, atol=1e-15),
        "worth": case.worth is not None,
        "dominant": "dominant" in case.incentives,
        "ex-post participation": "ex-post" in case.participation,
        "ex-post budget": case.budget != "free" and case.budget_holds == "ex-post",
        "payment limit": case.payment_limit is not None,
        "liability": case.liability is not None,
        "floors": bool(case.floors),
        "events": bool(case.events),
    }
    return [reason for reason, holds in reasons.items() if holds]


def as_problem(case) -> mo.DesignProblem:
    """Return the case as a problem of the package, whose objective is the case's value.

    Raises
    ------
    NotImplementedError
        For what the package cannot state: see :func:`not_stated`.
    """
    if not_stated(case):
        raise NotImplementedError(f"{case.name}: {', '.join(not_stated(case))}")
    names = tuple(f"agent_{i}" for i in range(case.num_agents))
    outcomes = CaseOutcomes(
        names,
        nested(case.net_quantity),
        tuple(zip(case.lower.tolist(), case.upper.tolist(), strict=True)),
        tuple((nested(coefficients), bound) for coefficients, bound in case.rows),
        nested(case.cost),
        nested(vertices(case)),
    )
    agents = tuple(
        mo.Agent(
            name,
            mo.TypeSpace.finite(case.types[i], case.marginal(i)),
            OptionByType(nested(case.types[i]), nested(case.outside[i])),
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
    return mo.DesignProblem(
        mo.Environment(agents, outcomes),
        objective,
        allocation="free" if case.allocation is None else "efficient",
        incentives=case.incentives,
        participation=case.participation,
        budget="subsidised" if case.budget == "free" else case.budget,
    )


def by_profile(mechanism) -> tuple[np.ndarray, np.ndarray]:
    """Return outcomes (variables, *profile) and payments (agents, *profile) of a mechanism."""
    return mechanism.allocation.dense(mechanism.environment), mechanism.ex_post_payments()


def nested(values: Sequence) -> tuple:
    """Return an array as nested tuples."""
    return tuple(nested(each) if np.ndim(each) else float(each) for each in values)
