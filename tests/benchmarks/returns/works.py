"""What is measured: checking, filing and posting a return, and the bare reading and putting away of the same file."""

from __future__ import annotations

import csv
import gc
import io
import resource
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final
from uuid import uuid4

import psycopg
from python_calamine import load_workbook
from sqlalchemy import make_url

from bank.cli import LOOKED_AFTER
from bank.wiring import prepare
from intermediaries.returns.checking import check
from intermediaries.returns.commands import accept_return, attest_return, submit_return
from ledger.dates import Quarter, SetClock
from ledger.money import Money
from ledger.queries import balance_at
from ledger.store.database import Database
from tests.benchmarks.returns.material import COLUMNS, QUARTER
from tests.databases import empty
from tests.intermediaries.lending import House
from tests.servers import run_of_tests

Took = dict[str, float]
"""Seconds by what was done: of the processor, of this process and those it started; with a server, on the clock."""
KINDS: Final = ("sqlite", "postgresql")


def _seconds() -> float:
    own, started = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + started.ru_utime + started.ru_stime


def _timed(kind: str, work: Callable[[], object]) -> float:
    now = _seconds if kind == "sqlite" else time.perf_counter
    began = now()
    work()
    return now() - began


def settle() -> None:
    """Let this process look for garbage as the command line does, and as often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*LOOKED_AFTER)


@contextmanager
def _empty(kind: str, home: Path) -> Iterator[str]:
    """The URL of an empty database; a server's own settings let nothing wait for a disk."""
    if kind == "sqlite":
        yield f"sqlite:///{home / f'{uuid4()}.db'}"
        return
    with run_of_tests() as run, empty(kind, run, home) as url:
        yield url


def bare(data: bytes, form: str, home: Path, kind: str = "sqlite") -> Took:
    """Read the file with the reader that the project uses, and insert what it gives by one bulk statement."""
    return _bare_sqlite(data, form, home) if kind == "sqlite" else _bare_postgresql(data, form, home)


def _bare_postgresql(data: bytes, form: str, home: Path) -> Took:
    with _empty("postgresql", home) as url:
        plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain) as database:
            database.execute(f"CREATE TABLE loan ({', '.join(f'{name} text' for name in COLUMNS)})".encode())

            def work() -> None:
                with database.cursor() as cursor, cursor.copy(b"COPY loan FROM STDIN") as stream:
                    for row in _read(data, form):
                        stream.write_row(row)
                database.commit()

            took = _timed("postgresql", work)
            found = database.execute(b"SELECT count(*) FROM loan").fetchone()
    return {"read and insert": took, "rows": float(found[0] if found else 0)}


def _bare_sqlite(data: bytes, form: str, home: Path) -> Took:
    database = sqlite3.connect(home / f"bare-{form}.db")
    names = ", ".join(COLUMNS)
    database.execute(f"CREATE TABLE loan ({names})")
    marks = ", ".join("?" * len(COLUMNS))

    def work() -> None:
        with database:
            database.executemany(f"INSERT INTO loan ({names}) VALUES ({marks})", _read(data, form))  # noqa: S608 -- our own columns

    took = _timed("sqlite", work)
    (count,) = database.execute("SELECT count(*) FROM loan").fetchone()
    database.close()
    return {"read and insert": took, "rows": float(count)}


def _read(data: bytes, form: str) -> Iterator[list[object]]:
    if form == "csv":
        reader = csv.reader(io.TextIOWrapper(io.BytesIO(data), "utf-8-sig", newline=""))
        next(reader)
        yield from map(list[object], reader)
        return
    with load_workbook(io.BytesIO(data)) as book:
        rows = book.get_sheet_by_name("Loans").iter_rows()
        next(rows)
        yield from map(list[object], rows)


def ours(data: bytes, form: str, home: Path, loans: int, kind: str = "sqlite") -> Took:
    """Check the file, file it, attest it and accept it; what is in the books then is what the file says."""
    clock = SetClock(datetime(2012, 10, 1, 9, tzinfo=UTC))
    with _empty(kind, home) as url:
        database = Database.open(url, clock=clock)
        try:
            prepare(database)
            house = House.opened(database, clock, drawn="9000000000.00", drawn_on=date(2012, 10, 1))
            clock.set(datetime(2013, 1, 10, 9, tzinfo=UTC))
            checked = _timed(kind, lambda: _sound(data, loans))
            kept: list[str] = []
            submitted = _timed(kind, lambda: kept.append(filed(house, data, form)))
            attest_return(house.lender, return_id=kept[0], name="R. Quill", role="Finance director")
            posted = _timed(kind, lambda: accept_return(house.bank, return_id=kept[0], key="accept"))
            _refuse_wrong(house, data, loans)
            return {"check": checked, "file": submitted, "post": posted}
        finally:
            database.close()


def _sound(data: bytes, loans: int) -> None:
    checked = check(data, quarter=Quarter.parse(QUARTER), prior={})
    if checked.findings or checked.row_count != loans:
        raise AssertionError(f"{checked.row_count} loans, and found: {checked.findings[:1]}")


def filed(house: House, data: bytes, form: str) -> str:
    done = submit_return(
        house.lender,
        data=data,
        filename=f"return.{form}",
        facility=house.facility,
        quarter=Quarter.parse(QUARTER),
        cash_held=Money.parse("1.00"),
        key="file",
    )
    if done.errors:
        raise AssertionError(done.findings[:1])
    return done.id


def _refuse_wrong(house: House, data: bytes, loans: int) -> None:
    """The books hold our half of every loan's principal, to the penny that rounding makes of it."""
    outstanding = check(data, quarter=Quarter.parse(QUARTER), prior={}).totals.principal_outstanding
    with house.bank.reading() as session:
        lent = balance_at(session, house.intermediary, f"1300:{house.facility}")
    if abs(lent.pence * 2 - outstanding.pence) > loans:
        raise AssertionError(f"{lent} is lent, and {outstanding} outstanding in all")


USUAL: Final = 200


def usual(data: bytes) -> float:
    """The seconds on the clock that checking a usual return takes, its reading process included."""
    check(data, quarter=Quarter.parse(QUARTER), prior={})
    began = time.perf_counter()
    check(data + b"\n" if not data.startswith(b"PK") else data, quarter=Quarter.parse(QUARTER), prior={})
    return time.perf_counter() - began
