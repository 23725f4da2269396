"""The server of the page: local, closed to foreign origins, and loading nothing from elsewhere."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from bokeh.application import Application
from bokeh.application.handlers import FunctionHandler
from bokeh.core.validation import silence
from bokeh.core.validation.warnings import MISSING_RENDERERS
from bokeh.server.server import Server
from tornado.web import RequestHandler

from mechopt.errors import InvalidInputError, MechoptError
from mechopt.explore.answer import answered
from mechopt.explore.downloads import DOWNLOADS, downloaded
from mechopt.explore.page import Given
from mechopt.explore.state import read_state
from mechopt.explore.view import open_page

if TYPE_CHECKING:
    from collections.abc import Mapping

HIGHEST_PORT = 65_535
LARGEST_MESSAGE = 1_000_000


class FileHandler(RequestHandler):
    """Hands out the files of a state, to the page itself only."""

    def initialize(self, given: Given | None, hosts: frozenset[str]) -> None:
        """Take up what the server was started with."""
        self.given, self.hosts = given, hosts

    def get(self, name: str) -> None:
        """Answer with a file, or with one message."""
        self.set_header("X-Content-Type-Options", "nosniff")
        foreign = self.request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin")
        if foreign or self.request.host not in self.hosts:
            self._refuse(403, f"files are for the page itself, not for {self.request.host}.")
            return
        try:
            answer = answered(read_state(self.request.query, self.given), self.given)
            content = downloaded(name, answer, self.given)
        except MechoptError as error:
            self._refuse(400, str(error))
            return
        self.set_header("Content-Type", DOWNLOADS[name].media_type)
        self.set_header("Content-Disposition", f'attachment; filename="{quote(name)}"')
        self.write(content)

    def _refuse(self, status: int, text: str) -> None:
        self.set_status(status)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.write(f"{text}\n")


def make_server(
    given: Given | None = None,
    *,
    address: str = "127.0.0.1",
    port: int = 5006,
    origins: Sequence[str] = (),
) -> Server:
    """Return a server of the page, listening already; ``start()`` and its loop let it answer.

    Parameters
    ----------
    given
        An instance file to begin with.
    address
        Of this machine, at which the page is reached; loopback unless said.
    port
        0 for one that is free.
    origins
        Further hosts, as ``HOST:PORT``, under whose names browsers may open the page.

    Raises
    ------
    InvalidInputError
        For an address that this machine does not have, and a port that is taken.
    """
    if not 0 <= port <= HIGHEST_PORT:
        raise _refused("not a port", "--port", f"a number from 0 to {HIGHEST_PORT}", str(port))
    listening = _listening(address, port)
    number = listening.getsockname()[1]
    hosts = frozenset({f"{name}:{number}" for name in names_of(address)} | set(origins))
    listening.close()
    # Priors other than the uniform need it, and the first move must not wait for it.
    import_module("scipy.stats")
    # A panel that has nothing to draw yet is no fault.
    silence(MISSING_RENDERERS, True)
    page = Application(FunctionHandler(partial(open_page, given=given)))
    settings: Mapping[str, Any] = {
        "address": address,
        "port": number,
        "allow_websocket_origin": sorted(hosts),
        "extra_patterns": [(r"/download/([^/]+)", FileHandler, {"given": given, "hosts": hosts})],
        "websocket_max_message_size": LARGEST_MESSAGE,
        "unused_session_lifetime_milliseconds": 15_000,
    }
    return Server({"/": page}, **settings)


def names_of(address: str) -> list[str]:
    """Return the names under which a browser reaches an address of this machine.

    Examples
    --------
    >>> names_of("127.0.0.1"), names_of("192.0.2.7")
    (['127.0.0.1', 'localhost'], ['192.0.2.7'])
    """
    return [address, "localhost"] if is_local(address) else [address]


def is_local(address: str) -> bool:
    """Return whether only this machine reaches an address.

    Examples
    --------
    >>> is_local("127.0.0.1"), is_local("0.0.0.0")
    (True, False)
    """
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


def _listening(address: str, port: int) -> socket.socket:
    """Return a socket at an address, to know that it is free."""
    probe = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind((address, port))
    except OSError as error:
        probe.close()
        where, got = f"{address}:{port}", error.strerror or str(error)
        raise _refused("cannot listen there", where, "an address and a free port", got) from error
    return probe


def _refused(what: str, where: str, expected: str, got: str) -> InvalidInputError:
    remedy = "Choose another with --port (0 takes a free one) or --address."
    return InvalidInputError(what, where=where, expected=expected, got=got, remedy=remedy)
