"""A holder's promise of B shares is entered by one fund manager and approved by another."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import partial

from bank.approvals.rules import SHARE_AGREEMENT
from bank.approvals.seconding import seconded
from bank.capital.model import ShareAgreement, ShareAgreementApproval
from bank.capital.queries import AgreementView, agreements
from bank.people.rules import FUND_MANAGER, sound_name
from bank.treasury.rules import BadTerms, fraction, positive
from ledger import trail
from ledger.dates import within_calendar
from ledger.money import Money
from ledger.refusals import NotFound, Refusal
from ledger.store.holding import hold
from ledger.store.work import Work, command


class NoSuchAgreement(NotFound):
    """No agreement of this id."""

    slug = "no-such-agreement"


class AlreadyAgreed(Refusal):
    """The holder has promised already."""

    slug = "already-agreed"
    status = 409


@command
def propose_agreement(
    work: Work,
    *,
    holder: str,
    commitment: Money,
    a_parts: int,
    b_parts: int,
    vote_cap: Decimal,
    from_on: date,
    source: str,
    key: str | None = None,
) -> AgreementView:
    """Enter what a holder has promised: B shares up to `commitment`, `b_parts` of them for every `a_parts` of A shares.

    `vote_cap` is the most of the votes it may cast, as a fraction. Nothing is called until another approves it.
    """
    work.actor.require(FUND_MANAGER)
    del key
    if not source.strip():
        raise BadTerms("Name the agreement: its title and its day")
    if a_parts < 1 or b_parts < 1:
        raise BadTerms(f"B shares follow A shares in whole parts, such as 60 to 10, not {a_parts} to {b_parts}")
    row = ShareAgreement(
        id=work.new_id("agr"),
        holder=sound_name(holder),
        commitment=positive(commitment, "A commitment"),
        a_parts=a_parts,
        b_parts=b_parts,
        vote_cap=fraction(vote_cap, "The cap of a vote"),
        from_on=within_calendar(from_on),
        source=source.strip(),
        proposed_by=work.actor.id,
        recorded_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    trail.record(
        work,
        action="capital.propose-agreement",
        subject=row.id,
        reason=row.source,
        holder=row.holder,
        commitment=commitment,
        a_parts=a_parts,
        b_parts=b_parts,
        vote_cap=vote_cap,
        from_on=from_on,
    )
    return _agreement(work, row.id)


@command
def approve_agreement(work: Work, *, id: str, key: str | None = None) -> AgreementView:  # noqa: A002 -- what an agreement is known by
    """Approve an agreement that somebody else entered: from its day the holder's shares are called.

    Refuses a second one for a holder who has one: what was promised is not promised twice.
    """
    del key
    proposed = _agreement(work, id)
    hold(work.session, f"agreements of {proposed.holder}")
    seconded(
        work,
        proposed,
        "agreement",
        partial(ShareAgreementApproval, agreement_id=id),
        act=SHARE_AGREEMENT,
        action="capital.approve-agreement",
        amount=proposed.commitment,
    )
    for other in agreements(work.session):
        if other.id != id and other.holder == proposed.holder and other.approved_at is not None:
            raise AlreadyAgreed(f"{other.holder} promised {other.commitment} under {other.id} already")
    return _agreement(work, id)


def _agreement(work: Work, wanted: str) -> AgreementView:
    for agreement in agreements(work.session):
        if agreement.id == wanted:
            return agreement
    raise NoSuchAgreement(f"There is no agreement {wanted!r:.60}")
