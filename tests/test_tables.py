"""Tables as people have them: numbers are what cells say, or one error says what is wrong."""

from __future__ import annotations

import gzip
import json
import os
import sys
from decimal import Decimal
from fractions import Fraction
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mechopt as mo
from mechopt.cli.main import main
from mechopt.errors import InvalidInputError
from mechopt.types import table_bytes, tables
from mechopt.types.table_format import TableFormat

HUGE = "ask,bid\n9007199254740992,9007199254740995\n9007199254740993,9007199254740997\n"  # 2**53 on
TRADE = """
[environment]
kind = "bilateral-trade"
{environment}
[environment.seller]
samples = "bids.csv"
column = "ask"
{seller}
[environment.buyer]
samples = "bids.csv"
column = "bid"
{buyer}
[problem]
objective = "ex-ante-efficiency"
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def saved(content, name="bids.csv"):
    """Write a table into the working directory and return its name."""
    Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return name


def trade(environment="", seller="", buyer=""):
    return saved(TRADE.format(environment=environment, seller=seller, buyer=buyer), "trade.toml")


def answer(capsys, *options):
    """Return what ``mechopt solve --json`` prints."""
    assert main(["solve", "trade.toml", "--json", *options]) == 0
    return json.loads(capsys.readouterr().out)


def refusal(capsys, *command):
    """Return the one short error of a command that fails and prints nothing else."""
    assert main(list(command)) == 2
    out, err = capsys.readouterr()
    assert not out
    assert "Traceback" not in err
    assert len(err) < 5_000
    return err


# Digits


@pytest.mark.parametrize(
    "environment", ["", "origin = 9007199254740992", 'origin = "9007199254740000"']
)
def test_cells_that_floats_merge_are_told_apart(here, capsys, environment):
    saved(HUGE)
    trade(environment)
    asks, bids = (9007199254740992, 9007199254740993), (9007199254740995, 9007199254740997)
    # Every pair trades, so the optimum is the mean difference.
    truth = Fraction(sum(bid - ask for ask, bid in product(asks, bids)), 4)
    found = answer(capsys, "--exact")
    assert Fraction(found["exact"]) == truth == Fraction(7, 2)
    assert found["objective"] == found["first_best"] == 3.5
    assert found["origin"] == environment.partition("= ")[2].strip('"') or "9007199254740992"
    assert main(["solve", "trade.toml"]) == 0
    assert "measured from 90071992547" in " ".join(capsys.readouterr().out.split())
    assert main(["bootstrap", "trade.toml", "--replications", "2", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["first_best"]["estimate"] == 3.5


@pytest.mark.parametrize(
    ("asks", "bids", "truth"),
    [
        # Nothing merges, but floats move bids by as much as there is to gain.
        (["9007199254740992", "9007199254740994"], ["9007199254740995"], Fraction(2)),
        (["100000000000000.01"], ["100000000000000.03"], Fraction(1, 50)),
        (["-1e20"], ["-99999999999999999999"], Fraction(1)),
    ],
)
def test_types_that_floats_move_are_measured_from_an_origin(here, asks, bids, truth):
    sides = {"seller": asks, "buyer": bids}
    document = {
        "environment": {"kind": "bilateral-trade"} | {k: {"types": v} for k, v in sides.items()},
        "problem": {"objective": "ex-ante-efficiency"},
    }
    from mechopt.instances import instance_from_document

    instance = instance_from_document(document, "trade.toml")
    assert instance.data.origin == Fraction(asks[0])
    assert "from" in instance.unit
    assert instance.problem.environment.first_best == pytest.approx(float(truth), rel=1e-12)
    assert mo.exact_optimum(instance.problem).objective == truth
    # With delay the distance from zero counts, and no origin can be taken out.
    document["environment"]["seller"]["discount_rate"] = 2
    with pytest.raises(mo.errors.InstanceError, match=r"environment\.origin: .*delay"):
        instance_from_document(document, "trade.toml")


def test_ordinary_types_have_no_origin(here):
    saved("ask,bid\n349.1000061035156,1e6\n0.1,123456789.123\n")
    trade()
    instance = mo.load_instance("trade.toml")
    assert (instance.data.origin, instance.unit) == (0, "money")


# Marks


GOOD = {
    "semicolons": ("n;p\n1;2.5\n2;3\n", {}, [2.5, 3]),
    "tabs": ("n\tp\n1\t2.5\n2\t3\n", {}, [2.5, 3]),
    "bars": ("n|p\n1|2.5\n2|3\n", {}, [2.5, 3]),
    "another separator": ("n~p\n1~2.5\n2~3\n", {"separator": "~"}, [2.5, 3]),
    "a comma in a quoted name": ('"n,m";p\n1;2.5\n', {}, [2.5]),
    "decimal comma": ("n;p\n1;2,5\n2;-,5e1\n", {"decimal": ","}, [2.5, -5]),
    "thousands": ('n,p\n1,"1,234.5"\n2,"1,234,567"\n', {"thousands": ","}, [1234.5, 1234567]),
    "European": ("n;p\n1;1.234\n2;1.000.000,5\n", {"decimal": ",", "thousands": "."},
                 [1234, 1000000.5]),
    "thin spaces": ("p\n1 234\n1\u202f234,5\n1\u00a0234\n", {"decimal": ",", "thousands": " "},
                    [1234, 1234.5, 1234]),
    "apostrophes": ("p\n1'234.5\n", {"thousands": "'"}, [1234.5]),
    "currency": ("p;q\n$5;1\n-$5.5;1\n$-5.5;1\n5 $;1\n", {"currency": "$"}, [5, -5.5, -5.5, 5]),
    "euros": ("p\n5 EUR\nEUR 6\n", {"currency": "EUR"}, [5, 6]),
    "stated point": ("p\n1.234\n5.678\n", {"decimal": "."}, [1.234, 5.678]),
    "points that say what they are": ("p\n1.234\n5.67\n", {}, [1.234, 5.67]),
    "long whole numbers beside points": ("p\n1.234\n5678\n", {}, [1.234, 5678]),
    "a leading zero": ("p\n1.234\n0.678\n", {}, [1.234, 0.678]),
    "another encoding": ("é;p\n1;2\n".encode("cp1252"), {"encoding": "cp1252"}, [2]),
    "UTF-16 by its mark": ("é;p\n1;2\n".encode("utf-16"), {}, [2]),
    "a byte order mark": ("\ufeffp\n2\n", {}, [2]),
    "missing": ("p,q\n1,1\n,1\nNA,1\nn/a,1\nNaN,1\nnull,1\n2,1\n", {"missing": "drop"}, [1, 2]),
    "no header": ("1.5,2\n3,4\n", {"header": False}, [1.5, 3]),
}  # fmt: skip


@pytest.mark.parametrize("case", GOOD)
def test_numbers_are_what_cells_say(here, case):
    content, options, expected = GOOD[case]
    column = "1" if options.get("header") is False else "p"
    for name, bytes_ in (
        ("a.csv", content),
        ("a.txt.gz", gzip.compress(content if isinstance(content, bytes) else content.encode())),
    ):
        values = mo.read_column(saved(bytes_, name), column, TableFormat(**options))
        assert values.tolist() == expected


BAD = {
    "thousands or decimals": ("p\n1.234\n12.345\n7\n", {}, "two ways.*1.234.*decimal"),
    "comma": ("n;p\n1;2,5\n", {}, 'line 2, column "p".*2,5.*decimal'),
    "wrong groups": ('p\n"1,23"\n', {"thousands": ","}, "1,23"),
    "two points": ("p\n1.234.567\n", {}, "1.234.567"),
    "unstated currency": ("p\n$5\n", {}, r"\$5.*currency"),
    "another currency": ("p\n5 EUR\n", {"currency": "$"}, "5 EUR"),
    "missing": ("p,q\n1,1\nNA,1\n,1\n", {}, "2 faults.*2 are missing: line 3.*missing = .drop"),
    "all missing": ("p,q\n,1\n", {"missing": "drop"}, "no row with a value"),
    "underscore": ("p\n1_000\n", {}, "1_000"),
    "digits of another script": ("p\n\uff11\n", {}, "\uff11"),
    "fraction": ("p\n1/2\n", {}, "1/2"),
    "infinite": ("p\ninf\n", {}, "inf"),
    "too large": ("p\n1e400\n", {}, "1e400"),
    "too small": ("p\n1e-400\n", {}, "1e-400"),
    "5,000 digits": ("p\n" + "1" * 5000 + "\n", {}, "111"),
    "not the encoding": ("é,p\n1,2\n".encode("cp1252"), {}, "UTF-8 text, at line 1.*encoding"),
    "other separator": ("n;p\n1;2\n", {"separator": ","}, "no such column.*commas"),
    "ragged": ("n,p\n1,2\n3\n4,5,6\n7,x\n", {}, "3 faults.*line 3 has 1, line 4 has 3.*line 5"),
    "a date": ("p\n2020-01-01\n", {}, "2020-01-01"),
    "a decimal comma in words": (
        "p;q\nx;1\n", {"decimal": ",", "missing": "drop"},
        "such as 349,1, with a comma and no sep.*Correct.*with thousands and currency; what counts",
    ),
    "groups in words": (
        "p;q\nx;1\n", {"decimal": ",", "thousands": "."}, r"1\.349,1, with a comma, a point be",
    ),
    "what counts as missing": ("p,q\n,1\n", {}, "empty, NA, N/A, #N/A, NaN, null or none"),
    "a dash": ("p,q\n-,1\n", {"missing": "drop"}, 'If "-" means no value'),
    "a minus sign of its own": ("p\n\u22125\n", {}, r"minus sign as .-., not as U\+2212"),
    "a second currency": ("p\n5 EUR\n€6\n", {"currency": "€"}, '"EUR" stands where .* "€"'),
    "a currency to be stated": ("p\n5 EUR\n6 EUR\n", {}, 'so, say currency = "EUR"'),
    "a blank line": ("p\n1\n\n5\n", {"missing": "drop"}, "line 3 .* is blank.*1 cell .*Remove"),
    "a blank line beside others": ("p,q\n1,5\n\nx,3\n", {}, "2 faults.*line 3 is blank.*line 4"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_cells_do_not_say_is_refused(here, case):
    content, options, message = BAD[case]
    with pytest.raises(InvalidInputError, match=message) as caught:
        mo.read_column(saved(content), "p", TableFormat(**options))
    assert len(str(caught.value)) < 1_500


def test_the_decimal_mark_separates_nothing_where_something_else_does(here):
    comma = {"decimal": ",", "header": False}
    file = saved("1;1289,63;x\n2;7;y\n")
    assert mo.read_column(file, "2", TableFormat(**comma)).tolist() == [1289.63, 7]
    file = saved('"1,5","2"\n"3","4"\n')
    assert mo.read_column(file, "1", TableFormat(**comma)).tolist() == [1.5, 3]
    file = saved('p,q\n"1,5",2\n')
    assert mo.read_column(file, "p", TableFormat(decimal=",")).tolist() == [1.5]
    # One column of 1.5, or two of 1 and 5.
    file = saved("1,5\n2,5\n")
    with pytest.raises(InvalidInputError, match=r"separator: .*two ways.*separator = \";\""):
        mo.read_column(file, "1", TableFormat(**comma))
    told = TableFormat(separator=";", **comma)
    assert mo.read_column(file, "1", told).tolist() == [1.5, 2.5]


def test_messages_about_names_know_whether_there_are_names(here):
    file = saved("1;1289,63;x\n2;7;y\n")
    with pytest.raises(
        InvalidInputError, match="if the first row has values, write header = false"
    ):
        mo.read_column(file, "ask", TableFormat(decimal=","))
    with pytest.raises(InvalidInputError, match="the position of a column, from 1 to 3"):
        mo.read_column(file, "ask", TableFormat(decimal=",", header=False))
    file = saved("ask;bid\n1;2\n")
    with pytest.raises(InvalidInputError, match="Use a name from the first row") as caught:
        mo.read_column(file, "asks")
    assert "header" not in str(caught.value)


def test_a_first_row_of_numbers_is_no_header(here):
    file = saved("1.5,1999\n3,4\n")
    with pytest.raises(InvalidInputError, match=r"number for the column's name.*header = false"):
        mo.read_column(file, "1.5")
    assert mo.read_column(file, "1999", TableFormat(header=True)).tolist() == [4]
    assert mo.read_column(file, "2", TableFormat(header=False)).tolist() == [1999, 4]


@pytest.mark.parametrize(
    "options",
    [
        {"separator": ";;"}, {"separator": '"'}, {"decimal": ";"}, {"thousands": "."},
        {"thousands": "x"}, {"decimal": ",", "thousands": ","}, {"currency": "5"},
        {"currency": " "}, {"encoding": "no such"}, {"missing": "fill"}, {"header": "yes"},
        {"sheet": 1},
    ],
    ids=str,
)  # fmt: skip
def test_formats_that_contradict_themselves_are_refused(options):
    with pytest.raises(InvalidInputError, match=next(reversed(options))):
        TableFormat(**options)


def test_twenty_thousand_faults_are_one_short_error(here, capsys):
    saved("ask,bid\n" + "".join(f"x{i},{i}\n" for i in range(20_000)))
    trade()
    message = refusal(capsys, "solve", "trade.toml")
    assert '20,000 cells are no finite numbers: line 2 "x0"' in message
    assert "19,992 more" in message
    types = ", ".join(f'"x{i}"' for i in range(2_000))
    saved(TRADE.format(environment="", seller="", buyer="").replace(
        'samples = "bids.csv"\ncolumn = "bid"', f"types = [{types}]"), "trade.toml")  # fmt: skip
    assert "2,001 faults" in refusal(capsys, "solve", "trade.toml")


# Other kinds of files


def test_spreadsheets(here):
    frame = pd.DataFrame({"p": [1.5, 2, 0.1], "q": ["1,5", "2", ""],
                          "d": pd.to_datetime(["2020"] * 3), "b": [True, False, True]})  # fmt: skip
    with pd.ExcelWriter("a.xlsx") as writer:
        pd.DataFrame({"x": [1]}).to_excel(writer, sheet_name="first", index=False)
        frame.to_excel(writer, sheet_name="second", index=False)
    how = {"sheet": "second"}
    assert mo.read_column("a.xlsx", "x").tolist() == [1]
    # Cells that are numbers have no marks, whatever the texts have.
    comma = TableFormat(**how, decimal=",", missing="drop")
    assert mo.read_column("a.xlsx", "p", comma).tolist() == [1.5, 2, 0.1]
    (sample,) = mo.priors.read_sample("a.xlsx", "q", comma)
    assert (sample.values.tolist(), sample.lines.tolist()) == ([1.5, 2], [2, 3])
    for column in ("d", "b"):
        with pytest.raises(InvalidInputError, match="row 2"):
            mo.read_column("a.xlsx", column, TableFormat(**how))
    with pytest.raises(InvalidInputError, match="third"):
        mo.read_column("a.xlsx", "p", TableFormat(sheet="third"))
    with pytest.raises(InvalidInputError, match="cannot read"):
        mo.read_column(saved("p\n1\n", "b.xlsx"), "p")


def test_parquet(here):
    frame = pd.DataFrame({
        "whole": pd.array([2**53, 2**53 + 1, None], dtype="Int64"),
        "narrow": np.array([0.1, 0.2, 0.3], dtype=np.float32),
        "exact": [Decimal("0.10"), Decimal("1.25"), Decimal("2.00")],
        "text": ["1.5", "2", "3"],
        "truth": [True, False, True],
        "day": pd.to_datetime(["2020"] * 3),
    })  # fmt: skip
    frame.to_parquet("a.parquet")
    (whole,) = mo.priors.read_sample("a.parquet", "whole", TableFormat(missing="drop"))
    assert whole.written == (str(2**53), str(2**53 + 1))
    assert mo.read_column("a.parquet", "narrow").tolist() == [0.1, 0.2, 0.3]
    assert mo.read_column("a.parquet", "exact").tolist() == [0.1, 1.25, 2]
    assert mo.read_column("a.parquet", "text").tolist() == [1.5, 2, 3]
    for column in ("whole", "truth", "day"):
        with pytest.raises(InvalidInputError, match=column):
            mo.read_column("a.parquet", column)
    with pytest.raises(InvalidInputError, match="cannot read"):
        mo.read_column(saved("p\n1\n", "b.parquet"), "p")


@pytest.mark.parametrize(("package", "name"), [("openpyxl", "a.xlsx"), ("pyarrow", "a.parquet")])
def test_a_missing_package_is_one_error_with_its_command(here, monkeypatch, package, name):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(
        mo.errors.MissingExtraError, match=rf"{package}.*pip install .mechopt\[tables"
    ):
        mo.read_column(saved("x", name), "p")


# Limits


def test_only_regular_files_of_some_size_are_read(here, monkeypatch):
    with pytest.raises(InvalidInputError, match="regular file"):
        mo.read_column("/dev/zero", "p")
    os.mkfifo("pipe.csv")
    with pytest.raises(InvalidInputError, match="a pipe"):
        mo.read_column("pipe.csv", "p")
    with pytest.raises(InvalidInputError, match="cannot read"):
        mo.read_column(".", "p")
    Path("link.csv").symlink_to(saved("p\n1\n", "there.csv"))
    assert mo.read_column("link.csv", "p").tolist() == [1]
    monkeypatch.setattr(table_bytes, "MAX_BYTES", 10_000)
    with pytest.raises(InvalidInputError, match="at most 10,000 bytes, also after decompression"):
        mo.read_column(saved("p\n" + "1\n" * 6_000), "p")
    bomb = gzip.compress(b"p\n" + b"1\n" * 1_000_000)
    assert len(bomb) < 10_000
    for content in (bomb, gzip.compress(b"p\n1\n") + bomb):
        with pytest.raises(InvalidInputError, match="more when decompressed"):
            mo.read_column(saved(content, "a.csv.gz"), "p")
    two = gzip.compress(b"p\n1\n") + gzip.compress(b"2\n")
    assert mo.read_column(saved(two, "a.csv.gz"), "p").tolist() == [1, 2]
    for content in (b"no gzip", two[:-6]):
        with pytest.raises(InvalidInputError, match="gzip"):
            mo.read_column(saved(content, "a.csv.gz"), "p")
    frame = pd.DataFrame({"p": ["1" * 9_000 + str(i) for i in range(20)]})
    frame.to_excel("a.xlsx", index=False)
    with pytest.raises(InvalidInputError, match="when decompressed"):
        mo.read_column("a.xlsx", "p")
    monkeypatch.setattr(tables, "MAX_ROWS", 3)
    with pytest.raises(InvalidInputError, match="at most 3"):
        mo.read_column(saved("p\n1\n2\n3\n4\n"), "p")


# In few words


def test_no_file_is_taken_for_a_distribution(here, capsys):
    content = "price,ask:usd\n1.5,2\n2.5,3\n"
    cells = ["--cells", "2"]
    for name in ("beta.csv", "uniform.tsv", "beta", "C:\\data\\x.csv", "odd.name"):
        text = content.replace(",", "\t") if name.endswith("tsv") else content
        saved(text, name)
        for column, mean in (("price", 2.0), ("ask:usd", 2.5)):
            command = [
                "new",
                "a.toml",
                "--seller",
                f"{name}:{column}",
                "--buyer",
                "beta:a=2,b=2",
                "-q",
            ]
            assert main([*command, *cells]) == 0
            agents = mo.load_instance("a.toml").problem.environment.agents
            assert agents[0].types.expectation(agents[0].types.mean) == mean
            assert agents[1].types.prior.name == "beta"
            Path("a.toml").unlink()
    capsys.readouterr()
    for prior in ("no/such:price", "bids.xls:price", "D:\\x.csv", "D:\\x.csv:price"):
        refusal(capsys, "new", "a.toml", "--seller", prior, "--buyer", "uniform")
        assert not Path("a.toml").exists()


def test_new_says_how_tables_are_written_and_what_they_hold(here, capsys):
    saved("ask;bid\n1.234,5 €;€2.000\n€7;8\n;9\n")
    options = ["--decimal", ",", "--thousands", ".", "--currency", "€", "--missing", "drop"]
    command = ["new", "a.toml", "--seller", "bids.csv:ask", "--buyer", "bids.csv:bid"]
    assert "3 faults" in refusal(capsys, *command, "--decimal", ",")
    assert main([*command, *options]) == 0
    printed = capsys.readouterr().out
    assert "1 of 3 rows without a value was dropped from bids.csv:ask" in printed
    assert "2 rows with both sides (of one file): correlation 1.000" in printed
    seller = mo.load_instance("a.toml").problem.environment.agents[0].types
    assert seller.mean.tolist() == [7, 1234.5]
    message = refusal(capsys, "new", "b.toml", "--seller", "0,1", "--buyer", "1", "--decimal", ",")
    assert "--decimal" in message
