"""Visits of the page of mechopt explore: without a browser, moved at random, and compared.

A :class:`Mirrored` page has no browser: what its server sends is applied to a copy of its document,
and what is moved there is sent back, as a browser does both, in an order drawn at random.
:func:`assert_shows` compares what a visitor holds, mirrored or in a browser, with what the library
has of the same state.
"""

from __future__ import annotations

import html
import weakref
from collections import deque

import numpy as np

import mechopt as mo
from mechopt.explore.answer import answered, picture_of, reported
from mechopt.explore.controls import Menu
from mechopt.explore.page import FROM_FILE, pages
from mechopt.explore.state import read_state


class Mirrored:
    """A page, and a copy of it that only what is sent between them keeps alike.

    It stands for Bokeh's session, its context and its connection, as far as the page needs them.
    """

    # Whether settling waits for whatever was moved, even if the address is as before.
    sees_all = True

    def __init__(self, query, rng):
        from bokeh.document import Document
        from bokeh.protocol import Protocol

        from mechopt.explore.view import Visit

        self.rng, self.protocol, self.session = rng, Protocol(), self
        self.to_browser, self.to_server, self.callbacks = deque(), deque(), []
        self._subscribed_connections, self._socket = [self], self
        self._pending_writes = None
        self.document = Document()
        self.document._session_context = weakref.ref(self)
        state = read_state(query)
        self.page, visit = state.page, Visit(self.document, state, None)
        visit.open()
        self.callbacks += self.document.session_callbacks
        self.document.callbacks.on_change_dispatch_to(self)
        self.browser = Document.from_json(self.document.to_json())
        self.browser.on_change(self._moved_there)

    # What Bokeh's document calls where it changes.

    def _document_patched(self, event):
        if event.setter is not self:
            self._pending_writes.append(
                self.send_message(self.protocol.create("PATCH-DOC", [event]))
            )

    def _session_callback_added(self, event):
        self.callbacks.append(event.callback)

    def _session_callback_removed(self, event):
        self.callbacks.remove(event.callback)

    def send_message(self, message):
        self.to_browser.append(message)

    def _moved_there(self, event):
        if event.setter is not self:
            self.to_server.append(self.protocol.create("PATCH-DOC", [event]))

    # What happens in between.

    def step(self):
        """Let one thing happen of those that wait; return whether there was one."""
        waiting = [*(["browser"] * bool(self.to_browser)), *(["server"] * bool(self.to_server))]
        waiting += self.callbacks
        if not waiting:
            return False
        chosen = waiting[self.rng.integers(len(waiting))]
        if chosen == "browser":
            self.to_browser.popleft().apply_to_document(self.browser, self)
            self.says_what_is_shown()
            return True
        self._pending_writes = []
        if chosen == "server":
            self.to_server.popleft().apply_to_document(self.document, self)
        else:
            chosen.callback()
        self._pending_writes = None
        return True

    def says_what_is_shown(self):
        """The address and the files are of one state, whatever has been moved since."""
        links = self.browser.get_model_by_name("links")
        assert not links.text or html.escape(links.tags[0]) in links.text

    # What is asked of a visitor.

    def move(self, key, value):
        """Move a control as its widget does; a part of what follows happens at once."""
        self.browser.get_model_by_name(f"control-{key}").value = value
        for _ in range(self.rng.integers(4)):
            self.step()

    def settle(self, query):
        """Wait until nothing is being computed, and the address says this."""
        while self.step():
            pass
        links = self.browser.get_model_by_name("links")
        assert links.tags[0] == query

    def text_of(self, name):
        return self.browser.get_model_by_name(name).text

    @property
    def hidden(self):
        """Panels that are not shown."""
        return self.browser.get_model_by_name("links").tags[1:]

    def panel(self, name):
        """Return what a panel draws and says, as in a browser."""
        figure = self.browser.get_model_by_name(f"{name}-figure")
        (across,), (up,) = figure.xaxis, figure.yaxis
        x, y = figure.x_range, figure.y_range
        return {
            "texts": tuple(self.text_of(f"{name}-{part}") for part in ("head", "caption")),
            "labels": [across.axis_label, up.axis_label],
            "ends": [x.start, x.end, y.start, y.end],
            "drawn": {
                r.name: {key: np.asarray(column) for key, column in r.data_source.data.items()}
                for r in figure.renderers
                if r.visible
            }
            if figure.visible
            else {},
        }

    def refused(self, text):
        """Wait until this is said, and see that nothing is drawn."""
        while self.step():
            pass
        assert html.escape(text) in self.text_of("status")
        assert set(self.hidden) == {panel.key for panel in pages()[self.page].panels}


class Mover:
    """A page that is open, and the state that random moves have brought it to.

    Some controls may be left where they stand.
    """

    def __init__(self, visitor, state, rng, left=()):
        self.visitor, self.rng, self.state = visitor, rng, state
        controls = pages()[state.page].controls_with(None)
        self.controls = [control for control in controls if control.key not in left]

    def move(self):
        """Move a control that is there; sometimes as one drags a slider, faster than answers."""
        there = [c for c in self.controls if c.when is None or c.when.holds(self.state.values)]
        there = [control for control in there if self.values(control)]
        control = there[self.rng.integers(len(there))]
        values = self.values(control)[: 1 if self.rng.random() < 0.7 else 5]
        if len(values) > 1 and self.visitor.sees_all and self.rng.random() < 0.5:
            # Back to where it stood, or to where the drag has been.
            values.append(self.rng.choice([self.state.values[control.key], values[0]]))
        for value in values:
            self.put(control, value)

    def put(self, control, value):
        """Move a control to a value."""
        value = value if isinstance(control, Menu) else float(value)
        moved = value if isinstance(control, Menu) else control.moved_to(value)
        self.state = self.state.moved(control.key, moved)
        self.visitor.move(control.key, value)

    def values(self, control):
        """Return values of a control, each other than the rest and than where it stands.

        The address is then new when the last has come: a visitor who waits for an address that was
        there before the drag would look while answers are still on their way.
        """
        now = self.state.values[control.key]
        if isinstance(control, Menu):
            others = [c for c in control.choices if c not in (FROM_FILE, now)]
            return [str(c) for c in self.rng.permutation(others)]
        low, high, step = (float(getattr(control, e)) for e in ("low", "high", "step"))
        steps = self.rng.permutation(1 + round((high - low) / step))[:6]
        values = [min(low + step * int(k), high) for k in steps]
        return [value for value in values if control.moved_to(value) != now]

    def check(self):
        """Compare what is shown with the library's answer, and return that, or None without one."""
        try:
            answered(self.state)
        except mo.MechoptError as error:
            self.visitor.refused(str(error))
            return None
        self.visitor.settle(self.state.query)
        return assert_shows(self.visitor, self.state.query)


def close_to(found, expected):
    found = np.array([np.nan if v is None else v for v in found], dtype=float)
    return found.shape == expected.shape and np.allclose(found, expected, equal_nan=True)


def assert_shows(visitor, query):
    """Compare what a visitor holds with what the library has of the same state."""
    from mechopt.explore.figures import name_of, texts_of
    from mechopt.explore.view import table_of

    answer = answered(read_state(query))
    later = {p.key: picture_of(p, answer.solution, answer.state) for p in answer.waiting}
    shown = [later.get(picture.key, picture) for picture in answer.pictures]
    for picture in shown:
        found = visitor.panel(picture.key)
        for series in picture.series:
            if not series.x.size:
                continue
            columns = found["drawn"].get(name_of(series), {})
            assert close_to(columns.get("x", []), series.x), (picture.key, series.key)
            assert close_to(columns.get("y", []), series.y), (picture.key, series.key)
        # Nothing that was drawn of another state is left.
        known = {name_of(series) for series in picture.series} | {"shades"}
        assert {name for name, data in found["drawn"].items() if len(data["x"])} <= known
        if picture.shades is None:
            assert "shades" not in found["drawn"]
        elif "image" in found["drawn"]["shades"]:
            (image,) = found["drawn"]["shades"]["image"]
            assert np.array_equal(image, picture.shades.values, equal_nan=True)
        assert tuple(found["texts"]) == texts_of(picture)
        if found["drawn"]:
            assert found["labels"] == [picture.across, picture.up]
            assert close_to(found["ends"], np.array(picture.limits()))
    assert set(visitor.hidden) == {picture.key for picture in shown if picture.is_empty}
    report = reported(answer)
    assert visitor.text_of("readout") == table_of(report.rows(), report.remarks())
    return answer
