"""How an event in a facility's life is begun and written down: the facility taken, its entries posted, its row kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from bank.allocations.model import Facility, FacilityEvent
from bank.allocations.queries import FacilityView, NoSuchFacility, facility, facts, next_number
from bank.allocations.rules import Life, life_of
from bank.treasury.commands import posted
from bank.treasury.rules import Side
from ledger import trail
from ledger.commands import sub_account
from ledger.entries import Entry
from ledger.money import NOTHING, Money
from ledger.store.work import Work

BANK = "bank"
ACTIONS = {
    "proposed": "propose",
    "approved": "approve",
    "rejected": "reject",
    "signed": "sign",
    "drawdown": "draw-down",
    "accrual": "accrue",
    "repayment": "repay",
    "recovery": "recover",
    "fee": "take-fee",
    "capitalisation": "capitalise",
    "modification": "modify",
    "impairment": "allow-for-loss",
    "release": "release-allowance",
    "co-commitment": "co-invest",
    "co-drawing": "co-invest",
}
"""The verb in the trail for a kind of event; a kind that is its own verb is not listed."""


@dataclass(frozen=True, slots=True)
class Happening:
    """An event about to be written down, with the name its entries take theirs from."""

    id: str
    kind: str
    on: date
    amount: Money = NOTHING
    interest: Money = NOTHING
    co_investor_amount: Money = NOTHING
    note: str = ""


def take(work: Work, wanted: str) -> tuple[Facility, Life]:
    """Take a facility until the commit, so that its events follow one another, and fold what has happened to it."""
    row = work.session.get(Facility, wanted, with_for_update=True, populate_existing=True)
    if row is None:
        raise NoSuchFacility(f"There is no facility {wanted!r:.60}")
    return row, life_of(facts(work.session, wanted))


def recorded(work: Work, row: Facility, happening: Happening, entries: Sequence[Entry] = ()) -> FacilityView:
    """Write an event down and answer the facility as it then stands."""
    write_down(work, row, happening, entries)
    return facility(work.session, row.id)


def write_down(work: Work, row: Facility, happening: Happening, entries: Sequence[Entry] = ()) -> None:
    """Post the entries of an event, keep the event with their places, and leave its line in the trail."""
    seqs = posted(work, entries) if entries else []
    work.session.add(
        FacilityEvent(
            id=happening.id,
            facility_id=row.id,
            number=next_number(work.session, row.id),
            kind=happening.kind,
            effective_on=happening.on,
            recorded_at=work.now,
            actor=work.actor.id,
            amount=happening.amount,
            interest=happening.interest,
            co_investor_amount=happening.co_investor_amount,
            seq=seqs[0] if seqs else None,
            seqs=seqs,
            note=happening.note,
        )
    )
    work.session.flush()
    trail.record(
        work,
        action=f"allocation.{ACTIONS.get(happening.kind, happening.kind)}",
        subject=row.id,
        reason=happening.note,
        event=happening.id,
        on=happening.on,
        amount=happening.amount,
        interest=happening.interest,
        co_investor_amount=happening.co_investor_amount,
        seqs=seqs,
    )


_OWN = {
    "1220": "interest in arrears",
    "1230": "fees still to be earned",
    "1240": "loss allowance, stage 1",
    "1241": "loss allowance, stage 2",
    "1242": "loss allowance, stage 3",
    "1500": "fees due",
    "2300": "received and not applied",
    "4010": "fees",
    "5000": "impairment",
}
"""Accounts of a facility in the bank's book that are opened when they are first needed, and how they are called."""


def open_own(work: Work, row: Facility, codes: Iterable[str]) -> None:
    """Open those of a facility's own accounts, marked by a colon, that are opened only when they are needed."""
    for code in codes:
        root, marked, _ = code.partition(":")
        if marked and root in _OWN:
            sub_account(work, BANK, root, row.id, name=f"{row.name}: {_OWN[root]}")


def bank_side(debit: str, credit: str, of: Facility) -> Side:
    """The bank's half: accounts marked with a colon stand for the facility's own below them."""
    return Side(BANK, _own(debit, of), _own(credit, of))


def partner_side(debit: str, credit: str, of: Facility) -> Side:
    """The half in the intermediary's memorandum book."""
    return Side(of.intermediary, _own(debit, of), _own(credit, of))


def _own(code: str, of: Facility) -> str:
    root, marked, below = code.partition(":")
    return ":".join(part for part in (root, of.id if marked else "", below) if part)
