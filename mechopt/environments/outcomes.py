"""What a mechanism may do with one profile of types, and the contract every kind of outcome meets.

An outcome is a vector of variables with bounds, linear rows, and sometimes a curved bound; each
agent's net quantity is a linear function of it (theory.md, section 2). A new kind of outcome is a
new subclass of :class:`Outcomes` in a new file. Backends and audits read only what is declared
here, so they need no change.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from mechopt.arrays import FloatArray


@dataclass(frozen=True)
class OutcomeRow:
    """A linear requirement on one outcome: ``coefficients @ variables <= upper``."""

    name: str
    coefficients: tuple[float, ...]
    upper: float


class Outcomes(ABC):
    """The feasible outcomes of one type profile.

    Subclasses are frozen dataclasses and declare:

    ``variables``
        names of the outcome variables, identifiers that appear in models and reports;
    ``roles``
        default names of the agents, one per agent;
    ``net_quantity``
        array (num_agents, num_variables): agent i's net quantity is ``net_quantity[i] @ outcome``;
    ``vertices``
        array (num_vertices, num_variables), the corners of the feasible set, "nothing happens"
        first, so that ties are broken against trade;
    ``rows``
        linear requirements beyond the bounds ``lower`` and ``upper`` (0 and 1 unless said).
    ``cost``
        array (num_variables,): money that the agents' payments must cover per unit of a variable.
    """

    @property
    @abstractmethod
    def variables(self) -> tuple[str, ...]:
        """Names of the outcome variables."""

    @property
    @abstractmethod
    def roles(self) -> tuple[str, ...]:
        """Default names of the agents."""

    @property
    @abstractmethod
    def net_quantity(self) -> FloatArray:
        """Net quantities as linear functions of the variables, (num_agents, num_variables)."""

    @property
    @abstractmethod
    def vertices(self) -> FloatArray:
        """Corners of the feasible set, (num_vertices, num_variables)."""

    @property
    def rows(self) -> tuple[OutcomeRow, ...]:
        """Linear requirements beyond the bounds."""
        return ()

    @property
    def lower(self) -> FloatArray:
        """Lower bounds of the variables."""
        return np.zeros(len(self.variables))

    @property
    def upper(self) -> FloatArray:
        """Upper bounds of the variables."""
        return np.ones(len(self.variables))

    @property
    def cost(self) -> FloatArray:
        """Money the payments must cover per unit of each variable."""
        return np.zeros(len(self.variables))

    def scaled(self, factor: float) -> Outcomes:
        """Return the same outcomes in another unit of money; outcomes with a cost override this."""
        del factor
        return self

    def allocate(self, values: Sequence[FloatArray], price: float = 1.0) -> FloatArray:
        """Return, for every type profile, an outcome that maximises the sum of values.

        Parameters
        ----------
        values
            One array per agent: what a unit of net quantity is worth at each of its types.
        price
            What a unit of money spent on ``cost`` weighs.

        Returns
        -------
        array of shape (num_variables, num_types of agent 0, num_types of agent 1, ...)
        """
        worth = self._vertex_worth(values, price)
        best = worth[0]
        choice = np.zeros(best.shape, dtype=np.intp)
        for corner, candidate in enumerate(worth[1:], start=1):
            better = candidate > best
            best = np.where(better, candidate, best)
            choice[better] = corner
        return np.ascontiguousarray(np.moveaxis(self.vertices[choice], -1, 0))

    def expected_maximum(
        self, values: Sequence[FloatArray], masses: Sequence[FloatArray], price: float = 1.0
    ) -> float:
        """Return the expectation over profiles of the maximum that :meth:`allocate` attains."""
        best = reduce(np.maximum, self._vertex_worth(values, price))
        for mass in reversed(masses):
            best = best @ mass
        return float(best)

    def _vertex_worth(self, values: Sequence[FloatArray], price: float) -> list[FloatArray]:
        """Return what each corner is worth, as arrays over the profiles."""
        grids = np.meshgrid(*values, indexing="ij", sparse=True)
        shape = tuple(len(value) for value in values)
        worth = []
        for corner in self.vertices:
            quantity = self.net_quantity @ corner
            total = sum(q * grid for q, grid in zip(quantity, grids, strict=True))
            worth.append(np.broadcast_to(total - price * float(self.cost @ corner), shape))
        return worth
