"""What one agent expects, in a game whose players wait at a cost."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from mechopt._util.rationals import as_fraction
from mechopt._util.registry import saved_as
from mechopt.errors import InvalidInputError
from mechopt.problem.objectives.welfare import Welfare


@saved_as("mechopt.DiscountedPayoff")
@dataclass(frozen=True)
class DiscountedPayoff(Welfare):
    """Welfare of a limit of patient players, and the discount factor that is asked about.

    The program maximised does not depend on it; reports say beside the limit what is proved of
    equilibria at this factor.

    Parameters
    ----------
    discount_factor
        What a round's delay leaves of payoffs, as text, such as ``"9/10"``: from 0 to 1.

    Raises
    ------
    InvalidInputError
        For weights or a discount factor that are none.

    Examples
    --------
    >>> DiscountedPayoff((1.0, 0.0), discount_factor="0.9").in_words
    'payoff of patient players'
    """

    discount_factor: str = "1"

    def __post_init__(self) -> None:
        super().__post_init__()
        discount_factor(self.discount_factor)

    @property
    def in_words(self) -> str:
        """What it is called in reports."""
        return "payoff of patient players"

    @property
    def remark(self) -> str:
        """Whose program it is, and where the intervals at the discount factor are."""
        return (
            "this is the program of patient players, the limit; what is proved of equilibria at "
            f"discount factor {self.discount_factor} is in what mechopt solve and verify print"
        )


def discount_factor(value: object) -> Fraction:
    """Return a discount factor as a fraction, or raise InvalidInputError.

    Examples
    --------
    >>> discount_factor(0.9)
    Fraction(9, 10)
    """
    try:
        factor = as_fraction(value)
    except InvalidInputError:
        factor = Fraction(-1)
    if isinstance(value, bool) or not 0 <= factor <= 1:
        raise InvalidInputError(
            "not a discount factor",
            where="discount_factor",
            expected="a number from 0 to 1; 1 for the limit of patient players",
            got="nothing" if value is None else str(value)[:60],
            remedy="Give what a round's delay leaves of a payoff.",
        )
    return factor
