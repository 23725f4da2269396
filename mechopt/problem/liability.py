"""Limited liability: what an agent may lose at most, whatever the others' types turn out to be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mechopt._util.registry import saved_as
from mechopt.environments import Environment
from mechopt.mechanism.check import Check
from mechopt.mechanism.mechanism import Mechanism
from mechopt.problem.budget import MoneyLimit
from mechopt.problem.frame import Frame
from mechopt.problem.linear import Rows
from mechopt.problem.participation import check_in_every_profile, rows_in_every_profile


@saved_as("mechopt.Liability")
@dataclass(frozen=True)
class Liability(MoneyLimit):
    """No agent is left with less than minus a limit in any profile: limited liability.

    What an agent gets is what the outcome is worth to its type, less what it pays: its utility, not
    what it gains beside staying out. Bets on others' types that an agent could lose are as large as
    it is liable for.

    Parameters
    ----------
    limit, exact
        As of :class:`~mechopt.problem.budget.MoneyLimit`; zero if nobody may lose anything.

    Raises
    ------
    InvalidInputError
        For what is no limit.

    Notes
    -----
    Source: theory.md, section 1.1; Sappington (1983), Journal of Economic Theory 29, 1-21; against
    bets, Robert (1991), Journal of Economic Theory 55, 169-179.

    Examples
    --------
    Bets take all rents of two bidders whose values are correlated, unless they cannot lose.

    >>> from dataclasses import replace
    >>> from mechopt import Auction, DesignProblem, Joint, Revenue, TypeSpace, solve
    >>> auction = replace(
    ...     Auction(TypeSpace.finite([1, 2], ["1/2", "1/2"]), count=2),
    ...     prior=Joint([["21/80", "19/80"], ["19/80", "21/80"]]),
    ... )
    >>> problem = DesignProblem(auction, Revenue(), budget="subsidised")
    >>> round(solve(problem).objective, 6)
    1.7375
    >>> round(solve(replace(problem, requirements=[Liability(0)])).objective, 6)
    1.5
    """

    @property
    def _refusal(self) -> tuple[str, str]:
        return "not a limit on losses", "Leave it out if agents may lose any amount."

    @property
    def in_words(self) -> str:
        """The most that is lost, in money."""
        return "no losses" if self.limit == 0.0 else f"losses at most {self.in_figures}"

    def rows(self, frame: Frame) -> Iterator[Rows]:
        """Yield a row for both ends of every agent's own cell in every profile."""
        for i in frame.representatives:
            lowest = -frame.numbers.number(self.in_fractions) * frame.numbers.ones(frame.shape[i])
            levels = {"lower": lowest, "upper": lowest}
            least = "0" if self.limit == 0.0 else f"-{self.in_figures}"
            what = "loses no more than it is liable for", least
            yield from rows_in_every_profile(frame, i, f"{frame.names[i]}_liability", levels, what)

    def checks(
        self, environment: Environment, mechanism: Mechanism, tolerance: float
    ) -> Iterator[Check]:
        """Look at what both ends of every agent's own cell get in every profile."""
        for i, agent in enumerate(environment.agents):
            levels = (np.full(environment.shape[i], -self.limit),) * 2
            yield check_in_every_profile(
                environment, mechanism, i, levels, tolerance,
                f"liability of {agent.name}", f"minus {self.in_figures}",
            )  # fmt: skip
