"""The usual problems take requirements as keywords, and bilateral trade a joint prior."""

from __future__ import annotations

from fractions import Fraction

import pytest

import mechopt as mo
from mechopt.cli.main import main
from mechopt.errors import InvalidInputError

TYPES = mo.TypeSpace.finite([1, 2, 3])
TRADE = mo.BilateralTrade(TYPES, TYPES)
OF_AGENTS = {
    "incentives": {"seller": "none", "buyer": "dominant"},
    "participation": ["interim", "ex-post"],
    "requirements": [mo.PaymentLimit(2)],
}
ALL = {**OF_AGENTS, "budget": "no-deficit", "budget_holds": "ex-post"}


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        (
            mo.ex_ante_efficiency(TRADE, (1, 2), **ALL),
            mo.DesignProblem(TRADE, mo.Welfare((1, 2)), **ALL),
        ),
        (
            mo.ex_post_efficiency(TRADE, **ALL),
            mo.DesignProblem(TRADE, mo.Welfare(), "efficient", **ALL),
        ),
        (
            mo.minimum_subsidy(TRADE, **OF_AGENTS),
            mo.DesignProblem(TRADE, mo.Subsidy(), "efficient", budget="subsidised", **OF_AGENTS),
        ),
    ],
    ids=["ex ante efficiency", "ex post efficiency", "minimum subsidy"],
)
def test_requirements_are_those_of_the_problem(problem, expected):
    assert problem == expected
    others = mo.DesignProblem(
        TRADE, expected.objective, expected.allocation, budget=expected.budget
    )
    assert problem != others


@pytest.mark.parametrize(
    ("objective", "remedy"),
    [
        (mo.Revenue(), 'budget="no-deficit", as largest_revenue'),
        (Fraction(1, 3) * mo.Revenue(), 'budget="no-deficit", as largest_revenue'),
        (mo.Subsidy(), 'budget="subsidised", as minimum_subsidy'),
    ],
)
def test_profit_is_no_objective_where_the_budget_leaves_none(objective, remedy):
    with pytest.raises(InvalidInputError, match=f"^budget: with a balanced budget .*{remedy}"):
        mo.DesignProblem(TRADE, objective)
    assert mo.DesignProblem(TRADE, objective, budget="no-deficit").objective == objective
    assert mo.DesignProblem(TRADE, objective + mo.Welfare()).budget == "balanced"


def test_files_may_not_ask_for_revenue_of_a_balanced_budget_either(tmp_path, capsys):
    file = tmp_path / "revenue.toml"
    text = (
        'environment.kind = "bilateral-trade"\nenvironment.seller.types = [0, 1]\n'
        'environment.buyer.types = [0, 1]\nproblem.objective = "revenue"\n'
    )
    file.write_text(text, encoding="utf-8")
    assert mo.load_instance(file).problem.budget == "no-deficit"
    file.write_text(f'{text}problem.budget = "balanced"\n', encoding="utf-8")
    assert main(["solve", str(file)]) == 2
    assert "problem.budget: with a balanced budget the revenue is zero" in capsys.readouterr().err


def test_profit_is_no_objective_without_payments_either(tmp_path, capsys):
    none = {"budget": "no-deficit", "requirements": [mo.PaymentLimit(0)]}
    with pytest.raises(InvalidInputError, match=r"^requirements: without payments the revenue is"):
        mo.DesignProblem(TRADE, mo.Revenue(), **none)
    assert mo.DesignProblem(TRADE, mo.Revenue() + mo.Welfare(), **none).payment_limit == 0.0
    # What is left of a cost that nobody pays is not zero.
    bridge = mo.PublicGood([mo.TypeSpace.finite([0, 1])] * 2, cost=1)
    assert mo.DesignProblem(bridge, mo.Revenue(), **none).payment_limit == 0.0
    file = tmp_path / "revenue.toml"
    file.write_text(
        'environment.kind = "bilateral-trade"\nenvironment.seller.types = [0, 1]\n'
        'environment.buyer.types = [0, 1]\nproblem.objective = "revenue"\n'
        "problem.transfers = false\n",
        encoding="utf-8",
    )
    assert main(["solve", str(file)]) == 2
    assert "problem.transfers: without payments the revenue is zero" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("pose", "stated", "where", "expected"),
    [
        (mo.ex_ante_efficiency, {"incentive": "dominant"}, "incentive", "budget, budget_holds"),
        (mo.ex_ante_efficiency, {"allocation": "efficient"}, "allocation", "only budget"),
        (mo.ex_post_efficiency, {"incentives": "always"}, "incentives", '"dominant"'),
        (mo.minimum_subsidy, {"budget": "balanced"}, "budget", "only incentives, participation"),
    ],
)
def test_other_keywords_and_words_are_refused(pose, stated, where, expected):
    with pytest.raises(InvalidInputError, match=f"^{where}: .*{expected}"):
        pose(TRADE, **stated)


def test_trade_with_a_joint_prior():
    prior = mo.Joint([["1/3", 0, 0], [0, "1/3", 0], [0, 0, "1/3"]])
    trade = mo.BilateralTrade(TYPES, TYPES, prior=prior)
    assert trade == mo.Environment(TRADE.agents, TRADE.outcomes, prior)
    assert trade.first_best == 0.0 < TRADE.first_best
    with pytest.raises(InvalidInputError, match="marginals"):
        mo.BilateralTrade(TYPES, mo.TypeSpace.finite([1, 2, 3], [0.5, 0.25, 0.25]), prior=prior)


def test_a_probability_may_be_a_text():
    half = mo.EventProbability("trade", at_least="1/3", at_most="0.35")
    assert half == mo.EventProbability("trade", at_least=Fraction(1, 3), at_most=Fraction(7, 20))
    with pytest.raises(InvalidInputError, match="'often' and None"):
        mo.EventProbability("trade", at_least="often")


def test_a_limit_on_payments_is_noted_where_none_is_required():
    always = {"incentives": "dominant", "participation": "ex-post"}
    note = "payments in no profile exceed 200, the limit where none is required"
    assert note in mo.solve(mo.ex_ante_efficiency(TRADE, **always)).provenance.notes
    limited = mo.ex_ante_efficiency(TRADE, **always, requirements=[mo.PaymentLimit(3)])
    assert not any("exceed" in each for each in mo.solve(limited).provenance.notes)
    assert "payments at most 3" in mo.summary(mo.solve(limited))


def test_reports_say_what_the_designer_keeps_or_pays():
    profit = mo.solve(mo.DesignProblem(TRADE, mo.Revenue(), budget="no-deficit"))
    lines = [line.split() for line in mo.summary(profit).splitlines()]
    assert ["the", "designer", "keeps", "0.222222"] in [line[:4] for line in lines]
    six = mo.TypeSpace.finite([1, 2, 3, 4, 5, 6])
    surplus = mo.Welfare() + 1.5 * mo.Revenue()
    required = {"allocation": "efficient", "budget": "subsidised"}
    paid = mo.solve(mo.DesignProblem(mo.BilateralTrade(six, six), surplus, **required))
    lines = [line.split() for line in mo.summary(paid).splitlines()]
    assert ["the", "designer", "pays", "0.138889"] in [line[:4] for line in lines]
    assert "designer" not in mo.summary(mo.solve(mo.ex_ante_efficiency(TRADE)))


def test_a_joint_prior_has_no_frontier():
    prior = mo.Joint([["1/3", 0, 0], [0, "1/3", 0], [0, 0, "1/3"]])
    with pytest.raises(InvalidInputError, match="no frontier under a joint prior"):
        mo.frontier(mo.BilateralTrade(TYPES, TYPES, prior=prior))


def test_exact_solutions_are_shown_in_one_line():
    assert repr(mo.exact_optimum(mo.ex_ante_efficiency(TRADE))) == (
        "ExactSolution(optimal, objective 4/9)"
    )
