"""Files that the searches start from: an instance, and what every command makes of it."""

from __future__ import annotations

import json
import signal

import pytest

from ..readers import highs_optimum
from .contract import run
from .killed import Server
from .whole import INSTANCE, SWEEP, TABLE, meaning


@pytest.fixture(scope="session")
def server():
    with Server() as server:
        yield server


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """Return a folder with all that the commands read."""
    folder = tmp_path_factory.mktemp("prepared")
    (folder / "trade.toml").write_text(INSTANCE)
    (folder / "data.csv").write_text(TABLE)
    for words in (
        ("solve", "trade.toml", "--output", "saved.json"),
        ("export", "trade.toml", "--to", "model.mps"),
    ):
        assert run(*words, folder=folder).status == 0
    highs_optimum(folder / "model.mps", folder / "model.sol")
    return folder


@pytest.fixture(scope="session")
def exported(tmp_path_factory):
    """Return a folder with a model, its sidecar, a solver's answer and what import says of it."""
    folder = tmp_path_factory.mktemp("exported")
    (folder / "trade.toml").write_text(INSTANCE)
    assert run("export", "trade.toml", "--to", "model.mps", folder=folder).status == 0
    highs_optimum(folder / "model.mps", folder / "model.sol")
    outcome = run("import", "model.mps", "model.sol", "--json", folder=folder)
    assert outcome.status == 0
    return folder, json.loads(outcome.output)


@pytest.fixture(scope="session")
def journalled(tmp_path_factory, server):
    """Return a folder with the whole journal of a sweep, and the table that it makes."""
    folder = tmp_path_factory.mktemp("journalled")
    (folder / "trade.toml").write_text(INSTANCE)
    assert run(*SWEEP, folder=folder).status == 0
    table = meaning(folder / "new.csv")
    (folder / "new.csv").unlink()
    _, operations = server.run(SWEEP, folder)
    (folder / "new.csv").unlink()
    for event in reversed(range(operations)):
        status, _ = server.run(SWEEP, folder, event=event)
        journal = folder / "new.csv.journal"
        if journal.exists() and len(journal.read_text().splitlines()) == len(table):
            break
        for path in folder.glob("*new.csv*"):
            path.unlink()
    assert status == -signal.SIGKILL
    for path in folder.glob(".new*"):
        path.unlink()
    (folder / "new.csv").unlink(missing_ok=True)
    return folder, table
