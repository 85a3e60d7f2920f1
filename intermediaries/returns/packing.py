"""The loans of a return once they are read: a few as they are, very many packed, so that a return of any size fits."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from json.encoder import encode_basestring_ascii as _quoted
from typing import Final, overload

from intermediaries.returns.rows import LoanRow, row_from_texts, texts

BLOCK: Final = 500
"""So many loans are packed together; no more of them than that are held unpacked."""


@dataclass(slots=True)
class PackedRows(Sequence[LoanRow]):
    """Loans in their order, packed block by block. To read them one after another unpacks one block at a time."""

    blocks: list[bytes]
    length: int

    def __len__(self) -> int:
        return self.length

    def __iter__(self) -> Iterator[LoanRow]:
        for block in self.blocks:
            yield from map(row_from_texts, _unpacked(block))

    @overload
    def __getitem__(self, place: int) -> LoanRow: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[LoanRow]: ...

    def __getitem__(self, place: int | slice) -> LoanRow | Sequence[LoanRow]:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(self.length))]
        at = range(self.length)[place]
        return row_from_texts(_unpacked(self.blocks[at // BLOCK])[at % BLOCK])


@dataclass(slots=True)
class Packer:
    """Takes loans one by one. A return of one block is kept as it is, so that it need not be unpacked to be read."""

    _loose: list[LoanRow] = field(default_factory=list)
    _told: list[str] = field(default_factory=list)
    _blocks: list[bytes] = field(default_factory=list)

    def add(self, row: LoanRow, told: str) -> None:
        """Take one loan more, with its canonical texts in the writing of `canonical_json`."""
        if len(self._told) == BLOCK:
            self._pack()
        self._told.append(told)
        if not self._blocks:
            self._loose.append(row)

    def rows(self) -> Sequence[LoanRow]:
        """All the loans taken."""
        if not self._blocks:
            return tuple(self._loose)
        count = len(self._blocks) * BLOCK + len(self._told)
        self._pack()
        return PackedRows(self._blocks, count)

    def _pack(self) -> None:
        self._blocks.append(zlib.compress(f"[{','.join(self._told)}]".encode("ascii"), 1))
        self._loose, self._told = [], []


def canonical_json(texts: Mapping[str, str]) -> str:
    """The one writing of texts by the names of columns: members by name, no spaces, ASCII alone."""
    members = ",".join([f'"{name}":{_quoted(texts[name])}' for name in sorted(texts)])
    return f"{{{members}}}"


def parts(rows: Sequence[LoanRow]) -> Iterator[str]:
    """The canonical texts of very many loans, block by block, each a list in JSON; nothing of a few."""
    if isinstance(rows, PackedRows):
        for block in rows.blocks:
            yield zlib.decompress(block).decode("ascii")


def told(rows: Sequence[LoanRow]) -> Iterator[Mapping[str, str]]:
    """The canonical text of every loan, in their order."""
    if isinstance(rows, PackedRows):
        for block in rows.blocks:
            yield from _unpacked(block)
    else:
        yield from map(texts, rows)


def _unpacked(block: bytes) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(zlib.decompress(block))
    return found
