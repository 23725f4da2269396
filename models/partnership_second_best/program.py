"""Who takes over a firm that two partners own in unequal parts.

One partner owns five sixths. Values are equally likely to be 1/n, 2/n, ..., 1, and each can refuse
and keep its share, so that efficient dissolution would need outside money.
"""

import mechopt as mo

TITLE = "Partnership of unequal shares, second best"
SOURCE = "Cramton, Gibbons and Klemperer (1987); theory.md, section 6.3"
SIZES = {"small": 5, "medium": 24, "large": 160}


def problem(size):
    values = mo.TypeSpace.finite([f"{k}/{size}" for k in range(1, size + 1)])
    return mo.ex_ante_efficiency(mo.Partnership([values, values], ["5/6", "1/6"]))
