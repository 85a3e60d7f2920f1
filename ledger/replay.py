"""A stretch of the journal read again, an entry at a time, as it lies in the database: whether each holds.

No value is trusted to be what its column promises: whoever can write to the file can write anything into it. Half a
million entries pass through here in one check, so each is looked at once and nothing is built of it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from json.encoder import encode_basestring as _quoted
from typing import Any, Final

from ledger.dates import BadDate, Quarter, instant_text, parse_day, parse_instant
from ledger.entries import MOST_POSTINGS, faults_of_text
from ledger.money import LIMIT_PENCE, Money
from ledger.seals import FORMULA

NEVER: Final = "1970-01-01T00:00:00.000000Z"
"""When the empty journal was recorded."""

_PENNIES, _POUNDS = -100, 100
"""An amount between them has no figure of pounds."""
_FEWEST: Final = 2
"""Double entry."""
_KEY_LONGEST: Final = 255
_DESCRIPTION_LONGEST: Final = 1_000
_CODE: Final = re.compile(r"[A-Za-z0-9_.\-]+(:[A-Za-z0-9_.\-]+)*", re.ASCII)

_Nets = defaultdict[Any, int]
"""Debits less credits by account number, which may be written as text."""


class _Fault(Exception):
    """What is wrong with an entry."""


class Chart:
    """The books and their accounts, at hand by number, as the canonical text of an entry names them."""

    def __init__(self, books: Iterable[Sequence[Any]], accounts: Iterable[Sequence[Any]]) -> None:
        self.codes: dict[int, str] = {}
        self.accounts: dict[int, tuple[int, str]] = {}
        self.books: dict[Any, tuple[str, dict[Any, str], dict[str, str]]] = {}
        """Of each book its code in quotes, and how a posting to each of its accounts begins, by number and by text."""
        for number, code, _ in books:
            self.codes[number] = code
            self.books[number] = (_quoted(code), {}, {})
        for number, book, code, *_ in accounts:
            self.accounts[number] = (book, code)
            if book in self.books and _CODE.fullmatch(code):
                _, by_number, by_text = self.books[book]
                by_number[number] = by_text[str(number)] = f'[{_quoted(code)},"'

    def trial_balance_digest(self, nets: Mapping[int, int]) -> bytes:
        """One hash over the balance of every account, of debits less credits by its number."""
        lines = sorted((self.codes[book], code, net) for book, code, net in self._named(nets) if net)
        return sha256("".join(f"{book} {code} {Money(net)}\n" for book, code, net in lines).encode()).digest()

    def _named(self, nets: Mapping[int, int]) -> Iterable[tuple[int, str, int]]:
        for account, net in nets.items():
            yield *self.accounts[account], net


class Replay:
    """A stretch of the journal as far as it has been read again.

    It begins after a place, the last entry of which was recorded at `recorded_at`, when every quarter to `closed_to`
    was closed for good. What only the whole journal can tell is kept for whoever puts the stretches together.
    """

    def __init__(self, chart: Chart, *, after: int = 0, recorded_at: Any = NEVER, closed_to: str = "") -> None:
        self.size = after
        self.seals = bytearray()
        """Those of the entries taken, one after another."""
        self.instants: list[tuple[int, str]] = []
        """Where another instant begins, and which."""
        self.reversals: list[tuple[int, int]] = []
        """What undoes an entry, and which; that none is undone twice is left to be seen."""
        self.nets: dict[str, _Nets] = {}
        """What went through each account, by the last day of the quarter."""
        self._chart = chart
        self._recorded_at = recorded_at
        self._closed_to = closed_to
        self._days: dict[Any, _Nets] = {}

    def take(self, row: Sequence[Any], legs: Sequence[Sequence[Any]] | str) -> str:
        """Take the entry that stands next; answers what is wrong with it, or nothing when it holds.

        Its legs are rows, or one text as `ledger.store.scan.legs` has it. To be told more closely what is wrong with
        legs that came as text, take them again as rows: an entry that does not hold has not been taken.
        """
        try:
            self._take(row, legs)
        except _Fault as fault:
            return str(fault)
        except KeyError:
            return "it is in a book, or one of its postings to an account, that is not there"
        except (TypeError, ValueError, AttributeError, BadDate):
            return "it holds a value of another kind than was recorded"
        return ""

    def _take(self, row: Sequence[Any], legs: Sequence[Sequence[Any]] | str) -> None:
        place, seq, book_id, key, kind, description, day, original, at, actor, pair, reverses, declared, gross, *_ = row
        if seq != place:
            raise _Fault(f"it stands at place {place}, and says that its place is {seq!r:.40}")
        nets = self._days.get(day)
        nets = self._new_day(day) if nets is None else nets
        book, by_number, by_text = self._chart.books[book_id]
        if isinstance(legs, str):
            written, debits = _told(legs, by_text, nets)
        else:
            written, debits = _written(row, legs, by_number, nets)
        if debits != gross or debits > LIMIT_PENCE or not _FEWEST <= len(written) == declared <= MOST_POSTINGS:
            raise _Fault(_undeclared(row, legs))
        before = (
            f',"book":{book},"description":{_quoted(description)},"effective_on":"{day}","formula":"{FORMULA}",'
            f'"key":{_quoted(key)},"kind":{_quoted(kind)},"original_effective_on":"{original or ""}",'
            f'"pair":{_quoted(pair)},"postings":[{",".join(written)}],"recorded_at":"'
        )
        between = f'","reverses":"{"" if reverses is None else reverses}","seq":"'
        if not _is_plain(before, key, description):
            for fault in faults_of_text(key, description, kind, pair):
                raise _Fault(fault)
        # The two formulas of `ledger.seals`, written out: they are worked out a million times in one check.
        if sha256(f'\0{{"actor":{_quoted(actor)}{before}{at}{between}{seq}"}}'.encode()).digest() != row[15]:
            raise _Fault("its content is not what was sealed")
        if sha256(f'{{"actor":""{before}{NEVER}{between}0"}}'.encode()).digest() != row[14]:
            raise _Fault("the hash kept of its content is another")
        if at != self._recorded_at or day <= self._closed_to or original is not None or reverses is not None:
            self._refuse_untimely(row)
        self.seals += row[15]
        self.size += 1

    def _new_day(self, day: object) -> _Nets:
        """Where a day's postings are added up: with those of its quarter."""
        try:
            ends_on = Quarter.of(parse_day(day)).ends_on.isoformat()
        except BadDate as fault:
            raise _Fault(fault.sentence) from fault
        return self._days.setdefault(day, self.nets.setdefault(ends_on, defaultdict(int)))

    def _refuse_untimely(self, row: Sequence[Any]) -> None:
        """When the entry was recorded, when it takes effect, what it undoes: each comes after what it follows."""
        day, original, recorded_at, reverses = row[6], row[7], row[8], row[11]
        if recorded_at != self._recorded_at:
            if recorded_at < self._recorded_at:
                raise _Fault("it was recorded before the entry before it")
            if instant_text(parse_instant(recorded_at)) != recorded_at:
                raise _Fault("the instant at which it was recorded is written in another way than ours")
            self._recorded_at = recorded_at
            self.instants.append((row[0], recorded_at))
        if day <= self._closed_to:
            raise _Fault("it takes effect in a quarter that was closed before it was recorded")
        if original is not None:
            parse_day(original)
        if reverses is not None:
            if not 1 <= reverses < row[0]:
                raise _Fault(reversed_in_vain(reverses))
            self.reversals.append((row[0], reverses))


def reversed_in_vain(reverses: int) -> str:
    """What is wrong with an entry that reverses what it cannot."""
    return f"it reverses entry {reverses}, which is not there before it or was reversed already"


def _written(
    row: Sequence[Any], legs: Sequence[Sequence[Any]], begins: dict[Any, str], nets: _Nets
) -> tuple[list[str], int]:
    """An entry's postings as its canonical text has them, and its debits; what they come to is added to `nets`.

    Refuses postings that do not match their header, or do not balance.
    """
    seq, book_id, day, declared = row[1], row[2], row[6], row[12]
    net, debits, written = 0, 0, []
    for number, (_, leg, legs_too, book_too, account, amount, day_too, seq_too) in enumerate(legs, 1):
        if leg != number or legs_too != declared or book_too != book_id or day_too != day or seq_too != seq:
            raise _Fault(f"its posting {leg} does not match it")
        if amount > 0:
            debits += amount
            written.append(f'{begins[account]}{amount // 100}.{amount % 100:02d}"]')
        elif amount < 0:
            written.append(f'{begins[account]}-{-amount // 100}.{-amount % 100:02d}"]')
        net += amount
        nets[account] += amount
    if net:
        raise _Fault(f"it does not balance: debits less credits come to {Money(net)}, and must come to 0.00")
    return written, debits


def _told(legs: str, begins: dict[str, str], nets: _Nets) -> tuple[list[str], int]:
    """The same of legs as one text, of which somebody has seen that they match their header."""
    net, debits, written = 0, 0, []
    for leg in legs.split(","):
        account, _, pence = leg.partition(" ")
        amount = int(pence)
        if not _PENNIES < amount < _POUNDS:
            written.append(f'{begins[account]}{pence[:-2]}.{pence[-2:]}"]')
        elif amount:
            written.append(f'{begins[account]}{Money(amount)}"]')
        if amount > 0:
            debits += amount
        net += amount
        nets[account] += amount
    if net:
        raise _Fault("it does not balance")
    return written, debits


def _is_plain(before: str, key: str, description: str) -> bool:
    """Whether an entry's words are beyond doubt; those that are not are looked at closely, which takes its time."""
    return (
        # What _quoted leaves as it is, is printable when it is ASCII, but for the one control character above the rest.
        before.isascii()
        and "\\" not in before
        and "\x7f" not in before
        and 0 < len(key) <= _KEY_LONGEST
        and len(description) <= _DESCRIPTION_LONGEST
        and bool(description.strip())
    )


def _undeclared(row: Sequence[Any], legs: Sequence[Sequence[Any]] | str) -> str:
    """In what way an entry's postings are not what its header declares, or no entry's at all."""
    declared, gross = row[12], row[13]
    if isinstance(legs, str):
        return "its postings are not what it declares"
    if len(legs) != declared or not _FEWEST <= declared <= MOST_POSTINGS:
        return f"it declares {declared} postings and has {len(legs)}, and an entry has {_FEWEST} to {MOST_POSTINGS}"
    if not all(leg[5] for leg in legs):
        return "one of its postings is of nothing"
    return f"it declares debits of {gross} pence, and its postings come to others, or to more than an entry may"
