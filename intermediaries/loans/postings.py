"""Which accounts of the memorandum book a quarter of a loan moves: our share and the co-funders', never mixed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from intermediaries.loans.rules import Moved, our_part, ours
from intermediaries.returns.rows import LoanRow, PriorLoan
from ledger.entries import Posting
from ledger.money import NOTHING, Money

CASH: Final = "1000"
LENT: Final = "1300"
CO_LENT: Final = "1390"
CO_FUNDERS: Final = "2390"
INTEREST: Final = "4000"
RECOVERIES: Final = "4100"
LOST: Final = "5000"


@dataclass(frozen=True, slots=True)
class Quarterly:
    """What moved on one loan in a quarter: the whole loan's and, of that, ours."""

    whole: Moved
    own: Moved
    interest: Money
    own_interest: Money
    recovered: Money
    own_recovered: Money

    @classmethod
    def of(cls, row: LoanRow, before: PriorLoan | None) -> Quarterly:
        """The movements of a row on top of what the last accepted return left."""
        return cls.since(row, before.principal_outstanding if before else NOTHING)

    @classmethod
    def since(cls, row: LoanRow, opening: Money) -> Quarterly:
        """The movements of a row on top of what was owed when the quarter began."""
        whole = Moved(row.drawn, row.principal_received, row.written_off)
        share = row.our_share
        return cls(
            whole=whole,
            own=our_part(whole, share, ours(opening, share), ours(row.principal_outstanding, share)),
            interest=row.interest_received,
            own_interest=ours(row.interest_received, share),
            recovered=row.recovered,
            own_recovered=ours(row.recovered, share),
        )

    @property
    def co(self) -> Moved:
        """The co-funders' part of principal."""
        return Moved(
            self.whole.drawn - self.own.drawn,
            self.whole.repaid - self.own.repaid,
            self.whole.written_off - self.own.written_off,
        )

    @property
    def cash(self) -> Money:
        """By how much the quarter moves the facility's cash; below nothing where more went out than came in."""
        return self.own.repaid + self.own_interest + self.own_recovered - self.own.drawn

    def postings(self, facility: str, loan: str) -> tuple[Posting, ...]:
        """The legs of the quarter's entry; none where nothing of ours or of principal moved.

        Gross, not net: a debit and a credit of one account stay two legs, equal legs of one account become one.
        """
        summed: dict[tuple[str, bool], int] = {}
        for debit, credit, amount in _moves(self, facility, loan):
            if amount.pence:
                for account, pence in ((debit, amount.pence), (credit, -amount.pence)):
                    side = (account, pence > 0)
                    summed[side] = summed.get(side, 0) + pence
        return tuple([Posting(account, Money(pence)) for (account, _), pence in summed.items()])


def _moves(moved: Quarterly, facility: str, loan: str) -> tuple[tuple[str, str, Money], ...]:
    """What moves from which account to which: the account that is debited, the one that is credited, and how much."""
    own, co = moved.own, moved.co
    lent, co_lent = f"{LENT}:{facility}:{loan}", f"{CO_LENT}:{facility}:{loan}"
    cash, co_funders = f"{CASH}:{facility}", f"{CO_FUNDERS}:{facility}"
    return (
        (lent, cash, own.drawn),
        (cash, lent, own.repaid),
        (f"{LOST}:{facility}", lent, own.written_off),
        (cash, f"{INTEREST}:{facility}", moved.own_interest),
        (cash, f"{RECOVERIES}:{facility}", moved.own_recovered),
        (co_lent, co_funders, co.drawn),
        (co_funders, co_lent, co.repaid + co.written_off),
    )
