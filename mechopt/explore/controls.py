"""What can be moved on the page: sliders and menus, and the texts that addresses have for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from mechopt._util.arrays import shown
from mechopt._util.rationals import as_fraction
from mechopt.errors import InvalidInputError

Value = Fraction | str
Values = Mapping[str, Value]
# Longer texts are no values of any control.
MOST_LETTERS = 40


@dataclass(frozen=True)
class When:
    """A control has a meaning only while a menu shows one of some choices, or another one does."""

    menu: str
    choices: tuple[str, ...]
    other: When | None = None

    def holds(self, values: Values) -> bool:
        """Return whether the menu shows one of the choices, or the other one does.

        Examples
        --------
        >>> either = When("seller", ("uniform",), When("buyer", ("uniform",)))
        >>> [either.holds({"seller": "file", "buyer": law}) for law in ("uniform", "file")]
        [True, False]
        """
        own = values.get(self.menu) in self.choices
        return own or (self.other is not None and self.other.holds(values))


@dataclass(frozen=True)
class Slider:
    """A number between two ends.

    Parameters
    ----------
    key
        Its name in addresses.
    label
        Its name on the page.
    low, high, step
        Ends and steps, as decimals. An address may name a number between steps, or a fraction.
    start
        Where it stands at first.
    when
        When it has a meaning; always unless said.

    Examples
    --------
    >>> Slider("share", "share", "0", "1", "0.01", "0.5").read("2/3")
    Fraction(2, 3)
    >>> Slider("share", "share", "0", "1", "0.01", "0.5").read("2")
    Traceback (most recent call last):
        ...
    mechopt.errors.InvalidInputError: share: outside what this page has (expected a number from ...
    """

    key: str
    label: str
    low: str
    high: str
    step: str
    start: str
    when: When | None = None

    @property
    def places(self) -> int:
        """Digits after the decimal point of a step."""
        return max(0, -int(Decimal(self.step).as_tuple().exponent))

    @property
    def first(self) -> Fraction:
        """Where it stands at first."""
        return Fraction(self.start)

    def read(self, text: str) -> Fraction:
        """Return the number that a text means.

        Raises
        ------
        InvalidInputError
            If it is none, or beyond the ends.
        """
        expected = f"a number from {self.low} to {self.high}"
        if self.places == 0:
            expected = f"a whole number from {self.low} to {self.high}"
        what = "not a number" if self.places else "not a whole number"
        try:
            number = as_fraction(text if len(text) <= MOST_LETTERS else "")
        except InvalidInputError:
            raise _refused(self.key, what, expected, text) from None
        if self.places == 0 and number.denominator != 1:
            raise _refused(self.key, what, expected, text)
        if not Fraction(self.low) <= number <= Fraction(self.high):
            raise _refused(self.key, "outside what this page has", expected, text)
        return number

    def moved_to(self, value: float) -> Fraction:
        """Return the number of steps that a slider's float stands for.

        Examples
        --------
        >>> Slider("rate", "rate", "0", "1", "0.1", "0").moved_to(0.30000000000000004)
        Fraction(3, 10)
        """
        return Fraction(f"{value:.{self.places}f}")


@dataclass(frozen=True)
class Menu:
    """One of several choices.

    Parameters
    ----------
    key, label
        As of :class:`Slider`.
    choices
        What each is called on the page, by its name in addresses; the first is shown at first.

    Examples
    --------
    >>> Menu("law", "prior", {"uniform": "uniform", "beta": "beta"}).read("normal")
    Traceback (most recent call last):
        ...
    mechopt.errors.InvalidInputError: law: no such choice (expected uniform or beta, got normal)...
    """

    key: str
    label: str
    choices: Mapping[str, str]
    when: When | None = None

    @property
    def first(self) -> str:
        """What is shown at first."""
        return next(iter(self.choices))

    def read(self, text: str) -> str:
        """Return the choice of this name.

        Raises
        ------
        InvalidInputError
            If there is none.
        """
        if text in self.choices:
            return text
        raise _refused(self.key, "no such choice", " or ".join(self.choices), text)


Control = Slider | Menu


def _refused(key: str, what: str, expected: str, text: str) -> InvalidInputError:
    return InvalidInputError(
        what,
        where=key,
        expected=expected,
        got=shown(text, MOST_LETTERS),
        remedy="Correct the address, or begin again without a query.",
    )


def text_of(value: Value) -> str:
    """Return a value as addresses and files have it: a decimal where it ends, else a fraction.

    Examples
    --------
    >>> text_of(Fraction(1, 4)), text_of(Fraction(2, 3)), text_of(Fraction(3)), text_of("beta")
    ('0.25', '2/3', '3', 'beta')
    """
    if isinstance(value, str):
        return value
    decimal = format(Decimal(value.numerator) / Decimal(value.denominator), "f")
    return decimal if Fraction(decimal) == value else str(value)


def in_document(value: Value) -> Decimal | int | str:
    """Return a number as the tables of an instance file hold it.

    Examples
    --------
    >>> in_document(Fraction(1, 4)), in_document(Fraction(2, 3)), in_document(Fraction(3))
    (Decimal('0.25'), '2/3', 3)
    """
    text = text_of(value)
    if isinstance(value, str) or "/" in text:
        return text
    return int(text) if value.denominator == 1 else Decimal(text)
