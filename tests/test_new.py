"""Writing instance files from priors given in a few words."""

from __future__ import annotations

import pytest

from mechopt.cli.main import main
from mechopt.instances import load_instance


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "bids.csv").write_text("ask,bid price\n1,2.5\n2,3\n3,1.5\n", "utf-8")
    return tmp_path


def types_of(path):
    agents = load_instance(path).problem.environment.agents
    return [agent.types for agent in agents]


def test_columns_of_a_file(here):
    source = "data/bids.csv"
    command = ["new", "mine/trade.toml", "--seller", f"{source}:ask", "--buyer"]
    (here / "mine").mkdir()
    assert main([*command, f"{source}:bid price", "--unit", 'a "dollar"']) == 0
    seller, buyer = types_of("mine/trade.toml")
    assert seller.mean.tolist() == [1, 2, 3]
    assert buyer.mean.tolist() == [1.5, 2.5, 3]
    assert load_instance("mine/trade.toml").unit == 'a "dollar"'
    assert main(["solve", "mine/trade.toml", "--quiet"]) == 0


def test_distributions_and_lists(here):
    options = ["--seller", "beta:a=2,b=3/2", "--buyer", "0, 1/2,1.5", "--cells", "7"]
    assert main(["new", "trade.toml", *options, "--objective", "minimum-subsidy", "-q"]) == 0
    seller, buyer = types_of("trade.toml")
    assert (seller.num_cells, seller.prior.shapes) == (7, (2.0, 1.5))
    assert buyer.mean.tolist() == [0, 0.5, 1.5]


def test_cells_of_samples(here):
    samples = ["--seller", "data/bids.csv:ask", "--buyer", "uniform:loc=1,scale=2"]
    assert main(["new", "trade.toml", *samples, "--cells", "3"]) == 0
    seller, buyer = types_of("trade.toml")
    assert (seller.num_cells, buyer.num_cells) == (3, 3)
    assert (buyer.lowest, buyer.highest) == (1.0, 3.0)


@pytest.mark.parametrize(
    ("file", "seller", "part"),
    [
        ("trade.txt", "uniform", "trade.toml"),
        ("there.toml", "uniform", "exists"),
        ("trade.toml", "data/bids.csv", "data/bids.csv:COLUMN"),
        ("trade.toml", "data/bids.csv:offer", "environment.seller.column"),
        ("trade.toml", "no.csv:ask", "environment.seller.samples"),
        ("trade.toml", "unifrom", "environment.seller.distribution"),
        ("trade.toml", "beta:2,3", "NAME=VALUE"),
        ("trade.toml", "beta:a=2", "environment.seller"),
        ("trade.toml", "2,1", "environment.seller.types"),
        ("trade.toml", "", "environment.seller"),
        ("no/folder/trade.toml", "uniform", "no/folder"),
    ],
)
def test_what_cannot_be_written_leaves_nothing(here, capsys, file, seller, part):
    (here / "there.toml").write_text("mine", "utf-8")
    assert main(["new", file, "--seller", seller, "--buyer", "uniform"]) == 2
    message = capsys.readouterr().err
    assert part in message
    assert "Traceback" not in message
    assert (here / "there.toml").read_text("utf-8") == "mine"
    assert not (here / "trade.toml").exists()


KINDS = {
    "auction": (
        ["--bidders", "uniform; count=3", "--bidders", "1,2; name=ann", "--seller-value", "1/5"],
        "revenue",
        4,
    ),
    "public-good": (
        ["--consumers", "0,1; count=2", "--cost", "3/4", "--excludable", "true"],
        "ex-ante-efficiency",
        2,
    ),
    "partnership": (["--partners", "1,2,3; share=1/2; count=2"], "ex-ante-efficiency", 2),
    "market": (["--sellers", "0,1", "--buyers", "0,1; count=2"], "ex-ante-efficiency", 3),
    "goods": (["--types", "1,0|0,2|3,3", "--demand", "unit"], "revenue", 1),
    "alternatives": (
        ["--outcomes", "hers,his", "--agents", "name=she; types=low,high; values=2,9|0,0"],
        "ex-ante-efficiency",
        1,
    ),
    "screening": (["--buyer", "1,2", "--cost", "quadratic:c=1"], "revenue", 1),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_own_options(here, kind):
    options, objective, agents = KINDS[kind]
    assert main(["new", "it.toml", "--kind", kind, "--cells", "5", *options, "-q"]) == 0
    assert f'objective = "{objective}"' in (here / "it.toml").read_text("utf-8")
    assert len(load_instance("it.toml").problem.environment.agents) == agents
    assert main(["solve", "it.toml", "--quiet"]) == 0


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (["--kind", "action"], "auction"),
        (["--kind", "bargaining"], "mechopt list"),
        (["--kind", "auction"], "--bidders"),
        (["--kind", "auction", "--biders", "uniform"], "--bidders, --units, --seller-value"),
        (["--kind", "auction", "--bidders", "uniform; 3"], "NAME=VALUE"),
        (["--kind", "auction", "--bidders", "uniform; share=1/2"], "share"),
        (["--kind", "auction", "--bidders", "1,2", "--units", "1.5"], "whole number"),
        (["--kind", "auction", "--bidders", "1,2", "--units", "1", "--units", "2"], "once"),
        (["--kind", "auction", "--bidders", "1,2", "--seller-value", "much"], "seller_value"),
        (["--kind", "public-good", "--consumers", "1", "--cost", "1", "--excludable", "x"], "true"),
        (["--kind", "alternatives", "--outcomes", "a", "--agents", "title=she"], "name=..."),
        (["--seller", "uniform"], "--buyer"),
    ],
)
def test_a_wrong_option_is_one_error_and_leaves_nothing(here, capsys, options, part):
    assert main(["new", "it.toml", *options]) == 2
    message = capsys.readouterr().err
    assert part in message
    assert "Traceback" not in message
    assert not (here / "it.toml").exists()
