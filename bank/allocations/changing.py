"""What changed terms do to a loan that stays on the books: the gain or loss at its original effective rate."""

from __future__ import annotations

from dataclasses import replace

from bank.allocations.facts import facts_of
from bank.allocations.model import Facility
from bank.allocations.recording import Happening, bank_side, open_own, write_down
from bank.allocations.rules import MODIFICATION
from bank.allocations.terms.rules import Agreed, charged
from bank.rates.queries import history
from bank.treasury.rules import entry_of
from ledger.entries import Entry
from ledger.money import NOTHING, Money
from ledger.periods import open_day
from ledger.queries import watermark
from ledger.store.work import Work


def changed_terms(work: Work, row: Facility, agreed: Agreed, reason: str) -> None:
    """Post what newly approved terms, already kept, do to the value of what is lent; nothing where nothing is lent.

    A day in a closed quarter is entered on the first open day, with the true day beside it.
    """
    course = facts_of(work.session, row).course
    since = agreed.from_on
    outstanding = Money.total(amount for day, amount in course.principal if day <= since)
    before = tuple(each for each in course.terms if each.from_on < since)
    if outstanding <= NOTHING or not before:
        return
    bases = {each.base: history(work.session, each.base) for each in before if each.base is not None}
    unchanged = replace(course, terms=before, rates=charged(before, bases, row.annual_rate))
    was, effective = unchanged.value.at(since)
    if effective is None:
        return
    there = Money.round_half_up(was) if course.fees or course.adjusted else NOTHING
    loss = Money.round_half_up(course.value.at(since)[0]) - there
    on, original = open_day(since, watermark(work.session))
    made = Happening(work.new_id("evt"), MODIFICATION, on, amount=abs(loss), note=reason)
    entries = [replace(_entry(row, made, loss), original_effective_on=original)] if loss else []
    open_own(work, row, ["5000:", "1230:"])
    write_down(work, row, made, entries)


def _entry(row: Facility, made: Happening, loss: Money) -> Entry:
    sides = ("5000:", "1230:") if loss > NOTHING else ("1230:", "5000:")
    called = "loss" if loss > NOTHING else "gain"
    return entry_of(
        bank_side(*sides, row),
        abs(loss),
        key=f"{made.id}/modification",
        on=made.on,
        description=f"Modification {called} at the original effective rate: {row.name}",
        kind=MODIFICATION,
    )
