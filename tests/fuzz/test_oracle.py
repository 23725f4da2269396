"""The judge on trial: its fractions against enumeration, linear programs of scipy, and itself."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

import pytest
from flint import fmpq, fmpq_mat

import mechopt as mo

from .. import bargaining_oracle, oracle
from .exact_bargaining import ExactBargaining, monopoly
from .exact_trade import ExactTrade, Side
from .problems import FAMILIES, random_bargaining, random_trade
from .simplex import (
    Infeasible,
    Unbounded,
    assert_optimal,
    fraction,
    maximise,
    rational,
)


def random_program(rng, *, size, count):
    gain = [rng.randint(-4, 6) for _ in range(size)]
    rows = [[rng.randint(-3, 4) for _ in range(size)] for _ in range(count)]
    limits = [rng.randint(-3, 6) for _ in range(count)]
    upper = [rng.choice([None, 1, 2]) for _ in range(size)]
    return gain, rows, limits, upper


def best_vertex(gain, rows, limits, upper):
    """Return the best value over all vertices, each from a choice of tight constraints."""
    size = len(gain)
    everything = list(zip(rows, limits, strict=True))
    for j in range(size):
        unit = [int(k == j) for k in range(size)]
        everything.append(([-entry for entry in unit], 0))
        if upper[j] is not None:
            everything.append((unit, upper[j]))
    best = None
    for tight in itertools.combinations(everything, size):
        matrix = fmpq_mat([[fmpq(entry) for entry in row] for row, _ in tight])
        if matrix.det() == 0:
            continue
        point = matrix.solve(fmpq_mat([[fmpq(limit)] for _, limit in tight])).entries()
        if all(
            sum((fmpq(a) * x for a, x in zip(row, point, strict=True)), fmpq(0)) <= limit
            for row, limit in everything
        ):
            value = sum((fmpq(c) * x for c, x in zip(gain, point, strict=True)), fmpq(0))
            best = value if best is None else max(best, value)
    return best


def test_simplex_against_all_vertices():
    rng = random.Random(20)
    ends = {"optimal": 0, "infeasible": 0, "unbounded": 0}
    for _ in range(300):
        program = random_program(rng, size=rng.randint(1, 3), count=rng.randint(1, 4))
        vertex = best_vertex(*program)
        try:
            found = maximise(*program)
        except Infeasible:
            # What has a point at all has a vertex, since nothing is below zero.
            assert vertex is None
            ends["infeasible"] += 1
        except Unbounded:
            assert vertex is not None
            gain, rows, limits, upper = program
            boxed = maximise(gain, rows, limits, [10**6 if b is None else b for b in upper])
            assert boxed.value > vertex
            ends["unbounded"] += 1
        else:
            assert found.value == vertex
            assert_optimal(found, *program)
            ends["optimal"] += 1
    assert min(ends.values()) > 20


def test_simplex_does_not_cycle():
    # Beale's example, on which the rule of the largest coefficient alone goes in a circle.
    gain = [Fraction(3, 4), -20, Fraction(1, 2), -6]
    rows = [[Fraction(1, 4), -8, -1, 9], [Fraction(1, 2), -12, Fraction(-1, 2), 3], [0, 0, 1, 0]]
    assert fraction(maximise(gain, rows, [0, 0, 1]).value) == Fraction(5, 4)


@pytest.mark.parametrize("family", FAMILIES)
def test_three_derivations_of_the_second_best_agree(family):
    for seed in range(3):
        trade = ExactTrade.of(random_trade(1000 + seed, family))
        for weights in ((1, 1), (1.0, 0.25), (0, 1)):
            program = trade.program(weights)
            optimum = maximise(*program)
            assert_optimal(optimum, *program)
            assert trade.second_best(weights, all_pairs=False) == optimum.value
            assert trade.second_best_by_virtual_values(weights) == optimum.value


def test_second_best_against_linear_programs_of_scipy():
    rng = random.Random(3)
    for _ in range(12):
        sides = []
        for _ in range(2):
            types = sorted(rng.sample(range(12), rng.randint(1, 4)))
            raw = [rng.randint(1, 5) for _ in types]
            sides.append(mo.TypeSpace.finite(types, [r / sum(raw) for r in raw]))
        trade = ExactTrade.of(mo.BilateralTrade(*sides))
        weights = (rng.choice([1.0, 0.5]), 1.0)
        expected = oracle.full_optimum(*sides, weights=weights)
        assert float(fraction(trade.second_best(weights))) == pytest.approx(expected, abs=1e-8)
        shape = [len(side) for side in sides]
        rule = [[float(trade.gain(i, j) > 0) for j in range(shape[1])] for i in range(shape[0])]
        subsidy = oracle.full_optimum(*sides, rule=rule)
        assert float(fraction(trade.slack)) == pytest.approx(-subsidy, abs=1e-8)


def test_known_optima():
    sixths = [Fraction(k, 6) for k in range(1, 7)]
    even = [Fraction(1, 6)] * 6
    trade = ExactTrade(Side.of(sixths, even), Side.of(sixths, even))
    # Cramton (1985) has 25/162 for six types a side, and 35/216 as the first best.
    assert fraction(trade.second_best(all_pairs=False)) == Fraction(25, 162)
    assert fraction(trade.first_best) == Fraction(35, 216)
    assert fraction(trade.slack) == Fraction(-5, 216)
    half = [Fraction(1, 2)] * 2
    bargaining = ExactBargaining((Side.of([0, 2], half), Side.of([1, 3], half)), rational(0.5))
    # Gap(p) of the example in Peski (2024): 1/16 beyond random monopoly, 1.
    assert fraction(bargaining.value()) == Fraction(17, 16)
    assert fraction(bargaining.random_monopoly) == 1


def test_bargaining_against_linear_programs_of_scipy():
    for seed in range(25):
        problem = random_bargaining(seed)
        exact = ExactBargaining.of(problem.environment)
        highest = max(max(side.types) for side in exact.players)
        lightest = min(min(side.masses) for side in exact.players)
        if highest > 100 or exact.first_best < fmpq(1, 1000) or lightest < fmpq(1, 10**4):
            continue
        sides = [agent.types for agent in problem.environment.agents]
        types = [side.mean.tolist() for side in sides]
        masses = [side.mass.tolist() for side in sides]
        own_bound, verifiable = problem.has_participation(0), not problem.has_incentives(0)
        expected = bargaining_oracle.largest_payoff_of_player_1(
            types, masses, float(exact.chance), own_bound=own_bound, verifiable=verifiable
        )
        value = exact.value(own_bound=own_bound, verifiable=verifiable)
        assert float(fraction(value)) == pytest.approx(expected, rel=1e-6)
        expected = bargaining_oracle.monopoly(types[0][0], types[1], masses[1])
        found = float(fraction(monopoly(exact.players[0].types[0], exact.players[1])))
        assert found == pytest.approx(expected, rel=1e-9)


def test_common_origin_and_unit_do_not_matter():
    trade = ExactTrade.of(random_trade(7, "plain"))
    far = rational(10**14)
    for factor in (rational(1), rational(Fraction(1, 1000))):
        moved = ExactTrade(
            *(
                Side(tuple(factor * (t + far) for t in side.types), side.masses)
                for side in (trade.seller, trade.buyer)
            )
        )
        assert moved.second_best_by_virtual_values() == factor * (
            trade.second_best_by_virtual_values()
        )
        assert moved.slack == factor * trade.slack
