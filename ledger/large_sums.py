"""Very large entries, counted before they come in: the databases add up in eight bytes, and an entry never goes again.

What went through an account is never more than the debits of all entries together. So what could ever be too much is
told from the large ones alone: of the others there would have to be millions, each of ten billion pounds.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ledger.entries import Entry
from ledger.money import Money
from ledger.refusals import Refusal
from ledger.store.raw import Raw

LARGE: Final = 1_000_000_000_000
"""Pence in an entry's debits above which it is counted: ten billion pounds."""
MOST: Final = 1_000_000_000_000_000_000
"""Pence that all such entries may come to: a ninth of what eight bytes hold, for sums are made of sums. Reversals may
come to as much again, so that what was taken can be undone."""

_IN_UNITS: Final = 1_000_000
_SO_FAR: Final = f"SELECT CAST(sum(gross / {_IN_UNITS} + 1) AS BIGINT) FROM entry WHERE gross > {LARGE}"  # noqa: S608 -- numbers


class TooMuchToAddUp(Refusal):
    """With these entries, what the books come to could not be added up any more."""

    slug = "too-much-to-add-up"
    status = 422


def is_large(entry: Entry) -> bool:
    """Whether an entry is one that is counted."""
    gross = 0
    for leg in entry.postings:
        pence = leg.amount.pence
        if pence > 0:
            gross += pence
    return gross > LARGE


def refuse_too_much(raw: Raw, entries: Iterable[Entry], *, exported: bool = False) -> None:
    """Refuse entries with which the large ones of the journal would come to too much; the head has been taken.

    What was exported was taken one act after another, and is held to what is allowed to the last of them.
    """
    large = [entry for entry in entries if is_large(entry)]
    if not large:
        return
    so_far = (raw.ask(_SO_FAR)[0][0] or 0) * _IN_UNITS
    coming = sum(max(leg.amount.pence, 0) for entry in large for leg in entry.postings)
    undoing = exported or all(entry.reverses is not None for entry in large)
    if so_far + coming > (2 * MOST if undoing else MOST):
        raise TooMuchToAddUp(
            f"Nothing was posted. With {large[0].key!r:.80} of the book {large[0].book}, all entries of more than "
            f"{Money(LARGE)} pounds would come to more than {Money(MOST)}, and the books could not be added up any "
            "more: check how many digits the amounts have",
            book=large[0].book,
        )
