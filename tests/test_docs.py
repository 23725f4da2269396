"""The documentation covers the package."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import mechopt as mo
from mechopt import plot

PAGES = {
    page.stem: page.read_text(encoding="utf-8")
    for page in sorted((Path(__file__).parent.parent / "docs/api").glob("*.rst"))
}


def _entries(*pages: str) -> Counter[str]:
    text = "\n".join(PAGES[page] for page in pages)
    return Counter(re.findall(r"^\.\. auto(?:class|function):: (\w+)$", text, re.MULTILINE))


def test_every_public_name_has_one_entry_in_the_reference():
    entries = _entries(*(page for page in PAGES if page != "plots"))
    assert entries == Counter(set(mo.__all__) - {"plot"})


def test_every_plot_has_one_entry_in_the_reference():
    assert _entries("plots") == Counter(name for name in plot.__all__ if name.islower())


def test_every_page_of_the_reference_is_listed():
    listed = set(re.findall(r"^   (\w+)$", PAGES["index"], re.MULTILINE))
    assert listed == set(PAGES) - {"index"}
