"""``mechopt explore``: a page to play with, in the browser."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from mechopt._util.terminal import complain, say
from mechopt.cli.common import ANSWERED


def explore(
    file: Path | None = None,
    /,
    *,
    port: int = 5006,
    address: str = "127.0.0.1",
    origin: list[str] | None = None,
    show: Annotated[bool, Parameter(negative="--no-open", name="--open")] = True,
) -> int:
    """Open a page in the browser: move priors, weights and beliefs, and see the optimum change.

    Pages for bilateral trade, markets, auctions and bargaining, with guided tours. The address of
    the page holds what the controls say, so that a link shows the same to others who run mechopt.
    Ctrl-C ends it.

    Example: ``mechopt explore``, or ``mechopt explore myerson1981/three_bidders``

    Parameters
    ----------
    file
        An instance to begin with: a TOML file, or the name of one that ``mechopt list`` shows.
    port
        Where the page is; 0 takes a free port.
    address
        Of this machine. Only programs on it reach 127.0.0.1; whoever reaches another address can
        use its processors.
    origin
        A further HOST:PORT under which browsers may open the page, such as a proxy's.
    show
        Open a browser.
    """
    from mechopt.errors import require_extra

    require_extra("bokeh", "explore", "the page")
    from mechopt.explore.answer import answered, problem_of
    from mechopt.explore.page import Given, pages
    from mechopt.explore.server import is_local, make_server
    from mechopt.explore.state import read_state
    from mechopt.instances import read_document
    from mechopt.instances.bundled import instance_path

    given = None
    if file is not None:
        path = instance_path(file)
        given = Given(path, read_document(path))
        problem_of(read_state("", given), given)
    server = make_server(given, address=address, port=port, origins=tuple(origin or ()))
    # Whoever moves a control first should not wait for what solvers and priors load.
    for name in pages():
        answered(read_state(f"page={name}"))
    # What is loaded stays. Searching it for garbage, now and then, would keep a move waiting for a
    # tenth of a second.
    gc.collect()
    gc.freeze()
    host = f"[{address}]" if ":" in address else address
    url = f"http://{host}:{server.port}/"
    if not is_local(address):
        complain(f"{url} can be reached from other machines: whoever does can use this one.")
    say(f"{url}   (Ctrl-C ends it)")
    server.start()
    if show:
        server.io_loop.add_callback(_open, url)
    try:
        server.io_loop.start()
    finally:
        server.stop()
    return ANSWERED


def _open(url: str) -> None:
    import webbrowser

    webbrowser.open(url)
