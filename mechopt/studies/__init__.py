"""Questions that take several solutions: the continuum, the frontier, offers, dominance.

>>> import mechopt as mo
>>> types = mo.TypeSpace.finite([1, 2, 3, 4, 5, 6])
>>> price = mo.studies.best_posted_price(mo.BilateralTrade(types, types))
>>> round(price.expected.total, 6)
0.833333
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mechopt._util.lazy import importer, names

# Names by the module that defines them, as in mechopt/__init__.py.
_WHERE: dict[str, tuple[str, ...]] = {
    "mechopt.studies.bets": ("bets_of",),
    "mechopt.studies.continuum": ("refine",),
    "mechopt.studies.dominance": ("find_dominating",),
    "mechopt.studies.efficiency": ("interim_efficiency",),
    "mechopt.studies.interim_payoffs": ("InterimPayoffs",),
    "mechopt.studies.offers": (
        "best_posted_price",
        "take_it_or_leave_it",
    ),
    "mechopt.studies.second_best": ("second_best_of_continuum",),
}

if TYPE_CHECKING:
    from mechopt.studies.bets import bets_of as bets_of
    from mechopt.studies.continuum import refine as refine
    from mechopt.studies.dominance import find_dominating as find_dominating
    from mechopt.studies.efficiency import interim_efficiency as interim_efficiency
    from mechopt.studies.interim_payoffs import InterimPayoffs as InterimPayoffs
    from mechopt.studies.offers import (
        best_posted_price as best_posted_price,
        take_it_or_leave_it as take_it_or_leave_it,
    )
    from mechopt.studies.second_best import second_best_of_continuum as second_best_of_continuum
else:
    __getattr__ = importer(__name__, _WHERE)

__all__ = names(_WHERE)


def __dir__() -> list[str]:
    """Return the names that are for use, those that are imported later included."""
    return list(__all__)
