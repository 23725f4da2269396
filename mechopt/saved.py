"""Solutions as files: what is written, and what of it is believed.

A file has exactly the keys that it is written with, and a digest of all that it says. A digest
shows that a file changed; who changes a file can compute it again, so that nothing in a file is
believed for it: :func:`mechopt.audit` computes everything from the problem's data.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mechopt._util.arrays import shown
from mechopt._util.files import read_text, write_whole
from mechopt._util.packed_arrays import PackedArrays
from mechopt._util.registry import Known
from mechopt._util.rounding import finite_or_none
from mechopt._util.saving import decode, encode
from mechopt.errors import InvalidInputError, require
from mechopt.mechanism.mechanism import Mechanism
from mechopt.problem.problem import DesignProblem
from mechopt.solution import Limit, PointStatus, Solution, Termination

FORMAT = "mechopt-solution"
FORMAT_VERSION = 4
# Version 3 is the same with all arrays in digits.
READ_VERSIONS = (3, FORMAT_VERSION)
# Where mechopt's own classes are registered; modules are imported when a file names their class.
HOMES = (
    "mechopt.types", "mechopt.environments", "mechopt.problem", "mechopt.mechanism",
    "mechopt.solution",
)  # fmt: skip
MAX_SAVED_PAYMENTS = 1_000_000
KEYS = (
    "format", "format_version", "problem", "fingerprint", "objective", "bound", "termination",
    "limit", "detail", "primal_status", "dual_status", "mechanism", "duals", "alpha",
    "statistics", "provenance", "digest",
)  # fmt: skip
# Where the bytes of large arrays stand, by their digests.
ARRAYS = "arrays"
MECHANISM_KEYS = ("allocation", "payment", "ex_post_payment")


def save_solution(solution: Solution, path: str | Path) -> None:
    """Write a solution with its problem as JSON, for :func:`load_solution`.

    The file appears whole or not at all. Ex post payments are written out where there are at
    most a million of them.

    Parameters
    ----------
    solution
        The solution; of what :func:`mechopt.peski2024.player_1_gap` returned, its ``solution``.
    path
        The file; one that is there is replaced.

    Raises
    ------
    InvalidInputError
        If the file cannot be written, or holds an object of a class of yours that would not
        come back as it is; see :mod:`mechopt._util.saving`.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency, load_solution, solve
    >>> types = TypeSpace.finite([0, 1])
    >>> with TemporaryDirectory() as folder:
    ...     save_solution(solve(ex_ante_efficiency(BilateralTrade(types, types))), f"{folder}/a")
    ...     load_solution(f"{folder}/a").objective
    0.25
    """
    require(solution, Solution, where="solution", remedy="Pass what solve(problem) returned.")
    write_whole(path, text_of(solution))


def text_of(solution: Solution) -> str:
    """Return a solution as the text of a file.

    Raises
    ------
    InvalidInputError
        For what would not come back as it is; see :func:`mechopt._util.saving.encode`.
    """
    mechanism = solution.mechanism
    if mechanism is not None:
        environment = mechanism.environment
        if environment.has_few_profiles(MAX_SAVED_PAYMENTS // len(environment.agents)):
            mechanism = mechanism.with_ex_post_payments()
    arrays = PackedArrays()
    content = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "problem": encode(solution.problem, arrays),
        "fingerprint": solution.problem.fingerprint,
        "objective": finite_or_none(solution.objective),
        "bound": finite_or_none(solution.bound),
        "termination": solution.termination.value,
        "limit": None if solution.limit is None else solution.limit.value,
        "detail": solution.detail,
        "primal_status": solution.primal_status.value,
        "dual_status": solution.dual_status.value,
        "mechanism": None
        if mechanism is None
        else {name: encode(getattr(mechanism, name), arrays) for name in MECHANISM_KEYS},
        "duals": encode(solution.duals, arrays),
        "alpha": None if solution.alpha is None else finite_or_none(solution.alpha),
        "statistics": encode(solution.statistics),
        "provenance": encode(solution.provenance),
    }
    text = json.dumps({**content, "digest": digest_of(content)}, allow_nan=False)
    # Base64 needs none of the care that JSON takes of texts.
    table = ", ".join(f'"{digest}": "{packed}"' for digest, packed in arrays.texts.items())
    return f'{text[:-1]}, "{ARRAYS}": {{{table}}}}}'


def digest_of(content: Mapping[str, Any]) -> str:
    """Return a SHA-256 of all that a file says, its digest apart.

    Large arrays are in it by their own digests, which are compared with them when they are read.

    Examples
    --------
    >>> digest_of({"objective": 0.5}) == digest_of({"digest": "any", "objective": 0.5})
    True
    """
    said = {key: value for key, value in content.items() if key not in ("digest", ARRAYS)}
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def parsed(text: str) -> Any:
    """Return what JSON says, and nothing that is not JSON: no NaN, and no key twice.

    Raises
    ------
    ValueError
        For anything else, nesting beyond all measure included.

    Examples
    --------
    >>> parsed('{"a": 1, "a": 2}')
    Traceback (most recent call last):
        ...
    ValueError: the key 'a' twice
    """
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("brackets within brackets without end") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {shown(repr(twice))} twice")
    return found


def _no_number(name: str) -> Any:
    raise ValueError(f"{name}, which is no number")


def require_keys(content: object, keys: Iterable[str]) -> None:
    """Raise ValueError unless this is an object with exactly these keys.

    Examples
    --------
    >>> require_keys({"point": 1, "colour": 2}, ("point", "row"))
    Traceback (most recent call last):
        ...
    ValueError: nothing under the key 'row'
    """
    if not isinstance(content, dict):
        raise ValueError(f"{shown(repr(content))} instead of an object")  # noqa: TRY004
    for key in keys:
        if key not in content:
            raise ValueError(f"nothing under the key {key!r}")
    unknown = sorted(set(content) - set(keys))
    if unknown:
        raise ValueError(f"the unknown key {shown(repr(unknown[0]))}")


def load_solution(path: str | Path, classes: Iterable[type] = ()) -> Solution:
    """Read a solution that :func:`save_solution` wrote.

    Nothing in it is trusted: audit it with :func:`mechopt.audit`.

    Parameters
    ----------
    path
        The file.
    classes
        Classes of yours that stand in it, such as a kind of outcome. Those that extend one of
        mechopt's, and those with a name by :func:`mechopt.saved_as`, are found without once their
        module is imported.

    Returns
    -------
    Solution
        With ``unaltered`` false, and an audit that fails, if the file changed since it was saved.

    Raises
    ------
    InvalidInputError
        For a file that cannot be read, is not a saved solution, or holds a class that is not known.
    """
    known = saved_classes(classes)
    try:
        content = parsed(read_text(path))
    except ValueError as error:
        if isinstance(error, InvalidInputError):
            raise
        raise _not_a_solution(path, f"no JSON: {shown(error)}") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise _not_a_solution(path, "no format field that says so")
    if content.get("format_version") not in READ_VERSIONS:
        raise _not_a_solution(path, f"format version {shown(content.get('format_version'))}")
    try:
        require_keys(content, KEYS if content["format_version"] == 3 else (*KEYS, ARRAYS))
        return _solution_of(content, known)
    except InvalidInputError as error:
        raise error.within(path) from error
    except (TypeError, ValueError, ArithmeticError, AttributeError, LookupError) as error:
        raise _not_a_solution(path, shown(error)) from error
    except RecursionError as error:
        raise _not_a_solution(path, "brackets within brackets without end") from error


def _solution_of(content: Mapping[str, Any], known: Known) -> Solution:
    arrays = PackedArrays(content.get(ARRAYS))
    problem = decode(content["problem"], known, arrays)
    if not isinstance(problem, DesignProblem):
        raise TypeError(f"a problem that is a {type(problem).__name__}")
    stored = content["mechanism"]
    mechanism = None
    if stored is not None:
        require_keys(stored, MECHANISM_KEYS)
        parts = {key: decode(value, known, arrays) for key, value in stored.items()}
        mechanism = Mechanism(environment=problem.environment, **parts)
    duals = decode(content["duals"], known, arrays)
    arrays.require_all_used()
    if not isinstance(duals, dict):
        raise TypeError("multipliers that have no names")
    return Solution(
        problem=problem,
        objective=_number(content, "objective"),
        bound=_number(content, "bound"),
        termination=Termination(content["termination"]),
        limit=None if content["limit"] is None else Limit(content["limit"]),
        detail=content["detail"],
        primal_status=PointStatus(content["primal_status"]),
        dual_status=PointStatus(content["dual_status"]),
        mechanism=mechanism,
        duals=duals,
        alpha=None if content["alpha"] is None else _number(content, "alpha"),
        statistics=decode(content["statistics"], known),
        provenance=decode(content["provenance"], known),
        fingerprint=_hex(content["fingerprint"]),
        unaltered=content["digest"] == digest_of(content),
    )


def saved_classes(classes: Iterable[type] = ()) -> Known:
    """Return what may stand in a saved file: mechopt's own classes, and users'.

    Users' classes are those that are given, those that :func:`mechopt.saved_as` registered, and
    those that extend one of mechopt's and whose module is imported.

    Raises
    ------
    InvalidInputError
        As :class:`mechopt._util.registry.Known`.

    Examples
    --------
    >>> saved_classes().class_of("mechopt.Trade@1")
    <class 'mechopt.environments.trade.Trade'>
    """
    return Known(classes, HOMES)


def _hex(value: object) -> str:
    if not isinstance(value, str) or len(value) != 64:
        raise TypeError(f"a fingerprint that is no SHA-256: {shown(repr(value))}")
    return value


def _number(content: Mapping[str, Any], key: str) -> float:
    value = content[key]
    if value is None:
        return math.nan
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{key} is not a number: {shown(repr(value))}")
    return float(value)


def _not_a_solution(path: str | Path, got: str) -> InvalidInputError:
    instance = Path(path) if Path(path).suffix.lower() == ".toml" else Path("FILE.toml")
    solved = instance.with_suffix(".json")
    return InvalidInputError(
        "not a saved solution",
        where=str(path),
        expected="a JSON file that mechopt wrote",
        got=got,
        remedy=f"Write one with `mechopt solve {instance} --output {solved}`, or in Python with "
        "save_solution(solution, path).",
    )
