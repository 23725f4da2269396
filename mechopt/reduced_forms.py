"""Reduced forms: whether agents can win as often, by type, as is wanted.

Theory, section 6.1.

>>> import mechopt as mo
>>> import mechopt.reduced_forms as reduced
>>> two = reduced.Group(mo.TypeSpace.finite([1, 2]), winning=["1/4", "3/4"], count=2)
>>> reduced.implementable([two], units=1).implementable
True
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mechopt._util.lazy import importer, names

_WHERE: dict[str, tuple[str, ...]] = {
    "mechopt.studies.reduced_forms": (
        "Group",
        "Implementability",
        "implementable",
        "violation",
    ),
}

if TYPE_CHECKING:
    from mechopt.studies.reduced_forms import (
        Group as Group,
        Implementability as Implementability,
        implementable as implementable,
        violation as violation,
    )
else:
    __getattr__ = importer(__name__, _WHERE)

__all__ = names(_WHERE)


def __dir__() -> list[str]:
    """Return the names that are for use, those that are imported later included."""
    return list(__all__)
