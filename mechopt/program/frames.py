"""Which variables a problem's requirements are written in."""

from __future__ import annotations

from mechopt.problem.counts import CountsFrame, has_counts_form
from mechopt.problem.frame import Frame, InterimFrame, ProfileFrame
from mechopt.problem.numbers import Numbers
from mechopt.problem.problem import DesignProblem


def frame_of(problem: DesignProblem, numbers: Numbers, *, textbook: bool = False) -> Frame:
    """Return the variables that the problem's requirements are written in.

    Parameters
    ----------
    problem, numbers
        The problem and its numbers.
    textbook
        Whether to take payments of every profile and all pairs of types where fewer would do.
    """
    limit: object = None
    if problem.by_profile:
        limit = problem.exact_payment_limit if numbers.exact else problem.payment_limit
    if not textbook and has_counts_form(problem):
        return CountsFrame(problem.environment, numbers, limit)
    if textbook or problem.by_profile:
        return ProfileFrame(problem.environment, numbers, limit, pairs=textbook)
    return InterimFrame(problem.environment, numbers)
