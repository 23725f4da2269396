"""The library of models: its index is true, and everything in it can be written again."""

from __future__ import annotations

import csv
import gzip
import hashlib
import importlib.util
import re
import sys
from fractions import Fraction
from pathlib import Path

import pytest

import mechopt as mo
from mechopt.exports.sidecar import load_sidecar
from tests.readers import ConicProgram, highs_model, highs_optimum, scip_optimum

ROOT = Path(__file__).parents[1] / "models"
MAX_BYTES = 20_000_000
LEAST_NONZEROS = 100_000
LINEAR_OPTIMUM = 1e-9
CONIC_OPTIMUM = 1e-6


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
# Clarabel takes many seconds for the large cone.
SOLVED = [name for name in FILES if not name.endswith("large.cbf.gz")]
SMALLER = [name for name, row in FILES.items() if row["size"] != "large"]
LARGE = [name for name, row in FILES.items() if row["size"] == "large"]
PROGRAMS = make.programs()


def text_of(name):
    data = (ROOT / name).read_bytes()
    return gzip.decompress(data) if name.endswith(".gz") else data


def found_optimum(name):
    """Return what independent software finds in a file."""
    if ".cbf" in name:
        return ConicProgram(ROOT / name).optimum()
    return scip_optimum(ROOT / name) if name.endswith(".nl") else highs_optimum(ROOT / name)


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


@pytest.mark.parametrize("name", FILES)
def test_the_text_is_the_one_that_index_and_sidecar_describe(name):
    row, sidecar = FILES[name], load_sidecar(ROOT / name)
    assert hashlib.sha256(text_of(name)).hexdigest() == row["sha256_of_text"] == sidecar.sha256
    assert str(sidecar.optimum.value) == row["optimum"]
    assert (sidecar.optimum.exact or "") == row["exact"]
    assert sidecar.optimum.bound == pytest.approx(float(row["optimum"]), abs=1e-9)
    if row["exact"]:
        assert float(Fraction(row["exact"])) == float(row["optimum"])
    in_file = sidecar.objective_of(float(row["objective_in_file"]))
    assert in_file == pytest.approx(float(row["optimum"]), abs=1e-9)


@pytest.mark.parametrize("name", SOLVED)
def test_other_solvers_find_the_optimum_in_the_index(name):
    curved = ".cbf" in name or "cone" in name
    tolerance = CONIC_OPTIMUM if curved else LINEAR_OPTIMUM
    expected = float(FILES[name]["objective_in_file"])
    assert found_optimum(name) == pytest.approx(expected, abs=tolerance)


@pytest.mark.parametrize("name", SMALLER)
def test_the_optimum_is_that_of_the_problem_in_the_sidecar(name):
    problem = load_sidecar(ROOT / name).problem
    if isinstance(problem, mo.DesignProblem):
        assert mo.solve(problem).objective == pytest.approx(float(FILES[name]["optimum"]), abs=1e-9)


@pytest.mark.parametrize("name", LARGE)
def test_large_models_have_the_size_in_the_index(name):
    row = FILES[name]
    if name.endswith(".mps.gz"):
        model = highs_model(ROOT / name)
        sizes = (model.getNumRow(), model.getNumCol(), model.getNumNz())
    else:
        conic = ConicProgram(ROOT / name)
        sizes = (conic.constant.size, conic.cost.size, conic.matrix.nnz)
    assert sizes == tuple(int(row[key]) for key in ("rows", "columns", "nonzeros"))


@pytest.mark.parametrize("program", PROGRAMS)
def test_small_models_are_written_again_byte_for_byte(program, tmp_path):
    rows = make.write_size(PROGRAMS[program], "small", tmp_path)
    assert rows
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (ROOT / program / path.name).read_bytes()
    # The index holds texts.
    assert [{key: str(value) for key, value in row.items()} for row in rows] == [
        row for row in INDEX if row["program"] == program and row["size"] == "small"
    ]
    own = [row for row in INDEX if row["program"] == program]
    sheet = make.sheet(PROGRAMS[program], own, ROOT / program)
    assert sheet == (ROOT / program / "README.md").read_text(encoding="utf-8")


def test_index_and_contents_are_what_make_writes():
    assert make.index_text(INDEX) == (ROOT / "index.csv").read_text(encoding="utf-8")
    contents = make.contents(PROGRAMS, INDEX)
    assert contents == (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_sheet_names_every_block_of_the_files(program):
    sheet = (ROOT / program / "README.md").read_text(encoding="utf-8").replace("\\_", "_")
    row = next(row for row in INDEX if row["program"] == program)
    sidecar = load_sidecar(ROOT / row["file"])
    for name in (*sidecar.variable_names, *sidecar.constraint_names):
        # trade_s3_b7 stands in the sheet as trade_s*s*_b*b*, seller_ic_up_3 as seller_ic_up_*k*.
        stem = re.split(r"_[a-z]?[0-9]+", name)[0]
        assert f"{stem}_" in sheet or f"| {stem} |" in sheet
    for target in re.findall(r"\]\(([^)]+)\)", sheet):
        assert (ROOT / program / target).exists()


def test_a_wrong_index_would_be_noticed():
    name = "static_second_best/small.mps"
    wrong = float(FILES[name]["objective_in_file"]) + 1e-8
    assert found_optimum(name) != pytest.approx(wrong, abs=LINEAR_OPTIMUM)
