"""What the command line says: of outputs, numbers that vary, formats, and pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import mechopt as mo
from mechopt.backends.base import UNIT_NOTE
from mechopt.cli.main import main
from mechopt.formats.solution_files import read_solution_file
from mechopt.mechanism.allocation import Table
from mechopt.report.report import Report
from mechopt.studies.continuum import Continuum

FINITE = """[environment]
kind = "bilateral-trade"
[environment.seller]
types = [0, 1]
[environment.buyer]
types = [2, 4]
[problem]
objective = "ex-ante-efficiency"
"""
SAMPLES = FINITE.replace("types = [0, 1]", 'samples = "ask.csv"\ncolumn = "ask"').replace(
    "types = [2, 4]", 'samples = "ask.csv"\ncolumn = "ask"'
)
CELLS = FINITE.replace("types = [2, 4]", 'distribution = "uniform"\ncells = 4')


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    path = tmp_path / "trade.toml"
    path.write_text(FINITE)
    return path


def test_solutions_and_pictures_are_said_to_be_written(
    instance: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved, picture = instance.with_suffix(".json"), instance.with_suffix(".svg")
    assert main(["solve", str(instance), "--output", str(saved)]) == 0
    assert capsys.readouterr().out.endswith(f"wrote {saved}\n")
    assert main(["solve", str(instance), "--output", str(saved), "--json"]) == 0
    assert capsys.readouterr().out.count("\n") == 1
    assert main(["solve", str(instance), "--output", str(saved), "--quiet"]) == 0
    assert "wrote" not in capsys.readouterr().out
    assert main(["check", str(instance), "--output", str(saved)]) == 0
    assert f"wrote {saved}\n" in capsys.readouterr().out
    assert main(["plot", str(saved), "--output", str(picture), "--kind", "utilities"]) == 0
    assert capsys.readouterr().out == f"wrote {picture}\n"


@pytest.mark.parametrize("command", ["compare", "sweep", "solve"])
def test_a_dash_is_no_output(
    command: str, instance: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, str(instance), "--output", "-"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert 'no name of a file (expected the name of a file, got "-")' in said.err
    assert ("--format" in said.err) == (command in {"compare", "sweep"})


def test_a_table_of_no_known_suffix_needs_a_format(
    instance: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = instance.with_suffix(".table")
    assert main(["compare", str(instance), "--output", str(table)]) == 2
    assert "or say with --format what to write" in capsys.readouterr().err
    assert main(["compare", str(instance), "--output", str(table), "--format", "csv"]) == 0
    assert table.read_text().startswith("mechanism,")


@pytest.mark.parametrize(
    ("text", "vary", "words"),
    [
        (FINITE, "weights.seller=0:1:2", "Name one of these, or write the number into the file"),
        (SAMPLES, "weights.seller=0:1:2", "of which the file has none, got weights.seller"),
        (CELLS, "buyer.cells=2.5:5:2", 'got "2.5"). Give a whole number'),
    ],
)
def test_what_cannot_vary_is_told_as_it_was_written(
    text: str, vary: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "trade.toml"
    path.write_text(text)
    (tmp_path / "ask.csv").write_text("ask\n1\n2\n")
    table = tmp_path / "table.csv"
    assert main(["sweep", str(path), "--vary", vary, "--output", str(table), "--workers", "1"]) > 0
    assert words in capsys.readouterr().err


def test_one_point_is_one_point(instance: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = instance.with_suffix(".csv")
    words = ["sweep", str(instance), "--vary", "seller.types[0]=0:0:1", "--workers", "1"]
    assert main([*words, "--output", str(table)]) == 0
    assert capsys.readouterr().out.startswith("1 point in ")


def test_an_estimate_at_the_upper_end_is_said_to_be_that_end() -> None:
    types = mo.TypeSpace.from_distribution(mo_uniform(), 20)
    solution = mo.solve(mo.ex_ante_efficiency(mo.BilateralTrade(types, types)))
    report = mo.audit(solution.problem, solution)
    for estimate, said in ((0.1406, False), (0.141, True)):
        bracket = Continuum(0.14, 0.141, estimate, 2.0, ())
        page = Report(solution, report, "t", "money", 0.0, continuum=bracket)
        (row,) = [row for row in page.rows() if row[0] == "estimate"]
        assert ("so this is that end" in row[2]) is said


def mo_uniform() -> object:
    from scipy import stats

    return stats.uniform(0, 1)


def test_a_unit_that_changes_no_digit_is_not_spoken_of() -> None:
    types = mo.TypeSpace.finite([0, 300, 700])
    solution = mo.solve(
        mo.ex_ante_efficiency(mo.BilateralTrade(types, types)), backend=mo.backends.HiGHS()
    )
    assert any(note.startswith(UNIT_NOTE) for note in solution.provenance.notes)
    assert UNIT_NOTE not in " ".join(mo.summary(solution).split())


def test_the_pretty_style_is_said_to_have_few_digits(tmp_path: Path) -> None:
    import highspy

    types = mo.TypeSpace.finite([0, 300, 701])
    model = tmp_path / "trade.mps"
    mo.export(mo.ex_ante_efficiency(mo.BilateralTrade(types, types)), model)
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.readModel(str(model))
    highs.run()
    notes = []
    for style in (0, 1):
        path = tmp_path / f"trade.{style}.sol"
        highs.writeSolution(str(path), style)
        notes.append(" ".join(mo.import_solution(model, path).provenance.notes))
    assert ["six digits" in note for note in notes] == [False, True]
    for style in (2, 3):
        path = tmp_path / f"trade.{style}.sol"
        highs.writeSolution(str(path), style)
        with pytest.raises(mo.InvalidInputError, match=r"in style 0 \(raw\)"):
            mo.import_solution(model, path)


def test_a_word_in_place_of_a_number_is_named() -> None:
    with pytest.raises(mo.InvalidInputError, match="'abc' where a number is expected"):
        read_solution_file("trade_0 abc\n", "trade.sol")


def test_the_package_lists_what_is_for_use() -> None:
    assert sorted(dir(mo)) == sorted(mo.__all__)
    assert all(getattr(mo, name) is not None for name in dir(mo))


def test_offsets_of_axes_are_not_under_the_legend() -> None:
    """Drawn, the box of the offset and that of the legend have no point in common."""
    seller, buyer = mo.TypeSpace.finite([0, 1]), mo.TypeSpace.finite([0, 9_999_999])
    solution = mo.solve(mo.ex_ante_efficiency(mo.BilateralTrade(seller, buyer)))
    ax = mo.plot.interim(solution, "utility")
    figure = ax.figure
    figure.canvas.draw()
    offset, legend = ax.yaxis.get_offset_text(), ax.get_legend()
    assert offset.get_text() == "1e6"
    assert legend is not None
    boxes = [part.get_window_extent() for part in (offset, legend)]
    assert not boxes[0].overlaps(boxes[1])
    title = ax._left_title.get_window_extent()
    assert title.y0 > 0.5 * (boxes[1].y0 + boxes[1].y1)


def test_few_pairs_that_fill_the_picture_have_their_line() -> None:
    """One far type: 59 pairs of 3,600 cover half of the map, and trade there with chance 1/2."""
    near = mo.TypeSpace.finite([*range(59), 10_000])
    environment = mo.BilateralTrade(near, near)
    chance = np.triu(np.ones((60, 60)), 1)
    chance[:59, 59] = 0.5
    fair = mo.Mechanism(environment, Table(chance[None]), (np.zeros(60), np.zeros(60)))
    ax = mo.plot.allocation(fair)
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert "trade possible" in texts
