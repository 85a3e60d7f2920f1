"""A filed statement composed again from the books as known then, and whether a PDF still agrees with them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from bank.figures.evidence import Evidence, Knowledge
from bank.publishing.agreement import FIGURES, WHOLE, AgreementView, agreement, compared_whole, version_named
from bank.publishing.by_figure import compared_by_figure
from bank.publishing.floors.queries import floor_on, listed_on
from bank.publishing.gathering import compose
from bank.publishing.model import Statement, StatementHead, StatementSeal, StatementWithholding
from bank.publishing.proof import Window
from bank.publishing.queries import Earlier, earlier_statements, last_before
from bank.publishing.redaction import Redaction
from bank.publishing.rules import TRUSTEES, Form, Kind, NoSuchStatement, NotAStatement, sound_form, sound_kind
from bank.publishing.told.queries import before_of, told_public, told_records
from bank.publishing.vouching import Vouched
from ledger import queries, trail
from ledger.dates import Quarter
from ledger.queries import Known
from ledger.store.database import ReadSession
from reports import seal
from reports.document import Document
from reports.verify import Verdict, attachments, verify


def window_of(
    told: Sequence[Earlier], kind: Kind, quarter: Quarter, known_at: datetime, form: Form = TRUSTEES
) -> Window:
    """Which corrections a statement lists, given those of its form before it."""
    previous = last_before(told, kind, quarter.previous, known_at, form)
    replaced = last_before(told, kind, quarter, known_at, form)
    return Window(
        since=None if previous is None else previous.known_at,
        own_since=None if replaced is None else replaced.known_at,
        statement="" if previous is None else previous.id,
    )


def made_again(session: ReadSession, statement_id: str) -> Document:
    """The document of a filed statement, composed again from the books as known then.

    It is the one that was filed where this version of the statements is the one that is named in it.
    """
    row = session.get(Statement, statement_id)
    if row is None:
        raise NoSuchStatement(f"There is no statement {statement_id!r:.80}")
    known = Known(row.known_seq, row.known_at)
    refuse_another_journal(session, known.seq)
    return _as_filed(session, Evidence(Knowledge(session, known), row.quarter.ends_on), row)


def _window(session: ReadSession, row: Statement) -> Window:
    replaced = None if row.supersedes is None else session.get(Statement, row.supersedes)
    previous = session.scalar(
        select(Statement.id).where(
            Statement.kind == row.kind,
            Statement.form == row.form,
            Statement.quarter == row.quarter.previous,
            Statement.known_at == row.corrections_since,
        )
    )
    return Window(row.corrections_since, None if replaced is None else replaced.known_at, previous or "")


def _redaction_of(session: ReadSession, row: Statement) -> Redaction:
    """By what a filed statement was redacted. One that was filed before there were forms kept to the floor listed."""
    kept = session.get(StatementWithholding, row.id)
    if kept is None:
        return Redaction(listed_on(TRUSTEES, row.known_at.date()))
    against = {one: place for place, one in enumerate(kept.held_against)}
    told = [one for one in told_public(session) if one.statement in against] if against else []
    told.sort(key=lambda one: against[one.statement])
    known = set(kept.publications or ())
    records = [one for one in told_records(session) if one.id in known] if known else []
    return Redaction(kept.fewest, sound_form(row.form), before_of(told, records), kept.most_of_one)


def _redaction_told(session: ReadSession, verdict: Verdict) -> Redaction:
    """By what a file that is not filed here would be redacted, by what it says of itself."""
    form, said = sound_form(verdict.form), verdict.data["statement"].get("fewest")
    floor = floor_on(session, form, session.now.date())
    fewest = said if isinstance(said, int) and form != TRUSTEES else floor.fewest
    return Redaction(fewest, form, before_of(told_public(session), told_records(session)), floor.most_of_one)


def _kept(session: ReadSession, statement_id: str) -> Vouched | None:
    """What was kept of a filed statement's head; none of one that was filed before there were such heads."""
    row = session.get(StatementHead, statement_id)
    return None if row is None else Vouched(row.note, row.signer, tuple(row.others))


def _told(verdict: Verdict) -> Vouched | None:
    """What a file that is not filed here says of its head: its signature was checked, and its root will be."""
    told = verdict.books
    return None if told is None else Vouched(told.note, told.key, told.others)


def verify_against_books(session: ReadSession, pdf: bytes) -> AgreementView:
    """Work out again all that a statement's PDF carries, from the books as known then, and name whatever differs.

    Its data are composed anew and compared whole. Only of a file that is to the byte the one filed, and that another
    version of the statements composed, it is enough that each figure it states is the books' own.

    Refuses a file that is not a whole statement: what `reports.verify` finds wrong with it is in the refusal. A
    statement that is not filed here is compared all the same, when these books reach as far as it knew.
    """
    verdict = verify(pdf)
    kind, quarter, known = told_by(verdict)
    row = session.get(Statement, str(verdict.statement))
    refuse_another_journal(session, known.seq)
    evidence = Evidence(Knowledge(session, known), quarter.ends_on)
    document = _as_filed(session, evidence, row) if row is not None else _as_told(session, evidence, kind, verdict)
    issued = row is not None and _issued_as(session, row, pdf)
    whole = compared_whole(verdict.data, document)
    if whole.differences and issued and version_named(verdict) != seal.VERSION:
        each = compared_by_figure(verdict.data, attachments(pdf), document, evidence)
        return agreement(verdict, document, each, issued=issued, compared_by=FIGURES)
    return agreement(verdict, document, whole, issued=issued, compared_by=WHOLE)


def _as_filed(session: ReadSession, evidence: Evidence, row: Statement) -> Document:
    """A filed statement composed again, as its row says that it was made."""
    return compose(
        evidence,
        sound_kind(row.kind),
        window=_window(session, row),
        supersedes=row.supersedes or "",
        caution=row.caution,
        vouched=_kept(session, row.id),
        redaction=_redaction_of(session, row),
        version=row.version,
    )


def _as_told(session: ReadSession, evidence: Evidence, kind: Kind, verdict: Verdict) -> Document:
    """A statement that is not filed here composed as it says of itself that it was made."""
    told, form = earlier_statements(session), sound_form(verdict.form)
    return compose(
        evidence,
        kind,
        window=window_of(told, kind, evidence.quarter, evidence.known.instant, form),
        supersedes=str(verdict.data["statement"].get("supersedes", "")),
        caution=str(verdict.data["statement"].get("caution", "")),
        vouched=_told(verdict),
        redaction=_redaction_told(session, verdict),
        version=version_named(verdict),
    )


def _issued_as(session: ReadSession, row: Statement, pdf: bytes) -> bool:
    """Whether the file is the statement as it was filed, or that with the seal that was put on it, and nothing else.

    The digest was kept with the file, and in the trail of what was done when it was filed: it is that of these bytes.
    """
    kept = session.get(StatementSeal, row.id)
    if pdf != row.pdf and (kept is None or pdf != row.pdf + kept.behind):
        return False
    filed = trail.lines(session, subject=row.id, action="statement.publish")
    return seal.digest(row.pdf) == row.pdf_sha256 and [one.facts["pdf_sha256"] for one in filed] == [row.pdf_sha256]


def told_by(verdict: Verdict) -> tuple[Kind, Quarter, Known]:
    """What a file says it is: kind, quarter and knowledge. Refuses one that says it in no way that can be meant."""
    seq = verdict.known_seq
    if verdict.quarter is None or verdict.known_at is None or not isinstance(seq, int) or seq < 0:
        faults = "; ".join(verdict.faults[:3]) or "it does not say what it knew"
        raise NotAStatement(f"This file is not a statement that can be read: {faults}")
    return sound_kind(str(verdict.kind)), verdict.quarter, Known(seq, verdict.known_at)


def refuse_another_journal(session: ReadSession, seq: int) -> None:
    """Pass where the books reach as far as a document knew."""
    head = queries.head(session)
    if seq > head.seq:
        raise NoSuchStatement(
            f"These books end at entry {head.seq}, and the statement knew {seq}: it is of another journal"
        )
