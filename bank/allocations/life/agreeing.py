"""What an agreement asks beside its money: conditions precedent, other terms, waivers, and the word of others."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from bank.allocations.life.evidence.commands import shown
from bank.allocations.life.gates import may_satisfy
from bank.allocations.life.linking import under_conditions
from bank.allocations.life.model import (
    ConditionSatisfied,
    FacilityAmendment,
    FacilityCondition,
)
from bank.allocations.life.noting import day_of, facility_now
from bank.allocations.life.queries import (
    amendment_asked_for,
    conditions,
    covenants,
    terms_at,
)
from bank.allocations.life.rules import (
    sound_match,
    sound_words,
)
from bank.allocations.model import Facility
from bank.allocations.products.rules import product_of
from bank.allocations.queries import FacilityView
from bank.allocations.recording import take
from bank.allocations.rules import (
    APPROVED,
    DRAWING,
    SIGNED,
    refuse_after_availability,
    refuse_before,
    refuse_unless,
)
from bank.approvals import commands as approvals
from bank.approvals.queries import RequestView
from bank.approvals.rules import AMEND, ON_A_FACILITY, WAIVE, Settled, sound_to
from bank.people.rules import FUND_MANAGER
from bank.stress.policing import refuse_change_under_stress
from bank.stress.queries import Otherwise
from bank.treasury.commands import hold_headroom
from bank.treasury.rules import BadTerms, happened_by
from ledger import trail
from ledger.dates import within_calendar
from ledger.money import Money
from ledger.queries import known
from ledger.refusals import NotFound
from ledger.store.work import Work, command


class NoSuchCondition(NotFound):
    """No condition, covenant or test of this id."""

    slug = "no-such-condition"


@command
def list_condition(work: Work, *, facility: str, text: str, on: date, key: str) -> FacilityView:
    """List a condition precedent of a facility on which nothing is drawn yet."""
    work.actor.require(FUND_MANAGER)
    del key
    row, life = take(work, facility)
    refuse_unless(life.state, (APPROVED, SIGNED), "put under a condition")
    happened_by(on, work.today, "A condition")
    refuse_before(on, day_of(work, row, APPROVED), "it was approved")
    under_conditions(work, row, (text,), on)
    return facility_now(work, row)


@command
def satisfy_condition(work: Work, *, condition: str, on: date, evidence: str, key: str) -> FacilityView:
    """Record that a condition precedent was seen to be satisfied, and on what evidence."""
    work.actor.require(FUND_MANAGER)
    del key
    listed = work.session.get(FacilityCondition, condition)
    if listed is None:
        raise NoSuchCondition(f"There is no condition {condition!r:.60}: `bank life course` lists them")
    row, life = take(work, listed.facility_id)
    refuse_unless(life.state, (APPROVED, SIGNED, DRAWING), "cleared of conditions")
    happened_by(on, work.today, "A condition's end")
    refuse_before(on, listed.listed_on, "the condition was listed")
    if work.session.get(ConditionSatisfied, condition) is not None:
        raise Settled(f"The condition {condition} is satisfied already")
    may_satisfy(work, row, condition)
    work.session.add(
        ConditionSatisfied(
            condition_id=condition,
            effective_on=on,
            evidence=sound_words(evidence, "on what evidence"),
            actor=work.actor.id,
            recorded_at=work.now,
        )
    )
    work.session.flush()
    trail.record(
        work, action="allocation.satisfy-condition", subject=row.id, reason=evidence, condition=condition, on=on
    )
    return facility_now(work, row)


@command
def amend(
    work: Work,
    *,
    facility: str,
    effective_on: date,
    words: str,
    reason: str,
    key: str,
    available_until: date | None = None,
    matures_on: date | None = None,
    match_at_drawdown: Decimal | None = None,
    evidence: str = "",
) -> RequestView:
    """Ask for other terms from a day on. They hold once others have agreed, and what was before stays readable."""
    work.actor.require(FUND_MANAGER)
    row, life = take(work, facility)
    refuse_unless(life.state, (SIGNED, DRAWING), "amended")
    refuse_before(effective_on, day_of(work, row, SIGNED), "it was signed")
    now = terms_at(work.session, row, effective_on)
    if available_until is not None:
        refuse_after_availability(max(effective_on, work.today), now.available_until, "extended")
    last = now.available_until if available_until is not None else None
    if matures_on is not None and product_of(row.product).contingent:
        last = min(last or now.matures_on, now.matures_on)
        if max(effective_on, work.today) > now.matures_on:
            raise BadTerms(f"{row.name} ended on {now.matures_on}: what has ended is not extended, propose another")
    until, end = available_until or now.available_until, matures_on or now.matures_on
    if not row.available_from <= within_calendar(until) <= within_calendar(end):
        raise BadTerms(f"The days would be out of order: available until {until}, maturing on {end}")
    _refuse_under_stress(work, row, until, end)
    asked = approvals.ask(
        work,
        action=AMEND,
        subject=row.id,
        amount=row.amount,
        reason=reason,
        key=f"{key}/ask",
        facts={"words": sound_words(words, "what changes"), "from": str(effective_on)}
        | ({} if last is None else {"until": str(last)}),
    )
    work.session.add(
        FacilityAmendment(
            id=work.new_id("amd"),
            facility_id=row.id,
            request_id=asked.id,
            effective_on=effective_on,
            available_until=available_until,
            matures_on=matures_on,
            match_at_drawdown=sound_match(match_at_drawdown, "The match at drawdown"),
            words=words.strip(),
            evidence=shown(work, "amended", evidence),
            actor=work.actor.id,
            recorded_at=work.now,
        )
    )
    work.session.flush()
    trail.record(work, action="allocation.amend", subject=row.id, reason=reason, request=asked.id, on=effective_on)
    return asked


def refuse_amendment_under_stress(work: Work, request: str) -> None:
    """Pass when the bank holds with what a request would amend; what is asked for otherwise passes.

    It was read when it was asked for, and is read again before it is agreed to: more may have been promised since.
    """
    made = amendment_asked_for(work.session, request)
    if made is None:
        return
    hold_headroom(work)
    row, _ = take(work, made.facility_id)
    now = terms_at(work.session, row, made.effective_on)
    _refuse_under_stress(work, row, made.available_until or now.available_until, made.matures_on or now.matures_on)


def _refuse_under_stress(work: Work, row: Facility, until: date, end: date) -> None:
    change = Otherwise(available_until=until, matures_on=end)
    refuse_change_under_stress(work, row.id, change, f"{row.name} cannot be amended so")


@command
def ask_waiver(work: Work, *, facility: str, of: str, from_on: date, reason: str, key: str) -> RequestView:
    """Ask to waive a condition precedent, or the breach that a covenant test found: `of` is its id."""
    work.actor.require(FUND_MANAGER)
    row, _ = take(work, facility)
    then = known(work.session)
    listed = {each.id for each in conditions(work.session, row.id, date.max, then) if each.state == "open"}
    tests = [test for each in covenants(work.session, row.id, date.max, then) for test in each.tests]
    failed = {test.id for test in tests if not test.passed and not test.waived_by}
    if of not in listed | failed:
        raise NoSuchCondition(f"{row.id} has no open condition and no failed test {of!r:.60}")
    return approvals.ask(
        work,
        action=WAIVE,
        subject=row.id,
        amount=row.amount,
        reason=reason,
        key=f"{key}/ask",
        facts={"of": of, "from": str(within_calendar(from_on))},
    )


@command
def ask_approval(
    work: Work, *, action: str, facility: str, amount: Money, reason: str, key: str, to: str = ""
) -> RequestView:
    """Ask for the agreement that an act on a facility takes by the table, such as paying a drawdown; then do it.

    `to` names what exactly, where there is a choice: the stage, the allowance, the condition.
    """
    work.actor.require(FUND_MANAGER)
    if action not in ON_A_FACILITY:
        raise BadTerms(
            f"Agreement is asked for beforehand for {', '.join(ON_A_FACILITY)}: other acts ask by themselves"
        )
    row, _ = take(work, facility)
    named = sound_to(action, row.id, to)
    facts = {"to": named} if named else {}
    return approvals.ask(
        work, action=action, subject=row.id, amount=amount, reason=reason, facts=facts, key=f"{key}/ask"
    )
