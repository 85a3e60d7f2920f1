"""The visible list of checks of a lending return, and those that look at its loans together."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from intermediaries.returns import agreement, plausibility, structure, values
from intermediaries.returns.breaks.kinds import CASH_OVER, CASH_SHORT, LENT_OVER, gaps
from intermediaries.returns.case import Case
from intermediaries.returns.checks import FIRST_QUARTER, Check, Fault, named, sentence_of
from intermediaries.returns.findings import Severity, counted
from intermediaries.returns.layout import HEADER_SHEET, OPENING, PLACES
from intermediaries.returns.rows import CLOSED, LoanRow
from ledger.dates import Quarter
from ledger.money import NOTHING, BadAmount, Money

RowTest = Callable[[LoanRow, Case], Fault | None]


_NOTHING_DUE: Final = agreement.SAID_TO_BE_ON_TIME | {"restructured"}


@dataclass(frozen=True, slots=True)
class RowCheck:
    """A check of one loan, with the cells it needs and the cell it blames."""

    test: RowTest
    needs: tuple[str, ...]
    blames: str
    tier: int = 3
    since: Quarter = FIRST_QUARTER
    until: Quarter | None = None

    @property
    def name(self) -> str:
        """The rule's slug."""
        return named(self.test)

    @property
    def severity(self) -> Severity:
        """The third tier finds errors, the fourth asks questions."""
        return "error" if self.tier == 3 else "question"  # noqa: PLR2004 -- the third of the four tiers

    @property
    def check(self) -> Check:
        """The rule as it is listed, with its sentence and the quarters that it is in force for."""
        return Check(
            self.name, self.tier, self.severity, sentence_of(self.test), self.needs, self.test, self.since, self.until
        )

    def fault_in(self, loan: LoanRow, case: Case) -> Fault | None:
        """What is wrong, if anything is."""
        return self.test(loan, case)


_LIFE: Final = ("loan_ref", "agreed_on", "drawn", "written_off", "recovered")
_BALANCE: Final = ("principal_outstanding", "principal_received")

ROW_CHECKS: Final[tuple[RowCheck, ...]] = (
    RowCheck(agreement.borrower_is_identified, ("legal_form", "borrower_ids"), "borrower_ids"),
    RowCheck(agreement.place_is_given, PLACES, PLACES[0]),
    RowCheck(agreement.agreed_by_quarter_end, ("agreed_on",), "agreed_on"),
    RowCheck(agreement.matures_after_agreed, ("agreed_on", "maturity_on"), "maturity_on"),
    RowCheck(agreement.agreement_day_stands, ("loan_ref", "agreed_on"), "agreed_on"),
    RowCheck(agreement.share_stands, ("loan_ref", "our_share"), "our_share"),
    RowCheck(agreement.restructuring_is_whole, ("status", "restructured_on", "restructure_kind"), "restructured_on"),
    RowCheck(agreement.restructured_in_its_life, ("agreed_on", "restructured_on"), "restructured_on"),
    RowCheck(agreement.closed_stays_closed, ("loan_ref", "status", "drawn"), "status"),
    RowCheck(agreement.drawn_within_commitment, (*_LIFE, "amount_committed"), "drawn"),
    RowCheck(agreement.rolls_forward, (*_LIFE, *_BALANCE, "amount_committed"), "principal_outstanding"),
    RowCheck(agreement.owed_within_commitment, ("principal_outstanding", "amount_committed"), "principal_outstanding"),
    RowCheck(agreement.arrears_within_balance, ("arrears_principal", "principal_outstanding"), "arrears_principal"),
    RowCheck(agreement.arrears_have_days, ("arrears_principal", "interest_arrears", "days_past_due"), "days_past_due"),
    RowCheck(agreement.late_loans_are_called_late, ("status", "days_past_due"), "status"),
    RowCheck(agreement.in_arrears_means_late, ("status", "days_past_due"), "status"),
    RowCheck(agreement.repaid_means_repaid, (*_LIFE, "status", "principal_outstanding"), "status"),
    RowCheck(agreement.written_off_means_written_off, (*_LIFE, "status", "principal_outstanding"), "status"),
    RowCheck(agreement.undrawn_means_undrawn, (*_LIFE, "status", "principal_outstanding"), "status"),
    RowCheck(agreement.recovered_after_loss, _LIFE, "recovered"),
    RowCheck(
        agreement.measures_are_named,
        ("indicator", "baseline", "target", "actual", "indicator_unit", "evidence_level"),
        "indicator",
    ),
    RowCheck(agreement.loan_of_another_facility, ("loan_ref",), "loan_ref"),
    RowCheck(plausibility.new_loans_are_recent, ("loan_ref", "agreed_on"), "agreed_on", 4),
    RowCheck(
        plausibility.commitment_stands,
        ("loan_ref", "amount_committed", "status", "restructured_on"),
        "amount_committed",
        4,
    ),
    RowCheck(plausibility.maturity_stands, ("loan_ref", "maturity_on", "status", "restructured_on"), "maturity_on", 4),
    RowCheck(plausibility.name_stands, ("loan_ref", "borrower_name"), "borrower_name", 4),
    RowCheck(plausibility.form_had_begun, ("legal_form",), "legal_form", 4),
    RowCheck(plausibility.form_fits_registers, ("legal_form", "borrower_ids"), "legal_form", 4),
    RowCheck(plausibility.rate_is_usual, ("annual_rate",), "annual_rate", 4),
    RowCheck(plausibility.share_is_something, ("our_share",), "our_share", 4),
    RowCheck(plausibility.past_its_last_day, ("maturity_on", "principal_outstanding", "status"), "maturity_on", 4),
    RowCheck(plausibility.term_is_usual, ("agreed_on", "maturity_on"), "maturity_on", 4),
    RowCheck(plausibility.something_is_owed, ("principal_outstanding", "status"), "status", 4),
    RowCheck(plausibility.no_stand_in_numbers, ("people_reached",), "people_reached", 4),
    RowCheck(plausibility.people_are_counted_in_units, ("people_reached", "people_unit"), "people_unit", 4),
    RowCheck(plausibility.authority_still_stands, ("local_authority",), "local_authority", 4),
    RowCheck(plausibility.authority_is_known, ("local_authority",), "local_authority", 4),
    RowCheck(plausibility.authority_had_begun, ("local_authority",), "local_authority", 4),
    RowCheck(plausibility.places_agree, PLACES, "local_authority", 4),
)
"""The checks of one loan, in order. A cell that one of them blames is no ground for the next: one wrong cell, one
finding."""


def references_once(reference: str, row: int, first: dict[str, int]) -> Fault | None:
    """No two rows have the same reference, however it is capitalised."""
    before = first.setdefault(reference.casefold(), row)
    if before == row:
        return None
    return Fault(
        f"{reference} stands in row {before} too.",
        "Give each loan one row, with all its movements of the quarter.",
        "a reference that no other row has",
        column="loan_ref",
        row=row,
    )


def open_loans_are_reported(references: Collection[str], case: Case) -> Iterator[Fault]:
    """Every loan that was open in the last accepted return is in this one."""
    for reference, before in (case.prior or {}).items():
        if before.status not in CLOSED and reference not in references:
            yield Fault(
                f"The loan {reference} is missing; in the last accepted return it was {before.status} with "
                f"{before.principal_outstanding} owed.",
                "Add its row; a loan that came to its end is reported once more, as repaid or written-off. "
                "A file of changes alone is filed as one (--only-changes).",
                "a row for every open loan",
                column="loan_ref",
                value=reference,
            )


def carried_loans_have_nothing_due(loan: LoanRow, case: Case) -> Fault | None:
    """An open loan is carried on without a row of its own only where nothing of it was due or late."""
    why = _why_not_carried(loan, case)
    if why is None:
        return None
    return Fault(
        f"The loan {loan.loan_ref} is not in this file of changes, but {why}.",
        "Add its row and say what became of it in the quarter.",
        "a row for every loan that is late, in default, or past its last day",
        column="loan_ref",
        value=loan.loan_ref,
    )


def _why_not_carried(loan: LoanRow, case: Case) -> str | None:
    late = loan.arrears_principal or (isinstance(loan.interest_arrears, Money) and loan.interest_arrears)
    if loan.days_past_due or late:
        return f"it was {counted(loan.days_past_due, 'day')} late when it was last reported"
    if loan.status not in _NOTHING_DUE:
        return f"it was {loan.status} when it was last reported"
    if case.quarter is not None and isinstance(loan.maturity_on, date) and loan.maturity_on <= case.quarter.ends_on:
        return f"it fell due on {loan.maturity_on}"
    return None


def loans_are_there(references: Collection[str], case: Case, *, nil: bool) -> Iterator[Fault]:
    """A return has a loan in it, unless it is filed as a nil return while no loan is open."""
    still = [ref for ref, before in (case.prior or {}).items() if before.status not in CLOSED]
    if nil and still:
        named_here = ", ".join(still[:3]) + (f" and {len(still) - 3} more" if len(still) > 3 else "")  # noqa: PLR2004 -- as many as are named
        yield Fault(
            f"This is filed as a nil return, with {counted(len(still), 'loan')} still open: {named_here}.",
            "File their rows. Where nothing moved, file only changes: every open loan is carried on.",
            "no open loan",
            value=str(len(still)),
        )
    elif not nil and not references and not still:
        yield Fault(
            "There is no loan in this file, and nothing says that this is meant.",
            "Add the loans. Where none was made yet and none is open, file a nil return: bank return nil, or "
            "POST /v1/returns/nil.",
            "a row for each loan, or a nil return",
        )


def opening_balance_stands(text: str, reference: str, case: Case) -> Fault | None:
    """The opening balance that our template gave is what the last accepted return closed with."""
    try:
        told = Money.parse(text)
    except BadAmount:
        told = None
    if case.prior is None and told is not None:
        return None
    before = (case.prior or {}).get(reference)
    closed = before.principal_outstanding if before else NOTHING
    if case.prior is not None and told == closed:
        return None
    return Fault(
        "This is not the opening balance that we gave."
        if case.prior is None
        else f"The last accepted return closed with {closed} owed.",
        "Restore it, or take a new template: the column is for your eyes, and nothing is taken from it.",
        "an amount in pounds" if case.prior is None else str(closed),
        column=OPENING,
        value=text,
    )


def cash_agrees_with_the_books(left: Money, held: Money) -> Iterator[Fault]:
    """The cash held is what was drawn from us and came back, less what was lent and paid."""
    books = f"our books leave {max(left, NOTHING)}, and {held} is held"
    said = {
        CASH_SHORT: (
            "Cash is short by {gap}: " + books + ".",
            "Correct the cash or the amounts of the loans, or say what it went on, or when it comes.",
        ),
        CASH_OVER: (
            "There is {gap} too much cash: " + books + ".",
            "Leave out what is yours or your co-investors': it is never counted as ours. Or say where it comes from.",
        ),
        LENT_OVER: (
            "{gap} more went out than was drawn from us and came back.",
            "Correct the amounts or our_share, or say whose money it was.",
        ),
    }
    for kind, gap in gaps(left, held).items():
        if gap:
            message, remedy = said[kind]
            yield Fault(
                message.format(gap=gap),
                remedy,
                f"{max(left, NOTHING)} held",
                column="cash_held",
                value=str(held),
                sheet=HEADER_SHEET,
            )


CASH_AGREES: Final = named(cash_agrees_with_the_books)

CHECKS: Final[tuple[Check, ...]] = (
    *structure.checks(),
    *values.checks(),
    Check(named(references_once), 3, "error", sentence_of(references_once), ("loan_ref",), references_once),
    *(row.check for row in ROW_CHECKS),
    *(
        Check(named(test), 3, "error", sentence_of(test), (), test)
        for test in (open_loans_are_reported, loans_are_there, carried_loans_have_nothing_due)
    ),
    Check(
        named(opening_balance_stands), 4, "question", sentence_of(opening_balance_stands), (), opening_balance_stands
    ),
    Check(CASH_AGREES, 4, "question", sentence_of(cash_agrees_with_the_books), (), cash_agrees_with_the_books),
)
"""Every check of a return, by tier: 1 can it be read, 2 is each value valid, 3 do values agree, 4 is it plausible."""


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules that returns of a quarter are held to. The version changes with any name, tier or sentence of them."""

    quarter: Quarter | None
    version: str
    checks: tuple[Check, ...]
    rows: tuple[RowCheck, ...]
    names: frozenset[str]

    def ask(self, test: Callable[..., object]) -> bool:
        """Whether a check of the return as a whole is in force for the quarter."""
        return named(test) in self.names

    @classmethod
    def of(cls, quarter: Quarter | None, checks: Sequence[Check], rows: Sequence[RowCheck]) -> RuleSet:
        """Those in force for a quarter; all of them where it is not known."""
        valid = tuple(check for check in checks if check.in_force(quarter))
        told = [[check.name, check.tier, check.severity, check.sentence] for check in valid]
        digest = hashlib.sha256(json.dumps(told).encode()).hexdigest()
        asked = tuple(row for row in rows if row.check.in_force(quarter))
        return cls(quarter, digest[:12], valid, asked, frozenset(check.name for check in valid))


@lru_cache(maxsize=64)
def rules_of(quarter: Quarter | None) -> RuleSet:
    """The rules that returns of a quarter are held to."""
    return RuleSet.of(quarter, CHECKS, ROW_CHECKS)


SENTENCES: Final[Mapping[str, str]] = MappingProxyType({check.name: check.sentence for check in CHECKS})
"""The sentence of every rule, in force or not any more."""
