"""What is claimed of an answer: imports that are no optimum, and programs called infeasible."""

from __future__ import annotations

import dataclasses
import gzip
import json
import random
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import pytest

import mechopt as mo
from mechopt.backends import explain
from mechopt.backends.unproved import proved
from mechopt.cli.main import main
from mechopt.formats.read_sidecar import load_sidecar
from mechopt.mechanism.allocation import Table
from mechopt.solution import PointStatus, Termination
from tests.cases import uniform_types

SIX = mo.TypeSpace.finite([1, 2, 3, 4, 5, 6])
PROBLEM = mo.ex_ante_efficiency(mo.BilateralTrade(SIX, SIX))


def write_answer(problem, mechanism, model, solution, *, status="Optimal", further=(), duals=None):
    """Write a mechanism as HiGHS writes the answer to an exported model."""
    mo.export(problem, model)
    sidecar = load_sidecar(model)
    environment = problem.environment
    parts = dict(
        zip(environment.outcomes.variables, mechanism.allocation.dense(environment), strict=True)
    )
    for i, agent in enumerate(environment.agents):
        parts[f"{agent.name}_quantity"] = mechanism.quantity[i]
        parts[f"{agent.name}_payment"] = mechanism.payment[i]
    columns = []
    for name in sidecar.variable_names:
        place = sidecar.where(name)
        columns.append(f"{name} {float(parts[place.block][place.index])!r}")
    names = [*sidecar.constraint_names, *further]
    rows = [f"{name} {0.0 if duals is None else duals.get(name, 0.0)!r}" for name in names]
    lines = ["Model status", status, "", "# Primal solution values", "Feasible"]
    lines += [f"# Columns {len(columns)}", *columns, f"# Rows {len(names)}"]
    lines += [f"{name} 0" for name in names]
    lines += ["", "# Dual solution values", "Feasible", "# Columns 0", f"# Rows {len(rows)}", *rows]
    solution.write_text("\n".join([*lines, ""]))


@pytest.fixture
def files(tmp_path):
    return tmp_path / "model.mps", tmp_path / "answer.sol"


@pytest.mark.parametrize("status", ["Optimal", "Time limit reached"])
@pytest.mark.parametrize("further", [(), ("no_gifts",)])
def test_a_restricted_mechanism_is_one_with_a_value_and_a_bound(status, further, files, capsys):
    # The best posted price; nobody claims that it is the best mechanism.
    mechanism = mo.cramton1985.posted_price(PROBLEM.environment, 3)
    write_answer(PROBLEM, mechanism, *files, status=status, further=further)
    found = mo.import_solution(*files)
    assert found.termination is Termination.LIMIT
    assert found.alpha is None
    assert found.objective == pytest.approx(5 / 6)  # 30 of 36, in units of 1/36
    assert found.bound == pytest.approx(25 / 27)
    saved = files[0].with_name("saved.json")
    assert main(["import", *map(str, files), "--output", str(saved)]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "a mechanism: value 0.833333, bound 0.925926, gap 0.0926; not claimed optimal" in out
    assert "second best" not in out
    assert "rule" not in out
    assert "binding" not in out
    assert ("1 more constraints than the model, such as no_gifts" in out) == bool(further)
    assert main(["import", *map(str, files), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["status"], record["alpha"]) == ("limit", None)
    assert record["audit"]["passed"]
    assert main(["import", *map(str, files), "--quiet"]) == 0
    assert "limit, a mechanism: value 0.833333" in capsys.readouterr().out
    assert main(["verify", str(saved)]) == 0
    assert "not claimed optimal" in capsys.readouterr().out


def test_a_restricted_mechanism_that_breaks_a_requirement_ends_with_1(files, capsys):
    fair = mo.cramton1985.posted_price(PROBLEM.environment, 3)
    greedy = mo.Mechanism(
        fair.environment, fair.allocation, (fair.payment[0] - 0.01, fair.payment[1] + 0.01)
    )
    write_answer(PROBLEM, greedy, *files)
    assert main(["import", *map(str, files)]) == 1
    assert "participation of buyer: BROKEN" in capsys.readouterr().out


def test_an_auction_that_the_direct_solver_does_not_take_has_a_bound_too(files):
    types = uniform_types(3)
    agents = (mo.Agent("first", types), mo.Agent("second", types))
    problem = mo.ex_ante_efficiency(mo.Environment(agents, mo.environments.SingleGood(2)))
    never = mo.Mechanism(
        problem.environment, Table(np.zeros((2, 3, 3))), (np.zeros(3), np.zeros(3))
    )
    write_answer(problem, never, *files)
    found = mo.import_solution(*files)
    assert found.termination is Termination.LIMIT
    assert found.objective == 0.0
    assert found.bound == pytest.approx(mo.solve(problem).objective)


def test_multipliers_of_a_file_that_are_wrong_one_by_one_are_not_printed(files, capsys):
    solution = mo.solve(PROBLEM)
    sidecar_of = {"buyer_ic_up_0": 0.7, "buyer_ic_up_1": 0.7}
    budget = float(solution.duals["budget"][0])
    write_answer(PROBLEM, solution.mechanism, *files, duals={**sidecar_of, "budget": budget})
    assert main(["import", *map(str, files)]) == 0
    out = capsys.readouterr().out
    assert "buyer: imitating lower types at 5 of 5 steps" in " ".join(out.split())
    assert "prove more than the file's" in " ".join(out.split())


# Models that unpack to gigabytes, and what is no file


def test_a_model_without_end_is_one_clear_error(files, monkeypatch, capsys):
    monkeypatch.setattr("mechopt.formats.model_file.MAX_BYTES", 1 << 20)
    model, solution = files[0].with_name("model.mps.gz"), files[1]
    write_answer(PROBLEM, mo.cramton1985.posted_price(PROBLEM.environment, 3), model, solution)
    model.write_bytes(gzip.compress(b"\0" * (1 << 24)))
    assert model.stat().st_size < 20_000
    assert main(["import", str(model), str(solution)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "more than 1,048,576 bytes when unpacked" in err
    model.unlink()
    model.mkdir()
    assert main(["import", str(model), str(solution)]) == 2
    assert "no regular file" in capsys.readouterr().err
    model.rmdir()
    model.write_bytes(b"\x1f\x8b\x08")
    assert main(["import", str(model), str(solution)]) == 2


def test_entities_are_not_unfolded(files, capsys):
    write_answer(PROBLEM, mo.cramton1985.posted_price(PROBLEM.environment, 3), *files)
    deep = "".join(f'<!ENTITY a{k} "{f"&a{k - 1};" * 10}">' for k in range(1, 10))
    files[1].write_text(f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "x">{deep}]><x>&a9;</x>')
    assert main(["import", *map(str, files)]) == 2
    assert "a document with a type of its own" in capsys.readouterr().err


# Programs that are called infeasible


SWAPPED = """
[environment]
kind = "bargaining"
proposer_probability = 0.999999999999
swap_players = true
[environment.player_1]
types = [10000]
[environment.player_2]
types = [1e-8]
[problem]
objective = "player-1-gap"
"""


@pytest.mark.parametrize("backend", ["auto", "highs", "cvxpy"])
def test_a_program_that_tolerances_call_infeasible_has_its_optimum(backend, tmp_path, capsys):
    path = tmp_path / "far.toml"
    path.write_text(SWAPPED)
    assert main(["solve", str(path), "--json", "--backend", backend]) == 0
    record = json.loads(capsys.readouterr().out)
    # Player 2 gets the good and pays player 1 what the good is worth to it.
    assert record["objective"] == pytest.approx(1e-8, rel=1e-6)
    assert record["status"] == "optimal"


def claim(problem, termination):
    """Return what a backend says that calls a problem infeasible or unbounded, without a proof."""
    return replace(
        mo.solve(problem),
        termination=termination,
        objective=np.nan,
        bound=np.nan,
        mechanism=None,
        duals={},
        alpha=None,
        primal_status=PointStatus.NONE,
        dual_status=PointStatus.NONE,
    )


@pytest.mark.parametrize("said", [Termination.INFEASIBLE, Termination.UNBOUNDED])
def test_a_false_claim_is_settled_or_a_limit(said, monkeypatch):
    found = proved(claim(PROBLEM, said))
    assert found.termination is Termination.OPTIMAL
    assert found.objective == pytest.approx(25 / 27)
    assert found.provenance.notes[-1].endswith("this optimum was found in fractions")
    mo.audit(PROBLEM, found).raise_if_failed()
    monkeypatch.setattr("mechopt.backends.unproved.MAX_EXACT_PROFILES", 0)
    found = proved(claim(PROBLEM, said))
    assert found.termination is Termination.LIMIT
    assert explain(found).startswith(f"undecided: the solver calls the program {said}, and nothing")
    text = explain(claim(PROBLEM, said)) if said is Termination.INFEASIBLE else ""
    assert "no mechanism meets" not in text


@dataclass(frozen=True)
class Demand(mo.environments.OutsideOption):
    """Staying out is worth more than there is."""

    amount: float

    def __call__(self, types):
        return np.full(len(types), self.amount)

    def in_fractions(self, types):
        return np.array([Fraction(str(self.amount))] * len(types), dtype=object)


def test_a_true_claim_without_a_certificate_gets_one_from_fractions():
    agents = (mo.Agent("seller", SIX, Demand(7.5)), mo.Agent("buyer", SIX))
    problem = mo.ex_ante_efficiency(mo.Environment(agents, mo.Trade()))
    blank = replace(claim(PROBLEM, Termination.INFEASIBLE), problem=problem)
    found = proved(blank)
    assert found.termination is Termination.INFEASIBLE
    assert found.dual_status is PointStatus.CERTIFICATE
    assert mo.audit(problem, found).passed
    assert "as the attached multipliers prove" in explain(found)


def test_random_far_bargaining_is_never_called_infeasible_without_proof():
    rng = random.Random(12)
    for _ in range(12):
        spaces = []
        for _ in range(2):
            size = rng.randint(1, 2)
            types = sorted(10 ** rng.uniform(-8, 4) for _ in range(size))
            chance = 10 ** rng.uniform(-12, -1)
            mass = [1.0] if size == 1 else [chance, 1.0 - chance]
            spaces.append(mo.TypeSpace.finite(types, mass))
        near = 1.0 - 10 ** rng.uniform(-12, -1)
        problem = mo.peski2024.best_for_player_1(mo.Bargaining(*spaces, near))
        found = mo.solve(problem, "highs", throw=False)
        # There is always a mechanism: whoever is drawn makes its monopoly offer.
        assert found.termination in {Termination.OPTIMAL, Termination.LIMIT}


@pytest.mark.parametrize("backend", ["highs", "cvxpy", "pyomo"])
def test_a_refuted_claim_is_not_kept_where_floats_do_not_reach_the_optimum(backend, monkeypatch):
    # A rare type's payoff weighs far more than its mass, and the solvers take that for unbounded.
    rare = mo.TypeSpace.finite([0, 2], [1.0, 1e-15])
    trade = mo.BilateralTrade(rare, mo.TypeSpace.finite([1]))
    weights = mo.WeightedPayoffs(([0.001, 0.196], [0.001]))
    problem = mo.DesignProblem(trade, weights, incentives=("none", "interim"))
    optimum = mo.solve(problem, backend)
    assert optimum.objective == pytest.approx(0.196e15, rel=1e-9)

    def short(solution):
        return dataclasses.replace(solution, termination=Termination.LIMIT)

    monkeypatch.setattr("mechopt.backends.unproved.gated", short)
    solution = mo.solve(problem, backend, throw=False)
    assert solution.termination is Termination.LIMIT
    assert "calls the program unbounded" in solution.provenance.notes[-1]
