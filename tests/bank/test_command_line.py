"""The command line keeps its promises before any command: what it says of misuse, of refusals, and how it ends."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from pydantic import BaseModel

from bank.cli import main
from bank.cli.answers import Format, show
from ledger.money import Money


def _ends(words: list[str], monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "argv", ["bank", *words])
    with pytest.raises(SystemExit) as end:
        main()
    assert isinstance(end.value.code, int)
    return end.value.code


@pytest.mark.parametrize(
    "words", [["--nothing-of-the-kind"], ["ledger", "nothing"], ["ledger", "balance"], ["calc", "xirr"]]
)
def test_misuse_ends_with_2_and_says_what_was_wrong(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _ends(words, monkeypatch) == 2
    said = capsys.readouterr()
    assert said.err.strip()
    assert not said.out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ["statement", "publish", "portfolio", "2012Q4", "--for", "press"],
            "'press' is not one of 'trustees', 'whole'",
        ),
        (["statement", "publish", "annual", "2012Q4"], "'annual' is not one of 'portfolio', 'impact'"),
        (["statement", "list", "--format", "yaml"], "'yaml' is not one of 'table', 'json', 'csv'"),
        (["ledger", "export", "--format", "yaml"], "'yaml' is not one of"),
        (["treasury", "accrue", "--until", "soon"], "'soon' is not a day: write it as YYYY-MM-DD"),
        (["quarter", "close", "2012Q5"], "'2012Q5' is not a quarter"),
    ],
)
def test_what_cannot_be_read_is_told_in_our_words_alone(
    words: list[str], told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The reader of the command line puts `Value error,` before whatever sentence a value was refused with."""
    monkeypatch.setenv("TERMINAL_WIDTH", "300")
    assert _ends(words, monkeypatch) == 2
    said = capsys.readouterr().err
    assert told in said
    assert "Value error" not in said


def test_a_refusal_ends_with_1_and_says_how_to_mend_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    there = f"sqlite:///{tmp_path / 'none.db'}"
    assert _ends(["--database", there, "ledger", "balance", "1000"], monkeypatch) == 1
    said = capsys.readouterr().err
    assert f"There is no database at {tmp_path / 'none.db'}: name the one you mean, with --database" in said
    assert "To make a new one, with nothing in it, run" in said
    assert not (tmp_path / "none.db").exists()


def test_a_database_that_is_none_is_refused_in_words_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "words.txt").write_text("These are words and no database at all, and longer than its head.\n" * 20)
    (tmp_path / "empty.db").touch()
    for name, told in (
        ("words.txt", "sqlite:///words.txt cannot be opened: file is not a database"),
        ("empty.db", "The database at sqlite:///empty.db is empty. If it is the one you mean, run `bank init`"),
        ("none.db", f"There is no database at none.db, seen from {tmp_path}: name the one you mean"),
    ):
        assert _ends(["--database", f"sqlite:///{name}", "ledger", "verify"], monkeypatch) == 1
        assert told in capsys.readouterr().err


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
def test_init_makes_a_database_ready_and_may_be_run_again(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        assert _ends(["--database", empty_database_url, "init"], monkeypatch) == 0
    assert "ready" in capsys.readouterr().out
    assert _ends(["--database", empty_database_url, "ledger", "verify"], monkeypatch) == 0


def test_a_fault_of_the_system_ends_with_3_and_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def breaks() -> None:
        raise ZeroDivisionError("a wheel came off")

    monkeypatch.setattr("bank.cli.assembled", lambda _: breaks)
    assert _ends([], monkeypatch) == 3
    assert "a wheel came off" in capsys.readouterr().err


class _Line(BaseModel):
    name: str
    signed: Money
    drawn: Money
    said_at: str = "2012-02-20T18:00:00.123456Z"


@pytest.mark.parametrize("columns", ["20", "80", "200"])
def test_nothing_of_an_amount_or_an_instant_is_ever_cut_off(
    columns: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An amount without its last digits is another amount."""
    monkeypatch.setenv("COLUMNS", columns)
    lines = [_Line(name="A facility of some name", signed=Money(6_000_000_00), drawn=Money(n)) for n in (1, 99_99)]
    show(lines, Format.TABLE)
    said = capsys.readouterr().out
    assert said.count("6,000,000.00") == said.count("2012-02-20T18:00:00.123456Z") == 2
    assert "99.99" in said
    assert "Said at" in said
