"""The looks at published statements: the list, the documents, and whether a PDF still agrees with the books."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import undefer

from bank.figures.beside import Beside
from bank.figures.evidence import Evidence, Knowledge
from bank.figures.publications.model import Publication
from bank.figures.withholding import Before
from bank.publishing.agreement import FIGURES, WHOLE, AgreementView, agreement, compared_whole, version_named
from bank.publishing.by_figure import compared_by_figure
from bank.publishing.floors.queries import floor_on, listed_on
from bank.publishing.gathering import compose
from bank.publishing.model import Statement, StatementHead, StatementSeal, StatementWithholding
from bank.publishing.proof import Window
from bank.publishing.redaction import Redaction
from bank.publishing.rules import (
    PUBLIC,
    TRUSTEES,
    Form,
    Kind,
    NoSuchStatement,
    NotAStatement,
    refuse_reader,
    sound_form,
    sound_kind,
)
from bank.publishing.vouching import Vouched
from ledger import queries, trail
from ledger.dates import Quarter
from ledger.queries import Known
from ledger.store.database import ReadSession
from ledger.store.work import View
from reports import seal
from reports.document import Document
from reports.verify import Verdict, attachments, verify

_OF_THE_SEAL: Final = ("sealed_sha256", "certificate_sha256")


class StatementView(View):
    """A published statement, without its pages."""

    id: str
    kind: Kind
    form: Form
    """For which readers: the trustees, those who work with each loan (whole), or the public."""
    quarter: Quarter
    number: int
    as_at: date
    known_at: datetime
    known_seq: int
    published_at: datetime
    published_by: str
    published_by_name: str
    figures_sha256: str
    pdf_sha256: str
    size: int
    supersedes: str | None
    caution: str
    sealed_sha256: str | None = None
    """The digest of the file with its seal; `pdf_sha256` is that of the file without."""
    certificate_sha256: str | None = None
    """The digest of the certificate that it was sealed under."""
    version: int | None = None
    """The version of the statements that composed it; none where it was filed before they named themselves."""


class StatementFile(View):
    """A published statement's PDF as it was filed, and what its seal adds behind it, if it is sealed."""

    statement: StatementView
    filename: str
    pdf: bytes
    behind: bytes = b""

    @property
    def issued(self) -> bytes:
        """The file that is handed out: with its seal, where it has one."""
        return self.pdf + self.behind


@dataclass(frozen=True, slots=True)
class Earlier:
    """As much of an earlier statement as a later one needs to know of it."""

    id: str
    kind: Kind
    quarter: Quarter
    known_at: datetime
    known_seq: int
    form: Form = TRUSTEES


def statements(
    session: ReadSession,
    *,
    kind: str | None = None,
    quarter: Quarter | None = None,
    forms: Collection[Form] | None = None,
) -> list[StatementView]:
    """Every published statement, or those of some forms, by quarter, kind and number."""
    query = select(Statement).order_by(Statement.quarter, Statement.kind.desc(), Statement.number)
    if kind is not None:
        query = query.where(Statement.kind == sound_kind(kind))
    if quarter is not None:
        query = query.where(Statement.quarter == quarter)
    if forms is not None:
        query = query.where(Statement.form.in_(forms))
    seals = {one.statement: one for one in session.scalars(select(StatementSeal))}
    return [shown(row, seals.get(row.id)) for row in session.scalars(query)]


def statement(session: ReadSession, statement_id: str, *, roles: Iterable[str] | None = None) -> StatementFile:
    """One statement with its PDF; refuses an unknown one, and one whose form is not for a reader of these roles."""
    row = session.get(Statement, statement_id)
    if row is None:
        raise NoSuchStatement(f"There is no statement {statement_id!r:.80}")
    if roles is not None:
        refuse_reader(sound_form(row.form), roles)
    of_form = (Statement.kind == row.kind, Statement.quarter == row.quarter, Statement.form == row.form)
    first = session.scalar(select(func.min(Statement.number)).where(*of_form))
    form = "" if row.form == TRUSTEES else f"-{row.form}"
    number = "" if row.number == first else f"-{row.number}"
    kept = session.get(StatementSeal, statement_id)
    return StatementFile(
        statement=shown(row, kept),
        filename=f"{row.kind}-{row.quarter}{form}{number}.pdf",
        pdf=row.pdf,
        behind=b"" if kept is None else kept.behind,
    )


def shown(row: Statement, kept: StatementSeal | None = None) -> StatementView:
    """The row as a view, with its seal if it has one."""
    own = StatementView.model_fields.keys() - {"kind", "form", *_OF_THE_SEAL}
    return StatementView(
        kind=sound_kind(row.kind),
        form=sound_form(row.form),
        **{name: getattr(row, name) for name in own},
        **{name: getattr(kept, name, None) for name in _OF_THE_SEAL},
    )


def last_caution(session: ReadSession) -> str:
    """What readers had to be warned of in the last statement filed."""
    newest = select(Statement.caution).order_by(Statement.published_at.desc(), Statement.id).limit(1)
    return session.scalar(newest) or ""


def earlier_statements(session: ReadSession) -> list[Earlier]:
    """What is filed, as far as later statements need to know."""
    return [
        Earlier(view.id, view.kind, view.quarter, view.known_at, view.known_seq, view.form)
        for view in statements(session)
    ]


def last_before(
    told: Iterable[Earlier], kind: Kind, quarter: Quarter, known_at: datetime, form: Form = TRUSTEES
) -> Earlier | None:
    """The last statement of a kind, quarter and form that knew less than a moment does."""
    before = [
        one for one in told if (one.kind, one.quarter, one.form) == (kind, quarter, form) and one.known_at < known_at
    ]
    return max(before, key=lambda one: one.known_at, default=None)


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


@dataclass(frozen=True, slots=True)
class ToldPublic:
    """As much of a statement for the public as the next is held against."""

    statement: str
    quarter: Quarter
    kept: dict[str, Any]


def told_public(session: ReadSession) -> list[ToldPublic]:
    """What the public was told, statement by statement, in the order in which they were filed."""
    query = (
        select(Statement.id, Statement.quarter, StatementWithholding)
        .join(StatementWithholding, StatementWithholding.statement == Statement.id)
        .where(Statement.form == PUBLIC)
        .options(undefer(StatementWithholding.kept))
        .order_by(Statement.published_at, Statement.id)
    )
    return [ToldPublic(one, quarter, row.kept) for one, quarter, row in session.execute(query)]


@dataclass(frozen=True, slots=True)
class ToldRecord:
    """As much of a publication of the public record as a statement for the public is held against."""

    id: str
    quarter: Quarter
    kept: dict[str, Any]


def told_records(session: ReadSession) -> list[ToldRecord]:
    """What the public was told in the public record, publication by publication, in their order."""
    query = select(Publication.id, Publication.quarter, Publication.kept)
    found = session.execute(query.order_by(Publication.published_at, Publication.id))
    return [ToldRecord(one, quarter, kept) for one, quarter, kept in found]


def before_of(told: Iterable[ToldPublic], records: Iterable[ToldRecord] = ()) -> Before:
    """What the public was told in statements, and beside them, as the statement that comes next is held against it."""
    beside = Before()
    for record in records:
        beside.take(record.quarter, record.kept)
    before = Before(beside=Beside(beside.columns))
    for one in told:
        before.take(one.quarter, one.kept)
    return before


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


def refuse_another_journal(session: ReadSession, seq: int) -> None:
    """Pass where the books reach as far as a document knew."""
    head = queries.head(session)
    if seq > head.seq:
        raise NoSuchStatement(
            f"These books end at entry {head.seq}, and the statement knew {seq}: it is of another journal"
        )
