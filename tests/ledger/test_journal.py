"""The books on a real database: what they take, what they answer, and what the database itself refuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bank.wiring import OPERATOR
from ledger import commands, exchange, posting, queries, trail
from ledger.chart import INTERMEDIARY
from ledger.dates import Quarter, SetClock
from ledger.entries import BadEntry, Entry, Posting, Unbalanced
from ledger.money import Money
from ledger.periods import GatesFailed, QuarterClosed, QuarterNotOver
from ledger.refusals import NotFound
from ledger.seals import seal_of
from ledger.store import confinement
from ledger.store.database import Database
from ledger.store.keys import KeyReused
from ledger.store.work import Desk, View, Work, command
from ledger.verification import Checkpoint, verify


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database, OPERATOR)


def entry(key: str, on: date, pence: int, *, book: str = "bank", kind: str = "entry", pair: str = "") -> Entry:
    legs = (Posting("1200", Money(pence)), Posting("1000", Money(-pence)))
    if book == "reclaim-fund":
        legs = (Posting("1000", Money(pence)), Posting("4000", Money(-pence)))
    return Entry(key, book, on, f"Test entry {key}", legs, kind=kind, pair=pair)


def post(desk: Desk, *entries: Entry) -> None:
    with desk.writing() as work:
        commands.post_many(work, entries)


JANUARY, MARCH = date(2012, 1, 10), date(2012, 3, 5)


def test_an_entry_that_does_not_balance_cannot_be_made() -> None:
    with pytest.raises(Unbalanced, match=r"come to 0\.01"):
        Entry("k", "bank", JANUARY, "off by a penny", (Posting("1200", Money(101)), Posting("1000", Money(-100))))


def test_every_fault_of_an_entry_is_told_at_once() -> None:
    with pytest.raises(BadEntry) as told:
        Entry("", "bank", date(1999, 1, 1), " ", (Posting("12 00", Money(0)),))
    faults = told.value.facts["faults"]
    assert isinstance(faults, list)
    assert len(faults) == 6


def test_places_are_dense_and_in_commit_order(desk: Desk) -> None:
    post(desk, entry("b", MARCH, 100), entry("a", JANUARY, 200))
    post(desk, entry("c", JANUARY, 300))

    with desk.reading() as session:
        assert [(found.seq, found.entry.key) for found in queries.entries(session)] == [(1, "b"), (2, "a"), (3, "c")]


def test_a_balance_has_two_times(desk: Desk) -> None:
    post(desk, entry("first", MARCH, 10_000))
    post(desk, entry("late news of January", JANUARY, 500))

    with desk.reading() as session:
        then = queries.known(session, 1)
        assert queries.balance_at(session, "bank", "1200", JANUARY) == Money(500)
        assert queries.balance_at(session, "bank", "1200", JANUARY, then) == Money(0)
        assert queries.balance_at(session, "bank", "1200", MARCH, then) == Money(10_000)
        assert queries.balance_at(session, "bank", "1200", MARCH) == Money(10_500)


def test_a_place_where_no_entry_is_yet_is_no_point_of_knowledge(desk: Desk) -> None:
    """What is answered of it today would be another answer once there is an entry."""
    post(desk, entry("first", MARCH, 100), entry("second", MARCH, 200))

    with desk.reading() as session:
        assert [queries.known(session, place).seq for place in (0, 1, 2)] == [0, 1, 2]
        for place in (3, 10**18, 2**63, 10**30, -1):
            with pytest.raises(queries.NoSuchPlace, match=f"no place {place} in the journal: .* to 2, the last so far"):
                queries.known(session, place)


def test_known_at_an_instant_means_the_last_place_recorded_by_then(desk: Desk, clock: SetClock) -> None:
    post(desk, entry("one", JANUARY, 100))
    between = clock.now() + timedelta(hours=1)
    clock.set(clock.now() + timedelta(hours=2))
    post(desk, entry("two", JANUARY, 100))

    with desk.reading() as session:
        assert queries.known(session, between).seq == 1
        assert queries.known(session).seq == 2
        assert queries.known(session, datetime(2000, 1, 1, tzinfo=UTC)).seq == 0


def test_an_instant_that_has_not_come_is_refused_until_it_has(desk: Desk, clock: SetClock) -> None:
    post(desk, entry("one", JANUARY, 100))
    noon = clock.now()
    later = noon + timedelta(microseconds=1)
    with desk.reading() as session:
        assert queries.known(session, noon).seq == 1
        with pytest.raises(queries.NotYet, match=r"has not come: by the bank's clock it is .*Name an instant that has"):
            queries.known(session, later)

    clock.set(later)
    with desk.reading() as session:
        assert queries.known(session, later).seq == 1


def test_what_is_on_record_has_come_though_the_clock_was_set_back(desk: Desk, clock: SetClock) -> None:
    recorded_at = clock.now()
    post(desk, entry("one", JANUARY, 100))
    clock.set(recorded_at - timedelta(days=1))
    with desk.reading() as session:
        assert queries.known(session, recorded_at).seq == 1
        with pytest.raises(queries.NotYet):
            queries.known(session, recorded_at + timedelta(microseconds=1))


def test_the_recorded_instant_never_goes_back_though_the_clock_does(desk: Desk, clock: SetClock) -> None:
    post(desk, entry("one", JANUARY, 100))
    clock.set(clock.now() - timedelta(days=1))
    post(desk, entry("two", JANUARY, 100))

    with desk.reading() as session:
        first, second = queries.entries(session)
        assert first.recorded_at == second.recorded_at
        assert verify(session).holds


def test_the_same_key_and_content_is_the_same_entry(desk: Desk) -> None:
    post(desk, entry("k", JANUARY, 100), entry("k", JANUARY, 100))
    post(desk, entry("k", JANUARY, 100))

    with desk.reading() as session:
        assert queries.head(session).seq == 1


def test_the_same_key_with_other_content_is_refused(desk: Desk) -> None:
    post(desk, entry("k", JANUARY, 100))

    with pytest.raises(commands.KeyTaken, match="entry 1"):
        post(desk, entry("k", JANUARY, 101))


def test_two_contents_under_one_key_in_one_act_are_refused(desk: Desk) -> None:
    with pytest.raises(commands.KeyTaken):
        post(desk, entry("k", JANUARY, 100), entry("k", MARCH, 100))


def test_an_unknown_account_is_refused_and_nothing_is_posted(desk: Desk) -> None:
    stray = Entry("k2", "bank", JANUARY, "stray", (Posting("1299", Money(5)), Posting("1000", Money(-5))))
    with pytest.raises(queries.NoSuchAccount, match="1299 in bank"):
        post(desk, entry("k1", JANUARY, 100), stray)

    with desk.reading() as session:
        assert queries.head(session).seq == 0


def test_a_balance_includes_the_accounts_below(desk: Desk) -> None:
    with desk.writing() as work:
        code = commands.sub_account(work, "bank", "1200", "fac_a", name="Facility a")
        commands.open_account(work, "bank", "12000", name="A neighbour by spelling only")
        commands.post(work, Entry("k", "bank", JANUARY, "below", (Posting(code, Money(7)), Posting("1000", Money(-7)))))
        commands.post(
            work, Entry("n", "bank", JANUARY, "next", (Posting("12000", Money(9)), Posting("1000", Money(-9))))
        )

    with desk.reading() as session:
        assert queries.balance_at(session, "bank", "1200") == Money(7)
        assert queries.balances_under(session, "bank", "1200") == {"1200:fac_a": Money(7)}


def test_an_account_opened_by_its_whole_code_mirrors_what_the_one_above_it_mirrors(desk: Desk) -> None:
    with desk.writing() as work:
        commands.open_book(work, "int_a", INTERMEDIARY, name="An intermediary")
        commands.open_account(work, "bank", "1200:fac_a", name="Facility a")
        commands.open_account(work, "int_a", "2100:fac_a", name="The same facility")
        half = (Posting("1000", Money(100)), Posting("2100:fac_a", Money(-100)))
        told = (Posting("1200:fac_a", Money(100)), Posting("1000", Money(-100)))
        ours = Entry("d", "bank", JANUARY, "drawn", told, pair="draw")
        commands.post_many(work, [ours, Entry("d", "int_a", JANUARY, "drawn", half, pair="draw")])

    with desk.reading() as session:
        assert queries.pairs_that_disagree(session) == []
        assert verify(session).holds
    more = (Posting("1200:fac_a", Money(50)), Posting("1000", Money(-50)))
    post(desk, Entry("more", "bank", JANUARY, "drawn again", more, pair="draw"))
    with desk.reading() as session:
        assert [fault.difference for fault in queries.pairs_that_disagree(session)] == [Money(50)]


def test_a_reversal_undoes_an_entry_once_and_keeps_its_day(desk: Desk) -> None:
    post(desk, entry("k", JANUARY, 100))
    with desk.writing() as work:
        done = commands.reverse(work, 1, key="undo", effective_on=MARCH, reason="entered twice")
    assert done.entry.original_effective_on == JANUARY

    with pytest.raises(commands.AlreadyReversed), desk.writing() as work:
        commands.reverse(work, 1, key="undo again", effective_on=MARCH, reason="again")
    with desk.reading() as session:
        assert queries.balance_at(session, "bank", "1200", MARCH) == Money(0)
        assert queries.balance_at(session, "bank", "1200", JANUARY) == Money(100)


def test_a_linked_pair_must_agree(desk: Desk) -> None:
    with desk.writing() as work:
        commands.open_book(work, "int_a", INTERMEDIARY, name="An intermediary")
        commands.post_many(
            work,
            [
                entry("d", JANUARY, 100, pair="draw"),
                Entry(
                    "d",
                    "int_a",
                    JANUARY,
                    "drawn",
                    (Posting("1000", Money(100)), Posting("2100", Money(-100))),
                    pair="draw",
                ),
            ],
        )
    with desk.reading() as session:
        assert queries.pairs_that_disagree(session) == []

    post(desk, entry("half", JANUARY, 50, pair="alone"))
    with desk.reading() as session:
        assert {fault.pair for fault in queries.pairs_that_disagree(session)} == {"alone"}


def test_a_pair_is_told_once_with_what_it_left_open_and_not_at_all_where_it_left_nothing(desk: Desk) -> None:
    """Both halves move what mirrors and back again; one is short of the other; and one is alone with nothing open."""

    def half(book: str, pair: str, *legs: tuple[str, int]) -> Entry:
        postings = tuple(Posting(account, Money(pence)) for account, pence in legs)
        return Entry(pair, book, JANUARY, "A half", postings, pair=pair)

    with desk.writing() as work:
        commands.open_book(work, "int_a", INTERMEDIARY, name="An intermediary")
        commands.post_many(
            work,
            [
                half("bank", "even", ("1200", 100), ("1200", -100)),
                half("int_a", "even", ("1000", 100), ("1300", -100)),
                half("bank", "short", ("1200", 100), ("1000", -100)),
                half("int_a", "short", ("2100", -90), ("1000", 90)),
                half("bank", "alone", ("1000", 5), ("1000", -5)),
            ],
        )
    with desk.reading() as session:
        told = [(one.pair, str(one.difference), one.books) for one in queries.pairs_that_disagree(session)]
    assert told == [("alone", "0.00", ("bank",)), ("short", "0.10", ("bank", "int_a"))]


@pytest.mark.parametrize("book", ["", "x" * 81, "a\nb", "a\u202eb"])
def test_a_book_is_called_by_what_can_be_printed_and_kept(desk: Desk, book: str) -> None:
    with pytest.raises(BadEntry, match="1 to 80 printable characters"):
        Entry("k", book, JANUARY, "x", (Posting("1200", Money(1)), Posting("1000", Money(-1))))
    with pytest.raises(BadEntry, match="1 to 80 printable characters"), desk.writing() as work:
        commands.open_book(work, book, INTERMEDIARY, name="An intermediary")


def test_a_soft_closed_quarter_takes_only_what_the_close_waits_for(desk: Desk, clock: SetClock) -> None:
    clock.set(datetime(2012, 4, 20, tzinfo=UTC))
    with desk.writing() as work:
        commands.close_quarter(work, Quarter(2012, 1), hard=False)

    with pytest.raises(QuarterClosed, match="soft-closed"):
        post(desk, entry("everyday", MARCH, 100))
    post(desk, entry("return", MARCH, 100, kind="return"))


def test_a_closed_quarter_takes_nothing_nor_does_anything_before_it(desk: Desk, clock: SetClock) -> None:
    clock.set(datetime(2012, 4, 20, tzinfo=UTC))
    with desk.writing() as work:
        commands.close_quarter(work, Quarter(2012, 1), hard=True)
        assert commands.close_quarter(work, Quarter(2012, 1), hard=True) == "closed"

    for day in (date(2012, 3, 31), JANUARY, date(2011, 5, 1)):
        with pytest.raises(QuarterClosed, match="on or after 2012-04-01"):
            post(desk, entry("late", day, 100, kind="return"))
    with desk.reading() as session:
        assert queries.quarter_state(session, Quarter(2011, 2)) == "closed"
        assert queries.quarter_state(session, Quarter(2012, 2)) == "open"


def test_a_quarter_is_not_closed_before_it_has_ended(desk: Desk, clock: SetClock) -> None:
    clock.set(datetime(2012, 3, 31, 23, tzinfo=UTC))
    with pytest.raises(QuarterNotOver), desk.writing() as work:
        commands.close_quarter(work, Quarter(2012, 1), hard=True)


def test_a_pair_that_disagrees_stops_the_close_and_is_named(desk: Desk, clock: SetClock) -> None:
    clock.set(datetime(2012, 4, 20, tzinfo=UTC))
    post(desk, entry("half", MARCH, 50, pair="alone"))
    with pytest.raises(GatesFailed, match="alone"), desk.writing() as work:
        commands.close_quarter(work, Quarter(2012, 1), hard=True)


class Told(View):
    text: str


@command
def tell(work: Work, text: str, *, key: str) -> Told:
    del key  # the command claims it before it gets here
    trail.record(work, action="test.tell", subject=text)
    return Told(text=text)


@command
def mumble(work: Work) -> Told:
    return Told(text=str(work.now))


def test_a_command_with_a_key_acts_once_and_answers_alike(desk: Desk) -> None:
    assert tell(desk, "hello", key="k") == tell(desk, "hello", key="k")
    with pytest.raises(KeyReused):
        tell(desk, "other", key="k")

    with desk.reading() as session:
        assert len(trail.lines(session, action="test.tell")) == 1


def test_a_command_that_leaves_no_line_in_the_trail_does_not_commit(desk: Desk) -> None:
    with pytest.raises(RuntimeError, match="mumble left no line"):
        mumble(desk)


def test_an_export_rebuilds_an_empty_database_with_the_same_head(desk: Desk, other_url: str) -> None:
    post(desk, entry("k1", JANUARY, 100), entry("r", MARCH, 9, book="reclaim-fund"))
    with desk.writing() as work:
        commands.sub_account(work, "bank", "1200", "fac_a", name="Facility a")
        commands.reverse(work, 1, key="undo", effective_on=MARCH, reason="twice")
    with desk.reading() as session:
        lines = [line.encode() for line in exchange.export(session)]
        head = queries.head(session)
        balance = queries.trial_balance(session, "reclaim-fund", MARCH).accounts

    other = Database.open(other_url)
    done = exchange.import_journal(Desk(other, OPERATOR), exchange.read(lines), open_accounts=True)
    assert (done.rebuilt, done.posted, done.head) == (True, 3, head.root)
    with other.reading() as session:
        assert verify(session, Checkpoint(seq=head.seq, root=head.root)).holds
        assert queries.trial_balance(session, "reclaim-fund", MARCH).accounts == balance
    again = exchange.import_journal(Desk(other, OPERATOR), exchange.read(lines))
    assert (again.posted, again.already_there) == (0, 3)
    other.close()


def test_an_import_names_every_faulty_line_and_posts_nothing(desk: Desk) -> None:
    good = (
        b'{"key":"g","book":"bank","effective_on":"2012-03-31","description":"ok",'
        b'"postings":[{"account":"1200","amount":"1.00"},{"account":"1000","amount":"-1.00"}]}'
    )
    bad = [
        good,
        b"not json",
        good.replace(b'"1.00"', b"1.00"),
        good.replace(b"2012", b"1912"),
        good.replace(b"1.00", b"1.005"),
    ]
    with pytest.raises(exchange.BadJournal) as told:
        exchange.import_journal(desk, exchange.read(bad))
    findings = told.value.facts["findings"]
    assert isinstance(findings, list)
    assert [finding["line"] for finding in findings] == [2, 3, 4, 5]


LATE_LEG = (
    "INSERT INTO posting VALUES "
    "(1, {leg}, {legs}, 4, (SELECT min(id) FROM account WHERE book_id = 4), 5, '2012-01-10', 1)"
)

ATTACKS = {
    "an amount changed": "UPDATE posting SET amount = amount + 1 WHERE entry_id = 1",
    "an entry redated": "UPDATE entry SET effective_on = '2012-02-02' WHERE id = 1",
    "an entry deleted": "DELETE FROM entry WHERE id = 1",
    "a posting deleted": "DELETE FROM posting WHERE entry_id = 1 AND leg = 1",
    "a leg added later": LATE_LEG.format(leg=3, legs=3),
    "a leg put over another": LATE_LEG.format(leg=1, legs=2),
    "the trail rewritten": "UPDATE trail SET reason = 'nothing to see'",
    "the trail shortened": "DELETE FROM trail",
    "a mark moved": "UPDATE mark SET upto_seq = 7",
    "a key freed": "DELETE FROM key_claim",
    "a header alone": (
        "INSERT INTO entry (id, seq, book_id, key, kind, description, effective_on, recorded_at, actor, pair, "
        "legs, gross, content_hash, seal) "
        "VALUES (9, 9, 4, 'x', 'entry', 'x', '2012-01-10', '2012-01-10', 'x', '', 2, 5, '', '')"
    ),
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_the_database_itself_refuses(desk: Desk, attack: str) -> None:
    post(desk, entry("k", JANUARY, 100))
    tell(desk, "a key", key="k")
    with pytest.raises(DBAPIError), desk.database.writing() as session:
        session.execute(text(attack))
    with desk.reading() as session:
        assert verify(session).holds


def test_the_database_refuses_replace_and_truncate(desk: Desk) -> None:
    post(desk, entry("k", JANUARY, 100))
    attack = (
        "REPLACE INTO posting SELECT * FROM posting"
        if desk.database.dialect == "sqlite"
        else "TRUNCATE posting CASCADE"
    )
    with pytest.raises(DBAPIError), desk.database.writing() as session:
        session.execute(text(attack))


def test_the_database_refuses_an_entry_in_a_closed_quarter_that_our_rules_let_through(
    desk: Desk, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.set(datetime(2012, 4, 20, tzinfo=UTC))
    with desk.writing() as work:
        commands.close_quarter(work, Quarter(2012, 1), hard=True)
    monkeypatch.setattr(posting, "refuse_closed", lambda *_: None)
    with pytest.raises(DBAPIError, match="the quarter is closed"):
        post(desk, entry("late", MARCH, 100))


def unguarded(desk: Desk) -> None:
    """Take the triggers away, as only the owner of the tables can."""
    with desk.database.writing() as session, confinement.lifted(session.connection()):
        if desk.database.dialect == "sqlite":
            for name in session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                session.execute(text(f"DROP TRIGGER {name}"))
        else:
            for table in ("entry", "posting", "mark", "quarter_event", "journal_head"):
                session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))


TAMPERING = {
    "a penny moved": ("UPDATE posting SET amount = amount + 1 WHERE entry_id = 2 AND leg = 1", 2),
    "a balanced edit": ("UPDATE posting SET amount = amount * 2 WHERE entry_id = 2", 2),
    "other words": ("UPDATE entry SET description = 'other words' WHERE id = 2", 2),
    "another actor": ("UPDATE entry SET actor = 'per_nobody' WHERE id = 3", 3),
    "an earlier instant": ("UPDATE entry SET recorded_at = '2011-07-04T08:00:00.000000Z' WHERE id = 2", 2),
    "a copied day": ("UPDATE posting SET effective_on = '2012-01-11' WHERE entry_id = 3 AND leg = 2", 3),
    "an account swapped": (
        (
            "UPDATE posting SET account_id = (SELECT id FROM account WHERE code = '1100' AND book_id = 4) "
            "WHERE entry_id = 1 AND leg = 1"
        ),
        1,
    ),
    "a row taken out": ("DELETE FROM posting WHERE entry_id = 2; DELETE FROM entry WHERE id = 2", 2),
    "the last taken out": (
        "DELETE FROM posting WHERE entry_id = 3; DELETE FROM mark WHERE upto_seq = 3; DELETE FROM entry WHERE id = 3",
        None,
    ),
    "the mark rewritten": ("UPDATE mark SET recorded_at = '2011-07-04T09:30:00.000000Z' WHERE upto_seq = 3", 3),
    "the head set back": ("UPDATE journal_head SET seq = 2", None),
}


@pytest.mark.parametrize(("attack", "first"), TAMPERING.values(), ids=TAMPERING.keys())
def test_what_the_owner_of_the_tables_can_still_do_is_found_and_named(
    desk: Desk, attack: str, first: int | None
) -> None:
    post(desk, entry("a", JANUARY, 100), entry("b", JANUARY, 200), entry("c", JANUARY, 300))
    unguarded(desk)
    with desk.database.writing() as session, confinement.lifted(session.connection()):
        for statement in attack.split(";"):
            session.execute(text(statement))

    with desk.reading() as looking:
        verdict = verify(looking)
    assert not verdict.holds
    assert verdict.seq == first or (first is None and verdict.fault)


def test_an_older_copy_of_the_books_does_not_reach_a_checkpoint_kept_elsewhere(desk: Desk) -> None:
    post(desk, entry("a", JANUARY, 100))
    with desk.reading() as session:
        assert not verify(session, Checkpoint(seq=2, root="ab" * 32)).holds
        assert not verify(session, Checkpoint(seq=1, root="ab" * 32)).holds
        assert verify(session, Checkpoint(seq=1, root=queries.head(session).root)).holds


def test_sums_by_kind_come_to_the_balance(desk: Desk) -> None:
    post(desk, entry("a", JANUARY, 100), entry("b", MARCH, 250, kind="accrual"), entry("c", MARCH, -30, kind="accrual"))

    with desk.reading() as session:
        found = queries.net_by_kind(session, "bank", ["1200", "1000"], MARCH, queries.known(session, 2))
        assert found["1200", "entry"] == Money(100)
        assert found["1200", "accrual"] == Money(250)
        assert found["1000", "accrual"] == Money(-250)
        everything = queries.net_by_kind(session, "bank", ["1200"])
        assert Money.total(everything.values()) == queries.balance_at(session, "bank", "1200")


def test_a_reversal_made_by_hand_is_held_to_the_same_rules(desk: Desk) -> None:
    post(desk, entry("k", JANUARY, 100), entry("r", JANUARY, 100, book="reclaim-fund"))
    undone = by_hand("undo", reverses=1)
    first = commands.post(desk, undone)
    assert commands.post(desk, undone) == first, "posted again it is the same entry"
    with pytest.raises(commands.AlreadyReversed, match="Entry 1 was reversed by entry 3"):
        commands.post(desk, by_hand("again", reverses=1))
    with pytest.raises(BadEntry, match="Entry 2 is of the book reclaim-fund"), desk.writing() as work:
        commands.post(work, by_hand("abroad", reverses=2))
    with pytest.raises(NotFound, match="no entry at place 99"):
        commands.post(desk, by_hand("nowhere", reverses=99))
    post(desk, entry("l", JANUARY, 100))
    with pytest.raises(commands.AlreadyReversed, match="Two entries of one act reverse entry 4"):
        commands.post_many(desk, [by_hand("one", reverses=4), by_hand("other", reverses=4)])
    with desk.reading() as session:
        assert queries.head(session).seq == 4


def by_hand(key: str, *, reverses: int) -> Entry:
    legs = (Posting("1200", Money(-100)), Posting("1000", Money(100)))
    return Entry(key, "bank", MARCH, "Undone by hand", legs, kind="reversal", reverses=reverses)


AWKWARD = """O'Brien \\ "quoted" {braces}, %(key)s %s $1 \u00a31 \U0001f3e6 ends in a stroke \\"""


def test_an_entry_posted_alone_is_sealed_as_what_was_said_of_it(desk: Desk) -> None:
    """On PostgreSQL it goes another way than one posted within work, and its texts pass through other hands."""
    with desk.writing() as work:
        below = commands.sub_account(work, "bank", "1200", "fac_1", name=AWKWARD)
    legs = (Posting(below, Money(300)), Posting("1210", Money(-100)), Posting("1000", Money(-200)))
    said = Entry(AWKWARD, "bank", MARCH, AWKWARD, legs, pair=AWKWARD, original_effective_on=JANUARY)
    done = commands.post(desk, said)
    assert done.seal == seal_of(said, done.seq, done.recorded_at, OPERATOR.id).hex()
    assert commands.post(desk, said) == done, "posted again it is the same entry"
    with desk.reading() as session:
        assert queries.entry(session, done.seq) == done
        assert queries.balance_at(session, "bank", below) == Money(300)
        assert verify(session).holds
    with pytest.raises(commands.KeyTaken):
        commands.post(desk, replace(said, description="Something else"))
    with pytest.raises(queries.NoSuchAccount, match="1200:fac_2"):
        commands.post(desk, replace(said, key="no account", postings=(Posting("1200:fac_2", Money(200)), legs[2])))


def test_an_entry_posted_alone_needs_the_head_like_any_other(desk: Desk) -> None:
    post(desk, entry("one", JANUARY, 100))
    done = [commands.post(desk, entry(f"alone {number}", MARCH, number)).seq for number in range(1, 9)]
    post(desk, entry("two", JANUARY, 100))
    assert done == list(range(2, 10))
    with desk.reading() as session:
        assert queries.head(session).seq == 10
        assert queries.balance_at(session, "bank", "1200") == Money(236)


def test_an_entry_about_which_nothing_is_asked_gets_no_second_look(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The quick road must be the one taken: the road with care gives the same answer, and would hide that it is not."""

    def second_look(*_: object) -> None:
        raise AssertionError("taken with care, in a transaction of several statements")

    monkeypatch.setattr(Desk, "tried", second_look)
    assert [commands.post(desk, entry(key, MARCH, 100)).seq for key in "ab"] == [1, 2]
    assert [done.seq for done in commands.post_many(desk, [entry(key, MARCH, 100) for key in "cd"])] == [3, 4]
    if desk.database.dialect == "postgresql":
        commands.post_later(desk, entry("later", MARCH, 100))
    with pytest.raises(AssertionError, match="with care"):
        commands.post(desk, entry("a", MARCH, 999))
