"""How figures ran over the quarters: series for the small charts, and arrears at each quarter's end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from bank.figures.books import OUR_PRINCIPAL
from bank.figures.evidence import Evidence
from bank.figures.measures import MEASURES
from bank.figures.money import FOLDS
from bank.figures.registry import REGISTRY
from intermediaries.loans.rules import bucket_of
from intermediaries.loans.views import Lent
from ledger.money import Money
from reports.figures import Point, Series
from reports.statements.inputs import BUCKETS, Arrears, Bucket, BucketCode, BucketQuarter

MOST_QUARTERS: Final = 8
"""Quarters that a series reaches back."""

BANDS: Final[dict[str, BucketCode]] = {
    "0": "current",
    "1-30": "1-30",
    "31-60": "31-60",
    "61-90": "61-90",
    "91-180": "over-90",
    "180+": "over-90",
}
"""The bands of the partners' room as the statements print them."""


def series(evidence: Evidence, code: str) -> Series:
    """A sum of the ledger at the end of each quarter to this one, eight at most."""
    strand = evidence.books.strand(FOLDS[code][0])
    return Series(
        measure=MEASURES[code],
        points=tuple(
            Point(quarter=quarter, value=strand.upto(evidence.day_of(quarter)))
            for quarter in evidence.quarters_to_date(MOST_QUARTERS)
        ),
        provenance=REGISTRY[code].work_out(evidence).provenance,
    )


def arrears(evidence: Evidence) -> Arrears:
    """Onward loans by how late they are, now and at each quarter's end, with the principal at risk."""
    figures = {
        code: REGISTRY[code].work_out(evidence).figure
        for code in ("overdue", "at_risk_30", "at_risk_90", "at_risk_30_restructured", "at_risk_90_restructured")
    }
    return Arrears(
        buckets=buckets(evidence.standing),
        history=tuple(
            BucketQuarter(quarter=quarter, amounts=_amounts(evidence, evidence.day_of(quarter)))
            for quarter in evidence.quarters_to_date(MOST_QUARTERS)
        ),
        coverage=evidence.reported_for,
        provenance=evidence.provenance(
            "the balance of account 1300 of each loan, put under the days past due in its last accepted return",
            [OUR_PRINCIPAL],
            reported=True,
        ),
        **figures,
    )


def band_of(state: Lent) -> BucketCode:
    """Which band of days overdue a loan is in."""
    return BANDS[bucket_of(state.days_past_due)]


def buckets(standing: Iterable[Lent]) -> tuple[Bucket, ...]:
    """The loans outstanding under their bands: how many, how much of ours, and how much of it on changed terms."""
    bands: dict[BucketCode, list[Lent]] = {code: [] for code in BUCKETS}
    for state in standing:
        bands[band_of(state)].append(state)
    return tuple(_bucket(code, some) for code, some in bands.items())


def _bucket(code: BucketCode, states: Sequence[Lent]) -> Bucket:
    return Bucket(
        code=code,
        loans=len(states),
        outstanding=Money.total(state.outstanding for state in states),
        restructured=Money.total(state.outstanding for state in states if state.restructured),
    )


def _amounts(evidence: Evidence, day: date) -> tuple[Money, Money, Money, Money, Money]:
    """The balance of every loan on a day, under the days past due in the last report that counted then."""
    late = evidence.knowledge.days_past_due(day)
    sums = dict.fromkeys(BUCKETS, 0)
    for loan, pence in evidence.knowledge.principal(day).items():
        sums[BANDS[bucket_of(late.get(loan, 0))]] += pence
    current, first, second, third, worst = map(Money, sums.values())
    return current, first, second, third, worst
