"""Every command that writes, killed at any moment: the old file or the whole new one is there."""

from __future__ import annotations

import random
import shutil
import signal
import time

import pytest

from ..draws import some
from .contract import snapshot
from .seeds import is_long, repeat, seeds, wanted
from .whole import OLD, meaning

# Commands, and the files that they write.
COMMANDS = {
    "solve": (("solve", "trade.toml", "--output", "new.json"), ("new.json",)),
    "check": (("check", "trade.toml", "--output", "new.json"), ("new.json",)),
    "compare": (("compare", "trade.toml", "--output", "new.csv"), ("new.csv",)),
    "export": (("export", "trade.toml", "--to", "new.mps"), ("new.mps", "new.mps.json")),
    "import": (("import", "model.mps", "model.sol", "--output", "new.json"), ("new.json",)),
    "plot": (("plot", "saved.json", "--output", "new.svg", "--kind", "utilities"), ("new.svg",)),
    "new": (
        ("new", "new.toml", "--seller", "data.csv:ask", "--buyer", "data.csv:bid"),
        ("new.toml",),
    ),
    "sweep": (
        (
            "sweep",
            "trade.toml",
            "--vary=buyer.types[3]=3:4:3",
            "--workers=1",
            "--force",
            "--output",
            "new.csv",
        ),
        ("new.csv",),
    ),
}
# What a sweep leaves for its own next run: its rows, and what identifies its table.
TRACES = ("new.csv.journal", "new.csv.json")
# How many operations are interrupted in the short run, beside the last.
SOME = 1


def broken(folder, before, targets, expected, *, old):
    """Return what a killed command broke."""
    after = snapshot(folder)
    for name, state in before.items():
        if name not in targets and after.get(name) != state:
            yield f"{name} is not what it was"
    for name in after.keys() - before.keys() - set(targets) - set(TRACES):
        if not name.startswith(".new"):
            yield f"{name} was left behind"
    for name in targets:
        path = folder / name
        if not path.exists():
            if old:
                yield f"{name} is gone"
        elif not (old and path.read_bytes() == OLD):
            try:
                complete = meaning(path) == expected[name]
            except Exception as error:
                complete = False
                yield f"{name}: {error}"[:200]
            if not complete:
                yield f"{name} is neither the old file nor the new one"


def kill_everywhere(name, server, prepared, tmp_path, moments):
    """Kill a command at each of the moments, and run it again afterwards."""
    words, targets = COMMANDS[name]
    whole = tmp_path / "whole"
    shutil.copytree(prepared, whole)
    server.run(words, whole)
    for target in targets:
        (whole / target).unlink()
    # Once more: now all that the command imports is loaded.
    start = time.monotonic()
    status, operations = server.run(words, whole)
    taken = time.monotonic() - start
    assert status == 0
    assert operations > 0
    expected = {target: meaning(whole / target) for target in targets}
    for number, moment in enumerate(moments(operations, taken)):
        old = number % 2 == 1 and name != "new"
        folder = tmp_path / f"kill-{number}"
        shutil.copytree(prepared, folder)
        for target in targets if old else ():
            (folder / target).write_bytes(OLD)
        before = snapshot(folder)
        status, _ = server.run(words, folder, **moment)
        said = f"{name} killed at {moment}, over {'an old file' if old else 'nothing'}"
        if "event" in moment:
            assert status == -signal.SIGKILL, f"{said}: status {status}"
        found = list(broken(folder, before, targets, expected, old=old))
        assert not found, f"{said}: {'; '.join(found)}"
        # Files that are there are never replaced by mechopt new.
        if name == "new" and (folder / "new.toml").exists():
            continue
        status, _ = server.run(words, folder)
        assert status == 0, f"{said}: run again it ends with status {status}"
        for target in targets:
            assert meaning(folder / target) == expected[target], f"{said}: run again it differs"


@pytest.mark.parametrize("name", COMMANDS)
def test_killed_before_operations_on_files(name, server, prepared, tmp_path):
    if not wanted("kills"):
        pytest.skip("FUZZ_FAMILIES=kills runs this")

    def moments(operations, _):
        """Return every operation, or, in the short run, the last of all and some others."""
        events = list(range(operations))
        if not is_long():
            events = sorted({operations - 1, *random.Random(name).sample(events[:-1], SOME)})
        return [{"event": event} for event in events]

    kill_everywhere(name, server, prepared, tmp_path, moments)


@pytest.mark.parametrize("name", COMMANDS if is_long() else some(list(COMMANDS), 4, start=3))
def test_killed_at_random_moments(name, server, prepared, tmp_path):
    if not wanted("kills"):
        pytest.skip("FUZZ_FAMILIES=kills runs this")
    for seed in seeds("kills", 1, share=0.1 / len(COMMANDS)):
        rng = random.Random(f"kill {name} {seed}")
        folder = tmp_path / str(seed)
        folder.mkdir()
        try:
            kill_everywhere(
                name,
                server,
                prepared,
                folder,
                lambda _, taken, rng=rng: [{"delay": rng.uniform(0, taken)} for _ in range(2)],
            )
        except AssertionError as error:
            error.add_note(f"seed {seed}: {repeat('kills', seed)}")
            raise


def test_the_checker_sees_torn_files(tmp_path):
    (tmp_path / "new.csv").write_text("a,seconds\n1,2\n")
    expected = {"new.csv": meaning(tmp_path / "new.csv")}
    before = snapshot(tmp_path)
    assert not list(broken(tmp_path, before, ("new.csv",), expected, old=False))
    (tmp_path / "new.csv").write_text("a,seconds\n1")
    assert list(broken(tmp_path, before, ("new.csv",), expected, old=False))
    (tmp_path / "new.csv").write_bytes(OLD)
    assert not list(broken(tmp_path, before, ("new.csv",), expected, old=True))
    assert list(broken(tmp_path, before, ("new.csv",), expected, old=False))
    (tmp_path / "other").write_text("")
    assert list(broken(tmp_path, before, ("new.csv",), expected, old=True))
