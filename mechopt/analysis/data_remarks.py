"""What there is to say of the data behind an instance: rows, dropped values, origin of types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from mechopt.analysis.paired_rows import PairedRows
from mechopt.arrays import FloatArray

if TYPE_CHECKING:
    from mechopt.priors.samples import Sample


def common_rows(first: Sample, second: Sample) -> tuple[FloatArray, FloatArray] | None:
    """Return what two samples have in common rows: of one file, or equally long and without gaps.

    Examples
    --------
    >>> from mechopt.priors.samples import Sample
    >>> ask = Sample(np.array([1.0, 2.0]), "decimals", np.array([2, 4]), 3, "ask", "bids.csv")
    >>> bid = Sample(np.array([3.0, 5.0]), "decimals", np.array([3, 4]), 3, "bid", "bids.csv")
    >>> common_rows(ask, bid)
    (array([2.]), array([5.]))
    """
    if first.source == second.source:
        _, ours, theirs = np.intersect1d(first.lines, second.lines, return_indices=True)
        return (first.values[ours], second.values[theirs]) if ours.size else None
    without_gaps = not (first.num_dropped or second.num_dropped)
    if without_gaps and first.values.size == second.values.size:
        return first.values, second.values
    return None


@dataclass(frozen=True, eq=False)
class DataRemarks:
    """What there is to know of the data that a problem does not hold.

    Parameters
    ----------
    rows
        The rows that have both sides, where the two are from one file or equally long.
    source
        Where the rows are from, in words.
    dropped
        For each column with rows without a value that were dropped: its name, how many, of how
        many.
    origin
        What types and prices are measured from.
    trades
        Whether the sides are a seller and a buyer, so that rows have gains.
    samples
        The samples, measured from the origin, in the order of the agents that have one.

    Examples
    --------
    >>> remarks = DataRemarks(PairedRows([1, 2], [2, 4]), "equally long samples")
    >>> remarks.record()["pairs"]["row_gain"]
    1.5
    """

    rows: PairedRows | None = None
    source: str = ""
    dropped: tuple[tuple[str, int, int], ...] = ()
    origin: Fraction = Fraction(0)
    trades: bool = True
    samples: tuple[Sample, ...] = ()

    @classmethod
    def of(
        cls, samples: Sequence[Sample], origin: Fraction = Fraction(0), *, trades: bool = True
    ) -> DataRemarks:
        """Return the remarks on the samples of an instance, at most one for each side.

        Examples
        --------
        >>> DataRemarks.of([]).sentences()
        []
        """
        dropped = tuple(
            (each.name, each.num_dropped, each.num_rows) for each in samples if each.num_dropped
        )
        from_origin = tuple(each.measured_from(origin) for each in samples)
        pair = common_rows(*from_origin) if len(from_origin) == 2 else None
        rows = None if pair is None else PairedRows(*pair)
        one_file = len({each.source for each in samples}) == 1
        source = "of one file" if one_file else "of equally long samples"
        return cls(rows, source, dropped, origin, trades, from_origin)

    def record(self) -> dict[str, Any]:
        """Return keys for JSON: those of ``pairs``, ``dropped_rows`` and ``origin`` that apply."""
        record: dict[str, Any] = {}
        if self.rows is not None:
            record["pairs"] = self.rows.record()
            if not self.trades:
                for name in ("row_gain", "independent_first_best"):
                    del record["pairs"][name]
        if self.dropped:
            record["dropped_rows"] = {name: count for name, count, _ in self.dropped}
        if self.origin:
            record["origin"] = str(self.origin)
        return record

    def sentences(self) -> list[str]:
        """Return what a report says, one remark each."""
        lines = []
        if self.origin:
            lines.append(
                f"types and prices are measured from {self.origin}; gains do not depend on it"
            )
        lines.extend(
            f"{count:,} of {total:,} rows without a value were dropped from {name}"
            for name, count, total in self.dropped
        )
        if self.rows is not None:
            lines.extend(self.rows.sentences(self.source, gains=self.trades))
        return lines
