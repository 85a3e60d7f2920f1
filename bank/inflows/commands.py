"""Dormant money is taken in and claims on it are repaid; here stand all the verbs of the room."""

from __future__ import annotations

from datetime import date

from bank.inflows.claims.commands import NoSuchParticipant, end_notified, notify_claims, pay_notified, pay_reclaim
from bank.inflows.england import approve_direction, direct_england, pay_nation, propose_direction
from bank.inflows.model import Inflow, Participant
from bank.inflows.periods.commands import approve_dormancy_period, propose_dormancy_period
from bank.inflows.periods.queries import dormancy_rules
from bank.inflows.queries import (
    InflowView,
    ParticipantView,
    ReserveRateView,
    inflow,
    participant_named,
    reserve_rate_in_force,
)
from bank.inflows.recognition.commands import approve_receipt_policy, method_for, propose_receipt_policy
from bank.inflows.recognition.rules import Line, lines
from bank.inflows.reserve import approve_reserve_rate, open_class, propose_reserve_rate, re_estimate_reserve
from bank.inflows.rules import FUND, Receipt, reserve_for, sound_receipt
from bank.inflows.sharing import apportion, pay_england_to_trust
from bank.inflows.surplus import declare_surplus, distribute, pay_surplus
from bank.people.rules import FUND_MANAGER, sound_name
from bank.treasury.commands import hold_headroom, posted
from bank.treasury.rules import Side, entry_of, happened_by
from ledger import trail
from ledger.entries import Entry
from ledger.money import Money
from ledger.refusals import Refusal
from ledger.store.work import Work, command

__all__ = (
    "NoSuchParticipant",
    "add_participant",
    "apportion",
    "approve_direction",
    "approve_dormancy_period",
    "approve_receipt_policy",
    "approve_reserve_rate",
    "declare_surplus",
    "direct_england",
    "distribute",
    "end_notified",
    "notify_claims",
    "pay_england_to_trust",
    "pay_nation",
    "pay_notified",
    "pay_reclaim",
    "pay_surplus",
    "propose_direction",
    "propose_dormancy_period",
    "propose_receipt_policy",
    "propose_reserve_rate",
    "re_estimate_reserve",
    "record_receipt",
)


class NoReserveRate(Refusal):
    """No approved rate of reserve is in force."""

    slug = "no-reserve-rate"
    status = 409


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

    The whole balance is an obligation for ever. The cash is income and the reserve is charged in the same act or,
    where the policy of the book says so, the cash is owed and what need not be kept is released. Refuses a class whose
    dormancy period is not known, and a day for which no rate of reserve is approved or before the policy begins.
    `accounts` and `tracing_attested` are left out when they are not known.
    """
    work.actor.require(FUND_MANAGER)
    del key
    hold_headroom(work)
    receipt = sound_receipt(
        amount=amount,
        whole_balance=whole_balance,
        asset_class=asset_class,
        scheme=scheme,
        accounts=accounts,
        consented_on=consented_on,
        received_on=happened_by(received_on, work.today, "A receipt"),
        rules=dormancy_rules(work.session),
    )
    rate, method = _rate_for(work, receipt), method_for(work, received_on)
    from_whom = participant_named(work.session, participant) or _add_participant(work, participant)
    row = _taken_in(work, receipt, from_whom, rate, method, tracing_attested, note.strip())
    trail.record(
        work,
        action="inflow.record",
        subject=row.id,
        participant=from_whom.id,
        amount=amount,
        whole_balance=row.whole_balance,
        reserve=row.reserve,
        rate=rate.rate,
        method=method,
        received_on=received_on,
        tracing_attested=tracing_attested,
        seqs=row.seqs,
    )
    return inflow(work.session, row.id)


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
    method: str,
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
    row.seqs = posted(work, _receipt_entries(row, method, from_whom.name))
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


def _receipt_entries(row: Inflow, method: str, participant: str) -> list[Entry]:
    """Rows 1 to 3 of the journals, or 2b for the first two of them: the cash, the reserve and the obligation."""
    told = [
        *lines(method, row.asset_class, row.amount, row.reserve, participant),
        Line(
            "owed",
            row.whole_balance,
            f"9000:{row.asset_class}",
            "9099",
            "Balances transferred, which their owners may claim",
        ),
    ]
    return [
        entry_of(
            Side(FUND, line.debit, line.credit),
            line.amount,
            key=f"{row.id}/{line.part}",
            on=row.received_on,
            description=line.said,
            kind="receipt",
        )
        for line in told
    ]
