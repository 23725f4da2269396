"""Two sides whose values come in rows: what the rows say that independent sides do not."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray
from mechopt._util.given import given_numbers
from mechopt.errors import InvalidInputError


@dataclass(frozen=True, eq=False)
class PairedRows:
    """The value of who gives and of who receives in each row of the data.

    A problem of bilateral trade takes the two sides as independent: each type of one may meet each
    of the other. If the rows are pairs that met, that need not be what the data say.

    Parameters
    ----------
    giver, receiver : arrays of shape (num_rows,)
        What the two sides of each row have, in money.

    Raises
    ------
    InvalidInputError
        For arrays of unequal length, or without numbers.

    Examples
    --------
    >>> rows = PairedRows([1, 2, 3, 4], [1.5, 2.5, 3.5, 4.5])
    >>> rows.row_gain, rows.independent_gain, rows.correlation
    (0.5, 0.9375, 1.0)
    """

    giver: FloatArray
    receiver: FloatArray

    def __post_init__(self) -> None:
        for name in ("giver", "receiver"):
            values, _ = given_numbers(getattr(self, name), name)
            if not values.size or not np.isfinite(values).all():
                raise _no_rows(name, "finite numbers, at least one", "none" if not values.size else
                               "nan or infinite ones")  # fmt: skip
            values.flags.writeable = False
            object.__setattr__(self, name, values)
        if self.giver.size != self.receiver.size:
            sizes = f"{self.giver.size} and {self.receiver.size}"
            raise _no_rows("receiver", "as many who receive as give", sizes)

    @property
    def num_rows(self) -> int:
        """Number of rows."""
        return int(self.giver.size)

    @cached_property
    def correlation(self) -> float | None:
        """Pearson's correlation of the two columns; None where one of them does not vary."""
        return _correlation(self.giver, self.receiver)

    @cached_property
    def rank_correlation(self) -> float | None:
        """Spearman's correlation, that of ranks; None where one column does not vary."""
        return _correlation(_ranks(self.giver), _ranks(self.receiver))

    @cached_property
    def row_gain(self) -> float:
        """Mean over rows of max(0, value - cost): all gains from trade within rows, in money."""
        return float(np.maximum(self.receiver - self.giver, 0.0).mean())

    @cached_property
    def independent_gain(self) -> float:
        """Mean of max(0, value - cost) over all pairs of one who gives and one who receives.

        In money; it is the first best of the two samples taken as independent.
        """
        origin = self.giver.min()
        costs = np.sort(self.giver - origin)
        below = np.searchsorted(costs, self.receiver - origin)
        paid = np.concatenate([[0.0], np.cumsum(costs)])[below]
        gains = below * (self.receiver - origin) - paid
        return float(gains.mean() / self.num_rows)

    def record(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "rows": self.num_rows,
            "correlation": self.correlation,
            "rank_correlation": self.rank_correlation,
            "row_gain": self.row_gain,
            "independent_first_best": self.independent_gain,
        }

    def sentences(
        self,
        source: str,
        *,
        roles: tuple[str, ...] = (),
        sizes: tuple[int, int] | None = None,
        regressed: bool = False,
        joint: bool = False,
    ) -> list[str]:
        """Return what a report says of the rows, with what is gained in them or without.

        Parameters
        ----------
        source
            Where the rows are from, in words.
        roles
            What who gives and who receives are called; without, nothing is said of gains.
        sizes
            How many values each side of the problem has, if not those of the rows alone.
        regressed
            Whether what both sides see is regressed out already.
        joint
            Whether the problem has a joint prior, so that it takes nothing to be independent.
        """
        if self.correlation is None or self.rank_correlation is None:
            together = "no correlation, because one side does not vary"
        else:
            together = f"correlation {self.correlation:.3f}, of ranks {self.rank_correlation:.3f}"
        lines = [f"{_rows(self.num_rows)} with both sides ({source}): {together}"]
        if roles:
            gives, receives = roles
            share = ""
            if self.row_gain > 0:
                times = f"{self.independent_gain / self.row_gain:.3g}"
                share = ", as much" if times == "1" else f", {times} times that"
            text = (
                f"max(0, {receives} - {gives}) is {self.row_gain:.6g} on average over rows; the "
                f"first best of the columns taken as independent is {self.independent_gain:.6g}"
                f"{share}"
            )
            if sizes not in (None, (self.num_rows, self.num_rows)):
                text += (
                    f"; both are of these {_rows(self.num_rows)} alone, while the problem has "
                    f"the {gives}s of {_rows(sizes[0])} and the {receives}s of {_rows(sizes[1])}"
                )
            lines.append(text)
        if joint:
            return lines
        offer = OFFER if regressed else f"{OFFER}; {REGRESSION}"
        return [*lines, f"assumed: {ASSUMES}", offer]


ASSUMES = "the two sides are independent: each value of one may meet each of the other"
OFFER = (
    "if rows are pairs that met, take their joint prior: prior = { table = FILE } in the file, "
    "with columns called as the two sides (in Python mechopt.environments.trade_from_rows)"
)
REGRESSION = "if they differ in what both sides see, regress it out with the key covariates"


def _rows(count: int) -> str:
    return f"{count:,} row" if count == 1 else f"{count:,} rows"


def _ranks(values: FloatArray) -> FloatArray:
    """Return ranks, equal values sharing the mean of theirs."""
    _, position, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    mean: npt.NDArray[np.float64] = last - 0.5 * (counts - 1)
    return mean[position]


def _correlation(first: FloatArray, second: FloatArray) -> float | None:
    if first.size < 2 or np.ptp(first) == 0.0 or np.ptp(second) == 0.0:
        return None
    # Measured in its own range no column overflows or vanishes.
    a, b = ((x - x.min()) / np.ptp(x) for x in (first, second))
    a, b = a - a.mean(), b - b.mean()
    value = float((a @ b) / np.sqrt((a @ a) * (b @ b)))
    # One rounding beyond the ends is none of the data's.
    return min(1.0, max(-1.0, value))


def _no_rows(where: str, expected: str, got: str) -> InvalidInputError:
    return InvalidInputError(
        "not rows of two sides",
        where=where,
        expected=expected,
        got=got,
        remedy="Give one value of each side per row.",
    )
