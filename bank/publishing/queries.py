"""The looks at published statements: the list and the documents. Nothing here composes, so nothing waits for that."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import func, select

from bank.publishing.model import Statement, StatementSeal
from bank.publishing.rules import (
    TRUSTEES,
    Form,
    Kind,
    NoSuchStatement,
    refuse_reader,
    sound_form,
    sound_kind,
)
from ledger.dates import Quarter
from ledger.store.database import ReadSession
from ledger.store.work import View

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
