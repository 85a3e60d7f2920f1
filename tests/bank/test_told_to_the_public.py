"""What statements for the public tell of onward loans and facilities: of nobody, whatever is added up or taken off."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final, TypeVar
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bank.figures.withholding import Before
from bank.publishing.withheld import MEASURES, hidden_facilities, onward_blocks
from intermediaries.loans.views import Lent, Placed
from ledger.dates import Quarter
from ledger.money import Money
from reports.statements.inputs import AllocationLine
from reports.statements.public_inputs import FACILITY_SUMS, Block
from tests.bank.test_published_again import Row, told_of

FIRST: Final = Quarter(2012, 1)
LETTERS: Final = "stuvwxyz"


@dataclass(frozen=True)
class Loan:
    """A loan as the oracle knows it: whose, where, and by how much each step changed it."""

    id: str
    body: str
    area: str
    region: str
    facility: str = "fac_1"
    drawn: tuple[int, ...] = ()
    repaid: tuple[int, ...] = ()
    lost: tuple[int, ...] = ()

    def state(self) -> Lent:
        """The same as the bank holds it."""
        drawn, repaid, lost = (sum(some) for some in (self.drawn, self.repaid, self.lost))
        told: dict[str, Any] = {
            "id": self.id,
            "organisation": self.body,
            "outcome_area": self.area,
            "facility": self.facility,
            "agreed_on": date(2012, 1, 1),
            "days_past_due": 0,
            "restructured": False,
            "place": bare(Placed, region=self.region, nation="England"),
            "drawn": Money(drawn),
            "repaid": Money(repaid),
            "written_off": Money(lost),
            "outstanding": Money(drawn - repaid - lost),
        }
        return bare(Lent, **told)

    def row(self, measure: str) -> Row:
        """What the loan adds to a row of a measure: each change that somebody does not know, as often as it counts."""
        drawn, repaid, lost = (
            {(self.body, crc32(f"{self.id} {what} {step}".encode())): 1 for step, sum_ in enumerate(some) if sum_}
            for what, some in (("drawn", self.drawn), ("repaid", self.repaid), ("lost", self.lost))
        )
        if measure == "outstanding":
            return drawn | dict.fromkeys((*repaid, *lost), -1)
        return drawn if measure == "lent" else lost


Shown = TypeVar("Shown", Lent, Placed)


def bare(kind: type[Shown], **facts: Any) -> Shown:
    """A record with no more in it than what is told of borrowers."""
    told: dict[str, Any] = dict.fromkeys(kind._fields)
    return kind(**(told | facts))


@dataclass
class Public:
    """The statements that were handed out, and what an attacker who has them all knows."""

    fewest: int
    quarter: Quarter = FIRST
    kept: list[tuple[Quarter, dict[str, Any]]] = field(default_factory=list)
    known: list[Row] = field(default_factory=list)
    places: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Where each loan was first told of: there it stays."""

    def before(self) -> Before:
        """What the next is held against, as it is kept in the database."""
        before = Before()
        for quarter, kept in self.kept:
            before.take(quarter, kept)
        return before

    def issue(self, loans: Sequence[Loan], quarter: Quarter | None = None) -> tuple[Block, ...]:
        """Hand out one more; the attacker notes each line of it."""
        at, before = quarter or self.quarter, self.before()
        for loan in loans:
            self.places.setdefault(loan.id, (loan.area, loan.region))
        blocks = onward_blocks([loan.state() for loan in loans], at, self.fewest, before)
        self.kept.append((at, json.loads(json.dumps(before.written()))))
        self.quarter = self.quarter.next
        for measure in MEASURES:
            some = [block for block in blocks if block.measure == measure]
            for block in some:
                row: Row = defaultdict(int)
                for loan in self._behind(block, some, loans):
                    for atom, sign in loan.row(measure).items():
                        row[atom] += sign
                self.known.append(dict(row))
        return blocks

    def _behind(self, block: Block, others: Iterable[Block], loans: Iterable[Loan]) -> list[Loan]:
        """The loans behind a line, found by what the other lines of its measure name."""
        named = {(one.outcome_area, one.region) for one in others}
        areas = {area for area, _ in named}

        def line_of(loan: Loan) -> tuple[str, str]:
            area, region = self.places[loan.id]
            if area not in areas:
                return ("withheld", "withheld")
            return (area, region if (area, region) in named else "withheld")

        return [loan for loan in loans if line_of(loan) == (block.outcome_area, block.region)]


@st.composite
def lives(draw: st.DrawFn) -> list[list[Loan]]:
    """Loans of few bodies, quarter by quarter: more is drawn, repaid and lost, new ones come, a place is restated."""
    bodies = LETTERS[: draw(st.integers(3, 8))]
    loans: list[Loan] = []
    told = []
    for _ in range(draw(st.integers(1, 4))):
        for body in draw(st.lists(st.sampled_from(bodies), max_size=6)):
            area, region = draw(st.sampled_from("ab")), draw(st.sampled_from("NS"))
            loans.append(Loan(f"lon_{len(loans)}", body, area, region))
        loans = [_moved(draw, loan) for loan in loans]
        told.append(list(loans))
    return told


def _moved(draw: st.DrawFn, loan: Loan) -> Loan:
    what = draw(st.sampled_from(("drawn", "drawn", "repaid", "lost", "place", "")))
    if what == "place":
        return replace(loan, region="N" if loan.region == "S" else "S")
    left = sum(loan.drawn) - sum(loan.repaid) - sum(loan.lost)
    added = dict.fromkeys(("drawn", "repaid", "lost"), 0)
    if what == "drawn" or (what and left):
        added[what] = 100 if what == "drawn" else max(left // 2, 1)
    return replace(
        loan,
        drawn=(*loan.drawn, added["drawn"]),
        repaid=(*loan.repaid, added["repaid"]),
        lost=(*loan.lost, added["lost"]),
    )


@settings(max_examples=150, deadline=None)
@given(lives(), st.integers(2, 3))
def test_no_statements_for_the_public_tell_of_few(life: list[list[Loan]], fewest: int) -> None:
    public = Public(fewest)
    for loans in life:
        public.issue(loans)
    assert told_of(public.known, LETTERS, fewest) == ()


def spread(*groups: tuple[str, str, int], drawn: int = 100) -> list[Loan]:
    """Loans of so many bodies in an area and a region each, a body to each loan."""
    bodies = iter(range(100))
    return [
        Loan(f"lon_{body}", f"org_{body}", area, region, drawn=(drawn + body,))
        for area, region, number in groups
        for body in (next(bodies) for _ in range(number))
    ]


def lines(blocks: Iterable[Block], measure: str) -> dict[tuple[str, str], tuple[int, int]]:
    return {(one.outcome_area, one.region): (one.loans, one.amount.pence) for one in blocks if one.measure == measure}


def summed(loans: Iterable[Loan]) -> tuple[int, int]:
    some = list(loans)
    return len(some), sum(sum(loan.drawn) for loan in some)


def test_small_groups_stand_together_with_enough_others_and_all_lines_come_to_the_whole() -> None:
    loans = spread(("arts", "N", 6), ("arts", "S", 7), ("arts", "E", 2), ("housing", "N", 1), ("housing", "S", 9))
    told = lines(Public(5).issue(loans), "lent")
    assert told == {
        ("arts", "S"): summed(loans[6:13]),
        ("arts", "withheld"): summed([*loans[:6], *loans[13:15]]),
        ("housing", "withheld"): summed(loans[15:]),
    }, "two bodies alone would be few, so the smallest group beside them that is enough goes with them"
    assert [sum(part) for part in zip(*told.values(), strict=True)] == list(summed(loans))


def test_nothing_is_told_of_fewer_than_the_floor_in_all_nor_of_a_single_loss() -> None:
    assert Public(5).issue(spread(("arts", "N", 4))) == ()
    loans = [replace(loan, lost=(10,)) if at == 0 else loan for at, loan in enumerate(spread(("arts", "N", 8)))]
    told = Public(5).issue(loans)
    assert lines(told, "lent") == {("arts", "N"): summed(loans)}
    assert lines(told, "outstanding") == {}, "taken from what was lent it would be that one loss"
    assert lines(told, "written_off") == {}


@pytest.mark.parametrize(("joiners", "told"), [(0, True), (1, False), (4, False), (5, True)])
def test_a_sum_that_few_have_changed_since_it_was_told_is_not_told_again(joiners: int, told: bool) -> None:
    public, loans = Public(5), spread(("arts", "N", 6), ("housing", "S", 6))
    public.issue(loans)
    more = [Loan(f"lon_new{at}", f"org_new{at}", "arts", "N", drawn=(7,)) for at in range(joiners)]
    again = lines(public.issue([*loans, *more]), "lent")
    assert bool(again) is told
    assert (("housing", "S") in again) is told
    assert not again or sum(loans for loans, _ in again.values()) == 12 + joiners


def test_the_same_moment_is_told_the_same_again_and_an_older_quarter_only_as_it_was() -> None:
    """The statement on impact tells what that on the portfolio told; and after a later quarter nothing new is told."""
    public, loans = Public(5), spread(("arts", "N", 6), ("housing", "S", 6))
    first = public.issue(loans, FIRST)
    assert public.issue(loans, FIRST) == first
    public.issue(spread(("arts", "N", 6), ("housing", "S", 12), drawn=300), FIRST.next)
    assert public.issue(loans, FIRST) == first
    assert public.issue(loans[1:], FIRST) == ()


def test_a_loan_stays_where_it_was_first_told_of() -> None:
    """Else six restated ones would seem to have changed, and what the one other drew would be told by the whole."""
    public, loans = Public(5), spread(("arts", "N", 12), ("housing", "S", 12))
    first = public.issue(loans)
    elsewhere = [replace(loan, region="E") for loan in loans[:6]]
    assert public.issue([*elsewhere, *loans[6:]]) == first
    assert public.issue([*elsewhere, replace(loans[6], drawn=(900,)), *loans[7:]]) == ()


def test_whoever_is_gone_from_a_group_is_not_told_by_what_is_left() -> None:
    """One stood together with others and was never there, it turns out: what stands together has changed by it."""
    public = Public(5)
    loans = spread(("arts", "N", 1), ("arts", "S", 6), ("housing", "N", 7))
    assert ("arts", "withheld") in lines(public.issue(loans), "lent")
    assert public.issue(loans[1:]) == ()


def facility(id_: str, drawn: int) -> AllocationLine:
    sums = dict.fromkeys(FACILITY_SUMS, Money(0)) | {"drawn": Money(drawn)}
    return AllocationLine(facility=id_, intermediary=f"Lender {id_}", product="Loan", **sums)


def through(*facilities: tuple[str, int]) -> list[Lent]:
    return [
        Loan(f"lon_{name}{body}", f"org_{name}{body}", "arts", "N", facility=name, drawn=(1,)).state()
        for name, number in facilities
        for body in range(number)
    ]


def dark(
    before: Before,
    quarter: Quarter,
    drawn: dict[str, int],
    bodies: dict[str, int],
    claims: dict[str, int] | None = None,
) -> set[str]:
    rows = [facility(name, sum_) for name, sum_ in drawn.items()]
    return hidden_facilities(rows, through(*bodies.items()), quarter, 5, before, claims or {})


def test_a_facility_of_few_borrowers_is_told_together_with_another() -> None:
    drawn = {"a": 100, "b": 200, "c": 300, "d": 400}
    assert dark(Before(), FIRST, drawn, {"a": 6, "b": 2, "c": 9, "d": 5}) == {"b", "d"}
    assert dark(Before(), FIRST, drawn, {"a": 6, "b": 2, "c": 3, "d": 5}) == {"b", "c"}
    assert dark(Before(), FIRST, drawn, {"a": 6, "c": 9}) == set(), "nobody owes through the others: theirs alone"
    assert dark(Before(), FIRST, {"b": 200}, {"b": 2}) == {"b"}
    assert dark(Before(), FIRST, {}, {}) == set()


def test_a_guarantee_is_of_as_many_borrowers_as_claims_were_paid_under_it() -> None:
    drawn, bodies = {"a": 100, "b": 200, "c": 300}, {"a": 6}
    assert dark(Before(), FIRST, drawn, bodies, {"b": 1}) >= {"b"}, "what was drawn is what one borrower did not pay"
    assert len(dark(Before(), FIRST, drawn, bodies, {"b": 1})) > 1, "and it stands together with another"
    assert dark(Before(), FIRST, drawn, bodies, {"b": 5}) == set()
    assert "a" in dark(Before(), FIRST, drawn, bodies, {"a": 1}), "however many loans it guarantees"
    before = Before()
    assert dark(before, FIRST, drawn, bodies) == set()
    assert "b" in dark(before, FIRST.next, drawn | {"b": 250}, bodies, {"b": 1})


def test_a_facility_that_was_withheld_is_not_told_while_its_sums_are_what_they_were() -> None:
    before, drawn = Before(), {"a": 100, "b": 200, "c": 300, "d": 400}
    assert dark(before, FIRST, drawn, {"a": 6, "b": 2, "c": 9, "d": 5}) == {"b", "d"}
    more = {"a": 6, "b": 7, "c": 9, "d": 5}
    assert dark(before, FIRST.next, drawn, more) == {"b", "d"}, "with the sum of both, the other's would be known"
    grown = drawn | {"a": 150}
    assert dark(before, FIRST.next.next, grown, more) == {"b", "d"}, "that of others is told though it grows"
    fewer = more | {"a": 2}
    assert {"a", "b", "d"} <= dark(before, FIRST.next.next.next, grown, fewer), "what was told before adds nothing"
    moved = {name: sum_ + 50 for name, sum_ in grown.items()}
    assert dark(before, Quarter(2014, 1), moved, more) == set()
