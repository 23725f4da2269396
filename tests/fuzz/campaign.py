"""Long searches with a table at the end: random problems, and perturbed mechanisms.

Run from the folder of the repository:
``python -m tests.fuzz.campaign --problems 10000 --perturbations 2000 --processes 2``.
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
from collections import Counter, defaultdict

from .judge import Ruling
from .perturbations import perturb
from .problems import FAMILIES, described
from .verdicts import bargaining_findings, price_findings, trade_findings

# The direct solver and the check take every problem; the others every so manieth.
EVERY = {"highs": 5, "cvxpy": 20, "pyomo": 100}
EXACT_EVERY = 20
BARGAINING_EVERY = 10
PRICES_EVERY = 5


def problem_findings(seed):
    """Return the findings on one seed: (source, family, verdict, ruling, detail, problem)."""
    turns = seed // len(FAMILIES)
    backends = ["direct", *(name for name, every in EVERY.items() if turns % every == 0)]
    exact = turns % EXACT_EVERY == 0
    problem, found = trade_findings(seed, backends, exact=exact)
    rows = [
        (source, FAMILIES[seed % len(FAMILIES)], finding, seed, described(problem))
        for source, findings in found.items()
        for finding in findings
    ]
    if turns % PRICES_EVERY == 0:
        problem, found = price_findings(seed)
        rows += [
            (source, FAMILIES[seed % len(FAMILIES)], finding, seed, described(problem))
            for source, findings in found.items()
            for finding in findings
        ]
    if seed % BARGAINING_EVERY == 0:
        problem, found = bargaining_findings(seed)
        rows += [
            (f"bargaining, {source}", "", finding, seed, described(problem))
            for source, findings in found.items()
            for finding in findings
        ]
    return rows


def run_problems(seeds, processes=1, shown=3):
    """Judge every verdict on the problems of all seeds; print the table, and what is not right."""
    start = time.perf_counter()
    counts, examples = Counter(), defaultdict(list)
    for rows in _mapped(problem_findings, seeds, processes):
        for source, family, finding, seed, text in rows:
            counts[source, finding.verdict, finding.ruling] += 1
            if finding.ruling is not Ruling.RIGHT:
                key = source, finding.verdict, finding.ruling, family
                examples[key].append((seed, finding.detail, text))
    print(f"{len(seeds)} problems in {time.perf_counter() - start:.0f} s")
    print(f"{'by':<20} {'verdict':<12} {'right':>8} {'wrong':>8} {'undecided':>10}")
    for source, verdict in sorted({key[:2] for key in counts}):
        row = [counts[source, verdict, ruling] for ruling in Ruling]
        print(f"{source:<20} {verdict:<12} {row[0]:>8} {row[1]:>8} {row[2]:>10}")
    for key, cases in sorted(examples.items()):
        source, verdict, ruling, family = key
        print(f"\n{source}: {verdict} {ruling.value}, {family or 'bargaining'}: {len(cases)}")
        for seed, detail, text in cases[:shown]:
            print(f"  seed {seed}: {detail}\n    {text}")
    return counts


def run_perturbations(seeds, count, processes=1, shown=10):
    """Perturb valid mechanisms until ``count`` of them are broken; print how many were caught."""
    start = time.perf_counter()
    caught, missed, skipped = Counter(), [], 0
    for seed, found in zip(seeds, _mapped(perturb, seeds, processes), strict=False):
        if found is None:
            skipped += 1
            continue
        kind = found.what.split(" of ")[0]
        caught[kind, found.caught] += 1
        if not found.caught:
            missed.append((seed, found))
        if caught.total() == count:
            break
    print(f"{caught.total()} perturbations in {time.perf_counter() - start:.0f} s")
    print(f"{'number moved':<20} {'caught':>8} {'missed':>8}   ({skipped} seeds without a breach)")
    for kind in sorted({key[0] for key in caught}):
        print(f"{kind:<20} {caught[kind, True]:>8} {caught[kind, False]:>8}")
    for seed, found in missed[:shown]:
        print(f"  seed {seed}: {found.what}: {found.requirement} {float(found.relative):.3g}")
    return caught


def _mapped(function, seeds, processes):
    if processes == 1:
        yield from map(function, seeds)
        return
    context = multiprocessing.get_context("spawn")
    with context.Pool(processes) as pool:
        yield from pool.imap(function, seeds, chunksize=20)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--problems", type=int, default=10_000)
    parser.add_argument("--perturbations", type=int, default=2_000)
    parser.add_argument("--start", type=int, default=0, help="the first seed")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--shown", type=int, default=3, help="how many of a kind to print")
    given = parser.parse_args()
    if given.problems:
        seeds = range(given.start, given.start + given.problems)
        run_problems(seeds, given.processes, given.shown)
    if given.perturbations:
        seeds = range(given.start, given.start + 50 * given.perturbations)
        run_perturbations(seeds, given.perturbations, given.processes)


if __name__ == "__main__":
    main()
