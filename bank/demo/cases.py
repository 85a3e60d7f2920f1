"""The demonstration's case studies: a loan that did what it was for, and one that failed; both borrowers invented."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final

from bank.cases.commands import approve_case, tell_case
from bank.cases.rules import FAILED, SUCCEEDED
from bank.demo.acts import Act, Stage
from bank.demo.cast import APPROVER, PROPOSER

_UNTIL: Final = date(2016, 12, 31)


@dataclass(frozen=True, slots=True)
class _Told:
    """One case study: told by whom, on which day, with which consent."""

    on: date
    by: str
    lender: str
    loan_ref: str
    title: str
    text: str
    outcome: str
    evidence: str
    consent_by: str
    consented_on: date
    named: bool


_CASES: Final = (
    _Told(
        on=date(2013, 11, 4),
        by="tallowgate",
        lender="tallowgate",
        loan_ref="TCL-0002",
        title="A yard that teaches by mending",
        text="The loan let the yard rent a second workshop before the first was paid off. People who had been out of "
        "work for years now mend furniture and tools there for sale, and learn the trade on the way. The yard paid its "
        "instalments from what it sold. Its board says that a grant would have come a year later, and that the "
        "workshop would by then have gone to somebody else.",
        outcome=SUCCEEDED,
        evidence="the lender's visit, and the yard's own accounts of its workshops",
        consent_by="The chair of its board (invented)",
        consented_on=date(2013, 10, 21),
        named=True,
    ),
    _Told(
        on=date(2013, 11, 5),
        by=PROPOSER,
        lender="tallowgate",
        loan_ref="TCL-0025",
        title="A service for young carers that had one payer",
        text="The loan paid what it cost to begin: two rooms, a minibus and the first wages. Young people who look "
        "after a parent came every week. All of the income hung on one contract with a council; it was not renewed, "
        "and no other payer was found in time. The service closed and its lender wrote the loan off. The lender now "
        "asks for a second payer, or for three months of costs in hand, before it lends for a beginning.",
        outcome=FAILED,
        evidence="the lender's file on the closure, and its minute on what it changed",
        consent_by="A former trustee (invented)",
        consented_on=date(2013, 10, 28),
        named=False,
    ),
)


def case_studies() -> Iterator[Act]:
    """Each told on its day, and approved by somebody else at once."""
    for told in _CASES:
        yield Act(told.on, 10, f"case study of {told.loan_ref}", partial(_tell, told))


def _tell(told: _Told, stage: Stage) -> None:
    made = tell_case(
        stage.desk(told.by),
        intermediary=stage.partners[told.lender],
        loan_ref=told.loan_ref,
        title=told.title,
        text=told.text,
        outcome=told.outcome,
        evidence=told.evidence,
        consent_by=told.consent_by,
        consented_on=told.consented_on,
        consent_until=_UNTIL,
        named=told.named,
        key=f"case study of {told.loan_ref}",
    )
    approve_case(stage.desk(APPROVER), id=made.id, key=f"case study of {told.loan_ref} approved")
