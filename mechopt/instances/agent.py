"""The table of an agent: where its types come from, in one of three forms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, ClassVar, TypeVar

from pydantic import Discriminator, Field, Tag

from mechopt._util.arrays import shown
from mechopt._util.memory import require_memory
from mechopt.errors import InvalidInputError
from mechopt.instances.fields import AUTO, CellCountOrAuto, Number, Rate, fault, nearest, one_of
from mechopt.instances.origin import Measured
from mechopt.instances.reader import LIST, TABLE, Key, Reader, TomlTable, dotted, missing
from mechopt.instances.sample_keys import SAMPLE_KEYS, sample_of
from mechopt.studies.continuum import FIRST_CELLS
from mechopt.types import TypeSpace
from mechopt.types.continuous import ContinuousPrior
from mechopt.types.residuals import LEVELS, LOGS


def _shape(value: object) -> str | None:
    if isinstance(value, list):
        return LIST
    return TABLE if isinstance(value, dict) else None


Parameters = Annotated[
    Annotated[dict[str, Number], Tag(TABLE)] | Annotated[list[Number], Tag(LIST)],
    Discriminator(_shape),
]


class PriorTable(TomlTable):
    """Keys of all three forms of a prior; which of them go together is checked apart."""

    # The key that chooses a form and the keys that go with it, and those that go with any form.
    forms: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "distribution": ("distribution", "parameters", "cells"),
        "types": ("types", "probabilities"),
        "samples": ("samples", "column", "cells", *SAMPLE_KEYS),
    }
    in_all_forms: ClassVar[tuple[str, ...]] = ()

    distribution: str | None = Field(None, description='a name in scipy.stats, such as "uniform"')
    parameters: Parameters | None = Field(
        None, description="a table of parameters by name, or a list of them in scipy's order"
    )
    cells: CellCountOrAuto | None = Field(
        None, description='a number of cells to cut the continuum into, such as 200, or "auto"'
    )
    types: list[Number] | None = Field(None, description='a list such as [0, 0.5, "2/3"]')
    probabilities: list[Number] | None = Field(
        None, description='a list with one entry per type, such as ["1/3", "2/3"]'
    )
    samples: str | None = Field(None, description="the path of a table, in quotes")
    column: str | None = Field(None, description="the name of a column of the table, in quotes")
    separator: str | None = Field(None, description='what separates cells, such as ";"')
    decimal: str | None = Field(None, description='"." or ","')
    thousands: str | None = Field(None, description='the mark between thousands, such as ","')
    currency: str | None = Field(None, description='what stands beside numbers, such as "$"')
    encoding: str | None = Field(None, description='the name of an encoding, such as "cp1252"')
    header: bool | None = Field(None, description="true or false")
    missing: str | None = Field(None, description='"refuse" or "drop"')
    sheet: str | None = Field(None, description="the name of a sheet, in quotes")
    covariates: list[str] | None = Field(
        None, description='a list of columns to regress on, such as ["size"]'
    )
    regression: Annotated[str, one_of(LEVELS, LOGS)] | None = Field(
        None, description=f'"{LEVELS}" or "{LOGS}"'
    )


class TraderTable(PriorTable):
    """The table of a side of bilateral trade."""

    in_all_forms: ClassVar[tuple[str, ...]] = ("discount_rate",)

    discount_rate: Rate = Fraction(1)


# What each form cannot do without.
# Measured for both sides of a problem that the direct backend solves, audits and brackets.
BYTES_PER_CELL = 600
REQUIRED = {"distribution": ("cells",), "types": (), "samples": ("column",)}
# Arguments of the library that the file spells differently.
KEY_OF_ARGUMENT = {"num_cells": "cells", "values": "samples"}


AnyPrior = TypeVar("AnyPrior", bound=PriorTable)
Built = TypeVar("Built")


@dataclass(frozen=True)
class TraderParts:
    """What a trader's table says; None for what is at fault.

    Parameters
    ----------
    types
        The type space.
    rate
        The discount rate per unit of time.
    """

    types: TypeSpace | None
    rate: float | None


def read_trader(reader: Reader, raw: object, key: Key, other: object = None) -> TraderParts:
    """Return the parts of a trader, and report the faults of its table.

    ``other`` is the other side's table as it stands in the file, for samples of one table.

    Examples
    --------
    >>> from pathlib import Path
    >>> reader = Reader(Path(), None)
    >>> read_trader(reader, {"types": [0, 1], "discount_rate": "inf"}, ("environment", "buyer"))
    TraderParts(types=TypeSpace(2 types in [0, 1], mean 0.5), rate=inf)
    """
    table = reader.table(TraderTable, raw, key)
    if table is None or not isinstance(raw, Mapping):
        return TraderParts(None, None)
    rate = None if reader.is_faulty((*key, "discount_rate")) else float(table.discount_rate)

    def build(trader: TraderTable, reader: Reader) -> TypeSpace:
        return type_space(trader, reader, other)

    return TraderParts(read_prior(reader, table, raw, key, build), rate)


def read_prior(
    reader: Reader,
    table: AnyPrior,
    raw: Mapping[str, object],
    key: Key,
    build: Callable[[AnyPrior, Reader], Built],
) -> Built | None:
    """Return what ``build`` makes of a table, and report the faults of its keys and of its prior.

    Parameters
    ----------
    reader
        The faults of the file.
    table, raw, key
        The table by its model, as it stands in the file, and where.
    build
        Makes a type space, or what an environment needs in its place.
    """
    form = _form(reader, type(table), raw, key)
    if form is None:
        return None
    if table.cells == AUTO:
        reader.auto.append((*key, "cells"))
    try:
        return build(table, reader)
    except InvalidInputError as error:
        name = KEY_OF_ARGUMENT.get(error.where, error.where)
        place = (*key, name if name in table.forms[form] else form)
        reader.add(place, _with_option(error, reader.cells) if name == "cells" else error)
        return None


def _form(
    reader: Reader, model: type[PriorTable], raw: Mapping[str, object], key: Key
) -> str | None:
    """Return the form of a prior if all its keys can be used, and report those that cannot."""
    meant = {nearest(name, model.model_fields) for name in raw}
    known = model.forms
    forms = [form for form in known if form in raw] or [form for form in known if form in meant]
    if len(forms) != 1:
        choice = fault(
            "several priors" if forms else "no prior",
            expected="exactly one of the keys distribution, types and samples",
            got=" and ".join(forms) or "none of them",
            remedy="Keep one of them." if forms else "Say where the agent's types come from.",
        )
        reader.add(key, choice)
        return None
    form = forms[0]
    for name in raw:
        others = [other for other, names in known.items() if name in names]
        if others and form not in others:
            foreign = fault(
                f"does not go with {form}",
                expected=f"only {', '.join((*known[form], *model.in_all_forms))}",
                got=dotted((name,)),
                remedy=f"Remove it; it belongs to a prior by {' or '.join(others)}.",
            )
            reader.add((*key, name), foreign)
    for name in REQUIRED[form]:
        if name not in meant:
            reader.add((*key, name), missing(model, (*key, name)))
    needed = [name for name in known[form] if name in meant or name in REQUIRED[form]]
    usable = all(name in raw and not reader.is_faulty((*key, name)) for name in needed)
    return form if usable else None


def _with_option(error: InvalidInputError, cells: int | None) -> InvalidInputError:
    """Return the error with a word on where the number of cells came from."""
    got = error.got if cells is None else f"{error.got}, from the argument cells"
    return fault(error.what, expected=error.expected, got=got, remedy=error.remedy)


def type_space(table: PriorTable, reader: Reader, other: object = None) -> TypeSpace:
    """Return the type space that a table describes, beside the other side's table."""
    given = table.cells if table.cells is None or reader.cells is None else reader.cells
    if given == AUTO and table.samples is not None:
        raise InvalidInputError(
            "samples are no continuum",
            where="cells",
            expected="a number of cells",
            got='"auto"',
            remedy="Give a number of cells, or leave it out to use every value.",
        )
    cells = FIRST_CELLS if isinstance(given, str) else given
    origin = reader.origin
    if table.types is not None:
        # The model has read them as fractions.
        types: list[Fraction] = table.types
        if types:
            reader.measured.append(Measured.of(types))
        from_origin = [number - origin for number in types] if origin else types
        return TypeSpace.finite(from_origin, table.probabilities)  # type: ignore[arg-type]
    if table.samples is not None:
        sample = sample_of(table, reader.folder, other)
        reader.samples.append(sample)
        reader.measured.append(Measured.of_sample(sample))
        return TypeSpace.from_samples(sample.measured_from(origin).given, cells=cells)
    name = str(table.distribution)
    what = f"a prior of {cells or 1:,} cells"
    require_memory(BYTES_PER_CELL * (cells or 1), what, "Use fewer cells.")
    try:
        parameters = _named(name, table.parameters or {})
        if origin:
            parameters["loc"] = parameters.get("loc", Fraction(0)) - origin
        prior = ContinuousPrior.named(name, parameters)
        if not origin:
            reader.measured.append(Measured.of_interval(*prior.support))
        return TypeSpace.from_distribution(prior, cells or 1)
    except InvalidInputError:
        raise
    except Exception as error:
        # What scipy's distributions raise for parameters that they cannot use is not documented.
        raise fault(
            f"scipy cannot compute the quantiles of {shown(name)}",
            expected="parameters for which it can",
            got=f"{type(error).__name__}: {shown(error)}",
            remedy="Change the parameters, or use samples drawn from the distribution.",
        ) from error


def _named(
    name: str, parameters: Mapping[str, Fraction] | Iterable[Fraction]
) -> dict[str, Fraction]:
    """Return parameters by name; a list of them is in scipy's order: shapes, loc, scale."""
    if isinstance(parameters, Mapping):
        return dict(parameters)
    from scipy import stats

    family = getattr(stats, name, None)
    if not isinstance(family, stats.rv_continuous):
        return {}
    shapes = (family.shapes or "").split(",")
    names = [*(shape.strip() for shape in shapes if shape.strip()), "loc", "scale"]
    values = list(parameters)
    if len(values) > len(names):
        raise InvalidInputError(
            f"too many parameters for {name}",
            where="parameters",
            expected=f"at most {len(names)}: {', '.join(names)}",
            got=f"{len(values)}",
            remedy="Leave out the rest, or give them by name.",
        )
    return dict(zip(names, values, strict=False))
