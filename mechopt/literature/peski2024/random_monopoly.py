"""An audit of payoffs against the random-monopoly bound, price by price."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray
from mechopt.environments import Environment, RandomMonopoly
from mechopt.errors import InvalidInputError, require, require_tolerance
from mechopt.types import TypeSpace
from mechopt.verify.audit import AUDIT_TOLERANCE, AuditReport, Check

NUM_PRICES = 20_001
CHUNK = 256
ROUNDING = 8 * float(np.finfo(np.float64).eps)


def audit_payoffs(
    bargaining: Environment,
    payoffs: Mapping[str, npt.ArrayLike],
    *,
    tolerance: float = AUDIT_TOLERANCE,
) -> AuditReport:
    """Check whether payoffs of any origin are at least what each type can be sure of.

    What a type can be sure of is the probability that it proposes, times the best payoff over all
    prices that it could name. Prices are tried one by one, apart from the formulas that solutions
    use: all types of a finite opponent, or 20,001 quantiles of a continuous one.

    Parameters
    ----------
    bargaining
        A :func:`Bargaining`.
    payoffs
        One number per type of each player, in money, by the player's name.
    tolerance
        Largest shortfall that passes, relative to what the type has at stake.

    Returns
    -------
    AuditReport
        One check per player.

    Raises
    ------
    InvalidInputError
        For payoffs that do not fit, and players whose outside option is something else.

    Notes
    -----
    Source: theory.md, section 4; Pęski (2024), random monopoly bound.

    Examples
    --------
    >>> from mechopt import Bargaining, TypeSpace
    >>> bargaining = Bargaining(TypeSpace.finite([0, 2]), TypeSpace.finite([1, 3]), 0.5)
    >>> report = audit_payoffs(bargaining, {"player_1": [0.8, 1.2], "player_2": [0.75, 1.5]})
    >>> print(report.failed[0].where)
    type 1 (2) gets 1.2, and can be sure of 1.25
    """
    require(bargaining, Environment, where="bargaining", remedy="Pass a Bargaining.")
    require(payoffs, Mapping, where="payoffs", remedy="Give one list per player, by name.")
    require_tolerance(tolerance)
    names = [agent.name for agent in bargaining.agents]
    if set(payoffs) != set(names):
        raise InvalidInputError(
            "payoffs do not name the players",
            where="payoffs",
            expected=f"one list each for {', '.join(names)}",
            got=", ".join(map(str, payoffs)) or "none",
            remedy="Name every player once.",
        )
    checks = []
    least = ROUNDING * bargaining.first_best or float(np.finfo(np.float64).tiny)
    for agent, stakes in zip(bargaining.agents, bargaining.stakes, strict=True):
        option = agent.outside_option
        hint = "Make the environment with Bargaining."
        require(option, RandomMonopoly, where=f"outside_option of {agent.name}", remedy=hint)
        assert isinstance(option, RandomMonopoly)
        try:
            own = np.asarray(payoffs[agent.name], dtype=np.float64)
        except (TypeError, ValueError):
            own = np.zeros(0)
        if own.shape != (agent.types.num_cells,) or not np.isfinite(own).all():
            raise InvalidInputError(
                "not payoffs by type",
                where=f"payoffs of {agent.name}",
                expected=f"{agent.types.num_cells} finite numbers",
                got=f"{payoffs[agent.name]!r}"[:60],
                remedy="Give one number per type.",
            )
        types = agent.types.mean / option.unit
        best = option.unit * _best_over_prices(types, option.opponent)
        shortfall = option.proposer_probability * best - own
        rounding = ROUNDING * (np.abs(option.proposer_probability * best) + np.abs(own))
        beyond = np.maximum(shortfall - rounding, 0.0) / np.maximum(stakes, least)
        k = int(np.argmax(beyond))
        where = "every type gets what it can be sure of"
        if not beyond[k] <= 0.0:
            where = (
                f"type {k} ({agent.types.label(k)}) gets {own[k]:.6g}, and can be sure of "
                f"{own[k] + shortfall[k]:.6g}"
            )
        checks.append(
            Check(
                f"random-monopoly bound of {agent.name}",
                float(shortfall[k]),
                float(beyond[k]),
                tolerance,
                where,
            )
        )
    return AuditReport(tuple(checks))


def _best_over_prices(types: FloatArray, opponent: TypeSpace) -> FloatArray:
    """Return the largest payoff over prices, and over keeping the good, by type."""
    if opponent.prior is not None:
        refused = np.linspace(0.0, 1.0, NUM_PRICES)
        price = opponent.prior.quantiles(refused)
        refused = opponent.prior.strictly_below(price)
    else:
        price = opponent.lower
        below = np.concatenate([[0.0], np.cumsum(opponent.mass)])
        refused = below[np.searchsorted(opponent.lower, price, side="left")]
    best = np.array(types, dtype=np.float64)
    for start in range(0, price.size, CHUNK):
        part = slice(start, start + CHUNK)
        payoff = refused[part] * types[:, None] + (1.0 - refused[part]) * price[part]
        best = np.maximum(best, payoff.max(axis=1))
    return best
