"""The postings of the journal in columns of numbers: a tenth of the room of as many legs, and read in half the time.

What many postings have in common is told once: the account that they are on, and what was done by their entry.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache, cached_property
from itertools import chain
from typing import Final, NamedTuple, Self

from sqlalchemy import BigInteger, Row, Select, String, bindparam, func, select, type_coerce
from sqlalchemy.orm import aliased

from ledger.money import Money
from ledger.store.alike import Alike
from ledger.store.database import ReadSession
from ledger.store.legs import Leg
from ledger.store.tables import Account, Book, EntryRow, PostingRow

_AT_ONCE: Final = 1_000
_NONE: Final = array("i", [-1])
"""What was done at a place where there is no entry."""


class Deed(NamedTuple):
    """What was done by an entry: the same words as a `Leg` has for it."""

    kind: str
    undoes: bool
    pair: str
    reverses: int


class LegColumns:
    """Postings in the order of the journal: the same place in every column is the same posting.

    `accounts` are numbers, by which `books` and `codes` tell an account; `days` are ordinal numbers, and `pence` are
    signed, a debit positive. What the entry of a posting did is told by its place in the journal, as a number too:
    `deeds[seqs[place]]`, of `deed_of`.
    """

    def __init__(self) -> None:
        self.books: list[str] = []
        self.codes: list[str] = []
        self.deed_of: list[Deed] = []
        self.accounts, self.days, self.deeds = array("i"), array("i"), array("i")
        self.seqs, self.pence = array("q"), array("q")

    @classmethod
    def of(cls, legs: Iterable[Leg]) -> Self:
        """The same postings in columns."""
        made, told = cls(), list(legs)
        accounts, deeds = dict[tuple[str, str], int](), dict[Deed, int]()
        made.deeds = _NONE * (1 + max((leg.seq for leg in told), default=0))
        for leg in told:
            made.accounts.append(accounts.setdefault((leg.book, leg.account), len(accounts)))
            made.days.append(leg.effective_on.toordinal())
            made.seqs.append(leg.seq)
            made.pence.append(leg.amount.pence)
            made.deeds[leg.seq] = deeds.setdefault(Deed(leg.kind, leg.undoes, leg.pair, leg.reverses), len(deeds))
        made.books, made.codes = [book for book, _ in accounts], [code for _, code in accounts]
        made.deed_of = list(deeds)
        return made

    def __len__(self) -> int:
        return len(self.seqs)

    def __iter__(self) -> Iterator[Leg]:
        """Each posting by itself."""
        return self.legs(range(len(self)))

    def legs(self, places: Iterable[int]) -> Iterator[Leg]:
        """The postings of some places."""
        for place in places:
            account, seq = self.accounts[place], self.seqs[place]
            kind, undoes, pair, reverses = self.deed_of[self.deeds[seq]]
            day, amount = date.fromordinal(self.days[place]), Money(self.pence[place])
            yield Leg(self.books[account], self.codes[account], seq, day, kind, undoes, pair, amount, reverses)

    @cached_property
    def under(self) -> Mapping[tuple[str, str], Sequence[int]]:
        """By book and the first part of the account's code: the numbers of the accounts there."""
        found: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        for account, (book, code) in enumerate(zip(self.books, self.codes, strict=True)):
            found[book, code.partition(":")[0]].append(account)
        return dict(found)

    @cached_property
    def heads(self) -> Mapping[tuple[str, str], Sequence[int]]:
        """In the same way the places of the postings there, in order."""
        found = {head: array("i") for head in self.under}
        add = [found[book, code.partition(":")[0]].append for book, code in zip(self.books, self.codes, strict=True)]
        for place, account in enumerate(self.accounts):
            add[account](place)
        return found

    @cached_property
    def earliest(self) -> date | None:
        """The first day on which anything was posted; none where nothing ever was."""
        return date.fromordinal(min(self.days)) if self.days else None


def leg_columns(session: ReadSession, known_seq: int) -> LegColumns:
    """The postings of every book up to a place in the journal, in its order: what `legs` finds, in columns."""
    connection, upto = session.connection(), {"place": known_seq}
    found = LegColumns()
    number: dict[int, int] = {}
    same = Alike()
    for account, book, code in connection.execute(_accounts()).all():
        number[account] = len(number)
        found.books.append(same[book])
        found.codes.append(code)
    done = connection.execute(_entries(), upto).partitions(_AT_ONCE)
    days = _tell_entries(found, known_seq, chain.from_iterable(done))
    for rows in connection.execute(_postings(), upto).partitions(_AT_ONCE):
        of, seqs, pence = zip(*rows, strict=True)
        found.accounts.extend(map(number.__getitem__, of))
        found.seqs.extend(seqs)
        found.days.extend(map(days.__getitem__, seqs))
        found.pence.extend(pence)
    return found


class _Days(dict[str | date, int]):
    """The ordinal number of a day, however the driver tells it; each is read once."""

    def __missing__(self, told: str | date) -> int:
        day = date.fromisoformat(told) if isinstance(told, str) else told
        number = self[told] = day.toordinal()
        return number


def _tell_entries(
    found: LegColumns, upto: int, entries: Iterable[Row[int, str, int | None, str, str]]
) -> Sequence[int]:
    """What was done by each entry, and by its place the day of it; nearly all of a kind did the same, and share that.

    A reversal bears the kind of what it takes back, and undoes it; one of a reversal bears the kind of what is done
    again by it, and undoes nothing.
    """
    numbers: dict[tuple[str, int | None, str], int] = {}
    reversals: dict[int, Deed] = {}
    ordinal = _Days()
    found.deeds, days = _NONE * (1 + upto), _NONE * (1 + upto)
    for seq, kind, reverses, pair, on in entries:
        done = kind, reverses, pair
        number = numbers.get(done)
        if number is None:
            number = numbers[done] = len(numbers)
            deed = Deed(kind, undoes=False, pair=pair, reverses=0)
            if reverses is not None:
                undone = reversals.get(reverses, deed)
                deed = reversals[seq] = Deed(undone.kind, not undone.undoes, pair, reverses)
            found.deed_of.append(deed)
        found.deeds[seq], days[seq] = number, ordinal[on]
    return days


@cache
def _accounts() -> Select[int, str, str]:
    return select(Account.id, Book.code, Account.code).join(Book, Book.id == Account.book_id).order_by(Account.id)


@cache
def _postings() -> Select[int, int, int]:
    """Of an entry its number is its place, and its day the day of its postings: the database holds them to that.

    So they come in the order in which they are kept, and the day is asked for once.
    """
    return (
        select(PostingRow.account_id, PostingRow.seq, type_coerce(PostingRow.amount, BigInteger))
        .where(PostingRow.entry_id <= bindparam("place"))
        .order_by(PostingRow.entry_id, PostingRow.leg)
        .execution_options(yield_per=_AT_ONCE)
    )


@cache
def _entries() -> Select[int, str, int | None, str, str]:
    undone = aliased(EntryRow)
    return (
        select(
            EntryRow.seq,
            func.coalesce(undone.kind, EntryRow.kind),
            EntryRow.reverses,
            EntryRow.pair,
            type_coerce(EntryRow.effective_on, String),
        )
        .outerjoin(undone, undone.seq == EntryRow.reverses)
        .where(EntryRow.seq <= bindparam("place"))
        .order_by(EntryRow.seq)
        .execution_options(yield_per=_AT_ONCE)
    )
