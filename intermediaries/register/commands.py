"""The verbs of the register: register an intermediary, and change how it stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from intermediaries.register.model import Intermediary, IntermediaryStanding
from intermediaries.register.queries import Contact, IntermediaryView, intermediary, name_taken, standing_at
from intermediaries.register.rules import (
    BadIntermediary,
    NameTaken,
    StandingUnchanged,
    own,
    sound_identifiers,
    sound_kind,
    sound_name,
    sound_standing,
)
from ledger import trail
from ledger.chart import INTERMEDIARY
from ledger.commands import open_book
from ledger.dates import within_calendar
from ledger.store.work import Work, command


@command
def register_intermediary(
    work: Work,
    *,
    name: str,
    kind: str,
    identifiers: Sequence[str] = (),
    contacts: Sequence[Contact] = (),
    key: str,
) -> IntermediaryView:
    """Take a partner into the register, active from today, and open its memorandum book under its id.

    Takes a fund manager. Refuses a name that is registered already (`NameTaken`), an unknown kind and an identifier
    that has a problem.
    """
    del key
    work.actor.require("fund-manager")
    called = sound_name(name)
    if name_taken(work.session, called):
        raise NameTaken(f"{called!r} is registered already: give the new intermediary a name of its own")
    row = Intermediary(
        id=work.new_id("int"),
        name=called,
        kind=sound_kind(kind),
        identifiers=sound_identifiers(identifiers),
        contacts=[contact.model_dump() for contact in contacts],
        registered_at=work.now,
        registered_by=work.actor.id,
    )
    work.session.add(row)
    work.session.flush()
    _say(work, row.id, "active", work.today, "registered")
    open_book(work, row.id, INTERMEDIARY, name=f"Memorandum book of {called}"[:300])
    trail.record(work, action="intermediary.register", subject=row.id, name=called, kind=kind)
    return intermediary(work.session, row.id, viewer=work.actor)


@command
def set_standing(
    work: Work, *, intermediary: str, standing: str, on: date, reason: str, key: str | None = None
) -> IntermediaryView:
    """Record how an intermediary stands from a day on, and why.

    Takes a fund manager. Refuses a standing that is the same as it was on that day, and a change without its reason.
    """
    del key
    return _changed(work, intermediary, sound_standing(standing), on, reason)


@command
def mark_failed(work: Work, *, intermediary: str, on: date, reason: str, key: str | None = None) -> IntermediaryView:
    """Record that an intermediary failed on a day, and why. What it still reports is taken as before."""
    del key
    return _changed(work, intermediary, "failed", on, reason)


def _changed(work: Work, intermediary_id: str, standing: str, on: date, reason: str) -> IntermediaryView:
    own(work.actor, intermediary_id)
    work.actor.require("fund-manager")
    if not reason.strip():
        raise BadIntermediary("Say why the standing changes: the reason is kept with it")
    if standing_at(work.session, intermediary_id, within_calendar(on)) == standing:
        raise StandingUnchanged(f"{intermediary_id} is {standing} on {on} already")
    _say(work, intermediary_id, standing, on, reason)
    trail.record(work, action=f"intermediary.{standing}", subject=intermediary_id, reason=reason, effective_on=str(on))
    return intermediary(work.session, intermediary_id, viewer=work.actor, as_at=max(on, work.today))


def _say(work: Work, intermediary_id: str, standing: str, on: date, reason: str) -> None:
    work.session.add(
        IntermediaryStanding(
            intermediary=intermediary_id,
            standing=standing,
            effective_on=on,
            recorded_at=work.now,
            actor=work.actor.id,
            reason=reason,
        )
    )
    work.session.flush()
