"""Seals: what was there stays, other people's programs read them, and no byte of a sealed file can be another."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from reports.seal_check import BadSeal, Seal, looks_sealed, read_seal
from reports.sealing import CannotSeal, Press, Sealer, new_key
from reports.verify import verify

MADE_AT = datetime(2013, 1, 1, tzinfo=UTC)
SEEN_AT = datetime(2013, 1, 22, 9, 30, tzinfo=UTC)
OTHER_DIGITS = {ord(digit): ord(other) for digit, other in zip("0123456789ABCDEF<>", "1032547698BADCFE> ", strict=True)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("seal")
    for name, said in (("bank", "Big Society Bank"), ("clock", "A clock that is believed"), ("other", "Somebody else")):
        new_key(made / f"{name}.p12", b"secret", said, MADE_AT, days=10_000)
    (made / "passphrase").write_text("secret\n")
    return made


def press(folder: Path, name: str = "bank", stamper: object = None) -> Press:
    return Press(Sealer(folder / f"{name}.p12", folder / "passphrase"), stamper=stamper)


@pytest.fixture(scope="module")
def sealed(folder: Path, empty_portfolio_pdf: bytes) -> tuple[bytes, Seal]:
    return press(folder).sealed(empty_portfolio_pdf)


@pytest.fixture(scope="module")
def stamped(folder: Path, empty_portfolio_pdf: bytes) -> tuple[bytes, Seal]:
    key, certificate, _ = pkcs12.load_key_and_certificates((folder / "clock.p12").read_bytes(), b"secret")
    assert key is not None
    assert certificate is not None
    clock = DummyTimeStamper(
        asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER)),
        asn1_keys.PrivateKeyInfo.load(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())),
        fixed_dt=SEEN_AT,
    )
    return press(folder, stamper=clock).sealed(empty_portfolio_pdf)


def test_what_was_there_is_the_beginning_of_the_sealed_file(
    sealed: tuple[bytes, Seal], empty_portfolio_pdf: bytes
) -> None:
    file, found = sealed
    assert file[: found.unsealed] == empty_portfolio_pdf
    assert found.signer == "Big Society Bank"
    assert found.stamped_at is None
    assert looks_sealed(file)
    assert not looks_sealed(empty_portfolio_pdf)


def test_other_peoples_program_finds_it_whole_certified_and_against_any_change(sealed: tuple[bytes, Seal]) -> None:
    (signature,) = PdfFileReader(BytesIO(sealed[0])).embedded_signatures
    own = ValidationContext(trust_roots=[signature.signer_cert], moment=SEEN_AT, allow_fetching=False)
    status = validate_pdf_signature(signature, own)
    assert status.intact
    assert status.valid
    assert status.docmdp_ok
    assert signature.docmdp_level is not None
    assert signature.docmdp_level.name == "NO_CHANGES"
    assert str(signature.sig_object["/SubFilter"]) == "/ETSI.CAdES.detached"


def test_a_statement_that_is_sealed_holds_and_says_whose_seal_it_is(sealed: tuple[bytes, Seal], folder: Path) -> None:
    own, other = (press(folder, name).certificate.encode() for name in ("bank", "other"))
    verdict = verify(sealed[0], trusted=[other, own])
    assert verdict.holds, verdict.faults
    assert verdict.seal == sealed[1]
    assert verify(sealed[0], trusted=[other]).faults == (
        "the seal is Big Society Bank's, whose certificate was not given",
    )


def test_a_seal_is_read_where_the_program_that_made_it_is_not_loaded(sealed: tuple[bytes, Seal]) -> None:
    script = (
        "import sys; from reports.seal_check import read_seal\n"
        "print(read_seal(sys.stdin.buffer.read()).certificate_sha256)\n"
        "assert 'pyhanko' not in sys.modules"
    )
    checkout = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script], input=sealed[0], capture_output=True, check=True, cwd=checkout
    )
    assert done.stdout.decode().strip() == sealed[1].certificate_sha256


def test_a_file_that_had_to_be_sealed_and_is_not_is_told(empty_portfolio_pdf: bytes, folder: Path) -> None:
    assert verify(empty_portfolio_pdf).seal is None
    assert verify(empty_portfolio_pdf, trusted=[press(folder).certificate.encode()]).faults == (
        "the file is not sealed",
    )


def spoilt(file: bytes, places: Iterator[tuple[int, int]]) -> Iterator[tuple[int, bytes]]:
    for place, value in places:
        if file[place] != value:
            yield place, file[:place] + bytes([value]) + file[place + 1 :]


def test_no_byte_of_a_sealed_file_can_be_another(sealed: tuple[bytes, Seal]) -> None:
    """Every byte that sealing added, and every 23rd before it; the digits of the seal have a test of their own."""
    file, found = sealed
    dice = random.Random(20130101)  # noqa: S311 -- the same tries each time
    places = [*range(0, found.unsealed, 23), *range(found.unsealed, len(file))]
    start, end = file.rindex(b"/Contents <") + 10, file.rindex(b">\n/ByteRange")
    outside = ((place, file[place] ^ dice.randrange(1, 256)) for place in places if not start <= place <= end)
    survived = [place for place, other in spoilt(file, outside) if holds(other)]
    assert survived == []


def test_no_digit_of_the_seal_itself_can_be_another(sealed: tuple[bytes, Seal], stamped: tuple[bytes, Seal]) -> None:
    """By a digit that fits, and by the same digit in another writing; where every one is tried, it takes a minute."""
    for (file, _), step in ((sealed, 13), (stamped, 67)):
        start, end = file.rindex(b"/Contents <") + 10, file.rindex(b">\n/ByteRange")
        fitting = ((place, OTHER_DIGITS[file[place]]) for place in range(start, end + 1, step))
        assert [place for place, other in spoilt(file, fitting) if holds(other)] == []
        written = ((place, file[place] ^ 0x20) for place in range(start, end + 1, step))
        assert [place for place, other in spoilt(file, written) if holds(other)] == []


def holds(file: bytes) -> bool:
    """As `verify` asks, which says nothing more of a file whose seal does not hold."""
    if not looks_sealed(file):
        return True
    try:
        read_seal(file)
    except BadSeal as bad:
        return not str(bad)
    return True


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 1.0])
def test_a_spoilt_file_does_not_hold_and_the_reason_is_given(sealed: tuple[bytes, Seal], share: float) -> None:
    file = sealed[0]
    place = int(share * (len(file) - 1))
    verdict = verify(file[:place] + bytes([file[place] ^ 1]) + file[place + 1 :])
    assert not verdict.holds
    assert len(verdict.faults) == 1
    assert "changed" in verdict.faults[0]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda file: file + b"\n", "does not cover the whole file"),
        (lambda file: file[:-1], "does not cover the whole file"),
        (lambda file: file + file[-900:], "there twice: it was altered, or saved anew by another program"),
        (lambda file: file.replace(b"/ETSI.CAdES.detached", b"/adbe.pkcs7.detached"), "changed after it was sealed"),
    ],
)
def test_what_is_added_cut_or_put_otherwise_is_told(sealed: tuple[bytes, Seal], change: object, reason: str) -> None:
    assert callable(change)
    with pytest.raises(BadSeal, match=reason):
        read_seal(change(sealed[0]))


def test_an_authority_for_the_time_is_named_with_what_it_saw(stamped: tuple[bytes, Seal]) -> None:
    assert (stamped[1].stamped_at, stamped[1].stamped_by) == (SEEN_AT, "A clock that is believed")
    assert read_seal(stamped[0]) == stamped[1]


def test_the_seal_of_another_file_seals_nothing(
    sealed: tuple[bytes, Seal], folder: Path, portfolio_pdf: bytes, empty_portfolio_pdf: bytes
) -> None:
    behind = sealed[0][len(empty_portfolio_pdf) :]
    with pytest.raises(BadSeal, match="does not cover the whole file"):
        read_seal(portfolio_pdf + behind)
    again, _ = press(folder, "other").sealed(empty_portfolio_pdf)
    assert len(again) != len(sealed[0]) or again != sealed[0]


def test_a_key_that_cannot_be_read_is_told(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "wrong").write_text("wrong\n")
    with pytest.raises(CannotSeal, match=r"bank\.p12 cannot be read"):
        Press(Sealer(folder / "bank.p12", tmp_path / "wrong"))
    with pytest.raises(CannotSeal, match="cannot be read"):
        Press(Sealer(tmp_path / "none.p12"))
    with pytest.raises(CannotSeal, match="never written over"):
        new_key(folder / "bank.p12", b"secret", "Another", MADE_AT)
    assert (folder / "bank.p12").stat().st_mode & 0o077 == 0
