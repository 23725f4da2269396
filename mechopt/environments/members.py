"""How factories of environments read their agents and their numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from mechopt._util.arrays import shown
from mechopt.environments.agent import Agent
from mechopt.errors import InvalidInputError
from mechopt.types import TypeSpace

# No program with more has ever been solved.
MOST_AGENTS = 1_000
# Corners are listed for programs in fractions and by profile, which are small.
MOST_CORNERS = 100_000


def agents_of(
    given: TypeSpace | Sequence[TypeSpace | Agent],
    count: int | None,
    stem: str,
    where: str = "count",
) -> tuple[Agent, ...]:
    """Return agents who were given as a type space for all, or one by one.

    Examples
    --------
    >>> [agent.name for agent in agents_of(TypeSpace.finite([0, 1]), 2, "bidder")]
    ['bidder_1', 'bidder_2']
    """
    if isinstance(given, TypeSpace):
        number = 1 if count is None else count
        require_whole(where, number, 1, MOST_AGENTS)
        given = [given] * number
    elif count is not None:
        raise InvalidInputError(
            f"a count beside a list of {stem}s",
            where=where,
            expected="a count with one type space, or a list",
            got="both",
            remedy="Leave the count out, or pass one type space.",
        )
    return tuple(
        each if isinstance(each, Agent) else Agent(f"{stem}_{place + 1}", each)
        for place, each in enumerate(given)
    )


def require_whole(name: str, value: Any, least: int, most: int | None) -> None:
    """Raise InvalidInputError unless a value is a whole number within limits."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    if whole and least <= value and (most is None or value <= most):
        return
    limits = f"of at least {least}" if most is None else f"from {least} to {most:,}"
    raise InvalidInputError(
        "not a number of agents or units",
        where=name,
        expected=f"a whole number {limits}",
        got=shown(repr(value)),
        remedy="Give such a number, such as 2.",
    )


@contextmanager
def called(where: str, inner: str, what: str, remedy: str) -> Iterator[None]:
    """Report faults of an amount of money under the name that a factory has for it.

    Parameters
    ----------
    where, what, remedy
        The name, what is wrong, and what to do, of the error that is raised.
    inner
        What the amount is called by the outcomes.

    Examples
    --------
    >>> with called("cost", "price", "not what it costs", "Give the cost in money."):
    ...     raise InvalidInputError("no", where="price", expected="a number", got="x", remedy="")
    Traceback (most recent call last):
        ...
    mechopt.errors.InvalidInputError: cost: not what it costs (expected a number, got x). Give...
    """
    try:
        yield
    except InvalidInputError as error:
        if error.where not in ("value", inner):
            raise
        raise InvalidInputError(
            what, where=where, expected=error.expected, got=error.got, remedy=remedy
        ) from error
