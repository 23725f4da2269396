"""The page in a browser: controls, readout and panels of one visitor, kept up with the state."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from html import escape
from importlib.resources import files
from typing import Any

from bokeh.core.templates import get_env
from bokeh.document import Document
from bokeh.models import Column, CustomJS, Div, Select, Slider as SliderWidget

from mechopt.errors import MechoptError
from mechopt.explore.answer import Answer, answered, picture_of, reported
from mechopt.explore.controls import Control, Menu, Value
from mechopt.explore.downloads import DOWNLOADS
from mechopt.explore.figures import STYLE, Drawing
from mechopt.explore.page import FROM_FILE, Given, Page, Part, pages
from mechopt.explore.pictures import Picture
from mechopt.explore.state import State, read_state
from mechopt.explore.together import together
from mechopt.report.page import Row

LOG = logging.getLogger(__name__)
MOST_VISITORS = 40
# Milliseconds that controls rest before what takes longer is computed.
REST = 250
# Models of controls are named so, and those of panels by their keys.
CONTROL = "control-"
TABLE = (
    STYLE
    + """
table { border-collapse: collapse; width: 100%; font-size: 13.5px; }
th { text-align: left; font-weight: 600; padding: 2px 6px 0 0; }
td { padding: 2px 0 0; }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.remark { color: #444; font-size: 12.5px; padding: 0 0 2px; border-bottom: 1px solid #eee; }
details { font-size: 13px; margin-top: 4px; }
dt { font-weight: 600; }
dd { margin: 0 0 4px 10px; overflow-wrap: anywhere; }
summary:focus-visible { outline: 3px solid #a85b00; }
.status { font-size: 13px; border-top: 1px solid #c8c8c8; margin-top: 4px; padding-top: 4px; }
.status:has(.failed) { border-top: none; }
.failed { font-weight: 700; border-left: 4px solid #b00020; padding-left: 6px; }
.spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.files a { display: inline-block; margin: 2px 4px 2px 0; padding: 3px 9px; border: 1px solid #777;
  border-radius: 4px; color: #16325c; text-decoration: none; background: white; }
.files a:focus-visible { outline: 3px solid #a85b00; }
"""
)
# Bokeh's controls are paler than 3 to 1 on white, show no focus, and are smaller than a finger.
CONTROLS = """
:host { --handle-width: 24px; --handle-height: 24px; }
.noUi-target { background: #fff; border-color: #777; box-shadow: none; }
.noUi-handle, .noUi-handle:hover { border: 1px solid #111; border-radius: 12px; background: #fff;
  box-shadow: none; }
.noUi-handle:focus-visible, .bk-input:focus-visible { outline: 3px solid #a85b00;
  outline-offset: 1px; }
.bk-input { border-color: #777; }
.bk-slider-title { white-space: normal; }
"""
# The tags of one model say what the address is, and which panels are hidden. Bokeh gives handles of
# sliders no names: they are in trees of their own, beside the titles.
FOLLOW = """
const [query, ...hidden] = links.tags
window.history.replaceState(null, '', '?' + query)
for (const panel of document.querySelectorAll('[data-panel]'))
  panel.hidden = hidden.includes(panel.dataset.panel)
const name = (root) => {
  const title = root.querySelector('.bk-slider-title')
  for (const handle of root.querySelectorAll('.noUi-handle'))
    handle.setAttribute('aria-label', title.textContent.replace(/: [^:]*$/, ''))
  for (const part of root.querySelectorAll('*')) if (part.shadowRoot) name(part.shadowRoot)
}
for (const part of document.querySelectorAll('#controls')) name(part)
"""


class Visit:
    """One visitor's page.

    Parameters
    ----------
    document
        What the browser shows.
    state
        Where its controls stand.
    given
        The file that the page was started with.
    """

    def __init__(self, document: Document, state: State, given: Given | None) -> None:
        self.document, self.state, self.given = document, state, given
        self.page: Page = pages()[state.page]
        self.controls = {control.key: control for control in self.page.controls_with(given)}
        self.widgets = {key: self._widget(control) for key, control in self.controls.items()}
        text: dict[str, Any] = {
            "stylesheets": [TABLE],
            "sizing_mode": "stretch_width",
            "disable_math": True,
            "margin": 0,
        }
        self.readout, self.status, self.links = (
            Div(name=name, **text) for name in ("readout", "status", "links")
        )
        self.links.tags = [state.query]
        follow = CustomJS(args={"links": self.links}, code=FOLLOW)
        self.links.js_on_change("tags", follow)
        # What was computed before the browser was there to follow.
        document.js_on_event("document_ready", follow)
        self.drawings = {
            panel.key: Drawing(Picture(panel.key, panel.title, "", ""))
            for panel in self.page.panels
        }
        self.answer: Answer | None = None
        # What is shown belongs to this state; a control may have been moved since.
        self._shown = state
        self._planned = False
        self._jobs: list[Part] = []
        self._later: Any = None

    def open(self) -> None:
        """Put everything on the page, answered."""
        controls = Column(*self.widgets.values(), name="controls", sizing_mode="stretch_width")
        roots = [controls, self.readout, self.status, self.links]
        with together(self.document, grows=True):
            for drawing in self.drawings.values():
                roots += drawing.roots
            for root in roots:
                self.document.add_root(root)
        self._answer()

    def _widget(self, control: Control) -> Any:
        value = self.state.values[control.key]
        visible = control.when is None or control.when.holds(self.state.values)
        look: dict[str, Any] = {
            "title": control.label,
            "sizing_mode": "stretch_width",
            "visible": visible,
            "stylesheets": [CONTROLS],
        }
        look |= {"name": f"{CONTROL}{control.key}"}
        if isinstance(control, Menu):
            widget: Any = Select(value=value, options=list(control.choices.items()), **look)
        else:
            digits = f"0.{'0' * control.places}" if control.places else "0"
            widget = SliderWidget(
                start=float(control.low), end=float(control.high), step=float(control.step),
                value=float(value), format=digits, bar_color="#16325c", **look,
            )  # fmt: skip
        widget.on_change("value", partial(self._moved, control))
        return widget

    def _moved(self, control: Control, name: str, old: Any, new: Any) -> None:
        """Take up what a control says, and answer once everything that came with it is taken up."""
        del name, old
        value: Value = new if isinstance(control, Menu) else control.moved_to(new)
        if value == self.state.values[control.key]:
            return
        self.state = self.state.moved(control.key, value)
        if not self._planned:
            self._planned = True
            self.document.add_next_tick_callback(self._answer)

    def _answer(self) -> None:
        """Show the answer to the state, and plan what takes longer."""
        self._planned = False
        self._stop_waiting()
        self._shown = self.state
        refused = ""
        try:
            answer = answered(self.state, self.given)
        except MechoptError as error:
            refused = str(error)
        except Exception as error:
            # A fault of the library must not leave a page that looks as if it were an answer.
            refused = _unexpected(error, self.state)
        if refused:
            with together(self.document, grows=False):
                self._refuse(refused)
            return
        known = all(self.drawings[drawn.key].knows(drawn) for drawn in answer.pictures)
        with together(self.document, grows=not known):
            self._show(answer)

    def _show(self, answer: Answer) -> None:
        self.answer = answer
        values = self.state.values
        for key, control in self.controls.items():
            visible = control.when is None or control.when.holds(values)
            if self.widgets[key].visible != visible:
                self.widgets[key].visible = visible
        waiting = {panel.key for panel in answer.waiting}
        for picture in answer.pictures:
            if picture.key not in waiting:
                self.drawings[picture.key].show(picture)
        self.readout.text = table_of(answer.rows)
        self.links.text = links_of(self.state)
        self._follow()
        self._jobs = [("the audit and the bound", partial(self._audit, answer))]
        for panel in answer.waiting:
            if panel.parts is not None:
                self._jobs += panel.parts(answer.solution, values)
            self._jobs.append((panel.words, partial(self._draw, answer, panel)))
        self._say(
            f"Solved by {answer.solution.provenance.backend} in {1e3 * answer.seconds:.0f} ms."
        )
        self._later = self.document.add_timeout_callback(self._next, REST)

    def _say(self, done: str, *, failed: bool = False) -> None:
        """Say what was done, and what is being computed."""
        doing = ""
        if self._jobs:
            doing = f" Computing {', '.join(words for words, _ in self._jobs)} ..."
        mark = ' class="failed"' if failed else ""
        spoken = "" if self._jobs or self.answer is None else _spoken(self.answer)
        self.done = done
        self.status.text = (
            f'<div class="status"><span{mark}>{escape(done)}</span>{doing}{spoken}</div>'
        )

    def _refuse(self, text: str) -> None:
        """Say why there is no answer; what was drawn belongs to another state and goes."""
        self.answer, self._jobs = None, []
        for drawing in self.drawings.values():
            drawing.is_shown = False
        self.readout.text, self.links.text = "", ""
        self._follow()
        for key, control in self.controls.items():
            self.widgets[key].visible = control.when is None or control.when.holds(
                self.state.values
            )
        self._say(text, failed=True)

    def _next(self) -> None:
        """Do the first of the jobs that are left, and plan the next."""
        self._later = None
        if not self._jobs:
            return
        _, job = self._jobs[0]
        failed = True
        with together(self.document, grows=True):
            try:
                job()
                failed = "FAILED" in self.done
            except MechoptError as error:
                self.done = str(error)
            except Exception as error:
                self.done = _unexpected(error, self._shown)
            self._jobs = self._jobs[1:]
            self._say(self.done, failed=failed)
        if self._jobs:
            self._later = self.document.add_timeout_callback(self._next, 10)
        else:
            self._later = self.document.add_timeout_callback(self._prepare, REST)

    def _prepare(self) -> None:
        """Make what the next move may draw, a panel at a time, while the controls rest."""
        self._later = None
        with together(self.document, grows=True):
            made = any(drawing.prepare() for drawing in self.drawings.values())
        if made:
            self._later = self.document.add_timeout_callback(self._prepare, REST)

    def _stop_waiting(self) -> None:
        if self._later is not None:
            self.document.remove_timeout_callback(self._later)
            self._later = None
        self._jobs = []

    def _audit(self, answer: Answer) -> None:
        report = reported(answer)
        self.readout.text = table_of(report.rows(), report.remarks())
        self.done = report.verdict()

    def _draw(self, answer: Answer, panel: Any) -> None:
        self.drawings[panel.key].show(picture_of(panel, answer.solution, answer.state))
        self._follow()

    def _follow(self) -> None:
        """Say what the address is, and which panels have nothing to show."""
        self.links.tags = [self._shown.query, *self.hidden]

    @property
    def hidden(self) -> list[str]:
        """Panels that have nothing to show."""
        return [key for key, drawing in self.drawings.items() if not drawing.is_shown]


def _unexpected(error: Exception, state: State) -> str:
    """Return one message about a fault of the library, whose traceback goes to the terminal."""
    LOG.error("the page could not answer %s", state.query, exc_info=error)
    return f"unexpected {type(error).__name__}: a fault of mechopt; please report it."


def _spoken(answer: Answer) -> str:
    """Return the first numbers of an answer, for those who hear the page and do not see it."""
    numbers = ", ".join(f"{name} {number}" for name, number, _ in answer.rows[:3])
    return f'<span class="spoken">; {escape(numbers)}</span>'


def table_of(rows: Sequence[Row], remarks: Sequence[tuple[str, str]] = ()) -> str:
    """Return the readout: a table, and remarks that are opened by whoever wants to read them.

    Examples
    --------
    >>> table_of([("gap", "0.5", "")])
    '<table><tr><th scope="row">gap</th><td class="number">0.5</td></tr></table>'
    """
    lines = []
    above = ""
    for own, number, remark in rows:
        # A row without a name continues what is above it.
        name = above = own or above
        lines.append(
            f'<tr><th scope="row">{escape(name)}</th><td class="number">{escape(number)}</td></tr>'
        )
        if remark:
            lines.append(f'<tr><td class="remark" colspan="2">{escape(remark)}</td></tr>')
    table = f"<table>{''.join(lines)}</table>"
    if not remarks:
        return table
    said = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in remarks)
    about = ", ".join(dict.fromkeys(name for name, _ in remarks))
    return f"{table}<details><summary>{escape(about)}</summary><dl>{said}</dl></details>"


def links_of(state: State) -> str:
    """Return the buttons of the files of a state."""
    query = escape(state.query)
    files_ = "".join(
        f'<a href="download/{name}?{query}" download="{name}">{escape(download.label)}</a>'
        for name, download in DOWNLOADS.items()
    )
    return f'<div class="files">{files_}</div>'


def open_page(document: Document, given: Given | None) -> None:
    """Fill a new visitor's document, by the query of its address."""
    context: Any = document.session_context
    request = context.request
    document.title = "mechopt explore"
    message, visit = "", None
    try:
        _require_room(len(context.server_context.sessions))
        state = read_state(_query(request), given)
        visit = Visit(document, state, given)
        visit.open()
        name = _title_of(given) if _shows_file(visit, given) else visit.page.title
        document.title = f"{name} - mechopt explore"
    except MechoptError as error:
        message = str(error)
    document.template = get_env().from_string(
        files("mechopt.explore").joinpath("page.html").read_text(encoding="utf-8")
    )
    document.template_variables.update(_words(visit, message, given))


def _require_room(visitors: int) -> None:
    """Raise MechoptError if too many pages are open."""
    if visitors > MOST_VISITORS:
        raise MechoptError("too many pages are open at once. Close some, and load this again.")


def _query(request: Any) -> str:
    from urllib.parse import urlencode

    pairs = [
        (name, value.decode("utf-8", "replace"))
        for name, values in request.arguments.items()
        for value in values
        if not name.startswith("bokeh-")
    ]
    return urlencode(pairs)


def _shows_file(visit: Visit | None, given: Given | None) -> bool:
    """Return whether a page shows the file that it was started with, or priors of it."""
    if visit is None or given is None or visit.page is not given.page or visit.state.tour:
        return False
    values = visit.state.values
    return FROM_FILE in values.values() or visit.state == read_state("", given)


def _title_of(given: Given | None) -> str:
    """Return what to call a file: its title, or its name."""
    return "" if given is None else str(given.document.get("title") or given.path.name)


def _words(visit: Visit | None, message: str, given: Given | None) -> dict[str, Any]:
    """Return what the template says."""
    at_file = _shows_file(visit, given)
    current = "" if visit is None or at_file else visit.state.page
    words: dict[str, Any] = {
        "message": message,
        "given": _title_of(given),
        "at_file": at_file,
        "pages": [
            {"title": page.title, "href": f"?page={name}", "current": name == current}
            for name, page in pages().items()
        ],
        "tours": [
            {"title": tour.title, "source": tour.source, "href": f"?page={name}&tour={key}&step=1"}
            for name, page in pages().items()
            for key, tour in page.tours.items()
        ],
        "panels": [] if visit is None else [(p.key, p.title) for p in visit.page.panels],
        "hidden": [] if visit is None else visit.hidden,
        "stop": None,
    }
    if visit is not None and visit.state.stop is not None:
        state, stop = visit.state, visit.state.stop
        tour = visit.page.tours[state.tour]
        href = f"?page={state.page}&tour={state.tour}&step="
        words["stop"] = {
            "tour": tour.title, "source": tour.source, "title": stop.title, "text": stop.text,
            "step": state.step, "count": len(tour.stops), "end": f"?page={state.page}",
            "back": f"{href}{state.step - 1}" if state.step > 1 else "",
            "on": f"{href}{state.step + 1}" if state.step < len(tour.stops) else "",
        }  # fmt: skip
    return words
