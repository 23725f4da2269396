"""The best double auction of two sellers and two buyers.

Each seller has one unit and each buyer wants one. Costs are equally likely to be 1/(2n), 3/(2n),
..., and values 0, 1/n, 2/n, ...; payments balance in expectation and everyone takes part.
"""

import mechopt as mo

TITLE = "Market of two sellers and two buyers, second best"
SOURCE = "Gresik and Satterthwaite (1989); theory.md, section 6.4"
SIZES = {"small": 2, "medium": 5, "large": 10}


def problem(size):
    costs = mo.TypeSpace.finite([f"{2 * k + 1}/{2 * size}" for k in range(size)])
    values = mo.TypeSpace.finite([f"{k}/{size}" for k in range(1, size + 1)])
    return mo.ex_ante_efficiency(mo.Market(costs, values, num_sellers=2, num_buyers=2))
