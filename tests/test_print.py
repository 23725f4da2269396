"""Pictures for print: nothing is cut or collides at the widths of journals; grey, fonts, titles."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_rgba_array
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from scipy import stats

import mechopt as mo
from mechopt.cli.common import progress_bar
from mechopt.cli.main import main
from mechopt.instances.bundled import instance_path
from mechopt.plot.curves import institutions
from mechopt.plot.look import Look
from mechopt.plot.pages import KINDS, draw, figure_in_bytes, panels_of, prepared
from mechopt.plot.priors import prior
from mechopt.plot.vectors import MOST_RECTANGLES, rectangles
from tests.draws import THOROUGH, some
from tests.latex import compiled, needs_tex
from tests.pictures import faults_of

WIDTHS = (3.3, 6.5, 10.0)
INSTANCES = (
    "peski2024/two_types",
    "house_prices/house_prices",
    "examples/six_types",
    "examples/two_goods",
    "myerson1981/irregular_bidders",
    "gresik1989/three_and_three",
    "mussa1978/uniform_quality",
    "cremer1988/two_bidders",
    "examples/unequal_weights",
    "examples/interdependent_values",
    "examples/split_award",
    "mailath1990/two_consumers",
)


@cache
def solved(name):
    instance = mo.load_instance(instance_path(Path(name))).refined()
    return prepared(mo.solve(instance.problem), "overview", progress_bar), instance.unit


def drawn(name, look, kind="overview"):
    solution, unit = solved(name)
    figure = Figure(figsize=look.size(len(panels_of(solution, kind))), layout="constrained")
    return draw(solution, figure, kind, unit=unit, look=look)


def kinds_of(name):
    """Return every kind of picture that a solution has."""
    known = []
    for kind in KINDS:
        with contextlib.suppress(mo.InvalidInputError):
            panels_of(solved(name)[0], kind)
            known.append(kind)
    return known


@pytest.mark.parametrize("grey", some([False, True], 2))
@pytest.mark.parametrize("width", some(WIDTHS, 3))
@pytest.mark.parametrize("name", some(INSTANCES, 12))
def test_nothing_is_cut_and_no_texts_collide(name, width, grey):
    """All kinds of pictures with THOROUGH=1; each day the overview, which holds most of them."""
    for kind in kinds_of(name) if THOROUGH else ("overview",):
        figure = drawn(name, Look(width=width, grey=grey), kind)
        assert faults_of(figure) == [], kind
        assert all(ax.has_data() for ax in figure.axes)


@pytest.mark.parametrize(
    ("name", "width"),
    some(list(product(("house_prices/house_prices", "gresik1989/three_and_three"), WIDTHS)), 6),
)
def test_data_and_many_agents_fit_too(name, width):
    """Real numbers with a long unit, six agents whose legends are put together: all kinds."""
    for kind in kinds_of(name) if THOROUGH else ("overview",):
        assert faults_of(drawn(name, Look(width=width), kind)) == [], kind


def texts(axis):
    return [text.get_text() for text in axis.get_ticklabels()]


@cache
def rational_trade():
    sixths = mo.TypeSpace.finite(["1/6", "1/2", "5/6"])
    return mo.solve(mo.ex_ante_efficiency(mo.BilateralTrade(sixths, sixths)))


def pictured(solution, width, kind="overview", **look):
    own = Look(width=width, **look)
    figure = Figure(figsize=own.size(len(panels_of(solution, kind))), layout="constrained")
    return draw(solution, figure, kind, unit="euros", look=own)


def test_rational_types_are_fractions_on_every_axis_of_types():
    figure = pictured(rational_trade(), 6.5)
    assert faults_of(figure) == []
    axes = [axis for ax in figure.axes if ax.get_xlabel() for axis in (ax.xaxis,)]
    assert len(axes) == 4
    assert {tuple(texts(axis)) for axis in axes} == {("1/6", "1/2", "5/6")}


@cache
def trade_with_outliers():
    even = np.linspace(-1.0, 1.0, 60)
    costs = mo.TypeSpace.from_samples([*(200_000 + 40_000 * even).round(), 2_500_000])
    values = mo.TypeSpace.from_samples([-900_000, *(230_000 + 60_000 * even).round()])
    return mo.solve(mo.ex_ante_efficiency(mo.BilateralTrade(costs, values)))


@pytest.mark.parametrize("width", some(WIDTHS, 3))
def test_outliers_flatten_nothing_and_are_said(width):
    figure = pictured(trade_with_outliers(), width, grey=True)
    assert faults_of(figure) == []
    panels = [ax for ax in figure.axes if ax.get_xlabel()]
    for ax in panels:
        low, high = ax.get_xlim()
        assert 100_000 < low < 170_000
        assert 240_000 <= high < 400_000
        assert "\nbeyond: " in ax.get_xlabel()
        # The others take up the picture: at least a third of its height has something in it.
        if "utilities" in ax.get_title(loc="left"):
            heights = np.concatenate([
                line.get_ydata()[np.abs(line.get_xdata() - 220_000) < 100_000]
                for line in ax.lines if len(line.get_xdata()) > 2
            ])  # fmt: skip
            bottom, top = ax.get_ylim()
            assert np.ptp(heights) > (top - bottom) / 3
    assert panels[0].get_xlabel().endswith("beyond: 1 of 61 types, to 2,500,000")
    assert panels[0].get_ylabel().endswith("beyond: 1 of 61 types,\nto -900,000")
    assert all("," in text for ax in panels[1:] for text in texts(ax.xaxis))


def test_a_fault_would_be_noticed():
    figure = Figure(figsize=(3.3, 2.6))
    ax = figure.add_subplot()
    ax.text(0.9, 0.5, "far too long for what is left of it", transform=ax.transAxes)
    ax.text(0.1, 0.5, "one", transform=ax.transAxes)
    ax.text(0.1, 0.5, "two", transform=ax.transAxes)
    faults = faults_of(figure)
    assert any(fault.startswith("cut: far too long") for fault in faults)
    assert "over one another: one | two" in faults


def test_a_legend_in_the_way_would_be_noticed():
    figure = Figure(figsize=(6.5, 2.6))
    left, right = figure.subplots(1, 2)
    left.plot([0, 1, 2], [0, 1, 0], label="a line below its own legend")
    left.legend(loc="center")
    right.plot([0, 1], [0, 1], label="one over the other panel")
    right.legend(loc="center right", bbox_to_anchor=(-0.1, 0.8))
    faults = faults_of(figure)
    assert "legend over a line: a line below its own legend" in faults
    assert "legend over a panel: one over the other panel" in faults
    right.legend(loc="lower left", bbox_to_anchor=(0.5, 1.0))
    right.set_title("a title in the way", loc="right")
    faults = faults_of(figure)
    assert any(fault.startswith("cut: legend one over") for fault in faults)
    assert any(fault.startswith("legend over a text: one over") for fault in faults)


def test_grey_is_grey_and_shows_the_same_numbers():
    name = "examples/six_types"
    colour, grey = (drawn(name, Look(width=3.3, grey=on), "utilities") for on in (False, True))
    lines, others = ([*figure.findobj(Line2D)] for figure in (colour, grey))
    for line, other in zip(lines, others, strict=True):
        assert np.array_equal(line.get_xydata(), other.get_xydata(), equal_nan=True)
        red, green, blue, _ = to_rgba_array(other.get_color())[0]
        assert red == pytest.approx(green)
        assert green == pytest.approx(blue)


def test_titles_and_letters_are_as_asked_for():
    figure = drawn(
        "examples/six_types", Look(width=6.5, font=7, family="serif", titles=False), "quantities"
    )
    assert {ax.get_title(loc="left") for ax in figure.axes} == {""}
    label = figure.axes[0].xaxis.label
    assert (label.get_size(), label.get_family()) == (7, ["serif"])
    assert faults_of(figure) == []


def test_a_redraw_replaces_nothing_else_and_settings_stay():
    import matplotlib

    before = dict(matplotlib.rcParams)
    drawn("examples/six_types", Look(width=3.3, font=6), "quantities")
    assert dict(matplotlib.rcParams) == before


def test_many_ironed_intervals_are_bars_at_the_foot():
    figure = drawn("house_prices/house_prices", Look(), "virtual-valuations")
    (ax,) = figure.axes
    tops = [patch.get_y() + patch.get_height() for patch in ax.patches]
    assert len(tops) > 8
    assert max(tops) < 0.1


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["--width", "0.5"], "no size of a picture"),
        (["--font", "200"], "no size of a picture"),
        (["--height", "nan"], "no size of a picture"),
        (["--dpi", "0"], "dpi: no size of a picture (expected a number of dots per inch"),
        (["--dpi", "1e9"], "no size of a picture"),
    ],
)
def test_sizes_that_are_none_are_refused(words, part, tmp_path, capsys):
    saved = tmp_path / "a.json"
    assert main(["solve", "examples/six_types", "-q", "--output", str(saved)]) == 0
    assert main(["plot", str(saved), "--output", str(tmp_path / "a.svg"), *words]) == 2
    assert part in capsys.readouterr().err
    assert not (tmp_path / "a.svg").exists()


def library(bob):
    """Return a choice of a site by two agents, with the names of their types."""
    names = ["northerner", "moderate", "southerner"]
    worth = [[6, 3, 0], [4, 4, 2], [0, 2, 5]]
    choice = mo.Alternatives(
        ["north", "centre", "south"],
        {"ann": names, "bob": bob},
        {"ann": worth, "bob": [row[: len(bob)] for row in worth]},
    )
    problem = mo.DesignProblem(choice, mo.Welfare(), budget="subsidised", participation="none")
    return mo.solve(problem)


@pytest.mark.parametrize("width", [3.3, 6.5, None])
@pytest.mark.parametrize("bob", [["northerner", "southerner"], ["northerner", "moderate"]])
def test_names_of_types_do_not_collide_and_say_whose_they_are(width, bob):
    look, solution = Look(width=width), library(bob)
    figure = Figure(figsize=look.size(3), layout="constrained")
    draw(solution, figure, look=look)
    assert faults_of(figure) == []
    for ax in figure.axes[1:]:
        texts = [label.get_text() for label in ax.get_xticklabels()]
        if width is not None:
            assert texts == ["1", "2", "3"]
        else:
            same = bob == ["northerner", "moderate"]
            assert texts[0] == "northerner"
            assert texts[1] == ("moderate" if same else "ann: moderate\nbob: southerner")
            assert texts[2] == "ann: southerner"


@pytest.mark.parametrize(
    ("words", "wide"), [([], 840), (["--width", "3.3"], 990), (["--dpi", "72"], 403)]
)
def test_dots_per_inch_are_those_asked_for(words, wide, tmp_path):
    saved, picture = tmp_path / "a.json", tmp_path / "a.png"
    main(["solve", "examples/six_types", "-q", "--output", str(saved)])
    kind = ["--kind", "utilities"]
    assert main(["plot", str(saved), "--output", str(picture), *kind, *words]) == 0
    assert int.from_bytes(picture.read_bytes()[16:20], "big") == wide


def test_an_axis_that_is_cut_says_how_far_values_reach():
    figure = drawn("house_prices/house_prices", Look(), "virtual-valuations")
    (ax,) = figure.axes
    note = ax.get_xlabel().splitlines()[-1]
    drawn_to = np.concatenate([line.get_ydata() for line in ax.lines])
    low, high = np.nanmin(drawn_to), np.nanmax(drawn_to)
    assert note.startswith("axis cut; values reach ")
    bottom, top = ax.get_ylim()
    beyond = [end for end, is_cut in ((low, low < bottom), (high, high > top)) if is_cut]
    said = [float(word.replace(",", "")) for word in re.findall(r"-?[\d.,]+", plain(note))]
    assert beyond
    assert said == pytest.approx(beyond, rel=1e-2)
    assert ("from" in note) == (len(beyond) == 2)


def plain(note):
    """Return a note with minus signs as Python reads them."""
    return note.replace("\N{MINUS SIGN}", "-")


def test_the_command_prints_a_column_of_a_journal(tmp_path, capsys):
    saved, picture = tmp_path / "a.json", tmp_path / "a.svg"
    main(["solve", "examples/six_types", "-q", "--output", str(saved)])
    words = ["--width", "3.3", "--grey", "--no-titles", "--kind", "utilities"]
    assert main(["plot", str(saved), "--output", str(picture), *words]) == 0
    assert 'width="237.6pt"' in picture.read_text()
    assert "wrote" in capsys.readouterr().out


def test_rectangles_make_up_the_image():
    rng = np.random.default_rng(16)
    colours = rng.integers(0, 2, (9, 7, 1)).astype(np.uint8) * np.uint8(40)
    colours = np.concatenate([colours, colours, colours, np.full_like(colours, 255)], axis=2)
    painted = np.zeros_like(colours)
    found = rectangles(colours)
    for left, right, low, high, colour in found:
        assert not painted[low:high, left:right].any()
        painted[low:high, left:right] = list(colour)
    assert np.array_equal(painted, colours)
    assert len(found) < colours[..., 0].size


@needs_tex
@pytest.mark.parametrize("name", some(["peski2024/two_types", "house_prices/house_prices"], 1))
def test_pictures_with_maps_are_commands_of_latex(name, tmp_path):
    figure = drawn(name, Look(width=6.5))
    commands = figure_in_bytes(figure, ".pgf")
    assert b"includegraphics" not in commands
    assert all(image.get_visible() for ax in figure.axes for image in ax.images)
    found = subprocess.run([shutil.which("kpsewhich") or "false", "pgf.sty"], check=False)
    if found.returncode == 0:
        (tmp_path / "a.pgf").write_bytes(commands)
        compiled(r"\input{a.pgf}", tmp_path, "pgf")


@needs_tex
def test_more_shades_than_latex_has_room_for_are_one_error():
    figure = Figure()
    number = int(np.sqrt(MOST_RECTANGLES)) + 1
    figure.add_subplot().pcolorfast(np.indices((number, number)).sum(axis=0) % 2)
    with pytest.raises(mo.InvalidInputError, match=r"\.pgf: .*rectangles.*Write a \.pdf"):
        figure_in_bytes(figure, ".pgf")


def test_a_sample_is_a_histogram_and_says_how_many_values_it_has():
    values = np.concatenate([np.linspace(0.0, 1.0, 60), np.linspace(1.0, 3.0, 40)[1:]])
    types = mo.TypeSpace.finite(values)
    ax = prior(types, ax=Figure().add_subplot())
    bars = [patch for patch in ax.patches if patch.get_width() > 0]
    assert sum(bar.get_height() for bar in bars) == pytest.approx(1.0)
    first = bars[0]
    inside = types.mass[types.mean < first.get_x() + first.get_width()].sum()
    assert first.get_height() == pytest.approx(inside)
    assert f"99 types, in {len(bars)} intervals" in ax.get_legend_handles_labels()[1]
    few = prior(mo.TypeSpace.finite(range(40)), ax=Figure().add_subplot())
    assert few.get_ylabel() == "probability"
    assert len(few.containers) == 1


def test_an_institution_looks_the_same_in_every_picture():
    types = mo.TypeSpace.finite([0, "1/2", 1])
    cells = mo.TypeSpace.from_distribution(stats.uniform(0, 1), 4)
    looks = []
    for own, discount in ((types, None), (cells, 0.5)):
        data = mo.institutions.institutions_over_ratios(own, own, [0.5, 1.0], discount=discount)
        ax = institutions(data, Figure().add_subplot())
        looks.append({x.get_label(): (x.get_color(), x.get_marker()) for x in ax.lines})
        assert len({marker for _, marker in looks[-1].values()} - {"o"}) == len(looks[-1]) - 2
        assert "buyer's rate" in ax.get_xlabel()
    one, other = looks
    assert "sealed offers" in other.keys() - one.keys()
    assert {name: other[name] for name in one} == one


def test_marks_of_a_menus_legend_have_one_size_and_do_not_cover_each_other():
    """Marks in the picture are as large as types are likely: from 18 to 160 square points."""
    types = [[1, 0], [0, 2], [3, 3]]
    menu = mo.largest_revenue(mo.Goods(types, probabilities=["3/100", "87/100", "1/10"]))
    figure = draw(mo.solve(menu), Figure(layout="constrained"), "menu", look=Look(width=3.3))
    legend = figure.axes[0].get_legend()
    sizes = [handle.get_sizes().item() for handle in legend.legend_handles]
    assert len(sizes) >= 2
    assert np.ptp(sizes) == 0.0
    assert sizes[0] < legend.get_texts()[0].get_fontsize() ** 2
    drawn = [
        size
        for one in figure.axes[0].collections
        if len(one.get_offsets())
        for size in one.get_sizes()
    ]
    assert np.ptp(drawn) > 10.0


def test_raw_virtual_values_of_each_bidder_have_a_mark_of_their_own():
    solution = mo.solve(mo.load_instance(instance_path("myerson1981/irregular_bidders")).problem)
    figure = draw(solution, Figure(layout="constrained"), "virtual-valuations")
    lines = {line.get_label(): line.get_marker() for line in figure.axes[0].lines}
    raw = [mark for label, mark in lines.items() if label.endswith(", raw")]
    assert len(raw) == len(set(raw)) == 3


def test_panels_in_a_column_of_a_journal_leave_room_on_its_page():
    for rows in (1, 2, 3, 4):
        width, height = Look(width=3.3).size_in(1, rows)
        assert height <= 8.5
        assert height / rows >= 0.6 * width
    # What is not in a column keeps the shape of its panels.
    assert Look(width=6.5).size(4)[1] == pytest.approx(6.5 * 4.4 / 5.6, abs=0.01)
