"""The made-up institution's further pages: capital, commitments, holdings, limits, stages, lateness, accounts."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from ledger.dates import Quarter
from ledger.money import NOTHING
from reports.figures import Coverage
from reports.plots import State
from reports.statements.accounts import AccountLine, Accounts
from reports.statements.adequacy import Adequacy, HolderLine, ReserveQuarter, StressLine, StressQuarter
from reports.statements.bounds import Bounds, CostLine, LimitLine
from reports.statements.commitments import AgeLine, Commitments, DrawnYear
from reports.statements.credit import BEGAN_IMPAIRED, StageMoved, Stages
from reports.statements.holdings import HoldingLine, Holdings, Vintage, VintagePoint
from reports.statements.inputs import FieldAnswers
from reports.statements.portfolio_inputs import Judged
from reports.statements.quality import LenderQuarters, Quality, Restated, Restatements
from tests.reports.sample_parts import QUARTER, figure, pounds, sliced, source

QUARTERS = [Quarter(2012, number) for number in (1, 2, 3, 4)]


def adequacy(**facts: Any) -> Adequacy:
    ahead = [Quarter(2013, 1), Quarter(2013, 2), Quarter(2013, 3)]
    course = tuple(
        StressQuarter(
            quarter=quarter, fund=pounds(30_000_000 - 4_000_000 * at), bank=pounds(20_000_000 - 1_000_000 * at)
        )
        for at, quarter in enumerate(ahead)
    )
    lines = (
        StressLine(
            scenario="as things have gone", must_hold=4, holds=True, fund_reserve=None, fund_cash=None,
            bank_reserve=None, bank_cash=None, course=course,
        ),
        StressLine(
            scenario="a run on the fund", must_hold=0, holds=True, fund_reserve=Quarter(2013, 3), fund_cash=None,
            bank_reserve=None, bank_cash=None, course=course,
        ),
    )  # fmt: skip
    sums = (
        (64_100_000, 2_000_000, 26_000_000),
        (76_000_000, 3_100_000, 30_000_000),
        (88_210_000, 5_120_774, 34_400_000),
    )
    reserve = [(*sums, (96_400_431, 5_933_164, 37_560_000))[at] for at in range(4)]
    told: dict[str, Any] = {
        "reserve": tuple(
            ReserveQuarter(
                quarter=quarter, received=pounds(got), reclaimed=pounds(paid), reserved=pounds(kept),
                distributed=pounds(got - paid - kept),
            )
            for quarter, (got, paid, kept) in zip(QUARTERS, reserve, strict=True)
        ),
        "reserve_rate": Decimal("0.4"),
        "holders": (
            HolderLine(
                holder="The trust", share_class="A", called=pounds(40_500_000), paid=pounds(40_500_000),
                economic=Fraction(6, 10), voting=Fraction(8, 10),
            ),
            HolderLine(
                holder="A merchant bank", share_class="B", called=pounds(27_000_000), paid=pounds(26_000_000),
                economic=Fraction(4, 10), voting=Fraction(2, 10),
            ),
        ),
        "stress": lines,
        "reserve_provenance": source(),
        "capital_provenance": source(),
        "stress_provenance": source(source="calculation"),
    }  # fmt: skip
    return Adequacy.model_validate(told | facts)


def empty_adequacy() -> Adequacy:
    return adequacy(reserve=(), reserve_rate=None, holders=(), stress=())


def commitments(**facts: Any) -> Commitments:
    told: dict[str, Any] = {
        "co_in_principle": figure("co_in_principle", pounds(24_000_000)),
        "co_signed": figure("co_signed", pounds(22_200_000)),
        "co_drawn": figure("co_drawn", pounds(16_500_000)),
        "co_undrawn": pounds(5_700_000),
        "ages": (
            AgeLine(age="up to 90 days", facilities=2, undrawn=pounds(2_700_000)),
            AgeLine(age="over 365 days", facilities=3, undrawn=pounds(8_435_000)),
        ),
        "years": (
            DrawnYear(year=2011, ours=pounds(1_500_000), others=pounds(900_000)),
            DrawnYear(year=2012, ours=pounds(16_965_500), others=pounds(15_600_000)),
        ),
        "provenance": source(),
    }
    return Commitments.model_validate(told | facts)


def empty_commitments() -> Commitments:
    return commitments(
        co_in_principle=figure("co_in_principle", NOTHING),
        co_signed=figure("co_signed", NOTHING),
        co_drawn=figure("co_drawn", NOTHING),
        co_undrawn=NOTHING,
        ages=(),
        years=(),
    )


def holding(
    key: str, name: str, paid_in: int, back: int, left: int, rate: str | None, exposed: int | None
) -> HoldingLine:
    return HoldingLine(
        key=key,
        name=name,
        exposed=None if exposed is None else pounds(exposed),
        paid_in=pounds(paid_in),
        paid_back=pounds(back),
        left=pounds(left),
        dpi=Decimal(back) / paid_in if paid_in else None,
        rvpi=Decimal(left) / paid_in if paid_in else None,
        tvpi=Decimal(back + left) / paid_in if paid_in else None,
        xirr=None if rate is None else Decimal(rate),
        reason="" if rate is not None else "more than one rate balances these flows (about -0.9 and 4.1032)",
    )


def holdings(**facts: Any) -> Holdings:
    whole = holding("all", "All", 18_465_500, 2_200_000, 16_800_000, "0.041", 29_600_000)
    told: dict[str, Any] = {
        "figures": (
            figure("dpi", Decimal("0.1191")),
            figure("rvpi", Decimal("0.9098")),
            figure("tvpi", Decimal("1.0289")),
            figure("xirr", Decimal("0.041000")),
        ),
        "whole": whole,
        "products": (
            holding("senior-loan", "Senior term loan", 12_000_000, 1_700_000, 10_800_000, "0.052", 19_000_000),
            holding("guarantee", "Guarantee", 465_500, 0, 400_000, None, 2_600_000),
        ),
        "vintages": (
            holding("2011", "2011", 1_500_000, 400_000, 1_200_000, "0.04", None),
            holding("2012", "2012", 16_965_500, 1_800_000, 15_600_000, "0.039", None),
        ),
        "intermediaries": (
            holding("int_1", "Mersey Community Finance", 3_600_000, 610_000, 3_100_000, "0.03", 5_000_000),
            holding("int_2", "Thames Social Ventures", 2_900_000, 0, 2_900_000, "0", 5_000_000),
        ),
        "courses": (
            Vintage(year=2011, left=pounds(1_200_000), points=_points(-1_500_000, -1_400_000, -1_300_000, -1_100_000)),
            Vintage(year=2012, left=pounds(15_600_000), points=_points(None, -6_000_000, -11_000_000, -15_165_500)),
        ),
        "provenance": source(source="calculation"),
    }
    return Holdings.model_validate(told | facts)


def _points(*nets: int | None) -> tuple[VintagePoint, ...]:
    return tuple(
        VintagePoint(quarter=quarter, net=None if net is None else pounds(net))
        for quarter, net in zip(QUARTERS, nets, strict=True)
    )


def empty_holdings() -> Holdings:
    nothing = HoldingLine(
        key="all", name="All", exposed=NOTHING, paid_in=NOTHING, paid_back=NOTHING, left=NOTHING,
        dpi=None, rvpi=None, tvpi=None, xirr=None, reason="nothing was paid in",
    )  # fmt: skip
    return holdings(
        figures=tuple(figure(code, None) for code in ("dpi", "rvpi", "tvpi", "xirr")),
        whole=nothing, products=(), vintages=(), intermediaries=(), courses=(),
    )  # fmt: skip


def limit(key: str, stands: Any, bound: Any, *, within: bool = True, floor: bool = False) -> LimitLine:
    return LimitLine(
        key=key, title=f"risk {key}", of="Thames Social Ventures", hard=True, floor=floor, stands=stands,
        bound=bound, within=within,
    )  # fmt: skip


def bounds(**facts: Any) -> Bounds:
    told: dict[str, Any] = {
        "limits": (
            limit("lim_1", pounds(5_000_000), pounds(9_000_000)),
            limit("lim_2", Fraction(21, 10), Fraction(12, 10), floor=True),
        ),
        "at_each_act": ("smallest facility",),
        "cover": figure("liquidity_cover", Decimal("1.9642")),
        "intermediation": figure("cost_of_intermediation", Decimal("0.0016")),
        "days_to_money": figure("days_to_money", 162, Coverage(known=7, of=8, what="facilities")),
        "costs": (
            CostLine(
                key="int_1", name="Mersey Community Finance", drawn=pounds(3_600_000), costs=pounds(30_000),
                held=pounds(210_000),
            ),
            CostLine(key="int_2", name="Thames Social Ventures", drawn=pounds(2_900_000), costs=NOTHING, held=NOTHING),
        ),
        "limits_provenance": source(source="calculation"),
        "costs_provenance": source(),
    }  # fmt: skip
    return Bounds.model_validate(told | facts)


def empty_bounds() -> Bounds:
    return bounds(
        limits=(), at_each_act=(), costs=(), cover=figure("liquidity_cover", None),
        intermediation=figure("cost_of_intermediation", None), days_to_money=figure("days_to_money", None),
    )  # fmt: skip


def stages(**facts: Any) -> Stages:
    told: dict[str, Any] = {
        "moved": (
            StageMoved(was=0, now=1, facilities=1, principal=pounds(3_145_500), undrawn=pounds(1_200_000)),
            StageMoved(was=1, now=1, facilities=5, principal=pounds(11_000_000), undrawn=NOTHING),
            StageMoved(was=1, now=2, facilities=1, principal=pounds(1_800_000), undrawn=NOTHING),
            StageMoved(was=3, now=3, facilities=1, principal=pounds(400_000), undrawn=NOTHING),
            StageMoved(was=0, now=BEGAN_IMPAIRED, facilities=1, principal=pounds(250_000), undrawn=NOTHING),
        ),
        "allowances": (pounds(120_000), pounds(90_000), pounds(310_000), pounds(12_000)),
        "provenance": source(),
    }
    return Stages.model_validate(told | facts)


def empty_stages() -> Stages:
    return stages(moved=(), allowances=(NOTHING, NOTHING, NOTHING, NOTHING))


def quality(**facts: Any) -> Quality:
    rows: tuple[tuple[str, str, tuple[State, ...]], ...] = (
        ("int_1", "Mersey Community Finance", ("none", "on-time", "on-time", "on-time")),
        ("int_8", "Cymru Enterprise Guarantee", ("none", "on-time", "late", "missing")),
    )
    told: dict[str, Any] = {
        "quarters": tuple(QUARTERS),
        "lenders": tuple(LenderQuarters(key=key, name=name, states=states) for key, name, states in rows),
        "breaks": (
            figure("breaks", 1), figure("oldest_break", 41), figure("breaks_unowned", 0),
            figure("unexplained", pounds(2_800)),
        ),
        "answers": (
            FieldAnswers(field="turnover", title="Turnover", answered=310, not_known=60, not_applicable=0, blank=37),
        ),
        "answers_provenance": source(source="returns"),
        "restated": restatements(),
        "provenance": source(source="returns"),
    }  # fmt: skip
    return Quality.model_validate(told | facts)


def restatements(**facts: Any) -> Restatements:
    told: dict[str, Any] = {
        "statement": "sta_01portfolio2012q3",
        "quarter": QUARTER.previous,
        "lines": (
            Restated(
                code="outstanding", title="Outstanding with borrowers", unit="money", shown=pounds(9_975_300),
                known=pounds(10_020_300), causes=(1,),
            ),
            Restated(
                code="at_risk_30", title="At risk, more than 30 days", unit="share", shown=Fraction(1, 12),
                known=Fraction(1, 11), causes=(1,),
            ),
        ),
        "causes": ("corrected return ret_7 of Severn Charity Bonds for 2012Q3, version 2: digits exchanged",),
        "provenance": source(source="calculation"),
    }  # fmt: skip
    return Restatements.model_validate(told | facts)


def no_restatements() -> Restatements:
    return restatements(statement="", quarter=None, lines=(), causes=())


def empty_quality() -> Quality:
    return quality(
        quarters=(), lenders=(), answers=(), restated=no_restatements(),
        breaks=(
            figure("breaks", 0), figure("oldest_break", None), figure("breaks_unowned", 0),
            figure("unexplained", NOTHING),
        ),
    )  # fmt: skip


def line(key: str, title: str, first: int, second: int, *, total: bool = False) -> AccountLine:
    return AccountLine(key=key, title=title, first=pounds(first), second=pounds(second), total=total)


def accounts(**facts: Any) -> Accounts:
    told: dict[str, Any] = {
        "assets": (
            line("cash", "Cash at bank", 21_870_000, 20_001_000),
            line("loans", "Loans to intermediaries", 15_545_500, 13_000_000),
            line("allowance", "less allowance for losses", -520_000, -410_000),
            line("total-assets", "Assets", 36_895_500, 32_591_000, total=True),
        ),
        "liabilities": (line("total-liabilities", "What is owed", 0, 0, total=True),),
        "funds": (
            line("net-assets", "Net assets", 36_895_500, 32_591_000, total=True),
            line("a-shares", "A share capital", 37_000_000, 32_700_000),
            line("results", "Results to date", -104_500, -109_000),
            line("total-funds", "Capital, funds and results", 36_895_500, 32_591_000, total=True),
        ),
        "income": (
            line("earned", "Interest and fees", 114_500, 301_000),
            line("impairment", "Impairment and write-offs", -110_000, -405_500),
            line("result", "Result", 4_500, -104_500, total=True),
        ),
        "cash": (
            line("opening", "Cash at the start", 20_001_000, 0),
            line("capital", "Share capital paid in", 4_300_000, 37_000_000),
            line("principal", "Paid under facilities, less what came back", -2_431_000, -15_130_000),
            line("closing", "Cash at the end", 21_870_000, 21_870_000, total=True),
        ),
        "provenance": source(),
    }
    return Accounts.model_validate(told | facts)


def empty_accounts() -> Accounts:
    return accounts(
        assets=(line("total-assets", "Assets", 0, 0, total=True),),
        funds=(line("net-assets", "Net assets", 0, 0, total=True), line("total-funds", "Funds", 0, 0, total=True)),
        income=(line("result", "Result", 0, 0, total=True),),
        cash=(line("closing", "Cash at the end", 0, 0, total=True),),
    )


def judged(**facts: Any) -> Judged:
    told: dict[str, Any] = {
        "eligibility": sliced(
            "eligibility", "Why the borrower is eligible", "",
            ("regulated-form", "By its form", 300, 11_000_000, 4_000_000),
            ("unavailable", "Not decided", 107, 3_690_570, 2_204_300),
        ),
        "asset_locks": sliced(
            "asset-lock", "Asset lock", "",
            ("locked", "Assets locked to the social purpose", 240, 9_000_000, 3_000_000),
            ("unlocked", "No lock on assets", 167, 5_690_570, 3_204_300),
        ),
        "organisations": figure("organisations", 361),
        "deprived": figure("deprived_half", Fraction(72, 100), Coverage(known=320, of=331)),
        "moved": figure("moved_on", Fraction(2, 3), Coverage(known=298, of=407)),
    }  # fmt: skip
    return Judged.model_validate(told | facts)


def empty_judged() -> Judged:
    return judged(
        eligibility=sliced("eligibility", "Why the borrower is eligible", ""),
        asset_locks=sliced("asset-lock", "Asset lock", ""),
        organisations=figure("organisations", 0),
        deprived=figure("deprived_half", None),
        moved=figure("moved_on", None),
    )
