from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

import reports
from ledger.money import Money
from reports import seal
from reports.document import Chart, Document, Tabulated
from reports.figures import Table
from reports.statements import impact, portfolio
from reports.statements.inputs import MoneyPath
from reports.statements.measures import MEASURES
from reports.statements.telling import flat
from tests.reports import sample


def data_of(document: Document) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(document.data)
    return data


def tables_of(document: Document) -> dict[str, Table]:
    blocks = [*document.cover, *(block for section in document.sections for block in section.blocks)]
    return {block.table.code: block.table for block in flat(blocks) if isinstance(block, Tabulated)}


def test_composing_is_pure(portfolio_document: Document, impact_document: Document) -> None:
    assert portfolio.compose(sample.portfolio()) == portfolio_document
    assert impact.compose(sample.impact()) == impact_document


def test_the_portfolio_says_everything_in_this_order(portfolio_document: Document) -> None:
    assert [(section.code, section.heading.text) for section in portfolio_document.sections] == [
        ("path", "£8.2m came in from dormant accounts this quarter; £37.6m is kept back for reclaims"),
        (
            "adequacy",
            (
                "39p of every pound received is kept back for reclaims; one of two scenarios would break the fund or "
                "bank, but need not hold"
            ),
        ),
        (
            "commitments",
            "62% of what is signed is drawn, and co-investors have paid in £0.89 beside each pound of it",
        ),
        ("holdings", "£1.03 has come back or is left of each £1 paid in: a yield of 4.1% a year"),
        ("limits", "Every limit holds; the nearest is 56% used: risk lim_1"),
        (
            "front-line",
            (
                "The North West has 19% of the money; in England, 54% of the money placed is in the three most "
                "deprived tenths of areas (known for 194 of 203 loans)"
            ),
        ),
        (
            "credit",
            (
                "Loans more than 90 days overdue hold 4.2% of principal (from 7 of 8 returns, for 373 of 386 loans); "
                "the bank has written off £85,000 (£12,000 came back), lenders £137,250 (£11,500 came back)"
            ),
        ),
        ("returns", "One of eight returns is missing and one came late"),
        ("corrections", "Two figures of the statement for 2012Q3 are now known otherwise"),
        ("accounts", "The quarter left £4,500 over; net assets are £36.9m"),
        ("ties", "One facility does not tie to the intermediary's own book"),
        ("definitions", "What each measure means, and its name in figures.json"),
    ]


def test_the_impact_statement_says_everything_in_this_order(impact_document: Document) -> None:
    assert impact_document.headline.text == (
        "361 organisations in 118 areas are known to have borrowed £14.7m of the bank's money"
    )
    assert [(section.code, section.heading.text) for section in impact_document.sections] == [
        ("people", "Borrowers report 7,340 reached through employment, training and education: people in a year"),
        ("progress", "Indicators have come between 71% and 86% of the way to their targets"),
        (
            "groups",
            ("37% of the money serves two groups first: people long unemployed; vulnerable young people"),
        ),
        (
            "places",
            (
                "The North West has 19% of the money; in England, 54% of the money placed is in the three most "
                "deprived tenths of areas (known for 194 of 203 loans)"
            ),
        ),
        (
            "organisations",
            "63% of the money went to two legal forms: company limited by guarantee; community interest company",
        ),
        (
            "borrowers",
            "Of the loans of which it is known (298 of 407), 57% went to organisations that a bank had turned down",
        ),
        ("cases", "One of two loans told of with consent failed"),
        ("unknown", "What we do not know: little of what was asked is left unanswered"),
        ("losses", "Lenders wrote off £137,250, and £11,500 came back (from 7 of 8 returns)"),
        ("returns", "One of eight returns is missing and one came late"),
        ("corrections", "One correction was made to a sum in a return of an earlier quarter"),
        ("ties", "One facility does not tie to the intermediary's own book"),
        ("definitions", "What each measure means, and its name in figures.json"),
    ]


@pytest.mark.parametrize(
    "document", [portfolio.compose(sample.empty_portfolio()), impact.compose(sample.empty_impact())], ids=["p", "i"]
)
def test_a_statement_with_nothing_to_say_is_whole(document: Document) -> None:
    assert len(document.sections) >= 8
    for section in document.sections:
        assert section.heading.text
        assert "not known" not in section.heading.text
    assert "NaN" not in document.data.decode()


def test_stages_of_the_money_have_columns_of_their_own(portfolio_document: Document) -> None:
    table = tables_of(portfolio_document)["allocations"]
    assert [column.code for column in table.columns] == [
        "intermediary", "product", "in_principle", "signed", "drawn",
        "undrawn", "repaid", "owed", "written_off", "return",
    ]  # fmt: skip
    assert all(column.align == "right" for column in table.columns if column.unit == "money")


@pytest.mark.parametrize("code", ["allocations", "arrears"])
def test_a_total_row_is_the_sum_of_its_column(portfolio_document: Document, code: str) -> None:
    table = tables_of(portfolio_document)[code]
    assert table.total is not None
    for place, column in enumerate(table.columns):
        if column.unit == "money":
            cells = [row.cells[place] for row in table.rows]
            assert table.total.cells[place] == Money.total(cell for cell in cells if isinstance(cell, Money))


def test_the_banks_money_and_co_investors_are_never_one_number(portfolio_document: Document) -> None:
    for table in data_of(portfolio_document)["tables"]:
        codes = [column["code"] for column in table["columns"]]
        assert ("lent" in codes) == ("co_invested" in codes)


def test_every_measure_printed_is_defined(portfolio_document: Document, impact_document: Document) -> None:
    for document in (portfolio_document, impact_document):
        data = data_of(document)
        defined = {measure["code"] for measure in data["measures"]}
        used = {part["code"] for kind in ("figures", "movements") for part in data[kind]}
        used |= {column["code"] for table in data["tables"] for column in table["columns"]} & set(MEASURES)
        assert used <= defined


def test_every_figure_carries_its_provenance(portfolio_document: Document) -> None:
    data = data_of(portfolio_document)
    for kind in ("figures", "movements", "series"):
        for part in data[kind]:
            assert part["provenance"]["formula"]
            assert part["provenance"]["known_seq"] == 18442
    assert all(table["provenance"] for table in data["tables"])


def test_the_data_are_canonical_with_amounts_as_text(portfolio_document: Document) -> None:
    data = data_of(portfolio_document)
    assert seal.canonical(data) == portfolio_document.data
    assert seal.digest(portfolio_document.data) == portfolio_document.data_sha256
    assert {part["code"]: part["closing"] for part in data["movements"]}["received"] == "96400431.00"
    assert not any(isinstance(value, float) for value in _leaves(data))


def _leaves(value: object) -> list[object]:
    if isinstance(value, dict):
        return [leaf for part in value.values() for leaf in _leaves(part)]
    if isinstance(value, list):
        return [leaf for part in value for leaf in _leaves(part)]
    return [value]


def test_a_return_filed_on_no_day_is_refused() -> None:
    line = sample.allocations()[0]
    with pytest.raises(ValidationError, match="exactly when it was filed"):
        type(line).model_validate({**dict(line), "return_filed_on": None})


def test_only_one_file_knows_the_typesetter_and_none_opens_a_socket_or_a_database() -> None:
    folder = Path(reports.__file__).parent
    knowing = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            roots = {name.split(".")[0] for name in names}
            assert not roots & {"sqlalchemy", "sqlite3", "socket", "fastapi", "bank", "intermediaries"}, path
            knowing |= {path.name} if "weasyprint" in roots else set()
    assert knowing == {"pdf.py"}


def test_a_class_without_a_loan_is_named_but_takes_no_bar() -> None:
    areas = sample.sliced(
        "outcome-area", "Outcome area", "", ("housing", "Housing", 2, 50, 0), ("arts", "Arts", 0, 0, 0),
        ("unmatched", "Not matched", 0, 0, 0),
    )  # fmt: skip
    given = sample.portfolio(onward=sample.onward().model_copy(update={"outcome_areas": areas}))
    section = next(one for one in portfolio.compose(given).sections if one.code == "front-line")
    chart = section.blocks[0]
    assert isinstance(chart, Chart)
    assert chart.note.text == "Known for 2 of 2 loans, 100.0% of the money. No loan that is known of yet: Arts."
    assert "Arts" not in chart.svg
    assert "Not matched" in chart.svg


def test_a_nation_without_an_index_stands_in_a_table_and_not_in_empty_columns() -> None:
    given = sample.onward()
    wales = sample.sliced(
        "deprivation-wales", "Deprivation", "No index held", ("unavailable", "Not available", 23, 90, 40)
    )
    wales = wales.model_copy(update={"nation": "Wales"})
    onward = given.model_copy(update={"deprivation": (given.deprivation[0], wales)})
    table = tables_of(impact.compose(sample.impact(onward=onward)))["unplaced"]
    assert [row.cells for row in table.rows] == [("Wales", "No index held", 23, sample.pounds(90), sample.pounds(40))]


def test_money_lent_again_is_said_so_and_never_shown_as_more_than_all() -> None:
    boxes = {name: getattr(sample.path(), name) for name in MoneyPath.model_fields}
    boxes["lent"] = sample.movement("lent", 20_000_000, 1_000_000)
    document = portfolio.compose(sample.portfolio(path=MoneyPath(**boxes)))
    drawn = [block.svg for block in document.sections[0].blocks if isinstance(block, Chart)]
    assert "repayments are lent again" in drawn[1]
    assert "114%" not in document.data.decode()
