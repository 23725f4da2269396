"""Partnerships: shares, dissolution, trade as a partnership, every program, files."""

from __future__ import annotations

import json
import re
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

import mechopt as mo
from mechopt.cli.main import main
from mechopt.environments import OwnShare, SharedGoods
from mechopt.literature.cramton1987.dissolution import dissolution
from mechopt.testing import check_outcomes
from tests.draws import drawn

SIX = mo.TypeSpace.finite([1, 2, 3, 4, 5, 6])


def certified(problem, backend=None):
    solution = mo.solve(problem, backend)
    assert mo.audit(problem, solution).passed, str(mo.audit(problem, solution))
    return solution


def random_types(rng, most=5):
    size = int(rng.integers(2, most + 1))
    types = np.sort(rng.choice(np.arange(0, 40), size, replace=False)) / 10
    return mo.TypeSpace.finite(types, rng.dirichlet(np.full(size, 0.7)))


@pytest.mark.parametrize("units", [1, 2])
def test_outcomes_are_what_they_declare(units):
    check_outcomes(SharedGoods(3, units), draws=8)
    shares = ["1/2", "1/3", "1/6"] if units == 1 else [1, 0.75, 0.25]
    check_outcomes(mo.Partnership(SIX, shares, units), draws=2)


# Shares of uniform partners, slack.
UNIFORM = {
    "equal-2": ([0.5, 0.5], 1 / 12),
    "knife-edge-2": ([0.7886751345948129, 0.21132486540518713], 0.0),
    "owner-3": ([1, 0, 0], -1 / 6),
    "equal-5": ([0.2] * 5, 0.131674423),
    "equal-20": ([0.05] * 20, 0.0933369829),
}


@pytest.mark.parametrize("name", UNIFORM)
def test_uniform_partners_part_or_not(name):
    shares, slack = UNIFORM[name]
    types = mo.TypeSpace.from_distribution(stats.uniform(0, 1), 2)
    check = mo.check_ex_post_efficiency(mo.Partnership(types, shares))
    assert check.slack == pytest.approx(slack, abs=1e-9)
    assert check.implementable is (slack >= 0)
    assert check.slack_bounds[0] <= slack <= check.slack_bounds[1]
    assert check.certificate.verified is (name != "knife-edge-2")
    assert check.first_best == pytest.approx(len(shares) / (len(shares) + 1), abs=1e-9)


def test_units_and_unlike_partners_of_continua_are_those_of_fine_cells():
    laws, shares = (stats.uniform(0, 1), stats.beta(2, 1), stats.uniform(0.2, 0.8)), [1, 0.6, 0.4]
    cells = [mo.TypeSpace.from_distribution(law, 2) for law in laws]
    found = dissolution(mo.Partnership(cells, shares, units=2))
    fine = [mo.TypeSpace.from_distribution(law, 24) for law in laws]
    program = mo.solve(mo.minimum_subsidy(mo.Partnership(fine, shares, units=2)))
    assert found.slack == pytest.approx(-program.objective, abs=3e-3)
    assert found.error < 1e-7


def mixed(*parts, size=2):
    """Return cells of a mixture of uniform laws (low, high, weight) and atoms (type, weight)."""
    laws = [
        stats.uniform(part[0], part[1] - part[0]) if len(part) == 3 else mo.priors.finite([part[0]])
        for part in parts
    ]
    weights = [part[-1] for part in parts]
    return mo.TypeSpace.from_distribution(mo.priors.mixture(laws, weights), size)


def points_of(*parts, number):
    """Return finite types that come close to the same mixture, so many to a unit of money."""
    types, masses = [], []
    for part in parts:
        size = round(number * (part[1] - part[0])) if len(part) == 3 else 1
        width = part[1] - part[0] if len(part) == 3 else 0.0
        types.append(part[0] + width * (np.arange(size) + 0.5) / size + 1e-7 * len(types))
        masses.append(np.full(size, part[-1] / size))
    values, mass = np.concatenate(types), np.concatenate(masses)
    order = np.argsort(values)
    return mo.TypeSpace.finite(values[order], mass[order] / mass.sum())


TWO_HUMPS, HUMP = ((0, 1, 0.5), (2, 3, 0.5)), ((1, 2, 1.0),)
ATOM, APART, LOW = ((0, 1, 0.7), (0.5, 0.3)), ((0, 1, 0.5), (1.5, 0.5)), ((0.25, 0.3), (1, 2, 0.7))
MIXED = {
    "an atom in the middle": ((ATOM, ATOM), [0.5, 0.5], 1, 0.7**2 / 12.0),
    "a gap that the other fills": ((TWO_HUMPS, HUMP), [0.75, 0.25], 1, 0.125),
    "atoms apart, and gaps": ((APART, LOW), [0.6, 0.4], 1, 0.19),
    "the same atom beside gaps": ((APART, APART), [0.5, 0.5], 1, None),
    "three, two units": ((TWO_HUMPS, HUMP, LOW), [0.8, 0.7, 0.5], 2, None),
}


@pytest.mark.parametrize("name", MIXED)
def test_atoms_and_gaps_are_those_of_many_finite_types(name):
    """Finite types are the better off for having few to imitate, by the distance between them."""
    laws, shares, units, known = MIXED[name]
    found = dissolution(mo.Partnership([mixed(*law) for law in laws], shares, units))
    if known is not None:
        assert found.slack == pytest.approx(known, abs=1e-8)
    excess = []
    for number in (50, 200):
        points = [points_of(*law, number=number) for law in laws]
        check = mo.check_ex_post_efficiency(mo.Partnership(points, shares, units))
        excess.append(check.slack - found.slack)
    assert 0.0 < excess[1] < excess[0] / 2.5, excess


def test_a_partner_may_have_finite_types_beside_a_continuum():
    few = mo.TypeSpace.finite([0.25, 0.75], [0.5, 0.5])
    uniform = mo.TypeSpace.from_distribution(stats.uniform(0, 1), 2)
    found = mo.check_ex_post_efficiency(mo.Partnership([few, uniform], [0.5, 0.5]))
    points = points_of((0, 1, 1.0), number=800)
    close = mo.check_ex_post_efficiency(mo.Partnership([few, points], [0.5, 0.5]))
    assert found.slack == pytest.approx(close.slack, abs=2e-3)
    assert found.implementable is close.implementable


def test_ties_that_decide_are_named():
    """One partner's atom is the other's, beside a gap across which its share is crossed."""
    first, second = mixed((1.0, 0.5), (2, 3, 0.5)), mixed((0, 1, 0.5), (1.0, 0.5))
    with pytest.raises(mo.errors.UnsupportedProblemError, match=r"partner_1 and partner_2: atoms"):
        mo.check_ex_post_efficiency(mo.Partnership([first, second], [0.5, 0.5]))


def test_a_continuum_below_zero_is_left_to_finite_types():
    cells = mo.TypeSpace.from_distribution(stats.uniform(-1, 1), 2)
    with pytest.raises(mo.errors.UnsupportedProblemError, match="of at least zero"):
        mo.check_ex_post_efficiency(mo.Partnership(cells, [1, 0]))


@pytest.mark.parametrize("seed", range(12))
def test_an_owner_and_a_buyer_trade(seed):
    rng = np.random.default_rng([seed, 7])
    owner, buyer = random_types(rng), random_types(rng)
    trade = mo.BilateralTrade(owner, buyer)
    partners = mo.Partnership([owner, buyer], [1, 0])
    kept = float(owner.mass @ owner.mean)
    second_best = mo.solve(mo.ex_ante_efficiency(trade)).objective + kept
    assert certified(mo.ex_ante_efficiency(partners)).objective == pytest.approx(
        second_best, abs=1e-9
    )
    profit = [
        certified(mo.DesignProblem(each, mo.Revenue(), budget="subsidised")).objective
        for each in (trade, partners)
    ]
    assert profit[0] == pytest.approx(profit[1], abs=1e-9)


@pytest.mark.parametrize("seed", drawn(30, 5))
def test_every_backend_agrees_on_irregular_partners(seed):
    rng = np.random.default_rng([seed, 3])
    number = int(rng.integers(2, 4))
    spaces = [random_types(rng, 4) for _ in range(number)]
    parts = rng.multinomial(12, rng.dirichlet(np.ones(number))).tolist()
    partners = mo.Partnership(spaces, [Fraction(part, 12) for part in parts])
    problem = (
        mo.ex_ante_efficiency(partners),
        mo.minimum_subsidy(partners),
        mo.DesignProblem(partners, mo.Revenue(), budget="subsidised"),
    )[seed % 3]
    found = {name: certified(problem, name).objective for name in ("highs", "cvxpy", "pyomo")}
    for name in ("cvxpy", "pyomo"):
        assert found[name] == pytest.approx(found["highs"], abs=2e-7), name
    if number == 2:
        # Floats of the probabilities are decimals, whose sum is 1 up to rounding only.
        assert np.isfinite(certified(problem).bound)


def test_revenue_of_a_broker_tends_to_five_forty_eighths():
    errors = []
    for size in (20, 40):
        types = mo.TypeSpace.from_distribution(stats.uniform(0, 1), size)
        partners = mo.Partnership(types, [0.5, 0.5])
        problem = mo.DesignProblem(partners, mo.Revenue(), budget="subsidised")
        errors.append(5 / 48 - certified(problem).objective)
    # The error falls with the square of the number of cells.
    assert 0 < errors[1] < 2e-4
    assert errors[0] / errors[1] == pytest.approx(4.0, rel=0.05)


@pytest.mark.parametrize("backend", ["direct", "highs"])
def test_partners_of_whom_nobody_gains_pass_their_audits(backend):
    """Shares of one price sum to it up to rounding, which is no violation; a thousandth is."""
    sole = [mo.TypeSpace.finite([5.1, 6.3]), mo.TypeSpace.finite([0.1, 3.7])]
    for spaces, shares in (
        ([mo.TypeSpace.finite([0])] * 3, ["1/3"] * 3),
        ([mo.TypeSpace.finite([0.1])] * 3, ["1/3"] * 3),
        ([mo.TypeSpace.finite(["1/3"])] * 2, ["1/7", "6/7"]),
        (sole, [1, 0]),
    ):
        partners = mo.Partnership(spaces, shares)
        for problem in (
            mo.ex_ante_efficiency(partners),
            mo.largest_revenue(partners),
            mo.minimum_subsidy(partners),
            mo.ex_post_efficiency(partners),
        ):
            solution = certified(problem, backend)
            mechanism = solution.mechanism
            paid = [own + 1e-3 * (i == 0) for i, own in enumerate(mechanism.payment)]
            spoilt = mo.Mechanism(partners, mechanism.allocation, tuple(paid))
            assert not mo.audit(problem, spoilt).passed


def test_exact_slack_of_thirds():
    partners = mo.Partnership(SIX, ["1/3", "2/3"])
    least = mo.exact_optimum(mo.minimum_subsidy(partners)).objective
    found = certified(mo.minimum_subsidy(partners)).objective
    assert found == pytest.approx(float(least), abs=1e-12)
    check = mo.check_ex_post_efficiency(partners)
    assert check.implementable is (least <= 0)
    assert check.certificate.verified


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        ([0.5, 0.6], "shares: shares that do not sum to what there is"),
        (["1/3", "1/3"], "shares: shares that do not sum to what there is"),
        ([0.5, -0.5], r"shares\[1\]: not a share of one unit"),
        ([1.5, -0.5], r"shares\[0\]: not a share of one unit"),
        (["half", 0.5], r"shares\[0\]: not a share of one unit"),
        ([], "count: not a number of agents or units"),
    ],
)
def test_shares_that_cannot_be(shares, message):
    with pytest.raises(mo.InvalidInputError, match=message):
        mo.Partnership(SIX, shares)
    with pytest.raises(mo.InvalidInputError, match="not one share per partner"):
        mo.Partnership([SIX, SIX], [1])


def test_a_share_keeps_its_fraction():
    option = OwnShare(Fraction(1, 3))
    assert option.in_fractions(np.array([Fraction(3)], dtype=object)).tolist() == [Fraction(1)]
    assert option.scaled(7.0) is option


@pytest.mark.parametrize("count", [1, 3])
def test_chances_of_rare_types_are_not_differences_of_sums(count):
    rare = mo.TypeSpace.finite([2, 7, 17], [1e-9, 1 - 2e-9, 1e-9])
    spaces = [mo.TypeSpace.finite([10, 12, 19]), *[rare] * count]
    shares = [Fraction(1, 3), *[Fraction(2, 3 * count)] * count]
    solution = certified(mo.ex_ante_efficiency(mo.Partnership(spaces, shares)), "direct")
    outcomes = solution.mechanism.allocation.dense(solution.problem.environment)
    for i, quantity in enumerate(solution.mechanism.quantity):
        averages = solution.problem.environment.interim_quantity(i, outcomes)
        np.testing.assert_allclose(quantity, averages, atol=1e-13)


def test_what_partners_have_anyway_is_told_from_what_they_gain(tmp_path, capsys):
    """One owner and one other, both uniform: a trade that wins 1/6 beside the owner's half."""
    file = tmp_path / "two.toml"
    partners = [f"uniform; share={share}; name={name}" for share, name in ((1, "a"), (0, "b"))]
    given = [part for partner in partners for part in ("--partners", partner)]
    assert main(["new", str(file), "--kind", "partnership", *given, "--cells", "100"]) == 0
    capsys.readouterr()
    assert main(["solve", str(file), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["outside"] == pytest.approx(0.5)
    gains = record["first_best"] - record["outside"]
    assert (record["first_best"] - record["objective"]) / gains == pytest.approx(0.1563, abs=2e-4)
    assert main(["solve", str(file)]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "15.63 % of what it is above the outside" in text
    assert "more than by staying out" in text
    assert "all gains from trade" not in text
    assert main(["check", str(file)]) == 0
    assert "100.00 % of what it is above the outside" in " ".join(capsys.readouterr().out.split())


def test_nothing_lost_over_cells_is_not_said_of_the_continuum():
    types = mo.TypeSpace.from_distribution(stats.uniform(0, 1), 20)
    apart = mo.Partnership(types, [0.21, 0.79])
    solution = mo.solve(mo.ex_ante_efficiency(apart))
    assert solution.objective == pytest.approx(apart.first_best, rel=1e-12)
    assert not mo.check_ex_post_efficiency(apart).implementable
    assert "nothing is lost over these cells" in mo.summary(solution)
    even = mo.Partnership(mo.TypeSpace.finite([0, 1]), [0.5, 0.5])
    assert "over these cells" not in mo.summary(mo.solve(mo.ex_ante_efficiency(even)))


def test_the_table_says_which_command_decides_whether_partners_can_part(tmp_path, capsys):
    file = tmp_path / "three.toml"
    file.write_text(
        'environment = { kind = "partnership", partners = [{ count = 3, share = "1/3", '
        'distribution = "uniform", cells = 4 }] }\n'
        'problem.objective = "ex-ante-efficiency"\n'
    )
    assert main(["compare", str(file)]) == 0
    said = re.search(r"is what mechopt (\w+) says", capsys.readouterr().out)
    assert main([said[1], str(file)]) == 0
    assert "ex post efficiency IS possible without outside money" in capsys.readouterr().out
