"""The command line keeps people apart as the HTTP door does, once they say who they are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bank.people.commands import add_person
from bank.wiring import OPERATOR
from ledger.dates import SetClock
from ledger.identifiers import CountedIdentifiers
from ledger.store.database import Database
from ledger.store.work import Desk
from tests import databases
from tests.journeys import world as worlds
from tests.journeys.programs import Keyboard
from tests.journeys.world import World

HARBOUR, HILL = "Harbour Lending (invented)", "Hill Farm Finance (invented)"
LENDER = "clerk@harbour.example"


@pytest.fixture(scope="module")
def world(run_of_tests: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One world for all these tests: whatever they try in it is refused, or only looks."""
    clock = SetClock(databases.OPENING)
    with databases.prepared("sqlite", run_of_tests, tmp_path_factory.mktemp("looked-at")) as url:
        database = Database.open(url, clock=clock, identifiers=CountedIdentifiers("world"), compiled=databases.COMPILED)
        built = worlds.build(database, clock)
        operator = Desk(database, OPERATOR)
        add_person(operator, name="A clerk (invented)", email=LENDER, intermediary=built.intermediaries[HARBOUR])
        yield built
        database.close()


@pytest.fixture
def keyboard(world: World, tmp_path: Path) -> Keyboard:
    assert world.facilities
    return Keyboard(tmp_path, str(world.database.engine.url))


def test_an_intermediary_sees_its_own_allocations_and_no_others(keyboard: Keyboard, world: World) -> None:
    clerk = keyboard.as_(LENDER)
    shown = clerk.here("allocation", "list", "--format", "json").json
    assert [facility["id"] for facility in shown] == [world.facilities[HARBOUR]]
    foreign = clerk.here("allocation", "show", world.facilities[HILL])
    assert foreign.code == 1
    assert "Hill" not in foreign.err


@pytest.mark.parametrize(
    "words",
    [
        ("ledger", "export"),
        ("ledger", "trial-balance"),
        ("ledger", "balance", "1000"),
        ("ledger", "tree"),
        ("ledger", "statement", "1000"),
        ("ledger", "lag"),
        ("ledger", "prove", "--from", "1"),
        ("inflow", "list"),
        ("person", "list"),
        ("statement", "list"),
        ("capital", "list"),
        ("treasury", "headroom"),
        ("return", "breaks"),
    ],
)
def test_what_is_the_banks_is_not_shown_to_an_intermediary(keyboard: Keyboard, words: tuple[str, ...]) -> None:
    assert keyboard.as_(LENDER).here(*words).code == 1
    assert keyboard.as_("fay@bank.example").here(*words).code == 0


@pytest.mark.parametrize("person", [LENDER, "tom@bank.example", "ann@bank.example", "ada@bank.example"])
def test_only_a_fund_manager_or_the_operator_posts_a_journal(keyboard: Keyboard, person: str) -> None:
    line = (
        '{"key":"x","book":"bank","effective_on":"2012-04-02","description":"d","postings":'
        '[{"account":"1000","amount":"5.00"},{"account":"3000","amount":"-5.00"}]}\n'
    )
    (keyboard.folder / "x.jsonl").write_text(line)
    refused = keyboard.as_(person).here("ledger", "import", "x.jsonl")
    assert refused.code == 1
    assert "fund manager" in refused.err
    assert keyboard.here("ledger", "balance", "3000", "--format", "json").json["balance"] == "-12000000.00"


def test_an_empty_key_is_no_key_at_all(keyboard: Keyboard) -> None:
    words = ("inflow", "distribute", "--amount", "1.00", "--on", "2012-01-31", "--key", "")
    assert keyboard.as_("fay@bank.example").here(*words).code == 1


def test_a_file_that_is_there_is_not_written_over(keyboard: Keyboard) -> None:
    (keyboard.folder / "filled.csv").write_text("mine")
    refused = keyboard.here("return", "template", "--quarter", "2012Q2", "--out", "filled.csv")
    assert (refused.code, (keyboard.folder / "filled.csv").read_text()) == (1, "mine")
    nowhere = keyboard.here("return", "template", "--quarter", "2012Q2", "--out", "nowhere/x.csv")
    assert nowhere.code == 1
    assert "cannot be written" in nowhere.err
