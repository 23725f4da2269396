"""What every environment, requirement, objective and backend has to satisfy, to be called in tests.

Each function raises AssertionError at the first thing that does not hold, and says which check it
was, where, what was expected and what was got. Draws are random with a seed, so that a failure
comes again. None of them needs a test runner.
"""

from mechopt.testing.backend import check_backend
from mechopt.testing.objective import check_objective
from mechopt.testing.outcomes import check_outcomes
from mechopt.testing.requirement import check_requirement

__all__ = ["check_backend", "check_objective", "check_outcomes", "check_requirement"]
