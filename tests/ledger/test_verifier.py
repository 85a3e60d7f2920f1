"""The one-file verifier: it needs nothing of ours, and comes to the verdict that our own check comes to."""

from __future__ import annotations

import ast
import hashlib
import json
import random
import subprocess
import sys
from contextlib import redirect_stdout
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from bank.wiring import OPERATOR
from ledger import commands, exchange, merkle, proofs, queries, signing, verifier
from ledger.dates import SetClock, instant_text
from ledger.entries import Entry, Posting
from ledger.merkle import leaf_hash
from ledger.money import Money
from ledger.notes import SigningKey, TreeHead, VerifierKey, opened, sign
from ledger.store.database import Database, ReadSession
from ledger.store.work import Desk
from ledger.verification import Checkpoint, verifier_file, verify
from tests.ledger import tampering

FILE: Final = Path(verifier.__file__)
KEY: Final = SigningKey("bank.example/books", bytes(range(32)))

# RFC 8032 section 7.1: public key, message, signature.
RFC_8032: Final = """
d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a -
e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24\
655141438e7a100b

3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c 72
92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aee\
b00d291612bb0c00

fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025 af82
6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28d\
c027beceea1ec40a
"""


@pytest.mark.parametrize("example", RFC_8032.strip().split("\n\n"))
def test_the_rfcs_own_signatures_hold(example: str) -> None:
    key, said, signed = (bytes.fromhex(part.strip("-")) for part in example.split())
    assert verifier.signature_holds(key, said, signed)
    assert not verifier.signature_holds(key, said + b"x", signed)


def reference(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@settings(max_examples=60)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=80), st.integers(0, 64 * 8 - 1), st.integers(0, 31 * 8))
def test_signatures_hold_as_the_library_says(seed: bytes, message: bytes, bit: int, key_bit: int) -> None:
    secret = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = secret.public_key().public_bytes_raw(), secret.sign(message)
    assert verifier.signature_holds(public, message, signature)
    flipped = (int.from_bytes(signature, "little") ^ 1 << bit).to_bytes(64, "little")
    other = (int.from_bytes(public, "little") ^ 1 << key_bit).to_bytes(32, "little")
    for key, signed in ((public, flipped), (other, signature)):
        assert verifier.signature_holds(key, message, signed) == reference(key, message, signed) is False


def test_a_second_signature_made_of_a_first_is_refused() -> None:
    """S plus the order of the group satisfies the equation too: RFC 8032 section 5.1.7 refuses it."""
    signature = KEY.signature("x\n").made
    higher = int.from_bytes(signature[32:], "little") + verifier.ORDER
    assert not verifier.signature_holds(KEY.verifier.public, b"x\n", signature[:32] + higher.to_bytes(32, "little"))


def test_points_written_in_a_second_way_are_refused() -> None:
    neutral = (1).to_bytes(32, "little")
    assert verifier.read_point(neutral) == (0, 1, 1, 0)
    for second in (verifier.P + 1, 1 | 1 << 255, verifier.P, 2**255 - 1):
        assert verifier.read_point(second.to_bytes(32, "little")) is None
    assert verifier.read_point((2).to_bytes(32, "little")) is None
    # The neutral point as key and as R fits any text when S is nought; written the second way it fits none.
    assert not verifier.signature_holds((verifier.P + 1).to_bytes(32, "little"), b"any", neutral + bytes(32))
    assert not verifier.signature_holds(KEY.verifier.public, b"any", b"short")


def test_the_file_uses_the_standard_library_alone_and_the_syntax_of_python_3_9() -> None:
    tree = ast.parse(FILE.read_text(encoding="utf-8"), feature_version=(3, 9))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


def leaves(count: int) -> list[bytes]:
    return [hashlib.sha256(str(number).encode()).digest() for number in range(count)]


@given(st.integers(1, 70).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1))))
def test_proofs_are_checked_as_the_log_makes_them(found: tuple[int, int]) -> None:
    size, index = found
    log = leaves(size)
    root = merkle.root_of(log)
    assert verifier.root_of_inclusion(log[index], index, size, merkle.inclusion_proof(log, index)) == root
    proof = merkle.consistency_proof(log, index)
    verifier.check_consistency(index, size, merkle.root_of(log[:index]), root, proof)
    for broken in (proof[:-1], [*proof, root], [root, *proof[1:]]):
        if broken != proof:
            with pytest.raises(verifier.Fault):
                verifier.check_consistency(index, size, merkle.root_of(log[:index]), root, broken)
    if index:
        with pytest.raises(verifier.Fault):
            verifier.check_consistency(index, size, merkle.root_of(log[:index]), leaf_hash(b"other"), proof)


class Papers:
    """What a trustee holds: the export, notes and proofs, in an empty folder, and Python."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        (folder / "verifier.py").write_text(verifier_file(), encoding="utf-8")

    def put(self, name: str, said: str) -> str:
        (self.folder / name).write_text(said, encoding="utf-8")
        return name

    def ask(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-I", "-S", "verifier.py", *words],
            cwd=self.folder,
            env={},
            check=False,
            capture_output=True,
            encoding="utf-8",
        )


@pytest.fixture
def papers(tmp_path: Path) -> Papers:
    return Papers(tmp_path / "papers")


def exported(session: ReadSession) -> str:
    return "".join(f"{line}\n" for line in exchange.export(session))


def test_a_trustee_checks_the_books_with_python_alone(
    database: Database, clock: SetClock, papers: Papers, tmp_path: Path
) -> None:
    key = tmp_path / "signing.key"
    public = str(signing.new_key(key, "bank.example/books"))
    early = signing.sign_checkpoint(database, key)
    tampering.lived_in(database, clock)
    signed = signing.sign_checkpoint(database, key)
    with database.reading() as session:
        papers.put("export.jsonl", exported(session))
        balance = queries.trial_balance(session, "bank", date(2012, 12, 31))
        slip = papers.put(
            "slip.txt", proofs.slip(session, 3, signed.note, opened(signed.note, [VerifierKey.parse(public)]))
        )
        first = papers.put("first.txt", str(sign(str(TreeHead(KEY.name, 4, root_at(session, 4))), KEY)))
    last = papers.put("last.txt", signed.note)
    proof = papers.put("proof.txt", signed.consistency.text())
    empty = papers.put("empty.txt", early.note)
    keys = ("--key", public, "--key", str(KEY.verifier))

    whole = papers.ask("export.jsonl", "--checkpoint", last, "--checkpoint", first, *keys)
    assert whole.returncode == 0, whole.stdout + whole.stderr
    assert f"9 entries, root {signed.root}" in whole.stdout
    for line in balance.accounts:
        assert any(line.code in told and str(line.debit or line.credit) in told for told in whole.stdout.splitlines())
    one = papers.ask("--proof", slip, *keys)
    assert (one.returncode, "Entry 3 is in the log of 9 entries" in one.stdout) == (0, True), one
    both = papers.ask("--checkpoint", last, "--checkpoint", empty, "--consistency", proof, *keys)
    assert (both.returncode, "begins with" in both.stdout) == (0, True), both
    alone = papers.ask("export.jsonl")
    assert "nobody has vouched for them" in alone.stdout

    changed = papers.put("changed.jsonl", (papers.folder / "export.jsonl").read_text().replace("2.51", "2.61"))
    found = papers.ask(changed, "--checkpoint", last, *keys)
    assert (found.returncode, "does not hold: 4." in found.stdout) == (1, True), found
    assert papers.ask("export.jsonl", "--checkpoint", last, "--key", str(KEY.verifier)).returncode == 1
    assert papers.ask("export.jsonl", "--checkpoint", "none.txt").returncode == 1
    assert papers.ask().returncode == 2


def root_at(session: ReadSession, size: int) -> bytes:
    return bytes.fromhex(proofs.consistency(session, 0, size).root)


def test_two_histories_of_one_size_prove_that_two_were_signed(papers: Papers) -> None:
    names = [papers.put(f"{n}.txt", str(sign(str(TreeHead(KEY.name, 2, bytes([n] * 32))), KEY))) for n in (1, 2)]
    said = papers.ask("--checkpoint", names[0], "--checkpoint", names[1], "--key", str(KEY.verifier))
    assert (said.returncode, "Two different histories" in said.stdout) == (1, True)


def test_of_several_papers_the_one_that_cannot_be_read_is_named_with_what_was_found(papers: Papers) -> None:
    sound = papers.put("sound.txt", str(sign(str(TreeHead(KEY.name, 2, bytes(32))), KEY)))
    (papers.folder / "spoilt.txt").write_bytes(b"bank.example\n\xff")
    papers.put("words.txt", "Not a note\n")
    for words, said in (
        (("--checkpoint", sound, "--checkpoint", "spoilt.txt"), "in spoilt.txt, byte 14 is 0xff, where text in UTF-8"),
        (("--checkpoint", sound, "--checkpoint", "words.txt"), "in words.txt, this is no signed note"),
        (("--checkpoint", sound, "--proof", "words.txt"), "in words.txt, this is no proof of an entry of ours"),
    ):
        told = papers.ask(*words, "--key", str(KEY.verifier), "--json")
        assert (told.returncode, json.loads(told.stdout)["fault"].startswith(said)) == (1, True), told
        assert said[3:] in papers.ask(*words, "--key", str(KEY.verifier)).stdout


def test_no_sound_paper_is_blamed_where_a_second_checkpoint_is_missing(database: Database, papers: Papers) -> None:
    fill(database, random.Random(1), 5)  # noqa: S311 -- the same log every time
    with database.reading() as session:
        head = TreeHead(KEY.name, 5, root_at(session, 5))
        note = str(sign(str(head), KEY))
        papers.put("slip.txt", proofs.slip(session, 2, note, head))
    papers.put("last.txt", note)
    words = ("--checkpoint", "last.txt", "--proof", "slip.txt", "--key", str(KEY.verifier))
    assert papers.ask(*words).returncode == 0
    told = papers.ask(*words, "--consistency", "proof.txt", "--json")
    assert json.loads(told.stdout)["fault"] == "a proof of consistency is checked with two checkpoints"


@pytest.mark.parametrize("part", ["extra", "index", "hash", "signature"])
def test_a_slip_with_anything_changed_proves_nothing(database: Database, papers: Papers, part: str) -> None:
    fill(database, random.Random(1), 5)  # noqa: S311 -- the same log every time
    with database.reading() as session:
        head = TreeHead(KEY.name, 5, root_at(session, 5))
        slip = proofs.slip(session, 2, str(sign(str(head), KEY)), head)
    lines = slip.split("\n")
    at = {"extra": 1, "index": 2, "hash": 3, "signature": -2}[part]
    lines[at] = (
        "index 2" if part == "index" else lines[at][:-9] + ("A" if lines[at][-9] != "A" else "B") + lines[at][-8:]
    )
    changed = papers.put("slip.txt", "\n".join(lines))
    assert papers.ask("--proof", changed, "--key", str(KEY.verifier)).returncode == 1


# Whatever is done to the books in the database, both checks say the same of it.

ACCOUNTS: Final = ("1000", "1200", "4000", "5010")


def fill(database: Database, chance: random.Random, count: int) -> None:
    desk = Desk(database, OPERATOR)
    for number in range(count):
        amounts = [chance.choice((-1, 1)) * chance.randrange(1, 10**9) for _ in range(chance.randrange(1, 4))]
        amounts = amounts if sum(amounts) else [*amounts, 1]
        legs = tuple(Posting(chance.choice(ACCOUNTS), Money(amount)) for amount in [*amounts, -sum(amounts)])
        day = date(2011, 1, 1) + timedelta(days=chance.randrange(900))
        late = date(2010, 1, 1) if chance.random() < 0.2 else None
        words = chance.choice(("plain", "ünïcode — “quotes”", 'back\\slash and "quotes"', "emoji 🏦"))
        with desk.writing() as work:
            commands.post(
                work,
                Entry(
                    f"k{number}", "bank", day, words, legs, pair=chance.choice(("", "p")), original_effective_on=late
                ),
            )
            if number and chance.random() < 0.2 and queries.reversal_of(work.session, number) is None:
                commands.reverse(work, number, key=f"r{number}", effective_on=day, reason="chance")


TAMPERINGS: Final = {
    "nothing": "",
    "a penny more": "UPDATE posting SET amount = amount + 1 WHERE entry_id = :e AND leg = 1",
    "a penny less": "UPDATE posting SET amount = amount - 1 WHERE entry_id = :e AND leg = 2",
    "a balanced edit": "UPDATE posting SET amount = -amount WHERE entry_id = :e",
    "words": "UPDATE entry SET description = description || '.' WHERE id = :e",
    "control characters": "UPDATE entry SET description = 'bell' || :bell WHERE id = :e",
    "no words": "UPDATE entry SET description = ' ' WHERE id = :e",
    "a day": """
        UPDATE entry SET effective_on = '2012-05-05' WHERE id = :e;
        UPDATE posting SET effective_on = '2012-05-05' WHERE entry_id = :e""",
    "a day out of the calendar": """
        UPDATE entry SET effective_on = '1912-05-05' WHERE id = :e;
        UPDATE posting SET effective_on = '1912-05-05' WHERE entry_id = :e""",
    "an instant": "UPDATE entry SET recorded_at = '2031-01-01T00:00:00.000000Z' WHERE id = :e",
    "an actor": "UPDATE entry SET actor = 'somebody' WHERE id = :e",
    "a pair": "UPDATE entry SET pair = pair || 'x' WHERE id = :e",
    "a key": "UPDATE entry SET key = key || 'x' WHERE id = :e",
    "another's key": "UPDATE entry SET key = (SELECT key FROM entry WHERE id = 1) WHERE id = :e",
    "what it reverses": "UPDATE entry SET reverses = coalesce(reverses, 0) + 1 WHERE id = :e",
    "a seal": "UPDATE entry SET seal = content_hash WHERE id = :e",
    "an entry gone": "DELETE FROM posting WHERE entry_id = :e; DELETE FROM entry WHERE id = :e",
    "a leg gone": "DELETE FROM posting WHERE entry_id = :e AND leg = 1",
    "an account": """
        UPDATE posting SET account_id =
            (SELECT min(id) FROM account WHERE code = '1100' AND book_id = posting.book_id)
        WHERE entry_id = :e AND leg = 1""",
    "legs swapped": "UPDATE posting SET leg = legs + 1 - leg WHERE entry_id = :e",
}


def told_by_both(session: ReadSession, kept: list[tuple[Checkpoint, str]], folder: Path) -> tuple[Any, Any]:
    ours = verify(session, *(checkpoint for checkpoint, _ in kept))
    (folder / "export.jsonl").write_text(exported(session), encoding="utf-8")
    words = [str(folder / "export.jsonl"), "--json", "--key", str(KEY.verifier)]
    for number, (_, note) in enumerate(kept):
        (folder / f"{number}.txt").write_text(note, encoding="utf-8")
        words += ["--checkpoint", str(folder / f"{number}.txt")]
    with redirect_stdout(StringIO()) as said:
        code = verifier.main(words)
    theirs = json.loads(said.getvalue())
    assert code == int(not theirs["holds"])
    return (ours.holds, ours.seq), (theirs["holds"], theirs["seq"])


@pytest.mark.parametrize("seed", range(3))
def test_both_checks_come_to_one_verdict_whatever_is_done(
    database: Database, clock: SetClock, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 -- the same logs every time
    clock.set(datetime(2013, 7, 1, tzinfo=UTC))
    fill(database, chance, 10)
    with database.reading() as session:
        size = queries.head(session).seq
        heads = [TreeHead(KEY.name, at, root_at(session, at)) for at in (chance.randrange(size), size)]
    kept = [(Checkpoint.of(head), str(sign(str(head), KEY))) for head in heads]
    tampering.take_guards_away(database)
    differed: list[str] = []
    with tampering.behind_our_back(database) as session:
        for name, statements in TAMPERINGS.items():
            entry = chance.randrange(2, size + 1)
            with session.begin_nested() as here:
                for statement in filter(str.strip, statements.split(";")):
                    values = {"e": entry, "bell": "\x07"}
                    session.execute(text(statement), {n: v for n, v in values.items() if f":{n}" in statement})
                ours, theirs = told_by_both(session, kept, tmp_path)
                here.rollback()
            if ours != theirs or ours[0] != (name == "nothing"):
                differed.append(f"{name} of entry {entry}: ours {ours}, theirs {theirs}")
    assert differed == []


def test_instants_are_written_as_the_verifier_reads_them() -> None:
    assert verifier.INSTANT.fullmatch(instant_text(datetime(2012, 4, 2, 9, 0, tzinfo=UTC)))
