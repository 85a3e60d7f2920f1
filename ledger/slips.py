"""Slips: the proof that one log begins with another as text, read without a database by whoever holds it."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Final, Self

from ledger.merkle import HASH_BYTES, verify_consistency
from ledger.notes import BadNote

CONSISTENCY: Final = "big-society-bank/consistency-proof@v1"
_SIZES: Final = re.compile(r"old (0|[1-9][0-9]{0,18})\nnew (0|[1-9][0-9]{0,18})\n", re.ASCII)


@dataclass(frozen=True, slots=True)
class Slip:
    """The hashes that show a log of `size` entries to begin with one of `earlier` (RFC 9162 section 2.1.4)."""

    earlier: int
    size: int
    hashes: tuple[bytes, ...]

    def joins(self, earlier_root: bytes, root: bytes) -> bool:
        """Whether they do, for logs with these roots."""
        return verify_consistency(self.earlier, self.size, earlier_root, root, self.hashes)

    def __str__(self) -> str:
        lines = (base64.b64encode(one).decode() for one in self.hashes)
        return "\n".join((CONSISTENCY, f"old {self.earlier}", f"new {self.size}", *lines, ""))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one slip. Refuses (`BadNote`) whatever is not one in its one writing."""
        first, _, rest = text.partition("\n")
        sizes = _SIZES.match(rest)
        if first != CONSISTENCY or sizes is None or not text.endswith("\n"):
            raise BadNote(f"this is no proof of consistency: {CONSISTENCY}, and the two sizes, each on a line")
        read = cls(int(sizes[1]), int(sizes[2]), tuple(_hash(line) for line in rest[sizes.end() :].splitlines()))
        if str(read) != text:
            raise BadNote(f"the proof from {read.earlier} to {read.size} entries is not in its one writing")
        return read


def read_slips(text: str) -> tuple[Slip, ...]:
    """Every slip of a text that holds them one under another, an empty line between them."""
    return tuple(Slip.parse(one.rstrip("\n") + "\n") for one in text.split("\n\n")) if text else ()


def written(slips: tuple[Slip, ...]) -> str:
    """The text that `read_slips` reads."""
    return "\n".join(map(str, slips))


def _hash(line: str) -> bytes:
    try:
        found = base64.b64decode(line, validate=True)
    except (binascii.Error, ValueError) as fault:
        raise BadNote(f"a hash of the proof is not base64: {line!r:.60}") from fault
    if len(found) != HASH_BYTES:
        raise BadNote(f"a hash of the proof has {len(found)} bytes, not {HASH_BYTES}")
    return found
