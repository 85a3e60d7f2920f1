"""The rate of reserve is an assumption with a date and two names to it: proposed by one person, approved by another."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import partial

from bank.approvals.rules import RESERVE_RATE
from bank.approvals.seconding import seconded
from bank.inflows.model import ReserveRate, ReserveRateApproval, ReserveReEstimate
from bank.inflows.periods.queries import dormancy_rules
from bank.inflows.queries import ReserveRateView, reserve_rate_in_force, reserve_rates
from bank.inflows.rules import FUND, asset_class_of, provision_wanted
from bank.inflows.standing import class_standing
from bank.people.rules import FUND_MANAGER
from bank.treasury.commands import hold_headroom, posted
from bank.treasury.rules import BadTerms, Side, entry_of, fraction, happened_by
from ledger import trail
from ledger.commands import sub_accounts
from ledger.dates import within_calendar
from ledger.entries import Entry
from ledger.money import NOTHING, Money
from ledger.refusals import NotFound, Refusal
from ledger.store.work import View, Work, command


class NoSuchRate(NotFound):
    """No rate of this id."""

    slug = "no-such-reserve-rate"


class NoRateInForce(Refusal):
    """No approved rate of reserve is in force."""

    slug = "no-reserve-rate"
    status = 409


class NothingToChange(Refusal):
    """The provision is what it should be."""

    slug = "nothing-to-change"
    status = 409


class ReEstimateView(View):
    """A change in estimate: what was transferred and claimed, what was held, what is wanted, and the difference."""

    id: str
    asset_class: str
    on: date
    rate: Decimal
    rate_id: str
    transferred: Money
    claimed: Money
    held: Money
    wanted: Money
    change: Money
    seqs: tuple[int, ...]


@command
def propose_reserve_rate(
    work: Work, *, asset_class: str, rate: Decimal, from_on: date, basis: str, key: str | None = None
) -> ReserveRateView:
    """Propose what part of transferred balances is set aside for claims, from a day on, and what that rests on.

    Nothing is in force until another fund manager approves it. A rate holds for money received from its day on; what
    was set aside before stays until the class is re-estimated.
    """
    work.actor.require(FUND_MANAGER)
    del key
    asset_class_of(asset_class, within_calendar(from_on), dormancy_rules(work.session))
    if not basis.strip():
        raise BadTerms("Say what the rate rests on: an actuary's report, a published ratio, a minute")
    row = ReserveRate(
        id=work.new_id("rsv"),
        asset_class=asset_class,
        rate=fraction(rate, "The rate of reserve"),
        from_on=from_on,
        basis=basis.strip(),
        proposed_by=work.actor.id,
        recorded_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    trail.record(
        work,
        action="inflow.propose-reserve",
        subject=row.id,
        reason=row.basis,
        asset_class=asset_class,
        rate=rate,
        from_on=from_on,
    )
    return _rate(work, row.id)


@command
def approve_reserve_rate(work: Work, *, id: str, key: str | None = None) -> ReserveRateView:  # noqa: A002 -- what a rate is known by
    """Approve a rate that somebody else proposed; it is in force from its day."""
    del key
    approval = partial(ReserveRateApproval, rate_id=id)
    told = _rate(work, id)
    seconded(work, told, "rate of reserve", approval, act=RESERVE_RATE, action="inflow.approve-reserve")
    return _rate(work, id)


@command
def re_estimate_reserve(work: Work, *, asset_class: str, on: date, key: str) -> ReEstimateView:
    """Bring a class's provision to the rate in force on a day, from that day on; what was charged before stays.

    The change is posted as what it is, a change in estimate, at that rate of all balances ever transferred less what
    has been claimed. Refuses a day before the rate was approved, for nothing is re-estimated in the past, and a class
    that holds what it should.
    """
    work.actor.require(FUND_MANAGER)
    del key
    hold_headroom(work)
    happened_by(on, work.today, "A re-estimate")
    asset_class_of(asset_class, on, dormancy_rules(work.session))
    rate = reserve_rate_in_force(work.session, asset_class, on)
    if rate is None or rate.approved_at is None:
        raise NoRateInForce(f"No approved rate of reserve is in force for {asset_class} on {on}")
    if on < rate.approved_at.date():
        raise BadTerms(
            f"{on} is too early: the rate was approved on {rate.approved_at.date()}, and an estimate changes from then "
            "on, never before"
        )
    row = _re_estimate(work, asset_class, rate, on)
    open_class(work, asset_class)
    row.seqs = posted(work, [_change(row)])
    row.seq = row.seqs[0]
    work.session.add(row)
    work.session.flush()
    shown = _shown(row, rate)
    trail.record(work, action="inflow.re-estimate", subject=row.id, reason=rate.basis, **shown.model_dump(mode="json"))
    return shown


def open_class(work: Work, asset_class: str) -> None:
    """Give a class of asset its accounts: the provision, claims notified, what is charged, and the balances owed."""
    named = {"2000": "provision", "2010": "claims notified", "5000": "charged for claims", "9000": "balances owed"}
    sub_accounts(work, FUND, {f"{code}:{asset_class}": f"{asset_class}: {said}" for code, said in named.items()})


def _re_estimate(work: Work, asset_class: str, rate: ReserveRateView, on: date) -> ReserveReEstimate:
    stands = class_standing(work.session, asset_class, as_at=on)
    wanted = provision_wanted(stands.transferred, stands.claimed, rate.rate)
    change = wanted - stands.provision
    if not change:
        raise NothingToChange(
            f"The provision for {asset_class} is {stands.provision} on {on}, which is what the rate {rate.rate} asks "
            "for: there is nothing to post"
        )
    left = class_standing(work.session, asset_class).provision
    if left + change < NOTHING:
        raise BadTerms(
            f"{-change} cannot be released from {on}: claims paid since have left {left} in the provision. Re-estimate "
            "from today"
        )
    return ReserveReEstimate(
        id=work.new_id("ree"),
        asset_class=asset_class,
        reserve_rate_id=rate.id,
        effective_on=on,
        transferred=stands.transferred,
        claimed=stands.claimed,
        held=stands.provision,
        wanted=wanted,
        change=change,
        recorded_at=work.now,
        recorded_by=work.actor.id,
    )


def _change(row: ReserveReEstimate) -> Entry:
    charge, provision = f"5000:{row.asset_class}", f"2000:{row.asset_class}"
    more = row.change > NOTHING
    side = Side(FUND, charge, provision) if more else Side(FUND, provision, charge)
    return entry_of(
        side,
        abs(row.change),
        key=row.id,
        on=row.effective_on,
        description="Change in the estimate of claims to come: " + ("more is held" if more else "some is released"),
        kind="re-estimate",
    )


def _shown(row: ReserveReEstimate, rate: ReserveRateView) -> ReEstimateView:
    return ReEstimateView(
        id=row.id,
        asset_class=row.asset_class,
        on=row.effective_on,
        rate=rate.rate,
        rate_id=rate.id,
        transferred=row.transferred,
        claimed=row.claimed,
        held=row.held,
        wanted=row.wanted,
        change=row.change,
        seqs=tuple(row.seqs),
    )


def _rate(work: Work, wanted: str) -> ReserveRateView:
    for rate in reserve_rates(work.session):
        if rate.id == wanted:
            return rate
    raise NoSuchRate(f"There is no rate of reserve {wanted!r:.60}")
