"""Proofs from the books: that an entry is in the log, and that a later log only adds to an earlier one.

They are made of the stored seals in one pass, whatever the size, and checked with a few hashes by anybody who has a
signed checkpoint. The text form of an inclusion proof is that of c2sp.org/tlog-proof.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import islice
from typing import Final

from ledger import queries
from ledger.merkle import Frontier, NoSuchLeaf, leaf_hash, node_hash, verify_consistency, verify_inclusion
from ledger.notes import BadNote, TreeHead
from ledger.seals import canonical_bytes
from ledger.slips import Slip
from ledger.store import scan
from ledger.store.database import ReadSession
from ledger.store.work import View

INCLUSION: Final = "c2sp.org/tlog-proof@v1"
_AT_ONCE: Final = 4_096

Span = tuple[int, int]
"""Leaves from one up to another, the second not included, counted from nought."""


class InclusionProof(View):
    """That the entry at place `seq` is in the log of `size` entries with this root. Hashes are hexadecimal."""

    seq: int
    size: int
    leaf: str
    hashes: tuple[str, ...]
    root: str

    def holds(self, root: str | None = None) -> bool:
        """Whether it proves that: for the root of a checkpoint when one is given, else for its own."""
        return verify_inclusion(
            bytes.fromhex(self.leaf), self.seq - 1, self.size, _raw(self.hashes), bytes.fromhex(root or self.root)
        )


class ConsistencyProof(View):
    """That the log of `size` entries begins with the log of `earlier` entries. Hashes are hexadecimal."""

    earlier: int
    size: int
    earlier_root: str
    root: str
    hashes: tuple[str, ...]

    def holds(self, earlier_root: str | None = None, root: str | None = None) -> bool:
        """Whether it proves that: for the roots of two checkpoints when they are given, else for its own."""
        return verify_consistency(
            self.earlier,
            self.size,
            bytes.fromhex(earlier_root or self.earlier_root),
            bytes.fromhex(root or self.root),
            _raw(self.hashes),
        )

    def text(self) -> str:
        """The proof on a slip of paper: the two sizes, and its hashes."""
        return str(Slip(self.earlier, self.size, tuple(_raw(self.hashes))))


def inclusion(session: ReadSession, seq: int, size: int | None = None) -> InclusionProof:
    """The proof that an entry is in the log, as it stands now or as it stood at `size`. Refuses a place beyond it."""
    whole = _size(session, size)
    if not 1 <= seq <= whole:
        raise NoSuchLeaf(f"There is no entry at place {seq} among the first {whole}", seq=seq, size=whole)
    path = inclusion_spans(seq - 1, whole)
    found = subtree_hashes(scan.seals(session, whole), [*path, (seq - 1, seq), (0, whole)])
    return InclusionProof(
        seq=seq,
        size=whole,
        leaf=found[seq - 1, seq].hex(),
        hashes=tuple(found[span].hex() for span in path),
        root=found[0, whole].hex(),
    )


def consistency(session: ReadSession, earlier: int, size: int | None = None) -> ConsistencyProof:
    """The proof that the log, as it stands now or as it stood at `size`, begins with its first `earlier` entries."""
    whole = _size(session, size)
    if not 0 <= earlier <= whole:
        raise NoSuchLeaf(f"A log of {earlier} entries is no beginning of one with {whole}", earlier=earlier, size=whole)
    path = consistency_spans(earlier, whole)
    found = subtree_hashes(scan.seals(session, whole), [*path, (0, earlier), (0, whole)])
    return ConsistencyProof(
        earlier=earlier,
        size=whole,
        earlier_root=found[0, earlier].hex(),
        root=found[0, whole].hex(),
        hashes=tuple(found[span].hex() for span in path),
    )


def slips_between(session: ReadSession, size: int, others: Iterable[int]) -> tuple[Slip, ...]:
    """For each other size, smallest first, the proof that the smaller of both logs begins the larger: in one pass.

    What a log of `size` entries has to show to whoever holds the head of an earlier or a later one.
    """
    pairs = [(min(size, other), max(size, other)) for other in sorted({*others} - {size})]
    paths = [consistency_spans(*pair) for pair in pairs]
    wanted = {part for path in paths for span in path for part in _perfect_parts(span)}
    found = _perfect_hashes(scan.seals(session, max((high for _, high in pairs), default=0)), wanted) if wanted else {}
    return tuple(
        Slip(*pair, tuple(_joined(span, found) for span in path)) for pair, path in zip(pairs, paths, strict=True)
    )


def roots(session: ReadSession, sizes: Iterable[int]) -> dict[int, bytes]:
    """The root over so many first entries, for each size that the books reach: of the stored seals, in one pass."""
    stops = sorted({*sizes})
    frontier, found = Frontier(), {}
    seals = scan.seals(session, stops[-1]) if stops else iter(())
    for stop in stops:
        while block := list(islice(seals, min(_AT_ONCE, stop - frontier.size))):
            frontier = frontier.extended(block)
        if frontier.size == stop:
            found[stop] = frontier.root()
    return found


def slip(session: ReadSession, seq: int, checkpoint: str, head: TreeHead) -> str:
    """The proof of one entry on a slip of paper: its content, its hashes, and the signed checkpoint they lead to.

    `head` is what the checkpoint says, already vouched for. Refuses one that these books do not come to.
    """
    proof = inclusion(session, seq, head.size)
    if bytes.fromhex(proof.root) != head.root:
        raise BadNote(f"The checkpoint's root over {head.size} entries is not that of these books")
    found = queries.entry(session, seq)
    content = canonical_bytes(found.entry, found.seq, found.recorded_at, found.actor)
    if leaf_hash(content).hex() != proof.leaf:
        raise BadNote(f"The content of entry {seq} is not what was sealed: check the whole journal")
    extra = base64.b64encode(content).decode()
    return "\n".join((INCLUSION, f"extra {extra}", f"index {seq - 1}", *_lines(proof.hashes), "", checkpoint))


def inclusion_spans(index: int, size: int) -> list[Span]:
    """Which subtrees make up the inclusion proof of a leaf, from its sibling upwards (RFC 9162 section 2.1.3.1)."""
    path: list[Span] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split_at(high - low)
        if index < middle:
            path.append((middle, high))
            high = middle
        else:
            path.append((low, middle))
            low = middle
    return path[::-1]


def consistency_spans(earlier: int, size: int) -> list[Span]:
    """Which subtrees make up the proof that a tree begins with an earlier one (RFC 9162 section 2.1.4.1)."""
    if earlier == 0:
        return []
    path: list[Span] = []
    low, high, known = 0, size, True
    while earlier != high:
        middle = low + _split_at(high - low)
        if earlier <= middle:
            path.append((middle, high))
            high = middle
        else:
            path.append((low, middle))
            low, known = middle, False
    return ([] if known else [(low, high)]) + path[::-1]


def subtree_hashes(seals: Iterator[bytes], spans: Iterable[Span]) -> dict[Span, bytes]:
    """The hash of each subtree, in one pass over the leaves. Refuses leaves that end before the last span does."""
    growing = dict.fromkeys(spans, Frontier())
    read = 0
    while block := list(islice(seals, _AT_ONCE)):
        for (low, high), frontier in growing.items():
            leaves = block[max(low - read, 0) : max(high - read, 0)]
            if leaves:
                growing[low, high] = frontier.extended(leaves)
        read += len(block)
    for (low, high), frontier in growing.items():
        if frontier.size != high - low:
            raise NoSuchLeaf(
                f"The books have only {read} of the {high} entries that this takes", size=read, wanted=high
            )
    return {span: frontier.root() for span, frontier in growing.items()}


def _perfect_parts(span: Span) -> list[Span]:
    """The perfect subtrees that a subtree is made of, the largest first."""
    parts: list[Span] = []
    low, high = span
    while low < high:
        width = 1 << ((high - low).bit_length() - 1)
        parts.append((low, low + width))
        low += width
    return parts


def _joined(span: Span, perfect: Mapping[Span, bytes]) -> bytes:
    parts = _perfect_parts(span)
    if not perfect.keys() >= {*parts}:
        raise NoSuchLeaf(f"The books have fewer entries than the {span[1]} that this takes", wanted=span[1])
    return Frontier(span[1] - span[0], tuple(perfect[part] for part in parts)).root()


def _perfect_hashes(seals: Iterator[bytes], wanted: AbstractSet[Span]) -> dict[Span, bytes]:
    """The hashes of the wanted perfect subtrees, each node of the tree made once."""
    found: dict[Span, bytes] = {}
    peaks: list[bytes] = []
    for place, leaf in enumerate(seals):
        joined, low, width = leaf, place, 1
        if (low, place + 1) in wanted:
            found[low, place + 1] = joined
        while place & width:
            joined, low, width = node_hash(peaks.pop(), joined), low - width, width * 2
            if (low, place + 1) in wanted:
                found[low, place + 1] = joined
        peaks.append(joined)
    return found


def _size(session: ReadSession, size: int | None) -> int:
    there = queries.known(session).seq
    if size is not None and size > there:
        raise NoSuchLeaf(f"The books have {there} entries, and were never of {size}", size=there, wanted=size)
    return there if size is None else size


def _split_at(size: int) -> int:
    """The largest power of two smaller than the size."""
    return 1 << ((size - 1).bit_length() - 1)


def _raw(hashes: Sequence[str]) -> list[bytes]:
    return [bytes.fromhex(one) for one in hashes]


def _lines(hashes: Sequence[str]) -> list[str]:
    return [base64.b64encode(bytes.fromhex(one)).decode() for one in hashes]
