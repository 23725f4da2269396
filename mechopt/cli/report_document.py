"""What a report holds, and how it is written as a page of HTML or a document of LaTeX."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from mechopt._util.files import read_text
from mechopt._util.notation import latex_text
from mechopt._util.table import Table
from mechopt._util.text import for_html, one_line
from mechopt.cli.common import progress_bar
from mechopt.environments.kinds import kinds
from mechopt.errors import InvalidInputError, TooLargeError, UnsupportedProblemError
from mechopt.explain.formulation import cited, formulation, sources_of
from mechopt.explain.page import Page, Words
from mechopt.explain.proof import proof_of
from mechopt.instances import Instance
from mechopt.literature.cramton1985.impossibility import check_ex_post_efficiency
from mechopt.plot.look import USUAL
from mechopt.plot.pages import draw, figure_in_bytes, panels_of, prepared
from mechopt.report.check import answer_table
from mechopt.report.report import Report
from mechopt.studies.comparison import compare

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SUFFIXES = (".html", ".tex")
# Longer files are data rather than statements.
MOST_LETTERS = 20_000
# Of more profiles of finite types, what `mechopt check` finds takes longer than a reader waits.
MOST_CHECKED = 100_000
# The browser itself refuses whatever a page might ask for.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
STYLE = """
body { font-family: Georgia, serif; line-height: 1.45; color: #111; background: #fff;
       max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2, h3 { font-family: Helvetica, Arial, sans-serif; line-height: 1.2; }
h2 { border-bottom: 1px solid #999; margin-top: 2.2rem; }
table { border-collapse: collapse; border-top: 2px solid #111; border-bottom: 2px solid #111;
        margin: 1rem 0; display: block; width: fit-content; max-width: 100%; overflow-x: auto; }
th { border-bottom: 1px solid #111; }
th, td { padding: 0.15rem 0.7rem; text-align: right; vertical-align: top; }
th:first-child, td:first-child, table.worded td:last-child, table.words :is(th, td)
 { text-align: left; }
pre { background: #f4f4f4; padding: 0.8rem; overflow-x: auto; font-size: 0.85rem; }
p.stated { margin-bottom: 0; }
p.stated + ul { margin-top: 0.2rem; }
img { max-width: 100%; }
@media print { body { max-width: none; margin: 0; } table, img { break-inside: avoid; } }
"""
PREAMBLE = r"""\documentclass[11pt]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{amsmath,amssymb,longtable,booktabs,graphicx}
\usepackage[margin=2.5cm]{geometry}
\IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}
\emergencystretch=3em
\raggedright
"""
PAPERS = "mechopt: mechanism design programs, solved and certified"


@dataclass(frozen=True, eq=False)
class Document:
    """A report, ready to be written.

    Parameters
    ----------
    instance
        What was asked.
    program, proof
        The problem in mathematics, and what proves the answer.
    tables
        The answer, and other mechanisms beside it, each under its title.
    figure
        The panels that suit the solution; None where there is no mechanism.
    audit
        What was checked, one line each.
    sources
        What to cite.

    Examples
    --------
    >>> from mechopt.instances import load_instance
    >>> from mechopt.instances.bundled import instance_path
    >>> from mechopt.report.solved import solve_instance
    >>> instance = load_instance(instance_path(Path("examples/six_types")))
    >>> document = document_of(instance, solve_instance(instance))
    >>> [title for title, _ in document.tables]
    ['Answer', 'Ex post efficiency', 'Usual mechanisms']
    """

    instance: Instance
    program: Page
    proof: Page
    tables: tuple[tuple[str, Table], ...]
    figure: Figure | None
    audit: tuple[str, ...]
    sources: tuple[str, ...]

    def picture(self, suffix: str) -> bytes:
        """Return the figure as a file of the format that a suffix names."""
        assert self.figure is not None
        return figure_in_bytes(self.figure, suffix)

    def html(self) -> str:
        """Return a page that holds everything and asks for nothing from elsewhere."""
        instance = self.instance
        title = for_html(one_line(instance.title))
        parts = [
            f"<h1>{title}</h1>",
            "<h2>Instance</h2>",
            *(f"<p>{for_html(line)}</p>" for line in _about(instance)),
            f"<pre>{for_html(_statement(instance))}</pre>",
            "<h2>Formulation</h2>",
            self.program.html(),
        ]
        for name, table in self.tables:
            lines = [f"<p>{for_html(one_line(line))}</p>" for line in table.head]
            parts += [f"<h2>{name}</h2>", *lines, table.to_html()]
        if self.figure is not None:
            data = base64.b64encode(self.picture(".png")).decode()
            source = f"data:image/png;base64,{data}"
            parts += ["<h2>Figures</h2>", f'<img alt="Panels of the solution" src="{source}">']
        checks = "".join(f"<li>{for_html(line)}</li>\n" for line in self.audit)
        sources = "".join(f"<li>{for_html(line)}</li>\n" for line in self.sources)
        parts += ["<h2>Audit</h2>", f"<ul>\n{checks}</ul>", self.proof.html()]
        parts += ["<h2>Citation</h2>", f"<ul>\n{sources}</ul>"]
        return "\n".join(
            [
                "<!DOCTYPE html>",
                '<html lang="en"><head><meta charset="utf-8">',
                f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
                '<meta name="viewport" content="width=device-width, initial-scale=1">',
                f"<title>{title}</title>",
                f"<style>{STYLE}</style></head><body>",
                *parts,
                "</body></html>\n",
            ]
        )

    def latex(self, figure: str) -> str:
        """Return a document that compiles as it stands, beside its figure of that name."""
        instance = self.instance
        listing = "\n".join(map(_line_in_latex, _statement(instance).splitlines()))
        parts = [
            rf"{{\LARGE\bfseries {latex_text(one_line(instance.title))}\par}}",
            r"\section*{Instance}",
            *(f"{latex_text(line)}\\par" for line in _about(instance)),
            f"\\medskip\n{{\\small\n{listing}\n}}",
            r"\section*{Formulation}",
            self.program.latex(document=False),
        ]
        for name, table in self.tables:
            lines = [f"{latex_text(one_line(line))}\\par" for line in table.head]
            body = replace(table, title="", head=(), remarks=()).to_latex().rstrip()
            parts += [rf"\section*{{{name}}}", *lines, f"\\medskip\\noindent\n{body}\\par"]
            parts += [_items(table.remarks)]
        if self.figure is not None:
            # A name with marks of LaTeX is read letter by letter.
            drawn = rf"\includegraphics[width=\linewidth]{{\detokenize{{{figure}}}}}"
            parts += [r"\section*{Figures}", drawn]
        parts += [r"\section*{Audit}", _items(self.audit), self.proof.latex(document=False)]
        parts += [r"\section*{Citation}", _items(self.sources)]
        body = "\n\n".join(part for part in parts if part)
        return f"{PREAMBLE}\\begin{{document}}\n{body}\n\\end{{document}}\n"


def document_of(instance: Instance, answer: Report) -> Document:
    """Return the report of an instance and its answer.

    Parameters
    ----------
    instance
        What :func:`mechopt.load_instance` read.
    answer
        What :func:`mechopt.report.solved.solve_instance` returned for it.
    """
    solution = answer.solution
    try:
        program: Page = formulation(solution.problem, source=instance.source, unit=instance.unit)
    except (TooLargeError, UnsupportedProblemError) as error:
        program = Page("", (Words(f"Not written out: {error}"),))
    try:
        proof = proof_of(solution)
    except (InvalidInputError, TooLargeError, UnsupportedProblemError) as error:
        proof = Page("", (Words(f"No proof by multipliers: {error}"),))
    table = answer.table()
    tables = [("Answer", replace(table, remarks=table.remarks[:-1]))]
    addendum = answer.addendum
    listing = None if addendum is None else addendum.table()
    if addendum is not None and listing is not None:
        tables.append((addendum.table_title, listing))
    possible = _efficiency(instance)
    if possible is not None:
        tables.append(("Ex post efficiency", possible))
    with_others = _others(instance)
    if with_others is not None:
        tables.append(("Usual mechanisms", with_others))
    checks = map(str, answer.audit.checks)
    effort = f"{solution.provenance.backend}: " + ", ".join(
        f"{name} {number}" for name, number in solution.provenance.versions.items()
    )
    return Document(
        instance,
        program,
        proof,
        tuple(tables),
        _figure(answer, instance.unit),
        (_without_seconds(table.remarks[-1]), *checks, *answer.audit.notes, effort),
        (
            *([instance.source] if instance.source else []),
            *cited(sources_of(solution.problem).values()),
            f"{PAPERS}, version {version('mechopt')} (cite it by its CITATION.cff)",
            f"The problem that was solved has the SHA-256 {solution.problem.fingerprint}.",
        ),
    )


def figure_beside(output: Path) -> Path:
    """Return where the figure of a document of LaTeX lies.

    Examples
    --------
    >>> figure_beside(Path("six.tex")).name
    'six-figure.pdf'
    """
    return output.with_name(f"{output.stem}-figure.pdf")


def _efficiency(instance: Instance) -> Table | None:
    """Return whether ex post efficiency is possible, as `mechopt check` says; None if it cannot."""
    environment = instance.problem.environment
    if not environment.has_continuum and environment.num_profiles > MOST_CHECKED:
        return None
    try:
        found = check_ex_post_efficiency(instance.problem)
    except (InvalidInputError, TooLargeError, UnsupportedProblemError):
        return None
    table = answer_table(found, "", instance.unit, None, instance.problem)
    # Its figures are money, which the heading of their column says.
    return replace(table, head=[line for line in table.head if not line.startswith("money in")])


def _others(instance: Instance) -> Table | None:
    """Return the usual mechanisms of the environment, where there are such."""
    try:
        table = compare(instance.problem.environment)
    except (InvalidInputError, TooLargeError, UnsupportedProblemError):
        return None
    return replace(table, unit=instance.unit).table()


def _figure(answer: Report, unit: str) -> Figure | None:
    """Return the panels that suit an answer; None where it has no mechanism."""
    from matplotlib.figure import Figure

    if answer.solution.mechanism is None:
        return None
    source = prepared(answer.solution, "overview", progress_bar)
    figure = Figure(figsize=USUAL.size(len(panels_of(source, "overview"))), layout="constrained")
    return draw(source, figure, "overview", unit=unit, look=USUAL)


def _about(instance: Instance) -> list[str]:
    """Return what the head of a report says of the instance, in sentences."""
    title = kinds()[instance.kind].name if instance.kind in kinds() else instance.kind
    money = "" if instance.unit == "money" else f" Money is in {instance.unit}."
    source = f"Source: {instance.source}." if instance.source else ""
    what = f"Kind of environment: {title}. File: {instance.path.name}.{money}"
    return [line.replace("..", ".") for line in (source, what) if line]


def _statement(instance: Instance) -> str:
    text = read_text(instance.path)
    left = len(text) - MOST_LETTERS
    return text if left <= 0 else f"{text[:MOST_LETTERS]}\n# ... and {left:,} more letters"


def _without_seconds(verdict: str) -> str:
    """Return a verdict as every run says it.

    Examples
    --------
    >>> _without_seconds("audit passed (no violation)   direct, 0.02 s")
    'audit passed (no violation)'
    """
    return re.sub(r"   \w+, [0-9.]+ s(?=\n|$)", "", verdict)


def _items(lines: Sequence[str]) -> str:
    if not lines:
        return ""
    entries = "\n".join(rf"\item {latex_text(one_line(line))}" for line in lines)
    return f"\\begin{{itemize}}\n{entries}\n\\end{{itemize}}"


def _line_in_latex(line: str) -> str:
    r"""Return a line of a file as LaTeX sets it letter by letter.

    Examples
    --------
    >>> print(_line_in_latex("a = { b }"))
    \noindent\texttt{a\ =\ \{\ b\ \}}\par
    """
    return rf"\noindent\texttt{{{latex_text(line).replace(' ', chr(92) + ' ')}}}\par"
