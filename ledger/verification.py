"""The check of the whole journal: all seals and heads computed again, and the first entry that does not hold."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError

from ledger.acts import after_mark_as_text, after_quarter_as_text, chain_start
from ledger.chart import HOUSE_BOOKS, PLANS, kind_of_code
from ledger.dates import BadDate, Quarter
from ledger.merkle import EMPTY_ROOT
from ledger.notes import BadNote, TreeHead, VerifierKey, opened
from ledger.refusals import Malformed
from ledger.replay import Replay
from ledger.store import cells, scan
from ledger.store.database import Database, ReadSession
from ledger.store.work import View

_LAST: Final = (2**63,)
"""A row beyond all rows."""
_STATES: Final = {"open", "soft-closed", "closed"}

_Fault = tuple[int | None, str]
"""The place of the first entry that does not hold, where it can be told, and why it does not."""


class Checkpoint(View):
    """A head of the books that somebody kept: how many entries there were, and the root over them.

    `acts`, where it is known, is the chain over the marks and quarters of that moment.
    """

    seq: int
    root: str
    acts: str = ""

    @classmethod
    def parse(cls, text: str, keys: Sequence[VerifierKey] = ()) -> Checkpoint:
        """Read a kept checkpoint: a signed note, or the three lines of one that nobody signed.

        A signed note is believed when one of the keys has signed it, and refused otherwise.
        """
        if "\n\n" in text.strip("\n"):
            return cls.of(_opened(text, keys))
        lines = [line.strip() for line in text.strip().splitlines()]
        if len(lines) < 3 or not lines[1].isdecimal() or len(lines[2]) != 64:  # noqa: PLR2004 -- a SHA-256 in hex
            raise Malformed(
                "This is not a checkpoint: a signed note, or three lines, a name, the number of entries, and "
                "64 hexadecimal figures"
            )
        return cls(seq=int(lines[1]), root=lines[2].lower())

    @classmethod
    def of(cls, head: TreeHead) -> Checkpoint:
        """What the body of a signed checkpoint says."""
        return cls(seq=head.size, root=head.root.hex(), acts=head.acts)


class Verdict(View):
    """What the check found: when the books do not hold, the first entry that does not (`seq`), and why (`fault`)."""

    holds: bool
    entries: int
    head: str
    acts: str = ""
    seq: int | None = None
    fault: str = ""


def verify(session: ReadSession, *checkpoints: Checkpoint | None) -> Verdict:
    """Compute the journal again from its postings, in order, and compare all that was written down of it.

    Finds a field changed, a row removed, put in, swapped or dated into a closed quarter, a head, a mark or a quarter's
    event that does not follow, and a checkpoint, kept elsewhere, that these books do not continue.
    """
    with ThreadPoolExecutor(1) as beside:
        database = session.database
        of_the_cells: Future[list[_Fault]] = Future()
        if database is None:
            of_the_cells.set_result(_of_the_cells(session))
        else:
            # The database makes the cells anew while we read the entries: neither waits for the other.
            of_the_cells = beside.submit(_of_the_cells_beside, database)
        try:
            check = _Check(session, [kept for kept in checkpoints if kept is not None], of_the_cells)
        except (scan.Unreadable, TypeError) as problem:
            return Verdict(
                holds=False,
                entries=0,
                head=EMPTY_ROOT.hex(),
                fault=f"the books, their accounts or their quarters cannot be read: {problem}",
            )
        found = check.first_fault()
    seq, fault = found or (None, "")
    return Verdict(
        holds=found is None,
        entries=check.replay.size,
        head=check.replay.root().hex(),
        acts=check.chain.hex(),
        seq=seq if type(seq) is int else None,
        fault=fault.encode(errors="backslashreplace").decode(),
    )


def verifier_file() -> str:
    """The one-file verifier as it ships with us: to be handed to whoever shall check the books without us."""
    return files("ledger").joinpath("verifier.py").read_text("utf-8")


class _Check:
    """One check under way: the journal as far as it has been read, and what is still to be met on the way."""

    def __init__(self, session: ReadSession, kept: Sequence[Checkpoint], of_the_cells: Future[list[_Fault]]) -> None:
        self._session = session
        self._of_the_cells = of_the_cells
        self._books = scan.books(session)
        self._accounts = scan.accounts(session)
        self.replay = Replay(self._books, self._accounts)
        self.chain = chain_start()
        self._marks = scan.marks(session)
        self._mark = next(self._marks, _LAST)
        self._events = deque(scan.quarter_events(session))
        self._kept = deque(sorted(kept, key=lambda checkpoint: checkpoint.seq))
        self._twice = set(scan.keys_used_twice(session))
        self._strays: list[scan.Row] = []
        self._next_stop = 0

    def first_fault(self) -> _Fault | None:
        """The first fault in the order of the journal; then what no entry can be named for."""
        try:
            return self._of_entries() or next(self._of_the_rest(), None)
        except scan.Unreadable as problem:
            return self.replay.size + 1, f"the database cannot be read from here on: {problem}"
        except TypeError:
            return self.replay.size + 1, "a place here is no number"

    def _of_entries(self) -> _Fault | None:
        replay = self.replay
        fault = self._stop(0)
        if fault:
            return None, fault
        for row, legs in self._paired():
            place = row[0]
            if place <= replay.size:
                return place, f"two entries stand at place {place}"
            if place != replay.size + 1:
                return replay.size + 1, f"place {replay.size + 1} is empty: the entry that stood there is missing"
            fault = replay.take(row, legs)
            if fault and isinstance(legs, str):
                fault = replay.take(row, scan.postings_of(self._session, place)) or fault
            if not fault and place in self._twice:
                fault = "its key is that of another entry of its book before it"
            if not fault and place >= self._next_stop:
                fault = self._stop(place)
            if fault:
                return place, f"entry {place} ({row[3]!r:.80} in the book {replay.book_of(row)}): {fault}"
        if self._strays:
            return self._strays[0][0], f"what says that it is of place {self._strays[0][0]} is of no entry"
        return None

    def _paired(self) -> Iterator[tuple[scan.Row, list[scan.Row] | str]]:
        """Every entry with the postings that say they are its; what belongs nowhere is put aside."""
        session = self._session
        by_server = session.connection().dialect.name != scan.SQLITE
        postings = scan.legs(session) if by_server else scan.postings(session)
        posting: scan.Row = next(postings, _LAST)
        for row in scan.entries(session):
            place, legs = row[0], list[scan.Row]()
            while posting[0] <= place:
                (legs if posting[0] == place else self._strays).append(posting)
                posting = next(postings, _LAST)
            if place < 1:
                self._strays.append(row)
            elif by_server and legs:
                ((_, numbers, told, repeats),) = legs
                plain = repeats and numbers == _numbers(numbers.count(",") + 1)
                yield row, told if plain else scan.postings_of(session, place)
            else:
                yield row, legs
        if posting is not _LAST:
            self._strays.append(posting)

    def _stop(self, place: int) -> str:
        """Compare what was kept of this place: a mark, what became of quarters there, checkpoints."""
        root = self.replay.root()
        chains = {self.chain.hex()}
        if self._mark[0] == place:
            _, recorded_at, kept = self._mark
            if (kept, recorded_at) != (root, self.replay.recorded_at):
                return "the mark kept at this place has another root or instant"
            self.chain = after_mark_as_text(self.chain, place, recorded_at, root)
            chains = {self.chain.hex()}
            self._mark = next(self._marks, _LAST)
        while self._events and self._events[0][6] == place:
            fault = self._event(self._events.popleft(), root)
            if fault:
                return fault
            chains.add(self.chain.hex())
        while self._kept and self._kept[0].seq == place:
            kept_here = self._kept.popleft()
            if kept_here.root != root.hex():
                return f"the first {place} entries are not those of the checkpoint"
            if kept_here.acts and kept_here.acts not in chains:
                return f"the marks and quarters up to place {place} are not those of the checkpoint"
        event_at = self._events[0][6] if self._events else _LAST[0]
        self._next_stop = min(self._mark[0], event_at, self._kept[0].seq if self._kept else _LAST[0])
        return ""

    def _event(self, event: scan.Row, root: bytes) -> str:
        """What is wrong with an event of a quarter, recorded when the journal stood here; its chain goes on with it."""
        number, quarter, ends_on, state, _, _, _, kept, trial_balance = event
        try:
            if Quarter.parse(quarter).ends_on.isoformat() != ends_on or state not in _STATES:
                return f"event {number} of {quarter} has an end or a state that no quarter has"
            if kept != root:
                return f"the close of {quarter} kept another root"
            if trial_balance != self.replay.trial_balance_digest(ends_on):
                return f"the close of {quarter} kept another trial balance"
            if state == "closed":
                self.replay.closed_to = max(self.replay.closed_to, ends_on)
            self.chain = after_quarter_as_text(self.chain, event)
        except (TypeError, ValueError, AttributeError, BadDate):
            return f"event {number} of a quarter holds a value of another kind than was recorded"
        return ""

    def _of_the_rest(self) -> Iterator[_Fault]:
        """What remains to compare when every entry holds by itself."""
        size = self.replay.size
        if self._mark is not _LAST:
            yield min(self._mark[0], size + 1), f"there is a mark at place {self._mark[0]}, where no entry is"
        for event in self._events:
            yield event[6], f"there is an event of {event[1]} at place {event[6]}, where the journal was not then"
        for kept in self._kept:
            yield size + 1, f"the checkpoint covers {kept.seq} entries, and these books have only {size}"
        yield from ((None, fault) for fault in self._of_the_head())
        yield from ((None, fault) for fault in _of_the_chart(self._books, self._accounts))
        yield from self._of_the_cells.result()

    def _of_the_head(self) -> Iterator[str]:
        """What the head says, against what the journal comes to."""
        replay = self.replay
        expected = (1, replay.size, replay.recorded_at, replay.frontier().to_bytes(), replay.root(), self.chain)
        rows = scan.heads(self._session)
        if len(rows) != 1:
            yield f"the journal has {len(rows)} heads, and must have one"
        for row in rows:
            if row[1] != replay.size or row[4] != replay.root():
                yield f"the head says {row[1]} entries and another root than {replay.root().hex()}, to which they come"
            if row[5] != self.chain:
                yield "the head's chain of acts is another: a mark or a quarter's event was changed, removed or put in"
            if row != expected:
                yield "the head's number, instant or frontier is not that of the journal"


@cache
def _numbers(legs: int) -> str:
    """The numbers of so many legs, as the server tells them."""
    return ",".join(map(str, range(1, legs + 1)))


def _of_the_cells_beside(database: Database) -> list[_Fault]:
    with database.reading() as session:
        return _of_the_cells(session)


def _of_the_cells(session: ReadSession) -> list[_Fault]:
    """The first sum kept that is not what its postings come to."""
    try:
        return list(islice(cells.faults(session), 1))
    except (SQLAlchemyError, TypeError, ValueError) as problem:
        return [
            (None, f"the sums kept of the journal cannot be read: {str(getattr(problem, 'orig', problem)).strip()}")
        ]


def _of_the_chart(books: Sequence[scan.Row], accounts: Sequence[scan.Row]) -> Iterator[str]:
    """Books and accounts that are not what the chart says; their names are free."""
    codes: dict[Any, dict[str, tuple[str, str]]] = {number: {} for number, _, _ in books}
    yield from _twice("books", [number for number, _, _ in books])
    yield from _twice("books", [code for _, code, _ in books])
    yield from _twice("accounts", [number for number, *_ in accounts])
    yield from _twice("accounts", [(book, code) for _, book, code, *_ in accounts])
    for number, book, code, kind, mirror in accounts:
        if book not in codes:
            yield f"account {number} ({code}) is of a book that is not there"
        else:
            codes[book][code] = (kind, mirror)
    house = {plan.kind for plan in HOUSE_BOOKS}
    yield from (f"there is no book {missing}" for missing in sorted(house - {code for _, code, _ in books}))
    for number, code, kind in books:
        if kind not in PLANS or (code != kind and house.intersection((code, kind))):
            yield f"the book {code} is of the kind {kind!r:.40}"
            continue
        chart = {line.code: (str(line.kind), line.mirror) for line in PLANS[kind].lines}
        yield from (
            f"the book {code} lacks account {missing}" for missing in sorted(chart.keys() - codes[number].keys())
        )
        for account, found in codes[number].items():
            root = chart.get(account.partition(":")[0], ("", ""))
            if found != chart.get(account, (str(kind_of_code(account)), root[1])):
                yield f"account {account} of the book {code} has a kind or a mirror that its code has not"


def _twice(what: str, names: Sequence[Any]) -> Iterator[str]:
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        yield f"there are two {what} {twice!r:.80}"


def _opened(text: str, keys: Sequence[VerifierKey]) -> TreeHead:
    if not keys:
        raise BadNote("This checkpoint is signed: give the verifier key of who signed it, with --key")
    return opened(text, keys)
