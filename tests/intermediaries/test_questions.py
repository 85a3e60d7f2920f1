"""Questions of a return, answered by its filer: kept, shown, carried to a correction, and made to count by a policy."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from intermediaries.returns.commands import file_nil_return, submit_return
from intermediaries.returns.comparing import difference
from intermediaries.returns.deadlines import STEPS, due_on, reminder
from intermediaries.returns.findings import findings_csv, findings_json
from intermediaries.returns.marking import with_findings
from intermediaries.returns.model import Return
from intermediaries.returns.packing import BLOCK
from intermediaries.returns.queries import findings, reminders, return_, returns
from intermediaries.returns.questions.commands import confirm_questions
from intermediaries.returns.questions.policies import approve_question_policy, propose_question_policy
from intermediaries.returns.questions.queries import question_policy_on
from intermediaries.returns.refusals import (
    BadReason,
    NoSuchQuestion,
    NotAttestable,
    NotConfirmable,
    QuestionsUnanswered,
)
from intermediaries.returns.views import ReturnView
from ledger.dates import SetClock
from ledger.money import Money
from ledger.refusals import NotAllowed, NotFound
from ledger.store import confinement
from ledger.store.database import Database
from ledger.store.work import Actor, Desk
from ledger.two_people import SamePerson
from tests.intermediaries.lending import MANAGER, Q3, Q4, House, actor_of, document, loan
from tests.intermediaries.test_returns_template import opened

OTHER = Actor("person", "per_2", "Ben Test", frozenset({"fund-manager"}))
DEAR = {"annual_rate": "0.45"}
BRIDGE = "A short bridge, priced as agreed"
DRAWN = {"drawn": "100.00", "principal_outstanding": "100.00"}


@pytest.fixture
def house(database: Database, clock: SetClock) -> House:
    return House.opened(database, clock)


def filed(house: House, **changed: str) -> ReturnView:
    """A return of two loans, each at a rate that is asked about."""
    return house.submit(loan("L-1", **DRAWN, **DEAR, **changed), loan("L-2", **DRAWN, **DEAR), cash_held="99900.00")


def confirm(house: House, return_id: str, *, reason: str = BRIDGE, loan_ref: str | None = None) -> ReturnView:
    return confirm_questions(house.lender, return_id=return_id, rule="rate-is-usual", reason=reason, loan_ref=loan_ref)


def test_an_answer_is_shown_with_its_question_on_the_receipt_and_in_every_form(house: House) -> None:
    made = filed(house)
    assert (made.questions, made.answered, made.unanswered) == (2, 0, 2)
    done = confirm(house, made.id, loan_ref="L-2")
    assert (done.questions, done.answered, done.unanswered) == (2, 1, 1)
    with house.bank.reading() as session:
        found = findings(session, made.id, viewer=MANAGER)
        (line,) = returns(session, viewer=MANAGER).items
    assert [one.answer for one in found] == ["", BRIDGE]
    assert (line.answered, line.unanswered) == (1, 1)
    told = findings_json(found)[1]
    assert (told["answered_by"], told["answered_at"]) == ("Their clerk", "2012-01-20T09:00:00Z")
    assert b"priced as agreed" in findings_csv(found)
    book = opened(with_findings(document([loan("L-1")]), found, as_format="xlsx", filename="r.json"))
    assert BRIDGE in [cell.value for cell in book["Findings"][3]]


def test_all_that_a_rule_asks_is_confirmed_at_once_and_the_later_answer_stands(house: House) -> None:
    made = filed(house)
    assert confirm(house, made.id).unanswered == 0
    confirm(house, made.id, loan_ref="L-1", reason="Agreed by the committee")
    with house.bank.reading() as session:
        answers = [one.answer for one in findings(session, made.id, viewer=MANAGER)]
    assert answers == ["Agreed by the committee", BRIDGE]


def test_an_answer_goes_on_to_a_corrected_file_where_the_same_is_asked_of_the_same_value(house: House) -> None:
    first = filed(house, outcome_area="nowhere")
    assert first.state == "queried"
    confirm(house, first.id)
    changed = house.submit(loan("L-2", **DRAWN, **DEAR), loan("L-1", **DRAWN, annual_rate="0.46"), cash_held="99900.00")
    assert (changed.questions, changed.answered) == (2, 1)
    assert [(one.loan_ref, bool(one.answer)) for one in changed.findings] == [("L-2", True), ("L-1", False)]
    third = house.submit(loan("L-2", **DRAWN, **DEAR), cash_held="99950.00")
    assert (third.questions, third.answered) == (1, 1)


def test_an_answer_outlives_a_file_in_which_nothing_could_be_read(house: House) -> None:
    first = filed(house)
    confirm(house, first.id)
    confirm(house, first.id, loan_ref="L-2", reason="Agreed by the committee")
    broken = submit_return(
        house.lender, data=b"%PDF-1.7", filename="r.pdf", facility=first.facility, quarter=Q3, key="slip"
    )
    assert (broken.supersedes, broken.errors, broken.questions) == (first.id, 1, 0)
    again = filed(house)
    assert (again.questions, again.answered) == (2, 2)
    assert [one.answer for one in again.findings] == [BRIDGE, "Agreed by the committee"]


def test_what_is_no_question_cannot_be_confirmed(house: House) -> None:
    made = filed(house, outcome_area="nowhere")
    with pytest.raises(NoSuchQuestion, match="is an error"):
        confirm_questions(house.lender, return_id=made.id, rule="code-on-the-list", reason="It is so")
    with pytest.raises(NoSuchQuestion, match="it asks: rate-is-usual"):
        confirm_questions(house.lender, return_id=made.id, rule="name-stands", reason="It is so")
    with pytest.raises(NoSuchQuestion, match="it asks rate-is-usual of loan L-1 row 1 column annual_rate, loan L-2"):
        confirm(house, made.id, loan_ref="L-9")
    with pytest.raises(BadReason):
        confirm(house, made.id, reason="  ")


def test_questions_are_answered_by_who_filed_and_until_the_return_is_decided(house: House) -> None:
    made = filed(house)
    with pytest.raises(NotAllowed, match="did not file"):
        confirm_questions(house.bank, return_id=made.id, rule="rate-is-usual", reason="I know it")
    stranger = Desk(house.database, actor_of("int_stranger"))
    with pytest.raises(NotFound):
        confirm_questions(stranger, return_id=made.id, rule="rate-is-usual", reason="I know it")
    house.attest(made.id)
    assert confirm(house, made.id, loan_ref="L-1").answered == 1
    house.accept(made.id)
    with pytest.raises(NotConfirmable, match="accepted"):
        confirm(house, made.id)


def test_unanswered_questions_stop_an_attestation_only_by_a_policy_that_two_agreed(house: House) -> None:
    made = filed(house)
    policy = propose_question_policy(house.bank, stops=True, from_on=date(2012, 1, 20), basis="Minute of January")
    with pytest.raises(SamePerson):
        approve_question_policy(house.bank, id=policy.id)
    assert house.attest(made.id).state == "attested"
    with pytest.raises(NotAllowed):
        propose_question_policy(house.lender, stops=False, from_on=date(2012, 1, 20), basis="We would rather not")
    again = filed(house, note="Second")
    approve_question_policy(Desk(house.database, OTHER), id=policy.id)
    with pytest.raises(QuestionsUnanswered, match="2 in all"):
        house.attest(again.id)
    confirm(house, again.id)
    assert house.attest(again.id).state == "attested"


def test_a_later_policy_takes_the_place_of_an_earlier_one_from_its_day(house: House) -> None:
    two = Desk(house.database, OTHER)
    for stops, day in ((True, date(2012, 1, 1)), (False, date(2012, 6, 1))):
        made = propose_question_policy(house.bank, stops=stops, from_on=day, basis="Minute")
        approve_question_policy(two, id=made.id)
    with house.bank.reading() as session:
        found = [question_policy_on(session, day) for day in (date(2011, 12, 31), date(2012, 5, 31), date(2012, 6, 1))]
    assert [one and one.stops for one in found] == [None, True, False]


def test_the_run_of_a_return_is_kept_with_it(house: House) -> None:
    made = filed(house)
    assert made.manner == "whole"
    assert made.rules_version is not None
    assert {"rolls-forward", "rate-is-usual"} < set(made.rules)
    with house.bank.reading() as session:
        assert return_(session, made.id, viewer=MANAGER).rules_version == made.rules_version


def test_a_return_of_changes_is_accepted_whole_and_says_what_was_carried(house: House) -> None:
    house.accepted(loan("L-1", **DRAWN), loan("L-2", **DRAWN, note="First"), cash_held="99900.00")
    house.move_on(datetime(2012, 1, 25, tzinfo=UTC))
    moved = loan("L-1", principal_received="10.00", principal_outstanding="90.00")
    missing = house.submit(moved, quarter=Q4, cash_held="99905.00")
    assert [one.rule for one in missing.findings] == ["open-loans-are-reported"]
    made = submit_return(
        house.lender,
        data=document([moved]),
        facility=house.facility,
        quarter=Q4,
        cash_held=Money.parse("99905.00"),
        only_changes=True,
        key="changes",
    )
    assert (made.state, made.manner, made.loans, made.sent, made.carried) == ("checked", "only-changes", 2, 1, ("L-2",))
    house.attest(made.id)
    assert house.accept(made.id).posted == 1
    states = house.states()
    assert {ref: (state.quarter, str(state.outstanding.total)) for ref, state in states.items()} == {
        "L-1": (Q4, "90.00"),
        "L-2": (Q4, "100.00"),
    }
    assert "note" not in states["L-2"].facts
    with house.bank.reading() as session:
        shown = difference(session, made.id, viewer=MANAGER)
    assert (shown.carried, shown.against, shown.added) == (("L-2",), missing.id, ("L-2",))


def test_a_return_of_changes_follows_on_one_that_still_waits(house: House) -> None:
    house.attested(loan("L-1", **DRAWN), cash_held="99950.00")
    made = submit_return(
        house.lender,
        data=document([]),
        facility=house.facility,
        quarter=Q4,
        cash_held=Money.parse("99950.00"),
        only_changes=True,
        key="waits",
    )
    assert (made.state, made.carried) == ("checked", ("L-1",))


def test_a_return_of_very_many_loans_is_kept_in_parts_and_is_no_other_return(house: House) -> None:
    many = [loan(f"L-{number}", drawn="1.00", principal_outstanding="1.00") for number in range(BLOCK + 2)]
    first = house.submit(*many)
    last = f"L-{BLOCK + 1}"
    second = house.attested(*many[:-1], loan(last, drawn="2.00", principal_outstanding="2.00"), cash_held="99748.50")
    with house.bank.reading() as session:
        assert session.get_one(Return, first.id).rows == []
        shown = difference(session, second.id, viewer=MANAGER)
        assert {(line.loan_ref, line.after) for line in shown.lines} == {(last, "2.00")}
    done = house.accept(second.id)
    assert (done.posted, done.tie.unexplained) == (BLOCK + 2, Money(0))
    assert str(house.states()[last].outstanding.total) == "2.00"
    third = house.attested(*many, cash_held="99749.00")
    corrected = house.accept(third.id)
    assert (corrected.posted, corrected.reversed) == (1, 1)


def test_a_nil_return_is_filed_where_no_loan_was_made_yet(house: House) -> None:
    empty = house.submit()
    assert [one.rule for one in empty.findings] == ["loans-are-there"]
    made = file_nil_return(
        house.lender, facility=house.facility, quarter=Q3, cash_held=Money.parse("100000.00"), key="nil"
    )
    assert (made.state, made.manner, made.loans) == ("checked", "nil", 0)
    house.attest(made.id)
    assert house.accept(made.id).accepted.state == "accepted"


def test_a_nil_return_is_queried_while_a_loan_is_open(house: House) -> None:
    house.accepted(loan("L-1", **DRAWN), cash_held="99950.00")
    made = file_nil_return(house.lender, facility=house.facility, quarter=Q4, cash_held=Money(1), key="nil")
    assert made.state == "queried"
    assert "loans-are-there" in [one.rule for one in made.findings]
    with pytest.raises(NotAttestable):
        house.attest(made.id)


@pytest.mark.parametrize("attack", ["DELETE FROM {table}", "UPDATE {table} SET {column} = {column}"])
def test_answers_policies_and_runs_are_only_ever_added_to(house: House, attack: str) -> None:
    confirm(house, filed(house).id)
    policy = propose_question_policy(house.bank, stops=True, from_on=date(2012, 2, 1), basis="Minute")
    approve_question_policy(Desk(house.database, OTHER), id=policy.id)
    for table, column in (
        ("lending_return_run", "manner"),
        ("lending_return_answer", "reason"),
        ("question_policy", "stops"),
        ("question_policy_approval", "approved_by"),
    ):
        with (
            pytest.raises(DBAPIError, match="only ever added to"),
            house.database.writing() as session,
            confinement.lifted(session.connection()),
        ):
            session.execute(text(attack.format(table=table, column=column)))


def test_who_is_reminded_of_what_depends_on_how_near_or_late_the_return_is(house: House) -> None:
    def told(day: date) -> list[tuple[int, bool]]:
        house.move_on(datetime(day.year, day.month, day.day, tzinfo=UTC))
        with house.bank.reading() as session:
            return [(one.days_late, one.also_the_manager) for one in reminders(session, Q4, viewer=MANAGER)]

    due = due_on(Q4)
    assert told(due - timedelta(days=15)) == []
    assert told(due - timedelta(days=14)) == [(0, False)]
    assert told(due + timedelta(days=13)) == [(13, False)]
    assert told(due + timedelta(days=14)) == [(14, True)]
    house.attested(loan("L-1", **DRAWN), quarter=Q4)
    assert told(due + timedelta(days=15)) == []


def test_the_next_reminder_is_the_next_step_by_its_day() -> None:
    due = date(2012, 1, 30)
    assert reminder(due, date(2012, 1, 1)) == (None, date(2012, 1, 16))
    assert [reminder(due, due + timedelta(days=step.days)) for step in STEPS] == [
        (step, due + timedelta(days=after.days) if after else None)
        for step, after in zip(STEPS, (*STEPS[1:], None), strict=True)
    ]
