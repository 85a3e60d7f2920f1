"""The tags of a file, for whoever has it read aloud: what the finisher must leave, and that it moves no letter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pikepdf
import pytest

from reports.document import Document
from reports.statements import portfolio
from reports.typeset import finishing, fonts, html, pdf
from tests.reports import sample
from tests.reports.opening import elements, opened, page_text, pixels


@pytest.fixture(params=["portfolio", "impact", "long_portfolio"])
def made(request: pytest.FixtureRequest) -> tuple[Document, bytes]:
    return request.getfixturevalue(f"{request.param}_document"), request.getfixturevalue(f"{request.param}_pdf")


def kinds(blob: bytes) -> list[str]:
    return [str(tag.S).removeprefix("/") for tag in elements(blob)]


def test_a_file_has_one_first_heading_and_skips_no_level(made: tuple[Document, bytes]) -> None:
    levels = [int(kind[1]) for kind in kinds(made[1]) if kind in {"H1", "H2", "H3", "H4", "H5", "H6"}]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(deeper - level <= 1 for level, deeper in pairwise(levels))


def test_there_are_as_many_tables_rows_and_heads_as_in_the_source(made: tuple[Document, bytes]) -> None:
    document, blob = made
    source = html.tree(html.render(document, fonts.letters()))
    wanted = Counter(part.tag for part in source.iter() if part.tag in {"table", "thead", "tr", "th", "td"})
    found = Counter(kinds(blob))
    assert {name: found[tag] for name, tag in (("table", "Table"), ("thead", "THead"), ("tr", "TR"))} == {
        name: wanted[name] for name in ("table", "thead", "tr")
    }
    assert (found["TH"], found["TD"]) == (wanted["th"], wanted["td"])


def test_a_table_does_run_over_pages_here(long_portfolio_pdf: bytes) -> None:
    tables = [tag for tag in elements(long_portfolio_pdf) if pikepdf.Name.Table == tag.S]
    assert max(len({page_of(cell) for cell in cells(table)}) for table in tables) >= 2


def cells(tag: pikepdf.Dictionary) -> list[pikepdf.Dictionary]:
    kids = (
        [kid for kid in tag.K if isinstance(kid, pikepdf.Dictionary)]
        if isinstance(tag.get("/K"), pikepdf.Array)
        else []
    )
    own = [tag] if tag.S in {pikepdf.Name.TH, pikepdf.Name.TD} else []
    return own + [cell for kid in kids for cell in cells(kid)]


def page_of(tag: pikepdf.Dictionary) -> tuple[int, int]:
    return tag.Pg.objgen


def test_every_head_says_what_it_heads_and_every_cell_names_its_heads(made: tuple[Document, bytes]) -> None:
    tags = elements(made[1])
    names = {bytes(tag.ID): tag for tag in tags if "/ID" in tag}
    heads = [tag for tag in tags if tag.S == pikepdf.Name.TH and "/A" in tag]
    assert len(heads) == kinds(made[1]).count("TH") == len(names)
    assert {str(tag.A.Scope) for tag in heads} == {"/Column", "/Row"}
    for cell in (tag for tag in tags if tag.S == pikepdf.Name.TD):
        scopes = [str(names[bytes(name)].A.Scope) for name in cell.A.Headers]
        assert scopes[:1] == ["/Row"]
        assert all(scope == "/Column" for scope in scopes[1:])


def test_named_tags_are_in_the_index_in_order(made: tuple[Document, bytes]) -> None:
    names = list(opened(made[1]).Root.StructTreeRoot.IDTree.Names)
    keys = [bytes(name) for name in names[::2]]
    assert keys == sorted(set(keys))
    assert all(bytes(tag.ID) == key for key, tag in zip(keys, names[1::2], strict=True))


def test_every_figure_is_told_in_words(made: tuple[Document, bytes]) -> None:
    figures = [tag for tag in elements(made[1]) if pikepdf.Name.Figure == tag.S]
    assert figures
    assert all(len(str(tag.Alt)) > 20 for tag in figures)


def test_the_foot_of_every_page_is_furniture_and_all_other_text_is_tagged(made: tuple[Document, bytes]) -> None:
    for page in opened(made[1]).pages:
        marked = [mark for mark, operator in marked_operators(page) if operator in {"Tj", "TJ"}]
        assert "" not in marked
        assert {mark for mark in marked if not mark.isdigit()} == {"/Pagination"}
        assert marked[-1] == "/Pagination"
        assert marked.count("/Pagination") >= 2


def marked_operators(page: pikepdf.Page) -> Iterator[tuple[str, str]]:
    """Every operator of a page's content with the mark that it stands in: a tag's number, or what furniture it is."""
    mark = ""
    for instruction in pikepdf.parse_content_stream(page):
        operator = str(instruction.operator)
        if operator == "BDC":
            told = instruction.operands[1]
            mark = str(told.get("/MCID", told.get("/Type")))
        elif operator == "EMC":
            mark = ""
        yield mark, operator


def test_every_mark_on_a_page_leads_to_one_tag_and_back(made: tuple[Document, bytes]) -> None:
    file = opened(made[1])
    numbers = file.Root.StructTreeRoot.ParentTree.Nums
    by_page = {int(page): tags for page, tags in zip(numbers[::2], numbers[1::2], strict=True)}
    for page in file.pages:
        told = by_page[int(page.StructParents)]
        marks = [mark_of(one) for one in pikepdf.parse_content_stream(page) if str(one.operator) == "BDC"]
        numbered = sorted(mark for mark in marks if mark is not None)
        assert numbered == [place for place, tag in enumerate(told) if tag is not None]
        assert all(place in [int(kid) for kid in told[place].K if isinstance(kid, int)] for place in numbered)


def mark_of(instruction: Any) -> int | None:
    found = instruction.operands[1].get("/MCID")
    return None if found is None else int(found)


def test_the_finisher_moves_no_letter_and_no_line(
    long_portfolio_document: Document, long_portfolio_pdf: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finishing, "finish", lambda document, file, files: None)  # noqa: ARG005 -- as the typesetter left it
    bare = pdf.render(long_portfolio_document)
    assert kinds(bare).count("Table") > kinds(long_portfolio_pdf).count("Table")
    assert page_text(bare) == page_text(long_portfolio_pdf)
    assert pixels(bare) == pixels(long_portfolio_pdf)


def test_a_table_without_rows_or_with_one_is_finished_too(empty_portfolio_pdf: bytes) -> None:
    source = html.tree(html.render(portfolio.compose(sample.empty_portfolio()), fonts.letters()))
    assert kinds(empty_portfolio_pdf).count("Table") == sum(1 for part in source.iter() if part.tag == "table")
