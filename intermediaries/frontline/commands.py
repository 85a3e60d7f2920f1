"""What is done at the frontline: borrowers are met as returns name them, joined when they prove one, and tested."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from intermediaries.frontline.model import (
    GovernanceTest,
    Organisation,
    OrganisationDescription,
    OrganisationJoin,
    OrganisationRegistration,
)
from intermediaries.frontline.queries import OrganisationView, holders, organisation, standing
from intermediaries.frontline.rules import Filing, basis_of, known_by, matched
from ledger import trail
from ledger.refusals import Refusal
from ledger.store.work import Busy, Work, command


class NothingToJoin(Refusal):
    """Two ids that already mean one organisation."""

    slug = "nothing-to-join"
    status = 409


class ReasonNeeded(Refusal):
    """A decision without its reason or evidence."""

    slug = "reason-needed"
    status = 422


def ensure_organisation(work: Work, *, name: str, legal_form: str, identifiers: Sequence[str], told_by: str) -> str:
    """The id of the organisation that a return names, met now if nobody named it before; see `ensure_organisations`."""
    return ensure_organisations(work, [Filing(name, legal_form, tuple(identifiers), told_by)])[0]


def ensure_organisations(work: Work, filings: Sequence[Filing]) -> list[str]:
    """The organisation of each filing, in the same order; part of whatever unit of work is open.

    A body is found through any identifier, whichever intermediary named it first; identifiers and names not held yet
    are added to it. Refuses a filing whose identifiers belong to two organisations (`TwoOrganisations`), and one that
    meets a body at the very moment in which another does (`Busy`): it is one body, and the second try finds it.
    """
    held = holders(work.session, (mark for filing in filings for mark in known_by(filing)))
    told = _last_told(work, set(held.values()))
    answer = []
    for filing in filings:
        found = matched(filing, held)
        one = found if found is not None else _meet(work, filing)
        _add_registrations(work, one, filing, held)
        if told.get((one, filing.told_by)) != (filing.name, filing.legal_form):
            _describe(work, one, filing)
            told[one, filing.told_by] = (filing.name, filing.legal_form)
        answer.append(one)
    work.session.flush()
    return answer


@command
def join_organisations(work: Work, *, kept: str, absorbed: str, reason: str) -> OrganisationView:
    """Record that two organisations are one body; everything said of the absorbed one is said of the kept one.

    Takes a fund manager and a reason. Refuses ids that are not held, and two that are one already.
    """
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
def decide_governance_test(work: Work, *, organisation_id: str, passed: bool, evidence: str) -> OrganisationView:
    """Record whether an organisation's own constitution makes it eligible, where its legal form does not.

    Takes a fund manager and the evidence. The tests themselves: objects for society, surpluses mainly for them,
    payments to members capped, assets locked, pay within the sector's norms.
    """
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


def _given(text: str, what: str) -> None:
    if not text.strip():
        raise ReasonNeeded(f"say {what}: a decision without it cannot be recorded")


def _last_told(work: Work, ids: set[str]) -> dict[tuple[str, str], tuple[str, str]]:
    rows = select(OrganisationDescription).where(OrganisationDescription.organisation.in_(ids))
    told = work.session.scalars(rows.order_by(OrganisationDescription.id))
    return {(row.organisation, row.told_by): (row.name, row.legal_form) for row in told}


def _meet(work: Work, filing: Filing) -> str:
    one = work.new_id("org")
    work.session.add(Organisation(id=one, recorded_at=work.now))
    work.session.flush()
    identifiers = sorted(known_by(filing).values())
    trail.record(
        work,
        action="organisation.meet",
        subject=one,
        identifiers=identifiers,
        told_by=filing.told_by,
        eligibility=basis_of(filing.legal_form, filing.identifiers),
    )
    return one


def _add_registrations(work: Work, one: str, filing: Filing, held: dict[str, str]) -> None:
    """Give an organisation the registrations it lacks; nobody else may be giving one of them away at this moment."""
    fresh = [
        {
            "registration": mark,
            "identifier": identifier,
            "organisation": one,
            "told_by": filing.told_by,
            "recorded_at": work.now,
        }
        for mark, identifier in known_by(filing).items()
        if mark not in held
    ]
    if not fresh:
        return
    dialect = postgresql if work.database.dialect == "postgresql" else sqlite
    claim = dialect.insert(OrganisationRegistration).values(fresh).on_conflict_do_nothing()
    claimed = work.session.scalars(claim.returning(OrganisationRegistration.registration)).all()
    if len(claimed) < len(fresh):
        raise Busy(f"{filing.name} was met by another return in the same moment: nothing was done, send this one again")
    held.update(dict.fromkeys(claimed, one))


def _describe(work: Work, one: str, filing: Filing) -> None:
    work.session.add(
        OrganisationDescription(
            organisation=one,
            name=filing.name,
            legal_form=filing.legal_form,
            told_by=filing.told_by,
            recorded_at=work.now,
        )
    )
