"""Readers of exported files that share no code with the package: HiGHS, SCIP and MOSEK."""

from __future__ import annotations

import clarabel
import highspy
import mosek
import numpy as np
import pyscipopt
from scipy import sparse

import mechopt as mo

TIGHT = 1e-10


def highs_model(path):
    """Return HiGHS with a file loaded, silent, with tight tolerances and no coefficient dropped."""
    model = highspy.Highs()
    model.silent()
    for name in ("primal_feasibility_tolerance", "dual_feasibility_tolerance"):
        model.setOptionValue(name, TIGHT)
    model.setOptionValue("small_matrix_value", 1e-12)
    # A model that was tampered with may read with a warning.
    assert model.readModel(str(path)) != highspy.HighsStatus.kError
    return model


def highs_optimum(path, solution=None, style=0):
    """Return the optimum of a file by HiGHS, and write its solution if a path is given."""
    model = highs_model(path)
    model.run()
    if solution is not None:
        model.writeSolution(str(solution), style)
    if model.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
        return None
    assert model.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return model.getObjectiveValue()


def highs_arrays(path):
    """Return what HiGHS read, by name: costs, bounds, and rows with their coefficients."""
    program = highs_model(path).getLp()
    columns, rows = list(program.col_names_), list(program.row_names_)
    matrix = program.a_matrix_
    assert matrix.format_ == highspy.MatrixFormat.kColwise
    column = np.repeat(np.arange(len(columns)), np.diff(matrix.start_))
    entries = zip(np.array(rows)[matrix.index_], np.array(columns)[column], strict=True)
    bounds = zip(program.col_lower_, program.col_upper_, strict=True)
    sides = zip(program.row_lower_, program.row_upper_, strict=True)
    assert program.sense_ == highspy.ObjSense.kMinimize
    assert program.offset_ == 0
    return {
        "cost": dict(zip(columns, np.asarray(program.col_cost_), strict=True)),
        "bounds": dict(zip(columns, bounds, strict=True)),
        "rows": dict(zip(rows, sides, strict=True)),
        "entries": {
            place: value for place, value in zip(entries, matrix.value_, strict=True) if value
        },
    }  # fmt: skip


def form_arrays(form, names):
    """Return the same of a standard form."""
    entries = sparse.coo_array(form.matrix)
    places = zip(names.constraints[entries.row], names.variables[entries.col], strict=True)
    bounds = zip(form.lower.tolist(), form.upper.tolist(), strict=True)
    sides = zip(form.row_lower.tolist(), form.row_upper.tolist(), strict=True)
    return {
        "cost": dict(zip(names.variables, -form.cost, strict=True)),
        "bounds": dict(zip(names.variables, bounds, strict=True)),
        "rows": dict(zip(names.constraints, sides, strict=True)),
        "entries": dict(zip(places, entries.data, strict=True)),
    }


def scip_model(path):
    """Return SCIP with a file read, silent, with tight tolerances."""
    model = pyscipopt.Model()
    model.hideOutput()
    model.setParam("numerics/feastol", 1e-9)
    model.setParam("numerics/dualfeastol", 1e-9)
    model.readProblem(str(path))
    return model


def scip_optimum(path, solution=None):
    """Return the optimum of a file by SCIP, and write its solution if a path is given."""
    model = scip_model(path)
    model.optimize()
    if model.getStatus() == "infeasible":
        return None
    assert model.getStatus() == "optimal"
    if solution is not None:
        model.writeBestSol(str(solution))
    return model.getObjVal()


class ConicProgram:
    """What MOSEK reads in a CBF file: costs, bounds, and affine rows in cones."""

    def __init__(self, path):
        kinds = mosek.domaintype
        with mosek.Env() as environment, environment.Task() as task:
            task.readdata(str(path))
            self.minimises = task.getobjsense() == mosek.objsense.minimize
            self.cost = np.array(task.getc())
            assert task.getcfix() == 0
            assert task.getnumcon() == 0
            low, high = [], []
            for j in range(task.getnumvar()):
                key, lower, upper = task.getvarbound(j)
                below = key in {mosek.boundkey.lo, mosek.boundkey.ra, mosek.boundkey.fx}
                above = key in {mosek.boundkey.up, mosek.boundkey.ra, mosek.boundkey.fx}
                low.append(lower if below else -np.inf)
                high.append(upper if above else np.inf)
            self.lower, self.upper = np.array(low), np.array(high)
            row, column, value = task.getafeftrip()
            shape = (task.getnumafe(), task.getnumvar())
            self.matrix = sparse.csr_array((value, (row, column)), shape=shape)
            self.constant = np.array(task.getafegslice(0, shape[0]))
            self.cones = []
            names = {
                kinds.rplus: "L+", kinds.rminus: "L-", kinds.rzero: "L=",
                kinds.primal_power_cone: "POW", kinds.primal_exp_cone: "EXP",
            }  # fmt: skip
            for k in range(task.getnumacc()):
                domain = task.getaccdomain(k)
                kind = names[task.getdomaintype(domain)]
                rows = np.array(task.getaccafeidxlist(k))
                share = None
                if kind == "POW":
                    weights = np.array(task.getpowerdomainalpha(domain))
                    share = weights[0] / weights.sum()
                self.cones.append((kind, rows, share))

    def optimum(self):
        """Return the optimum by Clarabel."""
        identity = sparse.eye_array(self.cost.size, format="csr")
        low, high = np.isfinite(self.lower), np.isfinite(self.upper)
        blocks = [identity[low], -identity[high]]
        constants = [-self.lower[low], self.upper[high]]
        cones = [clarabel.NonnegativeConeT(int(low.sum() + high.sum()))]
        for kind, rows, share in self.cones:
            sign = -1.0 if kind == "L-" else 1.0
            # Clarabel's exponential cone has the exponent first.
            order = rows[::-1] if kind == "EXP" else rows
            blocks.append(sign * self.matrix[order])
            constants.append(sign * self.constant[order])
            cones.append(
                clarabel.PowerConeT(share)
                if kind == "POW"
                else clarabel.ExponentialConeT()
                if kind == "EXP"
                else clarabel.ZeroConeT(rows.size)
                if kind == "L="
                else clarabel.NonnegativeConeT(rows.size)
            )
        settings = clarabel.DefaultSettings()
        settings.verbose = False
        settings.static_regularization_constant = 1e-7
        settings.iterative_refinement_max_iter = 50
        settings.max_iter = 500
        size = self.cost.size
        solver = clarabel.DefaultSolver(
            sparse.csc_matrix((size, size)),
            self.cost,
            sparse.csc_matrix(-sparse.vstack(blocks)),
            np.concatenate(constants),
            cones,
            settings,
        )
        found = solver.solve()
        assert "Solved" in str(found.status)
        return found.obj_val


def two_named(first, second, size=3):
    """Return a trading problem between agents of given names."""
    types = mo.TypeSpace.finite(np.arange(1, size + 1) / size)
    agents = (mo.Agent(first, types), mo.Agent(second, types))
    return mo.ex_ante_efficiency(mo.Environment(agents, mo.Trade()))
