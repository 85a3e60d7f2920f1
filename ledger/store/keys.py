"""Idempotency keys: claimed inside the transaction they protect, kept for ever with the answer first given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import String, Text, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from ledger.refusals import Refusal
from ledger.store.columns import Base, InstantType
from ledger.store.database import ReadSession, WriteSession


class KeyClaim(Base):
    """A key that was used: by whom for what (`scope`), and for which content (`fingerprint`)."""

    __tablename__ = "key_claim"

    scope: Mapped[str] = mapped_column(String(200), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    claimed_at: Mapped[datetime] = mapped_column(InstantType)


class KeyAnswer(Base):
    """What was answered under a key."""

    __tablename__ = "key_answer"

    scope: Mapped[str] = mapped_column(String(200), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    answer: Mapped[str] = mapped_column(Text)


_CLAIMS: Final = Base.metadata.tables["key_claim"]
_CLAIMED: Final = {
    name: dialect.insert(_CLAIMS).on_conflict_do_nothing().returning(_CLAIMS.c.key)
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}
_ANSWERED: Final = insert(Base.metadata.tables["key_answer"])
"""What every act with a key runs: made once, and past the ORM."""


class KeyReused(Refusal):
    """The same key with other content."""

    slug = "idempotency-key-reused"
    status = 422


class BadKey(Refusal):
    """A key that cannot be one."""

    slug = "bad-idempotency-key"
    status = 422


@dataclass(frozen=True, slots=True)
class Claim:
    """A key now ours, or already answered."""

    scope: str
    key: str
    answer: str | None


def claim(session: WriteSession, scope: str, key: str, fingerprint: str, now: datetime) -> Claim:
    """Claim a key or find its answer. Two at once: the second waits for the first and then finds its answer.

    Refuses a key used before for other content (`KeyReused`), and one that is empty, too long or unprintable.
    """
    if not key.isascii() or not key.isprintable() or not 1 <= len(key) <= 255:  # noqa: PLR2004 -- the column's width
        raise BadKey("An idempotency key is 1 to 255 printable ASCII characters: send a new random one for each act")
    row = {"scope": scope, "key": key, "fingerprint": fingerprint, "claimed_at": now}
    if session.execute(_CLAIMED[session.get_bind().dialect.name], row).first() is not None:
        return Claim(scope, key, None)
    before = session.execute(
        select(KeyClaim.fingerprint, KeyAnswer.answer)
        .join(KeyAnswer, (KeyAnswer.scope == KeyClaim.scope) & (KeyAnswer.key == KeyClaim.key))
        .where(KeyClaim.scope == scope, KeyClaim.key == key)
    ).one()
    if before.fingerprint != fingerprint:
        raise KeyReused(
            f"The key {key!r} was used before for something else: send this act with a key of its own", key=key
        )
    return Claim(scope, key, before.answer)


def keep_answer(session: WriteSession, held: Claim, answer: str) -> None:
    """Keep the answer of a claimed key, in the same transaction."""
    session.execute(_ANSWERED, {"scope": held.scope, "key": held.key, "answer": answer})


def was_used(session: ReadSession, scope: str, key: str) -> bool:
    """Whether this key has been used in this scope."""
    return session.get(KeyClaim, (scope, key)) is not None
