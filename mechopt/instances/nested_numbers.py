"""Nested lists of numbers, and probabilities of all profiles, as files have them."""

from __future__ import annotations

from typing import Any

from mechopt.environments import Environment
from mechopt.errors import InvalidInputError
from mechopt.instances.fields import exact_number, fault
from mechopt.instances.reader import Key, Reader
from mechopt.types.prior import Joint


def nested_numbers(reader: Reader, value: object, key: Key) -> Any:
    """Return nested lists of texts of fractions, and report every entry at fault."""
    if isinstance(value, list):
        return [nested_numbers(reader, each, (*key, place)) for place, each in enumerate(value)]
    try:
        return str(exact_number(value))
    except InvalidInputError as error:
        reader.add(key, error)
        return None


def joint_of(
    reader: Reader, value: object, key: Key, environment: Environment | None = None
) -> Joint | None:
    """Return a joint prior of nested lists; None, and a report, for what is none.

    Where there is an environment, it has to be one of its types.
    """
    numbers = nested_numbers(reader, value, key)
    if reader.is_faulty(key):
        return None
    try:
        joint = Joint(numbers)
        joint.in_fractions()
        if environment is not None:
            require_types_of(joint, environment)
    except InvalidInputError as error:
        reader.add(key, error)
        return None
    return joint


def require_types_of(joint: Joint, environment: Environment) -> None:
    """Raise InvalidInputError unless a prior has a probability for every profile of the types."""
    if joint.shape != environment.shape:
        raise fault(
            "not a joint prior of these types",
            expected=f"{' x '.join(map(str, environment.shape))} probabilities, for "
            f"{' x '.join(agent.name for agent in environment.agents)}",
            got=" x ".join(map(str, joint.shape)),
            remedy="Give one probability for every profile of types.",
        )
