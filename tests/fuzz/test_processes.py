"""Commands in processes of their own: odd surroundings, and limits on memory and time."""

from __future__ import annotations

import gzip
import json
import os
import random

import pytest

from .contract import faults, run, run_process
from .seeds import repeat, seeds, wanted
from .whole import INSTANCE

SURROUNDINGS = (
    {"COLUMNS": "0"},
    {"COLUMNS": "1", "LINES": "1"},
    {"COLUMNS": "-5"},
    {"COLUMNS": "words"},
    {"PYTHONIOENCODING": "cp1252"},
    {"PYTHONIOENCODING": "ascii"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"MPLBACKEND": "nosuch"},
    {"MPLBACKEND": "module://nosuch"},
    {"TERM": "dumb", "NO_COLOR": "1"},
    {"FORCE_COLOR": "1"},
    {"HOME": "/nonexistent", "XDG_CONFIG_HOME": "/nonexistent", "MPLCONFIGDIR": "/nonexistent"},
    {"TMPDIR": "/nonexistent"},
    {"TZ": "Asia/Kathmandu", "LANG": "tr_TR.UTF-8"},
    {"OPENBLAS_NUM_THREADS": "0", "OMP_NUM_THREADS": "words"},
    {"PYTHONWARNINGS": "error"},
)
OUTPUTS = ("pipe", "pipe", "pipe", "full", "closed", "nobody")
COMMANDS = (
    ("solve", "trade.toml"),
    ("solve", "trade.toml", "--json"),
    ("solve", "trade.toml", "--output", "new.json"),
    ("solve", "nosuch.toml"),
    ("check", "trade.toml"),
    ("compare", "trade.toml"),
    ("list",),
    ("verify", "saved.json"),
    ("plot", "saved.json", "--output", "new.png", "--kind", "utilities"),
)


def surrounded(seed):
    """Return a command, its surroundings, and where its output goes."""
    rng = random.Random(f"process {seed}")
    environment = dict(rng.choice(SURROUNDINGS))
    return rng.choice(COMMANDS), environment, rng.choice(OUTPUTS)


def process_faults(seed, folder):
    words, environment, output = surrounded(seed)
    outcome = run_process(*words, folder=folder, environment=environment, output=output)
    said = f"mechopt {' '.join(words)} with {environment}, output {output}"
    # Colours that were asked for are no fault.
    found = [f for f in faults(outcome) if not (environment.get("FORCE_COLOR") and "control" in f)]
    # What cannot say its answer has failed; a reader who went away is nobody's fault.
    if output == "full" and outcome.status == 0 and "--output" not in words:
        found.append("status 0, yet nothing was said")
    if output == "pipe" and outcome.status == 0 and words[0] not in ("plot",):
        found += [] if outcome.output.strip() else ["status 0 without a word"]
        if "--json" in words:
            json.loads(outcome.output)
    expected = {2} if "nosuch.toml" in words else {0, 1}
    if outcome.status not in expected and output == "pipe":
        found.append(f"status {outcome.status}: {outcome.errors[:200]}")
    yield from (f"{said}: {text}" for text in found)


def test_surroundings(prepared, tmp_path):
    if not wanted("processes"):
        pytest.skip("FUZZ_FAMILIES=processes runs this")
    bad = []
    for seed in seeds("processes", 5, share=0.1):
        folder = tmp_path / str(seed)
        folder.mkdir()
        for path in prepared.iterdir():
            (folder / path.name).write_bytes(path.read_bytes())
        found = process_faults(seed, folder)
        bad += [f"seed {seed}: {text}\n  {repeat('processes', seed)}" for text in found]
    assert not bad, f"{len(bad)} faults\n" + "\n".join(bad[:12])


def sampled(text):
    """Return the instance with the buyer's prior from a file."""
    return INSTANCE.replace("types = [0.5, 1.5, 2.5, 3.5]", text)


def bomb(folder):
    """Write a small compressed model that unpacks to two gigabytes, beside a real sidecar."""
    (folder / "trade.toml").write_text(INSTANCE)
    assert run("export", "trade.toml", "--to", "model.mps.gz", folder=folder).status == 0
    part = gzip.compress(b"*" + b" " * (1 << 24), compresslevel=1)
    (folder / "model.mps.gz").write_bytes(part * 128)
    (folder / "model.sol").write_text("x 1\n")
    return ("import", "model.mps.gz", "model.sol")


def endless(folder):
    (folder / "trade.toml").write_text(sampled('samples = "/dev/zero"\ncolumn = "bid"'))
    return ("solve", "trade.toml")


def unread_pipe(folder):
    os.mkfifo(folder / "pipe.csv")
    (folder / "trade.toml").write_text(sampled('samples = "pipe.csv"\ncolumn = "bid"'))
    return ("solve", "trade.toml")


def many_cells(folder):
    beta = 'distribution = "beta"\nparameters = { a = 2, b = 3 }\ncells = 10'
    (folder / "trade.toml").write_text(sampled(beta))
    return ("solve", "trade.toml", "--cells", "100000000")


def many_faults(folder):
    types = ", ".join(f'"x{k}"' for k in range(20_000))
    (folder / "trade.toml").write_text(sampled(f"types = [{types}]"))
    return ("solve", "trade.toml")


BOMBS = (bomb, endless, unread_pipe, many_cells, many_faults)


@pytest.mark.parametrize("make", BOMBS, ids=lambda make: make.__name__)
def test_what_is_too_much_is_refused(make, tmp_path):
    if not wanted("bombs"):
        pytest.skip("FUZZ_FAMILIES=bombs runs this")
    words = make(tmp_path)
    outcome = run_process(*words, folder=tmp_path, memory=2 << 30)
    assert faults(outcome) == []
    assert outcome.status == 2, outcome.errors
