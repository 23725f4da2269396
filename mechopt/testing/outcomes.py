"""What outcomes and environments have to satisfy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.environments import Environment, Outcomes
from mechopt.environments.outcomes import OutcomeNumbers
from mechopt.errors import UnsupportedProblemError, require
from mechopt.testing.common import SAVED, accepted, demand, demand_equal, loaded_again
from mechopt.types.prior import interim

DECLARED = "what is declared fits together"
FEASIBLE = "corners are feasible"
COMPLETE = "corners span all that is feasible"
BEST = "best is feasible, and nothing beats it"
ALLOCATE = "allocate is best at the agents' values"
INTERIM = "interim best is the average over profiles"
SCALING = "scaling changes money alone"
EXACT = "fractions equal floats"

ROUNDING = 1e-9
CURVED = 1e-6
MOST_CUTS = 200
FACTORS = (0.125, 3.0)
# Of two agents, and of more.
MOST_TYPES = (7, 3)


def check_outcomes(subject: Outcomes | Environment, *, draws: int = 20, seed: int = 0) -> None:
    """Check outcomes, or those of an environment, against what they declare.

    Corners are feasible and span what rows, bounds and curves allow; ``best`` and ``allocate`` are
    feasible and reach what linear programs over rows and curves reach; ``interim_best`` and
    ``expected_maximum`` are averages of ``allocate``; another unit of money changes money alone;
    fractions equal floats; and all comes back from a file as it was.

    Parameters
    ----------
    subject
        The outcomes; or an environment, whose own types are then tried too.
    draws
        How many random worths are drawn.
    seed
        Of the random numbers.

    Raises
    ------
    AssertionError
        At the first check that fails: which, where, what was expected, what was got.

    Examples
    --------
    >>> from mechopt import Trade
    >>> check_outcomes(Trade())
    """
    hint = "Pass outcomes, or an environment."
    require(subject, (Outcomes, Environment), where="subject", remedy=hint)
    outcomes = subject.outcomes if isinstance(subject, Environment) else subject
    rng = np.random.default_rng(seed)
    _check_declared(outcomes)
    _demand_feasible(outcomes, outcomes.vertices.T, FEASIBLE, "vertices")
    weights = _weights(outcomes, rng, draws)
    reached = _most(outcomes, weights)
    if not outcomes.curves:
        corners = (outcomes.vertices @ weights).max(axis=0)
        _demand_reached(COMPLETE, "the corners", weights, reached, corners, ROUNDING)
    _check_best(outcomes, weights, reached)
    for _ in range(draws):
        sizes = rng.integers(1, MOST_TYPES[len(outcomes.roles) > 2] + 1, size=len(outcomes.roles))
        values = [_random_values(rng, int(size)) for size in sizes]
        _check_profiles(outcomes, values, [rng.dirichlet(np.ones(size)) for size in sizes], rng)
    _check_scaling(outcomes)
    _check_fractions(outcomes)
    again = loaded_again(outcomes)
    _demand_same(SAVED, outcomes.in_floats(), again.in_floats())
    if isinstance(subject, Environment):
        _check_environment(subject, rng)


def _check_declared(outcomes: Outcomes) -> None:
    """Check that names, shapes and signs fit together."""
    for part in ("net_quantity", "vertices"):
        declared = getattr(outcomes, part)
        demand(isinstance(declared, np.ndarray), DECLARED, part, "an array of numpy", declared)
    with accepted(DECLARED, "roles"):
        outcomes.require_roles()
    names = [*outcomes.variables, *(row.name for row in outcomes.rows)]
    names += [power.name for power in outcomes.curves]
    for name in names:
        usable = name.isidentifier() and name.isascii() and names.count(name) == 1
        demand(
            usable, DECLARED, "names of variables, rows and curves", "identifiers, each once", name
        )
    width = len(outcomes.variables)
    shapes = {
        "net_quantity": (outcomes.net_quantity, (len(outcomes.roles), width)),
        "vertices": (outcomes.vertices, (len(outcomes.vertices), width)),
        **{part: (getattr(outcomes, part), (width,)) for part in ("lower", "upper", "cost")},
        **{f"row {row.name}": (row.coefficients, (width,)) for row in outcomes.rows},
    }
    for where, (values, shape) in shapes.items():
        demand(np.shape(values) == shape, DECLARED, f"shape of {where}", shape, np.shape(values))
        demand(np.isfinite(values).all(), DECLARED, where, "finite numbers", values)
    if outcomes.quantity_cost is not None:
        by_quantity = outcomes.quantity_cost @ outcomes.net_quantity
        size = ROUNDING * float(np.abs(outcomes.cost).max(initial=0.0))
        demand_equal(DECLARED, "cost by net quantities", outcomes.cost, by_quantity, size)
    for power in outcomes.curves:
        fits = 0 <= power.base < width and 0 <= power.bounded < width and 0 < power.exponent < 1
        demand(
            fits,
            DECLARED,
            f"curve {power.name}",
            "positions of variables, and an exponent between 0 and 1",
            power,
        )


def _check_best(outcomes: Outcomes, weights: FloatArray, reached: FloatArray) -> None:
    chosen = outcomes.best(weights)
    demand(chosen.shape == weights.shape, BEST, "shape", weights.shape, chosen.shape)
    _demand_feasible(outcomes, chosen, BEST, "one of the weights")
    tolerance = CURVED if outcomes.curves else ROUNDING
    _demand_reached(BEST, "best", weights, reached, (weights * chosen).sum(axis=0), tolerance)


def _check_profiles(
    outcomes: Outcomes,
    values: Sequence[FloatArray],
    masses: Sequence[FloatArray],
    rng: np.random.Generator,
) -> None:
    """Check what is chosen at given values of the agents' types, and its averages."""
    price = float(rng.choice([1.0, 0.0, rng.exponential()]))
    where = f"values {[value.tolist() for value in values]}, price {price:.17g}"
    shape = (len(outcomes.variables), *(value.size for value in values))
    allocation = outcomes.allocate(values, price)
    demand(allocation.shape == shape, ALLOCATE, f"shape at {where}", shape, allocation.shape)
    weights = np.zeros(shape)
    for i, grid in enumerate(np.meshgrid(*values, indexing="ij")):
        weights += np.multiply.outer(outcomes.net_quantity[i], grid)
    weights -= (price * outcomes.cost).reshape(-1, *[1] * len(values))
    worth = (weights * allocation).sum(axis=0)
    most = (weights * outcomes.best(weights)).sum(axis=0)
    _demand_feasible(outcomes, allocation.reshape(shape[0], -1), ALLOCATE, where)
    scale = 1.0 + float(np.abs(weights).sum(axis=0).max())
    demand_equal(ALLOCATE, f"worth at {where}", most, worth, ROUNDING * scale)
    net = np.tensordot(outcomes.net_quantity, allocation, axes=1)
    quantities = outcomes.interim_best(values, masses, price)
    demand(
        len(quantities) == len(values), INTERIM, "number of arrays", len(values), len(quantities)
    )
    for i, quantity in enumerate(quantities):
        average = interim(masses, i, net[i])
        demand_equal(INTERIM, f"agent {i} at {where}", average, quantity, ROUNDING)
    expected = float(interim(masses, 0, worth) @ masses[0])
    most_expected = outcomes.expected_maximum(values, masses, price)
    demand_equal(INTERIM, f"expected_maximum at {where}", expected, most_expected, ROUNDING * scale)


def _check_scaling(outcomes: Outcomes) -> None:
    for factor in FACTORS:
        with accepted(SCALING, f"scaled({factor})"):
            scaled = outcomes.scaled(factor)
            back = scaled.scaled(1.0 / factor)
        tolerance = ROUNDING * float(np.abs(outcomes.cost).max())
        demand_equal(
            SCALING,
            f"cost of scaled({factor})",
            factor * outcomes.cost,
            scaled.cost,
            factor * tolerance,
        )
        demand_equal(SCALING, "cost, there and back", outcomes.cost, back.cost, tolerance)
        _demand_same(SCALING, outcomes.in_floats(), scaled.in_floats(), skip=("cost",))


def _check_fractions(outcomes: Outcomes) -> None:
    try:
        exact = outcomes.in_fractions()
    except UnsupportedProblemError:
        return  # It says that it has none, which a solver of exact optima passes on.
    _demand_same(EXACT, outcomes.in_floats(), exact, tolerance=1e-15)
    for part in ("lower", "upper", "cost", "net_quantity", "vertices"):
        for value in getattr(exact, part).ravel():
            whole = isinstance(value, int) or hasattr(value, "numerator")
            demand(whole, EXACT, part, "fractions", repr(value))


def _check_environment(environment: Environment, rng: np.random.Generator) -> None:
    # Of what types are worth by a method, there is ``best`` alone, which is checked at all weights.
    if environment.has_net_quantities:
        means = [agent.types.mean for agent in environment.agents]
        _check_profiles(environment.outcomes, means, environment.masses, rng)
    options = [agent.outside_option for agent in environment.agents]
    again = loaded_again(environment, environment.outcomes, *options)
    demand(again.shape == environment.shape, SAVED, "shape", environment.shape, again.shape)
    size = environment.first_best or 1.0
    for factor in FACTORS:
        with accepted(SCALING, f"environment, scaled({factor})"):
            scaled = environment.scaled(factor)
        demand_equal(
            SCALING,
            "first best",
            factor * environment.first_best,
            scaled.first_best,
            ROUNDING * factor * size,
        )
        for agent, other in zip(environment.agents, scaled.agents, strict=True):
            for end, option in zip(agent.option_at_ends, other.option_at_ends, strict=True):
                reach = 1.0 + float(np.abs(end).max())
                demand_equal(
                    SCALING,
                    f"outside option of {agent.name}",
                    factor * end,
                    option,
                    ROUNDING * factor * reach,
                )


def _demand_feasible(outcomes: Outcomes, chosen: FloatArray, check: str, where: str) -> None:
    """Raise AssertionError unless outcomes, one column each, are within bounds, rows and curves."""
    demand(not np.isnan(chosen).any(), check, where, "numbers", chosen)
    beyond: dict[str, FloatArray] = {}
    names = zip(outcomes.variables, outcomes.lower, outcomes.upper, chosen, strict=True)
    for name, low, high, values in names:
        beyond[f"{low:g} <= {name} <= {high:g}"] = np.maximum(low - values, values - high)
    for row in outcomes.rows:
        beyond[row.name] = np.asarray(row.coefficients) @ chosen - row.upper
    for power in outcomes.curves:
        beyond[power.name] = power.excess(chosen)
    for name, excess in beyond.items():
        worst = int(np.argmax(excess))
        got = f"{chosen[:, worst].tolist()}, beyond it by {excess[worst]:.3g}"
        demand(excess[worst] <= ROUNDING, check, where, name, got)


def _demand_reached(
    check: str,
    what: str,
    weights: FloatArray,
    reached: FloatArray,
    got: FloatArray,
    tolerance: float,
) -> None:
    scale = 1.0 + np.abs(weights).sum(axis=0)
    for k in np.flatnonzero(~(np.abs(reached - got) <= tolerance * scale))[:1]:
        demand(
            False,
            check,
            f"worth of {what} at weights {weights[:, k].tolist()}",
            f"{reached[k]:.12g}, which rows, bounds and curves allow",
            f"{got[k]:.12g}",
        )


def _demand_same(
    check: str,
    expected: OutcomeNumbers,
    got: OutcomeNumbers,
    *,
    skip: Sequence[str] = (),
    tolerance: float = 0.0,
) -> None:
    """Raise AssertionError unless two sets of declared numbers are the same."""
    for part in fields(expected):
        if part.name in skip:
            continue
        wanted, found = getattr(expected, part.name), getattr(got, part.name)
        if part.name == "rows":
            names = [name for name, _, _ in found]
            demand(
                names == [name for name, _, _ in wanted],
                check,
                "names of rows",
                [name for name, _, _ in wanted],
                names,
            )
            wanted, found = (
                np.array([[*map(float, row), float(upper)] for _, row, upper in rows])
                for rows in (wanted, found)
            )
        size = float(np.max(np.abs(np.asarray(wanted, dtype=np.float64)), initial=0.0))
        demand_equal(check, part.name, wanted, found, tolerance * size)


def _weights(outcomes: Outcomes, rng: np.random.Generator, draws: int) -> FloatArray:
    """Return weights of the variables, one column each: alone, all alike, and random ones."""
    width = len(outcomes.variables)
    alone = np.eye(width)
    columns = [alone, -alone, np.ones((width, 1)), np.zeros((width, 1))]
    whole = rng.integers(-2, 3, (width, draws)).astype(np.float64)
    return np.hstack([*columns, rng.normal(size=(width, draws)), whole])


def _random_values(rng: np.random.Generator, size: int) -> FloatArray:
    """Return what types count for, whole numbers half of the time so that there are ties."""
    whole = rng.random() < 0.5
    drawn: Any = rng.integers(-2, 4, size) if whole else rng.normal(0.5, 1.5, size)
    return np.sort(np.asarray(drawn, dtype=np.float64))


def _most(outcomes: Outcomes, weights: FloatArray) -> FloatArray:
    """Return the most that weighted sums, one a column, reach over rows, bounds and curves.

    They are parts of one program that share nothing. Curves are replaced by tangents, added where
    a linear program's answer lies beyond them.
    """
    from scipy import sparse
    from scipy.optimize import linprog

    solve_program: Any = linprog
    width, number = weights.shape
    rows = [np.asarray(row.coefficients, dtype=np.float64) for row in outcomes.rows]
    each = np.array(rows).reshape(len(rows), width)
    matrix = sparse.kron(sparse.eye_array(number), each, format="csr")
    limits = [row.upper for row in outcomes.rows] * number
    bounds = list(zip(outcomes.lower.tolist(), outcomes.upper.tolist(), strict=True)) * number
    costs = -weights.T.ravel()
    for _ in range(MOST_CUTS):
        found = solve_program(costs, A_ub=matrix, b_ub=limits, bounds=bounds)
        demand(
            found.status == 0,
            DECLARED,
            "rows and bounds",
            "a set that is bounded and not empty",
            found.message,
        )
        points = found.x.reshape(number, width)
        cuts = []
        for k, point in enumerate(points):
            for power in outcomes.curves:
                if power.excess(point) > 0.1 * CURVED:
                    # At the point of the curve that is as high, where it is never upright.
                    height = float(point[power.bounded])
                    at = power.reach(np.array(height))
                    slope = float(power.slope(at))
                    cut = np.zeros((number, width))
                    cut[k, power.bounded], cut[k, power.base] = 1.0, -slope
                    cuts.append(cut.ravel())
                    limits.append(height - slope * float(at))
        if not cuts:
            break
        matrix = sparse.csr_array(sparse.vstack([matrix, sparse.csr_array(np.array(cuts))]))
    return np.asarray((weights * points.T).sum(axis=0), dtype=np.float64)
