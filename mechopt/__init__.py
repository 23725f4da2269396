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

from mechopt.allocation import PointwiseRule, Table
from mechopt.analysis.continuum import Continuum, bracket_continuum, refine
from mechopt.analysis.dominance import Dominance, Verdict, find_dominating
from mechopt.analysis.figures import figures_8
from mechopt.analysis.frontier import frontier
from mechopt.analysis.impossibility import (
    Certificate,
    ExPostCheck,
    check_ex_post_efficiency,
    posted_price_for_all,
    slack_over_ratios,
)
from mechopt.analysis.interim_efficiency import InterimEfficiency, interim_efficiency
from mechopt.analysis.learning import Course, PaymentTiming, Posterior, course, posterior
from mechopt.analysis.sequential import (
    Corollary1,
    DateAudit,
    SequentialAudit,
    audit_sequential_rationality,
    corollary_1,
    excluded_forever,
)
from mechopt.backends import Acceptance, Backend, Cvxpy, Direct, HiGHS, Pyomo, solve
from mechopt.environments import (
    Agent,
    BilateralTrade,
    DatedTrade,
    DelayedTrade,
    Environment,
    NoPayoff,
    OutcomeRow,
    Outcomes,
    OutsideOption,
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
from mechopt.joint_problem import InterimPayoffs, JointMechanism, JointProblem
from mechopt.mechanism import Mechanism
from mechopt.priors import TypeSpace
from mechopt.problem import (
    DesignProblem,
    Subsidy,
    Welfare,
    ex_ante_efficiency,
    ex_post_efficiency,
    minimum_subsidy,
)
from mechopt.solution import Solution, load_solution
from mechopt.theory.cramton import SimultaneousOffers, UniformExchange, uniform_exchange
from mechopt.theory.known_mechanisms import (
    DoubleAuction,
    double_auction,
    double_auction_payoffs,
    posted_price,
)
from mechopt.theory.lemma_4 import payments_from_rule
from mechopt.theory.offers import (
    Offers,
    PostedPrice,
    StepRule,
    best_posted_price,
    take_it_or_leave_it,
)
from mechopt.verify.audit import AuditReport, audit

if TYPE_CHECKING:
    from mechopt.analysis.bootstrap import Bootstrap, BootstrapEstimate, bootstrap
    from mechopt.analysis.comparison import Comparison, ComparisonRow, compare
    from mechopt.instance import Instance
    from mechopt.sweeps import Sweep, Variation, sweep

# What few programs use is imported when it is first asked for, so that the package loads fast.
_ON_FIRST_USE = {
    "mechopt.analysis.bootstrap": ("Bootstrap", "BootstrapEstimate", "bootstrap"),
    "mechopt.analysis.comparison": ("Comparison", "ComparisonRow", "compare"),
    "mechopt.sweeps": ("Sweep", "Variation", "sweep"),
}


def __getattr__(name: str) -> object:
    for module, names in _ON_FIRST_USE.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def load_instance(path: str | Path, *, cells: int | None = None) -> Instance:
    """Read a TOML instance file; see :func:`mechopt.instance.load_instance`.

    Examples
    --------
    >>> load_instance("no such file.toml")
    Traceback (most recent call last):
        ...
    mechopt.errors.InstanceError: no such file.toml: 1 fault...
    """
    # Reading instances needs pydantic, which is slow to import.
    from mechopt.instance import load_instance as load

    return load(path, cells=cells)


__all__ = [
    "Acceptance",
    "Agent",
    "AuditError",
    "AuditReport",
    "Backend",
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
    "InstanceError",
    "InterimEfficiency",
    "InterimPayoffs",
    "InvalidInputError",
    "JointMechanism",
    "JointProblem",
    "Mechanism",
    "MechoptError",
    "NoPayoff",
    "NotOptimalError",
    "Offers",
    "OutcomeRow",
    "Outcomes",
    "OutsideOption",
    "PaymentTiming",
    "PointwiseRule",
    "PostedPrice",
    "Posterior",
    "Pyomo",
    "SequentialAudit",
    "SimultaneousOffers",
    "Solution",
    "StepRule",
    "Subsidy",
    "Sweep",
    "Table",
    "TooLargeError",
    "Trade",
    "TypeSpace",
    "UniformExchange",
    "UnsupportedProblemError",
    "Variation",
    "Verdict",
    "Welfare",
    "audit",
    "audit_sequential_rationality",
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
    "figures_8",
    "find_dominating",
    "frontier",
    "interim_efficiency",
    "load_instance",
    "load_solution",
    "minimum_subsidy",
    "on_dates",
    "payments_from_rule",
    "posted_price",
    "posted_price_for_all",
    "posterior",
    "refine",
    "slack_over_ratios",
    "solve",
    "sweep",
    "take_it_or_leave_it",
    "uniform_exchange",
]
