"""The looks at the frontline: who an organisation is, as known at an instant, and whom an identifier means."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Row, or_, select

from intermediaries.frontline.identifiers import best, registration
from intermediaries.frontline.model import (
    AssetLockFact,
    GovernanceTest,
    Organisation,
    OrganisationDescription,
    OrganisationJoin,
    OrganisationRegistration,
)
from intermediaries.frontline.rules import (
    CHARITY_REGISTERS,
    FORMS,
    AssetLock,
    Basis,
    LockKind,
    basis_of,
    evidence_of,
    lock_of,
)
from ledger.refusals import NotFound
from ledger.store.database import ReadSession
from ledger.store.listed import one_of
from ledger.store.work import View

_AT_ONCE: Final = 20_000
_OURS: Final = "org_"


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


class Body(NamedTuple):
    """What an organisation is, without what it is called: its kind of lock on assets, and what makes it eligible."""

    lock: LockKind
    eligibility: Basis


UNTOLD: Final = Body(LockKind.NOT_KNOWN, Basis.UNDECIDED)
"""One of whom nothing was recorded."""


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
    told = _told(session, ids, instant)
    return {one: _view(one, said, told.of(one), day) for one, said in told.words.items()}


def bodies(
    session: ReadSession, ids: Iterable[str], known: datetime | None = None, as_at: date | None = None
) -> dict[str, Body]:
    """What organisations are, by id, where nobody asks how they are called; the same as `organisations` shows.

    Of most of them nothing is told but their form, so bodies of one form are one; of registrations, those of charities
    alone say more than it does. It is for whoever asks after nearly all that are held: what is told of any is read.
    """
    instant = known if known is not None else session.now
    day = as_at or instant.date()
    family = _family(session, ids, instant)
    words, marks, test, lock = OrganisationDescription, OrganisationRegistration, GovernanceTest, AssetLockFact
    last: dict[str, tuple[int, str]] = {}
    for named, place, form in _each(session, family, instant, words.organisation, words.id, words.legal_form):
        one, told_last = family[named], (place, form)
        if last.setdefault(one, told_last) < told_last:
            last[one] = told_last

    def told(*columns: Any) -> dict[str, list[Row[*tuple[Any, ...]]]]:
        return _together(family, sorted(_each(session, family, instant, *columns), key=_place))

    charity = or_(*(marks.registration.startswith(f"{register}-") for register in sorted(CHARITY_REGISTERS)))
    more = _Told(
        words={},
        registrations=_together(
            family, _each(session, family, instant, marks.organisation, marks.identifier, of=charity)
        ),
        tests=told(test.organisation, test.id, test.passed),
        locks=told(lock.organisation, lock.id, lock.kind, lock.from_on),
    )
    plain = {form: _Of((), (), ()).body(form, day) for form in {form for _, form in last.values()}}
    found = {one: plain[form] for one, (_, form) in last.items()}
    for one in {*more.registrations, *more.tests, *more.locks} & found.keys():
        found[one] = more.of(one).body(last[one][1], day)
    return found


class _Of(NamedTuple):
    """What was recorded of one organisation, the earliest first."""

    registrations: Sequence[Row[*tuple[Any, ...]]]
    tests: Sequence[Row[*tuple[Any, ...]]]
    locks: Sequence[Row[*tuple[Any, ...]]]

    @property
    def identifiers(self) -> list[str]:
        """Its registrations as they were first written."""
        return sorted(row.identifier for row in self.registrations)

    def lock(self, legal_form: str, day: date) -> tuple[LockKind, Row[*tuple[Any, ...]] | None]:
        """What locks its assets on a day, and the fact that says so, where form and registers do not."""
        kind = lock_of(legal_form, self.identifiers)
        by_then = (row for row in self.locks if row.from_on <= day)
        fact = max(by_then, key=lambda row: (row.from_on, row.id), default=None)
        if kind.asset_lock is AssetLock.LOCKED or fact is None:
            return kind, None
        return LockKind(fact.kind), fact

    def basis(self, legal_form: str) -> tuple[Basis, Row[*tuple[Any, ...]] | None]:
        """What makes it eligible, and the test that was asked, where form and registers do not."""
        basis = basis_of(legal_form, self.identifiers)
        test = self.tests[-1] if self.tests and basis is Basis.UNDECIDED else None
        return (Basis.GOVERNANCE_TEST if test is not None and test.passed else basis), test

    def body(self, legal_form: str, day: date) -> Body:
        """What it is."""
        return Body(self.lock(legal_form, day)[0], self.basis(legal_form)[0])


class _Told(NamedTuple):
    """What was recorded of many organisations, by the one that each stands for."""

    words: Mapping[str, Sequence[Row[*tuple[Any, ...]]]]
    registrations: Mapping[str, Sequence[Row[*tuple[Any, ...]]]]
    tests: Mapping[str, Sequence[Row[*tuple[Any, ...]]]]
    locks: Mapping[str, Sequence[Row[*tuple[Any, ...]]]]

    def of(self, one: str) -> _Of:
        """What was recorded of one."""
        return _Of(self.registrations.get(one, ()), self.tests.get(one, ()), self.locks.get(one, ()))


def _told(session: ReadSession, ids: Iterable[str], instant: datetime) -> _Told:
    family = _family(session, ids, instant)

    def told(*columns: Any) -> dict[str, list[Row[*tuple[Any, ...]]]]:
        return _together(family, _told_of(session, columns, family, instant))

    words, marks, test, lock = OrganisationDescription, OrganisationRegistration, GovernanceTest, AssetLockFact
    return _Told(
        words=told(words.organisation, words.recorded_at, words.id, words.name, words.legal_form, words.told_by),
        registrations=told(marks.organisation, marks.recorded_at, marks.identifier, marks.told_by),
        tests=told(test.organisation, test.recorded_at, test.id, test.passed, test.evidence),
        locks=told(lock.organisation, lock.recorded_at, lock.id, lock.kind, lock.from_on, lock.evidence),
    )


def _family(session: ReadSession, ids: Iterable[str], instant: datetime) -> dict[str, str]:
    """Organisations and all that were found to be one of them, each with the one that it stands for."""
    wanted = set(ids)
    joined = _joined(session, instant)
    return {one: one for one in wanted} | {gone: end for gone in joined if (end := _end(gone, joined)) in wanted}


def _together(
    family: Mapping[str, str], rows: Iterable[Row[*tuple[Any, ...]]]
) -> dict[str, list[Row[*tuple[Any, ...]]]]:
    """Rows by the organisation that whoever they are of stands for."""
    found: dict[str, list[Row[*tuple[Any, ...]]]] = {}
    for row in rows:
        found.setdefault(family[row.organisation], []).append(row)
    return found


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
        rows = select(OrganisationRegistration).where(one_of(session, OrganisationRegistration.registration, some))
        held |= {row.registration: row.organisation for row in session.scalars(rows)}
    kept = standing(session, held.values())
    return {mark: kept[holder] for mark, holder in held.items()}


def standing(session: ReadSession, ids: Iterable[str], known: datetime | None = None) -> dict[str, str]:
    """For each id, the organisation that stands for it: itself, or the one it was found to be."""
    stands_for = standing_for(session, known)
    return {one: stands_for(one) for one in ids}


def standing_for(session: ReadSession, known: datetime | None = None) -> Callable[[str], str]:
    """The same for one id after another, however many there will be."""
    joined = _joined(session, known if known is not None else session.now)
    return lambda one: _end(one, joined)


def count_held(session: ReadSession) -> int:
    """How many organisations are held, joined ones once."""
    held = set(session.scalars(select(Organisation.id)))
    return len(held) - len(_joined(session, session.now))


def _told_of(
    session: ReadSession, columns: Sequence[Any], ids: Iterable[str], instant: datetime
) -> Iterator[Row[*tuple[Any, ...]]]:
    """What a table says of organisations, as known at an instant, the earliest first; whose and when come first."""
    whose, recorded_at, *_ = columns
    for some in _handfuls(ids):
        rows = session.execute(select(*columns).where(one_of(session, whose, some), recorded_at <= instant))
        yield from sorted(rows, key=_place)


def _each(
    session: ReadSession, wanted: Container[str], instant: datetime, whose: Any, *columns: Any, of: Any = None
) -> Iterator[Row[*tuple[Any, ...]]]:
    """What a table says of the organisations wanted, as known at an instant, in no order: plain rows, for many."""
    cuts = () if of is None else (of,)
    query = select(whose, *columns).where(whose.class_.recorded_at <= instant, *cuts)
    return (row for row in session.connection().execute(query).all() if row[0] in wanted)


def _place(row: object) -> int:
    return getattr(row, "id", 0)


def _handfuls(marks: Iterable[str]) -> Iterator[list[str]]:
    """As many marks as are told to a database in one list."""
    left = sorted(set(marks))
    return (left[first : first + _AT_ONCE] for first in range(0, len(left), _AT_ONCE))


def _joined(session: ReadSession, instant: datetime) -> dict[str, str]:
    rows = select(OrganisationJoin).where(OrganisationJoin.recorded_at <= instant)
    return {row.absorbed: row.kept for row in session.scalars(rows)}


def _end(one: str, joined: Mapping[str, str]) -> str:
    while one in joined:
        one = joined[one]
    return one


def _view(one: str, said: Sequence[Row[*tuple[Any, ...]]], told: _Of, day: date) -> OrganisationView:
    words, identifiers = said[-1], told.identifiers
    kind, lock = told.lock(words.legal_form, day)
    basis, test = told.basis(words.legal_form)
    return OrganisationView(
        id=one,
        identifier=best(identifiers) or one,
        name=words.name,
        legal_form=words.legal_form,
        identifiers=tuple(identifiers),
        told_by=tuple(sorted({row.told_by for row in said} | {row.told_by for row in told.registrations})),
        asset_lock=kind.asset_lock,
        lock_kind=kind,
        lock_since=lock.from_on if lock else None,
        lock_evidence=lock.evidence if lock else FORMS[words.legal_form].law if words.legal_form in FORMS else "",
        eligibility=basis,
        eligibility_evidence=evidence_of(words.legal_form, identifiers) if test is None else test.evidence,
        eligibility_decided_at=test.recorded_at if test else None,
    )
