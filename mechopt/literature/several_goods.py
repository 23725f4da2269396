"""Several goods as they are sold: each at a price of its own, all at one, beside the best menu."""

from __future__ import annotations

from dataclasses import replace

from mechopt._util.rounding import in_figures
from mechopt.environments import Environment
from mechopt.environments.goods import FINITE, SeveralGoods
from mechopt.problem.usual import largest_revenue
from mechopt.studies.comparison import Comparison, ComparisonRow
from mechopt.studies.simple_prices import (
    SimpleMenu,
    one_price,
    price_of_the_bundle,
    separate_prices,
)
from mechopt.studies.usual_rows import audited_row, efficient_row, optimum_row, table_of


def compared(goods: Environment) -> Comparison | None:
    """Return simple prices of several goods beside the best menu; None for other environments.

    Examples
    --------
    >>> from mechopt import Goods
    >>> table = compared(Goods([[1, 0], [0, 2], [3, 3]]))
    >>> [(row.name, round(row.profit, 4)) for row in table.rows[1:]]
    [('best menu', 2.5), ('separate prices', 2.3333), ('price of the bundle', 2.0)]
    """
    if not isinstance(goods.outcomes, SeveralGoods):
        return None
    rows = [efficient_row(goods), optimum_row("best menu", largest_revenue(goods))]
    if goods.outcomes.demand == "unit":
        rows.append(_priced("one price", one_price(goods)))
    else:
        rows.append(_priced("separate prices", separate_prices(goods)))
        rows.append(_priced("price of the bundle", price_of_the_bundle(goods)))
    return replace(table_of(goods, rows), note=FINITE)


def _priced(name: str, menu: SimpleMenu) -> ComparisonRow:
    price = menu.prices[0] if len(menu.prices) == 1 else None
    remark = " and ".join(map(in_figures, menu.prices))
    return audited_row(name, menu.mechanism, remark=remark, price=price, budget="no-deficit")
