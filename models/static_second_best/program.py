"""The best mechanism for a seller and a buyer who each know only their own type.

A seller owns an object and a buyer may want it. Costs and values are equally likely to be 1/n, 2/n,
..., 1. A mechanism says, for every pair of reports, how likely trade is, and what each side pays or
receives on average. Among all mechanisms in which truth is optimal, nobody loses by taking part,
and no outside money is needed, this program finds the one with the largest expected gains.
"""

import mechopt as mo

TITLE = "Static second best"
SOURCE = "Myerson and Satterthwaite (1983), Theorem 2; theory.md, section 3.5"
SIZES = {"small": 6, "medium": 40, "large": 230}


def problem(size):
    types = mo.TypeSpace.finite([f"{k}/{size}" for k in range(1, size + 1)])
    return mo.ex_ante_efficiency(mo.BilateralTrade(types, types))
