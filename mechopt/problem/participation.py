"""Participation: every type gets at least what it can have otherwise, on average or always."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from mechopt._util.arrays import FloatArray, frozen, in_blocks, repeated
from mechopt._util.given import real_array
from mechopt._util.rationals import (
    FractionArray,
    as_fraction,
    fraction_array,
    require_agreement,
    scale_factor,
)
from mechopt._util.registry import saved_as
from mechopt._util.rounding import entry_in_figures
from mechopt._util.saving import LATER, ByContent
from mechopt.environments import Agent, Environment
from mechopt.errors import InvalidInputError
from mechopt.mechanism.by_others import (
    payment_by_others,
    profile_by_others,
    quantity_by_others,
)
from mechopt.mechanism.check import Check
from mechopt.mechanism.mechanism import Mechanism
from mechopt.mechanism.money import EPS, own_stakes, profile_text
from mechopt.problem.frame import Frame
from mechopt.problem.linear import Meaning, Rows
from mechopt.problem.requirement import Requirement
from mechopt.problem.wording import ENDS
from mechopt.types.prior import own_first


@saved_as("mechopt.InterimParticipation")
@dataclass(frozen=True)
class InterimParticipation(Requirement):
    """Every type of an agent gets at least its outside option, knowing only its own type.

    Parameters
    ----------
    agent
        The agent's name.

    Notes
    -----
    Source: theory.md, section 1.

    Examples
    --------
    >>> InterimParticipation("buyer").by_profile
    False
    """

    agent: str

    def validate(self, environment: Environment) -> None:
        """Raise InvalidInputError if there is no such agent."""
        environment.index_of(self.agent)

    def rows(self, frame: Frame) -> Iterator[Rows]:
        """Yield one row for the lowest type of each cell, and one for the highest of wide cells."""
        i = frame.agent(self.agent)
        numbers = frame.numbers.agents[i]
        options = {"lower": numbers.option_lower, "upper": numbers.option_upper}
        yield from _takes_part(frame, i, f"{self.agent}_participation", options, "o")

    def checks(
        self, environment: Environment, mechanism: Mechanism, tolerance: float
    ) -> Iterator[Check]:
        """Compare what both ends of every cell expect with what they have by staying out."""
        i = environment.index_of(self.agent)
        options = environment.agents[i].option_at_ends
        yield _check_levels(
            environment, mechanism, i, options, tolerance,
            f"participation of {self.agent}", "its outside option",
        )  # fmt: skip


@saved_as("mechopt.ExPostParticipation")
@dataclass(frozen=True)
class ExPostParticipation(Requirement):
    """No type of an agent regrets taking part, whatever the others' types turn out to be.

    Parameters
    ----------
    agent
        The agent's name.

    Notes
    -----
    Source: theory.md, section 1.1.

    Examples
    --------
    >>> ExPostParticipation("buyer").by_profile
    True
    """

    agent: str

    @property
    def by_profile(self) -> bool:
        """Payments of every profile count."""
        return True

    def validate(self, environment: Environment) -> None:
        """Raise InvalidInputError if there is no such agent."""
        environment.index_of(self.agent)

    def rows(self, frame: Frame) -> Iterator[Rows]:
        """Yield a row for both ends of the own cell in every profile."""
        i = frame.agent(self.agent)
        numbers = frame.numbers.agents[i]
        levels = {"lower": numbers.option_lower, "upper": numbers.option_upper}
        what = "does not regret taking part", "o"
        yield from rows_in_every_profile(frame, i, f"{self.agent}_ex_post", levels, what)

    def checks(
        self, environment: Environment, mechanism: Mechanism, tolerance: float
    ) -> Iterator[Check]:
        """Compare what both ends of the own cell get in every profile with the outside option."""
        i = environment.index_of(self.agent)
        yield check_in_every_profile(
            environment, mechanism, i, environment.agents[i].option_at_ends, tolerance,
            f"ex post participation of {self.agent}", "its outside option",
        )  # fmt: skip


@saved_as("mechopt.UtilityFloor")
@dataclass(frozen=True, eq=False)
class UtilityFloor(ByContent, Requirement):
    """Types of an agent get at least given utilities, knowing only their own type.

    Parameters
    ----------
    agent
        The agent's name.
    lower, upper : arrays of shape (num_cells,)
        The least utility of the lowest and of the highest type of each cell, in money; minus
        infinity where nothing is required. ``upper`` is that of ``lower`` unless given. Exact
        optima take fractions and texts such as ``"1/3"`` as what they say, and floats as the
        decimals that they print as.
    name
        Name of the rows after the agent's.
    exact
        The fractions of ``lower`` and ``upper`` that floats round, None where nothing is required;
        made from these two unless given.

    Raises
    ------
    InvalidInputError
        For numbers that are no money, and arrays that do not fit the environment.

    Examples
    --------
    >>> floor = UtilityFloor("buyer", [-np.inf, 0.25])
    >>> floor.scaled(4.0).lower
    array([-inf,   1.])
    >>> UtilityFloor("buyer", ["1/3", 0]).in_fractions[0].tolist()
    [Fraction(1, 3), Fraction(0, 1)]
    """

    agent: str
    lower: FloatArray
    upper: FloatArray | None = None
    name: str = field(default="utility")
    exact: tuple[tuple[Fraction | None, ...], ...] | None = field(
        default=None, repr=False, metadata={LATER: True}
    )

    def __post_init__(self) -> None:
        given = [self.lower, self.lower if self.upper is None else self.upper]
        for part, values in zip(("lower", "upper"), given, strict=True):
            array = frozen(real_array(values, part))
            if np.isnan(array).any() or (array == np.inf).any():
                raise InvalidInputError(
                    "not a floor of utilities",
                    where=part,
                    expected="money, or minus infinity where nothing is required",
                    got=str(array[np.isnan(array) | (array == np.inf)][0]),
                    remedy="Give one number per type.",
                )
            object.__setattr__(self, part, array)
        floats = (self.lower, self.at_upper)
        if self.exact is not None:
            for part, array, numbers in zip(("lower", "upper"), floats, self.exact, strict=True):
                _require_same(part, numbers, array)
        elif not all(isinstance(values, np.ndarray) and values.dtype != object for values in given):
            exact = tuple(map(_fractions_of, given))
            if exact != tuple(map(_fractions_of, floats)):
                object.__setattr__(self, "exact", exact)

    @property
    def in_fractions(self) -> tuple[FractionArray, FractionArray]:
        """The floors of both ends with nothing rounded, zero where nothing is required."""
        if self.exact is not None:
            lower, upper = self.exact
        else:
            lower, upper = _fractions_of(self.lower), _fractions_of(self.at_upper)
        nothing = Fraction(0)
        return (
            fraction_array(number or nothing for number in lower),
            fraction_array(number or nothing for number in upper),
        )

    @property
    def in_words(self) -> str:
        """Whose utility has a floor."""
        numbers = {n for end in (self.lower, self.at_upper) for n in end.tolist()}
        if len(numbers) > 1 or not np.isfinite(self.lower).all():
            return f"a least {self.name} of {self.agent}"
        return f"{self.name} of {self.agent} at least {self.in_fractions[0][0]}"

    def validate(self, environment: Environment) -> None:
        """Raise InvalidInputError if agent or arrays do not fit."""
        size = environment.shape[environment.index_of(self.agent)]
        for part in ("lower", "upper"):
            if getattr(self, part).shape != (size,):
                raise InvalidInputError(
                    "a floor of utilities that does not fit the agent",
                    where=part,
                    expected=f"{size} numbers, one per type of {self.agent}",
                    got=f"shape {getattr(self, part).shape}",
                    remedy="Give one number per type.",
                )

    def rows(self, frame: Frame) -> Iterator[Rows]:
        """Yield one row per type that has a floor."""
        values: Any = self.in_fractions if frame.numbers.exact else (self.lower, self.at_upper)
        levels = dict(zip(("lower", "upper"), values, strict=True))
        wanted = {"lower": np.isfinite(self.lower), "upper": np.isfinite(self.at_upper)}
        i = frame.agent(self.agent)
        yield from _takes_part(frame, i, f"{self.agent}_{self.name}", levels, "g", wanted)

    def checks(
        self, environment: Environment, mechanism: Mechanism, tolerance: float
    ) -> Iterator[Check]:
        """Compare what both ends of every cell expect with their floors."""
        i = environment.index_of(self.agent)
        yield _check_levels(
            environment, mechanism, i, (self.lower, self.at_upper), tolerance,
            f"least {self.name} of {self.agent}", "what it must get",
        )  # fmt: skip

    def scaled(self, factor: float) -> UtilityFloor:
        """Return the same floors in another unit of money."""
        if self.exact is None and abs(math.frexp(factor)[0]) == 0.5:
            # A power of two rounds no float.
            return replace(self, lower=factor * self.lower, upper=factor * self.at_upper)
        unit = scale_factor(factor)
        ends: list[Any] = [
            [
                unit * number if known else -np.inf
                for number, known in zip(exact, given, strict=True)
            ]
            for exact, given in zip(
                self.in_fractions,
                (np.isfinite(self.lower), np.isfinite(self.at_upper)),
                strict=True,
            )
        ]
        return UtilityFloor(self.agent, ends[0], ends[1], self.name)

    @property
    def at_upper(self) -> FloatArray:
        """The least utility of the highest type of each cell."""
        return self.lower if self.upper is None else self.upper


def _fractions_of(values: Any) -> tuple[Fraction | None, ...]:
    """Return floors with nothing rounded, None where nothing is required."""
    entries = np.asarray(values, dtype=object).ravel().tolist()
    return tuple(
        None if isinstance(entry, (float, np.floating)) and np.isinf(entry) else as_fraction(entry)
        for entry in entries
    )


def _require_same(part: str, numbers: Sequence[Fraction | None], floats: FloatArray) -> None:
    """Raise InvalidInputError unless fractions, say of a saved file, are what the floats round."""
    known = np.isfinite(floats)
    same = [number is not None for number in numbers] == known.tolist()
    stated = [number for number in numbers if number is not None]
    require_agreement(part, stated if same else [], floats[known])


def _takes_part(
    frame: Frame,
    i: int,
    name: str,
    levels: dict[str, Any],
    level: str,
    wanted: dict[str, np.ndarray[Any, Any]] | None = None,
) -> Iterator[Rows]:
    """Yield rows for the lowest type of each cell, and for the highest of cells with width."""
    numbers = frame.numbers.agents[i]
    payment, size, words = frame.payment(i), frame.shape[i], frame.words(i)
    for end, word, letter in ENDS[: len(numbers.ends)]:
        chosen = np.ones(size, dtype=bool) if wanted is None else wanted[end]
        if end == "upper":
            chosen = chosen & (numbers.upper > numbers.lower).astype(bool)
        entries = np.flatnonzero(chosen)
        if not entries.size:
            continue
        left = frame.value(i, end) - payment
        complete = entries.size == size and end == "lower"
        who = words.type(word)
        meaning = Meaning(
            f"{who} {'takes part' if wanted is None else 'gets at least its floor'}",
            f"{words.value(letter)} - T_{{i,k}} >= {words.level(level, letter)}",
            "1",
        )
        yield Rows(
            f"{name}_{end}",
            (frame.names[i],),
            left if complete else left[entries],
            meaning,
            levels[end] if complete else levels[end][entries],
            entries=None if complete else entries,
            full_size=None if complete else size,
        )


def rows_in_every_profile(
    frame: Frame, i: int, name: str, levels: dict[str, Any], what: tuple[str, str]
) -> Iterator[Rows]:
    """Yield rows that utilities in every profile are not below levels, for both ends of cells."""
    profiles = frame.own_first(i)
    others = profiles.shape[1]
    own = np.arange(len(profiles)).repeat(others)
    payment = frame.payment_in_profile(i)[profiles.ravel()]
    verb, level = what
    words = frame.words(i)
    numbers = frame.numbers.agents[i]
    for end, word, letter in ENDS[: len(numbers.ends)]:
        least = words.level(level, letter)
        meaning = Meaning(
            f"in every profile, {words.type(word)} {verb}",
            f"{words.utility(letter)} >= {least}",
            "1.1",
        )
        yield Rows(
            f"{name}_{end}",
            frame.axes_own_first(i),
            frame.value_in_profile(i, own, profiles.ravel(), end) - payment,
            meaning,
            np.repeat(levels[end], others),
            shape=frame.shape_own_first(i),
        )


def check_in_every_profile(
    environment: Environment,
    mechanism: Mechanism,
    i: int,
    levels: tuple[FloatArray, FloatArray],
    tolerance: float,
    requirement: str,
    what: str,
) -> Check:
    """Check that both ends of every cell get at least given levels in every profile."""
    agent = environment.agents[i]
    payment = payment_by_others(mechanism, i)
    if environment.has_net_quantity(i):
        quantity = quantity_by_others(mechanism, i)
        worths = [end[:, None] * quantity for end in (agent.types.lower, agent.types.upper)]
    else:
        allocation = mechanism.allocation.dense(environment)
        worths = [own_first(i, environment.value_in_profiles(i, allocation))]
    worst = Check(requirement, -np.inf, 0.0, tolerance, f"no type ever gets less than {what}")
    ends = 1 if agent.types.is_finite else 2
    for worth, level in list(zip(worths, levels, strict=False))[:ends]:
        short = level[:, None] + payment - worth
        rounding = 4.0 * EPS * (np.abs(worth) + np.abs(payment) + np.abs(level)[:, None])
        scaled = np.maximum(short - rounding, 0.0) / own_stakes(environment, i)[:, None]
        place = int(np.argmax(scaled))
        violation = float(short.max())
        if not scaled.flat[place] <= worst.scaled:
            cells = profile_by_others(mechanism, i, *divmod(place, payment.shape[1]))
            missed, beside = float(short.flat[place]), float(scaled.flat[place])
            where = (
                f"{agent.name} gets {missed:.3g} less than {what} at "
                f"{profile_text(environment, cells)}"
            )
            worst = Check(requirement, missed, beside, tolerance, where)
        elif worst.scaled == 0.0 and violation > worst.violation:
            worst = Check(requirement, violation, 0.0, tolerance, worst.where)
    return worst


def _check_levels(
    environment: Environment,
    mechanism: Mechanism,
    i: int,
    levels: tuple[FloatArray, FloatArray],
    tolerance: float,
    requirement: str,
    what: str,
) -> Check:
    """Check that both ends of every cell expect at least given levels."""
    agent = environment.agents[i]
    types = agent.types
    quantity, payment = mechanism.quantity[i], mechanism.payment[i]
    by_report = mechanism.rounding_by_report(i)
    noise = repeated(0.0, types.num_cells) if by_report is None else np.diag(by_report)
    known = environment.has_net_quantity(i)
    of_cells = None if known else environment.worth_of(i, quantity)
    worst = Check(requirement, -np.inf, 0.0, tolerance, f"every type gets {what}")
    ends = zip(("lower", "upper")[: 1 if types.is_finite else 2], levels, strict=False)
    # Block by block, so that what is compared stays in the processor's cache.
    for (end, level), block in product(ends, in_blocks((types.num_cells,))):
        paid = payment[block]
        if of_cells is None:
            worth = getattr(types, end)[block] * quantity[block]
        else:
            worth = of_cells[block]
        short = level[block] + paid
        short -= worth
        violation = float(short.max())
        if violation <= 0.0:
            # Mostly every type of a block gets enough, and rounding does not matter.
            if worst.scaled == 0.0 and violation > worst.violation:
                worst = Check(requirement, violation, 0.0, tolerance, worst.where)
            continue
        given = np.isfinite(level[block])
        option = np.where(given, level[block], 0.0)
        short = np.where(given, short, -np.inf)
        rounding = 4.0 * EPS * (np.abs(worth) + np.abs(paid) + np.abs(option)) + noise[block]
        scaled = np.maximum(short - rounding, 0.0)
        if scaled.any():
            scaled /= own_stakes(environment, i, block)
        at = int(np.argmax(scaled))
        cell, violation = block.start + at, float(short.max())
        if not scaled[at] <= worst.scaled:
            where = (
                f"{agent.name} type {cell} ({_named(agent, end, cell)}) gets {short[at]:.3g} "
                f"less than {what}, the most of all types beside what they have at stake"
            )
            worst = Check(requirement, float(short[at]), float(scaled[at]), tolerance, where)
            if np.isnan(worst.scaled):
                break
        elif worst.scaled == 0.0 and violation > worst.violation:
            worst = Check(requirement, violation, 0.0, tolerance, worst.where)
    return worst


def _named(agent: Agent, end: str, cell: int) -> str:
    """Return a text for one end of a cell."""
    types = agent.types
    return entry_in_figures(getattr(types, end), cell) if types.is_ordered else types.label(cell)
