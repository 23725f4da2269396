"""Programs in AMPL's NL format, by Pyomo's writer; it states powers as they are."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mechopt.formats.names import NameArray, names_in
from mechopt.problem.problem import DesignProblem

if TYPE_CHECKING:
    from mechopt.program.standard_form import Block


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
    constant
        What the objective of the problem, if it maximises, has in addition to minus the file's.
    """

    text: str
    variables: Mapping[str, Block]
    constraints: Mapping[str, Block]
    variable_order: NameArray
    constraint_order: NameArray
    num_nonzeros: int
    constant: float


def nl_text(problem: DesignProblem) -> NonlinearText:
    """Return a problem in the NL format, as a minimisation.

    Interim quantities are substituted; the variables are outcomes and interim payments. What a
    prescribed allocation is worth is a constant, which is left out: readers make a variable of it.

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
    (12, 'frontier_s0_b0')
    """
    import pyomo.environ as pyo
    from pyomo.core.expr import LinearExpression
    from pyomo.repn import generate_standard_repn
    from pyomo.repn.plugins.nl_writer import NLWriter

    from mechopt.backends.pyomo_model import Pyomo

    model = Pyomo(nonlinear=True).build(problem)
    linear = generate_standard_repn(model.objective.expr)
    factors, variables = (
        [-problem.objective.sign * c for c in linear.linear_coefs],
        linear.linear_vars,
    )
    model.objective.deactivate()
    model.cost = pyo.Objective(expr=LinearExpression(linear_coefs=factors, linear_vars=variables))
    stream = io.StringIO()
    # Nothing is to be substituted or scaled: the file is to say what the model says.
    written = NLWriter().write(model, stream, linear_presolve=False, scale_model=False)
    variables = _blocks(problem, model.component_objects(pyo.Var))
    constraints = _blocks(problem, model.component_objects(pyo.Constraint))
    text = stream.getvalue()
    return NonlinearText(
        text,
        variables,
        constraints,
        _ordered(variables, written.variables),
        _ordered(constraints, written.constraints, variables),
        int(text.splitlines()[7].split()[0]),
        problem.objective.sign * float(linear.constant) + 0.0,
    )


def _blocks(problem: DesignProblem, components: Iterable[Any]) -> dict[str, Block]:
    """Return Pyomo's components as blocks, one after the other."""
    from mechopt.program.multipliers import ENDS, STEPS
    from mechopt.program.standard_form import Block

    agents = [agent.name for agent in problem.environment.agents]
    # One agent's name may begin with another's, so a component's whole name tells whose it is.
    owners = {
        f"{name}{kind}": name
        for name in agents
        for kind in ("_payment", *(f"_{part}" for part in (*STEPS, *ENDS)))
    }
    blocks: dict[str, Block] = {}
    start = 0
    for component in components:
        size = len(component.index_set()) if component.is_indexed() else 1
        shape: tuple[int, ...] = (size,)
        axes: tuple[str, ...] = ()
        index = next(iter(component.index_set())) if component.is_indexed() and size else None
        if isinstance(index, tuple):
            shape, axes = problem.environment.shape, tuple(agents)
        elif index is not None:
            axes = (owners[component.name],)
        if size:
            blocks[component.name] = Block(component.name, start, shape, axes)
            start += size
    return blocks


def _ordered(
    blocks: Mapping[str, Block], written: Iterable[Any], taken: Iterable[str] = ()
) -> NameArray:
    """Return our names of Pyomo's variables or constraints, in its order."""
    every = names_in(blocks, taken)
    names = {name: every[b.start : b.start + b.size].reshape(b.shape) for name, b in blocks.items()}
    found = []
    for data in written:
        index = data.index()
        place = (0,) if index is None else index if isinstance(index, tuple) else (index,)
        found.append(names[data.parent_component().name][place])
    return np.array(found, dtype=object)
