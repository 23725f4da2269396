"""How probable events have to be: a floor or a cap on what happens, for all types or for some."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mechopt._util.arrays import shown
from mechopt._util.given import is_real
from mechopt._util.rationals import as_fraction
from mechopt._util.registry import saved_as
from mechopt.environments import Environment
from mechopt.errors import InvalidInputError
from mechopt.mechanism.check import Check
from mechopt.mechanism.mechanism import Mechanism
from mechopt.problem.frame import Frame
from mechopt.problem.linear import Linear, Meaning, NumberArray, Rows
from mechopt.problem.requirement import Requirement

ROUNDING = 64 * float(np.finfo(np.float64).eps)


@saved_as("mechopt.EventProbability")
@dataclass(frozen=True)
class EventProbability(Requirement):
    """An outcome is expected at least, or at most, this much, given some of the types.

    Parameters
    ----------
    variable
        A variable of the outcome, such as ``"trade"``.
    at_least, at_most
        Its expectation given that types are in the sets named; a number, a fraction, a text
        such as ``"1/3"``, or None.
    types
        By agent, positions of the types that count; all types of agents left out.
    name
        Name of the rows, an identifier.

    Raises
    ------
    InvalidInputError
        If neither bound is given, or names, types or numbers do not fit.

    Examples
    --------
    >>> from mechopt import BilateralTrade, DesignProblem, TypeSpace, Welfare, solve
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> often = EventProbability("trade", at_least=0.5, types={"buyer": (2,)})
    >>> trade = BilateralTrade(types, types)
    >>> problem = DesignProblem(trade, Welfare((1, 1)), requirements=(often,))
    >>> round(solve(problem).objective, 6) < 0.925926  # what it is without
    True
    """

    variable: str
    at_least: float | None = None
    at_most: float | None = None
    types: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    name: str = "probability"

    def __post_init__(self) -> None:
        for end in ("at_least", "at_most"):
            if isinstance(getattr(self, end), str):
                with suppress(InvalidInputError):
                    object.__setattr__(self, end, as_fraction(getattr(self, end)))
        given = [bound for bound in (self.at_least, self.at_most) if bound is not None]
        if not given or not all(is_real(b) and np.isfinite(float(b)) for b in given):
            raise InvalidInputError(
                "not a bound on an event",
                where="at_least",
                expected="a finite number for at_least, at_most or both",
                got=shown(f"{self.at_least!r} and {self.at_most!r}"),
                remedy="Give a probability.",
            )
        object.__setattr__(
            self, "types", {agent: _places(agent, cells) for agent, cells in self.types.items()}
        )

    @property
    def in_words(self) -> str:
        """Which outcome, and its bounds."""
        bounds = ((self.at_least, "at least"), (self.at_most, "at most"))
        given = " and ".join(f"{word} {b}" for b, word in bounds if b is not None)
        whose = " and ".join(name.replace("_", " ") for name in self.types)
        some = f" for some types of {whose}" if whose else ""
        return f"{self.variable.replace('_', ' ')} {given} on average{some}"

    def validate(self, environment: Environment) -> None:
        """Raise InvalidInputError unless variable, agents and types exist."""
        names = environment.outcomes.variables
        if self.variable not in names:
            raise InvalidInputError(
                "no such outcome",
                where="variable",
                expected=" or ".join(names),
                got=shown(repr(self.variable)),
                remedy="Name a variable of the outcomes.",
            )
        place = names.index(self.variable)
        least, most = (
            float(x[place]) for x in (environment.outcomes.lower, environment.outcomes.upper)
        )
        for where, bound in (("at_least", self.at_least), ("at_most", self.at_most)):
            if bound is not None and not least <= float(bound) <= most:
                raise InvalidInputError(
                    f"beyond what {self.variable.replace('_', ' ')} can be",
                    where=where,
                    expected=f"from {least:.9g} to {most:.9g}",
                    got=f"{float(bound):.9g}",
                    remedy="Correct it, or leave it out if it asks for nothing.",
                )
        for agent, cells in self.types.items():
            size = environment.shape[environment.index_of(agent)]
            if not cells or not all(0 <= k < size for k in cells):
                raise InvalidInputError(
                    "no such types",
                    where=f"types of {agent}",
                    expected=f"positions from 0 to {size - 1}",
                    got=shown(repr(cells)),
                    remedy="Count types from 0.",
                )
        # Independent types may all meet, however rarely; only a joint prior rules profiles out.
        prior = environment.prior
        if prior is not None and not (prior.density()[self._inside(environment)] > 0.0).any():
            raise InvalidInputError(
                "types that never meet",
                where="types",
                expected="types that the joint prior gives a positive probability together",
                got=" and ".join(f"{agent} {list(cells)}" for agent, cells in self.types.items()),
                remedy="Name other types; nothing can be expected of what never happens.",
            )

    def rows(self, frame: Frame) -> Iterator[Rows]:
        """Yield a row for each of the two bounds that is given."""
        inside = self._inside(frame.environment).ravel()
        density = frame.numbers.density * np.where(inside, frame.numbers.one, 0 * frame.numbers.one)
        # Given the types, or what rare ones do would be within a solver's tolerance.
        expected = frame.outcome(self.variable).sum(density / density.sum())
        for end, bound, sign in (("floor", self.at_least, 1), ("cap", self.at_most, -1)):
            if bound is None:
                continue
            relation = ">=" if sign > 0 else "<="
            given = ", ".join(
                f"t_{{{name}}} ∈ {{{', '.join(map(str, cells))}}}"
                for name, cells in self.types.items()
            )
            meaning = Meaning(
                f"how much {self.variable.replace('_', ' ')} is expected"
                f"{', given these types' if given else ''}",
                f"E[{self.variable}(t){f' | {given}' if given else ''}] {relation} {bound}",
            )
            left: Linear = expected if sign > 0 else -expected
            level: NumberArray = np.array([sign * frame.numbers.number(bound)])
            yield Rows(f"{self.name}_{end}", (), left, meaning, level, shape=(1,), in_money=False)

    def checks(
        self, environment: Environment, mechanism: Mechanism, tolerance: float
    ) -> Iterator[Check]:
        """Average the outcome over the profiles named."""
        inside = self._inside(environment)
        v = environment.outcomes.variables.index(self.variable)
        values = mechanism.allocation.dense(environment)[v]
        weight = environment.belief.density() * inside
        expected = float((weight * values).sum() / weight.sum())
        for bound, sign, word in ((self.at_least, 1.0, "least"), (self.at_most, -1.0, "most")):
            if bound is not None:
                short = sign * (float(bound) - expected)
                beyond = max(short - ROUNDING * max(1.0, abs(float(bound))), 0.0)
                where = f"expected {expected:.9g}, at {word} {float(bound):.9g} required"
                yield Check(f"{self.name} of {self.variable}", short, beyond, tolerance, where)

    def _inside(self, environment: Environment) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        """Return which profiles count."""
        inside = np.ones(environment.shape, dtype=bool)
        for agent, cells in self.types.items():
            i = environment.index_of(agent)
            chosen = np.zeros(environment.shape[i], dtype=bool)
            chosen[list(cells)] = True
            shape = [1] * inside.ndim
            shape[i] = chosen.size
            inside = inside & chosen.reshape(shape)
        return inside


def _places(agent: str, cells: Any) -> tuple[int, ...]:
    """Return positions of types, as whole numbers."""
    found = tuple(cells) if isinstance(cells, Iterable) and not isinstance(cells, str) else ()
    if found and all(isinstance(k, (int, np.integer)) and not isinstance(k, bool) for k in found):
        return tuple(int(k) for k in found)
    raise InvalidInputError(
        "not the positions of types",
        where=f"types of {agent}",
        expected="whole numbers, counted from 0, such as (2,)",
        got=shown(repr(cells)),
        remedy="Name one or more of them in a list.",
    )
