"""England's money follows a dated direction to its causes, and every nation's money is paid on when there is a use."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial

from bank.approvals.commands import refuse_unapproved
from bank.approvals.rules import DIRECTION, PAY_NATION
from bank.approvals.seconding import seconded
from bank.inflows.model import EnglandAllocation, EnglandDirection, EnglandDirectionApproval, NationPayment
from bank.inflows.queries import DirectionView, allocated_under, direction_in_force, directions
from bank.inflows.reference import NATIONS, WHOLESALER
from bank.inflows.rules import DISTRIBUTOR, amount_directed, directed, sound_direction
from bank.inflows.standing import HELD_FOR, england_held
from bank.inflows.surplus import PaymentView
from bank.people.rules import FUND_MANAGER, sound_name
from bank.treasury.commands import hold_headroom, posted
from bank.treasury.queries import lowest_balance
from bank.treasury.rules import (
    BadTerms,
    NotEnoughCash,
    Side,
    entry_of,
    happened_by,
    positive,
    refuse_over_cash,
)
from ledger import trail
from ledger.commands import sub_accounts
from ledger.dates import within_calendar
from ledger.entries import Entry, Posting
from ledger.money import NOTHING, Money
from ledger.queries import balance_at
from ledger.refusals import NotFound, Refusal
from ledger.store.work import View, Work, command

_ENGLAND = HELD_FOR["england"]


class NoSuchDirection(NotFound):
    """No direction of this id."""

    slug = "no-such-direction"


class NoDirection(Refusal):
    """No direction on England's money is in force."""

    slug = "no-direction"
    status = 409


class EnglandAllocationView(View):
    """England's money shared among causes."""

    id: str
    direction: str
    amount: Money
    on: date
    shares: dict[str, Money]
    seqs: tuple[int, ...]


class NationPaymentView(PaymentView):
    """A nation's money paid to somebody outside our books."""

    nation: str
    cause: str | None
    recipient: str


@command
def propose_direction(
    work: Work, *, measure: str, shares: Mapping[str, str], from_on: date, source: str, key: str | None = None
) -> DirectionView:
    """Enter a direction on what England's money is for: causes with percentages of 100, or with amounts in pounds.

    Nothing follows it until another fund manager approves it. Refuses a direction without its source.
    """
    work.actor.require(FUND_MANAGER)
    del key
    if not source.strip():
        raise BadTerms("Name the direction's source: the order, the letter, the answer in Parliament")
    row = EnglandDirection(
        id=work.new_id("dir"),
        measure=measure,
        shares=sound_direction(measure, shares, within_calendar(from_on)),
        from_on=from_on,
        source=source.strip(),
        proposed_by=work.actor.id,
        recorded_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    trail.record(
        work,
        action="inflow.propose-direction",
        subject=row.id,
        reason=row.source,
        shares=row.shares,
        from_on=from_on,
    )
    return _direction(work, row.id)


@command
def approve_direction(work: Work, *, id: str, key: str | None = None) -> DirectionView:  # noqa: A002 -- what a direction is known by
    """Approve a direction that somebody else entered; it is in force from its day."""
    del key
    told = _direction(work, id)
    seconded(
        work,
        told,
        "direction",
        partial(EnglandDirectionApproval, direction_id=id),
        act=DIRECTION,
        action="inflow.approve-direction",
        amount=amount_directed(told.measure, told.shares),
    )
    return _direction(work, id)


@command
def direct_england(work: Work, *, on: date, amount: Money | None = None, key: str) -> EnglandAllocationView:
    """Share money held for England among the causes of the direction in force: an amount, or all not directed yet.

    Nothing leaves the distributor; from then on it is held cause by cause. Refuses more than is not directed yet.
    """
    work.actor.require(FUND_MANAGER)
    del key
    hold_headroom(work)
    happened_by(on, work.today, "An allocation")
    direction = direction_in_force(work.session, on)
    if direction is None:
        raise NoDirection(f"No approved direction on England's money is in force on {on}: enter one, with its source")
    free = min(_undirected(work, on), _undirected(work, None))
    whole = positive(free if amount is None else amount, "What is to be directed")
    if whole > free:
        raise NotEnoughCash(f"{whole} cannot be directed: {free} held for England is not directed yet", free=str(free))
    shares = directed(whole, direction.measure, direction.shares, allocated_under(work.session, direction.id))
    row = EnglandAllocation(
        id=work.new_id("eal"),
        direction_id=direction.id,
        amount=whole,
        allocated_on=on,
        shares={cause: str(share) for cause, share in shares.items()},
        recorded_at=work.now,
        recorded_by=work.actor.id,
    )
    row.seqs = posted(work, [_allocation_entry(work, row, shares)])
    row.seq = row.seqs[0]
    work.session.add(row)
    work.session.flush()
    trail.record(
        work, action="inflow.direct", subject=row.id, direction=direction.id, shares=row.shares, on=on, seqs=row.seqs
    )
    return EnglandAllocationView(
        id=row.id, direction=direction.id, amount=whole, on=on, shares=shares, seqs=tuple(row.seqs)
    )


@command
def pay_nation(
    work: Work, *, nation: str, amount: Money, on: date, recipient: str, cause: str | None = None, key: str
) -> NationPaymentView:
    """Pay a nation's money to a recipient outside our books; of England's, the money of one cause.

    Refuses more than is held. What is for the wholesaler goes to the trust, by `pay_england_to_trust`.
    """
    work.actor.require(FUND_MANAGER)
    del key
    hold_headroom(work)
    positive(amount, "A payment")
    happened_by(on, work.today, "A payment")
    code = _account_of(nation, cause)
    held = -max(balance_at(work.session, DISTRIBUTOR, code, on), balance_at(work.session, DISTRIBUTOR, code))
    if amount > held:
        raise NotEnoughCash(f"{amount} cannot be paid: {held} is held for {cause or nation}", held=str(held))
    refuse_over_cash(amount, lowest_balance(work.session, DISTRIBUTOR, "1000", on), "The distributor")
    payee = sound_name(recipient)
    refuse_unapproved(work, PAY_NATION, DISTRIBUTOR, amount, payee)
    row = NationPayment(
        id=work.new_id("npy"),
        nation=nation,
        cause=cause,
        recipient=payee,
        amount=amount,
        paid_on=on,
        recorded_at=work.now,
        recorded_by=work.actor.id,
    )
    said = f"Dormant money for {cause or nation} paid to {row.recipient}"
    row.seqs = posted(
        work,
        [entry_of(Side(DISTRIBUTOR, code, "1000"), amount, key=row.id, on=on, description=said, kind="payment")],
    )
    row.seq = row.seqs[0]
    work.session.add(row)
    work.session.flush()
    trail.record(
        work, action="inflow.pay-nation", subject=row.id, nation=nation, cause=cause, amount=amount, seqs=row.seqs
    )
    return NationPaymentView(
        id=row.id,
        amount=amount,
        on=on,
        seqs=tuple(row.seqs),
        nation=nation,
        cause=cause,
        recipient=row.recipient,
    )


def for_the_trust(work: Work, on: date) -> dict[str, Money]:
    """What may be paid to the trust, by account: the wholesaler's part, and while nothing is directed all the rest."""
    now, then = england_held(work.session), england_held(work.session, as_at=on)
    causes = (WHOLESALER,) if direction_in_force(work.session, on) is not None else (WHOLESALER, "")
    return {
        f"{_ENGLAND}:{cause}" if cause else _ENGLAND: min(now.get(cause, NOTHING), then.get(cause, NOTHING))
        for cause in causes
    }


def _undirected(work: Work, on: date | None) -> Money:
    return england_held(work.session, as_at=on).get("", NOTHING)


def _allocation_entry(work: Work, row: EnglandAllocation, shares: Mapping[str, Money]) -> Entry:
    named = {f"{_ENGLAND}:{cause}": f"Held for England: {cause}" for cause in shares}
    sub_accounts(work, DISTRIBUTOR, named)
    return Entry(
        key=row.id,
        book=DISTRIBUTOR,
        effective_on=row.allocated_on,
        description="England's money shared among the causes of the direction in force",
        postings=(
            Posting(_ENGLAND, row.amount),
            *(Posting(f"{_ENGLAND}:{cause}", -share) for cause, share in shares.items() if share),
        ),
        kind="direction",
    )


def _account_of(nation: str, cause: str | None) -> str:
    if nation not in NATIONS:
        raise BadTerms(f"There is no nation {nation!r:.60}: they are {', '.join(NATIONS)}")
    if nation != "england":
        if cause is not None:
            raise BadTerms("Only England's money is held by cause: leave the cause out")
        return HELD_FOR[nation]
    if cause is None or cause == WHOLESALER:
        raise BadTerms(
            "England's money is paid for one of its causes, and the wholesaler's goes to the trust: name another cause"
        )
    return f"{_ENGLAND}:{cause}"


def _direction(work: Work, wanted: str) -> DirectionView:
    for direction in directions(work.session):
        if direction.id == wanted:
            return direction
    raise NoSuchDirection(f"There is no direction {wanted!r:.60}")
