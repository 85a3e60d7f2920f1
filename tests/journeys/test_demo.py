"""The demonstration is the main job on real input: what it built is looked at, broken, carried away and built again."""

from __future__ import annotations

import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import pytest
import typer
from sqlalchemy import text

from bank.allocations.products.queries import position as held
from bank.allocations.products.registry import PRINCIPALS, PRODUCTS
from bank.allocations.queries import all_facilities
from bank.capital.queries import paid_in
from bank.cli import demo as door
from bank.cli.desk import interrupts_heeded
from bank.demo import building
from bank.demo.building import FolderTaken, build
from bank.demo.cast import PEOPLE
from bank.demo.play import DATABASE, Played, Progress, Step, play, play_books
from bank.inflows.claims.queries import claims, reclaims
from bank.inflows.queries import apportionments, inflows, position
from bank.people.queries import people
from bank.publishing.again.queries import made_again
from bank.publishing.floors.queries import disclosure_floors
from bank.publishing.model import StatementWithholding
from bank.publishing.queries import statement, statements
from bank.quarters.queries import quarter as quarter_shown
from bank.treasury.placements.queries import placements
from bank.treasury.queries import headroom
from bank.wiring import OPERATOR, open_prepared, prepare
from intermediaries.frontline.queries import count_held
from intermediaries.loans.queries import portfolio
from intermediaries.register.queries import intermediaries
from intermediaries.returns.breaks.queries import breaks
from intermediaries.returns.queries import corrections, lateness, returns
from intermediaries.returns.tying import ties
from ledger import exchange, queries
from ledger.dates import CALENDAR_ENDS, Quarter, quarters
from ledger.money import NOTHING, Money
from ledger.notes import VerifierKey
from ledger.store import confinement
from ledger.store.database import Database, ReadSession
from ledger.store.work import Desk
from ledger.verification import verify
from reports.heads import contradiction
from reports.typeset import pdf
from reports.verify import verify as verify_pdf

CLOSED = list(quarters(Quarter(2011, 4), Quarter(2013, 4)))


@contextmanager
def opened(database: Path) -> Iterator[Database]:
    found = open_prepared(f"sqlite:///{database}")
    yield found
    found.close()


@pytest.fixture
def copied(demo: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(demo / DATABASE, tmp_path / DATABASE))


@pytest.fixture
def books(copied: Path) -> Iterator[ReadSession]:
    """The demonstration's database, to look at."""
    with opened(copied) as database, database.reading() as session:
        yield session


def unheard(step: Step) -> None:
    """Nobody watches."""


def money(text: str) -> Money:
    return Money.parse(text)


def balances(session: ReadSession) -> list[dict[str, object]]:
    return [
        queries.trial_balance(session, book).model_dump(exclude={"known_at"}) for book in sorted(queries.books(session))
    ]


def test_in_every_book_debits_equal_credits(books: ReadSession) -> None:
    sums = [queries.trial_balance(books, book) for book in queries.books(books)]
    assert len(sums) == 4 + 9
    assert all(found.total_debit == found.total_credit > NOTHING for found in sums)


def test_every_linked_pair_agrees_and_every_return_ties(books: ReadSession) -> None:
    assert queries.pairs_that_disagree(books) == []
    found = [tie for quarter in CLOSED for tie in ties(books, quarter)]
    assert len(found) == 57
    assert [tie.return_id for tie in found if tie.unexplained] == []


def test_the_books_hold(books: ReadSession) -> None:
    verdict = verify(books)
    assert verdict.holds, verdict.fault
    assert verdict.entries > 2_000


def test_one_byte_of_one_amount_changed_below_the_triggers_is_found_at_that_entry(copied: Path) -> None:
    with opened(copied) as database:
        with database.engine.begin() as raw, confinement.lifted(raw):
            for (name,) in raw.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                raw.execute(text(f'DROP TRIGGER "{name}"'))
            fits = "SELECT min(seq) FROM posting WHERE seq >= 1000 AND leg = 1 AND amount > 0 AND amount & 256 = 0"
            seq = raw.scalar(text(fits))
            changed = text("UPDATE posting SET amount = amount | 256 WHERE seq = :seq AND leg = 1")
            assert raw.execute(changed, {"seq": seq}).rowcount == 1
        with database.reading() as session:
            verdict = verify(session)
    assert not verdict.holds
    assert verdict.seq == seq


def test_exported_and_imported_into_an_empty_database_it_is_the_same_journal(
    books: ReadSession, tmp_path: Path
) -> None:
    lines = [f"{line}\n".encode() for line in exchange.export(books)]
    other = Database.open(f"sqlite:///{tmp_path / 'other.db'}")
    prepare(other)
    exchange.import_journal(Desk(other, OPERATOR), exchange.read(lines), open_accounts=True)
    with other.reading() as session:
        assert queries.head(session) == queries.head(books)
        assert [line for book in balances(session) for line in _lines(book)] == [
            line for book in balances(books) for line in _lines(book)
        ]
        assert verify(session).holds
    other.close()


def _lines(book: dict[str, object]) -> Iterator[tuple[object, ...]]:
    accounts = book["accounts"]
    assert isinstance(accounts, tuple)
    for line in accounts:
        yield book["book"], line["code"], line["debit"], line["credit"]


def test_both_statements_of_every_quarter_lie_there_and_are_the_ones_filed(demo: Path, books: ReadSession) -> None:
    there = {path.name: path.read_bytes() for path in (demo / "statements").iterdir()}
    both = {f"{kind}-{quarter}.pdf" for quarter in CLOSED for kind in ("portfolio", "impact")}
    assert set(there) == {*both, "portfolio-2013Q4-public.pdf", "impact-2013Q4-public.pdf"}
    assert all(pages.startswith(b"%PDF-") for pages in there.values())
    for view in statements(books):
        filed = statement(books, view.id)
        assert filed.issued == there[filed.filename]
        assert view.sealed_sha256 == sha256(there[filed.filename]).hexdigest()
        assert view.known_at == view.published_at
        assert view.quarter.ends_on < view.known_at.date() < view.quarter.next.ends_on


def test_two_people_agreed_what_the_public_is_told_and_how_much_of_a_group_one_may_be(books: ReadSession) -> None:
    (floor,) = disclosure_floors(books)
    assert (floor.form, floor.fewest, floor.most_of_one, floor.state) == ("public", 5, Decimal("0.85"), "approved")
    assert floor.proposed_by != floor.approved_by
    first, second = statements(books, forms=["public"])
    assert books.get_one(StatementWithholding, second.id).held_against == [first.id]
    assert books.get_one(StatementWithholding, second.id).most_of_one == floor.most_of_one


def test_a_statement_holds_offline_and_is_made_again_to_the_byte(demo: Path, books: ReadSession) -> None:
    filed = next(view for view in statements(books, kind="portfolio") if view.quarter == Quarter(2012, 4))
    there = (demo / "statements" / "portfolio-2012Q4.pdf").read_bytes()
    verdict = verify_pdf(there)
    assert verdict.holds, verdict.faults
    assert verdict.seal_root == queries.head(books, queries.known(books, filed.known_seq)).root
    assert verdict.seal is not None
    assert verdict.seal.issued_by([(demo / "seal.pem").read_bytes()])
    assert verdict.books is not None
    assert verdict.books.signer == (demo / "checkpoint-key.txt").read_text().strip()
    assert pdf.render(made_again(books, filed.id)) == there[: verdict.seal.unsealed] == statement(books, filed.id).pdf


def test_every_statement_and_the_last_are_shown_to_be_of_one_history(demo: Path) -> None:
    key = VerifierKey.parse((demo / "checkpoint-key.txt").read_text())
    heads = [
        verify_pdf((demo / "statements" / f"impact-{quarter}.pdf").read_bytes(), keys=[key]).books
        for quarter in (CLOSED[0], CLOSED[4], CLOSED[-1])
    ]
    assert [contradiction(one, other) for one in heads for other in heads] == [""] * 9
    assert all(head is not None and head.given for head in heads)


def test_every_quarter_is_closed_for_good(books: ReadSession) -> None:
    assert [quarter_shown(books, quarter).state for quarter in CLOSED] == ["closed"] * 9


def test_a_quarter_was_closed_over_a_failed_lenders_silence_and_says_so(books: ReadSession) -> None:
    shown = quarter_shown(books, Quarter(2013, 3))
    assert len(shown.missing) == 1
    assert "cannot go on" in shown.missing_accepted


def test_at_least_eight_kinds_of_intermediary_lend_to_more_than_four_hundred_borrowers(books: ReadSession) -> None:
    lenders = intermediaries(books, viewer=OPERATOR).items
    assert len({lender.kind for lender in lenders}) >= 8
    assert all("(invented)" in lender.name for lender in lenders)
    assert count_held(books) >= 400
    states = portfolio(books, CLOSED[-1].ends_on)
    assert len({state.place.local_authority for state in states if state.place.local_authority}) > 100
    assert len({state.place.vanguard for state in states if state.place.vanguard}) == 4


def test_one_intermediary_failed_and_its_finance_was_partly_lost_and_partly_recovered(books: ReadSession) -> None:
    failed = [lender for lender in intermediaries(books, viewer=OPERATOR).items if lender.standing == "failed"]
    assert len(failed) == 1
    (facility,) = (one for one in all_facilities(books) if one.intermediary == failed[0].id)
    assert NOTHING < facility.figures.recovered < facility.figures.written_off


def test_onward_loans_were_late_restructured_lost_and_recovered(books: ReadSession) -> None:
    states = portfolio(books, CLOSED[-1].ends_on)
    assert any(state.days_past_due > 30 for state in states)
    assert any(state.restructured for state in states)
    assert any(state.written_off.ours for state in states)
    assert any(state.recovered.ours for state in states)


def test_one_return_was_late(books: ReadSession) -> None:
    late = [line for quarter in CLOSED for line in lateness(books, quarter) if line.status == "late"]
    assert (Quarter(2012, 4), 13) in {(line.quarter, line.days_late) for line in late}


def test_one_return_was_corrected_after_its_quarter_was_closed(books: ReadSession) -> None:
    told = [view.published_at for view in statements(books)]
    (corrected,) = corrections(books, min(told), max(told))
    assert corrected.quarter == Quarter(2013, 1)
    assert corrected.effective_on == date(2013, 4, 1)
    before = [
        view for view in statements(books, quarter=corrected.quarter) if view.published_at > corrected.accepted_at
    ]
    assert before == []


def test_one_return_came_broken_and_was_mended_the_same_day(books: ReadSession) -> None:
    filed = [view for view in returns(books, viewer=OPERATOR, quarter=Quarter(2012, 2), limit=100).items if view.errors]
    assert [view.state for view in filed] == ["superseded"]
    assert filed[0].errors == 6


def test_returns_came_in_all_three_formats(books: ReadSession) -> None:
    assert {view.format for view in returns(books, viewer=OPERATOR, limit=100).items} == {"csv", "xlsx", "json"}


def test_every_break_was_named_and_explained(books: ReadSession) -> None:
    found = breaks(books)
    assert {event.category for one in found for event in one.events if event.event == "explained"} == {
        "fees-and-costs",
        "timing",
        "own-money",
        "other",
    }
    assert {one.kind for one in found} == {"cash-short", "lent-over"}
    assert [one.id for one in found if one.remaining] == []


def test_own_and_co_investors_money_never_meet(books: ReadSession) -> None:
    """The bank's own is in the books to the penny; what others put beside it is noted, and in no book of the bank."""
    last, found = CLOSED[-1].ends_on, all_facilities(books, as_at=CLOSED[-1].ends_on)
    assert sum(one.figures.co_investor_drawn.pence for one in found) > 0
    assert Money.total(one.figures.outstanding for one in found) == Money.total(
        queries.balance_at(books, "bank", root, last) for root in PRINCIPALS
    )
    for own, code in (("ours", "1300"), ("others", "1390")):
        in_books = [queries.balance_at(books, one, code, last) for one in {view.intermediary for view in found}]
        states = portfolio(books, last)
        assert Money.total(in_books) == Money.total(getattr(state.outstanding, own) for state in states)
        assert Money.total(in_books) > NOTHING


def test_every_product_is_in_use_and_each_is_held_as_what_it_is(books: ReadSession) -> None:
    last = CLOSED[-1].ends_on
    shown = {one.product: held(books, one.id, as_at=last) for one in all_facilities(books, as_at=last)}
    assert set(shown) == set(PRODUCTS)
    assert {shown[code].value_is for code in ("fund-commitment", "equity", "property-fund-interest")} == {
        "told",
        "stale",
    }
    values = Money.total(shown[code].value for code in ("fund-commitment", "property-fund-interest"))
    carried = [queries.balance_at(books, "bank", root, last) for root in ("1301", "1302", "1303", "1304")]
    assert values == Money.total(carried)
    assert queries.balance_at(books, "bank", "9120", last) == money("326000.00")
    assert -queries.balance_at(books, "bank", "3300", last) == money("55000.00")
    assert queries.balance_at(books, "bank", "1010", last) == money("55000.00")


def test_england_has_its_published_amounts_and_its_share_by_the_order(books: ReadSession) -> None:
    by_year: dict[str, Money] = {}
    for line in apportionments(books, as_at=CALENDAR_ENDS):
        assert line.financial_year is not None
        assert abs(line.england.pence * 1000 - line.apportioned.pence * 839) < 1000
        assert line.england + line.wales + line.scotland + line.northern_ireland == line.apportioned
        by_year[line.financial_year] = by_year.get(line.financial_year, NOTHING) + line.england
    assert by_year["2011/12"] == money("39900000.00")
    assert by_year["2012/13"] == money("41600000.00")
    assert position(books).paid_to_trust == Money.total(by_year.values())
    paid = paid_in(books, date(2012, 12, 31))
    assert (paid.a_shares, paid.b_shares) == (money("71640000.00"), money("47760000.00"))


def test_one_claim_was_larger_than_what_was_transferred(books: ReadSession) -> None:
    received = {
        line.participant: line.amount for line in inflows(books, limit=100).items if line.scheme == "alternative"
    }
    paid = [line for line in reclaims(books) if line.participant in received]
    assert [line.principal > received[line.participant] and line.interest > NOTHING for line in paid] == [True]


def test_claims_were_notified_and_one_notice_still_waits(books: ReadSession) -> None:
    first, second = claims(books)
    assert [str(each) for each in (first.paid, first.rejected, first.unpaid)] == ["84390.60", "15751.50", "0.00"]
    assert second.unpaid == position(books).notified == money("149665.25")
    assert [line.paid for line in reclaims(books) if line.claim == first.id] == [first.paid]


def test_cash_that_waited_was_placed_and_the_gilt_came_to_its_nominal(books: ReadSession) -> None:
    told = {(each.book, each.sort): each for each in placements(books)}
    assert set(told) == {("reclaim-fund", "gilt"), ("reclaim-fund", "deposit"), ("bank", "deposit"), ("bank", "fund")}
    gilt = told["reclaim-fund", "gilt"]
    assert [str(each) for each in (gilt.amortised, gilt.received, gilt.gain, gilt.carried)] == [
        "140000.00",
        "100000.00",
        "0.00",
        "0.00",
    ]
    assert position(books).placed == told["reclaim-fund", "deposit"].carried == money("15000000.00")
    assert headroom(books).treasury == told["bank", "fund"].carried == money("4000000.00")


def test_everybody_at_the_bank_says_that_they_are_invented(books: ReadSession) -> None:
    found = people(books)
    assert len(found) == len(PEOPLE) + 9
    assert all(person.name.endswith("(invented)") for person in found)


def test_played_again_it_is_the_same_to_the_last_seal(books: ReadSession, tmp_path: Path) -> None:
    done: list[Step] = []
    again_here = tmp_path / "again"
    again_here.mkdir()
    play_books(again_here, done.append, until=Quarter(2012, 1))
    assert done[-1].done == done[-1].of
    with opened(again_here / DATABASE) as again, again.reading() as session:
        head = queries.head(session)
        assert head.seq > 50
        assert head == queries.head(books, queries.known(books, head.seq))


def test_what_it_tells_to_try_next_can_be_typed_as_it_stands(demo: Path, tmp_path: Path) -> None:
    printed = demo.with_name("printed").read_text()
    shutil.copytree(demo, tmp_path / "demo")
    lines = [line.strip() for line in printed.partition("To try next:\n")[2].splitlines()]
    ran = [
        subprocess.run(shlex.split(line), cwd=tmp_path, capture_output=True, text=True, check=False) for line in lines
    ]
    assert [done.returncode for done in ran] == [1, 0, 0, 0]
    assert len(re.findall(r"^Error in sheet Loans, ", ran[0].stdout, re.MULTILINE)) == 5
    assert re.search(r"debits ([0-9.]+) equal credits \1 over 13 books, 2\d{3} entries, head [0-9a-f]{16}…", printed)


def test_it_builds_nothing_where_something_is(demo: Path, tmp_path: Path) -> None:
    with pytest.raises(FolderTaken, match="holds a bank already"):
        build(demo, unheard)
    (tmp_path / "letter").write_text("Dear trustee")
    with pytest.raises(FolderTaken, match="not an empty folder"):
        build(tmp_path, unheard)
    assert [path.name for path in tmp_path.iterdir()] == ["letter"]


def test_interrupted_it_leaves_nothing(tmp_path: Path) -> None:
    # The tests may themselves run where an interrupt is ignored, as a shell's background does: a keyboard's never is.
    heeding = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); import bank.cli; bank.cli.main()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", heeding, "demo", "--out", "here"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as playing:
        while not list(tmp_path.glob(f"*/{DATABASE}")):
            assert playing.poll() is None
            time.sleep(0.05)
        playing.send_signal(signal.SIGINT)
        assert playing.wait(60) != 0
    assert list(tmp_path.iterdir()) == []


class Dropping:
    """What is interrupted while it is thrown away: Python has nobody to raise that to."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGINT)


def test_an_interrupt_that_python_dropped_is_heeded_at_the_next_step(monkeypatch: pytest.MonkeyPatch) -> None:
    dropped: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda lost: dropped.append(lost.exc_type))
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with interrupts_heeded() as heed:
            heed()
            Dropping()
            assert dropped == [KeyboardInterrupt]
            with pytest.raises(KeyboardInterrupt):
                heed()
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with interrupts_heeded() as heed:
            signal.raise_signal(signal.SIGINT)
            heed()
    finally:
        signal.signal(signal.SIGINT, before)


def test_without_pango_the_books_are_built_and_the_remedy_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing() -> None:
        raise pdf.TypesetterMissing.because(OSError("cannot load library 'libpango-1.0-0'"))

    def only_the_first_quarters(directory: Path, progress: Progress) -> Played:
        return play(directory, progress, Quarter(2012, 1))

    monkeypatch.setattr(pdf, "load", missing)
    monkeypatch.setattr(building, "play", only_the_first_quarters)
    with pytest.raises(typer.Exit) as ended:
        door.demo(out=tmp_path / "demo")
    assert ended.value.exit_code == 1
    said = capsys.readouterr()
    assert "The books are complete, the statements are not" in said.err
    assert "apt-get install" in said.err
    assert "The statements:" not in said.out
    with opened(tmp_path / "demo" / DATABASE) as database, database.reading() as session:
        assert verify(session).holds
