"""The books are brought to what forecasts say: income by the effective rate, and revisions, on each open day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from bank.allocations.forecasts.queries import courses
from bank.allocations.forecasts.rules import CATCH_UP, Wanting
from bank.allocations.model import Facility
from bank.allocations.products.rules import product_of
from bank.allocations.recording import BANK, Event, Happening, bank_side, write_all_down
from bank.allocations.rules import ACCRUAL, ADJUSTMENT
from bank.treasury.rules import entry_of
from ledger.chart import BANK as BANK_PLAN
from ledger.commands import sub_accounts
from ledger.entries import Entry
from ledger.money import NOTHING, Money
from ledger.queries import watermark
from ledger.store.work import Work

_INCOME: Final = "4000:"
_NAMES: Final = {line.code: line.name for line in BANK_PLAN.lines}
_LEGS: Final = {ACCRUAL: (ACCRUAL, "Earned by the effective rate"), CATCH_UP: (ADJUSTMENT, "Expected otherwise")}
"""What happens, the kind of its entry, and how it is called. A soft-closed quarter takes both."""


def settle(work: Work, row: Facility, day: date, *, true_on: date | None = None) -> Money:
    """Post what one facility's books lack by a day, and by every other open day on which something happened.

    A day that is closed stays as it was reported: what it lacks comes with the next open one. `true_on` is the day of
    the fact that brings this about, where that lies in a closed quarter: it is kept beside what is entered on `day`.
    Answers what was posted, gains less losses.
    """
    return settle_all(work, [row], day, true_on=true_on).get(row.id, NOTHING)


def settle_all(work: Work, rows: Iterable[Facility], day: date, *, true_on: date | None = None) -> dict[str, Money]:
    """The same for many facilities, in one act; those to which something was posted."""
    wanted = {row.id: row for row in rows if product_of(row.product).amortised}
    closed_to = watermark(work.session) or date.min
    made: list[Event] = []
    posted: dict[str, Money] = {}
    for one, course in courses(work.session, wanted).items():
        open_days = {on for on in (*course.days, day) if on > closed_to}
        lacking = course.wanting(open_days)
        made += [event for each in lacking for event in _events(work, wanted[one], each)]
        if lacking:
            posted[one] = Money.total(each.income + each.caught_up for each in lacking)
    if true_on is not None and true_on != day:
        made = [_late(event, day, true_on) for event in made]
    _open_accounts(work, [wanted[one] for one in posted])
    write_all_down(work, made)
    return posted


def _events(work: Work, row: Facility, wanting: Wanting) -> list[Event]:
    found = []
    for what, amount in ((ACCRUAL, wanting.income), (CATCH_UP, wanting.caught_up)):
        if amount:
            told = abs(amount) if what == CATCH_UP else NOTHING
            made = Happening(work.new_id("evt"), what, wanting.on, told)
            found.append(Event(row, made, [_entry(row, made, amount)]))
    return found


def _entry(row: Facility, made: Happening, amount: Money) -> Entry:
    kind, called = _LEGS[made.kind]
    beyond = f"{product_of(row.product).amortised}:"
    sides = (beyond, _INCOME) if amount > NOTHING else (_INCOME, beyond)
    return entry_of(
        bank_side(*sides, row),
        abs(amount),
        key=f"{made.id}/{made.kind}",
        on=made.on,
        description=f"{called}: {row.name}",
        kind=kind,
    )


def _late(event: Event, day: date, true_on: date) -> Event:
    if event.happening.on != day:
        return event
    return event._replace(entries=[replace(entry, original_effective_on=true_on) for entry in event.entries])


def _open_accounts(work: Work, rows: Sequence[Facility]) -> None:
    roots = {row.id: (product_of(row.product).amortised, _INCOME.rstrip(":")) for row in rows}
    named = {f"{root}:{row.id}": f"{row.name}: {_NAMES[root]}" for row in rows for root in roots[row.id]}
    if named:
        sub_accounts(work, BANK, named)
