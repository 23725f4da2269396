"""Exact optima: the fraction, the mechanism, and the multipliers that prove it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from mechopt._util.rationals import FractionArray, fraction_array
from mechopt.errors import TooLargeError, require_extra
from mechopt.exact.program import (
    RationalProgram,
    bound_from,
    improves_forever,
    rational_program,
    value_of,
    violations_of,
)
from mechopt.exact.rules import has_rule, rule_optimum
from mechopt.problem.budget import Budget
from mechopt.problem.counts import has_counts_form, variables_of
from mechopt.problem.groups import has_group_form
from mechopt.problem.problem import DesignProblem
from mechopt.solution import Solution, Termination

if TYPE_CHECKING:
    import highspy

    from mechopt.exact.simplex import BasisStatus, SimplexResult
    from mechopt.program.standard_form import Block, Program

MAX_PROFILES = 400_000
# Of identical agents by counts, so many outcomes and payments take a minute.
MOST_COUNTED = 2_000
MAX_PIVOTS = 2_000
HIGHS_TOLERANCE = 1e-10
AGREEMENT = 1e-6


@dataclass(frozen=True, eq=False)
class ExactSolution:
    """The exact answer to a design problem, with a proof.

    Parameters
    ----------
    problem
        The problem.
    termination
        ``optimal``, ``infeasible`` or ``unbounded``, each proved; ``limit`` if nothing was.
    objective
        The optimum, in money; None unless optimal.
    mechanism
        Values of every block of variables by name: outcomes over type profiles, and
        ``{agent}_quantity`` and ``{agent}_payment`` by type; made when asked for, where they follow
        from a rule. Where one of very many identical agents stands for all, quantities and payments
        of the first. Empty if infeasible.
    multipliers
        Multipliers by constraint name, with the signs of :class:`mechopt.Solution`: the rate at
        which the objective improves as the constraint is relaxed. ``{agent}_quantity`` are those of
        the definitions of the interim quantities, of any sign. If infeasible they prove it.
    shortfall
        If infeasible, by how much the multipliers say so; where they come from the least subsidy,
        that is the outside money that is needed.
    direction
        If unbounded, how the mechanism can change again and again, by block as in ``mechanism``.
    pivots
        How many exact pivots repaired the basis of the float solver; often none.
    reason
        If nothing was proved, what could not be.
    binary
        Whether floats were read as exactly what they are.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency, exact_optimum
    >>> types = TypeSpace.finite([f"{k}/6" for k in range(1, 7)])
    >>> solution = exact_optimum(ex_ante_efficiency(BilateralTrade(types, types)))
    >>> solution
    ExactSolution(optimal, objective 25/162)
    >>> solution.objective, solution.mechanism["trade"][0, 5], solution.verify()
    (Fraction(25, 162), Fraction(1, 1), ())
    """

    problem: DesignProblem
    termination: Termination
    objective: Fraction | None = None
    mechanism: Mapping[str, FractionArray] = field(default_factory=dict)
    multipliers: Mapping[str, FractionArray] = field(default_factory=dict)
    shortfall: Fraction | None = None
    direction: Mapping[str, FractionArray] = field(default_factory=dict)
    pivots: int = 0
    reason: str = ""
    binary: bool = False

    def __repr__(self) -> str:
        found = "" if self.objective is None else f", objective {self.objective}"
        return f"ExactSolution({self.termination.value}{found})"

    @property
    def proved(self) -> bool:
        """Whether there is an answer with a proof."""
        return self.termination is not Termination.LIMIT

    def verify(self) -> tuple[str, ...]:
        """Return what is wrong with the proof, one text each; empty if it holds.

        The program is written down again from the problem's data, and nothing is used but
        Python's fractions: every bound and every row, the objective, and, by weak duality, that the
        multipliers prove a bound equal to it.

        Raises
        ------
        TooLargeError
            For more than 400,000 type profiles.
        """
        _require_size(self.problem, binary=self.binary)
        return _faults(self, *rational_program(self.problem, binary=self.binary))

    def doubt_about(self, solution: Solution) -> str | None:
        """Return why this is no exact version of a solution in floats; None if it is.

        Examples
        --------
        >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency, exact_optimum, solve
        >>> types = TypeSpace.finite([0, 1])
        >>> problem = ex_ante_efficiency(BilateralTrade(types, types))
        >>> exact_optimum(problem).doubt_about(solve(problem)) is None
        True
        """
        if not self.proved:
            return f"no exact optimum was proved: {self.reason}. Solve in floats."
        if self.termination is not solution.termination:
            return (
                f"the program is {self.termination.value} in exact arithmetic, but "
                f"{solution.termination.value} by {solution.provenance.backend}."
            )
        if self.objective is None:
            return None
        error = abs(float(self.objective) - solution.objective)
        if error <= AGREEMENT * self.problem.objective_scale:
            return None
        return (
            f"the exact optimum {float(self.objective):.12g} is not the objective "
            f"{solution.objective:.12g} of {solution.provenance.backend}. Ties that only fractions "
            "tell apart can do that."
        )


def exact_optimum(
    problem: DesignProblem, *, max_pivots: int = MAX_PIVOTS, binary: bool = False
) -> ExactSolution:
    """Solve a linear design problem exactly.

    Welfare of static trade is solved by virtual valuations in whole numbers, at any number of
    types: the value of the mechanism, by its payments, is the bound that its multiplier proves.
    Owners of shares of equal units get a mixture of rankings of their types, and so do bidders
    where profiles are very many; its value is the bound that its multipliers prove. For other
    problems, and where that fails, HiGHS finds an optimal basis in floats. Its point and its
    multipliers are solved for in rationals, and signs and feasibility are checked without rounding;
    exact pivots repair what does not hold. Whatever comes out is verified once more from the data
    before it is returned.

    Parameters
    ----------
    problem
        A problem whose data are rational: finite types, samples, or cells of uniform distributions.
        Floats are read as the decimals that they print as.
    max_pivots
        How many exact pivots to spend on a basis that is not optimal.
    binary
        Whether to take the problem's floats as exactly what they are, not as the decimals that
        they print as. Any linear problem will do then, rational data or not.

    Returns
    -------
    ExactSolution
        Whatever the outcome; see its ``termination``.

    Raises
    ------
    InvalidInputError
        If a type space is not known exactly.
    UnsupportedProblemError
        If the problem is not a linear program with rational data.
    TooLargeError
        For more than 400,000 type profiles, where a program is needed and agents are not
        identical ones who compete for equal units.
    MissingExtraError
        If python-flint is not installed, where a program is needed.

    Notes
    -----
    Source: theory.md, section 5.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, minimum_subsidy
    >>> types = TypeSpace.finite([f"{k}/6" for k in range(1, 7)])
    >>> exact_optimum(minimum_subsidy(BilateralTrade(types, types))).objective
    Fraction(5, 216)
    """
    problem.require_lotteries("an exact optimum")
    found = _by_rule(problem, binary=binary) if has_rule(problem) else None
    if found is not None:
        return found
    require_extra("flint", "exact", "an exact optimum")
    found = _by_mixture(problem, max_pivots) if not binary else None
    if found is not None:
        return found
    _require_size(problem, binary=binary)
    program, named = rational_program(problem, binary=binary)
    model = _run_highs(problem, groups=not binary)
    solution = _least_subsidy_proof(problem, model, max_pivots, binary=binary)
    if solution is None:
        solution = _solved(problem, program, named, model, max_pivots)
    faults = _faults(solution, program, named) if solution.proved else ()
    if faults:
        reason = f"the exact answer does not stand up to verification: {faults[0]}"
        return ExactSolution(problem, Termination.LIMIT, pivots=solution.pivots, reason=reason)
    return replace(solution, binary=binary)


def _by_rule(problem: DesignProblem, *, binary: bool) -> ExactSolution | None:
    """Return the optimum by virtual valuations, which needs no program; None if it is not found."""
    found = rule_optimum(problem, binary=binary)
    if found is None:
        return None
    return ExactSolution(
        problem,
        Termination.OPTIMAL,
        objective=problem.objective.sign * found.objective,
        mechanism=found.mechanism,
        multipliers=found.multipliers,
        binary=binary,
    )


def _by_mixture(problem: DesignProblem, max_pivots: int) -> ExactSolution | None:
    """Return the optimum of owners of shares, which needs no profiles; None if it is not found.

    That of other agents who compete for equal units where profiles are too many.
    """
    from mechopt.exact.mixture import has_mixture, mixture_optimum

    environment = problem.environment
    owners = any(agent.outside_option.share_of_type for agent in environment.agents)
    wanted = owners or environment.num_profiles > MAX_PROFILES
    if not wanted or has_group_form(problem) or not has_mixture(problem):
        return None
    found = mixture_optimum(problem, max_pivots)
    if found is None:
        return None
    return ExactSolution(
        problem,
        Termination.OPTIMAL,
        objective=found.objective,
        mechanism=found.mechanism,
        multipliers=found.multipliers,
        pivots=found.pivots,
    )


def _require_size(problem: DesignProblem, *, binary: bool) -> None:
    if has_group_form(problem) and not binary:
        return
    if has_counts_form(problem):
        variables = variables_of(problem)
        if not binary and variables <= MOST_COUNTED:
            return
        decimals = "; floats as the decimals that they print as, not in binary" if binary else ""
        raise TooLargeError(
            f"an exact optimum of identical agents by counts would have {variables:,} outcomes and "
            f"payments (at most {MOST_COUNTED:,}{decimals}). Use fewer types, or solve in floats."
        )
    size = problem.environment.num_profiles
    if size > MAX_PROFILES:
        raise TooLargeError(
            f"an exact optimum over {size:.3g} type profiles would take very long (at most "
            f"{MAX_PROFILES:.0e}). Use fewer types or cells, or solve in floats."
        )
    problem.environment.require_dense("an exact optimum")


def _run_highs(problem: DesignProblem, *, groups: bool) -> highspy.Highs:
    """Return HiGHS after its run on the float program, with payoffs near 1."""
    from mechopt.program.highs_model import load, money_unit
    from mechopt.program.standard_form import standard_form

    unit = money_unit(problem)
    in_unit = problem if unit == 1.0 else problem.scaled(1.0 / unit)
    model = load(standard_form(in_unit, groups=groups), HIGHS_TOLERANCE)
    model.run()
    if not model.getBasis().valid or not _has_status(model, "kOptimal"):
        # Presolve can settle a program without a basis; simplex leaves one.
        model.setOptionValue("presolve", "off")
        model.setOptionValue("solver", "simplex")
        model.run()
    return model


def _has_status(model: highspy.Highs, name: str) -> bool:
    import highspy

    return bool(model.getModelStatus() == getattr(highspy.HighsModelStatus, name))


def _places(model: highspy.Highs, program: RationalProgram) -> list[BasisStatus]:
    """Return the basis that HiGHS ended with, or that of no variable if it has none."""
    import highspy

    from mechopt.exact.simplex import BasisStatus, slack_places

    basis = model.getBasis()
    if not basis.valid:
        return slack_places(program)
    kinds = {
        highspy.HighsBasisStatus.kBasic: BasisStatus.BASIC,
        highspy.HighsBasisStatus.kLower: BasisStatus.LOWER,
        highspy.HighsBasisStatus.kUpper: BasisStatus.UPPER,
    }
    return [
        kinds.get(status, BasisStatus.FREE) for status in (*basis.col_status, *basis.row_status)
    ]


def _least_subsidy_proof(
    problem: DesignProblem, model: highspy.Highs, max_pivots: int, *, binary: bool
) -> ExactSolution | None:
    """Prove infeasibility by the multipliers of the least subsidy, if money is what lacks.

    They say how much is lacking, which an arbitrary certificate does not.
    """
    without = problem.budget is Budget.SUBSIDISED or not problem.is_interim
    if without or not _has_status(model, "kInfeasible"):
        return None
    least = exact_optimum(problem.subsidised(), max_pivots=max_pivots, binary=binary)
    if least.objective is None or least.objective <= 0:
        return None
    multipliers = {**least.multipliers, "budget": fraction_array([Fraction(1)])}
    return ExactSolution(
        problem,
        Termination.INFEASIBLE,
        multipliers=multipliers,
        shortfall=least.objective,
        pivots=least.pivots,
    )


def _solved(
    problem: DesignProblem,
    program: RationalProgram,
    named: Program,
    model: highspy.Highs,
    max_pivots: int,
) -> ExactSolution:
    import flint

    from mechopt.exact.simplex import SimplexStatus, simplex

    rational = program.in_numbers(lambda value: flint.fmpq(value.numerator, value.denominator))
    ending = simplex(rational, _places(model, program), max_pivots)
    if ending.verdict is SimplexStatus.LIMIT:
        reason = (
            f"the float solver's basis is not optimal exactly, and {max_pivots} exact pivots did "
            "not repair it"
        )
        return ExactSolution(problem, Termination.LIMIT, pivots=ending.pivots, reason=reason)
    return _named(problem, program, named, ending)


def _named(
    problem: DesignProblem, program: RationalProgram, named: Program, ending: SimplexResult
) -> ExactSolution:
    """Return the ending of the simplex method under the names of blocks."""
    from mechopt.exact.simplex import SimplexStatus

    solution = ExactSolution(problem, Termination(ending.verdict.value), pivots=ending.pivots)
    duals = _by_constraint(named, _fractions(ending.multipliers))
    if ending.verdict is SimplexStatus.INFEASIBLE:
        nothing = [Fraction(0)] * program.num_columns
        bound = bound_from(program, _fractions(ending.multipliers), nothing)
        shortfall = None if bound is None else -bound
        return replace(solution, multipliers=duals, shortfall=shortfall)
    point = _fractions(ending.point)
    solution = replace(solution, mechanism=_by_variable(named, point))
    if ending.verdict is SimplexStatus.UNBOUNDED:
        return replace(solution, direction=_by_variable(named, _fractions(ending.direction)))
    objective = problem.objective.sign * value_of(program, point)
    return replace(solution, objective=objective, multipliers=duals)


def _fractions(values: Iterable[Any]) -> list[Fraction]:
    return [Fraction(int(value.p), int(value.q)) for value in values]


def _by_variable(named: Program, point: Sequence[Fraction]) -> dict[str, FractionArray]:
    vector = fraction_array(point)
    return {name: block.of(vector) for name, block in named.variables.items()}


def _by_constraint(named: Program, multipliers: Sequence[Fraction]) -> dict[str, FractionArray]:
    """Return multipliers by name; relaxing ``row >= b`` by one unit is lowering b by one."""
    if not multipliers:
        return {}
    vector = -fraction_array(multipliers)
    return {name: block.spread(vector) for name, block in named.constraints.items()}


def _faults(solution: ExactSolution, program: RationalProgram, named: Program) -> tuple[str, ...]:
    """Return what is wrong with the proof of a solution of this program."""
    nothing = [Fraction(0)] * program.num_columns
    try:
        if not solution.proved:
            return ("nothing was proved",)
        if solution.termination is Termination.INFEASIBLE:
            bound = bound_from(program, _rows_of(solution, named), nothing)
            if bound is None or bound >= 0 or solution.shortfall != -bound:
                return (f"the multipliers prove a shortfall of {bound and -bound}",)
            return ()
        point = _flat(solution.mechanism, named.variables)
        broken = violations_of(program, point)
        if solution.termination is Termination.UNBOUNDED:
            if not improves_forever(program, _flat(solution.direction, named.variables)):
                broken.append("the direction does not improve the objective for ever")
            return tuple(broken)
        value = value_of(program, point)
        bound = bound_from(program, _rows_of(solution, named))
    except (KeyError, TypeError, ValueError) as error:
        return (f"blocks do not fit the problem: {error}",)
    sign = solution.problem.objective.sign
    if solution.objective != sign * value:
        broken.append(f"the mechanism's objective is {sign * value}, not {solution.objective}")
    if bound != value:
        proved = None if bound is None else sign * bound
        broken.append(f"the multipliers prove a bound of {proved}, not {solution.objective}")
    return tuple(broken)


def _rows_of(solution: ExactSolution, named: Program) -> list[Fraction]:
    """Return y per row from multipliers by name."""
    result: list[Fraction] = []
    for name, block in named.constraints.items():
        result.extend(
            -value for value in _as_fractions(name, block.gathered(solution.multipliers[name]))
        )
    return result


def _flat(values: Mapping[str, FractionArray], blocks: Mapping[str, Block]) -> list[Fraction]:
    """Return the blocks' values one after the other, each checked to be an exact fraction."""
    result: list[Fraction] = []
    for name, block in blocks.items():
        array = values[name]
        if array.shape != block.shape:
            raise ValueError(f"{name} has shape {array.shape}, not {block.shape}")
        result.extend(_as_fractions(name, array))
    return result


def _as_fractions(name: str, array: FractionArray) -> list[Fraction]:
    values: list[Fraction] = array.ravel().tolist()
    for value in values:
        if not isinstance(value, Fraction):
            raise TypeError(f"{name} holds {value!r}, which is no fraction")
    return values
