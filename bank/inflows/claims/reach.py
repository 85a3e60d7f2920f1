"""How far a claim reaches: to what had come by its day, and to as many accounts as came; what is paid is not capped."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from bank.inflows.claims.queries import ClaimView, ReclaimView, claims, reclaims, transfers
from bank.treasury.rules import BadTerms
from ledger.store.database import ReadSession


@dataclass(frozen=True, slots=True)
class Claimed:
    """Whose claims: the participant, the inflow if it is one inflow's, and the class of asset."""

    participant: str
    inflow: str | None
    asset_class: str


def refuse_beyond_transfers(session: ReadSession, whose: Claimed, on: date, accounts: int | None) -> None:
    """Pass when what is claimed had been transferred by the day, and no more accounts are claimed than came."""
    came = transfers(session, whose.participant, whose.asset_class, whose.inflow)
    first = min((row.received_on for row in came), default=None)
    if first is None:
        raise BadTerms(
            f"Nothing of the class {whose.asset_class} has come from this participant, so nothing is claimed"
        )
    if on < first:
        raise BadTerms(f"{on} is too early: what is claimed came on {first}", on=str(on), came_on=str(first))
    _refuse_more_accounts(session, whose, on, accounts or 0)
    if whose.inflow is not None:
        _refuse_more_accounts(session, replace(whose, inflow=None), on, accounts or 0)


def refuse_beyond_notice(session: ReadSession, notice: ClaimView, accounts: int | None) -> None:
    """Pass when no more accounts are paid than were notified, with those that were paid before."""
    if not accounts or notice.accounts is None:
        return
    paid = sum(each.accounts or 0 for each in reclaims(session, as_at=date.max) if each.claim == notice.id)
    if paid + accounts > notice.accounts:
        raise BadTerms(
            f"{accounts} accounts are more than were notified and not paid yet, which are {notice.accounts - paid} of "
            f"{notice.accounts}: count an account once, when it is first paid",
            accounts=accounts,
            notified=notice.accounts,
        )


def _refuse_more_accounts(session: ReadSession, whose: Claimed, on: date, accounts: int) -> None:
    """Pass when the accounts claimed by the day are within those that came by then, and so are all claimed since."""
    for day in (on, date.max):
        came = [
            row.accounts
            for row in transfers(session, whose.participant, whose.asset_class, whose.inflow)
            if row.received_on <= day
        ]
        known = [each for each in came if each is not None]
        before = _claimed(session, whose, day)
        if accounts and len(known) == len(came) and before + accounts > sum(known):
            raise BadTerms(
                f"{accounts} accounts, with {before} claimed before, are more than the {sum(known)} that came: count "
                f"an account once, when it is first claimed",
                accounts=accounts,
                came=sum(known),
            )


def _claimed(session: ReadSession, whose: Claimed, day: date) -> int:
    """How many accounts are claimed by a day: notified, unless all fell away, or paid without a notice."""
    told: list[ClaimView | ReclaimView] = [each for each in claims(session, as_at=day) if each.paid or each.unpaid]
    told += [each for each in reclaims(session, as_at=day) if each.claim is None]
    return sum(each.accounts or 0 for each in told if _concerns(each, whose))


def _concerns(each: ClaimView | ReclaimView, whose: Claimed) -> bool:
    if whose.inflow is not None:
        return each.inflow == whose.inflow
    return (each.participant, each.asset_class) == (whose.participant, whose.asset_class)
