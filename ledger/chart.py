"""The chart of accounts as one readable table: which accounts each kind of book opens with, and which mirror which.

The numbering follows one plan in every book: 1 assets, 2 liabilities, 3 capital and funds, 4 income, 5 expenditure,
9 memoranda, which balance among themselves and stand outside the accounts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

AccountKind = Literal["asset", "liability", "equity", "income", "expense", "memo"]


@dataclass(frozen=True, slots=True)
class ChartLine:
    """One account that a book opens with; `mirror` names the role its entries play in a linked pair."""

    code: str
    name: str
    kind: AccountKind
    mirror: str = ""


@dataclass(frozen=True, slots=True)
class BookPlan:
    """A kind of book: its name, and the accounts it opens with."""

    kind: str
    name: str
    lines: tuple[ChartLine, ...]


_A: Final[AccountKind] = "asset"
_L: Final[AccountKind] = "liability"
_Q: Final[AccountKind] = "equity"
_I: Final[AccountKind] = "income"
_X: Final[AccountKind] = "expense"
_M: Final[AccountKind] = "memo"

RECLAIM_FUND: Final = BookPlan(
    "reclaim-fund",
    "Reclaim fund: dormant money held against its owners' return",
    (
        ChartLine("1000", "Cash at bank", _A),
        ChartLine("1100", "Investments: deposits", _A),
        ChartLine("1110", "Investments: gilts", _A),
        ChartLine("1120", "Investments: funds", _A),
        ChartLine("1150", "Accrued investment income", _A),
        ChartLine("2000", "Provision for future reclaims", _L),
        ChartLine("2010", "Reclaims notified, not yet paid", _L),
        ChartLine("2100", "Distribution payable", _L, mirror="distribution"),
        ChartLine("3100", "Retained surplus", _Q),
        ChartLine("4000", "Dormant money received", _I),
        ChartLine("4040", "Realised gains of investments", _I),
        ChartLine("4100", "Investment income", _I),
        ChartLine("5000", "Increase in provision for reclaims", _X),
        ChartLine("5040", "Realised losses of investments", _X),
        ChartLine("5100", "Distribution of surplus", _X, mirror="distribution"),
        ChartLine("5200", "Administration (reasonable expenses)", _X),
        ChartLine("9000", "Balances transferred, owed to their owners for ever", _M),
        ChartLine("9099", "Contra of balances transferred", _M),
    ),
)

DISTRIBUTOR: Final = BookPlan(
    "distributor",
    "Distributor: the four nations' shares",
    (
        ChartLine("1000", "Cash at bank", _A),
        ChartLine("2100", "Held for England", _L, mirror="england"),
        ChartLine("2110", "Held for Wales", _L),
        ChartLine("2120", "Held for Scotland", _L),
        ChartLine("2130", "Held for Northern Ireland", _L),
        ChartLine("4000", "Received from the reclaim fund", _I, mirror="distribution"),
        ChartLine("5000", "Distributor's expenses", _X),
        ChartLine("5010", "Secretary of State's expenses", _X),
        ChartLine("5100", "Apportioned to the four nations", _X),
    ),
)

TRUST: Final = BookPlan(
    "trust",
    "Trust: holds the bank's A shares for England's money",
    (
        ChartLine("1000", "Cash at bank", _A),
        ChartLine("1300", "A shares in the bank", _A, mirror="a-shares"),
        ChartLine("4000", "Received for England", _I, mirror="england"),
        ChartLine("4100", "Dividends from the bank", _I, mirror="dividend"),
    ),
)

BANK: Final = BookPlan(
    "bank",
    "The bank",
    (
        ChartLine("1000", "Cash at bank", _A),
        ChartLine("1010", "Collection account", _A),
        ChartLine("1100", "Treasury deposits", _A),
        ChartLine("1110", "Treasury gilts", _A),
        ChartLine("1120", "Treasury funds", _A),
        ChartLine("1150", "Accrued treasury income", _A),
        ChartLine("1200", "Wholesale finance to intermediaries: principal", _A, mirror="wholesale"),
        ChartLine("1210", "Wholesale finance: accrued interest", _A, mirror="interest-paid"),
        ChartLine("1220", "Wholesale finance: interest in arrears", _A),
        ChartLine("1230", "Unamortised fees and modification adjustments", _A),
        ChartLine("1240", "Loss allowance, stage 1", _A),
        ChartLine("1241", "Loss allowance, stage 2", _A),
        ChartLine("1242", "Loss allowance, stage 3", _A),
        ChartLine("1301", "Fund interests: cost", _A, mirror="wholesale"),
        ChartLine("1302", "Fund interests: value beyond cost", _A),
        ChartLine("1303", "Property fund interests: cost", _A, mirror="wholesale"),
        ChartLine("1304", "Property fund interests: value beyond cost", _A),
        ChartLine("1310", "Shares in intermediaries: cost", _A, mirror="wholesale"),
        ChartLine("1311", "Shares in intermediaries: value beyond cost", _A),
        ChartLine("1320", "Charity bonds: face value", _A, mirror="wholesale"),
        ChartLine("1321", "Charity bonds: price beyond par", _A),
        ChartLine("1330", "Quasi-equity", _A, mirror="wholesale"),
        ChartLine("1331", "Quasi-equity: amortised cost beyond principal", _A),
        ChartLine("1340", "Outcomes contracts", _A, mirror="wholesale"),
        ChartLine("1500", "Other debtors", _A),
        ChartLine("1510", "Claims taken over with called guarantees", _A, mirror="wholesale"),
        ChartLine("2000", "Creditors", _L),
        ChartLine("2100", "Deferred income", _L),
        ChartLine("2200", "Guarantee provision", _L),
        ChartLine("2210", "Provision for losses on undrawn loan commitments", _L),
        ChartLine("2300", "Receipts not yet applied", _L),
        ChartLine("3000", "A share capital", _Q, mirror="a-shares"),
        ChartLine("3010", "B share capital", _Q),
        ChartLine("3020", "Share capital called, not paid", _Q),
        ChartLine("3100", "Share premium", _Q),
        ChartLine("3200", "Retained earnings", _Q, mirror="dividend"),
        ChartLine("3300", "Restricted funds: grants of others", _Q),
        ChartLine("4000", "Interest income", _I),
        ChartLine("4010", "Commitment and arrangement fees", _I),
        ChartLine("4020", "Dividends", _I),
        ChartLine("4030", "Income of fund interests", _I, mirror="interest-paid"),
        ChartLine("4040", "Realised gains", _I, mirror="interest-paid"),
        ChartLine("4050", "Unrealised gains", _I),
        ChartLine("4060", "Recoveries of amounts written off", _I, mirror="recovery"),
        ChartLine("4100", "Treasury income", _I),
        ChartLine("4200", "Grant income", _I),
        ChartLine("5000", "Impairment charge", _X),
        ChartLine("5010", "Wholesale finance written off", _X, mirror="wholesale-lost"),
        ChartLine("5020", "Unrealised losses", _X),
        ChartLine("5030", "Losses on guarantees", _X),
        ChartLine("5040", "Realised losses of treasury", _X),
        ChartLine("5100", "Operating costs", _X),
        ChartLine("5110", "Fund managers' fees", _X),
        ChartLine("5200", "Grants paid from restricted funds", _X),
        ChartLine("9100", "Signed commitments not yet drawn", _M),
        ChartLine("9110", "Commitments approved in principle", _M),
        ChartLine("9120", "Guarantees outstanding", _M),
        ChartLine("9130", "Fund commitments not yet called", _M),
        ChartLine("9140", "Interest in suspense, not recognised", _M),
        ChartLine("9141", "Default interest in suspense, not recognised", _M),
        ChartLine("9199", "Contra of memoranda", _M),
    ),
)

INTERMEDIARY: Final = BookPlan(
    "intermediary",
    "Memorandum book of an intermediary: the onward loans our facilities fund",
    (
        ChartLine("1000", "Cash held for the facility", _A),
        ChartLine("1300", "Onward loans: principal, our share", _A),
        ChartLine("1390", "Onward loans: principal, co-funders' share", _A),
        ChartLine("1400", "The bank's money put to the intermediary's own use", _A),
        ChartLine("2100", "Owed to the bank: principal", _L, mirror="wholesale"),
        ChartLine("2110", "Owed to the bank beside onward lending", _L, mirror="wholesale"),
        ChartLine("2200", "The intermediary's own money put in", _L),
        ChartLine("2390", "Co-funders' share of onward loans", _L),
        ChartLine("4000", "Interest received from borrowers", _I),
        ChartLine("4100", "Recoveries from borrowers", _I),
        ChartLine("4200", "Released by the bank's write-off", _I, mirror="wholesale-lost"),
        ChartLine("5000", "Onward loans written off, our share", _X),
        ChartLine("5200", "Interest paid to the bank", _X, mirror="interest-paid"),
        ChartLine("5210", "Paid to the bank on finance written off", _X, mirror="recovery"),
        ChartLine("5300", "Costs and fees met from the facility", _X),
    ),
)

PLANS: Final = {plan.kind: plan for plan in (RECLAIM_FUND, DISTRIBUTOR, TRUST, BANK, INTERMEDIARY)}
HOUSE_BOOKS: Final = (RECLAIM_FUND, DISTRIBUTOR, TRUST, BANK)
"""The books every institution opens with; a memorandum book is opened with each intermediary."""


def kind_of_code(code: str) -> AccountKind:
    """The kind an account must be by its first figure; an account outside the plan is taken for an asset."""
    kinds: dict[str, AccountKind] = {"1": _A, "2": _L, "3": _Q, "4": _I, "5": _X, "9": _M}
    return kinds.get(code[:1], _A)
