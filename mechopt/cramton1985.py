"""Sequential bargaining mechanisms, as in Cramton (1985): what belongs to that paper.

Proofs of impossibility, payments of a trading rule, k-double auctions, closed forms of uniform
exchange, and what traders learn while they wait. Theory, section 3.

>>> import mechopt.cramton1985 as cramton
>>> round(cramton.uniform_exchange(1.0).second_best, 6)
0.140625
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mechopt._util.lazy import importer, names

# Names by the module that defines them, as in mechopt/__init__.py.
_WHERE: dict[str, tuple[str, ...]] = {
    "mechopt.literature.cramton1985.figures": ("figures_8",),
    "mechopt.literature.cramton1985.impossibility": (
        "Certificate",
        "ExPostCheck",
        "posted_price_for_all",
        "slack_over_ratios",
    ),
    "mechopt.literature.cramton1985.known_mechanisms": (
        "DoubleAuction",
        "double_auction",
        "double_auction_payoffs",
        "posted_price",
    ),
    "mechopt.literature.cramton1985.learning": (
        "Course",
        "PaymentTiming",
        "Posterior",
        "course",
        "posterior",
    ),
    "mechopt.literature.cramton1985.lemma_4": ("payments_from_rule",),
    "mechopt.literature.cramton1985.sequential": (
        "Corollary1",
        "DateAudit",
        "SequentialAudit",
        "audit_sequential_rationality",
        "corollary_1",
        "excluded_forever",
    ),
    "mechopt.literature.cramton1985.uniform_exchange": (
        "SimultaneousOffers",
        "UniformExchange",
        "uniform_exchange",
    ),
}

if TYPE_CHECKING:
    from mechopt.literature.cramton1985.figures import figures_8 as figures_8
    from mechopt.literature.cramton1985.impossibility import (
        Certificate as Certificate,
        ExPostCheck as ExPostCheck,
        posted_price_for_all as posted_price_for_all,
        slack_over_ratios as slack_over_ratios,
    )
    from mechopt.literature.cramton1985.known_mechanisms import (
        DoubleAuction as DoubleAuction,
        double_auction as double_auction,
        double_auction_payoffs as double_auction_payoffs,
        posted_price as posted_price,
    )
    from mechopt.literature.cramton1985.learning import (
        Course as Course,
        PaymentTiming as PaymentTiming,
        Posterior as Posterior,
        course as course,
        posterior as posterior,
    )
    from mechopt.literature.cramton1985.lemma_4 import payments_from_rule as payments_from_rule
    from mechopt.literature.cramton1985.sequential import (
        Corollary1 as Corollary1,
        DateAudit as DateAudit,
        SequentialAudit as SequentialAudit,
        audit_sequential_rationality as audit_sequential_rationality,
        corollary_1 as corollary_1,
        excluded_forever as excluded_forever,
    )
    from mechopt.literature.cramton1985.uniform_exchange import (
        SimultaneousOffers as SimultaneousOffers,
        UniformExchange as UniformExchange,
        uniform_exchange as uniform_exchange,
    )
else:
    __getattr__ = importer(__name__, _WHERE)

__all__ = names(_WHERE)


def __dir__() -> list[str]:
    """Return the names that are for use, those that are imported later included."""
    return list(__all__)
