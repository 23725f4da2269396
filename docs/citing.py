"""Citations of the theory in docstrings, as links of the site to its sections."""

from __future__ import annotations

import re

# A line of an example, which stays as it is, or a citation with or without sections.
SECTION = r"\d(?:\.\d+)?(?!\w)"
CITATION = re.compile(
    r"^[ ]*(?:>>>|\.\.\.).*$"
    rf"|(?<![\w`/])theory\.md(?:(,\s+(?:section\s+)?)({SECTION})"
    rf"|(,\s+sections\s+)({SECTION}(?:(?:,|,?\s+and)\s+{SECTION})*))?(?![\w`])",
    re.MULTILINE,
)


def with_links(text: str) -> str:
    """Return a docstring whose citations of the theory are links, each section that is named.

    Examples
    --------
    >>> print(with_links("(theory.md, sections 3.5 and 5; Myerson 1981)"))  # doctest: +ELLIPSIS
    (:doc:`theory.md </docs/theory>`, sections :ref:`3.5 <theory-3.5>` and :ref:`5 <theory-5>`; ...
    """
    return CITATION.sub(_link, text)


def _link(cited: re.Match[str]) -> str:
    if not cited[0].startswith("theory"):
        return cited[0]
    page, words, sections = ":doc:`theory.md </docs/theory>`", cited[1], cited[2]
    if sections is None:
        words, sections = cited[3], cited[4]
    if sections is None:
        return page
    return f"{page}{words}" + re.sub(
        SECTION, lambda one: f":ref:`{one[0]} <theory-{one[0]}>`", sections
    )
