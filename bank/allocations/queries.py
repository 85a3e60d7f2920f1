"""Looks at facilities: their terms, their events and their figures, on both time axes."""

from __future__ import annotations

import base64
import binascii
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, Final

from sqlalchemy import Select, and_, bindparam, func, or_, select

from bank.allocations.life.queries import Beside, beside, ended_guarantees
from bank.allocations.life.rules import Course, latest, stage_of
from bank.allocations.many.queries import Told, events_by_then, in_parts, then_told, told_of
from bank.allocations.model import Facility, FacilityApproval, FacilityEvent
from bank.allocations.products.registry import BEYOND_COST, CONTINGENT, EARNING, PRINCIPALS, PROMISES, counted_as
from bank.allocations.rules import (
    ACCRUAL,
    APPROVED,
    EARNED,
    LAPSE,
    PRODUCTS,
    REJECTED,
    REPAYMENT,
    SIGNED,
    Fact,
    Life,
    lapsed_in_fact,
    life_of,
)
from bank.allocations.waiting.queries import any_beside, waiting_on
from ledger.dates import instant_text, parse_instant
from ledger.money import NOTHING, Money
from ledger.queries import Known, entries_behind, known, nets_of, stands
from ledger.refusals import BadCursor, NotFound, Refusal
from ledger.store.database import ReadSession
from ledger.store.listed import Form, is_listed, listed
from ledger.store.work import View

ROOTS: Final = (
    "9110",
    *PROMISES,
    *PRINCIPALS,
    *BEYOND_COST,
    *("1210", "1220", "1230", "1240", "1241", "1242", "1500", "2210", "2300", "4060"),
)
"""The accounts of the bank's book below which each facility has one of its own, from which its figures come."""

_Tally = Mapping[tuple[str, str], Money]


class FacilityFigures(View):
    """The separate numbers of a facility. The bank's own come from its book; co-investors' money is never in it."""

    approved_in_principle: Money
    awaiting_signature: Money
    signed: Money
    drawn: Money
    undrawn: Money
    lapsed: Money
    repaid_principal: Money
    outstanding: Money
    interest_accrued: Money
    interest_received: Money
    interest_due: Money
    written_off: Money
    interest_written_off: Money
    capitalised: Money
    default_interest_due: Money
    fees_due: Money
    fees_unamortised: Money
    loss_allowance: Money
    commitment_provision: Money
    """For losses on what is undrawn, beyond what the allowance of the loan itself takes."""
    carrying_amount: Money
    """Principal and interest, with what it is valued at beyond them, less fees still to be earned and the allowance."""
    unapplied: Money
    recovered: Money
    co_investor_committed: Money
    co_investor_signed: Money
    co_investor_drawn: Money
    signed_with_match: Money
    drawn_with_match: Money


class FacilityView(View):
    """A facility as at a day and as known then: terms, where it is in its life, and its figures.

    `state` is by what was entered, and says what may happen next; `stage` and the figures count what has lapsed too.
    Of a guarantee both do, and count it as ended from the day after the last for a claim but for what claims noted ask.
    """

    id: str
    name: str
    intermediary: str
    product: str
    product_title: str
    amount: Money
    annual_rate: Decimal
    day_count: str
    available_from: date
    available_until: date
    matures_on: date
    purpose: str
    additionality: str
    state: str
    proposed_by: str
    proposed_on: date
    approved_by: str | None
    approved_on: date | None
    signed_on: date | None
    accrued_to: date | None
    recorded_at: datetime
    as_at: date
    known_at: datetime
    known_seq: int
    figures: FacilityFigures
    stage: str = ""
    pending: tuple[str, ...] = ()


class FacilityPage(View):
    """Some facilities, and where the next begin."""

    items: tuple[FacilityView, ...]
    next_cursor: str | None


class FacilityEventView(View):
    """One thing that happened to a facility."""

    id: str
    facility: str
    number: int
    kind: str
    effective_on: date
    recorded_at: datetime
    actor: str
    amount: Money
    interest: Money
    co_investor_amount: Money
    seqs: tuple[int, ...]
    note: str
    evidence: str


class NoSuchFacility(NotFound):
    """No facility of this id, or none that this reader may know of."""

    slug = "no-such-facility"


def facility(
    session: ReadSession,
    id: str,  # noqa: A002 -- what a facility is known by
    *,
    as_at: date | None = None,
    at: Known | None = None,
    intermediary: str | None = None,
) -> FacilityView:
    """One facility; refuses an unknown one, and one of another intermediary when only one's own may be seen."""
    then, day = at or known(session), as_at or session.now.date()
    query = _there(single=True, of_one=intermediary is not None)
    rows = session.scalars(query, {"id": id, **_told(day, then, intermediary)}).all()
    found = _shown(session, rows, day, then)
    if not found:
        raise NoSuchFacility(f"There is no facility {id!r:.60}")
    return found[0]


def facilities(
    session: ReadSession,
    *,
    as_at: date | None = None,
    at: Known | None = None,
    intermediary: str | None = None,
    state: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> FacilityPage:
    """Facilities in the order they were proposed, a page at a time; of one intermediary or in one state when given.

    With a state, a page may hold fewer than `limit` and still have another after it.
    """
    then, day = at or known(session), as_at or session.now.date()
    query = _after(_there(of_one=intermediary is not None), cursor).limit(limit + 1)
    rows = session.scalars(query, _told(day, then, intermediary)).all()
    items = _shown(session, rows[:limit], day, then)
    return FacilityPage(
        items=tuple(item for item in items if state is None or item.state == state),
        next_cursor=_cursor(rows[limit - 1]) if len(rows) > limit else None,
    )


def all_facilities(
    session: ReadSession, *, as_at: date | None = None, at: Known | None = None, intermediary: str | None = None
) -> list[FacilityView]:
    """Every facility in the order they were proposed."""
    then, day = at or known(session), as_at or session.now.date()
    rows = session.scalars(_there(of_one=intermediary is not None), _told(day, then, intermediary)).all()
    return _shown(session, rows, day, then)


def events(
    session: ReadSession, facility: str, *, as_at: date | None = None, at: Known | None = None
) -> list[FacilityEventView]:
    """What happened to a facility by a day, as known then, in the order it was recorded."""
    then, day = at or known(session), as_at or session.now.date()
    return [
        FacilityEventView(
            id=row.id,
            facility=row.facility_id,
            number=row.number,
            kind=row.kind,
            effective_on=row.effective_on,
            recorded_at=row.recorded_at,
            actor=row.actor,
            amount=row.amount,
            interest=row.interest,
            co_investor_amount=row.co_investor_amount,
            seqs=tuple(row.seqs),
            note=row.note,
            evidence=row.evidence,
        )
        for row in session.scalars(events_by_then(), {"facility": facility, **then_told(day, then)})
    ]


def facts(session: ReadSession, facility: str) -> list[Fact]:
    """Everything that has happened to a facility and stands, as the rules take it."""
    return [Fact(*row) for row in session.execute(_facts(), {"facility": facility})]


@cache
def _facts() -> Select[str, date, Money, Money, Money]:
    return (
        select(
            FacilityEvent.kind,
            FacilityEvent.effective_on,
            FacilityEvent.amount,
            FacilityEvent.interest,
            FacilityEvent.co_investor_amount,
        )
        .where(FacilityEvent.facility_id == bindparam("facility"), stands(FacilityEvent.seq))
        .order_by(FacilityEvent.number)
    )


def movements(session: ReadSession, facility: str) -> list[tuple[date, Money]]:
    """What was drawn (positive) and repaid or written off (negative) of principal that earns interest, by day."""
    lines = (line for root in EARNING for line in entries_behind(session, "bank", f"{root}:{facility}"))
    return [(line.effective_on, line.amount) for line in lines]


def next_number(session: ReadSession, facility: str) -> int:
    """The number of a facility's next event."""
    return (session.scalar(_last_number(), {"facility": facility}) or 0) + 1


@cache
def _last_number() -> Select[int]:
    return select(func.max(FacilityEvent.number)).where(FacilityEvent.facility_id == bindparam("facility"))


def figures_of(tally: _Tally, told: Iterable[Fact], co_investor_amount: Money) -> FacilityFigures:
    """The figures of a facility: `tally` gives what was posted by account and kind of entry, net of corrections."""
    return _figures(tally, life_of(told), co_investor_amount)


def _figures(tally: _Tally, life: Life, co_investor_amount: Money) -> FacilityFigures:
    whole: defaultdict[str, int] = defaultdict(int)
    for (code, _), sum_ in tally.items():
        whole[code] += sum_.pence

    def net(root: str, *kinds: str) -> Money:
        return Money.total(tally.get((root, kind), NOTHING) for kind in kinds) if kinds else Money(whole[root])

    signed, drawn = net("9100", "signature"), net("1200", "drawdown")
    allowance = -Money.total(net(root) for root in ("1240", "1241", "1242"))
    return FacilityFigures(
        approved_in_principle=net("9110", "approval"),
        awaiting_signature=net("9110"),
        signed=signed,
        drawn=drawn,
        undrawn=net("9100"),
        lapsed=-net("9100", "lapse"),
        repaid_principal=-net("1200", "repayment"),
        outstanding=net("1200"),
        interest_accrued=net("1210", *EARNED),
        interest_received=-net("1210", "interest"),
        interest_due=net("1210"),
        written_off=-net("1200", "write-off"),
        interest_written_off=-net("1210", "write-off"),
        capitalised=net("1200", "capitalisation"),
        default_interest_due=net("1220"),
        fees_due=net("1500"),
        fees_unamortised=-net("1230"),
        loss_allowance=allowance,
        commitment_provision=-net("2210"),
        carrying_amount=Money.total(net(root) for root in ("1200", "1210", "1220", "1230", *BEYOND_COST)) - allowance,
        unapplied=-net("2300"),
        recovered=-net("4060"),
        co_investor_committed=co_investor_amount,
        co_investor_signed=life.co_investor_signed,
        co_investor_drawn=life.co_investor_drawn,
        signed_with_match=signed + life.co_investor_signed,
        drawn_with_match=drawn + life.co_investor_drawn,
    )


@cache
def _there(*, single: bool = False, of_one: bool = False) -> Select[Facility]:
    query = (
        select(Facility)
        .where(Facility.proposed_on <= bindparam("day"), Facility.recorded_at <= bindparam("instant"))
        .order_by(Facility.recorded_at, Facility.id)
    )
    query = query.where(Facility.intermediary == bindparam("intermediary")) if of_one else query
    return query.where(Facility.id == bindparam("id")) if single else query


def _told(day: date, then: Known, intermediary: str | None) -> dict[str, Any]:
    cuts = {"day": day, "instant": then.instant}
    return cuts if intermediary is None else cuts | {"intermediary": intermediary}


@cache
def _approved_by(form: Form) -> Select[str, str]:
    return select(FacilityApproval.facility_id, FacilityApproval.approved_by).where(
        is_listed(FacilityApproval.facility_id, form, "facilities")
    )


def _cursor(row: Facility) -> str:
    return base64.urlsafe_b64encode(f"{instant_text(row.recorded_at)} {row.id}".encode()).decode()


def _after(query: Select[Facility], cursor: str | None) -> Select[Facility]:
    if cursor is None:
        return query
    try:
        instant, after = base64.urlsafe_b64decode(cursor.encode()).decode().split(" ")
        recorded_at = parse_instant(instant)
    except (ValueError, binascii.Error, Refusal) as wrong:
        raise BadCursor("This cursor is not one that a page gave: begin again without it", found=cursor[:60]) from wrong
    return query.where(
        or_(Facility.recorded_at > recorded_at, and_(Facility.recorded_at == recorded_at, Facility.id > after))
    )


def _tallies(session: ReadSession, ids: list[str], day: date, then: Known) -> dict[str, dict[tuple[str, str], Money]]:
    """What was posted for each facility, by account and kind of entry."""
    found: dict[str, dict[tuple[str, str], Money]] = defaultdict(lambda: defaultdict(lambda: NOTHING))
    for part in in_parts(ids):
        codes = [f"{root}:{owner}" for owner in part for root in ROOTS]
        for (account, kind), net in nets_of(session, "bank", codes, day, then).items():
            root, _, owner = account.partition(":")
            found[owner][counted_as(root), kind] += net
    return found


def _shown(session: ReadSession, rows: Iterable[Facility], day: date, then: Known) -> list[FacilityView]:
    wanted = list(rows)
    ids = [row.id for row in wanted]
    if not ids:
        return []
    approvers = {
        facility: by
        for part in (listed(session, some) for some in in_parts(ids))
        for facility, by in session.execute(_approved_by(part.form), {"facilities": part.value})
    }
    told, tallies = told_of(session, ids, day, then), _tallies(session, ids, day, then)
    kept, waiting = _their_lives(session, ids, day, then)
    if any(row.product in CONTINGENT for row in wanted):
        for one, over in ended_guarantees(session, day, then).items():
            told[one].append(Told(Fact(REPAYMENT, over.claimable_until + timedelta(days=1), over.guaranteed), ""))
    return [
        _view(
            row,
            _Looked(day, then, told.get(row.id, ()), tallies[row.id], approvers.get(row.id)),
            kept.get(row.id),
            waiting.get(row.id, ()),
        )
        for row in wanted
    ]


def _their_lives(
    session: ReadSession, ids: list[str], day: date, then: Known
) -> tuple[dict[str, Beside], dict[str, tuple[str, ...]]]:
    """What was amended, listed and agreed beside the money of each, and what waits on it."""
    there = any_beside(session, ids, then)
    return (beside(session, ids, day, then) if there.anything else {}), waiting_on(session, ids, then, there)


@dataclass(frozen=True, slots=True)
class _Looked:
    """What a view is made from besides the facility's own row."""

    day: date
    then: Known
    told: Sequence[Told]
    tally: _Tally
    approver: str | None


def _as_amended(row: Facility, kept: Beside | None, day: date) -> tuple[date, date]:
    until, end = row.available_until, row.matures_on
    for made in () if kept is None else kept.amendments:
        if made.effective_on <= day:
            until, end = made.available_until or until, made.matures_on or end
    return until, end


def _course(row: Facility, looked: _Looked, life: Life, figures: FacilityFigures, kept: Beside | None) -> Course:
    until, end = _as_amended(row, kept, looked.day)
    money = life if row.product in CONTINGENT else figures  # of a guarantee, what is promised and not what is paid
    days = {
        kind: latest(told.fact.effective_on for told in looked.told if told.fact.kind == kind)
        for kind in (LAPSE, REPAYMENT)
    }
    return Course(
        state=life.state,
        day=looked.day,
        available_from=row.available_from,
        available_until=until,
        matures_on=end,
        undrawn=figures.undrawn,
        outstanding=money.outstanding,
        drawn=money.drawn,
        heads=kept is not None and kept.heads,
        open_conditions=0 if kept is None else kept.open_conditions,
        conditions=0 if kept is None else kept.conditions,
        withdrawn=any(told.fact.kind == REJECTED and told.actor == row.proposed_by for told in looked.told),
        let_go_on=days[LAPSE],
        ended_on=days[REPAYMENT],
    )


def _with_what_lapsed(row: Facility, looked: _Looked, kept: Beside | None) -> _Looked:
    """What fell away with the availability counts as lapsed from the day after, though nobody has entered it yet."""
    until, _ = _as_amended(row, kept, looked.day)
    if looked.day <= until:
        return looked
    life = life_of(told.fact for told in looked.told)
    root = "9110" if life.state == APPROVED else "9100"
    left = Money.total(net for (code, _), net in looked.tally.items() if code == root)
    gone = lapsed_in_fact(life, left, until, looked.day)
    if gone is None:
        return looked
    entered = looked.tally.get((root, LAPSE), NOTHING)
    return replace(
        looked, told=(*looked.told, Told(gone, "")), tally={**looked.tally, (root, LAPSE): entered - gone.amount}
    )


def _view(row: Facility, looked: _Looked, kept: Beside | None, waiting: tuple[str, ...]) -> FacilityView:
    state = life_of(told.fact for told in looked.told).state
    looked = _with_what_lapsed(row, looked, kept)
    life = life_of(told.fact for told in looked.told)
    state = life.state if row.product in CONTINGENT else state
    figures = _figures(looked.tally, life, row.co_investor_amount)
    course = _course(row, looked, life, figures, kept)
    days = {told.fact.kind: told.fact.effective_on for told in looked.told}
    approved_on = days.get(APPROVED)
    return FacilityView(
        id=row.id,
        name=row.name,
        intermediary=row.intermediary,
        product=row.product,
        product_title=PRODUCTS.get(row.product, row.product),
        amount=row.amount,
        annual_rate=row.annual_rate,
        day_count=row.day_count,
        available_from=row.available_from,
        available_until=course.available_until,
        matures_on=course.matures_on,
        purpose=row.purpose,
        additionality=row.additionality,
        state=state,
        proposed_by=row.proposed_by,
        proposed_on=row.proposed_on,
        approved_by=looked.approver if approved_on is not None else None,
        approved_on=approved_on,
        signed_on=days.get(SIGNED),
        accrued_to=days.get(ACCRUAL),
        recorded_at=row.recorded_at,
        as_at=looked.day,
        known_at=looked.then.instant,
        known_seq=looked.then.seq,
        figures=figures,
        stage=stage_of(course),
        pending=waiting,
    )
