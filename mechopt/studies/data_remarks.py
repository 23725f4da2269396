"""What there is to say of the data behind an instance: rows, dropped values, origin of types.

``mechopt.load_instance(file).data.sentences()`` says it in Python, where what is solved is a
problem that knows no data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.studies.paired_rows import ASSUMES, PairedRows

if TYPE_CHECKING:
    from mechopt.environments import Environment
    from mechopt.studies.carriers import Carrier
    from mechopt.types.samples import Sample


def common_rows(first: Sample, second: Sample) -> tuple[FloatArray, FloatArray] | None:
    """Return what two samples have in common rows: of one file, or equally long and without gaps.

    Examples
    --------
    >>> from mechopt.types.samples import Sample
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
    roles
        What who gives and who receives are called; empty if the sides are no such pair, so that
        rows have no gains.
    samples
        The samples, measured from the origin, in the order of the agents that have one.
    carriers
        Rare values that carry most of the gains, as a mark for missing values does.
    priors
        What there is to know of how priors were made, such as the standard error of values that
        were estimated from bids: one sentence each.
    joint
        Whether the problem has a joint prior, so that nothing is said of independence.

    Examples
    --------
    >>> rows = PairedRows([1, 2], [2, 4])
    >>> remarks = DataRemarks(rows, "equally long samples", roles=("seller", "buyer"))
    >>> remarks.record()["pairs"]["row_gain"]
    1.5
    """

    rows: PairedRows | None = None
    source: str = ""
    dropped: tuple[tuple[str, int, int], ...] = ()
    origin: Fraction = Fraction(0)
    roles: tuple[str, ...] = ()
    samples: tuple[Sample, ...] = ()
    carriers: tuple[Carrier, ...] = ()
    priors: tuple[str, ...] = ()
    joint: bool = False

    @classmethod
    def of(
        cls,
        samples: Sequence[Sample],
        origin: Fraction = Fraction(0),
        *,
        roles: tuple[str, ...] = (),
        sides: Sequence[str] = (),
        environment: Environment | None = None,
        priors: Sequence[str] = (),
        joint: bool = False,
    ) -> DataRemarks:
        """Return the remarks on the samples of an instance, at most one for each side.

        Parameters
        ----------
        samples, origin, roles
            As for the class, but for samples not yet measured from the origin.
        sides
            Names of the agents that have the samples.
        environment
            Whom they trade with.
        priors, joint
            As for the class.

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
        carriers: tuple[Carrier, ...] = ()
        if roles and environment is not None:
            from mechopt.studies.carriers import carriers_of

            carriers = carriers_of(dict(zip(sides, from_origin, strict=True)), environment, origin)
        said = tuple(dict.fromkeys(priors))
        return cls(rows, source, dropped, origin, roles, from_origin, carriers, said, joint)

    def record(self) -> dict[str, Any]:
        """Return keys for JSON: those that apply.

        They are ``pairs``, ``dropped_rows``, ``origin``, ``regressions``, ``carriers`` and
        ``priors``.
        """
        record: dict[str, Any] = {}
        if self.rows is not None:
            record["pairs"] = self.rows.record()
            if not self.joint:
                record["pairs"]["assumes"] = ASSUMES
            if not self.roles:
                for name in ("row_gain", "independent_first_best"):
                    del record["pairs"][name]
        if self.dropped:
            record["dropped_rows"] = {name: count for name, count, _ in self.dropped}
        if self.origin:
            record["origin"] = str(self.origin)
        regressions = {
            each.name: each.regressed.record(each.values.size)
            for each in self.samples
            if each.regressed is not None
        }
        if regressions:
            record["regressions"] = regressions
        if self.carriers:
            record["carriers"] = [each.record() for each in self.carriers]
        if self.priors:
            record["priors"] = list(self.priors)
        return record

    def sentences(self) -> list[str]:
        """Return what a report says, one remark each."""
        lines = list(self.priors)
        if self.origin:
            lines.append(
                f"types and prices are measured from {self.origin}; gains do not depend on it"
            )
        lacking = {
            each.name: each.regressed.complete
            for each in self.samples
            if each.regressed is not None
        }
        lines.extend(
            dropped_in_words(*each, columns=lacking.get(each[0], ())) for each in self.dropped
        )
        lines.extend(self._regressions())
        lines.extend(each.sentence() for each in self.carriers)
        if self.rows is not None:
            sizes = [each.values.size for each in self.samples]
            lines.extend(
                self.rows.sentences(
                    self.source,
                    roles=self.roles,
                    sizes=(sizes[0], sizes[1]) if len(sizes) == 2 else None,
                    regressed=any(each.regressed for each in self.samples),
                    joint=self.joint,
                )
            )
        return lines

    def _regressions(self) -> list[str]:
        """Return what was regressed on what, and whether both sides are for one object."""
        found = [each for each in self.samples if each.regressed is not None]
        lines = [
            each.regressed.sentence(each.name, each.values.size)
            for each in found
            if each.regressed is not None
        ]
        if len(found) == 1:
            lines.append(
                "the other side is not regressed: its types are taken to be for an object with "
                "these covariates"
            )
        objects = [
            dict(zip(each.regressed.covariates, each.regressed.at, strict=True))
            for each in found
            if each.regressed is not None
        ]
        if len(objects) == 2 and objects[0] != objects[1]:
            lines.append(
                "the two sides are at different objects, each at the means of its own table; what "
                "the difference is worth counts as gains or losses"
            )
        return lines


def dropped_in_words(name: str, count: int, total: int, *, columns: Sequence[str]) -> str:
    """Return how many rows of a column were dropped.

    Examples
    --------
    >>> dropped_in_words("a.csv:ask", 1, 60, columns=())
    '1 of 60 rows without a value was dropped from a.csv:ask'
    >>> dropped_in_words("a.csv:ask", 3, 60, columns=("ask", "bid", "size"))
    '3 of 60 rows without a value of ask, bid or size were dropped from a.csv:ask'
    """
    verb = "was" if count == 1 else "were"
    lacking = f" of {', '.join(columns[:-1])} or {columns[-1]}" if len(columns) > 1 else ""
    return f"{count:,} of {total:,} rows without a value{lacking} {verb} dropped from {name}"
