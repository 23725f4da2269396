"""The best mechanism when trade may come later, and the seller is the less patient side.

The seller discounts at twice the buyer's rate. Trade at a date is worth y to the seller and
z = y^(1/2) to the buyer, as probabilities discounted to that date; dates drawn at random give all
y <= z <= y^(1/2). That frontier is a power cone for every pair of types.
"""

import mechopt as mo

TITLE = "Delayed trade as a conic program"
SOURCE = "Cramton (1985), Theorem 3; theory.md, sections 2, 3.5"
SIZES = {"small": 4, "medium": 20, "large": 160}


def problem(size):
    types = mo.TypeSpace.finite([f"{k}/{size}" for k in range(1, size + 1)])
    return mo.ex_ante_efficiency(mo.BilateralTrade(types, types, seller_rate=2, buyer_rate=1))
