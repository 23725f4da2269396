"""Instance files of the kind "bilateral-trade"."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from pydantic import Field

from mechopt._util.arrays import shown
from mechopt.environments import BilateralTrade, Environment, Trade
from mechopt.errors import InvalidInputError, MechoptError
from mechopt.instances.agent import read_trader
from mechopt.instances.fields import Number, fault
from mechopt.instances.origin import needed_origin
from mechopt.instances.problem import read_problem
from mechopt.instances.reader import Reader, SubTable, TomlTable
from mechopt.problem.problem import DesignProblem
from mechopt.types import TypeSpace


class BilateralTradeTable(TomlTable):
    """The table of the environment."""

    kind: str
    seller: SubTable = Field(description="a table with the seller's prior")
    buyer: SubTable = Field(description="a table with the buyer's prior")
    origin: Number | None = Field(
        None, description="a number that types are measured from, in quotes or not"
    )
    prior: SubTable | None = Field(None, description="a table with a joint prior")


def read_bilateral_trade(reader: Reader, document: Mapping[str, Any]) -> DesignProblem | None:
    """Return the problem of a file whose environment is bilateral trade, and report its faults.

    Examples
    --------
    >>> from pathlib import Path
    >>> agent = {"types": [0, 1]}
    >>> document = {
    ...     "environment": {"kind": "bilateral-trade", "seller": agent, "buyer": agent},
    ...     "problem": {"objective": "minimum-subsidy"},
    ... }
    >>> read_bilateral_trade(Reader(Path(), None), document).objective
    Subsidy()
    """
    environment = document["environment"]
    table = reader.table(BilateralTradeTable, environment, ("environment",))
    stated = None if table is None else table.origin
    reader.origin = stated or Fraction(0)
    before = reader.mark()
    trade = _traders(reader, environment)
    origin = needed_origin(reader.measured) if stated is None else None
    if origin is not None and (trade is None or isinstance(trade.outcomes, Trade)):
        # What both sides have in common moves no gain, and floats have digits for the rest.
        reader.measure_again(origin, before)
        trade = _traders(reader, environment)
    elif origin is not None:
        reader.add(("environment", "origin"), _no_origin(origin))
    elif stated and trade is not None and not isinstance(trade.outcomes, Trade):
        reader.add(("environment", "origin"), _no_origin(stated))
    if "prior" in environment:
        from mechopt.instances.joint import with_joint_prior

        trade = with_joint_prior(reader, environment, None if reader.lines else trade)
    # Stand-ins let the library judge the problem where a type space is at fault.
    stand_in = TypeSpace.finite([0, 1])
    trade = BilateralTrade(stand_in, stand_in) if trade is None else trade
    return read_problem(reader, trade, document.get("problem"))


def _traders(reader: Reader, environment: Mapping[str, Any]) -> Environment | None:
    """Return the environment, with stand-ins for type spaces at fault; None for rates at fault."""
    tables = environment.get("seller"), environment.get("buyer")
    seller = read_trader(reader, tables[0], ("environment", "seller"), tables[1])
    buyer = read_trader(reader, tables[1], ("environment", "buyer"), tables[0])
    stand_in = TypeSpace.finite([0, 1])
    if seller.rate is None or buyer.rate is None:
        return None
    try:
        return BilateralTrade(
            seller=seller.types or stand_in,
            buyer=buyer.types or stand_in,
            seller_rate=seller.rate,
            buyer_rate=buyer.rate,
        )
    except MechoptError as error:
        side = "seller" if getattr(error, "where", None) == "seller_rate" else "buyer"
        reader.add(("environment", side, "discount_rate"), error)
        return None


def _no_origin(origin: Fraction) -> InvalidInputError:
    return fault(
        "types that floats cannot tell apart, or an origin, do not go with delay",
        expected="equal discount rates, for which only differences between types count",
        got=f"types measured from {shown(origin)}",
        remedy="Give equal discount rates; with delay the distance of types from zero matters.",
    )
