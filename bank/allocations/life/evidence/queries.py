"""Looks at the policies on evidence: those proposed, and which asks for it of a step on a day."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache

from sqlalchemy import Select, bindparam, select

from bank.allocations.life.evidence.model import EvidencePolicy, EvidencePolicyApproval
from ledger.queries import Known, known
from ledger.refusals import NotFound
from ledger.store.database import ReadSession
from ledger.store.outcomes import ProposalOutcome
from ledger.store.proposals import TurnedDown, outcome_of, proposals
from ledger.store.work import View


class EvidencePolicyView(View):
    """A policy on the evidence of a step, as proposed and, once another fund manager agreed, approved."""

    id: str
    step: str
    wanted: bool
    from_on: date
    basis: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    state: str
    turned_down: TurnedDown | None


class NoSuchEvidencePolicy(NotFound):
    """No policy on evidence of this id."""

    slug = "no-such-evidence-policy"


def evidence_policies(session: ReadSession, *, at: Known | None = None) -> list[EvidencePolicyView]:
    """Every policy proposed, with its approval if it has one, in the order proposed."""
    then = at or known(session)
    link = EvidencePolicyApproval.policy_id
    told = proposals(session, EvidencePolicy, EvidencePolicyApproval, link, then.instant)
    return [_shown(*each) for each in told]


def evidence_policy(session: ReadSession, wanted: str) -> EvidencePolicyView:
    """A policy by its id; refuses an unknown one."""
    for each in evidence_policies(session):
        if each.id == wanted:
            return each
    raise NoSuchEvidencePolicy(f"There is no policy on evidence {wanted!r:.60}: `bank life evidence` lists them")


def asking_for(session: ReadSession, step: str, day: date) -> str | None:
    """The policy that asks for evidence of a step on a day: of those begun the last, and the later approved of two."""
    row = session.execute(_asking(), {"step": step, "day": day}).first()
    return row.id if row is not None and row.wanted else None


@cache
def _asking() -> Select[str, bool]:
    return (
        select(EvidencePolicy.id, EvidencePolicy.wanted)
        .join(EvidencePolicyApproval, EvidencePolicyApproval.policy_id == EvidencePolicy.id)
        .where(EvidencePolicy.step == bindparam("step"), EvidencePolicy.from_on <= bindparam("day"))
        .order_by(EvidencePolicy.from_on.desc(), EvidencePolicyApproval.recorded_at.desc())
        .limit(1)
    )


def _shown(
    row: EvidencePolicy, agreed: EvidencePolicyApproval | None, ended: ProposalOutcome | None
) -> EvidencePolicyView:
    return EvidencePolicyView(
        id=row.id,
        step=row.step,
        wanted=row.wanted,
        from_on=row.from_on,
        basis=row.basis,
        **outcome_of(row, agreed, ended),
    )
