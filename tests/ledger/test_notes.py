"""Signed notes and checkpoints: the published examples hold, and nothing passes that is not right to the letter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.notes import BadNote, Note, NotVouchedFor, SigningKey, TreeHead, VerifierKey, opened, sign

# The example of the note package of the Go project, where the format was first written down.
NEUMANN = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
NEUMANN_SECRET = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
SAID = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
SIGNED = (
    f"{SAID}\n— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
# The example of a checkpoint in c2sp.org/tlog-checkpoint.
SOFA_SIGNATURE = "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8="
BEHIND_THE_SOFA = f"""\
example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa {SOFA_SIGNATURE}
"""
OURS = SigningKey("bank.example/books", bytes(range(32)))
THEIRS = SigningKey("auditor.example", bytes(range(1, 33)))
HEAD = TreeHead("bank.example/books", 3, bytes(32), ("acts " + "ab" * 32,))


def test_the_published_example_is_signed_and_checked_as_published() -> None:
    key = SigningKey.parse(NEUMANN_SECRET)
    assert str(key.verifier) == NEUMANN
    assert key.secret_text() == NEUMANN_SECRET
    assert str(sign(SAID, key)) == SIGNED
    assert Note.parse(SIGNED).vouched_by([VerifierKey.parse(NEUMANN)]) == (key.verifier,)


def test_the_published_checkpoint_is_read_and_written_as_published() -> None:
    note = Note.parse(BEHIND_THE_SOFA)
    head = TreeHead.parse(note.text)
    assert (head.origin, head.size, head.root[:4].hex(), head.acts) == (
        "example.com/behind-the-sofa",
        20852163,
        "0ac5186a",
        "",
    )
    assert str(head) == note.text
    assert str(note) == BEHIND_THE_SOFA


def test_a_checkpoint_is_opened_with_the_key_that_signed_it() -> None:
    note = str(sign(str(HEAD), OURS))
    assert opened(note, [OURS.verifier]) == HEAD
    assert opened(note.encode(), [THEIRS.verifier, OURS.verifier]).acts == "ab" * 32


def test_a_checkpoint_that_nobody_known_signed_is_refused() -> None:
    with pytest.raises(NotVouchedFor, match="Nobody signed"):
        opened(str(sign(str(HEAD), THEIRS)), [OURS.verifier])
    with pytest.raises(NotVouchedFor):
        opened(str(sign(str(HEAD), OURS)), [])


def test_signatures_of_others_are_passed_over_and_a_false_one_of_a_known_key_is_not() -> None:
    note = sign(str(HEAD), THEIRS, OURS)
    assert note.vouched_by([OURS.verifier]) == (OURS.verifier,)
    assert note.vouched_by([OURS.verifier, THEIRS.verifier]) == (THEIRS.verifier, OURS.verifier)
    changed = Note(note.text.replace("\n3\n", "\n4\n"), note.signatures)
    with pytest.raises(NotVouchedFor, match="was changed"):
        changed.vouched_by([OURS.verifier])


def test_a_key_of_the_same_name_is_another_key() -> None:
    rotated = SigningKey(OURS.name, bytes(range(2, 34)))
    with pytest.raises(NotVouchedFor):
        opened(str(sign(str(HEAD), rotated)), [OURS.verifier])
    assert opened(str(sign(str(HEAD), rotated, OURS)), [OURS.verifier]) == HEAD


def test_a_secret_does_not_show_itself() -> None:
    assert "seed" not in repr(OURS)
    assert OURS.seed.hex() not in repr(OURS)


@pytest.mark.parametrize(
    "broken",
    [
        SIGNED.removesuffix("\n"),
        SIGNED + "\n",
        SIGNED.replace("\n\n", "\n"),
        SIGNED.replace("— ", "- "),
        SIGNED.replace("— ", "—"),
        SIGNED.replace("If you", "If\tyou"),
        SIGNED.replace("\n", "\r\n"),
        SIGNED.replace("AM=", "AN="),
        SIGNED.replace("AM=", "AM"),
        SIGNED.replace("x08go", "x08 go"),
        SIGNED.replace("PeterNeumann x", "Peter+Neumann x"),
        SIGNED.replace("— PeterNeumann x", "— x"),
        SIGNED + "— PeterNeumann AAAA\n",
        SIGNED + "— PeterNeumann x08go/ZJ" * 200 + "\n",
        "\n\n— a AAAAAAAA\n",
        "",
        "\ud800\n\n— a AAAAAAAA\n",
        "a" * 1_000_001,
    ],
)
def test_a_note_is_right_to_the_letter_or_it_is_none(broken: str) -> None:
    with pytest.raises((BadNote, NotVouchedFor)):
        Note.parse(broken).vouched_by([VerifierKey.parse(NEUMANN)])


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "o\n1\n",
        "o\n01\n" + "A" * 43 + "=\n",
        "o\n-1\n" + "A" * 43 + "=\n",
        "o\n1\n" + "A" * 42 + "==\n",
        "o\n1\n" + "A" * 42 + "B=\n",
        "\n1\n" + "A" * 43 + "=\n",
        "o\n1\n" + "A" * 43 + "=",
        "o\n1\n" + "A" * 43 + "=\n\nx\n",
        "o\n1\n" + "A" * 43 + "=\nacts 12\n",
        "o\n1\n" + "A" * 43 + f"=\nacts {'ab' * 32}\nacts {'ab' * 32}\n",
        "o\n٣\n" + "A" * 43 + "=\n",
    ],
)
def test_the_text_of_a_checkpoint_is_right_to_the_letter_or_it_is_none(broken: str) -> None:
    with pytest.raises(BadNote):
        TreeHead.parse(broken)


@pytest.mark.parametrize(
    "broken",
    [
        NEUMANN.replace("c74f20a3", "c74f20a4"),
        NEUMANN.replace("PeterNeumann", "PeterN"),
        NEUMANN.replace("+ARpc", "+ARpd"),
        NEUMANN.replace("+ARpc", "+BBpc"),
        NEUMANN[:-4],
        "PeterNeumann",
        "",
        NEUMANN_SECRET,
    ],
)
def test_a_verifier_key_is_right_to_the_letter_or_it_is_none(broken: str) -> None:
    with pytest.raises(BadNote):
        VerifierKey.parse(broken)


@pytest.mark.parametrize("broken", [NEUMANN, NEUMANN_SECRET.replace("+AYEK", "+AYEL"), "PRIVATE+KEY+", ""])
def test_a_signing_key_is_right_to_the_letter_or_it_is_none(broken: str) -> None:
    with pytest.raises(BadNote):
        SigningKey.parse(broken)


@pytest.mark.parametrize("text", ["", "\n", "no end of line", "a\x00b\n"])
def test_a_text_that_no_note_can_carry_is_not_signed(text: str) -> None:
    with pytest.raises(BadNote):
        sign(text, OURS)


@given(st.text(alphabet=st.characters(min_codepoint=32, exclude_categories=["Cs"]), min_size=1), st.data())
def test_a_note_with_one_letter_changed_is_refused(words: str, data: st.DataObject) -> None:
    note = str(sign(f"{words}\n", OURS))
    place = data.draw(st.integers(0, len(note) - 1))
    letter = data.draw(st.characters(exclude_categories=["Cs"]).filter(lambda found: found != note[place]))
    with pytest.raises((BadNote, NotVouchedFor)):
        Note.parse(note[:place] + letter + note[place + 1 :]).vouched_by([OURS.verifier])
