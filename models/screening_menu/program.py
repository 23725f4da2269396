"""The menu of qualities that a monopolist offers a buyer whose taste it does not know.

Quality q, one of 0, 1/4, ..., n/4, costs q squared, over 2, and is worth the buyer's type times q.
The type is equally likely to be 1 + 1/n, 1 + 2/n, ..., 2. Lower types get less than the efficient
quality.
"""

import mechopt as mo

TITLE = "Menu of qualities"
SOURCE = "Mussa and Rosen (1978); theory.md, section 6.5"
SIZES = {"small": 4, "medium": 40, "large": 182}


def problem(size):
    tastes = mo.TypeSpace.finite([f"{size + k}/{size}" for k in range(1, size + 1)])
    menu = [[f"{q}/4", f"{q * q}/32"] for q in range(size + 1)]
    return mo.largest_revenue(mo.environments.Screening(tastes, menu))
