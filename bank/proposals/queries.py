"""Looks at proposals of every kind: where one stands, and everything anywhere that waits for somebody's word."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, select

from bank.allocations.model import Facility, FacilityEvent
from bank.allocations.rules import PROPOSED
from bank.approvals.queries import RequestView, RuleView, request, requests, rule, rules_table, waited_for
from bank.approvals.rules import ACTIONS, APPROVE, OPEN, PROPOSALS, spoken
from bank.limits.queries import LimitView, limit, limits_table
from bank.people.queries import people
from bank.people.rules import FUND_MANAGER
from bank.proposals.registry import KINDS, PREFIXES, Kind
from ledger.money import Money
from ledger.queries import Known, known
from ledger.refusals import NotFound
from ledger.store.database import ReadSession
from ledger.store.outcomes import APPROVED, WAITING, ProposalOutcome
from ledger.store.proposals import TurnedDown, turned_down
from ledger.store.work import View

_TOLD_BESIDE = frozenset({"id", "facility_id", "proposed_by", "recorded_at"})
_UNTOLD: tuple[object, ...] = (None, "", [], {})
_LONGEST = 400
_EITHER = f"{spoken((FUND_MANAGER,))} or {spoken(('trustee',))}"
"""Who decides on a rule of approval and on a limit."""


class NoSuchProposal(NotFound):
    """Nothing of this id was proposed."""

    slug = "no-such-proposal"


class ProposalView(View):
    """Something proposed, whatever it is: what agreeing to it is called, what it is about, and where it stands."""

    id: str
    act: str
    title: str
    about: str
    amount: Money
    terms: str
    from_on: date
    proposed_by: str
    proposed_at: datetime
    state: str
    approved_by: str | None
    approved_at: datetime | None
    turned_down: TurnedDown | None
    waits_for: str


Decided = ProposalView | RequestView | RuleView | LimitView
"""What is decided on by its id alone."""


class WaitingView(View):
    """Something that waits: for the word of those named, or for its maker to carry out what was agreed to.

    `terms` is what a proposal says, in its own words and figures: what whoever agrees by its id agrees to.
    """

    id: str
    act: str
    title: str
    about: str
    amount: Money | None
    terms: str = ""
    asked_by: str
    asked_by_name: str = ""
    asked_at: datetime
    waits_for: str
    decide_with: str


@dataclass(frozen=True, slots=True)
class Found:
    """A proposal's row and its kind."""

    kind: Kind
    row: Any

    @property
    def id(self) -> str:
        """What it is known by."""
        return str(self.row.id)

    @property
    def proposed_by(self) -> str:
        """Who proposed it."""
        return str(self.row.proposed_by)

    @property
    def about(self) -> str:
        """The facility it is about, if it is about one."""
        return str(self.row.facility_id) if self.kind.on_facility else ""

    @property
    def terms(self) -> str:
        """What it says: each thing told of it but who, when and of which facility, so far as anything is told."""
        columns = (column.name for column in self.kind.row.__table__.columns if column.name not in _TOLD_BESIDE)
        values = ((name, getattr(self.row, name)) for name in columns)
        told = "; ".join(f"{name.replace('_', ' ')} {_worded(value)}" for name, value in values if value not in _UNTOLD)
        return told if len(told) <= _LONGEST else f"{told[: _LONGEST - 1]}…"


def found(session: ReadSession, proposal: str) -> Found:
    """What was proposed under an id, of whatever kind; refuses an unknown one."""
    prefix = proposal.partition("_")[0]
    for kind in KINDS:
        if kind.prefix == prefix and (row := session.get(kind.row, proposal)) is not None:
            return Found(kind, row)
    raise NoSuchProposal(f"Nothing was proposed under {proposal!r:.60}: `bank approval waiting` lists what waits")


def proposal_view(session: ReadSession, proposal: str, *, at: Known | None = None) -> ProposalView:
    """One proposal as it stands, as known then; refuses one that was not made by then."""
    told, then = found(session, proposal), at or known(session)
    if told.row.recorded_at > then.instant:
        raise NoSuchProposal(f"Nothing was proposed under {proposal} by {then.instant:%Y-%m-%d %H:%M} UTC")
    ended = session.get(ProposalOutcome, proposal)
    ended = None if ended is None or ended.recorded_at > then.instant else ended
    approved = ended is not None and ended.decision == APPROVED
    amount = _amount(session, told)
    return ProposalView(
        id=told.id,
        act=told.kind.act,
        title=PROPOSALS[told.kind.act],
        about=told.about,
        amount=amount,
        terms=told.terms,
        from_on=told.row.from_on,
        proposed_by=told.proposed_by,
        proposed_at=told.row.recorded_at,
        state=WAITING if ended is None else ended.decision,
        approved_by=ended.decided_by if ended is not None and approved else None,
        approved_at=ended.recorded_at if ended is not None and approved else None,
        turned_down=turned_down(ended),
        waits_for=waited_for(session, [(told.kind.act, told.id, amount)], then)[told.id] if ended is None else "",
    )


def whatever(session: ReadSession, wanted: str, *, at: Known | None = None) -> Decided:
    """What is decided on under an id, whatever it is, and where it stands: a proposal, a request, a rule, a limit."""
    if wanted.startswith("apr_"):
        return rule(session, wanted, at)
    if wanted.startswith("lim_"):
        return limit(session, wanted, at)
    if wanted.startswith(PREFIXES):
        return proposal_view(session, wanted, at=at)
    return request(session, wanted, at)


def waiting(session: ReadSession, *, at: Known | None = None) -> list[WaitingView]:
    """Everything that waits for somebody's word in any room, as known then, in the order it was asked for.

    Proposals of every kind, facilities not yet approved, rules and limits nobody has decided on, and requests: those
    not agreed to yet, and those agreed to that their maker has still to carry out.
    """
    then = at or known(session)
    all_ = [*_proposed(session, then), *_facilities(session, then), *_ruled(session, then), *_asked(session, then)]
    names = {one.id: one.name for one in people(session)}
    named = (one.model_copy(update={"asked_by_name": names.get(one.asked_by, one.asked_by)}) for one in all_)
    return sorted(named, key=lambda one: (one.asked_at, one.id))


def _proposed(session: ReadSession, then: Known) -> Iterator[WaitingView]:
    told: list[tuple[Found, Money]] = []
    for kind in KINDS:
        ended = exists().where(ProposalOutcome.proposal_id == kind.row.id, ProposalOutcome.recorded_at <= then.instant)
        rows = session.scalars(select(kind.row).where(kind.row.recorded_at <= then.instant, ~ended))
        told += [(one, _amount(session, one)) for one in (Found(kind, row) for row in rows)]
    wanted = waited_for(session, [(one.kind.act, one.id, amount) for one, amount in told], then)
    for one, amount in told:
        yield WaitingView(
            id=one.id,
            act=one.kind.act,
            title=PROPOSALS[one.kind.act],
            about=one.about,
            amount=amount or None,
            terms=one.terms,
            asked_by=one.proposed_by,
            asked_at=one.row.recorded_at,
            waits_for=wanted[one.id],
            decide_with=f"bank approval approve {one.id}",
        )


def _facilities(session: ReadSession, then: Known) -> Iterator[WaitingView]:
    moved = exists().where(
        FacilityEvent.facility_id == Facility.id,
        FacilityEvent.kind != PROPOSED,
        FacilityEvent.recorded_at <= then.instant,
    )
    rows = session.scalars(select(Facility).where(Facility.recorded_at <= then.instant, ~moved)).all()
    asked = [(APPROVE, row.id, row.amount) for row in rows]
    wanted = waited_for(session, asked, then, {row.id: row.intermediary for row in rows})
    for row in rows:
        yield WaitingView(
            id=row.id,
            act=APPROVE,
            title=ACTIONS[APPROVE],
            about=row.id,
            amount=row.amount,
            asked_by=row.proposed_by,
            asked_at=row.recorded_at,
            waits_for=wanted[row.id],
            decide_with=f"bank allocation approve {row.id}",
        )


def _ruled(session: ReadSession, then: Known) -> Iterator[WaitingView]:
    for one in rules_table(session, then):
        if one.decision is None:
            yield WaitingView(
                id=one.id,
                act="rule",
                title=f"making a rule of who must agree to {one.action}",
                about=one.action,
                amount=one.from_amount or None,
                asked_by=one.proposed_by,
                asked_at=one.proposed_at,
                waits_for=_EITHER,
                decide_with=f"bank approval approve {one.id}",
            )
    for each in limits_table(session, at=then):
        if each.decision is None:
            yield WaitingView(
                id=each.id,
                act="limit",
                title=f"making a limit: {each.title}",
                about=each.scope,
                amount=each.amount,
                asked_by=each.proposed_by,
                asked_at=each.proposed_at,
                waits_for=_EITHER,
                decide_with=f"bank limit approve {each.id}",
            )


def _asked(session: ReadSession, then: Known) -> Iterator[WaitingView]:
    for one in requests(session, at=then):
        if one.waits_for and one.action != APPROVE and one.action not in PROPOSALS:
            yield WaitingView(
                id=one.id,
                act=one.action,
                title=one.action_title,
                about=one.subject,
                amount=one.amount or None,
                asked_by=one.requested_by,
                asked_at=one.requested_at,
                waits_for=one.waits_for,
                decide_with=f"bank approval approve {one.id}" if one.state == OPEN else "",
            )


def _worded(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_worded, value))
    if isinstance(value, dict):
        return ", ".join(f"{name} {_worded(part)}" for name, part in value.items())
    return str(value)


def _amount(session: ReadSession, told: Found) -> Money:
    if not told.kind.on_facility:
        return told.kind.amount(told.row)
    return session.scalars(select(Facility.amount).where(Facility.id == told.about)).one()
