"""How much to buy from each of two suppliers whose costs are their secrets.

Unit costs are equally likely to be 1/n, 2/n, ..., 1. One unit is worth 2 to the buyer and a second
one 1 more. The buyer's profit counts fully, suppliers' profits by a half.
"""

import mechopt as mo

TITLE = "Procurement with a weight on suppliers' profits"
SOURCE = "Baron and Myerson (1982); theory.md, section 6.6"
SIZES = {"small": 4, "medium": 20, "large": 125}


def problem(size):
    costs = mo.TypeSpace.finite([f"{k}/{size}" for k in range(1, size + 1)])
    environment = mo.environments.Procurement([costs, costs], [[0, 0], [1, 2], [2, 3]])
    objective = mo.Revenue() + mo.Welfare(("1/2", "1/2"))
    return mo.DesignProblem(environment, objective, budget="subsidised")
