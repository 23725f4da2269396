"""What resampling says of numbers that are computed from samples: estimates, and their table."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt._util.rounding import finite_or_none, in_figures
from mechopt._util.table import Table, Tabular

# What is computed from every sample, and what tables call it.
STATISTICS = {
    "first_best": "first best",
    "second_best": "second best",
    "share_lost": "share lost",
    "least_subsidy": "least subsidy",
    "trade": "probability of trade",
    "alpha": "alpha",
}
SHARE_LOST = tuple(STATISTICS).index("share_lost")
INTERVALS = ("percentile", "basic")


@dataclass(frozen=True)
class BootstrapEstimate:
    """One number computed from a sample, and what resampling says about its error.

    Parameters
    ----------
    estimate
        The number for the sample itself.
    standard_error
        Standard deviation over the replications. Where they differ by rounding alone, it is zero,
        and so are a bias and an end of an interval that are rounding.
    bias
        Mean over the replications less the estimate: the bootstrap's own guess at how much the
        estimate exceeds the truth on average.
    percentile
        The middle part of the replications, low and high end.
    basic
        The same, mirrored at the estimate; it undoes bias where the percentile interval doubles it.

    Examples
    --------
    >>> BootstrapEstimate(1.0, 0.1, 0.06, (0.9, 1.2), (0.8, 1.1)).is_biased
    True
    """

    estimate: float
    standard_error: float
    bias: float
    percentile: tuple[float, float]
    basic: tuple[float, float]

    @property
    def is_biased(self) -> bool:
        """Whether the bias is more than half a standard error: then prefer ``basic``, and cells."""
        return abs(self.bias) > 0.5 * self.standard_error

    def record(self) -> dict[str, Any]:
        """Return plain values; None in place of what is not a number."""
        numbers = {name: getattr(self, name) for name in ("estimate", "standard_error", "bias")}
        intervals = {name: list(map(finite_or_none, getattr(self, name))) for name in INTERVALS}
        return {name: finite_or_none(value) for name, value in numbers.items()} | intervals


@dataclass(frozen=True)
class Bootstrap(Tabular):
    r"""Bootstrap estimates from samples of types.

    Parameters
    ----------
    estimates
        By name: ``first_best`` and ``second_best``, expected gains in money, with public and with
        private types; ``share_lost``, one less second best over first best; ``least_subsidy``, the
        outside money that ex post efficiency needs; ``trade``, the probability of trade in the
        second best, discounted by the receiver's rate where it may be delayed; its ``alpha``; and,
        with ``mechanisms``, rows and columns of :func:`mechopt.compare`, such as
        ``"best posted price: total"``.
    replications
        Number of replications.
    level
        Confidence level of the intervals.
    paired
        Whether rows were resampled as pairs.
    num_undefined
        Replications without any gains from trade, where no share is lost or kept; intervals of
        ``share_lost`` leave them out.
    draws : array of shape (replications, num_estimates)
        What every replication came to, in the order of the estimates.

    Examples
    --------
    >>> from mechopt import bootstrap
    >>> result = bootstrap([1, 2, 3], [2, 4, 6], replications=20, seed=1)
    >>> result.draws.shape, sorted(result.record())[:2]
    ((20, 6), ['alpha', 'first_best'])
    >>> list(result.to_pandas().columns[:3])
    ['statistic', 'estimate', 'standard_error']
    """

    estimates: Mapping[str, BootstrapEstimate]
    replications: int
    level: float
    paired: bool
    num_undefined: int
    draws: FloatArray = field(repr=False, compare=False)

    @property
    def first_best(self) -> BootstrapEstimate:
        """Expected gains with public types, in money."""
        return self.estimates["first_best"]

    @property
    def second_best(self) -> BootstrapEstimate:
        """Expected gains with private types, in money."""
        return self.estimates["second_best"]

    @property
    def share_lost(self) -> BootstrapEstimate:
        """One less second best over first best, as a share."""
        return self.estimates["share_lost"]

    def table(self) -> Table:
        """Return the table of estimates, a row each."""
        percent = f"{100 * self.level:g} %"
        header = ["", "estimate", "standard error", "bias"]
        header += [f"{percent} percentile", f"{percent} basic"]
        cells, rows = [], []
        for name, part in self.estimates.items():
            scale, end = (100.0, " %") if name == "share_lost" else (1.0, "")
            numbers = (part.estimate, part.standard_error, part.bias)
            # Of replications without gains there is no share: such cells are empty.
            spans = [
                " to ".join(in_figures(scale * value, ".5g") for value in ends) + end
                if np.isfinite(ends).all()
                else ""
                for ends in (part.percentile, part.basic)
            ]
            texts = (
                in_figures(scale * value, ".4g") + end if math.isfinite(value) else ""
                for value in numbers
            )
            cells.append([STATISTICS.get(name, name), *texts, *spans])
            ends = map(finite_or_none, (*numbers, *part.percentile, *part.basic))
            rows.append([name, *ends])
        columns = ["statistic", "estimate", "standard_error", "bias"]
        columns += [f"{kind}_{end}" for kind in INTERVALS for end in ("low", "high")]
        undefined = f"{self.num_undefined} replications without gains: no share of theirs counts"
        return Table(
            header,
            cells,
            columns,
            rows,
            record=self.record(),
            remarks=[undefined] if self.num_undefined else [],
        )

    def record(self) -> dict[str, Any]:
        """Return the keys of ``mechopt bootstrap --json``, but for the seed."""
        parts = {name: part.record() for name, part in self.estimates.items()}
        rows = {name: parts.pop(name) for name in list(parts) if name not in STATISTICS}
        return {
            "replications": self.replications,
            "level": self.level,
            "paired": self.paired,
            "num_undefined": self.num_undefined,
            **parts,
            **({"mechanisms": rows} if rows else {}),
        }
