"""Who gets the gap in bargaining, with many types of both players: a conjecture, computed.

Two players bargain over one good by proposing mechanisms, player 1 with probability 1/4. Each type
can be sure of its random-monopoly payoff: the probability that it proposes, times what it would get
as a monopolist. The program maximises what player 1 expects, given incentives and these bounds.
Both players' types are equally likely to be 1/n, 2/n, ..., 1. The gap is what player 1 gets beyond
its own bound; as n grows it nears 0.072, more than the 1/16 that two types allow.
"""

import mechopt as mo

TITLE = "Player 1's gap, many types on each side"
SOURCE = "Pęski (2024); theory.md, sections 4.2, 4.4"
SIZES = {"small": 4, "medium": 20, "large": 160}


def problem(size):
    types = mo.TypeSpace.finite([f"{k}/{size}" for k in range(1, size + 1)])
    return mo.peski2024.best_for_player_1(mo.Bargaining(types, types, "1/4"))
