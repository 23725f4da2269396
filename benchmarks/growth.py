"""Time of the whole direct job against the number of types: a table and a plot.

Run ``python benchmarks/growth.py``; it writes growth.csv and growth.png beside itself.
"""

from __future__ import annotations

import csv
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import numpy as np
from bench_direct import seconds, sorted_search, whole_job
from matplotlib import pyplot as plt
from scipy import stats

import mechopt as mo

SIZES = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
RATIOS = (1.0, 0.5)
HERE = Path(__file__).parent


def whole_and_solution(size: int, ratio: float) -> tuple[float, float]:
    """Return seconds of the whole job, and of priors and solution alone."""
    whole, solution = seconds(lambda: whole_job(size, ratio))
    priors = seconds(lambda: mo.TypeSpace.from_distribution(stats.uniform(0, 1), size))[0]
    return whole, 2 * priors + solution.statistics.seconds


def main() -> None:
    unit = sorted_search()
    rows = []
    for ratio in RATIOS:
        for size in SIZES:
            whole, solving = whole_and_solution(size, ratio)
            rows.append((ratio, size, solving, whole, whole / unit))
            print(f"ratio {ratio}  {size:>9,} types a side  {solving:8.4f} s  {whole:8.4f} s")
    with (HERE / "growth.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["ratio", "types", "solving", "audited", "in_searches"])
        writer.writerows((r, n, f"{t:.5f}", f"{w:.5f}", f"{u:.3f}") for r, n, t, w, u in rows)
    figure, axes = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
    for ratio, marker, grey in zip(RATIOS, "os", ("0.1", "0.5"), strict=True):
        sizes, solving, whole = (
            np.array(part)
            for part in zip(*[(n, t, w) for r, n, t, w, _ in rows if r == ratio], strict=True)
        )
        name = f"discount-rate ratio {ratio:g}"
        axes.loglog(sizes, solving, marker=marker, color=grey, label=f"{name}, solved and bounded")
        axes.loglog(
            sizes, whole, marker=marker, mfc="white", ls="--", color=grey, label="audited too"
        )
    guide = np.array(SIZES[-4:], dtype=float)
    level = 0.3 * rows[len(SIZES) - 1][2] / (guide[-1] * np.log(guide[-1]))
    axes.loglog(guide, level * guide * np.log(guide), "k:", label="n log n")
    axes.axvline(4_000, color="0.8", lw=1, zorder=0)
    axes.annotate(
        "all pairs audited", (4_000, axes.get_ylim()[1]), (-4, -4),
        textcoords="offset points", ha="right", va="top", fontsize=8, color="0.4",
    )  # fmt: skip
    axes.set_xlabel("types a side")
    axes.set_ylabel("seconds, priors included")
    axes.legend(frameon=False, fontsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(HERE / "growth.png", dpi=150, metadata={"Software": None})


if __name__ == "__main__":
    main()
