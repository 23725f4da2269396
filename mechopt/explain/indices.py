"""Formulas of requirements with the indices of one problem: which agents, which types, how many.

Requirements write their formulas for any agent i. Here they become those of a problem: a sole agent
needs no index, identical agents share theirs, a requirement of one of several agents has its name,
and what is zero is left out. For which agents, types and profiles a formula holds is read off the
blocks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mechopt._util.inline import Inline, Math, Piece
from mechopt.environments import Environment
from mechopt.problem.counts import ALL, OTHERS
from mechopt.problem.wording import named
from mechopt.program.standard_form import Block

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_LISTED = 12
# The cost, as a side of its own, a term, or a function.
_NO_COST = (
    (r"(= |>= )E\[cost\(t\)\]", r"\g<1>0"),
    (r"E\[cost\(t\)\] - ", "-"),
    (r" - E\[cost\(t\)\]| \+ c E\[cost\(t\)\]", ""),
    (r"(= |>= )cost\(t\)", r"\g<1>0"),
)
_OPTION = r"o(?:_\{[^}]*\}|_i\([^)]*\))"
# The index of an agent's own type.
OWN_TYPE = re.compile(r"(?<![A-Za-z_])k(?![A-Za-z_])")
_GIVEN = " | t_i = k]"


@dataclass(frozen=True)
class Indices:
    """How formulas of a problem are written.

    Parameters
    ----------
    environment
        The environment.
    identical
        Whether one agent stands for all.
    by_counts
        Whether profiles are states: how many agents there are of each type.
    interim
        Whether what a type expects has variables of its own.
    """

    environment: Environment
    identical: bool = False
    by_counts: bool = False
    interim: bool = True

    @classmethod
    def of(
        cls, environment: Environment, variables: Mapping[str, Block], *, identical: bool
    ) -> Indices:
        """Return those of a program with these variables."""
        axes = {axis for block in variables.values() for axis in block.axes}
        names = {agent.name for agent in environment.agents}
        interim = f"{environment.agents[0].name}_quantity" in variables
        by_counts = bool((axes & {ALL, OTHERS}) - names)
        return cls(environment, identical or by_counts, by_counts, interim)

    @property
    def names(self) -> list[str]:
        """Names of all agents."""
        return [agent.name for agent in self.environment.agents]

    @property
    def one(self) -> bool:
        """Whether there is one agent only."""
        return len(self.environment.agents) == 1

    @property
    def plain(self) -> bool:
        """Whether formulas need no index of an agent."""
        return self.one or self.identical

    def last(self, agent: str | None = None) -> str:
        """Return how the position of the last type is written: of all agents, or of i."""
        sizes = set(self.environment.shape)
        if len(sizes) == 1:
            return str(sizes.pop() - 1)
        if agent is None:
            return "N_i"
        return str(self.environment.shape[self.names.index(agent)] - 1)

    def formula(self, formula: str, agents: Sequence[str] = ()) -> str:
        """Return a requirement's formula as that of some agents; of all, unless said.

        Examples
        --------
        >>> from mechopt import BilateralTrade, TypeSpace
        >>> types = TypeSpace.finite([0, 1])
        >>> trade = Indices(BilateralTrade(types, types))
        >>> trade.formula("v_{i,k} Q_{i,k} - T_{i,k} >= o_{i,k}", ["buyer"])
        'v_{buyer,k} Q_{buyer,k} - T_{buyer,k} >= 0'
        >>> trade.formula("Σ_i Σ_k m_{i,k} T_{i,k} >= E[cost(t)]")
        'Σ_i Σ_k m_{i,k} T_{i,k} >= 0'
        """
        environment = self.environment
        own = [a for a in environment.agents if a.name in agents] or environment.agents
        if not any(agent.option_at_ends[0].any() or agent.option_at_ends[1].any() for agent in own):
            formula = re.sub(rf" - {_OPTION}", "", formula)
            formula = re.sub(rf">= {_OPTION}", ">= 0", formula)
        if not environment.outcomes.cost.any():
            for pattern, without in _NO_COST:
                formula = re.sub(pattern, without, formula)
        if self.identical and not self.by_counts:
            # There are no profiles, and a unit costs the same whoever wins it.
            each = f"{environment.outcomes.cost[0]:g} ".removeprefix("1 ")
            formula = formula.replace("E[cost(t)]", f"{each}n Σ_k m_k Q_k")
        if self.plain:
            # What is of a single agent has its name from the start.
            formula = formula.replace(f"_{{{self.names[0]},", "_{i,")
            formula = formula.replace(f"_{{{self.names[0]}}}", "_i")
            formula = formula.replace(f"_{{-{self.names[0]}}}", "_{-i}")
        if self.by_counts:
            return _without_agents(_of_states(formula), "n ")
        if self.plain:
            if self.one:
                formula = _of_one(formula, interim=self.interim)
            return _without_agents(formula, "" if self.one else "n ")
        if len(agents) == 1:
            return named(formula, agents[0])
        return formula

    def text(self, text: str) -> str:
        """Return what a requirement says in words, of the agents that there are."""
        if not self.plain:
            return text
        if self.one:
            text = re.sub("^(whatever the others report|in every profile), ", "", text)
            text = text.replace("of every profile", "for every type")
            text = text.replace("in every profile", "for every type")
            text = text.replace("the average over the others' types", "that of the outcome")
            text = text.replace("agent i pays for every type", "type k pays")
        text = text.replace("type k of agent i", "type k" if self.one else "type k of each agent")
        return text.replace("agent i", self.names[0] if self.one else "each agent")

    def holds_for(self, blocks: Sequence[Block]) -> Inline:
        """Return for which agents, types and profiles blocks that mean the same hold.

        Examples
        --------
        >>> from mechopt import BilateralTrade, TypeSpace
        >>> from mechopt._util.inline import in_text
        >>> trade = BilateralTrade(TypeSpace.finite([0, 1]), TypeSpace.finite([0, 1, 2]))
        >>> blocks = [Block(f"{a}_x", 0, (n,), (a,)) for a, n in (("seller", 2), ("buyer", 3))]
        >>> in_text(Indices(trade).holds_for(blocks))
        'for every agent i and every type k = 0, ..., N_i'
        >>> in_text(Indices(trade).holds_for([Block("trade", 0, (2, 3), ("seller", "buyer"))]))
        'for every profile t'
        """
        first = blocks[0]
        if self.by_counts and first.axes == (ALL,):
            return ("for every state ", Math("s"))
        if not first.axes or first.axes[0] not in self.names:
            return ""
        if self._is_over_profiles(first) and not self.one:
            each = ("every agent ", Math("i"), " and ") if len(blocks) > 1 else ()
            return ("for ", *each, "every profile ", Math("t"))
        parts: list[tuple[Piece, ...]] = []
        agents = self.agents_of(blocks) or [first.axes[0]]
        if not self.plain and len(agents) > 1:
            every = sorted(agents) == sorted(self.names)
            who = "every agent i" if every else f"i = {', '.join(agents)}"
            parts.append(("every agent ", Math("i")) if every else (Math("i"), who[1:]))
        parts.append(self._types(blocks))
        if len(set(first.axes)) > 1:
            others = "s_{-i}" if self.by_counts else "t_{-i}"
            if not self.by_counts and len(agents) == 1:
                others = f"t_{{-{agents[0]}}}"
            what = "state" if self.by_counts else "profile"
            parts.append((f"every {what} ", Math(others), " of the others"))
        pieces: list[Piece] = ["for "]
        for place, part in enumerate(parts):
            join = "" if not place else " and " if place == len(parts) - 1 else ", "
            pieces += [join, *part] if join else part
        return tuple(pieces)

    def agents_of(self, blocks: Sequence[Block]) -> list[str]:
        """Return whose types blocks run over, one agent each; none if it is those of all."""
        return [
            block.axes[0]
            for block in blocks
            if block.axes and block.axes[0] in self.names and not self._is_over_profiles(block)
        ]

    def _is_over_profiles(self, block: Block) -> bool:
        """Return whether a block has an entry for every profile, and is of no single type."""
        all_types = block.axes == tuple(self.names) and block.shape == self.environment.shape
        return all_types and not OWN_TYPE.search(block.meaning.formula)

    def _types(self, blocks: Sequence[Block]) -> tuple[Piece, ...]:
        """Return which types of their agents blocks have entries for."""
        if blocks[0].is_of_pairs:
            return ("all types ", Math("k != r"))
        lists = [_entries(block) for block in blocks]
        lasts = [self.environment.shape[self.names.index(block.axes[0])] - 1 for block in blocks]
        if all(own == lists[0] for own in lists):
            every = ("every type ",) if len(lists[0]) > 1 else ()
            return (*every, Math(listed(lists[0])))
        starts, gaps = (
            {own.start for own in lists if isinstance(own, range)},
            {last - own[-1] for own, last in zip(lists, lasts, strict=True) if own},
        )
        if len(starts) == len(gaps) == 1 and all(isinstance(own, range) for own in lists):
            gap = gaps.pop()
            last = f"N_i - {gap}" if gap else "N_i"
            return ("every type ", Math(f"k = {starts.pop()}, ..., {last}"))
        return ("the types ", Math("k"), " listed below")


def _entries(block: Block) -> Sequence[int]:
    """Return which types a block along one agent's types has; a range, if they run on."""
    if block.entries is None:
        return range(block.shape[0])
    run = range(block.entries[0], block.entries[-1] + 1) if block.entries else range(0)
    return run if tuple(run) == tuple(block.entries) else block.entries


def listed(types: Sequence[int]) -> str:
    """Return types as a formula.

    Examples
    --------
    >>> listed(range(5)), listed(range(2)), listed([0, 3]), listed(range(2, 3))
    ('k = 0, ..., 4', 'k = 0, 1', 'k = 0, 3', 'k = 2')
    """
    if len(types) <= 2 or (not isinstance(types, range) and len(types) <= MOST_LISTED):
        return f"k = {', '.join(map(str, types))}"
    if isinstance(types, range):
        return f"k = {types[0]}, ..., {types[-1]}"
    return f"k = {types[0]}, {types[1]}, ..., {types[-1]}"


def types_of(block: Block) -> str:
    """Return which types a block along one agent's types has, as a formula; of many, the ends.

    Examples
    --------
    >>> types_of(Block("x", 0, (5,), ("a",)))
    'k = 0, ..., 4'
    """
    return listed(_entries(block))


def _of_states(formula: str) -> str:
    """Return a formula of profiles as one of states: how many agents there are of each type."""
    formula = formula.replace("Σ_i τ_i(t)", "Σ_k s_k τ(k, s - e_k)").replace("t_{-i}", "s_{-i}")
    return re.sub(r"\(t\)", "(s)", formula.replace(_GIVEN, "]"))


def _of_one(formula: str, *, interim: bool) -> str:
    """Return a formula of one agent only: a profile is its type, and nothing is uncertain."""
    formula = formula.replace(", t_{-i})", ")").replace("t_{-i}", "")
    formula = re.sub(r"E\[([^|\]]*)( \| t_i = k)?\](?=$|[ )])", _known, formula)
    formula = re.sub(r"(?<=[(\s])t(_i)?(?=[), ])", "k", formula).replace("Σ_t ", "Σ_k ")
    formula = re.sub(r"τ_i\(([^)]*)\)", lambda own: f"T_{_below(own[1])}", formula)
    if interim:
        return formula
    return re.sub(r"q_i\(([^)]*)\)", lambda own: f"Q_{_below(own[1])}", formula)


def _known(found: re.Match[str]) -> str:
    """Return what an expectation is if the only agent's type is given, or a sum over its types."""
    inner, given = found[1], found[2]
    before, after = found.string[: found.start()], found.string[found.end() :]
    starts = not before or before.endswith(("= ", ">= ", "<= "))
    whole = starts and (not after or after.startswith((" = ", " >= ", " <= ")))
    if re.search(r" [-+] ", inner) and not (whole and given):
        inner = f"({inner})"
    return inner if given else f"Σ_k m_k {inner}"


def _without_agents(formula: str, every: str) -> str:
    """Return a formula without the index i; a sum over all agents is one agent's, times how many.

    Examples
    --------
    >>> _without_agents("Σ_i Σ_k m_{i,k} T_{i,k+1} - τ_i(t)", "n ")
    'n Σ_k m_k T_{k+1} - τ(t)'
    """
    formula = formula.replace("Σ_i ", every)
    formula = re.sub(r"_\{i,([^}]*)\}", lambda own: f"_{_below(own[1])}", formula)
    return re.sub(r"_i(?!\w)", "", formula)


def _below(index: str) -> str:
    return index if len(index) == 1 else f"{{{index}}}"
