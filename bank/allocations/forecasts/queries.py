"""Looks at forecasts: as proposed and approved, what each did to the carrying amount, and the course they make."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import and_, or_, select

from bank.allocations.forecasts.model import ReceiptForecast, ReceiptForecastApproval
from bank.allocations.forecasts.rules import Course, Posted, Told
from bank.allocations.many.queries import in_parts
from bank.allocations.model import FacilityEvent
from bank.allocations.products.model import ProductEvent
from bank.allocations.products.shape import Happened
from bank.allocations.queries import facility as facility_as_it_stands
from ledger.dates import parse_day
from ledger.expected_receipts import Forecast
from ledger.money import NOTHING, Money
from ledger.queries import Known, known, moves_of
from ledger.store.database import ReadSession
from ledger.store.listed import one_of
from ledger.store.outcomes import ProposalOutcome
from ledger.store.proposals import TurnedDown, outcome_of, proposals
from ledger.store.work import View

_PLACES = 12
_DAY = timedelta(days=1)

_Told = tuple[ReceiptForecast, ReceiptForecastApproval | None, ProposalOutcome | None]
"""A forecast, its approval, and how it ended."""


class ExpectedView(View):
    """A day of a forecast; what is still to be paid out is negative."""

    on: date
    amount: Money


class ForecastView(View):
    """A forecast as proposed and, once another fund manager agreed, approved.

    `rate` is the original effective rate, `carried` what is carried at the close of its day, and `caught_up` what it
    made of that amount as a gain or, negative, a loss: none of a forecast that is not in force on its day.
    """

    id: str
    facility: str
    from_on: date
    flows: tuple[ExpectedView, ...]
    expected: Money
    to_pay: Money
    basis: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    state: str
    turned_down: TurnedDown | None
    rate: Decimal | None
    carried: Money | None
    caught_up: Money | None


def forecasts(
    session: ReadSession, facility: str, *, at: Known | None = None, intermediary: str | None = None
) -> list[ForecastView]:
    """Every forecast of a facility by then, in the order of their days; of two for one day the later approved last."""
    then = at or known(session)
    facility_as_it_stands(session, facility, at=then, intermediary=intermediary)
    found = _rows(session, [facility], then)
    course = courses(session, [facility], at=then).get(facility)
    return [_shown(told, course, _in_force(found)) for told in found]


def courses(session: ReadSession, ids: Iterable[str], *, at: Known | None = None) -> dict[str, Course]:
    """The course of each of some facilities that has an approved forecast, as known then, read together."""
    then, wanted = at or known(session), list(ids)
    told: defaultdict[str, list[Forecast]] = defaultdict(list)
    for row, approval, _ in _rows(session, wanted, then):
        if approval is not None:
            told[row.facility_id].append(_forecast(row))
    happened = _events(session, told, then)
    lines: defaultdict[str, list[Posted]] = defaultdict(list)
    for part in in_parts(told):
        for line in moves_of(session, "bank", [f"4000:{one}" for one in part], then):
            lines[line.account.partition(":")[2]].append(Posted(line.effective_on, line.kind, -line.amount))
    return {one: Course(tuple(happened[one]), tuple(told[one]), tuple(lines[one])) for one in told}


def carried_on(session: ReadSession, facility: str, day: date) -> Money | None:
    """What a facility is carried at on a day by its forecasts; none up to the day at whose close a rate was found.

    What happens on that day itself is told as the contract splits it, for a forecast is of the end of its day.
    """
    course = courses(session, [facility]).get(facility)
    if course is None:
        return None
    standing = course.expectations.at(day)
    return None if standing.since is None or day <= standing.since else Money.round_half_up(standing.carried)


def in_force(session: ReadSession, facility: str, day: date, at: Known) -> ForecastView | None:
    """The forecast that a facility is carried by at the close of a day, once a rate was found; none before."""
    course = courses(session, [facility], at=at).get(facility)
    if course is None or course.expectations.at(day).rate is None:
        return None
    told = [each for each in forecasts(session, facility, at=at) if each.approved_at is not None]
    return [each for each in told if each.from_on <= day][-1]


def income_missing(session: ReadSession, ids: Iterable[str], day: date) -> dict[str, Money]:
    """What the books lack, for each of some facilities, of what it earned and caught up with by a day."""
    lacking = {one: course.wanting([day]) for one, course in courses(session, ids).items()}
    return {
        one: Money.total(abs(each.income) + abs(each.caught_up) for each in all_)
        for one, all_ in lacking.items()
        if all_
    }


def _rows(session: ReadSession, ids: Iterable[str], then: Known) -> list[_Told]:
    """Forecasts by their days, and those of one day by their approvals; what is approved later is not approved yet."""
    link = ReceiptForecastApproval.forecast_id
    found: list[_Told] = []
    for part in in_parts(ids):
        found += proposals(
            session,
            ReceiptForecast,
            ReceiptForecastApproval,
            link,
            then.instant,
            of=ReceiptForecast.facility_id,
            listed_in=part,
        )
    return sorted(found, key=lambda each: (each[0].from_on, (each[1] or each[0]).recorded_at, each[0].id))


def _events(session: ReadSession, ids: Iterable[str], then: Known) -> dict[str, list[Told]]:
    found: defaultdict[str, list[Told]] = defaultdict(list)
    for part in in_parts(ids):
        rows = session.execute(
            select(ProductEvent, FacilityEvent.effective_on)
            .join(FacilityEvent, FacilityEvent.id == ProductEvent.id)
            .where(
                one_of(session, ProductEvent.facility_id, part),
                or_(
                    FacilityEvent.seq <= then.seq,
                    and_(FacilityEvent.seq.is_(None), FacilityEvent.recorded_at <= then.instant),
                ),
            )
            .order_by(FacilityEvent.facility_id, FacilityEvent.number)
        )
        for row, entered_on in rows:
            happened = Happened(row.verb, row.happened_on, row.told, row.value, row.cost, row.unrealised)
            found[row.facility_id].append(Told(happened, entered_on))
    return found


def _forecast(row: ReceiptForecast) -> Forecast:
    return Forecast(row.from_on, tuple((parse_day(day), Money.parse(amount)) for day, amount in row.flows))


def _in_force(found: Iterable[_Told]) -> set[str]:
    """The forecast that counts for each day: of those approved, the last."""
    return set({row.from_on: row.id for row, approval, _ in found if approval is not None}.values())


def _shown(told: _Told, course: Course | None, counts: set[str]) -> ForecastView:
    row, approval, ended = told
    flows = _forecast(row).flows
    rate = carried = caught_up = None
    if course is not None and row.id in counts:
        now, before = (course.expectations.at(day) for day in (row.from_on, row.from_on - _DAY))
        if now.rate is not None:
            rate, carried = round(now.rate, _PLACES), Money.round_half_up(now.carried)
            caught_up = Money.round_half_up(now.caught_up - before.caught_up)
    return ForecastView(
        id=row.id,
        facility=row.facility_id,
        from_on=row.from_on,
        flows=tuple(ExpectedView(on=on, amount=amount) for on, amount in flows),
        expected=Money.total(amount for _, amount in flows if amount > NOTHING),
        to_pay=-Money.total(amount for _, amount in flows if amount < NOTHING),
        basis=row.basis,
        **outcome_of(row, approval, ended),
        rate=rate,
        carried=carried,
        caught_up=caught_up,
    )
