"""What solvers write about a solution, read: HiGHS, SCIP, CPLEX, MOSEK, AMPL, plain values.

Which format a file has is seen from its content. Nothing here knows the program; matching names
with it is the business of :mod:`mechopt.formats.read`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from xml.etree import ElementTree

from mechopt.backends.statuses import (
    AMPL,
    CPLEX,
    HIGHS_IN_WORDS,
    MOSEK,
    SCIP,
    Ending,
    ending,
)
from mechopt.errors import InvalidInputError
from mechopt.solution import Termination

FEW_DIGITS = (
    "HiGHS' pretty style has six digits, which an audit may find too few; style 0 (raw) has all"
)
HIGHS_BASIS = frozenset({"BS", "LB", "UB", "FX", "FR", "ZE", "NB"})


@dataclass(frozen=True, eq=False)
class SolutionFile:
    """A solution file, read.

    Parameters
    ----------
    source
        Whose format it is.
    ending
        Why the solver stopped, in its own words too; None where the file does not say.
    objective
        The objective that the solver reports, of the file, which is minimised.
    values, duals
        Values of variables and multipliers of constraints, by name. In the formats of AMPL and
        MOSEK the names are ``x0``, ``x1``, ... and ``c0``, ``c1``, ...
    leaves_out_zeros
        Whether variables that are not named are zero.
    note
        What to know of the format; empty for most.
    """

    source: str
    ending: Ending | None
    objective: float | None = None
    values: dict[str, float] = field(default_factory=dict)
    duals: dict[str, float] = field(default_factory=dict)
    leaves_out_zeros: bool = False
    note: str = ""

    @property
    def termination(self) -> Termination | None:
        """Why the solver stopped; None where the file does not say."""
        return None if self.ending is None else self.ending.termination

    @property
    def has_values(self) -> bool:
        """Whether there are values of variables, which may all be zeros that are left out."""
        return bool(self.values) or (self.leaves_out_zeros and self.objective is not None)


class _UnreadableError(ValueError):
    """A line that does not fit the format."""


def read_solution_file(text: str, where: str) -> SolutionFile:
    r"""Return what a solution file says.

    Parameters
    ----------
    text
        Content of the file.
    where
        Its path, for errors.

    Raises
    ------
    InvalidInputError
        For files in none of the formats, with the line that does not fit.

    Examples
    --------
    >>> answer = read_solution_file("# Objective value = -0.5\ntrade_0 1\n", "trade.sol")
    >>> answer.source, answer.objective, answer.values
    ('names and values', -0.5, {'trade_0': 1.0})
    """
    text = text.removeprefix("\ufeff")  # which editors of some systems put before a text
    lines = text.splitlines()
    first = next((line.strip() for line in lines if line.strip()), "")
    try:
        if first == "Model status":
            return _highs(lines)
        if first == "Columns":
            return _highs_table(lines)
        if first.startswith(("solution status:", "objective value:")):
            return _scip(lines)
        if first.startswith(("<?xml", "<CPLEXSolution")):
            return _cplex(text)
        if any(line.startswith("SOLUTION STATUS ") for line in lines[:8]):
            return _mosek(lines)
        if any(line.strip() == "Options" for line in lines):
            return _ampl(lines)
        return _plain(lines)
    except (ValueError, LookupError, StopIteration, ElementTree.ParseError) as error:
        ends_early = isinstance(error, (LookupError, StopIteration))
        raise InvalidInputError(
            "not a solution that can be read",
            where=where,
            expected="what HiGHS, SCIP, CPLEX, Gurobi, MOSEK or a solver for AMPL writes",
            got="a file that lacks a part" if ends_early else str(error),
            remedy="With HiGHS, write it with --solution_file, in style 0 (raw).",
        ) from error


def _highs(lines: Sequence[str]) -> SolutionFile:
    """Read the raw style: sections of names and values."""
    stripped = [line.strip() for line in lines]
    how = _highs_ending(stripped[stripped.index("Model status") + 1])
    objective = None
    counted: list[tuple[dict[str, float], int]] = []
    values: dict[str, float] = {}
    duals: dict[str, float] = {}
    into: dict[str, float] | None = None
    part = ""
    for line in stripped:
        if line.startswith("# Primal solution"):
            part = "primal"
        elif line.startswith("# Dual solution"):
            part = "dual"
        elif line.startswith("# Basis"):
            break
        elif line.startswith(("# Columns", "# Rows")):
            wanted = {("primal", "# Columns"): values, ("dual", "# Rows"): duals}
            if line.endswith(" sparse"):
                raise _UnreadableError("the sparse style, which numbers what it names; use style 0")
            head, count = line.rsplit(" ", 1)
            into = wanted.get((part, head))
            if into is not None:
                counted.append((into, int(count)))
        elif line.startswith("Objective "):
            objective = _number(line.split()[1])
        elif into is not None and line:
            _add(into, line)
    for found, number in counted:
        if len(found) != number:
            raise _UnreadableError(f"{len(found)} values where {number} are announced")
    return SolutionFile("HiGHS", how, objective, values, duals)


def _highs_ending(said: str) -> Ending:
    if said not in HIGHS_IN_WORDS:
        raise _UnreadableError(f"the model status {said[:60]!r}")
    return ending(HIGHS_IN_WORDS, said)


def _highs_table(lines: Sequence[str]) -> SolutionFile:
    """Read the pretty style: two tables, with the name last, and then the status.

    An interior point has no basis, so that its rows have no status; a solver that found nothing
    leaves the values out.
    """
    words = dict(line.split(":", 1) for line in lines if line.startswith(("Model ", "Objective ")))
    if "Model status" not in words:
        raise _UnreadableError("a table that is not followed by the model's status")
    how = _highs_ending(words["Model status"].strip())
    values: dict[str, float] = {}
    duals: dict[str, float] = {}
    part = ""
    for line in lines:
        if line.strip() in {"Columns", "Rows"}:
            part = line.strip()
        fields = line.split()
        if not fields or not fields[0].isdigit():
            continue
        if len(fields) > 1 and fields[1] in HIGHS_BASIS:
            del fields[1]
        # The index, both bounds, what there is of primal and dual value, and the name.
        if not 4 <= len(fields) <= 6:
            raise _UnreadableError(f"the line {line.strip()[:60]!r}")
        if part == "Columns" and len(fields) > 4:
            _put(values, fields[-1], fields[3])
        elif part == "Rows" and len(fields) == 6:
            _put(duals, fields[-1], fields[4])
    objective = _number(words["Objective value"].strip()) if "Objective value" in words else None
    return SolutionFile("HiGHS", how, objective, values, duals, note=FEW_DIGITS)


def _scip(lines: Iterable[str]) -> SolutionFile:
    """Read names and values after a status and an objective; zeros are left out."""
    how, objective = None, None
    values: dict[str, float] = {}
    for line in lines:
        if line.startswith("solution status:"):
            how = ending(SCIP, line.partition(":")[2].strip())
        elif line.startswith("objective value:"):
            objective = _number(line.partition(":")[2].strip())
        elif line.startswith("no solution available"):
            continue
        elif line.strip():
            _add(values, line.partition("(obj:")[0])
    return SolutionFile("SCIP", how, objective, values, leaves_out_zeros=True)


def _cplex(text: str) -> SolutionFile:
    """Read CPLEX' XML."""
    # Entities can unfold to gigabytes, and no solver writes any.
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise _UnreadableError("a document with a type of its own")
    root = ElementTree.fromstring(text)
    header = root.find("header")
    said = {} if header is None else header.attrib
    how = ending(CPLEX, said.get("solutionStatusString", ""))
    values: dict[str, float] = {}
    duals: dict[str, float] = {}
    for variable in root.iter("variable"):
        _put(values, variable.attrib["name"], variable.attrib["value"])
    for row in root.iter("constraint"):
        if "dual" in row.attrib:
            _put(duals, row.attrib["name"], row.attrib["dual"])
    objective = _number(said["objectiveValue"]) if "objectiveValue" in said else None
    return SolutionFile("CPLEX", how, objective, values, duals)


def _mosek(lines: Sequence[str]) -> SolutionFile:
    """Read tables of affine conic constraints and of variables, by their index."""
    words = {
        line.partition(":")[0].strip(): line.partition(":")[2].strip()
        for line in lines
        if " : " in line
    }
    values: dict[str, float] = {}
    duals: dict[str, float] = {}
    part = ""
    for line in lines:
        fields = line.split()
        if line.strip() in {"CONSTRAINTS", "AFFINE CONIC CONSTRAINTS", "VARIABLES"}:
            part = line.strip()
        elif part == "VARIABLES" and fields and fields[0].isdigit():
            # Index, name, key, activity, and then bounds and multipliers.
            _put(values, f"x{int(fields[0])}", fields[3])
        elif part == "AFFINE CONIC CONSTRAINTS" and fields and fields[0].isdigit():
            # Index, name of the cone, place in the cone, activity, multiplier.
            _put(duals, f"c{int(fields[0])}", fields[4])
    if "VARIABLES" not in map(str.strip, lines):
        raise _UnreadableError("no table of variables")
    how = ending(MOSEK, words["SOLUTION STATUS"])
    return SolutionFile("MOSEK", how, _number(words["PRIMAL OBJECTIVE"]), values, duals)


def _ampl(lines: Sequence[str]) -> SolutionFile:
    """Read what a solver for AMPL writes: counts, multipliers, values, and a code."""
    rest = iter([line.strip() for line in lines[_line_of(lines, "Options") + 1 :]])
    num_options = int(next(rest))
    second = [next(rest), next(rest)][1]
    # With this option, two more are counted than there are, and a tolerance follows the sizes.
    has_tolerance = second == "3"
    for _ in range(num_options - (4 if has_tolerance else 2)):
        next(rest)
    _, num_duals, _, num_values = [int(next(rest)) for _ in range(4)]
    if has_tolerance:
        next(rest)
    duals = {f"c{k}": _number(next(rest)) for k in range(num_duals)}
    values = {f"x{k}": _number(next(rest)) for k in range(num_values)}
    how = None
    for line in rest:
        if line.startswith("objno"):
            code = int(line.split()[2])
            how = ending(AMPL, str(code // 100), f"solve code {code}")
    return SolutionFile("AMPL", how, None, values, duals)


def _line_of(lines: Sequence[str], word: str) -> int:
    return [line.strip() for line in lines].index(word)


def _plain(lines: Iterable[str]) -> SolutionFile:
    """Read names and values, with comments, as Gurobi writes them."""
    objective = None
    values: dict[str, float] = {}
    for line in lines:
        if line.startswith("#"):
            before, equals, after = line.partition("=")
            if equals and "objective value" in before.lower():
                objective = _number(after.strip())
        elif line.strip():
            _add(values, line)
    if not values:
        raise _UnreadableError("no names and values")
    return SolutionFile("names and values", None, objective, values)


def _add(into: dict[str, float], line: str) -> None:
    """Add a line of a name and a value."""
    fields = line.split()
    if len(fields) != 2:
        raise _UnreadableError(f"the line {line.strip()[:60]!r}")
    _put(into, fields[0], fields[1])


def _put(into: dict[str, float], name: str, value: str) -> None:
    if name in into:
        raise _UnreadableError(f"{name[:60]} twice")
    into[name] = _number(value)


def _number(text: str) -> float:
    # Python takes more for a number than solvers write: digits of other scripts, underscores.
    if not text.isascii() or "_" in text:
        raise _UnreadableError(f"the number {text[:60]}")
    try:
        value = float(text)
    except ValueError as error:
        raise _UnreadableError(f"{text[:60]!r} where a number is expected") from error
    if not math.isfinite(value):
        raise _UnreadableError(f"the number {text}")
    return value


def numbered(names: Iterable[str], letter: str) -> Iterator[tuple[str, str]]:
    """Yield what a file without names calls each entry, and its name.

    Examples
    --------
    >>> list(numbered(["trade_s0_b0"], "x"))
    [('x0', 'trade_s0_b0')]
    """
    for position, name in enumerate(names):
        yield f"{letter}{position}", name
