"""Posted prices and take-it-or-leave-it offers in fractions, by trying every price."""

from __future__ import annotations

from .simplex import ZERO


def gains_at(trade, price):
    """Return the gains at a posted price; who is indifferent agrees."""
    return sum(
        (
            trade.chance(i, j) * trade.gain(i, j)
            for i, j in trade.profiles()
            if trade.seller.types[i] <= price <= trade.buyer.types[j]
        ),
        ZERO,
    )


def best_posted_gains(trade):
    """Return the largest gains at any posted price: between types they do not change."""
    return max(gains_at(trade, price) for price in (*trade.seller.types, *trade.buyer.types))


def offer_value(trade, by, k, price):
    """Return what a type expects of an offer; None is no offer."""
    if price is None:
        return ZERO
    own = (trade.seller, trade.buyer)[by].types[k]
    if by == 0:
        return sum(
            (
                m * (price - own)
                for t, m in zip(trade.buyer.types, trade.buyer.masses, strict=True)
                if t >= price
            ),
            ZERO,
        )
    return sum(
        (
            m * (own - price)
            for t, m in zip(trade.seller.types, trade.seller.masses, strict=True)
            if t <= price
        ),
        ZERO,
    )


def best_offer_value(trade, by, k):
    """Return the most that a type can expect of an offer."""
    other = (trade.buyer, trade.seller)[by].types
    return max(offer_value(trade, by, k, price) for price in (None, *other))


def best_offers_value(trade, by):
    """Return what the offerer expects before it knows its type."""
    own = (trade.seller, trade.buyer)[by]
    return sum((m * best_offer_value(trade, by, k) for k, m in enumerate(own.masses)), ZERO)
