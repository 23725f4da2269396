"""Would every type prefer another mechanism to a posted price? A joint prior, payments everywhere.

Costs and values are 1/n, 2/n, ..., 1, and the joint probability of a pair falls with its distance,
in proportion to n - |i - j|. Trade at the price 1/2, where both agree to it, is the status quo. The
program finds the mechanism that leaves every type at least as well off and has the largest expected
gains from trade. With correlated types all pairs are needed, and payments, which may bet on the
other's type, are limited to 1 in every profile.
"""

import numpy as np

import mechopt as mo
from mechopt.mechanism.allocation import Table
from mechopt.studies.dominance import dominance_problem

TITLE = "Interim dominance with a joint prior"
SOURCE = "Holmström and Myerson (1983); Cramton (1985), Lemma 5; theory.md, section 3.8"
SIZES = {"small": 4, "medium": 10, "large": 24}
PRICE = 0.5


def problem(size):
    position = np.arange(size)
    weight = size - np.abs(position[:, None] - position)
    prior = mo.Joint(weight / weight.sum())
    values = (position + 1) / size
    agents = [
        mo.Agent(name, mo.TypeSpace.finite(values, mass))
        for name, mass in zip(("seller", "buyer"), prior.masses, strict=True)
    ]
    trade = mo.Environment(tuple(agents), mo.Trade(), prior)
    traded = np.outer(values <= PRICE, values >= PRICE).astype(float)
    posted = mo.Mechanism.of_profiles(
        trade, Table(traded[np.newaxis]), PRICE * np.stack([-traded, traded])
    )
    return dominance_problem(trade, mo.studies.InterimPayoffs.of(posted), payment_limit=1.0)
