"""The registry of the classes that may stand in saved files: identifiers, versions, clashes.

Every class of mechopt that stands in a file is registered by :func:`saved_as` where it is defined,
under an identifier with a version: ``"mechopt.Trade@1"``. A user's class that is not registered has
``module:Name`` as its identifier, so that a user's ``Trade`` is never taken for mechopt's.
"""

from __future__ import annotations

import dataclasses
import importlib
import os
import pkgutil
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, TypeVar

from mechopt._util.arrays import shown
from mechopt.errors import InvalidInputError

PACKAGE = "mechopt"
SAVE_AGAIN = "Save it again with this version of mechopt."
NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+", re.ASCII)
IDENTIFIER = re.compile(r"(?P<name>[^@]+)@(?P<version>[1-9][0-9]{0,8})", re.ASCII)

# Modules that files may use what is in; whoever runs mechopt says so, never the file.
TRUSTED = "MECHOPT_TRUSTED"

Class = TypeVar("Class", bound=type)

_registered: dict[str, type] = {}


class Registration(NamedTuple):
    """The name and the version that a class is saved under."""

    name: str
    version: int

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"


def saved_as(name: str, version: int = 1) -> Callable[[Class], Class]:
    """Register a class under an identifier of its own, for files that hold its objects.

    A class of yours needs no identifier, unless it is defined within a function: it is found by its
    module and name as long as both stay the same. With an identifier it may move.

    Parameters
    ----------
    name
        Dotted, such as ``"mylab.Toll"``; names that begin with ``mechopt.`` are mechopt's own.
    version
        A whole number of at least 1. Raise it when the fields of the class, or what they mean,
        change: files of another version are refused.

    Raises
    ------
    InvalidInputError
        For a name or version of another form, a class that is no frozen dataclass, and a name that
        another class has.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> from mechopt._util.saving import identifier
    >>> from mechopt.environments import OutsideOption
    >>> @saved_as("mylab.Toll", version=2)
    ... @dataclass(frozen=True)
    ... class Toll(OutsideOption):
    ...     amount: float
    ...
    ...     def __call__(self, types):
    ...         return self.amount + 0.0 * types
    >>> identifier(Toll)
    'mylab.Toll@2'
    """
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise InvalidInputError(
            "not a name to save a class under",
            where="saved_as",
            expected='ASCII words with dots between them, such as "mylab.Toll"',
            got=shown(repr(name)),
            remedy="Begin with the name of your package or group.",
        )
    if type(version) is not int or version < 1:
        raise InvalidInputError(
            "not the number of a version",
            where=f"version of {name}",
            expected="a whole number of at least 1",
            got=shown(repr(version)),
            remedy="Count versions from 1.",
        )

    def register(kind: Class) -> Class:
        _require_class(kind, where="saved_as")
        if name.startswith(f"{PACKAGE}.") and not is_ours(kind):
            raise InvalidInputError(
                "a name that belongs to mechopt",
                where=_place(kind),
                expected=f"a name that does not begin with {PACKAGE}.",
                got=name,
                remedy="Begin with the name of your package or group.",
            )
        other = _registered.get(name, kind)
        if _place(other) != _place(kind):
            raise _clash(name, (other, kind))
        # A class that is defined again, say in a notebook, replaces the one before it.
        _registered[name] = kind
        kind.__saved_as__ = Registration(name, version)  # type: ignore[attr-defined]
        return kind

    return register


def identifier(kind: type) -> str:
    """Return the name and version that objects of a class are saved under.

    Raises
    ------
    InvalidInputError
        For a class that could not be found again under its name: one of mechopt's that is not
        registered, one defined within a function, or one that was defined again.

    Examples
    --------
    >>> import mechopt
    >>> mechopt.Trade.__saved_as__
    Registration(name='mechopt.Trade', version=1)
    """
    own = registration(kind)
    name_it = 'Give it a name: @saved_as("mylab.Name") above @dataclass(frozen=True).'
    if is_ours(kind):
        if ":" in own.name:
            raise _without_name("a class of mechopt that is not registered", kind, name_it)
        return str(own)
    if "<locals>" in own.name:
        what = "a class defined within a function, which no file can name"
        raise _without_name(what, kind, name_it)
    current = _imported(own.name) if ":" in own.name else _registered.get(own.name)
    if current not in (kind, None):
        what = "an object of a class that was defined again since"
        raise _without_name(what, kind, "Make the object again from the new class.")
    return str(own)


def _without_name(what: str, kind: type, remedy: str) -> InvalidInputError:
    return InvalidInputError(
        what,
        where=_place(kind),
        expected="a class that a file can name",
        got=str(registration(kind)),
        remedy=remedy,
    )


def registration(kind: type) -> Registration:
    """Return the name and the version of a class; what it inherits describes its base."""
    own = kind.__dict__.get("__saved_as__")
    return own if isinstance(own, Registration) else Registration(_place(kind), 1)


def is_ours(kind: type) -> bool:
    """Return whether a class is one of mechopt's.

    Examples
    --------
    >>> from mechopt.environments.trade import Trade
    >>> is_ours(Trade), is_ours(int)
    (True, False)
    """
    return kind.__module__.partition(".")[0] == PACKAGE


class Known:
    """The classes that may stand in a file.

    Those that are given come first, then those that are registered, then classes of users that
    derive from one of mechopt's and whose module is imported. No module of a user is imported for
    what a file says.

    Parameters
    ----------
    given
        Users' classes.
    homes
        Modules and packages that register mechopt's classes: imported, in this order, when a file
        names a class that is not registered yet.

    Raises
    ------
    InvalidInputError
        If two of ``given`` have one identifier, or one of them is no frozen dataclass.
    """

    def __init__(self, given: Iterable[type] = (), homes: Iterable[str] = ()) -> None:
        self._given: dict[str, type] = {}
        self._homes = tuple(homes)
        for kind in given:
            _require_class(kind, where="classes")
            name = registration(kind).name
            if self._given.setdefault(name, kind) is not kind:
                raise _clash(name, (self._given[name], kind))

    def class_of(self, said: str) -> type:
        """Return the class that an identifier in a file stands for.

        Raises
        ------
        InvalidInputError
            For an identifier that is not known here, and another version of the class.

        Examples
        --------
        >>> Known().class_of("mylab.Toll@1")
        Traceback (most recent call last):
            ...
        mechopt.errors.InvalidInputError: mylab.Toll@1: a class that is not known here (expected...
        """
        parts = IDENTIFIER.fullmatch(said)
        if parts is None:
            raise not_saved_here(said, "a name without a version")
        name, version = parts["name"], int(parts["version"])
        kind = self._given.get(name) or self._found(name)
        if kind is None:
            ours = name.startswith(f"{PACKAGE}.")
            raise InvalidInputError(
                "a class that is not known here",
                where=shown(said),
                expected="a class of mechopt, or one of yours that is imported",
                got="another",
                remedy="It comes from another version of mechopt: install that one."
                if ours
                else "In Python, import the module that defines it before loading, or pass the "
                f"class as classes=[...]; at the command line, set {TRUSTED}=MODULE, if you trust "
                "that module, and name its folder in PYTHONPATH.",
            )
        known = registration(kind).version
        if version != known:
            age = "newer" if version > known else "older"
            whose = kind.__module__.partition(".")[0]
            raise InvalidInputError(
                "another version of a class",
                where=shown(said),
                expected=f"version {known}, which is known here",
                got=f"the {age} version {version}",
                remedy=f"Install a newer {whose}."
                if version > known
                else f"Make the file again with this {whose}.",
            )
        return kind

    def _found(self, name: str) -> type | None:
        if name.startswith(f"{PACKAGE}.") and name not in _registered:
            for module in _modules(self._homes):
                importlib.import_module(module)
                if name in _registered:
                    break
        found = _registered.get(name) or _imported(name)
        if found is None and not name.startswith(f"{PACKAGE}."):
            for module in trusted_modules():
                import_trusted(module, where=TRUSTED)
            found = _registered.get(name) or _imported(name)
        return found


def trusted_modules() -> list[str]:
    """Return the modules that the environment variable MECHOPT_TRUSTED lists."""
    return os.environ.get(TRUSTED, "").replace(",", " ").split()


def import_trusted(module: str, *, where: str) -> Any:
    """Return a module of the user's; raise InvalidInputError whatever goes wrong in it."""
    try:
        return importlib.import_module(module)
    except Exception as error:
        raise InvalidInputError(
            "a module that cannot be imported",
            where=where,
            expected="a module that Python finds",
            got=f"{shown(module)}: {type(error).__name__}: {shown(error)}",
            remedy="Install the module, name its folder in PYTHONPATH, or leave it out.",
        ) from error


def _modules(homes: Iterable[str]) -> Iterator[str]:
    """Yield modules and all that is in them, each by its full name."""
    for home in homes:
        yield home
        inside = getattr(sys.modules.get(home), "__path__", ())
        yield from _modules(sorted(f"{home}.{part.name}" for part in pkgutil.iter_modules(inside)))


def _imported(name: str) -> type | None:
    """Return the user's class of this module and name, if it is imported and extends mechopt."""
    module, _, path = name.partition(":")
    found: Any = sys.modules.get(module)
    for part in path.split("."):
        found = getattr(found, "__dict__", {}).get(part)
    usable = (
        isinstance(found, type)
        and dataclasses.is_dataclass(found)
        and not is_ours(found)
        and any(map(is_ours, found.__mro__))
        and registration(found).name == name
    )
    return found if usable else None


def _place(kind: type) -> str:
    return f"{kind.__module__}:{kind.__qualname__}"


def _require_class(kind: object, where: str) -> None:
    """Raise unless objects of a class are made of their fields, which never change."""
    params = getattr(kind, "__dataclass_params__", None)
    if not isinstance(kind, type) or params is None or not params.frozen:
        raise InvalidInputError(
            "not a class that can be saved and loaded",
            where=where,
            expected="a frozen dataclass",
            got=shown(repr(kind)),
            remedy="Pass the class itself, with @dataclass(frozen=True) above it.",
        )


def _clash(name: str, kinds: Iterable[type]) -> InvalidInputError:
    return InvalidInputError(
        "two classes have one name in files",
        where=name,
        expected="one class of this name",
        got=", ".join(map(_place, kinds)),
        remedy="Give each a name of its own, with @saved_as above its definition.",
    )


def not_saved_here(name: object, got: str) -> InvalidInputError:
    """Return the error about a part of a file that is no saved object."""
    return InvalidInputError(
        "not an object that mechopt saved",
        where=shown(name),
        expected="a kind of object that mechopt saves, with its fields",
        got=got,
        remedy=SAVE_AGAIN,
    )
