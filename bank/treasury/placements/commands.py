"""The verbs of treasury: place money, accrue what it earns, take its income, and turn it into cash again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from bank.limits.commands import judge_house
from bank.limits.rules import PLACE, Act
from bank.people.rules import FUND_MANAGER, sound_name
from bank.treasury.commands import hold_headroom, posted
from bank.treasury.placements.model import Placement, PlacementEvent
from bank.treasury.placements.queries import PlacementView, events_of, gone, placement, placements
from bank.treasury.placements.rules import (
    ACCRUAL,
    INCOME,
    REALISATION,
    SORTS,
    Terms,
    cost_of,
    earned,
    interest_met,
    sound_terms,
)
from bank.treasury.queries import lowest_balance
from bank.treasury.rules import BadTerms, happened_by, not_negative, positive, refuse_over_cash
from ledger import trail
from ledger.commands import sub_accounts
from ledger.daycounts import DayCount
from ledger.entries import Entry, Posting
from ledger.money import NOTHING, Money
from ledger.queries import balance_at
from ledger.store.work import View, Work, command

_BANK: Final = "bank"
_KIND: Final = "treasury"
_DUE: Final = "1150"
_EARNED: Final = "4100"
_GAIN: Final = "4040"
_LOSS: Final = "5040"


class TreasuryAccrual(View):
    """Interest accrued on every placement that earns some."""

    until: date
    placements: int
    accrued: Money


@command
def place(
    work: Work,
    *,
    sort: str,
    counterparty: str,
    amount: Money,
    on: date,
    rate: Decimal | None = None,
    matures_on: date | None = None,
    nominal: Money | None = None,
    interest_bought: Money = NOTHING,
    day_count: DayCount = DayCount.ACT_365F,
    note: str = "",
    key: str,
) -> PlacementView:
    """Place cash with a counterparty: on deposit, in a short gilt, or in a money-market fund.

    `amount` is what it costs; a gilt has its nominal beside it, and the interest that was bought with it on top.
    Refuses more than the cash at the bank, and what would pass a limit on the counterparty.
    """
    work.actor.require(FUND_MANAGER)
    del key
    happened_by(on, work.today, "A placement")
    whole = amount if nominal is None else nominal
    terms = sound_terms(Terms(sort, amount, whole, interest_bought, rate, DayCount(day_count), on, matures_on))
    hold_headroom(work)
    refuse_over_cash(amount + interest_bought, lowest_balance(work.session, _BANK, "1000", on), "The bank")
    with_whom, made = sound_name(counterparty), work.new_id("plc")
    judge_house(work, made, Act(PLACE, amount, counterparty=with_whom), on, note)
    row = Placement(
        id=made,
        sort=sort,
        counterparty=with_whom,
        cost=amount,
        nominal=whole,
        interest_bought=interest_bought,
        rate=rate,
        day_count=terms.day_count,
        placed_on=on,
        matures_on=matures_on,
        note=note.strip(),
        recorded_at=work.now,
        recorded_by=work.actor.id,
    )
    _open(work, row)
    said = f"{SORTS[sort].title} placed with {with_whom}"
    legs = (
        Posting(f"{terms.account}:{made}", amount),
        Posting(f"{_DUE}:{made}", interest_bought),
        Posting("1000", -(amount + interest_bought)),
    )
    row.seqs = posted(work, [_entry(made, on, said, legs)])
    row.seq = row.seqs[0]
    work.session.add(row)
    work.session.flush()
    return _told(work, "place", row.id, counterparty=with_whom, sort=sort, amount=amount, on=on, seqs=row.seqs)


@command
def accrue_treasury(work: Work, *, until: date, key: str) -> TreasuryAccrual:
    """Accrue what every placement has earned to a day: only what is missing is posted, so twice is once."""
    work.actor.require(FUND_MANAGER)
    del key
    hold_headroom(work)
    happened_by(until, work.today, "An accrual")
    found = [_accrue(work, each, until) for each in placements(work.session, as_at=date.max)]
    done = TreasuryAccrual(until=until, placements=sum(map(bool, found)), accrued=Money.total(found))
    trail.record(work, action="treasury.accrue", subject=str(until), accrued=done.accrued, placements=done.placements)
    return done


@command
def take_income(work: Work, *, placement: str, amount: Money, on: date, note: str = "", key: str) -> PlacementView:
    """Take in what a placement pays while it lasts: interest, a coupon, a fund's income.

    It meets what was accrued, which is brought to the day first; what goes beyond is income of that day.
    """
    work.actor.require(FUND_MANAGER)
    del key
    positive(amount, "Income")
    view = _take(work, placement, on)
    _accrue(work, view, on)
    met, beyond = interest_met(amount, _due(work, placement))
    legs = (Posting("1000", amount), Posting(f"{_DUE}:{placement}", -met), Posting(f"{_EARNED}:{placement}", -beyond))
    _happened(work, view, INCOME, on, f"Income of {view.counterparty}", legs, amount=amount, interest=amount, note=note)
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

    `proceeds` is what came for the capital and `interest` what came beside it. Beyond the cost is a gain, short of it
    a loss; interest accrued that did not come with the last part is taken back. Refuses more than is left.
    """
    work.actor.require(FUND_MANAGER)
    del key
    not_negative(proceeds, "Proceeds")
    not_negative(interest, "Interest")
    view = _take(work, placement, on)
    part = view.nominal_left if nominal is None else nominal
    cost = cost_of(part, view.nominal_left, view.cost_left)
    _accrue(work, view, on)
    met, beyond = interest_met(interest, _due(work, placement))
    ends = part == view.nominal_left
    never_came = _due(work, placement) - met if ends and view.rate is not None else NOTHING
    legs = (
        Posting("1000", proceeds + interest),
        Posting(f"{_LOSS}:{placement}", max(cost - proceeds, NOTHING)),
        Posting(f"{view.terms.account}:{placement}", -cost),
        Posting(f"{_DUE}:{placement}", -(met + never_came)),
        Posting(f"{_EARNED}:{placement}", never_came - beyond),
        Posting(f"{_GAIN}:{placement}", -max(proceeds - cost, NOTHING)),
    )
    _happened(
        work,
        view,
        REALISATION,
        on,
        f"{view.title} with {view.counterparty} turned into cash",
        legs,
        amount=proceeds + interest,
        interest=interest,
        nominal=part,
        cost=cost,
        note=note,
    )
    return _told(work, "realise", placement, proceeds=proceeds, interest=interest, nominal=part, cost=cost, on=on)


def _take(work: Work, placement_id: str, on: date) -> PlacementView:
    """The placement as it stands now, held to the commit; a day before what has happened to it already is refused."""
    hold_headroom(work)
    happened_by(on, work.today, "What comes of a placement")
    view = placement(work.session, placement_id, as_at=date.max)
    moved = [one.effective_on for one in events_of(work.session, placement_id) if one.kind != ACCRUAL]
    latest = max((view.placed_on, *moved))
    if on < latest:
        raise BadTerms(f"{on} is too early: this placement stands as of {latest}")
    if not view.nominal_left:
        raise BadTerms(f"Nothing is left of the placement {placement_id}")
    return view


def _accrue(work: Work, view: PlacementView, until: date) -> Money:
    """Post what a placement has earned to a day and that is not accrued yet; to a later day if it was accrued so far.

    Where a part was sold for an earlier day than that, what was accrued too much is taken back.
    """
    events = events_of(work.session, view.id)
    day = max((until, *(one.effective_on for one in events if one.kind == ACCRUAL)))
    missing = earned(view.terms, gone(events), day) - Money.total(one.amount for one in events if one.kind == ACCRUAL)
    if not missing or not view.nominal_left or day < view.placed_on:
        return NOTHING
    legs = (Posting(f"{_DUE}:{view.id}", missing), Posting(f"{_EARNED}:{view.id}", -missing))
    _happened(work, view, ACCRUAL, day, f"Interest earned with {view.counterparty}", legs, amount=missing)
    return missing


def _due(work: Work, placement_id: str) -> Money:
    return balance_at(work.session, _BANK, f"{_DUE}:{placement_id}")


def _happened(
    work: Work,
    view: PlacementView,
    kind: str,
    on: date,
    said: str,
    legs: Sequence[Posting],
    *,
    amount: Money,
    interest: Money = NOTHING,
    nominal: Money = NOTHING,
    cost: Money = NOTHING,
    note: str = "",
) -> None:
    row = PlacementEvent(
        id=work.new_id("ple"),
        placement_id=view.id,
        number=len(events_of(work.session, view.id)) + 1,
        kind=kind,
        effective_on=on,
        amount=amount,
        interest=interest,
        nominal=nominal,
        cost=cost,
        note=note.strip(),
        recorded_at=work.now,
        recorded_by=work.actor.id,
    )
    row.seqs = posted(work, [_entry(row.id, on, said, legs)])
    row.seq = row.seqs[0]
    work.session.add(row)
    work.session.flush()


def _open(work: Work, row: Placement) -> None:
    name = f"{SORTS[row.sort].title} with {row.counterparty}"
    codes = (SORTS[row.sort].account, _DUE, _EARNED, _GAIN, _LOSS)
    sub_accounts(work, _BANK, {f"{code}:{row.id}": name for code in codes})


def _entry(key: str, on: date, said: str, legs: Sequence[Posting]) -> Entry:
    """Row 27 of the journals."""
    kept = tuple(leg for leg in legs if leg.amount)
    return Entry(key=key, book=_BANK, effective_on=on, description=said, postings=kept, kind=_KIND)


def _told(work: Work, verb: str, placement_id: str, **facts: Any) -> PlacementView:
    trail.record(work, action=f"treasury.{verb}", subject=placement_id, **facts)
    return placement(work.session, placement_id, as_at=date.max)
