"""The command line keeps its promises before any command: what it says of misuse, of refusals, and how it ends."""

from __future__ import annotations

import re
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from pydantic import BaseModel
from typer.main import get_command

from bank.cli import main, program
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


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_port_that_is_taken_is_named_and_how_to_choose_another(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert _ends(["--database", database_url, "serve", "--port", str(port)], monkeypatch) == 1
    told = capsys.readouterr().err
    assert f"Port {port} of 127.0.0.1 is taken by another program" in told
    assert "choose another port with --port or BANK_PORT" in told
    line = ["--database", database_url, "serve", "--host", "203.0.113.9", "--port", str(port)]
    assert _ends(line, monkeypatch) == 1, "an address kept for documents: nobody has it"
    assert "Nobody can listen at '203.0.113.9' on this machine" in capsys.readouterr().err


def _approving(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, one in getattr(command, "commands", {}).items():
        if any("--approve" in parameter.opts for parameter in one.params):
            yield (*words, name)
        yield from _approving(one, (*words, name))


COMMAND_LINE: Final[Any] = get_command(program())
APPROVING: Final = list(_approving(COMMAND_LINE))
"""Every command that proposes, approves or, with no option, lists."""


def _in_a_line(said: str) -> str:
    """What was said, without the frame that misuse is told in."""
    return " ".join(re.sub("[│╭╮╰╯─]+", " ", said).split())


def _words_of(command: tuple[str, ...]) -> str:
    """The option of a proposal that says what it rests on."""
    found = COMMAND_LINE
    for word in command:
        found = found.commands[word]
    (rests,) = {option for one in found.params for option in one.opts} & {"--basis", "--source"}
    return str(rests)


@pytest.mark.parametrize("command", APPROVING, ids=" ".join)
def test_an_approval_beside_other_terms_is_misuse(
    command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was proposed is approved as it stands: other terms beside it would be lost without a word."""
    line = [*command, "--approve", "some_id", "--from", "2012-01-01", _words_of(command), "A minute", "--format", "csv"]
    assert _ends(line, monkeypatch) == 2
    told = _in_a_line(capsys.readouterr().err)
    assert "approved as it stands: leave out" in told
    assert "--from" in told
    assert _words_of(command) in told


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_part_of_a_proposal_is_misuse_and_no_list(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in APPROVING:
        assert _ends(["--database", database_url, *command, _words_of(command), "A minute"], monkeypatch) == 2, command
        said = capsys.readouterr()
        assert "needs" in said.err
        assert not said.out
    assert len(APPROVING) > 10


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["stress", "run", "--fund"], 2, "Name it with --scenario"),
        (["ledger", "balance", ""], 1, "Name an account by its code"),
        (["ledger", "statement", ""], 1, "Name an account by its code"),
        (["ledger", "trial-balance", "--known-at", "1"], 1, "There is no place 1 in the journal: it goes from 0"),
        (["ledger", "export", "--known-at", "9" * 18], 1, "to 0, the last so far"),
        (["ledger", "export", "--known-at", "9" * 19], 2, "is not an instant"),
        (["ledger", "trial-balance", "--known-at", "0"], 0, ""),
    ],
)
def test_what_would_be_left_unsaid_is_refused(
    database_url: str,
    words: list[str],
    code: int,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert _ends(["--database", database_url, *words], monkeypatch) == code
    assert told in _in_a_line(capsys.readouterr().err)
