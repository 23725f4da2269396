"""The structure of the package: layers, imports, sizes, and what importing it loads."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import mechopt

ROOT = Path(mechopt.__file__).parent
LONGEST = 500
# From the bottom up; what stands in one line is one layer. A module may import from its own layer
# and from those before it, wherever the import statement stands.
LAYERS = (
    ("errors", "_util"),
    ("types",),
    ("environments",),
    ("mechanism",),
    ("problem",),
    ("program",),
    ("solution", "saved"),
    ("exact",),
    ("verify",),
    ("backends",),
    ("studies",),
    ("literature",),
    ("formats", "instances"),
    ("explain",),
    ("report",),
    ("sweeps",),
    ("plot",),
    ("explore",),
    ("cli",),
    (
        "cramton1985",
        "institutions",
        "known_mechanisms",
        "peski2024",
        "priors",
        "reduced_forms",
        "robust",
        "testing",
    ),
    ("__init__", "__main__"),
)
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
HEAVY = (
    "bokeh",
    "cvxpy",
    "distributed",
    "flint",
    "highspy",
    "joblib",
    "matplotlib",
    "pandas",
    "pyarrow",
    "pydantic",
    "pyomo",
    "scipy.stats",
    "threadpoolctl",
    "xarray",
)


@cache
def modules() -> dict[str, Path]:
    """Return the files of the package by the name of their module."""
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(("mechopt", *(parts[:-1] if parts[-1] == "__init__" else parts)))] = path
    return found


def rank(module: str) -> int:
    """Return the layer of a module."""
    parts = module.split(".")
    return RANK[parts[1] if len(parts) > 1 else "__init__"]


def imported_by(module: str) -> Iterator[tuple[str, int]]:
    """Yield the package's modules that a module imports anywhere in it, each with its line.

    Imports in functions and those for type checkers alone count like any other. Names in quotes do
    not: a kind of environment is entered with the names of its reader, report and pictures.
    """
    path = modules()[module]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}, line {node.lineno}: a relative import"
            inside = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name in modules() else str(node.module) for name in inside]
        else:
            continue
        yield from ((name, node.lineno) for name in names if name.split(".")[0] == "mechopt")


@cache
def imports() -> dict[str, dict[str, int]]:
    """Return what each module imports, with a line on which it does."""
    return {
        module: {name: line for name, line in imported_by(module) if name != module}
        for module in modules()
    }


def test_every_module_has_a_layer():
    names = {path.relative_to(ROOT).parts[0].removesuffix(".py") for path in modules().values()}
    assert names - set(RANK) == set()


def test_no_module_imports_from_a_layer_above():
    assert [
        f"{module}, line {line}: imports {name}"
        for module, others in imports().items()
        for name, line in others.items()
        if rank(name) > rank(module)
    ] == []


def test_nothing_inside_imports_the_package_itself():
    assert [
        f"{module}, line {others['mechopt']}"
        for module, others in imports().items()
        if "mechopt" in others and module != "mechopt.__main__"
    ] == []


def test_no_modules_import_one_another_in_a_circle():
    """Modules that import, or are imported by, nothing that is left are taken out."""
    left = {module: set(others) & set(modules()) for module, others in imports().items()}
    while free := {
        module
        for module, others in left.items()
        if not others or all(module not in other for other in left.values())
    }:
        left = {module: others - free for module, others in left.items() if module not in free}
    assert left == {}


@pytest.mark.parametrize("module", modules())
def test_no_module_is_long(module):
    assert len(modules()[module].read_text(encoding="utf-8").splitlines()) <= LONGEST


@pytest.mark.parametrize(
    "code",
    [
        "import mechopt",
        "from mechopt.cli.main import main; main(['--help'])",
        "from mechopt.cli.main import main; main(['solve', '--help'])",
        "from mechopt.cli.main import main; main(['--version'])",
    ],
)
def test_nothing_heavy_is_imported_early(code):
    assert loaded_of(HEAVY, code) == "loaded []"


def test_solving_over_uniform_types_needs_neither_scipy_nor_tables():
    solve = (
        "from mechopt.cli.main import main; main(['solve', 'cramton1985/uniform_exchange', '-q'])"
    )
    needless = ("scipy", "pandas", "xarray", "mechopt.cli.plot", "mechopt.literature.cramton1985")
    assert loaded_of(needless, solve) == "loaded []"


def loaded_of(names, code):
    """Return which of some modules are loaded once a process has run some code."""
    report = f"import sys; print('loaded', [name for name in {names} if name in sys.modules])"
    finished = subprocess.run(
        [sys.executable, "-c", f"{code}\n{report}"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return finished.stdout.splitlines()[-1]
