"""The library of models: its index is true, and everything in it can be written again."""

from __future__ import annotations

import csv
import gzip
import hashlib
import importlib.util
import json
import re
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import mechopt as mo
from mechopt._util.notation import typeset
from mechopt.explain.formulation import formulation
from mechopt.formats.read_sidecar import load_sidecar
from mechopt.program.standard_form import standard_form
from tests.draws import some
from tests.figures import differences
from tests.formulas import unlike_rows
from tests.readers import ConicProgram, highs_model, highs_optimum, scip_optimum

ROOT = Path(__file__).parents[1] / "models"
MAX_BYTES = 20_000_000
LEAST_NONZEROS = 100_000
LINEAR_OPTIMUM = 1e-9
CONIC_OPTIMUM = 1e-6
# Coefficients are sums and products, and an optimum is a solver's: their last bits vary.
WRITTEN_AGAIN = 1e-11
DIGEST = re.compile(r"\b[0-9a-f]{64}\b")


def load_make():
    spec = importlib.util.spec_from_file_location("models_make", ROOT / "make.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


make = load_make()
with (ROOT / "index.csv").open(encoding="utf-8", newline="") as file:
    INDEX = list(csv.DictReader(file))
FILES = {row["file"]: row for row in INDEX}
SMALLER = [name for name, row in FILES.items() if row["size"] != "large"]
LARGE = [name for name, row in FILES.items() if row["size"] == "large"]
# Clarabel takes many seconds for the large cone, and HiGHS for thousands of types.
SLOW = tuple(f"{name}/large.mps.gz" for name in ("auction_revenue", "identical_bidders"))
SLOW += ("delayed_trade_cone/large.cbf.gz",)
SOLVED = [*some(SMALLER, 2), *some([name for name in LARGE if name not in SLOW], 9, 6)]
PROGRAMS = make.programs()


def text_of(name):
    data = (ROOT / name).read_bytes()
    return gzip.decompress(data) if str(name).endswith(".gz") else data


def unlike(one, other):
    """Return where two texts differ, but for rounding and the digests that hang on it."""
    texts = (
        DIGEST.sub("", text if isinstance(text, str) else text.decode()) for text in (one, other)
    )
    return differences(*texts, relative=WRITTEN_AGAIN)


def found_optimum(name):
    """Return what independent software finds in a file."""
    if ".cbf" in name:
        return ConicProgram(ROOT / name).optimum()
    return scip_optimum(ROOT / name) if name.endswith(".nl") else highs_optimum(ROOT / name)


@pytest.mark.parametrize(
    ("bound", "sign", "exact", "rounded"),
    [
        (0.15625000000000003, 1, "5/32", 0.15625),
        (0.15624999999999997, 1, "5/32", 0.15625),
        (2 / 15, 1, "2/15", 0.1333333334),
        (2 / 15, -1, "2/15", 0.1333333333),
        (2 / 3, -1, "2/3", 0.6666666666),
        (0.3, 1, "3/10", 0.3000000001),  # the float is below
        (0.8438111546, 1, None, 0.8438111547),
        (5.0, -1, None, 4.999999999),
    ],
)
def test_bounds_are_rounded_so_that_they_hold(bound, sign, exact, rounded):
    assert make.outward(bound, sign, exact) == rounded


def test_the_index_lists_every_file_and_every_program_has_three_sizes():
    found = {
        path.relative_to(ROOT).as_posix()
        for path in ROOT.glob("*/*")
        if path.suffix not in {".json", ".py", ".pyc", ".md"} and path.is_file()
    }
    assert found == set(FILES)
    assert len(PROGRAMS) >= 8
    for name in PROGRAMS:
        assert {row["size"] for row in INDEX if row["program"] == name} == {
            "small", "medium", "large",
        }  # fmt: skip
        assert (ROOT / name / "README.md").exists()


def test_the_library_is_small_and_its_large_models_are_large():
    size = sum(path.stat().st_size for path in ROOT.rglob("*") if "__pycache__" not in path.parts)
    assert size < MAX_BYTES
    assert all(int(FILES[name]["nonzeros"]) >= LEAST_NONZEROS for name in LARGE)
    assert all(name.endswith(".gz") for name in LARGE)


@pytest.mark.parametrize("name", [*SMALLER, *some(LARGE, 4)])
def test_the_text_is_the_one_that_index_and_sidecar_describe(name):
    row, sidecar = FILES[name], load_sidecar(ROOT / name)
    assert hashlib.sha256(text_of(name)).hexdigest() == row["sha256_of_text"] == sidecar.sha256
    assert str(sidecar.optimum.value) == row["optimum"]
    assert (sidecar.optimum.exact or "") == row["exact"]
    assert sidecar.optimum.bound == float(row["bound"])
    assert sidecar.optimum.bound == pytest.approx(float(row["optimum"]), rel=2e-9)
    sign = 1 if row["sense"] == "maximise" else -1
    best = row["exact"] or row["optimum"]
    for bound in (Fraction(row["bound"]), Fraction(float(row["bound"]))):
        assert sign * (bound - Fraction(best)) >= 0
    if row["exact"]:
        assert float(Fraction(row["exact"])) == float(row["optimum"])
    in_file = sidecar.objective_of(float(row["objective_in_file"]))
    assert in_file == pytest.approx(float(row["optimum"]), abs=1e-9)


def test_models_are_compared_by_their_numbers():
    text = text_of("weighted_frontier/small.lp")
    assert unlike(text, text) == []
    number = re.search(rb"-0\.\d{4,}", text)[0]
    assert unlike(text, text.replace(number, b"%.17g" % (float(number) * (1 + 1e-15)), 1)) == []
    assert unlike(text, text.replace(number, b"%.17g" % (float(number) * (1 + 1e-9)), 1))
    assert unlike(text, text.replace(b"seller_quantity_0", b"seller_quantity_1", 1))


@pytest.mark.parametrize("name", SOLVED)
def test_other_solvers_find_the_optimum_in_the_index(name):
    curved = ".cbf" in name or "cone" in name
    tolerance = CONIC_OPTIMUM if curved else LINEAR_OPTIMUM
    expected = float(FILES[name]["objective_in_file"])
    assert found_optimum(name) == pytest.approx(expected, rel=1e-9, abs=tolerance)


@pytest.mark.parametrize("name", some(SMALLER, 2, 1))
def test_the_optimum_is_that_of_the_problem_in_the_sidecar(name):
    problem = load_sidecar(ROOT / name).problem
    if isinstance(problem, mo.DesignProblem):
        expected = float(FILES[name]["optimum"])
        assert mo.solve(problem).objective == pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("name", some(LARGE, 6))
def test_large_models_have_the_size_in_the_index(name):
    row = FILES[name]
    if name.endswith(".mps.gz"):
        model = highs_model(ROOT / name)
        sizes = (model.getNumRow(), model.getNumCol(), model.getNumNz())
    else:
        conic = ConicProgram(ROOT / name)
        sizes = (conic.constant.size, conic.cost.size, conic.matrix.nnz)
    assert sizes == tuple(int(row[key]) for key in ("rows", "columns", "nonzeros"))


@pytest.mark.parametrize("program", some(list(PROGRAMS), 2))
def test_small_models_are_written_again(program, tmp_path):
    rows = make.write_size(PROGRAMS[program], "small", tmp_path)
    assert rows
    for path in tmp_path.iterdir():
        assert unlike(text_of(path), text_of(ROOT / program / path.name)) == []
    own = [row for row in INDEX if row["program"] == program and row["size"] == "small"]
    for row, committed in zip(rows, own, strict=True):
        assert row.keys() == committed.keys()
        assert [unlike(str(row[key]), committed[key]) for key in row] == [[] for _ in row]
    own = [row for row in INDEX if row["program"] == program]
    sheet = make.sheet(PROGRAMS[program], own, ROOT / program)
    assert sheet == (ROOT / program / "README.md").read_text(encoding="utf-8")


def test_index_and_contents_are_what_make_writes():
    assert make.index_text(INDEX) == (ROOT / "index.csv").read_text(encoding="utf-8")
    contents = make.contents(PROGRAMS, INDEX)
    assert contents == (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_sheet_names_every_block_of_the_files(program):
    text = (ROOT / program / "README.md").read_text(encoding="utf-8")
    sheet = text.replace("\\_", "_").replace("*", "")
    row = next(row for row in INDEX if row["program"] == program)
    sidecar = load_sidecar(ROOT / row["file"])
    tables = re.findall(r"^\| (?:\(\d+\) \| )?(\w+) \|", sheet, flags=re.M)
    names = [*sidecar.variable_names, *sidecar.constraint_names]
    # trade_s3_b7 stands in the sheet as trade_ss_bb, good_to_1__0_2 as good_to_1__k_j.
    shown = {name: re.sub(r"_([A-Za-z]?)\{(\w+)\}", r"_\1\2", name) for name in patterns(sidecar)}
    assert set(shown.values()) == set(tables) - {"name", "file"}
    assert len(shown) == len(sidecar.variables) + len(sidecar.constraints)
    found = set()
    for pattern in shown:
        expression = re.sub(r"\{\w+\}", "[0-9]+", pattern)
        found |= {name for name in names if re.fullmatch(expression, name)}
    assert found == set(names)
    for target in re.findall(r"\]\(([^)]+)\)", text):
        assert (ROOT / program / target).exists()


def patterns(sidecar):
    """Return the names of all blocks as the sidecar writes them, with a mark for every index."""
    record = json.loads(sidecar.text())
    return [block["names"] for block in record["variables"] + record["constraints"]]


@pytest.mark.parametrize("program", PROGRAMS)
def test_formulas_of_the_sheet_are_the_rows_of_the_file(program):
    # The first file of a program is its smallest, with all blocks.
    sidecar = load_sidecar(ROOT / next(row["file"] for row in INDEX if row["program"] == program))
    form = standard_form(sidecar.problem, textbook=sidecar.form == "all-pairs", groups=True)
    vector = np.random.default_rng(7).normal(size=form.cost.size)
    sheet = (ROOT / program / "README.md").read_text(encoding="utf-8")
    problem = sidecar.problem.textbook if sidecar.form == "all-pairs" else sidecar.problem
    printed = formulation(sidecar.problem, form=sidecar.form).constraints
    assert {each.name for each in printed} >= set(form.constraints)
    assert all(f"${typeset(each.formula)}$" in sheet for each in printed)
    assert list(unlike_rows(problem, form, vector, printed)) == []


def test_a_wrong_index_would_be_noticed():
    name = "static_second_best/small.mps"
    wrong = float(FILES[name]["objective_in_file"]) + 1e-8
    assert found_optimum(name) != pytest.approx(wrong, abs=LINEAR_OPTIMUM)


def test_identical_bidders_earn_what_virtual_values_say():
    """Two goods, nine bidders, values 1 to 3: the two largest positive virtual values, -1, 1, 3."""
    rows = [row for row in INDEX if row["program"] == "identical_bidders"]
    most = Fraction(0)
    for level, share in ((1, Fraction(2, 3)), (3, Fraction(1, 3))):
        # Units that bidders with virtual values from this level on win, of two.
        none, one = (1 - share) ** 9, 9 * share * (1 - share) ** 8
        most += (level - (1 if level == 3 else 0)) * (2 - 2 * none - one)
    assert Fraction(rows[0]["exact"]) == most
