"""Kinds over continuous priors: what efficiency leaves, brackets of optima, their orders."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from itertools import pairwise, product

import numpy as np
import pytest
from scipy import stats

import mechopt as mo
from mechopt.cli.main import main
from mechopt.environments import Procurement, Screening
from mechopt.literature.efficient_continuum import efficient_continuum
from mechopt.studies.continuum import has_continuum, why_no_bracket
from tests.draws import THOROUGH, crossed, drawn, some

QUADRATIC = {"form": "quadratic"}


def cells(law=None, size=2):
    return mo.TypeSpace.from_distribution(law or stats.uniform(0, 1), size)


U = cells()
# Slacks of uniform priors: Gresik and Satterthwaite's formula, integrals over two and more values.
SLACKS = {
    **{
        f"market {m} x {n}": (mo.Market(U, U, m, n), -m * n / ((m + n) * (m + n + 1)))
        for m, n in ((1, 1), (2, 1), (3, 3), (2, 5), (8, 8), *([(20, 20)] if THOROUGH else []))
    },
    **{
        f"{n} consumers at {cost:g}": (mo.PublicGood(U, cost, count=n), -subsidy)
        for n, cost, subsidy in (
            (2, 1.0, 1 / 6),
            (2, 0.5, 0.270833333333),
            (3, 0.75, 0.565429688),
            (4, 1.0, 0.858333333333),
            (6, 3.0, 0.930952381),
        )
    },
    # Nobody loses by a project, so that nobody need be kept out.
    "excludable": (mo.PublicGood(U, 0.75, excludable=True, count=3), -0.565429688),
    "a gift": (mo.PublicGood(cells(stats.uniform(1, 1)), 2, count=2), 0.0),
    "too dear": (mo.PublicGood(U, 3, count=2), 0.0),
    "one of no use": (
        mo.PublicGood([U, cells(stats.uniform(-2, 1))], 0.5, excludable=True),
        0.0,
    ),
    "sure trade": (mo.Market(U, cells(stats.uniform(1, 1)), 2, 2), 0.0),
    "no trade": (mo.Market(cells(stats.uniform(1, 1)), U, 2, 2), 0.0),
    "second price of 3": (mo.Auction(U, count=3), 0.5),
    "as many goods as bidders": (mo.Auction(U, count=2, units=2), 0.0),
    "quality": (Screening([U, U], QUADRATIC), 0.0),
    "quality to those of at least 1": (Screening(cells(stats.uniform(1, 1)), QUADRATIC), 0.5),
    "a supplier": (Procurement(cells(stats.uniform(0, 0.5)), QUADRATIC), 0.125),
    # What the two bring together, less what each adds: E max(...) over the lower cost.
    "two suppliers": (Procurement(U, QUADRATIC, count=2), 1 / 12),
}


@pytest.mark.parametrize("name", some(list(SLACKS), 2))
def test_slack_of_the_continuum(name):
    environment, slack = SLACKS[name]
    found = efficient_continuum(environment)
    assert found.slack.lower - 1e-9 <= slack <= found.slack.upper + 1e-9
    assert found.slack.value == pytest.approx(slack, abs=2e-7)
    assert found.slack.upper - found.slack.lower < 1e-3
    assert found.first_best.lower <= found.first_best.value <= found.first_best.upper
    check = mo.check_ex_post_efficiency(environment)
    assert check.implementable == (slack >= 0.0)
    assert check.least_subsidy == pytest.approx(max(-slack, 0.0), abs=2e-7)
    assert check.certificate.verified
    assert check.certificate.kind == "integral"
    if name == "market 3 x 3":
        required = {"incentives": "dominant", "participation": "ex-post"}
        dominant = mo.ex_post_efficiency(environment, **required)
        assert mo.check_ex_post_efficiency(dominant).slack == check.slack


@pytest.mark.parametrize("seed", drawn(6, 6))
def test_slack_of_the_continuum_is_the_sum_of_virtual_values(seed):
    """By definition, in profiles that are drawn: gains less rents of the efficient rule."""
    generator = np.random.default_rng(seed)
    laws = [stats.beta(*generator.uniform(1, 3, 2)) for _ in range(3)]
    cost = float(generator.uniform(0.5, 2))
    spaces = [cells(law) for law in laws]
    first, second, third = (law.rvs(20_000, random_state=generator) for law in laws)
    types = first, second, third
    values = [own - law.sf(own) / law.pdf(own) for own, law in zip(types, laws, strict=True)]
    supplied = third + laws[2].cdf(third) / laws[2].pdf(third)
    bought = np.where(first > second, values[0], values[1])
    pairs = {
        "good": (
            mo.PublicGood(spaces, cost),
            np.where(sum(types) > cost, sum(values) - cost, 0.0),
        ),
        "market": (
            mo.Market([spaces[2]], spaces[:2]),
            np.where(np.maximum(first, second) > third, bought - supplied, 0.0),
        ),
    }
    for environment, paid in pairs.values():
        slack = efficient_continuum(environment).slack
        error = 4 * float(paid.std()) / len(paid) ** 0.5
        assert slack.value == pytest.approx(float(paid.mean()), abs=error)


TWO_PARTS = mo.priors.histogram([0, 1, 2, 3], [1, 0, 1])


@pytest.mark.parametrize("side", ["seller", "buyer", "both"])
def test_slack_across_gaps_is_that_of_bilateral_trade(side):
    """Integrals over two laws themselves, by other code, where nobody is in the gap to be paid."""
    costs, values = stats.uniform(0.5, 1.7), stats.uniform(0.3, 2.4)
    costs = TWO_PARTS if side != "buyer" else costs
    values = TWO_PARTS if side != "seller" else values
    trade = mo.check_ex_post_efficiency(mo.BilateralTrade(cells(costs), cells(values)))
    found = mo.check_ex_post_efficiency(mo.Market(cells(costs), cells(values)))
    low, high = found.slack_bounds
    assert low - 1e-12 <= trade.slack <= high + 1e-12
    assert found.slack == pytest.approx(trade.slack, abs=2e-4)


def test_slack_across_gaps_by_hand():
    """Types below 1 and above 2: quality t brings t²/2, and 1/2 (2 - 1/2 - 1) across the gap."""
    assert efficient_continuum(Screening(cells(TWO_PARTS), QUADRATIC)).slack.value == (
        pytest.approx(0.25, abs=1e-9)
    )
    good = mo.PublicGood(cells(TWO_PARTS), "3/2", count=2)
    found = mo.check_ex_post_efficiency(good)
    assert found.least_subsidy == pytest.approx(-found.slack)
    assert not found.implementable
    program = mo.solve(mo.minimum_subsidy(mo.PublicGood(cells(TWO_PARTS, 301), "3/2", count=2)))
    assert found.least_subsidy == pytest.approx(program.objective, abs=2e-3)


def test_bounds_hold_whatever_the_cells(monkeypatch):
    """Bounds of few cells hold those of many, and widths fall by four as cells double."""
    from mechopt.literature import efficient_continuum as module

    for environment in (mo.Market(U, cells(stats.beta(2, 3)), 2, 3), mo.Auction(U, count=3)):
        found = []
        for size in (25, 50, 100, 200):
            monkeypatch.setattr(module, "SIZES", (size,))
            found.append(efficient_continuum(environment).slack)
        for coarse, fine in pairwise(found):
            assert coarse.lower <= fine.lower <= fine.upper <= coarse.upper
            widths = coarse.upper - coarse.lower, fine.upper - fine.lower
            assert widths[0] / widths[1] == pytest.approx(4.0, rel=0.1)


def test_what_is_not_known_of_a_continuum_is_said_in_a_line(tmp_path, capsys):
    path = tmp_path / "mixed.toml"
    path.write_text(
        'environment.kind = "auction"\n'
        'environment.bidders = [{ distribution = "uniform", cells = 4 }, { types = [0, 1] }]\n'
        'problem.objective = "revenue"\n',
        encoding="utf-8",
    )
    assert main(["check", str(path)]) == 0
    printed = capsys.readouterr()
    assert "mixed: not available: " in printed.out
    assert "bidder_2" in printed.out
    assert printed.err == ""
    assert main(["check", str(path), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["implementable"] is None
    assert record["certificate"]["verified"] is False
    with pytest.raises(mo.errors.UnsupportedProblemError, match="bidder_2"):
        mo.check_ex_post_efficiency(mo.Auction([U, mo.TypeSpace.finite([0, 1])]))


def revenue(environment):
    return mo.largest_revenue(environment)


def regulated(size):
    firm = Procurement(cells(size=size), QUADRATIC)
    objective = mo.Revenue() + mo.Welfare((0.5,))
    return mo.DesignProblem(firm, objective, budget="subsidised")


# A problem by the number of cells, its optimum over the continuum, and the order of its error.
KNOWN = {
    "three bidders": (lambda n: revenue(mo.Auction(cells(size=n), count=3)), 17 / 32, 2),
    "a reserve of 0.6": (
        lambda n: revenue(mo.Auction(cells(size=n), count=3, seller_value=0.2)),
        0.3648,
        2,
    ),
    "two of three": (lambda n: revenue(mo.Auction(cells(size=n), count=3, units=2)), 0.71875, 2),
    "efficient sale": (
        lambda n: mo.ex_ante_efficiency(mo.Auction(cells(size=n), count=3)),
        3 / 4,
        2,
    ),
    "a menu": (lambda n: revenue(Screening(cells(size=n), QUADRATIC)), 1 / 12, 2),
    "a monopolist": (regulated, 1 / 9, 2),
    "two consumers": (
        lambda n: mo.ex_ante_efficiency(mo.PublicGood(cells(size=n), 1, count=2)),
        9 / 64,
        2,
    ),
    "three consumers": (
        lambda n: mo.ex_ante_efficiency(mo.PublicGood(cells(size=n), 0.75, count=3)),
        0.606336509,
        None,
    ),
    "six consumers": (
        lambda n: mo.ex_ante_efficiency(mo.PublicGood(cells(size=n), 3, count=6)),
        0.058869211415,
        None,
    ),
    "two partners": (lambda n: revenue(mo.Partnership(cells(size=n), ["1/2", "1/2"])), 5 / 48, 2),
    "one owner of three": (
        lambda n: mo.ex_ante_efficiency(mo.Partnership(cells(size=n), [1, 0, 0])),
        0.7273703056264386,
        None,
    ),
    "three against three": (
        lambda n: mo.ex_ante_efficiency(mo.Market(cells(size=n), cells(size=n), 3, 3)),
        0.625686032,
        None,
    ),
    "two suppliers": (
        lambda n: revenue(Procurement(cells(size=n), QUADRATIC, count=2)),
        7 / 48,
        2,
    ),
}


# Others of their kind are there each day.
RARELY = {"a reserve of 0.6", "efficient sale", "three consumers", "six consumers"}


@pytest.mark.parametrize("name", [name for name in KNOWN if THOROUGH or name not in RARELY])
def test_bracket_of_the_continuum_and_order_of_refinement(name):
    stated, optimum, order = KNOWN[name]
    sizes = (40, 80, 160)
    problems = [stated(size) for size in sizes]
    solutions = [mo.solve(problem) for problem in problems]
    errors = [optimum - solution.objective for solution in solutions]
    assert all(error > -1e-9 for error in errors)
    found = mo.bracket_continuum(solutions[-1])
    assert has_continuum(problems[-1])
    assert found.lower <= optimum + 1e-9
    assert optimum <= found.upper + 1e-9
    assert found.lower <= found.estimate <= found.upper
    if order is None:
        # How cells meet the rule's frontier moves the error: an order of 2 on average.
        assert errors[0] / errors[-1] > 2 ** (1.4 * math.log2(sizes[-1] / sizes[0]))
        return
    for coarse, fine in pairwise(errors):
        assert coarse / fine == pytest.approx(2.0**order, rel=0.05)
    assert found.estimate == pytest.approx(optimum, abs=0.1 * errors[-1])


def test_brackets_of_many_bidders():
    crowd = mo.Auction(cells(size=100), count=100, units=50)
    found = mo.bracket_continuum(mo.solve(revenue(crowd)))
    assert found.lower <= 24.8762376 <= found.upper
    assert found.estimate == pytest.approx(24.8762376, abs=5e-4)


def test_irregular_priors_are_bracketed_and_said_to_be():
    law = stats.beta(0.4, 0.4)
    solution = mo.solve(revenue(mo.Auction(cells(law, 200), count=2)))
    found = mo.bracket_continuum(solution)
    finer = mo.solve(revenue(mo.Auction(cells(law, 3_000), count=2)))
    assert found.lower <= finer.objective <= found.upper
    assert "irregular" in found.assumptions[0]


@pytest.mark.parametrize("seed", drawn(12, 6))
def test_partners_of_any_shares_and_priors_are_bracketed(seed):
    """Fine cells lie within the bracket of coarse ones, and beyond one of half its width."""
    rng = np.random.default_rng([seed, 21])
    number = 2 + seed % 2
    laws = [stats.beta(*rng.uniform(1, 3, 2)) for _ in range(number)]
    shares = rng.multinomial(12, rng.dirichlet(np.ones(number))) / 12

    def stated(size):
        partners = mo.Partnership([cells(law, size) for law in laws], shares.tolist())
        return revenue(partners) if seed % 2 else mo.ex_ante_efficiency(partners)

    found = mo.bracket_continuum(mo.solve(stated(60)))
    finer = mo.solve(stated(400)).objective
    assert found.lower < finer <= found.upper
    assert found.relative_width < 3e-3


U_AND_MORE = {
    "gap": ([0, 1, 2, 3], [1, 0, 1], None),
    "atom": ([0, 1], [1], ("1/2", "1/4")),
    "gap and atom": ([0, 1], [1], (2, "1/2")),
}
WITHIN = {
    "auction": lambda types: revenue(mo.Auction(types, count=2)),
    "good": lambda types: mo.ex_ante_efficiency(mo.PublicGood(types, "3/2", count=2)),
    "market": lambda types: mo.ex_ante_efficiency(mo.Market(types, types, 2, 2)),
    "menu": lambda types: revenue(Screening(types, QUADRATIC)),
    "partners": lambda types: revenue(mo.Partnership(types, ["1/2", "1/2"])),
}


@pytest.mark.parametrize(("name", "kind"), crossed(list(U_AND_MORE), list(WITHIN)))
def test_gaps_and_atoms_are_bracketed(name, kind):
    edges, weights, point = U_AND_MORE[name]
    law = mo.priors.histogram(edges, weights)
    if point is not None:
        rest = str(1 - Fraction(point[1]))
        law = mo.priors.mixture([law, mo.priors.finite([point[0]])], [rest, point[1]])
    found = mo.bracket_continuum(mo.solve(WITHIN[kind](cells(law, 60))))
    finer = mo.solve(WITHIN[kind](cells(law, 400))).objective
    assert found.lower <= finer + 1e-12
    assert finer <= found.upper + 1e-12
    assert found.relative_width < 2e-3


def test_no_bracket_has_a_reason():
    market = mo.Market(U, U, 2, 2)
    dear = mo.DesignProblem(market, mo.LeastUtility(), budget="no-deficit")
    own = mo.Agent("own", U, mo.environments.ScaledOption(mo.environments.OwnShare(0.5), 0.5))
    odd = mo.Environment((own, *market.agents[1:]), market.outcomes)
    reasons = {
        "the rule is efficient cell by cell": mo.minimum_subsidy(market),
        "solves this problem: it takes welfare": dear,
        "which type is worst off hangs on": mo.ex_ante_efficiency(odd),
    }
    for reason, problem in reasons.items():
        assert reason in why_no_bracket(problem)
        assert not has_continuum(problem)
    page = mo.summary(mo.solve(mo.minimum_subsidy(market)))
    assert "not available" in page
    with pytest.raises(mo.InvalidInputError, match="no bracket of the continuum is available"):
        mo.bracket_continuum(mo.solve(mo.minimum_subsidy(market)))
    with pytest.raises(mo.InvalidInputError, match="got finite types"):
        mo.bracket_continuum(mo.solve(revenue(mo.Auction(mo.TypeSpace.finite([1, 2])))))
    goods = mo.Goods([[1, 0], [0, 2], [3, 3]])
    assert "finite types" in " ".join(mo.summary(mo.solve(revenue(goods))).split())


def test_a_width_can_be_asked_for_of_revenue(tmp_path, capsys):
    path = tmp_path / "auto.toml"
    path.write_text(
        'environment.kind = "auction"\n'
        'environment.bidders = [{ distribution = "uniform", cells = "auto", count = 5 }]\n'
        'problem.objective = "revenue"\n'
        "problem.relative_width = 1e-4\n",
        encoding="utf-8",
    )
    assert main(["solve", str(path), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    low, high = (record["continuum"][end] for end in ("lower", "upper"))
    exact = 10 / 6 * (1 - 2.0**-6) - (1 - 2.0**-5)
    assert low <= exact <= high <= low * (1 + 1.1e-4)


@pytest.mark.parametrize(("kind", "further"), [("screening", 3), ("procurement", 5)])
def test_usual_mechanisms_beside_the_optimum(kind, further):
    """Every simple mechanism passes its audit and brings no more than the optimum."""
    finite = mo.TypeSpace.finite([1, "3/2", 2], ["1/2", "1/4", "1/4"])
    spaces = [finite, cells(stats.uniform(1, 1), 12)]
    listed = [[1, "1/2"], [2, 2]] if kind == "screening" else [[1, 3], [2, 5]]
    forms = [QUADRATIC if kind == "screening" else {"form": "sqrt", "a": 4}, listed]
    counts = [1, 2] if THOROUGH or kind == "procurement" else [1]
    for types, form, count in product(spaces, forms, counts):
        make = Screening if kind == "screening" else Procurement
        environment = make([types] * count, form)
        table = mo.compare(environment)
        assert table.passed
        best = table.row("largest profit").profit
        assert len(table.rows) >= 3 + further
        for row in table.rows[1:]:
            assert row.passed
            if row.name != "cost plus":
                assert row.profit <= best + 1e-9
            assert row.total <= table.first_best + 1e-9


def test_one_quality_and_a_fee_by_hand():
    table = mo.compare(Screening(cells(size=300), QUADRATIC))
    # One quality, or a fee t²/2 to types from t on: (1 - t) t²/2 is largest at 2/3, and 2/27.
    for name in ("one quality", "two-part tariff"):
        assert table.row(name).profit == pytest.approx(2 / 27, abs=1e-4)
    # Who pays the fee buys t: E[t²/2; t > 2/3].
    assert table.row("two-part tariff").total == pytest.approx((1 - 8 / 27) / 6, abs=1e-3)
    bids = mo.compare(Procurement(mo.TypeSpace.finite([1, 2]), [[1, 4]], count=2))
    # The lower of two bids is 1 with probability 3/4, the higher one 1 with 1/4.
    assert bids.row("second price").total == pytest.approx(4 - 1.25)
    assert bids.row("second price").profit == pytest.approx(4 - 1.75)
    assert bids.row("cost plus").profit == pytest.approx(4 - 1.25)


def test_a_capacity_that_binds_is_said():
    def page(capacity):
        buyer = Screening(cells(size=20), QUADRATIC, capacity)
        return mo.summary(mo.solve(revenue(buyer)))

    assert "binds buyer 0.7 to 1" in page(0.4)
    assert "binds" not in page(None)
