"""Games of offers over time: gains by definition, closed forms, bounds, and what is believed."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import product

import numpy as np
import pytest
from scipy import stats

import mechopt as mo
from mechopt import institutions
from mechopt.literature.institutions.assessments import bayesian_beliefs
from mechopt.literature.institutions.offer_game import behaviour
from mechopt.literature.institutions.sequence_form import Dominance, SequenceForm
from tests.draws import THOROUGH, drawn

F = Fraction
HALF = F(1, 2)


def trade(costs, values, *rates, chances=(None, None)):
    sides = [mo.TypeSpace.finite(t, p) for t, p in zip((costs, values), chances, strict=True)]
    return mo.BilateralTrade(*sides, *rates)


TWO_BY_TWO = trade([0, 2], [1, 3])


def drawn_profile(game, rng):
    """Return strategies with random fractions, some of them zero or one."""
    size, offers, accepts = len(game.prices), [], []
    for t, side in enumerate(game.sides):
        own, other = len(game.types[side]), len(game.types[1 - side])
        made, taken = behaviour((own, size**t, size)), behaviour((other, size**t, size))
        for i, h in product(range(own), range(size**t)):
            weights = rng.integers(0, 3, size)
            weights[rng.integers(size)] += 1
            made[i, h] = [F(int(w), int(weights.sum())) for w in weights]
        for place in np.ndindex(taken.shape):
            taken[place] = F(int(rng.integers(0, 4)), 3)
        offers.append(made)
        accepts.append(taken)
    return tuple(offers), tuple(accepts)


def plays(game, offers, accepts, types):
    """Yield how likely each end of the game is, and the period and price of trade there."""
    size = len(game.prices)

    def follow(period, history, chance):
        if chance == 0 or period == game.periods:
            return
        side = game.sides[period]
        for p in range(size):
            made = chance * offers[period][types[side], history, p]
            taken = accepts[period][types[1 - side], history, p]
            yield made * taken, period, p
            yield from follow(period + 1, history * size + p, made * (1 - taken))

    yield from follow(0, 0, F(1))


def payoff(game, offers, accepts, side, own):
    """Return what a type expects, summed over all plays."""
    total = F(0)
    for other, mass in enumerate(game.masses[1 - side]):
        types = (own, other) if side == 0 else (other, own)
        for chance, period, p in plays(game, offers, accepts, types):
            factor, money = game.factors[side] ** period, game.factors[2] ** period
            gain = money * game.prices[p] - factor * game.types[side][own]
            total += mass * chance * (gain if side == 0 else -gain)
    return total


def best_by_trying_all(game, offers, accepts, side, own):
    """Return the best payoff over all pure strategies of a type."""
    size, moves = len(game.prices), []
    for t, proposer in enumerate(game.sides):
        for h in range(size**t):
            if proposer == side:
                moves.append([("offer", t, h, p) for p in range(size)])
            else:
                moves += [[("reply", t, h, p, x) for x in (0, 1)] for p in range(size)]
    best = None
    for pure in product(*moves):
        own_offers = [array.copy() for array in offers]
        own_accepts = [array.copy() for array in accepts]
        for kind, t, h, p, *reply in pure:
            if kind == "offer":
                own_offers[t][own, h] = [F(int(k == p)) for k in range(size)]
            else:
                own_accepts[t][own, h, p] = F(reply[0])
        value = payoff(game, own_offers, own_accepts, side, own)
        best = value if best is None else max(best, value)
    return best


@pytest.mark.parametrize("seed", drawn(12))
def test_gains_are_those_over_all_strategies(seed):
    rng = np.random.default_rng(seed)
    rates = [(), (2.0, 1.0)][seed % 2]
    environment = trade([0, 2], [1, 3], *rates, chances=([F(1, 3), F(2, 3)], None))
    make = (institutions.alternating_offers, institutions.offers_by_one_side)[seed // 2 % 2]
    game = make(environment, "3/4", 2, prices=[1, 2])
    offers, accepts = drawn_profile(game, rng)
    beliefs = bayesian_beliefs(game, offers, accepts)
    found = institutions.Assessment(game, offers, accepts, beliefs)
    gains = []
    for side, own in product((0, 1), (0, 1)):
        value = payoff(game, offers, accepts, side, own)
        assert found.payoffs[side][own] == value
        gains.append(best_by_trying_all(game, offers, accepts, side, own) - value)
    assert found.deviation.gain == float(max(gains))
    # The roots are among the histories, and their beliefs are the priors.
    assert found.sequential_deviation.gain >= found.deviation.gain
    assert found.bayes_error == 0.0
    assert found.mechanism.total_gains == pytest.approx(found.total, abs=1e-12)


@pytest.mark.parametrize("bound", [(0, F(2, 3)), (1, F(5, 4))])
def test_one_offer_of_two_types_reaches_what_indifference_allows(bound):
    """A cost of 0 asks 3, and the value 3 takes it just so often that 1 is no better."""
    bounds = institutions.surplus_bounds(institutions.alternating_offers(TWO_BY_TWO, 0, 1))
    found = (bounds.lowest, bounds.highest)[bound[0]]
    assert bounds.proved
    total = sum(m * u for side in (0, 1) for m, u in zip(bounds.game.masses[side],
                found.payoffs[side], strict=True))  # fmt: skip
    assert total == bound[1]


GAMES = {
    "few-prices": institutions.offers_by_one_side(TWO_BY_TWO, "9/10", 2, prices=[1, 2]),
    "in-turn": institutions.alternating_offers(TWO_BY_TWO, "9/10", 2),
    "by-the-seller": institutions.offers_by_one_side(TWO_BY_TWO, "9/10", 2),
    "two-rates": institutions.alternating_offers(trade([0, 2], [1, 3], 2.0, 1.0), "9/10", 2),
}


@pytest.mark.parametrize("name", GAMES if THOROUGH else ["few-prices"])
def test_equilibria_pass_the_audit_and_lie_between_the_bounds(name):
    game = GAMES[name]
    bounds = institutions.surplus_bounds(game)
    assert bounds.proved
    assert "over all Nash equilibria" in str(bounds)
    perfect = institutions.perfect_equilibria(game)
    second = mo.solve(mo.ex_ante_efficiency(game.trade)).objective
    for found in (bounds.highest, bounds.lowest, *perfect):
        assert found.deviation.gain <= 1e-12
        assert found.row().passed
        mechanism = found.mechanism
        assert mo.audit(mo.ex_ante_efficiency(game.trade), mechanism).passed
        assert mechanism.total_gains == pytest.approx(found.total, abs=1e-12)
        assert bounds.at_least - 1e-6 <= found.total <= min(bounds.at_most, second) + 1e-6
    for found in perfect:
        assert found.deviation.gain == found.sequential_deviation.gain == found.bayes_error == 0.0


def test_threats_that_nobody_would_carry_out_leave_no_trade_at_all():
    game = institutions.offers_by_one_side(trade([0], [1, 3]), HALF, 1)
    assert institutions.surplus_bounds(game, credible=False).at_least == pytest.approx(0, abs=1e-9)
    assert institutions.surplus_bounds(game).at_least > 0.4


@cache
def separating(high):
    """Return the game of a known cost and two values, and its perfect equilibria."""
    values = trade([0], [1, 3], chances=(None, [1 - high, high]))
    game = institutions.offers_by_one_side(values, HALF, 2, prices=[1, 2])
    return institutions.perfect_equilibria(game)


def test_two_offers_at_a_known_cost_are_those_of_fudenberg_and_tirole():
    """The high value pays 2, for which waiting for 1 is as good; the low one waits for 1."""
    first = separating(F(3, 4))[0]
    assert first.payoffs == ((F(3, 4) * 2 + F(1, 4) * HALF,), (F(0), F(1)))
    assert first.offers[0][0, 0].tolist() == [0, 1]
    # With few high values all get the price 1 at once.
    assert separating(F(1, 4))[0].payoffs == ((F(1),), (F(0), F(2)))


def test_offers_are_sequentially_rational_where_those_who_wait_have_low_virtual_values():
    """1 - 3 * 2 is below the cost, and after the second offer nobody is left."""
    assert separating(F(3, 4))[0].sequential_audit().sequentially_rational
    found = institutions.finite_horizon_offers(
        mo.BilateralTrade(
            mo.TypeSpace.finite([0]), mo.TypeSpace.from_distribution(stats.uniform(0, 1), 12)
        ),
        0.5,
        2,
    )
    # Types between 1/2 and 3/5 wait, although their virtual values are above the cost.
    report = found.sequential_audit()
    assert [entry.rational for entry in report.dates] == [False, True, False]
    assert [entry.remaining for entry in report.dates] == pytest.approx([1, 0.6, 0.3], abs=1e-6)
    # The payments due later are those of later offers alone.
    second = found.course.status_quo(report.dates[1].date).mean[0][0]
    assert second == pytest.approx(0.5 * 0.3 * 0.3 / 0.6, abs=1e-6)


def test_a_wrong_move_is_noticed():
    right = separating(F(1, 4))[0]
    # The price 2 instead of 1, which the low value refuses.
    dear = right.offers[0][:, :, ::-1]
    assert replace(right, offers=(dear, *right.offers[1:])).deviation.gain > 0.01
    # A belief that is not Bayes' is no perfect equilibrium's.
    wrong = right.beliefs[1][0][:, ::-1]
    beliefs = (right.beliefs[0], (wrong, *right.beliefs[1][1:]))
    assert replace(right, beliefs=beliefs).bayes_error == 0.5


@pytest.mark.parametrize("seed", drawn(6))
def test_no_equilibrium_makes_a_dominated_move(seed):
    """Equilibria found without the restriction, where every move is made, keep to it."""
    rng = np.random.default_rng(seed)
    costs, values = (np.sort(rng.choice(8, 2, replace=False)) for _ in range(2))
    environment = trade(costs, values + 1)
    game = institutions.alternating_offers(environment, "4/5", 2, prices=[0, 4, 9])
    program = SequenceForm(game, trembles=([1e-3] * 2, [1e-3] * 2), credible=False)
    found = program.search(program.gains((1.0, 1.0)), time_limit=20.0)
    assert found.values is not None
    left = Dominance.of(game)
    for side, own in product((0, 1), (0, 1)):
        plan = program.plans[side][own]
        for kind, allowed in (
            ("offer", left.offers), ("accept", left.accepts), ("refuse", left.refuses)
        ):  # fmt: skip
            for t, places in enumerate(plan[kind]):
                if places[0, 0, 0] >= 0:
                    used = found.values[places[..., 2]] > 0.5
                    assert not (used & ~allowed[t][own]).any()


def test_a_table_has_offers_over_time_and_says_what_bounds_them():
    table = institutions.compare_institutions(trade([0], [1, 3]), discount=HALF)
    most, least = (table.row(f"offers by the seller, the {end}") for end in ("most", "least"))
    assert table.passed
    assert least.total <= most.total <= table.row("second best").total + 1e-9
    assert "no equilibrium without dominated moves brings less than 0.5" in least.remark


@pytest.mark.parametrize(("unit", "lower"), [(F(1, 10**9), 0), (10**9, 0), (1, 10**12)])
def test_bounds_are_in_the_unit_of_money_and_do_not_depend_on_it(unit, lower):
    """The solver's tolerances are absolute: of small amounts they once proved anything."""
    types = [lower + 4 * unit], [lower + 5 * unit, lower + 8 * unit]
    environment = trade(*types, chances=([1], [F(5, 9), F(4, 9)]))
    bounds = institutions.surplus_bounds(institutions.offers_by_one_side(environment, HALF, 1))
    assert bounds.proved
    # The low value may refuse 5, at which it gains nothing, and the high value 8 with 3/4.
    assert bounds.at_most == pytest.approx(float(F(7, 3) * unit), rel=1e-6)
    assert bounds.at_least == pytest.approx(float(F(4, 9) * unit), rel=1e-6)
    assert bounds.lowest.deviation.gain == bounds.highest.deviation.gain == 0.0


def test_the_least_found_is_as_near_to_the_bound_as_fractions_allow():
    """Coarse fractions have an equilibrium, too, that brings more than the least."""
    chances = ([1], [F(1, 8), F(2, 3), F(5, 24)])
    environment = trade([1], [3, 6, 8], chances=chances)
    bounds = institutions.surplus_bounds(institutions.offers_by_one_side(environment, "9/10", 1))
    assert bounds.proved
    assert bounds.lowest.total == pytest.approx(13 / 6, rel=1e-9)


def test_bounds_of_a_gain_below_the_rounding_of_the_solver_are_not_said_to_be_proved():
    environment = trade([7], [1, 7 + F(1, 10**12)], chances=([1], [HALF, HALF]))
    bounds = institutions.surplus_bounds(institutions.offers_by_one_side(environment, "9/10", 1))
    assert bounds.at_most == pytest.approx(0.5e-12, rel=1e-3)
    assert bounds.at_least == 0.0
    assert not bounds.proved or bounds.highest.total > 0.4e-12


def test_where_nobody_gains_nobody_trades():
    bounds = institutions.surplus_bounds(institutions.alternating_offers(trade([2], [1]), HALF, 1))
    assert bounds.proved
    assert bounds.highest.total == bounds.lowest.total == bounds.at_most == 0.0
    assert "no pair of types gains" in str(bounds)


REFUSED = {
    "discount": (lambda: institutions.alternating_offers(TWO_BY_TWO, 1, 2), "discount factor"),
    "word": (lambda: institutions.alternating_offers(TWO_BY_TWO, "soon", 2), "discount factor"),
    "periods": (lambda: institutions.alternating_offers(TWO_BY_TWO, HALF, 0), "no periods"),
    "name": (
        lambda: institutions.alternating_offers(TWO_BY_TWO, HALF, 2, first="broker"),
        "no agent of this name",
    ),
    "nobody": (lambda: institutions.OfferGame(TWO_BY_TWO, HALF, (), [0, 3]), "who makes offers"),
    "prices": (
        lambda: institutions.alternating_offers(TWO_BY_TWO, HALF, 2, prices=[1, F(3, 2)]),
        "not prices that every type can offer",
    ),
    "large": (lambda: institutions.alternating_offers(TWO_BY_TWO, HALF, 9), "too many"),
    "cells": (
        lambda: institutions.alternating_offers(
            mo.BilateralTrade(*[mo.TypeSpace.from_distribution(stats.uniform(0, 1), 4)] * 2),
            HALF, 2, prices=[0, 1],
        ),
        "finite types",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_game_is_one_error(name):
    call, message = REFUSED[name]
    with pytest.raises(mo.MechoptError, match=message):
        call()
