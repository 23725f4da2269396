"""What outcomes say of themselves in which one agent gives what another receives."""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass

from mechopt._util.arrays import shown
from mechopt.errors import InvalidInputError


@dataclass(frozen=True)
class Exchange:
    """One object goes from the first agent to the second: at once, later, or never.

    Outcomes that are of this form declare it in ``Outcomes.exchange``, and whatever is known of
    prices and offers holds for them.

    Parameters
    ----------
    giver_rate, receiver_rate
        Discount rates per unit of time; only their ratio matters for what is optimal.

    Examples
    --------
    >>> Exchange(2.0, 1.0).ratio, Exchange().has_delay
    (0.5, False)
    """

    giver_rate: float = 1.0
    receiver_rate: float = 1.0

    @property
    def has_delay(self) -> bool:
        """Whether the two discount differently, so that dates can tell types apart."""
        return self.giver_rate != self.receiver_rate

    @property
    def ratio(self) -> float:
        """Discount-rate ratio δ, the receiver's over the giver's."""
        return self.receiver_rate / self.giver_rate

    @property
    def rates(self) -> tuple[float, float]:
        """Both discount rates, the giver's first."""
        return self.giver_rate, self.receiver_rate


def require_rates(**rates: float) -> None:
    """Raise InvalidInputError unless these are discount rates of which one is finite.

    Examples
    --------
    >>> require_rates(buyer_rate=0)
    Traceback (most recent call last):
        ...
    mechopt.errors.InvalidInputError: buyer_rate: not a discount rate (expected a number above 0...
    """
    for name, rate in rates.items():
        if isinstance(rate, bool) or not isinstance(rate, numbers.Real) or not float(rate) > 0.0:
            raise InvalidInputError(
                "not a discount rate",
                where=name,
                expected="a number above 0, or infinity",
                got=shown(repr(rate)),
                remedy="Use 1 on both sides for trade without delay.",
            )
    if all(map(math.isinf, rates.values())):
        raise InvalidInputError(
            "both discount rates are infinite",
            where=next(iter(rates)),
            expected="at least one finite rate",
            got=" and ".join("inf" for _ in rates),
            remedy="Give one of them a finite rate.",
        )
