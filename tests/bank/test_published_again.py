"""What is published tells of nobody: not by itself, and not beside anything that was published before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import combinations
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from bank.api import create_app
from bank.figures.disclosure import Cell, Sheet, Shown, withheld
from bank.figures.publications.commands import publish_record
from bank.figures.publications.queries import NoSuchPublication, publication, publications, published_before
from bank.figures.published import PublishedRecord, published
from bank.figures.queries import evidence_at
from bank.people.commands import issue_key
from bank.wiring import OPERATOR
from ledger.dates import Quarter, SetClock
from ledger.periods import QuarterNotOver
from ledger.refusals import NotAllowed
from ledger.store.database import Database
from ledger.store.work import Desk
from tests import databases
from tests.bank import institution
from tests.bank.institution import HARBOUR, Q1, Q2, Q3, Institution, at

_PRIME = (1 << 61) - 1
_LEAVES = ("a", "b", "c", "d")
Atom = tuple[str, int]
Row = dict[Atom, int]


def walk(cell: Cell) -> Iterator[Cell]:
    yield cell
    for part in cell.parts:
        yield from walk(part)


def rank(rows: Sequence[Mapping[Atom, int]]) -> int:
    """How many of the rows say something that the others do not, reckoned modulo a great prime."""
    basis: dict[Atom, Row] = {}
    for given_row in rows:
        row = {atom: value % _PRIME for atom, value in given_row.items() if value % _PRIME}
        while row and (first := min(row)) in basis:
            factor = row[first]
            for atom, value in basis[first].items():
                row[atom] = (row.get(atom, 0) - factor * value) % _PRIME
            row = {atom: value for atom, value in row.items() if value}
        if row:
            inverse = pow(row[min(row)], _PRIME - 2, _PRIME)
            basis[min(row)] = {atom: value * inverse % _PRIME for atom, value in row.items()}
    return len(basis)


def told_of(rows: Sequence[Row], bodies: str, fewest: int) -> tuple[str, ...]:
    """The slow attacker: some borrowers, too few, of whom adding and subtracting rows leaves something; or nobody.

    The attacker knows who is in each row and who moved when, and only not how much. Of some borrowers alone something
    is left exactly where the rows say less once their columns are taken away.
    """
    whole = rank(rows)
    for number in range(1, fewest):
        for some in combinations(bodies, number):
            if rank([{atom: one for atom, one in row.items() if atom[0] not in some} for row in rows]) < whole:
                return some
    return ()


@st.composite
def worlds(draw: st.DrawFn) -> tuple[dict[str, str], list[dict[str, str]], bool]:
    """Where each borrower belongs; what each stands at, publication by publication; and whether rows have rows."""
    bodies = "stuvwxyz"[: draw(st.integers(3, 8))]
    homes = {body: draw(st.sampled_from(_LEAVES)) for body in bodies}
    stands = dict.fromkeys(bodies, "")
    told = []
    for step in range(draw(st.integers(1, 4))):
        for body in bodies:
            if draw(st.booleans()):
                stands[body] += str(step)
        told.append(dict(stands))
    return homes, told, draw(st.booleans())


@settings(max_examples=120, deadline=None)
@given(worlds(), st.integers(2, 3))
def test_no_two_publications_nor_any_number_of_them_tell_of_few(
    world: tuple[dict[str, str], list[dict[str, str]], bool], fewest: int
) -> None:
    homes, told, nested = world
    earlier: list[Shown] = []
    known: list[Row] = []
    for stands in told:
        sheet = Sheet(tuple(earlier))
        cells = [
            sheet.leaf(leaf, {body: text for body, text in stands.items() if text and homes[body] == leaf})
            for leaf in _LEAVES
        ]
        whole = sheet.over("all", *(sheet.over("1", *cells[:2]), sheet.over("2", *cells[2:])) if nested else cells)
        dark = withheld(whole, fewest)
        earlier.append(Shown(sheet.rows, frozenset(dark)))
        known += [
            {(body, int(step)): 1 for body in cell.borrowers for step in stands[body]}
            for cell in walk(whole)
            if cell.key not in dark and cell.borrowers
        ]
    assert told_of(known, "".join(homes), fewest) == ()


def test_the_attacker_finds_what_two_careless_publications_tell() -> None:
    """One cut with a borrower and one without, each of enough: the oracle of the test above sees through them."""
    first = {("s", 0): 1, ("t", 0): 1}
    assert told_of([first], "stu", 2) == ()
    assert told_of([first, first | {("u", 0): 1}], "stu", 2) == ("u",)
    assert told_of([first, first | {("t", 1): 1}], "stu", 2) == ("t",)


def test_a_row_is_told_anew_once_enough_have_moved_since_it_was() -> None:
    def at_last(*told: Mapping[str, str]) -> list[bool]:
        earlier: list[Shown] = []
        for parts in told:
            sheet = Sheet(tuple(earlier))
            dark = withheld(sheet.leaf("row", parts), 3)
            earlier.append(Shown(sheet.rows, frozenset(dark)))
        return ["row" not in one.hidden for one in earlier]

    begun = dict.fromkeys("abcd", "1")
    assert at_last(begun, begun, begun | {"a": "2"}, begun | {"a": "2", "b": "2"}) == [True, True, False, False]
    assert at_last(begun, begun | {"a": "2"}, begun | dict.fromkeys("abc", "2")) == [True, False, False]
    assert at_last(begun, begun | {"a": "2"}, dict.fromkeys("abcd", "3")) == [True, False, True]
    assert at_last(dict.fromkeys("ab", "1"), dict.fromkeys("abcde", "1")) == [False, True]


@pytest.fixture
def began() -> databases.Began:
    return "one-quarter"


@pytest.fixture
def bank(database: Database, clock: SetClock, run_of_tests: Path) -> Institution:
    return institution.after_one_quarter(database, clock, run_of_tests)


def cells_of(record: PublishedRecord) -> dict[tuple[str, ...], object]:
    keys = {"losses": ("group", "of"), "vintages": ("cohort", "quarter"), "arrears": ("days",), "risk": ("over_days",)}
    return {
        (name, *(str(row[key]) for key in named), column): value
        for name, named in keys.items()
        for row in record.tables[name]
        for column, value in row.items()
        if value is not None and column not in {*named, "withheld", "name", "age"}
    }


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_restated_quarter_is_published_again_without_what_one_borrower_changed(bank: Institution) -> None:
    fay = bank.desk("fay")
    first = publish_record(fay, quarter=Q1, fewest=2, key="first")
    again = publish_record(fay, quarter=Q1, fewest=2, key="again")
    assert (first.number, again.id, first.record.quarter) == (1, first.id, Q1)
    institution.second_quarter(bank)
    second = publish_record(fay, quarter=Q2, fewest=2, key="second")
    bank.clock.set(at(2012, 10, 8))
    bank.file(HARBOUR, Q2, institution.SECOND_CORRECTED, "381586.65", why="A repayment was booked in the wrong quarter")
    restated = publish_record(fay, quarter=Q2, fewest=2, key="restated")
    assert (second.number, restated.number) == (1, 2)
    with bank.database.reading() as session:
        alone = published(evidence_at(session, Q2.ends_on), 2)
        assert [line.id for line in publications(session)] == [first.id, second.id, restated.id]
        assert publication(session, second.id) == second
        with pytest.raises(NoSuchPublication):
            publication(session, "pub_none")
    was, now = cells_of(second.record), cells_of(restated.record)
    assert {key for key in was.keys() & now.keys() if was[key] != now[key]} == set()
    assert set(now) <= set(cells_of(alone))


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_an_earlier_quarter_is_told_as_it_was_or_not_at_all_once_a_later_one_was_published(bank: Institution) -> None:
    fay = bank.desk("fay")
    first = publish_record(fay, quarter=Q1, fewest=2, key="first")
    institution.second_quarter(bank)
    publish_record(fay, quarter=Q2, fewest=2, key="second")
    bank.clock.set(at(2012, 10, 8))
    again = publish_record(fay, quarter=Q1, fewest=2, key="again")
    was, now = cells_of(first.record), cells_of(again.record)
    assert {key: was[key] for key in now if key in was} == now
    with bank.database.reading() as session:
        assert published_before(session).last == str(Q2)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_publishing_takes_its_people_and_a_quarter_that_is_over(bank: Institution) -> None:
    with pytest.raises(QuarterNotOver):
        publish_record(bank.desk("fay"), quarter=Q3, fewest=5, key="early")
    with pytest.raises(NotAllowed):
        publish_record(bank.lender(HARBOUR), quarter=Q1, fewest=5, key="lender")
    held = issue_key(Desk(bank.database, OPERATOR), person="fay@bank.example", days=30).secret
    with TestClient(create_app(bank.database)) as client:
        client.headers["Authorization"] = f"Bearer {held}"
        asked = {"quarter": "2012Q1"}
        made = client.post("/v1/figures/publications", json=asked, headers={"Idempotency-Key": "one"}).json()
        assert made["record"]["fewest_borrowers"] == 5
        assert client.get(f"/v1/figures/publications/{made['id']}").json() == made
        assert [one["id"] for one in client.get("/v1/figures/publications").json()] == [made["id"]]
        assert Quarter.parse(made["quarter"]) == Q1
        assert date.fromisoformat(made["as_at"]) == Q1.ends_on
