"""People come, change roles, and are given keys that can be taken away again."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from sqlalchemy import select

from bank.people.model import AccessKey, Person
from bank.people.queries import (
    KeyView,
    NoSuchKey,
    NoSuchPerson,
    PersonView,
    person,
    shown_key,
    shown_person,
)
from bank.people.rules import (
    ADMINISTRATOR,
    INTERMEDIARY,
    OPERATOR,
    BadKeyRequest,
    bearer_text,
    hash_of,
    sound_email,
    sound_life,
    sound_name,
    sound_roles,
    sound_scopes,
)
from ledger import queries as books
from ledger import trail
from ledger.refusals import NotFound, Refusal
from ledger.store.work import View, Work, command

_SECRET_BYTES: Final = 32


class EmailTaken(Refusal):
    """The address belongs to somebody already."""

    slug = "email-taken"
    status = 409


class LastAdministrator(Refusal):
    """Somebody must be able to add people."""

    slug = "last-administrator"
    status = 409


class UnknownIntermediary(NotFound):
    """No intermediary of this id."""

    slug = "no-such-intermediary"


class IssuedKey(View):
    """A key with its secret, which is shown this once and kept nowhere."""

    key: KeyView
    secret: str


@command
def add_person(
    work: Work, *, name: str, email: str, roles: Iterable[str] = (), intermediary: str | None = None
) -> PersonView:
    """Add a person of the bank with roles, or a person of an intermediary with none.

    An administrator's act, or the operator's at the machine, which is how the first administrator comes to be.
    Refuses an address that somebody has.
    """
    work.actor.require(ADMINISTRATOR, OPERATOR)
    address = sound_email(email)
    if work.session.scalar(select(Person.id).where(Person.email == address)) is not None:
        raise EmailTaken(f"{address} belongs to somebody already: one person has one entry", email=address)
    _require_intermediary(work, intermediary)
    row = Person(
        id=work.new_id("per"),
        name=sound_name(name),
        email=address,
        roles=sound_roles(roles, intermediary),
        intermediary=intermediary,
        added_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    trail.record(work, action="person.add", subject=row.id, roles=row.roles, intermediary=intermediary)
    return shown_person(row)


@command
def set_roles(work: Work, *, person: str, roles: Iterable[str], reason: str) -> PersonView:
    """Give a person of the bank other roles from now on; their keys follow at once.

    Refuses to leave the bank without an administrator.
    """
    work.actor.require(ADMINISTRATOR, OPERATOR)
    row = _person(work, person)
    wanted = sound_roles(roles, row.intermediary)
    if ADMINISTRATOR in row.roles and ADMINISTRATOR not in wanted and not _another_administrator(work, row.id):
        raise LastAdministrator(f"{row.name} is the only administrator: make somebody else one first")
    before, row.roles = list(row.roles), wanted
    work.session.flush()
    trail.record(work, action="person.set-roles", subject=row.id, reason=reason, before=before, after=wanted)
    return shown_person(row)


@command
def issue_key(
    work: Work,
    *,
    person: str | None = None,
    intermediary: str | None = None,
    days: int = 365,
    scopes: Iterable[str] | None = None,
    label: str = "",
) -> IssuedKey:
    """Issue a key to a person or to an intermediary, and answer its secret, once.

    There is no idempotency key: answers given under one are kept for ever, and a secret is kept nowhere.
    """
    work.actor.require(ADMINISTRATOR, OPERATOR)
    if (person is None) == (intermediary is None):
        raise BadKeyRequest("A key belongs to one person or to one intermediary: name one of them")
    holder = None if person is None else _person(work, person)
    _require_intermediary(work, intermediary)
    secret = secrets.token_hex(_SECRET_BYTES)
    row = AccessKey(
        id=work.new_id("key"),
        person_id=None if holder is None else holder.id,
        intermediary=intermediary,
        label=label.strip()[:200],
        scopes=sound_scopes(scopes, [INTERMEDIARY] if holder is None or holder.intermediary else holder.roles),
        secret_hash=hash_of(secret),
        last_four=secret[-4:],
        issued_at=work.now,
        issued_by=work.actor.id,
        expires_at=work.now + timedelta(days=sound_life(days)),
        revoked_at=None,
    )
    work.session.add(row)
    work.session.flush()
    trail.record(
        work,
        action="key.issue",
        subject=row.id,
        holder=row.person_id or row.intermediary,
        scopes=row.scopes,
        expires_at=row.expires_at,
    )
    return IssuedKey(key=shown_key(row), secret=bearer_text(row.id, secret))


@command
def revoke_key(work: Work, *, id: str, reason: str = "") -> KeyView:  # noqa: A002 -- what a key is known by
    """Take a key away; from this moment it opens nothing. Revoked twice it keeps its first moment."""
    work.actor.require(ADMINISTRATOR, OPERATOR)
    row = work.session.get(AccessKey, id)
    if row is None:
        raise NoSuchKey(f"There is no key {id!r:.60}")
    row.revoked_at = row.revoked_at or work.now
    work.session.flush()
    trail.record(work, action="key.revoke", subject=row.id, reason=reason)
    return shown_key(row)


def _person(work: Work, id_or_email: str) -> Person:
    row = work.session.get(Person, person(work.session, id_or_email).id)
    if row is None:
        raise NoSuchPerson(f"There is nobody known as {id_or_email!r:.80}")
    return row


def _another_administrator(work: Work, besides: str) -> bool:
    others = work.session.execute(select(Person.roles).where(Person.id != besides))
    return any(ADMINISTRATOR in row.roles for row in others)


def _require_intermediary(work: Work, intermediary: str | None) -> None:
    """An intermediary is known to the books by the memorandum book that its registration opened."""
    if intermediary is not None and books.books(work.session).get(intermediary) != "intermediary":
        raise UnknownIntermediary(f"There is no intermediary {intermediary!r:.60}: register it first")
