"""The looks at the frontline: who an organisation is, as known at an instant, and whom an identifier means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Final, TypeVar

from sqlalchemy import select

from intermediaries.frontline.identifiers import best, registration
from intermediaries.frontline.model import (
    AssetLockFact,
    GovernanceTest,
    Organisation,
    OrganisationDescription,
    OrganisationJoin,
    OrganisationRegistration,
)
from intermediaries.frontline.rules import FORMS, AssetLock, Basis, LockKind, basis_of, evidence_of, lock_of
from ledger.refusals import NotFound
from ledger.store.database import ReadSession
from ledger.store.work import View

_AT_ONCE: Final = 500
_OURS: Final = "org_"
_Told = TypeVar("_Told", OrganisationRegistration, OrganisationDescription, GovernanceTest, AssetLockFact)


class NoSuchOrganisation(NotFound):
    """An organisation that is not held."""

    slug = "no-such-organisation"


class OrganisationView(View):
    """An organisation as it is shown: the latest name and form told of it, every registration, and what they imply.

    `told_by` are the intermediaries that named it. `lock_since` is the day from which a recorded lock holds; none where
    form and registers alone tell of it. `eligibility_evidence` is what the basis rests on, or why a test was failed.
    """

    id: str
    identifier: str
    name: str
    legal_form: str
    identifiers: tuple[str, ...]
    told_by: tuple[str, ...]
    asset_lock: AssetLock
    lock_kind: LockKind
    lock_since: date | None
    lock_evidence: str
    eligibility: Basis
    eligibility_evidence: str
    eligibility_decided_at: datetime | None


def organisation(
    session: ReadSession, organisation_id: str, known: datetime | None = None, as_at: date | None = None
) -> OrganisationView:
    """One organisation, or a refusal when there is none of that id. An absorbed one answers as the one that kept it."""
    kept = standing(session, [organisation_id], known)[organisation_id]
    found = organisations(session, [kept], known, as_at)
    if kept not in found:
        raise NoSuchOrganisation(f"there is no organisation {organisation_id!r:.80}")
    return found[kept]


def organisations(
    session: ReadSession, ids: Iterable[str], known: datetime | None = None, as_at: date | None = None
) -> dict[str, OrganisationView]:
    """Organisations by id, as known at an instant; ids that are not held, or not yet, are left out.

    Locks on assets are those that held on a day, the day of the instant unless told.
    """
    instant = known if known is not None else session.now
    day = as_at or instant.date()
    wanted = set(ids)
    joined = _joined(session, instant)
    family = {one: one for one in wanted} | {gone: end for gone in joined if (end := _end(gone, joined)) in wanted}

    def told(table: type[_Told]) -> dict[str, list[_Told]]:
        found: dict[str, list[_Told]] = {}
        for row in _told_of(session, table, family, instant):
            found.setdefault(family[row.organisation], []).append(row)
        return found

    registrations, words = told(OrganisationRegistration), told(OrganisationDescription)
    tests, locks = told(GovernanceTest), told(AssetLockFact)
    return {
        one: _view(one, said, registrations.get(one, []), tests.get(one, []), locks.get(one, []), day)
        for one, said in words.items()
    }


def organisation_named(
    session: ReadSession, identifier: str, known: datetime | None = None, as_at: date | None = None
) -> OrganisationView:
    """The organisation of an id, or of any of its identifiers in whichever register; refuses one that is not held."""
    wanted = identifier.strip()
    if not wanted.startswith(_OURS):
        found = organisation_by(session, wanted)
        if found is None:
            raise NoSuchOrganisation(f"nobody has been lent to under {wanted!r:.80}")
        wanted = found
    return organisation(session, wanted, known, as_at)


def organisation_by(session: ReadSession, identifier: str) -> str | None:
    """The organisation that any identifier means today, whichever register it is of; None when nobody has it."""
    return holders(session, [registration(identifier)]).get(registration(identifier))


def holders(session: ReadSession, registrations: Iterable[str]) -> dict[str, str]:
    """Which organisation holds each registration today, joins followed."""
    held: dict[str, str] = {}
    for some in _handfuls(registrations):
        rows = select(OrganisationRegistration).where(OrganisationRegistration.registration.in_(some))
        held |= {row.registration: row.organisation for row in session.scalars(rows)}
    kept = standing(session, held.values())
    return {mark: kept[holder] for mark, holder in held.items()}


def standing(session: ReadSession, ids: Iterable[str], known: datetime | None = None) -> dict[str, str]:
    """For each id, the organisation that stands for it: itself, or the one it was found to be."""
    joined = _joined(session, known if known is not None else session.now)
    return {one: _end(one, joined) for one in ids}


def count_held(session: ReadSession) -> int:
    """How many organisations are held, joined ones once."""
    held = set(session.scalars(select(Organisation.id)))
    return len(held) - len(_joined(session, session.now))


def _told_of(session: ReadSession, table: type[_Told], ids: Iterable[str], instant: datetime) -> Iterator[_Told]:
    """What a table says of organisations, as known at an instant, the earliest first."""
    for some in _handfuls(ids):
        rows = select(table).where(table.organisation.in_(some), table.recorded_at <= instant)
        yield from sorted(session.scalars(rows), key=_place)


def _place(row: object) -> int:
    return getattr(row, "id", 0)


def _handfuls(marks: Iterable[str]) -> Iterator[list[str]]:
    """A database takes only so many marks in one question."""
    left = sorted(set(marks))
    while left:
        yield left[:_AT_ONCE]
        left = left[_AT_ONCE:]


def _joined(session: ReadSession, instant: datetime) -> dict[str, str]:
    rows = select(OrganisationJoin).where(OrganisationJoin.recorded_at <= instant)
    return {row.absorbed: row.kept for row in session.scalars(rows)}


def _end(one: str, joined: Mapping[str, str]) -> str:
    while one in joined:
        one = joined[one]
    return one


def _view(
    one: str,
    said: list[OrganisationDescription],
    registrations: list[OrganisationRegistration],
    tests: list[GovernanceTest],
    locks: list[AssetLockFact],
    day: date,
) -> OrganisationView:
    words, identifiers = said[-1], sorted(row.identifier for row in registrations)
    lock = max((row for row in locks if row.from_on <= day), key=lambda row: (row.from_on, row.id), default=None)
    kind = lock_of(words.legal_form, identifiers)
    if kind.asset_lock is not AssetLock.LOCKED and lock is not None:
        kind = LockKind(lock.kind)
    else:
        lock = None
    basis, evidence = basis_of(words.legal_form, identifiers), evidence_of(words.legal_form, identifiers)
    test = tests[-1] if tests and basis is Basis.UNDECIDED else None
    if test is not None:
        basis, evidence = Basis.GOVERNANCE_TEST if test.passed else basis, test.evidence
    return OrganisationView(
        id=one,
        identifier=best(identifiers) or one,
        name=words.name,
        legal_form=words.legal_form,
        identifiers=tuple(identifiers),
        told_by=tuple(sorted({row.told_by for row in said} | {row.told_by for row in registrations})),
        asset_lock=kind.asset_lock,
        lock_kind=kind,
        lock_since=lock.from_on if lock else None,
        lock_evidence=lock.evidence if lock else FORMS[words.legal_form].law if words.legal_form in FORMS else "",
        eligibility=basis,
        eligibility_evidence=evidence,
        eligibility_decided_at=test.recorded_at if test else None,
    )
