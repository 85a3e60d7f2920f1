"""Notices asked for: composed as known then, typeset apart, and the same bytes whenever they are asked for again."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from bank.publishing.again.queries import holds_entries_only, verify_against_books
from bank.publishing.agreement import FIGURES, AgreementView, agreement, compared_whole, times_of, version_named
from bank.publishing.by_figure import compared_by_figure
from bank.publishing.notices.allocation import allocation_notice
from bank.publishing.notices.drawdown import drawdown_notice
from bank.publishing.notices.gathering import Gathering
from bank.publishing.notices.receipt import return_receipt
from bank.publishing.notices.rules import NOTICES, Subject, told_subject
from bank.publishing.origin import origin_of, refuse_another_journal
from bank.publishing.queries import last_caution
from bank.publishing.rules import NoSuchStatement
from ledger import queries
from ledger.queries import Known
from ledger.store.database import ReadSession
from ledger.store.work import Actor, Desk, View
from reports.document import Document
from reports.notices import allocation, drawdown, receipt
from reports.seal import VERSION, digest
from reports.sealing import Press
from reports.typeset import apart
from reports.verify import Verdict, verify


class NoticeView(View):
    """A notice: which it is, of what, as known when, and the digests of its figures and of its file."""

    notice: str
    kind: str
    subject: str
    known_at: datetime
    known_seq: int
    figures_sha256: str
    pdf_sha256: str
    sealed_sha256: str | None = None
    """The digest of the file with its seal, where it has one; `pdf_sha256` is that of the file without."""


class NoticeFile(View):
    """A notice as one PDF, and what to call it."""

    told: NoticeView
    filename: str
    pdf: bytes


def notice(desk: Desk, subject: Subject, known_at: datetime | int | None = None) -> NoticeFile:
    """One notice as a PDF, as known at an instant or a place in the journal; now unless told.

    It carries the caution of the last statement filed. An intermediary reaches what is its own: whatever else is
    refused as not there.
    """
    with desk.reading() as session:
        known = queries.known(session, known_at)
        document = composed(session, subject, known, desk.actor, last_caution(session))
    head, blob = document.issue, apart.render(document)
    return NoticeFile(
        told=NoticeView(
            notice=head.statement,
            kind=document.kind,
            subject=head.subject,
            known_at=head.known_at,
            known_seq=head.known_seq,
            figures_sha256=document.data_sha256,
            pdf_sha256=digest(blob),
        ),
        filename=f"{document.kind}-{head.subject.replace(' ', '-')}.pdf",
        pdf=blob,
    )


def sealed(made: NoticeFile, press: Press) -> NoticeFile:
    """The same notice with a seal behind it: the file as it was made is the beginning of it, to the byte."""
    blob, _ = press.sealed(made.pdf)
    told = made.told.model_copy(update={"sealed_sha256": digest(blob)})
    return made.model_copy(update={"told": told, "pdf": blob})


def composed(
    session: ReadSession, subject: Subject, known: Known, viewer: Actor, caution: str, version: int | None = VERSION
) -> Document:
    """The document of a notice from the books as known then: the same for the same subject, knowledge and version."""
    gathering = Gathering(session, known, viewer, caution, version)
    if subject.kind == "drawdown":
        return drawdown.compose(drawdown_notice(gathering, subject.of, subject.entry))
    if subject.kind == "receipt":
        return receipt.compose(return_receipt(gathering, subject.of))
    if subject.kind == "allocation":
        return allocation.compose(allocation_notice(gathering, subject.of))
    assert_never(subject.kind)


def agreement_of_file(desk: Desk, pdf: bytes) -> AgreementView:
    """Work out again all that a statement or a notice carries, from the books as known then, and name what differs.

    A notice is not filed: it is the one that these books give when it is the same to the byte as made again from them,
    without the seal behind it, whoever put that on. One that another version composed, and that comes out otherwise, is
    held against the books figure by figure; nothing was kept that would tell whether it was given as it is.
    Refuses a file that is neither, and one of another journal.
    """
    verdict = verify(pdf)
    if verdict.kind not in NOTICES:
        with desk.reading() as session:
            return verify_against_books(session, pdf)
    _, known = times_of(verdict)
    with desk.reading() as session:
        origin = origin_of(session, verdict)
        refuse_another_journal(origin)
        if holds_entries_only(session):
            raise NoSuchStatement(
                "These books hold entries only, as an export rebuilds them, and a notice is made of facilities and "
                "returns: it cannot be made again from them. Their entries are those it was drawn from"
            )
        document = _again(session, verdict, known, desk.actor)
    unsealed = pdf if verdict.seal is None else pdf[: verdict.seal.unsealed]
    whole = compared_whole(verdict.data, verdict.files, document)
    if whole.differences and version_named(verdict) != VERSION:
        each = compared_by_figure(verdict.data, verdict.files, document, None)
        return agreement(verdict, each, origin, kept="none", compared_by=FIGURES)
    return agreement(verdict, whole, origin, kept="same" if apart.render(document) == unsealed else "none")


def _again(session: ReadSession, verdict: Verdict, known: Known, viewer: Actor) -> Document:
    told = verdict.data["statement"]
    subject = told_subject(verdict.kind, str(told.get("subject", "")))
    return composed(session, subject, known, viewer, str(told.get("caution", "")), version_named(verdict))
