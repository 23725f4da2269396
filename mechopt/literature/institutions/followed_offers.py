"""What offers over time bring when they are followed, and by how much another price is better.

Nothing is used of how the offers were found but the last types that they sell to: prices follow
from what types gain by waiting, and values from prices.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.literature.institutions.smooth_pieces import Rule, States

# States from which, and down to which, deviations are tried; of slow laws fewer.
TRIED, TRIED_SLOWLY = 400, 60
# Where types below are as unlikely as this, nobody is met whom prices could mislead.
UNSEEN = 1e-12


def largest_gain(
    rules: Sequence[Rule], states: States, worth: FloatArray, costs: FloatArray, discount: float,
    tried: int = TRIED,
) -> float:  # fmt: skip
    """Return the most that another price in one period brings, from any state, in widths.

    Arguments are those of ``truncated_beliefs.rules``, and what it returns. A price within a jump
    sells down to the jump, as does its upper end, which brings more: so prices at which some type
    is as well off by waiting are enough. They must rise with the type, or others would accept than
    the rules say: by how much they fall where there are types counts as a gain.

    Examples
    --------
    >>> from mechopt.literature.institutions.truncated_beliefs import rules
    >>> uniform = States(0.0, 1.0, lambda t: t, np.ones_like, np.zeros(0))
    >>> given = uniform, np.ones(2), np.zeros(2)
    >>> right, wrong = rules(*given, 0.5), rules(*given, 0.9)
    >>> largest_gain(right, *given, 0.5) < 1e-12, largest_gain(wrong, *given, 0.5) > 1e-4
    (True, True)
    """
    # Just below the edges of panels as well: prices may jump there.
    edges = np.unique(np.concatenate([rule.bends for rule in rules]))
    edges = edges[:: 1 + edges.size // tried]
    evenly = np.linspace(0.0, 1.0, tried + 1)
    from_states = np.unique([*evenly, *evenly[::2] ** 3, *edges, *np.nextafter(edges, 0.0)])
    chance = states.chance(from_states)
    seen = chance > UNSEEN * chance[-1]
    stays = np.append(worth, 0.0)
    cutoffs, starts = [], [from_states[None]]
    for rule in rules:
        # A row for each period in which somebody began in all states.
        cutoffs.append(rule.last(starts[-1]))
        starts.append(np.concatenate([cutoffs[-1], from_states[None]]))
    price, value, most = np.zeros_like(starts[-1]), np.zeros_like(starts[-1]), 0.0
    for period in reversed(range(len(rules))):
        rest, cost = stays[period] - discount * stays[period + 1], costs[period]
        # What the offers bring that begin in the next period sets what this one's sales bring.
        asked = rest * from_states + discount * price[-1]
        falls = np.maximum.accumulate(np.where(seen, asked, -np.inf)) - asked
        most = max(most, float(np.where(seen, falls, 0.0).max()))
        worths = (chance[:, None] - chance) * (asked - cost) + discount * value[-1]
        best = np.where(np.tri(from_states.size, dtype=bool), worths, -np.inf).max(axis=1)
        price = rest * cutoffs[period] + discount * price[:-1]
        sold = states.chance(starts[period]) - states.chance(cutoffs[period])
        value = sold * (price - cost) + discount * value[:-1]
        most = max(most, float((best - value[-1]).max()))
    return most
