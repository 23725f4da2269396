"""Every kind of environment is written in every format, and others find its optimum there."""

from __future__ import annotations

import pytest

import mechopt as mo
from mechopt.formats.write import content_of
from mechopt.program.tangents import is_conic
from tests.draws import some
from tests.readers import ConicProgram, highs_optimum, scip_optimum
from tests.test_formulation import CASES, kinds

FORMATS = {"mps": highs_optimum, "lp": highs_optimum, "nl": scip_optimum, "cbf": None}


def written(problem, file_format, tmp_path):
    content = content_of(problem, file_format)
    path = tmp_path / f"model.{file_format}"
    path.write_text(content.text, encoding="utf-8")
    return path, content.sidecar


@pytest.mark.parametrize("kind", some(list(kinds()), 6, 1))
def test_every_kind_in_every_format_has_the_optimum(kind, tmp_path):
    name = f"{kind}, revenue" if "bilateral" not in kind else f"{kind}, welfare"
    problem = CASES[name]
    expected = mo.solve(problem).objective
    for file_format, optimum in FORMATS.items():
        if is_conic(problem) and file_format in ("mps", "lp"):
            with pytest.raises(mo.InvalidInputError, match="curved bounds"):
                content_of(problem, file_format)
            continue
        path, sidecar = written(problem, file_format, tmp_path)
        found = ConicProgram(path).optimum() if optimum is None else optimum(path)
        tolerance = 1e-8 if optimum is highs_optimum else 1e-5
        assert sidecar.objective_of(found) == pytest.approx(expected, abs=tolerance), file_format


@pytest.mark.parametrize("name", some(list(CASES), 30, 7))
def test_every_requirement_is_written_in_every_format(name):
    problem = CASES[name]
    for file_format in FORMATS:
        if is_conic(problem) and file_format in ("mps", "lp"):
            continue
        content = content_of(problem, file_format)
        assert content.sidecar.num_nonzeros > 0
        assert content.text
