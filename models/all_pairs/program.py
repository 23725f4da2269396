"""The static second best as textbooks state it: a stress test for solvers.

Incentive constraints hold between all pairs of types, and payments are set in every profile, where
they balance. The optimum is that of the small form, but the program grows with the third power of
the number of types, and is very degenerate.
"""

import mechopt as mo

TITLE = "All pairs of types, payments in every profile"
SOURCE = "Myerson and Satterthwaite (1983); theory.md, section 1"
SIZES = {"small": 4, "medium": 12, "large": 24}
FORM = "all-pairs"


def problem(size):
    types = mo.TypeSpace.finite([f"{k}/{size}" for k in range(1, size + 1)])
    return mo.ex_ante_efficiency(mo.BilateralTrade(types, types))
