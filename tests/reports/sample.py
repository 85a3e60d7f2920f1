"""A made-up but coherent institution for the statements' tests: eight intermediaries, eight quarters, all invented."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

from ledger.dates import Quarter
from ledger.money import NOTHING
from reports.attached import Attached, Sum, as_csv
from reports.contents import Contents
from reports.figures import Coverage, Movement, Point, Series
from reports.statements.inputs import (
    BUCKETS,
    AllocationLine,
    Arrears,
    BookBalance,
    Breakdown,
    Bucket,
    BucketQuarter,
    CaseLine,
    CaseOutcome,
    CaseStudies,
    Correction,
    FieldAnswers,
    ImpactStatement,
    IndicatorLine,
    Issue,
    Losses,
    MoneyPath,
    Onward,
    PeopleReached,
    Proof,
    ReturnLine,
    ReturnStatus,
    SealHead,
    TieBreak,
)
from reports.statements.measures import MEASURES
from reports.statements.pictures import TILES
from reports.statements.portfolio_inputs import PortfolioStatement
from tests.reports import sample_pages
from tests.reports.sample_parts import AS_AT, KNOWN_AT, QUARTER, ROOT, figure, movement, pounds, sliced, source

__all__ = ["AS_AT", "KNOWN_AT", "QUARTER", "ROOT", "figure", "movement", "pounds", "sliced", "source"]


def issue(**facts: object) -> Issue:
    return Issue.model_validate(
        {
            "statement": "sta_01portfolio2012q4",
            "quarter": QUARTER,
            "as_at": AS_AT,
            "known_at": KNOWN_AT,
            "known_seq": 18442,
            "head": SealHead(seq=18442, root=ROOT, recorded_at=KNOWN_AT),
            "caution": "Demonstration: the intermediaries and borrowers are invented.",
            **facts,
        }
    )


def path() -> MoneyPath:
    return MoneyPath(
        received=movement("received", 88_210_000, 8_190_431),
        reclaimed=movement("reclaimed", 5_120_774, 812_390),
        reserved=movement("reserved", 34_400_000, 3_160_000),
        distributed=movement("distributed", 46_200_000, 5_600_000),
        england=movement("england", 38_763_900, 4_698_100),
        wales=movement("wales", 2_265_120, 273_800),
        scotland=movement("scotland", 3_880_800, 470_400),
        northern_ireland=movement("northern_ireland", 1_290_180, 157_700),
        trust=movement("trust", 36_000_000, 4_500_000),
        bank=movement("bank", 36_000_000, 4_500_000),
        in_principle=movement("in_principle", 31_500_000, 3_200_000, 500_000),
        signed=movement("signed", 26_900_000, 2_700_000),
        drawn=movement("drawn", 15_320_000, 3_145_500),
        lent=movement("lent", 12_210_450, 2_480_120),
        outstanding=movement("outstanding", 10_020_300, 2_480_120, 932_400),
    )


def series(code: str, *amounts: int) -> Series:
    quarters = [QUARTER]
    while len(quarters) < len(amounts):
        quarters.insert(0, quarters[0].previous)
    points = tuple(
        Point(quarter=quarter, value=pounds(amount)) for quarter, amount in zip(quarters, amounts, strict=True)
    )
    return Series(measure=MEASURES[code], points=points, provenance=source())


def history() -> tuple[Series, ...]:
    return (
        series(
            "received", 52_000_000, 58_300_000, 64_100_000, 70_900_000, 76_000_000, 82_000_000, 88_210_000, 96_400_431
        ),
        series("signed", 0, 2_000_000, 6_000_000, 11_500_000, 17_000_000, 23_000_000, 26_900_000, 29_600_000),
        series("drawn", 0, 0, 1_500_000, 4_400_000, 8_200_000, 12_400_000, 15_320_000, 18_465_500),
        series("lent", 0, 0, 300_000, 2_500_000, 5_900_000, 9_700_000, 12_210_450, 14_690_570),
        series("co_invested", 0, 0, 200_000, 1_100_000, 2_500_000, 4_000_000, 5_100_000, 6_204_300),
    )


_LINES: tuple[tuple[str, str, int, int, int, int, ReturnStatus, int], ...] = (
    ("Mersey Community Finance", "Senior term loan", 5200, 5000, 3600, 610, "on-time", 11),
    ("Thames Social Ventures", "Venture fund", 6000, 5000, 2900, 0, "on-time", 15),
    ("Northern Co-operative Loans", "Revolving credit", 4500, 4500, 3800, 920, "on-time", 14),
    ("Severn Charity Bonds", "Bond fund", 5500, 4800, 3100, 260, "on-time", 10),
    ("Clyde and Tay Social Capital", "Blended fund", 4000, 3300, 1665, 90, "on-time", 14),
    ("Eden Valley Property Fund", "Property fund", 3500, 3500, 1900, 40, "late", 28),
    ("Sutton Outcomes Partnership", "Outcomes contract", 3000, 2000, 1000, 0, "on-time", 18),
    ("Cymru Enterprise Guarantee", "Guarantee", 2500, 1500, 500, 120, "missing", 0),
)


def allocations() -> tuple[AllocationLine, ...]:
    return tuple(_allocation(number, *line) for number, line in enumerate(_LINES, start=1))


def _allocation(
    number: int,
    name: str,
    product: str,
    promised: int,
    signed: int,
    drawn: int,
    repaid: int,
    status: ReturnStatus,
    day: int,
) -> AllocationLine:
    lost = 85 if number == 8 else 0
    return AllocationLine(
        facility=f"fac_{number:02d}",
        intermediary=name,
        product=product,
        in_principle=pounds(promised * 1000),
        signed=pounds(signed * 1000),
        drawn=pounds(drawn * 1000),
        undrawn=pounds((signed - drawn) * 1000),
        repaid=pounds(repaid * 1000),
        outstanding=pounds((drawn - repaid - lost) * 1000),
        written_off=pounds(lost * 1000),
        return_status=status,
        return_filed_on=date(2013, 1, day) if day else None,
    )


_LOST = (
    ("unmatched", "Not matched to the list", 6, 90_120, 20_000),
    ("unavailable", "Not stated", 11, 210_050, 75_000),
)


def onward() -> Onward:
    return Onward(
        outcome_areas=sliced(
            "outcome-area", "Outcome area", "Outcomes matrix, version 1 (2012)",
            ("employment", "Employment, training and education", 121, 4_310_220, 1_900_000),
            ("housing", "Housing and local facilities", 68, 3_902_400, 2_110_000),
            ("income", "Income and financial inclusion", 55, 1_710_900, 420_300),
            ("physical-health", "Physical health", 31, 1_220_000, 610_000),
            ("mental-health", "Mental health and well-being", 36, 1_005_600, 300_000),
            ("family", "Family, friends and relationships", 22, 702_450, 210_000),
            ("citizenship", "Citizenship and community", 28, 640_830, 320_000),
            ("arts", "Arts, heritage, sport and faith", 17, 498_000, 139_000),
            ("environment", "Conservation of the environment", 12, 400_000, 100_000),
            *_LOST,
        ),
        beneficiary_groups=sliced(
            "beneficiary-group", "Beneficiary group", "Outcomes matrix, version 1 (2012)",
            ("long-term-unemployed", "People long unemployed", 84, 3_010_110, 1_200_000),
            ("vulnerable-young-people", "Vulnerable young people", 61, 2_405_000, 980_000),
            ("poverty", "People living in poverty or exclusion", 58, 2_020_500, 900_000),
            ("homeless", "Homeless people", 33, 1_790_640, 1_000_000),
            ("older-people", "Older people", 29, 1_104_000, 460_000),
            ("learning-disabilities", "People with learning disabilities", 21, 980_000, 300_000),
            ("mental-health", "People with mental health needs", 26, 940_100, 320_000),
            ("ex-offenders", "Ex-offenders", 19, 620_050, 210_000),
            ("general-public", "The general public", 59, 1_520_000, 739_300),
            *_LOST,
        ),
        nations=sliced(
            "nation", "Nation", "",
            ("E92000001", "England", 331, 12_010_200, 5_000_000),
            ("S92000003", "Scotland", 30, 1_190_200, 600_000),
            ("W92000004", "Wales", 22, 800_000, 409_300),
            ("N92000002", "Northern Ireland", 7, 390_000, 100_000),
            *_LOST,
        ),
        regions=sliced(
            "region", "Region", "ONS regions, April 2012",
            *((tile[0], tile[2], 30, _REGIONAL[tile[1]], 440_000) for tile in TILES),
            *_LOST,
        ),
        deprivation=(
            _deciles("England", "English Indices of Deprivation 2010", 12_010_200),
            _deciles("Scotland", "Scottish Index of Multiple Deprivation 2009", 1_190_200),
            _deciles("Wales", "Welsh Index of Multiple Deprivation 2011", 800_000),
            _deciles("Northern Ireland", "Northern Ireland Multiple Deprivation Measure 2010", 390_000),
        ),
    )  # fmt: skip


_REGIONAL = {
    "SCO": 1_190_200, "NI": 390_000, "WAL": 800_000, "NE": 1_310_000, "NW": 2_740_200, "YH": 1_620_000,
    "WM": 1_150_000, "EM": 640_000, "EE": 480_000, "SW": 1_070_000, "LON": 1_900_000, "SE": 1_100_000,
}  # fmt: skip


def _deciles(nation: str, edition: str, whole: int) -> Breakdown:
    weights = (21, 17, 14, 11, 9, 7, 6, 5, 4, 3)
    parts = [
        (str(at), str(at), 2 * weight, whole * weight // 100, whole * weight // 250)
        for at, weight in enumerate(weights, start=1)
    ]
    code = f"deprivation-{nation.lower().replace(' ', '-')}"
    lost = (("unmatched", "Not matched", 4, whole // 100, 0), ("unavailable", "Not available", 5, whole // 50, 0))
    return sliced(code, "Deprivation", edition, *parts, *lost).model_copy(update={"nation": nation})


def arrears() -> Arrears:
    amounts = ((9_870_000, 0), (740_020, 120_000), (310_400, 90_000), (161_300, 40_000), (486_300, 210_000))
    loans = (322, 27, 12, 7, 18)
    whole = sum(amount for amount, _ in amounts)
    buckets = tuple(
        Bucket(code=code, loans=count, outstanding=pounds(amount), restructured=pounds(changed))
        for code, count, (amount, changed) in zip(BUCKETS, loans, amounts, strict=True)
    )
    before = [
        BucketQuarter.model_validate(
            {"quarter": Quarter(2012, number), "amounts": tuple(pounds(amount * number // 5) for amount, _ in amounts)}
        )
        for number in (1, 2, 3)
    ]
    now = BucketQuarter.model_validate({"quarter": QUARTER, "amounts": tuple(pounds(amount) for amount, _ in amounts)})
    return Arrears(
        buckets=buckets,
        history=(*before, now),
        overdue=figure("overdue", pounds(612_400)),
        at_risk_30=figure("at_risk_30", Fraction(958_000, whole)),
        at_risk_90=figure("at_risk_90", Fraction(486_300, whole)),
        at_risk_30_restructured=figure("at_risk_30_restructured", Fraction(1_078_000, whole)),
        at_risk_90_restructured=figure("at_risk_90_restructured", Fraction(736_300, whole)),
        coverage=Coverage(known=373, of=386, known_money=pounds(11_180_000), of_money=pounds(whole)),
        provenance=source(source="returns"),
    )


def losses() -> Losses:
    return Losses(
        onward_written_off=movement("onward_written_off", 96_000, 41_250),
        onward_recovered=movement("onward_recovered", 8_000, 3_500),
        bank_written_off=movement("written_off", 0, 85_000),
        bank_recovered=movement("bank_recovered", 0, 12_000),
    )


def proof() -> Proof:
    lines = _LINES
    books = (
        ("reclaim-fund", "Reclaim fund", 9, 640),
        ("distributor", "Distributor", 8, 96),
        ("trust", "Trust", 4, 30),
        ("bank", "Big Society Bank", 41, 1_912),
        *((f"int_{at}", f"Memorandum book of {line[0]}", 60 + at, 1_400 + 90 * at) for at, line in enumerate(lines, 1)),
    )
    return Proof(
        books=tuple(
            BookBalance(
                book=code, title=title, accounts=accounts, entries=entries,
                debits=pounds(entries * 81_213), credits=pounds(entries * 81_213),
            )
            for code, title, accounts, entries in books
        ),
        pairs_checked=41,
        ties_checked=7,
        breaks=(
            TieBreak(
                facility="fac_06", intermediary="Eden Valley Property Fund", in_our_book=pounds(1_860_000),
                in_their_book=pounds(1_851_200), explained=pounds(6_000), difference=pounds(2_800),
                explanation="A fee taken from principal; the intermediary has been asked for its bank statement.",
            ),
        ),
        corrections=(
            Correction(
                quarter=Quarter(2012, 3), subject="Severn Charity Bonds", what="Principal received",
                before=pounds(61_000), after=pounds(16_000), recorded_at=KNOWN_AT,
                reason="digits had been exchanged in the return",
            ),
        ),
        returns=tuple(
            ReturnLine(
                facility=f"fac_{at:02d}", intermediary=name, due_on=date(2013, 1, 21), status=status,
                filed_on=date(2013, 1, day) if day else None, accepted_on=date(2013, 1, day + 1) if day else None,
                loans=30 + 4 * at if day else None,
            )
            for at, (name, _, _, _, _, _, status, day) in enumerate(lines, start=1)
        ),
        provenance=source(),
    )  # fmt: skip


def portfolio(**facts: object) -> PortfolioStatement:
    return PortfolioStatement.model_validate(
        {
            "issue": issue(),
            "path": path(),
            "history": history(),
            "allocations": allocations(),
            "allocations_provenance": source(),
            "liquidity": (
                figure("cash", pounds(21_870_000)),
                figure("treasury", NOTHING),
                figure("bank_reserve", pounds(2_000_000)),
                figure("undrawn_commitments", pounds(11_135_000)),
                figure("headroom", pounds(8_735_000)),
            ),
            "onward": onward(),
            "arrears": arrears(),
            "losses": losses(),
            "movements": (
                movement("co_invested", 5_100_000, 1_104_300),
                movement("repaid", 1_410_000, 630_000),
                movement("owed", 13_910_000, 3_145_500, 715_000),
                movement("undrawn", 11_580_000, 2_700_000, 3_145_000),
                movement("cash", 20_001_000, 5_014_500, 3_145_500),
            ),
            "adequacy": sample_pages.adequacy(),
            "commitments": sample_pages.commitments(),
            "undrawn_over_a_year": figure("undrawn_over_a_year", pounds(8_435_000)),
            "holdings": sample_pages.holdings(),
            "bounds": sample_pages.bounds(),
            "stages": sample_pages.stages(),
            "quality": sample_pages.quality(),
            "accounts": sample_pages.accounts(),
            "judged": sample_pages.judged(),
            "proof": proof(),
            **facts,
        }
    )


def _answers(field: str, title: str, *counts: int) -> FieldAnswers:
    names = ("answered", "not_known", "not_applicable", "blank")
    return FieldAnswers.model_validate({"field": field, "title": title, **dict(zip(names, counts, strict=True))})


def impact(**facts: object) -> ImpactStatement:
    covered = Coverage(known=298, of=407, known_money=pounds(11_000_000), of_money=pounds(14_690_570))
    return ImpactStatement.model_validate(
        {
            "issue": issue(statement="sta_01impact2012q4"),
            "lent": movement("lent", 12_210_450, 2_480_120),
            "co_invested": movement("co_invested", 5_100_000, 1_104_300),
            "loans": figure("loans", 407),
            "organisations": figure("organisations", 361),
            "places": figure("places", 118),
            "history": history(),
            "onward": onward(),
            "legal_forms": sliced(
                "legal-form", "Legal form", "Code list of legal forms, version 1",
                ("CLG", "Company limited by guarantee", 160, 5_400_000, 2_000_000),
                ("CIC-CLG", "Community interest company", 101, 3_800_000, 1_500_000),
                ("BENCOM", "Community benefit society", 52, 2_600_000, 1_300_000),
                ("COOP", "Co-operative society", 31, 1_500_000, 900_000),
                ("UNINC", "Unincorporated group", 46, 1_090_400, 409_300),
                *_LOST,
            ),
            "asset_locks": sample_pages.judged().asset_locks,
            "purposes": sliced(
                "purpose", "Purpose", "Social economy data lab codes",
                ("workingCapital", "Working capital", 140, 4_000_000, 1_200_000),
                ("property", "Property", 76, 5_100_000, 3_000_000),
                ("growthFinance", "Growth", 88, 3_300_000, 1_000_000),
                ("asset", "Equipment and other assets", 86, 1_990_400, 909_300),
                *_LOST,
            ),
            "sizes": sliced(
                "size", "Size of loan", "",
                ("to-10k", "Up to £10,000", 150, 900_000, 300_000),
                ("to-50k", "£10,000 to £50,000", 140, 3_900_000, 1_300_000),
                ("to-250k", "£50,000 to £250,000", 90, 6_200_000, 2_900_000),
                ("over-250k", "Over £250,000", 27, 3_690_570, 1_704_300),
            ),
            "vanguard": sliced(
                "vanguard", "Vanguard area", "Announced 19 July 2010",
                ("E07000030", "Eden", 9, 310_000, 100_000),
                ("E08000012", "Liverpool", 24, 1_120_000, 400_000),
                ("E09000029", "Sutton", 7, 240_000, 80_000),
                ("E06000040", "Windsor and Maidenhead", 5, 150_000, 60_000),
            ),
            "borrowers": (
                figure("median_loan", pounds(24_500), covered),
                figure("median_turnover", pounds(183_000), covered),
                figure("first_time", Fraction(133, 298), covered),
                figure("declined", Fraction(171, 298), covered),
                figure("grant", pounds(410_000), covered),
            ),
            "people": (
                PeopleReached(code="employment", label="Employment, training and education", unit="people in a year",
                              loans=121, people=7_340, ours=5_138, coverage=covered),
                PeopleReached(code="housing", label="Housing and local facilities", unit="households",
                              loans=68, people=1_214, ours=850, coverage=covered),
                PeopleReached(code="mental-health", label="Mental health and well-being", unit="people in a year",
                              loans=36, people=2_260, ours=1_600, coverage=covered),
            ),
            "people_provenance": source(source="returns"),
            "indicators": (
                IndicatorLine(outcome_area="Employment, training and education", indicator="Jobs sustained 26 weeks",
                              unit="jobs",
                              evidence=evidence(recorded=40, told=21), coverage=covered, loans=61,
                              baseline=Decimal(210), target=Decimal(900), actual=Decimal(702)),
                IndicatorLine(outcome_area="Housing and local facilities", indicator="Homes brought back into use",
                              unit="homes",
                              evidence=evidence(checked=22), coverage=covered, loans=22,
                              baseline=Decimal(0), target=Decimal(250), actual=Decimal(214)),
                IndicatorLine(outcome_area="Mental health and well-being", indicator="Mean well-being score",
                              unit="",
                              evidence=evidence(unsaid=12), coverage=covered, loans=12,
                              baseline=Decimal("18.4"), target=Decimal(24), actual=None),
            ),
            "indicators_provenance": source(source="returns"),
            "answers": (
                _answers("people_reached", "People reached", 298, 44, 20, 45),
                _answers("turnover", "Yearly turnover", 310, 60, 0, 37),
                _answers("declined_by_bank", "Declined by a bank", 298, 80, 9, 20),
            ),
            "answers_provenance": source(source="returns"),
            "cases": cases(),
            "losses": losses(),
            "proof": proof(),
            **facts,
        }
    )  # fmt: skip


def case(code: str, outcome: CaseOutcome, lost: int = 0, **facts: object) -> CaseLine:
    told = {
        "code": code,
        "title": "A kitchen that taught 40 cooks, and closed",
        "text": "The loan fitted out a training kitchen in an empty shop. In 2 years 40 people cooked there, and 23 of "
        "them found work. Then the lease ended, and no other kitchen could be paid for. The trainees who were left "
        "moved to a college, and the lender wrote off what had not been repaid.",
        "outcome": outcome,
        "borrower": "",
        "evidence": "the lender's visit, and the borrower's last accounts",
        "consented_on": date(2012, 11, 5),
        "lent": pounds(45_000),
        "co_invested": pounds(15_000),
        "repaid": pounds(12_500),
        "written_off": pounds(lost),
        "recovered": pounds(0),
        "outstanding": pounds(32_500 - lost),
    }
    return CaseLine.model_validate(told | facts)


def cases(*lines: CaseLine) -> CaseStudies:
    usual = (
        case("cas_2", "succeeded", title="A hall mended and full", borrower="Fell Hall Trust"),
        case("cas_1", "failed", lost=32_500),
    )
    return CaseStudies(lines=lines or usual, provenance=source(source="returns"))


def _still(code: str) -> Movement:
    return movement(code, 0, 0)


def _none(code: str, title: str, nation: str = "") -> Breakdown:
    return sliced(code, title, "").model_copy(update={"nation": nation})


def empty_portfolio() -> PortfolioStatement:
    """The first quarter: dormant money has come in, and nothing has gone out."""
    boxes = {code: _still(code) for code in MoneyPath.model_fields}
    boxes |= {"received": movement("received", 0, 26_400_000), "reserved": movement("reserved", 0, 10_560_000)}
    nothing = Arrears(
        buckets=tuple(Bucket(code=code, loans=0, outstanding=NOTHING, restructured=NOTHING) for code in BUCKETS),
        history=(),
        overdue=figure("overdue", NOTHING),
        at_risk_30=figure("at_risk_30", None),
        at_risk_90=figure("at_risk_90", None),
        at_risk_30_restructured=figure("at_risk_30_restructured", None),
        at_risk_90_restructured=figure("at_risk_90_restructured", None),
        coverage=Coverage(known=0, of=0),
        provenance=source(source="returns"),
    )
    return portfolio(
        issue=issue(quarter=Quarter(2011, 3), as_at=date(2011, 9, 30)),
        path=MoneyPath.model_validate(boxes),
        history=(),
        allocations=(),
        liquidity=(figure("cash", NOTHING), figure("headroom", NOTHING)),
        onward=empty_onward(),
        arrears=nothing,
        losses=empty_losses(),
        movements=(_still("undrawn"), _still("cash")),
        adequacy=sample_pages.empty_adequacy(),
        commitments=sample_pages.empty_commitments(),
        undrawn_over_a_year=figure("undrawn_over_a_year", NOTHING),
        holdings=sample_pages.empty_holdings(),
        bounds=sample_pages.empty_bounds(),
        stages=sample_pages.empty_stages(),
        quality=sample_pages.empty_quality(),
        accounts=sample_pages.empty_accounts(),
        judged=sample_pages.empty_judged(),
        proof=Proof(books=proof().books[:4], provenance=source()),
    )


def empty_onward() -> Onward:
    return Onward(
        outcome_areas=_none("outcome-area", "Outcome area"),
        beneficiary_groups=_none("beneficiary-group", "Beneficiary group"),
        nations=_none("nation", "Nation"),
        regions=_none("region", "Region"),
        deprivation=(),
    )


def empty_losses() -> Losses:
    return Losses(
        onward_written_off=_still("onward_written_off"),
        onward_recovered=_still("onward_recovered"),
        bank_written_off=_still("written_off"),
        bank_recovered=_still("bank_recovered"),
    )


def empty_impact() -> ImpactStatement:
    return impact(
        lent=_still("lent"),
        co_invested=_still("co_invested"),
        loans=figure("loans", 0),
        organisations=figure("organisations", 0),
        places=figure("places", 0),
        history=(),
        onward=empty_onward(),
        legal_forms=_none("legal-form", "Legal form"),
        asset_locks=_none("asset-lock", "Asset lock"),
        purposes=_none("purpose", "Purpose"),
        sizes=_none("size", "Size of loan"),
        vanguard=_none("vanguard", "Vanguard area"),
        borrowers=(),
        people=(),
        indicators=(),
        answers=(),
        cases=CaseStudies(lines=(), provenance=source(source="returns")),
        losses=empty_losses(),
        proof=Proof(books=proof().books[:4], provenance=source()),
    )


HOSTILE_NAMES = (
    "A" * 300,
    "Cymdeithas Dŵr a Thŷ Ŵyr Llŷn, an Comunn Gàidhealach",
    "Emoji \N{ROCKET} and \N{CJK UNIFIED IDEOGRAPH-6F22} Fund",
    "</td><script>alert(1)</script><img src=http://127.0.0.1/x>{{ 7 * 7 }}{% raw %}",
    "bsb:statement.css url(file:///etc/hostname) & Sons <Ltd>",
    "\N{RIGHT-TO-LEFT OVERRIDE}desrever\N{SOFT HYPHEN}\N{ZERO WIDTH JOINER} \x07bell\x00nul",
    "lone \ud800 surrogate",
    "{braces} {0} %s %(name)s \\ backslash",
)


def hostile_portfolio() -> PortfolioStatement:
    """Names that try everything, in every place where a name is printed."""
    lines = tuple(
        line.model_copy(update={"intermediary": name, "product": name})
        for line, name in zip(allocations(), HOSTILE_NAMES, strict=True)
    )
    held = proof()
    returns = tuple(
        line.model_copy(update={"intermediary": name}) for line, name in zip(held.returns, HOSTILE_NAMES, strict=True)
    )
    books = tuple(book.model_copy(update={"title": HOSTILE_NAMES[at % 8]}) for at, book in enumerate(held.books))
    areas = sliced(
        "outcome-area",
        HOSTILE_NAMES[3],
        HOSTILE_NAMES[2],
        *((f"a{at}", name, 5, 100_000 * at, 9_000_000_000) for at, name in enumerate(HOSTILE_NAMES)),
    )
    return portfolio(
        issue=issue(caution=HOSTILE_NAMES[3], institution=HOSTILE_NAMES[1]),
        allocations=lines,
        proof=held.model_copy(update={"returns": returns, "books": books}),
        onward=onward().model_copy(update={"outcome_areas": areas}),
    )


def evidence(unsaid: int = 0, **told: int) -> tuple[tuple[str, int], ...]:
    """By how many loans each kind of evidence shows an indicator."""
    return (*((kind, told.get(kind, 0)) for kind in ("studied", "checked", "recorded", "told")), ("not said", unsaid))


def attached(drawn: str = "14690570.00") -> tuple[Attached, ...]:
    """Two files as a statement has them: of loans, which come to what was lent, and a program."""
    rows = [("lon_1", drawn), ("lon_2", "0.00")]
    return (
        Attached(
            name="loans.csv",
            media="text/csv",
            description="Each onward loan",
            content=as_csv(("loan", "drawn"), rows),
            sums=(Sum(column="drawn", reference="lent.closing"), Sum(column="drawn", reference="no_such.closing")),
        ),
        Attached(
            name="verifier.py",
            media="text/x-python",
            description="Checks this file",
            relationship="Supplement",
            content=Contents(b"print('It holds')\n"),
        ),
    )


def long_portfolio(times: int = 9) -> PortfolioStatement:
    """So many of each intermediary that tables run over pages."""
    copies = [(at, line) for at in range(times) for line in allocations()]
    held = proof()
    return portfolio(
        issue=issue(attached=attached()),
        allocations=tuple(line.model_copy(update={"facility": f"{line.facility}_{at}"}) for at, line in copies),
        proof=held.model_copy(
            update={
                "returns": tuple(
                    line.model_copy(update={"facility": f"{line.facility}_{at}"})
                    for at in range(times)
                    for line in held.returns
                )
            }
        ),
    )
