"""The check of the whole journal: all seals and heads computed again, and the first entry that does not hold."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from importlib.resources import files
from itertools import islice
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError

from ledger import waiting
from ledger.acts import after_mark_as_text, after_quarter_as_text, chain_start
from ledger.chart import HOUSE_BOOKS, PLANS, kind_of_code
from ledger.dates import BadDate, Quarter
from ledger.merkle import EMPTY_ROOT, HASH_BYTES, Log
from ledger.notes import BadNote, TreeHead, VerifierKey, opened
from ledger.refusals import Malformed
from ledger.replay import NEVER, Chart, reversed_in_vain
from ledger.side_by_side import in_order
from ledger.store import cells, scan
from ledger.store.database import Database, ReadSession
from ledger.store.work import View
from ledger.stretches import Fault, Found, tasks, told

_IN_HEX: Final = re.compile(r"[0-9A-Fa-f]{64}", re.ASCII)
_IN_BASE64: Final = re.compile(r"[A-Za-z0-9+/]{43}=", re.ASCII)
_LAST: Final = (2**63,)
"""A row beyond all rows."""
_STATES: Final = {"open", "soft-closed", "closed"}


class Checkpoint(View):
    """A head of the books that somebody kept: how many entries there were, and the root over them.

    `acts`, where it is known, is the chain over the marks and quarters of that moment; `name` is what whoever gave it
    calls it, such as its file, so that of several the one that these books do not continue is named.
    """

    seq: int
    root: str
    acts: str = ""
    name: str = ""

    @property
    def called(self) -> str:
        """The checkpoint, by its name where it has one."""
        return f"the checkpoint {self.name}".rstrip()

    @classmethod
    def parse(cls, text: str, keys: Sequence[VerifierKey] = ()) -> Checkpoint:
        """Read a kept checkpoint: a signed note, or the three lines of one that nobody signed.

        A signed note is believed when one of the keys has signed it, and refused otherwise.
        """
        if "\n\n" in text.strip("\n"):
            return cls.of(_opened(text, keys))
        lines = [line.strip() for line in text.strip().splitlines()]
        if len(lines) == 3 and _IN_BASE64.fullmatch(lines[2]):  # noqa: PLR2004 -- those, as a statement attaches them
            return cls.of(TreeHead.parse("\n".join((*lines, ""))))
        if len(lines) < 3 or not lines[1].isdecimal() or not _IN_HEX.fullmatch(lines[2]):  # noqa: PLR2004 -- those
            raise Malformed(
                "This is not a checkpoint: a signed note, or three lines, a name, the number of entries, and "
                "the root in 64 hexadecimal figures or in base64"
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
    event that does not follow, and a checkpoint, kept elsewhere, that these books do not continue; and of what waits
    for its place a row that is not what its own text says.
    """
    with ThreadPoolExecutor(1) as beside:
        database = session.database
        of_the_cells: Future[list[Fault]] = Future()
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
        with closing(check.marks):
            found = check.first_fault()
    seq, fault = found or (None, "")
    return Verdict(
        holds=found is None,
        entries=check.log.size,
        head=check.log.frontier().root().hex(),
        acts=check.chain.hex(),
        seq=seq if type(seq) is int else None,
        fault=fault.encode(errors="backslashreplace").decode(),
    )


def verifier_file() -> str:
    """The one-file verifier as it ships with us: to be handed to whoever shall check the books without us."""
    return files("ledger").joinpath("verifier.py").read_text("utf-8")


class _Check:
    """One check under way: the journal as far as it has been read, and what is still to be met on the way."""

    def __init__(self, session: ReadSession, kept: Sequence[Checkpoint], of_the_cells: Future[list[Fault]]) -> None:
        self._session = session
        self._of_the_cells = of_the_cells
        self._books = scan.books(session)
        self._accounts = scan.accounts(session)
        self._chart = Chart(self._books, self._accounts)
        self.log = Log()
        self.chain = chain_start()
        self._recorded_at = NEVER
        self._nets: dict[str, dict[int, int]] = {}
        self._whole = 0
        self._undone: set[int] = set()
        self.marks = scan.marks(session)
        self._mark = next(self.marks, _LAST)
        self._events = deque(scan.quarter_events(session))
        self._closed = [event[2] for event in self._events if event[3] == "closed"]
        self._cut = tasks(scan.count(session), self._events)
        self._kept = deque(sorted(kept, key=lambda checkpoint: checkpoint.seq))
        self._twice = [place for place in scan.keys_used_twice(session) if type(place) is int]
        self._next_stop = 0

    def first_fault(self) -> Fault | None:
        """The first fault in the order of the journal; then what no entry can be named for."""
        try:
            return self._of_entries() or next(self._of_the_rest(), None)
        except scan.Unreadable as problem:
            return self.log.size + 1, f"the database cannot be read from here on: {problem}"
        except TypeError:
            return self.log.size + 1, "a place here is no number"

    def _of_entries(self) -> Fault | None:
        fault, stray = self._stop(0), None
        if fault:
            return None, fault
        with closing(in_order(self._session, self._books, self._accounts, self._cut)) as stretches:
            for found in stretches:
                at_fault = self._of_a_stretch(found)
                if at_fault:
                    return at_fault
                stray = found.stray if stray is None else stray
        return stray if stray is None else (stray, f"what says that it is of place {stray} is of no entry")

    def _of_a_stretch(self, found: Found) -> Fault | None:
        """The first fault of a stretch. What it found by itself comes after all that its sound entries come to."""
        for quarter, nets in found.nets.items():
            of_all = self._nets.setdefault(quarter, defaultdict(int))
            for account, net in nets.items():
                of_all[int(account)] += net
        self._whole = found.size
        place, taken, fault = min(self._of_pairs(found), default=(found.size + 1, found.size, ""))
        instants = deque(found.instants)
        while self._next_stop < place:
            stop = self._next_stop
            while instants and instants[0][0] <= stop:
                _, self._recorded_at = instants.popleft()
            self._grow(found, stop)
            fault_here = self._stop(stop)
            if fault_here:
                return self._told(stop, fault_here)
        self._grow(found, taken)
        if fault:
            return self._told(place, fault)
        self._recorded_at = instants[-1][1] if instants else self._recorded_at
        return found.fault

    def _of_pairs(self, found: Found) -> Iterator[tuple[int, int, str]]:
        """What two entries cannot both be: its place, how many entries hold before it is seen, and the fault."""
        for place, reverses in found.reversals:
            if reverses in self._undone:
                yield place, place - 1, reversed_in_vain(reverses)
            self._undone.add(reverses)
        for place in self._twice:
            if found.after < place <= found.size:
                yield place, place, "its key is that of another entry of its book before it"

    def _grow(self, found: Found, upto: int) -> None:
        first, last = (HASH_BYTES * (place - found.after) for place in (self.log.size, upto))
        self.log.extend(found.seals[first:last])

    def _told(self, place: int, fault: str) -> Fault:
        return told(self._chart, place, *scan.named(self._session, place), fault)

    def _stop(self, place: int) -> str:
        """Compare what was kept of this place: a mark, what became of quarters there, checkpoints."""
        root = self.log.frontier().root()
        chains = {self.chain.hex()}
        if self._mark[0] == place:
            _, recorded_at, kept = self._mark
            if (kept, recorded_at) != (root, self._recorded_at):
                return "the mark kept at this place has another root or instant"
            self.chain = after_mark_as_text(self.chain, place, recorded_at, root)
            chains = {self.chain.hex()}
            self._mark = next(self.marks, _LAST)
        while self._events and self._events[0][6] == place == self._whole:
            fault = self._event(self._events.popleft(), root)
            if fault:
                return fault
            chains.add(self.chain.hex())
        while self._kept and self._kept[0].seq == place:
            kept_here = self._kept.popleft()
            if kept_here.root != root.hex():
                return f"the first {place} entries are not those of {kept_here.called}"
            if kept_here.acts and kept_here.acts not in chains:
                return f"the marks and quarters up to place {place} are not those of {kept_here.called}"
        waits = (self._mark[0], *(event[6] for event in islice(self._events, 1)), *(kept.seq for kept in self._kept))
        # One that stands before here will never be come to: it is a fault when everything else holds.
        self._next_stop = min((stop for stop in waits if stop > place and type(stop) is int), default=_LAST[0])
        return ""

    def _trial_balance_digest(self, until: str) -> bytes:
        """One hash over every balance to the end of a quarter: what its close must have kept."""
        nets: dict[int, int] = defaultdict(int)
        for ends_on, quarter in self._nets.items():
            if ends_on <= until:
                for account, net in quarter.items():
                    nets[account] += net
        return self._chart.trial_balance_digest(nets)

    def _event(self, event: scan.Row, root: bytes) -> str:
        """What is wrong with an event of a quarter, recorded when the journal stood here; its chain goes on with it."""
        number, quarter, ends_on, state, _, _, _, kept, trial_balance = event
        try:
            if Quarter.parse(quarter).ends_on.isoformat() != ends_on or state not in _STATES:
                return f"event {number} of {quarter} has an end or a state that no quarter has"
            if kept != root:
                return f"the close of {quarter} kept another root"
            if trial_balance != self._trial_balance_digest(ends_on):
                return f"the close of {quarter} kept another trial balance"
            self.chain = after_quarter_as_text(self.chain, event)
        except (TypeError, ValueError, AttributeError, BadDate):
            return f"event {number} of a quarter holds a value of another kind than was recorded"
        return ""

    def _of_the_rest(self) -> Iterator[Fault]:
        """What remains to compare when every entry holds by itself."""
        size = self.log.size
        if self._mark is not _LAST:
            yield min(self._mark[0], size + 1), f"there is a mark at place {self._mark[0]}, where no entry is"
        for event in self._events:
            yield event[6], f"there is an event of {event[1]} at place {event[6]}, where the journal was not then"
        for kept in self._kept:
            yield size + 1, f"{kept.called} covers {kept.seq} entries, and these books have only {size}"
        yield from ((None, fault) for fault in self._of_the_head())
        yield from ((None, fault) for fault in _of_the_chart(self._books, self._accounts))
        yield from ((None, fault) for fault in self._of_what_waits())
        yield from self._of_the_cells.result()

    def _of_what_waits(self) -> Iterator[str]:
        """What has no place yet, and is counted in the present all the same: each row against its own text."""
        try:
            rows = list(scan.waiting(self._session))
        except scan.Unreadable as problem:
            yield f"what waits for its place cannot be read: {problem}"
        else:
            yield from waiting.faults(rows, self._chart, max(self._closed, default=""))

    def _of_the_head(self) -> Iterator[str]:
        """What the head says, against what the journal comes to."""
        log = self.log.frontier()
        size, root = log.size, log.root()
        expected = (1, size, self._recorded_at, log.to_bytes(), root, self.chain)
        rows = scan.heads(self._session)
        if len(rows) != 1:
            yield f"the journal has {len(rows)} heads, and must have one"
        for row in rows:
            if row[1] != size or row[4] != root:
                yield f"the head says {row[1]} entries and another root than {root.hex()}, to which they come"
            if row[5] != self.chain:
                yield "the head's chain of acts is another: a mark or a quarter's event was changed, removed or put in"
            if row != expected:
                yield "the head's number, instant or frontier is not that of the journal"


def _of_the_cells_beside(database: Database) -> list[Fault]:
    with database.reading() as session:
        cells.look_by_key(session)
        return _of_the_cells(session)


def _of_the_cells(session: ReadSession) -> list[Fault]:
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
