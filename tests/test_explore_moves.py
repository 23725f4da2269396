"""The page under random moves, without a browser: what is shown is what the library has."""

from __future__ import annotations

import numpy as np
import pytest

from mechopt.explore import traders
from mechopt.explore.page import pages
from mechopt.explore.state import read_state

from .draws import THOROUGH, drawn
from .explore_visits import Mirrored, Mover

pytest.importorskip("bokeh", reason="the extra explore is not installed")
# Taking seconds for some states, they are moved in THOROUGH runs and in the browser.
SLOW = () if THOROUGH else ("cells", "played", "question")
FEW = {"trade": "&cells=20", "auction": "&cells=20", "market": "&cells=20"}


@pytest.fixture(autouse=True)
def few_traders(monkeypatch):
    """What is lost with many more traders takes longer than what is tested here."""
    if not THOROUGH:
        monkeypatch.setattr(traders, "MOST_TRADERS", 2)
        monkeypatch.setattr(traders, "DRAWS", 400)


@pytest.mark.parametrize("seed", drawn(60, 60))
def test_after_random_moves_the_page_shows_what_the_library_has(seed):
    rng = np.random.default_rng(seed)
    name = list(pages())[seed % len(pages())]
    query = f"page={name}{FEW.get(name, '')}"
    mover = Mover(Mirrored(query, rng), read_state(query), rng, SLOW)
    for _ in range(4 if THOROUGH else 1):
        for _ in range(6):
            mover.move()
        mover.check()


def test_a_drag_that_ends_where_it_began_leaves_nothing_of_what_was_between():
    query, rng = "page=auction&bidder=beta&cells=20", np.random.default_rng(7)
    mover = Mover(Mirrored(query, rng), read_state(query), rng)
    menu = next(control for control in mover.controls if control.key == "bidder")
    for value in ("powerlaw", "types", "beta", "beta"):
        mover.put(menu, value)
    assert mover.state.query == query
    mover.check()


def test_what_other_kinds_of_types_need_is_made_while_the_controls_rest():
    """A move that has to make it is answered late."""
    query, rng = "page=auction&cells=10", np.random.default_rng(1)
    visitor = Mirrored(query, rng)
    visitor.settle(query)
    panels = ("virtual", "quantity", "payment", "utility")
    made = {name: len(figure_of(visitor, name).renderers) for name in panels}
    mover = Mover(visitor, read_state(query), rng)
    mover.put(next(control for control in mover.controls if control.key == "bidder"), "types")
    mover.check()
    assert {name: len(figure_of(visitor, name).renderers) for name in panels} == made


def figure_of(visitor, name):
    return visitor.browser.get_model_by_name(f"{name}-figure")
