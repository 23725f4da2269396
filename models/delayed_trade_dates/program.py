"""Delayed trade on a grid of dates: the linear program that approaches the conic one from below.

The seller discounts at twice the buyer's rate. For every pair of types the mechanism draws one of
finitely many dates, or none. The number of dates is 3, 6 and 10.
"""

import mechopt as mo

TITLE = "Delayed trade on a grid of dates"
SOURCE = "Cramton (1985), section 8.2; theory.md, section 2"
SIZES = {"small": 4, "medium": 12, "large": 60}
DATES = {4: 3, 12: 6, 60: 10}


def problem(size):
    types = mo.TypeSpace.finite([f"{k}/{size}" for k in range(1, size + 1)])
    trade = mo.BilateralTrade(types, types, seller_rate=2, buyer_rate=1)
    return mo.ex_ante_efficiency(mo.environments.on_dates(trade, DATES[size]))
