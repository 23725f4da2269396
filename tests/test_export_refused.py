"""What export refuses or warns of: it leaves no file, or says why solvers may fail."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest

import mechopt as mo
from mechopt.cli.main import main
from mechopt.environments import OutcomeRow
from mechopt.formats.read_sidecar import load_sidecar
from mechopt.formats.sidecar import Optimum
from mechopt.formats.write import ScaleWarning
from tests.cases import uniform_types
from tests.test_export import INSTANCES, SIX, delayed


@pytest.mark.parametrize("suffix", ["mps", "mps.gz", "lp"])
def test_curved_bounds_are_refused_by_linear_formats(suffix, tmp_path):
    with pytest.raises(mo.InvalidInputError, match=r"\.cbf or \.nl, or use equal discount"):
        mo.export(mo.ex_ante_efficiency(delayed()), tmp_path / f"model.{suffix}")
    assert not list(tmp_path.iterdir())
    mo.export(mo.minimum_subsidy(delayed()), tmp_path / f"prescribed.{suffix}")
    mo.export(
        mo.ex_ante_efficiency(mo.environments.on_dates(delayed(), 2)), tmp_path / f"dates.{suffix}"
    )


def test_what_cannot_be_exported_is_refused_and_leaves_no_file(tmp_path):
    problem = mo.ex_ante_efficiency(SIX)
    for wrong, path, options, match in (
        (problem, tmp_path / "model.txt", {}, "no format has this suffix"),
        (problem, tmp_path / "none" / "model.mps", {}, "cannot write the file"),
        (problem, tmp_path / "model.mps", {"form": "small"}, "neighbouring or all-pairs"),
        (SIX, tmp_path / "model.mps", {}, "of the wrong kind"),
    ):
        with pytest.raises(mo.InvalidInputError, match=match):
            mo.export(wrong, path, **options)
    with pytest.raises(mo.errors.UnsupportedProblemError, match="goes through the Pyomo model"):
        mo.export(problem, tmp_path / "model.nl", form="all-pairs")
    (tmp_path / "folder.mps").mkdir()
    with pytest.raises(mo.InvalidInputError, match="cannot write the file"):
        mo.export(problem, tmp_path / "folder.mps")
    assert [path.name for path in tmp_path.iterdir()] == ["folder.mps"]


@dataclasses.dataclass(frozen=True)
class NamedTrade(mo.Outcomes):
    """Trade with a variable and a row of any name."""

    variable: str
    row: str

    variables = property(lambda self: (self.variable,))
    roles = (
        mo.environments.Role("seller", "gives", "cost"),
        mo.environments.Role("buyer", "receives", "value"),
    )
    net_quantity = np.array([[-1.0], [1.0]])
    vertices = np.array([[0.0], [1.0]])
    rows = property(lambda self: (OutcomeRow(self.row, (1.0,), 1.0),))


@pytest.mark.parametrize(
    ("variable", "row"),
    [("trade", "seller_ic_up"), ("trade", "budget"), ("seller_quantity", "row")],
)
@pytest.mark.parametrize("form", ["neighbouring", "all-pairs"])
def test_two_blocks_of_one_name_are_refused(variable, row, form, tmp_path):
    agents = (mo.Agent("seller", uniform_types(3)), mo.Agent("buyer", uniform_types(3)))
    if form == "all-pairs":
        variable = variable.replace("quantity", "payment")
        row = row.replace("ic_up", "ic_lower")
    problem = mo.ex_ante_efficiency(mo.Environment(agents, NamedTrade(variable, row)))
    with pytest.raises(mo.InvalidInputError, match="same name"):
        mo.export(problem, tmp_path / "model.mps", form=form)
    if form == "neighbouring":
        with pytest.raises(mo.InvalidInputError, match="same name"):
            mo.solve(problem, backend="highs")


def test_what_cannot_be_replaced_leaves_both_files_as_they_were(tmp_path, monkeypatch):
    path = tmp_path / "model.mps"
    mo.export(mo.ex_ante_efficiency(SIX), path)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("mechopt._util.files.os.fsync", full)
    with pytest.raises(mo.InvalidInputError, match="No space left"):
        mo.export(mo.minimum_subsidy(SIX), path)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before
    monkeypatch.undo()
    (tmp_path / "other.mps.json").mkdir()
    with pytest.raises(mo.InvalidInputError, match=r"other\.mps\.json: cannot write"):
        mo.export(mo.minimum_subsidy(SIX), tmp_path / "other.mps")
    assert not (tmp_path / "other.mps").exists()
    load_sidecar(path)


@pytest.mark.parametrize(
    ("path", "options", "match"),
    [
        (None, {}, "path: of the wrong kind"),
        (5, {}, "path: of the wrong kind"),
        (b"model.mps", {}, "path: of the wrong kind"),
        ("a\0.mps", {}, "cannot write the file"),
        ("model.mps", {"title": b"x"}, "title: of the wrong kind"),
        ("model.mps", {"unit": None}, "unit: of the wrong kind"),
        ("model.mps", {"optimum": 0.15}, "optimum: of the wrong kind"),
    ],
)
def test_arguments_of_the_wrong_kind_are_refused(path, options, match, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(mo.InvalidInputError, match=match):
        mo.export(mo.ex_ante_efficiency(SIX), path, **options)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "wrong", [(np.nan, "x"), ("1", "x"), (1.0, None), (1.0, "x", 0.5), (1.0, "x", None, np.inf)]
)
def test_an_optimum_that_is_none_is_refused(wrong):
    with pytest.raises(mo.InvalidInputError, match=r"optimum\."):
        Optimum(*wrong)


@pytest.mark.parametrize("suffix", ["mps", "nl"])
@pytest.mark.parametrize("factor", [1e-6, 1e-5, 1e8])
def test_money_in_which_solvers_fail_is_warned_of(factor, suffix, tmp_path, capsys):
    problem = mo.ex_ante_efficiency(SIX).scaled(factor)
    with pytest.warns(ScaleWarning, match=r"another unit of money.*problem\.scaled") as caught:
        mo.export(problem, tmp_path / f"model.{suffix}")
    assert caught[0].filename == __file__
    low, high = load_sidecar(tmp_path / f"model.{suffix}").coefficients
    assert (low < 1e-6) or (high > 1e7)
    mo.export(problem.scaled(1 / factor), tmp_path / f"model.{suffix}")  # without a warning
    assert load_sidecar(tmp_path / f"model.{suffix}").coefficients == pytest.approx((1 / 36, 1))


def test_the_command_warns_of_money_in_which_solvers_fail(tmp_path, capsys):
    instance, path = tmp_path / "tiny.toml", tmp_path / "tiny.mps"
    text = (INSTANCES / "examples/six_types.toml").read_text()
    text = re.sub(r"\[expected\][^\[]*", "", text)
    types = '["1/6", "1/3", "1/2", "2/3", "5/6", 1]'
    assert text.count(types) == 2
    instance.write_text(text.replace(types, "[1e-7, 2e-7, 3e-7, 4e-7, 5e-7, 6e-7]"))
    assert main(["export", str(instance), "--to", str(path)]) == 0
    output = capsys.readouterr()
    assert output.out.startswith(f"wrote {path}")
    assert output.err.startswith(f"mechopt: warning: {path}: coefficients go from")
    assert load_sidecar(path).problem.environment.payoff_scale < 1e-6


@pytest.mark.parametrize("instance", ["cramton1985/delayed_exchange.toml", "none.toml"])
def test_the_command_exits_with_2_on_bad_input(instance, tmp_path, capsys):
    assert main(["export", str(INSTANCES / instance), "--to", str(tmp_path / "model.mps")]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert "Traceback" not in output.err
    assert not list(tmp_path.iterdir())
