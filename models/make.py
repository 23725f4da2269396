"""Write the library of models: every program's files, its sheet, and the index.

Run with ``make models``. A program is a folder with a ``program.py``, which has a docstring (what
the program is about), ``TITLE``, ``SOURCE``, ``SIZES`` (size by name: small, medium, large),
``problem(size)``, and, where it applies, ``FORM = "all-pairs"`` (the textbook form). All else in
the folder is written here, the same bytes every time. ``python models/make.py NAME ...`` writes the
named folders alone, and the index.
"""

from __future__ import annotations

import csv
import importlib.util
import io
import shutil
import sys
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import mechopt as mo
from mechopt._util.files import write_whole
from mechopt.explain.formulation import described
from mechopt.explain.page import markdown_of
from mechopt.explain.scaled import shapes_of
from mechopt.formats.read_sidecar import load_sidecar
from mechopt.formats.sidecar import Optimum
from mechopt.formats.write import export
from mechopt.problem.groups import has_group_form
from mechopt.program.standard_form import float_program
from mechopt.program.tangents import curves_of

ROOT = Path(__file__).parent
LINEAR = {"small": (".mps", ".lp"), "medium": (".mps.gz",), "large": (".mps.gz",)}
CONIC = {"small": (".cbf", ".nl"), "medium": (".cbf.gz",), "large": (".cbf.gz",)}
# Beyond this many outcomes of profiles, or types of one agent, fractions take minutes.
MOST_EXACT_OUTCOMES = 60_000
MOST_EXACT_TYPES = 1_000
INDEX = "index.csv"
SHEET_COLUMNS = ("rows", "columns", "nonzeros", "optimum", "exact")
CBF_REMARK = """CBF files have no names: the sidecar lists the blocks in the order of rows and
columns. A cone of the frontier has three rows, (base, 1, bounded). The NL file states the frontier
as a power."""
INTRODUCTION = """# Models

Mechanism design programs as files for any solver. Each folder has a formulation sheet and three
sizes: small to read, medium to test, large (at least 100,000 nonzeros) to measure. Beside every
file is a JSON file that says what its rows and columns mean and which problem it is; with it,
`mechopt import MODEL SOLUTION` takes a solver's answer back and audits it.

Optima, of the problems' own sense (files are always minimised):
"""
REMARKS = """[`index.csv`](index.csv) has one row per file: size, optimum, the fraction where one
was proved, the bound that multipliers prove, rounded so that it still holds, the objective that a
solver should report, how all that was obtained, and the SHA-256 of the file's text (before
compression, which can differ between versions of zlib). Delayed trade as a cone has irrational
optima.

`make models` writes everything but the `program.py` files again, the same bytes every time with one
version of mechopt, which stands in the sidecars. A new program is a new folder with a `program.py`.
"""
COLUMNS = (
    "program", "size", "types", "file", "rows", "columns", "nonzeros", "sense", "optimum", "exact",
    "bound", "objective_in_file", "how", "sha256_of_text",
)  # fmt: skip


@dataclass(frozen=True)
class Program:
    """A program of the library, as its folder states it."""

    name: str
    text: str
    title: str
    source: str
    sizes: dict
    problem: object
    form: str


def programs(root=ROOT):
    """Return all programs by name: the folders that have a program.py."""
    return {path.parent.name: _load(path) for path in sorted(root.glob("*/program.py"))}


def _load(path):
    spec = importlib.util.spec_from_file_location(f"models_{path.parent.name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    form = getattr(module, "FORM", "neighbouring")
    return Program(
        path.parent.name,
        module.__doc__.strip(),
        module.TITLE,
        module.SOURCE,
        module.SIZES,
        module.problem,
        form,
    )


def optimum_of(problem, form):
    """Return what is known of the optimum, rounded to the digits that any machine gets."""
    solution = mo.solve(problem)
    mo.audit(problem, solution).raise_if_failed()
    how = {"direct": "root of the slack (theory.md, 3.5)", "highs": "HiGHS"}
    backend = solution.provenance.backend
    words = f"{how.get(backend, backend)}; multipliers prove the bound"
    value, exact = _rounded(solution.objective), None
    proof = _exact_optimum(problem)
    if proof is not None:
        assert proof.proved, proof.reason
        exact, words = str(proof.objective), "optimal basis solved and checked in fractions"
        value = float(proof.objective)
    if form == "all-pairs":
        words += ", on the neighbouring form, which has the same optimum"
    bound = outward(solution.bound, problem.objective.sign, exact)
    return Optimum(value, words, exact, bound)


def _exact_optimum(problem):
    """Return the exact optimum, or None for large problems and those not in fractions."""
    environment = problem.environment
    # Of many identical agents the program is one over types alone.
    size = 1 if has_group_form(problem) else environment.num_profiles
    many = size * len(environment.outcomes.variables) > MOST_EXACT_OUTCOMES
    if many or max(environment.shape) > MOST_EXACT_TYPES:
        return None
    try:
        return mo.exact_optimum(problem)
    except (mo.errors.UnsupportedProblemError, mo.InvalidInputError):
        return None


def _rounded(value):
    return float(f"{value:.10g}") + 0.0


def outward(bound, sign, exact=None):
    """Return a bound in few digits that holds: rounded up if the problem maximises, else down.

    Rounding to the nearest gives the same on any machine. Where that is not known to hold, one unit
    of the last digit makes up for it.
    """
    digits = Decimal(f"{bound:.9e}")
    if exact is not None:
        # As it is printed, and as the float that it is read as.
        readings = (Fraction(digits), Fraction(float(digits)))
        if all(sign * (reading - Fraction(exact)) >= 0 for reading in readings):
            return float(digits)
    unit = Decimal((0, (1,), digits.as_tuple().exponent))
    return float(digits + sign * unit) + 0.0


def write_size(program, size, folder):
    """Write the files of one size of a program, and return their rows of the index."""
    problem = program.problem(program.sizes[size])
    optimum = optimum_of(problem, program.form)
    curved = bool(curves_of(problem))
    rows = []
    for suffix in (CONIC if curved else LINEAR)[size]:
        path = folder / f"{size}{suffix}"
        title = f"{program.title}, {size}"
        export(problem, path, form=program.form, title=title, optimum=optimum)
        rows.append(_index_row(program, size, path))
    return rows


def _index_row(program, size, path):
    sidecar = load_sidecar(path)
    optimum = sidecar.optimum
    in_file = -sidecar.sign * optimum.value
    return {
        "program": program.name,
        "size": size,
        "types": "x".join(map(str, sidecar.environment.shape)),
        "file": f"{program.name}/{path.name}",
        "rows": sidecar.constraint_names.size,
        "columns": sidecar.variable_names.size,
        "nonzeros": sidecar.num_nonzeros,
        "sense": "maximise" if sidecar.sign > 0 else "minimise",
        "optimum": repr(optimum.value),
        "exact": optimum.exact or "",
        "bound": repr(optimum.bound),
        "objective_in_file": repr(in_file + 0.0),
        "how": optimum.how,
        "sha256_of_text": sidecar.sha256,
    }


def sheet(program, rows, folder):
    """Return the formulation sheet of a program, from the blocks of its small size."""
    sidecar = load_sidecar(folder / rows[0]["file"].split("/")[1])
    problem, textbook = sidecar.problem, program.form == "all-pairs"
    problem = problem.textbook if textbook else problem
    blocks = float_program(problem, textbook=textbook, groups=True)
    shapes = replace(shapes_of(problem, blocks), constraints=sidecar.constraints)
    stated = described(problem, shapes, program.form, in_numbers=False)
    files = [
        (f"[{_file(row)}]({_file(row)})", *(str(row[key]) for key in SHEET_COLUMNS)) for row in rows
    ]
    sense = "minus this is minimised" if sidecar.sign > 0 else "as it is"
    parts = [
        f"# {program.title}",
        program.text,
        f"Source: {program.source}. Sections are those of\n[theory.md](../../docs/theory.md); "
        "counts are those of the small size.",
        markdown_of(stated.parts),
        f"In the files, the objective: {sense}.",
        CBF_REMARK if sidecar.file_format == "cbf" else "",
        "## Files",
        _table(("file", *SHEET_COLUMNS), files),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def contents(found, rows):
    """Return the README of the library: its programs, and their sizes and optima."""
    lines = [
        (
            f"[{program.title}]({program.name}/README.md)",
            program.source.split("; theory.md")[0],
            *(
                next(
                    f"{row['exact'] if 0 < len(row['exact']) < 20 else row['optimum']}"
                    for row in rows
                    if row["program"] == program.name and row["size"] == size
                )
                for size in program.sizes
            ),
        )
        for program in found.values()
    ]
    head = ("program", "source", *next(iter(found.values())).sizes)
    return f"{INTRODUCTION}\n{_table(head, lines)}\n\n{REMARKS}"


def _file(row):
    return row["file"].split("/")[1]


def _table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines
    )


def index_text(rows):
    """Return the index as CSV."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def main(names=()):
    """Write everything again, from nothing; or some programs, beside what the index has."""
    found = programs()
    with (ROOT / INDEX).open(encoding="utf-8", newline="") as file:
        kept = [row for row in csv.DictReader(file) if names and row["program"] not in names]
    rows = []
    for program in found.values():
        if names and program.name not in names:
            rows += [row for row in kept if row["program"] == program.name]
            continue
        folder = ROOT / program.name
        for path in folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name != "program.py":
                path.unlink()
        own = [row for size in program.sizes for row in write_size(program, size, folder)]
        write_whole(folder / "README.md", sheet(program, own, folder))
        rows += own
        print(f"{program.name}: {', '.join(row['file'].split('/')[1] for row in own)}")
    write_whole(ROOT / INDEX, index_text(rows))
    write_whole(ROOT / "README.md", contents(found, rows))


if __name__ == "__main__":
    main(sys.argv[1:])
