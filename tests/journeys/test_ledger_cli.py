"""The books from the command line: in, looked at on both time axes, out, and checked."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Final

import pytest

from tests.journeys.programs import Keyboard

NO_SUCH_ACCOUNT: Final = ("ledger", "balance", "4711")
NO_SUCH_WORD: Final = ("ledger", "nonsense")


@pytest.fixture
def keyboard(database_url: str, tmp_path: Path) -> Keyboard:
    return Keyboard(tmp_path, database_url)


def lines(*entries: tuple[str, str, str]) -> str:
    return "".join(
        json.dumps(
            {
                "key": key,
                "book": "bank",
                "effective_on": day,
                "description": f"Entry {key}",
                "postings": [{"account": "1200", "amount": amount}, {"account": "1000", "amount": f"-{amount}"}],
            }
        )
        + "\n"
        for key, day, amount in entries
    )


def test_a_journal_goes_in_and_its_balances_come_out(keyboard: Keyboard) -> None:
    (keyboard.folder / "j.jsonl").write_text(lines(("a", "2012-01-31", "100.00"), ("b", "2012-02-29", "0.05")))

    first = keyboard.bank("ledger", "import", "j.jsonl", "--format", "json")
    again = keyboard.here("ledger", "import", "j.jsonl", "--format", "json")
    assert (first.json["posted"], again.json["posted"]) == (2, 0)

    january = keyboard.here("ledger", "balance", "1200", "--as-at", "2012-01-31", "--format", "json")
    assert january.json["balance"] == "100.00"
    then = keyboard.here("ledger", "balance", "1000", "--known-at", "1", "--format", "json")
    assert then.json["balance"] == "-100.00"
    assert then.json["known_seq"] == 1
    book = keyboard.here("ledger", "trial-balance", "--format", "json")
    assert book.json["total_debit"] == book.json["total_credit"] == "100.05"
    assert [account["code"] for account in book.json["accounts"]] == ["1000", "1200"]


def test_an_account_is_told_with_all_below_it_and_page_by_page(keyboard: Keyboard) -> None:
    days = ("2012-01-31", "2012-01-05", "2012-02-29")
    (keyboard.folder / "j.jsonl").write_text(
        lines(*((key, day, "10.00") for key, day in zip("abc", days, strict=True))).replace('"1200"', '"1200:x:y"')
    )
    assert keyboard.here("ledger", "import", "j.jsonl", "--open-accounts").code == 0

    found = keyboard.here("ledger", "tree", "1200", "--as-at", "2012-01-31", "--known-at", "3", "--format", "json").json
    assert (found["as_at"], found["known_seq"]) == ("2012-01-31", 3)
    assert [(one["code"], one["own"], one["balance"]) for one in found["accounts"]] == [
        ("1200", "0.00", "20.00"),
        ("1200:x", "0.00", "20.00"),
        ("1200:x:y", "20.00", "20.00"),
    ]
    asked = ("ledger", "statement", "1200", "--until", "2012-02-29", "--limit", "2", "--format", "json")
    first = keyboard.here(*asked).json
    last = keyboard.here(*asked, "--cursor", first["after"]).json
    told = [(line["effective_on"], line["balance"]) for line in (*first["lines"], *last["lines"])]
    assert told == [("2012-01-05", "10.00"), ("2012-01-31", "20.00"), ("2012-02-29", "30.00")]
    assert (first["closing"], last["brought_forward"], last["after"]) == ("30.00", "20.00", "")
    assert keyboard.here(*asked, "--cursor", "nonsense").code == 1

    books = keyboard.here("ledger", "trial-balance", "--all-books", "--as-at", "2012-02-29", "--format", "json").json
    assert [(one["book"], one["total_debit"]) for one in books if one["accounts"]] == [("bank", "30.00")]
    as_csv = keyboard.here("ledger", "trial-balance", "--all-books", "--as-at", "2012-02-29", "--format", "csv").out
    assert as_csv.splitlines()[1].startswith("bank,1000,")


def test_an_export_rebuilds_an_empty_database_with_the_same_head(keyboard: Keyboard, tmp_path: Path) -> None:
    (keyboard.folder / "j.jsonl").write_text(lines(("a", "2012-01-31", "100.00"), ("b", "2012-02-29", "0.05")))
    keyboard.here("ledger", "import", "j.jsonl")
    (tmp_path / "export.jsonl").write_text(keyboard.here("ledger", "export", "--format", "jsonl").out)

    other = Keyboard(tmp_path, f"sqlite:///{tmp_path}/other.db")
    assert other.here("init").code == 0
    done = other.here("ledger", "import", "export.jsonl", "--open-accounts", "--format", "json")
    assert done.json["rebuilt"] is True
    head = keyboard.here("ledger", "head").out
    assert other.here("ledger", "head").out == head
    (tmp_path / "kept").write_text(head)
    assert other.here("ledger", "verify", "--checkpoint", "kept").code == 0


def test_a_changed_export_is_refused_and_nothing_is_posted(keyboard: Keyboard, tmp_path: Path) -> None:
    (keyboard.folder / "j.jsonl").write_text(lines(("a", "2012-01-31", "100.00")))
    keyboard.here("ledger", "import", "j.jsonl")
    export = keyboard.here("ledger", "export").out.replace("100.00", "900.00")
    (tmp_path / "export.jsonl").write_text(export)

    other = Keyboard(tmp_path, f"sqlite:///{tmp_path}/other.db")
    other.here("init")
    refused = other.here("ledger", "import", "export.jsonl")
    assert refused.code == 1
    assert "line 1" in refused.err
    assert other.here("ledger", "balance", "1200", "--format", "json").json["balance"] == "0.00"


def test_an_entry_is_reversed_once_and_the_reason_is_kept(keyboard: Keyboard) -> None:
    (keyboard.folder / "j.jsonl").write_text(lines(("a", "2012-01-31", "100.00")))
    keyboard.here("ledger", "import", "j.jsonl")
    undoing = ("ledger", "reverse", "1", "--on", "2012-02-01", "--reason", "Entered twice")

    undone = keyboard.here(*undoing, "--key", "undo")
    assert undone.code == 0, undone.err
    assert undone.out.startswith("Entry 1 is reversed by entry 2, seal ")
    assert keyboard.here("ledger", "balance", "1200", "--format", "json").json["balance"] == "0.00"
    assert "Entered twice" in keyboard.here("ledger", "export").out

    again = keyboard.here(*undoing)
    assert again.code == 1
    assert "reversed" in again.err
    assert keyboard.here("ledger", "balance", "1200", "--format", "json").json["known_seq"] == 2


def test_a_faulty_file_is_refused_whole_with_every_line_named(keyboard: Keyboard) -> None:
    faulty = lines(("a", "2012-01-31", "100.00"), ("b", "2012-02-30", "1.00"), ("c", "2012-02-01", "1.005"))
    (keyboard.folder / "j.jsonl").write_text(faulty)
    refused = keyboard.here("ledger", "import", "j.jsonl")
    assert refused.code == 1
    assert "line 2" in refused.err
    assert "line 3" in refused.err
    assert keyboard.here("ledger", "balance", "1200", "--format", "json").json["balance"] == "0.00"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("ledger", "balance", "1200", "--as-at", "31/01/2012"), 2),
        (("ledger", "balance", "1200", "--known-at", "yesterday"), 2),
        (("ledger", "balance", "1200", "--known-at", "2098-01-01T00:00:00Z"), 1),
        (NO_SUCH_ACCOUNT, 1),
        (("ledger", "trial-balance", "--book", "nowhere"), 1),
        (NO_SUCH_WORD, 2),
        (("ledger", "import", "missing.jsonl"), 2),
    ],
)
def test_misuse_and_refusal_have_their_own_codes(
    keyboard: Keyboard, engine: str, words: tuple[str, ...], code: int
) -> None:
    """A process ends with each of them once; in all the rest only what is said and decided can differ."""
    alone = engine == "sqlite" and words in {NO_SUCH_ACCOUNT, NO_SUCH_WORD}
    said = keyboard.bank(*words) if alone else keyboard.here(*words)
    assert said.code == code
    assert said.err
    assert "Traceback" not in said.err


def test_a_database_that_is_not_there_is_not_made_by_looking(tmp_path: Path) -> None:
    looked = Keyboard(tmp_path, f"sqlite:///{tmp_path}/none.db").bank("ledger", "verify")
    assert looked.code == 1
    assert "bank --database" in looked.err
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize("amount", ["100.01", "0.01", "152800000.00"])
def test_the_calculator_apportions_to_the_penny(tmp_path: Path, amount: str) -> None:
    keyboard = Keyboard(tmp_path, "sqlite:///unused.db")
    said = keyboard.bank("calc", "apportion", "-", standard_input=json.dumps({"amount": amount, "on": "2011-08-02"}))
    parts = [int(part.replace(".", "")) for part in said.json.values()]
    assert sum(parts) == int(amount.replace(".", ""))
    exact = [sum(parts) * share / 1000 for share in (839, 49, 84, 28)]
    assert all(abs(part - whole) < 1 for part, whole in zip(parts, exact, strict=True))


def test_every_figure_has_a_row_of_its_own_in_csv(keyboard: Keyboard) -> None:
    told = keyboard.here("figure", "list", "--format", "json").json["figures"]
    rows = list(csv.DictReader(io.StringIO(keyboard.here("figure", "list", "--format", "csv").out)))
    assert [row["code"] for row in rows] == [one["code"] for one in told]
