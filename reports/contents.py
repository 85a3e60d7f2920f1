"""The bytes of one attached file, in the parts in which they were formed; packed once, before they are handed on.

A list of a hundred thousand loans has some thirty million. So they are never joined where nobody asks for them whole,
and what goes to the process that sets the pages is what will stand in the file: a fifth of them or less.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import cached_property
from hashlib import md5, sha256
from typing import Final, NamedTuple

_LARGE: Final = 1_000_000
"""Bytes of a stream that is compressed as files usually are."""
_HUGE: Final = 10_000_000
"""And of one that is compressed quickly: in a third of the time, to a seventh more."""


class Packed(NamedTuple):
    """Contents as they stand in a PDF: deflated, with how many bytes they are and the checksum that a PDF may have.

    The checksum is MD5, which ISO 32000-1, table 46, leaves to choice. What stands for the contents is their SHA-256
    among the figures, which every check makes; so over ten megabytes there is no other, and the text is empty.
    """

    deflated: bytes
    size: int
    md5: str


class Contents:
    """Bytes, in parts. Handed to another process they go packed, and what is packed there is the same."""

    def __init__(self, *parts: bytes) -> None:
        self._parts: Sequence[bytes] = parts

    @cached_property
    def size(self) -> int:
        """How many bytes they are."""
        return sum(map(len, self._parts))

    @cached_property
    def sha256(self) -> str:
        """Their digest, in small hexadecimal digits."""
        made = sha256()
        for part in self._parts:
            made.update(part)
        return made.hexdigest()

    @cached_property
    def packed(self) -> Packed:
        """They themselves for a PDF."""
        press = zlib.compressobj(pains(self.size))
        deflated = [press.compress(part) for part in self._parts]
        return Packed(b"".join((*deflated, press.flush())), self.size, self._checksum())

    def _checksum(self) -> str:
        if self.size >= _HUGE:
            return ""
        made = md5(usedforsecurity=False)
        for part in self._parts:
            made.update(part)
        return made.hexdigest()

    @property
    def whole(self) -> bytes:
        """All of them in one."""
        return self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)

    def __eq__(self, other: object) -> bool:
        """The same bytes, in whatever parts they are."""
        return isinstance(other, Contents) and (self.size, self.sha256) == (other.size, other.sha256)

    def __hash__(self) -> int:
        """As they are compared."""
        return hash(self.sha256)

    def __reduce__(self) -> tuple[object, tuple[Packed, str]]:
        """Packed, with their digest."""
        return _unpacked, (self.packed, self.sha256)


class _Unpacked(Contents):
    """Contents that another process packed: they are unpacked only where somebody asks for them."""

    def __init__(self, packed: Packed, digest: str) -> None:
        super().__init__()
        self.__dict__ |= {"packed": packed, "size": packed.size, "sha256": digest}

    @property
    def whole(self) -> bytes:
        """All of them, unpacked."""
        return zlib.decompress(self.packed.deflated)


def _unpacked(packed: Packed, digest: str) -> Contents:
    return _Unpacked(packed, digest)


def pains(size: int) -> int:
    """How much work goes into packing so many bytes, from 1 to 9: most takes seven times what the usual does."""
    return 9 if size < _LARGE else 6 if size < _HUGE else 1
