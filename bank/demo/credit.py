"""Interest and credit in the demonstration: a base rate that steps, terms, allowances, and a loan that goes bad."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Final

from bank.allocations.commands import (
    allow_for_all,
    allow_for_loss,
    approve_assumption,
    approve_terms,
    assume_loss,
    move_stage,
    propose_terms,
)
from bank.demo.acts import Act, Stage
from bank.demo.agreed import AGREED, ASSUMED, BASE, CONVERSION, STEPS
from bank.demo.cash import weekday
from bank.demo.cast import APPROVER, PROPOSER
from bank.demo.partners import Failure, facilities, facility
from bank.rates.commands import approve_base_rate, propose_base_rate
from ledger.dates import Quarter

_AGREED_ON: Final = date(2011, 12, 21)
_BEFORE_TERMS: Final = 11
_AFTER_SIGNATURE: Final = 15
_MEASURED: Final = 9
_LATE_ACCOUNTS: Final = "Its accounts are four months late and a covenant was waived twice"


def credit(closes: Sequence[Quarter]) -> Iterator[Act]:
    """Everything done about interest and credit, each act on its day."""
    for on, rate in STEPS:
        yield Act(max(on, _AGREED_ON), _BEFORE_TERMS, f"{BASE} of {rate}", partial(_step, on, rate))
    for told in ASSUMED:
        yield Act(_AGREED_ON, _BEFORE_TERMS, f"loss of stage {told[0]} assumed", partial(_assume, *told))
    for key in AGREED:
        signed = facility(key).terms.signed_on
        yield Act(signed, _AFTER_SIGNATURE, f"terms of {key}", partial(_agree, key))
    for quarter in closes:
        day = weekday(quarter.ends_on + timedelta(1))
        yield Act(day, _MEASURED, f"{quarter} allowed for", partial(_allow, quarter))
    for whole in facilities():
        if whole.failure is not None:
            yield from _going_bad(whole.key, whole.failure)


def _going_bad(key: str, failure: Failure) -> Iterator[Act]:
    watched = weekday(failure.last_return.ends_on + timedelta(days=1))
    moves: tuple[tuple[date, int, str, Callable[[Stage], object]], ...] = (
        (watched, 10, "stage 2", partial(_move, key, 2, watched, _LATE_ACCOUNTS)),
        (failure.on, 15, "stage 3", partial(_move, key, 3, failure.on, failure.reason)),
        (failure.on, 16, "allowed for", partial(_allow_one, key, failure.on)),
    )
    for on, hour, what, do in moves:
        yield Act(on, hour, f"{key} {what}", do)


def _step(on: date, rate: Decimal, stage: Stage) -> None:
    source = "Invented for the demonstration"
    made = propose_base_rate(stage.desk(PROPOSER), base=BASE, rate=rate, from_on=on, source=source, key=f"{BASE} {on}")
    approve_base_rate(stage.desk(APPROVER), id=made.id, key=f"{BASE} {on} approved")


def _assume(stage_number: int, by_year: tuple[str, ...], lost: str, stage: Stage) -> None:
    made = assume_loss(
        stage.desk(PROPOSER),
        stage=stage_number,
        by_year=tuple(map(Decimal, by_year)),
        loss_given_default=Decimal(lost),
        conversion=CONVERSION,
        from_on=_AGREED_ON,
        basis="Invented for the demonstration",
        key=f"loss of stage {stage_number}",
    )
    approve_assumption(stage.desk(APPROVER), id=made.id, key=f"loss of stage {stage_number} approved")


def _agree(key: str, stage: Stage) -> None:
    made = propose_terms(stage.desk(PROPOSER), facility=stage.facilities[key], key=f"{key} terms", **AGREED[key])
    approve_terms(stage.desk(APPROVER), id=made.id, key=f"{key} terms approved")


def _allow(quarter: Quarter, stage: Stage) -> None:
    allow_for_all(stage.desk(PROPOSER), on=quarter.ends_on, key=f"allowed for {quarter}")


def _allow_one(key: str, on: date, stage: Stage) -> None:
    allow_for_loss(stage.desk(PROPOSER), facility=stage.facilities[key], on=on, key=f"{key} allowed for {on}")


def _move(key: str, number: int, on: date, reason: str, stage: Stage) -> None:
    facility_id = stage.facilities[key]
    move_stage(
        stage.desk(APPROVER), facility=facility_id, stage=number, on=on, reason=reason, key=f"{key} stage {number}"
    )
