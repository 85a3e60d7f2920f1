"""What sort of risk a facility is: told freely while it is only proposed, by two people from then on.

Limits are read from it: where the money is at work, whether it is secured, who bears the first loss.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from bank.allocations.life.evidence.commands import shown
from bank.allocations.life.gates import may_describe
from bank.allocations.life.model import FacilityDescription, FacilityDescriptionApproval, FacilityProfile
from bank.allocations.life.noting import facility_now
from bank.allocations.life.queries import profiles
from bank.allocations.life.rules import sound_match, sound_words
from bank.allocations.model import Facility
from bank.allocations.queries import FacilityView
from bank.allocations.recording import take
from bank.allocations.rules import PROPOSED, REJECTED, STATES, WrongState, refuse_unless
from bank.approvals.queries import requests
from bank.approvals.rules import APPROVE, DESCRIBE, OPEN
from bank.approvals.seconding import heard
from bank.limits.placing import sound_region
from bank.limits.rules import Mark
from bank.people.rules import FUND_MANAGER
from bank.treasury.commands import hold_headroom
from bank.treasury.rules import BadTerms, happened_by
from ledger import trail
from ledger.agreeing import second
from ledger.refusals import NotFound
from ledger.store.work import Work, command

_PAST = tuple(state for state in STATES if state != REJECTED)


class NoSuchDescription(NotFound):
    """No description of this id was proposed."""

    slug = "no-such-description"


@dataclass(frozen=True, slots=True)
class _Told:
    """What is told of a facility at once; None is left as it was."""

    region: str | None
    secured: bool | None
    first_loss: bool | None
    match_at_signing: Decimal | None = None
    match_at_drawdown: Decimal | None = None


@command
def describe(
    work: Work,
    *,
    facility: str,
    on: date,
    key: str,
    region: str | None = None,
    secured: bool | None = None,
    first_loss: bool | None = None,
    match_at_signing: Decimal | None = None,
    match_at_drawdown: Decimal | None = None,
    evidence: str = "",
    reason: str = "",
) -> FacilityView:
    """Say what sort of risk a facility is, which limits ask, and before it is approved what match it takes.

    What is left out stays as it was told before. A region is one of England's, or another nation. A match is how many
    times the bank's money theirs must be. While the facility is proposed and nobody has agreed to it, what is told
    holds at once, and whoever told it last does not approve the facility. From then on it is a proposal with a reason:
    it holds once another has approved it, by what every limit reads with it. Refuses one that changes nothing.
    """
    work.actor.require(FUND_MANAGER)
    del key
    row, life = take(work, facility)
    happened_by(on, work.today, "A description")
    refuse_unless(life.state, _PAST, "described")
    matched = match_at_signing is not None or match_at_drawdown is not None
    free = life.state == PROPOSED and not _somebody_agreed(work, row)
    if matched:
        refuse_unless(life.state, (PROPOSED,), "given a match: amend it instead, and")
    told = _Told(
        region=sound_region(region),
        secured=secured,
        first_loss=first_loss,
        match_at_signing=sound_match(match_at_signing, "The match at signing"),
        match_at_drawdown=sound_match(match_at_drawdown, "The match at drawdown"),
    )
    evidence = shown(work, "described", evidence)
    if free:
        _kept(work, row, told, on, evidence, by=work.actor.id)
        trail.record(work, action="allocation.describe", subject=row.id, reason=reason or evidence, **_facts(work, row))
    elif matched:
        raise WrongState(f"Somebody has agreed to {row.name} as it was proposed: its match stays, or it is turned down")
    else:
        _proposed(work, row, told, on, sound_words(reason, "why it is described otherwise"), evidence)
    return facility_now(work, row)


@command
def approve_description(work: Work, *, id: str, key: str) -> FacilityView:  # noqa: A002 -- what a description is known by
    """Approve what somebody else proposed to say of a facility; it holds from then on.

    Every limit is read before, by what it says; the readings are kept with the decision. Refuses where a hard limit
    would be passed by it that nobody has let it pass; of a soft one the proposer's reason is kept.
    """
    del key
    proposed = work.session.get(FacilityDescription, id)
    if proposed is None:
        raise NoSuchDescription(f"There is no description {id!r:.60}: `bank approval waiting` lists what waits")
    hold_headroom(work)
    row, life = take(work, proposed.facility_id)
    by_all = heard(work, proposed, "description", act=DESCRIBE, amount=row.amount)
    refuse_unless(life.state, _PAST, "described")
    told = _Told(proposed.region, proposed.secured, proposed.first_loss)
    may_describe(work, row, Mark(told.region, told.secured, told.first_loss), proposed.from_on, proposed.reason)
    if not by_all:
        return facility_now(work, row)
    _kept(work, row, told, proposed.from_on, proposed.evidence, by=proposed.proposed_by)
    approval = partial(FacilityDescriptionApproval, description_id=id)
    second(work, proposed, "description", approval, action="allocation.describe", subject=row.id, **_facts(work, row))
    return facility_now(work, row)


def _somebody_agreed(work: Work, row: Facility) -> bool:
    return any(one.action == APPROVE and one.state == OPEN for one in requests(work.session, subjects=[row.id]))


def _proposed(work: Work, row: Facility, told: _Told, on: date, reason: str, evidence: str) -> None:
    stands = profiles(work.session, [row.id]).get(row.id)
    said = {name: getattr(told, name) for name in ("region", "secured", "first_loss")}
    if all(value is None or (stands is not None and getattr(stands, name) == value) for name, value in said.items()):
        raise BadTerms("This is how the facility is described already: say what of it changes")
    made = FacilityDescription(
        id=work.new_id("dsc"),
        facility_id=row.id,
        **said,
        from_on=on,
        reason=reason,
        evidence=evidence,
        proposed_by=work.actor.id,
        recorded_at=work.now,
    )
    work.session.add(made)
    work.session.flush()
    trail.record(
        work, action="allocation.propose-description", subject=row.id, reason=reason, description=made.id, **said
    )


def _kept(work: Work, row: Facility, told: _Told, on: date, evidence: str, *, by: str) -> None:
    before = profiles(work.session, [row.id]).get(row.id)
    work.session.add(
        FacilityProfile(
            id=work.new_id("prf"),
            facility_id=row.id,
            number=1 if before is None else before.number + 1,
            **{name: _or_before(getattr(told, name), before, name) for name in _Told.__slots__},
            effective_on=on,
            evidence=evidence,
            actor=by,
            recorded_at=work.now,
        )
    )
    work.session.flush()


def _facts(work: Work, row: Facility) -> dict[str, Any]:
    stands = profiles(work.session, [row.id])[row.id]
    return {name: getattr(stands, name) for name in _Told.__slots__}


def _or_before(new: Any, before: FacilityProfile | None, name: str) -> Any:
    return new if new is not None or before is None else getattr(before, name)
