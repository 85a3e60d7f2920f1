"""Claims of owners: notified by the participant who is their agent, then paid, withdrawn or rejected; or paid at once.

A claim notified is owed to the participant from that day: it leaves the provision, and is counted there no more.
"""

from __future__ import annotations

from datetime import date

from bank.approvals.commands import refuse_unapproved
from bank.approvals.rules import PAY_CLAIMS
from bank.inflows.claims.queries import ClaimEndView, ClaimView, ReclaimView, claim, shown_end, shown_reclaim
from bank.inflows.claims.reach import Claimed, refuse_beyond_notice, refuse_beyond_transfers
from bank.inflows.model import ClaimNotice, ClaimNoticeEnd, ClaimNoticePayment, Inflow, Participant, Reclaim
from bank.inflows.periods.queries import dormancy_rules
from bank.inflows.queries import NoSuchInflow, participant_named
from bank.inflows.reserve import open_class
from bank.inflows.rules import FUND, Notified, asset_class_of, claim_paid_from
from bank.inflows.standing import class_standing
from bank.people.rules import FUND_MANAGER
from bank.treasury.commands import hold_headroom, posted
from bank.treasury.queries import lowest_balance
from bank.treasury.rules import BadTerms, Side, entry_of, happened_by, not_negative, positive, refuse_over_cash
from ledger import trail
from ledger.entries import Entry, Posting
from ledger.money import NOTHING, Money
from ledger.refusals import NotFound
from ledger.store.work import Work, command

OUTCOMES = ("withdrawn", "rejected")
"""How notified claims end that are not paid."""


class NoSuchParticipant(NotFound):
    """No participant of this name."""

    slug = "no-such-participant"


@command
def notify_claims(
    work: Work,
    *,
    principal: Money,
    notified_on: date,
    interest: Money = NOTHING,
    inflow: str | None = None,
    participant: str | None = None,
    asset_class: str = "bank-account",
    accounts: int | None = None,
    note: str = "",
    key: str,
) -> ClaimView:
    """Enter claims that a participant has told of and that are still to be paid: a batch, or claims on one inflow.

    From that day they are owed to the participant. They leave the provision of their class as far as it reaches, and
    the rest is charged; no cash moves, and what the owners have a right to stays until they are paid. Refuses claims
    on what had not come by the day, and more accounts than came.
    """
    work.actor.require(FUND_MANAGER)
    del key
    happened_by(notified_on, work.today, "A notice of claims")
    amount = _sound(principal, interest)
    hold_headroom(work)
    whose = _claimant(work, inflow, participant, asset_class)
    refuse_beyond_transfers(work.session, whose, notified_on, accounts)
    from_provision, _ = claim_paid_from(amount, class_standing(work.session, whose.asset_class).provision)
    row = ClaimNotice(
        id=work.new_id("clm"),
        participant_id=whose.participant,
        inflow_id=whose.inflow,
        asset_class=whose.asset_class,
        principal=principal,
        interest=interest,
        from_provision=from_provision,
        accounts=accounts,
        notified_on=notified_on,
        note=note.strip(),
        recorded_at=work.now,
        recorded_by=work.actor.id,
    )
    open_class(work, whose.asset_class)
    _enter(work, row, [_notice_entry(row)])
    trail.record(
        work,
        action="inflow.notify",
        subject=row.id,
        participant=row.participant_id,
        inflow=row.inflow_id,
        asset_class=row.asset_class,
        accounts=accounts,
        principal=principal,
        interest=interest,
        from_provision=from_provision,
        notified_on=notified_on,
        seqs=row.seqs,
    )
    return claim(work.session, row.id, as_at=work.today)


@command
def pay_notified(
    work: Work,
    *,
    claim: str,
    paid_on: date,
    principal: Money | None = None,
    interest: Money | None = None,
    accounts: int | None = None,
    note: str = "",
    key: str,
) -> ReclaimView:
    """Pay notified claims: all that is left of a notice, or so much of its principal and interest.

    Nothing more is taken from the provision or charged: that was done when they were notified. Refuses more than is
    left of either, more accounts than were notified, a day before the notice, and more than the fund's cash.
    """
    work.actor.require(FUND_MANAGER)
    del key
    hold_headroom(work)
    notice = _notice(work, claim, happened_by(paid_on, work.today, "A reclaim"))
    refuse_beyond_notice(work.session, notice, accounts)
    part = notice.left.paid(*_part(notice, principal, interest))
    refuse_over_cash(part.amount, lowest_balance(work.session, FUND, "1000", paid_on), "The reclaim fund")
    whose = Claimed(notice.participant, notice.inflow, notice.asset_class)
    _refuse_unless_let(work, whose, part.amount)
    row = _paid(work, whose, part, paid_on, accounts, note)
    _enter(work, row, _reclaim_entries(work, row, (Posting(f"2010:{row.asset_class}", part.amount),)))
    work.session.add(ClaimNoticePayment(reclaim_id=row.id, notice_id=claim, recorded_at=work.now))
    work.session.flush()
    _tell_of(work, row, notice=claim)
    return shown_reclaim(row, claim)


@command
def end_notified(
    work: Work,
    *,
    claim: str,
    outcome: str,
    on: date,
    reason: str,
    principal: Money | None = None,
    interest: Money | None = None,
    key: str,
) -> ClaimEndView:
    """End notified claims without paying them: all that is left or a part, `withdrawn` or `rejected`.

    What was charged beyond the provision is taken back first, and the rest goes back to the provision. Refuses more
    than is left, a day before the notice, and an end without its reason.
    """
    work.actor.require(FUND_MANAGER)
    del key
    hold_headroom(work)
    if outcome not in OUTCOMES:
        raise BadTerms(f"Notified claims end {' or '.join(OUTCOMES)}, or are paid; not {outcome!r:.40}")
    if not reason.strip():
        raise BadTerms(f"Say why the claims are {outcome}: the participant's letter, what was found on looking")
    notice = _notice(work, claim, happened_by(on, work.today, "The end of claims"))
    part = notice.left.fallen_away(*_part(notice, principal, interest))
    row = ClaimNoticeEnd(
        id=work.new_id("cle"),
        notice_id=claim,
        outcome=outcome,
        principal=part.principal,
        interest=part.interest,
        to_provision=part.from_provision,
        ended_on=on,
        reason=reason.strip(),
        recorded_at=work.now,
        recorded_by=work.actor.id,
    )
    _enter(work, row, [_end_entry(row, part, notice.asset_class)])
    shown = shown_end(row)
    trail.record(work, action=f"inflow.claim-{outcome}", subject=claim, **shown.model_dump(mode="json"))
    return shown


@command
def pay_reclaim(
    work: Work,
    *,
    principal: Money,
    paid_on: date,
    interest: Money = NOTHING,
    inflow: str | None = None,
    participant: str | None = None,
    asset_class: str = "bank-account",
    accounts: int | None = None,
    note: str = "",
    key: str,
) -> ReclaimView:
    """Repay claims at once to the participant who is the customers' agent, of one inflow or of all it transferred.

    A batch names its participant, its class of asset, how many accounts it is of, the principal and the interest; a
    claim on one inflow is of that inflow's class. Customers have the right they would have had if nothing had been
    transferred, so a claim may exceed what came in and is not capped. It is met from the provision of its class and,
    beyond that, charged. Refuses a day before the transfer, more accounts than came, and more than the fund's cash.
    Claims that were notified before are `pay_notified`.
    """
    work.actor.require(FUND_MANAGER)
    del key
    happened_by(paid_on, work.today, "A reclaim")
    amount = _sound(principal, interest)
    hold_headroom(work)
    whose = _claimant(work, inflow, participant, asset_class)
    refuse_beyond_transfers(work.session, whose, paid_on, accounts)
    refuse_over_cash(amount, lowest_balance(work.session, FUND, "1000", paid_on), "The reclaim fund")
    _refuse_unless_let(work, whose, amount)
    from_provision, beyond = claim_paid_from(amount, class_standing(work.session, whose.asset_class).provision)
    row = _paid(work, whose, Notified(principal, interest, from_provision), paid_on, accounts, note)
    open_class(work, whose.asset_class)
    legs = (Posting(f"2000:{row.asset_class}", from_provision), Posting(f"5000:{row.asset_class}", beyond))
    _enter(work, row, _reclaim_entries(work, row, legs))
    _tell_of(work, row)
    return shown_reclaim(row)


def _refuse_unless_let(work: Work, whose: Claimed, amount: Money) -> None:
    """Pass when the claims of a participant may be paid: others have agreed where a rule asks for it."""
    refuse_unapproved(work, PAY_CLAIMS, FUND, amount, work.session.get_one(Participant, whose.participant).name)


def _sound(principal: Money, interest: Money) -> Money:
    not_negative(principal, "The principal of a claim")
    not_negative(interest, "The interest of a claim")
    return positive(principal + interest, "A claim")


def _notice(work: Work, claim_id: str, on: date) -> ClaimView:
    """The notice as it stands now: with something left of it, and come by the day of what is done to it."""
    notice = claim(work.session, claim_id, as_at=work.today)
    if on < notice.on:
        raise BadTerms(f"{on} is too early: these claims were notified on {notice.on}")
    if not notice.unpaid:
        raise BadTerms(f"The claims {claim_id} are settled: nothing of them is left to be paid or to fall away")
    return notice


def _part(notice: ClaimView, principal: Money | None, interest: Money | None) -> tuple[Money, Money]:
    """The part that is meant: all that is left when neither is given, and nothing of what is left out else."""
    if principal is None and interest is None:
        return notice.unpaid_principal, notice.unpaid_interest
    return principal or NOTHING, interest or NOTHING


def _paid(work: Work, whose: Claimed, part: Notified, paid_on: date, accounts: int | None, note: str) -> Reclaim:
    return Reclaim(
        id=work.new_id("rcl"),
        participant_id=whose.participant,
        inflow_id=whose.inflow,
        asset_class=whose.asset_class,
        principal=part.principal,
        interest=part.interest,
        from_provision=part.from_provision,
        accounts=accounts,
        paid_on=paid_on,
        note=note.strip(),
        recorded_at=work.now,
        recorded_by=work.actor.id,
    )


def _enter(work: Work, row: ClaimNotice | ClaimNoticeEnd | Reclaim, entries: list[Entry]) -> None:
    row.seqs = posted(work, entries)
    row.seq = row.seqs[0]
    work.session.add(row)
    work.session.flush()


def _tell_of(work: Work, row: Reclaim, **more: str) -> None:
    trail.record(
        work,
        action="inflow.reclaim",
        subject=row.id,
        participant=row.participant_id,
        inflow=row.inflow_id,
        asset_class=row.asset_class,
        accounts=row.accounts,
        principal=row.principal,
        interest=row.interest,
        from_provision=row.from_provision,
        paid_on=row.paid_on,
        seqs=row.seqs,
        **more,
    )


def _claimant(work: Work, of_inflow: str | None, participant: str | None, asset_class: str) -> Claimed:
    if (of_inflow is None) == (participant is None):
        raise BadTerms("A claim is on one inflow or on one participant's inflows together: name one of them")
    if of_inflow is not None:
        row = work.session.get(Inflow, of_inflow)
        if row is None:
            raise NoSuchInflow(f"There is no inflow {of_inflow!r:.60}")
        return Claimed(row.participant_id, of_inflow, row.asset_class)
    found = participant_named(work.session, str(participant))
    if found is None:
        raise NoSuchParticipant(f"No participant is called {participant!r:.80}: list them with their inflows")
    return Claimed(found.id, None, asset_class_of(asset_class, work.today, dormancy_rules(work.session)).code)


def _notice_entry(row: ClaimNotice) -> Entry:
    """Row 4 of the journals, its first half: out of the provision, and beyond it charged, into what is payable."""
    amount = row.principal + row.interest
    return _fund_entry(
        row.id,
        row.notified_on,
        "Claims of owners notified by their bank, to be paid",
        (
            Posting(f"2000:{row.asset_class}", row.from_provision),
            Posting(f"5000:{row.asset_class}", amount - row.from_provision),
            Posting(f"2010:{row.asset_class}", -amount),
        ),
        kind="claim-notice",
    )


def _end_entry(row: ClaimNoticeEnd, part: Notified, asset_class: str) -> Entry:
    """The notice undone: no longer payable, what was charged taken back, the rest in the provision again."""
    return _fund_entry(
        row.id,
        row.ended_on,
        f"Notified claims {row.outcome}, and owed to the bank that notified them no longer",
        (
            Posting(f"2010:{asset_class}", part.amount),
            Posting(f"2000:{asset_class}", -part.from_provision),
            Posting(f"5000:{asset_class}", -part.charged),
        ),
        kind="claim-end",
    )


def _reclaim_entries(work: Work, row: Reclaim, met_from: tuple[Posting, ...]) -> list[Entry]:
    """Row 4, its second half: the claims paid from what was set aside for them, and a balance owed no longer."""
    still_owed = class_standing(work.session, row.asset_class).owed
    said = "Claims of owners repaid through their bank"
    legs = (*met_from, Posting("1000", -(row.principal + row.interest)))
    entries = [_fund_entry(f"{row.id}/cash", row.paid_on, said, legs, kind="reclaim")]
    returned = min(row.principal, max(still_owed, NOTHING))
    if returned:
        said = "Balances returned to their owners, and owed no longer"
        side = Side(FUND, "9099", f"9000:{row.asset_class}")
        entries.append(entry_of(side, returned, key=f"{row.id}/owed", on=row.paid_on, description=said, kind="reclaim"))
    return entries


def _fund_entry(key: str, on: date, said: str, legs: tuple[Posting, ...], *, kind: str) -> Entry:
    return Entry(
        key=key,
        book=FUND,
        effective_on=on,
        description=said,
        postings=tuple(leg for leg in legs if leg.amount),
        kind=kind,
    )
