"""``mechopt implementable``: can agents win as often, by type, as a file says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from mechopt._util.rounding import in_figures
from mechopt._util.terminal import say
from mechopt._util.text import one_line
from mechopt.cli.common import ANSWERED, PLAIN, Talk, console


def implementable(
    file: Path,
    /,
    *,
    as_json: Annotated[bool, Parameter(name="--json", negative="")] = False,
    talk: Talk = PLAIN,
) -> int:
    """Decide whether some rule gives every type its probability of winning, and prove it.

    It does unless the types of some set would win more units together than there are units or
    agents with such types (Border's inequalities).

    Example: ``mechopt implementable instances/examples/reduced_form.toml``

    Parameters
    ----------
    file
        A TOML file or the name of a bundled one, with agents who want one unit each and a table
        [reduced_form].
    as_json
        Print one JSON object and nothing else.
    """
    from mechopt.instances.bundled import instance_path
    from mechopt.instances.reduced_form import load_reduced_form
    from mechopt.report.implementable import implementable_record, show_implementable
    from mechopt.studies import reduced_forms

    form = load_reduced_form(instance_path(file))
    found = reduced_forms.implementable(form.groups, form.units)
    if as_json:
        print(json.dumps(implementable_record(form, found), allow_nan=False))
    elif talk.quiet:
        can = "implementable" if found.implementable else "NOT implementable"
        figure = in_figures(float(found.largest_violation), ".9g", 1.0)
        say(f"{one_line(form.title)}: {can}, largest violation {figure}")
    else:
        show_implementable(form, found, console())
    return ANSWERED
