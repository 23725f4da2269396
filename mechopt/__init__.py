"""Mechanism design programs: state one, get it solved, certified, explained and exported.

>>> import mechopt as mo
>>> types = mo.TypeSpace.finite([1, 2, 3, 4, 5, 6])
>>> problem = mo.ex_ante_efficiency(mo.BilateralTrade(seller=types, buyer=types))
>>> solution = mo.solve(problem)
>>> mo.audit(problem, solution).passed
True

What belongs to a paper is in :mod:`mechopt.cramton1985` and :mod:`mechopt.peski2024`, pictures are
in :mod:`mechopt.plot`, checks of what you add to it in :mod:`mechopt.testing`. What few programs
need is reached where it is defined: ``mechopt.backends``, ``mechopt.environments``,
``mechopt.errors``, ``mechopt.priors``, ``mechopt.studies``, ``mechopt.types`` and so on.
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
    "mechopt.backends": ("solve",),
    "mechopt.environments": (
        "Agent",
        "Alternatives",
        "Auction",
        "Bargaining",
        "BilateralTrade",
        "Environment",
        "Goods",
        "Market",
        "Outcomes",
        "Partnership",
        "PublicGood",
        "Trade",
    ),
    "mechopt.errors": (
        "InvalidInputError",
        "MechoptError",
    ),
    "mechopt.exact": ("exact_optimum",),
    "mechopt.explain.formulation": ("formulation",),
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
        "WeightedPayoffs",
        "Welfare",
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
    "mechopt.studies.continuum": ("bracket_continuum",),
    "mechopt.studies.frontier": ("frontier",),
    "mechopt.sweeps": ("sweep",),
    "mechopt.types": (
        "TypeSpace",
        "TypeTable",
    ),
    "mechopt.types.prior": ("Joint",),
    "mechopt.types.samples": ("read_column",),
    "mechopt.verify.audit": ("audit",),
}
_SUBMODULES = (
    "backends",
    "cramton1985",
    "environments",
    "errors",
    "institutions",
    "known_mechanisms",
    "peski2024",
    "plot",
    "priors",
    "reduced_forms",
    "robust",
    "studies",
    "testing",
)

if TYPE_CHECKING:
    from mechopt import (
        backends as backends,
        cramton1985 as cramton1985,
        environments as environments,
        errors as errors,
        institutions as institutions,
        known_mechanisms as known_mechanisms,
        peski2024 as peski2024,
        plot as plot,
        priors as priors,
        reduced_forms as reduced_forms,
        robust as robust,
        studies as studies,
        testing as testing,
    )
    from mechopt._util.registry import saved_as as saved_as
    from mechopt._util.rounding import in_figures as in_figures
    from mechopt.backends import (
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
        Outcomes as Outcomes,
        Partnership as Partnership,
        PublicGood as PublicGood,
        Trade as Trade,
    )
    from mechopt.errors import (
        InvalidInputError as InvalidInputError,
        MechoptError as MechoptError,
    )
    from mechopt.exact import exact_optimum as exact_optimum
    from mechopt.explain.formulation import formulation as formulation
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
        WeightedPayoffs as WeightedPayoffs,
        Welfare as Welfare,
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
    from mechopt.studies.continuum import bracket_continuum as bracket_continuum
    from mechopt.studies.frontier import frontier as frontier
    from mechopt.sweeps import sweep as sweep
    from mechopt.types import TypeSpace as TypeSpace, TypeTable as TypeTable
    from mechopt.types.prior import Joint as Joint
    from mechopt.types.samples import read_column as read_column
    from mechopt.verify.audit import audit as audit
else:
    # Type checkers do not see this, and so they find misspelt names.
    __getattr__ = importer(__name__, _WHERE, _SUBMODULES)

__all__ = names(_WHERE, _SUBMODULES)


def __dir__() -> list[str]:
    """Return the names that are for use, those that are imported later included."""
    return list(__all__)
