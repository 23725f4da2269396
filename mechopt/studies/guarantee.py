"""What mechanisms guarantee under the worst of several priors, and bring under the stated one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt._util.rounding import in_figures
from mechopt.environments import Environment
from mechopt.mechanism.money import profile_text
from mechopt.problem.objectives import WorstPrior
from mechopt.problem.objectives.priors import expected_under, values_in_profiles
from mechopt.problem.objectives.worst_in_set import WorstPriorIn
from mechopt.problem.problem import DesignProblem, Incentives, Participation
from mechopt.solution import Solution

# So many profiles are named, those whose probabilities differ the most.
MOST_NAMED = 4
# Of more profiles, the worst prior is not among the keys.
MOST_LISTED = 1_000
# Priors under which a mechanism brings as little, relative to what is at stake, are all the worst.
ALIKE = 1e-9
# Objectives that are a guarantee.
OF_SEVERAL_PRIORS = WorstPrior, WorstPriorIn

# The keys that guarantees add to those of ``mechopt solve --json``.
OF_GUARANTEES = frozenset(
    {"guarantee", "under_stated_prior", "worst_prior", "stated_prior_possible"}
)


@dataclass(frozen=True, eq=False)
class Guarantee:
    """What a mechanism brings under the worst prior, and under the environment's own.

    Parameters
    ----------
    environment
        The environment, whose prior agents believe in.
    least, stated
        The objective under the worst prior, and under the environment's own, in money.
    prior : array over the profiles
        A worst prior.
    names
        Which of the priors are the worst, where they are a list.
    possible
        Whether what agents believe is in the set of priors, or a mixture of those listed; None
        where nothing hangs on what they believe.
    """

    environment: Environment
    least: float
    stated: float
    prior: FloatArray
    names: tuple[str, ...] = ()
    possible: bool | None = None

    def sentence(self) -> str:
        """Return what a report says of the worst prior, beside the stated one."""
        stated = self.environment.belief.density()
        away = np.abs(self.prior - stated)
        order = np.argsort(-away.ravel(), kind="stable")[:MOST_NAMED]
        told = [place for place in order.tolist() if away.flat[place] > ALIKE]
        parts = []
        for place in told:
            cells = [int(k) for k in np.unravel_index(place, stated.shape)]
            here, usual = (
                in_figures(each.flat[place], ".4g", 1.0) for each in (self.prior, stated)
            )
            parts.append(f"{here} instead of {usual} for {profile_text(self.environment, cells)}")
        what = f"{' and '.join(self.names)}: " if self.names else ""
        more = "" if int((away > ALIKE).sum()) <= len(told) else ", and more"
        return f"{what}{'; '.join(parts) or 'it is the stated one'}{more}"

    def notes(self) -> list[str]:
        """Return what a report says of bets between the designer and the agents."""
        if self.possible is None:
            return []
        rules_out = 'incentives = "dominant" and participation = "ex-post" rule that out'
        bets = "agents are taken to believe the stated prior, and may be made to bet on it"
        if self.possible:
            return [f"{bets}; {rules_out}"]
        return [
            f"{bets}. It is none of the priors that the designer holds possible, nor a mixture of "
            "them, so that bets can win money from the agents under each of these: the guarantee "
            "may be more than all gains, and hang on the limit on payments alone; "
            f"{rules_out}, or state a prior that is possible"
        ]

    def record(self) -> dict[str, Any]:
        """Return further keys of ``mechopt solve --json``."""
        few = self.prior.size <= MOST_LISTED
        return {
            "guarantee": self.least,
            "under_stated_prior": self.stated,
            "worst_prior": {
                "names": list(self.names),
                "probabilities": self.prior.tolist() if few else None,
            },
            "stated_prior_possible": self.possible,
        }


def guarantee_of(solution: Solution) -> Guarantee | None:
    """Return what a solution guarantees; None where the objective is under one prior alone.

    Examples
    --------
    >>> from mechopt import Auction, DesignProblem, Revenue, TypeSpace, robust, solve
    >>> buyer = Auction(TypeSpace.finite([1, 2, 3]), count=1)
    >>> objective = robust.WorstPriorIn(Revenue(), robust.known_means(buyer, {"bidder_1": 2}))
    >>> found = guarantee_of(solve(DesignProblem(buyer, objective, budget="subsidised")))
    >>> round(found.least, 6), round(found.stated, 6)
    (1.2, 1.2)
    """
    objective, mechanism = solution.problem.objective, solution.mechanism
    if mechanism is None or not isinstance(objective, OF_SEVERAL_PRIORS):
        return None
    environment = solution.problem.environment
    believed = environment.belief.density()
    stated = expected_under(objective.objective, mechanism, believed)[0]
    possible = _is_possible(objective, believed) if _beliefs_count(solution.problem) else None
    if isinstance(objective, WorstPriorIn):
        values, _ = values_in_profiles(objective.objective, mechanism)
        least = objective.priors.least(values)
        return Guarantee(environment, least.value, stated, least.prior, possible=possible)
    found = [expected_under(objective.objective, mechanism, each.density())[0]
             for each in objective.priors]  # fmt: skip
    worst = min(found)
    alike = worst + ALIKE * solution.problem.objective_scale
    names = [name for name, value in zip(objective.all_names, found, strict=True) if value <= alike]
    prior = objective.priors[found.index(worst)].density()
    return Guarantee(environment, worst, stated, prior, tuple(names), possible)


def _beliefs_count(problem: DesignProblem) -> bool:
    """Return whether incentives or participation hang on what agents believe of each other."""
    agents = range(len(problem.environment.agents))
    return len(agents) > 1 and any(
        problem.incentives_of(i) is Incentives.INTERIM
        or problem.participation_of(i) is Participation.INTERIM
        for i in agents
    )


def _is_possible(objective: WorstPrior | WorstPriorIn, prior: FloatArray) -> bool:
    """Return whether a prior is in the set, or a mixture of those listed, up to rounding."""
    if isinstance(objective, WorstPriorIn):
        return objective.priors.contains(prior)
    from scipy.optimize import nnls

    # Shares that are not negative, and sum to one because all priors do.
    listed = np.stack([each.density().ravel() for each in objective.priors], axis=1)
    return bool(nnls(listed, prior.ravel())[1] <= ALIKE)
