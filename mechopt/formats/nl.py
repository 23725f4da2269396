"""Programs in AMPL's NL format, by Pyomo's writer; it states powers and logarithms as they are."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mechopt.problem.problem import DesignProblem
from mechopt.program.names import NameArray, names_in, row_name
from mechopt.program.tangents import curves_of

if TYPE_CHECKING:
    from mechopt.program.standard_form import Block, StandardForm


@dataclass(frozen=True, eq=False)
class NonlinearText:
    """A program as text, and the order of what is in it, which the format does not say.

    Parameters
    ----------
    text
        The file.
    variables, constraints
        Blocks by name. They say what there is; trivial rows are left out of the file.
    variable_order, constraint_order : arrays of strings
        Names in the order of the file's indices.
    num_nonzeros
        Number of nonzeros of the Jacobian.
    """

    text: str
    variables: Mapping[str, Block]
    constraints: Mapping[str, Block]
    variable_order: NameArray
    constraint_order: NameArray
    num_nonzeros: int


def nl_text(problem: DesignProblem) -> NonlinearText:
    """Return a problem in the NL format, as a minimisation.

    It has the variables and rows of :func:`mechopt.program.standard_form.standard_form`, and curved
    bounds as they are.

    Parameters
    ----------
    problem
        The problem.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
    >>> types = TypeSpace.finite([0, 1])
    >>> model = nl_text(ex_ante_efficiency(BilateralTrade(types, types, 2.0, 1.0)))
    >>> model.variable_order.size, model.constraint_order[0]
    (16, 'frontier_s0_b0')
    """
    import pyomo.environ as pyo
    from pyomo.core.expr import LinearExpression
    from pyomo.repn.plugins.nl_writer import NLWriter

    from mechopt.backends.pyomo_model import Pyomo
    from mechopt.program.standard_form import standard_form

    form = standard_form(problem, groups=True)
    model = Pyomo(nonlinear=True).build(problem)
    columns = {
        name: list(getattr(model, name).values()) for name in form.variables
    }  # in the order of the block
    every = [column for own in columns.values() for column in own]
    priced = np.flatnonzero(form.cost).tolist()
    model.objective.deactivate()
    model.cost = pyo.Objective(
        expr=LinearExpression(
            constant=0.0,
            linear_coefs=[-float(form.cost[place]) for place in priced],
            linear_vars=[every[place] for place in priced],
        )
    )
    stream = io.StringIO()
    # Nothing is to be substituted or scaled: the file is to say what the model says.
    written = NLWriter().write(model, stream, linear_presolve=False, scale_model=False)
    constraints = _with_curves(form, problem)
    text = stream.getvalue()
    return NonlinearText(
        text,
        form.variables,
        constraints,
        _ordered(model, form.variables, form.variables, written.variables),
        _ordered(model, constraints, form.variables, written.constraints),
        int(text.splitlines()[7].split()[0]),
    )


def _with_curves(form: StandardForm, problem: DesignProblem) -> dict[str, Block]:
    """Return the blocks of rows, and one for every curved bound."""
    from mechopt.program.standard_form import Block

    blocks = dict(form.constraints)
    start = sum(block.size for block in blocks.values())
    for own in curves_of(problem):
        base = form.variables[own.base]
        blocks[own.name] = Block(own.name, start, base.shape, base.axes, meaning=own.meaning)
        start += base.size
    return blocks


def _ordered(
    model: Any, blocks: Mapping[str, Block], variables: Mapping[str, Block], written: Iterable[Any]
) -> NameArray:
    """Return our names of Pyomo's variables or constraints, in the file's order."""
    taken = () if blocks is variables else variables
    names = names_in(blocks, taken)
    ours: dict[int, str] = {}
    for name, block in blocks.items():
        component = getattr(model, name if blocks is variables else row_name(name, variables))
        own = names[block.start : block.start + block.size].tolist()
        ours |= {id(data): called for data, called in zip(component.values(), own, strict=True)}
    return np.array([ours[id(data)] for data in written], dtype=object)
