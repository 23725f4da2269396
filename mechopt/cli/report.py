"""``mechopt report``: instance, program, answer, figures, audit and citation in one file."""

from __future__ import annotations

from pathlib import Path

from mechopt.cli.common import ANSWERED, PLAIN, Talk, progress_bar, status_of
from mechopt.cli.outputs import inputs_of, say_written


def report(
    file: Path,
    /,
    *,
    output: Path,
    backend: str | None = None,
    cells: int | None = None,
    time_limit: float | None = None,
    talk: Talk = PLAIN,
) -> int:
    """Write a report: instance, formulation, answer, usual mechanisms, figures, audit, citation.

    Where that is known soon, it says whether ex post efficiency is possible, as ``mechopt check``.

    A page of HTML holds its figures and asks for nothing from elsewhere; open it in a browser, or
    print it. A document of LaTeX compiles with pdflatex; its figure is a PDF beside it, named like
    the document with ``-figure.pdf``.

    Example: ``mechopt report examples/six_types --output six_types.html``

    Parameters
    ----------
    file
        The instance, a TOML file, or the name of one that ``mechopt list`` shows.
    output
        The report: .html or .tex.
    backend
        How to solve it: direct, highs, cvxpy or pyomo; the first that accepts the problem unless
        said.
    cells
        Cut every continuous prior into this many cells, whatever the file says.
    time_limit
        Stop the solver after this many seconds.

    Examples
    --------
    >>> report(Path("no such file.toml"), output=Path("report.docx"))
    Traceback (most recent call last):
        ...
    mechopt.errors.InvalidInputError: output: no format has this suffix (expected a name that...
    """
    from mechopt._util.files import require_output, write_together
    from mechopt.cli.report_document import SUFFIXES, document_of, figure_beside
    from mechopt.instances import load_instance
    from mechopt.instances.bundled import instance_path
    from mechopt.plot.style import require_matplotlib
    from mechopt.report.solved import solve_instance

    path = instance_path(file)
    require_output(output, suffixes=SUFFIXES, inputs=inputs_of(path))
    in_latex = output.suffix.lower() == ".tex"
    if in_latex:
        require_output(figure_beside(output), inputs=inputs_of(path))
    require_matplotlib()
    instance = load_instance(path, cells=cells).refined()
    with progress_bar("payoff intervals", shown=not talk.quiet) as progress:
        answer = solve_instance(instance, backend, time_limit=time_limit, progress=progress)
    document = document_of(instance, answer)
    if in_latex:
        beside = figure_beside(output)
        contents: dict[Path, str | bytes] = {output: document.latex(beside.name)}
        if document.figure is not None:
            contents = {beside: document.picture(".pdf"), **contents}
    else:
        contents = {output: document.html()}
    write_together(contents)
    if not talk.quiet:
        for written in reversed(contents):
            say_written(written)
    return max(ANSWERED, status_of(answer.solution, answer.audit.passed))
