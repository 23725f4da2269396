"""Environments as cases, and random cases by seed.

Random data are multiples of powers of two: sums of them are exact in floats, and as fractions, so
that ties and borderline cases are what they seem.
"""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

import numpy as np

from .finite_case import Case, Event, UtilityFloor, efficient_allocation

# --- environments -------------------------------------------------------------------------------


def independent(*masses):
    """Return the joint prior of independent types."""
    return reduce(np.multiply.outer, [np.asarray(mass, dtype=float) for mass in masses])


def uniform(size):
    """Return equal probabilities."""
    return np.full(size, 1.0 / size)


def make(name, types, prior, *, upper, cost=None, rows=(), lower=None, outside=None, **more):
    """Return a case with the usual blanks filled: no cost, options of zero, equal weights."""
    types = tuple(np.asarray(each, dtype=float) for each in types)
    upper = np.asarray(upper, dtype=float)
    zeros = np.zeros(len(upper))
    return Case(
        name=name,
        types=types,
        prior=np.asarray(prior, dtype=float),
        lower=zeros if lower is None else np.asarray(lower, dtype=float),
        upper=upper,
        rows=tuple((np.asarray(row, dtype=float), float(bound)) for row, bound in rows),
        cost=zeros if cost is None else np.asarray(cost, dtype=float),
        outside=tuple(np.zeros(len(t)) for t in types) if outside is None else outside,
        weights=more.pop("weights", (1.0,) * len(types)),
        **more,
    )


def trade(costs, values, prior, **more):
    """One seller (agent 0), one buyer; the variable is the probability of trade."""
    net = np.array([[-1.0], [1.0]])
    return make("trade", (costs, values), prior, upper=[1.0], net_quantity=net, **more)


def auction(types, prior, *, units=1, seller_value=0.0, **more):
    """Bidders who want one unit each; each unit sold costs its value to the seller."""
    size = len(types)
    return make(
        f"auction-{size}",
        types,
        prior,
        upper=np.ones(size),
        rows=[(np.ones(size), units)],
        cost=np.full(size, float(seller_value)),
        net_quantity=np.eye(size),
        **more,
    )


def partnership(types, prior, shares, **more):
    """Partners who keep their shares of one good unless it is reassigned."""
    options = tuple(
        share * np.asarray(own, dtype=float) for share, own in zip(shares, types, strict=True)
    )
    case = auction(types, prior, outside=options, **more)
    return replace(case, name=f"partnership-{len(types)}")


def project(types, prior, cost, **more):
    """A project that all enjoy or nobody does, at a cost."""
    net = np.ones((len(types), 1))
    name = f"project-{len(types)}"
    return make(name, types, prior, upper=[1.0], cost=[cost], net_quantity=net, **more)


def market(costs, values, prior, **more):
    """Sellers of one unit each and buyers of one unit each; no more is bought than sold."""
    sellers, buyers = len(costs), len(values)
    signs = [-1.0] * sellers + [1.0] * buyers
    rows = [(signs, 0.0)]
    name = f"market-{sellers}x{buyers}"
    upper = np.ones(sellers + buyers)
    types = (*costs, *values)
    return make(name, types, prior, upper=upper, rows=rows, net_quantity=np.diag(signs), **more)


def procurement(costs, prior, benefits, effort=1.5, **more):
    """One order, to one of the suppliers, in low or in high quality, which costs ``effort`` times
    as much; the benefits of the two qualities are the designer's, so costs below zero."""
    size = len(costs)
    net = np.zeros((size, 2 * size))
    for supplier in range(size):
        net[supplier, 2 * supplier : 2 * supplier + 2] = [-1.0, -effort]
    return make(
        f"procurement-{size}",
        costs,
        prior,
        upper=np.ones(2 * size),
        rows=[(np.ones(2 * size), 1.0)],
        cost=-np.tile(np.asarray(benefits, dtype=float), size),
        net_quantity=net,
        **more,
    )


def screening(types, prior, costs, **more):
    """One buyer, who gets the k-th quality for the k-th cost: it is worth k + 1 times its type."""
    size = len(costs)
    net = np.arange(1.0, size + 1.0)[None, :]
    rows = [(np.ones(size), 1.0)]
    return make(
        "screening", types, prior, upper=np.ones(size), cost=costs, rows=rows, net_quantity=net,
        **more,
    )  # fmt: skip


def alternatives(worth, prior, cost=None, **more):
    """A lottery over alternatives: ``worth[i]`` by own type (or profile), then alternative.

    Types are labels, so their numbers mean nothing. The lottery may leave out all alternatives.
    """
    worth = tuple(np.asarray(table, dtype=float) for table in worth)
    prior = np.asarray(prior, dtype=float)
    size = worth[0].shape[-1]
    types = [np.arange(length) for length in prior.shape]
    rows = [(np.ones(size), 1.0)]
    name = f"alternatives-{len(worth)}"
    return make(name, types, prior, upper=np.ones(size), cost=cost, rows=rows, worth=worth, **more)


# --- random cases -------------------------------------------------------------------------------

FAMILIES = {
    # family: numbers of agents it is drawn with
    "trade": (2,),
    "auction": (2, 3),
    "project": (2, 3, 4),
    "partnership": (2, 3, 4),
    "market": (3, 4),
    "procurement": (2, 3),
    "alternatives": (1, 2, 3),
}
# Not among those that are drawn unless asked for.
FURTHER = {"screening": (1,)}
PRIORS = ("independent", "correlated", "mixture", "zeros")
MOST_PROFILES = 36


def random_case(
    seed, *, families=tuple(FAMILIES), priors=PRIORS, plain=False, agents=None, most=MOST_PROFILES
):
    """Return the random case of a seed.

    Parameters
    ----------
    families, priors
        What is drawn from. "correlated" has full support, "mixture" is one of two independent
        priors (beliefs of low rank), "zeros" has profiles of probability zero.
    plain
        Interim or no incentives and participation, budget ex ante, no limits, floors or events.
    agents
        How many; drawn unless given.
    most
        How many profiles there may be.
    """
    rng = np.random.default_rng(seed)
    family = str(rng.choice(families))
    agents = agents or int(rng.choice({**FAMILIES, **FURTHER}[family]))
    shape = random_shape(rng, agents, most)
    kind = str(rng.choice(priors))
    prior = random_prior(rng, shape, "independent" if agents == 1 else kind)
    case = random_environment(rng, family, shape, prior)
    case = random_objective(rng, case)
    case = random_requirements(rng, case, plain)
    return replace(case, name=f"{seed}-{case.name}-{kind}")


def random_shape(rng, agents, most=MOST_PROFILES):
    """Return numbers of types, 2 to 4 each, with few enough profiles for a quick program."""
    while True:
        shape = tuple(int(size) for size in rng.integers(2, 5, agents))
        if np.prod(shape) <= most:
            return shape


def parts(rng, size, whole, least=1):
    """Return random multiples of 1/whole, at least ``least``/whole each, that sum to one."""
    counts = rng.multinomial(whole - least * size, rng.dirichlet(np.ones(size)))
    return (counts + least) / whole


def random_prior(rng, shape, kind):
    """Return the probabilities of all profiles."""
    if kind == "independent":
        return independent(*(parts(rng, size, 16) for size in shape))
    if kind == "mixture":
        halves = [independent(*(parts(rng, size, 8) for size in shape)) for _ in range(2)]
        return (halves[0] + halves[1]) / 2
    size = int(np.prod(shape))
    if kind == "correlated":
        return parts(rng, size, 256, least=2).reshape(shape)
    while True:
        possible = rng.random(size) < 0.6
        prior = np.zeros(size)
        if not possible.any():
            continue
        prior[possible] = parts(rng, int(possible.sum()), 64)
        prior = prior.reshape(shape)
        agents = range(len(shape))
        sums = [prior.sum(axis=tuple(j for j in agents if j != i)) for i in agents]
        if all((marginal > 0).all() for marginal in sums):
            return prior


def random_types(rng, size, low=0.0, high=4.0):
    """Return distinct multiples of 1/16, rising."""
    steps = np.arange(round(low * 16), round(high * 16) + 1)
    return np.sort(rng.choice(steps, size, replace=False)) / 16


def random_environment(rng, family, shape, prior):
    """Return a case of the family with random types."""
    types = [random_types(rng, size) for size in shape]
    if family == "trade":
        return trade(types[0], types[1] + rng.integers(0, 17) / 16, prior)
    if family == "auction":
        units = int(rng.integers(1, len(shape)))
        return auction(types, prior, units=units, seller_value=rng.integers(0, 33) / 16)
    if family == "project":
        return project(types, prior, len(shape) * rng.integers(16, 49) / 16)
    if family == "partnership":
        return partnership(types, prior, parts(rng, len(shape), 8, least=0))
    if family == "market":
        sellers = int(rng.integers(1, len(shape)))
        return market(types[:sellers], types[sellers:], prior)
    if family == "procurement":
        low = rng.integers(16, 49) / 16
        return procurement(types, prior, [low, low + rng.integers(4, 33) / 16])
    size = int(rng.integers(2, 4))
    if family == "screening":
        return screening(types, prior, np.cumsum(rng.integers(8, 41, size)) / 16)
    worth = [rng.integers(-16, 49, (own, size)) / 16 for own in shape]
    return alternatives(worth, prior, cost=rng.integers(0, 33, size) / 16)


def random_objective(rng, case):
    """Return the case with one of the objectives, and a budget under which it makes sense."""
    word = rng.choice(["welfare", "mixed", "revenue", "efficient", "subsidy", "least-utility"])
    kept = str(rng.choice(["balanced", "no-deficit"]))
    shares = tuple(float(w) for w in rng.choice([0.25, 0.5, 1.0, 1.0], case.num_agents))
    if word == "welfare":
        return replace(case, weights=shares, budget=kept)
    if word == "mixed":
        budget = str(rng.choice(["free", "no-deficit"]))
        return replace(case, weights=shares, designer=1.0, budget=budget)
    if word == "revenue":
        return replace(case, objective="subsidy", budget="free")
    if word == "efficient":
        return replace(case, budget=kept, allocation=efficient_allocation(case))
    if word == "subsidy":
        return replace(
            case, objective="subsidy", budget="free", allocation=efficient_allocation(case)
        )
    return replace(case, objective="least-utility", budget=kept)


def random_requirements(rng, case, plain):
    """Return the case with random requirements, most of them those of a textbook."""
    agents = range(case.num_agents)
    if plain:
        incentives = tuple(str(rng.choice(["interim"] * 19 + ["none"])) for _ in agents)
        participation = tuple(str(rng.choice(["interim"] * 19 + ["none"])) for _ in agents)
        return replace(case, incentives=incentives, participation=participation)
    word = str(rng.choice(["interim", "dominant"]))
    odd = str(rng.choice(["interim", "dominant", "none"]))
    incentives = tuple(odd if rng.random() < 0.15 else word for _ in agents)
    word = str(rng.choice(["interim", "ex-post"]))
    odd = str(rng.choice(["interim", "ex-post", "none"]))
    participation = tuple(odd if rng.random() < 0.15 else word for _ in agents)
    holds = str(rng.choice(["ex-ante", "ex-post"]))
    more = {}
    if rng.random() < 0.3:
        more["payment_limit"] = float(rng.integers(16, 97) / 16)
    if rng.random() < 0.2:
        more["liability"] = float(rng.integers(0, 33) / 16)
    if rng.random() < 0.2:
        agent = int(rng.integers(case.num_agents))
        own = int(rng.integers(case.shape[agent]))
        more["floors"] = (UtilityFloor(agent, own, float(rng.integers(1, 17) / 16)),)
    if rng.random() < 0.2 and case.allocation is None:
        more["events"] = (random_event(rng, case),)
    return replace(
        case, incentives=incentives, participation=participation, budget_holds=holds, **more
    )


def random_event(rng, case):
    """Return a floor or a cap on what some types of an agent may expect of one variable."""
    coefficients = np.eye(case.num_variables)[rng.integers(case.num_variables)]
    agent = int(rng.integers(case.num_agents))
    count = int(rng.integers(1, case.shape[agent] + 1))
    own = sorted(int(k) for k in rng.choice(case.shape[agent], count, replace=False))
    level = float(rng.integers(1, 5) / 8)
    side = {"lower": level} if rng.random() < 0.5 else {"upper": level}
    return Event(tuple(coefficients.tolist()), agent, tuple(own), **side)
