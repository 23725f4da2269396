"""Who meets whom, and what may happen: agents, feasible outcomes, environments."""

from mechopt.environments.agent import Agent, NoPayoff, OutsideOption, ScaledOption
from mechopt.environments.alternatives import Alternatives, Lottery
from mechopt.environments.auction import Auction, IdenticalGoods
from mechopt.environments.bargaining import Bargaining, RandomMonopoly
from mechopt.environments.bilateral_trade import BilateralTrade, trade_from_rows
from mechopt.environments.curves import Curve, Logarithm, PowerBound
from mechopt.environments.dated_trade import DatedTrade, on_dates
from mechopt.environments.delayed_trade import DelayedTrade
from mechopt.environments.environment import Environment
from mechopt.environments.exchange import Exchange
from mechopt.environments.goods import Goods, SeveralGoods
from mechopt.environments.market import Market, TwoSides
from mechopt.environments.outcomes import OutcomeRow, Outcomes
from mechopt.environments.partnership import OwnShare, Partnership, SharedGoods
from mechopt.environments.procurement import ConcavePurchase, ListedPurchase, Procurement
from mechopt.environments.public_good import PublicGood, SharedProject
from mechopt.environments.role import Role
from mechopt.environments.screening import ListedQualities, QuadraticQuality, Screening
from mechopt.environments.single_good import SingleGood
from mechopt.environments.trade import Trade

__all__ = [
    "Agent",
    "Alternatives",
    "Auction",
    "Bargaining",
    "BilateralTrade",
    "ConcavePurchase",
    "Curve",
    "DatedTrade",
    "DelayedTrade",
    "Environment",
    "Exchange",
    "Goods",
    "IdenticalGoods",
    "ListedPurchase",
    "ListedQualities",
    "Logarithm",
    "Lottery",
    "Market",
    "NoPayoff",
    "OutcomeRow",
    "Outcomes",
    "OutsideOption",
    "OwnShare",
    "Partnership",
    "PowerBound",
    "Procurement",
    "PublicGood",
    "QuadraticQuality",
    "RandomMonopoly",
    "Role",
    "ScaledOption",
    "Screening",
    "SeveralGoods",
    "SharedGoods",
    "SharedProject",
    "SingleGood",
    "Trade",
    "TwoSides",
    "on_dates",
    "trade_from_rows",
]
