"""Writing instance files from priors given in a few words."""

from __future__ import annotations

import json

import pytest

from mechopt.cli.main import main
from mechopt.environments.kinds import kinds
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
    "bargaining": (
        [
            "--player-1",
            "0,2; probability_high=3/4",
            "--player-2",
            "1,3",
            "--proposer-probability",
            "1/2",
        ],
        "player-1-gap",
        2,
    ),
    "procurement": (["--suppliers", "1,2; count=2", "--benefit", "1,3|2,4"], "revenue", 2),
    "bilateral-trade": (["--seller", "0,1", "--buyer", "uniform"], "ex-ante-efficiency", 2),
    "screening": (["--buyer", "1,2", "--cost", "quadratic:c=1"], "revenue", 1),
}


def test_there_is_a_line_for_every_kind():
    written = {kind.name for kind in kinds().values() if kind.fields}
    assert set(KINDS) >= written


PRIORS = {
    "total_variation=1/10": "Near",
    "wasserstein=1/4; centre=1/4,1/4|1/4,1/4": "Wasserstein",
    "marginals": "Moments",
    "means; seller=1/2; buyer=2/5,3/5": "Moments",
    "moments; function=0,1|1,2; at_most=3/2": "Moments",
    "listed; fair=1/4,1/4|1/4,1/4; alike=1/2,0|0,1/2": None,
}


@pytest.mark.parametrize("words", PRIORS)
def test_priors_that_a_designer_holds_possible(here, words):
    stated = ["--incentives", "dominant", "--participation", "ex-post", "--budget-holds", "ex-post"]
    sides = ["--seller", "0,1", "--buyer", "0,1"]
    assert main(["new", "it.toml", *sides, *stated, "--priors", words, "-q"]) == 0
    objective = load_instance("it.toml").problem.objective
    kind = PRIORS[words]
    assert kind == (None if kind is None else type(objective.priors).__name__)
    assert main(["solve", "it.toml", "--quiet"]) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_own_options(here, kind):
    options, objective, agents = KINDS[kind]
    assert main(["new", "it.toml", "--kind", kind, "--cells", "5", *options, "-q"]) == 0
    assert f'objective = "{objective}"' in (here / "it.toml").read_text("utf-8")
    assert len(load_instance("it.toml").problem.environment.agents) == agents
    assert main(["solve", "it.toml", "--quiet"]) == 0


@pytest.mark.parametrize("kind", ["{}", "smoothed:{}", "kernel:{},bandwidth=1,low=0,high=9"])
@pytest.mark.parametrize("column", ["cost; usd", "cost, all", 'six "sixes"', "plain"])
def test_a_column_in_quotes_may_have_any_name(here, kind, column):
    quoted = column.replace('"', '""')
    rows = "\n".join(["{0},value", "1,2", "2,3", "3,4", "4,5"]).format(f'"{quoted}"')
    (here / "odd.csv").write_text(rows, "utf-8")
    seller = kind.format(f'odd.csv:"{quoted}"')
    sides = ["--seller", seller, "--buyer", "odd.csv:value", "--cells", "2"]
    assert main(["new", "it.toml", *sides]) == 0
    assert types_of("it.toml")[0].num_cells == 2
    assert json.dumps(column) in (here / "it.toml").read_text("utf-8")


def test_a_semicolon_outside_quotes_is_told_apart(here, capsys):
    (here / "odd.csv").write_text("cost; usd,value\n1,2\n", "utf-8")
    assert main(["new", "it.toml", "--seller", "odd.csv:cost; usd", "--buyer", "uniform"]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "put the name of a column that has semicolons in double quotes" in said


def test_money_and_lotteries_can_be_ruled_out(here):
    options = [*KINDS["alternatives"][0], "--no-transfers", "--deterministic"]
    assert main(["new", "it.toml", "--kind", "alternatives", *options, "-q"]) == 0
    problem = load_instance("it.toml").problem
    assert (problem.payment_limit, problem.has_payment_limit, problem.deterministic) == (
        0,
        True,
        True,
    )
    assert main(["new", "usual.toml", "--kind", "alternatives", *options[:-2], "--transfers"]) == 0
    usual = load_instance("usual.toml").problem
    assert (usual.has_payment_limit, usual.deterministic) == (False, False)


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (["--kind", "action"], "auction"),
        (["--kind", "bargaining"], "--proposer-probability"),
        (["--priors", "means"], "means; ann=1/2"),
        (["--priors", "marginals", "--priors", "wasserstein=1"], "one set of priors"),
        (["--priors", "all"], "total_variation or wasserstein"),
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


def test_a_distribution_as_python_calls_it_is_answered_with_how_to_write_it(tmp_path, capsys):
    file = tmp_path / "trade.toml"
    assert main(["new", str(file), "--seller", "uniform", "--buyer", "uniform(0, 2)"]) == 2
    said = capsys.readouterr().err
    assert "got uniform(0, 2)" in said
    assert "uniform:NAME=NUMBER" in said
    assert not file.exists()
