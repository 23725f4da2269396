"""What rows mean that a format adds to a program: bounds that are rows.

What else a file has is a block of the program, and says itself what it means.
"""

from __future__ import annotations

from mechopt.problem.linear import Meaning

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
