"""Looks at claims: what participants notified, what of it was paid or fell away, and every claim that was paid."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select

from bank.inflows.model import ClaimNotice, ClaimNoticeEnd, ClaimNoticePayment, Inflow, Reclaim
from bank.inflows.rules import Notified
from ledger.money import Money
from ledger.queries import Known, known
from ledger.refusals import NotFound
from ledger.store.database import ReadSession
from ledger.store.work import View


class ReclaimView(View):
    """Claims repaid, and from what; `claim` is the notice that came before, if there was one."""

    id: str
    claim: str | None
    inflow: str | None
    participant: str
    asset_class: str
    principal: Money
    interest: Money
    paid: Money
    from_provision: Money
    beyond_provision: Money
    accounts: int | None
    paid_on: date
    note: str
    recorded_at: datetime
    seqs: tuple[int, ...]


class ClaimEndView(View):
    """Notified claims that will not be paid, why, and how much of them went back to the provision."""

    id: str
    claim: str
    outcome: str
    principal: Money
    interest: Money
    amount: Money
    to_provision: Money
    on: date
    reason: str
    recorded_at: datetime
    seqs: tuple[int, ...]


class ClaimView(View):
    """Claims notified: what of them is paid, what fell away, and what is still owed."""

    id: str
    participant: str
    inflow: str | None
    asset_class: str
    accounts: int | None
    on: date
    principal: Money
    interest: Money
    amount: Money
    from_provision: Money
    beyond_provision: Money
    paid: Money
    withdrawn: Money
    rejected: Money
    unpaid: Money
    unpaid_principal: Money
    unpaid_interest: Money
    unpaid_from_provision: Money
    note: str
    recorded_at: datetime
    seqs: tuple[int, ...]

    @property
    def left(self) -> Notified:
        """What is still to be paid of it."""
        return Notified(self.unpaid_principal, self.unpaid_interest, self.unpaid_from_provision)


class NoSuchClaim(NotFound):
    """No notice of this id."""

    slug = "no-such-claim"


def claims(session: ReadSession, *, as_at: date | None = None, at: Known | None = None) -> list[ClaimView]:
    """Every notice of claims by a day, as known then, in the order notified, with what became of it by then."""
    then, day = at or known(session), as_at or session.now.date()
    paid: dict[str, list[Reclaim]] = {}
    for notice, row in session.execute(
        select(ClaimNoticePayment.notice_id, Reclaim)
        .join(Reclaim, Reclaim.id == ClaimNoticePayment.reclaim_id)
        .where(Reclaim.seq <= then.seq, Reclaim.paid_on <= day)
    ):
        paid.setdefault(notice, []).append(row)
    ended: dict[str, list[ClaimNoticeEnd]] = {}
    for end in session.scalars(
        select(ClaimNoticeEnd).where(ClaimNoticeEnd.seq <= then.seq, ClaimNoticeEnd.ended_on <= day)
    ):
        ended.setdefault(end.notice_id, []).append(end)
    rows = session.scalars(
        select(ClaimNotice).where(ClaimNotice.seq <= then.seq, ClaimNotice.notified_on <= day).order_by(ClaimNotice.seq)
    )
    return [_shown_claim(row, paid.get(row.id, []), ended.get(row.id, [])) for row in rows]


def claim(session: ReadSession, id: str, *, as_at: date | None = None) -> ClaimView:  # noqa: A002 -- what a notice is known by
    """One notice; refuses an unknown one."""
    for each in claims(session, as_at=as_at):
        if each.id == id:
            return each
    raise NoSuchClaim(f"There is no notice of claims {id!r:.60}: list them first")


def reclaims(
    session: ReadSession, *, inflow: str | None = None, as_at: date | None = None, at: Known | None = None
) -> list[ReclaimView]:
    """Claims repaid by a day, as known then, of one transfer when given."""
    then, day = at or known(session), as_at or session.now.date()
    query = (
        select(Reclaim, ClaimNoticePayment.notice_id)
        .outerjoin(ClaimNoticePayment, ClaimNoticePayment.reclaim_id == Reclaim.id)
        .where(Reclaim.seq <= then.seq, Reclaim.paid_on <= day)
        .order_by(Reclaim.seq)
    )
    if inflow is not None:
        query = query.where(Reclaim.inflow_id == inflow)
    return [shown_reclaim(row.Reclaim, row.notice_id) for row in session.execute(query)]


def transfers(session: ReadSession, participant: str, asset_class: str, inflow: str | None = None) -> Sequence[Inflow]:
    """What came from a participant of a class of asset, whenever it came; or of it one inflow."""
    wanted = select(Inflow).where(Inflow.participant_id == participant, Inflow.asset_class == asset_class)
    return session.scalars(wanted if inflow is None else wanted.where(Inflow.id == inflow)).all()


def shown_reclaim(row: Reclaim, claim: str | None = None) -> ReclaimView:
    """The row as a view, with the notice it settles if it settles one."""
    paid = row.principal + row.interest
    return ReclaimView(
        id=row.id,
        claim=claim,
        inflow=row.inflow_id,
        participant=row.participant_id,
        asset_class=row.asset_class,
        principal=row.principal,
        interest=row.interest,
        paid=paid,
        from_provision=row.from_provision,
        beyond_provision=paid - row.from_provision,
        accounts=row.accounts,
        paid_on=row.paid_on,
        note=row.note,
        recorded_at=row.recorded_at,
        seqs=tuple(row.seqs),
    )


def shown_end(row: ClaimNoticeEnd) -> ClaimEndView:
    """The row as a view."""
    return ClaimEndView(
        id=row.id,
        claim=row.notice_id,
        outcome=row.outcome,
        principal=row.principal,
        interest=row.interest,
        amount=row.principal + row.interest,
        to_provision=row.to_provision,
        on=row.ended_on,
        reason=row.reason,
        recorded_at=row.recorded_at,
        seqs=tuple(row.seqs),
    )


def _shown_claim(row: ClaimNotice, paid: list[Reclaim], ended: list[ClaimNoticeEnd]) -> ClaimView:
    whole = left = Notified(row.principal, row.interest, row.from_provision)
    for each in paid:
        left = left.less(Notified(each.principal, each.interest, each.from_provision))
    for end in ended:
        left = left.less(Notified(end.principal, end.interest, end.to_provision))
    away = {
        outcome: Money.total(end.principal + end.interest for end in ended if end.outcome == outcome)
        for outcome in ("withdrawn", "rejected")
    }
    return ClaimView(
        id=row.id,
        participant=row.participant_id,
        inflow=row.inflow_id,
        asset_class=row.asset_class,
        accounts=row.accounts,
        on=row.notified_on,
        principal=row.principal,
        interest=row.interest,
        amount=whole.amount,
        from_provision=row.from_provision,
        beyond_provision=whole.charged,
        paid=Money.total(each.principal + each.interest for each in paid),
        **away,
        unpaid=left.amount,
        unpaid_principal=left.principal,
        unpaid_interest=left.interest,
        unpaid_from_provision=left.from_provision,
        note=row.note,
        recorded_at=row.recorded_at,
        seqs=tuple(row.seqs),
    )
