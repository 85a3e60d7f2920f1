"""Processes of the tests, forked from one that has loaded what they need: each would take half a second to load it.

The library keeps one such process for all that a process starts, and it has loaded what was asked for before it began.
So all is asked for here at once, with what the bank itself would ask for.
"""

from __future__ import annotations

import multiprocessing
from multiprocessing import forkserver
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext  # there is none on Windows


def context() -> ForkServerContext:
    """Where processes come from; what they need is loaded once, unless others were begun without it."""
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(["tests.loaded"])
    return found


def begin() -> None:
    """Begin now, before anybody else does who would ask for less."""
    if "forkserver" in multiprocessing.get_all_start_methods():
        context()
        forkserver.ensure_running()
