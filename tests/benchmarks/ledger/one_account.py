"""W5: one account's balance on both time axes, beside the sum of that account by the index alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Final

from ledger import queries
from ledger.dates import SystemClock
from ledger.store.work import Desk
from tests.benchmarks.ledger import drivers, material
from tests.benchmarks.ledger.bare import Bare, Plan
from tests.benchmarks.ledger.desks import desk_at
from tests.benchmarks.ledger.run import Run
from tests.benchmarks.ledger.table import Line, spoken
from tests.benchmarks.ledger.timing import fastest, median, rubbish_of_its_own, share, taken

REACH: Final = 2.5
LONGEST_MS: Final = 5.0
FLAT: Final = 1.3
_TURN: Final = 10

Question = tuple[date, int]


@dataclass
class Answers:
    """What one account's questions took, each side by itself, and the medians of each turn."""

    ours: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)

    def ratios(self) -> list[float]:
        """Ours to the baseline's, turn by turn."""
        return [
            median(self.ours[at : at + _TURN]) / median(self.bare[at : at + _TURN])
            for at in range(0, len(self.ours), _TURN)
        ]


def measure(run: Run) -> None:
    """W5, for an account of a thousandth, a hundredth and a tenth of all postings."""
    book = run.long_book
    found = {}
    with desk_at(book.url) as desk, drivers.connected(book.url) as bare:
        for code in (material.COOL, material.WARM, material.HOT):
            held = len(book.oracle.one(code))
            found[held] = ask(run, desk, bare, book.oracle, code, book.oracle.places)
            _tell(run, held, found[held])
    least, most = min(found), max(found)
    flat = median(found[most].ours) / median(found[least].ours)
    what = f"p50 on {most:,} postings, against {least:,}"
    ours, bare_text = spoken(median(found[most].ours)), spoken(median(found[least].ours))
    run.table.add(Line(run.engine, "W5", what, ours, bare_text, flat, bound=FLAT))


def ask(run: Run, desk: Desk, bare: Bare, oracle: material.Oracle, code: str, places: int) -> Answers:
    """Random questions about one account, put to both by turns; every answer is held against the oracle."""
    postings = oracle.one(code)
    questions = _questions(run.size.questions, code, places)
    account = bare.account_ids()[code]
    sum_up = _choose(bare, account, questions[:_TURN])
    answers = Answers()
    with rubbish_of_its_own():
        for start in range(0, len(questions), _TURN):
            _turn(run, desk, answers, code, questions[start : start + _TURN], sum_up, postings)
    return answers


def _questions(count: int, name: str, places: int) -> list[Question]:
    chance = material.chance(name)
    whole = max(_TURN, count // _TURN * _TURN)
    return [
        (material.STARTS + timedelta(days=chance.randrange(material.DAYS)), chance.randint(places // 20, places))
        for _ in range(whole)
    ]


def _choose(bare: Bare, account: int, questions: Sequence[Question]) -> Callable[[Question], int]:
    def summed(statement: str, question: Question) -> int:
        return int(bare.ask(statement, (account, question[0].isoformat(), question[1]))[0][0] or 0)

    def trial(plan: Plan) -> float:
        bare.adopt(plan)
        return taken(lambda: [summed(plan.statement, question) for question in questions])

    plans = bare.one_plans()
    chosen = plans[fastest({name: partial(trial, plan) for name, plan in plans.items()})]
    bare.adopt(chosen)
    return partial(summed, chosen.statement)


def _turn(
    run: Run,
    desk: Desk,
    answers: Answers,
    code: str,
    questions: Sequence[Question],
    sum_up: Callable[[Question], int],
    postings: Sequence[tuple[int, int, int]],
) -> None:
    """Some questions to ours, then the same to the baseline, then to ours again with a look opened for each."""
    told = []
    with desk.reading() as session:
        queries.balance_at(session, material.BOOK, code)
        for as_at, known in questions:
            at = queries.Known(known, SystemClock().now())
            began = time.perf_counter()
            money = queries.balance_at(session, material.BOOK, code, as_at, at)
            answers.ours.append(time.perf_counter() - began)
            told.append(money.pence)
    for question, ours in zip(questions, told, strict=True):
        began = time.perf_counter()
        theirs = sum_up(question)
        answers.bare.append(time.perf_counter() - began)
        day, known = question[0].toordinal(), question[1]
        wanted = sum(pence for effective, seq, pence in postings if effective <= day and seq <= known)
        run.table.check(f"W5 {code} at {question}, and the baseline", (ours, theirs), (wanted, wanted))
    for as_at, known in questions:
        began = time.perf_counter()
        _in_a_look_of_its_own(desk, code, as_at, known)
        answers.whole.append(time.perf_counter() - began)


def _in_a_look_of_its_own(desk: Desk, code: str, as_at: date, known: int) -> None:
    with desk.reading() as session:
        queries.balance_at(session, material.BOOK, code, as_at, queries.known(session, known))


def _tell(run: Run, held: int, answers: Answers) -> None:
    ours, bare, ratios = median(answers.ours), median(answers.bare), answers.ratios()
    least, most = share(ratios, 0.05), share(ratios, 0.95)
    what = f"account of {held:,} postings, p50"
    run.table.add(Line(run.engine, "W5", what, spoken(ours), spoken(bare), median(ratios), least, most, REACH))
    last, theirs = share(answers.ours, 0.99) * 1e3, share(answers.bare, 0.99)
    what = f"account of {held:,} postings, p99 in milliseconds"
    run.table.add(Line(run.engine, "W5", what, f"{last:.2f} ms", spoken(theirs), last, bound=LONGEST_MS))
    what = f"account of {held:,} postings, p50 with a look opened and its mark resolved"
    whole = median(answers.whole)
    run.table.add(Line(run.engine, "W5", what, spoken(whole), spoken(bare), whole / bare))
