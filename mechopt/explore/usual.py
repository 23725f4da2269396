"""Panels that several pages have."""

from __future__ import annotations

from mechopt.explore import pictures
from mechopt.explore.page import Panel

PRIORS = Panel("priors", "Priors", lambda found, _: pictures.priors(found))
VIRTUAL = Panel("virtual", "Virtual valuations", lambda found, _: pictures.virtual(found))
QUANTITY = Panel(
    "quantity", "Interim quantities", lambda found, _: pictures.interim(found, "quantity")
)
PAYMENT = Panel("payment", "Interim payments", lambda found, _: pictures.interim(found, "payment"))
UTILITY = Panel("utility", "Interim utilities", lambda found, _: pictures.interim(found, "utility"))
