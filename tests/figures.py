"""Comparing printed text with numbers as numbers, and pictures by what they draw."""

from __future__ import annotations

import re

RELATIVE, ABSOLUTE = 1e-6, 1e-12
# Rounding can change the last printed place by one, which says little of a number of many figures.
LAST_PLACE = 1e-3
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
NUMBER = re.compile(r"(?<![\w.])[+-]?\d+(?:\.\d*)?(?:e[+-]?\d+)?(?![\w])")
SECONDS = re.compile(r"\b\d+\.\d+ s\b")


def parts(text: str) -> tuple[list[str], list[str]]:
    """Return the words around a text's numbers, and the numbers as they are written.

    How numbers are aligned and where lines break hangs on how many figures they have.
    """
    plain = " ".join(SECONDS.sub("", COLOURS.sub("", text)).split())
    plain = re.sub(r" ?([(\[,]) ?", r"\1", plain)
    return NUMBER.split(plain), NUMBER.findall(plain)


def unit(number: str) -> float:
    """Return what one in the last place of a written number is."""
    digits, _, power = number.partition("e")
    return 10.0 ** (int(power or 0) - len(digits.partition(".")[2]))


def same_number(one: str, other: str, relative: float = RELATIVE) -> bool:
    """Return whether two written numbers are the same but for what rounding can change.

    Whole numbers count something, and are the same or not.
    """
    if one == other:
        return True
    if not set(".e") & set(one + other):
        return False
    a, b = float(one), float(other)
    size = max(abs(a), abs(b))
    last = min(1.01 * unit(one), 1.01 * unit(other), LAST_PLACE * relative / RELATIVE * size)
    return abs(a - b) <= max(last, relative * size, min(ABSOLUTE, relative))


def differences(one: str, other: str, relative: float = RELATIVE) -> list[tuple[str, str]]:
    """Return where two texts differ, numbers compared as numbers."""
    (words, numbers), (other_words, other_numbers) = parts(one), parts(other)
    if words != other_words:
        return [(" # ".join(words), " # ".join(other_words))]
    pairs = zip(numbers, other_numbers, strict=True)
    return [pair for pair in pairs if not same_number(*pair, relative)]


def drawn_differences(one: object, other: object, scale: float = 0.0) -> list[tuple[str, str]]:
    """Return where two records of what is drawn differ (notebooks/drawn.py).

    Numbers of one list are coordinates of one artist, and are compared beside its largest.
    """
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return [pair for key in one for pair in drawn_differences(one[key], other[key])]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        size = max((abs(v) for v in (*one, *other) if isinstance(v, int | float)), default=0.0)
        pairs = zip(one, other, strict=True)
        return [pair for a, b in pairs for pair in drawn_differences(a, b, size)]
    if isinstance(one, str) and isinstance(other, str):
        return differences(one, other)
    if isinstance(one, int | float) and isinstance(other, int | float):
        close = abs(one - other) <= max(RELATIVE * scale, ABSOLUTE)
        return [] if close else [(repr(one), repr(other))]
    return [(repr(one)[:200], repr(other)[:200])]
