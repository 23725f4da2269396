"""Changes of a page sent to the browser as one message.

Bokeh sends every change of a model by itself, in three or more frames: an answer was 165 of them,
and the browser drew after each. Its protocol has one message with all changes, which its server
does not offer; so this reaches into the server. Where that is different, each is sent by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from bokeh.document import Document
from bokeh.document.events import DocumentPatchedEvent


@contextmanager
def together(document: Document, *, grows: bool) -> Iterator[None]:
    """Send what changes within the context at its end.

    Parameters
    ----------
    document
        Of the visitor.
    grows
        Whether much is new: then Bokeh looks for new models once, and not after each of them.

    Examples
    --------
    >>> document = Document()
    >>> with together(document, grows=False):
    ...     document.title = "changed"
    >>> document.callbacks.hold_value is None
    True
    """
    document.hold("combine")
    try:
        with document.models.freeze() if grows else nullcontext():
            yield
    finally:
        _send(document)


def _send(document: Document) -> None:
    """Send the changes that were held back."""
    session: Any = getattr(document.session_context, "session", None)
    callbacks: Any = document.callbacks
    connections = getattr(session, "_subscribed_connections", ())
    writes, held = getattr(session, "_pending_writes", None), getattr(callbacks, "_held_events", ())
    patches = [event for event in held if isinstance(event, DocumentPatchedEvent)]
    if writes is not None and connections and len(patches) > 1:
        # Timeouts that were added are held back too, and are not the browser's business.
        callbacks._held_events = [event for event in held if event not in patches]
        # Figures read styles, which texts change: drawn after them, each has to find them anew.
        patches.sort(key=lambda event: getattr(event, "attr", "") in ("text", "tags"))
        for connection in connections:
            message = connection.protocol.create("PATCH-DOC", patches)
            writes.append(connection._socket.send_message(message))
    document.unhold()
