"""Two journals, one in each database, and the oracle beside them: one script moves all three, and they must agree.

A script is a list of steps, each plain JSON, so that one which found something can be kept in a file and run again.
A step is one unit of work: its verbs in order, then a commit or, with `abort`, an error that takes it all back; or,
with `alone`, one posting that is an act by itself. Entries `later` are accepted before the step and placed after it.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from bank.wiring import OPERATOR
from ledger import commands, exchange, placing, posting, queries, trail
from ledger.dates import CALENDAR_ENDS, CALENDAR_STARTS, Quarter, SetClock
from ledger.entries import BadEntry, Entry, Posting
from ledger.identifiers import CountedIdentifiers
from ledger.money import Money
from ledger.refusals import Refusal
from ledger.store import cells, running, spans, sums, writing
from ledger.store.database import Database, ReadSession
from ledger.store.journal import EPOCH
from ledger.store.work import Desk, View, Work, command
from ledger.verification import Checkpoint, verify
from tests import databases, servers
from tests.ledger.oracle import No, Oracle, quarter_end

Step = dict[str, Any]
Verb = list[Any]

STARTS: Final = datetime(2013, 1, 15, 12, tzinfo=UTC)
BOOKS: Final = ("bank", "reclaim-fund")
BELOW: Final = ("fac_a", "fac_b", "fac_a:deep")
OPENED: Final = tuple(f"1200:{part}" for part in BELOW)
_CODES: Final = ("1000", "1200", "1200:fac_a", "1200:fac_b", "4000", "2000", "12000")
_VERIFY_EVERY: Final = 12


class TakenBackError(Exception):
    """What an aborted step ends with."""


class Posted(View):
    seq: int


@command
def post_under_key(work: Work, entry: Entry, *, key: str) -> Posted:
    """One entry by an idempotent command, as the doors post."""
    trail.record(work, action="model.post", subject=key)
    return Posted(seq=commands.post(work, entry).seq)


def as_json(entry: Entry) -> dict[str, Any]:
    return {
        "key": entry.key,
        "book": entry.book,
        "on": entry.effective_on.isoformat(),
        "text": entry.description,
        "legs": [[leg.account, leg.amount.pence] for leg in entry.postings],
        "kind": entry.kind,
        "pair": entry.pair,
        "truly": entry.original_effective_on and entry.original_effective_on.isoformat(),
        "undoes": entry.reverses,
    }


def as_entry(written: Mapping[str, Any]) -> Entry:
    truly = written.get("truly")
    return Entry(
        written["key"],
        written["book"],
        date.fromisoformat(written["on"]),
        written.get("text", "model"),
        tuple(Posting(code, Money(pence)) for code, pence in written["legs"]),
        written.get("kind", "entry"),
        written.get("pair", ""),
        date.fromisoformat(truly) if truly else None,
        written.get("undoes"),
    )


@contextmanager
def _small() -> Iterator[None]:
    """Make small what a book must grow into, so that a few entries cross every edge that many would."""
    sizes = [(cells, "SPAN", 3), (cells, "FAN", 3), (spans, "FAN", 3), (running, "BUSY", 1)]
    sizes += [(module, "MOST_AT_ONCE", 5) for module in (posting, placing, writing)]
    kept = [(module, name, getattr(module, name)) for module, name, _ in sizes]
    for module, name, size in sizes:
        setattr(module, name, size)
    try:
        yield
    finally:
        for module, name, size in kept:
            setattr(module, name, size)


def _end(step: Step) -> None:
    if step.get("abort"):
        raise TakenBackError


@dataclass
class Side:
    """One of the two journals."""

    kind: str
    desk: Desk

    def outcome(self, step: Step) -> list[Any]:
        """What a step came to: its answers, or the name of the refusal."""
        try:
            if step.get("alone"):
                return ["done", [_post(self.desk, written) for _, written in step["verbs"]]]
            with self.desk.writing() as work:
                answers = [self._answer(work, verb) for verb in step["verbs"]]
                _end(step)
        except Refusal as refusal:
            return ["refused", type(refusal).__name__]
        except TakenBackError:
            return ["taken back", answers]
        return ["done", answers]

    def accept(self, written: Mapping[str, Any]) -> list[Any]:
        """What became of an entry that may wait for its place."""
        try:
            commands.post_later(self.desk, as_entry(written))
        except Refusal as refusal:
            return ["refused", type(refusal).__name__]
        return ["accepted"]

    def _answer(self, work: Work, verb: Verb) -> Any:
        name, *arguments = verb
        if name == "savepoint":
            return self._savepoint(work, *arguments)
        doing: Callable[..., Any] = _VERBS[name]
        return doing(work, *arguments)

    def _savepoint(self, work: Work, verbs: Sequence[Verb], keep: bool) -> list[Any]:
        try:
            with work.session.begin_nested() as savepoint:
                answers = [self._answer(work, verb) for verb in verbs]
                if not keep:
                    savepoint.rollback()
        except Refusal as refusal:
            return ["refused", type(refusal).__name__]
        return ["done", answers]


def _post(at: Work | Desk, written: Sequence[Mapping[str, Any]]) -> list[int]:
    return [done.seq for done in commands.post_many(at, [as_entry(one) for one in written])]


def _reverse(work: Work, seq: int, key: str, on: str) -> int:
    return commands.reverse(work, seq, key=key, effective_on=date.fromisoformat(on), reason="model").seq


def _close(work: Work, quarter: str, hard: bool) -> str:
    return commands.close_quarter(work, Quarter.parse(quarter), hard=hard)


def _reopen(work: Work, quarter: str) -> str:
    return commands.reopen_quarter(work, Quarter.parse(quarter), reason="model")


def _open_account(work: Work, book: str, code: str) -> None:
    commands.open_account(work, book, code, name=f"Account {code}")


def _open_below(work: Work, book: str, code: str, part: str) -> str:
    return commands.sub_account(work, book, code, part, name=f"Below {code}")


def _keyed(work: Work, key: str, written: Mapping[str, Any]) -> int:
    return post_under_key(work, as_entry(written), key=key).seq


_VERBS: Final[Mapping[str, Callable[..., Any]]] = {
    "post": _post,
    "reverse": _reverse,
    "close": _close,
    "reopen": _reopen,
    "account": _open_account,
    "below": _open_below,
    "keyed": _keyed,
}


class Expected:
    """What the oracle makes of a step: the same grammar as `Side`, on a list in memory."""

    def __init__(self, oracle: Oracle) -> None:
        self.oracle = oracle
        self.answers: dict[str, tuple[Entry, int]] = {}

    def outcome(self, step: Step, now: datetime) -> list[Any]:
        kept = self.kept()
        try:
            answers = [self._answer(verb, now) for verb in step["verbs"]]
        except No as no:
            self._back_to(kept)
            return ["refused", str(no)]
        if step.get("abort"):
            self._back_to(kept)
            return ["taken back", answers]
        return ["done", answers]

    def kept(self) -> tuple[Oracle, dict[str, tuple[Entry, int]]]:
        oracle = self.oracle
        kept = replace(oracle, accounts=set(oracle.accounts), entries=oracle.entries[:], marks=oracle.marks[:])
        return kept, copy(self.answers)

    def _back_to(self, kept: tuple[Oracle, dict[str, tuple[Entry, int]]]) -> None:
        self.oracle, self.answers = kept

    def _answer(self, verb: Verb, now: datetime) -> Any:  # noqa: PLR0911 -- an answer for each verb
        match verb:
            case ["post", written]:
                return self.oracle.post([as_entry(one) for one in written], now)
            case ["reverse", seq, key, on]:
                return self.oracle.reverse(seq, key, date.fromisoformat(on), now)
            case ["close", quarter, hard]:
                return self.oracle.close(Quarter.parse(quarter).ends_on, now.date(), hard=hard)
            case ["reopen", quarter]:
                return self.oracle.reopen(Quarter.parse(quarter).ends_on)
            case ["account", book, code]:
                return self.oracle.accounts.add((book, code))
            case ["below", book, code, part]:
                return self._open_below(book, code, part)
            case ["keyed", key, written]:
                return self._keyed(key, as_entry(written), now)
            case ["savepoint", verbs, keep]:
                return self._savepoint(verbs, now, keep=keep)
        raise ValueError(verb)

    def _open_below(self, book: str, code: str, part: str) -> str:
        if (book, f"{code}:{part}") not in self.oracle.accounts and (book, code.partition(":")[0]) not in (
            self.oracle.accounts
        ):
            raise No("NoSuchAccount")
        self.oracle.accounts.add((book, f"{code}:{part}"))
        return f"{code}:{part}"

    def _keyed(self, key: str, entry: Entry, now: datetime) -> int:
        before, seq = self.answers.get(key, (entry, 0))
        if before != entry:
            raise No("KeyReused")
        if not seq:
            seq = self.oracle.post([entry], now)[0]
            self.answers[key] = entry, seq
        return seq

    def _savepoint(self, verbs: Sequence[Verb], now: datetime, *, keep: bool) -> list[Any]:
        kept = self.kept()
        try:
            answers = [self._answer(verb, now) for verb in verbs]
        except No as no:
            self._back_to(kept)
            return ["refused", str(no)]
        if not keep:
            self._back_to(kept)
        return ["done", answers]


class Twins:
    """The two journals and the oracle. `take` moves all three by a step and compares them on both time axes."""

    taken = 0
    """Steps taken since the program began, by all twins."""

    def __init__(self, run: Path) -> None:
        self.stack = ExitStack()
        self.stack.enter_context(_small())
        self.run = run
        self.clock = SetClock(STARTS)
        self.script: list[Step] = []
        self.roots: dict[int, str] = {}
        home = Path(self.stack.enter_context(tempfile.TemporaryDirectory(dir=servers.quick_place())))
        self.sides = [self._side(kind, home) for kind in ("sqlite", "postgresql")]
        with self.sides[0].desk.reading() as session:
            self.model = Expected(Oracle({(found.book, found.code) for found in queries.accounts(session)}))
        self.take({"verbs": [["below", "bank", "1200", part] for part in BELOW]})

    @property
    def oracle(self) -> Oracle:
        return self.model.oracle

    def _side(self, kind: str, home: Path) -> Side:
        return Side(kind, Desk(self._database(kind, home), OPERATOR))

    def _database(self, kind: str, home: Path) -> Database:
        url = self.stack.enter_context(databases.prepared(kind, self.run, home))
        database = Database.open(
            url, clock=self.clock, identifiers=CountedIdentifiers("model"), compiled=databases.COMPILED
        )
        self.stack.callback(database.close)
        return database

    def close(self) -> None:
        self.stack.close()

    def take(self, step: Step) -> None:
        """Take one step on all three and compare: the outcome first, then what all three say of the books."""
        self.script.append(step)
        Twins.taken += 1
        self.clock.set(self.clock.now() + timedelta(seconds=step.get("wait", 0)))
        chance = random.Random(repr(step) + str(len(self.script)))  # noqa: S311 -- a look, not a secret
        waiting = self._accept(step.get("later", ()), chance)
        self._outcome(step)
        if waiting:
            self._place(waiting)
        if step.get("rebuild"):
            self.rebuild(step["rebuild"])
        self.compare(chance)

    def _outcome(self, step: Step) -> None:
        expected = self.model.outcome(step, self.clock.now())
        for side in self.sides:
            found = side.outcome(step)
            assert found == expected, f"{side.kind} answered {found}, and the oracle {expected}"

    def _accept(self, later: Sequence[Mapping[str, Any]], chance: random.Random) -> list[Entry]:
        """Have the served journal take entries in without a place, and look at it while they wait."""
        if not later:
            return []
        before = len(self.oracle.entries)
        soon = Expected(self.model.kept()[0])
        for written in later:
            outcome = soon.outcome({"verbs": [["post", [written]]]}, self.clock.now())
            found = self.sides[1].accept(written)
            assert found == (outcome if outcome[0] == "refused" else ["accepted"]), (found, outcome)
        with self.sides[1].desk.reading() as session:
            present = replace(_Look.picked(soon.oracle, chance), seq=None)
            present.compare_present(session, soon.oracle)
            placed = replace(_Look.picked(self.oracle, chance), seq=before)
            placed.compare(session, self.oracle)
        return soon.oracle.entries[before:]

    def _place(self, waiting: Sequence[Entry]) -> None:
        """Give them their places: by the worker where they wait, and in the other journal by posting them in order."""
        written = [as_json(entry) for entry in waiting]
        turn = placing.place_waiting(self.sides[1].desk)
        assert (turn.placed, turn.waiting) == (len(waiting), 0)
        step = {"verbs": [["post", written]]}
        assert self.sides[0].outcome(step) == self.model.outcome(step, self.clock.now())

    def compare(self, chance: random.Random) -> None:
        """Look at all three at days and places picked by chance; the same script always looks at the same."""
        look = _Look.picked(self.oracle, chance)
        whole = chance.randrange(_VERIFY_EVERY) == 0
        heads = []
        for side in self.sides:
            with side.desk.reading() as session:
                heads.append(self._head(session))
                look.compare(session, self.oracle)
                if whole:
                    self._whole(session)
        assert heads[0] == heads[1], f"the roots differ: {heads}"
        self.roots[heads[0].seq] = heads[0].root

    def _head(self, session: ReadSession) -> queries.Head:
        head = queries.head(session)
        at_end = self.oracle.marks[-1] if self.oracle.marks else (0, EPOCH)
        assert (head.seq, head.recorded_at) == at_end
        return head

    def _whole(self, session: ReadSession) -> None:
        """The books verify, against a checkpoint kept from earlier too, and hold what the oracle holds, in order."""
        seq = min(self.roots)
        verdict = verify(session, Checkpoint(seq=seq, root=self.roots[seq]) if seq else None)
        assert verdict.holds, verdict.fault
        assert [found.entry for found in queries.entries(session, limit=10_000)] == self.oracle.entries
        for at in (seq, max(self.roots)):
            assert queries.head(session, queries.known(session, at)).root == self.roots[at]

    def rebuild(self, kind: str) -> None:
        """Each export is the other's, line by line, and rebuilds the same head and figures in an empty database.

        Where the clock was set back below the last entry, nothing is rebuilt before that instant has come.
        """
        if not self.oracle.entries:
            return
        exports = []
        for side in self.sides:
            with side.desk.reading() as session:
                exports.append([line.encode() for line in exchange.export(session)])
        assert exports[0] == exports[1]
        with ExitStack() as stack:
            home = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=servers.quick_place())))
            url = stack.enter_context(databases.prepared(kind, self.run, home))
            clock, last = SetClock(self.clock.now()), self.oracle.marks[-1][1]
            other = Database.open(url, clock=clock, compiled=databases.COMPILED)
            stack.callback(other.close)
            if clock.now() < last:
                with pytest.raises(BadEntry, match="by the clock of this machine"):
                    exchange.import_journal(Desk(other, OPERATOR), exchange.read(exports[0]), open_accounts=True)
                clock.set(last)
            done = exchange.import_journal(Desk(other, OPERATOR), exchange.read(exports[0]), open_accounts=True)
            assert (done.rebuilt, done.seq) == (True, len(self.oracle.entries))
            with other.reading() as session, self.sides[0].desk.reading() as ours:
                assert done.head == queries.head(ours).root
                for book in BOOKS:
                    _compare_book(session, self.oracle, book, CALENDAR_ENDS, queries.known(session))

    def grid(self) -> None:
        """The bank's book at the ends of quarters in which anything happened, as known at the last marks."""
        days = sorted({quarter_end(entry.effective_on) for entry in self.oracle.entries})[-3:]
        for side in self.sides:
            with side.desk.reading() as session:
                for seq, instant in self.oracle.marks[-6::2]:
                    for day in days:
                        _compare_book(session, self.oracle, "bank", day, queries.Known(seq, instant))


def _compare_book(session: ReadSession, oracle: Oracle, book: str, day: date, known: queries.Known) -> None:
    found = queries.trial_balance(session, book, day, known)
    assert {line.code: (line.debit - line.credit).pence for line in found.accounts} == oracle.trial_balance(
        book, day, known.seq
    ), f"the trial balance of {book} to {day} as known at {known.seq}"
    assert found.total_debit == found.total_credit


@dataclass(frozen=True)
class _Look:
    """One look: a book, an account and a span of days, as known at a place (one within an act perhaps) or now."""

    book: str
    code: str
    since: date
    until: date
    seq: int | None
    instant: datetime
    extra: int

    @classmethod
    def picked(cls, oracle: Oracle, chance: random.Random) -> _Look:
        days = [_day(oracle, chance), _day(oracle, chance)]
        place = chance.choice([None, 0, len(oracle.entries) + 5, *_places(oracle, chance)])
        book = chance.choice([BOOKS[0], BOOKS[0], BOOKS[1]])
        instant = chance.choice([(0, STARTS), *oracle.marks])[1] - timedelta(microseconds=chance.randint(0, 1))
        code, extra = chance.choice(_CODES), chance.randrange(len(_EXTRAS))
        return cls(book, code, min(days), max(days), place, instant, extra)

    def compare(self, session: ReadSession, oracle: Oracle) -> None:
        known = queries.Known(len(oracle.entries) if self.seq is None else self.seq, STARTS)
        at = None if self.seq is None else known
        balance = queries.balance_at(session, self.book, self.code, self.until, at)
        assert balance.pence == oracle.balance(self.book, self.code, self.until, known.seq), self
        _EXTRAS[self.extra](self, session, oracle, known)

    def compare_present(self, session: ReadSession, oracle: Oracle) -> None:
        """As known now, with no place named: what waits for its place is counted."""
        everything = len(oracle.entries)
        balance = queries.balance_at(session, self.book, self.code, self.until)
        assert balance.pence == oracle.balance(self.book, self.code, self.until, everything), self
        found = queries.trial_balance(session, self.book, self.until)
        net = {line.code: (line.debit - line.credit).pence for line in found.accounts}
        assert net == oracle.trial_balance(self.book, self.until, everything), self

    def whole_book(self, session: ReadSession, oracle: Oracle, known: queries.Known) -> None:
        _compare_book(session, oracle, self.book, self.until, known)

    def turnover(self, session: ReadSession, oracle: Oracle, known: queries.Known) -> None:
        legs = [leg.amount for _, leg in oracle.lines(self.book, self.code, self.since, self.until, known.seq)]
        found = queries.turnover(session, self.book, self.code, self.since, self.until, known)
        assert found.debits == Money.total(amount for amount in legs if amount.pence > 0), self
        assert found.credits == -Money.total(amount for amount in legs if amount.pence < 0), self

    def summed(self, session: ReadSession, oracle: Oracle, known: queries.Known) -> None:
        """Both sides of every account of all books within a span of days: the road that all sums take."""
        asked = sums.Asked(None, "", self.since, self.until, known.seq, sums.SIDES)
        expected: dict[tuple[str, str], tuple[int, int]] = {}
        for book in BOOKS:
            for _, leg in oracle.lines(book, "", self.since, self.until, known.seq):
                debits, credits_ = expected.get((book, leg.account), (0, 0))
                pence = leg.amount.pence
                expected[book, leg.account] = debits + max(pence, 0), credits_ + max(-pence, 0)
        found = {(one.book, one.code): one.pence for one in sums.sums(session, asked) if any(one.pence)}
        assert found == expected, self

    def statement(self, session: ReadSession, oracle: Oracle, known: queries.Known) -> None:
        """Page by page: no posting dropped or told twice, the balance running on."""
        if not any(book == self.book and f"{code}:".startswith(f"{self.code}:") for book, code in oracle.accounts):
            with pytest.raises(queries.NoSuchAccount):
                queries.statement_of_account(session, self.book, self.code, self.since, self.until, known)
            return
        lines: list[tuple[int, Posting, int]] = []
        after, pages = "", 0
        while after or not pages:
            page = queries.statement_of_account(
                session, self.book, self.code, self.since, self.until, known, after=after, limit=1 + known.seq // 3
            )
            lines += [(line.seq, Posting(line.account, line.amount), line.balance.pence) for line in page.lines]
            after, pages = page.after, pages + 1
        assert lines == oracle.statement(self.book, self.code, self.since, self.until, known.seq), self
        assert page.closing.pence == oracle.balance(self.book, self.code, self.until, known.seq), self

    def all_books(self, session: ReadSession, oracle: Oracle, known: queries.Known) -> None:
        for found in queries.trial_balances(session, self.until, known):
            net = {line.code: (line.debit - line.credit).pence for line in found.accounts}
            assert net == oracle.trial_balance(found.book, self.until, known.seq), (found.book, self)

    def tree(self, session: ReadSession, oracle: Oracle, known: queries.Known) -> None:
        found = queries.tree(session, self.book, "", self.until, known).accounts
        own = oracle.trial_balance(self.book, self.until, known.seq)
        assert {branch.code: branch.own.pence for branch in found if branch.own} == own, self
        for branch in found:
            assert branch.balance.pence == oracle.balance(self.book, branch.code, self.until, known.seq), (branch, self)

    def lines_behind(self, session: ReadSession, oracle: Oracle, known: queries.Known) -> None:
        found = queries.entries_behind(session, self.book, self.code, self.since, self.until, known)
        expected = oracle.lines(self.book, self.code, self.since, self.until, known.seq)
        assert [(line.seq, line.account, line.amount) for line in found] == [
            (seq, leg.account, leg.amount) for seq, leg in expected
        ], self

    def accounts_under(self, session: ReadSession, oracle: Oracle, known: queries.Known) -> None:
        found = queries.balances_under(session, self.book, self.code, self.until, known)
        whole = oracle.trial_balance(self.book, self.until, known.seq)
        below = {code: Money(pence) for code, pence in whole.items() if f"{code}:".startswith(f"{self.code}:")}
        assert found == below, self

    def instants(self, session: ReadSession, oracle: Oracle, known: queries.Known) -> None:
        present = max([session.now, *(recorded_at for _, recorded_at in oracle.marks[-1:])])
        for then in (self.instant, self.instant + timedelta(microseconds=1)):
            if then <= present:
                assert queries.known(session, then).seq == oracle.known_at(then), (self, then)
            else:
                with pytest.raises(queries.NotYet):
                    queries.known(session, then)
        if self.seq is None or self.seq <= len(oracle.entries):
            assert queries.known(session, self.seq).seq == known.seq
        else:
            with pytest.raises(queries.NoSuchPlace):
                queries.known(session, self.seq)

    def quarters(self, session: ReadSession, oracle: Oracle, known: queries.Known) -> None:
        quarter = Quarter.of(self.until)
        assert queries.quarter_state(session, quarter) == oracle.state(quarter.ends_on)
        assert queries.watermark(session) == (None if oracle.closed_to == date.min else oracle.closed_to)
        alone = {fault.pair for fault in queries.pairs_that_disagree(session, known)}
        assert alone == oracle.lonely_pairs(known.seq), self

    def undone(self, session: ReadSession, oracle: Oracle, known: queries.Known) -> None:
        del known
        undoing = {entry.reverses: seq for seq, entry in enumerate(oracle.entries, 1) if entry.reverses}
        for seq in (self.seq or 1, len(oracle.entries)):
            found = queries.reversal_of(session, seq)
            assert (found and found.seq) == undoing.get(seq), self

    def accounts(self, session: ReadSession, oracle: Oracle, known: queries.Known) -> None:
        del known
        assert {(found.book, found.code) for found in queries.accounts(session)} == oracle.accounts


_EXTRAS: Final = (
    _Look.whole_book,
    _Look.whole_book,
    _Look.whole_book,
    _Look.turnover,
    _Look.summed,
    _Look.summed,
    _Look.statement,
    _Look.statement,
    _Look.all_books,
    _Look.tree,
    _Look.lines_behind,
    _Look.accounts_under,
    _Look.instants,
    _Look.quarters,
    _Look.undone,
    _Look.accounts,
)


def _places(oracle: Oracle, chance: random.Random) -> list[int]:
    """Places that something turns on: a mark, the place before and after it, and any place within an act."""
    if not oracle.marks:
        return []
    mark = chance.choice(oracle.marks)[0]
    return [mark, mark - 1, mark + 1, chance.randint(0, len(oracle.entries))]


def _day(oracle: Oracle, chance: random.Random) -> date:
    """Days that something turns on: of an entry or the days beside it, an end of a quarter, or of the calendar."""
    if not oracle.entries or chance.random() < 0.1:
        return chance.choice([CALENDAR_STARTS, CALENDAR_ENDS, date(2012, 2, 29)])
    posted = chance.choice(oracle.entries).effective_on
    day = chance.choice([posted, quarter_end(posted), posted.replace(day=1)])
    beside = day + timedelta(days=chance.choice([-1, 0, 0, 1]))
    return min(max(beside, CALENDAR_STARTS), CALENDAR_ENDS)
