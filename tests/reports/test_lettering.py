"""Texts in drawings, set whole: where the typesetter would have set them letter by letter, and in one piece."""

from __future__ import annotations

import gc
import zlib
from io import BytesIO
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import pikepdf
import pytest

from ledger.refusals import Malformed
from reports import drawing
from reports.document import Document
from reports.typeset import finishing, html, lettering, pdf
from tests.reports.opening import opened, words_at

TEXTS = (("start", "1234"), ("middle", "5678901"), ("end", "23456789"))
"""Digits: they have no kerning, so that both ways set them alike."""


def page_of_texts() -> ET.Element:
    marks = [
        drawing.words(300, 40 * place, text, anchor=anchor, bold=place == 2)  # type: ignore[arg-type]
        for place, (anchor, text) in enumerate(TEXTS, start=1)
    ]
    told = drawing.drawing(600, 160, "Three texts about one line", marks)
    head = '<head><title>Texts</title><link rel="stylesheet" href="bsb:statement.css"/></head>'
    return html.tree(f'<html lang="en">{head}<body>{told}</body></html>')


def written(tree: ET.Element) -> bytes:
    out = BytesIO()
    pdf._read(pdf.load(), tree).render().write_pdf(out)  # noqa: SLF001 -- a page as it is read, and nothing more
    return out.getvalue()


def forms(blob: bytes) -> int:
    return sum(
        isinstance(one, pikepdf.Stream) and one.get("/Subtype") == pikepdf.Name.Form for one in opened(blob).objects
    )


def test_a_text_stands_where_the_typesetter_would_put_it_letter_by_letter() -> None:
    slow = written(page_of_texts())
    with lettering.whole(pdf.load()):
        fast = written(lettering.renamed(page_of_texts()))
    assert (forms(slow), forms(fast)) == (2, 0)
    told = [[word for word in words_at(blob) if word[0] in dict(TEXTS).values()] for blob in (slow, fast)]
    assert [word[0] for word in told[1]] == [text for _, text in TEXTS]
    for (text, *there), (again, *here) in zip(*told, strict=True):
        assert again == text
        assert here == pytest.approx(there, abs=0.1)


def test_the_typesetter_is_left_as_it_was_found() -> None:
    library = pdf.load()
    before = library.svg.TAGS["text"]
    with lettering.whole(library):
        assert library.svg.TAGS["text"] is not before
    assert library.svg.TAGS["text"] is before
    with pytest.raises(Malformed), lettering.whole(library):
        raise Malformed("a page that cannot be set")
    assert library.svg.TAGS["text"] is before


def test_no_text_of_a_statement_is_an_object_of_its_own(portfolio_pdf: bytes, impact_pdf: bytes) -> None:
    assert forms(portfolio_pdf) == forms(impact_pdf) == 0


@pytest.mark.parametrize("found", [(700, 10, 10), (0, 10, 10), (500_000, 5, 5)])
def test_garbage_is_looked_for_seldom_while_setting_and_as_before_after(
    found: tuple[int, int, int], empty_portfolio_document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    met: list[int] = []

    def written(*_: object) -> bytes:
        met.append(gc.get_threshold()[0])
        return b""

    monkeypatch.setattr(pdf, "_written", written)
    usual = gc.get_threshold()
    gc.set_threshold(*found)
    try:
        pdf.render(empty_portfolio_document)
        assert gc.get_threshold() == found
    finally:
        gc.set_threshold(*usual)
    assert met == [max(found[0], 200_000) if found[0] else 0]


def test_each_stream_is_compressed_once_and_what_it_holds_stays() -> None:
    plain = SimpleNamespace(stream=[b"a", b"b"], compress=True, extra={})
    large = SimpleNamespace(stream=[b"line\n" * 300_000], compress=True, extra={})
    others = [SimpleNamespace(stream=["a"], compress=True, extra={}), SimpleNamespace(stream=[b"a"], compress=False)]
    finishing.pack_once(SimpleNamespace(objects=[plain, large, *others, {"S": "/TH"}]))
    assert [zlib.decompress(*one.stream) for one in (plain, large)] == [b"a\nb", b"line\n" * 300_000]
    assert all(one.extra == {"Filter": "/FlateDecode"} and not one.compress for one in (plain, large))
    assert [one.stream for one in others] == [["a"], [b"a"]]
