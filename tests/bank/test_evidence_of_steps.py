"""Each step keeps its reason and its evidence: the reason is told or follows, the evidence where two people asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final

import pytest

from bank.allocations.commands import (
    approve,
    draw_down,
    lapse,
    propose,
    record_event,
    recover,
    reject,
    repay,
    sign,
    write_off,
)
from bank.allocations.life.commands import agree_heads_of_terms, amend, describe, enquire, step_enquiry
from bank.allocations.life.course import course
from bank.allocations.life.evidence.commands import approve_evidence_policy, propose_evidence_policy
from bank.allocations.life.evidence.rules import STEPS, EvidenceWanted
from bank.people.rules import SamePerson
from bank.treasury.rules import BadTerms
from tests.bank.small_bank import SmallBank, pounds
from tests.bank.test_products import signed

DAY = date(2012, 3, 1)
EMBEDDED = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
def bank(small_bank: SmallBank) -> SmallBank:
    small_bank.at(DAY)
    small_bank.capital("10000.00")
    return small_bank


def asked_for(bank: SmallBank, step: str, *, wanted: bool = True, from_on: date = DAY) -> None:
    made = propose_evidence_policy(bank.maya, step=step, wanted=wanted, from_on=from_on, basis="Minute 3")
    approve_evidence_policy(bank.tom, id=made.id)


def test_a_policy_on_evidence_takes_two_and_holds_from_its_day_until_another(bank: SmallBank) -> None:
    made = propose_evidence_policy(bank.maya, step="signed", wanted=True, from_on=DAY, basis="Minute 3")
    facility = bank.proposed(lender(bank), "100.00").id
    approve(bank.tom, facility=facility, key="a")
    with pytest.raises(SamePerson):
        approve_evidence_policy(bank.maya, id=made.id)
    with pytest.raises(BadTerms, match="no step 'dreamt'"):
        propose_evidence_policy(bank.maya, step="dreamt", wanted=True, from_on=DAY, basis="Minute 3")
    approve_evidence_policy(bank.tom, id=made.id)
    asked_for(bank, "signed", wanted=False, from_on=date(2012, 3, 8))
    with pytest.raises(EvidenceWanted, match="that shows a signature"):
        sign(bank.maya, facility=facility, evidence=" ", key="s")
    bank.at(date(2012, 3, 8))
    assert sign(bank.maya, facility=facility, on=DAY, key="s").state == "signed"


def lender(bank: SmallBank) -> str:
    return bank.lender(f"Lender {bank.key()}")


def lent(bank: SmallBank) -> str:
    return bank.drawn(lender(bank), "100.00").id


def maya(bank: SmallBank, act: Callable[..., object], facility: str, evidence: str, **told: Any) -> object:
    return act(bank.maya, facility=facility, evidence=evidence, key=bank.key(), **told)


def proposed(bank: SmallBank) -> str:
    return bank.proposed(lender(bank), "100.00").id


def approved(bank: SmallBank) -> str:
    made = proposed(bank)
    approve(bank.tom, facility=made, key=bank.key())
    return made


def enquired(bank: SmallBank, evidence: str = "") -> str:
    told: dict[str, Any] = {"product": "senior-loan", "amount": pounds("5.00"), "on": DAY, "summary": "To lend"}
    return enquire(bank.maya, name="A lender", evidence=evidence, key=bank.key(), **told).id


def stepped(bank: SmallBank, enquiry: str, evidence: str, step: str) -> object:
    told = {"on": DAY, "reason": "Fits", "evidence": evidence, "key": bank.key()}
    return step_enquiry(bank.maya, enquiry=enquiry, step=step, **told)  # type: ignore[arg-type]


def screened(bank: SmallBank) -> str:
    made = enquired(bank)
    stepped(bank, made, "", "screened")
    return made


def lost(bank: SmallBank) -> str:
    made = lent(bank)
    write_off(bank.maya, facility=made, amount=pounds("50.00"), on=DAY, reason="Wound up", key=bank.key())
    return made


def happens_with(bank: SmallBank, made: str, shown: str) -> object:
    return maya(bank, record_event, made, shown, verb="buy", on=DAY, told={"amount": "5.00"})


Act = Callable[[SmallBank, str, str], object]
ACTS: Final[dict[str, tuple[Callable[[SmallBank], str], Act]]] = {
    "enquiry": (lambda _: "", lambda bank, _, shown: enquired(bank, shown)),
    "screened": (enquired, lambda bank, made, shown: stepped(bank, made, shown, "screened")),
    "due-diligence": (screened, lambda bank, made, shown: stepped(bank, made, shown, "due-diligence")),
    "declined": (
        proposed,
        lambda bank, made, shown: reject(bank.tom, facility=made, reason="Thin", evidence=shown, key=bank.key()),
    ),
    "withdrawn": (proposed, lambda bank, made, shown: maya(bank, reject, made, shown, reason="Thin")),
    "proposed": (lender, lambda bank, made, shown: bank.proposed(made, "5.00", evidence=shown)),
    "approved": (proposed, lambda bank, made, shown: approve(bank.tom, facility=made, evidence=shown, key=bank.key())),
    "heads-of-terms": (approved, lambda bank, made, shown: maya(bank, agree_heads_of_terms, made, shown, on=DAY)),
    "signed": (approved, lambda bank, made, shown: maya(bank, sign, made, shown)),
    "drawn": (
        lambda bank: bank.signed(lender(bank), "100.00").id,
        lambda bank, made, shown: maya(bank, draw_down, made, shown, on=DAY, amount=pounds("5.00")),
    ),
    "repaid": (lent, lambda bank, made, shown: maya(bank, repay, made, shown, on=DAY, principal=pounds("5.00"))),
    "written-off": (
        lent,
        lambda bank, made, shown: maya(bank, write_off, made, shown, on=DAY, amount=pounds("5.00"), reason="Gone"),
    ),
    "recovered": (lost, lambda bank, made, shown: maya(bank, recover, made, shown, on=DAY, amount=pounds("5.00"))),
    "let-go": (approved, lambda bank, made, shown: maya(bank, lapse, made, shown, on=DAY, reason="Not wanted")),
    "amended": (
        lent,
        lambda bank, made, shown: maya(
            bank, amend, made, shown, effective_on=DAY, words="Longer", reason="Asked", matures_on=date(2019, 1, 1)
        ),
    ),
    "described": (proposed, lambda bank, made, shown: maya(bank, describe, made, shown, on=DAY, region="Wales")),
    "product-event": (
        lambda bank: signed(bank, "equity").id,
        happens_with,
    ),
}


@EMBEDDED
def test_every_step_is_refused_without_the_evidence_that_a_policy_asks_of_it(bank: SmallBank) -> None:
    assert set(ACTS) == set(STEPS)
    made = {step: before(bank) for step, (before, _) in ACTS.items()}
    for step in STEPS:
        asked_for(bank, step)
    for step, (_, act) in ACTS.items():
        with pytest.raises(EvidenceWanted, match="Tell with --evidence"):
            act(bank, made[step], "  ")
        assert act(bank, made[step], "Minute 9"), step


@EMBEDDED
def test_a_reason_that_is_not_told_is_the_one_that_follows(bank: SmallBank) -> None:
    made = approved(bank)
    agree_heads_of_terms(bank.maya, facility=made, on=DAY, key=bank.key())
    sign(bank.maya, facility=made, key=bank.key())
    draw_down(bank.maya, facility=made, amount=pounds("5.00"), on=DAY, key=bank.key())
    with bank.database.reading() as session:
        told = {step.step: (step.reason, step.on) for step in course(session, made).steps}
    assert told["approved-in-principle"][0] == "Approved as proposed on 2012-03-01"
    assert told["heads-of-terms"][0] == "Agreed on what was approved on 2012-03-01"
    assert told["signed"][0] == "Signed as approved on 2012-03-01"
    assert told["drawing"][0] == "Drawn under the agreement signed on 2012-03-01"
    assert all(reason for reason, _ in told.values())


@EMBEDDED
def test_a_proposal_without_an_enquiry_says_that_it_was_asked_for_and_screened_by_itself(bank: SmallBank) -> None:
    made = proposed(bank)
    with bank.database.reading() as session:
        first, second, third = course(session, made).steps
    assert [first.step, second.step, third.step] == ["enquiry", "screened", "proposed"]
    assert {first.on, second.on, third.on} == {DAY}
    assert first.reason == second.reason
    assert "No enquiry was recorded" in first.reason
    asked = screened(bank)
    led = propose(
        bank.maya,
        intermediary=bank.lender("Another lender"),
        product="senior-loan",
        amount=pounds("5.00"),
        annual_rate=bank.facility(made).annual_rate,
        available_from=DAY,
        available_until=date(2013, 1, 1),
        matures_on=date(2019, 1, 1),
        purpose="To lend",
        additionality="None else",
        enquiry=asked,
        key="led",
    ).id
    with bank.database.reading() as session:
        assert [step.step for step in course(session, led).steps] == ["enquiry", "screened", "proposed"]
        assert "No enquiry" not in course(session, led).steps[0].reason
