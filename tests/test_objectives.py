"""Revenue, mixtures, smallest payoffs and Nash products, against programs from first principles.

The textbook programs here are written over all profiles and all pairs of types, in cvxpy, with the
minimum and the logarithm as cvxpy has them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction

import cvxpy as cp
import numpy as np
import pytest
from scipy import stats

import mechopt as mo
from mechopt.environments.single_good import SingleGood
from mechopt.problem.objectives import Mixture
from mechopt.program.highs_model import load
from mechopt.program.lagrangian import dual_bound
from mechopt.program.standard_form import standard_form
from mechopt.testing import check_objective
from mechopt.types.prior import Independent
from tests.draws import drawn, some

from .readers import ConicProgram

SIX = mo.TypeSpace.finite([1, 2, 3, 4, 5, 6])
ALWAYS = {"incentives": "dominant", "participation": "ex-post", "budget_holds": "ex-post"}


@dataclass(frozen=True)
class Wage(mo.environments.OutsideOption):
    amount: float

    def __call__(self, types):
        return np.full(len(types), self.amount)

    def scaled(self, factor):
        return Wage(factor * self.amount)


def random_environment(seed, *, options=False):
    """Return trade, or an auction among two or three, of random finite types."""
    generator = np.random.default_rng(seed)
    kind = seed % 3
    names = ("seller", "buyer") if kind == 0 else tuple("abc"[: kind + 1])
    agents = []
    for name in names:
        size = int(generator.integers(2, 4))
        values = np.sort(generator.choice(30, size, replace=False)) / 10
        option = Wage(float(generator.uniform(0, 0.05))) if options else mo.environments.NoPayoff()
        parts = generator.integers(1, 6, size).tolist()
        types = mo.TypeSpace.finite(values, [Fraction(part, sum(parts)) for part in parts])
        agents.append(mo.Agent(name, types, option))
    outcomes = mo.Trade() if kind == 0 else SingleGood(kind + 1)
    return mo.Environment(tuple(agents), outcomes)


def textbook(problem, objective):
    """Return the optimum over all profiles and pairs; ``objective(types, net, paid, profiles)``."""
    environment = problem.environment
    types = [agent.types.mean for agent in environment.agents]
    masses = [agent.types.mass for agent in environment.agents]
    profiles = list(np.ndindex(*environment.shape))
    place = {profile: k for k, profile in enumerate(profiles)}
    goods = cp.Variable((len(environment.outcomes.variables), len(profiles)), nonneg=True)
    paid = cp.Variable((len(types), len(profiles)))
    net = environment.outcomes.net_quantity @ goods
    rows = [cp.sum(goods, axis=0) <= 1]
    always = problem.budget_holds == "ex-post"
    probability = np.array(
        [math.prod(m[k] for m, k in zip(masses, p, strict=True)) for p in profiles]
    )
    total = cp.sum(paid, axis=0)
    rows.append(total == 0 if always else total @ probability == 0)
    for i, own in enumerate(types):
        option = environment.agents[i].option_at_ends[0]
        others = [p for p in profiles if p[i] == 0]
        chance = np.array([probability[place[p]] for p in others]) / masses[i][0]

        def at(k, others=others, i=i):
            return [place[(*p[:i], k, *p[i + 1 :])] for p in others]

        for k, value in enumerate(own):
            truth = value * net[i, at(k)] - paid[i, at(k)]
            rows.append(truth >= option[k] if always else chance @ truth >= option[k])
            for r in range(len(own)):
                lie = value * net[i, at(r)] - paid[i, at(r)]
                rows.append(truth >= lie if always else chance @ truth >= chance @ lie)
    program = cp.Problem(cp.Maximize(objective(types, net, paid, profiles, probability)), rows)
    return float(program.solve(solver=cp.CLARABEL))


def gains(environment, types, net, paid, profiles, probability):
    for i, own in enumerate(types):
        values = np.array([own[p[i]] for p in profiles])
        option = environment.agents[i].option_at_ends[0]
        outside = sum(q * option[p[i]] for q, p in zip(probability, profiles, strict=True))
        yield probability @ (cp.multiply(values, net[i]) - paid[i]) - outside


def interim_utilities(environment, types, net, paid, profiles, probability):
    for i, own in enumerate(types):
        for k, value in enumerate(own):
            here = [n for n, p in enumerate(profiles) if p[i] == k]
            chance = probability[here] / probability[here].sum()
            yield chance @ (value * net[i, here] - paid[i, here])


@pytest.mark.parametrize("seed", drawn(5, 2))
def test_nash_product_is_that_of_the_textbook(seed):
    environment = random_environment(seed, options=seed > 0)
    weights = tuple(np.random.default_rng(seed).uniform(0.5, 2.0, len(environment.agents)))
    problem = mo.DesignProblem(environment, mo.NashProduct(weights))

    def logarithms(*program):
        pairs = zip(weights, gains(environment, *program), strict=True)
        return sum(weight * cp.log(gain) for weight, gain in pairs)

    expected = textbook(problem, logarithms)
    backends = ("highs", "cvxpy", "pyomo") if seed < 2 else ("highs",)
    for backend in backends:
        solution = mo.solve(problem, backend)
        assert solution.objective == pytest.approx(expected, abs=1e-6)
        assert 0 <= solution.gap <= 1e-6
        assert mo.audit(problem, solution).passed
        found = np.array(list(solution.mechanism.expected_utility.values()))
        outside = np.array([a.option_at_ends[0][0] for a in environment.agents])
        assert weights @ np.log(found - outside) == pytest.approx(solution.objective, abs=1e-12)
        # A multiplier is the rate at which the objective falls with what the agent already has.
        for agent, weight, gain in zip(environment.agents, weights, found - outside, strict=True):
            rate = solution.duals[f"{agent.name}_gain"][0]
            assert rate == pytest.approx(weight / gain, rel=1e-3)


@pytest.mark.parametrize("seed", drawn(4, 2))
def test_least_utility_and_least_gain_are_those_of_the_textbook(seed):
    environment = random_environment(seed)

    def least(*program):
        return cp.minimum(*interim_utilities(environment, *program))

    def least_gain(*program):
        return cp.minimum(*gains(environment, *program))

    for objective, stated in ((mo.LeastUtility(), least), (mo.LeastGain(), least_gain)):
        problem = mo.DesignProblem(environment, objective)
        expected = textbook(problem, stated)
        for backend in ("highs", "cvxpy", "pyomo") if seed < 1 else ("highs",):
            solution = mo.solve(problem, backend)
            assert solution.objective == pytest.approx(expected, abs=1e-7)
            assert abs(solution.gap) <= 1e-9
            assert mo.audit(problem, solution).passed
        assert float(mo.exact_optimum(problem).objective) == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize("seed", drawn(3, 2))
def test_worst_prior_is_that_of_the_textbook(seed):
    environment = random_environment(3 * seed)
    generator = np.random.default_rng(seed)
    size = environment.num_profiles
    tables = [generator.dirichlet(np.ones(size)).reshape(environment.shape) for _ in range(3)]
    priors = [*map(mo.Joint, tables), Independent(environment.masses)]
    weights = (1.0, 0.5)
    problem = mo.DesignProblem(
        environment, mo.robust.WorstPrior(mo.Welfare(weights), priors), **ALWAYS
    )

    def worst(types, net, paid, profiles, _):
        utility = [
            cp.multiply(np.array([own[p[i]] for p in profiles]), net[i]) - paid[i]
            for i, own in enumerate(types)
        ]
        total = weights[0] * utility[0] + weights[1] * utility[1]
        return cp.minimum(*(prior.density().ravel() @ total for prior in priors))

    expected = textbook(problem, worst)
    for backend in ("highs", "cvxpy", "pyomo"):
        solution = mo.solve(problem, backend)
        assert solution.objective == pytest.approx(expected, abs=1e-7)
        assert abs(solution.gap) <= 1e-8
        assert sum(solution.duals[f"under_prior_{k}"][0] for k in (1, 2, 3, 4)) == pytest.approx(1)
    under = [
        mo.solve(
            replace(problem, objective=mo.robust.UnderPrior(mo.Welfare(weights), prior))
        ).objective
        for prior in priors
    ]
    assert solution.objective <= min(under) + 1e-9
    one = mo.robust.WorstPrior(mo.Welfare(weights), priors[:1])
    assert mo.solve(replace(problem, objective=one)).objective == pytest.approx(under[0], abs=1e-9)


def test_nash_product_of_symmetric_uniform_trade_splits_the_second_best():
    types = mo.TypeSpace.from_distribution(stats.uniform(0, 1), 40)
    trade = mo.BilateralTrade(types, types)
    second_best = mo.solve(mo.ex_ante_efficiency(trade)).objective
    solution = mo.solve(mo.DesignProblem(trade, mo.NashProduct()))
    assert solution.objective == pytest.approx(2 * math.log(second_best / 2), abs=1e-7)
    assert math.exp(solution.objective) == pytest.approx((9 / 128) ** 2, abs=2e-5)
    utilities = solution.mechanism.expected_utility
    assert utilities["seller"] == pytest.approx(utilities["buyer"], rel=1e-3)


def test_revenue_of_bidders_is_handed_back_in_equal_parts():
    auction = mo.Environment((mo.Agent("ann", SIX), mo.Agent("bob", SIX)), SingleGood(2))
    revenue = mo.DesignProblem(auction, mo.Revenue(), budget="no-deficit")
    half = replace(revenue, objective=0.5 * mo.Welfare() + mo.Revenue())
    least = replace(revenue, objective=mo.LeastUtility())
    expected = {revenue: Fraction(29, 9), half: Fraction(15, 4), least: Fraction(29, 18)}
    for problem, value in expected.items():
        assert mo.exact_optimum(problem).objective == value
        assert mo.solve(problem).objective == pytest.approx(float(value), abs=1e-12)
    # Only some types of one agent count: all that there is goes to ann.
    named = replace(revenue, objective=mo.LeastUtility({"ann": [0]}))
    solution = mo.solve(named)
    assert solution.duals["ann_least_lower"].tolist() == pytest.approx([1, 0, 0, 0, 0, 0])
    assert solution.mechanism.utility_of("ann")[0] == pytest.approx(solution.objective)


def test_cells_count_at_both_ends():
    types = mo.TypeSpace.from_distribution(stats.uniform(0, 1), 4)
    trade = mo.BilateralTrade(types, types)
    problem = mo.DesignProblem(trade, mo.LeastUtility({"seller": [0]}))
    solution = mo.solve(problem)
    mechanism = solution.mechanism
    ends = np.concatenate(
        [
            (edge * mechanism.quantity_of("seller") - mechanism.payment_of("seller"))[:1]
            for edge in (types.lower, types.upper)
        ]
    )
    assert solution.objective == pytest.approx(ends.min(), abs=1e-12)
    assert solution.objective < mechanism.utility_of("seller")[0] - 1e-3


def test_multipliers_of_the_least_utility_are_derivatives():
    environment = random_environment(1)
    problem = mo.DesignProblem(environment, mo.LeastUtility(), budget="no-deficit")
    solution = mo.solve(problem, "highs")
    form = standard_form(problem)
    step = 1e-4
    for name in problem.objective.multiplier_shapes(environment):
        block = form.constraints[name]
        for k, multiplier in enumerate(solution.duals[name]):
            slopes = []
            for change in (step, -step):
                lower = form.row_lower.copy()
                lower[block.start + k] += change
                model = load(replace(form, row_lower=lower), 1e-9)
                model.run()
                slopes.append((solution.objective + model.getObjectiveValue()) / change)
            # Less room costs at least the multiplier, and more brings at most that.
            assert slopes[1] - 1e-6 <= multiplier <= slopes[0] + 1e-6


@pytest.mark.parametrize(
    "objective", [mo.NashProduct(), mo.NashProduct((3, 1)), mo.LeastUtility(), mo.LeastGain()]
)
def test_any_multipliers_prove_a_bound(objective):
    problem = mo.DesignProblem(mo.BilateralTrade(SIX, SIX), objective)
    solution = mo.solve(problem)
    generator = np.random.default_rng(0)
    for _ in range(40):
        duals = {
            name: values * generator.uniform(0, 3, values.shape)
            + generator.uniform(-0.1, 0.1, values.shape)
            for name, values in solution.duals.items()
        }
        assert dual_bound(problem, duals) >= solution.objective - 1e-9
    assert dual_bound(problem, {}) >= solution.objective - 1e-9
    first = next(iter(problem.objective.multiplier_shapes(problem.environment)))
    with pytest.raises(ValueError, match=f"{first}: expected"):
        dual_bound(problem, {first: np.ones(9)})


@pytest.mark.parametrize("objective", [mo.NashProduct(), mo.LeastUtility()])
def test_audit_finds_a_wrong_objective_and_a_wrong_multiplier(objective):
    problem = mo.DesignProblem(mo.BilateralTrade(SIX, SIX), objective)
    solution = mo.solve(problem)
    failed = mo.audit(problem, replace(solution, objective=solution.objective + 1e-3)).checks
    assert "reported objective" in {check.requirement for check in failed if not check.passed}
    name = next(iter(problem.objective.multiplier_shapes(problem.environment)))
    # Twice all multipliers of the objective's rows are the same direction; twice one is not.
    duals = {**solution.duals, name: 2 * solution.duals[name] + 0.1}
    failed = mo.audit(problem, replace(solution, duals=duals)).checks
    assert "reported bound" in {check.requirement for check in failed if not check.passed}


def test_nash_product_has_no_unit_of_money():
    problem = mo.DesignProblem(mo.BilateralTrade(SIX, SIX), mo.NashProduct((3, 1)))
    solution = mo.solve(problem)
    dear = mo.solve(problem.scaled(1000.0))
    assert dear.objective == pytest.approx(solution.objective + 4 * math.log(1000), abs=1e-7)
    rates = [each.duals["seller_gain"][0] for each in (dear, solution)]
    assert 1000 * rates[0] == pytest.approx(rates[1], rel=1e-3)
    heavy = mo.solve(replace(problem, objective=mo.NashProduct((3000, 1000))))
    assert heavy.objective == pytest.approx(1000 * solution.objective, rel=1e-7)
    assert heavy.is_certified


@pytest.mark.parametrize("backend", ["highs", "cvxpy", "pyomo"])
def test_who_cannot_gain_is_said(backend):
    trade = mo.BilateralTrade(mo.TypeSpace.finite([5, 6]), mo.TypeSpace.finite([1, 2]))
    problem = mo.DesignProblem(trade, mo.NashProduct())
    with pytest.raises(mo.InvalidInputError, match="no mechanism lets every agent gain"):
        mo.solve(problem, backend)
    # Without requirements that stand against it, an agent of weight zero need not gain.
    one = mo.DesignProblem(mo.BilateralTrade(SIX, SIX), mo.NashProduct((1, 0)))
    alone = mo.solve(replace(one, objective=mo.Payoff("seller")), backend).objective
    assert mo.solve(one, backend).objective == pytest.approx(math.log(alone), abs=1e-7)


def test_value_of_a_mechanism_without_gains_is_minus_infinity():
    trade = mo.BilateralTrade(SIX, SIX)
    problem = mo.DesignProblem(trade, mo.NashProduct())
    nothing = mo.Mechanism.of_profiles(
        trade, mo.solve(problem).mechanism.allocation, np.zeros((2, 6, 6))
    )
    assert problem.value(nothing) == -math.inf


def test_nash_product_is_exported_as_cones_and_powers(tmp_path):
    problem = mo.DesignProblem(mo.BilateralTrade(SIX, SIX), mo.NashProduct((2, 1)))
    solution = mo.solve(problem)
    path, _ = mo.export(problem, tmp_path / "nash.cbf")
    program = ConicProgram(path)
    assert [kind for kind, _, _ in program.cones].count("EXP") == 2
    assert -program.optimum() == pytest.approx(solution.objective, abs=1e-6)
    path, _ = mo.export(problem, tmp_path / "nash.nl")
    assert "o43" in path.read_text().split()  # the logarithm
    with pytest.raises(mo.InvalidInputError, match="curved bounds"):
        mo.export(problem, tmp_path / "nash.mps")


@pytest.mark.parametrize(
    "objective",
    [
        mo.NashProduct(),
        mo.LeastUtility({"seller": [0, 2]}, net=True),
        mo.LeastGain(("buyer",)),
        mo.Payoff("buyer"),
        Fraction(1, 3) * mo.Revenue() + np.float64(0.5) * mo.Welfare(),
        mo.robust.WorstPrior(mo.Welfare(), [mo.Joint(np.full((6, 6), 1 / 36))]),
        mo.robust.UnderPrior(mo.Revenue(), mo.Joint(np.full((6, 6), 1 / 36))),
    ],
    ids=lambda objective: type(objective).__name__,
)
def test_saved_loaded_and_named_in_reports(objective, tmp_path):
    problem = mo.DesignProblem(mo.BilateralTrade(SIX, SIX), objective, budget="no-deficit")
    if problem.by_profile:
        problem = replace(problem, **ALWAYS)
    solution = mo.solve(problem)
    mo.save_solution(solution, tmp_path / "solution.json")
    loaded = mo.load_solution(tmp_path / "solution.json")
    assert loaded.problem == problem
    assert mo.audit(loaded.problem, loaded).passed
    assert problem.objective.in_words in mo.summary(solution)
    dear = problem.scaled(64.0)
    if problem.objective.in_money:
        assert mo.solve(dear).objective == pytest.approx(64.0 * solution.objective, abs=1e-9)


def test_mixtures_keep_fractions_and_refuse_what_is_not_linear():
    mixture = Fraction(1, 3) * mo.Revenue() + mo.Payoff("buyer") - 2 * mo.Subsidy()
    assert mixture.exact == ("1/3", "1", "-2")
    assert 3.0 * mixture == 3 * mixture
    trade = mo.BilateralTrade(mo.TypeSpace.finite([1, 2, 3]), mo.TypeSpace.finite([1, 2, 3]))
    third = mo.DesignProblem(trade, Fraction(1, 3) * mo.Revenue(), budget="no-deficit")
    most = mo.exact_optimum(replace(third, objective=mo.Revenue())).objective
    assert mo.exact_optimum(third).objective == most / 3
    for make in (
        lambda: mo.Welfare() + mo.NashProduct(),
        lambda: math.nan * mo.Revenue(),
        lambda: 0 * mo.Revenue(),
        lambda: Mixture(()),
    ):
        with pytest.raises(mo.InvalidInputError, match="parts"):
            make()
    with pytest.raises(TypeError):
        mo.Revenue() + 1


@pytest.mark.parametrize(
    "objective",
    [
        lambda: mo.LeastUtility({"nobody": None}),
        lambda: mo.LeastUtility({"seller": [6]}),
        lambda: mo.LeastUtility({"seller": []}),
        lambda: mo.LeastGain(("nobody",)),
        lambda: mo.NashProduct((1, 2, 3)),
        lambda: mo.NashProduct((-1, 2)),
        lambda: mo.Payoff("nobody"),
        lambda: mo.robust.WorstPrior(mo.Welfare(), []),
        lambda: mo.robust.WorstPrior(mo.Welfare(), [mo.Joint([[0.5, 0.5]])]),
        lambda: mo.robust.WorstPrior(mo.Subsidy(), [mo.Joint(np.full((6, 6), 1 / 36))]),
        lambda: mo.robust.UnderPrior(mo.NashProduct(), mo.Joint(np.full((6, 6), 1 / 36))),
    ],
)
def test_objectives_that_do_not_fit_are_refused(objective):
    with pytest.raises(mo.InvalidInputError):
        mo.DesignProblem(mo.BilateralTrade(SIX, SIX), objective())


SIX_TYPES = """
[environment]
kind = "bilateral-trade"
seller = { types = ["1/6", "1/3", "1/2", "2/3", "5/6", 1] }
buyer = { types = ["1/6", "1/3", "1/2", "2/3", "5/6", 1] }
[problem]
"""


@pytest.mark.parametrize(
    ("stated", "objective", "value"),
    [
        ('objective = "revenue"', mo.Revenue(), 7 / 108),
        ('objective = "welfare"', mo.Welfare((1.0, 1.0)), 25 / 162),
        (
            'objective = "welfare"\nweights = { seller = 1, buyer = 1, designer = "1/2" }',
            mo.Welfare((1.0, 1.0)) + 0.5 * mo.Revenue(),
            25 / 162,
        ),
        ('objective = "least-utility"', mo.LeastUtility(), 7 / 216),
        ('objective = "nash-product"', mo.NashProduct((1.0, 1.0)), 2 * math.log(25 / 324)),
    ],
)
def test_objectives_of_instance_files(stated, objective, value, tmp_path):
    path = tmp_path / "trade.toml"
    path.write_text(SIX_TYPES + stated, encoding="utf-8")
    problem = mo.load_instance(path).problem
    assert problem.objective == objective
    assert mo.solve(problem).objective == pytest.approx(value, abs=1e-7)


@dataclass(frozen=True)
class TwoGoods(mo.Outcomes):
    """Two goods, each worth its own number to each agent, which either or both may enjoy."""

    unit: float = 1.0

    variables = property(lambda self: ("first", "second"))
    rows = property(lambda self: (mo.environments.OutcomeRow("one", (1.0, 1.0), 1.0),))
    cost = property(lambda self: self.unit * np.array([0.5, 0.25]))
    vertices = property(lambda self: np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
    roles = property(lambda self: tuple(mo.environments.Role(n, None) for n in ("ann", "bob")))

    def worth(self, agent, types):
        del agent
        return types

    def scaled(self, factor):
        return TwoGoods(self.unit * factor)


def test_types_that_are_rows_of_values():
    agents = (
        mo.Agent("ann", mo.TypeTable.finite([[1, 0], [0, 2]], ["1/4", "3/4"])),
        mo.Agent("bob", mo.TypeTable.finite([[2, 1], [1, 1], [0, 3]])),
    )
    environment = mo.Environment(agents, TwoGoods())
    problem = mo.DesignProblem(environment, mo.LeastUtility(), budget="no-deficit")
    values = [agent.types.mean for agent in agents]
    density = environment.belief.density()
    goods = [cp.Variable((2, 3), nonneg=True) for _ in range(2)]
    paid = [cp.Variable((2, 3)) for _ in range(2)]
    rows = [sum(goods) <= 1]
    utilities, worth = [], []
    for i, own in enumerate(values):
        turned = [x if i == 0 else x.T for x in (*goods, paid[i])]
        chance = (density if i == 0 else density.T) / environment.masses[i][:, None]
        for k, (first, second) in enumerate(own):
            at = [
                first * turned[0][r] + second * turned[1][r] - turned[2][r] for r in range(len(own))
            ]
            rows += [chance[k] @ at[k] >= chance[k] @ each for each in at]
            rows.append(chance[k] @ at[k] >= 0)
            utilities.append(chance[k] @ at[k])
            worth.append(environment.masses[i][k] * utilities[-1])
    spent = sum(cost * x for cost, x in zip((0.5, 0.25), goods, strict=True))
    rows.append(cp.sum(cp.multiply(density, sum(paid) - spent)) >= 0)
    rows += [cp.abs(each) <= problem.payment_limit for each in paid]
    gain = [sum(worth[:2]), sum(worth[2:])]
    pairs = (
        (mo.LeastUtility(), cp.minimum(*utilities)),
        (mo.LeastGain(), cp.minimum(*gain)),
        (mo.NashProduct(), cp.log(gain[0]) + cp.log(gain[1])),
        (
            mo.Welfare() + 2 * mo.Revenue(),
            sum(gain) + 2 * cp.sum(cp.multiply(density, sum(paid) - spent)),
        ),
    )
    for objective, stated in pairs:
        asked = replace(problem, objective=objective)
        expected = cp.Problem(cp.Maximize(stated), rows).solve(solver=cp.CLARABEL)
        solution = mo.solve(asked, "highs")
        assert solution.objective == pytest.approx(expected, abs=1e-6)
        assert mo.audit(asked, solution).passed


def least_of(_, mechanism):
    pairs = zip(mechanism.environment.agents, mechanism.quantity, mechanism.payment, strict=True)
    return min((agent.types.mean * q - t).min() for agent, q, t in pairs)


def profit_and_payoff(environment, mechanism):
    paid = mechanism.ex_post_payments().sum(axis=0)
    buyer = environment.index_of("buyer")
    payoff = environment.masses[buyer] @ mechanism.utility[buyer]
    return 0.5 * (environment.belief.density() * paid).sum() + 2 * payoff


@pytest.mark.parametrize(
    ("objective", "definition"),
    some(
        [
            (0.5 * mo.Revenue() + 2 * mo.Payoff("buyer"), profit_and_payoff),
            (mo.LeastUtility(), least_of),
            (mo.NashProduct((3, 1)), None),
        ],
        2,
    ),
)
def test_objectives_meet_what_is_asked_of_every_objective(objective, definition):
    types = mo.TypeSpace.finite([0, 1, 2])
    problem = mo.DesignProblem(mo.BilateralTrade(types, types), mo.Welfare(), budget="no-deficit")
    check_objective(objective, problem, definition=definition)
