"""What makes a person, a role and a key sound; and that nobody approves what they themselves proposed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ledger.refusals import Malformed
from ledger.two_people import SamePerson, refuse_same_person

__all__ = (
    "ADMINISTRATOR",
    "FUND_MANAGER",
    "INTERMEDIARY",
    "LONGEST_LIFE_DAYS",
    "OPERATOR",
    "ROLES",
    "BadKeyRequest",
    "BadPerson",
    "Bearer",
    "SamePerson",
    "bearer_text",
    "hash_of",
    "is_live",
    "read_bearer",
    "refuse_same_person",
    "sound_email",
    "sound_life",
    "sound_name",
    "sound_roles",
    "sound_scopes",
)

ADMINISTRATOR: Final = "administrator"
FUND_MANAGER: Final = "fund-manager"
INTERMEDIARY: Final = "intermediary"
OPERATOR: Final = "operator"
ROLES: Final = (ADMINISTRATOR, FUND_MANAGER, "trustee", "auditor")
"""The roles that a person of the bank may hold; a partner's people act for their intermediary and hold none."""

LONGEST_LIFE_DAYS: Final = 730
"""A key that outlives two years is one that nobody remembers."""

_BEARER: Final = re.compile(r"bsb_([a-z2-7]{16})_([0-9a-f]{64})", re.ASCII)
_EMAIL: Final = re.compile(r"[^@\s,;<>\"()]{1,64}@[^@\s,;<>\"()]{1,189}")
_LONGEST_NAME: Final = 300


class BadPerson(Malformed):
    """Something said of a person cannot be so."""

    slug = "bad-person"


class BadKeyRequest(Malformed):
    """A key that cannot be issued as asked."""

    slug = "bad-key-request"


@dataclass(frozen=True, slots=True)
class Bearer:
    """What a caller showed: the name of a key, and the secret that should open it."""

    key_id: str
    secret: str


def sound_name(name: str) -> str:
    """The name without the space around it; refuses one that is empty, too long or not printable."""
    tidy = name.strip()
    if not 1 <= len(tidy) <= _LONGEST_NAME or not tidy.isprintable():
        raise BadPerson(f"{name!r:.60} is not a name: write 1 to {_LONGEST_NAME} printable characters")
    return tidy


def sound_email(email: str) -> str:
    """The address in lower case, so that one person is not two; refuses what cannot be an address."""
    tidy = email.strip().lower()
    if not _EMAIL.fullmatch(tidy) or not tidy.isprintable():
        raise BadPerson(f"{email!r:.80} is not an e-mail address: write it like maya@example.org", found=email[:80])
    return tidy


def sound_roles(roles: Iterable[str], intermediary: str | None) -> list[str]:
    """The roles in order, each once; refuses one there is not, and any role of the bank for a partner's person."""
    wanted = set(roles)
    unknown = sorted(wanted.difference(ROLES))
    if unknown:
        raise BadPerson(f"There is no role {unknown[0]!r}: the roles are {', '.join(ROLES)}", found=unknown)
    if intermediary is not None and wanted:
        raise BadPerson("A person of an intermediary holds no role of the bank: leave the roles out")
    if intermediary is None and not wanted:
        raise BadPerson(f"A person of the bank holds at least one role: {', '.join(ROLES)}")
    return [role for role in ROLES if role in wanted]


def sound_scopes(scopes: Iterable[str] | None, held: Iterable[str]) -> list[str]:
    """The roles a key may exercise: all that its holder has, or the named part of them."""
    has = list(held)
    if scopes is None:
        return has
    wanted = set(scopes)
    if not wanted or not wanted <= set(has):
        raise BadKeyRequest(
            f"A key's scopes are one or more of its holder's roles ({', '.join(has)}): "
            f"{', '.join(sorted(wanted)) or 'none'} cannot be given to it"
        )
    return [role for role in has if role in wanted]


def sound_life(days: int) -> int:
    """How long a key may live, in days."""
    if not 1 <= days <= LONGEST_LIFE_DAYS:
        raise BadKeyRequest(f"A key lives between 1 and {LONGEST_LIFE_DAYS} days, not {days}: issue a new one in time")
    return days


def bearer_text(key_id: str, secret: str) -> str:
    """What the holder of a key sends: a prefix that scanners for lost secrets can find, the key's name, the secret."""
    return f"bsb_{key_id.removeprefix('key_')}_{secret}"


def read_bearer(text: str) -> Bearer | None:
    """The parts of what a caller showed, or none when it cannot be one of ours."""
    match = _BEARER.fullmatch(text)
    return None if match is None else Bearer(f"key_{match[1]}", match[2])


def hash_of(secret: str) -> bytes:
    """What is kept of a secret. It holds 256 random bits, so one round of a standard hash cannot be searched."""
    return hashlib.sha256(secret.encode("ascii")).digest()


def is_live(now: datetime, expires_at: datetime, revoked_at: datetime | None) -> bool:
    """Whether a key still opens anything."""
    return revoked_at is None and now < expires_at
