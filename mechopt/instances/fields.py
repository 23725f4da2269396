"""The values that keys of an instance file may hold: numbers, fractions, rates, counts and words.

Numbers stay fractions until they enter an array, so 0.1 is 1/10 up to there. Every function here
raises :class:`~mechopt.InvalidInputError`, whose place is the key that holds the value.
"""

from __future__ import annotations

import difflib
import json
import math
import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Annotated

from pydantic import PlainValidator

from mechopt._util.arrays import shown
from mechopt.errors import InvalidInputError

# More would exhaust the memory of most machines before a solver is reached.
MAX_CELLS = 10_000_000
# Squares of such numbers, and sums of them, are still within the range of floats.
SMALLEST, LARGEST = 1e-150, 1e150

_FRACTION = re.compile(r"\s*([+-]?\d{1,999})\s*/\s*(\d{1,999})\s*", re.ASCII)
_DECIMAL = re.compile(
    r"\s*[+-]?((\d+\.?\d*|\.\d+)(e[+-]?\d{1,9})?|inf|nan)\s*", re.ASCII | re.IGNORECASE
)

# In place of a number of cells: as many as the wanted width of the bracket needs.
AUTO = "auto"


def exact_number(value: object) -> Fraction:
    """Return a number of an instance file as a fraction, with nothing rounded.

    Parameters
    ----------
    value
        A whole number, a decimal, or text such as ``"2/3"`` or ``"0.1"``.

    Raises
    ------
    InvalidInputError
        For anything else, and for sizes beyond 1e-150 to 1e150, whose squares no float can hold.

    Examples
    --------
    >>> exact_number("2/3"), exact_number(Decimal("0.1"))
    (Fraction(2, 3), Fraction(1, 10))
    """
    number: int | Decimal | Fraction
    if isinstance(value, str):
        number = _number_in(value)
    elif isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        number = Decimal(value) if isinstance(value, float) else value
    else:
        raise _not_a_number(value)
    if isinstance(number, Decimal) and not number.is_finite():
        raise fault(
            "not finite",
            expected="a finite number",
            got=described(value),
            remedy="Give a number that is neither infinite nor nan.",
        )
    # Written out as a fraction, 1e999999999 would fill the memory with its digits.
    exponent = number.adjusted() if isinstance(number, Decimal) and number else 0
    exact = Fraction(number) if abs(exponent) < 400 else None
    if exact is None or not (exact == 0 or SMALLEST <= _size(exact) <= LARGEST):
        raise fault(
            "too large or too small to compute with",
            expected=f"0, or a size between {SMALLEST:g} and {LARGEST:g}",
            got=described(value),
            remedy="Measure money in another unit.",
        )
    return exact


def _size(number: Fraction) -> float:
    try:
        return abs(float(number))
    except OverflowError:
        return math.inf


def _number_in(text: str) -> Decimal | Fraction:
    if fraction := _FRACTION.fullmatch(text):
        numerator, denominator = int(fraction[1]), int(fraction[2])
        if denominator == 0:
            raise fault(
                "division by 0",
                expected='a fraction such as "2/3"',
                got=described(text),
                remedy="Correct the denominator.",
            )
        return Fraction(numerator, denominator)
    if _DECIMAL.fullmatch(text):
        return Decimal(text)
    raise _not_a_number(text)


def _not_a_number(value: object) -> InvalidInputError:
    return fault(
        "not a number",
        expected='a number, or an exact fraction in quotes such as "2/3"',
        got=described(value),
        remedy="Write digits, with a point for decimals; no commas, no units.",
    )


def decimal_literal(text: str) -> Decimal:
    """Return a decimal of the file, digit by digit.

    Examples
    --------
    >>> decimal_literal("0.10")
    Decimal('0.10')
    """
    try:
        return Decimal(text)
    except InvalidOperation:
        # An exponent beyond what Decimal holds; exact_number refuses the stand-in likewise.
        return Decimal("1e999999")


def discount_rate(value: object) -> Fraction | float:
    """Return a discount rate per unit of time: a positive number or infinity.

    Raises
    ------
    InvalidInputError
        For anything else.

    Examples
    --------
    >>> discount_rate("1/2"), discount_rate("inf")
    (Fraction(1, 2), inf)
    """
    if value == "inf" or (isinstance(value, (float, Decimal)) and value == math.inf):
        return math.inf
    try:
        rate = exact_number(value)
    except InvalidInputError as error:
        if error.what != "not a number":
            raise
        rate = Fraction(0)
    if rate <= 0:
        raise fault(
            "not a discount rate",
            expected='a number above 0, or "inf"',
            got=described(value),
            remedy="Give the rate per unit of time; equal rates mean trade without delay.",
        )
    return rate


def number_of_cells(value: object) -> int:
    """Return a number of cells.

    Raises
    ------
    InvalidInputError
        For anything but a whole number from 1 to ten million.

    Examples
    --------
    >>> number_of_cells(200)
    200
    """
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_CELLS:
        raise fault(
            "not a number of cells",
            expected=f"a whole number from 1 to {MAX_CELLS:,}",
            got=described(value),
            remedy="Write it without quotes, for instance 200."
            if isinstance(value, str) and value.isdecimal()
            else "Give a whole number, for instance 200.",
        )
    return value


def probability(value: object) -> Fraction:
    """Return a probability as a fraction, with nothing rounded.

    Raises
    ------
    InvalidInputError
        For anything but a number from 0 to 1.

    Examples
    --------
    >>> probability("1/3")
    Fraction(1, 3)
    """
    number = exact_number(value)
    if not 0 <= number <= 1:
        raise fault(
            "not a probability",
            expected="a number from 0 to 1",
            got=described(value),
            remedy="Correct it.",
        )
    return number


def payment_limit(value: object) -> Fraction:
    """Return a limit on payments as a fraction, with nothing rounded.

    Raises
    ------
    InvalidInputError
        For anything but a number above 0.

    Examples
    --------
    >>> payment_limit("7/2")
    Fraction(7, 2)
    """
    number = exact_number(value)
    if number <= 0:
        raise fault(
            "not a limit on payments",
            expected="a number above 0, in money",
            got=described(value),
            remedy="Correct it, or leave it out."
            if number
            else "Write transfers = false where nobody pays anything.",
        )
    return number


def liability(value: object) -> Fraction:
    """Return a limit on losses as a fraction, with nothing rounded.

    Raises
    ------
    InvalidInputError
        For anything but a number of at least 0.

    Examples
    --------
    >>> liability(0)
    Fraction(0, 1)
    """
    number = exact_number(value)
    if number < 0:
        raise fault(
            "not a limit on losses",
            expected="a number of at least 0, in money: the most that an agent may lose",
            got=described(value),
            remedy="Correct it, or leave it out.",
        )
    return number


def number_of_cells_or_auto(value: object) -> int | str:
    """Return a number of cells, or the word "auto".

    Examples
    --------
    >>> number_of_cells_or_auto("auto"), number_of_cells_or_auto(20)
    ('auto', 20)
    """
    return AUTO if value == AUTO else number_of_cells(value)


def name_of_type(value: object) -> str:
    """Return a type that is named, rather than a number: a text, a number, or a list of them.

    Raises
    ------
    InvalidInputError
        For anything else.

    Examples
    --------
    >>> name_of_type("low"), name_of_type(["low", 2])
    ('low', '(low, 2)')
    """
    if isinstance(value, list) and value and not any(isinstance(v, (list, dict)) for v in value):
        return f"({', '.join(map(name_of_type, value))})"
    if isinstance(value, (str, int, Decimal)) and not isinstance(value, bool) and str(value):
        return str(value)
    raise fault(
        "not usable as a name",
        expected="a text, a number, or a list of them",
        got=described(value),
        remedy="Write it in quotes.",
    )


def one_of(*words: str, also: str = "") -> PlainValidator:
    """Return the validator of a key that holds one of a few words.

    ``also`` is a sentence for the remedy where another word is found.
    """

    def check(value: object) -> str:
        if isinstance(value, str) and value in words:
            return str(value)
        guess = meant(value, words) if isinstance(value, str) else None
        first = f'Did you mean "{guess}"?' if guess else "Use one of these words, in quotes."
        raise fault(
            "not a word that fits here",
            expected=" or ".join(f'"{word}"' for word in words),
            got=described(value),
            remedy=f"{first} {also}".strip(),
        )

    return PlainValidator(check)


def one_or_one_each(*words: str) -> PlainValidator:
    """Return the validator of a key that holds one of a few words, or a table of one per agent."""
    word = one_of(*words)

    def check(value: object) -> str | dict[str, str]:
        if not isinstance(value, dict):
            return str(word.func(value))  # type: ignore[call-arg]
        return {str(agent): str(word.func(each)) for agent, each in value.items()}  # type: ignore[call-arg]

    return PlainValidator(check)


# What else keys and words are called, and what may be meant.
OTHER_WORDS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("value", "values", "valuation", "valuations", "cost", "costs"), ("types",)),
    **dict.fromkeys(("probability", "chances", "masses"), ("probabilities",)),
    **dict.fromkeys(("weight", "welfare-weights", "alpha"), ("weights",)),
    **dict.fromkeys(("profit", "revenue-maximization", "optimal-auction"), ("revenue",)),
    **dict.fromkeys(("surplus", "total-surplus", "gains"), ("welfare",)),
    **dict.fromkeys(("efficiency", "efficient", "second-best"), ("ex-ante-efficiency",)),
    **dict.fromkeys(("free", "none", "unconstrained"), ("subsidised", "none")),
    **dict.fromkeys(("bic", "bayesian", "bayes-nash"), ("interim",)),
    **dict.fromkeys(("dsic", "dominant-strategy", "dominant-strategies"), ("dominant",)),
    **dict.fromkeys(("ex-post-ic", "expost"), ("ex-post", "dominant")),
    **dict.fromkeys(("tv", "ball", "near"), ("total_variation",)),
    **dict.fromkeys(("transport", "radius"), ("wasserstein",)),
    **dict.fromkeys(("discount-factor", "delta", "patience"), ("discount_rate",)),
    "limited-liability": ("liability",),
}

Number = Annotated[Fraction, PlainValidator(exact_number)]
Rate = Annotated[Fraction | float, PlainValidator(discount_rate)]
Probability = Annotated[Fraction, PlainValidator(probability)]
Limit = Annotated[Fraction, PlainValidator(payment_limit)]
Losses = Annotated[Fraction, PlainValidator(liability)]
CellCount = Annotated[int, PlainValidator(number_of_cells)]
CellCountOrAuto = Annotated[int | str, PlainValidator(number_of_cells_or_auto)]


def fault(what: str, *, expected: str, got: str, remedy: str) -> InvalidInputError:
    """Return an error whose place is told by the key under which it is reported."""
    return InvalidInputError(what, where="value", expected=expected, got=got, remedy=remedy)


def meant(name: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate that somebody means by a name: another word for it, or one spelt alike.

    Examples
    --------
    >>> meant("profit", ["welfare", "revenue"]), meant("walfare", ["welfare", "revenue"])
    ('revenue', 'welfare')
    """
    names = list(candidates)
    if name in names:
        return name
    plain = name.lower().replace("_", "-").replace(" ", "-")
    others = (other for other in OTHER_WORDS.get(plain, ()) if other in names)
    if (other := next(others, None)) is not None:
        return other
    whole = [each for each in names if plain in each.replace("_", "-").split("-")]
    alike = whole if len(whole) == 1 else difflib.get_close_matches(name, names, n=1)
    return next(iter(alike), None)


def described(value: object) -> str:
    """Return a value for a message, as it would be written in TOML.

    Examples
    --------
    >>> described(True), described("fast"), described([1, 2]), described(Decimal("NaN"))
    ('true', '"fast"', 'a list', 'nan')
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(shown(value), ensure_ascii=False)
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, int) and abs(value) >= 10**50:
        return "a very long whole number"
    text = shown(value)
    return text.replace("Infinity", "inf").replace("NaN", "nan")
