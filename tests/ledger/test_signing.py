"""The signer: it signs what continues, refuses what does not, remembers, and hands over to another key."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from bank.wiring import OPERATOR
from ledger import commands, exchange, notes, queries, signing
from ledger.dates import Quarter, SetClock, parse_instant
from ledger.entries import Entry, Posting
from ledger.merkle import NoSuchLeaf
from ledger.money import Money
from ledger.notes import NotVouchedFor, TreeHead, VerifierKey
from ledger.signing import HistoryChanged, KeyFileUnfit, last_checkpoint, new_key, sign_checkpoint
from ledger.store import confinement
from ledger.store.database import Database
from ledger.store.work import Desk
from ledger.verification import Checkpoint, verify
from tests import databases, forks
from tests.ledger import tampering

NAME = "bank.example/books"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "signing.key"
    new_key(path, NAME)
    return path


@pytest.fixture
def other(database: Database, run_of_tests: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Other books, in a file, with nothing in them."""
    with databases.prepared("sqlite", run_of_tests, tmp_path_factory.mktemp("other")) as url:
        opened = Database.open(url, clock=database.clock)
        yield opened
        opened.close()


def post(database: Database, *keys: str, pence: int = 100) -> None:
    legs = (Posting("1200", Money(pence)), Posting("1000", Money(-pence)))
    for name in keys:
        with Desk(database, OPERATOR).writing() as work:
            commands.post(work, Entry(name, "bank", date(2012, 1, 10), f"Entry {name}", legs))


def kept(note: str, *keys: VerifierKey) -> Checkpoint:
    return Checkpoint.parse(note, keys)


def test_each_checkpoint_is_signed_continues_the_last_and_is_kept(database: Database, key: Path) -> None:
    public = signing.verifier_key(key)
    post(database, "a", "b")
    first = sign_checkpoint(database, key)
    post(database, "c")
    second = sign_checkpoint(Desk(database, OPERATOR), key)

    assert (first.size, second.size) == (2, 3)
    assert second.consistency.holds(first.root, second.root)
    assert first.consistency.earlier == 0
    assert signing.checkpoints(key) == [first.note, second.note]
    assert last_checkpoint(key) == kept(second.note, public)
    with database.reading() as session:
        assert queries.head(session).root == second.root
        assert verify(session, kept(first.note, public), kept(second.note, public)).holds


def test_what_is_signed_already_is_answered_again(database: Database, key: Path) -> None:
    post(database, "a")
    first = sign_checkpoint(database, key)
    assert sign_checkpoint(database, key).note == first.note
    assert signing.checkpoints(key) == [first.note]


def test_the_beginning_of_the_books_is_signed_the_same_whenever_it_is_asked_for(database: Database, key: Path) -> None:
    public = signing.verifier_key(key)
    post(database, "a", "b")
    with database.reading() as session:
        root = queries.head(session).root
    early = signing.sign_beginning(database, key, 2)
    post(database, "c")
    assert signing.sign_beginning(Desk(database, OPERATOR), key, 2) == early
    assert notes.opened(early, [public]) == TreeHead(NAME, 2, bytes.fromhex(root))
    remembered = last_checkpoint(key)
    assert remembered is not None
    assert remembered.seq == 3
    with pytest.raises(NoSuchLeaf):
        signing.sign_beginning(database, key, 4)


def test_an_empty_journal_can_be_signed(database: Database, key: Path) -> None:
    assert last_checkpoint(key) is None
    assert sign_checkpoint(database, key).size == 0
    post(database, "a")
    assert sign_checkpoint(database, key).consistency.holds()


def test_a_quarter_closed_without_an_entry_is_a_new_checkpoint(database: Database, key: Path, clock: SetClock) -> None:
    post(database, "a")
    first = sign_checkpoint(database, key)
    clock.set(parse_instant("2012-04-20T09:00:00Z"))
    with Desk(database, OPERATOR).writing() as work:
        commands.close_quarter(work, Quarter(2012, 1), hard=True)
    second = sign_checkpoint(database, key)
    assert (first.size, first.root) == (second.size, second.root)
    assert first.acts != second.acts
    with database.reading() as session:
        public = signing.verifier_key(key)
        assert verify(session, kept(first.note, public), kept(second.note, public)).holds


def test_a_key_file_is_its_owners_alone(tmp_path: Path, database: Database, key: Path) -> None:
    assert (key.stat().st_mode & 0o777, key.with_name("signing.key.state").stat().st_mode & 0o777) == (0o600, 0o600)
    with pytest.raises(KeyFileUnfit, match="never written over"):
        new_key(key, NAME)
    for mode in (0o644, 0o640, 0o602, 0o610):
        key.chmod(mode)
        with pytest.raises(KeyFileUnfit, match="chmod 600"):
            sign_checkpoint(database, key)
    with pytest.raises(KeyFileUnfit, match="cannot be read"):
        sign_checkpoint(database, tmp_path / "none.key")


def test_a_signer_without_its_memory_signs_nothing(database: Database, key: Path) -> None:
    post(database, "a")
    sign_checkpoint(database, key)
    state = key.with_name("signing.key.state")
    whole = state.read_text()
    for damaged in (
        "",
        whole[:-5],
        "{}x",
        whole.replace('"size":1', '"size":0'),
        whole.replace('"note":"', '"note":"x'),
    ):
        state.write_text(damaged)
        with pytest.raises(KeyFileUnfit):
            sign_checkpoint(database, key)
    state.unlink()
    with pytest.raises(KeyFileUnfit, match="memory"):
        sign_checkpoint(database, key)


def test_a_power_cut_between_the_two_files_is_made_good(database: Database, key: Path) -> None:
    post(database, "a")
    first = sign_checkpoint(database, key).note
    post(database, "b")
    second = sign_checkpoint(database, key).note
    every = key.with_name("signing.key.checkpoints")
    whole = every.read_bytes()
    for torn in (whole[: whole.index(b"\n") + 1], whole[:-7]):
        every.write_bytes(torn)
        sign_checkpoint(database, key)
        assert signing.checkpoints(key) == [first, second]


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE entry SET seal = :bytes WHERE id = 1",
        "UPDATE entry SET seal = :bytes WHERE id = 3",
        "UPDATE mark SET root = :bytes WHERE upto_seq = 1",
        "DELETE FROM mark WHERE upto_seq = 1",
        "UPDATE journal_head SET root = :bytes",
        "UPDATE journal_head SET chain = :bytes",
        "UPDATE journal_head SET seq = 1",
        "UPDATE journal_head SET seq = 4",
        "DELETE FROM entry WHERE id = 2",
        "DELETE FROM journal_head",
    ],
)
def test_the_signer_refuses_a_history_that_was_changed(database: Database, key: Path, attack: str) -> None:
    post(database, "a", "b")
    before = sign_checkpoint(database, key)
    post(database, "c")
    tampering.take_guards_away(database)
    with database.engine.begin() as connection, confinement.lifted(connection):
        connection.execute(text(attack), {"bytes": bytes(32)} if ":bytes" in attack else {})
    with pytest.raises(HistoryChanged):
        sign_checkpoint(database, key)
    assert signing.checkpoints(key) == [before.note]


def forge(database: Database, other: Database) -> None:
    """The same books with one figure another and everything hashed again: what an owner without the key can do."""
    with database.reading() as session:
        lines = [line.replace('"1.00"', '"9.00"').replace('"-1.00"', '"-9.00"') for line in exchange.export(session)]
    parsed = exchange.read(line.encode() for line in lines)
    with Desk(other, OPERATOR).writing() as work:
        commands.restore(work, [(one.entry, one.recorded_at, one.actor) for one in parsed if one.recorded_at])


def test_a_log_hashed_again_without_the_key_is_found_by_the_checkpoint_and_refused_by_the_signer(
    database: Database, key: Path, other: Database
) -> None:
    post(database, "a", "b")
    note = sign_checkpoint(database, key).note
    post(database, "c")
    forge(database, other)
    with other.reading() as session:
        assert verify(session).holds
        verdict = verify(session, kept(note, signing.verifier_key(key)))
    assert not verdict.holds
    assert verdict.seq == 2
    with pytest.raises(HistoryChanged, match="not those that were signed"):
        sign_checkpoint(other, key)


def test_an_older_database_restored_is_found_and_not_signed(database: Database, key: Path, other: Database) -> None:
    post(database, "a", "b", "c")
    sign_checkpoint(database, key)
    post(other, "a", "b")
    with other.reading() as session:
        assert verify(session).holds
        verdict = verify(session, last_checkpoint(key))
    assert "only 2" in verdict.fault
    with pytest.raises(HistoryChanged, match="older state"):
        sign_checkpoint(other, key)


def test_two_auditors_shown_different_histories_find_out_by_exchanging_checkpoints(
    database: Database, key: Path, other: Database, tmp_path: Path
) -> None:
    """The bank keeps two sets of books and signs each; for that it must give its signer two memories."""
    twin = tmp_path / "twin.key"
    for ending in ("", ".state"):
        copied = twin.with_name(f"twin.key{ending}")
        copied.write_bytes(key.with_name(f"signing.key{ending}").read_bytes())
        copied.chmod(0o600)
    public = signing.verifier_key(key)
    post(database, "a", "b")
    forge(database, other)
    told_first, told_second = sign_checkpoint(database, key).note, sign_checkpoint(other, twin).note
    with database.reading() as mine, other.reading() as theirs:
        assert verify(mine, kept(told_first, public)).holds
        assert verify(theirs, kept(told_second, public)).holds
        assert not verify(mine, kept(told_second, public)).holds
        assert not verify(theirs, kept(told_first, public)).holds


def test_a_new_key_takes_over_the_memory_and_old_checkpoints_stay_valid(
    database: Database, key: Path, other: Database, tmp_path: Path
) -> None:
    post(database, "a", "b")
    old = sign_checkpoint(database, key)
    successor = tmp_path / "successor.key"
    public = new_key(successor, NAME, after=key)
    post(database, "c")
    new = sign_checkpoint(database, successor)
    both = (signing.verifier_key(key), public)

    assert both[0].key_id != both[1].key_id
    assert new.consistency.holds(old.root, new.root)
    assert new.consistency.earlier == 2
    with database.reading() as session:
        assert verify(session, kept(old.note, *both), kept(new.note, *both)).holds
    with pytest.raises(NotVouchedFor):
        kept(new.note, both[0])
    with pytest.raises(HistoryChanged):
        sign_checkpoint(other, successor)


def test_a_checkpoint_names_its_log_and_vouches_for_marks_and_quarters(database: Database, key: Path) -> None:
    post(database, "a")
    note = sign_checkpoint(database, key).note
    head = notes.opened(note, [signing.verifier_key(key)])
    assert head == TreeHead(NAME, 1, head.root, (f"acts {head.acts}",))
    assert len(head.acts) == 64


def _sign_often(url: str, key: str) -> None:
    database = Database.open(url)
    for _ in range(5):
        sign_checkpoint(database, Path(key))
    database.close()


def test_signers_at_once_leave_one_whole_history(database: Database, key: Path) -> None:
    many = forks.context()
    url = database.engine.url.render_as_string(hide_password=False)
    signers = [many.Process(target=_sign_often, args=(url, str(key))) for _ in range(3)]
    for signer in signers:
        signer.start()
    post(database, *(f"k{number}" for number in range(40)))
    for signer in signers:
        signer.join()
    assert [signer.exitcode for signer in signers] == [0, 0, 0]
    public = signing.verifier_key(key)
    sizes = [kept(note, public).seq for note in signing.checkpoints(key)]
    assert sizes == sorted(set(sizes))
    assert os.listdir(key.parent).count("signing.key.state.new") == 0  # noqa: PTH208 -- names are what is asked for
    with database.reading() as session:
        assert verify(session, *(kept(note, public) for note in signing.checkpoints(key))).holds
