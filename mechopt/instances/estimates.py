"""The keys of laws that come from functions, from files of laws, and from estimates."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

from pydantic import Field, PlainValidator

from mechopt._util.arrays import shown
from mechopt._util.registry import TRUSTED, import_trusted, trusted_modules
from mechopt.errors import InvalidInputError
from mechopt.instances.columns import SampleTable, column_of
from mechopt.instances.fields import Number, described, fault, one_of
from mechopt.instances.reader import Key, Reader, TomlTable
from mechopt.types.source import Source

FIRST_PRICE, SECOND_PRICE, ENGLISH = "first-price", "second-price", "english"
# Forms that hold a column.
ESTIMATES = ("kernel", "smoothed", "bids")
# What a function may be, each the import path of one.
FUNCTIONS = ("density", "cdf", "quantile")


def whole(value: object) -> int:
    """Return a whole number of at least 1.

    Raises
    ------
    InvalidInputError
        For anything else.

    Examples
    --------
    >>> whole(3)
    3
    """
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        return value
    raise fault(
        "not a whole number",
        expected="a whole number of at least 1",
        got=described(value),
        remedy="Write it without quotes, such as 3.",
    )


Whole = Annotated[int, PlainValidator(whole)]


class FunctionTable(TomlTable):
    """A function of the user's in a module that Python can import."""

    density: str | None = Field(None, description='where a density is, such as "my_laws:density"')
    cdf: str | None = Field(None, description='where a distribution function is, "MODULE:NAME"')
    sf: str | None = Field(None, description="where one less cdf is, with the digits of its tail")
    quantile: str | None = Field(None, description='where a quantile function is, "MODULE:NAME"')
    low: Number | None = Field(None, description="the lowest type")
    high: Number | None = Field(None, description="the highest type")
    parameters: dict[str, Number] = Field({}, description="a table of arguments by name")


class KernelTable(SampleTable):
    """A sample, blurred by a normal density."""

    bandwidth: Number = Field(description="the standard deviation of the blur, in money")
    low: Number = Field(description="the lowest type")
    high: Number = Field(description="the highest type")


class BidsTable(SampleTable):
    """What was seen in auctions, from which values are estimated."""

    auction: Annotated[str, one_of(FIRST_PRICE, SECOND_PRICE, ENGLISH)] = Field(
        description=f'"{FIRST_PRICE}" for a column of bids; "{SECOND_PRICE}" or "{ENGLISH}" for '
        "one of prices"
    )
    bidders: Whole = Field(description="how many bidders each auction had, such as 3")
    rank: Whole | None = Field(
        None, description="which value a price is, 1 for the winner's; the second unless said"
    )
    lowest_wins: bool = Field(False, description="true, if the lowest bid won, as in procurement")
    bandwidth: Number | None = Field(
        None, description="half the width of the kernel, in money; the usual one unless said"
    )


def law_of_form(form: str, value: Any, reader: Reader, key: Key) -> Source | None:
    """Return the law of a form of this module; None if faults of its table have been reported.

    Raises
    ------
    InvalidInputError
        For what the library refuses.
    """
    if form == "law":
        from mechopt.types.sources.stored import load_law

        return load_law(reader.folder / str(value))
    models: dict[str, tuple[type[TomlTable], Callable[[Any, Reader], Source]]] = {
        "function": (FunctionTable, _function),
        "kernel": (KernelTable, _kernel),
        "smoothed": (SampleTable, _smoothed),
        "bids": (BidsTable, _bids),
    }
    model, make = models[form]
    place = (*key, form)
    table = reader.table(model, value, place)
    # A key with a fault was left out, so that its default would stand in for it.
    return None if table is None or reader.is_faulty(place) else make(table, reader)


# The key of each form, and what it holds.
FORMS = {
    "function": 'a table such as { density = "my_laws:f", low = 0, high = 1 }',
    "law": "the path of a law that mechopt.priors.save_law wrote, in quotes",
    "kernel": 'a table such as { samples = "a.csv", column = "ask", bandwidth = 1, low = 0, '
    "high = 9 }",
    "smoothed": 'a table such as { samples = "a.csv", column = "ask" }',
    "bids": 'a table such as { samples = "b.csv", column = "bid", auction = "first-price", '
    "bidders = 3 }",
}


def _smoothed(table: SampleTable, reader: Reader) -> Source:
    from mechopt.types.sources.estimated import smoothed

    return smoothed(column_of(table, reader))


def _kernel(table: KernelTable, reader: Reader) -> Source:
    from mechopt.types.sources.estimated import kernel_estimate

    numbers = float(table.bandwidth), float(table.low), float(table.high)
    return kernel_estimate(column_of(table, reader), *numbers)


def _bids(table: BidsTable, reader: Reader) -> Source:
    from mechopt.types.sources.from_bids import values_from_first_price_bids, values_from_prices

    bandwidth = None if table.bandwidth is None else float(table.bandwidth)
    if table.auction == FIRST_PRICE:
        if table.rank is not None:
            raise InvalidInputError(
                "a rank of bids",
                where="rank",
                expected=f'auction = "{SECOND_PRICE}" or "{ENGLISH}", where a price has a rank',
                got=f'auction = "{FIRST_PRICE}"',
                remedy="Leave it out: the column has all bids.",
            )
        bids = column_of(table, reader)
        found = values_from_first_price_bids(
            bids, table.bidders, bandwidth=bandwidth, lowest_wins=table.lowest_wins
        )
    else:
        prices = column_of(table, reader)
        rank = 2 if table.rank is None else table.rank
        found = values_from_prices(
            prices, table.bidders, rank=rank, bandwidth=bandwidth, lowest_wins=table.lowest_wins
        )
    reader.notes.append(f"{table.samples}, column {shown(table.column)}: {found.sentence()}")
    return found.law


def _function(table: FunctionTable, _: Reader) -> Source:
    from mechopt.types.sources.tabulated import (
        from_density,
        from_distribution_function,
        from_quantile_function,
    )

    given = [name for name in FUNCTIONS if getattr(table, name) is not None]
    wanted_ends = given != ["quantile"]
    if len(given) != 1:
        raise _no_function("exactly one of density, cdf and quantile", " and ".join(given))
    if table.sf is not None and given != ["cdf"]:
        raise _no_function("sf beside cdf only", f"sf beside {given[0]}")
    ends = [name for name in ("low", "high") if getattr(table, name) is not None]
    if len(ends) != 2 * wanted_ends:
        expected = f"{'low and high' if wanted_ends else 'no low or high'} beside {given[0]}"
        raise _no_function(expected, " and ".join(ends))
    path = str(getattr(table, given[0]))
    for one in filter(None, (path, table.sf)):
        _require_trust(one)
    keywords = {name: float(value) for name, value in table.parameters.items()}
    function = partial(_imported(path), **keywords)
    if given == ["quantile"]:
        return from_quantile_function(function, what=path)
    assert table.low is not None
    assert table.high is not None
    low, high = float(table.low), float(table.high)
    if given == ["density"]:
        return from_density(function, low, high, what=path)
    above = None if table.sf is None else partial(_imported(table.sf), **keywords)
    return from_distribution_function(function, low, high, above=above, what=path)


def _no_function(expected: str, got: str) -> InvalidInputError:
    return InvalidInputError(
        "not a function of types",
        where="function",
        expected=expected,
        got=got or "none of them",
        remedy="Correct the keys of the table.",
    )


def _require_trust(path: str) -> None:
    """Raise InvalidInputError unless whoever runs this trusts the module: no file can say so."""
    module = path.partition(":")[0]
    if module not in trusted_modules():
        raise InvalidInputError(
            "a function that is not trusted",
            where="function",
            expected=f"its module among those that the environment variable {TRUSTED} lists, or a "
            "law that was saved as a table",
            got=f"{shown(path)}, which runs whatever is in its module",
            remedy=f"Read that module first and set {TRUSTED}={shown(module)}, or write law = "
            '"law.json" with what mechopt.priors.save_law made of the function.',
        )


def _imported(path: str) -> Callable[..., Any]:
    """Return the function at an import path, from where Python finds its modules."""
    module, _, name = path.partition(":")
    found: Any = import_trusted(module, where="function")
    try:
        for part in name.split("."):
            found = getattr(found, part)
    except Exception as error:
        # Whatever the user's module raises.
        raise InvalidInputError(
            "a function that cannot be imported",
            where="function",
            expected='"MODULE:NAME", with a module that Python finds',
            got=f"{shown(path)}: {type(error).__name__}: {shown(error)}",
            remedy="Install the module, or name its folder in PYTHONPATH.",
        ) from error
    if not callable(found):
        raise _no_function("a function", f"{shown(path)}, a {type(found).__name__}")
    return found  # type: ignore[no-any-return]
