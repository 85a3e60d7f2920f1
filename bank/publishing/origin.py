"""Whether books are those that a file was drawn from: the same, an older state of them, parted from them, or another's.

The head that a file prints is of all entries that it knew. Books that reach so far are held against it; shorter ones
against the proofs in its `consistency.txt`, each of which shows how the books of some earlier size begin those that it
was drawn from. The roots are folded from the stored seals, and not taken from where the books keep them.
"""

from __future__ import annotations

from typing import Literal

from bank.publishing.rules import AnotherJournal, OlderBooks
from ledger import proofs, verification
from ledger.store import scan
from ledger.store.database import ReadSession
from ledger.store.work import View
from reports.heads import CONSISTENCY
from reports.verify import Verdict

Journal = Literal["same", "older", "parted", "another", "not-known"]
"""How books stand to those that a file was drawn from; `not-known` are shorter ones that it carries no proof about."""


class Origin(View):
    """How books stand to those that a file was drawn from, and how many of their first entries are shown to be those.

    `sentence` says why they are not the same; it is empty where they are.
    """

    journal: Journal
    shared: int
    sentence: str = ""
    fault: str = ""
    """Why the books do not hold by themselves, as the check of the whole journal says it; empty where they do."""
    fault_seq: int | None = None
    """The first entry that does not hold, where one is named."""

    @property
    def does_not_hold(self) -> str:
        """That the books do not hold by themselves, and why, in a sentence without its stop."""
        return told_fault(self.fault, self.fault_seq)


def told_fault(fault: str, seq: int | None) -> str:
    """What the check of the whole journal found, in a sentence without its stop."""
    where = "" if seq is None or fault.startswith(f"entry {seq} ") else f"from entry {seq} on, "
    return f"These books do not hold by themselves: {where}{fault}"


def origin_of(session: ReadSession, verdict: Verdict) -> Origin:
    """Hold these books against the head that a file prints, and against the proofs that it carries; and by themselves.

    A seal is only worth what is under it: whether each entry still is what was sealed, the check of all of them says.
    """
    whole = verification.verify(session)
    found = _origin(session, verdict)
    return found.model_copy(update={"fault": whole.fault, "fault_seq": whole.seq})


def _origin(session: ReadSession, verdict: Verdict) -> Origin:
    knew, root = verdict.known_seq or 0, verdict.seal_root
    held = scan.count(session)
    slips = () if verdict.books is None else verdict.books.slips
    about = {one.earlier: one for one in slips if one.size == knew and 0 < one.earlier <= min(held, knew)}
    roots = proofs.roots(session, [*about, *([knew] if knew <= held else [])])
    if knew in roots and roots[knew].hex() == root:
        return Origin(journal="same", shared=knew)
    joined = [size for size, slip in about.items() if size in roots and slip.joins(roots[size], bytes.fromhex(root))]
    shared = max(joined, default=0)
    parted = min(size for size in (*about, knew) if size > shared)
    if knew > held and parted == knew:
        return _shorter(held, knew, shared)
    return _parted(knew, shared, parted)


def refuse_another_journal(origin: Origin, *, filed: bool = False) -> None:
    """Pass where the books reach as far as a file knew and are those it was drawn from.

    Books in which the file is filed (`filed`) are held against it even where their entries are not those any more.
    """
    if origin.journal == "same" or (filed and origin.journal in {"parted", "another"}):
        return
    refusal = OlderBooks if origin.journal in {"older", "not-known"} else AnotherJournal
    lacking = ". Yet the file is filed in them: entries were taken out since. Run `bank ledger verify`" if filed else ""
    fault = f". {origin.does_not_hold}" if origin.fault else ""
    raise refusal(f"{origin.sentence}{lacking}{fault}", journal=origin.journal, shared=origin.shared)


def refuse_shorter(session: ReadSession, knew: int) -> None:
    """Pass where the books reach as far as what was filed in them knew."""
    held = scan.count(session)
    if held < knew:
        refuse_another_journal(_shorter(held, knew, 0), filed=True)


def _shorter(held: int, knew: int, shared: int) -> Origin:
    """Books that end before what the file knew, and that no proof speaks against."""
    if shared:
        rest = "" if shared == held else f", and does not speak of entries {shared + 1} to {held}"
        return Origin(
            journal="older",
            shared=shared,
            sentence=(
                f"These are older books: the file knew {knew} entries, and these hold {held}. They are an earlier "
                f"state of the books that it was drawn from: the proof in it ({CONSISTENCY}) shows that their first "
                f"{shared} entries begin those{rest}. Compare it with the newer books; where there are none, what "
                f"came after entry {held} is lost here"
            ),
        )
    return Origin(
        journal="not-known",
        shared=0,
        sentence=(
            f"These are older books, or another's: the file knew {knew} entries, and these hold {held or 'none'}. "
            "It carries no proof of a beginning so short, by which the two could be told apart. Compare it with books "
            f"that reach entry {knew}"
        ),
    )


def _parted(knew: int, shared: int, parted: int) -> Origin:
    """Books whose entries are not those that the file knew: from the first, or from some place on."""
    shown = f"the proof in it ({CONSISTENCY}) shows" if parted < knew else "the head printed in it shows"
    if shared:
        sentence = (
            f"These are not the books that the file was drawn from any more: their first {shared} entries are, and "
            f"their first {parted} are not, as {shown}. An entry between was changed, put in or taken out, or both go "
            "back to one journal that was continued twice"
        )
        return Origin(journal="parted", shared=shared, sentence=sentence)
    sentence = (
        f"It is of another journal, or of this one before it was changed: the first {parted} entries of these books "
        f"are not those of the books that it was drawn from, as {shown}. Name the database that it was issued from"
    )
    return Origin(journal="another", shared=0, sentence=sentence)
