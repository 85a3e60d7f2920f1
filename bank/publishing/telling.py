"""The case studies of a statement: chosen by rule among those consented to, with the sums of their loans."""

from __future__ import annotations

import json
from typing import Final

from bank.cases.queries import CaseView, consented
from bank.cases.rules import Candidate, chosen
from bank.figures.evidence import Evidence
from intermediaries.loans.views import Lent
from reports.document import Document
from reports.statements.cases import CASES
from reports.statements.inputs import CaseLine, CaseStudies

_WORKING: Final = "our share of what the loan's returns say to date, and of its principal in its lender's book"


def case_studies(evidence: Evidence) -> CaseStudies:
    """Those that are printed of the loans that were there on the day, as known then."""
    states = {state.id: state for state in evidence.states}
    told = {each.id: each for each in consented(evidence.session, evidence.known) if each.loan in states}
    candidates = [Candidate(each.id, each.loan, each.outcome, each.consented_on) for each in told.values()]
    return CaseStudies(
        lines=tuple(_line(told[one.id], states[one.loan]) for one in chosen(candidates)),
        provenance=evidence.provenance(_WORKING, reported=True),
    )


def printed_cases(document: Document) -> tuple[str, ...]:
    """The case studies that a document prints, by their ids."""
    tables = json.loads(document.data)["tables"]
    return tuple(row["key"] for table in tables if table["code"] == CASES for row in table["rows"])


def _line(told: CaseView, state: Lent) -> CaseLine:
    return CaseLine.model_validate(
        {
            "code": told.id,
            "title": told.title,
            "text": told.text,
            "outcome": told.outcome,
            "borrower": state.borrower_name if told.named else "",
            "evidence": told.evidence,
            "consented_on": told.consented_on,
            "lent": state.drawn,
            "co_invested": state.drawn_of_others,
            "repaid": state.repaid,
            "written_off": state.written_off,
            "recovered": state.recovered,
            "outstanding": state.outstanding,
        }
    )
