"""Looks at limits: which were made, what each reads for an act before it is decided, and what stood before others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, Final

from sqlalchemy import Select, bindparam, select

from bank.allocations.life.model import FacilityProfile
from bank.allocations.life.queries import ended, profiles
from bank.allocations.products.queries import terms_of_all
from bank.allocations.products.registry import AT_RISK, PRODUCTS
from bank.allocations.queries import FacilityView, all_facilities, facility
from bank.approvals.rules import APPROVED
from bank.capital.queries import balance_sheet, paid_in
from bank.capital.reference import BALANCE_SHEET, DORMANT_CAPITAL
from bank.capital.rules import limit_on
from bank.limits.model import HouseEvaluation, LendingLimit, LendingLimitDecision, LimitEvaluation
from bank.limits.placing import PLACES, at_the_front_line, placed
from bank.limits.rules import (
    ACTS,
    DESCRIBE,
    HOUSE_ACTS,
    KINDS,
    OF_THE_HOUSE,
    RECALLABLE,
    Act,
    Limit,
    Mark,
    Position,
    Reading,
    Stake,
    in_force,
    of_both,
    readings,
    redescribed,
    shown,
)
from bank.limits.waiving import WITHOUT_END, Leave, leave_for, waivers_on
from bank.treasury.placements.queries import placed_with
from bank.treasury.placements.rules import placing_book
from bank.treasury.rules import LIQUID, PROMISED, BadTerms
from intermediaries.loans.lent.queries import lent
from intermediaries.loans.views import Lent
from intermediaries.register.queries import names
from ledger.money import NOTHING, Money
from ledger.queries import Known, balances_under, known, turnover
from ledger.refusals import NotFound
from ledger.store.database import ReadSession
from ledger.store.work import View

_YEAR: Final = timedelta(days=365)


class LimitView(View):
    """A limit as proposed, and what became of it."""

    id: str
    kind: str
    title: str
    scope: str
    amount: Money | None
    share: Decimal | None
    share_of: str
    hard: bool
    waivable_by: str
    from_on: date
    basis: str
    proposed_by: str
    proposed_at: datetime
    decision: str | None
    decided_by: str | None
    decided_at: datetime | None
    in_force: bool


class ReadingView(View):
    """A limit with its figure before an act and after it."""

    limit: str
    kind: str
    scope: str
    hard: bool
    floor: bool
    before: str
    after: str
    bound: str
    within: bool
    waived_by_request: str
    waived_until: str = ""
    """The last day on which the waiver holds, or that it was given without an end; empty where none is used."""
    waivable_by: str
    note: str


class EvaluationView(View):
    """Every limit that bears on an act, as it would stand after it. Shown before the act, and kept with it."""

    id: str
    facility: str
    """What is decided on: a facility, or of the bank's own money the subscription or placement."""
    action: str
    amount: Money
    effective_on: date
    would_pass: bool
    needs_reason: bool
    readings: tuple[ReadingView, ...]
    reason: str
    decided_by: str
    decided_at: datetime | None


class NoSuchLimit(NotFound):
    """No limit of this id."""

    slug = "no-such-limit"


def limits_table(session: ReadSession, *, as_at: date | None = None, at: Known | None = None) -> list[LimitView]:
    """Every limit that was proposed, in the order proposed, and whether it holds on the day."""
    then, day = at or known(session), as_at or session.now.date()
    holding = {limit.id for limit in limits_in_force(session, day, then)}
    rows = session.execute(
        select(LendingLimit, LendingLimitDecision)
        .outerjoin(LendingLimitDecision, LendingLimitDecision.limit_id == LendingLimit.id)
        .where(LendingLimit.recorded_at <= then.instant)
        .order_by(LendingLimit.recorded_at, LendingLimit.id)
    )
    return [
        _limit_view(row.LendingLimit, row.LendingLimitDecision, then.instant, row.LendingLimit.id in holding)
        for row in rows
    ]


def limit(session: ReadSession, wanted: str, at: Known | None = None) -> LimitView:
    """A limit by its id; refuses an unknown one."""
    for one in limits_table(session, at=at):
        if one.id == wanted:
            return one
    raise NoSuchLimit(f"There is no limit {wanted!r:.60}: list them with `bank limit list`")


def limits_in_force(session: ReadSession, day: date, at: Known | None = None) -> list[Limit]:
    """The limits that hold on a day, as known then."""
    rows = session.execute(_approved(then=at is not None), {} if at is None else {"instant": at.instant})
    return in_force((_limit(row, approved_at) for row, approved_at in rows), day)


@cache
def _approved(*, then: bool) -> Select[LendingLimit, datetime]:
    query = (
        select(LendingLimit, LendingLimitDecision.recorded_at)
        .join(LendingLimitDecision, LendingLimitDecision.limit_id == LendingLimit.id)
        .where(LendingLimitDecision.decision == APPROVED)
    )
    return query.where(LendingLimitDecision.recorded_at <= bindparam("instant")) if then else query


def limits_bearing(session: ReadSession, day: date) -> list[Limit]:
    """The limits that an act of a day is held to: those of its day, and those that hold now."""
    today = session.now.date()
    then = limits_in_force(session, day)
    return of_both(then, then if day == today else limits_in_force(session, today))


def scopes(session: ReadSession, kind: str) -> set[str]:
    """What a limit of a kind may be narrowed to: the products, the intermediaries of the register, the regions."""
    if kind == "intermediary":
        return set(names(session))
    return set(PLACES if kind == "region" else PRODUCTS)


def outside_limits(day: date) -> list[Limit]:
    """The limits from outside that hold on a day, as reference data says, each with its source."""
    found = (limit_on(code, day) for code in (DORMANT_CAPITAL, BALANCE_SHEET))
    return [
        Limit(
            one.code, one.code, "", one.amount, None, hard=True, waivable_by="", from_on=one.from_on, source=one.source
        )
        for one in found
        if one is not None
    ]


def house_readings(session: ReadSession, act: Act, day: date) -> list[Reading]:
    """Every limit that bears on an act on the bank's own money, from outside and of its own making."""
    outside = of_both(outside_limits(day), outside_limits(session.now.date()))
    limits = [*outside, *limits_bearing(session, day)]
    bearing = [limit for limit in limits if act.action in KINDS[limit.kind].acts]
    return readings(bearing, house_position(session, day, act.book), act) if bearing else []


def house_position(session: ReadSession, day: date, book: str = "bank") -> Position:
    """What limits on the bank's own money are read from: the more of what stood on a day and what stands now.

    Cash and what is placed are those of the book that places: a limit on a counterparty holds for each by itself.
    """
    return Position(
        capital=paid_in(session).total,
        liquid=_sum(session, LIQUID, book),
        from_dormant=max(paid_in(session, day).a_shares, paid_in(session).a_shares),
        balance_sheet=max(balance_sheet(session, day), balance_sheet(session)),
        placed=placed_with(session, book),
    )


def house_evaluation(session: ReadSession, act: Act, *, on: date | None = None) -> EvaluationView:
    """What every limit would read if this were now done with the bank's own money: to be looked at before."""
    day = on or session.now.date()
    _sound_action(act.action)
    placing_book(act.book)
    return evaluated(session, "", act, day, house_readings(session, act, day))


def house_evaluations(session: ReadSession, subject: str, at: Known | None = None) -> list[EvaluationView]:
    """What stood before a decision on the bank's own money."""
    then = at or known(session)
    rows = session.scalars(
        select(HouseEvaluation)
        .where(HouseEvaluation.subject == subject, HouseEvaluation.recorded_at <= then.instant)
        .order_by(HouseEvaluation.recorded_at, HouseEvaluation.id)
    )
    return [_kept(row, row.subject) for row in rows]


def evaluation(
    session: ReadSession,
    facility: str,
    *,
    action: str,
    amount: Money | None = None,
    co_investor_amount: Money = NOTHING,
    on: date | None = None,
    mark: Mark | None = None,
) -> EvaluationView:
    """What every limit would read if a facility were approved, signed or drawn on: to be looked at before.

    Or if it were described by a `mark`, of which None is left as it is. The limits of the day and those of today hold.
    """
    day = on or session.now.date()
    _sound_action(action)
    view = _facility(session, facility)
    at_risk = exposures(session).get(view.id, NOTHING) if action == DESCRIBE else view.amount
    whole = at_risk if amount is None else amount
    act = Act(action, whole, co_investor_amount, received=whole if action == RECALLABLE else NOTHING)
    limits = [limit for limit in limits_bearing(session, day) if limit.kind not in OF_THE_HOUSE]
    told = marked(session, view.id, mark) if action == DESCRIBE else None
    found = read_for(session, view, limits, act, told) if limits else []
    return evaluated(session, view.id, act, day, found)


def read_for(
    session: ReadSession, of: FacilityView, limits: Sequence[Limit], act: Act, mark: Mark | None = None
) -> list[Reading]:
    """What limits read for an act on a facility; with a mark, for its being told to be of that sort."""
    now = position(session, of, limits)
    return (
        readings(limits, now, act)
        if mark is None
        else redescribed(limits, now, position(session, of, limits, mark), act)
    )


def marked(session: ReadSession, facility: str, mark: Mark | None) -> Mark:
    """What sort of risk a facility would be told to be, once what is new is told: None is left as it is."""
    new, stands = mark or Mark(None, None, None), profiles(session, [facility]).get(facility)
    if stands is None:
        return new
    return Mark(
        stands.region if new.region is None else new.region,
        stands.secured if new.secured is None else new.secured,
        stands.first_loss if new.first_loss is None else new.first_loss,
    )


def evaluated(session: ReadSession, facility: str, act: Act, day: date, found: list[Reading]) -> EvaluationView:
    """Readings as they are shown and kept."""
    given = waivers_on(session, facility) if facility and found else {}
    lines = tuple(_reading_view(reading, leave_for(reading, given)) for reading in found)
    return EvaluationView(
        id="",
        facility=facility,
        action=act.action,
        amount=act.amount,
        effective_on=day,
        would_pass=all(line.within or not line.hard or line.waived_by_request for line in lines),
        needs_reason=any(not line.within and not line.hard for line in lines),
        readings=lines,
        reason="",
        decided_by="",
        decided_at=None,
    )


def evaluations(session: ReadSession, facility: str, at: Known | None = None) -> list[EvaluationView]:
    """What stood before each decision on a facility, in the order decided."""
    then = at or known(session)
    rows = session.scalars(
        select(LimitEvaluation)
        .where(LimitEvaluation.facility_id == facility, LimitEvaluation.recorded_at <= then.instant)
        .order_by(LimitEvaluation.recorded_at, LimitEvaluation.id)
    )
    return [_kept(row, row.facility_id) for row in rows]


def position(session: ReadSession, of: FacilityView, limits: Iterable[Limit], mark: Mark | None = None) -> Position:
    """All that limits are read from, as it stands now: what was promised or paid since counts, whatever its day.

    With a mark, as it would stand were the facility told to be of that sort.
    """
    views = all_facilities(session, as_at=date.max)
    marks: dict[str, FacilityProfile | Mark] = {**profiles(session, [view.id for view in views])}
    if mark is not None:
        marks[of.id] = mark
    exposed, told = exposures(session), terms_of_all(session)
    wanted = {one.kind for one in limits}
    loans = lent(session, session.now.date(), known(session)) if wanted & {"borrower", "region"} else []
    lent_on = at_the_front_line(loans)
    stakes = {
        view.id: stake_of(view, exposed.get(view.id, NOTHING), marks.get(view.id), told.get(view.id, {}), lent_on)
        for view in views
    }
    today = session.now.date()
    gone = ended(session, today)
    return Position(
        stakes=tuple(stakes.values()),
        of=stakes.get(of.id) or stake_of(of, NOTHING, marks.get(of.id), {}, {}),
        capital=paid_in(session, None, None).total,
        liquid=_sum(session, LIQUID),
        promised=_sum(session, PROMISED) - Money.total(each.no_more for each in gone),
        in_principle=_sum(session, ("9110",)) - Money.total(each.in_principle for each in gone),
        costs=turnover(session, "bank", "5100", today - _YEAR + timedelta(days=1), today).net,
        borrowers=_borrowers(loans, of.intermediary) if "borrower" in wanted else {},
    )


def exposures(session: ReadSession, as_at: date | None = None, at: Known | None = None) -> dict[str, Money]:
    """What the bank has at risk in each facility: promised, guaranteed, lent and invested, by its own book."""
    found: defaultdict[str, Money] = defaultdict(lambda: NOTHING)
    for root in AT_RISK:
        for code, balance in balances_under(session, "bank", root, as_at, at).items():
            _, _, below = code.partition(":")
            if below:
                found[below.partition(":")[0]] += balance
    for each in ended(session, as_at or session.now.date(), at):
        found[each.facility] -= each.no_more + each.in_principle
    return dict(found)


def _borrowers(loans: Sequence[Lent], intermediary: str) -> dict[str, Money]:
    """The bank's part of what borrowers owe, through every intermediary, for those that this one lends to."""
    owed: defaultdict[str, Money] = defaultdict(lambda: NOTHING)
    named: dict[str, str] = {}
    for loan in loans:
        owed[loan.organisation] += loan.outstanding
        if loan.intermediary == intermediary and loan.outstanding:
            named[loan.organisation] = loan.borrower_name
    return {f"{name} ({organisation})": owed[organisation] for organisation, name in named.items()}


def stake_of(
    view: FacilityView,
    exposure: Money,
    mark: FacilityProfile | Mark | None,
    told: Mapping[str, str],
    lent_on: Mapping[str, Mapping[str, Money]],
) -> Stake:
    """A facility as limits see it: by what is recorded of it, and where nothing is, by what its product's terms say."""
    region = None if mark is None else mark.region
    secured = None if mark is None else mark.secured
    first_loss = None if mark is None else mark.first_loss
    if secured is None and "security" in told:
        secured = told["security"] == "secured"
    if Decimal(told.get("first_loss", "0")):
        first_loss = True
    return Stake(
        facility=view.id,
        intermediary=view.intermediary,
        product=view.product,
        contingent=PRODUCTS[view.product].contingent,
        exposure=exposure,
        region=region,
        secured=secured,
        first_loss=first_loss,
        signed=view.figures.signed,
        drawn=view.figures.drawn,
        co_signed=view.figures.co_investor_signed,
        co_drawn=view.figures.co_investor_drawn,
        regions=placed(exposure, lent_on.get(view.id, {}), region),
    )


def _sum(session: ReadSession, codes: tuple[str, ...], book: str = "bank") -> Money:
    return Money.total(balance for code in codes for balance in balances_under(session, book, code).values())


def _facility(session: ReadSession, wanted: str) -> FacilityView:
    return facility(session, wanted, as_at=date.max)


def _sound_action(action: str) -> None:
    known_acts = [*ACTS, *HOUSE_ACTS]
    if action not in known_acts:
        raise BadTerms(f"Limits are read for {', '.join(known_acts)}, not for {action!r:.40}")


def _limit(row: LendingLimit, approved_at: datetime) -> Limit:
    return Limit(
        row.id, row.kind, row.scope, row.amount, row.share, row.hard, row.waivable_by, row.from_on, approved_at
    )


def _reading_view(reading: Reading, leave: Leave | None) -> ReadingView:
    limit = reading.limit
    return ReadingView(
        limit=limit.id,
        kind=limit.kind,
        scope=limit.scope,
        hard=limit.hard,
        floor=KINDS[limit.kind].floor,
        before=shown(reading.before),
        after=shown(reading.after),
        bound=shown(reading.bound),
        within=reading.within,
        waived_by_request="" if leave is None else leave.request,
        waived_until="" if leave is None else leave.ends,
        waivable_by=limit.waivable_by,
        note=reading.note,
    )


def _with_its_end(line: Mapping[str, Any]) -> dict[str, Any]:
    """A reading as it was kept; one from before waivers had an end rested on one that has none."""
    return {"waived_until": WITHOUT_END if line["waived_by_request"] else "", **line}


def _kept(row: LimitEvaluation | HouseEvaluation, subject: str) -> EvaluationView:
    lines = tuple(ReadingView.model_validate(_with_its_end(line)) for line in row.readings)
    return EvaluationView(
        id=row.id,
        facility=subject,
        action=row.action,
        amount=row.amount,
        effective_on=row.effective_on,
        would_pass=True,
        needs_reason=any(not line.within and not line.hard for line in lines),
        readings=lines,
        reason=row.reason,
        decided_by=row.actor,
        decided_at=row.recorded_at,
    )


def _limit_view(
    row: LendingLimit,
    decided: LendingLimitDecision | None,
    until: datetime,
    holds: bool,  # noqa: FBT001 -- a mark of the row
) -> LimitView:
    told = decided if decided is not None and decided.recorded_at <= until else None
    return LimitView(
        id=row.id,
        kind=row.kind,
        title=KINDS[row.kind].title,
        scope=row.scope,
        amount=row.amount,
        share=row.share,
        share_of=KINDS[row.kind].share_of if row.share is not None else "",
        hard=row.hard,
        waivable_by=row.waivable_by,
        from_on=row.from_on,
        basis=row.basis,
        proposed_by=row.proposed_by,
        proposed_at=row.recorded_at,
        decision=None if told is None else told.decision,
        decided_by=None if told is None else told.decided_by,
        decided_at=None if told is None else told.recorded_at,
        in_force=holds,
    )
