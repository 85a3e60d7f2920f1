"""A document set in a process of its own: the same bytes, and what goes wrong there is told and ends nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta

import pytest

from reports.document import Chart, Document, Section
from reports.typeset import apart
from reports.typeset.apart import Limits, TooCostly, TypesettingFailed
from reports.typeset.pdf import StrayAsset, TypesetterComplained


def with_drawing(document: Document, svg: str) -> Document:
    """The document with one more drawing, as only our own code could put it there."""
    section = document.sections[0]
    more = Section(code="more", heading=section.heading, blocks=(Chart(svg=svg),))
    return document.model_copy(update={"sections": (*document.sections, more)})


def test_many_set_apart_come_in_their_order_as_the_same_bytes(
    portfolio_document: Document,
    portfolio_pdf: bytes,
    empty_portfolio_document: Document,
    empty_portfolio_pdf: bytes,
) -> None:
    made = apart.render_many([portfolio_document, empty_portfolio_document])
    assert list(made) == [portfolio_pdf, empty_portfolio_pdf]


def test_no_documents_make_no_files() -> None:
    assert list(apart.render_many([])) == []


@pytest.mark.parametrize(
    ("limits", "what"),
    [
        (Limits(processor_seconds=1), "1 seconds of the processor"),
        (Limits(memory=70), "70 MiB of memory"),
        (Limits(deadline=timedelta(milliseconds=200)), "0.2 seconds"),
    ],
)
def test_a_document_beyond_a_limit_is_given_up_and_said_to_be(
    long_portfolio_document: Document, limits: Limits, what: str
) -> None:
    with pytest.raises(TooCostly, match=f"Portfolio statement 2012Q4 needed more than {what} to be typeset"):
        apart.render(long_portfolio_document, limits)


@pytest.mark.parametrize(
    ("drawing", "refusal", "words"),
    [
        (
            '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><title>A</title><image href="file:///etc/passwd"/></svg>',
            TypesetterComplained,
            "Failed to render SVG image",
        ),
        ('<img alt="a" src="http://127.0.0.1:9/a.png"/>', StrayAsset, "127.0.0.1:9"),
        ('<p style="nonsense: 1">words</p>', TypesetterComplained, "nonsense"),
        ("<p>not whole", TypesettingFailed, "could not be typeset: ParseError"),
    ],
)
def test_what_is_wrong_in_a_page_comes_back_as_its_refusal(
    empty_portfolio_document: Document, drawing: str, refusal: type[Exception], words: str
) -> None:
    with pytest.raises(refusal, match=words):
        apart.render(with_drawing(empty_portfolio_document, drawing))


def test_a_child_that_dies_is_told_of(empty_portfolio_document: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "_set", dying)
    with pytest.raises(TypesettingFailed, match="the process that set it ended with 7"):
        apart.render(empty_portfolio_document)


def test_a_child_that_dies_before_it_has_begun_is_told_of_too(
    empty_portfolio_document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broken pipe that went further would end a command line without a word: nobody listens, it would be thought."""

    def broken() -> None:
        raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr(apart, "_context", lambda: Stillborn(broken))
    with pytest.raises(TypesettingFailed, match=r"died at its start .BrokenPipeError.32, 'Broken pipe'.."):
        apart.render(empty_portfolio_document)


class Stillborn:
    """A way to begin a process that never begins."""

    def __init__(self, start: Callable[[], None]) -> None:
        self.start = start

    def Process(self, **_: object) -> Stillborn:  # noqa: N802 -- the library's own name
        return self


def dying(document: Document, limits: Limits, there: object) -> None:
    del document, limits, there
    os._exit(7)
