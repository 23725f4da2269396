"""The page to play with, without a browser: states, problems, numbers, pictures' data, files."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from fractions import Fraction
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import mechopt as mo
from mechopt.cli.main import main
from mechopt.errors import MechoptError
from mechopt.explore import played
from mechopt.explore.answer import answered, picture_of, problem_of, reported
from mechopt.explore.controls import Menu, text_of
from mechopt.explore.downloads import DOWNLOADS, downloaded
from mechopt.explore.page import FROM_FILE, Given, pages
from mechopt.explore.pictures import PIXELS
from mechopt.explore.state import read_state
from mechopt.explore.toml import toml_text
from mechopt.explore.view import _title_of, _words
from mechopt.instances import load_instance, read_document
from mechopt.instances.bundled import bundled_instances
from mechopt.literature.cramton1985.slack import efficient_slack
from mechopt.types.virtual_values import ironed, virtual_cost

from .draws import drawn, some

STOPS = [
    f"page={name}&tour={key}&step={step}"
    for name, page in pages().items()
    for key, tour in page.tours.items()
    for step in range(1, len(tour.stops) + 1)
]
QUERIES = [
    *STOPS,
    "page=trade&seller=beta&buyer=powerlaw&buyer_a=3&seller_rate=2&cells=90",
    "page=trade&seller=truncexpon&buyer=types&buyer_types=5&buyer_weight=2&cells=50",
    "page=trade&seller_low=1/3&buyer_high=5/3&cells=60",
    "page=auction&bidder=truncexpon&weight=0.5&count=3&cells=40&units=2",
    "page=auction&bidder=types&count=1&seller_value=0.2&weight=0.4",
    "page=market&sellers=3&buyers=2&seller=beta&buyer=truncexpon&objective=revenue&cells=30",
    "page=market&sellers=1&seller=types&buyer=types&buyer_low=1/3&objective=minimum-subsidy",
    "page=bargaining&belief_1=2/3&belief_2=1/3&proposer=0.25",
    "page=bargaining&belief_1=0",
]
KINDS = {page.kind: name for name, page in pages().items()}


def picture(answer, key):
    """Return a picture of an answer, also one that is drawn later."""
    panel = next(panel for panel in answer.page.panels if panel.key == key)
    return picture_of(panel, answer.solution, answer.state)


def series(answer, key, name):
    (found,) = [s for s in picture(answer, key).series if s.key == name and s.x.size]
    return found


def random_state(rng):
    """Return a query in which each control of a page stands anywhere."""
    name = rng.choice(list(pages()))
    parts = [f"page={name}"]
    for control in pages()[name].controls_with(None):
        if isinstance(control, Menu):
            value = rng.choice([c for c in control.choices if c != FROM_FILE])
        else:
            steps = (Fraction(control.high) - Fraction(control.low)) / Fraction(control.step)
            value = Fraction(control.low) + int(rng.integers(int(steps) + 1)) * Fraction(
                control.step
            )
            value = min(value, 60) if control.key == "cells" else value
        parts.append(f"{control.key}={text_of(value)}")
    return "&".join(parts)


@pytest.mark.parametrize("query", some(QUERIES, 2))
def test_a_state_is_its_query_and_its_file_and_its_code(query):
    state = read_state(query)
    assert read_state(state.query) == state
    answer = answered(state)
    assert reported(answer).audit.passed
    text = downloaded("problem.toml", answer, None).decode()
    assert tomllib.loads(text, parse_float=Decimal) == answer.page.document(state.values, None)
    namespace = {}
    stated = downloaded("problem.py", answer, None).decode().partition("solution = ")[0]
    exec(stated, namespace)
    assert mo.solve(namespace["problem"]).objective == pytest.approx(
        answer.solution.objective, rel=1e-9, abs=1e-12
    )


@pytest.mark.parametrize("seed", drawn(60, 8))
def test_controls_anywhere_have_an_answer_or_one_message(seed):
    query = random_state(np.random.default_rng(seed))
    state = read_state(query)
    assert read_state(state.query) == state
    refused = ""
    try:
        answer = answered(state)
    except MechoptError as error:
        refused = str(error)
    if refused:
        assert "expected" in refused
        assert "\n" not in refused
        return
    assert answer.solution.bound >= answer.solution.objective - 1e-9
    assert reported(answer).audit.passed
    for drawn_ in answer.pictures:
        assert np.isfinite(drawn_.limits()).all()
        assert all(s.x.shape == s.y.shape for s in drawn_.series)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (
            "page=theatre",
            "page: no such page (expected trade or market or auction or bargaining, got theatre)",
        ),
        ("page=trade&cells=12.5", "cells: not a whole number"),
        ("page=trade&cells=100000", "cells: outside what this page has"),
        ("page=trade&seller_rate=nan", "seller_rate: not a number"),
        ("page=trade&seller_rate=1&seller_rate=2", "seller_rate: said twice"),
        ("page=trade&seller=normal", "seller: no such choice (expected uniform or beta"),
        ("page=trade&seller=file", "seller: no such choice"),
        ("page=trade&colour=red", "colour: means nothing here"),
        ("page=trade&tour=grand", "tour: no such tour of this page"),
        ("page=trade&tour=cramton&step=9", "step: no stop of this tour"),
        ("page=trade&cells=" + "9" * 3_000, "query: too long"),
        ("page=trade&buyer_a=" + "1" * 60, "buyer_a: not a number"),
    ],
)
def test_a_bad_query_is_one_message(query, said):
    with pytest.raises(mo.InvalidInputError) as caught:
        read_state(query)
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("page=trade&seller_low=2", "seller_low: the lowest type is not below the highest"),
        ("page=trade&seller_weight=0&buyer_weight=0", "problem.weights"),
        ("page=bargaining&low_1=2&high_1=2.5", "player 1 is not the player with the lower lowest"),
        ("page=bargaining&high_2=0.5", "environment.player_2.types"),
    ],
)
def test_controls_that_make_no_problem_are_one_message(query, said):
    with pytest.raises(MechoptError) as caught:
        answered(read_state(query))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_map_shows_the_allocation_over_money():
    answer = answered(read_state("page=trade&seller=beta&cells=70&seller_rate=2"))
    shades = picture(answer, "allocation").shades
    seller, buyer = answer.solution.problem.environment.agents
    whole = answer.solution.mechanism.allocation.dense(answer.solution.problem.environment)
    net = answer.solution.problem.environment.net_quantities(whole)[1]
    assert shades.values.shape == (PIXELS, PIXELS)
    for row, column in np.random.default_rng(0).integers(PIXELS, size=(40, 2)):
        cost = shades.left + (column + 0.5) * (shades.right - shades.left) / PIXELS
        value = shades.bottom + (row + 0.5) * (shades.top - shades.bottom) / PIXELS
        i = np.flatnonzero((seller.types.lower <= cost) & (cost <= seller.types.upper))[0]
        j = np.flatnonzero((buyer.types.lower <= value) & (value <= buyer.types.upper))[0]
        assert shades.values[row, column] == pytest.approx(net[i, j], abs=1e-6)


def test_a_frontier_has_all_of_a_region_above_it():
    """Also of an optimum that is not monotone in the other's type."""
    from mechopt.explore.pictures import _frontier
    from mechopt.plot.style import TypeAxis

    axes = [TypeAxis.of(mo.TypeSpace.finite(range(size))) for size in (4, 3)]
    mask = np.array([[1, 1, 1], [1, 0, 1], [0, 0, 1], [1, 1, 0]], dtype=bool)
    line = _frontier("sure", axes, mask, "", "dark")
    assert np.array_equal(line.y[::2], [-0.5, 1.5, 1.5, np.nan], equal_nan=True)


def test_the_frontier_of_uniform_trade_is_a_quarter_above_the_diagonal():
    answer = answered(read_state("page=trade&cells=400"))
    line = series(answer, "allocation", "sure")
    inside = np.isfinite(line.y)
    assert np.abs(line.y - line.x - 0.25)[inside].max() < 2.5 / 400
    first_best = series(answer, "allocation", "first best")
    assert np.array_equal(first_best.x, first_best.y)


def test_virtual_valuations_are_those_of_the_rule_and_bands_are_where_they_are_ironed():
    query = "page=trade&seller=beta&seller_a=0.5&seller_b=0.5&cells=120"
    answer = answered(read_state(query))
    types, alpha = answer.solution.problem.environment.agents[0].types, answer.solution.alpha
    raw = (1 - alpha) * types.mean + alpha * virtual_cost(types)
    assert series(answer, "virtual", "0").y[::3] == pytest.approx(ironed(raw, types.mass))
    assert series(answer, "virtual", "raw_0").y[::3] == pytest.approx(raw)
    band = series(answer, "virtual", "ironed_0")
    flat = np.flatnonzero(np.abs(ironed(raw, types.mass) - raw) > 1e-9)
    assert (band.x[0], band.y[-1]) == (types.lower[flat[0]], types.upper[flat[-1]])


def test_interim_numbers_and_shares_are_those_of_the_mechanism():
    answer = answered(read_state("page=trade&seller=types&seller_types=4&cells=30"))
    mechanism = answer.solution.mechanism
    assert np.array_equal(series(answer, "quantity", "0").y, -mechanism.quantity[0])
    assert np.array_equal(series(answer, "quantity", "1").y[::3], mechanism.quantity[1])
    buyer = mechanism.environment.agents[1].types
    low, high = (
        ends * mechanism.quantity[1] - mechanism.payment[1] for ends in (buyer.lower, buyer.upper)
    )
    assert np.array_equal(series(answer, "utility", "1").y[::3], low)
    assert np.array_equal(series(answer, "utility", "1").y[1::3], high)
    bars = picture(answer, "shares").series
    widths = {bar.key: (bar.x - bar.base)[0] for bar in bars}
    first_best = mechanism.environment.first_best
    assert widths["seller"] == pytest.approx(mechanism.expected_utility["seller"] / first_best)
    assert widths["lost"] == pytest.approx(1 - mechanism.total_gains / first_best)


def test_what_people_play_is_shown_if_chosen_and_never_beats_the_second_best():
    assert not picture(answered(read_state("page=trade&cells=20")), "played").series
    few = picture(answered(read_state("page=trade&cells=20&played=prices")), "played")
    assert list(few.ticks_up.values()) == [
        "second best", "posted price", "seller's offer", "buyer's offer"
    ]  # fmt: skip
    every = picture(answered(read_state("page=trade&cells=200&played=all")), "played")
    (reached,) = [bar for bar in every.series if bar.key == "reached"]
    shares = {every.ticks_up[height]: share for height, share in
              zip(reached.y, reached.x - reached.base, strict=True)}  # fmt: skip
    assert shares["posted price"] == pytest.approx(0.75, abs=1e-3)
    assert shares["price pairs"] == pytest.approx(0.75, abs=1e-3)
    assert shares["sealed offers"] == pytest.approx(27 / 32, abs=1e-3)
    assert max(shares.values()) < shares["second best"] + 1e-3
    assert shares["price lottery"] == pytest.approx(0.5, abs=1e-4)
    types = picture(answered(read_state("page=trade&seller=types&played=all")), "played")
    assert "sealed offers: " in types.caption
    assert "sealed offers" not in types.ticks_up.values()


@pytest.mark.parametrize(
    ("query", "k", "steps"),
    [("seller=uniform", 0.5, 2), ("seller=beta&seller_a=2&k=0.3&steps=3", 0.3, 3),
     ("seller=types&buyer=types&k=1/4", 0.25, None)],
)  # fmt: skip
def test_sealed_offers_are_at_the_weight_and_in_the_steps_that_are_chosen(query, k, steps):
    answer = answered(read_state(f"page=trade&cells=40&played=all&{query}"))
    shown, trade = picture(answer, "played"), answer.solution.problem.environment
    (reached,) = [bar for bar in shown.series if bar.key == "reached"]
    shares = {shown.ticks_up[height]: share for height, share in
              zip(reached.y, reached.x - reached.base, strict=True)}  # fmt: skip
    find = mo.institutions
    lottery = find.price_lottery(trade)
    found = {"price lottery": lottery.total}
    if steps is None:
        types = np.unique([agent.types.mean for agent in trade.agents])
        found["sealed offers"] = find.grid_equilibrium(trade, types, k).expected.total
    else:
        smooth = find.linear_equilibrium if query == "seller=uniform" else find.smooth_equilibrium
        found["sealed offers"] = smooth(trade, k).expected.total
        found["sealed offers in steps"] = find.step_equilibrium(trade, k, steps).expected.total
    first_best = found["price lottery"] / shares["price lottery"]
    assert first_best == pytest.approx(trade.first_best, abs=1e-3)
    assert {name: shares[name] * first_best for name in found} == pytest.approx(found, abs=1e-12)
    assert ("sealed offers in steps" in shares) == (steps is not None)
    assert f"lose more than {lottery.largest_regret:.4g}" in shown.caption


def test_what_does_not_depend_on_a_slider_is_not_computed_again(monkeypatch):
    asked = []

    def counting(name, real):
        def counted(*given):
            asked.append(name)
            return real(*given)

        return counted

    for name in ("best_price_pairs", "linear_equilibrium", "step_equilibrium"):
        monkeypatch.setattr(played, name, counting(name, getattr(played, name)))
    for words in ("", "&k=0.4", "&k=0.4&steps=3"):
        picture(answered(read_state(f"page=trade&buyer_high=1.45&played=all{words}")), "played")
    assert sorted(asked) == [
        "best_price_pairs",
        *["linear_equilibrium"] * 2,
        *["step_equilibrium"] * 3,
    ]


@pytest.mark.parametrize(
    ("query", "discount", "periods"),
    [
        ("seller=types&seller_types=2&buyer=types&buyer_types=2&buyer_low=0.5&periods=2", "0.9", 2),
        ("discount=1/3&cells=20", "1/3", 2),
    ],
)
def test_institutions_over_time_have_the_numbers_of_the_library(query, discount, periods):
    answer = answered(read_state(f"page=trade&played=over-time&{query}"))
    shown = picture(answer, "played")
    (reached,) = [bar for bar in shown.series if bar.key == "reached"]
    shares = {shown.ticks_up[height]: share for height, share in
              zip(reached.y, reached.x - reached.base, strict=True)}  # fmt: skip
    trade = answer.solution.problem.environment
    first_best = mo.compare(trade).first_best
    if trade.has_continuum:
        wanted = {"delayed first offer": mo.institutions.DelayedFirstOffer(1 / 3).total}
    else:
        rules = mo.institutions.alternating_offers, mo.institutions.offers_by_one_side
        wanted = {}
        for name, game in zip(("in turn", "by the seller"), rules, strict=True):
            found = mo.institutions.surplus_bounds(game(trade, discount, periods))
            wanted[f"offers {name}, the most"] = found.highest.total
            wanted[f"offers {name}, the least"] = found.lowest.total
    assert wanted
    for name, total in wanted.items():
        assert shares[name] == pytest.approx(total / first_best, abs=1e-9)
    assert max(shares.values()) <= shares["second best"] + 1e-9


def test_a_slow_institution_is_computed_only_if_chosen_and_once(monkeypatch):
    asked = []
    real = played.rows_over_time

    def counted(trade, discount, periods, **limits):
        made = real(trade, discount, periods, **limits)
        assert limits == {"seconds": played.MOST_SECONDS}

        def found(name, make):
            asked.append(name)
            return make()

        return {name: partial(found, name, make) for name, make in made.items()}

    monkeypatch.setattr(played, "rows_over_time", counted)
    query = "page=trade&cells=30&buyer_high=1.35&seller_high=1.35"
    for words in ("", "&played=prices", "&discount=0.4&periods=3"):
        answer = answered(read_state(query + words))
        (panel,) = [panel for panel in answer.page.panels if panel.key == "played"]
        assert (panel in answer.waiting) == ("played" in words)
        picture(answer, "played")
    assert asked == []
    # Weights, and controls of what is not chosen, change nothing.
    for words in ("", "&seller_weight=2", "&buyer_weight=0.5&objective=revenue"):
        answer = answered(read_state(f"{query}&played=over-time{words}"))
        for _, part in panel.parts(answer.solution, answer.state.values):
            part()
        assert picture(answer, "played").series
    assert asked
    assert len(asked) == len(set(asked))
    answered(read_state(f"{query}&played=over-time&discount=0.4"))
    before = len(asked)
    picture(answered(read_state(f"{query}&played=over-time&discount=0.4")), "played")
    assert len(asked) == 2 * before


def test_what_bidders_play_is_shown_if_chosen_with_the_numbers_of_the_library():
    assert not picture(answered(read_state("page=auction&reserve=0.5")), "played").series
    query = "page=auction&bidder=beta&bidder_a=0.5&bidder_b=0.5&count=3&reserve=0.2&played=bids"
    answer = answered(read_state(query))
    shown = picture(answer, "played")
    auction = answer.solution.problem.environment
    first_best = mo.institutions.second_price_equilibrium(auction).total
    series = {bar.key: bar for bar in shown.series}
    for rule in ("second_price", "first_price", "all_pay"):
        bids = getattr(mo.institutions, f"{rule}_equilibrium")(auction, 0.2)
        (height,) = [at for at, name in shown.ticks_up.items() if name == rule.replace("_", " ")
                     or name.replace("-", "_") == rule]  # fmt: skip
        place = series["bidders' gains"].y.tolist().index(height)
        gains = series["bidders' gains"]
        assert gains.x[place] == pytest.approx(bids.total / first_best, abs=1e-12)
        assert gains.base[place] == pytest.approx(bids.revenue / first_best, abs=1e-12)
        assert gains.x[place] < 1
    assert "NOT an equilibrium" not in shown.caption
    few = picture(answered(read_state("page=auction&bidder=types&played=bids")), "played")
    assert "second price, first price, all-pay: " in few.caption
    assert not few.series


def test_what_is_too_large_a_game_for_the_page_says_so():
    query = "page=trade&played=over-time&seller=types&buyer=types&periods=4"
    shown = picture(answered(read_state(query)), "played")
    assert "searches up to 120" in shown.caption
    assert list(shown.ticks_up.values()) == ["second best"]


def test_the_slack_is_drawn_where_the_discount_rates_are():
    answer = answered(read_state("page=trade&buyer_low=0.5&buyer_high=1.5&seller_rate=2&cells=20"))
    here = series(answer, "slack", "here")
    slack = efficient_slack(answer.solution.problem.environment).value
    assert (here.x[0], here.y[0]) == (0.5, pytest.approx(slack))
    line = series(answer, "slack", "slack")
    assert np.interp(0.5, line.x, line.y) == pytest.approx(slack, abs=2e-3)
    assert series(answer, "slack", "possible").y.max() == pytest.approx(line.y.max())


def test_cramtons_figures_are_drawn_for_uniform_exchange_only():
    answer = answered(read_state("page=trade&seller_rate=2&cells=400"))
    assert series(answer, "figures", "share_here").y == pytest.approx([0.928601], abs=1e-5)
    assert np.interp(0.5, *_line(answer, "efficiency")) == pytest.approx(0.9286, abs=2e-4)
    assert np.interp(0.5, *_line(answer, "margin")) == pytest.approx(
        series(answer, "figures", "margin_here").y[0], abs=2e-4
    )
    assert picture(answered(read_state("page=trade&seller=beta&cells=20")), "figures").is_empty


def _line(answer, key):
    line = series(answer, "figures", key)
    return line.x, line.y


def test_the_reserve_that_is_tried_is_judged_by_the_second_price():
    answer = answered(read_state("page=auction&count=3&seller_value=0.2&reserve=0.4&cells=100"))
    auction = answer.solution.problem.environment
    from mechopt.literature.auctions import best_reserve, second_price

    here = series(answer, "reserve", "here")
    mechanism = second_price(auction, 0.4)
    revenue = sum(
        a.types.expectation(p) for a, p in zip(auction.agents, mechanism.payment, strict=True)
    )
    assert here.y[0] == pytest.approx(revenue - mechanism.expected_cost)
    best = series(answer, "reserve", "best")
    assert best.x[0] == best_reserve(auction) == pytest.approx(0.6)
    assert best.y[0] == pytest.approx(answer.solution.objective)
    # Below the seller's value, 0.2, the seller keeps the unit rather than sell it at a loss.
    low = answered(read_state("page=auction&count=3&seller_value=0.2&cells=100"))
    here = series(low, "reserve", "here")
    kept = second_price(auction)
    paid = sum(a.types.expectation(p) for a, p in zip(auction.agents, kept.payment, strict=True))
    assert (here.x[0], here.y[0]) == (0.2, pytest.approx(paid - kept.expected_cost))
    assert picture(low, "reserve").caption.startswith("A reserve of 0 is below the seller's value.")


def test_the_square_of_beliefs_has_the_gap_and_where_one_stands():
    answer = answered(read_state("page=bargaining&belief_1=0.3&belief_2=0.4&proposer=0.4"))
    square = picture(answer, "square")
    gap = mo.peski2024.two_type_gap(0.0, 2.0, 1.0, 3.0, proposer_probability=0.4)
    axis = np.linspace(0.0, 1.0, square.shades.values.shape[0])
    assert square.shades.values == pytest.approx(gap.at(axis[None, :], axis[:, None]), abs=1e-6)
    here = series(answer, "square", "here")
    assert (here.x[0], here.y[0]) == (0.3, 0.4)
    said = next(number for name, number, _ in answer.rows if name == "gap")
    assert float(said) == pytest.approx(gap.at(0.3, 0.4), abs=1e-6)
    assert series(answer, "square", "peak_1").x[0] == gap.peak_1
    bound = series(answer, "payoffs", "bound_0").y
    assert (series(answer, "payoffs", "payoff_0").y >= bound - 1e-7).all()


def test_a_discount_factor_has_its_intervals_over_factors_and_over_beliefs():
    query = "page=bargaining&question=equilibrium-bounds&discount=0.8&belief_2=3/5"
    state = read_state(query)
    answer = answered(state)
    bounds = mo.peski2024.bargaining_bounds(answer.solution.problem.environment, "4/5")
    drawn = {panel.key: picture_of(panel, answer.solution, state) for panel in answer.waiting}
    lines = {each.key: each for each in drawn["patience"].series}
    at = int(np.flatnonzero(lines["low_0"].x == 0.8)[0])
    for k, ends in enumerate(bounds.expected.values()):
        assert (lines[f"low_{k}"].y[at], lines[f"high_{k}"].y[at]) == tuple(map(float, ends))
    assert lines["here"].x[0] == 0.8
    square = drawn["open"].shades.values
    place = round(0.5 * (len(square) - 1)), round(0.6 * (len(square) - 1))
    assert square[place[1], place[0]] == pytest.approx(float(bounds.player_1.width), abs=1e-6)
    assert "0.8" in next(name for name, *_ in answer.rows if name.startswith("player 1 at"))
    assert 'equilibrium_problem(bargaining, "4/5")' in answer.page.code(state.values)
    many = answered(read_state("page=bargaining"))
    assert not [name for name, *_ in many.rows if " at 0." in name]


FILES = [
    name
    for name, path in bundled_instances().items()
    if read_document(path)["environment"]["kind"] in KINDS
]
# Its seller cannot wait at all, which the page's sliders do not have.
INFINITE = "cramton1985/impatient_seller"


@pytest.mark.parametrize("name", some([name for name in FILES if name != INFINITE], 3))
def test_a_file_is_the_first_state(name):
    path = bundled_instances()[name]
    given = Given(path, read_document(path))
    state = read_state("", given)
    if name == "cramton1985/wanted_width":
        assert state.values["seller"] == FROM_FILE
    assert read_state(state.query, given) == state
    answer = answered(state, given)
    expected = mo.solve(load_instance(path).refined().problem)
    assert answer.solution.objective == pytest.approx(expected.objective, rel=1e-9, abs=1e-12)


def test_pictures_are_in_the_unit_of_the_file():
    path = bundled_instances()["house_prices/house_prices"]
    given = Given(path, read_document(path))
    answer = answered(read_state("", given), given)
    axes = {text for p in answer.pictures for text in (p.across, p.up) if "(" in text}
    assert axes
    assert all("thousand dollars" in text for text in axes)


def test_a_file_keeps_what_the_controls_do_not_say():
    path = bundled_instances()["examples/dominant_strategies"]
    given = Given(path, read_document(path))
    state = read_state("", given)
    moved = state.moved("buyer_rate", Fraction(2))
    document = pages()["trade"].document(moved.values, given)
    assert document["problem"]["incentives"] == "dominant"
    assert document["environment"]["buyer"] == {"types": [0, 1, 2, 3, 4, 5], "discount_rate": 2}
    with pytest.raises(mo.InvalidInputError, match="no such choice"):
        read_state(state.query)


def test_sides_cut_into_other_numbers_of_cells_are_left_as_in_the_file():
    def side(cells):
        return {"distribution": "uniform", "cells": cells}

    environment = {"kind": "bilateral-trade", "seller": side(20), "buyer": side(30)}
    problem = {"objective": "ex-ante-efficiency"}
    given = Given(Path("uneven.toml"), {"environment": environment, "problem": problem})
    state = read_state("", given)
    assert (state.values["seller"], state.values["buyer"]) == ("uniform", FROM_FILE)
    assert answered(state, given).solution.problem.environment.shape == (20, 30)
    environment["seller"] = environment["buyer"] = side(1_000)
    assert read_state("", given).values["seller"] == FROM_FILE


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([INFINITE], "seller_rate: not a number (expected a number from 0.1 to 5, got inf)"),
        (["baron1982/unknown_cost"], "there is no page for this kind of environment"),
        (["no_such_file.toml"], "cannot read the file"),
        (["--port", "99999"], "--port: not a port"),
        (["--address", "203.0.113.7"], "203.0.113.7:5006: cannot listen there"),
    ],
)
def test_the_command_refuses_what_it_cannot_show(words, said, capsys):
    pytest.importorskip("bokeh")
    assert main(["explore", *words, "--no-open"]) == 2
    assert said in " ".join(capsys.readouterr().err.split())


def test_a_prior_that_is_too_large_is_refused(tmp_path):
    file = tmp_path / "large.toml"
    types = ", ".join(map(str, range(4_100)))
    file.write_text(
        f'[environment]\nkind = "bilateral-trade"\nseller = {{ types = [{types}] }}\n'
        'buyer = { types = [0, 1] }\n[problem]\nobjective = "ex-ante-efficiency"\n'
    )
    given = Given(file, read_document(file))
    with pytest.raises(mo.InvalidInputError, match=r"too large for a page .*got 4,100"):
        problem_of(read_state("", given), given)


def test_the_extra_is_asked_for_by_name(monkeypatch, capsys):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert main(["explore"]) == 2
    assert "mechopt[explore]" in capsys.readouterr().err


def test_every_file_that_comes_with_the_package_can_be_written():
    for path in bundled_instances().values():
        document = read_document(path)
        assert tomllib.loads(toml_text(document), parse_float=Decimal) == document


@pytest.mark.parametrize(
    "query", some(["page=auction&cells=20", "page=trade&cells=20", "page=bargaining"], 3)
)
def test_figures_and_solutions_are_handed_out(query, tmp_path):
    answer = answered(read_state(query))
    assert downloaded("figure.svg", answer, None).startswith(b"<?xml")
    formulation = downloaded("formulation.tex", answer, None).decode()
    assert formulation.startswith("\\documentclass")
    assert answer.instance.title in formulation
    file = tmp_path / "solution.json"
    file.write_bytes(downloaded("solution.json", answer, None))
    solution = mo.load_solution(file)
    assert mo.audit(solution.problem, solution).passed
    assert set(DOWNLOADS) >= {"problem.toml", "problem.py", "figure.pdf", "solution.json"}
    with pytest.raises(mo.InvalidInputError, match="no such file"):
        downloaded("passwd", answer, None)


def test_the_tours_tell_the_truth():
    """What stops say in numbers is what their states have."""
    found = {query: answered(read_state(query)).solution for query in STOPS}
    trade = "page=trade&tour=myerson-satterthwaite&step="
    assert found[f"{trade}1"].objective == pytest.approx(27 / 32 / 6, abs=1e-5)
    assert found[f"{trade}3"].objective == pytest.approx(1 / 6, abs=3e-3)
    assert found[f"{trade}4"].objective == pytest.approx(1 / 24, abs=1e-5)
    gains = found[f"{trade}5"].mechanism.total_gains
    assert gains == pytest.approx(found[f"{trade}5"].problem.environment.first_best)
    delayed = found["page=trade&tour=cramton&step=2"]
    share = delayed.mechanism.total_gains / delayed.problem.environment.first_best
    assert share == pytest.approx(0.9286, abs=1e-4)
    possible = found["page=trade&tour=cramton&step=4"].problem.environment
    assert efficient_slack(possible).value > 0
    auctions = [found[f"page=auction&tour=myerson&step={k}"].objective for k in (1, 2, 3)]
    assert auctions == pytest.approx([5 / 12, 0.818271, 0.3648], abs=5e-5)
    gaps = [
        mo.peski2024.player_1_gap(
            found[f"page=bargaining&tour=peski&step={k}"].problem.environment, intervals=False
        ).gap
        for k in (1, 2, 3, 4)
    ]
    assert gaps == pytest.approx([1 / 16, 1 / 16, 1 / 16, 0.0], abs=1e-7)


def test_a_text_that_looks_like_markup_is_shown_as_text():
    pytest.importorskip("bokeh")
    from mechopt.explore.view import links_of, table_of

    assert "<b>" not in table_of([("<b>", "<b>", "<b>")], [("<b>", "<b>")])
    assert table_of([("reserve", "1", ""), ("", "2", "")]).count(">reserve<") == 2
    assert "&amp;seller=beta" in links_of(read_state("page=trade&seller=beta"))


SAMPLES = {"kind": "bilateral-trade", "seller": {"types": [0, 1, 2]}, "buyer": {"types": [1, 4]}}


def test_what_a_file_has_no_use_for_is_not_shown():
    """A number of cells of listed types, and words of delay where nobody waits."""
    given = Given(Path("a.toml"), {"title": "My market", "environment": SAMPLES})
    state = read_state("", given)
    cells = next(c for c in pages()["trade"].controls if c.key == "cells")
    assert not cells.when.holds(state.values)
    assert cells.when.holds(state.moved("buyer", "uniform").values)
    for query, delayed in (("page=trade", False), ("page=trade&seller_rate=2", True)):
        state = read_state(query)
        assert cells.when.holds(state.values)
        panel = next(p for p in pages()["trade"].panels if p.key == "allocation")
        words = str(picture_of(panel, answered(state).solution, state))
        assert ("discounted" in words) == delayed
    assert _title_of(given) == "My market"
    assert _title_of(Given(Path("a.toml"), {"environment": SAMPLES})) == "a.toml"


@pytest.mark.parametrize(
    ("query", "at_file"),
    [("", True), ("page=trade&seller=file", True), ("page=trade", False), ("page=auction", False)],
)
def test_the_file_is_marked_while_it_is_shown(query, at_file):
    given = Given(Path("a.toml"), {"title": "My market", "environment": SAMPLES})
    state = read_state(query, given)
    visit = SimpleNamespace(state=state, page=pages()[state.page], hidden=[])
    words = _words(visit, "", given)
    assert words["at_file"] == at_file
    assert words["given"] == "My market"
    assert sum(page["current"] for page in words["pages"]) == 1 - at_file
    assert not _words(visit, "", None)["at_file"]
