"""The bank's balance sheet, income and cash flow in short, added up from the postings of its book."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from bank.figures.books import Selection
from bank.figures.evidence import Evidence
from ledger.money import NOTHING, Money
from ledger.store.legs import Leg
from reports.statements.accounts import AccountLine, Accounts

_BANK: Final = "bank"
_CASH: Final = "1000"

Group = tuple[str, str, tuple[str, ...]]

ASSETS: Final[tuple[Group, ...]] = (
    ("cash", "Cash at bank", ("1000",)),
    ("collection", "Collection account, others' grants", ("1010",)),
    ("treasury", "Treasury and its income due", ("1100", "1110", "1120", "1150")),
    ("loans", "Loans to intermediaries", ("1200", "1230", "1510")),
    ("interest", "Interest due", ("1210", "1220")),
    ("allowance", "less allowance for losses", ("1240", "1241", "1242")),
    ("interests", "Fund interests, shares and contracts", ("1301", "1303", "1310", "1330", "1340")),
    ("bonds", "Charity bonds", ("1320", "1321")),
    ("beyond", "Value beyond cost", ("1302", "1304", "1311", "1331")),
    ("debtors", "Other debtors", ("1500",)),
)
LIABILITIES: Final[tuple[Group, ...]] = (
    ("creditors", "Creditors and deferred income", ("2000", "2100", "2300")),
    ("provisions", "Provisions for guarantees and undrawn loans", ("2200", "2210")),
)
FUNDS: Final[tuple[Group, ...]] = (
    ("a-shares", "A share capital", ("3000",)),
    ("b-shares", "B share capital, paid", ("3010", "3020", "3100")),
    ("retained", "Retained earnings", ("3200",)),
    ("restricted", "Restricted funds: others' grants", ("3300",)),
)
INCOME: Final[tuple[Group, ...]] = (
    ("earned", "Interest and fees", ("4000", "4010")),
    ("dividends", "Dividends and income of interests", ("4020", "4030")),
    ("treasury-income", "Treasury income", ("4100", "5040")),
    ("operating", "Operating costs", ("5100",)),
    ("managers", "Fund managers' fees", ("5110",)),
)
"""What the year's work earns and costs."""
VALUES: Final[tuple[Group, ...]] = (
    ("gains", "Gains and losses of value", ("4040", "4050", "5020")),
    ("impairment", "Impairment and write-offs", ("5000", "5010", "5030")),
    ("recoveries", "Recoveries of amounts written off", ("4060",)),
    ("grants", "Grants, in and out", ("4200", "5200")),
)
"""What values and losses do to the result, apart from the year's work, so that neither hides the other."""
FLOWS: Final[tuple[Group, ...]] = (
    ("capital", "Share capital paid in", ("3000", "3010", "3020", "3100")),
    ("placed", "Treasury, placed and come home", ("1100", "1110", "1120", "1150", "4100", "5040")),
    (
        "principal",
        "Paid under facilities, less what came back",
        ("1200", "1301", "1302", "1303", "1304", "1310", "1311", "1320", "1321", "1330", "1340", "1510", "4060"),
    ),
    (
        "income",
        "Interest, fees, dividends and gains",
        ("4000", "4010", "4020", "4030", "4040", "4050", "1210", "1220", "1230", "1331", "1500", "2200"),
    ),
    ("spent", "Costs and fees", ("5100", "5110")),
    ("dividend", "Dividends paid", ("3200",)),
)
"""Where cash came from and went, by the other side of its entry; what is left over is named so.

Interest and fees that were earned before they were paid stand as due, or as kept, on the other side. What is recovered
of a sum written off came back under a facility.
"""
_CALLED: Final = "claim"
"""A guarantee called: paid under a facility, whether as a loss or out of the fee that was kept for it."""


_ROOTS: Final = tuple(
    root for groups in (ASSETS, LIABILITIES, FUNDS, INCOME, VALUES) for _, _, roots in groups for root in roots
)


def accounts(evidence: Evidence) -> Accounts:
    """The three statements as at the day: the quarter so far, its start, and to date."""
    legs = [leg for leg in evidence.books.legs(_BANK) if leg.effective_on <= evidence.as_at]
    now, before = balances(legs, evidence.as_at), balances(legs, evidence.opening)
    return Accounts(
        assets=_lines(ASSETS, now, before, "total-assets", "Assets"),
        liabilities=_lines(LIABILITIES, now, before, "total-liabilities", "What is owed", owed=True),
        funds=tuple(_funds(now, before)),
        income=tuple(_income(now, before)),
        cash=tuple(_flow(legs, evidence)),
        provenance=evidence.provenance("postings of the bank's book, by account", [Selection(_BANK, _ROOTS)]),
    )


def balances(legs: Iterable[Leg], day: date) -> dict[str, Money]:
    """What every account came to by a day, by the first part of its code; a debit is positive."""
    pence: defaultdict[str, int] = defaultdict(int)
    for leg in legs:
        if leg.effective_on <= day:
            pence[leg.account.partition(":")[0]] += leg.amount.pence
    return {root: Money(sum_) for root, sum_ in pence.items()}


def _sum(balances_: Mapping[str, Money], roots: Sequence[str]) -> Money:
    return Money.total(balances_.get(root, NOTHING) for root in roots)


def _lines(
    groups: Sequence[Group],
    now: Mapping[str, Money],
    before: Mapping[str, Money],
    total: str,
    title: str,
    *,
    owed: bool = False,
) -> tuple[AccountLine, ...]:
    sums = [(key, words, _sum(now, roots), _sum(before, roots)) for key, words, roots in groups]
    lines = [
        AccountLine(key=key, title=words, first=-first if owed else first, second=-second if owed else second)
        for key, words, first, second in sums
    ]
    return (*lines, _total(total, title, lines))


def _total(key: str, title: str, lines: Iterable[AccountLine]) -> AccountLine:
    some = list(lines)
    return AccountLine(
        key=key,
        title=title,
        first=Money.total(line.first for line in some),
        second=Money.total(line.second for line in some),
        total=True,
    )


def _funds(now: Mapping[str, Money], before: Mapping[str, Money]) -> Iterable[AccountLine]:
    """Net assets by the two sides, then what they are made of: capital, funds and every result to date."""
    net = [Money.total(amount for root, amount in some.items() if root[0] in "12") for some in (now, before)]
    yield AccountLine(key="net-assets", title="Net assets", first=net[0], second=net[1], total=True)
    lines = [
        AccountLine(key=key, title=words, first=-_sum(now, roots), second=-_sum(before, roots))
        for key, words, roots in FUNDS
    ]
    lines.append(AccountLine(key="results", title="Results to date", first=_result(now), second=_result(before)))
    yield from lines
    yield _total("total-funds", "Capital, funds and results", lines)


def _result(some: Mapping[str, Money]) -> Money:
    return -Money.total(amount for root, amount in some.items() if root[0] in "45")


def _income(now: Mapping[str, Money], before: Mapping[str, Money]) -> Iterable[AccountLine]:
    """The quarter and to date: what the work earned and cost, then what values and losses did to it."""

    def lines(groups: Sequence[Group]) -> list[AccountLine]:
        return [
            AccountLine(key=key, title=words, first=_sum(before, roots) - _sum(now, roots), second=-_sum(now, roots))
            for key, words, roots in groups
        ]

    worked, valued = lines(INCOME), lines(VALUES)
    yield from worked
    yield _total("operating-result", "Before values and losses", worked)
    yield from valued
    yield AccountLine(
        key="result", title="Result", first=_result(now) - _result(before), second=_result(now), total=True
    )


def _flow(legs: Sequence[Leg], evidence: Evidence) -> Iterable[AccountLine]:
    """The change of cash by what stood on the other side of its entries, with the cash at the start and the end."""
    moved = {leg.seq for leg in legs if _root(leg) == _CASH}
    sums: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for leg in legs:
        root = _root(leg)
        if leg.seq in moved and root != _CASH and not root.startswith("9"):
            pair = sums["principal" if leg.kind == _CALLED else _flow_of(root)]
            pair[0] -= leg.amount.pence if leg.effective_on >= evidence.since else 0
            pair[1] -= leg.amount.pence
    named = {key: words for key, words, _ in FLOWS} | {"other": "All else"}
    lines = [
        AccountLine(key=key, title=words, first=Money(sums[key][0]), second=Money(sums[key][1]))
        for key, words in named.items()
    ]
    opening = Money.total(leg.amount for leg in legs if _root(leg) == _CASH and leg.effective_on <= evidence.opening)
    yield AccountLine(key="opening", title="Cash at the start", first=opening, second=NOTHING)
    yield from lines
    change = _total("", "", lines)
    yield AccountLine(
        key="closing", title="Cash at the end", first=opening + change.first, second=change.second, total=True
    )


def _root(leg: Leg) -> str:
    return leg.account.partition(":")[0]


def _flow_of(root: str) -> str:
    return next((key for key, _, roots in FLOWS if root in roots), "other")
