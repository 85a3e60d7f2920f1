"""Statements are published: gathered in one look, typeset with no transaction open, and then filed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from bank.cases.commands import hold_consents
from bank.figures.evidence import Evidence, Knowledge
from bank.publishing.again.queries import window_of
from bank.publishing.floors.queries import Floor, floor_on
from bank.publishing.gathering import compose
from bank.publishing.model import Statement, StatementHead, StatementSeal, StatementWithholding
from bank.publishing.proof import Window
from bank.publishing.queries import (
    Earlier,
    StatementView,
    earlier_statements,
    last_before,
    last_caution,
    shown,
    statement,
)
from bank.publishing.redaction import Redaction
from bank.publishing.rules import (
    PUBLIC,
    PUBLISHERS,
    TOLD_THE_PUBLIC,
    TRUSTEES,
    Form,
    KeyUsed,
    Kind,
    PublishedMeanwhile,
    SealedAlready,
    refuse_early,
    refuse_open,
    sound_form,
    sound_kind,
)
from bank.publishing.telling import printed_cases
from bank.publishing.told.queries import ToldPublic, ToldRecord, before_of, told_public, told_records
from bank.publishing.vouching import Notary, Vouched
from bank.settings import Settings
from ledger import queries, trail
from ledger.dates import Quarter
from ledger.queries import Known
from ledger.refusals import Refusal
from ledger.settling import settled
from ledger.store.database import ReadSession
from ledger.store.holding import hold
from ledger.store.work import Desk, Work, command
from reports import seal
from reports.document import Document
from reports.seal_check import Seal
from reports.sealing import Press, Sealer
from reports.typeset import apart

_TRIES: Final = 10
NO_FLOOR: Final = Floor(0)


class FilingLost(Refusal):
    """Others kept filing statements of the same quarter at the same moment."""

    slug = "filing-lost"
    status = 503


@dataclass(frozen=True, slots=True)
class Wanted:
    """A statement to be published: its kind, quarter and form, and as known when: an instant, a place, both, or now."""

    kind: str
    quarter: Quarter
    known_at: datetime | int | Known | None = None
    form: str = TRUSTEES
    floor: Floor | None = None
    """Of how few borrowers it may tell; none takes the floor in force today."""


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
    form: Form = TRUSTEES
    floor: Floor = NO_FLOOR
    held_against: tuple[str, ...] = ()
    """The statements for the public that were on file, or about to be, in their order."""
    publications: tuple[str, ...] = ()
    """The publications of the public record that there were."""
    kept: dict[str, Any] = field(default_factory=dict)
    """What the next statement for the public is held against; shown to nobody."""

    @property
    def id(self) -> str:
        """The identifier it will be filed under."""
        return self.document.issue.statement


@dataclass(slots=True)
class _Gathering:
    """What statements that are gathered in one look have in common: all before them, also each other."""

    told: list[Earlier]
    public: list[ToldPublic]
    records: list[ToldRecord]
    knowledge: dict[Known, Knowledge] = field(default_factory=dict)

    def add(self, draft: Draft) -> None:
        known = draft.known
        self.told.append(Earlier(draft.id, draft.kind, draft.quarter, known.instant, known.seq, draft.form))
        if draft.form == PUBLIC and draft.id not in {one.statement for one in self.public}:
            self.public.append(ToldPublic(draft.id, draft.quarter, draft.kept))


Progress = Callable[[int, int], None]


def publish(
    desk: Desk,
    *,
    kind: str,
    quarter: Quarter,
    form: str = TRUSTEES,
    known_at: datetime | int | None = None,
    caution: str | None = None,
    key: str | None = None,
    notary: Notary | None = None,
) -> StatementView:
    """Publish one statement of a closed quarter, as known at an instant or a place in the journal; now unless told.

    Its form says for which readers it is: the trustees, those who work with each loan (`whole`), or the public; of how
    few borrowers it may tell, the floor in force says. The same kind, quarter, form and knowledge is one statement:
    asked for again, it is answered as it was filed, and so is the same `key`. A later one of the quarter and form
    replaces the earlier and says so; the earlier stays filed. Takes a fund manager or the operator. Without a caution
    of its own it carries that of the last statement filed: what readers had to be warned of does not fall silent by
    being forgotten. A `notary` signs the head of the books in it; without one it is attached unsigned. Refuses an open
    quarter, a moment of knowledge before the quarter's end, a form on whose floor nobody has agreed, and books that do
    not continue what the notary has signed.
    """
    desk.actor.require(*PUBLISHERS)
    wanted = Wanted(sound_kind(kind), quarter, known_at, sound_form(form))
    with desk.reading() as session:
        before = None if key is None else _under_key(session, desk.actor.id, key, wanted)
    if before is not None:
        return before
    (wanted,) = _settled(desk, [wanted])
    with desk.reading() as session:
        said = last_caution(session) if caution is None else caution
        draft = drafted(session, wanted, caution=said, notary=notary)
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
    wanted = _settled(desk, wanted)
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


def _settled(desk: Desk, wanted: Sequence[Wanted]) -> list[Wanted]:
    """The same, each as known at a moment before which nothing is still on its way in; all known now at one moment."""

    def settle(work: Work) -> list[Wanted]:
        now, session = settled(work.session), work.session
        told = [one.known_at for one in wanted]
        known = [now if at is None else at if isinstance(at, Known) else queries.known(session, at) for at in told]
        return [replace(one, known_at=at) for one, at in zip(wanted, known, strict=True)]

    return desk.tried(settle)


def drafted(session: ReadSession, wanted: Wanted, *, caution: str = "", notary: Notary | None = None) -> Draft:
    """A statement composed from the books and not yet typeset, for whoever typesets elsewhere and then files it.

    Refuses an open quarter, and a moment of knowledge before the quarter's end.
    """
    return _drafted(
        session,
        wanted,
        _sofar(session),
        caution,
        notary,
    )


def _sofar(session: ReadSession) -> _Gathering:
    """What is on file."""
    return _Gathering(earlier_statements(session), told_public(session), told_records(session))


def _all_drafted(
    session: ReadSession,
    wanted: Sequence[Wanted],
    caution: str,
    gathered: Progress | None,
    notary: Notary | None,
) -> list[Draft]:
    sofar = _sofar(session)
    drafts: list[Draft] = []
    for place, one in enumerate(wanted, start=1):
        draft = _drafted(session, one, sofar, caution, notary)
        sofar.add(draft)
        drafts.append(draft)
        if gathered is not None:
            gathered(place, len(wanted))
    return drafts


def _drafted(session: ReadSession, wanted: Wanted, sofar: _Gathering, caution: str, notary: Notary | None) -> Draft:
    """The statement composed from the books; statements of one knowledge read the books once."""
    kind, quarter, form = sound_kind(wanted.kind), wanted.quarter, sound_form(wanted.form)
    refuse_open(quarter, queries.quarter_state(session, quarter))
    told_at = wanted.known_at
    known = told_at if isinstance(told_at, Known) else queries.known(session, told_at)
    refuse_early(quarter, known.instant)
    floor = wanted.floor or floor_on(session, form, session.now.date())
    public, records = (sofar.public, sofar.records) if form == PUBLIC else ([], [])
    redaction = Redaction(floor.fewest, form, before_of(public, records), floor.most_of_one)
    knowledge = sofar.knowledge.setdefault(known, Knowledge(session, known))
    window: Window = window_of(sofar.told, kind, quarter, known.instant, form)
    replaced = last_before(sofar.told, kind, quarter, known.instant, form)
    others = tuple(sorted({one.known_seq for one in sofar.told} - {known.seq}))
    vouched = Vouched(others=others) if notary is None else notary.vouched(known.seq, others)
    document = compose(
        Evidence(knowledge, quarter.ends_on),
        kind,
        window=window,
        supersedes="" if replaced is None else replaced.id,
        caution=caution,
        vouched=vouched,
        redaction=redaction,
    )
    return Draft(
        kind=kind,
        quarter=quarter,
        known=known,
        corrections_since=window.since,
        supersedes=None if replaced is None else replaced.id,
        caution=caution,
        vouched=vouched,
        document=document,
        form=form,
        floor=floor,
        held_against=tuple(one.statement for one in public),
        publications=tuple(one.id for one in records),
        kept=redaction.before.written(),
    )


def _filed(session: ReadSession, wanted: str) -> StatementView | None:
    row = session.get(Statement, wanted)
    return None if row is None else shown(row, session.get(StatementSeal, wanted))


def _under_key(session: ReadSession, actor: str, key: str, wanted: Wanted) -> StatementView | None:
    row = session.scalar(select(Statement).where(Statement.published_by == actor, Statement.request_key == key))
    if row is None:
        return None
    if (row.kind, row.quarter, row.form) != (wanted.kind, wanted.quarter, wanted.form):
        form = "" if row.form == TRUSTEES else f" in the {row.form} form"
        raise KeyUsed(
            f"The key {key!r:.80} was used to publish the {row.kind} statement of {row.quarter}{form}", key=key
        )
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
    if draft.form == PUBLIC:
        hold(work.session, TOLD_THE_PUBLIC)
        _refuse_unheld(
            draft,
            {one.statement for one in told_public(work.session)},
            {one.id for one in told_records(work.session)},
        )
    hold_consents(work, printed_cases(draft.document) if draft.kind == "impact" else ())
    row = _row_of(work, draft, blob, request_key)
    work.session.add(row)
    work.session.flush()
    said = draft.vouched
    work.session.add(StatementHead(statement=row.id, note=said.note, signer=said.key, others=list(said.others)))
    work.session.add(
        StatementWithholding(
            statement=row.id,
            fewest=draft.floor.fewest,
            most_of_one=draft.floor.most_of_one,
            held_against=list(draft.held_against),
            publications=list(draft.publications),
            kept=draft.kept,
        )
    )
    work.session.flush()
    trail.record(
        work,
        action="statement.publish",
        subject=row.id,
        kind=row.kind,
        form=row.form,
        fewest=draft.floor.fewest,
        quarter=row.quarter,
        known_seq=row.known_seq,
        figures_sha256=row.figures_sha256,
        pdf_sha256=row.pdf_sha256,
        supersedes=row.supersedes,
    )
    return shown(row)


def _row_of(work: Work, draft: Draft, blob: bytes, request_key: str | None) -> Statement:
    """The row of a statement about to be filed, under the next number of its quarter."""
    return Statement(
        id=draft.id,
        kind=draft.kind,
        form=draft.form,
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
        version=draft.document.issue.version,
        pdf=blob,
    )


def _refuse_unheld(draft: Draft, filed: set[str], records: set[str]) -> None:
    """Pass where what the public was told is what this statement was held against."""
    if (filed, records) != (set(draft.held_against), set(draft.publications)):
        what = (
            "Another statement for the public was filed"
            if records == set(draft.publications)
            else ("The public record was published")
        )
        raise PublishedMeanwhile(
            f"{what} meanwhile, and this statement was not held against it: publish it again, so that the two together "
            "tell of nobody",
            statement=draft.id,
        )


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
