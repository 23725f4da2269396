"""A real LaTeX, where there is one: what it cannot set, and what does not fit."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

TEX = shutil.which("pdflatex")
needs_tex = pytest.mark.skipif(TEX is None, reason="pdflatex is not installed")
PACKAGES = "amsmath,amssymb,booktabs,longtable"


def compiled(text, folder, *packages):
    """Return the log of a real LaTeX that set a text without an error."""
    if packages:
        used = "".join(rf"\usepackage{{{package}}}" for package in packages)
        text = rf"\documentclass{{article}}{used}\begin{{document}}{text}\end{{document}}"
    (folder / "set.tex").write_text(text, encoding="utf-8")
    words = [TEX, "-interaction=nonstopmode", "-halt-on-error", "set.tex"]
    done = subprocess.run(words, cwd=folder, capture_output=True, check=False)
    log = (folder / "set.log").read_text(encoding="utf-8", errors="replace")
    assert done.returncode == 0, log[-2000:]
    assert "Missing character" not in log
    return log


def overfull(text, folder, width=None, size=10):
    """Return by how many points each box of a text is too wide.

    A text with a width, in inches, is the body of a document; one without is a whole document.
    """
    if width is not None:
        # On paper as wide as a page: only the width of the text is that of a column.
        text = (
            rf"\documentclass[{size}pt]{{article}}\usepackage[T1]{{fontenc}}"
            rf"\usepackage[utf8]{{inputenc}}\usepackage{{{PACKAGES}}}"
            rf"\usepackage[textwidth={width}in]{{geometry}}"
            f"\\begin{{document}}\n{text}\n\\end{{document}}\n"
        )
    log = compiled(text, folder)
    return [float(points) for points in re.findall(r"Overfull \\hbox \(([\d.]+)pt", log)]
