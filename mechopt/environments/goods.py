"""Several goods and one buyer, who values each of them on its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray, shown
from mechopt._util.registry import saved_as
from mechopt.environments.agent import Agent
from mechopt.environments.environment import Environment
from mechopt.environments.kinds import kind, labels, numbers, rows, text
from mechopt.environments.outcomes import OutcomeRow, Outcomes
from mechopt.environments.role import Role
from mechopt.errors import InvalidInputError
from mechopt.types import TypeTable

ADDITIVE, UNIT = "additive", "unit"
DEMANDS = (ADDITIVE, UNIT)
# Sets of goods are counted where an outcome is to be the best; two to this power of them.
MOST_GOODS = 12
FINITE = "finite types: if they stand for a continuum, this is no bound on what it brings"


@saved_as("mechopt.SeveralGoods")
@dataclass(frozen=True)
class SeveralGoods(Outcomes):
    """Goods that one buyer may get, each with a probability of its own.

    Agents have a :class:`~mechopt.TypeTable` whose values are what each good is worth.

    Parameters
    ----------
    count
        How many goods there are, from 1 to 12.
    demand
        ``"additive"`` if values add up, ``"unit"`` if the buyer has use for one good only, so that
        the probabilities sum to one at most.

    Raises
    ------
    InvalidInputError
        For another number or another word.

    Examples
    --------
    >>> SeveralGoods(2).vertices.tolist()
    [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    >>> SeveralGoods(2, "unit").vertices.tolist()
    [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]
    """

    count: int
    demand: str = ADDITIVE

    def __post_init__(self) -> None:
        whole = isinstance(self.count, int) and not isinstance(self.count, bool)
        if not whole or not 1 <= self.count <= MOST_GOODS:
            raise InvalidInputError(
                "not a number of goods",
                where="types",
                expected=f"from 1 to {MOST_GOODS} values of each type, one per good",
                got=shown(repr(self.count)),
                remedy="Leave goods out, or put some together.",
            )
        if self.demand not in DEMANDS:
            raise InvalidInputError(
                "not a demand",
                where="demand",
                expected=" or ".join(f'"{word}"' for word in DEMANDS),
                got=shown(repr(self.demand)),
                remedy="Use one of these words; for other values, use Alternatives.",
            )

    @property
    def variables(self) -> tuple[str, ...]:
        """Which goods the buyer gets."""
        return tuple(f"good_{j + 1}" for j in range(self.count))

    @property
    def roles(self) -> tuple[Role, ...]:
        """The buyer."""
        return (Role("buyer", None, "values"),)

    @property
    def rows(self) -> tuple[OutcomeRow, ...]:
        """A buyer with use for one good gets one at most."""
        one = (OutcomeRow("one_at_most", (1.0,) * self.count, 1.0),)
        return one if self.demand == UNIT else ()

    @property
    def vertices(self) -> FloatArray:
        """All sets of goods, the empty one first; or nothing, and each good alone."""
        if self.demand == UNIT:
            return np.vstack([np.zeros(self.count), np.eye(self.count)])
        return np.array(list(product([0.0, 1.0], repeat=self.count)))

    def worth(self, agent: int, types: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return the types' own values."""
        del agent
        return types


@kind(
    "goods",
    is_of=lambda environment: isinstance(environment.outcomes, SeveralGoods),
    asks="revenue",
    plots="mechopt.plot.menu",
    compare="mechopt.literature.several_goods:compared",
    report="mechopt.report.menu:MenuAddendum",
    types=rows("a list of types, each a list of its values for the goods"),
    probabilities=numbers("a list with a probability for each type", default=None),
    demand=text('"additive" or "unit"', default=ADDITIVE),
    labels=labels("a list with a name for each type", default=None),
)
def Goods(  # noqa: N802 -- it reads as the environment that it returns
    types: Any,
    probabilities: npt.ArrayLike | None = None,
    demand: str = ADDITIVE,
    labels: Sequence[str] | None = None,
) -> Environment:
    """Return one buyer of several goods, whose values for them are its own secret.

    The largest revenue is that of :class:`~mechopt.Revenue` with the budget ``"subsidised"``; the
    best menu may have lotteries. Types are finite: a grid of points of a continuum earns more than
    the continuum does, by an error that falls with the distance of the points and not smoothly.

    Parameters
    ----------
    types : array of shape (num_types, num_goods)
        What each good is worth to each type, in money: numbers, fractions, or texts such as
        ``"2/3"``. Values may depend on each other in any way.
    probabilities : array of shape (num_types,)
        Of the types, likewise; equally likely ones unless given.
    demand
        ``"additive"`` if values add up, ``"unit"`` if the buyer has use for one good only.
    labels
        One text for each type; its values unless given.

    Raises
    ------
    InvalidInputError
        For rows of unequal lengths, repeated types, probabilities that are no distribution, and
        another word for the demand.

    Notes
    -----
    Source: theory.md, sections 1.1 and 2.1; Hart and Nisan (2017), Journal of Economic
    Theory 172, 313-347;
    Manelli and Vincent (2006).

    Examples
    --------
    >>> from mechopt import DesignProblem, Revenue, solve
    >>> buyer = Goods([[1, 0], [0, 2], [3, 3]])
    >>> solution = solve(DesignProblem(buyer, Revenue(), budget="subsidised"))
    >>> round(solution.objective, 9)  # with the lottery (1/2, 0) at 1/2
    2.5
    """
    space = TypeTable.finite(types, probabilities, labels)
    return Environment((Agent("buyer", space),), SeveralGoods(space.mean.shape[1], demand))
