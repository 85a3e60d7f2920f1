"""From HTML to PDF: the only file that knows WeasyPrint, which it loads late and shuts in.

The typesetter may read nothing but the fonts and the style sheet that are handed to it in memory. What it writes is
PDF/A-3a and PDF/UA-1 at once, carries `figures.json`, and is the same to the byte for the same document.
"""

from __future__ import annotations

import gc
import logging
import os
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from typing import Any, ClassVar, Final
from xml.etree import ElementTree as ET

from ledger.refusals import Refusal
from reports import seal
from reports.attached import Attached
from reports.contents import Contents
from reports.document import Document
from reports.typeset import finishing, fonts, html, lettering

_SCHEME: Final = "bsb:"

UNIVERSAL_ACCESS: Final = (
    b'<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1" />'
    b'<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" '
    b'xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">'
    b'<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">'
    b"<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>"
    b"<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>"
    b"<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>"
    b'<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">'
    b"<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>"
    b"<pdfaProperty:category>internal</pdfaProperty:category>"
    b"<pdfaProperty:description>Part of ISO 14289</pdfaProperty:description>"
    b"</rdf:li></rdf:Seq></pdfaSchema:property>"
    b"</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"
)
"""The claim to PDF/UA-1, and the declaration of its name that PDF/A demands beside it."""


class TypesetterMissing(Refusal):
    """The libraries that set type are not on this machine."""

    slug: ClassVar[str] = "typesetter-missing"
    status: ClassVar[int] = 503

    REMEDY: ClassVar[str] = (
        "on Debian and Ubuntu: apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 "
        "libharfbuzz-subset0; on macOS: brew install pango"
    )

    @classmethod
    def because(cls, fault: OSError) -> TypesetterMissing:
        """The refusal that names the remedy."""
        return cls(f"no statement can be typeset because Pango is not installed; {cls.REMEDY}", fault=str(fault))


class StrayAsset(Refusal):
    """A page asked for something that is not among its own assets."""

    slug: ClassVar[str] = "stray-asset"
    status: ClassVar[int] = 422


class TypesetterComplained(Refusal):
    """The typesetter warned of something in the page, and what it warns of is wrong on paper."""

    slug: ClassVar[str] = "typesetter-complained"
    status: ClassVar[int] = 503


def render(document: Document) -> bytes:
    """The document as one PDF: the same bytes for the same document.

    Refuses when Pango is missing, a page that asks for what is not its own, and one of which the typesetter warns.
    """
    weasyprint = load()
    with _fixed_epoch(document.issue.known_at), _seldom_tidied(), lettering.whole(weasyprint), _heeded() as warned:
        blob = _written(weasyprint, document)
    if warned:
        raise TypesetterComplained(
            f"{document.title} {document.issue.quarter} is not as it should be, says the typesetter: {warned[0]:.300}",
            warnings=tuple(warned),
        )
    return blob


def load() -> Any:
    """The typesetter itself; refuses when Pango is missing."""
    try:
        import weasyprint  # noqa: PLC0415 -- loading it costs half a second and needs Pango: only here, only when used
    except OSError as fault:
        raise TypesetterMissing.because(fault) from fault
    return weasyprint


@contextmanager
def _fixed_epoch(instant: datetime) -> Iterator[None]:
    """Date whatever dates itself by the instant of knowledge, not by the moment of printing."""
    before = os.environ.get("SOURCE_DATE_EPOCH")
    os.environ["SOURCE_DATE_EPOCH"] = str(int(instant.timestamp()))
    try:
        yield
    finally:
        if before is None:
            del os.environ["SOURCE_DATE_EPOCH"]
        else:
            os.environ["SOURCE_DATE_EPOCH"] = before


_TIDIED_AFTER: Final = 200_000
"""Objects made before the first look for cycles among them: there are none worth looking for."""


@contextmanager
def _seldom_tidied() -> Iterator[None]:
    """Look for garbage seldom meanwhile: looking took a fifth of the time, and hardly any is made before the end."""
    before = gc.get_threshold()
    gc.set_threshold(max(_TIDIED_AFTER, before[0]) if before[0] else 0, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def _heeded() -> Iterator[list[str]]:
    """All that the typesetter warns of meanwhile."""
    warned: list[str] = []

    class Ear(logging.Handler):
        """Keeps each warning as a sentence."""

        def emit(self, record: logging.LogRecord) -> None:
            warned.append(record.getMessage())

    ear = Ear(logging.WARNING)
    logger = logging.getLogger("weasyprint")
    logger.addHandler(ear)
    try:
        yield warned
    finally:
        logger.removeHandler(ear)


def _written(weasyprint: Any, document: Document) -> bytes:
    from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415 -- as above
    from weasyprint.urls import FatalURLFetchingError  # noqa: PLC0415 -- as above

    source = html.render(document, fonts.letters())
    configuration = FontConfiguration()
    try:
        pages = _read(weasyprint, lettering.renamed(html.tree(source))).render(font_config=configuration)
    except FatalURLFetchingError as stray:
        raise StrayAsset(f"the page asks for {stray}, which is not one of its own assets", asset=str(stray)) from None
    _set_metadata(pages.metadata, document)
    files, out = _attached(document), BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # the library leaves its colour profile's file to be collected
        pages.write_pdf(
            out,
            finisher=partial(finishing.finish, files={one.name: one.content.packed for one in files}),
            pdf_variant="pdf/a-3a",
            pdf_identifier=seal.digest(f"{document.issue.statement} {document.data_sha256}".encode())[:32].encode(),
            custom_metadata=True,
            attachments=_attachments(weasyprint, files, document.issue.known_at.astimezone(UTC)),
        )
    return out.getvalue()


def _read(weasyprint: Any, tree: ET.Element) -> Any:
    """The page as the library holds one, read by the parser of XML: its own is for all that the web may hold."""
    page = weasyprint.HTML(string="<html></html>", url_fetcher=_fetcher())
    page.wrapper_element = type(page.wrapper_element).from_html_root(tree, content_language=None)
    page.etree_element = page.wrapper_element.etree_element
    return page


def _fetcher() -> Any:
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse  # noqa: PLC0415 -- as above

    sheet = html.stylesheet().encode()

    class OwnAssetsOnly(URLFetcher):  # type: ignore[misc]
        """Serves the style sheet and the fonts from memory; anything else stops the rendering."""

        def fetch(self, url: str, headers: object = None) -> Any:
            del headers
            name = url.removeprefix(_SCHEME)
            if url == f"{_SCHEME}statement.css":
                return URLFetcherResponse(url, sheet, {"Content-Type": "text/css"})
            if url.startswith(_SCHEME) and name in fonts.faces():
                return URLFetcherResponse(url, fonts.faces()[name], {"Content-Type": "font/ttf"})
            raise FatalURLFetchingError(url)

    return OwnAssetsOnly(allowed_protocols=("bsb",), allow_redirects=False)


def _set_metadata(metadata: Any, document: Document) -> None:
    stamp = document.issue.known_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    metadata.created = metadata.modified = stamp
    metadata.custom = {
        seal.KEY_DIGEST: document.data_sha256,
        "statement": document.issue.statement,
        "sealseq": str(document.issue.head.seq),
        "sealroot": document.issue.head.root,
    }
    metadata.generate_rdf_metadata = _with_universal_access(metadata.generate_rdf_metadata)


def _with_universal_access(plain: Callable[..., bytes]) -> Callable[..., bytes]:
    def generate(*arguments: Any) -> bytes:
        head, end, tail = plain(*arguments).rpartition(b"</rdf:RDF>")
        return head + UNIVERSAL_ACCESS + end + tail

    return generate


def _attached(document: Document) -> list[Attached]:
    """The files that go into this one, by name, as their index has to have them."""
    own = Attached(
        name=seal.ATTACHMENT,
        media="application/json",
        description="Every figure of this statement, with where it comes from",
        content=Contents(document.data),
    )
    return sorted((own, *document.issue.attached), key=lambda one: one.name)


def _attachments(weasyprint: Any, files: Iterable[Attached], known_at: datetime) -> list[Any]:
    """The files as the typesetter knows them, all of the moment of knowledge; the finisher fills them.

    Until then each holds its name: the typesetter tells them apart by what is in them.
    """
    return [
        weasyprint.Attachment(
            file_obj=BytesIO(one.name.encode()),
            name=one.name,
            description=one.description,
            created=known_at,
            modified=known_at,
            relationship=one.relationship,
        )
        for one in files
    ]
