"""Where dormant money stands class by class, nation by nation and cause by cause: folds of the books."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from bank.inflows.reference import ASSET_CLASSES, CAUSES, NATIONS
from bank.inflows.rules import DISTRIBUTOR, FUND
from ledger.balances import within
from ledger.dates import FinancialYear
from ledger.money import NOTHING, Money
from ledger.queries import Known, balance_at, balances_under, known, net_by_deed, net_by_kind
from ledger.store.database import ReadSession
from ledger.store.work import View

HELD_FOR: Final = {"england": "2100", "wales": "2110", "scotland": "2120", "northern_ireland": "2130"}
"""The distributor's account of each nation. Below England's stands one for each cause that a direction names."""

_FIRST_CLASS: Final = "bank-account"
"""The one class there was before the books told classes apart: what was posted to an account itself is of it."""


class ClassStanding(View):
    """One class of asset: what was transferred, claimed, is held for claims, and is still owed.

    What is claimed is either paid or, as far as `notified` says, still to be paid; it is counted once. What owners are
    owed shrinks when they are paid, not when they ask.
    """

    asset_class: str
    title: str
    transferred: Money
    claimed: Money
    notified: Money
    provision: Money
    owed: Money


class NationYear(View):
    """What was held for a nation over one financial year: brought forward, added, paid on, and carried forward."""

    nation: str
    financial_year: str
    brought_forward: Money
    apportioned: Money
    paid: Money
    carried_forward: Money


class CauseHeld(View):
    """What is held for one of England's causes; the last line is what no direction has named a cause for yet."""

    cause: str
    title: str
    held: Money


def class_standing(
    session: ReadSession, asset_class: str, *, as_at: date | None = None, at: Known | None = None
) -> ClassStanding:
    """Where one class of asset stands at a day, as known then."""
    title = next(each.title for each in ASSET_CLASSES if each.code == asset_class)
    owed = _of_class(balances_under(session, FUND, "9000", as_at, at), "9000", asset_class)
    charged = _of_class(balances_under(session, FUND, "5000", as_at, at), "5000", asset_class)
    provision = -_of_class(balances_under(session, FUND, "2000", as_at, at), "2000", asset_class)
    done = net_by_deed(session, FUND, ["2000", "5000", "9000"], as_at, at or known(session))
    claims = {account: net for (account, deed), net in done.items() if deed == "reclaim"}
    return ClassStanding(
        asset_class=asset_class,
        title=title,
        transferred=owed - _of_class(claims, "9000", asset_class),
        claimed=charged - provision + _kept_uncharged(done, asset_class),
        notified=-_of_class(balances_under(session, FUND, "2010", as_at, at), "2010", asset_class),
        provision=provision,
        owed=owed,
    )


def kept_uncharged(session: ReadSession, *, as_at: date | None = None, at: Known | None = None) -> Money:
    """What receipts left in the provision without a charge for it, since none of it was ever income.

    Nothing where the book is kept income first: there each receipt charges what it leaves.
    """
    return _kept_uncharged(net_by_deed(session, FUND, ["2000", "5000"], as_at, at or known(session)))


def class_standings(session: ReadSession, *, as_at: date | None = None, at: Known | None = None) -> list[ClassStanding]:
    """Every class of which anything was transferred."""
    found = (class_standing(session, each.code, as_at=as_at, at=at) for each in ASSET_CLASSES)
    return [each for each in found if each.transferred or each.claimed]


def payable(session: ReadSession, as_at: date | None = None, at: Known | None = None) -> Money:
    """Surplus declared and not paid yet: committed to the distributor, and still in the fund's cash."""
    return -balance_at(session, FUND, "2100", as_at, at)


def notified(session: ReadSession, as_at: date | None = None, at: Known | None = None) -> Money:
    """Claims notified and not paid yet: owed to participants, and still in the fund's cash."""
    return -balance_at(session, FUND, "2010", as_at, at)


def held_by_year(session: ReadSession, *, as_at: date | None = None, at: Known | None = None) -> list[NationYear]:
    """What was held for each nation, financial year by financial year, from its first money to a day.

    Money may wait for years before a nation has a use for it: each year shows what it began and ended with.
    """
    then, day = at or known(session), as_at or session.now.date()
    return [line for nation in NATIONS for line in _years_of(session, nation, day, then)]


def held_by_cause(session: ReadSession, *, as_at: date | None = None, at: Known | None = None) -> list[CauseHeld]:
    """What is held for each of England's causes, and what no direction has reached yet."""
    held = england_held(session, as_at=as_at, at=at)
    titles = {cause.code: cause.title for cause in CAUSES}
    named = [CauseHeld(cause=code, title=title, held=held[code]) for code, title in titles.items() if code in held]
    return [*named, CauseHeld(cause="", title="Not directed yet", held=held.get("", NOTHING))]


def england_held(session: ReadSession, *, as_at: date | None = None, at: Known | None = None) -> dict[str, Money]:
    """What is held for England by cause; under the empty cause, what no direction has reached."""
    found = balances_under(session, DISTRIBUTOR, HELD_FOR["england"], as_at, at)
    return {code.partition(":")[2]: -balance for code, balance in found.items()}


def _kept_uncharged(done: Mapping[tuple[str, str], Money], asset_class: str = "") -> Money:
    """The same, of what was done to the provision and the charge; of one class, or of all."""
    met = {account: net for (account, deed), net in done.items() if deed == "receipt" and not within("9000", account)}
    if not asset_class:
        return -Money.total(met.values())
    return -Money.total(_of_class(met, code, asset_class) for code in ("2000", "5000"))


def _of_class(found: Mapping[str, Money], code: str, asset_class: str) -> Money:
    own = found.get(f"{code}:{asset_class}", NOTHING)
    return own + found.get(code, NOTHING) if asset_class == _FIRST_CLASS else own


def _years_of(session: ReadSession, nation: str, day: date, then: Known) -> list[NationYear]:
    code, lines = HELD_FOR[nation], []
    before = added_before = NOTHING
    year = FinancialYear(2011)
    while year.starts_on <= day:
        until = min(year.ends_on, day)
        found = net_by_kind(session, DISTRIBUTOR, [code], until, then)
        after = -Money.total(found.values())
        added = -Money.total(net for (_, kind), net in found.items() if kind == "apportionment")
        line = NationYear(
            nation=nation,
            financial_year=str(year),
            brought_forward=before,
            apportioned=added - added_before,
            paid=before + (added - added_before) - after,
            carried_forward=after,
        )
        if line.brought_forward or line.apportioned or line.paid:
            lines.append(line)
        before, added_before = after, added
        year = FinancialYear(year.starting + 1)
    return lines
