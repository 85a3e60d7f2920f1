"""The facts that bear on what a facility earns, gathered from the books, its terms, the base rates and its stages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Protocol

from bank.allocations.course import Course
from bank.allocations.credit.queries import stages_of
from bank.allocations.products.registry import EARNING
from bank.allocations.rules import ACCRUAL, ADJUSTMENT, EARNED, MODIFICATION, TAKEN_UP
from bank.allocations.terms.queries import agreed_terms
from bank.allocations.terms.rules import charged
from bank.allocations.terms.schedule import Movement
from bank.rates.queries import history
from ledger.daycounts import DayCount
from ledger.money import Money
from ledger.queries import Known, Line, known, lines_of
from ledger.store.database import ReadSession

BANK: Final = "bank"
ALLOWANCES: Final = ("1240", "1241", "1242")
"""The loss allowance of each stage, first to third."""
GROSS: Final = ("1200", "1210", "1220", "1230")
"""What a loan is carried at before its allowance: principal, interest, interest in arrears, and fees to be earned."""
POSTED: Final = {
    "interest": ("1210", ACCRUAL),
    "default_interest": ("1220", ACCRUAL),
    "commitment_fee": ("1500", ACCRUAL),
    "amortised": ("1230", ACCRUAL),
    "cured": ("1210", ADJUSTMENT),
    "cured_default": ("1220", ADJUSTMENT),
}
"""The account of each stream of what is earned, and the kind of its entries."""
_ROOTS: Final = (*GROSS, *ALLOWANCES, "1500", "9100")


class Lent(Protocol):
    """What is asked of a facility, whether it is a row or a view."""

    @property
    def id(self) -> str:
        """What it is known by."""
        ...

    @property
    def annual_rate(self) -> Decimal:
        """The yearly rate agreed with it, until its first terms."""
        ...

    @property
    def day_count(self) -> str:
        """The convention by which days are counted."""
        ...


@dataclass(frozen=True, slots=True)
class Facts:
    """A facility's lines in the bank's book by account, and the course that they make with its terms."""

    lines: dict[str, list[Line]]
    course: Course

    def accrued(self, stream: str) -> list[Movement]:
        """What was posted as earned of a stream, by day."""
        root, kind = POSTED[stream]
        return [(line.effective_on, line.amount) for line in self.lines[root] if line.kind == kind]

    def balance(self, roots: Iterable[str], as_at: date = date.max) -> Money:
        """What some accounts come to by a day."""
        return Money.total(line.amount for root in roots for line in self.lines[root] if line.effective_on <= as_at)


def facts_of(session: ReadSession, lent: Lent, *, as_at: date = date.max, at: Known | None = None) -> Facts:
    """The facts of a facility dated up to a day, as known then."""
    lines: dict[str, list[Line]] = {root: [] for root in _ROOTS}
    for line in lines_of(session, BANK, [f"{root}:{lent.id}" for root in (*_ROOTS, *EARNING)], at):
        if line.effective_on <= as_at:
            root = line.account.partition(":")[0]
            lines["1200" if root in EARNING else root].append(line)
    then = at or known(session)
    terms = tuple(each for each in agreed_terms(session, lent.id, at=then) if each.from_on <= as_at)
    bases = {base: history(session, base, at=then) for base in {each.base for each in terms} if base is not None}
    course = Course(
        rates=charged(terms, bases, lent.annual_rate),
        day_count=DayCount(lent.day_count),
        terms=terms,
        principal=_moved(lines["1200"]),
        settled=_moved(line for line in lines["1210"] if line.kind not in EARNED),
        taken=_moved(line for line in lines["1210"] if line.kind == TAKEN_UP),
        undrawn=_moved(lines["9100"]),
        fees=_credited(line for line in lines["1230"] if line.kind not in {ACCRUAL, MODIFICATION}),
        adjusted=_credited(line for line in lines["1230"] if line.kind == MODIFICATION),
        allowed=_credited(line for root in ALLOWANCES for line in lines[root]),
        stages=tuple((day, stage) for day, stage in stages_of(session, lent.id, at=then) if day <= as_at),
    )
    return Facts(lines, course)


def _moved(lines: Iterable[Line]) -> tuple[Movement, ...]:
    return tuple((line.effective_on, line.amount) for line in lines)


def _credited(lines: Iterable[Line]) -> tuple[Movement, ...]:
    return tuple((line.effective_on, -line.amount) for line in lines)
