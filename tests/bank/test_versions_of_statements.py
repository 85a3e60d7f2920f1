"""A statement that another version of the program filed, held against the books: figure by figure, and saying so."""

from __future__ import annotations

import copy
import csv
import io
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
from sqlalchemy import text

from bank.cli.verifying import Compared, of_the_books
from bank.figures.evidence import Evidence, Knowledge
from bank.figures.registry import REGISTRY
from bank.publishing.again.queries import verify_against_books
from bank.publishing.agreement import Judgement
from bank.publishing.by_figure import compared_by_figure
from bank.publishing.commands import Draft, Wanted, drafted, file_statement
from bank.publishing.floors.commands import approve_floor, propose_floor
from bank.publishing.gathering import compose, issue, portfolio_input
from bank.publishing.proof import Window
from bank.publishing.queries import statement
from bank.publishing.vouching import Vouched
from ledger import queries
from ledger.dates import SetClock
from ledger.queries import Known
from ledger.store import confinement
from ledger.store.database import Database, ReadSession
from reports.attached import CSV
from reports.document import Document
from reports.figures import Column, Figure, Measure, Row, Table
from reports.seal import VERSION, digest
from reports.statements import portfolio
from reports.statements.portfolio_inputs import PortfolioStatement
from reports.statements.telling import Bundle
from reports.typeset import pdf
from reports.verify import Verdict, verify
from tests.bank import institution
from tests.bank.institution import Q1, Institution, pounds
from tests.journeys.programs import in_this_process

YIELD: Final = Measure(code="gross_yield", title="Gross yield", unit="share", definition="What this version forgot.")
OTHERWISE: Final = "What may be approved, as an earlier version meant it."
NOT_KNOWN: Final = {"/figures/gross_yield", "/figures/free_to_approve/value", "/tables/gone"}
"""What of the earlier version's statement this one knows no more, or means otherwise by."""


@dataclass
class Filed:
    """A bank with a statement that an earlier version composed and filed, and a file that says a pound more."""

    bank: Institution
    id: str
    pdf: bytes
    forged: bytes

    @property
    def database(self) -> Database:
        """Where it is."""
        return self.bank.database


def earlier(given: PortfolioStatement, evidence: Evidence) -> Document:
    """The statement as an earlier version composed it: otherwise put together, with what this version does not know."""
    made = portfolio.bundle_of(given)
    told = REGISTRY["intermediaries"].work_out(evidence).figure
    meant = REGISTRY["free_to_approve"].measure.model_copy(update={"definition": OTHERWISE})
    gone = Table(
        code="gone",
        title="Gone",
        columns=(Column(code="sum", title="Sum", unit="money"),),
        rows=(Row(key="one", cells=(pounds("7.00"),)),),
    )
    bundle = Bundle(
        figures=(
            told,
            *reversed(made.figures),
            Figure(measure=YIELD, value=Fraction(1, 8), provenance=told.provenance),
            Figure(measure=meant, value=pounds("8.00"), provenance=told.provenance),
        ),
        movements=reversed(made.movements),
        series=made.series,
        tables=(gone, *reversed(made.tables.values())),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(portfolio, "bundle_of", lambda _: bundle)
        return portfolio.compose(given)


def a_pound_more(given: PortfolioStatement) -> PortfolioStatement:
    """The same, but for a pound that was never received."""
    more = given.path.received
    raised = more.model_copy(update={"added": more.added + pounds("1.00"), "closing": more.closing + pounds("1.00")})
    return given.model_copy(update={"path": given.path.model_copy(update={"received": raised})})


@pytest.fixture(scope="module")
def filed(run_of_tests: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filed]:
    with institution.lived("sqlite", run_of_tests, tmp_path_factory.mktemp("versions"), 1) as bank:
        with bank.database.reading() as session:
            draft = drafted(session, Wanted("portfolio", Q1))
            evidence = Evidence(Knowledge(session, draft.known), Q1.ends_on)
            head = issue(evidence, "portfolio", supersedes="", caution="", vouched=Vouched())
            given = portfolio_input(evidence, head.model_copy(update={"version": None}), Window())
            made, lie = earlier(given, evidence), earlier(a_pound_more(given), evidence)
        blob = pdf.render(made)
        view = file_statement(bank.desk("fay"), replace(draft, document=made), blob)
        assert view.version is None
        yield Filed(bank, view.id, blob, pdf.render(lie))


@pytest.fixture
def session(filed: Filed) -> Iterator[ReadSession]:
    with filed.database.reading() as opened:
        yield opened


def test_a_filed_statement_of_an_earlier_version_agrees_and_it_is_said_how_that_was_found(
    filed: Filed, session: ReadSession, tmp_path: Path
) -> None:
    assert verify(filed.pdf).holds
    found = verify_against_books(session, filed.pdf)
    assert found.differences == ()
    assert (found.agrees, found.filed, found.compared_by) == (True, True, "figures")
    assert (found.composed_by, found.version) == (None, VERSION)
    assert {one.where for one in found.not_judged} == NOT_KNOWN
    assert found.compared > 1_000
    (tmp_path / "it.pdf").write_bytes(filed.pdf)
    words = ("--database", str(filed.database.engine.url), "statement", "verify", "it.pdf")
    said = in_this_process(words, tmp_path, {})
    assert said.code == 0
    for told in (
        "agrees with the books",
        "a version of the statements that did not name itself composed it",
        "So it was not composed anew: each figure",
        "Not judged: /figures/gross_yield: this version knows no figure gross_yield.",
        "Not judged: /tables/gone: this version composes no such table.",
        "free_to_approve is defined otherwise by this version, and comes to ",
        "is, byte for byte, the one",
    ):
        assert told in said.out, told
    told = in_this_process((*words, "--format", "json"), tmp_path, {}).json
    assert (told["compared_by"], told["composed_by"], told["version"]) == ("figures", None, VERSION)
    assert {one["where"] for one in told["not_judged"]} == NOT_KNOWN


def test_where_it_comes_out_the_same_it_is_compared_whole_whatever_version_it_names(
    filed: Filed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is composed anew and is the same is the stronger proof, and then another number says nothing."""
    with filed.database.reading() as session:
        draft = drafted(session, Wanted("impact", Q1))
        other = made_otherwise(draft, session)
    blob = b"typeset elsewhere"
    view = file_statement(filed.bank.desk("fay"), replace(draft, document=other), blob)
    told = json.loads(other.data)
    assert (view.version, told["statement"]["version"]) == (VERSION + 1, VERSION + 1)
    verdict = Verdict(
        statement=view.id, kind="impact", form="trustees", quarter=Q1, data=told,
        known_at=view.known_at, known_seq=view.known_seq, seal_root=told["statement"]["seal"]["root"],
    )  # fmt: skip
    monkeypatch.setattr("bank.publishing.again.queries.verify", lambda _: verdict)
    with filed.database.reading() as session:
        found = verify_against_books(session, blob)
    assert (found.agrees, found.filed, found.compared_by, found.composed_by) == (True, True, "whole", VERSION + 1)
    (_, how, _) = of_the_books(Compared("these books", found))
    assert f"which version {VERSION + 1} of the statements composed, were composed anew" in how


def made_otherwise(draft: Draft, session: ReadSession) -> Document:
    """The same as a version composed it that calls itself by the next number."""
    evidence = Evidence(Knowledge(session, draft.known), Q1.ends_on)
    return compose(evidence, "impact", window=Window(), vouched=draft.vouched, version=VERSION + 1)


def test_an_edited_file_is_composed_anew_whatever_version_it_names(filed: Filed, session: ReadSession) -> None:
    """What is not to the byte what was filed may say anything, also that an earlier version made it."""
    for edited in (filed.pdf + b"\n", filed.forged):
        found = verify_against_books(session, edited)
        assert (found.filed, found.agrees, found.compared_by) == (False, False, "whole")
        assert found.not_judged == ()
        assert "/tables/0:gone/code" in {one.where for one in found.differences}


@contextmanager
def altered(filed: Filed, tmp_path: Path, *statements: str, **values: Any) -> Iterator[ReadSession]:
    """A copy of the books in which somebody has gone round every guard."""
    copied = tmp_path / "altered.db"
    with (
        closing(sqlite3.connect(filed.database.engine.url.database or "")) as here,
        closing(sqlite3.connect(copied)) as there,
    ):
        here.backup(there)
    database = Database.open(f"sqlite:///{copied}", clock=SetClock(filed.bank.clock.now()))
    with database.engine.begin() as raw, confinement.lifted(raw):
        for (name,) in raw.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            raw.execute(text(f'DROP TRIGGER "{name}"'))
        for one in statements:
            assert raw.execute(text(one), values).rowcount == 1
    with database.reading() as session:
        yield session
    database.close()


PAGES = "UPDATE statement SET pdf = :pdf WHERE id = :id"
DIGEST = "UPDATE statement SET pdf_sha256 = :digest WHERE id = :id"
TRAIL = "UPDATE trail SET facts = json_set(facts, '$.pdf_sha256', :digest) WHERE subject = :id"


@pytest.mark.parametrize("done", [(PAGES,), (PAGES, DIGEST)])
def test_a_filed_record_whose_kept_digest_is_another_is_not_taken_for_the_one_filed(
    filed: Filed, tmp_path: Path, done: tuple[str, ...]
) -> None:
    told = {"id": filed.id, "pdf": filed.forged, "digest": digest(filed.forged)}
    with altered(filed, tmp_path, *done, **told) as session:
        assert statement(session, filed.id).pdf == filed.forged
        found = verify_against_books(session, filed.forged)
    assert (found.filed, found.compared_by) == (False, "whole")


def test_a_figure_changed_in_the_filed_record_with_every_digest_of_it_is_found_by_the_books(
    filed: Filed, tmp_path: Path
) -> None:
    told = {"id": filed.id, "pdf": filed.forged, "digest": digest(filed.forged)}
    with altered(filed, tmp_path, PAGES, DIGEST, TRAIL, **told) as session:
        found = verify_against_books(session, filed.forged)
    assert (found.filed, found.agrees, found.compared_by) == (True, False, "figures")
    named = {one.where: (one.stated, one.in_books) for one in found.differences}
    assert named["/movements/received/closing"] == ('"50000001.01"', '"50000000.01"')
    assert all("received" in where or "/money-path/" in where for where in named), named


@dataclass
class Sides:
    """What a statement states, in its data and its lists, and what the books give of the same."""

    stated: dict[str, Any]
    files: dict[str, bytes]
    document: Document
    evidence: Evidence

    def judged(self) -> Judgement:
        """What the comparison comes to."""
        return compared_by_figure(self.stated, self.files, self.document, self.evidence)


def sides_of(session: ReadSession, known: Known, kind: str = "portfolio", form: str = "trustees") -> Sides:
    document = drafted(session, Wanted(kind, Q1, known, form)).document
    return Sides(
        json.loads(document.data),
        {one.name: one.content.whole for one in document.issue.attached if one.media == CSV},
        document,
        Evidence(Knowledge(session, known), Q1.ends_on),
    )


def values_in(stated: dict[str, Any]) -> list[tuple[str, list[Any] | dict[str, Any], Any]]:
    """Where each value that is no word stands, with what it is held in and its place there."""
    found: list[tuple[str, list[Any] | dict[str, Any], Any]] = []
    for one in stated["figures"]:
        found.append((f"/figures/{one['code']}/value", one, "value"))
        covered = ("known", "of") if one["coverage"] else ()
        found += [(f"/figures/{one['code']}/coverage/{part}", one["coverage"], part) for part in covered]
    for one in stated["movements"]:
        found += [(f"/movements/{one['code']}/{part}", one, part) for part in ("opening", "added", "taken", "closing")]
    for one in stated["series"]:
        found += [(f"/series/{one['code']}/{point[0]}", point, 1) for point in one["points"]]
    for table in stated["tables"]:
        for row in [*table["rows"], *([table["total"]] if table["total"] else [])]:
            for place, column in enumerate(table["columns"]):
                if column["unit"] != "text":
                    found.append((f"/tables/{table['code']}/{row['key']}/{column['code']}", row["cells"], place))
    return found


def another(value: Any) -> Any:
    """A value of the same unit that is not this one."""
    if value is None:
        return "1"
    if isinstance(value, int):
        return value + 1
    return "2013-02-03" if value.count("-") == 2 else str(Fraction(value) + 1) if "/" in value else f"1{value}"


@pytest.mark.parametrize("kind", ["portfolio", "impact"])
def test_whichever_value_is_another_is_named_and_no_other(session: ReadSession, kind: str) -> None:
    sides = sides_of(session, queries.known(session), kind)
    assert (sides.judged().differences, sides.judged().not_judged) == ((), ())
    chance = Random(7)  # noqa: S311 -- which are tried, the same each time
    places = values_in(sides.stated)
    assert len(places) < sides.judged().compared
    for where, held, place in chance.sample(places, 60):
        before = held[place]
        held[place] = another(before)
        assert [one.where for one in sides.judged().differences] == [where]
        held[place] = before
    sides.stated["statement"]["seal"]["root"] = "00" * 32
    assert [one.where for one in sides.judged().differences] == ["/statement/seal/root"]


def test_a_stage_that_the_first_version_meant_otherwise_is_named_and_not_judged(session: ReadSession) -> None:
    """It told a loan that began impaired by the stage that was recorded of it: no column of its tables says which."""
    sides = sides_of(session, queries.known(session))
    tables = {one["code"]: one for one in sides.stated["tables"]}
    (meant,) = (one for one in sides.stated["measures"] if one["code"] == "in_stage")
    tables["credit-stages"]["rows"][2]["cells"][1] += 1
    tables["stage-migration"]["rows"][0]["cells"][3] = "7.00"
    elsewhere = {"/tables/credit-stages/stage-3/facilities", "/tables/stage-migration/from-0/to-3"}
    assert {one.where for one in sides.judged().differences} == elsewhere
    meant["definition"] = "Principal of loans and bonds in each stage of credit (IFRS 9), on the day."
    judged = sides.judged()
    assert judged.differences == ()
    assert {one.where for one in judged.not_judged} == elsewhere


def rewritten(content: bytes, change: Callable[[list[dict[str, str]]], None]) -> bytes:
    """A list with its lines changed."""
    reader = csv.DictReader(io.StringIO(content.decode()))
    rows = list(reader)
    change(rows)
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def test_whatever_a_list_says_otherwise_is_named_by_its_line(session: ReadSession) -> None:
    sides = sides_of(session, queries.known(session))
    loans, facilities = sides.files["loans.csv"], sides.files["intermediaries.csv"]
    first = next(csv.DictReader(io.StringIO(loans.decode())))["loan"]

    def found(name: str, content: bytes) -> list[tuple[str, str | None, str | None]]:
        judged = replace(sides, files={"loans.csv": loans, "intermediaries.csv": facilities, name: content}).judged()
        return [(one.where, one.stated, one.in_books) for one in judged.differences]

    def set_to(rows: list[dict[str, str]], column: str, said: str) -> None:
        rows[0][column] = said

    assert found("loans.csv", rewritten(loans, lambda rows: rows.reverse())) == []
    ((where, stated, _),) = found("loans.csv", rewritten(loans, lambda rows: set_to(rows, "drawn", "1.00")))
    assert (where, stated) == (f"/loans.csv/{first}/drawn", '"1.00"')
    ((where, *told),) = found("loans.csv", rewritten(loans, lambda rows: rows.pop(0)))  # type: ignore[arg-type]
    assert (where, told) == (f"/loans.csv/{first}", [None, '"a line"'])
    ((where, stated, _),) = found(
        "intermediaries.csv",
        rewritten(facilities, lambda rows: set_to(rows, "owed" if "owed" in rows[0] else "outstanding", "9.00")),
    )
    assert where.startswith("/intermediaries.csv/fac_")


def test_what_another_version_withheld_otherwise_is_named_and_its_totals_are_compared(filed: Filed) -> None:
    """A region more is told of than this version tells of: its row and what is left of the others are not judged."""
    made = propose_floor(filed.bank.desk("fay"), form="public", fewest=2, from_on=date(2012, 1, 1), basis="Minute 4")
    approve_floor(filed.bank.desk("flo"), id=made.id)
    with filed.database.reading() as session:
        sides = sides_of(session, queries.known(session), form="public")
        assert sides.judged().differences == ()
        other = replace(sides, stated=copy.deepcopy(sides.stated), files=dict(sides.files))
    rows = next(one for one in other.stated["tables"] if one["code"] == "lent-by-region")["rows"]
    rows[0]["cells"][2] = "1.00"
    assert [one.where for one in replace(other, files=sides.files).judged().differences] == [
        f"/tables/lent-by-region/{rows[0]['key']}/amount"
    ]
    other.files["loans.csv"] = rewritten(sides.files["loans.csv"], lambda lines: lines[0].update(region="E12000009"))
    judged = other.judged()
    assert judged.differences == ()
    assert f"/tables/lent-by-region/{rows[0]['key']}" in {one.where for one in judged.not_judged}
    total = next(one for one in other.stated["tables"] if one["code"] == "lent-by-region")["total"]
    total["cells"][2] = "1.00"
    assert [one.where for one in other.judged().differences] == ["/tables/lent-by-region/total/amount"]
