"""The journal read again, an entry at a time, as it lies in the database: whether each holds, and what they come to.

No value is trusted to be what its column promises: whoever can write to the file can write anything into it. Half a
million entries pass through here in one check, so each is looked at once and nothing is built of it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from hashlib import sha256
from json.encoder import encode_basestring as _quoted
from typing import Any, Final

from ledger.dates import BadDate, Quarter, instant_text, parse_day, parse_instant
from ledger.entries import MOST_POSTINGS, faults_of_text
from ledger.merkle import Frontier
from ledger.money import LIMIT_PENCE, Money
from ledger.seals import FORMULA

NEVER: Final = "1970-01-01T00:00:00.000000Z"
"""When the empty journal was recorded."""

_NODE: Final = b"\x01"
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


class Replay:
    """The journal as far as it has been read again."""

    def __init__(self, books: Iterable[Sequence[Any]], accounts: Iterable[Sequence[Any]]) -> None:
        self.size = 0
        self.recorded_at = NEVER
        self.closed_to = ""
        """The end of the last quarter that was closed for good before this place; empty while none was."""
        self._peaks: list[bytes] = []
        self._reversed: set[int] = set()
        self._days: dict[Any, _Nets] = {}
        self._nets: dict[str, _Nets] = {}
        self._codes: dict[int, str] = {}
        self._books: dict[Any, tuple[str, dict[Any, str]]] = {}
        for number, code, _ in books:
            self._codes[number] = code
            self._books[number] = (_quoted(code), {})
        self._told: dict[Any, dict[str, str]] = {number: {} for number in self._codes}
        self._accounts: dict[int, tuple[int, str]] = {}
        for number, book, code, *_ in accounts:
            self._accounts[number] = (book, code)
            if book in self._books and _CODE.fullmatch(code):
                begins = f'[{_quoted(code)},"'
                self._books[book][1][number] = begins
                self._told[book][str(number)] = begins

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

    def book_of(self, row: Sequence[Any]) -> str:
        """The code of the book that a row says it is in."""
        return self._codes.get(row[2], "?")

    def root(self) -> bytes:
        """The root over all entries taken."""
        return self.frontier().root()

    def frontier(self) -> Frontier:
        """The frontier of the log that the entries taken make."""
        return Frontier(self.size, tuple(self._peaks))

    def trial_balance_digest(self, until: str) -> bytes:
        """One hash over every balance to the end of a quarter, of the entries taken: what its close must have kept."""
        nets: _Nets = defaultdict(int)
        for ends_on, quarter in self._nets.items():
            if ends_on <= until:
                for account, net in quarter.items():
                    nets[int(account)] += net
        lines = sorted((self._codes[book], code, net) for book, code, net in self._named(nets) if net)
        return sha256("".join(f"{book} {code} {Money(net)}\n" for book, code, net in lines).encode()).digest()

    def _named(self, nets: _Nets) -> Iterable[tuple[int, str, int]]:
        for account, net in nets.items():
            yield *self._accounts[account], net

    def _take(self, row: Sequence[Any], legs: Sequence[Sequence[Any]] | str) -> None:
        place, seq, book_id, key, kind, description, day, original, at, actor, pair, reverses, declared, gross, *_ = row
        if seq != place:
            raise _Fault(f"it stands at place {place}, and says that its place is {seq!r:.40}")
        nets = self._days.get(day)
        nets = self._new_day(day) if nets is None else nets
        book, begins = self._books[book_id]
        if isinstance(legs, str):
            written, debits = _told(legs, self._told[book_id], nets)
        else:
            written, debits = _written(row, legs, begins, nets)
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
        if at != self.recorded_at or day <= self.closed_to or original is not None or reverses is not None:
            self._refuse_untimely(row)
        self._append(row[15])

    def _new_day(self, day: object) -> _Nets:
        """Where a day's postings are added up: with those of its quarter."""
        try:
            ends_on = Quarter.of(parse_day(day)).ends_on.isoformat()
        except BadDate as fault:
            raise _Fault(fault.sentence) from fault
        return self._days.setdefault(day, self._nets.setdefault(ends_on, defaultdict(int)))

    def _refuse_untimely(self, row: Sequence[Any]) -> None:
        """When the entry was recorded, when it takes effect, what it undoes: each comes after what it follows."""
        day, original, recorded_at, reverses = row[6], row[7], row[8], row[11]
        if recorded_at != self.recorded_at:
            if recorded_at < self.recorded_at:
                raise _Fault("it was recorded before the entry before it")
            if instant_text(parse_instant(recorded_at)) != recorded_at:
                raise _Fault("the instant at which it was recorded is written in another way than ours")
            self.recorded_at = recorded_at
        if day <= self.closed_to:
            raise _Fault("it takes effect in a quarter that was closed before it was recorded")
        if original is not None:
            parse_day(original)
        if reverses is not None:
            if not 1 <= reverses < row[0] or reverses in self._reversed:
                raise _Fault(f"it reverses entry {reverses}, which is not there before it or was reversed already")
            self._reversed.add(reverses)

    def _append(self, seal: bytes) -> None:
        """Put the seal at the end of the log: two hashes on average."""
        joined, ones, peaks = seal, self.size, self._peaks
        while ones & 1:
            joined, ones = sha256(_NODE + peaks.pop() + joined).digest(), ones >> 1
        peaks.append(joined)
        self.size += 1


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
