"""What is published for good knows of every act of an earlier instant: two real connections, one still writing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Event
from typing import Any, Final

import pytest

from bank.figures.publications.commands import publish_record
from bank.publishing import commands, ordering
from bank.publishing.commands import Wanted, publish, publish_many
from bank.wiring import OPERATOR
from intermediaries.loans.queries import portfolio
from intermediaries.places.queries import editions
from intermediaries.returns.commands import accept_return
from ledger import queries, settling, trail
from ledger.commands import post
from ledger.dates import Quarter, SetClock
from ledger.entries import Entry, Posting
from ledger.money import Money
from ledger.queries import Known
from ledger.settling import StillUnderWay, settled
from ledger.store import keys
from ledger.store.database import Database, ReadSession
from ledger.store.holding import hold
from ledger.store.work import Desk, Work
from tests.intermediaries.lending import House, loan
from tests.intermediaries.loading_places import deciles

WIMD: Final = "Wales WIMD 2019"
NOW: Final = datetime(2024, 1, 5, 9, 0, tzinfo=UTC)
SOON_S: Final = 0.3
LATE_S: Final = 30.0
SERVED = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)


@pytest.fixture
def desk(database: Database, clock: SetClock) -> Desk:
    clock.set(NOW)
    return Desk(database, OPERATOR)


@pytest.fixture
def others() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


class Begun:
    """An act of somebody else: all that it writes is written, at an instant gone by, and nothing is committed."""

    def __init__(
        self,
        pool: ThreadPoolExecutor,
        desk: Desk,
        clock: SetClock,
        act: Callable[[Work], object],
        at_last: Callable[[Work], object] = id,
    ) -> None:
        self._written, self._go = Event(), Event()
        self._done = pool.submit(self._do, desk, act, at_last)
        assert self._written.wait(LATE_S), self._done.result(timeout=1)
        clock.set(clock.now() + timedelta(minutes=1))

    def _do(self, desk: Desk, act: Callable[[Work], object], at_last: Callable[[Work], object]) -> None:
        with desk.writing() as work:
            try:
                act(work)
            finally:
                self._written.set()
            self._go.wait(LATE_S)
            at_last(work)

    def ends_after(self, other: Future[Any]) -> Any:
        """Let it end once another has waited a while; what the other comes to."""
        time.sleep(SOON_S)
        waited = not other.done()
        self.end()
        answer = other.result(timeout=LATE_S)
        assert waited, "it was not waited for"
        return answer

    def end(self) -> None:
        self._go.set()
        self._done.result(timeout=LATE_S)


def a_load(work: Work) -> None:
    deciles(work, "W01001693,4\nW01001694,9\n", WIMD, date(2019, 11, 27))  # type: ignore[arg-type]


def _moment(desk: Desk) -> Known:
    return desk.tried(lambda work: settled(work.session))


def test_a_look_at_a_settled_moment_has_a_load_that_was_being_committed(
    desk: Desk, clock: SetClock, others: ThreadPoolExecutor
) -> None:
    begun = Begun(others, desk, clock, a_load)
    then = begun.ends_after(others.submit(_moment, desk))
    assert then.instant == NOW + timedelta(minutes=1)
    with desk.reading() as session:
        assert [one.name for one in editions(session, then)] == [WIMD]


def test_of_a_return_being_accepted_all_is_known_or_nothing(
    database: Database, clock: SetClock, others: ThreadPoolExecutor
) -> None:
    """Without the wait its loan is known at the look's instant afterwards, and none of its entries is."""
    house = House.opened(database, clock)
    filed = house.attested(loan(drawn="10.00", principal_outstanding="10.00"), cash_held="99995.00")

    begun = Begun(others, house.bank, clock, lambda work: accept_return(work, return_id=filed.id, key="accept"))
    then = begun.ends_after(others.submit(_moment, house.bank))
    with house.bank.reading() as session:
        lent = queries.balance_at(session, house.intermediary, f"1300:{house.facility}", None, then)
        assert [one.outstanding.ours for one in portfolio(session, None, then)] == [lent] == [Money.parse("5.00")]


@SERVED
@pytest.mark.parametrize("many", [False, True])
def test_a_statement_is_gathered_once_what_was_under_way_is_over(
    desk: Desk, clock: SetClock, others: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch, *, many: bool
) -> None:
    class GatheredError(Exception):
        pass

    def gathered(session: ReadSession, *told: Any, **_: Any) -> None:
        (wanted,) = told[0] if many else told[:1]
        raise GatheredError(wanted.known_at, [one.name for one in editions(session, wanted.known_at)])

    monkeypatch.setattr(commands, "_all_drafted" if many else "drafted", gathered)
    begun = Begun(others, desk, clock, a_load)
    asked = (
        others.submit(publish_many, desk, [Wanted("impact", Quarter(2023, 3))])
        if many
        else others.submit(publish, desk, kind="impact", quarter=Quarter(2023, 3))
    )
    with pytest.raises(GatheredError) as found:
        begun.ends_after(asked)
    assert found.value.args == (Known(0, NOW + timedelta(minutes=1)), [WIMD])


@SERVED
def test_what_a_statement_will_know_is_settled_when_it_is_ordered(
    desk: Desk, clock: SetClock, others: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ordering, "refuse_open", lambda *_: None)
    begun = Begun(others, desk, clock, a_load)
    job = begun.ends_after(others.submit(ordering.order, desk, kind="impact", quarter=Quarter(2023, 3), key="order"))
    assert job.arguments["known_at"] == "2024-01-05T09:01:00.000000Z"


@SERVED
def test_the_public_record_is_of_a_settled_moment(desk: Desk, clock: SetClock, others: ThreadPoolExecutor) -> None:
    begun = Begun(others, desk, clock, a_load)
    told = begun.ends_after(others.submit(publish_record, desk, quarter=Quarter(2023, 3), fewest=5, key="publish"))
    assert told.known_at == NOW + timedelta(minutes=1)


def _holds(work: Work) -> None:
    hold(work.session, "a thing")


def _writes(work: Work) -> None:
    trail.record(work, action="test", subject="other")


@SERVED
@pytest.mark.parametrize("act", [_holds, _writes])
def test_whoever_holds_a_thing_or_has_written_is_waited_for(
    desk: Desk, clock: SetClock, others: ThreadPoolExecutor, act: Callable[[Work], None]
) -> None:
    """A load of places holds their name while it reads its files, and has written nothing yet."""
    begun = Begun(others, desk, clock, act)
    assert begun.ends_after(others.submit(_moment, desk)).instant == NOW + timedelta(minutes=1)


def test_a_moment_told_is_resolved_as_it_always_was_also_by_a_clock_that_is_behind(desk: Desk, clock: SetClock) -> None:
    clock.set(NOW + timedelta(hours=1))
    legs = (Posting("1200", Money(5)), Posting("1000", Money(-5)))
    post(desk, Entry(key="k", book="bank", effective_on=date(2024, 1, 4), description="By the test", postings=legs))
    clock.set(NOW)
    for at in (None, NOW, NOW - timedelta(days=9), 0, 1):
        with desk.reading() as session:
            wanted = queries.known(session, at)
        assert desk.tried(lambda work, at=at: settled(work.session, at)) == wanted  # type: ignore[misc]
    with pytest.raises(queries.NoSuchPlace):
        desk.tried(lambda work: settled(work.session, 2))


@SERVED
def test_whoever_only_looks_is_not_waited_for(desk: Desk, others: ThreadPoolExecutor) -> None:
    with desk.reading() as session:
        assert editions(session) == []
        assert others.submit(_moment, desk).result(timeout=LATE_S).instant == NOW


@SERVED
def test_whoever_waits_for_us_is_not_waited_for(desk: Desk, clock: SetClock, others: ThreadPoolExecutor) -> None:
    def waits() -> None:
        with desk.writing() as work:
            trail.record(work, action="test", subject="other")
            hold(work.session, "a thing")

    with desk.writing() as work:
        hold(work.session, "a thing")
        waiting = others.submit(waits)
        time.sleep(SOON_S)
        began = time.monotonic()
        clock.set(NOW + timedelta(minutes=1))
        assert settled(work.session).instant == NOW + timedelta(minutes=1)
        assert time.monotonic() - began < LATE_S / 3
        assert not waiting.done()
    waiting.result(timeout=LATE_S)


@SERVED
def test_what_takes_too_long_is_said_and_nothing_is_done(
    desk: Desk, clock: SetClock, others: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "_MOST_S", 0.2)
    begun = Begun(others, desk, clock, a_load)
    with pytest.raises(StillUnderWay, match="1 acts that began before are not over"):
        _moment(desk)
    begun.end()
    assert _moment(desk).instant == NOW + timedelta(minutes=1)


@SERVED
@pytest.mark.parametrize("what", ["order", "record"])
def test_two_who_publish_at_once_do_not_wait_for_each_other(
    desk: Desk, others: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """Each has claimed its key, which is to have begun to write, when both ask for a settled moment."""
    monkeypatch.setattr(settling, "_MOST_S", LATE_S / 3)
    monkeypatch.setattr(ordering, "refuse_open", lambda *_: None)
    both, claim = Barrier(2, timeout=LATE_S), keys.claim

    def claimed(*told: Any) -> keys.Claim:
        found = claim(*told)
        both.wait()
        return found

    def asked(number: int) -> object:
        if what == "record":
            return publish_record(desk, quarter=Quarter(2023, 2 + number), fewest=5, key=f"publish {number}")
        kind = ("impact", "portfolio")[number]
        return ordering.order(desk, kind=kind, quarter=Quarter(2023, 3), key=f"order {number}")

    monkeypatch.setattr(keys, "claim", claimed)
    began = time.monotonic()
    assert len([one.result(timeout=LATE_S) for one in [others.submit(asked, number) for number in range(2)]]) == 2
    assert time.monotonic() - began < LATE_S / 6


@SERVED
def test_an_act_that_has_its_instant_is_waited_for_before_it_has_done_anything(
    desk: Desk, clock: SetClock, others: ThreadPoolExecutor
) -> None:
    def told(then: Known) -> list[datetime]:
        with desk.reading() as session:
            lines = trail.lines(session, subject="other")
        return [line.recorded_at for line in lines if line.recorded_at <= then.instant]

    begun = Begun(others, desk, clock, id, _writes)
    then = begun.ends_after(others.submit(_moment, desk))
    assert told(then) == [NOW]
