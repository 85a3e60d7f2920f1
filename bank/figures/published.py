"""The public record of loan performance: the tables of onward lending, without what would tell of single borrowers."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any, Final

from bank.figures.disclosure import Cell, withheld
from bank.figures.evidence import Evidence
from bank.figures.lending import standing_loans
from bank.figures.onward import ALL, FirstTimeLine, onward_record
from bank.figures.vintages import Tallies, Tally, at_the_end_of, tallies
from intermediaries.loans.queries import reported
from intermediaries.loans.rules import BUCKETS
from intermediaries.loans.views import LoanState, Reported
from intermediaries.returns.findings import guarded
from ledger.dates import Quarter
from ledger.store.work import View

Row = dict[str, Any]
Behind = Callable[[Tally], set[str]]
Hidden = set[tuple[str, str]]
"""Rows by their keys, each with a column of it that is not shown, or with "" for the whole row."""

_RULE: Final = (
    "What is about fewer than {fewest} borrowers is withheld, a row or a column of one, and with it as much else as "
    "keeps it from being worked out. A median is given of at least {halves} loans, quartiles of at least {quarters}, "
    "and never the smallest or the largest loan. Intermediaries are named, borrowers never."
)
_BANDS: Final = {"to-30": BUCKETS[:2], "31-90": BUCKETS[2:4], "over-90": BUCKETS[4:]}
"""The bands of arrears as the portfolio at risk adds them up."""
_AT_RISK: Final = {30: ("to-30", ("to-30",)), 90: ("over-90", ("to-30", "31-90"))}
"""By days: the band that tells what is at risk, as the rest or itself; and those that are not, unless restructured."""
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

_WITH: Final[Mapping[str, tuple[str, ...]]] = {
    "written_off": ("written_off", "received", "written_off_share", "recovered_share", "net_loss_share"),
    "recovered": ("recovered", "recovered_share", "net_loss_share"),
    "at_risk_30": ("at_risk_30",),
    "at_risk_30_restructured": ("at_risk_30_restructured",),
    "at_risk_90": ("at_risk_90",),
    "at_risk_90_restructured": ("at_risk_90_restructured",),
}
"""Columns about fewer borrowers than their row, each with those from which it could be worked out."""


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


def published(evidence: Evidence, fewest: int) -> PublishedRecord:
    """The public record of a day, in which nothing is about fewer borrowers than so many, or lets it be worked out."""
    record = onward_record(evidence)
    told = reported(evidence.session, evidence.as_at, evidence.known)
    hidden = _hidden(told, record.upto, fewest) | _hidden_balances(evidence, fewest)
    return PublishedRecord(
        quarter=record.upto,
        as_at=record.as_at,
        known_at=record.known_at,
        known_seq=record.known_seq,
        fewest_borrowers=fewest,
        rule=_RULE.format(fewest=fewest, halves=2 * fewest, quarters=4 * fewest),
        words=dict(WORDS),
        tables={
            "risk": _table(record.risk, lambda row: f"over/{row['over_days']}", hidden, ("over_days",)),
            "arrears": _table(record.arrears, lambda row: f"days/{row['days']}", hidden, ("days",)),
            "losses": _table(record.losses, _key_of_loss, hidden, ("group", "of", "name")),
            "vintages": _table(record.vintages, _key_of_vintage, hidden, ("cohort", "age", "quarter")),
            "first_time": _table(
                record.first_time,
                lambda row: _key_of_first(row, record.upto),
                hidden | _hidden_answers(record.first_time, record.upto, fewest),
                ("quarter",),
            ),
            "sizes": tuple(_size(row, fewest) for row in _rows(record.sizes)),
        },
    )


def _key_of_loss(row: Row) -> str:
    return ALL if row["group"] == ALL else f"{row['group']}/{row['of']}"


def _key_of_vintage(row: Row) -> str:
    return f"{row['cohort']}/{row['quarter']}"


def _key_of_first(row: Row, upto: Quarter) -> str:
    return ALL if row["quarter"] == ALL else f"{row['quarter']}/{upto}"


def _hidden(told: Sequence[Reported], upto: Quarter, fewest: int) -> Hidden:
    """What may not be shown of the loans as they aged, by cohort and by intermediary."""
    whole = tallies(told, upto)
    lenders: defaultdict[str, list[Reported]] = defaultdict(list)
    for one in told:
        lenders[one.intermediary].append(one)
    by_lender = {one: at_the_end_of(tallies(some, upto), upto) for one, some in lenders.items()}
    found = _of_columns(partial(_lenders, by_lender), fewest)
    for quarter in {end for _, end in whole}:
        hidden = _of_columns(partial(_cohorts, whole, quarter), fewest)
        found |= hidden if quarter == upto else {one for one in hidden if one[0].endswith(f"/{quarter}")}
    return found


def _of_columns(tree: Callable[[Behind], Cell], fewest: int) -> Hidden:
    """Whole rows, and the columns of rows shown that are about fewer borrowers than their row."""
    found = {(key, "") for key in withheld(tree(lambda tally: tally.borrowers), fewest)}
    for column, linked in _WITH.items():
        few = withheld(tree(lambda tally, column=column: tally.behind[column]), fewest)  # type: ignore[misc]  # bound now
        found |= {(key, each) for key in few for each in linked}
    return found


def _cohorts(whole: Tallies, quarter: Quarter, behind: Behind) -> Cell:
    """All loans at a quarter's end, by the year and then the quarter in which they were first drawn."""
    years: defaultdict[int, list[Cell]] = defaultdict(list)
    for (cohort, end), tally in sorted(whole.items(), key=lambda item: item[0]):
        if end == quarter:
            years[cohort.year].append(Cell(f"{cohort}/{end}", frozenset(behind(tally))))
    return Cell.over(ALL, *(Cell.over(f"year/{year}", *cells) for year, cells in years.items()))


def _lenders(by_lender: Mapping[str, Tally], behind: Behind) -> Cell:
    return Cell.over(
        ALL,
        *(Cell(f"intermediary/{one}", frozenset(behind(tally))) for one, tally in sorted(by_lender.items())),
    )


def _hidden_balances(evidence: Evidence, fewest: int) -> Hidden:
    """What may not be shown of the balances by how late they are, and of what is at risk, which adds them up."""
    left = standing_loans(evidence.states)
    rows = withheld(_lateness(left), fewest)
    changed = withheld(_lateness([state for state in left if state.restructured]), fewest)
    found = {(key, "") for key in rows} | {(key, "of_it_restructured") for key in changed}
    for days, (band, outside) in _AT_RISK.items():
        if f"band/{band}" in rows:
            found |= {(f"over/{days}", ""), (ALL, f"at_risk_{days}"), (ALL, f"at_risk_{days}_restructured")}
        if changed & {f"band/{each}" for each in outside}:
            both = ("with_restructured", "with_restructured_share")
            found |= {*((f"over/{days}", column) for column in both), (ALL, f"at_risk_{days}_restructured")}
    return found


def _hidden_answers(lines: Iterable[FirstTimeLine], upto: Quarter, fewest: int) -> Hidden:
    """Answers are given for all loans together alone, and there only where each was given by enough or by nobody."""
    found: Hidden = set()
    for line in lines:
        said = (line.said_first, line.said_not, line.said_nothing)
        if line.quarter != ALL or any(0 < number < fewest for number in said):
            columns = ("said_first", "said_not", "said_nothing", "rests_on_loans", "rests_on_money")
            found |= {(_key_of_first({"quarter": line.quarter}, upto), column) for column in columns}
    return found


def _lateness(left: Sequence[LoanState]) -> Cell:
    """Loans with a balance, by the bands that the portfolio at risk adds up and then by days."""

    def owing(days: str) -> Cell:
        return Cell(f"days/{days}", frozenset(state.organisation for state in left if state.bucket == days))

    return Cell.over(
        "balances", *(Cell.over(f"band/{band}", *(owing(each) for each in days)) for band, days in _BANDS.items())
    )


def _table(lines: Iterable[View], key: Callable[[Row], str], hidden: Hidden, named: tuple[str, ...]) -> tuple[Row, ...]:
    found = []
    for row in _rows(lines):
        columns = {column for of, column in hidden if of == key(row)} & {"", *row}
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


def _size(row: Row, fewest: int) -> Row:
    """A spread without its ends, and with no more of it than enough loans lie on each side of."""
    known = row["rests_on_loans"]
    dropped = {"least", "greatest"}
    dropped |= {"lower_quartile", "upper_quartile"} if known < 4 * fewest else set()
    dropped |= {"median", "total"} if known < 2 * fewest else set()
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
