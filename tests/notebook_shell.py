"""Running a notebook's cells in this process: a kernel for each would start everything anew."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import matplotlib as mpl
import matplotlib.pyplot as plt
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.pylabtools import select_figure_formats
from IPython.utils.capture import capture_output
from matplotlib_inline.backend_inline import configure_inline_support
from traitlets.config import Config

INLINE = "module://matplotlib_inline.backend_inline"


class Ran(NamedTuple):
    """What a cell gave: its texts, and the MIME bundles of what it showed."""

    printed: str
    warned: str
    shown: list[dict[str, Any]]


@contextlib.contextmanager
def notebook_shell(drawn: Any) -> Iterator[InteractiveShell]:
    """Give a shell as a notebook has it, without the user's own start-up files and history.

    Settings of pictures are matplotlib's own, and what was drawn before is forgotten.
    """
    quiet = Config()
    quiet.HistoryManager.enabled = False
    quiet.InteractiveShell.cache_size = 0
    with mpl.rc_context():
        mpl.rcdefaults()
        plt.close("all")
        plt.switch_backend(INLINE)
        InteractiveShell.clear_instance()
        shell = InteractiveShell.instance(config=quiet)
        drawn.install(shell)
        configure_inline_support(shell, INLINE)
        select_figure_formats(shell, {"png"}, bbox_inches="tight")
        plt.rcParams["figure.dpi"] = 30  # what is drawn is compared, not how finely
        try:
            yield shell
        finally:
            plt.close("all")
            InteractiveShell.clear_instance()
    plt.switch_backend("agg")


def run(shell: InteractiveShell, source: str) -> Ran:
    """Run one cell; an error in it is an error here."""
    with capture_output() as captured:
        result = shell.run_cell(source)
    result.raise_error()
    return Ran(captured.stdout, captured.stderr, [dict(out.data) for out in captured.outputs])
