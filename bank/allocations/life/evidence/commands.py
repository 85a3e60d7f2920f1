"""A policy on evidence is proposed by one fund manager and approved by another; and the gate that steps pass."""

from __future__ import annotations

from datetime import date
from functools import partial

from bank.allocations.life.evidence.model import EvidencePolicy, EvidencePolicyApproval
from bank.allocations.life.evidence.queries import EvidencePolicyView, asking_for, evidence_policy
from bank.allocations.life.evidence.rules import refuse_unshown, sound_step
from bank.approvals.rules import EVIDENCE_POLICY, said
from bank.approvals.seconding import seconded
from bank.people.rules import FUND_MANAGER
from ledger import trail
from ledger.dates import within_calendar
from ledger.store.work import Work, command


@command
def propose_evidence_policy(
    work: Work, *, step: str, wanted: bool, from_on: date, basis: str, key: str | None = None
) -> EvidencePolicyView:
    """Propose that a step takes evidence from a day on, or none any more; nothing is asked for before another agrees.

    Steps taken from then on are held to it, whatever day they are told of; what was taken before stays.
    """
    work.actor.require(FUND_MANAGER)
    del key
    row = EvidencePolicy(
        id=work.new_id("evp"),
        step=sound_step(step),
        wanted=wanted,
        from_on=within_calendar(from_on),
        basis=said(basis, "what the policy rests on: a minute, a scheme of delegation"),
        proposed_by=work.actor.id,
        recorded_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    trail.record(
        work, action="life.propose-evidence-policy", subject=row.id, reason=row.basis, step=step, wanted=wanted
    )
    return evidence_policy(work.session, row.id)


@command
def approve_evidence_policy(work: Work, *, id: str, key: str | None = None) -> EvidencePolicyView:  # noqa: A002 -- what a policy is known by
    """Approve a policy on evidence that somebody else proposed; it is in force from its day."""
    del key
    approval = partial(EvidencePolicyApproval, policy_id=id)
    told = evidence_policy(work.session, id)
    seconded(work, told, "policy", approval, act=EVIDENCE_POLICY, action="life.approve-evidence-policy")
    return evidence_policy(work.session, id)


def shown(work: Work, step: str, evidence: str) -> str:
    """The evidence of a step as it is kept; refuses none where the policy of today asks for it."""
    return refuse_unshown(step, evidence, asking_for(work.session, step, work.today))
