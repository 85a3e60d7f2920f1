"""Append-only Merkle trees as RFC 9162 (and RFC 6962 before it) defines them: heads, proofs, and how to check them.

Everything here is arithmetic on SHA-256 hashes. What a leaf holds is the caller's affair.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Self

from ledger.refusals import Malformed, NotFound

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()
"""The head of a tree without leaves (RFC 9162 section 2.1.1)."""

_SIZE_BYTES: Final = 8
_LEAF: Final = b"\x00"
_NODE: Final = b"\x01"


class BadFrontier(Malformed):
    """Bytes that are not a tree's frontier."""

    slug = "bad-frontier"


class NoSuchLeaf(NotFound):
    """A proof was asked for a leaf or an earlier tree that the tree does not contain."""

    slug = "no-such-leaf"


def leaf_hash(data: bytes) -> bytes:
    """The hash of one leaf's content; the prefix keeps a leaf from ever passing for a node."""
    return sha256(_LEAF + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees side by side."""
    return sha256(_NODE + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """All that must be kept of a tree to append to it and to know its head: one hash per perfect subtree.

    `peaks` stand from the largest (leftmost) subtree to the smallest; there are as many as `size` has one-bits.
    Appending costs two hashes on average, whatever the size.
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.peaks) != self.size.bit_count():
            raise BadFrontier(
                f"a tree of {self.size} leaves has {max(self.size, 0).bit_count()} perfect subtrees, "
                f"and {len(self.peaks)} were given",
                size=self.size,
                peaks=len(self.peaks),
            )
        if any(len(peak) != HASH_BYTES for peak in self.peaks):
            raise BadFrontier(f"every hash of a frontier has {HASH_BYTES} bytes; one of these has not", size=self.size)

    def append(self, leaf: bytes) -> Frontier:
        """The frontier with one more leaf hash at the right; this one stays as it is."""
        return self.extended((leaf,))

    def extended(self, leaves: Iterable[bytes]) -> Frontier:
        """The frontier with more leaf hashes at the right, in order; this one stays as it is."""
        size, peaks = self.size, list(self.peaks)
        for leaf in leaves:
            # Each trailing one-bit of the size is a perfect subtree that the new leaf completes into the next larger.
            joined, ones = leaf, size
            while ones & 1:
                joined, ones = sha256(_NODE + peaks.pop() + joined).digest(), ones >> 1
            peaks.append(joined)
            size += 1
        return Frontier(size, tuple(peaks))

    def root(self) -> bytes:
        """The head of the tree: RFC 9162's Merkle Tree Hash of all leaves so far."""
        if not self.peaks:
            return EMPTY_ROOT
        *larger, root = self.peaks
        for peak in reversed(larger):
            root = sha256(_NODE + peak + root).digest()
        return root

    def to_bytes(self) -> bytes:
        """The size in eight bytes, most significant first, then the hashes from left to right."""
        return self.size.to_bytes(_SIZE_BYTES, "big") + b"".join(self.peaks)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read what `to_bytes` wrote; refuse any other length."""
        size, rest = int.from_bytes(data[:_SIZE_BYTES], "big"), data[_SIZE_BYTES:]
        if len(data) < _SIZE_BYTES or len(rest) != size.bit_count() * HASH_BYTES:
            raise BadFrontier(
                f"{len(data)} bytes are not a frontier: expected an eight-byte size and then "
                f"{HASH_BYTES} bytes for each perfect subtree",
                length=len(data),
            )
        return cls(size, tuple(rest[at : at + HASH_BYTES] for at in range(0, len(rest), HASH_BYTES)))


class Log:
    """A tree that grows in place, by many leaves at a time: the quickest way to the head of a long one."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def extend(self, leaves: bytes) -> None:
        """Put leaf hashes at the right, in order, written one after another."""
        at, end = 0, len(leaves) // HASH_BYTES
        while at < end:
            # The largest perfect subtree that can stand here: as far as its place and the leaves there are allow.
            height = (end - at).bit_length() - 1
            height = min(height, (self.size & -self.size).bit_length() - 1) if self.size else height
            upto = at + (1 << height)
            joined, ones = _perfect(leaves[at * HASH_BYTES : upto * HASH_BYTES]), self.size >> height
            while ones & 1:
                joined, ones = sha256(_NODE + self._peaks.pop() + joined).digest(), ones >> 1
            self._peaks.append(joined)
            self.size, at = self.size + (1 << height), upto

    def frontier(self) -> Frontier:
        """The frontier of the tree as it stands."""
        return Frontier(self.size, tuple(self._peaks))


def _perfect(leaves: bytes) -> bytes:
    """The head of a perfect tree, level by level."""
    while len(leaves) > HASH_BYTES:
        pairs = range(0, len(leaves), 2 * HASH_BYTES)
        leaves = b"".join([sha256(_NODE + leaves[pair : pair + 2 * HASH_BYTES]).digest() for pair in pairs])
    return leaves


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The head of a tree with these leaf hashes, by the RFC's own recursive definition: slow, and plainly right."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    middle = _split_at(len(leaves))
    return node_hash(root_of(leaves[:middle]), root_of(leaves[middle:]))


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The hashes that lead from the leaf at `index` (from 0) up to the head (RFC 9162 section 2.1.3.1).

    Refuses an index that the tree does not have.
    """
    if not 0 <= index < len(leaves):
        raise NoSuchLeaf(f"leaf {index} is not in a tree of {len(leaves)} leaves", index=index, size=len(leaves))
    if len(leaves) == 1:
        return []
    middle = _split_at(len(leaves))
    if index < middle:
        return [*inclusion_proof(leaves[:middle], index), root_of(leaves[middle:])]
    return [*inclusion_proof(leaves[middle:], index - middle), root_of(leaves[:middle])]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof shows that `leaf` is leaf number `index` of the tree with this size and head.

    The steps are those of RFC 9162 section 2.1.3.2.
    """
    if not 0 <= index < size:
        return False
    place, last, climbed = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            climbed = node_hash(sibling, climbed)
            place, last = _up_past_lone_nodes(place, last)
        else:
            climbed = node_hash(climbed, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and climbed == root


def consistency_proof(leaves: Sequence[bytes], earlier: int) -> list[bytes]:
    """The hashes that show the tree of the first `earlier` leaves to be a beginning of this one (section 2.1.4.1).

    The empty tree and the whole tree need none. Refuses an earlier size larger than the tree.
    """
    if not 0 <= earlier <= len(leaves):
        raise NoSuchLeaf(
            f"a tree of {earlier} leaves is no beginning of one with {len(leaves)}", earlier=earlier, size=len(leaves)
        )
    return [] if earlier == 0 else _subproof(leaves, earlier, known=True)


def verify_consistency(earlier: int, size: int, earlier_root: bytes, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that the tree with `root` only appends to the tree with `earlier_root`.

    The steps are those of RFC 9162 section 2.1.4.2, with the two cases it leaves out: nothing comes before the
    empty tree, and a tree is consistent with itself.
    """
    if not 0 <= earlier <= size:
        return False
    if earlier == 0:
        return not proof and earlier_root == EMPTY_ROOT
    if earlier == size:
        return not proof and earlier_root == root
    path = list(proof)
    if earlier & (earlier - 1) == 0:
        path.insert(0, earlier_root)
    if not path:
        return False
    place, last = _down_to_first_fork(earlier - 1, size - 1)
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            place, last = _up_past_lone_nodes(place, last)
        else:
            new = node_hash(new, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and old == earlier_root and new == root


def _subproof(leaves: Sequence[bytes], earlier: int, *, known: bool) -> list[bytes]:
    """SUBPROOF of RFC 9162: `known` says that the verifier already holds this subtree's head."""
    if earlier == len(leaves):
        return [] if known else [root_of(leaves)]
    middle = _split_at(len(leaves))
    if earlier <= middle:
        return [*_subproof(leaves[:middle], earlier, known=known), root_of(leaves[middle:])]
    return [*_subproof(leaves[middle:], earlier - middle, known=False), root_of(leaves[:middle])]


def _split_at(size: int) -> int:
    """The largest power of two smaller than the size."""
    return 1 << ((size - 1).bit_length() - 1)


def _down_to_first_fork(place: int, last: int) -> tuple[int, int]:
    while place & 1:
        place, last = place >> 1, last >> 1
    return place, last


def _up_past_lone_nodes(place: int, last: int) -> tuple[int, int]:
    """A node at the right edge without a sibling is its own parent: climb until it stands on the right of one."""
    while place and not place & 1:
        place, last = place >> 1, last >> 1
    return place, last
