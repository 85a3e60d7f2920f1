"""Which books a statement is held against: its own, older ones, those of an export, changed ones, another's."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text

from bank.publishing.commands import Wanted, drafted, file_statement, publish
from bank.publishing.notices.queries import notice
from bank.publishing.notices.rules import Subject
from bank.publishing.queries import statement
from bank.wiring import OPERATOR
from ledger import queries
from ledger.acts import chains
from ledger.merkle import Frontier
from ledger.seals import content_hash, seal_of
from ledger.store import confinement, scan
from ledger.store.database import Database
from ledger.store.work import Desk
from tests.bank import institution
from tests.bank.institution import Q1, Q2
from tests.journeys.programs import Keyboard, Said, in_this_process


@dataclass(frozen=True)
class Issued:
    """A statement with a proof about an earlier one, the books it was drawn from, and their export, line by line."""

    folder: Path
    url: str
    export: list[str]
    earlier: int
    knew: int

    def beside(self, url: str, *words: str, file: str = "issued.pdf") -> Said:
        """What a check of the statement, or of another file, by other books says."""
        before = ("--database", url, "statement", "verify", str(self.folder / file))
        return in_this_process((*before, *words), self.folder, {})


@pytest.fixture(scope="module")
def issued(run_of_tests: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issued]:
    folder = tmp_path_factory.mktemp("origin")
    with institution.lived("sqlite", run_of_tests, folder, 1) as bank:
        database, url = bank.database, str(bank.database.engine.url)
        with database.reading() as session:
            draft = drafted(session, Wanted("portfolio", Q1))
        first = file_statement(bank.desk("fay"), draft, b"typeset elsewhere", "first")
        institution.second_quarter(bank)
        second = publish(bank.desk("fay"), kind="portfolio", quarter=Q2)
        with database.reading() as session:
            (folder / "issued.pdf").write_bytes(statement(session, second.id).pdf)
        told = notice(Desk(database, OPERATOR), Subject("drawdown", bank.facilities[institution.HARBOUR]))
        (folder / "notice.pdf").write_bytes(told.pdf)
        database.close()
        export = in_this_process(("--database", url, "ledger", "export"), folder, {}).out.splitlines(keepends=True)
        yield Issued(folder, url, export, first.known_seq, second.known_seq)


def rebuilt(keyboard: Keyboard, lines: list[str], more: int = 0) -> None:
    """Books of some lines of an export, and of so many entries after them that were never in it."""
    (keyboard.folder / "lines.jsonl").write_text("".join(lines))
    if lines:
        assert keyboard.here("ledger", "import", "lines.jsonl", "--open-accounts").code == 0
    postings = [{"account": "1000", "amount": "5.00"}, {"account": "3000", "amount": "-5.00"}]
    line = {"book": "bank", "effective_on": "2013-01-31", "description": "A gift", "postings": postings}
    (keyboard.folder / "more.jsonl").write_text("".join(json.dumps(line | {"key": f"{n}"}) + "\n" for n in range(more)))
    if more:
        assert keyboard.here("ledger", "import", "more.jsonl").code == 0


@pytest.mark.parametrize(
    ("kept", "more", "journal", "said"),
    [
        ("earlier", 0, "older", "that their first {earlier} entries begin those. Compare it with the newer books"),
        ("earlier+1", 0, "older", "begin those, and does not speak of entries {after} to {after}"),
        ("earlier-1", 0, "not-known", "These are older books, or another's: the file knew {knew} entries"),
        ("none", 0, "not-known", "and these hold none"),
        ("none", "earlier", "another", "the first {earlier} entries of these books are not those"),
        ("earlier", "knew", "parted", "their first {earlier} entries are, and their first {knew} are not"),
    ],
)
def test_books_that_are_not_those_it_was_drawn_from_are_told_apart(
    issued: Issued, database_url: str, tmp_path: Path, kept: str, more: int | str, journal: str, said: str
) -> None:
    sizes = {"none": 0, "earlier": issued.earlier, "earlier+1": issued.earlier + 1, "earlier-1": issued.earlier - 1}
    further = {"earlier": issued.earlier, "knew": issued.knew}.get(str(more), 0)
    rebuilt(Keyboard(tmp_path, database_url), issued.export[: sizes[kept]], further)
    told = said.format(earlier=issued.earlier, after=issued.earlier + 1, knew=issued.knew)
    found = issued.beside(database_url)
    assert (found.code, told in found.out) == (1, True), found.out
    as_json = issued.beside(database_url, "--format", "json").json
    assert (as_json["holds"], as_json["journal"], as_json["agrees"]) == (True, journal, None)
    assert told in as_json["not_compared"]


def test_books_of_entries_alone_say_so_in_a_sentence_and_check_what_entries_tell(
    issued: Issued, database_url: str, tmp_path: Path
) -> None:
    rebuilt(Keyboard(tmp_path, database_url), issued.export)
    found = issued.beside(database_url)
    assert (found.code, found.err) == (1, "")
    assert "agrees with the entries of the books" in found.out
    assert "these books hold entries only, as an export rebuilds them" in found.out
    assert "such books keep no statements" in found.out
    assert len(found.out.splitlines()) < 12
    told = issued.beside(database_url, "--format", "json").json
    assert (told["compared_by"], told["journal"], told["agrees"], told["filed"]) == ("entries", "same", True, False)
    assert (told["differences"], told["compared"] > 150) == ([], True)
    left = {one["where"] for one in told["not_judged"]}
    assert {"/figures/headroom", "/tables/allocations"} <= left
    assert not {"/figures/cash", "/movements/received", "/tables/books", "/tables/balance-sheet"} & left
    notice_ = issued.beside(database_url, file="notice.pdf")
    assert (notice_.code, "a notice is made of facilities and returns" in notice_.out) == (1, True)


def altered(issued: Issued, folder: Path, *done: str) -> str:
    """A copy of the books in which somebody has gone round every guard."""
    copied = folder / "altered.db"
    with (
        closing(sqlite3.connect(issued.url.removeprefix("sqlite:///"))) as here,
        closing(sqlite3.connect(copied)) as there,
    ):
        here.backup(there)
    database = Database.open(f"sqlite:///{copied}")
    with database.engine.begin() as raw, confinement.lifted(raw):
        for (name,) in raw.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            raw.execute(text(f'DROP TRIGGER "{name}"'))
        for one in done:
            assert raw.execute(text(one)).rowcount > 0
    database.close()
    return f"sqlite:///{copied}"


CHANGED = "it is the BOOKS that were changed since"
STAGE = "UPDATE lending_return SET quarter = '2012Q0' WHERE id = (SELECT max(id) FROM lending_return)"
NAMED = "UPDATE intermediary SET name = name || ' plc'"
PAGES = "UPDATE statement SET pdf = x'00' WHERE quarter = '2012Q2'"
HEADLESS = "DELETE FROM statement_head WHERE statement IN (SELECT id FROM statement WHERE quarter = '2012Q2')"
LOOSE = "DELETE FROM statement_withholding WHERE statement IN (SELECT id FROM statement WHERE quarter = '2012Q2')"
ROW = "DELETE FROM statement WHERE quarter = '2012Q2'"


@pytest.mark.parametrize(
    ("done", "said"),
    [
        (
            ("UPDATE posting SET amount = 2 * amount WHERE entry_id = 5",),
            (
                CHANGED,
                "What differs first: /movements/2:reserved/closing: ",
                "These books do not hold by themselves: entry 5 (",
            ),
        ),
        (
            ("UPDATE entry SET description = 'Nothing' WHERE id = 5",),
            ("agrees with the books", "entry 5 (", "its content is not what was sealed", "`bank ledger verify` says"),
        ),
        (
            (NAMED,),
            (
                CHANGED,
                "What differs first: /tables/",
                "/cells/intermediary: the document says",
                " plc",
                "a record beside the entries was changed",
            ),
        ),
        ((PAGES,), ("agrees with the books", CHANGED, "does not agree with itself any more")),
        (
            (STAGE,),
            ("Not compared with the books", "cannot be worked out from these books any more (", "a record beside"),
        ),
        ((HEADLESS, LOOSE, ROW), (CHANGED, "does not agree with itself any more")),
    ],
)
def test_of_books_changed_since_it_is_said_that_they_were_and_what_differs_first(
    issued: Issued, tmp_path: Path, done: tuple[str, ...], said: tuple[str, ...]
) -> None:
    found = issued.beside(altered(issued, tmp_path, *done))
    assert found.code == 1
    for words in said:
        assert words in found.out, found.out
    as_issued = said[0] == "agrees with the books" and CHANGED not in said
    assert ("the one that was issued from these books" in found.out) is as_issued


def test_of_many_differences_some_are_read_and_all_are_in_the_csv(issued: Issued, tmp_path: Path) -> None:
    url = altered(issued, tmp_path, "UPDATE posting SET amount = 2 * amount WHERE entry_id = 5", NAMED)
    read = issued.beside(url).out.splitlines()
    (more,) = [line for line in read if line.endswith("; --format json or csv names all.")]
    assert len(read) < 40
    rows = issued.beside(url, "--format", "csv").out.splitlines()
    assert rows[0] == "finding,where,stated,in_books,why"
    differences = sum(row.startswith("difference,") for row in rows)
    assert differences > 40
    ways = [row.split(",")[1] for row in rows if row.startswith("difference,")]
    (cells, follows) = ([at for at, way in enumerate(ways) if part in way] for part in ("/cells/", "/adding/"))
    assert max(cells) < min(follows)
    assert any(row.startswith("difference,/lists/intermediaries.csv/fac_") for row in rows)
    assert more == f"And {differences - 20} more; --format json or csv names all."


def made_anew(issued: Issued, folder: Path) -> str:
    """Books in which an entry says something else, and whose every seal, root and chain goes with it."""
    url = altered(issued, folder, "UPDATE entry SET description = 'Nothing to see' WHERE id = 5")
    database = Database.open(url)
    with database.reading() as session:
        found = queries.entry(session, 5)
        seals = list(scan.seals(session, scan.count(session)))
        seals[4] = seal_of(found.entry, 5, found.recorded_at, found.actor)
        logs = [Frontier()]
        for each in seals:
            logs.append(logs[-1].append(each))
        marks = [(place, at, logs[place].root()) for place, at, _ in scan.marks(session)]
        events = [(*row[:7], logs[row[6]].root(), row[8]) for row in scan.quarter_events(session)]
    *_, (_, chain) = chains(marks, events)
    head = {"frontier": logs[-1].to_bytes(), "root": logs[-1].root(), "chain": chain}
    with database.engine.begin() as raw, confinement.lifted(raw):
        hashes = {"seal": seals[4], "content": content_hash(found.entry)}
        raw.execute(text("UPDATE entry SET seal = :seal, content_hash = :content WHERE id = 5"), hashes)
        for place, _, root in marks:
            raw.execute(text("UPDATE mark SET root = :root WHERE upto_seq = :place"), {"root": root, "place": place})
        for event in events:
            raw.execute(
                text("UPDATE quarter_event SET root = :root WHERE id = :id"), {"root": event[7], "id": event[0]}
            )
        raw.execute(text("UPDATE journal_head SET frontier = :frontier, root = :root, chain = :chain"), head)
    database.close()
    return url


def test_books_whose_every_seal_was_made_anew_hold_by_themselves_and_not_beside_a_statement(
    issued: Issued, tmp_path: Path
) -> None:
    """No figure moves, and the check of the whole journal finds nothing: the head in a trustee's copy does."""
    url = made_anew(issued, tmp_path)
    assert in_this_process(("--database", url, "ledger", "verify"), issued.folder, {}).code == 0
    found = issued.beside(url)
    assert (found.code, CHANGED in found.out) == (1, True), found.out
    assert "Their entries are not those of the head printed in it." in found.out
    assert "so their seals were made anew, or they were continued twice" in found.out
    assert "What differs first: /statement/seal/root: " in found.out
    told = issued.beside(url, "--format", "json").json
    assert (told["journal"], told["shared_entries"], told["books_fault"]) == ("another", 0, "")
