"""W7: the check of a whole long book, beside reading its rows and hashing each once. Each in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Final

from tests.benchmarks.ledger import drivers, one_side
from tests.benchmarks.ledger.run import Run
from tests.benchmarks.ledger.table import Line, time_line
from tests.benchmarks.ledger.timing import ROOT, Rounds, probe

REACH: Final = 3.0
MOST_MIB: Final = 300


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
        ours, bare_took = took(url, one_side.OURS), took(url, way)
        run.table.check("W7 entries that hold", ours.rows, entries)
        run.table.check("W7 rows of the baseline", bare_took.rows, 3 * entries)
        rounds.ours.append(ours.seconds)
        rounds.bare.append(bare_took.seconds)
        memory = max(memory, ours.mebibytes)
    return rounds, way, memory


def took(url: str, way: str) -> Took:
    """Do one side in a process of its own."""
    asked = [sys.executable, "-m", one_side.__name__, url, way]
    done = subprocess.run(asked, cwd=ROOT, check=True, capture_output=True, text=True)
    return Took(**json.loads(done.stdout.splitlines()[-1]))
