"""What the page's buttons hand out: files of a state, made from its address alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mechopt.errors import InvalidInputError
from mechopt.explore.answer import Answer
from mechopt.explore.page import Given
from mechopt.explore.toml import toml_text
from mechopt.saved import text_of


@dataclass(frozen=True)
class Download:
    """A file that the page hands out.

    Parameters
    ----------
    label
        On its button.
    media_type
        What it is.
    make
        Returns its content.
    """

    label: str
    media_type: str
    make: Callable[[Answer, Given | None], bytes]


def instance_text(answer: Answer, given: Given | None) -> bytes:
    """Return the instance file of a state."""
    own = given if given is not None and given.page is answer.page else None
    text = toml_text(answer.page.document(answer.state.values, own))
    if own is not None:
        text = f"# Paths are relative to the folder of {own.path.name}.\n{text}"
    return text.encode()


def code_text(answer: Answer, given: Given | None) -> bytes:
    """Return Python code that states and solves the problem of a state."""
    lines = ["import mechopt as mo"]
    if given is not None and given.page is answer.page:
        # A file may hold what the controls do not say, such as requirements.
        lines += ["", 'problem = mo.load_instance("problem.toml").problem  # the button TOML']
    else:
        code = answer.page.code(answer.state.values)
        lines += (["from scipy import stats"] if "stats." in code else []) + ["", code]
    lines += ["solution = mo.solve(problem)", "mo.audit(problem, solution).raise_if_failed()"]
    return "\n".join([*lines, "print(mo.summary(solution))", ""]).encode()


def formulation_text(answer: Answer, given: Given | None) -> bytes:
    """Return the program of a state in mathematics, as ``mechopt explain`` writes it."""
    del given
    from mechopt.explain.formulation import formulation

    instance = answer.instance
    return (
        formulation(
            instance.problem, title=instance.title, source=instance.source, unit=instance.unit
        )
        .latex()
        .encode()
    )


def figure_of(suffix: str) -> Callable[[Answer, Given | None], bytes]:
    """Return what draws the overview of a solution as ``mechopt plot`` does."""

    def make(answer: Answer, given: Given | None) -> bytes:
        del given
        from matplotlib.figure import Figure

        from mechopt.plot.look import USUAL
        from mechopt.plot.pages import draw, figure_in_bytes, panels_of
        from mechopt.plot.style import require_matplotlib

        require_matplotlib()
        count = len(panels_of(answer.solution, "overview"))
        figure = Figure(figsize=USUAL.size(count), layout="constrained")
        draw(answer.solution, figure, "overview", unit=answer.instance.unit, look=USUAL)
        return figure_in_bytes(figure, f".{suffix}")

    return make


def solution_text(answer: Answer, given: Given | None) -> bytes:
    """Return problem and solution as ``mechopt solve --output`` saves them."""
    del given
    return text_of(answer.solution).encode()


DOWNLOADS = {
    "problem.toml": Download("TOML", "application/toml", instance_text),
    "problem.py": Download("Python", "text/x-python", code_text),
    "formulation.tex": Download("Formulation (LaTeX)", "application/x-tex", formulation_text),
    "figure.svg": Download("Figure (SVG)", "image/svg+xml", figure_of("svg")),
    "figure.pdf": Download("Figure (PDF)", "application/pdf", figure_of("pdf")),
    "solution.json": Download("Solution", "application/json", solution_text),
}


def downloaded(name: str, answer: Answer, given: Given | None) -> bytes:
    """Return the content of a file.

    Raises
    ------
    MechoptError
        If there is no such file, or it cannot be made.
    """
    if name in DOWNLOADS:
        return DOWNLOADS[name].make(answer, given)
    raise InvalidInputError(
        "no such file",
        where="download",
        expected=", ".join(DOWNLOADS),
        got=name[:40],
        remedy="Use the buttons of the page.",
    )
