"""A point of the ex ante frontier: the seller's utility counts three times as much as the buyer's.

Costs and values are equally likely to be 1/n, 2/n, ..., 1. Other weights give other points of the
frontier; (1, 0) is a seller who posts a price.
"""

import mechopt as mo

TITLE = "A weighted point of the ex ante frontier"
SOURCE = "Williams (1987); theory.md, section 3.7"
SIZES = {"small": 6, "medium": 40, "large": 230}


def problem(size):
    types = mo.TypeSpace.finite([f"{k}/{size}" for k in range(1, size + 1)])
    return mo.ex_ante_efficiency(mo.BilateralTrade(types, types), (1, "1/3"))
