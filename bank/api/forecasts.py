"""`/v1/allocations/{id}/forecasts`: what an allocation without fixed payments is expected to bring in."""

from __future__ import annotations

from typing import Annotated

import pydantic
from fastapi import status
from pydantic import BaseModel, Field

from bank.allocations import commands
from bank.allocations.forecasts import queries
from bank.allocations.forecasts.queries import ForecastView
from bank.api.door import ActKey, BankStaff, FundManager, In, Known, ManagerOrIntermediary, example, router
from bank.api.fields import Day
from ledger.money import Money

routes = router("/allocations", "forecasts")


class ExpectedIn(In):
    """A day and what is expected on it."""

    model_config = example(on="2014-12-31", amount="2500.00")

    on: Day
    amount: Money


_Days = Annotated[tuple[ExpectedIn, ...], Field(strict=False, max_length=400)]


class ForecastIn(In):
    """What is expected after a day: to come in, and still to be paid; and what that rests on."""

    model_config = example(
        from_on="2014-02-03",
        receive=[{"on": "2015-02-03", "amount": "4000.00"}, {"on": "2016-02-03", "amount": "9000.00"}],
        basis="The intermediary's business plan of January 2014",
    )

    from_on: Day
    receive: _Days = ()
    pay: _Days = ()
    basis: Annotated[str, pydantic.Field(min_length=1, max_length=1000)]


class Forecasts(BaseModel):
    """Every forecast of an allocation."""

    items: list[ForecastView]


@routes.get("/{facility}/forecasts")
def forecasts(desk: ManagerOrIntermediary, facility: str, knowing: Known) -> Forecasts:
    """Every forecast of an allocation, the original effective rate, and what each did to the carrying amount."""
    with desk.reading() as session:
        at = knowing.of(session)
        found = queries.forecasts(session, facility, at=at, intermediary=desk.actor.intermediary)
    return Forecasts(items=found)


@routes.post("/{facility}/forecasts", status_code=status.HTTP_201_CREATED)
def propose_forecast(desk: FundManager, facility: str, forecast: ForecastIn, key: ActKey) -> ForecastView:
    """Tell what an allocation is expected to bring in; another fund manager approves it."""
    return commands.propose_forecast(
        desk,
        facility=facility,
        from_on=forecast.from_on,
        receive=tuple((each.on, each.amount) for each in forecast.receive),
        pay=tuple((each.on, each.amount) for each in forecast.pay),
        basis=forecast.basis,
        key=key,
    )


@routes.post("/{facility}/forecasts/{forecast}/approve")
def approve_forecast(desk: BankStaff, facility: str, forecast: str, key: ActKey) -> ForecastView:  # noqa: ARG001 -- the forecast knows its facility
    """Approve another's forecast; what it makes of the carrying amount is a gain or a loss of its day."""
    return commands.approve_forecast(desk, id=forecast, key=key)
