"""Exported models: read again by other software, they are the same programs."""

from __future__ import annotations

import dataclasses
import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy import sparse, stats

import mechopt as mo
from mechopt.cli.main import main
from mechopt.formats.lp import lp_text
from mechopt.formats.mps import mps_text
from mechopt.formats.numerals import numerals, signed
from mechopt.formats.read_sidecar import load_sidecar
from mechopt.formats.sidecar import Optimum, Sidecar
from mechopt.formats.write import content_of
from mechopt.program.highs_model import load
from mechopt.program.names import Names, block_names, names_in, names_of, prefix_of
from mechopt.program.standard_form import Block, StandardForm, standard_form
from mechopt.studies.dominance import dominance_problem
from tests.cases import FIXED, PROGRAMS, uniform_types
from tests.draws import drawn, in_turn
from tests.oracle import full_optimum
from tests.readers import (
    ConicProgram,
    form_arrays,
    highs_arrays,
    highs_optimum,
    scip_model,
    scip_optimum,
    two_named,
)

LINEAR_OPTIMUM = 1e-9
CONIC_OPTIMUM = 1e-6
INSTANCES = Path(__file__).parents[1] / "instances"
SIX = mo.BilateralTrade(uniform_types(6), uniform_types(6))
FEW = ["finite-irregular", "cells-irregular", "one-seller-type", "cells-with-gaps"]
HOSTILE = [
    "e1", "E", "E5", "inf", "INF_1", "nan", "free", "st", "end", "bounds", "subject", "buyer_ic_up",
    "_", "__e", "x_0", "s0", "trade", "cost", "RHS", "a" * 300, "a_u41_", "sos1", "bin", "max",
]  # fmt: skip


def delayed(seller_rate=2.0, buyer_rate=1.0, size=4):
    return mo.BilateralTrade(uniform_types(size), uniform_types(size), seller_rate, buyer_rate)


def file_optimum(problem):
    """Return what a solver must find in the file of a problem."""
    return -problem.objective.sign * mo.solve(problem).objective


def exported(problem, path, **options):
    model, sidecar = mo.export(problem, path, **options)
    assert (model, sidecar) == (path, Path(f"{path}.json"))
    return load_sidecar(path)


# The same program


@pytest.mark.parametrize(("name", "suffix"), in_turn(list(FIXED), ["mps", "lp", "mps.gz"]))
def test_highs_reads_exactly_the_program(name, suffix, tmp_path):
    problem = mo.ex_ante_efficiency(FIXED[name])
    mo.export(problem, tmp_path / f"model.{suffix}")
    form = standard_form(problem)
    assert highs_arrays(tmp_path / f"model.{suffix}") == form_arrays(form, names_of(form))


@pytest.mark.parametrize("suffix", ["mps", "lp"])
@pytest.mark.parametrize("program", PROGRAMS)
def test_the_two_readers_find_the_optimum(program, suffix, tmp_path):
    problem = PROGRAMS[program](FIXED["finite-irregular"])
    path = tmp_path / f"model.{suffix}"
    mo.export(problem, path)
    solution = mo.solve(problem, throw=False)
    if solution.mechanism is None:
        assert highs_optimum(path) is scip_optimum(path) is None
        return
    expected = file_optimum(problem)
    assert highs_optimum(path) == pytest.approx(expected, abs=LINEAR_OPTIMUM)
    assert scip_optimum(path) == pytest.approx(expected, abs=LINEAR_OPTIMUM)


@pytest.mark.parametrize("name", FEW)
def test_scip_finds_the_optimum_in_every_format(name, tmp_path):
    problem = mo.ex_ante_efficiency(FIXED[name])
    for suffix in ("mps", "lp", "nl"):
        path = tmp_path / f"model.{suffix}"
        mo.export(problem, path)
        assert scip_optimum(path) == pytest.approx(file_optimum(problem), abs=LINEAR_OPTIMUM)


@pytest.mark.parametrize("program", PROGRAMS)
def test_mosek_reads_linear_programs_in_cbf(program, tmp_path):
    problem = PROGRAMS[program](FIXED["cells-with-gaps"])
    sidecar = exported(problem, tmp_path / "model.cbf")
    conic = ConicProgram(tmp_path / "model.cbf")
    form = standard_form(problem)
    assert conic.minimises
    assert (conic.cost == -form.cost).all()
    head = conic.matrix[: form.matrix.shape[0]]
    assert (head != sparse.csr_array(form.matrix)).nnz == 0
    assert conic.constant.size == sidecar.constraint_names.size
    assert sidecar.num_nonzeros == conic.matrix.nnz
    solution = mo.solve(problem, throw=False)
    if solution.mechanism is not None:
        assert conic.optimum() == pytest.approx(file_optimum(problem), abs=CONIC_OPTIMUM)


@pytest.mark.parametrize("rates", [(2.0, 1.0), (1.0, 3.0), (1.0, 0.4), (np.inf, 1.0)])
def test_delayed_trade_has_its_optimum_as_cones_and_as_powers(rates, tmp_path):
    problem = mo.ex_ante_efficiency(delayed(*rates, size=3))
    expected = file_optimum(problem)
    sidecar = exported(problem, tmp_path / "model.cbf")
    conic = ConicProgram(tmp_path / "model.cbf")
    assert conic.optimum() == pytest.approx(expected, abs=CONIC_OPTIMUM)
    powers = [cone for cone in conic.cones if cone[0] == "POW"]
    curves = problem.environment.outcomes.curves
    assert len(powers) == 9 * len(curves)
    for power in curves:
        assert powers[4][2] == power.exponent
        names = sidecar.constraint_names[powers[4][1]].tolist()
        assert names == [f"frontier_s1_b1_r{row}" for row in range(3)]
        base, bounded = (
            problem.environment.outcomes.variables[v] for v in (power.base, power.bounded)
        )
        rows = conic.matrix[powers[4][1]].toarray()
        columns = {name: k for k, name in enumerate(sidecar.variable_names)}
        assert rows[0, columns[f"{base}_s1_b1"]] == rows[2, columns[f"{bounded}_s1_b1"]] == 1
        assert np.abs(rows).sum() == 2
        assert conic.constant[powers[4][1]].tolist() == [0, 1, 0]
    mo.export(problem, tmp_path / "model.nl")
    assert scip_optimum(tmp_path / "model.nl") == pytest.approx(expected, abs=CONIC_OPTIMUM)


@pytest.mark.parametrize("program", PROGRAMS)
def test_scip_finds_the_optimum_of_every_program_in_nl(program, tmp_path):
    problem = PROGRAMS[program](SIX)
    mo.export(problem, tmp_path / "model.nl")
    found = scip_optimum(tmp_path / "model.nl")
    if mo.solve(problem, throw=False).mechanism is None:
        assert found is None
    else:
        assert found == pytest.approx(file_optimum(problem), abs=LINEAR_OPTIMUM)


def test_nl_orders_in_the_sidecar_are_those_of_the_file(tmp_path):
    problem = mo.ex_ante_efficiency(delayed())
    sidecar = exported(problem, tmp_path / "model.nl")
    model = scip_model(tmp_path / "model.nl")
    model.optimize()
    values = {v.name: model.getVal(v) for v in model.getVars()}
    named = {name: values[f"x{k}"] for k, name in enumerate(sidecar.variable_names)}
    expected = mo.solve(problem).mechanism
    trade = [named[f"seller_trade_s{s}_b{b}"] for s in range(4) for b in range(4)]
    assert trade == pytest.approx(
        expected.allocation.dense(problem.environment)[0].ravel(), abs=1e-3
    )


# All pairs, and joint priors


@pytest.mark.parametrize("program", ["equal-weights", "uneven-weights", "minimum-subsidy"])
@pytest.mark.parametrize("name", ["finite-uniform", *FEW])
def test_all_pairs_have_the_optimum_of_the_small_form_and_of_the_oracle(name, program):
    problem = PROGRAMS[program](FIXED[name])
    model = load(standard_form(problem, textbook=True), 1e-9)
    model.run()
    expected = file_optimum(problem)
    assert model.getObjectiveValue() == pytest.approx(expected, abs=1e-8)
    agents = [agent.types for agent in problem.environment.agents]
    weights = getattr(problem.objective, "weights", None)
    rule = problem.prescribed_allocation()
    oracle = full_optimum(*agents, weights=weights, rule=None if rule is None else rule[0])
    assert -problem.objective.sign * oracle == pytest.approx(expected, abs=1e-8)


def test_rows_of_all_pairs_are_named_after_both_types(tmp_path):
    sidecar = exported(mo.ex_ante_efficiency(SIX), tmp_path / "model.lp", form="all-pairs")
    place = sidecar.where("seller_ic_lower_4_1")
    assert (place.agents, place.index) == (("seller", "seller"), (4, 1))
    rows = [place for name, place in all_places(sidecar).items() if name.startswith("seller_ic")]
    assert len({place.index for place in rows}) == len(rows) == 30


def test_the_budget_in_every_profile_follows_the_requirement():
    problem = mo.ex_ante_efficiency(SIX)
    for budget, ends in (("balanced", (0, 0)), ("no-deficit", (0, np.inf))):
        form = standard_form(dataclasses.replace(problem, budget=budget), textbook=True)
        block = form.constraints["budget"]
        assert (block.of(form.row_lower) == ends[0]).all()
        assert (block.of(form.row_upper) == ends[1]).all()
    assert "budget" not in standard_form(mo.minimum_subsidy(SIX), textbook=True).constraints


def test_a_joint_prior_and_a_status_quo_are_exported(tmp_path):
    prior = mo.Joint([[0.3, 0.1], [0.1, 0.5]])
    agents = (
        mo.Agent("seller", mo.TypeSpace.finite([0, 1], prior.masses[0])),
        mo.Agent("buyer", mo.TypeSpace.finite([0.5, 2], prior.masses[1])),
    )
    trade = mo.Environment(agents, mo.Trade(), prior)
    status_quo = mo.studies.InterimPayoffs(*[(np.array([0.1, 0.0]), np.array([0.0, 0.2]))] * 3)
    problem = dominance_problem(trade, status_quo)
    expected = mo.solve(problem).objective
    for suffix in ("mps", "lp"):
        path = tmp_path / f"joint.{suffix}"
        sidecar = exported(problem, path)
        found = sidecar.objective_of(highs_optimum(path))
        assert found == pytest.approx(expected, abs=LINEAR_OPTIMUM)
        assert sidecar.objective_of(scip_optimum(path)) == pytest.approx(expected, abs=1e-8)
        form = standard_form(problem)
        assert highs_arrays(path) == form_arrays(form, names_of(form))
    assert sidecar.where("buyer_ic_lower_1_0").index == (1, 0)
    assert sidecar.where("buyer_utility_lower_1").types == (2.0,)
    mo.export(problem, tmp_path / "joint.cbf")
    found = sidecar.objective_of(ConicProgram(tmp_path / "joint.cbf").optimum())
    assert found == pytest.approx(expected, abs=CONIC_OPTIMUM)


# Names


def all_places(sidecar):
    names = [*sidecar.variable_names, *sidecar.constraint_names]
    return {name: sidecar.where(name) for name in names}


@pytest.mark.parametrize("name", ["finite-irregular", "cells-with-gaps", "samples-in-cells"])
def test_names_lead_to_the_constraint_and_its_types(name, tmp_path):
    problem = mo.ex_ante_efficiency(FIXED[name])
    sidecar = exported(problem, tmp_path / "model.mps")
    read = highs_arrays(tmp_path / "model.mps")
    assert set(read["rows"]) == set(sidecar.constraint_names)
    touched = {}
    for row, column in read["entries"]:
        touched.setdefault(row, set()).add(column)
    seen = set()
    for row in read["rows"]:
        place = sidecar.where(row)
        assert place.kind == "constraint"
        seen.add((place.block, place.index))
        steps = place.block.endswith(("_ic_down", "_ic_up", "_monotonicity"))
        for column in touched[row]:
            variable = sidecar.where(column)
            assert variable.kind == "variable"
            if place.block == "budget" or len(variable.index) == 2:
                continue
            # What a row is about is seen from the coefficients: a type, or it and the next.
            assert variable.agents == place.agents
            assert variable.index[0] - place.index[0] in ({0, 1} if steps else {0})
        if place.block != "budget":
            agent = problem.environment.agents[problem.environment.index_of(place.agents[0])]
            assert place.types == (agent.types.mean[place.index[0]],)
    assert len(seen) == len(read["rows"])
    with pytest.raises(mo.InvalidInputError, match="no such variable or constraint"):
        sidecar.where("trade_s0_b99")


def test_rows_that_skip_types_are_named_after_those_they_have(tmp_path):
    space = mo.TypeSpace([0.5, 0.5], [0.2, 0.8], [0.2, 0.7], [0.2, 0.9])
    sidecar = exported(
        mo.ex_ante_efficiency(mo.BilateralTrade(space, uniform_types(2))), tmp_path / "model.mps"
    )
    assert "seller_participation_upper_0" not in sidecar.constraint_names
    assert sidecar.where("seller_participation_upper_1").types == (0.8,)


@pytest.mark.parametrize(("name", "suffix"), in_turn(HOSTILE, ["mps", "lp"]))
def test_hostile_names_survive_both_readers(name, suffix, tmp_path):
    problem = two_named(name, "buyer" if name != "buyer" else "other", size=2)
    path = tmp_path / f"model.{suffix}"
    sidecar = exported(problem, path)
    form = standard_form(problem)
    assert highs_arrays(path) == form_arrays(form, names_of(form))
    model = scip_model(path)
    assert {v.name for v in model.getVars()} == set(sidecar.variable_names)
    assert {c.name for c in model.getConss()} == set(sidecar.constraint_names)
    for text in (*sidecar.variable_names, *sidecar.constraint_names):
        assert re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,254}", text)
        assert not re.match(r"e|inf|nan", text, flags=re.IGNORECASE)
    for block in standard_form(problem).variables:
        assert any(place.block == block for place in all_places(sidecar).values())


@pytest.mark.parametrize("name", ["e1", "objective", "profiles_", "minus", "cost_0"])
def test_hostile_names_survive_in_nl(name, tmp_path):
    problem = two_named(name, "buyer", size=2)
    sidecar = exported(problem, tmp_path / "model.nl")
    assert scip_optimum(tmp_path / "model.nl") == pytest.approx(file_optimum(problem), abs=1e-9)
    blocks = {sidecar.where(text).block for text in sidecar.variable_names}
    own = {f"{agent}_{kind}" for agent in (name, "buyer") for kind in ("quantity", "payment")}
    assert blocks == {"trade", *own}


@pytest.mark.parametrize("second", ["buyer_ic", "buyer_participation", "buyer_ic_down", "b"])
@pytest.mark.parametrize("sizes", [(4, 2), (3, 4), (2, 4)])
@pytest.mark.parametrize("suffix", ["nl", "mps"])
def test_an_agent_whose_name_begins_with_another_is_told_apart(second, sizes, suffix, tmp_path):
    agents = [
        mo.Agent(name, uniform_types(size))
        for name, size in zip(("buyer", second), sizes, strict=True)
    ]
    problem = mo.ex_ante_efficiency(mo.Environment(agents, mo.Trade()))
    sidecar = exported(problem, tmp_path / f"model.{suffix}")
    form = standard_form(problem)
    for place in all_places(sidecar).values():
        blocks = form.variables if place.kind == "variable" else form.constraints
        block = blocks[place.block]
        assert place.agents == block.axes
        assert not np.isnan(place.types).any()


@given(st.lists(st.text(alphabet="ab_u01eE5 é", min_size=0, max_size=8), unique=True, max_size=6))
@settings(max_examples=len(drawn(60, 3)))
def test_different_blocks_never_share_a_name(names):
    shapes = [
        ((2,), ("a",)),
        ((2, 2), ("a", "b")),
        ((1,), ()),
        ((2,), ("a", "a")),
        ((2, 2), ("p", "p2")),
    ]
    for shape, axes in shapes:
        for other_shape, other_axes in shapes:
            found = []
            for k, name in enumerate(names):
                own = (shape, axes) if k % 2 else (other_shape, other_axes)
                found += block_names(Block(name, 0, *own)).tolist()
            assert len(set(found)) == len(found)


def test_long_names_stay_different_and_short():
    names = ["a" * 300 + end for end in "bcd"]
    found = [prefix_of(name) for name in names]
    assert len(set(found)) == 3
    assert all(len(name) <= 202 for name in found)
    block = Block("a" * 400, 0, (2,) * 15, tuple("abcdfghijklmnop"))
    assert len(block_names(block)[0]) <= 255
    with pytest.raises(mo.InvalidInputError, match="too long for solvers"):
        names_in({"a" * 400: Block("a" * 400, 0, (1,) * 40, tuple(f"x{k}" for k in range(40)))})


# Numbers


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=30))
@settings(max_examples=50)
def test_numbers_read_back_to_the_same_floats(values):
    array = np.array(values)
    for texts in (numerals(array), signed(array)):
        assert [float(text) for text in texts] == values
        assert all(
            len(text.lstrip("+-").replace(".", "").split("e")[0].lstrip("0")) <= 17
            for text in texts
        )
    assert all(text[0] in "+-" for text in signed(array))


def odd_form():
    """Return a program with every kind of bound and row, empty ones, and extreme coefficients."""
    lower = np.array([0.0, -np.inf, -np.inf, 2.0, 0.0, -3.0, 0.0, -1e15, 1 / 3])
    upper = np.array([np.inf, np.inf, -1.0, np.inf, -0.0, 4.0, 1e-9, 1e15, 1 / 3])
    matrix = np.zeros((6, 9))
    matrix[0, :3] = [1e-9, 1e12, -1 / 3]
    matrix[1, 3:6] = [2 / 3, -1e-7, 0.1]
    matrix[3, [1, 7]] = [1.0, 2.2250738585072014e-7]
    matrix[5, 5] = 123456789.123456789
    cost = np.array([0.0, 1 / 3, 0, 0, -1e-8, 0, 1e9, 0, 0])
    rows = np.array([-np.inf, 1e-12, 0.0, 0.0, -np.inf, -5.0])
    tops = np.array([1e14, 1e-12, np.inf, np.inf, 0.0, np.inf])
    variables = {"v": Block("v", 0, (9,), ("a",))}
    constraints = {"c": Block("c", 0, (6,), ("a",))}
    return StandardForm(
        cost, sparse.csc_array(matrix), rows, tops, lower, upper, variables, constraints
    )


@pytest.mark.parametrize("write", [mps_text, lp_text])
def test_every_kind_of_bound_and_row_survives(write, tmp_path):
    form = odd_form()
    path = tmp_path / f"model.{write.__name__[:-5]}"
    path.write_text(write(form, names_of(form)))
    assert highs_arrays(path) == form_arrays(form, names_of(form))
    scip = scip_model(path)
    bounds = {v.name: (v.getLbOriginal(), v.getUbOriginal()) for v in scip.getVars()}
    assert bounds["v_2"] == (-1e20, -1.0)
    assert bounds["v_4"] == (0.0, 0.0)
    assert len(scip.getConss()) == 6


def test_a_changed_digit_would_be_noticed(tmp_path):
    form = odd_form()
    path = tmp_path / "model.mps"
    path.write_text(
        mps_text(form, names_of(form)).replace("0.6666666666666666", "0.6666666666666665")
    )
    assert highs_arrays(path) != form_arrays(form, names_of(form))


def test_rows_with_two_ends_become_ranges_or_are_refused(tmp_path):
    form = dataclasses.replace(odd_form(), row_lower=np.array([-1.0, 0, 0, 0, 0, -5]))
    (tmp_path / "model.mps").write_text(mps_text(form, names_of(form)))
    read = highs_arrays(tmp_path / "model.mps")["rows"]
    assert read["c_0"] == (-1.0, 1e14)
    with pytest.raises(mo.InvalidInputError, match=r"c_0.*Export to \.mps"):
        lp_text(form, names_of(form))


def test_free_rows_are_no_constraints(tmp_path):
    form = dataclasses.replace(
        odd_form(), row_lower=np.full(6, -np.inf), row_upper=np.full(6, np.inf)
    )
    for write, suffix in ((mps_text, "mps"), (lp_text, "lp")):
        path = tmp_path / f"free.{suffix}"
        path.write_text(write(form, names_of(form)))
        rows = highs_arrays(path)["rows"].values()
        assert all(ends == (-np.inf, np.inf) for ends in rows)


@pytest.mark.parametrize(
    ("form", "suffix"),
    [
        *(("neighbouring", suffix) for suffix in ("mps", "lp", "cbf", "nl")),
        *(("all-pairs", suffix) for suffix in ("mps", "lp", "cbf")),
    ],
)
def test_a_program_without_requirements_can_be_written(form, suffix, tmp_path):
    problem = mo.DesignProblem(
        SIX,
        mo.Welfare((1.0, 1.0)),
        incentives=("none", "none"),
        participation=("none", "none"),
        budget="subsidised",
    )
    path = tmp_path / f"model.{suffix}"
    sidecar = exported(problem, path, form=form)
    program = standard_form(problem, textbook=form == "all-pairs")
    # Nothing keeps payments from growing, so there is no optimum to compare.
    assert program.matrix.shape == {"all-pairs": (0, 108), "neighbouring": (12, 60)}[form]
    if suffix == "cbf":
        conic = ConicProgram(path)
        assert conic.constant.size == sidecar.constraint_names.size == program.matrix.shape[0] + 36
    elif suffix == "nl":
        assert scip_model(path).getNConss() == sidecar.constraint_names.size == 12
    else:
        assert highs_arrays(path) == form_arrays(program, names_of(program))
        assert scip_model(path).getNVars() == program.cost.size


# Bytes


@pytest.mark.parametrize("suffix", ["mps", "mps.gz", "lp", "cbf", "cbf.gz", "nl"])
def test_two_runs_give_the_same_bytes(suffix, tmp_path):
    problem = mo.ex_ante_efficiency(FIXED["cells-beta"])
    for folder in ("first", "second"):
        (tmp_path / folder).mkdir()
        mo.export(problem, tmp_path / folder / f"model.{suffix}")
    for name in (f"model.{suffix}", f"model.{suffix}.json"):
        first, second = ((tmp_path / folder / name).read_bytes() for folder in ("first", "second"))
        assert first == second
    if suffix.endswith("gz"):
        data = (tmp_path / "first" / f"model.{suffix}").read_bytes()
        assert data[3:8] == bytes(5)  # no flags, so no name, and no time
        assert gzip.decompress(data).decode("ascii")


def test_another_process_gives_the_same_bytes(tmp_path):
    script = """
import sys, mechopt as mo
types = mo.TypeSpace.finite([k / 6 for k in range(1, 7)])
trade = mo.BilateralTrade(types, types, 2.0, 1.0)
for suffix in ('cbf', 'nl'):
    mo.export(mo.ex_ante_efficiency(trade), f'{sys.argv[1]}/model.{suffix}')
"""
    other, here = tmp_path / "other", tmp_path / "here"
    other.mkdir()
    here.mkdir()
    seed = "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"
    environment = os.environ | {
        "PYTHONHASHSEED": seed,
        "PYTHONPATH": str(Path(__file__).parents[1]),
    }
    subprocess.run([sys.executable, "-c", script, other], check=True, env=environment, timeout=60)
    types = mo.TypeSpace.finite([k / 6 for k in range(1, 7)])
    trade = mo.BilateralTrade(types, types, 2.0, 1.0)
    for suffix in ("cbf", "nl"):
        mo.export(mo.ex_ante_efficiency(trade), here / f"model.{suffix}")
    found = [[path.read_bytes() for path in sorted(at.iterdir())] for at in (other, here)]
    assert len(found[0]) == 4
    assert found[0] == found[1]


# Sidecars


def test_the_sidecar_says_what_the_file_is(tmp_path):
    problem = mo.minimum_subsidy(SIX)
    optimum = Optimum(5 / 216, "by hand", "5/216", 5 / 216)
    options = {"title": "Six", "unit": "euro", "optimum": optimum}
    sidecar = exported(problem, tmp_path / "model.mps.gz", **options)
    assert sidecar.optimum == optimum
    assert (sidecar.title, sidecar.unit, sidecar.sign) == ("Six", "euro", -1)
    assert sidecar.problem.fingerprint == problem.fingerprint
    found = sidecar.objective_of(highs_optimum(tmp_path / "model.mps.gz"))
    assert found == pytest.approx(optimum.value, abs=LINEAR_OPTIMUM)
    record = json.loads((tmp_path / "model.mps.gz.json").read_text())
    assert (
        record["objective"]["sense_in_file"]
        == record["objective"]["sense_of_problem"]
        == "minimise"
    )
    assert record["fingerprint"] == problem.fingerprint
    sections = {block["block"]: block["section"] for block in record["constraints"]}
    assert sections["seller_ic_up"] == "1"
    assert all(sections.values())
    assert all(block["meaning"] for block in record["variables"] + record["constraints"])


@pytest.mark.parametrize("form", ["neighbouring", "all-pairs"])
@pytest.mark.parametrize(
    "trade", [SIX, FIXED["cells-beta"], delayed(), mo.environments.on_dates(delayed(), 2)]
)
def test_every_block_has_a_meaning_and_a_section_of_the_theory(form, trade):
    record = json.loads(content_of(mo.ex_ante_efficiency(trade), "cbf", form=form).sidecar.text())
    theory = (Path(mo.__file__).parents[1] / "docs/theory.md").read_text()
    for block in record["variables"] + record["constraints"]:
        assert "see the source" not in block["meaning"]
        assert re.search(
            rf"^##? ?{re.escape(block['section'])}\b|\*\*{re.escape(block['section'])} ",
            theory,
            re.MULTILINE,
        )


@pytest.mark.parametrize("fault", ["format", "problem", "block", "form", "truncated", "missing"])
def test_a_sidecar_that_was_tampered_with_is_refused(fault, tmp_path):
    path = tmp_path / "model.mps"
    mo.export(mo.ex_ante_efficiency(SIX), path)
    beside = tmp_path / "model.mps.json"
    text = beside.read_text()
    changed = {
        "format": text.replace("mechopt-export", "other"),
        "problem": text.replace('"weights": [1.0, 1.0]', '"weights": [1.0, 0.5]'),
        "block": text.replace('"shape": [6, 6]', '"shape": [1000000, 100000]', 1),
        "form": text.replace('"form": "neighbouring"', '"form": "all-pairs"'),
        "truncated": text[: len(text) // 2],
    }
    if fault == "missing":
        beside.unlink()
    else:
        assert changed[fault] != text
        beside.write_text(changed[fault])
    with pytest.raises(mo.InvalidInputError, match=re.escape(str(beside))):
        load_sidecar(path)


def test_names_and_blocks_of_other_software_are_reported():
    clash = {name: Block(name, k, (1,), ()) for k, name in enumerate(["a", "b"])}
    assert names_in(clash).tolist() == ["a", "b"]
    assert isinstance(names_of(odd_form()), Names)
    assert names_of(odd_form()).variables[3] == "v_3"


# The command line


def test_the_command_writes_model_and_sidecar(tmp_path, capsys):
    path = tmp_path / "six.lp"
    assert main(["export", str(INSTANCES / "examples/six_types.toml"), "--to", str(path)]) == 0
    assert capsys.readouterr().out.startswith(f"wrote {path} and six.lp.json")
    sidecar = load_sidecar(path)
    assert isinstance(sidecar, Sidecar)
    assert sidecar.title.startswith("Six equally likely types")
    assert highs_optimum(path) == pytest.approx(-25 / 162, abs=LINEAR_OPTIMUM)


def test_the_command_takes_cells_and_all_pairs(tmp_path, capsys):
    path = tmp_path / "model.mps"
    instance = str(INSTANCES / "cramton1985/uniform_exchange.toml")
    words = ["export", instance, "--to", str(path), "--cells", "3", "--form", "all-pairs"]
    assert main(words) == 0
    assert capsys.readouterr().err == ""
    cells = mo.TypeSpace.from_distribution(stats.uniform(0, 1), 3)
    expected = file_optimum(mo.ex_ante_efficiency(mo.BilateralTrade(cells, cells)))
    assert highs_optimum(path) == pytest.approx(expected, abs=LINEAR_OPTIMUM)
