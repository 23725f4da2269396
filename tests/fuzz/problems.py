"""Seeded random problems with finite types: far types, tiny masses, near ties, common origins."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import mechopt as mo

SENTINELS = (1e7, 9_999_999.0, 1e9, 1e12)
FAMILIES = (
    "plain",
    "decades",
    "sentinel",
    "near-ties",
    "tiny-masses",
    "origin",
    "tail",
    "grid",
    "one-sided",
    "mixed",
)


def random_trade(seed, family=None):
    """Return a trade; its family by the seed unless said."""
    rng = random.Random(f"trade {seed}")
    family = family or FAMILIES[seed % len(FAMILIES)]
    largest = 2 if family == "one-sided" else 5
    sizes = rng.randint(1, largest), rng.randint(1, largest)
    seller, buyer = _TYPES[family](rng, sizes)
    masses = [_masses(rng, size, family) for size in sizes]
    if rng.random() < 0.25 and family not in ("grid",):
        factor = rng.choice([2.0**-40, 1e-6, 1e6, 2.0**40, 0.1])
        seller, buyer = _rising([factor * t for t in seller]), _rising([factor * t for t in buyer])
    if rng.random() < 0.15:
        # Seen in a mirror: costs and values exchange roles and sign.
        seller, buyer = _rising([-t for t in buyer]), _rising([-t for t in seller])
        masses = [masses[1][::-1], masses[0][::-1]]
    return mo.BilateralTrade(
        mo.TypeSpace.finite(seller, masses[0]), mo.TypeSpace.finite(buyer, masses[1])
    )


def random_weights(seed):
    """Return welfare weights: mostly equal."""
    rng = random.Random(f"weights {seed}")
    if rng.random() < 0.7:
        return (1.0, 1.0)
    return rng.choice(
        [(1.0, 0.0), (0.0, 1.0), (1.0, 0.5), (rng.random(), rng.random()), (3e6, 1e6)]
    )


def random_problem(seed, family=None):
    """Return a second-best problem of a random trade."""
    return mo.ex_ante_efficiency(random_trade(seed, family), random_weights(seed))


def random_fractions(seed):
    """Return a problem whose numbers are known exactly, and its sides as pairs of fractions."""
    trade = random_trade(seed)
    sides = []
    for agent in trade.agents:
        raw = [Fraction(mass) for mass in agent.types.mass.tolist()]
        masses = [mass / sum(raw) for mass in raw]
        sides.append(([Fraction(repr(t)) for t in agent.types.mean.tolist()], masses))
    spaces = [mo.TypeSpace.finite(types, masses) for types, masses in sides]
    return mo.ex_ante_efficiency(mo.BilateralTrade(*spaces), random_weights(seed)), sides


def random_bargaining(seed):
    """Return a program of bargaining, player 1 having the lower lowest type."""
    rng = random.Random(f"bargaining {seed}")
    sizes = [rng.randint(1, 3) for _ in range(2)]
    family = rng.choice(["plain", "decades", "sentinel", "near-ties", "tiny-masses", "grid"])
    types = [[abs(t) for t in side] for side in _TYPES[family](rng, sizes)]
    sides = [mo.TypeSpace.finite(_rising(side), _masses(rng, len(side), family)) for side in types]
    sides.sort(key=lambda space: space.lowest)
    chance = rng.choice([0.5, rng.random(), 1e-12, 1 - 1e-12, 0.0, 1.0])
    bargaining = mo.Bargaining(sides[0], sides[1], chance)
    return mo.peski2024.best_for_player_1(
        bargaining, verifiable=rng.random() < 0.2, own_bound=rng.random() < 0.8
    )


def described(problem):
    """Return Python that makes a problem of trade again, for a report."""
    environment = problem.environment
    sides = ", ".join(
        f"mo.TypeSpace.finite({agent.types.mean.tolist()}, {agent.types.mass.tolist()})"
        for agent in environment.agents
    )
    if hasattr(environment.agents[0].outside_option, "proposer_probability"):
        chance = environment.agents[0].outside_option.proposer_probability
        requirements = {
            "verifiable": not problem.has_incentives(0),
            "own_bound": problem.has_participation(0),
        }
        options = "".join(f", {key}={value}" for key, value in requirements.items())
        return f"mo.peski2024.best_for_player_1(mo.Bargaining({sides}, {chance!r}){options})"
    weights = getattr(problem.objective, "weights", None)
    return f"mo.ex_ante_efficiency(mo.BilateralTrade({sides}), {weights})"


def _rising(types):
    """Return numbers sorted, repeated ones pushed up by one unit in the last place."""
    result = []
    for number in sorted(types):
        value = float(number)
        if result and value <= result[-1]:
            # Next to zero lie numbers that are not normal, which are not what is meant.
            value = math.nextafter(result[-1], math.inf) if result[-1] else 1e-12
        result.append(value)
    return result


def _masses(rng, size, family):
    """Return positive probabilities that sum to one as floats do."""
    if size == 1:
        return [1.0]
    if family in ("grid", "origin") and rng.random() < 0.6:
        return [1.0 / size] * size
    lowest = -15.0 if family in ("tiny-masses", "tail", "mixed") else -3.0
    raw = [10.0 ** rng.uniform(lowest, 0.0) for _ in range(size)]
    if rng.random() < 0.3:
        raw[rng.randrange(size)] = rng.choice([1e-15, 1e-12, 1e-9, 1e-3])
    total = math.fsum(raw)
    masses = [max(mass / total, 1e-15) for mass in raw]
    largest = max(range(size), key=masses.__getitem__)
    masses[largest] = 1.0 - math.fsum(masses[:largest] + masses[largest + 1 :])
    return masses


def _plain(rng, sizes):
    return tuple(_rising([rng.uniform(0, 1) for _ in range(size)]) for size in sizes)


def _decades(rng, sizes):
    return tuple(
        _rising([10.0 ** rng.uniform(-6, 6) * rng.choice([1, 1, 1, -1]) for _ in range(size)])
        for size in sizes
    )


def _sentinel(rng, sizes):
    seller, buyer = ([float(rng.randint(0, 8)) for _ in range(size)] for size in sizes)
    buyer = [t + 0.5 * rng.randint(0, 1) for t in buyer]
    far = rng.choice(SENTINELS)
    if rng.random() < 0.7:
        seller[rng.randrange(sizes[0])] = far
    if rng.random() < 0.4:
        buyer[rng.randrange(sizes[1])] = rng.choice([far, -far])
    return _rising(seller), _rising(buyer)


def _near_ties(rng, sizes):
    centres = [rng.uniform(0, 3) for _ in range(2)]

    def near():
        centre = rng.choice(centres)
        if rng.random() < 0.3:
            return math.nextafter(centre, rng.choice([-math.inf, math.inf]))
        return centre + rng.choice([-1, 1]) * 10.0 ** rng.uniform(-15, -9)

    sides = [[near() for _ in range(size)] for size in sizes]
    if rng.random() < 0.4:
        sides[0][0] = rng.choice([0.0, -1e-12, 1e-12])
    return tuple(map(_rising, sides))


def _origin(rng, sizes):
    origin = rng.choice([1e14, 1e10, -1e12, 1e6, 2.0**50])
    return tuple(_rising([origin + rng.randint(0, 7) for _ in range(size)]) for size in sizes)


def _tail(rng, sizes):
    """Costs almost surely above values: gains lie in a tail."""
    seller = [10.0 + rng.random() for _ in range(sizes[0])]
    buyer = [9.0 * rng.random() for _ in range(sizes[1])]
    if rng.random() < 0.7:
        seller[0] = rng.uniform(0, 9)
    if rng.random() < 0.7:
        buyer[-1] = rng.uniform(5, 12)
    return _rising(seller), _rising(buyer)


def _grid(rng, sizes):
    return tuple(_rising(rng.sample(range(8), size)) for size in sizes)


def _mixed(rng, sizes):
    families = [_plain, _decades, _sentinel, _near_ties, _grid]
    return rng.choice(families)(rng, sizes)[0], rng.choice(families)(rng, sizes)[1]


_TYPES = {
    "plain": _plain,
    "decades": _decades,
    "sentinel": _sentinel,
    "near-ties": _near_ties,
    "tiny-masses": _plain,
    "origin": _origin,
    "tail": _tail,
    "grid": _grid,
    "one-sided": _sentinel,
    "mixed": _mixed,
}
