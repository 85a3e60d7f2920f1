"""Statements: what may be published, that the same knowledge gives the same bytes, and what the books vouch for."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from bank.figures.evidence import Evidence, Knowledge
from bank.figures.queries import figures
from bank.publishing.again.queries import made_again, told_by, verify_against_books, window_of
from bank.publishing.agreement import AgreementView
from bank.publishing.commands import (
    Wanted,
    drafted,
    every_statement,
    file_statement,
    press_of,
    publish,
    publish_many,
    seal_statement,
)
from bank.publishing.gathering import compose, issue, portfolio_input
from bank.publishing.model import Statement
from bank.publishing.proof import Window
from bank.publishing.queries import StatementView, earlier_statements, statement, statements
from bank.publishing.rules import (
    KeyUsed,
    KnownTooEarly,
    NoSuchStatement,
    NotAStatement,
    QuarterStillOpen,
    UnknownKind,
)
from bank.publishing.vouching import Notary, Vouched
from bank.settings import Settings
from ledger import queries, signing, trail
from ledger.commands import reverse
from ledger.dates import Quarter, SetClock
from ledger.identifiers import CountedIdentifiers
from ledger.money import Money
from ledger.queries import Known
from ledger.refusals import NotAllowed
from ledger.store.database import Database, ReadSession
from ledger.store.work import Actor, Desk
from reports.document import Document
from reports.figures import value_json
from reports.seal import digest
from reports.sealing import Press, Sealer, new_key
from reports.statements import portfolio
from reports.typeset import pdf
from reports.verify import Verdict, verify
from tests import databases
from tests.bank import institution
from tests.bank.institution import Q1, Q2, Q3, Institution, pounds
from tests.journeys.programs import in_this_process


@dataclass
class Shelf:
    """The institution and every statement it published, at the moments it did."""

    bank: Institution
    first: StatementView
    second: StatementView
    again: StatementView
    key: str
    """Who signed the head of the books in the last of them; nobody signed that of the others."""
    steps: list[tuple[int, int]] = field(default_factory=list)

    @property
    def database(self) -> Database:
        """Where it is."""
        return self.bank.database


@pytest.fixture(scope="module")
def shelf(run_of_tests: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """Published when each quarter closed: the first two quarters, and the second once more after its correction."""
    with institution.lived("sqlite", run_of_tests, tmp_path_factory.mktemp("publishing"), 1) as bank:
        with bank.database.reading() as session:
            made = drafted(session, Wanted("portfolio", Q1))
        first = file_statement(bank.desk("fay"), made, b"typeset elsewhere", "first")
        institution.second_quarter(bank)
        second = publish(bank.desk("fay"), kind="portfolio", quarter=Q2)
        institution.third_quarter(bank)
        steps: list[tuple[int, int]] = []
        file = tmp_path_factory.mktemp("signing") / "signing.key"
        key = signing.new_key(file, "tests.example/books")
        (again,) = publish_many(
            bank.desk("fay"),
            [Wanted("portfolio", Q2)],
            processes=1,
            notary=Notary(bank.database, file),
            rendered=lambda *step: steps.append(step),
        )
        yield Shelf(bank, first, second, again, str(key), steps)


@pytest.fixture
def session(shelf: Shelf) -> Iterator[ReadSession]:
    with shelf.database.reading() as opened:
        yield opened


def data_of(document: Document) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(document.data)
    return found


def composed(session: ReadSession, quarter: Quarter, known: Known | None = None, **more: Any) -> Document:
    evidence = Evidence(Knowledge(session, known or queries.known(session)), quarter.ends_on)
    return compose(evidence, "portfolio", **({"window": Window()} | more))


def test_a_statement_made_again_later_is_the_same_to_the_byte(shelf: Shelf, session: ReadSession) -> None:
    """The second quarter's statement was published before its correction, and the correction is in the books now."""
    filed = statement(session, shelf.second.id)
    assert pdf.render(made_again(session, shelf.second.id)) == filed.pdf


@pytest.mark.parametrize("which", ["first", "second", "again"])
def test_the_figures_of_a_filed_statement_can_be_worked_out_again(
    shelf: Shelf, session: ReadSession, which: str
) -> None:
    filed: StatementView = getattr(shelf, which)
    assert made_again(session, filed.id).data_sha256 == filed.figures_sha256


def test_the_first_statement_replaces_none_and_a_later_one_of_the_quarter_says_which(shelf: Shelf) -> None:
    assert (shelf.first.number, shelf.first.supersedes) == (1, None)
    assert (shelf.second.number, shelf.second.supersedes) == (1, None)
    assert (shelf.again.number, shelf.again.supersedes) == (2, shelf.second.id)
    assert shelf.steps == [(1, 1)]


def test_a_statement_says_what_is_now_known_otherwise(shelf: Shelf, session: ReadSession) -> None:
    def told(filed: StatementView) -> list[list[Any]]:
        tables = data_of(made_again(session, filed.id))["tables"]
        (found,) = [table for table in tables if table["code"] == "corrections"]
        return [row["cells"] for row in found["rows"]]

    assert told(shelf.second) == []
    (line,) = told(shelf.again)
    assert line[:5] == ["2012Q2", institution.HARBOUR, "Repaid by borrowers", "5000.00", "6666.67"]
    assert "A repayment was booked in the wrong quarter" in line[5]


def test_an_entry_of_an_earlier_quarter_that_was_taken_back_is_told(run_of_tests: Path, tmp_path: Path) -> None:
    clock = SetClock(databases.OPENING)
    with databases.prepared("sqlite", run_of_tests, tmp_path) as url:
        database = Database.open(
            url, clock=clock, identifiers=CountedIdentifiers("reversing"), compiled=databases.COMPILED
        )
        bank = institution.open_for_business(database, clock)
        clock.set(institution.at(2012, 5, 3))
        with database.reading() as session:
            shares = next(one for one in queries.entries(session, book="bank") if "B shares" in one.entry.description)
        with bank.desk("fay").writing() as work:
            reverse(work, shares.seq, key="undo", effective_on=clock.now().date(), reason="paid by mistake")
        with database.reading() as session:
            tables = data_of(composed(session, Q2))["tables"]
        database.close()
    (row,) = next(table for table in tables if table["code"] == "corrections")["rows"]
    assert row["cells"][:2] == ["2012Q1", "bank"]
    assert row["cells"][3:5] == ["6000000.00", "0.00"]
    assert "paid by mistake" in row["cells"][5]


def test_a_correction_is_told_once_in_the_statement_of_the_next_quarter(shelf: Shelf, session: ReadSession) -> None:
    def told(window: Window) -> int:
        tables = data_of(composed(session, Q3, window=window))["tables"]
        return next(len(table["rows"]) for table in tables if table["code"] == "corrections")

    assert told(Window(since=shelf.second.known_at)) == 1
    assert told(Window(since=shelf.again.known_at)) == 0


def test_every_figure_printed_is_the_registrys_own(shelf: Shelf, session: ReadSession) -> None:
    sheet = {one.code: one for one in figures(session, as_at=Q3.ends_on).figures}
    data = data_of(composed(session, Q3))
    for box in data["movements"]:
        found = sheet[box["code"]]
        assert [box["opening"], box["added"], box["taken"], box["closing"]] == [
            str(part) for part in (found.opening, found.added, found.taken, found.value)
        ], box["code"]
    for one in data["figures"]:
        shown = sheet[one["code"]].value
        assert one["value"] == value_json(shown), one["code"]
    assert shelf.again.known_seq == queries.known(session).seq


def test_the_allocations_table_adds_up_to_the_boxes_of_the_path(session: ReadSession) -> None:
    data = data_of(composed(session, Q3))
    table = next(one for one in data["tables"] if one["code"] == "allocations")
    boxes = {box["code"]: box["closing"] for box in data["movements"]}
    columns = [column["code"] for column in table["columns"]]
    total = dict(zip(columns, table["total"]["cells"], strict=True))
    for code in ("in_principle", "signed", "drawn", "undrawn", "repaid", "owed", "written_off"):
        assert total[code] == boxes[code], code
    assert len(table["rows"]) == 2


def test_nothing_in_a_statement_depends_on_when_or_by_whom_it_is_made(shelf: Shelf) -> None:
    known = Known(shelf.again.known_seq, shelf.again.known_at)
    made = []
    for instant in (datetime(2013, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC)):
        shelf.bank.clock.set(instant)
        with shelf.database.reading() as session:
            made.append(composed(session, Q3, known).data)
    assert made[0] == made[1]


def test_the_same_knowledge_asked_for_again_is_the_statement_already_filed(shelf: Shelf) -> None:
    for name in ("fay", "flo"):
        found = publish(shelf.bank.desk(name), kind="portfolio", quarter=Q2, known_at=shelf.second.known_at)
        assert found == shelf.second
    (found,) = publish_many(shelf.bank.desk("flo"), [Wanted("portfolio", Q2, shelf.second.known_at)])
    assert found == shelf.second


def test_a_key_answers_its_statement_again_and_is_refused_for_another(shelf: Shelf) -> None:
    fay = shelf.bank.desk("fay")
    assert publish(fay, kind="portfolio", quarter=Q1, key="first") == shelf.first
    with pytest.raises(KeyUsed, match="was used to publish the portfolio statement of 2012Q1"):
        publish(fay, kind="portfolio", quarter=Q2, key="first")


def test_a_quarter_still_open_has_no_statement(shelf: Shelf) -> None:
    with pytest.raises(QuarterStillOpen, match="2012Q4 is not closed"):
        publish(shelf.bank.desk("fay"), kind="impact", quarter=Q3.next)


def test_a_statement_cannot_be_of_a_quarter_that_had_not_ended_by_then(shelf: Shelf) -> None:
    with pytest.raises(KnownTooEarly, match="had not ended"):
        publish(shelf.bank.desk("fay"), kind="impact", quarter=Q2, known_at=datetime(2012, 6, 30, 23, tzinfo=UTC))


def test_a_kind_nobody_knows_is_refused(shelf: Shelf) -> None:
    with pytest.raises(UnknownKind, match="portfolio or impact"):
        publish(shelf.bank.desk("fay"), kind="annual", quarter=Q1)


@pytest.mark.parametrize("role", ["trustee", "auditor", "administrator"])
def test_who_reads_statements_does_not_publish_them(shelf: Shelf, role: str) -> None:
    reader = Desk(shelf.database, Actor("person", "per_reader", "A reader", frozenset({role})))
    with pytest.raises(NotAllowed):
        publish(reader, kind="portfolio", quarter=Q1)
    with pytest.raises(NotAllowed):
        publish_many(reader, [Wanted("portfolio", Q1)])


def test_statements_are_listed_by_quarter_and_kept_with_their_pages(shelf: Shelf, session: ReadSession) -> None:
    assert [view.id for view in statements(session)] == [shelf.first.id, shelf.second.id, shelf.again.id]
    assert statements(session, quarter=Q1, kind="portfolio") == [shelf.first]
    assert statements(session, kind="impact") == []
    file = statement(session, shelf.again.id)
    assert (file.filename, file.statement) == ("portfolio-2012Q2-2.pdf", shelf.again)
    assert len(file.pdf) == shelf.again.size
    with pytest.raises(NoSuchStatement, match="There is no statement 'sta_nothing'"):
        statement(session, "sta_nothing")


def test_publishing_leaves_a_line_in_the_trail(shelf: Shelf, session: ReadSession) -> None:
    (line,) = trail.lines(session, subject=shelf.again.id)
    assert line.action == "statement.publish"
    assert line.facts["pdf_sha256"] == shelf.again.pdf_sha256
    assert line.facts["supersedes"] == shelf.second.id


def test_a_published_statement_is_never_changed(shelf: Shelf) -> None:
    with pytest.raises(DBAPIError), shelf.database.writing() as session:
        session.execute(update(Statement).values(caution="Other words"))


def test_the_books_vouch_for_a_statement_they_published(shelf: Shelf, session: ReadSession) -> None:
    for filed in (shelf.second, shelf.again):
        found = verify_against_books(session, statement(session, filed.id).pdf)
        assert found.agrees, found.differences
        assert found.filed
        assert found.compared > 1000
        assert found.replaced_by == (shelf.again.id if filed == shelf.second else None)


def test_each_loan_and_facility_is_attached_and_no_borrower_is_named(shelf: Shelf, session: ReadSession) -> None:
    """The lists come to the figures, which `verify` adds up; a group of few borrowers is not named in them."""
    files = {one.name: one.content.whole.decode() for one in made_again(session, shelf.again.id).issue.attached}
    assert list(files)[:3] == ["intermediaries.csv", "loans.csv", "verifier.py"]
    assert list(files)[3:] == ["checkpoint.txt", "checkpoint-key.txt", "consistency.txt"]
    states = Evidence(Knowledge(session, Known(shelf.again.known_seq, shelf.again.known_at)), Q2.ends_on).states
    rows = list(csv.DictReader(io.StringIO(files["loans.csv"])))
    assert len(rows) == len(states) > 0
    for state in states:
        for told in (state.borrower_name, state.loan_ref, state.organisation, state.place.lsoa or "no place"):
            assert told not in files["loans.csv"]
    assert {row["region"] for row in rows} == {"withheld"}
    assert len(files["intermediaries.csv"].splitlines()) == 3
    assert verify(statement(session, shelf.again.id).pdf).holds


def test_two_statements_are_shown_offline_to_be_of_one_history(
    shelf: Shelf, session: ReadSession, tmp_path: Path
) -> None:
    """The first of them nobody signed, the second did the operator; the one signed anew is the same to the byte."""
    for name, view in (("earlier.pdf", shelf.second), ("later.pdf", shelf.again)):
        (tmp_path / name).write_bytes(statement(session, view.id).pdf)
    assert pdf.render(made_again(session, shelf.again.id)) == (tmp_path / "later.pdf").read_bytes()

    def said(*words: str) -> tuple[int, str]:
        found = in_this_process(("statement", "verify", *words), tmp_path, {})
        return found.code, found.out

    both = ("later.pdf", "--against", "earlier.pdf")
    code, told = said(*both)
    assert (code, "of earlier.pdf are one history" in told) == (0, True)
    assert f"by a key that the file itself names, not one that you gave: {shelf.key}" in told
    code, told = said("earlier.pdf", "--against", "later.pdf")
    assert (code, "of later.pdf are one history" in told, "is not signed" in told) == (0, True, True)
    code, told = said("later.pdf", "--checkpoint-key", shelf.key)
    assert (code, f"signed by a key you gave: {shelf.key}" in told) == (0, True)
    code, told = said(*both, "--checkpoint-key", shelf.key)
    assert (code, "Against earlier.pdf: " in told, "not signed, and a key was given" in told) == (1, True, True)


ALWAYS_TOLD = {
    *("form", "withheld"),
    *("holds", "faults", "statement", "kind", "quarter", "known_at", "known_seq", "figures_checked", "seal_seq"),
    *("seal_root", "checkpoint_key", "checkpoint_key_given", "against", "sealed_by", "certificate_sha256", "filed"),
    *("certificate_trusted", "stamped_at", "books", "not_compared", "agrees", "compared", "differences"),
    *("compared_by", "composed_by", "version", "not_judged"),
    *("journal", "kept", "shared_entries", "books_fault", "books_fault_seq", "replaced_by"),
}


def test_as_json_a_check_always_says_all_that_it_found(shelf: Shelf, session: ReadSession, tmp_path: Path) -> None:
    """With books and without, of a whole file and of a broken one, beside another and by itself: the same members."""
    whole = statement(session, shelf.again.id).pdf
    (tmp_path / "whole.pdf").write_bytes(whole)
    (tmp_path / "earlier.pdf").write_bytes(statement(session, shelf.second.id).pdf)
    (tmp_path / "broken.pdf").write_bytes(whole[: len(whole) // 2])
    url = shelf.database.engine.url.render_as_string(hide_password=False)

    def said(*words: str, books: bool) -> tuple[int, dict[str, Any]]:
        before = ("--database", url) if books else ()
        found = in_this_process((*before, "statement", "verify", *words, "--format", "json"), tmp_path, {})
        assert set(found.json) == ALWAYS_TOLD
        return found.code, found.json

    code, told = said("whole.pdf", books=True)
    assert (code, told["agrees"], told["filed"], told["differences"], told["not_compared"]) == (0, True, True, [], None)
    assert told["compared"] > 1000
    code, told = said("whole.pdf", "--against", "earlier.pdf", "--against", "broken.pdf", books=True)
    assert (code, told["holds"], told["agrees"], told["against"]["earlier.pdf"]) == (1, True, True, [])
    assert told["against"]["broken.pdf"]
    code, told = said("whole.pdf", "--against", "earlier.pdf", books=False)
    assert (code, told["against"], told["books"], told["agrees"]) == (0, {"earlier.pdf": []}, None, None)
    code, told = said("broken.pdf", books=True)
    assert (code, told["holds"], told["agrees"], told["differences"]) == (1, False, None, None)
    assert told["faults"]
    assert "does not hold by itself" in told["not_compared"]
    found = in_this_process(
        ("--database", f"sqlite:///{tmp_path}/none.db", "statement", "verify", "whole.pdf", "--format", "json"),
        tmp_path,
        {},
    )
    assert (found.code, found.json["holds"], found.json["agrees"]) == (1, True, None)
    assert "There is no database" in found.json["not_compared"]
    read = in_this_process(("--database", url, "statement", "verify", "broken.pdf"), tmp_path, {})
    assert (read.code, "Not compared with the books" in read.out, "Traceback" in read.err) == (1, True, False)


def test_a_check_says_whether_a_certificate_that_was_given_vouches_for_the_seal(
    shelf: Shelf, session: ReadSession, tmp_path: Path
) -> None:
    (tmp_path / "passphrase").write_text("secret")
    for name in ("ours", "another"):
        new_key(tmp_path / f"{name}.p12", b"secret", name, datetime(2012, 1, 1, tzinfo=UTC))
        press = Press(Sealer(tmp_path / f"{name}.p12", tmp_path / "passphrase"))
        (tmp_path / f"{name}.pem").write_text(press.certificate)
        if name == "ours":
            (tmp_path / "sealed.pdf").write_bytes(press.sealed(statement(session, shelf.again.id).pdf)[0])
    (tmp_path / "empty.pem").write_text("no certificate")

    def said(*words: str) -> tuple[int, str]:
        found = in_this_process(("statement", "verify", "sealed.pdf", *words), tmp_path, {})
        return found.code, found.out + found.err

    code, told = said()
    assert (code, "Sealed as a whole by ours" in told, "give the one you know (--trust)" in told) == (0, True, True)
    code, told = said("--trust", "another.pem", "--trust", "ours.pem")
    assert (code, "A certificate that you gave vouches for it." in told) == (0, True)
    code, told = said("--trust", "another.pem")
    assert (code, "NO certificate that you gave vouches for it." in told) == (1, True)
    code, told = said("--trust", "empty.pem")
    assert (code, "empty.pem holds no certificate in PEM" in told) == (1, True)
    assert said("--trust", "ours.pem", "--format", "json")[1].count('"certificate_trusted": true') == 1


def test_a_seal_is_kept_beside_the_file_as_it_was_filed(shelf: Shelf, tmp_path: Path) -> None:
    """The register knows both digests; sealing again is the same seal, and both files are those that were issued."""
    new_key(tmp_path / "seal.p12", b"secret", "The bank of the tests", datetime(2012, 1, 1, tzinfo=UTC))
    (tmp_path / "passphrase").write_text("secret")
    told = {"BANK_SEAL_KEY": f"{tmp_path}/seal.p12", "BANK_SEAL_PASSPHRASE_FILE": f"{tmp_path}/passphrase"}
    press = press_of(Settings.read(told))
    assert press is not None
    assert press_of(Settings.read({})) is None
    view = seal_statement(shelf.bank.desk("fay"), shelf.again.id, press)
    assert seal_statement(shelf.bank.desk("flo"), shelf.again.id, press) == view
    with shelf.database.reading() as session:
        file = statement(session, shelf.again.id)
        assert (file.pdf, file.statement) == (file.issued[: len(file.pdf)], view)
        assert (digest(file.pdf), digest(file.issued)) == (view.pdf_sha256, view.sealed_sha256)
        assert verify(file.issued, trusted=[press.certificate.encode()]).holds
        assert [verify_against_books(session, blob).filed for blob in (file.pdf, file.issued)] == [True, True]
        other, _ = press.sealed(file.pdf)
        assert verify_against_books(session, other).filed is (other == file.issued)
        (line,) = trail.lines(session, subject=view.id, action="statement.seal")
        assert line.facts["sealed_sha256"] == view.sealed_sha256
        assert view in statements(session)
    with pytest.raises(NotAllowed):
        seal_statement(Desk(shelf.database, Actor("person", "per_t", "T", frozenset({"trustee"}))), view.id, press)


def _forged(session: ReadSession, known: Known, vouched: Vouched) -> AgreementView:
    """A statement that is whole in itself and says more was received than was."""
    evidence = Evidence(Knowledge(session, known), Q2.ends_on)
    window = window_of(earlier_statements(session), "portfolio", Q2, known.instant)
    honest = portfolio_input(evidence, issue(evidence, "portfolio", supersedes="", caution="", vouched=vouched), window)
    more = honest.path.received
    raised = more.model_copy(update={"added": more.added + pounds("1.00"), "closing": more.closing + pounds("1.00")})
    lie = honest.model_copy(update={"path": honest.path.model_copy(update={"received": raised})})
    forged = pdf.render(portfolio.compose(lie))
    assert verify(forged).holds
    return verify_against_books(session, forged)


def test_the_books_name_what_a_forged_statement_says_otherwise(shelf: Shelf, session: ReadSession) -> None:
    found = _forged(
        session,
        Known(shelf.second.known_seq, shelf.second.known_at),
        Vouched(others=(shelf.first.known_seq,)),
    )
    assert not found.agrees
    assert not found.filed
    named = {one.where: (one.stated, one.in_books) for one in found.differences}
    assert named["/movements/0:received/closing"] == ('"50000001.01"', '"50000000.01"')
    of_it = ("received", "printed", ":money-path/")  # the path that is drawn has what is left of what was received
    assert all(any(word in where for word in of_it) for where in named), named


def test_a_file_that_is_no_statement_is_refused(session: ReadSession) -> None:
    with pytest.raises(NotAStatement, match="not a statement that can be read"):
        verify_against_books(session, b"%PDF-1.7 nothing of the kind")


@pytest.mark.parametrize("seq", ["56", -1, None, 1.5])
def test_a_file_that_says_in_no_sensible_way_what_it_knew_is_refused(seq: Any) -> None:
    verdict = Verdict(kind="portfolio", quarter=Q1, known_at=datetime(2013, 1, 1, tzinfo=UTC), known_seq=seq)
    with pytest.raises(NotAStatement, match="does not say what it knew"):
        told_by(verdict)


def test_a_statement_says_why_its_quarter_was_closed_over_a_missing_return(session: ReadSession) -> None:
    def notes(quarter: Quarter) -> str:
        section = next(one for one in composed(session, quarter).sections if one.code == "returns")
        return section.model_dump_json()

    assert institution.CLOSED_OVER in notes(Q3)
    assert "closed without it" not in notes(Q2)


def test_both_statements_of_every_quarter_are_asked_for_in_order() -> None:
    asked = every_statement([Q1, Q2])
    assert [(one.kind, one.quarter) for one in asked] == [
        ("portfolio", Q1),
        ("impact", Q1),
        ("portfolio", Q2),
        ("impact", Q2),
    ]


def test_the_impact_statement_composes_in_every_quarter_and_before_any_lending(session: ReadSession) -> None:
    knowledge = Knowledge(session, queries.known(session))
    for quarter in (Q1.previous, Q1, Q2, Q3):
        data = data_of(compose(Evidence(knowledge, quarter.ends_on), "impact", window=Window()))
        lent = next(box for box in data["movements"] if box["code"] == "lent")
        assert Money.parse(lent["closing"]) >= Money(0)


def test_the_caution_is_part_of_what_a_statement_is(session: ReadSession) -> None:
    plain, cautious = composed(session, Q3), composed(session, Q3, caution="Invented.")
    assert plain.issue.statement != cautious.issue.statement
    assert cautious.issue.caution == "Invented."


def test_a_statement_known_a_moment_later_is_another_statement(session: ReadSession) -> None:
    known = queries.known(session)
    later = Known(known.seq, known.instant + timedelta(seconds=1))
    assert composed(session, Q3, known).issue.statement != composed(session, Q3, later).issue.statement


def test_every_book_balances_in_one_line_and_an_empty_one_of_a_lender_is_not_shown(session: ReadSession) -> None:
    def lines(quarter: Quarter) -> list[list[Any]]:
        table = next(one for one in data_of(composed(session, quarter))["tables"] if one["code"] == "books")
        return [row["cells"] for row in table["rows"]]

    assert all(line[3] == line[4] and line[5] == "agrees" for line in lines(Q3))
    *house, together = lines(Q3)
    codes = list(queries.books(session))
    for line, code in zip(house, codes[:4], strict=True):
        found = queries.trial_balance(session, code, Q3.ends_on)
        assert (line[1], line[3]) == (len(found.accounts), str(found.total_debit)), line[0]
    theirs = [queries.trial_balance(session, code, Q3.ends_on) for code in codes[4:]]
    assert together[0] == "Memorandum books of 2 intermediaries"
    assert together[1] == sum(len(one.accounts) for one in theirs)
    assert together[3] == str(Money.total(one.total_debit for one in theirs))
    assert len(lines(Q3)) == len(lines(Q1.previous)) + 1


def test_the_list_of_statements_waits_for_nothing_that_composes_or_reads_a_pdf() -> None:
    script = (
        "import sys, bank.publishing.queries, bank.publishing.floors.queries, bank.publishing.rules\n"
        "heavy = {'bank.publishing.gathering', 'bank.figures.registry', 'reports.verify', 'pypdf'}\n"
        "assert not heavy & sys.modules.keys(), heavy & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=Path(__file__).parents[2])
