"""Every figure on every page is one of the attached data: the test finds the figures on the pages by itself."""

from __future__ import annotations

import json

import pytest

from reports.document import Document
from tests.reports.opening import opened
from tests.reports.reading import strangers


@pytest.mark.parametrize("kind", ["portfolio", "impact", "public", "public_impact"])
def test_every_figure_on_every_page_is_in_the_data(kind: str, request: pytest.FixtureRequest) -> None:
    blob: bytes = request.getfixturevalue(f"{kind}_pdf")
    document: Document = request.getfixturevalue(f"{kind}_document")
    data = json.loads(opened(blob).attachments["figures.json"].get_file().read_bytes())
    met, strange = strangers(blob, data, document)
    assert met > {"public": 120, "public_impact": 20}.get(kind, 300)
    assert strange == []
