"""Notebooks run, print what they say they print, and carry no trace of the machine they ran on."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import nbformat
import pytest

FOLDER = Path(__file__).parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
each = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
# How long a solve took, and how large a residual that only rounding leaves, mean nothing.
VARYING = re.compile(r"\d+\.\d+ s\b|largest violation \S+\)|\d\S*e-1[0-9]\b")
PATHS = re.compile(r"/(?:home|root|tmp|work|usr|Users)\b")


def _load(path):
    return nbformat.read(path, as_version=4)


def _code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _pictures(notebook):
    outputs = [output for cell in _code(notebook) for output in cell.outputs]
    return sum("image/png" in output.get("data", {}) for output in outputs)


def _printed(cell):
    """What a cell printed or showed as text, without what varies."""
    texts = [
        output["text"] if output.output_type == "stream" else output.data.get("text/plain", "")
        for output in cell.outputs
        if "image/png" not in output.get("data", {})
    ]
    return VARYING.sub("", "".join(texts))


def _run(path):
    spec = importlib.util.spec_from_file_location("run_notebooks", FOLDER / "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.executed(path)


def test_there_are_notebooks_and_pictures():
    assert len(NOTEBOOKS) >= 7
    assert sum(_pictures(_load(path)) for path in NOTEBOOKS) >= 15
    assert sum(path.stat().st_size for path in NOTEBOOKS) < 4e6


@each
def test_a_notebook_is_committed_as_it_ran(path):
    notebook = _load(path)
    nbformat.validate(notebook)
    cells = _code(notebook)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    for cell in cells:
        for output in cell.outputs:
            assert output.output_type != "error"
            assert output.get("name") != "stderr"
            assert output.output_type == "stream" or any(
                data for kind, data in output.data.items() if kind != "text/html"
            ), "an empty output"
    assert notebook.metadata.kernelspec.name == "python3"
    assert not PATHS.search(nbformat.writes(notebook))


# What the notebook's machinery warns of is not ours to mend.
@pytest.mark.filterwarnings("ignore")
@each
def test_a_notebook_prints_the_same_again(path):
    committed, fresh = _load(path), _run(path)
    assert _pictures(fresh) == _pictures(committed)
    for old, new in zip(_code(committed), _code(fresh), strict=True):
        assert all(output.get("name") != "stderr" for output in new.outputs)
        if "varies" not in old.metadata.get("tags", []):
            assert _printed(new) == _printed(old)
