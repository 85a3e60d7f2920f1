from __future__ import annotations

import json
import re
import zlib
from io import BytesIO
from typing import Any

import pikepdf
import pytest

from ledger.dates import Quarter
from reports import seal
from reports.document import Document
from reports.typeset import pdf
from reports.verify import verify
from tests.reports import sample


def test_a_statement_as_published_holds(portfolio_pdf: bytes, portfolio_document: Document) -> None:
    verdict = verify(portfolio_pdf)
    assert verdict.faults == ()
    assert verdict.holds
    assert (verdict.kind, verdict.quarter, verdict.as_at) == ("portfolio", Quarter(2012, 4), sample.AS_AT)
    assert (verdict.statement, verdict.known_at) == ("sta_01portfolio2012q4", sample.KNOWN_AT)
    assert (verdict.seal_seq, verdict.seal_root) == (18442, sample.ROOT)
    assert verdict.figures_sha256 == portfolio_document.data_sha256
    assert verdict.figures_checked > 500


def test_the_impact_statement_and_an_empty_one_hold_too(impact_pdf: bytes, empty_portfolio_pdf: bytes) -> None:
    assert verify(impact_pdf).holds
    assert verify(empty_portfolio_pdf).holds


def with_data(blob: bytes, data: bytes) -> bytes:
    """The same file with another attachment in place of the true one."""
    out = BytesIO()
    with pikepdf.open(BytesIO(blob)) as file:
        file.attachments["figures.json"].get_file().obj.write(data)
        file.save(out)
    return out.getvalue()


def altered(blob: bytes, old: str, new: str) -> bytes:
    with pikepdf.open(BytesIO(blob)) as file:
        data = file.attachments["figures.json"].get_file().read_bytes()
    assert old.encode() in data
    return with_data(blob, data.replace(old.encode(), new.encode(), 1))


def test_a_figure_altered_in_the_attachment_is_found(empty_portfolio_pdf: bytes) -> None:
    verdict = verify(altered(empty_portfolio_pdf, '"closing":"26400000.00"', '"closing":"26500000.00"'))
    assert not verdict.holds
    assert any("has the digest" in fault for fault in verdict.faults)
    assert any("is not the one printed" in fault for fault in verdict.faults)
    assert any(
        fault.startswith("received.closing is noted as '£26.4m' but works out as '£26.5m'") for fault in verdict.faults
    )


def test_a_figure_altered_with_its_digest_is_found_on_the_page(empty_portfolio_document: Document) -> None:
    data = json.loads(empty_portfolio_document.data)
    box = next(part for part in data["movements"] if part["code"] == "received")
    box["closing"] = "26500000.00"
    forged = seal.canonical(data)
    document = empty_portfolio_document.model_copy(update={"data": forged, "data_sha256": seal.digest(forged)})
    verdict = verify(pdf.render(document))
    assert any("received.closing" in fault for fault in verdict.faults)
    assert not any("digest" in fault for fault in verdict.faults)


def test_a_figure_altered_on_the_page_only_is_found(portfolio_document: Document) -> None:
    headline = portfolio_document.headline.model_copy(update={"text": "93p of every pound is signed; 36p has arrived"})
    document = portfolio_document.model_copy(update={"headline": headline})
    assert verify(pdf.render(document)).faults == ("signed.closing / bank.closing, '73p', is not on the pages",)


def test_data_that_are_not_in_their_canonical_writing_are_found(
    empty_portfolio_pdf: bytes, empty_portfolio_document: Document
) -> None:
    spaced = json.dumps(json.loads(empty_portfolio_document.data), indent=1).encode()
    assert any("canonical" in fault for fault in verify(with_data(empty_portfolio_pdf, spaced)).faults)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b'{"format":1}', b"\xff\xfe", b"[" * 100_000])
def test_an_attachment_that_is_no_statement_is_named(empty_portfolio_pdf: bytes, data: bytes) -> None:
    verdict = verify(with_data(empty_portfolio_pdf, data))
    assert any("is not what a statement attaches" in fault for fault in verdict.faults)


def test_a_file_without_the_attachment_is_named(empty_portfolio_pdf: bytes) -> None:
    out = BytesIO()
    with pikepdf.open(BytesIO(empty_portfolio_pdf)) as file:
        del file.attachments["figures.json"]
        file.save(out)
    assert verify(out.getvalue()).faults == ("the file carries no attachment figures.json",)


@pytest.mark.parametrize("blob", [b"", b"hello", b"%PDF-1.7\n", b"%PDF-1.7\n%%EOF", bytes(range(256)) * 40])
def test_what_is_no_pdf_is_refused_in_words(blob: bytes) -> None:
    verdict = verify(blob)
    assert not verdict.holds
    assert len(verdict.faults) == 1


def stream_of_the_attachment(blob: bytes) -> tuple[int, int]:
    """Where the attachment's packed bytes lie in the file."""
    for found in re.finditer(rb"stream\r?\n", blob):
        try:
            unpacker = zlib.decompressobj()
            content = unpacker.decompress(blob[found.end() :])
        except zlib.error:
            continue
        if content.startswith(b'{"attached":'):
            return found.end(), len(blob) - len(unpacker.unused_data)
    raise AssertionError("the attachment's stream is not in the file")


@pytest.mark.parametrize(("tenth", "bit"), [(0, 0), (1, 7), (4, 3), (7, 5), (9, 1)])
def test_one_flipped_bit_in_the_attachment_is_found(empty_portfolio_pdf: bytes, tenth: int, bit: int) -> None:
    start, end = stream_of_the_attachment(empty_portfolio_pdf)
    spoilt = bytearray(empty_portfolio_pdf)
    spoilt[start + tenth * (end - start) // 10] ^= 1 << bit
    assert not verify(bytes(spoilt)).holds


def test_a_stranger_in_the_data_does_not_stop_the_check(
    empty_portfolio_pdf: bytes, empty_portfolio_document: Document
) -> None:
    data: dict[str, Any] = json.loads(empty_portfolio_document.data)
    data["printed"].append({"reference": "nowhere", "style": "in-words", "text": "£1"})
    verdict = verify(with_data(empty_portfolio_pdf, seal.canonical(data)))
    assert any("'nowhere'" in fault for fault in verdict.faults)
