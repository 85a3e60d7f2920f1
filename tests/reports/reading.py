"""Every figure on the pages of a statement, found by reading them, and whether each is one of the attached data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from reports.document import Document
from reports.figures import Column
from reports.rounding import row_texts
from reports.verify import _fitted
from tests.reports.opening import page_text

FIGURE: Final = re.compile(r"[\u2212<>+]?£?\d[\d,]*(?:\.\d+)?[m%p]?")
"""A number as a page may hold it: with a sign, a pound, commas, a point and a unit."""
DATES: Final = re.compile(
    r"\d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr"
    r"|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(?: \d{4})?|\b(?:19|20)\d\d\b|\b\d\d:\d\d(?::\d\d)? UTC|(?:20)?\d\dQ[1-4]"
)
WORDS_WITH_NUMBERS: Final = re.compile(
    r"Page \d+ of \d+|\bIFRS 9\b|SHA-256|<1\b(?= and)|\[\d+\]|seal \d+ [0-9a-f]{16}|entry \d+|fac_\S+|sta_\S+|ret_\S+"
    r"|Nought\s+is\s+printed\s+0\b|counts\s+as\s+0\b"
)
FIXED: Final = frozenset(
    {"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "30", "31", "60", "61", "90", "£1", "£10,000"}
)
"""What a heading or a label says itself: bands of days, tenths, stages, places in a list."""


def texts(data: dict[str, Any]) -> set[str]:
    """Every way a figure of the data is written, worked out anew from its value and rounded with its table."""
    found = {one["text"] for one in data["printed"]}
    for table in _fitted(data):
        for row in table.every_row():
            told = zip(table.columns, row_texts(table, row), strict=True)
            found |= {text for column, text in told if column.unit != "text"}
    return found


def words(data: dict[str, Any], document: Document) -> str:
    """What the data and the document say in words, in which a number is part of a name, a definition or a reason."""
    cells = [
        str(cell)
        for table in data["tables"]
        for row in [*table["rows"], *([table["total"]] if table["total"] else [])]
        for column, cell in zip(table["columns"], row["cells"], strict=True)
        if Column.model_validate(column).unit == "text"
    ]
    editions = [block.subtitle for page in document.sections for block in page.blocks if hasattr(block, "subtitle")]
    return " ".join((*cells, *(one["definition"] for one in data["measures"]), *editions))


def found(blob: bytes) -> Iterator[tuple[int, str]]:
    """Each number on the pages but those of dates, pages and names, with its page."""
    for number, page in enumerate(page_text(blob, "-layout").split("\f"), start=1):
        plain = DATES.sub(" ", WORDS_WITH_NUMBERS.sub(" ", page))
        for figure in FIGURE.findall(re.sub(r"[0-9a-f]{40,}", " ", plain)):
            yield number, figure.rstrip(",.")


def strangers(blob: bytes, data: dict[str, Any], document: Document) -> tuple[int, list[tuple[int, str]]]:
    """How many figures the pages hold, and those that the data do not tell, each with its page."""
    told = texts(data)
    written = {part for text in told for part in FIGURE.findall(text)} | told
    said = words(data, document)
    met = list(found(blob))
    return len(met), [
        (number, token)
        for number, token in met
        if not ({token, token.lstrip("+")} & written or token in FIXED)
        and not re.search(rf"(?<!\d){re.escape(token)}", said)
    ]
