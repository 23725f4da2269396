"""An instance, and what a complete file that a command made of it says."""

from __future__ import annotations

import csv
import json

import mechopt as mo

INSTANCE = """
title = "Four types a side"
[environment]
kind = "bilateral-trade"
[environment.seller]
types = [0, 1, 2, 3]
[environment.buyer]
types = [0.5, 1.5, 2.5, 3.5]
[problem]
objective = "ex-ante-efficiency"
"""
TABLE = "ask,bid\n1,2\n3,4\n2,5\n"
OLD = b"what was there before\n"
SWEEP = ("sweep", "trade.toml", "--vary=buyer.types[3]=3:4:3", "--workers=1", "--output", "new.csv")


def meaning(path):
    """Return what a complete file says, without the time it took; raise if it is not complete."""
    if path.suffix == ".json":
        content = json.loads(path.read_text())
        if content["format"] == "mechopt-solution":
            solution = mo.load_solution(path)
            mo.audit(solution.problem, solution).raise_if_failed()
            return solution.objective, solution.bound, solution.termination
        return content
    if path.suffix == ".csv":
        rows = list(csv.reader(path.read_text().splitlines()))
        assert len({len(row) for row in rows}) == 1
        keep = [k for k, name in enumerate(rows[0]) if name != "seconds"]
        return [[row[k] for k in keep] for row in rows]
    return path.read_bytes()
