"""What the law says of dormant money, dated and sourced: asset classes, dormancy periods, the nations' shares."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

MAIN: Final = "main"
ALTERNATIVE: Final = "alternative"
SCHEMES: Final = (MAIN, ALTERNATIVE)
"""The main scheme transfers the whole balance; the alternative one a part of it, the rest going to charities."""

NATIONS: Final = ("england", "wales", "scotland", "northern_ireland")
"""In the order of the Order, which is also the order in which a tied penny is given."""

_ACT_2008: Final = "Dormant Bank and Building Society Accounts Act 2008, section 10"
_ACT_2008_18: Final = "Dormant Bank and Building Society Accounts Act 2008, section 18(1)"
_ACT_2022: Final = "Dormant Assets Act 2022, Part 1"


@dataclass(frozen=True, slots=True)
class AssetClass:
    """A class of dormant asset. While no rule of dormancy is entered for it, no money of it is taken in."""

    code: str
    title: str
    from_on: date
    source: str


@dataclass(frozen=True, slots=True)
class DormancyRule:
    """How long nothing may have been heard from the owner of a class of asset, from a day on, and by what law."""

    asset_class: str
    years: int
    from_on: date
    source: str


@dataclass(frozen=True, slots=True)
class Cause:
    """What England's money may be directed to, from a day on."""

    code: str
    title: str
    from_on: date
    source: str


@dataclass(frozen=True, slots=True)
class ApportionmentOrder:
    """The percentages by which one Order shares dormant money among the nations, in the order of `NATIONS`."""

    name: str
    from_on: date
    percentages: tuple[Decimal, ...]
    source: str


ASSET_CLASSES: Final = (
    AssetClass("bank-account", "Bank and building society accounts", date(2008, 11, 26), _ACT_2008),
    AssetClass("insurance", "Long-term insurance", date(2022, 2, 24), _ACT_2022),
    AssetClass("pension", "Personal pension benefits", date(2022, 2, 24), _ACT_2022),
    AssetClass("collective-scheme", "Collective scheme investments", date(2022, 2, 24), _ACT_2022),
    AssetClass("client-money", "Client money", date(2022, 2, 24), _ACT_2022),
    AssetClass("securities", "Shares and distributions of listed companies", date(2022, 2, 24), _ACT_2022),
)

DORMANCY_RULES: Final = (DormancyRule("bank-account", 15, date(2008, 11, 26), _ACT_2008),)
"""What the first Act says. A change by order (section 10(5) and (6)) and the periods of the classes of the 2022 Act are
entered with their source by two people: until then those classes stay shut."""

WHOLESALER: Final = "social-investment"
"""The cause whose money becomes the bank's capital, through the trust."""

CAUSES: Final = (
    Cause("youth", "Services for young people", date(2008, 11, 26), f"{_ACT_2008_18}(a)"),
    Cause("financial-inclusion", "Financial capability and inclusion", date(2008, 11, 26), f"{_ACT_2008_18}(b)"),
    Cause(WHOLESALER, "A social investment wholesaler", date(2008, 11, 26), f"{_ACT_2008_18}(c)"),
    Cause("community-wealth-funds", "Community wealth funds", date(2022, 2, 24), f"{_ACT_2022}; causes named in 2023"),
)

ORDERS: Final = (
    ApportionmentOrder(
        "Distribution of Dormant Account Money (Apportionment) Order 2011",
        date(2011, 4, 1),
        (Decimal("83.9"), Decimal("4.9"), Decimal("8.4"), Decimal("2.8")),
        "SI 2011/1799, article 2; section 17 of the 2008 Act apportions by financial year, and 2011/12 is the first",
    ),
)
