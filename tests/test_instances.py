"""Every bundled instance is solved, audited and, where it says what to expect, compared."""

from __future__ import annotations

from pathlib import Path

import pytest

import mechopt as mo
from mechopt.instances import load_instance
from mechopt.report.solved import solve_instance
from mechopt.studies.continuum import bracket_continuum, has_continuum

FOLDER = Path(__file__).parent.parent / "instances"
FILES = sorted(FOLDER.glob("*/*.toml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_bundled_instance_gives_what_it_expects(path):
    instance = load_instance(path).refined()
    report = solve_instance(instance)
    report.audit.raise_if_failed()
    record = report.record()
    expected = dict(instance.expected)
    tolerance = expected.pop("tolerance", 1e-9)
    # alpha approaches its limit as 1/cells only.
    slack = {"alpha": max(tolerance, 1.0 / max(instance.problem.environment.shape))}
    for key, value in expected.items():
        assert record[key] == pytest.approx(value, abs=slack.get(key, tolerance)), key


def test_every_folder_but_the_real_data_has_expectations():
    without = [path.stem for path in FILES if not load_instance(path).expected]
    assert without == ["house_prices"]


def test_the_instances_cover_delay_irregularity_weights_and_one_sided_finiteness():
    problems = {path.stem: load_instance(path).problem for path in FILES}
    assert isinstance(
        problems["delayed_exchange"].environment.outcomes, mo.environments.DelayedTrade
    )
    seller, buyer = problems["finite_seller"].environment.agents
    assert seller.types.is_finite
    assert not buyer.types.is_finite
    assert problems["unequal_weights"].objective.weights == (1.0, 2.0)
    irregular = problems["irregular_priors"]
    solution = mo.solve(irregular)
    assert solution.duals["seller_monotonicity"].max() > 0


def test_auto_cells_reach_the_wanted_width():
    problem = load_instance(FOLDER / "cramton1985" / "wanted_width.toml").refined().problem
    assert has_continuum(problem)
    solution = mo.solve(problem)
    bracket = bracket_continuum(solution)
    assert bracket.relative_width <= 1e-5
    assert bracket.lower <= 9 / 64 <= bracket.upper
