"""What an act comes to by the table before it is done: how much counts with it, and whose agreement it takes."""

from __future__ import annotations

from datetime import date, timedelta

from bank.approvals.queries import approved_rules, parts_before
from bank.approvals.rules import CARRIED_OUT, Part, Rule, counted, roles_for, rule_for, sound_action, spoken, steps_on
from bank.treasury.rules import BadTerms
from ledger.money import Money
from ledger.queries import Known, known
from ledger.store.database import ReadSession
from ledger.store.work import View


class StepView(View):
    """A step of the table: from which amount on, within how many days acts count together, and what that comes to."""

    rule: str
    from_amount: Money
    within_days: int | None
    counted: Money
    reached: bool
    holds: bool
    roles: tuple[str, ...]


class ReckoningView(View):
    """An act as the table would have it now: each step with what counts towards it, and whose agreement is taken."""

    action: str
    subject: str
    to: str
    amount: Money
    on: date
    roles: tuple[str, ...]
    takes: str
    steps: tuple[StepView, ...]


def counts_together(subject: str, to: str = "") -> str:
    """The name under which acts on a subject count together: for whom or what they are is part of it."""
    return f"{subject} to {to}" if to else subject


def reckoning(
    session: ReadSession, action: str, subject: str, amount: Money, *, to: str = "", at: Known | None = None
) -> ReckoningView:
    """What an act would come to by the table if it were done now: to be looked at before.

    Refuses what is agreed to by the proposal itself: that says whose word it waits for.
    """
    if sound_action(action) not in CARRIED_OUT:
        raise BadTerms(
            f"What is proposed says whose word it waits for; asked for beforehand are {', '.join(CARRIED_OUT)}"
        )
    then = at or known(session)
    day, rules = then.instant.date(), approved_rules(session, action, then)
    parts = _parts(session, rules, action, counts_together(subject, to), day, then)
    holds = rule_for(rules, action, amount, day, parts)
    roles = roles_for(holds, action)
    return ReckoningView(
        action=action,
        subject=subject,
        to=to,
        amount=amount,
        on=day,
        roles=roles,
        takes=spoken(roles),
        steps=tuple(
            StepView(
                rule=rule.id,
                from_amount=rule.from_amount,
                within_days=rule.within_days,
                counted=counted(amount, parts, rule.within_days, day),
                reached=rule.from_amount <= counted(amount, parts, rule.within_days, day),
                holds=rule is holds,
                roles=rule.roles,
            )
            for rule in steps_on(rules, action, day)
        ),
    )


def counted_with(session: ReadSession, rule: Rule | None, together: str, amount: Money, day: date) -> Money:
    """What an act comes to with what counts together with it, by the line that holds."""
    if rule is None or not rule.within_days:
        return amount
    parts = parts_before(session, rule.action, together, day - timedelta(days=rule.within_days))
    return counted(amount, parts, rule.within_days, day)


def _parts(session: ReadSession, rules: list[Rule], action: str, together: str, day: date, then: Known) -> list[Part]:
    days = max((rule.within_days or 0 for rule in rules), default=0)
    return parts_before(session, action, together, day - timedelta(days=days), then) if days else []
