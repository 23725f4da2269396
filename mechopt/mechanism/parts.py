"""The parts of a mechanism by name, as the mechanisms of exact optima have them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from mechopt._util.arrays import FloatArray, shown
from mechopt.environments import Environment
from mechopt.errors import InvalidInputError
from mechopt.mechanism.allocation import Allocation

# Of agents and of parts, in a line that stands for a mechanism.
MOST_AGENTS, MOST_PARTS = 4, 3


class HasParts(Protocol):
    """What a mechanism has to say of itself."""

    @property
    def environment(self) -> Environment:
        """Whose mechanism it is."""

    @property
    def allocation(self) -> Allocation:
        """The outcome of every profile."""

    @property
    def quantity(self) -> Sequence[FloatArray]:
        """What types expect to get."""

    @property
    def payment(self) -> Sequence[FloatArray]:
        """What types expect to pay."""

    @property
    def ex_post_payment(self) -> object:
        """What is paid in every profile; None where it follows from what types expect to pay."""

    def ex_post_payments(self) -> FloatArray:
        """Return what is paid in every profile."""


def names_of_parts(mechanism: HasParts) -> tuple[str, ...]:
    """Return the names of outcomes, then of each agent's quantities and payments."""
    agents = mechanism.environment.agents
    return (
        *mechanism.environment.outcomes.variables,
        *(f"{agent.name}_{part}" for agent in agents for part in _of_agents(mechanism)),
    )


def part_named(mechanism: HasParts, name: str) -> FloatArray:
    """Return an outcome by profile, or what an agent gets or pays.

    Parameters
    ----------
    mechanism
        The mechanism.
    name
        A variable of the outcomes, such as ``"trade"``: an array over the profiles. Or an agent's
        name with ``_payment``: what it pays in money, by type where interim payments are what is
        known, else by profile; and in the first case with ``_quantity``, its interim net quantity.

    Raises
    ------
    InvalidInputError
        For another name.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency, solve
    >>> types = TypeSpace.finite([0, 1])
    >>> mechanism = solve(ex_ante_efficiency(BilateralTrade(types, types))).mechanism
    >>> mechanism["trade"]
    array([[0., 1.],
           [0., 0.]])
    >>> mechanism["buyer_payment"].shape
    (2,)
    """
    names = names_of_parts(mechanism)
    if not isinstance(name, str) or name not in names:
        raise InvalidInputError(
            "no part of this mechanism",
            where="name",
            expected=f"one of {shown(', '.join(names), 200)}",
            got=shown(repr(name)),
            remedy="Use one of these, or ex_post() and interim for labelled tables.",
        )
    environment = mechanism.environment
    place = names.index(name) - len(environment.outcomes.variables)
    if place < 0:
        outcomes: FloatArray = mechanism.allocation.dense(environment)[place]
        return outcomes
    agent, part = divmod(place, len(_of_agents(mechanism)))
    if _of_agents(mechanism)[part] == "quantity":
        return mechanism.quantity[agent]
    interim = mechanism.ex_post_payment is None
    return (mechanism.payment if interim else mechanism.ex_post_payments())[agent]


def line_of(mechanism: HasParts) -> str:
    """Return a line that stands for a mechanism.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency, solve
    >>> types = TypeSpace.finite([0, 1])
    >>> solve(ex_ante_efficiency(BilateralTrade(types, types))).mechanism
    Mechanism(types: seller 2, buyer 2; trade, seller_quantity, seller_payment, ...)
    """
    agents, shape = mechanism.environment.agents, mechanism.environment.shape
    sizes = ", ".join(f"{a.name} {size}" for a, size in zip(agents, shape, strict=True))
    if len(agents) > MOST_AGENTS:
        sizes = f"{len(agents)} agents"
    names = names_of_parts(mechanism)
    more = ", ..." if names[MOST_PARTS:] else ""
    return f"Mechanism(types: {sizes}; {', '.join(names[:MOST_PARTS])}{more})"


def _of_agents(mechanism: HasParts) -> tuple[str, ...]:
    """Return which arrays there are of each agent."""
    interim = mechanism.ex_post_payment is None and mechanism.environment.has_net_quantities
    return ("quantity", "payment") if interim else ("payment",)
