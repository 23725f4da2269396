"""What is maximised or minimised: one file per kind of objective."""

from mechopt.problem.objectives.discounted import DiscountedPayoff
from mechopt.problem.objectives.least import LeastGain, LeastUtility
from mechopt.problem.objectives.nash_product import NashProduct
from mechopt.problem.objectives.objective import (
    Mixture,
    Objective,
    ScaledObjective,
    Tangent,
)
from mechopt.problem.objectives.payoffs import Payoff, WeightedPayoffs
from mechopt.problem.objectives.priors import UnderPrior, WorstPrior
from mechopt.problem.objectives.revenue import Revenue, Subsidy
from mechopt.problem.objectives.weights import ObjectiveWeights, Shares
from mechopt.problem.objectives.welfare import Welfare

__all__ = [
    "DiscountedPayoff",
    "LeastGain",
    "LeastUtility",
    "Mixture",
    "NashProduct",
    "Objective",
    "ObjectiveWeights",
    "Payoff",
    "Revenue",
    "ScaledObjective",
    "Shares",
    "Subsidy",
    "Tangent",
    "UnderPrior",
    "WeightedPayoffs",
    "Welfare",
    "WorstPrior",
]
