"""What proposing and signing leave in a facility's life: the enquiry it came from, and its conditions precedent."""

from __future__ import annotations

from datetime import date

from bank.allocations.life.enquiries.queries import NoSuchEnquiry, last_step
from bank.allocations.life.model import Enquiry, EnquiryProposal, FacilityCondition
from bank.allocations.life.rules import ENQUIRY, refuse_proposal_from, sound_words
from bank.allocations.model import Facility
from bank.allocations.rules import refuse_before
from ledger import trail
from ledger.store.work import Work


def from_enquiry(work: Work, enquiry: str, row: Facility, day: date) -> None:
    """Tie a proposal to the enquiry it came from, if it came from one; refuses one not yet screened, or ended."""
    if not enquiry:
        return
    asked = work.session.get(Enquiry, enquiry)
    if asked is None:
        raise NoSuchEnquiry(f"There is no enquiry {enquiry!r:.60}: list them with `bank life enquiries`")
    last = last_step(work.session, enquiry)
    refuse_proposal_from(enquiry, ENQUIRY if last is None else last.step)
    came = asked.received_on if last is None else last.effective_on
    refuse_before(day, came, "its enquiry came to its last step")
    work.session.add(EnquiryProposal(facility_id=row.id, enquiry_id=enquiry, actor=work.actor.id, recorded_at=work.now))
    work.session.flush()


def under_conditions(work: Work, row: Facility, conditions: tuple[str, ...], day: date) -> None:
    """List the conditions precedent that a facility is signed, or agreed in its heads of terms, under."""
    for words in conditions:
        made = FacilityCondition(
            id=work.new_id("cnd"),
            facility_id=row.id,
            text=sound_words(words, "what the condition is"),
            listed_on=day,
            actor=work.actor.id,
            recorded_at=work.now,
        )
        work.session.add(made)
        work.session.flush()
        trail.record(
            work, action="allocation.list-condition", subject=row.id, condition=made.id, text=made.text, on=day
        )
