"""Tables in LaTeX fit into the column of a journal, and into a page; a real LaTeX says so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mechopt._util.inline import Math, Name
from mechopt._util.table import Table
from mechopt._util.table_in_latex import width_of
from mechopt.cli.main import main
from mechopt.errors import InvalidInputError
from tests.draws import THOROUGH, some
from tests.latex import needs_tex, overfull

ROOT = Path(__file__).parents[1] / "instances"
WIDTHS = (3.3, 6.5)
# The widest names, numbers and columns of all instances.
COMPARED = (
    "house_prices/house_prices",
    "mailath1990/three_consumers",
    "cramton1985/delayed_exchange",
    "examples/split_award",
    "border1991/three_bidders",
    "cramton1987/unequal_shares",
)
SWEEPS = {
    "cramton1985/delayed_exchange": ("buyer.discount_rate=log:1:4:3", "seller.discount_rate=1,2"),
    "peski2024/two_types": ("proposer_probability=0:1:3",),
    "myerson1981/irregular_bidders": ("seller_value=0,1",),
}
COMMANDS = {
    **{f"compare {name}": ["compare", name] for name in COMPARED},
    **{f"check {name}": ["check", name] for name in COMPARED},
    **{
        f"frontier {name}": ["frontier", name, "--shares", "0,1e-9,1"]
        for name in ("house_prices/house_prices", "mailath1990/two_consumers")
    },
    "bootstrap": ["bootstrap", "house_prices/house_prices", "--replications", "2"],
    **{
        f"sweep {name}": [
            "sweep",
            name,
            "--workers",
            "1",
            *(w for v in vary for w in ("--vary", v)),
        ]
        for name, vary in SWEEPS.items()
    },
}


@needs_tex
def test_tables_fit_into_a_column_and_a_page(tmp_path, capsys):
    """One document for each width; several commands a day, all with THOROUGH=1."""
    for width in WIDTHS:
        tables = []
        for name in COMMANDS if THOROUGH else some(list(COMMANDS), 7, 1):
            command, instance, *more = COMMANDS[name]
            words = [command, str(ROOT / f"{instance}.toml"), *more]
            main([*words, "--format", "latex", "--width", str(width)])
            tables.append(capsys.readouterr().out)
            assert "\\begin{tabular}" in tables[-1], name
        body = "\n\n".join(rf"\noindent {table}" for table in tables)
        for size in (10, 12):
            assert overfull(body, tmp_path, width, size) == []


WIDE = Table(
    ("", "total gains", "of first best", "the first bidder", "objective_without_bound"),
    (("second price, best reserve", "0.123456", "100.00 %", "-1e-09", "0.5 to 1.25"),) * 2,
)


@needs_tex
def test_a_table_for_a_page_is_too_wide_for_a_column(tmp_path):
    """So the log says what is too wide."""
    assert overfull(rf"\noindent {WIDE.to_latex(6.5)}", tmp_path, 3.3)
    assert overfull(rf"\noindent {WIDE.to_latex(3.3)}", tmp_path, 3.3) == []


def test_what_fits_is_left_as_it_is():
    text = WIDE.to_latex(10)
    assert "fontsize" not in text
    assert r"\begin{tabular}{lrrrr}" in text
    assert "& total gains & of first best &" in text


def test_headings_give_way_before_names_and_names_before_columns():
    spacious, narrow, narrowest = (WIDE.to_latex(width) for width in (5.0, 3.6, 2.0))
    assert r"\shortstack[r]{total\\gains}" in spacious
    assert "p{" not in spacious
    assert r"\raggedright second price, best reserve" in narrow
    assert narrow.count(r"\begin{tabular}") == 1
    assert narrowest.count(r"\begin{tabular}") > 1
    # Every part says which row is which, and every cell is there once.
    parts = narrowest.split(r"\begin{tabular}")[1:]
    assert all("second price, best reserve" in part for part in parts)
    for cell in ("0.123456", r"100.00 \%", "0.5 to 1.25"):
        assert narrowest.count(cell) == 2


def test_parts_repeat_all_columns_that_name_the_rows():
    rows = [("1", "2", *["0.123456789"] * 6)]
    table = Table(("seller_rate", "buyer_rate", *"abcdef"), rows, keys=2)
    parts = table.to_latex(3.3).split(r"\begin{tabular}")[1:]
    assert len(parts) > 1
    assert all(re.search(r"^1 & 2 &", part, re.MULTILINE) for part in parts)


def test_formulas_names_and_lines_of_their_own_are_in_every_format():
    cells = [(Name("seller_ic", (("k", "type"),)), Math("v_k >= 1/2")), ("and 3 more",)]
    table = Table(("name", "formula"), cells, aligned="ll")
    assert table.to_text().splitlines()[2:] == ["seller_ic_k{type}  v_k >= 1/2", "and 3 more"]
    assert r"\texttt{seller\_\allowbreak{}ic\_k\textit{type}} & $v_{k} \ge \tfrac{1}{2}$ \\" in (
        table.to_latex()
    )
    assert r"\multicolumn{2}{l}{and 3 more} \\" in table.to_latex()
    assert table.to_markdown().splitlines()[2:] == [
        r"| seller\_ic\_k*type* | $v_{k} \ge \tfrac{1}{2}$ |",
        "| and 3 more |   |",
    ]
    assert '<td colspan="2">and 3 more</td>' in table.to_html()


def test_widths_are_those_of_the_font():
    """Of Computer Modern, as matplotlib has it: never less, and little more for words."""
    from matplotlib import get_data_path
    from matplotlib.ft2font import FT2Font

    font = FT2Font(str(Path(get_data_path()) / "fonts" / "ttf" / "cmr10.ttf"))
    font.set_size(100, 72)

    def true(text):
        return sum(font.load_char(ord(x)).linearHoriAdvance / 65536 / 100 for x in text)

    # This font has the blank elsewhere, and marks of its own in place of < > [ ] _ |.
    for letter in map(chr, range(33, 127)):
        if letter not in '<>[]_|{}\\"':
            assert width_of(letter) >= true(letter) - 0.03, letter
    for words in ("takeitorleaveit", "Expected", "externality", "0.1234567", "probability"):
        assert true(words) <= width_of(words) <= 1.06 * true(words), words


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["compare", "--width", "3.3"], "--width: a width of what is not LaTeX"),
        (["frontier", "--format", "csv", "--width", "3.3"], "a width of what is not LaTeX"),
        (["check", "--format", "latex", "--width", "0"], "--width: not the width of a table"),
        (["compare", "--format", "latex", "--width", "nan"], "--width: not the width of a table"),
        (
            ["sweep", "--vary", "seller.types[5]=6,7", "--output", "a.csv", "--width", "3.3"],
            "a width of what is not LaTeX",
        ),
    ],
)
def test_a_width_is_one_of_latex(words, part, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main([words[0], str(ROOT / "examples" / "six_types.toml"), *words[1:]]) == 2
    assert part in capsys.readouterr().err


def test_a_width_without_room_for_two_columns_is_refused():
    table = Table(("", "x" * 60), (("name" * 5, "0.5"),))
    with pytest.raises(InvalidInputError, match="a width that the table does not fit into"):
        table.to_latex(2.0)


def test_a_finished_sweep_is_written_again_at_another_width(tmp_path, capsys):
    output = tmp_path / "sweep.tex"
    words = [
        "sweep", str(ROOT / "cramton1985" / "delayed_exchange.toml"), "--workers", "1",
        "--vary", "buyer.discount_rate=1,2", "--output", str(output),
    ]  # fmt: skip
    assert main(words) == 0
    first = output.read_text()
    assert main([*words, "--width", "3.3"]) == 0
    assert "nothing was computed" in capsys.readouterr().out
    second = output.read_text()
    assert second.count(r"\begin{tabular}") > first.count(r"\begin{tabular}")
    # Without a width, what is there stays.
    assert main(words) == 0
    assert output.read_text() == second
