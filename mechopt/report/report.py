"""The summary of a solution: as a table for people, and as one flat record for programs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from mechopt._util.arrays import IndexArray
from mechopt._util.rounding import (
    entry_in_figures,
    finite_or_none,
    in_figures,
    violation_in_words,
    without_rounding,
)
from mechopt._util.table import Table
from mechopt._util.text import in_words, runs_of
from mechopt.backends import explain
from mechopt.backends.base import UNIT_NOTE
from mechopt.environments import Outcomes
from mechopt.problem.budget import Budget
from mechopt.problem.objectives import Subsidy, Welfare
from mechopt.report import outside
from mechopt.report.addendum import Addendum
from mechopt.report.money import money_keys
from mechopt.report.page import LONGEST_FRACTION, Row, show_page
from mechopt.report.required import required_in_words
from mechopt.report.rule import rule_in_words
from mechopt.report.sizes import rounded_shares, sums_of
from mechopt.report.words import (
    UNANSWERED,
    contradiction_in_words,
    counted_in_words,
    in_money,
    in_percent,
    limit_in_words,
    objective_in_words,
    population_in_words,
    ray_in_words,
    share_of,
    standing,
    verdict_in_words,
)
from mechopt.solution import PointStatus, Solution, Termination
from mechopt.studies.bets import Bets
from mechopt.studies.continuum import Continuum, why_no_bracket
from mechopt.studies.data_remarks import DataRemarks
from mechopt.studies.guarantee import Guarantee, guarantee_of
from mechopt.studies.identical import unlike_in_words
from mechopt.studies.split import split_in_words
from mechopt.verify.audit import AuditReport
from mechopt.verify.certificate import verify_certificate
from mechopt.verify.multipliers import binding

if TYPE_CHECKING:
    from rich.console import Console

    from mechopt.exact import ExactSolution

BINDING_SHARE = 1e-9
MAX_EVENT_PROFILES = 1_000_000


@dataclass(frozen=True)
class Report:
    """A solution with its audit, ready to be shown.

    Parameters
    ----------
    solution
        The solution.
    audit
        Its audit.
    title, unit
        What was solved, and what money is measured in.
    seconds
        Wall time of the whole job.
    continuum
        Bracket of the continuum optimum, for cells of a continuous prior.
    exact
        The exact answer, if it was asked for.
    addendum
        What the paper behind the environment adds.
    data
        What there is to know of the samples behind the problem.
    bets
        What is bet on others' types under a joint prior.
    """

    solution: Solution
    audit: AuditReport
    title: str
    unit: str
    seconds: float
    continuum: Continuum | None = None
    exact: ExactSolution | None = None
    addendum: Addendum | None = None
    data: DataRemarks | None = None
    bets: Bets | None = None

    @cached_property
    def guarantee(self) -> Guarantee | None:
        """What is guaranteed under the worst of several priors, if that is the objective."""
        return guarantee_of(self.solution)

    def record(self) -> dict[str, Any]:
        """Return the keys of ``mechopt solve --json``; None where a key does not apply.

        The key ``exact`` is there only if it was asked for; those of money (as in
        :func:`~mechopt.report.money.money_keys`), of the kind, of the data (as in
        ``DataRemarks.record``) and of bets (as in ``Bets.record``), and ``utilities_within`` for
        utilities that are rounded by payments far from zero, only where they apply; so is
        ``outside``, what agents have by staying out.
        """
        record = self._record()
        if self.addendum is None or self.addendum.says_money:
            record |= money_keys(self.solution)
        record |= {} if self.addendum is None else self.addendum.record(self.exact)
        within = rounded_shares(self.solution)
        record |= {"utilities_within": within} if within else {}
        for part in (self.data, self.bets, self.guarantee):
            record |= {} if part is None else part.record()
        return record if self.exact is None else {**record, "exact": _fraction(self.exact)}

    def _record(self) -> dict[str, Any]:
        solution = self.solution
        mechanism = solution.mechanism
        environment = solution.problem.environment
        first_best = environment.first_best or environment.efficient_gains
        gains = None if mechanism is None else mechanism.total_gains
        worth = outside.outside_worth(environment)
        return {
            "objective": finite_or_none(solution.objective),
            "bound": finite_or_none(solution.bound),
            "status": solution.termination.value,
            "limit": None if solution.limit is None else solution.limit.value,
            "detail": solution.detail or None,
            "backend": solution.provenance.backend,
            "first_best": first_best,
            **({"outside": sum(worth.values())} if worth else {}),
            "efficiency": share_of(gains, first_best),
            "alpha": solution.alpha,
            "utilities": None if mechanism is None else mechanism.expected_utility,
            "continuum": None
            if self.continuum is None
            else {
                "lower": self.continuum.lower,
                "upper": self.continuum.upper,
                "estimate": self.continuum.estimate,
            },
            "audit": {
                "max_violation": finite_or_none(self.audit.max_violation),
                "passed": self.audit.passed,
            },
            "seconds": self.seconds,
        }

    def show(self, console: Console) -> None:
        """Print the summary that a person reads."""
        style = "green" if self.audit.passed else "bold red"
        listing = None if self.addendum is None else self.addendum.table()
        verdict = (self.verdict(), style)
        show_page(console, self._head(), self.rows(), self.remarks(), verdict, listing)

    def table(self) -> Table:
        """Return the summary as a table: name, number and remark in each row."""
        title, *head = (text for text, _ in self._head())
        remarks = [f"{name}: {text}" for name, text in self.remarks()]
        rows, verdict = self.rows(), self.verdict()
        header = ("", self.unit, "")
        return Table(
            header, rows, ("name", "value", "remark"), rows, self.record(), title, head,
            (*remarks, verdict), aligned="lrp",
        )  # fmt: skip

    def _head(self) -> list[tuple[str, str]]:
        """Return the lines above the table, each with its style."""
        environment = self.solution.problem.environment
        populations = {agent.name: population_in_words(agent.types) for agent in environment.agents}
        sizes = "; ".join(f"{names}: {text}" for names, text in runs_of(populations))
        money = "" if self.unit == "money" else f"; money in {self.unit}"
        joint = "" if environment.independent else "; joint prior"
        lines = [(self.title, "bold"), (f"{sizes}{joint}{money}", "dim")]
        implied = self.addendum is not None and self.addendum.implies_requirements
        required = "" if implied else required_in_words(self.solution.problem)
        lines.extend([(required, "dim")] if required else [])
        if self.addendum is not None:
            lines.extend((text, "dim") for text in self.addendum.head())
        return lines

    def rows(self) -> list[Row]:
        """Return name, number and remark of each line of the table."""
        solution = self.solution
        problem, mechanism = solution.problem, solution.mechanism
        if self.addendum is not None:
            bound = in_money(solution.bound, problem.environment.first_best)
            proved = ("bound", bound, f"proved for the objective, {_gap(solution)}")
            own = self.addendum.rows(self.exact, proved)
            if own is not None:
                return own
        environment = problem.environment
        first_best = environment.first_best or environment.efficient_gains
        worth = outside.outside_worth(environment)
        of_gains = environment.has_net_quantities
        over = "the cells" if environment.has_continuum else ""
        rows = outside.first_best_rows(first_best, worth, of_gains=of_gains, over=over)
        reason = why_no_bracket(problem) if environment.has_continuum else ""
        no_bracket = [("continuum", "not available", reason)] if reason else []
        if mechanism is None:
            # By profile, multipliers are in no unit of money.
            if solution.dual_status is PointStatus.CERTIFICATE and problem.is_interim:
                needed = verify_certificate(problem, solution.duals).shortfall
                rows.append(
                    ("outside money", in_money(needed), "needed at least, by the multipliers")
                )
            return [*rows, *no_bracket]
        scale = sums_of(solution)
        gains = without_rounding(mechanism.total_gains, scale)
        share = share_of(gains, first_best)
        paid_for = isinstance(problem.objective, Subsidy)
        optimal = solution.termination is Termination.OPTIMAL and self.audit.passed
        if paid_for:
            needed = without_rounding(solution.objective, scale)
            remark = "needed from outside" if needed > 0 else "so a surplus is left over"
            remark = remark if needed else "so nothing is needed, nor left over"
            rows.append(("least subsidy" if optimal else "subsidy", in_money(needed), remark))
        else:
            weighted = abs(solution.objective - gains) > 1e-9 * problem.objective_scale
            weighted |= not isinstance(problem.objective, Welfare)
            best = optimal and not (weighted or problem.prescribes_allocation)
            name = "second best" if best else "total gains"
            rows.append((name, in_money(gains), in_percent(share, "of first best")))
            lost = without_rounding(first_best - gains, scale)
            rows.append(("lost", in_money(lost), outside.lost_in_words(lost, first_best, worth)))
            if weighted:
                value = in_money(solution.objective, scale)
                name = "objective" if self.guarantee is None else "guarantee"
                rows.append((name, value, objective_in_words(problem)))
            if self.guarantee is not None:
                stated = in_money(self.guarantee.stated, scale)
                rows.append(
                    ("as stated", stated, "the same mechanism, if the stated prior is right")
                )
        if np.isfinite(solution.bound):
            gap, bound = _gap(solution), in_money(solution.bound, scale)
            whose = "claimed by the search" if problem.deterministic else "proved"
            rows.append(("bound", bound, f"{whose} for the objective, {gap}"))
        fraction = _fraction(self.exact)
        if fraction is not None and len(fraction) <= LONGEST_FRACTION:
            rows.append(("exact", fraction, "the objective, proved in fractions"))
        if self.continuum is not None:
            rows.append(self._continuum_row())
        rows.extend(no_bracket)
        shares: dict[str, tuple[str, str]] = {}
        within = rounded_shares(solution)
        for name, utility in mechanism.expected_utility.items():
            gets = without_rounding(utility, scale)
            part = "" if paid_for else outside.gets_in_words(name, gets, gains, worth)
            if name in within:
                so = f"to within {within[name]:.1g}, for its payments round so far from zero"
                part = f"{part}, {so}" if part else so
            shares[name] = (in_money(gets), part)
        for name, (gets_text, part) in runs_of(shares):
            verb = "gets" if name in map(in_words, shares) else "get each"
            rows.append((f"{name} {verb}", gets_text, part))
        left = gains - sum(without_rounding(u, scale) for u in mechanism.expected_utility.values())
        if problem.budget is not Budget.BALANCED and not paid_for and without_rounding(left, scale):
            keeps = "the designer keeps" if left > 0.0 else "the designer pays"
            part = in_percent(share_of(abs(left), gains), "of the gains")
            rows.append((keeps, in_money(abs(left)), part))
        rows.extend(self._outcome_rows())
        if self.addendum is not None:
            rows.extend(self.addendum.further())
        return rows

    def _continuum_row(self) -> tuple[str, str, str]:
        continuum = self.continuum
        assert continuum is not None
        order = f"; measured order {continuum.order:.2f}" if np.isfinite(continuum.order) else ""
        figures = continuum.lower, continuum.upper, continuum.estimate
        scale = self.solution.problem.environment.first_best
        low, high, estimate = (in_figures(value, ".9g", scale) for value in figures)
        remark = f"of the continuum, which lies from {low} to {high}{order}"
        if np.isfinite(continuum.error):
            remark += f"; from the laws themselves, to within {continuum.error:.1g}"
        elif continuum.estimate == continuum.upper > continuum.lower:
            remark += "; extrapolation leads to the upper end or beyond, so this is that end"
        return ("estimate", estimate, remark)

    def _outcome_rows(self) -> list[tuple[str, str, str]]:
        """Return what the outcomes say of quantities and of what happens how often."""
        mechanism = self.solution.mechanism
        if mechanism is None:
            return []
        environment = mechanism.environment
        outcomes = environment.outcomes
        said: Iterable[tuple[str, float, str]]
        if environment.has_net_quantities:
            expected = [
                abs(agent.types.expectation(quantity))
                for agent, quantity in zip(environment.agents, mechanism.quantity, strict=True)
            ]
            said = outcomes.expected_in_words(expected)
        else:
            allocation = mechanism.allocation.dense(environment)
            said = [
                (in_words(variable), environment.expectation(values), "expected")
                for variable, values in zip(outcomes.variables, allocation, strict=True)
            ]
        rows = [(name, in_figures(value, scale=1.0), remark) for name, value, remark in said]
        has_events = type(outcomes).events is not Outcomes.events
        if not has_events or not environment.has_few_profiles(MAX_EVENT_PROFILES):
            return rows
        for title, events in outcomes.events(mechanism.allocation.dense(environment)).items():
            chances = {event: environment.expectation(where) for event, where in events.items()}
            texts = (f"{event} {in_figures(p, '.4g', 1.0)}" for event, p in chances.items())
            rows.append((title, "", ", ".join(texts)))
        return rows

    def remarks(self) -> list[tuple[str, str]]:
        """Return what else there is to say, each remark under its name."""
        solution = self.solution
        addendum = self.addendum
        remarks = [] if addendum is None else addendum.remarks()
        # Whoever says who gets what need not be told how the rest is divided.
        remarks_of_its_own = bool(remarks)
        fraction = _fraction(self.exact)
        if fraction is not None and len(fraction) > LONGEST_FRACTION:
            remarks.append(("exact", f"{fraction} (the objective, proved in fractions)"))
        optimal = solution.termination is Termination.OPTIMAL and self.audit.passed
        if solution.mechanism is not None and not optimal:
            remarks.append(("not optimal", standing(solution)))
        ray = "" if self.exact is None else ray_in_words(self.exact)
        if ray:
            remarks.append(("ray", f"each step improves the objective and breaks nothing: {ray}"))
        contradicting = contradiction_in_words(solution) if self.audit.passed else ""
        if contradicting:
            remarks.append(("contradict", f"these cannot all hold: {contradicting}"))
        if solution.limit is not None:
            remarks.append(("stopped", limit_in_words(solution)))
        # A rule and binding constraints are an optimum's: the multipliers belong to no other.
        if solution.alpha is not None and optimal:
            remarks.append(("rule", rule_in_words(solution)))
        bind = binding_constraints(solution) if optimal else []
        if bind:
            remarks.append(("binding", f"{'; '.join(bind)} (by these multipliers)"))
        # By profile, payments cannot be divided as they please.
        divisible = solution.problem.is_interim and not remarks_of_its_own
        split = split_in_words(solution) if divisible else ""
        unlike = unlike_in_words(solution) if divisible else ""
        remarks.extend(("note", said) for said in (split, unlike) if said)
        for said in (counted_in_words(solution.problem), outside.only_over_cells(solution)):
            remarks.extend([("note", said)] if said else [])
        remarks.extend([] if self.bets is None else [("bets", self.bets.sentence())])
        if self.guarantee is not None:
            remarks.append(("worst prior", self.guarantee.sentence()))
            remarks.extend(("beliefs", note) for note in self.guarantee.notes())
        above = () if addendum is None else addendum.said()
        # A unit of money that is a power of two changes no digit.
        unsaid = (*above, *(n for n in solution.provenance.notes if n.startswith(UNIT_NOTE)))
        rest = (note for note in solution.provenance.notes if note not in unsaid)
        remarks.extend(("note", note) for note in rest)
        remarks.extend(("note", note) for note in self.audit.notes)
        if self.data is not None:
            remarks.extend(("data", text) for text in self.data.sentences())
        if self.continuum is not None:
            remarks.extend(("proviso", text) for text in self.continuum.assumptions)
        return remarks

    def verdict(self) -> str:
        """Return whether the audit passed, what solved it and in which time."""
        solution = self.solution
        effort = f"{solution.provenance.backend}, {self.seconds:.2f} s"
        if self.audit.passed:
            certificate = solution.dual_status is PointStatus.CERTIFICATE
            what = "certificate verified" if certificate else "audit passed"
            return f"{what} ({violation_in_words(self.audit.max_violation)})   {effort}"
        verdict = verdict_in_words(solution, self.audit)
        said = [str(check) for check in self.audit.failed]
        if verdict == UNANSWERED:
            said = [] if solution.termination is Termination.LIMIT else [explain(solution)]
        return "\n  ".join((f"{verdict}   {effort}", *said))


def binding_constraints(solution: Solution) -> list[str]:
    """Return, in words, which kinds of constraint cost something, and for which types.

    Multipliers need not be unique, so backends can name different constraints.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency, solve
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> for words in binding_constraints(solve(ex_ante_efficiency(BilateralTrade(types, types)))):
    ...     print(words)
    participation of seller type 6
    seller: imitating higher types at 5 of 5 steps
    participation of buyer type 1
    buyer: imitating lower types at 5 of 5 steps
    """
    if solution.mechanism is None:
        return []
    largest = max((float(np.max(v, initial=0.0)) for v in solution.duals.values()), default=0.0)
    # A multiplier alone is a claim; that the constraint has no room shows in the mechanism.
    without_room = binding(solution.problem, solution.mechanism)
    rest = set(without_room) - {"budget"}

    def active(name: str) -> IndexArray:
        if name not in without_room:
            return np.zeros(0, dtype=np.intp)
        rest.discard(name)
        multipliers = solution.duals.get(name, np.zeros_like(without_room[name]))
        return np.flatnonzero((multipliers > BINDING_SHARE * largest) & (without_room[name] > 0))

    def of_all(name: str) -> int:
        shape = without_room[name].shape
        pairs = len(shape) == 2 and name.endswith(("_ic_lower", "_ic_upper"))
        return shape[0] * (shape[0] - 1) if pairs else without_room[name].size

    words = []
    said: dict[str, tuple[str, str]] = {}
    for agent in solution.problem.environment.agents:
        just_in: list[str] = []
        for end, ends in (("lower", agent.types.lower), ("upper", agent.types.upper)):
            just_in.extend(
                entry_in_figures(ends, k) if agent.types.is_ordered else agent.types.label(int(k))
                for k in active(f"{agent.name}_participation_{end}")
            )
        some = ", ".join(just_in[:3])
        some += f" and {len(just_in) - 3} more" if len(just_in) > 3 else ""
        counts = [
            (active(f"{agent.name}_{kind}").size, f"{agent.name}_{kind}", phrase, what)
            for kind, phrase, what in (
                ("ic_up", "imitating higher types", "steps"),
                ("ic_down", "imitating lower types", "steps"),
                ("monotonicity", "ironing", "steps"),
                ("ic_lower", "reporting another type", "pairs"),
                ("ic_upper", "reporting another type at the upper end", "pairs"),
                ("ex_post_lower", "taking part", "profiles"),
                ("ex_post_upper", "taking part at the upper end", "profiles"),
                ("liability_lower", "losing what it may", "profiles"),
                ("liability_upper", "losing what it may at the upper end", "profiles"),
            )
        ]
        phrases = [
            f"{phrase} at {count} of {of_all(name)} {what}"
            for count, name, phrase, what in counts
            if count
        ]
        said[agent.name] = (some, ", ".join(phrases))
    for who, (some, phrase) in runs_of(said):
        words.extend([f"participation of {who} type {some}"] if some else [])
        words.extend([f"{who}: {phrase}"] if phrase else [])
    for name in sorted(rest):
        count = active(name).size
        if count:
            every = f" at {count} of {of_all(name)}" if of_all(name) > 1 else ""
            words.append(f"{in_words(name)}{every}")
    return words


def _gap(solution: Solution) -> str:
    """Return the gap in words; what rounding leaves is no gap."""
    gap = without_rounding(solution.gap, sums_of(solution))
    return f"gap {in_figures(gap, '.1e')}" if gap else "gap 0 up to rounding"


def _fraction(exact: ExactSolution | None) -> str | None:
    return None if exact is None or exact.objective is None else str(exact.objective)
