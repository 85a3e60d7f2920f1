"""What a facility is expected to bring in is told by one fund manager with its basis, and approved by another."""

from __future__ import annotations

from datetime import date
from functools import partial

from bank.allocations.forecasts.model import ReceiptForecast, ReceiptForecastApproval
from bank.allocations.forecasts.queries import ForecastView, courses, forecasts
from bank.allocations.forecasts.rules import (
    Days,
    put_in_by,
    received_by,
    refuse_beyond,
    refuse_unless_forecast,
    sound_flows,
)
from bank.allocations.forecasts.settling import settle
from bank.allocations.model import Facility
from bank.allocations.products.queries import past_of, terms_of
from bank.allocations.products.rules import product_of
from bank.allocations.queries import events
from bank.allocations.recording import take
from bank.allocations.rules import DRAWING, REPAID, SIGNED, WRITTEN_OFF, refuse_before, refuse_unless
from bank.approvals.rules import FORECAST
from bank.approvals.seconding import heard
from bank.people.rules import FUND_MANAGER
from bank.treasury.rules import BadTerms, happened_by
from ledger import trail
from ledger.agreeing import second
from ledger.dates import CALENDAR_ENDS
from ledger.expected_receipts import Flows, original_rate
from ledger.money import NOTHING, Money
from ledger.periods import open_day
from ledger.queries import watermark
from ledger.refusals import NotFound
from ledger.store.work import Work, command

_SIGNED = (SIGNED, DRAWING, REPAID, WRITTEN_OFF)


class NoSuchForecast(NotFound):
    """No forecast of this id."""

    slug = "no-such-forecast"


@command
def propose_forecast(
    work: Work,
    *,
    facility: str,
    from_on: date,
    receive: Days,
    basis: str,
    key: str,
    pay: Days = (),
) -> ForecastView:
    """Tell what a facility is expected to bring in after a day, day by day, and what that rests on.

    What is still to be paid under it is told in `pay`; with nothing to receive, nothing more is expected. Nothing is in
    force until another fund manager approves it. Refuses more than the contract's cap lets come, and a product whose
    payments are agreed or valued.
    """
    work.actor.require(FUND_MANAGER)
    del key
    happened_by(from_on, work.today, "A forecast")
    row, life = take(work, facility)
    refuse_unless_forecast(product_of(row.product))
    refuse_unless(life.state, _SIGNED, "forecast")
    refuse_before(from_on, _signed_on(work, row), "it was signed")
    if not basis.strip():
        raise BadTerms("Say what the forecast rests on: a business plan, accounts, a letter of the intermediary")
    flows = sound_flows(from_on, receive, pay)
    _refuse_beyond(work, row, from_on, flows)
    made = ReceiptForecast(
        id=work.new_id("fct"),
        facility_id=row.id,
        from_on=from_on,
        flows=[[str(day), str(amount)] for day, amount in flows],
        basis=basis.strip(),
        proposed_by=work.actor.id,
        recorded_at=work.now,
    )
    work.session.add(made)
    work.session.flush()
    told = [f"{day} {amount}" for day, amount in flows]
    trail.record(
        work,
        action="allocation.propose-forecast",
        subject=row.id,
        reason=made.basis,
        forecast=made.id,
        from_on=from_on,
        flows=told,
    )
    return _forecast(work, made.id)


@command
def approve_forecast(work: Work, *, id: str, key: str) -> ForecastView:  # noqa: A002 -- what a forecast is known by
    """Approve what somebody else forecast; of two forecasts for one day the later approved counts.

    The first from which a rate can be found gives the original effective rate, which stays. Every other makes the
    carrying amount what it is worth at that rate, a gain or loss of its day (IFRS 9, B5.4.6); where that day is closed,
    of the first that is open. Refuses a first forecast from which no rate can be found.
    """
    del key
    proposed = _forecast(work, id)
    row, _ = take(work, proposed.facility)
    agreed_by_all = heard(work, proposed, "forecast", act=FORECAST, amount=row.amount)
    flows = tuple((each.on, each.amount) for each in proposed.flows)
    _refuse_beyond(work, row, proposed.from_on, flows)
    if not agreed_by_all:
        return _forecast(work, id)
    before = _rate_by(work, row, proposed.from_on)
    approval = partial(ReceiptForecastApproval, forecast_id=id)
    second(work, proposed, "forecast", approval, action="allocation.approve-forecast")
    if not before:
        _refuse_without_rate(work, row, proposed.from_on, flows)
    entered, original = open_day(proposed.from_on, watermark(work.session))
    settle(work, row, entered, true_on=original)
    return _forecast(work, id)


def _refuse_beyond(work: Work, row: Facility, from_on: date, flows: Flows) -> None:
    past = past_of(work.session, row.id)
    terms = terms_of(work.session, row.id, product_of(row.product))
    undrawn = row.amount - put_in_by(past, from_on)
    refuse_beyond(flows, received_by(past, from_on), terms.money("cap"), undrawn)


def _rate_by(work: Work, row: Facility, day: date) -> bool:
    course = courses(work.session, [row.id]).get(row.id)
    return course is not None and course.expectations.at(day).rate is not None


def _refuse_without_rate(work: Work, row: Facility, from_on: date, flows: Flows) -> None:
    """Pass when a rate was found, or money has still to be paid before one can be."""
    standing = courses(work.session, [row.id])[row.id].expectations.at(from_on)
    carried = Money.round_half_up(standing.carried)
    if standing.rate is None and carried > NOTHING:
        reason = original_rate(carried, flows, from_on).reason
        raise BadTerms(
            f"From {carried} carried on {from_on} and what is expected no effective rate can be found: {reason}. Tell "
            "what is expected to come, or leave the contract's split of receipts as it is",
            carried=str(carried),
        )


def _signed_on(work: Work, row: Facility) -> date:
    told = events(work.session, row.id, as_at=CALENDAR_ENDS)
    return min(event.effective_on for event in told if event.kind == SIGNED)


def _forecast(work: Work, wanted: str) -> ForecastView:
    row = work.session.get(ReceiptForecast, wanted)
    if row is None:
        raise NoSuchForecast(f"There is no forecast {wanted!r:.60}")
    return next(each for each in forecasts(work.session, row.facility_id) if each.id == wanted)
