"""What rows mean that a format adds to a program: bounds that are rows, and curved bounds.

What else a file has is a block of the program, and says itself what it means.
"""

from __future__ import annotations

from collections.abc import Sequence

from mechopt.environments import PowerBound
from mechopt.problem.linear import Meaning
from mechopt.problem.objectives import Logarithm

_BOUNDS = {
    "lower_bound": ("lower bound of {}", "variable - lower >= 0", "2"),
    "upper_bound": ("upper bound of {}", "variable - upper <= 0", "2"),
    "fixed": ("prescribed value of {}", "variable - value = 0", "3.3"),
}
UPPER_END = Meaning("the upper end of rows with two ends", "row - upper <= 0", "2")


def bound_meaning(kind: str, variable: str) -> Meaning:
    """Return what rows mean that bound a block of variables.

    Parameters
    ----------
    kind
        ``"lower_bound"``, ``"upper_bound"`` or ``"fixed"``.
    variable
        Name of the block.

    Examples
    --------
    >>> bound_meaning("upper_bound", "trade").text
    'upper bound of trade'
    """
    text, formula, section = _BOUNDS[kind]
    return Meaning(text.format(variable), formula, section)


def frontier_meaning(power: PowerBound, variables: Sequence[str]) -> Meaning:
    """Return what the rows of a curved bound mean.

    Parameters
    ----------
    power
        The bound.
    variables
        Names of the outcome's variables.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> trade = BilateralTrade(TypeSpace.finite([0]), TypeSpace.finite([1]), 2.0, 1.0)
    >>> frontier_meaning(trade.outcomes.power_bounds[0], trade.outcomes.variables).formula
    'buyer_trade <= seller_trade ^ 0.5'
    """
    bounded, base = variables[power.bounded], variables[power.base]
    words = "the frontier of the outcomes of every profile"
    return Meaning(words, f"{bounded} <= {base} ^ {power.exponent:g}", "2")


def logarithm_meaning(logarithm: Logarithm) -> Meaning:
    """Return what the row of a logarithm in the objective means.

    Examples
    --------
    >>> logarithm_meaning(Logarithm("buyer_logarithm", "buyer_gain", "buyer_log_gain")).formula
    'buyer_log_gain <= log(buyer_gain)'
    """
    words = "what the objective counts is not above the logarithm"
    return Meaning(words, f"{logarithm.bounded} <= log({logarithm.base})", "5.1")
