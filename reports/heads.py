"""The head of the books that a statement carries: who signed it, and whether another statement is of one history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.notes import Note, TreeHead, VerifierKey
from ledger.refusals import Refusal
from ledger.slips import Slip, read_slips
from reports.attached import text_of

CHECKPOINT: Final = "checkpoint.txt"
KEY: Final = "checkpoint-key.txt"
CONSISTENCY: Final = "consistency.txt"


@dataclass(frozen=True, slots=True)
class BooksHead:
    """The head as a file carries it, once nothing in it contradicts the rest of the file."""

    tree: TreeHead
    note: str = ""
    """The signed note; empty where nobody signed the head."""
    key: str = ""
    """The verifier key that the file itself names."""
    signer: str = ""
    """The verifier key that was found to have signed it."""
    given: bool = False
    """Whether that key was given by whoever checks; otherwise it is only the one that the file itself names."""
    slips: tuple[Slip, ...] = ()

    @property
    def others(self) -> tuple[int, ...]:
        """The sizes of the other logs that it carries a proof about."""
        return tuple(one.size if one.earlier == self.tree.size else one.earlier for one in self.slips)

    def told(self) -> str:
        """Who signed it, in a sentence."""
        if not self.signer:
            return "The head of the books in it is not signed: nobody vouches for it but who gave you the file."
        whose = "a key you gave" if self.given else "a key that the file itself names, not one that you gave"
        return f"The head of the books in it is signed by {whose}: {self.signer}"


def read_head(files: Mapping[str, bytes], keys: Sequence[VerifierKey] = ()) -> BooksHead | None:
    """The head that a statement's attachments carry; none where it has none.

    Where keys are given, one of them must have signed it, else the key in the file. Refuses (`Refusal`, `ValueError`)
    what is not written as it must be, a signature that is false, and a head that nobody signed whose key was given.
    """
    if CHECKPOINT not in files:
        return None
    raw = text_of(CHECKPOINT, files[CHECKPOINT])
    slips = read_slips(text_of(CONSISTENCY, files.get(CONSISTENCY, b"")))
    if KEY not in files:
        if keys:
            raise ValueError("the head of the books in it is not signed, and a key was given")
        return BooksHead(TreeHead.parse(raw), slips=slips)
    own = text_of(KEY, files[KEY]).strip()
    note = Note.parse(raw)
    (signer, *_) = note.vouched_by(keys or [VerifierKey.parse(own)])
    return BooksHead(TreeHead.parse(note.text), raw, own, str(signer), bool(keys), slips)


def head_faults(
    files: Mapping[str, bytes], statement: Mapping[str, Any], keys: Sequence[VerifierKey]
) -> tuple[BooksHead | None, tuple[str, ...]]:
    """The head that the attachments carry, and what is wrong with it, beside what the figures say of it."""
    try:
        head = read_head(files, keys)
    except (Refusal, ValueError) as fault:
        return None, (f"the head of the books, {CHECKPOINT}, does not hold: {fault!s:.300}",)
    if head is None:
        return None, (f"the file carries no {CHECKPOINT}, and a key was given",) if keys else ()
    return head, tuple(_disagreements(head, statement["seal"]))


def _disagreements(head: BooksHead, seal: Mapping[str, Any]) -> Iterator[str]:
    if (head.tree.size, head.tree.root.hex()) != (seal["seq"], seal["root"]):
        yield f"{CHECKPOINT} is of {head.tree.size} entries and another root than the head printed, of {seal['seq']}"
    for slip in head.slips:
        if head.tree.size not in {slip.earlier, slip.size}:
            yield f"{CONSISTENCY} has a proof from {slip.earlier} to {slip.size} entries, and neither is this head"


def contradiction(one: BooksHead | None, other: BooksHead | None) -> str:
    """Why two statements' heads are not shown to be of one history; empty where they are.

    One of them must be the beginning of the other, by a proof that one of the files carries. Files that carry no proof
    about each other are told from those whose histories contradict each other.
    """
    if one is None or other is None:
        return f"one of the files carries no {CHECKPOINT}: whether their books are one history cannot be told"
    earlier, later = sorted((one, other), key=lambda head: head.tree.size)
    sizes = (earlier.tree.size, later.tree.size)
    if sizes[0] == sizes[1]:
        same = earlier.tree.root == later.tree.root
        return "" if same else f"two different histories of {sizes[0]} entries: keep both files, they prove it"
    found = [slip for slip in (*later.slips, *earlier.slips) if (slip.earlier, slip.size) == sizes]
    if not found:
        return (
            f"neither file carries a proof from {sizes[0]} to {sizes[1]} entries: neither was issued with the other on "
            "file, or they are of two histories; ask the bank for the proof"
        )
    if any(slip.joins(earlier.tree.root, later.tree.root) for slip in found):
        return ""
    return (
        f"the books of {sizes[1]} entries do not begin with those of {sizes[0]}: the history was forked or changed; "
        "keep both files, they prove it"
    )
