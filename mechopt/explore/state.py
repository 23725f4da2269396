"""The state of the page, which is the query of its address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode

from mechopt._util.arrays import shown
from mechopt.errors import InvalidInputError
from mechopt.explore.controls import Value, text_of
from mechopt.explore.page import Given, Page, Stop, pages

# What an address may name beside controls.
PAGE, TOUR, STEP = "page", "tour", "step"
MOST_LETTERS = 2_000


@dataclass(frozen=True)
class State:
    """Where every control of a page stands, and where a guided tour is.

    Parameters
    ----------
    page
        Name of the page.
    values
        A fraction for each slider and a word for each menu, by their names.
    tour, step
        Name of the tour, if one is taken, and its stop, counted from 1.

    Examples
    --------
    >>> state = read_state("page=trade&seller=beta&seller_a=2&seller_rate=2")
    >>> state.values["seller"], state.values["seller_rate"]
    ('beta', Fraction(2, 1))
    >>> state.query
    'page=trade&seller=beta&seller_rate=2'
    >>> read_state(state.query) == state
    True
    """

    page: str
    values: Mapping[str, Value]
    tour: str = ""
    step: int = 1

    @property
    def query(self) -> str:
        """What the address says: the page, and whatever is not where it stands at first."""
        first = _first_values(pages()[self.page], self.tour, self.step)
        said = {PAGE: self.page}
        said |= {TOUR: self.tour, STEP: str(self.step)} if self.tour else {}
        said |= {key: text_of(v) for key, v in self.values.items() if v != first[key]}
        return urlencode(said, safe="/")

    def moved(self, key: str, value: Value) -> State:
        """Return the state with one control elsewhere."""
        return replace(self, values=dict(self.values) | {key: value})

    @property
    def stop(self) -> Stop | None:
        """The stop of the tour that is taken."""
        if not self.tour:
            return None
        return pages()[self.page].tours[self.tour].stops[self.step - 1]

    def __hash__(self) -> int:
        return hash((self.page, tuple(sorted(self.values.items(), key=str)), self.tour, self.step))


def read_state(query: str, given: Given | None = None) -> State:
    """Return the state that the query of an address means.

    What it does not name stands where it does at first; an empty query is the file that was given,
    or the first page.

    Parameters
    ----------
    query
        Without the question mark.
    given
        The file that the page was started with.

    Raises
    ------
    InvalidInputError
        About the first part that means nothing: an unknown name, a value that its control does not
        have, a name that occurs twice.

    Examples
    --------
    >>> read_state("page=trade&cells=many")
    Traceback (most recent call last):
        ...
    mechopt.errors.InvalidInputError: cells: not a whole number (expected a whole number from 10 ...
    """
    if len(query) > MOST_LETTERS:
        raise _refused("query", "too long", f"at most {MOST_LETTERS} letters", str(len(query)))
    said: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name in said:
            raise _refused(name, "said twice", "each name once", value)
        said[name] = value
    known = pages()
    if not said:
        return _beginning(given, known)
    name = said.pop(PAGE, next(iter(known)))
    if name not in known:
        raise _refused(PAGE, "no such page", " or ".join(known), name)
    page = known[name]
    tour, step = _stop(page, said)
    values = _first_values(page, tour, step)
    controls = {control.key: control for control in page.controls_with(given)}
    for key, text in said.items():
        if key not in controls:
            raise _refused(key, "means nothing here", ", ".join(controls), text)
        values[key] = controls[key].read(text)
    return State(name, values, tour, step)


def _beginning(given: Given | None, known: Mapping[str, Page]) -> State:
    if given is None:
        page = next(iter(known.values()))
        return State(page.name, dict(page.first_values()))
    page = given.page
    return State(page.name, dict(page.first_values()) | page.values_of(given))


def _first_values(page: Page, tour: str, step: int) -> dict[str, Value]:
    """Return where controls stand unless an address says otherwise."""
    values = dict(page.first_values())
    return values | page.tours[tour].stops[step - 1].values_on(page) if tour else values


def _stop(page: Page, said: dict[str, str]) -> tuple[str, int]:
    """Return tour and stop that a query names, and take them out of it."""
    tour, step = said.pop(TOUR, ""), said.pop(STEP, "1")
    if not tour:
        return "", 1
    if tour not in page.tours:
        raise _refused(TOUR, "no such tour of this page", " or ".join(page.tours), tour)
    last = len(page.tours[tour].stops)
    if not step.isdecimal() or len(step) > 3 or not 1 <= int(step) <= last:
        raise _refused(STEP, "no stop of this tour", f"a whole number from 1 to {last}", step)
    return tour, int(step)


def _refused(where: str, what: str, expected: str, got: str) -> InvalidInputError:
    return InvalidInputError(
        what,
        where=where[:40],
        expected=expected,
        got=shown(got, 60),
        remedy="Correct the address, or begin again without a query.",
    )
