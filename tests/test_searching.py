"""Places in long sorted arrays are those that numpy searches, however the arrays bend."""

from __future__ import annotations

import numpy as np
import pytest

from mechopt._util import arrays, searching
from mechopt._util.arrays import accumulated, running_sums
from mechopt._util.searching import FEW_KEYS, places

SIZE = 2 * FEW_KEYS + 17
EVEN = (np.arange(SIZE) + 0.5) / SIZE
SHAPES = {
    "even": EVEN,
    "bent": EVEN**3,
    "steep": np.exp(12.0 * EVEN),
    "random": np.sort(np.random.default_rng(0).random(SIZE)),
    "ties": np.repeat(EVEN[::17], 17)[:SIZE],
    "few values": np.floor(4.0 * EVEN),
    "a gap": EVEN + 1e6 * (EVEN > 0.5),
    "denormal": EVEN * 1e-309,
    "huge": EVEN * 1e150,
    "one value": np.ones(SIZE),
    "unending": np.append(EVEN[:-1], np.inf),
    "no number": np.append(EVEN[:-1], np.nan),
}


@pytest.mark.parametrize("table", SHAPES)
def test_places_are_those_that_are_searched(table):
    for keys in SHAPES.values():
        for factor in (1.0, 0.7):
            moved = keys * factor
            found = places(SHAPES[table], moved)
            np.testing.assert_array_equal(found, np.searchsorted(SHAPES[table], moved))


def test_guesses_that_are_wrong_are_searched(monkeypatch):
    # A guess on the wrong side of every place leaves nothing to trust.
    monkeypatch.setattr(searching, "BEFORE", 1.5)
    np.testing.assert_array_equal(places(EVEN, EVEN), np.arange(SIZE))


@pytest.mark.parametrize("size", [1, 2, 50, 1_000, 1_001, 4_096, 30_000])
def test_running_sums_are_the_shorter_of_the_sums_from_both_sides(size):
    rng = np.random.default_rng(size)
    terms = rng.random(size) ** 8
    rest = rng.normal(size=size) * terms
    net, error = running_sums(rest, terms)
    before, after = accumulated(terms)[:-1], accumulated(terms[::-1])[-2::-1]
    farther = before > after
    expected = np.where(farther, -accumulated(rest[::-1])[-2::-1], accumulated(rest)[:-1])
    np.testing.assert_array_equal(net, expected)
    relative = arrays.rounding_of_sums(size) + 4.0 * np.finfo(float).eps
    np.testing.assert_array_equal(error, np.where(farther, after, before) * relative)
