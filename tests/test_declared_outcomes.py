"""Outcomes of a class of one's own: what it declares fits together, or is refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

import mechopt as mo
from mechopt.environments import OutcomeRow, Role

CORNERS = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]
ONE = (OutcomeRow("one", (1.0, 1.0), 1.0),)


@dataclass(frozen=True)
class Sites(mo.Outcomes):
    """A facility at one of two sites, which two residents value."""

    corners: Any = None
    limits: Any = ONE
    names: Any = ("north", "south")
    variables: Any = field(default=None, init=False)
    rows: Any = field(default=None, init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "variables", self.names)
        object.__setattr__(self, "rows", self.limits)

    @property
    def roles(self) -> tuple[Role, ...]:
        return (Role("first", "receives", "value"), Role("second", "receives", "value"))

    @property
    def net_quantity(self) -> np.ndarray:
        return np.eye(2)

    @property
    def vertices(self) -> np.ndarray:
        return self.corners


def environment(corners: Any = CORNERS, **declared: Any) -> mo.Environment:
    corners = np.array(corners) if isinstance(corners, list) else corners
    types = mo.TypeSpace.finite([1, 2])
    agents = (mo.Agent("first", types), mo.Agent("second", types))
    return mo.Environment(agents, Sites(corners, **declared))


def test_corners_that_rows_have_are_accepted():
    assert environment().shape == (2, 2)


@pytest.mark.parametrize(
    ("corners", "limits", "said"),
    [
        (CORNERS, (), "vertices of Sites.*none at north = 1, south = 1.*declare rows"),
        (CORNERS[:2], ONE, "none at north = 0, south = 1"),
        ([*CORNERS, [1.0, 1.0]], ONE, "do not allow.*north = 1, south = 1"),
        ([*CORNERS, [0.5, 0.5]], ONE, "between corners, north = 0.5"),
    ],
)
def test_corners_that_rows_do_not_have_are_refused_by_name(corners, limits, said):
    with pytest.raises(mo.InvalidInputError, match=f"(?s){said}"):
        environment(corners, limits=limits)


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"corners": tuple(map(tuple, CORNERS))}, "vertices of Sites: not an array"),
        ({"corners": [[0.0], [1.0]]}, r"shape \(2, 2\).*got shape \(2, 1\)"),
        ({"limits": (OutcomeRow("one", (1.0,), 1.0),)}, r"row one of Sites.*shape \(1,\)"),
        ({"limits": ((1.0, 1.0),)}, "not a row"),
        ({"names": ("north site", "south")}, "not a name of a variable.*'north site'"),
    ],
)
def test_declarations_of_the_wrong_form_are_refused(declared, said):
    with pytest.raises(mo.InvalidInputError, match=f"(?s){said}"):
        environment(**declared)
