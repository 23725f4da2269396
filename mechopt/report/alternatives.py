"""What a report says of a choice among alternatives: what happens and is paid in every profile."""

from __future__ import annotations

from itertools import product

import numpy as np

from mechopt._util.rounding import in_figures
from mechopt.environments.alternatives import Lottery
from mechopt.mechanism.mechanism import Mechanism
from mechopt.report.addendum import Addendum, Progress
from mechopt.report.page import Grid
from mechopt.solution import Solution

# With more profiles, and more alternatives, a table is left to files and pictures.
MOST_PROFILES = 12
MOST_ALTERNATIVES = 6


class AlternativesAddendum(Addendum):
    """What there is to say of a choice beyond what is said of every environment."""

    def table(self) -> Grid | None:
        """Return the mechanism, a row for each profile, where there are few."""
        mechanism = self.solution.mechanism
        return None if mechanism is None else table_by_profile(mechanism)


def table_by_profile(mechanism: Mechanism) -> Grid | None:
    """Return what is chosen with which probability, and paid, in every profile; None for many.

    Examples
    --------
    >>> from mechopt import Alternatives, DesignProblem, PaymentLimit, Welfare, solve
    >>> values = {"ann": [[2, 0], [1, 3]]}
    >>> choice = Alternatives(["walk", "swim"], {"ann": ["fit", "warm"]}, values)
    >>> problem = DesignProblem(choice, Welfare(), requirements=[PaymentLimit(0)])
    >>> for line in table_by_profile(solve(problem).mechanism).lines():
    ...     print(line)
    ann     walk    swim
    fit        1       0
    warm       0       1
    nobody pays anything
    """
    environment = mechanism.environment
    outcomes = environment.outcomes
    if environment.num_profiles > MOST_PROFILES or len(outcomes.variables) > MOST_ALTERNATIVES:
        return None
    chances = mechanism.allocation.dense(environment)
    paid, scale = mechanism.ex_post_payments(), environment.first_best
    names = [agent.name for agent in environment.agents]
    payers = [i for i in range(len(names)) if np.any(paid[i])]
    rows = [
        [
            *(agent.types.label(k) for agent, k in zip(environment.agents, cells, strict=True)),
            *(in_figures(chance, ".4g", 1.0) for chance in chances[(slice(None), *cells)]),
            *(in_figures(paid[(i, *cells)], ".6g", scale) for i in payers),
        ]
        for cells in product(*map(range, environment.shape))
    ]
    rows += [] if payers else [["nobody pays anything"]]
    return Grid((*names, *outcomes.variables, *(f"{names[i]} pays" for i in payers)), rows)


def alternatives_addendum(
    solution: Solution,
    backend: str | None = None,
    *,
    further: bool = True,
    intervals: bool = False,
    progress: Progress | None = None,
) -> AlternativesAddendum | None:
    """Return what there is to say of a choice among alternatives; None for anything else."""
    del backend, further, intervals, progress
    outcomes = solution.problem.environment.outcomes
    return AlternativesAddendum(solution) if type(outcomes) is Lottery else None


def alternatives_addendum_on(outcome: object) -> AlternativesAddendum | None:
    """Return what there is to say of a solution with alternatives; None for anything else."""
    return alternatives_addendum(outcome) if isinstance(outcome, Solution) else None


def alternatives_addendum_keys() -> frozenset[str]:
    """Return the keys that alternatives add to those of ``mechopt solve --json``: none."""
    return frozenset()
