"""From an enquiry to heads of terms: somebody asks, is looked into, is let go or led on."""

from __future__ import annotations

from datetime import date

from bank.allocations.life.enquiries.queries import EnquiryView, NoSuchEnquiry, enquiry, last_step
from bank.allocations.life.evidence.commands import shown
from bank.allocations.life.linking import under_conditions
from bank.allocations.life.model import (
    Enquiry,
)
from bank.allocations.life.noting import day_of, facility_now, written_step
from bank.allocations.life.rules import (
    ENQUIRY,
    HEADS_OF_TERMS,
    WrongStep,
    refuse_wrong_step,
    sound_words,
)
from bank.allocations.queries import FacilityView
from bank.allocations.recording import take
from bank.allocations.rules import (
    APPROVED,
    PRODUCTS,
    refuse_before,
    refuse_unless,
)
from bank.people.rules import FUND_MANAGER
from bank.treasury.rules import BadTerms, happened_by, positive
from ledger import trail
from ledger.money import Money
from ledger.store.work import Work, command


@command
def enquire(
    work: Work,
    *,
    name: str,
    product: str,
    amount: Money,
    on: date,
    summary: str,
    key: str,
    intermediary: str = "",
    evidence: str = "",
) -> EnquiryView:
    """Record that somebody asked for wholesale finance: the day counts from which to the money it takes how long."""
    work.actor.require(FUND_MANAGER)
    del key
    if product not in PRODUCTS:
        raise BadTerms(f"There is no product {product!r:.60}: the products are {', '.join(PRODUCTS)}")
    row = Enquiry(
        id=work.new_id("enq"),
        name=sound_words(name, "who asks"),
        intermediary=intermediary,
        product=product,
        amount=positive(amount, "What is asked for"),
        received_on=happened_by(on, work.today, "An enquiry"),
        summary=sound_words(summary, "what is asked for"),
        evidence=shown(work, "enquiry", evidence),
        actor=work.actor.id,
        recorded_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    trail.record(work, action="enquiry.receive", subject=row.id, on=on, amount=amount, name=row.name, evidence=evidence)
    return enquiry(work.session, row.id)


@command
def step_enquiry(
    work: Work, *, enquiry: str, step: str, on: date, reason: str, key: str, evidence: str = ""
) -> EnquiryView:
    """Take an enquiry a step on: screened, due-diligence, or to its end as declined or withdrawn, for a reason."""
    work.actor.require(FUND_MANAGER)
    del key
    row = work.session.get(Enquiry, enquiry, with_for_update=True, populate_existing=True)
    if row is None:
        raise NoSuchEnquiry(f"There is no enquiry {enquiry!r:.60}: list them with `bank life enquiries`")
    last = last_step(work.session, enquiry)
    refuse_wrong_step(ENQUIRY if last is None else last.step, step)
    happened_by(on, work.today, "A step")
    refuse_before(on, row.received_on, "the enquiry came")
    if last is not None:
        refuse_before(on, last.effective_on, f"it was {last.step}")
    written_step(work, enquiry, step, on, sound_words(reason, "why"), shown(work, step, evidence))
    return _enquiry(work, enquiry)


@command
def agree_heads_of_terms(
    work: Work,
    *,
    facility: str,
    on: date,
    key: str,
    conditions: tuple[str, ...] = (),
    evidence: str = "",
    note: str = "",
) -> FacilityView:
    """Record that heads of terms were agreed on what is approved in principle, with the conditions precedent."""
    work.actor.require(FUND_MANAGER)
    del key
    row, life = take(work, facility)
    refuse_unless(life.state, (APPROVED,), "given heads of terms")
    if last_step(work.session, row.id) is not None:
        raise WrongStep(f"Heads of terms of {row.id} are agreed already", last=HEADS_OF_TERMS, step=HEADS_OF_TERMS)
    happened_by(on, work.today, "Heads of terms")
    refuse_before(on, day_of(work, row, APPROVED), "it was approved")
    why = note.strip() or f"Agreed on what was approved on {day_of(work, row, APPROVED)}"
    written_step(work, row.id, HEADS_OF_TERMS, on, why, shown(work, HEADS_OF_TERMS, evidence))
    under_conditions(work, row, conditions, on)
    return facility_now(work, row)


def _enquiry(work: Work, wanted: str) -> EnquiryView:
    return enquiry(work.session, wanted)
