"""The keys of a table that say which law types come from, and what is done to it.

A law has one key that chooses its form: ``distribution``, ``histogram``, ``density``, ``mixture``,
or one of :mod:`mechopt.instances.estimates`; a part of a mixture may be ``types`` too. Then it is
truncated, then drawn from several times, then multiplied, then shifted, as the keys say.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import partial
from typing import Annotated, Any, TypeVar

import numpy as np
from pydantic import Discriminator, Field, PlainValidator, Tag

from mechopt._util.arrays import shown
from mechopt.errors import InvalidInputError, MechoptError
from mechopt.instances.estimates import FORMS as ESTIMATED, Whole, law_of_form
from mechopt.instances.fields import Number, Probability, described, exact_number, fault
from mechopt.instances.reader import LIST, TABLE, Key, Reader, SubTable, TomlTable
from mechopt.types.continuous import OWN_FAMILIES, ContinuousPrior
from mechopt.types.source import Source

Made = TypeVar("Made", bound=Source | None)
# What may be done to a law of any form.
CHANGES = ("truncate", "draws", "rank", "factor", "shift")
# The columns of a histogram's file.
LOW, HIGH, WEIGHT = "low", "high", "weight"


def _shape(value: object) -> str | None:
    if isinstance(value, list):
        return LIST
    return TABLE if isinstance(value, dict) else None


Parameters = Annotated[
    Annotated[dict[str, Number], Tag(TABLE)] | Annotated[list[Number], Tag(LIST)],
    Discriminator(_shape),
]


def _ends(value: object) -> tuple[Fraction | float, Fraction | float]:
    """Return where a law is truncated: a list of two numbers, infinite ones in quotes or not."""
    if isinstance(value, list) and len(value) == 2:
        low, high = (
            float(end) if end in ("inf", "-inf", math.inf, -math.inf) else exact_number(end)
            for end in value
        )
        if low > high:
            raise fault(
                "nothing is left",
                expected="two numbers, the lower one first, between which there is probability",
                got=f"{low} and {high}",
                remedy="Write the lower one first.",
            )
        return low, high
    raise fault(
        "not where to truncate",
        expected='a list of the lowest and the highest type, such as [0, 2.5] or [0, "inf"]',
        got=described(value),
        remedy="Write two numbers in square brackets.",
    )


Ends = Annotated[tuple[Fraction | float, Fraction | float], PlainValidator(_ends)]


class LawTable(TomlTable):
    """The keys of a law; which of them go together is checked apart."""

    function: SubTable | None = Field(None, description=ESTIMATED["function"])
    law: str | None = Field(None, description=ESTIMATED["law"])
    kernel: SubTable | None = Field(None, description=ESTIMATED["kernel"])
    smoothed: SubTable | None = Field(None, description=ESTIMATED["smoothed"])
    bids: SubTable | None = Field(None, description=ESTIMATED["bids"])
    distribution: str | None = Field(None, description='a name in scipy.stats, such as "uniform"')
    parameters: Parameters | None = Field(
        None, description="a table of parameters by name, or a list of them in scipy's order"
    )
    types: list[Number] | None = Field(None, description='a list such as [0, 0.5, "2/3"]')
    probabilities: list[Number] | None = Field(
        None, description='a list with one entry per type, such as ["1/3", "2/3"]'
    )
    histogram: SubTable | None = Field(
        None,
        description='a table such as { edges = [0, 1, 2], weights = [3, 5] } or { file = "b.csv" }',
    )
    density: SubTable | None = Field(
        None, description="a table such as { types = [0, 1, 2], densities = [0, 1, 0] }"
    )
    mixture: list[SubTable] | None = Field(
        None, description="a list of tables, each with a law and its weight"
    )
    truncate: Ends | None = Field(None, description="a list of two numbers, such as [0, 2.5]")
    draws: Whole | None = Field(None, description="how many draws, such as 3")
    rank: Whole | None = Field(
        None, description="which draw counts, 1 for the lowest; the highest unless said"
    )
    factor: Number | None = Field(None, description="a number that types are multiplied by")
    shift: Number | None = Field(None, description="a number that is added to types then")


class PartTable(LawTable):
    """A law in a mixture."""

    weight: Probability | None = Field(
        None, description="its probability; what the others leave, in one part, unless said"
    )


class HistogramTable(TomlTable):
    """The bins of a histogram, in the file or in a table of their own."""

    edges: list[Number] | None = Field(None, description="a list of rising numbers")
    weights: list[Number] | None = Field(None, description="a list with one weight per bin")
    file: str | None = Field(None, description="the path of a table of bins, in quotes")
    low: str = Field(LOW, description="the column of the bins' lower ends")
    high: str = Field(HIGH, description="the column of the bins' upper ends")
    weight: str = Field(WEIGHT, description="the column of the bins' counts or probabilities")


class DensityTable(TomlTable):
    """The corners of a piecewise linear density."""

    types: list[Number] = Field(description="a list of rising numbers")
    densities: list[Number] = Field(description="a list with one density per type")


def law_from(table: LawTable, reader: Reader, key: Key) -> Source | None:
    """Return the law of a table, changed as it says; None if the faults have been reported.

    Raises
    ------
    InvalidInputError
        For what the library refuses, with the name of the key as its place.

    Examples
    --------
    >>> from pathlib import Path
    >>> table = LawTable(distribution="norm", truncate=[-1, 1])
    >>> law_from(table, Reader(Path(), None), ("buyer",)).support
    (-1.0, 1.0)
    """
    from mechopt.types.sources.made import order_statistic, shifted_and_scaled, truncated

    law = _form(table, reader, key)
    if law is None:
        return None
    if table.truncate is not None:
        low, high = map(float, table.truncate)
        law = truncated(law, low, high)
    if table.draws is not None:
        law = order_statistic(law, table.draws, table.rank)
    elif table.rank is not None:
        raise InvalidInputError(
            "a rank without draws",
            where="rank",
            expected="draws too",
            got="none",
            remedy="Say of how many draws.",
        )
    if table.factor is not None or table.shift is not None:
        factor = Fraction(1) if table.factor is None else table.factor
        law = shifted_and_scaled(law, factor=factor, shift=table.shift or 0)  # type: ignore[arg-type]
    return law


def _form(table: LawTable, reader: Reader, key: Key) -> Source | None:
    """Return the law that the table's form says."""
    from mechopt.types.sources.any_law import discrete, restricted
    from mechopt.types.sources.finite import Finite
    from mechopt.types.sources.piecewise import linear_density

    if table.histogram is not None:
        bins = reader.table(HistogramTable, table.histogram, (*key, "histogram"))
        return None if bins is None else _at("histogram", lambda: _histogram(bins, reader))
    if table.density is not None:
        corners = reader.table(DensityTable, table.density, (*key, "density"))
        if corners is None:
            return None
        values = [float(value) for value in corners.densities]
        return _at("density", lambda: linear_density(_floats(corners.types), values))
    if table.mixture is not None:
        return _mixture(table.mixture, reader, (*key, "mixture"))
    for form in ESTIMATED:
        value = getattr(table, form)
        if value is not None:
            return _at(form, partial(law_of_form, form, value, reader, key))
    if table.types is not None:
        masses = None if table.probabilities is None else _floats(table.probabilities)
        return Finite.of(_floats(table.types), masses)
    name = str(table.distribution)
    parameters = parameters_of(name, table.parameters or {})
    if not is_discrete(name):
        return ContinuousPrior.named(name, parameters)
    frozen = frozen_discrete(name, parameters)
    if table.truncate is not None:
        return restricted(frozen, *map(float, table.truncate))
    return Finite.of(*discrete(frozen))


def _at(place: str, made: Callable[[], Made]) -> Made:
    """Return a law, or its error with the key that all of it comes from."""
    try:
        return made()
    except InvalidInputError as error:
        got = f"{error.got}, in {error.where}" if error.where != place else error.got
        raise InvalidInputError(
            error.what, where=place, expected=error.expected, got=got, remedy=error.remedy
        ) from error


def _floats(numbers: Iterable[Fraction]) -> list[float]:
    return [float(number) for number in numbers]


def _histogram(table: HistogramTable, reader: Reader) -> Source:
    from mechopt.types.samples import read_column
    from mechopt.types.sources.piecewise import histogram

    if (table.file is None) == (table.edges is None) or (table.edges is None) != (
        table.weights is None
    ):
        raise InvalidInputError(
            "not the bins of a histogram",
            where="histogram",
            expected="either edges and weights, or file",
            got=", ".join(sorted(table.model_fields_set)) or "nothing",
            remedy="Keep one of them.",
        )
    if table.file is None:
        assert table.edges is not None
        assert table.weights is not None
        return histogram(_floats(table.edges), _floats(table.weights))
    path = reader.folder / table.file
    low, high, weight = (
        read_column(path, column) for column in (table.low, table.high, table.weight)
    )
    order = np.argsort(low, kind="stable")
    low, high, weight = low[order], high[order], weight[order]
    wrong = np.flatnonzero(low >= high)
    overlap = np.flatnonzero(high[:-1] > low[1:])
    if wrong.size or overlap.size:
        at = int(wrong[0] if wrong.size else overlap[0])
        raise InvalidInputError(
            "not bins that follow one another" if not wrong.size else "a bin without width",
            where="histogram",
            expected="each bin to end above its start, and at most where the next begins",
            got=f"a bin from {low[at]:.12g} to {high[at]:.12g}"
            + ("" if wrong.size else f", then one from {low[at + 1]:.12g}"),
            remedy=f"Correct the columns {table.low} and {table.high}.",
        )
    edges = np.unique(np.concatenate([low, high]))
    weights = np.zeros(edges.size - 1)
    weights[np.searchsorted(edges, low)] = weight
    return histogram(edges, weights)


def _mixture(parts: list[SubTable], reader: Reader, key: Key) -> Source | None:
    laws: list[Source | None] = []
    weights: list[Fraction | None] = []
    for place, raw in enumerate(parts):
        at = (*key, place)
        table = reader.table(PartTable, raw, at)
        if table is None or not _has_one_form(table, reader, at):
            laws.append(None)
            continue
        try:
            laws.append(law_from(table, reader, at))
        except MechoptError as error:
            where = getattr(error, "where", None)
            reader.add((*at, where) if where in type(table).model_fields else at, error)
            laws.append(None)
        weights.append(table.weight)
    if any(law is None for law in laws) or any(
        reader.is_faulty((*key, i)) for i in range(len(parts))
    ):
        return None
    given = [weight for weight in weights if weight is not None]
    rest = 1 - sum(given, Fraction(0))
    if len(weights) - len(given) > 1 or (len(given) < len(weights) and rest <= 0):
        raise InvalidInputError(
            "weights that leave nothing to share out",
            where="mixture",
            expected="a weight in every part, or in all but one for which something is left",
            got=f"{len(given)} weights for {len(weights)} parts, with the sum {float(1 - rest):g}",
            remedy="Give the missing weights.",
        )
    from mechopt.types.sources.made import mixture

    every = [rest if weight is None else weight for weight in weights]
    return _at("mixture", lambda: mixture(laws, every))  # type: ignore[arg-type]


FORMS = {
    "distribution": ("distribution", "parameters"),
    "types": ("types", "probabilities"),
    "histogram": ("histogram",),
    "density": ("density",),
    "mixture": ("mixture",),
    **{form: (form,) for form in ESTIMATED},
}


def _has_one_form(table: PartTable, reader: Reader, key: Key) -> bool:
    """Return whether a part has exactly one form and no keys of others; report it if not."""
    given = table.model_fields_set
    forms = [form for form in FORMS if form in given]
    allowed = {name for form in forms for name in FORMS[form]} | {*CHANGES, "weight"}
    if len(forms) == 1 and given <= allowed:
        return True
    if reader.is_faulty(key):
        return False
    strays = sorted(given - allowed)
    several = fault(
        "not one law",
        expected=f"exactly one of {', '.join(FORMS)}, with the keys that go with it",
        got=" and ".join(forms if len(forms) != 1 else strays) or "none of them",
        remedy="Keep one of them.",
    )
    reader.add(key, several)
    return False


def is_discrete(name: str) -> bool:
    """Return whether a name in scipy.stats is that of a discrete distribution.

    Examples
    --------
    >>> is_discrete("binom"), is_discrete("beta"), is_discrete("nobody")
    (True, False, False)
    """
    if name in OWN_FAMILIES:
        return False
    from scipy import stats

    return isinstance(getattr(stats, name, None), stats.rv_discrete)


def frozen_discrete(name: str, parameters: Mapping[str, Fraction]) -> Any:
    """Return a discrete distribution of scipy.stats with its parameters.

    Raises
    ------
    InvalidInputError
        For parameters that it does not have.

    Examples
    --------
    >>> frozen_discrete("binom", {"n": Fraction(2), "p": Fraction(1, 2)}).kwds
    {'n': 2, 'p': 0.5}
    """
    from scipy import stats

    family: Any = getattr(stats, name)
    names = _shapes_of(family)
    if set(parameters) - {*names, "loc"} or not set(names) <= set(parameters):
        raise InvalidInputError(
            f"wrong parameters for {name}",
            where="parameters",
            expected=", ".join([*names, "loc (optional)"]),
            got=", ".join(parameters) or "none",
            remedy=f"See the documentation of scipy.stats.{name}.",
        )
    frozen = family(
        **{
            key: int(value) if value.denominator == 1 else float(value)
            for key, value in parameters.items()
        }
    )
    if not np.all(np.isfinite(frozen.mean())):
        raise InvalidInputError(
            f"parameters outside the domain of {name}",
            where="parameters",
            expected="parameters for which scipy defines the distribution",
            got=", ".join(f"{key} = {value}" for key, value in parameters.items()),
            remedy=f"See the documentation of scipy.stats.{name}.",
        )
    return frozen


def _shapes_of(family: Any) -> list[str]:
    return [shape.strip() for shape in (family.shapes or "").split(",") if shape.strip()]


def parameters_of(
    name: str, parameters: Mapping[str, Fraction] | Iterable[Fraction]
) -> dict[str, Fraction]:
    """Return parameters by name; a list of them is in scipy's order: shapes, loc, scale.

    Examples
    --------
    >>> parameters_of("beta", [Fraction(2), Fraction(3)])
    {'a': Fraction(2, 1), 'b': Fraction(3, 1)}
    """
    if isinstance(parameters, Mapping):
        return dict(parameters)
    if name in OWN_FAMILIES:
        names = [*OWN_FAMILIES[name], "loc", "scale"]
    else:
        from scipy import stats

        family = getattr(stats, name, None)
        if not isinstance(family, (stats.rv_continuous, stats.rv_discrete)):
            return {}
        names = [*_shapes_of(family), "loc"]
        names += ["scale"] if isinstance(family, stats.rv_continuous) else []
    values = list(parameters)
    if len(values) > len(names):
        raise InvalidInputError(
            f"too many parameters for {shown(name)}",
            where="parameters",
            expected=f"at most {len(names)}: {', '.join(names)}",
            got=f"{len(values)}",
            remedy="Leave out the rest, or give them by name.",
        )
    return dict(zip(names, values, strict=False))
