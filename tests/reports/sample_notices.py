"""Notices of the made-up institution: as they usually are, and with the longest and strangest words a door lets in."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from reports.document import Document
from reports.figures import Figure, Value
from reports.notices import allocation, drawdown, receipt
from reports.notices.inputs import (
    Agreed,
    AllocationNotice,
    Asked,
    Condition,
    DrawdownNotice,
    Entered,
    Read,
    ReturnReceipt,
)
from reports.notices.measures import MEASURES
from tests.reports import sample
from tests.reports.sample_parts import pounds, source

HOSTILE: Final = ("Ŵŷ <b>&amp;</b> \N{RIGHT-TO-LEFT OVERRIDE}\x07\N{GRINNING FACE} " + "Llanfairpwllgwyngyll" * 15)[
    :300
]
REASON: Final = "Because it was asked for again and again, and each time with other words. " * 13
DRAWN_ON: Final = date(2012, 11, 5)
_SEAL: Final = "9f" * 32
_LATE: Final[dict[str, Value]] = {
    "quarter_from": date(2012, 10, 1),
    "quarter_to": sample.AS_AT,
    "due_on": date(2013, 1, 30),
    "filed_on": date(2013, 2, 2),
    "attested_on": date(2013, 2, 4),
    "accepted_on": None,
    "days_late": 3,
    "version": 2,
    "loans": 41,
    "errors": 0,
    "questions": 2,
    "answered": 1,
    "opening": pounds(290_000),
    "drawn": pounds(100_000),
    "principal_received": pounds(15_000),
    "written_off": pounds(5_000),
    "closing": pounds(370_000),
    "interest_received": pounds(4_010),
    "recovered": pounds(0),
    "arrears": pounds(5_000),
}
_DRAWN: Final[dict[str, Value]] = {
    "paid": pounds(600_000),
    "paid_beside": pounds(200_000),
    "paid_on": DRAWN_ON,
    "entered_on": date(2013, 1, 2),
    "undrawn_before": pounds(1_000_000),
    "undrawn_after": pounds(400_000),
    "drawn_to_date": pounds(600_000),
    "beside_to_date": pounds(200_000),
    "match_wanted": Fraction(1, 3),
    "first_due": date(2013, 2, 5),
    "rate": Decimal("0.06255"),
    "matures_on": date(2018, 12, 31),
}
_ALLOCATED: Final[dict[str, Value]] = {
    "amount": pounds(1_000_000),
    "in_principle": pounds(1_000_000),
    "signed": pounds(1_000_000),
    "paid_to_date": pounds(600_000),
    "beside": pounds(400_000),
    "rate": Decimal("0.05"),
    "proposed_on": date(2012, 1, 9),
    "approved_on": date(2012, 1, 16),
    "available_from": date(2012, 1, 16),
    "available_until": date(2013, 12, 31),
    "matures_on": date(2018, 12, 31),
    "impairment_stage": 1,
}


def told(values: dict[str, Value]) -> tuple[Figure, ...]:
    return tuple(Figure(measure=MEASURES[code], value=value, provenance=source()) for code, value in values.items())


def heading(kind: str, subject: str, values: dict[str, Value], name: str) -> dict[str, object]:
    return {
        "issue": sample.issue(statement=f"not_{kind}", subject=subject),
        "figures": told(values),
        "provenance": source(),
        "to": name,
        "facility": "fac_one",
        "facility_name": f"Senior loan facility to {name}",
        "product": "Senior loan facility",
    }


def of_a_drawdown(
    name: str = "Harbour Lending", words: str = "As asked for", many: int = 2, **other: Value
) -> Document:
    given = {
        **heading("drawdown", "fac_one entry 22", _DRAWN | other, name),
        "earns": True,
        "interest": "fixed, counted by act/365f",
        "repayment": "level, every 3 months",
        "conditions": [
            Condition(text=words, state="satisfied", settled_on=DRAWN_ON, evidence=words) for _ in range(many)
        ],
        "entries": [Entered(seq=22 + n, book="bank", description=name, seal=_SEAL) for n in range(3)],
        "note": words,
        "evidence": words,
    }
    return drawdown.compose(DrawdownNotice.model_validate(given))


def of_a_return(name: str = "Harbour Lending", words: str = "As agreed", many: int = 2, **other: Value) -> Document:
    given = {
        **heading("receipt", "ret_one", _LATE | other, name),
        "return_id": "ret_one",
        "state": "attested",
        "submitted_by": name,
        "attested_by": name,
        "attested_role": name,
        "accepted_by": "",
        "explanation": words,
        "content_sha256": _SEAL,
        "original_sha256": _SEAL,
        "supersedes": "ret_before",
        "superseded_by": "",
        "findings": [Asked(where="H-1 annual_rate", message=words, answer=words, answered_by=name)] * many,
    }
    return receipt.compose(ReturnReceipt.model_validate(given))


def of_an_allocation(name: str = "Harbour Lending", words: str = "For good", many: int = 2, **other: Value) -> Document:
    given = {
        **heading("allocation", "fac_one", _ALLOCATED | other, name),
        "state": "drawing",
        "purpose": words,
        "additionality": words,
        "day_count": "counted by act/365f",
        "region": "North West",
        "secured": True,
        "first_loss": None,
        "proposed_by": name,
        "agreed": [Agreed(by=name, decision="approved", on=DRAWN_ON)] * many,
        "readings": [
            Read(
                limit="single intermediary",
                hard=True,
                before="£1,000,000.00",
                after="£2,000,000.00",
                bound="£5,000,000.00",
                within=True,
            )
        ]
        * many,
        "read_of_others": words,
        "match": "Match of co-investors: 1 times ours at signing.",
    }
    return allocation.compose(AllocationNotice.model_validate(given))


USUAL: Final = {"drawdown": of_a_drawdown, "receipt": of_a_return, "allocation": of_an_allocation}
"""By kind, whatever makes one."""
