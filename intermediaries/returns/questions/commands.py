"""The verb of the filer's answers: each question of a return confirmed with a reason, and carried to its correction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from intermediaries.register.queries import hold_facility
from intermediaries.returns.findings import Finding, what_is_asked
from intermediaries.returns.model import Return, ReturnAnswer
from intermediaries.returns.queries import filed, return_, state_of
from intermediaries.returns.questions.queries import standing_answers
from intermediaries.returns.refusals import BadReason, NoSuchQuestion, NotConfirmable
from intermediaries.returns.views import ReturnView
from ledger import trail
from ledger.refusals import NotAllowed
from ledger.store.work import Work, command

_OPEN: Final = frozenset({"checked", "queried", "attested"})
_LONGEST: Final = 1000
_NAMED: Final = 5


@command
def confirm_questions(
    work: Work,
    *,
    return_id: str,
    rule: str,
    reason: str,
    loan_ref: str | None = None,
    row: int | None = None,
    column: str | None = None,
    key: str | None = None,
) -> ReturnView:
    """Confirm what a return's questions ask about, with a short reason: one of them, or all that a rule asks.

    `loan_ref`, `row` and `column` narrow what is meant. Takes whoever filed the return: its intermediary, or the person
    who entered it. Refuses a question that is not asked (`NoSuchQuestion`), an error, which is mended and never
    confirmed, and a return that was decided already (`NotConfirmable`). Given again, the later answer stands.
    """
    del key
    found = filed(work.session, return_id, work.actor)
    if work.actor.kind != "intermediary" and work.actor.id != found.submitted_by:
        raise NotAllowed(f"{work.actor.name} did not file this return: its questions are answered by those who did")
    said = reason.strip()
    if not 1 <= len(said) <= _LONGEST:
        raise BadReason(f"Say in 1 to {_LONGEST:,} letters why it is so: the fund manager reads it")
    hold_facility(work.session, found.facility)
    state = state_of(work.session, return_id)
    if state not in _OPEN:
        raise NotConfirmable(f"The return {return_id} is {state}: its questions are answered before that", state=state)
    meant = _meant([Finding(**one) for one in found.findings], rule, loan_ref=loan_ref, row=row, column=column)
    for place in meant:
        work.session.add(
            ReturnAnswer(
                return_id=return_id,
                finding=place,
                reason=said,
                answered_by=work.actor.id,
                answered_by_name=work.actor.name,
                answered_at=work.now,
                carried_from=None,
                recorded_at=work.now,
            )
        )
    work.session.flush()
    trail.record(
        work,
        action="return.confirm",
        subject=return_id,
        reason=said,
        rule=rule,
        questions=len(meant),
        **{name: value for name, value in (("loan_ref", loan_ref), ("row", row), ("column", column)) if value},
    )
    return return_(work.session, return_id, viewer=work.actor)


def carry_answers(work: Work, before: Sequence[Return], row: Return, findings: Iterable[Finding]) -> int:
    """Give the answers of earlier versions to the same questions of a new one; how many were carried.

    A question is the same where rule, loan, column and value are, and what the value is held against. Of `before`, the
    newest first, the newest that was answered counts: between it and now there may have been a file in which nothing
    could be read, and which therefore asked nothing.
    """
    answers = standing_answers(work.session, [each.id for each in before])
    given: dict[tuple[str, ...], tuple[Return, ReturnAnswer]] = {}
    for each in before:
        for asked, answer in _by_question(each, answers.get(each.id, {})).items():
            given.setdefault(asked, (each, answer))
    carried = []
    for place, finding in enumerate(findings):
        found = given.get(what_is_asked(finding)) if finding.severity == "question" else None
        if found is None:
            continue
        whence, answer = found
        carried.append(
            ReturnAnswer(
                return_id=row.id,
                finding=place,
                reason=answer.reason,
                answered_by=answer.answered_by,
                answered_by_name=answer.answered_by_name,
                answered_at=answer.answered_at,
                carried_from=answer.carried_from or whence.id,
                recorded_at=work.now,
            )
        )
    work.session.add_all(carried)
    work.session.flush()
    return len(carried)


def _by_question(row: Return, answers: Mapping[int, ReturnAnswer]) -> dict[tuple[str, ...], ReturnAnswer]:
    if not answers:
        return {}
    return {what_is_asked(Finding(**row.findings[place])): answer for place, answer in answers.items()}


def _meant(
    findings: list[Finding], rule: str, *, loan_ref: str | None, row: int | None, column: str | None
) -> list[int]:
    """The places of the questions that are meant; refuses what is no question of this return."""
    asked = [
        (place, one)
        for place, one in enumerate(findings)
        if one.rule == rule
        and loan_ref in {None, one.loan_ref}
        and row in {None, one.row}
        and column in {None, one.column}
    ]
    if any(one.severity == "error" for _, one in asked):
        raise NoSuchQuestion(f"{rule} is an error: it is mended in the file, and cannot be confirmed")
    if not asked:
        there = list(dict.fromkeys(one.rule for one in findings if one.severity == "question"))
        told = f"it asks: {', '.join(there[:_NAMED])}" if there else "it asks nothing"
        if rule in there:
            about = [one for one in findings if one.rule == rule and one.severity == "question"]
            told = f"it asks {rule} of {', '.join(_about(one) for one in about[:_NAMED])}"
            raise NoSuchQuestion(f"This return asks nothing there: {told}", rules=there)
        raise NoSuchQuestion(f"This return does not ask that of rule {rule!r:.60}; {told}", rules=there)
    return [place for place, _ in asked]


def _about(one: Finding) -> str:
    """What a question is asked of, in the words that narrow an answer to it."""
    parts = (
        one.loan_ref and f"loan {one.loan_ref}",
        one.row and f"row {one.row}",
        one.column and f"column {one.column}",
    )
    return " ".join(part for part in parts if part) or "the file"
