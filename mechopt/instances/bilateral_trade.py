"""Instance files of the kind "bilateral-trade"."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Any

from pydantic import Field

from mechopt._util.arrays import shown
from mechopt.environments import BilateralTrade, Environment, Trade
from mechopt.errors import InvalidInputError, MechoptError
from mechopt.instances.agent import read_trader
from mechopt.instances.fields import Number, fault, one_of
from mechopt.instances.origin import needed_origin
from mechopt.instances.problem import ProblemTable, with_requirements
from mechopt.instances.reader import Reader, SubTable, Table
from mechopt.problem.budget import Budget
from mechopt.problem.problem import (
    DesignProblem,
    ex_ante_efficiency,
    ex_post_efficiency,
    minimum_subsidy,
)
from mechopt.studies.continuum import has_continuum
from mechopt.types import TypeSpace

OBJECTIVES = ("ex-ante-efficiency", "ex-post-efficiency", "minimum-subsidy")
DEFAULT_WIDTH = 1e-4


class BilateralTradeTable(Table):
    """The table of the environment."""

    kind: str
    seller: SubTable = Field(description="a table with the seller's prior")
    buyer: SubTable = Field(description="a table with the buyer's prior")
    origin: Number | None = Field(
        None, description="a number that types are measured from, in quotes or not"
    )


class TradeProblemTable(ProblemTable):
    """The table of the problem, with the objectives that bilateral trade has."""

    objective: Annotated[str, one_of(*OBJECTIVES)] = Field(
        description=" or ".join(f'"{objective}"' for objective in OBJECTIVES)
    )


class TradeWeightsTable(Table):
    """Welfare weights."""

    seller: Number = Field(description="a number of at least 0")
    buyer: Number = Field(description="a number of at least 0")


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
    # Stand-ins let the library judge the problem where a type space is at fault.
    stand_in = TypeSpace.finite([0, 1])
    trade = BilateralTrade(stand_in, stand_in) if trade is None else trade
    return _problem(reader, trade, document.get("problem"))


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


def _problem(reader: Reader, trade: Environment, raw: object) -> DesignProblem | None:
    table = reader.table(TradeProblemTable, raw, ("problem",))
    if not isinstance(raw, Mapping):
        return None
    weights = reader.table(TradeWeightsTable, raw.get("weights"), ("problem", "weights"))
    try:
        # Weights are judged whatever the objective, so that a wrong objective does not hide them.
        problem = ex_ante_efficiency(trade, None if weights is None else dict(weights))
    except InvalidInputError as error:
        reader.add(("problem", "weights"), error)
        return None
    if table is None:
        return None
    if table.objective != "ex-ante-efficiency":
        if table.weights is not None:
            stray = fault(
                f'does not go with the objective "{table.objective}"',
                expected='weights only with "ex-ante-efficiency"',
                got="weights",
                remedy="Remove them, or change the objective.",
            )
            reader.add(("problem", "weights"), stray)
        is_minimum = table.objective == "minimum-subsidy"
        if is_minimum and table.budget not in (None, Budget.SUBSIDISED):
            tied = fault(
                'does not go with the objective "minimum-subsidy"',
                expected='"subsidised", or nothing',
                got=f'"{table.budget}"',
                remedy="Remove it: the budget is what is minimised.",
            )
            reader.add(("problem", "budget"), tied)
        problem = minimum_subsidy(trade) if is_minimum else ex_post_efficiency(trade)
    problem = with_requirements(reader, problem, table)
    _require_use_of_width(reader, problem, table)
    return problem


def _require_use_of_width(reader: Reader, problem: DesignProblem, table: TradeProblemTable) -> None:
    """Keep the width that cells = "auto" asks for, and report one that nothing asks for."""
    if not reader.auto:
        if table.relative_width is not None:
            idle = fault(
                "has no effect",
                expected='cells = "auto" for an agent with a distribution',
                got="no such agent",
                remedy='Remove it, or write cells = "auto".',
            )
            reader.add(("problem", "relative_width"), idle)
        return
    if reader.lines or reader.cells is not None:
        return
    if not has_continuum(problem):
        alone = fault(
            'cells = "auto" needs an optimum that can be bracketed',
            expected='the objective "ex-ante-efficiency"',
            got=f'"{table.objective}"',
            remedy="Give a number of cells.",
        )
        reader.add(reader.auto[0], alone)
        return
    width = table.relative_width
    reader.wanted_width = DEFAULT_WIDTH if width is None else float(width)
