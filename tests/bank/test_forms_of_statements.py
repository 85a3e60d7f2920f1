"""The forms of a statement: what each tells, who is given it, and that it is made again as it was issued."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from bank.api import create_app
from bank.figures.publications.commands import publish_record
from bank.jobs.working import work_on
from bank.people.commands import add_person, issue_key
from bank.publishing.again.queries import made_again
from bank.publishing.commands import Wanted, drafted, file_statement, publish
from bank.publishing.floors.commands import approve_floor, propose_floor
from bank.publishing.floors.queries import disclosure_floors, fewest_on, floor_on, listed_on
from bank.publishing.floors.rules import BadFloor, NoFloor
from bank.publishing.model import Statement, StatementWithholding
from bank.publishing.ordering import Publisher, order
from bank.publishing.queries import earlier_statements, statement, statements
from bank.publishing.rules import (
    FORMS,
    PublishedMeanwhile,
    UnknownForm,
    forms_open_to,
    refuse_reader,
    statement_id,
)
from bank.wiring import OPERATOR
from ledger.dates import SetClock
from ledger.refusals import NotAllowed
from ledger.store.database import Database
from ledger.store.work import Desk
from ledger.two_people import SamePerson
from reports.document import Document
from reports.verify import verify
from tests import databases
from tests.bank import institution
from tests.bank.institution import Q1, Q2, Institution
from tests.journeys.programs import in_this_process

FROM = date(2012, 1, 1)
EMBEDDED = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
"""For what the other database does no otherwise."""


def agree(bank: Institution, form: str, fewest: int, from_on: date = FROM, most_of_one: Decimal | None = None) -> None:
    """A floor that two people agree on."""
    made = propose_floor(
        bank.desk("fay"), form=form, fewest=fewest, from_on=from_on, basis="Minute 4", most_of_one=most_of_one
    )
    approve_floor(bank.desk("flo"), id=made.id)


@pytest.fixture
def began() -> databases.Began:
    return "one-quarter"


@pytest.fixture
def bank(database: Database, clock: SetClock, run_of_tests: Path) -> Institution:
    return institution.after_one_quarter(database, clock, run_of_tests)


def filed(bank: Institution, kind: str, form: str, quarter: Any = Q1) -> Document:
    """A statement composed, and filed with pages that somebody else would have set."""
    with bank.database.reading() as session:
        draft = drafted(session, Wanted(kind, quarter, form=form))
    file_statement(bank.desk("fay"), draft, b"typeset elsewhere")
    return draft.document


def attached(document: Document, name: str) -> list[dict[str, str]]:
    content = next(one.content.whole for one in document.issue.attached if one.name == name)
    return list(csv.DictReader(io.StringIO(content.decode())))


def everything(document: Document) -> str:
    """All that a document gives to whoever has it: its pages' words, its figures and its files but the program."""
    files = [one.content.whole.decode() for one in document.issue.attached if one.name != "verifier.py"]
    return " ".join([document.model_dump_json(exclude={"data", "issue"}), document.data.decode(), *files])


def test_each_form_tells_what_its_readers_may_see_and_is_made_again(bank: Institution) -> None:
    agree(bank, "public", 2)
    made = {form: filed(bank, "portfolio", form) for form in FORMS}
    named = {"Dockside Kitchen", "Lantern Arts", "Quay Housing", "Fell Rescue", "E08000012", "H-2"}
    with bank.database.reading() as session:
        orgs = {state["borrower"] for state in attached(made["whole"], "loans.csv")}
        for view in statements(session, kind="portfolio", quarter=Q1):
            assert made_again(session, view.id) == made[view.form]
            assert (view.supersedes, view.number) == (None, 1 + FORMS.index(view.form))
            suffix = "" if view.form == "trustees" else f"-{view.form}"
            assert statement(session, view.id).filename == f"portfolio-2012Q1{suffix}.pdf"
    whole = attached(made["whole"], "loans.csv")
    assert {row["borrower_name"].removesuffix(" (invented)") for row in whole} >= {"Dockside Kitchen", "Lantern Arts"}
    assert not any("withheld" in row.values() for row in whole)
    assert {row["loan"] for row in attached(made["trustees"], "loans.csv")} == {row["loan"] for row in whole}
    for form in ("trustees", "public"):
        told = everything(made[form])
        assert [word for word in (*named, *orgs) if word in told] == []
    one_by_one = {row[name] for row in whole for name in ("loan", "return")}
    assert [word for word in one_by_one if word in everything(made["public"])] == []


@EMBEDDED
def test_the_trustees_form_says_nothing_of_forms_and_keeps_its_name(bank: Institution) -> None:
    document = filed(bank, "portfolio", "trustees")
    told = json.loads(document.data)
    head = document.issue
    assert "form" not in told["statement"]
    assert told["format"] == "big-society-bank statement figures 2"
    assert {key for one in told["attached"] for each in one["sums"] for key in each} == {"column", "reference"}
    assert head.statement == statement_id("portfolio", Q1, head.known_seq, head.known_at, "")
    assert len({statement_id("portfolio", Q1, 1, head.known_at, "", form) for form in FORMS}) == 3


def test_a_form_replaces_its_own_alone(bank: Institution) -> None:
    agree(bank, "public", 2)
    for form in ("trustees", "public"):
        filed(bank, "impact", form)
    institution.second_quarter(bank)
    again = filed(bank, "impact", "public")
    with bank.database.reading() as session:
        by_form = {form: [v for v in statements(session, quarter=Q1) if v.form == form] for form in FORMS}
        first, second = by_form["public"]
        assert (second.supersedes, second.number) == (first.id, 3)
        assert statement(session, second.id).filename == "impact-2012Q1-public-3.pdf"
        assert made_again(session, second.id) == again
        kept = session.get_one(StatementWithholding, second.id)
        assert kept.held_against == [first.id]
        assert len(earlier_statements(session)) == 3


@EMBEDDED
def test_the_command_line_publishes_a_form_and_says_which_a_file_has(bank: Institution, tmp_path: Path) -> None:
    environment = {"BANK_DATABASE_URL": str(bank.database.engine.url)}

    def run(*words: str) -> str:
        said = in_this_process(words, tmp_path, environment)
        assert said.code == 0, said.err
        return said.out

    words = ("--for", "public", "--fewest", "2", "--from", "2012-01-01", "--basis", "Minute 4", "--format", "json")
    made = json.loads(run("--as", "fay@bank.example", "statement", "floor", *words))
    run("--as", "flo@bank.example", "approval", "approve", made["id"])
    assert "approved" in run("statement", "floor")
    run("statement", "publish", "impact", "2012Q1", "--for", "public")
    told = run("statement", "verify", "impact-2012Q1-public.pdf")
    assert "It is the form for the public" in told
    assert re.search(r"Loans\.csv withholds \d+ loans, £[\d.]+ lent", told)
    found = json.loads(run("statement", "verify", "impact-2012Q1-public.pdf", "--format", "json"))
    assert (found["form"], found["agrees"], found["filed"], len(found["withheld"])) == ("public", True, True, 2)
    assert [one["form"] for one in json.loads(run("statement", "list", "--format", "json"))] == ["public"]


@EMBEDDED
def test_nothing_is_published_for_a_file_that_cannot_be_written_and_what_is_can_be_written_later(
    bank: Institution, tmp_path: Path
) -> None:
    """The publication stays: what could not be written is asked for by its key, and is not published again."""
    environment = {"BANK_DATABASE_URL": str(bank.database.engine.url)}

    def refused(*words: str) -> str:
        said = in_this_process(words, tmp_path, environment)
        assert said.code != 0, said.out
        return said.err

    def published() -> int:
        with bank.database.reading() as session:
            return session.scalar(select(func.count()).select_from(Statement)) or 0

    (tmp_path / "there.pdf").write_text("mine")
    (tmp_path / "portfolio-2012Q1.pdf").write_text("mine")
    publish = ("statement", "publish", "portfolio", "2012Q1")
    before = published()
    assert "there.pdf is there already" in refused(*publish, "--out", "there.pdf")
    assert "nowhere is no folder" in refused(*publish, "--out", "nowhere/x.pdf")
    assert "cannot be made a folder" in refused("figure", "publish", "2012Q1", "--out", "there.pdf")
    assert published() == before
    told = " ".join(refused(*publish).split())
    (made, key) = re.findall(r"It is published as (sta_\w+), .* with --key (cli-[\w-]+),", told)[0]
    assert published() == before + 1
    done = in_this_process((*publish, "--key", key, "--out", "other.pdf", "--format", "json"), tmp_path, environment)
    assert (done.code, json.loads(done.out)["id"], published()) == (0, made, before + 1), done.err
    assert ((tmp_path / "there.pdf").read_text(), verify((tmp_path / "other.pdf").read_bytes()).faults) == ("mine", ())


def public_lines(document: Document) -> list[tuple[str, str, str]]:
    return [(row["measure"], row["outcome_area"], row["region"]) for row in attached(document, "loans.csv")]


@EMBEDDED
def test_the_rows_of_the_pages_are_sums_of_the_lines_and_those_the_books_sums(bank: Institution) -> None:
    agree(bank, "public", 2)
    document, trustees = filed(bank, "portfolio", "public"), filed(bank, "portfolio", "trustees")
    rows = attached(document, "loans.csv")
    assert ("lent", "withheld", "withheld") in public_lines(document)
    of_each = attached(trustees, "loans.csv")
    for measure, column in (("lent", "drawn"), ("outstanding", "outstanding")):
        told = [row for row in rows if row["measure"] == measure]
        assert sum(int(row["loans"]) for row in told) == len(of_each)
        assert _pence(told, "amount") == _pence(of_each, column) > 0
    for one in attached(document, "intermediaries.csv"):
        assert set(one).isdisjoint({"return", "filed_on"})
    with bank.database.reading() as session:
        portfolio = json.loads(document.data)
        impact = json.loads(drafted(session, Wanted("impact", Q1, form="public")).document.data)
    tables = {table["code"]: table for table in portfolio["tables"]}
    assert {code: table for code, table in tables.items() if "-by-" in code} == {
        table["code"]: table for table in impact["tables"]
    }, "both statements tell the same"
    assert portfolio["statement"]["fewest"] == 2
    assert not [one for one in (*portfolio["figures"], *portfolio["movements"]) if one["provenance"]["returns"]]
    assert {one["code"] for one in portfolio["movements"]}.isdisjoint({"lent", "outstanding", "onward_written_off"})


def _pence(rows: list[dict[str, str]], column: str) -> int:
    return sum(int(row[column].replace(".", "")) for row in rows)


def test_a_floor_takes_two_people_and_holds_from_its_day(bank: Institution) -> None:
    with bank.database.reading() as session:
        day = session.now.date()
        assert fewest_on(session, "trustees", day) == listed_on("trustees", day) == 5
        assert fewest_on(session, "whole", day) == 0
        with pytest.raises(NoFloor, match="Nobody has agreed yet"):
            drafted(session, Wanted("portfolio", Q1, form="public"))
    with pytest.raises(NoFloor):
        order(bank.desk("fay"), kind="portfolio", quarter=Q1, form="public")
    asked = propose_floor(bank.desk("fay"), form="public", fewest=2, from_on=FROM, basis="Minute 4")
    with pytest.raises(SamePerson):
        approve_floor(bank.desk("fay"), id=asked.id)
    with bank.database.reading() as session, pytest.raises(NoFloor):
        fewest_on(session, "public", day)
    approve_floor(bank.desk("flo"), id=asked.id)
    agree(bank, "public", 9, date(2013, 1, 1))
    agree(bank, "trustees", 7)
    with bank.database.reading() as session:
        assert [fewest_on(session, "public", on) for on in (day, date(2013, 1, 1))] == [2, 9]
        assert fewest_on(session, "trustees", day) == 7
        assert [one.state for one in disclosure_floors(session)] == ["approved"] * 3
    for form, fewest in (("public", 1), ("public", 1001), ("whole", 5)):
        with pytest.raises(BadFloor):
            propose_floor(bank.desk("fay"), form=form, fewest=fewest, from_on=FROM, basis="Minute 4")
    with pytest.raises(UnknownForm, match="trustees, whole, public"):
        publish(bank.desk("fay"), kind="portfolio", quarter=Q1, form="secret")


@EMBEDDED
def test_what_is_filed_keeps_the_floor_that_it_was_made_by(bank: Institution) -> None:
    before = filed(bank, "portfolio", "trustees")
    agree(bank, "trustees", 2)
    with bank.database.reading() as session:
        assert made_again(session, before.issue.statement) == before
        later = drafted(session, Wanted("impact", Q1)).document
    lower, upper = (
        sum(list(row.values()).count("withheld") for row in attached(one, "loans.csv")) for one in (later, before)
    )
    assert lower < upper


def test_two_statements_for_the_public_that_do_not_know_of_each_other_are_not_both_filed(bank: Institution) -> None:
    agree(bank, "public", 2)
    with bank.database.reading() as session:
        one, other = (drafted(session, Wanted(kind, Q1, form="public")) for kind in ("portfolio", "impact"))
    file_statement(bank.desk("fay"), one, b"typeset elsewhere")
    assert file_statement(bank.desk("fay"), one, b"again").id == one.id
    with pytest.raises(PublishedMeanwhile, match="publish it again"):
        file_statement(bank.desk("fay"), other, b"typeset elsewhere")
    with bank.database.reading() as session:
        held = drafted(session, Wanted("impact", Q1, form="public"))
    assert file_statement(bank.desk("fay"), held, b"typeset elsewhere").form == "public"


@EMBEDDED
def test_a_statement_is_held_against_the_public_record_and_the_record_against_it(bank: Institution) -> None:
    """Whichever comes second knows of the first, also where the first came while the second was made."""
    agree(bank, "public", 2)
    with bank.database.reading() as session:
        alone = drafted(session, Wanted("portfolio", Q1, form="public"))
    record = publish_record(bank.desk("fay"), quarter=Q1, fewest=2, key="first")
    with pytest.raises(PublishedMeanwhile, match="The public record was published"):
        file_statement(bank.desk("fay"), alone, b"typeset elsewhere")
    with bank.database.reading() as session:
        beside = drafted(session, Wanted("portfolio", Q1, form="public"))
    assert (alone.publications, beside.publications) == ((), (record.id,))
    file_statement(bank.desk("fay"), beside, b"typeset elsewhere")
    institution.second_quarter(bank)
    publish_record(bank.desk("fay"), quarter=Q2, fewest=2, key="second")
    with bank.database.reading() as session:
        assert made_again(session, beside.id) == beside.document, "as it was held, whatever was published since"
        kept = session.get_one(StatementWithholding, beside.id)
        assert (kept.publications, kept.most_of_one) == ([record.id], None)


@EMBEDDED
def test_what_one_borrower_may_be_of_a_group_is_agreed_by_two_and_kept_with_the_statement(bank: Institution) -> None:
    agree(bank, "public", 2)
    free = filed(bank, "impact", "public")
    agree(bank, "public", 2, date(2012, 1, 2), Decimal("0.5"))
    with bank.database.reading() as session:
        held = drafted(session, Wanted("portfolio", Q1, form="public"))
        assert held.floor == floor_on(session, "public", session.now.date()) == (2, Decimal("0.5"))
        assert made_again(session, free.issue.statement) == free
        assert [one.most_of_one for one in disclosure_floors(session)] == [None, Decimal("0.5")]
    job = order(bank.desk("fay"), kind="portfolio", quarter=Q1, form="public")
    assert job.arguments["most_of_one"] == "0.5"
    done = work_on(bank.desk("fay"), job.id, Publisher(typeset=lambda document: document.data))
    with bank.database.reading() as session:
        assert session.get_one(StatementWithholding, done.result or "").most_of_one == Decimal("0.5")
        assert made_again(session, done.result or "").data == statement(session, done.result or "").pdf
    for form, most in (("trustees", "0.9"), ("public", "0.4"), ("public", "1")):
        with pytest.raises(BadFloor):
            agree(bank, form, 5, FROM, Decimal(most))


@EMBEDDED
def test_a_job_makes_the_form_that_was_ordered_by_the_floor_of_then(bank: Institution) -> None:
    agree(bank, "public", 2)
    job = order(bank.desk("fay"), kind="portfolio", quarter=Q1, form="public")
    assert (job.arguments["form"], job.arguments["fewest"]) == ("public", 2)
    agree(bank, "public", 50)
    done = work_on(bank.desk("fay"), job.id, Publisher(typeset=lambda document: document.data))
    with bank.database.reading() as session:
        made = statement(session, done.result or "")
        assert made.statement.form == "public"
        assert json.loads(made.pdf)["statement"]["fewest"] == 2
        assert made_again(session, made.statement.id).data == made.pdf
    old = order(bank.desk("fay"), kind="portfolio", quarter=Q1)
    former = {name: told for name, told in old.arguments.items() if name not in {"form", "fewest"}}
    said = Publisher(typeset=lambda document: document.data)(bank.desk("fay"), former, lambda _: None)
    with bank.database.reading() as session:
        assert statement(session, said).statement.form == "trustees"


ROLES = {
    "trustee": {"trustees", "public"},
    "fund-manager": {"trustees", "whole", "public"},
    "auditor": {"whole", "public"},
    "administrator": {"public"},
}


@pytest.fixture
def doors(bank: Institution) -> dict[str, TestClient]:
    """A door for each role, with statements of every form behind it."""
    agree(bank, "public", 2)
    for form in FORMS:
        filed(bank, "portfolio", form)
    house = Desk(bank.database, OPERATOR)
    found = {}
    for role in ROLES:
        add_person(house, name=role, email=f"{role}@roles.example", roles=[role])
        key = issue_key(house, person=f"{role}@roles.example", days=30).secret
        found[role] = TestClient(create_app(bank.database), headers={"Authorization": f"Bearer {key}"})
    return found


@EMBEDDED
def test_whoever_asks_is_given_the_forms_of_their_role_and_no_other(doors: dict[str, TestClient]) -> None:
    every = {one["form"]: one["id"] for one in doors["fund-manager"].get("/v1/statements").json()["items"]}
    assert set(every) == set(FORMS)
    for role, may in ROLES.items():
        assert {one["form"] for one in doors[role].get("/v1/statements").json()["items"]} == may
        assert set(forms_open_to({role})) == may
        for form, one in every.items():
            answer = doors[role].get(f"/v1/statements/{one}")
            assert answer.status_code == (200 if form in may else 403), (role, form)
    given = {"Idempotency-Key": "floor"}
    floor = {"form": "public", "fewest": 12, "from_on": "2012-06-01", "basis": "Minute 9"}
    for role, code in (("trustee", 403), ("fund-manager", 201)):
        assert doors[role].post("/v1/statements/floors", json=floor, headers=given).status_code == code
    assert [one["fewest"] for one in doors["trustee"].get("/v1/statements/floors").json()["items"]] == [2, 12]
    with pytest.raises(NotAllowed, match="ask for the public form"):
        refuse_reader("whole", {"trustee"})


@EMBEDDED
def test_the_second_quarter_is_held_against_the_first(bank: Institution) -> None:
    agree(bank, "public", 2)
    first = public_lines(filed(bank, "portfolio", "public"))
    institution.second_quarter(bank)
    second = filed(bank, "portfolio", "public", Q2)
    assert first
    with bank.database.reading() as session:
        row = session.get_one(StatementWithholding, second.issue.statement)
        assert len(row.held_against) == 1
        fresh = set(public_lines(second))
    assert fresh <= {*first, *(line for line in fresh if line[0] == "written_off" or "withheld" in line)}
