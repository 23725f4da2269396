"""Who gets the gap in bargaining, with two types of player 1 and n of player 2.

Two players bargain over one good by proposing mechanisms, player 1 with probability 1/2. Each type
can be sure of its random-monopoly payoff: the probability that it proposes, times what it would get
as a monopolist. The program maximises what player 1 expects, given incentives and these bounds. Its
types are 0 and 2, with equal probabilities. Player 2's lie evenly between 1 and 3, equally likely.
With n = 2 this is the case in which a theorem says that bargaining ends so as discounting vanishes
(the gap is 1/16); with larger n it is a conjecture.
"""

import mechopt as mo

TITLE = "Player 1's gap, two types against many"
SOURCE = "Pęski (2024); theory.md, sections 4.2, 4.4"
SIZES = {"small": 2, "medium": 60, "large": 4_600}


def problem(size):
    many = mo.TypeSpace.finite([f"{size - 1 + 2 * k}/{size - 1}" for k in range(size)])
    return mo.peski2024.best_for_player_1(mo.Bargaining(mo.TypeSpace.finite([0, 2]), many, "1/2"))
