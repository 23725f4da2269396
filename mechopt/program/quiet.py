"""Keeps HiGHS from writing its banner to standard output, which belongs to the caller."""

from __future__ import annotations

import os
import sys
from functools import cache


@cache
def silence_banner() -> None:
    """Make HiGHS print its banner once, to nowhere.

    highspy prints it when its first object in a process is made, before any option can be set
    (ERGO-Code/HiGHS, pull request 2161), and would spoil output that a program reads.
    """
    import highspy

    sys.stdout.flush()
    try:
        saved = os.dup(1)
    except OSError:
        return
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.close(nowhere)
        highspy.Highs()
    finally:
        os.dup2(saved, 1)
        os.close(saved)
