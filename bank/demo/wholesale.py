"""The facilities of the demonstration in the bank's own books: proposed, drawn, repaid, and one of them lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import partial
from types import MappingProxyType
from typing import Final

from bank.allocations.commands import approve, draw_down, propose, recover, repay, sign, write_off
from bank.demo.acts import Act, Stage
from bank.demo.cast import APPROVER, PROPOSER
from bank.demo.partners import facility
from bank.demo.story import Kind, Moment, moments
from intermediaries.register.commands import mark_failed

_HOUR: Final = 13


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
        on=moment.on,
        key=_key(moment),
    )
    stage.facilities[moment.facility] = proposed.id


def _approve(stage: Stage, moment: Moment) -> None:
    approve(stage.desk(APPROVER), facility=stage.facilities[moment.facility], on=moment.on, key=_key(moment))


def _sign(stage: Stage, moment: Moment) -> None:
    sign(stage.desk(PROPOSER), facility=stage.facilities[moment.facility], on=moment.on, key=_key(moment))


def _draw_down(stage: Stage, moment: Moment) -> None:
    """A tranche, with the co-investors' part of it beside it, in the proportion that they signed for."""
    terms = facility(moment.facility).terms
    beside = moment.amount.times(Fraction(terms.co_investor_amount.pence, terms.amount.pence))
    draw_down(
        stage.desk(PROPOSER),
        facility=stage.facilities[moment.facility],
        amount=moment.amount,
        co_investor_amount=beside,
        on=moment.on,
        key=_key(moment),
    )


def _repay(stage: Stage, moment: Moment) -> None:
    repay(
        stage.desk(PROPOSER),
        facility=stage.facilities[moment.facility],
        principal=moment.amount,
        interest=moment.interest,
        on=moment.on,
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
