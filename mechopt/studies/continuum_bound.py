"""The upper end of a bracket: multipliers found over cells bound the optimum of the continuum."""

from __future__ import annotations

import math

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt._util.text import runs_of
from mechopt.backends.direct import Direct
from mechopt.backends.owners import OwnerRules, are_owners
from mechopt.backends.root import VirtualRules
from mechopt.problem.problem import DesignProblem
from mechopt.types import TypeSpace
from mechopt.types.virtual_values import ironed, virtual_cost, virtual_value

# The density at an end is the least of its values this near to it, and across the end cell.
NEAR_THE_END = 10.0 ** -np.arange(1.0, 13.0)
REGULAR = "virtual valuation never falls from cell to cell (checked), nor within a cell (assumed)"
IRREGULAR = (
    "prior is irregular: its virtual valuation was ironed over cells, and ironing of the continuum "
    "is assumed to begin and end at cell edges"
)


def upper_bound(problem: DesignProblem, alpha: float) -> tuple[float, tuple[str, ...]]:
    """Return the dual bound over spread virtual valuations, and what it assumes.

    Parameters
    ----------
    problem
        A problem that the direct solver accepts, with cells of a continuous prior.
    alpha
        Where the bound is evaluated: any number from 0 to below 1 gives a bound.

    Examples
    --------
    >>> from scipy import stats
    >>> from mechopt import BilateralTrade, ex_ante_efficiency
    >>> types = TypeSpace.from_distribution(stats.uniform(0, 1), 1_000)
    >>> bound, _ = upper_bound(ex_ante_efficiency(BilateralTrade(types, types)), 1 / 3)
    >>> 9 / 64 <= bound <= 9 / 64 + 1e-5
    True
    """
    if are_owners(problem.environment):
        return _of_owners(problem, alpha)
    environment, centred = problem.environment, Direct().build(problem)
    rules = VirtualRules(environment, centred.weights, centred.designer)
    total = rules.largest / (1.0 - alpha)
    raw, ironed_ones = rules.virtual_values(alpha), rules.ironed_values(alpha)
    atoms, masses, assumptions = [], [], {}
    for i, agent in enumerate(environment.agents):
        if agent.types.prior is None:
            atoms.append(ironed_ones[i])
            masses.append(agent.types.mass)
            continue
        rent_share = 1.0 - rules.weights[i] / total
        spread = _giver_atoms if environment.outcomes.roles[i].gives else _receiver_atoms
        values, mass = spread(agent.types, ironed_ones[i], rent_share)
        atoms.append(values)
        masses.append(mass)
        assumptions[agent.name] = REGULAR if np.array_equal(raw[i], ironed_ones[i]) else IRREGULAR
    bound = total * environment.outcomes.expected_maximum(atoms, masses)
    return bound, tuple(f"{whose}: {text}" for whose, text in runs_of(assumptions))


def _of_owners(problem: DesignProblem, alpha: float) -> tuple[float, tuple[str, ...]]:
    """Return the bound for owners of shares, at the levels that are best over the cells.

    With virtual valuations v that are flat at any level, the optimum is at most ``W (E[the K
    largest v] - sum(r_i E v_i)) + sum(w_i r_i E t_i)`` (theory.md, section 6.3), W being what money
    weighs. It is convex in each v_i, so that spreading v_i with its mean kept can only raise it.
    Means are those of the cells, but where a cell holds the end of the flat part: there they are
    within those of its neighbours, and count by that much.
    """
    environment = problem.environment
    rules = Direct().build(problem)
    assert isinstance(rules, OwnerRules)
    point = rules.at(alpha)
    assert point.lottery is not None
    levels = point.lottery.levels
    total = rules.largest / (1.0 - alpha)
    atoms, masses, assumptions = [], [], {}
    kept, margin = 0.0, 0.0
    for i, agent in enumerate(environment.agents):
        types, values = agent.types, point.values[i]
        owned = float(agent.outside_option.share_of_type or 0.0)
        kept += rules.weights[i] * owned * float(types.mass @ types.mean)
        kept -= total * owned * float(types.mass @ values)
        if types.prior is None:
            atoms.append(values)
            masses.append(types.mass)
            continue
        rent_share = 1.0 - rules.weights[i] / total
        ends = _ends_of_owner(types, values, rent_share, owned)
        spread, mass = _atoms(types, values, *ends)
        atoms.append(spread)
        masses.append(mass)
        raw = [
            types.mean + rent_share * (own(types) - types.mean)
            for own in (virtual_cost, virtual_value)
        ]
        smooth = [ironed(each, types.mass) for each in raw]
        same = all(np.array_equal(a, b) for a, b in zip(raw, smooth, strict=True))
        assumptions[agent.name] = REGULAR if same else IRREGULAR
        # Cells of whose neighbours not all are sellers, buyers or flat.
        level = levels[rules.groups[i]]
        part = np.where(smooth[0] <= level, 0, np.where(smooth[1] >= level, 1, 2))
        around = np.concatenate([part[:1], part, part[-1:]])
        mixed = (around[:-2] != part) | (around[2:] != part)
        mixed &= types.lower < types.upper  # an atom has one virtual valuation
        filled = np.concatenate([ends[:1], values, ends[1:]])
        width = np.where(mixed, filled[2:] - filled[:-2], 0.0)
        margin += float(types.mass @ width)
    most = environment.outcomes.expected_maximum(atoms, masses)
    bound = total * (most + margin) + kept
    return bound, tuple(f"{whose}: {text}" for whose, text in runs_of(assumptions))


def _ends_of_owner(
    types: TypeSpace, values: FloatArray, rent_share: float, owned: float
) -> tuple[float, float]:
    """Return between what an owner's virtual valuations lie, at the ends of its types.

    The lowest type counts as itself where it sells, and the highest where it buys.
    """
    first, last = types.lowest, types.highest
    if rent_share <= 0.0:
        return first, last
    if owned <= 0.0:
        density = _density_at_end(types, types.lower[0], types.upper[0])
        first = first - rent_share / density if density > 0.0 else -math.inf
    if owned >= 1.0:
        density = _density_at_end(types, types.upper[-1], types.lower[-1])
        last = last + rent_share / density if density > 0.0 else math.inf
    # A level below the lowest type, or above the highest, holds for all.
    return min(first, float(values[0])), max(last, float(values[-1]))


def _giver_atoms(
    types: TypeSpace, values: FloatArray, rent_share: float
) -> tuple[FloatArray, FloatArray]:
    """Return values that bound the virtual costs of each cell, and masses that keep their means."""
    density = _density_at_end(types, types.upper[-1], types.lower[-1])
    last = types.highest + (rent_share / density if density > 0 else math.inf)
    return _atoms(types, values, types.lowest, last if rent_share > 0 else types.highest)


def _receiver_atoms(
    types: TypeSpace, values: FloatArray, rent_share: float
) -> tuple[FloatArray, FloatArray]:
    """Return values that bound the virtual values of each cell, and masses that keep the means."""
    density = _density_at_end(types, types.lower[0], types.upper[0])
    first = types.lowest - (rent_share / density if density > 0 else math.inf)
    return _atoms(types, values, first if rent_share > 0 else types.lowest, types.highest)


def _atoms(
    types: TypeSpace, values: FloatArray, first: float, last: float
) -> tuple[FloatArray, FloatArray]:
    """Spread each value to its two neighbours, at the ends to ``first`` and ``last``.

    A cell of a single type, which is an atom of the prior, has one virtual valuation, not spread.

    Where one neighbour is infinite, the other keeps all mass. That is valid, because costs are
    unbounded above only and values below only, and the bound falls in costs and rises in values.
    """
    ends = first if math.isfinite(first) else values[0], last if math.isfinite(last) else values[-1]
    atoms = np.concatenate([ends[:1], values, ends[1:]])
    # The value of a cell lies between the atoms before and after its own.
    width, share = atoms[2:] - atoms[:-2], np.zeros(values.size)
    np.divide(values - atoms[:-2], width, out=share, where=width > 0)
    if math.isinf(first):
        share[0] = 1.0
    if math.isinf(last):
        share[-1] = 0.0
    is_point, mass = types.lower == types.upper, np.zeros(atoms.size)
    mass[1:-1] = np.where(is_point, types.mass, 0.0)
    spread = types.mass - mass[1:-1]
    mass[:-2] += spread * (1.0 - share)
    mass[2:] += spread * share
    return atoms, mass


def _density_at_end(types: TypeSpace, end: float, inner: float) -> float:
    """Return the least density found at an end of the support and very near to it."""
    assert types.prior is not None
    across = np.linspace(end, inner, 257)
    points = np.append(end + (inner - end) * NEAR_THE_END, across)
    densities = types.prior.density(points)
    return float(np.nanmin(densities))
