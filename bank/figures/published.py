"""The public record of loan performance: the tables of onward lending, without what would tell of single borrowers."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from bank.figures.evidence import Evidence
from bank.figures.onward import ALL, NO, YES, FirstTimeLine, onward_record, sizes_told
from bank.figures.vintages import cohort_of, histories
from bank.figures.withholding import Before, Hidden, hidden_apart, hidden_balances, hidden_loans, hidden_rows
from intermediaries.loans.queries import reported
from intermediaries.loans.views import Reported
from intermediaries.returns.findings import guarded
from ledger.dates import Quarter
from ledger.store.work import View

Row = dict[str, Any]

_RULE: Final = (
    "What is about fewer than {fewest} borrowers is withheld, a row or a column of one, and with it as much else as "
    "keeps it from being worked out, from this publication alone or with all before it: so is what has changed of "
    "fewer than {fewest} borrowers since it was last shown. A median is given of at least {halves} loans, quartiles of "
    "at least {quarters}, and never the smallest or the largest loan. Intermediaries are named, borrowers never."
)
_UNPUBLISHED: Final = frozenset({"year_written_off", "year_recovered", "year_share", "rests_on"})
"""Columns of single years, in which a year's one loss would stand alone; and words for what has columns of its own."""

WORDS: Final[Mapping[str, str]] = {
    "loans": "Onward loans with anything drawn of the bank's share.",
    "borrowers": "Organisations, each counted once under whatever intermediary and number.",
    "drawn": "The bank's share of what was drawn, to date.",
    "received": "The bank's share of principal repaid, to date.",
    "written_off": "The bank's share of principal written off, to date; recoveries are not taken off.",
    "recovered": "The bank's share of what came back after a write-off, to date.",
    "outstanding": "Drawn less received less written off: no interest.",
    "at_risk": "The whole balance of every loan more than so many days past due.",
    "restructured": "The same with every loan on changed terms counted in, though it be paid to date.",
    "written_off_share": "Written off to drawn.",
    "recovered_share": "Recovered to written off; empty where nothing was.",
    "net_loss_share": "Written off less recovered, to drawn.",
    "cohort": "The quarter in which a loan was first drawn.",
    "age": "Quarters since then; 0 is that quarter.",
    "rests_on_loans": "Loans that the row rests on, of `loans_in_all`; for balances, those told of in this quarter.",
    "rests_on_money": "The bank's money in those loans, of `money_in_all`.",
    "withheld": "yes where a row is about too few borrowers, part where columns of it are, or would tell of them.",
}
"""What the columns mean. Amounts are pounds, shares are fractions of one."""


class PublishedRecord(View):
    """The record as published: tables by name, what their columns mean, and the rule by which some is withheld."""

    quarter: Quarter
    as_at: date
    known_at: datetime
    known_seq: int
    fewest_borrowers: int
    rule: str
    words: dict[str, str]
    tables: dict[str, tuple[Row, ...]]


def published(evidence: Evidence, fewest: int, before: Before | None = None) -> PublishedRecord:
    """The public record of a day, in which nothing is about fewer borrowers than so many, or lets it be worked out.

    Nor does it together with what was published `before`, to which it is added.
    """
    record, before = onward_record(evidence), before or Before()
    told = reported(evidence.session, evidence.as_at, evidence.known)
    hidden = hidden_loans(told, record.upto, fewest, before)
    hidden |= hidden_balances(evidence.standing, record.upto, fewest, before, hidden)
    of_first = _hidden_answers(told, record.first_time, record.upto, fewest, before)
    barred = {"agreed", "ours"} if (ALL, "") in hidden else set()
    spreads = hidden_apart("sizes", _sizes_of(evidence), record.upto, fewest, before, barred=barred)
    return PublishedRecord(
        quarter=record.upto,
        as_at=record.as_at,
        known_at=record.known_at,
        known_seq=record.known_seq,
        fewest_borrowers=fewest,
        rule=_RULE.format(fewest=fewest, halves=2 * fewest, quarters=4 * fewest),
        words=dict(WORDS),
        tables={
            "risk": _table(record.risk, lambda row: f"over/{row['over_days']}", hidden, ("over_days",), fewest),
            "arrears": _table(record.arrears, lambda row: f"days/{row['days']}", hidden, ("days",), fewest),
            "losses": _table(record.losses, _key_of_loss, hidden, ("group", "of", "name"), fewest),
            "vintages": _table(record.vintages, _key_of_vintage, hidden, ("cohort", "age", "quarter"), fewest),
            "first_time": _table(
                record.first_time,
                lambda row: _key_of_first(row, record.upto),
                {*hidden, *of_first, *_of_first(hidden, record.upto)},
                ("quarter",),
                fewest,
            ),
            "sizes": tuple(_size(row, fewest, dark=row["code"] in spreads) for row in _rows(record.sizes)),
        },
    )


def _of_first(hidden: Hidden, upto: Quarter) -> Iterator[tuple[str, str]]:
    """What was first drawn in a quarter is withheld for good where it was at that quarter's own end.

    So is what was drawn first in all, of which it would follow.
    """
    for key, column in hidden:
        cohort, _, end = key.partition("/")
        if end in {cohort, str(upto)} and not column:
            yield _key_of_first({"quarter": cohort}, upto), ""
            yield ALL, "drawn"
            yield ALL, "rests_on_money"
            yield ALL, "money_in_all"


def _sizes_of(evidence: Evidence) -> dict[str, dict[str, str]]:
    """By what is measured: what each borrower's loans tell of it."""
    found: dict[str, defaultdict[str, list[str]]] = {}
    for state in evidence.drawn:
        for code, said in sizes_told(state):
            found.setdefault(code, defaultdict(list))[state.organisation].append(said)
    return {code: {body: " ".join(sorted(said)) for body, said in bodies.items()} for code, bodies in found.items()}


def _key_of_loss(row: Row) -> str:
    return ALL if row["group"] == ALL else f"{row['group']}/{row['of']}"


def _key_of_vintage(row: Row) -> str:
    return f"{row['cohort']}/{row['quarter']}"


def _key_of_first(row: Row, upto: Quarter) -> str:
    return ALL if row["quarter"] == ALL else f"{row['quarter']}/{upto}"


def _hidden_answers(
    told: Sequence[Reported], lines: Iterable[FirstTimeLine], upto: Quarter, fewest: int, before: Before
) -> Hidden:
    """Answers are given for all loans together alone, and there only where each was given by enough or by nobody."""
    answers: dict[str, defaultdict[str, int]] = {said: defaultdict(int) for said in ("first", "not", "nothing")}
    for history in histories(told).values():
        if cohort_of(history) is not None:
            said = {YES: "first", NO: "not"}.get(history[-1].first_time, "nothing")
            answers[said][history[-1].organisation] += 1
    parts = {said: {body: str(number) for body, number in some.items()} for said, some in answers.items()}
    dark = hidden_rows("answers", parts, upto, fewest, before)
    found: Hidden = set()
    for line in lines:
        if line.quarter != ALL or dark:
            columns = ("said_first", "said_not", "said_nothing", "rests_on_loans", "rests_on_money")
            found |= {(_key_of_first({"quarter": line.quarter}, upto), column) for column in columns}
    return found


def _coverage_of_few(row: Row, fewest: int) -> set[str]:
    """What a row rests on, in money, tells of those it does not rest on: so it is not given where they are few."""
    lacking = row["loans_in_all"] - row["rests_on_loans"]
    few = any(0 < number < fewest for number in (lacking, row["rests_on_loans"]))
    return {"rests_on_money"} if few else set()


def _table(
    lines: Iterable[View], key: Callable[[Row], str], hidden: Hidden, named: tuple[str, ...], fewest: int
) -> tuple[Row, ...]:
    found = []
    for row in _rows(lines):
        columns = {column for of, column in hidden if of == key(row)} & {"", *row} | _coverage_of_few(row, fewest)
        dark = set(row) - set(named) if "" in columns else columns
        shown = {name: None if name in dark else value for name, value in row.items()}
        found.append(shown | {"withheld": "yes" if "" in columns else "part" if dark else "no"})
    return tuple(found)


def _rows(lines: Iterable[View]) -> list[Row]:
    """Lines as rows, with what they rest on in columns of their own."""
    found = []
    for line in lines:
        row = {name: told for name, told in line.model_dump(mode="json").items() if name not in _UNPUBLISHED}
        rests = row.pop("coverage")
        found.append(
            row
            | {"rests_on_loans": rests["known"], "loans_in_all": rests["of"]}
            | {"rests_on_money": rests["known_money"], "money_in_all": rests["of_money"]}
        )
    return found


def _size(row: Row, fewest: int, *, dark: bool) -> Row:
    """A spread without its ends, and with no more of it than enough loans lie on each side of."""
    known = 0 if dark else row["rests_on_loans"]
    dropped = {"least", "greatest"}
    dropped |= {"lower_quartile", "upper_quartile"} if known < 4 * fewest else set()
    dropped |= {"median", "total"} if known < 2 * fewest else set()
    dropped |= {"rests_on_money", "money_in_all"} if dark else _coverage_of_few(row, fewest)
    shown = {name: value for name, value in row.items() if name not in {"least", "greatest"}}
    return {name: None if name in dropped else value for name, value in shown.items()} | {
        "withheld": "yes" if "median" in dropped else "no"
    }


def as_files(record: PublishedRecord) -> dict[str, bytes]:
    """The record as files by name: one of JSON with everything, and a CSV for each table."""
    stem = f"loan-performance-{record.quarter}"
    whole = json.dumps(record.model_dump(mode="json"), indent=2, ensure_ascii=False)
    return {f"{stem}.json": f"{whole}\n".encode()} | {
        f"{stem}-{name.replace('_', '-')}.csv": _csv(rows) for name, rows in record.tables.items()
    }


def _csv(rows: Sequence[Row]) -> bytes:
    out = io.StringIO(newline="")
    names = list(rows[0]) if rows else ["withheld"]
    writer = csv.DictWriter(out, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(
        {name: "" if value is None else guarded(str(value)) for name, value in row.items()} for row in rows
    )
    return out.getvalue().encode()
