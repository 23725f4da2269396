"""The page of markets: its numbers beside the library's, its files, and what takes longer."""

from __future__ import annotations

import re
import tomllib
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

import mechopt as mo
from mechopt.errors import MechoptError
from mechopt.explore import traders
from mechopt.explore.answer import answered, picture_of, reported
from mechopt.explore.downloads import downloaded
from mechopt.explore.page import FROM_FILE, Given, pages
from mechopt.explore.state import read_state
from mechopt.literature.markets import drawn_trade_reduction, trade_reduction

UNIFORM = stats.uniform(0, 1)


def market(sellers, buyers, cells=20, law=UNIFORM):
    types = mo.TypeSpace.from_distribution(law, cells)
    return mo.Market(types, types, sellers, buyers)


def picture(answer, key):
    panel = next(panel for panel in answer.page.panels if panel.key == key)
    return picture_of(panel, answer.solution, answer.state)


def shares_of(shown):
    (reached,) = [bar for bar in shown.series if bar.key == "reached"]
    return {shown.ticks_up[height]: share for height, share in
            zip(reached.y, reached.x - reached.base, strict=True)}  # fmt: skip


def test_what_traders_play_is_shown_if_chosen_with_the_numbers_of_the_library():
    assert not picture(answered(read_state("page=market&cells=20")), "played").series
    few = picture(answered(read_state("page=market&cells=20&played=simple")), "played")
    assert list(few.ticks_up.values()) == ["second best", "trade reduction", "posted price"]
    state = read_state("page=market&sellers=3&buyers=3&cells=20&k=1&played=offers")
    shown = picture(answered(state), "played")
    shares, whole = shares_of(shown), 3 * 3 / 7 / 2  # m²/(2m+1)/2 of m a side
    offers = mo.institutions.market_equilibrium(market(3, 3), 1.0)
    assert shares["sealed offers"] == pytest.approx(offers.total / whole, abs=1e-6)
    assert "by another offer" in shown.caption
    fine = mo.solve(mo.ex_ante_efficiency(market(3, 3, 400))).objective
    assert shares["second best"] == pytest.approx(fine / whole, abs=2e-4)
    # A price of 1/2: of 3 a side, accepted by each with 1/2, the expected smaller number is 33/32.
    assert shares["posted price"] == pytest.approx(33 / 32 / 2 / whole, abs=1e-3)
    assert max(shares.values()) <= shares["second best"] + 1e-4


def test_trade_reduction_of_types_that_are_drawn_is_that_of_all_profiles():
    types = mo.TypeSpace.finite([0, 1, 2, 5], [0.4, 0.3, 0.2, 0.1])
    few = mo.Market(types, types, 2, 3)
    drawn, known = drawn_trade_reduction(few), trade_reduction(few)
    assert drawn.lost == pytest.approx(few.first_best - known.total_gains, abs=2 * drawn.error)
    assert drawn.gains + drawn.lost == pytest.approx(few.first_best, abs=0.01)
    # The pair that is left out is the only one.
    assert drawn_trade_reduction(market(1, 1), 100).gains == 0.0
    # Of two a side, uniform: by all profiles of few cells the ends of cells would bid.
    fine = drawn_trade_reduction(market(2, 2), 20_000)
    assert fine.lost / 0.4 == pytest.approx(0.2308, abs=0.006)
    with pytest.raises(mo.InvalidInputError, match="not a market"):
        drawn_trade_reduction(mo.Auction(types, count=2))


def test_what_is_lost_as_traders_are_added_is_the_librarys(monkeypatch):
    monkeypatch.setattr(traders, "MOST_TRADERS", 4)
    monkeypatch.setattr(traders, "DRAWS", 2_000)
    answer = answered(read_state("page=market&sellers=1&buyers=2&cells=37"))
    words = [name for panel in answer.waiting if panel.key == "lost"
             for name, _ in panel.parts(answer.solution, answer.state.values)]  # fmt: skip
    assert words == ["the traders there are", "2 times as many traders"]
    lines = {line.key: line for line in picture(answer, "lost").series}
    assert list(lines) == ["second best", "trade reduction", "posted price"]
    for place, times in enumerate((1, 2)):
        more = market(times, 2 * times, 37)
        solved = mo.solve(mo.ex_ante_efficiency(more))
        assert lines["second best"].y[place] == pytest.approx(
            100 * (1 - solved.objective / more.first_best), abs=1e-9
        )
        row = mo.compare(more).row("best posted price")
        assert lines["posted price"].y[place] == pytest.approx(
            100 * (1 - row.total / more.first_best), abs=1e-9
        )
        drawn = drawn_trade_reduction(more, 2_000)
        whole = drawn.gains + drawn.lost
        assert lines["trade reduction"].y[place] == pytest.approx(100 * drawn.lost / whole)
    assert all((np.diff(line.y) < 0).all() for line in lines.values())


def test_what_is_played_is_computed_only_if_chosen_and_once(monkeypatch):
    asked = []

    def counted(name, make):
        def made(here, weight):
            asked.append(name)
            return make(here, weight)

        return made

    monkeypatch.setattr(
        traders, "MAKERS", {name: counted(name, make) for name, make in traders.MAKERS.items()}
    )
    query = "page=market&cells=30&seller_high=1.35"
    for words in ("", "&k=0.4"):
        picture(answered(read_state(query + words)), "played")
    assert asked == []
    for words in ("", "&objective=revenue", "&k=0.4"):
        assert picture(answered(read_state(f"{query}&played=simple{words}")), "played").series
    assert asked == ["second best", "trade reduction", "posted price"]


def test_nothing_to_gain_is_answered_and_draws_no_shares():
    answer = answered(read_state("page=market&seller_low=1&seller_high=2&sellers=8&buyers=8"))
    assert answer.solution.objective == answer.solution.bound == 0.0
    assert reported(answer).audit.passed
    assert all(picture(answer, key).is_empty for key in ("shares", "played", "lost"))


def test_what_has_no_equilibrium_says_so_beside_the_others():
    finite = read_state("page=market&seller=types&buyer=types&played=offers")
    shown = picture(answered(finite), "played")
    assert "sealed offers: equilibrium offers in a market are for one prior" in shown.caption
    assert "sealed offers" not in shown.ticks_up.values()


def test_interim_numbers_and_shares_are_those_of_the_mechanism():
    answer = answered(read_state("page=market&sellers=3&buyers=2&seller=types&cells=30"))
    mechanism, here = answer.solution.mechanism, answer.solution.problem.environment
    lines = {line.key: line for line in picture(answer, "quantity").series}
    # Ties go by number, so that none of those who are alike is like each; their mean is drawn.
    assert np.ptp(mechanism.quantity[:3], axis=0).max() > 0.01
    sold = -np.mean(mechanism.quantity[:3], axis=0)
    assert lines["0"].y == pytest.approx(sold, abs=1e-12)
    assert lines["1"].y[::3] == pytest.approx(np.mean(mechanism.quantity[3:], axis=0), abs=1e-12)
    assert lines["0"].label == "mean of 3 sellers sells"
    average = here.agents[0].types.expectation(sold)
    assert f"mean of 3 sellers sells {average:.4g}" in picture(answer, "quantity").caption
    assert "each of 3 sellers" in picture(answer, "virtual").caption
    bars = {bar.key: (bar.x - bar.base)[0] for bar in picture(answer, "shares").series}
    paid = [mechanism.expected_utility[agent.name] / here.first_best for agent in here.agents]
    assert bars["sellers"] == pytest.approx(sum(paid[:3]))
    assert bars["buyers"] == pytest.approx(sum(paid[3:]))
    assert bars["lost"] == pytest.approx(1 - mechanism.total_gains / here.first_best)


def given(text):
    return Given(SimpleNamespace(name="mine.toml"), tomllib.loads(text))


AGENT = 'distribution = "uniform"\nparameters = { loc = 0.5, scale = 1 }\ncells = 20\n'


def test_a_file_of_the_pages_own_is_read_back():
    state = read_state("page=market&sellers=3&buyers=8&seller_low=0.5&objective=revenue&cells=20")
    text = downloaded("problem.toml", answered(state), None).decode()
    assert read_state("", given(text)).values == state.values


@pytest.mark.parametrize(
    ("sellers", "kept"),
    [
        (AGENT + "count = 9\n", True),
        (AGENT + 'name = "farm"\ncount = 2\n', True),
        (AGENT + "count = 2\n", False),
    ],
)
def test_what_the_controls_cannot_say_is_left_as_in_the_file(sellers, kept):
    head = '[environment]\nkind = "market"\n'
    mine = given(
        f"{head}[[environment.sellers]]\n{sellers}[[environment.buyers]]\n{AGENT}"
        '[problem]\nobjective = "revenue"\n'
    )
    values = pages()["market"].values_of(mine)
    assert (values["seller"] == FROM_FILE) == kept
    assert values["buyer"] == "uniform"
    first = dict(pages()["market"].first_values()) | values
    tables = pages()["market"].document(first, mine)["environment"]
    assert tables["sellers"][0].get("count") == (9 if "9" in sellers else 2)


STATED = {
    ("gresik-satterthwaite", 1): [("second", 15.6, 0.05)],
    ("gresik-satterthwaite", 2): [("second", 5.6, 0.05)],
    ("gresik-satterthwaite", 3): [("second", 0.39, 0.005)],
    ("mcafee", 1): [("reduction", 23.0, 0.5)],
    ("mcafee", 2): [("reduction", 4.0, 0.2), ("posted", 16.0, 0.3)],
}


@pytest.mark.parametrize("stop", STATED)
def test_numbers_that_tours_state(stop):
    tour, step = stop
    answer = answered(read_state(f"page=market&tour={tour}&step={step}"))
    found = traders.lost_at(answer.solution.problem.environment, 1)
    shares = {"second": found.second_best, "reduction": found.reduced, "posted": found.posted}
    text = pages()["market"].tours[tour].stops[step - 1].text
    for name, number, most in STATED[stop]:
        assert 100 * shares[name] == pytest.approx(number, abs=most)
        assert re.search(rf"\b{number:g} %", text)


def test_the_brokers_margin_and_that_of_two_traders_are_as_the_tours_say():
    def margin_at(step):
        answer = answered(read_state(f"page=market&tour=gresik-satterthwaite&step={step}"))
        return float({name: text for name, text, _ in answer.rows}["margin"])

    assert margin_at(1) == pytest.approx(0.25, abs=0.006)
    assert margin_at(2) < 0.2
    assert margin_at(4) == pytest.approx(0.5, abs=0.006)


def test_numbers_of_traders_beyond_the_page_are_one_message():
    with pytest.raises(MechoptError, match="sellers: outside what this page has"):
        read_state("page=market&sellers=9")


def test_one_side_of_listed_types_has_a_bar_of_every_rule():
    query = "page=market&cells=20&sellers=3&buyers=3&seller=types&played=simple"
    shown = picture(answered(read_state(query)), "played")
    assert set(shares_of(shown)) == {"second best", "trade reduction", "posted price"}
