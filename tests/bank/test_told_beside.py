"""Statements for the public and the public record, held against each other: whoever has both learns of nobody."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import product
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from bank.figures.beside import GROUND, Beside, few_between, told_in
from bank.figures.disclosure import Shown
from bank.figures.withholding import Before, hidden_balances, hidden_loans
from bank.publishing.withheld import onward_blocks
from intermediaries.loans.views import Reported
from ledger.dates import Quarter
from ledger.money import Money
from reports.statements.public_inputs import Block
from tests.bank.test_published_again import Row, told_of
from tests.bank.test_told_to_the_public import FIRST, LETTERS, Loan, Public, lives, spread

Kept = list[tuple[Quarter, dict[str, Any]]]


def read(kept: Kept, beside: Mapping[str, Sequence[Shown]] | None = None) -> Before:
    """What is held against, as it is kept in the database."""
    before = Before(beside=Beside(beside or {}))
    for quarter, told in kept:
        before.take(quarter, told)
    return before


@dataclass
class Both(Public):
    """Statements and publications that were handed out, and what an attacker who has them all knows."""

    careless: bool = False
    published: Kept = field(default_factory=list)

    def before(self) -> Before:
        """What the next statement is held against: statements, and the public record beside them."""
        return read(self.kept, {} if self.careless else read(self.published).columns)

    def publish(self, loans: Sequence[Loan], begun: Mapping[str, int], upto: int) -> None:
        """Publish the record of a quarter; the attacker notes every row of it that is shown."""
        quarter = at(upto)
        before = read(self.published, {} if self.careless else read(self.kept).columns)
        told = [one for loan in loans for one in reports(loan, begun[loan.id])]
        hidden = hidden_loans(told, quarter, self.fewest, before)
        hidden |= hidden_balances([loan.state() for loan in loans if owed(loan)], quarter, self.fewest, before, hidden)
        self.published.append((quarter, json.loads(json.dumps(before.written()))))
        for loan_rows in rows_of(loans, begun, upto):
            key, column, row = loan_rows
            if (key, "") not in hidden and (key, column) not in hidden:
                self.known.append(row)


def at(step: int) -> Quarter:
    quarter = FIRST
    for _ in range(step):
        quarter = quarter.next
    return quarter


def owed(loan: Loan) -> int:
    return sum(loan.drawn) - sum(loan.repaid) - sum(loan.lost)


def reports(loan: Loan, begun: int) -> list[Reported]:
    """What the returns told of a loan, quarter by quarter."""
    found = []
    for step, (drawn, repaid, lost) in enumerate(zip(loan.drawn, loan.repaid, loan.lost, strict=True), begun):
        amounts = (Money(drawn), Money(repaid), Money(lost), Money(0))
        found.append(Reported(loan.id, loan.facility, loan.body, at(step), *amounts, 0, False, ""))
    return found


def rows_of(loans: Sequence[Loan], begun: Mapping[str, int], upto: int) -> list[tuple[str, str, Row]]:
    """Every row that the record would show: its key, the column and what each loan adds to it."""
    found: defaultdict[tuple[str, str], Row] = defaultdict(dict)
    for loan in loans:
        first = next((step for step, sum_ in enumerate(loan.drawn, begun[loan.id]) if sum_), None)
        for end in range(upto + 1) if first is not None else ():
            known = end - begun[loan.id] + 1
            if first is None or end < first:
                continue
            cut = Loan(**{**vars_of(loan), **{w: getattr(loan, w)[:known] for w in ("drawn", "repaid", "lost")}})
            drawn, left, lost = (cut.row(measure) for measure in ("lent", "outstanding", "written_off"))
            paid = {atom: -sign for atom, sign in left.items() if sign < 0 and atom not in lost}
            keys = [f"{at(first)}/{at(end)}"]
            keys += ["all", f"intermediary/{loan.facility}"] if end == upto else []
            for key in keys:
                for column, row in (("drawn", drawn), ("outstanding", left), ("received", paid), ("written_off", lost)):
                    found[key, column].update(row)
            if end == upto and owed(cut):
                found["days/0", "outstanding"].update(left)
    return [(key, column, row) for (key, column), row in found.items()]


def vars_of(loan: Loan) -> dict[str, Any]:
    return {name: getattr(loan, name) for name in ("id", "body", "area", "region", "facility")}


@st.composite
def told(draw: st.DrawFn) -> list[tuple[list[Loan], str]]:
    """Lives, whose loans are through two intermediaries, and what is handed out after each step, in which order."""
    life = draw(lives())
    through = {loan.id: draw(st.sampled_from(("fac_1", "fac_2"))) for loan in life[-1]}
    return [
        (
            [Loan(**{**vars_of(one), "facility": through[one.id]}, drawn=one.drawn, repaid=one.repaid, lost=one.lost)
             for one in loans],
            draw(st.sampled_from(("s", "p", "sp", "ps"))),
        )
        for loans in life
    ]  # fmt: skip


def hand_out(both: Both, life: Sequence[tuple[Sequence[Loan], str]]) -> None:
    begun: dict[str, int] = {}
    for step, (loans, order) in enumerate(life):
        for loan in loans:
            begun.setdefault(loan.id, step)
        for what in order:
            if what == "s":
                both.issue(loans, at(step))
            else:
                both.publish(loans, begun, step)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(told(), st.integers(2, 3))
def test_no_statements_for_the_public_with_the_public_record_tell_of_few(
    life: list[tuple[list[Loan], str]], fewest: int
) -> None:
    """Two tables at a time is what is held: of 4,000 others the attacker found one life with a leak."""
    both = Both(fewest)
    hand_out(both, life)
    assert told_of(both.known, LETTERS, fewest) == ()


def _grown(areas: str, lenders: str) -> list[Loan]:
    """A loan each for so many bodies, by where it is and through whom."""
    return [
        Loan(f"lon_{body}", body, area, "N", facility=f"fac_{lender}", drawn=(100,), repaid=(0,), lost=(0,))
        for body, area, lender in zip(LETTERS, areas, lenders, strict=True)
    ]


def test_the_attacker_finds_what_two_that_are_not_held_against_each_other_tell() -> None:
    """Four in each area and four and four through each lender, but for one of them who is through the other."""
    told: dict[bool, tuple[str, ...]] = {}
    for careless in (True, False):
        both = Both(2, careless=careless)
        hand_out(both, [(_grown("aaaabbbb", "11112222"), "s"), (_grown("aaaabbbb", "11122222"), "p")])
        told[careless] = told_of(both.known, LETTERS, 2)
        if not careless:
            assert len(both.known) > 2, "what is safe is told all the same"
    assert told[True] != ()
    assert told[False] == ()


tables = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from(("x", "y", "z")), st.booleans()), min_size=3, max_size=8
)


@settings(max_examples=200, deadline=None)
@given(tables, st.integers(2, 4))
def test_a_cut_of_few_is_found_exactly_where_two_tables_tell_of_few(
    homes: list[tuple[str, str, bool]], fewest: int
) -> None:
    """The slow oracle of the cut: every few borrowers are tried, and whether rows say less without them."""
    bodies = LETTERS[: len(homes)]
    mine: defaultdict[str, dict[str, int]] = defaultdict(dict)
    theirs: defaultdict[str, dict[str, int]] = defaultdict(dict)
    rows: defaultdict[str, Row] = defaultdict(dict)
    for at_, (body, (one, other, moved)) in enumerate(zip(bodies, homes, strict=True)):
        mine[body][one] = 100 + at_
        theirs[body][other] = 100 + at_ + moved
        rows[f"mine {one}"][body, 0] = 1
        rows[f"theirs {other}"][body, int(moved)] = 1
    known = list(rows.values())
    alone = [told_of([row for key, row in rows.items() if key.startswith(of)], bodies, fewest) for of in ("m", "t")]
    if not any(alone):
        assert bool(few_between(mine, theirs, fewest)) is bool(told_of(known, bodies, fewest))


def test_a_borrower_in_many_rows_is_never_counted_as_many() -> None:
    """Six loans of one borrower tie two groups, and no other does: the cut between them is of one."""
    mine = {"s": {f"a{at_}": at_ + 1 for at_ in range(6)}} | {f"t{at_}": {f"a{at_}": 9} for at_ in range(6)}
    theirs = {"s": {f"x{at_}": at_ + 1 for at_ in range(6)}} | {f"t{at_}": {"y": 9} for at_ in range(6)}
    assert few_between(mine, theirs, 2)
    assert told_in("lent/amount", "arts/N", {"arts/N"}) == "rest of arts"
    assert told_in("lateness", "days/0", {"days/0", "band/to-30", "balances"}) == GROUND


@settings(max_examples=120, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("NS"), st.integers(1, 400)), max_size=14), st.data())
def test_nobody_is_nearly_all_of_what_is_told_nor_of_what_has_changed_of_it(
    homes: list[tuple[str, str, int]], data: st.DataObject
) -> None:
    """The oracle adds the lines up from the loans: every line, and every sum of lines that a page or a reader makes."""
    most, public = Fraction(3, 4), Public(2)
    parts: dict[tuple[str, int], list[dict[tuple[str, str], dict[str, int]]]] = {}
    for step in range(2):
        loans = [
            Loan(f"lon_{at_}", f"org_{at_}", area, region, drawn=(drawn, *((data.draw(more),) if step else ())))
            for at_, (area, region, drawn) in enumerate(homes)
        ]
        before = public.before()
        blocks = onward_blocks([one.state() for one in loans], at(step), 2, before, most)
        public.kept.append((at(step), json.loads(json.dumps(before.written()))))
        some = [block for block in blocks if block.measure == "lent"]
        for loan in loans:
            public.places.setdefault(loan.id, (loan.area, loan.region))
        lines = {
            (block.outcome_area, block.region): {
                loan.body: sum(loan.drawn)
                for loan in public._behind(block, some, loans)  # noqa: SLF001 -- the oracle's
            }
            for block in some
        }
        parts.setdefault(("lent", step), []).append(lines)
        for block in some:
            line = lines[block.outcome_area, block.region]
            assert sum(line.values()) == block.amount.pence
        for chosen in product((False, True), repeat=len(lines)):
            sums: defaultdict[str, int] = defaultdict(int)
            for line, taken in zip(lines.values(), chosen, strict=True):
                for body, pence in line.items() if taken else ():
                    sums[body] += pence
            assert not sums or max(sums.values()) <= most * sum(sums.values())
    first, second = (parts["lent", step][0] for step in range(2))
    for key in first.keys() & second.keys():
        changes = {body: second[key].get(body, 0) - first[key].get(body, 0) for body in first[key] | second[key]}
        sizes = [abs(one) for one in changes.values()]
        assert not sum(sizes) or max(sizes) <= most * sum(sizes)


more = st.sampled_from((0, 0, 0, 10, 20, 900))


def test_one_large_loan_is_hidden_among_others_that_weigh_as_much() -> None:
    loans = spread(("arts", "N", 6), ("arts", "S", 6), ("housing", "N", 6))
    loans[0] = replace(loans[0], drawn=(90_000,))
    told = {most: lines_of(onward_blocks([one.state() for one in loans], FIRST, 5, Before(), most)) for most in MOSTS}
    assert told[None].keys() == {("arts", "N"), ("arts", "S"), ("housing", "N")}
    assert told[Fraction(9, 10)] == {}, "of all that was lent it is nearly all"
    even = [replace(one, drawn=(30_000,)) if at_ in {0, 6, 12} else one for at_, one in enumerate(loans)]
    held = lines_of(onward_blocks([one.state() for one in even], FIRST, 5, Before(), Fraction(9, 10)))
    assert held.keys() == {("withheld", "withheld")}, "two and three of that size stand together: none is most of it"


MOSTS: Final = (None, Fraction(9, 10))


def lines_of(blocks: Sequence[Block]) -> dict[tuple[str, str], int]:
    return {(one.outcome_area, one.region): one.amount.pence for one in blocks if one.measure == "lent"}
