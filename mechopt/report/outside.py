"""What agents have by staying out, beside which gains and losses are told."""

from __future__ import annotations

from mechopt._util.rounding import in_figures
from mechopt.environments import Environment
from mechopt.problem.objectives import Welfare
from mechopt.report.words import in_money, in_percent, share_of
from mechopt.solution import Solution

GAINS = "all gains from trade, expected"
# A loss below this, relative to the first best, is none.
NOTHING = 1e-12
ONLY_OVER_CELLS = (
    "nothing is lost over these cells, which says nothing of the continuum: there types are told "
    "apart more finely, and `mechopt check` decides"
)
WORTH = "what the best outcomes are worth, less their cost, expected"


def outside_worth(environment: Environment) -> dict[str, float]:
    """Return what each agent expects by staying out, in money; empty where that is nothing.

    Examples
    --------
    >>> from mechopt import Partnership, TypeSpace
    >>> outside_worth(Partnership(TypeSpace.finite([1, 3]), [1, 0]))
    {'partner_1': 2.0, 'partner_2': 0.0}
    """
    names = (agent.name for agent in environment.agents)
    found = dict(zip(names, environment.expected_options, strict=True))
    return found if any(found.values()) else {}


def first_best_rows(
    first_best: float, worth: dict[str, float], *, of_gains: bool = True, over: str = ""
) -> list[tuple[str, str, str]]:
    """Return the rows of the first best and of what is there without any mechanism.

    Parameters
    ----------
    first_best
        The first best, in money.
    worth
        What each agent has by staying out; empty where that is nothing.
    of_gains
        Whether outcomes are trades, which leave everybody as it is where there is none.
    over
        What the expectation is over, where there are cells and a continuum; empty for finite types.

    Examples
    --------
    >>> for row in first_best_rows(2.5, {"owner": 2.0, "other": 0.0}):
    ...     print(*row, sep=" | ")
    first best | 2.5 | what the best outcomes are worth, less their cost, expected
    outside | 2 | of it, what the agents have by staying out
    """
    words = GAINS if of_gains and not worth else WORTH
    if over:
        words = f"{words} over {over}"
    rows = [("first best", in_money(first_best), words)]
    if worth:
        kept = in_money(sum(worth.values()), first_best)
        rows.append(("outside", kept, "of it, what the agents have by staying out"))
    return rows


def lost_in_words(lost: float, first_best: float, worth: dict[str, float]) -> str:
    """Return a loss as a share of the first best, and of what that adds to what is there anyway.

    Examples
    --------
    >>> lost_in_words(0.125, 2.5, {"owner": 2.0, "other": 0.0})
    '5.00 % of first best; 25.00 % of what it is above the outside'
    >>> lost_in_words(0.125, 2.5, {})
    '5.00 %'
    """
    if not worth:
        return in_percent(share_of(lost, first_best), "")
    share = in_percent(share_of(lost, first_best), "of first best")
    above = in_percent(
        share_of(lost, first_best - sum(worth.values())), "of what it is above the outside"
    )
    return "; ".join(part for part in (share, above) if part)


def gets_in_words(name: str, gets: float, total: float, worth: dict[str, float]) -> str:
    """Return what an agent gets as a share of all gains, or beside what it has by staying out.

    Examples
    --------
    >>> gets_in_words("owner", 2.25, 2.5, {"owner": 2.0, "other": 0.0})
    '0.25 more than by staying out'
    >>> gets_in_words("owner", 1.0, 2.5, {})
    '40.00 % of the gains'
    >>> gets_in_words("owner", 1.5, 2.5, {"owner": 2.0, "other": 0.0})
    '0.5 less than by staying out'
    """
    if name not in worth:
        return in_percent(share_of(gets, total), "of the gains")
    by = gets - worth[name]
    how = "more" if by >= 0.0 else "less"
    return f"{in_figures(abs(by), '.6g', total)} {how} than by staying out"


def only_over_cells(solution: Solution) -> str:
    """Return what to know where the first best is reached over cells of a continuum, else nothing.

    Examples
    --------
    >>> from scipy import stats
    >>> from mechopt import Partnership, TypeSpace, ex_ante_efficiency, solve
    >>> types = TypeSpace.from_distribution(stats.uniform(0, 1), 10)
    >>> partners = Partnership(types, [0.21, 0.79])
    >>> only_over_cells(solve(ex_ante_efficiency(partners)))[:36]
    'nothing is lost over these cells, wh'
    """
    mechanism, environment = solution.mechanism, solution.problem.environment
    problem = solution.problem
    of_welfare = isinstance(problem.objective, Welfare) and environment.has_continuum
    agents = range(len(environment.agents))
    takes_part = all(problem.has_incentives(i) and problem.has_participation(i) for i in agents)
    if mechanism is None or not (of_welfare and takes_part):
        return ""
    lost = environment.first_best - mechanism.total_gains
    return ONLY_OVER_CELLS if lost <= NOTHING * environment.first_best else ""
