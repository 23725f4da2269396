"""Guarantees: what a mechanism brings under the worst of many priors.

A list of priors goes into :class:`WorstPrior`; sets of them into :class:`WorstPriorIn`.

>>> import mechopt as mo
>>> coin = mo.TypeSpace.finite([0, 1])
>>> trade = mo.BilateralTrade(coin, coin)
>>> about = mo.robust.Near(mo.Joint([["1/4", "1/4"], ["1/4", "1/4"]]), "1/10")
>>> problem = mo.DesignProblem(
...     trade,
...     mo.robust.WorstPriorIn(mo.Welfare(), about),
...     incentives="dominant",
...     participation="ex-post",
...     budget_holds="ex-post",
... )
>>> round(mo.solve(problem).objective, 9)  # 1/4 less 1/10
0.15
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mechopt._util.lazy import importer, names

_WHERE: dict[str, tuple[str, ...]] = {
    "mechopt.problem.objectives.moments": (
        "Moments",
        "Near",
        "known_marginals",
        "known_means",
    ),
    "mechopt.problem.objectives.prior_sets": ("PriorSet",),
    "mechopt.problem.objectives.transport": ("Wasserstein", "wasserstein_ball"),
    "mechopt.problem.objectives.worst_in_set": ("WorstPriorIn",),
    "mechopt.problem.objectives": (
        "UnderPrior",
        "WorstPrior",
    ),
}

if TYPE_CHECKING:
    from mechopt.problem.objectives import (
        UnderPrior as UnderPrior,
        WorstPrior as WorstPrior,
    )
    from mechopt.problem.objectives.moments import (
        Moments as Moments,
        Near as Near,
        known_marginals as known_marginals,
        known_means as known_means,
    )
    from mechopt.problem.objectives.prior_sets import PriorSet as PriorSet
    from mechopt.problem.objectives.transport import (
        Wasserstein as Wasserstein,
        wasserstein_ball as wasserstein_ball,
    )
    from mechopt.problem.objectives.worst_in_set import WorstPriorIn as WorstPriorIn
else:
    __getattr__ = importer(__name__, _WHERE)

__all__ = names(_WHERE)


def __dir__() -> list[str]:
    """Return the names that are for use, those that are imported later included."""
    return list(__all__)
