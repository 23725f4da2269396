"""Who meets whom, and what may happen: agents, feasible outcomes, environments."""

from mechopt.environments.agent import Agent, NoPayoff, OutsideOption
from mechopt.environments.bilateral_trade import BilateralTrade
from mechopt.environments.environment import Environment
from mechopt.environments.outcomes import OutcomeRow, Outcomes
from mechopt.environments.trade import Trade

__all__ = [
    "Agent",
    "BilateralTrade",
    "Environment",
    "NoPayoff",
    "OutcomeRow",
    "Outcomes",
    "OutsideOption",
    "Trade",
]
