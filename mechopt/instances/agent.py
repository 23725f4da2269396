"""The table of an agent: where its types come from, in one of several forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import Field

from mechopt._util.arrays import shown
from mechopt._util.memory import require_memory
from mechopt.errors import InvalidInputError
from mechopt.instances.columns import ColumnTable
from mechopt.instances.estimates import FORMS as ESTIMATED, Whole
from mechopt.instances.fields import AUTO, CellCountOrAuto, Number, Rate, fault, meant, one_of
from mechopt.instances.laws import (
    CHANGES,
    LawTable,
    frozen_discrete,
    is_discrete,
    law_from,
    parameters_of,
)
from mechopt.instances.origin import Measured
from mechopt.instances.reader import Key, Reader, dotted, missing
from mechopt.instances.sample_keys import SAMPLE_KEYS, sample_of
from mechopt.studies.continuum import FIRST_CELLS
from mechopt.types import TypeSpace
from mechopt.types.continuous import ContinuousPrior
from mechopt.types.residuals import LEVELS, LOGS
from mechopt.types.source import Source, require_bounded

# Keys that go with a law of any form, and say where its continuum is cut.
OF_LAWS = ("cells", "edges", "highest_of", *CHANGES)
# The forms that are laws, whose tables need cells unless they are finite.
LAWS = ("distribution", "histogram", "density", "mixture", *ESTIMATED)


class PriorTable(ColumnTable, LawTable):
    """Keys of all forms of a prior; which of them go together is checked apart."""

    # The key that chooses a form and the keys that go with it, and those that go with any form.
    forms: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "distribution": ("distribution", "parameters", *OF_LAWS),
        "types": ("types", "probabilities"),
        "samples": ("samples", "column", "cells", *SAMPLE_KEYS),
        "histogram": ("histogram", *OF_LAWS),
        "density": ("density", *OF_LAWS),
        "mixture": ("mixture", *OF_LAWS),
        **{form: (form, *OF_LAWS) for form in ESTIMATED},
    }
    in_all_forms: ClassVar[tuple[str, ...]] = ()

    cells: CellCountOrAuto | None = Field(
        None, description='a number of cells to cut the continuum into, such as 200, or "auto"'
    )
    edges: list[Number] | None = Field(
        None, description="a list of rising numbers at which cells end, in place of cells"
    )
    highest_of: Whole | None = Field(
        None, description="how many draws compete, such as 500, to cut cells where the highest is"
    )
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
REQUIRED = {"samples": ("column",)}
# Arguments of the library that the file spells differently.
KEY_OF_ARGUMENT = {"num_cells": "cells", "values": "samples", "draws, rank": "draws"}
# Values that stand in for keys at fault, so that the others are judged as well.
STAND_INS: dict[str, Callable[[Any], Any]] = {
    "cells": lambda table: None if table.edges else 2,
    "types": lambda table: [Fraction(place) for place in range(len(table.types))],
    "truncate": lambda table: None,
}

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

    def build(trader: TraderTable, reader: Reader) -> TypeSpace | None:
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
    form, lacking = _form(reader, type(table), raw, key)
    if form is None or lacking - {"cells", "truncate"}:
        return None
    if table.cells == AUTO:
        reader.auto.append((*key, "cells"))
    reader.at = key
    found = None
    told = set(lacking)
    # Where a key is at fault, what stands in for it shows the faults that it would hide.
    for name in lacking:
        table = _with_stand_in(table, name)
    while True:
        try:
            found = build(table, reader)
        except InvalidInputError as error:
            name = KEY_OF_ARGUMENT.get(error.where, error.where)
            name = name if name in table.forms[form] else form
            if name not in told:
                error = _with_option(error, reader.cells) if name == "cells" else error
                reader.add((*key, name), error)
            if name in told or name not in STAND_INS:
                return None
            told.add(name)
            table = _with_stand_in(table, name)
        else:
            return None if told else found


def _with_stand_in(table: AnyPrior, name: str) -> AnyPrior:
    """Return a table with a value of a key that is not at fault."""
    return table.model_copy(update={name: STAND_INS[name](table)})


def _form(
    reader: Reader, model: type[PriorTable], raw: Mapping[str, object], key: Key
) -> tuple[str | None, set[str]]:
    """Return the form of a prior and which of its keys cannot be used, and report those."""
    stated = {meant(name, model.model_fields) for name in raw}
    known = model.forms
    forms = [form for form in known if form in raw] or [form for form in known if form in stated]
    if len(forms) != 1:
        choice = fault(
            "several priors" if forms else "no prior",
            expected=f"exactly one of the keys {', '.join(known)}",
            got=" and ".join(forms) or "none of them",
            remedy="Keep one of them." if forms else "Say where the agent's types come from.",
        )
        reader.add(key, choice)
        return None, set()
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
    required = REQUIRED.get(form, ())
    if form in LAWS and not {"cells", "edges"} & stated and not _is_finite(form, raw):
        required = ("cells",)
    for name in required:
        if name not in stated:
            reader.add((*key, name), missing(model, (*key, name)))
    needed = [name for name in known[form] if name in stated or name in required]
    bad = {name for name in needed if name not in raw or reader.is_faulty((*key, name))}
    return form, bad


def _with_option(error: InvalidInputError, cells: int | None) -> InvalidInputError:
    """Return the error with a word on where the number of cells came from."""
    got = error.got if cells is None else f"{error.got}, from the argument cells"
    return fault(error.what, expected=error.expected, got=got, remedy=error.remedy)


def type_space(table: PriorTable, reader: Reader, other: object = None) -> TypeSpace | None:
    """Return the type space that a table describes, beside the other side's table.

    None where the faults of tables within it have been reported.
    """
    key = reader.at
    given = table.cells if table.cells is None or reader.cells is None else reader.cells
    if given == AUTO and table.samples is not None:
        raise InvalidInputError(
            "samples are no continuum",
            where="cells",
            expected="a number of cells",
            got='"auto"',
            remedy="Give a number of cells, or leave it out to use every value.",
        )
    if table.cells is not None and table.edges is not None:
        raise InvalidInputError(
            "a second statement of the cells",
            where="edges",
            expected="it without cells",
            got="both",
            remedy="Keep one of them.",
        )
    if given == AUTO and table.highest_of is not None:
        raise InvalidInputError(
            "has no effect",
            where="highest_of",
            expected="a number of cells",
            got='it beside cells = "auto", which cuts cells where the answer is decided',
            remedy="Leave it out, or give a number of cells.",
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
    what = f"a prior of {cells or 1:,} cells"
    require_memory(BYTES_PER_CELL * (cells or 1), what, "Use fewer cells.")
    try:
        return _of_law(table, reader, key, cells)
    except InvalidInputError:
        raise
    except Exception as error:
        # What scipy's distributions raise for parameters that they cannot use is not documented.
        raise fault(
            f"scipy cannot compute the quantiles of {shown(str(table.distribution))}",
            expected="parameters for which it can",
            got=f"{type(error).__name__}: {shown(error)}",
            remedy="Change the parameters, or use samples drawn from the distribution.",
        ) from error


def _of_law(table: PriorTable, reader: Reader, key: Key, cells: int | None) -> TypeSpace | None:
    """Return the type space of a law, measured from the origin."""
    from mechopt.types.sources.any_law import discrete, law_of
    from mechopt.types.sources.made import shifted_and_scaled

    name, origin = table.distribution, reader.origin
    plain = not table.model_fields_set & set(CHANGES)
    if name is not None and plain and is_discrete(name):
        stray = [key for key in ("cells", "edges", "highest_of") if getattr(table, key) is not None]
        if stray:
            raise InvalidInputError(
                "a discrete distribution needs no cells",
                where=stray[0],
                expected="nothing",
                got="some",
                remedy="Leave it out: each type is one.",
            )
        types, masses = discrete(frozen_discrete(name, parameters_of(name, table.parameters or {})))
        reader.measured.append(Measured.of(types))
        return TypeSpace.finite([number - origin for number in types], masses)
    if name is not None and plain and origin:
        parameters = parameters_of(name, table.parameters or {})
        parameters["loc"] = parameters.get("loc", Fraction(0)) - origin
        law: Source | None = ContinuousPrior.named(name, parameters)
    else:
        law = law_from(table, reader, key)
        if law is not None and origin:
            law = shifted_and_scaled(law, shift=-origin)  # type: ignore[arg-type]
    if law is None:
        return None
    require_bounded(law)
    if not origin:
        reader.measured.append(Measured.of_interval(*law.support))
    if isinstance(law_of(law), tuple):
        return TypeSpace.from_distribution(law, highest_of=table.highest_of)
    if table.edges is not None and reader.cells is None:
        edges = [float(edge - origin) for edge in table.edges]
        return TypeSpace.from_distribution(law, edges=edges, highest_of=table.highest_of)
    return TypeSpace.from_distribution(law, cells or 1, highest_of=table.highest_of)


def _is_finite(form: str, raw: Mapping[str, object]) -> bool:
    """Return whether a law has finitely many types, and so needs no cells."""
    parts = raw.get("mixture")
    if form == "mixture" and isinstance(parts, list):
        return all(
            isinstance(part, Mapping) and ("types" in part or _is_finite("distribution", part))
            for part in parts
        )
    name = raw.get("distribution")
    return form == "distribution" and isinstance(name, str) and is_discrete(name)
