"""Maps of player 1's gap over beliefs and types."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import mechopt as mo
from mechopt._util.rationals import as_fraction
from mechopt.literature.peski2024 import gap_map, gap_programs
from mechopt.literature.peski2024.gap_programs import gaps_by_programs
from tests.draws import crossed, drawn

CASES = {
    "l2<h1": ((0, 2), (1, 3)),
    "h1<l2": ((0, 1), (2, 3)),
    "l2=h1": ((0, 0.5), (0.5, 1)),
    "h1>h2": ((0, 3), (1, 2)),
    "l1=l2": ((1, 2), (1, 3)),
    "one-type": ((0, 0), (1, 3)),
}


@pytest.mark.parametrize(
    ("case", "chance"), crossed([case for case in CASES if case != "one-type"], [0.0, 0.3, 1.0])
)
def test_programs_agree_with_the_closed_form(case, chance):
    closed = mo.peski2024.gap_over_beliefs(*CASES[case], chance, 5)
    solved = mo.peski2024.gap_over_beliefs(*CASES[case], chance, 5, method="program")
    assert np.abs(closed.gap - solved.gap).max() <= 1e-9
    assert closed.gap.dims == ("high_1", "high_2")


@pytest.mark.parametrize("case", ["l2<h1", "h1<l2", "l2=h1"])
def test_the_peak_is_where_it_is_said_to_be(case):
    square = mo.peski2024.gap_over_beliefs(*CASES[case], 0.4, 301)
    at_peak = mo.peski2024.gap_over_beliefs(
        *CASES[case], 0.4, ([square.attrs["peak_1"]], [square.attrs["peak_2"]])
    )
    assert at_peak.gap.item() >= square.gap.max().item()
    below = square.gap.sel(high_2=square.high_2[square.high_2 <= square.attrs["floor_2"]])
    assert (below == 0).all()
    assert (square.gap >= 0).all()
    edges = [square.gap.isel(high_1=i) for i in (0, -1)] + [square.gap.isel(high_2=-1)]
    assert all((edge == 0).all() for edge in edges)


@pytest.mark.parametrize("case", CASES)
def test_prices_are_those_of_the_monopolist(case):
    types = CASES[case]
    square = mo.peski2024.gap_over_beliefs(*types, 0.5, ([0.1, 0.35, 0.8], [0.2, 0.55, 0.9]))
    for i, (own, other) in enumerate((types, types[::-1])):
        if other[0] == other[1]:
            continue
        axis = f"high_{2 - i}"
        for belief in square[axis].values:
            opponent = mo.TypeSpace.finite(other, [1 - belief, belief])
            expected = mo.peski2024.monopoly(np.array(own, dtype=float), opponent).price
            found = [
                square[f"price_{kind}_{1 + i}"].sel({axis: belief}).item()
                for kind in ("low", "high")
            ]
            assert found == pytest.approx(list(expected))


def test_nobody_buys_at_a_price_that_nobody_has():
    square = mo.peski2024.gap_over_beliefs((0, 2), (1, 3), 0.5, 3)
    assert square.price_high_1.values.tolist() == [np.inf, 3.0, 3.0]
    assert square.price_low_1.values.tolist() == [1.0, 3.0, 3.0]


def test_programs_take_a_single_type_and_the_chance_as_text():
    closed = mo.peski2024.gap_over_beliefs((0, 0), (1, 3), "1/3", 3)
    solved = mo.peski2024.gap_over_beliefs((0, 0), (1, 3), "1/3", np.int64(3), method="program")
    assert np.abs(closed.gap - solved.gap).max() <= 1e-9


def test_one_program_for_all_beliefs_says_what_one_for_each_does():
    for types, chance in ((CASES["l2<h1"], "1/3"), (((0, 2e9), (1e9, 3e9)), 0.4)):
        beliefs = np.array([0.0, 0.3, 1.0])
        together = gaps_by_programs(*types, as_fraction(chance), beliefs, beliefs)
        for place in [(0, 1), (1, 0), (1, 1), (1, 2)]:
            own, other = beliefs[list(place)]
            alone = gap_map._gap_by_program(*types, chance, (own, other), "highs")
            assert together[place] == pytest.approx(alone, abs=1e-12 * types[1][1])


def test_what_one_program_for_all_beliefs_did_not_prove_is_solved_alone(monkeypatch):
    programs = gap_programs._Programs
    value = programs.value

    def with_a_fault(self, goods, paid):
        # The first pair of beliefs gives its good twice, the second makes a lie pay.
        goods[:1] += 1e-6
        paid[0][1:2, -1] += 1e-6
        return value(self, goods, paid)

    monkeypatch.setattr(programs, "value", with_a_fault)
    beliefs = np.array([0.4, 0.5, 0.6])
    found = gaps_by_programs((0, 2), (1, 3), Fraction(1, 2), beliefs, beliefs[:1])
    assert np.isnan(found).ravel().tolist() == [True, True, False]
    square = mo.peski2024.gap_over_beliefs(
        (0, 2), (1, 3), 0.5, (beliefs, beliefs[:1]), method="program"
    )
    closed = mo.peski2024.gap_over_beliefs((0, 2), (1, 3), 0.5, (beliefs, beliefs[:1]))
    assert np.abs(square.gap - closed.gap).max() <= 1e-9


def test_no_multipliers_prove_less_than_the_optimum():
    beliefs = np.full((50, 1), 0.5)
    mass = np.hstack([beliefs, beliefs])
    floors = np.full((50, 2), [0.75, 1.25]), np.full((50, 2), [0.75, 1.5])
    programs = gap_programs._Programs(
        (np.array([0.0, 2.0]), np.array([1.0, 3.0])), (mass,) * 2, floors
    )
    multipliers = np.random.default_rng(0).normal(size=(50, 13))
    bound = programs.bound(multipliers)
    assert (bound >= 17 / 16).all()
    assert np.isfinite(bound).all()


def test_the_largest_gap_is_a_sixteenth_of_the_highest_type():
    for seed in drawn(2, 2):
        found = mo.peski2024.largest_gap(seed=seed)
        assert found.share == pytest.approx(1 / 16, abs=1e-9)
        assert found.share <= 1 / 16
        assert np.array(found.types) == pytest.approx(np.array([[0, 0.5], [0.5, 1]]), abs=1e-4)
        assert (*found.beliefs, found.proposer_probability) == pytest.approx((0.5,) * 3, abs=1e-4)


def test_no_random_two_types_exceed_a_sixteenth():
    rng = np.random.default_rng(0)
    for _ in range(3_000):
        low_1, low_2, high_1, high_2 = np.sort(rng.uniform(size=4))[rng.permutation(4)]
        if not (low_1 <= low_2 and low_1 <= high_1 and low_2 <= high_2):
            continue
        gap = mo.peski2024.two_type_gap(
            low_1, high_1, low_2, high_2, proposer_probability=float(rng.uniform())
        )
        assert gap.delta <= max(high_1, high_2) / 16 + 1e-15


def test_figures_cover_both_cases():
    figures = mo.peski2024.gap_figures(beliefs=31)
    assert set(figures) == {"l_2 < h_1", "h_1 < l_2"}
    (l1, h1), (l2, h2) = (figures["l_2 < h_1"].attrs[f"player_{i}"] for i in (1, 2))
    assert l1 < l2 < h1 < h2
    (l1, h1), (l2, h2) = (figures["h_1 < l_2"].attrs[f"player_{i}"] for i in (1, 2))
    assert l1 < h1 < l2 < h2


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        (((0, 2), (1, 3), 0.5, 1), {}),
        (((0, 2), (1, 3), 0.5, ([0.5, 1.2], [0.5])), {}),
        (((0, 2), (1, 3), 0.5, True), {}),
        (((0, 2), (1, 3), 0.5, 5), {"method": "guess"}),
        (((1, 2), (0, 3)), {}),
        (((2, 1), (3, 4)), {}),
        (((-1, 1), (0, 4)), {}),
        (((0, 1), (2, 3), 1.5), {}),
        (((0, 1, 2), (2, 3)), {}),
        ((3, (2, 3)), {}),
        (((0, "a"), (2, 3)), {}),
        (((0, 1), (2, 3), "half"), {}),
        (((0, 1), (2, float("inf")), 0.5), {}),
        (((0, 1), (2, 3), 0.5, (["a"], [0.5])), {}),
    ],
)
def test_maps_that_make_no_sense_are_refused(arguments, options):
    with pytest.raises(mo.InvalidInputError):
        mo.peski2024.gap_over_beliefs(*arguments, **options)
