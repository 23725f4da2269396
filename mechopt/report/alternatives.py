"""What a report says of a choice among alternatives: what happens and is paid in every profile."""

from __future__ import annotations

from itertools import product

import numpy as np

from mechopt._util.rounding import in_figures
from mechopt._util.table import Table
from mechopt._util.text import in_words
from mechopt.mechanism.mechanism import Mechanism
from mechopt.report.addendum import Addendum

# With more profiles, and more alternatives, a table is left to files and pictures.
MOST_PROFILES = 12
MOST_ALTERNATIVES = 6


class AlternativesAddendum(Addendum):
    """What there is to say of a choice beyond what is said of every environment."""

    def table(self) -> Table | None:
        """Return the mechanism, a row for each profile, where there are few."""
        mechanism = self.solution.mechanism
        return None if mechanism is None else table_by_profile(mechanism)


def table_by_profile(mechanism: Mechanism) -> Table | None:
    """Return what is chosen with which probability, and paid, in every profile; None for many.

    Examples
    --------
    >>> from mechopt import Alternatives, DesignProblem, PaymentLimit, Welfare, solve
    >>> values = {"ann": [[2, 0], [1, 3]]}
    >>> choice = Alternatives(["walk", "swim"], {"ann": ["fit", "warm"]}, values)
    >>> problem = DesignProblem(choice, Welfare(), requirements=[PaymentLimit(0)])
    >>> for line in table_by_profile(solve(problem).mechanism).text_lines("    "):
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
    chances = mechanism.allocation.dense(environment).reshape(len(outcomes.variables), -1)
    names = [in_words(agent.name) for agent in environment.agents]
    paid, scale = mechanism.ex_post_payments().reshape(len(names), -1), environment.first_best
    payers = [i for i in range(len(names)) if np.any(paid[i])]
    rows: list[list[str]] = [
        [
            *(agent.types.label(k) for agent, k in zip(environment.agents, cells, strict=True)),
            *(in_figures(chance, ".4g", 1.0) for chance in chances[:, place]),
            *(in_figures(paid[i, place], ".6g", scale) for i in payers),
        ]
        for place, cells in enumerate(product(*map(range, environment.shape)))
    ]
    rows += [] if payers else [["nobody pays anything"]]
    return Table(
        (*names, *map(in_words, outcomes.variables), *(f"{names[i]} pays" for i in payers)), rows
    )
