"""The documentation covers the package."""

from __future__ import annotations

import ast
import builtins
import doctest
import re
from collections import Counter
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
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


def _docstrings():
    """Yield every docstring of the package, with the module that it stands in."""
    root = Path(mo.__file__).parent
    for path in sorted(root.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
            text = ast.get_docstring(node) if isinstance(node, kinds) else None
            if text and "theory.md" in text:
                yield path.relative_to(root).as_posix(), text


def _unimported(example: str) -> set[str]:
    """Return names that an example uses without importing or making them."""
    made, used = set(dir(builtins)), set()
    for node in ast.walk(ast.parse(example)):
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                used.add(name)
            case ast.Name(id=name) | ast.arg(arg=name):
                made.add(name)
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                made.add(name)
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                made.update((each.asname or each.name).partition(".")[0] for each in names)
            case ast.ExceptHandler(name=str(name)):
                made.add(name)
    return used - made


def test_examples_of_the_reference_import_what_they_use():
    """All but the name under which they stand, or that of its class."""
    missing, parser, number = {}, doctest.DocTestParser(), 0
    for entry in _entries(*(page for page in PAGES if page != "index")):
        module, name = entry.rsplit(".", 1)
        described = getattr(import_module(module), name)
        parts = vars(described) if isinstance(described, type) else {}
        public = {part: parts[part] for part in parts if not part.startswith("_")}
        for part, each in ({name: described} | public).items():
            text = getattr(each, "__doc__", None)
            examples = parser.get_examples(text) if isinstance(text, str) else []
            found = _unimported("".join(example.source for example in examples)) - {name, part}
            number += bool(examples)
            if found:
                missing[f"{entry}: {part}"] = found
    assert not missing
    assert number > 300
    assert _unimported("np.ones(2)\nfor x in [1]: print(x)") == {"np"}


def _with_links():
    spec = spec_from_file_location("citing", Path(__file__).parent.parent / "docs" / "citing.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.with_links


def test_docstrings_cite_sections_of_the_theory_that_there_are_by_links():
    """Every number after the word section; the site makes places of all headings with a number."""
    theory = (Path(__file__).parent.parent / "docs" / "theory.md").read_text(encoding="utf-8")
    there = set(re.findall(r"^##+ (\d(?:\.\d+)?)\.? ", theory, re.MULTILINE))
    with_links, linked = _with_links(), 0
    for path, text in _docstrings():
        said = re.findall(r"theory\.md,\s+sections?\s+([\d.,\s]+(?:and\s+[\d.]+)?)", text)
        cited = [one.rstrip(".") for part in said for one in re.findall(r"\d[\d.]*", part)]
        links = re.findall(r":ref:`([\d.]+) <theory-([\d.]+)>`", with_links(text))
        assert {one for one, _ in links} >= set(cited), path
        assert all(one == other and one in there for one, other in links), path
        linked += len(links)
    assert linked > 100
    assert "theory-9" in with_links("theory.md, section 9"), (
        "what is not there has a link, and fails"
    )
