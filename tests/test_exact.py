"""Exact optima: right, proved, and never printed without a proof."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise, product

import flint
import numpy as np
import pytest
from scipy import stats
from scipy.optimize import linprog

import mechopt as mo
from mechopt._util.rationals import fraction_array
from mechopt.cli.main import main
from mechopt.errors import TooLargeError
from mechopt.exact import ExactSolution, optimum, rules
from mechopt.exact.program import (
    RationalProgram,
    bound_from,
    improves_forever,
    rational_program,
    value_of,
    violations_of,
)
from mechopt.exact.simplex import BasisStatus, SimplexStatus, simplex, slack_places
from mechopt.program.standard_form import standard_form
from mechopt.solution import Termination
from tests.draws import crossed, drawn, some

from .cases import PROGRAMS
from .rational_cases import RATIONAL, grid, uniform_trade
from .test_extension import auction, partnership, project

# Reference fractions


@pytest.mark.parametrize(
    ("size", "expected"), [(5, "4/25"), (6, "25/162"), (8, "49/320"), (10, "189/1250")]
)
def test_second_best_of_equally_likely_types(size, expected):
    problem = mo.ex_ante_efficiency(uniform_trade(size))
    solution = mo.exact_optimum(problem)
    assert solution.objective == Fraction(expected)
    assert solution.verify() == ()
    assert solution.doubt_about(mo.solve(problem)) is None


@pytest.mark.parametrize("size", range(1, 13))
def test_least_subsidy_of_equally_likely_types(size):
    solution = mo.exact_optimum(mo.minimum_subsidy(uniform_trade(size)))
    assert solution.objective == Fraction((size - 1) * (size - 5), 6 * size**2)


@pytest.mark.parametrize("size", range(2, 10))
def test_ex_post_efficiency_up_to_five_types_and_a_proof_of_the_shortfall_beyond(size):
    problem = mo.ex_post_efficiency(uniform_trade(size))
    solution = mo.exact_optimum(problem)
    if size <= 5:
        assert solution.objective == Fraction(size**2 - 1, 6 * size**2)
    else:
        assert solution.termination is Termination.INFEASIBLE
        assert solution.shortfall == Fraction((size - 1) * (size - 5), 6 * size**2)
        assert solution.objective is None
    assert solution.verify() == ()
    assert solution.doubt_about(mo.solve(problem, throw=False)) is None


def test_uniform_cells_are_cells_of_fractions():
    cells = mo.TypeSpace.from_distribution(stats.uniform(0, 1), 20)
    solution = mo.exact_optimum(mo.ex_ante_efficiency(mo.BilateralTrade(cells, cells)))
    assert solution.objective == Fraction(7, 50)
    assert solution.objective < Fraction(9, 64), "a lower bound on the continuum"


def test_weights_may_be_fractions():
    trade = uniform_trade(7)
    third = mo.exact_optimum(mo.ex_ante_efficiency(trade, {"seller": "1/3", "buyer": 1}))
    whole = mo.exact_optimum(mo.ex_ante_efficiency(trade, (1, 3)))
    assert 3 * third.objective == whole.objective
    rounded = mo.exact_optimum(mo.ex_ante_efficiency(trade, (1 / 3, 1.0)))
    assert 0 < abs(rounded.objective - third.objective) < Fraction(1, 10**15)


# Agreement with floats


@pytest.mark.parametrize(("name", "program"), crossed(RATIONAL, PROGRAMS))
def test_exact_program_rounds_to_the_float_program_entry_by_entry(name, program):
    problem = PROGRAMS[program](RATIONAL[name])
    form = standard_form(problem)
    _, exact = rational_program(problem)
    dense = np.zeros(form.matrix.shape)
    np.add.at(dense, (exact.entries.row, exact.entries.column), exact.entries.value.astype(float))
    scale = max(1.0, problem.environment.payoff_scale)
    np.testing.assert_allclose(dense, form.matrix.toarray(), rtol=1e-14, atol=1e-15 * scale)
    assert len(set(zip(exact.entries.row, exact.entries.column, strict=True))) == len(
        exact.entries.value
    )
    for part in ("cost", "row_lower", "row_upper", "lower", "upper"):
        rounded = getattr(exact, part).astype(float)
        np.testing.assert_allclose(rounded, getattr(form, part), rtol=1e-14, atol=1e-15 * scale)
    assert (exact.variables, exact.constraints) == (form.variables, form.constraints)


@pytest.mark.parametrize(("name", "program"), crossed(RATIONAL, PROGRAMS))
def test_every_program_is_settled_and_agrees_with_floats(name, program):
    problem = PROGRAMS[program](RATIONAL[name])
    solution = mo.exact_optimum(problem)
    floats = mo.solve(problem, "highs", throw=False)
    assert solution.proved
    assert solution.verify() == ()
    assert solution.doubt_about(floats) is None
    if solution.objective is not None:
        error = abs(float(solution.objective) - floats.objective)
        assert error <= 1e-9 * problem.environment.payoff_scale


def random_rational_types(rng):
    size = int(rng.integers(1, 9))
    pairs = zip(rng.integers(0, 25, size), rng.integers(1, 13, size), strict=True)
    types = sorted({Fraction(int(a), int(b)) for a, b in pairs})
    shares = [int(share) for share in rng.integers(1, 10, len(types))]
    return mo.TypeSpace.finite(types, [Fraction(share, sum(shares)) for share in shares])


def test_a_hundred_random_instances_agree_with_floats_to_twelve_digits():
    rng = np.random.default_rng(0)
    for k in drawn(100, 3):
        trade = mo.BilateralTrade(random_rational_types(rng), random_rational_types(rng))
        problem = mo.ex_ante_efficiency(trade, (1, [1, "1/3", 0][k % 3]))
        solution = mo.exact_optimum(problem)
        assert solution.proved
        for backend in ("direct", "highs"):
            floats = mo.solve(problem, backend).objective
            assert abs(float(solution.objective) - floats) <= 1e-12 * trade.payoff_scale


REQUIREMENTS = [
    (objective, incentives, participation, budget)
    for objective, incentives, participation, budget in product(
        [mo.Welfare((1, 1)), mo.Welfare((1, 0.3)), mo.Subsidy()],
        ["interim", "none"],
        ["interim", "none"],
        ["balanced", "no-deficit", "subsidised"],
    )
    # A balanced budget leaves no subsidy to be minimised, and that is refused.
    if (objective, budget) != (mo.Subsidy(), "balanced")
]


@pytest.mark.parametrize("allocation", ["free", "efficient"])
def test_every_requirement_is_settled_as_in_floats(allocation):
    trade = RATIONAL["cells-of-fractions"]
    seen = set()
    start = 0 if allocation == "free" else 2
    for objective, incentives, participation, budget in some(REQUIREMENTS, 5, start):
        problem = mo.DesignProblem(trade, objective, allocation, incentives, participation, budget)
        solution = mo.exact_optimum(problem)
        assert solution.verify() == ()
        assert solution.doubt_about(mo.solve(problem, "highs", throw=False)) is None
        seen.add(solution.termination)
    assert seen >= {Termination.OPTIMAL, Termination.UNBOUNDED}


SKEWED = mo.TypeSpace.finite([1, "5/2", 4], ["1/2", "1/3", "1/6"])


@pytest.mark.parametrize(
    "environment",
    [
        auction(SKEWED, grid(4)),
        auction(SKEWED, grid(2), grid(3)),
        partnership(grid(3), [0.6, 0.4]),
        project(3.5, SKEWED, SKEWED),
        project(0.1, grid(2), grid(3), grid(2)),
    ],
)
@pytest.mark.parametrize(
    "program",
    [
        mo.ex_ante_efficiency,
        mo.ex_post_efficiency,
        mo.minimum_subsidy,
        lambda environment: mo.DesignProblem(environment, mo.Subsidy(), budget="subsidised"),
    ],
    ids=["ex-ante", "ex-post", "minimum-subsidy", "revenue"],
)
def test_new_kinds_of_outcome_need_nothing_more(environment, program):
    problem = program(environment)
    solution = mo.exact_optimum(problem)
    assert solution.verify() == ()
    assert solution.doubt_about(mo.solve(problem, "highs", throw=False)) is None


def test_types_closer_than_any_tolerance():
    tiny = Fraction(1, 10**13)
    types = mo.TypeSpace.finite([Fraction(1, 3), Fraction(1, 3) + tiny, 1])
    solution = mo.exact_optimum(mo.ex_ante_efficiency(mo.BilateralTrade(types, types)))
    assert solution.verify() == ()
    assert solution.objective == sum(
        (b - s) / 9 for s in types.in_fractions().mean for b in types.in_fractions().mean if b > s
    )


def test_unit_of_money_only_scales():
    trade = uniform_trade(6)
    for factor, exactly in [(0.1, Fraction(1, 10)), (2.0**-60, Fraction(1, 2**60)), (3e6, 3000000)]:
        solution = mo.exact_optimum(mo.ex_ante_efficiency(trade.scaled(factor)))
        assert solution.objective == exactly * Fraction(25, 162)


# Multipliers


def test_multipliers_have_the_names_and_signs_of_solutions():
    problem = mo.ex_ante_efficiency(RATIONAL["cells-of-fractions"], (1, "1/2"))
    solution, floats = mo.exact_optimum(problem), mo.solve(problem, "highs")
    rounded = {}
    for name, values in floats.duals.items():
        exact = solution.multipliers[name]
        assert exact.shape == values.shape, name
        if name != "budget":
            assert min(exact) >= 0, name
        rounded[name] = exact.astype(float)
    bound = mo.audit(problem, dataclasses.replace(floats, duals=rounded))
    assert bound.passed, str(bound)


# Without an optimum


def test_unbounded_with_a_direction():
    problem = mo.DesignProblem(uniform_trade(4), mo.Welfare((1, 0)), participation="none")
    solution = mo.exact_optimum(problem)
    assert solution.termination is Termination.UNBOUNDED
    assert solution.objective is None
    assert solution.verify() == ()
    still = {name: 0 * values for name, values in solution.direction.items()}
    still = {name: values + Fraction(0) for name, values in still.items()}
    assert dataclasses.replace(solution, direction=still).verify()


@dataclass(frozen=True)
class Demand(mo.environments.OutsideOption):
    """Staying out is worth more than there is."""

    amount: Fraction

    def __call__(self, types):
        return np.full(len(types), float(self.amount))

    def in_fractions(self, types):
        return fraction_array([self.amount] * len(types))


def test_infeasible_whatever_the_money():
    seller, buyer = uniform_trade(3).agents
    greedy = mo.Agent("seller", seller.types, Demand(Fraction(7, 3)))
    trade = mo.Environment((greedy, buyer), mo.Trade())
    solution = mo.exact_optimum(mo.ex_ante_efficiency(trade))
    assert solution.termination is Termination.INFEASIBLE
    assert solution.shortfall > 0
    assert solution.verify() == ()


def test_certificate_of_infeasibility_cannot_be_spoiled():
    solution = mo.exact_optimum(mo.ex_post_efficiency(uniform_trade(6)))
    more = solution.shortfall + Fraction(1, 10**30)
    assert dataclasses.replace(solution, shortfall=more).verify()
    negative = {name: -values for name, values in solution.multipliers.items()}
    assert dataclasses.replace(solution, multipliers=negative).verify()
    feasible = mo.ex_post_efficiency(uniform_trade(5))
    proof = mo.exact_optimum(feasible)
    claim = dataclasses.replace(
        proof, termination=Termination.INFEASIBLE, shortfall=Fraction(1), objective=None
    )
    assert claim.verify()


# Spoiled proofs


@pytest.mark.parametrize("part", ["mechanism", "multipliers"])
@pytest.mark.parametrize("name", ["cells-of-fractions", "two-dates"])
def test_any_change_of_any_number_is_noticed(name, part):
    solution = mo.exact_optimum(mo.ex_ante_efficiency(RATIONAL[name]))
    least = Fraction(1, 10**30)
    for block, values in getattr(solution, part).items():
        if block == "once":
            continue  # it overlaps with the bounds of the probabilities, so proofs differ
        for place in some(list(np.ndindex(values.shape)), 3):
            spoiled = values.copy()
            spoiled[place] += least
            changed = {**getattr(solution, part), block: spoiled}
            assert dataclasses.replace(solution, **{part: changed}).verify(), (block, place)


def test_other_claims_without_proof_are_noticed():
    solution = mo.exact_optimum(mo.ex_ante_efficiency(uniform_trade(5)))
    changes = [
        {"objective": solution.objective + Fraction(1, 10**40)},
        {"objective": None},
        {"multipliers": {}},
        {"mechanism": {}},
        {"mechanism": {**solution.mechanism, "trade": np.full((5, 5), Fraction(1))}},
        {"mechanism": {**solution.mechanism, "trade": np.full((4, 4), Fraction(0))}},
        {"mechanism": {**solution.mechanism, "trade": solution.mechanism["trade"].astype(float)}},
        {"problem": mo.ex_ante_efficiency(uniform_trade(6))},
        {"termination": Termination.UNBOUNDED},
        {"termination": Termination.INFEASIBLE},
        {"termination": Termination.LIMIT},
    ]
    for change in changes:
        assert dataclasses.replace(solution, **change).verify(), change


@pytest.mark.usefixtures("without_rules")
def test_what_does_not_stand_up_to_verification_is_not_returned(monkeypatch):
    original = optimum._named

    def wrong(*arguments):
        solution = original(*arguments)
        return dataclasses.replace(solution, objective=solution.objective + 1)

    monkeypatch.setattr(optimum, "_named", wrong)
    solution = mo.exact_optimum(mo.ex_ante_efficiency(uniform_trade(3)))
    assert solution.objective is None
    assert not solution.proved
    assert "does not stand up to verification" in solution.reason


# Repair


def random_places(program, rng):
    kinds = [BasisStatus.BASIC, BasisStatus.LOWER, BasisStatus.UPPER, BasisStatus.FREE]
    size = program.num_columns + program.num_rows
    return [kinds[k] for k in rng.integers(0, 4, size)]


@pytest.fixture
def without_rules(monkeypatch):
    """Leave every problem to its program."""
    monkeypatch.setattr(optimum, "has_rule", lambda problem: False)


@pytest.mark.usefixtures("without_rules")
@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("start", ["slacks", "random"])
def test_any_basis_is_repaired(start, program, monkeypatch):
    rng = np.random.default_rng(1)

    def places(model, rational):
        del model
        return slack_places(rational) if start == "slacks" else random_places(rational, rng)

    problem = PROGRAMS[program](RATIONAL["cells-of-fractions"])
    undisturbed = mo.exact_optimum(problem)
    monkeypatch.setattr(optimum, "_places", places)
    repaired = mo.exact_optimum(problem)
    assert undisturbed.pivots == 0
    assert repaired.pivots > 0
    assert repaired.termination is undisturbed.termination
    assert repaired.objective == undisturbed.objective


@pytest.mark.usefixtures("without_rules")
def test_without_enough_pivots_nothing_is_claimed(monkeypatch):
    monkeypatch.setattr(optimum, "_places", lambda model, program: slack_places(program))
    solution = mo.exact_optimum(mo.ex_ante_efficiency(uniform_trade(6)), max_pivots=3)
    assert (solution.objective, solution.pivots, solution.proved) == (None, 3, False)
    assert "3 exact pivots" in solution.reason
    assert "no exact optimum was proved" in solution.doubt_about(None)


def random_program(rng):
    """Return a small program with every kind of bound; often degenerate, often without optimum."""
    rows, columns = (int(n) for n in rng.integers(1, 7, 2))
    matrix = rng.integers(-2, 3, (rows, columns))

    def bounds(size):
        low = rng.integers(-3, 2, size)
        high = low + rng.integers(0, 4, size)
        none = rng.random((2, size)) < [[0.4], [0.5]]
        return (
            [None if gone else Fraction(int(b), 2) for b, gone in zip(ends, missing, strict=True)]
            for ends, missing in zip((low, high), none, strict=True)
        )

    lower, upper = bounds(columns)
    row_lower, row_upper = bounds(rows)
    return RationalProgram(
        [Fraction(int(c)) for c in rng.integers(-2, 3, columns)],
        lower,
        upper,
        row_lower,
        row_upper,
        [[(i, Fraction(int(a))) for i, a in enumerate(column) if a] for column in matrix.T],
    )


def by_scipy(program):
    """Return the optimum, or how there is none."""
    matrix = np.zeros((program.num_rows, program.num_columns))
    for j, column in enumerate(program.columns):
        for i, value in column:
            matrix[i, j] = value

    def floats(values, default):
        return np.array([default if value is None else float(value) for value in values])

    low, high = floats(program.row_lower, -np.inf), floats(program.row_upper, np.inf)
    sides, limits = np.vstack([matrix, -matrix]), np.concatenate([high, -low])
    result = linprog(
        -np.array(program.cost, dtype=float),
        A_ub=sides[np.isfinite(limits)],
        b_ub=limits[np.isfinite(limits)],
        bounds=list(
            zip(floats(program.lower, -np.inf), floats(program.upper, np.inf), strict=True)
        ),
        options={"presolve": False},
    )
    status = {0: "OPTIMAL", 2: "INFEASIBLE", 3: "UNBOUNDED"}[result.status]
    return SimplexStatus[status], None if result.fun is None else -result.fun


def test_simplex_on_random_programs_of_every_kind():
    rng = np.random.default_rng(2)
    seen = dict.fromkeys(SimplexStatus, 0)
    for _ in range(250):
        program = random_program(rng)
        rational = program.in_numbers(lambda value: flint.fmpq(value.numerator, value.denominator))
        ending = simplex(rational, random_places(program, rng), 500)
        seen[ending.verdict] += 1
        verdict, best = by_scipy(program)
        assert ending.verdict is verdict
        point, multipliers, direction = (
            [Fraction(int(v.p), int(v.q)) for v in values]
            for values in (ending.point, ending.multipliers, ending.direction)
        )
        if verdict is SimplexStatus.INFEASIBLE:
            nothing = [Fraction(0)] * program.num_columns
            assert bound_from(program, multipliers, nothing) < 0
            continue
        assert violations_of(program, point) == []
        if verdict is SimplexStatus.UNBOUNDED:
            assert improves_forever(program, direction)
        else:
            assert bound_from(program, multipliers) == value_of(program, point)
            assert float(value_of(program, point)) == pytest.approx(best, abs=1e-9)
    assert seen.pop(SimplexStatus.LIMIT) == 0
    assert min(seen.values()) > 20, seen


# The command line

DECIMALS = """
[environment]
kind = "bilateral-trade"
seller = { types = [0.1, 0.2, 0.7], probabilities = ["1/3", "1/3", "1/3"] }
buyer = { distribution = "uniform", parameters = { loc = 0.1, scale = "1/3" }, cells = 4 }
[problem]
objective = "ex-ante-efficiency"
weights = { seller = "1/3", buyer = 0.1 }
"""


@pytest.fixture
def run(capsys, tmp_path):
    """Return a function that writes an instance, solves it, and returns status and outputs."""

    def solve(text, *words):
        path = tmp_path / "instance.toml"
        path.write_text(text)
        status = main(["solve", str(path), *words])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return solve


def instance(size, objective="ex-ante-efficiency"):
    agent = "{ types = [" + ", ".join(f'"{k}/{size}"' for k in range(1, size + 1)) + "] }"
    return (
        f'[environment]\nkind = "bilateral-trade"\nseller = {agent}\nbuyer = {agent}\n'
        f'[problem]\nobjective = "{objective}"\n'
    )


def test_json_has_the_fraction_only_if_asked(run):
    status, output, _ = run(instance(6), "--json", "--exact")
    assert (status, json.loads(output)["exact"]) == (0, "25/162")
    assert "exact" not in json.loads(run(instance(6), "--json")[1])


def test_table_has_the_fraction(run):
    status, output, _ = run(instance(10), "--exact")
    assert status == 0
    assert "189/1250" in output


def test_long_fraction_is_printed_whole(run):
    status, output, _ = run(DECIMALS, "--exact")
    digits = run(DECIMALS, "--exact", "--json")
    exact = json.loads(digits[1])["exact"]
    assert status == 0
    assert exact in "".join(output.split())


def test_decimals_of_a_file_are_decimals(run):
    seller = mo.TypeSpace.finite([Fraction(1, 10), Fraction(1, 5), Fraction(7, 10)])
    edges = [Fraction(1, 10) + Fraction(k, 12) for k in range(5)]
    middle = [(low + high) / 2 for low, high in pairwise(edges)]
    problem = mo.ex_ante_efficiency(
        mo.BilateralTrade(seller, mo.TypeSpace.finite(middle)), ("1/3", "1/10")
    )
    exact = Fraction(json.loads(run(DECIMALS, "--exact", "--json")[1])["exact"])
    # Cells are harder to please than points at their means, so compare the data and a bound.
    assert exact <= mo.exact_optimum(problem).objective
    points = DECIMALS.replace(
        'distribution = "uniform", parameters = { loc = 0.1, scale = "1/3" }, cells = 4',
        "types = [" + ", ".join(f'"{value}"' for value in middle) + "]",
    )
    exact = json.loads(run(points, "--exact", "--json")[1])["exact"]
    assert Fraction(exact) == mo.exact_optimum(problem).objective


def test_infeasible_has_no_fraction(run):
    status, output, errors = run(instance(6, "ex-post-efficiency"), "--exact", "--json")
    assert (status, json.loads(output)["exact"]) == (1, None)
    assert "infeasible" in errors


def test_data_without_fractions_are_bad_input(run):
    beta = '{ distribution = "beta", parameters = { a = 2, b = 3 }, cells = 5 }'
    text = instance(3).replace("buyer = {", f"buyer = {beta}\n# {{")
    status, output, errors = run(text, "--exact", "--json")
    assert (status, output) == (2, "")
    assert "buyer.types" in errors
    assert run(text, "--json")[0] == 0


def test_what_could_not_be_proved_is_said_and_not_printed(run, monkeypatch):
    def unproved(problem):
        return ExactSolution(problem, Termination.LIMIT, reason="too many pivots")

    monkeypatch.setattr("mechopt.exact.exact_optimum", unproved)
    status, output, errors = run(instance(6), "--exact", "--json")
    assert (status, json.loads(output)["exact"]) == (1, None)
    assert "no exact optimum was proved: too many pivots" in errors


def test_fraction_that_contradicts_the_floats_fails(run, monkeypatch):
    def another(problem):
        del problem
        return mo.exact_optimum(mo.ex_ante_efficiency(uniform_trade(7)))

    monkeypatch.setattr("mechopt.exact.exact_optimum", another)
    status, _, errors = run(instance(6), "--exact", "--json")
    assert status == 1
    assert "is not the objective" in errors


def test_a_floor_at_one_end_of_a_cell_says_nothing_of_the_other():
    cells = mo.TypeSpace.from_distribution(stats.uniform(0, 1), 4)
    # At the lower end of the first cell nothing is required, not even a utility of zero.
    nothing = [-np.inf] * 4
    floor = mo.UtilityFloor("buyer", nothing, [*nothing[1:], 1 / 32])
    problem = mo.DesignProblem(
        mo.BilateralTrade(cells, cells),
        mo.Welfare((1.0, 0.0)),
        participation={"seller": "interim", "buyer": "none"},
        requirements=(floor,),
    )
    exact, solution = mo.exact_optimum(problem), mo.solve(problem, "highs")
    assert exact.verify() == ()
    assert float(exact.objective) == pytest.approx(solution.objective, abs=1e-9)
    assert mo.audit(problem, solution).passed
    assert min(solution.mechanism.utility_of("buyer")) < 0.0


# By virtual valuations, without a program


def random_problem(seed):
    rng = np.random.default_rng(seed)

    def types():
        size = int(rng.integers(1, 9))
        if seed % 5 == 4:
            low, width = (int(n) for n in rng.integers(0, 9, 2))
            return mo.TypeSpace.from_distribution(stats.uniform(low, width + 1), size)
        shares = [int(share) for share in rng.integers(1, 100, size)]
        values = sorted(rng.choice(60, size, replace=False).tolist())
        return mo.TypeSpace.finite(
            [Fraction(value - 10, 7) for value in values],
            [Fraction(share, sum(shares)) for share in shares],
        )

    weights = [(1, 1), (1, 2), (3, 1), ("1/3", 1), (0, 1)][int(rng.integers(5))]
    budget = ["balanced", "no-deficit"][seed % 2]
    return mo.DesignProblem(mo.BilateralTrade(types(), types()), mo.Welfare(weights), budget=budget)


@pytest.mark.parametrize("binary", [False, True])
def test_rules_have_the_value_of_the_program_and_a_proof(binary, monkeypatch):
    found = 0
    for seed in drawn(40):
        problem = random_problem(seed)
        solution = mo.exact_optimum(problem, binary=binary)
        assert solution.verify() == ()
        with monkeypatch.context() as without:
            without.setattr(optimum, "has_rule", lambda problem: False)
            by_program = mo.exact_optimum(problem, binary=binary)
        assert solution.objective == by_program.objective
        found += isinstance(solution.mechanism, rules.Blocks)
    assert found >= 7 / 8 * len(drawn(40))


def test_many_types_have_an_exact_optimum():
    types = grid(2_000)
    solution = mo.exact_optimum(mo.ex_ante_efficiency(mo.BilateralTrade(types, types)))
    float_solution = mo.solve(mo.ex_ante_efficiency(mo.BilateralTrade(types, types)))
    assert solution.doubt_about(float_solution) is None
    assert abs(float(solution.objective) - float_solution.objective) < 1e-14
    with pytest.raises(TooLargeError):
        solution.verify()


def test_a_rule_whose_value_is_not_its_bound_is_not_returned(monkeypatch):
    monkeypatch.setattr(rules.Answer, "value", lambda answer: Fraction(1))
    problem = mo.ex_ante_efficiency(uniform_trade(4))
    assert rules.rule_optimum(problem) is None
    assert not isinstance(mo.exact_optimum(problem).mechanism, rules.Blocks)
