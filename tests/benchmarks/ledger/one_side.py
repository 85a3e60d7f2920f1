"""One side of W7 as a program: it is told which database and which side, and prints what it took.

What it needs it loads when it needs it. A process that helps with the check begins by loading the program that began
it, as it does with the command line's, which is as small; and what the baseline loads should not count what we do.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any, Final

OURS: Final = "check"


def main(url: str, way: str) -> None:
    """Do one side, and print what it took. The clock starts when the program is loaded and connected."""
    if way == OURS:
        seconds, rows = _check(url)
    else:
        from tests.benchmarks.ledger import drivers  # noqa: PLC0415

        with drivers.connected(url) as bare:
            act = bare.hash_ways()[way]
            began = time.perf_counter()
            rows = act()
            seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "mebibytes": _most_memory(), "rows": rows}))


def _most_memory() -> float:
    """The most memory this program has held, and at most what its helpers held beside it.

    Not `ru_maxrss` where that can be helped: on Linux a new program begins
    with that of the process which started it, and ours is started by one that holds a whole book.
    """
    status = Path("/proc/self/status")
    if status.exists():
        told = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(told["VmHWM"].split()[0]) / 1024 + _helpers_memory()
    return _helpers_memory() + resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _helpers_memory() -> float:
    """The largest of the processes that this one began and has ended, as often as there could be one."""
    from ledger.side_by_side import MOST  # noqa: PLC0415

    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return largest * (min(os.cpu_count() or 1, MOST) - 1)


def _check(url: str) -> tuple[float, int]:
    from ledger.verification import verify  # noqa: PLC0415
    from tests.benchmarks.ledger.desks import desk_at  # noqa: PLC0415

    with desk_at(url) as desk, desk.reading() as session:
        began = time.perf_counter()
        verdict: Any = verify(session)
        seconds = time.perf_counter() - began
    if not verdict.holds:
        print(verdict, file=sys.stderr)
    return seconds, verdict.entries if verdict.holds else -1


if __name__ == "__main__":
    main(*sys.argv[1:])
