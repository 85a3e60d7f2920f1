"""The command: measure the books beside the bare database, and print the table."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from tests.benchmarks import ledger
from tests.benchmarks.ledger import (
    bulk,
    checking,
    crowd,
    cuts,
    growth,
    one_account,
    places,
    profiling,
    single_posts,
    timing,
)
from tests.benchmarks.ledger.places import Place
from tests.benchmarks.ledger.run import Run
from tests.benchmarks.ledger.sizes import SIZES
from tests.benchmarks.ledger.table import Table

WORKS: Final[dict[str, Callable[[Run], None]]] = {
    "W1": single_posts.measure,
    "W2": crowd.measure,
    "W3": bulk.measure,
    "growth": growth.measure,
    "W5": one_account.measure,
    "W7": checking.measure,
    "W6": single_posts.measure_on_long,
    "W4": cuts.measure,
}
"""In the order they are done: those that add to the long book come after those that want it as it was built."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what was asked for; 1 when an answer was wrong, 2 when the database named is not one to measure in."""
    asked = _understood(arguments)
    table = Table()
    try:
        with places.places(asked.database) as found:
            _measure(asked, found, table)
    except places.Refused as refused:
        print(refused, file=sys.stderr)
        return 2
    if not asked.profile:
        print(table.text())
    if asked.json:
        table.write(asked.json)
    return 1 if table.wrong else 0


def _measure(asked: argparse.Namespace, found: Sequence[Place], table: Table) -> None:
    table.head += [f"commit {timing.commit()}", timing.machine(), *(place.settings() for place in found)]
    print("\n".join(table.head), file=sys.stderr, flush=True)
    size = SIZES[asked.size]
    if asked.repeat:
        size = replace(size, rounds=asked.repeat, bulk_rounds=asked.repeat, looks=asked.repeat)
    for place in found:
        for name in asked.profile:
            profiling.profile(place, size, name)
        if asked.profile:
            continue
        run = Run(place, size, table)
        for name in asked.only:
            WORKS[name](run)


def _understood(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.ledger",
        description=ledger.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--database", metavar="URL", help="measure on this server or in this directory only")
    parser.add_argument("--only", type=_works, default=[*WORKS], metavar="W1,W3", help="the works to do")
    parser.add_argument("--size", choices=SIZES, default="full", help="the sizes of the targets, or small ones")
    parser.add_argument("--repeat", type=int, metavar="N", help="rounds of each measurement")
    parser.add_argument("--profile", type=_profiles, default=[], metavar="W1", help="say where the time goes instead")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the table there as well")
    return parser.parse_args(arguments)


def _works(text: str) -> list[str]:
    names = set(text.split(","))
    if unknown := names - WORKS.keys():
        raise argparse.ArgumentTypeError(f"no such work: {', '.join(unknown)}; there are {', '.join(WORKS)}")
    return [work for work in WORKS if work in names]


def _profiles(text: str) -> list[str]:
    names = text.split(",")
    if unknown := set(names) - set(profiling.WORKS):
        raise argparse.ArgumentTypeError(f"no profile of {', '.join(unknown)}; there are {', '.join(profiling.WORKS)}")
    return names


if __name__ == "__main__":
    # Told to end, it still stops its server and removes its files.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main())
