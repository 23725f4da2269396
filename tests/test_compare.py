"""The comparison of the usual mechanisms, against closed forms and against enumeration."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import mechopt as mo
from mechopt.cli.main import main
from mechopt.instances import load_instance
from mechopt.mechanism.step_rule import StepRule
from tests.draws import drawn, some

from .cases import fixed_trades

INSTANCES = Path(__file__).parents[1] / "instances"
UNIFORM = mo.TypeSpace.from_distribution(stats.uniform(0, 1), 400)
TRADES = fixed_trades() | {
    "delayed": mo.BilateralTrade(UNIFORM, UNIFORM, 2.0, 1.0),
    "delayed-the-other-way": mo.BilateralTrade(UNIFORM, UNIFORM, 1.0, 2.0),
    "impatient-seller": mo.BilateralTrade(UNIFORM, UNIFORM, float("inf"), 1.0),
    "many-cells": mo.BilateralTrade(
        mo.TypeSpace.from_distribution(stats.uniform(0, 1), 1_000),
        mo.TypeSpace.from_distribution(stats.uniform(0.3, 1), 801),
    ),
}
SELLER, BUYER = (f"{role}'s take-it-or-leave-it offer" for role in ("seller", "buyer"))


@cache
def compared(name):
    """Return the comparison of one of the trades, made once for all tests."""
    return mo.compare(TRADES[name])


@pytest.fixture(scope="module")
def uniform():
    return mo.compare(mo.BilateralTrade(UNIFORM, UNIFORM))


# Total, seller's and buyer's utility, probability of trade.
CLOSED_FORMS = {
    "first best": (1 / 6, None, None, 1 / 2),
    "second best": (9 / 64, 9 / 128, 9 / 128, 9 / 32),
    "best posted price": (1 / 8, 1 / 16, 1 / 16, 1 / 4),
    SELLER: (1 / 8, 1 / 12, 1 / 24, 1 / 4),
    BUYER: (1 / 8, 1 / 24, 1 / 12, 1 / 4),
    "random offerer": (1 / 8, 1 / 16, 1 / 16, 1 / 4),
    "halfway double auction": (9 / 64, 9 / 128, 9 / 128, 9 / 32),
    "frontier, all weight on the seller": (1 / 8, 1 / 12, 1 / 24, 1 / 4),
    "frontier, all weight on the buyer": (1 / 8, 1 / 24, 1 / 12, 1 / 4),
}


def test_rows_come_in_this_order(uniform):
    assert [row.name for row in uniform.rows] == list(CLOSED_FORMS)


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_uniform_exchange_has_its_closed_forms(name, uniform):
    total, seller, buyer, trade = CLOSED_FORMS[name]
    row = uniform.row(name)
    assert row.total == pytest.approx(total, abs=3e-6)
    assert uniform.share(row) == pytest.approx(6 * total, abs=3e-5)
    # Over cells, profiles on the diagonal do not trade: one cell's worth of probability.
    assert row.trade == pytest.approx({"seller": trade, "buyer": trade}, abs=2e-3)
    if seller is None:
        assert row.utilities is None
    else:
        assert row.utilities == pytest.approx({"seller": seller, "buyer": buyer}, abs=6e-4)
        assert sum(row.utilities.values()) == pytest.approx(row.total, abs=1e-12)


def test_posted_price_of_uniform_exchange_is_one_half(uniform):
    assert uniform.row("best posted price").price == pytest.approx(0.5, abs=1e-12)


@pytest.mark.parametrize("name", some(list(TRADES), 4))
def test_every_mechanism_passes_its_audit_and_the_bounds_hold(name):
    trade, table = TRADES[name], compared(name)
    assert table.passed
    known = [row for row in table.rows if row.total is not None]
    scale = trade.payoff_scale
    second_best = table.row("second best").total
    slack = 1e-9 * scale
    if any(not agent.types.is_finite for agent in trade.agents):
        # What cells of the continuum cost the second best, but not prices between their ends.
        slack += 0.5 * scale / min(trade.shape) ** 2
    for row in known[2:]:
        assert row.total <= second_best + slack, row.name
    assert second_best <= table.first_best + 1e-9 * scale
    for row in known[1:]:
        assert all(utility >= -1e-9 * scale for utility in row.utilities.values())
        assert sum(row.utilities.values()) == pytest.approx(row.total, abs=1e-9 * scale)
    # The two ends of the frontier give each side at least what its offers do, on finite types.
    if all(agent.types.is_finite for agent in trade.agents):
        for role, offer in (("seller", SELLER), ("buyer", BUYER)):
            end = table.row(f"frontier, all weight on the {role}").utilities[role]
            assert end >= table.row(offer).utilities[role] - 1e-9 * scale
            if not table.delayed:
                assert end == pytest.approx(table.row(offer).utilities[role], abs=1e-9 * scale)


def random_finite_trade(seed):
    draw = np.random.default_rng(seed)
    sides = []
    for _ in range(2):
        size = int(draw.integers(1, 9))
        types = np.sort(draw.choice(np.arange(-5, 25), size=size, replace=False)) / 4
        sides.append(mo.TypeSpace.finite(types, draw.dirichlet(np.full(size, 0.6))))
    return mo.BilateralTrade(*sides)


@pytest.mark.parametrize("seed", drawn(25))
def test_offers_and_posted_prices_are_the_best_of_all(seed):
    """Irregular priors included: every price at every type, by enumeration."""
    trade = random_finite_trade(seed)
    seller, buyer = (agent.types for agent in trade.agents)
    prices = np.concatenate([seller.mean, buyer.mean, seller.mean - 0.01, buyer.mean + 0.01])
    sellers_gain = [
        max(0.0, *((p - s) * buyer.mass[buyer.mean >= p].sum() for p in prices))
        for s in seller.mean
    ]
    buyers_gain = [
        max(0.0, *((b - p) * seller.mass[seller.mean <= p].sum() for p in prices))
        for b in buyer.mean
    ]
    offers = mo.studies.take_it_or_leave_it(trade, "seller")
    assert offers.mechanism.utility_of("seller") == pytest.approx(sellers_gain, abs=1e-9)
    for price, quantity in zip(offers.price, offers.mechanism.quantity_of("seller"), strict=True):
        assert -quantity == pytest.approx(buyer.mass[buyer.mean >= price].sum(), abs=1e-12)
    offers = mo.studies.take_it_or_leave_it(trade, "buyer")
    assert offers.mechanism.utility_of("buyer") == pytest.approx(buyers_gain, abs=1e-9)
    for price, quantity in zip(offers.price, offers.mechanism.quantity_of("buyer"), strict=True):
        assert quantity == pytest.approx(seller.mass[seller.mean <= price].sum(), abs=1e-12)

    def gains(price):
        worth = np.subtract.outer(buyer.mean, seller.mean) * np.outer(buyer.mass, seller.mass)
        return worth[np.ix_(buyer.mean >= price, seller.mean <= price)].sum()

    best = mo.studies.best_posted_price(trade)
    expected = max(map(gains, prices))
    assert best.mechanism.total_gains == pytest.approx(max(expected, 0.0), abs=1e-9)
    for price in np.linspace(best.lowest, best.highest, 5):
        assert gains(price) == pytest.approx(best.mechanism.total_gains, abs=1e-9)
    for mechanism in (best.mechanism, offers.mechanism):
        mo.audit(mo.ex_ante_efficiency(trade), mechanism).raise_if_failed()


def test_nobody_pays_without_trade():
    trade = TRADES["finite-irregular"]
    for mechanism in (
        mo.studies.best_posted_price(trade).mechanism,
        mo.studies.take_it_or_leave_it(trade, "seller").mechanism,
        mo.studies.take_it_or_leave_it(trade, "buyer").mechanism,
    ):
        traded = mechanism.allocation.dense(trade)[0]
        assert (mechanism.ex_post_payment[:, traded == 0] == 0).all()


def test_posted_price_between_the_ends_of_cells_is_that_of_the_continuum():
    # Costs uniform on [0, 1], values on [0, 1.3].
    values = stats.uniform(0, 1.3)
    for cells in (3, 7, 50):
        trade = mo.BilateralTrade(
            mo.TypeSpace.from_distribution(stats.uniform(0, 1), cells),
            mo.TypeSpace.from_distribution(values, cells + 1),
        )
        best = mo.studies.best_posted_price(trade)
        # P(s <= p) P(b >= p) (E[b | b >= p] - E[s | s <= p]) = p (1.3 - p) / 1.3 · 0.65.
        assert best.price == pytest.approx(0.65, abs=1e-6)
        assert best.mechanism.total_gains == pytest.approx(0.65**3 / 1.3, abs=1e-10)
        problem = mo.ex_ante_efficiency(best.mechanism.environment)
        mo.audit(problem, best.mechanism).raise_if_failed()
        assert mo.audit(problem, best.mechanism).max_violation < 1e-12


def test_uniform_priors_on_any_interval_have_the_double_auction(uniform):
    wide = mo.TypeSpace.from_distribution(stats.uniform(20, 100), 400)
    row = mo.compare(mo.BilateralTrade(wide, wide)).row("halfway double auction")
    assert row.total == pytest.approx(100 * 9 / 64, abs=1e-9)
    auction = mo.cramton1985.double_auction(mo.BilateralTrade(UNIFORM, UNIFORM), 0.5)
    same = uniform.row("halfway double auction")
    assert auction.total_gains == pytest.approx(same.total, abs=1e-5)
    assert auction.quantity_of("buyer") @ UNIFORM.mass == pytest.approx(9 / 32, abs=1e-9)


@pytest.mark.parametrize("name", ["finite-uniform", "cells-beta", "samples"])
def test_a_double_auction_without_known_equilibrium_says_so(name):
    row = compared(name).row("halfway double auction")
    assert (row.total, row.utilities, row.trade, row.passed) == (None, None, None, None)
    assert "no linear equilibrium known for these priors" in row.remark


def test_delay_tells_the_two_sides_probabilities_apart():
    table = compared("delayed")
    assert table.delayed
    row = table.row("second best")
    assert row.trade["seller"] < row.trade["buyer"]
    assert "buyer's trade" in table.to_text()
    assert row.total == pytest.approx(0.195507713587, abs=1e-5)
    # A price means trade at once, and screens worse than dates.
    best = table.row("frontier, all weight on the seller").utilities["seller"]
    assert best > table.row(SELLER).utilities["seller"] + 0.01


# Forms


def test_csv_reads_back(uniform):
    rows = list(csv.DictReader(io.StringIO(uniform.to_csv())))
    assert [row["mechanism"] for row in rows] == list(CLOSED_FORMS)
    assert float(rows[1]["total"]) == uniform.rows[1].total
    assert rows[0]["seller"] == ""


def test_json_reads_back(uniform):
    rows = json.loads(uniform.to_json())["rows"]
    assert rows[1]["total"] == uniform.rows[1].total
    assert rows[0]["utilities"] is None
    assert {"mechanism", "total", "share_of_first_best", "utilities", "trade", "price"} < set(
        rows[0]
    )


def test_latex_is_escaped_and_has_dashes_where_there_is_no_number():
    table = replace(compared("finite-uniform"), title="100 % & more\n\\evil", unit="$")
    text = table.to_latex()
    assert r"\toprule" in text
    assert "second best & 0.1543 & 95.24 \\% &" in text
    body = "\n".join(line for line in text.splitlines() if not line.startswith("%"))
    assert r"halfway double auction & -- & -- & -- & -- & -- \\" in body
    assert "% halfway double auction: no linear equilibrium" in text
    assert "first best names no payments" in text
    assert text.count(r"\begin{tabular}") == text.count(r"\end{tabular}") == 1
    assert "\n\\evil" not in text


def test_a_failed_audit_is_shown():
    table = compared("finite-uniform")
    broken = replace(table, rows=(*table.rows[:-1], replace(table.rows[-1], passed=False)))
    assert not broken.passed
    assert "frontier, all weight on the buyer: audit FAILED" in broken.to_text()


def test_no_gains_have_no_shares():
    table = compared("no-gains")
    assert table.share(table.rows[1]) is None
    assert "no price brings gains" in table.to_text()
    assert table.to_latex()
    assert table.to_csv()


# Bad inputs


def test_bad_inputs_are_refused():
    types = mo.TypeSpace.finite([0, 1])
    trade = mo.BilateralTrade(types, types)
    with pytest.raises(mo.InvalidInputError, match="problem: of the wrong kind"):
        mo.compare(types)
    with pytest.raises(mo.InvalidInputError, match="no usual mechanisms"):
        mo.compare(mo.environments.on_dates(mo.BilateralTrade(types, types, 2.0), 2))
    with pytest.raises(mo.InvalidInputError, match="prices of bilateral trade"):
        mo.studies.take_it_or_leave_it(
            mo.environments.on_dates(mo.BilateralTrade(types, types, 2.0), 2)
        )
    with pytest.raises(mo.InvalidInputError, match="nobody of this role"):
        mo.studies.take_it_or_leave_it(trade, "broker")
    with pytest.raises(mo.InvalidInputError, match="trade: of the wrong kind"):
        mo.studies.best_posted_price(types)
    with pytest.raises(mo.InvalidInputError, match="no such row"):
        mo.compare(trade).row("third best")
    for steps in ([1, 0], [], [-1, 0]):
        with pytest.raises(mo.InvalidInputError, match="not the steps of a rule"):
            StepRule(steps)
    for rule in (StepRule([0]), StepRule([0, 3])):
        with pytest.raises(mo.InvalidInputError, match="does not fit the environment"):
            rule.dense(trade)


# Command line

INSTANCE = """
title = "A coin each"
unit = "dollars"
environment.kind = "bilateral-trade"
environment.seller.types = [0, 2]
environment.buyer.types = [1, 3]
problem.objective = "ex-ante-efficiency"
"""


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "coin.toml"
    file.write_text(INSTANCE)
    return file


@pytest.mark.parametrize("style", ["text", "csv", "latex", "json"])
def test_command_prints_or_writes_the_same(style, path, tmp_path, capsys):
    assert main(["compare", str(path), "--format", style]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    target = tmp_path / "table.out"
    assert main(["compare", str(path), "--format", style, "--output", str(target)]) == 0
    assert capsys.readouterr().out == f"wrote {target}\n"
    assert target.read_text() == printed.out
    assert "second best" in printed.out
    if style != "csv":
        assert "dollars" in printed.out


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["{path}", "--format", "word"], "format"),
        (["{path}", "--output", "{folder}/missing/table.txt"], "cannot write the file"),
        (["{folder}/missing.toml"], "missing.toml"),
    ],
)
def test_command_refuses_bad_words(words, part, path, capsys):
    words = [word.format(path=path, folder=path.parent) for word in words]
    assert main(["compare", *words]) == 2
    output, errors = capsys.readouterr()
    assert output == ""
    assert part in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    ("name", "asked", "says"),
    [
        ("examples/split_award", "", ""),
        ("examples/two_goods", "", ""),
        (
            "examples/split_award",
            'objective = "welfare"\nweights = { supplier_1 = 1, supplier_2 = 1, designer = 2 }',
            "(required: no expected deficit)",
        ),
        ("examples/split_award", 'objective = "revenue"\nincentives = "dominant"', "dominant"),
        ("examples/six_types", 'objective = "minimum-subsidy"', "what the file asks\n"),
    ],
)
def test_what_a_file_asks_is_among_the_rows(name, asked, says, tmp_path, capsys):
    path = tmp_path / "asked.toml"
    text = (INSTANCES / f"{name}.toml").read_text().partition("\n[expected]")[0]
    if asked:
        text = text.partition("[problem]")[0] + f"[problem]\n{asked}\n"
    path.write_text(text)
    assert main(["compare", str(path), "--format", "json"]) == 0
    printed = capsys.readouterr()
    rows = {row["mechanism"]: row for row in json.loads(printed.out)["rows"]}
    assert ("optimum of the file" in rows) == bool(asked)
    assert says in printed.err
    assert "the file's own" not in printed.err
    if asked:
        problem = load_instance(path).problem
        mechanism = mo.solve(problem).mechanism
        assert rows["optimum of the file"]["total"] == pytest.approx(mechanism.total_gains)
    else:
        assert printed.err == ""


def test_over_a_continuum_one_line_says_that_no_row_is_what_the_file_asks(tmp_path, capsys):
    path = tmp_path / "asked.toml"
    path.write_text(
        '[environment]\nkind = "bilateral-trade"\nseller = { distribution = "uniform", '
        'cells = 9 }\nbuyer = { distribution = "uniform", cells = 9 }\n[problem]\n'
        'objective = "revenue"\n'
    )
    assert main(["compare", str(path)]) == 0
    printed = capsys.readouterr()
    assert "none is the optimum of what the file asks (revenue) (required: no" in printed.err
    assert "optimum of the file" not in printed.out


def test_rows_far_from_zero_are_told_apart():
    """Three partners whose values differ by two in a million: gains are read off the table."""
    far = mo.TypeSpace.finite([1e6, 1e6 + 1, 1e6 + 2])
    table = mo.compare(mo.Partnership(far, [0.5, 0.5]))
    kept = table.row("shares kept")
    (shown,) = [line for line in table.to_text().splitlines() if line.startswith("shares kept")]
    assert f"{kept.total:.4f}" in shown


def test_a_bound_is_said_to_be_reached_only_where_it_is():
    def remarks(law):
        types = mo.TypeSpace.from_distribution(law, 8)
        rows = mo.compare(mo.BilateralTrade(types, types)).rows
        return {row.name: (row.remark, row.error) for row in rows if "no mechanism" in row.remark}

    for law, reached in ((stats.uniform(0, 1), True), (stats.beta(0.2, 1), False)):
        remark, error = remarks(law)["frontier, all weight on the seller"]
        assert ("reached by the" in remark, "the best known is the" in remark) == (
            reached, not reached
        )  # fmt: skip
        assert (error < 1e-9) == reached
