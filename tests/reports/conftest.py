"""The statements of the made-up institution, composed once for each process of the run and typeset once for all."""

from __future__ import annotations

from pathlib import Path

import pytest

from reports.document import Document
from reports.statements import impact, portfolio
from reports.typeset import pdf
from tests.once import made_once
from tests.reports import sample, sample_public


@pytest.fixture(scope="session")
def portfolio_document() -> Document:
    return portfolio.compose(sample.portfolio())


@pytest.fixture(scope="session")
def impact_document() -> Document:
    return impact.compose(sample.impact())


@pytest.fixture(scope="session")
def portfolio_pdf(run_of_tests: Path, portfolio_document: Document) -> bytes:
    return made_once(run_of_tests / "portfolio_pdf", lambda: pdf.render(portfolio_document))


@pytest.fixture(scope="session")
def impact_pdf(run_of_tests: Path, impact_document: Document) -> bytes:
    return made_once(run_of_tests / "impact_pdf", lambda: pdf.render(impact_document))


@pytest.fixture(scope="session")
def empty_portfolio_document() -> Document:
    return portfolio.compose(sample.empty_portfolio())


@pytest.fixture(scope="session")
def empty_portfolio_pdf(run_of_tests: Path, empty_portfolio_document: Document) -> bytes:
    return made_once(run_of_tests / "empty_portfolio_pdf", lambda: pdf.render(empty_portfolio_document))


@pytest.fixture(scope="session")
def long_portfolio_document() -> Document:
    """A statement whose largest tables run over pages."""
    return portfolio.compose(sample.long_portfolio())


@pytest.fixture(scope="session")
def long_portfolio_pdf(run_of_tests: Path, long_portfolio_document: Document) -> bytes:
    return made_once(run_of_tests / "long_portfolio_pdf", lambda: pdf.render(long_portfolio_document))


@pytest.fixture(scope="session")
def public_document() -> Document:
    return sample_public.document("portfolio")


@pytest.fixture(scope="session")
def public_pdf(run_of_tests: Path, public_document: Document) -> bytes:
    return made_once(run_of_tests / "public_pdf", lambda: pdf.render(public_document))


@pytest.fixture(scope="session")
def public_impact_document() -> Document:
    return sample_public.document("impact")


@pytest.fixture(scope="session")
def public_impact_pdf(run_of_tests: Path, public_impact_document: Document) -> bytes:
    return made_once(run_of_tests / "public_impact_pdf", lambda: pdf.render(public_impact_document))


@pytest.fixture(scope="session")
def hostile_portfolio_pdf(run_of_tests: Path) -> bytes:
    """A statement whose names are made to break out of the page, its tags or its text."""
    return made_once(
        run_of_tests / "hostile_portfolio_pdf", lambda: pdf.render(portfolio.compose(sample.hostile_portfolio()))
    )


@pytest.fixture(scope="session")
def empty_impact_pdf(run_of_tests: Path) -> bytes:
    return made_once(run_of_tests / "empty_impact_pdf", lambda: pdf.render(impact.compose(sample.empty_impact())))
