"""Answers at the command line and in reports that say what is so, of every kind of environment."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest

import mechopt as mo
from mechopt.cli.main import main
from mechopt.explain.formulation import formulation

HOME = mo.Alternatives(
    ["hike", "swim"],
    {"ann": ["high", "low"], "bob": ["tall", "low"]},
    {"ann": [[1, 0], [0, 2]], "bob": [[1, 0], [0, 2]]},
)


def test_an_explanation_of_types_with_names_speaks_of_no_numbers():
    text = formulation(mo.DesignProblem(HOME, mo.Welfare(), incentives="dominant")).text()
    plain = " ".join(text.split())
    assert "in the order of their table" in plain
    assert "elsewhere all pairs are required" in plain
    assert "type k takes part" in plain
    for word in ("rising", "L_k", "Q_k", "E[q", "of cell k"):
        assert word not in plain


def test_interim_utilities_that_differ_by_rounding_are_level_and_types_have_their_names():
    from dataclasses import replace

    from matplotlib.figure import Figure

    mechanism = mo.solve(mo.DesignProblem(HOME, mo.Welfare())).mechanism
    ax = mo.plot.interim(mechanism, "utility", Figure().add_subplot())
    names = [tick.get_text() for tick in ax.get_xticklabels()]
    assert names == ["ann: high\nbob: tall", "low"]
    types = mo.TypeSpace.finite([1, 2, 3])
    nothing = mo.cramton1985.posted_price(mo.BilateralTrade(types, types), 10.0)
    noise = tuple(np.full(3, 1e-14) * np.arange(3) for _ in range(2))
    noisy = replace(nothing, payment=noise)
    low, high = mo.plot.interim(noisy, "utility", Figure().add_subplot()).get_ylim()
    assert high - low == pytest.approx(0.3)


def test_bids_taken_as_values_are_noted(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text("bid,rabid\n3,1\n4,2\n5,3\n")
    for column, noted in (("bid", True), ("rabid", False)):
        words = ["--kind", "auction", "--bidders", f"a.csv:{column}; count=2"]
        assert main(["new", f"{column}.toml", *words, "--seller-value", "0"]) == 0
        said = " ".join(capsys.readouterr())
        assert ("a.csv:bid: these are taken as values" in said) is noted
        assert main(["solve", f"{column}.toml"]) == 0
        assert ("taken as values" in " ".join(capsys.readouterr().out.split())) is noted
    trade = ["--seller", "a.csv:bid", "--buyer", "a.csv:rabid"]
    assert main(["new", "trade.toml", *trade]) == 0
    said = " ".join(" ".join(capsys.readouterr()).split())
    assert "a.csv:bid: these are taken as what the good is worth to each side" in said
    assert "bids = {" not in said
    assert main(["new", "asks.toml", "--seller", "a.csv:rabid", "--buyer", "uniform"]) == 0
    assert "taken as" not in " ".join(capsys.readouterr())
    assert main(["bootstrap", "bid.toml"]) == 2
    assert "the bootstrap is for one agent who gives" in " ".join(capsys.readouterr().err.split())


def test_a_type_is_named_and_a_module_trusted_at_the_command_line(tmp_path, capsys, monkeypatch):
    from mechopt.cli.explain import _agent_and_type

    assert _agent_and_type(HOME, "ann high") == ("ann", 0)
    assert _agent_and_type(HOME, " bob low ") == ("bob", 1)
    assert _agent_and_type(HOME, "bob 0") == ("bob", 0)
    (tmp_path / "own_outcomes.py").write_text(
        "from dataclasses import dataclass\n"
        "import numpy as np\n"
        "import mechopt as mo\n"
        "@dataclass(frozen=True)\n"
        "class Own(mo.Outcomes):\n"
        "    variables = ('given',)\n"
        "    net_quantity = np.array([[1.0]])\n"
        "    roles = (mo.environments.Role('ann', 'receives'),)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    import own_outcomes  # type: ignore[import-not-found]

    ann = mo.Agent("ann", mo.TypeSpace.finite([1, 2]))
    problem = mo.ex_ante_efficiency(mo.Environment((ann,), own_outcomes.Own()))
    path = tmp_path / "own.json"
    mo.save_solution(mo.solve(problem), path)
    monkeypatch.delitem(sys.modules, "own_outcomes")
    assert main(["verify", str(path)]) == 2
    assert "set MECHOPT_TRUSTED=MODULE" in " ".join(capsys.readouterr().err.split())
    monkeypatch.setenv("MECHOPT_TRUSTED", "own_outcomes")
    assert main(["verify", str(path)]) == 0


def test_comparisons_and_lists_name_the_kinds(capsys):
    types = mo.TypeSpace.finite([0, 1])
    with pytest.raises(mo.InvalidInputError, match=r"bilateral trade.*auction.*public-good"):
        mo.compare(mo.Bargaining(types, types))
    with pytest.raises(mo.InvalidInputError, match="State what is known of the probabilities"):
        mo.robust.known_means(HOME, {"ann": 1})
    assert main(["list"]) == 0
    assert "kind" in capsys.readouterr().out.split("\n")[0].split()


def test_a_check_says_between_what_the_slack_lies(capsys):
    assert main(["check", "cramton1985/uniform_exchange", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["slack_lower"] <= found["slack"] <= found["slack_upper"]


def test_what_is_asked_of_equilibria_comes_first_and_is_proved_again(tmp_path, capsys):
    path = tmp_path / "patience.json"
    assert main(["solve", "peski2024/patience", "--output", str(path)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert said.index("player 1 at 0.9 1.14091 to 1.15") < said.index("first best")
    assert main(["verify", str(path)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "at discount factor 0.9, player 1 expects 1.14091 to 1.15" in said
    for words in (
        ["explain", "peski2024/patience"],
        ["export", "peski2024/patience", "--to", str(tmp_path / "patience.lp")],
        ["plot", str(path), "--output", str(tmp_path / "patience.png"), "--kind", "gap"],
    ):
        assert main(words) == 0
        assert "program of patient players" in " ".join("".join(capsys.readouterr()).split())
