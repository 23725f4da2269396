"""Bounds on equilibria of bargaining: closed forms, proofs, intervals, and what refuses them."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from matplotlib.figure import Figure
from scipy import stats
from scipy.optimize import linprog

import mechopt as mo
from mechopt.explore.bargaining import rows
from mechopt.literature.peski2024.gap_offers import _Plan, certificate_of
from mechopt.literature.peski2024.outer_set import OuterSet
from mechopt.literature.peski2024.small_programs import SmallProgram
from mechopt.peski2024 import (
    TwoTypes,
    bargaining_bounds,
    bounds_over_beliefs,
    cannot_be_refused,
    discount_sweep,
    gap_by_rounds,
    least_share,
    payoffs_with_known_type,
    raised_offer,
)
from mechopt.plot.bargaining import panels_of
from mechopt.report.gap import GapAddendum
from tests.bargaining_oracle import most_by_program
from tests.draws import drawn

F = Fraction
HALF = F(1, 2)
FIRST, SECOND = ([0, 2], [1, 3])
DISCOUNTS = (F(1, 10), F(1, 3), HALF, F(4, 5), F(9, 10), F(99, 100), F(999, 1000))


def bargaining(first, second, chance, high_1, high_2):
    types = [(own, [1 - F(high), F(high)]) for own, high in ((first, high_1), (second, high_2))]
    return mo.Bargaining(*types, chance)


def drawn_game(generator, *, steps=100, with_gap=True):
    """Return types on a lattice, low types in order, and the chance that player 1 proposes."""
    while True:
        types = [F(int(t), steps) for t in generator.integers(0, steps + 1, 4)]
        first, second = tuple(sorted(types[:2])), tuple(sorted(types[2:]))
        chance = F(int(generator.integers(3, 98)), 100)
        game = TwoTypes(first, second, chance)
        if first[0] <= second[0] and (game.bonus is not None or not with_gap):
            return game


@pytest.mark.parametrize("start", drawn(10, 10))
def test_support_function_and_gap_are_those_of_programs(start):
    generator = np.random.default_rng(start)
    for _ in range(100):
        types = np.sort(generator.random((2, 2)), axis=1)
        if types[0, 0] > types[1, 0]:
            types = types[::-1]
        k, m, p, q, share = generator.random(5)
        game = TwoTypes(tuple(types[0]), tuple(types[1]), share)
        mass = [(1 - p, p), (1 - q, q)]
        program = most_by_program(types, mass, [1 - k, k, 1 - m, m])
        assert game.support(k, m, p, q) == pytest.approx(program, abs=1e-12)
        sure = (None, None, *((1 - share) * u for u in game.monopoly(1, p)))
        program = most_by_program(types, mass, [1 - p, p, 0, 0], sure)
        assert game.most_for_player_1(p, q, share) == pytest.approx(program, abs=1e-12)


def test_support_function_takes_weights_of_any_sign():
    game = TwoTypes((0.0, 2.0), (1.0, 3.0), 0.5)
    mass = [(0.3, 0.7), (0.6, 0.4)]
    for k, m in ((-0.5, 0.2), (1.7, 1.2), (0.4, -2.0), (3.0, -1.0)):
        program = most_by_program([FIRST, SECOND], mass, [1 - k, k, 1 - m, m])
        assert game.support(k, m, 0.7, 0.4) == pytest.approx(program, abs=1e-12)


def test_small_programs_are_optimal_by_their_own_numbers():
    generator = np.random.default_rng(5)
    for _ in range(20):
        matrix = [[F(int(a)) for a in row] for row in generator.integers(-3, 5, (5, 4))]
        matrix.append([F(1)] * 4)
        limits = [F(int(a), 2) for a in generator.integers(-3, 9, 5)] + [F(20)]
        program = SmallProgram(matrix, limits)
        for _ in range(3):
            direction = [F(int(a)) for a in generator.integers(-3, 4, 4)]
            found = linprog(
                -np.array(direction, float),
                A_ub=np.array(matrix, float),
                b_ub=np.array(limits, float),
                method="highs",
            )
            assert program.is_empty == (found.status == 2)
            if program.is_empty:
                break
            value, point = program.most(direction), program.point()
            assert float(value) == pytest.approx(-found.fun, abs=1e-9)
            assert value == sum(d * x for d, x in zip(direction, point, strict=True))
            assert min(point) >= 0
            for row, limit in zip(matrix, limits, strict=True):
                assert sum(a * x for a, x in zip(row, point, strict=True)) <= limit


@pytest.mark.parametrize("seed", drawn(300, 60))
def test_claims_are_proved_and_larger_ones_refused(seed):
    generator = np.random.default_rng(1000 + seed)
    game = drawn_game(generator)
    proof = certificate_of(game, DISCOUNTS[seed % len(DISCOUNTS)])
    assert proof.violation <= 0
    peak = game.bonus.peak_2
    a = proof.crossing
    sure = game.chance * sum(w * u for w, u in zip((1 - a, a), game.monopoly(0, peak), strict=True))
    assert sure < proof.claimed(peak) <= sure + game.gap(a, peak, game.chance)
    more = game.gap(a, peak, game.chance) / 10**6
    for raised in (
        [(r, value + more) for r, value in proof.claim],
        [(r, value + more * game.bonus.hat(r)) for r, value in proof.claim],
    ):
        false = replace(proof, claim=tuple(raised))
        assert false.violation > 0
        assert not false.check().passed


@pytest.mark.parametrize(
    ("first", "second", "chance", "discount", "loss"),
    [
        (FIRST, SECOND, HALF, HALF, 0.0),
        ((0, HALF), (F(2, 5), 1), F(7, 10), HALF, 0.011295),
        ((0, HALF), (F(2, 5), 1), F(7, 10), F(9, 10), 0.0),
        ((0, 1), (2, 4), HALF, HALF, 0.025),
        ((0, 1), (2, 4), HALF, F(9, 10), 0.017308),
        ((0, 1), (2, 4), HALF, F(999, 1000), 0.000249),
    ],
)
def test_what_is_lost_of_the_gap(first, second, chance, discount, loss):
    game = TwoTypes(tuple(map(F, first)), tuple(map(F, second)), chance)
    proof = certificate_of(game, discount)
    a, peak = proof.crossing, game.bonus.peak_2
    whole = game.most_for_player_1(a, peak, chance)
    assert float(whole - proof.claimed(peak)) == pytest.approx(loss, abs=1e-6)


@pytest.mark.parametrize("seed", drawn(40, 20))
def test_from_some_patience_on_nothing_is_lost(seed):
    generator = np.random.default_rng(seed)
    game = drawn_game(generator)
    while game.second[0] >= game.first[1]:
        game = drawn_game(generator)
    proof = certificate_of(game, 1 - F(1, 10**6))
    a, peak = proof.crossing, game.bonus.peak_2
    assert proof.claimed(peak) == game.most_for_player_1(a, peak, game.chance)
    assert proof.violation <= 0


@pytest.mark.parametrize("seed", drawn(40, 10))
def test_rounds_never_exceed_the_gap_and_end_at_what_is_proved(seed):
    generator = np.random.default_rng(seed)
    game = drawn_game(generator)
    discount = 0.5
    found = gap_by_rounds(game.first, game.second, game.chance, discount, rounds=60, beliefs=9)
    gap = found.gap.values
    assert (found.proved.values <= gap + 1e-12).all()
    assert (np.diff(found.proved.values, axis=0) >= 0.0).all()
    proved = gap.max() - float(_Plan(game, game.bonus, F(discount)).loss)
    assert found.proved.values[-1].max() == pytest.approx(proved, abs=1e-9)


def test_each_types_payoff_need_not_be_convex_though_their_sum_is():
    """A slip of the working paper, section 5.5."""
    game = TwoTypes((F(0), F(2)), (F(1), F(3)), HALF)
    peak, near = game.bonus.peak_2, F(1, 100)

    def high_type(r):
        return HALF * game.monopoly(0, r)[1] + HALF * game.bonus.high * game.bonus.hat(r)

    assert high_type(peak - near) + high_type(peak + near) < 2 * high_type(peak)
    proof = certificate_of(game, F(9, 10))
    bend = proof.claimed(peak - near) + proof.claimed(peak + near) - 2 * proof.claimed(peak)
    assert bend >= 0


def test_pictures_show_the_bounds():
    ax = Figure().add_subplot()
    swept = discount_sweep(bargaining(FIRST, SECOND, HALF, HALF, F(3, 5)), [0, 0.5, 0.9])
    mo.plot.bounds_over_discounts(swept, ax)
    drawn_lines = [line.get_ydata() for line in ax.lines]
    for end in ("low", "high"):
        values = swept.expected.sel(player="player_2", end=end).values
        assert any(np.array_equal(values, line) for line in drawn_lines)
    square = bounds_over_beliefs(FIRST, SECOND, HALF, 0.9, 9)
    ax = mo.plot.bounds_square(square, Figure().add_subplot())
    assert ax.lines[0].get_xdata()[0] == square.crossing
    ax = mo.plot.bounds_square(
        bounds_over_beliefs(FIRST, SECOND, 0, 0.9, 3), Figure().add_subplot()
    )
    assert ax.texts[0].get_text() == "known at all beliefs"


def test_pictures_of_a_solution_at_a_discount_factor_have_its_intervals():
    given = bargaining(FIRST, SECOND, HALF, HALF, F(3, 5))
    solution = mo.solve(mo.peski2024.equilibrium_problem(given, 0.7))
    ax = mo.plot.draw(solution, Figure(), "discounts").axes[0]
    (low, high), factors = (F(end) for end in bargaining_bounds(given, 0.7).player_2), ax.lines
    seen = [dict(zip(line.get_xdata(), line.get_ydata(), strict=True)) for line in factors]
    assert {float(low), float(high)} <= {line.get(0.7) for line in seen}
    figure = mo.plot.overview(solution)
    assert len(figure.axes) >= 4
    with pytest.raises(mo.InvalidInputError):
        mo.plot.draw(mo.solve(mo.peski2024.best_for_player_1(given)), Figure(), "discounts")


def test_a_certificate_is_checked_in_all_its_parts():
    proof = certificate_of(TwoTypes((F(0), F(2)), (F(1), F(3)), HALF), F(9, 10))
    assert proof.check().passed
    wrong = [
        replace(proof, refusals=proof.refusals[1:]),
        replace(proof, offers=proof.offers[:-1]),
        replace(proof, payments=tuple((q, (w[0] - F(1, 100), w[1])) for q, w in proof.payments)),
        replace(proof, payments=proof.payments[:-1]),
        replace(proof, discount=F(95, 100)),
        replace(proof, crossing=F(1, 2)),
        replace(
            proof,
            offers=tuple(replace(o, payoffs_2=((o.payoffs_2[0][0] - 1,) * 2, o.payoffs_2[1]))
                         for o in proof.offers),
        ),
        replace(
            proof,
            refusals=tuple(replace(r, weights_2=(F(1), F(1))) for r in proof.refusals),
        ),
    ]  # fmt: skip
    for other in wrong:
        assert other.violation > 0


def test_weights_on_a_grid_would_prove_too_much():
    """Payoffs that no mechanism has pass if only a few weights are asked about."""
    game = TwoTypes((0.0, 2.0), (1.0, 3.0), 0.5)
    p, q = 0.5, 0.6
    weights = (0.0, 0.25, 0.5, 0.75, 1.0)
    sure = 0.5 * np.array([*game.monopoly(0, q), *game.monopoly(1, p)])
    # The high type of player 1 is raised as far as these weights let it go.
    room = min(
        (game.support(k, m, p, q) - (1 - k) * sure[0] - (1 - m) * sure[2] - m * sure[3]) / k
        for k in weights[1:]
        for m in weights
    )
    mass = [(1 - p, p), (1 - q, q)]
    exact = most_by_program([FIRST, SECOND], mass, [0, 1, 0, 0], tuple(sure))
    assert room > exact + 0.01
    bends = [0.4, *weights]
    assert min(
        (game.support(k, m, p, q) - (1 - k) * sure[0] - (1 - m) * sure[2] - m * sure[3]) / k
        for k in (0.5, 1.0, *np.linspace(0.01, 1, 100))
        for m in bends
    ) == pytest.approx(exact, abs=1e-9)


@pytest.mark.parametrize(
    ("discount", "low", "high"),
    [("0.5", 1.1167, 1.1375), (0.9, 1.1409, 1.15), (0.99, 1.1490, 1.15), (0.999, 1.1499, 1.15)],
)
def test_known_intervals(discount, low, high):
    bounds = bargaining_bounds(bargaining(FIRST, SECOND, HALF, HALF, F(3, 5)), discount)
    assert bounds.player_1.rounded() == (low, high)
    assert not bounds.is_exact
    assert bounds.limit.player_1 == (F(23, 20), F(23, 20))
    assert bounds.certificate.check().passed


@pytest.mark.parametrize("discount", [0.9, 0.99, 0.999])
def test_payoffs_above_the_crossing_are_known(discount):
    bounds = bargaining_bounds(bargaining(FIRST, SECOND, HALF, F(4, 5), F(3, 5)), discount)
    assert bounds.is_exact
    found = [float(e.low) for each in bounds.by_type.values() for e in each]
    assert found == [1.1, 1.3, 0.9, 1.5]
    assert bounds.notes == ()
    assert bounds.limit.by_type == bounds.by_type


@pytest.mark.parametrize("start", drawn(40, 20))
def test_no_interval_is_empty_and_the_closed_form_is_the_programs(start):
    generator = np.random.default_rng(start)
    for _ in range(5):
        game = drawn_game(generator, steps=40, with_gap=False)
        discount = (F(0), *DISCOUNTS, F(1))[int(generator.integers(9))]
        beliefs = [F(int(k), 23) for k in generator.integers(1, 23, 2)]
        if not all(game.steps):
            continue
        given = bargaining(list(game.first), list(game.second), game.chance, *beliefs)
        bounds = bargaining_bounds(given, discount)
        ends = [*bounds.expected.values(), *(e for own in bounds.by_type.values() for e in own)]
        assert all(each.low <= each.high for each in ends)
        sure = [u for own in bounds.random_monopoly.values() for u in own]
        lows = [e.low for own in bounds.by_type.values() for e in own]
        assert all(low >= least for low, least in zip(lows, sure, strict=True))
        axes = ([float(beliefs[0])], [float(beliefs[1])])
        square = bounds_over_beliefs(game.first, game.second, game.chance, discount, axes)
        assert square.low.item() == pytest.approx(float(bounds.player_1.low), abs=1e-12)
        assert square.high.item() == pytest.approx(float(bounds.player_1.high), abs=1e-12)
        limit = bounds.limit.player_1
        assert bounds.player_1.high <= limit.high == limit.low


def test_without_patience_proposers_are_monopolists():
    bounds = bargaining_bounds(bargaining(FIRST, SECOND, F(1, 3), HALF, F(3, 5)), 0)
    assert bounds.player_1.is_point
    assert bounds.player_2.is_point
    assert bounds.certificate is None


@pytest.mark.parametrize("seed", drawn(100, 10))
def test_known_types_leave_one_point_at_any_discount_factor(seed):
    generator = np.random.default_rng(seed)
    t, low, high = sorted(F(int(x), 97) for x in generator.choice(98, 3, replace=False))
    if seed % 3:
        t, low = low, t
    chance, belief = (F(int(generator.integers(1, 30)), 31) for _ in range(2))
    swapped = seed % 2 == 1
    known, unknown = [t], ([low, high], [1 - belief, belief])
    own = 1 - chance if swapped else chance
    found = payoffs_with_known_type(t, (low, high), belief, own)
    given = mo.Bargaining(
        *((unknown, (known, [1])) if swapped else ((known, [1]), unknown)), chance
    )
    bounds = bargaining_bounds(given, DISCOUNTS[seed % 7], swap=True)
    assert bounds.is_exact
    payoffs = {len(own): tuple(e.low for e in own) for own in bounds.by_type.values()}
    assert payoffs == {1: (found.known,), 2: found.other}
    # What the random-monopoly bounds leave is a point as well, whatever the closed form.
    for i, own in enumerate(bounds.by_type.values()):
        units = [[F(k == at) for at in range(len(own))] for k in range(len(own))]
        assert tuple(bounds._interval(i, unit) for unit in units) == own
    both = bargaining_bounds(mo.Bargaining(([t], [1]), ([high], [1]), chance), 0.7, swap=True)
    shares = (chance, 1 - chance)
    assert [float(e.low) for e in both.expected.values()] == pytest.approx(
        [float(share * max(t, high)) for share in (shares if t <= high else shares[::-1])]
    )


def test_at_a_tie_of_prices_the_rent_is_open():
    assert payoffs_with_known_type(0, (1, 2), 0.5, 0.5) is None


def test_rounds_of_thought_end_at_the_random_monopoly_share():
    share, discount, part = F(2, 5), F(9, 10), F(0)
    for rounds in range(1, 30):
        proposing = 1 - discount * (1 - part)
        part = share * proposing + (1 - share) * discount * part
        assert part == least_share(share, discount, rounds)


def test_what_a_player_is_held_down_to():
    bounds = bargaining_bounds(bargaining(FIRST, SECOND, HALF, HALF, F(3, 5)), 0.9)
    (low_1, high_1), (low_2, high_2) = bounds.deterrence("3/5")
    sure = [HALF * u for u in (F(9, 5), F(13, 5))]
    assert (low_1, high_2) == tuple(sure)
    assert low_2 > low_1
    assert high_1 > high_2
    single = bargaining_bounds(bargaining(FIRST, [3, 5], 1, HALF, HALF), 0.9)
    assert len(single.deterrence(HALF)) == 1


def test_intervals_close_as_players_become_patient():
    swept = discount_sweep(bargaining(FIRST, SECOND, HALF, HALF, F(3, 5)), [0.9, 0.99, 0.999])
    width = np.ptp(swept.expected.sel(player="player_1").values, axis=1)
    np.testing.assert_allclose(width / (1 - swept.discount.values), 0.1, rtol=0.1)
    assert swept.limit.sel(player="player_1").item() == pytest.approx(1.15)
    assert swept.player_1.shape == (3, 2, 2)


def test_players_in_the_other_order():
    given = bargaining(SECOND, FIRST, F(1, 3), F(3, 5), HALF)
    with pytest.raises(mo.InvalidInputError, match="lower lowest type"):
        bargaining_bounds(given, 0.9)
    bounds = bargaining_bounds(given, 0.9, swap=True)
    same = bargaining_bounds(bargaining(FIRST, SECOND, F(2, 3), HALF, F(3, 5)), 0.9)
    assert bounds.by_type == same.by_type
    assert "exchanged" in bounds.notes[0]


def test_decimals_that_do_not_sum_to_one_exactly():
    given = mo.Bargaining(
        ([0, 2], [1 - 0.1234567891234567, 0.1234567891234567]), ([1, 3], [0.7, 0.3])
    )
    assert bargaining_bounds(given, 0.9).certificate.check().passed


COIN = mo.TypeSpace.finite([0, 1])
COINS = bargaining(FIRST, SECOND, HALF, HALF, HALF)


@pytest.mark.parametrize(
    ("given", "discount", "part"),
    [
        (mo.Bargaining(mo.TypeSpace.finite(range(40)), COIN), 0.9, "too many types"),
        (
            mo.Bargaining(mo.TypeSpace.from_distribution(stats.uniform(0, 1), 2), COIN),
            0.9,
            "not fin",
        ),
        (COINS, 1.5, "not a discount factor"),
        (COINS, True, "not a discount factor"),
        (COINS, "soon", "not a discount factor"),
        (mo.BilateralTrade(COIN, COIN), 0.9, "bargaining"),
    ],
)
def test_what_has_no_bounds_is_refused(given, discount, part):
    with pytest.raises(mo.InvalidInputError, match=part):
        bargaining_bounds(given, discount)


BOUNDS = bargaining_bounds(bargaining(FIRST, SECOND, HALF, HALF, F(3, 5)), F(9, 10))


@pytest.mark.parametrize("by", ["player_1", "player_2"])
def test_more_than_anybody_can_get_cannot_be_refused(by):
    found = cannot_be_refused([3, 5], BOUNDS, by=by)
    assert found
    assert found.certificate.check().passed


def test_the_offers_of_a_proof_cannot_be_refused_and_less_can():
    proof = BOUNDS.certificate
    assert cannot_be_refused(proof.payments, BOUNDS)
    less = [(q, (low - F(1, 100), high - F(1, 100))) for q, (low, high) in proof.payments]
    found = cannot_be_refused(less, BOUNDS)
    assert found.answer is False
    assert found.certificate is None
    assert_waiting_is_better(found.counterexample, less)


def assert_waiting_is_better(example, offer):
    """Check a counterexample by definition: payoffs of a mechanism, in which both have more."""
    q, r = float(example.proposer), float(example.refuser)
    first, second = ([float(u) for u in side] for side in example.payoffs)
    beliefs = [float(node) for node, _ in offer]
    offered = [np.interp(q, beliefs, [float(w[t]) for _, w in offer]) for t in (0, 1)]
    for paid, payoff in zip(offered, second, strict=True):
        assert 0.9 * payoff >= paid + float(example.gain) - 1e-12
    # With these floors total payoffs do not exceed what the good is worth.
    mass = [(1 - q, q), (1 - r, r)]
    floor = (*(u - 1e-9 for u in first), *(u - 1e-9 for u in second))
    assert most_by_program([FIRST, SECOND], mass, [1, 0, 0, 0], floor) >= first[0] - 1e-9
    sure = [0.5 * u for u in TwoTypes((0.0, 2.0), (1.0, 3.0), 0.5).monopoly(0, r)]
    assert all(u >= least - 1e-12 for u, least in zip(first, sure, strict=True))


def test_at_known_types_only_those_that_there_are_refuse():
    found = cannot_be_refused([1, 2], BOUNDS, by="player_1")
    assert found.answer is False
    assert found.counterexample.gain > 0


def test_raised_offers_cannot_be_refused_and_cost_little_more():
    found = raised_offer([F(1, 10), F(6, 5)], BOUNDS)
    assert found
    assert found.certificate.violation <= 0
    by_proof = dict(BOUNDS.certificate.payments)
    assert dict(found.payments)[F(1)][1] < by_proof[F(1)][1] + 1


@pytest.mark.parametrize(
    ("offer", "words", "part"),
    [
        ([1, 2, 3], {}, "not an offer"),
        ([(0, [1, 2])], {}, "not an offer"),
        ([(0, [1, 2]), (0.5, [1, 2])], {}, "not an offer"),
        (["one", "two"], {}, "not an offer"),
        (7, {}, "not an offer"),
        ([1, 2], {"by": "player_3"}, "no such player"),
    ],
)
def test_what_is_no_offer_is_refused(offer, words, part):
    with pytest.raises(mo.InvalidInputError, match=part):
        cannot_be_refused(offer, BOUNDS, **words)


def test_a_known_type_refuses_what_is_less_than_it_has_by_waiting():
    """Known is 0: alone it gets half of its monopoly, 3/2 of types 1 and 3 at even chances."""
    single = bargaining_bounds(mo.Bargaining(([0], [1]), ([1, 3], [0.5, 0.5])), 0.9)
    found = cannot_be_refused([F(9, 10) * F(3, 2)], single, by="player_1")
    assert found
    assert found.is_proved
    assert not cannot_be_refused([F(3, 5)], single, by="player_1")
    assert cannot_be_refused([F(46, 100), F(136, 100)], single)
    assert cannot_be_refused([F(9, 20), F(26, 20)], single).answer is False


def test_the_neutral_solution_is_feasible_and_exhausts_what_it_weighs():
    expected = {"player_1": (F(9, 10), F(13, 10)), "player_2": (F(5, 6), F(3, 2))}
    assert BOUNDS.neutral == expected
    mass = [HALF, HALF], [F(2, 5), F(3, 5)]
    types = (F(0), F(2)), (F(1), F(3))
    assert not OuterSet(types, mass, tuple(BOUNDS.neutral.values())).is_empty
    public = BOUNDS.complete_information
    assert public["player_1"] == public["player_2"] == F(6, 5)


def test_a_report_says_why_there_are_no_bounds_of_too_many_types():
    """By hand, and from saved files, such a problem can be stated; files refuse it at once."""
    types = mo.TypeSpace.finite(range(9))
    bargaining = mo.Bargaining(types, types, 0.5)
    solution = mo.solve(mo.peski2024.equilibrium_problem(bargaining, "9/10"))
    addendum = GapAddendum.of(solution, further=False)
    (name, said) = addendum.remarks()[-1]
    assert name == "equilibria at discount factor 0.9"
    assert "at most 64 pairs of types, got 9 times 9" in said
    assert addendum.bounds is None
    assert "equilibrium_low" not in addendum.record(None)
    assert addendum.unchecked() == (f"{name}: {said}",)
    assert "discounts" not in panels_of(solution).panels
    assert [row[0] for row in rows(solution)] == ["player 1 can be sure of", "gap"]


def test_bounds_of_others_than_the_two_are_not_asked_what_equilibria_leave():
    """Once the programs in fractions met payoffs without a largest sum, and ended in a trace."""
    bargaining = mo.Bargaining(mo.TypeSpace.finite([0, 2]), mo.TypeSpace.finite([1, 3]), 0.5)
    solution = mo.solve(mo.peski2024.equilibrium_problem(bargaining, "9/10"))
    first, second = bargaining.agents
    option = replace(first.outside_option, proposer_probability=0.9, exact=None)
    changed = replace(bargaining, agents=(replace(first, outside_option=option), second))
    problem = mo.peski2024.equilibrium_problem(changed, "9/10")
    addendum = GapAddendum.of(replace(solution, problem=problem), further=False)
    assert "the chances to propose sum to 1.4" in addendum.unchecked()[0]
    assert not all(check.passed for check in addendum.checks())
