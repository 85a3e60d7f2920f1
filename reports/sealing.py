"""Sealing: a statement's file signed as a whole, so that whoever holds it can tell that no byte of it was changed.

The signature is PAdES, certified against any change, and is added behind the file: what was there stays as it was, to
the byte. The key is the operator's, in a PKCS#12 file; it is read for each act and kept nowhere.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, cached_property
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar, Final

from ledger.refusals import Refusal
from reports.seal_check import BadSeal, Seal, canonical, read_seal

FIELD: Final = "Seal"
REASON: Final = "Issued, and not to be changed"
_KEY_BITS: Final = 3072


class CannotSeal(Refusal):
    """The key cannot be used, or what was sealed does not hold."""

    slug: ClassVar[str] = "cannot-seal"
    status: ClassVar[int] = 503


@dataclass(frozen=True, slots=True)
class Sealer:
    """Where the sealing key and its passphrase lie, and whom to ask for the time."""

    file: Path
    passphrase_file: Path | None = None
    authority: str = ""
    """The address of a timestamp authority (RFC 3161); empty asks none."""


class Press:
    """A key that was read, to seal with: one file, or many."""

    def __init__(self, sealer: Sealer, *, stamper: Any = None) -> None:
        """Read the key. `stamper` is a pyHanko TimeStamper, in place of the sealer's authority.

        Refuses a key that cannot be read.
        """
        self._signer = _signer(sealer)
        self._stamper = _stamper(sealer, stamper)

    @property
    def certificate(self) -> str:
        """The certificate that goes with the key, in PEM: what is handed out to whoever shall check."""
        from asn1crypto import pem  # noqa: PLC0415 -- slow to import

        return str(pem.armor("CERTIFICATE", self._signer.signing_cert.dump()).decode("ascii"))

    def sealed(self, unsealed: bytes) -> tuple[bytes, Seal]:
        """The file with its seal behind it, and what the seal says: the file as it was begins what comes out.

        Refuses when the authority does not answer, and a seal that does not hold at once.
        """
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: PLC0415 -- slow to import
        from pyhanko.sign import fields, signers  # noqa: PLC0415 -- the same

        metadata = signers.PdfSignatureMetadata(
            field_name=FIELD,
            md_algorithm="sha256",
            subfilter=fields.SigSeedSubFilter.PADES,
            certify=True,
            docmdp_permissions=fields.MDPPerm.NO_CHANGES,
            reason=REASON,
            name=self._signer.subject_name,
        )
        press = signers.PdfSigner(metadata, self._signer, timestamper=self._stamper)
        try:
            made = press.sign_pdf(IncrementalPdfFileWriter(BytesIO(unsealed)), in_place=False).getvalue()
            found = read_seal(made)
        except (BadSeal, OSError, ValueError) as fault:
            raise CannotSeal(f"the statement could not be sealed: {fault!s:.300}") from fault
        if not made.startswith(unsealed) or found.unsealed != len(unsealed):
            raise CannotSeal("the statement could not be sealed: sealing would have changed what was there")
        return made, found


def new_key(file: Path, passphrase: bytes, name: str, now: datetime, *, days: int = 3650) -> str:
    """Make a key with a certificate that it signs itself, for a demonstration or a first try; answers its SHA-256.

    Nobody vouches for such a certificate but whoever hands it on. Refuses to write over a file that is there.
    """
    from cryptography import x509  # noqa: PLC0415 -- slow to import, and needed only here
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415 -- the same
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 -- the same
    from cryptography.hazmat.primitives.serialization import pkcs12  # noqa: PLC0415 -- the same

    key = rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    usage = {"digital_signature": True, "content_commitment": True}
    others = ("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign")
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(**usage, **dict.fromkeys(others, False), encipher_only=False, decipher_only=False),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )
    locked = serialization.BestAvailableEncryption(passphrase)
    _write_new(file, pkcs12.serialize_key_and_certificates(name.encode(), key, certificate, None, locked))
    return sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()


def _signer(sealer: Sealer) -> Any:
    """The signer of the key file, with its own certificate and no other, since the signature names no other."""
    from pyhanko.sign.signers import SimpleSigner  # noqa: PLC0415 -- as above
    from pyhanko_certvalidator.registry import SimpleCertificateStore  # noqa: PLC0415 -- as above

    try:
        secret = b"" if sealer.passphrase_file is None else sealer.passphrase_file.read_bytes().rstrip(b"\r\n")
        loaded = SimpleSigner.load_pkcs12_data(sealer.file.read_bytes(), passphrase=secret or None, other_certs=[])
    except (OSError, ValueError) as fault:
        raise CannotSeal(
            f"the sealing key {sealer.file} cannot be read: {fault!s:.200}", key=str(sealer.file)
        ) from fault
    no_others: Any = SimpleCertificateStore
    return _reading_once()(signing_cert=loaded.signing_cert, signing_key=loaded.signing_key, cert_registry=no_others())


@cache
def _reading_once() -> Any:
    """The library's signer, but one that reads an RSA key once.

    The library reads it for each signature, and signs twice for each seal. Reading takes fifty times as long as
    signing, for the key is then tested anew.
    """
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415 -- as above
    from cryptography.hazmat.primitives.asymmetric import padding, rsa  # noqa: PLC0415 -- as above
    from pyhanko.sign.signers import SimpleSigner  # noqa: PLC0415 -- as above

    class ReadingOnce(SimpleSigner):
        """Signs as its parent does."""

        @cached_property
        def _read(self) -> Any:
            return serialization.load_der_private_key(self.signing_key.dump(), password=None)

        def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
            how = self.get_signature_mechanism_for_digest(digest_algorithm)["algorithm"].native
            if how == "sha256_rsa" and digest_algorithm == "sha256" and isinstance(self._read, rsa.RSAPrivateKey):
                return self._read.sign(data, padding.PKCS1v15(), hashes.SHA256())
            return super().sign_raw(data, digest_algorithm)

    return ReadingOnce


def _stamper(sealer: Sealer, given: Any) -> Any:
    """The authority for the time, whose tokens are kept in their one writing."""
    from asn1crypto import cms  # noqa: PLC0415 -- as above
    from pyhanko.sign.timestamps import HTTPTimeStamper, TimeStamper  # noqa: PLC0415 -- as above

    if given is None and not sealer.authority:
        return None
    authority = HTTPTimeStamper(sealer.authority) if given is None else given

    class InOneWriting(TimeStamper):
        """Asks the authority, and writes its token as `seal_check.canonical` does."""

        async def async_request_tsa_response(self, req: Any) -> Any:
            return await authority.async_request_tsa_response(req)

        async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> Any:
            token = await super().async_timestamp(message_digest, md_algorithm)
            return cms.ContentInfo.load(canonical(token))

    stamping: Any = InOneWriting
    return stamping()


def _write_new(file: Path, content: bytes) -> None:
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as there:
        raise CannotSeal(f"{file} is there already: a key is never written over", key=str(file)) from there
    with os.fdopen(handle, "wb") as opened:
        opened.write(content)
