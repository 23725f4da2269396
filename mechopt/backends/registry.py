"""Backends by name: the one place in which a backend is registered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from mechopt.errors import InvalidInputError

if TYPE_CHECKING:
    from mechopt.backends.base import Backend

# In the order in which they are tried: "name": "module:class". Nothing is imported before it is
# asked for.
REGISTERED = {
    "direct": "mechopt.backends.direct:Direct",
    "highs": "mechopt.backends.highs:HiGHS",
    "cvxpy": "mechopt.backends.cvxpy_model:Cvxpy",
    "pyomo": "mechopt.backends.pyomo_model:Pyomo",
}


class Backends(Mapping[str, "type[Backend]"]):
    """The registered backends by name; a class is imported when it is looked up.

    Examples
    --------
    >>> list(Backends())
    ['direct', 'highs', 'cvxpy', 'pyomo']
    >>> Backends()["highs"]
    <class 'mechopt.backends.highs.HiGHS'>
    """

    def __getitem__(self, name: str) -> type[Backend]:
        module, _, kind = REGISTERED[name].partition(":")
        found: type[Backend] = getattr(import_module(module), kind)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(REGISTERED)

    def __len__(self) -> int:
        return len(REGISTERED)


BACKENDS = Backends()


def backend_named(name: str) -> Backend:
    """Return the backend with this name.

    Raises
    ------
    InvalidInputError
        If there is none.

    Examples
    --------
    >>> backend_named("highs").name
    'highs'
    """
    if name not in REGISTERED:
        raise InvalidInputError(
            "no such backend",
            where="backend",
            expected=", ".join(REGISTERED),
            got=repr(name),
            remedy="Choose one of these, or leave it out.",
        )
    return BACKENDS[name]()
