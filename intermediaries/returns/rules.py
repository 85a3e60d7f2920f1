"""The visible list of checks of a lending return, and the two that look at all its loans together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from intermediaries.returns import agreement, plausibility, structure, values
from intermediaries.returns.case import Case
from intermediaries.returns.checks import Check, Fault, named, sentence_of
from intermediaries.returns.findings import Severity
from intermediaries.returns.layout import PLACES
from intermediaries.returns.rows import CLOSED, LoanRow

RowTest = Callable[[LoanRow, Case], Fault | None]


@dataclass(frozen=True, slots=True)
class RowCheck:
    """A check of one loan, with the cells it needs and the cell it blames."""

    test: RowTest
    needs: tuple[str, ...]
    blames: str
    tier: int = 3

    @property
    def name(self) -> str:
        """The rule's slug."""
        return named(self.test)

    @property
    def severity(self) -> Severity:
        """The third tier finds errors, the fourth asks questions."""
        return "error" if self.tier == 3 else "question"  # noqa: PLR2004 -- the third of the four tiers

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
    RowCheck(agreement.measures_are_named, ("indicator", "baseline", "target", "actual"), "indicator"),
    RowCheck(plausibility.new_loans_are_recent, ("loan_ref", "agreed_on"), "agreed_on", 4),
    RowCheck(
        plausibility.commitment_stands,
        ("loan_ref", "amount_committed", "status", "restructured_on"),
        "amount_committed",
        4,
    ),
    RowCheck(plausibility.maturity_stands, ("loan_ref", "maturity_on", "status", "restructured_on"), "maturity_on", 4),
    RowCheck(plausibility.name_stands, ("loan_ref", "borrower_name"), "borrower_name", 4),
    RowCheck(plausibility.rate_is_usual, ("annual_rate",), "annual_rate", 4),
    RowCheck(plausibility.share_is_something, ("our_share",), "our_share", 4),
    RowCheck(plausibility.past_its_last_day, ("maturity_on", "principal_outstanding", "status"), "maturity_on", 4),
    RowCheck(plausibility.term_is_usual, ("agreed_on", "maturity_on"), "maturity_on", 4),
    RowCheck(plausibility.something_is_owed, ("principal_outstanding", "status"), "status", 4),
    RowCheck(plausibility.no_stand_in_numbers, ("people_reached",), "people_reached", 4),
    RowCheck(plausibility.people_are_counted_in_units, ("people_reached", "people_unit"), "people_unit", 4),
)
"""The checks of one loan, in order. A cell that one of them blames is no ground for the next: one wrong cell, one
finding."""


def references_once(references: Sequence[tuple[int, str]]) -> Iterator[Fault]:
    """No two rows have the same reference, however it is capitalised."""
    first: dict[str, int] = {}
    for row, reference in references:
        folded = reference.casefold()
        if folded in first:
            yield Fault(
                f"{reference} stands in row {first[folded]} too.",
                "Give each loan one row, with all its movements of the quarter.",
                "a reference that no other row has",
                column="loan_ref",
                row=row,
            )
        first.setdefault(folded, row)


def open_loans_are_reported(references: frozenset[str], case: Case) -> Iterator[Fault]:
    """Every loan that was open in the last accepted return is in this one."""
    for reference, before in (case.prior or {}).items():
        if before.status not in CLOSED and reference not in references:
            yield Fault(
                f"The loan {reference} is missing; in the last accepted return it was {before.status} with "
                f"{before.principal_outstanding} owed.",
                "Add its row; a loan that came to its end is reported once more, as repaid or written-off.",
                "a row for every open loan",
                column="loan_ref",
                value=reference,
            )


CHECKS: Final[tuple[Check, ...]] = (
    *structure.checks(),
    *values.checks(),
    Check(named(references_once), 3, "error", sentence_of(references_once), ("loan_ref",), references_once),
    *(Check(row.name, row.tier, row.severity, sentence_of(row.test), row.needs, row.test) for row in ROW_CHECKS),
    Check(
        named(open_loans_are_reported), 3, "error", sentence_of(open_loans_are_reported), (), open_loans_are_reported
    ),
)
"""Every check of a return, by tier: 1 can it be read, 2 is each value valid, 3 do values agree, 4 is it plausible."""
