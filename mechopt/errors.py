"""Every error that mechopt raises on purpose derives from :class:`MechoptError`.

A message says what is wrong, where, what was expected, what was found, and what to do about it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

LARGEST_TOLERANCE = 1e-3
# Errors are read by people: what all faults of a file may say together, and one of them.
LONGEST_MESSAGE, LONGEST_FAULT = 4_000, 1_200


class MechoptError(Exception):
    """Base of all errors raised on purpose by mechopt."""


class InvalidInputError(MechoptError, ValueError):
    """An input that cannot be used as it stands.

    Parameters
    ----------
    what
        The fault, in a few words.
    where
        The argument or key at fault, such as ``"probabilities"``.
    expected, got
        What would have been accepted, and what was found.
    remedy
        What the caller can do.

    Examples
    --------
    >>> str(InvalidInputError("wrong sum", where="mass", expected="1", got="0.9", remedy="Fix it."))
    'mass: wrong sum (expected 1, got 0.9). Fix it.'
    """

    def __init__(self, what: str, *, where: str, expected: str, got: str, remedy: str) -> None:
        self.what = what
        self.where = where
        self.expected = expected
        self.got = got
        self.remedy = remedy
        super().__init__(f"{where}: {self.detail}")

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions are made again from their arguments when they come back from a process.
        parts = (self.what, self.where, self.expected, self.got, self.remedy)
        return _invalid_input_again, (type(self), *parts)

    @property
    def detail(self) -> str:
        """The message without the place, for callers that name the place better."""
        return f"{self.what} (expected {self.expected}, got {self.got}). {self.remedy}"

    def within(self, place: object) -> InvalidInputError:
        """Return the same fault with the place, such as a file, that its own place is in.

        Examples
        --------
        >>> fault = InvalidInputError("no", where="mass", expected="1", got="2", remedy="Fix it.")
        >>> fault.within("prior.json").where
        'prior.json, mass'
        """
        where = f"{place}, {self.where}"
        parts = {"expected": self.expected, "got": self.got, "remedy": self.remedy}
        return InvalidInputError(self.what, where=where, **parts)


def _invalid_input_again(
    kind: type[InvalidInputError], what: str, where: str, expected: str, got: str, remedy: str
) -> InvalidInputError:
    return kind(what, where=where, expected=expected, got=got, remedy=remedy)


def require(value: object, kind: type | tuple[type, ...], *, where: str, remedy: str) -> None:
    """Raise :class:`InvalidInputError` unless ``value`` is of a kind.

    Examples
    --------
    >>> require(3, str, where="name", remedy="Put it in quotes.")
    Traceback (most recent call last):
        ...
    mechopt.errors.InvalidInputError: name: of the wrong kind (expected a str, got 3, an int)...
    """
    if isinstance(value, kind):
        return
    kinds = kind if isinstance(kind, tuple) else (kind,)
    text = " ".join(str(value).split())
    raise InvalidInputError(
        "of the wrong kind",
        where=where,
        expected=" or ".join(_with_article(k.__name__) for k in kinds),
        got=f"{text[:60]}{'...' if len(text) > 60 else ''}, {_with_article(type(value).__name__)}",
        remedy=remedy,
    )


def _with_article(name: str) -> str:
    return f"{'an' if name[0] in 'AEIOUaeio' else 'a'} {name}"


def require_tolerance(tolerance: object) -> None:
    """Raise :class:`InvalidInputError` unless this is a number above 0 and at most 0.001."""
    number = isinstance(tolerance, (int, float)) and not isinstance(tolerance, bool)
    if number and 0.0 < float(tolerance) <= LARGEST_TOLERANCE:  # type: ignore[arg-type]
        return
    raise InvalidInputError(
        "not a tolerance",
        where="tolerance",
        expected=f"a number above 0 and at most {LARGEST_TOLERANCE:g}",
        got=repr(tolerance),
        remedy="Leave it out for the default.",
    )


def require_factor(factor: object, *, where: str, remedy: str) -> None:
    """Raise :class:`InvalidInputError` unless this is a factor of a change of units.

    Examples
    --------
    >>> require_factor(0.0, where="factor", remedy="Give another.")
    Traceback (most recent call last):
        ...
    mechopt.errors.InvalidInputError: factor: not the factor of a change of units (expected a fi...
    """
    number = isinstance(factor, (int, float)) and not isinstance(factor, bool)
    if number and 0.0 < float(factor) < math.inf:  # type: ignore[arg-type]
        return
    raise InvalidInputError(
        "not the factor of a change of units",
        where=where,
        expected="a finite number above 0",
        got=repr(factor)[:60],
        remedy=remedy,
    )


class InstanceError(MechoptError):
    """An instance file with one or more faults, all of them reported.

    Parameters
    ----------
    path
        The file.
    faults
        One line per fault, each beginning with its key. The message shows as many as are readable,
        and how many more there are; the attribute of this name has all.

    Examples
    --------
    >>> print(InstanceError("trade.toml", ["problem.objective: missing"]))
    trade.toml: 1 fault
      problem.objective: missing
    """

    def __init__(self, path: str, faults: Sequence[str]) -> None:
        self.path = path
        self.faults = tuple(faults)
        plural = "fault" if len(self.faults) == 1 else "faults"
        lines, room = [], LONGEST_MESSAGE
        for fault in self.faults:
            line = fault if len(fault) <= LONGEST_FAULT else f"{fault[: LONGEST_FAULT - 3]}..."
            room -= len(line)
            if room < 0:
                break
            lines.append(f"\n  {line}")
        more = len(self.faults) - len(lines)
        if more:
            lines.append(f"\n  and {more:,} more")
        super().__init__(f"{path}: {len(self.faults):,} {plural}{''.join(lines)}")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.path, self.faults)


class UnsupportedProblemError(MechoptError):
    """A backend was asked for a problem that it does not accept; the message says why."""


class NotOptimalError(MechoptError):
    """The program has no optimal solution, or none was found within the limits.

    Attributes
    ----------
    solution
        What the backend found out, a certificate of infeasibility included where there is one.
    """

    def __init__(self, message: str, solution: object) -> None:
        self.solution = solution
        super().__init__(message)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self.solution)


class AuditError(MechoptError):
    """A mechanism that breaks a requirement, or a solution that misreports a number."""


class MissingExtraError(MechoptError, ImportError):
    """Something was asked for that needs a package which is not installed.

    Parameters
    ----------
    what
        What was asked for, as the subject of a sentence.
    package
        The package that it needs.
    extra
        The extra of mechopt that brings the package.

    Examples
    --------
    >>> print(MissingExtraError("a picture", "matplotlib", "plot"))
    a picture needs the package matplotlib, which is not installed. Install it with: pip install
    'mechopt[plot]' (in a checkout of mechopt: pip install '.[plot]')
    """

    def __init__(self, what: str, package: str, extra: str) -> None:
        self.what = what
        self.package = package
        self.extra = extra
        super().__init__(
            f"{what} needs the package {package}, which is not installed. "
            f"Install it with: pip install 'mechopt[{extra}]' "
            f"(in a checkout of mechopt: pip install '.[{extra}]')"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.what, self.package, self.extra)


def require_extra(package: str, extra: str, what: str) -> None:
    """Raise :class:`MissingExtraError` unless a package of an extra is installed.

    Examples
    --------
    >>> require_extra("no_such_package", "plot", "a picture")
    Traceback (most recent call last):
        ...
    mechopt.errors.MissingExtraError: a picture needs the package no_such_package, which is not...
    """
    from importlib.util import find_spec

    if find_spec(package) is None:
        raise MissingExtraError(what, package, extra)


class TooLargeError(MemoryError, MechoptError):
    """An array over all type profiles was asked for that would not fit."""
