"""Command lines of every kind: odd values of options, odd paths, words in odd places."""

from __future__ import annotations

import random

import pytest

from .contract import faults, run
from .documents import HOSTILE_TEXT
from .seeds import repeat, seeds, wanted

COMMANDS = {
    "solve": (("FILE",), ("--backend", "--cells", "--json", "--output", "--exact", "-q", "-v")),
    "check": (("FILE",), ("--json", "--output", "-q", "-v")),
    "compare": (("FILE",), ("--format", "--output")),
    "export": (("FILE", "--to", "PATH"), ("--cells", "--form", "-q")),
    "import": (("model.mps", "model.sol"), ("--json", "--output")),
    "verify": (("saved.json",), ("-q", "-v")),
    "plot": (("saved.json", "--output", "PATH"), ("--kind", "--unit")),
    "sweep": (("FILE", "--vary", "GRID", "--output", "PATH"), ("--workers", "-q")),
    "bootstrap": (("FILE", "--replications", "2"), ("--level", "--seed", "--paired", "--json")),
    "new": (("made.toml", "--seller", "PRIOR", "--buyer", "PRIOR"), ("--cells", "--title")),
    "list": ((), ("-q",)),
    "nosuch": ((), ()),
}
FLAGS = {"--json", "--exact", "-q", "-v", "--paired"}
VALUES = (
    "0", "-1", "1", "3", "1.5", "1e3", "nan", "inf", "1e400", "10000000000", "direct", "highs",
    "text", "csv", "latex", "json", "neighbouring", "all-pairs", "utilities", "overview", "0.5",
)  # fmt: skip
PATHS = (
    "out.json", "out.csv", "out.tex", "out.png", "out.svg", "out.mps", "out.mps.gz", "out.lp",
    "out.nl", "out.cbf", "out", "trade.toml", "data.csv", "saved.json", "folder", "no/such/out.csv",
    "/dev/null", "out.JSON", "trade.toml/x", "x" * 300 + ".json", "-", "out.xyz",
    "./folder/../out.csv",
)  # fmt: skip
GRIDS = (
    "seller.types[0]=0:1:2", "seller.types[9]=0:1:2", "seller.types[0]=0:1:0", "buyer=1:2:3",
    "seller.types[0]=0:1:1000000000", "seller.types[0]=nan:1:2", "seller.types[0]=1/0:1:2", "x",
    "seller.types[0]=0:1e400:2", "seller.types[-1]=0:1:2", "[0]=0:1:2", "title=0:1:2", "=::",
    "seller.types[0]=1:0:2", "seller.discount_rate=1:2:2",
)  # fmt: skip
PRIORS = (
    "uniform", "uniform:loc=1,scale=2", "beta:a=2,b=3", "0,1/2,1", "1,0", "data.csv:ask",
    "data.csv", "data.csv:nosuch", "nosuch.csv:x", "norm", "beta", "beta:a=x", "0", "1e400", ",",
    ":", "=", "folder:x", "-1,2", "1/0,2", "uniform:", "binom:n=3,p=0.5", "data.csv:bid:ask",
)  # fmt: skip


def random_words(rng):
    """Return a command line."""
    command = rng.choice(list(COMMANDS))
    needed, options = COMMANDS[command]
    pools = {"PATH": PATHS, "GRID": GRIDS, "PRIOR": PRIORS}
    words = [command]
    for word in needed:
        if word == "FILE":
            words.append("trade.toml" if rng.random() < 0.85 else rng.choice(PATHS))
        else:
            words.append(rng.choice(pools[word]) if word in pools else word)
    for option in rng.sample(options, rng.randint(0, len(options))):
        words.append(option)
        if option == "--output":
            words.append(rng.choice(PATHS))
        elif option not in FLAGS:
            words.append(rng.choice(VALUES))
    for _ in range(rng.choice([0, 0, 0, 1])):
        odd = rng.choice([*HOSTILE_TEXT, "--nosuch", "--json=1", "--", "-h", "--version"])
        words.insert(rng.randrange(len(words) + 1), odd)
    if rng.random() < 0.1:
        del words[rng.randrange(len(words))]
    return words


def test_command_lines(prepared, tmp_path):
    if not wanted("words"):
        pytest.skip("FUZZ_FAMILIES=words runs this")
    bad = []
    for seed in seeds("words", 100, share=0.1):
        folder = tmp_path / str(seed)
        folder.mkdir()
        for path in prepared.iterdir():
            (folder / path.name).write_bytes(path.read_bytes())
        (folder / "folder").mkdir()
        words = random_words(random.Random(f"words {seed}"))
        outcome = run(*words, folder=folder)
        found = faults(outcome)
        if outcome.changed and {"trade.toml", "data.csv", "saved.json"} & set(outcome.changed):
            found.append(f"an input was overwritten: {', '.join(outcome.changed)}")
        bad += [
            f"seed {seed}: mechopt {words}: {fault}\n  {repeat('words', seed)}" for fault in found
        ]
    assert not bad, f"{len(bad)} faults\n" + "\n".join(bad[:20])
