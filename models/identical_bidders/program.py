"""The revenue-maximising sale of two goods to identical bidders, by Border's condition.

Nine bidders, three in the large size, want one good each; values are equally likely to be 1, 2,
..., n. Instead of profiles the program has what types from each on win together, which is at most
what two units or the bidders with such types allow; its size is that of one bidder's types.
"""

import mechopt as mo

TITLE = "Two goods for identical bidders"
SOURCE = "Border (1991); theory.md, section 6.1"
SIZES = {"small": (9, 3), "medium": (9, 200), "large": (3, 6_400)}


def problem(size):
    count, number = size
    values = mo.TypeSpace.finite(range(1, number + 1))
    return mo.largest_revenue(mo.Auction(values, count=count, units=2))
