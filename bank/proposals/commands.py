"""The verbs that every proposal shares: agree to it, turn down another's, take one's own back; each reason is kept."""

from __future__ import annotations

from bank.allocations.life.agreeing import refuse_amendment_under_stress
from bank.approvals import commands as approvals
from bank.approvals.commands import close_requests, require_a_voice
from bank.approvals.queries import RequestView, rule
from bank.approvals.rules import MakerIsChecker, refuse_maker, said
from bank.limits import commands as limits
from bank.limits.queries import limit
from bank.proposals.queries import Decided, Found, ProposalView, found, proposal_view
from bank.proposals.registry import PREFIXES
from ledger import trail
from ledger.agreeing import turn_down
from ledger.store.work import Desk, Work, command


@command
def approve_proposal(work: Work, *, proposal: str, key: str, reason: str = "") -> ProposalView:
    """Agree to what somebody else proposed, of whatever kind; once all have agreed who must, it is approved.

    A reason, where one is given, is kept in the trail.
    """
    told = found(work.session, proposal)
    told.kind.approve(work, id=proposal, key=f"{key}/approve")
    if reason.strip():
        subject = told.about or proposal
        trail.record(
            work,
            action="proposal.agreed",
            subject=subject,
            reason=reason.strip(),
            kind=told.kind.act,
            proposal=proposal,
        )
    return proposal_view(work.session, proposal)


@command
def reject_proposal(work: Work, *, proposal: str, reason: str, key: str) -> ProposalView:
    """Turn down what somebody else proposed, for a reason that is kept; whoever may agree to it may."""
    del key
    told = found(work.session, proposal)
    require_a_voice(work, told.kind.act)
    refuse_maker(told.proposed_by, work.actor.id, proposal)
    return _turned_down(work, told, said(reason, "why this is turned down"))


@command
def withdraw_proposal(work: Work, *, proposal: str, reason: str, key: str) -> ProposalView:
    """Take back what one has proposed oneself, while nobody has approved it; the reason is kept."""
    del key
    told = found(work.session, proposal)
    _refuse_another(told.proposed_by, work.actor.id, proposal)
    return _turned_down(work, told, said(reason, "why it is taken back"))


@command
def decide_request(work: Work, *, request: str, approve: bool, key: str, reason: str = "") -> RequestView:
    """Agree to what somebody else asked for, or turn it down; an amendment is read against the stress policy again."""
    if approve:
        refuse_amendment_under_stress(work, request)
    return approvals.decide(work, request=request, approve=approve, reason=reason, key=f"{key}/decide")


def decide(desk: Desk, *, on: str, approve: bool, reason: str = "", key: str) -> Decided:
    """Yes or no to whatever waits under an id: a proposal, a request, a rule of approval, a limit."""
    if on.startswith("apr_"):
        return approvals.decide_rule(desk, rule=on, approve=approve, reason=reason, key=key)
    if on.startswith("lim_"):
        return limits.decide_limit(desk, limit=on, approve=approve, reason=reason, key=key)
    if not on.startswith(PREFIXES):
        return decide_request(desk, request=on, approve=approve, reason=reason, key=key)
    if approve:
        return approve_proposal(desk, proposal=on, reason=reason, key=key)
    return reject_proposal(desk, proposal=on, reason=reason, key=key)


def withdraw(desk: Desk, *, what: str, reason: str, key: str) -> Decided:
    """Take back what one has proposed or asked for oneself, whatever it is."""
    if what.startswith("apr_"):
        with desk.reading() as session:
            _refuse_another(rule(session, what).proposed_by, desk.actor.id, what)
        return approvals.decide_rule(desk, rule=what, approve=False, reason=reason, key=key)
    if what.startswith("lim_"):
        with desk.reading() as session:
            _refuse_another(limit(session, what).proposed_by, desk.actor.id, what)
        return limits.decide_limit(desk, limit=what, approve=False, reason=reason, key=key)
    if not what.startswith(PREFIXES):
        return approvals.withdraw(desk, request=what, reason=reason, key=key)
    return withdraw_proposal(desk, proposal=what, reason=reason, key=key)


def _turned_down(work: Work, told: Found, reason: str) -> ProposalView:
    turn_down(work, told, told.kind.what, reason, kind=told.kind.act, subject=told.about)
    close_requests(work, told.id, reason)
    return proposal_view(work.session, told.id)


def _refuse_another(proposed_by: str, by: str, what: str) -> None:
    if proposed_by != by:
        raise MakerIsChecker(f"{what} was proposed by {proposed_by}: turn it down instead", by=by)
