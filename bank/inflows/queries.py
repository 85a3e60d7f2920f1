"""Looks at dormant money: each transfer, claim and apportionment, and where the whole of it stands."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Select, select

from bank.inflows.model import (
    Apportionment,
    EnglandAllocation,
    EnglandDirection,
    EnglandDirectionApproval,
    Inflow,
    Participant,
    ReserveRate,
    ReserveRateApproval,
    SurplusDeclaration,
    SurplusPayment,
)
from bank.inflows.reference import CAUSES
from bank.inflows.standing import kept_uncharged
from bank.treasury.rules import PLACED
from ledger.in_force import in_force
from ledger.money import NOTHING, Money
from ledger.queries import Known, balance_at, known
from ledger.refusals import BadCursor, NotFound
from ledger.store.database import ReadSession
from ledger.store.outcomes import ProposalOutcome
from ledger.store.proposals import TurnedDown, outcome_of, proposals
from ledger.store.work import View
from ledger.whole_numbers import place_in


class ParticipantView(View):
    """A participant."""

    id: str
    name: str
    added_at: datetime


class ReserveRateView(View):
    """A rate of reserve as proposed and, once another fund manager agreed, approved."""

    id: str
    asset_class: str
    rate: Decimal
    from_on: date
    basis: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    state: str
    turned_down: TurnedDown | None


class InflowView(View):
    """One transfer of dormant money."""

    id: str
    participant: str
    participant_name: str
    asset_class: str
    scheme: str
    amount: Money
    whole_balance: Money
    accounts: int | None
    reserve_rate: Decimal
    reserve: Money
    consented_on: date
    received_on: date
    tracing_attested: bool | None
    note: str
    recorded_at: datetime
    seqs: tuple[int, ...]


class InflowPage(View):
    """Some transfers, and where the next begin."""

    items: tuple[InflowView, ...]
    next_cursor: str | None


class NationShares(View):
    """A sum by nation."""

    england: Money
    wales: Money
    scotland: Money
    northern_ireland: Money


class ApportionmentView(View):
    """Money shared among the nations."""

    id: str
    on: date
    financial_year: str | None
    order: str
    amount: Money
    distributor_expenses: Money
    secretary_of_state_expenses: Money
    apportioned: Money
    england: Money
    wales: Money
    scotland: Money
    northern_ireland: Money
    recorded_at: datetime
    seqs: tuple[int, ...]


class InflowPosition(View):
    """Where dormant money stands: received, claimed, kept back, passed on. All of it from the books.

    What is declared is either paid, and then it is distributed, or still payable; it is never counted as both. Nor is
    a claim: it is notified until it is paid, and then it is reclaimed.
    """

    received: Money
    reclaimed: Money
    notified: Money
    provision: Money
    cash: Money
    placed: Money
    surplus: Money
    obligation: Money
    declared: Money
    payable: Money
    distributed: Money
    expenses: Money
    apportioned: Money
    held: NationShares
    paid_to_trust: Money


class DeclarationView(View):
    """Surplus declared: what of it is paid, and what is committed and still to be paid."""

    id: str
    amount: Money
    on: date
    basis: str
    paid: Money
    unpaid: Money
    seqs: tuple[int, ...]


class DirectionView(View):
    """A direction on England's money as proposed and, once another fund manager agreed, approved."""

    id: str
    measure: str
    shares: dict[str, str]
    from_on: date
    source: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    state: str
    turned_down: TurnedDown | None


class NoSuchInflow(NotFound):
    """No transfer of this id."""

    slug = "no-such-inflow"


def participants(session: ReadSession) -> list[ParticipantView]:
    """Every participant by name."""
    rows = session.scalars(select(Participant).order_by(Participant.name))
    return [ParticipantView(id=row.id, name=row.name, added_at=row.added_at) for row in rows]


def participant_named(session: ReadSession, id_or_name: str) -> ParticipantView | None:
    """The participant of an id or a name, if there is one."""
    wanted = id_or_name.strip()
    row = session.scalar(select(Participant).where((Participant.id == wanted) | (Participant.name == wanted)))
    return None if row is None else ParticipantView(id=row.id, name=row.name, added_at=row.added_at)


def inflow(session: ReadSession, id: str) -> InflowView:  # noqa: A002 -- what a transfer is known by
    """One transfer; refuses an unknown one."""
    row = session.execute(_inflows().where(Inflow.id == id)).one_or_none()
    if row is None:
        raise NoSuchInflow(f"There is no inflow {id!r:.60}")
    return _shown_inflow(row.Inflow, row.name, row.rate)


def inflows(session: ReadSession, *, at: Known | None = None, cursor: str | None = None, limit: int = 50) -> InflowPage:
    """Transfers in the order they were recorded, a page at a time."""
    then = at or known(session)
    query = _inflows().where(Inflow.seq <= then.seq, Inflow.seq > _after(cursor)).order_by(Inflow.seq).limit(limit + 1)
    rows = session.execute(query).all()
    items = tuple(_shown_inflow(row.Inflow, row.name, row.rate) for row in rows[:limit])
    return InflowPage(items=items, next_cursor=str(items[-1].seqs[0]) if len(rows) > limit else None)


def apportionments(
    session: ReadSession, *, as_at: date | None = None, at: Known | None = None
) -> list[ApportionmentView]:
    """What was shared among the nations by a day, as known then."""
    then, day = at or known(session), as_at or session.now.date()
    query = select(Apportionment).where(Apportionment.seq <= then.seq, Apportionment.apportioned_on <= day)
    return [shown_apportionment(row) for row in session.scalars(query.order_by(Apportionment.seq))]


def reserve_rates(session: ReadSession, *, at: Known | None = None) -> list[ReserveRateView]:
    """Every rate proposed, with its approval if it has one, in the order proposed."""
    then = at or known(session)
    link = ReserveRateApproval.rate_id
    told = proposals(session, ReserveRate, ReserveRateApproval, link, then.instant)
    return [_shown_rate(*each) for each in told]


def reserve_rate_in_force(
    session: ReadSession, asset_class: str, on: date, at: Known | None = None
) -> ReserveRateView | None:
    """The approved rate of a class for a day: the one that starts last by then; of two from one day, the later."""
    return in_force((rate for rate in reserve_rates(session, at=at) if rate.asset_class == asset_class), on)


def declarations(session: ReadSession, *, as_at: date | None = None, at: Known | None = None) -> list[DeclarationView]:
    """Every declaration of surplus by a day, as known then, with what of it was paid by then."""
    then, day = at or known(session), as_at or session.now.date()
    rows = session.scalars(
        select(SurplusDeclaration)
        .where(SurplusDeclaration.seq <= then.seq, SurplusDeclaration.declared_on <= day)
        .order_by(SurplusDeclaration.seq)
    )
    paid: dict[str, Money] = {}
    for each in session.scalars(
        select(SurplusPayment).where(SurplusPayment.seq <= then.seq, SurplusPayment.paid_on <= day)
    ):
        paid[each.declaration_id] = paid.get(each.declaration_id, NOTHING) + each.amount
    return [shown_declaration(row, paid.get(row.id, NOTHING)) for row in rows]


def shown_declaration(row: SurplusDeclaration, paid: Money) -> DeclarationView:
    """The row as a view."""
    return DeclarationView(
        id=row.id,
        amount=row.amount,
        on=row.declared_on,
        basis=row.basis,
        paid=paid,
        unpaid=row.amount - paid,
        seqs=tuple(row.seqs),
    )


def directions(session: ReadSession, *, at: Known | None = None) -> list[DirectionView]:
    """Every direction entered, with its approval if it has one, in the order entered."""
    then = at or known(session)
    told = proposals(
        session,
        EnglandDirection,
        EnglandDirectionApproval,
        EnglandDirectionApproval.direction_id,
        then.instant,
    )
    return [_shown_direction(*each) for each in told]


def direction_in_force(session: ReadSession, on: date, at: Known | None = None) -> DirectionView | None:
    """The approved direction for a day: the one that starts last by then; of two from one day, the later approved."""
    return in_force(directions(session, at=at), on)


def allocated_under(session: ReadSession, direction: str) -> dict[str, Money]:
    """What each cause was given under one direction."""
    given: dict[str, Money] = {}
    for row in session.scalars(select(EnglandAllocation).where(EnglandAllocation.direction_id == direction)):
        for cause, part in row.shares.items():
            given[cause] = given.get(cause, NOTHING) + Money.parse(part)
    return given


def position(session: ReadSession, *, as_at: date | None = None, at: Known | None = None) -> InflowPosition:
    """Where dormant money stands at a day, as known then."""
    then, day = at or known(session), as_at or session.now.date()

    def fund(code: str) -> Money:
        return balance_at(session, "reclaim-fund", code, day, then)

    def distributor(code: str) -> Money:
        return balance_at(session, "distributor", code, day, then)

    uncharged = kept_uncharged(session, as_at=day, at=then)
    received, charged, provision, cash = uncharged - fund("4000"), fund("5000"), -fund("2000"), fund("1000")
    notified, declared, payable = -fund("2010"), fund("5100"), -fund("2100")
    placed = Money.total(fund(code) for code in PLACED)
    return InflowPosition(
        received=received,
        reclaimed=uncharged + charged - provision - notified,
        notified=notified,
        provision=provision,
        cash=cash,
        placed=placed,
        surplus=cash + placed - provision - notified - payable,
        obligation=fund("9000"),
        declared=declared,
        payable=payable,
        distributed=declared - payable,
        expenses=distributor("5000") + distributor("5010"),
        apportioned=distributor("5100"),
        held=NationShares(
            england=-distributor("2100"),
            wales=-distributor("2110"),
            scotland=-distributor("2120"),
            northern_ireland=-distributor("2130"),
        ),
        paid_to_trust=-balance_at(session, "trust", "4000", day, then),
    )


def shown_apportionment(row: Apportionment) -> ApportionmentView:
    """The row as a view."""
    return ApportionmentView(
        id=row.id,
        on=row.apportioned_on,
        financial_year=row.financial_year,
        order=row.order_name,
        amount=row.amount,
        distributor_expenses=row.distributor_expenses,
        secretary_of_state_expenses=row.secretary_of_state_expenses,
        apportioned=Money.total((row.england, row.wales, row.scotland, row.northern_ireland)),
        england=row.england,
        wales=row.wales,
        scotland=row.scotland,
        northern_ireland=row.northern_ireland,
        recorded_at=row.recorded_at,
        seqs=tuple(row.seqs),
    )


def apportioned_of_year(session: ReadSession, financial_year: str) -> Money:
    """What has been apportioned of a financial year's money already, expenses included."""
    done = session.scalars(select(Apportionment.amount).where(Apportionment.financial_year == financial_year))
    return Money.total(done) or NOTHING


def _inflows() -> Select[Inflow, str, Decimal]:
    return (
        select(Inflow, Participant.name, ReserveRate.rate)
        .join(Participant, Participant.id == Inflow.participant_id)
        .join(ReserveRate, ReserveRate.id == Inflow.reserve_rate_id)
    )


def _after(cursor: str | None) -> int:
    if cursor is None:
        return 0
    after = place_in(cursor)
    if after is None:
        raise BadCursor("This cursor is not one that a page gave: begin again without it", found=cursor[:60])
    return after


def _shown_inflow(row: Inflow, participant_name: str, rate: Decimal) -> InflowView:
    return InflowView(
        id=row.id,
        participant=row.participant_id,
        participant_name=participant_name,
        asset_class=row.asset_class,
        scheme=row.scheme,
        amount=row.amount,
        whole_balance=row.whole_balance,
        accounts=row.accounts,
        reserve_rate=rate,
        reserve=row.reserve,
        consented_on=row.consented_on,
        received_on=row.received_on,
        tracing_attested=row.tracing_attested,
        note=row.note,
        recorded_at=row.recorded_at,
        seqs=tuple(row.seqs),
    )


def _shown_rate(row: ReserveRate, agreed: ReserveRateApproval | None, ended: ProposalOutcome | None) -> ReserveRateView:
    return ReserveRateView(
        id=row.id,
        asset_class=row.asset_class,
        rate=row.rate,
        from_on=row.from_on,
        basis=row.basis,
        **outcome_of(row, agreed, ended),
    )


def _shown_direction(
    row: EnglandDirection, agreed: EnglandDirectionApproval | None, ended: ProposalOutcome | None
) -> DirectionView:
    return DirectionView(
        id=row.id,
        measure=row.measure,
        shares={each.code: row.shares[each.code] for each in CAUSES if each.code in row.shares},
        from_on=row.from_on,
        source=row.source,
        **outcome_of(row, agreed, ended),
    )
