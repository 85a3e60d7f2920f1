"""The nine invented intermediaries of the demonstration, read from the data that stands beside this file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from ledger.dates import Quarter
from ledger.money import NOTHING, Money


@dataclass(frozen=True, slots=True)
class Terms:
    """A facility as it is proposed: what, how much, at what rate, when, and what for."""

    name: str
    product: str
    amount: Money
    annual_rate: Decimal
    pays: Decimal
    """What it pays the bank in a year: the rate of a loan, or about what comes as income where there is none."""
    product_terms: dict[str, str]
    co_investor_amount: Money
    purpose: str
    additionality: str
    proposed_on: date
    approved_on: date
    signed_on: date
    available_until: date
    matures_on: date


@dataclass(frozen=True, slots=True)
class Lending:
    """How an intermediary's onward loans are drawn by the generator. A fixed-term loan has months and rates."""

    count: int
    mean_pounds: int
    share: Decimal
    rates: tuple[str, ...]
    months: tuple[int, ...]
    product: str
    secured: str
    first: Quarter
    last: Quarter
    draw_unit: Money
    tranches: int = 1
    holiday_months: int = 0
    bullet: bool = False
    grants: bool = False
    shared_with: str = ""


@dataclass(frozen=True, slots=True)
class Once:
    """Something that happens in one quarter: a sum, and why."""

    quarter: Quarter
    amount: Money
    reason: str


@dataclass(frozen=True, slots=True)
class Failure:
    """How an intermediary fails: the last return it files, the day, what is written off and what comes back."""

    last_return: Quarter
    on: date
    reason: str
    written_off_on: date
    written_off_share: Decimal
    written_off_reason: str
    recovered_on: date
    recovered: Money


@dataclass(frozen=True, slots=True)
class Facility:
    """One invented intermediary, its one facility and what befalls it."""

    key: str
    intermediary: str
    kind: str
    loan_prefix: str
    terms: Terms
    lending: Lending
    own_money_in: Quarter | None = None
    late_return: Quarter | None = None
    repays_from: Quarter | None = None
    repays: Money = NOTHING
    in_transit: Once | None = None
    costs: Once | None = None
    corrected: Once | None = None
    failure: Failure | None = None


@cache
def facilities() -> tuple[Facility, ...]:
    """The nine facilities, in the order in which they are told."""
    told = json.loads(files("bank.demo").joinpath("data", "intermediaries.json").read_text(encoding="utf-8"))
    return tuple(_facility(one) for one in told["intermediaries"])


def facility(key: str) -> Facility:
    """The facility of a key; refuses a key that the data lacks."""
    found = next((one for one in facilities() if one.key == key), None)
    if found is None:
        raise KeyError(f"the demonstration has no facility {key!r}")
    return found


def _facility(told: dict[str, Any]) -> Facility:
    events = told["events"]
    repays = events.get("repays_principal")
    return Facility(
        key=told["key"],
        intermediary=told["name"],
        kind=told["kind"],
        loan_prefix=told["loan_prefix"],
        terms=_terms(told["facility"]),
        lending=_lending(told["loans"]),
        own_money_in=_quarter(events.get("own_money_in")),
        late_return=_quarter(events.get("late_return")),
        repays_from=Quarter.parse(repays["from"]) if repays else None,
        repays=Money.parse(repays["amount"]) if repays else NOTHING,
        in_transit=_once(events.get("in_transit")),
        costs=_once(events.get("costs")),
        corrected=_once(events.get("corrected_return")),
        failure=_failure(events.get("fails")),
    )


def _terms(told: dict[str, Any]) -> Terms:
    return Terms(
        name=told["name"],
        product=told["product"],
        amount=Money.parse(told["amount"]),
        annual_rate=Decimal(told["annual_rate"]),
        pays=Decimal(told.get("pays", told["annual_rate"])),
        product_terms=dict(told.get("product_terms", {})),
        co_investor_amount=Money.parse(told["co_investor_amount"]),
        purpose=told["purpose"],
        additionality=told["additionality"],
        proposed_on=date.fromisoformat(told["proposed_on"]),
        approved_on=date.fromisoformat(told["approved_on"]),
        signed_on=date.fromisoformat(told["signed_on"]),
        available_until=date.fromisoformat(told["available_until"]),
        matures_on=date.fromisoformat(told["matures_on"]),
    )


def _lending(told: dict[str, Any]) -> Lending:
    return Lending(
        count=told["count"],
        mean_pounds=int(told["mean"]),
        share=Decimal(told["share"]),
        rates=tuple(told["rates"]),
        months=tuple(told["months"]),
        product=told["product"],
        secured=told["secured"],
        first=Quarter.parse(told["first"]),
        last=Quarter.parse(told["last"]),
        draw_unit=Money.parse(told["draw_unit"]),
        tranches=told.get("tranches", 1),
        holiday_months=told.get("holiday", 0),
        bullet=told.get("bullet", False),
        grants=told.get("grants", False),
        shared_with=told.get("shared_with", ""),
    )


def _quarter(text: str | None) -> Quarter | None:
    return Quarter.parse(text) if text else None


def _once(told: dict[str, str] | None) -> Once | None:
    return Once(Quarter.parse(told["quarter"]), Money.parse(told["amount"]), told["reason"]) if told else None


def _failure(told: dict[str, Any] | None) -> Failure | None:
    if told is None:
        return None
    return Failure(
        last_return=Quarter.parse(told["last_return"]),
        on=date.fromisoformat(told["on"]),
        reason=told["reason"],
        written_off_on=date.fromisoformat(told["written_off"]["on"]),
        written_off_share=Decimal(told["written_off"]["share"]),
        written_off_reason=told["written_off"]["reason"],
        recovered_on=date.fromisoformat(told["recovered"]["on"]),
        recovered=Money.parse(told["recovered"]["amount"]),
    )
