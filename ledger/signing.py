"""Who signs the books: a key in a file of its own, outside the database, with a memory of what it has signed.

The signer trusts the database in nothing. Before it signs, it reads all seals again and demands that the history it
signed last is a beginning of this one. Beside the key file lie its state (the last checkpoint) and all checkpoints.
"""

from __future__ import annotations

import fcntl
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from ledger.acts import chain_start, chains
from ledger.merkle import EMPTY_ROOT, NoSuchLeaf, verify_consistency
from ledger.notes import ACTS, SigningKey, TreeHead, VerifierKey, opened, sign
from ledger.proofs import ConsistencyProof, consistency_spans, subtree_hashes
from ledger.refusals import Refusal
from ledger.store import durability, scan
from ledger.store.database import Database, ReadSession
from ledger.store.work import Desk, View
from ledger.verification import Checkpoint

_OWNER_ONLY: Final = 0o600
_TAIL: Final = 3_000_000
"""Bytes at the end of the list of checkpoints in which the last one is: more than any of them has."""
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class KeyFileUnfit(Refusal):
    """The key file or its state cannot be used as it lies there."""

    slug = "key-file-unfit"


class HistoryChanged(Refusal):
    """The books do not continue what this key has signed: the signer refuses, and somebody must find out why."""

    slug = "history-changed"


class State(View):
    """What a signer remembers: the last head it signed, and the note it signed; nothing signed is the empty log."""

    size: int = 0
    root: str = EMPTY_ROOT.hex()
    acts: str = chain_start().hex()
    note: str = ""
    signer: str = ""


class SignedCheckpoint(View):
    """A checkpoint just signed, with the proof that its log begins with the one signed before it."""

    size: int
    root: str
    acts: str
    note: str
    consistency: ConsistencyProof


def new_key(path: Path, name: str, *, after: Path | None = None) -> VerifierKey:
    """Make a signing key in a file that only its owner may read; answers the verifier key, to be handed out.

    `name` is the log's origin too. A key that takes over from another (`after`) takes over its memory. Refuses to write
    over a file that is there.
    """
    state = _state(after) if after else State()
    key = SigningKey.generate(name)
    for taken in (path, _state_file(path), _checkpoints_file(path)):
        if taken.exists():
            raise KeyFileUnfit(f"{taken} is there already: a key is never written over", path=str(taken))
    _write_new(path, f"{key.secret_text()}\n")
    _replace(_state_file(path), state.model_dump_json())
    return key.verifier


def verifier_key(path: Path) -> VerifierKey:
    """The public half of the key in a file."""
    return _key(path).verifier


def last_checkpoint(path: Path) -> Checkpoint | None:
    """The last checkpoint that the key in a file has signed; books that do not reach it were set back."""
    state = _state(path)
    return Checkpoint(seq=state.size, root=state.root, acts=state.acts) if state.note else None


def checkpoints(path: Path) -> list[str]:
    """Every note the key in a file has signed, in order."""
    signed = _checkpoints_file(path)
    lines = signed.read_text("utf-8").splitlines() if signed.exists() else []
    return [json.loads(line)["note"] for line in lines]


def sign_checkpoint(books: Database | Desk, path: Path) -> SignedCheckpoint:
    """Sign the books as they stand; what has been signed already is answered again.

    Refuses (`HistoryChanged`) books whose seals do not come to their head, or that do not begin with what was signed
    last, entries, marks and quarters alike; and (`KeyFileUnfit`) a key that others may read.
    """
    with _held(books, path) as (session, key, state):
        kept, proof = _signed(session, path, key, state)
    return SignedCheckpoint(size=kept.size, root=kept.root, acts=kept.acts, note=kept.note, consistency=proof)


def sign_beginning(books: Database | Desk, path: Path, size: int) -> str:
    """The signed note over the first `size` entries: entries alone, no acts, and so the same note whenever asked for.

    The books as they stand are signed and remembered first, and are refused as `sign_checkpoint` refuses them; so is
    (`NoSuchLeaf`) a size that they do not reach.
    """
    with _held(books, path) as (session, key, state):
        _signed(session, path, key, state)
        root = subtree_hashes(scan.seals(session, size), [(0, size)])[0, size]
    return str(sign(str(TreeHead(key.name, size, root)), key))


@contextmanager
def _held(books: Database | Desk, path: Path) -> Iterator[tuple[ReadSession, SigningKey, State]]:
    # The books are looked at once the lock is held, so that a signer who waited does not see them as they were before.
    with _locked(path), books.reading() as session:
        # Nor may a crash of theirs take what a signature is remembered for: it would never sign again.
        durability.settle(session)
        key, state = _key(path), _state(path)
        _finish_last(path, state)
        yield session, key, state


def _signed(session: ReadSession, path: Path, key: SigningKey, state: State) -> tuple[State, ConsistencyProof]:
    """What is remembered once the books as they stand are signed, and how they continue what was signed before."""
    head, proof = _continuation(session, key.name, state)
    note = str(sign(str(head), key))
    if note != state.note:
        state = State(size=head.size, root=head.root.hex(), acts=head.acts, note=note, signer=str(key.verifier))
        _replace(_state_file(path), state.model_dump_json())
        _finish_last(path, state)
    return state, proof


def _continuation(session: ReadSession, origin: str, state: State) -> tuple[TreeHead, ConsistencyProof]:
    """The head of the books, and the proof that they continue what was signed; everything computed again."""
    rows = scan.heads(session)
    if len(rows) != 1:
        raise HistoryChanged(f"The journal has {len(rows)} heads, and must have one: nothing was signed")
    _, size, _, _, root, acts = rows[0]
    if size < state.size:
        raise HistoryChanged(
            f"The books have {size} entries, and {state.size} were signed: an older state was put in their place. "
            "Nothing was signed",
            size=size,
            signed=state.size,
        )
    path = consistency_spans(state.size, size)
    try:
        found = subtree_hashes(scan.seals(session, size), [*path, (0, state.size), (0, size)])
    except NoSuchLeaf as gap:
        raise HistoryChanged(f"The journal's head counts entries that are not there: {gap.sentence}") from gap
    hashes = [found[span] for span in path]
    earlier_root = bytes.fromhex(state.root)
    if found[0, size] != root or not verify_consistency(state.size, size, earlier_root, root, hashes):
        raise HistoryChanged(
            f"The entries up to place {state.size} are not those that were signed, or the journal's head is not what "
            "its seals come to. Nothing was signed: run bank ledger verify",
            signed=state.size,
        )
    _refuse_other_acts(session, state, acts)
    head = TreeHead(origin, size, root, (f"{ACTS}{acts.hex()}",))
    return head, ConsistencyProof(
        earlier=state.size,
        size=size,
        earlier_root=state.root,
        root=root.hex(),
        hashes=tuple(one.hex() for one in hashes),
    )


def _refuse_other_acts(session: ReadSession, state: State, acts: bytes) -> None:
    continued, last = False, b""
    for place, last in chains(scan.marks(session), scan.quarter_events(session)):
        continued = continued or (place == state.size and last.hex() == state.acts)
    if not continued or last != acts:
        raise HistoryChanged(
            f"The marks and quarters up to place {state.size} are not those that were signed, or do not come to the "
            "journal's head. Nothing was signed: run bank ledger verify",
            signed=state.size,
        )


def _key(path: Path) -> SigningKey:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read(10_000).decode("ascii", "replace")
    except OSError as problem:
        raise KeyFileUnfit(f"{path} cannot be read: {problem.strerror}", path=str(path)) from problem
    if mode & _OTHERS:
        raise KeyFileUnfit(
            f"{path} can be read or changed by others than its owner, so its signatures prove nothing: make a new key, "
            f"and keep it with chmod 600 (this one has {stat.S_IMODE(mode):o})",
            path=str(path),
        )
    return SigningKey.parse(text.strip())


def _state(path: Path) -> State:
    """The signer's memory. Without it no rollback could be told, so that a key without its memory does not sign."""
    where = _state_file(path)
    try:
        state = State.model_validate_json(where.read_text("utf-8"))
        head = opened(state.note, [VerifierKey.parse(state.signer)]) if state.note else None
    except (OSError, ValueError, ValidationError, Refusal) as problem:
        raise KeyFileUnfit(
            f"{where}, the memory of what the key has signed, is missing or damaged: put it back from a copy, or make "
            "a new key and tell everybody who checks",
            path=str(where),
        ) from problem
    if head and (head.size, head.root.hex(), head.acts) != (state.size, state.root, state.acts):
        raise KeyFileUnfit(f"{where} was changed: it does not say what its own last checkpoint says", path=str(where))
    return state


def _finish_last(path: Path, state: State) -> None:
    """See that the last checkpoint is in the list of all: a power cut may have come between the two files."""
    if not state.note:
        return
    line = json.dumps({"size": state.size, "note": state.note}, ensure_ascii=False)
    with _checkpoints_file(path).open("a+b") as kept:
        start = max(0, kept.seek(0, os.SEEK_END) - _TAIL)
        kept.seek(start)
        tail = kept.read()
        ended = tail[: tail.rfind(b"\n") + 1]
        if ended.splitlines()[-1:] != [line.encode()]:
            kept.truncate(start + len(ended))
            kept.write(f"{line}\n".encode())
            kept.flush()
            os.fsync(kept.fileno())


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the key for oneself until the end of the block; the system lets go of it however that ends."""
    try:
        file = path.open("rb")
    except OSError as problem:
        raise KeyFileUnfit(f"{path} cannot be read: {problem.strerror}", path=str(path)) from problem
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _replace(path: Path, text: str) -> None:
    """Put a whole new text in a file's place, and see it on the disk: whoever looks finds the old or the new."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    _write_new(draft, text)
    draft.replace(path)
    _flush_folder(path.parent)


def _write_new(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    _flush_folder(path.parent)


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _state_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.state")


def _checkpoints_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.checkpoints")
