"""What outcomes say of themselves in which one agent gives what another receives."""

from __future__ import annotations

from dataclasses import dataclass


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
