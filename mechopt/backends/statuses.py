"""What solvers say when they stop, in our words: every status of every solver that is asked.

Where a modelling language merges statuses of its solvers, the solver's own is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mechopt._util.arrays import shown
from mechopt.solution import Limit, Termination


@dataclass(frozen=True)
class Ending:
    """Why a solver stopped.

    Parameters
    ----------
    termination, limit, detail
        As in :class:`mechopt.Solution`.

    Examples
    --------
    >>> Ending(Termination.LIMIT, Limit.TIME, "Time limit reached").is_optimal
    False
    """

    termination: Termination
    limit: Limit | None = None
    detail: str = ""

    @property
    def is_optimal(self) -> bool:
        """Whether the solver claims an optimum."""
        return self.termination is Termination.OPTIMAL


ROUNDS = Ending(Termination.LIMIT, Limit.ITERATIONS, "tangents were still added in the last round")
OUT_OF_TIME = Ending(Termination.LIMIT, Limit.TIME, "the time limit passed between two rounds")

Status = Termination | Limit
HIGHS: Mapping[str, Status] = {
    "kNotset": Limit.OTHER,
    "kLoadError": Limit.OTHER,
    "kModelError": Limit.OTHER,
    "kPresolveError": Limit.NUMERICAL,
    "kSolveError": Limit.NUMERICAL,
    "kPostsolveError": Limit.NUMERICAL,
    "kModelEmpty": Limit.OTHER,
    "kOptimal": Termination.OPTIMAL,
    "kInfeasible": Termination.INFEASIBLE,
    "kUnboundedOrInfeasible": Limit.NO_SOLUTION,
    "kUnbounded": Termination.UNBOUNDED,
    "kObjectiveBound": Limit.OTHER,
    "kObjectiveTarget": Limit.OTHER,
    "kTimeLimit": Limit.TIME,
    "kIterationLimit": Limit.ITERATIONS,
    "kUnknown": Limit.NUMERICAL,
    "kSolutionLimit": Limit.OTHER,
    "kInterrupt": Limit.INTERRUPTED,
    "kMemoryLimit": Limit.OTHER,
    "kHighsInterrupt": Limit.INTERRUPTED,
}
"""By the name of a ``highspy.HighsModelStatus``."""
CLARABEL: Mapping[str, Status] = {
    "Unsolved": Limit.OTHER,
    "Solved": Termination.OPTIMAL,
    "PrimalInfeasible": Termination.INFEASIBLE,
    "DualInfeasible": Termination.UNBOUNDED,
    # Reduced tolerances only; what the multipliers prove decides whether it is an optimum.
    "AlmostSolved": Termination.OPTIMAL,
    "AlmostPrimalInfeasible": Limit.IMPRECISE,
    "AlmostDualInfeasible": Limit.IMPRECISE,
    "MaxIterations": Limit.ITERATIONS,
    "MaxTime": Limit.TIME,
    "NumericalError": Limit.NUMERICAL,
    "InsufficientProgress": Limit.NUMERICAL,
    "CallbackTerminated": Limit.INTERRUPTED,
}
"""By the name of a ``clarabel.SolverStatus``."""
CVXPY: Mapping[str, Status] = {
    "optimal": Termination.OPTIMAL,
    "optimal_inaccurate": Termination.OPTIMAL,
    "infeasible": Termination.INFEASIBLE,
    "infeasible_inaccurate": Limit.IMPRECISE,
    "unbounded": Termination.UNBOUNDED,
    "unbounded_inaccurate": Limit.IMPRECISE,
    "infeasible_or_unbounded": Limit.NO_SOLUTION,
    "user_limit": Limit.OTHER,
    "solver_error": Limit.NUMERICAL,
}
"""By the ``status`` of a ``cvxpy.Problem``, which merges what its solvers say."""
PYOMO: Mapping[str, Status] = {
    "convergenceCriteriaSatisfied": Termination.OPTIMAL,
    "maxTimeLimit": Limit.TIME,
    "iterationLimit": Limit.ITERATIONS,
    "objectiveLimit": Limit.OTHER,
    "minStepLength": Limit.NUMERICAL,
    "unbounded": Termination.UNBOUNDED,
    "provenInfeasible": Termination.INFEASIBLE,
    "locallyInfeasible": Limit.NO_SOLUTION,
    "infeasibleOrUnbounded": Limit.NO_SOLUTION,
    "error": Limit.NUMERICAL,
    "interrupted": Limit.INTERRUPTED,
    "licensingProblems": Limit.OTHER,
    "emptyModel": Limit.OTHER,
    "unknown": Limit.NUMERICAL,
}
"""By the name of a ``TerminationCondition`` of ``pyomo.contrib.solver``."""
HIGHS_IN_WORDS: Mapping[str, Status] = {
    "Not Set": HIGHS["kNotset"],
    "Load error": HIGHS["kLoadError"],
    "Model error": HIGHS["kModelError"],
    "Presolve error": HIGHS["kPresolveError"],
    "Solve error": HIGHS["kSolveError"],
    "Postsolve error": HIGHS["kPostsolveError"],
    "Empty": HIGHS["kModelEmpty"],
    "Optimal": HIGHS["kOptimal"],
    "Infeasible": HIGHS["kInfeasible"],
    "Primal infeasible or unbounded": HIGHS["kUnboundedOrInfeasible"],
    "Unbounded": HIGHS["kUnbounded"],
    "Bound on objective reached": HIGHS["kObjectiveBound"],
    "Target for objective reached": HIGHS["kObjectiveTarget"],
    "Time limit reached": HIGHS["kTimeLimit"],
    "Iteration limit reached": HIGHS["kIterationLimit"],
    "Unknown": HIGHS["kUnknown"],
    "Solution limit reached": HIGHS["kSolutionLimit"],
    "Interrupted by user": HIGHS["kInterrupt"],
    "Memory limit reached": HIGHS["kMemoryLimit"],
    "Interrupted by HiGHS": HIGHS["kHighsInterrupt"],
}
"""By what HiGHS writes into solution files."""
SCIP: Mapping[str, Status] = {
    "optimal solution found": Termination.OPTIMAL,
    "infeasible": Termination.INFEASIBLE,
    "unbounded": Termination.UNBOUNDED,
    "infeasible or unbounded": Limit.NO_SOLUTION,
    "time limit reached": Limit.TIME,
    "user interrupt": Limit.INTERRUPTED,
}
"""By what SCIP writes into solution files; its other words are other limits."""
CPLEX: Mapping[str, Status] = {
    "optimal": Termination.OPTIMAL,
    "infeasible": Termination.INFEASIBLE,
    "unbounded": Termination.UNBOUNDED,
    "infeasible or unbounded": Limit.NO_SOLUTION,
    "optimal with unscaled infeasibilities": Limit.IMPRECISE,
    "time limit exceeded": Limit.TIME,
    "iteration limit exceeded": Limit.ITERATIONS,
}
"""By what CPLEX writes into solution files; its other words are other limits."""
MOSEK: Mapping[str, Status] = {
    "OPTIMAL": Termination.OPTIMAL,
    "PRIMAL_INFEASIBLE_CER": Termination.INFEASIBLE,
    "DUAL_INFEASIBLE_CER": Termination.UNBOUNDED,
}
"""By what MOSEK writes into solution files; its other words are other limits."""
AMPL: Mapping[str, Status] = {
    "0": Termination.OPTIMAL,
    "1": Limit.IMPRECISE,
    "2": Termination.INFEASIBLE,
    "3": Termination.UNBOUNDED,
}
"""By the hundreds of a solve code of a solver for AMPL; others are other limits."""


def ending(statuses: Mapping[str, Status], said: str, detail: str = "") -> Ending:
    """Return why a solver stopped.

    Parameters
    ----------
    statuses
        One of the tables above.
    said
        The status by the solver's own name; one that no table knows is another limit.
    detail
        How the solver puts it; the name unless said.

    Examples
    --------
    >>> ending(HIGHS, "kIterationLimit", "Iteration limit reached").limit
    <Limit.ITERATIONS: 'iterations'>
    """
    meaning = statuses.get(said, Limit.OTHER)
    if isinstance(meaning, Limit):
        return Ending(Termination.LIMIT, meaning, shown(detail or said))
    return Ending(meaning, None, shown(detail or said))
