"""Mechanism design programs: state one, get it solved, certified, explained and exported.

>>> import mechopt as mo
>>> types = mo.TypeSpace.finite([1, 2, 3, 4, 5, 6])
>>> problem = mo.ex_ante_efficiency(mo.BilateralTrade(seller=types, buyer=types))
>>> solution = mo.solve(problem)
>>> mo.audit(problem, solution).passed
True

What belongs to a paper is in :mod:`mechopt.cramton1985` and :mod:`mechopt.peski2024`, pictures are
in :mod:`mechopt.plot`, checks of what you add to it in :mod:`mechopt.testing`. What few programs
need is reached where it is defined: ``mechopt.environments``, ``mechopt.errors``,
``mechopt.types``, ``mechopt.studies`` and so on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mechopt._util.lazy import importer, names

# What is public: the names by the module that defines them. Each is imported when it is first
# asked for, so that the package loads fast. The block below says the same to type checkers and
# editors; a test compares the two.
_WHERE: dict[str, tuple[str, ...]] = {
    "mechopt._util.registry": ("saved_as",),
    "mechopt._util.rounding": ("in_figures",),
    "mechopt.backends": (
        "Backend",
        "Cvxpy",
        "Direct",
        "HiGHS",
        "Pyomo",
        "solve",
    ),
    "mechopt.environments": (
        "Agent",
        "Alternatives",
        "Auction",
        "Bargaining",
        "BilateralTrade",
        "Environment",
        "Goods",
        "Market",
        "NoPayoff",
        "Outcomes",
        "OutsideOption",
        "Partnership",
        "PublicGood",
        "Trade",
        "trade_from_rows",
    ),
    "mechopt.errors": (
        "InvalidInputError",
        "MechoptError",
        "NotOptimalError",
    ),
    "mechopt.exact": ("exact_optimum",),
    "mechopt.formats.read": ("import_solution",),
    "mechopt.formats.write": ("export",),
    "mechopt.instances": ("load_instance",),
    "mechopt.literature.cramton1985.impossibility": ("check_ex_post_efficiency",),
    "mechopt.mechanism.mechanism": ("Mechanism",),
    "mechopt.problem.budget": ("PaymentLimit",),
    "mechopt.problem.events": ("EventProbability",),
    "mechopt.problem.objectives": (
        "LeastGain",
        "LeastUtility",
        "NashProduct",
        "Payoff",
        "Revenue",
        "Subsidy",
        "UnderPrior",
        "WeightedPayoffs",
        "Welfare",
        "WorstPrior",
    ),
    "mechopt.problem.participation": ("UtilityFloor",),
    "mechopt.problem.problem": ("DesignProblem",),
    "mechopt.problem.requirement": ("Requirement",),
    "mechopt.problem.usual": (
        "ex_ante_efficiency",
        "ex_post_efficiency",
        "largest_revenue",
        "minimum_subsidy",
    ),
    "mechopt.report.summary": ("summary",),
    "mechopt.saved": (
        "load_solution",
        "save_solution",
    ),
    "mechopt.solution": ("Solution",),
    "mechopt.studies.bootstrap": ("bootstrap",),
    "mechopt.studies.comparison": ("compare",),
    "mechopt.studies.continuum": (
        "bracket_continuum",
        "refine",
    ),
    "mechopt.studies.dominance": ("find_dominating",),
    "mechopt.studies.frontier": ("frontier",),
    "mechopt.studies.interim_efficiency": ("interim_efficiency",),
    "mechopt.studies.interim_payoffs": ("InterimPayoffs",),
    "mechopt.studies.offers": (
        "best_posted_price",
        "take_it_or_leave_it",
    ),
    "mechopt.sweeps": ("sweep",),
    "mechopt.types": (
        "TypeSpace",
        "TypeTable",
    ),
    "mechopt.types.prior": ("Joint",),
    "mechopt.types.residuals": ("homogenise",),
    "mechopt.types.samples": (
        "read_column",
        "read_sample",
    ),
    "mechopt.verify.audit": ("audit",),
}
_SUBMODULES = (
    "cramton1985",
    "environments",
    "errors",
    "known_mechanisms",
    "peski2024",
    "plot",
    "priors",
    "reduced_forms",
    "testing",
)

if TYPE_CHECKING:
    from mechopt import (
        cramton1985 as cramton1985,
        environments as environments,
        errors as errors,
        known_mechanisms as known_mechanisms,
        peski2024 as peski2024,
        plot as plot,
        priors as priors,
        reduced_forms as reduced_forms,
        testing as testing,
    )
    from mechopt._util.registry import saved_as as saved_as
    from mechopt._util.rounding import in_figures as in_figures
    from mechopt.backends import (
        Backend as Backend,
        Cvxpy as Cvxpy,
        Direct as Direct,
        HiGHS as HiGHS,
        Pyomo as Pyomo,
        solve as solve,
    )
    from mechopt.environments import (
        Agent as Agent,
        Alternatives as Alternatives,
        Auction as Auction,
        Bargaining as Bargaining,
        BilateralTrade as BilateralTrade,
        Environment as Environment,
        Goods as Goods,
        Market as Market,
        NoPayoff as NoPayoff,
        Outcomes as Outcomes,
        OutsideOption as OutsideOption,
        Partnership as Partnership,
        PublicGood as PublicGood,
        Trade as Trade,
        trade_from_rows as trade_from_rows,
    )
    from mechopt.errors import (
        InvalidInputError as InvalidInputError,
        MechoptError as MechoptError,
        NotOptimalError as NotOptimalError,
    )
    from mechopt.exact import exact_optimum as exact_optimum
    from mechopt.formats.read import import_solution as import_solution
    from mechopt.formats.write import export as export
    from mechopt.instances import load_instance as load_instance
    from mechopt.literature.cramton1985.impossibility import (
        check_ex_post_efficiency as check_ex_post_efficiency,
    )
    from mechopt.mechanism.mechanism import Mechanism as Mechanism
    from mechopt.problem.budget import PaymentLimit as PaymentLimit
    from mechopt.problem.events import EventProbability as EventProbability
    from mechopt.problem.objectives import (
        LeastGain as LeastGain,
        LeastUtility as LeastUtility,
        NashProduct as NashProduct,
        Payoff as Payoff,
        Revenue as Revenue,
        Subsidy as Subsidy,
        UnderPrior as UnderPrior,
        WeightedPayoffs as WeightedPayoffs,
        Welfare as Welfare,
        WorstPrior as WorstPrior,
    )
    from mechopt.problem.participation import UtilityFloor as UtilityFloor
    from mechopt.problem.problem import DesignProblem as DesignProblem
    from mechopt.problem.requirement import Requirement as Requirement
    from mechopt.problem.usual import (
        ex_ante_efficiency as ex_ante_efficiency,
        ex_post_efficiency as ex_post_efficiency,
        largest_revenue as largest_revenue,
        minimum_subsidy as minimum_subsidy,
    )
    from mechopt.report.summary import summary as summary
    from mechopt.saved import load_solution as load_solution, save_solution as save_solution
    from mechopt.solution import Solution as Solution
    from mechopt.studies.bootstrap import bootstrap as bootstrap
    from mechopt.studies.comparison import compare as compare
    from mechopt.studies.continuum import bracket_continuum as bracket_continuum, refine as refine
    from mechopt.studies.dominance import find_dominating as find_dominating
    from mechopt.studies.frontier import frontier as frontier
    from mechopt.studies.interim_efficiency import interim_efficiency as interim_efficiency
    from mechopt.studies.interim_payoffs import InterimPayoffs as InterimPayoffs
    from mechopt.studies.offers import (
        best_posted_price as best_posted_price,
        take_it_or_leave_it as take_it_or_leave_it,
    )
    from mechopt.sweeps import sweep as sweep
    from mechopt.types import TypeSpace as TypeSpace, TypeTable as TypeTable
    from mechopt.types.prior import Joint as Joint
    from mechopt.types.residuals import homogenise as homogenise
    from mechopt.types.samples import read_column as read_column, read_sample as read_sample
    from mechopt.verify.audit import audit as audit
else:
    # Type checkers do not see this, and so they find misspelt names.
    __getattr__ = importer(__name__, _WHERE, _SUBMODULES)

__all__ = names(_WHERE, _SUBMODULES)


def __dir__() -> list[str]:
    """Return the names that are for use, those that are imported later included."""
    return list(__all__)
