"""The statements of the made-up institution, composed and typeset once for all tests."""

from __future__ import annotations

import pytest

from reports.document import Document
from reports.statements import impact, portfolio
from reports.typeset import pdf
from tests.reports import sample, sample_public


@pytest.fixture(scope="session")
def portfolio_document() -> Document:
    return portfolio.compose(sample.portfolio())


@pytest.fixture(scope="session")
def impact_document() -> Document:
    return impact.compose(sample.impact())


@pytest.fixture(scope="session")
def portfolio_pdf(portfolio_document: Document) -> bytes:
    return pdf.render(portfolio_document)


@pytest.fixture(scope="session")
def impact_pdf(impact_document: Document) -> bytes:
    return pdf.render(impact_document)


@pytest.fixture(scope="session")
def empty_portfolio_document() -> Document:
    return portfolio.compose(sample.empty_portfolio())


@pytest.fixture(scope="session")
def empty_portfolio_pdf(empty_portfolio_document: Document) -> bytes:
    return pdf.render(empty_portfolio_document)


@pytest.fixture(scope="session")
def long_portfolio_document() -> Document:
    """A statement whose largest tables run over pages."""
    return portfolio.compose(sample.long_portfolio())


@pytest.fixture(scope="session")
def long_portfolio_pdf(long_portfolio_document: Document) -> bytes:
    return pdf.render(long_portfolio_document)


@pytest.fixture(scope="session")
def public_document() -> Document:
    return sample_public.document("portfolio")


@pytest.fixture(scope="session")
def public_pdf(public_document: Document) -> bytes:
    return pdf.render(public_document)


@pytest.fixture(scope="session")
def hostile_portfolio_pdf() -> bytes:
    """A statement whose names are made to break out of the page, its tags or its text."""
    return pdf.render(portfolio.compose(sample.hostile_portfolio()))


@pytest.fixture(scope="session")
def empty_impact_pdf() -> bytes:
    return pdf.render(impact.compose(sample.empty_impact()))
