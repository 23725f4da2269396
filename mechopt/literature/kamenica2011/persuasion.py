"""A sender chooses what a receiver learns: the program without reports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mechopt.environments.alternatives import Alternatives
from mechopt.problem.budget import PaymentLimit
from mechopt.problem.obedience import Obedience
from mechopt.problem.objectives import Welfare
from mechopt.problem.problem import DesignProblem


def persuasion(
    prior: Sequence[Any],
    sender: Any,
    receiver: Any,
    *,
    actions: Sequence[str] | None = None,
    states: Sequence[object] | None = None,
) -> DesignProblem:
    """Return the program of a sender who chooses what a receiver learns of the state.

    A recommendation of an action is all that the receiver need be told. The state is the type of an
    agent without incentives, whose utility is the sender's; nobody pays.

    Parameters
    ----------
    prior : array of shape (num_states,)
        Probabilities of the states.
    sender, receiver : arrays of shape (num_actions, num_states)
        What the receiver's actions are worth to each; numbers, or texts of fractions.
    actions, states
        Their names; ``action_1`` and so on, and positions, unless given. The sender's favourite
        among actions that are as good to the receiver is recommended, whatever their order.

    Raises
    ------
    InvalidInputError
        For arrays of other shapes, and probabilities that do not sum to one.

    Notes
    -----
    Source: Kamenica and Gentzkow (2011), doi:10.1257/aer.101.6.2590.

    Examples
    --------
    Three in ten are guilty. The judge convicts six in ten, if told no more than whom to convict.

    >>> from mechopt import solve
    >>> right = [[1, 0], [0, 1]]
    >>> judge = persuasion(["7/10", "3/10"], [[0, 0], [1, 1]], right, actions=["acquit", "convict"])
    >>> round(solve(judge).objective, 9)
    0.6
    """
    chances, rows = list(prior), list(sender)
    listed = [f"action_{k + 1}" for k in range(len(rows))] if actions is None else list(actions)
    named = list(range(1, len(chances) + 1)) if states is None else list(states)
    environment = Alternatives(
        listed, {"state": named}, {"state": [list(row) for row in rows]}, {"state": chances}
    )
    return DesignProblem(
        environment,
        Welfare(),
        incentives="none",
        participation="none",
        requirements=[PaymentLimit(0), Obedience(receiver)],
    )
