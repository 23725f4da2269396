"""Plots: functions that take data and matplotlib ``Axes``, draw, and return the ``Axes``.

Without ``Axes`` they make new ones with pyplot. Nothing is shown, and no setting of matplotlib is
changed. Pictures are made to be read in grey too: agents differ by line style and marker, shades go
from light to dark. matplotlib is imported when the first picture is drawn.
"""

from mechopt.plot.bargaining import gap_bar, gap_square, payoff_intervals, payoff_projection
from mechopt.plot.by_type import interim, payments, virtual_valuations
from mechopt.plot.curves import figure_8_1, figure_8_2, frontier, institutions, slack
from mechopt.plot.discounts import bounds_over_discounts
from mechopt.plot.equilibria import bounds_square, splitting
from mechopt.plot.lottery import lottery
from mechopt.plot.maps import allocation
from mechopt.plot.menu import menu
from mechopt.plot.pages import KINDS, draw, overview, picture
from mechopt.plot.priors import prior, priors_picture

__all__ = [
    "KINDS",
    "allocation",
    "bounds_over_discounts",
    "bounds_square",
    "draw",
    "figure_8_1",
    "figure_8_2",
    "frontier",
    "gap_bar",
    "gap_square",
    "institutions",
    "interim",
    "lottery",
    "menu",
    "overview",
    "payments",
    "payoff_intervals",
    "payoff_projection",
    "picture",
    "prior",
    "priors_picture",
    "slack",
    "splitting",
    "virtual_valuations",
]
