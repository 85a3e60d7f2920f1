"""Evidence at the keyboard: the books signed, proved to a stranger by one file, found out when they were set back."""

from __future__ import annotations

import base64
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
        named = "that signing.key signed last" if "--signer" in words else "kept.txt"
        assert found.json["fault"] == f"the checkpoint {named} covers 2 entries, and these books have only 1"


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


def test_what_is_wrong_with_a_checkpoint_is_said_with_its_file(keyboard: Keyboard) -> None:
    """Of several, the one that cannot be read, and the one that the books do not continue."""
    post(keyboard, "a", "b")
    key = keyboard.here("ledger", "key", "signing.key", "--name", "bank.example/books").out.strip()
    keyboard.here("ledger", "sign", "--key", "signing.key", "--out", "good.txt")
    head = keyboard.here("ledger", "head").out
    root = base64.b64encode(bytes.fromhex(head.splitlines()[2])).decode()
    files = {
        "head.txt": head,
        "attached.txt": f"big-society-bank\n2\n{root}\n",
        "other.txt": f"big-society-bank\n2\n{'0' * 64}\n",
        "longer.txt": f"big-society-bank\n3\n{'0' * 64}\n",
        "empty.txt": "",
        "statement.pdf": "%PDF-1.7\n",
        "altered.txt": (keyboard.folder / "good.txt").read_text().replace("\n2\n", "\n1\n"),
    }
    for name, content in files.items():
        (keyboard.folder / name).write_text(content)

    def said(*names: str) -> tuple[int, str]:
        given = [word for name in names for word in ("--checkpoint", name)]
        found = keyboard.here("ledger", "verify", *given, "--key", key)
        return found.code, found.err or found.out

    assert said("good.txt", "head.txt", "attached.txt")[0] == 0
    assert "not those of the checkpoint other.txt" in said("good.txt", "other.txt", "head.txt")[1]
    assert "the checkpoint longer.txt covers 3 entries" in said("good.txt", "longer.txt")[1]
    assert said("good.txt", "empty.txt")[1].startswith("empty.txt: This is not a checkpoint")
    assert said("altered.txt")[1].startswith(
        "altered.txt: The signature of bank.example/books under this note is false"
    )
    assert said("statement.pdf")[1].startswith("statement.pdf is a PDF: save checkpoint.txt")
    unsigned = keyboard.here("ledger", "verify", "--checkpoint", "good.txt")
    assert (unsigned.code, unsigned.err.startswith("good.txt: This checkpoint is signed")) == (1, True)
