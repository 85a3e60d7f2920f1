"""The small parts that the made-up institution is built from: sums, sources, figures, movements and breakdowns."""

from __future__ import annotations

from datetime import UTC, date, datetime

from ledger.dates import Quarter
from ledger.money import Money
from reports.figures import Coverage, Figure, Movement, Provenance, Value
from reports.statements.inputs import Breakdown, Slice
from reports.statements.measures import MEASURES

QUARTER = Quarter(2012, 4)
AS_AT = date(2012, 12, 31)
KNOWN_AT = datetime(2013, 1, 21, 9, 0, tzinfo=UTC)
ROOT = "7c07aebf1623a3b39d2e5f6a1b4c8d9e0f112233445566778899aabbccddeeff"


def pounds(value: int) -> Money:
    return Money(value * 100)


def source(formula: str = "the sum of the accounts named", **facts: object) -> Provenance:
    return Provenance.model_validate(
        {
            "formula": formula,
            "as_at": AS_AT,
            "known_seq": 18442,
            "known_at": KNOWN_AT,
            "book": "bank",
            "accounts": ("1200",),
            "entries": ((1, 18442),),
            "entry_count": 412,
            **facts,
        }
    )


def movement(code: str, opening: int, added: int, taken: int = 0) -> Movement:
    return Movement(
        measure=MEASURES[code],
        opening=pounds(opening),
        added=pounds(added),
        taken=pounds(taken),
        closing=pounds(opening + added - taken),
        provenance=source(),
    )


def figure(code: str, value: Value, coverage: Coverage | None = None) -> Figure:
    return Figure(measure=MEASURES[code], value=value, provenance=source(), coverage=coverage)


def sliced(code: str, title: str, edition: str, *parts: tuple[str, str, int, int, int]) -> Breakdown:
    slices = tuple(
        Slice.model_validate(
            {
                "code": key,
                "label": label,
                "loans": loans,
                "ours": pounds(ours),
                "others": pounds(others),
                "kind": key if key in {"unmatched", "unavailable"} else "known",
            }
        )
        for key, label, loans, ours, others in parts
    )
    known = [part for part in slices if part.kind == "known"]
    return Breakdown(
        code=code,
        title=title,
        slices=slices,
        coverage=Coverage(
            known=sum(part.loans for part in known),
            of=sum(part.loans for part in slices),
            known_money=Money.total(part.ours for part in known),
            of_money=Money.total(part.ours for part in slices),
        ),
        provenance=source("drawn by borrowers times our share, added over loans", source="returns"),
        edition=edition,
    )
