"""The linear program in named sparse blocks: the one form that is exported and certified.

Maximise ``cost @ x`` subject to ``row_lower <= matrix @ x <= row_upper`` and bounds on ``x``. Every
block of variables and of constraints has a name and a shape; theory.md's constraints are one call
to :meth:`ProgramBuilder.require` each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse

from mechopt._util.arrays import FloatArray, IndexArray
from mechopt.environments import Environment
from mechopt.errors import InvalidInputError
from mechopt.problem.problem import Budget, DesignProblem
from mechopt.program.numbers import NumberArray, Numbers, in_floats

INFINITY = np.inf


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

    def of(self, vector: NumberArray) -> NumberArray:
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
    problem.environment.require_dense("the linear program")
    return assemble(problem, in_floats(problem)).as_standard_form()


@dataclass(frozen=True, eq=False)
class Entries:
    """The entries of a sparse matrix of floats or fractions, each place at most once.

    Parameters
    ----------
    row, column, value : arrays (num_entries,)
    shape
        Number of rows and columns.
    """

    row: IndexArray
    column: IndexArray
    value: NumberArray
    shape: tuple[int, int]

    def __neg__(self) -> Entries:
        return replace(self, value=-self.value)

    def rows_times(self, factors: NumberArray) -> Entries:
        """Return the matrix with each row multiplied by a factor."""
        return replace(self, value=self.value * factors[self.row])


@dataclass(frozen=True, eq=False)
class Program:
    """The linear program in floats or in fractions; infinite bounds are floats in both.

    Parameters
    ----------
    cost, row_lower, row_upper, lower, upper, variables, constraints
        As in :class:`StandardForm`.
    entries
        The matrix.
    """

    cost: NumberArray
    entries: Entries
    row_lower: NumberArray
    row_upper: NumberArray
    lower: NumberArray
    upper: NumberArray
    variables: Mapping[str, Block]
    constraints: Mapping[str, Block]

    def as_standard_form(self) -> StandardForm:
        """Return the program, of floats, with its matrix in compressed columns."""
        entries = self.entries
        return StandardForm(
            self.cost,
            sparse.csc_array((entries.value, (entries.row, entries.column)), shape=entries.shape),
            self.row_lower,
            self.row_upper,
            self.lower,
            self.upper,
            self.variables,
            self.constraints,
        )


def as_entries(matrix: Any) -> Entries:
    """Return the entries of a scipy sparse matrix; entries are returned as they are."""
    if isinstance(matrix, Entries):
        return matrix
    coordinates = matrix.tocoo()
    return Entries(coordinates.row, coordinates.col, coordinates.data, matrix.shape)


def assemble(problem: DesignProblem, numbers: Numbers) -> Program:
    """Return the program of a problem with the given numbers: the one place that describes it."""
    build = ProgramBuilder(numbers.one)
    _add_outcomes(build, problem, numbers)
    for i, agent in enumerate(numbers.agents):
        quantity, payment = f"{agent.name}_quantity", f"{agent.name}_payment"
        axes, size = (agent.name,), len(agent.mass)
        identity = _diagonal(numbers.ones(size))
        build.variables(quantity, (size,), axes, cost=agent.mass * agent.quantity_weight)
        build.variables(payment, (size,), axes, cost=agent.mass * agent.payment_weight)
        build.require(
            quantity,
            axes,
            {quantity: identity, **_minus_expected_quantity(problem, numbers, i)},
            equal=0,
        )
        if problem.has_incentives(i) and size > 1:
            step = _differences(numbers.ones(size - 1))
            up, down = step.rows_times(agent.lower[1:]), step.rows_times(agent.upper[:-1])
            build.require(f"{agent.name}_ic_down", axes, {quantity: up, payment: -step})
            build.require(f"{agent.name}_ic_up", axes, {payment: step, quantity: -down})
            # For separate types the two above imply it, but only up to the solver's tolerance over
            # the distance between neighbours; samples have neighbours that are very close.
            build.require(f"{agent.name}_monotonicity", axes, {quantity: step})
        if problem.has_participation(i):
            build.require(
                f"{agent.name}_participation_lower",
                axes,
                {quantity: _diagonal(agent.lower), payment: -identity},
                at_least=agent.option_lower,
            )
            wide = np.flatnonzero(agent.upper > agent.lower)
            build.require(
                f"{agent.name}_participation_upper",
                axes,
                {
                    quantity: _selected(agent.upper, wide),
                    payment: -_selected(numbers.ones(size), wide),
                },
                at_least=agent.option_upper[wide],
                entries=wide,
            )
    _add_budget(build, problem, numbers)
    return build.finish()


def _add_outcomes(build: ProgramBuilder, problem: DesignProblem, numbers: Numbers) -> None:
    """Add the outcome of every profile: bounds, prescribed values, and rows."""
    environment, outcomes = problem.environment, numbers.outcomes
    probability = _profile_probability(numbers)
    names = tuple(agent.name for agent in environment.agents)
    for v, variable in enumerate(environment.outcomes.variables):
        lower, upper = outcomes.lower[v], outcomes.upper[v]
        if numbers.prescribed is not None:
            lower = upper = numbers.prescribed[v].ravel()
        cost = numbers.cost_weight * outcomes.cost[v] * probability
        build.variables(variable, environment.shape, names, cost=cost, lower=lower, upper=upper)
    add_outcome_rows(build, environment, outcomes.rows)


def add_outcome_rows(
    build: ProgramBuilder, environment: Environment, rows: Sequence[tuple[str, Any, Any]]
) -> None:
    """Require linear rows of the outcomes in every profile.

    Parameters
    ----------
    build
        The program so far, with the outcome variables in it.
    environment
        Agents and outcomes.
    rows
        Name, coefficients and upper end of each row, floats or fractions.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> types = TypeSpace.finite([0, 1])
    >>> trade = BilateralTrade(types, types, 2.0, 1.0)
    >>> build = ProgramBuilder()
    >>> for name in trade.outcomes.variables:
    ...     build.variables(name, (2, 2), ("seller", "buyer"), lower=0.0, upper=1.0)
    >>> add_outcome_rows(build, trade, [("patience", (1.0, -1.0), 0.0)])
    >>> list(build.finish().constraints)
    ['patience']
    """
    names = tuple(agent.name for agent in environment.agents)
    variables = environment.outcomes.variables
    for name, coefficients, upper in rows:
        terms = {
            variable: _diagonal(np.full(environment.num_profiles, -coefficient))
            for variable, coefficient in zip(variables, coefficients, strict=True)
            if coefficient
        }
        build.require(name, names, terms, at_least=-upper, shape=environment.shape)


def _add_budget(build: ProgramBuilder, problem: DesignProblem, numbers: Numbers) -> None:
    """Require the expected payments to cover the expected cost."""
    if problem.budget is Budget.SUBSIDISED:
        return
    terms = {f"{agent.name}_payment": _single_row(agent.mass) for agent in numbers.agents}
    probability = _profile_probability(numbers)
    for variable, cost in zip(
        problem.environment.outcomes.variables, numbers.outcomes.cost, strict=True
    ):
        if cost:
            terms[variable] = _single_row(-cost * probability)
    equal = 0 if problem.budget is Budget.BALANCED else None
    build.require("budget", (), terms, equal=equal, shape=(1,))


def _diagonal(values: NumberArray) -> Entries:
    """Return a diagonal matrix."""
    return _selected(values, np.arange(len(values)))


def _selected(values: NumberArray, rows: IndexArray) -> Entries:
    """Return some rows of a diagonal matrix."""
    return Entries(np.arange(len(rows)), rows, values[rows], (len(rows), len(values)))


def _single_row(values: NumberArray) -> Entries:
    """Return a matrix of one row."""
    columns = np.arange(len(values))
    return Entries(np.zeros_like(columns), columns, values, (1, len(values)))


def _differences(ones: NumberArray) -> Entries:
    """Return the matrix that takes a vector to the steps between neighbours."""
    steps = np.arange(len(ones))
    return Entries(
        np.concatenate([steps, steps]),
        np.concatenate([steps, steps + 1]),
        np.concatenate([-ones, ones]),
        (len(ones), len(ones) + 1),
    )


def _profile_probability(numbers: Numbers) -> NumberArray:
    """Return the probability of every profile, in row-major order."""
    return _outer([agent.mass for agent in numbers.agents], numbers)


def _outer(factors: Sequence[NumberArray], numbers: Numbers) -> NumberArray:
    product = numbers.ones(1)
    for factor in factors:
        product = np.outer(product, factor).ravel()
    return product


def _joined(parts: Sequence[NumberArray], kind: type) -> NumberArray:
    """Return arrays one after the other; none of them if the program has no rows."""
    return np.concatenate(parts) if parts else np.empty(0, dtype=kind)


def _minus_expected_quantity(
    problem: DesignProblem, numbers: Numbers, agent: int
) -> dict[str, Entries]:
    """Return minus E[net quantity | own type] as matrices over each outcome variable."""
    environment = problem.environment
    profiles = np.arange(environment.num_profiles)
    own_type = np.unravel_index(profiles, environment.shape)[agent]
    masses = [other.mass for other in numbers.agents]
    masses[agent] = numbers.ones(environment.shape[agent])
    others = _outer(masses, numbers)
    coefficients = numbers.outcomes.net_quantity[agent]
    shape = (environment.shape[agent], environment.num_profiles)
    return {
        variable: Entries(own_type, profiles, -coefficient * others, shape)
        for variable, coefficient in zip(environment.outcomes.variables, coefficients, strict=True)
        if coefficient
    }


class ProgramBuilder:
    """Collects blocks of variables and constraints, and assembles the program.

    Parameters
    ----------
    one
        The number 1, which tells floats from fractions.

    Examples
    --------
    >>> build = ProgramBuilder()
    >>> build.variables("share", (2,), (), cost=np.array([1.0, 2.0]), lower=0.0)
    >>> build.require("whole", (), {"share": sparse.csr_array([[-1.0, -1.0]])}, at_least=-1.0)
    >>> build.finish().as_standard_form().matrix.toarray()
    array([[-1., -1.]])
    """

    def __init__(self, one: Any = 1.0) -> None:
        self._zero = 0 * one
        self._variables: dict[str, Block] = {}
        self._constraints: dict[str, Block] = {}
        self._columns: list[tuple[NumberArray, NumberArray, NumberArray]] = []
        self._rows: list[tuple[NumberArray, NumberArray]] = []
        self._entries: list[Entries] = []

    def variables(
        self,
        name: str,
        shape: tuple[int, ...],
        axes: tuple[str, ...],
        *,
        cost: NumberArray | float = 0,
        lower: NumberArray | float = -INFINITY,
        upper: NumberArray | float = INFINITY,
    ) -> None:
        """Add a block of variables, with what each adds to the objective and its bounds."""
        self._check_new(name, self._variables)
        block = Block(name, self._next(self._variables), shape, axes)
        self._variables[name] = block
        columns = [self._filled(part, block.size) for part in (cost, lower, upper)]
        self._columns.append((columns[0], columns[1], columns[2]))

    def require(
        self,
        name: str,
        axes: tuple[str, ...],
        terms: Mapping[str, Entries | sparse.sparray],
        *,
        at_least: NumberArray | float = 0,
        equal: int | None = None,
        shape: tuple[int, ...] | None = None,
        entries: IndexArray | None = None,
    ) -> None:
        """Add the rows ``sum of matrix @ variable >= at_least``, or ``== equal``."""
        parts = {variable: as_entries(matrix) for variable, matrix in terms.items()}
        size = next(iter(parts.values())).shape[0]
        if size == 0:
            return
        self._check_new(name, self._constraints)
        skips = None if entries is None else tuple(int(entry) for entry in entries)
        block = Block(name, self._next(self._constraints), shape or (size,), axes, skips)
        self._constraints[name] = block
        low = self._filled(at_least if equal is None else equal, size)
        high = self._filled(INFINITY if equal is None else equal, size)
        self._rows.append((low, high))
        for variable, matrix in parts.items():
            present = np.flatnonzero(matrix.value != 0)
            self._entries.append(
                Entries(
                    matrix.row[present] + block.start,
                    matrix.column[present] + self._variables[variable].start,
                    matrix.value[present],
                    matrix.shape,
                )
            )

    def finish(self) -> Program:
        """Return the program."""
        shape = (self._next(self._constraints), self._next(self._variables))
        entries = Entries(
            _joined([part.row for part in self._entries], np.intp),
            _joined([part.column for part in self._entries], np.intp),
            _joined([part.value for part in self._entries], np.float64),
            shape,
        )
        cost, lower, upper = (np.concatenate(part) for part in zip(*self._columns, strict=True))
        row_lower = _joined([low for low, _ in self._rows], np.float64)
        row_upper = _joined([high for _, high in self._rows], np.float64)
        return Program(
            cost, entries, row_lower, row_upper, lower, upper, self._variables, self._constraints
        )

    def _filled(self, values: NumberArray | float, size: int) -> NumberArray:
        """Return an array of a size; infinite entries stay floats."""
        if isinstance(values, np.ndarray):
            return np.broadcast_to(values, size)
        kind = type(self._zero) if isinstance(self._zero, float) else object
        infinite = isinstance(values, float) and np.isinf(values)
        return np.full(size, values if infinite else values + self._zero, dtype=kind)

    @staticmethod
    def _check_new(name: str, blocks: dict[str, Block]) -> None:
        if name not in blocks:
            return
        raise InvalidInputError(
            "two parts of the program have the same name",
            where="environment",
            expected="variables and rows of outcomes with names of their own",
            got=f"{name!r} twice",
            remedy="Rename the agent, or the variable or row of outcomes.",
        )

    @staticmethod
    def _next(blocks: dict[str, Block]) -> int:
        if not blocks:
            return 0
        last = blocks[next(reversed(blocks))]
        return last.start + last.size
