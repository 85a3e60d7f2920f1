"""Who is who: people, their keys, and the actor behind a name or a secret."""

from __future__ import annotations

import hmac
from datetime import datetime
from functools import cache
from typing import Final

from sqlalchemy import Select, bindparam, select

from bank.people.model import AccessKey, Person
from bank.people.rules import INTERMEDIARY, hash_of, is_live, read_bearer
from ledger.refusals import NotFound
from ledger.store.database import ReadSession
from ledger.store.work import Actor, View

_NOBODYS_HASH: Final = bytes(32)


class PersonView(View):
    """A person as others see them."""

    id: str
    name: str
    email: str
    roles: tuple[str, ...]
    intermediary: str | None
    added_at: datetime


class KeyView(View):
    """A key without its secret."""

    id: str
    person: str | None
    intermediary: str | None
    label: str
    scopes: tuple[str, ...]
    last_four: str
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class NoSuchPerson(NotFound):
    """Nobody of this id or address."""

    slug = "no-such-person"


class NoSuchKey(NotFound):
    """No key of this id."""

    slug = "no-such-key"


def actor_for_secret(session: ReadSession, bearer: str, now: datetime) -> Actor | None:
    """Who shows this secret; none for one that is unknown, wrong, expired or revoked, without saying which.

    A hash is compared in constant time whether or not the key exists, so that time tells nothing about keys.
    """
    shown = read_bearer(bearer)
    if shown is None:
        return None
    key = session.get(AccessKey, shown.key_id)
    kept = _NOBODYS_HASH if key is None else key.secret_hash
    opens = hmac.compare_digest(kept, hash_of(shown.secret))
    if key is None or not opens or not is_live(now, key.expires_at, key.revoked_at):
        return None
    return _actor_of_key(session, key)


def actor_of_person(session: ReadSession, id_or_email: str) -> Actor:
    """The person as an actor with all their roles, for doors that know them by other means than a key."""
    return _actor_of(_row(session, id_or_email), None)


def person(session: ReadSession, id_or_email: str) -> PersonView:
    """One person; refuses an unknown one."""
    return shown_person(_row(session, id_or_email))


def people(session: ReadSession) -> list[PersonView]:
    """Everybody, in the order they came."""
    return [shown_person(row) for row in session.scalars(_everybody())]


@cache
def _everybody() -> Select[Person]:
    return select(Person).order_by(Person.added_at, Person.id)


def keys(session: ReadSession, person: str | None = None, intermediary: str | None = None) -> list[KeyView]:
    """Keys in the order they were issued, of one holder when given."""
    query = select(AccessKey).order_by(AccessKey.issued_at, AccessKey.id)
    if person is not None:
        query = query.where(AccessKey.person_id == _row(session, person).id)
    if intermediary is not None:
        query = query.where(AccessKey.intermediary == intermediary)
    return [shown_key(row) for row in session.scalars(query)]


def shown_person(row: Person) -> PersonView:
    """The row as a view."""
    return PersonView(
        id=row.id,
        name=row.name,
        email=row.email,
        roles=tuple(row.roles),
        intermediary=row.intermediary,
        added_at=row.added_at,
    )


def shown_key(row: AccessKey) -> KeyView:
    """The row as a view, without what is secret."""
    return KeyView(
        id=row.id,
        person=row.person_id,
        intermediary=row.intermediary,
        label=row.label,
        scopes=tuple(row.scopes),
        last_four=row.last_four,
        issued_at=row.issued_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )


def _row(session: ReadSession, id_or_email: str) -> Person:
    wanted = id_or_email.strip()
    found = session.scalar(_known_as(email="@" in wanted), {"wanted": wanted.lower()})
    if found is None:
        raise NoSuchPerson(f"There is nobody known as {id_or_email!r:.80}: add them with `bank person add`")
    return found


@cache
def _known_as(*, email: bool) -> Select[Person]:
    return select(Person).where((Person.email if email else Person.id) == bindparam("wanted"))


def _actor_of_key(session: ReadSession, key: AccessKey) -> Actor | None:
    if key.person_id is None:
        return Actor(
            kind="intermediary",
            id=str(key.intermediary),
            name=key.label or str(key.intermediary),
            roles=frozenset(key.scopes),
            intermediary=key.intermediary,
            credential=key.id,
        )
    holder = session.get(Person, key.person_id)
    return None if holder is None else _actor_of(holder, key)


def _actor_of(row: Person, key: AccessKey | None) -> Actor:
    held = frozenset({INTERMEDIARY} if row.intermediary is not None else row.roles)
    return Actor(
        kind="person" if row.intermediary is None else "intermediary",
        id=row.id,
        name=row.name,
        roles=held if key is None else held.intersection(key.scopes),
        intermediary=row.intermediary,
        credential=None if key is None else key.id,
    )
