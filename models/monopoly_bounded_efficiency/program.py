"""Can the good always go to whoever values it more, if everyone gets the random-monopoly payoff?

The allocation is prescribed: the good goes to the player who values it more. Payments are sought
that make truth optimal, sum to zero on average, and give every type at least its random-monopoly
payoff; each player proposes with probability 1/2. Player 1's types are equally likely to be 0, 2/n,
4/n, ..., player 2's 1/n, 3/n, 5/n, ... The objective, all gains, is the same for all payments: any
feasible point is optimal.
"""

import mechopt as mo

TITLE = "Efficiency within random-monopoly bounds, a feasibility program"
SOURCE = "Pęski (2024); theory.md, sections 3.3, 4.1"
SIZES = {"small": 4, "medium": 30, "large": 160}


def problem(size):
    first = mo.TypeSpace.finite([f"{2 * k}/{size}" for k in range(size)])
    second = mo.TypeSpace.finite([f"{2 * k + 1}/{size}" for k in range(size)])
    return mo.ex_post_efficiency(mo.Bargaining(first, second, "1/2"))
