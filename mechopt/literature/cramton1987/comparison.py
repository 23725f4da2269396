"""What partners may do with what they own, beside the best that they can do."""

from __future__ import annotations

from dataclasses import replace

from mechopt.environments import Environment, OwnShare, SharedGoods
from mechopt.literature.auctions import second_price
from mechopt.literature.pivotal import MOST_NUMBERS, efficient_rows
from mechopt.studies.comparison import Comparison, ComparisonRow
from mechopt.studies.usual_rows import (
    audited_row,
    efficient_row,
    profit_and_second_best,
    table_of,
)

PART_OR_NOT = (
    "whether the partners can part efficiently without outside money is what mechopt check says "
    "(in Python check_ex_post_efficiency)"
)


def shares_kept(partnership: Environment) -> ComparisonRow:
    """Return the row of partners who stay as they are: each gets its share, nobody pays.

    Examples
    --------
    >>> from mechopt import Partnership, TypeSpace
    >>> row = shares_kept(Partnership(TypeSpace.finite([1, 3]), [0.25, 0.75]))
    >>> row.total, row.utilities
    (2.0, {'partner_1': 0.5, 'partner_2': 1.5})
    """
    shares = {
        agent.name: float(agent.outside_option.share)
        for agent in partnership.agents
        if isinstance(agent.outside_option, OwnShare)
    }
    worth = {
        agent.name: shares[agent.name] * agent.types.expectation(agent.types.mean)
        for agent in partnership.agents
    }
    return ComparisonRow("shares kept", sum(worth.values()), worth, shares, profit=0.0)


def compared(partnership: Environment) -> Comparison | None:
    """Return the usual ways to part beside the optimum; None for other environments.

    Examples
    --------
    >>> from mechopt import Partnership, TypeSpace
    >>> table = compared(Partnership(TypeSpace.finite([1, 2, 3]), [0.5, 0.5]))
    >>> [row.name for row in table.rows[3:]]
    ['shares kept', 'pivotal mechanism', 'expected externality (AGV)']
    """
    owned = all(isinstance(agent.outside_option, OwnShare) for agent in partnership.agents)
    known = isinstance(partnership.outcomes, SharedGoods) and owned
    if not known or not partnership.independent:
        return None
    rows = [
        efficient_row(partnership),
        *profit_and_second_best(partnership),
        shares_kept(partnership),
    ]
    own = efficient_rows(partnership)
    if partnership.num_profiles * len(partnership.agents) > MOST_NUMBERS:
        # What each pays for a unit it does not leave to others is the highest losing value.
        own[0] = audited_row(
            own[0].name, second_price(partnership), participation="none", budget="no-deficit"
        )
    table = table_of(partnership, [*rows, *own])
    return replace(table, note="; ".join(part for part in (table.note, PART_OR_NOT) if part))
