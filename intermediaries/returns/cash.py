"""Cash of a facility after its entries: whose money it is, and whether what is held is what the books leave."""

from __future__ import annotations

from datetime import date

from intermediaries.loans.model import LoanTape
from intermediaries.loans.queries import live_tapes
from intermediaries.returns.breaks.kinds import KINDS, Kind
from intermediaries.returns.breaks.queries import breaks
from intermediaries.returns.model import ReturnBreak, ReturnBreakEvent
from intermediaries.returns.tying import balances_known, standing
from ledger import queries as books
from ledger.commands import post, sub_account
from ledger.dates import Quarter
from ledger.entries import Entry, Posting
from ledger.money import NOTHING, Money
from ledger.periods import open_day
from ledger.store.work import Work


def settle_cash(work: Work, facility: str, intermediary: str, since: date) -> None:
    """Level the intermediary's own money and name each break, on the day of every counting return since a day.

    Where the facility's cash would be below nothing, money was put in that is not ours; when cash returns, it is taken
    out again first. What is short, what is held beyond the books and what was put in are named breaks, each by itself,
    until somebody explains them.
    """
    counting = live_tapes(work.session, facility=facility)
    days = sorted({tape.effective_on for tape in counting if tape.effective_on >= since})
    for day in days:
        _level_own_money(work, facility, intermediary, day)
    for tape in counting:
        if tape.effective_on in days:
            _name_breaks(work, tape, counting)


def settle_quarter(work: Work, quarter: Quarter) -> None:
    """Tie every return that counts for a quarter with the books as they are now, whatever was booked since."""
    for tape in live_tapes(work.session, quarter=quarter):
        settle_cash(work, tape.facility, tape.intermediary, tape.effective_on)


def clear_breaks(work: Work, return_id: str, reason: str) -> None:
    """Close what is unexplained of a return's breaks: the return no longer counts."""
    for found in breaks(work.session, return_id=return_id):
        if found.remaining:
            _say(work, found.id, "cleared", found.remaining, reason)


def _level_own_money(work: Work, facility: str, intermediary: str, day: date) -> None:
    cash = books.balance_at(work.session, intermediary, f"1000:{facility}", day)
    put_in = -books.balance_at(work.session, intermediary, f"2200:{facility}", day)
    wanted = max(put_in - cash, NOTHING)
    if wanted == put_in:
        return
    effective_on, original = open_day(day, books.watermark(work.session))
    for role in ("1000", "2200"):
        sub_account(work, intermediary, role, facility, name=f"Facility {facility}")
    put = "put in" if wanted > put_in else "taken back"
    post(
        work,
        Entry(
            key=f"own-money/{work.new_id('own')}",
            book=intermediary,
            effective_on=effective_on,
            description=f"The intermediary's own money {put}, facility {facility}",
            postings=(
                Posting(f"1000:{facility}", wanted - put_in),
                Posting(f"2200:{facility}", put_in - wanted),
            ),
            kind="return",
            original_effective_on=original,
        ),
    )


def _name_breaks(work: Work, tape: LoanTape, counting: list[LoanTape]) -> None:
    """Open a break of each kind for what is not named of it; clear what is named beyond what there is."""
    told = breaks(work.session, facility=tape.facility)
    now = standing(work.session, tape, counting, told, balances_known(work.session, None))
    for kind in KINDS:
        open_ = [found for found in told if (found.return_id, found.kind) == (tape.return_id, kind) and found.remaining]
        if now.left(kind) == Money.total(found.remaining for found in open_):
            continue
        for found in open_:
            _say(work, found.id, "cleared", found.remaining, "what the books leave, or what is said of it, has changed")
        if now.left(kind) > NOTHING:
            _open(work, tape, kind, now.left(kind))


def _open(work: Work, tape: LoanTape, kind: Kind, amount: Money) -> None:
    work.session.add(
        ReturnBreak(
            id=work.new_id("brk"),
            return_id=tape.return_id,
            facility=tape.facility,
            intermediary=tape.intermediary,
            quarter=tape.quarter,
            kind=kind,
            amount=amount,
            opened_at=work.now,
        )
    )
    work.session.flush()


def _say(work: Work, break_id: str, event: str, amount: Money, reason: str) -> None:
    work.session.add(
        ReturnBreakEvent(
            break_id=break_id,
            event=event,
            category="",
            amount=amount,
            reason=reason,
            recorded_at=work.now,
            actor=work.actor.id,
            actor_name=work.actor.name,
            entry_seq=None,
            effective_on=None,
        )
    )
    work.session.flush()
