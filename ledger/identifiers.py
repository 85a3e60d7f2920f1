"""Where identifiers come from: prefixed, opaque, made by the system and by nobody else."""

from __future__ import annotations

import hashlib
import re
import secrets
from base64 import b32encode
from typing import Final, Protocol

from ledger.refusals import BadCursor

_BYTES: Final = 10
"""80 random bits make 16 letters: no two alike in the life of the institution, and none to be guessed."""


class Identifiers(Protocol):
    """A maker of identifiers."""

    def new(self, prefix: str) -> str:
        """A fresh identifier such as ``fac_5k2m…``."""
        ...


class RandomIdentifiers:
    """Identifiers from the system's source of randomness: the production maker."""

    def new(self, prefix: str) -> str:
        """A fresh identifier."""
        return _written(prefix, secrets.token_bytes(_BYTES))


class CountedIdentifiers:
    """The same identifiers in the same order for the same name: for a history that must come out alike each time."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._made = 0

    def new(self, prefix: str) -> str:
        """The next identifier of this series."""
        self._made += 1
        return _written(prefix, hashlib.sha256(f"{self._name}/{self._made}".encode()).digest()[:_BYTES])


def refuse_strange_cursor(cursor: str | None, prefix: str) -> None:
    """Pass for no cursor and for one that is an identifier of its kind; a page is never begun after anything else."""
    if cursor is not None and not re.fullmatch(rf"{prefix}_[a-z2-7]{{16}}", cursor, re.ASCII):
        raise BadCursor("This cursor is not one of ours: give the next_cursor of the page before, as it was")


def _written(prefix: str, material: bytes) -> str:
    return f"{prefix}_{b32encode(material).decode('ascii').lower()}"
