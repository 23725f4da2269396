"""Mechanism design programs: state one, get it solved, certified, explained and exported.

>>> import mechopt as mo
>>> types = mo.TypeSpace.finite([1, 2, 3, 4, 5, 6])
>>> problem = mo.ex_ante_efficiency(mo.BilateralTrade(seller=types, buyer=types))
>>> solution = mo.solve(problem)
>>> mo.audit(problem, solution).passed
True
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from mechopt._util.registry import saved_as
from mechopt._util.rounding import in_figures
from mechopt.backends import Acceptance, Backend, Cvxpy, Direct, HiGHS, Pyomo, solve
from mechopt.backends.polish import Polished, polish
from mechopt.environments import (
    Agent,
    Bargaining,
    BilateralTrade,
    DatedTrade,
    DelayedTrade,
    Environment,
    NoPayoff,
    OutcomeRow,
    Outcomes,
    OutsideOption,
    RandomMonopoly,
    Role,
    SingleGood,
    Trade,
    on_dates,
)
from mechopt.errors import (
    AuditError,
    InstanceError,
    InvalidInputError,
    MechoptError,
    NotOptimalError,
    TooLargeError,
    UnsupportedProblemError,
)
from mechopt.exact import ExactSolution, exact_optimum
from mechopt.literature.cramton1985.figures import figures_8
from mechopt.literature.cramton1985.impossibility import (
    Certificate,
    ExPostCheck,
    check_ex_post_efficiency,
    posted_price_for_all,
    slack_over_ratios,
)
from mechopt.literature.cramton1985.known_mechanisms import (
    DoubleAuction,
    double_auction,
    double_auction_payoffs,
    posted_price,
)
from mechopt.literature.cramton1985.learning import (
    Course,
    PaymentTiming,
    Posterior,
    course,
    posterior,
)
from mechopt.literature.cramton1985.lemma_4 import payments_from_rule
from mechopt.literature.cramton1985.sequential import (
    Corollary1,
    DateAudit,
    SequentialAudit,
    audit_sequential_rationality,
    corollary_1,
    excluded_forever,
)
from mechopt.literature.cramton1985.uniform_exchange import (
    SimultaneousOffers,
    UniformExchange,
    uniform_exchange,
)
from mechopt.literature.peski2024.gap_map import (
    LargestGap,
    gap_figures,
    gap_over_beliefs,
    largest_gap,
)
from mechopt.literature.peski2024.payoff_intervals import payoff_intervals
from mechopt.literature.peski2024.payoff_set import PayoffSet, Projection
from mechopt.literature.peski2024.player_1_gap import PlayerOneGap, player_1_gap
from mechopt.literature.peski2024.polytope import Polytope
from mechopt.literature.peski2024.random_monopoly import audit_payoffs
from mechopt.literature.peski2024.two_type_gap import TwoTypeGap, two_type_gap
from mechopt.mechanism.allocation import PointwiseRule, Table
from mechopt.mechanism.mechanism import Mechanism
from mechopt.problem.joint_problem import InterimPayoffs, JointMechanism, JointProblem
from mechopt.problem.objectives import Subsidy, WeightedPayoffs, Welfare
from mechopt.problem.problem import (
    DesignProblem,
    best_for_player_1,
    ex_ante_efficiency,
    ex_post_efficiency,
    minimum_subsidy,
)
from mechopt.saved import load_solution, save_solution
from mechopt.solution import Solution
from mechopt.studies.continuum import Continuum, bracket_continuum, refine
from mechopt.studies.dominance import Dominance, Verdict, find_dominating
from mechopt.studies.frontier import frontier
from mechopt.studies.interim_efficiency import InterimEfficiency, interim_efficiency
from mechopt.studies.offers import (
    Offers,
    PostedPrice,
    StepRule,
    best_posted_price,
    take_it_or_leave_it,
)
from mechopt.types import TypeSpace
from mechopt.types.prices.monopoly import Monopoly, monopoly
from mechopt.verify.audit import AuditReport, audit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mechopt import plot
    from mechopt.formats.sidecar import Optimum
    from mechopt.instances import Instance
    from mechopt.report.summary import summary
    from mechopt.studies.bootstrap import Bootstrap, BootstrapEstimate, bootstrap
    from mechopt.studies.comparison import Comparison, ComparisonRow, compare
    from mechopt.studies.paired_rows import PairedRows
    from mechopt.sweeps import Sweep, Variation, sweep
    from mechopt.types.residuals import Homogenised, homogenise
    from mechopt.types.samples import Sample, read_column, read_sample
    from mechopt.types.table_format import TableFormat

# What few programs use is imported when it is first asked for, so that the package loads fast.
_ON_FIRST_USE = {
    "mechopt.studies.bootstrap": ("Bootstrap", "BootstrapEstimate", "bootstrap"),
    "mechopt.studies.comparison": ("Comparison", "ComparisonRow", "compare"),
    "mechopt.studies.paired_rows": ("PairedRows",),
    "mechopt.types.residuals": ("Homogenised", "homogenise"),
    "mechopt.types.samples": ("Sample", "read_column", "read_sample"),
    "mechopt.types.table_format": ("TableFormat",),
    "mechopt.report.summary": ("summary",),
    "mechopt.sweeps": ("Sweep", "Variation", "sweep"),
}


def __getattr__(name: str) -> object:
    if name == "plot":
        return import_module("mechopt.plot")
    for module, names in _ON_FIRST_USE.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def load_instance(path: str | Path, *, cells: int | None = None) -> Instance:
    """Read a TOML instance file; see :func:`mechopt.instances.load_instance`.

    Examples
    --------
    >>> load_instance("no such file.toml")
    Traceback (most recent call last):
        ...
    mechopt.errors.InstanceError: no such file.toml: 1 fault...
    """
    # Reading instances needs pydantic, which is slow to import.
    from mechopt.instances import load_instance as load

    return load(path, cells=cells)


def export(
    problem: DesignProblem | JointProblem,
    path: str | Path,
    *,
    form: str = "neighbouring",
    title: str = "",
    unit: str = "money",
    optimum: Optimum | None = None,
) -> list[Path]:
    """Write a problem as a model for any solver, and beside it a JSON file that explains it.

    The model is a minimisation without a constant; names say which types a row or column belongs
    to. The same problem gives the same bytes.

    Parameters
    ----------
    problem
        A design problem, or a joint one.
    path
        Ends with ``.mps``, ``.mps.gz``, ``.lp``, ``.cbf``, ``.cbf.gz`` or ``.nl``. The sidecar's
        path is this and ``.json``: sense, meaning of the objective, name to types, sections of the
        theory, and the problem itself.
    form
        ``"neighbouring"``, or ``"all-pairs"`` for the large textbook form of a design problem.
    title, unit
        What to call the problem, and what money is measured in.
    optimum
        What is known of the optimum, for the sidecar: a
        :class:`mechopt.formats.sidecar.Optimum`.

    Returns
    -------
    list of Path
        What was written: the model, then its sidecar.

    Raises
    ------
    InvalidInputError
        For other suffixes, files that cannot be written, and curved bounds (delayed trade) in a
        linear format.
    UnsupportedProblemError
        For a joint problem or all pairs in ``.nl``.

    Warns
    -----
    ScaleWarning
        If numbers are so large or small that solvers' default tolerances may not do; money in
        another unit (``problem.scaled``) is the remedy.

    Examples
    --------
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> export(ex_ante_efficiency(BilateralTrade(types, types)), "trade.docx")
    Traceback (most recent call last):
        ...
    mechopt.errors.InvalidInputError: trade.docx: no format has this suffix (expected .mps, ...
    """
    # Writing programs needs scipy.sparse, which is slow to import.
    from mechopt.formats.write import export_model

    return export_model(problem, path, form=form, title=title, unit=unit, optimum=optimum)


def import_solution(
    model: str | Path, solution: str | Path, classes: Iterable[type] = ()
) -> Solution:
    """Return what a solver wrote for an exported model as a solution, to be audited like any other.

    Parameters
    ----------
    model
        The model that :func:`export` wrote, with its sidecar beside it.
    solution
        What a solver wrote: HiGHS (raw or pretty), SCIP, CPLEX (XML), Gurobi, MOSEK or any names
        and values; for ``.nl``, AMPL's format. HiGHS' raw style has the most digits.
    classes
        Classes of yours that stand in the sidecar; see :func:`load_solution`.

    Returns
    -------
    Solution
        Optimal where a bound proves it, and else a mechanism with a value and a bound, of
        termination "limit": the solver's own word counts for nothing.

    Raises
    ------
    InvalidInputError
        For files that cannot be read or do not belong together.
    UnsupportedProblemError
        For models of joint problems; see :func:`mechopt.formats.read.import_dominance`.

    Examples
    --------
    >>> import_solution("no such model.mps", "trade.sol")
    Traceback (most recent call last):
        ...
    mechopt.errors.InvalidInputError: no such model.mps.json: cannot read the file...
    """
    from mechopt.formats.read import import_solution as read

    return read(model, solution, classes)


def __dir__() -> list[str]:
    """Return the names of the package that are for use, those that are imported later included."""
    return list(__all__)


__all__ = [
    "Acceptance",
    "Agent",
    "AuditError",
    "AuditReport",
    "Backend",
    "Bargaining",
    "BilateralTrade",
    "Bootstrap",
    "BootstrapEstimate",
    "Certificate",
    "Comparison",
    "ComparisonRow",
    "Continuum",
    "Corollary1",
    "Course",
    "Cvxpy",
    "DateAudit",
    "DatedTrade",
    "DelayedTrade",
    "DesignProblem",
    "Direct",
    "Dominance",
    "DoubleAuction",
    "Environment",
    "ExPostCheck",
    "ExactSolution",
    "HiGHS",
    "Homogenised",
    "InstanceError",
    "InterimEfficiency",
    "InterimPayoffs",
    "InvalidInputError",
    "JointMechanism",
    "JointProblem",
    "LargestGap",
    "Mechanism",
    "MechoptError",
    "Monopoly",
    "NoPayoff",
    "NotOptimalError",
    "Offers",
    "OutcomeRow",
    "Outcomes",
    "OutsideOption",
    "PairedRows",
    "PaymentTiming",
    "PayoffSet",
    "PlayerOneGap",
    "PointwiseRule",
    "Polished",
    "Polytope",
    "PostedPrice",
    "Posterior",
    "Projection",
    "Pyomo",
    "RandomMonopoly",
    "Role",
    "Sample",
    "SequentialAudit",
    "SimultaneousOffers",
    "SingleGood",
    "Solution",
    "StepRule",
    "Subsidy",
    "Sweep",
    "Table",
    "TableFormat",
    "TooLargeError",
    "Trade",
    "TwoTypeGap",
    "TypeSpace",
    "UniformExchange",
    "UnsupportedProblemError",
    "Variation",
    "Verdict",
    "WeightedPayoffs",
    "Welfare",
    "audit",
    "audit_payoffs",
    "audit_sequential_rationality",
    "best_for_player_1",
    "best_posted_price",
    "bootstrap",
    "bracket_continuum",
    "check_ex_post_efficiency",
    "compare",
    "corollary_1",
    "course",
    "double_auction",
    "double_auction_payoffs",
    "ex_ante_efficiency",
    "ex_post_efficiency",
    "exact_optimum",
    "excluded_forever",
    "export",
    "figures_8",
    "find_dominating",
    "frontier",
    "gap_figures",
    "gap_over_beliefs",
    "homogenise",
    "import_solution",
    "in_figures",
    "interim_efficiency",
    "largest_gap",
    "load_instance",
    "load_solution",
    "minimum_subsidy",
    "monopoly",
    "on_dates",
    "payments_from_rule",
    "payoff_intervals",
    "player_1_gap",
    "plot",
    "polish",
    "posted_price",
    "posted_price_for_all",
    "posterior",
    "read_column",
    "read_sample",
    "refine",
    "save_solution",
    "saved_as",
    "slack_over_ratios",
    "solve",
    "summary",
    "sweep",
    "take_it_or_leave_it",
    "two_type_gap",
    "uniform_exchange",
]
