"""Pictures show the data that they are given, on the Axes that they are given."""

from __future__ import annotations

import subprocess
import sys
from typing import get_args

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure
from scipy import stats

import mechopt as mo
from mechopt.cli.main import main
from mechopt.cli.plot import Kind
from mechopt.plot import maps
from mechopt.plot.by_type import ironed_intervals
from mechopt.plot.style import TypeAxis
from tests.draws import THOROUGH, crossed, some

from .oracles import cases
from .oracles.as_problem import as_problem
from .oracles.variants import requiring
from .test_type_tables import Goods, Lottery

mpl.use("Agg")

FIVE = mo.TypeSpace.finite([0.1, 0.3, 0.5, 0.7, 0.9])
SIX = mo.TypeSpace.finite([1, 2, 3, 4, 5, 6])
SAMPLES = mo.TypeSpace.from_samples(np.random.default_rng(1).normal(5, 1, 60), cells=10)
MANY_SAMPLES = mo.TypeSpace.from_samples(np.random.default_rng(2).uniform(0, 9, 500))


def uniform(cells):
    return mo.TypeSpace.from_distribution(stats.uniform(0, 1), cells)


def solved(seller, buyer, seller_rate=1.0, buyer_rate=1.0, weights=(1.0, 1.0)):
    trade = mo.BilateralTrade(seller, buyer, seller_rate, buyer_rate)
    return mo.solve(mo.ex_ante_efficiency(trade, weights))


TRADES = {
    "finite": solved(SIX, SIX),
    "cells": solved(uniform(40), uniform(30)),
    "thousands": solved(uniform(3_000), uniform(2_000)),
    "sample cells": solved(SAMPLES, SAMPLES),
    "many samples": solved(MANY_SAMPLES, MANY_SAMPLES),
    "delay": solved(uniform(50), uniform(50), 2.0, 1.0),
    "finite delay": solved(FIVE, FIVE, 2.0, 1.0),
    "impatient buyer": solved(FIVE, uniform(20), 1.0, 3.0),
    "infinite rate": solved(FIVE, FIVE, np.inf, 1.0),
    "one type": solved(mo.TypeSpace.finite([1]), mo.TypeSpace.finite([2])),
    "no trade": solved(mo.TypeSpace.finite([2]), mo.TypeSpace.finite([1])),
    "negative": solved(mo.TypeSpace.finite([-3, -1]), mo.TypeSpace.finite([-2, 1]), 2.0, 1.0),
    "unequal weights": solved(SIX, SIX, weights=(1.0, 0.25)),
}
TWO_BY_TWO = mo.Bargaining(mo.TypeSpace.finite([0, 2]), mo.TypeSpace.finite([1, 3]), 0.5)
GAP = mo.peski2024.player_1_gap(TWO_BY_TWO)
LARGER_GAP = mo.peski2024.player_1_gap(
    mo.Bargaining(mo.TypeSpace.finite([0, 1, 2, 3]), mo.TypeSpace.finite([1, 2, 4, 5, 6]), 0.4)
)


@pytest.fixture
def ax():
    return Figure(layout="constrained").add_subplot()


def mesh(ax):
    (found,) = [one for one in (*ax.collections, *ax.images) if one.colorbar]
    return found


def line(ax, label):
    (found,) = [one for one in ax.lines if one.get_label() == label]
    return found


def labels(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def at(curve, x):
    """Return the height of a step curve inside a cell."""
    across, up = curve.get_data()
    inside = (across[:-1] < x) & (x < across[1:])
    return up[:-1][inside].item()


# The allocation


@pytest.mark.parametrize("name", some(list(TRADES), 2))
def test_every_allocation_is_drawn_with_labels(ax, name):
    assert mo.plot.allocation(TRADES[name], ax, unit="euros") is ax
    assert ax.get_xlabel() == "seller's cost (euros)"
    assert ax.get_ylabel() == "buyer's value (euros)"
    assert ax.get_title(loc="left")
    ax.figure.canvas.draw()


def test_finite_allocation_has_the_numbers_of_the_mechanism(ax):
    solution = TRADES["finite"]
    mo.plot.allocation(solution, ax)
    trade = solution.mechanism.ex_post().trade.values
    np.testing.assert_allclose(mesh(ax).get_array(), trade.T)
    written = np.array([float(text.get_text()) for text in ax.texts]).reshape(6, 6)
    np.testing.assert_allclose(written, trade, atol=1e-3)
    assert [tick.get_text() for tick in ax.get_xticklabels()] == list("123456")
    assert {"first best", "trade for sure", "trade possible"} == set(labels(ax))


def test_cells_are_drawn_from_their_lowest_to_their_highest_type(ax):
    solution = TRADES["cells"]
    mo.plot.allocation(solution, ax)
    np.testing.assert_allclose(mesh(ax).get_extent(), [0, 1, 0, 1], atol=1e-12)
    expected = solution.mechanism.ex_post().trade.values.T
    np.testing.assert_allclose(mesh(ax).get_array(), expected)


def test_the_first_best_of_cells_is_the_diagonal(ax):
    mo.plot.allocation(TRADES["cells"], ax)
    costs, values = line(ax, "first best").get_data()
    np.testing.assert_array_equal(costs, values)


def test_the_first_best_with_delay_trades_at_once_from_cost_over_ratio_on(ax):
    mo.plot.allocation(TRADES["delay"], ax)
    costs, values = line(ax, "first best: at once").get_data()
    np.testing.assert_allclose(costs, 0.5 * values)


def test_thousands_of_cells_are_sampled(ax):
    mo.plot.allocation(TRADES["thousands"], ax)
    assert mesh(ax).get_array().shape == (400, 400)
    assert mesh(ax).get_extent() == pytest.approx([0, 1, 0, 1])


def test_delay_shows_the_patient_side_and_its_dates(ax):
    solution = TRADES["delay"]
    mo.plot.allocation(solution, ax)
    np.testing.assert_allclose(
        mesh(ax).get_array(), solution.mechanism.ex_post().buyer_trade.values.T
    )
    assert [text.get_text() for text in ax.texts] == ["at once", "later", "never"]
    bar = ax.figure.axes[1]
    ticks = dict(zip(bar.get_yticks(), bar.get_yticklabels(), strict=True))
    assert ticks[0.2].get_text() == f"{-np.log(0.2):.2g}"
    assert ticks[1.0].get_text() == "at once"
    assert bar.get_ylabel() == "trading date (units of time)"


def test_squares_hold_the_dates(ax):
    solution = TRADES["finite delay"]
    mo.plot.allocation(solution, ax)
    dates = solution.mechanism.ex_post().trading_date.values.ravel()
    sure = ~np.isnan(dates)
    meaning = {"at once": "0", "never": "inf"}
    words = [text.get_text() for text in ax.texts]
    written = np.array([float(meaning.get(word, word)) for word in words])
    np.testing.assert_allclose(written[sure], dates[sure], rtol=0.05, atol=1e-9)


def test_the_frontier_of_trade_at_once_separates_it(ax):
    solution = TRADES["delay"]
    mo.plot.allocation(solution, ax)
    costs, values = line(ax, "trade at once").get_data()
    alpha = solution.alpha
    # On uniform types c(s) = (1+a) s and d(b) = (1+a) b - a, and trade at once is c < d/2.
    error = (1 + alpha) * costs - 0.5 * ((1 + alpha) * values - alpha)
    assert np.nanmax(np.abs(error)) < 2 / 50


def test_an_impatient_buyer_leaves_the_seller_to_be_shown(ax):
    mo.plot.allocation(TRADES["impatient buyer"], ax)
    assert ax.figure.axes[1].get_ylabel() == "equivalent date to seller (units of time)"


def test_trade_on_dates_is_drawn(ax):
    dated = mo.environments.on_dates(mo.BilateralTrade(FIVE, FIVE, 2.0, 1.0), 4)
    solution = mo.solve(mo.ex_ante_efficiency(dated))
    mo.plot.allocation(solution, ax)
    chances = solution.mechanism.allocation.dense(dated)
    discounted = np.tensordot(dated.outcomes.buyer_trade, chances, axes=1)
    np.testing.assert_allclose(mesh(ax).get_array(), discounted.T)


def test_bargaining_shows_who_gets_the_good(ax):
    mo.plot.allocation(GAP, ax)
    good = GAP.solution.mechanism.ex_post()
    np.testing.assert_allclose(mesh(ax).get_array(), good.good_to_2.values.T)
    nobody = (good.good_to_1 + good.good_to_2 < 1 - 1e-6).values
    assert ("may go to nobody" in labels(ax)) == nobody.any()


def test_three_agents_have_no_map():
    agents = tuple(mo.Agent(name, SIX) for name in ("a", "b", "c"))
    environment = mo.Environment(agents, mo.environments.SingleGood(3))
    solution = mo.solve(mo.ex_ante_efficiency(environment))
    with pytest.raises(mo.InvalidInputError, match="two agents"):
        mo.plot.allocation(solution)
    figure = mo.plot.overview(solution)
    assert len(figure.axes) == 4


def test_outlines_are_joined_lines():
    axis = TypeAxis.of(uniform(4))
    figure_ax = Figure().add_subplot()
    mask = np.triu(np.ones((4, 4), dtype=bool), k=1)
    maps._outline(figure_ax, mask, axis, axis, "edge", {})
    points = np.array(figure_ax.lines[0].get_data()).T
    assert not np.isnan(points).any()
    assert np.abs(np.diff(points, axis=0)).sum() == pytest.approx(6 * 0.25)


# By type


@pytest.mark.parametrize(
    ("name", "quantity"), crossed(list(TRADES), ["quantity", "payment", "utility"])
)
def test_every_interim_quantity_is_drawn(ax, name, quantity):
    assert mo.plot.interim(TRADES[name], quantity, ax, unit="euros") is ax
    assert "(euros)" in ax.get_xlabel()
    assert ax.get_ylabel()
    assert len(labels(ax)) >= 2


def test_finite_types_are_points(ax):
    mechanism = TRADES["finite"].mechanism
    mo.plot.interim(mechanism, "quantity", ax)
    for label, values in (
        ("seller sells", -mechanism.quantity_of("seller")),
        ("buyer buys", mechanism.quantity_of("buyer")),
    ):
        np.testing.assert_allclose(line(ax, label).get_xdata(), SIX.mean)
        np.testing.assert_allclose(line(ax, label).get_ydata(), values)
        assert line(ax, label).get_linestyle() == "None"


def test_cells_are_steps(ax):
    solution = TRADES["cells"]
    mo.plot.payments(solution, ax)
    for name, label, sign in (("seller", "seller receives", -1), ("buyer", "buyer pays", 1)):
        agent = solution.problem.environment.agents[name == "buyer"]
        drawn = [at(line(ax, label), x) for x in agent.types.mean]
        np.testing.assert_allclose(drawn, sign * solution.mechanism.payment_of(name))


def test_utilities_are_linear_within_cells(ax):
    solution = TRADES["cells"]
    mo.plot.interim(solution, "utility", ax)
    types = solution.problem.environment.agents[1].types
    curve = line(ax, "buyer")
    drawn = np.interp(types.mean, *curve.get_data())
    np.testing.assert_allclose(drawn, solution.mechanism.utility_of("buyer"), atol=1e-12)
    assert line(ax, "outside option").get_ydata() == [0.0, 0.0]


def test_there_are_gaps_where_there_are_no_types(ax):
    mo.plot.interim(TRADES["sample cells"], "quantity", ax)
    assert np.isnan(line(ax, "seller sells").get_xdata()).sum() == 9


def test_outside_options_of_bargaining_are_drawn(ax):
    mo.plot.interim(GAP, "utility", ax)
    drawn = line(ax, "player 2's outside option").get_ydata()
    np.testing.assert_allclose(np.unique(drawn), GAP.bounds["player_2"])


def test_an_unknown_quantity_is_refused():
    with pytest.raises(mo.InvalidInputError, match="utility"):
        mo.plot.interim(GAP, "gains")


# Virtual valuations


def test_virtual_valuations_are_those_at_the_alpha_of_the_solution(ax):
    solution = TRADES["cells"]
    mo.plot.virtual_valuations(solution, "buyer", ax)
    assert f"{solution.alpha:.3g}" in ax.get_title(loc="left")
    mean = np.linspace(0, 1, 61)[1::2]
    drawn = [at(line(ax, "buyer"), x) for x in mean]
    # Of the continuum, so that cells are off by their width.
    expected = mean - solution.alpha * (1 - mean)
    np.testing.assert_allclose(drawn, expected, atol=1 / 30)


def test_unequal_weights_divide_alpha(ax):
    solution = TRADES["unequal weights"]
    mo.plot.virtual_valuations(solution, ax=ax)
    rule = solution.mechanism.allocation.values[0]
    drawn = [
        next(one for one in ax.lines if one.get_label().startswith(name)).get_ydata()
        for name in ("seller", "buyer")
    ]
    for curve, values in zip(drawn, rule, strict=True):
        np.testing.assert_allclose(curve, values, atol=1e-9)


def test_ironed_intervals_are_shaded(ax):
    types = mo.TypeSpace.finite([1, 2, 3, 4], [0.1, 0.1, 0.1, 0.7])
    trade = mo.BilateralTrade(
        mo.TypeSpace.finite([0, 1]), mo.TypeSpace.finite([1, 2, 9], [0.6, 0.1, 0.3])
    )
    mo.plot.virtual_valuations(trade, "buyer", ax)
    from mechopt.types.virtual_values import ironed, virtual_value

    buyer = trade.agents[1].types
    raw = virtual_value(buyer)
    flat = ironed(raw, buyer.mass)
    np.testing.assert_allclose(line(ax, "buyer").get_ydata(), flat)
    expected = ironed_intervals(buyer, raw, flat)
    assert expected == [(1.0, 2.0)]
    (span,) = ax.patches
    assert (span.get_x(), span.get_x() + span.get_width()) == expected[0]
    assert ironed_intervals(types, types.mean, types.mean) == []


def test_unbounded_virtual_valuations_do_not_flatten_the_rest(ax):
    beta = mo.TypeSpace.from_distribution(stats.beta(2, 3), 1_000)
    mo.plot.virtual_valuations(mo.BilateralTrade(beta, beta), ax=ax)
    low, high = ax.get_ylim()
    assert low > -2
    assert high < 3


# Curves


def test_the_frontier_has_the_payoffs(ax):
    table = mo.frontier(mo.BilateralTrade(SIX, SIX), 5)
    assert mo.plot.frontier(table, ax) is ax
    np.testing.assert_array_equal(line(ax, "efficient mechanisms").get_xdata(), table.seller)
    np.testing.assert_array_equal(line(ax, "efficient mechanisms").get_ydata(), table.buyer)
    assert line(ax, "seller's weight alone").get_xdata() == table.seller.values[-1:]


def test_the_slack_says_where_efficiency_is_possible(ax):
    later = mo.TypeSpace.from_distribution(stats.uniform(0.5, 1), 2)
    table = mo.cramton1985.slack_over_ratios(uniform(2), later, [0.9, 0.3, 0.6])
    mo.plot.slack(table, ax)
    np.testing.assert_array_equal(line(ax, "slack").get_xdata(), [0.3, 0.6, 0.9])
    np.testing.assert_array_equal(line(ax, "slack").get_ydata(), table.slack.values[[1, 2, 0]])
    assert "efficiency possible" in labels(ax)
    assert any("largest deficit" in label for label in labels(ax))


@pytest.mark.parametrize(
    ("draw", "column"), [(mo.plot.figure_8_1, "margin"), (mo.plot.figure_8_2, "efficiency")]
)
def test_cramtons_figures_agree_with_their_closed_forms(ax, draw, column):
    table = mo.cramton1985.figures_8([0.25, 0.5, 0.75, 1.0], num_cells=300)
    assert draw(table, ax) is ax
    computed = line(ax, "computed over cells").get_ydata()
    np.testing.assert_array_equal(computed, table[column])
    np.testing.assert_allclose(line(ax, "closed form").get_ydata(), computed, atol=3e-3)


@pytest.mark.parametrize(
    "draw",
    [mo.plot.frontier, mo.plot.slack, mo.plot.figure_8_1, mo.plot.figure_8_2, mo.plot.gap_square],
)
def test_other_data_are_refused(draw):
    with pytest.raises(mo.InvalidInputError, match="not the data of this picture"):
        draw(TRADES["finite"])


# Bargaining


def test_projections_show_polygon_bound_and_gap(ax):
    seen = mo.peski2024.PayoffSet(TWO_BY_TWO).projection("player_1", "player_2")
    assert mo.plot.payoff_projection(seen, GAP, ax) is ax
    np.testing.assert_array_equal(ax.patches[0].get_xy()[:-1], seen.polygon.vertices)
    point = line(ax, "random monopoly")
    np.testing.assert_array_equal([point.get_xdata()[0], point.get_ydata()[0]], seen.bound)
    assert [text.get_text() for text in ax.texts] == ["gap = 0.0625", ""]
    assert ax.texts[1].xy[0] - ax.texts[1].xyann[0] == pytest.approx(GAP.gap)
    assert ax.get_xlabel() == "player 1, expected (money)"


def test_projections_on_other_axes_have_no_gap(ax):
    seen = mo.peski2024.PayoffSet(TWO_BY_TWO).projection(("player_1", 0), ("player_2", 1))
    mo.plot.payoff_projection(seen, GAP, ax)
    assert not ax.texts


@pytest.mark.parametrize("case", [0, 1])
def test_the_gap_square_has_its_lines(ax, case):
    table = list(mo.peski2024.gap_figures(beliefs=31).values())[case]
    assert mo.plot.gap_square(table, ax) is ax
    assert line_at(ax, "x") == [table.attrs["peak_1"]]
    floor = [table.attrs["floor_2"]] if case == 1 else []
    assert line_at(ax, "y") == [table.attrs["peak_2"], *floor]
    filled = ax.collections[0]
    assert filled.get_array().max() >= 0.8 * float(table.gap.max())


def line_at(ax, axis):
    pairs = [one.get_xdata() if axis == "x" else one.get_ydata() for one in ax.lines]
    other = [one.get_ydata() if axis == "x" else one.get_xdata() for one in ax.lines]
    return [
        pair[0]
        for pair, across in zip(pairs, other, strict=True)
        if list(across) == [0, 1] and pair[0] == pair[1]
    ]


def test_no_gap_at_all_is_said(ax):
    mo.plot.gap_square(mo.peski2024.gap_over_beliefs((0, 5), (1, 3), 0.5, 5), ax)
    assert ax.texts[0].get_text() == "no gap at any belief"


@pytest.mark.parametrize("outcome", [GAP, LARGER_GAP], ids=["two types", "more"])
def test_payoffs_bounds_and_intervals(ax, outcome):
    assert mo.plot.payoff_intervals(outcome, ax) is ax
    for name in ("player_1", "player_2"):
        words = name.replace("_", " ")
        np.testing.assert_array_equal(
            line(ax, f"{words}: payoff").get_ydata(), outcome.payoffs[name]
        )
        np.testing.assert_array_equal(line(ax, f"{words}: bound").get_ydata(), outcome.bounds[name])
        (bars,) = [c for c in ax.collections if c.get_label() == f"{words}: interval"]
        ends = np.array([segment[:, 1] for segment in bars.get_segments()])
        np.testing.assert_allclose(ends, outcome.payoff_intervals[name])


def test_many_types_lie_where_they_are_in_money(ax):
    types = uniform(12).at_means()
    outcome = mo.peski2024.player_1_gap(mo.Bargaining(types, types, 0.5), intervals=False)
    mo.plot.payoff_intervals(outcome, ax)
    np.testing.assert_array_equal(line(ax, "player 1: payoff").get_xdata(), types.mean)
    assert "player 1: interval" not in labels(ax)


def test_the_gap_bar_adds_up(ax):
    assert mo.plot.gap_bar(LARGER_GAP, ax) is ax
    widths = [bar.get_width() for bar in ax.patches]
    assert widths[0] == pytest.approx(LARGER_GAP.random_monopoly)
    assert widths[2] == pytest.approx(LARGER_GAP.gap)
    assert ax.patches[2].get_x() == widths[0]


def test_bargaining_pictures_want_an_outcome():
    with pytest.raises(mo.InvalidInputError, match="player_1_gap"):
        mo.plot.payoff_intervals(GAP.solution)


# Pages


def titles(figure):
    return [ax.get_title(loc="left") for ax in figure.axes if ax.get_title(loc="left")]


@pytest.mark.parametrize("name", some(list(TRADES), 3))
def test_every_overview_of_trade_can_be_drawn(name):
    figure = mo.plot.overview(TRADES[name], unit="euros")
    figure.canvas.draw()
    assert len(titles(figure)) == 4
    assert all("euros" in ax.get_xlabel() for ax in figure.axes if ax.get_title(loc="left"))


def test_overviews_of_bargaining():
    assert titles(mo.plot.overview(GAP)) == [
        "Who gets the good",
        "Payoffs and bounds",
        "Expected payoffs",
        "Interim payments",
    ]
    welfare = mo.solve(mo.ex_ante_efficiency(TWO_BY_TWO))
    assert "Expected payoffs" not in titles(mo.plot.overview(welfare))


def test_new_axes_are_pyplots_and_overviews_are_not_kept_by_it():
    plt.close("all")
    settings = dict(mpl.rcParams)
    ax = mo.plot.allocation(TRADES["finite"])
    assert plt.get_fignums() == [ax.figure.number]
    plt.close("all")
    mo.plot.overview(TRADES["finite"])
    assert plt.get_fignums() == []
    assert dict(mpl.rcParams) == settings


def test_axes_of_another_kind_are_refused():
    with pytest.raises(mo.InvalidInputError, match="ax"):
        mo.plot.allocation(TRADES["finite"], plt)


# The command


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved")
    mo.save_solution(TRADES["finite"], folder / "trade.json")
    mo.save_solution(GAP.solution, folder / "gap.json")
    problem = mo.ex_post_efficiency(mo.BilateralTrade(SIX, SIX))
    mo.save_solution(mo.solve(problem, throw=False), folder / "infeasible.json")
    return folder


@pytest.mark.parametrize(
    ("name", "start"), [("a.png", b"\x89PNG"), ("a.svg", b"<?xml"), ("a.PDF", b"%PDF")]
)
def test_plot_writes_the_same_picture_every_time(saved, tmp_path, name, start, capsys):
    pictures = []
    for folder in ("first", "second"):
        (tmp_path / folder).mkdir()
        path = tmp_path / folder / name
        words = ["plot", saved / "trade.json", "--kind", "utilities", "--output", path]
        assert main([str(word) for word in words]) == 0
        pictures.append(path.read_bytes())
    assert pictures[0] == pictures[1]
    assert pictures[0].startswith(start)
    said = "".join(f"wrote {path}\n" for path in sorted(tmp_path.glob("*/*")))
    assert capsys.readouterr() == (said, "")


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("trade", ["quantities", "payments", "virtual-valuations"]),
        *([("trade", ["allocation", "utilities", "interim"])] if THOROUGH else []),
        ("gap", ["overview", "allocation", "payoffs", "gap", "interim"]),
    ],
)
def test_plot_draws_every_kind(saved, tmp_path, name, kinds):
    for kind in kinds:
        path = tmp_path / f"{kind}.png"
        words = ["plot", saved / f"{name}.json", "--output", path, "--kind", kind]
        assert main([str(word) for word in words]) == 0
        assert path.stat().st_size > 1_000


def test_the_command_takes_every_kind():
    assert get_args(Kind) == mo.plot.KINDS


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["trade.json", "--output", "trade.gif"], ".png, .svg, .pdf"),
        (["trade.json", "--output", "no such folder/trade.png"], "cannot write"),
        (["infeasible.json", "--output", "trade.png"], "no mechanism"),
        (["trade.json", "--output", "trade.png", "--kind", "gap"], "expected overview"),
        (["trade.json", "--output", "trade.png", "--kind", "pie"], "pie"),
        (["nothing.json", "--output", "trade.png"], "cannot read"),
    ],
)
def test_plot_refuses_in_one_paragraph(saved, tmp_path, monkeypatch, capsys, words, message):
    monkeypatch.chdir(tmp_path)
    assert main(["plot", str(saved / words[0]), *words[1:]]) == 2
    output, errors = capsys.readouterr()
    assert output == ""
    assert message in errors
    assert "Traceback" not in errors
    assert list(tmp_path.iterdir()) == []


def test_the_package_does_not_import_matplotlib():
    code = "import sys, mechopt; mechopt.plot.allocation; print('matplotlib' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "False"


def test_requirements_in_every_profile_show_payments_not_virtual_valuations():
    types = mo.TypeSpace.finite([1, 2, 3])
    problem = mo.ex_ante_efficiency(mo.BilateralTrade(types, types), incentives="dominant")
    titles = [ax.get_title(loc="left") for ax in mo.plot.overview(mo.solve(problem)).axes]
    assert "Interim payments" in titles
    assert not any("Virtual" in title for title in titles)


def test_tables_of_types_stand_side_by_side_with_every_variable(ax):
    types = mo.TypeTable.finite([[1, 0], [0, 2], [3, 3]])
    environment = mo.Environment((mo.Agent("buyer", types),), Goods(2))
    solution = mo.solve(mo.DesignProblem(environment, mo.Revenue(), budget="no-deficit"))
    mo.plot.interim(solution, "quantity", ax)
    drawn = {line.get_label(): line.get_ydata().tolist() for line in ax.lines}
    assert drawn == {
        "buyer: good_1": pytest.approx([0.5, 0.0, 1.0]),
        "buyer: good_2": pytest.approx([0.0, 1.0, 1.0]),
    }
    assert [label.get_text() for label in ax.get_xticklabels()] == ["(1, 0)", "(0, 2)", "(3, 3)"]
    ax.clear()
    mo.plot.interim(solution, "utility", ax)
    assert ax.lines[-1].get_ydata() == pytest.approx([0.0, 0.0, 1.0], abs=1e-9)
    assert ax.lines[-1].get_xdata().tolist() == [0, 1, 2]


def test_as_many_types_as_variables_are_not_mistaken_for_one_quantity(ax):
    # Three types and three variables: arrays that broadcast, and no net quantity to map.
    corners = ((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    lottery = Lottery(("ann", "bob"), (0.5, 0.25, 1.0), corners)
    tables = [[1, 0, 2], [0, 2, 1], [3, 3, 0]], [[0, 1, 2], [1, 2, 0], [-1, 0, 3]]
    agents = tuple(
        mo.Agent(name, mo.TypeTable.finite(own))
        for name, own in zip(("ann", "bob"), tables, strict=True)
    )
    solution = mo.solve(mo.ex_ante_efficiency(mo.Environment(agents, lottery)))
    mo.plot.interim(solution, "utility", ax)
    for line, expected in zip(ax.lines[1:], solution.mechanism.utility, strict=True):
        assert line.get_ydata() == pytest.approx(expected)
    with pytest.raises(mo.InvalidInputError, match="without net quantities"):
        mo.plot.allocation(solution, ax)


def test_quantities_beyond_one_are_in_the_picture(ax):
    case = cases.screening([[1, 2, 4]], cases.uniform(3), [0.5, 2.0])
    case = requiring(case, objective="subsidy", budget="free")
    mo.plot.interim(mo.solve(as_problem(case)), "quantity", ax)
    assert max(ax.lines[0].get_ydata()) == pytest.approx(2.0)
    assert ax.get_ylim()[1] > 2.0


# Other kinds of environment


def titles_of(solution, kind="overview"):
    figure = mo.plot.draw(solution, Figure(), kind)
    return [ax.get_title(loc="left") for ax in figure.axes if ax.get_title(loc="left")]


def test_auctions_and_markets_show_virtual_valuations():
    auction = mo.solve(mo.largest_revenue(mo.Auction(SIX, count=3)))
    panels = [r"Virtual valuations at $\alpha$ = 1", "Interim quantities", "Interim payments"]
    assert titles_of(auction) == [*panels, "Interim utilities"]
    market = mo.solve(mo.ex_ante_efficiency(mo.Market(SIX, SIX, 2, 3)))
    (ax,) = mo.plot.draw(market, Figure(), "quantities").axes
    assert [line.get_label() for line in ax.lines if line.get_label()[0] != "_"] == [
        "2 sellers sell",
        "3 buyers buy",
    ]
    partners = mo.solve(mo.ex_ante_efficiency(mo.Partnership(FIVE, [0.5, 0.5])))
    with pytest.raises(mo.errors.InvalidInputError, match="no such picture"):
        titles_of(partners, "virtual-valuations")


@pytest.mark.parametrize(
    ("types", "title", "legend"),
    [
        ([[1, 0], [0, 2], [3, 3]], "Menu", ["(0.5, 0) for 0.5", "(0, 1) for 2", "(1, 1) for 5"]),
        ([[1], [2]], "Menu", ["good 1"]),
    ],
)
def test_a_menu_is_drawn_over_the_values_or_as_bars(types, title, legend):
    solution = mo.solve(mo.largest_revenue(mo.Goods(types)))
    assert titles_of(solution) == [title, "Interim payments", "Interim utilities"]
    (ax,) = mo.plot.draw(solution, Figure(), "menu").axes
    assert [text.get_text() for text in ax.get_legend().get_texts()] == legend


def test_what_is_chosen_is_a_bar_for_each_profile():
    types = {"ann": ["low", "high"], "bob": ["low", "high"]}
    values = {"ann": [[1, 1], [0, 3]], "bob": [[0, 3], [1, 1]]}
    choice = mo.Alternatives(["a", "b"], types, values)
    solution = mo.solve(mo.DesignProblem(choice, mo.Welfare(), budget="subsidised"))
    (ax,) = mo.plot.draw(solution, Figure(), "allocation").axes
    chosen = solution.mechanism.allocation.dense(choice).reshape(2, 4)
    heights = [[bar.get_height() for bar in bars] for bars in ax.containers]
    assert heights == chosen.tolist()
    assert [label.get_text() for label in ax.get_xticklabels()][1] == "low\nhigh"
    with pytest.raises(mo.errors.InvalidInputError, match="no menu"):
        mo.plot.menu(solution)


@pytest.mark.parametrize("draw", ["allocation", "interim", "virtual_valuations"])
def test_a_picture_drawn_again_replaces_the_one_before(draw):
    """Bars of shades, lines and legends are as many after three times as after one."""
    figure = Figure()
    ax = figure.add_subplot()
    ax.plot([0, 1], [0, 1], label="the caller's")
    counts = []
    for _ in range(3):
        getattr(mo.plot, draw)(TRADES["cells"], ax=ax)
        counts.append((len(figure.axes), len(ax.get_children())))
    # What was there before the package drew is left once, and goes when it draws again.
    assert counts[1] == counts[2] == (counts[0][0], counts[0][1] - 1)


def test_an_overview_drawn_again_replaces_the_one_before():
    figure = Figure(figsize=(10, 8))
    counts = [len(mo.plot.overview(TRADES["cells"], figure).axes) for _ in range(2)]
    assert counts[0] == counts[1]
