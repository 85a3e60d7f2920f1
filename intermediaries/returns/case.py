"""What a loan is compared with: the quarter of the return, and the loan's life as earlier returns told it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from intermediaries.places.gazetteer import Gazetteer, shipped
from intermediaries.returns.rows import Answer, LoanRow, PriorLoan
from ledger.dates import Quarter
from ledger.money import NOTHING, Money


@dataclass(frozen=True, slots=True)
class Life:
    """A loan's movements from its beginning to the end of the quarter."""

    opening: Money
    drawn: Money
    written_off: Money
    recovered: Money


@dataclass(frozen=True, slots=True)
class Case:
    """What a return is checked against: its quarter, and the loans as last accepted. None where that is not known."""

    quarter: Quarter | None
    prior: Mapping[str, PriorLoan] | None
    elsewhere: frozenset[str] = frozenset()
    """References that are loans of another facility of the same lender."""
    opening: Money | None = None
    """What our template said that the loan at hand owed before, where nothing else is known of it."""
    places: Gazetteer = field(default_factory=shipped)
    """The tables of places: what the bank has loaded, or where that is not known, what comes with the program."""
    _looked_at: list[tuple[LoanRow, Life | None]] = field(default_factory=list, init=False, compare=False, repr=False)
    """The life of the loan that was asked for last: half a dozen checks ask for the same one."""

    def before(self, loan: LoanRow) -> PriorLoan | None:
        """The loan as the last accepted return left it; None where it is new or nothing is known."""
        return self.prior.get(loan.loan_ref) if self.prior is not None else None

    def is_new(self, loan: LoanRow) -> bool:
        """Whether the loan is surely in its first return."""
        if self.prior is not None:
            return loan.loan_ref not in self.prior
        return self.quarter is not None and loan.agreed_on in self.quarter

    def opening_of(self, loan: LoanRow) -> Money:
        """What was owed when the quarter began: as last accepted, or as the loan's own movements imply."""
        if self.prior is None:
            return loan.principal_outstanding - loan.drawn + loan.principal_received + loan.written_off
        before = self.before(loan)
        return before.principal_outstanding if before else NOTHING

    def life(self, loan: LoanRow) -> Life | None:
        """The loan's life, where its beginning is known: from the last accepted return, or because it is new."""
        for last, life in self._looked_at:
            if last is loan:
                return life
        life = self._life(loan)
        self._looked_at[:] = [(loan, life)]
        return life

    def _life(self, loan: LoanRow) -> Life | None:
        before = self.before(loan)
        if before is None and not self.is_new(loan):
            return None
        return Life(
            before.principal_outstanding if before else NOTHING,
            (before.drawn_to_date if before else NOTHING) + loan.drawn,
            (before.written_off_to_date if before else NOTHING) + loan.written_off,
            (before.recovered_to_date if before else NOTHING) + loan.recovered,
        )


def said(answer: object) -> bool:
    """Whether a cell was answered with a value: neither left empty nor "?" nor "-"."""
    return answer is not None and not isinstance(answer, Answer)


def restructured_now(loan: LoanRow, case: Case) -> bool:
    """Whether the terms of the loan were changed in this quarter, or its status says so."""
    return loan.status == "restructured" or (
        isinstance(loan.restructured_on, date) and case.quarter is not None and loan.restructured_on in case.quarter
    )
