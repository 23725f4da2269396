"""The kinds of environment that instance files can name, each entered by its environment's file.

An environment's factory is a function of type spaces and numbers. What its keyword arguments mean
is declared beside it, in plain words, and they are then the keys of its table in instance files::

    @kind(
        "project",
        neighbours=agents("neighbour", "one table per neighbour"),
        price=number("what the project costs, in money"),
    )
    def project(neighbours, price):
        return Environment(neighbours, Project(len(neighbours), price))

Nothing here reads files: :mod:`mechopt.instances` does.
"""

from __future__ import annotations

import pkgutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.metadata import distributions
from typing import Any, Literal, TypeVar

from mechopt._util.registry import TRUSTED, import_trusted, trusted_modules
from mechopt.environments.environment import Environment
from mechopt.errors import InvalidInputError

Form = Literal[
    "agent",
    "agents",
    "one or several",
    "tables",
    "number",
    "numbers",
    "rows",
    "nested",
    "fraction",
    "whole",
    "flag",
    "text",
    "labels",
    "amounts",
]
# The forms of what holds agents.
OF_AGENTS = ("agent", "agents", "one or several")
REQUIRED = object()
HOME = "mechopt.environments"
"""The package of environments; entry points of others have the same name."""


@dataclass(frozen=True)
class KindField:
    """What one key of an environment's table holds.

    Parameters
    ----------
    form
        ``"agent"`` for a table with an agent's prior, ``"agents"`` for a list of them,
        ``"one or several"`` for either, ``"tables"`` for a list of tables with fields of their own,
        ``"number"``, ``"numbers"`` for a list of them, ``"rows"`` for a list of such lists,
        ``"nested"`` for such lists whose entries may be lists in turn,
        ``"fraction"`` for a number as it was written, ``"whole"`` for a whole number, ``"flag"``
        for true or false, ``"text"``, ``"labels"`` for a list of words, numbers or lists that are
        used as words, ``"amounts"`` for what :func:`~mechopt.environments.amounts.worth_of` reads.
    meaning
        What a message says is expected, in words.
    stem
        What agents are called where the file gives no name; those of a list are numbered.
    default
        The value of a key that is left out; a key without one is required.
    fields
        The keys of each table in a list of tables.
    of_each
        Further arguments of the factory that hold one number per agent of a list: the key of each
        agent's table, and what a message says is expected.
    """

    form: Form
    meaning: str
    stem: str = ""
    default: object = REQUIRED
    fields: Mapping[str, KindField] = field(default_factory=dict)
    of_each: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def agent(name: str, meaning: str) -> KindField:
    """Return the field of one agent, passed to the factory as an Agent."""
    return KindField("agent", meaning, name)


def agents(stem: str, meaning: str, **of_each: tuple[str, str]) -> KindField:
    """Return the field of a list of agents, passed to the factory as a tuple of Agents.

    Further keywords are as ``of_each`` in :class:`KindField`: ``shares=("share", "what it owns")``
    passes the numbers under ``share`` in the agents' tables as a tuple of Fractions.
    """
    return KindField("agents", meaning, stem, of_each=of_each)


def one_or_several(stem: str, meaning: str) -> KindField:
    """Return the field of one agent's table or a list of them, passed on as a tuple of Agents."""
    return KindField("one or several", meaning, stem)


def tables(meaning: str, **fields: KindField) -> KindField:
    """Return the field of a list of tables, passed to the factory as a tuple of mappings."""
    return KindField("tables", meaning, fields=fields)


def number(meaning: str, default: object = REQUIRED) -> KindField:
    """Return the field of a number, passed to the factory as a float."""
    return KindField("number", meaning, default=default)


def numbers(meaning: str, default: object = REQUIRED) -> KindField:
    """Return the field of a list of numbers, passed to the factory as fractions."""
    return KindField("numbers", meaning, default=default)


def rows(meaning: str, default: object = REQUIRED) -> KindField:
    """Return the field of a list of lists of numbers, passed to the factory as fractions."""
    return KindField("rows", meaning, default=default)


def nested(meaning: str, default: object = REQUIRED) -> KindField:
    """Return the field of lists of lists of numbers, or of further lists, passed as fractions."""
    return KindField("nested", meaning, default=default)


def text(meaning: str, default: object = REQUIRED) -> KindField:
    """Return the field of a text."""
    return KindField("text", meaning, default=default)


def labels(meaning: str, default: object = REQUIRED) -> KindField:
    """Return the field of a list of words, or of numbers and lists in their place, as texts."""
    return KindField("labels", meaning, default=default)


def amounts(meaning: str) -> KindField:
    """Return the field of what amounts cost or bring, passed to the factory as it stands."""
    return KindField("amounts", meaning)


def fraction(meaning: str, default: object = REQUIRED) -> KindField:
    """Return the field of a number, passed to the factory as a Fraction with nothing rounded."""
    return KindField("fraction", meaning, default=default)


def whole(meaning: str, default: object = REQUIRED) -> KindField:
    """Return the field of a whole number."""
    return KindField("whole", meaning, default=default)


def flag(meaning: str, default: object = REQUIRED) -> KindField:
    """Return the field of a yes or no."""
    return KindField("flag", meaning, default=default)


@dataclass(frozen=True)
class Kind:
    """A kind of environment.

    Parameters
    ----------
    name
        What files call it, such as ``"bilateral-trade"``.
    build
        Makes the environment of what the fields hold, by keyword.
    fields
        The keys of its table.
    reader
        ``"module:function"`` of a reader of its own, where the fields do not say all; it takes the
        reader of the file and its tables, and returns a problem or None.
    is_of
        Whether an environment, however it was made, is of this kind; what the kind says of itself
        below is then asked for, and only then imported.
    report
        ``"module:Class"`` of what a report of a solution says further, a subclass of
        :class:`mechopt.report.addendum.Addendum`.
    plots
        The module of further pictures: its ``panels_of(solution)`` returns a
        :class:`mechopt.plot.pages.Further`, and its ``prepared(solution, picture,
        progress_bar)``, if it has one, the solution with what a picture needs beyond it, or None.
    compare
        ``"module:function"`` that takes an environment and returns the usual mechanisms of its
        kind beside its optimum, a :class:`mechopt.studies.comparison.Comparison`, or None for an
        environment that it knows none of.
    page
        The module of its page of ``mechopt explore``: its ``PAGE`` is a
        :class:`mechopt.explore.page.Page`.
    asks
        The objective of a file of this kind that ``mechopt new`` writes, unless told another.
    """

    name: str
    build: Callable[..., Environment]
    fields: Mapping[str, KindField] = field(default_factory=dict)
    reader: str = ""
    is_of: Callable[[Environment], bool] | None = None
    report: str = ""
    plots: str = ""
    compare: str = ""
    page: str = ""
    asks: str = "ex-ante-efficiency"


_KINDS: dict[str, Kind] = {}


def register(entry: Kind) -> None:
    """Enter a kind, so that instance files can name it.

    Raises
    ------
    InvalidInputError
        If another kind has its name, and for a report, pictures or usual mechanisms of a kind that
        does not say which environments are its own.
    """
    own = [word for word in ("report", "plots", "compare") if getattr(entry, word)]
    if own and entry.is_of is None:
        raise InvalidInputError(
            "a kind that does not say which environments are its own",
            where=f"kind {entry.name!r}",
            expected=f"is_of, beside {own[0]}",
            got="nothing",
            remedy="Pass is_of=lambda environment: isinstance(environment.outcomes, ...).",
        )
    known = _KINDS.get(entry.name)
    if known is not None and _origin(known.build) != _origin(entry.build):
        raise InvalidInputError(
            "two kinds of one name",
            where="kind",
            expected=f"a name that {_origin(known.build)} does not have",
            got=repr(entry.name),
            remedy="Choose another name.",
        )
    _KINDS[entry.name] = entry


def kinds() -> dict[str, Kind]:
    """Return the kinds of all environments, by name and in its order.

    Every module of :mod:`mechopt.environments` is imported, every module that an installed
    package names in its entry points of the group ``mechopt.environments``, and every one that the
    environment variable ``MECHOPT_TRUSTED`` lists.

    Raises
    ------
    InvalidInputError
        If one of the last cannot be imported.

    Examples
    --------
    >>> len(kinds()), "auction" in kinds()
    (10, True)
    """
    for path in tuple(sys.modules[HOME].__path__):
        _import_all(path)
    for name in trusted_modules():
        import_trusted(name, where=TRUSTED)
    return dict(sorted(_KINDS.items()))


def kind_of(environment: Environment) -> Kind | None:
    """Return the kind that calls an environment its own; None if none does.

    Examples
    --------
    >>> from mechopt import Auction, TypeSpace
    >>> kind_of(Auction(TypeSpace.finite([1, 2]), count=2)).name
    'auction'
    """
    for entry in kinds().values():
        if entry.is_of is not None and entry.is_of(environment):
            return entry
    return None


def declared_by(place: str) -> Any:
    """Return what ``"module:name"`` in a kind stands for; the module is imported now."""
    module, _, name = place.partition(":")
    found = import_module(module)
    return getattr(found, name) if name else found


@cache
def _import_all(path: str) -> None:
    """Import the environments of a folder, and those that installed packages name."""
    for module in pkgutil.iter_modules([path]):
        import_module(f"{HOME}.{module.name}")
    for package in distributions():
        # Most packages' entry points are of other groups, and reading all of them takes longest.
        if HOME in (package.read_text("entry_points.txt") or ""):
            for point in package.entry_points.select(group=HOME):
                point.load()


Factory = TypeVar("Factory", bound=Callable[..., Any])


def kind(
    name: str,
    *,
    reader: str = "",
    is_of: Callable[[Environment], bool] | None = None,
    report: str = "",
    plots: str = "",
    compare: str = "",
    page: str = "",
    asks: str = "ex-ante-efficiency",
    **fields: KindField,
) -> Callable[[Factory], Factory]:
    """Return the decorator that enters a factory as a kind of environment.

    Parameters
    ----------
    name
        What files call it.
    reader, is_of, report, plots, compare, page, asks
        As in :class:`Kind`.
    **fields
        What each keyword argument of the factory holds.

    Examples
    --------
    >>> from mechopt.environments.kinds import number
    >>> number("what the project costs, in money").form
    'number'
    """

    def enter(build: Factory) -> Factory:
        register(Kind(name, build, fields, reader, is_of, report, plots, compare, page, asks))
        return build

    return enter


def _origin(build: Callable[..., Any]) -> str:
    """Return where a factory was written; a module that is loaded again gives the same."""
    return f"{build.__module__}.{build.__qualname__}"
