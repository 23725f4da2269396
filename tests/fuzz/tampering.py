"""One number of a saved file changed, by place and by kind of change."""

from __future__ import annotations

import json
import math
import random
import re
from fractions import Fraction

NUMBER = re.compile(r"(?<![\w.])[-+]?\d+\.?\d*(?:[eE][-+]?\d+)?(?![\w.])")


def numbers_in(content, place=()):
    """Yield the place of every number of a JSON document, and of every text that is one."""
    entries = content.items() if isinstance(content, dict) else enumerate(content)
    for key, value in entries:
        if isinstance(value, (dict, list)):
            yield from numbers_in(value, (*place, key))
        elif _is_number(value):
            yield (*place, key)


def at(content, place):
    """Return the value at a place."""
    for key in place:
        content = content[key]
    return content


def tampered(text, seed):
    """Return a JSON text with one number changed, its place, and both values."""
    rng = random.Random(f"tamper {seed}")
    content = json.loads(text)
    places = list(numbers_in(content))
    # Long arrays would leave the single numbers, of which there are few, hardly ever touched.
    heads = {}
    for place in places:
        heads.setdefault(tuple(p for p in place if not isinstance(p, int)), []).append(place)
    place = rng.choice(heads[rng.choice(sorted(heads, key=repr))])
    holder = at(content, place[:-1])
    old = holder[place[-1]]
    new = changed(rng, old)
    holder[place[-1]] = new
    return json.dumps(content), place, old, new


def changed(rng, old):
    """Return another number in place of one, of the same kind or not."""
    if isinstance(old, str):
        number = Fraction(old)
        others = [number + 1, -number - 1, number * Fraction(1001, 1000) + Fraction(1, 997)]
        return str(rng.choice(others))
    if isinstance(old, int):
        return rng.choice([old + 1, old - 1, -old - 1, 10 * old + 7, old + 0.5, str(old), None])
    others = [
        old * (1 + 1e-3) + (old == 0) * 1e-3,
        old * (1 + 1e-6) + (old == 0) * 1e-6,
        math.nextafter(old, math.inf),
        -old if old else 1.0,
        0.0 if old else 1e-9,
        old + 1,
        old * 1e6 + (old == 0),
        math.inf,
        math.nan,
        repr(old),
        None,
    ]
    return rng.choice(others)


def tampered_text(text, seed):
    """Return a text that is not JSON with one of its numbers changed, and both numbers."""
    rng = random.Random(f"tamper text {seed}")
    found = rng.choice(list(NUMBER.finditer(text)))
    old = float(found[0])
    new = repr(rng.choice([old + 1, old * 1.001 + 1e-3, -old - 1e-3, old + 1e-5, old * 1e9 + 1]))
    return text[: found.start()] + new + text[found.end() :], found[0], new


def is_same(old, new):
    """Return whether two values are one number, however written."""
    try:
        return type(old) is type(new) and Fraction(old) == Fraction(new)
    except (TypeError, ValueError, OverflowError):
        return old == new


def _is_number(value):
    """Return whether a value is a number, or a text that says one."""
    if isinstance(value, str):
        try:
            Fraction(value)
        except (ValueError, ZeroDivisionError):
            return False
        return True
    return isinstance(value, (int, float)) and not isinstance(value, bool)
