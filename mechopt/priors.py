"""Laws of types: what a prior can be, and what laws are made of others.

Every law here, and every distribution of scipy.stats, goes into
:meth:`mechopt.TypeSpace.from_distribution`.

>>> import mechopt as mo
>>> bids = mo.priors.histogram([0, 1, 2, 4], [12, 30, 8])
>>> keen = mo.priors.truncated(mo.priors.named("norm", loc=3), 1, 4)
>>> law = mo.priors.mixture([bids, keen, mo.priors.finite([2.5])], ["1/2", "1/4", "1/4"])
>>> mo.TypeSpace.from_distribution(law, 100)
TypeSpace(100 cells in [0, 4], mean 2.06759)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mechopt._util.lazy import importer, names

_WHERE: dict[str, tuple[str, ...]] = {
    "mechopt.types.copulas": (
        "CorrelatedTypes",
        "clayton_copula",
        "gaussian_copula",
    ),
    "mechopt.types.source": ("Source",),
    "mechopt.types.sources.estimated": (
        "kernel_estimate",
        "smoothed",
    ),
    "mechopt.types.sources.from_bids": (
        "ValueEstimate",
        "values_from_first_price_bids",
        "values_from_prices",
    ),
    "mechopt.types.sources.made": (
        "finite",
        "mixture",
        "named",
        "order_statistic",
        "shifted_and_scaled",
        "truncated",
    ),
    "mechopt.types.sources.piecewise": (
        "histogram",
        "linear_density",
    ),
    "mechopt.types.sources.stored": (
        "load_law",
        "save_law",
    ),
    "mechopt.types.sources.tabulated": (
        "from_density",
        "from_distribution_function",
        "from_quantile_function",
    ),
    "mechopt.types.residuals": ("homogenise",),
    "mechopt.types.samples": ("read_sample",),
}

if TYPE_CHECKING:
    from mechopt.types.copulas import (
        CorrelatedTypes as CorrelatedTypes,
        clayton_copula as clayton_copula,
        gaussian_copula as gaussian_copula,
    )
    from mechopt.types.residuals import homogenise as homogenise
    from mechopt.types.samples import read_sample as read_sample
    from mechopt.types.source import Source as Source
    from mechopt.types.sources.estimated import (
        kernel_estimate as kernel_estimate,
        smoothed as smoothed,
    )
    from mechopt.types.sources.from_bids import (
        ValueEstimate as ValueEstimate,
        values_from_first_price_bids as values_from_first_price_bids,
        values_from_prices as values_from_prices,
    )
    from mechopt.types.sources.made import (
        finite as finite,
        mixture as mixture,
        named as named,
        order_statistic as order_statistic,
        shifted_and_scaled as shifted_and_scaled,
        truncated as truncated,
    )
    from mechopt.types.sources.piecewise import (
        histogram as histogram,
        linear_density as linear_density,
    )
    from mechopt.types.sources.stored import (
        load_law as load_law,
        save_law as save_law,
    )
    from mechopt.types.sources.tabulated import (
        from_density as from_density,
        from_distribution_function as from_distribution_function,
        from_quantile_function as from_quantile_function,
    )
else:
    __getattr__ = importer(__name__, _WHERE)

__all__ = names(_WHERE)


def __dir__() -> list[str]:
    """Return the names that are for use, those that are imported later included."""
    return list(__all__)
