"""Whether a given mechanism is interim efficient."""

from __future__ import annotations

from dataclasses import dataclass

from mechopt.environments import Environment
from mechopt.mechanism.mechanism import Mechanism
from mechopt.problem.usual import ex_ante_efficiency
from mechopt.solution import Solution, mechanism_of
from mechopt.studies.dominance import DOMINANCE_TOLERANCE, Dominance, find_dominating
from mechopt.studies.interim_payoffs import InterimPayoffs
from mechopt.verify.audit import AuditReport, audit


@dataclass(frozen=True, eq=False)
class InterimEfficiency:
    """Whether a mechanism is interim efficient.

    Parameters
    ----------
    dominance
        Whether another mechanism is better for all types, and which.
    audit
        Whether the mechanism is feasible: incentive compatible, individually rational, balanced.
        None if only its payoffs were given.
    """

    dominance: Dominance
    audit: AuditReport | None

    @property
    def feasible(self) -> bool:
        """Whether the mechanism itself meets all requirements (taken for granted of payoffs)."""
        return self.audit is None or self.audit.passed

    @property
    def efficient(self) -> bool:
        """Whether the mechanism is feasible, and it is proved that none dominates it."""
        return self.feasible and self.dominance.efficient

    def __str__(self) -> str:
        if not self.feasible:
            assert self.audit is not None
            broken = "; ".join(str(check) for check in self.audit.failed)
            return f"not feasible: {broken}; {self.dominance}"
        name = "interim efficient" if self.efficient else "not shown to be interim efficient"
        return f"{'not interim efficient' if self.dominance.dominated else name}: {self.dominance}"


def interim_efficiency(
    trade: Environment,
    mechanism: Mechanism | Solution | InterimPayoffs,
    *,
    ex_post_participation: bool = False,
    tolerance: float = DOMINANCE_TOLERANCE,
) -> InterimEfficiency:
    """Say whether a mechanism is interim efficient, and which one dominates it if not.

    Parameters
    ----------
    trade
        Bilateral trade, types independent. Rivals are all mechanisms over its types; over cells,
        those constant on each cell.
    mechanism
        A mechanism (:func:`mechopt.cramton1985.posted_price`,
        :func:`mechopt.cramton1985.payments_from_rule`, a solution's) or the payoffs of one that is
        not constant on cells
        (:func:`mechopt.cramton1985.double_auction_payoffs`).
    ex_post_participation
        Let only rivals count that leave no one worse off than staying out in any profile.
    tolerance
        Gains up to this share of what is at stake count as rounding.

    Notes
    -----
    Over cells, domination found is domination; its absence is up to the width of the cells.
    Source: Holmström and Myerson (1983), Econometrica 51, 1799-1820; theory.md, section 3.8.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> from mechopt.cramton1985 import posted_price
    >>> types = TypeSpace.finite([1, 2, 3, 4])
    >>> answer = interim_efficiency(
    ...     BilateralTrade(types, types), posted_price(BilateralTrade(types, types), 3.9)
    ... )
    >>> answer.efficient, answer.dominance.dominated, answer.dominance.audit.passed
    (False, True, True)
    """
    report = None
    if isinstance(mechanism, InterimPayoffs):
        payoffs = mechanism
    else:
        found = mechanism_of(mechanism).in_environment(trade)
        report = audit(ex_ante_efficiency(trade), found)
        payoffs = InterimPayoffs.of(found)
    dominance = find_dominating(
        trade, payoffs, ex_post_participation=ex_post_participation, tolerance=tolerance
    )
    return InterimEfficiency(dominance, report)
