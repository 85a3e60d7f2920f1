from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from reports.document import Document
from reports.statements import portfolio
from reports.typeset import fonts, html
from tests.reports import sample

letters = fonts.letters()


@pytest.mark.parametrize(
    "text",
    [
        "Dŵr Cymru, tŷ, Ŵyr, Ŷ, Ẁ ẁ Ẃ ẃ Ẅ ẅ Ỳ ỳ",
        "Gàidhlig èìòù",
        "£1,234 \N{EN DASH} \N{MINUS SIGN}5 … ≥ ≤ ½ \N{LEFT SINGLE QUOTATION MARK} “”",
        "Straße Łódź Čeština",
    ],
)
def test_the_fonts_have_the_letters_of_these_islands_and_europe(text: str) -> None:
    assert html.printable(text, letters) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\N{ROCKET}b", "a[?]b"),
        ("\N{CJK UNIFIED IDEOGRAPH-6F22}", "[?]"),
        ("w\N{COMBINING CIRCUMFLEX ACCENT}", "ŵ"),
        ("\N{RIGHT-TO-LEFT OVERRIDE}x\N{ZERO WIDTH JOINER}y\x07\x00", "xy"),
        ("lone \ud800 half", "lone  half"),
        ("tab\tand\N{LINE SEPARATOR}line", "tab and line"),
    ],
)
def test_what_the_fonts_lack_is_replaced_or_left_out(text: str, shown: str) -> None:
    assert html.printable(text, letters) == shown


@given(st.text(st.characters(codec=None, exclude_categories=[])))
def test_nothing_unprintable_is_left(text: str) -> None:
    assert all(ord(letter) in letters or letter == "\n" for letter in html.printable(text, letters))


def test_names_cannot_make_markup() -> None:
    page = html.render(portfolio.compose(sample.hostile_portfolio()), letters)
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page
    assert "{{ 7 * 7 }}" in page


def test_the_page_has_one_first_heading_no_skipped_levels_and_no_repeated_totals(portfolio_document: Document) -> None:
    page = html.render(portfolio_document, letters)
    levels = [int(level) for level in re.findall(r"<h([1-6])", page)]
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    assert "<tfoot" not in page
    assert "<th>" not in page
    assert page.count("<table") == page.count("<caption>") + page.count('class="facts"')


def test_every_page_carries_quarter_knowledge_and_seal(portfolio_document: Document) -> None:
    page = html.render(portfolio_document, letters)
    running = page.split('<div class="running">')[1].split("</div>")[0]
    assert "2012Q4" in running
    assert "known at 09:00 UTC on 21 January 2013" in running
    assert "seal 18442 7c07aebf1623a3b3" in running
    assert sample.ROOT in page


def test_a_template_that_asks_for_what_is_not_there_fails() -> None:
    template = html._environment(letters).from_string("{{ document.nothing }}")  # noqa: SLF001 -- the environment is the promise
    with pytest.raises(UndefinedError):
        template.render(document=object())


def test_a_number_that_is_not_known_is_printed_in_words(portfolio_document: Document) -> None:
    page = html.render(portfolio_document, letters)
    assert ">none*<" in page
    assert "None" not in page


def test_the_form_that_names_borrowers_says_so_and_the_trustees_says_nothing_of_forms(
    portfolio_document: Document,
) -> None:
    whole = portfolio_document.model_copy(
        update={"issue": portfolio_document.issue.model_copy(update={"form": "whole"})}
    )
    said, usual = (html.render(one, letters) for one in (whole, portfolio_document))
    assert "name every borrower: it is for fund managers and auditors" in said
    assert [line for line in said.splitlines() if line not in usual.splitlines()] == [
        line for line in said.splitlines() if "name every borrower" in line
    ]
