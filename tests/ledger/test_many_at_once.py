"""Many at once on one database: nothing lost, nothing twice, no quarrel of theirs ever told to the user as an error."""

from __future__ import annotations

import json
import random
import threading
from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy.exc import DBAPIError

from bank.wiring import OPERATOR
from ledger import commands, queries
from ledger.dates import Quarter, SetClock
from ledger.entries import Entry, Posting
from ledger.money import Money
from ledger.periods import QuarterClosed
from ledger.refusals import Refusal
from ledger.store.database import Database
from ledger.store.keys import KeyReused
from ledger.store.work import Desk
from ledger.verification import verify
from tests import databases
from tests.journeys.programs import Keyboard, Said
from tests.ledger.oracle import Oracle
from tests.ledger.twins import post_under_key

WORKERS: Final = 8
ACTS: Final = 24
SHARED: Final = 6
OPEN_DAY: Final = date(2012, 11, 5)
CLOSING: Final = Quarter(2012, 1)
SEEDED: Final = 6


def entry(key: str, pence: int, *, day: date = OPEN_DAY, account: str = "1200", book: str = "bank") -> Entry:
    return Entry(key, book, day, f"Entry {key}", (Posting(account, Money(pence)), Posting("1000", Money(-pence))))


@dataclass
class Told:
    """What the workers were answered."""

    placed: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    """The places given for each key: one, for whoever asked, however often."""
    refused: Counter[str] = field(default_factory=Counter)
    undone: defaultdict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def attempt(self, named: str, act: Callable[[], int], *refusals: type[Refusal]) -> int | None:
        try:
            seq = act()
        except refusals as refusal:
            with self.lock:
                self.refused[type(refusal).__name__] += 1
            return None
        with self.lock:
            self.placed[named].add(seq)
        return seq


class Worker:
    """One client with its own connection, going through a list of acts in an order of its own."""

    def __init__(self, url: str, number: int, told: Told) -> None:
        self.database = Database.open(url, clock=SetClock(datetime(2012, 12, 1, tzinfo=UTC)))
        self.desk = Desk(self.database, OPERATOR)
        self.number = number
        self.told = told
        self.chance = random.Random(number)  # noqa: S311 -- an order, not a secret

    def run(self, barrier: threading.Barrier) -> None:
        kinds = [self.post, self.share, self.quarrel, self.keyed, self.reverse, self.date_back, self.open, self.close]
        acts = [kinds[number % len(kinds)] for number in range(ACTS)]
        self.chance.shuffle(acts)
        barrier.wait()
        try:
            for turn, act in enumerate(acts):
                act(turn)
        finally:
            self.database.close()

    def post(self, turn: int) -> None:
        """An entry of one's own, as an act by itself."""
        key = f"own {self.number}/{turn}"
        assert self.told.attempt(key, lambda: commands.post(self.desk, entry(key, turn + 1)).seq)

    def share(self, turn: int) -> None:
        """The same entry as others post: it is there once, and each is told where."""
        key = f"shared {turn % SHARED}"
        if self.chance.random() < 0.5:
            assert self.told.attempt(key, lambda: commands.post(self.desk, entry(key, 5)).seq)
        else:
            assert self.told.attempt(key, lambda: self.desk.tried(lambda work: commands.post(work, entry(key, 5)).seq))

    def quarrel(self, turn: int) -> None:
        """A key that others use for something else: one of them has it."""
        key = f"quarrel {turn % SHARED}"
        mine = entry(key, 1_000 + self.number)
        self.told.attempt(f"{key} {self.number}", lambda: commands.post(self.desk, mine).seq, commands.KeyTaken)

    def keyed(self, turn: int) -> None:
        """A command under a key that others send too, with the same content or with other."""
        key, pence = f"act {turn % SHARED}", 7 + (self.number % 4 == 0)
        named = f"keyed {turn % SHARED} {pence}"
        self.told.attempt(
            named,
            lambda: post_under_key(self.desk, entry(f"by {key}", pence), key=key).seq,
            KeyReused,
        )

    def reverse(self, turn: int) -> None:
        """An entry that others reverse too: one of them does."""
        seq, key = turn % SEEDED + 1, f"undo {self.number}/{turn}"
        done = self.told.attempt(
            key,
            lambda: self.desk.tried(
                lambda work: commands.reverse(work, seq, key=key, effective_on=OPEN_DAY, reason="at once").seq
            ),
            commands.AlreadyReversed,
        )
        if done:
            with self.told.lock:
                self.told.undone[seq].add(done)

    def date_back(self, turn: int) -> None:
        """Into the quarter that somebody is closing: before the close, or not at all."""
        key = f"late {self.number}/{turn}"
        late = entry(key, 3, day=CLOSING.ends_on)
        self.told.attempt(key, lambda: commands.post(self.desk, late).seq, QuarterClosed)

    def open(self, turn: int) -> None:
        """An account that others open too, and an entry on it in the same act."""
        key, part = f"opened {self.number}/{turn}", f"fac_{turn % SHARED}"

        def act(work: Any) -> int:
            code = commands.sub_account(work, "bank", "1200", part, name=part)
            commands.open_account(work, "bank", f"1300:{part}", name=part)
            return commands.post(work, entry(key, 2, account=code)).seq

        assert self.told.attempt(key, lambda: self.desk.tried(act))

    def close(self, turn: int) -> None:
        """Closed by several is closed once."""
        if turn < ACTS // 2:
            return
        state = self.desk.tried(lambda work: str(commands.close_quarter(work, CLOSING, hard=True)))
        assert state == "closed"


@pytest.mark.parametrize("attempt", [1, 2])
def test_whatever_many_do_at_once_comes_out_as_if_one_after_another(database_url: str, attempt: int) -> None:
    told = Told()
    workers = [Worker(database_url, number + attempt * 100, told) for number in range(WORKERS)]
    seeded = [commands.post(workers[0].desk, entry(f"seed {number}", 50)).seq for number in range(SEEDED)]
    assert seeded == list(range(1, SEEDED + 1))

    barrier = threading.Barrier(WORKERS)
    with ThreadPoolExecutor(WORKERS) as pool:
        for done in [pool.submit(worker.run, barrier) for worker in workers]:
            done.result()

    database = Database.open(database_url)
    with database.reading() as session:
        journal = queries.entries(session, limit=10_000)
        _agree(told, {found.entry.key: found.seq for found in journal}, len(journal))
        assert [found.seq for found in journal] == list(range(1, len(journal) + 1))
        verdict = verify(session)
        assert verdict.holds, verdict.fault
        assert queries.closed_quarters(session) == [CLOSING]
        oracle = Oracle(set(), [found.entry for found in journal])
        for day in (CLOSING.ends_on, OPEN_DAY):
            for seq in (len(journal) // 2, len(journal)):
                found = queries.trial_balance(session, "bank", day, queries.known(session, seq))
                net = {line.code: (line.debit - line.credit).pence for line in found.accounts}
                assert net == oracle.trial_balance("bank", day, seq)
        after_close = [e for e in journal if e.entry.effective_on <= CLOSING.ends_on]
        closed_at = queries.closed_as_known(session, CLOSING)
        assert closed_at is not None
        assert all(found.seq <= closed_at.seq for found in after_close)
    database.close()


def test_acts_that_post_the_same_entries_each_in_its_own_order_form_no_ring(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_again: list[DBAPIError] = []

    def counting(lost: DBAPIError) -> bool:
        asked_again.append(lost)
        return True

    monkeypatch.setattr("ledger.store.work.may_be_tried_again", counting)
    desk = Desk(database, OPERATOR)

    def act(number: int) -> list[int]:
        keys = [f"{number // 6}/{part}" for part in range(4)]
        random.Random(number).shuffle(keys)  # noqa: S311 -- an order, not a secret
        done = desk.tried(lambda work: [commands.post(work, entry(key, 5)) for key in keys])
        return sorted(one.seq for one in done)

    with ThreadPoolExecutor(6) as pool:
        placed = list(pool.map(act, range(24)))
    assert [placed[number] for number in range(24)] == [placed[number // 6 * 6] for number in range(24)]
    assert sorted({seq for seqs in placed for seq in seqs}) == list(range(1, 17))
    assert not asked_again


def _agree(told: Told, there: dict[str, int], entries: int) -> None:
    """Everything acknowledged is there, once, where it was said to be; and nothing else is."""
    assert all(len(places) == 1 for places in told.placed.values()), told.placed
    places = sorted(seq for found in told.placed.values() for seq in found)
    assert places == list(range(SEEDED + 1, entries + 1))
    assert len(there) == entries
    assert all(len(undoing) == 1 for undoing in told.undone.values())
    assert set(told.refused) <= {"KeyTaken", "KeyReused", "AlreadyReversed", "QuarterClosed"}


def test_many_programs_import_into_one_file_at_once(run_of_tests: Path, tmp_path: Path) -> None:
    """The program itself, six times over, on one SQLite file: shared entries once, each one's own all there."""
    with databases.prepared("sqlite", run_of_tests, tmp_path) as url:
        with ThreadPoolExecutor(6) as people:
            done = list(people.map(partial(_importing, Keyboard(tmp_path, url)), range(6)))
        assert [(each.code, each.err) for each in done] == [(0, "")] * 6

        database = Database.open(url)
        with database.reading() as session:
            keys = Counter(found.entry.key for found in queries.entries(session, limit=1_000))
            assert set(keys.values()) == {1}
            assert set(keys) == {"shared"} | {f"own {number}/{line}" for number in range(6) for line in range(5)}
            assert verify(session).holds
        database.close()


def _importing(keyboard: Keyboard, number: int) -> Said:
    lines = [_line("shared")] + [_line(f"own {number}/{line}") for line in range(5)]
    file = keyboard.folder / f"journal-{number}.jsonl"
    file.write_text("\n".join(lines), "utf-8")
    return keyboard.beside("ledger", "import", str(file))


def _line(key: str) -> str:
    legs = [{"account": "1200", "amount": "1.00"}, {"account": "1000", "amount": "-1.00"}]
    return json.dumps(
        {"key": key, "book": "bank", "effective_on": "2012-03-31", "description": "at once", "postings": legs}
    )
