"""Bootstrap intervals: against resampling by hand, and what they refuse."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import mechopt as mo
from mechopt._util.parallel import WorkerError
from mechopt.cli.main import main
from mechopt.studies.bootstrap_estimates import STATISTICS

HOUSES = Path(__file__).parents[1] / "instances" / "house_prices" / "house_prices.toml"


@pytest.fixture(scope="module")
def samples():
    draw = np.random.default_rng(11)
    return draw.uniform(0, 1, 40).round(3), draw.uniform(0, 1, 30).round(3)


def solved(costs, values, **rates):
    types = mo.TypeSpace.from_samples
    trade = mo.BilateralTrade(types(costs), types(values), **rates)
    best = mo.solve(mo.ex_ante_efficiency(trade))
    lost = 1 - best.objective / trade.first_best
    lacking = mo.check_ex_post_efficiency(trade).least_subsidy
    dense = best.mechanism.allocation.dense(trade)[0]
    chance = trade.agents[0].types.mass @ dense @ trade.agents[1].types.mass
    return trade.first_best, best.objective, lost, lacking, chance, best.alpha


def test_replications_are_problems_of_resampled_samples(samples):
    result = mo.bootstrap(*samples, replications=20, seed=3)
    for i in range(20):
        generator = np.random.default_rng(np.random.SeedSequence(3, spawn_key=(i,)))
        again = [generator.choice(side, side.size) for side in samples]
        assert result.draws[i] == pytest.approx(solved(*again), abs=1e-12)


def test_estimates_are_those_of_the_samples_and_intervals_those_of_the_draws(samples):
    result = mo.bootstrap(*samples, replications=60, level=0.9, seed=5)
    for j, (name, expected) in enumerate(zip(STATISTICS, solved(*samples), strict=True)):
        part, draws = result.estimates[name], result.draws[:, j]
        assert part.estimate == pytest.approx(expected, abs=1e-12)
        low, high = np.quantile(draws, [0.05, 0.95])
        assert part.percentile == pytest.approx((low, high))
        assert part.basic == pytest.approx((2 * expected - high, 2 * expected - low))
        assert part.bias == pytest.approx(draws.mean() - expected)
        assert part.standard_error == pytest.approx(draws.std(ddof=1))
    assert result.num_undefined == 0


def test_the_first_best_is_nearly_linear_so_theory_gives_its_standard_error():
    # With the buyer's type known to be 2, the first best is 2 less the mean cost.
    costs = np.random.default_rng(2).uniform(0, 1, 50)
    result = mo.bootstrap(costs, mo.TypeSpace.finite([2]), replications=500, seed=1)
    error = costs.std() / np.sqrt(50)
    assert result.first_best.estimate == pytest.approx(2 - costs.mean(), abs=1e-12)
    assert result.first_best.standard_error == pytest.approx(error, rel=0.06)
    assert result.first_best.bias == pytest.approx(0, abs=4 * error / np.sqrt(500))
    width = result.first_best.percentile[1] - result.first_best.percentile[0]
    assert width == pytest.approx(2 * 1.96 * error, rel=0.08)
    # Everyone trades at a price of 1, so that nothing is lost.
    assert result.share_lost.percentile == pytest.approx((0, 0), abs=1e-12)


def test_pairs_are_drawn_together():
    # The buyer's value is the cost and one more: every pair has the same gain, and so has the mean.
    costs = np.random.default_rng(4).uniform(0, 0.1, 30)
    together = mo.bootstrap(costs, costs + 1, paired=True, replications=50, seed=1)
    apart = mo.bootstrap(costs, costs + 1, replications=50, seed=1)
    assert together.first_best.standard_error == pytest.approx(0, abs=1e-12)
    assert apart.first_best.standard_error > 1e-3
    assert (together.paired, apart.paired) == (True, False)


def test_the_same_seed_gives_the_same_numbers_whatever_the_workers(samples):
    alone = mo.bootstrap(*samples, replications=16, seed=9)
    shared = mo.bootstrap(*samples, replications=16, seed=9, workers=2)
    np.testing.assert_array_equal(alone.draws, shared.draws)
    assert not np.array_equal(alone.draws, mo.bootstrap(*samples, replications=16, seed=8).draws)
    one, two = (
        mo.bootstrap(*samples, replications=4, seed=np.random.default_rng(6)) for _ in range(2)
    )
    np.testing.assert_array_equal(one.draws, two.draws)
    generator = np.random.default_rng(6)
    first = mo.bootstrap(*samples, replications=4, seed=generator)
    second = mo.bootstrap(*samples, replications=4, seed=generator)
    np.testing.assert_array_equal(first.draws, one.draws)
    assert not np.array_equal(first.draws, second.draws)
    assert not np.array_equal(
        mo.bootstrap(*samples, replications=4).draws, mo.bootstrap(*samples, replications=4).draws
    )


def test_cells_and_rates_reach_every_replication(samples):
    costs, values = samples
    result = mo.bootstrap(
        costs, values, giver_cells=8, receiver_cells=6, giver_rate=2, replications=5, seed=1
    )
    types = mo.TypeSpace.from_samples
    trade = mo.BilateralTrade(types(costs, cells=8), types(values, cells=6), seller_rate=2)
    assert result.first_best.estimate == trade.first_best
    generator = np.random.default_rng(np.random.SeedSequence(1, spawn_key=(0,)))
    again = (
        types(generator.choice(costs, 40), cells=8),
        types(generator.choice(values, 30), cells=6),
    )
    assert result.draws[0, 0] == mo.BilateralTrade(*again, seller_rate=2).first_best


def test_draws_without_gains_are_counted_and_left_out():
    result = mo.bootstrap([1, 3], [2, 2], replications=200, seed=1)
    undefined = np.isnan(result.draws[:, 2])
    # Both draws of the cost are 3 with probability one quarter.
    assert undefined.sum() == result.num_undefined
    assert 25 <= result.num_undefined <= 75
    assert np.isfinite(result.share_lost.percentile).all()
    assert (result.draws[undefined, 0] == 0).all()
    nothing = mo.bootstrap([3, 4], [1, 2], replications=10, seed=1)
    assert nothing.num_undefined == 10
    assert nothing.record()["share_lost"]["estimate"] is None
    json.dumps(nothing.record(), allow_nan=False)
    text = nothing.to_text()
    assert "nan" not in text
    assert "%" not in text.split("share lost")[1].splitlines()[0]
    assert "10 replications without gains" in text


def test_the_second_best_from_a_sample_is_biased_upwards_and_the_bootstrap_says_so():
    draw = np.random.default_rng(1)
    estimates, biases = [], []
    for _ in range(12):
        result = mo.bootstrap(draw.uniform(size=60), draw.uniform(size=60), replications=20, seed=1)
        estimates.append(result.share_lost.estimate)
        biases.append(result.share_lost.bias)
    assert np.mean(estimates) < 1 - 27 / 32 - 0.01
    assert np.mean(biases) < -0.01


BAD = {
    "no list": ({"giver": "abc"}, "giver: not a"),
    "matrix": ({"giver": [[1, 2]]}, "giver: not a list of numbers"),
    "empty": ({"receiver": []}, "receiver: empty"),
    "not a number": ({"receiver": [1, float("nan")]}, "receiver: "),
    "both known": (
        {"giver": mo.TypeSpace.finite([0, 1]), "receiver": mo.TypeSpace.finite([0, 1])},
        "nothing to draw again",
    ),
    "pairs with a known side": (
        {"giver": mo.TypeSpace.finite([0, 1]), "paired": True},
        "pairs need two samples",
    ),
    "pairs of unequal length": ({"giver": [1, 2, 3], "paired": True}, "pairs need samples of eq"),
    "one replication": ({"replications": 1}, "replications: not a number of"),
    "half a replication": ({"replications": 2.5}, "replications: not a number of"),
    "level in percent": ({"level": 95}, "level: not a confidence level"),
    "level of nan": ({"level": float("nan")}, "level: not a confidence level"),
    "negative seed": ({"seed": -1}, "seed: not a seed"),
    "seed in words": ({"seed": "one"}, "seed: not a seed"),
    "too many cells": ({"giver_cells": 5}, "giver_cells: more cells than"),
    "cells of a known side": (
        {"giver": mo.TypeSpace.finite([0, 1]), "giver_cells": 1},
        "giver_cells: a known type space",
    ),
    "no workers": ({"workers": 0}, "workers"),
    "two infinite rates": (
        {"giver_rate": math.inf, "receiver_rate": math.inf},
        "giver_rate: both discount rates are infinite",
    ),
    "rate of zero": ({"receiver_rate": 0}, "receiver_rate: not a discount rate"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_inputs_are_refused(case):
    change, part = BAD[case]
    arguments = {"giver": [1, 2], "receiver": [2, 3], "replications": 4} | change
    with pytest.raises(mo.InvalidInputError) as caught:
        mo.bootstrap(**arguments)
    assert part in str(caught.value)


# Command line


def test_command_prints_one_json_object(capsys):
    words = ["bootstrap", str(HOUSES), "--replications", "20", "--json"]
    assert main(words) == 0
    output, errors = capsys.readouterr()
    assert errors == ""
    record = json.loads(output)
    assert record["replications"] == 20
    assert (record["level"], record["seed"], record["paired"]) == (0.95, 1, False)
    for name in STATISTICS:
        assert set(record[name]) == {"estimate", "standard_error", "bias", "percentile", "basic"}
        assert len(record[name]["basic"]) == 2
    assert record["second_best"]["estimate"] == pytest.approx(34.5805, abs=1e-4)
    assert main(words) == 0
    assert json.loads(capsys.readouterr().out) == record
    assert main([*words, "--paired", "--seed", "2", "--level", "0.5"]) == 0
    other = json.loads(capsys.readouterr().out)
    assert (other["paired"], other["seed"], other["level"]) == (True, 2, 0.5)


def test_command_prints_a_table(capsys):
    assert main(["bootstrap", str(HOUSES), "--replications", "20", "--paired"]) == 0
    output = capsys.readouterr().out
    assert "20 replications, 88 pairs drawn together, seed 1; money in thousand dollars" in output
    assert "share lost              11.5 %" in output
    assert "share lost: bias above half a standard error; prefer the basic interval" in output
    words = ["bootstrap", str(HOUSES), "--replications", "20", "--cells", "10", "--json"]
    assert main(words) == 0
    record = json.loads(capsys.readouterr().out)
    # Cells lose some of the gains among their own types, and gaps that a mechanism can exploit.
    assert record["first_best"]["estimate"] == pytest.approx(39.0746, rel=0.02)
    assert record["share_lost"]["estimate"] > 0.12


@pytest.mark.parametrize(("error", "status"), [(KeyboardInterrupt, 130), (WorkerError, 1)])
def test_command_that_is_stopped_exits_cleanly(error, status, capsys, monkeypatch):
    def stopped(*_, **__):
        raise error("stopped")

    monkeypatch.setattr("mechopt.studies.bootstrap.in_processes", stopped)
    assert main(["bootstrap", str(HOUSES)]) == status
    assert capsys.readouterr() == ("", "mechopt: stopped\n")


def test_a_side_that_is_no_sample_is_known(tmp_path, capsys):
    (tmp_path / "bids.csv").write_text("bid\n1\n2\n3\n4\n2.5\n")
    path = tmp_path / "bids.toml"
    path.write_text(
        """
        environment.kind = "bilateral-trade"
        environment.seller = { distribution = "uniform", cells = 20, discount_rate = 2 }
        environment.buyer = { samples = "bids.csv", column = "bid", cells = 2 }
        problem.objective = "minimum-subsidy"
        """
    )
    assert main(["bootstrap", str(path), "--replications", "20", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["second_best"]["estimate"]
    trade = mo.BilateralTrade(
        mo.TypeSpace.from_distribution(stats.uniform(), 20),
        mo.TypeSpace.from_samples([1, 2, 3, 4, 2.5], cells=2),
        seller_rate=2,
    )
    assert found == pytest.approx(mo.solve(mo.ex_ante_efficiency(trade)).objective, abs=1e-12)


def test_samples_of_two_who_exchange_nothing_are_not_drawn(tmp_path, capsys):
    (tmp_path / "bids.csv").write_text("bid\n1\n2\n3\n")
    sampled = '{ samples = "bids.csv", column = "bid" }'
    path = tmp_path / "bids.toml"
    path.write_text(
        f"""
        environment.kind = "bargaining"
        environment.proposer_probability = 0.5
        environment.player_1 = {sampled}
        environment.player_2 = {sampled}
        problem.objective = "player-1-gap"
        """
    )
    assert main(["bootstrap", str(path)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    said = " ".join(printed.err.split())
    assert "for one agent who gives what one other receives" in said
    assert "samples of theirs have sampling errors" in said


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["instances/examples/six_types.toml"], "for the seller or the buyer"),
        (["instances/examples/six_types.toml"], "no samples to draw again"),
        (["instances/missing.toml"], "missing.toml"),
        (["{houses}", "--replications", "1"], "replications"),
        (["{houses}", "--level", "2"], "level"),
        (["{houses}", "--seed", "-1"], "seed"),
        (["{houses}", "--cells", "100"], "--cells: more cells than sample values of the seller"),
        (["{houses}", "--workers", "0"], "--workers"),
    ],
)
def test_command_refuses_bad_words(words, part, capsys, monkeypatch):
    monkeypatch.chdir(HOUSES.parents[2])
    assert main(["bootstrap", *(word.format(houses=HOUSES) for word in words)]) == 2
    output, errors = capsys.readouterr()
    assert output == ""
    assert part in errors
    assert "Traceback" not in errors


def test_pairs_of_unlike_columns_are_refused_in_the_names_of_the_file(tmp_path, capsys):
    for name, values in (("asks", "1\n2\n3"), ("bids", "2\n4")):
        (tmp_path / f"{name}.csv").write_text(f"money\n{values}\n")
    file = tmp_path / "deals.toml"
    file.write_text(
        'problem = { objective = "ex-ante-efficiency" }\n'
        'environment.kind = "bilateral-trade"\n'
        'environment.seller = { samples = "asks.csv", column = "money" }\n'
        'environment.buyer = { samples = "bids.csv", column = "money" }\n'
    )
    for words in ([], ["--paired"], ["--cells", "9"]):
        assert main(["bootstrap", str(file), "--replications", "2", *words]) == (2 if words else 0)
        output, errors = capsys.readouterr()
        assert not re.search(r"giver|receive", output + errors)
        assert "Traceback" not in errors
    assert "--cells: more cells than sample values of the seller (expected at most 3," in errors
