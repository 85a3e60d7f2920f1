"""From a document to one HTML text: strict templates, everything escaped, no letter the fonts cannot print."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final
from xml.etree import ElementTree as ET

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from reports import formatting, rounding
from reports.document import Document, Tabulated
from reports.figures import Row, Table

INSTEAD: Final = "[?]"
"""What stands for a character that the fonts do not have."""
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_JOINERS: Final = frozenset({0x00AD, 0x200B, 0x200C, 0x200D, 0xFE0E, 0xFE0F})


def printable(text: str, letters: frozenset[int]) -> str:
    """The text with every character the fonts lack replaced, and controls and joiners that print nothing taken out."""
    if letters.issuperset(map(ord, set(text))):
        return text
    composed = unicodedata.normalize("NFC", text)
    return composed.translate({code: _instead_of(chr(code)) for code in {*map(ord, set(composed))} - letters})


def _instead_of(letter: str) -> str:
    if letter == "\n":
        return letter
    if letter.isspace():
        return " "
    return "" if unicodedata.category(letter) in _UNSEEN or ord(letter) in _JOINERS else INSTEAD


def render(document: Document, letters: frozenset[int]) -> str:
    """The whole document as HTML, its style sheet named as an asset."""
    page = "notice.html" if document.issue.subject else "statement.html"
    return _environment(letters).get_template(page).render(document=document, issue=document.issue)


def tree(rendered: str) -> ET.Element:
    """A rendered document as its elements: it is well formed, so no reader of whatever the web may hold is needed."""
    return ET.fromstring(rendered)  # noqa: S314 -- our own template's text, everything else in it escaped


def stylesheet() -> str:
    """The one style sheet."""
    loader = PackageLoader("reports.typeset", "styles")
    return loader.get_source(Environment(autoescape=True), "statement.css")[0]


@lru_cache(maxsize=4)
def _environment(letters: frozenset[int]) -> Environment:
    environment = Environment(
        loader=PackageLoader("reports.typeset", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize(letters),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "drawn": Markup,
        "cells": cells,
        "shares": shares,
        "quarter": formatting.quarter_in_words,
        "day": formatting.long_day,
        "instant": formatting.instant,
    }
    return environment


def _finalize(letters: frozenset[int]) -> Callable[[object], object]:
    def finalize(value: object) -> object:
        if isinstance(value, Markup):
            return Markup(printable(str(value), letters))  # noqa: S704 -- replacing letters makes no markup
        return printable(value, letters) if isinstance(value, str) else value

    return finalize


def cells(row: Row, table: Table) -> list[dict[str, Any]]:
    """A row's cells written out, each with the class that its column asks for: what is not known or nothing is grey."""
    return [
        {"text": text, "class": "t" if column.align == "left" else "" if value else "u"}
        for column, value, text in zip(table.columns, row.cells, rounding.row_texts(table, row), strict=True)
    ]


def shares(block: Tabulated) -> list[str]:
    """The columns' widths in percent of the table's."""
    whole = sum(column.width for column in block.table.columns)
    return [str(formatting.rounded(Fraction(100 * column.width, whole), 2)) for column in block.table.columns]
