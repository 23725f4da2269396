"""The documentation covers the package."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import mechopt as mo

PAGES = sorted((Path(__file__).parent.parent / "docs/api").glob("*.rst"))


def test_every_public_name_has_one_entry_in_the_reference():
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    entries = Counter(
        re.findall(r"^\.\. auto(?:class|function|module):: (\w+)$", text, re.MULTILINE)
    )
    names = {name for name in mo.__all__ if not name.startswith("_")}
    assert {name for name, count in entries.items() if count > 1} == set()
    assert set(entries) == names


def test_every_page_of_the_reference_is_listed():
    contents = next(page for page in PAGES if page.stem == "index").read_text(encoding="utf-8")
    listed = set(re.findall(r"^   (\w+)$", contents, re.MULTILINE))
    assert listed == {page.stem for page in PAGES} - {"index"}
