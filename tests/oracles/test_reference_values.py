"""The oracle against values that were computed by others.

``reference.json`` holds cases of finite types, each with its source;
``../data/finite_uniform.csv`` holds bilateral trade with equally likely types.
"""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from . import cases
from .direct_lp import optimum
from .variants import DOMINANT_EX_POST, efficient, first_best, requiring, revenue_of, value

HERE = Path(__file__).parent
REFERENCE = json.loads((HERE / "reference.json").read_text(encoding="utf-8"))
with (HERE.parent / "data" / "finite_uniform.csv").open(newline="") as file:
    FINITE_UNIFORM = list(csv.DictReader(file))


def floats(values):
    return [float(Fraction(each)) for each in values]


def agents_of(entry):
    """Return types and prior of a reference case of independent agents."""
    agents = entry.get("bidders") or entry["consumers"]
    masses = [floats(agent["probabilities"]) for agent in agents]
    return [floats(agent["types"]) for agent in agents], cases.independent(*masses)


def table(values):
    return np.array([floats(row) for row in values])


def auction_finite(entry, case_id):
    case = cases.auction(
        *agents_of(entry), units=entry["units"], seller_value=float(Fraction(entry["seller_value"]))
    )
    weight = float(Fraction(entry["utility_weight"]))
    sold = replace(case, designer=1.0, weights=(weight,) * case.num_agents, budget="free")
    found = value(sold)
    # Interim incentives are as good as dominant strategies, participation in every profile too.
    assert value(requiring(sold, **DOMINANT_EX_POST)) == pytest.approx(found, abs=1e-9), case_id
    return {"objective": found, "first_best": first_best(case)}


def efficient_revenue(entry, case_id):
    del case_id
    case = cases.auction(*agents_of(entry), units=entry["units"])
    return {"revenue": revenue_of(efficient(case))}


def max_min_utility(entry, case_id):
    del case_id
    case = cases.auction(*agents_of(entry), objective="least-utility", budget="no-deficit")
    return {"least_utility": value(case)}


def project_finite(entry, case_id):
    del case_id
    case = cases.project(*agents_of(entry), float(Fraction(entry["cost"])))
    return {
        "first_best": first_best(case),
        "least_subsidy": -revenue_of(efficient(case)),
        "largest_profit": revenue_of(case),
    }


def screening(entry, case_id):
    # Quality costs q²/2, and the best qualities, 1 and 3, are on the grid.
    del case_id
    quality = np.arange(5.0)
    prior = floats(entry["prior"]["probabilities"])
    worth = np.outer(floats(entry["prior"]["types"]), quality)
    return {"profit": revenue_of(cases.alternatives([worth], prior, cost=quality**2 / 2))}


# What a unit costs the designer, rents included, after ironing; amounts follow 1/(4 z²).
VIRTUAL_COSTS = {
    "parts-supply-3": (1 / 10, 6 / 25, 8 / 15),
    "parts-supply-3-alttheta": (1 / 10, 29 / 80),
}


def procurement(entry, case_id):
    amounts = np.array([1 / (4 * z**2) for z in VIRTUAL_COSTS[case_id]] + [0.5, 1.0, 9.0])
    prior = floats(entry["prior"]["probabilities"])
    worth = -np.outer(floats(entry["prior"]["types"]), amounts)
    return {"welfare": revenue_of(cases.alternatives([worth], prior, cost=-np.sqrt(amounts)))}


def several_goods_finite(entry, case_id):
    del case_id
    goods = len(entry["types"][0])
    case = cases.make(
        "goods",
        [np.arange(len(entry["types"]))],
        floats(entry["probabilities"]),
        upper=np.ones(goods),
        worth=(np.array(entry["types"], dtype=float),),
    )
    return {"revenue": revenue_of(case)}


def joint_auction(entry, case_id):
    case = cases.auction(entry["types"], table(entry["prior"]))
    found = {"revenue": revenue_of(case)}
    assert found["revenue"] == pytest.approx(first_best(case), abs=1e-9)
    if "least_limit" in by_id(case_id)["expected"]:
        limit = float(Fraction(by_id(case_id)["exact"]["least_limit"]))
        assert revenue_of(case, payment_limit=limit) == pytest.approx(found["revenue"], abs=1e-9)
        assert revenue_of(case, payment_limit=limit - 1e-3) < found["revenue"] - 1e-6
        found["revenue_expost_dominant"] = revenue_of(case, **DOMINANT_EX_POST)
        found["least_limit"] = limit
    return found


def joint_auction_expost(entry, case_id):
    del case_id
    case = cases.auction(entry["types"], table(entry["prior"]))
    return {"revenue": revenue_of(case, **DOMINANT_EX_POST)}


def joint_trade(entry, case_id):
    del case_id
    case = cases.trade(entry["sellers"], entry["buyers"], table(entry["prior"]))
    return {"first_best": first_best(case), "second_best_exante": value(case)}


def joint_bounded(entry, case_id):
    del case_id
    case = cases.auction(entry["types"], table(entry["prior"]))
    if "limit" in entry:
        return {"revenue": revenue_of(case, payment_limit=float(Fraction(entry["limit"])))}
    return {"revenue": revenue_of(case, liability=float(Fraction(entry["liability"])))}


def interdependent_auction(entry, case_id):
    del case_id
    signals, beta = np.array(entry["types"], dtype=float), float(entry["beta"])
    own, other = signals[:, None], signals[None, :]
    values = [own + beta * other, other + beta * own]
    worth = tuple(
        np.stack([values[i] if v == i else np.zeros((4, 4)) for v in range(2)], axis=-1)
        for i in range(2)
    )
    case = cases.alternatives(worth, cases.independent(*2 * [floats(entry["probabilities"])]))
    found = revenue_of(case)
    assert revenue_of(case, **DOMINANT_EX_POST) == pytest.approx(found, abs=1e-9)
    return {"revenue": found}


def trade_equivalence(entry, case_id):
    del case_id
    costs, values = floats(entry["sellers"]), floats(entry["buyers"])
    prior = cases.independent(cases.uniform(len(costs)), cases.uniform(len(values)))
    case = cases.trade(costs, values, prior)
    return {
        "interim": value(case),
        "dominant_exante": value(requiring(case, **DOMINANT_EX_POST)),
        "dominant_expost": value(requiring(case, **DOMINANT_EX_POST, budget_holds="ex-post")),
    }


def project_equivalence(entry, case_id):
    del case_id
    types = floats(entry["types"])
    prior = cases.independent(*2 * [cases.uniform(len(types))])
    case = cases.project([types, types], prior, float(entry["cost"]))
    return {
        "dominant_expost": value(requiring(case, **DOMINANT_EX_POST, budget_holds="ex-post")),
    }


FIGURES = {
    "auction-finite": auction_finite,
    "efficient-revenue": efficient_revenue,
    "max-min-utility": max_min_utility,
    "project-finite": project_finite,
    "screening": screening,
    "procurement": procurement,
    "several-goods-finite": several_goods_finite,
    "joint-auction": joint_auction,
    "joint-auction-expost": joint_auction_expost,
    "joint-trade": joint_trade,
    "joint-bounded": joint_bounded,
    "interdependent-auction": interdependent_auction,
    "trade-equivalence": trade_equivalence,
    "project-equivalence": project_equivalence,
}


def by_id(case_id):
    return next(entry for entry in REFERENCE if entry["id"] == case_id)


@pytest.mark.parametrize("case_id", [entry["id"] for entry in REFERENCE])
def test_values_computed_by_others(case_id):
    entry = by_id(case_id)
    found = FIGURES[entry["kind"]](entry["inputs"], case_id)
    for name, figure in found.items():
        # Revenue with bounded payments has nine digits only, everything else is exact.
        assert figure == pytest.approx(entry["expected"][name], abs=2e-9), name


@pytest.mark.parametrize("row", FINITE_UNIFORM[:5], ids=lambda row: row["n"])
def test_uniform_trade(row):
    size = int(row["n"])
    types = np.arange(1, size + 1) / size
    case = cases.trade(types, types, cases.independent(*2 * [cases.uniform(size)]))
    exact = Fraction(row["second_best_exact"])
    assert value(case) == pytest.approx(float(exact), abs=1e-12)
    subsidy = -revenue_of(efficient(case))
    assert subsidy == pytest.approx(float(row["least_subsidy"]), abs=1e-11)
    assert first_best(case) == pytest.approx(float(row["first_best"]), abs=1e-11)
    status, _ = optimum(efficient(case))
    assert status == ("infeasible" if subsidy > 1e-12 else "optimal")


def test_painting_for_a_couple_without_money():
    # After Conitzer and Sandholm (2003): hers, his, museum, burned. Burning the painting pays;
    # 33.28 is the best lottery (the best rule without one reaches 21.6).
    hers = np.array([[2, 0, 1, -10], [100, 0, 50, -10]])
    his = np.array([[0, 2, 1, -10], [0, 100, 50, -10]])
    prior = cases.independent([0.8, 0.2], [0.8, 0.2])
    case = cases.alternatives([hers, his], prior, payment_limit=0.0)
    case = replace(case, rows=(*case.rows, (-np.ones(4), -1.0)))
    case = requiring(case, incentives="dominant", participation="none", budget="free")
    assert value(case) == pytest.approx(33.28, abs=1e-9)
