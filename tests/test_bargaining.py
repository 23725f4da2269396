"""Bargaining with mechanisms: monopoly payoffs, the random-monopoly bound, who takes the gap."""

from __future__ import annotations

import csv
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy import stats

import mechopt as mo
from mechopt.environments.bargaining import dropped_types, exchanged, labels_exchanged
from mechopt.literature.peski2024.bargaining import exact_random_monopoly, is_player_1_gap
from mechopt.literature.peski2024.player_1_gap import describe
from mechopt.literature.peski2024.random_monopoly import audit_payoffs
from mechopt.program.lagrangian import dual_bound
from tests.draws import THOROUGH, crossed, drawn, some

from .bargaining_oracle import largest_payoff_of_player_1, monopoly
from .cases import random_types

DATA = Path(__file__).parent / "data"
with (DATA / "bargaining.csv").open(newline="") as file:
    REFERENCE = list(csv.DictReader(file))
BACKENDS = ("highs", "cvxpy", "pyomo")


def name_of(row):
    return row if isinstance(row, str) else "-".join(list(row.values())[:6])


def two_types(low, high, probability_high):
    return ([low, high], [1 - probability_high, probability_high])


def of_row(row):
    number = {name: Fraction(text) for name, text in row.items()}
    return mo.Bargaining(
        two_types(number["l1"], number["h1"], number["p1"]),
        two_types(number["l2"], number["h2"], number["p2"]),
        number["beta1"],
    )


@pytest.mark.parametrize(("row", "backend"), crossed(REFERENCE, BACKENDS), ids=name_of)
def test_reference_values(row, backend):
    outcome = mo.peski2024.player_1_gap(of_row(row), backend)
    assert outcome.value == pytest.approx(float(row["E"]), abs=1e-12)
    assert outcome.gap == pytest.approx(float(row["gap"]), abs=1e-12)
    assert outcome.payoffs["player_2"] == pytest.approx(
        [float(row["u2_l2"]), float(row["u2_h2"])], abs=1e-9
    )
    assert outcome.is_unique["player_2"]
    outcome.audit().raise_if_failed()


@pytest.mark.parametrize("row", some(REFERENCE, 2), ids=name_of)
def test_reference_values_as_fractions(row):
    bargaining = of_row(row)
    exact = mo.exact_optimum(mo.peski2024.best_for_player_1(bargaining))
    assert exact.verify() == ()
    assert exact.objective == Fraction(row["E"])
    assert exact.objective - exact_random_monopoly(bargaining) == Fraction(row["gap"])
    quantity, payment = (exact.mechanism[f"player_2_{part}"] for part in ("quantity", "payment"))
    payoffs = [Fraction(row[t]) * quantity[k] - payment[k] for k, t in enumerate(("l2", "h2"))]
    assert payoffs == [Fraction(row["u2_l2"]), Fraction(row["u2_h2"])]
    closed = mo.peski2024.two_type_gap(
        *(Fraction(row[name]) for name in ("l1", "h1", "l2", "h2")),
        proposer_probability=Fraction(row["beta1"]),
    )
    assert closed.at(Fraction(row["p1"]), Fraction(row["p2"])) == Fraction(row["gap"])


def random_two_types(seed):
    """Return types, beliefs and proposer probability, in several units of money."""
    rng = np.random.default_rng(seed)
    low_1, low_2 = np.sort(rng.uniform(0, 1, 2))
    high_1, high_2 = rng.uniform(low_1, 1.5), rng.uniform(low_2, 1.5)
    unit = 10.0 ** rng.choice([0, 0, 0, -3, 4])
    types = unit * np.array([low_1, high_1, low_2, high_2])
    return types, rng.uniform(0, 1, 2), float(rng.uniform(0, 1))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("start", drawn(10, 10))
def test_random_instances_agree_with_the_closed_forms(start, backend):
    # Modelling languages take five times as long over the same program: a few are theirs.
    step = (1 if THOROUGH else 3) if backend == "highs" else 25
    for seed in range(50 * start, 50 * (start + 1), step):
        types, beliefs, chance = random_two_types(seed)
        bargaining = mo.Bargaining(
            two_types(*types[:2], beliefs[0]), two_types(*types[2:], beliefs[1]), chance
        )
        scale = types.max()
        # Of 200 draws, too: player 2's payoffs are unique where draws are generic.
        intervals = backend == "highs" and 0 < seed <= 200
        outcome = mo.peski2024.player_1_gap(bargaining, backend, intervals=intervals)
        closed = mo.peski2024.two_type_gap(*types, proposer_probability=chance).at(*beliefs)
        assert outcome.gap == pytest.approx(closed, abs=1e-9 * scale), seed
        assert outcome.value_without_own_bound == pytest.approx(outcome.value, abs=1e-9 * scale)
        assert -1e-12 * scale <= outcome.gap <= scale / 16 + 1e-12 * scale
        report = outcome.audit()
        assert report.passed, f"{seed}: {report}"
        if intervals:
            assert np.ptp(outcome.payoff_intervals["player_2"], axis=1).max() <= 1e-9 * scale, seed
            assert outcome.interval_error <= 1e-8 * scale, seed
            for name, ends in outcome.payoff_intervals.items():
                assert (ends[:, 0] <= outcome.payoffs[name]).all()
                assert (ends[:, 1] >= outcome.payoffs[name]).all()


def test_payoffs_of_player_2_are_not_unique_where_the_gap_begins():
    # At p_2** player 1's high type is indifferent between two prices.
    outcome = mo.peski2024.player_1_gap(
        mo.Bargaining(two_types(0, 1, 0.5), two_types(2, 3, 0.5), 0.5)
    )
    assert not outcome.is_unique["player_2"]
    assert outcome.gap == pytest.approx(0, abs=1e-12)


def test_own_bound_matters_with_three_types_of_player_1():
    bargaining = mo.Bargaining(([0, 2, 3], ["1/4", "1/4", "1/2"]), mo.TypeSpace.finite([1]), "1/4")
    for backend in BACKENDS:
        outcome = mo.peski2024.player_1_gap(bargaining, backend)
        assert outcome.value == pytest.approx(9 / 16, abs=1e-12)
        assert outcome.value_without_own_bound == pytest.approx(3 / 4, abs=1e-12)
    exact = mo.exact_optimum(mo.peski2024.best_for_player_1(bargaining))
    free = mo.exact_optimum(mo.peski2024.best_for_player_1(bargaining, own_bound=False))
    assert (exact.objective, free.objective) == (Fraction(9, 16), Fraction(3, 4))
    assert exact.verify() == free.verify() == ()


@pytest.mark.parametrize("seed", drawn(60, 12))
def test_many_types_agree_with_a_program_from_first_principles(seed):
    rng = np.random.default_rng(seed)
    first = random_types(rng, 0.0, 1.0, sizes=(1, 5), least_mass=1e-3)
    second = random_types(rng, 0.1, 1.3, sizes=(1, 5), least_mass=1e-3)
    chance = float(rng.choice([0.0, 0.25, rng.uniform(), 1.0]))
    swap = first.lowest > second.lowest
    if swap:
        first, second = second, first
    bargaining = mo.Bargaining(first, second, chance)
    types, masses = (first.mean, second.mean), (first.mass, second.mass)
    for verifiable in (False, True):
        outcome = mo.peski2024.player_1_gap(
            bargaining, BACKENDS[seed % 3], verifiable=verifiable, intervals=seed % 4 == 0
        )
        options = {"verifiable": verifiable}
        expected = largest_payoff_of_player_1(types, masses, chance, **options)
        free = largest_payoff_of_player_1(types, masses, chance, own_bound=False, **options)
        assert outcome.value == pytest.approx(expected, abs=1e-7)
        assert outcome.value_without_own_bound == pytest.approx(free, abs=1e-7)
        assert outcome.gap >= -1e-9
        outcome.audit().raise_if_failed()
    if first.num_cells <= 2:
        # With two types of player 1, the lowest of all among them, its own bound changes nothing.
        outcome = mo.peski2024.player_1_gap(bargaining, intervals=False)
        assert outcome.value_without_own_bound == pytest.approx(outcome.value, abs=1e-7)


class TestMonopoly:
    @settings(max_examples=200 if THOROUGH else 60)
    @given(
        st.lists(st.integers(0, 40), min_size=1, max_size=7, unique=True),
        st.lists(st.integers(1, 9), min_size=7, max_size=7),
        st.lists(st.integers(0, 45), min_size=1, max_size=5),
    )
    def test_finite_types_by_trying_all_prices(self, types, weights, own):
        types = sorted(types)
        mass = [Fraction(w, sum(weights[: len(types)])) for w in weights[: len(types)]]
        space = mo.TypeSpace.finite(types, mass)
        offer = mo.peski2024.monopoly(np.array(own, dtype=float), space)
        expected = [monopoly(Fraction(t), types, mass) for t in own]
        assert offer.payoff == pytest.approx([float(value) for value in expected], abs=1e-12)
        exact = mo.peski2024.RandomMonopoly(1.0, space).in_fractions(
            np.array([Fraction(t) for t in own], dtype=object)
        )
        assert list(exact) == expected
        # The price named brings the payoff.
        for t, price, refused, payoff in zip(
            own, offer.price, offer.refused, offer.payoff, strict=True
        ):
            below = sum(float(m) for x, m in zip(types, mass, strict=True) if x < price)
            assert refused == pytest.approx(below, abs=1e-12)
            sold = 0.0 if np.isinf(price) else (1 - below) * price
            assert payoff == pytest.approx(below * t + sold, abs=1e-12)

    @pytest.mark.parametrize(
        ("prior", "own", "price"),
        [
            (stats.uniform(0, 1), 0.0, 0.5),
            (stats.uniform(0, 1), 0.4, 0.7),
            (stats.uniform(1, 1), 0.5, 1.25),
            (stats.uniform(2, 1), 0.5, 2.0),
        ],
    )
    def test_uniform_prior_in_closed_form(self, prior, own, price):
        space = mo.TypeSpace.from_distribution(prior, 3)
        offer = mo.peski2024.monopoly(np.array([own]), space)
        refused = prior.cdf(price)
        assert offer.price[0] == pytest.approx(price, abs=1e-6)
        assert offer.payoff[0] == pytest.approx(refused * own + (1 - refused) * price, abs=1e-13)

    @pytest.mark.parametrize(
        "prior", [stats.beta(0.3, 0.4), stats.beta(2, 5), stats.truncnorm(-2, 2), stats.arcsine()]
    )
    def test_continuous_prior_against_a_fine_grid(self, prior):
        space = mo.TypeSpace.from_distribution(prior, 4)
        own = np.linspace(0, space.highest * 1.1, 23)
        quantiles = np.linspace(0, 1, 200_001)
        prices = prior.ppf(quantiles)
        best = [max(t, np.max(quantiles * t + (1 - quantiles) * prices)) for t in own]
        offer = mo.peski2024.monopoly(own, space)
        assert (offer.payoff >= np.array(best) - 1e-14).all()
        assert offer.payoff == pytest.approx(best, abs=1e-8)

    def test_prices_approach_a_type_from_below(self):
        offer = mo.peski2024.monopoly(np.array([0.0]), mo.TypeSpace.finite([1, 3], [0.25, 0.75]))
        assert (offer.price[0], offer.refused[0], offer.payoff[0]) == (3.0, 0.25, 2.25)

    def test_samples_in_cells_are_sold_to_at_the_lower_ends(self):
        space = mo.TypeSpace.from_samples([1, 2, 3, 4], cells=2)
        assert mo.peski2024.monopoly(np.array([0.0]), space).payoff[0] == pytest.approx(1.5)

    def test_a_tie_goes_to_the_lower_price(self):
        offer = mo.peski2024.monopoly(np.array([0.0, 1.0]), mo.TypeSpace.finite([1, 2]))
        assert offer.price.tolist() == [1.0, 2.0]


class TestLimits:
    @pytest.mark.parametrize("chance", [0, 1])
    @pytest.mark.parametrize("types", [(0, 2, 1, 3), (0, 1, 2, 3), (0, 3, 1, 2)])
    def test_a_certain_proposer_leaves_no_gap(self, types, chance):
        bargaining = mo.Bargaining(two_types(*types[:2], 0.4), two_types(*types[2:], 0.7), chance)
        outcome = mo.peski2024.player_1_gap(bargaining)
        assert outcome.gap == pytest.approx(0, abs=1e-12)
        proposer = "player_1" if chance else "player_2"
        assert outcome.payoffs[proposer] == pytest.approx(outcome.monopoly[proposer].payoff)

    @pytest.mark.parametrize("player", [0, 1])
    @pytest.mark.parametrize("belief", [0, 1])
    def test_types_of_probability_zero_are_dropped_and_named(self, player, belief):
        beliefs = [0.5, 0.5]
        beliefs[player] = belief
        bargaining = mo.Bargaining(two_types(0, 2, beliefs[0]), two_types(1, 3, beliefs[1]), 0.5)
        name = f"player_{player + 1}"
        left_out = [(0.0, 2.0), (1.0, 3.0)][player][1 - belief]
        assert dropped_types(bargaining) == {name: (left_out,)}
        outcome = mo.peski2024.player_1_gap(bargaining)
        assert outcome.gap == pytest.approx(0, abs=1e-12)
        assert f"types of {name} with probability 0 were dropped: {left_out:g}" in mo.summary(
            outcome
        )
        assert outcome.payoffs[name].shape == (1,)

    @pytest.mark.parametrize(
        "types", [(1, 2, 1, 3), (0, 3, 1, 3), (0, 3, 1, 2), (1, 3, 1, 2), (1, 2, 1, 2)]
    )
    def test_equal_low_types_and_a_higher_high_type_leave_no_gap(self, types):
        outcome = mo.peski2024.player_1_gap(
            mo.Bargaining(two_types(*types[:2], 0.3), two_types(*types[2:], 0.6), 0.4)
        )
        assert outcome.closed_form == 0
        assert outcome.gap == pytest.approx(0, abs=1e-12)

    def test_the_gap_moves_little_with_types_that_are_nearly_equal(self):
        # Across l_2 = h_1, where the closed form changes.
        gaps = [
            mo.peski2024.player_1_gap(
                mo.Bargaining(two_types(0, 1 + near, 0.5), two_types(1, 2, 0.5), 0.5),
                intervals=False,
            ).gap
            for near in (-1e-6, -1e-9, -1e-12, 0, 1e-12, 1e-9, 1e-6)
        ]
        assert gaps == pytest.approx([1 / 8] * 7, abs=3e-6)

    @pytest.mark.parametrize(
        ("types", "near"),
        crossed(
            # Nearly equal: both low, both high, h1 and l2, player 1's two, player 2's two.
            [(0, 2, 0, 3), (0, 3, 1, 3), (0, 1, 1, 3), (1, 1, 2, 3), (0, 1, 2, 2)],
            [1e-12, 1e-9, 1e-6],
        ),
    )
    def test_nearly_equal_types_break_nothing(self, types, near):
        low_1, high_1, low_2, high_2 = types
        variants = [
            (low_1, high_1 + near, low_2, high_2 + 2 * near),
            (low_1, high_1 + near, low_2 + near / 2, high_2 + 2 * near),
        ]
        for l1, h1, l2, h2 in variants:
            outcome = mo.peski2024.player_1_gap(
                mo.Bargaining(two_types(l1, h1, 0.5), two_types(l2, h2, 0.4), 0.3)
            )
            outcome.audit().raise_if_failed()
            assert outcome.gap == pytest.approx(outcome.closed_form, abs=1e-9)


class TestLabels:
    def test_the_wrong_player_1_is_refused(self):
        bargaining = mo.Bargaining(two_types(1, 3, 0.2), two_types(0, 2, 0.5), 0.25)
        with pytest.raises(mo.InvalidInputError, match="lowest type of at most 0"):
            mo.peski2024.player_1_gap(bargaining)

    def test_labels_are_exchanged_on_request_and_that_is_said(self):
        bargaining = mo.Bargaining(two_types(1, 3, 0.2), two_types(0, 2, 0.5), 0.25)
        outcome = mo.peski2024.player_1_gap(bargaining, swap=True)
        straight = mo.peski2024.player_1_gap(
            mo.Bargaining(two_types(0, 2, 0.5), two_types(1, 3, 0.2), 0.75)
        )
        assert outcome.players_swapped
        assert not straight.players_swapped
        assert outcome.value == pytest.approx(straight.value, abs=1e-12)
        assert "labels were exchanged" in mo.summary(outcome)

    def test_an_order_that_is_right_stays(self):
        bargaining = mo.Bargaining(two_types(0, 2, 0.5), two_types(1, 3, 0.5))
        assert not mo.peski2024.player_1_gap(bargaining, swap=True).players_swapped

    def test_exchanging_twice_gives_the_first_labels(self):
        bargaining = mo.Bargaining(two_types(0, 2, 1), two_types(1, 3, 0.5), "1/3")
        again = exchanged(exchanged(bargaining))
        assert not labels_exchanged(again)
        assert again == bargaining
        assert again != exchanged(bargaining)
        assert mo.ex_ante_efficiency(again).fingerprint == (
            mo.ex_ante_efficiency(bargaining).fingerprint
        )


class TestBasis:
    def test_two_types_on_each_side_have_a_theorem(self):
        outcome = mo.peski2024.player_1_gap(
            mo.Bargaining(two_types(0, 2, 0.5), two_types(1, 3, 0.5))
        )
        assert outcome.basis.startswith("theorem")

    @pytest.mark.parametrize(
        ("bargaining", "verifiable"),
        [
            (mo.Bargaining(two_types(0, 2, 0.5), mo.TypeSpace.finite([1, 2, 3])), False),
            (mo.Bargaining(two_types(0, 2, 0.5), two_types(1, 3, 0.5)), True),
            (mo.Bargaining(mo.TypeSpace.finite([0, 1, 4]), two_types(1, 3, 0.5)), False),
        ],
        ids=["any-t2", "verifiable", "many-t1"],
    )
    def test_extensions_are_marked_as_conjectural(self, bargaining, verifiable):
        outcome = mo.peski2024.player_1_gap(bargaining, verifiable=verifiable)
        assert outcome.basis.startswith("conjectural")
        assert outcome.basis in " ".join(mo.summary(outcome).split())
        assert outcome.closed_form is None
        assert set(outcome.payoff_intervals) == {"player_1", "player_2"}
        outcome.audit().raise_if_failed()

    def test_verifiable_types_leave_player_1_no_less(self):
        bargaining = mo.Bargaining(mo.TypeSpace.finite([0, 1, 4]), two_types(1, 3, 0.5))
        secret = mo.peski2024.player_1_gap(bargaining, intervals=False).value
        assert (
            mo.peski2024.player_1_gap(bargaining, verifiable=True, intervals=False).value
            >= secret - 1e-9
        )


class TestCells:
    CELLS = mo.TypeSpace.from_distribution(stats.beta(2, 3), 12)
    OTHER = mo.TypeSpace.from_distribution(stats.uniform(0.2, 1), 10)

    def test_every_backend_and_every_type_of_a_cell(self):
        bargaining = mo.Bargaining(self.CELLS, self.OTHER, 0.4)
        values = [mo.peski2024.player_1_gap(bargaining, b, intervals=False).value for b in BACKENDS]
        assert values == pytest.approx([values[0]] * 3, abs=1e-8)
        outcome = mo.peski2024.player_1_gap(bargaining)
        outcome.audit().raise_if_failed()
        # Not only at means and ends: the bound holds everywhere inside the cells.
        mechanism = outcome.solution.mechanism
        for i, agent in enumerate(bargaining.agents):
            for k in range(agent.types.num_cells):
                inside = np.linspace(agent.types.lower[k], agent.types.upper[k], 9)
                payoff = inside * mechanism.quantity[i][k] - mechanism.payment[i][k]
                assert (payoff >= agent.outside_option(inside) - 1e-9).all()

    def test_cells_approach_the_continuum_from_below(self):
        def value(size):
            spaces = [mo.TypeSpace.from_distribution(stats.uniform(0, 1), size) for _ in range(2)]
            return mo.peski2024.player_1_gap(mo.Bargaining(*spaces), intervals=False).value

        values = [value(size) for size in (5, 10, 20, 40)]
        assert values == sorted(values)
        assert values[-1] - values[-2] < 0.4 * (values[-2] - values[-3])

    def test_cells_too_coarse_for_the_bounds_are_an_error_and_means_a_remedy(self):
        bargaining = mo.Bargaining(self.CELLS, self.OTHER, 1)
        with pytest.raises(mo.errors.NotOptimalError, match="infeasible"):
            mo.peski2024.player_1_gap(bargaining)
        at_means = mo.Bargaining(self.CELLS.at_means(), self.OTHER.at_means(), 1)
        outcome = mo.peski2024.player_1_gap(at_means)
        assert outcome.gap == pytest.approx(0, abs=1e-9)


class TestAudits:
    BARGAINING = mo.Bargaining(two_types(0, 2, 0.5), two_types(1, 3, 0.2), 0.5)

    def test_payoffs_of_any_origin(self):
        good = {"player_1": [0.8, 1.4], "player_2": [0.75, 1.75]}
        assert audit_payoffs(self.BARGAINING, good).passed
        for name in good:
            for k in range(2):
                bad = {key: np.array(values) for key, values in good.items()}
                agent = self.BARGAINING.agents[self.BARGAINING.index_of(name)]
                bad[name][k] = agent.outside_option(agent.types.mean)[k] - 1e-5
                report = audit_payoffs(self.BARGAINING, bad)
                assert not report.passed
                assert f"type {k}" in str(report.failed[0])
                assert name in str(report.failed[0])

    @pytest.mark.parametrize(
        "payoffs",
        [
            {"player_1": [0, 0]},
            {"player_1": [0], "player_2": [0, 0]},
            {"player_1": [0, np.nan], "player_2": [0, 0]},
            {"player_1": [0, 1], "player_2": ["a", 0]},
            [1, 2],
        ],
    )
    def test_payoffs_that_do_not_fit(self, payoffs):
        with pytest.raises(mo.InvalidInputError):
            audit_payoffs(self.BARGAINING, payoffs)

    def test_a_bound_in_another_unit_of_money(self):
        scaled = self.BARGAINING.scaled(1000.0)
        report = audit_payoffs(scaled, {"player_1": [800, 1400], "player_2": [750, 1750]})
        assert report.passed
        assert not audit_payoffs(scaled, {"player_1": [800, 1400], "player_2": [740, 1750]}).passed

    def test_a_perturbed_result_does_not_pass(self):
        outcome = mo.peski2024.player_1_gap(self.BARGAINING)
        assert outcome.audit().passed
        mechanism = outcome.solution.mechanism
        richer = mo.Mechanism(
            mechanism.environment,
            mechanism.allocation,
            (mechanism.payment[0] - 0.01, mechanism.payment[1] + 0.01),
        )
        ends = {name: values + 0.01 for name, values in outcome.payoff_intervals.items()}
        perturbed = {
            "player 1 takes more than the bound allows": replace(
                outcome, solution=replace(outcome.solution, mechanism=richer)
            ),
            "a larger objective": replace(
                outcome, solution=replace(outcome.solution, objective=outcome.value + 1e-4)
            ),
            "intervals elsewhere": replace(outcome, payoff_intervals=ends),
            "ends far from their bounds": replace(outcome, interval_error=1e-3),
            "less without a bound": replace(outcome, value_without_own_bound=outcome.value - 1e-3),
        }
        for what, wrong in perturbed.items():
            assert not wrong.audit().passed, what

    def test_saved_solutions_keep_the_bounds(self, tmp_path):
        outcome = mo.peski2024.player_1_gap(self.BARGAINING)
        path = tmp_path / "gap.json"
        mo.save_solution(outcome.solution, path)
        loaded = mo.load_solution(path)
        assert is_player_1_gap(loaded.problem)
        assert loaded.problem.fingerprint == outcome.problem.fingerprint
        assert mo.audit(loaded.problem, loaded).passed


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (([0, 1], mo.TypeSpace.finite([1, 2])), "player_1"),
        ((mo.TypeSpace.finite([-1, 1]), mo.TypeSpace.finite([1, 2])), "below zero"),
        ((([-1, 1], [0, 1]), mo.TypeSpace.finite([1, 2])), "below zero"),
        ((mo.TypeSpace.finite([0, 1]), mo.TypeSpace.finite([1, 2]), 1.5), "probability"),
        ((mo.TypeSpace.finite([0, 1]), mo.TypeSpace.finite([1, 2]), "half"), "probability"),
        ((mo.TypeSpace.finite([0, 1]), mo.TypeSpace.finite([1, 2]), True), "probability"),
        ((([0, 1], [0.5, 0.6]), mo.TypeSpace.finite([1, 2])), "probabilities"),
        ((([1, 0], [0, 1]), mo.TypeSpace.finite([1, 2])), "increasing"),
        ((([0, 1], [0, 0]), mo.TypeSpace.finite([1, 2])), "no type has a positive"),
        ((([0, 1], [0, 1, 0]), mo.TypeSpace.finite([1, 2])), "probabilities"),
    ],
)
def test_bad_bargaining_is_refused(arguments, part):
    with pytest.raises(mo.InvalidInputError, match=part):
        mo.Bargaining(*arguments)


def test_bilateral_trade_is_no_bargaining():
    trade = mo.BilateralTrade(mo.TypeSpace.finite([0, 1]), mo.TypeSpace.finite([0, 1]))
    with pytest.raises(mo.InvalidInputError, match="Bargaining"):
        mo.peski2024.player_1_gap(trade)


WORDS = [("none", "interim"), ("interim", "none"), "none"]
ALIKE = [("none", "interim"), ("interim", "none"), "interim"]


class TestRequirementsByAgent:
    BARGAINING = mo.Bargaining(two_types(0, 2, 0.5), two_types(1, 3, 0.5))

    def test_words_by_name_in_order_and_for_all(self):
        problem = mo.ex_ante_efficiency(self.BARGAINING)
        by_name = replace(problem, incentives={"player_2": "none", "player_1": "interim"})
        in_order = replace(problem, incentives=("interim", "none"))
        assert by_name == in_order
        assert by_name.fingerprint == in_order.fingerprint != problem.fingerprint
        assert replace(problem, incentives=("interim", "interim")) == problem

    @pytest.mark.parametrize(
        "words", [{"player_1": "none"}, ("none",), ("interim", "maybe"), {"seller": "none"}, 3]
    )
    def test_other_words_are_refused(self, words):
        with pytest.raises(mo.InvalidInputError):
            replace(mo.ex_ante_efficiency(self.BARGAINING), participation=words)

    def test_saved_solutions_keep_them(self, tmp_path):
        problem = mo.peski2024.best_for_player_1(self.BARGAINING, verifiable=True, own_bound=False)
        solution = mo.solve(problem)
        mo.audit(problem, solution).raise_if_failed()
        mo.save_solution(solution, tmp_path / "solution.json")
        loaded = mo.load_solution(tmp_path / "solution.json")
        assert loaded.problem.incentives == problem.incentives
        assert loaded.problem.fingerprint == problem.fingerprint

    @pytest.mark.parametrize("incentives", WORDS)
    @pytest.mark.parametrize("participation", ALIKE)
    def test_backends_agree_on_them(self, incentives, participation):
        trade = mo.BilateralTrade(mo.TypeSpace.finite([0, 1, 3]), mo.TypeSpace.finite([0.5, 2]))
        problems = (
            mo.ex_ante_efficiency(self.BARGAINING, (1, 1)),
            mo.minimum_subsidy(self.BARGAINING),
            mo.ex_ante_efficiency(trade, (1, 1)),
        )
        # Problems take turns: each meets every word on both sides.
        turn = WORDS.index(incentives) + ALIKE.index(participation)
        for problem in some(problems, 3, turn):
            stated = replace(problem, incentives=incentives, participation=participation)
            solutions = [mo.solve(stated, backend, throw=False) for backend in BACKENDS]
            statuses = {solution.termination for solution in solutions}
            assert len(statuses) == 1, [str(s) for s in solutions]
            if solutions[0].mechanism is None:
                continue
            for solution in solutions:
                assert solution.objective == pytest.approx(solutions[0].objective, abs=1e-8)
                assert solution.bound == pytest.approx(solution.objective, abs=1e-7)
                mo.audit(stated, solution).raise_if_failed()


@pytest.mark.parametrize("backend", BACKENDS)
def test_random_nearly_equal_types_agree_within_the_solvers_tolerance(backend):
    rng = np.random.default_rng(0)
    for draw in drawn(36 if backend == "highs" else 9, 3):
        low_1, low_2 = np.sort(rng.uniform(0, 1, 2))
        near = 10.0 ** rng.uniform(-9, -3)
        high_2 = rng.uniform(low_2 + 0.01, 1.5)
        high_1 = max([low_2 + near, high_2 - near, low_1 + near][draw % 3], low_1 + 1e-9)
        beliefs, chance = rng.uniform(0.01, 0.99, 2), rng.uniform(0, 1)
        bargaining = mo.Bargaining(
            two_types(low_1, high_1, beliefs[0]), two_types(low_2, high_2, beliefs[1]), chance
        )
        outcome = mo.peski2024.player_1_gap(bargaining, backend, intervals=False)
        outcome.audit().raise_if_failed()
        assert outcome.gap == pytest.approx(outcome.closed_form, abs=1e-7)


def test_the_basis_of_limits_is_not_called_generic():
    for bargaining in (
        mo.Bargaining(two_types(1, 2, 0.5), two_types(1, 3, 0.5)),
        mo.Bargaining(two_types(0, 2, 0.5), two_types(1, 3, 0.5), 1),
        mo.Bargaining(two_types(0, 2, 1), two_types(1, 3, 0.5)),
        mo.Bargaining(two_types(0, 3, 0.5), two_types(1, 2, 0.5)),
    ):
        assert mo.peski2024.player_1_gap(bargaining).basis.startswith("limit of the theorem")


@pytest.mark.parametrize(
    "arguments",
    [
        (1, 4, 2, 5, "7/5"),
        (1, 4, 2, 5, -0.1),
        (1, 4, 2, 5, None),
        (3, 4, 2, 5, 0.5),
        (2, 1, 2, 5, 0.5),
        (-1, 1, 2, 5, 0.5),
        (0, float("inf"), 2, 5, 0.5),
        (0, "much", 2, 5, 0.5),
    ],
)
def test_closed_forms_of_nonsense_are_refused(arguments):
    *types, chance = arguments
    with pytest.raises(mo.InvalidInputError):
        mo.peski2024.two_type_gap(*types, proposer_probability=chance)


def test_closed_forms_take_fractions_as_texts():
    gap = mo.peski2024.two_type_gap(1, 4, 2, 5, proposer_probability="2/5")
    assert gap.at(Fraction(3, 10), Fraction(2, 5)) == Fraction(9, 250)


@pytest.mark.parametrize(
    ("types", "opponent"),
    [([1.0], [1, 3]), (mo.TypeSpace.finite([1]), mo.TypeSpace.finite([1])), ("a", None)],
)
def test_monopolies_of_nonsense_are_refused(types, opponent):
    with pytest.raises(mo.InvalidInputError):
        mo.peski2024.monopoly(types, opponent)


class TestIntervalsUnderRounding:
    @pytest.mark.parametrize("rare", [1e-3, 1e-6, 1e-8, 1e-10, 1e-12, 1e-14])
    def test_a_rare_type_has_its_interval_or_none(self, rare):
        bargaining = mo.Bargaining(two_types(0, 2, rare), two_types(1, 3, 0.5), 0.5)
        outcome = mo.peski2024.player_1_gap(bargaining)
        outcome.audit().raise_if_failed()
        low, high = outcome.payoff_intervals["player_1"][1]
        if np.isnan([low, high]).any():
            assert rare < 1e-6
            assert outcome.is_unique["player_1"] in (None, False)
            assert "not determined" in mo.summary(outcome)
        else:
            assert (low, high) == pytest.approx((1.25, 1.375), abs=1e-6)

    @pytest.mark.parametrize(
        ("size", "ratio"), some([(size, ratio) for size in (8, 15, 20) for ratio in (0.5, 0.6)], 3)
    )
    def test_geometric_probabilities(self, size, ratio):
        mass = ratio ** np.arange(1, size + 1)
        types = mo.TypeSpace.finite(np.arange(size), mass / mass.sum())
        outcome = mo.peski2024.player_1_gap(mo.Bargaining(types, types, 0.4))
        outcome.audit().raise_if_failed()
        assert outcome.interval_error <= 5e-8 * outcome.problem.environment.first_best
        assert not any(np.isnan(ends).any() for ends in outcome.payoff_intervals.values())

    def test_ends_that_rounding_moves_further_than_an_audit_allows_are_not_determined(self):
        mass = 0.5 ** np.arange(1, 26)
        types = mo.TypeSpace.finite(np.arange(25), mass / mass.sum())
        outcome = mo.peski2024.player_1_gap(mo.Bargaining(types, types, 0.4))
        outcome.audit().raise_if_failed()
        determined = [~np.isnan(ends) for ends in outcome.payoff_intervals.values()]
        assert all(some.any() and not some.all() for some in determined)
        assert "not determined" in mo.summary(outcome)

    @pytest.mark.parametrize("seed", some([0, 5, 18], 3))
    def test_verifiable_types_have_finite_bounds(self, seed):
        rng = np.random.default_rng(seed)
        first, second = (
            mo.TypeSpace.finite(np.arange(10) + shift, rng.dirichlet(np.ones(10)))
            for shift in (0.0, 0.5)
        )
        outcome = mo.peski2024.player_1_gap(mo.Bargaining(first, second, 0.4), verifiable=True)
        outcome.audit().raise_if_failed()
        assert np.isfinite(outcome.interval_error)

    @pytest.mark.parametrize("factor", [1 - 1e-13, 1 + 1e-13])
    def test_a_bound_without_incentives_survives_rounding_of_the_budget(self, factor):
        bargaining = mo.Bargaining(two_types(0, 2, 0.5), two_types(1, 3, 0.5))
        problem = replace(
            mo.peski2024.best_for_player_1(bargaining, verifiable=True),
            objective=mo.WeightedPayoffs(([1.0, 0.0], [0.0, 0.0])),
        )
        solution = mo.solve(problem)
        duals = solution.duals | {"budget": solution.duals["budget"] * factor}
        assert dual_bound(problem, duals) == pytest.approx(solution.objective, abs=1e-9)


def test_a_dropped_low_type_of_player_1_leaves_the_closed_forms():
    bargaining = mo.Bargaining(
        ([0, "1/2", 1], [0, "9/10", "1/10"]), mo.TypeSpace.finite(["2/5"]), "19/20"
    )
    outcome = mo.peski2024.player_1_gap(bargaining)
    assert outcome.gap == pytest.approx(0.0025, abs=1e-9)
    assert outcome.closed_form is None
    # Player 2's type is known: what it leaves player 1 beyond its bound is its best price's rent.
    assert outcome.basis.startswith("theorem: one player's type is known")
    bounds = mo.peski2024.bargaining_bounds(bargaining, "9/10")
    assert float(bounds.player_1.low) == pytest.approx(outcome.value, abs=1e-9)
    assert bounds.is_exact
    outcome.audit().raise_if_failed()


@pytest.mark.parametrize(
    "types",
    [
        (0, 1e-17, 1, 3),
        (0, 1, 1e-17, 3),
        (0, np.nextafter(1, 0), 1, 3),
        (0, np.nextafter(1, 2), 1, 3),
        (0, np.nextafter(3, 0), 1, 3),
        (0, 2, np.nextafter(3, 0), 3),
        (0, 2e-300, 1e-300, 3e-300),
        (0, 2e150, 1e150, 3e150),
    ],
)
def test_closed_forms_at_the_edge_of_floating_point(types):
    closed = mo.peski2024.two_type_gap(*types, proposer_probability=0.4)
    square = closed.at(np.linspace(0, 1, 7)[:, None], np.linspace(0, 1, 5)[None])
    assert np.isfinite(square).all()
    assert (square >= 0).all()
    assert (square[[0, -1]] == 0).all()
    assert square.max() <= max(types) / 16


def test_notes_are_saved_with_the_solution(tmp_path):
    bargaining = mo.Bargaining(two_types(1, 3, 0.5), two_types(0, 2, 1), 0.25)
    outcome = mo.peski2024.player_1_gap(bargaining, swap=True)
    mo.save_solution(outcome.solution, tmp_path / "gap.json")
    again = describe(mo.load_solution(tmp_path / "gap.json"))
    assert again.players_swapped
    assert again.notes() == outcome.notes()
    assert len(again.notes()) == 2
