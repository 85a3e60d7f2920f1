"""The checks of the fourth tier on one loan: what is possible but unusual is asked about, and stops nothing."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Final

from intermediaries.frontline.rules import FORMS, problem_with_registers
from intermediaries.places.agreeing import came_before, lie_apart
from intermediaries.returns.agreement import SAID_TO_BE_ON_TIME
from intermediaries.returns.case import Case, restructured_now, said
from intermediaries.returns.checks import Fault
from intermediaries.returns.rows import Answer, LoanRow, plain

_STILL_RUNNING: Final = frozenset({"performing", "restructured", "in-arrears", "defaulted"})
_HIGH: Final = Decimal("0.30")


def new_loans_are_recent(loan: LoanRow, case: Case) -> Fault | None:
    """A loan reported for the first time was agreed in the quarter."""
    if case.prior is None or not case.prior or case.quarter is None:
        return None
    if loan.loan_ref in case.prior or loan.agreed_on >= case.quarter.starts_on:
        return None
    return Fault(
        f"This loan is new to us, but was agreed on {loan.agreed_on}.",
        "Confirm that it is not an earlier loan under another reference.",
        f"a loan agreed from {case.quarter.starts_on} on, or a reference of the last return",
    )


def commitment_stands(loan: LoanRow, case: Case) -> Fault | None:
    """The amount committed changes only when a loan is restructured."""
    before = case.before(loan)
    if before is None or before.amount_committed == loan.amount_committed or restructured_now(loan, case):
        return None
    return Fault(
        f"The last accepted return says that {before.amount_committed} was committed.",
        "Confirm that the commitment was changed, or restore it.",
        str(before.amount_committed),
    )


def maturity_stands(loan: LoanRow, case: Case) -> Fault | None:
    """The last day of a loan moves only when it is restructured."""
    before = case.before(loan)
    if before is None or before.maturity_on == loan.maturity_on or restructured_now(loan, case):
        return None
    return Fault(
        f"The last accepted return says that this loan falls due on {before.maturity_on}.",
        "Confirm the new day, or report the restructuring.",
        str(before.maturity_on),
    )


def name_stands(loan: LoanRow, case: Case) -> Fault | None:
    """A borrower keeps its name."""
    before = case.before(loan)
    if before is None or before.borrower_name.casefold() == loan.borrower_name.casefold():
        return None
    return Fault(
        f"The last accepted return calls this borrower {before.borrower_name}.",
        "Confirm that it is the same borrower under a new name; another borrower needs a loan of its own.",
        before.borrower_name,
    )


def form_had_begun(loan: LoanRow, case: Case) -> Fault | None:
    """There were bodies of the borrower's legal form by the end of the quarter."""
    facts = FORMS.get(loan.legal_form)
    if facts is None or facts.since is None or case.quarter is None or facts.since <= case.quarter.ends_on:
        return None
    return Fault(
        f"There was no {loan.legal_form} before {facts.since} ({facts.law}), and the quarter ended on "
        f"{case.quarter.ends_on}.",
        "Write the form that the borrower had then, or confirm this one.",
        "the form at the end of the quarter",
    )


def form_fits_registers(loan: LoanRow, _: Case) -> Fault | None:
    """The borrower's legal form can be that of a body in the registers given."""
    problem = problem_with_registers(loan.legal_form, loan.borrower_ids)
    if problem is None:
        return None
    return Fault(
        f"{problem[0].upper()}{problem[1:]}.",
        "Correct the form or the numbers, or confirm both: the form decides what the borrower's assets are locked by.",
        "a form and numbers of one body",
    )


def rate_is_usual(loan: LoanRow, _: Case) -> Fault | None:
    """A yearly rate is not above 30%."""
    if isinstance(loan.annual_rate, Answer) or loan.annual_rate <= _HIGH:
        return None
    return Fault(
        f"A yearly rate of {plain(loan.annual_rate * 100)}% is unusual.",
        "Confirm it. It may be a monthly rate, or lack a zero after the point.",
        "a rate up to 0.30",
    )


def share_is_something(loan: LoanRow, _: Case) -> Fault | None:
    """The facility funds some part of every loan in its return."""
    if loan.our_share:
        return None
    return Fault("The facility funds nothing of this loan.", "Confirm, or leave the loan out.", "a share above 0")


def past_its_last_day(loan: LoanRow, case: Case) -> Fault | None:
    """A loan past its last day is repaid, in arrears, restructured or in default."""
    due = loan.maturity_on
    if isinstance(due, Answer) or case.quarter is None or due >= case.quarter.ends_on:
        return None
    if not loan.principal_outstanding or loan.status not in SAID_TO_BE_ON_TIME:
        return None
    return Fault(
        f"The loan fell due on {due}, {loan.principal_outstanding} is owed, and it is called {loan.status}.",
        "Confirm, or correct the last day or the status.",
    )


def term_is_usual(loan: LoanRow, _: Case) -> Fault | None:
    """A loan runs for at most forty years."""
    if isinstance(loan.maturity_on, Answer) or loan.maturity_on.year - loan.agreed_on.year <= 40:  # noqa: PLR2004 -- in the sentence
        return None
    return Fault(f"The loan runs until {loan.maturity_on}.", "Confirm the year.", "a term of at most forty years")


def something_is_owed(loan: LoanRow, _: Case) -> Fault | None:
    """A loan that still runs owes something."""
    if loan.status not in _STILL_RUNNING or loan.principal_outstanding:
        return None
    return Fault(f"Nothing is owed, but the loan is called {loan.status}.", "Confirm, or call it repaid.", "repaid")


def people_are_counted_in_units(loan: LoanRow, _: Case) -> Fault | None:
    """A number of people reached says what was counted."""
    if not isinstance(loan.people_reached, int) or said(loan.people_unit):
        return None
    return Fault(
        "People are counted, but not in what unit, so that they cannot be added to others.",
        "Say whether people, households or contacts were counted.",
        "people, households or contacts",
    )


def no_stand_in_numbers(loan: LoanRow, _: Case) -> Fault | None:
    """A number such as 9999 does not stand for "not known"."""
    if loan.people_reached not in {999, 9999, 99999, 999999, 999999999}:
        return None
    return Fault(
        f"{loan.people_reached} looks like a stand-in for an unknown number.",
        'Confirm it, or write "?".',
        'a number or "?"',
    )


def authority_still_stands(loan: LoanRow, case: Case) -> Fault | None:
    """The code of a local authority had not ended before the quarter began."""
    code = loan.local_authority
    if not isinstance(code, str) or isinstance(code, Answer) or case.quarter is None:
        return None
    found = case.places.authority(code)
    if found is None or found.valid_to is None or found.valid_to > case.quarter.starts_on:
        return None
    after = case.places.authority(found.replaced_by) if found.replaced_by else None
    heir = f"{after.code} ({after.name})" if after is not None else found.replaced_by
    return Fault(
        f"The code {code} ({found.name.strip()}) ended on {found.valid_to - timedelta(days=1)}"
        f"{f'; {heir} took its place' if heir else ''}.",
        "Write the code of today, or confirm that the old one is meant.",
        heir or "the code of an authority that is still there",
    )


def authority_is_known(loan: LoanRow, case: Case) -> Fault | None:
    """The code of a local authority is one that the list of authorities has."""
    code = loan.local_authority
    if code is None or isinstance(code, Answer) or case.places.authority(code) is not None:
        return None
    return Fault(
        f"No authority of the code {code} is in the list.",
        "Correct the code, or confirm it where it is newer than our list: until we have it, its nation alone is known.",
        "the code of an authority, like E08000012",
    )


def authority_had_begun(loan: LoanRow, case: Case) -> Fault | None:
    """The code of a local authority that took the place of others was in force by the end of the quarter."""
    code = loan.local_authority
    if code is None or isinstance(code, Answer) or case.quarter is None:
        return None
    found = case.places.authority(code)
    began = found.valid_from if found is not None else None
    if found is None or began is None or began.year < case.quarter.year or began <= case.quarter.ends_on:
        return None
    # Of an area whose codes of the time are not in the list, as of Northern Ireland's, nobody could write another.
    before = came_before(found, case.places)
    if not before:
        return None
    return Fault(
        f"The code {code} ({found.name.strip()}) is in force from {began}, after the quarter ended.",
        "Write the code of the time, or confirm that this one is meant.",
        f"one of {', '.join(f'{one.code} ({one.name.strip()})' for one in before)}",
    )


def places_agree(loan: LoanRow, case: Case) -> Fault | None:
    """The places given for one loan can be one: they lie in one authority, as far as is known of them."""
    places = (loan.lsoa, loan.postcode, loan.local_authority)
    if places.count(None) > 1:
        return None
    told = zip(("lsoa", "postcode", "local_authority"), places, strict=True)
    given = [(column, text) for column, text in told if text is not None and not isinstance(text, Answer)]
    pair = lie_apart(given, case.places, case.quarter.ends_on if case.quarter is not None else None)
    if pair is None:
        return None
    finer, coarser = pair
    message = f"{finer}, and {coarser}."
    return Fault(
        message[0].upper() + message[1:],
        "Correct the one that is wrong, or confirm both: the LSOA counts before the postcode, and that before the "
        "authority.",
        "places that lie in one authority",
        column=coarser.column,
    )
