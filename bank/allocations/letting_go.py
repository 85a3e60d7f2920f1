"""How what is promised and not drawn falls away: let go by somebody, or lapsed with its availability."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import accumulate

from bank.allocations.accruing import set_right_after
from bank.allocations.life.queries import ended, terms_at
from bank.allocations.model import Facility
from bank.allocations.products.agreeing import fee_earned
from bank.allocations.products.rules import product_of
from bank.allocations.recording import BANK, Happening, entered_on, memo, take, write_down
from bank.allocations.rules import APPROVED, DRAWING, LAPSE, SIGNED, Life
from ledger.money import NOTHING, Money
from ledger.queries import balance_at, entries_behind
from ledger.store.database import ReadSession
from ledger.store.work import Work


def promised_under(row: Facility, life: Life) -> str:
    """The memorandum account below which what may fall away of a facility stands."""
    return "9110" if life.state == APPROVED else product_of(row.product).promise


def let_go(work: Work, row: Facility, life: Life, made: Happening) -> None:
    """Enter that a promise, or a part of it, has fallen away, with what is earned by that or not any more."""
    entries = [
        memo(row, made, "9199", f"{promised_under(row, life)}:", "lapse", "Undrawn commitment let go"),
        *fee_earned(work, row, made.on, f"{made.id}/fee"),
    ]
    write_down(work, row, made, entries)
    if life.state != APPROVED and product_of(row.product).lent:
        set_right_after(work, row, made.on)


def lapse_ended(work: Work, by: date) -> dict[str, Money]:
    """Enter all that fell away with its availability before a day: how much of which facility.

    Each lapses on the day after its end, or on the first day that still takes an entry, with the true day beside it.
    The headroom is held by the caller.
    """
    found: dict[str, Money] = {}
    for each in ended(work.session, by):
        row, life = take(work, each.facility)
        until = terms_at(work.session, row, by).available_until
        if until >= by or life.state not in {APPROVED, SIGNED, DRAWING}:
            continue
        account = f"{promised_under(row, life)}:{row.id}"
        for day, left in _falling(work.session, account, until + timedelta(days=1)):
            on = entered_on(work, day)
            if on <= work.today:
                said = f"Its availability ended on {until}"
                late = None if on == day else day
                let_go(work, row, life, Happening(work.new_id("evt"), LAPSE, on, left, note=said, happened_on=late))
                found[row.id] = found.get(row.id, NOTHING) + left
    return found


def still_promised(session: ReadSession, but: str, by: date) -> tuple[Money, Money]:
    """What the books still count as promised, and as approved, of all facilities but one whose availability is over."""
    gone = [each for each in ended(session, by) if each.facility != but]
    return Money.total(each.no_more for each in gone), Money.total(each.in_principle for each in gone)


def _falling(session: ReadSession, account: str, since: date) -> Iterator[tuple[date, Money]]:
    """What falls away on a day, and on each later one on which more was promised anew; never more than is left."""
    moved: defaultdict[date, Money] = defaultdict(lambda: NOTHING)
    for line in entries_behind(session, BANK, account, since + timedelta(days=1)):
        moved[line.effective_on] += line.amount
    days = sorted({since, *moved})
    there = list(accumulate((moved[day] for day in days), initial=balance_at(session, BANK, account, since)))[1:]
    gone = NOTHING
    for place, day in enumerate(days):
        least = min(there[place:]) - gone
        if least > NOTHING:
            gone += least
            yield day, least
