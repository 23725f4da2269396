"""The priors that the page has: their controls, their tables in instance files, and their code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from mechopt.errors import InvalidInputError
from mechopt.explore.controls import Control, Menu, Slider, Value, Values, When, in_document
from mechopt.explore.page import FROM_FILE, TOLD_OF_FILE

EQUALLY_LIKELY = "types"
CELLS = Slider("cells", "cells of each prior", "10", "400", "10", "200")


@dataclass(frozen=True)
class Shape:
    """A parameter of a distribution that is neither where it lies nor how wide it is."""

    name: str
    label: str
    low: str
    high: str
    start: str


@dataclass(frozen=True)
class Law:
    """A distribution of scipy.stats, stretched from a lowest to a highest type."""

    label: str
    shapes: tuple[Shape, ...] = ()


LAWS: Mapping[str, Law] = {
    "uniform": Law("uniform"),
    "beta": Law(
        "beta",
        (Shape("a", "first shape", "0.3", "6", "2"), Shape("b", "second shape", "0.3", "6", "3")),
    ),
    "powerlaw": Law("power", (Shape("a", "power", "0.3", "6", "2"),)),
    "truncexpon": Law("exponential, truncated", (Shape("b", "rates of decay", "0.1", "6", "2"),)),
}


def cells_while(when: When) -> Slider:
    """Return the control of the number of cells, of a page on which it has a meaning then."""
    return replace(CELLS, when=when)


def controls_of(agent: str, label: str) -> tuple[Control, ...]:
    """Return the controls of an agent's prior.

    Examples
    --------
    >>> [control.key for control in controls_of("bidder", "bidders")][:4]
    ['bidder', 'bidder_low', 'bidder_high', 'bidder_types']
    """
    choices = {name: law.label for name, law in LAWS.items()}
    choices |= {EQUALLY_LIKELY: "equally likely types", FROM_FILE: TOLD_OF_FILE}
    own = When(agent, (*LAWS, EQUALLY_LIKELY))
    controls: list[Control] = [
        Menu(agent, f"{label}: prior", choices),
        Slider(f"{agent}_low", f"{label}: lowest type", "0", "3", "0.05", "0", own),
        Slider(f"{agent}_high", f"{label}: highest type", "0.05", "4", "0.05", "1", own),
        Slider(
            f"{agent}_types", f"{label}: types", "2", "24", "1", "6", When(agent, (EQUALLY_LIKELY,))
        ),
    ]
    names: dict[str, list[str]] = {}
    for law, entry in LAWS.items():
        for shape in entry.shapes:
            names.setdefault(shape.name, []).append(law)
    for name, laws in names.items():
        shapes = [shape for law in laws for shape in LAWS[law].shapes if shape.name == name]
        words = " or ".join(dict.fromkeys(shape.label for shape in shapes))
        low, high = shapes[0].low, shapes[0].high
        if name == "b":
            low = "0.1"
        controls.append(
            Slider(
                f"{agent}_{name}", f"{label}: {words}", low, high, "0.05", shapes[0].start,
                When(agent, tuple(laws)),
            )
        )  # fmt: skip
    return tuple(controls)


def table_of(agent: str, values: Values) -> dict[str, Any] | None:
    """Return the keys of an agent's table that hold its prior; None for one that a file has.

    Raises
    ------
    InvalidInputError
        If the lowest type is not below the highest.

    Examples
    --------
    >>> from mechopt.explore.page import pages
    >>> table_of("seller", pages()["trade"].first_values())["parameters"]
    {'loc': 0, 'scale': 1}
    """
    law = values[agent]
    if law == FROM_FILE:
        return None
    low, high = _ends(agent, values)
    if law == EQUALLY_LIKELY:
        count = int(Fraction(values[f"{agent}_types"]))
        step = (high - low) / (count - 1)
        return {"types": [in_document(low + k * step) for k in range(count)]}
    shapes = {
        shape.name: in_document(values[f"{agent}_{shape.name}"]) for shape in LAWS[str(law)].shapes
    }
    where = {"loc": in_document(low), "scale": in_document(high - low)}
    if law == "truncexpon":
        # Its support is from loc to loc + b scale.
        decay = Fraction(values[f"{agent}_b"])
        where["scale"] = in_document((high - low) / decay)
    return {
        "distribution": law,
        "parameters": shapes | where,
        "cells": in_document(values[CELLS.key]),
    }


def code_of(agent: str, values: Values) -> str:
    """Return Python code of an agent's type space.

    Examples
    --------
    >>> from mechopt.explore.page import pages
    >>> code_of("seller", pages()["trade"].first_values())
    'mo.TypeSpace.from_distribution(stats.uniform(loc=0, scale=1), 200)'
    """
    table = table_of(agent, values)
    assert table is not None
    if "types" in table:
        return f"mo.TypeSpace.finite({[_plain(number) for number in table['types']]!r})"
    parameters = ", ".join(
        f"{name}={_in_code(number)}" for name, number in table["parameters"].items()
    )
    law = f"stats.{table['distribution']}({parameters})"
    return f"mo.TypeSpace.from_distribution({law}, {table['cells']})"


def _plain(number: Decimal | int | str) -> float | int | str:
    return float(number) if isinstance(number, Decimal) else number


def _in_code(number: Decimal | int | str) -> str:
    """Return a number as Python has it; a fraction as a division."""
    return number if isinstance(number, str) else repr(_plain(number))


def values_of(agent: str, table: object, controls: Mapping[str, Control]) -> dict[str, Value]:
    """Return where the controls of a prior stand for an agent's table of a file.

    What the page's controls cannot say is left as the file has it; so are cells of a number that
    the page does not have.
    """
    left: dict[str, Value] = {agent: FROM_FILE}
    if not isinstance(table, Mapping) or table.get("distribution") not in LAWS:
        return left
    if set(table) - {"distribution", "parameters", "cells", "discount_rate", "count", "name"}:
        return left
    law, given = str(table["distribution"]), table.get("parameters", {})
    shapes = LAWS[law].shapes
    if not isinstance(given, Mapping) or set(given) - {"loc", "scale", *(s.name for s in shapes)}:
        return left
    try:
        low, scale = (Fraction(str(given.get(key, k))) for k, key in enumerate(("loc", "scale")))
        if law == "truncexpon":
            scale *= Fraction(str(given["b"]))
        found = {f"{agent}_low": low, f"{agent}_high": low + scale}
        found |= {f"{agent}_{shape.name}": Fraction(str(given[shape.name])) for shape in shapes}
        found[CELLS.key] = Fraction(str(table["cells"]))
        return {agent: law} | {key: controls[key].read(str(value)) for key, value in found.items()}
    except (InvalidInputError, KeyError, ValueError):
        return left


def _ends(agent: str, values: Values) -> tuple[Fraction, Fraction]:
    low, high = Fraction(values[f"{agent}_low"]), Fraction(values[f"{agent}_high"])
    if low < high:
        return low, high
    raise InvalidInputError(
        "the lowest type is not below the highest",
        where=f"{agent}_low",
        expected=f"less than {agent}_high, {float(high):g}",
        got=f"{float(low):g}",
        remedy="Move one of the two.",
    )
