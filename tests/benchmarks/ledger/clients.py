"""One client process of W2: it makes its work ready, waits for the others, and posts until its time is up."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from sqlalchemy.exc import DBAPIError

from ledger import commands, placing
from ledger.entries import Entry
from ledger.store.database import may_be_tried_again
from tests.benchmarks.ledger import drivers, material
from tests.benchmarks.ledger.bare import TABLES, Row, Rows
from tests.benchmarks.ledger.bare_postgresql import BarePostgresql
from tests.benchmarks.ledger.bare_sqlite import Busy
from tests.benchmarks.ledger.desks import desk_at

_TRIES: Final = 20
_AHEAD: Final = 1_500
"""Entries made ready for each second: more than one client can post."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The rows of one post of ours, after which the bare clients cut theirs, and the accounts they may use."""

    rows: Rows
    names: dict[str, list[str]]
    accounts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Client:
    """What one client is told."""

    url: str
    number: int
    name: str
    hot: bool
    seconds: float
    after: int
    """The place after which this client's own places begin, when it makes rows itself."""
    way: str
    sample: Sample


@dataclass
class Done:
    """What one client did: the seconds of each post that was acknowledged, and what went wrong."""

    hot: bool
    seconds: list[float] = field(default_factory=list)
    before: int = 0
    """Posts before the clock started."""
    lasted: float = 0.0
    hot_pence: int = 0
    retries: int = 0
    errors: int = 0
    said: str = ""


Poster = Callable[[], object]
Act = Callable[[Client, Sequence[Entry]], AbstractContextManager[Sequence[Poster]]]
"""Opens what the client posts through, and makes an act ready for each entry."""


def serve(asked: Any, gate: Any, told: Any) -> None:
    """The life of a client process: do what it is asked, round after round, until it is asked nothing more."""
    while (job := asked.get()) is not None:
        act, client = job
        told.put(_round(act, client, gate))


def _round(act: Act, client: Client, gate: Any) -> Done:
    """Make the work ready, post one entry to have everything open, wait for the others, and post until time is up."""
    done = Done(client.hot)
    count = int(_AHEAD * client.seconds) + 50
    entries = material.plain_entries(count, name=f"{client.name}{client.number}-", hot=client.hot)
    with act(client, entries) as posters:
        _timed(posters[0], entries[0], done)
        done.before, done.seconds = len(done.seconds), []
        gate.wait()
        began = time.perf_counter()
        until = began + client.seconds
        for entry, poster in zip(entries[1:], posters[1:], strict=True):
            if time.perf_counter() > until:
                break
            _timed(poster, entry, done)
        done.lasted = time.perf_counter() - began
    return done


def _timed(poster: Poster, entry: Entry, done: Done) -> None:
    """Post one entry, again when the database asks for it, and note what that took altogether."""
    began = time.perf_counter()
    for _ in range(_TRIES):
        try:
            poster()
        except (DBAPIError, Busy) as problem:
            if isinstance(problem, DBAPIError) and not may_be_tried_again(problem):
                done.said = str(problem)
                break
            done.retries += 1
            continue
        done.seconds.append(time.perf_counter() - began)
        done.hot_pence += sum(leg.amount.pence for leg in entry.postings if leg.account == material.HOT)
        return
    done.errors += 1


@contextmanager
def post(client: Client, entries: Sequence[Entry]) -> Iterator[Sequence[Poster]]:
    """Through the commands, inline."""
    with desk_at(client.url) as desk:
        yield [partial(commands.post, desk, entry) for entry in entries]


@contextmanager
def post_later(client: Client, entries: Sequence[Entry]) -> Iterator[Sequence[Poster]]:
    """Through the commands, deferred: accepted now, and placed by the worker."""
    with desk_at(client.url) as desk:
        yield [partial(commands.post_later, desk, entry) for entry in entries]


@contextmanager
def stage(client: Client, entries: Sequence[Entry]) -> Iterator[Sequence[Poster]]:
    """By the bare driver: one row that waits, which a worker moves into the journal and nobody checks."""
    bare = BarePostgresql(client.url)
    try:
        book = bare.ask("SELECT id FROM book WHERE code = 'bank'")[0][0]
        yield [bare.stage(entry, client.sample.accounts, book) for entry in entries]
    finally:
        bare.close()


def keep_placing(asked: Any, stop: Any, told: Any) -> None:
    """The life of the worker: place what waits while clients post, then what is left.

    As the bank runs it, or bare. It tells how long that last took, after the turn that was under way.
    """
    while (job := asked.get()) is not None:
        work, url = job
        told.put(work(url, stop))


def place(url: str, stop: Any) -> float:
    """The bank's own worker for a round."""
    with desk_at(url) as desk:
        placing.place_until(desk, stop, told=_unheard, failed=_raise)
        began = time.perf_counter()
        while placing.place_waiting(desk).placed:
            pass
        return time.perf_counter() - began


def move(url: str, stop: Any) -> float:
    """A worker that moves rows as they are, as many at a time and with the same rests."""
    bare = BarePostgresql(url)
    try:
        while not stop.is_set():
            if bare.move_staged(placing.MOST_AT_A_TIME) < placing.MOST_AT_A_TIME:
                stop.wait(placing.PAUSE.total_seconds())
        began = time.perf_counter()
        while bare.move_staged(placing.MOST_AT_A_TIME):
            pass
        return time.perf_counter() - began
    finally:
        bare.close()


def _unheard(turn: placing.Placed) -> None:
    del turn


def _raise(problem: Exception) -> None:
    raise problem


@contextmanager
def append(client: Client, entries: Sequence[Entry]) -> Iterator[Sequence[Poster]]:
    """By the bare driver: postings and header, nothing else, and no order kept."""
    cut = _Cutter(client)
    with drivers.connected(client.url) as bare:
        way = bare.append_ways()[client.way]
        yield [way(cut.rows(entry)) for entry in entries]


@contextmanager
def keep_order(client: Client, entries: Sequence[Entry]) -> Iterator[Sequence[Poster]]:
    """By the bare driver, with the head moved in the same transaction: what one order for all costs by itself."""
    cut = _Cutter(client)
    with drivers.connected(client.url) as bare:
        way = bare.order_ways()[client.way]
        yield [way(cut.whole(entry)) for entry in entries]


class _Cutter:
    """Cuts rows for entries after a sample, each at a place that is this client's alone."""

    def __init__(self, client: Client) -> None:
        self._sample, self._accounts = client.sample, client.sample.accounts
        self._place = client.after

    def rows(self, entry: Entry) -> Rows:
        """The postings and the header."""
        self._place += 1
        here = {"seq": self._place, "entry_id": self._place}
        legs = [
            self._cut("posting", row, **here, amount=leg.amount.pence, account_id=self._accounts[leg.account])
            for row, leg in zip(self._sample.rows.posting, entry.postings, strict=True)
        ]
        header = {"id": self._place, "seq": self._place, "key": entry.key, "gross": entry.gross.pence}
        return Rows(legs, [self._cut("entry", self._sample.rows.entry[0], **header)])

    def whole(self, entry: Entry) -> Rows:
        """The mark and the head as well."""
        rows = self.rows(entry)
        mark = self._cut("mark", self._sample.rows.mark[0], upto_seq=self._place)
        return Rows(rows.posting, rows.entry, [mark], self._sample.rows.head)

    def _cut(self, table: str, row: Row, **changed: Any) -> Row:
        return tuple((dict(zip(self._sample.names[table], row, strict=True)) | changed).values())


def sample(url: str) -> Sample:
    """Post one entry and read back its rows; every book of W2 begins with it."""
    entry = material.plain_entries(1, name="w2-sample-", hot=False)
    with desk_at(url) as desk:
        commands.post(desk, entry[0])
    with drivers.connected(url) as bare:
        names = {table: bare.names(table) for table in (*TABLES, "journal_head")}
        rows = bare.written(0, 1)
        accounts = bare.account_ids()
    return Sample(rows, names, accounts)
