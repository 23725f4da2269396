"""The best mechanism among those that are constant on the cells of a continuum.

Cost and value are uniform on [0, 1], cut into n cells of equal probability. Every type of a cell is
treated alike, and incentives and participation hold for its lowest and its highest type, so the
optimum is one that the continuum attains too: it rises to 9/64 as n grows.
"""

from scipy import stats

import mechopt as mo

TITLE = "Second best over cells of a continuum"
SOURCE = "Myerson and Satterthwaite (1983); Cramton (1985), section 8.5; theory.md, sections 1, 3.9"
SIZES = {"small": 5, "medium": 40, "large": 230}


def problem(size):
    cells = mo.TypeSpace.from_distribution(stats.uniform(0, 1), size)
    return mo.ex_ante_efficiency(mo.BilateralTrade(cells, cells))
