"""A policy on the questions of returns, approved by as many as the table of who must agree says."""

from __future__ import annotations

from bank.approvals.rules import QUESTION_POLICY
from bank.approvals.seconding import heard
from intermediaries.returns.questions.policies import question_policy, second_question_policy
from intermediaries.returns.questions.queries import QuestionPolicyView
from ledger.store.work import Work, command


@command
def approve_question_policy(work: Work, *, id: str, key: str | None = None) -> QuestionPolicyView:  # noqa: A002 -- what a policy is known by
    """Approve a policy that somebody else proposed, once all have agreed who must; it is in force from its day."""
    del key
    proposed = question_policy(work.session, id)
    if not heard(work, proposed, "policy", act=QUESTION_POLICY):
        return proposed
    return second_question_policy(work, id)
