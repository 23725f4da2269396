"""Instance files of the kind "bargaining"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Annotated, Any, ClassVar

from pydantic import Field

from mechopt.environments import Bargaining, Environment
from mechopt.environments.bargaining import players_types
from mechopt.errors import InvalidInputError
from mechopt.instances.agent import PriorTable, read_prior, type_space
from mechopt.instances.fields import CellCount, Number, Probability, fault, one_of
from mechopt.instances.problem import ProblemTable, with_requirements
from mechopt.instances.reader import Key, Reader, SubTable, TomlTable
from mechopt.instances.sample_keys import SAMPLE_KEYS
from mechopt.literature.peski2024.bargaining import (
    best_for_player_1,
    equilibrium_problem,
    in_order,
)
from mechopt.literature.peski2024.finite_types import require_finite_types
from mechopt.problem.budget import Budget
from mechopt.problem.objectives.discounted import discount_factor
from mechopt.problem.problem import DesignProblem
from mechopt.problem.usual import ex_ante_efficiency, ex_post_efficiency, minimum_subsidy
from mechopt.types import TypeSpace

GAP = "player-1-gap"
EQUILIBRIA = "equilibrium-bounds"
OBJECTIVES = (GAP, EQUILIBRIA, "ex-ante-efficiency", "ex-post-efficiency", "minimum-subsidy")
PLAYERS = ("player_1", "player_2")

Types = TypeSpace | tuple[Sequence[Fraction], Sequence[Fraction]]


class BargainingTable(TomlTable):
    """The table of the environment."""

    kind: str
    proposer_probability: Probability = Field(
        description="the probability that player 1 proposes, from 0 to 1"
    )
    player_1: SubTable = Field(description="a table with the prior of player 1")
    player_2: SubTable = Field(description="a table with the prior of player 2")
    swap_players: bool = Field(False, description="true or false")


class PlayerTable(PriorTable):
    """The table of a player."""

    forms: ClassVar[Mapping[str, tuple[str, ...]]] = {
        **{
            form: (*keys, "at_means")
            for form, keys in PriorTable.forms.items()
            if form not in ("types", "samples")
        },
        "types": ("types", "probabilities", "probability_high"),
        "samples": ("samples", "column", "cells", "at_means", *SAMPLE_KEYS),
    }

    cells: CellCount | None = Field(
        None, description="a number of cells to cut the continuum into, such as 20"
    )
    probability_high: Probability | None = Field(
        None, description="the probability of the higher of two types, from 0 to 1"
    )
    at_means: bool = Field(False, description="true or false")


class BargainingProblemTable(ProblemTable):
    """The table of the problem, with the objectives that bargaining has."""

    objective: Annotated[str, one_of(*OBJECTIVES)] = Field(
        description=" or ".join(f'"{objective}"' for objective in OBJECTIVES)
    )
    verifiable: bool = Field(False, description="true or false")
    discount_factor: Number | None = Field(
        None, description="what a round's delay leaves of payoffs, from 0 to 1"
    )


class PlayerWeightsTable(TomlTable):
    """Welfare weights."""

    player_1: Number = Field(description="a number of at least 0")
    player_2: Number = Field(description="a number of at least 0")


def read_bargaining(reader: Reader, document: Mapping[str, Any]) -> DesignProblem | None:
    """Return the problem of a file whose environment is bargaining, and report its faults.

    Examples
    --------
    >>> from pathlib import Path
    >>> document = {
    ...     "environment": {
    ...         "kind": "bargaining",
    ...         "proposer_probability": 0.5,
    ...         "player_1": {"types": [0, 2], "probability_high": "1/2"},
    ...         "player_2": {"types": [1, 3]},
    ...     },
    ...     "problem": {"objective": "player-1-gap"},
    ... }
    >>> read_bargaining(Reader(Path(), None), document).budget
    <Budget.NO_DEFICIT: 'no-deficit'>
    """
    environment = document["environment"]
    table = reader.table(BargainingTable, environment, ("environment",))
    priors = [
        _read_player(reader, environment.get(name), name, environment.get(other))
        for name, other in zip(PLAYERS, reversed(PLAYERS), strict=True)
    ]
    # Stand-ins let the library judge the problem where a type space is at fault.
    stand_in = TypeSpace.finite([0, 1])
    usable = table is not None and all(prior is not None for prior in priors)
    bargaining = Bargaining(
        priors[0] or stand_in,  # type: ignore[arg-type]
        priors[1] or stand_in,  # type: ignore[arg-type]
        Fraction(1, 2) if table is None else table.proposer_probability,
    )
    swap = table is not None and table.swap_players
    return _problem(reader, bargaining, document.get("problem"), swap=swap, usable=usable)


def _read_player(reader: Reader, raw: object, name: str, other: object) -> Types | None:
    """Return a player's type space, or types and probabilities of which some may be zero."""
    key: Key = ("environment", name)
    table = reader.table(PlayerTable, raw, key)
    if table is None or not isinstance(raw, Mapping):
        return None

    def build(player: PlayerTable, reader: Reader) -> Types | None:
        return _prior(player, reader, other)

    return read_prior(reader, table, raw, key, build)


def _prior(table: PlayerTable, reader: Reader, other: object) -> Types | None:
    """Return the prior of a player, checked as the environment will."""
    prior: Types | None
    if table.types is None:
        found = type_space(table, reader, other)
        if found is None:
            return None
        prior = found.at_means() if table.at_means else found
    elif table.probability_high is not None:
        if table.probabilities is not None or len(table.types) != 2:
            both = table.probabilities is not None
            raise InvalidInputError(
                "a second statement of probabilities" if both else "not of two types",
                where="probability_high",
                expected="it without probabilities" if both else "two types",
                got="both" if both else f"a list of {len(table.types)}",
                remedy="Keep one of them." if both else "List probabilities instead.",
            )
        high = table.probability_high
        prior = (table.types, [1 - high, high])
    elif table.probabilities is not None:
        prior = (table.types, table.probabilities)
    else:
        prior = type_space(table, reader, other)
    if prior is None:
        return None
    players_types("types" if table.types is not None else "distribution", prior)  # type: ignore[arg-type]
    return prior


def _problem(
    reader: Reader, bargaining: Environment, raw: object, *, swap: bool, usable: bool
) -> DesignProblem | None:
    table = reader.table(BargainingProblemTable, raw, ("problem",))
    if not isinstance(raw, Mapping):
        return None
    weights = reader.table(PlayerWeightsTable, raw.get("weights"), ("problem", "weights"))
    try:
        # Weights are judged whatever the objective, so that a wrong objective does not hide them.
        problem = ex_ante_efficiency(bargaining, None if weights is None else dict(weights))
    except InvalidInputError as error:
        reader.add(("problem", "weights"), error)
        return None
    if table is None:
        return None
    _report_strays(reader, table, swap=swap)
    if table.objective in (GAP, EQUILIBRIA):
        ordered: Environment = bargaining
        if usable:
            try:
                ordered = in_order(bargaining, swap=swap)
            except InvalidInputError as error:
                order = fault(
                    error.what,
                    expected=error.expected,
                    got=error.got,
                    remedy="Exchange the players, or write swap_players = true.",
                )
                reader.add(("environment", "player_1"), order)
        if table.objective == GAP:
            return best_for_player_1(ordered, verifiable=table.verifiable)
        if usable:
            try:
                require_finite_types(ordered)
            except InvalidInputError as error:
                reader.add(("environment", error.where), error)
        try:
            return equilibrium_problem(ordered, discount_factor(table.discount_factor))
        except InvalidInputError as error:
            reader.add(("problem", error.where), error)
            return None
    if table.objective == "ex-post-efficiency":
        problem = ex_post_efficiency(bargaining)
    elif table.objective == "minimum-subsidy":
        problem = minimum_subsidy(bargaining)
    return with_requirements(reader, problem, table)


def _report_strays(reader: Reader, table: BargainingProblemTable, *, swap: bool) -> None:
    """Report keys that the objective does not use."""
    objective = table.objective
    stray: list[tuple[Key, str]] = []
    if table.weights is not None and objective != "ex-ante-efficiency":
        stray.append((("problem", "weights"), '"ex-ante-efficiency"'))
    ours = (GAP, EQUILIBRIA)
    if objective in ours:
        others = " or ".join(f'"{other}"' for other in OBJECTIVES if other not in ours)
        named = [*table.requirements, *(["priors"] if table.priors is not None else [])]
        stray += [(("problem", name), others) for name in named]
    if objective != GAP and table.verifiable:
        stray.append((("problem", "verifiable"), f'"{GAP}"'))
    if objective != EQUILIBRIA and table.discount_factor is not None:
        stray.append((("problem", "discount_factor"), f'"{EQUILIBRIA}"'))
    if swap and objective not in ours:
        stray.append((("environment", "swap_players"), f'"{GAP}"'))
    if table.relative_width is not None:
        stray.append((("problem", "relative_width"), "bilateral trade"))
    if objective == "minimum-subsidy" and table.budget not in (None, Budget.SUBSIDISED):
        stray.append((("problem", "budget"), "another objective"))
    for key, fitting in stray:
        unused = fault(
            f'does not go with the objective "{objective}"',
            expected=f"it only with {fitting}",
            got=str(key[-1]),
            remedy="Remove it, or change the objective.",
        )
        reader.add(key, unused)
