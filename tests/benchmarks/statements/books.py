"""What it takes to gather a statement from books that hold so many onward loans, before a page is set."""

from __future__ import annotations

import pickle
import resource
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from bank.publishing.commands import Wanted, drafted
from bank.publishing.rules import Kind
from bank.wiring import OPERATOR, prepare
from intermediaries.returns.commands import accept_return, attest_return
from ledger.commands import close_quarter
from ledger.dates import Quarter, SetClock
from ledger.store.database import Database
from ledger.store.work import Desk
from tests.benchmarks.returns.material import QUARTER, as_csv
from tests.benchmarks.returns.works import filed, settle
from tests.benchmarks.statements.works import apart, timed
from tests.intermediaries.lending import House

KINDS: Final[tuple[Kind, ...]] = ("portfolio", "impact")
_AFTERWARDS: Final = datetime(2013, 1, 10, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Gathered:
    """Seconds of the processor to gather and compose one statement and to hand it over, and the most memory in MiB."""

    seconds: float
    peak: int


def gathered(loans: int) -> Iterator[tuple[Kind, Gathered]]:
    """Both statements of a lender whose return told of so many loans, each by a process that begins with nothing."""
    with tempfile.TemporaryDirectory() as home:
        url = f"sqlite:///{Path(home) / 'books.db'}"
        apart(_lend, url, loans)
        for kind in KINDS:
            yield kind, apart(_gather, url, kind)


def _lend(url: str, loans: int) -> None:
    """Books of one facility, and a quarter of so many loans."""
    settle()
    clock = SetClock(datetime(2012, 10, 1, 9, tzinfo=UTC))
    database = Database.open(url, clock=clock)
    try:
        prepare(database)
        house = House.opened(database, clock, drawn="9000000000.00", drawn_on=date(2012, 10, 1))
        clock.set(_AFTERWARDS)
        return_id = filed(house, as_csv(loans), "csv")
        attest_return(house.lender, return_id=return_id, name="R. Quill", role="Finance director")
        accept_return(house.bank, return_id=return_id, key="accept")
        with Desk(database, OPERATOR).writing() as work:
            close_quarter(work, Quarter.parse(QUARTER), hard=False)
    finally:
        database.close()


def _gather(url: str, kind: Kind) -> Gathered:
    """The second of two, as the other steps are timed: what a process pays once is nobody's."""
    settle()
    database = Database.open(url, clock=SetClock(_AFTERWARDS))
    try:
        _handed(database, kind)
        _, seconds = timed(lambda: _handed(database, kind))
    finally:
        database.close()
    return Gathered(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def _handed(database: Database, kind: Kind) -> bytes:
    with database.reading() as session:
        document = drafted(session, Wanted(kind, Quarter.parse(QUARTER))).document
    return pickle.dumps(document, pickle.HIGHEST_PROTOCOL)
