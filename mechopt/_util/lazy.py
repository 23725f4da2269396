"""Names of a package that are imported when they are first asked for (PEP 562)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module


def importer(
    package: str, where: Mapping[str, tuple[str, ...]], submodules: Iterable[str] = ()
) -> Callable[[str], object]:
    """Return a module's ``__getattr__``, which imports what a table lists.

    Parameters
    ----------
    package
        The module's own name.
    where
        Names by the module that defines them.
    submodules
        Modules of the package that are found as its attributes without an import statement.

    Returns
    -------
    callable
        Raises AttributeError for a name that the table does not list, as modules do.

    Examples
    --------
    >>> get = importer("mechopt", {"math": ("pi",)})
    >>> get("pi")
    3.141592653589793
    >>> get("tau")
    Traceback (most recent call last):
        ...
    AttributeError: module 'mechopt' has no attribute 'tau'
    """
    modules = {name: module for module, names in where.items() for name in names}
    inside = frozenset(submodules)

    def get(name: str) -> object:
        if name in inside:
            return import_module(f"{package}.{name}")
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value: object = getattr(import_module(modules[name]), name)
        # The next use finds the name in the module itself.
        setattr(sys.modules[package], name, value)
        return value

    return get


def names(where: Mapping[str, tuple[str, ...]], submodules: Iterable[str] = ()) -> list[str]:
    """Return the names that a table lists, sorted.

    Examples
    --------
    >>> names({"math": ("pi", "e")}, ["plot"])
    ['e', 'pi', 'plot']
    """
    return sorted([*submodules, *(name for listed in where.values() for name in listed)])
