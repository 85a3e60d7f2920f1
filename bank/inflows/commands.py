"""Dormant money is taken in and claims on it are repaid; here stand all the verbs of the room."""

from __future__ import annotations

from datetime import date

from bank.inflows.england import approve_direction, direct_england, pay_nation, propose_direction
from bank.inflows.model import Inflow, Participant, Reclaim
from bank.inflows.queries import (
    InflowView,
    NoSuchInflow,
    ParticipantView,
    ReclaimView,
    ReserveRateView,
    inflow,
    participant_named,
    reserve_rate_in_force,
    shown_reclaim,
)
from bank.inflows.reserve import approve_reserve_rate, open_class, propose_reserve_rate, re_estimate_reserve
from bank.inflows.rules import FUND, Receipt, asset_class_of, claim_paid_from, reserve_for, sound_receipt
from bank.inflows.sharing import apportion, pay_england_to_trust
from bank.inflows.standing import class_standing
from bank.inflows.surplus import declare_surplus, distribute, pay_surplus
from bank.people.rules import FUND_MANAGER, sound_name
from bank.treasury.commands import hold_headroom, posted
from bank.treasury.queries import lowest_balance
from bank.treasury.rules import BadTerms, Side, entry_of, happened_by, not_negative, positive, refuse_over_cash
from ledger import trail
from ledger.entries import Entry, Posting
from ledger.money import NOTHING, Money
from ledger.refusals import NotFound, Refusal
from ledger.store.work import Work, command

__all__ = (
    "add_participant",
    "apportion",
    "approve_direction",
    "approve_reserve_rate",
    "declare_surplus",
    "direct_england",
    "distribute",
    "pay_england_to_trust",
    "pay_nation",
    "pay_reclaim",
    "pay_surplus",
    "propose_direction",
    "propose_reserve_rate",
    "re_estimate_reserve",
    "record_receipt",
)


class NoReserveRate(Refusal):
    """No approved rate of reserve is in force."""

    slug = "no-reserve-rate"
    status = 409


class NoSuchParticipant(NotFound):
    """No participant of this name."""

    slug = "no-such-participant"


@command
def add_participant(work: Work, *, name: str) -> ParticipantView:
    """Enter a participant; one who is there already is answered as they are."""
    work.actor.require(FUND_MANAGER)
    there = participant_named(work.session, name)
    found = there or _add_participant(work, name)
    trail.record(work, action="inflow.add-participant", subject=found.id, name=found.name)
    return found


@command
def record_receipt(
    work: Work,
    *,
    participant: str,
    amount: Money,
    consented_on: date,
    received_on: date,
    asset_class: str = "bank-account",
    scheme: str = "main",
    accounts: int | None = None,
    whole_balance: Money | None = None,
    tracing_attested: bool | None = None,
    note: str = "",
    key: str,
) -> InflowView:
    """Take dormant money in, and set aside the approved rate of what its owners may claim.

    The cash is income and the whole balance an obligation for ever; the reserve is charged in the same act. Refuses a
    class whose dormancy period is not known, and a day for which no rate of reserve is approved. `accounts` and
    `tracing_attested` are left out when they are not known.
    """
    work.actor.require(FUND_MANAGER)
    del key
    receipt = sound_receipt(
        amount=amount,
        whole_balance=whole_balance,
        asset_class=asset_class,
        scheme=scheme,
        accounts=accounts,
        consented_on=consented_on,
        received_on=happened_by(received_on, work.today, "A receipt"),
    )
    rate = _rate_for(work, receipt)
    from_whom = participant_named(work.session, participant) or _add_participant(work, participant)
    row = _taken_in(work, receipt, from_whom, rate, tracing_attested, note.strip())
    trail.record(
        work,
        action="inflow.record",
        subject=row.id,
        participant=from_whom.id,
        amount=amount,
        whole_balance=row.whole_balance,
        reserve=row.reserve,
        rate=rate.rate,
        received_on=received_on,
        tracing_attested=tracing_attested,
        seqs=row.seqs,
    )
    return inflow(work.session, row.id)


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
    """Repay claims to the participant who is the customers' agent, of one inflow or of all it ever transferred.

    A batch names its participant, its class of asset, how many accounts it is of, the principal and the interest; a
    claim on one inflow is of that inflow's class. Customers have the right they would have had if nothing had been
    transferred, so a claim may exceed what came in and is not capped. It is met from the provision of its class and,
    beyond that, charged. Refuses more than the fund's cash.
    """
    work.actor.require(FUND_MANAGER)
    del key
    happened_by(paid_on, work.today, "A reclaim")
    not_negative(principal, "The principal of a claim")
    not_negative(interest, "The interest of a claim")
    paid = positive(principal + interest, "A claim")
    hold_headroom(work)
    claimant, of_inflow, of_class = _claimant(work, inflow, participant, asset_class)
    refuse_over_cash(paid, lowest_balance(work.session, FUND, "1000", paid_on), "The reclaim fund")
    from_provision, _ = claim_paid_from(paid, class_standing(work.session, of_class).provision)
    row = Reclaim(
        id=work.new_id("rcl"),
        participant_id=claimant,
        inflow_id=of_inflow,
        asset_class=of_class,
        principal=principal,
        interest=interest,
        from_provision=from_provision,
        accounts=accounts,
        paid_on=paid_on,
        note=note.strip(),
        recorded_at=work.now,
        recorded_by=work.actor.id,
    )
    open_class(work, of_class)
    row.seqs = posted(work, _reclaim_entries(row, class_standing(work.session, of_class).owed))
    row.seq = row.seqs[0]
    work.session.add(row)
    work.session.flush()
    _tell_of(work, row)
    return shown_reclaim(row)


def _tell_of(work: Work, claim: Reclaim) -> None:
    trail.record(
        work,
        action="inflow.reclaim",
        subject=claim.id,
        participant=claim.participant_id,
        inflow=claim.inflow_id,
        asset_class=claim.asset_class,
        accounts=claim.accounts,
        principal=claim.principal,
        interest=claim.interest,
        from_provision=claim.from_provision,
        paid_on=claim.paid_on,
        seqs=claim.seqs,
    )


def _add_participant(work: Work, name: str) -> ParticipantView:
    row = Participant(id=work.new_id("prt"), name=sound_name(name), added_at=work.now)
    work.session.add(row)
    work.session.flush()
    return ParticipantView(id=row.id, name=row.name, added_at=row.added_at)


def _taken_in(
    work: Work,
    receipt: Receipt,
    from_whom: ParticipantView,
    rate: ReserveRateView,
    tracing_attested: bool | None,  # noqa: FBT001 -- it has three values, of which one is that nobody said
    note: str,
) -> Inflow:
    """The receipt's row, with its entries in the fund's book."""
    row = Inflow(
        id=work.new_id("inf"),
        participant_id=from_whom.id,
        asset_class=receipt.asset_class.code,
        scheme=receipt.scheme,
        amount=receipt.amount,
        whole_balance=receipt.whole_balance,
        accounts=receipt.accounts,
        reserve_rate_id=rate.id,
        reserve=reserve_for(receipt, rate.rate),
        consented_on=receipt.consented_on,
        received_on=receipt.received_on,
        tracing_attested=tracing_attested,
        note=note,
        recorded_at=work.now,
        recorded_by=work.actor.id,
    )
    open_class(work, row.asset_class)
    row.seqs = posted(work, _receipt_entries(row, from_whom.name))
    row.seq = row.seqs[0]
    work.session.add(row)
    work.session.flush()
    return row


def _rate_for(work: Work, receipt: Receipt) -> ReserveRateView:
    rate = reserve_rate_in_force(work.session, receipt.asset_class.code, receipt.received_on)
    if rate is None:
        raise NoReserveRate(
            f"No approved rate of reserve is in force for {receipt.asset_class.code} on {receipt.received_on}: one "
            "fund manager proposes a rate from that day or earlier, and another approves it",
            asset_class=receipt.asset_class.code,
            on=str(receipt.received_on),
        )
    return rate


def _claimant(
    work: Work, of_inflow: str | None, participant: str | None, asset_class: str
) -> tuple[str, str | None, str]:
    """The participant to be paid, the inflow that is claimed from if one is named, and the class of asset."""
    if (of_inflow is None) == (participant is None):
        raise BadTerms("A claim is on one inflow or on one participant's inflows together: name one of them")
    if of_inflow is not None:
        row = work.session.get(Inflow, of_inflow)
        if row is None:
            raise NoSuchInflow(f"There is no inflow {of_inflow!r:.60}")
        return row.participant_id, of_inflow, row.asset_class
    found = participant_named(work.session, str(participant))
    if found is None:
        raise NoSuchParticipant(f"No participant is called {participant!r:.80}: list them with their inflows")
    return found.id, None, asset_class_of(asset_class, work.today).code


def _receipt_entries(row: Inflow, participant: str) -> list[Entry]:
    """Rows 1 to 3 of the journals: the cash, the reserve and the obligation."""
    of_class = row.asset_class
    parts = (
        ("cash", row.amount, Side(FUND, "1000", "4000"), f"Dormant money received from {participant}"),
        (
            "reserve",
            row.reserve,
            Side(FUND, f"5000:{of_class}", f"2000:{of_class}"),
            "Reserve against claims on dormant money received",
        ),
        (
            "owed",
            row.whole_balance,
            Side(FUND, f"9000:{of_class}", "9099"),
            "Balances transferred, which their owners may claim",
        ),
    )
    return [
        entry_of(side, amount, key=f"{row.id}/{part}", on=row.received_on, description=said, kind="receipt")
        for part, amount, side, said in parts
        if amount
    ]


def _reclaim_entries(row: Reclaim, still_owed: Money) -> list[Entry]:
    """The claim paid, from the provision and beyond; and the balance that is owed no longer."""
    paid = row.principal + row.interest
    beyond = paid - row.from_provision
    legs = (
        Posting(f"2000:{row.asset_class}", row.from_provision),
        Posting(f"5000:{row.asset_class}", beyond),
        Posting("1000", -paid),
    )
    entries = [
        Entry(
            key=f"{row.id}/cash",
            book=FUND,
            effective_on=row.paid_on,
            description="Claims of owners repaid through their bank",
            postings=tuple(leg for leg in legs if leg.amount),
            kind="reclaim",
        )
    ]
    returned = min(row.principal, max(still_owed, NOTHING))
    if returned:
        said = "Balances returned to their owners, and owed no longer"
        side = Side(FUND, "9099", f"9000:{row.asset_class}")
        entries.append(entry_of(side, returned, key=f"{row.id}/owed", on=row.paid_on, description=said, kind="reclaim"))
    return entries
