"""Rural and urban: a list of England and Wales as it is loaded, what it says of each loan, and what nobody can say."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bank.figures.evidence import Evidence, Knowledge
from bank.figures.queries import NoSuchFigure, breakdown
from bank.publishing.gathering import compose
from bank.publishing.proof import Window
from bank.wiring import OPERATOR
from intermediaries.places.commands import Loaded, load_places
from intermediaries.places.lines import Kind
from intermediaries.places.queries import rural_urban
from intermediaries.places.reading import BadPlaceFile, PlaceSource
from intermediaries.places.standing import EditionDiffers
from ledger import queries
from ledger.dates import SetClock
from ledger.money import NOTHING, Money
from ledger.queries import Known
from ledger.store.database import Database
from ledger.store.work import Desk
from tests.bank import institution
from tests.bank.institution import Q3, Institution

HEADING = "LSOA11CD,LSOA11NM,RUC11CD,RUC11"
PLACE = "E01006513"
"""The neighbourhood of the institution's first loan; the others name none that is in the list."""
LIST = f"{PLACE},A place,D1,Rural town and fringe\nW01001693,Another,A1,Urban major conurbation\n"
"""Invented: which class they are put in is no statement about the places."""


def loaded(desk: Desk, lines: str, edition: str = "RUC 2011, invented", heading: str = HEADING) -> Loaded:
    return load_places(
        desk,
        [PlaceSource("ruc.csv", lambda: io.BytesIO(f"{heading}\n{lines}".encode()))],
        kind=Kind.RURAL_URBAN,
        edition=edition,
        published_on=date(2011, 5, 1),
        source="An invented list",
        licence="None",
    )


def test_a_list_is_loaded_whole_and_once_and_read_as_known_then(database: Database, clock: SetClock) -> None:
    desk = Desk(database, OPERATOR)
    with desk.reading() as session:
        before = queries.known(session)
        assert rural_urban(session, [PLACE], before) is None
    clock.set(institution.at(2012, 1, 3))
    done = loaded(desk, LIST)
    assert (done.rows, done.lsoa_vintage, done.already_there) == (2, 2011, False)
    assert loaded(desk, LIST).already_there
    with pytest.raises(EditionDiffers):
        loaded(desk, LIST.replace("D1,Rural town and fringe", "C1,Urban city and town"))
    with pytest.raises(BadPlaceFile, match="own classification"):
        loaded(desk, "S01006514,A data zone,C1,Urban city and town\n", "Of Scotland")
    with pytest.raises(BadPlaceFile, match="no heading is that of code"):
        loaded(desk, LIST, "Of another year", "LSOA11CD,LSOA11NM,RUC21CD,RUC21NM")
    with desk.reading() as session:
        assert rural_urban(session, [PLACE], before) is None
        found = rural_urban(session, [PLACE, "E01000001"], Known(before.seq, clock.now()))
    assert found is not None
    assert (found.edition, found.classes) == ("RUC 2011, invented", {PLACE: "D1"})
    assert found.titles == {"D1": "Rural town and fringe"}
    assert [found.covers(nation) for nation in ("England", "Wales", "Scotland", "Northern Ireland", None)] == [
        *(True, True, False, False, False)
    ]


@pytest.fixture(scope="module")
def bank(run_of_tests: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Institution]:
    with institution.lived("sqlite", run_of_tests, tmp_path_factory.mktemp("rural"), 3) as made:
        yield made


def _impact(bank: Institution, known: Known | None = None) -> dict[str, Any]:
    with bank.database.reading() as session:
        evidence = Evidence(Knowledge(session, known or queries.known(session)), Q3.ends_on)
        made = compose(evidence, "impact", window=Window())
    told: dict[str, Any] = json.loads(made.data)
    return told | {"pages": made.model_dump_json(exclude={"data", "issue"})}


def test_each_loan_stands_in_its_class_or_where_nobody_can_say(bank: Institution) -> None:
    """The rows come to all that was lent, counted another way from the loans themselves; and nothing is assumed."""
    with bank.database.reading() as session:
        before = queries.known(session)
        with pytest.raises(NoSuchFigure, match="No list of rural and urban places is held"):
            breakdown(session, "rural-urban", as_at=Q3.ends_on)
    silent = _impact(bank)
    assert "no list of it is held" in silent["pages"]
    assert "rural-urban" not in {table["code"] for table in silent["tables"]}
    bank.clock.set(bank.clock.now().replace(year=bank.clock.now().year + 1))
    loaded(Desk(bank.database, OPERATOR), LIST)
    with bank.database.reading() as session:
        found = breakdown(session, "rural-urban", as_at=Q3.ends_on)
        states = [
            state
            for state in Evidence(Knowledge(session, queries.known(session)), Q3.ends_on).states
            if state.drawn_in_all != NOTHING
        ]
    inside = [state for state in states if state.place.lsoa == PLACE]
    abroad = [state for state in states if state.place.nation in {"Scotland", "Northern Ireland"}]
    rest = [state for state in states if state not in inside and state not in abroad]
    assert inside
    assert abroad
    assert rest
    groups = (("D1", "known", inside), ("unmatched", "unmatched", rest), ("unavailable", "unavailable", abroad))
    assert {part.code: (part.kind, part.loans, part.ours) for part in found.slices} == {
        code: (kind, len(some), Money.total(state.drawn for state in some)) for code, kind, some in groups
    }
    assert (found.coverage.known, found.coverage.of) == (len(inside), len(states))
    spoken = _impact(bank)
    assert "no list of it is held" not in spoken["pages"]
    (table,) = [table for table in spoken["tables"] if table["code"] == "rural-urban"]
    assert [row["key"] for row in table["rows"]][:3] == ["D1", "unmatched", "unavailable"]
    assert _impact(bank, before) == silent, "as known before the list was loaded, nothing is said of it"
