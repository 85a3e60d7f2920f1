"""The bank's three statements in short, each line a sum of accounts, and how they tie to the trial balances."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from ledger.money import NOTHING, Money
from reports.document import Pair, Said, Section, Tabulated
from reports.figures import Adding, Column, Frozen, Provenance, Row, Table
from reports.statements import closing, findings
from reports.statements.inputs import Proof
from reports.statements.tables import text
from reports.statements.telling import Bundle, joined


class AccountLine(Frozen):
    """One line: its words, the accounts it sums, and its two amounts."""

    key: str
    title: str
    first: Money
    second: Money
    total: bool = False
    """A sum of lines above it."""


class Accounts(Frozen):
    """Balance sheet, income and expenditure, and cash flow of the bank alone.

    The balance sheet has the quarter's end and its start; the others the quarter and all time to date. Of the balance
    sheet `assets` less `liabilities` is what `funds` comes to; the cash flow's last line is the balance sheet's cash.
    """

    assets: tuple[AccountLine, ...]
    liabilities: tuple[AccountLine, ...]
    funds: tuple[AccountLine, ...]
    income: tuple[AccountLine, ...]
    cash: tuple[AccountLine, ...]
    provenance: Provenance


def tables(given: Accounts) -> tuple[Table, ...]:
    """The three statements."""
    sheet = (*given.assets, *given.liabilities, *given.funds)
    net = Adding(whole="net-assets", parts=("total-assets",), less=("total-liabilities",))
    both = Adding(whole="net-assets", parts=("total-funds",))
    return (
        _lines(
            given,
            "balance-sheet",
            "Balance sheet",
            sheet,
            ("At the end", "At the start"),
            (_down(given.assets), _down(given.liabilities), net, _down(given.funds, after="net-assets"), both),
        ),
        _lines(
            given, "income", "Income and expenditure", given.income, ("The quarter", "To date"), _steps(given.income)
        ),
        _lines(given, "cash-flow", "Cash flow", given.cash, ("The quarter", "To date"), (_down(given.cash),)),
    )


def _down(lines: Sequence[AccountLine], after: str = "") -> Adding:
    """The lines above a sum come to it, from the line after the one named."""
    keys = [one.key for one in lines]
    return Adding(whole=keys[-1] if keys else "", parts=tuple(keys[keys.index(after) + 1 if after in keys else 0 : -1]))


def _steps(lines: Sequence[AccountLine]) -> tuple[Adding, ...]:
    """Lines come to a result, which with the lines after it comes to the next."""
    sums: list[Adding] = []
    above: list[str] = []
    for one in lines:
        if one.total:
            sums.append(Adding(whole=one.key, parts=tuple(above)))
            above = []
        above.append(one.key)
    return tuple(sums)


def _lines(
    given: Accounts,
    code: str,
    title: str,
    lines: Sequence[AccountLine],
    heads: tuple[str, str],
    adding: Sequence[Adding],
) -> Table:
    columns = (
        text("line", title, 48),
        *(
            Column(code=name, title=head, unit="money", width=17)
            for name, head in zip(("first", "second"), heads, strict=True)
        ),
    )
    rows = tuple(
        Row(key=one.key, cells=(one.title, one.first, one.second), mark="sum" if one.total else "")
        for one in lines
        if one.total or one.first or one.second
    )
    shown = {row.key for row in rows}
    return Table(
        code=code,
        title=title,
        columns=columns,
        rows=rows,
        provenance=(given.provenance,),
        adding=tuple(kept for one in adding if (kept := _among(one, shown)).whole in shown and kept.parts),
    )


def _among(one: Adding, shown: AbstractSet[str]) -> Adding:
    """The same sum without the lines that are nothing and not printed."""
    parts, less = (tuple(key for key in some if key in shown) for some in (one.parts, one.less))
    return one.model_copy(update={"parts": parts, "less": less})


def section(given: Accounts, bundle: Bundle) -> Section:
    """The page: the statements side by side, then what ties them."""
    return Section(
        code="accounts",
        heading=finding(given, bundle),
        blocks=(
            Pair(
                left=_table(bundle, "balance-sheet", "Balance sheet", "The bank alone, £ thousand"),
                right=_table(
                    bundle, "income", "Income and expenditure", "£ thousand; what was lost or spent has a minus"
                ),
                equal=True,
            ),
            _table(bundle, "cash-flow", "Where the cash came from and went", "The bank's cash at bank, £ thousand"),
        ),
        new_page=True,
    )


def _table(bundle: Bundle, code: str, heading: str, caption: str) -> Tabulated:
    return Tabulated(
        heading=heading,
        caption=caption,
        table=bundle.tables[code],
        empty="Nothing has been posted yet.",
        small=True,
    )


def finding(given: Accounts, bundle: Bundle) -> Said:
    """What the quarter left over or cost, and what the bank is worth; less where nothing was earned or spent."""
    result = next((one.first for one in given.income if one.key == "result"), NOTHING)
    worth = bundle.tell("net assets are {worth}", worth=("balance-sheet.net-assets.first", "in-words"))
    if not given.assets or not bundle.holds("balance-sheet.net-assets.first"):
        return bundle.tell("The bank has no assets yet")
    if not result:
        return Said(text=worth.text[:1].upper() + worth.text[1:], prints=worth.prints)
    if result > NOTHING:
        made = bundle.tell("The quarter left {sum} over;", sum=("income.result.first", "in-words"))
    else:
        made = bundle.tell("The quarter cost {sum} more than it earned;", sum=("income.result.first", "size-in-words"))
    return joined(made, worth)


def ties(bundle: Bundle, proof: Proof) -> Section:
    """Whether the two sides of every facility agree, and every book in itself."""
    return Section(
        code="ties",
        heading=findings.ties_finding(bundle, proof),
        lead=closing.compared(bundle),
        blocks=(
            *closing.breaks_shown(bundle, proof),
            Tabulated(
                heading="Trial balances, and how the statements above tie to the bank's",
                caption="As at the day, pounds and pence; the memorandum books of intermediaries together",
                table=bundle.tables["books"],
                empty="No book has been opened yet.",
                note=_tied(bundle),
                small=True,
            ),
        ),
    )


def _tied(bundle: Bundle) -> Said:
    if not bundle.holds("balance-sheet.net-assets.first"):
        return Said()
    return bundle.tell(
        "Assets of {assets} less what is owed, {owed}, are net assets of {worth}, which capital, funds and results to "
        "date come to as well: the difference is {difference}. The cash flow ends with the balance sheet's cash: the "
        "difference is {cash}.",
        assets=("balance-sheet.total-assets.first", "pounds"),
        owed=("balance-sheet.total-liabilities.first", "pounds"),
        worth=("balance-sheet.net-assets.first", "pounds"),
        difference=("balance-sheet.net-assets.first - balance-sheet.total-funds.first", "pounds"),
        cash=("cash-flow.closing.first - balance-sheet.cash.first", "pounds"),
    )
