"""Finitely many alternatives as they are chosen without a program, beside the optimum."""

from __future__ import annotations

import numpy as np

from mechopt.environments import Environment
from mechopt.environments.alternatives import Lottery
from mechopt.literature.pivotal import efficient_rows
from mechopt.mechanism.allocation import Table
from mechopt.mechanism.mechanism import Mechanism
from mechopt.problem.budget import PaymentLimit
from mechopt.problem.usual import ex_ante_efficiency
from mechopt.studies.comparison import Comparison
from mechopt.studies.usual_rows import (
    audited_row,
    efficient_row,
    largest_of,
    optimum_row,
    table_of,
)


def one_outcome(environment: Environment, outcome: int) -> Mechanism:
    """Return the mechanism that chooses one corner of the outcomes whatever the types are.

    Examples
    --------
    >>> from mechopt import Alternatives
    >>> env = Alternatives(["a", "b"], {"ann": [1, 2]}, {"ann": [[1, 3], [2, 0]]})
    >>> one_outcome(env, 0).total_gains
    2.0
    """
    corner = environment.outcomes.vertices[outcome].reshape(-1, *(1,) * len(environment.shape))
    chosen = np.broadcast_to(corner, (corner.size, *environment.shape))
    free = np.zeros((len(environment.agents), *environment.shape))
    return Mechanism.of_profiles(environment, Table(chosen), free)


def best_outcome(environment: Environment) -> int:
    """Return which corner of the outcomes is best if it is to be the same whatever the types are.

    Examples
    --------
    >>> from mechopt import Alternatives
    >>> best_outcome(Alternatives(["a", "b"], {"ann": [1, 2]}, {"ann": [[1, 3], [2, 0]]}))
    0
    """
    each = -environment.outcomes.cost
    for mass, worth in zip(environment.masses, environment.worth, strict=True):
        each = each + mass @ worth
    return largest_of((environment.outcomes.vertices @ each).tolist())


def compared(environment: Environment) -> Comparison | None:
    """Return simple ways to choose an alternative beside the optimum; None for anything else.

    Examples
    --------
    >>> from mechopt import Alternatives
    >>> env = Alternatives(["a", "b"], {"ann": [1, 2]}, {"ann": [[1, 3], [2, 0]]})
    >>> [row.name for row in compared(env).rows]
    ['first best', 'second best', 'best without money', 'one for all types', 'pivotal mechanism']
    """
    if not isinstance(environment.outcomes, Lottery):
        return None
    without_money = ex_ante_efficiency(
        environment,
        participation="none",
        budget="subsidised",
        requirements=(PaymentLimit(0.0),),
    )
    chosen = best_outcome(environment)
    fixed = audited_row(
        "one for all types",
        one_outcome(environment, chosen),
        remark=environment.outcomes.alternatives[chosen],
        incentives="dominant",
        participation="none",
        budget="subsidised",
    )
    rows = [
        efficient_row(environment),
        optimum_row("second best", ex_ante_efficiency(environment)),
        optimum_row("best without money", without_money),
        fixed,
        *efficient_rows(environment),
    ]
    return table_of(environment, rows)
