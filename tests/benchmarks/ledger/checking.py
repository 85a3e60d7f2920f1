"""W7: the check of a whole long book, beside reading the same rows and hashing each once. Each in a process of its own.

Run as a program, this file is that process: it is told which database and which side, and prints what it took.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.benchmarks.ledger import drivers
from tests.benchmarks.ledger.desks import desk_at
from tests.benchmarks.ledger.run import Run
from tests.benchmarks.ledger.table import Line, time_line
from tests.benchmarks.ledger.timing import ROOT, Rounds, probe

REACH: Final = 3.0
MOST_MIB: Final = 300
OURS: Final = "check"


@dataclass(frozen=True, slots=True)
class Took:
    """What one side took, as a whole process saw it."""

    seconds: float
    mebibytes: float
    rows: int


def measure(run: Run) -> None:
    """W7: `verify`, and the fastest way to read and hash, by turns; the memory of the whole process at its most."""
    rounds, way, memory = compare(run, run.long_book.url, run.long_book.oracle.places)
    postings = 2 * run.long_book.oracle.places
    what = f"the check of {postings:,} postings, against {way}"
    run.table.add(time_line(run.engine, "W7", what, rounds, bound=REACH))
    run.table.add(
        Line(
            run.engine,
            "W7",
            "memory of its processes together at their most, in MiB",
            f"{memory:.0f} MiB",
            "",
            memory,
            bound=MOST_MIB,
        )
    )


def compare(run: Run, url: str, entries: int) -> tuple[Rounds, str, float]:
    """Both sides by turns on one book: the rounds, the way the baseline went, and the most memory of ours."""
    with drivers.connected(url) as bare:
        ways = list(bare.hash_ways())
    trials = {way: took(url, way).seconds for way in ways}
    way = min(trials, key=lambda name: trials[name])
    rounds, memory = Rounds(), 0.0
    for _ in range(run.size.checks):
        rounds.probe.append(probe())
        ours, bare_took = took(url, OURS), took(url, way)
        run.table.check("W7 entries that hold", ours.rows, entries)
        run.table.check("W7 rows of the baseline", bare_took.rows, 3 * entries)
        rounds.ours.append(ours.seconds)
        rounds.bare.append(bare_took.seconds)
        memory = max(memory, ours.mebibytes)
    return rounds, way, memory


def took(url: str, way: str) -> Took:
    """Do one side in a process of its own."""
    asked = [sys.executable, "-m", "tests.benchmarks.ledger.checking", url, way]
    done = subprocess.run(asked, cwd=ROOT, check=True, capture_output=True, text=True)
    return Took(**json.loads(done.stdout.splitlines()[-1]))


def main(url: str, way: str) -> None:
    """Do one side, and print what it took. The clock starts when the program is loaded and connected."""
    if way == OURS:
        seconds, rows = _check(url)
    else:
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
    from ledger.side_by_side import MOST  # noqa: PLC0415 -- what the baseline loads should not count what we do

    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return largest * (min(os.cpu_count() or 1, MOST) - 1)


def _check(url: str) -> tuple[float, int]:
    from ledger.verification import verify  # noqa: PLC0415 -- what the baseline loads should not count what we do

    with desk_at(url) as desk, desk.reading() as session:
        began = time.perf_counter()
        verdict: Any = verify(session)
        seconds = time.perf_counter() - began
    if not verdict.holds:
        print(verdict, file=sys.stderr)
    return seconds, verdict.entries if verdict.holds else -1


if __name__ == "__main__":
    main(*sys.argv[1:])
