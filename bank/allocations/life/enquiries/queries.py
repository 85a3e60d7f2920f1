"""Looks at enquiries, and at the steps of enquiries and facilities that no money marks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from functools import cache

from sqlalchemy import Select, bindparam, func, select

from bank.allocations.life.model import Enquiry, EnquiryProposal, LifeStep
from bank.allocations.life.rules import DUE_DILIGENCE, ENQUIRY, PROPOSED, SCREENED
from bank.allocations.model import Facility
from ledger.money import Money
from ledger.queries import Known, known
from ledger.refusals import NotFound
from ledger.store.database import ReadSession
from ledger.store.work import View


class StepView(View):
    """A step of a life: its day, on what evidence, why, who told of it and when; and of an enquiry who it was from."""

    step: str
    on: date
    reason: str
    evidence: str
    by: str
    recorded_at: datetime
    asked_by: str = ""


class EnquiryView(View):
    """An enquiry, how far it came by which steps from the first on, and the proposals it led to."""

    id: str
    name: str
    intermediary: str
    product: str
    amount: Money
    received_on: date
    summary: str
    evidence: str
    by: str
    recorded_at: datetime
    stage: str
    steps: tuple[StepView, ...]
    facilities: tuple[str, ...]


class NoSuchEnquiry(NotFound):
    """No enquiry of this id."""

    slug = "no-such-enquiry"


def enquiry(session: ReadSession, id: str) -> EnquiryView:  # noqa: A002 -- what an enquiry is known by
    """One enquiry; refuses an unknown one."""
    found = [view for view in enquiries(session) if view.id == id]
    if not found:
        raise NoSuchEnquiry(f"There is no enquiry {id!r:.60}: list them with `bank life enquiries`")
    return found[0]


def enquiries(session: ReadSession, *, as_at: date | None = None, at: Known | None = None) -> list[EnquiryView]:
    """Every enquiry received by a day, as known then, in the order recorded."""
    then, day = at or known(session), as_at or session.now.date()
    rows = session.scalars(
        select(Enquiry)
        .where(Enquiry.recorded_at <= then.instant, Enquiry.received_on <= day)
        .order_by(Enquiry.recorded_at, Enquiry.id)
    ).all()
    made = _steps(session, [row.id for row in rows], day, then)
    led: defaultdict[str, list[str]] = defaultdict(list)
    links = (
        select(EnquiryProposal)
        .join(Facility, Facility.id == EnquiryProposal.facility_id)
        .where(EnquiryProposal.recorded_at <= then.instant, Facility.proposed_on <= day)
        .order_by(EnquiryProposal.recorded_at)
    )
    for link in session.scalars(links):
        led[link.enquiry_id].append(link.facility_id)
    return [_enquiry(row, made[row.id], led[row.id]) for row in rows]


def enquiry_of(session: ReadSession, facility: str) -> str | None:
    """The enquiry that a facility came from, if one was recorded."""
    return session.scalar(select(EnquiryProposal.enquiry_id).where(EnquiryProposal.facility_id == facility))


def enquired_on(session: ReadSession) -> dict[str, date]:
    """The day each facility was first asked for, of those that came from an enquiry."""
    rows = session.execute(
        select(EnquiryProposal.facility_id, Enquiry.received_on).join(Enquiry, Enquiry.id == EnquiryProposal.enquiry_id)
    )
    return {row.facility_id: row.received_on for row in rows}


def steps(session: ReadSession, subject: str, day: date, then: Known) -> list[StepView]:
    """The steps of an enquiry or a facility that no money marks."""
    return [_step(row) for row in _steps(session, [subject], day, then)[subject]]


def last_step(session: ReadSession, subject: str) -> LifeStep | None:
    """The last step recorded of an enquiry or a facility, if any was."""
    return session.scalar(_last_step(), {"subject": subject})


@cache
def _last_step() -> Select[LifeStep]:
    query = select(LifeStep).where(LifeStep.subject == bindparam("subject"))
    return query.order_by(LifeStep.number.desc()).limit(1)


def next_step_number(session: ReadSession, subject: str) -> int:
    """The number of the next step."""
    last = session.scalar(select(func.max(LifeStep.number)).where(LifeStep.subject == subject))
    return (last or 0) + 1


def _steps(session: ReadSession, subjects: Sequence[str], day: date, then: Known) -> defaultdict[str, list[LifeStep]]:
    found: defaultdict[str, list[LifeStep]] = defaultdict(list)
    for row in session.scalars(
        select(LifeStep)
        .where(LifeStep.subject.in_(subjects), LifeStep.effective_on <= day, LifeStep.recorded_at <= then.instant)
        .order_by(LifeStep.subject, LifeStep.number)
    ):
        found[row.subject].append(row)
    return found


def _enquiry(row: Enquiry, made: list[LifeStep], led: list[str]) -> EnquiryView:
    stage = made[-1].step if made else ENQUIRY
    return EnquiryView(
        id=row.id,
        name=row.name,
        intermediary=row.intermediary,
        product=row.product,
        amount=row.amount,
        received_on=row.received_on,
        summary=row.summary,
        evidence=row.evidence,
        by=row.actor,
        recorded_at=row.recorded_at,
        stage=PROPOSED if led and stage in {ENQUIRY, SCREENED, DUE_DILIGENCE} else stage,
        steps=(_first(row), *(_step(each) for each in made)),
        facilities=tuple(led),
    )


def _first(row: Enquiry) -> StepView:
    return StepView(
        step=ENQUIRY,
        on=row.received_on,
        reason=row.summary,
        evidence=row.evidence,
        by=row.actor,
        recorded_at=row.recorded_at,
        asked_by=row.name,
    )


def _step(row: LifeStep) -> StepView:
    return StepView(
        step=row.step,
        on=row.effective_on,
        reason=row.reason,
        evidence=row.evidence,
        by=row.actor,
        recorded_at=row.recorded_at,
    )
