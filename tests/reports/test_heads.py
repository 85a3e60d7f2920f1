"""The heads of two statements: shown to be of one history by a proof, or told apart with the reason."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from ledger.merkle import consistency_proof, root_of
from ledger.notes import BadNote, SigningKey, TreeHead, sign
from ledger.slips import Slip, read_slips, written
from reports.heads import CHECKPOINT, CONSISTENCY, KEY, BooksHead, contradiction, head_faults

SIGNER = SigningKey("bank.example/books", bytes(range(32)))
OTHER = SigningKey("bank.example/books", bytes(32))
LEAVES = [hashlib.sha256(str(number).encode()).digest() for number in range(60)]
FORKED = [*LEAVES[:19], hashlib.sha256(b"another").digest(), *LEAVES[20:]]


def tree(size: int, leaves: list[bytes] = LEAVES) -> TreeHead:
    return TreeHead(SIGNER.name, size, root_of(leaves[:size]))


def slips(size: int, *others: int, leaves: list[bytes] = LEAVES) -> tuple[Slip, ...]:
    pairs = ((min(size, other), max(size, other)) for other in others)
    return tuple(Slip(low, high, tuple(consistency_proof(leaves[:high], low))) for low, high in pairs)


def files(size: int, *others: int) -> dict[str, bytes]:
    return {
        CHECKPOINT: str(sign(str(tree(size)), SIGNER)).encode(),
        KEY: f"{SIGNER.verifier}\n".encode(),
        CONSISTENCY: written(slips(size, *others)).encode(),
    }


def printed(size: int) -> dict[str, Any]:
    return {"seal": {"seq": size, "root": tree(size).root.hex()}}


@pytest.mark.parametrize("earlier", range(49))
def test_statements_of_one_history_are_shown_to_be_whichever_of_them_carries_the_proof(earlier: int) -> None:
    plain, proven = BooksHead(tree(earlier)), BooksHead(tree(48), slips=slips(48, earlier))
    assert contradiction(plain, proven) == contradiction(proven, plain) == ""
    issued_later = BooksHead(tree(earlier), slips=slips(earlier, 48))
    assert contradiction(issued_later, BooksHead(tree(48))) == ""


@pytest.mark.parametrize("earlier", range(20, 48))
def test_a_forked_history_does_not_pass_by_the_proof_of_either_branch(earlier: int) -> None:
    for leaves in (LEAVES, FORKED):
        forked = BooksHead(tree(48, FORKED), slips=slips(48, earlier, leaves=leaves))
        assert "was forked or changed" in contradiction(BooksHead(tree(earlier)), forked)


def test_two_histories_of_one_size_are_told_and_so_is_a_missing_proof() -> None:
    assert contradiction(BooksHead(tree(48)), BooksHead(tree(48))) == ""
    assert "two different histories of 48" in contradiction(BooksHead(tree(48)), BooksHead(tree(48, FORKED)))
    unproven = BooksHead(tree(48), slips=slips(48, 12))
    assert "neither file carries a proof from 9 to 48" in contradiction(BooksHead(tree(9)), unproven)
    assert "carries no checkpoint.txt" in contradiction(None, unproven)


def test_a_key_that_was_given_is_told_from_one_that_the_file_itself_names() -> None:
    own, faults = head_faults(files(48, 7, 31), printed(48), ())
    assert own is not None
    assert (faults, own.given, own.others) == ((), False, (7, 31))
    assert "a key that the file itself names" in own.told()
    given, faults = head_faults(files(48), printed(48), [OTHER.verifier, SIGNER.verifier])
    assert given is not None
    assert (faults, given.given, given.signer) == ((), True, str(SIGNER.verifier))
    assert "by a key you gave" in given.told()


def test_an_unsigned_head_says_so_and_does_not_pass_where_a_key_is_given() -> None:
    plain = {CHECKPOINT: str(tree(48)).encode()}
    head, faults = head_faults(plain, printed(48), ())
    assert head is not None
    assert faults == ()
    assert "is not signed" in head.told()
    assert "not signed, and a key was given" in head_faults(plain, printed(48), [SIGNER.verifier])[1][0]
    assert head_faults({}, printed(48), ()) == (None, ())
    assert "carries no checkpoint.txt" in head_faults({}, printed(48), [SIGNER.verifier])[1][0]


@pytest.mark.parametrize(
    ("changes", "keys", "said"),
    [
        ({}, [OTHER.verifier], "Nobody signed this note whose key was given"),
        ({KEY: f"{OTHER.verifier}\n".encode()}, [], "Nobody signed this note whose key was given"),
        ({CHECKPOINT: files(47)[CHECKPOINT].replace(b"\n47\n", b"\n48\n")}, [], "is false: the text was changed"),
        ({CHECKPOINT: files(47)[CHECKPOINT], CONSISTENCY: b""}, [], "is of 47 entries"),
        ({CHECKPOINT: b"\xff"}, [], "does not hold"),
        ({CONSISTENCY: written(slips(40, 7)).encode()}, [], "neither is this head"),
        ({CONSISTENCY: b"old 7"}, [], "no proof of consistency"),
    ],
)
def test_a_head_that_contradicts_its_file_is_found(changes: dict[str, bytes], keys: list[Any], said: str) -> None:
    _, (fault,) = head_faults(files(48, 7) | changes, printed(48), keys)
    assert said in fault


def test_slips_are_read_as_they_were_written_and_in_no_other_writing() -> None:
    told = slips(48, 0, 1, 7, 31)
    assert read_slips(written(told)) == told
    assert read_slips("") == ()
    text = str(told[2])
    for broken in (text.replace("old 7", "old 07"), text.replace("=\n", "\n", 1), text[:-6] + "\n", text[:-1] + " \n"):
        with pytest.raises(BadNote):
            Slip.parse(broken)
