"""Posts what is shared out anew of payments once more is known: turned back to money held unapplied, applied again.

In the intermediary's own book a payment turned back was never made, since what nobody owes is the intermediary's money.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from typing import Final

from bank.allocations.divisions.queries import divided
from bank.allocations.facts import Facts
from bank.allocations.model import Facility
from bank.allocations.products.rules import product_of
from bank.allocations.queries import facts as happenings
from bank.allocations.recording import Event, Happening, bank_side, open_all_own, partner_side, write_all_down
from bank.allocations.resharing import HEADS, UNAPPLIED, Anew, in_doubt, shared_anew
from bank.allocations.rules import (
    CAPITALISATION,
    CAPITALISED_BACK,
    INTEREST_PAID,
    LOSS_BACK,
    PAYMENT_AGAIN,
    PAYMENT_BACK,
    RECOVERY,
    REPAYMENT,
    WRITE_OFF,
)
from bank.treasury.rules import Side, entry_of, linked_pair
from ledger.dates import Quarter
from ledger.entries import Entry
from ledger.money import NOTHING, Money
from ledger.queries import quarter_state
from ledger.store.work import Work
from ledger.waterfalls import DEFAULT_INTEREST, FEES, INTEREST, PRINCIPAL

THEIRS: Final = {PRINCIPAL: "2100:", INTEREST: "5200:", DEFAULT_INTEREST: "5300:", FEES: "5300:"}
"""The account in the intermediary's book that a payment under a head goes to."""
_HELD: Final = f"{UNAPPLIED}:"


def reapply_all(
    work: Work, rows: Iterable[Facility], facts: Mapping[str, Facts], opens: date, righted: Collection[str]
) -> dict[str, set[date]]:
    """Share out anew what payments put where it was never owed, by all that is known now.

    `facts` are those with everything accrued; `opens` is the first day not closed for good. Looked at is what is in
    doubt, and what is `righted`: of which earlier days were just put right. Answers the facilities to which something
    was posted, and on which days.
    """
    made: list[Event] = []
    for row in rows:
        if product_of(row.product).lent and (row.id in righted or in_doubt(facts[row.id], opens)):
            made += _events(work, row, facts[row.id], opens)
    open_all_own(work, [(event.row, f"{account}:") for event in made for account in (*HEADS.values(), UNAPPLIED)])
    write_all_down(work, made)
    posted: dict[str, set[date]] = {}
    for event in made:
        posted.setdefault(event.row.id, set()).add(event.happening.on)
    return posted


def payment_kind(head: str) -> str:
    """The kind of the entries by which a head is paid."""
    return REPAYMENT if head == PRINCIPAL else INTEREST_PAID


def _events(work: Work, row: Facility, facts: Facts, opens: date) -> list[Event]:
    told = happenings(work.session, row.id)
    spare = [(fact.effective_on, fact.amount + fact.interest) for fact in told if fact.kind == WRITE_OFF]
    spare += [(fact.effective_on, -fact.amount - fact.interest) for fact in told if fact.kind in {RECOVERY, LOSS_BACK}]
    return [
        event
        for anew in shared_anew(facts, opens, spare, divided(work.session, row.id))
        for event in _told(work, row, anew, _day(work, anew, opens))
    ]


def _day(work: Work, anew: Anew, opens: date) -> date:
    """Where a correction of payments is entered: on its day, or the first that still takes everyday entries."""
    day = max(anew.on, opens)
    while quarter_state(work.session, Quarter.of(day)) != "open":
        day = Quarter.of(day).ends_on + timedelta(days=1)
    return day


def _told(work: Work, row: Facility, anew: Anew, entered: date) -> list[Event]:
    late = None if entered == anew.on else anew.on

    def happening(kind: str, amount: Money = NOTHING, interest: Money = NOTHING, *, shared: bool = False) -> Happening:
        made, note = work.new_id("evt"), _NOTES[kind]
        return Happening(made, kind, entered, amount, interest, note=note, happened_on=late, shared_out=shared)

    found: list[Event] = []
    for kind, heads, shared in (
        (PAYMENT_BACK, anew.back, False),
        (PAYMENT_BACK, anew.less, True),
        (PAYMENT_AGAIN, anew.again, False),
    ):
        if any(heads.values()):
            made = happening(kind, _of(heads, PRINCIPAL), _of(heads, INTEREST), shared=shared)
            found.append(Event(row, made, _between(row, made, heads, back=kind == PAYMENT_BACK)))
    if anew.capitalised:
        back = anew.capitalised > NOTHING
        made = happening(CAPITALISED_BACK if back else CAPITALISATION, abs(anew.capitalised), shared=not back)
        ours, theirs = ("1210:", "1200:"), ("2100:", "5200:")
        sides = (
            bank_side(*(ours if back else ours[::-1]), row),
            partner_side(*(theirs if back else theirs[::-1]), row),
        )
        found.append(Event(row, made, _pair(row, made, sides, made.amount, CAPITALISATION)))
    for sign, kind in ((1, LOSS_BACK), (-1, WRITE_OFF)):
        lost = {head: abs(amount) for head, amount in anew.lost.items() if amount.pence * sign > 0}
        if lost:
            made = happening(kind, NOTHING, _of(lost, INTEREST), shared=kind == WRITE_OFF)
            found.append(Event(row, made, _loss(row, made, lost, back=kind == LOSS_BACK)))
    if anew.paid:
        made = happening(REPAYMENT, _of(anew.paid, PRINCIPAL), _of(anew.paid, INTEREST), shared=True)
        found.append(Event(row, made, _between(row, made, anew.paid, back=False)))
    return found


_NOTES: Final = {
    PAYMENT_BACK: "More than was owed under its head, by what is known now: held unapplied",
    PAYMENT_AGAIN: "As it had been divided: it was owed under its head after all, by what is known now",
    CAPITALISED_BACK: "Interest made principal that had not accrued, by what is known now",
    LOSS_BACK: "Interest given up that had not accrued, by what is known now",
    CAPITALISATION: "Interest made principal as it had been told: it has accrued, by what is known now",
    WRITE_OFF: "Interest given up as it had been told: it has accrued, by what is known now",
    REPAYMENT: "Applied from what was held unapplied, by what is known now",
}


def _between(row: Facility, made: Happening, heads: Mapping[str, Money], *, back: bool) -> list[Entry]:
    """Money moved from the heads of a payment to what is held unapplied, or from there to them; in both books."""
    entries: list[Entry] = []
    for head, amount in heads.items():
        if amount:
            ours, theirs = (f"{HEADS[head]}:", _HELD), ("1000:", THEIRS[head])
            sides = (
                bank_side(*(ours if back else ours[::-1]), row),
                partner_side(*(theirs if back else theirs[::-1]), row),
            )
            entries += _pair(row, made, sides, amount, payment_kind(head), head)
    return entries


def _pair(
    row: Facility, made: Happening, sides: tuple[Side, Side], amount: Money, kind: str, part: str = ""
) -> list[Entry]:
    key = f"{made.id}/{part or made.kind}"
    said = _said(row, made) + (f": {part.replace('-', ' ')}" if part else "")
    return linked_pair(sides, amount, key=key, on=made.on, description=said, kind=kind)


def _loss(row: Facility, made: Happening, lost: Mapping[str, Money], *, back: bool) -> list[Entry]:
    """A loss of interest made less, or as much as it had been, in our book alone, which was all that bore it."""
    found = []
    for head, amount in lost.items():
        sides = (f"{HEADS[head]}:", "5010:interest")
        side, key = bank_side(*(sides if back else sides[::-1]), row), f"{made.id}/{head}"
        said = _said(row, made)
        found.append(entry_of(side, amount, key=key, on=made.on, description=said, kind=WRITE_OFF))
    return found


def _said(row: Facility, made: Happening) -> str:
    return f"{row.name}: {made.note[0].lower()}{made.note[1:]}"


def _of(heads: Mapping[str, Money], head: str) -> Money:
    return heads.get(head, NOTHING)
