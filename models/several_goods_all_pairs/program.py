"""The menu of two goods, and of lotteries where they help, that earns most from one buyer.

Values of the two goods are points of a grid of n by n, more likely where they are low. No order of
types makes neighbours suffice: each type is compared with every other.
"""

import mechopt as mo

TITLE = "Two goods, one buyer, all pairs of types"
SOURCE = "Hart and Nisan (2017); theory.md, sections 1.1, 2.1"
SIZES = {"small": 2, "medium": 5, "large": 12}


def problem(size):
    points = [(a, b) for a in range(1, size + 1) for b in range(1, size + 1)]
    total = sum(a + b for a, b in points)
    chances = [f"{2 * size + 2 - a - b}/{total}" for a, b in points]
    types = [[f"{a}/{size}", f"{b}/{size}"] for a, b in points]
    return mo.largest_revenue(mo.Goods(types, chances))
