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
