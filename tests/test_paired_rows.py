"""Columns of one file: what their rows say, their joint prior, and residuals of a regression."""

from __future__ import annotations

import json
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

import mechopt as mo
from mechopt.cli.main import main
from mechopt.errors import InvalidInputError
from mechopt.mechanism.allocation import Table
from mechopt.studies.paired_rows import PairedRows

RNG = np.random.default_rng(12)


def table(path, columns):
    rows = zip(*columns.values(), strict=True)
    lines = [",".join(columns), *(",".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def instance(path, seller, buyer, kind="bilateral-trade"):
    names = ("seller", "buyer") if kind == "bilateral-trade" else ("player_1", "player_2")
    more = "" if kind == "bilateral-trade" else "proposer_probability = 0.5\n"
    text = f'[environment]\nkind = "{kind}"\n{more}'
    for name, lines in zip(names, (seller, buyer), strict=True):
        text += f"[environment.{name}]\n{lines}\n"
    path.write_text(f'{text}[problem]\nobjective = "ex-ante-efficiency"\n', "utf-8")
    return str(path)


@pytest.mark.parametrize("size", [1, 2, 7, 60])
def test_figures_of_rows_are_those_of_their_definitions(size):
    seller = RNG.integers(0, 8, size) + 0.25
    buyer = seller + RNG.integers(-3, 5, size)
    rows = PairedRows(seller, buyer)
    within = [max(0, b - s) for s, b in zip(seller, buyer, strict=True)]
    assert rows.row_gain == pytest.approx(np.mean(within))
    gains = [max(0, b - s) for s in seller for b in buyer]
    assert rows.independent_gain == pytest.approx(np.mean(gains))
    sides = [mo.TypeSpace.from_samples(side) for side in (seller, buyer)]
    assert rows.independent_gain == pytest.approx(mo.BilateralTrade(*sides).first_best)
    if np.ptp(seller) > 0 and np.ptp(buyer) > 0:
        assert rows.correlation == pytest.approx(np.corrcoef(seller, buyer)[0, 1])
        assert rows.rank_correlation == pytest.approx(stats.spearmanr(seller, buyer).statistic)
    else:
        assert rows.correlation is None


def test_rows_far_from_zero_or_of_extreme_scale():
    for scale, origin in ((1e-140, 0), (1e140, 0), (1.0, 1e12)):
        rows = PairedRows(origin + scale * np.arange(4), origin + scale * (np.arange(4) + 0.5))
        assert rows.correlation == pytest.approx(1)
        assert rows.row_gain == pytest.approx(0.5 * scale, rel=1e-3)
        assert rows.independent_gain == pytest.approx(15 / 16 * scale, rel=1e-3)


@pytest.mark.parametrize(
    ("seller", "buyer"), [([1, 2], [1]), ([], []), ([np.nan], [1]), ([1, True], [1, 2])]
)
def test_what_are_no_rows_is_refused(seller, buyer):
    with pytest.raises(InvalidInputError):
        PairedRows(seller, buyer)


def test_reports_say_what_independence_assumes(tmp_path, capsys):
    table(tmp_path / "a.csv", {"ask": [1, 2, 3, 4], "bid": [1.5, 2.5, 3.5, 4.5]})
    column = 'samples = "a.csv"\ncolumn = "{}"'
    file = instance(tmp_path / "a.toml", column.format("ask"), column.format("bid"))
    assert main(["solve", file, "--json"]) == 0
    pairs = json.loads(capsys.readouterr().out)["pairs"]
    assert (pairs["rows"], pairs["correlation"], pairs["row_gain"]) == (4, 1.0, 0.5)
    assert pairs["independent_first_best"] == 15 / 16
    assert "independent" in pairs["assumes"]
    sentences = (
        "4 rows with both sides (of one file): correlation 1.000",
        "is 0.5 on average over rows; the first best of the columns taken as independent is "
        "0.9375, 1.88 times that",
        "assumed: the two sides are independent",
        "trade_from_rows",
    )
    for command in ("solve", "compare"):
        assert main([command, file]) == 0
        printed = " ".join(capsys.readouterr().out.replace("\n", " ").split())
        for sentence in sentences:
            assert sentence in printed
    assert main(["compare", file, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["pairs"] == pairs
    # Equally long samples of two files may be rows as well; others cannot be.
    table(tmp_path / "b.csv", {"bid": [1.5, 2.5, 3.5, 4.5]})
    table(tmp_path / "c.csv", {"bid": [1.5, 2.5, 3.5]})
    for other, expected in (("b.csv", pairs), ("c.csv", None)):
        buyer = column.format("bid").replace("a.csv", other)
        file = instance(tmp_path / "a.toml", column.format("ask"), buyer)
        assert main(["solve", file, "--json"]) == 0
        assert json.loads(capsys.readouterr().out).get("pairs") == expected
    file = instance(tmp_path / "a.toml", column.format("ask"), "types = [1, 2]")
    assert main(["solve", file, "--json"]) == 0
    assert "pairs" not in json.loads(capsys.readouterr().out)
    players = (column.format("ask"), column.format("bid"))
    file = instance(tmp_path / "a.toml", *players, kind="bargaining")
    assert main(["solve", file, "--json"]) == 0
    pairs = json.loads(capsys.readouterr().out)["pairs"]
    assert pairs["correlation"] == 1.0
    assert "row_gain" not in pairs


def test_rows_with_gaps_are_paired_by_their_lines(tmp_path, capsys):
    columns = {"ask": ["", 2, 3, 10], "bid": [1, "NA", 5, 11]}
    table(tmp_path / "a.csv", columns)
    column = 'samples = "a.csv"\ncolumn = "{}"\nmissing = "drop"'
    file = instance(tmp_path / "a.toml", column.format("ask"), column.format("bid"))
    assert main(["solve", file, "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["dropped_rows"] == {"a.csv:ask": 1, "a.csv:bid": 1}
    assert (record["pairs"]["rows"], record["pairs"]["row_gain"]) == (2, 1.5)
    assert main(["bootstrap", file, "--paired", "--replications", "3", "--json"]) == 0
    first_best = json.loads(capsys.readouterr().out)["first_best"]["estimate"]
    assert first_best == PairedRows([3, 10], [5, 11]).independent_gain


# The joint prior


def test_the_joint_prior_of_rows_counts_them():
    seller, buyer = [1, 1, 2, 2, "5/2"], [2, 3, 3, 3, 4]
    trade = mo.environments.trade_from_rows(seller, buyer)
    assert np.array_equal(trade.prior.probabilities * 5, [[1, 1, 0], [0, 2, 0], [0, 0, 1]])
    assert trade.agents[0].types.mean.tolist() == [1, 2, 2.5]


@pytest.mark.parametrize("cells", [1, 3, (2, 5)])
def test_the_joint_prior_of_cells_has_their_masses(cells):
    seller = RNG.integers(0, 6, 50)
    buyer = seller + RNG.integers(0, 4, 50)
    prior = mo.environments.trade_from_rows(seller, buyer, cells=cells).prior.probabilities
    sizes = cells if isinstance(cells, tuple) else (cells, cells)
    cell = []
    for i, (side, size) in enumerate(zip((seller, buyer), sizes, strict=True)):
        types = mo.TypeSpace.from_samples(side, cells=size)
        assert prior.sum(axis=1 - i) == pytest.approx(types.mass)
        ranks = np.argsort(np.argsort(side, kind="stable"))
        cell.append(np.searchsorted(np.arange(1, size + 1) * 50 // size, ranks, side="right"))
    counts = np.zeros(prior.shape)
    for pair in zip(*cell, strict=True):
        counts[pair] += 1
    assert prior * 50 == pytest.approx(counts)


def test_rows_are_of_equal_length_and_not_too_many_types():
    with pytest.raises(InvalidInputError, match="rows"):
        mo.environments.trade_from_rows([1, 2], [1])
    with pytest.raises(mo.errors.TooLargeError, match="cells"):
        mo.environments.trade_from_rows(np.arange(4_000), np.arange(4_000))


def test_a_joint_prior_of_rows_can_be_solved():
    seller = [0, 0, 1, 1, 0, 1]
    buyer = [1, 2, 2, 3, 2, 1]
    found = solved(mo.environments.trade_from_rows(seller, buyer))
    # With correlated types bets extract everything (Cremer and McLean), within the limit.
    assert found.gain == pytest.approx(PairedRows(seller, buyer).row_gain, abs=1e-7)


# Residuals


@pytest.mark.parametrize("regression", ["levels", "logs"])
def test_residuals_are_those_of_the_normal_equations(regression):
    covariates = RNG.uniform(1, 3, (40, 2)) * [1, 1e5]
    values = np.exp(covariates @ [0.3, 2e-6] + RNG.normal(0, 0.2, 40))
    found = mo.priors.homogenise(values, covariates, regression=regression)
    outcome = np.log(values) if regression == "logs" else values
    design = np.column_stack([np.ones(40), covariates])
    coefficients = np.linalg.solve(design.T @ design, design.T @ outcome)
    assert found.coefficients == pytest.approx(coefficients, rel=1e-6)
    assert found.residuals == pytest.approx(outcome - design @ coefficients, abs=1e-7)
    assert design.T @ found.residuals / [1, 1, 1e5] == pytest.approx(np.zeros(3), abs=1e-8)
    level = coefficients @ [1, *covariates.mean(axis=0)] + found.residuals
    expected = np.exp(level) if regression == "logs" else level
    assert found.values == pytest.approx(expected, rel=1e-6)
    assert 0 < found.explained < 1


@pytest.mark.parametrize(
    ("values", "covariates", "options", "message"),
    [
        ([1, 2, 3], [1, 1, 1], {}, "vary"),
        ([1, 2, 3], [[1, 2], [2, 4], [3, 6.0]], {}, "no regression"),
        ([1, 2], [1, 2], {}, "more than 2 rows"),
        ([1, 2, 3], [1, 2], {}, "one row for each"),
        ([1, -2, 3], [1, 2, 4], {"regression": "logs"}, "logarithm"),
        ([1, 2, 3], [1, 2, 4], {"regression": "log"}, "not a regression"),
        ([1, np.nan, 3], [1, 2, 4], {}, "not finite"),
        ([7.1, 9.3, 4.4], [7.1, 9.3, 4.4], {}, "up to rounding"),
        (1e9 + np.arange(40) / 7, np.arange(40), {}, "up to rounding"),
        (np.exp([0.1, 0.7, 0.3]), [1, 7, 3], {"regression": "logs"}, "up to rounding"),
    ],
)
def test_what_has_no_regression_is_refused(values, covariates, options, message):
    with pytest.raises(InvalidInputError, match=message):
        mo.priors.homogenise(values, covariates, **options)


def test_covariates_of_an_instance_leave_residuals(tmp_path, capsys):
    size = RNG.uniform(50, 150, 30)
    ask = 2 * size + RNG.normal(0, 5, 30)
    bid = 2 * size + 5 + RNG.normal(0, 5, 30)
    table(tmp_path / "a.csv", {"ask": ask, "bid": bid, "size": size})
    column = 'samples = "a.csv"\ncolumn = "{}"\ncovariates = ["size"]'
    file = instance(tmp_path / "a.toml", column.format("ask"), column.format("bid"))
    assert main(["solve", file, "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    sides = [mo.priors.homogenise(side, size).values for side in (ask, bid)]
    spaces = [mo.TypeSpace.from_samples(side) for side in sides]
    assert record["first_best"] == pytest.approx(mo.BilateralTrade(*spaces).first_best)
    # What made every house's two prices alike is gone.
    assert record["pairs"]["correlation"] < 0.6 < np.corrcoef(ask, bid)[0, 1]
    alone = column.format("ask").replace('covariates = ["size"]', 'regression = "logs"')
    idle = instance(tmp_path / "b.toml", alone, "types = [1]")
    assert main(["solve", idle]) == 2
    assert "environment.seller.regression" in capsys.readouterr().err


GAPS = {
    "ask": [10, 21, "", 42, 50, 61],
    "bid": [15, 22, 33, 47, "", 66],
    "size": [1, 2, 3, 4, 5, ""],
}
DROPPING = 'samples = "a.csv"\ncolumn = "{}"\nmissing = "drop"'


@pytest.mark.parametrize("kind", ["bilateral-trade", "bargaining"])
def test_both_sides_are_regressed_on_the_rows_that_both_have(tmp_path, kind):
    table(tmp_path / "a.csv", GAPS)
    column = DROPPING + '\ncovariates = ["size"]'
    file = instance(tmp_path / "a.toml", column.format("ask"), column.format("bid"), kind)
    data = mo.load_instance(file).data
    # Rows 1, 2 and 4 have all three numbers; their sizes have the mean 7/3.
    kept = [0, 1, 3]
    for sample, name in zip(data.samples, ("ask", "bid"), strict=True):
        side, size = (np.array([GAPS[each][row] for row in kept], float) for each in (name, "size"))
        slope, constant = np.polyfit(size, side, 1)
        expected = side - (constant + slope * size) + constant + slope * 7 / 3
        assert sample.values == pytest.approx(expected)
        assert sample.regressed.at == (pytest.approx(7 / 3),)
        assert sample.lines.tolist() == [2, 3, 5]
    record = data.record()
    assert record["dropped_rows"] == {"a.csv:ask": 3, "a.csv:bid": 3}
    assert record["regressions"]["a.csv:ask"]["rows"] == record["pairs"]["rows"] == 3
    said = "\n".join(data.sentences())
    assert "3 of 6 rows without a value of ask, bid or size were dropped from a.csv:ask" in said
    assert "its values are those at size 2.33333" in said
    assert "different objects" not in said
    # What is done already is not advised again.
    assert "regress it out" not in said


@pytest.mark.parametrize("other", ["", 'covariates = ["age"]', 'covariates = ["size", "age"]'])
def test_sides_of_one_table_with_other_covariates_are_refused(tmp_path, capsys, other):
    table(tmp_path / "a.csv", GAPS | {"age": [3, 1, 4, 1, 5, 9]})
    seller = DROPPING.format("ask") + '\ncovariates = ["size"]'
    file = instance(tmp_path / "a.toml", seller, f"{DROPPING.format('bid')}\n{other}")
    assert main(["solve", file]) == 2
    printed = capsys.readouterr()
    assert "environment.seller.covariates" in printed.err
    assert "same covariates for both sides" in printed.err
    assert not printed.out


def test_covariates_in_any_order_and_read_in_one_way_only(tmp_path, capsys):
    table(tmp_path / "a.csv", GAPS | {"size": [1.25, 2.5, 3, 4, 5, 6], "age": [3, 1, 4, 1, 5, 9]})
    sides = [DROPPING.format(name) for name in ("ask", "bid")]
    orders = ['\ncovariates = ["size", "age"]', '\ncovariates = ["age", " size"]']
    pair = [side + order for side, order in zip(sides, orders, strict=True)]
    data = mo.load_instance(instance(tmp_path / "a.toml", *pair)).data
    assert "different objects" not in " ".join(data.sentences())
    table(tmp_path / "a.csv", GAPS | {"size": ["1.234", "2.345", "3.456", "4.567", "5.678", 7]})
    pair = [f'{side}\ncovariates = ["size"]' for side in sides]
    pair = [pair[0] + '\ndecimal = "."', pair[1] + '\ndecimal = ","\nthousands = "."']
    assert main(["solve", instance(tmp_path / "a.toml", *pair)]) == 2
    assert "in two ways" in capsys.readouterr().err


def test_a_regression_of_one_side_or_of_two_tables_is_said(tmp_path):
    table(tmp_path / "a.csv", GAPS)
    table(tmp_path / "b.csv", GAPS | {"size": [10, 20, 30, 40, 50, 60]})
    seller = DROPPING.format("ask") + '\ncovariates = ["size"]'
    said = mo.load_instance(instance(tmp_path / "a.toml", seller, "types = [30, 40]")).data
    assert "the other side is not regressed" in " ".join(said.sentences())
    buyer = seller.replace("a.csv", "b.csv").replace("ask", "bid")
    said = mo.load_instance(instance(tmp_path / "a.toml", seller, buyer)).data
    assert "the two sides are at different objects" in " ".join(said.sentences())


def test_two_sheets_of_one_workbook_have_no_rows_in_common(tmp_path):
    import pandas as pd

    with pd.ExcelWriter(tmp_path / "a.xlsx") as book:
        pd.DataFrame({"ask": [1, None, 3]}).to_excel(book, sheet_name="sellers", index=False)
        pd.DataFrame({"bid": [2, 4, None]}).to_excel(book, sheet_name="buyers", index=False)
    column = DROPPING.replace("a.csv", "a.xlsx") + '\nsheet = "{}"'
    sides = [column.format(*words) for words in (("ask", "sellers"), ("bid", "buyers"))]
    assert mo.load_instance(instance(tmp_path / "a.toml", *sides)).data.rows is None


# What is said of the data, and where


def test_rows_with_gaps_say_whose_first_best_is_whose(tmp_path):
    table(tmp_path / "a.csv", {"ask": ["", 2, 3, 10], "bid": [1, "NA", 5, 11]})
    file = instance(tmp_path / "a.toml", DROPPING.format("ask"), DROPPING.format("bid"))
    said = " ".join(mo.load_instance(file).data.sentences())
    assert "both are of these 2 rows alone" in said
    assert "the sellers of 3 rows and the buyers of 3 rows" in said
    assert "1 of 4 rows without a value was dropped from a.csv:ask" in said


def test_check_and_bootstrap_say_what_solve_says_of_the_data(tmp_path, capsys):
    table(tmp_path / "a.csv", {"ask": ["", 2, 3, 10], "bid": [1, "NA", 5, 11]})
    file = instance(tmp_path / "a.toml", DROPPING.format("ask"), DROPPING.format("bid"))
    remarks = mo.load_instance(file).data
    draws = ["bootstrap", file, "--replications", "4"]
    for command in (["check", file], draws, [*draws, "--paired"]):
        main([*command, "--json"])
        record = json.loads(capsys.readouterr().out)
        assert {name: record[name] for name in remarks.record()} == remarks.record()
        main(command)
        printed = " ".join(capsys.readouterr().out.split())
        for sentence in remarks.sentences():
            assert " ".join(sentence.split()) in printed.replace(" data ", " ")
        assert ("2 pairs drawn together" in printed) == ("--paired" in command)
        assert record.get("rows_drawn") == (2 if "--paired" in command else None)


@pytest.mark.parametrize(("side", "mark"), [("buyer", 999_999), ("seller", -999_999)])
def test_a_rare_value_that_carries_the_gains_is_named(tmp_path, side, mark):
    ask, bid = list(range(100, 160)), list(range(110, 170))
    (bid if side == "buyer" else ask)[7] = mark
    table(tmp_path / "a.csv", {"ask": ask, "bid": bid})
    file = instance(tmp_path / "a.toml", DROPPING.format("ask"), DROPPING.format("bid"))
    data = mo.load_instance(file).data
    (found,) = data.record()["carriers"]
    gains = [[max(0, b - s) for s in ask] for b in bid]
    gains = np.array(gains if side == "buyer" else list(zip(*gains, strict=True)))
    assert found["share_of_first_best"] == pytest.approx(gains[7].sum() / gains.sum())
    assert (found["side"], found["value"], found["count"], found["of"]) == (side, mark, 1, 60)
    assert f"one value of {side}, {mark} (1 of 60), carries" in " ".join(data.sentences())


def test_ordinary_or_frequent_values_are_not_named(tmp_path):
    usual = {"ask": list(range(100, 160)), "bid": list(range(110, 170))}
    few = {"ask": [1, 2, 3], "bid": [1, 2, 3_000]}
    for columns in (usual, few):
        table(tmp_path / "a.csv", columns)
        file = instance(tmp_path / "a.toml", DROPPING.format("ask"), DROPPING.format("bid"))
        assert not mo.load_instance(file).data.carriers


def test_cells_are_advised_to_who_has_none(tmp_path, capsys):
    # Numbers of its own, so that the bias does not hang on which tests ran before.
    values = np.random.default_rng(1).uniform(0, 1, (2, 60))
    table(tmp_path / "a.csv", {"ask": values[0], "bid": values[1]})
    file = instance(tmp_path / "a.toml", DROPPING.format("ask"), DROPPING.format("bid"))
    command = ["bootstrap", file, "--replications", "40"]
    for options, advice in (([], "cells with several values"), (["--cells", "12"], "fewer cells")):
        assert main([*command, *options]) == 0
        assert f"prefer the basic interval, and {advice}" in capsys.readouterr().out


# The joint prior is solved, and said to be trivial where it is


def solved(trade):
    return mo.studies.find_dominating(trade, mo.studies.InterimPayoffs.nothing(trade))


def test_a_joint_prior_of_rows_is_solved_like_any_other():
    trade = mo.environments.trade_from_rows([1, 1, 2, 2], [2, 3, 3, 3])
    assert "payments up to 200 in a profile" in str(solved(trade))
    problem = mo.ex_ante_efficiency(trade)
    assert mo.solve(problem).objective == pytest.approx(solved(trade).gain, abs=1e-7)
    thirds = mo.ex_ante_efficiency(mo.environments.trade_from_rows([1, 1, 2], [2, 3, 3]))
    assert mo.exact_optimum(thirds).objective == Fraction(4, 3)


def test_rows_that_are_all_distinct_are_said_to_be_trivial():
    seller, buyer = np.arange(6.0), np.arange(6.0) * [1, -1, 2, 1, -1, 1] + 0.5
    answer = solved(mo.environments.trade_from_rows(seller, buyer))
    assert answer.gain == pytest.approx(PairedRows(seller, buyer).row_gain)
    assert any("all know each other's: all gains" in note for note in answer.notes)
    cut = solved(mo.environments.trade_from_rows([1, 2, 3, 4], [2, 4, 3, 5], cells=2))
    coarse = solved(mo.environments.trade_from_rows([1, 1, 2, 2], [2, 3, 2, 3]))
    assert "know" not in " ".join(coarse.notes)
    # Both rows of the lowest sellers are with the lowest buyer and the next but one.
    assert "all know" not in " ".join(cut.notes)
    # Sellers of 1 and of 3, half and a quarter of all, know whom they meet.
    partly = solved(
        mo.environments.trade_from_rows([1, 1, 2, 2, 3, 3, 3, 3], [2, 2, 2, 3, 4, 4, 4, 4])
    )
    assert "types of seller with probability 0.75 meet one profile" in " ".join(partly.notes)


def test_audits_of_a_joint_prior_name_types():
    trade = mo.environments.trade_from_rows([1, 1, 2, 2], [2, 3, 3, 3])
    price = np.full((2, 2), 2.5)
    always = mo.Mechanism.of_profiles(trade, Table(np.ones((1, 2, 2))), [-price, price])
    checks = {c.requirement: str(c) for c in mo.audit(mo.ex_ante_efficiency(trade), always).checks}
    # The buyer of 2, who is a quarter of all, pays 2.5 for certain.
    said = checks["participation of buyer"]
    assert "buyer type 0 (2) gets 0.5 less than its outside option" in said
