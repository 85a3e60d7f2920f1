"""What the demonstration's bank expects: of growth finance by its forecasts, and of a loan that begins impaired."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Final

from bank.allocations.commands import (
    accrue,
    allow_for_loss,
    approve,
    approve_forecast,
    approve_receipts,
    approve_terms,
    draw_down,
    expect_receipts,
    propose,
    propose_forecast,
    propose_terms,
    sign,
)
from bank.demo.acts import Act, Stage
from bank.demo.cast import APPROVER, PROPOSER
from ledger.money import Money

_HOUR: Final = 16
_GROWTH: Final = "tallowgate-quasi"
_LENDER: Final = "saltmeadow"
_TROUBLED: Final = f"{_LENDER} arrangement"
_THOUSAND: Final = 1000_00


@dataclass(frozen=True, slots=True)
class _Forecast:
    """What is to come in every half-year after a day, in thousands, and what that rests on."""

    told_on: date
    from_on: date
    thousands: tuple[int, ...]
    basis: str

    @property
    def receive(self) -> tuple[tuple[date, Money], ...]:
        """Each receipt on its day: in May and in November, like those that came."""
        days = [date(year, *day) for year in range(self.from_on.year, 2021) for day in ((5, 14), (11, 12))]
        coming = [day for day in days if day > self.from_on]
        return tuple((day, Money(sum_ * _THOUSAND)) for day, sum_ in zip(coming, self.thousands, strict=False))


_FORECASTS: Final = (
    _Forecast(
        date(2012, 11, 20),
        date(2012, 11, 20),
        (16, 18, 30, 36, 42, 48, 52, 55, 58, 60, 62, 64, 66, 68, 70, 72),
        "Business plan (invented): income grows by a seventh a year",
    ),
    _Forecast(
        date(2014, 1, 14),
        date(2013, 12, 31),
        (24, 28, 33, 38, 43, 47, 51, 54, 56, 58, 60, 62, 64, 66),
        "Management accounts of December (invented): a year behind the plan",
    ),
)
_SIGNED_ON: Final = date(2014, 1, 8)
_DRAWN_ON: Final = date(2014, 1, 13)
_MEASURED_ON: Final = date(2014, 1, 31)
_LENT: Final = Money(240_000_00)
_EXPECTED: Final = tuple((date(2014 + year, 1, 13), Money(84_000_00)) for year in (1, 2, 3))


def foretelling() -> Iterator[Act]:
    """The forecasts, and the loan from its proposal to the day on which it is first measured."""
    for told in _FORECASTS:
        yield Act(told.told_on, _HOUR, f"{_GROWTH} forecast from {told.from_on}", partial(_forecast, told))
    yield Act(date(2014, 1, 6), _HOUR, f"propose {_TROUBLED}", _propose)
    yield Act(date(2014, 1, 7), _HOUR, f"approve {_TROUBLED}", _approve)
    yield Act(_SIGNED_ON, _HOUR, f"sign {_TROUBLED}", _sign)
    yield Act(_DRAWN_ON, _HOUR, f"draw {_TROUBLED}", _draw)
    yield Act(_MEASURED_ON, _HOUR, f"measure {_TROUBLED}", _measure)


def _forecast(told: _Forecast, stage: Stage) -> None:
    key = f"{_GROWTH} forecast {told.from_on}"
    made = propose_forecast(
        stage.desk(PROPOSER),
        facility=stage.facilities[_GROWTH],
        from_on=told.from_on,
        receive=told.receive,
        basis=told.basis,
        key=key,
    )
    approve_forecast(stage.desk(APPROVER), id=made.id, key=f"{key} approved")


def _propose(stage: Stage) -> None:
    made = propose(
        stage.desk(PROPOSER),
        intermediary=stage.partners[_LENDER],
        product="senior-loan",
        amount=_LENT,
        annual_rate=Decimal("0.08"),
        available_from=_SIGNED_ON,
        available_until=date(2014, 12, 31),
        matures_on=_EXPECTED[-1][0],
        purpose="Carrying eleven borrowers of one estate through their arrangement",
        additionality="Nobody else lends while the arrangement lasts",
        name="Saltmeadow: an estate in arrangement",
        key=_TROUBLED,
    )
    stage.facilities[_TROUBLED] = made.id


def _approve(stage: Stage) -> None:
    approve(stage.desk(APPROVER), facility=stage.facilities[_TROUBLED], key=f"{_TROUBLED} approve")


def _sign(stage: Stage) -> None:
    """Signed with its terms: three equal parts, a year apart."""
    facility = stage.facilities[_TROUBLED]
    sign(stage.desk(PROPOSER), facility=facility, key=f"{_TROUBLED} sign")
    made = propose_terms(
        stage.desk(PROPOSER),
        facility=facility,
        from_on=_SIGNED_ON,
        rate=Decimal("0.08"),
        repayment="equal-principal",
        first_due_on=_EXPECTED[0][0],
        instalments=len(_EXPECTED),
        every_months=12,
        roll="none",
        key=f"{_TROUBLED} terms",
    )
    approve_terms(stage.desk(APPROVER), id=made.id, key=f"{_TROUBLED} terms approved")


def _draw(stage: Stage) -> None:
    """Less is expected of it than its contract claims, and two agree to that before a penny is lent: it begins so."""
    facility = stage.facilities[_TROUBLED]
    made = expect_receipts(
        stage.desk(PROPOSER),
        facility=facility,
        from_on=_DRAWN_ON,
        receipts=_EXPECTED,
        basis="The supervisor's report on the arrangement (invented)",
        key=f"{_TROUBLED} expected",
    )
    approve_receipts(stage.desk(APPROVER), id=made.id, key=f"{_TROUBLED} expected approved")
    draw_down(stage.desk(PROPOSER), facility=facility, amount=_LENT, on=_DRAWN_ON, key=f"{_TROUBLED} draw")


def _measure(stage: Stage) -> None:
    facility = stage.facilities[_TROUBLED]
    accrue(stage.desk(PROPOSER), facility=facility, until=_MEASURED_ON, key=f"{_TROUBLED} accrued")
    allow_for_loss(stage.desk(PROPOSER), facility=facility, on=_MEASURED_ON, key=f"{_TROUBLED} measured")
