"""A lender's finance officer at the keyboard: the form, the file, the answers, and a return that is turned down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ledger.dates import SetClock
from ledger.store.database import Database
from tests.databases import OPENING, prepared
from tests.journeys import world as worlds
from tests.journeys.programs import Keyboard, Said

HARBOUR = "Harbour Lending (invented)"
ROSA, FAY = "rosa@lender.example", "fay@bank.example"


@pytest.fixture
def world(run_of_tests: Path, tmp_path: Path) -> Iterator[tuple[worlds.World, Keyboard]]:
    with prepared("sqlite", run_of_tests, tmp_path) as url:
        clock = SetClock(OPENING)
        database = Database.open(url, clock=clock)
        made = worlds.build(database, clock)
        clock.set(datetime(2012, 7, 2, 9, 0, tzinfo=UTC))
        yield made, Keyboard(tmp_path, url)
        database.close()


def done(said: Said) -> str:
    assert said.code == 0, said.err
    return said.out


def a_quarter_later(row: list[str], **changed: str) -> list[str]:
    """The loan as it is told in the quarter after it was drawn: nothing moved but the interest."""
    told = dict(zip(worlds.HEADER.split(","), row, strict=True)) | {"drawn": "0.00"} | changed
    return list(told.values())


def test_what_can_be_done_next_is_said_at_every_step(world: tuple[worlds.World, Keyboard]) -> None:
    made, operator = world
    facility, lender = made.facilities[HARBOUR], made.intermediaries[HARBOUR]
    done(operator.here("person", "add", "Rosa Quill (invented)", ROSA, "--intermediary", lender))
    rosa, fay = operator.as_(ROSA), operator.as_(FAY)
    form = ("return", "template", "--facility", facility)
    assert "2 open loans filled in as of the return for 2012Q1\n" in done(
        rosa.here(*form, "--quarter", "2012Q2", "--out", "form.csv")
    )
    assert "The return for 2012Q3 is not attested yet, and what it changes is not in this form" in done(
        rosa.here(*form, "--quarter", "2012Q4", "--out", "gap.csv")
    )
    rows = [
        a_quarter_later(worlds.loan_row(f"Harb-{number}", f"Harb borrower {number} (invented)")) for number in (1, 2)
    ]
    rows[0][1] = "Harb borrower, renamed (invented)"
    (operator.folder / "r.csv").write_bytes(worlds.return_csv(rows))
    filing = ("return", "submit", "r.csv", "--quarter", "2012Q2", "--facility", facility, "--cash-held", "341000.00")
    filed = done(rosa.here(*filing))
    one = filed.split()[1]
    assert f"bank return confirm {one} --rule name-stands --reason …\n" in filed
    assert filed.endswith(f"Then a person of the intermediary attests it: bank return attest {one} --name … --role …\n")
    done(rosa.here("return", "confirm", one, "--rule", "name-stands", "--reason", "Renamed in May"))
    assert "answered: Renamed in May (Rosa Quill (invented))" in done(rosa.here("return", "findings", one))
    word = ("return", "attest", one, "--name", "R. Quill", "--role", "Finance director")
    assert done(rosa.here(*word)).endswith("It waits for a fund manager of the bank, who accepts it or says why not.\n")
    assert "was attested already, and is attested" in rosa.here(*word).err
    done(fay.here("return", "reject", one, "--reason", "The interest of May is missing"))
    assert done(rosa.here("return", "show", one, "--out", "again.csv")).endswith(
        "Fay (invented) turned it down: The interest of May is missing. Mend the file, and file it again.\n"
    )
    assert (operator.folder / "again.csv").read_bytes() == (operator.folder / "r.csv").read_bytes()
    tom = operator.as_("tom@bank.example").here(*filing)
    assert tom.err == "Tom (invented) may not do this: it takes an intermediary or a fund manager or an operator\n"
