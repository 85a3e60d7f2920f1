"""The bank's arithmetic, open to anyone: documents in, documents out, by the same functions that post."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from ledger.daycounts import DayCount
from ledger.faults import Fault, Faulty, shown
from ledger.money import NOTHING, BadAmount, Money
from ledger.schedules import Drawdown, Instalment, Repayment, RepaymentKind, Terms
from ledger.schedules import schedule as instalments_under
from ledger.strictjson import NotJson, read_json
from ledger.yields import EffectiveInterest, effective_interest_by_date, effective_interest_by_period
from ledger.yields import xirr as rate_of_return

MOST_BYTES: Final = 4_000_000
MOST_FLOWS: Final = 10_000
MOST_PERIODS: Final = 1_200
EARLIEST: Final = date(1900, 1, 1)
LATEST: Final = date(2199, 12, 31)
"""Published cases reach back behind the bank's own calendar, so the calculators' reaches further."""

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_RATE: Final = re.compile(r"[0-9]{1,3}(\.[0-9]{1,12})?", re.ASCII)


class BadDocument(Faulty):
    """A document that a calculator cannot read."""

    slug = "bad-calculation"


def read_document(raw: bytes) -> object:
    """The JSON in a file. Refuses other bytes, NaN and infinities, a member named twice, and anything oversized."""
    if len(raw) > MOST_BYTES:
        raise _unreadable(f"{len(raw)} bytes", f"at most {MOST_BYTES}", "divide the calculation")
    try:
        return read_json(raw)
    except NotJson as wrong:
        raise _unreadable(
            "bytes that are no JSON of ours", "one JSON object in UTF-8", f"mend this: {wrong}"
        ) from wrong


def schedule(document: object) -> dict[str, object]:
    """The instalments of a loan, with the total interest and payment. Refuses a faulty document with all its faults."""
    asked = _read(_Schedule, document)
    lines = instalments_under(asked.terms())
    return {
        "instalments": [_line(line) for line in lines],
        "total_interest": str(Money.total(line.interest for line in lines)),
        "total_payment": str(Money.total(line.payment for line in lines)),
    }


def eir(document: object) -> dict[str, object]:
    """The effective interest rate of flows, by period or by date, with the amortised cost of each period.

    The rate is null, and the reason given, where no one rate balances the flows.
    """
    asked = _read(_Flows, document)
    dated = [(flow.on, flow.amount) for flow in asked.flows if flow.on is not None]
    numbered = [(flow.period, flow.amount) for flow in asked.flows if flow.period is not None]
    wrong = [
        Fault(f"/flows/{place}", found, "a period or a date, the same for every flow", "write either period or on")
        for place, (flow, found) in enumerate((flow, flow.timed_by()) for flow in asked.flows)
        if found != asked.flows[0].timed_by() or found not in {"a period", "a date"}
    ]
    if wrong:
        raise BadDocument(wrong)
    made = effective_interest_by_date(dated) if dated else effective_interest_by_period(numbered)
    return {**_rate(made.found.text, made.found.reason), "periods": list(_amortised(made))}


def xirr(document: object) -> dict[str, object]:
    """The yearly rate at which dated flows balance, or null and the reason where no one rate does."""
    asked = _read(_DatedFlows, document)
    found = rate_of_return((flow.on, flow.amount) for flow in asked.flows)
    return _rate(found.text, found.reason)


def _unreadable(found: str, expected: str, remedy: str) -> BadDocument:
    return BadDocument([Fault("", found, expected, remedy)])


def _rate(text: str | None, reason: str) -> dict[str, object]:
    return {"rate": text} if text is not None else {"rate": None, "reason": reason}


def _line(line: Instalment) -> dict[str, object]:
    return {
        "number": line.number,
        "due_on": line.due_on.isoformat(),
        "principal": str(line.principal),
        "interest": str(line.interest),
        "payment": str(line.payment),
        "balance": str(line.balance),
    }


def _amortised(made: EffectiveInterest) -> Iterable[dict[str, object]]:
    for line in made.periods:
        yield {
            "period": line.number,
            **({"on": line.on.isoformat()} if line.on else {}),
            "opening": str(line.opening),
            "interest": str(line.interest),
            "cash": str(line.cash),
            "closing": str(line.closing),
        }


def _wrong(expected: str, remedy: str) -> PydanticCustomError:
    return PydanticCustomError("fault", "expected {expected}", {"expected": expected, "remedy": remedy})


def _read_amount(value: object) -> Money:
    try:
        return Money.parse(value)
    except BadAmount as bad:
        expected = "pounds as text with at most two decimals, and at most 90 trillion"
        raise _wrong(expected, "write it like 1234.56, in quotes") from bad


def _read_day(value: object) -> date:
    try:
        day = date.fromisoformat(value) if isinstance(value, str) and _DAY.fullmatch(value) else None
    except ValueError:
        day = None
    if day is None or not EARLIEST <= day <= LATEST:
        raise _wrong(f"a day from {EARLIEST} to {LATEST}", "write it like 2012-03-31")
    return day


def _read_rate(value: object) -> Decimal:
    if not isinstance(value, str) or not _RATE.fullmatch(value):
        raise _wrong("a yearly fraction as text, with at most twelve decimals", "write 7.5% as 0.075, in quotes")
    return Decimal(value)


def _read_day_count(value: object) -> DayCount:
    if not isinstance(value, str) or value not in set(DayCount):
        raise _wrong(f"one of {', '.join(DayCount)}", "name one of these conventions")
    return DayCount(value)


_Amount = Annotated[Money, BeforeValidator(_read_amount)]
_Day = Annotated[date, BeforeValidator(_read_day)]
_Rate = Annotated[Decimal, BeforeValidator(_read_rate)]
_Count = Annotated[DayCount, BeforeValidator(_read_day_count)]


Model = TypeVar("Model", bound=BaseModel)


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Drawdown(_Document):
    on: _Day
    amount: _Amount


class _Repayment(_Document):
    kind: RepaymentKind
    amount: _Amount = NOTHING


class _Schedule(_Document):
    drawdowns: Annotated[list[_Drawdown], Field(min_length=1, max_length=600)]
    annual_rate: _Rate
    day_count: _Count = DayCount.ACT_365F
    every_months: int = 1
    first_due_on: _Day
    instalments: int
    repayment: _Repayment
    capital_holiday: int = 0

    def terms(self) -> Terms:
        return Terms(
            drawdowns=[Drawdown(drawdown.on, drawdown.amount) for drawdown in self.drawdowns],
            annual_rate=self.annual_rate,
            first_due_on=self.first_due_on,
            instalments=self.instalments,
            repayment=Repayment(self.repayment.kind, self.repayment.amount),
            every_months=self.every_months,
            day_count=self.day_count,
            capital_holiday=self.capital_holiday,
        )


class _Flow(_Document):
    period: Annotated[int, Field(ge=0, le=MOST_PERIODS)] | None = None
    on: _Day | None = None
    amount: _Amount

    def timed_by(self) -> Literal["a period", "a date", "both", "neither"]:
        match self.period, self.on:
            case (None, None):
                return "neither"
            case (None, _):
                return "a date"
            case (_, None):
                return "a period"
            case _:
                return "both"


class _Flows(_Document):
    flows: Annotated[list[_Flow], Field(min_length=1, max_length=MOST_FLOWS)]


class _DatedFlow(_Document):
    on: _Day
    amount: _Amount


class _DatedFlows(_Document):
    flows: Annotated[list[_DatedFlow], Field(max_length=MOST_FLOWS)]


def _read(model: type[Model], document: object) -> Model:
    try:
        return model.model_validate(document)
    except ValidationError as wrong:
        raise BadDocument([_fault(error) for error in wrong.errors(include_url=False)]) from None


_KNOWN: Final[Mapping[str, tuple[str, str]]] = {
    "missing": ("this member", "add it"),
    "extra_forbidden": ("no member of this name", "check its spelling or leave it out"),
    "model_type": ("one JSON object", "put the members in braces"),
    "int_type": ("a whole number", "write it without quotes and without decimals"),
    "too_short": ("a list of at least {min_length}", "add what is to be in it"),
    "too_long": ("a list of at most {max_length}", "divide the calculation"),
    "list_type": ("a list", "put the members in square brackets"),
}


def _fault(error: ErrorDetails) -> Fault:
    pointer = "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in error["loc"])
    bounds: dict[str, Any] = error.get("ctx", {})
    said = bounds if error["type"] == "fault" else {}
    expected, remedy = error["msg"].removeprefix("Input should be "), "mend it"
    if error["type"] in _KNOWN:
        expected, remedy = (words.format(**bounds) for words in _KNOWN[error["type"]])
    found = "nothing" if error["type"] == "missing" else shown(error["input"])
    return Fault(pointer, found, said.get("expected", expected), said.get("remedy", remedy))
