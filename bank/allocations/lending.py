"""Money out and back: drawn within the commitment and the headroom, repaid with interest, lost and found again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bank.allocations.accruing import accrue_to, set_right_after
from bank.allocations.model import Facility
from bank.allocations.queries import FacilityView, events
from bank.allocations.recording import BANK, Happening, bank_side, partner_side, recorded, take, write_down
from bank.allocations.rules import (
    DRAWDOWN,
    DRAWING,
    RECOVERY,
    REPAID,
    REPAYMENT,
    SIGNED,
    WRITE_OFF,
    WRITTEN_OFF,
    refuse_before,
    refuse_outside_availability,
    refuse_over_owed,
    refuse_over_undrawn,
    refuse_over_written_off,
    refuse_unless,
    refuse_unless_active,
)
from bank.people.rules import FUND_MANAGER
from bank.treasury.commands import hold_headroom
from bank.treasury.queries import lowest_balance, parts_from
from bank.treasury.rules import (
    BadTerms,
    entry_of,
    happened_by,
    linked_pair,
    not_negative,
    positive,
    refuse_over_headroom,
)
from intermediaries.register.queries import standing_at
from ledger.commands import sub_account
from ledger.entries import Entry
from ledger.money import NOTHING, Money
from ledger.queries import balance_at
from ledger.store.work import Work, command


@command
def draw_down(
    work: Work,
    *,
    facility: str,
    amount: Money,
    on: date,
    key: str,
    co_investor_amount: Money = NOTHING,
    note: str = "",
) -> FacilityView:
    """Pay a tranche of a signed facility to its intermediary, whose memorandum book owes it from then on.

    Refuses a day outside the availability period, more than is left undrawn, and more than the bank's cash reaches
    after its reserve and everything promised to others. What co-investors pay beside it is noted, never booked.
    """
    work.actor.require(FUND_MANAGER)
    del key
    positive(amount, "A drawdown")
    not_negative(co_investor_amount, "Co-investors' money")
    happened_by(on, work.today, "A drawdown")
    hold_headroom(work)
    row, life = take(work, facility)
    refuse_unless(life.state, (SIGNED, DRAWING), "drawn on")
    refuse_before(on, _signed_on(work, row), "it was signed")
    refuse_unless_active(standing_at(work.session, row.intermediary, on), row.intermediary, on)
    refuse_outside_availability(on, row.available_from, row.available_until)
    undrawn = balance_at(work.session, BANK, f"9100:{row.id}")
    refuse_over_undrawn(amount, undrawn)
    parts = parts_from(work.session, on)
    others = replace(parts, undrawn=parts.undrawn - undrawn, in_principle=NOTHING)
    refuse_over_headroom(amount, others.headroom, others, "Drawing")
    made = Happening(work.new_id("evt"), DRAWDOWN, on, amount, co_investor_amount=co_investor_amount, note=note.strip())
    write_down(work, row, made, _drawdown_entries(row, made))
    return set_right_after(work, row, on)


@command
def repay(
    work: Work,
    *,
    facility: str,
    on: date,
    key: str,
    principal: Money = NOTHING,
    interest: Money = NOTHING,
    note: str = "",
) -> FacilityView:
    """Take a payment in: so much of it principal, so much interest. Interest is accrued to the day first.

    Refuses more principal than is outstanding and more interest than has accrued, on the day and since, with figures.
    """
    work.actor.require(FUND_MANAGER)
    del key
    not_negative(principal, "The principal of a repayment")
    not_negative(interest, "The interest of a repayment")
    positive(principal + interest, "A repayment")
    happened_by(on, work.today, "A repayment")
    hold_headroom(work)
    row, life = take(work, facility)
    refuse_unless(life.state, (DRAWING, REPAID, WRITTEN_OFF), "repaid")
    accrue_to(work, row, on)
    _refuse_over_owed(work, row, on, principal, interest)
    made = Happening(work.new_id("evt"), REPAYMENT, on, principal, interest, note=note.strip())
    write_down(work, row, made, _repayment_entries(row, made))
    return set_right_after(work, row, on)


@command
def write_off(
    work: Work,
    *,
    facility: str,
    amount: Money,
    on: date,
    reason: str,
    key: str,
    interest: Money | None = None,
) -> FacilityView:
    """Give principal up as lost, for a reason. Interest is accrued to the day first.

    The accrued interest to give up with it is, unless told, all of it when all the principal goes, and none otherwise.
    Refuses more than is outstanding or has accrued.
    """
    work.actor.require(FUND_MANAGER)
    del key
    not_negative(amount, "The principal written off")
    happened_by(on, work.today, "A write-off")
    if not reason.strip():
        raise BadTerms("Give the reason for the write-off: it is kept with the facility and read by trustees")
    hold_headroom(work)
    row, life = take(work, facility)
    refuse_unless(life.state, (DRAWING, REPAID, WRITTEN_OFF), "written off")
    accrue_to(work, row, on)
    lost = _interest_lost(work, row, on, amount) if interest is None else not_negative(interest, "Interest written off")
    positive(amount + lost, "A write-off")
    _refuse_over_owed(work, row, on, amount, lost)
    made = Happening(work.new_id("evt"), WRITE_OFF, on, amount, lost, note=reason.strip())
    if lost:
        sub_account(work, BANK, "5010", row.id, "interest", name=f"{row.name}: interest written off")
    write_down(work, row, made, _write_off_entries(row, made))
    return set_right_after(work, row, on)


@command
def recover(work: Work, *, facility: str, amount: Money, on: date, key: str, note: str = "") -> FacilityView:
    """Take in money on what was written off: together never more than was, principal and interest."""
    work.actor.require(FUND_MANAGER)
    del key
    positive(amount, "A recovery")
    happened_by(on, work.today, "A recovery")
    hold_headroom(work)
    row, life = take(work, facility)
    refuse_unless(life.state, (DRAWING, REPAID, WRITTEN_OFF), "recovered on")
    refuse_over_written_off(amount, life)
    first = min(event.effective_on for event in events(work.session, row.id, as_at=date.max) if event.kind == WRITE_OFF)
    refuse_before(on, first, "the write-off was")
    made = Happening(work.new_id("evt"), RECOVERY, on, amount, note=note.strip())
    sides = (bank_side("1000", "4060:", row), partner_side("5210:", "1000:", row))
    said = f"Recovered on {row.name}, written off before"
    entries = linked_pair(sides, amount, key=f"{made.id}/recovery", on=on, description=said, kind="recovery")
    return recorded(work, row, made, entries)


def _signed_on(work: Work, row: Facility) -> date:
    return min(event.effective_on for event in events(work.session, row.id, as_at=date.max) if event.kind == SIGNED)


def _interest_lost(work: Work, row: Facility, on: date, amount: Money) -> Money:
    if amount != lowest_balance(work.session, BANK, f"1200:{row.id}", on):
        return NOTHING
    return max(lowest_balance(work.session, BANK, f"1210:{row.id}", on), NOTHING)


def _refuse_over_owed(work: Work, row: Facility, on: date, principal: Money, interest: Money) -> None:
    refuse_over_owed(principal, lowest_balance(work.session, BANK, f"1200:{row.id}", on), "principal", on)
    if interest:
        refuse_over_owed(interest, lowest_balance(work.session, BANK, f"1210:{row.id}", on), "interest", on)


def _drawdown_entries(row: Facility, made: Happening) -> list[Entry]:
    sides = (bank_side("1200:", "1000", row), partner_side("1000:", "2100:", row))
    memo = bank_side("9199", "9100:", row)
    said = f"Drawn down under {row.name}"
    return [
        *linked_pair(sides, made.amount, key=f"{made.id}/principal", on=made.on, description=said, kind="drawdown"),
        entry_of(memo, made.amount, key=f"{made.id}/commitment", on=made.on, description=said, kind="drawdown"),
    ]


def _repayment_entries(row: Facility, made: Happening) -> list[Entry]:
    parts = (
        ("principal", made.amount, "repayment", (("1000", "1200:"), ("2100:", "1000:"))),
        ("interest", made.interest, "interest", (("1000", "1210:"), ("5200:", "1000:"))),
    )
    return [
        entry
        for part, amount, kind, (ours, theirs) in parts
        if amount
        for entry in linked_pair(
            (bank_side(*ours, row), partner_side(*theirs, row)),
            amount,
            key=f"{made.id}/{part}",
            on=made.on,
            description=f"Repaid under {row.name}: {part}",
            kind=kind,
        )
    ]


def _write_off_entries(row: Facility, made: Happening) -> list[Entry]:
    """Principal is lost in both books; interest only in ours, because the partner's book never owed it."""
    entries: list[Entry] = []
    said = f"Written off: {row.name}"
    if made.amount:
        sides = (bank_side("5010:", "1200:", row), partner_side("2100:", "4200:", row))
        key = f"{made.id}/principal"
        entries += linked_pair(sides, made.amount, key=key, on=made.on, description=said, kind="write-off")
    if made.interest:
        side = bank_side("5010:interest", "1210:", row)
        key = f"{made.id}/interest"
        entries.append(entry_of(side, made.interest, key=key, on=made.on, description=said, kind="write-off"))
    return entries
