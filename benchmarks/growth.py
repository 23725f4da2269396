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

SIZES = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
RATIOS = (1.0, 0.5)
HERE = Path(__file__).parent


def main() -> None:
    unit = sorted_search()
    rows = []
    for ratio in RATIOS:
        for size in SIZES:
            taken, _ = seconds(lambda size=size, ratio=ratio: whole_job(size, ratio))
            rows.append((ratio, size, taken, taken / unit))
            print(f"ratio {ratio}  {size:>9,} types a side  {taken:8.4f} s  {taken / unit:6.2f}")
    with (HERE / "growth.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["ratio", "types", "seconds", "searches_of_a_million"])
        writer.writerows((r, n, f"{t:.5f}", f"{u:.3f}") for r, n, t, u in rows)
    figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
    for ratio, marker in zip(RATIOS, "os", strict=True):
        sizes = [n for r, n, *_ in rows if r == ratio]
        times = [t for r, _, t, _ in rows if r == ratio]
        axes.loglog(
            sizes,
            times,
            marker=marker,
            color="0.15" if ratio == 1 else "0.5",
            label=f"discount-rate ratio {ratio:g}",
        )
    guide = np.array([1e5, 1e6])
    axes.loglog(
        guide, guide * np.log(guide) * rows[6][2] / (1e6 * np.log(1e6)) / 3, "k:", label="n log n"
    )
    axes.set_xlabel("types a side")
    axes.set_ylabel("seconds, priors and audit included")
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(HERE / "growth.png", dpi=150, metadata={"Software": None})


if __name__ == "__main__":
    main()
