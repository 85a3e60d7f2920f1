"""The looks at the frontline: who an organisation is, as known at an instant, and whom an identifier means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final, TypeVar

from sqlalchemy import select

from intermediaries.frontline.identifiers import best, registration
from intermediaries.frontline.model import (
    GovernanceTest,
    Organisation,
    OrganisationDescription,
    OrganisationJoin,
    OrganisationRegistration,
)
from intermediaries.frontline.rules import AssetLock, Basis, asset_lock, basis_of
from ledger.refusals import NotFound
from ledger.store.database import ReadSession
from ledger.store.work import View

_AT_ONCE: Final = 500
_Told = TypeVar("_Told", OrganisationRegistration, OrganisationDescription, GovernanceTest)


class NoSuchOrganisation(NotFound):
    """An organisation that is not held."""

    slug = "no-such-organisation"


class OrganisationView(View):
    """An organisation as it is shown: the latest name and form told of it, every registration, and what they imply."""

    id: str
    identifier: str
    name: str
    legal_form: str
    identifiers: tuple[str, ...]
    asset_lock: AssetLock
    eligibility: Basis


def organisation(session: ReadSession, organisation_id: str, known: datetime | None = None) -> OrganisationView:
    """One organisation, or a refusal when there is none of that id. An absorbed one answers as the one that kept it."""
    kept = standing(session, [organisation_id], known)[organisation_id]
    found = organisations(session, [kept], known)
    if kept not in found:
        raise NoSuchOrganisation(f"there is no organisation {organisation_id!r:.80}")
    return found[kept]


def organisations(
    session: ReadSession, ids: Iterable[str], known: datetime | None = None
) -> dict[str, OrganisationView]:
    """Organisations by id, as known at an instant; ids that are not held, or not yet, are left out."""
    instant = known if known is not None else session.now
    wanted = set(ids)
    joined = _joined(session, instant)
    family = {one: one for one in wanted} | {gone: end for gone in joined if (end := _end(gone, joined)) in wanted}
    registrations: dict[str, list[str]] = {}
    for row in _told_of(session, OrganisationRegistration, family, instant):
        registrations.setdefault(family[row.organisation], []).append(row.identifier)
    words = {family[row.organisation]: row for row in _told_of(session, OrganisationDescription, family, instant)}
    tests = {family[row.organisation]: row.passed for row in _told_of(session, GovernanceTest, family, instant)}
    return {
        one: _view(one, told, registrations.get(one, []), passed=tests.get(one, False)) for one, told in words.items()
    }


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


def _view(one: str, words: OrganisationDescription, identifiers: list[str], *, passed: bool) -> OrganisationView:
    basis = basis_of(words.legal_form, identifiers)
    if basis is Basis.UNDECIDED and passed:
        basis = Basis.GOVERNANCE_TEST
    return OrganisationView(
        id=one,
        identifier=best(identifiers) or one,
        name=words.name,
        legal_form=words.legal_form,
        identifiers=tuple(sorted(identifiers)),
        asset_lock=asset_lock(words.legal_form, identifiers),
        eligibility=basis,
    )
