"""The table of the problem: what is asked, and what a mechanism has to satisfy."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field

from mechopt.errors import InvalidInputError
from mechopt.instances.fields import Number, one_of, one_or_one_each
from mechopt.instances.reader import Reader, SubTable, Table
from mechopt.problem.budget import Budget
from mechopt.problem.problem import DesignProblem, Incentives, Participation


class ProblemTable(Table):
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
    relative_width: Number | None = Field(
        None, description='the wanted width of the bracket with cells = "auto", such as 1e-4'
    )

    @property
    def requirements(self) -> dict[str, Any]:
        """The requirements that the file states; the problem has its own where it states none."""
        stated = {name: getattr(self, name) for name in ("incentives", "participation", "budget")}
        return {name: word for name, word in stated.items() if word is not None}


def with_requirements(reader: Reader, problem: DesignProblem, table: ProblemTable) -> DesignProblem:
    """Return the problem with what the file requires, and report what does not fit its agents."""
    for name, words in table.requirements.items():
        try:
            problem = replace(problem, **{name: words})
        except InvalidInputError as error:
            reader.add(("problem", name), error)
    return problem
