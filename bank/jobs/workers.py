"""Who works: this process by name, and whether the process of a name is gone from this machine."""

from __future__ import annotations

import os
import platform
import sys


def this_worker() -> str:
    """The machine and the process, as `machine/process`."""
    return f"{platform.node() or 'unnamed'}/{os.getpid()}"


def is_gone(worker: str) -> bool:
    """Whether the process ended, where that can be seen: it is of this machine. Of another machine nothing is told."""
    machine, _, process = worker.rpartition("/")
    if machine != (platform.node() or "unnamed") or not process.isdigit() or sys.platform == "win32":
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False  # it is there, and somebody else's
    return False
