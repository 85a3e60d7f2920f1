"""Look-through in both directions, in an institution of three quarters: to the penny, on any day, as known whenever."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from bank.api import create_app
from bank.cli import main
from bank.inflows.queries import NoSuchInflow, inflows
from bank.lineage.queries import NothingTraced, SeveralLoans, look_through, meant, traced
from bank.lineage.rules import PLACES
from bank.lineage.views import Backward, Forward
from bank.people.commands import issue_key
from bank.wiring import OPERATOR
from ledger import queries
from ledger.money import NOTHING, Money
from ledger.queries import balances_under, books
from ledger.store.database import ReadSession
from ledger.store.work import Desk
from tests.bank import institution
from tests.bank.institution import Institution, at
from tests.bank.small_bank import SmallBank

LATER = date(2012, 11, 5)
DAYS = (date(2012, 1, 5), date(2012, 1, 9), date(2012, 3, 31), date(2012, 6, 29), date(2012, 9, 30), LATER)


@pytest.fixture(scope="module")
def bank(run_of_tests: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Institution]:
    """One institution for all these tests: they only look at it."""
    with institution.lived("sqlite", run_of_tests, tmp_path_factory.mktemp("lineage"), 3) as made:
        yield made


@pytest.fixture(scope="module")
def url(bank: Institution) -> str:
    """Where the institution is kept."""
    return str(bank.database.engine.url)


@pytest.fixture
def session(bank: Institution) -> Iterator[ReadSession]:
    with bank.database.reading() as opened:
        yield opened


def receipts(session: ReadSession) -> list[str]:
    return [each.id for each in inflows(session).items]


def forward(session: ReadSession, name: str, as_at: date = LATER) -> Forward:
    found = look_through(session, name, as_at=as_at)
    assert isinstance(found, Forward)
    return found


def backward(session: ReadSession, name: str, as_at: date = LATER) -> Backward:
    found = look_through(session, name, as_at=as_at)
    assert isinstance(found, Backward)
    return found


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_on_every_day_as_known_whenever_each_place_holds_what_the_ledger_says(session: ReadSession, day: date) -> None:
    head = queries.known(session).seq
    for seq in range(1, head + 1, max(1, head // 12)):
        then = queries.known(session, seq)
        whole = traced(session, day, then)
        for book, kind in books(session).items():
            for code, balance in balances_under(session, book, "", day, then).items():
                if code.partition(":")[0] in PLACES[kind]:
                    place = f"{book}/{code}"
                    held = Money.total(whole.lineage.held.get(place, {}).values())
                    assert held - whole.lineage.advanced.get(place, NOTHING) == balance, (place, seq)


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_of_every_receipt_each_penny_lies_somewhere_or_has_left(session: ReadSession, day: date) -> None:
    for name in receipts(session):
        found = forward(session, name, day)
        assert found.total_held + found.total_left == found.amount
        assert Money.total(each.amount for each in found.way) == found.amount
        assert min(each.amount for each in (*found.held, *found.left)) > NOTHING


def test_forward_and_backward_tell_the_same_of_every_loan(session: ReadSession) -> None:
    loans = {share.loan: share for name in receipts(session) for share in forward(session, name).loans}
    assert len(loans) >= 4
    for loan in loans:
        behind = {source.origin: source for source in backward(session, loan).sources if source.origin}
        ahead = {
            name: share for name in receipts(session) for share in forward(session, name).loans if share.loan == loan
        }
        assert behind.keys() == ahead.keys()
        for name, source in behind.items():
            share = ahead[name]
            assert (source.lent, source.repaid, source.written_off) == (share.lent, share.repaid, share.written_off)


def test_a_loan_is_made_of_its_sources_to_the_penny(session: ReadSession) -> None:
    whole = traced(session, LATER)
    for loan, state in whole.loans.items():
        found = backward(session, loan)
        assert found.outstanding == state.outstanding.ours
        assert found.written_off == state.written_off.ours
        assert (found.lent, found.repaid) == (state.drawn.ours, state.repaid.ours)
        assert found.loans == (loan,)


def test_the_merchant_banks_money_is_told_from_dormant_money(session: ReadSession) -> None:
    whole = traced(session, LATER)
    found = backward(session, next(iter(whole.loans)))
    assert "Shares paid up by the merchant banks" in {source.what for source in found.sources}
    assert {source.what for source in found.sources if source.origin} == {
        "Dormant money from A building society (invented)"
    }


def test_a_facility_and_an_organisation_are_the_sum_of_their_loans(session: ReadSession) -> None:
    whole = traced(session, LATER)
    state = next(iter(whole.loans.values()))
    for name, of in ((state.facility, "facility"), (state.organisation, "organisation")):
        found = backward(session, name)
        mine = [loan for loan, each in whole.loans.items() if getattr(each, of) == name]
        assert found.what == of
        assert found.loans == tuple(sorted(mine))
        assert found.lent == Money.total(backward(session, loan).lent for loan in mine)
        assert found.outstanding == Money.total(whole.loans[loan].outstanding.ours for loan in mine)


def test_what_is_with_a_facility_is_what_it_drew_less_what_it_paid_back(session: ReadSession) -> None:
    first = receipts(session)[0]
    found = forward(session, first, date(2012, 1, 9))
    assert [share.held for share in found.facilities] == [share.drawn for share in found.facilities]
    later = forward(session, first)
    on_loans = {share.facility: NOTHING for share in later.facilities}
    for loan in later.loans:
        on_loans[loan.facility] += loan.outstanding + loan.written_off
    assert any(share.paid_back for share in later.facilities)
    for share in later.facilities:
        # Interest that a receipt's money became, or was paid for, is neither: it comes and goes under its own name.
        assert share.drawn - share.paid_back - share.held - share.own_use == on_loans[share.facility]


def test_a_reference_of_one_loan_is_enough(session: ReadSession) -> None:
    whole = traced(session, LATER)
    state = next(iter(whole.loans.values()))
    assert backward(session, state.loan_ref).loans == (state.id,)


def test_as_known_before_a_correction_a_loan_is_what_it_was_then(session: ReadSession) -> None:
    """Harbour's second return was corrected in October: one repayment had been told in the wrong quarter."""
    day = date(2012, 7, 1)
    told = []
    for known in (queries.known(session, at(2012, 10, 1)), queries.known(session)):
        whole = traced(session, day, known)
        found = {loan: look_through(session, loan, as_at=day, at=known) for loan in whole.loans}
        owed = {loan: each.outstanding for loan, each in found.items() if isinstance(each, Backward)}
        assert owed == {loan: state.outstanding.ours for loan, state in whole.loans.items()}
        told.append(owed)
    then, now = told
    assert [loan for loan, owed in now.items() if then[loan] != owed] == [
        loan for loan, state in whole.loans.items() if state.loan_ref == "H-3"
    ]


@pytest.mark.parametrize("name", ["lon_nothing", "no such reference", "int_x", ""])
def test_a_name_of_nothing_is_refused(session: ReadSession, name: str) -> None:
    with pytest.raises(NothingTraced, match="is no receipt, loan, organisation or facility"):
        look_through(session, name)


def test_an_unknown_receipt_is_refused(session: ReadSession) -> None:
    with pytest.raises(NoSuchInflow):
        look_through(session, "inf_nothing")


def test_a_reference_that_two_lenders_use_is_asked_for_by_its_id(session: ReadSession) -> None:
    whole = traced(session, LATER)
    one, other = list(whole.loans.values())[:2]
    whole.loans = {one.id: one, other.id: replace(other, loan_ref=one.loan_ref)}
    with pytest.raises(SeveralLoans, match=one.id):
        meant(whole, one.loan_ref)


def test_before_its_day_a_receipt_is_nowhere(session: ReadSession) -> None:
    with pytest.raises(NothingTraced, match="had not been received by 2012-01-04"):
        look_through(session, receipts(session)[0], as_at=date(2012, 1, 4))


def test_a_trustee_traces_over_http_and_at_the_keyboard_alike(
    url: str,
    bank: Institution,
    session: ReadSession,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    secret = issue_key(Desk(bank.database, OPERATOR), person="fay@bank.example", days=30).secret
    loan = next(iter(traced(session, LATER).loans))
    for asked in (receipts(session)[0], loan):
        wanted = look_through(session, asked, as_at=LATER).model_dump(mode="json") | {"known_at": ""}
        told = ["trace", asked, "--as-at", str(LATER), "--format", "json"]
        monkeypatch.setattr(sys, "argv", ["bank", "--database", url, "--as", "fay@bank.example", *told])
        with pytest.raises(SystemExit) as end:
            main()
        typed = capsys.readouterr()
        assert end.value.code == 0, typed.err
        sys.argv += ["--part", "loans"]
        with pytest.raises(SystemExit) as of_part:
            main()
        assert of_part.value.code == (2 if asked == loan else 0)
        assert ("is no receipt" in capsys.readouterr().err) is (asked == loan)
        assert json.loads(typed.out) | {"known_at": ""} == wanted
        with TestClient(create_app(bank.database)) as caller:
            sent = caller.get(
                f"/v1/trace/{asked}", params={"as_at": str(LATER)}, headers={"Authorization": f"Bearer {secret}"}
            )
            refused = caller.get(
                f"/v1/trace/{asked}", params={"known_at": "9" * 18}, headers={"Authorization": f"Bearer {secret}"}
            )
        assert sent.status_code == 200, sent.text
        assert sent.json() | {"known_at": ""} == wanted
        assert refused.status_code == 404
        assert refused.json()["last"] == wanted["known_seq"]


def test_on_either_database_the_banks_cash_and_a_facilitys_are_told_apart(small_bank: SmallBank) -> None:
    small_bank.at(date(2012, 1, 10))
    small_bank.capital("1000000.00")
    facility = small_bank.drawn(small_bank.lender(), "100000.00").id
    with small_bank.database.reading() as session:
        held = traced(session, date(2012, 1, 10)).lineage.held
    totals = {place: str(Money.total(parts.values())) for place, parts in held.items()}
    lender = next(place for place in totals if place.endswith(f"1000:{facility}"))
    assert {place: total for place, total in totals.items() if total != "0.00"} == {
        "bank/1000": "900000.00",
        lender: "100000.00",
    }
