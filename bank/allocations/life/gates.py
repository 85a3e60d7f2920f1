"""What a decision on a facility has to pass beside its money: who must agree, the limits, the conditions, the match."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Final

from bank.allocations.facts import facts_of
from bank.allocations.life.enquiries.queries import last_step
from bank.allocations.life.queries import conditions, covenants, profiles, terms_at
from bank.allocations.life.rules import refuse_breached, refuse_open_conditions, refuse_unmatched
from bank.allocations.model import Facility
from bank.allocations.rules import Life, refuse_before
from bank.approvals.commands import agreed, refuse_unapproved
from bank.approvals.rules import (
    ALLOW,
    APPROVE,
    DRAW_DOWN,
    LET_GO,
    MOVE_STAGE,
    REALISE,
    REBUT,
    REFUND,
    SATISFY,
    SIGN,
    TEST_COVENANT,
    WRITE_OFF,
    Grounds,
)
from bank.limits.commands import judge
from bank.limits.queries import exposures, marked
from bank.limits.rules import CAPITALISE, DESCRIBE, RECALLABLE, Act, Mark
from bank.people.rules import refuse_same_person
from bank.stress.policing import refuse_change_under_stress
from bank.stress.queries import Otherwise
from ledger.money import NOTHING, Money
from ledger.queries import known
from ledger.store.work import Work
from ledger.workdays import Nation

_NATIONS: Final = {"Scotland": Nation.SCOTLAND, "Wales": Nation.WALES, "Northern Ireland": Nation.NORTHERN_IRELAND}


def may_approve(work: Work, row: Facility, day: date, note: str, evidence: str) -> bool:
    """Read the limits for an approval, and hear the actor; whether all have agreed whom it takes.

    Whoever told what sort of risk it is does not approve it: the limits are read from what they told.
    """
    told = profiles(work.session, [row.id]).get(row.id)
    if told is not None:
        refuse_same_person(told.actor, work.actor.id, "What sort of risk this facility is")
    judge(work, row.id, Act(APPROVE, row.amount), day, note)
    grounds = Grounds(note.strip(), evidence.strip())
    return agreed(work, APPROVE, row.id, row.amount, row.proposed_by, grounds, together=row.intermediary)


def may_sign(work: Work, row: Facility, day: date, others: Money, note: str) -> None:
    """Pass when a signature may be recorded: after its heads, agreed to, within limits, and matched as asked for."""
    heads = last_step(work.session, row.id)
    if heads is not None:
        refuse_before(day, heads.effective_on, "heads of terms were agreed")
    kept = profiles(work.session, [row.id]).get(row.id)
    wanted = None if kept is None else kept.match_at_signing
    refuse_unmatched(others, row.amount, wanted, "signed beside")
    judge(work, row.id, Act(SIGN, row.amount, others), day, note)
    refuse_unapproved(work, SIGN, row.id, row.amount)


def may_draw(
    work: Work, row: Facility, life: Life, amount: Money, others: Money, on: date, note: str, extra: Money = NOTHING
) -> None:
    """Pass when a tranche may be paid: nothing open or breached, matched to this day, within limits, and agreed to.

    What is open or breached today stands in the way of a tranche told of an earlier day too: the bank decides today.
    `extra` is cash paid with it beside the commitment, such as fees: it needs no match, and the same agreement.
    """
    then = known(work.session)
    for day in dict.fromkeys((on, work.today)):
        still = [each for each in conditions(work.session, row.id, day, then) if each.state == "open"]
        refuse_open_conditions((each.id, each.text) for each in still)
        kept = covenants(work.session, row.id, day, then)
        refuse_breached((each.tests[-1].id, each.name) for each in kept if each.state == "breached")
    wanted = terms_at(work.session, row, on).match_at_drawdown
    refuse_unmatched(life.co_investor_drawn + others, life.drawn + amount, wanted, "drawn beside")
    judge(work, row.id, Act(DRAW_DOWN, amount + extra, others, extra=extra), on, note)
    refuse_unapproved(work, DRAW_DOWN, row.id, amount + extra)


def may_pay(work: Work, row: Facility, amount: Money) -> None:
    """Pass when what a contract already binds the bank to pay, such as a claim, may be paid: others have agreed."""
    refuse_unapproved(work, DRAW_DOWN, row.id, amount)


def may_capitalise(work: Work, row: Facility, amount: Money, on: date, reason: str) -> None:
    """Read the limits before interest becomes principal, and pass when others have agreed where a rule asks for it.

    No cash moves, and more is at risk than was before.
    """
    judge(work, row.id, Act(CAPITALISE, amount), on, reason)
    course = facts_of(work.session, row).course
    if course.terms:
        more = tuple(sorted((*course.principal, (on, amount))))
        later = replace(course, principal=more, settled=(*course.settled, (on, -amount)))
        change = Otherwise(course=later)
        refuse_change_under_stress(work, row.id, change, f"{amount} of interest cannot be made principal")
    refuse_unapproved(work, CAPITALISE, row.id, amount)


def may_describe(work: Work, row: Facility, told: Mark, on: date, reason: str) -> None:
    """Read the limits before a facility is told to be another sort of risk; what is at risk stays what it is."""
    at_risk = exposures(work.session).get(row.id, NOTHING)
    judge(work, row.id, Act(DESCRIBE, at_risk), on, reason, marked(work.session, row.id, told))


def may_give_back(
    work: Work, row: Facility, again: Money, received: Money, returned: Money, on: date, note: str
) -> None:
    """Read the limits before what was distributed goes back to the commitment: it is promised anew, and may be called.

    `received` is all the cash that comes with it, `returned` what is at risk no longer.
    """
    judge(work, row.id, Act(RECALLABLE, again, received=received, returned=returned), on, note)
    change = Otherwise(promised=again, received=received)
    refuse_change_under_stress(work, row.id, change, f"{again} more cannot be promised again")


def may_write_off(work: Work, row: Facility, amount: Money) -> None:
    """Pass when a loss may be taken, on a loan or on anything else that is held."""
    refuse_unapproved(work, WRITE_OFF, row.id, amount)


def may_let_go(work: Work, row: Facility, amount: Money) -> None:
    """Pass when what is promised, or guaranteed, may be let go before its end; what ends by itself asks nobody."""
    refuse_unapproved(work, LET_GO, row.id, amount)


def may_realise(work: Work, row: Facility, short: Money) -> None:
    """Pass when something may be sold for so much less than it is carried at: for nobody else sees a value given away.

    What of it falls short of cost is a loss besides, and takes what a loss takes.
    """
    refuse_unapproved(work, REALISE, row.id, short)


def may_refund(work: Work, row: Facility, amount: Money) -> None:
    """Pass when what is held unapplied may be given back: others have agreed where a rule asks for it."""
    refuse_unapproved(work, REFUND, row.id, amount)


def may_move_stage(work: Work, row: Facility, stage: int) -> None:
    """Pass when a facility may be put in a stage, or left there, by the table: what it asks about is the facility."""
    refuse_unapproved(work, MOVE_STAGE, row.id, row.amount, str(stage))


def may_rebut(work: Work, row: Facility, stage: int) -> None:
    """Pass when the back-stop of a stage may be rebutted, by the table: what it asks about is the facility."""
    refuse_unapproved(work, REBUT, row.id, row.amount, str(stage))


def may_allow(work: Work, row: Facility, own: Money, held: Money) -> None:
    """Pass when an allowance by an assessment of its own may be kept: letting one go is held to what stood before."""
    refuse_unapproved(work, ALLOW, row.id, max(own, held), str(own))


def may_satisfy(work: Work, row: Facility, condition: str) -> None:
    """Pass when a condition precedent may be taken for satisfied, by the table: what it asks about is the facility."""
    refuse_unapproved(work, SATISFY, row.id, row.amount, condition)


def may_pass_covenant(work: Work, row: Facility, covenant: str) -> None:
    """Pass when a test may be recorded that its covenant passes, by the table; a breach is told by anybody at once."""
    refuse_unapproved(work, TEST_COVENANT, row.id, row.amount, covenant)


def nation_of(work: Work, row: Facility) -> Nation:
    """Whose bank holidays count for a facility: of the nation it is told to be for, or England's where none is told."""
    told = profiles(work.session, [row.id]).get(row.id)
    return _NATIONS.get("" if told is None else told.region or "", Nation.ENGLAND)


def last_day_to_draw(work: Work, row: Facility, on: date) -> date:
    """The end of the availability period as amended by a day."""
    return terms_at(work.session, row, on).available_until
