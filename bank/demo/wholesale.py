"""The facilities of the demonstration in the bank's own books: proposed, drawn, repaid, and one of them lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import partial
from types import MappingProxyType
from typing import Final

from bank.allocations.commands import approve, draw_down, propose, record_event, recover, repay, sign, write_off
from bank.allocations.products.registry import PRODUCTS
from bank.demo.acts import Act, Stage
from bank.demo.cast import APPROVER, PROPOSER
from bank.demo.holding import who_agrees
from bank.demo.partners import Terms, facility
from bank.demo.story import Kind, Moment, moments
from intermediaries.register.commands import mark_failed
from ledger.money import NOTHING, Money

_HOUR: Final = 13
_OUT: Final = {
    "fund-commitment": "call",
    "property-fund-interest": "call",
    "charity-bond": "buy",
    "outcomes-contract": "advance",
}
"""How money goes out under those products that are no loans."""


def wholesale() -> Iterator[Act]:
    """Everything done with the facilities, each on its day."""
    for moment in moments():
        yield Act(moment.on, _HOUR, f"{moment.kind} {moment.facility}", partial(_play, moment))


def _play(moment: Moment, stage: Stage) -> None:
    _ACTS[moment.kind](stage, moment)


def _key(moment: Moment) -> str:
    return f"{moment.facility} {moment.kind} {moment.on}"


def _propose(stage: Stage, moment: Moment) -> None:
    terms = facility(moment.facility).terms
    proposed = propose(
        stage.desk(PROPOSER),
        intermediary=stage.partners[moment.facility],
        product=terms.product,
        amount=terms.amount,
        annual_rate=terms.annual_rate,
        available_from=terms.signed_on,
        available_until=terms.available_until,
        matures_on=terms.matures_on,
        purpose=terms.purpose,
        additionality=terms.additionality,
        co_investor_amount=terms.co_investor_amount,
        name=terms.name,
        product_terms=terms.product_terms,
        enquiry=stage.enquiries[moment.facility],
        on=moment.on,
        key=_key(moment),
    )
    stage.facilities[moment.facility] = proposed.id


def _approve(stage: Stage, moment: Moment) -> None:
    for who in who_agrees(moment.amount):
        approve(stage.desk(who), facility=stage.facilities[moment.facility], on=moment.on, key=f"{_key(moment)} {who}")


def _sign(stage: Stage, moment: Moment) -> None:
    sign(stage.desk(PROPOSER), facility=stage.facilities[moment.facility], on=moment.on, key=_key(moment))


def _draw_down(stage: Stage, moment: Moment) -> None:
    """A tranche, with the co-investors' part of it beside it, in the proportion that they signed for."""
    terms = facility(moment.facility).terms
    beside = moment.amount.times(Fraction(terms.co_investor_amount.pence, terms.amount.pence))
    if not PRODUCTS[terms.product].lent:
        _happen(stage, moment, _OUT[terms.product], {"amount": str(moment.amount)}, beside)
        return
    draw_down(
        stage.desk(PROPOSER),
        facility=stage.facilities[moment.facility],
        amount=moment.amount,
        co_investor_amount=beside,
        on=moment.on,
        key=_key(moment),
    )


def _repay(stage: Stage, moment: Moment) -> None:
    terms = facility(moment.facility).terms
    if not PRODUCTS[terms.product].lent:
        verb, told = _income(terms, moment.interest)
        _happen(stage, moment, verb, told)
        return
    repay(
        stage.desk(PROPOSER),
        facility=stage.facilities[moment.facility],
        principal=moment.amount,
        interest=moment.interest,
        on=moment.on,
        key=_key(moment),
    )


def _income(terms: Terms, amount: Money) -> tuple[str, dict[str, str]]:
    """What a quarter's payment is where it is not the interest of a loan: a coupon, income, or pay for results."""
    if terms.product == "charity-bond":
        return "take-coupon", {"amount": str(amount)}
    if terms.product == "outcomes-contract":
        price = Money.parse(terms.product_terms["unit_price"])
        return "take-outcome", {"surplus": str(amount), "results": str(-(-amount.pence // price.pence))}
    return "distribute", {"income": str(amount)}


def _happen(stage: Stage, moment: Moment, verb: str, told: dict[str, str], beside: Money = NOTHING) -> None:
    record_event(
        stage.desk(PROPOSER),
        facility=stage.facilities[moment.facility],
        verb=verb,
        on=moment.on,
        told=told,
        co_investor_amount=beside,
        key=_key(moment),
    )


def _fail(stage: Stage, moment: Moment) -> None:
    partner = stage.partners[moment.facility]
    mark_failed(stage.desk(PROPOSER), intermediary=partner, on=moment.on, reason=moment.reason, key=_key(moment))


def _write_off(stage: Stage, moment: Moment) -> None:
    write_off(
        stage.desk(APPROVER),
        facility=stage.facilities[moment.facility],
        amount=moment.amount,
        on=moment.on,
        reason=moment.reason,
        key=_key(moment),
    )


def _recover(stage: Stage, moment: Moment) -> None:
    recover(
        stage.desk(PROPOSER),
        facility=stage.facilities[moment.facility],
        amount=moment.amount,
        on=moment.on,
        key=_key(moment),
    )


_ACTS: Final[Mapping[Kind, Callable[[Stage, Moment], None]]] = MappingProxyType(
    {
        "propose": _propose,
        "approve": _approve,
        "sign": _sign,
        "draw_down": _draw_down,
        "repay": _repay,
        "fail": _fail,
        "write_off": _write_off,
        "recover": _recover,
    }
)
