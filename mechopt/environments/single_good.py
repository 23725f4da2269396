"""One indivisible good that goes to one of the agents, or is thrown away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mechopt._util.arrays import FloatArray, shown
from mechopt._util.registry import saved_as
from mechopt.environments.outcomes import OutcomeRow, Outcomes
from mechopt.environments.ranking import chances_to_be_first
from mechopt.environments.role import Role, numbered
from mechopt.errors import InvalidInputError

# Outcomes are written out for every agent; no program over more has ever been solved.
MOST_AGENTS = 1_000


@saved_as("mechopt.SingleGood")
@dataclass(frozen=True)
class SingleGood(Outcomes):
    """A single good without an owner, with free disposal.

    The variable ``good_to_i`` is the probability that agent i gets the good, which is its net
    quantity; the probabilities sum to at most one (theory.md, sections 2 and 4).

    Parameters
    ----------
    num_agents
        How many agents there are, from two to a thousand.

    Raises
    ------
    InvalidInputError
        For another number of agents.

    Examples
    --------
    >>> import numpy as np
    >>> SingleGood(2).allocate([np.array([1.0, 3.0]), np.array([2.0])])[:, :, 0]
    array([[0., 1.],
           [1., 0.]])
    """

    num_agents: int

    def __post_init__(self) -> None:
        if isinstance(self.num_agents, bool) or not isinstance(self.num_agents, int):
            raise _not_a_number_of_agents(self.num_agents)
        if not 2 <= self.num_agents <= MOST_AGENTS:
            raise _not_a_number_of_agents(self.num_agents)

    @property
    def variables(self) -> tuple[str, ...]:
        """Who gets the good."""
        return tuple(f"good_to_{i + 1}" for i in range(self.num_agents))

    @property
    def roles(self) -> tuple[Role, ...]:
        """Players by number."""
        return numbered("player", self.num_agents, "receives", "value", "probability of the good")

    @property
    def net_quantity(self) -> FloatArray:
        """Each agent's own probability."""
        return np.eye(self.num_agents)

    @property
    def vertices(self) -> FloatArray:
        """Nobody, then each agent in turn."""
        return np.vstack([np.zeros(self.num_agents), np.eye(self.num_agents)])

    @property
    def rows(self) -> tuple[OutcomeRow, ...]:
        """There is one good only."""
        return (OutcomeRow("one_good", (1.0,) * self.num_agents, 1.0),)

    def interim_best(
        self, values: Sequence[FloatArray], masses: Sequence[FloatArray], price: float = 1.0
    ) -> tuple[FloatArray, ...]:
        """Return interim probabilities, without an array over the profiles.

        Examples
        --------
        >>> import numpy as np
        >>> half = np.array([0.5, 0.5])
        >>> SingleGood(2).interim_best([np.array([1.0, 3.0]), np.array([1.0, 4.0])], [half, half])
        (array([0.5, 0.5]), array([0., 1.]))
        """
        del price
        return chances_to_be_first(values, masses, 1, 0.0)


def _not_a_number_of_agents(got: object) -> InvalidInputError:
    return InvalidInputError(
        "not a number of agents",
        where="num_agents",
        expected=f"a whole number of at least 2 and at most {MOST_AGENTS:,}",
        got=shown(repr(got)),
        remedy="Give the number of agents, such as 2.",
    )
