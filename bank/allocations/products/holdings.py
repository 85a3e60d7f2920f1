"""Journals that several products share: money out at cost, back, sold, lost, and a fund's calls and distributions."""

from __future__ import annotations

from datetime import date

from bank.allocations.products.carrying import beyond_cost, gain_realised, realised
from bank.allocations.products.fields import Told
from bank.allocations.products.shape import (
    BACK,
    CASH,
    CONTRA,
    INCOME,
    LOSS,
    LOST,
    OUT,
    RESTORED,
    SPENT,
    UNCALLED,
    UNDRAWN,
    VALUED,
    BeyondTerms,
    Done,
    Effect,
    Move,
    Partner,
    Position,
    Rule,
    moves,
    within,
)
from bank.treasury.rules import positive
from ledger.money import NOTHING, Money
from ledger.workdays import Nation, workdays_on

MOST_RECALLABLE = "recallable_cap"


def bought(cost: str, partner: Partner) -> Rule:
    """Paid for at cost: the asset against cash, and the commitment used."""

    def rule(position: Position, told: Told) -> Done:
        amount = positive(told.money("amount"), "What is paid")
        within(amount, position.of(UNDRAWN), "what is left of the signed commitment")
        return Done(
            moves(
                Move(cost, CASH, amount, OUT, "Paid", (partner.money, partner.owed)),
                Move(CONTRA, UNDRAWN, amount, OUT, "Commitment used"),
            ),
            (Effect(OUT, amount),),
        )

    return rule


def sold(cost: str, unrealised: str, partner: Partner) -> Rule:
    """Sold: cost comes back as far as the proceeds reach; beyond is a gain, short of it a loss."""

    def rule(position: Position, told: Told) -> Done:
        proceeds, part = told.money("proceeds"), positive(told.money("cost"), "The cost of what was sold")
        within(part, position.of(cost), "what is held at cost")
        back, lost = min(proceeds, part), max(part - proceeds, NOTHING)
        return Done(
            moves(
                Move(CASH, cost, back, BACK, "Sold", (partner.owed, partner.money)),
                Move(CASH, "4040:", max(proceeds - part, NOTHING), INCOME, "Gain on what was sold"),
                Move(LOST, cost, lost, LOSS, "Loss on what was sold", (partner.owed, partner.released)),
                *realised(position, unrealised, part),
            ),
            tuple(effect for effect in (Effect(BACK, back), Effect(LOSS, lost)) if effect.amount),
        )

    return rule


def lost(cost: str, partner: Partner, unrealised: str = "") -> Rule:
    """Given up at cost; a loss that was unrealised until then is taken back, for it is in the loss made."""

    def rule(position: Position, told: Told) -> Done:
        amount = positive(told.money("amount"), "A loss")
        within(amount, position.of(cost), "what is held at cost")
        move = Move(LOST, cost, amount, LOSS, "Lost", (partner.owed, partner.released))
        return Done((move, *realised(position, unrealised, amount)), (Effect(LOSS, amount),))

    return rule


def revalued(position: Position, told: Told) -> Done:
    """A value of a day; what it differs by from the books is posted when all values are put right."""
    del position
    return Done((), (Effect(VALUED),), told.money("value"))


def called(cost: str, partner: Partner) -> Rule:
    """A capital call. Fees inside the commitment are part of cost or an expense, as the agreement was read."""

    def rule(position: Position, told: Told) -> Done:
        amount, fees, beside = (told.money(name) for name in ("amount", "fees_inside", "fees_outside"))
        positive(amount + fees + beside, "A call")
        _refuse_short_notice(position, told)
        within(amount + fees, position.of(UNCALLED), "what is left uncalled")
        into_cost = position.terms.text("fees_inside") == "cost"
        kept, gone = (fees, NOTHING) if into_cost else (NOTHING, fees)
        out = amount + kept
        return Done(
            moves(
                Move(cost, CASH, amount, OUT, "Called for investments", (partner.money, partner.owed)),
                Move(cost, CASH, kept, OUT, "Called for fees, part of cost", ("5300:", partner.owed)),
                Move("5110:", CASH, gone, "fee", "Called for fees, inside the commitment"),
                Move("5110:", CASH, beside, "fee", "Called for fees, beside the commitment"),
                Move(CONTRA, UNCALLED, out, OUT, "Commitment called"),
                Move(CONTRA, UNCALLED, gone, SPENT, "Commitment called for fees"),
            ),
            tuple(effect for effect in (Effect(OUT, out), Effect(SPENT, gone)) if effect.amount) or (Effect("fee"),),
        )

    return rule


def _refuse_short_notice(position: Position, told: Told) -> None:
    """Pass when as many business days lie between the notice and the payment as were agreed, or that is waived."""
    wanted, noticed = position.terms.count("notice_days"), told.day("noticed_on")
    if not wanted or told.text("notice_waived"):
        return
    if noticed is None:
        raise BeyondTerms(
            f"A call is noticed {wanted} business days before it is paid: tell the day of its notice in noticed_on, or "
            f"in notice_waived why it may be paid without"
        )
    first = workdays_on(noticed, wanted, Nation(position.terms.text("calendar") or position.nation))
    if position.on < first:
        raise BeyondTerms(
            f"Noticed on {noticed}, a call may be paid from {first} on, {wanted} business days later, not on "
            f"{position.on}: tell in notice_waived why less is enough",
            noticed_on=str(noticed),
            payable_from=str(first),
        )


def distributed(cost: str, unrealised: str, partner: Partner) -> Rule:
    """A distribution: return of capital, income and gain apart; what is recallable can be called again."""

    def rule(position: Position, told: Told) -> Done:
        capital, income, gain, again = (told.money(name) for name in ("capital", "income", "gain", "recallable"))
        whole = positive(capital + income + gain, "A distribution")
        within(capital, position.of(cost), "what is held at cost")
        within(again, whole, "the distribution itself")
        _refuse_recall(position, again)
        made_real = gain_realised(gain, beyond_cost(position))
        return Done(
            moves(
                Move(CASH, cost, capital, BACK, "Return of capital", (partner.owed, partner.money)),
                Move(CASH, "4030:", income, INCOME, "Income distributed", (partner.paid, partner.money)),
                Move(CASH, "4040:", gain, INCOME, "Gain distributed", (partner.paid, partner.money)),
                Move("4050:", unrealised, made_real, VALUED, "Unrealised gain, realised now"),
                Move(UNCALLED, CONTRA, again, RESTORED, "Recallable: back in the commitment"),
            ),
            (Effect(BACK, capital) if capital else Effect(INCOME), *([Effect(RESTORED, again)] if again else [])),
        )

    return rule


def _called_and_not_restored(position: Position) -> Money:
    """The least of it from the day on: a commitment is never open for more than was promised."""

    def by(day: date) -> Money:
        told = [(one.verb, one.told) for one in position.past if one.on <= day]
        calls = [each for verb, each in told if verb == "call"]
        out = [each.get(name, "0.00") for each in calls for name in ("amount", "fees_inside")]
        again = [each.get("recallable", "0.00") for verb, each in told if verb == "distribute"]
        return Money.total(map(Money.parse, out)) - Money.total(map(Money.parse, again))

    return min(map(by, {position.on, *(one.on for one in position.past if one.on > position.on)}))


def _refuse_recall(position: Position, again: Money) -> None:
    """Pass when what goes back to the commitment is within what the agreement lets be called again."""
    if not again:
        return
    last = position.terms.day("recallable_until")
    if last is not None and position.on > last:
        raise BeyondTerms(f"Nothing distributed after {last} may be called again, by the terms of this commitment")
    within(again, _called_and_not_restored(position), "what of the commitment was called and not restored")
    if MOST_RECALLABLE in position.terms:
        most = position.commitment.times(position.terms.number(MOST_RECALLABLE))
        before = position.told_before("distribute", "recallable")
        within(again, most - before, "what the agreement still lets be called again")
