"""Money out and back: drawn within the commitment and the headroom, repaid with interest, lost and found again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from bank.allocations.accruing import accrue_to, charges_for_promises, set_right_after
from bank.allocations.allowing import held_at, used_entries
from bank.allocations.beginning import begin, may_begin
from bank.allocations.divisions.queries import divided
from bank.allocations.facts import facts_of
from bank.allocations.fees import fee_withheld
from bank.allocations.letting_go import still_promised
from bank.allocations.life.evidence.commands import shown
from bank.allocations.life.gates import last_day_to_draw, may_draw, may_refund, may_write_off
from bank.allocations.model import Facility
from bank.allocations.products.rules import refuse_unless_lent
from bank.allocations.queries import FacilityView, events, facts
from bank.allocations.reapplying import THEIRS, payment_kind
from bank.allocations.recording import (
    BANK,
    Happening,
    bank_side,
    open_own,
    partner_side,
    recorded,
    take,
    write_down,
)
from bank.allocations.resharing import HEADS, least_owed, shared_on
from bank.allocations.rules import (
    DRAWDOWN,
    DRAWING,
    LAPSED,
    RECOVERY,
    REFUND,
    REPAID,
    REPAYMENT,
    SIGNED,
    WRITE_OFF,
    WRITTEN_OFF,
    lives_from,
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
from bank.treasury.queries import highest_balance, lowest_balance, parts_from
from bank.treasury.rules import (
    BadTerms,
    Side,
    entry_of,
    happened_by,
    linked_pair,
    not_negative,
    positive,
    refuse_over_headroom,
)
from intermediaries.register.queries import standing_at
from ledger.commands import sub_account
from ledger.entries import Entry, Posting
from ledger.money import NOTHING, Money
from ledger.periods import open_day
from ledger.queries import balance_at, watermark
from ledger.store.work import Work, command
from ledger.waterfalls import DEFAULT_INTEREST, FEES, INTEREST, PRINCIPAL

_UNDIVIDED: Final = (
    "Payments of that day and later ones count: divide it otherwise, or give it undivided, as one amount (`--amount`), "
    "which the order of the contract shares out among what is still owed"
)


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
    evidence: str = "",
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
    refuse_unless_lent(row.product)
    refuse_unless(life.state, (SIGNED, DRAWING), "drawn on")
    refuse_before(on, _signed_on(work, row), "it was signed")
    for day in (on, work.today):
        refuse_unless_active(standing_at(work.session, row.intermediary, day), row.intermediary, day)
    refuse_outside_availability(on, row.available_from, last_day_to_draw(work, row, on))
    undrawn = balance_at(work.session, BANK, f"9100:{row.id}")
    refuse_over_undrawn(amount, undrawn)
    parts = parts_from(work.session, on)
    lapsed, _ = still_promised(work.session, row.id, work.today)
    others = replace(parts, undrawn=parts.undrawn - undrawn - lapsed, in_principle=NOTHING)
    refuse_over_headroom(amount, others.payable, others, "Drawing")
    may_draw(work, row, life, amount, co_investor_amount, on, note)
    made = _happening(
        work, DRAWDOWN, on, amount, co_investor_amount=co_investor_amount, note=note.strip() or _drawn(work, row)
    )
    made = replace(made, evidence=shown(work, "drawn", evidence))
    fee = fee_withheld(work, row, on, amount)
    may_begin(work, row, on, amount, fee)
    write_down(work, row, made, _drawdown_entries(row, made, fee))
    begin(work, row, made.on)
    return set_right_after(work, row, made.on)


@command
def repay(
    work: Work,
    *,
    facility: str,
    on: date,
    key: str,
    principal: Money = NOTHING,
    interest: Money = NOTHING,
    fees: Money = NOTHING,
    default_interest: Money = NOTHING,
    amount: Money | None = None,
    note: str = "",
    evidence: str = "",
) -> FacilityView:
    """Take a payment in: so much of it principal, so much interest. Everything is accrued to the day first.

    With an `amount` alone it is shared out in the order of the contract among what is due, then to principal that is
    not due yet, and what is left when nothing is owed any more is kept unapplied. Principal paid ahead of its day
    lightens what is still to fall due. Refuses more under any head than is owed, on the day and since, with figures.
    """
    work.actor.require(FUND_MANAGER)
    del key
    told = {PRINCIPAL: principal, INTEREST: interest, FEES: fees, DEFAULT_INTEREST: default_interest}
    received = _received(told, amount)
    happened_by(on, work.today, "A repayment")
    hold_headroom(work)
    row, life = take(work, facility)
    refuse_unless_lent(row.product)
    paying = (DRAWING, REPAID, WRITTEN_OFF)
    refuse_unless(life.state, (*paying, SIGNED, LAPSED) if charges_for_promises(work, row) else paying, "repaid")
    entered = _entered(work, on)
    accrue_to(work, row, entered)
    left = NOTHING
    if amount is None:
        _refuse_more_than_owed(work, row, entered, told)
    else:
        shares = shared_on(facts_of(work.session, row), on, received, divided(work.session, row.id))
        told, left = dict(shares.paid), shares.left_over
    made = _happening(work, REPAYMENT, on, told[PRINCIPAL], told[INTEREST], note=note.strip())
    made = replace(made, evidence=shown(work, "repaid", evidence), shared_out=amount is not None)
    open_own(work, row, [f"{account}:" for head, account in HEADS.items() if told[head]] + (["2300:"] if left else []))
    write_down(work, row, made, _repayment_entries(row, made, told, left))
    return set_right_after(work, row, entered)


@command
def refund(
    work: Work, *, facility: str, amount: Money, on: date, key: str, note: str = "", evidence: str = ""
) -> FacilityView:
    """Give back what was received beyond what was owed; refuses more than is held unapplied, on the day and since."""
    work.actor.require(FUND_MANAGER)
    del key
    positive(amount, "A refund")
    happened_by(on, work.today, "A refund")
    hold_headroom(work)
    row, _ = take(work, facility)
    made = _happening(work, REFUND, on, amount, note=note.strip(), evidence=evidence.strip())
    held = -highest_balance(work.session, BANK, f"2300:{row.id}", made.on)
    refuse_over_owed(amount, held, "money held unapplied", on)
    may_refund(work, row, amount)
    said = f"Given back to the intermediary of {row.name}"
    side = bank_side("2300:", "1000", row)
    return recorded(
        work, row, made, [entry_of(side, amount, key=f"{made.id}/refund", on=made.on, description=said, kind=REFUND)]
    )


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
    evidence: str = "",
) -> FacilityView:
    """Give principal up as lost, for a reason. Interest is accrued to the day first.

    The allowance for loss bears it as far as one is held, and what goes beyond is a loss of the day. The interest to
    give up with it is, unless told, all that the contract claims when all the principal goes, and none otherwise; what
    of it stage 3 had left out is no loss. Default interest goes with the last of the principal, but not with a waiver
    of so much interest and no principal. Refuses more than is outstanding or claimed.
    """
    work.actor.require(FUND_MANAGER)
    del key
    not_negative(amount, "The principal written off")
    happened_by(on, work.today, "A write-off")
    if not reason.strip():
        raise BadTerms("Give the reason for the write-off: it is kept with the facility and read by trustees")
    hold_headroom(work)
    row, life = take(work, facility)
    refuse_unless_lent(row.product)
    refuse_unless(life.state, (DRAWING, REPAID, WRITTEN_OFF), "written off")
    day = _entered(work, on)
    accrue_to(work, row, day)
    if interest is not None:
        not_negative(interest, "The interest given up")
    lost = _lost(work, row, day, amount, interest)
    may_write_off(work, row, lost.whole)
    made = _happening(
        work, WRITE_OFF, on, amount, lost.interest, note=reason.strip(), evidence=shown(work, "written-off", evidence)
    )
    if lost.interest or lost.arrears:
        sub_account(work, BANK, "5010", row.id, "interest", name=f"{row.name}: interest written off")
    unearned = _fees_never_earned(work, row, day, amount, lost.carried)
    held = held_at(facts_of(work.session, row), day)
    entries = _write_off_entries(row, made, lost.arrears, unearned)
    write_down(work, row, made, [*entries, *used_entries(row, made, held, lost.carried - unearned)])
    return set_right_after(work, row, day)


@command
def recover(
    work: Work, *, facility: str, amount: Money, on: date, key: str, note: str = "", evidence: str = ""
) -> FacilityView:
    """Take in money on what was written off: together never more than was by any day, principal and interest."""
    work.actor.require(FUND_MANAGER)
    del key
    positive(amount, "A recovery")
    happened_by(on, work.today, "A recovery")
    hold_headroom(work)
    row, life = take(work, facility)
    refuse_unless_lent(row.product)
    refuse_unless(life.state, (DRAWING, REPAID, WRITTEN_OFF), "recovered on")
    refuse_over_written_off(amount, life)
    first = min(event.effective_on for event in events(work.session, row.id, as_at=date.max) if event.kind == WRITE_OFF)
    refuse_before(on, first, "the write-off was")
    made = _happening(work, RECOVERY, on, amount, note=note.strip(), evidence=shown(work, "recovered", evidence))
    for then in lives_from(facts(work.session, row.id), made.on):
        refuse_over_written_off(amount, then)
    sides = (bank_side("1000", "4060:", row), partner_side("5210:", "1000:", row))
    said = f"Recovered on {row.name}, written off before"
    entries = linked_pair(sides, amount, key=f"{made.id}/recovery", on=made.on, description=said, kind="recovery")
    return recorded(work, row, made, entries)


def _entered(work: Work, on: date) -> date:
    """The day itself, or the first after the quarters that are closed for good: what they were closed with stays."""
    return open_day(on, watermark(work.session))[0]


def _happening(work: Work, kind: str, on: date, amount: Money, interest: Money = NOTHING, **told: Any) -> Happening:
    """What happened on a day, entered on the first that still takes it; it bears on interest from its own day on."""
    entered = _entered(work, on)
    late = None if entered == on else on
    return Happening(work.new_id("evt"), kind, entered, amount, interest, happened_on=late, **told)


def _drawn(work: Work, row: Facility) -> str:
    return f"Drawn under the agreement signed on {_signed_on(work, row)}"


def _signed_on(work: Work, row: Facility) -> date:
    return min(event.effective_on for event in events(work.session, row.id, as_at=date.max) if event.kind == SIGNED)


def _received(told: Mapping[str, Money], amount: Money | None) -> Money:
    """What was received in all; refuses a payment that is both split and not, and one of nothing."""
    for head, part in told.items():
        not_negative(part, f"The {head.replace('-', ' ')} of a repayment")
    split = Money.total(told.values())
    if amount is None:
        return positive(split, "A repayment")
    if split:
        raise BadTerms("Give what was received as one amount, or divided into its parts: not both")
    return positive(amount, "A repayment")


def _refuse_more_than_owed(work: Work, row: Facility, on: date, told: Mapping[str, Money]) -> None:
    """Pass what was divided by hand where each head is owed its part; what the contract claims is, in any stage."""
    owed = _owed(work, row, on)
    for head in (PRINCIPAL, INTEREST, DEFAULT_INTEREST, FEES):
        if told[head]:
            refuse_over_owed(told[head], owed[head], head.replace("-", " "), on, _UNDIVIDED)


def _owed(work: Work, row: Facility, on: date) -> dict[str, Money]:
    """What is owed under each head by the contract, on a day and since."""
    facts = facts_of(work.session, row)
    booked = {head: _lowest(work, row, HEADS[head], on) for head in (PRINCIPAL, FEES)}
    return booked | {head: least_owed(facts, head, on) for head in (INTEREST, DEFAULT_INTEREST)}


def _lowest(work: Work, row: Facility, root: str, on: date) -> Money:
    return max(lowest_balance(work.session, BANK, f"{root}:{row.id}", on), NOTHING)


@dataclass(frozen=True, slots=True)
class _Lost:
    """What a write-off gives up: principal, interest and default interest, whatever of them is recognised."""

    principal: Money
    interest: Money
    arrears: Money
    suspended: Money
    """What of both interests was never recognised, and so costs nothing."""

    @property
    def whole(self) -> Money:
        """All of it, as the contract claims it."""
        return self.principal + self.interest + self.arrears

    @property
    def carried(self) -> Money:
        """What of it the loan is carried at."""
        return self.whole - self.suspended


def _lost(work: Work, row: Facility, on: date, amount: Money, interest: Money | None) -> _Lost:
    """What goes with so much principal: all interest and default interest with all of it, and otherwise what is told.

    Interest told with no principal is waived alone, though no principal be owed: by what is known now, that may be so
    only because of a payment of a later day. Interest in suspense goes after what was recognised. Refuses more than is
    owed.
    """
    owed = _owed(work, row, on)
    ends = amount == owed[PRINCIPAL] and (bool(amount) or interest is None)
    lost = (owed[INTEREST] if ends else NOTHING) if interest is None else interest
    arrears = owed[DEFAULT_INTEREST] if ends else NOTHING
    positive(amount + lost + arrears, "A write-off")
    refuse_over_owed(amount, owed[PRINCIPAL], "principal", on)
    refuse_over_owed(lost, owed[INTEREST], "interest", on)
    parts = ((lost, HEADS[INTEREST]), (arrears, HEADS[DEFAULT_INTEREST]))
    suspended = Money.total(max(part - _lowest(work, row, root, on), NOTHING) for part, root in parts)
    return _Lost(amount, lost, arrears, suspended)


def _fees_never_earned(work: Work, row: Facility, on: date, amount: Money, whole: Money) -> Money:
    """Fees taken and not yet earned when all the principal goes: so much less was put into the loan, and is lost.

    A loan that began impaired was never carried at what was not expected of it: that is what is given up first.
    """
    if facts_of(work.session, row).course.began_impaired_by(on) is not None:
        return min(max(-highest_balance(work.session, BANK, f"1230:{row.id}", on), NOTHING), whole)
    if not amount or amount != lowest_balance(work.session, BANK, f"1200:{row.id}", on):
        return NOTHING
    return max(-highest_balance(work.session, BANK, f"1230:{row.id}", on), NOTHING)


def _drawdown_entries(row: Facility, made: Happening, fee: Money) -> list[Entry]:
    """The tranche out, less a fee withheld from it, in both books; and the promise made good."""
    said = f"Drawn down under {row.name}" + (f", less a fee of {fee} withheld" if fee else "")
    ours, theirs = bank_side("1200:", "1000", row), partner_side("1000:", "2100:", row)
    key = f"{made.id}/principal"
    pair = linked_pair((ours, theirs), made.amount, key=key, on=made.on, description=said, kind="drawdown")
    if fee:
        kept, met = bank_side("1000", "1230:", row), partner_side("5300:", "1000:", row)
        pair = [replace(entry, postings=_with(entry, side, fee)) for entry, side in zip(pair, (kept, met), strict=True)]
    memo = bank_side("9199", "9100:", row)
    promise = entry_of(memo, made.amount, key=f"{made.id}/commitment", on=made.on, description=said, kind="drawdown")
    return [*pair, promise]


def _with(entry: Entry, side: Side, amount: Money) -> tuple[Posting, ...]:
    """An entry's postings with another movement between two accounts, each account in them once."""
    net = {posting.account: posting.amount for posting in entry.postings}
    for account, moved in ((side.debit, amount), (side.credit, -amount)):
        net[account] = net.get(account, NOTHING) + moved
    return tuple(Posting(account, amount) for account, amount in net.items() if amount)


def _repayment_entries(row: Facility, made: Happening, told: Mapping[str, Money], left: Money) -> list[Entry]:
    """A payment in both books, head by head. What was owed by nobody is the intermediary's own, and in ours only."""
    entries = [
        entry
        for head, account in HEADS.items()
        if told[head]
        for entry in linked_pair(
            (bank_side("1000", f"{account}:", row), partner_side(THEIRS[head], "1000:", row)),
            told[head],
            key=f"{made.id}/{head}",
            on=made.on,
            description=f"Repaid under {row.name}: {head.replace('-', ' ')}",
            kind=payment_kind(head),
        )
    ]
    if left:
        side = bank_side("1000", "2300:", row)
        said = f"Received beyond what is owed under {row.name}"
        key = f"{made.id}/unapplied"
        entries.append(entry_of(side, left, key=key, on=made.on, description=said, kind="repayment"))
    return entries


def _write_off_entries(row: Facility, made: Happening, arrears: Money, unearned: Money) -> list[Entry]:
    """Principal is lost in both books; interest only in ours, because the partner's book never owed it."""
    entries: list[Entry] = []
    said = f"Written off: {row.name}"
    if made.amount:
        sides = (bank_side("5010:", "1200:", row), partner_side("2100:", "4200:", row))
        key = f"{made.id}/principal"
        entries += linked_pair(sides, made.amount, key=key, on=made.on, description=said, kind="write-off")
    for account, amount, part in (("1210:", made.interest, "interest"), ("1220:", arrears, "interest-in-arrears")):
        if amount:
            side = bank_side("5010:interest", account, row)
            key = f"{made.id}/{part}"
            entries.append(entry_of(side, amount, key=key, on=made.on, description=said, kind="write-off"))
    if unearned:
        side = bank_side("1230:", "5010:", row)
        key = f"{made.id}/fees"
        entries.append(entry_of(side, unearned, key=key, on=made.on, description=said, kind="write-off"))
    return entries
