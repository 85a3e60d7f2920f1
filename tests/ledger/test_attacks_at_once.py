"""Two who attack the books at the same moment, on two real connections, in both orders."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from tests.ledger.attacks import FORGED, KINDS, LAST, NEXT, dated, event, leg
from tests.ledger.stage import Pair, Stage, pair

CLOSING = (event("closed"),)
LATE = dated("2012-03-05")
"""An entry in the quarter that `CLOSING` closes."""

THIRD = (leg(3, 5, entry=NEXT, legs=3),)
SECOND = (leg(2, 5, entry=NEXT),)
"""Legs that hang themselves on the entry that `FORGED` puts in."""


@pytest.fixture
def two(scene: Stage, run_of_tests: Path, tmp_path: Path) -> Iterator[Pair]:
    """Two connections to a copy of the stage."""
    with pair(scene, run_of_tests, tmp_path) as both:
        yield both


@pytest.mark.parametrize("scene", KINDS, indirect=True)
@pytest.mark.parametrize("first_ends", ["COMMIT", "ROLLBACK"])
@pytest.mark.parametrize("attack", [FORGED, SECOND, THIRD], ids=["the same entry", "its second leg", "a third leg"])
def test_two_at_one_entry(two: Pair, first_ends: str, attack: tuple[str, ...]) -> None:
    two.first.begin()
    two.first.run(*FORGED)
    with ThreadPoolExecutor(1) as pool:
        going = pool.submit(two.second.whole, attack)
        two.wait_for_second()
        two.first.run(first_ends)
        refusal = going.result(10)

    alone = first_ends == "ROLLBACK" and attack is FORGED
    assert (refusal == "") == alone, refusal
    verdict = two.verdict()
    entries = 0 if first_ends == "ROLLBACK" and not alone else NEXT
    assert (verdict.seq or 0) == entries  # a forged entry that came in is found, and nothing else is wrong


@pytest.mark.parametrize("scene", KINDS, indirect=True)
def test_a_leg_hung_on_before_the_entry_is_there(two: Pair) -> None:
    two.first.begin()
    two.first.run(*THIRD)
    with ThreadPoolExecutor(1) as pool:
        going = pool.submit(two.second.whole, FORGED)
        two.wait_for_second()
        with pytest.raises(DBAPIError):
            two.first.run("COMMIT")
        two.first.run("ROLLBACK")
        assert going.result(10) == ""
    assert two.verdict().seq == NEXT


def _overtaken(two: Pair, *, by: tuple[str, ...], attack: tuple[str, ...], looking: bool) -> str:
    """How the second is refused, whose attack begins before the first has done its own work and ends after it."""
    two.second.begin(snapshot=looking)
    two.first.begin()
    two.first.run(*by)
    with ThreadPoolExecutor(1) as pool:
        going = pool.submit(two.second.rest, attack)
        two.wait_for_second()
        two.first.run("COMMIT")
        return going.result(10)


@pytest.mark.parametrize("scene", KINDS, indirect=True)
@pytest.mark.parametrize("looking", [False, True], ids=["at once", "having looked before"])
def test_an_entry_posted_while_its_quarter_is_closed(two: Pair, *, looking: bool) -> None:
    assert _overtaken(two, by=CLOSING, attack=LATE, looking=looking)
    assert two.verdict().entries == LAST


@pytest.mark.parametrize("scene", KINDS, indirect=True)
@pytest.mark.parametrize("looking", [False, True], ids=["at once", "having looked before"])
def test_a_quarter_closed_while_an_entry_is_posted_in_it(two: Pair, *, looking: bool) -> None:
    """The one that closes says where the journal stood, and by then it stands elsewhere."""
    assert _overtaken(two, by=LATE, attack=CLOSING, looking=looking)
    assert two.verdict().seq == NEXT
