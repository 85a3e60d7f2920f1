"""A filed statement composed again from the books as known then, and whether a PDF still agrees with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from bank.allocations.model import Facility
from bank.figures.evidence import Evidence, Knowledge
from bank.inflows.model import Inflow
from bank.publishing.agreement import (
    ENTRIES,
    FIGURES,
    AgreementView,
    Kept,
    agreement,
    compared_whole,
    times_of,
    version_named,
)
from bank.publishing.by_entry import compared_by_entry
from bank.publishing.by_figure import compared_by_figure
from bank.publishing.floors.queries import floor_on, listed_on
from bank.publishing.gathering import compose
from bank.publishing.model import Statement, StatementHead, StatementSeal, StatementWithholding
from bank.publishing.origin import Origin, origin_of, refuse_another_journal, refuse_shorter
from bank.publishing.proof import Window
from bank.publishing.queries import Earlier, earlier_statements, last_before
from bank.publishing.redaction import Redaction
from bank.publishing.rules import TRUSTEES, BooksUnreadable, Form, Kind, NoSuchStatement, sound_form, sound_kind
from bank.publishing.told.queries import before_of, told_public, told_records
from bank.publishing.vouching import Vouched
from intermediaries.register.model import Intermediary
from intermediaries.returns.model import Return
from ledger import trail
from ledger.dates import Quarter
from ledger.queries import Known
from ledger.refusals import Refusal
from ledger.store import scan
from ledger.store.database import ReadSession
from reports import seal
from reports.document import Document
from reports.verify import Verdict, verify


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
    refuse_shorter(session, known.seq)
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
    origin = origin_of(session, verdict)
    refuse_another_journal(origin, filed=row is not None)
    evidence = Evidence(Knowledge(session, known), quarter.ends_on)
    if row is None and holds_entries_only(session):
        alone = compared_by_entry(verdict.data, evidence)
        return agreement(verdict, alone, origin, kept="none", compared_by=ENTRIES)
    with _made_out(origin, filed=row is not None):
        document = _as_told(session, evidence, kind, verdict) if row is None else _as_filed(session, evidence, row)
    kept = kept_of(session, row, pdf, verdict)
    whole = compared_whole(verdict.data, verdict.files, document)
    if whole.differences and kept == "same" and version_named(verdict) != seal.VERSION:
        each = compared_by_figure(verdict.data, verdict.files, document, evidence)
        told = agreement(verdict, each, origin, kept=kept, compared_by=FIGURES)
    else:
        told = agreement(verdict, whole, origin, kept=kept)
    return told.model_copy(update={"replaced_by": _newest(session, row)})


_BESIDE: Final = (Facility, Intermediary, Inflow, Return, Statement)
"""What a bank that publishes keeps beside its entries."""


def holds_entries_only(session: ReadSession) -> bool:
    """Whether these books hold entries and nothing of what statements are drawn from beside them."""
    with_any = (session.execute(select(1).select_from(table).limit(1)).first() for table in _BESIDE)
    return scan.count(session) > 0 and not any(with_any)


@contextmanager
def _made_out(origin: Origin, *, filed: bool) -> Iterator[None]:
    """Say of books whose records were changed to what they cannot be that they were, and not only how that came out.

    What was filed was once composed from these books. A file that is not filed here may be refused for its own sake.
    """
    try:
        yield
    except (Refusal, SQLAlchemyError, ValueError, TypeError, LookupError, ArithmeticError, AttributeError) as fault:
        if isinstance(fault, Refusal) and not filed:
            raise
        what = fault.sentence if isinstance(fault, Refusal) else f"{type(fault).__name__}: {fault!s:.200}"
        why = (
            origin.does_not_hold if origin.fault else "Every entry of theirs holds: so a record beside them was changed"
        )
        raise BooksUnreadable(
            f"What it says cannot be worked out from these books{' any more' if filed else ''} ({what}). {why}",
            journal=origin.journal,
        ) from fault


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


def _newest(session: ReadSession, row: Statement | None) -> str | None:
    """The newest statement filed of the kind, quarter and form of another that knew more; none where none did."""
    if row is None:
        return None
    later = (
        *(Statement.kind == row.kind, Statement.quarter == row.quarter, Statement.form == row.form),
        *(Statement.known_seq >= row.known_seq, Statement.known_at > row.known_at),
    )
    return session.scalar(select(Statement.id).where(*later).order_by(Statement.known_at.desc()).limit(1))


def kept_of(session: ReadSession, row: Statement | None, pdf: bytes, verdict: Verdict) -> Kept:
    """What the register holds of a file: it, as it was filed or with the seal that was put on it, or what else.

    The digest was kept with the file, and in the trail of what was done when it was filed: it is that of these bytes.
    Where only the trail still has it, the register was changed since.
    """
    trailed = _trailed(session, verdict.statement, "statement.publish", "pdf_sha256")
    unsealed = pdf if verdict.seal is None else pdf[: verdict.seal.unsealed]
    if row is None:
        return "altered" if [seal.digest(unsealed)] == trailed else "none"
    seal_ = session.get(StatementSeal, row.id)
    if pdf == row.pdf or (seal_ is not None and pdf == row.pdf + seal_.behind):
        return "same" if [seal.digest(row.pdf)] == [row.pdf_sha256] == trailed else "altered"
    if [seal.digest(unsealed)] != trailed:
        return "other"
    sealed = _trailed(session, row.id, "statement.seal", "sealed_sha256")
    return "altered" if unsealed != row.pdf or seal.digest(pdf) in sealed else "resealed"


def _trailed(session: ReadSession, statement_id: str, action: str, fact: str) -> list[str]:
    return [str(line.facts[fact]) for line in trail.lines(session, subject=statement_id, action=action)]


def told_by(verdict: Verdict) -> tuple[Kind, Quarter, Known]:
    """What a file says it is: kind, quarter and knowledge. Refuses one that says it in no way that can be meant."""
    quarter, known = times_of(verdict)
    return sound_kind(str(verdict.kind)), quarter, known
