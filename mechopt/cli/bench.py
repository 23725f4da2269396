"""``mechopt bench``: what the work of the package takes on this machine, beside its limits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import numpy as np
from cyclopts import Parameter

from mechopt._util.arrays import FloatArray
from mechopt._util.terminal import say
from mechopt.cli.common import ANSWERED, FAILED
from mechopt.errors import InvalidInputError

if TYPE_CHECKING:
    from mechopt.problem.problem import DesignProblem
    from mechopt.solution import Solution
    from mechopt.types import TypeSpace

MILLION = 1_000_000
# Work is repeated so often, or for so many seconds: what else the machine does counts less then.
REPEATS = 7
LONGEST = 5.0
U, SECONDS, NUMPY = "u", "s", "x"
DELAY = """
environment.kind = "bilateral-trade"
environment.seller = { distribution = "beta", parameters = [2, 3], cells = 200 }
environment.buyer = { distribution = "beta", parameters = [3, 2], cells = 200, discount_rate = 0.5 }
problem.objective = "ex-ante-efficiency"
"""
UNIFORM = """
environment.kind = "bilateral-trade"
environment.seller = { distribution = "uniform", cells = 200 }
environment.buyer = { distribution = "uniform", cells = 200 }
problem.objective = "ex-ante-efficiency"
"""


@dataclass(frozen=True)
class Work:
    """One kind of work.

    Parameters
    ----------
    name
        What is done.
    limit, unit
        What it may take, in seconds ("s"), in searches of a million sorted numbers in a million
        ("u"), of this process, or in imports of numpy ("x").
    prepare
        Returns what is measured, and is not.
    clock
        What tells the seconds; the processor's of this process unless said.
    """

    name: str
    limit: float
    unit: str
    prepare: Callable[[], Callable[[], object]]
    clock: Callable[[], float] = time.process_time

    def taken(self) -> float:
        """Return what it takes, in its unit: the least of several times.

        Searches come before each time and after the last, so that a machine which is slower for a
        while is so for both; the least of them counts, too.
        """
        clock, job = self.clock, self.prepare()
        best = unit = np.inf
        spent = 0.0
        for _ in range(REPEATS):
            if self.unit in UNITS:
                unit = min(unit, UNITS[self.unit]())
            start = clock()
            job()
            lasted = clock() - start
            best, spent = min(best, lasted), spent + lasted
            if spent > LONGEST:
                break
        return float(best / min(unit, UNITS[self.unit]()) if self.unit in UNITS else best)


def bench(
    *,
    only: str = "",
    strict: Annotated[bool, Parameter(negative="")] = False,
    as_json: Annotated[bool, Parameter(name="--json", negative="")] = False,
) -> int:
    """Measure what the package's work takes on this machine, beside what it is meant to take.

    One u is a search of a million sorted numbers in a million, in the same run. Times are those of
    the processor, but for the sweep, which is the work of several.

    Example: ``mechopt bench --only cells``

    Parameters
    ----------
    only
        Measure the kinds of work that have this in their names.
    strict
        End with status 1 where anything takes longer than it is meant to.
    as_json
        Print one JSON object and nothing else.
    """
    chosen = [work for work in works() if only in work.name]
    if not chosen:
        raise InvalidInputError(
            "no such work",
            where="--only",
            expected="a part of one of the names that mechopt bench prints",
            got=repr(only),
            remedy="Leave it out to see all.",
        )
    found, over = {}, []
    if not as_json:
        say(f"  {'':44}{'taken':>10}{'limit':>10}")
    for work in chosen:
        taken = work.taken()
        found[work.name] = {"taken": taken, "limit": work.limit, "unit": work.unit}
        if taken > work.limit:
            over.append(work.name)
        if not as_json:
            mark = "" if taken <= work.limit else "  over"
            say(f"  {work.name:44}{taken:8.3g} {work.unit}{work.limit:8.3g} {work.unit}{mark}")
    if as_json:
        print(json.dumps(found))
    elif any(work.unit == U for work in chosen):
        least = min(search_of_a_million() for _ in range(REPEATS))
        say(f"  u is {1e3 * least:.1f} ms here")
    if over and not as_json:
        say(f"  over its limit: {'; '.join(over)}")
    return FAILED if strict and over else ANSWERED


def search_of_a_million() -> float:
    """Return the seconds of one search of a million sorted values in a million: u, or more."""
    table, keys = _sorted_millions()
    start = time.process_time()
    np.searchsorted(table, keys)
    return time.process_time() - start


@cache
def _sorted_millions() -> tuple[FloatArray, FloatArray]:
    rng = np.random.default_rng(0)
    return np.sort(rng.random(MILLION)), np.sort(rng.random(MILLION))


def of_commands() -> float:
    """Return the seconds of the processor that commands took; those of the clock on Windows."""
    spent = os.times()
    is_known = os.name == "posix"
    return spent.children_user + spent.children_system if is_known else time.perf_counter()


def works() -> Iterator[Work]:
    """Yield the kinds of work, in the order of the table.

    Examples
    --------
    >>> [work.limit for work in works() if work.name == "cells of beta, 400"]
    [0.2]
    """
    for name, parameters in (("beta", (2.0, 3.0)), ("truncnorm", (-1.0, 3.0))):
        for size, limit in ((MILLION, 1.5), (400, 0.2)):
            job = partial(_cells, name, parameters, size)
            yield Work(f"cells of {name}, {size:,}", limit, U, job)
    for name, ratio, limit in (("beta", 1.0, 20), ("uniform", 1.0, 18), ("uniform", 0.5, 30)):
        what = f"priors, solve, audit, a million, {name}, delta {ratio:g}"
        yield Work(what, limit, U, partial(_whole, name, ratio))
    for size, limit in ((400, 1), (MILLION, 15)):
        yield Work(f"bracket of the continuum, {size:,}", limit, U, partial(_bracket, size))
    for ratio, limit in ((1.0, 3), (0.5, 10)):
        yield Work(f"audit, 2,000 types a side, delta {ratio:g}", limit, U, partial(_audit, ratio))
    for size, limit in ((200, 0.02), (10_000, 0.5)):
        yield Work(f"exact optimum, {size:,} types a side", limit, SECONDS, partial(_exact, size))
    yield Work("exact optimum by the program, 400 types", 10, SECONDS, _exact_program)
    for size, limit in ((50, 0.05), (400, 10)):
        what = f"interim efficiency of a price, {size} types"
        yield Work(what, limit, SECONDS, partial(_interim, size))
    for size, limit in ((400, 0.15), (800, 3)):
        what = f"highs from direct's basis, {size}, solver call"
        yield Work(what, limit, SECONDS, partial(_from_basis, size))
    yield Work("check on beta priors", 0.02, SECONDS, _check)
    yield Work("bootstrap, 200 x 1,000", 0.7, SECONDS, _bootstrap)
    yield Work("bargaining map 21 x 21 by program", 0.5, SECONDS, _map)
    yield Work("saving 100,000 types a side", 0.1, SECONDS, partial(_files, saving=True))
    yield Work("loading 100,000 types a side", 0.1, SECONDS, partial(_files, saving=False))
    yield Work("drawing a picture of 400 types again", 0.05, SECONDS, _picture)
    yield Work("import mechopt, over import numpy", 0.3, NUMPY, _import("mechopt"), _imported.spent)
    yield Work("command solve, six types", 0.4, SECONDS, partial(_command, "solve"), of_commands)
    solve = partial(_command, "solve", UNIFORM)
    yield Work("command solve, uniform priors", 0.6, SECONDS, solve, of_commands)
    vary = ("--vary", "buyer.discount_rate=0.25:2:500", "--workers", "2")
    sweep = partial(_command, "sweep", DELAY, *vary)
    yield Work("command sweep, 500 points, 2 workers", 10, SECONDS, sweep, time.perf_counter)


def _cells(name: str, parameters: tuple[float, ...], size: int) -> Callable[[], object]:
    from mechopt.types.continuous import ContinuousPrior
    from mechopt.types.quantile_cells import quantile_cells

    prior = ContinuousPrior(name, parameters)
    quantile_cells(prior, 2)
    return lambda: quantile_cells(prior, size)


def _sides(name: str, size: int) -> tuple[TypeSpace, TypeSpace]:
    from mechopt.types import TypeSpace
    from mechopt.types.continuous import ContinuousPrior

    shapes = {"beta": ((2.0, 3.0), (3.0, 2.0)), "uniform": ((), ())}[name]
    seller, buyer = (ContinuousPrior(name, own) for own in shapes)
    return (
        TypeSpace.from_distribution(seller, size),
        TypeSpace.from_distribution(buyer, size),
    )


def _whole(name: str, ratio: float) -> Callable[[], object]:
    from mechopt.verify.audit import audit

    def job() -> None:
        solution = _solution(_sides(name, MILLION), ratio)
        audit(solution.problem, solution).raise_if_failed()

    return job


def _problem(sides: tuple[TypeSpace, TypeSpace], ratio: float = 1.0) -> DesignProblem:
    from mechopt.environments import BilateralTrade
    from mechopt.problem.usual import ex_ante_efficiency

    return ex_ante_efficiency(BilateralTrade(sides[0], sides[1], 1.0, ratio))


def _solution(sides: tuple[TypeSpace, TypeSpace], ratio: float = 1.0) -> Solution:
    from mechopt.backends import solve

    return solve(_problem(sides, ratio))


def _bracket(size: int) -> Callable[[], object]:
    from mechopt.studies.continuum import bracket_continuum

    solution = _solution(_sides("beta", size))
    return lambda: bracket_continuum(solution)


def _audit(ratio: float) -> Callable[[], object]:
    from mechopt.verify.audit import audit

    solution = _solution(_sides("uniform", 2_000), ratio)
    return lambda: audit(solution.problem, solution)


def _grid(size: int) -> TypeSpace:
    from mechopt.types import TypeSpace

    return TypeSpace.finite(np.arange(1, size + 1))


def _exact(size: int) -> Callable[[], object]:
    from mechopt.exact import exact_optimum

    problem = _problem((_grid(size), _grid(size)))
    return lambda: exact_optimum(problem)


def _exact_program() -> Callable[[], object]:
    from mechopt.exact import exact_optimum
    from mechopt.problem.usual import minimum_subsidy

    problem = minimum_subsidy(_problem((_grid(400), _grid(400))).environment)
    return lambda: exact_optimum(problem)


def _picture() -> Callable[[], object]:
    from matplotlib.figure import Figure

    from mechopt.plot import allocation

    solution, ax = _solution(_sides("beta", 400)), Figure().add_subplot()
    allocation(solution, ax)
    return lambda: allocation(solution, ax)


class _Imports:
    """Seconds of the processor that imports took in other processes, added up."""

    def __init__(self) -> None:
        self.total = 0.0

    def spent(self) -> float:
        """Return all of them."""
        return self.total

    def of(self, module: str) -> float:
        """Return those of one more import."""
        words = f"import time; start = time.process_time(); import {module}; "
        words += "print(time.process_time() - start)"
        said = subprocess.run(
            [sys.executable, "-c", words], check=True, capture_output=True, text=True
        ).stdout
        self.total += float(said)
        return float(said)


_imported = _Imports()


def _import(module: str) -> Callable[[], Callable[[], object]]:
    return lambda: partial(_imported.of, module)


def _interim(size: int) -> Callable[[], object]:
    from mechopt.literature.cramton1985.known_mechanisms import posted_price
    from mechopt.studies.efficiency import interim_efficiency

    trade = _problem((_grid(size), _grid(size))).environment
    rule = posted_price(trade, 0.5 * size)
    return lambda: interim_efficiency(trade, rule)


def _from_basis(size: int) -> Callable[[], object]:
    from mechopt.backends.settings import SOLVER_TOLERANCE
    from mechopt.backends.start import put_basis
    from mechopt.program.highs_model import load
    from mechopt.program.standard_form import standard_form

    solution = _solution((_grid(size), _grid(size)))
    form = standard_form(solution.problem)
    model = load(form, SOLVER_TOLERANCE)

    def job() -> object:
        # What HiGHS knows of the run before is no part of the start.
        model.clearSolver()
        put_basis(model, form, solution)
        model.run()
        return model

    return job


def _check() -> Callable[[], object]:
    from mechopt.literature.cramton1985.impossibility import check_ex_post_efficiency
    from mechopt.types import TypeSpace
    from mechopt.types.continuous import ContinuousPrior

    # Priors that nobody asked about before, whose integrals are not known yet.
    shapes = iter(np.linspace(2.0, 3.0, 100).tolist())

    def job() -> None:
        own = next(shapes)
        costs, values = (ContinuousPrior("beta", pair) for pair in ((own, 3.0), (3.0, own)))
        seller, buyer = (TypeSpace.from_distribution(law, 2) for law in (costs, values))
        check_ex_post_efficiency(_problem((seller, buyer)))

    job()
    return job


def _bootstrap() -> Callable[[], object]:
    from mechopt.studies.bootstrap import bootstrap

    rng = np.random.default_rng(0)
    costs, values = rng.beta(2, 3, 1_000), rng.beta(3, 2, 1_000)
    return lambda: bootstrap(costs, values, replications=200, seed=1)


def _map() -> Callable[[], object]:
    from mechopt.literature.peski2024.gap_map import gap_over_beliefs

    job = partial(gap_over_beliefs, (0, 2), (1, 3), 0.5, method="program")
    job(beliefs=2)
    return partial(job, beliefs=21)


def _files(*, saving: bool) -> Callable[[], object]:
    from mechopt.saved import load_solution, save_solution
    from mechopt.types import TypeSpace

    rng = np.random.default_rng(0)
    costs, values = (TypeSpace.finite(np.sort(rng.random(100_000))) for _ in range(2))
    solution = _solution((costs, values))
    folder = TemporaryDirectory()

    def job() -> object:
        # The folder lasts as long as the job.
        path = Path(folder.name, "solution.json")
        if saving or not path.exists():
            save_solution(solution, path)
        return None if saving else load_solution(path)

    job()
    return job


def _command(command: str, text: str = "", *options: str) -> Callable[[], object]:
    def job() -> None:
        with TemporaryDirectory() as folder:
            file = "examples/six_types"
            if text:
                path = Path(folder, "instance.toml")
                path.write_text(text)
                file = str(path)
            words = [command, file, *options, "--quiet"]
            if options:
                words += ["--output", str(Path(folder, "table.csv"))]
            subprocess.run(
                [sys.executable, "-m", "mechopt", *words], check=True, capture_output=True
            )

    return job


# What times are divided by, measured in the same run.
UNITS: dict[str, Callable[[], float]] = {
    U: search_of_a_million,
    NUMPY: lambda: _imported.of("numpy"),
}
