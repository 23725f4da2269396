"""The documentation covers the package."""

from __future__ import annotations

import re
from collections import Counter
from importlib import import_module
from inspect import ismodule
from pathlib import Path

import mechopt as mo
from mechopt import plot

PAGES = {
    page.stem: page.read_text(encoding="utf-8")
    for page in sorted((Path(__file__).parent.parent / "docs/api").glob("*.rst"))
}


def _entries(*pages: str) -> Counter[str]:
    """Count the entries of pages by the whole name of what they describe."""
    entries: Counter[str] = Counter()
    for page in pages:
        module = re.search(r"^\.\. currentmodule:: ([\w.]+)$", PAGES[page], re.MULTILINE)
        for name in re.findall(
            r"^\.\. auto(?:class|function):: ([\w.]+)$", PAGES[page], re.MULTILINE
        ):
            entries[name if name.startswith("mechopt.") else f"{module[1]}.{name}"] += 1
    return entries


def test_every_public_name_has_one_entry_in_the_reference():
    entries = _entries(*(page for page in PAGES if page not in ("plots", "index")))
    assert set(entries.values()) == {1}
    public = {
        f"{module.__name__}.{name}"
        for module in (mo, mo.cramton1985, mo.institutions, mo.peski2024, mo.studies)
        for name in module.__all__
        if not ismodule(getattr(module, name))
    }
    assert public <= set(entries)
    for entry in set(entries) - public:
        module, name = entry.rsplit(".", 1)
        assert hasattr(import_module(module), name), entry


def test_every_plot_has_one_entry_in_the_reference():
    shown = Counter(f"mechopt.plot.{name}" for name in plot.__all__ if name.islower())
    assert _entries("plots") == shown


def test_every_page_of_the_reference_is_listed():
    listed = set(re.findall(r"^   (\w+)$", PAGES["index"], re.MULTILINE))
    assert listed == set(PAGES) - {"index"}
