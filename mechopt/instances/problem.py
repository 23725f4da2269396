"""The table of the problem: what is asked, and what a mechanism has to satisfy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Annotated, Any

from pydantic import Field, create_model

from mechopt._util.arrays import shown
from mechopt.environments import Environment
from mechopt.errors import InvalidInputError
from mechopt.instances.constraints import with_constraints
from mechopt.instances.fields import Limit, Losses, Number, fault, one_of, one_or_one_each
from mechopt.instances.reader import Reader, SubTable, TomlTable
from mechopt.problem.budget import Budget, Holds, PaymentLimit
from mechopt.problem.liability import Liability
from mechopt.problem.objectives import LeastUtility, NashProduct, Revenue, Welfare
from mechopt.problem.problem import DesignProblem, Incentives, Participation
from mechopt.problem.requirement import Requirement
from mechopt.problem.usual import ex_ante_efficiency, ex_post_efficiency, minimum_subsidy
from mechopt.studies.continuum import has_continuum

# Objectives with a weight for each agent, and whether the designer's profit may have one.
WEIGHTED = {"ex-ante-efficiency": False, "welfare": True, "nash-product": False}
OBJECTIVES = (
    "ex-ante-efficiency",
    "ex-post-efficiency",
    "minimum-subsidy",
    "welfare",
    "revenue",
    "least-utility",
    "nash-product",
)
DESIGNER = "designer"
DEFAULT_WIDTH = 1e-4
LIMITS: dict[str, Callable[[Any], Requirement]] = {
    "payment_limit": PaymentLimit,
    "liability": Liability,
}
# Those of one's own, which have tables of their own.
CONSTRAINTS = ("event_probabilities", "utility_floors")
REQUIREMENTS = (
    "incentives",
    "participation",
    "budget",
    "budget_holds",
    "payment_limit",
    "liability",
    "transfers",
    "deterministic",
    *CONSTRAINTS,
)


class ProblemTable(TomlTable):
    """What every kind of environment shares; each narrows ``objective`` to the ones it has.

    Examples
    --------
    >>> ProblemTable(objective="revenue", budget="no-deficit").requirements
    {'budget': 'no-deficit'}
    """

    objective: Any = Field(description="what is asked, in quotes")
    weights: SubTable | None = Field(None, description="a table with one number per agent")
    incentives: Annotated[str | dict[str, str], one_or_one_each(*Incentives)] | None = None
    participation: Annotated[str | dict[str, str], one_or_one_each(*Participation)] | None = None
    budget: Annotated[str, one_of(*Budget)] | None = None
    budget_holds: Annotated[str, one_of(*Holds)] | None = None
    payment_limit: Limit | None = Field(None, description="a number above 0, in money")
    liability: Losses | None = Field(None, description="a number of at least 0, in money")
    transfers: bool | None = Field(None, description="true or false")
    deterministic: bool | None = Field(None, description="true or false")
    event_probabilities: list[SubTable] | None = Field(
        None, description="a list of tables, each with a variable and at_least or at_most"
    )
    utility_floors: SubTable | None = Field(
        None, description="a table with a number, or a list of them, for each agent that has floors"
    )
    priors: SubTable | None = Field(
        None, description="a table of the priors that the designer holds possible"
    )
    relative_width: Number | None = Field(
        None, description='the wanted width of the bracket with cells = "auto", such as 1e-4'
    )

    @property
    def requirements(self) -> dict[str, Any]:
        """The requirements that the file states; the problem has its own where it states none."""
        stated = {name: getattr(self, name) for name in REQUIREMENTS}
        return {name: value for name, value in stated.items() if value is not None}


def with_requirements(reader: Reader, problem: DesignProblem, table: ProblemTable) -> DesignProblem:
    """Return the problem with what the file requires, and report what does not fit it."""
    for name, value in table.requirements.items():
        if name in CONSTRAINTS:
            continue
        stated = {name: value}
        if name in LIMITS:
            stated = {"requirements": (*problem.requirements, LIMITS[name](value))}
            if reader.origin:
                reader.add(("problem", name), _limit_from_origin(reader.origin))
        elif name == "transfers":
            if value:
                continue
            stated = {"requirements": (*problem.requirements, PaymentLimit(0.0))}
            if table.payment_limit is not None:
                reader.add(("problem", name), _limit_without_payments())
        elif name == "deterministic" and not value:
            continue
        elif name == "budget_holds" and problem.budget is Budget.SUBSIDISED:
            reader.add(("problem", name), _no_budget(value))
        try:
            problem = replace(problem, **stated)
        except InvalidInputError as error:
            reader.add(("problem", name), error)
    if table.event_probabilities is not None or table.utility_floors is not None:
        problem = with_constraints(reader, problem, table.event_probabilities, table.utility_floors)
    if table.priors is None:
        return problem
    from mechopt.instances.priors import under_priors

    return under_priors(reader, problem, table.priors)


def _no_budget(word: str) -> InvalidInputError:
    return fault(
        "has no effect",
        expected='a budget that is required, "balanced" or "no-deficit"',
        got=f'"{word}", with no requirement on the budget',
        remedy="Remove it.",
    )


def _limit_without_payments() -> InvalidInputError:
    return fault(
        "a limit on payments where there are none",
        expected="transfers = false without payment_limit",
        got="both",
        remedy="Keep one of them.",
    )


def _limit_from_origin(origin: Fraction) -> InvalidInputError:
    return fault(
        "does not go with types that are measured from an origin",
        expected="types that floats tell apart as they stand",
        got=f"payments as given, and types from {shown(origin)} on",
        remedy="Subtract the origin from types and payments in the file.",
    )


class UsualProblemTable(ProblemTable):
    """The table of the problem, with the objectives that every environment has."""

    objective: Annotated[str, one_of(*OBJECTIVES)] = Field(
        description=" or ".join(f'"{objective}"' for objective in OBJECTIVES)
    )


def weights_table(environment: Environment) -> type[TomlTable]:
    """Return the model of a table with one welfare weight per agent, and one of the designer.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> types = TypeSpace.finite([0, 1])
    >>> list(weights_table(BilateralTrade(types, types)).model_fields)
    ['seller', 'buyer', 'designer']
    """
    return _weights_table_of(tuple(agent.name for agent in environment.agents))


@cache
def _weights_table_of(agents: tuple[str, ...]) -> type[TomlTable]:
    hint = "a number of at least 0"
    fields: dict[str, Any] = {agent: (Number, Field(description=hint)) for agent in agents}
    if DESIGNER not in fields:
        fields[DESIGNER] = (Number | None, Field(None, description=hint))
    return create_model("WeightsTable", __base__=TomlTable, **fields)


def read_problem(
    reader: Reader, environment: Environment | None, raw: object
) -> DesignProblem | None:
    """Return the problem that a table states of an environment, and report its faults.

    Parameters
    ----------
    reader
        The faults of the file.
    environment
        The environment, or one that stands in for it; None if nothing can, so that the table alone
        is judged.
    raw
        The table as it stands in the file.
    """
    table = reader.table(UsualProblemTable, raw, ("problem",))
    if not isinstance(raw, Mapping) or environment is None:
        return None
    weights = reader.table(weights_table(environment), raw.get("weights"), ("problem", "weights"))
    try:
        # Weights are judged whatever the objective, so that a wrong objective does not hide them.
        stated = None if weights is None else dict(weights)
        names = {agent.name for agent in environment.agents}
        designer = None if stated is None or DESIGNER in names else stated.pop(DESIGNER)
        problem = ex_ante_efficiency(environment, stated)
    except InvalidInputError as error:
        reader.add(("problem", "weights"), error)
        return None
    if table is None:
        return None
    _report_stray_weights(reader, table, designer)
    if table.objective in FURTHER:
        try:
            problem = FURTHER[table.objective](problem, designer)
        except InvalidInputError as error:
            reader.add(("problem", "weights"), error)
    elif table.objective != "ex-ante-efficiency":
        is_minimum = table.objective == "minimum-subsidy"
        if is_minimum and table.budget not in (None, Budget.SUBSIDISED):
            tied = fault(
                'does not go with the objective "minimum-subsidy"',
                expected='"subsidised", or nothing',
                got=f'"{table.budget}"',
                remedy="Remove it: the budget is what is minimised.",
            )
            reader.add(("problem", "budget"), tied)
        problem = minimum_subsidy(environment) if is_minimum else ex_post_efficiency(environment)
    problem = with_requirements(reader, problem, table)
    _require_use_of_width(reader, problem, table)
    return problem


def _welfare(problem: DesignProblem, designer: Number | None) -> DesignProblem:
    """Return the problem with the designer's profit in the objective, and then a surplus."""
    if not designer:
        return problem
    factor = Revenue() * designer
    return replace(problem, objective=problem.objective + factor, budget=Budget.NO_DEFICIT)


def _revenue(problem: DesignProblem, designer: Number | None) -> DesignProblem:
    """Return the problem of the largest profit, which a balanced budget would rule out."""
    del designer
    return replace(problem, objective=Revenue(), budget=Budget.NO_DEFICIT)


def _least_utility(problem: DesignProblem, designer: Number | None) -> DesignProblem:
    del designer
    return replace(problem, objective=LeastUtility())


def _nash_product(problem: DesignProblem, designer: Number | None) -> DesignProblem:
    del designer
    assert isinstance(problem.objective, Welfare)
    return replace(problem, objective=NashProduct(problem.objective.weights))


FURTHER = {
    "welfare": _welfare,
    "revenue": _revenue,
    "least-utility": _least_utility,
    "nash-product": _nash_product,
}


def _report_stray_weights(
    reader: Reader, table: UsualProblemTable, designer: Number | None
) -> None:
    """Report weights that the objective does not use."""
    if table.weights is not None and table.objective not in WEIGHTED:
        stray = fault(
            f'does not go with the objective "{table.objective}"',
            expected=f"weights only with {_quoted(WEIGHTED)}",
            got="weights",
            remedy="Remove them, or change the objective.",
        )
        reader.add(("problem", "weights"), stray)
    elif designer is not None and not WEIGHTED[table.objective]:
        stray = fault(
            f'does not go with the objective "{table.objective}"',
            expected='a weight of the designer only with "welfare"',
            got=DESIGNER,
            remedy="Remove it, or change the objective.",
        )
        reader.add(("problem", "weights", DESIGNER), stray)
    elif designer is not None and designer < 0:
        wrong = fault(
            "not usable as a weight",
            expected="a number of at least 0",
            got=f"{designer}",
            remedy="Give the designer's profit a weight of at least 0.",
        )
        reader.add(("problem", "weights", DESIGNER), wrong)


def _quoted(words: Iterable[str]) -> str:
    return " or ".join(f'"{word}"' for word in words)


def _require_use_of_width(reader: Reader, problem: DesignProblem, table: UsualProblemTable) -> None:
    """Keep the width that cells = "auto" asks for, and report one that nothing asks for."""
    if not reader.auto:
        if table.relative_width is not None:
            idle = fault(
                "has no effect",
                expected='cells = "auto" for an agent with a distribution',
                got="no such agent",
                remedy='Remove it, or write cells = "auto".',
            )
            reader.add(("problem", "relative_width"), idle)
        return
    if reader.lines or reader.cells is not None:
        return
    if not has_continuum(problem):
        further = [name for name in table.requirements if name != "budget"]
        alone = fault(
            'cells = "auto" needs an optimum that can be bracketed',
            expected='an objective such as "ex-ante-efficiency" or "revenue", with the usual '
            "requirements",
            got=" and ".join([f'"{table.objective}"', *further]),
            remedy="Give a number of cells.",
        )
        reader.add(reader.auto[0], alone)
        return
    width = table.relative_width
    reader.wanted_width = DEFAULT_WIDTH if width is None else float(width)
