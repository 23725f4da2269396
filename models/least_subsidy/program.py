"""The least outside money with which trade takes place exactly when it should.

Costs and values are equally likely to be 1/n, 2/n, ..., 1, and the allocation is prescribed: trade
if and only if the value exceeds the cost. The program looks for the payments that make truth
optimal, leave nobody worse off, and need the least money from outside; (n-1)(n-5)/(6n^2) is needed.
"""

import mechopt as mo

TITLE = "Least subsidy for ex post efficiency"
SOURCE = "Cramton (1985), Theorem 2; theory.md, sections 3.3, 5"
SIZES = {"small": 6, "medium": 40, "large": 230}


def problem(size):
    types = mo.TypeSpace.finite([f"{k}/{size}" for k in range(1, size + 1)])
    return mo.minimum_subsidy(mo.BilateralTrade(types, types))
