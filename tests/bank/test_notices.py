"""Notices from a whole institution: one page each, the same when asked again, at both doors, and one's own alone."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pypdf import PdfReader

from bank.allocations.queries import events, facility
from bank.api import create_app
from bank.cli import main
from bank.cli.verifying import Compared, of_the_books
from bank.people.commands import issue_key
from bank.publishing.by_figure import compared_by_figure
from bank.publishing.notices import allocation as notices_of_allocations
from bank.publishing.notices.gathering import figures
from bank.publishing.notices.queries import agreement_of_file, composed, notice
from bank.publishing.notices.rules import NoSuchDrawdown, Subject
from bank.wiring import OPERATOR
from intermediaries.returns.queries import return_
from ledger import queries
from ledger.money import Money
from ledger.refusals import NotFound
from ledger.store.work import Desk
from reports.figures import Figure, Provenance, Value
from reports.notices import drawdown
from reports.seal import VERSION, digest
from reports.sealing import new_key
from reports.typeset import pdf
from reports.verify import verify
from tests import databases
from tests.bank import institution
from tests.bank.institution import HARBOUR, HILL, Institution
from tests.bank.small_bank import SmallBank


@pytest.fixture(scope="module")
def bank(run_of_tests: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Institution]:
    """One institution for all these tests: they only look at it."""
    with institution.lived("sqlite", run_of_tests, tmp_path_factory.mktemp("notices"), 3) as made:
        yield made


@pytest.fixture(scope="module")
def url(bank: Institution) -> str:
    """Where the institution is kept."""
    return str(bank.database.engine.url)


def every_subject(bank: Institution) -> list[Subject]:
    return [
        Subject("drawdown", bank.facilities[HARBOUR]),
        Subject("receipt", bank.returns[-2]),
        Subject("allocation", bank.facilities[HARBOUR]),
    ]


def test_a_notice_is_one_page_that_checks_and_that_the_books_give_again(bank: Institution) -> None:
    operator = Desk(bank.database, OPERATOR)
    for subject in every_subject(bank):
        made = notice(operator, subject)
        assert verify(made.pdf).faults == ()
        assert len(PdfReader(BytesIO(made.pdf)).pages) == 1
        found = agreement_of_file(operator, made.pdf)
        assert (found.kind, found.agrees, found.filed, found.differences) == (subject.kind, True, True, ())
        assert digest(made.pdf) == made.told.pdf_sha256


def of_another_version(bank: Institution, change: Callable[[dict[str, Value]], None], version: int) -> bytes:
    """What-and-why as another version put it: in other words, with other figures."""

    def otherwise(values: Mapping[str, Value], source: Provenance) -> tuple[Figure, ...]:
        changed = dict(values)
        change(changed)
        return figures(changed, source)

    with pytest.MonkeyPatch.context() as patch, bank.database.reading() as session:
        patch.setattr(notices_of_allocations, "figures", otherwise)
        subject = Subject("allocation", bank.facilities[HARBOUR])
        view = facility(session, subject.of)
        patch.setattr(notices_of_allocations, "names", lambda _: {view.intermediary: "As another version put it."})
        document = composed(session, subject, queries.known(session), OPERATOR, "", version)
    return pdf.render(document)


def test_a_notice_of_another_version_is_judged_figure_by_figure_and_its_words_are_named(bank: Institution) -> None:
    operator = Desk(bank.database, OPERATOR)

    def otherwise(values: dict[str, Value]) -> None:
        if "amount" in values:
            values["recovered"] = Money(7_00)

    def a_pound_more(values: dict[str, Value]) -> None:
        otherwise(values)
        signed = values.get("signed")
        if isinstance(signed, Money):
            values["signed"] = signed + Money(1_00)

    found = agreement_of_file(operator, of_another_version(bank, otherwise, VERSION - 1))
    assert (found.compared_by, found.agrees, found.filed, found.kept) == ("figures", True, False, "none")
    assert (found.composed_by, found.version) == (VERSION - 1, VERSION)
    assert found.compared > 20
    judged = {one.where: one.why for one in found.not_judged}
    assert judged.pop("/figures/recovered") == "this version knows no figure recovered"
    assert "sentences and headings of a notice are not compared" in judged.pop("/sentences")
    assert judged
    assert all(
        "As another version put it." in why and "no words of a notice are kept" in why for why in judged.values()
    )
    told = " ".join(of_the_books(Compared("these books", found)))
    assert "The figures of the notice agree with the books" in told
    assert "Where the words of its tables are not this version's they are named, and not judged" in told
    assert "its sentences are not compared at all" in told
    assert "Whether this very file was given from these books cannot be told" in told
    more = agreement_of_file(operator, of_another_version(bank, a_pound_more, VERSION - 1))
    assert (more.compared_by, more.agrees) == ("figures", False)
    assert {one.where for one in more.differences} >= {"/figures/signed/value"}
    assert all("signed" in one.where for one in more.differences)
    whole = agreement_of_file(operator, of_another_version(bank, otherwise, VERSION))
    assert (whole.compared_by, whole.agrees) == ("whole", False)


def test_what_a_notice_of_another_version_leaves_out_is_a_difference(bank: Institution) -> None:
    """One of the entries that a drawdown made: no digest shows that the notice was given without it."""
    operator, compose = Desk(bank.database, OPERATOR), drawdown.compose
    with pytest.MonkeyPatch.context() as patch, bank.database.reading() as session:
        patch.setattr(
            drawdown, "compose", lambda given: compose(given.model_copy(update={"entries": given.entries[:-1]}))
        )
        subject = Subject("drawdown", bank.facilities[HARBOUR])
        document = composed(session, subject, queries.known(session), OPERATOR, "", VERSION - 1)
    found = agreement_of_file(operator, pdf.render(document))
    assert (found.compared_by, found.agrees, found.composed_by) == ("figures", False, VERSION - 1)
    assert {one.where.rpartition("/")[0] for one in found.differences} == {"/tables/entries", "/tables/entries_in_full"}
    assert all(one.stated is None and one.in_books for one in found.differences)
    assert "/sentences" in {one.where for one in found.not_judged}


@pytest.mark.parametrize(
    ("part", "left_out"),
    [("figures", "/figures/signed"), ("tables", "/tables/agreed"), ("columns", "/tables/limits/*/")],
)
def test_no_part_of_a_notice_is_left_out_unseen(bank: Institution, part: str, left_out: str) -> None:
    with bank.database.reading() as session:
        subject = Subject("allocation", bank.facilities[HARBOUR])
        document = composed(session, subject, queries.known(session), OPERATOR, "")
    stated = json.loads(document.data)
    assert compared_by_figure(stated, {}, document, None).differences == ()
    if part == "columns":
        (limits,) = [one for one in stated["tables"] if one["code"] == "limits"]
        del limits["columns"][-1]
        for row in limits["rows"]:
            del row["cells"][-1]
    else:
        stated[part] = [one for one in stated[part] if one["code"] != left_out.rpartition("/")[2]]
    (told,) = compared_by_figure(stated, {}, document, None).differences
    assert told.where.startswith(left_out)
    assert told.stated is None


def test_a_notice_as_known_then_does_not_know_what_came_later(bank: Institution) -> None:
    """The second return of Harbour's was corrected later: as known before, nothing had taken its place."""
    first, corrected = bank.returns[-3], bank.returns[-2]
    with bank.database.reading() as session:
        now, then = queries.known(session), queries.known(session, 40)
        told = {}
        for known in (now, then):
            made = composed(session, Subject("allocation", bank.facilities[HARBOUR]), known, OPERATOR, "")
            told[known.seq] = {one["code"]: one["value"] for one in json.loads(made.data)["figures"]}
        with pytest.raises(NotFound):
            composed(session, Subject("receipt", corrected), then, OPERATOR, "")
    assert first != corrected
    assert told[then.seq]["paid_to_date"] == told[now.seq]["paid_to_date"] == "600000.00"


def test_a_drawdown_is_found_by_an_entry_it_made_and_proved_by_its_seals(bank: Institution) -> None:
    harbour = bank.facilities[HARBOUR]
    with bank.database.reading() as session:
        (event,) = [one for one in events(session, harbour) if one.kind == "drawdown"]
        known = queries.known(session)
        made = composed(session, Subject("drawdown", harbour, event.seqs[-1]), known, OPERATOR, "")
        data = json.loads(made.data)
        tables = {table["code"]: [row["cells"] for row in table["rows"]] for table in data["tables"]}
        seals = [queries.entry(session, seq).seal for seq in sorted(event.seqs)]
        assert [row[3] for row in tables["entries"]] == seals
        figures = {one["code"]: one["value"] for one in data["figures"]}
        assert (figures["undrawn_before"], figures["undrawn_after"]) == ("1000000.00", "400000.00")
        with pytest.raises(NoSuchDrawdown):
            composed(session, Subject("drawdown", harbour, 1), known, OPERATOR, "")


def test_an_intermediary_reaches_the_notices_of_its_own_alone(bank: Institution) -> None:
    operator = Desk(bank.database, OPERATOR)
    key = issue_key(operator, intermediary=bank.intermediaries[HILL], days=30).secret
    own, theirs = bank.facilities[HILL], bank.facilities[HARBOUR]
    hills = next(one for one in bank.returns if _holder(bank, one) == bank.intermediaries[HILL])
    with TestClient(create_app(bank.database), headers={"Authorization": f"Bearer {key}"}) as caller:
        for path in (f"allocations/{own}/notice", f"allocations/{own}/drawdowns/notice", f"returns/{hills}/notice"):
            answer = caller.get(f"/v1/{path}")
            assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf"), answer.text
            assert verify(answer.content).holds
        foreign = (
            f"allocations/{theirs}/notice",
            f"allocations/{theirs}/drawdowns/notice",
            f"returns/{bank.returns[-2]}/notice",
        )
        assert [caller.get(f"/v1/{path}").status_code for path in foreign] == [404, 404, 404]


def _holder(bank: Institution, return_id: str) -> str:
    with bank.database.reading() as session:
        return return_(session, return_id, viewer=OPERATOR).intermediary


def test_a_notice_is_written_at_the_keyboard_and_checked_there(
    database_url: str,
    small_bank: SmallBank,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Sealed, where the machine has a key: the seal is the machine's, and the notice before it is the books'."""
    small_bank.capital("500000.00")
    made = small_bank.drawn(small_bank.lender())
    out = tmp_path / "notice.pdf"
    new_key(tmp_path / "seal.p12", b"secret", "The bank of the tests", databases.OPENING)
    (tmp_path / "pass").write_text("secret")
    monkeypatch.setenv("BANK_SEAL_KEY", str(tmp_path / "seal.p12"))
    monkeypatch.setenv("BANK_SEAL_PASSPHRASE_FILE", str(tmp_path / "pass"))
    for words in (("notice", "drawdown", made.id, "--out", str(out)), ("statement", "verify", str(out))):
        monkeypatch.setattr(sys, "argv", ["bank", "--database", database_url, *words])
        with pytest.raises(SystemExit) as end:
            main()
        assert end.value.code == 0, capsys.readouterr()
    told = capsys.readouterr().out
    assert f"{out}, a notice (drawdown), holds" in told
    assert "The notice agrees with the books" in told
    assert "is, byte for byte, the one that was issued" in told
    assert "Sealed as a whole by The bank of the tests" in told
    sealed = out.read_bytes()
    assert digest(sealed) in told
    place = len(sealed) // 3
    verdict = verify(sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :])
    assert ["changed after it was sealed" in fault for fault in verdict.faults] == [True]
