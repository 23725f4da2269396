"""Every bad input of tests/failing on the command line: one clear message and exit status 2."""

import subprocess
import sys

import pytest

from mechopt.cli.main import main

from .failing_cases import CASES, FOLDER


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.path.stem)
def test_bad_input_is_reported_and_nothing_is_printed(case, capsys):
    status = main(["solve", str(case.path)])
    output, errors = capsys.readouterr()
    assert status == 2
    assert output == ""
    assert case.path.name in errors
    assert "Traceback" not in errors
    for fault in case.faults:
        assert f"{fault.key}: " in errors


@pytest.mark.parametrize("name", ["many_faults.toml", "binary.toml"])
def test_bad_input_in_a_process_of_its_own(name):
    (case,) = [case for case in CASES if case.path.name == name]
    command = [sys.executable, "-m", "mechopt", "solve", str(FOLDER / name)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert finished.returncode == 2
    assert finished.stdout == ""
    assert "Traceback" not in finished.stderr
    for fault in case.faults:
        assert f"{fault.key}: " in finished.stderr
