"""Mechanisms as they are used: auctions, posted prices, pivotal mechanisms, shared costs, tariffs.

Each takes an environment and returns a :class:`mechopt.Mechanism`, to be audited, compared or
plotted; :func:`mechopt.compare` shows those of an environment beside its optimum.

>>> import mechopt as mo
>>> from mechopt import known_mechanisms
>>> auction = mo.Auction(mo.TypeSpace.finite([1, 2, 3, 4, 5, 6]), count=2)
>>> mechanism = known_mechanisms.second_price(auction, reserve=4)
>>> mo.audit(mo.DesignProblem(auction, mo.Revenue(), budget="no-deficit"), mechanism).passed
True
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mechopt._util.lazy import importer, names

_WHERE: dict[str, tuple[str, ...]] = {
    "mechopt.literature.auctions": (
        "best_reserve",
        "first_price",
        "second_price",
    ),
    "mechopt.literature.markets": ("trade_reduction",),
    "mechopt.literature.pivotal": (
        "expected_externality",
        "pivotal",
    ),
    "mechopt.literature.procurement": (
        "best_lot_reserve",
        "cost_plus",
        "lot_auction",
    ),
    "mechopt.literature.public_goods": (
        "best_posted_shares",
        "equal_shares",
        "posted_shares",
    ),
    "mechopt.literature.screening": (
        "one_quality",
        "two_part_tariff",
    ),
}

if TYPE_CHECKING:
    from mechopt.literature.auctions import (
        best_reserve as best_reserve,
        first_price as first_price,
        second_price as second_price,
    )
    from mechopt.literature.markets import trade_reduction as trade_reduction
    from mechopt.literature.pivotal import (
        expected_externality as expected_externality,
        pivotal as pivotal,
    )
    from mechopt.literature.procurement import (
        best_lot_reserve as best_lot_reserve,
        cost_plus as cost_plus,
        lot_auction as lot_auction,
    )
    from mechopt.literature.public_goods import (
        best_posted_shares as best_posted_shares,
        equal_shares as equal_shares,
        posted_shares as posted_shares,
    )
    from mechopt.literature.screening import (
        one_quality as one_quality,
        two_part_tariff as two_part_tariff,
    )
else:
    __getattr__ = importer(__name__, _WHERE)

__all__ = names(_WHERE)


def __dir__() -> list[str]:
    """Return the names that are for use, those that are imported later included."""
    return list(__all__)
