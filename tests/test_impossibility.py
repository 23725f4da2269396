"""Ex post efficiency: slack by three routes, certificates that can fail, the scan over delay."""

from __future__ import annotations

import csv
import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import mechopt as mo
from mechopt.cli.main import main
from mechopt.literature.cramton1985.slack import (
    closed_form_slack,
    delay_slack,
    efficient_slack,
    monotone_bounds,
)
from mechopt.report.check import answer_table
from mechopt.types.continuous import ContinuousPrior
from mechopt.types.virtual_values import virtual_cost, virtual_value
from mechopt.verify.certificate import verify_certificate
from tests.draws import crossed, drawn, some

from .cases import uniform_types
from .test_direct import random_types

CELLS = mo.TypeSpace.from_distribution
with (Path(__file__).parent / "data" / "static_priors.csv").open(encoding="utf-8") as file:
    ROWS = list(csv.DictReader(file))


def law(row, side):
    numbers = map(float, row[f"{side}_parameters"].split())
    return getattr(stats, row[side])(*numbers)


def cellwise_slack(trade):
    """The slack of "trade iff mean cost < mean value": near the continuum's for many cells."""
    quantities = trade.efficient
    seller, buyer = (agent.types for agent in trade.agents)
    return float(
        seller.mass @ (virtual_cost(seller) * quantities[0])
        + buyer.mass @ (virtual_value(buyer) * quantities[1])
    )


@pytest.mark.parametrize("size", [2, 3, 4, 5, 6, 7, 10, 40])
def test_finite_uniform_types_follow_the_closed_form(size):
    check = mo.check_ex_post_efficiency(mo.BilateralTrade(uniform_types(size), uniform_types(size)))
    slack = -(size - 1) * (size - 5) / (6 * size**2)
    assert check.slack == pytest.approx(slack, abs=1e-12)
    assert check.implementable == (size <= 5)
    assert check.least_subsidy == pytest.approx(max(0.0, -slack), abs=1e-12)
    assert check.certificate.verified
    assert check.certificate.kind == ("payments" if size <= 5 else "farkas")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['seller']}-{row['buyer']}")
def test_static_priors_have_the_reference_deficits(row):
    trade = mo.BilateralTrade(CELLS(law(row, "seller"), 3), CELLS(law(row, "buyer"), 5))
    check = mo.check_ex_post_efficiency(trade)
    deficit = float(row["deficit_of_ex_post_efficiency"])
    assert check.slack == pytest.approx(-deficit, abs=1e-7)
    assert check.closed_form_slack == pytest.approx(check.slack, abs=1e-10)
    assert check.slack_bounds[0] <= -deficit + 1e-7
    assert check.slack_bounds[1] >= -deficit - 1e-7
    assert check.certificate == dataclasses.replace(
        check.certificate, kind="integral", verified=True
    )


@pytest.mark.parametrize("gap", [0.0, 0.25, 2.0])
def test_disjoint_supports_leave_the_gap_between_them(gap):
    continuous = mo.BilateralTrade(
        CELLS(stats.beta(2, 3), 4), CELLS(stats.uniform(1.0 + gap, 1.0), 4)
    )
    finite = mo.BilateralTrade(
        mo.TypeSpace.finite([0.2, 1.0]), mo.TypeSpace.finite([1.0 + gap, 4.0])
    )
    for trade in (continuous, finite):
        check = mo.check_ex_post_efficiency(trade)
        assert check.implementable
        if gap:  # at a gap of zero, a finite tie is not traded
            assert check.slack == pytest.approx(gap, abs=1e-12)
            assert check.certificate.kind == "posted-price"
            assert check.certificate.verified
            mechanism = mo.cramton1985.posted_price_for_all(trade)
            mo.audit(mo.ex_post_efficiency(trade), mechanism).raise_if_failed()


@pytest.mark.parametrize("seed", drawn(200))
def test_direct_evaluation_equals_the_linear_program(seed):
    rng = np.random.default_rng([seed, 5])
    ratio = (1.0, 0.5, 1.7)[seed % 3]
    negative = seed % 4 == 0
    spaces = [random_types(rng, negative=negative) for _ in range(2)]
    trade = mo.BilateralTrade(*spaces, 1.0, ratio)
    scale = trade.payoff_scale
    program = mo.solve(mo.minimum_subsidy(trade), "highs")
    check = mo.check_ex_post_efficiency(trade)
    assert check.slack == pytest.approx(-program.objective, abs=1e-9 * scale)
    assert check.certificate.verified
    assert check.solution is not None
    mo.audit(check.solution.problem, check.solution).raise_if_failed()


SPOILS = {
    "sign flipped": lambda values: -values,
    "dropped": lambda values: 0 * values,
    "scaled": lambda values: 1.01 * values,
    "not a number": lambda values: np.nan * values,
    "one entry too many": lambda values: np.append(values, 0.0),
}


@pytest.mark.parametrize(
    ("backend", "spoil"), crossed(["direct", "highs", "cvxpy", "pyomo"], list(SPOILS))
)
def test_spoiled_certificates_are_rejected_with_the_reason(backend, spoil):
    trade = mo.BilateralTrade(uniform_types(7), uniform_types(7))
    problem = mo.ex_post_efficiency(trade)
    solution = mo.solve(problem, backend, throw=False)
    assert solution.termination.value == "infeasible"
    assert verify_certificate(problem, solution.duals).verified
    spoiled = 0
    for name, values in solution.duals.items():
        if not np.any(values):
            continue
        duals = {**solution.duals, name: SPOILS[spoil](values)}
        proof = verify_certificate(problem, duals)
        monotone_only = name.endswith("monotonicity") and spoil in ("dropped", "scaled")
        if monotone_only and proof.verified:
            continue  # another valid certificate
        assert not proof.verified, name
        assert proof.reason
        spoiled += 1
        if spoil == "not a number":
            with pytest.raises(mo.InvalidInputError, match="not finite"):
                dataclasses.replace(solution, duals=duals)
            continue
        wrong = dataclasses.replace(solution, duals=duals)
        assert not mo.audit(problem, wrong).passed
    assert spoiled >= 3


def test_a_certificate_of_other_data_is_rejected():
    problem = mo.ex_post_efficiency(mo.BilateralTrade(uniform_types(7), uniform_types(7)))
    duals = mo.solve(problem, throw=False).duals
    other = mo.TypeSpace.finite(uniform_types(7).mean, np.array([2, 1, 1, 1, 1, 1, 1]) / 8)
    moved = mo.ex_post_efficiency(mo.BilateralTrade(other, uniform_types(7)))
    proof = verify_certificate(moved, duals)
    assert not proof.verified
    assert "does not cancel" in proof.reason
    easy = mo.ex_post_efficiency(
        mo.BilateralTrade(uniform_types(7), mo.TypeSpace.finite(uniform_types(7).mean + 3))
    )
    assert "do not contradict" in verify_certificate(easy, duals).reason


@pytest.mark.parametrize("ratio", some([0.1, 0.3, 0.5, 0.8, 0.95], 3))
@pytest.mark.parametrize(
    ("seller", "buyer"),
    [
        (stats.uniform(0, 1), stats.uniform(0, 1)),
        (stats.uniform(0, 1), stats.uniform(0.5, 1)),
        (stats.uniform(0.2, 1), stats.uniform(0.5, 1)),
        (stats.uniform(0.5, 1), stats.uniform(0.1, 1)),
        (stats.truncexpon(1.5), stats.uniform(0.1, 2)),
    ],
    ids=["same", "higher values", "both shifted", "lower values", "other laws"],
)
def test_the_delay_formula_equals_many_cells(seller, buyer, ratio):
    slack = delay_slack(ContinuousPrior.of(seller), ContinuousPrior.of(buyer), ratio)
    trade = mo.BilateralTrade(CELLS(seller, 20_000), CELLS(buyer, 20_000), 1.0, ratio)
    assert slack.value == pytest.approx(cellwise_slack(trade), abs=2e-6)


@pytest.mark.parametrize("ratio", [1.0, 0.5, 0.9])
def test_one_sided_continua_equal_many_cells(ratio):
    finite = mo.TypeSpace.finite([0.1, 0.4, 0.8], [0.5, 0.2, 0.3])
    one, many = (CELLS(stats.uniform(0.05, 1), size) for size in (2, 50_000))
    for pair, fine in (((finite, one), (finite, many)), ((one, finite), (many, finite))):
        slack = efficient_slack(mo.BilateralTrade(*pair, 1.0, ratio)).value
        assert slack == pytest.approx(
            cellwise_slack(mo.BilateralTrade(*fine, 1.0, ratio)), abs=1e-8
        )


def test_delay_can_make_efficiency_possible_although_supports_overlap():
    trade = mo.BilateralTrade(
        CELLS(stats.uniform(0, 1), 4), CELLS(stats.uniform(0.5, 1), 4), 1.0, 0.3
    )
    check = mo.check_ex_post_efficiency(trade)
    assert check.implementable
    assert check.slack == pytest.approx(0.04392799822, abs=1e-9)
    assert check.certificate.verified
    # The cells say so too, with payments that pass the audit.
    fine = mo.BilateralTrade(*(CELLS(a.types.prior, 300) for a in trade.agents), 1.0, 0.3)
    problem = mo.ex_post_efficiency(fine)
    solution = mo.solve(problem, "direct")
    mo.audit(problem, solution).raise_if_failed()


@pytest.mark.parametrize("shift", [0.0, 0.1, 0.5])
def test_the_scan_finds_where_efficiency_is_impossible(shift):
    table = mo.cramton1985.slack_over_ratios(
        CELLS(stats.uniform(0, 1), 2),
        CELLS(stats.uniform(shift, 1), 2),
        np.linspace(0.05, 0.95, 19),
    )
    assert table.attrs["smallest_slack"] == pytest.approx(float(table.slack.min()))
    assert table.attrs["smallest_slack"] < 0
    # With b_lo = 0 delay never helps enough; with b_lo > 0 it does where the seller is impatient.
    assert bool(table.implementable.any()) == (shift > 0)
    with pytest.raises(mo.InvalidInputError, match="ratios"):
        mo.cramton1985.slack_over_ratios(uniform_types(3), uniform_types(3), [0.5, -1.0])


def test_monotone_bounds_hold_the_closed_form():
    for pair in (
        (stats.beta(0.5, 0.5), stats.beta(2, 5)),
        (stats.triang(0.3), stats.uniform(0, 2)),
    ):
        trade = mo.BilateralTrade(*(CELLS(side, 2) for side in pair))
        low, high = monotone_bounds(trade)
        assert low <= closed_form_slack(trade) <= high
        assert high - low < 1e-5


def test_negative_valuations_with_delay_are_refused_in_the_continuum():
    types = CELLS(stats.uniform(-1, 2), 3)
    with pytest.raises(mo.errors.UnsupportedProblemError, match="at least zero"):
        mo.check_ex_post_efficiency(mo.BilateralTrade(types, types, 1.0, 0.5))


def test_without_money_no_subsidy_helps(tmp_path, capsys):
    saved = tmp_path / "certificate.json"
    painting = "examples/painting"
    assert main(["check", painting, "--output", str(saved)]) == 0
    page = " ".join(capsys.readouterr().out.split())
    assert "ex post efficiency is NOT possible" in page
    assert "least subsidy none no amount of outside money helps" in page
    assert "certificate verified (farkas)" in page
    assert main(["verify", str(saved)]) == 0
    capsys.readouterr()
    assert main(["check", painting, "--quiet"]) == 0
    assert "NOT possible, no amount of outside money helps" in capsys.readouterr().out
    assert main(["check", painting, "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["implementable"] is False
    assert record["slack"] is record["least_subsidy"] is None
    assert record["certificate"] == {"kind": "farkas", "verified": True}
    assert record["first_best"] == pytest.approx(932 / 25)


def test_command_line_check(tmp_path, capsys):
    root = Path(__file__).parent.parent / "instances"
    keys = [
        "implementable",
        "slack",
        "slack_lower",
        "slack_upper",
        "least_subsidy",
        "first_best",
        "closed_form_slack",
        "certificate",
    ]
    # Of a continuum, the question is open where agents may give and receive.
    unknown = root / "peski2024" / "uniform.toml"
    assert main(["check", str(unknown), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert list(record) == keys
    assert record["implementable"] is record["least_subsidy"] is None
    assert "each agent gives or receives" in record["certificate"]["detail"]
    assert main(["check", str(unknown)]) == 0
    assert "not available: ex post efficiency over a continuum" in capsys.readouterr().out
    for path in some(sorted(set(root.glob("*/*.toml")) - {unknown}), 3):
        assert main(["check", str(path), "--json"]) == 0, path.stem
        record = json.loads(capsys.readouterr().out)
        # Columns of one table add what their rows say, and joint priors how types go together.
        joint = {name: ["priors"] for name in ("joint_prior", "cremer1988")}
        of_data = {"house_prices": ["pairs"], **joint}
        more = of_data.get(path.parent.name) or of_data.get(path.stem, [])
        # What agents have by staying out is said where they have something.
        assert [key for key in record if key != "outside"] == keys + more
        assert record.get("outside", 1.0) != 0.0
        assert record["certificate"]["verified"] is True
        # Where payments are not allowed, no subsidy helps.
        assert (record["least_subsidy"] is None) == path.stem.startswith("painting")
    saved = tmp_path / "certificate.json"
    path = root / "examples" / "six_types.toml"
    assert main(["check", str(path), "--output", str(saved)]) == 0
    assert "NOT possible" in capsys.readouterr().out
    assert main(["verify", str(saved)]) == 0
    content = json.loads(saved.read_text(encoding="utf-8"))
    content["duals"]["seller_ic_up"]["values"][2] *= -1
    saved.write_text(json.dumps(content), encoding="utf-8")
    assert main(["verify", str(saved)]) == 1
    assert "seller_ic_up[2] is negative" in capsys.readouterr().out
    uniform = root / "cramton1985" / "uniform_exchange.toml"
    assert main(["check", str(uniform), "--output", str(saved)]) == 2
    assert "nothing to save" in capsys.readouterr().err


def test_a_subsidy_over_cells_is_labelled_as_such(tmp_path, capsys):
    path = tmp_path / "cells.toml"
    path.write_text(
        'environment.kind = "bilateral-trade"\n'
        'environment.seller = { distribution = "uniform", cells = 20 }\n'
        "environment.buyer = { types = [0.2, 0.8] }\n"
        'problem.objective = "minimum-subsidy"\n',
        encoding="utf-8",
    )
    assert main(["solve", str(path)]) == 0
    assert "cell by cell" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        {"participation": "none"},
        {"participation": {"seller": "interim", "buyer": "none"}},
        # By profile, payments have a limit where none is required: it is no slack.
        {"participation": "none", "incentives": "dominant"},
    ],
    ids=["nobody", "the buyer", "dominant strategies"],
)
def test_agents_who_cannot_stay_out_part_efficiently(words):
    """Expected externality payments do it, so that the least subsidy has no least."""
    six = mo.TypeSpace.finite([1, 2, 3, 4, 5, 6])
    trade = mo.BilateralTrade(six, six)
    stated = mo.DesignProblem(trade, mo.Welfare((1.0, 1.0)), **words)
    check = mo.check_ex_post_efficiency(stated)
    assert check.implementable
    assert (check.slack, check.least_subsidy) == (np.inf, 0.0)
    assert check.certificate.verified
    assert check.certificate.kind == "payments"
    assert check.solution.mechanism.total_gains == pytest.approx(trade.first_best)
    paid = check.solution.mechanism.payment
    assert sum(six.expectation(each) for each in paid) >= -1e-9
    text = answer_table(check, "six", "money", stated=stated).to_text()
    assert "who cannot stay out can be made to pay any sum" in text
    assert "inf" not in text
    # The same trade, where both may stay out.
    assert not mo.check_ex_post_efficiency(trade).implementable
