"""The looks at questions: which has which answer, how many are still open, and what open ones stop on a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import distinct, func, select

from intermediaries.returns.findings import Answered, Finding
from intermediaries.returns.model import QuestionPolicy, QuestionPolicyApproval, ReturnAnswer
from ledger import queries as books
from ledger.in_force import in_force
from ledger.queries import Known
from ledger.store.database import ReadSession
from ledger.store.outcomes import ProposalOutcome
from ledger.store.proposals import TurnedDown, outcome_of, proposals
from ledger.store.work import View


class QuestionPolicyView(View):
    """A policy on unanswered questions as proposed and, once another fund manager agreed, approved."""

    id: str
    stops: bool
    from_on: date
    basis: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    state: str
    turned_down: TurnedDown | None


def standing_answers(
    session: ReadSession, returns: Sequence[str], known: Known | None = None
) -> dict[str, dict[int, ReturnAnswer]]:
    """The last answer to each question of these returns, by return and the question's place, as known then."""
    query = select(ReturnAnswer).where(ReturnAnswer.return_id.in_(returns)).order_by(ReturnAnswer.id)
    if known is not None:
        query = query.where(ReturnAnswer.recorded_at <= known.instant)
    found: dict[str, dict[int, ReturnAnswer]] = {}
    for answer in session.scalars(query):
        found.setdefault(answer.return_id, {})[answer.finding] = answer
    return found


def answers_counted(session: ReadSession, returns: Sequence[str], known: Known | None = None) -> dict[str, int]:
    """How many questions of each of these returns are answered, as known then."""
    query = (
        select(ReturnAnswer.return_id, func.count(distinct(ReturnAnswer.finding)))
        .where(ReturnAnswer.return_id.in_(returns))
        .group_by(ReturnAnswer.return_id)
    )
    if known is not None:
        query = query.where(ReturnAnswer.recorded_at <= known.instant)
    counted: dict[str, int] = dict(iter(session.execute(query)))
    return counted


def with_answers(findings: Iterable[Mapping[str, Any]], answers: Mapping[int, ReturnAnswer]) -> list[Answered]:
    """The findings of a return, each question with the answer that stands."""
    return [_answered(Finding(**found), answers.get(place)) for place, found in enumerate(findings)]


def _answered(finding: Finding, answer: ReturnAnswer | None) -> Answered:
    told = {each.name: getattr(finding, each.name) for each in fields(Finding)}
    if answer is None:
        return Answered(**told)
    return Answered(
        **told,
        answer=answer.reason,
        answered_by=answer.answered_by_name,
        answered_at=answer.answered_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
    )


def question_policies(session: ReadSession, known: Known | None = None) -> list[QuestionPolicyView]:
    """Every policy proposed, with its approval if it has one, in the order proposed, as known then."""
    then = known or books.known(session)
    told = proposals(
        session,
        QuestionPolicy,
        QuestionPolicyApproval,
        QuestionPolicyApproval.policy_id,
        then.instant,
    )
    return [_view(*each) for each in told]


def question_policy_on(session: ReadSession, day: date) -> QuestionPolicyView | None:
    """The approved policy for a day: the one that starts last by then; of two from one day, the later approved."""
    return in_force(question_policies(session), day)


def _view(
    row: QuestionPolicy, agreed: QuestionPolicyApproval | None, ended: ProposalOutcome | None
) -> QuestionPolicyView:
    return QuestionPolicyView(
        id=row.id,
        stops=row.stops,
        from_on=row.from_on,
        basis=row.basis,
        **outcome_of(row, agreed, ended),
    )
