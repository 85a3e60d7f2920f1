"""From an idea to a signature: proposed by one fund manager, approved by another within headroom, signed, or let go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from bank.allocations.letting_go import let_go, promised_under, still_promised
from bank.allocations.life.evidence.commands import shown
from bank.allocations.life.gates import last_day_to_draw, may_approve, may_let_go, may_sign
from bank.allocations.life.linking import from_enquiry, under_conditions
from bank.allocations.model import Facility, FacilityApproval
from bank.allocations.products.agreeing import keep_product_terms
from bank.allocations.products.rules import product_of
from bank.allocations.queries import FacilityView, events
from bank.allocations.queries import facility as as_it_stands
from bank.allocations.recording import BANK, Happening, memo, recorded, take
from bank.allocations.rules import (
    APPROVED,
    DRAWING,
    LAPSE,
    PRODUCTS,
    PROPOSED,
    RECURRING,
    REJECTED,
    SIGNED,
    Terms,
    refuse_after_availability,
    refuse_before,
    refuse_unless,
    refuse_unless_active,
    sound_terms,
)
from bank.allocations.waiting.commands import close_waiting
from bank.approvals.commands import require_a_voice
from bank.people.rules import FUND_MANAGER, refuse_same_person
from bank.stress.policing import refuse_commitment_under_stress
from bank.treasury.commands import hold_headroom
from bank.treasury.queries import parts_from
from bank.treasury.rules import BadTerms, Parts, happened_by, not_negative, refuse_over_headroom
from intermediaries.register.queries import names, standing_at
from ledger.commands import sub_account, sub_accounts
from ledger.money import NOTHING, Money
from ledger.queries import balance_at
from ledger.store.work import Work, command

_BANK_ACCOUNTS = {
    "1200": "principal",
    "1210": "accrued interest",
    "4060": "recoveries",
    "5010": "written off",
    "9100": "signed, undrawn",
}
_THEIRS = "Co-investors' money"
_LONGEST_NAME = 200
"""So long that what a facility's accounts are called, after it, has its place beside it."""
_PARTNER_ACCOUNTS = {
    "1000": "cash held",
    "2100": "owed to the bank",
    "2200": "the intermediary's own money",
    "4000": "interest from borrowers",
    "4100": "recoveries from borrowers",
    "4200": "released by the bank's write-off",
    "5000": "onward loans written off",
    "5200": "interest paid to the bank",
    "5210": "paid to the bank on finance written off",
    "5300": "costs and fees",
}


@command
def propose(
    work: Work,
    *,
    intermediary: str,
    product: str,
    amount: Money,
    annual_rate: Decimal,
    available_from: date,
    available_until: date,
    matures_on: date,
    purpose: str,
    additionality: str,
    day_count: str = "act/365f",
    co_investor_amount: Money = NOTHING,
    name: str = "",
    on: date | None = None,
    enquiry: str = "",
    product_terms: Mapping[str, str] | None = None,
    evidence: str = "",
    key: str,
) -> FacilityView:
    """Propose wholesale finance to an intermediary. Nothing is promised yet, and nothing enters the books.

    `amount` is the bank's own; what co-investors mean to add is kept apart. The rate is a yearly fraction.
    `product_terms` are those that only the product has, by name, as text.
    """
    work.actor.require(FUND_MANAGER)
    del key
    terms = sound_terms(
        product=product,
        amount=amount,
        co_investor_amount=co_investor_amount,
        annual_rate=annual_rate,
        day_count=day_count,
        available_from=available_from,
        available_until=available_until,
        matures_on=matures_on,
        purpose=purpose,
        additionality=additionality,
    )
    day = happened_by(on or work.today, work.today, "A proposal")
    refuse_unless_active(standing_at(work.session, intermediary, day), intermediary, day)
    row = _written_down(work, terms, intermediary, name.strip(), day)
    from_enquiry(work, enquiry, row, day)
    keep_product_terms(work, row, product_terms or {})
    made = Happening(
        work.new_id("evt"),
        PROPOSED,
        day,
        row.amount,
        co_investor_amount=row.co_investor_amount,
        note=row.purpose,
        evidence=shown(work, "proposed", evidence),
    )
    return recorded(work, row, made)


@command
def approve(
    work: Work, *, facility: str, key: str, on: date | None = None, note: str = "", evidence: str = ""
) -> FacilityView:
    """Approve in principle what somebody else proposed; `note` is why, `evidence` the minute that shows it.

    Refuses the proposer, an amount beyond the headroom less everything else approved in principle, and one that would
    make a scenario of stress fail that must hold. Where a rule wants more than one to agree, each calls this, and the
    last of them makes it approved.
    """
    require_a_voice(work, "approve")
    del key
    day = happened_by(on or work.today, work.today, "An approval")
    hold_headroom(work)
    row, life = take(work, facility)
    refuse_unless(life.state, (PROPOSED,), "approved")
    refuse_same_person(row.proposed_by, work.actor.id, "This facility")
    refuse_before(day, row.proposed_on, "it was proposed")
    evidence = shown(work, "approved", evidence)
    refuse_after_availability(day, row.available_until, "approved")
    refuse_unless_active(standing_at(work.session, row.intermediary, day), row.intermediary, day)
    parts = _parts(work, row, day)
    refuse_over_headroom(row.amount, parts.free_to_approve, parts, "Approving")
    refuse_commitment_under_stress(work, row.amount, available_until=row.available_until, matures_on=row.matures_on)
    if not may_approve(work, row, day, note, evidence):
        return as_it_stands(work.session, row.id)
    sub_account(work, BANK, "9110", row.id, name=f"{row.name}: approved in principle")
    work.session.add(
        FacilityApproval(
            facility_id=row.id, proposed_by=row.proposed_by, approved_by=work.actor.id, recorded_at=work.now
        )
    )
    why = note.strip() or f"Approved as proposed on {row.proposed_on}"
    made = Happening(work.new_id("evt"), APPROVED, day, row.amount, note=why, evidence=evidence)
    return recorded(work, row, made, [memo(row, made, "9110:", "9199", "approval", "Approved in principle")])


@command
def reject(
    work: Work, *, facility: str, reason: str, key: str, on: date | None = None, evidence: str = ""
) -> FacilityView:
    """Turn a proposal down, or withdraw it, for a reason that is kept with what shows it."""
    work.actor.require(FUND_MANAGER)
    del key
    day = happened_by(on or work.today, work.today, "A rejection")
    row, life = take(work, facility)
    refuse_unless(life.state, (PROPOSED,), "rejected")
    refuse_before(day, row.proposed_on, "it was proposed")
    step = "withdrawn" if work.actor.id == row.proposed_by else "declined"
    evidence = shown(work, step, evidence)
    close_waiting(work, row.id, _reason(reason))
    made = Happening(work.new_id("evt"), REJECTED, day, row.amount, note=_reason(reason), evidence=evidence)
    return recorded(work, row, made)


@command
def sign(
    work: Work,
    *,
    facility: str,
    key: str,
    on: date | None = None,
    co_investor_amount: Money | None = None,
    conditions: tuple[str, ...] = (),
    note: str = "",
    evidence: str = "",
) -> FacilityView:
    """Record that an approved facility is signed: from now on its money is promised.

    What co-investors signed for is what was proposed unless another amount is given. Conditions precedent listed here,
    or before, are to be satisfied before the first drawdown. Refuses a signature that the bank's headroom no longer
    reaches.
    """
    work.actor.require(FUND_MANAGER)
    del key
    day = happened_by(on or work.today, work.today, "A signature")
    hold_headroom(work)
    row, life = take(work, facility)
    refuse_unless(life.state, (APPROVED,), "signed")
    refuse_before(day, _day_of(work, row, APPROVED), "it was approved")
    refuse_after_availability(day, row.available_until, "signed")
    refuse_unless_active(standing_at(work.session, row.intermediary, day), row.intermediary, day)
    parts = replace(_parts(work, row, day), in_principle=NOTHING)
    refuse_over_headroom(row.amount, parts.headroom, parts, "Signing for")
    refuse_commitment_under_stress(
        work, row.amount, available_until=row.available_until, matures_on=row.matures_on, signing=True
    )
    theirs = not_negative(row.co_investor_amount if co_investor_amount is None else co_investor_amount, _THEIRS)
    may_sign(work, row, day, theirs, note)
    under_conditions(work, row, conditions, day)
    _open_accounts(work, row)
    made = Happening(
        work.new_id("evt"),
        SIGNED,
        day,
        row.amount,
        co_investor_amount=theirs,
        note=note.strip() or f"Signed as approved on {_day_of(work, row, APPROVED)}",
        evidence=shown(work, "signed", evidence),
    )
    moved = (
        memo(row, made, "9199", "9110:", "signature", "Signed: no longer in principle only"),
        memo(row, made, f"{product_of(row.product).promise}:", "9199", "signature", "Signed: to be drawn"),
    )
    return recorded(work, row, made, moved)


@command
def lapse(work: Work, *, facility: str, on: date, key: str, reason: str = "", evidence: str = "") -> FacilityView:
    """Let what is approved or signed and not drawn fall away, and free the headroom it took.

    After the availability period that is the ordinary end; before its end it is a cancellation, and takes a reason,
    and the agreement of others where a rule asks for it.
    """
    work.actor.require(FUND_MANAGER)
    del key
    happened_by(on, work.today, "A lapse")
    hold_headroom(work)
    row, life = take(work, facility)
    refuse_unless(life.state, (APPROVED, SIGNED, DRAWING), "let go")
    last = max(
        event.effective_on for event in events(work.session, row.id, as_at=date.max) if event.kind not in RECURRING
    )
    refuse_before(on, last, "its last event was")
    left = balance_at(work.session, BANK, f"{promised_under(row, life)}:{row.id}")
    if not left:
        raise BadTerms("Nothing of this facility is left undrawn, so nothing can lapse")
    last = last_day_to_draw(work, row, on)
    note = (reason.strip() or f"Its availability ended on {last}") if on > last else _reason(reason)
    if on <= last:
        may_let_go(work, row, left)
    evidence = shown(work, "let-go", evidence)
    let_go(work, row, life, Happening(work.new_id("evt"), LAPSE, on, left, note=note, evidence=evidence))
    return as_it_stands(work.session, row.id)


def _parts(work: Work, row: Facility, day: date) -> Parts:
    """The reckoning of headroom without what has lapsed with its availability and is not entered yet."""
    parts = parts_from(work.session, day)
    lapsed, in_principle = still_promised(work.session, row.id, work.today)
    return replace(parts, undrawn=parts.undrawn - lapsed, in_principle=parts.in_principle - in_principle)


def _name(told: str, otherwise: str) -> str:
    if len(told) > _LONGEST_NAME or not told.isprintable():
        raise BadTerms(f"{told!r:.60} is not a facility's name: write at most {_LONGEST_NAME} printable characters")
    return told or otherwise[:_LONGEST_NAME]


def _written_down(work: Work, terms: Terms, intermediary: str, name: str, day: date) -> Facility:
    """The new facility's row; one without a name is called after its product and whom it is for."""
    row = Facility(
        id=work.new_id("fac"),
        name=_name(name, f"{PRODUCTS[terms.product]} to {names(work.session)[intermediary]}"),
        intermediary=intermediary,
        product=terms.product,
        amount=terms.amount,
        co_investor_amount=terms.co_investor_amount,
        annual_rate=terms.annual_rate,
        day_count=terms.day_count.value,
        available_from=terms.available_from,
        available_until=terms.available_until,
        matures_on=terms.matures_on,
        purpose=terms.purpose,
        additionality=terms.additionality,
        proposed_by=work.actor.id,
        proposed_on=day,
        recorded_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    return row


def _day_of(work: Work, row: Facility, kind: str) -> date:
    days = [event.effective_on for event in events(work.session, row.id, as_at=date.max) if event.kind == kind]
    return max(days, default=row.proposed_on)


def _open_accounts(work: Work, row: Facility) -> None:
    """Give the facility accounts of its own in the bank's book and in its intermediary's."""
    ours = _BANK_ACCOUNTS | {product_of(row.product).promise: "signed, undrawn"}
    for book, of_book in ((BANK, ours), (row.intermediary, _PARTNER_ACCOUNTS)):
        sub_accounts(work, book, {f"{code}:{row.id}": f"{row.name}: {said}" for code, said in of_book.items()})


def _reason(text: str) -> str:
    if not text.strip():
        raise BadTerms("Give the reason: it is kept with the facility and read by whoever asks why")
    return text.strip()
