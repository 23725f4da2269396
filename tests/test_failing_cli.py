"""Every bad input of tests/failing on the command line: one clear message and exit status 2."""

import re
import subprocess
import sys
from collections import Counter

import pytest

from mechopt.cli.main import main
from mechopt.environments.kinds import kinds

from .draws import some
from .failing_cases import CASES, FOLDER


@pytest.mark.parametrize("case", some(CASES, 2), ids=lambda case: case.path.stem)
def test_bad_input_is_reported_and_nothing_is_printed(case, capsys):
    status = main(["solve", str(case.path)])
    output, errors = capsys.readouterr()
    assert status == 2
    assert output == ""
    assert case.path.name in errors
    assert "Traceback" not in errors
    for fault in case.faults:
        assert f"{fault.key}: " in errors


def test_every_kind_has_ten_bad_files():
    texts = [case.path.read_text("utf-8", "replace") for case in CASES if case.path.is_file()]
    stated = [re.search(r'kind *= *"([^"]+)"', text) for text in texts]
    number = Counter(found[1] for found in stated if found)
    assert {kind for kind in kinds() if number[kind] < 10} == set()


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
