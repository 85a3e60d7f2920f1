"""What the books must answer, in a few lines of plain Python that nobody would ever want to make faster."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import accumulate

from ledger.entries import Entry, Posting

LATE = {"return", "accrual", "adjustment", "reversal"}


class No(Exception):
    """A refusal, by the name of its kind."""


@dataclass
class Oracle:
    accounts: set[tuple[str, str]]
    entries: list[Entry] = field(default_factory=list)
    marks: list[tuple[int, datetime]] = field(default_factory=list)
    closed_to: date = date.min
    soft: frozenset[date] = frozenset()

    def post(self, batch: Sequence[Entry], now: datetime) -> list[int]:
        places = {(entry.book, entry.key): seq for seq, entry in enumerate(self.entries, 1)}
        named: dict[tuple[str, str], Entry] = {}
        faults: list[str] = []
        for entry in batch:
            name = entry.book, entry.key
            faults += ["KeyTaken"] * (entry != named.setdefault(name, entry))
            faults += ["KeyTaken"] * (name in places and entry != self.entries[places[name] - 1])
            faults += ["NoSuchAccount"] * any((entry.book, leg.account) not in self.accounts for leg in entry.postings)
            faults += ["QuarterClosed"] * (name not in places and self.is_shut(entry.effective_on, entry.kind))
        if faults:
            raise No(faults[0] if len(set(faults)) == 1 else "EntriesRefused")
        fresh = {name: entry for name, entry in named.items() if name not in places}
        places |= {name: seq for seq, name in enumerate(fresh, len(self.entries) + 1)}
        if fresh:
            self.entries += fresh.values()
            self.marks.append((len(self.entries), max([now, *(instant for _, instant in self.marks[-1:])])))
        return [places[entry.book, entry.key] for entry in batch]

    def is_shut(self, day: date, kind: str) -> bool:
        return day <= self.closed_to or (kind not in LATE and quarter_end(day) in self.soft)

    def reverse(self, seq: int, key: str, day: date, now: datetime) -> int:
        if not 1 <= seq <= len(self.entries):
            raise No("NotFound")
        if any(entry.reverses == seq and entry.key != key for entry in self.entries):
            raise No("AlreadyReversed")
        undone = self.entries[seq - 1]
        legs = tuple(Posting(leg.account, -leg.amount) for leg in undone.postings)
        pair, truly = undone.pair and f"{undone.pair}/reversed", undone.effective_on
        said = f"Reversal of entry {seq}: model"
        undoing = Entry(key, undone.book, day, said, legs, "reversal", pair, truly if truly != day else None, seq)
        return self.post([undoing], now)[0]

    def close(self, ends_on: date, today: date, *, hard: bool) -> str:
        if ends_on <= self.closed_to or (ends_on in self.soft and not hard):
            return "closed" if ends_on <= self.closed_to else "soft-closed"
        if today <= ends_on:
            raise No("QuarterNotOver")
        if hard and self.lonely_pairs(len(self.entries)):
            raise No("GatesFailed")
        self.closed_to, self.soft = (ends_on, self.soft) if hard else (self.closed_to, self.soft | {ends_on})
        return "closed" if hard else "soft-closed"

    def reopen(self, ends_on: date) -> str:
        if ends_on <= self.closed_to:
            raise No("GatesFailed")
        self.soft -= {ends_on}
        return "open"

    def state(self, ends_on: date) -> str:
        return "closed" if ends_on <= self.closed_to else "soft-closed" if ends_on in self.soft else "open"

    def lines(self, book: str, code: str, since: date, until: date, known: int) -> Iterator[tuple[int, Posting]]:
        for seq, entry in enumerate(self.entries[:known], 1):
            if entry.book == book and since <= entry.effective_on <= until:
                yield from (
                    (seq, leg) for leg in entry.postings if not code or f"{leg.account}:".startswith(f"{code}:")
                )

    def statement(self, book: str, code: str, since: date, until: date, known: int) -> list[tuple[int, Posting, int]]:
        found = self.lines(book, code, since, until, known)
        lines = sorted(found, key=lambda line: self.entries[line[0] - 1].effective_on)
        forward = self.balance(book, code, since - timedelta(days=1), known)
        after = accumulate((leg.amount.pence for _, leg in lines), initial=forward)
        return [(seq, leg, balance) for (seq, leg), balance in zip(lines, list(after)[1:], strict=True)]

    def balance(self, book: str, code: str, as_at: date, known: int) -> int:
        return sum(leg.amount.pence for _, leg in self.lines(book, code, date.min, as_at, known))

    def trial_balance(self, book: str, as_at: date, known: int) -> dict[str, int]:
        net: Counter[str] = Counter()
        for entry in self.entries[:known]:
            for leg in entry.postings if entry.book == book and entry.effective_on <= as_at else ():
                net[leg.account] += leg.amount.pence
        return {code: pence for code, pence in net.items() if pence}

    def known_at(self, instant: datetime) -> int:
        return max((seq for seq, recorded_at in self.marks if recorded_at <= instant), default=0)

    def lonely_pairs(self, known: int) -> set[str]:
        books = {(entry.pair, entry.book) for entry in self.entries[:known] if entry.pair}
        return {pair for pair, count in Counter(pair for pair, _ in books).items() if count == 1}


def quarter_end(day: date) -> date:
    first_of_next = date(day.year + (day.month > 9), (day.month + 2) // 3 % 4 * 3 + 1, 1)
    return first_of_next - timedelta(days=1)
