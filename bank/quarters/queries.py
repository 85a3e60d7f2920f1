"""Looks at a quarter: whether it is open, what its close waits for, and what was accepted as missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from bank.allocations.accruing import interest_missing
from bank.allocations.life.queries import ended
from bank.allocations.queries import FacilityView, all_facilities
from bank.quarters.rules import ACCEPTABLE, BOOKS, BREAK, INTEREST, LAPSE, MEMORANDUM, OWED, RETURN
from intermediaries.returns.breaks.queries import breaks_unexplained
from intermediaries.returns.queries import returns_missing
from ledger import closings, trail
from ledger import queries as books
from ledger.dates import Quarter
from ledger.money import NOTHING, Money
from ledger.store.database import ReadSession
from ledger.store.work import View

MISSING_ACCEPTED = "quarter.missing-accepted"


class GateView(View):
    """Something that the close of a quarter waits for; some may be closed over for a reason."""

    gate: str
    subject: str
    sentence: str
    may_be_accepted: bool


class QuarterView(View):
    """A quarter: its state, what it was closed over and why, what its close still waits for, and what a close kept."""

    quarter: Quarter
    starts_on: date
    ends_on: date
    state: str
    missing_accepted: str
    missing: tuple[str, ...]
    gates: tuple[GateView, ...]
    kept: closings.Kept | None


def gates(session: ReadSession, quarter: Quarter) -> list[GateView]:
    """Everything that the close of a quarter waits for, each named; to these the books add their own."""
    facilities = [each for each in all_facilities(session, as_at=quarter.ends_on) if each.figures.signed]
    return [
        *_interest(session, facilities, quarter),
        *_memoranda(session, facilities, quarter),
        *_promises(session, quarter),
        *_lapses(session, quarter),
        *_returns(session, quarter),
        *_breaks(session, quarter),
    ]


def quarter(session: ReadSession, quarter: Quarter) -> QuarterView:
    """One quarter; a closed one waits for nothing more."""
    state = books.quarter_state(session, quarter)
    accepted = trail.lines(session, subject=str(quarter), action=MISSING_ACCEPTED)
    return QuarterView(
        quarter=quarter,
        starts_on=quarter.starts_on,
        ends_on=quarter.ends_on,
        state=state,
        missing_accepted=accepted[-1].reason if accepted else "",
        missing=tuple(accepted[-1].facts["missing"]) if accepted else (),
        gates=() if state == "closed" else (*gates(session, quarter), *_of_the_books(session, quarter)),
        kept=closings.kept(session, quarter),
    )


def _gate(gate: str, subject: str, sentence: str) -> GateView:
    return GateView(gate=gate, subject=subject, sentence=sentence, may_be_accepted=gate in ACCEPTABLE)


def _of_the_books(session: ReadSession, quarter: Quarter) -> Iterator[GateView]:
    for said in closings.gates(session, quarter):
        yield _gate(BOOKS, str(quarter), said)


def _interest(session: ReadSession, facilities: list[FacilityView], quarter: Quarter) -> Iterator[GateView]:
    lacking = interest_missing(session, facilities, quarter.ends_on)
    for each in facilities:
        if each.id in lacking:
            said = f"interest on {each.name} ({each.id}) is out by {lacking[each.id]}: accrue it to {quarter.ends_on}"
            yield _gate(INTEREST, each.id, said)


def _memoranda(session: ReadSession, facilities: list[FacilityView], quarter: Quarter) -> Iterator[GateView]:
    owed = _owed(session, {each.intermediary for each in facilities}, quarter.ends_on)
    for each in facilities:
        ours, theirs = each.figures.outstanding, owed.get((each.intermediary, each.id), NOTHING)
        if ours != theirs:
            said = f"{each.name} ({each.id}) owes {ours} by the bank's book and {theirs} by its intermediary's"
            yield _gate(MEMORANDUM, each.id, f"{said}: find the entry that is in one of them only")


def _promises(session: ReadSession, quarter: Quarter) -> Iterator[GateView]:
    """The memoranda of every book come to nothing with their contra, whatever was posted before that was refused."""
    for balance in books.trial_balances(session, quarter.ends_on):
        left = Money.total(line.debit - line.credit for line in balance.accounts if line.code.startswith("9"))
        if left:
            said = (
                f"the memoranda of the book {balance.book} come to {left}, and must come to nothing with their contra"
            )
            yield _gate(MEMORANDUM, balance.book, f"{said}: reverse the entry that moved one side alone")


def _lapses(session: ReadSession, quarter: Quarter) -> Iterator[GateView]:
    if books.quarter_state(session, quarter) != "open":
        return
    for each in ended(session, quarter.ends_on):
        if left := each.promised + each.in_principle:
            said = f"the availability of {each.name} ({each.facility}) ended on {each.until} with {left} undrawn"
            yield _gate(LAPSE, each.facility, f"{said}: the close enters that it has lapsed")
        if each.guaranteed:
            said = f"{each.guaranteed} guaranteed under {each.name} ({each.facility}) could be claimed until"
            yield _gate(LAPSE, each.facility, f"{said} {each.claimable_until}: the close enters that it has ended")


def _owed(session: ReadSession, holders: Iterable[str], day: date) -> dict[tuple[str, str], Money]:
    """What the books of some intermediaries owe the bank by a day, by the book and the facility."""
    found: dict[tuple[str, str], Money] = {}
    for holder in sorted(holders):
        for code in OWED:
            for account, balance in books.balances_under(session, holder, code, day).items():
                owed = holder, account.partition(":")[2].partition(":")[0]
                found[owed] = found.get(owed, NOTHING) - balance
    return found


def _returns(session: ReadSession, quarter: Quarter) -> Iterator[GateView]:
    for missing in returns_missing(session, quarter):
        said = f"the return of {missing.facility} for {quarter}, due on {missing.due_on}, is not accepted yet"
        yield _gate(RETURN, missing.facility, said)


def _breaks(session: ReadSession, quarter: Quarter) -> Iterator[GateView]:
    for found in breaks_unexplained(session, quarter):
        said = f"the return of {found.facility} for {quarter} does not tie: {found.sentence} ({found.in_hand})"
        yield _gate(BREAK, found.id, said)
