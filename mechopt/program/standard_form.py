"""The linear program in named sparse blocks: the one form that is solved, exported and certified.

Maximise ``cost @ x`` subject to ``row_lower <= matrix @ x <= row_upper`` and bounds on ``x``. Every
block of variables and of constraints has a name and a shape; what the blocks are is said by the
problem's requirements (:mod:`mechopt.problem.requirement`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mechopt._util.arrays import FloatArray, IndexArray
from mechopt._util.kept import kept_while_it_lives
from mechopt.errors import InvalidInputError
from mechopt.problem.columns import too_large
from mechopt.problem.counts import CountsFrame, has_counts_form
from mechopt.problem.frame import Frame
from mechopt.problem.groups import GroupFrame, has_group_form
from mechopt.problem.linear import Entries, Meaning, NumberArray, Rows
from mechopt.problem.numbers import Numbers
from mechopt.problem.problem import DesignProblem
from mechopt.program.frames import frame_of
from mechopt.program.numbers import in_floats
from mechopt.program.size import require_room
from mechopt.types.prior import MAX_PROFILES

if TYPE_CHECKING:
    from scipy import sparse

INFINITY = np.inf
NO_MEANING = Meaning("see the source of the problem's requirements")


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
    full_size
        With ``entries``, how many types there are.
    in_money
        Of constraints: whether a row is an amount of money; else it is one of quantity.
    meaning
        What an entry says.
    required
        Of constraints: whether a requirement of the problem states it, so that its multipliers are
        reported.
    """

    name: str
    start: int
    shape: tuple[int, ...]
    axes: tuple[str, ...]
    entries: tuple[int, ...] | None = None
    full_size: int | None = field(default=None, compare=False)
    in_money: bool = field(default=True, compare=False)
    meaning: Meaning = field(default=NO_MEANING, compare=False)
    required: bool = field(default=False, compare=False)

    @property
    def size(self) -> int:
        """Number of entries."""
        return math.prod(self.shape)

    def of(self, vector: NumberArray) -> NumberArray:
        """Return this block's part of a vector over all variables or constraints."""
        return vector[self.start : self.start + self.size].reshape(self.shape)

    def spread(self, vector: NumberArray) -> NumberArray:
        """Return this block's part with zeros where it skips types, or a type's own report.

        Examples
        --------
        >>> Block("buyer_ic_lower", 0, (2,), ("buyer", "buyer")).spread(np.array([1.0, 2.0]))
        array([[0., 1.],
               [2., 0.]])
        """
        own = self.of(vector)
        if self.entries is not None:
            full = np.full(self.full_size or 0, 0 * own.flat[0])
            full[list(self.entries)] = own
            return full
        if self.is_of_pairs:
            full = np.full(self.full_shape, 0 * own.flat[0])
            full[~np.eye(self._num_types, dtype=bool)] = own
            return full
        return own

    def gathered(self, values: NumberArray) -> NumberArray:
        """Return the entries of this block from an array that :meth:`spread` returned.

        Raises
        ------
        ValueError
            If the shape does not fit, or a number stands where there is no entry.
        """
        values, expected = np.asarray(values), self.full_shape
        if self.entries is not None:
            present = np.zeros(expected, dtype=bool)
            present[list(self.entries)] = True
        elif self.is_of_pairs:
            present = ~np.eye(self._num_types, dtype=bool)
        else:
            present = np.ones(values.shape, dtype=bool)
        if values.shape != expected:
            raise ValueError(
                f"multipliers {self.name}: expected {_counted(expected)}, got shape {values.shape}"
            )
        if values[~present].any():
            raise ValueError(f"multipliers {self.name} where there is no constraint")
        return np.asarray(values[present].ravel())

    @property
    def full_shape(self) -> tuple[int, ...]:
        """Shape of the multipliers, with those that are missing."""
        if self.entries is not None:
            return (self.full_size or 0,)
        if self.is_of_pairs:
            return ((self._num_types,) * 2) + self.shape[1:]
        return self.shape

    @property
    def is_of_pairs(self) -> bool:
        """Whether entries are a type and another type that it may report."""
        twice = len(self.axes) > 1 and self.axes[0] == self.axes[1]
        return twice and len(self.shape) == len(self.axes) - 1

    @property
    def _num_types(self) -> int:
        return (1 + math.isqrt(1 + 4 * self.shape[0])) // 2


def _counted(shape: tuple[int, ...]) -> str:
    return f"{shape[0]} numbers" if len(shape) == 1 else f"shape {shape}"


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
    identical
        Names of the agents of each group whose first one stands for all of it; nothing where each
        has variables of its own.

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
    identical: tuple[tuple[str, ...], ...] = ()


def standard_form(
    problem: DesignProblem, *, textbook: bool = False, groups: bool = False
) -> StandardForm:
    """Return the linear program of a problem (theory.md, section 1).

    Variables are the outcome of every profile, and each agent's interim net quantities and
    payments, or its payments of every profile. Money is measured as in the problem. The newest
    program is kept, read-only, for who asks again, such as an audit after a solve.

    Parameters
    ----------
    problem
        The problem.
    textbook
        Whether to take payments of every profile and all pairs of types where interim payments and
        neighbouring types would do. With independent types the optimum is the same.
    groups
        Whether one agent may stand for all identical ones where there are many profiles; see
        :func:`mechopt.problem.groups.has_group_form`.
    """
    if textbook or (groups and has_group_form(problem)):
        problem = problem.textbook if textbook else problem
        return float_program(problem, textbook=textbook, groups=groups).as_standard_form()
    return _kept_form(problem)


@kept_while_it_lives(most=1)
def _kept_form(problem: DesignProblem) -> StandardForm:
    form = float_program(problem).as_standard_form()
    matrix, bounds = form.matrix, (form.row_lower, form.row_upper, form.lower, form.upper)
    for array in (form.cost, matrix.data, matrix.indices, matrix.indptr, *bounds):
        array.flags.writeable = False
    return form


def float_program(
    problem: DesignProblem, *, textbook: bool = False, groups: bool = False
) -> Program:
    """Return the program that :func:`standard_form` returns, before its matrix is compressed."""
    by_group = groups and not textbook and has_group_form(problem)
    small = by_group or (not textbook and has_counts_form(problem))
    if not small and problem.environment.num_profiles > MAX_PROFILES:
        raise too_large(problem)
    if not small:
        problem.environment.require_dense("the linear program")
    numbers = in_floats(problem, corners=not small)
    frame = GroupFrame(problem.environment, numbers) if by_group else None
    return assemble(problem, numbers, textbook=textbook, frame=frame)


@dataclass(frozen=True, eq=False)
class Program:
    """The linear program in floats or in fractions; infinite bounds are floats in both.

    Parameters
    ----------
    cost, row_lower, row_upper, lower, upper, variables, constraints, identical
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
    identical: tuple[tuple[str, ...], ...] = ()

    def as_standard_form(self) -> StandardForm:
        """Return the program, of floats, with its matrix in compressed columns."""
        from scipy import sparse

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
            self.identical,
        )


def as_entries(matrix: Any) -> Entries:
    """Return the entries of a scipy sparse matrix; entries are returned as they are."""
    if isinstance(matrix, Entries):
        return matrix
    coordinates = matrix.tocoo()
    return Entries(coordinates.row, coordinates.col, coordinates.data, matrix.shape)


def assemble(
    problem: DesignProblem,
    numbers: Numbers,
    *,
    textbook: bool = False,
    frame: Frame | None = None,
) -> Program:
    """Return the program of a problem with the given numbers.

    What the rows are is said by the problem's requirements, once for all kinds of numbers. They are
    written in the variables of ``frame``; those of :func:`frame_of` unless given.

    Raises
    ------
    TooLargeError
        If it would take more memory than there is.
    """
    if frame is None:
        frame = frame_of(problem, numbers, textbook=textbook)
        if not isinstance(frame, CountsFrame):
            require_room(problem, exact=numbers.exact, textbook=textbook)
    build = ProgramBuilder(numbers.one)
    for block in (*frame.variables(), *problem.objective.variables(frame)):
        build.variables(
            block.name,
            block.shape,
            block.axes,
            cost=block.cost,
            lower=block.lower,
            upper=block.upper,
            meaning=block.meaning,
        )
    for rows in frame.definitions():
        build.add(rows)
    for requirement in problem.required_of(frame.representatives):
        for rows in requirement.rows(frame):
            build.add(rows, required=True)
    for rows in problem.objective.rows(frame):
        build.add(rows, required=True)
    program = build.finish()
    if isinstance(frame, CountsFrame):
        # What is said by state is not divided among the agents: rows of the first stand for all.
        return program
    groups = tuple(
        tuple(name for name, own in zip(frame.names, frame.groups, strict=True) if own == group)
        for group in range(len(frame.representatives))
    )
    return replace(program, identical=groups) if len(groups) < len(frame.names) else program


def _joined(parts: Sequence[NumberArray], kind: type) -> NumberArray:
    """Return arrays one after the other; none of them if the program has no rows."""
    return np.concatenate(parts) if parts else np.empty(0, dtype=kind)


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
    >>> from scipy import sparse
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
        meaning: Meaning = NO_MEANING,
    ) -> None:
        """Add a block of variables, with what each adds to the objective and its bounds."""
        self._check_new(name, self._variables)
        block = Block(name, self._next(self._variables), shape, axes, meaning=meaning)
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
        equal: NumberArray | float | None = None,
        shape: tuple[int, ...] | None = None,
        entries: IndexArray | None = None,
        full_size: int | None = None,
        in_money: bool = True,
        meaning: Meaning = NO_MEANING,
        required: bool = False,
    ) -> None:
        """Add the rows ``sum of matrix @ variable >= at_least``, or ``== equal``."""
        parts = {variable: as_entries(matrix) for variable, matrix in terms.items()}
        size = next(iter(parts.values())).shape[0]
        if size == 0:
            return
        self._check_new(name, self._constraints)
        skips = None if entries is None else tuple(int(entry) for entry in entries)
        block = Block(
            name,
            self._next(self._constraints),
            shape or (size,),
            axes,
            skips,
            full_size,
            in_money,
            meaning,
            required,
        )
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

    def add(self, rows: Rows, *, required: bool = False) -> None:
        """Add the rows that a requirement or a frame states."""
        terms = rows.left.terms or {
            next(iter(self._variables)): Entries(
                np.zeros(0, dtype=np.intp),
                np.zeros(0, dtype=np.intp),
                np.full(0, self._zero),
                (rows.left.size, next(iter(self._variables.values())).size),
            )
        }
        self.require(
            rows.name,
            rows.axes,
            terms,
            at_least=rows.at_least,
            equal=rows.at_least if rows.equal else None,
            shape=rows.shape,
            entries=rows.entries,
            full_size=rows.full_size,
            in_money=rows.in_money,
            meaning=rows.meaning,
            required=required,
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
            return values if values.shape == (size,) else np.broadcast_to(values, size)
        kind = type(self._zero) if isinstance(self._zero, float) else object
        infinite = isinstance(values, float) and np.isinf(values)
        return np.full(size, values if infinite else values + self._zero, dtype=kind)

    @staticmethod
    def _check_new(name: str, blocks: dict[str, Block]) -> None:
        if name not in blocks:
            return
        raise InvalidInputError(
            "two parts of the program have the same name",
            where="problem",
            expected="variables and rows with names of their own",
            got=f"{name!r} twice",
            remedy="Rename the agent, the outcomes' variable or row, or the requirement's rows.",
        )

    @staticmethod
    def _next(blocks: dict[str, Block]) -> int:
        if not blocks:
            return 0
        last = blocks[next(reversed(blocks))]
        return last.start + last.size
