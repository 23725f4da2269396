"""The documentation site; `make docs` builds it.

The source directory is the whole repository, so that README, theory, models and notebooks are pages
where they lie, and the links between them work in the repository and on the site alike.
"""

from __future__ import annotations

import re
from importlib.metadata import version as version_of
from typing import Any

from sphinx.util.inspect import TypeAliasForwardRef

project = "mechopt"
author = "The mechopt authors"
release = version = version_of("mechopt")
copyright = author  # noqa: A001 (the name Sphinx asks for)

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "myst_nb",
]

root_doc = "docs/index"
include_patterns = [
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "docs/*.md",
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
    if docname == "README":
        # Folders and other files are not pages.
        source[0] = re.sub(r"\[(`?[\w/.]+`?)\]\((?:instances|CITATION\.cff)\)", r"\1", source[0])
    elif docname == "models/README":
        source[0] += SHEETS


def _cite(*event: Any) -> None:
    """Let citations of the theory be links to it."""
    lines = event[-1]
    for number, line in enumerate(lines):
        if not line.lstrip().startswith((">>>", "...")):
            lines[number] = re.sub(
                r"(?<![\w`/])theory\.md(?![\w`])", ":doc:`theory.md </docs/theory>`", line
            )


def setup(app: Any) -> None:
    """Connect the hooks above."""
    app.connect("source-read", _adapt)
    app.connect("autodoc-process-docstring", _cite)
