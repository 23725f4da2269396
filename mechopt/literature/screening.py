"""Quality as it is sold without a menu: at cost, at cost after a fee, one quality at one price."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.environments import Environment
from mechopt.environments.screening import Qualities
from mechopt.literature.pivotal import efficient_rows
from mechopt.mechanism.allocation import PointwiseRule
from mechopt.mechanism.mechanism import Mechanism
from mechopt.mechanism.payments import largest_payment
from mechopt.studies.comparison import Comparison
from mechopt.studies.usual_rows import (
    audited_row,
    efficient_row,
    largest_of,
    outcomes_of,
    profit_and_second_best,
    table_of,
)


def one_quality(screening: Environment) -> Mechanism:
    """Return the one quality at one price that earns most, with each buyer told apart.

    Parameters
    ----------
    screening
        What :func:`mechopt.environments.Screening` returned. A cell of types buys if all its types
        gain.

    Raises
    ------
    InvalidInputError
        For another environment, and a joint prior.

    Notes
    -----
    Sold to types from t on, the quality is the one that is best for t, at t times the quality.

    Examples
    --------
    >>> from mechopt import TypeSpace
    >>> from mechopt.environments import Screening
    >>> sold = one_quality(Screening(TypeSpace.finite([2, 3]), {"form": "quadratic"}))
    >>> sold.quantity[0], sold.payment[0]
    (array([0., 3.]), array([0., 9.]))
    """
    ends, _ = _best_ends(screening)
    values = [
        np.where(agent.types.lower >= end, end, _never(screening))
        for agent, end in zip(screening.agents, ends, strict=True)
    ]
    return _at_largest_payments(screening, values)


def two_part_tariff(screening: Environment) -> Mechanism:
    """Return quality at cost after the fee that earns most, with each buyer told apart.

    Parameters
    ----------
    screening
        As of :func:`one_quality`.

    Raises
    ------
    InvalidInputError
        As :func:`one_quality`.

    Notes
    -----
    Who pays the fee buys the efficient quality. Per unit of quality no price but cost is of use:
    at a constant one, buyers to whom each unit is worth the same buy nothing, or all there is.

    Examples
    --------
    >>> from mechopt import TypeSpace
    >>> from mechopt.environments import Screening
    >>> sold = two_part_tariff(Screening(TypeSpace.finite([2, 3]), {"form": "quadratic"}))
    >>> sold.quantity[0], sold.payment[0]  # a fee of 9/2, and q²/2
    (array([0., 3.]), array([0., 9.]))
    """
    ends, fees = _best_ends(screening)
    values = [
        np.where(agent.types.lower >= end, agent.types.mean, _never(screening))
        for agent, end in zip(screening.agents, ends, strict=True)
    ]
    sold = _at_largest_payments(screening, values)
    outcomes, payments = _qualities(screening), []
    for agent, value, quantity, paid, fee in zip(
        screening.agents, values, sold.quantity, sold.payment, fees, strict=True
    ):
        at_cost = value * quantity - outcomes.surplus(value)
        finite = np.where(quantity > 0.0, at_cost + fee, 0.0)
        payments.append(finite if agent.types.is_finite else paid)
    return Mechanism(screening, sold.allocation, tuple(payments))


def compared(screening: Environment) -> Comparison | None:
    """Return simple ways to sell quality beside the best menu; None for other environments.

    Examples
    --------
    >>> from mechopt import TypeSpace
    >>> from mechopt.environments import Screening
    >>> table = compared(Screening(TypeSpace.finite([2, 3]), {"form": "quadratic"}))
    >>> [(row.name, round(row.profit, 4)) for row in table.rows[1:]][::2]
    [('largest profit', 2.5), ('one quality', 2.25), ('pivotal mechanism', 0.0)]
    """
    if not isinstance(screening.outcomes, Qualities) or not screening.independent:
        return None
    rows = [
        efficient_row(screening),
        *profit_and_second_best(screening),
        audited_row("one quality", one_quality(screening), budget="no-deficit",
                    remark="the best at one price"),
        audited_row("two-part tariff", two_part_tariff(screening), budget="no-deficit",
                    remark="quality at cost, after the best fee"),
        *efficient_rows(screening)[:1],
    ]  # fmt: skip
    return table_of(screening, rows)


def _best_ends(screening: Environment) -> tuple[list[float], list[float]]:
    """Return the type from which on each buyer buys, and what its best quality brings.

    That is earned from all types above, as a fee or by one price alike.
    """
    outcomes, ends, fees = _qualities(screening), [], []
    for agent in screening.agents:
        lower, mass = agent.types.lower, agent.types.mass
        brings = outcomes.surplus(lower)
        best = largest_of(brings * np.cumsum(mass[::-1])[::-1])
        ends.append(float(lower[best]))
        fees.append(float(brings[best]))
    return ends, fees


def _at_largest_payments(screening: Environment, values: Sequence[FloatArray]) -> Mechanism:
    rule = PointwiseRule((tuple(values),), (1.0,))
    paid = tuple(
        largest_payment(agent.types, quantity, worst="lowest")
        for agent, quantity in zip(
            screening.agents, rule.interim_quantities(screening), strict=True
        )
    )
    return Mechanism(screening, rule, paid)


def _never(screening: Environment) -> float:
    """Return a value at which no quality is worth anything."""
    return -1.0 - screening.largest_type


def _qualities(screening: Environment) -> Qualities:
    return outcomes_of(
        screening,
        Qualities,  # type: ignore[type-abstract]
        "not a sale of quality",
        where="screening",
        maker="Screening(...)",
        needs="one quality or one fee, and what they bring on average,",
    )
