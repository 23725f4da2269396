"""The direct solver on environments of other kinds, against HiGHS, on random finite types.

All that it knows of them is what they declare: who gives and who receives, what outcomes cost, and
which outcome is best in a profile.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

import mechopt as mo
from mechopt.solution import Termination
from tests.draws import drawn


@dataclass(frozen=True)
class Shop(mo.Outcomes):
    """One seller whose good may go to one of several buyers."""

    num_buyers: int

    @property
    def variables(self):
        return tuple(f"sold_to_{i + 1}" for i in range(self.num_buyers))

    @property
    def roles(self):
        buyers = (
            mo.environments.Role(f"buyer_{i + 1}", "receives", "value")
            for i in range(self.num_buyers)
        )
        return (mo.environments.Role("seller", "gives", "cost"), *buyers)

    @property
    def net_quantity(self):
        return np.vstack([-np.ones(self.num_buyers), np.eye(self.num_buyers)])

    @property
    def vertices(self):
        return np.vstack([np.zeros(self.num_buyers), np.eye(self.num_buyers)])

    @property
    def rows(self):
        return (mo.environments.OutcomeRow("one_good", (1.0,) * self.num_buyers, 1.0),)


@dataclass(frozen=True)
class Project(mo.Outcomes):
    """Everyone enjoys a project, or those who pay for it only; carrying it out has a price."""

    num_agents: int
    price: float

    variables = property(lambda self: ("carried_out",))
    net_quantity = property(lambda self: np.ones((self.num_agents, 1)))
    vertices = property(lambda self: np.array([[0.0], [1.0]]))
    cost = property(lambda self: np.array([self.price]))

    @property
    def roles(self):
        return tuple(
            mo.environments.Role(f"neighbour_{i + 1}", "receives") for i in range(self.num_agents)
        )

    def scaled(self, factor):
        return Project(self.num_agents, self.price * factor)


@dataclass(frozen=True)
class Procurement(mo.Outcomes):
    """One of several suppliers delivers, and what is delivered brings the others money."""

    num_suppliers: int
    benefit: float

    variables = property(lambda self: tuple(f"from_{i + 1}" for i in range(self.num_suppliers)))
    net_quantity = property(lambda self: -np.eye(self.num_suppliers))
    cost = property(lambda self: np.full(self.num_suppliers, -self.benefit))

    @property
    def roles(self):
        count = range(self.num_suppliers)
        return tuple(mo.environments.Role(f"supplier_{i + 1}", "gives", "cost") for i in count)

    @property
    def vertices(self):
        return np.vstack([np.zeros(self.num_suppliers), np.eye(self.num_suppliers)])

    @property
    def rows(self):
        return (mo.environments.OutcomeRow("one_delivery", (1.0,) * self.num_suppliers, 1.0),)

    def scaled(self, factor):
        return Procurement(self.num_suppliers, self.benefit * factor)


def finite(generator, size):
    """Return random finite types in [0, 1]; not regular, as a rule."""
    types = np.sort(generator.choice(np.arange(1, 100), size, replace=False)) / 100
    return mo.TypeSpace.finite(types, generator.dirichlet(np.full(size, 2.0)))


KINDS = {
    "trade": lambda generator: (mo.Trade(), 2, 7),
    "shop": lambda generator: (Shop(2), 3, 4),
    "bidders": lambda generator: (mo.environments.SingleGood(3), 3, 4),
    "project-2": lambda generator: (Project(2, float(generator.uniform(0.3, 1.6))), 2, 6),
    "project-3": lambda generator: (Project(3, float(generator.uniform(0.5, 2.2))), 3, 4),
    "procurement": lambda generator: (Procurement(2, float(generator.uniform(0.2, 1.0))), 2, 5),
}


def random_problem(kind, seed):
    generator = np.random.default_rng([seed, list(KINDS).index(kind)])
    outcomes, num_agents, largest = KINDS[kind](generator)
    agents = tuple(
        mo.Agent(role.name, finite(generator, int(generator.integers(2, largest + 1))))
        for role in outcomes.roles
    )
    environment = mo.Environment(agents, outcomes)
    weights = generator.integers(0, 4, num_agents).astype(float)
    weights[generator.integers(num_agents)] = 2.0
    program = generator.integers(4)
    if program == 0:
        return mo.minimum_subsidy(environment)
    if program == 1:
        return mo.ex_post_efficiency(environment)
    return mo.ex_ante_efficiency(environment, tuple(weights))


def objectives_with_money(generator, names):
    """Return objectives in which the designer's profit or one agent's payoff counts."""
    weights = tuple(generator.integers(0, 3, len(names)).astype(float))
    share = float(generator.uniform(0.1, 3.0))
    welfare = mo.Welfare(weights) if any(weights) else mo.Payoff(names[-1])
    return mo.Revenue(), share * mo.Revenue() + welfare, mo.Payoff(names[0]), welfare - mo.Subsidy()


@pytest.mark.parametrize("kind", KINDS)
def test_direct_takes_revenue_and_mixtures(kind):
    taken = []
    for seed in drawn(8, 8):
        environment = random_problem(kind, seed).environment
        generator = np.random.default_rng(seed)
        names = [agent.name for agent in environment.agents]
        for objective in objectives_with_money(generator, names):
            for budget in ("balanced", "no-deficit", "subsidised"):
                if isinstance(objective, mo.Revenue) and budget == "balanced":
                    continue  # zero in every mechanism, and refused
                problem = mo.DesignProblem(environment, objective, budget=budget)
                if not mo.backends.Direct().accepts(problem):
                    continue
                reference, found = (mo.solve(problem, b, throw=False) for b in ("highs", "direct"))
                assert found.termination is reference.termination, (seed, objective, budget)
                assert mo.audit(problem, found).passed, (seed, str(mo.audit(problem, found)))
                size = 1e-12 * problem.objective.largest_weight
                assert abs(found.objective - reference.objective) <= size, (seed, objective)
                assert abs(found.gap) <= size, (seed, objective, budget)
                taken.append((type(objective).__name__, budget))
    assert ("Revenue", "subsidised") in taken
    assert ("Mixture", "no-deficit") in taken


@pytest.mark.parametrize("kind", KINDS)
def test_direct_agrees_with_a_linear_program(kind):
    for seed in drawn(60, 12):
        problem = random_problem(kind, seed)
        reference, found = (mo.solve(problem, b, throw=False) for b in ("highs", "direct"))
        assert found.termination is reference.termination, seed
        assert mo.audit(problem, found).passed, (seed, str(mo.audit(problem, found)))
        if found.termination is Termination.OPTIMAL:
            largest = problem.objective.largest_weight
            assert abs(found.objective - reference.objective) <= 1e-9 * largest, seed
            assert abs(found.bound - found.objective) <= 1e-9 * largest, seed


@dataclass(frozen=True)
class Partners(mo.Outcomes):
    """Two partners of equal shares, of whom one buys the other out."""

    variables = ("first_buys",)
    net_quantity = np.array([[1.0], [-1.0]])
    vertices = np.array([[0.0], [-0.5], [0.5]])
    lower = np.array([-0.5])
    upper = np.array([0.5])
    roles = (mo.environments.Role("first", "either"), mo.environments.Role("second", "either"))


def test_agents_who_may_give_or_receive_go_to_programs():
    types = mo.TypeSpace.finite([0, 1, 2])
    agents = (mo.Agent("first", types), mo.Agent("second", types))
    problem = mo.ex_ante_efficiency(mo.Environment(agents, Partners()))
    acceptance = mo.backends.Direct().accepts(problem)
    assert not acceptance
    assert "first, second may do both" in acceptance.reason
    assert mo.solve(problem).provenance.backend == "highs"


@dataclass(frozen=True)
class Wrong(mo.Outcomes):
    """Net quantities, rows and roles as given."""

    sign: str
    row: bool = False

    variables = ("in_", "out")
    net_quantity = np.array([[1.0, -1.0], [0.0, 1.0]])

    @property
    def roles(self):
        return (
            mo.environments.Role("first", self.sign),
            mo.environments.Role("second", "receives"),
        )

    @property
    def rows(self):
        return (
            (mo.environments.OutcomeRow("never_out_alone", (-1.0, 1.0), 0.0),) if self.row else ()
        )


@pytest.mark.parametrize("sign", ["gives", "receives", "takes"])
def test_roles_must_agree_with_net_quantities(sign):
    types = mo.TypeSpace.finite([0, 1])
    agents = (mo.Agent("first", types), mo.Agent("second", types))
    match = "not a role" if sign == "takes" else "do not have the sign"
    with pytest.raises(mo.InvalidInputError, match=match):
        mo.Environment(agents, Wrong(sign))


def test_rows_may_settle_a_sign():
    types = mo.TypeSpace.finite([0, 1])
    agents = (mo.Agent("first", types), mo.Agent("second", types))
    assert mo.Environment(agents, Wrong("receives", row=True)).shape == (2, 2)
    with pytest.raises(mo.InvalidInputError, match="do not have the sign"):
        mo.Environment(agents, Wrong("gives", row=True))


def test_names_alone_are_no_roles():
    types = mo.TypeSpace.finite([0, 1])
    agents = (mo.Agent("first", types), mo.Agent("second", types))

    class Named(Wrong):
        roles = ("first", "second")

    with pytest.raises(mo.InvalidInputError, match="not a role"):
        mo.Environment(agents, Named("either"))
