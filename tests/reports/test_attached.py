"""What goes with the figures: named by them with its digest, and adding up to what they say."""

from __future__ import annotations

import csv
import io
import json
import pickle
from hashlib import md5
from io import BytesIO

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import contents
from reports.attached import Attached, Sum, as_csv, came_to
from reports.contents import Contents
from reports.document import Document
from reports.seal import digest
from reports.statements import portfolio
from reports.typeset import pdf
from reports.verify import verify
from tests.reports import sample
from tests.reports.opening import opened


def test_every_file_is_there_once_by_name_with_what_it_is_and_fixed_dates(
    long_portfolio_pdf: bytes, long_portfolio_document: Document
) -> None:
    file = opened(long_portfolio_pdf)
    assert list(file.attachments) == ["figures.json", "loans.csv", "verifier.py"]
    assert len(file.Root.AF) == 3
    for one in long_portfolio_document.issue.attached:
        there = file.attachments[one.name]
        assert there.get_file().read_bytes() == one.content.whole
        assert str(there.obj.AFRelationship) == f"/{one.relationship}"
        assert str(there.get_file().obj.Params.ModDate) == "D:20130121090000Z"


def test_the_figures_name_every_file_and_only_the_sums_that_the_statement_has(
    long_portfolio_document: Document,
) -> None:
    named = json.loads(long_portfolio_document.data)["attached"]
    assert [(one["name"], one["sha256"]) for one in named] == [
        (one.name, one.content.sha256) for one in long_portfolio_document.issue.attached
    ]
    assert [one["sums"] for one in named] == [[{"column": "drawn", "reference": "lent.closing"}], []]


def test_a_statement_with_its_files_holds(long_portfolio_pdf: bytes) -> None:
    assert verify(long_portfolio_pdf).faults == ()


def changed(blob: bytes, name: str, content: bytes | None) -> bytes:
    out = BytesIO()
    with pikepdf.open(BytesIO(blob)) as file:
        if content is None:
            del file.attachments[name]
        elif name in file.attachments:
            file.attachments[name].get_file().obj.write(content)
        else:
            file.attachments[name] = content
        file.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("loans.csv", b"loan,drawn\nlon_1,1.00\n", "loans.csv has the digest"),
        ("loans.csv", None, "carries no attachment 'loans.csv'"),
        ("more.csv", b"loan\n", "carries 'more.csv', which its figures do not name"),
    ],
)
def test_a_file_changed_taken_out_or_put_in_is_found(
    long_portfolio_pdf: bytes, name: str, content: bytes | None, reason: str
) -> None:
    assert any(reason in fault for fault in verify(changed(long_portfolio_pdf, name, content)).faults)


def test_a_list_that_comes_to_another_sum_than_its_figure_is_found() -> None:
    held = sample.empty_portfolio()
    document = portfolio.compose(
        held.model_copy(update={"issue": held.issue.model_copy(update={"attached": sample.attached("1.00")})})
    )
    (fault,) = verify(pdf.render(document)).faults
    assert fault == "loans.csv comes to 1.00 where lent.closing is 0.00"


def test_contents_are_their_bytes_in_whatever_parts_and_are_handed_over_packed() -> None:
    rows = [(f"lon_{number}", "1.00") for number in range(100_000)]
    content = as_csv(("loan", "drawn"), rows)
    handed = pickle.dumps(content)
    assert len(handed) < content.size // 3
    there = pickle.loads(handed)  # noqa: S301 -- written a moment ago by ourselves
    assert there == content == Contents(content.whole) != Contents(content.whole[:-1])
    assert (there.whole, there.packed, hash(there)) == (content.whole, content.packed, hash(content))
    assert there.sha256 == digest(content.whole)
    assert (there.packed.size, there.packed.md5) == (len(content.whole), md5(content.whole).hexdigest())  # noqa: S324


def test_a_list_of_very_many_loans_has_its_digest_among_the_figures_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """To make the checksum that a PDF may have beside it took as long as packing it."""
    monkeypatch.setattr(contents, "_HUGE", 20)
    held = sample.empty_portfolio()
    issue = held.issue.model_copy(update={"attached": sample.attached("0.00")})
    blob = pdf.render(portfolio.compose(held.model_copy(update={"issue": issue})))
    assert verify(blob).faults == ()
    told = {name: there.obj.EF.F.Params for name, there in opened(blob).attachments.items()}
    assert ["/CheckSum" in told[name] for name in ("loans.csv", "verifier.py")] == [False, True]
    assert int(told["loans.csv"].Size) == len(issue.attached[0].content.whole) > 20


def test_the_file_says_of_each_attached_how_long_it_is_and_its_checksum(long_portfolio_pdf: bytes) -> None:
    for there in opened(long_portfolio_pdf).attachments.values():
        stream = there.obj.EF.F
        content = stream.read_bytes()
        assert int(stream.Params.Size) == len(content)
        assert bytes(stream.Params.CheckSum) == md5(content).digest()  # noqa: S324 -- the one that a PDF has


def test_a_table_is_written_in_one_way_and_read_again() -> None:
    rows = [('Fund, "Ltd"\n', "0.10"), ("ŵ", "0.20")]
    content = as_csv(("a", "b"), rows)
    assert content.whole == 'a,b\n"Fund, ""Ltd""\n",0.10\nŵ,0.20\n'.encode()
    told = dict(
        came_to("a.csv", content.whole, [{"column": "b", "reference": "sum"}, {"column": "", "reference": "lines"}])
    )
    assert {name: str(value) for name, value in told.items()} == {"sum": "0.30", "lines": "2"}
    assert Attached(name="a", media="text/csv", description="A", content=content, sums=(Sum(reference="lines"),)).sums


_CELL = st.text(st.sampled_from('a,"\n\r \tŵ;=0.1'), max_size=6)


@given(st.integers(1, 4).flatmap(lambda wide: st.lists(st.lists(_CELL, min_size=wide, max_size=wide), max_size=6)))
def test_a_table_is_written_as_the_library_writes_it(lines: list[list[str]]) -> None:
    columns = [f"c{at}" for at in range(len(lines[0]) if lines else 2)]
    rows = [dict(zip(columns, line, strict=True)) for line in lines]
    out = io.StringIO(newline="")
    slow = csv.DictWriter(out, columns, lineterminator="\n")
    slow.writeheader()
    slow.writerows(rows)
    assert as_csv(columns, lines).whole == as_csv(columns, iter(lines)).whole == out.getvalue().encode()
