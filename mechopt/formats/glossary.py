"""What every block of a program means: in words, as a formula, and where the theory states it.

Formulas use the notation of ``docs/theory.md``: cell k of an agent has mass m_k and ends
L_k <= U_k, interim net quantity Q_k and interim payment T_k, and o is its outside option.
"""

from __future__ import annotations

from dataclasses import dataclass

from mechopt.environments import Environment, OutcomeRow, PowerBound
from mechopt.problem.budget import Budget
from mechopt.program.standard_form import NO_MEANING, Block


@dataclass(frozen=True)
class Meaning:
    """What a block of variables or constraints means.

    Parameters
    ----------
    text
        In words.
    formula
        As a formula; empty where the words say it.
    section
        Section of theory.md.
    """

    text: str
    formula: str
    section: str


# By the end of a block's name and its number of axes, longest first; {0} is the agent.
VARIABLES = {
    "_quantity": Meaning("interim net quantity of {0} by own type", "Q_k = E[q | k]", "1"),
    "_payment": Meaning("what {0} pays on average, by own type", "T_k = E[τ | k]", "1"),
}
IN_PROFILES = Meaning("what {0} pays in every profile", "τ(profile)", "1")
CONSTRAINTS = {
    "_quantity": Meaning(
        "the interim net quantity is the average over the others' types", "Q_k - E[q | k] = 0", "1"
    ),
    "_ic_down": Meaning(
        "type k+1 does not gain by imitating type k",
        "L_{k+1} (Q_{k+1} - Q_k) - (T_{k+1} - T_k) >= 0",
        "1",
    ),
    "_ic_up": Meaning(
        "type k does not gain by imitating type k+1",
        "(T_{k+1} - T_k) - U_k (Q_{k+1} - Q_k) >= 0",
        "1",
    ),
    "_monotonicity": Meaning(
        "the net quantity does not fall from k to k+1", "Q_{k+1} - Q_k >= 0", "1"
    ),
    "_participation_lower": Meaning(
        "the lowest type of cell k takes part", "L_k Q_k - T_k >= o(L_k)", "1"
    ),
    "_participation_upper": Meaning(
        "the highest type of cell k takes part", "U_k Q_k - T_k >= o(U_k)", "1"
    ),
    "_ic_lower": Meaning(
        "the lowest type of cell k does not gain by reporting r, for all k != r",
        "L_k (E[q | k] - E[q | r]) - (E[τ | k] - E[τ | r]) >= 0, expectations of type k",
        "1",
    ),
    "_ic_upper": Meaning(
        "the highest type of cell k does not gain by reporting r, for all k != r",
        "U_k (E[q | k] - E[q | r]) - (E[τ | k] - E[τ | r]) >= 0, expectations of type k",
        "1",
    ),
    "_ex_post_lower": Meaning(
        "in every profile, the lowest type of the cell does not regret taking part",
        "L_k q - τ >= o(L_k)",
        "3.8",
    ),
    "_ex_post_upper": Meaning(
        "in every profile, the highest type of the cell does not regret taking part",
        "U_k q - τ >= o(U_k)",
        "3.8",
    ),
    "_logarithm": Meaning(
        "the logarithm of {0}'s gain is not above that of its gain", "log_gain <= log(gain)", "1"
    ),
}
# By the word for the budget and whether payments are by profile.
BUDGETS = {
    (Budget.BALANCED, False): Meaning(
        "expected payments cover the expected cost exactly", "Σ_i Σ_k m_k T_k - E[cost] = 0", "1"
    ),
    (Budget.NO_DEFICIT, False): Meaning(
        "expected payments cover the expected cost", "Σ_i Σ_k m_k T_k - E[cost] >= 0", "1"
    ),
    (Budget.BALANCED, True): Meaning(
        "payments cover the cost exactly in every profile", "Σ_i τ_i - cost = 0", "1"
    ),
    (Budget.NO_DEFICIT, True): Meaning(
        "payments cover the cost in every profile", "Σ_i τ_i - cost >= 0", "1"
    ),
}
TRANSFER = Meaning("what agent 1 (the buyer) pays agent 0 (the seller) in a profile", "x", "3.8")
BOUNDS = {
    "_lower_bound": Meaning("lower bound of {0}", "variable - lower >= 0", "2"),
    "_upper_bound": Meaning("upper bound of {0}", "variable - upper <= 0", "2"),
    "_fixed": Meaning("prescribed value of {0}", "variable - value = 0", "3.3"),
}
UNKNOWN = Meaning("see the source of the problem's outcomes", "", "2")


def variable_meaning(block: Block, environment: Environment) -> Meaning:
    """Return what a block of variables means.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> trade = BilateralTrade(TypeSpace.finite([0]), TypeSpace.finite([1]))
    >>> variable_meaning(Block("buyer_payment", 0, (1,), ("buyer",)), trade).text
    'what buyer pays on average, by own type'
    """
    if block.name in environment.outcomes.variables:
        words = f"{block.name.replace('_', ' ')}, a part of the outcome of every profile"
        return Meaning(words, "", "2")
    if block.name == "payment":
        return TRANSFER
    found = _by_ending(block, environment, VARIABLES)
    if found is not None and len(block.axes) > 1:
        return _filled(IN_PROFILES, block.name.removesuffix("_payment"))
    return found or _stated(block)


def constraint_meaning(
    block: Block, environment: Environment, budget: Budget = Budget.BALANCED
) -> Meaning:
    """Return what a block of constraints means.

    Parameters
    ----------
    block
        The block.
    environment
        Agents and outcomes of the problem.
    budget
        What the problem requires of the budget.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> trade = BilateralTrade(TypeSpace.finite([0]), TypeSpace.finite([1]))
    >>> constraint_meaning(Block("budget", 0, (1,), ()), trade).formula
    'Σ_i Σ_k m_k T_k - E[cost] = 0'
    """
    if block.name == "budget":
        return BUDGETS[budget, bool(block.axes)]
    outcomes = environment.outcomes
    for row in outcomes.rows:
        if row.name == block.name:
            return Meaning(
                "a requirement on the outcome of every profile", _row(row, outcomes), "2"
            )
    for power in outcomes.power_bounds:
        if power.name == block.name:
            words = "the frontier of the outcomes of every profile"
            return Meaning(words, _power(power, outcomes), "2")
    found = _by_ending(block, environment, CONSTRAINTS)
    if found is not None:
        return found
    for ending, meaning in BOUNDS.items():
        if block.name.endswith(ending):
            return _filled(meaning, block.name.removesuffix(ending))
    return _stated(block)


def _stated(block: Block) -> Meaning:
    """Return what the block itself says it means, as those of objectives and requirements do."""
    own = block.meaning
    return UNKNOWN if own is NO_MEANING else Meaning(own.text, own.formula, own.section)


# As it stands in files, where all rows that are no equations are bounded from below.
def _row(row: OutcomeRow, outcomes: object) -> str:
    names = outcomes.variables  # type: ignore[attr-defined]
    terms = [
        f"{'+' if c < 0 else '-'} {'' if abs(c) == 1 else f'{abs(c):g} '}{name}"
        for c, name in zip(row.coefficients, names, strict=True)
        if c
    ]
    return f"{' '.join(terms).removeprefix('+ ')} >= {0.0 - row.upper:g}"


def _power(power: PowerBound, outcomes: object) -> str:
    names = outcomes.variables  # type: ignore[attr-defined]
    return f"{names[power.bounded]} <= {names[power.base]} ^ {power.exponent:g}"


def _by_ending(
    block: Block, environment: Environment, meanings: dict[str, Meaning]
) -> Meaning | None:
    for agent in environment.agents:
        if block.name.startswith(f"{agent.name}_"):
            meaning = meanings.get(block.name.removeprefix(agent.name))
            if meaning is not None:
                return _filled(meaning, agent.name)
    return None


def _filled(meaning: Meaning, name: str) -> Meaning:
    return Meaning(meaning.text.replace("{0}", name), meaning.formula, meaning.section)
