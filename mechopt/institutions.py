"""What people play: double auctions, prices and auctions, in equilibrium, beside the optimum.

Each is an object with its rules and its offers, what they bring, the direct mechanism that they
induce, and the largest gain of any type from deviating, recomputed from the priors.

>>> from scipy import stats
>>> import mechopt as mo
>>> half = mo.TypeSpace.from_distribution(stats.uniform(0, 1), 4)
>>> offers = mo.institutions.step_equilibrium(mo.BilateralTrade(half, half), k=0.5, prices=3)
>>> round(offers.expected.total, 6), offers.deviation.gain < 1e-12
(0.136419, True)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mechopt._util.lazy import importer, names

_WHERE: dict[str, tuple[str, ...]] = {
    "mechopt.literature.institutions.assessments": ("Assessment",),
    "mechopt.literature.institutions.bids": (
        "SealedBids",
        "all_pay_equilibrium",
        "first_price_equilibrium",
        "second_price_equilibrium",
    ),
    "mechopt.literature.institutions.dated_offers": ("DatedOffer",),
    "mechopt.literature.institutions.delayed_first_offer": ("DelayedFirstOffer",),
    "mechopt.literature.institutions.game_equilibria": (
        "EquilibriumBounds",
        "perfect_equilibria",
        "surplus_bounds",
    ),
    "mechopt.literature.institutions.offer_game": (
        "OfferGame",
        "alternating_offers",
        "offers_by_one_side",
    ),
    "mechopt.literature.institutions.market_equilibria": ("market_equilibrium",),
    "mechopt.literature.institutions.market_offers": (
        "MarketOffers",
        "truthful_offers",
    ),
    "mechopt.literature.institutions.mixed_offers": ("MixedOffers", "mixed_equilibrium"),
    "mechopt.literature.institutions.offers_over_time": (
        "OffersOverTime",
        "finite_horizon_offers",
    ),
    "mechopt.literature.institutions.over_ratios": ("institutions_over_ratios",),
    "mechopt.literature.institutions.prices": (
        "PricePairs",
        "best_price_pairs",
        "broker_prices",
        "price_lottery",
    ),
    "mechopt.literature.institutions.smooth_offers": (
        "best_smooth_equilibrium",
        "smooth_equilibrium",
    ),
    "mechopt.literature.institutions.step_offers": (
        "grid_equilibrium",
        "step_equilibrium",
    ),
    "mechopt.literature.institutions.table": ("compare_institutions",),
    "mechopt.studies.by_cells": ("ByCells",),
    "mechopt.studies.offer_curves": ("OfferCurve",),
    "mechopt.studies.regret": ("Regret",),
    "mechopt.studies.sealed_offers": (
        "Deviation",
        "SealedOffers",
        "linear_equilibrium",
        "one_price",
    ),
}

if TYPE_CHECKING:
    from mechopt.literature.institutions.assessments import Assessment as Assessment
    from mechopt.literature.institutions.bids import (
        SealedBids as SealedBids,
        all_pay_equilibrium as all_pay_equilibrium,
        first_price_equilibrium as first_price_equilibrium,
        second_price_equilibrium as second_price_equilibrium,
    )
    from mechopt.literature.institutions.dated_offers import DatedOffer as DatedOffer
    from mechopt.literature.institutions.delayed_first_offer import (
        DelayedFirstOffer as DelayedFirstOffer,
    )
    from mechopt.literature.institutions.game_equilibria import (
        EquilibriumBounds as EquilibriumBounds,
        perfect_equilibria as perfect_equilibria,
        surplus_bounds as surplus_bounds,
    )
    from mechopt.literature.institutions.market_equilibria import (
        market_equilibrium as market_equilibrium,
    )
    from mechopt.literature.institutions.market_offers import (
        MarketOffers as MarketOffers,
        truthful_offers as truthful_offers,
    )
    from mechopt.literature.institutions.mixed_offers import (
        MixedOffers as MixedOffers,
        mixed_equilibrium as mixed_equilibrium,
    )
    from mechopt.literature.institutions.offer_game import (
        OfferGame as OfferGame,
        alternating_offers as alternating_offers,
        offers_by_one_side as offers_by_one_side,
    )
    from mechopt.literature.institutions.offers_over_time import (
        OffersOverTime as OffersOverTime,
        finite_horizon_offers as finite_horizon_offers,
    )
    from mechopt.literature.institutions.over_ratios import (
        institutions_over_ratios as institutions_over_ratios,
    )
    from mechopt.literature.institutions.prices import (
        PricePairs as PricePairs,
        best_price_pairs as best_price_pairs,
        broker_prices as broker_prices,
        price_lottery as price_lottery,
    )
    from mechopt.literature.institutions.smooth_offers import (
        best_smooth_equilibrium as best_smooth_equilibrium,
        smooth_equilibrium as smooth_equilibrium,
    )
    from mechopt.literature.institutions.step_offers import (
        grid_equilibrium as grid_equilibrium,
        step_equilibrium as step_equilibrium,
    )
    from mechopt.literature.institutions.table import compare_institutions as compare_institutions
    from mechopt.studies.by_cells import ByCells as ByCells
    from mechopt.studies.offer_curves import OfferCurve as OfferCurve
    from mechopt.studies.regret import Regret as Regret
    from mechopt.studies.sealed_offers import (
        Deviation as Deviation,
        SealedOffers as SealedOffers,
        linear_equilibrium as linear_equilibrium,
        one_price as one_price,
    )
else:
    __getattr__ = importer(__name__, _WHERE)

__all__ = names(_WHERE)


def __dir__() -> list[str]:
    """Return the names that are for use, those that are imported later included."""
    return list(__all__)
