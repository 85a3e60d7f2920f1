"""The record of onward lending, worked out a second and slower way; and what is published, which tells of nobody."""

from __future__ import annotations

import csv
import io
import json
import statistics
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bank.cli import main
from bank.figures.borrowers import quantile
from bank.figures.course import BANDS, arrears
from bank.figures.disclosure import Cell, withheld
from bank.figures.evidence import Knowledge
from bank.figures.onward import OnwardRecord, first_time, last_whole_quarter, losses
from bank.figures.published import as_files, published
from bank.figures.queries import evidence_at, figures, onward
from bank.figures.vintages import at_the_end_of, share, tallies, vintages
from intermediaries.loans.queries import portfolio
from intermediaries.loans.rules import bucket_of
from intermediaries.loans.views import Reported
from ledger import queries
from ledger.dates import Quarter, SetClock, quarters
from ledger.money import NOTHING, Money
from ledger.queries import Known
from ledger.store.database import Database, ReadSession
from reports.statements.inputs import BUCKETS
from tests.bank import institution
from tests.bank.institution import HARBOUR, HILL, Q1, Q2, Q3, Institution, pounds
from tests.intermediaries import lending
from tests.intermediaries.lending import House

SOME = settings(max_examples=40, deadline=None)
FIRST, LAST = Quarter(2012, 1), Quarter(2013, 2)


def told_of(loan: int, quarter: Quarter, **facts: Any) -> Reported:
    """One report of one loan."""
    sums = {name: Money(facts.get(name, 0)) for name in ("drawn", "received", "written_off", "recovered")}
    return Reported(
        loan=f"lon_{loan}",
        intermediary=f"int_{loan % 2}",
        organisation=facts.get("organisation", f"org_{loan % 3}"),
        quarter=quarter,
        days_past_due=facts.get("days", 0),
        restructured=facts.get("restructured", False),
        first_time=facts.get("first_time", ""),
        **sums,
    )


@st.composite
def reports(draw: st.DrawFn) -> list[Reported]:
    """Loans with reports for some of the quarters, whose balances are never below nothing."""
    found = []
    for loan in range(draw(st.integers(0, 6))):
        owed = lost = back = 0
        for quarter in quarters(FIRST, LAST):
            if not draw(st.booleans()):
                continue
            drawn = draw(st.sampled_from([0, 0, 10_000, 25_001]))
            received = draw(st.integers(0, owed + drawn))
            written_off = draw(st.sampled_from([0, 0, owed + drawn - received]))
            owed, lost = owed + drawn - received - written_off, lost + written_off
            recovered = draw(st.sampled_from([0, lost - back]))
            back += recovered
            found.append(
                told_of(
                    loan,
                    quarter,
                    drawn=drawn,
                    received=received,
                    written_off=written_off,
                    recovered=recovered,
                    days=draw(st.sampled_from([0, 30, 31, 90, 91])),
                    restructured=draw(st.booleans()),
                    first_time=draw(st.sampled_from(["yes", "no", "?", ""])),
                )
            )
    return found


def slowly(told: Sequence[Reported], cohort: Quarter, end: Quarter) -> dict[str, Any] | None:
    """One point of one curve, each loan looked at by itself and added up from its first report every time."""
    lines = []
    if end < cohort:
        return None
    for loan in {one.loan for one in told}:
        own = sorted((one for one in told if one.loan == loan), key=lambda one: one.quarter)
        began = [one.quarter for one in own if one.drawn > NOTHING]
        if not began or began[0] != cohort:
            continue
        upto = [one for one in own if one.quarter <= end]
        owed = sum((one.drawn - one.received - one.written_off).pence for one in upto)
        lines.append((upto, owed, upto[-1]))
    if not lines:
        return None
    return {
        "loans": len(lines),
        "borrowers": len({last.organisation for _, _, last in lines}),
        "drawn": Money(sum(one.drawn.pence for upto, _, _ in lines for one in upto)),
        "received": Money(sum(one.received.pence for upto, _, _ in lines for one in upto)),
        "written_off": Money(sum(one.written_off.pence for upto, _, _ in lines for one in upto)),
        "recovered": Money(sum(one.recovered.pence for upto, _, _ in lines for one in upto)),
        "outstanding": Money(sum(owed for _, owed, _ in lines)),
        "at_risk_30": Money(sum(owed for _, owed, last in lines if last.days_past_due >= 31)),
        "at_risk_90": Money(sum(owed for _, owed, last in lines if last.days_past_due >= 91)),
        "at_risk_30_restructured": Money(
            sum(owed for _, owed, last in lines if last.days_past_due >= 31 or last.restructured)
        ),
        "at_risk_90_restructured": Money(
            sum(owed for _, owed, last in lines if last.days_past_due >= 91 or last.restructured)
        ),
        "told": Money(sum(owed for _, owed, last in lines if last.quarter == end)),
        "fresh": sum(owed != 0 and last.quarter == end for _, owed, last in lines),
        "balances": sum(owed != 0 for _, owed, _ in lines),
    }


@SOME
@given(reports(), st.sampled_from(list(quarters(FIRST, LAST))))
def test_every_point_of_every_curve_is_what_its_loans_add_up_to(told: list[Reported], upto: Quarter) -> None:
    found = {(line.cohort, line.quarter): line for line in vintages(tallies(told[::-1], upto))}
    for cohort in quarters(FIRST, upto):
        for end in quarters(FIRST, upto):
            wanted = slowly(told, cohort, end)
            line = found.pop((cohort, end), None)
            if wanted is None:
                assert line is None
                continue
            assert line is not None
            fresh, balances = wanted.pop("fresh"), wanted.pop("balances")
            assert line.coverage.known_money == wanted.pop("told")
            assert {name: getattr(line, name) for name in wanted} == wanted
            assert (line.coverage.known, line.coverage.of) == (fresh, balances)
            assert line.coverage.of_money == line.outstanding
            assert line.age == len(list(quarters(cohort, end))) - 1
            assert line.written_off_share == share(wanted["written_off"], wanted["drawn"])
            assert line.recovered_share == share(wanted["recovered"], wanted["written_off"])
    assert found == {}


def test_a_share_is_rounded_half_up_and_of_nothing_there_is_none() -> None:
    assert [share(Money(1), Money(whole)) for whole in (2_000_000, 2_000_001)] == [Decimal("0.000001"), Decimal(0)]
    assert (share(Money(3), NOTHING), share(Money(5), Money(-10))) == (None, Decimal("-0.5"))


@SOME
@given(reports())
def test_the_cohorts_put_together_are_all_loans_in_one(told: list[Reported]) -> None:
    whole = tallies(told, LAST)
    for end in quarters(FIRST, LAST):
        line = at_the_end_of(whole, end).standing()
        parts = [part for cohort in quarters(FIRST, end) if (part := slowly(told, cohort, end))]
        assert (line.coverage.known, line.coverage.of) == tuple(
            sum(part[name] for part in parts) for name in ("fresh", "balances")
        )
        assert line.coverage.known_money == Money.total(part["told"] for part in parts)
        assert line.recovered == Money.total(part["recovered"] for part in parts)


def lost_by(told: Sequence[Reported], loans: set[str]) -> dict[str, Any]:
    """What some loans lost, straight from their reports: to date, and in the four quarters to the last."""
    own = [one for one in told if one.loan in loans]
    year = [one for one in own if one.quarter > LAST.previous.previous.previous.previous]
    ends, left = LAST, []
    for _ in range(5):
        upto = [one for one in own if one.quarter <= ends]
        left.append(sum((one.drawn - one.received - one.written_off).pence for one in upto))
        ends = ends.previous
    drawn, off, back = (
        Money.total(getattr(one, name) for one in own) for name in ("drawn", "written_off", "recovered")
    )
    lost = Money.total(one.written_off for one in year)
    return {
        "loans": len(loans),
        "drawn": drawn,
        "outstanding": Money(left[0]),
        "net_loss_share": share(off - back, drawn),
        "year_written_off": lost,
        "year_recovered": Money.total(one.recovered for one in year),
        "year_share": share(lost, Money.round_half_up(Fraction(sum(left), 5))),
    }


@SOME
@given(reports())
def test_losses_are_what_the_reports_of_each_group_say(told: list[Reported]) -> None:
    names = {"int_1": "Alpha", "int_0": "Zeta"} if len(told) % 2 else {"int_1": "Alpha"}
    evidence: Any = SimpleNamespace(knowledge=SimpleNamespace(names=names))
    first = {one.loan: one.quarter for one in reversed(told) if one.drawn}
    groups = {("all", "all"): ("All onward loans", set(first))}
    by_name = sorted({one.intermediary for one in told}, key=lambda one: (names.get(one, ""), one))
    for lender in by_name:
        some = {one.loan for one in told if one.intermediary == lender} & set(first)
        groups["intermediary", lender] = (names.get(lender, lender), some)
    for year in sorted({quarter.year for quarter in first.values()}):
        some = {loan for loan, quarter in first.items() if quarter.year == year}
        groups["year", str(year)] = (f"First drawn in {year}", some)
    lines = list(losses(evidence, told, tallies(told, LAST), LAST))
    assert [(line.group, line.of) for line in lines] == list(groups)
    for line in lines:
        name, loans = groups[line.group, line.of]
        wanted = lost_by(told, loans)
        assert line.name == name
        assert {one: getattr(line, one) for one in wanted} == wanted


@SOME
@given(reports(), st.sampled_from(list(quarters(FIRST, LAST))))
def test_who_began_in_a_quarter_is_who_first_drew_in_it(told: list[Reported], upto: Quarter) -> None:
    first = {one.loan: one for one in reversed(told) if one.drawn}
    begun = {loan: one for loan, one in first.items() if one.quarter <= upto}
    last = {one.loan: one for one in told}
    *lines, together = first_time(told[::-1], upto)
    assert [line.quarter for line in lines] == sorted({str(one.quarter) for one in begun.values()})
    before: set[str] = set()
    for line in (*lines, together):
        some = {loan for loan, one in begun.items() if line.quarter in {str(one.quarter), "all"}}
        bodies = {last[loan].organisation for loan in some}
        said = {loan for loan in some if last[loan].first_time in {"yes", "no"}}
        drawn, known = (Money.total(begun[loan].drawn for loan in these) for these in (some, said))
        new = bodies if line is together else bodies - before
        before |= bodies
        assert (line.borrowers, line.new_borrowers, line.new_loans) == (len(bodies), len(new), len(some))
        assert line.said_first == sum(last[loan].first_time == "yes" for loan in some)
        assert line.said_not == sum(last[loan].first_time == "no" for loan in some)
        assert line.said_nothing == len(some) - len(said)
        assert (line.drawn, line.coverage.of_money, line.coverage.known_money) == (drawn, drawn, known)
        assert (line.coverage.known, line.coverage.of) == (len(said), len(some))


@SOME
@given(reports())
def test_the_cohorts_make_the_whole_and_every_body_is_new_once(told: list[Reported]) -> None:
    whole = tallies(told, LAST)
    end = at_the_end_of(whole, LAST).standing()
    began = {one.loan for one in told if one.drawn}
    assert end.loans == len(began)
    assert end.drawn == Money.total(one.drawn for one in told if one.loan in began)
    *by_quarter, together = first_time(told, LAST)
    assert sum(line.new_borrowers for line in by_quarter) == together.borrowers == end.borrowers
    assert sum(line.new_loans for line in by_quarter) == together.new_loans == end.loans
    assert all(line.said_first + line.said_not == line.coverage.known for line in (*by_quarter, together))


@given(st.lists(st.integers(0, 10_000), min_size=2, max_size=30))
def test_quartiles_are_those_of_the_standard_library(pence: list[int]) -> None:
    cuts = statistics.quantiles([Fraction(one) for one in pence], n=4, method="inclusive")
    for place, cut in enumerate(cuts, start=1):
        assert quantile(map(Money, pence), Fraction(place, 4)) == Money.round_half_up(Fraction(cut))


def test_a_quarter_is_whole_on_its_last_day() -> None:
    assert last_whole_quarter(date(2012, 6, 30)) == Quarter(2012, 2)
    assert last_whole_quarter(date(2012, 6, 29)) == Quarter(2012, 1)


def test_no_more_is_withheld_than_must_be() -> None:
    def row(key: str, *bodies: str) -> Cell:
        return Cell(key, frozenset(bodies))

    enough = [row("a", *"abc"), row("b", *"def"), row("c", *"ghij")]
    assert withheld(Cell.over("all", *enough), 3) == set()
    assert withheld(Cell.over("all", *enough, row("d", "k")), 3) == {"a", "d"}
    assert withheld(Cell.over("all", *enough, row("d", "k"), row("e", "l", "m")), 3) == {"d", "e"}
    assert withheld(Cell.over("all", *enough, row("nobody")), 3) == set()
    assert withheld(Cell.over("all", row("a", "a"), row("b", "b")), 3) == {"all", "a", "b"}
    assert all(withheld(Cell.over("all", *some), 4) for some in combinations(enough, 2))


@pytest.fixture(scope="module")
def lived(run_of_tests: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Institution, Known]]:
    """One institution for all these tests, and what was known after its second quarter."""
    with institution.lived("sqlite", run_of_tests, tmp_path_factory.mktemp("onward"), 2) as bank:
        with bank.database.reading() as session:
            after_second = queries.known(session)
        institution.third_quarter(bank)
        yield str(bank.database.engine.url), bank, after_second


@pytest.fixture
def session(lived: tuple[str, Institution, Known]) -> Iterator[ReadSession]:
    with lived[1].database.reading() as opened:
        yield opened


@pytest.fixture
def record(session: ReadSession) -> OnwardRecord:
    return onward(session, as_at=Q3.ends_on)


def test_the_curves_end_in_the_balances_of_the_books(session: ReadSession, record: OnwardRecord) -> None:
    for quarter in (Q1, Q2, Q3):
        books = Money(sum(Knowledge(session, queries.known(session)).principal(quarter.ends_on).values()))
        lines = [line for line in record.vintages if line.quarter == quarter]
        assert Money.total(line.outstanding for line in lines) == books
    sheet = {one.code: one.value for one in figures(session, as_at=Q3.ends_on).figures}
    (whole,) = (line for line in record.losses if line.group == "all")
    assert (whole.drawn, whole.outstanding) == (sheet["lent"], sheet["outstanding"])
    assert (whole.written_off, whole.recovered) == (sheet["onward_written_off"], sheet["onward_recovered"])
    assert sheet["onward_loss_rate"] == Fraction(40_000_00, 208_333_36)
    assert sheet["onward_recovery_rate"] == Fraction(1_500_00, 40_000_00)
    assert (whole.written_off_share, whole.recovered_share) == (Decimal("0.192000"), Decimal("0.037500"))
    (thirty, ninety) = record.risk
    assert Fraction(thirty.at_risk.pence, thirty.outstanding.pence) == sheet["at_risk_30"]
    assert Fraction(ninety.with_restructured.pence, ninety.outstanding.pence) == sheet["at_risk_90_restructured"]
    assert Money.total(line.outstanding for line in record.arrears) == sheet["outstanding"]


def test_the_course_of_arrears_is_at_each_quarters_end_what_the_loans_then_were(
    lived: tuple[str, Institution, Known], session: ReadSession
) -> None:
    seen = set[str]()
    for known in (lived[2], queries.known(session)):
        evidence = evidence_at(session, Q3.ends_on, known)
        history = {one.quarter: one.amounts for one in arrears(evidence).history}
        assert {Q1, Q2, Q3} <= set(history)
        for quarter, amounts in history.items():
            sums = dict.fromkeys(BUCKETS, NOTHING)
            for loan in portfolio(session, quarter.ends_on, known):
                sums[BANDS[bucket_of(loan.days_past_due)]] += loan.outstanding.ours
            assert dict(zip(BUCKETS, amounts, strict=True)) == sums
            seen |= {band for band, amount in sums.items() if amount}
    assert len(seen) > 1


def test_a_loan_late_once_is_late_no_more_when_its_next_report_says_so(database: Database, clock: SetClock) -> None:
    house, said = House.opened(database, clock), lending.loan
    left = {"principal_outstanding": "10.00"}
    lent_ = {"drawn": "10.00", **left}
    late: dict[str, Any] = {"status": "in-arrears", "days_past_due": "45", "arrears_principal": "1.00"}
    house.accepted(said("A", **lent_, **late), said("B", **lent_), said("C", **lent_), quarter=lending.Q3)
    house.accepted(said("A", **left), said("B", **left, **late), said("C", **left), quarter=lending.Q4)
    with database.reading() as session:
        knowledge = Knowledge(session, queries.known(session))
        for quarter, told in ((lending.Q3, {"A": 45, "B": 0, "C": 0}), (lending.Q4, {"A": 0, "B": 45, "C": 0})):
            found, states = knowledge.days_past_due(quarter.ends_on), portfolio(session, quarter.ends_on)
            assert {state.loan_ref: state.days_past_due for state in states} == told
            assert {state.loan_ref: found.get(state.id, 0) for state in states} == told


def test_losses_are_told_in_all_by_lender_and_by_year_and_of_the_year_to_its_mean(record: OnwardRecord) -> None:
    told = {(line.group, line.name): line for line in record.losses}
    assert set(told) == {
        ("all", "All onward loans"),
        ("intermediary", HARBOUR),
        ("intermediary", HILL),
        ("year", "First drawn in 2012"),
    }
    harbour = told["intermediary", HARBOUR]
    assert harbour.year_written_off == pounds("40000.00")
    # Outstanding before the year and at the ends of its four quarters: nothing was lent before 2012.
    ends = [NOTHING, NOTHING, pounds("140000.06"), pounds("166666.69"), pounds("126666.69")]
    mean = Fraction(sum(one.pence for one in ends), 5)
    assert harbour.year_share == share(pounds("40000.00"), Money.round_half_up(mean))
    assert (harbour.net_loss_share, told["intermediary", HILL].recovered_share) == (Decimal("0.222115"), None)


def test_a_body_under_two_lenders_is_new_once(record: OnwardRecord) -> None:
    (first, together) = record.first_time
    assert (first.new_loans, first.borrowers, first.new_borrowers) == (5, 4, 4)
    assert (together.said_first, together.said_not, together.said_nothing) == (1, 2, 2)
    assert (together.coverage.known, together.coverage.of_money) == (3, pounds("175000.06"))


def test_every_line_says_in_words_what_it_rests_on(record: OnwardRecord) -> None:
    assert [line.rests_on for line in record.risk] == ["2 of 4 loans, 79.3% of £"] * 2
    assert [line.rests_on for line in record.first_time] == ["3 of 5 loans, 62.9% of £"] * 2
    told = {line.code: line.rests_on for line in record.sizes}
    assert (told["agreed"], told["staff"]) == ("5 of 5 loans, 100.0% of £", "0 of 5 loans, 0.0% of £")
    assert record.arrears[1].rests_on == "0 of 0 loans"


def test_sizes_say_over_how_many_they_are_told(session: ReadSession, record: OnwardRecord) -> None:
    told = {line.code: line for line in record.sizes}
    agreed, turnover, staff = told["agreed"], told["turnover"], told["staff"]
    assert [str(one) for one in (agreed.least, agreed.lower_quartile, agreed.median)] == [
        "15000.00",
        "20000.00",
        "40000.00",
    ]
    assert [str(one) for one in (agreed.upper_quartile, agreed.greatest)] == ["100000.00", "250000.33"]
    assert (turnover.median, turnover.coverage.known, turnover.coverage.of) == (Decimal("135000.00"), 2, 5)
    assert (staff.median, staff.total, staff.coverage.known) == (None, None, 0)
    sheet = {one.code: one.value for one in figures(session, as_at=Q3.ends_on).figures}
    assert (sheet["loan_lower_quartile"], sheet["median_loan"]) == (pounds("20000.00"), pounds("40000.00"))
    assert (sheet["loan_upper_quartile"], sheet["first_borrowers"]) == (pounds("100000.00"), 1)


def test_curves_are_as_known_then(lived: tuple[str, Institution, Known], session: ReadSession) -> None:
    before = onward(session, as_at=Q2.ends_on, at=lived[2]).vintages
    after = onward(session, as_at=Q2.ends_on).vintages
    assert [str(line.outstanding) for line in before] == ["175000.06", "201333.36"]
    assert [str(line.outstanding) for line in after] == ["175000.06", "199666.69"]
    assert before == onward(session, as_at=Q3.starts_on, at=lived[2]).vintages


def test_what_is_published_of_few_borrowers_is_nothing(session: ReadSession) -> None:
    found = published(evidence_at(session, Q3.ends_on), 5)
    for name in ("risk", "arrears", "losses", "vintages"):
        for row in found.tables[name]:
            shown = {column for column, value in row.items() if value is not None}
            assert row["withheld"] == "yes" or row.get("loans") == 0 or row["outstanding"] == "0.00", row
            assert row["withheld"] != "yes" or not shown & {"drawn", "outstanding", "at_risk", "loans"}
    assert all(row["median"] is None for row in found.tables["sizes"])


def test_what_is_published_is_the_record_where_it_may_be(session: ReadSession, record: OnwardRecord) -> None:
    open_ = published(evidence_at(session, Q3.ends_on), 0)
    assert {row["withheld"] for name in open_.tables if name != "first_time" for row in open_.tables[name]} == {"no"}
    assert [row["outstanding"] for row in open_.tables["vintages"]] == [str(one.outstanding) for one in record.vintages]
    some = published(evidence_at(session, Q3.ends_on), 2)
    whole, hill = (next(row for row in some.tables["losses"] if row["name"] == name) for name in (_ALL, HILL))
    # One borrower's loss is told neither by itself nor by what it leaves of the rest; and one borrower alone has drawn
    # since the first quarter, so that the two quarters together would tell how much.
    assert [row["drawn"] for row in some.tables["vintages"]] == ["175000.06", None, None]
    assert (whole["drawn"], whole["withheld"], hill["withheld"]) == (None, "yes", "yes")
    assert {row["outstanding"] for name in ("risk", "arrears") for row in some.tables[name]} == {None}


_ALL = "All onward loans"


def test_the_public_record_is_written_as_files(
    lived: tuple[str, Institution, Known],
    session: ReadSession,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    url = lived[0]
    words = ["figure", "publish", "2012Q3", "--out", str(tmp_path / "open")]
    monkeypatch.setenv("BANK_FEWEST_SHOWN", "2")
    monkeypatch.setattr(sys, "argv", ["bank", "--database", url, *words])
    with pytest.raises(SystemExit):
        main()
    written = {Path(line).name: Path(line).read_bytes() for line in capsys.readouterr().out.split()}
    wanted = published(evidence_at(session, Q3.ends_on), 2)
    whole = json.loads(written["loan-performance-2012Q3.json"])
    assert set(written) == set(as_files(wanted))
    assert whole["tables"] == json.loads(wanted.model_dump_json())["tables"]
    rows = list(csv.DictReader(io.StringIO(written["loan-performance-2012Q3-vintages.csv"].decode())))
    assert [row["outstanding"] for row in rows] == ["175000.06", "", ""]
    assert "Dockside" not in written["loan-performance-2012Q3.json"].decode()
