"""What a mechanism may do with one profile of types, and the contract every kind of outcome meets.

An outcome is a vector of variables with bounds, linear rows, and sometimes a curved bound; each
agent's net quantity is a linear function of it (theory.md, section 2). A new kind of outcome is a
new subclass of :class:`Outcomes` in a new file. Backends and audits read only what is declared
here, so they need no change.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray
from mechopt._util.rationals import FractionArray, as_decimals, as_fraction
from mechopt.environments.corners import corners_of
from mechopt.environments.counted import Counted
from mechopt.environments.curves import PowerBound
from mechopt.environments.exchange import Exchange
from mechopt.environments.outcome_parts import OutcomeNumbers, OutcomeRow
from mechopt.environments.role import Role, require_exchange_of, require_roles
from mechopt.errors import InvalidInputError, UnsupportedProblemError
from mechopt.types.prior import interim, require_grid

__all__ = ["OutcomeNumbers", "OutcomeRow", "Outcomes"]


class Outcomes(ABC):
    """The feasible outcomes of one type profile.

    Subclasses are frozen dataclasses and declare:

    ``variables``
        names of the outcome variables, identifiers that appear in models and reports;
    ``roles``
        one :class:`~mechopt.environments.role.Role` per agent: its default name, whether it gives
        or receives, and what its type is called;
    ``net_quantity``
        array (num_agents, num_variables): agent i's net quantity is ``net_quantity[i] @ outcome``,
        and worth its type times that; or else
    ``worth``
        a method: what a unit of each variable is worth to each type of an agent;
    ``worth_by_profile``
        a method in its place, where that hangs on the others' types as well;
    ``vertices``
        array (num_vertices, num_variables), the corners of the feasible set, "nothing happens"
        first, so that ties are broken against trade; found from bounds and rows unless declared,
        where there are few variables. They restrict nothing by themselves: what is not allowed
        takes ``rows``;
    ``rows``, ``curves``
        requirements beyond the bounds ``lower`` and ``upper`` (0 and 1 unless said);
    ``cost``
        array (num_variables,): money that the agents' payments must cover per unit of a variable.
    """

    @property
    @abstractmethod
    def variables(self) -> tuple[str, ...]:
        """Names of the outcome variables."""

    @property
    @abstractmethod
    def roles(self) -> tuple[Role, ...]:
        """Who gives and who receives, and the words for it."""

    @property
    def net_quantity(self) -> FloatArray:
        """Net quantities as linear functions of the variables, (num_agents, num_variables).

        Zeros where :meth:`worth` says what outcomes are worth.
        """
        if self.worth_follows_quantity:
            raise InvalidInputError(
                "outcomes that are worth nothing to anybody",
                where=type(self).__name__,
                expected="net_quantity, or a method worth(agent, types)",
                got="neither",
                remedy="Declare net_quantity, one row per agent.",
            )
        return np.zeros((len(self.roles), len(self.variables)))

    def worth(self, agent: int, types: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return what a unit of each variable is worth to each type of an agent, in money.

        Unless said otherwise, that is the type times the agent's net quantity per unit; then
        neighbouring incentives suffice (single crossing), and virtual valuations exist.

        Parameters
        ----------
        agent
            Position of the agent.
        types : array of shape (num_types,), or (num_types, num_values) of a table of types
            In floats or in fractions; linear arithmetic on it serves both.

        Returns
        -------
        array of shape (num_types, num_variables)
        """
        if np.ndim(types) != 1:
            raise InvalidInputError(
                "types that are no single numbers",
                where=f"types of {self.roles[agent].name}",
                expected=f"a TypeSpace, or a method worth of {type(self).__name__}",
                got="a table of types",
                remedy="Write worth(agent, types).",
            )
        exact = types.dtype == object
        net = self.in_fractions().net_quantity if exact else self.net_quantity
        return np.asarray(types[:, None] * net[agent][None, :])

    def worth_by_profile(
        self, agent: int, types: Sequence[npt.NDArray[Any]]
    ) -> npt.NDArray[Any] | None:
        """Return what a unit of each variable is worth to an agent in every profile, in money.

        Override it where values are interdependent: another agent's type tells this one what
        outcomes are worth to it (Milgrom and Weber 1982, doi:10.2307/1911865).

        Parameters
        ----------
        agent
            Position of the agent.
        types
            The types of every agent, as :meth:`worth` has them of one.

        Returns
        -------
        array of shape (num_variables, num_types of agent 0, num_types of agent 1, ...), or None
            None, unless said otherwise: only the own type counts, as :meth:`worth` says.
        """
        del agent, types
        return None

    @property
    def worth_follows_quantity(self) -> bool:
        """Whether outcomes are worth an agent's type times its net quantity."""
        own = type(self).worth_by_profile is Outcomes.worth_by_profile
        return own and type(self).worth is Outcomes.worth

    @property
    def vertices(self) -> FloatArray:
        """Corners of the feasible set, (num_vertices, num_variables)."""
        return self._corners.astype(float)

    @property
    def _corners(self) -> FractionArray:
        """The corners that bounds and rows have, in fractions."""
        if self.curves:
            raise UnsupportedProblemError(
                f"{type(self).__name__}: corners of a curved set (expected linear bounds, got "
                f"{', '.join(power.name for power in self.curves)}). Declare vertices."
            )
        rows = [(row.coefficients, row.upper) for row in self.rows]
        return corners_of(self.lower.tolist(), self.upper.tolist(), rows)

    @property
    def rows(self) -> tuple[OutcomeRow, ...]:
        """Linear requirements beyond the bounds."""
        return ()

    @property
    def curves(self) -> tuple[PowerBound, ...]:
        """Curved requirements; outcomes that have any override :meth:`allocate`."""
        return ()

    @property
    def without_curves(self) -> str:
        """What to use where curved requirements do not go, in words."""
        return "outcomes without curved bounds"

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

    @cached_property
    def is_free(self) -> bool:
        """Whether no variable costs money."""
        return not self.cost.any()

    @property
    def exact_cost(self) -> FractionArray:
        """The same in fractions: the decimals that the floats print as, unless overridden."""
        return as_decimals(self.cost)

    @property
    def quantity_cost(self) -> FloatArray | None:
        """Cost per unit of each agent's net quantity, where that is all that outcomes cost.

        Then expected costs follow from interim net quantities. None where they do not; outcomes
        with a cost say so.
        """
        return np.zeros(len(self.roles)) if self.is_free else None

    def cost_of(
        self, quantities: Sequence[FloatArray], masses: Sequence[FloatArray]
    ) -> float | None:
        """Return the expected cost of interim net quantities; None where they do not tell it."""
        if self.is_free:
            return 0.0
        rates = self.quantity_cost
        if rates is None or not self.worth_follows_quantity:
            return None
        total = 0.0
        for rate, mass, quantity in zip(rates.tolist(), masses, quantities, strict=True):
            total += rate * float(mass @ quantity)
        return total

    def scaled(self, factor: float) -> Outcomes:
        """Return the same outcomes in another unit of money; outcomes with a cost override this."""
        if not self.is_free and factor != 1.0:
            raise UnsupportedProblemError(
                f"{type(self).__name__} has a cost in money, so it must say how the cost scales: "
                "override scaled(factor)."
            )
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
        return self._best_corner(self._vertex_worth(values, price))

    def best(self, weights: FloatArray) -> FloatArray:
        """Return, for every profile, an outcome that maximises a weighted sum of its variables.

        Outcomes with curved bounds override this.

        Parameters
        ----------
        weights : array of shape (num_variables, ...)
            What a unit of each variable is worth, in every profile.

        Returns
        -------
        array of the same shape
        """
        return self._best_corner([np.tensordot(corner, weights, 1) for corner in self.vertices])

    def best_at(self, values: Sequence[FloatArray]) -> FloatArray:
        """Return outcomes that maximise the sum of values in single profiles.

        Parameters
        ----------
        values : arrays of shape (num_profiles,)
            One per agent: what a unit of net quantity is worth in each profile.

        Returns
        -------
        array of shape (num_variables, num_profiles)
        """
        return self.best(self.net_quantity.T @ np.stack(values) - self.cost[:, None])

    def _best_corner(self, worth: Sequence[FloatArray]) -> FloatArray:
        """Return the corner that is worth most, the first of several, for every profile."""
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
        quantities, cost = self.best_on_average(values, masses, price)
        total = sum(
            float(mass @ (value * quantity))
            for mass, value, quantity in zip(masses, values, quantities, strict=True)
        )
        return total - price * cost

    def best_on_average(
        self, values: Sequence[FloatArray], masses: Sequence[FloatArray], price: float = 1.0
    ) -> tuple[tuple[FloatArray, ...], float]:
        """Return the interim net quantities and the expected cost of what :meth:`allocate` chooses.

        Outcomes with a cost that net quantities do not tell override this where they can do without
        an array over the profiles.
        """
        if self.is_free:
            return self.interim_best(values, masses, price), 0.0
        if self.quantity_cost is not None:
            quantities = self.interim_best(values, masses, price)
            return quantities, self.cost_of(quantities, masses) or 0.0
        require_grid([len(mass) for mass in masses], "the best outcomes")
        allocation = self.allocate(values, price)
        net = np.tensordot(self.net_quantity, allocation, axes=1)
        quantities = tuple(interim(masses, agent, net[agent]) for agent in range(len(masses)))
        return quantities, self._expected(self.cost, allocation, masses)

    def interim_best(
        self, values: Sequence[FloatArray], masses: Sequence[FloatArray], price: float = 1.0
    ) -> tuple[FloatArray, ...]:
        """Return the interim net quantities of what :meth:`allocate` chooses, one array per agent.

        Outcomes that can do so without an array over the profiles override this.
        """
        require_grid([len(mass) for mass in masses], "the best outcomes")
        net = np.tensordot(self.net_quantity, self.allocate(values, price), axes=1)
        return tuple(interim(masses, agent, net[agent]) for agent in range(len(masses)))

    def nearby(
        self, values: Sequence[FloatArray], masses: Sequence[FloatArray]
    ) -> tuple[FloatArray, ...]:
        """Return values near these to choose outcomes by, where averages are better known for such.

        They never fall where these do not.
        """
        del masses
        return tuple(values)

    def most_on_average(
        self, values: Sequence[FloatArray], masses: Sequence[FloatArray], price: float = 1.0
    ) -> tuple[tuple[FloatArray, ...], float, bool]:
        """Return interim quantities of the best outcomes, an amount, and whether it is all of it.

        No outcomes are worth more than the amount; or, where it is not all of it, than the amount
        and what the quantities are worth at these values.
        """
        quantities, cost = self.best_on_average(values, masses, price)
        return quantities, -price * cost, False

    @property
    def exchange(self) -> Exchange | None:
        """How the first agent gives to the second, where that is all that happens."""
        return None

    @property
    def equal_units(self) -> int | None:
        """How many units there are, where variable i is agent i's chance of one, its quantity."""
        return None

    @property
    def counted(self) -> Counted | None:
        """How outcomes of agents who are alike are told by counts of their types, if they are."""
        return None

    @property
    def needs_profiles(self) -> bool:
        """Whether interim quantities and costs of best outcomes take an array over the profiles."""
        if type(self).best_on_average is not Outcomes.best_on_average or len(self.roles) == 1:
            return False
        dense = type(self).interim_best is Outcomes.interim_best
        return dense or self.quantity_cost is None

    @property
    def needs_halves(self) -> bool:
        """Whether the same take all profiles of half of the agents, and halves are several."""
        return False

    @cached_property
    def compares_as_given(self) -> bool:
        """Whether :meth:`allocate` compares nothing that was rounded.

        A difference of two floats has the right sign, so that the better of two outcomes is surely
        found. Sums of more, or with a cost, are rounded, and so is what they are compared by.
        """
        if not self.is_free:
            return False
        net = self.vertices @ self.net_quantity.T
        few = (net != 0.0).sum(axis=1).max() <= 2 and np.isin(net, (-1.0, 0.0, 1.0)).all()
        return bool(self.curves) or bool(few)

    @property
    def has_pure_outcomes(self) -> bool:
        """Whether all variables are probabilities, and what is whole leaves nothing to chance."""
        in_unit = not self.lower.any() and bool((self.upper == 1.0).all())
        return in_unit and not self.curves

    def require_roles(self) -> None:
        """Raise InvalidInputError unless the roles' signs are those of what is declared."""
        rows = [(row.coefficients, row.upper) for row in self.rows]
        where = f"roles of {type(self).__name__}"
        require_roles(self.roles, self.net_quantity, self.lower, self.upper, rows, where)
        if self.exchange is not None:
            require_exchange_of(self.roles, where)

    @property
    def has_fixed_signs(self) -> bool:
        """Whether each agent either gives or receives, whatever the outcome."""
        return all(role.has_fixed_sign for role in self.roles)

    def in_floats(self, *, corners: bool = True) -> OutcomeNumbers:
        """Return the declared numbers; without corners where those would be too many."""
        vertices = self.vertices if corners else np.zeros((0, len(self.variables)))
        rows = tuple((row.name, np.array(row.coefficients), row.upper) for row in self.rows)
        return OutcomeNumbers(self.lower, self.upper, self.cost, self.net_quantity, rows, vertices)

    def in_fractions(self) -> OutcomeNumbers:
        """Return the declared numbers as fractions, each float as the decimal it prints as.

        Outcomes whose numbers are not what their floats print as override this.

        Raises
        ------
        UnsupportedProblemError
            If a bound is curved, so that optima need not be rational.
        """
        if self.curves:
            raise UnsupportedProblemError(
                f"{type(self).__name__}: no exact optimum of a curved program (expected linear "
                f"bounds, got {', '.join(power.name for power in self.curves)}). Use "
                f"{self.without_curves}, or solve in floats."
            )
        numbers = self.in_floats()
        rows = tuple(
            (name, as_decimals(coefficients), as_fraction(float(upper)))
            for name, coefficients, upper in numbers.rows
        )
        own = type(self).vertices is not Outcomes.vertices
        corners = as_decimals(numbers.vertices) if own else self._corners
        low, high, net = map(as_decimals, (numbers.lower, numbers.upper, numbers.net_quantity))
        return OutcomeNumbers(low, high, self.exact_cost, net, rows, corners)

    def derived(self, allocation: FloatArray) -> dict[str, FloatArray]:
        """Return further arrays over the profiles that a reader of the mechanism wants."""
        del allocation
        return {}

    def expected_in_words(self, expected: Sequence[float]) -> tuple[tuple[str, float, str], ...]:
        """Return what a report says of each agent's expected net quantity, without its sign.

        Returns
        -------
        tuple of (name, number, remark)
            None unless a subclass has words for it.
        """
        del expected
        return ()

    def events(self, allocation: FloatArray) -> dict[str, dict[str, FloatArray]]:
        """Return events whose probabilities a report names, as indicators over the profiles.

        Returns
        -------
        dict
            Title of a line of the report -> name of the event -> array of zeros and ones.
        """
        del allocation
        return {}

    def rule_in_words(self, valuations: Sequence[str], shares: str) -> str:
        """Return which outcome is best where each agent's types count by its valuation.

        Parameters
        ----------
        valuations
            One per agent, such as ``"virtual cost"``.
        shares
            What is said of the weights on information rents; empty, or begins with a comma.
        """
        counted = " and ".join(f"the {word}" for word in dict.fromkeys(valuations))
        return f"the outcome that is worth most in each profile by {counted}{shares}"

    @staticmethod
    def _expected(
        weights: FloatArray, allocation: FloatArray, masses: Sequence[FloatArray]
    ) -> float:
        """Return the expectation of a linear function of the outcome."""
        values = np.tensordot(weights, allocation, axes=1)
        return float(interim(masses, 0, values) @ masses[0])

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
