"""The head of the books in a statement: signed where there is a key, and joined to every statement issued before."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bank.figures.evidence import Evidence
from bank.settings import Settings
from ledger import proofs, signing
from ledger.notes import TreeHead
from ledger.slips import written
from ledger.store.database import Database
from ledger.store.work import Desk
from reports.attached import Attached
from reports.contents import Contents
from reports.heads import CHECKPOINT, CONSISTENCY, KEY
from reports.statements.inputs import SealHead

UNSIGNED: Final = "big-society-bank"
"""The origin of a head that nobody signed."""


@dataclass(frozen=True, slots=True)
class Vouched:
    """What is kept of a statement's head, since the books cannot tell it: the signature, and who else was shown."""

    note: str = ""
    """The signed note; empty where there was no key."""
    key: str = ""
    """The verifier key of who signed it."""
    others: tuple[int, ...] = ()
    """The sizes of the books in the statements on file when this one was gathered."""


@dataclass(frozen=True, slots=True)
class Notary:
    """Signs the head of the books that a statement is drawn from, with the key in a file outside the database."""

    books: Database | Desk
    key: Path

    def vouched(self, size: int, others: tuple[int, ...]) -> Vouched:
        """The head of the first `size` entries, signed. Refuses books that do not continue what the key has signed."""
        note = signing.sign_beginning(self.books, self.key, size)
        return Vouched(note, str(signing.verifier_key(self.key)), others)


def notary_of(settings: Settings, books: Database | Desk) -> Notary | None:
    """The key that this deployment signs the books with; none where none is set."""
    return Notary(books, Path(settings.checkpoint_key)) if settings.checkpoint_key else None


def head_files(evidence: Evidence, head: SealHead, vouched: Vouched) -> tuple[Attached, ...]:
    """`checkpoint.txt`, the key it is signed with, and `consistency.txt` with a proof about each other statement."""
    unsigned = str(TreeHead(UNSIGNED, head.seq, bytes.fromhex(head.root)))
    signed = "signed with the key in checkpoint-key.txt" if vouched.note else "which nobody signed"
    files = [_text(CHECKPOINT, f"The head of the books, {signed}", vouched.note or unsigned)]
    if vouched.note:
        files.append(_text(KEY, "The key that checks the signature of the head", f"{vouched.key}\n"))
    if vouched.others:
        slips = proofs.slips_between(evidence.session, head.seq, vouched.others)
        said = "Proofs that these books and those of the other statements on file are one history"
        files.append(_text(CONSISTENCY, said, written(slips)))
    return tuple(files)


def _text(name: str, description: str, content: str) -> Attached:
    return Attached(name=name, media="text/plain", description=description, content=Contents(content.encode()))
