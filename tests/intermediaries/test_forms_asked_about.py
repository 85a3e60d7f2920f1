"""What a return is asked of its borrowers' forms: those that there were not yet, and registers of other bodies."""

from __future__ import annotations

from intermediaries.returns.checking import check
from intermediaries.returns.findings import Finding
from ledger.dates import Quarter
from tests.intermediaries.lending import document, loan

CHARITY, COMPANY = "GB-CHC-1164883", "GB-COH-09506232"
ASKED = {"form-had-begun", "form-fits-registers"}


def asked(form: str, ids: str, quarter: Quarter | None = None) -> list[Finding]:
    """What is asked about a borrower of a form and numbers; nothing else is amiss with it."""
    found = check(document([loan(legal_form=form, borrower_ids=ids)]), quarter=quarter or Quarter(2013, 1))
    assert not found.errors
    return [one for one in found.questions if one.rule in ASKED]


def test_a_form_is_asked_about_until_the_quarter_in_which_there_were_bodies_of_it() -> None:
    (early,) = asked("CIO", CHARITY, Quarter(2012, 4))
    assert (early.rule, early.column) == ("form-had-begun", "legal_form")
    assert early.message.startswith("There was no CIO before 2013-01-02 (Charities Act 2011, part 11), and the quarter")
    assert asked("CIO", CHARITY, Quarter(2013, 1)) == []
    assert asked("CIC-CLG", COMPANY, Quarter(2011, 3)) == []


def test_a_company_that_can_be_no_charity_is_asked_about_beside_the_number_of_one() -> None:
    (both,) = asked("CIC-CLG", f"{COMPANY};{CHARITY}")
    assert (both.rule, both.column) == ("form-fits-registers", "legal_form")
    assert both.message == "GB-CHC-1164883 is the number of a charity, and no CIC-CLG can be one."
    assert asked("CIC-CLG", COMPANY) == asked("CLG", f"{COMPANY};{CHARITY}") == []


def test_an_incorporated_charity_is_asked_for_the_number_by_which_it_is_one() -> None:
    (bare,) = asked("CIO", COMPANY)
    assert bare.message == (
        "A CIO is one by its entry with the Charity Commission for England and Wales (Charities Act 2011, part 11), "
        "and no number of it is given."
    )
    assert [one.rule for one in asked("SCIO", CHARITY)] == ["form-fits-registers"]
    assert asked("SCIO", "GB-SC-SC042386") == asked("CIO", CHARITY) == []
