"""Statements are published: gathered in one look, typeset with no transaction open, and then filed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from bank.cases.commands import hold_consents
from bank.figures.evidence import Evidence, Knowledge
from bank.publishing.gathering import compose
from bank.publishing.model import Statement, StatementHead, StatementSeal
from bank.publishing.proof import Window
from bank.publishing.queries import (
    Earlier,
    StatementView,
    earlier_statements,
    last_before,
    last_caution,
    shown,
    statement,
    window_of,
)
from bank.publishing.rules import (
    PUBLISHERS,
    KeyUsed,
    Kind,
    SealedAlready,
    refuse_early,
    refuse_open,
    sound_kind,
)
from bank.publishing.telling import printed_cases
from bank.publishing.vouching import Notary, Vouched
from bank.settings import Settings
from ledger import queries, trail
from ledger.dates import Quarter
from ledger.queries import Known
from ledger.refusals import Refusal
from ledger.store.database import ReadSession
from ledger.store.work import Desk, Work, command
from reports import seal
from reports.document import Document
from reports.seal_check import Seal
from reports.sealing import Press, Sealer
from reports.typeset import apart

_TRIES: Final = 10


class FilingLost(Refusal):
    """Others kept filing statements of the same quarter at the same moment."""

    slug = "filing-lost"
    status = 503


@dataclass(frozen=True, slots=True)
class Wanted:
    """A statement to be published: its kind and quarter, and as known when (an instant, a place, both, or now)."""

    kind: str
    quarter: Quarter
    known_at: datetime | int | Known | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A statement gathered and composed, not yet typeset."""

    kind: Kind
    quarter: Quarter
    known: Known
    corrections_since: datetime | None
    supersedes: str | None
    caution: str
    vouched: Vouched
    document: Document

    @property
    def id(self) -> str:
        """The identifier it will be filed under."""
        return self.document.issue.statement


Progress = Callable[[int, int], None]


def publish(
    desk: Desk,
    *,
    kind: str,
    quarter: Quarter,
    known_at: datetime | int | None = None,
    caution: str | None = None,
    key: str | None = None,
    notary: Notary | None = None,
) -> StatementView:
    """Publish one statement of a closed quarter, as known at an instant or a place in the journal; now unless told.

    The same kind, quarter and knowledge is one statement: asked for again, it is answered as it was filed, and so is
    the same `key`. A later one of the quarter replaces the earlier and says so; the earlier stays filed. Takes a fund
    manager or the operator. Without a caution of its own it carries that of the last statement filed: what readers had
    to be warned of does not fall silent by being forgotten. A `notary` signs the head of the books in it; without one
    it is attached unsigned. Refuses an open quarter, a moment of knowledge before the quarter's end, and books that do
    not continue what the notary has signed.
    """
    desk.actor.require(*PUBLISHERS)
    with desk.reading() as session:
        before = None if key is None else _under_key(session, desk.actor.id, key, sound_kind(kind), quarter)
        if before is not None:
            return before
        said = last_caution(session) if caution is None else caution
        draft = drafted(session, Wanted(kind, quarter, known_at), caution=said, notary=notary)
        filed = _filed(session, draft.id)
    return filed or file_statement(desk, draft, apart.render(draft.document), key)


def publish_many(
    desk: Desk,
    wanted: Sequence[Wanted],
    *,
    caution: str = "",
    processes: int = 2,
    notary: Notary | None = None,
    gathered: Progress | None = None,
    rendered: Progress | None = None,
) -> list[StatementView]:
    """Publish many statements in the order given, each as `publish` would have done one after the other.

    All are gathered in one look, typeset in worker processes, and filed one by one. `gathered` and `rendered` are
    told how many of how many are done.
    """
    desk.actor.require(*PUBLISHERS)
    with desk.reading() as session:
        drafts = _all_drafted(session, wanted, caution, gathered, notary)
        views = {draft.id: _filed(session, draft.id) for draft in drafts}
    fresh = list({draft.id: draft for draft in drafts if views[draft.id] is None}.values())
    pages = apart.render_many([draft.document for draft in fresh], processes)
    for place, (draft, blob) in enumerate(zip(fresh, pages, strict=True), start=1):
        views[draft.id] = file_statement(desk, draft, blob)
        if rendered is not None:
            rendered(place, len(fresh))
    return [view for draft in drafts if (view := views[draft.id]) is not None]


def drafted(session: ReadSession, wanted: Wanted, *, caution: str = "", notary: Notary | None = None) -> Draft:
    """A statement composed from the books and not yet typeset, for whoever typesets elsewhere and then files it.

    Refuses an open quarter, and a moment of knowledge before the quarter's end.
    """
    return _drafted(session, wanted, earlier_statements(session), {}, caution, notary)


def _all_drafted(
    session: ReadSession,
    wanted: Sequence[Wanted],
    caution: str,
    gathered: Progress | None,
    notary: Notary | None,
) -> list[Draft]:
    told = earlier_statements(session)
    knowledge: dict[Known, Knowledge] = {}
    drafts: list[Draft] = []
    for place, one in enumerate(wanted, start=1):
        draft = _drafted(session, one, told, knowledge, caution, notary)
        told.append(Earlier(draft.id, draft.kind, draft.quarter, draft.known.instant, draft.known.seq))
        drafts.append(draft)
        if gathered is not None:
            gathered(place, len(wanted))
    return drafts


def _drafted(
    session: ReadSession,
    wanted: Wanted,
    told: list[Earlier],
    shared: dict[Known, Knowledge],
    caution: str,
    notary: Notary | None,
) -> Draft:
    """The statement composed from the books; statements of one knowledge read the books once."""
    kind, quarter = sound_kind(wanted.kind), wanted.quarter
    refuse_open(quarter, queries.quarter_state(session, quarter))
    told_at = wanted.known_at
    known = told_at if isinstance(told_at, Known) else queries.known(session, told_at)
    refuse_early(quarter, known.instant)
    knowledge = shared.setdefault(known, Knowledge(session, known))
    window: Window = window_of(told, kind, quarter, known.instant)
    replaced = last_before(told, kind, quarter, known.instant)
    others = tuple(sorted({one.known_seq for one in told} - {known.seq}))
    vouched = Vouched(others=others) if notary is None else notary.vouched(known.seq, others)
    return Draft(
        kind=kind,
        quarter=quarter,
        known=known,
        corrections_since=window.since,
        supersedes=None if replaced is None else replaced.id,
        caution=caution,
        vouched=vouched,
        document=compose(
            Evidence(knowledge, quarter.ends_on),
            kind,
            window=window,
            supersedes="" if replaced is None else replaced.id,
            caution=caution,
            vouched=vouched,
        ),
    )


def _filed(session: ReadSession, wanted: str) -> StatementView | None:
    row = session.get(Statement, wanted)
    return None if row is None else shown(row, session.get(StatementSeal, wanted))


def _under_key(session: ReadSession, actor: str, key: str, kind: Kind, quarter: Quarter) -> StatementView | None:
    row = session.scalar(select(Statement).where(Statement.published_by == actor, Statement.request_key == key))
    if row is None:
        return None
    if (row.kind, row.quarter) != (kind, quarter):
        raise KeyUsed(f"The key {key!r:.80} was used to publish the {row.kind} statement of {row.quarter}", key=key)
    return _filed(session, row.id)


def file_statement(desk: Desk, draft: Draft, blob: bytes, request_key: str | None = None) -> StatementView:
    """Keep a typeset statement for good. Filed already, it stays as it is. Takes a fund manager or the operator.

    Where another statement of the quarter is filed in the same moment, this one takes the next number. Refuses one
    that prints a case study whose consent does not hold today, whatever was known at the moment it tells of.
    """
    for _ in range(_TRIES):
        try:
            return _keep(desk, draft, blob, request_key)
        except IntegrityError:
            continue
    raise FilingLost(f"Others are filing {draft.kind} statements of {draft.quarter}: publish it again in a moment")


@command
def _keep(work: Work, draft: Draft, blob: bytes, request_key: str | None) -> StatementView:
    work.actor.require(*PUBLISHERS)
    there = _filed(work.session, draft.id)
    if there is not None:
        trail.record(work, action="statement.filed-already", subject=draft.id)
        return there
    hold_consents(work, printed_cases(draft.document) if draft.kind == "impact" else ())
    row = Statement(
        id=draft.id,
        kind=draft.kind,
        quarter=draft.quarter,
        number=1 + _count(work.session, draft.kind, draft.quarter),
        as_at=draft.quarter.ends_on,
        known_seq=draft.known.seq,
        known_at=draft.known.instant,
        corrections_since=draft.corrections_since,
        caution=draft.caution,
        supersedes=draft.supersedes,
        published_at=work.now,
        published_by=work.actor.id,
        published_by_name=work.actor.name,
        request_key=request_key,
        figures_sha256=draft.document.data_sha256,
        pdf_sha256=seal.digest(blob),
        size=len(blob),
        pdf=blob,
    )
    work.session.add(row)
    work.session.flush()
    said = draft.vouched
    work.session.add(StatementHead(statement=row.id, note=said.note, signer=said.key, others=list(said.others)))
    work.session.flush()
    trail.record(
        work,
        action="statement.publish",
        subject=row.id,
        kind=row.kind,
        quarter=row.quarter,
        known_seq=row.known_seq,
        figures_sha256=row.figures_sha256,
        pdf_sha256=row.pdf_sha256,
        supersedes=row.supersedes,
    )
    return shown(row)


def _count(session: ReadSession, kind: Kind, quarter: Quarter) -> int:
    found = session.scalar(select(func.count()).where(Statement.kind == kind, Statement.quarter == quarter))
    return found or 0


def every_statement(quarters: Iterable[Quarter], known_at: datetime | int | None = None) -> list[Wanted]:
    """Both statements of each quarter, as known at one moment."""
    return [Wanted(kind, quarter, known_at) for quarter in quarters for kind in ("portfolio", "impact")]


def press_of(settings: Settings) -> Press | None:
    """The key that this deployment seals with, read; none where none is set. Refuses one that cannot be read."""
    if not settings.seal_key:
        return None
    passphrase = Path(settings.seal_passphrase_file) if settings.seal_passphrase_file else None
    return Press(Sealer(Path(settings.seal_key), passphrase, settings.seal_authority))


def seal_statement(desk: Desk, statement_id: str, press: Press) -> StatementView:
    """Seal a filed statement and keep the seal beside it; sealed already, it is answered as it is.

    Takes a fund manager or the operator. The file as it was filed stays as it is: the seal stands behind it.
    """
    desk.actor.require(*PUBLISHERS)
    with desk.reading() as session:
        filed = statement(session, statement_id)
    if filed.statement.sealed_sha256 is not None:
        return filed.statement
    made, found = press.sealed(filed.pdf)
    try:
        return _keep_seal(desk, statement_id, made[len(filed.pdf) :], found, seal.digest(made))
    except IntegrityError as both:
        raise SealedAlready(
            f"{statement_id} was sealed by somebody else at the same moment: look at it again"
        ) from both


@command
def _keep_seal(work: Work, statement_id: str, behind: bytes, found: Seal, sealed_sha256: str) -> StatementView:
    work.actor.require(*PUBLISHERS)
    row = work.session.get_one(Statement, statement_id)
    kept = StatementSeal(
        statement=statement_id,
        signer=found.signer,
        certificate_sha256=found.certificate_sha256,
        stamped_at=found.stamped_at,
        sealed_at=work.now,
        sealed_by=work.actor.id,
        sealed_by_name=work.actor.name,
        sealed_sha256=sealed_sha256,
        behind=behind,
    )
    work.session.add(kept)
    work.session.flush()
    trail.record(
        work,
        action="statement.seal",
        subject=statement_id,
        pdf_sha256=row.pdf_sha256,
        sealed_sha256=sealed_sha256,
        certificate_sha256=found.certificate_sha256,
    )
    return shown(row, kept)
