"""Whether unanswered questions stop an attestation: a policy of its day, proposed by one and approved by another."""

from __future__ import annotations

from datetime import date
from functools import partial

from intermediaries.returns.findings import counted
from intermediaries.returns.model import QuestionPolicy, QuestionPolicyApproval, Return
from intermediaries.returns.questions.queries import (
    QuestionPolicyView,
    answers_counted,
    question_policies,
    question_policy_on,
)
from intermediaries.returns.refusals import BadReason, NoSuchQuestionPolicy, QuestionsUnanswered
from ledger import trail
from ledger.agreeing import second
from ledger.dates import within_calendar
from ledger.store.database import ReadSession
from ledger.store.work import Work, command


@command
def propose_question_policy(
    work: Work, *, stops: bool, from_on: date, basis: str, key: str | None = None
) -> QuestionPolicyView:
    """Propose whether, from a day on, a return with unanswered questions may not be attested, and what that rests on.

    Takes a fund manager. Nothing is in force until another approves it; until then questions stop nothing.
    """
    del key
    work.actor.require("fund-manager")
    if not basis.strip():
        raise BadReason("Say what the policy rests on: an agreement with the lenders, a minute")
    row = QuestionPolicy(
        id=work.new_id("qpo"),
        stops=stops,
        from_on=within_calendar(from_on),
        basis=basis.strip(),
        proposed_by=work.actor.id,
        recorded_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    trail.record(
        work,
        action="return.propose-question-policy",
        subject=row.id,
        reason=row.basis,
        stops=stops,
        from_on=str(from_on),
    )
    return question_policy(work.session, row.id)


@command
def approve_question_policy(work: Work, *, id: str, key: str | None = None) -> QuestionPolicyView:  # noqa: A002 -- what a policy is known by
    """Approve a policy that somebody else proposed; it is in force from its day. Takes a fund manager."""
    del key
    work.actor.require("fund-manager")
    return second_question_policy(work, id)


def second_question_policy(work: Work, wanted: str) -> QuestionPolicyView:
    """The same without asking for a role: whoever calls it has seen to it that all have agreed who must."""
    approval = partial(QuestionPolicyApproval, policy_id=wanted)
    second(work, question_policy(work.session, wanted), "policy", approval, action="return.approve-question-policy")
    return question_policy(work.session, wanted)


def refuse_unanswered(work: Work, row: Return) -> None:
    """Refuse a return with questions that nobody answered, where the policy of the day stops it."""
    policy = question_policy_on(work.session, work.today)
    if policy is None or not policy.stops:
        return
    still = row.questions - answers_counted(work.session, [row.id]).get(row.id, 0)
    if still:
        raise QuestionsUnanswered(
            f"{counted(still, 'question')} of this return ({row.questions:,} in all) without an answer, and since "
            f"{policy.from_on} that stops its attestation: confirm each with a reason "
            f"(bank return confirm {row.id} --rule … --reason …)",
            unanswered=still,
            policy=policy.id,
        )


def question_policy(session: ReadSession, policy_id: str) -> QuestionPolicyView:
    """A policy by its id; refuses an unknown one."""
    found = next((each for each in question_policies(session) if each.id == policy_id), None)
    if found is None:
        raise NoSuchQuestionPolicy(f"There is no policy on questions {policy_id!r:.80}")
    return found
