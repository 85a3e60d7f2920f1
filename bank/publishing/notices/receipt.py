"""What a return receipt tells: one version of a return as it came, as it stands, and what it was asked."""

from __future__ import annotations

from datetime import date, datetime

from bank.allocations.queries import facility
from bank.publishing.notices.gathering import Gathering, figures
from bank.publishing.notices.rules import Subject
from intermediaries.register.queries import names
from intermediaries.returns.queries import return_
from intermediaries.returns.views import ReturnView
from ledger.money import NOTHING, Money
from reports.figures import Value
from reports.notices.inputs import Asked, ReturnReceipt


def return_receipt(gathering: Gathering, of: str) -> ReturnReceipt:
    """The receipt of one version of a return. Refuses one that is not there, or not the reader's own."""
    session, then = gathering.session, gathering.known
    view = return_(session, of, viewer=gathering.viewer, known=then)
    under = facility(session, view.facility, as_at=then.instant.date(), at=then, intermediary=gathering.own)
    source = gathering.source(
        "the totals of the return as it came, over whole loans, all lenders together",
        view.quarter.ends_on,
        returns=[of],
        source="returns",
    )
    return ReturnReceipt(
        issue=gathering.issue(Subject("receipt", of), view.quarter.ends_on),
        figures=figures(_came(view) | _sums(view.totals), source),
        provenance=source,
        to=names(session).get(view.intermediary, view.intermediary),
        facility=view.facility,
        facility_name=under.name,
        product=under.product_title,
        return_id=of,
        state=view.state,
        submitted_by=view.submitted_by_name,
        attested_by=view.attested_by or "",
        attested_role=view.attested_role or "",
        accepted_by=view.accepted_by or "",
        explanation=view.explanation,
        content_sha256=view.content_sha256,
        original_sha256=view.original_sha256,
        supersedes=view.supersedes or "",
        superseded_by=view.superseded_by or "",
        findings=tuple(
            Asked(
                where=" ".join(part for part in (one.loan_ref, one.column or one.sheet) if part),
                message=one.message,
                answer=one.answer,
                answered_by=one.answered_by,
            )
            for one in view.findings
        ),
    )


def _came(view: ReturnView) -> dict[str, Value]:
    return {
        "quarter_from": view.quarter.starts_on,
        "quarter_to": view.quarter.ends_on,
        "due_on": view.due_on,
        "filed_on": view.received_at.date(),
        "attested_on": _day(view.attested_at),
        "accepted_on": _day(view.accepted_at),
        "days_late": view.days_late,
        "version": view.version,
        "loans": view.loans,
        "errors": view.errors,
        "questions": view.questions,
        "answered": view.answered,
    }


def _sums(totals: dict[str, Money]) -> dict[str, Value]:
    told = {
        "drawn": totals.get("drawn", NOTHING),
        "principal_received": totals.get("principal_received", NOTHING),
        "written_off": totals.get("written_off", NOTHING),
        "closing": totals.get("principal_outstanding", NOTHING),
    }
    opening = told["closing"] - told["drawn"] + told["principal_received"] + told["written_off"]
    return {
        "opening": opening,
        **told,
        "interest_received": totals.get("interest_received", NOTHING),
        "recovered": totals.get("recovered", NOTHING),
        "arrears": totals.get("arrears_principal", NOTHING),
    }


def _day(instant: datetime | None) -> date | None:
    return None if instant is None else instant.date()
