"""What the demonstration's reclaim fund and its bank do with cash that waits: placed, earning, and brought home."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from bank.demo.acts import Act, Stage
from bank.demo.cast import PROPOSER
from bank.demo.dormant import path
from bank.treasury.placements.commands import accrue_treasury, place, realise, take_income
from ledger.dates import Quarter
from ledger.money import NOTHING, Money


def treasury(closes: Sequence[Quarter]) -> Iterator[Act]:
    """Each placement and what comes of it, on their days, and on the day after each quarter what all have earned."""
    for number, told in enumerate(path()["placements"]):
        named = f"{told['book']} {told['sort']}"
        yield _on(told["on"], f"{named} placed", partial(_place, number, told))
        for paid in told["pays"]:
            yield _on(paid["on"], f"{named} pays", partial(_income, number, paid))
        for ended in (told[part] for part in ("part", "ends") if part in told):
            yield _on(ended["on"], f"{named} comes home", partial(_home, number, ended))
    for quarter in closes:
        yield Act(quarter.next.starts_on, 9, f"{quarter} treasury accrued", partial(_accrue, quarter))


def _on(day: str, what: str, do: Callable[[Stage], object]) -> Act:
    return Act(date.fromisoformat(day), 11, what, do)


def _place(number: int, told: dict[str, Any], stage: Stage) -> None:
    nominal, rate, ends = told.get("nominal"), told.get("rate"), told.get("matures_on")
    made = place(
        stage.desk(PROPOSER),
        sort=told["sort"],
        book=told["book"],
        counterparty=told["counterparty"],
        amount=Money.parse(told["amount"]),
        nominal=Money.parse(nominal) if nominal else None,
        rate=Decimal(rate) if rate else None,
        coupons=told.get("coupons", 0),
        measured=told.get("measured"),
        matures_on=date.fromisoformat(ends) if ends else None,
        on=date.fromisoformat(told["on"]),
        note=f"Demonstration: {told['label']} figure",
        key=f"placement {number}",
    )
    stage.placements[number] = made.id


def _income(number: int, paid: dict[str, Any], stage: Stage) -> None:
    take_income(
        stage.desk(PROPOSER),
        placement=stage.placements[number],
        amount=Money.parse(paid["amount"]),
        on=date.fromisoformat(paid["on"]),
        key=f"income {number} {paid['on']}",
    )


def _home(number: int, ended: dict[str, Any], stage: Stage) -> None:
    interest, part = ended.get("interest"), ended.get("nominal")
    realise(
        stage.desk(PROPOSER),
        placement=stage.placements[number],
        proceeds=Money.parse(ended["proceeds"]),
        interest=Money.parse(interest) if interest else NOTHING,
        nominal=Money.parse(part) if part else None,
        on=date.fromisoformat(ended["on"]),
        key=f"home {number} {ended['on']}",
    )


def _accrue(quarter: Quarter, stage: Stage) -> None:
    accrue_treasury(stage.desk(PROPOSER), until=quarter.ends_on, key=f"treasury {quarter}")
