"""The table of priors that a designer holds possible: a list of them, or a set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field, PlainValidator

from mechopt.errors import InvalidInputError, MechoptError
from mechopt.instances.fields import Number, described, fault
from mechopt.instances.joint import JointTable, from_table
from mechopt.instances.nested_numbers import joint_of, nested_numbers
from mechopt.instances.reader import Reader, SubTable, TomlTable
from mechopt.problem.objectives import WorstPrior
from mechopt.problem.objectives.moments import Moments, Near, known_marginals, known_means
from mechopt.problem.objectives.priors import stated_prior
from mechopt.problem.objectives.transport import wasserstein_ball
from mechopt.problem.objectives.worst_in_set import WorstPriorIn
from mechopt.problem.problem import DesignProblem

KEY = ("problem", "priors")
FORMS = ("listed", "total_variation", "wasserstein", "means", "marginals", "moments")
BALLS = ("total_variation", "wasserstein")
LISTS = "nested lists with a probability for every profile"


def _lists_or_path(value: object) -> list[Any] | str:
    if isinstance(value, (list, str)):
        return value
    raise fault(
        "not usable",
        expected=f"{LISTS}, or the path of a table whose rows are profiles, in quotes",
        got=described(value),
        remedy="Write one of these, or leave it out for the prior of the environment.",
    )


class PriorsTable(TomlTable):
    """Priors that the designer holds possible."""

    listed: SubTable | None = Field(None, description=f"a table of priors by name, {LISTS}")
    total_variation: Number | None = Field(
        None, description="a number above 0 and at most 1: how far priors may be from the centre"
    )
    wasserstein: Number | None = Field(
        None, description="a number above 0, in the unit of types: how far probability may move"
    )
    centre: Annotated[Any, PlainValidator(_lists_or_path)] = Field(None, description=LISTS)
    means: SubTable | None = Field(
        None, description="a table with the mean of each agent's type, or bounds such as [1, 2]"
    )
    marginals: bool | None = Field(None, description="true")
    moments: list[SubTable] | None = Field(
        None, description="a list of tables, each with a function and equals, at_least or at_most"
    )


class MomentTable(TomlTable):
    """A function of the profile, and what its expectation is."""

    function: list[Any] = Field(description="nested lists with a number for every profile")
    equals: Number | None = Field(None, description="a number")
    at_least: Number | None = Field(None, description="a number")
    at_most: Number | None = Field(None, description="a number")


def under_priors(reader: Reader, problem: DesignProblem, raw: object) -> DesignProblem:
    """Return the problem of the worst of the priors that a file states, and report its faults.

    Parameters
    ----------
    reader
        The faults of the file.
    problem
        The problem under the environment's own prior.
    raw
        The table ``[problem.priors]`` as it stands in the file.
    """
    table = reader.table(PriorsTable, raw, KEY)
    if table is None or not isinstance(raw, Mapping) or reader.is_faulty(KEY):
        return problem
    stated = [name for name in FORMS if name in raw]
    if len(stated) != 1:
        choice = fault(
            "several statements of priors" if stated else "no priors",
            expected=f"exactly one of the keys {', '.join(FORMS[:-1])} and {FORMS[-1]}",
            got=" and ".join(stated) or "none of them",
            remedy="Keep one of them." if stated else "Say which priors are possible.",
        )
        reader.add(KEY, choice)
        return problem
    form = stated[0]
    if table.centre is not None and form not in BALLS:
        stray = fault(
            f"does not go with {form}",
            expected=f"a centre only with {' or '.join(BALLS)}",
            got="centre",
            remedy="Remove it.",
        )
        reader.add((*KEY, "centre"), stray)
        return problem
    try:
        objective = _objective(reader, problem, table, form)
        return problem if reader.is_faulty(KEY) else replace(problem, objective=objective)
    except MechoptError as error:
        reader.add((*KEY, form), error)
        return problem


def _objective(reader: Reader, problem: DesignProblem, table: PriorsTable, form: str) -> Any:
    """Return the objective under the worst prior; MechoptError where there is none."""
    environment, plain = problem.environment, problem.objective
    if not plain.is_linear or plain.sign < 0:
        raise fault(
            f"does not go with the objective, {plain.in_words}",
            expected='"welfare", "revenue" or "ex-ante-efficiency"',
            got="another objective",
            remedy="Change the objective, or leave the priors out.",
        )
    if table.listed is not None:
        if not table.listed:
            raise _nothing("at least one prior, such as boom = [[...], [...]]")
        priors = {
            name: joint_of(reader, each, (*KEY, "listed", name), environment)
            for name, each in table.listed.items()
        }
        if None in priors.values():
            return plain
        return WorstPrior(plain, list(priors.values()), tuple(priors))  # type: ignore[arg-type]
    if form in BALLS:
        if table.centre is None:
            centre = stated_prior(environment)
        elif isinstance(table.centre, str):
            try:
                sample = JointTable.model_validate({"table": table.centre})
                centre = from_table(reader, sample, environment, all_types=False)
            except MechoptError as error:
                reader.add((*KEY, "centre"), error)
                return plain
        else:
            given = joint_of(reader, table.centre, (*KEY, "centre"), environment)
            if given is None:
                return plain
            centre = given
        if table.wasserstein is not None:
            return WorstPriorIn(plain, wasserstein_ball(environment, table.wasserstein, centre))
        return WorstPriorIn(plain, Near(centre, table.total_variation))  # type: ignore[arg-type]
    if table.means is not None:
        if reader.origin:
            raise fault(
                "does not go with types that are measured from an origin",
                expected="types that floats tell apart as they stand",
                got=f"means as given, and types from {reader.origin} on",
                remedy="Subtract the origin from types and means in the file.",
            )
        means = {name: nested_numbers(reader, mean, (*KEY, "means", name))
                 for name, mean in table.means.items()}  # fmt: skip
        for name, mean in means.items():
            pair = isinstance(mean, list) and [type(each) for each in mean] == [str, str]
            if isinstance(mean, list) and not pair:
                wrong = fault(
                    "not a mean, nor bounds on one",
                    expected="a number, or a list of two numbers, the lower first",
                    got=described(table.means[name]) + f" of {len(mean)}",
                    remedy="Correct it.",
                )
                reader.add((*KEY, "means", name), wrong)
        return plain if reader.is_faulty(KEY) else _within(plain, known_means(environment, means))
    if table.marginals is not None:
        if not table.marginals:
            raise fault("has no effect", expected="true", got="false", remedy="Remove it.")
        return _within(plain, known_marginals(environment))
    return _of_moments(reader, problem, table.moments or [])


def _within(plain: Any, priors: Moments) -> WorstPriorIn:
    return WorstPriorIn(plain, priors)


def _of_moments(reader: Reader, problem: DesignProblem, tables: list[Any]) -> Any:
    """Return the objective under the worst prior of known moments."""
    if not tables:
        raise _nothing("at least one table, such as { function = [[0, 1], [1, 2]], equals = 1 }")
    functions, lower, upper = [], [], []
    for place, raw in enumerate(tables):
        key = (*KEY, "moments", place)
        table = reader.table(MomentTable, raw, key)
        if table is None:
            continue
        functions.append(nested_numbers(reader, table.function, (*key, "function")))
        bounds = [each for each in (table.at_least, table.at_most) if each is not None]
        if (table.equals is None) != bool(bounds):
            choice = fault(
                "not one statement of an expectation",
                expected="equals, or at_least, at_most or both",
                got="equals and bounds" if bounds else "none of them",
                remedy="Keep one of them." if bounds else "Say what the expectation is.",
            )
            reader.add(key, choice)
        lower.append(table.at_least if table.equals is None else table.equals)
        upper.append(table.at_most if table.equals is None else table.equals)
    if reader.is_faulty(KEY):
        return problem.objective
    return _within(problem.objective, Moments(functions, lower, upper))  # type: ignore[arg-type]


def _nothing(expected: str) -> InvalidInputError:
    return fault("empty", expected=expected, got="none", remedy="Add it, or leave the key out.")
