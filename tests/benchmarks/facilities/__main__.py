"""Measure so many facilities over so many quarters, print a table, and say whether time grows in step with them."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sqlalchemy import event

from bank.allocations.commands import accrue_all, allow_for_all
from bank.allocations.queries import all_facilities
from bank.figures.queries import figures, portfolio
from bank.quarters.commands import close
from bank.wiring import prepare
from ledger.dates import Quarter, SetClock, quarters
from ledger.money import NOTHING, Money
from ledger.queries import balance_at
from ledger.store.database import Database
from tests.benchmarks.facilities.material import FIRST, Institution, build

LINEAR: Final = 1.5
"""How many times longer a facility may take among the most than among the fewest: beyond it, growth is not linear."""


@dataclass
class Watch:
    """Time by what was done, all of it and the part spent waiting for the database."""

    spent: dict[str, float] = field(default_factory=dict)
    in_sql: dict[str, float] = field(default_factory=dict)
    _now: str = ""
    _began: float = 0.0

    def over(self, database: Database) -> None:
        """Watch every statement and commit of a database."""
        event.listen(database.engine, "before_cursor_execute", self._begin)
        event.listen(database.engine, "after_cursor_execute", self._end)

    def _begin(self, *_: Any) -> None:
        self._began = time.perf_counter()

    def _end(self, *_: Any) -> None:
        self.in_sql[self._now] = self.in_sql.get(self._now, 0.0) + time.perf_counter() - self._began

    @contextmanager
    def on(self, what: str) -> Iterator[None]:
        """Whatever is done inside counts as this."""
        self._now, began = what, time.perf_counter()
        yield
        self.spent[what] = self.spent.get(what, 0.0) + time.perf_counter() - began
        self._now = ""


@dataclass(frozen=True)
class Measured:
    """One size measured."""

    facilities: int
    quarters: int
    watch: Watch
    wrong: tuple[str, ...]

    @property
    def run(self) -> float:
        """Seconds of the run itself: everything but the building of what is measured."""
        return sum(seconds for what, seconds in self.watch.spent.items() if what != "build")

    @property
    def in_sql(self) -> float:
        """Seconds of the run that went into statements."""
        return sum(seconds for what, seconds in self.watch.in_sql.items() if what not in {"build", ""})


def measure(url: str, count: int, quarters_run: int) -> Measured:
    """Build so many facilities in an empty database, and lead them through so many quarters."""
    clock, watch = SetClock(_opening()), Watch()
    database = Database.open(url, clock=clock)
    try:
        prepare(database)
        watch.over(database)
        with watch.on("build"):
            made = build(database, clock, count)
        last = _quarters(quarters_run)[-1]
        for quarter in _quarters(quarters_run):
            _quarter(made, quarter, watch)
        with watch.on("report"):
            _report(made, last)
        return Measured(count, quarters_run, watch, tuple(_wrong(made, last)))
    finally:
        database.close()


def _quarters(count: int) -> list[Quarter]:
    first = Quarter.of(FIRST)
    return list(quarters(first, Quarter(first.year + count // 4 + 1, 4)))[:count]


def _opening() -> Any:
    from datetime import UTC, datetime  # noqa: PLC0415 -- used here only

    return datetime(FIRST.year, FIRST.month, FIRST.day, 9, tzinfo=UTC)


def _quarter(made: Institution, quarter: Quarter, watch: Watch) -> None:
    made.at(quarter.next.ends_on)
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


def _wrong(made: Institution, quarter: Quarter) -> Iterator[str]:
    """What does not come out as it must: sums over facilities are the books', and no allowance exceeds its loan."""
    with made.database.reading() as session:
        views = all_facilities(session, as_at=quarter.ends_on)
        for code, name in (("1200", "outstanding"), ("1210", "interest_due"), ("9100", "undrawn")):
            told = Money.total(getattr(view.figures, name) for view in views)
            if told != balance_at(session, "bank", code, quarter.ends_on):
                yield f"{name} of all facilities is {told}, and account {code} says otherwise"
        if balance_at(session, "bank", "9100") + balance_at(session, "bank", "9199") != NOTHING:
            yield "commitments do not sum to nothing with their contra"
        earning = [view for view in views if view.figures.interest_due > NOTHING]
        if len(earning) != len(made.facilities):
            yield f"{len(earning)} of {len(made.facilities)} facilities have earned"


def table(found: Sequence[Measured]) -> str:
    """What was measured, a line for each size."""
    works = [work for work in found[0].watch.spent if work != "build"]
    heads = ["facilities", "quarters", *works, "run", "a facility and quarter", "in SQL", "build"]
    lines = ["  ".join(f"{head:>10}" for head in heads)]
    for one in found:
        each = one.run / one.facilities / one.quarters
        cells = [
            f"{one.facilities:,}",
            str(one.quarters),
            *(f"{one.watch.spent[work]:.1f}s" for work in works),
            f"{one.run:.1f}s",
            f"{each * 1000:.2f}ms",
            f"{one.in_sql / one.run:.0%}",
            f"{one.watch.spent['build']:.1f}s",
        ]
        lines.append("  ".join(f"{cell:>{max(10, len(head))}}" for cell, head in zip(cells, heads, strict=True)))
    if len(found) > 1:
        few, many = found[0], found[-1]
        grown = (many.run / many.facilities) / (few.run / few.facilities)
        verdict = "linear" if grown <= LINEAR else "not linear"
        lines.append(
            f"From {few.facilities:,} to {many.facilities:,}, each facility takes {grown:.2f} times as long: {verdict}."
        )
    return "\n".join(lines)


def main(words: Sequence[str] | None = None, say: Callable[[str], object] = print) -> int:
    """Measure, print, and end with 1 where an answer was wrong."""
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
    wrong = [line for one in found for line in one.wrong]
    for line in wrong:
        say(f"WRONG: {line}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
