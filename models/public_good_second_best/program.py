"""Whether to build a bridge that two people value, when nobody pays but they.

Values are equally likely to be 1/n, 2/n, ..., 1, and the bridge costs 1. Both must want to take
part, and payments cover the cost in expectation: less is built than is efficient.
"""

import mechopt as mo

TITLE = "Public good, second best"
SOURCE = "Mailath and Postlewaite (1990); theory.md, section 6.2"
SIZES = {"small": 5, "medium": 24, "large": 190}


def problem(size):
    values = mo.TypeSpace.finite([f"{k}/{size}" for k in range(1, size + 1)])
    return mo.ex_ante_efficiency(mo.PublicGood([values, values], cost=1))
