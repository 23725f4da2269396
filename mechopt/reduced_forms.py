"""Reduced forms: whether agents can win as often, by type, as is wanted; programs by counts.

Theory, sections 1.1 and 6.1.

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
    "mechopt.studies.counts": ("OptimumByCounts", "optimum_by_counts"),
    "mechopt.studies.reduced_forms": (
        "Group",
        "Implementability",
        "implementable",
        "violation",
    ),
}

if TYPE_CHECKING:
    from mechopt.studies.counts import (
        OptimumByCounts as OptimumByCounts,
        optimum_by_counts as optimum_by_counts,
    )
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
