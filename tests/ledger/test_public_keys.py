"""Public keys that are none, and signatures side by side: our own reader and the one-file verifier agree on them."""

from __future__ import annotations

import base64
import hashlib
from itertools import permutations
from typing import Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ledger import verifier
from ledger.notes import BadNote, Note, NotVouchedFor, Signature, SigningKey, TreeHead, VerifierKey, sign

# The low-order points of edwards25519 in every writing, as C2SP lists them (github.com/C2SP/CCTV, ed25519/README.md).
SMALL_ORDER: Final = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
]
# RFC 8032 section 5.1.3: a y of p or more is no writing of a point, with either sign.
NOT_CANONICAL: Final = [
    (verifier.P + beyond | sign_bit << 255).to_bytes(32, "little").hex() for beyond in range(19) for sign_bit in (0, 1)
]
NOT_OF_THE_CURVE: Final = [(2).to_bytes(32, "little").hex(), (7).to_bytes(32, "little").hex()]
OURS: Final = SigningKey("bank.example/books", bytes(range(32)))
TEXT: Final = str(TreeHead("bank.example/books", 3, bytes(32)))
FALSE: Final = Signature(OURS.name, OURS.verifier.key_id, bytes(64))


def written(public: bytes) -> str:
    """A verifier key in its one line, of any 32 bytes."""
    encoded = b"\x01" + public
    return f"k+{hashlib.sha256(b'k' + bytes([10]) + encoded).hexdigest()[:8]}+{base64.b64encode(encoded).decode()}"


def is_taken(public: bytes) -> tuple[bool, bool]:
    """Whether our own reader takes a public key, and whether the one-file verifier does."""
    try:
        VerifierKey.parse(written(public))
        ours = True
    except BadNote:
        ours = False
    try:
        verifier.Key(written(public))
        theirs = True
    except verifier.Fault:
        theirs = False
    return ours, theirs


@pytest.mark.parametrize("public", sorted({*SMALL_ORDER, *NOT_CANONICAL, *NOT_OF_THE_CURVE}))
def test_a_public_key_that_is_none_is_refused_when_it_is_read(public: str) -> None:
    raw = bytes.fromhex(public)
    with pytest.raises(BadNote, match=r"small order|another writing|no point of the curve"):
        VerifierKey.parse(written(raw))
    with pytest.raises(verifier.Fault, match="no public key"):
        verifier.Key(written(raw))
    for commitment in SMALL_ORDER:
        assert not verifier.signature_holds(raw, b"any", bytes.fromhex(commitment) + bytes(32))


def test_the_keys_of_the_table_are_those_that_multiplying_finds() -> None:
    """Eight points come to nothing when they are added to themselves eight times; the rest are other writings."""
    found = {public for public in SMALL_ORDER if verifier.read_point(bytes.fromhex(public))}
    assert len(found) == 8
    assert all(verifier.times(8, verifier.read_point(bytes.fromhex(public)))[0] == 0 for public in found)


@settings(max_examples=200)
@given(st.binary(min_size=32, max_size=32))
@example(OURS.verifier.public)
def test_both_take_the_same_public_keys(public: bytes) -> None:
    ours, theirs = is_taken(public)
    assert ours == theirs


@settings(max_examples=40)
@given(
    st.integers(1, verifier.ORDER - 1),
    st.integers(1, verifier.ORDER - 1),
    st.sampled_from(SMALL_ORDER),
    st.sampled_from(SMALL_ORDER),
    st.text(st.characters(codec="ascii"), max_size=20),
)
def test_both_come_to_the_same_verdict_on_points_with_a_part_of_small_order(
    secret: int, chosen: int, beside_key: str, beside_commitment: str, text: str
) -> None:
    """A key or a commitment that lies beside the group: neither reader multiplies the cofactor away."""

    def shifted(scalar: int, by: str) -> bytes:
        point = verifier.times(scalar, verifier.BASE)
        small = verifier.read_point(bytes.fromhex(by))
        return verifier.write_point(verifier.plus(point, small) if small else point)

    public, commitment = shifted(secret, beside_key), shifted(chosen, beside_commitment)
    bound = int.from_bytes(hashlib.sha512(commitment + public + text.encode()).digest(), "little")
    made = commitment + ((chosen + bound * secret) % verifier.ORDER).to_bytes(32, "little")
    assert is_taken(public) == (True, True)
    ours = VerifierKey("k", public).holds(text, made)
    assert ours == verifier.signature_holds(public, text.encode(), made)


@pytest.mark.parametrize("signatures", [*permutations((OURS.signature(TEXT), FALSE)), (FALSE,)], ids=len)
def test_a_false_signature_beside_a_true_one_of_the_same_key_is_refused_by_both(
    signatures: tuple[Signature, ...],
) -> None:
    note = Note(TEXT, signatures)
    with pytest.raises(NotVouchedFor, match="false"):
        note.vouched_by([OURS.verifier])
    with pytest.raises(verifier.Fault, match="false"):
        verifier.Checkpoint(str(note), [verifier.Key(str(OURS.verifier))])


@pytest.mark.parametrize(
    "line",
    ["— x " + base64.b64encode(bytes(4)).decode()]
    + [f"— {name} {base64.b64encode(bytes(68)).decode()}" for name in ("a+b", "a\u00a0b", "a\u2028b", "")],
)
@pytest.mark.parametrize("first", [True, False])
def test_a_line_that_is_no_signature_makes_a_note_none_for_both(line: str, first: bool) -> None:
    """Whoever signed it: what two readers might understand differently is not read."""
    lines = [line, str(OURS.signature(TEXT))]
    raw = "\n".join((TEXT, *(lines if first else reversed(lines)), ""))
    with pytest.raises(BadNote):
        Note.parse(raw)
    with pytest.raises(verifier.Fault, match="no signature"):
        verifier.Checkpoint(raw, [verifier.Key(str(OURS.verifier))])


def test_the_same_true_signature_twice_is_one_for_both() -> None:
    note = sign(TEXT, OURS, OURS)
    assert note.vouched_by([OURS.verifier]) == (OURS.verifier,)
    assert len(verifier.Checkpoint(str(note), [verifier.Key(str(OURS.verifier))]).signers) == 1
