"""Unions of polytopes, one for each pair of beliefs of a grid, made when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Protocol

from mechopt.errors import InvalidInputError
from mechopt.literature.peski2024.lifted import Lifted

Node = tuple[int, int]
"""Positions of a belief about player 1 and of one about player 2 on the axes of a grid."""

# More polytopes than this at one pair of beliefs take minutes.
MAX_PIECES = 20_000


class HasNodes(Protocol):
    """A grid of beliefs about both players."""

    def nodes(self) -> list[Node]:
        """Return all pairs of positions on its axes."""
        ...


def too_many() -> InvalidInputError:
    """Return the error of a union of more polytopes than are looked at."""
    return InvalidInputError(
        "too many combinations of beliefs and mechanisms",
        where="items",
        expected=f"at most {MAX_PIECES:,} at each pair of beliefs",
        got="more",
        remedy="Take fewer items, offers, beliefs or types.",
    )


class Parts(Mapping[Node, tuple[Lifted, ...]]):
    """Polytopes by node, made when they are first asked for.

    Parameters
    ----------
    grid
        The beliefs.
    make
        Returns the polytopes at a node.
    """

    def __init__(self, grid: HasNodes, make: Callable[[Node], Iterable[Lifted]]) -> None:
        self._nodes = grid.nodes()
        self._make = make
        self._known: dict[Node, tuple[Lifted, ...]] = {}

    def __getitem__(self, node: Node) -> tuple[Lifted, ...]:
        """Return the polytopes at a node."""
        if node not in self._known:
            found = tuple(islice(self._make(node), MAX_PIECES + 1))
            if len(found) > MAX_PIECES:
                raise too_many()
            self._known[node] = found
        return self._known[node]

    def __iter__(self) -> Iterator[Node]:
        """Go through the nodes."""
        return iter(self._nodes)

    def __len__(self) -> int:
        """Return how many nodes there are."""
        return len(self._nodes)
