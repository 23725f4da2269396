"""What explanations are made of, and how they are written: LaTeX, Markdown with MathJax, text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TypeAlias

from mechopt._util.inline import (
    Inline,
    Math,
    Name,
    breakable,
    in_html,
    in_latex,
    in_markdown,
    in_text,
    pieces,
    with_symbols,
)
from mechopt._util.notation import latex_text, mathml, typeset
from mechopt._util.table import Table
from mechopt._util.text import for_html, for_markdown, for_terminal, one_line

WIDTH = 96
PREAMBLE = r"""\documentclass[11pt]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{amsmath,amssymb,booktabs,longtable}
\usepackage[margin=2.5cm]{geometry}
\IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}
\emergencystretch=3em
\raggedright
"""


@dataclass(frozen=True)
class Section:
    """The title of a section."""

    title: str


@dataclass(frozen=True)
class Words:
    """A paragraph, and what a paper has in its place where that is something else."""

    inline: Inline
    in_paper: Inline | None = None


@dataclass(frozen=True)
class Items:
    """A list, and what a paper has in its place where that is something else."""

    entries: tuple[Inline, ...]
    in_paper: tuple[Inline, ...] | None = None


@dataclass(frozen=True)
class Equations:
    """Formulas on lines of their own, each with what stands before it, if anything."""

    lines: tuple[tuple[Inline, str], ...]


@dataclass(frozen=True)
class Statement:
    """What a formula states, and where it stands.

    Parameters
    ----------
    label
        Such as ``"(3)"``; empty for none.
    formula
        Empty where the words say it.
    meaning, section
        In words, and the section of theory.md.
    names
        Each name in files, and what belongs to it: how many, and for which types.
    given
        For which agents, types and profiles the formula holds.
    """

    label: str
    formula: str
    meaning: str
    section: str
    names: tuple[tuple[Name, str], ...]
    given: Inline = ""

    @property
    def words(self) -> str:
        """The meaning with its section."""
        return f"{self.meaning} (section {self.section})" if self.section else self.meaning


def words_table(header: Sequence[str], rows: Sequence[Sequence[Inline]]) -> Table:
    """Return a table of words, numbers and formulas, all on the left, which may be wrapped."""
    return Table(header, rows, aligned="p" * len(header))


Part: TypeAlias = Section | Words | Items | Table | Equations | Statement


@dataclass(frozen=True)
class Page:
    """A title and parts, to be written as LaTeX, Markdown or text.

    Parameters
    ----------
    title
        The title.
    parts
        In order.

    Examples
    --------
    >>> from mechopt.explain.page import Math, Words
    >>> page = Page("Trade", (Words(("A type has value ", Math("v_k"), ".")),))
    >>> print(page.markdown())
    # Trade
    <BLANKLINE>
    A type has value $v_{k}$.
    """

    title: str
    parts: tuple[Part, ...]

    def latex(self, *, document: bool = True) -> str:
        """Return a document that compiles as it stands, or its body for one of your own.

        The body needs the packages amsmath, amssymb, booktabs and longtable. It is for a paper:
        sources are those of the literature, without sections of theory.md.
        """
        body = "\n\n".join(map(_latex_part, self.parts if document else for_paper(self.parts)))
        if not document:
            # Formulas and names in files are hard to break, in a text that is set justified.
            return f"{{\\raggedright\\emergencystretch=3em\n{body}\n\n}}\n"
        title = rf"\section*{{{latex_text(self.title)}}}"
        return f"{PREAMBLE}\\begin{{document}}\n{title}\n\n{body}\n\\end{{document}}\n"

    def markdown(self) -> str:
        """Return Markdown, with formulas as MathJax reads them."""
        return "\n\n".join([f"# {for_markdown(self.title)}", markdown_of(self.parts)]) + "\n"

    def text(self) -> str:
        """Return plain text for a terminal."""
        return "\n\n".join([one_line(self.title), *map(_text_part, self.parts)])

    def html(self) -> str:
        """Return the body of a page of HTML; its formulas are MathML, which browsers set."""
        return "\n".join(map(_html_part, self.parts)) + "\n"

    def __str__(self) -> str:
        return self.text()

    def _repr_markdown_(self) -> str:
        return self.markdown()

    def _repr_latex_(self) -> str:
        # Notebooks hand this to MathJax, which knows no document.
        rows = [line for part in self.parts if isinstance(part, Equations) for line in part.lines]
        return "".join(f"$${typeset(formula)}$$\n" for _, formula in rows)


def for_paper(parts: Sequence[Part]) -> list[Part]:
    """Return parts as a paper has them, whose readers do not have theory.md.

    Examples
    --------
    >>> for_paper([Statement("", "", "trade", "2", ()), Section("Sources"), Items(("x",), ())])
    [Statement(label='', formula='', meaning='trade', section='', names=(), given='')]
    """
    kept: list[Part] = []
    for part in map(_in_paper, parts):
        if not isinstance(part, Items) or part.entries:
            kept.append(part)
        elif kept and isinstance(kept[-1], Section):
            # A title of nothing.
            kept.pop()
    return kept


def _in_paper(part: Part) -> Part:
    if isinstance(part, Statement):
        return replace(part, section="")
    if isinstance(part, Words):
        return part if part.in_paper is None else Words(part.in_paper)
    if isinstance(part, Items):
        return part if part.in_paper is None else Items(part.in_paper)
    return part


def _latex_part(part: Part) -> str:
    if isinstance(part, Section):
        return rf"\subsection*{{{latex_text(part.title)}}}"
    if isinstance(part, Words):
        return in_latex(part.inline)
    if isinstance(part, Items):
        entries = "\n".join(rf"\item {in_latex(entry)}" for entry in part.entries)
        return f"\\begin{{itemize}}\n{entries}\n\\end{{itemize}}"
    if isinstance(part, Statement):
        formula = part.formula and in_latex(Math(part.formula))
        first = filter(None, (part.label, formula, formula and in_latex(part.given)))
        names = [f"{in_latex(name)}: {in_latex(with_symbols(own))}" for name, own in part.names]
        stated = (r"\quad ".join(first), in_latex(with_symbols(part.words)), *names)
        return r"\medskip\noindent" + "\n" + "\\\\\n".join(filter(None, stated))
    if isinstance(part, Equations):
        lines = [
            f"{in_latex(before)}\\quad ${breakable(typeset(formula))}$\\par\\smallskip"
            for before, formula in part.lines
        ]
        return "\n".join(lines)
    return part.to_latex(long=True).rstrip()


def markdown_of(parts: Sequence[Part]) -> str:
    """Return parts in Markdown; statements that follow each other are one table."""
    return "\n\n".join(map(_markdown_part, _with_tables(parts)))


def _with_tables(parts: Sequence[Part]) -> Iterator[Part]:
    """Yield parts, with one table in place of statements that follow each other."""
    for _, run in groupby(parts, key=lambda part: isinstance(part, Statement)):
        own = list(run)
        stated = [part for part in own if isinstance(part, Statement)]
        yield from [_table_of(stated)] if stated else own


def _table_of(stated: Sequence[Statement]) -> Table:
    rows: list[tuple[Inline, ...]] = [
        (
            one.label,
            name,
            with_symbols(one.meaning),
            _formula_of(one),
            with_symbols(own),
            one.section,
        )
        for one in stated
        for name, own in one.names
    ]
    head = ("no.", "name in the files", "meaning", "formula", "how many", "section")
    if any(one.label for one in stated):
        return words_table(head, rows)
    return words_table(head[1:], [row[1:] for row in rows])


def _formula_of(one: Statement) -> Inline:
    """Return a formula with what it holds for."""
    if not one.formula:
        return ""
    return (Math(one.formula), *((" ", *pieces(one.given)) if one.given else ()))


def _markdown_part(part: Part) -> str:
    if isinstance(part, Section):
        return f"## {for_markdown(part.title)}"
    if isinstance(part, Words):
        return in_markdown(part.inline)
    if isinstance(part, Items):
        return "\n".join(f"* {in_markdown(entry)}" for entry in part.entries)
    if isinstance(part, Equations):
        lines = [
            " ".join(filter(None, (in_markdown(before), f"${typeset(formula)}$")))
            for before, formula in part.lines
        ]
        return "\n".join(f"* {line}" for line in lines)
    assert isinstance(part, Table)
    return part.to_markdown().rstrip()


def _html_part(part: Part) -> str:
    if isinstance(part, Section):
        return f"<h3>{for_html(part.title)}</h3>"
    if isinstance(part, Words):
        return f"<p>{in_html(part.inline)}</p>"
    if isinstance(part, Items):
        return "<ul>" + "".join(f"<li>{in_html(entry)}</li>" for entry in part.entries) + "</ul>"
    if isinstance(part, Equations):
        lines = (f"<p>{in_html(before)} {mathml(formula)}</p>" for before, formula in part.lines)
        return "\n".join(lines)
    if isinstance(part, Statement):
        # Not a table: phones are narrow.
        formula = in_html(_formula_of(part))
        first = " ".join(filter(None, (for_html(part.label), formula)))
        names = "".join(
            f"<li>{in_html(name)}: {in_html(with_symbols(own))}</li>" for name, own in part.names
        )
        stated = "<br>".join(filter(None, (first, in_html(with_symbols(part.words)))))
        return f'<p class="stated">{stated}</p>\n<ul>{names}</ul>'
    assert isinstance(part, Table)
    return part.to_html().rstrip()


def _text_part(part: Part) -> str:
    if isinstance(part, Section):
        return part.title.upper()
    if isinstance(part, Words):
        return _filled(in_text(part.inline))
    if isinstance(part, Items):
        return "\n".join(_filled(in_text(entry), "* ", "  ") for entry in part.entries)
    if isinstance(part, Statement):
        names = [_filled(f"{in_text(name)}: {own}", "    ", "      ") for name, own in part.names]
        first = f"{part.label.ljust(5)}{part.formula}" if part.label else part.formula
        given = in_text(part.given) if part.formula else ""
        fits = len(first) + 3 + len(given) <= WIDTH
        first += f"   {given}" if given and fits else ""
        words = _filled(part.words, "    ", "    ")
        whole = [_filled(line, "", "     ") for line in _broken(first)] if first else []
        whole += [_filled(given, "     ", "     ")] if given and not fits else []
        return "\n".join([*whole, words, *names])
    if isinstance(part, Equations):
        lines = (f"{in_text(before)}  {formula}".strip() for before, formula in part.lines)
        return "\n".join(_filled(line, "  ", "      ") for line in lines)
    rows = part.text_lines()
    if max(map(len, rows)) <= WIDTH:
        return "\n".join(rows)
    # Too wide for a terminal: one entry of the table after another.
    return "\n".join(
        _filled(
            "; ".join(
                f"{head}: {in_text(cell)}"
                for head, cell in zip(part.header, row, strict=False)
                if in_text(cell)
            ),
            "* ",
            "  ",
        )
        for row in part.cells
    )


def _broken(formula: str) -> list[str]:
    """Return the lines of a statement, which is broken before its relation if it is long."""
    left, relation, right = formula.partition(" >= ")
    if len(formula) <= WIDTH or not relation:
        return [formula]
    return [left, f"     >= {right}"]


def _filled(text: str, first: str = "", rest: str = "") -> str:
    return textwrap.fill(
        for_terminal(text),
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
