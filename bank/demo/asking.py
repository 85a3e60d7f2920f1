"""The demonstration's enquiries: those that became facilities, two that were declined and one that was withdrawn."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from typing import Final

from bank.allocations.life.commands import enquire, step_enquiry
from bank.allocations.life.rules import DECLINED, DUE_DILIGENCE, SCREENED, WITHDRAWN
from bank.demo.acts import Act, Stage
from bank.demo.cash import weekday
from bank.demo.cast import PROPOSER
from bank.demo.partners import facilities
from ledger.money import Money

_HOUR: Final = 12
_BEFORE: Final = timedelta(days=75)
"""How long before its proposal a facility was asked for."""
_STEPS: Final = (
    (SCREENED, timedelta(days=14), "Its purpose is social, and it lends to those whom banks decline"),
    (DUE_DILIGENCE, timedelta(days=35), "Its accounts, its market and its impact are looked into"),
)

_LET_GO: Final = (
    (
        ("Harrowbeck Enterprise Fund (invented)", "equity", "2000000.00", date(2012, 1, 16), "A fund for young firms"),
        (
            (SCREENED, "Passed on, its purpose in question"),
            (DECLINED, "Its firms have no social purpose"),
        ),
    ),
    (
        ("Mossgate Credit (invented)", "senior-loan", "3000000.00", date(2012, 7, 9), "Loans to households"),
        (
            (SCREENED, "Its purpose is social"),
            (DUE_DILIGENCE, "Its accounts are looked into"),
            (DECLINED, "Half of what its borrowers owe is more than 90 days late"),
        ),
    ),
    (
        (
            "Peverel Community Land (invented)",
            "property-fund-interest",
            "1500000.00",
            date(2012, 10, 15),
            "Homes on land that a village owns",
        ),
        ((SCREENED, "Its purpose is social"), (WITHDRAWN, "It has found the money among its own members")),
    ),
)
"""Who asked for what, when and for what purpose, and the steps to the end of it, a fortnight apart."""
_FORTNIGHT: Final = timedelta(days=14)


def asking() -> Iterator[Act]:
    """Every enquiry with its steps, each on its day."""
    for whole in facilities():
        terms = whole.terms
        asked = weekday(terms.proposed_on - _BEFORE)
        told = (whole.intermediary, terms.product, str(terms.amount), asked, terms.purpose)
        yield Act(asked, _HOUR, f"{whole.key} asks", partial(_ask, whole.key, *told))
        for step, after, reason in _STEPS:
            on = weekday(asked + after)
            yield Act(on, _HOUR, f"{whole.key} {step}", partial(_step, whole.key, step, on, reason))
    for told, steps in _LET_GO:
        name, on = told[0], told[3]
        yield Act(on, _HOUR, f"{name} asks", partial(_ask, name, *told))
        for number, (step, reason) in enumerate(steps, start=1):
            day = weekday(on + number * _FORTNIGHT)
            yield Act(day, _HOUR, f"{name} {step}", partial(_step, name, step, day, reason))


def _ask(key: str, name: str, product: str, amount: str, on: date, purpose: str, stage: Stage) -> None:
    made = enquire(
        stage.desk(PROPOSER),
        name=name,
        product=product,
        amount=Money.parse(amount),
        on=on,
        summary=purpose,
        key=f"{key} asks",
    )
    stage.enquiries[key] = made.id


def _step(key: str, step: str, on: date, reason: str, stage: Stage) -> None:
    step_enquiry(
        stage.desk(PROPOSER), enquiry=stage.enquiries[key], step=step, on=on, reason=reason, key=f"{key} {step}"
    )
