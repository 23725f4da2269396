"""``mechopt explain``: the program in mathematics, proofs that one can read, alternatives."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from mechopt._util.terminal import say
from mechopt.cli.common import ANSWERED, PLAIN, Talk
from mechopt.cli.outputs import inputs_of, say_written

if TYPE_CHECKING:
    from mechopt.environments import Environment
    from mechopt.problem.problem import DesignProblem
    from mechopt.solution import Solution

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
    body: Annotated[bool, Parameter(negative="")] = False,
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
        An agent and the position of one of its types, such as "seller 5", or the type's name, such
        as "ann high": say what that type could do instead, and what each alternative would bring
        it.
    form
        Incentive constraints between neighbours, or between all pairs as in textbooks.
    cells
        Cut every continuous prior into this many cells, whatever the file says.
    body
        LaTeX without the document around it, for one of your own that uses the packages amsmath,
        amssymb, booktabs and longtable.
    """
    from mechopt._util.files import require_output, write_whole
    from mechopt.backends import solve
    from mechopt.errors import InvalidInputError
    from mechopt.explain.choices import choices_of
    from mechopt.explain.formulation import formulation
    from mechopt.explain.page import Page
    from mechopt.explain.proof import proof_of
    from mechopt.instances import load_instance
    from mechopt.instances.bundled import instance_path
    from mechopt.solution import mechanism_of

    path = instance_path(file)
    if output is not None:
        taken = [] if solution is None else [solution]
        require_output(output, inputs=[*inputs_of(path), *taken])
        by_suffix = [name for name, suffixes in STYLES.items() if output.suffix in suffixes]
        style = style or (by_suffix[0] if by_suffix else None)  # type: ignore[assignment]
    instance = load_instance(path, cells=cells).refined()
    problem = instance.problem
    found = None if solution is None else _solution_of(problem, solution)
    # What `mechopt check` saves answers another question of the same environment.
    problem = problem if found is None else found.problem
    if who:
        page = choices_of(
            mechanism_of(found or solve(problem)), *_agent_and_type(problem.environment, who)
        )
    else:
        page = formulation(
            problem, form=form, title=instance.title, source=instance.source, unit=instance.unit
        )
        if found is not None:
            page = Page(page.title, (*page.parts, *proof_of(found).parts))
    if talk.verbose:
        say(f"problem: SHA-256 {problem.fingerprint}")
    style = style or ("latex" if body else "text")
    if body and style != "latex":
        raise InvalidInputError(
            "there is a document around LaTeX only",
            where="--body",
            expected="--format latex, or an output that ends with .tex",
            got=style,
            remedy="Leave --body out.",
        )
    text = page.latex(document=False) if body else getattr(page, style)()
    if output is None:
        print(text.rstrip("\n"))
    else:
        write_whole(output, text if text.endswith("\n") else f"{text}\n")
        say_written(output)
    return ANSWERED


def _agent_and_type(environment: Environment, who: str) -> tuple[str, int]:
    """Return the agent and the position of the type in a text such as "seller 5" or "ann high".

    A name that a table of types gives goes before a position.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> types = TypeSpace.finite([0, 1])
    >>> _agent_and_type(BilateralTrade(types, types), "seller 1")
    ('seller', 1)
    """
    from mechopt.errors import InvalidInputError

    who = who.strip()
    for agent in environment.agents:
        named = who.removeprefix(f"{agent.name} ").strip()
        labels = getattr(agent.types, "labels", None) or ()
        if who.startswith(f"{agent.name} ") and named in labels:
            return agent.name, labels.index(named)
    name, _, position = who.rpartition(" ")
    if not name or not position.isdecimal():
        raise InvalidInputError(
            "no agent and type",
            where="--for",
            expected='an agent and the position or the name of its type, such as "ann 5"',
            got=repr(who[:60]),
            remedy="Types are counted from 0, as `mechopt explain` numbers them.",
        )
    return name.strip(), int(position)


def _solution_of(problem: DesignProblem, path: Path) -> Solution:
    """Return a saved solution, which must be one of this problem's environment."""
    from mechopt._util.saving import fingerprint
    from mechopt.errors import InvalidInputError
    from mechopt.saved import load_solution

    found = load_solution(path)
    wanted, got = fingerprint(problem.environment), fingerprint(found.problem.environment)
    if got != wanted:
        raise InvalidInputError(
            "a solution of another environment",
            where=str(path),
            expected=f"the instance's, with SHA-256 {wanted[:12]}",
            got=f"one with {got[:12]}",
            remedy="Solve the instance with --output, and pass that file.",
        )
    return found
