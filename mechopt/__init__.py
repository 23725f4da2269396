"""Mechanism design programs: state one, get it solved, certified, explained and exported.

>>> import mechopt as mo
>>> types = mo.TypeSpace.finite([1, 2, 3, 4, 5, 6])
>>> problem = mo.ex_ante_efficiency(mo.BilateralTrade(seller=types, buyer=types))
>>> solution = mo.solve(problem)
>>> mo.audit(problem, solution).passed
True
"""

from mechopt.allocation import PointwiseRule, Table
from mechopt.analysis.continuum import Continuum, bracket_continuum, refine
from mechopt.analysis.dominance import Dominance, Verdict, find_dominating
from mechopt.analysis.figures import figures_8
from mechopt.analysis.frontier import frontier
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
from mechopt.errors import MechoptError
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
from mechopt.theory.lemma_4 import payments_from_rule
from mechopt.verify.audit import AuditReport, audit

__all__ = [
    "Acceptance",
    "Agent",
    "AuditReport",
    "Backend",
    "BilateralTrade",
    "Continuum",
    "Cvxpy",
    "DatedTrade",
    "DelayedTrade",
    "DesignProblem",
    "Direct",
    "Dominance",
    "Environment",
    "HiGHS",
    "InterimPayoffs",
    "JointMechanism",
    "JointProblem",
    "Mechanism",
    "MechoptError",
    "NoPayoff",
    "OutcomeRow",
    "Outcomes",
    "OutsideOption",
    "PointwiseRule",
    "Pyomo",
    "SimultaneousOffers",
    "Solution",
    "Subsidy",
    "Table",
    "Trade",
    "TypeSpace",
    "UniformExchange",
    "Verdict",
    "Welfare",
    "audit",
    "bracket_continuum",
    "ex_ante_efficiency",
    "ex_post_efficiency",
    "figures_8",
    "find_dominating",
    "frontier",
    "load_solution",
    "minimum_subsidy",
    "on_dates",
    "payments_from_rule",
    "refine",
    "solve",
    "uniform_exchange",
]
