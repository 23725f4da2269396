"""What a page is: its controls, its problem, its pictures and its tours; and which pages there are.

A kind of environment that has a page names its module, whose ``PAGE`` is one of these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mechopt.environments.kinds import kinds
from mechopt.errors import InvalidInputError
from mechopt.explore.controls import Control, Menu, Value, Values, When
from mechopt.explore.pictures import Picture
from mechopt.report.page import Row

if TYPE_CHECKING:
    from mechopt.solution import Solution

Document = dict[str, Any]
FROM_FILE = "file"
"""The choice of a menu of priors that leaves an agent as the file has it."""
TOLD_OF_FILE = "as in the file"
Part = tuple[str, Callable[[], object]]


@dataclass(frozen=True)
class Given:
    """An instance file that the page was started with.

    Parameters
    ----------
    path
        Where it is; paths in it are relative to its folder.
    document
        Its tables, as :func:`mechopt.instances.load.read_document` returns them.
    """

    path: Path
    document: Mapping[str, Any] = field(hash=False)

    @property
    def page(self) -> Page:
        """The page of its kind.

        Raises
        ------
        InvalidInputError
            If there is none.
        """
        environment = self.document.get("environment")
        kind = environment.get("kind") if isinstance(environment, Mapping) else None
        for page in pages().values():
            if page.kind == kind:
                return page
        raise InvalidInputError(
            "there is no page for this kind of environment",
            where=str(self.path),
            expected=" or ".join(f'kind = "{page.kind}"' for page in pages().values()),
            got=repr(kind),
            remedy="Solve it with mechopt solve, and draw it with mechopt plot.",
        )


@dataclass(frozen=True)
class Stop:
    """A stop of a tour: what to look at, and where the controls stand.

    Parameters
    ----------
    title, text
        What is said.
    values
        Controls that do not stand where they do at first, as texts of an address.
    """

    title: str
    text: str
    values: Mapping[str, str] = field(default_factory=dict)

    def values_on(self, page: Page) -> dict[str, Value]:
        """Return the values of the stop's controls."""
        controls = {control.key: control for control in page.controls}
        return {key: controls[key].read(text) for key, text in self.values.items()}


@dataclass(frozen=True)
class Tour:
    """A guided tour of a source."""

    title: str
    source: str
    stops: tuple[Stop, ...]


@dataclass(frozen=True)
class Panel:
    """A picture of the page.

    Parameters
    ----------
    key, title
        As of the pictures that it makes.
    make
        Returns the picture of a solution at values of the controls.
    words
        What is being computed, for panels that take longer than an answer and are drawn after it;
        empty for those that are drawn at once.
    when
        When it has something to show; always unless said. Otherwise it is not computed.
    parts
        What is computed, and kept, before the picture is made: words and a function each. Between
        two of them the page answers to its controls.
    """

    key: str
    title: str
    make: Callable[[Solution, Values], Picture]
    words: str = ""
    when: When | None = None
    parts: Callable[[Solution, Values], Sequence[Part]] | None = None


@dataclass(frozen=True)
class Page:
    """A page, as a kind of environment has it.

    Parameters
    ----------
    name
        In addresses.
    title
        On the page.
    kind
        The kind of environment, as instance files call it.
    controls
        In the order of the page.
    document
        Returns the tables of an instance file for values of the controls; of the file that was
        given, what the controls do not say is kept.
    values_of
        Returns where the controls stand for a file that was given.
    code
        Returns Python code that states the same problem as ``problem``.
    panels
        Its pictures, in the order of the page.
    rows
        Returns lines of the readout beside those that every page has: name, number and remark.
    tours
        By their names in addresses.
    """

    name: str
    title: str
    kind: str
    controls: tuple[Control, ...]
    document: Callable[[Values, Given | None], Document]
    values_of: Callable[[Given], dict[str, Value]]
    code: Callable[[Values], str]
    panels: tuple[Panel, ...]
    rows: Callable[[Solution], list[Row]]
    tours: Mapping[str, Tour]

    def first_values(self) -> Mapping[str, Value]:
        """Return where the controls stand at first."""
        return {control.key: control.first for control in self.controls}

    def controls_with(self, given: Given | None) -> Iterator[Control]:
        """Yield the controls; with a file of the page's kind, priors may be left as in it."""
        own = given is not None and given.page is self
        for control in self.controls:
            if not own and isinstance(control, Menu) and FROM_FILE in control.choices:
                rest = {k: label for k, label in control.choices.items() if k != FROM_FILE}
                yield Menu(control.key, control.label, rest, control.when)
            else:
                yield control


@cache
def pages() -> dict[str, Page]:
    """Return the pages that there are, by name.

    Examples
    --------
    >>> list(pages())
    ['trade', 'market', 'auction', 'bargaining']
    """
    modules = [kind.page for kind in kinds().values() if kind.page]
    found: list[Page] = [import_module(module).PAGE for module in modules]
    # The one with most tours is shown first.
    return {page.name: page for page in sorted(found, key=lambda page: -len(page.tours))}
