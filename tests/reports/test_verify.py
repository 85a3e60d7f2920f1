from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pikepdf
import pytest

from ledger.dates import Quarter
from reports import labels, seal
from reports.document import Document
from reports.statements import portfolio
from reports.typeset import pdf
from reports.unaided import checks
from reports.unaided import labels as unaided_labels
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
    (fault,) = verify(out.getvalue()).faults
    assert fault.startswith("the file carries no attachment figures.json: it is no statement or notice of the bank's")


@pytest.mark.parametrize(
    ("blob", "said"),
    [
        (b"", "the file is empty"),
        (b"hello", "the file is no PDF: a PDF begins with %PDF-, and this begins with b'hello'"),
        (bytes(range(256)) * 40, "the file is no PDF"),
        (b"%PDF-1.7\n", "the file was cut off, or its end was spoilt: a PDF ends with %%EOF, and these 9 bytes do not"),
        (b"%PDF-1.7\n%%EOF", "the file is spoilt, and cannot be read as a statement (PdfReadError"),
    ],
)
def test_what_is_no_pdf_is_refused_in_one_sentence_and_nothing_else_is_said(
    blob: bytes, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    (fault,) = verify(blob).faults
    assert fault.startswith(said)
    assert caplog.messages == []


def test_a_file_that_was_cut_in_half_is_said_to_be_cut_and_one_that_is_locked_to_be_locked(
    empty_portfolio_pdf: bytes,
) -> None:
    (fault,) = verify(empty_portfolio_pdf[: len(empty_portfolio_pdf) // 2]).faults
    assert fault.startswith("the file was cut off")
    out = BytesIO()
    with pikepdf.open(BytesIO(empty_portfolio_pdf)) as file:
        file.save(out, encryption=pikepdf.Encryption(owner="one", user="two"))
    (fault,) = verify(out.getvalue()).faults
    assert "locked with a password" in fault


def _filespec(file: pikepdf.Pdf, name: str) -> pikepdf.Object:
    embedded = pikepdf.Dictionary(F=file.make_stream(b"{}"))
    return file.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Filespec, F=name, UF=name, EF=embedded))


def _attached_twice(file: pikepdf.Pdf, place: int) -> None:
    names = file.Root.Names.EmbeddedFiles.Names
    names.insert(place, _filespec(file, "figures.json"))
    names.insert(place, pikepdf.String("figures.json"))


def _laid_over(file: pikepdf.Pdf, **more: Any) -> None:
    page = file.pages[1]
    notes = list(page.get("/Annots", []))
    shown = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Rect=[100, 400, 400, 500], **more)
    page.Annots = pikepdf.Array([*notes, file.make_indirect(shown)])


def _with_a_field(file: pikepdf.Pdf) -> None:
    """Nobody has sealed the file, though it has a form."""
    _laid_over(file, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Tx)
    file.Root.AcroForm = pikepdf.Dictionary(Fields=[file.pages[1].Annots[-1]])


def _relabelled(file: pikepdf.Pdf, old: bytes, new: bytes) -> None:
    """Write something else into the file's metadata."""
    there = file.Root.Metadata.read_bytes()
    assert old in there
    file.Root.Metadata.write(there.replace(old, new))


def _script() -> pikepdf.Dictionary:
    return pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="1")


def _linked(file: pikepdf.Pdf, **more: Any) -> None:
    """A link as the typesetter writes it, but for what is given."""
    plain = {"Subtype": pikepdf.Name.Link, "BS": pikepdf.Dictionary(W=0), "Dest": "s-path", "Contents": "s-path"}
    _laid_over(file, **{name: value for name, value in (plain | more).items() if value is not None})


def _spec_of(file: pikepdf.Pdf, name: str) -> pikepdf.Object:
    return file.attachments[name].obj


def _attached_elsewhere(file: pikepdf.Pdf, place: pikepdf.Object) -> None:
    place.AF = pikepdf.Array([*place.get("/AF", []), _filespec(file, "figures.json")])


ADDED: dict[str, tuple[Callable[[pikepdf.Pdf], None], str]] = {
    "figures first": (lambda file: _attached_twice(file, 0), "carries 'figures.json' twice"),
    "figures last": (
        lambda file: _attached_twice(file, len(file.Root.Names.EmbeddedFiles.Names)),
        "carries 'figures.json' twice",
    ),
    "a text over a figure": (
        lambda file: _laid_over(file, Subtype=pikepdf.Name.FreeText, Contents="99.9m"),
        "page 2 carries something laid over it (FreeText)",
    ),
    "a file pinned to a page": (
        lambda file: _laid_over(file, Subtype=pikepdf.Name.FileAttachment, FS=_filespec(file, "figures.json")),
        "page 2 carries something laid over it (FileAttachment)",
    ),
    "a link that shows a picture": (
        lambda file: _laid_over(file, Subtype=pikepdf.Name.Link, AP=pikepdf.Dictionary(N=file.make_stream(b""))),
        "page 2 carries something laid over it (Link)",
    ),
    "a field of a form": (
        _with_a_field,
        "page 2 carries something laid over it (Widget)",
    ),
    **{
        f"a link with {what}": (add, "page 2 carries something laid over it (Link)")
        for what, add in {
            "a border over the page": lambda file: _linked(file, BS=None, Border=[0, 0, 400], C=[1, 1, 1]),
            "a style of border over the page": lambda file: _linked(file, BS=pikepdf.Dictionary(W=400)),
            "a border that is not taken away": lambda file: _linked(file, BS=None),
            "words of its own": lambda file: _linked(file, Contents="Drawn: 99 million"),
            "a way out of the file": lambda file: _linked(
                file, Dest=None, A=pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://e.example/")
            ),
        }.items()
    },
    "a link with a script of its page": (lambda file: _linked(file, PA=_script()), "used (JS, JavaScript, PA)"),
    "a link with a script after it": (
        lambda file: _linked(file, Dest=None, A=pikepdf.Dictionary(S=pikepdf.Name.GoTo, D="s-path", Next=_script())),
        "used (GoTo, JS, JavaScript)",
    ),
    "a script of a heading": (lambda file: setattr(file.Root.Outlines.First, "A", _script()), "used (JS, JavaScript)"),
    "a program of a heading": (
        lambda file: setattr(file.Root.Outlines.First, "A", pikepdf.Dictionary(S=pikepdf.Name.Launch, F="calc.exe")),
        "used (Launch)",
    ),
    "a script of all pages": (
        lambda file: setattr(file.Root.Pages, "AA", pikepdf.Dictionary(O=_script())),
        "used (AA, JS, JavaScript)",
    ),
    "a form in XML": (
        lambda file: setattr(file.Root, "AcroForm", pikepdf.Dictionary(Fields=[], XFA=file.make_stream(b"<x/>"))),
        "a form to be filled in",
    ),
    "other figures for another system": (
        lambda file: setattr(_spec_of(file, "figures.json").EF, "UF", file.make_stream(b"{}")),
        "'figures.json' by another name or with other contents",
    ),
    "other figures for an old system": (
        lambda file: setattr(_spec_of(file, "figures.json").EF, "Unix", file.make_stream(b"{}")),
        "'figures.json' by another name or with other contents",
    ),
    "the figures by another name": (
        lambda file: setattr(_spec_of(file, "figures.json"), "F", pikepdf.String("other.json")),
        "'figures.json' by another name or with other contents",
    ),
    "other figures beside those by name": (
        lambda file: _attached_elsewhere(file, file.Root),
        "only 1 are attached to it by name",
    ),
    "other figures of a page": (
        lambda file: _attached_elsewhere(file, file.pages[1].obj),
        "only 1 are attached to it by name",
    ),
    "a script": (
        lambda file: setattr(file.Root, "OpenAction", pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="1")),
        "would do something by itself",
    ),
    "another root in its information": (
        lambda file: file.docinfo.__setitem__("/sealroot", "0" * 64),
        "sealroot",
    ),
    "another title": (lambda file: file.docinfo.__setitem__("/Title", "Budget, 2012Q4"), "'Budget, 2012Q4'"),
    "another author": (lambda file: file.docinfo.__setitem__("/Author", "The auditors"), "'The auditors'"),
    "another headline": (lambda file: file.docinfo.__setitem__("/Subject", "All is well"), "'All is well'"),
    "no headline": (lambda file: file.docinfo.__setitem__("/Subject", ""), "or not whole"),
    "a headline cut off": (
        lambda file: file.docinfo.__setitem__("/Subject", str(file.docinfo["/Subject"])[:-1]),
        "or not whole",
    ),
    "a title beside its title": (
        lambda file: _relabelled(file, b"<dc:title><rdf:Alt>", b'<dc:title><rdf:Alt><rdf:li rdf:value="Forged"/>'),
        "'Forged'",
    ),
    "another owner of its title": (
        lambda file: _relabelled(file, b"<dc:title>", b'<dc:title xmlns:r="http://example.org/" r:Owner="Us">'),
        "'Us'",
    ),
    "another part of the world": (
        lambda file: file.docinfo.__setitem__("/CreationDate", "D:20130121090000-11'00'"),
        "20130121090000-11",
    ),
    "another day": (lambda file: file.docinfo.__setitem__("/CreationDate", "D:20130122090000Z"), "20130122"),
    "a keyword": (lambda file: file.docinfo.__setitem__("/Keywords", "audited"), "'audited'"),
    "another title in its metadata": (
        lambda file: _relabelled(file, b"Portfolio statement, ", b"Audit of "),
        "Audit of",
    ),
    "a second author in its metadata": (
        lambda file: _relabelled(file, b"</rdf:Seq>", b"<rdf:li>The auditors</rdf:li></rdf:Seq>"),
        "'The auditors'",
    ),
    "a right in its metadata": (
        lambda file: _relabelled(
            file, b"</rdf:RDF>", b'<rdf:Description xmlns:r="http://example.org/" r:Owner="Us"/></rdf:RDF>'
        ),
        "'Us'",
    ),
    "an entity in its metadata": (
        lambda file: _relabelled(file, b"<x:xmpmeta", b'<!DOCTYPE x [<!ENTITY a "b">]><x:xmpmeta'),
        "declares entities",
    ),
    "metadata cut off": (lambda file: _relabelled(file, b"</rdf:RDF>", b""), "XMP cannot be read"),
}


@pytest.mark.parametrize("what", ADDED)
def test_what_was_added_to_a_file_that_has_no_seal_is_found_by_both(empty_portfolio_pdf: bytes, what: str) -> None:
    """The figures are as they were, and so are the words of the pages: a reader would show something else."""
    add, said = ADDED[what]
    out = BytesIO()
    with pikepdf.open(BytesIO(empty_portfolio_pdf)) as file:
        add(file)
        file.save(out, fix_metadata_version=False)
    for faults in (verify(out.getvalue()).faults, checks.Found(out.getvalue(), []).faults):
        assert any(said in fault for fault in faults), faults


def told_in(caution: str) -> dict[str, Any]:
    """What a file's labels are held against."""
    return {
        "title": "Portfolio statement",
        "institution": "Big Society Bank",
        "quarter": "2013Q1",
        "as_at": "2013-03-31",
        "known_at": "2013-05-20T18:00:00.000000Z",
        "caution": caution,
        "supersedes": None,
    }


@pytest.mark.parametrize(
    ("headline", "pages", "whole"),
    [
        ("£6,000,000.00 for Hill", "caution.£6,000,000.00forHillProposed", True),
        ("£6,000", "caution.£6,000,000.00forHillProposed", False),
        ("000,000.00 for Hill", "caution.£6,000,000.00forHillProposed", False),
        ("£14.6", "caution.£14.6mislentProposed", False),
        ("£5.00 was drawn on 1 May 2013", "caution.£5.00wasdrawnon1May2013ToHill", True),
        ("£5.00 was drawn on 1 May 201", "caution.£5.00wasdrawnon1May2013ToHill", False),
        ("26p is signed", "on20May201326pissignedLending", True),
        ("26p is signed", "Assumedtoendin2014.26pissignedLending", True),
        ("6p is signed", "on20May201326pissignedLending", False),
        ("", "caution.26pissignedLending", False),
    ],
)
def test_a_headline_cut_beside_a_number_is_not_whole(headline: str, pages: str, *, whole: bool) -> None:
    told = told_in("Assumed to end in 2014.")
    for faults in (labels.label_faults, unaided_labels.label_faults):
        assert (list(faults(told, {"Subject": headline}, b"", pages)) == []) is whole


@pytest.mark.parametrize(
    ("written", "holds"),
    [
        ("D:20130520180000Z", True),
        ("D:20130520180000+00'00'", True),
        ("2013-05-20T18:00:00+00:00", True),
        ("D:20130520180000", False),
        ("D:20130520180000+01'00'", False),
        ("D:20130520180000-00'30'", False),
        ("D:20130520180001Z", False),
    ],
)
def test_a_day_is_dated_in_universal_time_and_in_no_other(written: str, *, holds: bool) -> None:
    told = told_in("")
    for faults in (labels.label_faults, unaided_labels.label_faults):
        assert (list(faults(told, {"CreationDate": written}, b"", "")) == []) is holds


def test_labels_in_letters_that_the_fonts_lack_are_held_against_what_stands_for_them() -> None:
    """An institution's name that cannot be printed as it is stands in the file as it is printed."""
    held = sample.empty_portfolio()
    named = held.issue.model_copy(update={"institution": "Banc Cymdeithas Fawr \u30d0\u30f3\u30af e\u0301"})
    blob = pdf.render(portfolio.compose(held.model_copy(update={"issue": named})))
    with pikepdf.open(BytesIO(blob)) as file:
        assert str(file.docinfo["/Author"]) == "Banc Cymdeithas Fawr [?][?][?] \u00e9"
    assert (verify(blob).faults, checks.Found(blob, []).faults) == ((), [])


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
