"""``mechopt explain``: the program in mathematics, proofs that one can read, alternatives."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from mechopt.cli.common import ANSWERED, PLAIN, Talk
from mechopt.cli.outputs import inputs_of, say_written

STYLES = {"latex": (".tex",), "markdown": (".md",), "text": (".txt",)}


def explain(
    file: Path,
    /,
    *,
    style: Annotated[
        Literal["latex", "markdown", "text"] | None, Parameter(name="--format")
    ] = None,
    output: Path | None = None,
    solution: Path | None = None,
    who: Annotated[str, Parameter(name="--for")] = "",
    form: Literal["neighbouring", "all-pairs"] = "neighbouring",
    cells: int | None = None,
    talk: Talk = PLAIN,
) -> int:
    """Write the program of an instance file in mathematics: every constraint, and what it means.

    Example: ``mechopt explain instances/examples/six_types.toml --format latex``

    Parameters
    ----------
    file
        The instance, a TOML file, or the name of one that ``mechopt list`` shows.
    style
        LaTeX that compiles as it stands, Markdown with MathJax, or text; by the suffix of the
        output unless said, .tex or .md.
    output
        Write it here; else on standard output.
    solution
        A solution of it that ``mechopt solve`` or ``check`` saved: say which constraints bind,
        what they cost, and write out the proof.
    who
        An agent and the position of one of its types, such as "seller 5": say what that type
        could do instead, and what each alternative would bring it.
    form
        Incentive constraints between neighbours, or between all pairs as in textbooks.
    cells
        Cut every continuous prior into this many cells, whatever the file says.
    """
    from mechopt._util.files import require_output, write_whole
    from mechopt.explain.formulation import formulation
    from mechopt.instances import load_instance
    from mechopt.instances.bundled import instance_path

    path = instance_path(file)
    if output is not None:
        require_output(output, inputs=inputs_of(path))
        by_suffix = [name for name, suffixes in STYLES.items() if output.suffix in suffixes]
        style = style or (by_suffix[0] if by_suffix else None)  # type: ignore[assignment]
    instance = load_instance(path, cells=cells).refined()
    del who, solution, talk
    page = formulation(instance.problem, form=form, title=instance.title, source=instance.source)
    text = getattr(page, style or "text")()
    if output is None:
        print(text.rstrip("\n"))
    else:
        write_whole(output, text if text.endswith("\n") else f"{text}\n")
        say_written(output)
    return ANSWERED
