"""What clients send to books that may crash, and what must be found there afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from random import Random
from typing import Any, Final, Literal, TypeAlias

from ledger import commands, trail
from ledger.dates import Quarter
from ledger.entries import Entry, Posting, Recorded
from ledger.money import Money
from ledger.store.work import Desk, View, Work, command

NOW: Final = datetime(2013, 1, 7, 9, 0, tzinfo=UTC)
"""When the tests' clients are at work: late enough to close the quarters that they close."""

_BOOK: Final = "bank"
_ACCOUNTS: Final = ("1000", "1010", "1100", "1200", "1210", "2000", "2300", "4000", "4010", "5100")
_OPEN_DAY: Final = date(2012, 7, 1)
_LAST_DAY: Final = date(2012, 12, 31)
_MOST_PENCE: Final = 10_000_000
CLOSING: Final = (Quarter(2011, 4), Quarter(2012, 1))
"""Quarters that a course of acts may close: no entry of a course that closes none is dated before their end."""

Read: TypeAlias = Callable[[str], Sequence[Sequence[Any]]]
"""Runs a query and gives its rows, whatever the database."""


Way: TypeAlias = Literal["command", "by itself", "later"]
"""How an act reaches the books: within a command that leaves its line in the trail and keeps its answer; as an act of
the ledger alone, in one round trip; or accepted now, and placed by a worker."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something a client wants done whole or not at all: some entries, or the close of a quarter."""

    key: str
    entries: tuple[Entry, ...] = ()
    closes: Quarter | None = None
    way: Way = "command"


class Answer(View):
    """What a client is told of an act that was done."""

    places: list[int]
    seals: list[str]


def do(desk: Desk, act: Act) -> Answer:
    """Send an act the way it goes, under its key; once done, it is answered alike however often it is sent."""
    match act.way:
        case "command":
            return _do(desk, act=act, key=act.key)
        case "by itself":
            return _answer(commands.post_many(desk, act.entries))
        case "later":
            for entry in act.entries:
                commands.post_later(desk, entry)
            return Answer(places=[], seals=[])


@command
def _do(work: Work, *, act: Act, key: str) -> Answer:
    trail.record(work, action="crash-test.act", subject=key)
    if act.closes is not None:
        commands.close_quarter(work, act.closes, hard=True)
    if len(act.entries) == 1:
        posted = [commands.post(work, act.entries[0])]
    else:
        posted = commands.post_many(work, act.entries) if act.entries else []
    return _answer(posted)


def _answer(posted: Sequence[Recorded]) -> Answer:
    return Answer(places=[done.seq for done in posted], seals=[done.seal for done in posted])


@dataclass(frozen=True, slots=True)
class Course:
    """The acts of one client, each the same whenever it is asked for: single entries, and batches of up to `batch`.

    Of all acts the part `many` are batches; every so many one closes a quarter, as long as there is one to close.
    """

    seed: str
    name: str
    batch: int
    many: float = 0.25
    ways: tuple[Way, ...] = ("command", "by itself")
    closing: tuple[Quarter, ...] = ()
    between: int = 6

    def act(self, number: int) -> Act:
        """One of its acts, by its place in the course."""
        key = f"{self.name}/{number}"
        turn, rest = divmod(number, self.between)
        if turn and not rest and turn <= len(self.closing):
            return Act(key, closes=self.closing[turn - 1])
        chance = Random(f"{self.seed}/{key}")  # noqa: S311 -- to be had again
        way = chance.choice(self.ways)
        parts = chance.randint(2, self.batch) if way != "later" and chance.random() < self.many else 1
        earliest = _OPEN_DAY if turn >= len(self.closing) else self.closing[turn].starts_on
        return Act(key, tuple(_entry(chance, f"{key}/{part}", earliest) for part in range(parts)), way=way)

    def acts(self, length: int) -> list[Act]:
        """The first of its acts."""
        return [self.act(number) for number in range(length)]


def _entry(chance: Random, key: str, earliest: date) -> Entry:
    legs = [
        Posting(chance.choice(_ACCOUNTS), Money(chance.randint(1, _MOST_PENCE))) for _ in range(chance.randint(1, 3))
    ]
    total = Money.total(leg.amount for leg in legs)
    day = earliest + timedelta(days=chance.randrange((_LAST_DAY - earliest).days))
    return Entry(key, _BOOK, day, f"Entry {key} of {total}", (*legs, Posting(chance.choice(_ACCOUNTS), -total)))


@dataclass(slots=True)
class Client:
    """One that sends its acts in order, each again under its key until it is answered, and remembers the answers."""

    acts: list[Act] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)


@dataclass(slots=True)
class Found:
    """What is wrong, in sentences; and of the acts sent, how many were answered, and how many are there."""

    lost: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    answered: int = 0
    there: int = 0

    @property
    def faults(self) -> list[str]:
        """All of it."""
        return self.lost + self.broken


def found(read: Read, clients: Sequence[Client]) -> Found:
    """Compare a database, by plain queries, with what its clients sent and were told."""
    seen = Found()
    places = _places(read)
    seen.broken.extend(_not_dense(read, places))
    there = _acts_there(read, seen)
    for client in clients:
        seen.answered += len(client.answers)
        whole = [_compare(act, client.answers.get(act.key), there, places, seen) for act in client.acts]
        if sorted(whole, reverse=True) != whole:
            seen.broken.append("an act is there, and one that the same client was answered before it is not")
    sent = {entry.key for client in clients for act in client.acts for entry in act.entries}
    seen.broken.extend(f"{key} is there, and nobody sent it" for key in places.keys() - sent)
    return seen


def _compare(act: Act, answer: Answer | None, there: dict[str, set[str]], places: _Places, seen: Found) -> bool:
    """One act: whole or not there at all; there when it was answered, at the places and with the content it has."""
    known = {name for name, keys in there.items() if act.key in keys}
    parts = [places[entry.key] for entry in act.entries if entry.key in places]
    if not known and not parts:
        if answer is not None:
            seen.lost.append(f"{act.key} was answered and is not there")
        return False
    seen.there += 1
    if len(known) != (len(there) if act.way == "command" else 0) or len(parts) != len(act.entries):
        seen.broken.append(f"half of {act.key} is there: {len(parts)} of {len(act.entries)} entries, {sorted(known)}")
    elif [_content(entry) for entry in act.entries] != [content for _, content in parts]:
        seen.broken.append(f"{act.key} is there with other content")
    elif answer is not None and act.way != "later" and answer.places != [place for place, _ in parts]:
        seen.broken.append(f"{act.key} was answered with the places {answer.places}, and stands elsewhere")
    return True


_Content: TypeAlias = tuple[str, str, tuple[tuple[str, int], ...]]
_Places: TypeAlias = dict[str, tuple[int, _Content]]


@cache
def _content(entry: Entry) -> _Content:
    """What of an entry must be found; asked for thousands of times."""
    legs = tuple((leg.account, leg.amount.pence) for leg in entry.postings)
    return entry.effective_on.isoformat(), entry.description, legs


def _places(read: Read) -> _Places:
    """Place and content of every entry, by key."""
    legs: dict[int, list[tuple[str, int]]] = {}
    for entry, code, amount in read(
        "SELECT posting.entry_id, account.code, posting.amount FROM posting"
        " JOIN account ON account.id = posting.account_id ORDER BY posting.entry_id, posting.leg"
    ):
        legs.setdefault(entry, []).append((code, amount))
    return {
        key: (seq, (str(day), description, tuple(legs.get(number, ()))))
        for number, seq, key, day, description in read("SELECT id, seq, key, effective_on, description FROM entry")
    }


def _not_dense(read: Read, places: _Places) -> Iterator[str]:
    order = sorted(place for place, _ in places.values())
    if order != list(range(1, len(order) + 1)):
        yield f"the places are not dense: {len(order)} entries up to place {max(order)}"
    ((head,),) = read("SELECT seq FROM journal_head")
    ((mark,),) = read("SELECT coalesce(max(upto_seq), 0) FROM mark")
    if not head == mark == len(order):
        yield f"there are {len(order)} entries, the head says {head} and the last mark {mark}"


def _acts_there(read: Read, seen: Found) -> dict[str, set[str]]:
    """By each record that an act leaves beside its entries, which acts left theirs; none may leave it twice."""
    questions = {
        "key_claim": "SELECT key FROM key_claim WHERE scope LIKE '%crashes%'",
        "key_answer": "SELECT key FROM key_answer WHERE scope LIKE '%crashes%'",
        "trail": "SELECT subject FROM trail WHERE action = 'crash-test.act'",
    }
    there = {}
    for name, question in questions.items():
        rows = [key for (key,) in read(question)]
        there[name] = set(rows)
        if len(rows) != len(there[name]):
            seen.broken.append(f"an act left two lines in {name}")
    return there
