"""The documentation site; `make docs` builds it.

The source directory is the whole repository, so that README, theory, models and notebooks are pages
where they lie, and the links between them work in the repository and on the site alike.
"""

from __future__ import annotations

import re
import sys
from importlib.metadata import version as version_of
from importlib.resources import files
from pathlib import Path
from typing import Any

from docutils.nodes import emphasis
from sphinx.addnodes import pending_xref
from sphinx.util.inspect import TypeAliasForwardRef

sys.path.insert(0, str(Path(__file__).parent))
from citing import with_links
from typeset import typeset

project = "mechopt"
author = "The mechopt authors"
release = version = version_of("mechopt")
copyright = author  # noqa: A001 (the name Sphinx asks for)

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.mathjax",
    "sphinx.ext.napoleon",
    "myst_nb",
]

root_doc = "docs/index"
include_patterns = [
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "docs/*.md",
    "docs/guide/*.md",
    "docs/api/*.rst",
    "instances/*/README.md",
    "models/README.md",
    "models/*/README.md",
    "notebooks/*.ipynb",
]
exclude_patterns = ["**/.*", "docs/_build", "build", "dist"]

# Notebooks are shown as they were committed; a test runs them.
# Records of what pictures draw lie beside them for the tests; pages show the pictures.
suppress_warnings = ["mystnb.unknown_mime_type"]
nb_execution_mode = "off"
nb_execution_raise_on_error = True
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_type_aliases = {
    name: name
    for name in ("Axis", "FloatArray", "FractionArray", "FractionCells", "IndexArray", "Pair")
}
maximum_signature_line_length = 80
python_use_unqualified_type_names = True
autodoc_preserve_defaults = True
napoleon_numpy_docstring = True
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_preprocess_types = False
napoleon_attr_annotations = False

# One file with its fonts, of a package: pages with formulas need no network.
MATHJAX = "tex-svg.js"
mathjax_path = f"mathjax/{MATHJAX}"

html_theme = "furo"
html_title = f"mechopt {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_extra_path = ["root"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
pygments_style = "friendly"


SHEETS = """
```{toctree}
:hidden:
:glob:

*/README
```
"""


# Inside tuples and unions Sphinx would show how it represents aliases, not their names.
TypeAliasForwardRef.__repr__ = lambda alias: alias.name


def _adapt(_app: object, docname: str, source: list[str]) -> None:
    """Add to pages of the repository what only the site needs."""
    if docname == "README" or docname.startswith("docs/guide/"):
        # Folders and other files are not pages.
        other = r"\]\((?:\.\./)*(?:instances|CITATION\.cff|benchmarks/[\w.]+)\)"
        source[0] = re.sub(r"\[(`?[\w/.]+`?)" + other, r"\1", source[0])
    elif docname == "docs/theory":
        page = re.sub(r"^(##+ (\d(?:\.\d+)?)\.? )", r"(theory-\2)=\n\1", source[0], flags=re.M)
        source[0] = typeset(page)
    elif docname == "models/README":
        source[0] += SHEETS


def _cite(*event: Any) -> None:
    """Let citations of the theory be links to it, and to each section that is named."""
    lines = event[-1]
    lines[:] = with_links("\n".join(lines)).split("\n")


def _word_of_types(_app: object, doctree: Any) -> None:
    """Keep "array of shape (n,)" from being a link to whatever has a property of that name."""
    for node in list(doctree.findall(pending_xref)):
        if node.get("reftype") == "class" and node["reftarget"] == "shape":
            node.replace_self(emphasis("", node["reftarget"]))


def _ship_mathjax(app: Any) -> None:
    """Copy MathJax to where pages look for it."""
    where = Path(app.outdir) / "_static" / mathjax_path
    where.parent.mkdir(parents=True, exist_ok=True)
    source = files("mathjax") / "static" / "mathjax" / "es5" / MATHJAX
    where.write_bytes(source.read_bytes())


def setup(app: Any) -> None:
    """Connect the hooks above."""
    app.connect("builder-inited", _ship_mathjax)
    app.connect("source-read", _adapt)
    app.connect("doctree-read", _word_of_types)
    app.connect("autodoc-process-docstring", _cite)
