"""Bargaining with more than two types: what is proved, what is conjectural, and that it is said."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

import mechopt as mo
from mechopt.literature.peski2024.finite_types import CONJECTURED, ONE_KNOWN, PROVED
from mechopt.literature.peski2024.outer_set import OuterSet
from mechopt.peski2024 import FiniteTypes, bargaining_bounds, discount_sweep, player_1_gap
from tests.bargaining_oracle import largest_payoff_of_player_1
from tests.draws import drawn

F = Fraction


def drawn_types(generator, size):
    """Return different types and their probabilities, in fractions."""
    types = sorted(generator.sample(range(97), size))
    parts = [generator.randrange(1, 9) for _ in types]
    return [F(t, 97) for t in types], [F(part, sum(parts)) for part in parts]


@pytest.mark.parametrize("seed", drawn(120, 10))
def test_a_known_type_leaves_one_point_whatever_the_number_of_types(seed):
    generator = random.Random(seed)
    types, _ = drawn_types(generator, generator.randrange(3, 8))
    known = types.pop(generator.randrange(len(types)))
    _, mass = drawn_types(generator, len(types))
    chance, discount = F(generator.randrange(31), 30), F(generator.randrange(101), 100)
    sides = [([known], [1]), (types, mass)]
    bounds = bargaining_bounds(
        mo.Bargaining(*(sides if seed % 2 else sides[::-1]), chance), discount, swap=True
    )
    assert bounds.is_proved
    assert bounds.basis == (ONE_KNOWN if len(types) > 2 else PROVED)
    if bounds._by_known_type() is None:
        return
    for i, own in enumerate(bounds.by_type.values()):
        units = [[F(k == at) for at in range(len(own))] for k in range(len(own))]
        assert tuple(bounds._interval(i, unit) for unit in units) == own


@pytest.mark.parametrize("seed", drawn(60, 10))
def test_with_its_share_of_the_larger_type_nobody_leaves_a_known_type_more_than_the_rest(seed):
    """What the proof for a known type rests on: no mechanism beats a share of the monopoly."""
    generator = random.Random(seed)
    types, mass = drawn_types(generator, generator.randrange(1, 7))
    known, share = F(generator.randrange(97), 97), F(generator.randrange(11), 10)
    sure = [F(0)], [share * max(s, known) for s in types]
    held = OuterSet(([known], types), ([F(1)], mass), sure)
    best = FiniteTypes((known,), tuple(types), F(1, 2)).monopoly(0, mass)[0]
    assert held.most(([F(1)], [F(0)] * len(types))) == (1 - share) * best


@pytest.mark.parametrize("seed", drawn(30, 6))
def test_outer_sets_are_those_of_programs_with_a_payment_in_every_profile(seed):
    generator = random.Random(seed)
    sides = [drawn_types(generator, generator.randrange(2, 5)) for _ in range(2)]
    sides.sort(key=lambda side: side[0][0])
    chance = F(generator.randrange(31), 30)
    bounds = bargaining_bounds(mo.Bargaining(*sides, chance), 1)
    types, masses = ([list(map(float, side[part])) for side in sides] for part in (0, 1))
    expected = largest_payoff_of_player_1(types, masses, float(chance))
    assert float(bounds.player_1.high) == pytest.approx(expected, abs=1e-9)
    sure = [sum(m * u for m, u in zip(*pair, strict=True)) for pair in zip(
        bounds.mass, bounds.random_monopoly.values(), strict=True
    )]  # fmt: skip
    assert bounds.player_1.low >= sure[0]


def test_more_types_are_conjectural_and_say_so():
    given = mo.Bargaining(mo.TypeSpace.finite([0, 1, 2]), mo.TypeSpace.finite([1, 2, 3]), 0.5)
    bounds = bargaining_bounds(given, 0.9)
    assert not bounds.is_proved
    assert bounds.basis == CONJECTURED
    assert "take for granted" in bounds.notes[-1]
    assert "conjectural" in repr(bounds)
    assert bounds.neutral is None
    assert discount_sweep(given, [0.5]).attrs["basis"] == CONJECTURED
    assert float(bounds.limit.player_1.high) == pytest.approx(player_1_gap(given).value)
    lows = [bargaining_bounds(given, d).player_1.high for d in (0, F(1, 2), F(9, 10), 1)]
    assert lows == sorted(lows)
    with pytest.raises(mo.errors.UnsupportedProblemError, match="at most two types"):
        bounds.deterrence(0.5)


def test_types_of_probability_zero_count():
    given = mo.Bargaining(([0, 1, 2], [0, "1/2", "1/2"]), mo.TypeSpace.finite([1, 3]))
    assert bargaining_bounds(given, 0.9).basis == CONJECTURED


def test_probabilities_that_do_not_sum_to_one_exactly_are_divided_by_their_sum():
    third = 1 / 3
    given = mo.Bargaining(([0, 1, 2], [third, third, 1 - 2 * third]), mo.TypeSpace.finite([1, 3]))
    bounds = bargaining_bounds(given, 0.9)
    assert sum(bounds.mass[0]) == 1
    assert bounds.player_1.low <= bounds.player_1.high


def test_what_are_no_types_is_refused():
    for own in ((), (1, 0), (1, 1)):
        with pytest.raises(mo.InvalidInputError, match="not types"):
            FiniteTypes(own, (1,), 0.5)
