"""Bargaining with mechanisms as offers, as in Pęski (2024): what belongs to that paper.

Random-monopoly bounds, the gap that player 1 takes, the set of payoffs, bounds on equilibria at any
discount factor, and mechanisms derived from others. Theory, section 4.

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
    "mechopt.literature.peski2024.bargaining": ("best_for_player_1", "equilibrium_problem"),
    "mechopt.literature.peski2024.certificate": (
        "EquilibriumCertificate",
        "Offer",
        "Refusal",
        "RefusalCertificate",
    ),
    "mechopt.literature.peski2024.correspondence": (
        "BeliefGrid",
        "Correspondence",
        "convexify",
        "discount",
        "mix",
        "transfer",
    ),
    "mechopt.literature.peski2024.derived": (
        "Splitting",
        "informed_principal",
        "menu",
        "reveal",
        "splitting",
        "upper_contour",
    ),
    "mechopt.literature.peski2024.discount_maps": (
        "bounds_over_beliefs",
        "discount_sweep",
        "gap_by_rounds",
    ),
    "mechopt.literature.peski2024.equilibrium_bounds": (
        "BargainingBounds",
        "Interval",
        "bargaining_bounds",
    ),
    "mechopt.literature.peski2024.finite_types": ("FiniteTypes",),
    "mechopt.literature.peski2024.gap_map": (
        "LargestGap",
        "gap_figures",
        "gap_over_beliefs",
        "largest_gap",
    ),
    "mechopt.literature.peski2024.mediated": ("DirectMechanism", "MediatedGame", "mediated_game"),
    "mechopt.literature.peski2024.payoff_intervals": ("payoff_intervals",),
    "mechopt.literature.peski2024.payoff_set": ("PayoffSet", "Projection"),
    "mechopt.literature.peski2024.player_1_gap": ("PlayerOneGap", "player_1_gap"),
    "mechopt.literature.peski2024.polytope": ("Polytope",),
    "mechopt.literature.peski2024.random_monopoly": ("audit_payoffs",),
    "mechopt.literature.peski2024.refusals": (
        "Counterexample",
        "Refusability",
        "cannot_be_refused",
        "raised_offer",
    ),
    "mechopt.literature.peski2024.two_type_gap": ("TwoTypeGap", "two_type_gap"),
    "mechopt.literature.peski2024.two_types": (
        "KnownType",
        "TwoTypes",
        "least_share",
        "payoffs_with_known_type",
    ),
    "mechopt.types.prices.monopoly": ("Monopoly", "monopoly"),
}

if TYPE_CHECKING:
    from mechopt.environments import RandomMonopoly as RandomMonopoly
    from mechopt.literature.peski2024.bargaining import (
        best_for_player_1 as best_for_player_1,
        equilibrium_problem as equilibrium_problem,
    )
    from mechopt.literature.peski2024.certificate import (
        EquilibriumCertificate as EquilibriumCertificate,
        Offer as Offer,
        Refusal as Refusal,
        RefusalCertificate as RefusalCertificate,
    )
    from mechopt.literature.peski2024.correspondence import (
        BeliefGrid as BeliefGrid,
        Correspondence as Correspondence,
        convexify as convexify,
        discount as discount,
        mix as mix,
        transfer as transfer,
    )
    from mechopt.literature.peski2024.derived import (
        Splitting as Splitting,
        informed_principal as informed_principal,
        menu as menu,
        reveal as reveal,
        splitting as splitting,
        upper_contour as upper_contour,
    )
    from mechopt.literature.peski2024.discount_maps import (
        bounds_over_beliefs as bounds_over_beliefs,
        discount_sweep as discount_sweep,
        gap_by_rounds as gap_by_rounds,
    )
    from mechopt.literature.peski2024.equilibrium_bounds import (
        BargainingBounds as BargainingBounds,
        Interval as Interval,
        bargaining_bounds as bargaining_bounds,
    )
    from mechopt.literature.peski2024.finite_types import FiniteTypes as FiniteTypes
    from mechopt.literature.peski2024.gap_map import (
        LargestGap as LargestGap,
        gap_figures as gap_figures,
        gap_over_beliefs as gap_over_beliefs,
        largest_gap as largest_gap,
    )
    from mechopt.literature.peski2024.mediated import (
        DirectMechanism as DirectMechanism,
        MediatedGame as MediatedGame,
        mediated_game as mediated_game,
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
    from mechopt.literature.peski2024.refusals import (
        Counterexample as Counterexample,
        Refusability as Refusability,
        cannot_be_refused as cannot_be_refused,
        raised_offer as raised_offer,
    )
    from mechopt.literature.peski2024.two_type_gap import (
        TwoTypeGap as TwoTypeGap,
        two_type_gap as two_type_gap,
    )
    from mechopt.literature.peski2024.two_types import (
        KnownType as KnownType,
        TwoTypes as TwoTypes,
        least_share as least_share,
        payoffs_with_known_type as payoffs_with_known_type,
    )
    from mechopt.types.prices.monopoly import Monopoly as Monopoly, monopoly as monopoly
else:
    __getattr__ = importer(__name__, _WHERE)

__all__ = names(_WHERE)


def __dir__() -> list[str]:
    """Return the names that are for use, those that are imported later included."""
    return list(__all__)
