"""Jobs: done once by one worker, told step by step, failed with their error, and taken up again after a worker died."""

from __future__ import annotations

import platform
import signal
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Event
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient

from bank.api import create_app
from bank.jobs import commands, queries
from bank.jobs.rules import STALLED_AFTER, TRIED_UNASKED, JobAtWork, JobTakenOver, NoSuchJob
from bank.jobs.workers import this_worker
from bank.jobs.working import Act, Say, work_on, work_on_next, work_until
from bank.people.commands import add_person, issue_key, set_roles
from bank.publishing.ordering import STATEMENT, STEPS, Publisher, order
from bank.publishing.queries import statements
from bank.publishing.rules import QuarterStillOpen
from bank.wiring import OPERATOR
from ledger.queries import head, known
from ledger.refusals import Malformed, NotAllowed
from ledger.store.keys import KeyReused
from ledger.store.work import Desk
from reports.document import Document
from reports.seal_check import looks_sealed
from reports.sealing import new_key
from tests import databases, forks
from tests.bank import institution
from tests.bank.dying import dies, typeset_elsewhere
from tests.bank.institution import Q1, Q2
from tests.bank.small_bank import SmallBank
from tests.journeys.programs import Said, in_this_process

ELSEWHERE: Final = "another-machine/4711"
GONE: Final = f"{platform.node() or 'unnamed'}/999999999"
"""A process of this machine that there is none of."""


def asked(bank: SmallBank, number: int = 1) -> str:
    return commands.ask(bank.maya, kind="count", arguments={"to": number}, key=f"count {number}").id


def counting(desk: Desk, arguments: Mapping[str, Any], say: Say) -> str:
    for number in range(1, arguments["to"] + 1):
        say(f"{number}")
    return f"{desk.actor.name} counted to {arguments['to']}"


def failing(desk: Desk, arguments: Mapping[str, Any], say: Say) -> str:
    say("1")
    raise Malformed(f"{desk.actor.name} cannot count to {arguments['to']}")


def looked(bank: SmallBank, job: str) -> queries.JobView:
    with bank.operator.reading() as session:
        return queries.job(session, job)


def waits(bank: SmallBank) -> list[str]:
    with bank.operator.reading() as session:
        return [one.id for one in queries.waiting(session)]


def test_a_job_is_asked_for_once_done_as_its_asker_and_tells_each_step(small_bank: SmallBank) -> None:
    job = asked(small_bank, 3)
    assert asked(small_bank, 3) == job
    with pytest.raises(KeyReused):
        commands.ask(small_bank.maya, kind="count", arguments={"to": 4}, key="count 3")
    assert (looked(small_bank, job).state, waits(small_bank)) == ("queued", [job])
    heard: list[str] = []
    done = work_on(small_bank.operator, job, counting, heard=heard.append)
    assert (done.state, done.error, done.attempts, done.worker) == ("done", None, 1, this_worker())
    assert done.progress == ("1", "2", "3") == tuple(heard)
    assert done.result is not None
    assert done.result == f"{small_bank.maya.actor.name} counted to 3"
    assert waits(small_bank) == []
    assert work_on(small_bank.operator, job, failing) == done, "what is done is not done again"
    assert commands.run_again(small_bank.tom, id=job) == done
    with pytest.raises(NoSuchJob):
        looked(small_bank, "job_none")


def test_a_failed_job_keeps_its_error_waits_for_a_person_and_runs_again(small_bank: SmallBank) -> None:
    job = asked(small_bank, 2)
    with pytest.raises(Malformed):
        work_on(small_bank.operator, job, failing)
    failed = looked(small_bank, job)
    assert (failed.state, failed.progress) == ("failed", ("1",))
    assert failed.error == f"{small_bank.maya.actor.name} cannot count to 2"
    assert waits(small_bank) == []
    with pytest.raises(NotAllowed):
        commands.run_again(small_bank.desks["iris"], id=job)
    assert commands.run_again(small_bank.tom, id=job, key="again").state == "queued"
    assert commands.run_again(small_bank.tom, id=job, key="again").state == "queued"
    assert waits(small_bank) == [job]
    done = work_on_next(small_bank.operator, {"count": counting}, lambda *_: None)
    assert done is not None
    assert (done.state, done.attempts, done.error) == ("done", 2, None)
    assert [(step.attempt, step.what) for step in done.history] == [
        *((1, "step"), (1, "failed"), (1, "again")),
        *((2, "step"), (2, "step"), (2, "done")),
    ]


def test_a_fault_of_ours_is_kept_too_and_the_worker_goes_on(small_bank: SmallBank) -> None:
    def breaking(desk: Desk, arguments: Mapping[str, Any], say: Say) -> str:
        raise ZeroDivisionError(f"{desk.actor.id} {arguments} {say.__name__}")

    first, second = asked(small_bank, 1), asked(small_bank, 2)
    stop, told = Event(), list[tuple[str, str]]()
    faults: list[str] = []
    acts: dict[str, Act] = {"count": lambda *of: breaking(*of) if of[1]["to"] == 1 else counting(*of)}

    def tell(job: queries.JobView) -> None:
        told.append((job.id, job.state))
        if len(told) == 2:
            stop.set()

    work_until(small_bank.operator, acts, stop, told=tell, failed=lambda job, _: faults.append(job))
    assert told == [(first, "failed"), (second, "done")]
    assert faults == [first]
    assert "ZeroDivisionError" in (looked(small_bank, first).error or "")


def test_whoever_lost_the_role_meanwhile_does_nothing_through_a_job(small_bank: SmallBank) -> None:
    def guarded(desk: Desk, arguments: Mapping[str, Any], say: Say) -> str:
        desk.actor.require("fund-manager")
        return counting(desk, arguments, say)

    job = asked(small_bank)
    set_roles(small_bank.desks["ada"], person=small_bank.maya.actor.id, roles=["auditor"], reason="Moved")
    with pytest.raises(NotAllowed):
        work_on(small_bank.operator, job, guarded)
    assert "takes a fund manager" in (looked(small_bank, job).error or "")


def test_a_job_whose_worker_died_is_seen_to_have_stalled_and_taken_up(small_bank: SmallBank) -> None:
    """A dead process of this machine is seen at once; one of another machine is taken for dead when silent too long."""
    job = asked(small_bank)
    commands.take(small_bank.operator, id=job, worker=GONE)
    assert (looked(small_bank, job).state, waits(small_bank)) == ("stalled", [job])
    commands.take(small_bank.operator, id=job, worker=ELSEWHERE)
    assert (looked(small_bank, job).state, waits(small_bank)) == ("running", [])
    with pytest.raises(JobAtWork, match=ELSEWHERE):
        commands.take(small_bank.operator, id=job, worker=this_worker())
    with pytest.raises(JobAtWork):
        commands.run_again(small_bank.tom, id=job)
    began = small_bank.database.clock.now()
    small_bank.clock.set(began + STALLED_AFTER)
    assert looked(small_bank, job).state == "running"
    small_bank.clock.set(began + STALLED_AFTER + timedelta(microseconds=1))
    assert (looked(small_bank, job).state, waits(small_bank)) == ("stalled", [job])
    third = commands.take(small_bank.operator, id=job, worker=GONE)
    with pytest.raises(JobTakenOver, match="attempt 2"):
        commands.say(small_bank.operator, id=job, attempt=2, what="step", said="late")
    assert third.attempts == TRIED_UNASKED
    assert (looked(small_bank, job).state, waits(small_bank)) == ("stalled", []), "it has killed three workers"
    commands.run_again(small_bank.tom, id=job)
    assert work_on(small_bank.operator, job, counting).attempts == TRIED_UNASKED + 1


def test_two_workers_never_do_the_same_job(small_bank: SmallBank) -> None:
    jobs = [asked(small_bank, number) for number in range(1, 9)]
    done: Counter[str] = Counter()
    together = Barrier(2)

    def marking(desk: Desk, arguments: Mapping[str, Any], say: Say) -> str:
        done[str(arguments["to"])] += 1
        return counting(desk, arguments, say)

    def worker(_: int) -> int:
        together.wait()
        mine = 0
        while work_on_next(small_bank.operator, {"count": marking}, lambda *_: None) is not None:
            mine += 1
        return mine

    with ThreadPoolExecutor(2) as crew:
        shares = list(crew.map(worker, range(2)))
    assert sum(shares) == len(jobs)
    assert done == Counter({str(number): 1 for number in range(1, 9)})
    assert {looked(small_bank, job).attempts for job in jobs} == {1}


def test_the_list_is_read_page_by_page_the_latest_first(small_bank: SmallBank) -> None:
    made = []
    for number in range(1, 6):
        small_bank.clock.set(small_bank.clock.now() + timedelta(seconds=number // 2))  # some in the same instant
        made.append(asked(small_bank, number))
    with small_bank.operator.reading() as session:
        whole = [one.id for one in queries.jobs(session)]
        found, after = [], None
        while page := queries.jobs(session, after=after, limit=2):
            found += [one.id for one in page]
            after = found[-1]
    assert sorted(whole) == sorted(made) == sorted(found)
    assert found == whole
    assert whole[-1] == made[0]


# ---- The statement as a job.


@pytest.fixture
def business(engine: str, run_of_tests: Path, tmp_path: Path) -> Iterator[tuple[str, institution.Institution]]:
    """The institution when its first quarter is closed, and where it is."""
    with institution.lived(engine, run_of_tests, tmp_path, 1) as bank:
        yield bank.database.engine.url.render_as_string(hide_password=False), bank


def test_a_statement_whose_worker_is_killed_is_issued_once_and_whole(
    business: tuple[str, institution.Institution],
) -> None:
    """Killed before anything is filed, and again right after: the third worker finds it filed, and ends the job."""
    url, bank = business
    fay, now = bank.desk("fay"), bank.database.clock.now()
    job = order(fay, kind="portfolio", quarter=Q1, key="q1")
    many = forks.context()
    for attempt, (step, filed) in enumerate((("typeset", 0), ("filed", 1)), start=1):
        worker = many.Process(target=dies, args=(url, now, job.id, step))
        worker.start()
        worker.join(60)
        assert worker.exitcode == -signal.SIGKILL
        with fay.reading() as session:
            seen = queries.job(session, job.id)
            assert (seen.state, seen.attempts, seen.progress[-1]) == ("stalled", attempt, step)
            assert len(statements(session)) == filed
    done = work_on_next(Desk(bank.database, OPERATOR), {STATEMENT: Publisher(typeset=typeset_elsewhere)}, _unwanted)
    assert done is not None
    assert (done.state, done.attempts, done.progress) == ("done", 3, ())
    with fay.reading() as session:
        (only,) = statements(session)
        assert (only.id, only.number, only.published_by) == (done.result, 1, fay.actor.id)
    again = order(fay, kind="portfolio", quarter=Q1)
    assert again.id != job.id
    later = work_on(fay, again.id, Publisher(typeset=typeset_elsewhere))
    with fay.reading() as session:
        assert {view.number for view in statements(session)} == ({1} if later.result == only.id else {1, 2})


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_what_a_statement_knows_is_fixed_when_it_is_ordered(business: tuple[str, institution.Institution]) -> None:
    """It fails, the books go on, and run again it is the statement that was ordered."""
    _, bank = business
    fay = bank.desk("fay")
    with pytest.raises(QuarterStillOpen):
        order(fay, kind="portfolio", quarter=Q2)
    with pytest.raises(NotAllowed):
        order(bank.lender(institution.HARBOUR), kind="portfolio", quarter=Q1)
    job = order(fay, kind="portfolio", quarter=Q1, caution="Not yet audited.")

    def jammed(document: Document) -> bytes:
        raise Malformed(f"{document.title} jams")

    with pytest.raises(Malformed):
        work_on(fay, job.id, Publisher(typeset=jammed))
    institution.second_quarter(bank)
    with fay.reading() as session:
        assert queries.job(session, job.id).error == "Portfolio statement jams"
        assert statements(session) == []
    commands.run_again(fay, id=job.id)
    done = work_on(fay, job.id, Publisher(typeset=typeset_elsewhere))
    assert done.progress == STEPS[:-1] == Publisher().steps
    with fay.reading() as session:
        (issued,) = statements(session)
        assert job.arguments["known_seq"] == issued.known_seq < head(session).seq
        assert (issued.id, issued.caution) == (done.result, "Not yet audited.")


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_ordered_over_http_it_is_made_and_sealed_at_the_machine(
    business: tuple[str, institution.Institution], tmp_path: Path
) -> None:
    """The door only takes the order and tells how far it is; the key to seal with is where the worker is."""
    url, bank = business
    add_person(Desk(bank.database, OPERATOR), name="Iris", email="iris@bank.example", roles=["trustee"])
    callers = {
        name: {
            "Authorization": f"Bearer {issue_key(Desk(bank.database, OPERATOR), person=f'{name}@bank.example').secret}"
        }
        for name in ("fay", "iris")
    }
    new_key(tmp_path / "seal.p12", b"secret", "The bank of the tests", databases.OPENING)
    (tmp_path / "pass").write_text("secret")
    keys = {"BANK_SEAL_KEY": f"{tmp_path}/seal.p12", "BANK_SEAL_PASSPHRASE_FILE": f"{tmp_path}/pass"}

    def typed(*words: str) -> Said:
        return in_this_process(("--database", url, *words), tmp_path, keys)

    with bank.database.reading() as session:
        last = known(session).seq
    body = {"kind": "portfolio", "quarter": "2012Q1", "known_at": str(last)}
    with TestClient(create_app(bank.database)) as door:
        assert door.post("/v1/statements", json=body, headers=callers["fay"]).status_code == 400
        keyed = callers["fay"] | {"Idempotency-Key": "one"}
        assert (
            door.post("/v1/statements", json=body, headers=callers["iris"] | {"Idempotency-Key": "i"}).status_code
            == 403
        )
        assert door.post("/v1/statements", json=body | {"quarter": "2012Q2"}, headers=keyed).status_code == 409
        beyond = body | {"known_at": str(last + 1)}
        assert door.post("/v1/statements", json=beyond, headers=keyed).status_code == 404, "no such place yet"
        ordered = door.post("/v1/statements", json=body, headers=keyed)
        assert ordered.status_code == 202, ordered.text
        assert door.post("/v1/statements", json=body, headers=keyed).json() == ordered.json()
        where, job = ordered.headers["Location"], ordered.json()["id"]
        assert door.get(where, headers=callers["iris"]).json()["state"] == "queued"
        assert typed("job", "list", "--format", "json").json[0]["id"] == job
        worked = typed("job", "work", "--once")
        assert (worked.code, f"{job} done: sta_" in worked.out) == (0, True), worked
        done = door.get(where, headers=callers["iris"]).json()
        assert (done["state"], done["progress"]) == ("done", list(STEPS))
        issued = door.get(f"/v1/statements/{done['result']}", headers=callers["iris"])
        assert (issued.status_code, looks_sealed(issued.content)) == (200, True)
        again = door.post(f"{where}/run-again", json={}, headers=callers["fay"] | {"Idempotency-Key": "two"})
        assert (again.status_code, again.json()["state"]) == (202, "done")
        page = door.get("/v1/jobs?limit=1", headers=callers["iris"]).json()
        assert ([one["id"] for one in page["items"]], page["next_cursor"]) == ([job], None)
    assert typed("job", "run-again", job, "--format", "json").json["state"] == "done"
    assert [step["said"] for step in typed("job", "show", job, "--format", "json").json["history"]][:4] == list(STEPS)


def _unwanted(job: str, problem: Exception) -> None:
    raise AssertionError(job) from problem
