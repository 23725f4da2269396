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
from mechopt.theory.known_mechanisms import (
    DoubleAuction,
    double_auction,
    double_auction_payoffs,
    posted_price,
)
from mechopt.theory.lemma_4 import payments_from_rule
from mechopt.verify.audit import AuditReport, audit

__all__ = [
    "Acceptance",
    "Agent",
    "AuditReport",
    "Backend",
    "BilateralTrade",
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
    "HiGHS",
    "InterimEfficiency",
    "InterimPayoffs",
    "JointMechanism",
    "JointProblem",
    "Mechanism",
    "MechoptError",
    "NoPayoff",
    "OutcomeRow",
    "Outcomes",
    "OutsideOption",
    "PaymentTiming",
    "PointwiseRule",
    "Posterior",
    "Pyomo",
    "SequentialAudit",
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
    "audit_sequential_rationality",
    "bracket_continuum",
    "corollary_1",
    "course",
    "double_auction",
    "double_auction_payoffs",
    "ex_ante_efficiency",
    "ex_post_efficiency",
    "excluded_forever",
    "figures_8",
    "find_dominating",
    "frontier",
    "interim_efficiency",
    "load_solution",
    "minimum_subsidy",
    "on_dates",
    "payments_from_rule",
    "posted_price",
    "posterior",
    "refine",
    "solve",
    "uniform_exchange",
]
