"""What is kept for a loss, what losses use of it and what is earned on the rest rest on the facts, not on their order.

Each life was found by telling random facts of one loan in two orders until the books differed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

import pytest

from bank.allocations.commands import accrue, allow_for_loss, draw_down, move_stage, recover, repay, write_off
from ledger.money import NOTHING, Money
from ledger.queries import balance_at
from ledger.verification import verify
from tests.bank.small_bank import SmallBank, pounds
from tests.bank.test_loan_journals import agreed
from tests.bank.test_reapplied import stands

START: Final = date(2012, 1, 10)
END: Final = START + timedelta(days=420)
Fact = tuple[str, int, str]
LIVES: Final[dict[str, tuple[Fact, ...]]] = {
    "released and drawn again": (
        ("allow", 9, "166.54"),
        ("allow", 12, "233.70"),
        ("pay", 151, "218.14"),
        ("pay", 159, "254.42"),
        ("allow", 216, "77.04"),
        ("pay", 223, "213.09"),
        ("stage", 298, "3"),
        ("draw", 387, "91.38"),
        ("allow", 399, "212.98"),
    ),
    "lost, waived and found": (
        ("allow", 40, "250.00"),
        ("stage", 60, "3"),
        ("lose", 90, "120.00"),
        ("pay", 110, "180.00"),
        ("waive", 140, "0.70"),
        ("find", 150, "33.00"),
        ("allow", 170, "90.00"),
        ("lose", 200, "100.00"),
        ("stage", 230, "2"),
        ("draw", 250, "150.00"),
        ("lose", 270, "70.00"),
    ),
}


def tell(bank: SmallBank, facility: str, fact: Fact) -> None:
    kind, days, said = fact
    told: dict[str, Any] = {"facility": facility, "on": START + timedelta(days=days), "key": bank.key()}
    if kind in {"stage", "allow", "waive", "lose"}:
        told["reason"] = "As it came to be known"
    if kind == "stage":
        move_stage(bank.maya, stage=int(said), **told)
    elif kind == "allow":
        allow_for_loss(bank.maya, amount=pounds(said), **told)
    elif kind == "waive":
        write_off(bank.maya, amount=NOTHING, interest=pounds(said), **told)
    elif kind == "lose":
        write_off(bank.maya, amount=pounds(said), **told)
    elif kind == "draw":
        draw_down(bank.maya, amount=pounds(said), **told)
    elif kind == "pay":
        repay(bank.maya, amount=pounds(said), **told)
    else:
        recover(bank.maya, amount=pounds(said), **told)


def lived(bank: SmallBank, facts: Sequence[Fact]) -> str:
    bank.at(START)
    made = bank.signed(bank.lender(f"Lender {bank.key()}"), "1200.00", available_until=END).id
    agreed(bank, made, START, repayment="bullet", instalments=2)
    draw_down(bank.maya, facility=made, amount=pounds("500.00"), on=START, key=bank.key())
    bank.at(END)
    for fact in facts:
        tell(bank, made, fact)
    accrue(bank.maya, facility=made, until=END, key=bank.key())
    return made


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("life", LIVES)
def test_every_account_of_a_loan_is_the_same_in_whatever_order_its_facts_are_told(
    small_bank: SmallBank, life: str
) -> None:
    bank, facts = small_bank, LIVES[life]
    bank.at(START)
    bank.capital("10000.00")
    recovered_last = sorted(facts, key=lambda fact: (fact[0] == "find", -fact[1]))
    losses_first = sorted(facts, key=lambda fact: (fact[0] == "find", fact[0] not in {"lose", "draw"}))
    made = [lived(bank, told) for told in (facts, recovered_last, losses_first)]
    days = {END, *(START + timedelta(days=days) for kind, days, _ in facts if kind in {"allow", "lose"})}
    for day in sorted(days):
        one, *others = (in_all(stands(bank, facility, day), day) for facility in made)
        assert all(other == one for other in others), day
    with bank.database.reading() as session:
        assert verify(session).holds
        suspended = {balance_at(session, "bank", f"9140:{each}") for each in made}
    assert len(suspended) == 1


def in_all(found: dict[str, str], day: date) -> dict[str, Money]:
    """What stands at the end on every account, and on a day before it what is kept for losses and what was lost.

    The allowances of all stages are taken together: each moves with the stage only when it is measured.
    """
    sums = {"allowance": NOTHING}
    for code, amount in found.items():
        named = "allowance" if code[:8] == "bank 124" else code
        if day == END or named == "allowance" or code[:9] == "bank 5010" or code == "bank 2210":
            sums[named] = sums.get(named, NOTHING) + pounds(amount)
    return sums
