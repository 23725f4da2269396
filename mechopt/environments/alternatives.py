"""Finitely many alternatives, of which one is chosen, by lot if need be."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray, shown
from mechopt._util.rationals import FractionArray, as_fraction, fraction_array, scale_factor
from mechopt._util.registry import saved_as
from mechopt.environments.agent import Agent
from mechopt.environments.environment import Environment
from mechopt.environments.kinds import kind, labels, nested, numbers, tables, text
from mechopt.environments.outcomes import OutcomeRow, Outcomes
from mechopt.environments.role import Role
from mechopt.errors import InvalidInputError
from mechopt.types import TypeTable
from mechopt.types.prior import Joint, over_profiles, own_first

ROWS = ("not_above_one", "not_below_one")
"""The rows of the program that say that one alternative is chosen."""

Values = Mapping[str, Any] | Callable[[str, str, Mapping[str, Any]], Any]


@saved_as("mechopt.Lottery")
@dataclass(frozen=True)
class Lottery(Outcomes):
    """One of some alternatives, by lot: the variables are their probabilities, which sum to one.

    Agents have a :class:`~mechopt.TypeTable` whose values are what each alternative is worth; or,
    for values that hang on the others' types, what each is worth in every profile of the others,
    profile by profile in row-major order.

    Parameters
    ----------
    agents
        Names of the agents.
    alternatives
        Names of the alternatives. In ties, the first is chosen.
    unit_cost
        What each costs the designer, in money: texts of fractions.

    Raises
    ------
    InvalidInputError
        For names that are no identifiers or not distinct, and another number of costs.

    Notes
    -----
    Source: theory.md, section 2; Conitzer and Sandholm (2002).

    Examples
    --------
    >>> Lottery(("she", "he"), ("hers", "his"), ("0", "1/3")).cost.round(3)
    array([0.   , 0.333])
    """

    agents: tuple[str, ...]
    alternatives: tuple[str, ...]
    unit_cost: tuple[str, ...]

    def __post_init__(self) -> None:
        paid = [f"{name}_payment" for name in self.agents]
        for name in self.alternatives:
            good = isinstance(name, str) and name.isidentifier() and name.isascii()
            if not good or self.alternatives.count(name) > 1 or name in (*ROWS, *paid):
                raise InvalidInputError(
                    "not a usable name of an outcome",
                    where="outcomes",
                    expected="ASCII letters, digits and underscores, not starting with a digit, "
                    f"each name once, none of {', '.join((*ROWS, *paid))}",
                    got=shown(repr(name)),
                    remedy="Rename the outcome.",
                )
        if not self.alternatives or len(self.unit_cost) != len(self.alternatives):
            raise InvalidInputError(
                "not one cost for each outcome",
                where="cost",
                expected=f"{len(self.alternatives) or 'at least 1'} numbers, in money",
                got=str(len(self.unit_cost)),
                remedy="List outcomes, and as many costs, or none where nothing costs anything.",
            )

    @property
    def variables(self) -> tuple[str, ...]:
        """The alternatives' probabilities."""
        return self.alternatives

    @property
    def roles(self) -> tuple[Role, ...]:
        """The agents, of whom nobody gives or receives."""
        return tuple(Role(name, None) for name in self.agents)

    @property
    def rows(self) -> tuple[OutcomeRow, ...]:
        """Probabilities sum to one."""
        ones = (1.0,) * len(self.alternatives)
        above, below = ROWS
        return (OutcomeRow(above, ones, 1.0), OutcomeRow(below, tuple(-x for x in ones), -1.0))

    @property
    def vertices(self) -> FloatArray:
        """Each alternative for certain."""
        return np.eye(len(self.alternatives))

    @property
    def cost(self) -> FloatArray:
        """What each alternative costs."""
        return np.array([float(as_fraction(cost)) for cost in self.unit_cost])

    def worth(self, agent: int, types: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return the types' own values."""
        del agent
        return types

    def worth_by_profile(
        self, agent: int, types: Sequence[npt.NDArray[Any]]
    ) -> npt.NDArray[Any] | None:
        """Return an agent's values in every profile, where it has that many."""
        values, shape = types[agent], [len(each) for each in types]
        if values.ndim != 2 or values.shape[1] == len(self.alternatives):
            return None
        others = math.prod(shape) // shape[agent]
        if values.shape[1] != others * len(self.alternatives):
            return None
        table = values.reshape(len(values), others, -1)
        return np.stack([over_profiles(agent, each, shape) for each in np.moveaxis(table, 2, 0)])

    def scaled(self, factor: float) -> Lottery:
        """Return the same alternatives in another unit of money."""
        exact = [scale_factor(factor) * as_fraction(cost) for cost in self.unit_cost]
        return replace(self, unit_cost=tuple(map(str, exact)))

    @property
    def exact_cost(self) -> FractionArray:
        """The same, as they were given."""
        return fraction_array(as_fraction(cost) for cost in self.unit_cost)


def Alternatives(  # noqa: N802 -- it reads as the environment that it returns
    outcomes: Sequence[str],
    agents: Mapping[str, Sequence[object]],
    values: Values,
    prior: Any = None,
    cost: Sequence[Any] | None = None,
) -> Environment:
    """Return agents who choose one of finitely many outcomes, each worth anything to any type.

    This is the form for what no other environment covers. Exactly one outcome is chosen in every
    profile of types, by lot if that is better. Types are in no order, so that incentives are
    required between all pairs; they may be numbers, words or vectors, and stand for themselves only
    in reports. Without money, require :class:`~mechopt.PaymentLimit` of 0.

    Parameters
    ----------
    outcomes
        Their names, identifiers. List the one that should be chosen in ties first.
    agents
        Name of each agent -> its types, all different.
    values
        Name of each agent -> what outcomes are worth to it, in money: an array of shape
        (num_outcomes, num_types), so that rows are outcomes in their order (a square table that is
        turned around cannot be told), of numbers, fractions, or texts such as ``"2/3"``; or of
        shape (num_outcomes, num_types of the first agent, of the second, ...) where values hang on
        the others' types. Or a function of an outcome, an agent, and types by agent,
        ``{agent: type}``: of its own type alone, or of those of all agents, which it is asked for
        where the own type does not do. An outcome that a type can have by staying out is subtracted
        from all its values: participation is measured from zero.
    prior
        Nested lists of the probability of every profile, or a :class:`~mechopt.Joint`; or name of
        each agent -> probabilities of its types, independent of the others'. Equally likely and
        independent types unless given.
    cost
        What each outcome costs the designer, in money; nothing unless given.

    Raises
    ------
    InvalidInputError
        For tables of other shapes, values that are missing or not finite, and probabilities that do
        not sum to one.

    Notes
    -----
    Source: theory.md, sections 1.1 and 2; Conitzer and Sandholm (2002).

    Examples
    --------
    A couple that divorces, and a painting. Burning it, which is worth -10 to both, makes claims
    credible without money.

    >>> from mechopt import DesignProblem, PaymentLimit, Welfare, solve
    >>> painting = Alternatives(
    ...     outcomes=["hers", "his", "museum", "burned"],
    ...     agents={"she": ["low", "high"], "he": ["low", "high"]},
    ...     values={
    ...         "she": [[2, 100], [0, 0], [1, 50], [-10, -10]],
    ...         "he": [[0, 0], [2, 100], [1, 50], [-10, -10]],
    ...     },
    ...     prior={"she": ["4/5", "1/5"], "he": ["4/5", "1/5"]},
    ... )
    >>> problem = DesignProblem(
    ...     painting,
    ...     Welfare(),
    ...     incentives="dominant",
    ...     participation="none",
    ...     requirements=[PaymentLimit(0)],
    ... )
    >>> round(solve(problem).objective, 6)
    33.28
    """
    names = _listed("outcomes", outcomes)
    if not names:
        raise _not_given("outcomes", "at least one name", list(names))
    if not isinstance(agents, Mapping) or not agents:
        raise _not_given("agents", "the types of each agent by its name", agents)
    types = {name: _labels(name, listed) for name, listed in agents.items()}
    tables = {name: _table(names, name, agents, values) for name in agents}
    joint, masses = _beliefs(prior, types)
    spaces = [
        Agent(name, _space(name, tables[name], masses[i], types[name]))
        for i, name in enumerate(agents)
    ]
    given = ["0"] * len(names) if cost is None else [_cost(each) for each in cost]
    return Environment(tuple(spaces), Lottery(tuple(types), names, tuple(given)), joint)


@kind(
    "alternatives",
    is_of=lambda environment: isinstance(environment.outcomes, Lottery),
    plots="mechopt.plot.lottery",
    report="mechopt.report.alternatives:AlternativesAddendum",
    compare="mechopt.literature.automated_design:compared",
    outcomes=labels("a list of the outcomes' names, in quotes"),
    cost=numbers("a list of what each outcome costs, in money", default=None),
    agents=tables(
        "a list of tables, one per agent",
        name=text("the agent's name, in quotes"),
        types=labels("a list of types: numbers, words or lists"),
        values=nested(
            "a list for each outcome, of what it is worth to each type of the agent, or in each "
            "profile"
        ),
        probabilities=numbers("a list with a probability for each type", default=None),
    ),
)
def alternatives_of_tables(
    outcomes: Sequence[str],
    agents: Sequence[Mapping[str, Any]],
    cost: Sequence[Any] | None = None,
) -> Environment:
    """Return :func:`Alternatives` of tables as instance files have them.

    Raises
    ------
    InvalidInputError
        As :func:`Alternatives`; the place is that of the table, such as ``agents[1].values``.
    """
    names = [str(table["name"]) for table in agents]
    for place, name in enumerate(names):
        if names.index(name) != place:
            raise InvalidInputError(
                "two agents of one name",
                where=f"agents[{place}].name",
                expected="names that differ",
                got=repr(name),
                remedy="Rename one of them.",
            )
    types, values, prior = (
        {name: table[key] for name, table in zip(names, agents, strict=True)}
        for key in ("types", "values", "probabilities")
    )
    try:
        return Alternatives(outcomes, types, values, prior, cost)
    except InvalidInputError as error:
        key, _, name = error.where.partition(" of ")
        if name not in names:
            raise
        raise _at(f"agents[{names.index(name)}].{key}", error) from error


def _listed(where: str, given: Any) -> tuple[Any, ...]:
    """Return a list of the user's as a tuple."""
    if isinstance(given, (str, Mapping)) or not np.iterable(given):
        raise _not_given(where, "a list", given)
    return tuple(given)


def _not_given(where: str, expected: str, got: object) -> InvalidInputError:
    return InvalidInputError(
        "not usable",
        where=where,
        expected=expected,
        got=shown(repr(got)),
        remedy="Correct it.",
    )


def _labels(agent: str, types: object) -> tuple[str, ...]:
    """Return the texts that stand for an agent's types in reports."""
    listed = _listed(f"types of {agent}", types)
    texts = tuple(
        str(tuple(each)) if isinstance(each, (list, np.ndarray)) else str(each) for each in listed
    )
    if not texts or len(set(texts)) != len(texts) or not all(texts):
        raise InvalidInputError(
            "not types that can be told apart",
            where=f"types of {agent}",
            expected="at least one, all different",
            got=shown(repr(list(texts))),
            remedy="List each type once.",
        )
    return texts


def _table(
    outcomes: Sequence[str], agent: str, types: Mapping[str, Sequence[object]], values: Values
) -> Any:
    """Return an agent's values, one row per type.

    A row has one number per outcome; or, where values hang on the others' types, that many for
    every profile of the others.
    """
    where = f"values of {agent}"
    if callable(values):
        return _called(values, outcomes, agent, types)
    if not isinstance(values, Mapping) or agent not in values:
        got = ", ".join(map(str, values)) if isinstance(values, Mapping) else shown(repr(values))
        raise _not_given(where, "a table for each agent by its name, or a function", got)
    table = [_listed(where, row) for row in _listed(where, values[agent])]
    shape = tuple(map(len, types.values()))
    if any(_is_list(each) for row in table for each in row):
        return _in_profiles(where, table, len(outcomes), list(types).index(agent), shape)
    lengths = [len(row) for row in table]
    if lengths != [len(types[agent])] * len(outcomes):
        raise InvalidInputError(
            "not a value for every outcome and type",
            where=where,
            expected=f"{len(outcomes)} rows, one per outcome, of {len(types[agent])} numbers each, "
            "one per type",
            got=f"{len(lengths)} rows, of {', '.join(map(str, lengths)) or 'no'} numbers",
            remedy="Turn the table around: rows are outcomes, columns are types."
            if lengths == [len(outcomes)] * len(types[agent])
            else "Give what every outcome is worth to every type, zeros included.",
        )
    return list(zip(*table, strict=True))


def _in_profiles(
    where: str, table: Any, num_outcomes: int, agent: int, shape: tuple[int, ...]
) -> list[list[Any]]:
    """Return values by outcome and profile as one row per type."""
    expected = (num_outcomes, *shape)
    found = np.empty(expected, dtype=object)
    for place in np.ndindex(expected):
        entry: Any = table
        at = "values"
        for position, size in zip(place, expected, strict=True):
            if not _is_list(entry) or len(entry) != size:
                got = str(len(entry)) if _is_list(entry) else shown(repr(entry))
                raise _no_table(where, expected, f"{got} at {at}")
            entry, at = entry[position], f"{at}[{position}]"
        if _is_list(entry):
            raise _no_table(where, expected, f"a list at {at}")
        found[place] = entry
    own = np.stack([own_first(agent, each) for each in found], axis=-1)
    return [row.ravel().tolist() for row in own]


def _is_list(value: object) -> bool:
    return not isinstance(value, (str, Mapping)) and np.iterable(value)


def _no_table(where: str, expected: tuple[int, ...], got: str) -> InvalidInputError:
    return InvalidInputError(
        "not a value for every outcome and profile",
        where=where,
        expected=f"nested lists of {' x '.join(map(str, expected))} numbers: outcomes, then the "
        "types of every agent in their order",
        got=got,
        remedy="Give what every outcome is worth in every profile, or to every own type.",
    )


def _called(
    values: Callable[..., Any],
    outcomes: Sequence[str],
    agent: str,
    types: Mapping[str, Sequence[object]],
) -> list[list[Any]]:
    """Return what a function of the user says outcomes are worth to each type of an agent.

    It is first asked with the own type alone, and with all types if that does not do.
    """
    try:
        return [
            [values(outcome, agent, {agent: own}) for outcome in outcomes] for own in types[agent]
        ]
    except KeyError:
        others = [name for name in types if name != agent]
    rows: list[list[Any]] = []
    for own in types[agent]:
        rows.append([])
        for profile in product(*(types[name] for name in others)):
            known = {name: {agent: own, **dict(zip(others, profile, strict=True))}[name]
                     for name in types}  # fmt: skip
            for outcome in outcomes:
                try:
                    rows[-1].append(values(outcome, agent, known))
                except KeyError as error:
                    raise InvalidInputError(
                        "a value that cannot be computed from the outcome, the agent and the types",
                        where=f"values of {agent}",
                        expected="a function values(outcome, agent, types) that looks at the types "
                        "of the agents",
                        got=f"KeyError: {error} at outcome {outcome!r}",
                        remedy=f"Look at types of {', '.join(types)} alone.",
                    ) from error
    return rows


def _beliefs(
    prior: Any, types: Mapping[str, Sequence[str]]
) -> tuple[Joint | None, Sequence[Any | None]]:
    """Return the joint prior, if there is one, and the probabilities of each agent's types."""
    if prior is None:
        return None, [None] * len(types)
    if isinstance(prior, Mapping):
        if set(prior) != set(types):
            expected = f"probabilities for each of {', '.join(types)}"
            raise _not_given("prior", expected, ", ".join(map(str, prior)))
        return None, [prior[name] for name in types]
    joint = prior if isinstance(prior, Joint) else Joint(prior)
    joint.require_all_types()
    shape = tuple(map(len, types.values()))
    if joint.shape != shape:
        raise InvalidInputError(
            "not a joint prior of these types",
            where="prior",
            expected=f"probabilities in an array of shape {shape}",
            got=f"shape {joint.shape}",
            remedy="Give one probability per profile of types.",
        )
    try:
        exact = joint.in_fractions()
    except InvalidInputError:  # Floats that sum to one up to rounding.
        return joint, joint.masses
    return joint, [own_first(i, exact).sum(axis=1).tolist() for i in range(len(shape))]


def _space(name: str, table: Any, mass: Any, texts: tuple[str, ...]) -> TypeTable:
    """Return the types of an agent, with its name in the errors."""
    try:
        return TypeTable.finite(table, mass, texts)
    except InvalidInputError as error:
        key = "probabilities" if error.where == "probabilities" else "values"
        raise _at(f"{key} of {name}", error) from error


def _at(where: str, error: InvalidInputError) -> InvalidInputError:
    """Return an error with its place named better."""
    return InvalidInputError(
        error.what, where=where, expected=error.expected, got=error.got, remedy=error.remedy
    )


def _cost(value: object) -> str:
    """Return a cost as the text of a fraction."""
    try:
        return str(as_fraction(value))
    except (InvalidInputError, ValueError, TypeError, OverflowError) as error:
        raise _not_given("cost", "finite numbers, in money", value) from error
