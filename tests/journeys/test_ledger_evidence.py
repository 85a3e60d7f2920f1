"""Evidence at the keyboard: the books signed, proved to a stranger by one file, found out when they were set back."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.journeys.programs import Keyboard, Said

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
def keyboard(database_url: str, tmp_path: Path) -> Keyboard:
    return Keyboard(tmp_path, database_url)


def post(keyboard: Keyboard, *keys: str) -> None:
    postings = [{"account": "1000", "amount": "5.00"}, {"account": "3000", "amount": "-5.00"}]
    line = {"book": "bank", "effective_on": "2012-01-31", "description": "A gift", "postings": postings}
    (keyboard.folder / "j.jsonl").write_text("".join(json.dumps(line | {"key": key}) + "\n" for key in keys))
    assert keyboard.here("ledger", "import", "j.jsonl").code == 0


def stranger(keyboard: Keyboard, *words: str) -> Said:
    """Somebody who has Python and the one file, and nothing of ours."""
    done = subprocess.run(
        [sys.executable, "-I", "verifier.py", *words],
        cwd=keyboard.folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Said(done.returncode, done.stdout, done.stderr)


def test_the_books_are_signed_and_a_stranger_checks_them(keyboard: Keyboard) -> None:
    post(keyboard, "a", "b", "c")
    key = keyboard.here("ledger", "key", "signing.key", "--name", "bank.example/books").out.strip()
    assert keyboard.here("ledger", "sign", "--key", "signing.key", "--out", "first.txt").code == 0
    post(keyboard, "d", "e")
    (keyboard.folder / "second.txt").write_text(keyboard.here("ledger", "sign", "--key", "signing.key").out)
    checked = keyboard.here(
        *("ledger", "verify", "--checkpoint", "first.txt", "--checkpoint", "second.txt", "--key", key),
        *("--signer", "signing.key", "--format", "json"),
    )
    assert (checked.code, checked.json["holds"], checked.json["entries"]) == (0, True, 5)

    (keyboard.folder / "verifier.py").write_text(keyboard.here("ledger", "verifier").out)
    (keyboard.folder / "export.jsonl").write_text(keyboard.here("ledger", "export").out)
    whole = stranger(keyboard, "export.jsonl", "--checkpoint", "second.txt", "--key", key)
    assert (whole.code, "The books hold: 5 entries" in whole.out) == (0, True)
    slip = ("ledger", "prove", "2", "--checkpoint", "second.txt", "--key", key, "--out", "slip.txt")
    assert keyboard.here(*slip).code == 0
    assert stranger(keyboard, "--proof", "slip.txt", "--key", key).code == 0
    assert keyboard.here("ledger", "prove", "--from", "3", "--to", "5", "--out", "grown.txt").code == 0
    both = ("--checkpoint", "first.txt", "--checkpoint", "second.txt", "--key", key)
    assert stranger(keyboard, "--consistency", "grown.txt", *both).code == 0
    assert keyboard.here(*slip).code == 1


def test_books_that_were_set_back_are_not_signed_and_found(keyboard: Keyboard) -> None:
    post(keyboard, "a")
    older = shutil.copy(keyboard.folder / "bank.db", keyboard.folder / "older.db")
    post(keyboard, "b")
    key = keyboard.here("ledger", "key", "signing.key", "--name", "bank.example/books").out.strip()
    keyboard.here("ledger", "sign", "--key", "signing.key", "--out", "kept.txt")
    set_back = Keyboard(keyboard.folder, f"sqlite:///{older}")
    unsigned = set_back.here("ledger", "sign", "--key", "signing.key")
    assert (unsigned.code, unsigned.out, "an older state" in unsigned.err) == (1, "", True)
    for words in (("--signer", "signing.key"), ("--checkpoint", "kept.txt", "--key", key)):
        found = set_back.here("ledger", "verify", *words, "--format", "json")
        assert (found.code, found.json["holds"]) == (1, False)
        assert "covers 2 entries" in found.json["fault"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("prove", "1"), 2, "--checkpoint"),
        (("prove", "1", "--from", "0"), 2, "--checkpoint"),
        (("prove", "--from", "7"), 1, "no beginning"),
        (("sign", "--key", "nowhere.key"), 1, "cannot be read"),
        (("key", "new.key", "--name", "two words"), 1, "one word"),
    ],
)
def test_what_cannot_be_proved_or_signed_is_refused(
    keyboard: Keyboard, words: tuple[str, ...], code: int, said: str
) -> None:
    refused = keyboard.here("ledger", *words)
    assert (refused.code, refused.out) == (code, "")
    assert said in refused.err
