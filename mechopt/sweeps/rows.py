"""What a row of a sweep can say: its keys, the kinds and ranges of its numbers, how they agree."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from mechopt.report.addendum import further_keys
from mechopt.report.money import KEYS as OF_MONEY
from mechopt.solution import Limit, Termination
from mechopt.studies.bets import OF_BETS
from mechopt.studies.guarantee import OF_GUARANTEES
from mechopt.sweeps.table import FIRST, LAST, PARTS

# A row is doubted if its numbers differ by more than this relative to the gains.
AGREEMENT = 1e-5
TEXTS = frozenset({"status", "limit", "detail", "backend", "basis", "error"})
# Texts that are null where there is nothing to say.
OPTIONAL = frozenset({"limit", "detail", "error"})
TRUTHS = frozenset({"audit.passed", "players_swapped"})
SHARES = ("efficiency", "alpha", "proposer_probability")
UTILITIES = "utilities."
# What answers say of the data behind a problem, numbers and texts, and of payments that round.
OF_DATA = frozenset({"pairs", "dropped_rows", "origin", "regressions"})
OF_ROUNDING = "utilities_within"
# What agents have by staying out.
OUTSIDE = "outside"


def row_fault(
    row: Mapping[str, Any], agents: Sequence[str], *, balanced: bool = True
) -> str | None:
    """Return what is wrong with a row of a sweep, or None.

    Parameters
    ----------
    row
        What a point was answered with: its error alone, or the scalar keys of
        ``mechopt solve --json`` and an error that may be null.
    agents
        Names of agents whose utilities have to be there; others may be.
    balanced
        Whether agents have all gains among them, so that nothing is left over.

    Examples
    --------
    >>> row_fault({"error": "no such file"}, ["seller"]) is None
    True
    >>> row_fault({"objective": 0.5, "error": None}, ["seller"])
    'no bound'
    """
    error = row.get("error")
    if "error" not in row or not (error is None or (isinstance(error, str) and error)):
        return "no error, or null"
    if set(row) == {"error"}:
        return None if error is not None else "no answer"
    utilities = [key for key in row if key.startswith(UTILITIES)]
    usual = [*FIRST, *(f"{UTILITIES}{agent}" for agent in agents), *utilities, *LAST]
    usual += [f"{key}.{part}" for key, parts in PARTS.items() for part in parts]
    missing = [key for key in usual if key not in row]
    if missing:
        return f"no {missing[0]}"
    of_answers = {*OF_DATA, *OF_MONEY, *OF_BETS, *OF_GUARANTEES, OF_ROUNDING, OUTSIDE}
    further = further_keys() | of_answers
    for key, value in row.items():
        if key not in usual and key.partition(".")[0] not in further:
            return f"the unknown key {key[:60]!r}"
        fault = _fault_of(key, value)
        if fault is not None:
            return f"{key} is {fault}"
    if row["status"] not in {kind.value for kind in Termination}:
        return f"status is {row['status'][:60]!r}"
    if (row["limit"] is not None) != (row["status"] == Termination.LIMIT.value):
        return f"limit is {str(row['limit'])[:60]!r} beside the status {row['status']!r}"
    if row["limit"] not in {None, *(kind.value for kind in Limit)}:
        return f"limit is {row['limit'][:60]!r}"
    return _disagreement(row, utilities, balanced=balanced) if error is None else None


def _fault_of(key: str, value: Any) -> str | None:
    """Return what is wrong with a value by itself."""
    if key in TEXTS:
        return None if isinstance(value, str) or (key in OPTIONAL and value is None) else "no text"
    if key in TRUTHS or key.startswith("unique."):
        known = isinstance(value, bool) or (value is None and key.startswith("unique."))
        return None if known else "neither true nor false"
    if key.partition(".")[0] in OF_DATA and isinstance(value, (str, bool)):
        return None
    if value is None:
        return "missing" if key in ("first_best", "seconds") else None
    if isinstance(value, str) and key.startswith("exact"):
        return None
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not math.isfinite(value):
        return "no number"
    if key in SHARES and not -AGREEMENT <= value <= 1.0 + AGREEMENT:
        return f"{value:.6g}, which is no share"
    if key in ("seconds", "first_best", "interval_error", "audit.max_violation") and value < 0:
        return f"{value:.6g}, which is negative"
    return None


def _disagreement(row: Mapping[str, Any], keys: Sequence[str], *, balanced: bool) -> str | None:
    """Return which numbers of an answer that counts as an optimum contradict each other."""
    if row["status"] != Termination.OPTIMAL.value or row["audit.passed"] is not True:
        return "an answer without a certified optimum, and no error"
    numbers = [row["objective"], row["bound"], *(row[key] for key in keys)]
    if None in numbers:
        return "an optimum without its numbers"
    objective, bound, *utilities = numbers
    scale = row["first_best"] + max(map(abs, numbers))
    if abs(objective - bound) > AGREEMENT * scale:
        return f"objective {objective:.9g} beside the bound {bound:.9g}"
    if row["efficiency"] is not None:
        gains = row["efficiency"] * row["first_best"]
        # What comes from outside is shared, too.
        if balanced and "gap" not in row and sum(utilities) < gains - AGREEMENT * scale:
            return f"utilities that sum to less than the gains {gains:.9g}"
    low, high = row["continuum.lower"], row["continuum.upper"]
    middle = row["continuum.estimate"]
    if (low is None) != (high is None) or (low is None) != (middle is None):
        return "a part of a bracket of the continuum"
    if low is not None and not (
        abs(low - objective) <= AGREEMENT * scale and low <= middle <= high
    ):
        return f"a bracket of the continuum from {low:.9g} to {high:.9g}"
    if row.get("random_monopoly") is not None and row.get("gap") is not None:
        rest = objective - row["random_monopoly"] - row["gap"]
        if abs(rest) > AGREEMENT * scale:
            return f"a gap of {row['gap']:.9g}"
    return None
