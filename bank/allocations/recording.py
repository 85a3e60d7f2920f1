"""How an event in a facility's life is begun and written down: the facility taken, its entries posted, its row kept.

What happens to very many facilities in one act is written down together: one posting of all entries, and their rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from typing import Any, NamedTuple

from bank.allocations.many.commands import keep_events
from bank.allocations.many.queries import last_numbers, rows_of
from bank.allocations.model import Facility
from bank.allocations.queries import FacilityView, NoSuchFacility, facility, facts
from bank.allocations.rules import Life, life_of
from bank.treasury.commands import posted
from bank.treasury.rules import Side, entry_of
from ledger import trail
from ledger.commands import sub_accounts
from ledger.dates import Quarter
from ledger.entries import Entry
from ledger.money import NOTHING, Money
from ledger.periods import open_day
from ledger.queries import quarter_state, watermark
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
    "replacement": "replace",
    "impairment": "allow-for-loss",
    "release": "release-allowance",
    "reclassified": "reclassify-provision",
    "raised": "raise-carrying-amount",
    "co-commitment": "co-invest",
    "co-drawing": "co-invest",
}
"""The verb in the trail for a kind of event; a kind that is its own verb is not listed."""


@dataclass(frozen=True, slots=True)
class Happening:
    """An event about to be written down, with the name its entries take theirs from.

    `on` is the day it is entered on; `happened_on` the day it was true of the world, where its quarter is closed.
    `shared_out` says that the contract divided a payment, and not who told of it.
    """

    id: str
    kind: str
    on: date
    amount: Money = NOTHING
    interest: Money = NOTHING
    co_investor_amount: Money = NOTHING
    note: str = ""
    evidence: str = ""
    happened_on: date | None = None
    shared_out: bool = False


class Event(NamedTuple):
    """An event about to be written down, whose it is, and the entries it makes."""

    row: Facility
    happening: Happening
    entries: Sequence[Entry]


def take(work: Work, wanted: str) -> tuple[Facility, Life]:
    """Take a facility until the commit, so that its events follow one another, and fold what has happened to it."""
    found = rows_of(work.session, [wanted], held=True)
    if not found:
        raise NoSuchFacility(f"There is no facility {wanted!r:.60}")
    return found[0], life_of(facts(work.session, wanted))


def take_all(work: Work, wanted: Iterable[str]) -> list[Facility]:
    """Take many facilities until the commit, in one order for everybody, so that no two who do wait in a ring."""
    return rows_of(work.session, wanted, held=True)


def recorded(work: Work, row: Facility, happening: Happening, entries: Sequence[Entry] = ()) -> FacilityView:
    """Write an event down and answer the facility as it then stands."""
    write_down(work, row, happening, entries)
    return facility(work.session, row.id)


def write_down(work: Work, row: Facility, happening: Happening, entries: Sequence[Entry] = ()) -> None:
    """Post the entries of an event, keep the event with their places, and leave its line in the trail."""
    write_all_down(work, [Event(row, happening, entries)])


def write_all_down(work: Work, told: Sequence[Event]) -> None:
    """Write many events down, in their order: all their entries in one posting, all their rows and lines at once."""
    if not told:
        return
    places = iter(posted(work, [_with_its_day(entry, event.happening) for event in told for entry in event.entries]))
    numbers = last_numbers(work.session, {event.row.id for event in told})
    rows = []
    for event in told:
        numbers[event.row.id] = numbers.get(event.row.id, 0) + 1
        seqs = list(islice(places, len(event.entries)))
        rows.append(_row(work, event, numbers[event.row.id], seqs))
    keep_events(work, rows)
    trail.record_all(work, [_said(event.happening, row) for event, row in zip(told, rows, strict=True)])


def _with_its_day(entry: Entry, happening: Happening) -> Entry:
    late = happening.happened_on
    return entry if late is None else replace(entry, original_effective_on=late)


def _row(work: Work, event: Event, number: int, seqs: list[int]) -> dict[str, Any]:
    happening = event.happening
    return {
        "id": happening.id,
        "facility_id": event.row.id,
        "number": number,
        "kind": happening.kind,
        "effective_on": happening.on,
        "recorded_at": work.now,
        "actor": work.actor.id,
        "amount": happening.amount,
        "interest": happening.interest,
        "co_investor_amount": happening.co_investor_amount,
        "seq": seqs[0] if seqs else None,
        "seqs": seqs,
        "note": happening.note,
        "evidence": happening.evidence,
        "shared_out": happening.shared_out,
    }


def _said(happening: Happening, row: dict[str, Any]) -> trail.Said:
    told = {name: row[name] for name in ("amount", "interest", "co_investor_amount", "seqs")}
    return trail.Said(
        f"allocation.{ACTIONS.get(happening.kind, happening.kind)}",
        row["facility_id"],
        happening.note,
        {"event": happening.id, "on": happening.on} | told | _told_beside(happening),
    )


def _told_beside(happening: Happening) -> dict[str, Any]:
    late = {} if happening.happened_on is None else {"happened_on": happening.happened_on}
    return late | ({"evidence": happening.evidence} if happening.evidence else {})


_OWN = {
    "1220": "interest in arrears",
    "1230": "fees still to be earned",
    "1240": "loss allowance, stage 1",
    "1241": "loss allowance, stage 2",
    "1242": "loss allowance, stage 3",
    "1500": "fees due",
    "2210": "provision for losses on what is undrawn",
    "2300": "received and not applied",
    "4010": "fees",
    "5000": "impairment",
    "9140": "interest in suspense",
    "9141": "default interest in suspense",
}
"""Accounts of a facility in the bank's book that are opened when they are first needed, and how they are called."""


def open_own(work: Work, row: Facility, codes: Iterable[str]) -> None:
    """Open those of a facility's own accounts, marked by a colon, that are opened only when they are needed."""
    open_all_own(work, [(row, code) for code in codes])


def open_all_own(work: Work, wanted: Iterable[tuple[Facility, str]]) -> None:
    """The same for many facilities, each with the code of an account it needs."""
    named = {}
    for row, code in wanted:
        root, marked, _ = code.partition(":")
        if marked and root in _OWN:
            named[f"{root}:{row.id}"] = f"{row.name}: {_OWN[root]}"
    if named:
        sub_accounts(work, BANK, named)


def bank_side(debit: str, credit: str, of: Facility) -> Side:
    """The bank's half: accounts marked with a colon stand for the facility's own below them."""
    return Side(BANK, _own(debit, of), _own(credit, of))


def partner_side(debit: str, credit: str, of: Facility) -> Side:
    """The half in the intermediary's memorandum book."""
    return Side(of.intermediary, _own(debit, of), _own(credit, of))


def _own(code: str, of: Facility) -> str:
    root, marked, below = code.partition(":")
    return ":".join(part for part in (root, of.id if marked else "", below) if part)


def memo(row: Facility, made: Happening, debit: str, credit: str, kind: str, said: str) -> Entry:
    """The entry by which a memorandum of a promise moves against its contra."""
    leg = (debit if debit != "9199" else credit).rstrip(":")
    return entry_of(
        bank_side(debit, credit, row),
        made.amount,
        key=f"{made.id}/{leg}",
        on=made.on,
        description=f"{said}: {row.name}",
        kind=kind,
    )


def entered_on(work: Work, day: date) -> date:
    """The day itself, or the first day after it whose quarter still takes every kind of entry."""
    found, _ = open_day(day, watermark(work.session))
    while quarter_state(work.session, Quarter.of(found)) == "soft-closed":
        found = Quarter.of(found).next.starts_on
    return found
