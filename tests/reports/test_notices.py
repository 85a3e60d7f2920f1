"""Notices: one page whatever their words, every number on it in the data, the whole of what was cut attached."""

from __future__ import annotations

import json
from datetime import date
from io import BytesIO

import pytest
from pypdf import PdfReader

from ledger.money import NOTHING
from reports.notices.telling import cut
from reports.typeset import apart, pdf
from reports.verify import verify
from tests.reports import sample_notices
from tests.reports.sample_notices import HOSTILE, REASON, USUAL


def text_of(blob: bytes) -> str:
    return " ".join("\n".join(page.extract_text() for page in PdfReader(BytesIO(blob)).pages).split())


@pytest.mark.parametrize("kind", USUAL)
def test_a_notice_is_one_page_whose_every_figure_is_in_its_data_whatever_its_words(kind: str) -> None:
    usual, hostile = USUAL[kind](), USUAL[kind](HOSTILE, REASON, many=9)
    for document in (usual, hostile):
        blob = pdf.render(document)
        verdict = verify(blob)
        assert verdict.faults == ()
        assert verdict.kind == kind
        assert verdict.figures_checked > 8
        assert len(PdfReader(BytesIO(blob)).pages) == 1
        assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in text_of(blob)
    assert apart.render(usual) == pdf.render(USUAL[kind]())


@pytest.mark.parametrize("kind", USUAL)
def test_what_the_page_had_to_shorten_is_attached_in_full(kind: str) -> None:
    data = json.loads(USUAL[kind](HOSTILE, REASON, many=9).data)
    tables = {table["code"]: table for table in data["tables"]}
    assert all(table["laid_out"] != table["code"].endswith("_in_full") for table in data["tables"])
    assert REASON in {row["cells"][1] for row in tables["told_in_full"]["rows"]} | {
        cell for code in tables if code.endswith("_in_full") for row in tables[code]["rows"] for cell in row["cells"]
    }
    assert {len(table["rows"]) for code, table in tables.items() if code.endswith("_in_full")} >= {9}
    assert data["statement"]["subject"]


def test_a_drawdown_notice_says_what_was_drawn_beside_and_left_and_what_proves_it() -> None:
    told = text_of(pdf.render(sample_notices.of_a_drawdown()))
    assert "£600,000.00 was drawn down on 5 November 2012" in told
    assert "Co-investors paid £200,000.00 beside it" in told
    assert "entered on 2 January 2013" in told
    assert "(£0.33 to each £1; £0.33 was agreed)" in told
    assert "Interest is 6.255% a year" in told
    assert "due on 5 February 2013" in told
    assert "9f" * 32 in told.replace(" ", "")


def test_what_is_not_so_is_not_told() -> None:
    alone = sample_notices.of_a_drawdown(
        paid_beside=NOTHING, match_wanted=None, first_due=None, entered_on=sample_notices.DRAWN_ON
    )
    told = text_of(pdf.render(alone))
    assert "Nothing was paid beside it" in told
    assert "no match was agreed" in told
    assert "all of it falls due by 31 December 2018" in told
    assert "had closed" not in told


@pytest.mark.parametrize(("days", "said"), [(0, "came in time"), (1, "came 1 day late"), (3, "came 3 days late")])
def test_a_receipt_says_whether_the_return_came_in_time(days: int, said: str) -> None:
    document = sample_notices.of_a_return(days_late=days, accepted_on=date(2013, 2, 5))
    assert document.headline.text == f"Your return for 1 Oct 2012 to 31 Dec 2012 {said}"
    assert document.standfirst.text.endswith("accepted it on 5 February 2013.")


def test_words_are_cut_between_two_of_them_and_one_endless_word_within() -> None:
    assert cut("one two three", 9) == "one two\N{HORIZONTAL ELLIPSIS}"
    assert cut("a" * 20, 9) == "a" * 9 + "\N{HORIZONTAL ELLIPSIS}"
    assert cut("one\n two", 9) == "one two"
