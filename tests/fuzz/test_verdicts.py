"""Random finite problems at extreme scales: every verdict, judged in fractions."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import mechopt as mo
from mechopt.mechanism.allocation import Table
from mechopt.solution import Termination

from .judge import Ruling, judge_mechanism, judge_solution, truth_of, worst_violation
from .perturbations import perturb, valid_mechanism
from .problems import described, random_problem
from .seeds import repeat, seeds, wanted
from .verdicts import bargaining_findings, price_findings, trade_findings

PROBLEMS = 120
BARGAININGS = 30
PRICES = 60
PERTURBATIONS = 100
# Of every so many problems one is given to a backend that takes longer.
EVERY = {"highs": 3, "cvxpy": 15, "pyomo": 50}


# At most one verdict in so many may stay open.
UNDECIDED = 1_000


def search(family, count, share, function):
    """Judge the problems of all seeds; say which verdicts are not right, and how to repeat them."""
    if not wanted(family):
        pytest.skip(f"FUZZ_FAMILIES={family} runs this")
    texts, verdicts = {Ruling.WRONG: [], Ruling.UNDECIDED: []}, 0
    for seed in seeds(family, count, share=share):
        problem, found = function(seed)
        for source, findings in found.items():
            verdicts += len(findings)
            for finding in findings:
                if finding.ruling is not Ruling.RIGHT:
                    said = f"{source}: {finding.verdict} {finding.ruling.value}: {finding.detail}"
                    lines = f"seed {seed}: {said}", described(problem), repeat(family, seed)
                    texts[finding.ruling].append("\n  ".join(lines))
    wrong, undecided = texts.values()
    said = f"{len(wrong)} wrong and {len(undecided)} undecided of {verdicts} verdicts"
    assert not wrong, f"{said}\n" + "\n".join(wrong[:10])
    assert UNDECIDED * len(undecided) <= verdicts, f"{said}\n" + "\n".join(undecided[:10])


def test_trade_verdicts():
    def judged(seed):
        backends = ["direct", *(name for name, every in EVERY.items() if seed % every == 0)]
        return trade_findings(seed, backends, exact=seed % 7 == 0)

    search("trade", PROBLEMS, 0.3, judged)


def test_bargaining_verdicts():
    search("bargaining", BARGAININGS, 0.1, bargaining_findings)


def test_price_verdicts():
    search("prices", PRICES, 0.1, price_findings)


def test_perturbations_are_caught():
    if not wanted("perturbations"):
        pytest.skip("FUZZ_FAMILIES=perturbations runs this")
    missed, caught = [], 0
    for seed in seeds("perturbations", PERTURBATIONS, share=0.15):
        found = perturb(seed)
        if found is None:
            continue
        caught += found.caught
        if not found.caught:
            relative = f"{float(found.relative):.3g} of the stakes"
            missed.append(f"seed {seed}: {found.what}: {found.requirement} by {relative}")
    assert not missed, f"{len(missed)} missed, {caught} caught\n" + "\n".join(missed[:10])
    assert caught


# The judge on trial: what is known to be wrong must be called so.


@pytest.fixture
def judged():
    problem, solution = next(
        valid for seed in range(20, 40) if (valid := valid_mechanism(seed)) is not None
    )
    return problem, solution, mo.audit(problem, solution)


def rulings(problem, solution, report):
    return {f.verdict: f.ruling for f in judge_solution(problem, solution, report)}


def test_judge_calls_right_what_is_right(judged):
    assert set(rulings(*judged).values()) == {Ruling.RIGHT}


@pytest.mark.parametrize("verdict", ["optimal", "bound"])
def test_judge_sees_numbers_that_are_off(judged, verdict):
    problem, solution, report = judged
    truth = truth_of(problem)
    by = 2e-6 * float(truth.scale)
    if verdict == "optimal":
        moved = dataclasses.replace(solution, objective=solution.objective - by)
    else:
        moved = dataclasses.replace(solution, bound=float(truth.optimum) - by)
    assert rulings(problem, moved, report)[verdict] is Ruling.WRONG


def test_judge_sees_a_claim_that_there_is_no_mechanism(judged):
    problem, solution, report = judged
    none = dataclasses.replace(solution, termination="infeasible", mechanism=None)
    none = dataclasses.replace(none, termination=Termination.INFEASIBLE)
    assert rulings(problem, none, report) == {"infeasible": Ruling.WRONG}


def test_judge_sees_infeasible_mechanisms():
    environment = mo.BilateralTrade(
        mo.TypeSpace.finite([0.0, 1.0, 1e9]), mo.TypeSpace.finite([0.5, 1.5, 2.5])
    )
    problem = mo.ex_ante_efficiency(environment)
    mechanism = mo.solve(problem, "direct").mechanism
    assert judge_mechanism(problem, mechanism).ruling is Ruling.RIGHT
    short = [values.copy() for values in mechanism.payment]
    short[0] += 0.3
    worst = worst_violation(problem, mo.Mechanism(environment, mechanism.allocation, tuple(short)))
    # Every seller pays 0.3 more; the budget is out by as much, of a first best of 4/9 + 5/18.
    assert float(worst.amount) == pytest.approx(0.3, rel=1e-6)
    assert float(worst.stakes) == pytest.approx(13 / 18, rel=1e-6)
    everyone = Table(np.ones((1, 3, 3)))
    free = mo.Mechanism(environment, everyone, (np.zeros(3), np.zeros(3)))
    assert judge_mechanism(problem, free).ruling is Ruling.WRONG


def test_families_reach_what_they_are_for():
    spans, lightest, ties, far = [], 1.0, 0, 0
    for seed in range(200):
        agents = random_problem(seed).environment.agents
        types = np.concatenate([agent.types.mean for agent in agents])
        sizes = np.abs(types[types != 0.0])
        spans.append(np.log10(sizes.max() / sizes.min()) if sizes.size else 0.0)
        lightest = min(lightest, *(float(agent.types.mass.min()) for agent in agents))
        gaps = np.diff(np.sort(types)) / np.abs(types).max()
        ties += bool(((gaps > 0) & (gaps < 1e-9)).any())
        far += np.abs(types).max() >= 1e7
    assert max(spans) > 11
    assert lightest <= 1.1e-15
    assert ties > 20
    assert far > 20
