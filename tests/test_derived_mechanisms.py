"""Correspondences on a grid of beliefs, mechanisms derived from them, and mediated games."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure
from scipy.optimize import linprog

import mechopt as mo
from mechopt.peski2024 import (
    BeliefGrid,
    Correspondence,
    DirectMechanism,
    TwoTypes,
    convexify,
    discount,
    informed_principal,
    mediated_game,
    menu,
    mix,
    reveal,
    splitting,
    transfer,
    upper_contour,
)
from tests.bargaining_oracle import rows_of_payoffs

GAME = TwoTypes((0.0, 2.0), (1.0, 3.0), 0.5)
GRID = BeliefGrid((0, 0.5, 1), (0, 0.6, 1))
TYPES = (GAME.first, GAME.second)
UNIVERSAL = Correspondence.universal(GAME, GRID)
NOTHING = Correspondence.constant(GAME, GRID, [0, 0, 0, 0])
INSIDE = (0.5, 0.6)
# Directions in which payoffs are bounded: both players' weights sum to one.
DIRECTIONS = [[1 - k, k, 1 - m, m] for k in (0.0, 0.3, 0.5, 1.0) for m in (0.1, 0.6, 1.0)]


def most(mechanism, direction, belief=INSIDE):
    return mechanism.furthest(belief, direction)[0]


def test_the_universal_mechanism_has_the_support_function():
    for p in GRID.first:
        for q in GRID.second:
            for direction in DIRECTIONS[::3]:
                expected = GAME.support(direction[1], direction[3], p, q)
                assert most(UNIVERSAL, direction, (p, q)) == pytest.approx(expected, abs=1e-9)


def test_discounts_multiply_and_lotteries_add_supports():
    other = Correspondence.posted_price(GAME, GRID, "player_1", 2.5)
    twice, once = discount(discount(UNIVERSAL, 0.9), 0.8), discount(UNIVERSAL, 0.72)
    mixed = mix(UNIVERSAL, other, 0.3)
    for direction in DIRECTIONS:
        assert most(twice, direction) == pytest.approx(most(once, direction), abs=1e-9)
        expected = 0.3 * most(UNIVERSAL, direction) + 0.7 * most(other, direction)
        assert most(mixed, direction) == pytest.approx(expected, abs=1e-9)
        paid = transfer(other, "player_1", 0.25)
        assert most(paid, direction) == pytest.approx(most(other, direction), abs=1e-9)
    assert most(paid, [1, 0, 0, 0]) == pytest.approx(most(other, [1, 0, 0, 0]) - 0.25)


def test_unions_hulls_containment_and_distance():
    one, other = (Correspondence.constant(GAME, GRID, [x, 1, 1, 1]) for x in (0, 2))
    both = one | other
    middle = [1, 1, 1, 1]
    assert not both.contains(INSIDE, middle)
    assert convexify(both).contains(INSIDE, middle)
    assert both.distance(INSIDE, middle) == pytest.approx(1.0)
    assert convexify(both).distance(INSIDE, [1, 1, 1, 4]) == pytest.approx(3.0)
    assert UNIVERSAL.contains(INSIDE, [0, 1, 0.5, 1.5])
    assert not UNIVERSAL.contains(INSIDE, [3, 3, 3, 3])
    assert one.exceeds(both, DIRECTIONS) <= 1e-12


def test_identities_of_revelation():
    for player in ("player_1", "player_2"):
        told = reveal(UNIVERSAL, player)
        price = Correspondence.posted_price(GAME, GRID, player, 1.5)
        once = reveal(price, player)
        for direction in DIRECTIONS[::4]:
            assert most(told, direction) == pytest.approx(most(UNIVERSAL, direction), abs=1e-8)
            assert most(once, direction) >= most(price, direction) - 1e-9
            again = most(reveal(once, player), direction)
            assert again == pytest.approx(most(once, direction), abs=1e-8)
            assert most(menu([price], player), direction) == most(once, direction)


def test_an_item_that_is_worse_for_all_types_adds_nothing():
    price = Correspondence.posted_price(GAME, GRID, "player_1", 2.5)
    worse = Correspondence.constant(GAME, GRID, [-1, -1, 5, 5])
    for direction in DIRECTIONS:
        alone = most(reveal(price, "player_1"), direction)
        assert most(menu([price, worse], "player_1"), direction) == pytest.approx(alone, abs=1e-9)


def test_more_mechanisms_reveal_more():
    part = discount(UNIVERSAL, 0.5)
    more = part | Correspondence.posted_price(GAME, GRID, "player_2", 2.0)
    for direction in DIRECTIONS[::3]:
        assert (
            most(reveal(part, "player_2"), direction)
            <= most(reveal(more, "player_2"), direction) + 1e-8
        )


def brute_force(direction, weights, offset):
    """Return the most of a direction if player 1's messages lead to all three posteriors.

    The mechanism is what U leaves at a posterior, and ``offset`` times the posterior for player 2.
    Messages with no weight are sent by nobody.
    """
    sent = [(q, w) for q, w in zip(GRID.first, weights, strict=True) if w > 0]
    width = 12 * len(sent)
    upper, most_of, equal = [], [], []
    cost = np.zeros(width)
    for place, (q, weight) in enumerate(sent):
        rows, limits = rows_of_payoffs(TYPES, [(1 - q, q), (0.4, 0.6)])
        block = np.zeros((len(rows), width))
        block[:, 12 * place : 12 * place + 12] = rows
        upper.append(block)
        most_of.append(limits)
        cost[12 * place + 10 : 12 * place + 12] = -weight * np.array(direction[2:])
    # Each type's payoff is the largest over messages, and that of any message that it sends.
    for t in (0, 1):
        senders = [k for k, (q, _) in enumerate(sent) if (q if t else 1 - q) > 0]
        cost[12 * senders[0] + 8 + t] -= direction[t]
        for k in range(len(sent)):
            row = np.zeros(width)
            row[12 * k + 8 + t] += 1.0
            row[12 * senders[0] + 8 + t] -= 1.0
            if k in senders:
                equal.append(row)
            else:
                upper.append(row[None, :])
                most_of.append(np.zeros(1))
    found = linprog(
        cost,
        A_ub=np.concatenate(upper),
        b_ub=np.concatenate(most_of),
        A_eq=np.array(equal),
        b_eq=np.zeros(len(equal)),
        bounds=([(0, None)] * 8 + [(None, None)] * 4) * len(sent),
        method="highs",
    )
    if found.status != 0:
        return -np.inf
    bonus = sum(w * offset * q * sum(direction[2:]) for q, w in sent)
    return -found.fun + bonus


def test_revelation_is_what_splittings_into_all_posteriors_reach():
    offset = 0.7

    def bonus(p, q):
        return [0, 0, 2 * offset * p, 2 * offset * p]

    mechanism = mix(UNIVERSAL, Correspondence.from_function(GAME, GRID, bonus), 0.5)
    told = reveal(mechanism, "player_1")
    splittings = [(t, 1 - 2 * t, t) for t in (0.0, 0.1, 0.25, 0.4, 0.5)]
    for direction in DIRECTIONS[::2]:
        half = [0.5 * each for each in direction]
        found = [brute_force(half, weights, 2 * offset) for weights in splittings]
        assert max(found) == pytest.approx(most(told, direction), abs=1e-8)


def test_upper_contours_hold_what_is_better_than_waiting():
    price = Correspondence.posted_price(GAME, GRID, "player_1", 2.5)
    held = upper_contour(price, "player_2")
    low = -most(held, [0, 0, -1, 0])
    assert low == pytest.approx(0.0, abs=1e-9)
    assert -most(held, [0, 0, 0, -1]) == pytest.approx(0.5)
    for direction in DIRECTIONS:
        assert most(held, direction) <= most(UNIVERSAL, direction) + 1e-9


def test_posted_prices_alone_give_a_proposer_its_monopoly():
    """Maskin and Tirole's informed principal: refusing leads to nothing."""
    close = 1e-3
    prices = [
        transfer(Correspondence.posted_price(GAME, GRID, "player_1", p - close), "player_1", close)
        for p in (1, 3)
    ]
    found = informed_principal(NOTHING, "player_1", offers=prices)
    for t, payoff in enumerate(GAME.monopoly(0, 0.6)):
        least = -most(found, [-(t == 0), -(t == 1), 0, 0])
        assert payoff - 2.5 * close <= least <= payoff + 1e-9
    single = informed_principal(NOTHING, "player_1", offers=prices[:1])
    assert -most(single, [0, -1, 0, 0]) < GAME.monopoly(0, 0.6)[1] - 1


def test_splittings_take_payoffs_as_far_as_messages_can():
    mechanism = Correspondence.from_function(GAME, GRID, lambda p, q: [0, 0, (2 * p - 1) ** 2, 0])
    found = splitting(mechanism, "player_1", INSIDE, [0, 0, 1, 0])
    assert found.posteriors == ((0.0, 0.5), (1.0, 0.5))
    assert (found.silent, found.value) == (0.0, 1.0)
    silent = splitting(mechanism, "player_1", INSIDE, [0, 0, -1, 0])
    assert silent.posteriors == ((0.5, 1.0),)
    ax = mo.plot.splitting(found, Figure().add_subplot())
    assert [text.get_text() for text in ax.texts] == ["0.5", "0.5"]
    other = splitting(UNIVERSAL, "player_2", INSIDE, [0.5, 0.5, 0.5, 0.5])
    assert sum(q * w for q, w in other.posteriors) == pytest.approx(0.6)


@pytest.mark.parametrize(
    ("call", "part"),
    [
        (lambda: BeliefGrid((0, 0.5), (0, 1)), "axis of beliefs"),
        (lambda: BeliefGrid((0, 0.5, 0.4, 1), (0, 1)), "axis of beliefs"),
        (lambda: UNIVERSAL.furthest((0.3, 0.6), [1, 0, 1, 0]), "not beliefs of the grid"),
        (lambda: UNIVERSAL.furthest(INSIDE, [1, 0, 0, 0]), "not bounded"),
        (lambda: UNIVERSAL.furthest(INSIDE, [1, 0]), "not four numbers"),
        (lambda: reveal(UNIVERSAL, "player_3"), "no such player"),
        (lambda: discount(UNIVERSAL, 1.5), "not a share"),
        (lambda: menu([], "player_1"), "empty menu"),
        (lambda: Correspondence.constant(GAME, GRID, [1, 2]), "not payoffs"),
        (
            lambda: UNIVERSAL | Correspondence.universal(GAME, BeliefGrid((0, 1), (0, 1))),
            "different games or grids",
        ),
        (lambda: mediated_game(GAME, GRID, lambda p, q: [9, 9, 9, 9]), "not payoffs of a mech"),
        (lambda: mediated_game(GAME, GRID, lambda p, q: [9, 9]), "not payoffs of a mech"),
    ],
)
def test_bad_arguments_are_refused(call, part):
    with pytest.raises(mo.InvalidInputError, match=part):
        call()


def test_without_posteriors_on_the_grid_there_is_no_equilibrium():
    thin = Correspondence.from_function(GAME, GRID, lambda p, q: [p, -p, 0, 0])
    hidden = reveal(thin, "player_1")
    assert hidden.parts[1, 1]
    only = Correspondence(GAME, GRID, {**thin.parts, (1, 1): ()}, False)
    with pytest.raises(mo.errors.NotOptimalError, match="no payoffs at beliefs"):
        reveal(only, "player_1").furthest(INSIDE, [1, 0, 0, 0])


def price_of_2(p, q):
    """Player 1 sells at 2: to player 2's high type."""
    del p
    return [2 * q, 2, 0, 1]


def test_a_mediated_game_has_the_wanted_payoffs():
    game = mediated_game(GAME, GRID, price_of_2)
    for p in GRID.first:
        for q in GRID.second:
            np.testing.assert_allclose(game.payoffs((p, q)), price_of_2(p, q), atol=1e-8)
            game.check((p, q)).raise_if_failed()


def test_player_1s_truth_does_not_depend_on_beliefs():
    game = mediated_game(GAME, GRID, price_of_2)
    for mechanism in game.mechanisms.values():
        outcomes = mechanism.outcomes(GAME)[0]
        for t in (0, 1):
            assert (outcomes[t, t] >= outcomes[t, 1 - t] - 1e-9).all()


def test_wrong_payments_are_noticed():
    game = mediated_game(GAME, GRID, price_of_2)
    broken = game.mechanisms[1, 1].payments.copy()
    broken[0, 0, 0] += 3.0
    game.mechanisms[1, 1] = DirectMechanism(game.mechanisms[1, 1].goods, broken)
    assert not game.check(INSIDE).passed


def read_gambit(text):
    """Return a tree from the lines of a Gambit file: a small reader for what is written here."""
    lines = iter(text.splitlines()[2:])

    def node():
        line = next(lines)
        kind = line[0]
        if kind == "t":
            return kind, [float(x) for x in re.search(r"\{ (.*) \}", line)[1].split(",")]
        inner = re.search(r"\{ (.*) \}", line)[1]
        if kind == "c":
            chances = [float(x) for x in re.findall(r'" ([0-9.e-]+)', inner)]
            return kind, chances, [node() for _ in chances]
        player, place = map(int, re.match(r'p "" (\d+) (\d+)', line).groups())
        actions = re.findall(r'"([^"]*)"', inner)
        return kind, (player, place), actions, [node() for _ in actions]

    tree = node()
    assert next(lines, None) is None
    return tree


def expected(tree, choose):
    """Return expected payoffs if ``choose(player, information set)`` is the action's position."""
    if tree[0] == "t":
        return np.array(tree[1])
    if tree[0] == "c":
        values = [expected(child, choose) for child in tree[2]]
        return np.array(tree[1]) @ np.array(values)
    return expected(tree[3][choose(*tree[1])], choose)


def test_the_gambit_file_has_the_equilibrium(tmp_path):
    game = mediated_game(GAME, GRID, price_of_2)
    path = tmp_path / "mediated.efg"
    game.to_gambit(INSIDE, path)
    tree = read_gambit(path.read_text(encoding="utf-8"))
    named = GRID.nodes().index(GRID.node(INSIDE))

    def truth(player, place):
        return named if player == 3 else (place - 1) % 2

    payoffs = expected(tree, truth)
    interim = price_of_2(*INSIDE)
    assert payoffs[0] == pytest.approx(0.5 * (interim[0] + interim[1]), abs=1e-8)
    assert payoffs[1] == pytest.approx(0.4 * interim[2] + 0.6 * interim[3], abs=1e-8)
    for action in range(len(GRID.nodes())):
        lie = expected(tree, lambda i, k, a=action: a if i == 3 else truth(i, k))
        assert lie[2] <= payoffs[2] + 1e-12
    for player in (1, 2):
        for place in (1 + 2 * named, 2 + 2 * named):

            def other(i, k, at=(player, place)):
                return 1 - truth(i, k) if (i, k) == at else truth(i, k)

            lie = expected(tree, other)
            assert lie[player - 1] <= payoffs[player - 1] + 1e-9


def test_large_games_and_other_names_are_not_written(tmp_path):
    game = mediated_game(GAME, BeliefGrid((0, 1), (0, 1)), price_of_2)
    with pytest.raises(mo.InvalidInputError, match="not the name of a Gambit file"):
        game.to_gambit((0, 1), tmp_path / "game.txt")
    mechanisms = dict.fromkeys(range(144), game.mechanisms[0, 0])
    large = replace(game, mechanisms=mechanisms)
    with pytest.raises(mo.InvalidInputError, match="too large"):
        large.to_gambit((0, 1), tmp_path / "game.efg")
