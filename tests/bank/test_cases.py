"""Case studies: told by one, approved by another, chosen by rule, and printed only while the borrower consents."""

from __future__ import annotations

import json
from datetime import date
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.cases.commands import approve_case, tell_case, withdraw_consent
from bank.cases.queries import NoSuchCase, cases
from bank.cases.rules import BadCase, Candidate, NamesBorrower, NoConsent, chosen, sound_words
from bank.people.rules import SamePerson
from bank.proposals.commands import reject_proposal
from bank.publishing.again.queries import made_again
from bank.publishing.commands import Wanted, drafted, file_statement
from ledger.agreeing import AlreadyTurnedDown
from ledger.dates import SetClock
from ledger.queries import known
from ledger.store.database import Database
from ledger.store.work import Desk
from reports.document import Document
from tests.bank import institution
from tests.bank.institution import HARBOUR, HILL, Q1, Institution, at

KEYS = count()
TEXT = "The loan paid for a second-hand oven and a year of rent, and twelve people learned to cook in the first winter."


@pytest.fixture
def bank(database: Database, clock: SetClock) -> Institution:
    """After the first quarter, in which Harbour lent on three loans and Hill on two."""
    opened = institution.open_for_business(database, clock)
    institution.first_quarter(opened)
    return opened


def tell(bank: Institution, desk: Desk, ref: str, outcome: str = "failed", **facts: Any) -> str:
    told: dict[str, Any] = {
        "intermediary": bank.intermediaries[HARBOUR],
        "loan_ref": ref,
        "title": "An oven in a shed",
        "text": TEXT,
        "outcome": outcome,
        "evidence": "A visit of the lender",
        "consent_by": "The chair (invented)",
        "consented_on": date(2012, 5, 1),
        "consent_until": date(2012, 12, 31),
    }
    return tell_case(desk, **(told | facts), key=f"told {next(KEYS)}").id


def draft(bank: Institution, known_at: Any = None) -> Any:
    with bank.database.reading() as session:
        return drafted(session, Wanted("impact", Q1, known_at))


def printed(document: Document) -> dict[str, list[Any]]:
    tables = {table["code"]: table for table in json.loads(document.data)["tables"]}
    return {row["key"]: row["cells"] for row in tables["cases"]["rows"]}


def test_a_case_is_told_by_one_approved_by_another_and_printed_while_consent_holds(bank: Institution) -> None:
    fay, flo, harbour = bank.desk("fay"), bank.desk("flo"), bank.lender(HARBOUR)
    made = tell(bank, harbour, "H-1")
    assert printed(draft(bank).document) == {}
    assert approve_case(flo, id=made).approved_by == flo.actor.id
    document = draft(bank).document
    # Half of £100,000 is ours, and nothing of it is repaid by the end of the first quarter.
    assert printed(document) == {
        made: ["An oven in a shed", "failed", "50000.00", "50000.00", "0.00", "0.00", "0.00", "50000.00"]
    }
    assert "Dockside" not in document.data.decode()
    before = bank.clock.now()
    issued = draft(bank)
    file_statement(fay, issued, b"typeset elsewhere")
    bank.clock.set(at(2012, 5, 4))
    lost = draft(bank, before)
    taken = withdraw_consent(harbour, id=made, reason="The chair asks for it", key="back")
    assert (taken.withdrawn_at, taken.state) == (bank.clock.now(), "approved")
    bank.clock.set(at(2012, 5, 5))
    assert printed(draft(bank).document) == {}
    with bank.database.reading() as session:
        assert made_again(session, issued.id).data == issued.document.data
    assert file_statement(fay, lost, b"typeset elsewhere").id == issued.id
    with pytest.raises(NoConsent, match="taken back on 2012-05-04"):
        withdraw_consent(fay, id=made, reason="Again", key="again")


EMBEDDED = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@EMBEDDED
def test_nothing_is_issued_that_prints_what_is_not_consented_to_any_more(bank: Institution) -> None:
    """Neither as known before, nor where the consent is taken back between the gathering and the filing."""
    made = tell(bank, bank.desk("fay"), "H-2", named=True, consent_until=date(2012, 6, 30))
    approve_case(bank.desk("flo"), id=made)
    waiting, then = draft(bank), bank.clock.now()
    assert "Lantern Arts" in waiting.document.data.decode()
    bank.clock.set(at(2012, 7, 1))
    assert printed(draft(bank).document) == {}
    for late in (waiting, draft(bank, then)):
        with pytest.raises(NoConsent, match="publish as known now"):
            file_statement(bank.desk("fay"), late, b"typeset elsewhere")


@EMBEDDED
def test_who_may_tell_approve_and_see_a_case(bank: Institution) -> None:
    fay, flo, hill = bank.desk("fay"), bank.desk("flo"), bank.lender(HILL)
    made = tell(bank, fay, "H-1")
    with pytest.raises(SamePerson):
        approve_case(fay, id=made)
    with pytest.raises(NoSuchCase):
        tell(bank, hill, "H-1")
    with pytest.raises(NoSuchCase):
        withdraw_consent(hill, id=made, reason="Not its own", key="hill")
    with bank.database.reading() as session:
        assert cases(session, viewer=hill.actor) == []
        assert [one.id for one in cases(session, viewer=bank.lender(HARBOUR).actor)] == [made]
        assert cases(session, at=known(session, at(2012, 4, 30))) == []
    assert reject_proposal(flo, proposal=made, reason="Nothing shows it", key="no").state == "rejected"
    with pytest.raises(AlreadyTurnedDown):
        approve_case(flo, id=made)
    withdrawn = tell(bank, fay, "H-3")
    withdraw_consent(fay, id=withdrawn, reason="No reason given", key="back")
    with pytest.raises(NoConsent):
        approve_case(flo, id=withdrawn)


@EMBEDDED
def test_what_cannot_be_told_is_refused_at_the_door(bank: Institution) -> None:
    fay = bank.desk("fay")
    with pytest.raises(NoSuchCase, match="has no loan"):
        tell(bank, fay, "H-9")
    with pytest.raises(NamesBorrower):
        tell(bank, fay, "H-1", text=f"dockside KITCHEN (invented) closed. {TEXT}")
    for facts, why in (
        ({"title": "Oven"}, "5 to 100"),
        ({"text": TEXT * 9}, "80 to 900"),
        ({"title": "An oven \N{ROCKET} in a shed"}, r"U\+1F680"),
        ({"outcome": "splendid"}, "no outcome"),
        ({"consented_on": date(2013, 1, 1), "consent_until": date(2013, 2, 1)}, "not given yet"),
    ):
        with pytest.raises(BadCase, match=why):
            tell(bank, fay, "H-1", **facts)
    with pytest.raises(NoConsent, match="is over"):
        tell(bank, fay, "H-1", consented_on=date(2012, 1, 1), consent_until=date(2012, 2, 1))


OUTCOMES = st.sampled_from(["succeeded", "mixed", "failed"])
TOLD = st.lists(
    st.builds(
        Candidate,
        id=st.uuids().map(str),
        loan=st.sampled_from("abcdef"),
        outcome=OUTCOMES,
        consented_on=st.dates(date(2012, 1, 1), date(2012, 1, 9)),
    ),
    max_size=9,
)


@given(TOLD)
def test_the_choice_is_the_newest_with_one_that_did_not_go_well(told: list[Candidate]) -> None:
    found = chosen(told)
    newest: dict[str, Candidate] = {}
    for one in told:
        other = newest.setdefault(one.loan, one)
        newest[one.loan] = max(one, other, key=lambda each: (each.consented_on, each.id))
    assert set(found) <= set(newest.values())
    assert len(found) == min(3, len(newest))
    assert [each.consented_on for each in found] == sorted((each.consented_on for each in found), reverse=True)
    outcomes = {one.outcome for one in newest.values()}
    wanted = "failed" if "failed" in outcomes else "mixed" if "mixed" in outcomes else "succeeded"
    assert not found or wanted in {one.outcome for one in found}
    skipped = [one for one in newest.values() if one not in found]
    for one in skipped:
        # Whoever is left out is older than all but the last, whose place is kept for one that did not go well.
        assert all(one.consented_on <= each.consented_on for each in found[:-1])
    assert found == chosen(reversed(told))


def test_words_are_one_paragraph_of_letters_that_are_printed() -> None:
    letters = frozenset(map(ord, "abc \N{LATIN SMALL LETTER W WITH CIRCUMFLEX}"))
    assert sound_words(" ab\n\tcw\N{COMBINING CIRCUMFLEX ACCENT} ", "It", (1, 9), letters) == "ab c\u0175"
    with pytest.raises(BadCase, match=r"U\+0064"):
        sound_words("abcd", "It", (1, 9), letters)
