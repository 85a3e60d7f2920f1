"""That measuring returns works, and that what it files comes out right. How fast anything is, no test may ask."""

from __future__ import annotations

from intermediaries.returns.checking import check
from tests.benchmarks.returns.__main__ import main
from tests.benchmarks.returns.material import as_csv, as_workbook


def test_a_small_run_files_and_posts_both_forms() -> None:
    told: list[object] = []
    assert main(["--loans", "30", "--forms", "csv"], told.append) == 0
    table = str(told[0])
    for word in ("rows a second", "ratio", "peak", "A usual return of 200 loans as csv"):
        assert word in table


def test_both_forms_of_the_file_say_the_same() -> None:
    one, other = check(as_csv(700)), check(as_workbook(700))
    assert one.ok
    assert one.content_sha256 == other.content_sha256
    assert list(one.rows) == list(other.rows)
