"""Proofs from the stored seals: right for every entry and every pair of sizes, and for nothing else."""

from __future__ import annotations

import hashlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.wiring import OPERATOR
from ledger import commands, merkle, proofs
from ledger.entries import Entry, Posting
from ledger.merkle import NoSuchLeaf
from ledger.money import Money
from ledger.notes import BadNote, SigningKey, TreeHead, sign
from ledger.store.database import Database
from ledger.store.work import Desk

KEY = SigningKey("bank.example/books", bytes(range(32)))


def leaves(count: int) -> list[bytes]:
    return [hashlib.sha256(str(number).encode()).digest() for number in range(count)]


@given(st.integers(1, 300).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1))))
def test_the_spans_of_an_inclusion_proof_are_the_rfcs(found: tuple[int, int]) -> None:
    size, index = found
    grown = proofs.subtree_hashes(iter(leaves(size)), spans := proofs.inclusion_spans(index, size))
    assert [grown[span] for span in spans] == merkle.inclusion_proof(leaves(size), index)


@given(st.integers(0, 300).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size))))
def test_the_spans_of_a_consistency_proof_are_the_rfcs(found: tuple[int, int]) -> None:
    size, earlier = found
    grown = proofs.subtree_hashes(iter(leaves(size)), spans := proofs.consistency_spans(earlier, size))
    assert [grown[span] for span in spans] == merkle.consistency_proof(leaves(size), earlier)


def test_a_log_longer_than_a_block_is_cut_at_the_right_leaves() -> None:
    many = leaves(9_001)
    spans = [(0, 9_001), (4_000, 4_200), (4_096, 8_192), (9_000, 9_001), (5, 5)]
    found = proofs.subtree_hashes(iter(many), spans)
    assert found == {(low, high): merkle.root_of(many[low:high]) for low, high in spans}


@pytest.fixture
def books(database: Database) -> Desk:
    desk = Desk(database, OPERATOR)
    for number in range(7):
        legs = (Posting("1200", Money(number + 1)), Posting("1000", Money(-number - 1)))
        with desk.writing() as work:
            commands.post(work, Entry(f"k{number}", "bank", date(2012, 1, 1 + number), f"Entry {number}", legs))
    return desk


def test_slips_to_many_other_sizes_are_the_proofs_made_one_by_one(books: Desk) -> None:
    with books.reading() as session:
        for size in range(8):
            made = [str(one) for one in proofs.slips_between(session, size, range(8))]
            sizes = [sorted((size, other)) for other in range(8) if other != size]
            assert made == [proofs.consistency(session, *pair).text() for pair in sizes]
        with pytest.raises(NoSuchLeaf):
            proofs.slips_between(session, 5, [9])


def test_every_entry_has_its_proof_in_every_later_log(books: Desk) -> None:
    with books.reading() as session:
        found = [proofs.inclusion(session, seq, size) for size in range(1, 8) for seq in range(1, size + 1)]
    assert all(proof.holds() for proof in found)
    assert not any(proof.holds("ab" * 32) for proof in found)
    assert not any(proof.model_copy(update={"seq": proof.seq + 1}).holds() for proof in found)


def test_every_log_has_its_proof_from_every_earlier_one(books: Desk) -> None:
    with books.reading() as session:
        found = [proofs.consistency(session, old, new) for new in range(8) for old in range(new + 1)]
    assert all(proof.holds() for proof in found)
    assert not any(proof.holds(root="ab" * 32) for proof in found if proof.earlier)
    assert not any(proof.holds("ab" * 32) for proof in found)


def test_a_proof_of_what_is_not_there_is_refused(books: Desk) -> None:
    with books.reading() as session:
        for seq, size in ((0, None), (8, None), (4, 3), (1, 8)):
            with pytest.raises(NoSuchLeaf):
                proofs.inclusion(session, seq, size)
        for old, size in ((8, None), (4, 3), (-1, None), (1, 9)):
            with pytest.raises(NoSuchLeaf):
                proofs.consistency(session, old, size)
        with pytest.raises(NoSuchLeaf, match="The books have 7 entries, and were never of 999"):
            proofs.consistency(session, 1, 999)


def test_a_slip_holds_the_entry_its_path_and_the_checkpoint(books: Desk) -> None:
    with books.reading() as session:
        root = bytes.fromhex(proofs.inclusion(session, 1, 6).root)
        head = TreeHead(KEY.name, 6, root)
        note = str(sign(str(head), KEY))
        slip = proofs.slip(session, 3, note, head)
        with pytest.raises(BadNote, match="not that of these books"):
            proofs.slip(session, 3, note, TreeHead(KEY.name, 6, bytes(32)))
    lines = slip.split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    assert lines[2] == "index 2"
    assert slip.endswith(f"\n\n{note}")
    assert len(slip) < 2_000
