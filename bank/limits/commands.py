"""The verbs of limits: propose one, decide on it, ask for leave to pass it; and the gate that decisions go through."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from bank.allocations.queries import facility as facility_as_it_stands
from bank.approvals.commands import ask
from bank.approvals.deciding import word_on
from bank.approvals.queries import RequestView
from bank.approvals.rules import WAIVE_LIMIT, said
from bank.limits.model import HouseEvaluation, LendingLimit, LendingLimitDecision, LimitEvaluation
from bank.limits.queries import (
    LimitView,
    evaluated,
    house_readings,
    limits_bearing,
    limits_table,
    read_for,
    scopes,
)
from bank.limits.queries import limit as limit_of
from bank.limits.rules import OF_THE_HOUSE, Act, Mark, refuse_passed
from bank.limits.sound import sound_limit, sound_scope
from bank.limits.waiving import leave_for, sound_end, waivers_on
from bank.people.rules import FUND_MANAGER
from bank.treasury.rules import BadTerms
from ledger import trail
from ledger.dates import within_calendar
from ledger.money import NOTHING, Money
from ledger.store.work import Work, command


@command
def propose_limit(
    work: Work,
    *,
    kind: str,
    from_on: date,
    basis: str,
    key: str,
    scope: str = "",
    amount: Money | None = None,
    share: Decimal | None = None,
    hard: bool = True,
    waivable_by: str = "",
) -> LimitView:
    """Propose a limit from a day on. With neither amount nor share, one of its kind, scope and hardness ends then.

    Refuses a scope that would bind nothing: a product, an intermediary or a region that there is not.
    """
    work.actor.require(FUND_MANAGER)
    del key
    sound_limit(kind=kind, scope=scope, amount=amount, share=share, waivable_by=waivable_by, hard=hard)
    scope = sound_scope(kind, scope, scopes(work.session, kind) | _ended(work, kind, amount, share))
    row = LendingLimit(
        id=work.new_id("lim"),
        kind=kind,
        scope=scope,
        amount=amount,
        share=share,
        hard=hard,
        waivable_by=waivable_by,
        from_on=within_calendar(from_on),
        basis=said(basis, "what the limit rests on: a policy, a minute, an agreement"),
        proposed_by=work.actor.id,
        recorded_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    trail.record(
        work,
        action="limit.propose",
        subject=row.id,
        reason=row.basis,
        kind=kind,
        scope=scope,
        amount=amount,
        share=share,
        hard=hard,
        from_on=from_on,
    )
    return limit_of(work.session, row.id)


@command
def decide_limit(work: Work, *, limit: str, approve: bool, reason: str = "", key: str) -> LimitView:
    """Approve a limit that somebody else proposed, or turn it down for a reason that is kept."""
    work.actor.require(FUND_MANAGER, "trustee")
    del key
    proposed = limit_of(work.session, limit)
    word = word_on(proposed, "limit", work.actor.id, approve=approve, reason=reason)
    work.session.add(
        LendingLimitDecision(
            limit_id=limit,
            proposed_by=proposed.proposed_by,
            decided_by=work.actor.id,
            decision=word.decision,
            reason=word.reason,
            recorded_at=work.now,
        )
    )
    work.session.flush()
    trail.record(work, action=f"limit.{word.decision}", subject=limit, reason=reason)
    return limit_of(work.session, limit)


@command
def ask_to_pass(
    work: Work, *, limit: str, facility: str, up_to: str, until: date, reason: str, key: str
) -> RequestView:
    """Ask that a facility may pass a hard limit as far as a figure: whoever holds the limit's role decides.

    `until` is the last day on which a decision may rest on it, and on which it may be agreed to: then the limit holds
    again. Refuses a day that is over.
    """
    work.actor.require(FUND_MANAGER)
    wanted = limit_of(work.session, limit)
    facility_as_it_stands(work.session, facility)
    if not wanted.hard or not wanted.waivable_by:
        raise BadTerms(f"The limit {limit} is waived by nobody" if wanted.hard else "A soft limit takes only a reason")
    money = wanted.amount is not None or wanted.share_of == "paid-in capital"
    figure = _figure(up_to, money=money)
    return ask(
        work,
        action=WAIVE_LIMIT,
        subject=facility,
        reason=reason,
        key=f"{key}/ask",
        amount=Money.parse(figure) if money else NOTHING,
        facts={"limit": limit, "up_to": figure, "until": str(sound_end(until, work.today))},
        roles=(wanted.waivable_by,),
    )


def judge(work: Work, facility: str, act: Act, on: date, reason: str, mark: Mark | None = None) -> None:
    """Read every limit before a decision, refuse where one is passed, and keep the readings with the decision.

    The limits of the day of the act hold and so do those of today: no day can be told before which nothing was limited.
    With a `mark` it is decided what sort of risk the facility is told to be. The caller holds the bank's headroom, so
    that nobody's decision comes in between.
    """
    limits = [limit for limit in limits_bearing(work.session, on) if limit.kind not in OF_THE_HOUSE]
    if not limits:
        return
    view = facility_as_it_stands(work.session, facility, as_at=date.max)
    found = read_for(work.session, view, limits, act, mark)
    given = waivers_on(work.session, facility)
    refuse_passed(
        found,
        lambda reading: leave_for(reading, given) is not None,
        reason,
        act,
    )
    shown = evaluated(work.session, facility, act, on, found)
    work.session.add(
        LimitEvaluation(
            id=work.new_id("eva"),
            facility_id=facility,
            action=act.action,
            amount=act.amount,
            effective_on=on,
            readings=[line.model_dump(mode="json") for line in shown.readings],
            reason=reason.strip(),
            actor=work.actor.id,
            recorded_at=work.now,
        )
    )
    work.session.flush()


def judge_house(work: Work, subject: str, act: Act, on: date, reason: str = "") -> None:
    """The same for an act on the bank's own money: a subscription of shares, a placement.

    Limits from outside are read beside the bank's own, and nobody may let one be passed.
    """
    found = house_readings(work.session, act, on)
    if not found:
        return
    refuse_passed(found, lambda _: False, reason, act)
    shown = evaluated(work.session, "", act, on, found)
    work.session.add(
        HouseEvaluation(
            id=work.new_id("eva"),
            subject=subject,
            action=act.action,
            amount=act.amount,
            effective_on=on,
            readings=[line.model_dump(mode="json") for line in shown.readings],
            reason=reason.strip(),
            actor=work.actor.id,
            recorded_at=work.now,
        )
    )
    work.session.flush()


def _ended(work: Work, kind: str, amount: Money | None, share: Decimal | None) -> set[str]:
    """The scopes of limits that one without a bound would end: whatever was once written there, it can be ended."""
    ending = amount is None and share is None
    return {one.scope for one in limits_table(work.session) if ending and one.kind == kind}


def _figure(text: str, *, money: bool) -> str:
    if money:
        return str(Money.parse(text))
    plain = text.isascii() and text.replace(".", "", 1).isdigit()
    if not plain:
        raise BadTerms(f"{text!r:.40} is not how far a share may go: write a plain number like 0.2")
    return text
