"""The checks of the third tier on one loan: its values agree with each other and with the last accepted return.

Each is one small function, given a loan whose needed cells could all be read, and gives one fault or none.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from intermediaries.returns.case import Case, said
from intermediaries.returns.checks import Fault
from intermediaries.returns.findings import counted
from intermediaries.returns.layout import PLACES
from intermediaries.returns.rows import CLOSED, Answer, LoanRow, plain
from ledger.money import NOTHING, Money

UNREGISTERED: Final = "UNINC"
_OF_A_MEASURE: Final = ("baseline", "target", "actual", "indicator_unit", "evidence_level")
SAID_TO_BE_ON_TIME: Final = frozenset({"signed-undrawn", "drawing", "performing"})


def borrower_is_identified(loan: LoanRow, _: Case) -> Fault | None:
    """A borrower has an identifier, unless it is an unincorporated group."""
    if loan.borrower_ids or loan.legal_form == UNREGISTERED:
        return None
    return Fault(
        f"A borrower of the form {loan.legal_form} is in a register, but no identifier is given.",
        "Write its numbers, like GB-CHC-1164883; only UNINC may leave the cell empty.",
    )


def place_is_given(loan: LoanRow, _: Case) -> Fault | None:
    """A loan has a postcode, a small area or a local authority."""
    for place in (loan.postcode, loan.lsoa, loan.local_authority):
        if place is not None and not isinstance(place, Answer):
            return None
    return Fault("No place is given for this loan.", f"Fill one of {', '.join(PLACES)}.", "one of the three places")


def agreed_by_quarter_end(loan: LoanRow, case: Case) -> Fault | None:
    """A loan in the return was agreed by the end of its quarter."""
    if case.quarter is None or loan.agreed_on <= case.quarter.ends_on:
        return None
    return Fault(
        f"The loan was agreed on {loan.agreed_on}, after the quarter ended.",
        "Correct the day, or leave the loan for its own quarter.",
        f"a day up to {case.quarter.ends_on}",
    )


def matures_after_agreed(loan: LoanRow, _: Case) -> Fault | None:
    """A loan falls due on or after the day on which it was agreed."""
    if isinstance(loan.maturity_on, Answer) or loan.maturity_on >= loan.agreed_on:
        return None
    return Fault(
        f"The loan falls due on {loan.maturity_on}, before it was agreed on {loan.agreed_on}.",
        "Correct one of the two days.",
        f"a day from {loan.agreed_on} on",
    )


def agreement_day_stands(loan: LoanRow, case: Case) -> Fault | None:
    """The day on which a loan was agreed never changes."""
    before = case.before(loan)
    if before is None or before.agreed_on == loan.agreed_on:
        return None
    return Fault(
        f"The last accepted return says that this loan was agreed on {before.agreed_on}.",
        "Restore that day. If it was wrong, correct the earlier return; another loan needs a new reference.",
        str(before.agreed_on),
    )


def share_stands(loan: LoanRow, case: Case) -> Fault | None:
    """The share of a loan that the facility funds does not change."""
    before = case.before(loan)
    if before is None or before.our_share == loan.our_share:
        return None
    return Fault(
        f"The last accepted return gives our share as {plain(before.our_share)}.",
        "Restore that share. If it was wrong, correct the earlier return.",
        plain(before.our_share),
    )


def restructuring_is_whole(loan: LoanRow, _: Case) -> Fault | None:
    """A restructured loan says when and how its terms were changed."""
    dated, named_so = isinstance(loan.restructured_on, date), said(loan.restructure_kind)
    if dated == named_so and (dated or loan.status != "restructured"):
        return None
    missing = "restructure_kind" if dated else "restructured_on"
    return Fault(
        f"The loan was restructured, but {missing} is not given.",
        "Give both the day and the kind of the change.",
        "a day and a kind",
        column=missing,
    )


def restructured_in_its_life(loan: LoanRow, case: Case) -> Fault | None:
    """A loan is restructured after it was agreed and before the quarter ends."""
    on = loan.restructured_on
    if not isinstance(on, date) or (on >= loan.agreed_on and (case.quarter is None or on <= case.quarter.ends_on)):
        return None
    return Fault(
        f"{on} is not within the life of the loan so far.",
        "Correct the day.",
        f"a day from {loan.agreed_on} to {case.quarter.ends_on if case.quarter else 'the end of the quarter'}",
    )


def closed_stays_closed(loan: LoanRow, case: Case) -> Fault | None:
    """A loan that was repaid or written off does not come back; only recoveries may still be reported."""
    before = case.before(loan)
    if before is None or before.status not in CLOSED or (loan.status == before.status and not loan.drawn):
        return None
    return Fault(
        f"The last accepted return says that this loan is {before.status}.",
        f"Leave its status at {before.status} and report recoveries only; a new loan needs a new reference.",
        before.status,
    )


def drawn_within_commitment(loan: LoanRow, case: Case) -> Fault | None:
    """No more is drawn, over the life of a loan, than was committed."""
    life = case.life(loan)
    drawn = life.drawn if life else loan.drawn
    if drawn <= loan.amount_committed:
        return None
    return Fault(
        f"{drawn} has been drawn on a commitment of {loan.amount_committed}.",
        "Correct the amount drawn, or the commitment if it was raised.",
        f"at most {loan.amount_committed} in all",
    )


def rolls_forward(loan: LoanRow, case: Case) -> Fault | None:
    """What is owed is what was owed before, plus drawn, less received and written off, to the penny."""
    life = case.life(loan)
    change = loan.drawn - loan.principal_received - loan.written_off
    opening = life.opening if life is not None else case.opening
    if opening is None:
        return _impossible_opening(loan, loan.principal_outstanding - change)
    expected = opening + change
    if expected == loan.principal_outstanding:
        return None
    return Fault(
        f"{opening} owed before + {loan.drawn} drawn - {loan.principal_received} received - {loan.written_off} "
        f"written off makes {expected}, but {loan.principal_outstanding} is reported: "
        f"{abs(expected - loan.principal_outstanding)} is unexplained.",
        "Correct the movement or the balance that is wrong; if the last return was wrong, correct that one first.",
        str(expected),
    )


def _impossible_opening(loan: LoanRow, opening: Money) -> Fault | None:
    """Without the earlier return: the balance that the movements imply must at least be possible."""
    if NOTHING <= opening <= loan.amount_committed:
        return None
    return Fault(
        f"With these movements, {opening} would have been owed when the quarter began.",
        "Correct the movement or the balance that is wrong.",
        f"a balance that follows from the movements, with 0.00 to {loan.amount_committed} owed before",
    )


def owed_within_commitment(loan: LoanRow, _: Case) -> Fault | None:
    """No more is owed on a loan than was committed."""
    if loan.principal_outstanding <= loan.amount_committed:
        return None
    return Fault(
        f"{loan.principal_outstanding} is owed on a commitment of {loan.amount_committed}.",
        "Leave interest out of the balance, or correct the commitment.",
        f"at most {loan.amount_committed}",
    )


def arrears_within_balance(loan: LoanRow, _: Case) -> Fault | None:
    """No more principal is in arrears than is owed."""
    if loan.arrears_principal <= loan.principal_outstanding:
        return None
    return Fault(
        f"{loan.arrears_principal} is in arrears, but only {loan.principal_outstanding} is owed.",
        "Leave interest out of arrears_principal, or correct the balance.",
        f"at most {loan.principal_outstanding}",
    )


def arrears_have_days(loan: LoanRow, _: Case) -> Fault | None:
    """Something is in arrears exactly when days past due are counted."""
    interest = loan.interest_arrears if isinstance(loan.interest_arrears, Money) else NOTHING
    late = loan.arrears_principal + interest
    if bool(late) == (loan.days_past_due > 0):
        return None
    if late:
        return Fault(
            f"{late} is in arrears, but no day is past due.", "Count the days, or clear the arrears.", "1 or more"
        )
    return Fault(
        f"Late by {counted(loan.days_past_due, 'day')}, but nothing is in arrears.",
        "Say how much is in arrears, or set the days to 0.",
        "0",
    )


def late_loans_are_called_late(loan: LoanRow, _: Case) -> Fault | None:
    """A loan with days past due is not called undrawn, drawing or performing."""
    if loan.status not in SAID_TO_BE_ON_TIME or not loan.days_past_due:
        return None
    return Fault(
        f"The loan is {counted(loan.days_past_due, 'day')} late, but called {loan.status}.",
        "Call it in-arrears, restructured or defaulted.",
        "in-arrears, restructured or defaulted",
    )


def in_arrears_means_late(loan: LoanRow, _: Case) -> Fault | None:
    """A loan in arrears has days past due."""
    if loan.status != "in-arrears" or loan.days_past_due:
        return None
    return Fault("The loan is called in-arrears, but no day is past due.", "Count the days, or correct the status.")


def repaid_means_repaid(loan: LoanRow, case: Case) -> Fault | None:
    """A repaid loan owes nothing, and nothing of it was ever written off."""
    life = case.life(loan)
    lost = life.written_off if life else loan.written_off
    if loan.status != "repaid" or (not loan.principal_outstanding and not lost):
        return None
    if loan.principal_outstanding:
        return Fault(f"The loan is called repaid, but {loan.principal_outstanding} is owed.", "Correct one of the two.")
    return Fault(f"The loan is called repaid, but {lost} of it was written off.", "Call it written-off.", "written-off")


def written_off_means_written_off(loan: LoanRow, case: Case) -> Fault | None:
    """A loan written off owes nothing, and something of it was written off."""
    life = case.life(loan)
    if loan.status != "written-off":
        return None
    if loan.principal_outstanding:
        return Fault(
            f"The loan is called written-off, but {loan.principal_outstanding} is owed.",
            "Report the write-off in written_off, or correct the status.",
        )
    if life is not None and not life.written_off:
        return Fault(
            "The loan is called written-off, but nothing was ever written off.",
            "Report the amount in written_off, or call it repaid.",
        )
    return None


def undrawn_means_undrawn(loan: LoanRow, case: Case) -> Fault | None:
    """On a loan signed but undrawn nothing was ever drawn, and nothing is owed."""
    life = case.life(loan)
    drawn = life.drawn if life else loan.drawn
    if loan.status != "signed-undrawn" or (not drawn and not loan.principal_outstanding):
        return None
    return Fault(
        f"The loan is called signed-undrawn, but {drawn or loan.principal_outstanding} was drawn.",
        "Call it drawing or performing.",
        "drawing or performing",
    )


def recovered_after_loss(loan: LoanRow, case: Case) -> Fault | None:
    """No more is recovered on a loan than was written off before."""
    life = case.life(loan)
    if life is None or not loan.recovered or life.recovered <= life.written_off:
        return None
    return Fault(
        f"{life.recovered} has been recovered in all, but {life.written_off} was ever written off.",
        "Report repayments of principal in principal_received; recoveries follow a write-off.",
        f"at most {life.written_off} in all",
    )


def loan_of_another_facility(loan: LoanRow, case: Case) -> Fault | None:
    """A loan is reported under one facility of its lender."""
    if loan.loan_ref not in case.elsewhere:
        return None
    return Fault(
        f"{loan.loan_ref} is a loan of another of your facilities.",
        "Report each loan under one facility; give this one a reference of its own if it is another loan.",
        "a reference that no other facility's return uses",
    )


def measures_are_named(loan: LoanRow, _: Case) -> Fault | None:
    """A baseline, target or actual value, its unit and what shows it belong to a named indicator."""
    given = [name for name in _OF_A_MEASURE if getattr(loan, name) is not None and said(getattr(loan, name))]
    if not given or said(loan.indicator):
        return None
    return Fault(f"{given[0]} is given, but no indicator says what is measured.", "Name the measure.", "a name")
