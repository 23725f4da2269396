"""Results where people take them: one table in every format, and reports in one file."""

from __future__ import annotations

import csv
import html.parser
import io
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

import mechopt as mo
from mechopt._util.notation import mathml
from mechopt._util.table import SUFFIX_OF, Table
from mechopt.cli.main import main
from mechopt.studies.frontier import frontier
from mechopt.sweeps import Variation
from tests.draws import THOROUGH, some
from tests.latex import compiled, needs_tex

ROOT = Path(__file__).parents[1] / "instances"
EVIL = r"</title><script>alert(1)</script> $x_1$ \input{a} & 50 % | `b`"
TRADE = """
title = '{title}'
unit = "euros & cents"
environment.kind = "bilateral-trade"
environment.seller = {{ samples = "rows.csv", column = "ask" }}
environment.buyer = {{ samples = "rows.csv", column = "bid", discount_rate = 1 }}
problem.objective = "ex-ante-efficiency"
"""
COMMANDS = {
    "bootstrap": ["--replications", "3"],
    "check": [],
    "compare": [],
    "frontier": ["--shares", "0,0.5,1"],
    "sweep": ["--vary", "buyer.discount_rate=log:1:4:3", "--workers", "1"],
}


@pytest.fixture
def trade(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("rows.csv").write_text("ask,bid\n1,2\n2,5\n4,3\n3.5,6\n")
    Path("trade.toml").write_text(TRADE.format(title="Four rows"))
    return "trade.toml"


# The table


@pytest.fixture
def evil():
    return Table(
        ("", "gains", EVIL),
        (("=1+1", "-0.5 to 1e-09", EVIL), ("none", "", "")),
        ("name", "gains"),
        (("=1+1", -1 / 3), ("none", None)),
        title=f"{EVIL}\n\\evil",
        remarks=(EVIL,),
        aligned="lrp",
    )


def test_programs_get_every_digit_and_people_none_that_mislead(evil):
    rows = list(csv.reader(io.StringIO(evil.to_csv())))
    assert rows[1:] == [["'=1+1", repr(-1 / 3)], ["none", ""]]
    assert json.loads(evil.to_json())["rows"][0] == {"name": "=1+1", "gains": -1 / 3}
    frame = evil.to_pandas()
    assert frame["gains"][0] == -1 / 3
    assert np.isnan(frame["gains"][1])
    assert "-0.5 to 1e-09" in evil.to_text()


def test_what_users_write_is_data_in_every_format(evil):
    markdown = evil.to_markdown()
    table = [line for line in markdown.splitlines() if line.startswith("|")]
    assert all(len(re.findall(r"(?<!\\)\|", line)) == 4 for line in table)
    assert "\\<script\\>" in markdown
    assert "<script>" not in evil.to_html()
    body = [line for line in evil.to_latex().splitlines() if not line.startswith("%")]
    assert r"$-$0.5 to 1$\cdot10^{-9}$" in "\n".join(body)
    assert not any(r"\input{a}" in line or r"\evil" in line for line in body)
    # A row with a name alone stands in every format, as its remark does.
    for text in (markdown, evil.to_html(), evil.to_text(), "\n".join(body)):
        assert re.search(r"(^|[|>] ?)none", text, flags=re.M)


@needs_tex
def test_latex_of_a_table_compiles(evil, tmp_path):
    compiled(evil.to_latex(), tmp_path, "booktabs")


# Commands


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_prints_and_writes_the_same_in_each_format(command, trade, capsys):
    words = [command, trade, *COMMANDS[command]]
    styles = some(list(SUFFIX_OF), 2, list(COMMANDS).index(command))
    for style in styles:
        suffix = SUFFIX_OF[style]
        assert main([*words, "--format", style]) == 0
        printed = capsys.readouterr().out
        file = Path(f"table{suffix}")
        by_name = ["--format", style] if command == "check" else []
        assert main([*words, *by_name, "--output", str(file)]) == 0
        capsys.readouterr()
        written = file.read_text()
        if command == "sweep" and style in ("csv", "json"):
            # Seconds alone differ from run to run.
            assert len(written.splitlines()) == len(printed.splitlines())
        else:
            assert written == printed, style
    begin = {"json": "{", "latex": "\\begin{tabular}", "markdown": "| "}
    for style in begin.keys() & styles:
        start = begin[style]
        text = Path(f"table{SUFFIX_OF[style]}").read_text()
        assert any(line.startswith(start) for line in text.splitlines()), style
    if "json" in styles:
        assert main([*words, "--json"]) == 0
        written = json.loads(Path("table.json").read_text())
        assert written
        assert json.loads(capsys.readouterr().out).keys() == written.keys()


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["compare", "--json", "--format", "csv"], "two formats"),
        (["frontier", "--format", "csv", "--output", "a.tex"], "the suffix means another format"),
        (["frontier", "--output", "a.doc"], "no format has this suffix"),
        (["bootstrap", "--output", "rows.csv"], "the output is an input"),
        (["check", "--output", "no/a.tex"], "cannot write the file"),
        (["sweep", "--vary", "buyer.discount_rate=1,2", "--output", "a.doc"], "no format"),
        (["sweep", "--vary", "buyer.discount_rate=log:0:2:3"], "no logarithms"),
        (["frontier", "--shares", "a,b"], "not shares"),
        (["frontier", "--shares", "2,3"], "not shares"),
        (["report", "--output", "a.doc"], "no format has this suffix"),
        (["report", "--output", "no/a.html"], "cannot write the file"),
    ],
)
def test_a_command_refuses_before_any_work(words, part, trade, capsys):
    assert main([words[0], trade, *words[1:]]) == 2
    output, errors = capsys.readouterr()
    assert output == ""
    assert part in errors
    assert "Traceback" not in errors


def test_a_solution_is_still_what_check_saves_as_json(trade, capsys):
    assert main(["check", trade, "--json", "--output", "answer.json"]) == 0
    assert "implementable" in json.loads(capsys.readouterr().out)
    assert mo.load_solution("answer.json").problem.environment.agents[0].name == "seller"


def test_python_results_are_data_frames(trade):
    instance = mo.load_instance(trade)
    environment = instance.problem.environment
    frame = mo.compare(environment).to_pandas()
    assert frame["total"][0] == environment.first_best
    check = mo.check_ex_post_efficiency(environment)
    assert check.to_pandas()["least_subsidy"][0] == check.least_subsidy
    swept = mo.sweep(trade, "buyer.discount_rate=1,2")
    assert swept.to_pandas()["objective"].tolist() == swept.column("objective")
    result = mo.bootstrap([1, 2, 4], [2, 5, 3], replications=3, seed=1)
    frame = result.to_pandas().set_index("statistic")
    assert frame["estimate"]["second_best"] == result.second_best.estimate
    assert frontier(environment, 3).to_pandas()["total"].size == 3


# Standard errors


def test_every_number_of_a_comparison_has_its_standard_error():
    costs, values = [1.0, 2.0, 4.0, 3.5], [2.0, 5.0, 3.0, 6.0]
    result = mo.bootstrap(costs, values, replications=4, seed=3, mechanisms=True)
    types = mo.TypeSpace.from_samples
    table = mo.compare(mo.BilateralTrade(types(costs), types(values)))
    posted = table.row("best posted price")
    for name, number in {
        "total": posted.total,
        "seller": posted.utilities["seller"],
        "trade": posted.trade["buyer"],
        "price": posted.price,
    }.items():
        assert result.estimates[f"best posted price: {name}"].estimate == number
    names = list(result.estimates)
    again = []
    for i in range(4):
        generator = np.random.default_rng(np.random.SeedSequence(3, spawn_key=(i,)))
        drawn = [types(generator.choice(np.array(side), 4)) for side in (costs, values)]
        again.append(mo.compare(mo.BilateralTrade(*drawn)).row("best posted price").total)
    assert result.draws[:, names.index("best posted price: total")] == pytest.approx(again)
    part = result.estimates["best posted price: total"]
    assert part.standard_error == pytest.approx(np.std(again, ddof=1))
    assert "best posted price: total" in result.record()["mechanisms"]


# What varies


def test_logarithms_are_evenly_spaced_and_powers_exact():
    values = Variation.parse("a=log:0.01:100:9").values
    assert [float(value) for value in values[::2]] == [0.01, 0.1, 1.0, 10.0, 100.0]
    steps = np.diff(np.log([float(value) for value in values]))
    assert steps == pytest.approx(np.log(10) / 2)
    assert [float(value) for value in Variation.parse("a=log:4:1:3").values] == [4, 2, 1]
    assert len(Variation.parse("a=log:2:2:1").values) == 1


def test_objectives_vary_by_name_beside_the_answers_of_that_name(trade):
    table = mo.sweep(trade, "objective=ex-ante-efficiency,revenue", output="table.tex")
    assert table.column("problem.objective") == ["ex-ante-efficiency", "revenue"]
    assert all(isinstance(value, float) for value in table.column("objective"))
    assert len(set(table.columns)) == len(table.columns)
    again = mo.sweep(trade, "objective=ex-ante-efficiency,revenue", output="table.tex")
    assert again.was_done
    assert (again.columns, again.rows) == (table.columns, table.rows)


# Reports


class Outside(html.parser.HTMLParser):
    """What a page would ask for, and which elements it has."""

    def __init__(self, text):
        super().__init__()
        self.asked, self.tags = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.asked += [v for k, v in attributes if k in ("src", "href", "srcset", "data")]


def test_a_report_is_one_page_that_asks_for_nothing(trade, capsys):
    Path(trade).write_text(TRADE.format(title=EVIL))
    assert main(["report", trade, "--output", "report.html"]) == 0
    page = Path("report.html").read_text()
    assert capsys.readouterr().out == "wrote report.html\n"
    outside = Outside(page)
    assert all(address.startswith("data:image/png;base64,") for address in outside.asked)
    assert len(outside.asked) == 1
    assert not {"script", "link", "iframe", "object"} & set(outside.tags)
    assert "default-src 'none'" in page
    heads = re.findall(r"<h2>(.*?)</h2>", page)
    assert heads == [
        "Instance", "Formulation", "Answer", "Ex post efficiency", "Usual mechanisms", "Figures",
        "Audit", "Citation",
    ]  # fmt: skip
    check = mo.check_ex_post_efficiency(mo.load_instance(trade).problem)
    can = "IS possible" if check.implementable else "is NOT possible"
    assert f"ex post efficiency {can} without outside money" in page
    # What to cite for the theory.
    assert "<li>Myerson and Satterthwaite (1983)." in page.partition("<h2>Citation</h2>")[2]
    solution = mo.solve(mo.load_instance(trade).problem)
    assert f"{solution.objective:.6g}" in page
    assert solution.problem.fingerprint in page
    assert "incentive compatibility of seller: holds" in page
    if THOROUGH:
        main(["report", trade, "--output", "again.html"])
        assert Path("again.html").read_text() == page


@needs_tex
def test_a_report_in_latex_compiles_beside_its_figure(trade, tmp_path):
    Path(trade).write_text(TRADE.format(title=EVIL))
    assert main(["report", trade, "--output", "a_b.tex", "-q"]) == 0
    assert Path("a_b-figure.pdf").read_bytes().startswith(b"%PDF")
    compiled(Path("a_b.tex").read_text(), tmp_path)


@pytest.mark.parametrize("name", some(["examples/six_types", "peski2024/two_types",
                                       "myerson1981/three_bidders"], 3))  # fmt: skip
def test_a_report_of_a_bundled_instance_has_its_answer(name, tmp_path):
    assert main(["report", name, "--output", str(tmp_path / "a.html"), "-q"]) == 0
    page = (tmp_path / "a.html").read_text()
    assert "audit passed" in page
    for part in re.findall(r"<math>.*?</math>", page):
        ET.fromstring(part.replace("&#160;", " "))


def test_mathml_is_well_formed_and_keeps_every_letter():
    for formula in (
        "Σ_i Σ_k m_k (v_k Q_k - T_k) + E[q | k]^2 >= 1/2",
        "a < b & {c}",
        "log(x) * y'",
    ):
        text = mathml(formula)
        root = ET.fromstring(f"<p>{text}</p>".replace("&#160;", " "))
        said = "".join(root.itertext())
        assert [c for c in said if c.isalpha() and c.isascii()] == [
            c for c in formula if c.isalpha() and c.isascii() and c != "E"
        ]


def test_formulas_of_a_page_are_read_on_a_phone(tmp_path):
    """Statements are no table, indices are slanted, and brackets do not grow."""
    assert main(["report", "examples/six_types", "--output", str(tmp_path / "a.html"), "-q"]) == 0
    page = (tmp_path / "a.html").read_text()
    program = page.partition("<h3>Constraints</h3>")[2].partition("<h3>")[0]
    assert program.count('<p class="stated">') == 6
    assert "<table" not in program
    assert "<msub><mi>T</mi><mrow><mi>i</mi><mtext>,</mtext><mi>k</mi></mrow></msub>" in program
    for bracket in re.findall(r"<mo[^>]*>[()\[\]]</mo>", program):
        assert 'stretchy="false"' in bracket
    # A minus at the beginning of a side is a sign, and stands close.
    assert '<mo form="prefix">\u2212</mo>' in mathml("q_i(t) = -trade(t)")
