"""Every figure on every page is one of the attached data: the test finds the figures on the pages by itself."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from reports import formatting
from reports.document import Document
from reports.figures import Column, read_value
from tests.reports.opening import opened, page_text

FIGURE = re.compile(r"[\u2212<>+]?£?\d[\d,]*(?:\.\d+)?[m%p]?")
"""A number as a page may hold it: with a sign, a pound, commas, a point and a unit."""
DATES = re.compile(
    r"\d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr"
    r"|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(?: \d{4})?|\b(?:19|20)\d\d\b|\b\d\d:\d\d(?::\d\d)? UTC|(?:20)?\d\dQ[1-4]"
)
WORDS_WITH_NUMBERS = re.compile(
    r"Page \d+ of \d+|\bIFRS 9\b|SHA-256|<1;|\[\d+\]|seal \d+ [0-9a-f]{16}|entry \d+|fac_\S+|sta_\S+|ret_\S+"
)
FIXED = frozenset({"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "30", "31", "60", "61", "90", "£1", "£10,000"})
"""What a heading or a label says itself: bands of days, tenths, stages, places in a list."""


def texts(data: dict[str, Any]) -> set[str]:
    """Every way a figure of the data is written, worked out anew from its value."""
    found = {one["text"] for one in data["printed"]}
    for table in data["tables"]:
        columns = [Column.model_validate(column) for column in table["columns"]]
        rows = [*table["rows"], *([table["total"]] if table["total"] else [])]
        for row in rows:
            for column, cell in zip(columns, row["cells"], strict=True):
                if column.unit != "text":
                    found.add(formatting.cell(column, read_value(column.unit, cell)))
    return found


def words(data: dict[str, Any], document: Document) -> str:
    """What the data and the document say in words, in which a number is part of a name, a definition or a reason."""
    cells = [
        str(cell)
        for table in data["tables"]
        for row in [*table["rows"], *([table["total"]] if table["total"] else [])]
        for column, cell in zip(table["columns"], row["cells"], strict=True)
        if column["unit"] == "text"
    ]
    editions = [block.subtitle for page in document.sections for block in page.blocks if hasattr(block, "subtitle")]
    return " ".join((*cells, *(one["definition"] for one in data["measures"]), *editions))


@pytest.mark.parametrize("kind", ["portfolio", "impact"])
def test_every_figure_on_every_page_is_in_the_data(kind: str, request: pytest.FixtureRequest) -> None:
    blob: bytes = request.getfixturevalue(f"{kind}_pdf")
    document: Document = request.getfixturevalue(f"{kind}_document")
    data = json.loads(opened(blob).attachments["figures.json"].get_file().read_bytes())
    written = {part for text in texts(data) for part in FIGURE.findall(text)} | texts(data)
    said = words(data, document)
    strangers, met = [], 0
    for number, page in enumerate(page_text(blob, "-layout").split("\f"), start=1):
        plain = WORDS_WITH_NUMBERS.sub(" ", DATES.sub(" ", page))
        for found in FIGURE.findall(re.sub(r"[0-9a-f]{40,}", " ", plain)):
            met += 1
            token = found.rstrip(",.")
            bare = token.lstrip("+")
            if not ({token, bare} & written or token in FIXED or re.search(rf"(?<!\d){re.escape(token)}", said)):
                strangers.append((number, token))
    assert met > 300
    assert strangers == []
