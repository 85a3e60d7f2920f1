"""The seal on a statement's file, read so strictly that no byte of the file can be another: PAdES, one signature.

What a signature covers cannot change unnoticed. What it leaves uncovered (its own digits, the padding behind them, and
the members of the message that carries it) is written in one way only, and read in that way only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha1, sha256
from typing import Any, Final

from asn1crypto import algos, cms, tsp
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

SEALED: Final = (b"/ByteRange", b"/ETSI.CAdES.detached", b"/Type /Sig\n", b"/DocMDP")
"""Words that only a sealed file has. One spoilt byte cannot take them all away."""
_RANGE: Final = re.compile(rb"/ByteRange \[(0) ([1-9][0-9]{0,9}) ([1-9][0-9]{0,9}) ([1-9][0-9]{0,9})\] *\n")
_DIGITS: Final = re.compile(rb"<((?:[0-9A-F]{2})+)>")
_END: Final = b"%%EOF\n"
_HASHES: Final[Mapping[str, Callable[[], hashes.HashAlgorithm]]] = {
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}
_LONG_FORM: Final = 0x80
_NAMES: Final = {"signing_certificate_v2", "signing_certificate"}
"""How a signature names its certificate (RFC 5035), in a time stamp perhaps still by the older digest."""


class BadSeal(Exception):
    """A seal that does not hold; the text says why."""


@dataclass(frozen=True, slots=True)
class Seal:
    """A seal that holds: who made it, with which certificate, when, and how much of the file was there before it."""

    signer: str
    certificate: bytes
    certificate_sha256: str
    said_at: str
    """When the signer says it was made, as the file writes it; nobody else vouches for it."""
    stamped_at: datetime | None
    """When a timestamp authority saw it, if one did."""
    stamped_by: str
    unsealed: int
    """The bytes of the file as it was before it was sealed."""

    def issued_by(self, trusted: Sequence[bytes]) -> bool:
        """Whether its certificate is one of these (in PEM), or was issued by one of them."""
        own = x509.load_der_x509_certificate(self.certificate)
        for text in trusted:
            for known in x509.load_pem_x509_certificates(text):
                if known == own or _issued(own, known):
                    return True
        return False


def holds_certificates(text: bytes) -> bool:
    """Whether a text has a certificate in PEM in it, and none that cannot be read."""
    try:
        return bool(x509.load_pem_x509_certificates(text))
    except ValueError:
        return False


def looks_sealed(pdf: bytes) -> bool:
    """Whether the file is sealed, or was before somebody changed it."""
    return any(word in pdf for word in SEALED)


def read_seal(pdf: bytes) -> Seal:
    """The seal of a file that looks sealed. Raises `BadSeal` with the reason where it does not hold."""
    start, end = _gap(pdf)
    found = _checked(_message(pdf[start:end]))
    covered = sha256(pdf[:start])
    covered.update(pdf[end:])
    if found.covered != covered.digest():
        raise BadSeal("the file was changed after it was sealed: it is not what the seal was made over")
    return Seal(
        signer=_name(found.certificate),
        certificate=found.certificate,
        certificate_sha256=sha256(found.certificate).hexdigest(),
        said_at=_written_date(pdf[end:]),
        stamped_at=found.stamped_at,
        stamped_by=found.stamped_by,
        unsealed=pdf.rfind(_END, 0, start) + len(_END),
    )


def canonical(message: Any, *, stamped: bytes | None = None) -> bytes:
    """The one writing of a signed message: its signer's certificate alone, every algorithm as it is, in DER.

    `message` is an asn1crypto ContentInfo; `stamped` is the timestamp that it carries, in its own one writing.
    """
    signed = message["content"]
    (signer,) = signed["signer_infos"]
    certificate = _certificate(signed, signer["signed_attrs"])
    digest = signer["digest_algorithm"]["algorithm"].native
    kind = certificate.public_key.algorithm
    own = algos.DigestAlgorithm({"algorithm": digest})
    parts: dict[str, Any] = {
        "version": "v1",
        "sid": cms.SignerIdentifier(
            {
                "issuer_and_serial_number": cms.IssuerAndSerialNumber(
                    {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
                )
            }
        ),
        "digest_algorithm": own,
        "signature_algorithm": algos.SignedDigestAlgorithm(
            {"algorithm": f"{digest}_{'rsa' if kind == 'rsa' else 'ecdsa'}"}
        ),
        "signed_attrs": signer["signed_attrs"],
        "signature": signer["signature"].native,
    }
    if stamped is not None:
        token = cms.ContentInfo.load(stamped)
        parts["unsigned_attrs"] = cms.CMSAttributes(
            [cms.CMSAttribute({"type": "signature_time_stamp_token", "values": (token,)})]
        )
    inner = signed["encap_content_info"]
    detached = inner["content_type"].native == "data"
    return bytes(
        cms.ContentInfo(
            {
                "content_type": "signed_data",
                "content": cms.SignedData(
                    {
                        "version": "v1" if detached else "v3",
                        "digest_algorithms": cms.DigestAlgorithms((own,)),
                        "encap_content_info": {"content_type": "data"} if detached else inner,
                        "certificates": {cms.CertificateChoices(name="certificate", value=certificate)},
                        "signer_infos": [cms.SignerInfo(parts)],
                    }
                ),
            }
        ).dump()
    )


def _gap(pdf: bytes) -> tuple[int, int]:
    """Where the seal's own digits stand: all else, from the first byte to the last, is what it covers."""
    found = _RANGE.findall(pdf)
    if len(found) != 1:
        raise BadSeal(
            "the file was sealed, and the place that says what the seal covers was changed or is there twice: it was "
            "altered, or saved anew by another program. Ask for it as it was issued"
        )
    _, start, after, rest = (int(number) for number in found[0])
    if after + rest != len(pdf) or not start < after:
        raise BadSeal(
            "the seal does not cover the whole file: something was added, cut off or changed after it was made"
        )
    return start, after


def _message(digits: bytes) -> bytes:
    """The message in the seal: digits in one writing, and nothing but noughts behind it."""
    found = _DIGITS.fullmatch(digits)
    if found is None:
        raise BadSeal("the seal's digits were changed: they are not written as a seal writes them")
    raw = bytes.fromhex(found[1].decode("ascii"))
    length = _der_length(raw)
    if length > len(raw) or raw[length:].strip(b"\0"):
        raise BadSeal("the padding of the seal was changed, or its length was")
    return raw[:length]


def _der_length(raw: bytes) -> int:
    """How long the first DER value is, head included; more than there is when it says so or says nothing."""
    if len(raw) < 2 or raw[0] != 0x30:  # noqa: PLR2004 -- a sequence: its mark, and at least one byte of length
        return len(raw) + 1
    if raw[1] < _LONG_FORM:
        return 2 + raw[1]
    more = raw[1] - _LONG_FORM
    return 2 + more + int.from_bytes(raw[2 : 2 + more], "big")


@dataclass(frozen=True, slots=True)
class _Message:
    """What a signed message says once all of it has been checked but what it covers."""

    covered: bytes
    certificate: bytes
    stamped_at: datetime | None
    stamped_by: str


@lru_cache(maxsize=8)
def _checked(raw: bytes) -> _Message:
    try:
        return _opened(raw)
    except BadSeal:
        raise
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, UnsupportedAlgorithm) as fault:
        raise BadSeal(f"the seal was changed and cannot be read: {type(fault).__name__}") from fault


def _opened(raw: bytes) -> _Message:
    message = cms.ContentInfo.load(raw, strict=True)
    (signer,) = message["content"]["signer_infos"]
    if signer["digest_algorithm"]["algorithm"].native != "sha256":
        raise BadSeal("the seal was changed: it is made over another digest than seals are")
    stamp = _stamp(signer)
    if canonical(message, stamped=None if stamp is None else stamp.dump()) != raw:
        raise BadSeal("the seal was changed: a part of it is not what a seal of its kind has")
    certificate = _certificate(message["content"], signer["signed_attrs"]).dump()
    _hold(signer, certificate, "the seal")
    stamped_at, stamped_by = (None, "") if stamp is None else _stamped(stamp, signer["signature"].native)
    return _Message(_said(signer, "message_digest"), certificate, stamped_at, stamped_by)


def _name(certificate: bytes) -> str:
    """The name of whom a certificate is about."""
    subject = x509.load_der_x509_certificate(certificate).subject
    common = subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(common[0].value) if common else subject.rfc4514_string()


def _stamp(signer: Any) -> Any:
    """The timestamp that a signature carries, if it does; it carries nothing else."""
    attributes = signer["unsigned_attrs"]
    if not attributes.native:
        return None
    (attribute,) = attributes
    if attribute["type"].native != "signature_time_stamp_token":
        raise BadSeal("the seal carries something that is no timestamp")
    (token,) = attribute["values"]
    return token


def _stamped(token: Any, signature: bytes) -> tuple[datetime, str]:
    """When, and by whom, the signature was seen. Refuses a token of another signature, or in another writing."""
    if canonical(token) != token.dump():
        raise BadSeal("the seal's timestamp was changed: a part of it is not what it has to be")
    (signer,) = token["content"]["signer_infos"]
    inner = token["content"]["encap_content_info"]
    digest = signer["digest_algorithm"]["algorithm"].native
    if _said(signer, "message_digest") != _digest(digest, bytes(inner["content"])):
        raise BadSeal("the seal's timestamp was changed: it is not what its authority signed")
    certificate = _certificate(token["content"], signer["signed_attrs"]).dump()
    _hold(signer, certificate, "the timestamp")
    told = inner["content"].parsed
    imprint = told["message_imprint"]
    if imprint["hashed_message"].native != _digest(imprint["hash_algorithm"]["algorithm"].native, signature):
        raise BadSeal("the seal's timestamp is of another signature")
    return told["gen_time"].native, _name(certificate)


def _digest(name: str, content: bytes) -> bytes:
    made = hashes.Hash(_HASHES[name]())
    made.update(content)
    return made.finalize()


def _said(signer: Any, kind: str) -> bytes:
    """The one value of a signed attribute."""
    (found,) = [one for one in signer["signed_attrs"] if one["type"].native == kind]
    (value,) = found["values"]
    return bytes(value.native)


def _certificate(signed: Any, attributes: Any) -> Any:
    """The certificate that the signed attributes name by its digest: no other could be put in its place."""
    named = [one for one in attributes if one["type"].native in _NAMES]
    for attribute in named:
        newer = isinstance(attribute["values"][0], tsp.SigningCertificateV2)
        wanted = attribute["values"][0]["certs"][0]["cert_hash"].native
        for choice in signed["certificates"]:
            raw = choice.chosen.dump()
            if (sha256(raw) if newer else sha1(raw, usedforsecurity=False)).digest() == wanted:
                return choice.chosen
    raise BadSeal("the seal's certificate was changed: it is not the one that the signature names")


def _hold(signer: Any, certificate: bytes, what: str) -> None:
    """Check a signature over its attributes with the key of the certificate."""
    key = x509.load_der_x509_certificate(certificate).public_key()
    signature, over = signer["signature"].native, signer["signed_attrs"].untag().dump()
    digest = _HASHES[signer["digest_algorithm"]["algorithm"].native]()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, over, padding.PKCS1v15(), digest)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, over, ec.ECDSA(digest))
        else:
            raise BadSeal(f"{what} was made with a kind of key that is not read here")
    except InvalidSignature as false:
        raise BadSeal(f"{what} is false: its signature was not made with the key of its certificate") from false


def _written_date(tail: bytes) -> str:
    found = re.search(rb"/M \(([^)]{1,60})\)", tail)
    return "" if found is None else found[1].decode("latin-1").replace("\\072", ":")


def _issued(own: x509.Certificate, known: x509.Certificate) -> bool:
    try:
        own.verify_directly_issued_by(known)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True
