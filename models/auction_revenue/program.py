"""The revenue-maximising sale of one good to two bidders of whom one is expected to value it more.

Values are equally likely to be 1/n, 2/n, ..., 1 for the weaker bidder, and twice that for the
stronger. The seller keeps the good where no virtual value is above zero; the stronger bidder is
handicapped.
"""

import mechopt as mo

TITLE = "Largest revenue from two unlike bidders"
SOURCE = "Myerson (1981); theory.md, section 6.1"
SIZES = {"small": 5, "medium": 24, "large": 160}


def problem(size):
    weak = mo.TypeSpace.finite([f"{k}/{size}" for k in range(1, size + 1)])
    strong = mo.TypeSpace.finite([f"{2 * k}/{size}" for k in range(1, size + 1)])
    return mo.largest_revenue(mo.Auction([weak, strong]))
