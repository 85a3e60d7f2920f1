"""The dormant money of the demonstration, by the published figures and the assumptions that stand beside them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import cache, partial
from importlib.resources import files
from typing import Any

from bank.capital.commands import approve_agreement, pay_call, propose_agreement, subscribe_a_shares
from bank.capital.queries import calls
from bank.demo.acts import OPENS_ON, Act, Stage
from bank.demo.cast import APPROVER, PROPOSER
from bank.inflows.commands import (
    add_participant,
    apportion,
    approve_reserve_rate,
    declare_surplus,
    direct_england,
    end_notified,
    notify_claims,
    pay_england_to_trust,
    pay_notified,
    pay_reclaim,
    pay_surplus,
    propose_reserve_rate,
    record_receipt,
)
from bank.inflows.queries import declarations, direction_in_force
from bank.stress.commands import approve_scenario, propose_scenario
from bank.treasury.commands import approve_liquidity_policy, propose_liquidity_policy
from ledger.dates import FinancialYear
from ledger.money import NOTHING, Money
from ledger.store.work import Desk

_DECLARED_BEFORE = timedelta(days=14)
_INVENTED = "Assumption of the demonstration, not a published figure"


@cache
def path() -> dict[str, Any]:
    """What is played: sums in pounds with their days, from the data that stands beside this file."""
    told = json.loads(files("bank.demo").joinpath("data", "published.json").read_text(encoding="utf-8"))
    found: dict[str, Any] = told["path"]
    return found


def dormant_money() -> Iterator[Act]:
    """Receipts, claims, distributions, the four nations' shares and the calls on shares, each on its day."""
    yield Act(OPENS_ON, 10, "reserve rate", _reserve_rate)
    yield Act(date.fromisoformat(path()["liquidity"]["from_on"]), 8, "liquidity policy", _liquidity_policy)
    yield Act(date.fromisoformat(path()["agreements"]["from_on"]), 9, "share agreements", _agreements)
    yield Act(date.fromisoformat(path()["liquidity"]["from_on"]), 9, "stress scenarios", _scenarios)
    yield from _receipts()
    yield from _reclaims()
    yield from _notices()
    for told in path()["distributions"]:
        declared = date.fromisoformat(told["on"]) - _DECLARED_BEFORE
        yield _managed(str(declared), 11, "surplus declared", partial(_declare, told, declared))
        yield _managed(told["on"], 11, "distribution", partial(_distribute, told))
    for told in path()["capital_calls"]:
        yield _managed(told["on"], 10, "call on shares", partial(_call, told))


def _managed(on: str, hour: int, what: str, do: Callable[[Desk], object]) -> Act:
    return Act(date.fromisoformat(on), hour, what, lambda stage: do(stage.desk(PROPOSER)))


def _reserve_rate(stage: Stage) -> None:
    told = path()["reserve"]
    proposed = propose_reserve_rate(
        stage.desk(PROPOSER),
        asset_class=path()["asset_class"],
        rate=Decimal(told["rate"]),
        from_on=date.fromisoformat(told["from_on"]),
        basis=_INVENTED,
    )
    approve_reserve_rate(stage.desk(APPROVER), id=proposed.id)
    add_participant(stage.desk(PROPOSER), name=path()["participant"])


def _liquidity_policy(stage: Stage) -> None:
    told = path()["liquidity"]
    proposed = propose_liquidity_policy(
        stage.desk(PROPOSER),
        fraction=Decimal(told["fraction"]),
        from_on=date.fromisoformat(told["from_on"]),
        basis=_INVENTED,
    )
    approve_liquidity_policy(stage.desk(APPROVER), id=proposed.id)


def _agreements(stage: Stage) -> None:
    """What each subscribing bank promises, and up to what."""
    told = path()["agreements"]
    for holder in path()["b_shareholders"]:
        proposed = propose_agreement(
            stage.desk(PROPOSER),
            holder=holder,
            commitment=Money.parse(told["commitment"]),
            a_parts=told["a_parts"],
            b_parts=told["b_parts"],
            vote_cap=Decimal(told["vote_cap"]),
            from_on=date.fromisoformat(told["from_on"]),
            source="Commitment and cap as published of the shareholders; the proportion is that of 2012",
        )
        approve_agreement(stage.desk(APPROVER), id=proposed.id)


def _scenarios(stage: Stage) -> None:
    """The assumptions of stress, all invented; the first must hold for a year."""
    for told in path()["scenarios"]:
        proposed = propose_scenario(
            stage.desk(PROPOSER),
            name=told["name"],
            claims_rate=Decimal(told["claims_rate"]),
            claims_interest=Decimal(told["claims_interest"]),
            receipts=Money.parse(told["receipts"]),
            drawn_over=told["drawn_over"],
            repayment_shortfall=Decimal(told["repayment_shortfall"]),
            treasury_rate=Decimal(told["treasury_rate"]),
            costs=Money.parse(told["costs"]),
            holds_for=told["holds_for"],
            from_on=date.fromisoformat(path()["liquidity"]["from_on"]),
            basis=_INVENTED,
        )
        approve_scenario(stage.desk(APPROVER), id=proposed.id)


def _receipts() -> Iterator[Act]:
    small = path()["small_society"]
    main = {"participant": path()["participant"], "scheme": path()["scheme"]}
    told = [*({**main, **one} for one in path()["receipts"]), {**small, **small["receipt"]}]
    for one in told:
        yield _managed(one["received_on"], 10, "receipt", partial(_receive, one))


def _receive(told: dict[str, Any], desk: Desk) -> None:
    whole = told.get("whole_balance")
    record_receipt(
        desk,
        participant=told["participant"],
        amount=Money.parse(told["amount"]),
        whole_balance=Money.parse(whole) if whole else None,
        asset_class=path()["asset_class"],
        scheme=told["scheme"],
        accounts=told.get("accounts"),
        consented_on=date.fromisoformat(told["consented_on"]),
        received_on=date.fromisoformat(told["received_on"]),
        note=f"Demonstration: {told['label']} figure",
        key=f"receipt {told['participant']} {told['received_on']}",
    )


def _reclaims() -> Iterator[Act]:
    small = path()["small_society"]
    told = [
        *({"participant": path()["participant"], **one} for one in path()["reclaims"]),
        {**small, **small["reclaim"]},
    ]
    for one in told:
        yield _managed(one["paid_on"], 10, "claim paid", partial(_reclaim, one))


def _reclaim(told: dict[str, Any], desk: Desk) -> None:
    pay_reclaim(
        desk,
        participant=told["participant"],
        principal=Money.parse(told["principal"]),
        interest=Money.parse(told["interest"]),
        accounts=told.get("accounts"),
        paid_on=date.fromisoformat(told["paid_on"]),
        note=f"Demonstration: {told['label']} figure",
        key=f"reclaim {told['participant']} {told['paid_on']}",
    )


def _notices() -> Iterator[Act]:
    """Claims that are told of before they are paid: one notice paid in part and ended, one that still waits."""
    for number, told in enumerate(path()["notices"]):
        yield _on(told["notified_on"], "claims notified", partial(_notify, number, told))
        if "paid" in told:
            yield _on(told["paid"]["on"], "notified claims paid", partial(_pay_notified, number, told["paid"]))
        if "ended" in told:
            yield _on(told["ended"]["on"], "notified claims ended", partial(_end_notified, number, told["ended"]))


def _on(day: str, what: str, do: Callable[[Stage], object]) -> Act:
    return Act(date.fromisoformat(day), 10, what, do)


def _notify(number: int, told: dict[str, Any], stage: Stage) -> None:
    stage.notices[number] = notify_claims(
        stage.desk(PROPOSER),
        participant=path()["participant"],
        principal=Money.parse(told["principal"]),
        interest=Money.parse(told["interest"]),
        notified_on=date.fromisoformat(told["notified_on"]),
        note=f"Demonstration: {told['label']} figure",
        key=f"notice {number}",
    ).id


def _pay_notified(number: int, paid: dict[str, Any], stage: Stage) -> None:
    pay_notified(
        stage.desk(PROPOSER),
        claim=stage.notices[number],
        principal=Money.parse(paid["principal"]),
        interest=Money.parse(paid["interest"]),
        paid_on=date.fromisoformat(paid["on"]),
        key=f"notice {number} paid",
    )


def _end_notified(number: int, ended: dict[str, Any], stage: Stage) -> None:
    end_notified(
        stage.desk(PROPOSER),
        claim=stage.notices[number],
        outcome=ended["outcome"],
        reason=ended["reason"],
        on=date.fromisoformat(ended["on"]),
        key=f"notice {number} ended",
    )


def _declare(told: dict[str, Any], on: date, desk: Desk) -> None:
    """Surplus committed to the distributor, before it is paid."""
    declare_surplus(desk, amount=Money.parse(told["amount"]), on=on, basis=_INVENTED, key=f"declared {told['on']}")


def _distribute(told: dict[str, Any], desk: Desk) -> None:
    """What was declared is paid and shared among the nations as a part of its year; England's goes to the trust.

    Once there is a direction, it is shared among its causes first.
    """
    on, key = date.fromisoformat(told["on"]), f"distribution {told['on']}"
    with desk.reading() as session:
        (declared,) = (each for each in declarations(session) if each.unpaid)
    pay_surplus(desk, declaration=declared.id, on=on, key=key)
    shared = apportion(
        desk,
        on=on,
        financial_year=FinancialYear.of(on),
        distributor_expenses=NOTHING,
        secretary_of_state_expenses=NOTHING,
        key=key,
    )
    with desk.reading() as session:
        directed = direction_in_force(session, on)
    if directed is not None:
        direct_england(desk, on=on, key=f"directed {told['on']}")
    pay_england_to_trust(desk, amount=shared.england, on=on, key=key)


def _call(told: dict[str, Any], desk: Desk) -> None:
    """A shares from the trust, and each bank pays what it is called for beside them."""
    on = date.fromisoformat(told["on"])
    subscribe_a_shares(desk, amount=Money.parse(told["a_shares"]), on=on, key=f"A {on}")
    with desk.reading() as session:
        called = [each for each in calls(session) if each.unpaid]
    for call in called:
        pay_call(desk, call=call.id, on=on, key=f"B {on} {call.holder}")
