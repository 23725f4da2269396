"""Instance files and tables of every kind, through every command that reads them."""

from __future__ import annotations

import json
import random
from fractions import Fraction

import pytest

from .contract import ContractError, faults, run
from .documents import as_toml, mangled, mutated, random_document, truth_of_document
from .judge import ALLOWED
from .seeds import repeat, seeds, wanted
from .tables import odd_table

COMMANDS = (
    ("solve", "trade.toml", "--json"),
    ("solve", "trade.toml"),
    ("solve", "trade.toml", "--json", "--exact"),
    ("solve", "trade.toml", "--json", "--backend", "highs"),
    ("solve", "trade.toml", "--output", "out.json"),
    ("solve", "trade.toml", "--cells", "3", "-q"),
    ("check", "trade.toml", "--json"),
    ("check", "trade.toml", "--output", "out.json"),
    ("compare", "trade.toml", "--format", "csv"),
    ("compare", "trade.toml", "--output", "out.tex"),
    ("export", "trade.toml", "--to", "model.mps"),
    ("export", "trade.toml", "--to", "model.lp"),
    ("export", "trade.toml", "--to", "model.cbf"),
    ("bootstrap", "trade.toml", "--replications", "3", "--json"),
    (
        "sweep",
        "trade.toml",
        "--vary",
        "seller.types[0]=0:1:2",
        "--output",
        "t.csv",
        "--workers",
        "1",
    ),
    ("new", "made.toml", "--seller", "data.csv:ask", "--buyer", "data.csv:bid"),
)


def search(family, count, share, function, tmp_path):
    if not wanted(family):
        pytest.skip(f"FUZZ_FAMILIES={family} runs this")
    bad = []
    for seed in seeds(family, count, share=share):
        folder = tmp_path / f"{family}-{seed}"
        folder.mkdir()
        bad += [f"seed {seed}: {text}\n  {repeat(family, seed)}" for text in function(seed, folder)]
    assert not bad, f"{len(bad)} faults\n" + "\n".join(bad[:12])


def complaints(outcome, document=None):
    """Return what an outcome breaks: the contract, or the truth about the document."""
    found = [f"mechopt {' '.join(outcome.words)}: {text}" for text in faults(outcome)]
    if outcome.answered and document is not None and "--json" in outcome.words:
        found += _untrue(outcome, document)
    return found


def _untrue(outcome, document):
    truth = truth_of_document(document)
    if outcome.words[0] != "solve" or truth is None:
        return
    record = json.loads(outcome.output)
    off = abs(Fraction(record["objective"]) - truth.optimum)
    if off > ALLOWED * truth.scale:
        yield f"objective {record['objective']!r}, it is {float(truth.optimum)!r}"
    if "exact" in record and Fraction(record["exact"]) != truth.optimum:
        yield f"exact {record['exact']}, it is {truth.optimum}"


def write(folder, content, files):
    (folder / "trade.toml").write_bytes(content)
    for name, table in files.items():
        (folder / name).write_bytes(table)


def document_faults(seed, folder):
    rng = random.Random(f"file {seed}")
    document, files = random_document(seed)
    way = rng.random()
    judged = document
    if way < 0.6:
        judged = mutated(document, seed, times=rng.randint(1, 2))
    content = as_toml(judged).encode("utf-8", "surrogatepass")
    if way > 0.85:
        content, judged = mangled(as_toml(document), seed), None
    write(folder, content, files)
    for command in rng.sample(COMMANDS, 2):
        yield from complaints(run(*command, folder=folder), judged)


def table_faults(seed, folder):
    document, _ = random_document(seed)
    document["environment"] = {
        "kind": "bilateral-trade",
        "seller": {"samples": "data.csv", "column": "ask"},
        "buyer": {"samples": "data.csv", "column": "bid"},
    }
    document["problem"] = {"objective": "ex-ante-efficiency"}
    write(folder, as_toml(document).encode(), {"data.csv": odd_table(seed)})
    rng = random.Random(f"table {seed}")
    for command in (COMMANDS[0], rng.choice(COMMANDS), COMMANDS[-1]):
        yield from complaints(run(*command, folder=folder))


def test_documents_are_answered_or_refused(tmp_path):
    search("documents", 60, 0.15, document_faults, tmp_path)


def test_tables_are_answered_or_refused(tmp_path):
    search("tables", 40, 0.1, table_faults, tmp_path)


# The checker on trial: commands that break the contract must be seen to.


def bad_commands():
    def writes_first(_):
        with open("half.txt", "w", encoding="utf-8") as file:  # noqa: PTH123
            file.write("half")
        print("mechopt: no", file=__import__("sys").stderr)
        return 2

    def says_too_much(_):
        print("mechopt: no" + "x" * 6000, file=__import__("sys").stderr)
        return 2

    def warns(_):
        __import__("warnings").warn("divide by zero", RuntimeWarning, stacklevel=1)
        return 0

    def talks(_):
        print("something")
        print("mechopt: no", file=__import__("sys").stderr)
        return 2

    def colours(_):
        print("\x1b[31mred\x1b[0m")
        return 0

    def hangs(_):
        while True:
            pass

    def leaves(_):
        raise SystemExit(3)

    return {
        "files changed": writes_first,
        "bytes": says_too_much,
        "RuntimeWarning": warns,
        "yet on standard output": talks,
        "control characters": colours,
        "no end": hangs,
        "SystemExit": leaves,
        "status 7": lambda _: 7,
        "not one error": lambda _: 2,
        "ZeroDivisionError": lambda _: 1 // 0,
    }


@pytest.mark.parametrize("fault", bad_commands())
def test_checker_sees_a_bad_command(fault, tmp_path):
    limit = {"seconds": 0.5} if fault == "no end" else {}
    outcome = run("solve", folder=tmp_path, command=bad_commands()[fault], **limit)
    assert any(fault in text for text in faults(outcome)), faults(outcome)


def test_checker_has_nothing_against_a_good_command(tmp_path):
    document, files = random_document(4)
    write(tmp_path, as_toml(document).encode(), files)
    outcome = run("solve", "trade.toml", "--json", folder=tmp_path)
    assert faults(outcome) == []
    assert outcome.answered
    assert ContractError.__mro__[1] is AssertionError


def test_truth_of_documents_is_that_of_the_package_for_valid_ones(tmp_path):
    judged = 0
    for seed in range(20):
        document, files = random_document(seed)
        write(tmp_path, as_toml(document).encode(), files)
        outcome = run("solve", "trade.toml", "--json", folder=tmp_path)
        if truth_of_document(document) is not None:
            judged += outcome.answered
            assert complaints(outcome, document) == []
    assert judged >= 3
