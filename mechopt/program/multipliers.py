"""Which multipliers a solution of a problem has: their names and shapes."""

from __future__ import annotations

from mechopt._util.kept import kept_while_it_lives
from mechopt.problem.problem import DesignProblem
from mechopt.program.standard_form import Block, float_program, standard_form

STEPS = ("ic_down", "ic_up", "monotonicity")
ENDS = ("participation_lower", "participation_upper")


def multiplier_shapes(problem: DesignProblem) -> dict[str, tuple[int, ...]]:
    """Return the shapes of all multipliers of a problem's requirements, by name.

    Where only interim quantities and payments count, they are known without the program, which
    would be too large for very many types.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
    >>> types = TypeSpace.finite([0, 1])
    >>> multiplier_shapes(ex_ante_efficiency(BilateralTrade(types, types)))["buyer_ic_up"]
    (1,)
    """
    if problem.is_interim:
        shapes: dict[str, tuple[int, ...]] = {"budget": (1,)}
        for agent in problem.environment.agents:
            size = agent.types.num_cells
            shapes |= {f"{agent.name}_{kind}": (size - 1,) for kind in STEPS}
            shapes |= {f"{agent.name}_{kind}": (size,) for kind in ENDS}
        return shapes | problem.objective.multiplier_shapes(problem.environment)
    return {block.name: block.full_shape for block in _stated(problem)}


def quantity_multipliers(problem: DesignProblem) -> frozenset[str]:
    """Return the names of the constraints that are amounts of quantity, not of money.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
    >>> types = TypeSpace.finite([0, 1])
    >>> sorted(quantity_multipliers(ex_ante_efficiency(BilateralTrade(types, types))))
    ['buyer_monotonicity', 'seller_monotonicity']
    """
    if problem.is_interim:
        return frozenset(f"{agent.name}_monotonicity" for agent in problem.environment.agents)
    return frozenset(block.name for block in _stated(problem) if not block.in_money)


@kept_while_it_lives()
def _stated(problem: DesignProblem) -> tuple[Block, ...]:
    """Return the constraints that the problem's requirements state."""
    # Where payments are by profile, a bound needs the program, too.
    program = standard_form(problem) if problem.by_profile else float_program(problem)
    return tuple(block for block in program.constraints.values() if block.required)
