"""Bargaining with more than two types: what is proved, what is conjectural, and that it is said."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from scipy.optimize import linprog

import mechopt as mo
from mechopt.literature.peski2024 import simplex_search
from mechopt.literature.peski2024.finite_types import CONJECTURED, ONE_KNOWN, PROVED
from mechopt.literature.peski2024.outer_set import OuterSet
from mechopt.literature.peski2024.simplex_proofs import Halving, Leaf
from mechopt.literature.peski2024.simplex_search import Waiting, proof_or_waiting
from mechopt.peski2024 import (
    BeliefGrid,
    Correspondence,
    FiniteTypes,
    Splitting,
    bargaining_bounds,
    cannot_be_refused,
    discount_sweep,
    informed_principal,
    mediated_game,
    player_1_gap,
    raised_offer,
    reveal,
    splitting,
    transfer,
)
from tests.bargaining_oracle import largest_payoff_of_player_1
from tests.draws import drawn, some

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
    given = mo.Bargaining(mo.TypeSpace.finite([0, 1, 2]), mo.TypeSpace.finite([1, 3]), 0.5)
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


THREE = FiniteTypes((F(0), F(1), F(2)), (F(1), F(2), F(3)), F(1, 2))
BOUNDS = bargaining_bounds(
    mo.Bargaining(mo.TypeSpace.finite([0, 1, 2]), mo.TypeSpace.finite([1, 2, 3]), 0.5), 0.9
)


def test_offers_to_more_types():
    found = cannot_be_refused([1, 2, 3], BOUNDS)
    assert found
    assert not found.is_proved
    assert found.certificate.check().passed
    found = cannot_be_refused([F(4, 5), F(6, 5), F(9, 5)], BOUNDS)
    assert found.answer is False
    example = found.counterexample
    assert example.gain > 0
    # Payoffs of a mechanism by definition, with which every type gains from waiting.
    there = [k for k, chance in enumerate(example.refuser) if chance]
    held = OuterSet(
        (THREE.first, [THREE.second[k] for k in there]),
        (example.proposer, [example.refuser[k] for k in there]),
        tuple([u - F(1, 10**9) for u in side] for side in example.payoffs),
    )
    assert not held.is_empty
    for k, payoff in zip(there, example.payoffs[1], strict=True):
        assert F(9, 10) * payoff >= (F(4, 5), F(6, 5), F(9, 5))[k] + example.gain
    own = [F(1, 2) * u for u in THREE.monopoly(0, example.refuser)]
    assert all(u >= least for u, least in zip(example.payoffs[0], own, strict=True))


def test_raised_offers_to_more_types():
    known = bargaining_bounds(mo.Bargaining(([0], [1]), mo.TypeSpace.finite([1, 2, 4])), 0.9)
    found = raised_offer([0, F(1, 2), F(3, 2)], known)
    assert found
    assert found.is_proved
    assert F(0) < found.payments[0][1][0] < 1


def test_a_proof_on_simplices_is_checked_in_all_its_parts():
    found = cannot_be_refused([[1, "8/5", 2], [1, "3/2", 2], [1, "3/2", 2]], BOUNDS).certificate
    assert found.violation <= 0
    low = tuple((own[0] - F(3, 10), *own[1:]) for own in found.payments)
    for other in (
        replace(found, payments=low),
        replace(found, game=replace(THREE, chance=F(0))),
        replace(found, proof=Leaf((), (), ())),
        replace(found, proof=Halving(0, (0, 7), (found.proof, found.proof))),
        replace(found, proof=Halving(0, (1, 1), (found.proof, found.proof))),
    ):
        assert other.violation > 0
        assert not other.check().passed
    leaf = found.proof
    assert isinstance(leaf, Leaf)
    below = tuple(tuple((-up - 1, down) for up, down in rents) for rents in leaf.rents_2)
    assert replace(found, proof=replace(leaf, rents_2=below)).violation > 0
    absent = tuple(tuple((up, down + F(1, 9)) for up, down in rents) for rents in leaf.rents_2)
    assert replace(found, proof=replace(leaf, rents_2=absent)).violation > 0


@pytest.mark.parametrize("seed", drawn(40, 14))
def test_of_two_types_both_searches_say_the_same(seed):
    generator = random.Random(seed)
    sides = [drawn_types(generator, 2) for _ in range(2)]
    sides.sort(key=lambda side: side[0][0])
    game = FiniteTypes(tuple(sides[0][0]), tuple(sides[1][0]), F(generator.randrange(1, 30), 30))
    bounds = bargaining_bounds(mo.Bargaining(*sides, game.chance), F(9, 10))
    other = FiniteTypes(game.second, game.first, 1 - game.chance)
    low = F(generator.randrange(60), 97)
    offer = [low, low + F(generator.randrange(40), 97)]
    found = cannot_be_refused(offer, bounds, by="player_1")
    again = proof_or_waiting(other, F(9, 10), [offer, offer])
    if found.answer is not None and again is not None:
        assert isinstance(again, Waiting) == (found.answer is False)


@pytest.mark.parametrize("offer", [[1, 2], [[1, 2, 3]] * 2, 7, ["one"] * 3])
def test_what_is_no_offer_to_more_types_is_refused(offer):
    with pytest.raises(mo.InvalidInputError, match="not an offer"):
        cannot_be_refused(offer, BOUNDS)


CORNERS = tuple(map(tuple, np.eye(3).tolist()))
THIRD = (0.25, 0.25, 0.5)
GRID = BeliefGrid((*CORNERS, (0.5, 0.5, 0.0), THIRD), (0, 0.6, 1))
GAME = FiniteTypes((0.0, 1.0, 2.0), (1.0, 3.0), 0.5)
UNIVERSAL = Correspondence.universal(GAME, GRID)
INSIDE = (THIRD, 0.6)
DIRECTIONS = ([0.3, 0.3, 0.4, 0.5, 0.5], [0.0, 0.0, 1.0, 0.4, 0.6], [0.9, 0.1, 0.0, 1.0, 0.0])


def most(mechanism, direction, belief=INSIDE):
    return mechanism.furthest(belief, direction)[0]


def test_the_universal_mechanism_of_three_types_is_that_of_the_outer_set():
    mass = [F(1, 4), F(1, 4), F(1, 2)], [F(2, 5), F(3, 5)]
    types = ([F(0), F(1), F(2)], [F(1), F(3)])
    nothing = ([F(-9)] * 3, [F(-9)] * 2)
    held = OuterSet(types, mass, nothing)
    for direction in DIRECTIONS[:1]:
        exact = [F(str(w)) for w in direction]
        # Payoffs of both players, no lower than a floor that does not bind at even weights.
        expected = held.most((exact[:3], exact[3:]))
        assert most(UNIVERSAL, direction) <= float(expected) + 1e-9
    efficient = sum(
        p * q * max(t, s)
        for t, p in zip(types[0], mass[0], strict=True)
        for s, q in zip(types[1], mass[1], strict=True)
    )
    assert most(UNIVERSAL, [0.25, 0.25, 0.5, 0.4, 0.6]) == pytest.approx(float(efficient))


def test_identities_of_revelation_with_three_types():
    for player in ("player_1", "player_2"):
        told = reveal(UNIVERSAL, player)
        price = Correspondence.posted_price(GAME, GRID, player, 1.5)
        for direction in DIRECTIONS:
            assert most(told, direction) == pytest.approx(most(UNIVERSAL, direction), abs=1e-8)
            assert most(reveal(price, player), direction) >= most(price, direction) - 1e-9
    assert most(transfer(UNIVERSAL, "player_1", 0.5), DIRECTIONS[0]) == pytest.approx(
        most(UNIVERSAL, DIRECTIONS[0])
    )


@pytest.mark.parametrize("seed", drawn(30, 30))
def test_three_messages_reach_the_concave_envelope(seed):
    """Payoffs of the sender are the same everywhere, so that any splitting is an equilibrium."""
    values = dict(zip(GRID.first, np.random.default_rng(seed).random(len(GRID.first)), strict=True))
    mechanism = Correspondence.from_function(GAME, GRID, lambda p, q: [0, 0, 0, values[p], 0])
    posteriors = np.array(GRID.first)
    for belief in (THIRD, (0.5, 0.5, 0.0), CORNERS[1]):
        found = linprog(
            -np.array(list(values.values())), A_eq=posteriors.T, b_eq=belief, bounds=(0, None)
        )
        told = most(reveal(mechanism, "player_1"), [0, 0, 0, 1, 0], (belief, 0.6))
        assert told == pytest.approx(-found.fun, abs=1e-9)
        split = splitting(mechanism, "player_1", (belief, 0.6), [0, 0, 0, 1, 0])
        average = sum(weight * np.array(q) for q, weight in split.posteriors)
        assert average == pytest.approx(np.array(belief), abs=1e-9)


def test_types_of_no_probability_send_what_is_best_for_them():
    """At certainty of the low type the others may be believed anything of."""

    def payoffs(p, q):
        del q
        return [0.0, p[1], 2 * p[2], 0.0, 0.0]

    mechanism = Correspondence.from_function(GAME, GRID, payoffs)
    told = reveal(mechanism, "player_1")
    belief = (CORNERS[0], 0.6)
    assert most(told, [0, 1, 0, 0, 0], belief) == pytest.approx(1.0)
    assert most(told, [0, 0, 1, 0, 0], belief) == pytest.approx(2.0)
    assert most(told, [0, 1, 1, 0, 0], belief) == pytest.approx(3.0)
    assert most(told, [1, 0, 0, 0, 0], belief) == pytest.approx(0.0)


def test_a_posted_price_alone_gives_three_types_their_monopoly():
    """At this belief all three would ask for 3."""
    close, grid = 1e-3, BeliefGrid((*CORNERS, THIRD), (0, 0.6, 1))
    nothing = Correspondence.constant(GAME, grid, [0] * 5)
    price = Correspondence.posted_price(GAME, grid, "player_1", 3 - close)
    offer = transfer(price, "player_1", close)
    found = informed_principal(nothing, "player_1", offers=[offer])
    payoffs = GAME.monopoly(0, (0.4, 0.6))
    for t, payoff in some(list(enumerate(payoffs)), 3, start=1):
        least = -most(found, [-(k == t) for k in range(5)])
        assert payoff - 2.5 * close <= least <= payoff + 1e-9


@pytest.mark.parametrize(
    ("call", "part"),
    [
        (lambda: BeliefGrid(CORNERS[:2], (0, 1)), "not beliefs about types"),
        (lambda: BeliefGrid((*CORNERS, (0.5, 0.4, 0.0)), (0, 1)), "not beliefs about types"),
        (lambda: Correspondence.universal(GAME, BeliefGrid((0, 1), (0, 1))), "other numbers of"),
        (lambda: UNIVERSAL.furthest(INSIDE, [1, 0, 1, 0]), "not 5 numbers"),
        (lambda: UNIVERSAL.furthest((0.5, 0.6), [1, 0, 0, 1, 0]), "not beliefs of the grid"),
        (lambda: mediated_game(GAME, GRID, lambda p, q: [0] * 5), "two types on each side"),
        (lambda: mo.plot.splitting(Splitting("player_1", THIRD, (), 0.0, 0.0)), "two types"),
    ],
)
def test_what_does_not_fit_three_types_is_refused(call, part):
    with pytest.raises(mo.InvalidInputError, match=part):
        call()


def test_a_search_that_gives_up_says_that_it_is_undecided(monkeypatch):
    game = mo.Bargaining(mo.TypeSpace.finite([0, 1, 2]), mo.TypeSpace.finite([1, 2, 3]), 0.5)
    bounds = bargaining_bounds(game, 0.9)
    assert str(cannot_be_refused([1, 2, 3], bounds)).startswith("cannot be refused")
    assert str(cannot_be_refused([0, 0, 0], bounds)).startswith("can be refused: each type gains")
    monkeypatch.setattr(simplex_search, "MAX_PARTS", 0)
    undecided = cannot_be_refused([1, 2, 3], bounds)
    assert undecided.answer is None
    assert not undecided
    assert str(undecided).startswith("undecided: the search gave up")


def test_too_many_offers_to_an_informed_principal_are_refused_before_they_take_minutes():
    game = FiniteTypes((0.0, 1.0, 2.0), (1.0, 2.0, 3.0), 0.5)
    third = (1 / 3, 1 / 3, 1 / 3)
    grid = BeliefGrid(*[[(1, 0, 0), (0, 1, 0), (0, 0, 1), third]] * 2)
    nothing = Correspondence.constant(game, grid, [0] * 6)
    prices = [Correspondence.posted_price(game, grid, "player_1", p) for p in (0.99, 1.99, 2.99)]
    found = informed_principal(nothing, "player_1", offers=prices)
    with pytest.raises(mo.InvalidInputError, match="at most 20,000 at each pair of beliefs"):
        found.furthest((third, third), [-1, 0, 0, 0, 0, 0])
