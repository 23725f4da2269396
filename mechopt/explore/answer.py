"""From a state to its answer: the problem, its solution, pictures, and what is said of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from mechopt import backends
from mechopt.errors import InstanceError, InvalidInputError, MechoptError
from mechopt.explore.page import Given, Page, Panel, pages
from mechopt.explore.pictures import Picture
from mechopt.explore.state import State
from mechopt.instances.load import Instance, instance_from_document
from mechopt.report.page import Row
from mechopt.report.report import Report
from mechopt.report.solved import report_on
from mechopt.report.words import in_money, in_percent, share_of
from mechopt.solution import Solution, Termination

# A file may ask for what takes longer than a page should.
MOST_TYPES = 4_000
MOST_SECONDS = 20.0
KEPT = 32


@dataclass(frozen=True, eq=False)
class Answer:
    """What the page says of a state at once.

    Parameters
    ----------
    state
        The state.
    instance
        Its problem.
    solution
        Its solution, not audited yet.
    pictures
        A picture for each panel of the page; empty where it is drawn later.
    rows
        The readout so far: name, number and remark.
    seconds
        What it took.
    """

    state: State
    instance: Instance
    solution: Solution
    pictures: tuple[Picture, ...]
    rows: tuple[Row, ...]
    seconds: float

    @property
    def page(self) -> Page:
        """The page of the state."""
        return pages()[self.state.page]

    @property
    def waiting(self) -> tuple[Panel, ...]:
        """The panels that are drawn later."""
        if self.solution.mechanism is None:
            return ()
        values = self.state.values
        return tuple(
            panel
            for panel in self.page.panels
            if panel.words and (panel.when is None or panel.when.holds(values))
        )


@lru_cache(maxsize=KEPT)
def answered(state: State, given: Given | None = None) -> Answer:
    """Return the answer to a state.

    Raises
    ------
    MechoptError
        If the controls stand where there is no problem, such as a lowest type above the highest.

    Examples
    --------
    >>> from mechopt.explore.state import read_state
    >>> answer = answered(read_state("page=trade&cells=400"))
    >>> round(answer.solution.objective, 5), [row[0] for row in answer.rows][:3]
    (0.14062, ['optimum', 'bound', 'first best'])
    """
    start = time.perf_counter()
    instance = problem_of(state, given)
    limit = MOST_SECONDS if given is not None else None
    solution = backends.solve(instance.problem, time_limit=limit, throw=False)
    provenance = replace(solution.provenance, title=instance.title, unit=instance.unit)
    solution = replace(solution, provenance=provenance)
    page = pages()[state.page]
    drawn = tuple(
        Picture(panel.key, panel.title, "", "")
        if panel.words or solution.mechanism is None
        else picture_of(panel, solution, state)
        for panel in page.panels
    )
    rows = tuple(_rows(page, solution))
    return Answer(state, instance, solution, drawn, rows, time.perf_counter() - start)


def problem_of(state: State, given: Given | None) -> Instance:
    """Return the problem of a state.

    Raises
    ------
    MechoptError
        If there is none, or it is too large for a page.
    """
    own = given if given is not None and given.page.name == state.page else None
    document = pages()[state.page].document(state.values, own)
    path = "page.toml" if own is None else own.path
    try:
        instance = instance_from_document(document, path).refined()
    except InstanceError as error:
        # The file is the page's own: its faults are those of the controls.
        raise MechoptError("; ".join(error.faults)) from error
    largest = max(instance.problem.environment.shape)
    if largest > MOST_TYPES:
        raise InvalidInputError(
            "too large for a page",
            where=str(path),
            expected=f"at most {MOST_TYPES:,} types or cells of an agent",
            got=f"{largest:,}",
            remedy="Solve it with mechopt solve, or cut the prior into fewer cells.",
        )
    return instance


def picture_of(panel: Panel, solution: Solution, state: State) -> Picture:
    """Return a panel's picture; an empty one that says why, if there is none."""
    try:
        return panel.make(solution, state.values)
    except MechoptError as error:
        return Picture(panel.key, panel.title, "", "", caption=str(error))


def reported(answer: Answer) -> Report:
    """Audit the solution of an answer, and return the report that ``mechopt solve`` shows."""
    return replace(report_on(answer.solution), data=answer.instance.data)


def _rows(page: Page, solution: Solution) -> Iterator[Row]:
    """Yield what is known before the audit."""
    if solution.mechanism is None:
        yield ("no mechanism", solution.termination.value, backends.explain(solution))
        return
    environment = solution.problem.environment
    first_best, gains = environment.first_best, solution.mechanism.total_gains
    name = "optimum" if solution.termination is Termination.OPTIMAL else "best found"
    yield (name, in_money(solution.objective, first_best), solution.problem.objective.in_words)
    yield ("bound", in_money(solution.bound, first_best), "proved by weak duality")
    yield ("first best", in_money(first_best), "all gains, expected")
    share = share_of(gains, first_best)
    yield ("total gains", in_money(gains, first_best), in_percent(share, "of first best"))
    if solution.alpha is not None:
        yield ("alpha", in_money(solution.alpha, 1.0), "weight on information rents")
    yield from page.rows(solution)
