"""Whether a return may be accepted now, and which corrections of later quarters have to be accepted with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from intermediaries.loans.queries import live_tapes, loans_by_ref
from intermediaries.returns.checking import Checked, check
from intermediaries.returns.findings import Finding, findings_json
from intermediaries.returns.layout import LOANS_SHEET
from intermediaries.returns.model import Return
from intermediaries.returns.queries import prior_state, versions, waiting
from intermediaries.returns.refusals import LaterReturnsFollow, NoLongerTies
from intermediaries.returns.rows import LoanRow, PriorLoan, row_from_texts
from ledger.dates import Quarter
from ledger.store.database import ReadSession


@dataclass(frozen=True, slots=True)
class Link:
    """A return to be accepted, the loans it reports, and what they were checked against."""

    row: Return
    loans: Sequence[LoanRow]
    prior: Mapping[str, PriorLoan]


def chain(session: ReadSession, row: Return) -> list[Link]:
    """The return and every correction of a later quarter that has to come with it, each checked against the one before.

    Later quarters were accepted on top of this one. Where it leaves a loan otherwise than they assume, each of them
    must still follow, or an attested correction of it must; refuses (`LaterReturnsFollow`) where neither does. Refuses
    (`NoLongerTies`) a return that does not follow from the quarters before it as they are accepted now.
    """
    prior = prior_state(session, row.facility, row.quarter)
    checked = recheck(session, row, prior)
    if not checked.ok:
        raise NoLongerTies(
            f"The return {row.id} does not follow from what is accepted now ({_told(checked)}): ask the intermediary "
            "for a new version",
            findings=findings_json(checked.findings),
        )
    links = [Link(row, checked.rows, prior)]
    after = _after(checked.rows, prior)
    for tape in live_tapes(session, facility=row.facility):
        if tape.quarter <= row.quarter:
            continue
        if after == prior_state(session, row.facility, tape.quarter):
            break
        later = _standing(session, row.facility, tape.return_id)
        checked = recheck(session, later, after)
        if not checked.ok:
            raise LaterReturnsFollow(
                f"{tape.quarter} was accepted on top of these figures and would not follow from them any more "
                f"({_told(checked)}): ask the intermediary for a correction of {tape.quarter} too; once it is "
                "attested, both are accepted together",
                quarter=str(tape.quarter),
                findings=findings_json(checked.findings),
            )
        if later.id != tape.return_id:
            links.append(Link(later, checked.rows, after))
        after = _after(checked.rows, after)
    return links


def presumed_state(session: ReadSession, facility: str, quarter: Quarter) -> dict[str, PriorLoan]:
    """What a return is checked against when it comes: the accepted ones before it, and those attested but waiting.

    So a correction can be filed together with those of later quarters, and a return while the last one is looked at.
    """
    pending = waiting(session, facility, quarter)
    if not pending:
        return prior_state(session, facility, quarter)
    counting = {tape.quarter: tape.return_id for tape in live_tapes(session, facility=facility)}
    first = min(pending)
    state = prior_state(session, facility, first)
    for each in sorted({*pending, *(one for one in counting if first < one < quarter)}):
        row = pending.get(each) or session.get_one(Return, counting[each])
        state = _after([row_from_texts(facts) for facts in row.rows], state)
    return state


def recheck(session: ReadSession, row: Return, prior: Mapping[str, PriorLoan]) -> Checked:
    """The return as it came, checked against another state of the loans."""
    checked = check(
        row.original,
        quarter=row.quarter,
        facility=row.facility,
        cash_held=row.cash_held,
        filename=row.filename,
        content_type=row.content_type,
        prior=prior,
        filing=True,
    )
    return examine(session, checked, facility=row.facility, intermediary=row.intermediary)


def examine(session: ReadSession, checked: Checked, *, facility: str, intermediary: str) -> Checked:
    """Add what only the books know: a reference that is a loan of another facility."""
    elsewhere = {ref: other for ref, (_, other) in loans_by_ref(session, intermediary).items() if other != facility}
    found = [
        _of_another_facility(row, place if len(checked.rows) == checked.row_count else None)
        for place, row in enumerate(checked.rows, start=1)
        if row.loan_ref in elsewhere
    ]
    if not found:
        return checked
    return replace(checked, findings=tuple(sorted((*checked.findings, *found), key=lambda finding: finding.place)))


def _of_another_facility(row: LoanRow, place: int | None) -> Finding:
    return Finding(
        rule="loan-of-another-facility",
        tier=3,
        severity="error",
        sheet=LOANS_SHEET,
        row=place,
        column="loan_ref",
        value=row.loan_ref,
        message=f"{row.loan_ref} is a loan of another of your facilities.",
        expected="a reference that no other facility's return uses",
        remedy="Report each loan under one facility; give this one a reference of its own if it is another loan.",
    )


def _standing(session: ReadSession, facility: str, accepted: str) -> Return:
    """The newest correction of an accepted return that is attested and waits, or else the accepted return itself."""
    row = session.get_one(Return, accepted)
    for version, state in versions(session, facility, row.quarter):
        if state == "attested" and version.version > row.version:
            return version
    return row


def _after(loans: Sequence[LoanRow], prior: Mapping[str, PriorLoan]) -> dict[str, PriorLoan]:
    return {**prior, **{row.loan_ref: PriorLoan.after(row, prior.get(row.loan_ref)) for row in loans}}


def _told(checked: Checked) -> str:
    first = checked.errors[0]
    more = f", and {len(checked.errors) - 1} more" if len(checked.errors) > 1 else ""
    return f"{first.where}: {first.message}{more}"
