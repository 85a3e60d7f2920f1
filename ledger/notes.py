"""Signed notes and checkpoints as C2SP defines them: a short text that anybody can check with a key of one line.

The forms are those of c2sp.org/signed-note and c2sp.org/tlog-checkpoint, with Ed25519 signatures (RFC 8032). Everything
is read strictly: a note that two readers might understand differently is no note.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ledger.merkle import HASH_BYTES
from ledger.refusals import Malformed, Refusal

ACTS: Final = "acts "
"""Our extension line of a checkpoint: the chain over marks and quarters, in hexadecimal."""

MOST_SIGNATURES: Final = 100
LONGEST_NOTE: Final = 1_000_000

_ED25519: Final = b"\x01"
_KEY_BYTES: Final = 32
_ID_BYTES: Final = 4
_SIGNATURE_BYTES: Final = 64
_SIGN: Final = 1 << 255
_PRIME: Final = 2**255 - 19
_CURVE: Final = -121665 * pow(121666, -1, _PRIME) % _PRIME
_ORDER_EIGHT: Final = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
_SMALL_ORDER: Final = frozenset({0, 1, _PRIME - 1, _ORDER_EIGHT, _PRIME - _ORDER_EIGHT})
"""The y of the eight points that a curve of cofactor eight has beside its group: of order 4, 1, 2, 8 and 8."""
_DASH: Final = "— "
_SECRET: Final = "PRIVATE+KEY+"  # noqa: S105 -- the first words of the text form, not a secret
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_HEX_ID: Final = re.compile(r"[0-9a-f]{8}", re.ASCII)
_CHAIN: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


class BadNote(Malformed):
    """Text that is not a signed note, a checkpoint or a key in its one right form."""

    slug = "bad-note"


class NotVouchedFor(Refusal):
    """A note whose signatures do not hold, or that nobody signed whose key was given."""

    slug = "not-vouched-for"
    status = 422


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """What is handed to whoever shall check: a name, and a public key. Written ``name+1a2b3c4d+AVW…``."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        _require_name(self.name)
        if len(self.public) != _KEY_BYTES:
            raise BadNote(f"a public key has {_KEY_BYTES} bytes, and this one {len(self.public)}")
        fault = _fault_of_point(self.public)
        if fault:
            raise BadNote(f"the public key of {self.name!r:.80} cannot be one: {fault}")

    @property
    def key_id(self) -> bytes:
        """The four bytes by which a signature says which key made it."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:_ID_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{_base64(_ED25519 + self.public)}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``name+id+key``; refuse another kind of key, and an id that is not this key's."""
        name, key_id, encoded = _parts_of_key(text.strip())
        key = cls(name, encoded)
        if key.key_id.hex() != key_id:
            raise BadNote(f"the verifier key of {name!r} carries the id {key_id}, and the key's own is another")
        return key

    def holds(self, text: str, signature: bytes) -> bool:
        """Whether this key made that signature over that text."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The secret half. It does not show itself when printed; `secret_text` is what its file holds."""

    name: str
    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        _require_name(self.name)
        if len(self.seed) != _KEY_BYTES:
            raise BadNote(f"a signing key has {_KEY_BYTES} bytes, and this one {len(self.seed)}")

    @classmethod
    def generate(cls, name: str) -> Self:
        """A new key from the machine's own randomness."""
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `secret_text` wrote."""
        if not text.startswith(_SECRET):
            raise BadNote(f"a signing key begins with {_SECRET}")
        name, key_id, seed = _parts_of_key(text.removeprefix(_SECRET).strip())
        key = cls(name, seed)
        if key.verifier.key_id.hex() != key_id:
            raise BadNote(f"the signing key of {name!r} carries the id {key_id}, and the key's own is another")
        return key

    @property
    def verifier(self) -> VerifierKey:
        """The public half, to be handed out."""
        return VerifierKey(self.name, self._private.public_key().public_bytes_raw())

    @property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    def secret_text(self) -> str:
        """The whole key in one line, for its file and for nothing else."""
        return f"{_SECRET}{self.name}+{self.verifier.key_id.hex()}+{_base64(_ED25519 + self.seed)}"

    def signature(self, text: str) -> Signature:
        """This key's signature over a text."""
        return Signature(self.name, self.verifier.key_id, self._private.sign(text.encode()))


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line of a note, believed by nobody until a key has checked it."""

    name: str
    key_id: bytes
    made: bytes

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {_base64(self.key_id + self.made)}"

    @classmethod
    def parse(cls, line: str) -> Self:
        """Read ``— name signature``."""
        name, space, encoded = line.removeprefix(_DASH).partition(" ")
        if not line.startswith(_DASH) or not space:
            raise BadNote(f"{line!r:.80} is not a signature line: a dash, a name and the signature")
        _require_name(name)
        signed = _bytes(encoded, "a signature")
        if len(signed) <= _ID_BYTES:
            raise BadNote(f"the signature of {name!r} holds no more than a key's id")
        return cls(name, signed[:_ID_BYTES], signed[_ID_BYTES:])


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends with its line, and the signatures under it."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return "\n".join((self.text, *map(str, self.signatures), ""))

    @classmethod
    def parse(cls, raw: str | bytes) -> Self:
        """Read a signed note; refuse whatever is not one to the letter."""
        whole = _decoded(raw)
        body, blank, lines = whole.rpartition("\n\n")
        if not blank or not lines.endswith("\n") or not body:
            raise BadNote("this is not a signed note: a text, a blank line, and one signature or more, each on a line")
        signed = lines.removesuffix("\n").split("\n")
        if len(signed) > MOST_SIGNATURES:
            raise BadNote(f"a note has at most {MOST_SIGNATURES} signatures, and this one has {len(signed)}")
        return cls(f"{body}\n", tuple(Signature.parse(line) for line in signed))

    def vouched_by(self, keys: Iterable[VerifierKey]) -> tuple[VerifierKey, ...]:
        """The given keys that signed this note; others' signatures are passed over.

        Refuses (`NotVouchedFor`) a note that none of them signed, and one with a signature of theirs that is false.
        """
        known = {(key.name, key.key_id): key for key in keys}
        found: list[VerifierKey] = []
        for signature in self.signatures:
            key = known.get((signature.name, signature.key_id))
            if key is None:
                continue
            if not key.holds(self.text, signature.made):
                raise NotVouchedFor(f"The signature of {key.name} under this note is false: the text was changed")
            if key not in found:
                found.append(key)
        if not found:
            signers = ", ".join(f"{signature.name} ({signature.key_id.hex()})" for signature in self.signatures[:10])
            raise NotVouchedFor(f"Nobody signed this note whose key was given: it is signed by {signers}")
        return tuple(found)


@dataclass(frozen=True, slots=True)
class TreeHead:
    """The body of a checkpoint: whose log, how many entries, the root over them, and lines of our own."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = (self.origin, str(self.size), _base64(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)

    @property
    def acts(self) -> str:
        """The chain over marks and quarters that it vouches for, in hexadecimal; empty when it vouches for none."""
        found = [line.removeprefix(ACTS) for line in self.extensions if line.startswith(ACTS)]
        return found[0] if found else ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text of a checkpoint: three lines at least, none of them empty."""
        lines = text.removesuffix("\n").split("\n")
        if not text.endswith("\n") or len(lines) < 3 or not all(lines):  # noqa: PLR2004 -- origin, size and root
            raise BadNote("this is not a checkpoint: its origin, its size and its root, each on a line, none empty")
        root = _bytes(lines[2], "the root")
        if not _SIZE.fullmatch(lines[1]) or len(root) != HASH_BYTES:
            raise BadNote(f"a checkpoint's second line is its size, and its third a hash of {HASH_BYTES} bytes")
        head = cls(lines[0], int(lines[1]), root, tuple(lines[3:]))
        acts = [line for line in head.extensions if line.startswith(ACTS)]
        if len(acts) > 1 or not all(_CHAIN.fullmatch(line.removeprefix(ACTS)) for line in acts):
            raise BadNote("a checkpoint vouches for one chain of acts at the most, 64 hexadecimal figures")
        return head


def sign(text: str, *keys: SigningKey) -> Note:
    """A note of this text, signed by each of the keys. Refuses a text that no note can carry."""
    if not text.endswith("\n") or _CONTROL.search(text) or not text.strip("\n"):
        raise BadNote("the text of a note ends with its line and holds no control characters")
    return Note(text, tuple(key.signature(text) for key in keys))


def opened(raw: str | bytes, keys: Sequence[VerifierKey]) -> TreeHead:
    """The checkpoint in a signed note, once one of the keys has vouched for it."""
    note = Note.parse(raw)
    note.vouched_by(keys)
    return TreeHead.parse(note.text)


def _require_name(name: str) -> None:
    if not name or "+" in name or any(letter.isspace() for letter in name) or _CONTROL.search(name) or "\n" in name:
        raise BadNote(f"{name!r:.80} cannot be a key's name: one word, without a plus sign")


def _fault_of_point(public: bytes) -> str:
    """Why 32 bytes cannot be a public key (RFC 8032 section 5.1.3); nothing where they can.

    The library takes them as they come. With a point of small order anybody makes signatures that hold, one for many
    texts; a point in a second writing would be one key under two ids.
    """
    y = int.from_bytes(public, "little") & ~_SIGN
    if y >= _PRIME:
        return "it is a point in another writing than its one right one"
    if y in _SMALL_ORDER:
        return "it is a point of small order, with which anybody could sign anything"
    # Its x squared is (y*y - 1) / (d*y*y + 1). Whether that is a square, the same product says.
    squared = (y * y - 1) * (_CURVE * y * y + 1)
    return "" if pow(squared, (_PRIME - 1) // 2, _PRIME) == 1 else "it is no point of the curve"


def _parts_of_key(text: str) -> tuple[str, str, bytes]:
    parts = text.split("+", 2)
    if len(parts) != 3 or not _HEX_ID.fullmatch(parts[1]):  # noqa: PLR2004 -- name, id and key
        raise BadNote("a key is written name+id+key, its id in eight hexadecimal figures")
    encoded = _bytes(parts[2], "a key")
    if encoded[:1] != _ED25519:
        raise BadNote("this key is of another kind: only Ed25519 keys are known here")
    return parts[0], parts[1], encoded[1:]


def _decoded(raw: str | bytes) -> str:
    if len(raw) > LONGEST_NOTE:
        raise BadNote(f"a note is at most {LONGEST_NOTE} bytes long")
    try:
        text = raw.decode("utf-8") if isinstance(raw, bytes) else raw.encode("utf-8").decode("utf-8")
    except UnicodeError as fault:
        raise BadNote("a note is UTF-8 text, and this is not") from fault
    if _CONTROL.search(text):
        raise BadNote("a note holds no control characters but the ends of its lines")
    return text


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bytes(text: str, what: str) -> bytes:
    """Standard base64 in its one right writing: no spaces, whole, and without stray bits at its end."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as fault:
        raise BadNote(f"{what} is not base64: {text!r:.60}") from fault
    if _base64(raw) != text:
        raise BadNote(f"{what} is base64 in another writing than the one right one: {text!r:.60}")
    return raw
