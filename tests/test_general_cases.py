"""Figures of the literature and of other code, environment by environment, through public calls.

``data/general_cases.json`` and ``oracles/reference.json`` say of each figure where it is from, and
how exact it is. Cells of continua are as many as that takes.
"""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import mechopt as mo
from mechopt.environments import Procurement, Screening
from mechopt.literature.kamenica2011.persuasion import persuasion
from mechopt.report.auction import reserves
from mechopt.report.public_good import provision
from tests.draws import some

HERE = Path(__file__).parent
CASES = {
    case["id"]: case
    for name in ("data/general_cases.json", "oracles/reference.json")
    for case in json.loads((HERE / name).read_text(encoding="utf-8"))
}
FIGURES = {}
EVER = {"incentives": "dominant", "participation": "ex-post"}


def figures(kind):
    """Register what computes the figures of a kind."""

    def register(function):
        FIGURES[kind] = function
        return function

    return register


def law_of(prior):
    if "uniform" in prior:
        low, high = prior["uniform"]
        return stats.uniform(low, high - low)
    if "power" in prior:
        return stats.beta(prior["power"], 1)
    if "exponential" in prior:
        return mo.priors.truncated(stats.expon(scale=1 / prior["exponential"]), 0, 18)
    breaks, weights = prior["pieces"]["breaks"], prior["pieces"]["weights"]
    return mo.priors.histogram(breaks, weights)


def finite(agent):
    return mo.TypeSpace.finite(agent["types"], agent.get("probabilities"))


def cells(prior, number, **layout):
    return mo.TypeSpace.from_distribution(law_of(prior), number, **layout)


def best(problem, backend=None):
    """Return the optimum, audited."""
    solution = mo.solve(problem, backend)
    mo.audit(problem, solution).raise_if_failed()
    assert solution.bound - solution.objective <= 1e-7 * max(problem.objective_scale, 1.0)
    return solution


def revenue(environment, **required):
    return best(mo.DesignProblem(environment, mo.Revenue(), budget="subsidised", **required))


@figures("auction-finite")
def _(inputs):
    auction = mo.Auction(
        [finite(b) for b in inputs["bidders"]],
        units=inputs["units"],
        seller_value=inputs["seller_value"],
    )
    weight = Fraction(inputs["utility_weight"])
    objective = mo.Revenue() + weight * mo.Welfare() if weight else mo.Revenue()
    found = best(mo.DesignProblem(auction, objective, budget="subsidised"))
    return {"objective": found.objective, "first_best": auction.first_best}


@figures("efficient-revenue")
def _(inputs):
    auction = mo.Auction([finite(b) for b in inputs["bidders"]], units=inputs["units"])
    return {"revenue": -best(mo.minimum_subsidy(auction)).objective}


@figures("max-min-utility")
def _(inputs):
    auction = mo.Auction([finite(b) for b in inputs["bidders"]])
    problem = mo.DesignProblem(auction, mo.LeastUtility(), budget="no-deficit")
    return {"least_utility": best(problem).objective}


@figures("auction-continuum")
def _(inputs):
    number = sum(b["count"] for b in inputs["bidders"])
    layout = {"highest_of": number} if number > 10 and inputs["units"] == 1 else {}
    size = 300 if number > 10 else 2_000
    if "exponential" in inputs["bidders"][0]["prior"]:
        size, layout = 8_000, {"highest_of": 1}
    bidders = [
        types
        for b in inputs["bidders"]
        for types in [cells(b["prior"], size, **layout)] * b["count"]
    ]
    auction = mo.Auction(bidders, units=inputs["units"], seller_value=inputs["seller_value"])
    solution = best(mo.largest_revenue(auction))
    found = {"objective": solution.objective, "reserve": reserves(solution.mechanism)["bidder_1"]}
    if inputs["units"] == 1:
        sold = mo.known_mechanisms.second_price(auction)
        found["second_price_revenue"] = mo.largest_revenue(auction).value(sold)
    return found


@figures("border")
def _(inputs):
    types = mo.TypeSpace.finite(range(len(inputs["interim"])), inputs["probabilities"])
    group = mo.reduced_forms.Group(types, inputs["interim"], count=inputs["bidders"])
    answer = mo.reduced_forms.implementable([group], units=inputs["units"])
    return {
        "implementable": answer.implementable,
        "largest_violation": float(answer.largest_violation),
    }


@figures("partnership-slack")
def _(inputs):
    check = mo.check_ex_post_efficiency(mo.Partnership(cells(inputs["prior"], 2), inputs["shares"]))
    return {"slack": check.slack, "dissolvable": check.implementable}


@figures("partnership-revenue")
def _(inputs):
    size = 1_000 if len(inputs["shares"]) == 2 else 200
    partners = mo.Partnership(cells(inputs["prior"], size), inputs["shares"])
    return {"revenue": revenue(partners).objective}


@figures("partnership-second-best")
def _(inputs):
    partners = mo.Partnership(cells(inputs["prior"], 200), inputs["shares"])
    return {"second_best": best(mo.ex_ante_efficiency(partners)).objective}


@figures("market-continuum")
def _(inputs):
    types = cells(inputs["prior"], 1_000)
    market = mo.Market(types, types, inputs["sellers"], inputs["buyers"])
    solution = best(mo.ex_ante_efficiency(market))
    check = mo.check_ex_post_efficiency(market)
    return {
        "second_best": solution.objective,
        "first_best": market.first_best,
        "share_lost": 1.0 - solution.objective / market.first_best,
        "threshold": solution.alpha / (1.0 + solution.alpha),
        "least_subsidy": check.least_subsidy,
    }


@figures("project-continuum")
def _(inputs):
    number, cost = inputs["agents"], inputs["cost"]
    types = cells(inputs["prior"], {2: 400, 3: 200, 4: 150}.get(number, 400))
    good = mo.PublicGood(types, cost, count=number)
    solution = best(mo.ex_ante_efficiency(good))
    alpha = solution.alpha
    check = mo.check_ex_post_efficiency(good)
    return {
        "second_best": solution.objective,
        "first_best": check.first_best,
        "provision": provision(solution.mechanism),
        "threshold": (cost + number * alpha) / (1.0 + alpha),
        "alpha": alpha,
        "least_subsidy": check.least_subsidy,
    }


@figures("project-finite")
def _(inputs):
    good = mo.PublicGood([finite(c) for c in inputs["consumers"]], inputs["cost"])
    return {
        "first_best": good.first_best,
        "least_subsidy": best(mo.minimum_subsidy(good)).objective,
        "largest_profit": revenue(good).objective,
    }


@figures("screening")
def _(inputs):
    prior = inputs["prior"]
    types = finite(prior) if "types" in prior else cells(prior, 2_000)
    return {"profit": revenue(Screening(types, {"form": inputs["cost"]})).objective}


@figures("procurement")
def _(inputs):
    prior = inputs["prior"]
    types = finite(prior) if "types" in prior else cells(prior, 1_000)
    # What is bought at the prices of a linear demand curve is worth q - q²/2.
    form = {"linear-demand": "quadratic", "square-root": "sqrt"}[inputs["surplus"]]
    weight = Fraction(inputs["weight"])
    objective = mo.Revenue() + weight * mo.Welfare() if weight else mo.Revenue()
    firm = Procurement(types, {"form": form})
    return {"welfare": best(mo.DesignProblem(firm, objective, budget="subsidised")).objective}


@figures("several-goods-continuum")
def _(inputs):
    def over_midpoints(steps):
        sides = [low + (np.arange(steps) + 0.5) / steps * (high - low)
                 for low, high in inputs["box"]]  # fmt: skip
        goods = mo.Goods(list(product(*sides)), demand=inputs["demand"])
        return revenue(goods).objective

    return {"revenue": 2.0 * over_midpoints(24) - over_midpoints(12)}


@figures("several-goods-finite")
def _(inputs):
    goods = mo.Goods(inputs["types"], inputs["probabilities"], inputs["demand"])
    table = mo.compare(goods)
    return {
        "revenue": revenue(goods).objective,
        "deterministic": revenue(goods, deterministic=True).objective,
        "separate": table.row("separate prices").profit,
        "bundle": table.row("price of the bundle").profit,
    }


def joint_auction(inputs):
    prior = [[Fraction(p) for p in row] for row in inputs["prior"]]
    marginals = [list(map(sum, prior)), list(map(sum, zip(*prior, strict=True)))]
    pairs = zip(inputs["types"], marginals, strict=True)
    agents = mo.Auction([mo.TypeSpace.finite(types, chances) for types, chances in pairs])
    return mo.Environment(agents.agents, agents.outcomes, mo.Joint(prior))


@figures("joint-auction")
def _(inputs):
    auction = joint_auction(inputs)
    solution = revenue(auction)
    every = revenue(auction, **EVER)
    return {
        "revenue": solution.objective,
        "revenue_expost_dominant": every.objective,
        "least_limit": mo.studies.bets_of(solution).least_limit,
    }


@figures("joint-auction-expost")
def _(inputs):
    return {"revenue": revenue(joint_auction(inputs), **EVER).objective}


@figures("joint-bounded")
def _(inputs):
    limits = []
    if "limit" in inputs:
        limits.append(mo.PaymentLimit(inputs["limit"]))
    if "liability" in inputs:
        from mechopt.problem.liability import Liability

        limits.append(Liability(inputs["liability"]))
    return {"revenue": revenue(joint_auction(inputs), requirements=limits).objective}


@figures("joint-trade")
def _(inputs):
    sides = (mo.TypeSpace.finite(inputs[side]) for side in ("sellers", "buyers"))
    trade = mo.BilateralTrade(*sides, prior=mo.Joint(inputs["prior"]))
    found = best(mo.ex_ante_efficiency(trade, budget="no-deficit"))
    return {"first_best": trade.first_best, "second_best_exante": found.objective}


@figures("interdependent-auction")
def _(inputs):
    share = Fraction(inputs["beta"])
    other = {"ann": "bob", "bob": "ann"}

    def worth(outcome, agent, types):
        return types[agent] + share * types[other[agent]] if outcome == f"to_{agent}" else 0

    outcomes = ["kept", "to_ann", "to_bob"]
    prior = np.multiply.outer(*2 * [[Fraction(p) for p in inputs["probabilities"]]]).tolist()
    auction = mo.Alternatives(outcomes, dict.fromkeys(other, inputs["types"]), worth, prior=prior)
    interim, every = revenue(auction), revenue(auction, **EVER)
    assert interim.objective == pytest.approx(every.objective, abs=1e-8)
    return {"revenue": every.objective}


@figures("no-transfers")
def _(inputs):
    sizes = [len(table[0]) for table in inputs["utilities"]]
    outcomes = [f"outcome_{i}" for i in range(len(inputs["utilities"][0]))]
    names = [f"agent_{i}" for i in range(len(sizes))]
    values = dict(zip(names, inputs["utilities"], strict=True))

    def worth(outcome, agent, types):
        return values[agent][outcomes.index(outcome)][types[agent]]

    agents = {name: list(range(size)) for name, size in zip(names, sizes, strict=True)}
    chosen = mo.Alternatives(outcomes, agents, worth, prior=inputs["prior"])
    problem = mo.DesignProblem(
        chosen,
        mo.Welfare(),
        incentives=inputs["incentives"],
        participation="none",
        requirements=[mo.PaymentLimit(0)],
        budget="subsidised",
        deterministic=True,
    )
    return {"deterministic": best(problem).objective}


@figures("robust-mean")
def _(inputs):
    def over_steps(number):
        values = mo.TypeSpace.finite([Fraction(i, number) for i in range(number + 1)])
        buyer = mo.Auction(values, count=1)
        priors = mo.robust.known_means(buyer, {"bidder_1": inputs["mean"]})
        worst = mo.robust.WorstPriorIn(mo.Revenue(), priors)
        return best(mo.DesignProblem(buyer, worst, budget="subsidised"), "highs").objective

    return {"guarantee": 2.0 * over_steps(40) - over_steps(20)}


@figures("robust-marginals")
def _(inputs):
    pairs = list(product(*inputs["types"]))
    chances = product(*([Fraction(p) for p in own] for own in inputs["probabilities"]))
    goods = mo.Goods(pairs, [a * b for a, b in chances])
    worst = mo.robust.WorstPriorIn(mo.Revenue(), mo.robust.known_marginals(goods))
    problem = mo.DesignProblem(goods, worst, budget="subsidised")
    return {"guarantee": best(problem).objective}


@figures("nash-trade")
def _(inputs):
    sides = (cells(inputs[side], 60) for side in ("seller", "buyer"))
    trade = mo.BilateralTrade(*sides)
    solution = mo.solve(mo.DesignProblem(trade, mo.NashProduct()))
    mo.audit(solution.problem, solution).raise_if_failed()
    return {"product": np.exp(solution.objective)}


@figures("trade-equivalence")
def _(inputs):
    sides = [mo.TypeSpace.finite(inputs[side]) for side in ("sellers", "buyers")]
    trade = mo.BilateralTrade(*sides)
    return {
        "interim": best(mo.ex_ante_efficiency(trade)).objective,
        "dominant_exante": best(mo.ex_ante_efficiency(trade, **EVER)).objective,
        "posted_price": mo.studies.best_posted_price(trade).expected.total,
        "dominant_expost": best(
            mo.ex_ante_efficiency(trade, **EVER, budget_holds="ex-post")
        ).objective,
    }


@figures("project-equivalence")
def _(inputs):
    good = mo.PublicGood(mo.TypeSpace.finite(inputs["types"]), inputs["cost"], count=2)
    every = best(mo.ex_ante_efficiency(good, **EVER, budget_holds="ex-post"))
    posted = mo.known_mechanisms.posted_shares(good, mo.known_mechanisms.best_posted_shares(good))
    return {"dominant_expost": every.objective, "posted_shares": posted.total_gains}


@figures("exchangeable-auction")
def _(inputs):
    auction = mo.Auction(finite(inputs), count=inputs["bidders"], units=inputs["units"])
    return {"revenue": revenue(auction).objective}


@figures("persuasion")
def _(inputs):
    problem = persuasion(inputs["prior"], inputs["sender"], inputs["receiver"])
    return {"value": best(problem).objective}


# What takes about half a second or more; some of these are computed every day.
SLOW = (
    "goods-uniform-2",
    "goods-uniform-4-3",
    "market-2x1",
    "market-2x5",
    "market-3x3",
    "market-8x8",
    "market-20x20",
    "partnership-revenue-2",
    "power2-2",
    "uniform-1-and-2",
    "uniform-10",
    "uniform-100-units-50",
    "uniform-500",
    "unit-demand-2-3",
)


QUICK = [name for name in CASES if name not in SLOW]
# The first of each kind is always there.
FIRST = {CASES[name]["kind"]: name for name in reversed(QUICK)}.values()
OTHERS = [name for name in QUICK if name not in FIRST]


@pytest.mark.parametrize("name", [*FIRST, *some(OTHERS, 4), *some(SLOW, 5)])
def test_figures(name):
    case = CASES[name]
    found = FIGURES[case["kind"]](case["inputs"])
    precision = case["precision"]
    missing = []
    for figure, expected in case["expected"].items():
        error = precision if isinstance(precision, float) else precision.get(
            figure, precision["default"])  # fmt: skip
        if figure not in found:
            missing.append(figure)
        elif isinstance(expected, bool):
            assert found[figure] is expected, figure
        else:
            assert found[figure] == pytest.approx(expected, abs=error), figure
    assert not missing
