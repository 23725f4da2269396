"""The page in a real browser: Chromium without a window, driven by playwright.

They are run by ``make test-browser`` (BROWSER=1). Without the extra, playwright or Chromium they
are left out, and say so. In ``.ci/run``, and with THOROUGH=1, the random moves take two minutes;
with ``make explore-random MINUTES=60`` an hour.
"""

from __future__ import annotations

import asyncio
import contextlib
import html
import http.client
import logging
import os
import re
import shutil
import threading
import time
import urllib.request
from fractions import Fraction
from itertools import pairwise
from urllib.error import HTTPError

import numpy as np
import pytest

import mechopt as mo
from mechopt.explore.answer import KEPT, picture_of
from mechopt.explore.controls import Menu
from mechopt.explore.figures import look_of
from mechopt.explore.page import FROM_FILE, pages
from mechopt.explore.pictures import NONE, Series
from mechopt.explore.state import read_state

from .draws import THOROUGH, some
from .explore_visits import Mover, assert_shows

pytest.importorskip("bokeh", reason="the extra explore is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
]
PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1366, "height": 900}
# Seconds that a loaded machine may need for what takes a fraction of one.
PATIENCE = 60
# Of random moves; an hour of them is make explore-random MINUTES=60.
MOVES_FOR = float(os.environ.get("EXPLORE_SECONDS", "120" if THOROUGH else "2"))
LEAK = 200_000_000
MOVES_A_CHECK = 8
# Profiles of types of which another solver's optimum is compared.
MOST_SOLVED_AGAIN = 3_000

WANTED = THOROUGH or os.environ.get("BROWSER", "") not in {"", "0"}
needs_browser = pytest.mark.skipif(
    CHROMIUM is None or not WANTED,
    reason="pages in a browser: make test-browser, with chromium (apt-get install chromium)",
)


@pytest.fixture(scope="module")
def address():
    """Serve the page from a thread, and return its address."""
    from mechopt.explore.server import make_server

    started, held = threading.Event(), {}

    def serve():
        asyncio.set_event_loop(asyncio.new_event_loop())
        held["server"] = make_server(port=0)
        held["server"].start()
        held["loop"] = held["server"].io_loop
        started.set()
        held["loop"].start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    assert started.wait(PATIENCE)
    yield f"http://127.0.0.1:{held['server'].port}/"
    held["loop"].add_callback(held["server"].stop)
    held["loop"].add_callback(held["loop"].stop)
    thread.join(PATIENCE)


@pytest.fixture(scope="module")
def browser():
    driver = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with driver.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


class Visitor:
    """A page that is open, with what its console said and what it asked for."""

    # It settles once the address is what it waits for.
    sees_all = False

    def __init__(self, browser, address, size):
        self.context = browser.new_context(viewport=size)
        self.page = self.context.new_page()
        self.page.set_default_timeout(1_000 * PATIENCE)
        self.address, self.said, self.asked = address, [], []
        self.page.on(
            "console",
            lambda line: self.said.append(line.text) if line.type == "error" else None,
        )
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))

    def go(self, query):
        self.page.goto(f"{self.address}?{query}")
        self.settle(query)

    def reach(self, query):
        """Wait until the address says this."""
        self.page.wait_for_function(
            "query => location.search == '?' + query", arg=query, polling=20
        )

    def settle(self, query=None):
        """Wait until the audit of the state is shown, and nothing is being computed."""
        if query is not None:
            self.reach(query)
        self.page.get_by_text("audit passed").wait_for()
        self.page.wait_for_function(
            "() => { const models = Bokeh.documents[0].get_model_by_name('status');"
            " return !models.text.includes('Computing'); }",
            polling=50,
        )

    def text_of(self, name):
        return self.page.evaluate("name => Bokeh.documents[0].get_model_by_name(name).text", name)

    def panel(self, name):
        """Return what a panel draws and says."""
        return self.page.evaluate(
            """name => {
              const model = part => Bokeh.documents[0].get_model_by_name(name + '-' + part);
              const figure = model('figure'), drawn = {};
              for (const renderer of figure.visible ? figure.renderers : []) {
                if (!renderer.visible) continue;
                const data = renderer.data_source.data, found = drawn[renderer.name] = {};
                for (const key of Object.keys(data))
                  if (key != 'image') found[key] = Array.from(data[key]);
              }
              const {x_range, y_range, below, left} = figure;
              return {
                drawn,
                texts: [model('head').text, model('caption').text],
                labels: [below[0].axis_label, left[0].axis_label],
                ends: [x_range.start, x_range.end, y_range.start, y_range.end],
              };
            }""",
            name,
        )

    @property
    def hidden(self):
        """Panels that are not shown."""
        return self.page.evaluate(
            "() => [...document.querySelectorAll('[data-panel][hidden]')].map(e => e.dataset.panel)"
        )

    def refused(self, text):
        """Wait until this is said, and see that nothing is drawn."""
        self.page.wait_for_function(
            "text => Bokeh.documents[0].get_model_by_name('status').text.includes(text)",
            arg=html.escape(text),
            polling=50,
        )
        assert not self.page.locator("canvas:visible").count()

    def move(self, key, value):
        """Move a control as its widget does."""
        self.page.evaluate(
            """([key, value]) => {
              Bokeh.documents[0].get_model_by_name('control-' + key).value = value;
            }""",
            [key, value],
        )

    def close(self):
        self.context.close()
        assert self.said == []
        foreign = [url for url in self.asked if not url.startswith((self.address, "data:"))]
        assert foreign == []


@pytest.fixture
def visit(browser, address):
    visitors = []

    def open_(query, size=DESKTOP):
        visitors.append(Visitor(browser, address, size))
        visitors[-1].go(query)
        return visitors[-1]

    yield open_
    for visitor in visitors:
        visitor.close()


@needs_browser
@pytest.mark.parametrize("name", some(list(pages()), start=1))
def test_each_control_moves_the_page_and_the_page_has_the_librarys_numbers(name, visit):
    page = pages()[name]
    visitor = visit(f"page={name}")
    state = read_state(f"page={name}")
    for control in page.controls_with(None):
        if control.when is not None and not control.when.holds(state.values):
            hidden = visitor.page.evaluate(
                "key => !Bokeh.documents[0].get_model_by_name('control-' + key).visible",
                control.key,
            )
            assert hidden, control.key
            continue
        if isinstance(control, Menu):
            others = [c for c in control.choices if c not in (control.first, FROM_FILE)]
            value = others[-1] if others else control.first
            state = state.moved(control.key, value)
            visitor.move(control.key, value)
            # Which controls there are depends on it.
            visitor.reach(state.query)
        else:
            step = float(control.step)
            up = float(state.values[control.key]) + step <= float(control.high)
            value = float(state.values[control.key]) + (step if up else -step)
            state = state.moved(control.key, control.moved_to(value))
            visitor.move(control.key, value)
    visitor.settle(state.query)
    assert_shows(visitor, state.query)
    assert_fits(visitor, DESKTOP)
    assert_fits(visitor, PHONE)
    if name == "trade":
        assert_can_be_read_in_grey(visitor)


def assert_fits(visitor, size):
    """Nothing is wider than the screen."""
    page = visitor.page
    page.set_viewport_size(size)
    page.wait_for_function(
        """width => [...document.querySelectorAll('[data-root-id] > *')].every(
             e => e.getBoundingClientRect().right <= width + 1)
           && [...document.querySelectorAll('.card:not([hidden]) > [data-root-id]')].every(e => {
             const card = e.closest('.card');
             const room = parseFloat(getComputedStyle(card).paddingRight);
             const end = card.getBoundingClientRect().right - room + 1;
             return [...e.children].every(part => part.getBoundingClientRect().right <= end);
           })
           && document.documentElement.scrollWidth <= width""",
        arg=size["width"],
        polling=100,
    )
    canvases = page.locator("canvas:visible")
    boxes = [canvases.nth(k).bounding_box() for k in range(canvases.count())]
    assert boxes
    assert all(box["x"] + box["width"] <= size["width"] + 1 for box in boxes if box)


def assert_can_be_read_in_grey(visitor):
    """Agents differ by dashes and markers, and shades by how light they are."""
    looks = visitor.page.evaluate(
        """() => Bokeh.documents[0].get_model_by_name('quantity-figure').renderers
             .filter(r => r.visible)
             .map(r => r.glyph).map(g => JSON.stringify(
               [g.type, (g.line_dash ?? {}).value, (g.marker ?? {}).value]))"""
    )
    assert len(set(looks)) == len(looks) == 2
    palette = visitor.page.evaluate(
        """() => Bokeh.documents[0].get_model_by_name('allocation-figure').renderers
             .find(r => r.glyph.color_mapper).glyph.color_mapper.palette.map(String)"""
    )
    shades = [sum(_grey(colour)) for colour in palette]
    assert all(later <= before + 1e-9 for before, later in pairwise(shades))


# Role, name, and classes with text of what has the focus.
FOCUSED = """() => {
  let found = document.activeElement;
  while (found && found.shadowRoot && found.shadowRoot.activeElement)
    found = found.shadowRoot.activeElement;
  if (!found) return ['', '', ''];
  const label = found.labels && found.labels.length ? found.labels[0].textContent : '';
  return [
    found.getAttribute('role') || found.localName,
    found.getAttribute('aria-label') || label,
    `${found.className} ${found.textContent}`.trim(),
  ];
}"""


@needs_browser
@pytest.mark.parametrize("name", pages())
def test_every_control_has_a_name_and_is_reached_and_moved_by_keyboard(name, visit):
    query = read_state({"bargaining": "page=bargaining"}.get(name, f"page={name}&cells=20")).query
    visitor, state = visit(query), read_state(query)
    page, moved, reached = visitor.page, set(), []

    def there():
        """Return the controls that are shown, by the names that are heard."""
        shown = pages()[name].controls_with(None)
        return {c.label: c for c in shown if c.when is None or c.when.holds(state.values)}

    for _ in range(150):
        page.keyboard.press("Tab")
        role, label, _ = page.evaluate(FOCUSED)
        reached.append(label)
        control = there().get(label)
        if control is None or label in moved:
            if set(there()) <= moved:
                break
            continue
        is_menu = isinstance(control, Menu)
        assert role == ("select" if is_menu else "slider")
        heard = page.get_by_role("combobox" if is_menu else "slider", name=label, exact=True)
        assert heard.count() == 1
        now = state.values[control.key]
        if is_menu:
            choices = [choice for choice in control.choices if choice != FROM_FILE]
            at = choices.index(now)
            key, value = ("Down", at + 1) if at + 1 < len(choices) else ("Up", at - 1)
            value = choices[value]
        else:
            step = Fraction(control.step)
            up = now + step <= Fraction(control.high)
            key, value = ("Right", now + step) if up else ("Left", now - step)
        page.keyboard.press(f"Arrow{key}")
        state = state.moved(control.key, value)
        visitor.reach(state.query)
        # Whoever moves it again need not look for it.
        assert page.evaluate(FOCUSED)[1] == label
        moved.add(label)
    assert set(there()) <= moved, reached
    visitor.settle(state.query)
    assert_shows(visitor, state.query)


@needs_browser
def test_a_tour_can_be_taken_by_keyboard_on_a_phone(visit):
    visitor = visit("page=bargaining&tour=peski&step=1", PHONE)
    page = visitor.page
    assert_fits(visitor, PHONE)

    def tab_to(word, key="Tab"):
        for _ in range(40):
            page.keyboard.press(key)
            if word in page.evaluate(FOCUSED)[2]:
                return
        pytest.fail(f"no {word} within reach of the keyboard")

    tab_to("noUi-handle")
    page.keyboard.press("ArrowRight")
    visitor.settle("page=bargaining&tour=peski&step=1&low_1=0.05")
    assert_shows(visitor, "page=bargaining&tour=peski&step=1&low_1=0.05")
    tab_to("Next", "Shift+Tab")
    page.keyboard.press("Enter")
    visitor.settle("page=bargaining&tour=peski&step=2")
    stops = len(pages()["bargaining"].tours["peski"].stops)
    assert f"2 of {stops}" in page.locator(".stop").inner_text()


@needs_browser
def test_the_page_can_be_heard_and_what_has_the_focus_is_seen(visit):
    visitor, values = visit("page=auction&cells=20"), read_state("page=auction").values
    page = visitor.page

    def meant(one):
        return one.when is None or one.when.holds(values)

    for control in filter(meant, pages()["auction"].controls_with(None)):
        role = "combobox" if isinstance(control, Menu) else "slider"
        assert page.get_by_role(role, name=control.label, exact=True).count() == 1
    panels = pages()["auction"].panels
    regions = ["Answer", "Controls", *(panel.title for panel in filter(meant, panels))]
    for name in regions:
        assert page.get_by_role("region", name=name, exact=True).count() == 1
    # What is not chosen is not heard either.
    (bids,) = (panel.title for panel in panels if not meant(panel))
    assert page.get_by_role("region", name=bids, exact=True).count() == 0
    # The live region is there before what it says changes, and ends with numbers.
    numbers = page.get_by_role("status").aria_snapshot()
    assert re.search(r"audit passed.*; optimum [\d.]+, bound [\d.]+", numbers, re.DOTALL)
    handle = page.get_by_role("slider").first
    assert min(handle.bounding_box()[side] for side in ("width", "height")) >= 24
    page.get_by_role("combobox").first.focus()
    page.keyboard.press("Tab")
    outline, border = handle.evaluate(
        "e => [getComputedStyle(e).outline, getComputedStyle(e).borderColor]"
    )
    assert "solid 3px" in outline
    # WCAG 2.2, 1.4.11 and 1.4.3: what is drawn has a contrast of 3 to 1, and texts of 4.5 to 1.
    for colour, least in ((outline, 3.0), (border, 3.0), *(
        (page.locator(f"{where} >> nth=0").evaluate("e => getComputedStyle(e).color"), 4.5)
        for where in ("h2", "td.remark", ".keys span", ".files a", ".bk-slider-title")
    )):  # fmt: skip
        assert contrast_with_white(colour) >= least, colour
    assert all(
        contrast_with_white(look_of(Series("", "line", NONE, NONE, look=k))["colour"]) >= 3.0
        for k in range(3)
    )


def contrast_with_white(colour):
    """Return the ratio of contrast as WCAG defines it, of the first colour in a text of CSS."""
    if found := re.search(r"rgba?\((\d+), (\d+), (\d+)", colour):
        parts = [int(part) for part in found.groups()]
    else:
        parts = [int(colour[k : k + 2], 16) for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
              for c in (part / 255 for part in parts)]  # fmt: skip
    bright = sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return 1.05 / (bright + 0.05)


@needs_browser
def test_a_slow_institution_says_what_is_computed_and_the_page_answers_meanwhile(visit):
    few = "seller=types&seller_types=3&buyer=types&buyer_low=0.45&buyer_types=2"
    visitor = visit(f"page=trade&{few}")
    assert "what people play" not in visitor.text_of("status")
    visitor.move("played", "over-time")
    chosen = f"page=trade&{few}&played=over-time"
    visitor.reach(chosen)
    visitor.page.get_by_text(re.compile("Computing .*offers in turn, the most")).wait_for()
    # The readout of another state is there although a game is being solved.
    visitor.move("seller_weight", 2.0)
    weighted = (
        "page=trade&seller=types&seller_types=3&buyer=types&buyer_low=0.45&buyer_types=2"
        "&seller_weight=2&played=over-time"
    )
    visitor.reach(weighted)
    visitor.settle(weighted)
    answer = assert_shows(visitor, weighted)
    (panel,) = [panel for panel in answer.waiting if panel.key == "played"]
    expected = picture_of(panel, answer.solution, answer.state)
    assert len(expected.ticks_up) == 5
    assert "by another strategy" in visitor.text_of("played-caption")
    assert_fits(visitor, PHONE)


@needs_browser
def test_a_bad_address_and_controls_without_a_problem_are_one_message(visit):
    visitor = visit("page=trade&cells=20")
    visitor.move("seller_low", 2.0)
    visitor.page.get_by_text("the lowest type is not below the highest").wait_for()
    assert not visitor.page.locator("canvas:visible").count()
    visitor.move("seller_low", 0.1)
    visitor.settle("page=trade&seller_low=0.1&cells=20")
    assert_shows(visitor, "page=trade&seller_low=0.1&cells=20")
    visitor.page.goto(f"{visitor.address}?page=trade&cells=many")
    alert = visitor.page.get_by_role("alert").inner_text()
    assert alert.startswith("cells: not a whole number")
    assert "Traceback" not in visitor.page.content()


def _grey(colour):
    if re.fullmatch(r"\d+", colour):
        colour = f"#{int(colour) >> 8:06x}"
    parts = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return (weight * part for weight, part in zip((0.299, 0.587, 0.114), parts, strict=True))


def move_at_random(mover):
    """Move a control, and wait until the address says so."""
    mover.move()
    mover.visitor.reach(mover.state.query)
    assert "unexpected" not in mover.visitor.text_of("status")


def load(mover):
    """Load the address again: another visit, which begins where this one ends."""
    page = mover.visitor.page
    page.goto(f"{mover.visitor.address}?{mover.state.query}")
    page.wait_for_function(
        "() => window.Bokeh?.documents[0]?.get_model_by_name('status')?.text", polling=50
    )


def check(mover):
    """Compare what is shown with the library's answer, and that with another solver's.

    Return whether there is an answer.
    """
    answer = mover.check()
    if answer is None:
        return False
    problem = answer.instance.problem
    if np.prod(problem.environment.shape, dtype=float) <= MOST_SOLVED_AGAIN:
        own = answer.solution.provenance.backend
        again = mo.solve(problem, "cvxpy" if own == "highs" else "highs", throw=False)
        # Of gains that are as rare as rounding, another solver may certify nothing, and says so.
        few = problem.environment.first_best < 1e-6 * problem.environment.largest_type
        if again.mechanism is None or (few and again.termination.value != "optimal"):
            assert few, again.termination
            return True
        scale = max(problem.environment.first_best, abs(again.objective), 1e-9)
        assert answer.solution.objective == pytest.approx(again.objective, abs=1e-5 * scale)
    return True


@needs_browser
def test_random_moves_leave_no_error_no_leak_and_no_wrong_number(visit, caplog):
    rng = np.random.default_rng(int(os.environ.get("SEED", "0")))
    # A page a kind, open all the time.
    queries = [f"page={name}" for name in pages()]
    movers = [Mover(visit(query), read_state(query), rng) for query in queries]
    start, moves, checks, before = time.monotonic(), 0, 0, None
    while time.monotonic() - start < MOVES_FOR or not checks:
        mover = movers[rng.integers(len(movers))]
        for _ in range(MOVES_A_CHECK):
            move_at_random(mover)
            moves += 1
        if rng.random() < 0.1:
            load(mover)
        checks += check(mover)
        if before is None and (checks > KEPT or time.monotonic() - start > MOVES_FOR / 4):
            # Once what is kept of answers is kept.
            before = memory_of_server(), memory_of_browser()
    assert moves > 1
    grown = [now - then for now, then in zip(
        (memory_of_server(), memory_of_browser()), before or (0, 0), strict=True
    )]  # fmt: skip
    print(f"{moves} moves, {checks} answers compared; {grown[0] / 1e6:.0f} MB more in the server, "
          f"{grown[1] / 1e6:.0f} MB more in the browser")  # fmt: skip
    if before is not None:
        assert max(grown) < LEAK
    faults = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert faults == []


def memory_of_server():
    """Return the memory that this process, which serves the page, holds, in bytes."""
    import psutil

    return psutil.Process().memory_info().rss


def memory_of_browser():
    """Return the memory that is the browser's alone, in bytes."""
    import psutil

    held = 0
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if "chrom" in process.name():
                held += process.memory_full_info().uss
    return held


def fetched(url, **headers):
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def test_files_are_for_the_page_itself(address):
    url = f"{address}download/problem.toml?page=trade&seller_rate=2"
    status, text = fetched(url)
    assert (status, "discount_rate = 2" in text) == (200, True)
    assert fetched(url, Host="evil.example")[0] == 403
    assert fetched(url, **{"Sec-Fetch-Site": "cross-site"})[0] == 403
    assert fetched(f"{address}download/passwd?page=trade")[0] == 400
    assert fetched(f"{address}download/problem.toml?page=trade&cells=x")[1].startswith("cells: ")


def test_foreign_origins_are_refused(address):
    token = re.search(r'"token":"([^"]+)"', fetched(address)[1])[1]
    statuses = {}
    for origin in (address.rstrip("/"), "http://evil.example"):
        connection = http.client.HTTPConnection(address.split("/")[2], timeout=PATIENCE)
        headers = {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "bWVjaG9wdCBleHBsb3JlIQ==",
            "Sec-WebSocket-Protocol": f"bokeh, {token}",
            "Origin": origin,
        }
        connection.request("GET", "/ws", headers=headers)
        statuses[origin] = connection.getresponse().status
        connection.close()
    assert list(statuses.values()) == [101, 403]


def test_the_page_names_no_other_host(address):
    text = fetched(f"{address}?page=auction&tour=myerson")[1]
    hosts = re.findall(r"(?:src|href)=\"(?:https?:)?//([^/\"]+)", text)
    assert hosts == []
    assert "default-src 'self'" in text
