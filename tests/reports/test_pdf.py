from __future__ import annotations

import builtins
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from reports import formatting
from reports.document import Document
from reports.figures import Column, read_value
from reports.statements import impact
from reports.typeset import fonts, html, pdf
from tests.reports import sample
from tests.reports.opening import opened, page_text, squeezed


def test_the_same_document_gives_the_same_bytes(portfolio_document: Document, portfolio_pdf: bytes) -> None:
    assert pdf.render(portfolio_document) == portfolio_pdf


SCRIPT = """
import hashlib
from reports.statements import portfolio
from reports.typeset import pdf
from tests.reports import sample
print(hashlib.sha256(pdf.render(portfolio.compose(sample.empty_portfolio()))).hexdigest())
"""


@pytest.mark.parametrize("seed", ["1", "77"])
def test_another_process_with_another_hash_seed_gives_the_same_bytes(empty_portfolio_pdf: bytes, seed: str) -> None:
    surroundings = {**os.environ, "PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo", "SOURCE_DATE_EPOCH": "1"}
    checkout = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, check=True, env=surroundings, cwd=checkout, text=True
    )
    assert done.stdout.strip() == sha256(empty_portfolio_pdf).hexdigest()


def test_the_pages_are_as_many_as_a_board_will_read(portfolio_pdf: bytes, impact_pdf: bytes) -> None:
    assert 10 <= len(opened(portfolio_pdf).pages) <= 14
    assert 8 <= len(opened(impact_pdf).pages) <= 12


def test_every_figure_of_the_data_is_found_on_the_pages(portfolio_pdf: bytes, impact_pdf: bytes) -> None:
    for blob in (portfolio_pdf, impact_pdf):
        text = squeezed(page_text(blob))
        data = json.loads(opened(blob).attachments["figures.json"].get_file().read_bytes())
        for one in data["printed"]:
            assert squeezed(one["text"]) in text, one
        for table in data["tables"]:
            if table["laid_out"]:
                assert_laid_out(table, text)


def assert_laid_out(table: Mapping[str, Any], text: str) -> None:
    columns = [Column.model_validate(column) for column in table["columns"]]
    for row in table["rows"]:
        for column, cell, printed in zip(columns, row["cells"], row["printed"], strict=True):
            step = table["fitted"].get(f"{row['key']}.{column.code}", 0)
            again = formatting.cell(column, read_value(column.unit, cell), step)
            assert again == printed
            assert squeezed(again.replace("\N{SOFT HYPHEN}", "")) in text, (table["code"], row["key"], again)


def test_numbers_of_one_column_end_at_the_same_place(portfolio_pdf: bytes) -> None:
    boxes = page_text(portfolio_pdf, "-bbox", "-f", "2", "-l", "2")
    ends = [
        float(found[1])
        for found in re.finditer(r'xMax="([0-9.]+)" yMax="[0-9.]+">([0-9]{1,3}(?:,[0-9]{3})+)</word>', boxes)
        if found[2] in {"96,400", "5,933", "37,560", "51,800", "43,462"}
    ]
    assert len(ends) == 5
    assert max(ends) - min(ends) < 0.2


def test_every_page_has_its_footer(portfolio_pdf: bytes) -> None:
    pages = page_text(portfolio_pdf, "-layout").split("\f")[:-1]
    for number, text in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in text
        assert "known at 09:00 UTC on 21 January 2013" in text
        assert "seal 18442 7c07aebf1623a3b3" in text


def test_no_heading_is_the_last_thing_on_its_page(portfolio_document: Document, portfolio_pdf: bytes) -> None:
    headings = {squeezed(section.heading.text) for section in portfolio_document.sections}
    for text in page_text(portfolio_pdf).split("\f")[:-1]:
        body = text.split("Big Society Bank · Portfolio")[0]
        last = [squeezed(part) for part in body.strip().split("\n\n")][-1]
        assert last not in headings


def test_the_file_says_what_it_is(portfolio_pdf: bytes, portfolio_document: Document) -> None:
    file = opened(portfolio_pdf)
    metadata = file.open_metadata()
    assert metadata.pdfa_status == "3A"
    assert metadata["{http://www.aiim.org/pdfua/ns/id/}part"] == "1"
    assert str(file.Root.Lang) == "en-GB"
    assert str(file.docinfo["/Title"]) == "Portfolio statement, 2012Q4"
    assert str(file.docinfo["/CreationDate"]) == "D:20130121090000Z"
    assert str(file.docinfo["/figuressha256"]) == portfolio_document.data_sha256
    assert str(file.docinfo["/sealroot"]) == sample.ROOT


def test_the_figures_are_attached_once_as_data_with_fixed_dates(
    portfolio_pdf: bytes, portfolio_document: Document
) -> None:
    file = opened(portfolio_pdf)
    assert list(file.attachments) == ["figures.json"]
    attached = file.attachments["figures.json"]
    assert attached.get_file().read_bytes() == portfolio_document.data
    assert attached.obj.AFRelationship == pikepdf.Name.Data
    assert len(file.Root.AF) == 1
    assert str(attached.get_file().obj.Params.ModDate) == "D:20130121090000Z"


def test_every_font_is_ours_and_embedded(portfolio_pdf: bytes) -> None:
    fonts_named = set()
    for thing in opened(portfolio_pdf).objects:
        if isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == pikepdf.Name.FontDescriptor:
            assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(thing.keys())
            fonts_named.add(str(thing.FontName).split("+")[1])
    assert {name.split("-")[0] for name in fonts_named} == {"Bank"} or all("Bank" in name for name in fonts_named)
    assert len(fonts_named) == 3


def test_hostile_names_are_set_inside_the_page_without_a_complaint(hostile_portfolio_pdf: bytes) -> None:
    boxes = page_text(hostile_portfolio_pdf, "-bbox")
    assert max(float(end) for end in re.findall(r'xMax="([0-9.]+)"', boxes)) <= 595.3 - 18 * 72 / 25.4 + 1
    text = squeezed(page_text(hostile_portfolio_pdf))
    assert "DŵraThŷ" in text
    assert "Emoji[?]and[?]Fund" in text


def test_a_page_that_asks_for_a_stranger_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    document = impact.compose(sample.empty_impact())
    for stray in ("http://127.0.0.1:9/x.png", "file:///etc/hostname", "bsb:passwd", "data:image/png;base64,AA"):
        page = html.render(document, fonts.letters()).replace("</body>", f'<img alt="x" src="{stray}"/></body>')
        with monkeypatch.context() as patch:
            patch.setattr(html, "render", lambda *_, page=page: page)
            with pytest.raises(pdf.StrayAsset, match="not one of its own"):
                pdf.render(document)


def test_without_pango_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch, impact_document: Document) -> None:
    real = builtins.__import__

    def importing(
        name: str,
        globals_: Mapping[str, object] | None = None,
        locals_: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> object:
        if name == "weasyprint":
            raise OSError("cannot load library 'libgobject-2.0-0'")
        return real(name, globals_, locals_, fromlist, level)

    monkeypatch.setattr(builtins, "__import__", importing)
    with pytest.raises(pdf.TypesetterMissing) as refused:
        pdf.render(impact_document)
    assert refused.value.slug == "typesetter-missing"
    assert "apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0" in refused.value.sentence
    assert "brew install pango" in refused.value.sentence


def test_composing_and_verifying_need_no_typesetter() -> None:
    script = (
        "import sys, reports.verify, reports.typeset.pdf\n"
        "import reports.statements.portfolio, reports.statements.impact\n"
        "assert 'weasyprint' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=Path(__file__).parents[2])


def test_the_faces_are_cut_the_same_every_time_and_a_spoilt_cache_is_cut_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    face = fonts.FACES[0]
    assert fonts.cut(face) == fonts.faces()[face.name]
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    kept = dict(fonts.faces())
    folder = fonts.cache_folder()
    fonts.keep(folder, kept)
    assert fonts.read(folder) == kept
    (folder / face.name).write_bytes(b"spoilt")
    assert fonts.read(folder) is None


def test_an_empty_statement_is_a_whole_file_too(empty_impact_pdf: bytes) -> None:
    assert "None of the bank's money has been lent on" in page_text(empty_impact_pdf)
