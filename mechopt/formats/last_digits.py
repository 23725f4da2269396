"""What a solver's last digits leave of zero, cleared from a mechanism and said."""

from __future__ import annotations

from mechopt.backends.polish import polish
from mechopt.mechanism.mechanism import Mechanism
from mechopt.problem.problem import DesignProblem

# What solvers leave of zero: probabilities as they are, money beside the first best.
LAST_DIGITS = 1e-11
ROUNDING = 1e-12


def without_last_digits(
    problem: DesignProblem, mechanism: Mechanism, notes: list[str]
) -> Mechanism:
    """Return a mechanism without what a solver's last digits leave of zero, and say so.

    Types that have next to nothing at stake would be said to be wronged by it. What is more than
    the last digits stays, for the audit to judge.

    Parameters
    ----------
    problem
        What the mechanism is for.
    mechanism
        A mechanism by a solver.
    notes
        What was done is added here.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
    >>> from mechopt.mechanism.allocation import Table
    >>> types = TypeSpace.finite([0, 1])
    >>> trade = BilateralTrade(types, types)
    >>> rough = Mechanism(trade, Table([[[0, 1], [0, 0]]]), ([-0.25, 1e-12], [0.0, 0.25]))
    >>> without_last_digits(ex_ante_efficiency(trade), rough, []).payment_of("seller")
    array([-0.25,  0.  ])
    """
    if mechanism.ex_post_payment is not None:
        return mechanism
    clean = polish(problem, mechanism)
    money = problem.environment.first_best
    if clean.outcome_moved > LAST_DIGITS or clean.payment_moved > LAST_DIGITS * money:
        return mechanism
    if clean.payment_moved > ROUNDING * money or clean.outcome_moved > ROUNDING:
        notes.append(
            f"the last digits were cleared: payments moved by at most {clean.payment_moved:.1e}, "
            f"probabilities by {clean.outcome_moved:.1e}"
        )
    return clean.mechanism
