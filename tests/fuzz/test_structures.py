"""Saved files that are not what they should be, through every command that reads them."""

from __future__ import annotations

import random
import shutil

import pytest

from .contract import faults, run
from .seeds import repeat, seeds, wanted
from .structures import broken_text, restructured
from .test_tampering import saved_solution
from .whole import SWEEP

READERS = {
    "saved": (
        ("verify", "saved.json"),
        ("verify", "saved.json", "-v"),
        ("plot", "saved.json", "--output", "p.svg", "--kind", "utilities"),
        ("plot", "saved.json", "--output", "p.svg", "--kind", "quantities"),
    ),
    "sidecar": (
        ("import", "model.mps", "model.sol", "--json"),
        ("import", "model.mps", "model.sol", "--output", "new.json"),
    ),
    "answer": (("import", "model.mps", "model.sol", "--json"),),
    "model": (("import", "model.mps", "model.sol", "--json"),),
    "journal": (SWEEP,),
}
FILES = {
    "saved": "saved.json",
    "sidecar": "model.mps.json",
    "answer": "model.sol",
    "model": "model.mps",
    "journal": "new.csv.journal",
}


def odd_content(kind, text, seed):
    """Return what a file becomes, and what was done to it."""
    rng = random.Random(f"odd {kind} {seed}")
    if kind in ("answer", "model") or rng.random() < 0.25:
        return broken_text(text, seed), "broken"
    if kind == "journal":
        lines = text.splitlines()
        line = rng.randrange(len(lines))
        lines[line], done = restructured(lines[line], seed)
        return ("\n".join(lines) + "\n").encode(), f"line {line + 1}: {done}"
    changed, done = restructured(text, seed)
    return changed.encode(), done


@pytest.mark.parametrize("kind", READERS)
def test_structures(kind, exported, journalled, tmp_path):
    family = f"structures-{kind}"
    if not wanted(family):
        pytest.skip(f"FUZZ_FAMILIES={family} runs this")
    bad = []
    for seed in seeds(family, 25, share=0.03):
        folder = tmp_path / str(seed)
        shutil.copytree(journalled[0] if kind == "journal" else exported[0], folder)
        if kind == "saved":
            saved_solution(seed, folder)
        path = folder / FILES[kind]
        content, done = odd_content(kind, path.read_text(), seed)
        path.write_bytes(content)
        words = random.Random(f"reader {seed}").choice(READERS[kind])
        for fault in faults(run(*words, folder=folder)):
            said = f"seed {seed}: {done}: mechopt {' '.join(words)}: {fault}"
            bad.append(f"{said}\n  {repeat(family, seed)}")
    assert not bad, f"{len(bad)} faults\n" + "\n".join(bad[:12])
