"""A version of the statements is one way in which they are composed: whoever changes anything in them names another."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import reports.typeset
from reports.document import Document
from reports.seal import VERSION, digest
from reports.statements.measures import MEASURES
from tests.reports import sample_notices

COMPOSED = Path(__file__).with_name("composed.json")
"""What each sample came to by the version of the statements that is named with it."""


def came_to(given: dict[str, Document]) -> Iterator[tuple[str, str]]:
    """Each document's words, numbers and drawings, and what their pages are made with."""
    for name, document in sorted(given.items()):
        told = document.model_dump_json(exclude={"issue"})
        yield name, digest(told.encode())
    parts = sorted(Path(reports.typeset.__file__).parent.glob("*/*.*"))
    yield "pages", digest(b"".join(part.read_bytes() for part in parts if part.suffix in {".css", ".html"}))
    yield "measures", digest("".join(f"{one!r}\n" for one in MEASURES.values()).encode())


def test_what_is_composed_is_what_its_version_composes(
    portfolio_document: Document,
    impact_document: Document,
    empty_portfolio_document: Document,
    public_document: Document,
    public_impact_document: Document,
) -> None:
    """Where this fails on purpose: raise `reports.seal.VERSION`, once a release, and write down what it says."""
    found = dict(
        came_to(
            {
                "portfolio": portfolio_document,
                "impact": impact_document,
                "empty portfolio": empty_portfolio_document,
                "public portfolio": public_document,
                "public impact": public_impact_document,
                "drawdown": sample_notices.of_a_drawdown(),
                "receipt": sample_notices.of_a_return(),
                "allocation": sample_notices.of_an_allocation(),
            }
        )
    )
    kept = json.loads(COMPOSED.read_text())
    others = sorted(name for name in {*found, *kept["composed"]} if found.get(name) != kept["composed"].get(name))
    if others or kept["version"] != VERSION:
        now = json.dumps({"version": VERSION, "composed": found}, indent=2)
        pytest.fail(
            f"{others} came out otherwise: raise VERSION in reports/seal.py, and keep in {COMPOSED.name}\n{now}"
        )
