"""Measure so many facilities over so many quarters, print a table, and say whether time grows in step with them."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bank.allocations.commands import accrue_all, allow_for_all
from bank.allocations.queries import all_facilities
from bank.figures.queries import figures, portfolio
from bank.quarters.commands import close
from bank.stress.queries import bank_stands
from bank.wiring import prepare
from ledger.dates import Quarter, SetClock, quarters
from ledger.money import NOTHING, Money
from ledger.queries import balance_at
from ledger.store.database import Database
from tests.benchmarks.facilities.material import FIRST, Institution, build
from tests.benchmarks.facilities.watch import Spent, Watch

LINEAR: Final = 1.5
"""How many times longer a facility may take among the most than among the fewest: beyond it, growth is not linear."""
WORKS: Final = ("accrue", "stage", "close", "report")
"""What is measured. Building the institution and what happens to single facilities is told beside it."""


SAYS: Final = (
    "Seconds of the processor, but for the clock; in SQL: of the time on the clock, fetching and committing included.\n"
    "Beside the run: building the institution, and the payments and moves of single facilities."
)


@dataclass(frozen=True)
class Measured:
    """One size measured."""

    facilities: int
    quarters: int
    watch: Watch
    by_quarter: list[float] = field(default_factory=list)
    """Processor seconds of each quarter's run, for how they grow."""
    wrong: list[str] = field(default_factory=list)

    @property
    def run(self) -> Spent:
        """What the run itself took."""
        return sum((self.watch.spent[work] for work in WORKS), Spent())

    @property
    def each(self) -> float:
        """Processor milliseconds for a facility and a quarter."""
        return self.run.processor * 1000 / self.facilities / self.quarters

    @property
    def growth_by_quarter(self) -> float:
        """How many times longer a quarter takes in the last fourth of them than in the first."""
        part = max(len(self.by_quarter) // 4, 1)
        return sum(self.by_quarter[-part:]) / sum(self.by_quarter[:part])


def measure(url: str, count: int, quarters_run: int) -> Measured:
    """Build so many facilities in an empty database, and lead them through so many quarters."""
    clock = SetClock(datetime(FIRST.year, FIRST.month, FIRST.day, 9, tzinfo=UTC))
    database = Database.open(url, clock=clock)
    found = Measured(count, quarters_run, Watch())
    try:
        prepare(database)
        found.watch.over(database)
        with found.watch.on("build"):
            made = build(database, clock, count)
        last = _quarters(quarters_run)[-1]
        for quarter in _quarters(quarters_run):
            before = found.run.processor
            _quarter(made, quarter, found.watch)
            found.by_quarter.append(found.run.processor - before)
        with found.watch.on("report"):
            _report(made, last)
        found.wrong.extend(_wrong(made, last))
        return found
    finally:
        database.close()


def _quarters(count: int) -> list[Quarter]:
    first = Quarter.of(FIRST)
    return list(quarters(first, Quarter(first.year + count // 4 + 1, 4)))[:count]


def _quarter(made: Institution, quarter: Quarter, watch: Watch) -> None:
    made.at(quarter.next.ends_on)
    with watch.on("happen"):
        made.happens(quarter)
    with watch.on("accrue"):
        accrue_all(made.desk, until=quarter.ends_on, key=f"accrue {quarter}")
    with watch.on("stage"):
        allow_for_all(made.desk, on=quarter.ends_on, key=f"allow {quarter}")
    with watch.on("close"):
        close(made.desk, quarter=quarter, hard=True, accept_missing="No lender reports while this is measured")


def _report(made: Institution, quarter: Quarter) -> None:
    with made.database.reading() as session:
        figures(session, as_at=quarter.ends_on)
        portfolio(session, as_at=quarter.ends_on)
        bank_stands(session, quarter.ends_on)


def _wrong(made: Institution, quarter: Quarter) -> Iterator[str]:
    """What does not come out as it must: sums over facilities are the books', and no allowance exceeds its loan."""
    with made.database.reading() as session:
        views = all_facilities(session, as_at=quarter.ends_on)
        for code, name in (("1200", "outstanding"), ("1210", "interest_due"), ("9100", "undrawn")):
            told = Money.total(getattr(view.figures, name) for view in views)
            if told != balance_at(session, "bank", code, quarter.ends_on):
                yield f"{name} of all facilities is {told}, and account {code} says otherwise"
        if Money.total(balance_at(session, "bank", code) for code in ("9100", "9140", "9141", "9199")) != NOTHING:
            yield "commitments and interest in suspense do not sum to nothing with their contra"
        earning = [view for view in views if view.figures.interest_accrued > NOTHING]
        if len(earning) != len(made.facilities):
            yield f"{len(earning)} of {len(made.facilities)} facilities have earned"
        for view in views:
            gross = view.figures.carrying_amount + view.figures.loss_allowance
            if not NOTHING < view.figures.loss_allowance <= gross:
                yield f"{view.figures.loss_allowance} is allowed for on {view.name}, which is carried at {gross}"


def grown(found: Sequence[Measured]) -> float:
    """How many times longer a facility takes among the most than among the fewest."""
    return found[-1].each / found[0].each


def linear(found: Sequence[Measured]) -> bool:
    """Whether the time of the run grows in step with the facilities."""
    return grown(found) <= LINEAR


def table(found: Sequence[Measured]) -> str:
    """What was measured, a line for each size, and how it grows."""
    heads = ["facilities", "quarters", *WORKS, "processor", "clock", "each and quarter", "in SQL", "beside"]
    lines = ["  ".join(f"{head:>10}" for head in heads)]
    for one in found:
        cells = [
            f"{one.facilities:,}",
            str(one.quarters),
            *(f"{one.watch.spent[work].processor:.1f}s" for work in WORKS),
            f"{one.run.processor:.1f}s",
            f"{one.run.clock:.1f}s",
            f"{one.each:.2f}ms",
            f"{one.run.clock_in_sql / one.run.clock:.0%}",
            f"{one.watch.spent['build'].processor + one.watch.spent['happen'].processor:.1f}s",
        ]
        lines.append("  ".join(f"{cell:>{max(10, len(head))}}" for cell, head in zip(cells, heads, strict=True)))
    lines.append(SAYS)
    if len(found) > 1:
        few, many = found[0], found[-1]
        verdict = "linear" if linear(found) else "not linear"
        lines.append(
            f"From {few.facilities:,} to {many.facilities:,}, each facility takes {grown(found):.2f} times as long: "
            f"{verdict}."
        )
    lines += [
        f"Of {one.facilities:,} facilities, a quarter takes {one.growth_by_quarter:.2f} times as long in the last "
        f"fourth of {one.quarters} quarters as in the first."
        for one in found
    ]
    return "\n".join(lines)


def main(words: Sequence[str] | None = None, say: Callable[[str], object] = print) -> int:
    """Measure, print, and end with 1 where an answer was wrong, or time grew faster than the facilities."""
    reader = argparse.ArgumentParser(prog="python -m tests.benchmarks.facilities", description=__doc__)
    reader.add_argument("--facilities", type=int, nargs="+", default=[100, 1000])
    reader.add_argument("--quarters", type=int, default=40)
    reader.add_argument("--database", help="An empty database, for a single size; SQLite when left out.")
    asked = reader.parse_args(words)
    if asked.database and len(asked.facilities) > 1:
        reader.error("one empty database takes one size: name one with --facilities")
    found = []
    for count in asked.facilities:
        with tempfile.TemporaryDirectory() as home:
            url = asked.database or f"sqlite:///{Path(home) / 'bank.db'}"
            found.append(measure(url, count, asked.quarters))
    say(table(found))
    for line in (line for one in found for line in one.wrong):
        say(f"WRONG: {line}")
    return ended(found)


def ended(found: Sequence[Measured]) -> int:
    """The exit code: 1 where an answer was wrong or growth is not linear, and nothing otherwise."""
    return int(any(one.wrong for one in found) or not linear(found))


if __name__ == "__main__":
    sys.exit(main())
