"""Bargaining with mechanisms as offers, as in Pęski (2024): what belongs to that paper.

Random-monopoly bounds, the gap that player 1 takes, and the set of payoffs. Theory, section 4.

>>> import mechopt.peski2024 as peski
>>> round(peski.largest_gap().share, 6)
0.0625
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mechopt._util.lazy import importer, names

# Names by the module that defines them, as in mechopt/__init__.py.
_WHERE: dict[str, tuple[str, ...]] = {
    "mechopt.environments": ("RandomMonopoly",),
    "mechopt.literature.peski2024.bargaining": ("best_for_player_1",),
    "mechopt.literature.peski2024.gap_map": (
        "LargestGap",
        "gap_figures",
        "gap_over_beliefs",
        "largest_gap",
    ),
    "mechopt.literature.peski2024.payoff_intervals": ("payoff_intervals",),
    "mechopt.literature.peski2024.payoff_set": (
        "PayoffSet",
        "Projection",
    ),
    "mechopt.literature.peski2024.player_1_gap": (
        "PlayerOneGap",
        "player_1_gap",
    ),
    "mechopt.literature.peski2024.polytope": ("Polytope",),
    "mechopt.literature.peski2024.random_monopoly": ("audit_payoffs",),
    "mechopt.literature.peski2024.two_type_gap": (
        "TwoTypeGap",
        "two_type_gap",
    ),
    "mechopt.types.prices.monopoly": (
        "Monopoly",
        "monopoly",
    ),
}

if TYPE_CHECKING:
    from mechopt.environments import RandomMonopoly as RandomMonopoly
    from mechopt.literature.peski2024.bargaining import best_for_player_1 as best_for_player_1
    from mechopt.literature.peski2024.gap_map import (
        LargestGap as LargestGap,
        gap_figures as gap_figures,
        gap_over_beliefs as gap_over_beliefs,
        largest_gap as largest_gap,
    )
    from mechopt.literature.peski2024.payoff_intervals import payoff_intervals as payoff_intervals
    from mechopt.literature.peski2024.payoff_set import (
        PayoffSet as PayoffSet,
        Projection as Projection,
    )
    from mechopt.literature.peski2024.player_1_gap import (
        PlayerOneGap as PlayerOneGap,
        player_1_gap as player_1_gap,
    )
    from mechopt.literature.peski2024.polytope import Polytope as Polytope
    from mechopt.literature.peski2024.random_monopoly import audit_payoffs as audit_payoffs
    from mechopt.literature.peski2024.two_type_gap import (
        TwoTypeGap as TwoTypeGap,
        two_type_gap as two_type_gap,
    )
    from mechopt.types.prices.monopoly import Monopoly as Monopoly, monopoly as monopoly
else:
    __getattr__ = importer(__name__, _WHERE)

__all__ = names(_WHERE)


def __dir__() -> list[str]:
    """Return the names that are for use, those that are imported later included."""
    return list(__all__)
