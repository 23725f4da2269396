"""The linear program in named sparse blocks: the one form that is exported and certified.

Maximise ``cost @ x`` subject to ``row_lower <= matrix @ x <= row_upper`` and bounds on ``x``. Every
block of variables and of constraints has a name and a shape; theory.md's constraints are one call
to :meth:`ProgramBuilder.require` each. Programs of other shapes, such as those with a joint
prior and payments in every profile (``joint_form.py``), are built by the same means.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from mechopt.arrays import FloatArray, IndexArray
from mechopt.environments import Environment
from mechopt.problem import Budget, DesignProblem, Incentives, Participation

INFINITY = np.inf
SparseMatrix = sparse.csr_array | sparse.csc_array | sparse.coo_array | sparse.dia_array


@dataclass(frozen=True)
class Block:
    """A named run of variables or constraints.

    Parameters
    ----------
    name
        Such as ``"trade"`` or ``"seller_ic_down"``.
    start
        Position of the first entry.
    shape
        The block is this array in row-major order.
    axes
        Which agents' types the axes run over.
    entries
        For a one-axis block that skips types: which types it has. None if it has all.
    """

    name: str
    start: int
    shape: tuple[int, ...]
    axes: tuple[str, ...]
    entries: tuple[int, ...] | None = None

    @property
    def size(self) -> int:
        """Number of entries."""
        return int(np.prod(self.shape, dtype=np.int64))

    def of(self, vector: FloatArray) -> FloatArray:
        """Return this block's part of a vector over all variables or constraints."""
        return vector[self.start : self.start + self.size].reshape(self.shape)


@dataclass(frozen=True, eq=False)
class StandardForm:
    """A linear program with named blocks.

    Parameters
    ----------
    cost : array (num_variables,)
        What is maximised.
    matrix : sparse array in compressed columns (num_constraints, num_variables)
    row_lower, row_upper, lower, upper : arrays
        Bounds of the rows and of the variables.
    variables, constraints
        Blocks by name, in order.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
    >>> types = TypeSpace.finite([0, 1])
    >>> form = standard_form(ex_ante_efficiency(BilateralTrade(types, types)))
    >>> form.matrix.shape, list(form.variables)
    ((15, 12), ['trade', 'seller_quantity', 'seller_payment', 'buyer_quantity', 'buyer_payment'])
    """

    cost: FloatArray
    matrix: sparse.csc_array
    row_lower: FloatArray
    row_upper: FloatArray
    lower: FloatArray
    upper: FloatArray
    variables: Mapping[str, Block]
    constraints: Mapping[str, Block]


def standard_form(problem: DesignProblem) -> StandardForm:
    """Return the neighbouring-constraint program of a problem (theory.md, section 1).

    Variables are the outcome of every profile, and each agent's interim net quantities and
    payments. Money is measured as in the problem.
    """
    environment = problem.environment
    environment.require_dense("the linear program")
    build = ProgramBuilder()
    _add_outcomes(build, problem)
    for i, agent in enumerate(environment.agents):
        quantity, payment = f"{agent.name}_quantity", f"{agent.name}_payment"
        types, mass, axes = agent.types, agent.types.mass, (agent.name,)
        size = types.num_cells
        weights = problem.weights
        build.variables(quantity, (size,), axes, cost=mass * weights.quantity[i])
        build.variables(payment, (size,), axes, cost=mass * weights.payment[i])
        build.require(
            quantity,
            axes,
            {quantity: sparse.eye_array(size), **_minus_expected_quantity(environment, i)},
            equal=0.0,
        )
        step = _differences(size)
        if problem.incentives is Incentives.INTERIM and size > 1:
            up = sparse.diags_array(types.lower[1:]) @ step
            down = sparse.diags_array(types.upper[:-1]) @ step
            build.require(f"{agent.name}_ic_down", axes, {quantity: up, payment: -step})
            build.require(f"{agent.name}_ic_up", axes, {payment: step, quantity: -down})
            # For separate types the two above imply it, but only up to the solver's tolerance over
            # the distance between neighbours; samples have neighbours that are very close.
            build.require(f"{agent.name}_monotonicity", axes, {quantity: step})
        if problem.participation is Participation.INTERIM:
            minus_one = -sparse.eye_array(size)
            option = agent.outside_option
            build.require(
                f"{agent.name}_participation_lower",
                axes,
                {quantity: sparse.diags_array(types.lower), payment: minus_one},
                at_least=option(types.lower),
            )
            wide = np.flatnonzero(types.upper > types.lower)
            build.require(
                f"{agent.name}_participation_upper",
                axes,
                {
                    quantity: sparse.diags_array(types.upper).tocsr()[wide],
                    payment: minus_one.tocsr()[wide],
                },
                at_least=option(types.upper)[wide],
                entries=wide,
            )
    _add_budget(build, problem)
    return build.finish()


def _add_outcomes(build: ProgramBuilder, problem: DesignProblem) -> None:
    """Add the outcome of every profile: bounds, prescribed values, and rows."""
    environment, outcomes = problem.environment, problem.environment.outcomes
    probability = _profile_probability(environment)
    names = tuple(agent.name for agent in environment.agents)
    prescribed = problem.prescribed_allocation()
    for v, variable in enumerate(outcomes.variables):
        lower = np.full(environment.num_profiles, outcomes.lower[v])
        upper = np.full(environment.num_profiles, outcomes.upper[v])
        if prescribed is not None:
            lower = upper = prescribed[v].ravel()
        cost = problem.weights.cost * outcomes.cost[v] * probability
        build.variables(variable, environment.shape, names, cost=cost, lower=lower, upper=upper)
    add_outcome_rows(build, environment)


def add_outcome_rows(build: ProgramBuilder, environment: Environment) -> None:
    """Require the linear rows of the outcomes in every profile.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> types = TypeSpace.finite([0, 1])
    >>> build = ProgramBuilder()
    >>> for name in ("seller_trade", "buyer_trade"):
    ...     build.variables(name, (2, 2), ("seller", "buyer"), lower=0.0, upper=1.0)
    >>> add_outcome_rows(build, BilateralTrade(types, types, 2.0, 1.0))
    >>> list(build.finish().constraints)
    ['patience']
    """
    outcomes = environment.outcomes
    names = tuple(agent.name for agent in environment.agents)
    every_profile = sparse.eye_array(environment.num_profiles)
    for row in outcomes.rows:
        terms = {
            variable: -coefficient * every_profile
            for variable, coefficient in zip(outcomes.variables, row.coefficients, strict=True)
            if coefficient
        }
        build.require(row.name, names, terms, at_least=-row.upper, shape=environment.shape)


def _add_budget(build: ProgramBuilder, problem: DesignProblem) -> None:
    """Require the expected payments to cover the expected cost."""
    if problem.budget is Budget.SUBSIDISED:
        return
    environment = problem.environment
    terms = {
        f"{agent.name}_payment": sparse.csr_array(agent.types.mass[np.newaxis])
        for agent in environment.agents
    }
    probability = _profile_probability(environment)
    for variable, cost in zip(
        environment.outcomes.variables, environment.outcomes.cost, strict=True
    ):
        if cost:
            terms[variable] = sparse.csr_array(-cost * probability[np.newaxis])
    equal = 0.0 if problem.budget is Budget.BALANCED else None
    build.require("budget", (), terms, equal=equal, shape=(1,))


def _differences(size: int) -> sparse.csr_array:
    """Return the matrix that takes a vector to the steps between neighbours."""
    ones = np.ones(size - 1)
    return sparse.diags_array([-ones, ones], offsets=[0, 1], shape=(size - 1, size), format="csr")


def _profile_probability(environment: Environment) -> FloatArray:
    """Return the probability of every profile, in row-major order."""
    probability = np.ones(1)
    for mass in environment.masses:
        probability = np.outer(probability, mass).ravel()
    return probability


def _minus_expected_quantity(environment: Environment, agent: int) -> dict[str, sparse.csr_array]:
    """Return minus E[net quantity | own type] as matrices over each outcome variable."""
    profiles = np.arange(environment.num_profiles)
    own_type = np.unravel_index(profiles, environment.shape)[agent]
    masses = list(environment.masses)
    masses[agent] = np.ones(environment.shape[agent])
    others = np.ones(1)
    for mass in masses:
        others = np.outer(others, mass).ravel()
    coefficients = environment.outcomes.net_quantity[agent]
    shape = (environment.shape[agent], environment.num_profiles)
    return {
        variable: sparse.csr_array((-coefficient * others, (own_type, profiles)), shape=shape)
        for variable, coefficient in zip(environment.outcomes.variables, coefficients, strict=True)
        if coefficient
    }


class ProgramBuilder:
    """Collects blocks of variables and constraints, and assembles the program.

    Examples
    --------
    >>> build = ProgramBuilder()
    >>> build.variables("share", (2,), (), cost=np.array([1.0, 2.0]), lower=0.0)
    >>> build.require("whole", (), {"share": sparse.csr_array([[-1.0, -1.0]])}, at_least=-1.0)
    >>> build.finish().matrix.toarray()
    array([[-1., -1.]])
    """

    def __init__(self) -> None:
        self._variables: dict[str, Block] = {}
        self._constraints: dict[str, Block] = {}
        self._columns: list[tuple[FloatArray, FloatArray, FloatArray]] = []
        self._rows: list[tuple[FloatArray, FloatArray]] = []
        self._entries: list[tuple[IndexArray, IndexArray, FloatArray]] = []

    def variables(
        self,
        name: str,
        shape: tuple[int, ...],
        axes: tuple[str, ...],
        *,
        cost: FloatArray | float = 0.0,
        lower: FloatArray | float = -INFINITY,
        upper: FloatArray | float = INFINITY,
    ) -> None:
        """Add a block of variables, with what each adds to the objective and its bounds."""
        block = Block(name, self._next(self._variables), shape, axes)
        self._variables[name] = block
        columns = [np.broadcast_to(part, block.size) for part in (cost, lower, upper)]
        self._columns.append((columns[0], columns[1], columns[2]))

    def require(
        self,
        name: str,
        axes: tuple[str, ...],
        terms: Mapping[str, SparseMatrix],
        *,
        at_least: FloatArray | float = 0.0,
        equal: float | None = None,
        shape: tuple[int, ...] | None = None,
        entries: IndexArray | None = None,
    ) -> None:
        """Add the rows ``sum of matrix @ variable >= at_least``, or ``== equal``."""
        size = next(iter(terms.values())).shape[0]
        if size == 0:
            return
        skips = None if entries is None else tuple(int(entry) for entry in entries)
        block = Block(name, self._next(self._constraints), shape or (size,), axes, skips)
        self._constraints[name] = block
        low = np.broadcast_to(np.asarray(at_least if equal is None else equal, float), size)
        high = np.full(size, INFINITY if equal is None else equal)
        self._rows.append((low, high))
        for variable, matrix in terms.items():
            coordinates = matrix.tocoo()
            self._entries.append(
                (
                    coordinates.row + block.start,
                    coordinates.col + self._variables[variable].start,
                    coordinates.data,
                )
            )

    def finish(self) -> StandardForm:
        """Return the program."""
        row, column, data = (np.concatenate(parts) for parts in zip(*self._entries, strict=True))
        shape = (self._next(self._constraints), self._next(self._variables))
        matrix = sparse.csc_array((data, (row, column)), shape=shape)
        cost, lower, upper = (np.concatenate(part) for part in zip(*self._columns, strict=True))
        row_lower, row_upper = (np.concatenate(part) for part in zip(*self._rows, strict=True))
        return StandardForm(
            cost, matrix, row_lower, row_upper, lower, upper, self._variables, self._constraints
        )

    @staticmethod
    def _next(blocks: dict[str, Block]) -> int:
        if not blocks:
            return 0
        last = blocks[next(reversed(blocks))]
        return last.start + last.size
