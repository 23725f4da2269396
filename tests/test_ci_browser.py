"""`.ci/browser` finds a browser or installs it, or says in one line why the run goes on without."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / ".ci" / "browser"
SHELL = shutil.which("sh")
# What the script calls beside what is stated here.
TOOLS = ["head", "timeout", "cat", "chmod"]

pytestmark = pytest.mark.skipif(
    SHELL is None or any(shutil.which(tool) is None for tool in TOOLS),
    reason="no POSIX shell with coreutils",
)

STARTS, FAILS = "exit 0", "exit 3"
INSTALLS = """
case "$*" in *install*)
  printf '#!/bin/sh\\nexit 0\\n' > "$0.d/chromium"
  chmod +x "$0.d/chromium";;
esac
"""


def run(folder: Path, **programs: str) -> tuple[int, str]:
    """Run the script where the only programs are those given and a few tools."""
    known = folder / "bin"
    installed = known / "apt-get.d"
    installed.mkdir(parents=True)
    for tool in TOOLS:
        (known / tool).symlink_to(str(shutil.which(tool)))
    for name, text in programs.items():
        program = known / name.replace("_", "-")
        program.write_text(f"#!{SHELL}\n{text}\n")
        program.chmod(0o755)
    done = subprocess.run(
        [str(SHELL), str(SCRIPT)],
        env={"PATH": f"{known}{os.pathsep}{installed}"},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    return done.returncode, done.stdout


@pytest.mark.parametrize(
    ("programs", "status", "said"),
    [
        ({"chromium": STARTS}, 0, ""),
        ({"chromium_browser": STARTS}, 0, ""),
        ({"chromium": FAILS}, 1, "does not start"),
        ({}, 1, "no apt-get"),
        ({"apt_get": INSTALLS, "id": "echo 1000"}, 1, "install it as root"),
        ({"apt_get": INSTALLS, "id": "echo 0"}, 0, "installing chromium"),
        ({"apt_get": FAILS, "id": "echo 0"}, 1, "apt-get update failed"),
        (
            {"apt_get": 'case "$*" in *install*) exit 100;; esac', "id": "echo 0"},
            1,
            "apt-get install failed",
        ),
        ({"apt_get": STARTS, "id": "echo 0"}, 1, "installed no chromium"),
    ],
)
def test_a_browser_is_found_or_installed_or_done_without(programs, status, said, tmp_path):
    found, text = run(tmp_path, **programs)
    assert found == status, text
    assert said in text
    assert text.count("pages are not tried in a browser") == (status == 1)
