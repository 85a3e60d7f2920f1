"""Every figure worked out a second way: from the journal folded slowly, from the rooms, or by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import event

from bank.allocations.queries import all_facilities
from bank.capital.queries import paid_in
from bank.figures import borrowers
from bank.figures.books import PARTNERS, Selection
from bank.figures.borrowers import answers, indicators, of_borrowers, people_reached, rounded_sum
from bank.figures.course import arrears, series
from bank.figures.evidence import Evidence, Knowledge
from bank.figures.money import FOLDS
from bank.figures.onward import sizes
from bank.figures.queries import NoSuchFigure, breakdown, breakdowns, definitions, evidence_at, figure, figures
from bank.figures.registry import REGISTRY
from bank.inflows.queries import position
from bank.treasury.queries import headroom
from intermediaries.loans.queries import portfolio
from intermediaries.loans.views import OPTIONAL, Lent
from ledger import queries
from ledger.balances import within
from ledger.dates import Quarter, SetClock
from ledger.entries import Recorded
from ledger.identifiers import CountedIdentifiers
from ledger.money import NOTHING, Money
from ledger.queries import Known, Line
from ledger.store.database import Database, ReadSession
from reports.figures import Coverage
from tests import databases
from tests.bank import institution
from tests.bank.institution import HARBOUR, Q1, Q2, Q3, Institution, pounds
from tests.intermediaries.lending import in_short


@dataclass
class Told:
    """The institution after its third quarter, and what was known after each quarter's close."""

    bank: Institution
    after_first: Known
    after_second: Known

    @property
    def database(self) -> Database:
        """Where it is."""
        return self.bank.database


def known_now(database: Database) -> Known:
    with database.reading() as session:
        return queries.known(session)


def live_through(database: Database, clock: SetClock) -> Told:
    bank = institution.open_for_business(database, clock)
    institution.first_quarter(bank)
    after_first = known_now(database)
    institution.second_quarter(bank)
    after_second = known_now(database)
    institution.third_quarter(bank)
    return Told(bank, after_first, after_second)


@pytest.fixture(scope="module")
def told(run_of_tests: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """One institution for all these tests: they only look at it."""
    clock = SetClock(databases.OPENING)
    with databases.prepared("sqlite", run_of_tests, tmp_path_factory.mktemp("figures")) as url:
        database = Database.open(
            url, clock=clock, identifiers=CountedIdentifiers("figures"), compiled=databases.COMPILED
        )
        yield live_through(database, clock)
        database.close()


@pytest.fixture
def session(told: Told) -> Iterator[ReadSession]:
    with told.database.reading() as opened:
        yield opened


@pytest.fixture
def evidence(session: ReadSession) -> Evidence:
    return evidence_at(session, Q3.ends_on)


@pytest.fixture(scope="module")
def journal(told: Told) -> list[Recorded]:
    """Every entry, as it is exported."""
    with told.database.reading() as session:
        return queries.entries(session, limit=10_000)


def by_hand(
    entries: Iterable[Recorded], selection: Selection, books: Iterable[str], until: date, known_seq: int
) -> Money:
    """What a selection means, worked out entry by entry from the journal as it is exported."""
    entries = list(entries)
    undone = {one.seq: one for one in entries}
    total = 0
    for one in entries:
        entry = one.entry
        if entry.book not in set(books) or entry.effective_on > until or one.seq > known_seq:
            continue
        kind = entry.kind if entry.reverses is None else undone[entry.reverses].entry.kind
        if (selection.kinds and kind not in selection.kinds) or kind in selection.but:
            continue
        for posting in entry.postings:
            forward = (posting.amount > NOTHING) == (entry.reverses is None)
            on_its_side = forward == (selection.sign > 0)
            if any(within(code, posting.account) for code in selection.accounts) and (
                on_its_side or not selection.one_way
            ):
                total += posting.amount.pence * selection.sign
    return Money(total)


@pytest.mark.parametrize("code", FOLDS)
@pytest.mark.parametrize("quarter", [Q1, Q2, Q3], ids=str)
def test_a_figure_of_the_ledger_is_what_the_journal_folded_by_hand_gives(
    told: Told, session: ReadSession, journal: list[Recorded], code: str, quarter: Quarter
) -> None:
    selection, _ = FOLDS[code]
    for known in (told.after_second, queries.known(session)):
        evidence = Evidence(Knowledge(session, known), quarter.ends_on)
        found = REGISTRY[code].work_out(evidence)
        books = evidence.books.partners if selection.book == PARTNERS else (selection.book,)
        told_by_hand = by_hand(journal, selection, books, quarter.ends_on, known.seq)
        assert found.value == told_by_hand
        assert found.movement.closing == told_by_hand
        assert found.opening == by_hand(journal, selection, books, quarter.previous.ends_on, known.seq)


@pytest.mark.parametrize("code", [code for code, (one, _) in FOLDS.items() if not (one.kinds or one.but)])
def test_a_trustee_can_add_a_figure_up_from_its_provenance_alone(
    session: ReadSession, journal: list[Recorded], code: str
) -> None:
    """The book, the accounts, the runs of entries and the day: nothing else is needed but the journal."""
    found = figure(session, code, as_at=Q3.ends_on, limit=1000).figure
    source, sign = found.provenance, FOLDS[code][0].sign
    named = {seq for first, last in source.entries for seq in range(first, last + 1)}
    books = evidence_at(session, Q3.ends_on).books.partners if source.book == PARTNERS else (source.book,)
    entries = [
        one
        for one in journal
        if one.seq in named and one.entry.book in books and one.entry.effective_on <= source.as_at
    ]
    amounts = [
        posting.amount
        for one in entries
        for posting in one.entry.postings
        if any(within(account, posting.account) for account in source.accounts)
    ]
    assert Money(sign * Money.total(amounts).pence) == found.value
    assert source.entry_count <= len(named)
    assert source.known_seq == queries.known(session).seq


@pytest.mark.parametrize("code", FOLDS)
def test_the_postings_listed_under_a_figure_add_up_to_it(session: ReadSession, code: str) -> None:
    found = figure(session, code, as_at=Q3.ends_on, limit=1000)
    assert found.next_after is None
    total = Money.total(line.amount for line in found.lines)
    assert found.figure.value == (total if FOLDS[code][0].sign > 0 else -total)


def test_headroom_can_be_reckoned_from_the_postings_listed_under_it(session: ReadSession) -> None:
    lines = figure(session, "headroom", as_at=Q3.ends_on, limit=1000).lines

    def on(*accounts: str) -> Money:
        return Money.total(line.amount for line in lines if any(within(code, line.account) for code in accounts))

    reserve = (-on("3000", "3010")).times(Decimal("0.1"))
    assert on("1000") - reserve - on("9100") == headroom(session, Q3.ends_on).headroom


def test_a_share_at_risk_lists_the_principal_it_is_a_share_of(session: ReadSession) -> None:
    found = figure(session, "at_risk_30", as_at=Q3.ends_on, limit=1000)
    owed = figure(session, "outstanding", as_at=Q3.ends_on).figure.value
    assert Money.total(line.amount for line in found.lines) == owed
    assert found.figure.provenance.returns


def test_dormant_money_is_what_its_own_room_says(session: ReadSession) -> None:
    sheet = {one.code: one.value for one in figures(session, as_at=Q3.ends_on).figures}
    room = position(session, as_at=Q3.ends_on)
    assert sheet["received"] == room.received == pounds("50000000.01")
    assert sheet["reclaimed"] == room.reclaimed == pounds("121234.56")
    assert sheet["reserved"] == room.provision
    assert sheet["whole_balances"] == room.obligation
    assert sheet["distributed"] == room.distributed
    assert sheet["england_held"] == room.held.england
    assert sheet["trust"] == room.paid_to_trust
    nations = ("england", "wales", "scotland", "northern_ireland")
    shares = [value for code in nations if isinstance(value := sheet[code], Money)]
    assert Money.total(shares) == room.apportioned == room.distributed - room.expenses
    assert sheet["accounts"] == 700
    assert sheet["reserve_rate"] == Decimal("0.6")


def test_capital_and_headroom_are_what_their_own_rooms_say(session: ReadSession) -> None:
    sheet = {one.code: one.value for one in figures(session, as_at=Q3.ends_on).figures}
    capital, room = paid_in(session, Q3.ends_on), headroom(session, Q3.ends_on)
    assert (sheet["a_shares"], sheet["b_shares"]) == (capital.a_shares, capital.b_shares)
    assert sheet["bank_reserve"] == capital.total.times(Decimal("0.1")) == pounds("1700000.00")
    cash, undrawn = sheet["cash"], sheet["undrawn"]
    assert isinstance(cash, Money)
    assert isinstance(undrawn, Money)
    assert sheet["headroom"] == room.headroom == cash - pounds("1700000.00") - undrawn
    assert sheet["undrawn_commitments"] == undrawn


def test_the_stages_of_wholesale_money_are_what_the_facilities_say(session: ReadSession) -> None:
    sheet = {one.code: one.value for one in figures(session, as_at=Q3.ends_on).figures}
    each = [view.figures for view in all_facilities(session, as_at=Q3.ends_on)]
    for code, name in {
        "in_principle": "approved_in_principle",
        "awaiting_signature": "awaiting_signature",
        "signed": "signed",
        "drawn": "drawn",
        "undrawn": "undrawn",
        "repaid": "repaid_principal",
        "owed": "outstanding",
        "interest_accrued": "interest_accrued",
        "repaid_interest": "interest_received",
        "interest_due": "interest_due",
        "written_off": "written_off",
        "interest_written_off": "interest_written_off",
        "bank_recovered": "recovered",
        "co_signed": "co_investor_signed",
        "co_drawn": "co_investor_drawn",
        "signed_with_match": "signed_with_match",
        "drawn_with_match": "drawn_with_match",
    }.items():
        assert sheet[code] == Money.total(getattr(one, name) for one in each), code
    assert sheet["drawn"] == pounds("650000.00")
    assert sheet["drawn_with_match"] == pounds("850000.00")


@pytest.mark.parametrize("quarter", [Q1, Q2, Q3], ids=str)
def test_onward_lending_is_what_the_loans_reports_say(told: Told, session: ReadSession, quarter: Quarter) -> None:
    for known in (told.after_second, queries.known(session)):
        sheet = {one.code: one.value for one in figures(session, as_at=quarter.ends_on, at=known).figures}
        states = portfolio(session, quarter.ends_on, known)
        assert evidence_at(session, quarter.ends_on, known).states == list(map(in_short, states))
        assert sheet["lent"] == Money.total(state.drawn.ours for state in states)
        assert sheet["co_invested"] == Money.total(state.drawn.others for state in states)
        assert sheet["outstanding"] == Money.total(
            state.drawn.ours - state.repaid.ours - state.written_off.ours for state in states
        )
        assert sheet["co_outstanding"] == Money.total(state.outstanding.others for state in states)
        assert sheet["onward_written_off"] == Money.total(state.written_off.ours for state in states)
        assert sheet["onward_recovered"] == Money.total(state.recovered.ours for state in states)
        assert sheet["borrower_interest"] == Money.total(state.interest.ours for state in states)
        assert sheet["loans"] == len(states)


def test_what_moved_in_the_quarter_is_what_its_returns_say(told: Told, session: ReadSession) -> None:
    outstanding = figure(session, "outstanding", as_at=Q2.ends_on, at=told.after_second).figure
    assert (outstanding.added, outstanding.taken) == (pounds("33333.30"), pounds("7000.00"))
    corrected = figure(session, "outstanding", as_at=Q2.ends_on).figure
    assert (corrected.added, corrected.taken) == (pounds("33333.30"), pounds("8666.67"))


def test_an_organisation_met_by_two_lenders_is_counted_once(evidence: Evidence) -> None:
    assert REGISTRY["loans"].work_out(evidence).value == 5
    assert REGISTRY["organisations"].work_out(evidence).value == 4


def test_places_are_counted_over_the_loans_whose_place_is_matched(evidence: Evidence) -> None:
    found = REGISTRY["places"].work_out(evidence)
    assert found.value == 3
    assert found.coverage == Coverage(
        known=4, of=5, known_money=pounds("193333.36"), of_money=pounds("208333.36"), what="loans"
    )


def test_risk_takes_the_whole_balance_of_a_late_loan(told: Told, session: ReadSession) -> None:
    """Harbour's second loan was 45 days behind as first told, and 95 as corrected; Hill's second 31 days."""
    then = Evidence(Knowledge(session, told.after_second), Q2.ends_on)
    ours = pounds("45000.00") + pounds("40000.00") + pounds("83333.36") + pounds("18000.00") + pounds("15000.00")
    late, changed = pounds("55000.00"), pounds("45000.00")
    assert REGISTRY["at_risk_30"].work_out(then).value == Fraction(late.pence, ours.pence)
    assert REGISTRY["at_risk_30_restructured"].work_out(then).value == Fraction((late + changed).pence, ours.pence)
    assert REGISTRY["at_risk_90"].work_out(then).value == Fraction(0)
    now = evidence_at(session, Q2.ends_on)
    corrected = ours - pounds("1666.67")
    assert REGISTRY["at_risk_90"].work_out(now).value == Fraction(pounds("40000.00").pence, corrected.pence)


def test_nothing_is_at_risk_before_anything_is_lent(session: ReadSession) -> None:
    before = evidence_at(session, date(2011, 12, 31))
    assert REGISTRY["at_risk_30"].work_out(before).value is None
    assert REGISTRY["lent"].work_out(before).value == NOTHING
    assert all(not one.slices for one in breakdowns(session, as_at=date(2011, 12, 31)))


def test_arrears_stand_under_their_bands_at_every_quarters_end(evidence: Evidence) -> None:
    found = arrears(evidence)
    assert [(one.code, one.loans, str(one.outstanding), str(one.restructured)) for one in found.buckets] == [
        ("current", 3, "144666.69", "45000.00"),
        ("1-30", 0, "0.00", "0.00"),
        ("31-60", 1, "15000.00", "0.00"),
        ("61-90", 0, "0.00", "0.00"),
        ("over-90", 0, "0.00", "0.00"),
    ]
    assert [str(Money.total(one.amounts)) for one in found.history] == [
        str(REGISTRY["outstanding"].work_out(Evidence(evidence.knowledge, quarter.ends_on)).value)
        for quarter in (Q1, Q2, Q3)
    ]
    assert str(found.history[1].amounts[4]) == "40000.00"
    assert found.coverage == Coverage(
        known=2, of=4, known_money=pounds("126666.69"), of_money=pounds("159666.69"), what="loans"
    )


def test_a_series_shows_each_quarters_own_closing(evidence: Evidence) -> None:
    for code in ("received", "signed", "drawn", "lent", "outstanding"):
        points = series(evidence, code).points
        assert [point.quarter for point in points] == [Q1, Q2, Q3]
        for point in points:
            then = Evidence(evidence.knowledge, point.quarter.ends_on)
            assert point.value == REGISTRY[code].work_out(then).value


def test_every_breakdown_adds_up_to_all_that_was_lent(session: ReadSession, evidence: Evidence) -> None:
    lent, others = (REGISTRY[code].work_out(evidence).value for code in ("lent", "co_invested"))
    whole = [one for one in breakdowns(session, as_at=Q3.ends_on) if not one.nation]
    assert len(whole) == 11
    for one in whole:
        assert Money.total(part.ours for part in one.slices) == lent
        assert Money.total(part.others for part in one.slices) == others
        assert sum(part.loans for part in one.slices) == one.coverage.of
        known = [part for part in one.slices if part.kind == "known" and part.code != "not-known"]
        assert sum(part.loans for part in known) == one.coverage.known


def test_a_place_that_no_table_knows_has_a_row_of_its_own(session: ReadSession) -> None:
    slices = {part.code: part for part in breakdown(session, "region", as_at=Q3.ends_on).slices}
    assert (slices["unmatched"].loans, slices["unmatched"].ours) == (1, pounds("15000.00"))
    assert (slices["E12000002"].loans, slices["W92000004"].loans, slices["S92000003"].loans) == (2, 1, 1)


def test_deprivation_is_told_nation_by_nation_with_its_edition_and_what_is_missing(session: ReadSession) -> None:
    found = {one.nation: one for one in breakdowns(session, as_at=Q3.ends_on) if one.nation}
    assert list(found) == ["England", "Wales", "Scotland"]
    english = {part.code: part.loans for part in found["England"].slices}
    assert found["England"].edition == "England IMD 2010"
    assert (english["4"], english["unavailable"], english["unmatched"]) == (1, 1, 1)
    assert (found["England"].coverage.known, found["England"].coverage.of) == (1, 3)
    assert found["Wales"].edition == "No index held"
    assert {part.code: part.loans for part in found["Wales"].slices}["unavailable"] == 1


def test_answers_not_known_not_applicable_and_blank_are_three_things(evidence: Evidence) -> None:
    turnover = next(line for line in answers(evidence) if line.field == "turnover")
    assert (turnover.answered, turnover.not_known, turnover.not_applicable, turnover.blank) == (2, 1, 1, 1)
    found = REGISTRY["median_turnover"].work_out(evidence)
    assert found.value == pounds("135000.00")
    assert found.coverage is not None
    assert (found.coverage.known, found.coverage.of) == (2, 5)
    assert REGISTRY["first_time"].work_out(evidence).value == Fraction(1, 3)
    assert REGISTRY["grant"].work_out(evidence).value is None


def test_a_borrower_of_three_loans_has_one_turnover_the_last_and_of_two_the_larger(session: ReadSession) -> None:
    """A body of two loans told of in one quarter and of one told of earlier, beside two of one loan each."""
    told = evidence_at(session, Q3.ends_on)
    one = next(state for state in told.states if state.drawn_in_all)
    given = _Given(
        [
            one._replace(
                id=f"loan_{number}",
                organisation=body,
                quarter=quarter,
                answers=tuple(said if name == "turnover" else "" for name in OPTIONAL),
            )
            for number, (body, quarter, said) in enumerate(
                (("a", Q3, "70.00"), ("a", Q2, "900.00"), ("a", Q3, "80.00"), ("b", Q3, "60.00"), ("c", Q2, "100.00")),
            )
        ],
        told,
    )
    assert of_borrowers(given.drawn, "turnover") == {"a": Decimal(80), "b": Decimal(60), "c": Decimal(100)}
    found = REGISTRY["median_turnover"].work_out(given)
    assert found.value == pounds("80.00")
    assert found.coverage is not None
    assert (found.coverage.known, found.coverage.of) == (5, 5)
    line = next(one for one in sizes(given.states) if one.code == "turnover")
    assert (line.least, line.median, line.total) == (Decimal("60.00"), Decimal("80.00"), Decimal("240.00"))
    assert (line.coverage.known, line.coverage.of) == (5, 5)


def test_sizes_are_of_the_whole_loan_and_a_first_time_borrower_of_two_loans_is_one(session: ReadSession) -> None:
    """Recounted from the loans, of which one body has two that are its first and of which we have a part only."""
    told = evidence_at(session, Q3.ends_on)
    drawn = [one for one in told.states if one.drawn_in_all]
    body = drawn[0].organisation
    states = [
        one._replace(
            organisation=body if number < 2 else one.organisation,
            answers=tuple(
                said if name != "first_time_borrower" else "yes" if number < 3 else "no"
                for name, said in zip(OPTIONAL, one.answers, strict=True)
            ),
            amount_committed=Money(1_000_001 * (number + 1)),
        )
        for number, one in enumerate(drawn)
    ]
    given = _Given(states, told)
    assert len(states) == 5
    found = {
        code: REGISTRY[code].work_out(given).value
        for code in ("first_borrowers", "first_time", "median_loan", "loan_lower_quartile", "loan_upper_quartile")
    }
    assert found == {
        "first_borrowers": 2,
        "first_time": Fraction(3, 5),
        "median_loan": Money(3_000_003),
        "loan_lower_quartile": Money(2_000_002),
        "loan_upper_quartile": Money(4_000_004),
    }


class _Given(Evidence):
    """Evidence whose loans are given."""

    def __init__(self, states: list[Lent], like: Evidence) -> None:
        super().__init__(like.knowledge, like.as_at)
        self._given = states

    @property
    def states(self) -> list[Lent]:
        """The loans as given."""
        return self._given


def test_people_and_households_are_never_added(evidence: Evidence) -> None:
    lines = [(one.label, one.unit, one.people, one.coverage.known, one.coverage.of) for one in people_reached(evidence)]
    assert lines == [
        ("Employment, training and education", "Different people, counted once for each loan", 120, 1, 2),
        ("Housing and local facilities", "Households", 60, 1, 1),
    ]
    assert [(one.coverage.known_money, one.coverage.of_money) for one in people_reached(evidence)] == [
        (pounds("50000.00"), pounds("70000.00")),
        (pounds("83333.36"), pounds("83333.36")),
    ]


def test_an_indicator_is_added_over_like_loans_alone(evidence: Evidence) -> None:
    (line,) = indicators(evidence)
    assert (line.indicator, line.loans, line.baseline, line.target, line.actual) == (
        "Places in training",
        1,
        Decimal(10),
        Decimal(40),
        Decimal(25),
    )
    assert line.unit == "places"
    assert line.evidence == (("studied", 0), ("checked", 0), ("recorded", 1), ("told", 0), ("not said", 0))
    assert (line.coverage.known, line.coverage.of, line.coverage.known_money) == (1, 2, pounds("50000.00"))


def test_returns_due_late_and_missing_are_counted_as_known_then(told: Told, session: ReadSession) -> None:
    def counted(quarter: Quarter, known: Known | None) -> list[object]:
        evidence = evidence_at(session, quarter.ends_on, known)
        codes = ("returns_due", "returns_received", "returns_late", "returns_missing")
        return [REGISTRY[code].work_out(evidence).value for code in codes]

    assert counted(Q2, told.after_second) == [2, 2, 1, 0]
    assert counted(Q3, None) == [2, 1, 0, 1]
    assert counted(Q1, told.after_first) == [2, 2, 0, 0]


def test_what_was_known_then_does_not_change_when_more_is_known(told: Told, session: ReadSession) -> None:
    """Golden figures of the second quarter as its first readers knew them, though it has been corrected since."""
    then = {one.code: one.value for one in figures(session, as_at=Q2.ends_on, at=told.after_second).figures}
    assert {code: str(then[code]) for code in ("lent", "outstanding", "overdue", "held_by_intermediaries", "owed")} == {
        "lent": "208333.36",
        "outstanding": "201333.36",
        "overdue": "2833.33",
        "held_by_intermediaries": "397019.97",
        "owed": "600000.00",
    }
    now = {one.code: str(one.value) for one in figures(session, as_at=Q2.ends_on).figures}
    assert now["outstanding"] == "199666.69"
    assert now["lent"] == str(then["lent"])


def test_figures_of_two_databases_of_one_history_are_the_same(told: Told, run_of_tests: Path, tmp_path: Path) -> None:
    clock = SetClock(databases.OPENING)
    with databases.prepared("postgresql", run_of_tests, tmp_path) as url:
        database = Database.open(
            url, clock=clock, identifiers=CountedIdentifiers("figures"), compiled=databases.COMPILED
        )
        live_through(database, clock)
        with database.reading() as other, told.database.reading() as session:
            assert figures(other, as_at=Q3.ends_on) == figures(session, as_at=Q3.ends_on)
            assert breakdowns(other, as_at=Q3.ends_on) == breakdowns(session, as_at=Q3.ends_on)
        database.close()


def test_all_figures_are_gathered_with_few_questions_however_many_loans(told: Told, session: ReadSession) -> None:
    asked: list[str] = []

    def count(connection: object, cursor: object, statement: str, *rest: object) -> None:
        del connection, cursor, rest
        asked.append(statement)

    event.listen(told.database.engine, "before_cursor_execute", count)
    try:
        figures(session, as_at=Q3.ends_on)
    finally:
        event.remove(told.database.engine, "before_cursor_execute", count)
    assert len(asked) < len(REGISTRY)


def test_every_figure_has_a_definition_a_title_and_a_formula(session: ReadSession) -> None:
    for one in figures(session, as_at=Q3.ends_on).figures:
        assert one.title
        assert one.definition.endswith(".")
        assert one.provenance.formula
    assert [one.code for one in definitions()] == list(REGISTRY)


def test_a_figure_nobody_defined_is_refused(session: ReadSession) -> None:
    with pytest.raises(NoSuchFigure, match="There is no figure 'happiness'"):
        figure(session, "happiness")
    with pytest.raises(NoSuchFigure, match="There is no breakdown"):
        breakdown(session, "happiness")


def test_postings_behind_a_figure_come_a_page_at_a_time(session: ReadSession) -> None:
    whole = figure(session, "outstanding", as_at=Q3.ends_on, limit=1000).lines
    paged: list[Line] = []
    after = 0
    while True:
        page = figure(session, "outstanding", as_at=Q3.ends_on, after=after, limit=3)
        paged += page.lines
        if page.next_after is None:
            break
        after = page.next_after
    assert {(line.seq, line.account, line.amount) for line in paged} == {
        (line.seq, line.account, line.amount) for line in whole
    }


def test_a_facilitys_own_part_is_what_its_room_says(told: Told, session: ReadSession) -> None:
    books = evidence_at(session, Q3.ends_on).books
    harbour = told.bank.facilities[HARBOUR]
    view = next(one for one in all_facilities(session, as_at=Q3.ends_on) if one.id == harbour)
    assert books.balance(FOLDS["owed"][0].below(harbour), Q3.ends_on) == view.figures.outstanding
    assert books.balance(FOLDS["signed"][0].below(harbour), Q3.ends_on) == view.figures.signed


@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(1, 50)), max_size=30))
@example([(1, 2)])
@example([(1, 3), (1, 6)])
@example([(1, 3), (1, 7), (1, 42)])
def test_a_sum_of_parts_is_rounded_once_as_its_exact_value_is(parts: list[tuple[int, int]]) -> None:
    assert rounded_sum(parts) == floor(sum((Fraction(*part) for part in parts), Fraction(1, 2)))


def test_many_parts_are_told_without_their_common_denominator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(borrowers, "Fraction", None)
    assert rounded_sum((1, 3) for _ in range(1_000)) == 333
