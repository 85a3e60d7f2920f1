"""Whatever is proposed comes to one end: approved by those it takes, rejected by another, withdrawn by its proposer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bank.allocations.commands import lapse, reject
from bank.allocations.credit.commands import assume_loss
from bank.allocations.credit.foretelling import expect_receipts
from bank.allocations.life.commands import describe
from bank.allocations.life.evidence.commands import propose_evidence_policy
from bank.allocations.rules import WrongState
from bank.allocations.terms.commands import approve_terms, propose_terms, propose_threshold
from bank.allocations.terms.queries import agreed_terms, terms_of
from bank.approvals.commands import decide as decide_request
from bank.approvals.commands import withdraw as withdraw_request
from bank.approvals.queries import requests
from bank.approvals.rules import MakerIsChecker, NotWanted
from bank.capital.agreeing import propose_agreement
from bank.capital.dividends.commands import propose_dividend_policy
from bank.inflows.commands import (
    propose_direction,
    propose_dormancy_period,
    propose_receipt_policy,
    propose_reserve_rate,
)
from bank.limits.commands import propose_limit
from bank.people.rules import SamePerson
from bank.proposals.commands import approve_proposal, decide, reject_proposal, withdraw, withdraw_proposal
from bank.proposals.queries import NoSuchProposal, proposal_view, waiting
from bank.proposals.registry import KINDS
from bank.publishing.floors.commands import propose_floor
from bank.rates.commands import approve_base_rate, propose_base_rate
from bank.rates.queries import NoSuchBase, base_rates, history
from bank.stress.commands import propose_scenario
from bank.treasury.commands import propose_liquidity_policy
from bank.treasury.placements.bounds.commands import propose_bounds
from bank.treasury.rules import BadTerms
from bank.wiring import metadata
from intermediaries.returns.questions.policies import propose_question_policy
from ledger import trail
from ledger.agreeing import AlreadyApproved, AlreadyTurnedDown
from ledger.money import NOTHING
from ledger.queries import known
from ledger.refusals import NotAllowed
from ledger.store import confinement
from ledger.store.work import Desk, View
from tests.bank.small_bank import SmallBank, pounds
from tests.bank.test_approvals import rule

DAY: Final = date(2012, 3, 1)

Proposing = Callable[[SmallBank, str], View]


def terms(bank: SmallBank, facility: str, *, by: Desk | None = None, **more: Any) -> View:
    told: dict[str, Any] = {"from_on": DAY, "rate": Decimal("0.05"), "repayment": "level"}
    return propose_terms(
        by or bank.maya,
        facility=facility,
        first_due_on=date(2012, 6, 1),
        instalments=8,
        key=bank.key(),
        **(told | more),
    )


def step(bank: SmallBank, facility: str = "", rate: str = "0.005") -> View:
    del facility
    return propose_base_rate(
        bank.maya, base="bank-rate", rate=Decimal(rate), from_on=DAY, source="Published", key=bank.key()
    )


def described(bank: SmallBank, facility: str) -> View:
    describe(bank.maya, facility=facility, on=DAY, region="Wales", reason="It moved there", key=bank.key())
    with bank.database.reading() as session:
        *_, line = trail.lines(session, subject=facility, action="allocation.propose-description")
        return proposal_view(session, str(line.facts["description"]))


PROPOSED: Final[dict[str, Proposing]] = {
    "trm": terms,
    "dsc": described,
    "rcp": lambda bank, facility: expect_receipts(
        bank.maya,
        facility=facility,
        from_on=DAY,
        receipts=((date(2013, 3, 1), pounds("40.00")),),
        basis="Valuation",
        key=bank.key(),
    ),
    "thr": lambda bank, _: propose_threshold(
        bank.maya, part=Decimal("0.2"), from_on=DAY, source="Policy", key=bank.key()
    ),
    "ecl": lambda bank, _: assume_loss(
        bank.maya,
        stage=1,
        probability=Decimal("0.01"),
        loss_given_default=Decimal("0.4"),
        from_on=DAY,
        basis="Minute",
        key=bank.key(),
    ),
    "bas": step,
    "evp": lambda bank, _: propose_evidence_policy(
        bank.maya, step="recovered", wanted=True, from_on=DAY, basis="Minute"
    ),
    "flo": lambda bank, _: propose_floor(bank.maya, form="public", fewest=5, from_on=DAY, basis="Minute"),
    "rsv": lambda bank, _: propose_reserve_rate(
        bank.maya, asset_class="bank-account", rate=Decimal("0.6"), from_on=DAY, basis="Minute"
    ),
    "dop": lambda bank, _: propose_dormancy_period(
        bank.maya, asset_class="bank-account", years=12, from_on=DAY, source="An order"
    ),
    "rpo": lambda bank, _: propose_receipt_policy(
        bank.maya, method="liability-first", from_on=DAY, basis="The auditor's letter"
    ),
    "dir": lambda bank, _: propose_direction(
        bank.maya, measure="amounts", shares={"youth": "70.00"}, from_on=DAY, source="Order"
    ),
    "agr": lambda bank, _: propose_agreement(
        bank.maya,
        holder="A merchant bank",
        commitment=pounds("500.00"),
        a_parts=60,
        b_parts=10,
        vote_cap=Decimal("0.4"),
        from_on=DAY,
        source="Agreement",
    ),
    "dvp": lambda bank, _: propose_dividend_policy(
        bank.maya, part=Decimal("0.25"), classes="AB", from_on=DAY, basis="Minute"
    ),
    "pol": lambda bank, _: propose_liquidity_policy(bank.maya, fraction=Decimal("0.1"), from_on=DAY, basis="Minute"),
    "bnd": lambda bank, _: propose_bounds(
        bank.maya,
        longest_years=5,
        least_price=Decimal(60),
        most_price=Decimal(150),
        from_on=DAY,
        basis="Minute",
    ),
    "scn": lambda bank, _: propose_scenario(
        bank.maya,
        name="Plain",
        claims_rate=Decimal("0.01"),
        claims_interest=Decimal(0),
        receipts=NOTHING,
        drawn_over=4,
        repayment_shortfall=Decimal(0),
        treasury_rate=Decimal(0),
        costs=NOTHING,
        holds_for=0,
        from_on=DAY,
        basis="Minute",
    ),
    "qpo": lambda bank, _: propose_question_policy(bank.maya, stops=True, from_on=DAY, basis="Minute"),
}
"""One proposal of each kind, but for a forecast, which a product of its own takes, and a case study, told of a loan."""
TERMS: Final = frozenset(
    {"from_on", "basis", "source", "rate", "years", "method", "fraction", "probability", "name", "purpose", "holder"}
)
RESERVED: Final = "asset class bank-account; rate 0.6; from on 2012-03-01; basis Minute"


def id_of(view: View) -> str:
    return str(view.model_dump()["id"])


@pytest.fixture
def promised(small_bank: SmallBank) -> tuple[SmallBank, str]:
    small_bank.at(DAY)
    small_bank.capital("1000.00")
    return small_bank, small_bank.signed(small_bank.lender(), "100.00").id


def test_each_kind_is_turned_down_or_approved_by_its_id_and_never_both(promised: tuple[SmallBank, str]) -> None:
    bank, facility = promised
    assert {kind.prefix for kind in KINDS} == {*PROPOSED, "fct", "cas"}
    for prefix, proposing in PROPOSED.items():
        first, other = (id_of(proposing(bank, facility)) for _ in range(2))
        assert first.startswith(f"{prefix}_")
        assert reject_proposal(bank.tom, proposal=first, reason="No", key=bank.key()).state == "rejected"
        assert approve_proposal(bank.tom, proposal=other, key=bank.key()).state == "approved"
        with pytest.raises(AlreadyTurnedDown):
            approve_proposal(bank.tom, proposal=first, key=bank.key())
        with pytest.raises(AlreadyApproved):
            withdraw_proposal(bank.maya, proposal=other, reason="Late", key=bank.key())
    with bank.database.reading() as session:
        assert waiting(session) == []


def test_another_rejects_the_proposer_withdraws_and_each_says_why(promised: tuple[SmallBank, str]) -> None:
    bank, _ = promised
    first, other = id_of(step(bank)), id_of(step(bank))
    with pytest.raises(MakerIsChecker, match="somebody else must decide"):
        reject_proposal(bank.maya, proposal=first, reason="No", key=bank.key())
    with pytest.raises(MakerIsChecker, match="turn it down instead"):
        withdraw_proposal(bank.tom, proposal=first, reason="No", key=bank.key())
    with pytest.raises(BadTerms, match="Say why"):
        reject_proposal(bank.tom, proposal=first, reason="  ", key=bank.key())
    with pytest.raises(NotAllowed):
        reject_proposal(bank.desks["ada"], proposal=first, reason="No", key=bank.key())
    rejected = reject_proposal(bank.tom, proposal=first, reason=" Too bold ", key=bank.key()).turned_down
    withdrawn = withdraw_proposal(bank.maya, proposal=other, reason="A slip", key=bank.key()).turned_down
    assert rejected is not None
    assert withdrawn is not None
    assert (rejected.decision, rejected.by, rejected.reason) == ("rejected", bank.tom.actor.id, "Too bold")
    assert (withdrawn.decision, withdrawn.by, withdrawn.reason) == ("withdrawn", bank.maya.actor.id, "A slip")
    for gone in (first, other):
        with pytest.raises(AlreadyTurnedDown):
            approve_proposal(bank.tom, proposal=gone, key=bank.key())
        with pytest.raises(AlreadyTurnedDown):
            reject_proposal(bank.tom, proposal=gone, reason="Again", key=bank.key())


def test_what_is_turned_down_counts_for_nothing_and_stays_readable_as_it_was_known(
    promised: tuple[SmallBank, str],
) -> None:
    bank, facility = promised
    of_rate, of_terms = id_of(step(bank)), id_of(terms(bank, facility))
    before = bank.clock.now()
    bank.at(DAY + timedelta(days=1))
    reject_proposal(bank.tom, proposal=of_rate, reason="Not what was published", key=bank.key())
    withdraw_proposal(bank.maya, proposal=of_terms, reason="The lender asks for less", key=bank.key())
    with bank.database.reading() as session:
        (told,) = base_rates(session)
        assert (told.state, told.approved_at) == ("rejected", None)
        assert told.turned_down is not None
        assert told.turned_down.reason == "Not what was published"
        with pytest.raises(NoSuchBase):
            history(session, "bank-rate")
        assert agreed_terms(session, facility) == ()
        assert [one.state for one in terms_of(session, facility)] == ["withdrawn"]
        (then,) = base_rates(session, at=known(session, before))
        assert (then.state, then.turned_down) == ("waiting", None)
        assert [one.id for one in waiting(session, at=known(session, before))] == sorted(
            (of_rate, of_terms), key=lambda each: each
        )
        told_then, now = (proposal_view(session, of_rate, at=at) for at in (known(session, before), known(session)))
        assert (told_then.state, told_then.waits_for, now.state) == ("waiting", "a fund manager", "rejected")
        with pytest.raises(NoSuchProposal):
            proposal_view(session, of_rate, at=known(session, before - timedelta(days=1)))
        (line,) = trail.lines(session, subject=of_rate, action="proposal.rejected")
        assert line.reason == "Not what was published"
        (line,) = trail.lines(session, subject=facility, action="proposal.withdrawn")
        assert line.facts["proposal"] == of_terms


def test_the_database_lets_a_proposal_come_to_one_end_and_by_the_right_person(promised: tuple[SmallBank, str]) -> None:
    bank, _ = promised
    rejected, waits = id_of(step(bank)), id_of(step(bank, rate="0.01"))
    reject_proposal(bank.tom, proposal=rejected, reason="No", key=bank.key())
    maya, tom, now = bank.maya.actor.id, bank.tom.actor.id, "2012-03-01T09:00:00.000000Z"
    outcome = "INSERT INTO proposal_outcome VALUES (:id, :by, :who, :what, 'why', :now)"
    approval = "INSERT INTO base_rate_approval VALUES (:id, :by, :who, :now)"
    for statement, told, refusal in (
        (approval, (rejected, maya, tom, ""), "is the outcome of its proposal"),
        (approval, (waits, maya, tom, ""), "is the outcome of its proposal"),
        (outcome, (rejected, maya, tom, "approved"), "unique|UNIQUE|already there"),
        (outcome, (waits, tom, tom, "withdrawn"), "names its proposer"),
        (outcome, ("bas_none", maya, tom, "rejected"), "names its proposer"),
        (outcome, (waits, maya, tom, "withdrawn"), "two_people"),
        (outcome, (waits, maya, maya, "rejected"), "two_people"),
    ):
        facts = dict(zip(("id", "by", "who", "what"), told, strict=True)) | {"now": now}
        with pytest.raises(DBAPIError, match=refusal), bank.database.writing() as session:
            session.execute(text(statement), facts)
    for change in ("UPDATE proposal_outcome SET decision = 'approved'", "DELETE FROM proposal_outcome"):
        with (
            pytest.raises(DBAPIError, match="only ever added to"),
            bank.database.writing() as session,
            confinement.lifted(session.connection()),
        ):
            session.execute(text(change))


def test_every_table_of_approvals_is_held_to_the_outcome_of_what_it_approves(promised: tuple[SmallBank, str]) -> None:
    bank, _ = promised
    approvals = {
        name
        for name, table in metadata().tables.items()
        if {"proposed_by", "approved_by"} <= {one.name for one in table.columns} and name != "facility_approval"
    }
    assert len(approvals) == len(KINDS)
    catalogue = (
        "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%_is_outcome'"
        if bank.database.dialect == "sqlite"
        else "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE '%_is_outcome' AND tgenabled = 'A'"
    )
    with bank.database.reading() as session:
        assert {*session.scalars(text(catalogue))} == approvals


def test_a_rule_on_terms_takes_all_whom_it_names_and_the_facility_shows_for_whom_they_wait(
    promised: tuple[SmallBank, str],
) -> None:
    bank, facility = promised
    rule(bank, "terms", "fund-manager", "trustee", above="100.00")
    made = id_of(terms(bank, facility))
    (told,) = bank.facility(facility).pending
    assert told.startswith(f"{made}: giving a facility interest terms from 2012-03-01, proposed by ")
    assert told.endswith("it waits for a fund manager and a trustee")
    with pytest.raises(SamePerson):
        approve_terms(bank.maya, id=made, key=bank.key())
    with pytest.raises(NotAllowed):
        approve_terms(bank.desks["ada"], id=made, key=bank.key())
    half = approve_terms(bank.tom, id=made, key=bank.key())
    assert (half.state, half.approved_by) == ("waiting", None)
    with bank.database.reading() as session:
        assert agreed_terms(session, facility) == ()
    assert bank.facility(facility).pending[0].endswith("it waits for a trustee")
    with pytest.raises(NotWanted):
        approve_proposal(bank.person("flo", "fund-manager"), proposal=made, key=bank.key())
    iris = bank.desks["iris"]
    whole = decide(iris, on=made, approve=True, key=bank.key())
    assert (whole.model_dump()["state"], whole.model_dump()["approved_by"]) == ("approved", iris.actor.id)
    assert bank.facility(facility).pending == ()
    with bank.database.reading() as session:
        assert len(agreed_terms(session, facility)) == 1


def test_one_no_ends_what_others_have_agreed_to_already_and_the_request_goes_with_it(
    promised: tuple[SmallBank, str],
) -> None:
    bank, _ = promised
    rule(bank, "base-rate", "fund-manager", "trustee")
    made = id_of(step(bank))
    approve_base_rate(bank.tom, id=made, key=bank.key())
    with bank.database.reading() as session:
        (request,) = requests(session, subjects=[made])
    with pytest.raises(BadTerms, match=f"bank approval approve {made}"):
        decide_request(bank.desks["iris"], request=request.id, approve=True, key=bank.key())
    with pytest.raises(BadTerms, match="is a proposal"):
        withdraw_request(bank.maya, request=request.id, reason="Mine", key=bank.key())
    reject_proposal(bank.desks["iris"], proposal=made, reason="Not so", key=bank.key())
    with bank.database.reading() as session:
        assert [one.state for one in requests(session, subjects=[made])] == ["rejected"]
        assert waiting(session) == []
    with pytest.raises(AlreadyTurnedDown):
        approve_base_rate(bank.tom, id=made, key=bank.key())


def test_a_rule_asks_by_the_amount_of_what_is_proposed(promised: tuple[SmallBank, str]) -> None:
    bank, facility = promised
    for act, above in (("share-agreement", "500.01"), ("direction", "70.00"), ("terms", "100.01")):
        rule(bank, act, "trustee", "trustee", above=above)
    waits = {}
    for prefix in ("agr", "dir", "trm"):
        made = id_of(PROPOSED[prefix](bank, facility))
        with bank.database.reading() as session:
            waits[prefix] = proposal_view(session, made).waits_for
    assert waits == {"agr": "a fund manager", "dir": "a trustee and a trustee", "trm": "a fund manager"}


def test_a_facility_turned_down_takes_what_is_proposed_for_it_along(promised: tuple[SmallBank, str]) -> None:
    bank, _ = promised
    rule(bank, "terms", "fund-manager", "trustee")
    thought_of = bank.proposed(bank.lender("Another lender"), "50.00").id
    hers, his = id_of(terms(bank, thought_of)), id_of(terms(bank, thought_of, by=bank.person("flo", "fund-manager")))
    approve_terms(bank.tom, id=hers, key=bank.key())
    reject(bank.maya, facility=thought_of, reason="The case is thin", key=bank.key())
    with bank.database.reading() as session:
        ended = {one: proposal_view(session, one) for one in (hers, his)}
        assert {one.state for one in requests(session, subjects=[hers])} == {"withdrawn"}
        assert waiting(session) == []
    assert [ended[one].state for one in (hers, his)] == ["withdrawn", "rejected"]
    assert {one.turned_down.reason for one in ended.values() if one.turned_down} == {"The case is thin"}
    assert bank.facility(thought_of).pending == ()


def test_terms_of_a_facility_that_is_over_are_not_approved(promised: tuple[SmallBank, str]) -> None:
    bank, facility = promised
    made = id_of(terms(bank, facility))
    lapse(bank.maya, facility=facility, on=DAY, reason="Not wanted", key=bank.key())
    with pytest.raises(WrongState):
        approve_terms(bank.tom, id=made, key=bank.key())


def test_what_a_rule_no_longer_asks_for_leaves_nothing_open(promised: tuple[SmallBank, str]) -> None:
    bank, _ = promised
    rule(bank, "base-rate", "fund-manager", "trustee")
    made = id_of(step(bank))
    approve_proposal(bank.tom, proposal=made, reason="Seen as published", key=bank.key())
    bank.at(DAY + timedelta(days=1))
    rule(bank, "base-rate", on=DAY + timedelta(days=1))
    told = approve_proposal(bank.tom, proposal=made, key="once")
    assert (told.state, told.approved_by) == ("approved", bank.tom.actor.id)
    assert approve_proposal(bank.tom, proposal=made, key="once") == told
    with bank.database.reading() as session:
        assert [one.state for one in requests(session, subjects=[made])] == ["approved"]
        (line,) = trail.lines(session, subject=made, action="proposal.agreed")
        assert line.reason == "Seen as published"


def test_everything_that_waits_is_listed_whatever_room_it_is_of(promised: tuple[SmallBank, str]) -> None:
    bank, facility = promised
    made = [id_of(proposing(bank, facility)) for proposing in PROPOSED.values()]
    limit = propose_limit(
        bank.maya, kind="product", scope="senior-loan", amount=pounds("500.00"), from_on=DAY, basis="Minute", key="l"
    )
    thought_of = bank.proposed(bank.lender("Another lender"), "50.00")
    with bank.database.reading() as session:
        told = {one.id: one for one in waiting(session)}
    assert set(told) == {*made, limit.id, thought_of.id}
    assert told[thought_of.id].decide_with == f"bank allocation approve {thought_of.id}"
    assert {one.waits_for for one in told.values()} == {"a fund manager", "a fund manager or a trustee"}
    assert {told[one].about for one in made} == {"", facility}
    with pytest.raises(MakerIsChecker):
        withdraw(bank.tom, what=limit.id, reason="Not mine", key=bank.key())
    withdraw(bank.maya, what=limit.id, reason="A slip", key=bank.key())
    with pytest.raises(NoSuchProposal):
        decide(Desk(bank.database, bank.tom.actor), on="trm_none", approve=True, key=bank.key())
    with bank.database.reading() as session:
        assert limit.id not in {one.id for one in waiting(session)}


def test_of_each_proposal_it_is_told_what_it_says_and_who_asks(promised: tuple[SmallBank, str]) -> None:
    """Whoever agrees by the id alone sees what to: every value that was given, and nobody's identifier."""
    bank, facility = promised
    made = {prefix: proposing(bank, facility) for prefix, proposing in PROPOSED.items()}
    with bank.database.reading() as session:
        told = {one.id: one for one in waiting(session)}
        shown = {prefix: proposal_view(session, id_of(view)) for prefix, view in made.items()}
    names = {person.name for person in (bank.maya.actor, bank.tom.actor)}
    for prefix, view in made.items():
        one, given = told[id_of(view)], view.model_dump(mode="json")
        assert one.asked_by_name in names
        assert (one.terms, "per_" in one.terms) == (shown[prefix].terms, False)
        for name in TERMS & given.keys():
            assert given[name] in {None, ""} or str(given[name]) in one.terms, (prefix, name, one.terms)
        assert any(name in given for name in TERMS), prefix
    assert told[id_of(made["rsv"])].terms == RESERVED
