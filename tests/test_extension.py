"""The test of the design: new kinds of outcome are frozen dataclasses, and nothing else changes.

An indivisible good without an owner (auctions), with owners (partnerships), and a project whose
cost must be shared. All go through every backend, the audit and a saved file, and their answers
are compared with what the literature knows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from scipy import stats

import mechopt as mo
from mechopt.solution import PointStatus, Termination
from tests.draws import crossed

from .cases import uniform_types
from .conformance.checks import solve_everywhere


@dataclass(frozen=True)
class IndivisibleGood(mo.Outcomes):
    """One of the agents gets the good, or nobody does."""

    num_agents: int

    @property
    def variables(self):
        return tuple(f"to_{i}" for i in range(self.num_agents))

    @property
    def roles(self):
        return tuple(mo.environments.Role(f"agent_{i}", "receives") for i in range(self.num_agents))

    @property
    def net_quantity(self):
        return np.eye(self.num_agents)

    @property
    def vertices(self):
        return np.vstack([np.zeros(self.num_agents), np.eye(self.num_agents)])

    @property
    def rows(self):
        return (mo.environments.OutcomeRow("one_good", (1.0,) * self.num_agents, 1.0),)


@dataclass(frozen=True)
class CommonProject(mo.Outcomes):
    """Everyone enjoys the project or nobody does; carrying it out costs ``price``."""

    num_agents: int
    price: float

    @property
    def variables(self):
        return ("carried_out",)

    @property
    def roles(self):
        return tuple(mo.environments.Role(f"agent_{i}", "receives") for i in range(self.num_agents))

    @property
    def net_quantity(self):
        return np.ones((self.num_agents, 1))

    @property
    def vertices(self):
        return np.array([[0.0], [1.0]])

    @property
    def cost(self):
        return np.array([self.price])

    def scaled(self, factor):
        return CommonProject(self.num_agents, self.price * factor)


@dataclass(frozen=True)
class OwnShare(mo.environments.OutsideOption):
    """Whoever stays out keeps a share of the good."""

    share: float

    def __call__(self, types):
        return self.share * types


def environment(outcomes, spaces, shares=None):
    shares = shares or [0.0] * len(spaces)
    agents = (
        mo.Agent(role.name, space, OwnShare(share) if share else mo.environments.NoPayoff())
        for role, space, share in zip(outcomes.roles, spaces, shares, strict=True)
    )
    return mo.Environment(tuple(agents), outcomes)


def auction(*spaces):
    return environment(IndivisibleGood(len(spaces)), spaces)


def partnership(space, shares):
    return environment(IndivisibleGood(len(shares)), [space] * len(shares), shares)


def project(price, *spaces):
    return environment(CommonProject(len(spaces), price), spaces)


def largest_revenue(environment):
    return mo.DesignProblem(environment, mo.Subsidy(), budget="subsidised")


def uniform_cells(size):
    return mo.TypeSpace.from_distribution(stats.uniform(0, 1), size)


SKEWED = mo.TypeSpace.finite([1, 2, 4], [0.5, 0.3, 0.2])
COIN = mo.TypeSpace.finite([0, 1])
ENVIRONMENTS = {
    "auction-2": auction(SKEWED, uniform_types(4).scaled(5)),
    "auction-3": auction(SKEWED, COIN, mo.TypeSpace.finite([0.5, 1.5, 4])),
    "auction-2-cells": auction(
        uniform_cells(5), mo.TypeSpace.from_distribution(stats.beta(2, 1), 4)
    ),
    "partnership-2-equal": partnership(uniform_types(5), (0.5, 0.5)),
    "partnership-2-unequal": partnership(uniform_types(5), (0.9, 0.1)),
    "partnership-2-cells": partnership(uniform_cells(6), (0.6, 0.4)),
    "partnership-3": partnership(SKEWED, (0.5, 0.3, 0.2)),
    "project-2": project(0.75, COIN, COIN),
    "project-3": project(1.9, COIN, uniform_types(3), mo.TypeSpace.finite([0.2, 1.4], [0.7, 0.3])),
    "project-3-large-unit": project(
        1.9e5,
        COIN.scaled(1e5),
        uniform_types(3).scaled(1e5),
        mo.TypeSpace.finite([2e4, 1.4e5], [0.7, 0.3]),
    ),
    "project-2-cells": project(1.0, uniform_cells(5), uniform_cells(4)),
}
PROGRAMS = {
    "ex-ante-efficiency": mo.ex_ante_efficiency,
    "one-agent-counts": lambda env: mo.ex_ante_efficiency(
        env, (1.0, *[0.0] * (len(env.agents) - 1))
    ),
    "ex-post-efficiency": mo.ex_post_efficiency,
    "minimum-subsidy": mo.minimum_subsidy,
    "largest-revenue": largest_revenue,
}


@pytest.mark.parametrize(("name", "program"), crossed(ENVIRONMENTS, PROGRAMS))
def test_backends_agree_and_audits_pass(name, program, tmp_path):
    problem = PROGRAMS[program](ENVIRONMENTS[name])
    scale = problem.environment.payoff_scale
    solutions = solve_everywhere(problem)
    reference = solutions["highs"]
    assert reference.termination is Termination.OPTIMAL or program == "ex-post-efficiency"
    for backend, solution in solutions.items():
        assert solution.termination is reference.termination, backend
        report = mo.audit(problem, solution)
        assert report.passed, f"{backend}: {report}"
        if reference.termination is Termination.OPTIMAL:
            assert solution.objective == pytest.approx(reference.objective, abs=1e-8 * scale)
            assert solution.bound == pytest.approx(solution.objective, abs=1e-7 * scale)
        else:
            assert solution.dual_status is PointStatus.CERTIFICATE
    path = tmp_path / "solution.json"
    mo.save_solution(reference, path)
    loaded = mo.load_solution(path)
    assert loaded.problem.environment.outcomes == problem.environment.outcomes
    assert loaded.problem.fingerprint == problem.fingerprint == loaded.fingerprint
    assert mo.audit(problem, loaded).passed


def virtual_values(space):
    """Return the marginal revenue of each type, in fractions, where it never falls."""
    types, mass = (list(map(Fraction, values)) for values in (space.mean, space.mass))
    above = [sum(mass[k + 1 :], Fraction(0)) for k in range(len(mass))]
    values = [
        t - (types[k + 1] - t) * above[k] / mass[k] if k + 1 < len(types) else t
        for k, t in enumerate(types)
    ]
    assert values == sorted(values), "this formula is for regular priors"
    return values


def expectation(spaces, value):
    """Return the expectation of a function of the positions of all agents' types, in fractions."""
    return sum(
        math.prod(Fraction(space.mass[k]) for space, k in zip(spaces, profile, strict=True))
        * value(profile)
        for profile in product(*(range(space.num_cells) for space in spaces))
    )


@pytest.mark.parametrize(
    "spaces",
    [
        (SKEWED, SKEWED),
        (uniform_types(6), uniform_types(4)),
        (SKEWED, COIN, uniform_types(3)),
        (uniform_types(5),) * 3,
    ],
    ids=["skewed-2", "asymmetric-2", "asymmetric-3", "symmetric-3"],
)
def test_largest_revenue_is_the_expected_largest_virtual_value(spaces):
    # Myerson (1981), doi:10.1287/moor.6.1.58.
    virtual = [virtual_values(space) for space in spaces]
    expected = expectation(
        spaces, lambda profile: max(0, *(v[k] for v, k in zip(virtual, profile, strict=True)))
    )
    revenue = -mo.solve(largest_revenue(auction(*spaces))).objective
    assert revenue == pytest.approx(float(expected), abs=1e-9)


@pytest.mark.parametrize(
    ("num_agents", "revenue", "sizes"), [(2, 5 / 12, (10, 20, 40)), (3, 17 / 32, (4, 8, 12))]
)
def test_largest_revenue_of_uniform_bidders_is_approached_from_below(num_agents, revenue, sizes):
    for size in sizes:
        cells = [uniform_cells(size)] * num_agents
        lost = revenue + mo.solve(largest_revenue(auction(*cells))).objective
        assert 0 < lost <= 0.6 / size


def test_good_without_an_owner_goes_to_whoever_values_it_most():
    # Nobody has a claim to it, so what the auction raises can be handed back (d'Aspremont and
    # Gérard-Varet): the second best is the first best.
    env = ENVIRONMENTS["auction-3"]
    spaces = [agent.types for agent in env.agents]
    expected = expectation(
        spaces,
        lambda profile: max(Fraction(s.mean[k]) for s, k in zip(spaces, profile, strict=True)),
    )
    assert env.first_best == pytest.approx(float(expected), abs=1e-12)
    assert mo.solve(mo.ex_ante_efficiency(env)).objective == pytest.approx(env.first_best, abs=1e-9)


@pytest.mark.parametrize("num_agents", [2, 3])
@pytest.mark.parametrize(
    "space", [uniform_types(5), SKEWED, uniform_cells(8)], ids=["uniform", "skewed", "cells"]
)
def test_partnership_of_equal_shares_can_be_dissolved_efficiently(space, num_agents):
    # Cramton, Gibbons and Klemperer (1987), doi:10.2307/1913565.
    env = partnership(space, (1 / num_agents,) * num_agents)
    solution = mo.solve(mo.ex_post_efficiency(env))
    value = solution.mechanism.total_gains
    assert value == pytest.approx(env.first_best, abs=1e-9)


@pytest.mark.parametrize("share", [0.0, 0.15, 0.25, 0.5, 0.9, 1.0])
def test_subsidy_of_a_uniform_partnership_has_its_closed_form(share):
    # The condition of Cramton, Gibbons and Klemperer for two uniform partners: with shares r and
    # 1 - r the expected surplus is 1/3 - (r² + (1-r)²)/2, not negative iff |r - 1/2| <= 12^-1/2.
    cells = uniform_cells(60)
    env = partnership(cells, (share, 1 - share))
    expected = (share**2 + (1 - share) ** 2) / 2 - 1 / 3
    subsidy = mo.solve(mo.minimum_subsidy(env)).objective
    assert subsidy == pytest.approx(expected, abs=0.6 / 60)
    assert (subsidy <= 0) == (abs(share - 0.5) <= 12**-0.5)


@pytest.mark.parametrize("size", [2, 5, 6, 9])
def test_partnership_with_one_owner_is_bilateral_trade(size):
    types = uniform_types(size)
    owned, trade = partnership(types, (1.0, 0.0)), mo.BilateralTrade(types, types)
    # Trade counts gains from trade; the partnership counts the good's whole value.
    kept = types.expectation(types.mean)
    for program in (mo.minimum_subsidy, mo.ex_ante_efficiency):
        in_trade = mo.solve(program(trade)).objective
        shift = 0.0 if program is mo.minimum_subsidy else kept
        assert mo.solve(program(owned)).objective == pytest.approx(in_trade + shift, abs=1e-9)


PROJECTS = {
    "coins": (0.75, (COIN, COIN)),
    "coins-costly": (1.5, (COIN, COIN)),
    "three": (1.9, (COIN, uniform_types(3), mo.TypeSpace.finite([0.25, 1.5], [0.75, 0.25]))),
    "five-types": (1.1, (uniform_types(5), uniform_types(5))),
}


@pytest.mark.parametrize("name", PROJECTS)
def test_subsidy_of_a_project_is_its_cost_less_what_can_be_collected(name):
    price, spaces = PROJECTS[name]
    virtual = [virtual_values(space) for space in spaces]

    def missing(profile):
        worth = sum(Fraction(s.mean[k]) for s, k in zip(spaces, profile, strict=True))
        if worth <= Fraction(price):
            return 0
        return Fraction(price) - sum(v[k] for v, k in zip(virtual, profile, strict=True))

    expected = float(expectation(spaces, missing))
    env = project(price, *spaces)
    assert mo.solve(mo.minimum_subsidy(env)).objective == pytest.approx(expected, abs=1e-9)
    implementable = mo.solve(mo.ex_post_efficiency(env), throw=False).mechanism is not None
    assert implementable == (expected <= 0)


def test_uniform_project_lacks_a_sixth():
    # Built iff v + w > 1: it costs 1/2, and 2 E[(2v - 1) 1{v + w > 1}] = 1/3 can be collected.
    cells = uniform_cells(40)
    problem = mo.ex_post_efficiency(project(1.0, cells, cells))
    assert mo.solve(problem, throw=False).termination is Termination.INFEASIBLE
    assert mo.solve(problem.subsidised()).objective == pytest.approx(1 / 6, abs=0.6 / 40)


def rare_types(size, rare):
    mass = np.full(size, rare)
    mass[0] = 1 - mass[1:].sum()
    return mo.TypeSpace.finite(np.linspace(0, 1, size), mass)


@pytest.mark.parametrize("backend", ["highs", "cvxpy"])
@pytest.mark.parametrize("rare", [1e-4, 3e-4])
def test_products_of_small_probabilities_are_not_dropped(backend, rare):
    # HiGHS ignores coefficients below 1e-9 unless told otherwise.
    trade = environment(CommonProject(3, 1.2), [rare_types(6, rare)] * 3)
    problem = mo.ex_ante_efficiency(trade)
    solution = mo.solve(problem, backend)
    mo.audit(problem, solution).raise_if_failed()


def test_one_agent_alone_is_an_environment():
    """Whoever alone wants a good that costs nothing gets it, for nothing."""
    alone = environment(IndivisibleGood(1), [uniform_types(3)])
    solution = mo.solve(mo.ex_ante_efficiency(alone), "highs")
    assert solution.objective == pytest.approx(alone.first_best, abs=1e-9)
    assert mo.audit(solution.problem, solution).passed


def test_an_exchange_is_declared_by_one_who_gives_and_then_one_who_receives():
    class Swap(mo.environments.SingleGood):
        @property
        def exchange(self):
            return mo.environments.Exchange()

    agents = [mo.Agent(name, mo.TypeSpace.finite([0, 1])) for name in ("ann", "bob")]
    with pytest.raises(mo.InvalidInputError, match="an exchange between agents of other roles"):
        mo.Environment(tuple(agents), Swap(2))
