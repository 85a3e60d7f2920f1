"""The verbs of agreement: make a rule, ask, agree, turn down, withdraw; and the two gates that other rooms pass."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from bank.approvals.deciding import word_on
from bank.approvals.model import (
    ApprovalDecision,
    ApprovalOutcome,
    ApprovalReckoning,
    ApprovalRequest,
    ApprovalRule,
    ApprovalRuleDecision,
    ApprovalUse,
)
from bank.approvals.queries import (
    NoSuchRequest,
    RequestView,
    RuleView,
    request,
    requests,
    rule_in_force,
    rules_table,
    voices,
)
from bank.approvals.queries import rule as rule_of
from bank.approvals.reckoning import counted_with, counts_together
from bank.approvals.rules import (
    A_MONTH,
    APPROVE,
    APPROVED,
    CARRIED_OUT,
    DONE,
    NONE_TOLD,
    ONCE_BY_NATURE,
    OPEN,
    PROPOSALS,
    REJECTED,
    USUAL,
    WITHDRAWN,
    ApprovalNeeded,
    Grounds,
    MakerIsChecker,
    Rule,
    Settled,
    TooLate,
    Voice,
    refuse_maker,
    refuse_unwanted,
    roles_for,
    said,
    sound_action,
    sound_days,
    sound_house_act,
    sound_roles_for_rule,
    sound_threshold,
    spoken,
    still_wanted,
)
from bank.people.rules import FUND_MANAGER, ROLES
from bank.treasury.rules import BadTerms
from ledger import trail
from ledger.dates import within_calendar
from ledger.money import NOTHING, Money
from ledger.store.work import Work, command


@command
def propose_rule(
    work: Work,
    *,
    action: str,
    from_amount: Money,
    roles: tuple[str, ...],
    from_on: date,
    basis: str,
    key: str,
    within_days: int = A_MONTH,
) -> RuleView:
    """Propose that an action takes one person's agreement for each role, from an amount and a day on.

    What was done of the action on the same subject within so many days counts with it, so that nothing passes below
    the amount in parts; 0 days means that each act counts by itself.
    """
    work.actor.require(FUND_MANAGER)
    del key
    row = ApprovalRule(
        id=work.new_id("apr"),
        action=sound_action(action),
        from_amount=sound_threshold(from_amount),
        roles=sound_roles_for_rule(roles),
        from_on=within_calendar(from_on),
        within_days=sound_days(within_days),
        basis=said(basis, "what the rule rests on: a minute, a scheme of delegation"),
        proposed_by=work.actor.id,
        recorded_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    trail.record(
        work,
        action="approval.propose-rule",
        subject=row.id,
        on=from_on,
        of=action,
        above=from_amount,
        within_days=within_days,
        roles=row.roles,
    )
    return rule_of(work.session, row.id)


@command
def decide_rule(work: Work, *, rule: str, approve: bool, reason: str = "", key: str) -> RuleView:
    """Approve a rule that somebody else proposed, or turn it down for a reason that is kept."""
    work.actor.require(FUND_MANAGER, "trustee")
    del key
    proposed = rule_of(work.session, rule)
    word = word_on(proposed, "rule", work.actor.id, approve=approve, reason=reason)
    work.session.add(
        ApprovalRuleDecision(
            rule_id=rule,
            proposed_by=proposed.proposed_by,
            decided_by=work.actor.id,
            decision=word.decision,
            reason=word.reason,
            recorded_at=work.now,
        )
    )
    work.session.flush()
    trail.record(work, action=f"approval.rule-{word.decision}", subject=rule, reason=reason)
    return rule_of(work.session, rule)


@command
def ask(
    work: Work,
    *,
    action: str,
    subject: str,
    reason: str,
    key: str,
    amount: Money = NOTHING,
    facts: Mapping[str, str] | None = None,
    roles: tuple[str, ...] | None = None,
) -> RequestView:
    """Ask for the agreement that an action takes. `roles` are given by rooms that know better than the table."""
    work.actor.require(FUND_MANAGER)
    del key
    told = dict(facts or {})
    wanted = roles
    if wanted is None:
        together = counts_together(subject, told.get("to", ""))
        rule = rule_in_force(work.session, sound_action(action), amount, work.today, together=together)
        wanted = roles_for(rule, action)
        counts = counted_with(work.session, rule, together, amount, work.today)
        told |= {"counted": str(counts)} if counts != amount else {}
    if not wanted and action not in CARRIED_OUT:  # nobody does alone what is done by being agreed to
        wanted = USUAL[action]
    if not wanted:
        raise BadTerms(f"Nobody else's agreement is needed for {action} of {amount}: go ahead")
    row = ApprovalRequest(
        id=work.new_id("req"),
        action=action,
        subject=subject,
        amount=amount,
        roles=list(wanted),
        facts=told,
        reason=said(reason, "why this is asked for"),
        requested_by=work.actor.id,
        recorded_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    trail.record(
        work, action="approval.ask", subject=subject, reason=row.reason, request=row.id, of=action, amount=amount
    )
    return request(work.session, row.id)


@command
def decide(work: Work, *, request: str, approve: bool, key: str, reason: str = "") -> RequestView:
    """Agree to what somebody else asked for, or turn it down. The last agreement it takes makes it approved."""
    work.actor.require(*ROLES)
    del key
    row = _held(work, request)
    refuse_maker(row.requested_by, work.actor.id, request)
    _refuse_proposal(row)
    if approve:
        _refuse_too_late(work, row)
        wanted = refuse_unwanted(row.roles, voices(work.session, request), _voice(work))
        _speak(work, row, APPROVED, reason.strip(), ended=not wanted)
    else:
        _speak(work, row, REJECTED, said(reason, "why this is turned down"), ended=True)
    return _request(work, request)


def _refuse_too_late(work: Work, row: ApprovalRequest) -> None:
    """Pass on the last day by which a request can be agreed to, where it names one, and before."""
    last = row.facts.get("until")
    if last is not None and work.today > date.fromisoformat(str(last)):
        raise TooLate(
            f"{row.id} could be agreed to until {last}: what it would change has ended since. Turn it down, and ask "
            f"for what can still be done",
            request=row.id,
            until=str(last),
        )


@command
def withdraw(work: Work, *, request: str, reason: str, key: str) -> RequestView:
    """Take back what one has asked for."""
    work.actor.require(FUND_MANAGER)
    del key
    row = _held(work, request)
    if row.requested_by != work.actor.id:
        raise MakerIsChecker(f"{request} was asked for by {row.requested_by}: turn it down instead", by=work.actor.id)
    _refuse_proposal(row)
    _speak(work, row, WITHDRAWN, said(reason, "why it is taken back"), ended=True)
    return _request(work, request)


@command
def ask_for_house(
    work: Work, *, action: str, subject: str, amount: Money, reason: str, key: str, to: str = ""
) -> RequestView:
    """Ask for the agreement that an act on the house's own money takes; then do it oneself, for exactly this.

    `subject` is the book that pays or is paid, or the journal; `to` is whom or what it is for, where there is a choice.
    """
    named = sound_house_act(action, subject, to)
    facts = {"to": named} if named else {}
    return ask(work, action=action, subject=subject, amount=amount, reason=reason, facts=facts, key=f"{key}/ask")


def refuse_unapproved(work: Work, action: str, subject: str, amount: Money, to: str = "") -> None:
    """Pass when an action takes nobody else's agreement, or when its maker has it for exactly this; it is used then.

    What was done before of the same, on the same subject, counts with it as far as the line says that holds. The
    subject must be held by the caller, so that what was agreed to once cannot be used by two.
    """
    together = counts_together(subject, to)
    rule = rule_in_force(work.session, action, amount, work.today, together=together)
    roles = roles_for(rule, action)
    request = _leave_for(work, roles, (action, subject, amount, to)) if roles else None
    counts = counted_with(work.session, rule, together, amount, work.today)
    if roles and request is None:
        whom = f" --to {shlex.quote(to)}" if to else ""
        more = f" ({counts} with what was done within {rule.within_days} days)" if rule and counts != amount else ""
        open_one = _still_open(work, (action, subject, amount, to))
        remedy = f"ask with `bank approval ask {action} {subject} --amount {amount}{whom} --reason …`"
        if open_one is not None:
            remedy = f"you have asked for it with {open_one.id}, which waits for {open_one.waits_for}"
        raise ApprovalNeeded(
            f"{action} of {amount} on {subject}{more} takes the agreement of {spoken(roles)} to a request of yours for "
            f"exactly this amount: {remedy}",
            action=action,
            amount=str(amount),
            counted=str(counts),
            to=to,
            roles=list(roles),
        )
    if action not in ONCE_BY_NATURE:
        reckoned(work, action, subject, together, amount, rule, counts, request)


def reckoned(
    work: Work,
    action: str,
    subject: str,
    together: str,
    amount: Money,
    rule: Rule | None,
    counts: Money,
    request: str | None = None,
) -> None:
    """Keep what an act came to by the table as it was let be done: later ones count it with them."""
    work.session.add(
        ApprovalReckoning(
            id=work.new_id("rck"),
            action=action,
            subject=subject,
            together=together,
            amount=amount,
            counted=counts,
            rule_id=None if rule is None else rule.id,
            roles=list(roles_for(rule, action)),
            request_id=request,
            actor=work.actor.id,
            recorded_at=work.now,
        )
    )
    work.session.flush()


def _leave_for(work: Work, roles: tuple[str, ...], exactly: tuple[str, str, Money, str]) -> str | None:
    """The actor's own request for exactly this to which all have agreed whom it takes; it is used now."""
    action, subject, amount, to = exactly
    again = (DONE,) if action in ONCE_BY_NATURE else ()
    for one in requests(work.session, subjects=[subject]):
        asked = (one.action, one.amount, one.requested_by, one.facts.get("to", ""))
        if asked != (action, amount, work.actor.id, to) or one.state not in (APPROVED, *again):
            continue
        if still_wanted(roles, voices(work.session, one.id)):
            continue
        if one.state == APPROVED:
            work.session.add(ApprovalUse(request_id=one.id, used_by=work.actor.id, recorded_at=work.now))
            work.session.flush()
        return one.id
    return None


def _still_open(work: Work, exactly: tuple[str, str, Money, str]) -> RequestView | None:
    """The actor's own request for exactly this on which somebody still has to speak."""
    return next(
        (
            one
            for one in requests(work.session, subjects=[exactly[1]])
            if one.state == OPEN
            and one.requested_by == work.actor.id
            and (one.action, one.subject, one.amount, one.facts.get("to", "")) == exactly
        ),
        None,
    )


def require_a_voice(work: Work, action: str) -> None:
    """Pass when the actor holds a role that some rule gives a voice in an action; a fund manager always has one."""
    heard = {role for one in rules_table(work.session) if one.action == action for role in one.roles}
    work.actor.require(FUND_MANAGER, *heard)


def agreed(
    work: Work,
    action: str,
    subject: str,
    amount: Money,
    maker: str,
    grounds: Grounds = NONE_TOLD,
    together: str = "",
) -> bool:
    """The actor agrees to what a maker proposed by the proposal itself; whether all have agreed that it takes.

    While no rule is made, one fund manager's agreement is all. What was agreed to before under the same name,
    `together`, counts with it. The subject must be held by the caller.
    """
    refuse_maker(maker, work.actor.id, subject)
    rule = rule_in_force(work.session, action, amount, work.today, together=together)
    by_all = _heard(work, action, subject, amount, maker, grounds, () if rule is None else rule.roles)
    if by_all and together:
        counts = counted_with(work.session, rule, together, amount, work.today)
        reckoned(work, action, subject, together, amount, rule, counts)
    return by_all


def _heard(
    work: Work, action: str, subject: str, amount: Money, maker: str, grounds: Grounds, roles: tuple[str, ...]
) -> bool:
    """Keep what the actor says; whether by the table of today all have agreed, whoever was asked before."""
    begun = _open_on(work, action, subject)
    if not roles:
        work.actor.require(FUND_MANAGER)
        if begun is not None:  # others were asked while a rule wanted them, which does no longer
            _end(work, begun, APPROVED)
        return True
    row = begun or _asked_for(work, action, subject, amount, maker, roles)
    wanted = refuse_unwanted(roles, voices(work.session, row.id), _voice(work))
    _speak(work, row, APPROVED, grounds.reason, ended=not wanted, evidence=grounds.evidence)
    return not wanted


def close_requests(work: Work, subject: str, reason: str) -> None:
    """Nothing waits any more on a subject that has come to its end: what was asked for on it ends with it."""
    for one in requests(work.session, subjects=[subject]):
        if one.state == OPEN:
            _speak(
                work,
                _held(work, one.id),
                WITHDRAWN if one.requested_by == work.actor.id else REJECTED,
                reason,
                ended=True,
            )


def _open_on(work: Work, action: str, subject: str) -> ApprovalRequest | None:
    for one in requests(work.session, subjects=[subject]):
        if one.action == action and one.state == OPEN:
            return _held(work, one.id)
    return None


def _asked_for(
    work: Work, action: str, subject: str, amount: Money, maker: str, roles: tuple[str, ...]
) -> ApprovalRequest:
    """A proposal is its own request: its maker asked when they proposed."""
    row = ApprovalRequest(
        id=work.new_id("req"),
        action=action,
        subject=subject,
        amount=amount,
        roles=list(roles),
        facts={},
        reason="As proposed",
        requested_by=maker,
        recorded_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    return row


def _refuse_proposal(row: ApprovalRequest) -> None:
    """Pass a request that stands for itself; what was proposed is decided on by the proposal."""
    if row.action == APPROVE:
        raise BadTerms(
            f"{row.subject} is a proposal: decide with `bank allocation approve` or `bank allocation reject`"
        )
    if row.action in PROPOSALS:
        raise BadTerms(f"{row.subject} is a proposal: decide on it, as in `bank approval approve {row.subject}`")


def _voice(work: Work) -> Voice:
    return Voice(work.actor.id, work.actor.roles)


def _held(work: Work, wanted: str) -> ApprovalRequest:
    """The request, held until the commit, so that two who speak at once hear one another; refuses a settled one."""
    row = work.session.scalar(
        select(ApprovalRequest)
        .where(ApprovalRequest.id == wanted)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NoSuchRequest(f"There is no request {wanted!r:.60}: list them with `bank approval list`")
    ended = work.session.get(ApprovalOutcome, wanted)
    if ended is not None:
        raise Settled(f"{wanted} was {ended.decision} by {ended.decided_by} on {ended.recorded_at:%Y-%m-%d}")
    return row


def _told(work: Work, row: ApprovalRequest, decision: str) -> dict[str, Any]:
    return {
        "request_id": row.id,
        "requested_by": row.requested_by,
        "decided_by": work.actor.id,
        "decision": decision,
        "recorded_at": work.now,
    }


def _end(work: Work, row: ApprovalRequest, decision: str) -> None:
    work.session.add(ApprovalOutcome(**_told(work, row, decision)))
    work.session.flush()


def _speak(work: Work, row: ApprovalRequest, decision: str, reason: str, *, ended: bool, evidence: str = "") -> None:
    told = _told(work, row, decision)
    work.session.add(ApprovalDecision(**told, roles=sorted(work.actor.roles), reason=reason, evidence=evidence))
    if ended:
        _end(work, row, decision)
    work.session.flush()
    trail.record(
        work,
        action=f"approval.{decision}",
        subject=row.subject,
        reason=reason,
        request=row.id,
        ended=ended,
        evidence=evidence,
    )


def _request(work: Work, wanted: str) -> RequestView:
    return request(work.session, wanted)
