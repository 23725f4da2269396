"""Nothing printed or returned hangs on the last bit of a float."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

import mechopt as mo
from mechopt._util.rounding import (
    first_largest,
    first_smallest,
    in_figures,
    violation_in_words,
    without_rounding,
)
from mechopt.literature.peski2024.gap_map import _prices
from mechopt.mechanism.check import AuditReport, Check
from mechopt.plot.by_type import ironed_intervals
from mechopt.report.check import show_check
from mechopt.report.report import Report
from mechopt.types.virtual_values import ironed


def ladder(size):
    return mo.TypeSpace.finite([f"{k}/{size}" for k in range(1, size + 1)])


def page_of(solution, **fields):
    console = Console(file=io.StringIO(), width=120, color_system=None)
    report = mo.audit(solution.problem, solution)
    Report(solution, report, "a title", "money", 0.0, **fields).show(console)
    return console.file.getvalue()


@pytest.mark.parametrize(
    ("value", "form", "scale", "text"),
    [
        (-0.0, ".6g", 0.0, "0"),
        (-1e-9, ".5f", 0.0, "0.00000"),
        (-1e-9, "+.5f", 0.0, " 0.00000"),
        (-1e-9, "8.4f", 0.0, "  0.0000"),
        (-4e-17, ".6g", 1.0, "0"),
        (1.55e-16, ".6g", 0.0, "1.55e-16"),  # true beside a far larger type, and no difference
        (-4.4e-14, ".2f", 0.0, "0.00"),
        (-0.0, ".1e", 0.0, "0.0e+00"),
        (-5e-9, ".0e", 0.0, "-5e-09"),
        (float("inf"), ".6g", 1.0, "inf"),
        (float("nan"), ".6g", 1.0, "nan"),
        (10.0, ".6g", 1.0, "10"),
    ],
)
def test_zero_is_zero_and_nothing_else_is(value, form, scale, text):
    assert in_figures(value, form, scale) == text


@pytest.mark.parametrize("half", [84.375, 0.49875, 0.125, 2.5, 1e6 + 0.5])
def test_a_half_goes_to_one_side_whatever_its_last_bits(half):
    near = [half, *(np.nextafter(half, end) for end in (-np.inf, np.inf))]
    near += [half * (1 - 1e-15), half * (1 + 1e-15)]
    decimals = len(str(half).partition(".")[2]) - 1
    assert len({in_figures(value, f".{decimals}f") for value in near}) == 1


def test_rounding_of_large_terms_is_no_difference_and_a_difference_is():
    assert without_rounding(1e9 + 0.1 - 1e9 - 0.1, 1e9) == 0.0
    assert without_rounding(0.3, 1e9) == 0.3
    values = np.array([-3e-17, 0.25, np.nan])
    np.testing.assert_array_equal(without_rounding(values, 1.0), [0.0, 0.25, np.nan])


def test_ties_go_to_the_first_place_in_any_order_of_summation():
    draw = np.random.default_rng(5)
    terms = draw.uniform(0, 1, 40)
    for _ in range(50):
        sums = [terms[draw.permutation(40)].sum() for _ in range(6)]
        assert first_largest(sums) == first_smallest(sums) == 0
        assert first_largest([*sums, 1.001 * sums[0]]) == 6
    assert first_largest([1.0, np.inf, np.inf]) == 1
    assert first_largest([1.0, np.nan, 2.0]) == 1
    assert first_largest([[0.0, 1.0], [1.0, 0.0]]) == 1
    assert first_largest([1.0, 1.0 + 1e-9], scale=1e4) == 0


def test_what_passed_names_no_violation():
    assert violation_in_words(0.0) == violation_in_words(9e-15) == "no violation beyond rounding"
    types = ladder(6)
    page = page_of(mo.solve(mo.ex_ante_efficiency(mo.BilateralTrade(types, types))))
    assert "audit passed (no violation beyond rounding)" in page


# (n-1)(n-5)/6n² of theory.md is zero at five types; rounding leaves a few 1e-18 of either sign.
@pytest.mark.parametrize("noise", [0.0, 4e-17, -4e-17])
def test_a_slack_of_zero_prints_as_zero(noise):
    check = mo.check_ex_post_efficiency(mo.BilateralTrade(ladder(5), ladder(5)))
    assert check.slack == pytest.approx(0.0, abs=1e-15)
    bounds = (check.slack_bounds[0] + noise, check.slack_bounds[1] + noise)
    check = replace(check, slack=noise, slack_bounds=bounds, least_subsidy=max(0.0, -noise))
    console = Console(file=io.StringIO(), width=120, color_system=None)
    show_check(check, "five types", "money", console)
    lines = {line[:20].strip(): line.split() for line in console.file.getvalue().splitlines()}
    assert lines["slack"][1] == lines["least subsidy"][2] == "0"
    assert "-0" not in console.file.getvalue()


@pytest.mark.parametrize("noise", [0.0, 4e-17, -4e-17])
def test_a_subsidy_of_zero_is_none(noise):
    problem = mo.minimum_subsidy(mo.BilateralTrade(ladder(5), ladder(5)))
    solution = replace(mo.solve(problem), objective=noise, bound=-noise)
    row = next(line for line in page_of(solution).splitlines() if "least subsidy" in line)
    assert " ".join(row.split()[2:]) == "0 so nothing is needed, nor left over"


def test_dates_that_nothing_is_left_for_have_probability_zero():
    # All trade at once: what is left for later is one less a sum of 49 products.
    costs = mo.TypeSpace.finite([f"{k}/70" for k in range(1, 8)], [f"{k}/28" for k in range(1, 8)])
    values = mo.TypeSpace.finite([f"{k}/7" for k in range(14, 21)])
    trade = mo.BilateralTrade(costs, values, seller_rate=2.0, buyer_rate=1.0)
    assert "later or at random 0, never 0" in page_of(mo.solve(mo.ex_ante_efficiency(trade)))


def test_a_share_lost_that_is_rounding_is_zero():
    # Every cost is below every value: everybody trades at a price between, and nothing is lost.
    draw = np.random.default_rng(3)
    costs, values = draw.uniform(0, 1, 37), draw.uniform(1, 2, 31)
    for cells in (None, 7):
        result = mo.bootstrap(
            costs, values, replications=40, seed=1, giver_cells=cells, receiver_cells=cells
        )
        lost = result.share_lost
        assert (lost.estimate, lost.standard_error, lost.bias) == (0.0, 0.0, 0.0)
        assert lost.percentile == lost.basic == (0.0, 0.0)
        assert not lost.is_biased
        assert (result.draws[:, 2] == 0.0).all()
        row = next(x for x in result.to_text().splitlines() if "share lost" in x)
        assert set(row.split()[2:]) == {"0", "%", "to"}


def test_replications_that_are_all_the_same_have_no_error_and_no_bias():
    # Pairs a constant apart: each replication's gain is that constant, up to rounding.
    costs = np.random.default_rng(4).uniform(0, 0.1, 30)
    first_best = mo.bootstrap(costs, costs + 1, paired=True, replications=50, seed=1).first_best
    assert first_best.standard_error == first_best.bias == 0.0
    assert not first_best.is_biased
    assert first_best.estimate == pytest.approx(1.0, abs=1e-12)


def test_gains_between_means_of_equal_cells_are_rounding_and_between_values_are_not():
    # Sums of 0.1, 0.2, 0.3 in another order: the means differ in their last bit, if at all.
    costs, values = [0.3, 0.2, 0.1] * 3, [0.1, 0.3, 0.2] * 3
    cells = mo.bootstrap(costs, values, giver_cells=1, receiver_cells=1, replications=5, seed=1)
    assert cells.draws.shape == (5, 6)
    nearly = mo.bootstrap([1.0, 1.0], [1.0 + 2e-16, 1.0 + 2e-16], replications=5, seed=1)
    assert nearly.first_best.estimate == np.nextafter(1.0, 2.0) - 1.0
    assert nearly.num_undefined == 0


def test_a_price_at_a_tie_is_the_one_that_sells_more():
    # At the belief (low - own)/(high - own) = 1/3 both prices bring the same.
    for shift in (-1, 0, 1):
        belief = np.array([np.nextafter(1 / 3, shift) if shift else 1 / 3])
        assert _prices(0.0, (1.0, 3.0), belief).tolist() == [1.0]
    assert _prices(0.0, (1.0, 3.0), np.array([1 / 3 + 1e-9])).tolist() == [3.0]


def test_virtual_values_that_only_rounding_made_fall_are_not_ironed():
    types = mo.TypeSpace.finite([1, 2, 3])
    for raw in ([0.1, 0.1 + 0.2, 0.3], [1.0, 2.0, np.nextafter(2.0, 0.0)]):
        values = np.array(raw)
        flat = ironed(values, types.mass)
        assert not np.array_equal(flat, values)
        assert ironed_intervals(types, values, flat) == []
    assert ironed_intervals(types, np.array([1.0, 3.0, 2.9]), np.array([1.0, 2.95, 2.95]))


def test_the_largest_deficit_is_marked_at_the_first_of_equal_ones():
    from matplotlib.figure import Figure

    types = mo.TypeSpace.finite([0.2, 0.5, 1])
    data = mo.cramton1985.slack_over_ratios(types, types, [0.25, 0.5, 0.75])
    labels = set()
    for noise in ([0, 1e-17, -1e-17], [-1e-17, 0, 1e-17], [1e-17, -1e-17, 0]):
        flat = data.assign(
            slack=("ratio", -0.05 + np.array(noise)), implementable=("ratio", [False] * 3)
        )
        ax = mo.plot.slack(flat, Figure().add_subplot())
        labels.add(ax.get_legend().get_texts()[-1].get_text())
    assert labels == {r"largest deficit, 0.05 at $\delta$ = 0.25"}


@pytest.mark.parametrize("noise", [0.0, 1e-17, -1e-17])
def test_equal_violations_are_listed_as_they_were_checked(noise):
    scaled = {"small": 0.01, "first": 0.1, "second": 0.1 + noise, "third": 0.1 - noise}
    checks = [Check(name, 0.1, size, 1e-7, "") for name, size in scaled.items()]
    names = [check.requirement for check in AuditReport(tuple(checks), ()).failed]
    assert names == ["first", "second", "third", "small"]
