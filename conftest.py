"""What holds for all tests: no verdict hangs on how busy the machine is, garbage is left alone."""

from __future__ import annotations

import gc

from hypothesis import HealthCheck, settings

settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")


def pytest_collection_finish() -> None:
    # What the collected modules and their data hold is not searched for garbage at every turn.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
