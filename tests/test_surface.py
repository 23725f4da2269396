"""What one imports and what one installs: public names, lazy imports, extras that are missing."""

from __future__ import annotations

import ast
import importlib
import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

import mechopt as mo
from mechopt.errors import MissingExtraError

PACKAGE = Path(mo.__file__).parent
EXAMPLES = PACKAGE.parent / "instances" / "examples"
FACADES = (
    "mechopt",
    "mechopt.cramton1985",
    "mechopt.institutions",
    "mechopt.known_mechanisms",
    "mechopt.peski2024",
    "mechopt.robust",
    "mechopt.studies",
)
HEAVY = {"cvxpy", "pyomo", "highspy", "numpy", "scipy", "xarray", "pandas", "pydantic"}
EXTRAS = {
    "plot": ("matplotlib",),
    "exact": ("flint",),
    "tables": ("openpyxl", "pyarrow"),
    "dask": ("distributed", "dask"),
}


def run(code, *hidden):
    """Run code in a Python of its own in which some packages are not installed."""
    hide = "".join(f"sys.modules[{name!r}] = None\n" for name in hidden)
    return subprocess.run(
        [sys.executable, "-c", f"import sys\n{hide}{code}"],
        capture_output=True,
        text=True,
        check=False,
    )


def path_of(module):
    return Path(importlib.import_module(module).__file__)


# Names


@pytest.mark.parametrize("module", FACADES)
def test_every_public_name_is_there_and_listed(module):
    facade = importlib.import_module(module)
    assert dir(facade) == sorted(set(facade.__all__)) == facade.__all__
    for name in facade.__all__:
        assert getattr(facade, name) is getattr(facade, name)
    with pytest.raises(AttributeError, match=f"module '{module}' has no attribute 'nonsense'"):
        facade.nonsense  # noqa: B018


@pytest.mark.parametrize("module", FACADES)
def test_type_checkers_are_told_the_same_as_python(module):
    facade = importlib.import_module(module)
    tree = ast.parse(path_of(module).read_text(encoding="utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    told = {}
    for statement in block.body:
        assert isinstance(statement, ast.ImportFrom)
        for alias in statement.names:
            assert alias.name == alias.asname
            told.setdefault(statement.module, []).append(alias.name)
    submodules = told.pop("mechopt", [])
    assert {where: tuple(names) for where, names in told.items()} == facade._WHERE
    assert tuple(submodules) == getattr(facade, "_SUBMODULES", ())


def test_no_name_is_at_two_places():
    names = [name for module in FACADES for name in importlib.import_module(module).__all__]
    assert len(names) == len(set(names))


def test_the_top_is_small_enough_to_be_read():
    assert len(mo.__all__) <= 68


def test_importing_the_package_imports_no_library():
    loaded = run("import mechopt; print(*sorted({m.split('.')[0] for m in sys.modules}))")
    assert loaded.returncode == 0, loaded.stderr
    assert not HEAVY & set(loaded.stdout.split())


def test_a_facade_is_a_module_to_import_from():
    code = (
        "import mechopt.cramton1985 as cramton\n"
        "from mechopt.peski2024 import two_type_gap\n"
        "print(round(cramton.uniform_exchange(1.0).second_best, 6), two_type_gap.__name__)"
    )
    assert run(code).stdout.split() == ["0.140625", "two_type_gap"]


# Extras


def test_the_error_says_how_to_install_what_is_missing():
    error = MissingExtraError("a picture", "matplotlib", "plot")
    assert isinstance(error, mo.MechoptError)
    assert isinstance(error, ImportError)
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.extra) == (str(error), "plot")
    assert str(error).endswith(
        "Install it with: pip install 'mechopt[plot]' "
        "(in a checkout of mechopt: pip install '.[plot]')"
    )


USES = {
    "plot-function": ("plot", "mo.plot.interim(mo.solve(PROBLEM))"),
    "plot-overview": ("plot", "mo.plot.overview(mo.solve(PROBLEM))"),
    "plot-picture": ("plot", "mo.plot.picture(mo.solve(PROBLEM), 'picture.png')"),
    "exact": ("exact", "mo.exact_optimum(mo.minimum_subsidy(PROBLEM.environment))"),
    "excel": ("tables", "mo.read_column('SHEET', 'price')"),
    "parquet": ("tables", "mo.read_column('PARQUET', 'price')"),
    "sweep-parquet": ("tables", "mo.sweep(FILE, VARY, output='TABLE')"),
    "dask": ("dask", "mo.sweep(FILE, VARY, dask='127.0.0.1:1')"),
}


@pytest.mark.parametrize("extra", ["plot", "exact", "tables", "dask"])
def test_using_what_is_not_installed_is_one_error(extra, tmp_path):
    calls = [call for needed, call in USES.values() if needed == extra]
    for word, suffix in {"SHEET": ".xlsx", "PARQUET": ".parquet", "TABLE": "_out.parquet"}.items():
        path = tmp_path / f"table{suffix}"
        if suffix != "_out.parquet":
            path.write_bytes(b"any")
        calls = [call.replace(word, path.as_posix()) for call in calls]
    code = f"""
import mechopt as mo
FILE, VARY = {(EXAMPLES / "six_types.toml").as_posix()!r}, {{"buyer.discount_rate": [0.5]}}
types = mo.TypeSpace.finite([1, 2, 3])
PROBLEM = mo.ex_ante_efficiency(mo.BilateralTrade(types, types))
for call in {calls!r}:
    try:
        eval(call)
    except mo.errors.MissingExtraError as error:
        print(error)
"""
    found = run(code, *EXTRAS[extra])
    assert found.stderr == ""
    said = found.stdout.strip().splitlines()
    assert len(said) == len(calls)
    assert all(f"pip install 'mechopt[{extra}]'" in line for line in said)
    assert all(line.endswith(f"pip install '.[{extra}]')") for line in said)
    assert not (tmp_path / "table_out.parquet").exists()


ALL_EXTRAS = [package for packages in EXTRAS.values() for package in packages]


def commands(*lines):
    """Run command lines one after the other; return each one's status, output and errors."""
    lines = [[str(word) for word in line] for line in lines]
    found = run(
        f"""
import contextlib, io, json
from mechopt.cli.main import main
found = []
for words in {lines!r}:
    with contextlib.redirect_stdout(io.StringIO()) as said:
        with contextlib.redirect_stderr(io.StringIO()) as wrong:
            status = main(words)
    found.append((status, said.getvalue(), wrong.getvalue()))
print(json.dumps(found))
""",
        *ALL_EXTRAS,
    )
    assert found.stderr == ""
    return json.loads(found.stdout)


def test_the_core_solves_saves_verifies_exports_and_sweeps(tmp_path):
    file, saved = EXAMPLES / "six_types.toml", tmp_path / "trade.json"
    for status, _, wrong in commands(
        ("solve", file, "--output", saved),
        ("verify", saved),
        ("check", file),
        ("compare", file),
        ("export", file, "--to", tmp_path / "trade.mps"),
        ("sweep", file, "--vary", "buyer.discount_rate=1:2:2", "--output", tmp_path / "s.csv"),
    ):
        # Work that takes seconds, on a busy machine, says how far it is.
        said = [line for line in wrong.splitlines() if not line.startswith("points: ")]
        assert (status, said) == (0, [])


def test_commands_say_what_to_install(tmp_path):
    file, saved = EXAMPLES / "six_types.toml", tmp_path / "trade.json"
    needs = {
        "plot": ("plot", saved, "--output", tmp_path / "trade.png"),
        "exact": ("solve", EXAMPLES / "six_types_subsidy.toml", "--exact"),
        "tables": ("sweep", file, "--vary", "buyer.discount_rate=1:2:2", "--output", "t.parquet"),
    }
    solved, *refused = commands(("solve", file, "--output", saved), *needs.values())
    assert solved[0] == 0
    for extra, (status, said, wrong) in zip(needs, refused, strict=True):
        assert (status, said) == (2, ""), wrong
        assert f"pip install 'mechopt[{extra}]'" in " ".join(wrong.split())
        assert "Traceback" not in wrong
