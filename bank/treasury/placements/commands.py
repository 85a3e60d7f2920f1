"""The verbs of treasury: place a book's money, accrue what it earns, take its income, turn it into cash again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from bank.approvals.commands import refuse_unapproved
from bank.approvals.rules import PLACE as PLACING
from bank.limits.commands import judge_house
from bank.limits.rules import PLACE, Act
from bank.people.rules import FUND_MANAGER, sound_name
from bank.stress.policing import refuse_placement_under_stress
from bank.treasury.commands import hold_headroom, posted
from bank.treasury.placements.bounds.queries import bounds_on
from bank.treasury.placements.effective import carried, effective_rate
from bank.treasury.placements.model import Placement, PlacementEvent, PlacementRebate
from bank.treasury.placements.queries import (
    PlacementView,
    events_of,
    gone,
    placement,
    placements,
    rebated_on,
    terms_of,
)
from bank.treasury.placements.rules import (
    ACCRUAL,
    INCOME,
    REALISATION,
    SORTS,
    Gone,
    Terms,
    cost_of,
    earned,
    interest_had,
    interest_met,
    measured_as,
    placing_book,
    refuse_unlikely_interest,
    refuse_unlikely_proceeds,
    sound_terms,
)
from bank.treasury.queries import lowest_balance
from bank.treasury.rules import BadTerms, happened_by, not_negative, positive, refuse_over_cash
from ledger import trail
from ledger.commands import sub_accounts
from ledger.daycounts import DayCount
from ledger.entries import Entry, Posting
from ledger.money import NOTHING, Money
from ledger.store.work import View, Work, command

_KIND: Final = "treasury"
_DUE: Final = "1150"
_EARNED: Final = "4100"
_GAIN: Final = "4040"
_LOSS: Final = "5040"


class TreasuryAccrual(View):
    """What every placement has earned by a day and was not told yet: interest, and what of a discount has come in.

    What is amortised of a premium is below nothing, for it was paid and does not come back.
    """

    until: date
    placements: int
    accrued: Money
    amortised: Money


@command
def place(
    work: Work,
    *,
    sort: str,
    counterparty: str,
    amount: Money,
    on: date,
    book: str = "bank",
    rate: Decimal | None = None,
    matures_on: date | None = None,
    nominal: Money | None = None,
    interest_bought: Money = NOTHING,
    interest_rebated: Money = NOTHING,
    day_count: DayCount = DayCount.ACT_365F,
    measured: str | None = None,
    coupons: int = 0,
    note: str = "",
    key: str,
) -> PlacementView:
    """Place cash of the bank or of the reclaim fund: on deposit, in a short gilt, or in a money-market fund.

    `amount` is what it costs; a gilt has its nominal beside it, and the interest that was bought with it on top or,
    bought without its next coupon, taken off; and tells how it is measured: at cost, or at amortised cost by the
    effective rate found here. Refuses more than the book's cash at the bank, and what would pass a limit on the
    counterparty.
    """
    work.actor.require(FUND_MANAGER)
    del key
    happened_by(on, work.today, "A placement")
    whole = amount if nominal is None else nominal
    days = (DayCount(day_count), on, matures_on)
    bought = interest_had(interest_bought, interest_rebated)
    told = Terms(sort, amount, whole, bought, rate, *days, measured_as(sort, measured), coupons)
    terms = sound_terms(told, bounds_on(work.session, on))
    hold_headroom(work)
    whose = placing_book(book)
    refuse_over_cash(amount + bought, lowest_balance(work.session, book, "1000", on), whose)
    with_whom, made = sound_name(counterparty), work.new_id("plc")
    judge_house(work, made, Act(PLACE, amount, counterparty=with_whom, book=book), on, note)
    refuse_placement_under_stress(work, book, terms)
    refuse_unapproved(work, PLACING, book, amount + bought, with_whom)
    row = _row(work, made, book, with_whom, terms, note)
    _open(work, row)
    said = f"{SORTS[sort].title} placed with {with_whom}"
    legs = (
        Posting(f"{terms.account}:{made}", amount),
        Posting(f"{_DUE}:{made}", bought),
        Posting("1000", -(amount + bought)),
    )
    row.seqs = posted(work, [_entry(book, made, on, said, legs)])
    _keep(work, row, interest_rebated)
    facts = {"book": book, "sort": sort, "measured": terms.measured}
    return _told(work, "place", made, counterparty=with_whom, amount=amount, on=on, seqs=row.seqs, **facts)


@command
def accrue_treasury(work: Work, *, until: date, book: str | None = None, key: str) -> TreasuryAccrual:
    """Accrue what every placement has earned to a day, of one book or of all: what is missing, so twice is once."""
    work.actor.require(FUND_MANAGER)
    del key
    hold_headroom(work)
    happened_by(until, work.today, "An accrual")
    if book is not None:
        placing_book(book)
    found = [_put_right(work, each.id, until) for each in _still_open(work, book)]
    done = TreasuryAccrual(
        until=until,
        placements=sum(any(each) for each in found),
        accrued=Money.total(interest for interest, _ in found),
        amortised=Money.total(amortised for _, amortised in found),
    )
    trail.record(work, action="treasury.accrue", subject=str(until), book=book or "", **done.model_dump(mode="json"))
    return done


@command
def take_income(work: Work, *, placement: str, amount: Money, on: date, note: str = "", key: str) -> PlacementView:
    """Take in what a placement pays while it lasts: interest, a coupon, a fund's income.

    It meets what was accrued, which is brought to the day first; what goes beyond is income of that day. Refuses
    interest beyond what is accrued and one more coupon, or year, would bring.
    """
    work.actor.require(FUND_MANAGER)
    del key
    positive(amount, "Income")
    view = _take(work, placement, on)
    refuse_unlikely_interest(view.terms, view.nominal_left, view.interest_due, amount, on)
    met, beyond = interest_met(amount, view.interest_due)
    legs = (Posting("1000", amount), Posting(f"{_DUE}:{placement}", -met), Posting(f"{_EARNED}:{placement}", -beyond))
    said = f"Income of {view.counterparty}"
    _happened(work, view.book, placement, INCOME, on, said, legs, amount=amount, interest=amount, note=note)
    return _told(work, "income", placement, amount=amount, on=on)


@command
def realise(
    work: Work,
    *,
    placement: str,
    proceeds: Money,
    on: date,
    interest: Money = NOTHING,
    nominal: Money | None = None,
    note: str = "",
    key: str,
) -> PlacementView:
    """Turn a placement into cash, at its end or before it: all that is left, or a part of its nominal.

    `proceeds` is what came for the capital and `interest` what came beside it. Beyond what it stands at is a gain,
    short of it a loss; interest accrued that did not come with the last part is taken back. Refuses more than is left,
    proceeds of a deposit beyond it, a price that no short gilt has, and interest that cannot have been earned.
    """
    work.actor.require(FUND_MANAGER)
    del key
    not_negative(proceeds, "Proceeds")
    not_negative(interest, "Interest")
    view = _take(work, placement, on)
    part = view.nominal_left if nominal is None else nominal
    cost = _stood_at(work, view, part, on)
    refuse_unlikely_proceeds(view.terms, part, proceeds, bounds_on(work.session, on))
    refuse_unlikely_interest(view.terms, view.nominal_left, view.interest_due, interest, on)
    met, beyond = interest_met(interest, view.interest_due)
    never_came = view.interest_due - met if part == view.nominal_left and view.rate is not None else NOTHING
    legs = (
        Posting("1000", proceeds + interest),
        Posting(f"{_LOSS}:{placement}", max(cost - proceeds, NOTHING)),
        Posting(f"{view.terms.account}:{placement}", -cost),
        Posting(f"{_DUE}:{placement}", -(met + never_came)),
        Posting(f"{_EARNED}:{placement}", never_came - beyond),
        Posting(f"{_GAIN}:{placement}", -max(proceeds - cost, NOTHING)),
    )
    said = f"{view.title} with {view.counterparty} turned into cash"
    _happened(
        work,
        view.book,
        placement,
        REALISATION,
        on,
        said,
        legs,
        amount=proceeds + interest,
        interest=interest,
        nominal=part,
        cost=cost,
        note=note,
    )
    _put_right(work, placement, on)
    return _told(work, "realise", placement, proceeds=proceeds, interest=interest, nominal=part, cost=cost, on=on)


def _take(work: Work, placement_id: str, on: date) -> PlacementView:
    """The placement as it stands on a day, held to the commit, with what it has earned by then accrued.

    A day before what has happened to it already is refused.
    """
    hold_headroom(work)
    happened_by(on, work.today, "What comes of a placement")
    view = placement(work.session, placement_id, as_at=date.max)
    moved = [one.effective_on for one in events_of(work.session, placement_id) if one.kind != ACCRUAL]
    latest = max((view.placed_on, *moved))
    if on < latest:
        raise BadTerms(f"{on} is too early: this placement stands as of {latest}")
    if not view.nominal_left:
        raise BadTerms(f"Nothing is left of the placement {placement_id}")
    _put_right(work, placement_id, on)
    return placement(work.session, placement_id, as_at=on)


def _still_open(work: Work, book: str | None) -> list[PlacementView]:
    return placements(work.session, book=book, as_at=date.max, open_only=True)


def _stood_at(work: Work, view: PlacementView, part: Money, on: date) -> Money:
    """What a part of the nominal stands at: in proportion, and so that what is left stands at what it should."""
    cost = cost_of(part, view.nominal_left, view.carried)
    row = _found(work, view.id)
    if row.effective_rate is None:
        return cost
    parts = [*gone(events_of(work.session, view.id)), Gone(on, part, cost)]
    return view.carried - carried(view.terms, row.effective_rate, parts, on)


def _put_right(work: Work, placement_id: str, until: date) -> tuple[Money, Money]:
    """Post what is missing of what a placement has earned by a day, and by each later day to which it was accrued.

    Interest, and what of a premium or a discount belongs to the time gone by. So it stands right on every day to which
    it was ever accrued, in whatever order the days were told; what a late sale leaves too much is taken back.
    """
    row, events = _found(work, placement_id), events_of(work.session, placement_id)
    terms, parts = terms_of(row, rebated_on(work.session, row.id)), gone(events)
    later = {one.effective_on for one in events if one.kind == ACCRUAL and one.effective_on > until}
    interest = amortised = NOTHING
    for day in sorted({until, *later}):
        by_then = [one for one in events if one.effective_on <= day]
        missing = earned(terms, parts, day) - Money.total(one.amount for one in by_then if one.kind == ACCRUAL)
        stands = row.cost + Money.total(one.amortised - one.cost for one in by_then)
        change = carried(terms, row.effective_rate, parts, day) - stands
        if day < row.placed_on or not (missing or change):
            continue
        legs = (
            Posting(f"{_DUE}:{row.id}", missing),
            Posting(f"{terms.account}:{row.id}", change),
            Posting(f"{_EARNED}:{row.id}", -(missing + change)),
        )
        said = f"Interest earned with {row.counterparty}"
        events.append(_happened(work, row.book, row.id, ACCRUAL, day, said, legs, amount=missing, amortised=change))
        interest, amortised = interest + missing, amortised + change
    return interest, amortised


def _found(work: Work, placement_id: str) -> Placement:
    return work.session.get_one(Placement, placement_id)


def _happened(
    work: Work,
    book: str,
    placement_id: str,
    kind: str,
    on: date,
    said: str,
    legs: Sequence[Posting],
    *,
    amount: Money,
    interest: Money = NOTHING,
    nominal: Money = NOTHING,
    cost: Money = NOTHING,
    amortised: Money = NOTHING,
    note: str = "",
) -> PlacementEvent:
    row = PlacementEvent(
        id=work.new_id("ple"),
        placement_id=placement_id,
        number=len(events_of(work.session, placement_id)) + 1,
        kind=kind,
        effective_on=on,
        amount=amount,
        interest=interest,
        nominal=nominal,
        cost=cost,
        amortised=amortised,
        note=note.strip(),
        recorded_at=work.now,
        recorded_by=work.actor.id,
    )
    row.seqs = posted(work, [_entry(book, row.id, on, said, legs)])
    row.seq = row.seqs[0]
    work.session.add(row)
    work.session.flush()
    return row


def _keep(work: Work, row: Placement, rebated: Money) -> None:
    row.seq = row.seqs[0]
    work.session.add(row)
    work.session.flush()
    if rebated:
        work.session.add(PlacementRebate(placement_id=row.id, amount=rebated, recorded_at=work.now))
        work.session.flush()


def _row(work: Work, made: str, book: str, with_whom: str, terms: Terms, note: str) -> Placement:
    return Placement(
        id=made,
        book=book,
        sort=terms.sort,
        counterparty=with_whom,
        cost=terms.cost,
        nominal=terms.nominal,
        interest_bought=max(terms.interest_bought, NOTHING),
        rate=terms.rate,
        day_count=terms.day_count,
        measured=terms.measured,
        coupons=terms.coupons,
        effective_rate=effective_rate(terms),
        placed_on=terms.placed_on,
        matures_on=terms.matures_on,
        note=note.strip(),
        recorded_at=work.now,
        recorded_by=work.actor.id,
    )


def _open(work: Work, row: Placement) -> None:
    name = f"{SORTS[row.sort].title} with {row.counterparty}"
    codes = (SORTS[row.sort].account, _DUE, _EARNED, _GAIN, _LOSS)
    sub_accounts(work, row.book, {f"{code}:{row.id}": name for code in codes})


def _entry(book: str, key: str, on: date, said: str, legs: Sequence[Posting]) -> Entry:
    """Row 27 of the journals."""
    kept = tuple(leg for leg in legs if leg.amount)
    return Entry(key=key, book=book, effective_on=on, description=said, postings=kept, kind=_KIND)


def _told(work: Work, verb: str, placement_id: str, **facts: Any) -> PlacementView:
    trail.record(work, action=f"treasury.{verb}", subject=placement_id, **facts)
    return placement(work.session, placement_id, as_at=date.max)
