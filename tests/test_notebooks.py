"""Notebooks run, print what they say they print, and carry no trace of the machine they ran on."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest

from tests.draws import THOROUGH
from tests.figures import differences, drawn_differences, same_number
from tests.notebook_shell import notebook_shell, run

FOLDER = Path(__file__).parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
each = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
PATHS = re.compile(r"/(?:home|root|tmp|work|usr|Users)\b")


def _load(path):
    return nbformat.read(path, as_version=4)


def _code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _pictures(notebook):
    outputs = [output for cell in _code(notebook) for output in cell.outputs]
    return sum("image/png" in output.get("data", {}) for output in outputs)


def _printed(cell):
    """What a cell printed, then what it showed as text."""
    printed = [output["text"] for output in cell.outputs if output.output_type == "stream"]
    shown = [output.data for output in cell.outputs if output.output_type != "stream"]
    texts = [data.get("text/plain", "") for data in shown if "image/png" not in data]
    return "".join(printed + texts)


def _module(name):
    spec = importlib.util.spec_from_file_location(f"notebooks_{name}", FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


DRAWN = _module("drawn")


def _drawn(cell):
    """What a cell drew, one record for each picture."""
    outputs = [output.get("data", {}) for output in cell.outputs]
    return [data[DRAWN.MIME] for data in outputs if "image/png" in data]


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
def test_a_notebook_prints_the_same_again(path, monkeypatch):
    monkeypatch.chdir(FOLDER)
    for name in _module("run").NOT_FOR_NOTEBOOKS:
        monkeypatch.delenv(name, raising=False)
    with notebook_shell(DRAWN) as shell:
        for cell in _code(_load(path)):
            if not THOROUGH and "slow" in cell.metadata.get("tags", []):
                continue
            ran = run(shell, cell.source)
            assert ran.warned == ""
            pictures = [data for data in ran.shown if "image/png" in data]
            assert len(pictures) == len(_drawn(cell))
            if "varies" not in cell.metadata.get("tags", []):
                texts = [data["text/plain"] for data in ran.shown if "image/png" not in data]
                assert differences("".join([ran.printed, *texts]), _printed(cell)) == []
                assert (
                    drawn_differences([data[DRAWN.MIME] for data in pictures], _drawn(cell)) == []
                )


def test_a_kernel_keeps_what_is_printed_and_drawn(tmp_path):
    """`make rerun-notebooks` starts kernels; the test above does not."""
    source = "import matplotlib.pyplot as plt\nprint(1.5)\nplt.plot([1, 2])\nplt.show()"
    small = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    nbformat.write(small, tmp_path / "small.ipynb")
    (cell,) = _code(_module("run").executed(tmp_path / "small.ipynb"))
    assert _printed(cell) == "1.5\n"
    (axes,) = _drawn(cell)[0]
    assert axes["lines"] == [["-", 0.0, 1.0, 1.0, 2.0]]


@each
def test_a_notebook_prints_no_rounding(path):
    for cell in _code(_load(path)):
        if "varies" not in cell.metadata.get("tags", []):
            text = _printed(cell)
            assert not re.search(r"(?<![\d.])-0(?:\.0*)?(?![\d.])", text), "a zero with a sign"
            assert not re.search(r"\de-(?:1[3-9]|[2-9]\d)\b", text), "rounding as a number"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("0.12345", "0.12346", True),  # one in the last place
        ("0.12345", "0.12347", False),
        ("0.05", "0.0500001", True),  # as .7g writes it when a bit differs
        ("0.05", "0.06", False),
        ("399", "398", False),  # counts are exact
        ("1e-13", "0.0", True),
        ("2e-07", "3e-07", False),
        ("-0.25", "0.25", False),
        ("1000000.0", "1000000.5", True),
    ],
)
def test_numbers_are_compared_as_numbers(one, other, same):
    assert same_number(one, other) is same


def test_texts_are_compared_by_their_words_and_numbers():
    assert (
        differences("\x1b[1mgains  0.05\x1b[0m\nby highs, 0.02 s", "gains 0.0500001 by highs,")
        == []
    )
    assert differences("buyer_payment_9 3.0", "buyer_payment_8 3.0")
    assert differences("holds 1.5", "fails 1.5")
    assert differences("type 71 gains", "type 72 gains") == [("71", "72")]


def test_pictures_are_compared_by_what_they_draw():
    def record(shift=0.0, label="slack", swapped=False):
        from matplotlib.figure import Figure

        ax = Figure().add_subplot()
        values = np.linspace(0, 1, 50) ** 2
        ax.plot(np.arange(50.0), values[::-1] if swapped else values + shift, label=label)
        ax.bar([0, 1], [0.5, 0.25 + shift])
        ax.pcolormesh(np.arange(36.0).reshape(6, 6) + shift)
        ax.annotate("peak 0.5", (0.5, 0.5))
        ax.legend()
        return DRAWN.drawn(ax.figure)

    assert drawn_differences(record(), record(1e-13)) == []
    for other in (record(1e-3), record(label="loss"), record(swapped=True)):
        assert drawn_differences(record(), other)
    assert [axes["texts"] for axes in record()] == [["slack"]]
