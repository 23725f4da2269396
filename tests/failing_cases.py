"""The bad inputs of tests/failing, and what has to be said about each.

A TOML file begins with one comment ``# expect: KEY: PART OF THE LINE`` per fault that it has. What
cannot hold a comment (an empty file, a folder, no file at all) has these lines in a file of the
same name that ends in ``.expect``.
"""

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "failing"
EXPECTATION = re.compile(r'# expect: ((?:"[^"]*"|[^":])+): (.+)')


@dataclass(frozen=True)
class Fault:
    key: str
    part: str


@dataclass(frozen=True)
class FailingCase:
    path: Path
    faults: tuple[Fault, ...]


def _read(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    matches = [EXPECTATION.fullmatch(line) for line in lines if line.startswith("# expect")]
    assert matches, f"{path} expects no fault"
    assert all(matches), f"{path} has an expectation that cannot be read"
    return FailingCase(
        path.with_suffix(".toml"), tuple(Fault(*match.groups()) for match in matches)
    )


BESIDE = sorted(FOLDER.glob("*.expect"))
INSIDE = sorted(set(FOLDER.glob("*.toml")) - {path.with_suffix(".toml") for path in BESIDE})
CASES = [_read(path) for path in (*BESIDE, *INSIDE)]
