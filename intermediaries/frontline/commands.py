"""What is done at the frontline: borrowers are met as returns name them, joined when they prove one, and tested."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import select

from intermediaries.frontline.model import (
    AssetLockFact,
    GovernanceTest,
    Organisation,
    OrganisationDescription,
    OrganisationJoin,
    OrganisationRegistration,
)
from intermediaries.frontline.queries import OrganisationView, holders, organisation, standing
from intermediaries.frontline.rules import Filing, LockKind, basis_of, known_by, matched, problem_with_lock
from ledger import trail
from ledger.refusals import Malformed, Refusal
from ledger.store.many import insert_many, insert_unless_there
from ledger.store.work import Busy, Work, command

_BODIES, _NUMBERS, _WORDS = (
    one.metadata.tables[one.__tablename__] for one in (Organisation, OrganisationRegistration, OrganisationDescription)
)
"""Their tables: very many rows are written by them, without making an object of each."""


class NothingToJoin(Refusal):
    """Two ids that already mean one organisation."""

    slug = "nothing-to-join"
    status = 409


class ReasonNeeded(Refusal):
    """A decision without its reason or evidence."""

    slug = "reason-needed"
    status = 422


class LockDoesNotFit(Malformed):
    """A lock on assets that this organisation cannot have."""

    slug = "lock-does-not-fit"


def ensure_organisation(work: Work, *, name: str, legal_form: str, identifiers: Sequence[str], told_by: str) -> str:
    """The id of the organisation that a return names, met now if nobody named it before; see `ensure_organisations`."""
    return ensure_organisations(work, [Filing(name, legal_form, tuple(identifiers), told_by)])[0]


def ensure_organisations(work: Work, filings: Sequence[Filing]) -> list[str]:
    """The organisation of each filing, in the same order; part of whatever unit of work is open.

    A body is found through any identifier, whichever intermediary named it first; identifiers and names not held yet
    are added to it. Refuses a filing whose identifiers belong to two organisations (`TwoOrganisations`), and one that
    meets a body at the very moment in which another does (`Busy`): it is one body, and the second try finds it.
    """
    marks = [known_by(filing) for filing in filings]
    held = holders(work.session, (mark for known in marks for mark in known))
    told = _last_told(work, set(held.values()))
    news = _News(work)
    answer = []
    for filing, known in zip(filings, marks, strict=True):
        one = matched(filing, held, known) or news.meet(filing, known)
        fresh = {mark: identifier for mark, identifier in known.items() if mark not in held}
        news.register(one, filing, fresh)
        held |= dict.fromkeys(fresh, one)
        if told.get((one, filing.told_by)) != (filing.name, filing.legal_form):
            news.describe(one, filing)
            told[one, filing.told_by] = (filing.name, filing.legal_form)
        answer.append(one)
    news.write()
    return answer


@command
def join_organisations(
    work: Work, *, kept: str, absorbed: str, reason: str, key: str | None = None
) -> OrganisationView:
    """Record that two organisations are one body; everything said of the absorbed one is said of the kept one.

    Takes a fund manager and a reason. Refuses ids that are not held, and two that are one already.
    """
    del key
    work.actor.require("fund-manager", "operator")
    _given(reason, "why the two are one body")
    for one in (kept, absorbed):
        organisation(work.session, one)
    ends = standing(work.session, [kept, absorbed])
    if ends[kept] == ends[absorbed]:
        raise NothingToJoin(f"{kept} and {absorbed} are one organisation already")
    work.session.add(OrganisationJoin(absorbed=ends[absorbed], kept=ends[kept], reason=reason, recorded_at=work.now))
    work.session.flush()
    trail.record(work, action="organisation.join", subject=ends[kept], reason=reason, absorbed=ends[absorbed])
    return organisation(work.session, ends[kept])


@command
def decide_governance_test(
    work: Work, *, organisation_id: str, passed: bool, evidence: str, key: str | None = None
) -> OrganisationView:
    """Record whether an organisation's own constitution makes it eligible, where its legal form does not.

    Takes a fund manager and the evidence. The tests themselves: objects for society, surpluses mainly for them,
    payments to members capped, assets locked, pay within the sector's norms.
    """
    del key
    work.actor.require("fund-manager", "operator")
    _given(evidence, "the evidence")
    kept = organisation(work.session, organisation_id).id
    work.session.add(
        GovernanceTest(
            organisation=kept, passed=passed, evidence=evidence, decided_by=work.actor.id, recorded_at=work.now
        )
    )
    work.session.flush()
    trail.record(work, action="organisation.test-governance", subject=kept, reason=evidence, passed=passed)
    return organisation(work.session, kept)


@command
def record_asset_lock(
    work: Work, *, organisation_id: str, kind: str, from_on: date, evidence: str, key: str | None = None
) -> OrganisationView:
    """Record what locks an organisation's assets from a day on, where its form and registers alone do not tell.

    Takes a fund manager and the evidence: the rule or article read, and where. Refuses a kind there is not, one that a
    body of its form cannot have (`LockDoesNotFit`), and a day that has not come. "not-known" takes back what was said.
    """
    del key
    work.actor.require("fund-manager", "operator")
    _given(evidence, "what shows it")
    found = organisation(work.session, organisation_id)
    if kind not in set(LockKind):
        raise LockDoesNotFit(f"{kind!r:.40} is no kind of asset lock: they are {', '.join(LockKind)}", kind=kind[:40])
    problem = problem_with_lock(LockKind(kind), found.legal_form, found.identifiers)
    if problem is not None:
        raise LockDoesNotFit(f"{found.name} cannot have that lock: {problem}", kind=kind)
    if from_on > work.today:
        raise LockDoesNotFit(f"{from_on} has not come: give the day from which it holds", from_on=str(from_on))
    work.session.add(
        AssetLockFact(
            organisation=found.id,
            kind=kind,
            from_on=from_on,
            evidence=evidence,
            decided_by=work.actor.id,
            recorded_at=work.now,
        )
    )
    work.session.flush()
    trail.record(
        work, action="organisation.record-lock", subject=found.id, reason=evidence, kind=kind, from_on=str(from_on)
    )
    return organisation(work.session, found.id)


def _given(text: str, what: str) -> None:
    if not text.strip():
        raise ReasonNeeded(f"say {what}: a decision without it cannot be recorded")


def _last_told(work: Work, ids: set[str]) -> dict[tuple[str, str], tuple[str, str]]:
    rows = select(OrganisationDescription).where(OrganisationDescription.organisation.in_(ids))
    told = work.session.scalars(rows.order_by(OrganisationDescription.id))
    return {(row.organisation, row.told_by): (row.name, row.legal_form) for row in told}


def _met(one: str, filing: Filing, identifiers: list[str]) -> trail.Said:
    eligibility = basis_of(filing.legal_form, filing.identifiers)
    facts = {"identifiers": identifiers, "told_by": filing.told_by, "eligibility": eligibility}
    return trail.Said("organisation.meet", one, "", facts)


class _News:
    """What a return tells that was not held yet, gathered so that it is written in three statements."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.met: dict[str, tuple[Filing, list[str]]] = {}
        self.registrations: list[dict[str, object]] = []
        self.descriptions: list[dict[str, object]] = []

    def meet(self, filing: Filing, known: Mapping[str, str]) -> str:
        """A new organisation's id."""
        one = self.work.new_id("org")
        self.met[one] = (filing, sorted(known.values()))
        return one

    def register(self, one: str, filing: Filing, fresh: Mapping[str, str]) -> None:
        """Registrations that the organisation was not known by."""
        about = {"organisation": one, "told_by": filing.told_by, "recorded_at": self.work.now}
        self.registrations += [
            {"registration": mark, "identifier": identifier, **about} for mark, identifier in fresh.items()
        ]

    def describe(self, one: str, filing: Filing) -> None:
        """A name and form that this intermediary had not told of it."""
        about = {"told_by": filing.told_by, "recorded_at": self.work.now}
        self.descriptions.append({"organisation": one, "name": filing.name, "legal_form": filing.legal_form, **about})

    def write(self) -> None:
        """Write it all, with a line in the trail for each organisation met."""
        session, now = self.work.session, self.work.now
        insert_many(session, _BODIES, [{"id": one, "recorded_at": now} for one in self.met])
        if insert_unless_there(session, _NUMBERS, self.registrations) < len(self.registrations):
            # Somebody gave one of them to another organisation at this very moment.
            raise Busy(
                "A borrower of this return was met by another return in the same moment: "
                "nothing was done, send the same request again"
            )
        insert_many(session, _WORDS, self.descriptions)
        trail.record_all(self.work, [_met(one, *said) for one, said in self.met.items()])
