"""Looks at the table of who must agree to what, at what is asked for, and at what waits on a subject."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select

from bank.approvals.model import (
    ApprovalDecision,
    ApprovalOutcome,
    ApprovalReckoning,
    ApprovalRequest,
    ApprovalRule,
    ApprovalRuleDecision,
    ApprovalUse,
)
from bank.approvals.rules import (
    ACTIONS,
    APPROVED,
    CARRIED_OUT,
    DONE,
    OPEN,
    Part,
    Rule,
    Voice,
    roles_for,
    rule_for,
    spoken,
    still_wanted,
)
from bank.people.rules import FUND_MANAGER
from ledger.money import Money
from ledger.queries import Known, known
from ledger.refusals import NotFound
from ledger.store.database import ReadSession
from ledger.store.listed import Form, is_listed, listed
from ledger.store.work import View


class RuleView(View):
    """A line of the table as proposed, what became of it, and whether and from when it holds."""

    id: str
    holds: str
    action: str
    from_amount: Money
    roles: tuple[str, ...]
    from_on: date
    within_days: int | None
    basis: str
    proposed_by: str
    proposed_at: datetime
    decision: str | None
    decided_by: str | None
    decided_at: datetime | None
    reason: str


class DecisionView(View):
    """What one person said."""

    by: str
    decision: str
    reason: str
    evidence: str
    at: datetime


class RequestView(View):
    """Something asked for: by whom, why, who spoke, whom it waits for, and where it stands.

    `state` is open, approved, rejected, withdrawn, or done when what was approved has been carried out.
    """

    id: str
    action: str
    action_title: str
    subject: str
    amount: Money
    facts: dict[str, Any]
    reason: str
    requested_by: str
    requested_at: datetime
    state: str
    wanted: tuple[str, ...]
    decisions: tuple[DecisionView, ...]
    waits_for: str


class NoSuchRule(NotFound):
    """No rule of this id."""

    slug = "no-such-rule"


class NoSuchRequest(NotFound):
    """No request of this id."""

    slug = "no-such-request"


def rules_table(session: ReadSession, at: Known | None = None) -> list[RuleView]:
    """Every line that was proposed, in the order proposed, with what became of it."""
    then = at or known(session)
    rows = session.execute(_rules_table(), {"instant": then.instant})
    return [_rule_view(rule, decided, then.instant) for rule, decided in rows]


@cache
def _rules_table() -> Select[ApprovalRule, ApprovalRuleDecision]:
    return (
        select(ApprovalRule, ApprovalRuleDecision)
        .outerjoin(ApprovalRuleDecision, ApprovalRuleDecision.rule_id == ApprovalRule.id)
        .where(ApprovalRule.recorded_at <= bindparam("instant"))
        .order_by(ApprovalRule.recorded_at, ApprovalRule.id)
    )


def rule(session: ReadSession, wanted: str, at: Known | None = None) -> RuleView:
    """A line of the table by its id; refuses an unknown one."""
    for one in rules_table(session, at):
        if one.id == wanted:
            return one
    raise NoSuchRule(f"There is no rule {wanted!r:.60}: list them with `bank approval rules`")


def rule_in_force(
    session: ReadSession, action: str, amount: Money, day: date, at: Known | None = None, together: str = ""
) -> Rule | None:
    """The approved line that holds for an action and an amount on a day; none where nobody has made one.

    What was done before under the same name, `together`, counts with it as far as a line says.
    """
    rules = approved_rules(session, action, at)
    days = max((rule.within_days or 0 for rule in rules), default=0)
    parts = parts_before(session, action, together, day - timedelta(days=days), at) if days and together else []
    return rule_for(rules, action, amount, day, parts)


def approved_rules(session: ReadSession, action: str, at: Known | None = None) -> list[Rule]:
    """Every line that was approved for an action."""
    asked = {"action": action} if at is None else {"action": action, "instant": at.instant}
    rows = session.execute(_approved_rules(then=at is not None), asked)
    return [
        Rule(rule, action, amount, tuple(roles), from_on, approved_at, within_days or None)
        for rule, amount, roles, from_on, approved_at, within_days in rows
    ]


@cache
def _approved_rules(*, then: bool) -> Select[str, Money, list[str], date, datetime, int | None]:
    query = (
        select(
            ApprovalRule.id,
            ApprovalRule.from_amount,
            ApprovalRule.roles,
            ApprovalRule.from_on,
            ApprovalRuleDecision.recorded_at,
            ApprovalRule.within_days,
        )
        .join(ApprovalRuleDecision, ApprovalRuleDecision.rule_id == ApprovalRule.id)
        .where(ApprovalRule.action == bindparam("action"), ApprovalRuleDecision.decision == APPROVED)
    )
    return query.where(ApprovalRuleDecision.recorded_at <= bindparam("instant")) if then else query


def parts_before(session: ReadSession, action: str, together: str, since: date, at: Known | None = None) -> list[Part]:
    """What was done of an action under one name since a day: each on the day it was decided, told of whichever day."""
    query = select(ApprovalReckoning.recorded_at, ApprovalReckoning.amount).where(
        ApprovalReckoning.action == action,
        ApprovalReckoning.together == together,
        ApprovalReckoning.recorded_at >= datetime.combine(since, time(), UTC),
    )
    if at is not None:
        query = query.where(ApprovalReckoning.recorded_at <= at.instant)
    return [(row.recorded_at.date(), row.amount) for row in session.execute(query)]


def roles_may_be_wanted(session: ReadSession, action: str, day: date) -> bool:
    """Whether a rule in force on a day gives anybody a voice in an action, from whatever amount on."""
    return any(
        one.action == action and one.decision == APPROVED and one.from_on <= day and one.roles
        for one in rules_table(session)
    )


def roles_wanted(session: ReadSession, action: str, amount: Money, day: date, *, together: str = "") -> tuple[str, ...]:
    """Whose agreement an action with an amount takes on a day, with what counts together with it."""
    return roles_for(rule_in_force(session, action, amount, day, together=together), action)


def requests(
    session: ReadSession,
    *,
    subjects: Iterable[str] | None = None,
    id: str | None = None,  # noqa: A002 -- what a request is known by
    at: Known | None = None,
) -> list[RequestView]:
    """What was asked for, in the order it was; on some subjects only when they are given."""
    then = at or known(session)
    told = None if subjects is None else listed(session, subjects)
    asked: dict[str, Any] = {"instant": then.instant}
    if told is not None:
        asked["subjects"] = told.value
    if id is not None:
        asked["id"] = id
    rows = session.execute(_requests(None if told is None else told.form, by_id=id is not None), asked).all()
    said = _decisions(session, [asked_for.id for asked_for, _, _ in rows], then.instant)
    return [_request_view(row, ended, use, said[row.id], then.instant) for row, ended, use in rows]


@cache
def _requests(subjects: Form | None, *, by_id: bool) -> Select[ApprovalRequest, ApprovalOutcome, ApprovalUse]:
    query = (
        select(ApprovalRequest, ApprovalOutcome, ApprovalUse)
        .outerjoin(ApprovalOutcome, ApprovalOutcome.request_id == ApprovalRequest.id)
        .outerjoin(ApprovalUse, ApprovalUse.request_id == ApprovalRequest.id)
        .where(ApprovalRequest.recorded_at <= bindparam("instant"))
        .order_by(ApprovalRequest.recorded_at, ApprovalRequest.id)
    )
    if subjects is not None:
        query = query.where(is_listed(ApprovalRequest.subject, subjects, "subjects"))
    return query.where(ApprovalRequest.id == bindparam("id")) if by_id else query


def request(session: ReadSession, id: str, at: Known | None = None) -> RequestView:  # noqa: A002 -- what a request is known by
    """One request; refuses an unknown one."""
    found = requests(session, id=id, at=at)
    if not found:
        raise NoSuchRequest(f"There is no request {id!r:.60}: list them with `bank approval list`")
    return found[0]


def pending_on(session: ReadSession, subjects: Iterable[str], at: Known | None = None) -> dict[str, tuple[str, ...]]:
    """What waits on each of some subjects, in words."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for one in requests(session, subjects=subjects, at=at):
        if one.waits_for:
            found[one.subject].append(
                f"{one.id}: {one.action_title}, {one.amount}, asked for by {one.requested_by}; it waits for "
                f"{one.waits_for}"
            )
    return {subject: tuple(words) for subject, words in found.items()}


def waited_for(
    session: ReadSession,
    proposed: Sequence[tuple[str, str, Money]],
    then: Known,
    together: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Whose word each of some proposals waits for, told as its act, its id and its amount.

    Those of the rule who have not spoken yet; and while no rule is made, another fund manager. `together` tells under
    which name the parts of some of them count.
    """
    open_on = {
        one.subject: one.wanted
        for one in (requests(session, subjects=[each[1] for each in proposed], at=then) if proposed else ())
        if one.state == OPEN and one.wanted
    }
    rules: dict[tuple[str, Money, str], tuple[str, ...]] = {}
    found: dict[str, str] = {}
    for act, subject, amount in proposed:
        name = (together or {}).get(subject, "")
        if (act, amount, name) not in rules:
            held = rule_in_force(session, act, amount, then.instant.date(), then, name)
            rules[act, amount, name] = roles_for(held, act) or (FUND_MANAGER,)
        found[subject] = spoken(open_on.get(subject, rules[act, amount, name]))
    return found


def voices(session: ReadSession, request_id: str) -> list[Voice]:
    """Those who agreed to a request, with their roles as they then were."""
    return [Voice(by, frozenset(roles)) for by, roles in session.execute(_agreed_to(), {"request": request_id})]


@cache
def _agreed_to() -> Select[str, list[str]]:
    return select(ApprovalDecision.decided_by, ApprovalDecision.roles).where(
        ApprovalDecision.request_id == bindparam("request"), ApprovalDecision.decision == APPROVED
    )


def _decisions(session: ReadSession, ids: Sequence[str], until: datetime) -> defaultdict[str, list[ApprovalDecision]]:
    found: defaultdict[str, list[ApprovalDecision]] = defaultdict(list)
    if ids:
        told = listed(session, ids)
        for row in session.scalars(_decisions_listed(told.form), {"requests": told.value, "instant": until}):
            found[row.request_id].append(row)
    return found


@cache
def _decisions_listed(form: Form) -> Select[ApprovalDecision]:
    return (
        select(ApprovalDecision)
        .where(
            is_listed(ApprovalDecision.request_id, form, "requests"),
            ApprovalDecision.recorded_at <= bindparam("instant"),
        )
        .order_by(ApprovalDecision.recorded_at, ApprovalDecision.decided_by)
    )


def _rule_view(row: ApprovalRule, decided: ApprovalRuleDecision | None, until: datetime) -> RuleView:
    told = decided if decided is not None and decided.recorded_at <= until else None
    return RuleView(
        id=row.id,
        holds=_holds(row, None if told is None else told.decision),
        action=row.action,
        from_amount=row.from_amount,
        roles=tuple(row.roles),
        from_on=row.from_on,
        within_days=row.within_days or None,
        basis=row.basis,
        proposed_by=row.proposed_by,
        proposed_at=row.recorded_at,
        decision=None if told is None else told.decision,
        decided_by=None if told is None else told.decided_by,
        decided_at=None if told is None else told.recorded_at,
        reason="" if told is None else told.reason,
    )


def _holds(row: ApprovalRule, decision: str | None) -> str:
    """What may be relied on: a rule binds nobody before somebody else has agreed to it."""
    if decision is None:
        return "not in force: waits for somebody else to approve it"
    return f"from {row.from_on}" if decision == APPROVED else f"not in force: {decision}"


def _request_view(
    row: ApprovalRequest,
    outcome: ApprovalOutcome | None,
    use: ApprovalUse | None,
    said: list[ApprovalDecision],
    until: datetime,
) -> RequestView:
    ended = outcome is not None and outcome.recorded_at <= until
    state = outcome.decision if outcome is not None and ended else OPEN
    if use is not None and use.recorded_at <= until:
        state = DONE
    agreed = [Voice(each.decided_by, frozenset(each.roles)) for each in said if each.decision == APPROVED]
    wanted = still_wanted(row.roles, agreed) if state == OPEN else ()
    to_do = state == APPROVED and row.action in CARRIED_OUT
    return RequestView(
        id=row.id,
        action=row.action,
        action_title=ACTIONS.get(row.action, row.action),
        subject=row.subject,
        amount=row.amount,
        facts=row.facts,
        reason=row.reason,
        requested_by=row.requested_by,
        requested_at=row.recorded_at,
        state=state,
        wanted=wanted,
        decisions=tuple(
            DecisionView(
                by=each.decided_by,
                decision=each.decision,
                reason=each.reason,
                evidence=each.evidence,
                at=each.recorded_at,
            )
            for each in said
        ),
        waits_for=spoken(wanted) if wanted else f"{row.requested_by} to carry it out" if to_do else "",
    )
