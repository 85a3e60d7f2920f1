from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ledger.merkle import (
    EMPTY_ROOT,
    BadFrontier,
    Frontier,
    Log,
    NoSuchLeaf,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

# The eight leaves of the Certificate Transparency reference tests and the heads of the trees of the first 0..8 of
# them: google/certificate-transparency, python/ct/crypto/merkle_test.py and transparency-dev/merkle, testonly.
CT_LEAVES = tuple(
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
)
CT_ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)

leaf_lists = st.lists(st.binary(max_size=8), max_size=70).map(lambda contents: [leaf_hash(each) for each in contents])


def grown(leaves: list[bytes]) -> Frontier:
    frontier = Frontier()
    for leaf in leaves:
        frontier = frontier.append(leaf)
    return frontier


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert Frontier().root() == EMPTY_ROOT == root_of([])
    assert EMPTY_ROOT.hex() == CT_ROOTS[0]


@pytest.mark.parametrize("size", range(9))
def test_heads_are_those_of_certificate_transparency(size: int) -> None:
    leaves = [leaf_hash(content) for content in CT_LEAVES[:size]]
    assert grown(leaves).root().hex() == CT_ROOTS[size]
    assert root_of(leaves).hex() == CT_ROOTS[size]


# The paths of the same reference tests (leaf from 0, size): the sibling hashes from the leaf upwards.
CT_PATHS = {
    (0, 1): (),
    (0, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (5, 8): (
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 3): ("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",),
    (1, 5): (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
}
CT_CONSISTENCY = {
    (1, 1): (),
    (1, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (6, 8): (
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 5): (
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
}


@pytest.mark.parametrize(("index", "size"), CT_PATHS)
def test_inclusion_paths_are_those_of_certificate_transparency(index: int, size: int) -> None:
    proof = inclusion_proof([leaf_hash(content) for content in CT_LEAVES[:size]], index)
    assert tuple(each.hex() for each in proof) == CT_PATHS[index, size]


@pytest.mark.parametrize(("earlier", "size"), CT_CONSISTENCY)
def test_consistency_proofs_are_those_of_certificate_transparency(earlier: int, size: int) -> None:
    proof = consistency_proof([leaf_hash(content) for content in CT_LEAVES[:size]], earlier)
    assert tuple(each.hex() for each in proof) == CT_CONSISTENCY[earlier, size]


def test_a_leaf_never_passes_for_a_node() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != root_of([left, right])


@given(leaf_lists)
def test_the_frontier_agrees_with_the_definition(leaves: list[bytes]) -> None:
    frontier = grown(leaves)
    assert frontier.root() == root_of(leaves)
    assert frontier.size == len(leaves)


@given(leaf_lists, st.lists(st.integers(0, 40)))
def test_a_log_grown_by_many_at_a_time_agrees_with_one_at_a_time(leaves: list[bytes], cuts: list[int]) -> None:
    hashes, log = [leaf_hash(leaf) for leaf in leaves], Log()
    for after, upto in pairwise([0, *sorted(cuts), None]):
        log.extend(b"".join(hashes[after:upto]))
    assert log.frontier() == Frontier().extended(hashes)


@given(leaf_lists)
def test_a_frontier_survives_being_written_and_read(leaves: list[bytes]) -> None:
    frontier = grown(leaves)
    assert Frontier.from_bytes(frontier.to_bytes()) == frontier


def test_appending_leaves_the_old_frontier_as_it_was() -> None:
    before = grown([leaf_hash(b"a"), leaf_hash(b"b"), leaf_hash(b"c")])
    kept = before.to_bytes()
    before.append(leaf_hash(b"d"))
    assert before.to_bytes() == kept


@pytest.mark.parametrize(
    "data",
    [b"", b"\x00" * 7, b"\x00" * 9, b"\x00" * 7 + b"\x01", b"\x00" * 7 + b"\x03" + b"h" * 32, b"\x00" * 40],
)
def test_bytes_that_are_no_frontier_are_refused(data: bytes) -> None:
    with pytest.raises(BadFrontier):
        Frontier.from_bytes(data)


@pytest.mark.parametrize(("size", "peaks"), [(1, ()), (2, (b"h" * 32, b"h" * 32)), (-1, ()), (1, (b"short",))])
def test_a_frontier_that_cannot_be_is_refused(size: int, peaks: tuple[bytes, ...]) -> None:
    with pytest.raises(BadFrontier):
        Frontier(size, peaks)


@given(leaf_lists, st.data())
def test_every_leaf_can_be_proved_and_none_elsewhere(leaves: list[bytes], data: st.DataObject) -> None:
    assume(leaves)
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof, root = inclusion_proof(leaves, index), root_of(leaves)
    assert verify_inclusion(leaves[index], index, len(leaves), proof, root)
    other = data.draw(st.integers(-1, len(leaves)))
    if not 0 <= other < len(leaves) or leaves[other] != leaves[index]:
        assert not verify_inclusion(leaves[index], other, len(leaves), proof, root)
    assert not verify_inclusion(leaf_hash(b"a stranger to the tree"), index, len(leaves), proof, root)


@given(leaf_lists, st.data())
def test_a_bent_inclusion_proof_fails(leaves: list[bytes], data: st.DataObject) -> None:
    assume(len(leaves) > 1)
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof, root = inclusion_proof(leaves, index), root_of(leaves)
    place = data.draw(st.integers(0, len(proof) - 1))
    bent = [*proof[:place], bytes(32), *proof[place + 1 :]]
    assert not verify_inclusion(leaves[index], index, len(leaves), bent, root)
    assert not verify_inclusion(leaves[index], index, len(leaves), proof[:-1], root)
    assert not verify_inclusion(leaves[index], index, len(leaves), [*proof, bytes(32)], root)


@given(leaf_lists, st.data())
def test_a_later_tree_is_shown_to_append_to_an_earlier(leaves: list[bytes], data: st.DataObject) -> None:
    earlier = data.draw(st.integers(0, len(leaves)))
    old, new = root_of(leaves[:earlier]), root_of(leaves)
    assert verify_consistency(earlier, len(leaves), old, new, consistency_proof(leaves, earlier))


@given(leaf_lists, st.data())
def test_a_rewritten_past_cannot_be_shown_consistent(leaves: list[bytes], data: st.DataObject) -> None:
    assume(leaves)
    earlier = data.draw(st.integers(1, len(leaves)))
    changed = data.draw(st.integers(0, earlier - 1))
    forged = [*leaves]
    forged[changed] = leaf_hash(b"an entry that was never posted")
    old = root_of(leaves[:earlier])
    for proof in (consistency_proof(forged, earlier), consistency_proof(leaves, earlier)):
        assert not verify_consistency(earlier, len(leaves), old, root_of(forged), proof)
        assert not verify_consistency(earlier, len(leaves), root_of(forged[:earlier]), root_of(leaves), proof)


def test_a_tree_cannot_shrink() -> None:
    root = root_of([leaf_hash(b"a")])
    assert not verify_consistency(2, 1, root, root, [])
    assert not verify_consistency(-1, 1, root, root, [])


@pytest.mark.parametrize("proof_of", [inclusion_proof, consistency_proof])
@pytest.mark.parametrize("place", [-1, 4])
def test_a_proof_beyond_the_tree_is_refused(proof_of: object, place: int) -> None:
    assert callable(proof_of)
    with pytest.raises(NoSuchLeaf):
        proof_of([leaf_hash(b"a"), leaf_hash(b"b"), leaf_hash(b"c")], place)
