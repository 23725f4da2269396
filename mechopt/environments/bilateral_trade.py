"""Bilateral trade between one seller and one buyer (Myerson and Satterthwaite; Cramton)."""

from __future__ import annotations

from mechopt._util.given import real_number
from mechopt.environments.agent import Agent
from mechopt.environments.delayed_trade import DelayedTrade
from mechopt.environments.environment import Environment
from mechopt.environments.exchange import require_rates
from mechopt.environments.kinds import kind
from mechopt.environments.trade import Trade
from mechopt.types import TypeSpace


@kind("bilateral-trade", reader="mechopt.instances.bilateral_trade:read_bilateral_trade")
def BilateralTrade(  # noqa: N802 -- it reads as the environment that it returns
    seller: TypeSpace,
    buyer: TypeSpace,
    seller_rate: float = 1.0,
    buyer_rate: float = 1.0,
) -> Environment:
    """Return a seller with a privately known cost and a buyer with a privately known value.

    Parameters
    ----------
    seller, buyer
        Type spaces of the seller's cost and the buyer's value, in money.
    seller_rate, buyer_rate
        Discount rates per unit of time, positive; only their ratio matters for what is optimal.

    Raises
    ------
    InvalidInputError
        For a rate that is not positive, or two infinite rates.

    Notes
    -----
    Source: theory.md, sections 2 and 3; Cramton (1985), Myerson and Satterthwaite (1983),
    doi:10.1016/0022-0531(83)90048-0.

    Examples
    --------
    >>> types = TypeSpace.finite([0, 1])
    >>> trade = BilateralTrade(seller=types, buyer=types)
    >>> trade.first_best
    0.25
    """
    require_rates(seller_rate=seller_rate, buyer_rate=buyer_rate)
    rates = (real_number(seller_rate), real_number(buyer_rate))
    outcomes = Trade() if seller_rate == buyer_rate else DelayedTrade(*rates)
    return Environment((Agent("seller", seller), Agent("buyer", buyer)), outcomes)
