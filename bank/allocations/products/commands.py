"""What happens to a facility by its product: told in its own words and posted by its own journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from bank.allocations.accruing import accrue_to, set_right_after
from bank.allocations.forecasts.queries import carried_on
from bank.allocations.forecasts.settling import settle
from bank.allocations.letting_go import still_promised
from bank.allocations.life.evidence.commands import shown
from bank.allocations.life.gates import (
    last_day_to_draw,
    may_draw,
    may_give_back,
    may_let_go,
    may_pay,
    may_realise,
    may_write_off,
    nation_of,
)
from bank.allocations.life.queries import ended, terms_at
from bank.allocations.model import Facility, FacilityEvent
from bank.allocations.products.carrying import wanting
from bank.allocations.products.fields import Told, read
from bank.allocations.products.guarantee import END, released
from bank.allocations.products.model import ProductEvent
from bank.allocations.products.queries import PositionView, past_of, position, terms_of
from bank.allocations.products.rules import (
    SET_RIGHT,
    changed,
    event_of,
    given_up,
    let_go_of,
    paid_out,
    product_of,
    revaluation,
    sold_short,
)
from bank.allocations.products.shape import (
    OUT,
    RESTORED,
    SPENT,
    VALUED,
    Done,
    Effect,
    Event,
    Happened,
    Move,
    Position,
    Product,
)
from bank.allocations.queries import events, next_number
from bank.allocations.recording import BANK, bank_side, entered_on, partner_side, take
from bank.allocations.rules import (
    DRAWING,
    REPAID,
    SIGNED,
    WRITTEN_OFF,
    Life,
    refuse_before,
    refuse_outside_availability,
    refuse_unless,
    refuse_unless_active,
)
from bank.people.rules import FUND_MANAGER
from bank.treasury.commands import hold_headroom, posted
from bank.treasury.queries import parts_from
from bank.treasury.rules import PROMISED, entry_of, happened_by, linked_pair, lowest, not_negative, refuse_over_headroom
from intermediaries.register.queries import standing_at
from ledger import trail
from ledger.chart import BANK as BANK_PLAN
from ledger.chart import INTERMEDIARY as PARTNER_PLAN
from ledger.commands import sub_accounts
from ledger.entries import Entry
from ledger.money import NOTHING, Money
from ledger.queries import balance_at, entries_behind
from ledger.store.work import Work, command

_STATES: Final = {"signed": (SIGNED, DRAWING), "held": (DRAWING, REPAID, WRITTEN_OFF)}
_OURS: Final = {line.code: line.name for line in BANK_PLAN.lines}
_THEIRS: Final = {line.code: line.name for line in PARTNER_PLAN.lines}
_CREDIT_SIDE: Final = ("2", "3", "4")


@dataclass(frozen=True, slots=True)
class _Beside:
    """What is kept with an event and moves nothing of ours: co-investors' money, and a remark."""

    co_investor_amount: Money = NOTHING
    note: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class _Fact:
    """One event about to be written down."""

    id: str
    verb: str
    on: date
    told: Mapping[str, str]
    done: Done
    beside: _Beside = _Beside()


@command
def record_event(
    work: Work,
    *,
    facility: str,
    verb: str,
    on: date,
    told: Mapping[str, str],
    key: str,
    co_investor_amount: Money = NOTHING,
    note: str = "",
    evidence: str = "",
) -> PositionView:
    """Record what happened to a facility by its product, on the day it was true, with the journal that comes of it.

    `told` are the fields of the verb, as text.

    Refuses a verb that is not the product's, what the contract or the balances do not allow, a payment beyond the
    bank's headroom, and what others have not agreed to where a rule asks for it: a payment, a loss, a sale below what
    is carried, a guarantee let go before its end. What was true in a
    quarter that no longer takes it is entered on the first day that does, with the true day kept beside it. Values told
    for later days, and income by a forecast, are put right in the same act. What co-investors pay beside a payment of
    ours is noted, never booked. `note` is why, `evidence` the document that shows it.
    """
    work.actor.require(FUND_MANAGER)
    del key
    happened_by(on, work.today, "What happened")
    not_negative(co_investor_amount, "Co-investors' money")
    hold_headroom(work)
    row, life = take(work, facility)
    product = product_of(row.product)
    event = event_of(product, verb)
    refuse_unless(life.state, _STATES[event.when], f"told {verb}")
    refuse_before(on, _signed_on(work, row), "it was signed")
    if event.promises:
        for day in (on, work.today):
            refuse_unless_active(standing_at(work.session, row.intermediary, day), row.intermediary, day)
        refuse_outside_availability(on, row.available_from, last_day_to_draw(work, row, on))
    words = read(event.verb.fields, told, f"{product.title}: {verb}")
    why = note.strip() or told.get("reason", "").strip()
    _accrue_before(work, row, product, on)
    fact, seqs = _carried_out(
        work, row, life, event, on, words, _Beside(co_investor_amount, why, shown(work, "product-event", evidence))
    )
    _put_right_after(work, row, product, on)
    trail.record(
        work,
        action=f"allocation.{verb}",
        subject=row.id,
        reason=fact.beside.note,
        event=fact.id,
        on=on,
        co_investor_amount=co_investor_amount,
        told=dict(fact.told),
        seqs=seqs,
        evidence=fact.beside.evidence,
    )
    return position(work.session, row.id)


def end_guarantees(work: Work, by: date) -> dict[str, Money]:
    """Enter all that was guaranteed and could be claimed no more before a day: how much under which facility.

    Each ends on the day after the last for a claim, or on the first day that still takes an entry, with the true day
    beside it; claims that were noted and are not paid yet stay guaranteed. The headroom is held by the caller.
    """
    found: dict[str, Money] = {}
    for each in ended(work.session, by):
        if not each.guaranteed:
            continue
        on = each.claimable_until + timedelta(days=1)
        if entered_on(work, on) > work.today:
            continue
        row, life = take(work, each.facility)
        words = read(END.fields, {"amount": str(each.guaranteed)}, END.says)
        beside = _Beside(NOTHING, f"No claim was made by {each.claimable_until}", "")
        fact, seqs = _carried_out(work, row, life, Event(END, released), on, words, beside)
        trail.record(
            work,
            action="allocation.end",
            subject=row.id,
            reason=fact.beside.note,
            event=fact.id,
            on=on,
            told=dict(fact.told),
            seqs=seqs,
        )
        found[row.id] = each.guaranteed
    return found


def _accrue_before(work: Work, row: Facility, product: Product, on: date) -> None:
    """Have what was earned by the day in the books, before something happens that takes from it."""
    if product.earns:
        accrue_to(work, row, on)
    if product.amortised:
        settle(work, row, entered_on(work, on))


def _put_right_after(work: Work, row: Facility, product: Product, on: date) -> None:
    """Put right what was earned on days that what has happened bears on."""
    if product.earns:
        set_right_after(work, row, on)
    if product.amortised:
        settle(work, row, entered_on(work, on), true_on=on)


def _carried_out(
    work: Work, row: Facility, life: Life, event: Event, on: date, words: Told, beside: _Beside
) -> tuple[_Fact, list[int]]:
    """Work the event out, see that the bank can pay it, write it down, and bring what is held to its values."""
    product, past = product_of(row.product), past_of(work.session, row.id)
    entered = entered_on(work, on)
    done = event.rule(
        Position(
            terms=terms_of(work.session, row.id, product),
            commitment=row.amount,
            on=on,
            there=lambda code: _least(work, row, code, entered),
            past=past,
            carried=carried_on(work.session, row.id, on) if product.amortised else None,
            ends_on=lambda day: terms_at(work.session, row, day).matures_on,
            nation=nation_of(work, row),
        ),
        words,
    )
    _refuse_over_headroom(work, row, done, entered)
    _refuse_unless_let(work, row, life, event, done, on, beside)
    fact = _Fact(work.new_id("evt"), event.verb.name, on, words.written(), done, beside)
    seqs = _written(work, row, product, fact, entered)
    cost, unrealised = changed(product, done)
    now = Happened(fact.verb, on, fact.told, done.value, cost, unrealised)
    if product.unrealised:
        valued_on = {one.on for one in (*past, now) if one.value is not None}
        for day, lacking in wanting((*past, now)).items():
            seqs += _set_right(work, row, day, revaluation(product, lacking, told=day in valued_on))
    return fact, seqs


def _refuse_unless_let(
    work: Work, row: Facility, life: Life, event: Event, done: Done, on: date, beside: _Beside
) -> None:
    """Pass when all that is paid may be paid, by its limits and with the agreement it takes, and a loss be taken.

    So must what is sold for less than it is carried at, and a guarantee that is let go before its end.
    """
    product, cash, lost = product_of(row.product), paid_out(done), given_up(done)
    if event.promises:
        out = Money.total(effect.amount for effect in done.effects if effect.kind in {OUT, SPENT})
        may_draw(work, row, life, out, beside.co_investor_amount, on, beside.note, extra=max(cash - out, NOTHING))
    elif cash > NOTHING:
        may_pay(work, row, cash)
    if again := Money.total(effect.amount for effect in done.effects if effect.kind == RESTORED):
        ended = -Money.total(changed(product, done))
        may_give_back(work, row, again, -cash, ended, on, beside.note)
    if lost:
        may_write_off(work, row, lost)
    if short := sold_short(product, event, done):
        may_realise(work, row, short)
    if (gone := let_go_of(done)) and on <= terms_at(work.session, row, on).matures_on:
        may_let_go(work, row, gone)


def _set_right(work: Work, row: Facility, day: date, move: Move) -> list[int]:
    """Bring the books to the value of a day: on that day, or on the first that still takes an entry."""
    fact = _Fact(work.new_id("evt"), SET_RIGHT, day, {}, Done((move,), (Effect(VALUED, move.amount),)))
    return _written(work, row, product_of(row.product), fact, entered_on(work, day))


def _written(work: Work, row: Facility, product: Product, fact: _Fact, entered: date) -> list[int]:
    """Post a fact's journal and keep it, with its first effect's row as its own and a row for every further one."""
    _open_accounts(work, row, fact.done.moves)
    original = fact.on if entered != fact.on else None
    entries = [
        replace(entry, original_effective_on=original)
        for number, move in enumerate(fact.done.moves, start=1)
        for entry in _entries(row, move, f"{fact.id}/{number}", entered)
    ]
    seqs = posted(work, entries) if entries else []
    for number, effect in enumerate(fact.done.effects):
        name = fact.id if not number else work.new_id("evt")
        work.session.add(_event_row(work, row, effect, name, entered, seqs, fact.beside))
        work.session.flush()
    cost, unrealised = changed(product, fact.done)
    work.session.add(
        ProductEvent(
            id=fact.id,
            facility_id=row.id,
            verb=fact.verb,
            happened_on=fact.on,
            told=dict(fact.told),
            value=fact.done.value,
            cost=cost,
            unrealised=unrealised,
        )
    )
    work.session.flush()
    return seqs


def _event_row(
    work: Work, row: Facility, effect: Effect, name: str, entered: date, seqs: list[int], beside: _Beside
) -> FacilityEvent:
    return FacilityEvent(
        id=name,
        facility_id=row.id,
        number=next_number(work.session, row.id),
        kind=effect.kind,
        effective_on=entered,
        recorded_at=work.now,
        actor=work.actor.id,
        amount=effect.amount,
        interest=NOTHING,
        co_investor_amount=beside.co_investor_amount if effect.kind == OUT else NOTHING,
        seq=seqs[0] if seqs else None,
        seqs=seqs,
        note=beside.note,
        evidence=beside.evidence,
    )


def _entries(row: Facility, move: Move, key: str, on: date) -> list[Entry]:
    """A line of the journal as entries: in the bank's book, and as a linked pair where the partner's book moves too."""
    ours = bank_side(move.debit, move.credit, row)
    said = f"{move.said}: {row.name}"
    if move.theirs is None:
        return [entry_of(ours, move.amount, key=key, on=on, description=said, kind=move.kind)]
    sides = (ours, partner_side(*move.theirs, row))
    return linked_pair(sides, move.amount, key=key, on=on, description=said, kind=move.kind)


def _open_accounts(work: Work, row: Facility, moves: Sequence[Move]) -> None:
    """Give the facility the accounts below those that a journal moves."""
    ours = {code for move in moves for code in (move.debit, move.credit) if code.endswith(":")}
    theirs = {code for move in moves for code in move.theirs or () if code.endswith(":")}
    for book, codes, names in ((BANK, ours, _OURS), (row.intermediary, theirs, _THEIRS)):
        named = {f"{code}{row.id}": f"{row.name}: {names[code.rstrip(':')]}" for code in codes}
        if named:
            sub_accounts(work, book, named)


def _least(work: Work, row: Facility, code: str, since: date) -> Money:
    """What one of the facility's accounts holds at the least from a day on, on its own side."""
    account = f"{code}:{row.id}"
    sign = -1 if code.startswith(_CREDIT_SIDE) else 1
    by_day: dict[date, int] = {since: 0}
    for line in entries_behind(work.session, BANK, account, since):
        by_day[line.effective_on] = by_day.get(line.effective_on, 0) + sign * line.amount.pence
    before = sign * balance_at(work.session, BANK, account, since - timedelta(days=1)).pence
    days = sorted(by_day)
    return lowest(Money(before + by_day[days[0]]), (Money(by_day[day]) for day in days[1:]))


def _refuse_over_headroom(work: Work, row: Facility, done: Done, day: date) -> None:
    """Pass when the bank's cash reaches, once all that is promised to others is left untouched."""
    out = paid_out(done)
    if out > NOTHING:
        own = Money.total(balance_at(work.session, BANK, f"{code}:{row.id}") for code in PROMISED)
        parts = parts_from(work.session, day)
        lapsed, _ = still_promised(work.session, row.id, work.today)
        others = replace(parts, undrawn=parts.undrawn - own - lapsed, in_principle=NOTHING)
        refuse_over_headroom(out, others.payable, others, "Paying")


def _signed_on(work: Work, row: Facility) -> date:
    return min(event.effective_on for event in events(work.session, row.id, as_at=date.max) if event.kind == SIGNED)
