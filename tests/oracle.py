"""Bilateral trade as a linear program, written from first principles and solved by scipy.

Two programs that share no code with the package and read nothing of it but the four arrays of a
type space. ``full_optimum`` has every pair of types in its incentive constraints and a payment of
each side in every profile. ``neighbouring_optimum`` is the small form with interim payments, whose
constraints can be relaxed by name, which is what multipliers are about.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog

TOLERANCE = 1e-10


class Rows:
    """Rows ``coefficients @ x >= least`` (or ``== least``) over named, flattened variables."""

    def __init__(self, **shapes):
        self.shapes = shapes
        stops = np.cumsum([int(np.prod(shape)) for shape in shapes.values()])
        self.size = int(stops[-1])
        starts = [0, *stops[:-1]]
        self.slices = {
            name: slice(start, stop)
            for name, start, stop in zip(shapes, starts, stops, strict=True)
        }
        self.at_least, self.equal = [], []

    def vector(self, **parts):
        """Return the coefficients that ``parts`` gives by variable, zero elsewhere."""
        row = np.zeros(self.size)
        for name, values in parts.items():
            row[self.slices[name]] = np.broadcast_to(values, self.shapes[name]).ravel()
        return row

    def optimum(self, gain, lower, upper):
        """Return the largest value of ``gain @ x``; None if infeasible, infinity if unbounded."""
        matrices = {}
        if self.at_least:
            matrices["A_ub"] = -np.array([row for row, _ in self.at_least])
            matrices["b_ub"] = -np.array([least for _, least in self.at_least])
        if self.equal:
            matrices["A_eq"] = np.array([row for row, _ in self.equal])
            matrices["b_eq"] = np.array([value for _, value in self.equal])
        result = linprog(
            -gain,
            bounds=np.column_stack([lower, upper]),
            method="highs",
            options={
                "primal_feasibility_tolerance": TOLERANCE,
                "dual_feasibility_tolerance": TOLERANCE,
            },
            **matrices,
        )
        if result.status == 2:
            return None
        if result.status == 3:
            return np.inf
        assert result.status == 0, result.message
        return -result.fun


def full_optimum(seller, buyer, *, weights=None, rule=None):
    """Return the optimum of the program with all imitations and ex post payments.

    ``weights`` (seller, buyer) are the weights of the welfare that is maximised subject to payments
    that balance in every profile; without them the expected subsidy is minimised. ``rule`` is the
    probability of trade in every profile, where it is prescribed.
    """
    shape = (seller.mass.size, buyer.mass.size)
    chance = np.outer(seller.mass, buyer.mass)
    rows = Rows(trade=shape, received=shape, paid=shape)

    def seller_utility(cost, report):
        return rows.vector(
            trade=-cost * _only(shape, 0, report) * buyer.mass,
            received=_only(shape, 0, report) * buyer.mass,
        )

    def buyer_utility(value, report):
        return rows.vector(
            trade=value * _only(shape, 1, report) * seller.mass[:, None],
            paid=-_only(shape, 1, report) * seller.mass[:, None],
        )

    for types, utility in ((seller, seller_utility), (buyer, buyer_utility)):
        for own in range(types.mass.size):
            for end in {float(types.lower[own]), float(types.upper[own])}:
                rows.at_least.append((utility(end, own), 0.0))
                rows.at_least += [
                    (utility(end, own) - utility(end, other), 0.0)
                    for other in range(types.mass.size)
                    if other != own
                ]
    if weights is None:
        gain = rows.vector(paid=chance, received=-chance)
    else:
        for profile in np.ndindex(*shape):
            here = _only(shape, 0, profile[0]) * _only(shape, 1, profile[1])
            rows.equal.append((rows.vector(paid=here, received=-here), 0.0))
        gain = rows.vector(
            trade=chance * (weights[1] * buyer.mean - weights[0] * seller.mean[:, None]),
            received=weights[0] * chance,
            paid=-weights[1] * chance,
        )
    best = rows.optimum(gain, *_bounds(rows, rule))
    return best if weights is not None or best is None else -best


def neighbouring_optimum(
    seller, buyer, *, weights=None, rule=None, budget="balanced", relaxed=None
):
    """Return the optimum of the form with neighbouring constraints and interim payments.

    ``relaxed`` maps a constraint's name to how much it is relaxed, entry by entry; relaxing the
    budget means money from outside.
    """
    relaxed = relaxed or {}
    shape = (seller.mass.size, buyer.mass.size)
    rows = Rows(trade=shape, seller=shape[0], buyer=shape[1])
    agents = {
        "seller": (seller, [-_only(shape, 0, k) * buyer.mass for k in range(shape[0])]),
        "buyer": (buyer, [_only(shape, 1, k) * seller.mass[:, None] for k in range(shape[1])]),
    }

    def require(name, entry, row):
        by = np.atleast_1d(relaxed[name])[entry] if name in relaxed else 0.0
        rows.at_least.append((row, -by))

    for name, (types, weights_of_quantity) in agents.items():
        quantity = [rows.vector(trade=part) for part in weights_of_quantity]
        payment = [rows.vector(**{name: row}) for row in np.eye(types.mass.size)]
        for k in range(types.mass.size - 1):
            more, extra = quantity[k + 1] - quantity[k], payment[k + 1] - payment[k]
            require(f"{name}_ic_down", k, types.lower[k + 1] * more - extra)
            require(f"{name}_ic_up", k, extra - types.upper[k] * more)
            require(f"{name}_monotonicity", k, more)
        for k in range(types.mass.size):
            require(f"{name}_participation_lower", k, types.lower[k] * quantity[k] - payment[k])
            if types.upper[k] > types.lower[k]:
                require(f"{name}_participation_upper", k, types.upper[k] * quantity[k] - payment[k])
    revenue = rows.vector(seller=seller.mass, buyer=buyer.mass)
    outside = float(np.atleast_1d(relaxed.get("budget", 0.0))[0])
    if budget == "balanced":
        rows.equal.append((revenue, -outside))
    elif budget == "no-deficit":
        rows.at_least.append((revenue, -outside))
    if weights is None:
        gain = revenue
    else:
        chance = np.outer(seller.mass, buyer.mass)
        gain = rows.vector(
            trade=chance * (weights[1] * buyer.mean - weights[0] * seller.mean[:, None]),
            seller=-weights[0] * seller.mass,
            buyer=-weights[1] * buyer.mass,
        )
    best = rows.optimum(gain, *_bounds(rows, rule))
    return best if weights is not None or best is None else -best


def _only(shape, axis, position):
    """Return an array over the profiles that is one where one side has one type."""
    line = np.zeros(shape)
    line[(position, slice(None)) if axis == 0 else (slice(None), position)] = 1.0
    return line


def _bounds(rows, rule):
    """Return bounds: probabilities of trade between 0 and 1 or prescribed, payments free."""
    lower, upper = np.full(rows.size, -np.inf), np.full(rows.size, np.inf)
    trade = rows.slices["trade"]
    lower[trade] = 0.0 if rule is None else np.asarray(rule, dtype=float).ravel()
    upper[trade] = 1.0 if rule is None else np.asarray(rule, dtype=float).ravel()
    return lower, upper
