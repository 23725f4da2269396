"""The data of a mechanism design program with finitely many types, as plain numpy arrays.

Everything is stated over *profiles*: one type of every agent. What holds "in every profile" holds
in profiles of probability zero too, because a type that lies may bring one about.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cache

import numpy as np

WORDS = {
    "incentives": ("interim", "dominant", "none"),
    "participation": ("interim", "ex-post", "none"),
    "budget": ("balanced", "no-deficit", "free"),
    "budget_holds": ("ex-ante", "ex-post"),
    "objective": ("weighted", "subsidy", "least-utility"),
}


@dataclass(frozen=True)
class UtilityFloor:
    """The expected utility of one type of one agent is at least ``least``, in money."""

    agent: int
    type: int
    least: float


@dataclass(frozen=True)
class Event:
    """Bounds on the expectation of ``coefficients @ outcome`` given that an agent's type is one of
    ``types``; with a 0/1 variable that is the probability of an event."""

    coefficients: tuple[float, ...]
    agent: int
    types: tuple[int, ...]
    lower: float = -np.inf
    upper: float = np.inf


@dataclass(frozen=True, eq=False)
class Case:
    """A finite program.

    ``types``: one array per agent. ``prior``: probability of every profile, an array with one axis
    per agent; every type has positive probability, profiles need not.

    An outcome is a vector of variables between ``lower`` and ``upper``, with ``coefficients @
    outcome <= bound`` for each pair in ``rows``, and costs ``cost @ outcome``. What an outcome is
    worth to agent i: its type times ``net_quantity[i] @ outcome``; or, if ``worth`` is given,
    ``worth[i][k] @ outcome`` for its k-th type (array of shape (own types, variables)), or
    ``worth[i][profile] @ outcome`` where worth depends on the others' types too (array of shape
    (*profile, variables)). ``outside[i][k]`` is what type k has if it stays out.

    ``objective``: "weighted" maximises ``sum weights[i] E[utility of i] + designer * E[payments -
    cost]``; "subsidy" minimises ``E[cost - payments]``; "least-utility" maximises the smallest
    interim utility of any type of any agent. ``allocation``, of shape (variables, *profile),
    prescribes the outcomes if given. ``|payment| <= payment_limit``, and every agent's utility is
    at least ``-liability``, in every profile.
    """

    name: str
    types: tuple[np.ndarray, ...]
    prior: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    rows: tuple[tuple[np.ndarray, float], ...]
    cost: np.ndarray
    outside: tuple[np.ndarray, ...]
    weights: tuple[float, ...]
    net_quantity: np.ndarray | None = None
    worth: tuple[np.ndarray, ...] | None = None
    designer: float = 0.0
    objective: str = "weighted"
    incentives: tuple[str, ...] = ()
    participation: tuple[str, ...] = ()
    budget: str = "balanced"
    budget_holds: str = "ex-ante"
    payment_limit: float | None = None
    liability: float | None = None
    floors: tuple[UtilityFloor, ...] = ()
    events: tuple[Event, ...] = ()
    allocation: np.ndarray | None = None

    def __post_init__(self):
        agents = len(self.types)
        for name in ("incentives", "participation"):
            object.__setattr__(self, name, getattr(self, name) or ("interim",) * agents)
            assert all(word in WORDS[name] for word in getattr(self, name)), self.name
        for name in ("budget", "budget_holds", "objective"):
            assert getattr(self, name) in WORDS[name], self.name
        assert self.prior.shape == self.shape
        assert (self.prior >= 0).all()
        assert abs(self.prior.sum() - 1.0) < 1e-12
        assert all((self.marginal(i) > 0).all() for i in range(agents))
        for per_agent in (self.outside, self.weights, self.incentives, self.participation):
            assert len(per_agent) == agents
        assert (self.net_quantity is None) != (self.worth is None)

    @property
    def num_agents(self):
        return len(self.types)

    @property
    def num_variables(self):
        return len(self.lower)

    @property
    def shape(self):
        return tuple(len(types) for types in self.types)

    def profiles(self):
        """Return all profiles as tuples of positions of types."""
        return list(itertools.product(*(range(size) for size in self.shape)))

    def marginal(self, agent):
        """Return the probabilities of the agent's types."""
        others = tuple(i for i in range(self.num_agents) if i != agent)
        return self.prior.sum(axis=others)

    def worth_in(self, agent, profile):
        """Return what a unit of each variable is worth to an agent if the types are these."""
        if self.worth is None:
            return self.types[agent][profile[agent]] * self.net_quantity[agent]
        table = self.worth[agent]
        return table[profile[agent]] if table.ndim == 2 else table[profile]


def replaced(profile, agent, report):
    """Return the profile with one agent's type replaced by what it reports."""
    return (*profile[:agent], report, *profile[agent + 1 :])


def vertices(case):
    """Return the corners of the feasible outcomes, "nothing happens" (zeros) first if it is one.

    Every corner solves as many of the bounds and rows with equality as there are variables.
    """
    rows = tuple((tuple(row.tolist()), float(bound)) for row, bound in case.rows)
    return corners_within(tuple(case.lower.tolist()), tuple(case.upper.tolist()), rows)


@cache
def corners_within(lower, upper, rows):
    """Return the corners of what is within bounds and rows, which many cases have in common."""
    size = len(upper)
    identity = np.eye(size)
    ends = [*upper, *(-end for end in lower)]
    sides = list(zip([*identity, *-identity], ends, strict=True))
    sides += [(np.array(row), bound) for row, bound in rows]
    found = []
    for chosen in itertools.combinations(sides, size):
        matrix = np.array([coefficients for coefficients, _ in chosen])
        if abs(np.linalg.det(matrix)) < 1e-9:
            continue
        corner = np.linalg.solve(matrix, np.array([bound for _, bound in chosen])) + 0.0
        feasible = all(coefficients @ corner <= bound + 1e-9 for coefficients, bound in sides)
        if feasible and not any(np.allclose(corner, other, atol=1e-9) for other in found):
            found.append(corner)
    found.sort(key=lambda corner: (bool(corner.any()), corner.tolist()))
    corners = np.array(found)
    corners.setflags(write=False)
    return corners


def efficient_allocation(case):
    """Return an outcome of every profile with the largest total worth less cost.

    Ties go to the first of :func:`vertices`, so to "nothing happens" where that is efficient.
    """
    corners = vertices(case)
    allocation = np.empty((case.num_variables, *case.shape))
    for profile in case.profiles():
        best, chosen = -np.inf, None
        for corner in corners:
            total = -case.cost @ corner
            for agent in range(case.num_agents):
                total += case.worth_in(agent, profile) @ corner
            if total > best + 1e-12:
                best, chosen = total, corner
        allocation[(slice(None), *profile)] = chosen
    return allocation
