"""Panels and pictures that several pages have."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mechopt._util.rounding import in_figures, without_rounding
from mechopt.explore import pictures
from mechopt.explore.page import Panel
from mechopt.explore.pictures import Picture

PRIORS = Panel("priors", "Priors", lambda found, _: pictures.priors(found))
VIRTUAL = Panel("virtual", "Virtual valuations", lambda found, _: pictures.virtual(found))
QUANTITY = Panel(
    "quantity", "Interim quantities", lambda found, _: pictures.interim(found, "quantity")
)
PAYMENT = Panel("payment", "Interim payments", lambda found, _: pictures.interim(found, "payment"))
UTILITY = Panel("utility", "Interim utilities", lambda found, _: pictures.interim(found, "utility"))


def played(title: str, reached: Iterable[tuple[str, float | None, str]]) -> Picture:
    """Return what is played as bars: its name, its share of the first best, and a remark, each.

    What has no share has no bar, and its remark says why. Without a bar the picture is empty.
    """
    bars: list[tuple[str, list[tuple[str, float, pictures.Look]]]] = []
    said = []
    for name, share, remark in reached:
        if share is None:
            said.append(f"{name}: {remark.rstrip('.')}")
            continue
        lost = max(without_rounding(1.0 - share, 1.0), 0.0)
        bars.append((name, [("reached", share, 0), ("lost", lost, "muted")]))
        said.append(f"{name}: {in_figures(100 * share, '.2f')} %{remark}")
    if not bars:
        return Picture("played", title, "", "")
    found = pictures.shares(bars, f"{'; '.join(said)}.")
    return replace(found, key="played", title=title)
