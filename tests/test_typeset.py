"""The formulas of the theory are typeset as they are written."""

from __future__ import annotations

import doctest
import importlib.util
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent / "docs"


@pytest.fixture(scope="module")
def typesetting():
    spec = importlib.util.spec_from_file_location("typeset", DOCS / "typeset.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def formulas(typesetting):
    page = typesetting.typeset((DOCS / "theory.md").read_text(encoding="utf-8"))
    found = re.findall(r"\{math\}`([^`]+)`|```\{math\}\n(.*?)```", page, re.DOTALL)
    return [inline or block for inline, block in found]


def test_examples(typesetting):
    assert doctest.testmod(typesetting).failed == 0


def test_every_formula_is_there(formulas):
    text = (DOCS / "theory.md").read_text(encoding="utf-8")
    quoted = [one for one in re.findall(r"`([^`]+)`", text) if "." not in one or " " in one]
    assert len(formulas) >= len(quoted) + 30


def test_formulas_are_latex(formulas):
    for formula in formulas:
        assert formula.isascii(), formula  # every sign has its command
        bare = re.sub(r"\\[{}]", "", formula)
        depth = 0
        for sign in bare:
            depth += (sign == "{") - (sign == "}")
            assert depth >= 0, formula
        assert depth == 0, formula
        assert not re.search(r"[_^](?![{])", bare), formula
        assert not re.search(r"\\mathrm\{\}|\\text\{\}", formula), formula


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("W_{-i}", "W_{-i}"),
        ("(Σ t_i - C)^+", r"(\sum t_{i} - C)^{+}"),
        ("E[(b-p)+] = int_p^inf (1-G)", r"E[(b-p)^{+}] = \int _{p}^{\infty } (1-G)"),
        ("3^-1/2", "3^{-1/2}"),
        ("2^-(n+1)", "2^{-(n+1)}"),
        ("a = p_1*(s), p_2**", "a = p_{1}^{*}(s), p_{2}^{**}"),
        ("u |T|", "u |T|"),
        ("E[W | t_i = t]", r"E[W \mid t_{i} = t]"),
        ("1{s < b}", r"1\{s < b\}"),
        ("√n u", r"\sqrt{n} u"),
        ("12,012", "12{,}012"),
    ],
)
def test_signs(typesetting, text, wanted):
    assert typesetting.latex(text) == wanted
