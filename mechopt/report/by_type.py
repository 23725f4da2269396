"""A table of what types expect: how much they get or give, and what they pay."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt._util.rounding import entry_in_figures, in_figures
from mechopt._util.table import Table
from mechopt._util.text import in_words
from mechopt.mechanism.mechanism import Mechanism

# With more types some are shown, evenly spaced, of the first of agents who are alike.
LONGEST_TABLE = 24
FEWEST_SHOWN = 2
# Agents get the same if they differ by so little of the gains, as by how ties are broken.
ALIKE = 0.02


def table_by_type(
    mechanism: Mechanism, quantity: str, further: tuple[str, Sequence[FloatArray]] | None = None
) -> Table | None:
    """Return quantity and payment by type, of some types where there are many; None of a crowd.

    Parameters
    ----------
    mechanism
        The mechanism.
    quantity
        What its quantities are called; they are shown without a sign.
    further
        A column to stand before them, and its numbers, one array per agent.

    Examples
    --------
    >>> from mechopt import Market, TypeSpace, ex_ante_efficiency, solve
    >>> market = Market(TypeSpace.finite([1]), TypeSpace.finite([0, 2]))
    >>> mechanism = solve(ex_ante_efficiency(market)).mechanism
    >>> for line in table_by_type(mechanism, "trades").text_lines("    ")[::3]:
    ...     print(line)
                type    trades    pays
    buyer 1        2         1       2
    """
    environment = mechanism.environment
    scale, rows = environment.first_best, []
    written_out = sum(environment.shape) <= LONGEST_TABLE
    like = _like(mechanism)
    groups = len(set(like))
    shown = LONGEST_TABLE // (len(like) if written_out else groups)
    if not written_out and shown < FEWEST_SHOWN:
        return None
    for i, agent in enumerate(environment.agents):
        types, places = agent.types, np.arange(agent.types.num_cells)
        if not written_out:
            if like[i] < i:
                continue
            if places.size > shown:
                places = np.linspace(0, places.size - 1, shown).round().astype(int)
        for k in places.tolist():
            more = [] if further is None else [entry_in_figures(further[1][i], k)]
            chance = in_figures(abs(mechanism.quantity[i][k]), ".4g", 1.0)
            paid = in_figures(mechanism.payment[i][k], ".6g", scale)
            rows.append((in_words(agent.name), types.label(k), *more, chance, paid))
    if not written_out and groups < len(like):
        rows.append(("agents not shown are as one that is, though ties may be broken otherwise",))
    before = [] if further is None else [further[0]]
    return Table(("", "type", *before, quantity, "pays"), rows)


def _like(mechanism: Mechanism) -> list[int]:
    """Return for each agent the first that has its types and role, and gets what it gets."""
    environment, gets = mechanism.environment, list(mechanism.expected_utility.values())
    least = ALIKE * (environment.first_best + abs(mechanism.total_gains))
    first: list[int] = []
    for i, (agent, role) in enumerate(
        zip(environment.agents, environment.outcomes.roles, strict=True)
    ):
        same = (
            j
            for j in sorted(set(first))
            if environment.agents[j].types == agent.types
            and environment.agents[j].outside_option == agent.outside_option
            and environment.outcomes.roles[j].gives == role.gives
            and abs(gets[j] - gets[i]) <= least
        )
        first.append(next(same, i))
    return first
