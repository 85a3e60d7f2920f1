"""That fuzzing makes the same file again, tells what went wrong with one, and that what it found stays mended."""

from __future__ import annotations

import resource
from pathlib import Path
from typing import Any

import pytest

from intermediaries.returns.checking import check
from intermediaries.returns.layout import COLUMNS
from intermediaries.returns.marking import with_findings
from tests.intermediaries.fuzzing.__main__ import made, main
from tests.intermediaries.fuzzing.reading import FORMATS, read_apart
from tests.intermediaries.returns_strategies import Written, a_loan, before


def test_a_few_files_of_every_form_are_read_without_a_complaint(tmp_path: Path) -> None:
    told: list[object] = []
    assert main(["--files", "9", "--seed", "7", "--keep", str(tmp_path)], told.append) == 0
    assert "9 files, 0 wrong" in str(told[-1])
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_made_again_by_its_number() -> None:
    for number, form in enumerate(FORMATS):
        same = made(1, number) == made(1, number)
        assert same, f"file {number} comes out otherwise the second time"
        assert made(1, number)[0] == form
    assert made(1, 0)[1] != made(2, 0)[1]


def raises(*_: Any, **__: Any) -> list[str]:
    raise ValueError("not this way")


def dies(*_: Any, **__: Any) -> list[str]:
    resource.setrlimit(resource.RLIMIT_CPU, (0, 0))
    while True:
        pass


def grows(*_: Any, **__: Any) -> list[str]:
    return ["x" * len(bytearray(2 << 30))]


@pytest.mark.parametrize(
    ("judge", "complaint"), [(raises, "not this way"), (dies, "ended with status"), (grows, "MemoryError")]
)
def test_a_crash_a_death_and_memory_beyond_the_limit_are_told(judge: Any, complaint: str) -> None:
    assert complaint in read_apart(b"", "csv", whole=True, judge=judge).complaint


def test_headings_without_end_are_compared_with_none_of_ours() -> None:
    started = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    headings = [*(column.name for column in COLUMNS), *(f"{'loan_re' * 6_000}{number}" for number in range(200))]
    checked = check(b",".join(name.encode() for name in headings) + b"\r\n")
    assert len([one for one in checked.findings if one.rule == "headings-known"]) == 200
    assert sum(resource.getrusage(resource.RUSAGE_SELF)[:2]) - started < 2


def test_a_return_of_nothing_sent_back_as_csv_still_says_whose_it_is() -> None:
    empty = Written(())
    back = with_findings(empty.as_json(), (), as_format="csv")
    assert check(back).content_sha256 == check(empty.as_json()).content_sha256


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_our_own_remark_beside_an_empty_line_makes_no_loan_of_it(form: Any) -> None:
    data = Written(()).as_csv()
    prior = {"L-1": before(a_loan())}
    found = check(data, prior=prior).findings
    assert [one.rule for one in found] == ["open-loans-are-reported"]
    again = check(with_findings(data, found, as_format=form), prior=prior)
    assert (again.row_count, again.findings) == (0, found)
