"""The gap as a linear program written from first principles and solved by scipy.

It shares no code with the package: all pairs of types in the incentive constraints, a payment of
each player in every profile, and monopoly payoffs by trying all prices.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog


def monopoly(own, types, mass):
    """Return the best payoff over all prices just below a type of the opponent, and none."""
    best = own
    for price in types:
        refused = sum(m for t, m in zip(types, mass, strict=True) if t < price)
        best = max(best, refused * own + (1 - refused) * price)
    return best


def largest_payoff_of_player_1(types, masses, chance, *, own_bound=True, verifiable=False):
    """Return the most that player 1 can expect, given both bounds (or player 2's alone)."""
    sizes = [len(t) for t in types]
    cells = sizes[0] * sizes[1]

    # Variables: quantities of both players in every profile, then payments of both.
    def row(i, own_type, report, scale=1.0):
        """Return the interim utility of a player's type from a report."""
        coefficients = np.zeros(4 * cells)
        for other in range(sizes[1 - i]):
            profile = (report, other) if i == 0 else (other, report)
            at = profile[0] * sizes[1] + profile[1]
            m = masses[1 - i][other] * scale
            coefficients[i * cells + at] += m * types[i][own_type]
            coefficients[(2 + i) * cells + at] -= m
        return coefficients

    upper_rows, upper = [], []
    for i in range(2):
        share = chance if i == 0 else 1 - chance
        for k in range(sizes[i]):
            truth = row(i, k, k)
            if i == 1 or own_bound:
                least = share * monopoly(types[i][k], types[1 - i], masses[1 - i])
                upper_rows.append(-truth)
                upper.append(-least)
            if i == 1 or not verifiable:
                for other in range(sizes[i]):
                    if other != k:
                        upper_rows.append(row(i, k, other) - truth)
                        upper.append(0.0)
    for at in range(cells):
        good, money = np.zeros(4 * cells), np.zeros(4 * cells)
        good[[at, cells + at]] = 1.0
        money[[2 * cells + at, 3 * cells + at]] = -1.0
        upper_rows += [good, money]
        upper += [1.0, 0.0]
    gain = sum(row(0, k, k, masses[0][k]) for k in range(sizes[0]))
    bounds = [(0, 1)] * (2 * cells) + [(None, None)] * (2 * cells)
    result = linprog(
        -gain, A_ub=np.array(upper_rows), b_ub=np.array(upper), bounds=bounds, method="highs"
    )
    assert result.status == 0, result.message
    return -result.fun


def rows_of_payoffs(types, mass):
    """Return U as rows over who gets the good (8) and payoffs (4), from first principles."""
    upper, most = [], []
    for at in range(4):
        row = np.zeros(12)
        row[[at, 4 + at]] = 1.0
        upper.append(row)
        most.append(1.0)
    for i in range(2):
        for true in range(2):
            said = 1 - true
            # From the payoff of whom it imitates, the difference in types times its quantity.
            row = np.zeros(12)
            row[8 + 2 * i + said], row[8 + 2 * i + true] = 1.0, -1.0
            for other in range(2):
                x, y = (said, other) if i == 0 else (other, said)
                step = types[i][true] - types[i][said]
                row[4 * i + 2 * x + y] += step * mass[1 - i][other]
            upper.append(row)
            most.append(0.0)
    budget = np.zeros(12)
    for x in range(2):
        for y in range(2):
            chance = mass[0][x] * mass[1][y]
            budget[2 * x + y] -= chance * types[0][x]
            budget[4 + 2 * x + y] -= chance * types[1][y]
    budget[8:] = [*mass[0], *mass[1]]
    return np.array([*upper, budget]), np.array([*most, 0.0])


def most_by_program(types, mass, direction, sure=(None,) * 4):
    """Return the most of a direction over U, with what each type gets at least."""
    upper, most = rows_of_payoffs(types, mass)
    cost = np.concatenate([np.zeros(8), -np.asarray(direction, dtype=float)])
    bounds = [(0, None)] * 8 + [(low, None) for low in sure]
    found = linprog(cost, A_ub=upper, b_ub=most, bounds=bounds, method="highs")
    assert found.status == 0, found.message
    return -found.fun
