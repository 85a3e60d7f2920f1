"""How an intermediary stands, as agreed: that it failed, or may be paid again, takes others where a rule says so."""

from __future__ import annotations

from datetime import date

from bank.allocations.many.queries import approved_for
from bank.approvals.commands import ask, refuse_unapproved
from bank.approvals.queries import RequestView, pending_on
from bank.approvals.rules import ON_AN_INTERMEDIARY, STANDING, sound_to
from bank.people.rules import FUND_MANAGER
from bank.treasury.commands import hold_headroom
from bank.treasury.rules import BadTerms
from intermediaries.register import commands as register
from intermediaries.register import queries as registered
from intermediaries.register.queries import IntermediaryView
from intermediaries.register.rules import SUSPENDED, sound_standing
from ledger.money import Money
from ledger.queries import Known
from ledger.store.database import ReadSession
from ledger.store.work import Actor, Work, command


@command
def set_standing(
    work: Work, *, intermediary: str, standing: str, on: date, reason: str, key: str | None = None
) -> IntermediaryView:
    """Record how an intermediary stands from a day on, and why.

    To suspend one is done by anybody at once, for then nothing is paid while others look. That it is active again, or
    that it failed, takes the agreement of others where a rule asks for it, by all that was ever approved for it.
    """
    work.actor.require(FUND_MANAGER)
    hold_headroom(work)
    registered.intermediary(work.session, intermediary, viewer=work.actor)
    if sound_standing(standing) != SUSPENDED:
        refuse_unapproved(work, STANDING, intermediary, approved_for(work.session, intermediary), standing)
    return register.set_standing(work, intermediary=intermediary, standing=standing, on=on, reason=reason, key=key)


@command
def ask_for_partner(
    work: Work, *, action: str, intermediary: str, amount: Money, reason: str, key: str, to: str = ""
) -> RequestView:
    """Ask for the agreement that an act on an intermediary takes; then do it oneself, for exactly this.

    `to` is the standing. Refuses an intermediary that there is not.
    """
    work.actor.require(FUND_MANAGER)
    if action not in ON_AN_INTERMEDIARY:
        raise BadTerms(f"Agreement to {action!r:.40} is not asked for on an intermediary: name a facility or a book")
    registered.intermediary(work.session, intermediary, viewer=work.actor)
    facts = {"to": sound_standing(sound_to(action, intermediary, to))}
    return ask(work, action=action, subject=intermediary, amount=amount, reason=reason, facts=facts, key=f"{key}/ask")


def intermediary_as_asked(
    session: ReadSession,
    wanted: str,
    *,
    viewer: Actor,
    as_at: date | None = None,
    known: Known | None = None,
) -> IntermediaryView:
    """One intermediary with what waits on it for somebody's word; to another intermediary's actor there is none."""
    found = registered.intermediary(session, wanted, viewer=viewer, as_at=as_at, known=known)
    waits = pending_on(session, [wanted], known).get(wanted, ()) if viewer.kind != "intermediary" else ()
    return found.model_copy(update={"pending": waits})
