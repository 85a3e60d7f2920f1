"""What the demonstration plays of products beside lending: shares, growth finance, guarantees, values and grants."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache, partial
from importlib.resources import files
from typing import Any, Final

from bank.allocations.commands import approve, propose, record_event, sign
from bank.demo.acts import Act, Stage
from bank.demo.cash import cash
from bank.demo.cast import APPROVER, PROPOSER
from ledger.money import NOTHING, Money

_HOUR: Final = 15
_POUND: Final = 100


@cache
def told() -> dict[str, Any]:
    """The further facilities and everything that happens by a product, as the data has them."""
    found: dict[str, Any] = json.loads(files("bank.demo").joinpath("data", "products.json").read_text(encoding="utf-8"))
    return found


def products() -> Iterator[Act]:
    """Everything done by product, each on its day."""
    for one in told()["facilities"]:
        steps = (("proposed_on", _propose), ("approved_on", _approve), ("signed_on", _sign))
        for day, step in steps:
            yield Act(date.fromisoformat(one[day]), _HOUR, f"{day} {one['key']}", partial(step, one))
    for number, event in enumerate(told()["events"]):
        key = f"{event['facility']} {number}"
        yield Act(date.fromisoformat(event["on"]), _HOUR, f"{event['verb']} {key}", partial(_happen, event, key))


def _propose(one: dict[str, Any], stage: Stage) -> None:
    proposed = propose(
        stage.desk(PROPOSER),
        intermediary=stage.partners[one["of"]],
        product=one["product"],
        amount=Money.parse(one["amount"]),
        annual_rate=Decimal(0),
        available_from=date.fromisoformat(one["signed_on"]),
        available_until=date.fromisoformat(one["available_until"]),
        matures_on=date.fromisoformat(one["matures_on"]),
        purpose=one["purpose"],
        additionality=one["additionality"],
        co_investor_amount=Money.parse(one["co_investor_amount"]),
        name=one["name"],
        product_terms=one["product_terms"],
        key=f"{one['key']} propose",
    )
    stage.facilities[one["key"]] = proposed.id


def _approve(one: dict[str, Any], stage: Stage) -> None:
    facility, note = stage.facilities[one["key"]], one.get("note", "")
    approve(stage.desk(APPROVER), facility=facility, note=note, key=f"{one['key']} approve")


def _sign(one: dict[str, Any], stage: Stage) -> None:
    facility, note = stage.facilities[one["key"]], one.get("note", "")
    sign(stage.desk(PROPOSER), facility=facility, note=note, key=f"{one['key']} sign")


def _happen(event: dict[str, Any], key: str, stage: Stage) -> None:
    true_on = date.fromisoformat(event.get("true_on", event["on"]))
    worth = {"value": str(_worth(event, true_on))} if "worth" in event else {}
    record_event(
        stage.desk(PROPOSER),
        facility=stage.facilities[event["facility"]],
        verb=event["verb"],
        on=true_on,
        told=event["told"] | worth,
        co_investor_amount=Money.parse(event.get("co_investor_amount", str(NOTHING))),
        key=key,
    )


def _worth(event: dict[str, Any], day: date) -> Money:
    """A share of what was paid for a holding by a day, in whole pounds."""
    paid = Money.total(quarter.drawn for quarter in cash(event["facility"]) if quarter.drawn_on <= day)
    return Money(paid.times(Decimal(event["worth"])).pence // _POUND * _POUND)
