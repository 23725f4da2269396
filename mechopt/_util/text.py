"""User text on its way into another language: terminal, CSV, LaTeX, mathtext, HTML, Markdown.

Titles, units, names and messages are data. Whatever writes them somewhere passes them through the
function for that place, so that no text acts there as more than itself.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping
from typing import TypeVar

Said = TypeVar("Said")

# Below 5 kB with the words around it, also where every letter takes two bytes or more.
LONGEST_MESSAGE = 4_000
LONGEST_LINE = 1_000
# What spreadsheets take for the beginning of a formula, the full-width forms included.
_FORMULA = "=+-@\t\n\uff1d\uff0b\uff0d\uff20"
_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    **{mark: f"\\{mark}" for mark in "&%$#_{}"},
}


def for_terminal(text: str) -> str:
    r"""Return a text that a terminal shows and does not obey.

    Control characters, and those that turn the direction of writing, become visible escapes; ends
    of lines stay.

    Examples
    --------
    >>> for_terminal("\x1b[2Jgone\u202e")
    '\\x1b[2Jgone\\u202e'
    """
    return "\n".join(
        line if line.isprintable() else "".join(map(_visible, line)) for line in text.split("\n")
    )


def one_line(text: str) -> str:
    r"""Return a text as one line for a terminal; ends of lines and tabs become blanks.

    Examples
    --------
    >>> one_line("Six types\n\taudit passed\x07")
    'Six types audit passed\\x07'
    """
    return for_terminal(" ".join(text.split()))


def for_csv(text: str) -> str:
    """Return a text that a spreadsheet shows and does not compute: a formula gets an apostrophe.

    Numbers are no texts, and need none of this.

    Examples
    --------
    >>> for_csv("=1+1"), for_csv("second best")
    ("'=1+1", 'second best')
    """
    # A carriage return alone would end the row for those who read it.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if text[:1] and text[:1] in _FORMULA else text


def for_latex(text: str) -> str:
    r"""Return a text that LaTeX sets and does not run, on one line.

    Examples
    --------
    >>> print(for_latex(r"50 % of $x_1$ \input{a}"))
    50 \% of \$x\_1\$ \textbackslash{}input\{a\}
    """
    return "".join(_LATEX.get(mark, mark) for mark in one_line(text))


def for_plot(text: str, *, usetex: bool = False) -> str:
    r"""Return a text that matplotlib draws as it stands: no formula begins at a dollar.

    Parameters
    ----------
    text
        The text, drawn on one line.
    usetex
        Whether matplotlib hands its texts to LaTeX (``text.usetex``).

    Examples
    --------
    >>> print(for_plot("$$ a year"))
    \$\$ a year
    """
    return for_latex(text) if usetex else one_line(text).replace("$", r"\$")


def for_html(text: str) -> str:
    """Return a text that a browser shows and does not interpret.

    Examples
    --------
    >>> for_html("a < b & c")
    'a &lt; b &amp; c'
    """
    return html.escape(for_terminal(text))


def for_markdown(text: str) -> str:
    r"""Return a text that Markdown shows as it stands, on one line: no formula or cell begins.

    Examples
    --------
    >>> print(for_markdown("a | b_1 <b> $x$"))
    a \| b\_1 \<b\> \$x\$
    """
    line = re.sub(r"\s", " ", for_terminal(text.replace("\n", " ")))
    return re.sub(r"([\\`*_{}\[\]<>#|$])", r"\\\1", line)


def shortened(text: str, limit: int = LONGEST_MESSAGE) -> str:
    """Return a message whose lines and whole are of bounded length, and say how much is left out.

    Parameters
    ----------
    text
        The message.
    limit
        Number of bytes in UTF-8 for the whole.

    Examples
    --------
    >>> shortened("a" * 2_000)[997:]
    'aaa... (1,000 more letters)'
    >>> print(shortened("fault " + chr(10) + "fault", 8))
    fault
    ... and 1 more line
    """
    lines = [_shortened_line(line) for line in text.split("\n")]
    if sum(len(line.encode("utf-8", "replace")) + 1 for line in lines) <= limit + 1:
        return "\n".join(lines)
    kept: list[str] = []
    size = 0
    for line in lines:
        size += len(line.encode("utf-8", "replace")) + 1
        if size > limit and kept:
            break
        kept.append(line)
    left = len(lines) - len(kept)
    plural = "line" if left == 1 else "lines"
    return "\n".join([*kept, f"... and {left:,} more {plural}"] if left else kept)


def _shortened_line(line: str) -> str:
    if len(line) <= LONGEST_LINE:
        return line
    return f"{line[:LONGEST_LINE]}... ({len(line) - LONGEST_LINE:,} more letters)"


def _visible(mark: str) -> str:
    if mark.isprintable() or unicodedata.category(mark) == "Zs":
        return mark
    if mark == "\t":
        return "    "
    return mark.encode("unicode_escape").decode("ascii")


def in_words(name: str) -> str:
    """Return what people read for an identifier, such as the name of an agent or a variable.

    Files, addresses, code and records have the identifier itself.

    Examples
    --------
    >>> in_words("bidder_1")
    'bidder 1'
    """
    return name.replace("_", " ")


def runs_of(said: Mapping[str, Said]) -> list[tuple[str, Said]]:
    """Return what is said of agents, in words, those in a row of whom the same is said together.

    Examples
    --------
    >>> runs_of({"owner": "7", "guest_1": "2", "guest_2": "2", "guest_3": "2", "guest_4": "5"})
    [('owner', '7'), ('guest 1 to guest 3', '2'), ('guest 4', '5')]
    """
    runs: list[tuple[list[str], Said]] = []
    for name, text in said.items():
        stem = name.rpartition("_")[0]
        if runs and stem and runs[-1][0][-1].rpartition("_")[0] == stem and runs[-1][1] == text:
            runs[-1][0].append(name)
        else:
            runs.append(([name], text))
    return [
        (in_words(names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"), text)
        for names, text in (
            part
            for whole in runs
            for part in ([whole] if len(whole[0]) > 2 else [([n], whole[1]) for n in whole[0]])
        )
    ]
